/*
 * policies.c - what decides, for this backend
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Policies, rules, exceptions, budgets and registers are entries of lane 0 of
 * the own log and those it continues, up to the head of lane 0 that an append
 * reads anyway and names in body.under.  Where the head moved on, what came
 * since is added; where it is not the head's successor (a rollback, another
 * log) all is read anew.
 *
 * The object lives in a memory context of its own.  While it is being changed
 * it is not known to be whole: an error on the way throws it away.
 */
#include "pg_aigov.h"

typedef struct made {
    aigov_ctx *ctx;
    aigov_policies *policies;
} made;

static struct {
    bool whole;
    bool none; /* there is no policy, so nothing else was read */
    int32 log;
    lane_head head;
    MemoryContext cxt;
    made *made;
} held;

typedef struct found {
    int place; /* in the chain of logs: 0 the own one */
    int64 seq;
    HeapTuple tuple;
} found;

typedef struct gather {
    List *logs; /* the own one first */
    int64 until;
    List *rows;
    Relation entry;
} gather;

/* --- reading ---------------------------------------------------------------
 */

static int place_of(List *logs, int32 log)
{
    ListCell *cell;
    int place = 0;

    foreach (cell, logs) {
        if (lfirst_int(cell) == log)
            return place;
        place++;
    }
    return -1;
}

static void consider(void *arg, HeapTuple tuple)
{
    gather *g = arg;
    TupleDesc desc = RelationGetDescr(g->entry);
    bool null;
    int32 log = DatumGetInt32(heap_getattr(tuple, E_LOG, desc, &null));
    int32 lane = DatumGetInt32(heap_getattr(tuple, E_LANE, desc, &null));
    int64 seq = DatumGetInt64(heap_getattr(tuple, E_SEQ, desc, &null));
    int place = place_of(g->logs, log);
    found *f;

    if (place < 0 || lane != 0 || (place == 0 && seq > g->until))
        return;
    f = palloc(sizeof *f);
    f->place = place;
    f->seq = seq;
    f->tuple = heap_copytuple(tuple);
    g->rows = lappend(g->rows, f);
}

