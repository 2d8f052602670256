/*
 * peer_engines.c - the regex engines that one would reach for instead
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   peer_engines                        megabytes a second over texts.h, a line
 *                                       of JSON each
 *   peer_engines --find ENGINE <CASES   what it finds, as test/redact/findings
 *                                       answers; ENGINE is pcre2, vectorscan
 *
 * PCRE2: each pattern compiled and JIT-compiled once, one match data, a loop
 * over the patterns.  Vectorscan: one database of all patterns, with the start
 * of matches (what a redactor needs) and, for speed alone, without.  Patterns
 * that it refuses are left out and counted.  Both report matches as the
 * patterns give them: nothing is checked, ranked or replaced, which is less
 * work than aigov_scan does.  Warmed up; the best of many rounds of CPU time.
 */
#define _GNU_SOURCE 1
#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef HAVE_VECTORSCAN
#include <hs/hs.h>
#endif

#include "aigov.h"
#include "peer_patterns.h"
#include "texts.h"

#define MAX_MATCHES 65536

typedef struct match {
    unsigned pattern;
    size_t start, stop;
} match;

static match matches[MAX_MATCHES];
static size_t n_matches;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "peer_engines: %s: %s\n", what, why);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void add(unsigned which, size_t start, size_t stop)
{
    if (n_matches < MAX_MATCHES) {
        matches[n_matches++] = (match){which, start, stop};
    }
}

/* --- PCRE2 --------------------------------------------------------------- */

static pcre2_code *codes[N_PATTERNS];
static pcre2_match_data *data;

static void pcre2_start(void)
{
    double t = now();
    for (size_t i = 0; i < N_PATTERNS; i++) {
        int error;
        PCRE2_SIZE at;
        codes[i] = pcre2_compile((PCRE2_SPTR)patterns[i].regex,
                                 PCRE2_ZERO_TERMINATED, 0, &error, &at, NULL);
        if (codes[i] == NULL ||
            pcre2_jit_compile(codes[i], PCRE2_JIT_COMPLETE) != 0) {
            fail("PCRE2", patterns[i].regex);
        }
    }
    data = pcre2_match_data_create(16, NULL);
    fprintf(stderr, "PCRE2-JIT: %zu patterns, compiled in %.1f ms\n",
            N_PATTERNS, (now() - t) / 1e6);
}

static void pcre2_find(aigov_span text)
{
    n_matches = 0;
    for (unsigned i = 0; i < N_PATTERNS; i++) {
        size_t at = 0;
        while (at < text.n && pcre2_jit_match(codes[i], (PCRE2_SPTR)text.p,
                                              text.n, at, 0, data, NULL) > 0) {
            const PCRE2_SIZE *v = pcre2_get_ovector_pointer(data);
            add(i, v[0], v[1]);
            at = v[1];
        }
    }
}

/* --- Vectorscan ---------------------------------------------------------- */

#ifdef HAVE_VECTORSCAN
static hs_database_t *with_start, *ends_only;
static hs_scratch_t *scratch;

/* All patterns but those refused. */
static hs_database_t *hs_start(unsigned flags, const char *name)
{
    const char *regex[N_PATTERNS];
    unsigned flag[N_PATTERNS], id[N_PATTERNS], n = 0;
    hs_database_t *db = NULL;
    hs_compile_error_t *err = NULL;
    double t = now();
    for (; n < N_PATTERNS; n++) {
        regex[n] = patterns[n].regex;
        flag[n] = flags;
        id[n] = n;
    }
    while (hs_compile_multi(regex, flag, id, n, HS_MODE_BLOCK, NULL, &db,
                            &err) != HS_SUCCESS) {
        unsigned bad = err->expression < 0 ? 0 : (unsigned)err->expression;
        if (err->expression < 0 || n == 1) {
            fail(name, err->message);
        }
        hs_free_compile_error(err);
        n--;
        memmove(regex + bad, regex + bad + 1, (n - bad) * sizeof *regex);
        memmove(id + bad, id + bad + 1, (n - bad) * sizeof *id);
    }
    if (hs_alloc_scratch(db, &scratch) != HS_SUCCESS) {
        fail(name, "scratch");
    }
    fprintf(stderr, "%s: %u of %zu patterns, compiled in %.1f ms\n", name, n,
            N_PATTERNS, (now() - t) / 1e6);
    return db;
}

