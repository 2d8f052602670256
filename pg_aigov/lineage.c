/*
 * lineage.c - questions of lineage: aigov.downstream, aigov.upstream ...
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every question of core/lineage/questions.def is a function of its name, with
 * its arguments and a row_limit; one of a single value gives that.  A question
 * reads, and writes nothing, so it works on a standby: the index as far as it
 * goes in the snapshot, and behind that the entries themselves.  Where the
 * index was dropped that is all of them: slow, and the same answer.
 */
#include "pg_aigov.h"

#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

typedef struct indexed {
    Relation rel, index;
} indexed;

typedef struct asking {
    aigov_graph *graph;
    aigov_index index;
    const aigov_question *question;
    Snapshot snapshot;
    Relation entry, key, content, node, ref, call, head; /* key: of entry */
    indexed by_id, by_name, down, up, ia, model, template, person;
    MemoryContext row, found;
    Tuplestorestate *out;
    TupleDesc desc;
    Datum value;
    bool null;
    int64 tail; /* entries that are not indexed */
    ErrorData *error;
} asking;

/* --- nodes ------------------------------------------------------------------
 */

static aigov_status find(void *host, aigov_span name, int64_t *id,
                         aigov_error *err)
{
    asking *a = host;

    core_guarded(
        a, err, *id = index_find(a->node, a->by_name.index, a->snapshot, name));
    return AIGOV_OK;
}

/* Whether one scan from the first id to the last is cheaper than a search for
 * each: serials are given out in the order of entries, so what a hub leads to
 * lies close together. */
static bool is_dense(const int64_t *id, size_t n)
{
    return n >= 16 && ((id[n - 1] - id[0]) >> 6) / (int64)n < 8;
}

/* The rows of an index from a number to another, in their order. */
static SysScanDesc scan_range(const indexed *i, Snapshot snapshot, int64 from,
                              int64 to)
{
    ScanKeyData key[2];
    AttrNumber column = i->index->rd_index->indkey.values[0];

    ScanKeyInit(&key[0], column, BTGreaterEqualStrategyNumber, F_INT8GE,
                Int64GetDatum(from));
    ScanKeyInit(&key[1], column, BTLessEqualStrategyNumber, F_INT8LE,
                Int64GetDatum(to));
    return systable_beginscan_ordered(i->rel, i->index, snapshot, 2, key);
}

/* The rows of an index that have a number. */
static SysScanDesc scan_number(const indexed *i, Snapshot snapshot, int64 value)
{
    ScanKeyData key;

    ScanKeyInit(&key, i->index->rd_index->indkey.values[0],
                BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(value));
    return systable_beginscan_ordered(i->rel, i->index, snapshot, 1, &key);
}

static int64 int64_at(HeapTuple tuple, TupleDesc desc, int column)
{
    bool null;

    return DatumGetInt64(heap_getattr(tuple, column, desc, &null));
}

static int32 int32_at(HeapTuple tuple, TupleDesc desc, int column)
{
    bool null;

    return DatumGetInt32(heap_getattr(tuple, column, desc, &null));
}

static aigov_status give_name(asking *a, int64 id, HeapTuple tuple,
                              aigov_node_fn give, void *arg, aigov_error *err)
{
    bool null;

    return give(
        arg, id,
        datum_span(heap_getattr(tuple, 2, RelationGetDescr(a->node), &null)),
        err);
}

static aigov_status name_one(asking *a, int64 id, aigov_node_fn give, void *arg,
                             aigov_error *err)
{
    SysScanDesc scan = scan_number(&a->by_id, a->snapshot, id);
    HeapTuple tuple = systable_getnext_ordered(scan, ForwardScanDirection);
    aigov_status st = HeapTupleIsValid(tuple)
                          ? give_name(a, id, tuple, give, arg, err)
                          : AIGOV_OK;

    systable_endscan_ordered(scan);
    return st;
}

static aigov_status names_dense(asking *a, const int64_t *id, size_t n,
                                aigov_node_fn give, void *arg, aigov_error *err)
{
    SysScanDesc scan = scan_range(&a->by_id, a->snapshot, id[0], id[n - 1]);
    aigov_status st = AIGOV_OK;
    HeapTuple tuple;
    size_t i = 0;

    while (st == AIGOV_OK &&
           HeapTupleIsValid(
               tuple = systable_getnext_ordered(scan, ForwardScanDirection))) {
        int64 row = int64_at(tuple, RelationGetDescr(a->node), 1);

        while (i < n && id[i] < row)
            i++;
        if (i < n && id[i] == row)
            st = give_name(a, row, tuple, give, arg, err);
    }
    systable_endscan_ordered(scan);
    return st;
}

