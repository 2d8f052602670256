/*
 * fuzz_policy.c - any lane 0, any facts
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Lines of four fields, KIND SUBJECT LOGIN BODY, with tabs between them, are
 * entries of lane 0 (BODY as the entry has it: no put stands before); other
 * lines are facts.
 *
 *   - an entry is taken, or is damage; after damage policies are made anew
 *   - policies become ready, whatever rules say
 *   - facts are decided on or refused; decided twice, the same twice
 *   - the decision is canonical JSON with a verdict and units within the limit
 *   - a record is decided too, and its entry sealed
 */
#include "policy/internal.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(held)                                                            \
    do {                                                                       \
        if (!(held)) {                                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #held);         \
            abort();                                                           \
        }                                                                      \
    } while (0)

static aigov_ctx *ctx;
static aigov_record *record;
static aigov_error err;

static aigov_span line_of(aigov_span *rest, char end)
{
    const char *at = rest->n > 0 ? memchr(rest->p, end, rest->n) : NULL;
    aigov_span line = {rest->p, at == NULL ? rest->n : (size_t)(at - rest->p)};
    size_t skip = line.n + (at != NULL);
    rest->p += skip;
    rest->n -= skip;
    return line;
}

/* False: the policies are to be thrown away. */
static bool add(aigov_policies *p, aigov_span line, int64_t seq)
{
    aigov_span kind = line_of(&line, '\t'), subject = line_of(&line, '\t');
    aigov_span login = line_of(&line, '\t');
    uint8_t hash[32] = {(uint8_t)seq};
    aigov_buf by;
    aigov_entry e = {.log = 1, .seq = seq, .v = 1, .at = seq};
    aigov_status st;
    aigov_buf_init(&by, ctx);
    CHECK(aigov_buf_puts(&by, "{\"login\":") &&
          aigov_buf_put_json_string(&by, login) && aigov_buf_puts(&by, "}"));
    e.kind = kind;
    e.subject = subject;
    e.body = line;
    e.hash = (aigov_span){(const char *)hash, 32};
    e.recorded_by = aigov_buf_span(&by);
    st = aigov_policies_add(p, &e, &err);
    CHECK(st == AIGOV_OK || st == AIGOV_CHAIN);
    aigov_buf_free(&by);
    return st == AIGOV_OK;
}

static void check_decision(aigov_span text)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf again;
    uint32_t i;
    int64_t units = 0;
    aigov_buf_init(&again, ctx);
    CHECK(aigov_json_read(&j, AIGOV_JSON_STRICT, text, &err) == AIGOV_OK);
    i = aigov_json_get(&j, 0, "decision");
    CHECK(i != 0 &&
          aigov__verdict_named(aigov_json_text(&j, i)) != VERDICT_NONE);
    i = aigov_json_get(&j, 0, "units");
    CHECK(i == 0 || (aigov_json_i64(&j, i, &units) && units <= 400000));
    CHECK(aigov_canonical(ctx, text, &again, &err) == AIGOV_OK);
    CHECK(aigov_span_eq(aigov_buf_span(&again), text));
    aigov_buf_free(&again);
    aigov_json_free(&j);
}

static void decide(aigov_policies *p, aigov_span facts)
{
    aigov_buf a, b;
    aigov_status st;
    aigov_buf_init(&a, ctx);
    aigov_buf_init(&b, ctx);
    st = aigov_decide(p, facts, AIGOV_ABSENT, &a, &err);
    CHECK(st == AIGOV_OK || st == AIGOV_NOTJSON || st == AIGOV_NOTIJSON ||
          st == AIGOV_FIELD || st == AIGOV_TOOBIG);
    if (st == AIGOV_OK) {
        check_decision(aigov_buf_span(&a));
        CHECK(aigov_decide(p, facts, AIGOV_ABSENT, &b, &err) == AIGOV_OK);
        CHECK(aigov_span_eq(aigov_buf_span(&a), aigov_buf_span(&b)));
    }
    aigov_buf_free(&a);
    aigov_buf_free(&b);
}

static void decide_record(aigov_policies *p)
{
    aigov_judge judge = {.policies = p, .now = 1};
    aigov_stamps stamps = {.lane = 1, .seq = 1};
    aigov_entry e;
    aigov_content c;
    aigov_status st;
    aigov_record_judge(record, &judge);
    st = aigov_record_read(
        record,
        AIGOV_LIT("{\"kind\":\"request\",\"system\":\"bot\",\"provider\":\"p\","
                  "\"model\":\"m\",\"purpose\":\"x\",\"tool\":{\"name\":\"t\","
                  "\"arguments\":{\"amount\":4}},\"input\":\"a@b.example.org\""
                  "}"),
        &err);
    aigov_record_judge(record, NULL);
    CHECK(st == AIGOV_OK || st == AIGOV_TOOBIG);
    stamps.recorded_by = AIGOV_LIT("{\"login\":\"a\"}");
    if (st == AIGOV_OK) {
        stamps.evidence = aigov_record_draft(record)->evidence;
        stamps.decision = aigov_record_draft(record)->decision;
        CHECK(aigov_record_seal(record, &stamps, &e, &c, NULL, &err) ==
              AIGOV_OK);
    }
}

static bool is_entry(aigov_span line)
{
    int tabs = 0;
    for (size_t i = 0; i < line.n; i++) {
        tabs += line.p[i] == '\t' ? 1 : 0;
    }
    return tabs >= 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    aigov_span rest = {(const char *)data, n};
    aigov_policies *p = NULL;
    int64_t seq = 0;
    if (ctx == NULL) {
        CHECK(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
        CHECK(aigov_record_new(ctx, &record, &err) == AIGOV_OK);
    }
    CHECK(aigov_policies_new(ctx, &p, &err) == AIGOV_OK);
    while (rest.n > 0) {
        aigov_span line = line_of(&rest, '\n');
        if (is_entry(line) && !add(p, line, ++seq)) {
            aigov_policies_free(p);
            CHECK(aigov_policies_new(ctx, &p, &err) == AIGOV_OK);
        } else if (!is_entry(line)) {
            CHECK(aigov_policies_ready(p, &err) == AIGOV_OK);
            decide(p, line);
        }
    }
    CHECK(aigov_policies_ready(p, &err) == AIGOV_OK);
    decide_record(p);
    aigov_policies_free(p);
    return 0;
}
