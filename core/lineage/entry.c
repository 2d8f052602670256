/*
 * entry.c - the edges of one entry
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One derivation for the index and for a graph in memory: what it finds goes to
 * a sink.  Recorded is what an entry itself is:
 *
 *   asks     request, interaction    ia used msg.in, model, template; its
 * person answers  response, interaction   msg.out wasGeneratedBy ia,
 * deliveredTo person ia       used the model as served, documents;
 * wasInformedBy parent and the attempt before tool     tool:I.CALL
 * wasInformedBy ia; msg:I.CALL.result wasGeneratedBy it person actedOnBehalfOf
 *   erasure  messages of the entry that is gone wasInvalidatedBy act:ID
 *
 * and what the recorder found and wrote into refs with "source":"recorded".
 * Asserted is every other ref, and all that another login than the owner of the
 * call says of it.  A name that is no node gives no edge: only who passes by
 * aigov writes one.
 */
#include "internal.h"

static aigov_span text_of(const aigov__deriving *d, uint32_t object,
                          const char *name)
{
    return aigov__text_at(&d->body, aigov__member_of(&d->body, object, name));
}

void aigov__derive_free(aigov__deriving *d)
{
    aigov_json_free(&d->body);
    aigov_json_free(&d->who);
    aigov_buf_free(&d->call);
    aigov_buf_free(&d->made);
    aigov_buf_free(&d->name);
    aigov_buf_free(&d->key);
}

void aigov__derive_init(aigov__deriving *d, aigov_ctx *ctx,
                        const aigov__sink *sink)
{
    *d = (aigov__deriving){.ctx = ctx, .sink = sink};
    d->body.ctx = d->who.ctx = ctx;
    aigov_buf_init(&d->call, ctx);
    aigov_buf_init(&d->made, ctx);
    aigov_buf_init(&d->name, ctx);
    aigov_buf_init(&d->key, ctx);
}

/* --- nodes and edges ----------------------------------------------------- */

/* 0 where the name is none. */
static aigov_status node(aigov__deriving *d, aigov_span name, int64_t *id)
{
    aigov_node_kind kind, row;
    aigov_status st;
    int part;
    *id = 0;
    d->name.n = 0;
    st = aigov_node_name(name, &kind, &d->name, d->err);
    if (st == AIGOV_FIELD) {
        return AIGOV_OK;
    }
    if (st == AIGOV_OK) {
        st = aigov__node_row(aigov_buf_span(&d->name), &d->key, &row, &part,
                             d->err);
    }
    if (st == AIGOV_OK) {
        st = d->sink->intern(d->sink->host, aigov_buf_span(&d->key), row, id,
                             d->err);
    }
    *id = (*id & ~(int64_t)63) | (int64_t)kind << 2 | part;
    return st;
}

static aigov_status edge(aigov__deriving *d, int64_t effect,
                         aigov_relation relation, int64_t cause,
                         aigov_role role, aigov_strength strength,
                         bool asserted)
{
    aigov_ref r = {
        .cause = cause,
        .effect = effect,
        .place = d->place,
        .log = (int32_t)d->e->log,
        .how = AIGOV_HOW(relation, role, strength, asserted || d->asserted)};
    return effect != 0 && cause != 0 ? d->sink->ref(d->sink->host, &r, d->err)
                                     : AIGOV_OK;
}

/* What the object at i gives as the hash of a node. */
static aigov_status said(aigov__deriving *d, uint32_t i, int64_t id)
{
    aigov_span hash = text_of(d, i, "hash");
    return d->sink->said != NULL && id != 0 && hash.p != NULL
               ? d->sink->said(d->sink->host, id, hash, d->err)
               : AIGOV_OK;
}

/* A name of up to four pieces, in d->made. */
static aigov_status make(aigov__deriving *d, const char *word, aigov_span a,
                         const char *between, aigov_span b)
{
    d->made.n = 0;
    return aigov_buf_puts(&d->made, word) &&
                   aigov_buf_put(&d->made, a.p != NULL ? a.p : "", a.n) &&
                   aigov_buf_puts(&d->made, between) &&
                   aigov_buf_put(&d->made, b.p != NULL ? b.p : "", b.n)
               ? AIGOV_OK
               : aigov__nomem(d->err);
}

static aigov_status made_node(aigov__deriving *d, const char *word,
                              aigov_span a, const char *between, aigov_span b,
                              int64_t *id)
{
    aigov_status st = make(d, word, a, between, b);
    return st == AIGOV_OK ? node(d, aigov_buf_span(&d->made), id) : st;
}

