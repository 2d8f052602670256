/*
 * verify.c - aigov.verify: every hash, link and commitment again
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.verify([log [, vkeys]])
 *
 * Without a log: every log of the database; 0: the own log.  Both judge rows
 * under a number that table log does not name.  It takes a fresh snapshot of
 * its own: that of a repeatable-read transaction may show our own entry without
 * the one before it. Entry and content are read in the order of their primary
 * keys and merged; core judges (core/log/verify.c).  It writes nothing and so
 * works on a standby and in a read-only transaction.
 */
#include "pg_aigov.h"

#include "access/tableam.h"
#include "utils/tuplestore.h"

typedef struct run {
    TupleDesc desc;
    Tuplestorestate *out;
    Snapshot snapshot;
    Relation entry, content, logs;
    aigov_ctx *ctx;
    aigov_verify *v;
    MemoryContext row;       /* reset after each row */
    int64 log;               /* that is judged now */
    int64 entries, contents; /* rows judged */
} run;

/* How many logs one may continue: `continues` could be made a circle. */
#define MAX_EPOCHS 1000

/* --- answers
 * ------------------------------------------------------------------ */

static bool emit(void *host, const aigov_range *r)
{
    run *v = host;
    Datum values[10];
    bool nulls[10] = {false};

    nulls[0] = r->origin.p == NULL;
    if (r->origin.p)
        values[0] = span_datum(r->origin);
    nulls[1] = r->log == 0;
    values[1] = Int32GetDatum((int32)r->log);
    /* a note names no row; but a row may stand at seq 0, where none belongs */
    nulls[2] = nulls[3] = nulls[4] =
        r->lane == 0 && r->from_seq == 0 && r->to_seq == 0 && r->entries == 0;
    values[2] = Int32GetDatum((int32)r->lane);
    values[3] = Int64GetDatum(r->from_seq);
    values[4] = Int64GetDatum(r->to_seq);
    values[5] = Int64GetDatum(r->entries);
    values[6] = CStringGetTextDatum(r->status);
    values[7] = CStringGetTextDatum(r->content);
    nulls[8] = r->anchored_size == 0;
    values[8] = Int64GetDatum(r->anchored_size);
    nulls[9] = r->detail.p == NULL;
    if (r->detail.p)
        values[9] = span_datum(r->detail);
    tuplestore_putvalues(v->out, v->desc, values, nulls);
    return true;
}

static void note(run *v, const char *status, const char *detail)
{
    aigov_error err;

    core_try(aigov_verify_note(v->v, status, detail, &err));
}

static void differs(void *arg, const char *detail)
{
    note(arg, "schema_changed", detail);
}

/* --- one log: its row in table log
 * --------------------------------------------- */

static HeapTuple log_row(run *v, int64 log, bool *twice)
{
    ScanKeyData key;
    SysScanDesc scan;
    HeapTuple tuple;

    ScanKeyInit(&key, L_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum((int32)log));
    scan = systable_beginscan(v->logs, InvalidOid, false, v->snapshot, 1, &key);
    tuple = systable_getnext(scan);
    if (HeapTupleIsValid(tuple)) {
        tuple = heap_copytuple(tuple);
        *twice = HeapTupleIsValid(systable_getnext(scan));
    }
    systable_endscan(scan);
    return tuple;
}

static bool is_named(run *v, int64 log)
{
    bool twice;

    return HeapTupleIsValid(log_row(v, log, &twice));
}

static int64 number_of(run *v, const char *origin)
{
    int64_t log = 0;
    aigov_error err;

    if (origin)
        aigov_log_number(v->ctx, aigov_str(origin), &log, &err);
    return log;
}

/* Table log repeats what genesis says; what it adds would be believed. */
static void compare_genesis(run *v, int64 log, HeapTuple row)
{
    TupleDesc desc = RelationGetDescr(v->logs);
    HeapTuple tuple = row_at(v->entry, v->snapshot, (int32)log, 0, 1);
    Datum values[L_COLUMNS];
    bool nulls[L_COLUMNS];
    row_reader reader;
    aigov_entry e;
    char *origin;
    int64 continues;
    int i;

    for (i = 0; i < L_COLUMNS; i++)
        values[i] = heap_getattr(row, i + 1, desc, &nulls[i]);
    origin =
        nulls[L_ORIGIN - 1] ? NULL : TextDatumGetCString(values[L_ORIGIN - 1]);
    continues =
        nulls[L_CONTINUES - 1] ? 0 : DatumGetInt32(values[L_CONTINUES - 1]);
    if (number_of(v, origin) != log)
        note(v, "modified", "table log: the number is not that of the origin");
    if (!HeapTupleIsValid(tuple)) {
        note(v, "modified", "table log: the log has no genesis");
        return;
    }
    reader_init(&reader, v->entry);
    reader_entry(&reader, tuple, &e);
    if (!aigov_span_is(e.kind, "genesis") || !origin ||
        !aigov_span_is(e.subject, origin))
        note(v, "modified", "table log: origin differs from genesis");
    if (nulls[L_AT - 1] ||
        DatumGetTimestampTz(values[L_AT - 1]) + EPOCH_SHIFT != e.at)
        note(v, "modified", "table log: at differs from genesis");
    if (e.body.p &&
        number_of(v, json_member(e.body, "fields.continues")) != continues)
        note(v, "modified", "table log: continues differs from genesis");
}

