/*
 * verify_row.c - what can be said of one row of entry and its content alone
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Cheap checks first; the hash last.  The names of what is wrong are for ever:
 * they stand in verify's column detail and in scripts.
 */
#include "internal.h"

static bool has_32(aigov_span s)
{
    return s.p != NULL && s.n == 32;
}

/* A UUID column must be its 36 lower-case characters: the leaf takes the text,
 * and the database compares the value. */
static bool is_id(aigov_span s)
{
    char text[AIGOV_UUID_LEN + 1];
    uint8_t id[16];
    if (!aigov_uuid_parse(s, id)) {
        return false;
    }
    aigov_uuid_format(id, text);
    return memcmp(text, s.p, AIGOV_UUID_LEN) == 0;
}

/* Columns that are NOT NULL, and lengths that the leaf cannot show. */
static const char *column_problem(const aigov_entry *e)
{
    if (e->v != AIGOV_LEAF_VERSION) {
        return "leaf version";
    }
    if (!has_32(e->hash) || !has_32(e->prev)) {
        return "length of hash";
    }
    if ((e->commitment.p != NULL && e->commitment.n != 32) ||
        (e->digest.p != NULL && e->digest.n != 32)) {
        return "length of commitment or digest";
    }
    if (e->kind.p == NULL || e->id.p == NULL) {
        return "kind or id is NULL";
    }
    if (!is_id(e->id) || (e->interaction.p != NULL && !is_id(e->interaction))) {
        return "form of id or interaction";
    }
    if (e->at < AIGOV__MIN_TIME || e->at > AIGOV__MAX_TIME) {
        return "time";
    }
    return NULL;
}

static const char *object_problem(const aigov_entry *e)
{
    if (e->body.p == NULL || !aigov_json_is_one_object(e->body)) {
        return "body is not one object";
    }
    if (e->recorded_by.p == NULL || !aigov_json_is_one_object(e->recorded_by)) {
        return "recorded_by is not one object";
    }
    return NULL;
}

aigov_status aigov__row_problem(aigov_ctx *ctx, const aigov_entry *e,
                                aigov_buf *leaf, const char **problem,
                                aigov_error *err)
{
    uint8_t hash[32];
    aigov_status st;
    *problem = column_problem(e);
    if (*problem == NULL) {
        *problem = object_problem(e);
    }
    if (*problem != NULL) {
        return AIGOV_OK;
    }
    leaf->n = 0;
    st = aigov_leaf(e, leaf, err);
    if (st == AIGOV_OK) {
        st = aigov_leaf_hash(ctx, aigov_buf_span(leaf), hash, err);
    }
    if (st == AIGOV_OK && memcmp(hash, e->hash.p, 32) != 0) {
        *problem = "hash";
    } else if (st == AIGOV_OK && leaf->n > AIGOV_MAX_LEAF) {
        *problem = "size of leaf";
    }
    return st;
}

/* The content row that there is, against entry's commitment. */
static aigov_status committed(aigov_ctx *ctx, const aigov_entry *e,
                              const aigov_content *c, const char **detail,
                              aigov_error *err)
{
    uint8_t hash[32];
    aigov_status st;
    if (c->body.p == NULL || c->salt.p == NULL || c->salt.n != 32) {
        *detail = "length of salt";
        return AIGOV_OK;
    }
    st = aigov_commitment(ctx, (const uint8_t *)c->salt.p, c->body, hash, err);
    if (st == AIGOV_OK && memcmp(hash, e->commitment.p, 32) != 0) {
        *detail = "commitment";
    } else if (st == AIGOV_OK && c->at != e->at) {
        *detail = "time of content";
    }
    return st;
}

aigov_status aigov__content_state(aigov_ctx *ctx, const aigov_entry *e,
                                  const aigov_content *c, bool erased,
                                  const char **state, const char **detail,
                                  aigov_error *err)
{
    aigov_status st;
    *detail = NULL;
    if (e->commitment.p == NULL) {
        *state = c == NULL ? "none" : "modified";
        *detail = c == NULL ? NULL : "content without commitment";
        return AIGOV_OK;
    }
    if (c == NULL) {
        *state = erased ? "erased" : "missing";
        return AIGOV_OK;
    }
    if (e->commitment.n != 32) {
        *state = "modified";
        return AIGOV_OK;
    }
    st = committed(ctx, e, c, detail, err);
    *state = *detail == NULL ? "intact" : "modified";
    if (*detail == NULL && erased) {
        *detail = "erasure not carried out";
    }
    return st;
}
