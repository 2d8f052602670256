/*
 * index.c - the index of lineage: tables node, ref, call, lineage_head
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.maintain()         takes it on by what came since
 *   aigov.rebuild_lineage()  makes it anew
 *
 * Derived from entry; of each lane it covers the entries up to lineage_head. An
 * append writes nothing here: to index an entry costs as much as to append it,
 * and no writer shall wait for another one's names.  What is not indexed is
 * read from the entries (lineage.c): the same answer, later.
 *
 * Rows are read with SnapshotSelf: what is committed, and our own.  Of a lane
 * that is a prefix, since whoever writes to it has it until he commits.
 */
#include "pg_aigov.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"

#define SERIAL_LANE (-1) /* of log 0: the last serial */

/* A table that rows are put into. */
typedef struct filled {
    Relation rel;
    ResultRelInfo *rri;
    TupleTableSlot *slot;
} filled;

typedef struct indexing {
    EState *estate;
    filled node, ref, call, head;
    BulkInsertState bulk; /* of ref, while all is made anew */
    Relation entry, by_name;
    aigov_indexer *indexer;
    aigov_indexer_host host;
    MemoryContext row; /* of the entries at hand */
    MemoryContext found;
    int64 nodes, refs, calls;
    ErrorData *error;
} indexing;

/* --- rows -------------------------------------------------------------------
 */

static void set(filled *t, int column, Datum value)
{
    t->slot->tts_values[column] = value;
    t->slot->tts_isnull[column] = false;
}

static void insert(indexing *x, filled *t)
{
    ExecStoreVirtualTuple(t->slot);
    table_tuple_insert(t->rel, t->slot, GetCurrentCommandId(true),
                       x->bulk && t == &x->ref ? TABLE_INSERT_SKIP_FSM : 0,
                       t == &x->ref ? x->bulk : NULL);
    if (t->rri->ri_NumIndices > 0)
        compat_insert_index(t->rri, t->slot, x->estate, false, NULL, NIL);
    ExecClearTuple(t->slot);
    ResetPerTupleExprContext(x->estate);
}

static void insert_node(indexing *x, int64 id, aigov_span name)
{
    Datum text = span_datum(name);

    set(&x->node, 0, Int64GetDatum(id));
    set(&x->node, 1, text);
    insert(x, &x->node);
    pfree(DatumGetPointer(text));
    x->nodes++;
}

static void insert_ref(indexing *x, const aigov_ref *r)
{
    set(&x->ref, 0, Int64GetDatum(r->cause));
    set(&x->ref, 1, Int64GetDatum(r->effect));
    set(&x->ref, 2, Int64GetDatum(r->place));
    set(&x->ref, 3, Int32GetDatum(r->log));
    set(&x->ref, 4, Int32GetDatum(r->how));
    insert(x, &x->ref);
    x->refs++;
}

static void insert_call(indexing *x, const aigov_call *k)
{
    set(&x->call, 0, Int64GetDatum(k->ia));
    set(&x->call, 1, Int64GetDatum(k->model));
    set(&x->call, 2, Int64GetDatum(k->tmpl));
    set(&x->call, 3, Int64GetDatum(k->person));
    set(&x->call, 4, Int64GetDatum(k->place));
    set(&x->call, 5, Int32GetDatum(k->log));
    set(&x->call, 6, Int32GetDatum(k->asks | k->answers << 1));
    insert(x, &x->call);
    x->calls++;
}

/* The seq of a head; the row is deleted where it is to be put anew. */
static int64 take_head(indexing *x, int32 log, int32 lane, bool anew)
{
    SysScanDesc scan;
    ScanKeyData key[2];
    HeapTuple tuple;
    int64 seq = 0;
    bool null;

    ScanKeyInit(&key[0], 1, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(log));
    ScanKeyInit(&key[1], 2, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(lane));
    scan = systable_beginscan(x->head.rel, InvalidOid, false, SnapshotSelf, 2,
                              key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        seq = DatumGetInt64(
            heap_getattr(tuple, 3, RelationGetDescr(x->head.rel), &null));
        if (anew)
            simple_heap_delete(x->head.rel, &tuple->t_self);
    }
    systable_endscan(scan);
    return seq;
}

static void put_head(indexing *x, int32 log, int32 lane, int64 seq)
{
    take_head(x, log, lane, true);
    CommandCounterIncrement();
    set(&x->head, 0, Int32GetDatum(log));
    set(&x->head, 1, Int32GetDatum(lane));
    set(&x->head, 2, Int64GetDatum(seq));
    insert(x, &x->head);
}

/* --- what the indexer asks for, and gives -----------------------------------
 */

int64 index_find(Relation node, Relation by_name, Snapshot snapshot,
                 aigov_span name)
{
    Datum text = span_datum(name);
    SysScanDesc scan;
    ScanKeyData key;
    HeapTuple tuple;
    int64 id = 0;
    bool null;

    ScanKeyEntryInitialize(&key, 0, 2, BTEqualStrategyNumber, InvalidOid,
                           by_name->rd_indcollation[0], F_TEXTEQ, text);
    scan = systable_beginscan_ordered(node, by_name, snapshot, 1, &key);
    tuple = systable_getnext_ordered(scan, ForwardScanDirection);
    if (HeapTupleIsValid(tuple))
        id = DatumGetInt64(
            heap_getattr(tuple, 1, RelationGetDescr(node), &null));
    systable_endscan_ordered(scan);
    pfree(DatumGetPointer(text));
    return id;
}

