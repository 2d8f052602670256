/*
 * first.c - the first entries of a log: genesis and the catalogue in force
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * init leaves no row that a dump carries, so the first record of a log brings
 * them along, in its own transaction, under lane 0.  Others that start at the
 * same time wait for lane 0, look again, and find them written.
 */
#include "pg_aigov.h"

#include "access/heapam.h"
#include "access/tableam.h"

static void insert_log_row(writer *w, const aigov_entry *genesis,
                           int32 continues)
{
    Relation rel = table_open(w->own->logs, RowExclusiveLock);
    EState *estate = CreateExecutorState();
    ResultRelInfo *rri = makeNode(ResultRelInfo);
    TupleTableSlot *slot;

    InitResultRelInfo(rri, rel, 1, NULL, 0);
    ExecOpenIndices(rri, false);
    slot =
        ExecInitExtraTupleSlot(estate, RelationGetDescr(rel), &TTSOpsVirtual);
    memset(slot->tts_isnull, true, RelationGetDescr(rel)->natts);
    memset(slot->tts_isnull, false, L_COLUMNS);
    slot->tts_values[L_LOG - 1] = Int32GetDatum((int32)genesis->log);
    slot->tts_values[L_ORIGIN - 1] = span_datum(genesis->subject);
    slot->tts_values[L_AT - 1] = TimestampTzGetDatum(genesis->at - EPOCH_SHIFT);
    slot->tts_values[L_CONTINUES - 1] = Int32GetDatum(continues);
    slot->tts_isnull[L_CONTINUES - 1] = continues == 0;
    ExecStoreVirtualTuple(slot);
    table_tuple_insert(rel, slot, GetCurrentCommandId(true), 0, NULL);
    compat_insert_index(rri, slot, estate, false, NULL, NIL);
    ExecResetTupleTable(estate->es_tupleTable, false);
    ExecCloseIndices(rri);
    FreeExecutorState(estate);
    table_close(rel, NoLock);
}

/* No checkpoint exists: the log continued is known to size 0, whose root is
 * the hash of nothing (RFC 6962 2.1). */
static bool put_continues(aigov_buf *b, const char *before)
{
    uint8_t root[AIGOV_HASH_LEN];
    aigov_error err;

    core_try(aigov_sha256(core()->ctx, NULL, 0, root, &err));
    return member(b, "continues", aigov_str(before)) &&
           aigov_buf_puts(b, ",\"continues_root\":\"") &&
           aigov_buf_put_hex(b, root, sizeof root) &&
           aigov_buf_puts(b, "\",\"continues_size\":0");
}

void write_genesis(writer *w, const char *cause, const char *before,
                   int32 before_log, aigov_span note, aigov_buf *out)
{
    aigov_record *r = core()->extra;
    aigov_duplicate answer;
    aigov_buf b;
    aigov_entry e;
    aigov_error err;

    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{") &&
                member(&b, "origin", own_origin(w->own)) &&
                member(&b, "version", aigov_str(aigov_version())) &&
                member(&b, "cause", aigov_str(cause)));
    if (before)
        core_enough(put_continues(&b, before));
    if (note.p)
        core_enough(member(&b, "note", note));
    core_enough(aigov_buf_puts(&b, "}"));
    aigov_record_use(r, NULL);
    core_try(aigov_record_make(r, AIGOV_LIT("genesis"), own_origin(w->own),
                               aigov_buf_span(&b), &err));
    core_try(write_entry(w, r, 0, out, &e, &answer, &err));
    insert_log_row(w, &e, before_log);
}

void write_catalogue(writer *w, const char *name)
{
    size_t rows;
    const char *sha256;
    aigov_buf b;

    if (!aigov_catalogue(name, &rows, &sha256))
        return;
    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{") &&
                member(&b, "version", aigov_str(aigov_version())) &&
                member(&b, "sha256", aigov_str(sha256)) &&
                aigov_buf_puts(&b, ",\"rows\":") &&
                aigov_buf_put_i64(&b, (int64_t)rows) &&
                aigov_buf_puts(&b, "}"));
    write_own(w, "schema", aigov_str(name), aigov_buf_span(&b), NULL);
}

void first_entries(writer *w)
{
    Oid entry = w->own->entry;

    lane_wait(entry, 0);
    w->own = log_reread();
    if (w->own->used) {
        lane_release(entry, 0);
        return;
    }
    if (w->own->restored)
        ask_for_epoch(w->own);
    write_genesis(w, "new", NULL, 0, AIGOV_ABSENT, NULL);
    write_catalogue(w, "kinds");
    write_catalogue(w, "fields");
    instance_write(w->own->origin, w->own->log, true);
    w->own = log_find();
}
