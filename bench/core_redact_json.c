/*
 * core_redact_json.c - megabytes a second of JSON redacted, value by value
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A request for a chat in which every message is another one; dirty, a quarter
 * of them hold something.  Numbers are a list of decimals, none like the next,
 * as an embedding has them.  "again" is a document of which the scanner saw the
 * short values in the one before, as with records of one application; "new"
 * is by a scanner that saw none.  Prints the best of many rounds of CPU time,
 * and beside it what reading the JSON takes.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aigov.h"

static const char *const clean[] = {
    "The kettle that you bought last week can be returned in any shop within "
    "the usual time; please bring the receipt.",
    "Thank you for your question. There are three ways to do this: by hand, "
    "with the tool, or (for large files) in batches of 500.",
    "It was first described in 1987, and about 12 % of all samples that were "
    "measured since then show the same effect.",
    "if (memcmp(p + i, table[k & 63].name, 8) == 0) {\n    return 1;\n}",
};

static const char *const found[] = {
    "Please write to jane.doe@acme-corp.org or call +49 30 901820 today.",
    "card 4012 8888 8888 1881, ssn 219-09-9999, from 192.168.10.24",
    "Authorization: Bearer abcdefghijklmnop0123456789ABCDEF",
    "password = \"hunter2-hunter2\" # of GB82 WEST 1234 5698 7654 32",
};

static aigov_ctx *ctx;
static aigov_error err;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void check(aigov_status status)
{
    if (status != AIGOV_OK) {
        fprintf(stderr, "core_redact_json: %s\n", err.text);
        exit(1);
    }
}

static void fill_chat(aigov_buf *b, size_t n, bool dirty)
{
    char text[400], head[100];
    b->n = 0;
    aigov_buf_puts(b, "{\"model\":\"large-2026-05\",\"temperature\":0.7,"
                      "\"max_tokens\":1024,\"messages\":[");
    for (unsigned i = 0; b->n < n; i++) {
        bool is = dirty && i % 4 == 3;
        snprintf(head, sizeof head,
                 "%s{\"role\":\"%s\",\"content\":", i == 0 ? "" : ",",
                 i % 2 == 0 ? "user" : "assistant");
        snprintf(text, sizeof text, "(%x) %s", i * 2654435761u,
                 is ? found[i / 4 % 4] : clean[i % 4]);
        aigov_buf_puts(b, head);
        aigov_buf_put_json_string(b, aigov_str(text));
        aigov_buf_puts(b, "}");
    }
    aigov_buf_puts(b, "],\"stream\":true}");
}

static void fill_numbers(aigov_buf *b, size_t n)
{
    char text[40];
    uint32_t x = 1;
    b->n = 0;
    aigov_buf_puts(b, "{\"data\":[{\"embedding\":[0.5");
    while (b->n < n) {
        x = x * 1664525u + 1013904223u;
        snprintf(text, sizeof text, ",%.9g", ((double)x / 4294967296 - .5) / 8);
        aigov_buf_puts(b, text);
    }
    aigov_buf_puts(b, "]}]}");
}

/* Best nanoseconds a byte; fresh: with a new scanner each time. */
static double redact(aigov_span json, bool fresh, unsigned *n)
{
    int batch = (int)(400000 / json.n) + 1;
    double best = 1e18;
    aigov_scanner *s;
    aigov_tally tally;
    aigov_buf out;
    aigov_buf_init(&out, ctx);
    check(aigov_scanner_new(ctx, &s, &err));
    for (int round = 0; round < 12 * batch; round++) {
        double t = now();
        if (fresh) {
            aigov_scanner_free(s);
            check(aigov_scanner_new(ctx, &s, &err));
        }
        memset(&tally, 0, sizeof tally);
        out.n = 0;
        check(aigov_redact_json(s, json, &out, &tally, &err));
        t = (now() - t) / (double)json.n;
        best = t < best ? t : best;
    }
    for (size_t i = *n = 0; i < AIGOV_MAX_ENTITIES; i++) {
        *n += tally.count[i];
    }
    aigov_scanner_free(s);
    aigov_buf_free(&out);
    return best;
}

static double read_only(aigov_span json)
{
    double best = 1e18;
    aigov_json j = {.ctx = ctx};
    for (int round = 0; round < 100; round++) {
        double t = now();
        check(aigov_json_read(&j, AIGOV_JSON_CONTENT, json, &err));
        t = (now() - t) / (double)json.n;
        best = t < best ? t : best;
    }
    aigov_json_free(&j);
    return best;
}

static void line(const char *name, aigov_span json)
{
    unsigned n;
    double again = redact(json, false, &n), fresh = redact(json, true, &n);
    printf("redact JSON, %-7s %6zu B  again %6.1f MB/s  new %6.1f MB/s  "
           "read alone %6.1f MB/s  %u findings\n",
           name, json.n, 1000 / again, 1000 / fresh, 1000 / read_only(json), n);
}

int main(void)
{
    static const size_t sizes[] = {2048, 65536};
    aigov_buf b;
    check(aigov_ctx_new(NULL, &ctx, &err));
    aigov_buf_init(&b, ctx);
    for (int k = 0; k < 2; k++) {
        fill_chat(&b, sizes[k], false);
        line("clean", aigov_buf_span(&b));
        fill_chat(&b, sizes[k], true);
        line("dirty", aigov_buf_span(&b));
        fill_numbers(&b, sizes[k]);
        line("numbers", aigov_buf_span(&b));
    }
    aigov_buf_free(&b);
    aigov_ctx_free(ctx);
    return 0;
}
