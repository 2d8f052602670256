/*
 * scan.c - rows out of the tables: by key, by id, by subject, in order
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * An index is used where it is there and valid; where it is not, the heap is
 * read and, for an ordered scan, sorted: an auditor's check must not depend on
 * an index that somebody dropped.
 */
#include "pg_aigov.h"

#include "access/relscan.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "utils/tuplesort.h"

/* --- a row as core sees it
 * ----------------------------------------------------- */

void reader_init(row_reader *r, Relation rel)
{
    r->desc = RelationGetDescr(rel);
    r->values = palloc(r->desc->natts * sizeof(Datum));
    r->nulls = palloc(r->desc->natts * sizeof(bool));
    r->problem = NULL;
}

static aigov_span get(row_reader *r, int column)
{
    return r->nulls[column - 1] ? AIGOV_ABSENT
                                : datum_span(r->values[column - 1]);
}

static aigov_span get_uuid(row_reader *r, int column, char *buffer)
{
    if (r->nulls[column - 1])
        return AIGOV_ABSENT;
    aigov_uuid_format(DatumGetUUIDP(r->values[column - 1])->data, buffer);
    return (aigov_span){buffer, AIGOV_UUID_LEN};
}

static aigov_span get_hash(row_reader *r, int column, const char *problem)
{
    aigov_span s = get(r, column);

    if (s.p && s.n != AIGOV_HASH_LEN)
        r->problem = problem;
    return s;
}

static int64 get_time(row_reader *r, int column)
{
    TimestampTz at = DatumGetTimestampTz(r->values[column - 1]);

    if (r->nulls[column - 1] || TIMESTAMP_NOT_FINITE(at)) {
        r->problem = "at is no time";
        return 0;
    }
    return at + EPOCH_SHIFT;
}

static int64 get_int(row_reader *r, int column)
{
    return r->nulls[column - 1] ? 0 : DatumGetInt32(r->values[column - 1]);
}

static void require(row_reader *r, aigov_span s, const char *problem)
{
    if (!s.p)
        r->problem = problem;
}

void reader_entry(row_reader *r, HeapTuple tuple, aigov_entry *e)
{
    heap_deform_tuple(tuple, r->desc, r->values, r->nulls);
    r->problem = NULL;
    e->log = get_int(r, E_LOG);
    e->lane = get_int(r, E_LANE);
    e->seq = r->nulls[E_SEQ - 1] ? 0 : DatumGetInt64(r->values[E_SEQ - 1]);
    e->v = get_int(r, E_V);
    e->at = get_time(r, E_AT);
    e->kind = get(r, E_KIND);
    e->id = get_uuid(r, E_ID, r->id);
    e->interaction = get_uuid(r, E_INTERACTION, r->interaction);
    e->subject = get(r, E_SUBJECT);
    e->actor = get(r, E_ACTOR);
    e->system = get(r, E_SYSTEM);
    e->provider = get(r, E_PROVIDER);
    e->model = get(r, E_MODEL);
    e->operation = get(r, E_OPERATION);
    e->status = get(r, E_STATUS);
    e->decision = get(r, E_DECISION);
    e->recorded_by = get(r, E_RECORDED_BY);
    e->digest = get_hash(r, E_DIGEST, "length of digest");
    e->commitment = get_hash(r, E_COMMITMENT, "length of commitment");
    e->prev = get_hash(r, E_PREV, "length of prev");
    e->hash = get_hash(r, E_HASH, "length of hash");
    e->body = get(r, E_BODY);
    require(r, e->kind, "kind is NULL");
    require(r, e->id, "id is NULL");
    require(r, e->recorded_by, "recorded_by is NULL");
    require(r, e->prev, "prev is NULL");
    require(r, e->hash, "hash is NULL");
    require(r, e->body, "body is NULL");
}

void reader_content(row_reader *r, HeapTuple tuple, aigov_content *c)
{
    heap_deform_tuple(tuple, r->desc, r->values, r->nulls);
    r->problem = NULL;
    c->at = get_time(r, C_AT);
    c->salt = get_hash(r, C_SALT, "length of salt");
    c->body = get(r, C_BODY);
    require(r, c->salt, "salt is NULL");
    require(r, c->body, "content is NULL");
}

