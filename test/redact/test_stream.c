/*
 * test_stream.c - a text in pieces is redacted as the whole is
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * For documents made of the texts of all cases, short and long, and for texts
 * at the bounds of what is held back; in pieces of 1, 7, 64, 4096 and random
 * numbers of bytes.
 */
#include "documents.h"
#include "failing.h"

#include "aigov.h"

static aigov_ctx *ctx;
static aigov_scanner *scanner;
static aigov_stream *stream;
static aigov_buf whole, pieces;

/* What own detectors there are in some of the tests. */
static const struct {
    const char *name, *fields;
} own[] = {
    {"customers",
     "{\"type\":\"dictionary\",\"entity\":\"CUSTOMER\",\"version\":1,"
     "\"score\":\"0.8\",\"terms\":[\"Acme Holding\",\"Jos\xC3\xA9 "
     "P\xC3\xA9rez\",\"\xE5\xB1\xB1\xE7\x94\xB0\",\"Acme\"],"
     "\"terms_count\":4,\"terms_sha256\":"
     "\"e6766087a7e9d63c168aaf89bbf4bb55baad79664e50eb345751232980cf1db6\"}"},
    {"claims", "{\"type\":\"regex\",\"entity\":\"CLAIM\",\"version\":1,"
               "\"pattern\":\"(?<![A-Z])CL-[0-9a-z]+(?:/[0-9a-z]+)*\","
               "\"literal\":\"CL-\",\"score\":\"0.9\"}"},
    {"near", "{\"type\":\"regex\",\"entity\":\"NEAR\",\"version\":1,"
             "\"pattern\":\"\\\\bq[a-z ]{0,1500}zz9(?: \\\\w+){1,40}\\\\b\","
             "\"literal\":\"zz9\",\"score\":\"0.6\"}"},
    {"first", "{\"type\":\"regex\",\"entity\":\"FIRST\",\"version\":1,"
              "\"pattern\":\"^(?:of|[b-d]+)\",\"slow\":true,\"score\":"
              "\"0.7\"}"},
    {"lines", "{\"type\":\"regex\",\"entity\":\"LINE\",\"version\":1,"
              "\"pattern\":\"(?m)(?<=the )[a-z]{3}$\",\"slow\":true,"
              "\"score\":\"0.7\"}"},
    {"let-pass",
     "{\"type\":\"allow_list\",\"entity\":\"CLAIM\",\"version\":1,"
     "\"score\":\"1\",\"match\":\"exact\",\"terms\":[\"CL-0\"],"
     "\"terms_count\":1,\"terms_sha256\":"
     "\"818a8910157ed92f029be393b86f008e02bc006575345935580976ff9137af8c\"}"},
};

static aigov_rules *own_rules(aigov_ctx *c, aigov_error *err)
{
    aigov_rules *r = NULL;
    aigov_status st = aigov_rules_new(c, 0, &r, err);
    for (size_t i = 0; i < sizeof own / sizeof own[0] && st == AIGOV_OK; i++) {
        st = aigov_rules_add(r, AIGOV_LIT("detector"), aigov_str(own[i].name),
                             aigov_str(own[i].fields), AIGOV_ABSENT, err);
    }
    if (st == AIGOV_OK) {
        st = aigov_rules_add(r, AIGOV_LIT("redaction_profile"),
                             AIGOV_LIT("drop/model"),
                             AIGOV_LIT("{\"version\":1,\"sink\":\"model\","
                                       "\"default_operator\":\"drop\","
                                       "\"threshold\":\"0.5\"}"),
                             AIGOV_ABSENT, err);
    }
    if (st == AIGOV_OK && aigov_rules_ready(r, err) == AIGOV_OK) {
        return r;
    }
    aigov_rules_free(r);
    return NULL;
}

static bool redact(aigov_span t, aigov_buf *out)
{
    aigov_error err;
    return aigov_redact(scanner, t, AIGOV_ABSENT, out, NULL, NULL, &err) ==
           AIGOV_OK;
}

/* size 0: at random */
static bool push_all(struct documents *d, aigov_span t, uint32_t size)
{
    aigov_error err;
    pieces.n = 0;
    for (size_t at = 0; at < t.n;) {
        size_t n = size != 0 ? size : below(d, below(d, 4) == 0 ? 2000 : 40);
        n = n > t.n - at ? t.n - at : n;
        if (aigov_stream_push(stream, (aigov_span){t.p + at, n}, &pieces,
                              &err) != AIGOV_OK) {
            return false;
        }
        at += n;
    }
    return aigov_stream_end(stream, &pieces, &err) == AIGOV_OK;
}

