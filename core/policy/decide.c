/*
 * decide.c - facts and policies in, one decision out
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Composition, in this order
 *
 *   1  The active versions of runtime policies that cover the system, and the
 *      active versions of their parents, decide as one set.  A rule is in scope
 *      by phase, system, provider and validity.
 *   2  Each rule matches, does not match, or fails.  An error counts as a match
 *      of deny, require_approval, redact and flag, unless the rule says
 *      on_error skip; never of allow.
 *   3  An exception that is approved, in time, not used up and whose condition
 *      holds takes a matched rule away, unless it is hard.  The match stays in
 *      the answer as waived.
 *   4  The verdict is the strongest of deny, require_approval, redact, flag.
 *      Where no rule denies, at least one allow must match; else the strictest
 *      default_effect of the set counts too.
 *   5  An approval in force takes a rule of require_approval away, rule by rule
 *      as its obligation says: approve:N needs N persons, approve:R one whose
 *      role is R, none one.  It never takes a deny away.
 *   6  Obligations of all rules that act; of the same kind and target the
 *      stricter one.
 *
 * Priority orders text and ties; it lifts nothing.  What is in shadow is
 * decided beside, by the same steps: the shadow version of a policy in place of
 * the active one, and rules of mode shadow acting.
 *
 * Units, not clocks: RULE_UNITS a condition, DECISION_UNITS in all, so that a
 * decision taken again is cut at the same place.
 */
#include "internal.h"

#define RULE_UNITS 20000
#define DECISION_UNITS 200000
#define MAX_PARENTS 32

typedef struct deciding {
    aigov_policies *p;
    const aigov_ledger *ledger;
    decision *d;
    aigov_error *err;
    int64_t now;
    aigov_span system, provider;
    uint8_t phases; /* bits of enum rule_phase */
    uint64_t left;  /* units */
    bool beside;    /* what is in shadow is being decided */
} deciding;

/* --- which versions ------------------------------------------------------ */

static aigov_span text_of(const fact_set *f, size_t slot)
{
    const cel_value *v = f->value[slot];
    return v != NULL && v->kind == CEL_STRING ? (aigov_span){v->s, v->n}
                                              : (aigov_span){"", 0};
}

static bool covers(const policy_version *v, aigov_span system)
{
    return aigov__field_node(v->from, "systems") == 0 ||
           aigov__field_lists(v->from, "systems", system);
}

static bool holds(const policy_version *const *set, size_t n,
                  const policy_version *v)
{
    for (size_t i = 0; i < n; i++) {
        if (set[i] == v) {
            return true;
        }
    }
    return false;
}

static bool is_replaced(const deciding *g, aigov_span policy)
{
    return g->p->instead != NULL &&
           aigov_span_eq(policy, g->p->instead->policy);
}

/* v and its parents, each once; a circle ends where it meets itself. */
static aigov_status add_with_parents(deciding *g, policy_version *v,
                                     const policy_version **set, size_t *n)
{
    for (int i = 0; i < MAX_PARENTS && v != NULL && !holds(set, *n, v); i++) {
        aigov_span parent = aigov__field_text(v->from, "parent");
        const register_row *row =
            aigov__register_find(g->p->registers, "policy", parent);
        set[(*n)++] = v;
        v = is_replaced(g, parent) ? g->p->instead : NULL;
        if (v == NULL && row != NULL && row->active != 0) {
            aigov_status st =
                aigov__policies_of(g->p, parent, row->active, &v, g->err);
            if (st != AIGOV_OK) {
                return st;
            }
        }
    }
    return AIGOV_OK;
}

/* The set that acts, or would: of each policy its active version, or the one in
 * shadow. */
static aigov_status find_set(deciding *g, bool shadow,
                             const policy_version **set, size_t *n)
{
    const register_row *row;
    size_t pos = 0;
    aigov_status st = AIGOV_OK;
    while (st == AIGOV_OK && (row = aigov__register_next(
                                  g->p->registers, "policy", &pos)) != NULL) {
        int64_t number = shadow && row->shadow != 0 ? row->shadow : row->active;
        policy_version *v = NULL;
        if (number == 0 || is_replaced(g, row->subject)) {
            continue;
        }
        st = aigov__policies_of(g->p, row->subject, number, &v, g->err);
        if (st == AIGOV_OK && v != NULL && covers(v, g->system)) {
            st = add_with_parents(g, v, set, n);
        }
    }
    if (st == AIGOV_OK && g->p->instead != NULL &&
        covers(g->p->instead, g->system)) {
        st = add_with_parents(g, g->p->instead, set, n);
    }
    return st;
}