static aigov_status find(void *host, aigov_span name, int64_t *id,
                         aigov_error *err)
{
    indexing *x = host;

    core_guarded(x, err,
                 *id = index_find(x->node.rel, x->by_name, SnapshotSelf, name));
    return AIGOV_OK;
}

static aigov_status give_node(void *host, int64_t id, aigov_span name,
                              aigov_error *err)
{
    indexing *x = host;

    core_guarded(x, err, insert_node(x, id, name));
    return AIGOV_OK;
}

static aigov_status give_ref(void *host, const aigov_ref *r, aigov_error *err)
{
    indexing *x = host;

    core_guarded(x, err, insert_ref(x, r));
    return AIGOV_OK;
}

static aigov_status give_call(void *host, const aigov_call *k, aigov_error *err)
{
    indexing *x = host;

    core_guarded(x, err, insert_call(x, k));
    return AIGOV_OK;
}

typedef struct first_event {
    aigov_entry *out;
    int64 log;
} first_event;

static bool is_before(const aigov_entry *a, const aigov_entry *b)
{
    return a->at != b->at       ? a->at < b->at
           : a->lane != b->lane ? a->lane < b->lane
                                : a->seq < b->seq;
}

static void consider(void *arg, const aigov_entry *e)
{
    first_event *f = arg;

    if (e->log == f->log &&
        (aigov_span_is(e->kind, "request") ||
         aigov_span_is(e->kind, "interaction") ||
         aigov_span_is(e->kind, "response")) &&
        (!f->out->body.p || is_before(e, f->out)))
        *f->out = *e;
}

void index_owner(Relation entry, Snapshot snapshot, const aigov_entry *e,
                 aigov_entry *out)
{
    first_event f = {out, e->log};
    uint8 id[16];

    memset(out, 0, sizeof *out);
    if (aigov_uuid_parse(e->interaction, id))
        rows_of_call(entry, snapshot, id, consider, &f);
}

void index_by_id(Relation entry, Snapshot snapshot, aigov_span text,
                 aigov_entry *out)
{
    row_reader *reader;
    HeapTuple tuple;
    uint8 id[16];

    memset(out, 0, sizeof *out);
    if (!aigov_uuid_parse(text, id))
        return;
    tuple = row_by_id(entry, snapshot, id, log_chain(log_argument(0)));
    if (!HeapTupleIsValid(tuple))
        return;
    reader = palloc(sizeof *reader);
    reader_init(reader, entry);
    reader_entry(reader, tuple, out);
}

static aigov_status owner(void *host, const aigov_entry *e, aigov_entry *out,
                          aigov_error *err)
{
    indexing *x = host;

    core_guarded(x, err, {
        MemoryContext old;

        MemoryContextReset(x->found);
        old = MemoryContextSwitchTo(x->found);
        index_owner(x->entry, SnapshotSelf, e, out);
        MemoryContextSwitchTo(old);
    });
    return AIGOV_OK;
}

static aigov_status by_id(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err)
{
    indexing *x = host;

    core_guarded(x, err, {
        MemoryContext old;

        MemoryContextReset(x->found);
        old = MemoryContextSwitchTo(x->found);
        index_by_id(x->entry, SnapshotSelf, id, out);
        MemoryContextSwitchTo(old);
    });
    return AIGOV_OK;
}

/* --- opening ----------------------------------------------------------------
 */

static void open_filled(indexing *x, filled *t, const char *name)
{
    t->rel = table_open(table_named(name), RowExclusiveLock);
    t->rri = makeNode(ResultRelInfo);
    InitResultRelInfo(t->rri, t->rel, 1, NULL, 0);
    ExecOpenIndices(t->rri, false);
    t->slot = ExecInitExtraTupleSlot(x->estate, RelationGetDescr(t->rel),
                                     &TTSOpsVirtual);
}

/* anew: the tables are empty and have no index yet. */
static void open_all(indexing *x, bool anew)
{
    aigov_error err;

    memset(x, 0, sizeof *x);
    x->row = AllocSetContextCreate(CurrentMemoryContext, "aigov entries",
                                   ALLOCSET_DEFAULT_SIZES);
    x->found = AllocSetContextCreate(CurrentMemoryContext, "aigov owner",
                                     ALLOCSET_DEFAULT_SIZES);
    x->estate = CreateExecutorState();
    open_filled(x, &x->node, "node");
    open_filled(x, &x->ref, "ref");
    open_filled(x, &x->call, "call");
    open_filled(x, &x->head, "lineage_head");
    x->entry = table_open(table_named("entry"), AccessShareLock);
    if (anew)
        x->bulk = GetBulkInsertState();
    else
        x->by_name = index_open(table_named("node_name"), AccessShareLock);
    x->host = (aigov_indexer_host){.host = x,
                                   .find = anew ? NULL : find,
                                   .node = give_node,
                                   .ref = give_ref,
                                   .call = give_call,
                                   .owner = owner,
                                   .by_id = by_id};
    core_try(aigov_indexer_new(core_scratch(), &x->host,
                               take_head(x, 0, SERIAL_LANE, false), &x->indexer,
                               &err));
}

