/*
 * check.c - what a put of a policy, a rule, an approval must satisfy
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The catalogue has judged names, types and what is missing (core/log/put.c).
 * Here stands what needs the log: the words of iso42001/refusals.csv, R-047 to
 * of the kinds policy, rule, policy_case, exception,
 * budget, suspension and approval.
 *
 *   A condition compiles with the closed facts and the budgets there are, is
 *   true or false, and costs no more than a rule may use at worst
 *   (notes/policy.md 2.4).
 *   A version that was published stands: nothing more is put into it.
 *   A policy comes into force by policy_publish alone (publish.c).
 *   Who signs is the login as the server stamped it, and it is another one
 *   than that which wrote what is signed, or asked for the call.
 *
 * A refusal has status PUT, and its text begins with kind and subject.
 */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

#define DAY INT64_C(86400000000)

aigov_status aigov__refuse(const aigov__case *c, aigov_error *err,
                           const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return aigov_fail(err, AIGOV_PUT, AIGOV_NO_POS, "%s %.*s: %s", c->kind,
                      AIGOV__TEXT(c->subject), text);
}

/* --- conditions ---------------------------------------------------------- */

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* A path that is no fact, and begins where compiling ended: say which one is
 * near.  False: the fault is another. */
static bool unknown_fact(const aigov__case *c, aigov_span cond, size_t at,
                         aigov_error *err)
{
    aigov__near near = {AIGOV_ABSENT, NULL, 0};
    aigov_span path = {cond.p + at, 0};
    size_t last = 0;
    while (at + path.n < cond.n && in_name(path.p[path.n])) {
        last = path.p[path.n] == '.' ? path.n + 1 : last;
        path.n++;
    }
    for (size_t n = path.n; n > 0; n--) {
        if ((n == path.n || path.p[n] == '.') &&
            aigov__cel_slot(&c->p->env, (aigov_span){path.p, n}) !=
                UINT32_MAX) {
            return false;
        }
    }
    if (last == 0 || !aigov__name_shown(path)) {
        return false;
    }
    near.name = path;
    for (size_t i = 0; i < c->p->env.count; i++) {
        aigov__near_try(&near, c->p->env.variable[i].name.p);
    }
    if (near.best == NULL) {
        aigov__refuse(c, err,
                      "cond reads %.*s at offset %zu, the schema has no such "
                      "fact",
                      AIGOV__TEXT(path), at + last);
    } else {
        aigov__refuse(c, err,
                      "cond reads %.*s at offset %zu, the schema has %s",
                      AIGOV__TEXT(path), at + last, near.best);
    }
    return true;
}

static aigov_status wrong_condition(const aigov__case *c, aigov_span cond,
                                    aigov_error *err)
{
    aigov_error why = *err;
    if (why.code == AIGOV_NOMEM || why.code == AIGOV_CANCELED) {
        return why.code;
    }
    if (why.pos < cond.n && unknown_fact(c, cond, why.pos, err)) {
        return err->code;
    }
    aigov__refuse(c, err, "cond: %s", why.text);
    err->pos = why.pos;
    return why.hint[0] == '\0' ? err->code : aigov_hint(err, "%s", why.hint);
}

static aigov_status fits(const aigov__case *c, const aigov_cel_program *program,
                         aigov_error *err)
{
    uint64_t worst = aigov__cel_worst(program);
    aigov_status st = AIGOV_OK;
    aigov_span type;
    aigov_buf text;
    aigov_buf_init(&text, c->p->ctx);
    if (!aigov__cel_result_type(program, &text)) {
        st = aigov__nomem(err);
    }
    type = aigov_buf_span(&text);
    if (st == AIGOV_OK && !aigov_span_is(type, "bool") &&
        !aigov_span_is(type, "dyn")) {
        st = aigov__refuse(c, err, "cond gives %.*s, want bool",
                           AIGOV__TEXT(type));
    }
    aigov_buf_free(&text);
    if (st == AIGOV_OK && worst > AIGOV_CEL_UNITS) {
        st = aigov__refuse(c, err,
                           "cond costs %llu units at worst, at most %d fit",
                           (unsigned long long)worst, AIGOV_CEL_UNITS);
    }
    return st;
}