static bool acts_in_shadow(const policy_version *const *set, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < set[i]->rules; k++) {
            if (set[i]->rule[k].mode == MODE_SHADOW) {
                return true;
            }
        }
    }
    return false;
}

static aigov_status find_sets(deciding *g, policy_version *only)
{
    size_t most = g->p->versions + MAX_PARENTS, n = 0;
    const policy_version **acts =
        aigov__cel_alloc(&g->p->scratch, 2 * most * sizeof *acts);
    aigov_status st;
    if (acts == NULL) {
        return aigov__nomem(g->err);
    }
    g->d->version = acts;
    g->d->beside = acts + most;
    if (only != NULL) {
        st = add_with_parents(g, only, acts, &g->d->versions);
    } else {
        st = find_set(g, false, acts, &g->d->versions);
    }
    g->d->governed = g->d->versions > 0;
    if (st != AIGOV_OK || g->p->instead != NULL) {
        return st;
    }
    if (only == NULL) {
        st = find_set(g, true, g->d->beside, &n);
    }
    g->d->shadowed =
        n != g->d->versions ||
        (n > 0 && memcmp(acts, g->d->beside, n * sizeof *acts) != 0) ||
        acts_in_shadow(g->d->beside, n);
    g->d->besides = g->d->shadowed ? n : 0;
    return st;
}

/* --- policy_hash --------------------------------------------------------- */

static aigov_status hash_policies(deciding *g)
{
    size_t n = g->d->versions;
    aigov_span *part;
    if (n == 0) {
        return AIGOV_OK;
    }
    part = aigov__cel_alloc(&g->p->scratch, n * sizeof *part);
    if (part == NULL) {
        return aigov__nomem(g->err);
    }
    for (size_t i = 0; i < n; i++) {
        const uint8_t *hash = g->d->version[i]->hash;
        size_t k = i;
        for (; k > 0 && memcmp(part[k - 1].p, hash, 32) > 0; k--) {
            part[k] = part[k - 1];
        }
        part[k] = (aigov_span){(const char *)hash, 32};
    }
    return aigov_sha256(g->p->ctx, part, (int)n, g->d->hash, g->err);
}

/* --- which rules match --------------------------------------------------- */

static bool in_scope(const deciding *g, const policy_rule *rule)
{
    return (rule->mode == MODE_ENFORCE ||
            (g->beside && rule->mode == MODE_SHADOW)) &&
           (g->phases >> rule->phase & 1) != 0 &&
           (rule->system.p == NULL || aigov_span_eq(rule->system, g->system)) &&
           (rule->provider.p == NULL ||
            aigov_span_eq(rule->provider, g->provider)) &&
           g->now <= rule->valid_to;
}

/* The value of a condition; an error is CEL_OK where there is none. */
static aigov_status evaluate(deciding *g, const condition *c, bool *holds_,
                             cel_error *error, uint32_t *at)
{
    cel_run run = {.units = g->left < RULE_UNITS ? g->left : RULE_UNITS};
    *holds_ = false;
    *error = CEL_CHECK;
    *at = c->at;
    if (c->program == NULL) {
        return AIGOV_OK;
    }
    aigov__cel_reset(&g->p->arena);
    *error = CEL_OK;
    if (aigov__cel_eval(c->program, g->p->facts.value, &g->p->arena, &run)) {
        *holds_ = run.result.kind == CEL_BOOL && run.result.b;
    } else {
        *error = run.error;
        *at = run.at;
    }
    g->left -= run.units;
    g->d->units += run.units;
    if (*error == CEL_HOST) {
        return run.status == AIGOV_NOMEM
                   ? aigov__nomem(g->err)
                   : aigov_fail(g->err, run.status, AIGOV_NO_POS,
                                "the decision was canceled");
    }
    return AIGOV_OK;
}

/* Matches and errors of the rules in scope of a set, without those that known
 * has. */
typedef struct matching {
    matched *match, *error;
    size_t matches, errors;
} matching;

static aigov_status match_rule(deciding *g, const policy_version *v,
                               const policy_rule *rule, matching *m)
{
    matched one = {v, rule, CEL_OK, 0, NULL, false};
    bool holds_;
    aigov_status st = evaluate(g, &rule->cond, &holds_, &one.error, &one.at);
    if (st != AIGOV_OK) {
        return st;
    }
    if (one.error != CEL_OK && (rule->skip || rule->effect == VERDICT_ALLOW)) {
        m->error[m->errors++] = one;
    } else if (holds_ || one.error != CEL_OK) {
        m->match[m->matches++] = one;
    }
    return AIGOV_OK;
}