/* ia:I, or msg:I.in and the like */
static aigov_status call_node(aigov__deriving *d, const char *word,
                              const char *end, int64_t *id)
{
    return made_node(d, word, aigov_buf_span(&d->call), end, AIGOV_ABSENT, id);
}

/* --- a call -------------------------------------------------------------- */

static aigov_status name_call(aigov__deriving *d)
{
    const aigov_entry *e = d->e;
    aigov_span id = e->interaction.p != NULL ? e->interaction : e->id;
    int64_t attempt;
    uint32_t i = aigov__member_of(&d->body, 0, "attempt");
    bool ok;
    d->call.n = 0;
    d->attempt = i != 0 && aigov_json_i64(&d->body, i, &attempt) ? attempt : 1;
    ok = aigov_buf_put(&d->call, id.p, id.n) &&
         (d->attempt < 2 || (aigov_buf_puts(&d->call, "/") &&
                             aigov_buf_put_i64(&d->call, d->attempt)));
    return ok ? AIGOV_OK : aigov__nomem(d->err);
}

static aigov_status find_model(aigov__deriving *d, aigov_span served,
                               int64_t *id)
{
    aigov_span provider = d->e->provider, model = d->e->model;
    aigov_status st;
    *id = 0;
    if (model.p == NULL) {
        return AIGOV_OK;
    }
    st = provider.p != NULL ? make(d, "model:", provider, "/", model)
                            : make(d, "model:", model, "", AIGOV_ABSENT);
    if (st == AIGOV_OK && served.p != NULL &&
        !(aigov_buf_puts(&d->made, "@") &&
          aigov_buf_put(&d->made, served.p, served.n))) {
        st = aigov__nomem(d->err);
    }
    return st == AIGOV_OK ? node(d, aigov_buf_span(&d->made), id) : st;
}

/* Operations that are asked without a template. */
static bool has_template(aigov_span operation)
{
    static const char *const none[] = {
        "embeddings", "execute_tool", "retrieval", "rerank", "apply_guardrail"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (aigov_span_is(operation, none[i])) {
            return false;
        }
    }
    return true;
}

static aigov_status find_template(aigov__deriving *d, int64_t *id)
{
    uint32_t t = aigov__member_of(&d->body, 0, "template");
    aigov_span name = text_of(d, t, "id"), version = text_of(d, t, "version");
    aigov_status st;
    *id = 0;
    if (name.p != NULL) {
        st = made_node(d, "tmpl:", name, version.p != NULL ? "@" : "", version,
                       id);
        return st == AIGOV_OK ? said(d, t, *id) : st;
    }
    return has_template(d->e->operation)
               ? node(d, AIGOV_LIT("tmpl:unknown"), id)
               : AIGOV_OK;
}

static aigov_status find_person(aigov__deriving *d, const aigov_entry *owner,
                                int64_t *id)
{
    aigov_span actor = d->e->actor;
    *id = 0;
    if (actor.p == NULL && owner != NULL) {
        actor = owner->actor;
    }
    return actor.p != NULL
               ? made_node(d, "person:", actor, "", AIGOV_ABSENT, id)
               : AIGOV_OK;
}

static aigov_status asserted_ref(void *host, const aigov_ref *ref,
                                 aigov_error *err)
{
    const aigov__deriving *d = host;
    aigov_ref r = *ref;
    r.how |= AIGOV_HOW(0, 0, 0, 1);
    return d->sink->ref(d->sink->host, &r, err);
}

static aigov_status call_row(aigov__deriving *d, const aigov_entry *owner)
{
    aigov_call c = {.place = d->place, .log = (int32_t)d->e->log};
    aigov_status st = call_node(d, "ia:", "", &c.ia);
    c.asks = !aigov_span_is(d->e->kind, "response");
    c.answers = !aigov_span_is(d->e->kind, "request");
    if (st == AIGOV_OK && c.asks) {
        st = find_model(d, AIGOV_ABSENT, &c.model);
    }
    if (st == AIGOV_OK && c.asks) {
        st = find_template(d, &c.tmpl);
    }
    if (st == AIGOV_OK) {
        st = find_person(d, owner, &c.person);
    }
    if (st != AIGOV_OK || c.ia == 0) {
        return st;
    }
    return d->asserted ? aigov_call_refs(&c, true, 0, asserted_ref, d, d->err)
                       : d->sink->call(d->sink->host, &c, d->err);
}