aigov_status aigov__check_condition(const aigov__case *c, aigov_error *err)
{
    aigov_span cond = aigov__field_text(c->v, "cond");
    aigov_cel_program *program = NULL;
    cel_error why;
    aigov_status st;
    if (cond.p == NULL) {
        return AIGOV_OK;
    }
    st = aigov__cel_compile(&c->p->env, cond,
                            AIGOV_CEL_CHECK | AIGOV_CEL_LITERAL, NULL, &program,
                            &why, err);
    if (st != AIGOV_OK) {
        return wrong_condition(c, cond, err);
    }
    st = fits(c, program, err);
    aigov__cel_free(program);
    return st;
}

/* --- policies and rules -------------------------------------------------- */

const register_row *aigov__version_row(const aigov__case *c, aigov_span policy,
                                       int64_t version)
{
    char id[256];
    int n = snprintf(id, sizeof id, "%.*s/%lld", AIGOV__TEXT(policy),
                     (long long)version);
    return n > 0 && (size_t)n < sizeof id
               ? aigov__register_find(c->p->registers, "policy version",
                                      (aigov_span){id, (size_t)n})
               : NULL;
}

int64_t aigov__latest_version(const aigov__case *c, aigov_span policy)
{
    const register_row *row;
    int64_t most = 0, own;
    size_t pos = 0;
    while ((row = aigov__register_next(c->p->registers, "policy version",
                                       &pos)) != NULL) {
        size_t n = row->subject.n;
        while (n > 0 && row->subject.p[n - 1] != '/') {
            n--;
        }
        if (n > 0 &&
            aigov_span_eq((aigov_span){row->subject.p, n - 1}, policy) &&
            aigov__field_int(row->latest, "version", &own) && own > most) {
            most = own;
        }
    }
    return most;
}

static bool is_draft(const register_row *version)
{
    return aigov_span_is(aigov__field_text(version->latest, "state"), "draft");
}

/* A draft to put into: the latest version where it is one, else the next. */
static int64_t draft_of(const aigov__case *c, aigov_span policy)
{
    int64_t latest = aigov__latest_version(c, policy);
    const register_row *row = aigov__version_row(c, policy, latest);
    return row != NULL && is_draft(row) ? latest : latest + 1;
}

static aigov_status not_a_draft(const aigov__case *c, aigov_span policy,
                                int64_t version, const register_row *row,
                                aigov_error *err)
{
    return aigov__refuse(
        c, err,
        "version %lld of policy %.*s is %.*s, want a draft such as version "
        "%lld",
        (long long)version, AIGOV__TEXT(policy),
        AIGOV__TEXT(aigov__field_text(row->latest, "state")),
        (long long)draft_of(c, policy));
}

/* Whether two revisions are the same but for one field. */
static aigov_status same_but(const aigov__case *c, const revision *a,
                             const char *field, bool *same, aigov_error *err)
{
    aigov_buf text[2];
    const revision *v[2] = {a, c->v};
    aigov_status st = AIGOV_OK;
    for (size_t k = 0; k < 2; k++) {
        aigov_buf_init(&text[k], c->p->ctx);
        if (st == AIGOV_OK) {
            st = aigov__fields_but(c->p->ctx, v[k], field, AIGOV_ABSENT,
                                   &text[k], err);
        }
    }
    *same = st == AIGOV_OK &&
            aigov_span_eq(aigov_buf_span(&text[0]), aigov_buf_span(&text[1]));
    aigov_buf_free(&text[0]);
    aigov_buf_free(&text[1]);
    return st;
}