/* --- in the order of the primary key
 * ----------------------------------------------- */

struct ordered {
    Relation rel, index;
    SysScanDesc scan;
    Tuplesortstate *sort;
    TupleTableSlot *slot;
    HeapTuple last; /* of a sort: freed at the next */
};

static bool keys_are(Relation index, const int *column, int n)
{
    Form_pg_index form = index->rd_index;
    int i;

    if (!form->indisvalid || form->indnkeyatts < n ||
        index->rd_rel->relam != BTREE_AM_OID ||
        !heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
        return false;
    for (i = 0; i < n; i++) {
        if (form->indkey.values[i] != column[i] || index->rd_indoption[i] != 0)
            return false;
    }
    return true;
}

/* An index that holds every row and begins with these columns, or NULL. */
static Relation index_on(Relation rel, const int *column, int n)
{
    List *list = RelationGetIndexList(rel);
    ListCell *cell;

    foreach (cell, list) {
        Relation index = index_open(lfirst_oid(cell), AccessShareLock);

        if (keys_are(index, column, n))
            return index;
        index_close(index, AccessShareLock);
    }
    return NULL;
}

static const int key_columns[] = {E_LOG, E_LANE, E_SEQ};

static void sort_all(ordered *o, Snapshot snapshot, int64 log)
{
    AttrNumber column[] = {E_LOG, E_LANE, E_SEQ};
    Oid less[] = {Int4LessOperator, Int4LessOperator, Int8LessOperator};
    Oid collation[] = {InvalidOid, InvalidOid, InvalidOid};
    bool nulls_first[] = {false, false, false};
    TupleTableSlot *slot = table_slot_create(o->rel, NULL);
    TableScanDesc scan = table_beginscan(o->rel, snapshot, 0, NULL);
    bool null;

    o->sort = tuplesort_begin_heap(RelationGetDescr(o->rel), 3, column, less,
                                   collation, nulls_first, work_mem, NULL, 0);
    while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        CHECK_FOR_INTERRUPTS();
        if (log == ALL_LOGS ||
            DatumGetInt32(slot_getattr(slot, E_LOG, &null)) == log)
            tuplesort_puttupleslot(o->sort, slot);
    }
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
    tuplesort_performsort(o->sort);
    o->slot =
        MakeSingleTupleTableSlot(RelationGetDescr(o->rel), &TTSOpsMinimalTuple);
}

ordered *ordered_begin(Relation rel, Snapshot snapshot, int64 log)
{
    ordered *o = palloc0(sizeof *o);
    ScanKeyData key;

    o->rel = rel;
    o->index = index_on(rel, key_columns, 3);
    if (!o->index) {
        sort_all(o, snapshot, log);
        return o;
    }
    ScanKeyInit(&key, E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum((int32)log));
    o->scan = systable_beginscan_ordered(rel, o->index, snapshot,
                                         log != ALL_LOGS, &key);
    return o;
}

/* Rows of one lane from seq on, by the primary key, which writers need anyway.
 */
ordered *ordered_from(Relation rel, int32 log, int32 lane, int64 seq)
{
    ordered *o = palloc0(sizeof *o);
    ScanKeyData key[3];

    o->rel = rel;
    o->index = index_on(rel, key_columns, 3);
    if (!o->index)
        fail(AIGOV_STATE, "SELECT * FROM aigov.verify() says what differs",
             "table aigov.%s has no primary key", RelationGetRelationName(rel));
    ScanKeyInit(&key[0], E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(log));
    ScanKeyInit(&key[1], E_LANE, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(lane));
    ScanKeyInit(&key[2], E_SEQ, BTGreaterEqualStrategyNumber, F_INT8GE,
                Int64GetDatum(seq));
    o->scan = systable_beginscan_ordered(rel, o->index, SnapshotSelf, 3, key);
    return o;
}

