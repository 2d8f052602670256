/*
 * turns.c - table aigov.turn: what calls are recognised by
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Rows are written with their entry, in its transaction, and go with its
 * content (docs/formats.md section 4).  The table is opened by the first record
 * of a write that has turns.  Its index on fingerprint is not unique, so no
 * writer waits for another; of rows with the same fingerprint the last in it
 * counts.  Those of a batch that are not inserted yet are looked at first.
 *
 * In a database that init made before this table was there nothing is found,
 * and nothing remembered, until init is called again.
 */
#include "pg_aigov.h"

#include "access/heapam.h"

#define MOST_PENDING (BATCH_PIECE * AIGOV_MAX_TURNS)

/* --- opening ---------------------------------------------------------------
 */

static bool opened(writer *w)
{
    MemoryContext old;

    if (w->turn.rel)
        return true;
    if (!OidIsValid(w->own->turn))
        return false;
    old = MemoryContextSwitchTo(w->estate->es_query_cxt);
    write_open_target(w, &w->turn, table_open(w->own->turn, RowExclusiveLock));
    MemoryContextSwitchTo(old);
    return true;
}

/* --- finding ---------------------------------------------------------------
 */

static Relation fingerprints(const target *t)
{
    int i;

    for (i = 0; i < t->rri->ri_NumIndices; i++) {
        Relation index = t->rri->ri_IndexRelationDescs[i];

        if (index->rd_index->indkey.values[0] == T_FINGERPRINT &&
            index->rd_index->indisvalid &&
            heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
            return index;
    }
    return NULL;
}

static void take(TupleDesc desc, HeapTuple tuple, aigov_turn *out)
{
    bool null;
    Datum d = heap_getattr(tuple, T_INTERACTION, desc, &null);

    if (null)
        return;
    memcpy(out->interaction, DatumGetUUIDP(d)->data, sizeof out->interaction);
    d = heap_getattr(tuple, T_ATTEMPT, desc, &null);
    out->attempt = null ? 0 : DatumGetInt32(d);
    d = heap_getattr(tuple, T_STATE, desc, &null);
    out->has_state = !null;
    out->state = null ? 0 : DatumGetInt64(d);
}

static void find_row(writer *w, int64 fingerprint, aigov_turn *out)
{
    TupleDesc desc;
    Relation index;
    SysScanDesc scan;
    ScanKeyData key;
    HeapTuple tuple;
    bool null;

    if (!opened(w) || !(index = fingerprints(&w->turn)))
        return;
    desc = RelationGetDescr(w->turn.rel);
    ScanKeyInit(&key, T_FINGERPRINT, BTEqualStrategyNumber, F_INT8EQ,
                Int64GetDatum(fingerprint));
    scan =
        systable_beginscan_ordered(w->turn.rel, index, SnapshotSelf, 1, &key);
    while (out->attempt == 0 &&
           HeapTupleIsValid(
               tuple = systable_getnext_ordered(scan, BackwardScanDirection))) {
        if (DatumGetInt32(heap_getattr(tuple, T_LOG, desc, &null)) ==
            w->own->log)
            take(desc, tuple, out);
    }
    systable_endscan_ordered(scan);
}

static bool find_pending(const writer *w, int64 fingerprint, aigov_turn *out)
{
    int i;

    for (i = w->pendings; i-- > 0;) {
        if (w->pending[i].turn.fingerprint == fingerprint) {
            *out = w->pending[i].turn;
            return true;
        }
    }
    return false;
}

typedef struct lookup {
    writer *w;
    ErrorData *error; /* raised in the look-up: goes on after the core */
} lookup;

static aigov_status find(void *host, int64_t fingerprint, aigov_turn *out,
                         aigov_error *err)
{
    lookup *l = host;

    if (find_pending(l->w, fingerprint, out))
        return AIGOV_OK;
    core_guarded(l, err, find_row(l->w, fingerprint, out));
    return AIGOV_OK;
}

aigov_status turns_find(writer *w, aigov_record *r, const uint8_t id[16],
                        aigov_error *err)
{
    lookup l = {w, NULL};
    aigov_turns turns = {&l, login_now(), find};
    aigov_status st = aigov_record_history(r, id, &turns, err);

    if (l.error)
        ReThrowError(l.error);
    return st;
}

/* --- writing ---------------------------------------------------------------
 */

static void set(TupleTableSlot *slot, int column, Datum value)
{
    slot->tts_values[column - 1] = value;
    slot->tts_isnull[column - 1] = false;
}

static void insert(writer *w, const placed_turn *t)
{
    TupleTableSlot *slot = w->turn.slot;
    pg_uuid_t id;

    memcpy(id.data, t->turn.interaction, sizeof id.data);
    ExecClearTuple(slot);
    set(slot, T_LOG, Int32GetDatum(w->own->log));
    set(slot, T_LANE, Int32GetDatum(t->lane));
    set(slot, T_SEQ, Int64GetDatum(t->seq));
    set(slot, T_FINGERPRINT, Int64GetDatum(t->turn.fingerprint));
    set(slot, T_INTERACTION, UUIDPGetDatum(&id));
    set(slot, T_ATTEMPT, Int32GetDatum(t->turn.attempt));
    set(slot, T_STATE, Int64GetDatum(t->turn.state));
    slot->tts_isnull[T_STATE - 1] = !t->turn.has_state;
    ExecStoreVirtualTuple(slot);
    insert_row(w, &w->turn);
}

void turns_hold(writer *w, const aigov_record *r, const aigov_entry *e)
{
    size_t n, i;
    const aigov_turn *t = aigov_record_turns(r, &n);

    if (n > 0 && !w->pending)
        w->pending = MemoryContextAlloc(w->estate->es_query_cxt,
                                        MOST_PENDING * sizeof *w->pending);
    for (i = 0; i < n && w->pendings < MOST_PENDING; i++)
        w->pending[w->pendings++] = (placed_turn){(int32)e->lane, e->seq, t[i]};
}

void turns_write(writer *w)
{
    int i;

    if (w->pendings > 0 && opened(w)) {
        for (i = 0; i < w->pendings; i++)
            insert(w, &w->pending[i]);
    }
    w->pendings = 0;
}

/* --- erasing ---------------------------------------------------------------
 */

static void delete_of(void *arg, const aigov_entry *e)
{
    writer *w = arg;
    SysScanDesc scan;
    ScanKeyData key[3];
    HeapTuple tuple;

    ScanKeyInit(&key[0], T_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum((int32)e->log));
    ScanKeyInit(&key[1], T_LANE, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum((int32)e->lane));
    ScanKeyInit(&key[2], T_SEQ, BTEqualStrategyNumber, F_INT8EQ,
                Int64GetDatum(e->seq));
    scan = systable_beginscan_ordered(w->turn.rel, w->turn.key, SnapshotSelf, 3,
                                      key);
    while (HeapTupleIsValid(
        tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
        simple_heap_delete(w->turn.rel, &tuple->t_self);
    systable_endscan_ordered(scan);
    CommandCounterIncrement();
}

/* The fingerprint of an answer is made of its request too. */
void turns_delete(writer *w, const aigov_entry *e)
{
    if (!opened(w))
        return;
    delete_of(w, e);
    if (e->interaction.p)
        rows_of_interaction(w->entry.rel, (int32)e->log, e->interaction,
                            delete_of, w);
}
