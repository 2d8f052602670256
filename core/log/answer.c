/*
 * answer.c - what a caller of guard and complete is told
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   {"at":..,"decision":"deny","duplicate":false,"hash":..,"id":..,
 *    "interaction":..,"lane":1,"log":..,"obligations":[..],"reasons":[..],
 *    "rules":[..],"send":null,"seq":7}
 *
 * All of it stands in the entry, so that the second arrival of the same request
 * is answered as the first was.
 */
#include "internal.h"

static bool put(aigov_buf *b, const char *name, aigov_span value)
{
    return aigov_buf_puts(b, ",\"") && aigov_buf_puts(b, name) &&
           aigov_buf_puts(b, "\":") && aigov_buf_put(b, value.p, value.n);
}

/* A member of body.policy as it stands there, or `otherwise`. */
static aigov_status member(const aigov_json *j, uint32_t policy,
                           const char *name, const char *otherwise,
                           aigov_buf *b, aigov_error *err)
{
    uint32_t i = policy != 0 ? aigov_json_get(j, policy, name) : 0;
    if (i == 0) {
        return put(b, name, aigov_str(otherwise)) ? AIGOV_OK
                                                  : aigov__nomem(err);
    }
    return aigov_buf_puts(b, ",\"") && aigov_buf_puts(b, name) &&
                   aigov_buf_puts(b, "\":")
               ? aigov_json_canonical(j, i, b, err)
               : aigov__nomem(err);
}

static aigov_status members(const aigov_json *j, aigov_buf *b, aigov_error *err)
{
    uint32_t policy = aigov_json_get(j, 0, "policy");
    aigov_status st;
    if (policy != 0 && j->node[policy].type != AIGOV_JSON_OBJECT) {
        policy = 0;
    }
    st = member(j, policy, "obligations", "[]", b, err);
    if (st == AIGOV_OK) {
        st = member(j, policy, "reasons", "[{\"reason\":\"no_policy\"}]", b,
                    err);
    }
    return st == AIGOV_OK ? member(j, policy, "rules", "[]", b, err) : st;
}

/* Receipt and the rest, in any order; aigov_canonical sorts. */
static aigov_status gather(const aigov_json *j, const aigov_entry *e,
                           aigov_duplicate duplicate, const char *name,
                           aigov_span value, aigov_buf *b, aigov_error *err)
{
    aigov_status st = aigov_receipt(e, duplicate, b, err);
    if (st != AIGOV_OK) {
        return st;
    }
    b->n--; /* its brace */
    if (!aigov_buf_puts(b, ",\"interaction\":") ||
        !aigov_buf_put_json_string(b, e->interaction.p != NULL ? e->interaction
                                                               : e->id) ||
        (name != NULL &&
         !put(b, name, value.p != NULL ? value : AIGOV_LIT("null")))) {
        return aigov__nomem(err);
    }
    st = members(j, b, err);
    return st == AIGOV_OK && !aigov_buf_puts(b, "}") ? aigov__nomem(err) : st;
}

aigov_status aigov_call_answer(aigov_ctx *ctx, const aigov_entry *e,
                               aigov_duplicate duplicate, const char *name,
                               aigov_span value, aigov_buf *out,
                               aigov_error *err)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf text;
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_STRICT, e->body, err);
    aigov_buf_init(&text, ctx);
    if (st == AIGOV_OK) {
        st = gather(&j, e, duplicate, name, value, &text, err);
    }
    if (st == AIGOV_OK) {
        st = aigov_canonical(ctx, aigov_buf_span(&text), out, err);
    }
    aigov_buf_free(&text);
    aigov_json_free(&j);
    return st;
}

/* {"policy":..} out of the answer of a record, to be read as a body. */
static aigov_status body_of(aigov_record *r, aigov_json *j, aigov_error *err)
{
    aigov_span policy =
        r->policy.n > 0 ? aigov_buf_span(&r->policy) : AIGOV_LIT("null");
    r->part.n = 0;
    if (!aigov_buf_puts(&r->part, "{\"policy\":") ||
        !aigov_buf_put(&r->part, policy.p, policy.n) ||
        !aigov_buf_puts(&r->part, "}")) {
        return aigov__nomem(err);
    }
    return aigov_json_read(j, AIGOV_JSON_STRICT, aigov_buf_span(&r->part), err);
}

aigov_status aigov_record_check(aigov_record *r, aigov_span send,
                                aigov_buf *out, aigov_error *err)
{
    aigov_json j = {.ctx = r->ctx};
    aigov_buf b;
    aigov_status st = body_of(r, &j, err);
    aigov_buf_init(&b, r->ctx);
    if (st == AIGOV_OK &&
        (!aigov_buf_puts(&b, "{\"decision\":") ||
         !aigov_buf_put_json_string(&b, r->draft.decision) ||
         !put(&b, "send", send.p != NULL ? send : AIGOV_LIT("null")))) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = members(&j, &b, err);
    }
    if (st == AIGOV_OK && !aigov_buf_puts(&b, "}")) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = aigov_canonical(r->ctx, aigov_buf_span(&b), out, err);
    }
    aigov_json_free(&j);
    aigov_buf_free(&b);
    return st;
}

/* Most bodies do not name it at all. */
static bool names(aigov_span body, aigov_span id)
{
    return id.n > 0 && memmem(body.p, body.n, id.p, id.n) != NULL;
}

bool aigov_waived_by(aigov_ctx *ctx, const aigov_entry *e, aigov_span exception)
{
    aigov_json j = {.ctx = ctx};
    aigov_error err;
    uint32_t policy = 0, list = 0;
    bool found = false;
    if (!names(e->body, exception) ||
        aigov_json_read(&j, AIGOV_JSON_STRICT, e->body, &err) != AIGOV_OK) {
        return false;
    }
    policy = aigov_json_get(&j, 0, "policy");
    if (policy != 0 && j.node[policy].type == AIGOV_JSON_OBJECT) {
        list = aigov_json_get(&j, policy, "waived");
    }
    for (uint32_t i = list + 1; list != 0 && i < j.node[list].next && !found;
         i = j.node[i].next) {
        uint32_t id = j.node[i].type == AIGOV_JSON_OBJECT
                          ? aigov_json_get(&j, i, "exception")
                          : 0;
        found = id != 0 && j.node[id].type == AIGOV_JSON_STRING &&
                aigov_span_eq(aigov_json_text(&j, id), exception);
    }
    aigov_json_free(&j);
    return found;
}