static size_t count_rules(const policy_version *const *set, size_t n)
{
    size_t rules = 0;
    for (size_t i = 0; i < n; i++) {
        rules += set[i]->rules;
    }
    return rules;
}

static aigov_status match_set(deciding *g, const policy_version *const *set,
                              size_t n, matching *m)
{
    size_t most = count_rules(set, n) + 1;
    aigov_status st = AIGOV_OK;
    m->match = aigov__cel_alloc(&g->p->scratch, most * sizeof *m->match);
    m->error = aigov__cel_alloc(&g->p->scratch, most * sizeof *m->error);
    m->matches = m->errors = 0;
    if (m->match == NULL || m->error == NULL) {
        return aigov__nomem(g->err);
    }
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        for (size_t k = 0; k < set[i]->rules && st == AIGOV_OK; k++) {
            if (in_scope(g, &set[i]->rule[k])) {
                st = match_rule(g, set[i], &set[i]->rule[k], m);
            }
        }
    }
    return st;
}

/* --- exceptions ---------------------------------------------------------- */

static aigov_status used_up(deciding *g, const waiver *w, bool *yes)
{
    int64_t n = 0;
    aigov_status st = AIGOV_OK;
    if (g->ledger != NULL && g->ledger->uses != NULL) {
        st = g->ledger->uses(g->ledger->host, w->id.p, w->not_before, &n,
                             g->err);
    }
    *yes = n >= w->max_uses;
    return st;
}

/* An exception whose condition fails waives nothing. */
static aigov_status waive(deciding *g, matched *m)
{
    for (size_t i = 0; i < g->p->waivers; i++) {
        const waiver *w = &g->p->waiver[i];
        bool applies = false, used = true;
        cel_error error;
        uint32_t at;
        aigov_status st;
        if (!aigov_span_eq(w->rule, m->rule->id) || g->now < w->not_before ||
            g->now >= w->expires) {
            continue;
        }
        st = evaluate(g, &w->cond, &applies, &error, &at);
        if (st == AIGOV_OK && applies && error == CEL_OK) {
            st = used_up(g, w, &used);
        }
        if (st != AIGOV_OK) {
            return st;
        }
        if (!used) {
            m->waived = w;
            return AIGOV_OK;
        }
    }
    return AIGOV_OK;
}

/* --- approvals ----------------------------------------------------------- */

static aigov_span member_of(const cel_value *map, const char *name)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const cel_value *item = &map->items[2 * (size_t)i];
        if (item[1].kind == CEL_STRING &&
            aigov_span_is((aigov_span){item->s, item->n}, name)) {
            return (aigov_span){item[1].s, item[1].n};
        }
    }
    return (aigov_span){"", 0};
}

/* Different persons among the approvals, of a role or any. */
static int64_t persons(const cel_value *list, aigov_span role)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        aigov_span by = member_of(&list->items[i], "by");
        bool counts = by.n > 0 &&
                      (role.p == NULL ||
                       aigov_span_eq(member_of(&list->items[i], "role"), role));
        for (uint32_t k = 0; k < i && counts; k++) {
            counts = !aigov_span_eq(member_of(&list->items[k], "by"), by) ||
                     (role.p != NULL &&
                      !aigov_span_eq(member_of(&list->items[k], "role"), role));
        }
        n += counts ? 1 : 0;
    }
    return n;
}

/* 2 of "2"; 0 of what is no number. */
static int64_t number_of(aigov_span s)
{
    int64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || v > 1000) {
            return 0;
        }
        v = 10 * v + (s.p[i] - '0');
    }
    return v;
}

static aigov_span obligation_text(const aigov_json *j, uint32_t i,
                                  const char *name)
{
    uint32_t node = aigov_json_get(j, i, name);
    return node != 0 && j->node[node].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, node)
               : AIGOV_ABSENT;
}

/* Whether approvals in force satisfy a rule: each of its obligations approve.
 */
