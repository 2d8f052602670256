/*
 * oom_log.c - every allocation of records, puts and verify fails once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A scenario is run with the first allocation failing, then the second ...
 * until it passes whole.  On the way there may be no crash, no leak and no
 * status but NOMEM; and after every failure the same object, with memory back,
 * gives the same hash as ever.
 */
#include "logtest.h"

static long left = -1; /* allocations until the failing one; -1: none fails */
static size_t live;

static void *failing(void *host, void *old, size_t old_n, size_t n)
{
    (void)host;
    if (n == 0) {
        live -= old_n;
        free(old);
        return NULL;
    }
    if (left == 0) {
        return NULL;
    }
    left -= left > 0;
    void *p = realloc(old, n);
    if (p != NULL) {
        live += n - old_n;
    }
    return p;
}

static aigov_ctx *ctx;
static aigov_error err;

typedef struct state {
    aigov_record *r;
    aigov_verify *v;
    aigov_buf out;
    uint8_t hash[32];
} state;

/* --- scenarios ----------------------------------------------------------- */

static char big[100000];

static aigov_status seal(state *s)
{
    aigov_stamps stamps;
    aigov_entry e;
    aigov_content c;
    aigov_span leaf;
    memset(&stamps, 0, sizeof stamps);
    stamps.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    stamps.lane = 1;
    stamps.seq = 1;
    stamps.anchor = AIGOV_LIT("{\"size\":1}");
    aigov_status st = aigov_record_seal(s->r, &stamps, &e, &c, &leaf, &err);
    if (st == AIGOV_OK) {
        memcpy(s->hash, e.hash.p, 32);
    }
    return st;
}

static aigov_status one_record(state *s)
{
    aigov_status st = aigov_record_read(s->r, aigov_str(big), &err);
    return st == AIGOV_OK ? seal(s) : st;
}

/* The record, and what of it may leave. */
static aigov_status read_and_send(state *s, aigov_span json)
{
    static const aigov_asked asked = {{"request", 7}, NULL, {NULL, 0}, NULL};
    aigov_buf send;
    aigov_status st;
    aigov_record_asked(s->r, &asked);
    st = aigov_record_read(s->r, json, &err);
    aigov_record_asked(s->r, NULL);
    aigov_buf_init(&send, ctx);
    st = st == AIGOV_OK ? aigov_record_send(s->r, &send, &err) : st;
    aigov_buf_free(&send);
    return st == AIGOV_OK ? seal(s) : st;
}

/* Findings of an outside detector, in a string of JSON too. */
static aigov_status one_outside(state *s)
{
    aigov_rules *rules = NULL;
    aigov_status st = aigov_rules_new(ctx, 0, &rules, &err);
    if (st == AIGOV_OK) {
        st = aigov_rules_add(
            rules, AIGOV_LIT("detector"), AIGOV_LIT("n"),
            AIGOV_LIT("{\"type\":\"outside\",\"entity\":\"NAME\","
                      "\"version\":1,\"score\":\"0.9\"}"),
            AIGOV_ABSENT, &err);
    }
    st = st == AIGOV_OK ? aigov_rules_ready(rules, &err) : st;
    if (st == AIGOV_OK) {
        aigov_record_use(s->r, rules);
        st = read_and_send(
            s, AIGOV_LIT("{\"system\":\"s\",\"input\":\"Ann ann@acme.org\","
                         "\"tool\":{\"arguments\":\"[\\\"A\\\\nnn\\\",12]\"},"
                         "\"findings\":[{\"detector\":\"n\",\"at\":\"input\","
                         "\"start\":0,\"stop\":8},{\"detector\":\"n\",\"at\":"
                         "\"tool/arguments\",\"start\":0,\"stop\":11}]}"));
        aigov_record_use(s->r, NULL);
    }
    aigov_rules_free(rules);
    return st;
}

static aigov_status one_put(state *s)
{
    aigov_status st = aigov_record_put(
        s->r, AIGOV_LIT("hold"), AIGOV_LIT("H-1"),
        AIGOV_LIT("{\"matter\":\"m\",\"state\":\"on\",\"placed_by\":\"u\"}"),
        &err);
    return st == AIGOV_OK ? seal(s) : st;
}

static aigov_status one_make(state *s)
{
    aigov_status st = aigov_record_make(
        s->r, AIGOV_LIT("access"), AIGOV_LIT("soa"),
        AIGOV_LIT("{\"type\":\"report\",\"parameters\":{\"a\":"
                  "\"ana@acme.example\"}}"),
        &err);
    return st == AIGOV_OK ? seal(s) : st;
}

static aigov_status one_redaction(state *s)
{
    aigov_scanner *scanner;
    aigov_status st = aigov_scanner_new(ctx, &scanner, &err);
    s->out.n = 0;
    if (st == AIGOV_OK) {
        st = aigov_redact_json(scanner, aigov_str(big), &s->out, NULL, &err);
        if (st == AIGOV_OK) {
            st = aigov_redact(scanner, aigov_str(big), AIGOV_ABSENT, &s->out,
                              NULL, NULL, &err);
        }
        aigov_scanner_free(scanner);
    }
    return st == AIGOV_OK
               ? aigov_leaf_hash(ctx, aigov_buf_span(&s->out), s->hash, &err)
               : st;
}

