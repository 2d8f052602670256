/*
 * answer.c - a decision as JSON: what body.policy of an entry says
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One canonical object; a member without anything to say is left out.
 *
 *   approvals    ids of the approvals that were in force and were used
 *   decision     the verdict; of an entry it is the column decision
 *   engine       1: facts.csv and composition, as they are in this version
 *   errors       [{at, error, rule}]: conditions that failed; at is the byte
 *   facts        of an entry: what the rules in force read, but for what is
 *                absent
 *   facts_digest of a held call: what an approval of it names
 *   hash         policy_hash, 64 hex digits
 *   obligations  [{kind, rule, target, value}]
 *   otherwise    true: no rule allowed, so default_effect counted
 *   phase        pre, post
 *   policies     ["main/7"]: the versions in force, in the order of their ids
 *   reasons      [{reason, rule}] of the rules that make the verdict; without
 *                rule: default, no_policy; policy_error:CODE where a rule
 * failed rules        ids of the rules that matched, the strongest first
 *   satisfied    those of them that approvals took away
 *   shadow       {decision, rules, waived}: what would have been decided
 *   units        what all conditions used
 *   waived       [{exception, rule}]: matches that an exception took away
 */
#include "internal.h"

typedef struct writing {
    aigov_buf *b;
    bool ok, first;
} writing;

static void puts_(writing *w, const char *s)
{
    w->ok = w->ok && aigov_buf_puts(w->b, s);
}

static void text(writing *w, aigov_span s)
{
    w->ok = w->ok && aigov_buf_put_json_string(w->b, s);
}

static void name(writing *w, const char *s)
{
    puts_(w, w->first ? "" : ",");
    w->first = false;
    text(w, aigov_str(s));
    puts_(w, ":");
}

static void number(writing *w, int64_t v)
{
    w->ok = w->ok && aigov_buf_put_i64(w->b, v);
}

static void hash(writing *w, const char *what, const uint8_t bytes[32])
{
    name(w, what);
    puts_(w, "\"");
    w->ok = w->ok && aigov_buf_put_hex(w->b, bytes, 32);
    puts_(w, "\"");
}

/* --- members ------------------------------------------------------------- */

static void put_approvals(writing *w, const decision *d)
{
    if (d->approvals == 0) {
        return;
    }
    name(w, "approvals");
    for (size_t i = 0; i < d->approvals; i++) {
        puts_(w, i == 0 ? "[" : ",");
        text(w, d->approval[i]);
    }
    puts_(w, "]");
}

static void put_error(writing *w, const matched *m, bool first)
{
    puts_(w, first ? "[{\"at\":" : ",{\"at\":");
    number(w, m->at);
    puts_(w, ",\"error\":");
    text(w, aigov_str(aigov__cel_error_name(m->error)));
    puts_(w, ",\"rule\":");
    text(w, m->rule->id);
    puts_(w, "}");
}

static void put_errors(writing *w, const decision *d)
{
    bool first = true;
    for (size_t i = 0; i < d->acts.matches; i++) {
        if (d->acts.match[i].error != CEL_OK) {
            if (first) {
                name(w, "errors");
            }
            put_error(w, &d->acts.match[i], first);
            first = false;
        }
    }
    for (size_t i = 0; i < d->errors; i++) {
        if (first) {
            name(w, "errors");
        }
        put_error(w, &d->error[i], first);
        first = false;
    }
    puts_(w, first ? "" : "]");
}

static void put_facts(writing *w, const aigov_policies *p)
{
    name(w, "facts");
    w->ok = w->ok &&
            aigov__facts_write(&p->facts, &p->env, p->kept, p->keeps, w->b);
}

static void put_obligations(writing *w, const decision *d)
{
    if (d->obligations == 0) {
        return;
    }
    name(w, "obligations");
    for (size_t i = 0; i < d->obligations; i++) {
        const obligation *o = &d->obligation[i];
        puts_(w, i == 0 ? "[{\"kind\":" : ",{\"kind\":");
        text(w, o->kind);
        puts_(w, ",\"rule\":");
        text(w, o->rule->id);
        if (o->target.p != NULL) {
            puts_(w, ",\"target\":");
            text(w, o->target);
        }
        if (o->value.p != NULL) {
            puts_(w, ",\"value\":");
            text(w, o->value);
        }
        puts_(w, "}");
    }
    puts_(w, "]");
}

static bool id_below(aigov_span a, aigov_span b)
{
    int d = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return d != 0 ? d < 0 : a.n < b.n;
}

/* The least id above last; the versions of a decision are few. */
static const policy_version *next_version(const decision *d, aigov_span last)
{
    const policy_version *best = NULL;
    for (size_t i = 0; i < d->versions; i++) {
        const policy_version *v = d->version[i];
        if ((last.p == NULL || id_below(last, v->id)) &&
            (best == NULL || id_below(v->id, best->id))) {
            best = v;
        }
    }
    return best;
}

static void put_policies(writing *w, const decision *d)
{
    aigov_span last = AIGOV_ABSENT;
    const policy_version *v;
    name(w, "policies");
    puts_(w, "[");
    while ((v = next_version(d, last)) != NULL) {
        puts_(w, last.p == NULL ? "" : ",");
        text(w, v->id);
        last = v->id;
    }
    puts_(w, "]");
}

/* Whether a match is part of why the verdict is what it is. */
static bool decides(const decision *d, const matched *m)
{
    verdict effect = (verdict)m->rule->effect;
    return m->waived == NULL && !m->satisfied &&
           (effect == d->acts.verdict || effect > VERDICT_ALLOW);
}