static void show(aigov_span t, uint32_t size)
{
    size_t i = 0, low;
    while (i < whole.n && i < pieces.n && whole.p[i] == pieces.p[i]) {
        i++;
    }
    low = i > 200 ? i - 200 : 0;
    note("text of %zu, pieces of %u: differ at %zu of %zu, %zu", t.n, size, i,
         whole.n, pieces.n);
    note("whole  %.*s", (int)(whole.n - low > 400 ? 400 : whole.n - low),
         whole.p + low);
    note("pieces %.*s", (int)(pieces.n - low > 400 ? 400 : pieces.n - low),
         pieces.p + low);
}

static bool equal(struct documents *d, aigov_span t)
{
    static const uint32_t sizes[] = {1, 7, 64, 4096, 0};
    whole.n = 0;
    if (!redact(t, &whole)) {
        return false;
    }
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        if (sizes[k] == 1 && t.n > 8192) {
            continue;
        }
        if (!push_all(d, t, sizes[k]) || pieces.n != whole.n ||
            (whole.n > 0 && memcmp(pieces.p, whole.p, whole.n) != 0)) {
            show(t, sizes[k]);
            return false;
        }
    }
    return true;
}

static void test_documents(struct documents *d, int documents, uint32_t most)
{
    int good = 0;
    for (int i = 0; i < documents; i++) {
        next_document(d, most);
        good += equal(d, (aigov_span){d->p, d->size});
    }
    ok(good == documents, "%d of %d documents of up to %u parts", good,
       documents, most);
}

/* A piece amid prose, cut in two at every `step` bytes from its first to where
 * nothing of it can be open. */
static bool equal_cut(struct documents *d, size_t piece, size_t step)
{
    static const char prose[] = "the quick brown fox jumps over the lazy dog, "
                                "and a second one is on its way to the ";
    aigov_span t;
    size_t from;
    aigov_error err;
    d->size = 0;
    for (int i = 0; i < 3; i++) {
        put_bytes(d, prose, sizeof prose - 1);
    }
    from = d->size;
    put_bytes(d, d->piece[piece], d->n[piece]);
    for (int i = 0; i < 4; i++) {
        put_bytes(d, " ", i == 0);
        put_bytes(d, prose, sizeof prose - 1);
    }
    t = (aigov_span){d->p, d->size};
    whole.n = 0;
    if (!redact(t, &whole)) {
        return false;
    }
    for (size_t at = from + below(d, (uint32_t)step); at < t.n; at += step) {
        pieces.n = 0;
        if (aigov_stream_push(stream, (aigov_span){t.p, at}, &pieces, &err) !=
                AIGOV_OK ||
            aigov_stream_push(stream, (aigov_span){t.p + at, t.n - at}, &pieces,
                              &err) != AIGOV_OK ||
            aigov_stream_end(stream, &pieces, &err) != AIGOV_OK ||
            pieces.n != whole.n || memcmp(pieces.p, whole.p, whole.n) != 0) {
            show(t, (uint32_t)at);
            return false;
        }
    }
    return true;
}

static void test_cuts(struct documents *d)
{
    size_t good = 0;
    for (size_t i = 0; i < d->pieces; i++) {
        good += equal_cut(d, i, i < 100 ? 1 : 17);
    }
    ok(good == d->pieces, "%zu of %zu texts, cut in two", good, d->pieces);
}

/* n times a, then b. */
static void test_run(struct documents *d, const char *a, size_t n,
                     const char *b)
{
    d->size = 0;
    for (size_t i = 0; i < n; i++) {
        put_bytes(d, a, strlen(a));
    }
    put_bytes(d, b, strlen(b));
    ok(equal(d, (aigov_span){d->p, d->size}), "%zu times %.12s, then %.20s", n,
       a, b);
}

static void test_bounds(struct documents *d)
{
    static const char key[] =
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n";
    static const char end[] = "\n-----END PRIVATE KEY----- mail a.b@acme.org";
    static const size_t sizes[] = {1, 60, 600, 2000, 4000, 33000};
    test_run(d, "", 0, "");
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        size_t n = sizes[k];
        test_run(d, "a", n, " 4012 8888 8888 1881");
        test_run(d, "1", n, "a@acme.org ");
        test_run(d, "ab12", n, ".example@acme.org");
        test_run(d, "1 2 ", n, "4012 8888 8888 1881");
        test_run(d, "password=\"x", n, "\" 4012 8888 8888 1881");
        test_run(d, "\\", n, "n4012 8888 8888 1881");
        test_run(d, "\xE2\x80\x8B", n, "4012888888881881");
        test_run(d, "\xD0\xB0", n, "b a@acme.org");
        test_run(d, " dot a", n, " dot b at acme dot org");
        test_run(d, "&amp;", n, "#64;a@acme.org");
        test_run(d, "QUJD", n, " a@acme.org");
        test_run(d, "eyJhbGciOiJIUzI1NiJ9.", n, "eyJzdWIiOiIxMjM0NTY3ODkwIn0");
        test_run(d, "-", n, "BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0");
        test_run(d, "https://u:pass99@h/", n, "?token=abcdef0123456789");
        test_run(d, "card ssn ", n, "4012888888881881");
        test_run(d, "12 345 ", n, "4012 8888 8888 1881, 4012 8888 8888 1881");
        test_run(d, "219-09-9999 ", n, "ssn");
        test_run(d, "x", n, "\nid,name,phone\n1,Kim,2025550143\n");
        test_run(d, "", 0, "id,name,phone\n");
        test_run(d, "|a|phone|b|\n|1|2025550143|2025550144|\n", n / 8, "");
        test_run(d, "phone,a,b\n2025550143,", n / 60 + 1, "1,2\n");
    }
    test_run(d, key, 1, end);
    test_run(d, key, 40, end);
    test_run(d, key, 1, "");
    d->size = 0;
    put_bytes(d, key, strlen(key));
    for (int i = 0; i < 1100; i++) {
        put_bytes(
            d, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJT\n", 57);
    }
    put_bytes(d, end, strlen(end));
    ok(equal(d, (aigov_span){d->p, d->size}), "a block of 64 KB");
}

