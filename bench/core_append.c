/*
 * core_append.c - microseconds that core takes for one append
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Read and seal of a record of about 1 KB, best of many rounds, since a busy
 * machine only ever adds time.  Beside it, in the same run, what the hashes of
 * such an append cost alone (commitment, digest, leaf).
 * Gate: read and seal together within 8 us.
 *
 * And a record with a prompt and an answer of 2 KB each, with the scan stage
 * and, by a second program built with AIGOV_BENCH_NO_DETECTORS (argv[1]),
 * without it: in turns, the best of each.  core_append --record prints that
 * record, for the databases' turn (bench/redact.py).
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aigov.h"

#define ROUNDS 60
#define TURNS 4
#define CALLS 2000

#define ENVELOPE                                                               \
    "\"v\":1,\"id\":\"0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\",\"kind\":"        \
    "\"interaction\",\"occurred_at\":\"2026-09-11T08:15:02.114233Z\","         \
    "\"system\":\"claims-assistant\",\"system_version\":\"2.4\","              \
    "\"environment\":\"production\",\"use_case\":\"uc-014\",\"actor\":{"       \
    "\"id\":"                                                                  \
    "\"u_7f3a\",\"type\":\"human\",\"roles\":[\"adjuster\"]},\"tenant\":"      \
    "\"acme\",\"conversation\":\"c-88\",\"provider\":\"openai\",\"model\":"    \
    "\"gpt-4o\",\"model_served\":\"gpt-4o-2026-05-13\",\"operation\":"         \
    "\"chat\","                                                                \
    "\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"span_id\":"           \
    "\"00f067aa0ba902b7\",\"params\":{\"temperature\":0.2,\"max_tokens\":400}" \
    ","                                                                        \
    "\"usage\":{\"input_tokens\":412,\"output_tokens\":90},\"cost\":{"         \
    "\"amount\":\"0.0021\",\"currency\":\"USD\"},\"finish_reasons\":["         \
    "\"stop\"],"                                                               \
    "\"duration_ms\":812,\"attributes\":{\"team\":\"claims\",\"attempt\":"     \
    "\"first\"},\"producer\":{\"id\":\"5b1c\",\"seq\":4711}"

static const char record[] =
    "{" ENVELOPE ",\"input\":\"Summarise the claim of [PERSON_1]: the "
    "kettle leaked on the floor, the floor is oak, the oak is ruined.\","
    "\"output\":\"Water damage to an oak floor after a kettle leaked. Cover: "
    "household, section 4.\"}";

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
    aigov_span json;
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    aigov_span leaf;
} append;

static void read_one(void *state)
{
    append *a = state;
    if (aigov_record_read(a->r, a->json, &err) != AIGOV_OK) {
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

#ifndef AIGOV_BENCH_NO_DETECTORS
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
#endif

/* --- with and without the scan stage ------------------------------------- */

static const char *const sentences[] = {
    "The claim was filed on the fourth day after the storm, with nine "
    "photographs and the plumber's invoice over 412.50 EUR. ",
    "Please compare section 4.2 of the policy with the report, and say in two "
    "or three sentences whether the damage to the oak floor is covered. ",
    "Note that version 2.4.1 of the handbook, page 17, excludes damage by "
    "groundwater but not by a burst pipe inside the building. ",
    "Use the table below:\\n| item | pieces | price |\\n| board | 36 | 11.90 "
    "|\\n| glue | 2 | 24.00 |\\n",
};

/* About 2 KB of prose with figures, nothing of which is personal. */
static bool prose(aigov_buf *b, const char *before)
{
    size_t start = b->n;
    bool ok = aigov_buf_puts(b, before);
    for (size_t i = 0; ok && b->n - start < 2048; i++) {
        ok = aigov_buf_puts(b, sentences[i % 4]);
    }
    return ok;
}

/* Lives as long as b. */
static aigov_span long_record(aigov_buf *b)
{
    aigov_buf_init(b, ctx);
    if (!prose(b, "{" ENVELOPE ",\"input\":\"") ||
        !prose(b, "\",\"output\":\"") || !aigov_buf_puts(b, "\"}")) {
        die("memory");
    }
    return aigov_buf_span(b);
}

static double append_us(append *a)
{
    double read_us = best(read_one, a);
    a->s.decision = aigov_record_draft(a->r)->decision;
    a->s.evidence = aigov_record_draft(a->r)->evidence;
    a->s.rules = aigov_record_draft(a->r)->rules;
    return read_us + best(seal_one, a);
}

#ifndef AIGOV_BENCH_NO_DETECTORS
static double bare_us(const char *program)
{
    double us = 0;
    FILE *f = popen(program, "r");
    if (f == NULL || fscanf(f, "%lf", &us) != 1) {
        die(program);
    }
    pclose(f);
    return us;
}

static void compare(append *a, const char *program)
{
    double with = 1e9, without = 1e9;
    for (int i = 0; i < TURNS; i++) {
        double w = append_us(a), b = bare_us(program);
        with = w < with ? w : with;
        without = b < without ? b : without;
    }
    printf("append of %zu bytes, 2 KB prompt and answer: with the scan stage "
           "%.2f us, without %.2f us, ratio %.2f\n",
           a->json.n, with, without, with / without);
}
#endif

int main(int argc, char **argv)
{
    append a;
    aigov_buf text = {0};
    memset(&a, 0, sizeof a);
    a.json = AIGOV_LIT(record);
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
#ifdef AIGOV_BENCH_NO_DETECTORS
    (void)argc;
    (void)argv;
    a.json = long_record(&text);
    printf("%.3f\n", append_us(&a));
#else
    if (argc > 1 && strcmp(argv[1], "--record") == 0) {
        a.json = long_record(&text);
        return printf("%.*s\n", (int)a.json.n, a.json.p) < 0;
    }
    double read_us = best(read_one, &a);
    a.s.decision = aigov_record_draft(a.r)->decision;
    a.s.evidence = aigov_record_draft(a.r)->evidence;
    double seal_us = best(seal_one, &a);
    double hash_us = best(hash_one, &a);
    printf("append of %zu bytes (leaf %zu): read %.2f us, seal %.2f us, "
           "together %.2f us; its hashes alone %.2f us\n",
           sizeof record - 1, a.leaf.n, read_us, seal_us, read_us + seal_us,
           hash_us);
    if (argc > 1) {
        a.json = long_record(&text);
        compare(&a, argv[1]);
    }
#endif
    aigov_buf_free(&text);
    aigov_record_free(a.r);
    aigov_ctx_free(ctx);
    return 0;
}
