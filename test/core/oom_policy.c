/*
 * oom_policy.c - every allocation of policies and decisions fails once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * As oom_log.c: the first allocation fails, then the second ..., until a run
 * passes whole.  No crash, no leak, no status but NOMEM.  Policies that could
 * not be read are made anew; policies and record of a decision that failed give
 * the next one as ever.
 */
#include "logtest.h"

#include "failing.h"

static struct heap heap;
static aigov_ctx *ctx;
static aigov_error err;

typedef struct state {
    aigov_policies *p;
    aigov_record *r;
    aigov_buf out;
} state;

/* --- lane 0 -------------------------------------------------------------- */

#define RULE                                                                   \
    "\"policy\":\"main\",\"version\":1,\"phase\":\"pre\",\"mode\":"            \
    "\"enforce\","                                                             \
    "\"reason\":\"r\",\"controls\":[\"iso42001:A.9.2\"]"
#define POLICY(state)                                                          \
    "{\"type\":\"runtime\",\"title\":\"t\",\"version\":1,\"state\":\"" state   \
    "\",\"default_effect\":\"allow\",\"owner\":\"u\",\"review_due\":"          \
    "\"2099-01-01\"}"

static const char *const puts_[][4] = {
    {"policy", "main", "sam", POLICY("draft")},
    {"rule", "main/1/a", "sam",
     "{" RULE ",\"effect\":\"deny\",\"cond\":\"data.classes.exists(c, "
     "c.startsWith('pci.')) || usage.day.tokens > limits.day_tokens\"}"},
    {"rule", "main/1/h", "sam",
     "{" RULE ",\"effect\":\"flag\",\"cond\":\"content.hosts.exists(h, h != "
     "'a.example') || content.injection > 0.9\"}"},
    {"rule", "main/1/b", "sam",
     "{" RULE ",\"effect\":\"require_approval\",\"cond\":\"tool.name.matches("
     "'^re(fund|pay)$') && !approvals.exists(a, a.kind == 'x') && "
     "tool.args.list.size() > req.depth\",\"obligations\":[{\"kind\":"
     "\"approve\",\"target\":\"lead\"}]}"},
    {"rule", "main/1/c", "sam",
     "{" RULE ",\"effect\":\"flag\",\"cond\":\"sys.registered && "
     "model.approved && req.purpose + 'x' in sys.purposes\"}"},
    {"rule", "main/1/d", "sam",
     "{" RULE ",\"effect\":\"flag\",\"cond\":\"no.such.fact\"}"},
    {"rule", "main/1/e", "sam",
     "{\"policy\":\"main\",\"version\":1,\"phase\":\"pre\",\"reason\":\"r\","
     "\"controls\":[\"iso42001:A.9.2\"],\"effect\":\"flag\",\"cond\":"
     "\"sys.dpia || actor.literacy_until < now\",\"mode\":\"shadow\"}"},
    {"budget", "day", "sam",
     "{\"by\":\"actor\",\"window\":\"day\",\"limit_tokens\":100,"
     "\"limit_cost\":\"12.5\",\"currency\":\"EUR\",\"owner\":\"u\"}"},
    {"exception", "EX-1", "sam",
     "{\"rule\":\"main/1/c\",\"cond\":\"req.purpose != ''\",\"ticket\":\"T\","
     "\"reason\":\"r\",\"requested_by\":\"u\",\"not_before\":"
     "\"1970-01-01T00:00:00Z\",\"expires_at\":\"2099-01-01T00:00:00Z\","
     "\"max_uses\":3}"},
    {"approval", "AP-1", "ana",
     "{\"type\":\"record\",\"outcome\":\"approved\",\"reason\":\"r\","
     "\"record\":\"exception/EX-1\",\"rev\":1,\"role\":\"RO-1\"}"},
    {"system", "s", "sam",
     "{\"name\":\"s\",\"status\":\"approved\",\"purposes\":[\"ax\"],"
     "\"version\":"
     "\"1\",\"approved_until\":\"2099-01-01T00:00:00Z\"}"},
    {"approval", "AP-2", "ana",
     "{\"type\":\"record\",\"outcome\":\"approved\",\"reason\":\"r\","
     "\"record\":\"system/s\",\"rev\":1,\"role\":\"RO-1\"}"},
    {"resource", "p/m", "sam", "{\"type\":\"model\",\"name\":\"m\"}"},
    {"role", "RO-1", "sam",
     "{\"role\":\"lead\",\"person\":\"u_ana\",\"login\":\"ana\"}"},
    {"approval", "AP-3", "ana",
     "{\"type\":\"call\",\"outcome\":\"approved\",\"reason\":\"r\","
     "\"interaction\":\"01990000-0000-7000-8000-0000000000aa\",\"role\":"
     "\"lead\",\"about\":\"y\",\"expires_at\":\"2099-01-01T00:00:00Z\","
     "\"max_uses\":1,\"facts_digest\":\"00000000000000000000000000000000"
     "00000000000000000000000000000000\",\"policy_hash\":"
     "\"0000000000000000000000000000000000000000000000000000000000000000\"}"},
    {"policy", "main", "sam", POLICY("active")},
};

