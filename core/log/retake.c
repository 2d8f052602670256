/*
 * retake.c - a recorded decision, taken again from its entry
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Facts are put together in the order of how near they are to the call:
 *
 *   1  of an answer: what the request said, but for data.* and content.*
 *   2  body.policy.facts: what the rules in force read then
 *   3  what the entry itself says, the finding counts, the time
 *   4  the registers, as of body.under
 *   5  tool.args, out of content
 *
 * What comes later wins, so that the facts that the rules read, written once
 * more, are those that the entry keeps, or the entry was changed.  Sums of
 * budgets, the depth of delegation and approvals are taken as the entry keeps
 * them.  Whether an exception was used up is what the entry says too: it waived
 * a rule where it stands in `waived`.  All else of body.policy must come out to
 * the byte.
 */
#include "retake.h"

#include <stdio.h>

void aigov__retake_init(retake *t, aigov_ctx *ctx, const aigov_audit_host *host)
{
    memset(t, 0, sizeof *t);
    t->ctx = ctx;
    t->host = host;
    t->j.ctx = t->before.ctx = t->content.ctx = ctx;
    aigov_buf_init(&t->record, ctx);
    aigov_buf_init(&t->request, ctx);
    aigov_buf_init(&t->fresh, ctx);
    aigov_buf_init(&t->kept, ctx);
    aigov_buf_init(&t->leaf, ctx);
}

void aigov__retake_free(retake *t)
{
    if (t->reads != NULL) {
        aigov_mfree(t->ctx, t->reads, t->now->slots);
    }
    aigov_json_free(&t->j);
    aigov_json_free(&t->before);
    aigov_json_free(&t->content);
    aigov_buf_free(&t->record);
    aigov_buf_free(&t->request);
    aigov_buf_free(&t->fresh);
    aigov_buf_free(&t->kept);
    aigov_buf_free(&t->leaf);
}

static retaken verdict_of(retaken result, const char *word,
                          char why[AIGOV_AUDIT_WHY])
{
    snprintf(why, AIGOV_AUDIT_WHY, "%s", word);
    return result;
}

static bool is_fatal(aigov_status st)
{
    return st == AIGOV_NOMEM || st == AIGOV_CANCELED || st == AIGOV_CRYPTO;
}

/* --- members ------------------------------------------------------------- */

static uint32_t member(const aigov_json *j, uint32_t object, const char *name)
{
    return object < j->nodes && j->node[object].type == AIGOV_JSON_OBJECT
               ? aigov_json_get(j, object, name)
               : 0;
}

static uint32_t in_policy(const retake *t, const char *name)
{
    return t->policy != 0 ? member(&t->j, t->policy, name) : 0;
}

