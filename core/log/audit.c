/*
 * audit.c - decisions taken again, in one pass over a log
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Lanes go on side by side, so the order of the log is not that of lane 0.  The
 * places of all decisions are noted with the place of their body.under in lane
 * 0, sorted by it, and gone through with policies that grow by the entries of
 * lane 0 in between: nothing is read twice, whatever the size of the log.
 */
#include "retake.h"

#include <stdlib.h>

typedef struct zero {
    int64_t log, seq;
    uint8_t hash[AIGOV_HASH_LEN];
} zero;

#define NOWHERE INT64_MAX /* body.under names no entry of lane 0 */

typedef struct place {
    int64_t under; /* entries of lane 0 up to and with it */
    int64_t log, lane, seq;
} place;

struct aigov_audit {
    aigov_ctx *ctx;
    aigov_audit_mode mode;
    const aigov_audit_host *host;
    char *version; /* of a replay */
    zero *zero;
    size_t zeros, zero_cap;
    size_t *by_hash; /* hash table of index + 1 in zero; NULL: not made yet */
    place *place;
    size_t places, place_cap;
    aigov_buf explained;
    retake t;
};

/* Open addressing: twice as many places as entries of lane 0. */
static size_t slots(const aigov_audit *a)
{
    size_t n = 64;
    while (n < 2 * a->zeros) {
        n *= 2;
    }
    return n;
}

aigov_status aigov_audit_new(aigov_ctx *ctx, aigov_audit_mode mode,
                             aigov_span version, const aigov_audit_host *host,
                             aigov_audit **out, aigov_error *err)
{
    aigov_audit *a = aigov_malloc(ctx, sizeof *a);
    aigov_status st;
    if (a == NULL) {
        return aigov__nomem(err);
    }
    memset(a, 0, sizeof *a);
    a->ctx = ctx;
    a->mode = mode;
    a->host = host;
    aigov_buf_init(&a->explained, ctx);
    aigov__retake_init(&a->t, ctx, host);
    st = aigov_policies_new(ctx, &a->t.then, err);
    if (st == AIGOV_OK && mode == AIGOV_REPLAY) {
        st = aigov_policies_new(ctx, &a->t.now, err);
        a->version = st == AIGOV_OK ? aigov_malloc(ctx, version.n + 1) : NULL;
        if (st == AIGOV_OK && a->version == NULL) {
            st = aigov__nomem(err);
        }
        if (st == AIGOV_OK) {
            memcpy(a->version, version.p, version.n);
            a->version[version.n] = '\0';
        }
    }
    if (st != AIGOV_OK) {
        aigov_audit_free(a);
        return st;
    }
    *out = a;
    return AIGOV_OK;
}

void aigov_audit_free(aigov_audit *a)
{
    if (a == NULL) {
        return;
    }
    aigov__retake_free(&a->t);
    aigov_policies_free(a->t.then);
    aigov_policies_free(a->t.now);
    if (a->version != NULL) {
        aigov_mfree(a->ctx, a->version, strlen(a->version) + 1);
    }
    aigov_buf_free(&a->explained);
    if (a->by_hash != NULL) {
        aigov_mfree(a->ctx, a->by_hash, slots(a) * sizeof *a->by_hash);
    }
    aigov_mfree(a->ctx, a->zero, a->zero_cap * sizeof *a->zero);
    aigov_mfree(a->ctx, a->place, a->place_cap * sizeof *a->place);
    aigov_mfree(a->ctx, a, sizeof *a);
}

/* --- places -------------------------------------------------------------- */

aigov_status aigov_audit_zero(aigov_audit *a, int64_t log, int64_t seq,
                              const uint8_t *hash, aigov_error *err)
{
    zero *z;
    if (!aigov__room(a->ctx, (void **)&a->zero, &a->zero_cap, sizeof *a->zero,
                     a->zeros + 1)) {
        return aigov__nomem(err);
    }
    z = &a->zero[a->zeros++];
    z->log = log;
    z->seq = seq;
    memcpy(z->hash, hash, sizeof z->hash);
    return AIGOV_OK;
}

static size_t first_slot(const uint8_t *hash, size_t mask)
{
    size_t h;
    memcpy(&h, hash, sizeof h);
    return h & mask;
}

static size_t *index_zero(aigov_audit *a)
{
    size_t n = slots(a);
    size_t *table = aigov_malloc(a->ctx, n * sizeof *table);
    if (table == NULL) {
        return NULL;
    }
    memset(table, 0, n * sizeof *table);
    for (size_t i = 0; i < a->zeros; i++) {
        size_t k = first_slot(a->zero[i].hash, n - 1);
        while (table[k] != 0) {
            k = (k + 1) & (n - 1);
        }
        table[k] = i + 1;
    }
    return table;
}

static int64_t place_of(const aigov_audit *a, const uint8_t *hash)
{
    size_t mask = slots(a) - 1, k = first_slot(hash, mask);
    for (; a->by_hash[k] != 0; k = (k + 1) & mask) {
        if (memcmp(a->zero[a->by_hash[k] - 1].hash, hash, AIGOV_HASH_LEN) ==
            0) {
            return (int64_t)a->by_hash[k];
        }
    }
    return NOWHERE;
}

aigov_status aigov_audit_decision(aigov_audit *a, int64_t log, int64_t lane,
                                  int64_t seq, aigov_span under,
                                  aigov_error *err)
{
    uint8_t hash[AIGOV_HASH_LEN];
    place p = {0, log, lane, seq};
    if (a->by_hash == NULL) {
        a->by_hash = index_zero(a);
    }
    if (a->by_hash == NULL ||
        !aigov__room(a->ctx, (void **)&a->place, &a->place_cap,
                     sizeof *a->place, a->places + 1)) {
        return aigov__nomem(err);
    }
    if (under.p != NULL) {
        p.under = aigov_hex_parse(under, hash, sizeof hash) ? place_of(a, hash)
                                                            : NOWHERE;
    }
    a->place[a->places++] = p;
    return AIGOV_OK;
}