static aigov_status add(aigov_policies *p, size_t i)
{
    char body[2048], by[64];
    uint8_t hash[32] = {(uint8_t)i};
    aigov_entry e = {.log = 1, .lane = 0, .seq = (int64_t)i + 1, .v = 1};
    snprintf(body, sizeof body, "{\"fields\":%s,\"revision\":%d}", puts_[i][3],
             i + 1 == sizeof puts_ / sizeof puts_[0] ? 2 : 1);
    snprintf(by, sizeof by, "{\"login\":\"%s\"}", puts_[i][2]);
    e.kind = aigov_str(puts_[i][0]);
    e.subject = aigov_str(puts_[i][1]);
    e.at = (int64_t)i;
    e.hash = (aigov_span){(const char *)hash, 32};
    e.body = aigov_str(body);
    e.recorded_by = aigov_str(by);
    return aigov_policies_add(p, &e, &err);
}

static aigov_status make(aigov_policies **out)
{
    aigov_status st = aigov_policies_new(ctx, out, &err);
    for (size_t i = 0; st == AIGOV_OK && i < sizeof puts_ / sizeof puts_[0];
         i++) {
        st = add(*out, i);
    }
    return st == AIGOV_OK ? aigov_policies_ready(*out, &err) : st;
}

/* --- the log ------------------------------------------------------------- */

static aigov_entry call_before(void)
{
    aigov_entry e = {.log = 1, .lane = 1, .seq = 1, .v = 1};
    e.kind = AIGOV_LIT("request");
    e.actor = AIGOV_LIT("u");
    e.system = AIGOV_LIT("s");
    e.decision = AIGOV_LIT("allow");
    e.interaction = AIGOV_LIT("01990000-0000-7000-8000-0000000000aa");
    e.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    e.body =
        AIGOV_LIT("{\"facts\":{\"actor\":{\"team\":\"t\"}},\"moved\":[\"usage\""
                  "],\"policy\":{\"facts_digest\":\"0000000000000000000000000"
                  "000000000000000000000000000000000000000\",\"reserved\":3}}");
    return e;
}

static aigov_status usage(void *host, const aigov_usage_of *of,
                          aigov_usage *sum, aigov_error *e)
{
    aigov_entry call = call_before();
    (void)host;
    return aigov_usage_add(ctx, of, &call, NULL, NULL, sum, e);
}

static aigov_status attempts(void *host, const uint8_t interaction[16],
                             aigov_status (*each)(void *, const aigov_attempt *,
                                                  aigov_error *),
                             void *arg, aigov_error *e)
{
    static const char salt[32];
    aigov_entry call = call_before();
    aigov_attempt one = {
        &call, {salt, 32}, AIGOV_LIT("{\"moved\":{\"purpose\":\"a\"}}")};
    (void)host;
    (void)interaction;
    return each(arg, &one, e);
}

static const aigov_ledger ledger = {.usage = usage, .attempts = attempts};

/* --- scenarios ----------------------------------------------------------- */

static aigov_status read_policies(state *s)
{
    aigov_policies *p = NULL;
    aigov_status st = make(&p);
    (void)s;
    aigov_policies_free(p);
    return st;
}

static aigov_status facts_given(state *s)
{
    s->out.n = 0;
    return aigov_decide(
        s->p,
        AIGOV_LIT(
            "{\"req\":{\"purpose\":\"a\",\"phase\":\"pre\"},\"sys\":{"
            "\"id\":\"s\",\"registered\":true,\"purposes\":[\"ax\"]},"
            "\"model\":{\"id\":\"p/m\",\"approved\":true},\"tool\":{"
            "\"name\":\"refund\",\"args\":{\"list\":[1,2]}},\"usage\":{"
            "\"day\":{\"tokens\":500}},\"now\":\"2026-11-15T10:00:00Z\"}"),
        AIGOV_ABSENT, &s->out, &err);
}

