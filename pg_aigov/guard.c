/*
 * guard.c - triggers on the tables: hygiene, judged by verify
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   guard_insert   a row that comes by INSERT or COPY comes chained, from the
 *                  owner, a superuser or a replication worker, and is kept byte
 *                  for byte: a damaged log must restore, and verify judges. For
 *                  the own log it takes the lane's lock, or it would race with
 *                  an append.
 *   guard_change   UPDATE, DELETE and TRUNCATE are refused; content may be
 *                  deleted by a replication worker, which repeats an erasure
 *                  made at the publisher (a refusal would stop it for ever).
 */
#include "pg_aigov.h"

#include "commands/trigger.h"
#include "replication/logicalworker.h"

static TriggerData *trigger_data(FunctionCallInfo fcinfo)
{
    if (!CALLED_AS_TRIGGER(fcinfo))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("this function is a trigger of aigov")));
    return (TriggerData *)fcinfo->context;
}

static bool is_null(TriggerData *t, int column)
{
    return heap_attisnull(t->tg_trigtuple, column,
                          RelationGetDescr(t->tg_relation));
}

static void check_chained(TriggerData *t, const own_log *own)
{
    Oid rel = RelationGetRelid(t->tg_relation);

    if ((rel == own->entry && (is_null(t, E_PREV) || is_null(t, E_HASH) ||
                               is_null(t, E_SEQ) || is_null(t, E_LANE))) ||
        (rel == own->content && (is_null(t, C_SALT) || is_null(t, C_SEQ))))
        fail(AIGOV_APPENDONLY, "SELECT aigov.append(record)",
             "a row of aigov.%s comes with its chain columns filled; only "
             "aigov's functions seal",
             RelationGetRelationName(t->tg_relation));
}

/* A verbatim row of the own log must not meet an append. */
static void take_lane(TriggerData *t, const own_log *own)
{
    TupleDesc desc = RelationGetDescr(t->tg_relation);
    int32 log, lane;
    bool null;

    if (RelationGetRelid(t->tg_relation) == own->logs)
        return;
    log = DatumGetInt32(heap_getattr(t->tg_trigtuple, E_LOG, desc, &null));
    if (null || log != own->log)
        return;
    lane = DatumGetInt32(heap_getattr(t->tg_trigtuple, E_LANE, desc, &null));
    if (!null && lane >= 0 && lane <= LANES_MAX)
        lane_wait(own->entry, lane);
}

PG_FUNCTION_INFO_V1(pg_aigov_guard_insert);

Datum pg_aigov_guard_insert(PG_FUNCTION_ARGS)
{
    TriggerData *t = trigger_data(fcinfo);
    own_log *own = log_peek();

    if (!IsLogicalWorker() &&
        !compat_owns_table(RelationGetRelid(t->tg_relation), GetUserId()))
        fail(AIGOV_DENIED, "SELECT aigov.append(record)",
             "rows come into aigov.%s through aigov's functions",
             RelationGetRelationName(t->tg_relation));
    check_chained(t, own);
    if (own->there)
        take_lane(t, own);
    return PointerGetDatum(t->tg_trigtuple);
}

PG_FUNCTION_INFO_V1(pg_aigov_guard_change);

Datum pg_aigov_guard_change(PG_FUNCTION_ARGS)
{
    TriggerData *t = trigger_data(fcinfo);
    bool content = RelationGetRelid(t->tg_relation) == table_named("content");

    if (content && TRIGGER_FIRED_BY_DELETE(t->tg_event) && IsLogicalWorker())
        return PointerGetDatum(t->tg_trigtuple);
    fail(AIGOV_APPENDONLY,
         content ? "aigov.erase(id, reason) removes the content of an entry"
                 : NULL,
         "aigov.%s is append-only: no %s",
         RelationGetRelationName(t->tg_relation),
         TRIGGER_FIRED_BY_UPDATE(t->tg_event)   ? "UPDATE"
         : TRIGGER_FIRED_BY_DELETE(t->tg_event) ? "DELETE"
                                                : "TRUNCATE");
}
