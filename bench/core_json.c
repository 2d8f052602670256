/*
 * core_json.c - nanoseconds per byte of the JSON reader and the canonical form
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   cc -O2 -Icore -DAIGOV_VERSION='"0"' bench/core_json.c core/base/x.c ...
 * -lcrypto
 *
 * Prints the best of many rounds, since a busy machine only ever adds time.
 * Gates: a record of 1 KB is read within 2 us, and read and written in
 * canonical form within 4.5 us.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aigov.h"

static const char head[] =
    "{\"kind\": \"interaction\", \"id\": "
    "\"0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\", "
    "\"system\": \"support-bot\", \"provider\": \"example\", \"model\": "
    "\"large-2026-05\", \"operation\": \"chat\", \"actor\": {\"id\": "
    "\"u-48213\", \"type\": \"human\", \"roles\": [\"agent\", \"tier2\"]}, "
    "\"usage\": {\"input_tokens\": 1543, \"output_tokens\": 211, \"cost\": "
    "0.01423}, \"params\": {\"temperature\": 0.7, \"top_p\": 0.95, "
    "\"max_tokens\": 1024, \"seed\": 42}, \"finish_reasons\": [\"stop\"], "
    "\"input\": [";
static const char message[] =
    "{\"role\": \"user\", \"content\": \"How do I return the kettle that I "
    "bought last week? The receipt says \\\"30 days\\\".\\nIt is a gift, so I "
    "have no card number \xE2\x80\x93 only the order id.\"}";
static const char tail[] =
    "], \"output\": [{\"role\": \"assistant\", \"content\": \"You can return "
    "it "
    "in any shop within 30 days; please bring the order id.\"}]}";

/* A record of about n bytes. */
static void fill(aigov_buf *b, size_t n)
{
    b->n = 0;
    aigov_buf_puts(b, head);
    aigov_buf_puts(b, message);
    while (b->n + sizeof tail + sizeof message < n) {
        aigov_buf_puts(b, ", ");
        aigov_buf_puts(b, message);
    }
    aigov_buf_puts(b, tail);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void check(aigov_status status, const aigov_error *err)
{
    if (status != AIGOV_OK) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

static void measure(aigov_ctx *ctx, const char *what, aigov_span text)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf out;
    aigov_error err;
    double best[3] = {1e18, 1e18, 1e18};
    uint8_t hash[32];
    int batch = (int)(1000000 / text.n) + 1;

    aigov_buf_init(&out, ctx);
    for (int round = 0; round < 300; round++) {
        double t[4];
        t[0] = now();
        for (int i = 0; i < batch; i++) {
            check(aigov_json_read(&j, AIGOV_JSON_CONTENT, text, &err), &err);
        }
        t[1] = now();
        for (int i = 0; i < batch; i++) {
            out.n = 0;
            check(aigov_json_canonical(&j, 0, &out, &err), &err);
        }
        t[2] = now();
        for (int i = 0; i < batch; i++) {
            check(aigov_leaf_hash(ctx, aigov_buf_span(&out), hash, &err), &err);
        }
        t[3] = now();
        for (int k = 0; k < 3; k++) {
            double each = (t[k + 1] - t[k]) / batch;
            best[k] = each < best[k] ? each : best[k];
        }
    }
    printf("%-22s %7zu B  read %8.0f ns %5.2f ns/B  canonical %8.0f ns %5.2f "
           "ns/B  sha256 %7.0f ns\n",
           what, text.n, best[0], best[0] / (double)text.n, best[1],
           best[1] / (double)text.n, best[2]);
    aigov_buf_free(&out);
    aigov_json_free(&j);
}

/* Worst cases by what they exercise. */
static void fill_numbers(aigov_buf *b, int digits)
{
    char text[40];

    b->n = 0;
    aigov_buf_puts(b, "[0");
    for (int i = 1; i < 800; i++) {
        snprintf(text, sizeof text, "%.*g", digits, 1.0 / i);
        aigov_buf_puts(b, ",");
        aigov_buf_puts(b, text);
    }
    aigov_buf_puts(b, "]");
}

static void fill_text(aigov_buf *b, const char *piece)
{
    b->n = 0;
    aigov_buf_puts(b, "[\"");
    while (b->n < 16384) {
        aigov_buf_puts(b, piece);
    }
    aigov_buf_puts(b, "\"]");
}

int main(void)
{
    aigov_ctx *ctx;
    aigov_error err;
    aigov_buf b;

    check(aigov_ctx_new(NULL, &ctx, &err), &err);
    aigov_buf_init(&b, ctx);
    fill(&b, 1024);
    measure(ctx, "record 1 KB", aigov_buf_span(&b));
    fill(&b, 16384);
    measure(ctx, "record 16 KB", aigov_buf_span(&b));
    fill_numbers(&b, 6);
    measure(ctx, "numbers, 6 digits", aigov_buf_span(&b));
    fill_numbers(&b, 17);
    measure(ctx, "numbers, 17 digits", aigov_buf_span(&b));
    fill_text(&b, "plain text, nothing to escape in it, ");
    measure(ctx, "ASCII", aigov_buf_span(&b));
    fill_text(&b, "{\\\"a\\\":\\n\\\"b\\\"}");
    measure(ctx, "escapes", aigov_buf_span(&b));
    fill_text(&b, "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82 ");
    measure(ctx, "Cyrillic", aigov_buf_span(&b));
    fill_text(&b, "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E");
    measure(ctx, "Japanese", aigov_buf_span(&b));
    aigov_buf_free(&b);
    aigov_ctx_free(ctx);
    return 0;
}