static aigov_status names(void *host, const int64_t *id, size_t n,
                          aigov_node_fn give, void *arg, aigov_error *err)
{
    asking *a = host;
    volatile aigov_status st = AIGOV_OK;

    core_guarded(a, err, {
        size_t i;

        if (is_dense(id, n))
            st = names_dense(a, id, n, give, arg, err);
        else
            for (i = 0; i < n && st == AIGOV_OK; i++)
                st = name_one(a, id[i], give, arg, err);
    });
    return st;
}

static aigov_status all(void *host, aigov_node_fn give, void *arg,
                        aigov_error *err)
{
    asking *a = host;
    volatile aigov_status st = AIGOV_OK;

    core_guarded(a, err, {
        SysScanDesc scan = systable_beginscan(a->node, InvalidOid, false,
                                              a->snapshot, 0, NULL);
        HeapTuple tuple;

        while (st == AIGOV_OK &&
               HeapTupleIsValid(tuple = systable_getnext(scan))) {
            CHECK_FOR_INTERRUPTS();
            st = give_name(a, int64_at(tuple, RelationGetDescr(a->node), 1),
                           tuple, give, arg, err);
        }
        systable_endscan(scan);
    });
    return st;
}

/* --- edges ------------------------------------------------------------------
 */

static aigov_status give_ref(asking *a, HeapTuple tuple, aigov_ref_fn give,
                             void *arg, aigov_error *err)
{
    TupleDesc desc = RelationGetDescr(a->ref);
    aigov_ref r = {.cause = int64_at(tuple, desc, 1),
                   .effect = int64_at(tuple, desc, 2),
                   .place = int64_at(tuple, desc, 3),
                   .log = int32_at(tuple, desc, 4),
                   .how = (uint16_t)int32_at(tuple, desc, 5)};

    return give(arg, &r, err);
}

static aigov_status give_call(asking *a, HeapTuple tuple, bool down, int64 id,
                              aigov_ref_fn give, void *arg, aigov_error *err)
{
    TupleDesc desc = RelationGetDescr(a->call);
    int32 part = int32_at(tuple, desc, 7);
    aigov_call k = {.ia = int64_at(tuple, desc, 1),
                    .model = int64_at(tuple, desc, 2),
                    .tmpl = int64_at(tuple, desc, 3),
                    .person = int64_at(tuple, desc, 4),
                    .place = int64_at(tuple, desc, 5),
                    .log = int32_at(tuple, desc, 6),
                    .asks = (part & 1) != 0,
                    .answers = (part & 2) != 0};

    return aigov_call_refs(&k, down, id, give, arg, err);
}

/* By which column of call a node has edges in it. */
static const indexed *call_of(const asking *a, bool down, int64 id)
{
    switch ((aigov_node_kind)(id >> 2 & 15)) {
    case AIGOV_NODE_IA:
        return &a->ia;
    case AIGOV_NODE_MSG: /* nothing follows from an answer in its own call */
        return (id & 3) == 1 || ((id & 3) == 2 && !down) ? &a->ia : NULL;
    case AIGOV_NODE_MODEL:
        return down ? &a->model : NULL;
    case AIGOV_NODE_TMPL:
        return down ? &a->template : NULL;
    case AIGOV_NODE_PERSON:
        return down ? &a->person : NULL;
    default:
        return NULL;
    }
}

static aigov_status calls_of(asking *a, const indexed *call, bool down,
                             int64 id, aigov_ref_fn give, void *arg,
                             aigov_error *err)
{
    SysScanDesc scan =
        scan_number(call, a->snapshot,
                    id & 3 ? (id & ~INT64CONST(63)) | AIGOV_NODE_IA << 2 : id);
    HeapTuple tuple;
    aigov_status st = AIGOV_OK;

    while (st == AIGOV_OK && HeapTupleIsValid(tuple = systable_getnext_ordered(
                                                  scan, ForwardScanDirection)))
        st = give_call(a, tuple, down, id, give, arg, err);
    systable_endscan_ordered(scan);
    return st;
}

