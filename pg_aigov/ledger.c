/*
 * ledger.c - what a decision looks up in the log
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The core asks through aigov_ledger.  It must not be jumped out of, so an
 * error here is kept, the core ends with AIGOV_CANCELED, and the error goes on
 * from where the core was called (ledger_throw).
 *
 * Rows are read with SnapshotSelf: what is committed now and what we did, at
 * every isolation level.  What must not be seen twice (the sum of a budget, the
 * uses of an approval or exception) is read under a lock that lasts to the end
 * of the transaction: an object lock on the content table, with 16 bits of a
 * hash of what is locked.  Two that share a hash wait for each other, no more.
 *
 * A window begins somewhere in each lane: `at` never decreases within one, so a
 * binary search over the primary key finds where, and no index is needed that
 * every append would pay for.
 */
#include "pg_aigov.h"

#include "common/hashfn.h"
#include "storage/lmgr.h"

/* --- errors ----------------------------------------------------------------
 */

void ledger_throw(ledger *l)
{
    if (l->error)
        ReThrowError(l->error);
}

/* --- locks -----------------------------------------------------------------
 */

static void lock_name(ledger *l, const char *what, aigov_span a, aigov_span b)
{
    uint32 hash = hash_bytes((const unsigned char *)what, strlen(what));
    LOCKTAG tag;

    hash = hash_combine(hash, hash_bytes((const unsigned char *)a.p, a.n));
    if (b.n > 0)
        hash = hash_combine(hash, hash_bytes((const unsigned char *)b.p, b.n));
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId,
                       RelationGetRelid(l->w->content.rel),
                       (uint16)(hash ^ (hash >> 16)));
    LockAcquire(&tag, ExclusiveLock, false, false);
}

/* --- rows since a time -----------------------------------------------------
 */

/* The first row of a lane from seq on; false where there is none. */
static bool first_from(ledger *l, int32 lane, int64 seq, int64 *found,
                       int64 *at)
{
    HeapTuple tuple = row_from(l->w->entry.rel, l->w->own->log, lane, seq);
    TupleDesc desc = RelationGetDescr(l->w->entry.rel);
    bool null;

    if (!HeapTupleIsValid(tuple))
        return false;
    *found = DatumGetInt64(heap_getattr(tuple, E_SEQ, desc, &null));
    *at = DatumGetTimestampTz(heap_getattr(tuple, E_AT, desc, &null)) +
          EPOCH_SHIFT;
    heap_freetuple(tuple);
    return true;
}

static int64 begins(ledger *l, int32 lane, int64 last, int64 since)
{
    int64 low = 1, high = last + 1, found, at;

    while (low < high) {
        int64 mid = low + (high - low) / 2;

        if (!first_from(l, lane, mid, &found, &at) || at >= since)
            high = mid;
        else
            low = found + 1;
    }
    return low;
}

/* Calls fn for each entry of lanes from 1 on whose at is since or later, until
 * it is false. */
typedef bool (*since_fn)(void *arg, const aigov_entry *e);

static void each_since(ledger *l, int64 since, since_fn fn, void *arg)
{
    int32 lane = 0;
    row_reader reader;
    aigov_entry e;
    bool more = true;

    reader_init(&reader, l->w->entry.rel);
    while (more &&
           (lane = lane_after(l->w->entry.rel, l->w->own->log, lane)) > 0) {
        lane_head head;
        ordered *o;
        HeapTuple tuple;

        lane_read(&l->w->entry, l->w->own->log, lane, &head);
        o = ordered_from(l->w->entry.rel, l->w->own->log, lane,
                         begins(l, lane, head.seq, since));
        while (more && HeapTupleIsValid(tuple = ordered_next(o))) {
            reader_entry(&reader, tuple, &e);
            more = fn(arg, &e);
        }
        ordered_end(o);
    }
}

/* --- budgets ---------------------------------------------------------------
 */

typedef struct summing {
    ledger *l;
    const aigov_usage_of *of;
    aigov_usage *sum;
    aigov_error *err;
    aigov_entry response;
    row_reader reader;
    MemoryContext row; /* reset after each */
} summing;

static void take_response(void *arg, const aigov_entry *e)
{
    summing *s = arg;

    if (aigov_span_is(e->kind, "response") && !s->response.body.p)
        s->response = *e;
}

/* The response to a request; of a later attempt there is its own request. */
static aigov_status response_to(void *host, const aigov_entry *call,
                                const aigov_entry **out, aigov_error *err)
{
    summing *s = host;

    GUARDED(s->l, err, {
        memset(&s->response, 0, sizeof s->response);
        rows_of_interaction(s->l->w->entry.rel, s->l->w->own->log,
                            call->interaction, take_response, s);
    });
    *out = s->response.body.p ? &s->response : NULL;
    return AIGOV_OK;
}

