/*
 * lint.c - what is wrong with a version of a policy before it acts
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   code             severity  what
 *   condition        error     a condition does not compile: its syntax, a
 * type, an unknown fact or budget; it would count as a match, or never
 * (decide.c, step 2) cost             warning   the worst case is above what a
 * rule may use on_error_skip    warning   an error switches the rule off
 *   duplicate        warning   another rule has the same scope, effect and
 *                              condition
 *   unknown_class    warning   a text that looks like a class of data, compared
 *                              in a condition that reads classes, is none
 *   no_rules         warning   the version has no rule that acts
 *   budget_unread    warning   no rule of the version reads the budget
 *   budget_by        warning   calls without a value of `by` are not summed
 *   cases            warning   the policy has no case
 */
#include "internal.h"

#include <stdio.h>

#define RULE_UNITS 20000 /* decide.c */

typedef struct linting {
    aigov_policies *p;
    const policy_version *v;
    aigov_status (*row)(void *, const aigov_linted *, aigov_error *);
    void *host;
    aigov_error *err;
    aigov_status st;
} linting;

static void give(linting *l, const char *severity, const char *code,
                 aigov_span rule, int64_t position, const char *message)
{
    aigov_linted one = {severity, code, rule, aigov_str(message), position};
    if (l->st == AIGOV_OK) {
        l->st = l->row(l->host, &one, l->err);
    }
}

/* --- a rule -------------------------------------------------------------- */

static void compiles(linting *l, const policy_rule *r)
{
    aigov_cel_program *program = NULL;
    cel_error why;
    aigov_error err;
    char text[sizeof err.text + sizeof err.hint + 4];
    aigov_status st;
    if (r->cond.program != NULL || l->st != AIGOV_OK) {
        return;
    }
    st =
        aigov__cel_compile(&l->p->env, aigov__field_text(r->from, "cond"),
                           AIGOV_CEL_CHECK | AIGOV_CEL_BOOL | AIGOV_CEL_LITERAL,
                           NULL, &program, &why, &err);
    aigov__cel_free(program);
    if (st == AIGOV_NOMEM || st == AIGOV_CANCELED) {
        *l->err = err;
        l->st = st;
        return;
    }
    snprintf(text, sizeof text, "%s%s%s", err.text,
             err.hint[0] != '\0' ? "; " : "", err.hint);
    give(l, "error", "condition", r->id, r->cond.at, text);
}

static void costs(linting *l, const policy_rule *r)
{
    uint64_t units =
        r->cond.program != NULL ? aigov__cel_worst(r->cond.program) : 0;
    char text[120];
    if (units > RULE_UNITS) {
        snprintf(text, sizeof text,
                 "the worst case is %llu units, a rule may use %d",
                 (unsigned long long)units, RULE_UNITS);
        give(l, "warning", "cost", r->id, -1, text);
    }
}

static bool same_text(const policy_rule *a, const policy_rule *b,
                      const char *name)
{
    aigov_span x = aigov__field_text(a->from, name);
    aigov_span y = aigov__field_text(b->from, name);
    return (x.p == NULL) == (y.p == NULL) &&
           (x.p == NULL || aigov_span_eq(x, y));
}

static void twice(linting *l, size_t i)
{
    const policy_rule *r = &l->v->rule[i];
    char text[300];
    for (size_t k = 0; k < i; k++) {
        const policy_rule *o = &l->v->rule[k];
        if (r->effect == o->effect && r->phase == o->phase &&
            same_text(r, o, "cond") && same_text(r, o, "system") &&
            same_text(r, o, "provider")) {
            snprintf(text, sizeof text,
                     "rule %.*s has the same scope, effect and condition",
                     o->id.n > 200 ? 200 : (int)o->id.n, o->id.p);
            give(l, "warning", "duplicate", r->id, -1, text);
            return;
        }
    }
}

/* --- classes of data ----------------------------------------------------- */

static bool reads(const policy_rule *r, uint32_t slot)
{
    size_t n = 0;
    const uint32_t *read =
        r->cond.program != NULL ? aigov__cel_reads(r->cond.program, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        if (read[i] == slot) {
            return true;
        }
    }
    return false;
}

/* pii.x, pci.x, phi.x: a whole class, as rules spell it. */
static bool looks_like_class(aigov_span s)
{
    static const char *const groups[] = {"pii.", "pci.", "phi."};
    for (size_t i = 0; i < 3; i++) {
        if (s.n > 4 && memcmp(s.p, groups[i], 4) == 0) {
            return memchr(s.p + 4, '*', s.n - 4) == NULL;
        }
    }
    return false;
}