static bool satisfied(const policy_rule *rule, const cel_value *list)
{
    const aigov_json *j = &rule->from->j;
    uint32_t node = aigov__field_node(rule->from, "obligations");
    bool any = false;
    for (uint32_t i = node + 1; node != 0 && i < j->node[node].next;
         i = j->node[i].next) {
        aigov_span target = obligation_text(j, i, "target");
        int64_t n = number_of(target);
        if (!aigov_span_is(obligation_text(j, i, "kind"), "approve")) {
            continue;
        }
        any = true;
        if (n > 0 ? persons(list, AIGOV_ABSENT) < n
                  : persons(list, target) < 1) {
            return false;
        }
    }
    return any || persons(list, AIGOV_ABSENT) >= 1;
}

/* --- the verdict --------------------------------------------------------- */

static verdict strictest_default(const policy_version *const *set, size_t n)
{
    verdict v = VERDICT_ALLOW;
    for (size_t i = 0; i < n; i++) {
        v = set[i]->otherwise > v ? set[i]->otherwise : v;
    }
    return v;
}

/* Steps 3 to 5 over matches; keep those that count, in the order of deny first,
 * then priority, then id. */
static aigov_status rule_over(deciding *g, const policy_version *const *set,
                              size_t n, matching *m, ruling *out)
{
    const cel_value *signed_ = g->p->facts.value[AIGOV__FACT_approvals];
    verdict v = VERDICT_NONE, otherwise;
    bool allowed = false;
    for (size_t i = 0; i < m->matches; i++) {
        matched one = m->match[i];
        const policy_rule *rule = one.rule;
        if (!rule->hard && rule->effect != VERDICT_ALLOW) {
            aigov_status st = waive(g, &one);
            if (st != AIGOV_OK) {
                return st;
            }
        }
        one.satisfied = rule->effect == VERDICT_REQUIRE_APPROVAL &&
                        satisfied(rule, signed_);
        allowed = allowed || rule->effect == VERDICT_ALLOW;
        if (one.waived == NULL && !one.satisfied && rule->effect > v) {
            v = (verdict)rule->effect;
        }
        m->match[i] = one;
    }
    otherwise = strictest_default(set, n);
    out->otherwise = v != VERDICT_DENY && !allowed && otherwise > VERDICT_ALLOW;
    if (out->otherwise && otherwise == VERDICT_REQUIRE_APPROVAL &&
        persons(signed_, AIGOV_ABSENT) >= 1) {
        out->otherwise = false;
    }
    v = out->otherwise && otherwise > v ? otherwise : v;
    out->verdict = v == VERDICT_NONE ? VERDICT_ALLOW : v;
    out->match = m->match;
    out->matches = m->matches;
    return AIGOV_OK;
}

/* A match comes before another: the stronger effect, then the lower priority,
 * then the id. */
static bool before(const matched *a, const matched *b)
{
    size_t n = a->rule->id.n < b->rule->id.n ? a->rule->id.n : b->rule->id.n;
    int d;
    if (a->rule->effect != b->rule->effect) {
        return a->rule->effect > b->rule->effect;
    }
    if (a->rule->priority != b->rule->priority) {
        return a->rule->priority < b->rule->priority;
    }
    d = memcmp(a->rule->id.p, b->rule->id.p, n);
    return d != 0 ? d < 0 : a->rule->id.n < b->rule->id.n;
}

static void sort_matches(matching *m)
{
    for (size_t i = 1; i < m->matches; i++) {
        matched one = m->match[i];
        size_t k = i;
        for (; k > 0 && before(&one, &m->match[k - 1]); k--) {
            m->match[k] = m->match[k - 1];
        }
        m->match[k] = one;
    }
}

/* --- obligations --------------------------------------------------------- */

/* Strictest first; what is not here is the least strict. */
static size_t strictness(aigov_span value)
{
    static const char *const order[] = {"drop",      "replace", "mask", "hash",
                                        "pseudonym", "vault",   "keep"};
    size_t i = 0;
    while (i < sizeof order / sizeof order[0] &&
           !aigov_span_is(value, order[i])) {
        i++;
    }
    return i;
}

/* Of two of the same kind and target the stricter stays; of two redactions by
 * the order of operators, else the one that came first. */
static void add_obligation(decision *d, obligation *list, obligation one)
{
    for (size_t i = 0; i < d->obligations; i++) {
        if (!aigov_span_eq(list[i].kind, one.kind) ||
            !aigov_span_eq(list[i].target, one.target)) {
            continue;
        }
        if (strictness(one.value) < strictness(list[i].value)) {
            list[i] = one;
        }
        return;
    }
    list[d->obligations++] = one;
}

