/*
 * approvals.c - which approvals of a held call are in force
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * policy/README.md: an approval releases a call that is asked again with the
 * same facts digest, tried with the salt of the attempt whose digest it names,
 * and the same policy hash, in time, with uses left, unless a later one rejects
 * that digest.  Who signed is the person of the one role entry of the login,
 * and not the actor; of one person and one `about` one approval counts, the
 * newest.
 */
#include "internal.h"

#include <stdio.h>

#define MAX_SIGNED 64

/* An earlier attempt, as far as approvals ask. */
typedef struct earlier {
    uint8_t digest[32]; /* that its entry names */
    bool same;          /* the call at hand has it too */
} earlier;

typedef struct reading {
    aigov_policies *p;
    const call_at_hand *call;
    earlier *attempt;
    size_t n, cap;
    aigov_span *used; /* approvals that attempts used, once a use */
    size_t uses, use_cap;
    aigov_json j;
} reading;

/* --- earlier attempts ---------------------------------------------------- */

static bool keep(reading *r, aigov_span id)
{
    char *s = aigov__cel_alloc(&r->p->scratch, id.n + 1);
    if (s == NULL || !aigov__room(r->p->ctx, (void **)&r->used, &r->use_cap,
                                  sizeof *r->used, r->uses + 1)) {
        return false;
    }
    memcpy(s, id.p, id.n);
    r->used[r->uses++] = (aigov_span){s, id.n};
    return true;
}

/* The ids in body.policy.approvals. */
static bool read_uses(reading *r, uint32_t policy)
{
    const aigov_json *j = &r->j;
    uint32_t list = aigov_json_get(j, policy, "approvals");
    for (uint32_t i = list + 1; list != 0 && i < j->node[list].next;
         i = j->node[i].next) {
        if (j->node[i].type == AIGOV_JSON_STRING &&
            !keep(r, aigov_json_text(j, i))) {
            return false;
        }
    }
    return true;
}

static aigov_status read_digest(reading *r, uint32_t policy, aigov_span salt,
                                aigov_error *err)
{
    uint32_t node = aigov_json_get(&r->j, policy, "facts_digest");
    uint8_t own[32];
    earlier one;
    aigov_status st;
    if (node == 0 || r->j.node[node].type != AIGOV_JSON_STRING ||
        !aigov_hex_parse(aigov_json_text(&r->j, node), one.digest, 32)) {
        return AIGOV_OK;
    }
    one.same = false;
    if (salt.n == 32) {
        st = r->call->digest(r->call->host, salt, own, err);
        if (st != AIGOV_OK) {
            return st;
        }
        one.same = memcmp(own, one.digest, 32) == 0;
    }
    if (!aigov__room(r->p->ctx, (void **)&r->attempt, &r->cap, sizeof one,
                     r->n + 1)) {
        return aigov__nomem(err);
    }
    r->attempt[r->n++] = one;
    return AIGOV_OK;
}

static aigov_status read_attempt(void *arg, const aigov_attempt *a,
                                 aigov_error *err)
{
    reading *r = arg;
    uint32_t policy;
    aigov_status st =
        aigov_json_read(&r->j, AIGOV_JSON_STRICT, a->entry->body, err);
    if (st != AIGOV_OK) {
        return st;
    }
    policy = r->j.node[0].type == AIGOV_JSON_OBJECT
                 ? aigov_json_get(&r->j, 0, "policy")
                 : 0;
    if (policy == 0 || r->j.node[policy].type != AIGOV_JSON_OBJECT) {
        return AIGOV_OK;
    }
    return read_uses(r, policy) ? read_digest(r, policy, a->salt, err)
                                : aigov__nomem(err);
}

/* --- one approval -------------------------------------------------------- */

static bool is_hash(const revision *v, const char *name, const uint8_t hash[32])
{
    uint8_t own[32];
    aigov_span text = aigov__field_text(v, name);
    return text.p != NULL && aigov_hex_parse(text, own, 32) &&
           memcmp(own, hash, 32) == 0;
}

/* Whether the digest that it names is that of an attempt, and of this call. */
static bool names_call(const reading *r, const revision *v)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->attempt[i].same &&
            is_hash(v, "facts_digest", r->attempt[i].digest)) {
            return true;
        }
    }
    return false;
}

static int64_t uses_of(const reading *r, aigov_span id)
{
    int64_t n = 0;
    for (size_t i = 0; i < r->uses; i++) {
        n += aigov_span_eq(r->used[i], id) ? 1 : 0;
    }
    return n;
}

aigov_span aigov__person_of(const aigov_policies *p, aigov_span login)
{
    const register_row *row;
    aigov_span person = AIGOV_ABSENT;
    size_t pos = 0;
    while ((row = aigov__register_next(p->registers, "role", &pos)) != NULL) {
        aigov_span own = aigov__field_text(row->latest, "person");
        if (!aigov_span_eq(aigov__field_text(row->latest, "login"), login) ||
            own.p == NULL) {
            continue;
        }
        if (person.p != NULL && !aigov_span_eq(person, own)) {
            return AIGOV_ABSENT;
        }
        person = own;
    }
    return person;
}

static bool newer(const revision *a, const revision *b)
{
    return a->at != b->at ? a->at > b->at : a->seq > b->seq;
}

/* A later rejection of the same digest takes every approval of it back. */
static bool rejected(const reading *r, const revision *v)
{
    const register_row *row = NULL;
    aigov_span digest = aigov__field_text(v, "facts_digest");
    while ((row = aigov__register_call(r->p->registers,
                                       aigov_str(r->call->interaction), row)) !=
           NULL) {
        const revision *w = row->latest;
        if (newer(w, v) &&
            aigov_span_is(aigov__field_text(w, "outcome"), "rejected") &&
            aigov_span_eq(aigov__field_text(w, "facts_digest"), digest)) {
            return true;
        }
    }
    return false;
}

