/*
 * core_verify.c - entries a second that verify judges on one core
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * 20,000 entries in memory, leaves of about 600 bytes, once with content rows
 * of `null` and once with 400 bytes of content each.  Best of several rounds.
 * Gate: 500,000 entries a second.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aigov.h"

#define N 20000
#define ROUNDS 12
#define ORIGIN "example.com/bench"

typedef struct row {
    aigov_entry e;
    aigov_content c;
    char memory[2400];
} row;

static aigov_ctx *ctx;
static aigov_error err;
static row *rows;
static int bad;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "core_verify: %s: %s\n", what, err.text);
    exit(1);
}

static aigov_span keep(char **at, aigov_span s)
{
    aigov_span kept = {NULL, 0};
    if (s.p != NULL) {
        memcpy(*at, s.p, s.n);
        kept = (aigov_span){*at, s.n};
        *at += s.n;
    }
    return kept;
}

static void keep_row(row *to, const aigov_entry *e, const aigov_content *c)
{
    char *at = to->memory;
    to->e = *e;
    to->c = *c;
    to->e.kind = keep(&at, e->kind);
    to->e.id = keep(&at, e->id);
    to->e.interaction = keep(&at, e->interaction);
    to->e.actor = keep(&at, e->actor);
    to->e.system = keep(&at, e->system);
    to->e.provider = keep(&at, e->provider);
    to->e.model = keep(&at, e->model);
    to->e.operation = keep(&at, e->operation);
    to->e.status = keep(&at, e->status);
    to->e.decision = keep(&at, e->decision);
    to->e.recorded_by = keep(&at, e->recorded_by);
    to->e.digest = keep(&at, e->digest);
    to->e.commitment = keep(&at, e->commitment);
    to->e.prev = keep(&at, e->prev);
    to->e.hash = keep(&at, e->hash);
    to->e.body = keep(&at, e->body);
    to->c.salt = keep(&at, c->salt);
    to->c.body = keep(&at, c->body);
}

/* Fill rows; returns bytes of a leaf. */
static size_t build(size_t content)
{
    char text[2000], words[1001];
    aigov_record *r;
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    aigov_span leaf;
    memset(words, 'w', sizeof words - 1);
    words[content] = '\0';
    memset(&s, 0, sizeof s);
    s.at = 1790000000000000;
    s.lane = 1;
    s.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    if (aigov_record_new(ctx, &r, &err) != AIGOV_OK ||
        aigov_log_number(ctx, AIGOV_LIT(ORIGIN), &s.log, &err) != AIGOV_OK ||
        aigov_lane_start(ctx, AIGOV_LIT(ORIGIN), 1, s.prev, &err) != AIGOV_OK) {
        die("start");
    }
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text,
                 "{\"system\":\"claims-assistant\",\"actor\":{\"id\":\"u_%d\"},"
                 "\"provider\":\"openai\",\"model\":\"gpt-4o\",\"operation\":"
                 "\"chat\",\"usage\":{\"input_tokens\":%d,\"output_tokens\":90}"
                 "%s%s%s}",
                 i % 99, i, content ? ",\"input\":\"" : "", words,
                 content ? "\"" : "");
        s.seq = i + 1;
        s.at += 10;
        if (aigov_uuid7(ctx, s.at, s.id, &err) != AIGOV_OK ||
            aigov_record_read(r, aigov_str(text), &err) != AIGOV_OK) {
            die("read");
        }
        s.decision = aigov_record_draft(r)->decision;
        s.evidence = aigov_record_draft(r)->evidence;
        if (aigov_record_seal(r, &s, &e, &c, &leaf, &err) != AIGOV_OK) {
            die("seal");
        }
        keep_row(&rows[i], &e, &c);
        memcpy(s.prev, e.hash.p, 32);
    }
    size_t n = leaf.n;
    aigov_record_free(r);
    return n;
}

static bool count(void *host, const aigov_range *range)
{
    (void)host;
    bad += !aigov_range_ok(range);
    return true;
}

static double round_of(aigov_verify *v, int64_t log)
{
    double start = now();
    if (aigov_verify_begin(v, log, AIGOV_LIT(ORIGIN), &err) != AIGOV_OK) {
        die("begin");
    }
    for (int i = 0; i < N; i++) {
        if (aigov_verify_row(v, 1, i + 1, &rows[i].e, &rows[i].c, NULL, &err) !=
            AIGOV_OK) {
            die("row");
        }
    }
    if (aigov_verify_end(v, &err) != AIGOV_OK || bad != 0) {
        die("end");
    }
    return N / (now() - start);
}

int main(void)
{
    static const size_t content[] = {0, 400};
    aigov_verify *v;
    rows = malloc(N * sizeof *rows);
    if (rows == NULL || aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_verify_new(ctx, count, NULL, &v, &err) != AIGOV_OK) {
        die("start");
    }
    for (int k = 0; k < 2; k++) {
        double most = 0;
        size_t leaf = build(content[k]);
        for (int i = 0; i < ROUNDS; i++) {
            double rate = round_of(v, rows[0].e.log);
            most = rate > most ? rate : most;
        }
        printf("verify of leaves of %zu bytes, %zu bytes of content: "
               "%.0f entries/s\n",
               leaf, content[k], most);
    }
    aigov_verify_free(v);
    aigov_ctx_free(ctx);
    free(rows);
    return 0;
}