static size_t count_obligations(const ruling *r)
{
    size_t n = 1;
    for (size_t i = 0; i < r->matches; i++) {
        uint32_t node =
            aigov__field_node(r->match[i].rule->from, "obligations");
        n += node != 0 ? r->match[i].rule->from->j.node[node].size : 0;
    }
    return n;
}

static aigov_status find_obligations(deciding *g)
{
    decision *d = g->d;
    obligation *list = aigov__cel_alloc(
        &g->p->scratch, count_obligations(&d->acts) * sizeof *list);
    if (list == NULL) {
        return aigov__nomem(g->err);
    }
    d->obligation = list;
    for (size_t i = 0; i < d->acts.matches; i++) {
        const matched *m = &d->acts.match[i];
        const aigov_json *j = &m->rule->from->j;
        uint32_t node = aigov__field_node(m->rule->from, "obligations");
        if (m->waived != NULL) {
            continue;
        }
        for (uint32_t k = node + 1; node != 0 && k < j->node[node].next;
             k = j->node[k].next) {
            add_obligation(d, list,
                           (obligation){obligation_text(j, k, "kind"),
                                        obligation_text(j, k, "target"),
                                        obligation_text(j, k, "value"),
                                        m->rule});
        }
    }
    return AIGOV_OK;
}

/* --- the decision -------------------------------------------------------- */

/* tool runs besides pre at a tool call, retrieval at a retrieval. */
static void find_phase(deciding *g)
{
    const fact_set *f = &g->p->facts;
    aigov_span kind = text_of(f, AIGOV__FACT_req_kind);
    bool post = aigov_span_is(text_of(f, AIGOV__FACT_req_phase), "post");
    g->d->phase = post ? "post" : "pre";
    g->phases = post ? 1 << PHASE_POST : 1 << PHASE_PRE;
    if (post && !g->d->whole) {
        return;
    }
    g->phases |= 1 << PHASE_PRE;
    if (aigov_span_is(kind, "tool_call")) {
        g->phases |= 1 << PHASE_TOOL;
    }
    if (aigov_span_is(kind, "retrieval")) {
        g->phases |= 1 << PHASE_RETRIEVAL;
    }
}

static aigov_status decide_set(deciding *g, const policy_version *const *set,
                               size_t n, ruling *out)
{
    matching m;
    aigov_status st = match_set(g, set, n, &m);
    if (st != AIGOV_OK) {
        return st;
    }
    sort_matches(&m);
    if (!g->beside) {
        g->d->error = m.error;
        g->d->errors = m.errors;
    }
    return rule_over(g, set, n, &m, out);
}

static void begin(deciding *g)
{
    const cel_value *now = g->p->facts.value[AIGOV__FACT_now];
    g->now = now != NULL ? now->i * 1000000 + now->n / 1000 : 0;
    g->system = text_of(&g->p->facts, AIGOV__FACT_sys_id);
    g->provider = text_of(&g->p->facts, AIGOV__FACT_model_provider);
}

aigov_status aigov__decide_by(aigov_policies *p, policy_version *only,
                              decision *out, aigov_error *err)
{
    deciding g = {.p = p, .d = out, .err = err};
    aigov_status st;
    memset(out, 0, sizeof *out);
    aigov__cel_reset(&p->scratch);
    p->signed_ = NULL;
    p->signeds = 0;
    begin(&g);
    st = find_sets(&g, only);
    return st == AIGOV_OK ? hash_policies(&g) : st;
}

/* What is released takes a use of each approval in force, whether a rule or its
 * condition read it. */
static void use_approvals(aigov_policies *p, decision *d)
{
    if (d->acts.verdict < VERDICT_REQUIRE_APPROVAL) {
        d->approval = p->signed_;
        d->approvals = p->signeds;
    }
}

aigov_status aigov__decide(aigov_policies *p, const aigov_ledger *ledger,
                           decision *out, aigov_error *err)
{
    deciding g = {.p = p, .ledger = ledger, .d = out, .err = err};
    aigov_status st;
    begin(&g);
    find_phase(&g);
    g.left = DECISION_UNITS;
    st = decide_set(&g, out->version, out->versions, &out->acts);
    if (st == AIGOV_OK) {
        st = find_obligations(&g);
    }
    g.left = DECISION_UNITS;
    g.beside = true;
    if (st == AIGOV_OK && out->shadowed) {
        st = decide_set(&g, out->beside, out->besides, &out->shadow);
    }
    if (st == AIGOV_OK) {
        use_approvals(p, out);
    }
    return st;
}
