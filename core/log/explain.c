/*
 * explain.c - why a decision is what it is
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One canonical object out of a decision that was taken again:
 *
 *   approvals, decision, facts_digest, hash, id, interaction, policies   as the
 *                entry has them
 *   obligations  [{kind, rule, target, value}]
 *   needed       [{..}]: what would have let the call go, an element for each
 *                rule or default that stands in its way: {rule, approve} with
 *                the obligation's target or "1", {rule, exception: true},
 *                {rule, exception: false} of a hard one, {default, allow: [ids
 *                of the rules that could have allowed it]}
 *   reproduced   true: the same came out; else false, and `why`
 *   rules        of those that matched: {cond, effect, error, facts, hard,
 *                id, mode, phase, priority, reason, satisfied, waived}; facts
 *                are the values that its condition read
 *   shadow       as the entry has it
 */
#include "retake.h"

typedef struct writing {
    aigov_buf *b;
    bool ok;
} writing;

static void put(writing *w, const char *s)
{
    w->ok = w->ok && aigov_buf_puts(w->b, s);
}

static void text(writing *w, aigov_span s)
{
    w->ok = w->ok && aigov_buf_put_json_string(w->b, s);
}

static void member(writing *w, const char *name, aigov_span s)
{
    if (s.p != NULL) {
        put(w, ",\"");
        put(w, name);
        put(w, "\":");
        text(w, s);
    }
}

static void flag(writing *w, const char *name, bool yes)
{
    put(w, ",\"");
    put(w, name);
    put(w, yes ? "\":true" : "\":false");
}

/* --- rules --------------------------------------------------------------- */

#define MAX_READ 256

static void facts(writing *w, const aigov_policies *p, const condition *c)
{
    uint32_t slot[MAX_READ];
    const uint32_t *reads;
    size_t n;
    if (c->program == NULL) {
        return;
    }
    reads = aigov__cel_reads(c->program, &n);
    n = n < MAX_READ ? n : MAX_READ;
    for (size_t i = 0; i < n; i++) {
        slot[i] = reads[i];
    }
    aigov__facts_sort(&p->env, slot, n);
    put(w, ",\"facts\":");
    w->ok = w->ok && aigov__facts_write(&p->facts, &p->env, slot, n, w->b);
}

static void rule(writing *w, const aigov_policies *p, const matched *m)
{
    const revision *v = m->rule->from;
    put(w, "{\"id\":");
    text(w, m->rule->id);
    member(w, "effect", aigov__field_text(v, "effect"));
    member(w, "mode", aigov__field_text(v, "mode"));
    member(w, "phase", aigov__field_text(v, "phase"));
    member(w, "reason", aigov__field_text(v, "reason"));
    member(w, "cond", aigov__field_text(v, "cond"));
    member(w, "ref", aigov__field_text(v, "ref"));
    facts(w, p, &m->rule->cond);
    flag(w, "hard", m->rule->hard);
    put(w, ",\"priority\":");
    w->ok = w->ok && aigov_buf_put_i64(w->b, m->rule->priority);
    if (m->error != CEL_OK) {
        member(w, "error", aigov_str(aigov__cel_error_name(m->error)));
        put(w, ",\"at\":");
        w->ok = w->ok && aigov_buf_put_i64(w->b, m->at);
    }
    if (m->satisfied) {
        flag(w, "satisfied", true);
    }
    if (m->waived != NULL) {
        member(w, "waived", m->waived->id);
    }
    put(w, "}");
}

static void rules(writing *w, const retake *t)
{
    put(w, ",\"rules\":[");
    for (size_t i = 0; i < t->d.acts.matches; i++) {
        put(w, i == 0 ? "" : ",");
        rule(w, t->then, &t->d.acts.match[i]);
    }
    put(w, "]");
}

/* --- what was needed ----------------------------------------------------- */

static void begin(writing *w, bool *first)
{
    put(w, *first ? "{" : ",{");
    *first = false;
}

