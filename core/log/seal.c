/*
 * seal.c - a record under the server's stamps: entry, content, leaf
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Pure: the same record and stamps give the same bytes.  One buffer, reserved
 * beforehand so that its slices stay where they are, takes
 *
 *   recorded_by | decision | body with its gaps filled
 *
 * which entry points into; where the record's redaction holds values, another
 * takes the content with them encrypted as its last member, `vault`, which is
 * behind all others in RFC 8785 order.  Hashes: docs/formats.md section 1.
 */
#include "internal.h"

#define PUT(b, literal) aigov__append(b, literal, sizeof literal - 1)

static bool put_hash(aigov_buf *b, aigov_span hash)
{
    return aigov_buf_put_hex(b, (const uint8_t *)hash.p, hash.n) &&
           PUT(b, "\",");
}

/* One stamp with its name and a comma after it, or nothing. */
static bool put_stamp(const aigov_record *r, aigov_buf *b, size_t gap,
                      const aigov_stamps *s)
{
    switch (gap) {
    case AIGOV__GAP_ANCHOR:
        return s->anchor.p == NULL ||
               (PUT(b, "\"anchor\":") &&
                aigov_buf_put(b, s->anchor.p, s->anchor.n) && PUT(b, ","));
    case AIGOV__GAP_EVIDENCE:
        return s->evidence.p == NULL ||
               (PUT(b, "\"evidence\":") &&
                aigov_buf_put_json_string(b, s->evidence) && PUT(b, ","));
    case AIGOV__GAP_REFS:
        return aigov__put_found_refs(r, b);
    case AIGOV__GAP_REFS_LEFT_OUT:
        return aigov__put_left_out(r, b);
    case AIGOV__GAP_REVISION:
        return s->revision == 0 ||
               (PUT(b, "\"revision\":") && aigov_buf_put_i64(b, s->revision) &&
                PUT(b, ","));
    case AIGOV__GAP_RULES:
        return s->rules.p == NULL ||
               (PUT(b, "\"rules\":\"") && put_hash(b, s->rules));
    case AIGOV__GAP_TX:
        return s->tx.p == NULL ||
               (PUT(b, "\"tx\":") && aigov_buf_put_json_string(b, s->tx) &&
                PUT(b, ","));
    default:
        return s->under.p == NULL ||
               (PUT(b, "\"under\":\"") && put_hash(b, s->under));
    }
}

static bool put_body(const aigov_record *r, const aigov_stamps *s, aigov_buf *b)
{
    size_t from = 0;
    bool ok = PUT(b, "{");
    for (size_t k = 0; k < AIGOV__GAPS && ok; k++) {
        ok = aigov_buf_put(b, r->body.p + from, r->gap[k] - from) &&
             put_stamp(r, b, k, s);
        from = r->gap[k];
    }
    ok = ok && aigov_buf_put(b, r->body.p + from, r->body.n - from);
    if (ok && b->p[b->n - 1] == ',') {
        b->p[b->n - 1] = '}';
        return true;
    }
    return ok && PUT(b, "}");
}

/* Fill r->sealed and point entry into it. */
static aigov_status put_sealed(aigov_record *r, const aigov_stamps *s,
                               aigov_entry *e, aigov_error *err)
{
    aigov_buf *b = &r->sealed;
    size_t by = s->recorded_by.n, decision = s->decision.n;
    b->n = 0;
    /* texts of stamps may grow sixfold; 512 for names, hex and revision */
    if (!aigov_buf_reserve(b, by + decision + r->body.n + s->anchor.n +
                                  r->dialog.found.n +
                                  6 * (s->evidence.n + s->tx.n) + 512) ||
        !aigov_buf_put(b, s->recorded_by.p, by) ||
        !aigov_buf_put(b, s->decision.p, decision) || !put_body(r, s, b)) {
        return aigov__nomem(err);
    }
    e->recorded_by = (aigov_span){b->p, by};
    if (s->decision.p != NULL) {
        e->decision = (aigov_span){b->p + by, decision};
    }
    e->body = (aigov_span){b->p + by + decision, b->n - by - decision};
    return AIGOV_OK;
}

static aigov_span bytes(const uint8_t hash[32])
{
    return (aigov_span){(const char *)hash, 32};
}