static aigov_status edges_of(asking *a, bool down, int64 id, aigov_ref_fn give,
                             void *arg, aigov_error *err)
{
    const indexed *call = call_of(a, down, id);
    SysScanDesc scan = scan_number(down ? &a->down : &a->up, a->snapshot, id);
    HeapTuple tuple;
    aigov_status st = AIGOV_OK;

    while (st == AIGOV_OK && HeapTupleIsValid(tuple = systable_getnext_ordered(
                                                  scan, ForwardScanDirection)))
        st = give_ref(a, tuple, give, arg, err);
    systable_endscan_ordered(scan);
    return st == AIGOV_OK && call ? calls_of(a, call, down, id, give, arg, err)
                                  : st;
}

static aigov_status refs_dense(asking *a, bool down, const int64_t *id,
                               size_t n, aigov_ref_fn give, void *arg,
                               aigov_error *err)
{
    SysScanDesc scan =
        scan_range(down ? &a->down : &a->up, a->snapshot, id[0], id[n - 1]);
    aigov_status st = AIGOV_OK;
    HeapTuple tuple;
    size_t i = 0;

    while (st == AIGOV_OK &&
           HeapTupleIsValid(
               tuple = systable_getnext_ordered(scan, ForwardScanDirection))) {
        int64 key = int64_at(tuple, RelationGetDescr(a->ref), down ? 1 : 2);

        while (i < n && id[i] < key)
            i++;
        if (i < n && id[i] == key)
            st = give_ref(a, tuple, give, arg, err);
    }
    systable_endscan_ordered(scan);
    return st;
}

/* The calls of ids that are a call or a part of one: up to three a row. */
static aigov_status calls_dense(asking *a, bool down, const int64_t *id,
                                size_t n, aigov_ref_fn give, void *arg,
                                aigov_error *err)
{
    const int64 ia = AIGOV_NODE_IA << 2;
    SysScanDesc scan =
        scan_range(&a->ia, a->snapshot, (id[0] & ~INT64CONST(63)) | ia,
                   (id[n - 1] & ~INT64CONST(63)) | ia);
    aigov_status st = AIGOV_OK;
    HeapTuple tuple;
    size_t i = 0, k;

    while (st == AIGOV_OK &&
           HeapTupleIsValid(
               tuple = systable_getnext_ordered(scan, ForwardScanDirection))) {
        int64 serial = int64_at(tuple, RelationGetDescr(a->call), 1) >> 6;

        while (i < n && id[i] >> 6 < serial)
            i++;
        for (k = i; k < n && id[k] >> 6 == serial && st == AIGOV_OK; k++) {
            if (call_of(a, down, id[k]) == &a->ia)
                st = give_call(a, tuple, down, id[k], give, arg, err);
        }
    }
    systable_endscan_ordered(scan);
    return st;
}

static aigov_status edges_dense(asking *a, bool down, const int64_t *id,
                                size_t n, aigov_ref_fn give, void *arg,
                                aigov_error *err)
{
    aigov_status st = refs_dense(a, down, id, n, give, arg, err);
    bool calls = false;
    size_t i;

    for (i = 0; i < n && st == AIGOV_OK; i++) {
        const indexed *call = call_of(a, down, id[i]);

        calls = calls || call == &a->ia;
        if (call && call != &a->ia)
            st = calls_of(a, call, down, id[i], give, arg, err);
    }
    return st == AIGOV_OK && calls ? calls_dense(a, down, id, n, give, arg, err)
                                   : st;
}

static aigov_status every_edge(asking *a, aigov_ref_fn give, void *arg,
                               aigov_error *err)
{
    SysScanDesc scan =
        systable_beginscan(a->ref, InvalidOid, false, a->snapshot, 0, NULL);
    HeapTuple tuple;
    aigov_status st = AIGOV_OK;

    while (st == AIGOV_OK && HeapTupleIsValid(tuple = systable_getnext(scan))) {
        CHECK_FOR_INTERRUPTS();
        st = give_ref(a, tuple, give, arg, err);
    }
    systable_endscan(scan);
    scan = systable_beginscan(a->call, InvalidOid, false, a->snapshot, 0, NULL);
    while (st == AIGOV_OK && HeapTupleIsValid(tuple = systable_getnext(scan))) {
        CHECK_FOR_INTERRUPTS();
        st = give_call(a, tuple, false, 0, give, arg, err);
    }
    systable_endscan(scan);
    return st;
}