/* Rows of a table whose head was let go long ago, some without a candidate. */
static void test_table(struct documents *d)
{
    for (size_t gap = 1; gap < 1200; gap += 37) {
        d->size = 0;
        put_bytes(d, "name;account number;phone\n", 26);
        for (size_t i = 0; i < 12; i++) {
            for (size_t k = 0; k < gap; k++) {
                put_bytes(d, "x", 1);
            }
            put_bytes(d, ";123456789012;2025550143\n", 25);
        }
        ok(equal(d, (aigov_span){d->p, d->size}), "cells of %zu bytes", gap);
    }
}

/* Plain text comes out soon, and what is held is bounded. */
static void test_latency(void)
{
    static const char prose[] =
        "the quick brown fox jumps over the lazy dog, and so on; ";
    size_t in = 0, most = 0;
    aigov_error err;
    bool good = true;
    pieces.n = 0;
    for (int i = 0; i < 4000 && good; i++) {
        size_t at = (size_t)i % (sizeof prose - 1);
        good = aigov_stream_push(stream, (aigov_span){prose + at, 1}, &pieces,
                                 &err) == AIGOV_OK;
        in++;
        most = in - pieces.n > most ? in - pieces.n : most;
    }
    good = good && aigov_stream_end(stream, &pieces, &err) == AIGOV_OK;
    ok(good && most < 400, "at most %zu bytes of prose are held back", most);
}

static void test_oom(void)
{
    static const char text[] = "mail jane\xE2\x80\x8B.doe&#64;acme.org or "
                               "4012 8888 8888 1881 today ";
    bool good = true, failed = true;
    long n = 0;
    while (good && failed && n < 1000) {
        struct heap h = {0};
        aigov_alloc alloc = {failing, &h};
        aigov_ctx *c;
        aigov_stream *st = NULL;
        aigov_rules *r;
        aigov_error err;
        aigov_buf out;
        aigov_status status;
        good = aigov_ctx_new(&alloc, &c, &err) == AIGOV_OK;
        aigov_buf_init(&out, c);
        h.calls = 0;
        h.fail_at = ++n;
        r = own_rules(c, &err);
        status = r == NULL ? err.code : aigov_stream_new(c, &st, &err);
        if (status == AIGOV_OK) {
            status = aigov_stream_use(st, r, AIGOV_ABSENT, &err);
        }
        for (int i = 0; i < 40 && status == AIGOV_OK; i++) {
            status = aigov_stream_push(st, AIGOV_LIT(text), &out, &err);
        }
        if (status == AIGOV_OK) {
            status = aigov_stream_end(st, &out, &err);
        }
        failed = status != AIGOV_OK;
        good = good && (!failed || status == AIGOV_NOMEM) &&
               (out.n == 0 || memmem(out.p, out.n, "1881", 4) == NULL);
        h.fail_at = 0;
        aigov_buf_free(&out);
        aigov_stream_free(st);
        aigov_rules_free(r);
        aigov_ctx_free(c);
        good = good && h.blocks == 0;
    }
    ok(good && !failed && n > 4, "%ld allocations fail", n - 1);
}

/* --- own detectors ------------------------------------------------------- */

static const char *const part[] = {"acme ",
                                   "Acme   Holding ",
                                   "ACME\n",
                                   "acmes ",
                                   "jose ",
                                   "Jos\xC3\xA9 ",
                                   "P\xC3\xA9rez ",
                                   "\xE5\xB1\xB1",
                                   "\xE7\x94\xB0",
                                   "CL-",
                                   "CL-12/ab ",
                                   "XCL-7 ",
                                   "CL-0 ",
                                   "q",
                                   "zz9 ",
                                   "the fox\n",
                                   "the ",
                                   "bcd ",
                                   "\n",
                                   "          ",
                                   "a",
                                   "mail ann@acme.org, ",
                                   "[CUSTOMER] ",
                                   "[CLAIM",
                                   "4012 8888 8888 1881 ",
                                   "-----",
                                   "CL-0/",
                                   "\xE2\x80\x8B"};

