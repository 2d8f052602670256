/*
 * inbox.c - INSERT INTO aigov.inbox(record): an append for ORMs and COPY
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The view is empty; its INSTEAD OF trigger appends.  The writer needs INSERT
 * on the view and nothing else.  aigov.receipt() gives the last receipt.
 */
#include "pg_aigov.h"

#include "commands/trigger.h"

PG_FUNCTION_INFO_V1(pg_aigov_inbox_insert);

Datum pg_aigov_inbox_insert(PG_FUNCTION_ARGS)
{
    TriggerData *t = (TriggerData *)fcinfo->context;
    Datum record;
    bool null;
    writer w;

    if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_INSTEAD(t->tg_event))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("this function is a trigger of aigov.inbox")));
    record = heap_getattr(t->tg_trigtuple, 1, RelationGetDescr(t->tg_relation),
                          &null);
    if (null)
        fail(AIGOV_NULLARG, NULL, "record is NULL");
    append_record(&w, datum_span(record));
    return PointerGetDatum(t->tg_trigtuple);
}
