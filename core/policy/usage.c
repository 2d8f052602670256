/*
 * usage.c - budgets: what was used in the window, and the limits
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A window is a UTC calendar minute, hour, day or month.  There is no counter
 * and nothing is reset: the host sums over the ledger, under a lock on (budget,
 * value) that it keeps to the end of the transaction, so that two calls at a
 * time never see the same sum.
 *
 * Empty values of `by`, and [ENTITY] in place of one, are nobody: not summed.
 */
#include "internal.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static int64_t floor_to(int64_t at, int64_t unit)
{
    int64_t rest = at % unit;
    return at - rest - (rest < 0 ? unit : 0);
}

/* The first moment of the month of at, or of the one after it. */
static int64_t month(int64_t at, bool next)
{
    char text[AIGOV_TIME_LEN + 1];
    int64_t first = 0;
    aigov_time_format(at, text);
    memcpy(text + 8, "01T00:00:00.000000Z", 20);
    aigov_time_parse_stored(aigov_str(text), &first);
    return next ? month(first + 31 * DAY, false) : first;
}

static void window(aigov_span word, int64_t at, int64_t *from, int64_t *to)
{
    int64_t unit = aigov_span_is(word, "minute") ? MINUTE
                   : aigov_span_is(word, "hour") ? HOUR
                                                 : DAY;
    if (aigov_span_is(word, "month")) {
        *from = month(at, false);
        *to = month(at, true);
    } else {
        *from = floor_to(at, unit);
        *to = *from + unit;
    }
}

static aigov_span fact_text(const fact_set *f, size_t slot)
{
    const cel_value *v = f->value[slot];
    return v != NULL && v->kind == CEL_STRING ? (aigov_span){v->s, v->n}
                                              : (aigov_span){"", 0};
}

/* [EMAIL_ADDRESS]: what was replaced without a key. */
static bool is_nobody(aigov_span s)
{
    return s.n == 0 || (s.p[0] == '[' && s.p[s.n - 1] == ']' &&
                        memchr(s.p, ':', s.n) == NULL);
}

static aigov_span value_of(const aigov_policies *p, aigov_span by,
                           aigov_span tenant, aigov_span session)
{
    const fact_set *f = &p->facts;
    aigov_span v =
        aigov_span_is(by, "actor")    ? fact_text(f, AIGOV__FACT_actor_id)
        : aigov_span_is(by, "team")   ? fact_text(f, AIGOV__FACT_actor_team)
        : aigov_span_is(by, "system") ? fact_text(f, AIGOV__FACT_sys_id)
        : aigov_span_is(by, "tenant") ? tenant
                                      : session;
    return v.p != NULL ? v : (aigov_span){"", 0};
}

static bool reads(const aigov_policies *p, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        if (p->read[i] != 0) {
            return true;
        }
    }
    return false;
}

/* "12.50" as a double: exactly what a reader of JSON would make of it. */
static double amount(const aigov_policies *p, aigov_span decimal)
{
    struct aigov__decimal d;
    aigov__decimal_read(decimal, &d);
    return aigov__decimal_double(p->ctx, &d);
}

bool aigov__reads_tokens(const aigov_policies *p)
{
    for (size_t i = 0; i < p->budgets; i++) {
        if (p->read[AIGOV__FACT_COUNT + BUDGET_SLOTS * i + BUDGET_TOKENS] !=
            0) {
            return true;
        }
    }
    return false;
}

static void limits(aigov_policies *p, const policy_budget *b, size_t slot)
{
    aigov_span cost = aigov__field_text(b->from, "limit_cost");
    int64_t n;
    if (aigov__field_int(b->from, "limit_requests", &n)) {
        aigov__facts_int(&p->facts, slot + BUDGET_LIMIT_REQUESTS, n);
    }
    if (aigov__field_int(b->from, "limit_tokens", &n)) {
        aigov__facts_int(&p->facts, slot + BUDGET_LIMIT_TOKENS, n);
    }
    if (cost.p != NULL) {
        aigov__facts_double(&p->facts, slot + BUDGET_LIMIT_COST,
                            amount(p, cost));
    }
}

static aigov_status used(aigov_policies *p, const aigov_ledger *ledger,
                         const policy_budget *b, size_t slot, aigov_span value,
                         aigov_error *err)
{
    aigov_usage_of of = {b->id, aigov__field_text(b->from, "by"),
                         value, aigov__field_text(b->from, "currency"),
                         0,     0};
    const cel_value *now = p->facts.value[AIGOV__FACT_now];
    aigov_usage sum = {0, 0, 0};
    aigov_status st;
    if (is_nobody(value) || ledger == NULL || ledger->usage == NULL ||
        now == NULL) {
        return AIGOV_OK;
    }
    window(aigov__field_text(b->from, "window"),
           now->i * SECOND + now->n / 1000, &of.from, &of.to);
    st = ledger->usage(ledger->host, &of, &sum, err);
    if (st == AIGOV_OK) {
        aigov__facts_int(&p->facts, slot + BUDGET_REQUESTS, sum.requests);
        aigov__facts_int(&p->facts, slot + BUDGET_TOKENS, sum.tokens);
        aigov__facts_double(&p->facts, slot + BUDGET_COST,
                            (double)sum.cost / 1e9);
    }
    return st;
}

aigov_status aigov__usage(aigov_policies *p, const aigov_ledger *ledger,
                          aigov_span tenant, aigov_span session,
                          aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < p->budgets && st == AIGOV_OK; i++) {
        const policy_budget *b = &p->budget[i];
        size_t slot = AIGOV__FACT_COUNT + BUDGET_SLOTS * i;
        if (!reads(p, slot, BUDGET_SLOTS)) {
            continue;
        }
        limits(p, b, slot);
        if (reads(p, slot, BUDGET_LIMIT_REQUESTS)) {
            st = used(
                p, ledger, b, slot,
                value_of(p, aigov__field_text(b->from, "by"), tenant, session),
                err);
        }
    }
    return st;
}