/* What was published is retired by a put, and else left as it is. */
static aigov_status check_published(const aigov__case *c, int64_t version,
                                    const register_row *row, aigov_error *err)
{
    aigov_span state = aigov__field_text(c->v, "state");
    bool same;
    aigov_status st = same_but(c, row->latest, "state", &same, err);
    if (st != AIGOV_OK) {
        return st;
    }
    if (!aigov_span_is(state, "retired") ||
        aigov_span_is(aigov__field_text(row->latest, "state"), "retired")) {
        return not_a_draft(c, c->subject, version, row, err);
    }
    return same ? AIGOV_OK
                : aigov__refuse(c, err,
                                "version %lld is retired as it stands, and "
                                "other fields than state differ",
                                (long long)version);
}

static aigov_status check_policy(const aigov__case *c, aigov_error *err)
{
    aigov_span state = aigov__field_text(c->v, "state");
    const register_row *row;
    int64_t version = 0;
    if (c->by->publishes) {
        return AIGOV_OK;
    }
    aigov__field_int(c->v, "version", &version);
    if (aigov_span_is(state, "active") || aigov_span_is(state, "shadow")) {
        return aigov__refuse(c, err,
                             "state %.*s cannot be put by login %.*s; an "
                             "approver calls policy_publish for version %lld",
                             AIGOV__TEXT(state), AIGOV__TEXT(c->by->login),
                             (long long)version);
    }
    row = aigov__version_row(c, c->subject, version);
    return row == NULL || is_draft(row) ? AIGOV_OK
                                        : check_published(c, version, row, err);
}

/* The version that a rule names, and one it stood in before, are drafts. */
static aigov_status check_version(const aigov__case *c, const revision *v,
                                  aigov_error *err)
{
    aigov_span policy = aigov__field_text(v, "policy");
    const register_row *row;
    int64_t version = 0;
    aigov__field_int(v, "version", &version);
    row = aigov__version_row(c, policy, version);
    if (row == NULL) {
        return aigov__refuse(c, err,
                             "version %lld of policy %.*s does not exist",
                             (long long)version, AIGOV__TEXT(policy));
    }
    return is_draft(row) ? AIGOV_OK : not_a_draft(c, policy, version, row, err);
}

static aigov_status check_rule(const aigov__case *c, aigov_error *err)
{
    const register_row *before =
        aigov__register_find(c->p->registers, "rule", c->subject);
    aigov_status st = check_version(c, c->v, err);
    if (st == AIGOV_OK && before != NULL) {
        st = check_version(c, before->latest, err);
    }
    return st == AIGOV_OK ? aigov__check_condition(c, err) : st;
}

static aigov_status check_case(const aigov__case *c, aigov_error *err)
{
    aigov_span policy = aigov__field_text(c->v, "policy");
    aigov_status st;
    if (aigov__register_find(c->p->registers, "policy", policy) == NULL) {
        return aigov__refuse(c, err, "policy %.*s does not exist",
                             AIGOV__TEXT(policy));
    }
    st = aigov__facts_begin(&c->p->facts, c->p->ctx, c->p->slots, err);
    if (st == AIGOV_OK) {
        st = aigov__facts_read(&c->p->facts, &c->p->env, &c->v->j,
                               aigov__field_node(c->v, "facts"), err);
    }
    return st;
}

/* --- exceptions, budgets, suspensions ------------------------------------ */

static aigov_status check_dates(const aigov__case *c, aigov_error *err)
{
    aigov_span from = aigov__field_text(c->v, "not_before");
    aigov_span to = aigov__field_text(c->v, "expires_at");
    int64_t a, b;
    if (!aigov__field_time(c->v, "not_before", &a) ||
        !aigov__field_time(c->v, "expires_at", &b)) {
        return AIGOV_OK;
    }
    if (b < a) {
        return aigov__refuse(c, err,
                             "expires_at %.*s is before not_before %.*s",
                             AIGOV__TEXT(to), AIGOV__TEXT(from));
    }
    return b - a <= 366 * DAY
               ? AIGOV_OK
               : aigov__refuse(c, err,
                               "expires_at %.*s is %lld days after not_before "
                               "%.*s, want 366 or less",
                               AIGOV__TEXT(to),
                               (long long)((b - a + DAY - 1) / DAY),
                               AIGOV__TEXT(from));
}