HeapTuple row_from(Relation rel, int32 log, int32 lane, int64 seq)
{
    ordered *o = ordered_from(rel, log, lane, seq);
    HeapTuple tuple = ordered_next(o);

    if (HeapTupleIsValid(tuple))
        tuple = heap_copytuple(tuple);
    ordered_end(o);
    return tuple;
}

int32 lane_after(Relation rel, int32 log, int32 lane)
{
    Relation index = index_on(rel, key_columns, 3);
    SysScanDesc scan;
    ScanKeyData key[2];
    HeapTuple tuple;
    bool null;
    int32 next = 0;

    if (!index)
        return 0;
    ScanKeyInit(&key[0], E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(log));
    ScanKeyInit(&key[1], E_LANE, BTGreaterStrategyNumber, F_INT4GT,
                Int32GetDatum(lane));
    scan = systable_beginscan_ordered(rel, index, SnapshotSelf, 2, key);
    tuple = systable_getnext_ordered(scan, ForwardScanDirection);
    if (HeapTupleIsValid(tuple))
        next = DatumGetInt32(
            heap_getattr(tuple, E_LANE, RelationGetDescr(rel), &null));
    systable_endscan_ordered(scan);
    index_close(index, AccessShareLock);
    return next;
}

HeapTuple ordered_next(ordered *o)
{
    CHECK_FOR_INTERRUPTS();
    if (o->scan)
        return systable_getnext_ordered(o->scan, ForwardScanDirection);
    if (o->last)
        heap_freetuple(o->last);
    o->last = tuplesort_gettupleslot(o->sort, true, false, o->slot, NULL)
                  ? ExecCopySlotHeapTuple(o->slot)
                  : NULL;
    return o->last;
}

void ordered_end(ordered *o)
{
    if (o->scan) {
        systable_endscan_ordered(o->scan);
        index_close(o->index, AccessShareLock);
    } else {
        ExecDropSingleTupleTableSlot(o->slot);
        tuplesort_end(o->sort);
    }
}

int64 next_log(Relation rel, Snapshot snapshot, int64 after)
{
    Relation index = index_on(rel, key_columns, 1);
    int64 least = ALL_LOGS;
    SysScanDesc scan;
    ScanKeyData key;
    HeapTuple tuple;
    bool null;

    ScanKeyInit(&key, E_LOG, BTGreaterStrategyNumber, F_INT4GT,
                Int32GetDatum((int32)after));
    scan = index ? systable_beginscan_ordered(rel, index, snapshot,
                                              after != ALL_LOGS, &key)
                 : systable_beginscan(rel, InvalidOid, false, snapshot,
                                      after != ALL_LOGS, &key);
    while (HeapTupleIsValid(
        tuple = index ? systable_getnext_ordered(scan, ForwardScanDirection)
                      : systable_getnext(scan))) {
        int64 log = DatumGetInt32(
            heap_getattr(tuple, E_LOG, RelationGetDescr(rel), &null));

        if (least == ALL_LOGS || log < least)
            least = log;
        if (index)
            break;
    }
    if (index) {
        systable_endscan_ordered(scan);
        index_close(index, AccessShareLock);
    } else {
        systable_endscan(scan);
    }
    return least;
}

/* --- single rows
 * ------------------------------------------------------------------------ */

static HeapTuple first_match(Relation rel, Snapshot snapshot, const int *column,
                             ScanKeyData *key, int n)
{
    Relation index = index_on(rel, column, n);
    Oid oid = index ? RelationGetRelid(index) : InvalidOid;
    SysScanDesc scan =
        systable_beginscan(rel, oid, OidIsValid(oid), snapshot, n, key);
    HeapTuple tuple = systable_getnext(scan);

    if (HeapTupleIsValid(tuple))
        tuple = heap_copytuple(tuple);
    systable_endscan(scan);
    if (index)
        index_close(index, AccessShareLock);
    return tuple;
}

HeapTuple row_at(Relation rel, Snapshot snapshot, int32 log, int32 lane,
                 int64 seq)
{
    ScanKeyData key[3];

    ScanKeyInit(&key[0], E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(log));
    ScanKeyInit(&key[1], E_LANE, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(lane));
    ScanKeyInit(&key[2], E_SEQ, BTEqualStrategyNumber, F_INT8EQ,
                Int64GetDatum(seq));
    return first_match(rel, snapshot, key_columns, key, 3);
}

