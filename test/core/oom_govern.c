/*
 * oom_govern.c - every allocation of what governs a put fails once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Checks, policy_publish, approve and a pack, over a log of a few entries: the
 * first allocation fails, then the second ... until the scenario passes whole.
 * No crash, no leak, no status but NOMEM; and with memory back the same object
 * gives its answer.
 */
#include "logtest.h"

#include "failing.h"

static struct heap heap;
static aigov_ctx *ctx;
static aigov_policies *p;
static aigov_error err;

#define RULE                                                                   \
    "{\"policy\":\"m\",\"version\":1,\"phase\":\"pre\",\"effect\":"            \
    "\"require_approval\",\"cond\":\"req.purpose == 'pay'\",\"mode\":"         \
    "\"enforce\",\"reason\":\"r\",\"controls\":[\"iso42001:A.9.2\"],"          \
    "\"obligations\":[{\"kind\":\"approve\",\"target\":\"fin\"}]}"
#define POLICY                                                                 \
    "{\"type\":\"runtime\",\"title\":\"t\",\"version\":1,\"state\":"           \
    "\"draft\",\"default_effect\":\"allow\",\"owner\":\"u\",\"review_due\":"   \
    "\"2027-01-31\"}"
#define HASH "4444444444444444444444444444444444444444444444444444444444444444"

static const struct {
    const char *kind, *subject, *fields;
} rows[] = {
    {"policy", "m", POLICY},
    {"rule", "m/1/pay", RULE},
    {"policy_case", "m/c",
     "{\"policy\":\"m\",\"facts\":{\"req\":{\"purpose\":\"pay\"}},\"expect\":"
     "\"require_approval\",\"expect_rules\":[\"m/1/pay\"]}"},
    {"role", "fin",
     "{\"role\":\"R\",\"person\":\"u_ben\",\"login\":\"ben\","
     "\"authority\":\"approve\"}"},
};

static aigov_status add_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[2048];
        uint8_t hash[32] = {(uint8_t)(i + 1)};
        aigov_entry e = {.log = 1, .seq = (int64_t)i + 1, .v = 1};
        snprintf(body, sizeof body, "{\"fields\":%s,\"revision\":1}",
                 rows[i].fields);
        e.kind = aigov_str(rows[i].kind);
        e.subject = aigov_str(rows[i].subject);
        e.hash = (aigov_span){(const char *)hash, 32};
        e.body = aigov_str(body);
        e.recorded_by = AIGOV_LIT("{\"login\":\"ana\"}");
        if (aigov_policies_add(p, &e, &err) != AIGOV_OK) {
            return err.code;
        }
    }
    return aigov_policies_ready(p, &err);
}

static aigov_status revision(void *host, aigov_span kind, aigov_span subject,
                             int64_t number, aigov_revision *out,
                             aigov_error *e)
{
    (void)host;
    (void)kind;
    (void)subject;
    (void)e;
    *out = (aigov_revision){number == 0 ? 1 : number, 1, AIGOV_LIT("ana"),
                            AIGOV_LIT("01234567890123456789012345678901"),
                            AIGOV_LIT("{\"fields\":{\"version\":1},"
                                      "\"revision\":1}")};
    return AIGOV_OK;
}

static aigov_status calls(void *host, const uint8_t interaction[16],
                          aigov_status (*each)(void *, const aigov_entry *,
                                               aigov_error *),
                          void *arg, aigov_error *e)
{
    aigov_entry one = {.kind = AIGOV_LIT("request"),
                       .decision = AIGOV_LIT("require_approval"),
                       .actor = AIGOV_LIT("u_x"),
                       .recorded_by = AIGOV_LIT("{\"login\":\"app\"}")};
    (void)host;
    (void)interaction;
    one.body = AIGOV_LIT("{\"policy\":{\"facts_digest\":\"" HASH
                         "\",\"hash\":\"" HASH "\",\"obligations\":[{\"kind\":"
                         "\"approve\",\"target\":\"fin\"}]}}");
    return each(arg, &one, e);
}

static const aigov_put_by by = {
    {"ben", 3}, INT64_C(1789000000000000), false, NULL, revision, calls};

/* --- scenarios ----------------------------------------------------------- */

static aigov_status check_rule(void)
{
    return aigov_policies_check(p, AIGOV_LIT("rule"), AIGOV_LIT("m/1/pay"),
                                AIGOV_LIT(RULE), &by, &err);
}

static aigov_status check_policy(void)
{
    return aigov_policies_check(p, AIGOV_LIT("policy"), AIGOV_LIT("m"),
                                AIGOV_LIT(POLICY), &by, &err);
}

static aigov_status make(aigov_action action, const aigov_span *arg)
{
    aigov_made made;
    aigov_status st;
    aigov_made_init(&made, ctx);
    st = aigov_policies_make(p, action, arg, &by, &made, &err);
    if (st == AIGOV_OK && action != AIGOV_POLICY_PUBLISH) {
        st = aigov_policies_check(p, aigov_str(made.kind),
                                  aigov_buf_span(&made.subject),
                                  aigov_buf_span(&made.body), &by, &err);
    }
    aigov_made_free(&made);
    return st;
}

static aigov_status publish(void)
{
    const aigov_span arg[4] = {{"m", 1}, {"1", 1}, {"enforce", 7}, {NULL, 0}};
    return make(AIGOV_POLICY_PUBLISH, arg);
}

static aigov_status approve(void)
{
    const aigov_span arg[4] = {{"01990000-0000-7000-8000-0000000000b1", 36},
                               {"approved", 8},
                               {"yes", 3},
                               {"{\"max_uses\":2}", 14}};
    return make(AIGOV_APPROVE, arg);
}

static aigov_status pack(void)
{
    int64_t version;
    aigov_buf out;
    aigov_status st;
    aigov_buf_init(&out, ctx);
    st = aigov_policies_pack(p, AIGOV_LIT("small-team"), &by, &version, &out,
                             &err);
    aigov_buf_free(&out);
    return st;
}

static void run(const char *name, aigov_status (*scenario)(void))
{
    long n = 0;
    aigov_status st = AIGOV_NOMEM;
    bool only = true;
    for (; n < 100000 && st != AIGOV_OK; n++) {
        heap.calls = 0;
        heap.fail_at = n + 1;
        st = scenario();
        only = only && (st == AIGOV_OK || st == AIGOV_NOMEM);
        heap.fail_at = 0;
        if (!only || (st != AIGOV_OK && scenario() != AIGOV_OK)) {
            only = false;
            break;
        }
    }
    ok(only && st == AIGOV_OK, "%s: %ld allocations fail, %s", name, n,
       st == AIGOV_OK ? "then none" : err.text);
}

int main(void)
{
    const aigov_alloc alloc = {failing, &heap};
    ok(aigov_ctx_new(&alloc, &ctx, &err) == AIGOV_OK, "a context");
    ok(aigov_policies_new(ctx, &p, &err) == AIGOV_OK && add_rows() == AIGOV_OK,
       "a log: %s", err.code == AIGOV_OK ? "" : err.text);
    run("check a rule", check_rule);
    run("check a policy", check_policy);
    run("publish", publish);
    run("approve", approve);
    run("a pack", pack);
    aigov_policies_free(p);
    aigov_ctx_free(ctx);
    ok(heap.blocks == 0, "%ld blocks are left", heap.blocks);
    return done();
}