/* --- one log: its rows
 * ----------------------------------------------------------- */

typedef struct side {
    ordered *rows;
    HeapTuple tuple;
    row_reader reader;
    Relation rel;
    int32 lane;
    int64 seq;
} side;

static void advance(side *s)
{
    TupleDesc desc = RelationGetDescr(s->rel);
    bool null;

    s->tuple = ordered_next(s->rows);
    if (!HeapTupleIsValid(s->tuple))
        return;
    s->lane = DatumGetInt32(heap_getattr(s->tuple, E_LANE, desc, &null));
    s->seq = DatumGetInt64(heap_getattr(s->tuple, E_SEQ, desc, &null));
}

static void begin_side(run *v, side *s, Relation rel, int64 log)
{
    s->rel = rel;
    s->rows = ordered_begin(rel, v->snapshot, log);
    reader_init(&s->reader, rel);
    advance(s);
}

/* Before 0: the entry comes first or alone; after: the content row does. */
static int order(const side *e, const side *c)
{
    if (!c->tuple)
        return -1;
    if (!e->tuple)
        return 1;
    if (e->lane != c->lane)
        return e->lane < c->lane ? -1 : 1;
    return e->seq < c->seq ? -1 : e->seq > c->seq;
}

static void judge(run *v, side *e, side *c)
{
    MemoryContext old = MemoryContextSwitchTo(v->row);
    int which = order(e, c);
    const char *problem = NULL;
    aigov_entry entry;
    aigov_content content;
    aigov_error err;

    if (which <= 0) {
        reader_entry(&e->reader, e->tuple, &entry);
        problem = e->reader.problem;
        v->entries++;
    }
    if (which >= 0) {
        reader_content(&c->reader, c->tuple, &content);
        if (!problem)
            problem = c->reader.problem;
        v->contents++;
    }
    core_try(aigov_verify_row(v->v, which <= 0 ? e->lane : c->lane,
                              which <= 0 ? e->seq : c->seq,
                              which <= 0 ? &entry : NULL,
                              which >= 0 ? &content : NULL, problem, &err));
    MemoryContextSwitchTo(old);
    MemoryContextReset(v->row);
    if (which <= 0)
        advance(e);
    if (which >= 0)
        advance(c);
}

/* The log that a log continues, or 0. */
static int64 continued_by(run *v, int64 log)
{
    bool twice, null;
    HeapTuple row = log_row(v, log, &twice);
    Datum d;

    if (!HeapTupleIsValid(row))
        return 0;
    d = heap_getattr(row, L_CONTINUES, RelationGetDescr(v->logs), &null);
    return null ? 0 : DatumGetInt32(d);
}

/* An erasure counts from lane 0 of the log itself or of one that continues it:
 * another log in the same database has no say. */
static void add_erased(void *arg, const aigov_entry *e)
{
    run *v = arg;
    int64 log = e->log;
    int steps;
    aigov_error err;

    if (e->lane != 0 || !e->subject.p)
        return;
    for (steps = 0; log != 0 && log != v->log && steps < MAX_EPOCHS; steps++)
        log = continued_by(v, log);
    if (log == v->log)
        core_try(aigov_verify_erased(v->v, e->subject, &err));
}

static void verify_log(run *v, int64 log)
{
    bool twice = false;
    HeapTuple row = log_row(v, log, &twice);
    aigov_span origin = AIGOV_ABSENT;
    side e, c;
    bool null;
    Datum d;
    aigov_error err;

    if (HeapTupleIsValid(row)) {
        d = heap_getattr(row, L_ORIGIN, RelationGetDescr(v->logs), &null);
        origin = null ? AIGOV_LIT("") : datum_span(d);
    }
    v->log = log;
    core_try(aigov_verify_begin(v->v, log, origin, &err));
    if (HeapTupleIsValid(row))
        compare_genesis(v, log, row);
    if (twice)
        note(v, "modified", "table log: the log has two rows");
    rows_of(v->entry, v->snapshot, "erasure", AIGOV_ABSENT, add_erased, v);
    begin_side(v, &e, v->entry, log);
    begin_side(v, &c, v->content, log);
    while (e.tuple || c.tuple)
        judge(v, &e, &c);
    core_try(aigov_verify_end(v->v, &err));
    ordered_end(e.rows);
    ordered_end(c.rows);
}

/* --- all logs
 * ------------------------------------------------------------------------ */

