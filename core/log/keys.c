/*
 * keys.c - what a redaction key adds to a record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Whose key it is, before the scan; and the fingerprint of what was handed in,
 * behind it, where something was found (docs/formats.md section 3).
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

/* The canonical form of what was handed in, without those, into r->part. */
static aigov_status original(aigov_record *r, aigov_error *err)
{
    aigov_buf *b = &r->part, whole;
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
    aigov_buf_free(&whole);
    return ok ? st : aigov__nomem(err);
}

aigov_status aigov__keys_fingerprint(aigov_record *r, aigov_error *err)
{
    aigov_buf b;
    aigov_status st = original(r, err);
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
