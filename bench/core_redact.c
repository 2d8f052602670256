/*
 * core_redact.c - megabytes a second of the scan for personal data and secrets
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Prints the best of many rounds of CPU time: a busy machine only ever adds.
 * The texts are those of texts.h; what is made to be slow is given as a
 * multiple of clean time at 64 KB.
 *
 *   core_redact              measures
 *   core_redact --speeds     the speeds alone, for a run beside other tools
 *   core_redact --texts DIR  writes the texts out for those tools
 * Gates: 150 MB/s at 2 KB and 64 KB, and nothing above five times the clean
 * time for a byte.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "texts.h"

static const char *const worst[][2] = {
    {"digits", "7"},
    {"at signs", "@"},
    {"eyJ", "eyJ"},
    {"equals signs", "="},
    {"1-2-3-4", "1-2-3-4-5-6-7-8-9-"},
    {"12 34 56", "12 34 56 78 90 "},
    {"123 456", "123 456 7890 "},
    {"quotes", "\"'\"'"},
    {"escaped quotes", "\\\"{\\\"a\\\":"},
    {"password=", "password="},
    {"password: \"", "password: \""},
    {"a.b.c.", "a.b.c."},
    {"a@b.c", "a@b."},
    {"bytes 0xFF", "\xFF"},
    {"percent-encoded", "%61"},
    {"entities", "&#64;"},
    {"colons", ":"},
    {"dashes", "-"},
    {"-----BEGIN", "-----BEGIN "},
    {"http://", "http://a:"},
    {"hexadecimal", "0123456789abcdef"},
    {"base64 of text", "bWFpbCBvZiB0aGUgZGF5IA"},
    {"base64 lines", "bWFpbCBvZiB0aGUgZGF5IG1haWwgbw== "},
    {"capitals", "AB12CD34 "},
    {"Cyrillic", "\xD0\xBF\xD1\x80\xD0\xB8 "},
    {"look-alikes", "a\xD0\xB0"},
    {"no-break spaces", "1\xC2\xA0"},
    {"zero width", "1\xE2\x80\x8B"},
    {"Japanese", "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"},
    {" dot ", "a dot "},
    {"[at]", "a[at]"},
    {"dates", "1990-02-28 "},
    {"addresses", "jane@acme.org "},
    {"IPv4", "192.168.10.20 "},
    {"IPv6", "2001:db8::1 "},
    {"UUIDs", "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b "},
    {"ids", "id=48213 "},
    {"words", "ssn card phone tax "},
    {"1 2 3", "1 2 3 4 "},
    {"rows of eleven", "12345678901\n"},
    {"rows of nine", "123456789 "},
    {"decimals", "12.3456, "},
    {"thousands", "1,234,"},
    {"letter, digit", "A 1 "},
    {"BICs", "ABCDEFGH IJKLMNOP "},
    {"phones", "+49 30 901820 "},
    {"brackets", "(415) "},
    {"cards", "4012 8888 8888 1881 "},
    {"months", "17 March "},
    {"times", "10:15 "},
    {"IBANs", "GB82 WEST 1234 5698 7654 32 "},
    {"base58", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa "},
    {"0x", "0x52908400098527886E0F7030069857D2E4169EE7 "},
    {"names", "secret_key: "},
    {"names =", "api_token="},
    {"spoken names", "the password is a1 "},
    {"arguments", "\"a\", \"b\", "},
    {"options", "--token -p "},
    {"tags", "<password>a</password>"},
    {"quoted signs", "\"a\"==\"b\":"},
    {"JSON strings", "{\"a\":\"b\"},"},
    {"JSON numbers", "{\"a\":1},"},
    {"sk-proj-", "sk-proj-"},
    {"glagent-", "glagent-"},
    {"nvapi-", "nvapi-"},
    {"sk-", "sk-"},
    {"xoxb-1-", "xoxb-1-"},
    {"ATATT3-", "ATATT3-"},
    {"ghp_", "ghp_ghp_ghp_ghp_ghp_ "},
    {"AKIA", "AKIAIOSFODNN7EXAMPLE "},
    {"URLs", "https://a.b/c?d=e "},
    {"user information", "https://user:pass@host.org/ "},
    {"parameters", "http://a.b/?token=a&token=b&"},
    {"placeholders", "[US_SSN] "},
    {"square brackets", "["},
    {"MACs", "00:1b:44:11:3a:b7 "},
    {"Han, numbers", "1\xE5\xB9\xB4"},
    {"plates", "B-AB 123 "},
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void check(aigov_status status, const aigov_error *err)
{
    if (status != AIGOV_OK) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

/* Nanoseconds a byte of `batch` scans. */
static double time_scans(aigov_scanner *s, aigov_span text, int batch,
                         size_t *found_n)
{
    const aigov_finding *f;
    aigov_error err;
    double t = now();
    for (int i = 0; i < batch; i++) {
        check(aigov_scan(s, text, AIGOV_ABSENT, &f, found_n, &err), &err);
    }
    return (now() - t) / batch / (double)text.n;
}

/* The best of the rounds. */
static double measure(aigov_scanner *s, aigov_span text, size_t *found_n)
{
    int batch = (int)(400000 / text.n) + 1;
    double best = 1e18;
    for (int round = 0; round < 12; round++) {
        double ns = time_scans(s, text, batch, found_n);
        best = ns < best ? ns : best;
    }
    return best;
}