static aigov_span text_at(const aigov_json *j, uint32_t i)
{
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

/* --- entries ------------------------------------------------------------- */

static aigov_status content_of(retake *t, const aigov_entry *e,
                               aigov_span *text, aigov_error *err)
{
    *text = AIGOV_ABSENT;
    return t->host->content != NULL
               ? t->host->content(t->host->host, e, text, err)
               : AIGOV_OK;
}

/* The entry as a record, in `text` and `j`. */
static aigov_status read_entry(retake *t, const aigov_entry *e, aigov_buf *text,
                               aigov_json *j, aigov_error *err)
{
    aigov_span content = AIGOV_ABSENT;
    aigov_status st = AIGOV_OK;
    if (aigov__has_moved(e)) {
        st = content_of(t, e, &content, err);
        t->moved_gone = t->moved_gone || content.p == NULL;
    }
    if (st == AIGOV_OK) {
        st = aigov__entry_record(t->ctx, e, content, text, err);
    }
    return st == AIGOV_OK ? aigov_json_read(j, AIGOV_JSON_STRICT,
                                            aigov_buf_span(text), err)
                          : st;
}

/* --- facts --------------------------------------------------------------- */

/* 1: the last request before the answer. */
static aigov_status from_request(retake *t, const aigov_entry *e,
                                 aigov_error *err)
{
    aigov_entry request = {0};
    aigov_status st;
    if (!AIGOV__IS(e->kind, "response") || t->host->request == NULL) {
        return AIGOV_OK;
    }
    st = t->host->request(t->host->host, e, &request, err);
    if (st != AIGOV_OK || request.body.p == NULL) {
        return st;
    }
    st = read_entry(t, &request, &t->request, &t->before, err);
    if (st == AIGOV_OK) {
        st = aigov__facts_said(t->then, &t->before, &t->retention, err);
    }
    aigov__facts_answered(&t->then->facts);
    return st;
}

/* 2. */
static aigov_status from_kept(retake *t, aigov_error *err)
{
    uint32_t facts = in_policy(t, "facts");
    return facts != 0 ? aigov__facts_read(&t->then->facts, &t->then->env, &t->j,
                                          facts, err)
                      : AIGOV_OK;
}

static bool stamp(retake *t, const aigov_entry *e)
{
    fact_set *f = &t->then->facts;
    aigov_span call = e->interaction.p != NULL ? e->interaction : e->id;
    aigov__facts_time(f, AIGOV__FACT_now, e->at);
    return aigov__facts_text(f, AIGOV__FACT_req_id, call) &&
           aigov__facts_text(f, AIGOV__FACT_req_phase,
                             AIGOV__IS(e->kind, "request")
                                 ? AIGOV_LIT("pre")
                                 : AIGOV_LIT("post")) &&
           (e->system.p == NULL ||
            aigov__facts_text(f, AIGOV__FACT_sys_id, e->system));
}

/* 3.  What the ledger or a detector raised above what was said stays raised. */
static aigov_status from_entry(retake *t, const aigov_entry *e,
                               aigov_error *err)
{
    fact_set *f = &t->then->facts;
    cel_value depth = f->own[AIGOV__FACT_req_depth];
    cel_value injection = f->own[AIGOV__FACT_content_injection];
    bool deep = f->given[AIGOV__FACT_req_depth] != 0;
    bool scored = f->given[AIGOV__FACT_content_injection] != 0;
    aigov_status st = stamp(t, e) ? AIGOV_OK : aigov__nomem(err);
    if (st == AIGOV_OK) {
        st = aigov__facts_said(t->then, &t->j, &t->retention, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__facts_found(t->then, e, &t->j, err);
    }
    if (deep && depth.i > f->value[AIGOV__FACT_req_depth]->i) {
        aigov__facts_set(f, AIGOV__FACT_req_depth, depth);
    }
    if (scored && injection.d > f->value[AIGOV__FACT_content_injection]->d) {
        aigov__facts_set(f, AIGOV__FACT_content_injection, injection);
    }
    return st;
}

static bool wants(const retake *t, size_t slot)
{
    return t->then->read[slot] != 0 ||
           (t->reads != NULL && t->reads[slot] != 0);
}

/* 4. */
static aigov_status from_registers(retake *t, aigov_error *err)
{
    uint8_t read[AIGOV__FACT_COUNT];
    for (size_t i = 0; i < AIGOV__FACT_COUNT; i++) {
        read[i] = wants(t, i) ? 1 : 0;
    }
    return aigov__derive_registers(&t->then->facts, t->then->registers, read,
                                   t->retention, err);
}

/* 5.  *gone: there was content, and it was erased. */
static aigov_status from_content(retake *t, const aigov_entry *e, bool *gone,
                                 aigov_error *err)
{
    aigov_span text = AIGOV_ABSENT;
    uint32_t tool, arguments;
    cel_value v;
    aigov_status st;
    *gone = false;
    if (!wants(t, AIGOV__FACT_tool_args) || member(&t->j, 0, "tool") == 0) {
        return AIGOV_OK;
    }
    st = content_of(t, e, &text, err);
    *gone = text.p == NULL;
    if (st != AIGOV_OK || *gone) {
        return st;
    }
    st = aigov_json_read(&t->content, AIGOV_JSON_STRICT, text, err);
    if (st != AIGOV_OK) {
        return st;
    }
    tool = member(&t->content, 0, "tool");
    arguments = tool != 0 ? member(&t->content, tool, "arguments") : 0;
    if (arguments == 0 ||
        t->content.node[arguments].type != AIGOV_JSON_OBJECT) {
        return AIGOV_OK;
    }
    if (!aigov__facts_json(&t->then->facts.arena, &t->content, arguments, &v)) {
        return aigov__nomem(err);
    }
    aigov__facts_set(&t->then->facts, AIGOV__FACT_tool_args, v);
    return AIGOV_OK;
}

static aigov_status gather(retake *t, const aigov_entry *e, bool *gone,
                           aigov_error *err)
{
    size_t slots = t->now != NULL && t->now->slots > t->then->slots
                       ? t->now->slots
                       : t->then->slots;
    aigov_status st =
        aigov__facts_begin(&t->then->facts, t->then->ctx, slots, err);
    t->retention = AIGOV_ABSENT;
    if (st == AIGOV_OK) {
        st = from_request(t, e, err);
    }
    if (st == AIGOV_OK) {
        st = from_kept(t, err);
    }
    if (st == AIGOV_OK) {
        st = from_entry(t, e, err);
    }
    if (st == AIGOV_OK) {
        st = from_registers(t, err);
    }
    return st == AIGOV_OK ? from_content(t, e, gone, err) : st;
}

/* Whether a fact was, or may have been, made of what is in neither entry nor
 * registers: the ledger, the texts as they were handed in, the key. */
static bool is_lost(const retake *t, size_t slot)
{
    const fact_set *f = &t->then->facts;
    const cel_value *id = f->value[AIGOV__FACT_req_id];
    switch (slot) {
    case AIGOV__FACT_req_depth:
        return member(&t->j, 0, "parent") != 0;
    case AIGOV__FACT_content_tokens_in:
        return f->given[slot] == 0;
    case AIGOV__FACT_content_injection:
    case AIGOV__FACT_content_hosts:
        return true;
    case AIGOV__FACT_tool_digest:
        return member(&t->j, 0, "tool") != 0;
    case AIGOV__FACT_approvals:
        return aigov__register_call(t->then->registers,
                                    (aigov_span){id->s, id->n}, NULL) != NULL;
    default:
        return slot >= AIGOV__FACT_COUNT;
    }
}

/* A fact that the version of a replay reads, and that is lost because no rule
 * in force read it then; absent: there is none. */
static aigov_span not_kept(const retake *t)
{
    for (size_t i = 0; t->reads != NULL && i < t->now->slots; i++) {
        bool kept = i < t->then->slots && t->then->read[i] != 0;
        if (t->reads[i] != 0 && !kept && is_lost(t, i)) {
            return t->now->env.variable[i].name;
        }
    }
    return AIGOV_ABSENT;
}

/* --- the decision -------------------------------------------------------- */

static bool waived_in(const retake *t, uint32_t list, const char *exception)
{
    const aigov_json *j = &t->j;
    for (uint32_t i = list + 1; list != 0 && i < j->node[list].next;
         i = j->node[i].next) {
        if (aigov_span_is(text_at(j, member(j, i, "exception")), exception)) {
            return true;
        }
    }
    return false;
}

/* aigov_ledger: whether an exception was used up then. */
static aigov_status uses(void *host, const char *exception, int64_t since,
                         int64_t *n, aigov_error *err)
{
    const retake *t = host;
    uint32_t shadow = in_policy(t, "shadow");
    bool waived = waived_in(t, in_policy(t, "waived"), exception) ||
                  (shadow != 0 &&
                   waived_in(t, member(&t->j, shadow, "waived"), exception));
    (void)since;
    (void)err;
    *n = waived ? 0 : INT64_MAX;
    return AIGOV_OK;
}

/* Whether an id is that of an approval of this call which held then. */
static bool released(const retake *t, const aigov_entry *e, aigov_span id)
{
    const register_row *row =
        aigov__register_find(t->then->registers, "approval", id);
    int64_t expires = 0;
    return row != NULL &&
           aigov_span_eq(aigov__field_text(row->latest, "interaction"),
                         e->interaction) &&
           aigov_span_is(aigov__field_text(row->latest, "outcome"),
                         "approved") &&
           aigov__field_time(row->latest, "expires_at", &expires) &&
           e->at < expires;
}

/* The approvals that the entry says were used; false: out of memory. */
static bool sign(retake *t, const aigov_entry *e)
{
    aigov_policies *p = t->then;
    const aigov_json *j = &t->j;
    uint32_t list = in_policy(t, "approvals");
    if (list == 0) {
        return true;
    }
    p->signed_ = aigov__cel_alloc(&p->scratch, (j->node[list].size + 1) *
                                                   sizeof *p->signed_);
    if (p->signed_ == NULL) {
        return false;
    }
    for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i].next) {
        aigov_span id = text_at(j, i);
        if (id.p != NULL && released(t, e, id)) {
            p->signed_[p->signeds++] = id;
        }
    }
    return true;
}