static aigov_status served(aigov__deriving *d)
{
    aigov_span name = text_of(d, 0, "model_served");
    int64_t ia, model;
    aigov_status st = call_node(d, "ia:", "", &ia);
    if (st == AIGOV_OK && name.p != NULL) {
        st = find_model(d, name, &model);
        if (st == AIGOV_OK) {
            st = edge(d, ia, AIGOV_REL_USED, model, AIGOV_ROLE_MODEL,
                      AIGOV_STRENGTH_CONTEXT, false);
        }
    }
    return st;
}

/* --- documents ----------------------------------------------------------- */

/* An id of a kind that is known is a node; any other is doc:ID, and a version
 * comes before the part. */
static aigov_status document_node(aigov__deriving *d, uint32_t i, int64_t *id)
{
    aigov_span name = text_of(d, i, "id"), version = text_of(d, i, "version");
    const char *part;
    aigov_span head = name, tail = AIGOV_ABSENT;
    const char *colon = name.p != NULL ? memchr(name.p, ':', name.n) : NULL;
    bool known = colon != NULL && aigov__node_kind(name) != AIGOV_NODE_OTHER;
    *id = 0;
    if (name.p == NULL) {
        return AIGOV_OK;
    }
    part = memchr(name.p, '#', name.n);
    if (version.p == NULL || memchr(name.p, '@', name.n) != NULL) {
        return made_node(d, known ? "" : "doc:", name, "", AIGOV_ABSENT, id);
    }
    if (part != NULL) {
        head.n = (size_t)(part - name.p);
        tail = (aigov_span){part, name.n - head.n};
    }
    if (make(d, known ? "" : "doc:", head, "@", version) != AIGOV_OK ||
        !aigov_buf_put(&d->made, tail.p != NULL ? tail.p : "", tail.n)) {
        return aigov__nomem(d->err);
    }
    return node(d, aigov_buf_span(&d->made), id);
}

static aigov_status documents(aigov__deriving *d)
{
    uint32_t list = aigov__member_of(&d->body, 0, "documents");
    bool found = aigov_span_is(d->e->operation, "retrieval");
    int64_t ia, id;
    aigov_status st = AIGOV_OK;
    if (list == 0 || d->body.node[list].type != AIGOV_JSON_ARRAY) {
        return AIGOV_OK;
    }
    st = call_node(d, "ia:", "", &ia);
    for (uint32_t i = list + 1; i < d->body.node[list].next && st == AIGOV_OK;
         i = d->body.node[i].next) {
        st = document_node(d, i, &id);
        st = st == AIGOV_OK ? said(d, i, id) : st;
        if (st == AIGOV_OK) {
            st = edge(d, ia, AIGOV_REL_USED, id,
                      found ? AIGOV_ROLE_RETRIEVED : AIGOV_ROLE_CONTEXT,
                      found ? AIGOV_STRENGTH_RETRIEVED : AIGOV_STRENGTH_CONTEXT,
                      false);
        }
    }
    return st;
}

/* --- what came before ---------------------------------------------------- */

static aigov_status informed(aigov__deriving *d)
{
    aigov_span parent = text_of(d, 0, "parent");
    aigov_span id = d->e->interaction.p != NULL ? d->e->interaction : d->e->id;
    aigov_buf b = {.ctx = d->ctx};
    int64_t ia, other;
    aigov_status st = call_node(d, "ia:", "", &ia);
    if (st == AIGOV_OK && parent.p != NULL) {
        st = made_node(d, "ia:", parent, "", AIGOV_ABSENT, &other);
        if (st == AIGOV_OK) {
            st = edge(d, ia, AIGOV_REL_INFORMED, other, AIGOV_ROLE_NONE,
                      AIGOV_STRENGTH_NONE, false);
        }
    }
    if (st != AIGOV_OK || d->attempt < 2) {
        return st;
    }
    if (d->attempt > 2 &&
        !(aigov_buf_puts(&b, "/") && aigov_buf_put_i64(&b, d->attempt - 1))) {
        st = aigov__nomem(d->err);
    }
    if (st == AIGOV_OK) {
        st = made_node(d, "ia:", id, "", aigov_buf_span(&b), &other);
    }
    aigov_buf_free(&b);
    return st == AIGOV_OK ? edge(d, ia, AIGOV_REL_INFORMED, other,
                                 AIGOV_ROLE_NONE, AIGOV_STRENGTH_NONE, false)
                          : st;
}