HeapTuple row_by_id(Relation entry, Snapshot snapshot, const uint8 id[16],
                    List *logs)
{
    static const int column[] = {E_ID, E_LOG};
    ListCell *cell;
    ScanKeyData key[2];

    foreach (cell, logs) {
        HeapTuple tuple;

        ScanKeyInit(&key[0], E_ID, BTEqualStrategyNumber, F_UUID_EQ,
                    UUIDPGetDatum((const pg_uuid_t *)id));
        ScanKeyInit(&key[1], E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                    Int32GetDatum(lfirst_int(cell)));
        tuple = first_match(entry, snapshot, column, key, 2);
        if (HeapTupleIsValid(tuple))
            return tuple;
    }
    return NULL;
}

/* --- by kind and subject
 * -------------------------------------------------------------------- */

/* init's own index; partial (subject is not null), which all rows sought are.
 */
static Oid subject_index(Relation entry)
{
    Oid oid = table_named("entry_subject"), found = InvalidOid;
    Relation index;

    if (!list_member_oid(RelationGetIndexList(entry), oid))
        return InvalidOid;
    index = index_open(oid, AccessShareLock);
    if (index->rd_index->indisvalid && index->rd_rel->relam == BTREE_AM_OID &&
        index->rd_index->indnkeyatts == 2 &&
        index->rd_index->indkey.values[0] == E_KIND &&
        index->rd_index->indkey.values[1] == E_SUBJECT)
        found = oid;
    index_close(index, AccessShareLock);
    return found;
}

static void text_key(ScanKeyData *key, int column, Datum value)
{
    ScanKeyEntryInitialize(key, 0, column, BTEqualStrategyNumber, InvalidOid,
                           DEFAULT_COLLATION_OID, F_TEXTEQ, value);
}

static void each_tuple(Relation entry, Snapshot snapshot, const char *kind,
                       aigov_span subject, tuple_fn fn, void *arg)
{
    Oid index = subject_index(entry);
    ScanKeyData key[2];
    SysScanDesc scan;
    HeapTuple tuple;

    text_key(&key[0], E_KIND, CStringGetTextDatum(kind));
    if (subject.p)
        text_key(&key[1], E_SUBJECT, span_datum(subject));
    scan = systable_beginscan(entry, index, OidIsValid(index), snapshot,
                              subject.p ? 2 : 1, key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        CHECK_FOR_INTERRUPTS();
        fn(arg, tuple);
    }
    systable_endscan(scan);
}

void tuples_of(Relation entry, Snapshot snapshot, const char *kind, tuple_fn fn,
               void *arg)
{
    each_tuple(entry, snapshot, kind, AIGOV_ABSENT, fn, arg);
}

typedef struct as_entry {
    row_reader reader;
    row_fn fn;
    void *arg;
} as_entry;

static void give_entry(void *arg, HeapTuple tuple)
{
    as_entry *a = arg;
    aigov_entry e;

    reader_entry(&a->reader, tuple, &e);
    a->fn(a->arg, &e);
}

void rows_of(Relation entry, Snapshot snapshot, const char *kind,
             aigov_span subject, row_fn fn, void *arg)
{
    as_entry a = {.fn = fn, .arg = arg};

    reader_init(&a.reader, entry);
    each_tuple(entry, snapshot, kind, subject, give_entry, &a);
}

/* --- by interaction
 * -------------------------------------------------------------------- */

/* init's own index; partial (interaction is not null), which all rows sought
 * are. */
static Oid interaction_index(Relation entry)
{
    Oid oid = table_named("entry_interaction"), found = InvalidOid;
    Relation index;

    if (!list_member_oid(RelationGetIndexList(entry), oid))
        return InvalidOid;
    index = index_open(oid, AccessShareLock);
    if (index->rd_index->indisvalid && index->rd_rel->relam == BTREE_AM_OID &&
        index->rd_index->indnkeyatts == 1 &&
        index->rd_index->indkey.values[0] == E_INTERACTION)
        found = oid;
    index_close(index, AccessShareLock);
    return found;
}