/* As core/log/decide.c ends a decision; the digest is the record's as it was
 * handed in, which nobody has any more. */
static void finish(retake *t, const aigov_entry *e)
{
    const fact_set *f = &t->then->facts;
    if (!AIGOV__IS(e->kind, "request")) {
        return;
    }
    if (t->d.acts.verdict == VERDICT_REQUIRE_APPROVAL) {
        t->d.digested = true;
        aigov_hex_parse(text_at(&t->j, in_policy(t, "facts_digest")),
                        t->d.digest, sizeof t->d.digest);
    }
    if (aigov__reads_tokens(t->then)) {
        t->d.reserved = f->value[AIGOV__FACT_content_tokens_in]->i +
                        f->value[AIGOV__FACT_content_tokens_max]->i;
    }
}

static aigov_status decide(retake *t, const aigov_entry *e, aigov_error *err)
{
    aigov_ledger ledger = {.host = t, .uses = uses};
    aigov_status st;
    t->then->instead = t->instead;
    st = aigov__decide_by(t->then, NULL, &t->d, err);
    if (st == AIGOV_OK && t->d.governed) {
        if (!sign(t, e)) {
            st = aigov__nomem(err);
        } else {
            t->d.whole = AIGOV__IS(e->kind, "interaction");
            st = aigov__decide(t->then, &ledger, &t->d, err);
        }
    }
    t->then->instead = NULL;
    if (st == AIGOV_OK && !t->d.governed) {
        t->d.acts.verdict = VERDICT_ALLOW;
    }
    finish(t, e);
    return st;
}

