/*
 * usage.c - what one call adds to a budget
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Sums are of whole numbers (tokens, and cost in 1e-9 of its currency), so that
 * they do not depend on the order in which a host reads its rows.
 */
#include "internal.h"

static uint32_t at(const aigov_json *j, const char *outer, const char *inner)
{
    uint32_t i =
        j->node[0].type == AIGOV_JSON_OBJECT ? aigov_json_get(j, 0, outer) : 0;
    return i != 0 && j->node[i].type == AIGOV_JSON_OBJECT
               ? aigov_json_get(j, i, inner)
               : 0;
}

static aigov_span text(const aigov_json *j, uint32_t i)
{
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

static int64_t figure(const aigov_json *j, uint32_t i)
{
    int64_t v;
    return i != 0 && j->node[i].type == AIGOV_JSON_NUMBER &&
                   aigov_json_i64(j, i, &v) && v > 0
               ? v
               : 0;
}

/* "12.5" in 1e-9; what is finer is dropped, what is larger is the largest. */
static int64_t nano(aigov_span s)
{
    int64_t v = 0;
    int places = -1;
    for (size_t i = 0; i < s.n && places < 9; i++) {
        if (s.p[i] == '.') {
            places = 0;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || v > INT64_MAX / 10 - 9) {
            return s.p[i] >= '0' && s.p[i] <= '9' ? INT64_MAX : 0;
        }
        v = 10 * v + (s.p[i] - '0');
        places += places >= 0 ? 1 : 0;
    }
    for (places = places < 0 ? 0 : places; places < 9; places++) {
        if (v > INT64_MAX / 10) {
            return INT64_MAX;
        }
        v *= 10;
    }
    return v;
}

static int64_t sum(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* The value of what the budget is by, in the form that the entry keeps. */
static bool is_of(const aigov_usage_of *of, const aigov_entry *e,
                  const aigov_json *j)
{
    aigov_span v;
    uint32_t facts, actor;
    if (aigov_span_is(of->by, "actor")) {
        return aigov_span_eq(e->actor, of->value);
    }
    if (aigov_span_is(of->by, "system")) {
        return aigov_span_eq(e->system, of->value);
    }
    if (!aigov_span_is(of->by, "team")) {
        uint32_t i = j->node[0].type != AIGOV_JSON_OBJECT ? 0
                     : aigov_span_is(of->by, "tenant")
                         ? aigov_json_get(j, 0, "tenant")
                         : aigov_json_get(j, 0, "session");
        return aigov_span_eq(text(j, i), of->value);
    }
    facts = at(j, "facts", "actor");
    actor = facts != 0 && j->node[facts].type == AIGOV_JSON_OBJECT
                ? aigov_json_get(j, facts, "team")
                : 0;
    v = text(j, actor);
    return v.p != NULL && aigov_span_eq(v, of->value);
}

static void add_answer(const aigov_usage_of *of, const aigov_json *j,
                       aigov_usage *to)
{
    aigov_span currency = text(j, at(j, "cost", "currency"));
    to->tokens = sum(to->tokens, figure(j, at(j, "usage", "input_tokens")));
    to->tokens = sum(to->tokens, figure(j, at(j, "usage", "output_tokens")));
    if (of->currency.p == NULL || aigov_span_eq(currency, of->currency)) {
        to->cost = sum(to->cost, nano(text(j, at(j, "cost", "amount"))));
    }
}

static bool counts(const aigov_entry *call)
{
    return (AIGOV__IS(call->kind, "request") ||
            AIGOV__IS(call->kind, "interaction")) &&
           !aigov_span_is(call->decision, "deny") &&
           !aigov_span_is(call->decision, "require_approval");
}

/* A quick no: most rows of a window are somebody else's. */
static bool may_be_of(const aigov_usage_of *of, const aigov_entry *e)
{
    return aigov_span_is(of->by, "actor") ? aigov_span_eq(e->actor, of->value)
           : aigov_span_is(of->by, "system")
               ? aigov_span_eq(e->system, of->value)
               : true;
}

static aigov_status add(aigov_ctx *ctx, const aigov_usage_of *of,
                        const aigov_entry *call, const aigov_entry *answer,
                        const aigov_json *j, aigov_usage *to, aigov_error *err)
{
    aigov_json a = {.ctx = ctx};
    aigov_status st;
    to->requests = sum(to->requests, 1);
    if (!AIGOV__IS(call->kind, "request")) {
        add_answer(of, j, to);
        return AIGOV_OK;
    }
    if (answer == NULL) {
        to->tokens = sum(to->tokens, figure(j, at(j, "policy", "reserved")));
        return AIGOV_OK;
    }
    st = aigov_json_read(&a, AIGOV_JSON_STRICT, answer->body, err);
    if (st == AIGOV_OK) {
        add_answer(of, &a, to);
    }
    aigov_json_free(&a);
    return st;
}

/* --- which response is whose --------------------------------------------- */

/* Most bodies do not name an attempt at all. */
static int64_t attempt_of(aigov_ctx *ctx, const aigov_entry *e)
{
    static const char name[] = "\"attempt\":";
    aigov_json j = {.ctx = ctx};
    aigov_error err;
    int64_t n = 1;
    if (e->body.n == 0 ||
        memmem(e->body.p, e->body.n, name, sizeof name - 1) == NULL) {
        return 1;
    }
    if (aigov_json_read(&j, AIGOV_JSON_STRICT, e->body, &err) != AIGOV_OK) {
        n = 0;
    } else if (j.node[0].type == AIGOV_JSON_OBJECT) {
        uint32_t i = aigov_json_get(&j, 0, "attempt");
        n = i != 0 && aigov_json_i64(&j, i, &n) ? n : 1;
    }
    aigov_json_free(&j);
    return n;
}

/* The login of recorded_by; nothing where it has none. */
static bool login_of(aigov_ctx *ctx, const aigov_entry *e, aigov_buf *out)
{
    aigov_json j = {.ctx = ctx};
    aigov_error err;
    bool ok = aigov_json_read(&j, AIGOV_JSON_STRICT, e->recorded_by, &err) ==
                  AIGOV_OK &&
              j.node[0].type == AIGOV_JSON_OBJECT;
    uint32_t i = ok ? aigov_json_get(&j, 0, "login") : 0;
    if (i != 0 && j.node[i].type == AIGOV_JSON_STRING) {
        aigov_span login = aigov_json_text(&j, i);
        ok = aigov_buf_put(out, login.p, login.n);
    }
    aigov_json_free(&j);
    return ok;
}

static bool same_login(aigov_ctx *ctx, const aigov_entry *a,
                       const aigov_entry *b)
{
    aigov_buf x, y;
    bool same;
    if (aigov_span_eq(a->recorded_by, b->recorded_by)) {
        return true;
    }
    aigov_buf_init(&x, ctx);
    aigov_buf_init(&y, ctx);
    same = login_of(ctx, a, &x) && login_of(ctx, b, &y) &&
           aigov_span_eq(aigov_buf_span(&x), aigov_buf_span(&y));
    aigov_buf_free(&x);
    aigov_buf_free(&y);
    return same;
}

bool aigov_answers(aigov_ctx *ctx, const aigov_entry *call,
                   const aigov_entry *e)
{
    int64_t n;
    if (!aigov_span_is(e->kind, "response") || !same_login(ctx, call, e)) {
        return false;
    }
    n = attempt_of(ctx, e);
    return n > 0 && n == attempt_of(ctx, call);
}

aigov_status aigov_usage_add(
    aigov_ctx *ctx, const aigov_usage_of *of, const aigov_entry *call,
    aigov_status (*answer)(void *host, const aigov_entry *call,
                           const aigov_entry **out, aigov_error *err),
    void *host, aigov_usage *to, aigov_error *err)
{
    aigov_json j = {.ctx = ctx};
    const aigov_entry *response = NULL;
    aigov_status st;
    if (!counts(call) || !may_be_of(of, call)) {
        return AIGOV_OK;
    }
    st = aigov_json_read(&j, AIGOV_JSON_STRICT, call->body, err);
    if (st == AIGOV_OK && is_of(of, call, &j)) {
        if (answer != NULL && AIGOV__IS(call->kind, "request")) {
            st = answer(host, call, &response, err);
        }
        if (st == AIGOV_OK) {
            st = add(ctx, of, call, response, &j, to, err);
        }
    }
    aigov_json_free(&j);
    return st;
}