static aigov_status edges(void *host, bool down, const int64_t *id, size_t n,
                          aigov_ref_fn give, void *arg, aigov_error *err)
{
    asking *a = host;
    volatile aigov_status st = AIGOV_OK;

    core_guarded(a, err, {
        size_t i;

        CHECK_FOR_INTERRUPTS();
        if (n == 0)
            st = every_edge(a, give, arg, err);
        if (is_dense(id, n))
            st = edges_dense(a, down, id, n, give, arg, err);
        else
            for (i = 0; i < n && st == AIGOV_OK; i++)
                st = edges_of(a, down, id[i], give, arg, err);
    });
    return st;
}

/* --- entries ----------------------------------------------------------------
 */

static void read_entry(asking *a, int64 log, int64 lane, int64 seq,
                       aigov_entry *out)
{
    MemoryContext old;
    HeapTuple tuple;
    row_reader *reader;

    CHECK_FOR_INTERRUPTS();
    MemoryContextReset(a->row);
    old = MemoryContextSwitchTo(a->row);
    tuple = row_at(a->entry, a->snapshot, (int32)log, (int32)lane, seq);
    if (!HeapTupleIsValid(tuple))
        fail(AIGOV_CHAIN, "SELECT * FROM aigov.verify()",
             "an entry that lineage names is not there");
    reader = palloc(sizeof *reader);
    reader_init(reader, a->entry);
    reader_entry(reader, tuple, out);
    MemoryContextSwitchTo(old);
}

static aigov_status entry_at(void *host, int64_t log, int64_t lane, int64_t seq,
                             aigov_entry *out, aigov_error *err)
{
    asking *a = host;

    core_guarded(a, err, read_entry(a, log, lane, seq, out));
    return AIGOV_OK;
}

/* id, at and system, and no other column taken apart. */
static void read_brief(asking *a, int64 log, int64 lane, int64 seq,
                       aigov_entry *out)
{
    TupleDesc desc = RelationGetDescr(a->entry);
    char *id;
    SysScanDesc scan;
    ScanKeyData key[3];
    HeapTuple tuple;
    bool null;
    Datum d;

    MemoryContextReset(a->row);
    ScanKeyInit(&key[0], E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum((int32)log));
    ScanKeyInit(&key[1], E_LANE, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum((int32)lane));
    ScanKeyInit(&key[2], E_SEQ, BTEqualStrategyNumber, F_INT8EQ,
                Int64GetDatum(seq));
    scan = systable_beginscan_ordered(a->entry, a->key, a->snapshot, 3, key);
    tuple = systable_getnext_ordered(scan, ForwardScanDirection);
    if (!HeapTupleIsValid(tuple))
        fail(AIGOV_CHAIN, "SELECT * FROM aigov.verify()",
             "an entry that lineage names is not there");
    out->at = DatumGetTimestampTz(heap_getattr(tuple, E_AT, desc, &null)) +
              EPOCH_SHIFT;
    id = MemoryContextAlloc(a->row, AIGOV_UUID_LEN + 1);
    aigov_uuid_format(
        DatumGetUUIDP(heap_getattr(tuple, E_ID, desc, &null))->data, id);
    out->id = aigov_str(id);
    d = heap_getattr(tuple, E_SYSTEM, desc, &null);
    if (!null) {
        MemoryContext old = MemoryContextSwitchTo(a->row);

        out->system = aigov_str(TextDatumGetCString(d));
        MemoryContextSwitchTo(old);
    }
    systable_endscan_ordered(scan);
}

static aigov_status brief_at(void *host, int64_t log, int64_t lane, int64_t seq,
                             aigov_entry *out, aigov_error *err)
{
    asking *a = host;

    core_guarded(a, err, read_brief(a, log, lane, seq, out));
    return AIGOV_OK;
}

static aigov_status by_id(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err)
{
    asking *a = host;

    core_guarded(a, err, {
        MemoryContext old;

        MemoryContextReset(a->found);
        old = MemoryContextSwitchTo(a->found);
        index_by_id(a->entry, a->snapshot, id, out);
        MemoryContextSwitchTo(old);
    });
    return AIGOV_OK;
}