/* --- comparing ----------------------------------------------------------- */

static aigov_status write_member(const aigov_json *j, uint32_t i,
                                 aigov_buf *out, aigov_error *err)
{
    out->n = 0;
    return i != 0 ? aigov_json_canonical(j, i, out, err) : AIGOV_OK;
}

/* The first member in which what was recorded and what came out differ. */
static aigov_status find_member(retake *t, char why[AIGOV_AUDIT_WHY],
                                aigov_error *err)
{
    static const char *const names[] = {
        "engine",      "policies",    "hash",      "facts",    "rules",
        "waived",      "approvals",   "satisfied", "errors",   "otherwise",
        "obligations", "reasons",     "shadow",    "reserved", "phase",
        "units",       "facts_digest"};
    aigov_buf was;
    aigov_status st = aigov_json_read(&t->content, AIGOV_JSON_STRICT,
                                      aigov_buf_span(&t->fresh), err);
    aigov_buf_init(&was, t->ctx);
    verdict_of(RETAKEN_DIFFERS, "policy", why);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && st == AIGOV_OK;
         i++) {
        st = write_member(&t->j, in_policy(t, names[i]), &was, err);
        if (st == AIGOV_OK) {
            st = write_member(&t->content, member(&t->content, 0, names[i]),
                              &t->kept, err);
        }
        if (st == AIGOV_OK &&
            !aigov_span_eq(aigov_buf_span(&was), aigov_buf_span(&t->kept))) {
            verdict_of(RETAKEN_DIFFERS, names[i], why);
            break;
        }
    }
    aigov_buf_free(&was);
    return st;
}