static aigov_status tool(aigov__deriving *d)
{
    uint32_t t = aigov__member_of(&d->body, 0, "tool");
    aigov_span id = text_of(d, t, "call_id");
    int64_t ia, call, result;
    aigov_status st;
    id = id.p != NULL ? id : text_of(d, t, "name");
    if (id.p == NULL) {
        return AIGOV_OK;
    }
    st = call_node(d, "ia:", "", &ia);
    if (st == AIGOV_OK) {
        st = made_node(d, "tool:", aigov_buf_span(&d->call), ".", id, &call);
    }
    if (st == AIGOV_OK) {
        st = edge(d, call, AIGOV_REL_INFORMED, ia, AIGOV_ROLE_NONE,
                  AIGOV_STRENGTH_NONE, false);
    }
    if (st == AIGOV_OK) {
        st = make(d, "msg:", aigov_buf_span(&d->call), ".", id);
    }
    if (st == AIGOV_OK && !aigov_buf_puts(&d->made, ".result")) {
        st = aigov__nomem(d->err);
    }
    if (st == AIGOV_OK) {
        st = node(d, aigov_buf_span(&d->made), &result);
    }
    return st == AIGOV_OK ? edge(d, result, AIGOV_REL_GENERATED, call,
                                 AIGOV_ROLE_NONE, AIGOV_STRENGTH_NONE, false)
                          : st;
}

static aigov_status behalf(aigov__deriving *d)
{
    aigov_span other = text_of(d, 0, "on_behalf_of");
    int64_t who, whom;
    aigov_status st;
    if (other.p == NULL || d->e->actor.p == NULL) {
        return AIGOV_OK;
    }
    st = made_node(d, "person:", d->e->actor, "", AIGOV_ABSENT, &who);
    if (st == AIGOV_OK) {
        st = made_node(d, "person:", other, "", AIGOV_ABSENT, &whom);
    }
    return st == AIGOV_OK ? edge(d, who, AIGOV_REL_BEHALF, whom,
                                 AIGOV_ROLE_NONE, AIGOV_STRENGTH_NONE, false)
                          : st;
}

/* --- erasures ------------------------------------------------------------ */

static aigov_status gone(aigov__deriving *d, const char *end)
{
    int64_t message, act;
    aigov_status st = call_node(d, "msg:", end, &message);
    if (st == AIGOV_OK) {
        st = made_node(d, "act:", d->e->id, "", AIGOV_ABSENT, &act);
    }
    return st == AIGOV_OK ? edge(d, message, AIGOV_REL_INVALIDATED, act,
                                 AIGOV_ROLE_NONE, AIGOV_STRENGTH_NONE, false)
                          : st;
}

/* d->e stays the erasure, but for what names the call. */
static aigov_status erasure(aigov__deriving *d)
{
    const aigov_entry *e = d->e;
    aigov_entry target = {.v = 0};
    aigov_status st = AIGOV_OK;
    bool asks, answers;
    if (d->sink->by_id != NULL && e->subject.p != NULL) {
        st = d->sink->by_id(d->sink->host, e->subject, &target, d->err);
    }
    if (st != AIGOV_OK || target.body.p == NULL) {
        return st;
    }
    asks = aigov_span_is(target.kind, "request");
    answers = aigov_span_is(target.kind, "response");
    if (aigov_span_is(target.kind, "interaction")) {
        asks = answers = true;
    }
    if ((!asks && !answers) ||
        aigov_json_read(&d->body, AIGOV_JSON_STRICT, target.body, d->err) !=
            AIGOV_OK) {
        return AIGOV_OK;
    }
    d->e = &target;
    st = name_call(d);
    d->e = e;
    if (st == AIGOV_OK && asks) {
        st = gone(d, ".in");
    }
    return st == AIGOV_OK && answers ? gone(d, ".out") : st;
}

/* --- refs ---------------------------------------------------------------- */

/* Of used, wasInformedBy and wasAssociatedWith the call itself, else its
 * answer. */
static aigov_status effect_of(aigov__deriving *d, uint32_t ref,
                              aigov_relation relation, int64_t *id)
{
    aigov_span name = text_of(d, ref, "effect");
    if (name.p != NULL) {
        return node(d, name, id);
    }
    return relation == AIGOV_REL_USED || relation == AIGOV_REL_INFORMED ||
                   relation == AIGOV_REL_ASSOCIATED
               ? call_node(d, "ia:", "", id)
               : call_node(d, "msg:", ".out", id);
}

