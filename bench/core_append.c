/*
 * core_append.c - microseconds that core takes for one append
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Read and seal of a record of about 1 KB, best of many rounds, since a busy
 * machine only ever adds time.  Beside it, in the same run, what the hashes of
 * such an append cost alone (commitment, digest, leaf).
 * Gate: read and seal together within 8 us.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aigov.h"

#define ROUNDS 60
#define CALLS 2000

static const char record[] =
    "{\"v\":1,\"id\":\"0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\",\"kind\":"
    "\"interaction\",\"occurred_at\":\"2026-09-11T08:15:02.114233Z\","
    "\"system\":\"claims-assistant\",\"system_version\":\"2.4\","
    "\"environment\":\"production\",\"use_case\":\"uc-014\",\"actor\":{\"id\":"
    "\"u_7f3a\",\"type\":\"human\",\"roles\":[\"adjuster\"]},\"tenant\":"
    "\"acme\",\"conversation\":\"c-88\",\"provider\":\"openai\",\"model\":"
    "\"gpt-4o\",\"model_served\":\"gpt-4o-2026-05-13\",\"operation\":\"chat\","
    "\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"span_id\":"
    "\"00f067aa0ba902b7\",\"params\":{\"temperature\":0.2,\"max_tokens\":400},"
    "\"usage\":{\"input_tokens\":412,\"output_tokens\":90},\"cost\":{"
    "\"amount\":\"0.0021\",\"currency\":\"USD\"},\"finish_reasons\":[\"stop\"],"
    "\"duration_ms\":812,\"input\":\"Summarise the claim of [PERSON_1]: the "
    "kettle leaked on the floor, the floor is oak, the oak is ruined.\","
    "\"output\":\"Water damage to an oak floor after a kettle leaked. Cover: "
    "household, section 4.\",\"attributes\":{\"team\":\"claims\",\"attempt\":"
    "\"first\"},\"producer\":{\"id\":\"5b1c\",\"seq\":4711}}";

static aigov_ctx *ctx;
static aigov_error err;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what)
{
    fprintf(stderr, "core_append: %s: %s\n", what, err.text);
    exit(1);
}

/* Best microseconds a call. */
static double best(void (*call)(void *), void *state)
{
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        for (int k = 0; k < CALLS; k++) {
            call(state);
        }
        double us = (now() - start) / CALLS;
        least = us < least ? us : least;
    }
    return least;
}

typedef struct append {
    aigov_record *r;
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    aigov_span leaf;
} append;

static void read_one(void *state)
{
    append *a = state;
    if (aigov_record_read(a->r, AIGOV_LIT(record), &err) != AIGOV_OK) {
        die("read");
    }
}

static void seal_one(void *state)
{
    append *a = state;
    a->s.seq++;
    if (aigov_record_seal(a->r, &a->s, &a->e, &a->c, &a->leaf, &err) !=
        AIGOV_OK) {
        die("seal");
    }
}

static void hash_one(void *state)
{
    append *a = state;
    uint8_t out[32];
    if (aigov_commitment(ctx, a->s.salt, a->c.body, out, &err) != AIGOV_OK ||
        aigov_record_digest(a->r, a->s.salt, out, &err) != AIGOV_OK ||
        aigov_leaf_hash(ctx, a->leaf, out, &err) != AIGOV_OK) {
        die("hash");
    }
}

int main(void)
{
    append a;
    memset(&a, 0, sizeof a);
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_record_new(ctx, &a.r, &err) != AIGOV_OK) {
        die("start");
    }
    a.s.at = 1790000000000000;
    a.s.log = 5;
    a.s.lane = 1;
    a.s.recorded_by =
        AIGOV_LIT("{\"application\":\"bench\",\"login\":\"app\"}");
    a.s.under = (aigov_span){(const char *)a.s.prev, 32};
    a.s.tx = AIGOV_LIT("4711");
    double read_us = best(read_one, &a);
    a.s.decision = aigov_record_draft(a.r)->decision;
    a.s.evidence = aigov_record_draft(a.r)->evidence;
    double seal_us = best(seal_one, &a);
    double hash_us = best(hash_one, &a);
    printf("append of %zu bytes (leaf %zu): read %.2f us, seal %.2f us, "
           "together %.2f us; its hashes alone %.2f us\n",
           sizeof record - 1, a.leaf.n, read_us, seal_us, read_us + seal_us,
           hash_us);
    aigov_record_free(a.r);
    aigov_ctx_free(ctx);
    return 0;
}