static int by_age(const ListCell *a, const ListCell *b)
{
    const found *x = lfirst(a), *y = lfirst(b);

    if (x->place != y->place)
        return x->place > y->place ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void throw_decide(aigov_error *err)
{
    strlcpy(err->stage, "decide", sizeof err->stage);
    core_throw(err);
}

static void add(aigov_policies *p, Relation entry, HeapTuple tuple)
{
    row_reader reader;
    aigov_entry e;
    aigov_error err;

    reader_init(&reader, entry);
    reader_entry(&reader, tuple, &e);
    if (aigov_policies_add(p, &e, &err) != AIGOV_OK)
        throw_decide(&err);
    pfree(reader.values);
    pfree(reader.nulls);
}

static void read_all(aigov_policies *p, Relation entry, int32 log, int64 until,
                     bool all)
{
    gather g = {log_chain(log), until, NIL, entry};
    const char *kind;
    ListCell *cell;
    int i;

    for (i = 0; (kind = aigov_policies_kind_at(i)) != NULL; i++) {
        tuples_of(entry, SnapshotSelf, kind, consider, &g);
        held.none = g.rows == NIL && !all;
        if (held.none) /* the first kind is policy */
            break;
    }
    list_sort(g.rows, by_age);
    foreach (cell, g.rows)
        add(p, entry, ((found *)lfirst(cell))->tuple);
}

/* Entries of lane 0 after seq. */
static void read_since(aigov_policies *p, const target *entry, int32 log,
                       int64 seq, int64 until)
{
    for (; seq < until; seq++) {
        HeapTuple tuple = row_at(entry->rel, SnapshotSelf, log, 0, seq + 1);

        CHECK_FOR_INTERRUPTS();
        if (HeapTupleIsValid(tuple))
            add(p, entry->rel, tuple);
    }
}

/* --- keeping ---------------------------------------------------------------
 */

static void unmake(void *arg)
{
    made *m = arg;

    aigov_policies_free(m->policies);
    aigov_ctx_free(m->ctx);
}

static void forget(void)
{
    if (held.cxt)
        MemoryContextDelete(held.cxt);
    memset(&held, 0, sizeof held);
}

static void make(void)
{
    MemoryContext cxt = AllocSetContextCreate(
        CurrentMemoryContext, "aigov policies", ALLOCSET_DEFAULT_SIZES);
    MemoryContextCallback *cb = MemoryContextAllocZero(cxt, sizeof *cb);
    made *m = MemoryContextAllocZero(cxt, sizeof *m);
    aigov_error err;

    m->ctx = core_context(cxt);
    cb->func = unmake;
    cb->arg = m;
    MemoryContextRegisterResetCallback(cxt, cb);
    if (aigov_policies_new(m->ctx, &m->policies, &err) != AIGOV_OK)
        throw_decide(&err);
    MemoryContextSetParent(cxt, TopMemoryContext);
    held.cxt = cxt;
    held.made = m;
}

/* Whether what is held is of an earlier moment of this very lane 0. */
static bool goes_on(const target *entry, int32 log, const lane_head *zero)
{
    HeapTuple tuple;
    row_reader reader;
    aigov_entry e;

    if (!held.whole || held.none || held.log != log ||
        held.head.seq > zero->seq)
        return false;
    if (held.head.seq == zero->seq)
        return memcmp(held.head.hash, zero->hash, AIGOV_HASH_LEN) == 0;
    tuple = row_at(entry->rel, SnapshotSelf, log, 0, held.head.seq);
    if (!HeapTupleIsValid(tuple))
        return false;
    reader_init(&reader, entry->rel);
    reader_entry(&reader, tuple, &e);
    return e.hash.n == AIGOV_HASH_LEN &&
           memcmp(e.hash.p, held.head.hash, AIGOV_HASH_LEN) == 0;
}

/* Entries written in this transaction may be rolled back: then the head is
 * another, or lower, and all is read anew. */
aigov_policies *policies_at(const target *entry, int32 log,
                            const lane_head *zero, bool all)
{
    MemoryContext scratch, old;
    aigov_error err;
    int64 from = held.head.seq;

    if (zero->seq == 0)
        return NULL;
    if (held.whole && !(all && held.none) && held.log == log &&
        held.head.seq == zero->seq &&
        memcmp(held.head.hash, zero->hash, AIGOV_HASH_LEN) == 0)
        return held.made->policies;
    scratch = AllocSetContextCreate(CurrentMemoryContext, "aigov policies read",
                                    ALLOCSET_DEFAULT_SIZES);
    old = MemoryContextSwitchTo(scratch);
    if (goes_on(entry, log, zero)) {
        held.whole = false;
        read_since(held.made->policies, entry, log, from, zero->seq);
    } else {
        forget();
        make();
        read_all(held.made->policies, entry->rel, log, zero->seq, all);
    }
    if (aigov_policies_ready(held.made->policies, &err) != AIGOV_OK)
        throw_decide(&err);
    MemoryContextSwitchTo(old);
    MemoryContextDelete(scratch);
    held.log = log;
    held.head = *zero;
    held.whole = true;
    return held.made->policies;
}

aigov_policies *policies_now(void)
{
    own_log *own = log_peek();
    aigov_policies *policies = NULL;
    target entry = {0};
    lane_head zero;
    Oid key;
    int32 log;

    if (!OidIsValid(own->entry) || (log = log_argument(0)) == 0)
        return NULL;
    entry.rel = table_open(own->entry, AccessShareLock);
    key = compat_primary_key(entry.rel);
    if (!OidIsValid(key))
        fail(AIGOV_STATE, "SELECT * FROM aigov.verify() says what differs",
             "table aigov.entry has no primary key");
    entry.key = index_open(key, AccessShareLock);
    lane_read(&entry, log, 0, &zero);
    policies = policies_at(&entry, log, &zero, false);
    index_close(entry.key, AccessShareLock);
    table_close(entry.rel, AccessShareLock);
    return policies;
}
