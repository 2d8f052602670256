/*
 * recheck.c - hashes and links of a server's log, computed here
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * aigov.verify() runs in the server, and whoever owns the server can make it
 * say yes.  So `aigov verify` reads the rows of aigov.entry and does the part
 * that needs no content again with its own code: the leaf from the columns, its
 * hash, the link to the entry before, the start of each lane.  What it cannot
 * do with a reader's privileges is to check commitments against content.
 *
 * A row's leaf needs every column, so the whole table (without content) crosses
 * the network: about 1 KB and 5 us an entry.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define SHOWN 20 /* wrong entries that are named */

enum {
    LOG,
    LANE,
    SEQ,
    V,
    AT,
    KIND,
    ID,
    INTERACTION,
    SUBJECT,
    ACTOR,
    SYSTEM,
    PROVIDER,
    MODEL,
    OPERATION,
    STATUS,
    DECISION,
    RECORDED_BY,
    DIGEST,
    COMMITMENT,
    PREV,
    HASH,
    BODY,
    ORIGIN,
    COLUMNS
};

typedef struct recheck {
    db *d;
    aigov_buf leaf;
    uint64_t entries, wrong;
    int64_t log, lane, seq; /* of the entry before */
    uint8_t hash[AIGOV_HASH_LEN];
    uint8_t bytes[4][AIGOV_HASH_LEN]; /* digest, commitment, prev, hash */
} recheck;

static int64_t number(aigov_span s)
{
    return s.p == NULL ? 0 : strtoll(s.p, NULL, 10);
}

static void say(recheck *r, const aigov_entry *e, const char *what)
{
    if (++r->wrong == 1)
        printf("computed here, from the rows:\n");
    if (r->wrong <= SHOWN)
        printf("  lane %" PRId64 "  seq %" PRId64 ": %s\n", e->lane, e->seq,
               what);
}

/* A column of 32 bytes, absent or right; false: neither. */
static bool raw(recheck *r, int slot, aigov_span hex, aigov_span *out)
{
    *out = AIGOV_ABSENT;
    if (hex.p == NULL)
        return true;
    *out = (aigov_span){(const char *)r->bytes[slot], AIGOV_HASH_LEN};
    return hex.n == 2 * AIGOV_HASH_LEN &&
           aigov_hex_parse(hex, r->bytes[slot], AIGOV_HASH_LEN);
}

static bool entry_of(recheck *r, const aigov_span *v, aigov_entry *e)
{
    *e = (aigov_entry){
        .log = number(v[LOG]),
        .lane = number(v[LANE]),
        .seq = number(v[SEQ]),
        .v = number(v[V]),
        .kind = v[KIND],
        .id = v[ID],
        .interaction = v[INTERACTION],
        .subject = v[SUBJECT],
        .actor = v[ACTOR],
        .system = v[SYSTEM],
        .provider = v[PROVIDER],
        .model = v[MODEL],
        .operation = v[OPERATION],
        .status = v[STATUS],
        .decision = v[DECISION],
        .recorded_by = v[RECORDED_BY],
        .body = v[BODY],
    };
    return raw(r, 0, v[DIGEST], &e->digest) &&
           raw(r, 1, v[COMMITMENT], &e->commitment) &&
           raw(r, 2, v[PREV], &e->prev) && raw(r, 3, v[HASH], &e->hash) &&
           e->prev.p != NULL && e->hash.p != NULL &&
           aigov_time_parse_stored(v[AT], &e->at) &&
           aigov_json_is_one_object(e->body) &&
           aigov_json_is_one_object(e->recorded_by);
}

/* Whether the entry follows the one before it in its lane; says why not. */
static const char *unlinked(const recheck *r, const aigov_entry *e,
                            aigov_span origin)
{
    bool same = e->log == r->log && e->lane == r->lane;
    uint8_t start[AIGOV_HASH_LEN];
    aigov_error ignored;

    if (e->seq != (same ? r->seq + 1 : 1))
        return "the entry before it is missing";
    if (same)
        return memcmp(r->hash, e->prev.p, AIGOV_HASH_LEN) == 0
                   ? NULL
                   : "not linked to the entry before";
    if (aigov_lane_start(r->d->ctx, origin, e->lane, start, &ignored) ==
            AIGOV_OK &&
        memcmp(start, e->prev.p, AIGOV_HASH_LEN) == 0)
        return NULL;
    return "not the start of a lane of this log";
}

static bool row(void *host, int n, const aigov_span *v)
{
    recheck *r = host;
    uint8_t hash[AIGOV_HASH_LEN] = {0};
    const char *why = NULL;
    aigov_error ignored;
    aigov_entry e;

    if (n < COLUMNS)
        return false;
    r->entries++;
    r->leaf.n = 0;
    if (!entry_of(r, v, &e))
        why = "a column has the wrong form";
    else if (aigov_leaf(&e, &r->leaf, &ignored) != AIGOV_OK ||
             aigov_leaf_hash(r->d->ctx, aigov_buf_span(&r->leaf), hash,
                             &ignored) != AIGOV_OK)
        why = "no leaf can be built";
    else if (memcmp(hash, e.hash.p, sizeof hash) != 0)
        why = "the columns do not have the stored hash";
    else
        why = unlinked(r, &e, v[ORIGIN]);
    if (why != NULL)
        say(r, &e, why);
    r->log = e.log;
    r->lane = e.lane;
    r->seq = e.seq;
    if (e.hash.p != NULL)
        memcpy(r->hash, e.hash.p, sizeof r->hash);
    return true;
}

int recheck_entries(db *d, uint64_t *entries)
{
    recheck r = {.d = d};
    int status;

    aigov_buf_init(&r.leaf, d->ctx);
    status = db_query(d,
                      "SELECT e.log, e.lane, e.seq, e.v, e.at, e.kind, e.id,"
                      " e.interaction, e.subject, e.actor, e.system,"
                      " e.provider, e.model, e.operation, e.status,"
                      " e.decision, e.recorded_by, e.digest, e.commitment,"
                      " e.prev, e.hash, e.body, l.origin"
                      " FROM aigov.entry e"
                      " LEFT JOIN aigov.log l ON l.log = e.log"
                      " ORDER BY e.log, e.lane, e.seq",
                      0, NULL, row, &r);
    aigov_buf_free(&r.leaf);
    *entries = r.entries;
    if (r.wrong > SHOWN)
        printf("  and %" PRIu64 " more\n", r.wrong - SHOWN);
    if (status != FINE)
        return status;
    return r.wrong == 0 ? FINE : FAILED;
}
