/*
 * core_rules.c - what own detectors cost: to make, to keep, to scan with
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   core_rules [TERMS...]    dictionaries of so many terms (10000 and 1000000)
 *
 * Terms are two made-up names and a figure.  Scans are of 2 KB pieces of a
 * text of such names that are no terms; each is given with what is built in
 * alone, in the same run.  CPU time, the best of five.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aigov.h"

#define TEXT 2000000
#define PIECE 2048

static size_t in_use, peak;

static void *counted(void *host, void *old, size_t old_n, size_t n)
{
    void *p;
    (void)host;
    if (n == 0) {
        in_use -= old_n;
        free(old);
        return NULL;
    }
    p = realloc(old, n);
    if (p != NULL) {
        in_use += n - (old == NULL ? 0 : old_n);
        peak = in_use > peak ? in_use : peak;
    }
    return p;
}

static double cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const aigov_error *err)
{
    fprintf(stderr, "core_rules: %s\n", err->text);
    exit(1);
}

/* A name of three or four syllables. */
static int name(char *out, size_t room, size_t v)
{
    static const char *const part[] = {
        "an", "be", "cor", "da", "el", "fi", "gus", "ha", "ir",
        "jo", "ka", "lo",  "mi", "no", "ol", "pe",  "qu", "ra",
        "so", "ti", "ur",  "va", "wi", "xe", "yo",  "za"};
    return snprintf(out, room, "%s%s%s%s", part[v % 26], part[v / 26 % 26],
                    part[v / 676 % 26], v >= 17576 ? part[v / 17576 % 26] : "");
}

static int term(char *out, size_t room, size_t i)
{
    int n = name(out, room, i * 2654435761u % 50000);
    n += snprintf(out + n, room - (size_t)n, " ");
    n += name(out + n, room - (size_t)n, i * 40503u % 400000);
    return n + snprintf(out + n, room - (size_t)n, " %zu", i % 7);
}

/* The fields and the content document of a dictionary. */
static void make(aigov_ctx *ctx, size_t terms, aigov_buf *fields,
                 aigov_buf *content)
{
    aigov_buf plain;
    aigov_span all;
    aigov_error err;
    uint8_t hash[32];
    char text[100];
    aigov_buf_init(&plain, ctx);
    aigov_buf_puts(content, "{\"fields\":{\"terms\":[");
    for (size_t i = 0; i < terms; i++) {
        term(text, sizeof text, i);
        aigov_buf_puts(content, i == 0 ? "\"" : ",\"");
        aigov_buf_puts(content, text);
        aigov_buf_puts(content, "\"");
        aigov_buf_puts(&plain, text);
        aigov_buf_puts(&plain, "\n");
    }
    aigov_buf_puts(content, "]}}");
    all = aigov_buf_span(&plain);
    if (aigov_sha256(ctx, &all, 1, hash, &err) != AIGOV_OK) {
        fail(&err);
    }
    aigov_buf_puts(fields, "{\"entity\":\"CUSTOMER\",\"score\":\"0.8\","
                           "\"type\":\"dictionary\",\"terms_count\":");
    aigov_buf_put_i64(fields, (int64_t)terms);
    aigov_buf_puts(fields, ",\"terms_sha256\":\"");
    aigov_buf_put_hex(fields, hash, sizeof hash);
    aigov_buf_puts(fields, "\"}");
    printf("%8zu terms, %5.1f MB: ", terms, (double)plain.n / 1e6);
    aigov_buf_free(&plain);
}

static aigov_rules *rules(aigov_ctx *ctx, size_t terms)
{
    aigov_buf fields, content;
    aigov_rules *r;
    aigov_error err;
    size_t before;
    double t;
    aigov_buf_init(&fields, ctx);
    aigov_buf_init(&content, ctx);
    make(ctx, terms, &fields, &content);
    before = peak = in_use;
    t = cpu();
    if (aigov_rules_new(ctx, 0, &r, &err) != AIGOV_OK ||
        aigov_rules_add(r, AIGOV_LIT("detector"), AIGOV_LIT("bench"),
                        aigov_buf_span(&fields), aigov_buf_span(&content),
                        &err) != AIGOV_OK ||
        aigov_rules_ready(r, &err) != AIGOV_OK) {
        fail(&err);
    }
    printf("made in %.2f s, %.1f MB kept, %.1f MB at most\n", cpu() - t,
           (double)(in_use - before) / 1e6, (double)(peak - before) / 1e6);
    aigov_buf_free(&fields);
    aigov_buf_free(&content);
    return r;
}

static double rate(aigov_scanner *s, const aigov_rules *r, const char *text)
{
    const aigov_finding *f;
    aigov_error err;
    size_t n;
    double best = 1e9;
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    for (int round = 0; round < 5; round++) {
        double t = cpu();
        for (size_t at = 0; at + PIECE <= TEXT; at += PIECE) {
            aigov_span piece = {text + at, PIECE};
            if (aigov_scan(s, piece, AIGOV_ABSENT, &f, &n, &err) != AIGOV_OK) {
                fail(&err);
            }
        }
        t = cpu() - t;
        best = t < best ? t : best;
    }
    return TEXT / 1e6 / best;
}

int main(int argc, char **argv)
{
    static char text[TEXT + 100];
    static const size_t usual[] = {10000, 1000000};
    aigov_alloc alloc = {counted, NULL};
    aigov_ctx *ctx;
    aigov_scanner *s;
    aigov_error err;
    size_t at = 0;
    if (aigov_ctx_new(&alloc, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &s, &err) != AIGOV_OK) {
        fail(&err);
    }
    for (size_t i = 0; at < TEXT; i++) {
        at += (size_t)name(text + at, 60, i * 7919u % 450000);
        text[at++] = i % 11 == 0 ? '\n' : ' ';
    }
    for (int i = 0; i < (argc > 1 ? argc - 1 : 2); i++) {
        size_t terms =
            argc > 1 ? (size_t)strtoull(argv[i + 1], NULL, 10) : usual[i];
        aigov_rules *r = rules(ctx, terms);
        double without = rate(s, NULL, text), with = rate(s, r, text);
        printf("         2 KB texts: %.0f MB/s, built in alone %.0f MB/s, "
               "%.2f\n",
               with, without, with / without);
        aigov_scanner_use(s, NULL, AIGOV_ABSENT, &err);
        aigov_rules_free(r);
    }
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
    return 0;
}