static void speeds(aigov_scanner *s, aigov_buf *b)
{
    static const size_t sizes[] = {2048, 65536};
    size_t n;
    for (int kind = -1; kind < 3; kind++) {
        for (int dirty = 0; dirty < 2; dirty++) {
            printf("%-6s %s ", text_kinds[kind + 1], dirty ? "dirty" : "clean");
            for (int k = 0; k < 2; k++) {
                fill(b, sizes[k], kind, dirty);
                double ns = measure(s, aigov_buf_span(b), &n);
                printf("  %5zu B %7.1f MB/s", sizes[k], 1000 / ns);
            }
            printf("  %zu findings\n", n);
        }
    }
}

/* Each next to clean text in the same rounds, since both suffer alike where the
 * machine is busy. */
static void adversaries(aigov_scanner *s, aigov_buf *clean, aigov_buf *b)
{
    size_t n, none;
    fill(clean, 65536, -1, false);
    printf("made to be slow, as a multiple of clean time\n");
    for (size_t i = 0; i < sizeof worst / sizeof worst[0]; i++) {
        double best[2] = {1e18, 1e18};
        b->n = 0;
        while (b->n < 65536) {
            aigov_buf_puts(b, worst[i][1]);
        }
        for (int round = 0; round < 20; round++) {
            double c = time_scans(s, aigov_buf_span(clean), 2, &none);
            double w = time_scans(s, aigov_buf_span(b), 1, &n);
            best[0] = c < best[0] ? c : best[0];
            best[1] = w < best[1] ? w : best[1];
        }
        printf("  %-18s %6.1f  %zu findings\n", worst[i][0], best[1] / best[0],
               n);
    }
}

/* Each text as DIR/KIND-clean|dirty-SIZE. */
static void write_texts(const char *dir, aigov_buf *b)
{
    static const size_t sizes[] = {2048, 65536};
    for (int i = 0; i < 16; i++) {
        char path[512];
        FILE *f;
        fill(b, sizes[i & 1], i / 4 - 1, i & 2);
        snprintf(path, sizeof path, "%s/%s-%s-%zu", dir, text_kinds[i / 4],
                 i & 2 ? "dirty" : "clean", sizes[i & 1]);
        f = fopen(path, "w");
        if (f == NULL || fwrite(b->p, 1, b->n, f) != b->n || fclose(f) != 0) {
            fprintf(stderr, "core_redact: %s: cannot write\n", path);
            exit(1);
        }
    }
}

/* The stream, in pieces of a few sizes. */
static void streams(aigov_ctx *ctx, aigov_buf *b, aigov_buf *out)
{
    static const size_t sizes[] = {4, 64, 4096};
    aigov_stream *st;
    aigov_error err;
    check(aigov_stream_new(ctx, &st, &err), &err);
    fill(b, 65536, 0, false);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        double best = 1e18;
        for (int round = 0; round < 12; round++) {
            double t = now();
            out->n = 0;
            for (size_t at = 0; at < b->n; at += sizes[k]) {
                check(aigov_stream_push(st, (aigov_span){b->p + at, sizes[k]},
                                        out, &err),
                      &err);
            }
            check(aigov_stream_end(st, out, &err), &err);
            t = (now() - t) / (double)b->n;
            best = t < best ? t : best;
        }
        printf("stream of prose in pieces of %4zu B %7.1f MB/s\n", sizes[k],
               1000 / best);
    }
    aigov_stream_free(st);
}

/* --- start-up ------------------------------------------------------------ */

static size_t allocated;

static void *counting(void *host, void *old, size_t old_n, size_t n)
{
    (void)host;
    allocated += n - old_n;
    if (n == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, n);
}

static void start_up(aigov_buf *b)
{
    aigov_alloc alloc = {counting, NULL};
    aigov_ctx *ctx;
    aigov_scanner *s;
    aigov_error err;
    const aigov_finding *f;
    size_t n, before;
    double t, first;
    check(aigov_ctx_new(&alloc, &ctx, &err), &err);
    before = allocated;
    fill(b, 2048, -1, true);
    t = now();
    check(aigov_scanner_new(ctx, &s, &err), &err);
    first = now();
    check(aigov_scan(s, aigov_buf_span(b), AIGOV_ABSENT, &f, &n, &err), &err);
    printf("a scanner: %.1f us to make, %.1f us for its first 2 KB, %zu bytes "
           "after\n",
           (first - t) / 1000, (now() - first) / 1000, allocated - before);
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
}

int main(int argc, char **argv)
{
    aigov_ctx *ctx;
    aigov_scanner *s;
    aigov_error err;
    aigov_buf b, other;
    check(aigov_ctx_new(NULL, &ctx, &err), &err);
    aigov_buf_init(&b, ctx);
    aigov_buf_init(&other, ctx);
    if (argc > 2) {
        write_texts(argv[2], &b);
        return 0;
    }
    if (argc == 1) {
        start_up(&b);
    }
    check(aigov_scanner_new(ctx, &s, &err), &err);
    speeds(s, &b);
    if (argc == 1) {
        streams(ctx, &b, &other);
        adversaries(s, &other, &b);
    }
    aigov_scanner_free(s);
    aigov_buf_free(&other);
    aigov_buf_free(&b);
    aigov_ctx_free(ctx);
    return 0;
}