/* What a row of table log, an entry or a content row names next. */
static int64 smallest_after(run *v, int64 after)
{
    int64 found[3], least = ALL_LOGS;
    int i;

    found[0] = next_log(v->logs, v->snapshot, after);
    found[1] = next_log(v->entry, v->snapshot, after);
    found[2] = next_log(v->content, v->snapshot, after);
    for (i = 0; i < 3; i++) {
        if (found[i] != ALL_LOGS && (least == ALL_LOGS || found[i] < least))
            least = found[i];
    }
    return least;
}

static int64 count_rows(Relation rel, Snapshot snapshot)
{
    TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
    TupleTableSlot *slot = table_slot_create(rel, NULL);
    int64 n = 0;

    while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        CHECK_FOR_INTERRUPTS();
        n++;
    }
    ExecDropSingleTupleTableSlot(slot);
    table_endscan(scan);
    return n;
}

/* An index that lacks rows would hide them from us, not from a report. */
static void compare_counts(run *v)
{
    aigov_error err;

    core_try(aigov_verify_begin(v->v, 0, AIGOV_ABSENT, &err));
    if (count_rows(v->entry, v->snapshot) != v->entries)
        note(v, "modified", "an index of entry does not hold every row");
    if (count_rows(v->content, v->snapshot) != v->contents)
        note(v, "modified", "an index of content does not hold every row");
}

static void verify_all(run *v)
{
    int64 log = ALL_LOGS;

    while ((log = smallest_after(v, log)) != ALL_LOGS)
        verify_log(v, log);
    compare_counts(v);
}

/* Rows under a number that table log does not name belong to no log. */
static void verify_unnamed(run *v)
{
    int64 log = ALL_LOGS;

    while ((log = smallest_after(v, log)) != ALL_LOGS) {
        if (!is_named(v, log))
            verify_log(v, log);
    }
}

static void verify_own(run *v)
{
    int32 log = log_argument(0);

    if (log != 0 && is_named(v, log))
        verify_log(v, log);
    verify_unnamed(v);
}

static void open_rows(run *v)
{
    own_log *own = log_find();

    v->entry = table_open(own->entry, AccessShareLock);
    v->content = table_open(own->content, AccessShareLock);
    v->logs = table_open(own->logs, AccessShareLock);
    v->snapshot = RegisterSnapshot(GetLatestSnapshot());
    v->row = AllocSetContextCreate(CurrentMemoryContext, "aigov row",
                                   ALLOCSET_DEFAULT_SIZES);
    v->entries = v->contents = 0;
}

static void close_rows(run *v)
{
    UnregisterSnapshot(v->snapshot);
    table_close(v->entry, AccessShareLock);
    table_close(v->content, AccessShareLock);
    table_close(v->logs, AccessShareLock);
    MemoryContextDelete(v->row);
}

static void verify_rows(run *v, int64 log)
{
    open_rows(v);
    if (log == ALL_LOGS)
        verify_all(v);
    else if (log <= 0)
        verify_own(v);
    else if (log <= PG_INT32_MAX)
        verify_log(v, log);
    close_rows(v);
}

static void verify(FunctionCallInfo fcinfo)
{
    int64 log = PG_ARGISNULL(0) ? ALL_LOGS : PG_GETARG_INT64(0);
    run v;
    aigov_error err;

    v.out = srf_begin(fcinfo, &v.desc);
    v.ctx = core_scratch();
    core_try(aigov_verify_new(v.ctx, emit, &v, &v.v, &err));
    core_try(aigov_verify_begin(v.v, 0, AIGOV_ABSENT, &err));
    if (log_readable()) {
        log_find(); /* no log at all is an error */
        schema_compare(differs, &v);
        verify_rows(&v, log);
    } else {
        schema_compare(differs, &v);
        note(&v, "schema_changed", "no row can be judged");
    }
}

/* --- SQL
 * ----------------------------------------------------------------------------------
 */

/* No signature is checked as long as there are no checkpoints. */
static void check_vkeys(aigov_span vkeys)
{
    aigov_json j = {.ctx = core_scratch()};
    aigov_error err;

    core_try(aigov_json_read(&j, AIGOV_JSON_STRICT, vkeys, &err));
    if (j.node[0].type != AIGOV_JSON_ARRAY)
        fail(AIGOV_ARG, NULL, "vkeys is no JSON array");
}

PG_FUNCTION_INFO_V1(pg_aigov_verify);

Datum pg_aigov_verify(PG_FUNCTION_ARGS)
{
    if (!PG_ARGISNULL(1))
        check_vkeys(arg_bytes(fcinfo, 1, "vkeys"));
    verify(fcinfo);
    return (Datum)0;
}

PG_FUNCTION_INFO_V1(pg_aigov_verify_jsonb);

Datum pg_aigov_verify_jsonb(PG_FUNCTION_ARGS)
{
    if (!PG_ARGISNULL(1))
        check_vkeys(arg_jsonb(fcinfo, 1, "vkeys"));
    verify(fcinfo);
    return (Datum)0;
}