static aigov_status has_content(void *host, const aigov_entry *e, bool *out,
                                aigov_error *err)
{
    asking *a = host;

    core_guarded(a, err, {
        HeapTuple tuple = row_at(a->content, a->snapshot, (int32)e->log,
                                 (int32)e->lane, e->seq);

        *out = HeapTupleIsValid(tuple);
        if (*out)
            heap_freetuple(tuple);
    });
    return AIGOV_OK;
}

/* --- opening ----------------------------------------------------------------
 */

static bool open_index(indexed *i, Relation rel, Oid oid)
{
    if (!OidIsValid(oid))
        return false;
    i->rel = rel;
    i->index = index_open(oid, AccessShareLock);
    return i->index->rd_index->indisvalid;
}

/* False where a table or an index of it is missing. */
static bool open_tables(asking *a)
{
    if (!OidIsValid(table_named("node")) || !OidIsValid(table_named("ref")) ||
        !OidIsValid(table_named("call")) ||
        !OidIsValid(table_named("lineage_head")))
        return false;
    a->node = table_open(table_named("node"), AccessShareLock);
    a->ref = table_open(table_named("ref"), AccessShareLock);
    a->call = table_open(table_named("call"), AccessShareLock);
    a->head = table_open(table_named("lineage_head"), AccessShareLock);
    return open_index(&a->by_id, a->node, compat_primary_key(a->node)) &&
           open_index(&a->by_name, a->node, table_named("node_name")) &&
           open_index(&a->down, a->ref, table_named("ref_cause")) &&
           open_index(&a->up, a->ref, table_named("ref_effect")) &&
           open_index(&a->ia, a->call, table_named("call_ia")) &&
           open_index(&a->model, a->call, table_named("call_model")) &&
           open_index(&a->template, a->call, table_named("call_template")) &&
           open_index(&a->person, a->call, table_named("call_person"));
}

static void close_all(asking *a)
{
    const indexed *index[] = {&a->by_id, &a->by_name, &a->down,     &a->up,
                              &a->ia,    &a->model,   &a->template, &a->person};
    Relation table[] = {a->node, a->ref,   a->call,
                        a->head, a->entry, a->content};
    int i;

    aigov_graph_free(a->graph);
    for (i = 0; i < lengthof(index); i++) {
        if (index[i]->index)
            index_close(index[i]->index, AccessShareLock);
    }
    index_close(a->key, AccessShareLock);
    for (i = 0; i < lengthof(table); i++) {
        if (table[i])
            table_close(table[i], AccessShareLock);
    }
}

/* --- what is behind the index -----------------------------------------------
 */

static int64 head_of(asking *a, bool indexed, int32 log, int32 lane)
{
    SysScanDesc scan;
    ScanKeyData key[2];
    HeapTuple tuple;
    int64 seq = 0;

    if (!indexed)
        return 0;
    ScanKeyInit(&key[0], 1, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(log));
    ScanKeyInit(&key[1], 2, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(lane));
    scan = systable_beginscan(a->head, compat_primary_key(a->head), true,
                              a->snapshot, 2, key);
    tuple = systable_getnext(scan);
    if (HeapTupleIsValid(tuple))
        seq = int64_at(tuple, RelationGetDescr(a->head), 3);
    systable_endscan(scan);
    return seq;
}

static void throw(const asking *a, const aigov_error *err)
{
    if (a->error)
        ReThrowError(a->error);
    core_throw(err);
}

static aigov_status add_entry(void *arg, const aigov_entry *e,
                              const aigov_entry *owner, aigov_error *err)
{
    asking *a = arg;

    if (++a->tail > AIGOV_MAX_TAIL) {
        aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                   "too many entries are not indexed");
        return aigov_hint(err, "SELECT aigov.maintain() indexes them");
    }
    return aigov_graph_add(a->graph, e, owner, err);
}

typedef struct receiver {
    aigov_entry_fn give;
    void *arg;
    aigov_status st;
    aigov_error *err;
} receiver;