static aigov_strength strength_of(const aigov__deriving *d, uint32_t ref,
                                  aigov_relation relation, aigov_role role)
{
    aigov_strength s = aigov__strength_of(text_of(d, ref, "strength"));
    if (s != AIGOV_STRENGTH_NONE || relation != AIGOV_REL_USED) {
        return s;
    }
    return role == AIGOV_ROLE_RETRIEVED ? AIGOV_STRENGTH_RETRIEVED
                                        : AIGOV_STRENGTH_CONTEXT;
}

static aigov_status ref(aigov__deriving *d, uint32_t i)
{
    aigov_relation relation = aigov__relation_of(text_of(d, i, "relation"));
    aigov_role role = aigov__role_of(text_of(d, i, "role"));
    bool found = aigov_span_is(text_of(d, i, "source"), "recorded");
    int64_t effect, cause;
    aigov_status st = effect_of(d, i, relation, &effect);
    if (st == AIGOV_OK) {
        st = node(d, text_of(d, i, "cause"), &cause);
    }
    st = st == AIGOV_OK ? said(d, i, cause) : st;
    return st == AIGOV_OK ? edge(d, effect, relation, cause, role,
                                 strength_of(d, i, relation, role), !found)
                          : st;
}

static aigov_status refs(aigov__deriving *d)
{
    uint32_t list = aigov__member_of(&d->body, 0, "refs");
    aigov_status st = AIGOV_OK;
    if (list == 0 || d->body.node[list].type != AIGOV_JSON_ARRAY) {
        return AIGOV_OK;
    }
    for (uint32_t i = list + 1; i < d->body.node[list].next && st == AIGOV_OK;
         i = d->body.node[i].next) {
        st = ref(d, i);
    }
    return st;
}

/* --- an entry ------------------------------------------------------------ */

static bool is_call(aigov_span kind)
{
    return aigov_span_is(kind, "interaction") ||
           aigov_span_is(kind, "request") || aigov_span_is(kind, "response");
}

/* Whether another login than the owner's wrote it. */
static bool is_foreign(aigov__deriving *d, const aigov_entry *owner)
{
    aigov_error err;
    aigov_span a, b;
    bool same;
    if (owner == NULL || owner->recorded_by.p == NULL ||
        aigov_span_eq(owner->recorded_by, d->e->recorded_by)) {
        return false;
    }
    if (aigov_json_read(&d->who, AIGOV_JSON_STRICT, owner->recorded_by, &err) !=
            AIGOV_OK ||
        aigov_json_read(&d->body, AIGOV_JSON_STRICT, d->e->recorded_by, &err) !=
            AIGOV_OK) {
        return true;
    }
    a = aigov__text_at(&d->who, aigov__member_of(&d->who, 0, "login"));
    b = aigov__text_at(&d->body, aigov__member_of(&d->body, 0, "login"));
    same = a.p != NULL && aigov_span_eq(a, b);
    return !same;
}

static aigov_status call(aigov__deriving *d, const aigov_entry *owner)
{
    aigov_status st = call_row(d, owner);
    st = st == AIGOV_OK ? served(d) : st;
    st = st == AIGOV_OK ? documents(d) : st;
    st = st == AIGOV_OK ? informed(d) : st;
    st = st == AIGOV_OK ? tool(d) : st;
    return st == AIGOV_OK ? behalf(d) : st;
}

aigov_status aigov__derive(aigov__deriving *d, const aigov_entry *e,
                           const aigov_entry *owner, aigov_error *err)
{
    aigov_status st;
    d->e = e;
    d->err = err;
    d->place = AIGOV_PLACE(e->lane, e->seq);
    d->asserted = is_call(e->kind) && is_foreign(d, owner);
    if (aigov_span_is(e->kind, "erasure")) {
        return erasure(d);
    }
    if (e->body.p == NULL || e->id.p == NULL) {
        return AIGOV_OK;
    }
    st = aigov_json_read(&d->body, AIGOV_JSON_STRICT, e->body, err);
    if (st != AIGOV_OK) {
        return st == AIGOV_NOMEM || st == AIGOV_CANCELED ? st : AIGOV_OK;
    }
    st = name_call(d);
    if (st == AIGOV_OK && is_call(e->kind)) {
        st = call(d, owner);
    }
    return st == AIGOV_OK ? refs(d) : st;
}