/* The plain string literals of a condition, one after the other. */
static bool next_literal(aigov_span source, size_t *at, aigov_span *out)
{
    for (size_t i = *at; i < source.n; i++) {
        char quote = source.p[i];
        size_t from = i + 1, to = from;
        if (quote != '\'' && quote != '"') {
            continue;
        }
        while (to < source.n && source.p[to] != quote) {
            to += source.p[to] == '\\' ? 2 : 1;
        }
        *at = to + 1;
        *out = (aigov_span){source.p + from,
                            (to < source.n ? to : source.n) - from};
        return true;
    }
    return false;
}

static void classes(linting *l, const policy_rule *r)
{
    aigov_span source = aigov__field_text(r->from, "cond"), text;
    size_t at = 0;
    char message[160];
    if (!reads(r, AIGOV__FACT_data_classes) &&
        !reads(r, AIGOV__FACT_data_counts)) {
        return;
    }
    while (next_literal(source, &at, &text)) {
        if (looks_like_class(text) && !aigov__is_class(text)) {
            snprintf(message, sizeof message,
                     "no detector gives class %.*s (classes.csv)",
                     text.n > 80 ? 80 : (int)text.n, text.p);
            give(l, "warning", "unknown_class", r->id,
                 (int64_t)(text.p - source.p), message);
        }
    }
}

static void rule(linting *l, size_t i)
{
    const policy_rule *r = &l->v->rule[i];
    compiles(l, r);
    costs(l, r);
    twice(l, i);
    classes(l, r);
    if (r->skip) {
        give(l, "warning", "on_error_skip", r->id, -1,
             "an error in its condition switches the rule off");
    }
}

/* --- budgets, cases ------------------------------------------------------ */

static void budget(linting *l, const uint8_t *read, size_t i)
{
    const policy_budget *b = &l->p->budget[i];
    const uint8_t *slot = read + AIGOV__FACT_COUNT + BUDGET_SLOTS * i;
    aigov_span by = aigov__field_text(b->from, "by");
    bool any = false;
    char text[300];
    for (size_t k = 0; k < BUDGET_SLOTS; k++) {
        any = any || slot[k] != 0;
    }
    if (!any) {
        snprintf(text, sizeof text, "no rule of this version reads budget %s",
                 b->id.p);
        give(l, "warning", "budget_unread", AIGOV_ABSENT, -1, text);
    } else if (!aigov_span_is(by, "system")) {
        snprintf(
            text, sizeof text,
            "budget %s: calls without %.*s, or with [ENTITY] in its place, "
            "are not summed",
            b->id.p, (int)by.n, by.p != NULL ? by.p : "");
        give(l, "warning", "budget_by", AIGOV_ABSENT, -1, text);
    }
}

static void budgets(linting *l)
{
    uint8_t *read = aigov_malloc(l->p->ctx, l->p->slots);
    if (read == NULL) {
        l->st = aigov__nomem(l->err);
        return;
    }
    memset(read, 0, l->p->slots);
    aigov__version_reads(l->v, read);
    for (size_t i = 0; i < l->p->budgets; i++) {
        budget(l, read, i);
    }
    aigov_mfree(l->p->ctx, read, l->p->slots);
}

static void cases(linting *l)
{
    const register_row *row;
    size_t pos = 0;
    while ((row = aigov__register_next(l->p->registers, "policy_case", &pos)) !=
           NULL) {
        if (aigov_span_eq(aigov__field_text(row->latest, "policy"),
                          l->v->policy)) {
            return;
        }
    }
    give(l, "warning", "cases", AIGOV_ABSENT, -1, "the policy has no case");
}

static void whole(linting *l)
{
    size_t acting = 0;
    for (size_t i = 0; i < l->v->rules; i++) {
        acting += l->v->rule[i].mode == MODE_ENFORCE ? 1 : 0;
    }
    if (acting == 0) {
        give(l, "warning", "no_rules", AIGOV_ABSENT, -1,
             "the version has no rule in mode enforce");
    }
    budgets(l);
    cases(l);
}

aigov_status aigov_policy_lint(aigov_policies *p, aigov_span version,
                               aigov_status (*row)(void *host,
                                                   const aigov_linted *l,
                                                   aigov_error *err),
                               void *host, aigov_error *err)
{
    linting l = {.p = p, .row = row, .host = host, .err = err};
    policy_version *v = NULL;
    aigov_status st = aigov_policies_ready(p, err);
    if (st == AIGOV_OK) {
        st = aigov__policies_version(p, version, &v, err);
    }
    if (st == AIGOV_OK && v == NULL) {
        st = aigov_fail(err, AIGOV_NOENTRY, AIGOV_NO_POS,
                        "there is no such version of a policy");
    }
    if (st != AIGOV_OK) {
        return st;
    }
    l.v = v;
    for (size_t i = 0; i < v->rules && l.st == AIGOV_OK; i++) {
        rule(&l, i);
    }
    if (l.st == AIGOV_OK) {
        whole(&l);
    }
    return l.st;
}