/* Parts at random; now and then one many times. */
static void own_text(struct documents *d, uint32_t most)
{
    uint32_t n = 1 + below(d, most);
    d->size = 0;
    while (n-- > 0) {
        const char *p = part[below(d, sizeof part / sizeof part[0])];
        uint32_t times = below(d, 25) == 0 ? 1 + below(d, 4000) : 1;
        while (times-- > 0 && d->size < 80000) {
            put_bytes(d, p, strlen(p));
        }
    }
}

static void test_own(struct documents *d, int scale)
{
    static const uint32_t most[] = {8, 40, 200};
    aigov_error err;
    aigov_rules *r = own_rules(ctx, &err);
    int good = 0, all = 600 * scale;
    ok(r != NULL &&
           aigov_scanner_use(scanner, r, AIGOV_ABSENT, &err) == AIGOV_OK &&
           aigov_stream_use(stream, r, AIGOV_ABSENT, &err) == AIGOV_OK,
       "own detectors %s", r == NULL ? err.text : "");
    for (int i = 0; i < all && r != NULL; i++) {
        own_text(d, most[i % 3]);
        good += equal(d, (aigov_span){d->p, d->size});
    }
    ok(good == all, "%d of %d texts with own detectors", good, all);
    for (good = 0; good < 60 * scale; good++) {
        next_document(d, 40);
        if (!equal(d, (aigov_span){d->p, d->size})) {
            break;
        }
    }
    ok(good == 60 * scale, "%d documents of all pieces", good);
    ok(aigov_stream_push(stream, AIGOV_LIT("a"), &pieces, &err) == AIGOV_OK &&
           aigov_stream_use(stream, NULL, AIGOV_ABSENT, &err) == AIGOV_STATE &&
           aigov_stream_end(stream, &pieces, &err) == AIGOV_OK,
       "not within a text");
    ok(aigov_stream_use(stream, r, AIGOV_LIT("drop/model"), &err) == AIGOV_ARG,
       "%s", err.text);
    ok(aigov_stream_use(stream, NULL, AIGOV_ABSENT, &err) == AIGOV_OK &&
           aigov_scanner_use(scanner, NULL, AIGOV_ABSENT, &err) == AIGOV_OK,
       "back to what is built in");
    aigov_rules_free(r);
}

/* A term whose spaces never end is not held for ever. */
static void test_held(void)
{
    static char spaces[1 << 16];
    aigov_error err;
    aigov_rules *r = own_rules(ctx, &err);
    aigov_status st = aigov_stream_use(stream, r, AIGOV_ABSENT, &err);
    memset(spaces, ' ', sizeof spaces);
    pieces.n = 0;
    st = st == AIGOV_OK
             ? aigov_stream_push(stream, AIGOV_LIT("of acme"), &pieces, &err)
             : st;
    for (int i = 0; i < 40 && st == AIGOV_OK; i++) {
        st = aigov_stream_push(stream, (aigov_span){spaces, sizeof spaces},
                               &pieces, &err);
    }
    ok(st == AIGOV_WITHHELD &&
           aigov_stream_end(stream, &pieces, &err) == AIGOV_STATE &&
           memmem(pieces.p, pieces.n, "acme", 4) == NULL,
       "a term that goes on and on is withheld");
    aigov_stream_use(stream, NULL, AIGOV_ABSENT, &err);
    aigov_rules_free(r);
}

int main(int argc, char **argv)
{
    static struct documents d;
    int scale = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1;
    aigov_error err;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &scanner, &err) != AIGOV_OK ||
        aigov_stream_new(ctx, &stream, &err) != AIGOV_OK) {
        ok(false, "%s", err.text);
        return done();
    }
    aigov_buf_init(&whole, ctx);
    aigov_buf_init(&pieces, ctx);
    documents_start(&d);
    d.state += (uint64_t)scale;
    test_latency();
    test_cuts(&d);
    test_table(&d);
    test_bounds(&d);
    test_documents(&d, 300 * scale, 12);
    test_documents(&d, 60 * scale, 60);
    test_documents(&d, 10 * scale, 600);
    test_own(&d, scale);
    test_held();
    test_oom();
    documents_end(&d);
    aigov_buf_free(&whole);
    aigov_buf_free(&pieces);
    aigov_stream_free(stream);
    aigov_scanner_free(scanner);
    aigov_ctx_free(ctx);
    return done();
}
