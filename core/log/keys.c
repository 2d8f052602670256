/*
 * keys.c - what a redaction key adds to a record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Whose key it is, before the scan; and the fingerprint of what was handed in,
 * behind it, where something was found (docs/formats.md section 3).  Of a call
 * that policies look at also what approvals of it are bound to: itself as it
 * was handed in, and its tool with what that is called with (section 6).
 */
#include "internal.h"

/* Keys are of the tenant, but for one that is itself replaced: whoever restores
 * has only what is stored. */
aigov_status aigov__keys_begin(aigov_record *r, aigov__rewriter *w,
                               aigov_span json, aigov_error *err)
{
    uint32_t node = r->node[AIGOV__M_tenant];
    aigov_span tenant = AIGOV_ABSENT;
    aigov_status st = AIGOV_OK;
    r->keyed = aigov__has_key(r->scanner);
    if (!r->keyed) {
        return AIGOV_OK;
    }
    if (node != 0 && r->j.node[node].type == AIGOV_JSON_STRING) {
        tenant = aigov__text(&r->j, node);
        aigov__rewrite_begin(w, &r->j, json, &r->clean);
        aigov__rewrite_outside(w, r->outside, r->outsides);
        st = aigov__rewrite_value(w, node, AIGOV__AS_WHOLE, err);
        r->clean.n = 0;
        tenant = aigov__rewritten(w) ? AIGOV_ABSENT : tenant;
    }
    return st == AIGOV_OK ? aigov__keyed_begin(r->scanner, tenant, true, err)
                          : st;
}

/* What two arrivals of one request may differ in. */
static bool is_of_arrival(aigov_span name)
{
    static const char *const names[] = {
        "attempt",  "id",      "interaction", "occurred_at",
        "producer", "span_id", "trace_id"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (aigov_span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* The canonical form of what was handed in, without those. */
static aigov_status original(aigov_record *r, aigov_buf *b, aigov_error *err)
{
    aigov_buf whole;
    aigov_span name, slice;
    size_t pos = 0;
    bool ok = true;
    aigov_status st;
    aigov_buf_init(&whole, r->ctx);
    st = aigov_json_canonical(&r->j, 0, &whole, err);
    b->n = 0;
    while (st == AIGOV_OK && ok &&
           aigov__slice_next(aigov_buf_span(&whole), &pos, &name, &slice)) {
        ok = is_of_arrival(name) ||
             (aigov_buf_put(b, b->n == 0 ? "{\"" : ",\"", 2) &&
              aigov_buf_put(b, name.p, name.n) && aigov_buf_put(b, "\":", 2) &&
              aigov_buf_put(b, slice.p, slice.n));
    }
    ok = ok && aigov_buf_put(b, b->n == 0 ? "{}" : "}", b->n == 0 ? 2 : 1);
    aigov__wipe_buf(&whole);
    return ok ? st : aigov__nomem(err);
}

aigov_status aigov__keys_fingerprint(aigov_record *r, aigov_error *err)
{
    aigov_buf b;
    aigov_status st = original(r, &r->part, err);
    aigov_buf_init(&b, r->ctx);
    if (st == AIGOV_OK) {
        st = aigov__fingerprint(r->scanner, aigov_buf_span(&r->part), &b, err);
    }
    if (st == AIGOV_OK) {
        memcpy(r->fingerprint, b.p, b.n);
        r->fingerprint_n = (uint8_t)b.n;
    }
    aigov_buf_free(&b);
    return st;
}

/* {"arguments":{..},"name":".."} of the tool, as far as they are there. */
static aigov_status put_tool(const aigov_record *r, aigov_buf *b,
                             aigov_error *err)
{
    static const char *const names[] = {"arguments", "name"};
    uint32_t tool = r->node[AIGOV__M_tool];
    bool ok = aigov_buf_puts(b, "{");
    aigov_status st = AIGOV_OK;
    for (int k = 0; k < 2 && ok && st == AIGOV_OK; k++) {
        uint32_t i = aigov_json_get(&r->j, tool, names[k]);
        if (i != 0) {
            ok = aigov_buf_puts(b, b->n == 1 ? "\"" : ",\"") &&
                 aigov_buf_puts(b, names[k]) && aigov_buf_puts(b, "\":");
            st = ok ? aigov_json_canonical(&r->j, i, b, err) : st;
        }
    }
    ok = ok && aigov_buf_puts(b, "}");
    return st == AIGOV_OK && !ok ? aigov__nomem(err) : st;
}

static aigov_status digest_tool(aigov_record *r, aigov_error *err)
{
    uint32_t tool = r->node[AIGOV__M_tool];
    aigov_buf text;
    aigov_status st;
    r->tool_digest.n = 0;
    if (tool == 0 || r->j.node[tool].type != AIGOV_JSON_OBJECT) {
        return AIGOV_OK;
    }
    aigov_buf_init(&text, r->ctx);
    st = put_tool(r, &text, err);
    if (st == AIGOV_OK) {
        st = aigov__fingerprint(r->scanner, aigov_buf_span(&text),
                                &r->tool_digest, err);
    }
    aigov__wipe_buf(&text);
    return st;
}

aigov_status aigov__keys_call(aigov_record *r, aigov_error *err)
{
    aigov_status st = digest_tool(r, err);
    return st == AIGOV_OK && AIGOV__IS(r->draft.kind, "request")
               ? original(r, &r->original, err)
               : st;
}
