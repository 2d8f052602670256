/*
 * fuzz_record.c - any bytes as a record, a governance record, a leaf
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * First byte: 0..199 a record; else a put of the kind with that number whose
 * fields are the rest.  What is accepted must hold:
 *
 *   - what is found of turns and tools has room in the leaf
 *   - leaf, body and content are canonical JSON that reads back strictly
 *   - the same bytes read again, and their canonical form read instead, give
 * the same digest, leaf and content
 *   - verify finds nothing wrong with the entry, and something with a changed
 * one
 *   - no message holds a byte above 0x7F that the input brought (content)
 */
#include "aigov.h"
#include "aigov_lineage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(held)                                                            \
    do {                                                                       \
        if (!(held)) {                                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #held);         \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define ORIGIN "fuzz.example"

static aigov_ctx *ctx;
static aigov_record *r;
static aigov_verify *v;
static aigov_error err;
static int bad;

static bool count(void *host, const aigov_range *range)
{
    (void)host;
    bad += !aigov_range_ok(range);
    return true;
}

static void check_canonical(aigov_span s)
{
    aigov_buf b;
    aigov_buf_init(&b, ctx);
    CHECK(aigov_canonical(ctx, s, &b, &err) == AIGOV_OK);
    CHECK(aigov_span_eq(aigov_buf_span(&b), s));
    aigov_buf_free(&b);
}

static int judge(const aigov_entry *e, const aigov_content *c)
{
    bad = 0;
    CHECK(aigov_verify_begin(v, e->log, AIGOV_LIT(ORIGIN), &err) == AIGOV_OK);
    CHECK(aigov_verify_row(v, 1, 1, e, c, NULL, &err) == AIGOV_OK);
    CHECK(aigov_verify_end(v, &err) == AIGOV_OK);
    return bad;
}

static void fill_stamps(aigov_stamps *s)
{
    memset(s, 0, sizeof *s);
    CHECK(aigov_log_number(ctx, AIGOV_LIT(ORIGIN), &s->log, &err) == AIGOV_OK);
    CHECK(aigov_lane_start(ctx, AIGOV_LIT(ORIGIN), 1, s->prev, &err) ==
          AIGOV_OK);
    s->at = 1790000000000000;
    s->lane = s->seq = 1;
    s->recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    s->tx = AIGOV_LIT("7");
    s->anchor = AIGOV_LIT("{\"size\":1}");
    s->decision = aigov_record_draft(r)->decision;
    s->evidence = aigov_record_draft(r)->evidence;
}

/* Every second turn is there. */
static aigov_status find(void *host, int64_t fingerprint, aigov_turn *out,
                         aigov_error *e)
{
    (void)host;
    (void)e;
    if ((fingerprint & 1) != 0) {
        memset(out->interaction, 0x11, sizeof out->interaction);
        out->attempt = 2;
        out->has_state = true;
        out->state = fingerprint;
    }
    return AIGOV_OK;
}

/* What was read can be sealed, and is sound; its hash. */
static void sealed(uint8_t hash[32])
{
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    aigov_turns turns = {NULL, {"app", 3}, find};
    aigov_span leaf;
    size_t n;
    fill_stamps(&s);
    CHECK(aigov_record_history(r, s.id, &turns, &err) == AIGOV_OK);
    CHECK(aigov_record_turns(r, &n) != NULL && n <= AIGOV_MAX_TURNS);
    CHECK(aigov_record_seal(r, &s, &e, &c, &leaf, &err) == AIGOV_OK);
    CHECK(leaf.n <= AIGOV_MAX_LEAF);
    check_canonical(leaf);
    check_canonical(e.body);
    check_canonical(c.body);
    CHECK(judge(&e, &c) == 0);
    memcpy(hash, e.hash.p, 32);
    e.v = 2;
    CHECK(judge(&e, &c) > 0);
    e.v = 1;
    e.at++;
    CHECK(judge(&e, &c) > 0);
}

static void check_message(void)
{
    CHECK(err.text[0] != '\0' && strlen(err.text) < sizeof err.text);
    for (const char *p = err.text; *p != '\0'; p++) {
        CHECK((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7F);
    }
}

/* What is kept escaped (1e-400) STRICT may read as something else (0). */
static bool has_escapes(aigov_span text)
{
    aigov_json j = {.ctx = ctx};
    CHECK(aigov_json_read(&j, AIGOV_JSON_CONTENT, text, &err) == AIGOV_OK);
    bool escapes = j.nonconforming;
    aigov_json_free(&j);
    return escapes;
}

static void record(aigov_span text)
{
    uint8_t one[32], two[32];
    aigov_buf canonical;
    err.text[0] = '\0';
    if (aigov_record_read(r, text, &err) != AIGOV_OK) {
        check_message();
        return;
    }
    sealed(one);
    CHECK(aigov_record_read(r, text, &err) == AIGOV_OK);
    sealed(two);
    CHECK(memcmp(one, two, 32) == 0);
    if (has_escapes(text)) {
        return;
    }
    aigov_buf_init(&canonical, ctx);
    if (aigov_canonical(ctx, text, &canonical, &err) == AIGOV_OK) {
        CHECK(aigov_record_read(r, aigov_buf_span(&canonical), &err) ==
              AIGOV_OK);
        sealed(two);
        CHECK(memcmp(one, two, 32) == 0);
    }
    aigov_buf_free(&canonical);
}

/* What `findings` of a record name. */
static void outside_detector(void)
{
    aigov_rules *rules;
    aigov_span fields = AIGOV_LIT("{\"type\":\"outside\",\"entity\":\"NAME\","
                                  "\"version\":1,\"score\":\"0.9\"}");
    CHECK(aigov_rules_new(ctx, 0, &rules, &err) == AIGOV_OK);
    CHECK(aigov_rules_add(rules, AIGOV_LIT("detector"), AIGOV_LIT("n"), fields,
                          AIGOV_ABSENT, &err) == AIGOV_OK);
    CHECK(aigov_rules_ready(rules, &err) == AIGOV_OK);
    aigov_record_use(r, rules);
}

static void put(const aigov_kind *kind, aigov_span body)
{
    uint8_t hash[32];
    err.text[0] = '\0';
    if (aigov_record_put(r, aigov_str(kind->name), AIGOV_LIT("S-1"), body,
                         &err) == AIGOV_OK) {
        sealed(hash);
    } else {
        CHECK(err.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    aigov_span rest = {(const char *)data + 1, n - 1};
    const aigov_kind *kind;
    if (ctx == NULL) {
        CHECK(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
        CHECK(aigov_record_new(ctx, &r, &err) == AIGOV_OK);
        CHECK(aigov_verify_new(ctx, count, NULL, &v, &err) == AIGOV_OK);
        outside_detector();
    }
    if (n < 2) {
        return 0;
    }
    kind = data[0] < 200 ? NULL : aigov_kind_at(data[0] - 200u);
    if (kind == NULL) {
        record(rest);
    } else {
        put(kind, rest);
    }
    return 0;
}