static void close_filled(filled *t)
{
    ExecCloseIndices(t->rri);
    table_close(t->rel, NoLock);
}

static void close_all(indexing *x)
{
    if (x->bulk)
        FreeBulkInsertState(x->bulk);
    if (x->by_name)
        index_close(x->by_name, NoLock);
    ExecResetTupleTable(x->estate->es_tupleTable, false);
    close_filled(&x->node);
    close_filled(&x->ref);
    close_filled(&x->call);
    close_filled(&x->head);
    table_close(x->entry, NoLock);
    FreeExecutorState(x->estate);
}

/* --- going on ---------------------------------------------------------------
 */

static void add(indexing *x, HeapTuple tuple, row_reader *reader,
                aigov_entry *e)
{
    MemoryContext old;
    aigov_error err;

    MemoryContextReset(x->row);
    old = MemoryContextSwitchTo(x->row);
    reader_init(reader, x->entry);
    reader_entry(reader, tuple, e);
    if (aigov_indexer_add(x->indexer, e, &err) != AIGOV_OK) {
        if (x->error)
            ReThrowError(x->error);
        core_throw(&err);
    }
    MemoryContextSwitchTo(old);
}

/* What is behind the head of one lane. */
static void one_lane(indexing *x, int32 log, int32 lane)
{
    int64 from = take_head(x, log, lane, false), last = from;
    ordered *o = ordered_from(x->entry, log, lane, from + 1);
    row_reader reader;
    aigov_entry e;
    HeapTuple tuple;

    while (HeapTupleIsValid(tuple = ordered_next(o))) {
        add(x, tuple, &reader, &e);
        last = e.seq;
    }
    ordered_end(o);
    if (last > from)
        put_head(x, log, lane, last);
}

/* The own log and those it continues, lane by lane. */
static void all_lanes(indexing *x)
{
    List *logs = log_chain(log_argument(0));
    ListCell *cell;

    foreach (cell, logs) {
        int32 log = lfirst_int(cell), lane = 0;

        do
            one_lane(x, log, lane);
        while ((lane = lane_after(x->entry, log, lane)) > 0);
    }
    put_head(x, 0, SERIAL_LANE, aigov_indexer_serial(x->indexer));
}

/* --- the functions ----------------------------------------------------------
 */

static void begin(const char *what)
{
    PreventCommandIfReadOnly(what);
    if (!log_find()->there)
        fail(AIGOV_NOLOG,
             "SELECT aigov.init('<your origin, e.g. example.com/ai>')",
             "this database has no log");
}

static Datum counts(const indexing *x)
{
    aigov_buf b;

    aigov_buf_init(&b, core_scratch());
    core_enough(
        aigov_buf_puts(&b, "{\"calls\":") && aigov_buf_put_i64(&b, x->calls) &&
        aigov_buf_puts(&b, ",\"edges\":") && aigov_buf_put_i64(&b, x->refs) &&
        aigov_buf_puts(&b, ",\"nodes\":") && aigov_buf_put_i64(&b, x->nodes) &&
        aigov_buf_puts(&b, "}"));
    return span_datum(aigov_buf_span(&b));
}

static bool all_there(void)
{
    return OidIsValid(table_named("node")) && OidIsValid(table_named("ref")) &&
           OidIsValid(table_named("call")) &&
           OidIsValid(table_named("lineage_head")) &&
           OidIsValid(table_named("node_name"));
}

PG_FUNCTION_INFO_V1(pg_aigov_maintain);

Datum pg_aigov_maintain(PG_FUNCTION_ARGS)
{
    indexing x;

    begin("aigov.maintain()");
    if (!all_there())
        fail(AIGOV_STATE, "SELECT aigov.rebuild_lineage()",
             "a table of the index of lineage is missing");
    lane_wait(table_named("lineage_head"), 0);
    open_all(&x, false);
    all_lanes(&x);
    close_all(&x);
    return counts(&x);
}

PG_FUNCTION_INFO_V1(pg_aigov_rebuild_lineage);

/* The lock before the tables, as maintain does it; then tables, rows, and last
 * the indexes, three times as fast as the other way. */
Datum pg_aigov_rebuild_lineage(PG_FUNCTION_ARGS)
{
    indexing x;

    begin("aigov.rebuild_lineage()");
    if (OidIsValid(table_named("lineage_head")))
        lane_wait(table_named("lineage_head"), 0);
    init_derived(true);
    lane_wait(table_named("lineage_head"), 0);
    open_all(&x, true);
    all_lanes(&x);
    close_all(&x);
    init_derived(false);
    return counts(&x);
}