/* The obligations approve of a rule, or one person. */
static void approvals(writing *w, const matched *m, bool *first)
{
    const aigov_json *j = &m->rule->from->j;
    uint32_t list = aigov__field_node(m->rule->from, "obligations");
    bool any = false;
    for (uint32_t i = list + 1; list != 0 && i < j->node[list].next;
         i = j->node[i].next) {
        uint32_t kind = aigov_json_get(j, i, "kind");
        uint32_t target = aigov_json_get(j, i, "target");
        if (kind == 0 || !aigov_span_is(aigov_json_text(j, kind), "approve") ||
            target == 0) {
            continue;
        }
        begin(w, first);
        put(w, "\"rule\":");
        text(w, m->rule->id);
        member(w, "approve", aigov_json_text(j, target));
        put(w, "}");
        any = true;
    }
    if (!any) {
        begin(w, first);
        put(w, "\"rule\":");
        text(w, m->rule->id);
        member(w, "approve", AIGOV_LIT("1"));
        put(w, "}");
    }
}

static void need(writing *w, const matched *m, bool *first)
{
    if (m->waived != NULL || m->satisfied) {
        return;
    }
    if (m->rule->effect == VERDICT_REQUIRE_APPROVAL) {
        approvals(w, m, first);
    } else if (m->rule->effect == VERDICT_DENY) {
        begin(w, first);
        put(w, "\"rule\":");
        text(w, m->rule->id);
        flag(w, "exception", !m->rule->hard);
        put(w, "}");
    }
}

/* The rules that could have allowed it. */
static void allowing(writing *w, const decision *d)
{
    bool first = true;
    put(w, "\"allow\":[");
    for (size_t i = 0; i < d->versions; i++) {
        for (size_t k = 0; k < d->version[i]->rules; k++) {
            const policy_rule *r = &d->version[i]->rule[k];
            if (r->effect != VERDICT_ALLOW || r->mode != MODE_ENFORCE) {
                continue;
            }
            put(w, first ? "" : ",");
            text(w, r->id);
            first = false;
        }
    }
    put(w, "],\"default\":true}");
}

static void needed(writing *w, const retake *t)
{
    bool first = true;
    put(w, ",\"needed\":[");
    if (t->d.acts.verdict >= VERDICT_REQUIRE_APPROVAL) {
        for (size_t i = 0; i < t->d.acts.matches; i++) {
            need(w, &t->d.acts.match[i], &first);
        }
    }
    if (t->d.acts.otherwise) {
        begin(w, &first);
        allowing(w, &t->d);
    }
    put(w, "]");
}

/* --- the object ---------------------------------------------------------- */

/* What the entry says, as it stands there. */
static aigov_status recorded(writing *w, const retake *t, aigov_error *err)
{
    static const char *const names[] = {
        "approvals", "errors",   "facts_digest", "hash",  "obligations",
        "phase",     "policies", "reasons",      "shadow"};
    aigov_status st = AIGOV_OK;
    for (size_t i = 0;
         i < sizeof names / sizeof names[0] && st == AIGOV_OK && t->policy != 0;
         i++) {
        uint32_t node = aigov_json_get(&t->j, t->policy, names[i]);
        if (node != 0) {
            put(w, ",\"");
            put(w, names[i]);
            put(w, "\":");
            st = aigov_json_canonical(&t->j, node, w->b, err);
        }
    }
    return st;
}

static aigov_status write(retake *t, const aigov_entry *e, retaken result,
                          const char *why, aigov_buf *b, aigov_error *err)
{
    writing w = {b, true};
    aigov_status st;
    put(&w, "{\"id\":");
    text(&w, e->id);
    member(&w, "decision", e->decision);
    member(&w, "interaction", e->interaction);
    member(&w, "kind", e->kind);
    member(&w, "system", e->system);
    flag(&w, "reproduced", result == RETAKEN_SAME);
    if (result != RETAKEN_SAME) {
        member(&w, "why", aigov_str(why));
    }
    st = recorded(&w, t, err);
    if (t->d.governed && result != RETAKEN_UNKNOWN) {
        rules(&w, t);
        needed(&w, t);
    }
    put(&w, "}");
    return st == AIGOV_OK && !w.ok ? aigov__nomem(err) : st;
}

aigov_status aigov__explain(retake *t, const aigov_entry *e, retaken result,
                            const char *why, aigov_buf *out, aigov_error *err)
{
    aigov_status st;
    out->n = 0;
    t->request.n = 0;
    st = write(t, e, result, why, &t->request, err);
    return st == AIGOV_OK
               ? aigov_canonical(t->ctx, aigov_buf_span(&t->request), out, err)
               : st;
}