/* It reports every end of a match: the longest from a start is kept. */
static int on_match(unsigned id, unsigned long long from, unsigned long long to,
                    unsigned flags, void *state)
{
    (void)flags;
    (void)state;
    for (size_t i = n_matches; i-- > 0 && n_matches - i < 8;) {
        if (matches[i].pattern == id && matches[i].start == (size_t)from) {
            matches[i].stop = (size_t)to;
            return 0;
        }
    }
    add(id, (size_t)from, (size_t)to);
    return 0;
}

static int on_end(unsigned id, unsigned long long from, unsigned long long to,
                  unsigned flags, void *state)
{
    (void)from;
    (void)flags;
    (void)state;
    add(id, 0, (size_t)to);
    return 0;
}

static void hs_find(aigov_span text)
{
    n_matches = 0;
    hs_scan(with_start, text.p, (unsigned)text.n, 0, scratch, on_match, NULL);
}

static void hs_find_ends(aigov_span text)
{
    n_matches = 0;
    hs_scan(ends_only, text.p, (unsigned)text.n, 0, scratch, on_end, NULL);
}
#endif

/* --- speed --------------------------------------------------------------- */

static double measure(void (*find)(aigov_span), aigov_span text)
{
    int batch = (int)(200000 / text.n) + 1;
    double best = 1e18;
    for (int round = 0; round < 9; round++) {
        double t = now();
        for (int i = 0; i < batch; i++) {
            find(text);
        }
        t = (now() - t) / batch / (double)text.n;
        best = t < best ? t : best;
    }
    return best;
}

static void speeds(const char *name, void (*find)(aigov_span), aigov_buf *b)
{
    static const size_t sizes[] = {2048, 65536};
    for (int i = 0; i < 16; i++) {
        fill(b, sizes[i & 1], i / 4 - 1, i & 2);
        double ns = measure(find, aigov_buf_span(b));
        printf("{\"tool\":\"%s\",\"text\":\"%s\",\"dirty\":%s,\"size\":%zu,"
               "\"mb_s\":%.3f,\"found\":%zu}\n",
               name, text_kinds[i / 4], i & 2 ? "true" : "false", sizes[i & 1],
               1000 / ns, n_matches);
    }
}

/* --- findings ------------------------------------------------------------ */

static void answer(void (*find)(aigov_span), aigov_ctx *ctx,
                   const aigov_json *j)
{
    aigov_buf id;
    aigov_error err;
    aigov_buf_init(&id, ctx);
    if (aigov_json_canonical(j, aigov_json_get(j, 0, "id"), &id, &err) !=
        AIGOV_OK) {
        fail("id", err.text);
    }
    find(aigov_json_text(j, aigov_json_get(j, 0, "text")));
    printf("{\"id\":%.*s,\"findings\":[", (int)id.n, id.p);
    for (size_t i = 0; i < n_matches; i++) {
        printf("%s{\"entity\":\"%s\",\"start\":%zu,\"end\":%zu}", i ? "," : "",
               patterns[matches[i].pattern].entity, matches[i].start,
               matches[i].stop);
    }
    puts("]}");
    aigov_buf_free(&id);
}

static void answers(void (*find)(aigov_span), aigov_ctx *ctx)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    aigov_json j = {0};
    aigov_error err;
    j.ctx = ctx;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        if (aigov_json_read(&j, AIGOV_JSON_CONTENT,
                            (aigov_span){line, (size_t)n}, &err) != AIGOV_OK) {
            fail("line", err.text);
        }
        answer(find, ctx, &j);
    }
    aigov_json_free(&j);
    free(line);
}

int main(int argc, char **argv)
{
    aigov_ctx *ctx;
    aigov_error err;
    aigov_buf b;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        fail("start", err.text);
    }
    aigov_buf_init(&b, ctx);
    pcre2_start();
#ifdef HAVE_VECTORSCAN
    with_start = hs_start(HS_FLAG_SOM_LEFTMOST, "Vectorscan with starts");
    ends_only = hs_start(0, "Vectorscan, ends only");
    if (argc > 2 && strcmp(argv[2], "vectorscan") == 0) {
        answers(hs_find, ctx);
        return 0;
    }
#endif
    if (argc > 2 && strcmp(argv[2], "pcre2") == 0) {
        answers(pcre2_find, ctx);
        return 0;
    }
    if (argc > 1) {
        fail(argv[argc - 1], "not in this build");
    }
    speeds("PCRE2-JIT loop", pcre2_find, &b);
#ifdef HAVE_VECTORSCAN
    speeds("Vectorscan with starts", hs_find, &b);
    speeds("Vectorscan, ends only", hs_find_ends, &b);
#endif
    aigov_buf_free(&b);
    aigov_ctx_free(ctx);
    return 0;
}