static aigov_status check_exception(const aigov__case *c, aigov_error *err)
{
    aigov_span rule = aigov__field_text(c->v, "rule");
    const register_row *row =
        aigov__register_find(c->p->registers, "rule", rule);
    aigov_status st;
    if (row == NULL) {
        return aigov__refuse(c, err, "rule %.*s does not exist",
                             AIGOV__TEXT(rule));
    }
    if (aigov__field_bool(row->latest, "hard")) {
        return aigov__refuse(c, err, "rule %.*s has hard true",
                             AIGOV__TEXT(rule));
    }
    st = check_dates(c, err);
    return st == AIGOV_OK ? aigov__check_condition(c, err) : st;
}

static aigov_status check_budget(const aigov__case *c, aigov_error *err)
{
    if (aigov__field_node(c->v, "limit_requests") == 0 &&
        aigov__field_node(c->v, "limit_tokens") == 0 &&
        aigov__field_node(c->v, "limit_cost") == 0) {
        return aigov__refuse(c, err,
                             "limit_requests, limit_tokens and limit_cost are "
                             "all missing, want one of them");
    }
    return aigov__is_identifier(c->subject)
               ? AIGOV_OK
               : aigov__refuse(c, err,
                               "the subject is no name of a CEL variable, "
                               "want letters, digits and _");
}

static aigov_status check_suspension(const aigov__case *c, aigov_error *err)
{
    const register_row *row =
        aigov__register_find(c->p->registers, "suspension", c->subject);
    if (!aigov_span_is(aigov__field_text(c->v, "state"), "resumed")) {
        return AIGOV_OK;
    }
    if (row == NULL ||
        !aigov_span_is(aigov__field_text(row->latest, "state"), "suspended")) {
        return aigov__refuse(c, err,
                             "state resumed, but no state suspended is in "
                             "force");
    }
    return !aigov_span_eq(row->latest->login, c->by->login)
               ? AIGOV_OK
               : aigov__refuse(c, err,
                               "state resumed by login %.*s, who put state "
                               "suspended; another login must release it",
                               AIGOV__TEXT(c->by->login));
}

/* --- the public function ------------------------------------------------- */

static const struct {
    const char *kind;
    aigov_status (*check)(const aigov__case *c, aigov_error *err);
} checks[] = {
    {"policy", check_policy},
    {"rule", check_rule},
    {"policy_case", check_case},
    {"exception", check_exception},
    {"budget", check_budget},
    {"suspension", check_suspension},
    {"approval", aigov__check_approval},
};

static size_t check_of(aigov_span kind)
{
    size_t i = 0;
    while (i < sizeof checks / sizeof checks[0] &&
           !aigov_span_is(kind, checks[i].kind)) {
        i++;
    }
    return i;
}

bool aigov_policies_check_kind(aigov_span kind)
{
    return check_of(kind) < sizeof checks / sizeof checks[0];
}

aigov_status aigov_policies_check(aigov_policies *p, aigov_span kind,
                                  aigov_span subject, aigov_span body,
                                  const aigov_put_by *by, aigov_error *err)
{
    revision v = {.login = by->login, .fields = body, .j = {.ctx = p->ctx}};
    aigov__case c = {p, NULL, subject, &v, by};
    size_t i = check_of(kind);
    aigov_status st;
    if (i == sizeof checks / sizeof checks[0]) {
        return AIGOV_OK;
    }
    c.kind = checks[i].kind;
    st = aigov_policies_ready(p, err);
    if (st == AIGOV_OK) {
        st = aigov_json_read(&v.j, AIGOV_JSON_STRICT, body, err);
    }
    if (st == AIGOV_OK) {
        st = checks[i].check(&c, err);
    }
    aigov_json_free(&v.j);
    return st;
}