static int by_place(const void *x, const void *y)
{
    const place *a = x, *b = y;
    return a->under != b->under ? (a->under < b->under ? -1 : 1)
           : a->log != b->log   ? (a->log < b->log ? -1 : 1)
           : a->lane != b->lane ? (a->lane < b->lane ? -1 : 1)
           : a->seq != b->seq   ? (a->seq < b->seq ? -1 : 1)
                                : 0;
}

/* --- the pass ------------------------------------------------------------ */

static aigov_status feed(aigov_audit *a, aigov_policies *p, size_t from,
                         size_t to, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    for (size_t i = from; i < to && st == AIGOV_OK; i++) {
        aigov_entry e = {0};
        st = a->host->entry(a->host->host, a->zero[i].log, 0, a->zero[i].seq,
                            &e, err);
        if (st == AIGOV_OK) {
            st = aigov_policies_add(p, &e, err);
        }
    }
    return st == AIGOV_OK && (to > from || from == 0)
               ? aigov_policies_ready(p, err)
               : st;
}

/* The version of a replay, and what it reads. */
static aigov_status find_version(aigov_audit *a, aigov_error *err)
{
    retake *t = &a->t;
    aigov_status st = feed(a, t->now, 0, a->zeros, err);
    if (st == AIGOV_OK) {
        st = aigov__policies_version(t->now, aigov_str(a->version), &t->instead,
                                     err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    if (t->instead == NULL) {
        return aigov_fail(err, AIGOV_NOENTRY, AIGOV_NO_POS,
                          "there is no such version of a policy");
    }
    t->reads = aigov_malloc(a->ctx, t->now->slots);
    if (t->reads == NULL) {
        return aigov__nomem(err);
    }
    memset(t->reads, 0, t->now->slots);
    aigov__version_reads(t->instead, t->reads);
    return AIGOV_OK;
}

/* Of usage, else what was reserved. */
static int64_t tokens_of(const retake *t)
{
    static const char *const names[] = {"input_tokens", "output_tokens"};
    const aigov_json *j = &t->j;
    uint32_t usage = j->nodes > 0 ? aigov_json_get(j, 0, "usage") : 0, i;
    int64_t sum = 0, n;
    for (int k = 0; k < 2 && usage != 0; k++) {
        i = j->node[usage].type == AIGOV_JSON_OBJECT
                ? aigov_json_get(j, usage, names[k])
                : 0;
        if (i != 0 && aigov_json_i64(j, i, &n) && n > 0 &&
            sum <= INT64_MAX - n) {
            sum += n;
        }
    }
    i = usage == 0 && t->policy != 0 ? aigov_json_get(j, t->policy, "reserved")
                                     : 0;
    return i != 0 && aigov_json_i64(j, i, &n) ? n : sum;
}

static aigov_status give(aigov_audit *a, const aigov_entry *e, retaken result,
                         const char *why, aigov_error *err)
{
    retake *t = &a->t;
    aigov_retaken row = {.entry = e, .why = why};
    row.undecidable = result == RETAKEN_UNKNOWN;
    row.differs = result == RETAKEN_DIFFERS;
    if (!row.undecidable && t->fresh.n > 0) {
        row.decision = aigov_str(aigov__verdict_name(t->d.acts.verdict));
        row.answer = aigov_buf_span(&t->fresh);
    }
    row.tokens = tokens_of(t);
    if (a->mode == AIGOV_REPRODUCE && result == RETAKEN_SAME) {
        return AIGOV_OK;
    }
    if (a->mode == AIGOV_REPLAY && !row.undecidable) {
        row.differs = !aigov_span_eq(row.decision, e->decision);
    }
    if (a->mode == AIGOV_EXPLAIN) {
        aigov_status st = aigov__explain(t, e, result, why, &a->explained, err);
        if (st != AIGOV_OK) {
            return st;
        }
        row.answer = aigov_buf_span(&a->explained);
    }
    return a->host->row(a->host->host, &row, err);
}

static aigov_status one(aigov_audit *a, const place *p, aigov_error *err)
{
    char why[AIGOV_AUDIT_WHY] = "under";
    retaken result =
        a->mode == AIGOV_REPLAY ? RETAKEN_UNKNOWN : RETAKEN_DIFFERS;
    aigov_entry e = {0};
    aigov_status st =
        a->host->entry(a->host->host, p->log, p->lane, p->seq, &e, err);
    if (st == AIGOV_OK && p->under != NOWHERE) {
        st = aigov__retake(&a->t, &e, &result, why, err);
    }
    return st == AIGOV_OK ? give(a, &e, result, why, err) : st;
}

aigov_status aigov_audit_run(aigov_audit *a, aigov_error *err)
{
    aigov_status st = a->mode == AIGOV_REPLAY ? find_version(a, err) : AIGOV_OK;
    size_t fed = 0;
    if (a->places > 1) {
        qsort(a->place, a->places, sizeof *a->place, by_place);
    }
    if (st == AIGOV_OK) {
        st = aigov_policies_ready(a->t.then, err);
    }
    for (size_t i = 0; i < a->places && st == AIGOV_OK; i++) {
        size_t until =
            a->place[i].under == NOWHERE ? fed : (size_t)a->place[i].under;
        if (until > fed) {
            st = feed(a, a->t.then, fed, until, err);
            fed = until;
        }
        if (st == AIGOV_OK) {
            st = one(a, &a->place[i], err);
        }
    }
    return st;
}