static aigov_status compare(retake *t, const aigov_entry *e, retaken *result,
                            char why[AIGOV_AUDIT_WHY], aigov_error *err)
{
    aigov_status st;
    *result = RETAKEN_SAME;
    if ((t->policy != 0) != t->d.governed) {
        *result = verdict_of(RETAKEN_DIFFERS, "policy", why);
        return AIGOV_OK;
    }
    if (t->policy != 0) {
        t->kept.n = 0;
        st = aigov_json_canonical(&t->j, t->policy, &t->kept, err);
        if (st != AIGOV_OK) {
            return st;
        }
        if (!aigov_span_eq(aigov_buf_span(&t->kept),
                           aigov_buf_span(&t->fresh))) {
            *result = RETAKEN_DIFFERS;
            return find_member(t, why, err);
        }
    }
    if (!aigov_span_is(e->decision, aigov__verdict_name(t->d.acts.verdict))) {
        *result = verdict_of(RETAKEN_DIFFERS, "decision", why);
    }
    return AIGOV_OK;
}

/* --- one entry ----------------------------------------------------------- */

static aigov_status is_whole(retake *t, const aigov_entry *e, bool *yes,
                             aigov_error *err)
{
    uint8_t hash[AIGOV_HASH_LEN];
    aigov_status st;
    t->leaf.n = 0;
    *yes = false;
    st = aigov_leaf(e, &t->leaf, err);
    if (st == AIGOV_OK) {
        st = aigov_leaf_hash(t->ctx, aigov_buf_span(&t->leaf), hash, err);
    }
    *yes = st == AIGOV_OK && e->hash.n == sizeof hash &&
           memcmp(e->hash.p, hash, sizeof hash) == 0;
    return is_fatal(st) ? st : AIGOV_OK;
}

/* A decision of a later version of facts.csv or of composition. */
static bool is_later(const retake *t)
{
    uint32_t i = in_policy(t, "engine");
    int64_t engine = 0;
    return i != 0 && aigov_json_i64(&t->j, i, &engine) &&
           engine > AIGOV__ENGINE;
}

static aigov_status take_again(retake *t, const aigov_entry *e, retaken *result,
                               char why[AIGOV_AUDIT_WHY], aigov_error *err)
{
    aigov_span fact;
    bool gone = false;
    aigov_status st = gather(t, e, &gone, err);
    if (st != AIGOV_OK) {
        *result = verdict_of(RETAKEN_DIFFERS, "facts", why);
        return is_fatal(st) ? st : AIGOV_OK;
    }
    fact = gone                                ? AIGOV_LIT("tool.args")
           : t->moved_gone && t->reads != NULL ? AIGOV_LIT("content")
                                               : not_kept(t);
    if (fact.p != NULL) {
        snprintf(why, AIGOV_AUDIT_WHY, "%.*s", (int)fact.n, fact.p);
        *result = RETAKEN_UNKNOWN;
        return AIGOV_OK;
    }
    st = decide(t, e, err);
    t->fresh.n = 0;
    if (st == AIGOV_OK) {
        st = aigov__answer(t->then, &t->d, false, &t->fresh, err);
    }
    if (st != AIGOV_OK || t->reads != NULL) {
        return st;
    }
    return compare(t, e, result, why, err);
}

aigov_status aigov__retake(retake *t, const aigov_entry *e, retaken *result,
                           char why[AIGOV_AUDIT_WHY], aigov_error *err)
{
    bool whole;
    aigov_status st = is_whole(t, e, &whole, err);
    memset(&t->d, 0, sizeof t->d);
    t->fresh.n = 0;
    t->policy = 0;
    t->moved_gone = false;
    *result = RETAKEN_SAME;
    why[0] = '\0';
    if (st != AIGOV_OK) {
        return st;
    }
    st = read_entry(t, e, &t->record, &t->j, err);
    if (st != AIGOV_OK || !whole) {
        *result = verdict_of(
            t->reads != NULL ? RETAKEN_UNKNOWN : RETAKEN_DIFFERS, "entry", why);
        return is_fatal(st) ? st : AIGOV_OK;
    }
    t->policy = member(&t->j, 0, "policy");
    if (t->policy != 0 && t->j.node[t->policy].type != AIGOV_JSON_OBJECT) {
        t->policy = 0;
    }
    if (is_later(t)) {
        *result = verdict_of(RETAKEN_UNKNOWN, "engine", why);
        return AIGOV_OK;
    }
    return take_again(t, e, result, why, err);
}