static void give_entry(asking *a, HeapTuple tuple, receiver *to)
{
    MemoryContext old = MemoryContextSwitchTo(a->row);
    row_reader reader;
    aigov_entry e, owner;

    MemoryContextReset(a->row);
    reader_init(&reader, a->entry);
    reader_entry(&reader, tuple, &e);
    memset(&owner, 0, sizeof owner);
    if (e.interaction.p)
        index_owner(a->entry, a->snapshot, &e, &owner);
    MemoryContextSwitchTo(old);
    to->st = to->give(to->arg, &e, owner.body.p ? &owner : NULL, to->err);
}

static void give_lane(asking *a, int32 log, int32 lane, int64 from,
                      receiver *to)
{
    SysScanDesc scan;
    ScanKeyData keys[3];
    HeapTuple tuple;

    ScanKeyInit(&keys[0], E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(log));
    ScanKeyInit(&keys[1], E_LANE, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(lane));
    ScanKeyInit(&keys[2], E_SEQ, BTGreaterStrategyNumber, F_INT8GT,
                Int64GetDatum(from));
    scan = systable_beginscan_ordered(a->entry, a->key, a->snapshot, 3, keys);
    while (to->st == AIGOV_OK &&
           HeapTupleIsValid(
               tuple = systable_getnext_ordered(scan, ForwardScanDirection))) {
        CHECK_FOR_INTERRUPTS();
        give_entry(a, tuple, to);
    }
    systable_endscan_ordered(scan);
}

static void give_lanes(asking *a, bool indexed, receiver *to)
{
    int32 own = log_argument(0);
    List *logs = own ? log_chain(own) : NIL;
    ListCell *cell;

    foreach (cell, logs) {
        int32 log = lfirst_int(cell), lane = 0;

        do
            give_lane(a, log, lane, head_of(a, indexed, log, lane), to);
        while ((lane = lane_after(a->entry, log, lane)) > 0);
    }
}

static aigov_status entries(void *host, aigov_entry_fn give, void *arg,
                            aigov_error *err)
{
    asking *a = host;
    receiver to = {give, arg, AIGOV_OK, err};

    core_guarded(a, err, give_lanes(a, false, &to));
    return to.st;
}

static void add_tail(asking *a, bool indexed)
{
    aigov_error err;
    receiver to = {add_entry, a, AIGOV_OK, &err};

    give_lanes(a, indexed, &to);
    if (to.st != AIGOV_OK)
        throw(a, &err);
}

static void open_all(asking *a)
{
    bool indexed;
    aigov_error err;

    if (!OidIsValid(table_named("entry")))
        fail(AIGOV_NOLOG,
             "SELECT aigov.init('<your origin, e.g. example.com/ai>')",
             "this database has no log");
    a->snapshot = GetActiveSnapshot();
    a->row = AllocSetContextCreate(CurrentMemoryContext, "aigov entry",
                                   ALLOCSET_DEFAULT_SIZES);
    a->found = AllocSetContextCreate(CurrentMemoryContext, "aigov found",
                                     ALLOCSET_DEFAULT_SIZES);
    a->entry = table_open(table_named("entry"), AccessShareLock);
    if (!OidIsValid(compat_primary_key(a->entry)))
        fail(AIGOV_STATE, "SELECT * FROM aigov.verify() says what differs",
             "table aigov.entry has no primary key");
    a->key = index_open(compat_primary_key(a->entry), AccessShareLock);
    a->content = table_open(table_named("content"), AccessShareLock);
    indexed = open_tables(a);
    a->index = (aigov_index){.host = a,
                             .entry = entry_at,
                             .brief = brief_at,
                             .by_id = by_id,
                             .has_content = has_content,
                             .entries = entries};
    if (indexed) {
        a->index.find = find;
        a->index.names = names;
        a->index.all = all;
        a->index.edges = edges;
    }
    core_try(aigov_graph_new(core_scratch(), &a->index, &a->graph, &err));
    add_tail(a, indexed);
    if (setting_as_of && setting_as_of[0])
        core_try(aigov_graph_as_of(a->graph, log_argument(0),
                                   aigov_str(setting_as_of), &err));
}

/* --- arguments --------------------------------------------------------------
 */