static void put_reason(writing *w, aigov_span reason, aigov_span rule,
                       bool first)
{
    puts_(w, first ? "[{\"reason\":" : ",{\"reason\":");
    text(w, reason);
    if (rule.p != NULL) {
        puts_(w, ",\"rule\":");
        text(w, rule);
    }
    puts_(w, "}");
}

static aigov_span error_reason(cel_error e, char out[64])
{
    static const char prefix[] = "policy_error:";
    const char *code = aigov__cel_error_name(e);
    size_t n = sizeof prefix - 1, more = strlen(code);
    memcpy(out, prefix, n);
    more = more < 64 - n ? more : 64 - n;
    memcpy(out + n, code, more);
    return (aigov_span){out, n + more};
}

static void put_reasons(writing *w, const decision *d)
{
    bool first = true;
    char code[64];
    name(w, "reasons");
    for (size_t i = 0; i < d->acts.matches; i++) {
        const matched *m = &d->acts.match[i];
        if (decides(d, m)) {
            put_reason(w,
                       m->error != CEL_OK
                           ? error_reason(m->error, code)
                           : aigov__field_text(m->rule->from, "reason"),
                       m->rule->id, first);
            first = false;
        }
    }
    if (first || d->acts.otherwise) {
        put_reason(w,
                   d->governed ? AIGOV_LIT("default") : AIGOV_LIT("no_policy"),
                   AIGOV_ABSENT, first);
    }
    puts_(w, "]");
}

static void put_rules(writing *w, const ruling *r)
{
    name(w, "rules");
    puts_(w, "[");
    for (size_t i = 0; i < r->matches; i++) {
        puts_(w, i == 0 ? "" : ",");
        text(w, r->match[i].rule->id);
    }
    puts_(w, "]");
}

static void put_satisfied(writing *w, const decision *d)
{
    bool first = true;
    for (size_t i = 0; i < d->acts.matches; i++) {
        if (d->acts.match[i].satisfied) {
            if (first) {
                name(w, "satisfied");
            }
            puts_(w, first ? "[" : ",");
            text(w, d->acts.match[i].rule->id);
            first = false;
        }
    }
    puts_(w, first ? "" : "]");
}

static void put_waived(writing *w, const ruling *r)
{
    bool first = true;
    for (size_t i = 0; i < r->matches; i++) {
        const matched *m = &r->match[i];
        if (m->waived == NULL) {
            continue;
        }
        if (first) {
            name(w, "waived");
        }
        puts_(w, first ? "[{\"exception\":" : ",{\"exception\":");
        text(w, m->waived->id);
        puts_(w, ",\"rule\":");
        text(w, m->rule->id);
        puts_(w, "}");
        first = false;
    }
    puts_(w, first ? "" : "]");
}

static void put_shadow(writing *w, const decision *d)
{
    if (!d->shadowed) {
        return;
    }
    name(w, "shadow");
    puts_(w, "{\"decision\":");
    text(w, aigov_str(aigov__verdict_name(d->shadow.verdict)));
    put_rules(w, &d->shadow);
    put_waived(w, &d->shadow);
    puts_(w, "}");
}

aigov_status aigov__answer(const aigov_policies *p, const decision *d,
                           bool verdict_too, aigov_buf *out, aigov_error *err)
{
    writing w = {out, true, true};
    puts_(&w, "{");
    put_approvals(&w, d);
    if (verdict_too) {
        name(&w, "decision");
        text(&w, aigov_str(aigov__verdict_name(d->acts.verdict)));
    }
    name(&w, "engine");
    number(&w, AIGOV__ENGINE);
    put_errors(&w, d);
    if (d->governed) {
        if (!verdict_too) { /* who asks for one gave the facts */
            put_facts(&w, p);
        }
        if (d->digested) {
            hash(&w, "facts_digest", d->digest);
        }
        hash(&w, "hash", d->hash);
    }
    put_obligations(&w, d);
    if (d->acts.otherwise) {
        name(&w, "otherwise");
        puts_(&w, "true");
    }
    name(&w, "phase");
    text(&w, aigov_str(d->phase));
    put_policies(&w, d);
    put_reasons(&w, d);
    if (d->reserved > 0) {
        name(&w, "reserved");
        number(&w, d->reserved);
    }
    put_rules(&w, &d->acts);
    put_satisfied(&w, d);
    put_shadow(&w, d);
    name(&w, "units");
    number(&w, (int64_t)d->units);
    put_waived(&w, &d->acts);
    puts_(&w, "}");
    return w.ok ? AIGOV_OK : aigov__nomem(err);
}

/* --- the public function ------------------------------------------------- */

aigov_status aigov_decide(aigov_policies *p, aigov_span facts,
                          aigov_span policy, aigov_buf *out, aigov_error *err)
{
    aigov_json j = {.ctx = p->ctx};
    policy_version *only = NULL;
    decision d;
    aigov_status st = aigov_policies_ready(p, err);
    if (st == AIGOV_OK && policy.p != NULL) {
        st = aigov__policies_version(p, policy, &only, err);
        if (st == AIGOV_OK && only == NULL) {
            st = aigov_fail(err, AIGOV_NOENTRY, AIGOV_NO_POS,
                            "there is no such version of a policy");
        }
    }
    if (st == AIGOV_OK) {
        st = aigov_json_read(&j, AIGOV_JSON_STRICT, facts, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__facts_begin(&p->facts, p->ctx, p->slots, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__facts_read(&p->facts, &p->env, &j, 0, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__decide_by(p, only, &d, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__decide(p, NULL, &d, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__answer(p, &d, true, out, err);
    }
    aigov_json_free(&j);
    return st;
}