static aigov_status small_objects(state *s)
{
    aigov_entry e;
    int64_t log;
    memset(&e, 0, sizeof e);
    e.body = e.recorded_by = AIGOV_LIT("{}");
    s->out.n = 0;
    aigov_status st = aigov_leaf(&e, &s->out, &err);
    if (st == AIGOV_OK) {
        st = aigov_receipt(&e, AIGOV_DUP_NO, &s->out, &err);
    }
    if (st == AIGOV_OK) {
        st = aigov_recorded_by(ctx, AIGOV_LIT("ana"), AIGOV_LIT("r"),
                               AIGOV_LIT("\xEF\xBC\x91 ana@acme.example"),
                               AIGOV_LIT("b"), true, &s->out, &err);
    }
    if (st == AIGOV_OK) {
        st = aigov_origin_check(ctx, AIGOV_LIT("example.com/l\xC3\xB6g"), &log,
                                &err);
    }
    return st;
}

static bool quiet(void *host, const aigov_range *range)
{
    (void)host;
    (void)range;
    return true;
}

static aigov_status one_verify(state *s)
{
    char id[40];
    uint8_t zero[32] = {0};
    aigov_entry e;
    aigov_status st = aigov_verify_begin(s->v, 5, AIGOV_LIT("a.example"), &err);
    for (unsigned i = 1; i < 200 && st == AIGOV_OK; i++) {
        snprintf(id, sizeof id, "00000000-0000-0000-0000-%012x", i);
        st = aigov_verify_erased(s->v, aigov_str(id), &err);
    }
    memset(&e, 0, sizeof e);
    e.log = 5;
    e.seq = e.v = 1;
    e.id = aigov_str(id);
    e.kind = AIGOV_LIT("note");
    e.body = e.recorded_by = AIGOV_LIT("{}");
    e.hash = e.prev = (aigov_span){(const char *)zero, 32};
    if (st == AIGOV_OK) {
        st = aigov_verify_row(s->v, 0, 1, &e, NULL, NULL, &err);
    }
    return st == AIGOV_OK ? aigov_verify_end(s->v, &err) : st;
}

/* --- the loop ------------------------------------------------------------ */

static aigov_status start(state *s)
{
    memset(s, 0, sizeof *s);
    aigov_status st = aigov_ctx_new(&(aigov_alloc){failing, NULL}, &ctx, &err);
    if (st != AIGOV_OK) {
        ctx = NULL;
        return st;
    }
    aigov_buf_init(&s->out, ctx);
    st = aigov_record_new(ctx, &s->r, &err);
    return st == AIGOV_OK ? aigov_verify_new(ctx, quiet, NULL, &s->v, &err)
                          : st;
}

static void stop(state *s)
{
    if (ctx != NULL) {
        aigov_buf_free(&s->out);
        aigov_record_free(s->r);
        aigov_verify_free(s->v);
        aigov_ctx_free(ctx);
        ctx = NULL;
    }
}

/* Whether the objects of a failed run still work and give hash. */
static bool recovers(state *s, aigov_status (*scenario)(state *),
                     const uint8_t hash[32])
{
    left = -1;
    memset(s->hash, 0, 32);
    return scenario(s) == AIGOV_OK && memcmp(s->hash, hash, 32) == 0;
}

static void run(const char *name, aigov_status (*scenario)(state *))
{
    state s;
    uint8_t hash[32];
    long n = 0;
    bool held = true;
    left = -1;
    held = start(&s) == AIGOV_OK && scenario(&s) == AIGOV_OK;
    memcpy(hash, s.hash, 32);
    stop(&s);
    for (bool whole = false; held && !whole && n < 5000; n++) {
        left = n;
        aigov_status st = start(&s);
        bool started = st == AIGOV_OK;
        if (started) {
            st = scenario(&s);
        }
        whole = st == AIGOV_OK;
        held = whole || (st == AIGOV_NOMEM && err.code == AIGOV_NOMEM);
        if (held && started) {
            held = recovers(&s, scenario, hash);
        }
        left = -1;
        stop(&s);
        held = held && live == 0;
    }
    ok(held && n > 1 && n < 5000, "%s: %ld allocations failed one by one", name,
       n - 1);
    if (!held) {
        note("at %ld: %s, %zu bytes live", n - 1, err.text, live);
    }
}

/* A record with everything that grows a buffer: content, moves, refs. */
static void fill(void)
{
    size_t n = (size_t)snprintf(
        big, sizeof big,
        "{\"system\":\"s\",\"actor\":{\"id\":\"a\",\"type\":\"human\"},"
        "\"id\":\"01990000-0000-7000-8000-0000000000aa\",\"occurred_at\":"
        "\"2026-09-11T08:15:02Z\",\"facts\":{\"req\":{\"channel\":\"web\"}},"
        "\"tool\":{\"arguments\":\"[\\\"\\\\n4012888888881881\\\",1]\"},"
        "\"refs\":[{\"relation\":\"used\",\"cause\":\"doc:x\"}],\"documents\":"
        "[{\"id\":\"d\",\"text\":\"t\"}],\"input\":\"a\\u0000\\nb\",\"params\":"
        "{\"p\":\"");
    memset(big + n, 'x', 62000);
    snprintf(big + n + 62000, 10, "\"}}");
}

int main(void)
{
    fill();
    run("record", one_record);
    run("findings", one_outside);
    run("redaction", one_redaction);
    run("put", one_put);
    run("make", one_make);
    run("leaf, receipt, recorded_by", small_objects);
    run("verify", one_verify);
    return done();
}