static aigov_cell argument(FunctionCallInfo fcinfo, int i,
                           const aigov_column *of)
{
    aigov_cell c = {.null = PG_ARGISNULL(i)};

    if (c.null)
        return c;
    switch (of->type) {
    case AIGOV_CELL_INT:
        c.i = PG_GETARG_INT64(i);
        break;
    case AIGOV_CELL_TIME:
        c.i = PG_GETARG_TIMESTAMPTZ(i) + EPOCH_SHIFT;
        break;
    default:
        c.s = arg_bytes(fcinfo, i, of->name);
    }
    return c;
}

static const aigov_question *question(FunctionCallInfo fcinfo)
{
    char *name = get_func_name(fcinfo->flinfo->fn_oid);
    const aigov_question *q;
    size_t i;

    for (i = 0; (q = aigov_question_at(i)) != NULL; i++) {
        if (name && strcmp(q->name, name) == 0)
            return q;
    }
    elog(ERROR, "no question of lineage has this name");
}

/* --- answers ----------------------------------------------------------------
 */

static Datum cell_datum(const aigov_cell *c, Oid type)
{
    pg_uuid_t *id;

    switch (type) {
    case INT4OID:
        return Int32GetDatum((int32)c->i);
    case INT8OID:
        return Int64GetDatum(c->i);
    case BOOLOID:
        return BoolGetDatum(c->i != 0);
    case TIMESTAMPTZOID:
        return TimestampTzGetDatum(c->i - EPOCH_SHIFT);
    case UUIDOID:
        id = palloc(sizeof *id);
        if (!aigov_uuid_parse(c->s, id->data))
            elog(ERROR, "not a UUID");
        return UUIDPGetDatum(id);
    default:
        return span_datum(c->s);
    }
}

static void put_row(asking *a, const aigov_cell *cell, size_t n)
{
    MemoryContext old = MemoryContextSwitchTo(a->found);
    Datum values[AIGOV_MAX_COLUMNS];
    bool nulls[AIGOV_MAX_COLUMNS];
    size_t i;

    MemoryContextReset(a->found);
    for (i = 0; i < n; i++) {
        nulls[i] = cell[i].null;
        values[i] = nulls[i]
                        ? (Datum)0
                        : cell_datum(&cell[i],
                                     TupleDescAttr(a->desc, (int)i)->atttypid);
    }
    tuplestore_putvalues(a->out, a->desc, values, nulls);
    MemoryContextSwitchTo(old);
}

static aigov_status take_row(void *arg, const aigov_cell *cell, size_t n,
                             aigov_error *err)
{
    asking *a = arg;

    core_guarded(a, err, put_row(a, cell, n));
    return AIGOV_OK;
}

static aigov_status take_value(void *arg, const aigov_cell *cell, size_t n,
                               aigov_error *err)
{
    asking *a = arg;

    a->null = cell->null;
    if (!a->null)
        core_guarded(a, err, a->value = span_datum(cell->s));
    return AIGOV_OK;
}

static void answer(FunctionCallInfo fcinfo, asking *a, aigov_row_fn row)
{
    const aigov_question *q = a->question;
    aigov_cell cell[AIGOV_MAX_ARGUMENTS];
    int64 limit = 0;
    aigov_error err;
    int i;

    for (i = 0; i < (int)q->arguments; i++)
        cell[i] = argument(fcinfo, i, &q->argument[i]);
    if (!q->single && !PG_ARGISNULL(i))
        limit = PG_GETARG_INT64(i);
    if (limit < 0)
        fail(AIGOV_ARG, NULL, "row_limit is negative");
    open_all(a);
    if (aigov_graph_ask(a->graph, q, cell, limit, row, a, &err) != AIGOV_OK)
        throw(a, &err);
    close_all(a);
}

PG_FUNCTION_INFO_V1(pg_aigov_lineage);

Datum pg_aigov_lineage(PG_FUNCTION_ARGS)
{
    asking a = {.question = question(fcinfo)};

    a.out = srf_begin(fcinfo, &a.desc);
    if (a.desc->natts != (int)a.question->columns)
        elog(ERROR, "this function has other columns than its question");
    answer(fcinfo, &a, take_row);
    return (Datum)0;
}

PG_FUNCTION_INFO_V1(pg_aigov_lineage_value);

Datum pg_aigov_lineage_value(PG_FUNCTION_ARGS)
{
    asking a = {.question = question(fcinfo), .null = true};

    answer(fcinfo, &a, take_value);
    if (a.null)
        PG_RETURN_NULL();
    return a.value;
}