static bool add_call(void *arg, const aigov_entry *e)
{
    summing *s = arg;
    MemoryContext old;
    aigov_status st;

    if (e->at >= s->of->to)
        return true;
    old = MemoryContextSwitchTo(s->row);
    st = aigov_usage_add(core()->ctx, s->of, e, response_to, s, s->sum, s->err);
    MemoryContextSwitchTo(old);
    if (!s->l->error)
        MemoryContextReset(s->row);
    s->l->status = st;
    return st == AIGOV_OK;
}

static aigov_status usage(void *host, const aigov_usage_of *of,
                          aigov_usage *out, aigov_error *err)
{
    ledger *l = host;
    summing s = {.l = l, .of = of, .sum = out, .err = err};

    l->status = AIGOV_OK;
    GUARDED(l, err, {
        s.row = AllocSetContextCreate(CurrentMemoryContext, "aigov usage",
                                      ALLOCSET_DEFAULT_SIZES);
        lock_name(l, "budget", of->budget, of->value);
        each_since(l, of->from, add_call, &s);
        MemoryContextDelete(s.row);
    });
    return l->status;
}

/* --- parents, attempts, exceptions -----------------------------------------
 */

typedef struct lineage {
    bool known;
    bool has_parent;
    uint8 parent[16];
} lineage;

static void take_parent(void *arg, const aigov_entry *e)
{
    lineage *n = arg;
    char *parent;

    if (n->has_parent)
        return;
    n->known = true;
    parent = json_member(e->body, "parent");
    n->has_parent = parent && aigov_uuid_parse(aigov_str(parent), n->parent);
}

#define MAX_DEPTH 1000 /* a circle of parents ends here */

static aigov_status depth(void *host, const uint8_t parent[16], int64_t *steps,
                          aigov_error *err)
{
    ledger *l = host;
    uint8 id[16];

    memcpy(id, parent, sizeof id);
    *steps = 0;
    GUARDED(l, err, {
        for (; *steps < MAX_DEPTH; (*steps)++) {
            char text[AIGOV_UUID_LEN + 1];
            lineage n = {0};

            aigov_uuid_format(id, text);
            rows_of_interaction(l->w->entry.rel, l->w->own->log,
                                (aigov_span){text, AIGOV_UUID_LEN}, take_parent,
                                &n);
            if (!n.known)
                break;
            if (!n.has_parent) {
                (*steps)++;
                break;
            }
            memcpy(id, n.parent, sizeof id);
        }
    });
    return AIGOV_OK;
}

typedef struct asking {
    ledger *l;
    aigov_status (*each)(void *, const aigov_attempt *, aigov_error *);
    void *arg;
    aigov_error *err;
    aigov_status st;
} asking;

static void give_attempt(void *arg, const aigov_entry *e)
{
    asking *a = arg;
    aigov_attempt one = {e, AIGOV_ABSENT};
    HeapTuple tuple;

    if (a->st != AIGOV_OK || !aigov_span_is(e->kind, "request") ||
        !login_is_ours(e->recorded_by))
        return;
    tuple = row_at(a->l->w->content.rel, SnapshotSelf, (int32)e->log,
                   (int32)e->lane, e->seq);
    if (HeapTupleIsValid(tuple)) {
        row_reader reader;
        aigov_content c;

        reader_init(&reader, a->l->w->content.rel);
        reader_content(&reader, tuple, &c);
        one.salt = c.salt;
    }
    a->st = a->each(a->arg, &one, a->err);
}

static aigov_status attempts(void *host, const uint8_t interaction[16],
                             aigov_status (*each)(void *, const aigov_attempt *,
                                                  aigov_error *),
                             void *arg, aigov_error *err)
{
    ledger *l = host;
    asking a = {l, each, arg, err, AIGOV_OK};
    char text[AIGOV_UUID_LEN + 1];

    aigov_uuid_format(interaction, text);
    GUARDED(l, err,
            rows_of_interaction(l->w->entry.rel, l->w->own->log,
                                (aigov_span){text, AIGOV_UUID_LEN},
                                give_attempt, &a));
    return a.st;
}

typedef struct counting {
    const char *exception;
    int64 n;
} counting;

static bool count_use(void *arg, const aigov_entry *e)
{
    counting *c = arg;

    c->n += aigov_waived_by(core()->ctx, e, aigov_str(c->exception)) ? 1 : 0;
    return true;
}

static aigov_status uses(void *host, const char *exception, int64_t since,
                         int64_t *n, aigov_error *err)
{
    ledger *l = host;
    counting c = {exception, 0};

    GUARDED(l, err, {
        lock_name(l, "exception", aigov_str(exception), AIGOV_ABSENT);
        each_since(l, since, count_use, &c);
    });
    *n = c.n;
    return AIGOV_OK;
}

static aigov_status lock_call(void *host, const uint8_t interaction[16],
                              aigov_error *err)
{
    ledger *l = host;

    GUARDED(l, err,
            lock_name(l, "call", (aigov_span){(const char *)interaction, 16},
                      AIGOV_ABSENT));
    return AIGOV_OK;
}

void ledger_init(ledger *l, writer *w)
{
    memset(l, 0, sizeof *l);
    l->w = w;
    l->of = (aigov_ledger){l, usage, depth, attempts, uses, lock_call};
}