static aigov_status decided(state *s, const char *text)
{
    aigov_judge judge = {.policies = s->p, .ledger = &ledger, .now = 1000000};
    aigov_stamps stamps = {.lane = 1, .seq = 1};
    aigov_entry e;
    aigov_content c;
    aigov_status st;
    aigov_record_judge(s->r, &judge);
    st = aigov_record_read(s->r, aigov_str(text), &err);
    aigov_record_judge(s->r, NULL);
    stamps.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    if (st == AIGOV_OK) {
        stamps.evidence = aigov_record_draft(s->r)->evidence;
        stamps.decision = aigov_record_draft(s->r)->decision;
        st = aigov_record_seal(s->r, &stamps, &e, &c, NULL, &err);
    }
    s->out.n = 0;
    return st == AIGOV_OK ? aigov_call_answer(ctx, &e, AIGOV_DUP_NO, NULL,
                                              AIGOV_ABSENT, &s->out, &err)
                          : st;
}

static aigov_status request(state *s)
{
    return decided(
        s, "{\"kind\":\"request\",\"interaction\":"
           "\"01990000-0000-7000-8000-0000000000aa\",\"system\":\"s\","
           "\"provider\":\"p\",\"model\":\"m\",\"purpose\":\"a\",\"actor\":{"
           "\"id\":\"u\",\"roles\":[\"x\"]},\"operation\":\"execute_tool\","
           "\"tool\":{\"name\":\"refund\",\"arguments\":{\"list\":[1,2,3]}},"
           "\"input\":\"ana@mail.example.org "
           "https://b.example/\",\"data\":{\"categories\":"
           "[\"hr\"]},\"facts\":{\"actor\":{\"team\":\"t\"}}}");
}

static aigov_status response(state *s)
{
    return decided(s, "{\"kind\":\"response\",\"interaction\":"
                      "\"01990000-0000-7000-8000-0000000000aa\",\"output\":"
                      "\"bob@mail.example.org\",\"usage\":{\"input_tokens\":1},"
                      "\"system\":\"s\"}");
}

/* --- the loop ------------------------------------------------------------ */

static bool start(state *s)
{
    memset(&heap, 0, sizeof heap);
    memset(s, 0, sizeof *s);
    if (aigov_ctx_new(&(aigov_alloc){failing, &heap}, &ctx, &err) != AIGOV_OK) {
        return false;
    }
    aigov_buf_init(&s->out, ctx);
    return aigov_record_new(ctx, &s->r, &err) == AIGOV_OK &&
           make(&s->p) == AIGOV_OK;
}

static void stop(state *s)
{
    aigov_buf_free(&s->out);
    aigov_record_free(s->r);
    aigov_policies_free(s->p);
    aigov_ctx_free(ctx);
}

/* The object fails at the n-th allocation and then gives what it always did. */
static bool fails_at(long n, aigov_status (*scenario)(state *),
                     const aigov_buf *want, bool *whole)
{
    state s;
    bool held = start(&s);
    aigov_status st;
    heap.fail_at = heap.calls + n;
    st = scenario(&s);
    heap.fail_at = 0;
    *whole = st == AIGOV_OK;
    held = held && (*whole || (st == AIGOV_NOMEM && err.code == AIGOV_NOMEM)) &&
           scenario(&s) == AIGOV_OK &&
           same(aigov_buf_span(&s.out), aigov_buf_span(want));
    if (!held) {
        note("at %ld: %d %s: %.*s", n, (int)st, err.text, (int)s.out.n,
             s.out.p);
    }
    stop(&s);
    return held && heap.blocks == 0;
}

static void run(const char *name, aigov_status (*scenario)(state *),
                const char *decision)
{
    state s;
    aigov_buf want;
    aigov_ctx *plain;
    bool held, whole = false;
    long n = 0;
    held = start(&s) && aigov_ctx_new(NULL, &plain, &err) == AIGOV_OK;
    aigov_buf_init(&want, plain);
    held = held && scenario(&s) == AIGOV_OK &&
           aigov_buf_put(&want, s.out.p, s.out.n);
    ok(held && (decision == NULL ||
                memmem(want.p, want.n, decision, strlen(decision)) != NULL),
       "%s: decides", name);
    if (!held) {
        note("%s", err.text);
    }
    stop(&s);
    while (held && !whole && n < 20000) {
        held = fails_at(++n, scenario, &want, &whole);
    }
    ok(held && n > 1 && n < 20000, "%s: %ld allocations failed one by one",
       name, n - 1);
    aigov_buf_free(&want);
    aigov_ctx_free(plain);
}

int main(void)
{
    run("policies", read_policies, NULL);
    run("facts", facts_given, "\"require_approval\"");
    run("request", request, "\"require_approval\"");
    run("response", response, "\"allow\"");
    return done();
}
