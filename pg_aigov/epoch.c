/*
 * epoch.c - a log goes on under a new origin
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.new_epoch(origin, reason [, continues])
 *
 * After a restore two logs exist: the one that went on where the backup was
 * taken, and the one that would go on here.  The second begins a log of its
 * own, whose genesis names the first.  Writers of the old log are waited for:
 * they hold the table entry until their transaction ends.
 */
#include "pg_aigov.h"

#include "storage/lmgr.h"

typedef struct known_log {
    char *origin;
    int32 log;
} known_log;

static known_log *logs_known(const own_log *own, int *n)
{
    Relation rel = table_open(own->logs, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(rel, InvalidOid, false, SnapshotSelf, 0, NULL);
    known_log *out = NULL;
    HeapTuple tuple;
    bool null;

    *n = 0;
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        TupleDesc desc = RelationGetDescr(rel);

        out = out ? repalloc(out, (*n + 1) * sizeof *out) : palloc(sizeof *out);
        out[*n].log = DatumGetInt32(heap_getattr(tuple, L_LOG, desc, &null));
        out[(*n)++].origin =
            TextDatumGetCString(heap_getattr(tuple, L_ORIGIN, desc, &null));
    }
    systable_endscan(scan);
    table_close(rel, AccessShareLock);
    return out;
}

static known_log *by_origin(known_log *list, int n, const char *origin)
{
    int i;

    for (i = 0; i < n; i++) {
        if (strcmp(list[i].origin, origin) == 0)
            return &list[i];
    }
    return NULL;
}

static known_log *by_number(known_log *list, int n, int32 log)
{
    int i;

    for (i = 0; i < n; i++) {
        if (list[i].log == log)
            return &list[i];
    }
    return NULL;
}

static known_log *find_before(known_log *list, int n, const char *continues)
{
    int32 log = log_argument(0);
    known_log *before;

    if (n == 0)
        fail(AIGOV_STATE, "SELECT aigov.init('<your origin>')",
             "there is no log to continue");
    before =
        continues ? by_origin(list, n, continues) : by_number(list, n, log);
    if (!before && continues)
        fail(AIGOV_ARG, "SELECT origin FROM aigov.log",
             "this database holds no log of the origin to continue");
    if (!before)
        fail(AIGOV_ARG,
             "SELECT aigov.new_epoch(origin, reason, '<origin to continue>')",
             "this database holds more than one log that could be continued");
    return before;
}

static void begin_log(const char *origin, int32 log, const known_log *before,
                      aigov_span reason, aigov_buf *out)
{
    bool plain =
        aigov_span_is(reason, "restore") || aigov_span_is(reason, "failover");
    writer w;

    instance_write(origin, log, true);
    write_open(&w, "aigov.new_epoch()");
    lane_wait(w.own->entry, 0);
    write_genesis(&w, plain ? span_cstring(reason) : "restore", before->origin,
                  before->log, plain ? AIGOV_ABSENT : reason, out);
    write_catalogue(&w, "kinds");
    write_catalogue(&w, "fields");
    settle(&w, true);
    write_end(&w);
}

PG_FUNCTION_INFO_V1(pg_aigov_new_epoch);

Datum pg_aigov_new_epoch(PG_FUNCTION_ARGS)
{
    aigov_span origin = arg_bytes(fcinfo, 0, "origin");
    aigov_span reason = arg_bytes(fcinfo, 1, "reason");
    char *continues =
        PG_ARGISNULL(2) ? NULL : TextDatumGetCString(PG_GETARG_DATUM(2));
    known_log *list, *before;
    int64_t log;
    int n;
    aigov_buf *out;
    aigov_error err;

    require_owner("aigov.new_epoch()");
    PreventCommandIfReadOnly("aigov.new_epoch()");
    core_try(aigov_origin_check(core()->ctx, origin, &log, &err));
    LockRelationOid(log_find()->entry, ShareRowExclusiveLock);
    LockRelationOid(log_find()->instance, ShareRowExclusiveLock);
    list = logs_known(log_reread(), &n);
    before = find_before(list, n, continues);
    if (by_number(list, n, (int32)log) ||
        log_has_entries(log_find()->entry, (int32)log))
        fail(AIGOV_ARG, "choose another origin",
             "the origin, or its number, is that of a log in this database");
    out = &core()->scratch;
    out->n = 0;
    begin_log(span_cstring(origin), (int32)log, before, reason, out);
    receipt_keep(aigov_buf_span(out));
    return receipt_datum();
}

PG_FUNCTION_INFO_V1(pg_aigov_needs_epoch);

Datum pg_aigov_needs_epoch(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(log_peek()->restored);
}
