/*
 * policies.c - what decides, kept ready
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Entries of lane 0 go into the registers.  Where they changed what rules are
 * made of, everything compiled is thrown away and made anew: the variables
 * (budgets are some of them), the versions that act or are in shadow, the
 * exceptions, and which facts all of them read.  Versions asked for by name (a
 * draft to be tested) are compiled when asked for, and kept as long.
 */
#include "internal.h"

#include <stdio.h>

aigov_status aigov_policies_new(aigov_ctx *ctx, aigov_policies **out,
                                aigov_error *err)
{
    aigov_policies *p = aigov_malloc(ctx, sizeof *p);
    if (p == NULL) {
        return aigov__nomem(err);
    }
    memset(p, 0, sizeof *p);
    p->ctx = ctx;
    p->arena.ctx = ctx;
    p->scratch.ctx = ctx;
    aigov__cel_env_init(&p->env, ctx);
    if (aigov__registers_new(ctx, &p->registers, err) != AIGOV_OK) {
        aigov_mfree(ctx, p, sizeof *p);
        return err->code;
    }
    *out = p;
    return AIGOV_OK;
}

/* Everything made of the registers. */
static void forget(aigov_policies *p)
{
    for (size_t i = 0; i < p->versions; i++) {
        aigov__version_free(p->ctx, p->version[i]);
    }
    p->versions = 0;
    p->acting = 0;
    aigov__waivers_free(p->ctx, p->waiver, p->waivers);
    p->waiver = NULL;
    p->waivers = 0;
    aigov_mfree(p->ctx, p->budget, p->budgets * sizeof *p->budget);
    p->budget = NULL;
    p->budgets = 0;
    aigov_mfree(p->ctx, p->read, p->slots);
    aigov_mfree(p->ctx, p->kept, p->slots * sizeof *p->kept);
    p->read = NULL;
    p->kept = NULL;
    p->slots = 0;
    p->keeps = 0;
    aigov__cel_env_free(&p->env);
    aigov__cel_env_init(&p->env, p->ctx);
    p->ready = false;
}

void aigov_policies_free(aigov_policies *p)
{
    if (p == NULL) {
        return;
    }
    forget(p);
    aigov_mfree(p->ctx, p->version, p->version_cap * sizeof(policy_version *));
    aigov__cel_env_free(&p->env);
    aigov__cel_arena_free(&p->arena);
    aigov__cel_arena_free(&p->scratch);
    aigov__facts_free(&p->facts);
    aigov__registers_free(p->registers);
    aigov_mfree(p->ctx, p, sizeof *p);
}

aigov_status aigov_policies_add(aigov_policies *p, const aigov_entry *e,
                                aigov_error *err)
{
    return aigov__registers_add(p->registers, e, err);
}

/* --- variables ----------------------------------------------------------- */

/* A budget that is no CEL identifier gives no variables: a rule that names it
 * does not compile, and says so. */
bool aigov__is_identifier(aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
            return false;
        }
    }
    return s.n > 0;
}

static aigov_status find_budgets(aigov_policies *p, aigov_error *err)
{
    const register_row *row;
    size_t pos = 0, n = 0;
    while ((row = aigov__register_next(p->registers, "budget", &pos)) != NULL) {
        n += aigov__is_identifier(row->subject) ? 1 : 0;
    }
    if (n == 0) {
        return AIGOV_OK;
    }
    p->budget = aigov_malloc(p->ctx, n * sizeof *p->budget);
    if (p->budget == NULL) {
        return aigov__nomem(err);
    }
    p->budgets = n;
    n = 0;
    for (pos = 0;
         (row = aigov__register_next(p->registers, "budget", &pos)) != NULL;) {
        if (aigov__is_identifier(row->subject)) {
            p->budget[n++] = (policy_budget){row->subject, row->latest};
        }
    }
    return AIGOV_OK;
}

static aigov_status declare(aigov_policies *p, aigov_error *err)
{
    const char **name;
    size_t n = p->budgets;
    aigov_status st;
    if (n == 0) {
        return aigov__schema_env(&p->env, NULL, 0, err);
    }
    name = aigov_malloc(p->ctx, n * sizeof *name);
    if (name == NULL) {
        return aigov__nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        name[i] = p->budget[i].id.p;
    }
    st = aigov__schema_env(&p->env, name, n, err);
    aigov_mfree(p->ctx, name, n * sizeof *name);
    return st;
}

/* --- versions ------------------------------------------------------------ */

aigov_status aigov__policies_version(aigov_policies *p, aigov_span id,
                                     policy_version **out, aigov_error *err)
{
    const register_row *row;
    aigov_status st;
    *out = NULL;
    for (size_t i = 0; i < p->versions; i++) {
        if (aigov_span_eq(p->version[i]->id, id)) {
            *out = p->version[i];
            return AIGOV_OK;
        }
    }
    row = aigov__register_find(p->registers, "policy version", id);
    if (row == NULL) {
        return AIGOV_OK;
    }
    if (!aigov__room(p->ctx, (void **)&p->version, &p->version_cap,
                     sizeof(policy_version *), p->versions + 1)) {
        return aigov__nomem(err);
    }
    st = aigov__version_new(p->ctx, p->registers, &p->env, row, out, err);
    if (st == AIGOV_OK) {
        p->version[p->versions++] = *out;
    }
    return st;
}