static bool in_force(const reading *r, const register_row *row)
{
    const revision *v = row->latest;
    int64_t expires, most;
    return aigov_span_is(aigov__field_text(v, "outcome"), "approved") &&
           aigov__field_time(v, "expires_at", &expires) &&
           r->call->now < expires && aigov__field_int(v, "max_uses", &most) &&
           uses_of(r, row->subject) < most &&
           is_hash(v, "policy_hash", r->call->hash) && names_call(r, v) &&
           !rejected(r, v);
}

/* --- as a fact ----------------------------------------------------------- */

typedef struct signature {
    const register_row *row;
    aigov_span person, about;
} signature;

static bool put(cel_value *item, size_t *k, const char *name, aigov_span text)
{
    if (text.p == NULL) {
        return true;
    }
    item[2 * *k] = (cel_value){
        .kind = CEL_STRING, .n = (uint32_t)strlen(name), {.s = name}};
    item[2 * *k + 1] =
        (cel_value){.kind = CEL_STRING, .n = (uint32_t)text.n, {.s = text.p}};
    (*k)++;
    return true;
}

/* by, digest, expires, kind, req, role: in the order of RFC 8785. */
static bool fact_of(const reading *r, const signature *s, cel_value *out)
{
    cel_value *item = aigov__cel_alloc(&r->p->facts.arena, 12 * sizeof *item);
    const cel_value *tool = r->p->facts.value[AIGOV__FACT_tool_digest];
    const revision *v = s->row->latest;
    int64_t expires = 0;
    size_t k = 0;
    if (item == NULL) {
        return false;
    }
    aigov__field_time(v, "expires_at", &expires);
    put(item, &k, "by", s->person);
    if (tool != NULL) {
        put(item, &k, "digest", (aigov_span){tool->s, tool->n});
    }
    put(item, &k, "expires", AIGOV_LIT(""));
    item[2 * k - 1] = aigov__time_value(expires);
    put(item, &k, "kind", s->about);
    put(item, &k, "req", aigov_str(r->call->interaction));
    put(item, &k, "role", aigov__field_text(v, "role"));
    *out = (cel_value){.kind = CEL_MAP, .n = (uint32_t)k, {.items = item}};
    return true;
}

/* Of one person and about, the newest. */
static void add(signature *list, size_t *n, signature one)
{
    for (size_t i = 0; i < *n; i++) {
        if (aigov_span_eq(list[i].person, one.person) &&
            aigov_span_eq(list[i].about, one.about)) {
            if (newer(one.row->latest, list[i].row->latest)) {
                list[i] = one;
            }
            return;
        }
    }
    if (*n < MAX_SIGNED) {
        list[(*n)++] = one;
    }
}

static size_t gather(const reading *r, signature list[MAX_SIGNED])
{
    const cel_value *actor = r->p->facts.value[AIGOV__FACT_actor_id];
    const register_row *row = NULL;
    size_t n = 0;
    while ((row = aigov__register_call(r->p->registers,
                                       aigov_str(r->call->interaction), row)) !=
           NULL) {
        signature one = {row, AIGOV_ABSENT, AIGOV_ABSENT};
        if (!in_force(r, row)) {
            continue;
        }
        one.person = aigov__person_of(r->p, row->latest->login);
        one.about = aigov__field_text(row->latest, "about");
        if (one.person.p != NULL &&
            (actor == NULL ||
             !aigov_span_eq(one.person, (aigov_span){actor->s, actor->n}))) {
            add(list, &n, one);
        }
    }
    return n;
}

static bool put_fact(reading *r, const signature *list, size_t n)
{
    aigov_policies *p = r->p;
    cel_value *item = aigov__cel_alloc(&p->facts.arena, n * sizeof *item);
    p->signed_ = aigov__cel_alloc(&p->scratch, n * sizeof *p->signed_);
    if (item == NULL || p->signed_ == NULL) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        p->signed_[i] = list[i].row->subject;
        if (!fact_of(r, &list[i], &item[i])) {
            return false;
        }
    }
    p->signeds = n;
    aigov__facts_set(
        &p->facts, AIGOV__FACT_approvals,
        (cel_value){.kind = CEL_LIST, .n = (uint32_t)n, {.items = item}});
    return true;
}

aigov_status aigov__approvals(aigov_policies *p, const aigov_ledger *ledger,
                              const call_at_hand *call, aigov_error *err)
{
    reading r = {.p = p, .call = call, .j = {.ctx = p->ctx}};
    signature list[MAX_SIGNED];
    uint8_t interaction[16];
    aigov_status st;
    size_t n;
    if (ledger == NULL || ledger->attempts == NULL ||
        !aigov_uuid_parse(aigov_str(call->interaction), interaction) ||
        aigov__register_call(p->registers, aigov_str(call->interaction),
                             NULL) == NULL) {
        return AIGOV_OK;
    }
    st = ledger->lock != NULL ? ledger->lock(ledger->host, interaction, err)
                              : AIGOV_OK;
    if (st == AIGOV_OK) {
        st = ledger->attempts(ledger->host, interaction, read_attempt, &r, err);
    }
    n = st == AIGOV_OK ? gather(&r, list) : 0;
    if (n > 0 && !put_fact(&r, list, n)) {
        st = aigov__nomem(err);
    }
    aigov_json_free(&r.j);
    aigov_mfree(p->ctx, r.attempt, r.cap * sizeof *r.attempt);
    aigov_mfree(p->ctx, r.used, r.use_cap * sizeof *r.used);
    return st;
}