static void put_columns(aigov_record *r, const aigov_stamps *s, aigov_entry *e)
{
    const aigov__columns *c = &r->col;
    e->log = s->log;
    e->lane = s->lane;
    e->seq = s->seq;
    e->v = AIGOV_LEAF_VERSION;
    e->at = s->at;
    e->kind = c->kind;
    e->subject = c->subject;
    e->actor = c->actor;
    e->system = c->system;
    e->provider = c->provider;
    e->model = c->model;
    e->operation = c->operation;
    e->status = c->status;
    aigov_uuid_format(s->id, r->id);
    e->id = (aigov_span){r->id, AIGOV_UUID_LEN};
    if (r->draft.has_interaction || r->request) {
        aigov_uuid_format(r->draft.has_interaction ? r->draft.interaction
                                                   : s->id,
                          r->interaction);
        e->interaction = (aigov_span){r->interaction, AIGOV_UUID_LEN};
    }
    memcpy(r->prev, s->prev, 32);
    memcpy(r->salt, s->salt, 32);
    e->prev = bytes(r->prev);
}

/* Nothing is held of most records: the content is as it was rendered. */
static aigov_status put_vault(aigov_record *r, const aigov_entry *e,
                              aigov_error *err)
{
    aigov_buf *b = &r->vaulted;
    aigov_span content = aigov_buf_span(&r->content);
    bool any = content.p[0] == '{';
    aigov_status st;
    b->n = 0;
    if (!aigov__holds_any(r->scanner)) {
        return AIGOV_OK;
    }
    if (!(any ? aigov_buf_put(b, content.p, content.n - 1) && PUT(b, ",")
              : PUT(b, "{"))) {
        return aigov__nomem(err);
    }
    st = aigov__vault_put(r->scanner, r->salt,
                          e->interaction.p != NULL ? e->interaction : e->id, b,
                          err);
    return st != AIGOV_OK || PUT(b, "}") ? st : aigov__nomem(err);
}

static aigov_span content_of(const aigov_record *r)
{
    return aigov_buf_span(r->vaulted.n > 0 ? &r->vaulted : &r->content);
}

static aigov_status put_hashes(aigov_record *r, aigov_entry *e,
                               aigov_error *err)
{
    aigov_status st =
        aigov_commitment(r->ctx, r->salt, content_of(r), r->commitment, err);
    if (st == AIGOV_OK && r->draft.digested) {
        st = aigov_record_digest(r, r->salt, r->digest, err);
        e->digest = bytes(r->digest);
    }
    e->commitment = bytes(r->commitment);
    r->leaf.n = 0;
    if (st == AIGOV_OK) {
        st = aigov_leaf(e, &r->leaf, err);
    }
    if (st == AIGOV_OK && r->leaf.n > AIGOV_MAX_LEAF) {
        st = aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                        "the leaf has %zu bytes, at most %d fit", r->leaf.n,
                        AIGOV_MAX_LEAF);
    }
    if (st == AIGOV_OK) {
        st = aigov_leaf_hash(r->ctx, aigov_buf_span(&r->leaf), r->hash, err);
        e->hash = bytes(r->hash);
    }
    return st;
}

aigov_status aigov_record_seal(aigov_record *r, const aigov_stamps *stamps,
                               aigov_entry *entry, aigov_content *content,
                               aigov_span *leaf, aigov_error *err)
{
    aigov_entry e;
    aigov_status st;
    memset(&e, 0, sizeof e);
    if (!r->ready) {
        return aigov__stage(err, "leaf",
                            aigov_fail(err, AIGOV_STATE, AIGOV_NO_POS,
                                       "no record was read before seal"));
    }
    put_columns(r, stamps, &e);
    st = put_sealed(r, stamps, &e, err);
    if (st == AIGOV_OK) {
        st = put_vault(r, &e, err);
    }
    if (st == AIGOV_OK) {
        st = put_hashes(r, &e, err);
    }
    if (st != AIGOV_OK) {
        return aigov__stage(err, "leaf", st);
    }
    *entry = e;
    content->at = stamps->at;
    content->salt = bytes(r->salt);
    content->body = content_of(r);
    if (leaf != NULL) {
        *leaf = aigov_buf_span(&r->leaf);
    }
    return AIGOV_OK;
}