aigov_status aigov__policies_of(aigov_policies *p, aigov_span policy,
                                int64_t version, policy_version **out,
                                aigov_error *err)
{
    char id[256];
    int n = snprintf(id, sizeof id, "%.*s/%lld", (int)policy.n, policy.p,
                     (long long)version);
    *out = NULL;
    return n > 0 && (size_t)n < sizeof id
               ? aigov__policies_version(p, (aigov_span){id, (size_t)n}, out,
                                         err)
               : AIGOV_OK;
}

/* Those that act and those in shadow; the first p->acting of them stay. */
static aigov_status find_versions(aigov_policies *p, aigov_error *err)
{
    const register_row *row;
    size_t pos = 0;
    aigov_status st = AIGOV_OK;
    policy_version *v;
    while (st == AIGOV_OK &&
           (row = aigov__register_next(p->registers, "policy", &pos)) != NULL) {
        if (row->active != 0) {
            st = aigov__policies_of(p, row->subject, row->active, &v, err);
        }
        if (st == AIGOV_OK && row->shadow != 0) {
            st = aigov__policies_of(p, row->subject, row->shadow, &v, err);
        }
    }
    p->acting = p->versions;
    return st;
}

/* --- what they read ------------------------------------------------------ */

static void note_reads(const condition *c, uint8_t *read)
{
    size_t n;
    const uint32_t *slot;
    if (c->program == NULL) {
        return;
    }
    slot = aigov__cel_reads(c->program, &n);
    for (size_t i = 0; i < n; i++) {
        read[slot[i]] = 1;
    }
}

/* The scope of a rule reads facts as its condition does; what may be held reads
 * approvals. */
static void rule_reads(const policy_rule *rule, uint8_t *read)
{
    note_reads(&rule->cond, read);
    if (rule->provider.p != NULL) {
        read[AIGOV__FACT_model_provider] = 1;
    }
    if (rule->phase == PHASE_TOOL || rule->phase == PHASE_RETRIEVAL) {
        read[AIGOV__FACT_req_kind] = 1;
    }
    if (rule->effect == VERDICT_REQUIRE_APPROVAL) {
        read[AIGOV__FACT_approvals] = 1;
    }
}

void aigov__version_reads(const policy_version *v, uint8_t *read)
{
    if (v->otherwise == VERDICT_REQUIRE_APPROVAL) {
        read[AIGOV__FACT_approvals] = 1;
    }
    for (size_t k = 0; k < v->rules; k++) {
        if (v->rule[k].mode != MODE_OFF) {
            rule_reads(&v->rule[k], read);
        }
    }
}

static aigov_status find_reads(aigov_policies *p, aigov_error *err)
{
    p->slots = AIGOV__FACT_COUNT + BUDGET_SLOTS * p->budgets;
    p->read = aigov_malloc(p->ctx, p->slots);
    p->kept = aigov_malloc(p->ctx, p->slots * sizeof *p->kept);
    if (p->read == NULL || p->kept == NULL) {
        return aigov__nomem(err);
    }
    memset(p->read, 0, p->slots);
    for (size_t i = 0; i < p->versions; i++) {
        aigov__version_reads(p->version[i], p->read);
    }
    for (size_t i = 0; i < p->waivers; i++) {
        note_reads(&p->waiver[i].cond, p->read);
    }
    if (aigov__reads_tokens(p)) { /* what a call reserves is made of them */
        p->read[AIGOV__FACT_content_tokens_in] = 1;
        p->read[AIGOV__FACT_content_tokens_max] = 1;
    }
    for (uint32_t i = 0; i < p->slots; i++) {
        if (p->read[i] != 0) {
            p->kept[p->keeps++] = i;
        }
    }
    aigov__facts_sort(&p->env, p->kept, p->keeps);
    return AIGOV_OK;
}

aigov_status aigov_policies_ready(aigov_policies *p, aigov_error *err)
{
    uint64_t state = aigov__registers_state(p->registers);
    aigov_status st;
    if (p->ready && p->state == state) {
        return AIGOV_OK;
    }
    forget(p);
    st = find_budgets(p, err);
    if (st == AIGOV_OK) {
        st = declare(p, err);
    }
    if (st == AIGOV_OK) {
        st = find_versions(p, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__waivers_new(p->ctx, p->registers, &p->env, &p->waiver,
                                &p->waivers, err);
    }
    if (st == AIGOV_OK) {
        st = find_reads(p, err);
    }
    if (st != AIGOV_OK) {
        forget(p);
        return st;
    }
    p->state = state;
    p->ready = true;
    return AIGOV_OK;
}

bool aigov_policies_read_ledger(const aigov_policies *p)
{
    bool reads = false;
    if (p == NULL || !p->ready) {
        return false;
    }
    for (size_t i = 0; i < p->budgets && !reads; i++) {
        for (size_t k = 0; k < BUDGET_LIMIT_REQUESTS && !reads; k++) {
            reads = p->read[AIGOV__FACT_COUNT + BUDGET_SLOTS * i + k] != 0;
        }
    }
    return reads || p->waivers > 0 || p->read[AIGOV__FACT_req_depth] != 0;
}

bool aigov_policies_any(const aigov_policies *p)
{
    return p != NULL && p->acting > 0;
}