static int by_lane_and_seq(const ListCell *a, const ListCell *b)
{
    const aigov_entry *x = lfirst(a), *y = lfirst(b);

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->lane != y->lane)
        return x->lane < y->lane ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void rows_of_interaction(Relation entry, int32 log, aigov_span interaction,
                         row_fn fn, void *arg)
{
    Oid index = interaction_index(entry);
    pg_uuid_t *id = palloc(sizeof *id);
    ScanKeyData key;
    SysScanDesc scan;
    HeapTuple tuple;
    List *rows = NIL;
    ListCell *cell;

    if (!aigov_uuid_parse(interaction, id->data))
        return;
    ScanKeyInit(&key, E_INTERACTION, BTEqualStrategyNumber, F_UUID_EQ,
                UUIDPGetDatum(id));
    scan = systable_beginscan(entry, index, OidIsValid(index), SnapshotSelf, 1,
                              &key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        row_reader *reader = palloc(sizeof *reader);
        aigov_entry *e = palloc(sizeof *e);

        CHECK_FOR_INTERRUPTS();
        reader_init(reader, entry);
        reader_entry(reader, heap_copytuple(tuple), e);
        if (e->log == log)
            rows = lappend(rows, e);
    }
    systable_endscan(scan);
    list_sort(rows, by_lane_and_seq);
    foreach (cell, rows)
        fn(arg, lfirst(cell));
}

void rows_of_call(Relation entry, Snapshot snapshot, const uint8 id[16],
                  row_fn fn, void *arg)
{
    Oid index = interaction_index(entry);
    HeapTuple tuple =
        row_by_id(entry, snapshot, id, log_chain(log_argument(0)));
    ScanKeyData key;
    SysScanDesc scan;
    row_reader reader;
    aigov_entry e;

    reader_init(&reader, entry);
    if (HeapTupleIsValid(tuple)) {
        reader_entry(&reader, tuple, &e);
        if (!e.interaction.p)
            fn(arg, &e);
    }
    ScanKeyInit(&key, E_INTERACTION, BTEqualStrategyNumber, F_UUID_EQ,
                UUIDPGetDatum((const pg_uuid_t *)id));
    scan =
        systable_beginscan(entry, index, OidIsValid(index), snapshot, 1, &key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        CHECK_FOR_INTERRUPTS();
        reader_entry(&reader, tuple, &e);
        fn(arg, &e);
    }
    systable_endscan(scan);
}

/* --- inside a stored object
 * -------------------------------------------------------------------- */

/* path is "a" or "a.b"; NULL where it is not there or no string or number. */
char *json_member(aigov_span object, const char *path)
{
    const char *dot = strchr(path, '.');
    aigov_json j = {.ctx = core()->ctx};
    aigov_error err;
    aigov_span text;
    char *out = NULL;
    uint32_t i = 0;

    if (aigov_json_read(&j, AIGOV_JSON_SYNTAX, object, &err) == AIGOV_OK) {
        if (dot) {
            char outer[32];

            strlcpy(outer, path, Min(sizeof outer, (size_t)(dot - path) + 1));
            i = aigov_json_get(&j, 0, outer);
            i = i ? aigov_json_get(&j, i, dot + 1) : 0;
        } else {
            i = aigov_json_get(&j, 0, path);
        }
    }
    if (i && (j.node[i].type == AIGOV_JSON_STRING ||
              j.node[i].type == AIGOV_JSON_NUMBER)) {
        text = aigov_json_text(&j, i);
        out = MemoryContextAllocExtended(CurrentMemoryContext, text.n + 1,
                                         MCXT_ALLOC_NO_OOM);
        if (out) {
            memcpy(out, text.p, text.n);
            out[text.n] = 0;
        }
    }
    aigov_json_free(&j);
    return out;
}

bool login_is_ours(aigov_span recorded_by)
{
    char *login = json_member(recorded_by, "login");

    return login &&
           strcmp(login, GetUserNameFromId(GetSessionUserId(), false)) == 0;
}
