/*
 * write.c - how an entry gets into the tables
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   write_begin   may anything be written here; tables and indexes opened;
 *                 genesis if this is the first record of the log
 *   write_entry   id known already?          (waits for a rival's transaction)
 *                 lane, head, stamps, leaf   (lane.c)
 *                 content, then entry, then what it is recognised by (turns.c)
 *   write_end     closed; the table locks stay until the transaction ends
 *
 * Rows go in by the table access method and the executor's index functions.
 * That is 1.7 times cheaper than SPI and cannot be diverted: no trigger, rule,
 * policy, default or search_path comes between.  It also means that nothing but
 * this file checks anything; privileges are the EXECUTE on our functions.
 *
 * An id given by a producer is inserted by the speculative protocol (as INSERT
 * ... ON CONFLICT does), since two writers may check, find nothing, and insert.
 * Every valid and ready unique index on id is an arbiter: under REINDEX
 * CONCURRENTLY there are two.  An id of our own making cannot be taken.
 */
#include "pg_aigov.h"

#include "access/tableam.h"
#include "access/transam.h"
#include "executor/executor.h"
#include "storage/lmgr.h"

/* --- opening ----------------------------------------------------------------
 */

static void prevent(const char *what)
{
    if (RecoveryInProgress())
        fail(AIGOV_READONLY, "append on the primary; reading works here",
             "%s writes, and this server is a standby", what);
    PreventCommandIfReadOnly(what);
    PreventCommandIfParallelMode(what);
}

static bool has_id(Form_pg_index index)
{
    int i;

    for (i = 0; i < index->indnkeyatts; i++) {
        if (index->indkey.values[i] == E_ID)
            return true;
    }
    return false;
}

static void find_indexes(target *t)
{
    Oid pk = compat_primary_key(t->rel);
    int i;

    t->key = NULL;
    t->arbiters = NIL;
    for (i = 0; i < t->rri->ri_NumIndices; i++) {
        Relation index = t->rri->ri_IndexRelationDescs[i];
        Form_pg_index form = index->rd_index;

        if (RelationGetRelid(index) == pk)
            t->key = index;
        else if (form->indisunique && form->indimmediate && form->indisvalid &&
                 form->indisready && has_id(form))
            t->arbiters = lappend_oid(t->arbiters, RelationGetRelid(index));
    }
    if (!t->key)
        fail(AIGOV_STATE, "SELECT * FROM aigov.verify() says what differs",
             "table aigov.%s has no primary key",
             RelationGetRelationName(t->rel));
}

void write_open_target(writer *w, target *t, Relation rel)
{
    t->rel = rel;
    t->rri = makeNode(ResultRelInfo);
    InitResultRelInfo(t->rri, rel, 1, NULL, 0);
    ExecOpenIndices(t->rri, t == &w->entry); /* where ids are taken */
    t->slot = ExecInitExtraTupleSlot(w->estate, RelationGetDescr(rel),
                                     &TTSOpsVirtual);
    memset(t->slot->tts_isnull, true, RelationGetDescr(rel)->natts);
    find_indexes(t);
}

void write_open(writer *w, const char *what)
{
    Relation entry, content;
    MemoryContext old;

    prevent(what);
    w->own = log_find();
    for (;;) {
        entry = table_open(w->own->entry, RowExclusiveLock);
        content = table_open(w->own->content, RowExclusiveLock);
        if (w->own->valid)
            break;
        /* The locks told us of a change: look again. */
        table_close(entry, NoLock);
        table_close(content, NoLock);
        w->own = log_find();
    }
    w->turn.rel = NULL;
    w->pending = NULL;
    w->pendings = 0;
    w->estate = CreateExecutorState();
    old = MemoryContextSwitchTo(w->estate->es_query_cxt);
    write_open_target(w, &w->entry, entry);
    write_open_target(w, &w->content, content);
    MemoryContextSwitchTo(old);
}

void write_begin(writer *w, const char *what)
{
    memset(&w->zero, 0, sizeof w->zero);
    write_open(w, what);
    write_ready(w);
}

void write_ready(writer *w)
{
    if (w->own->restored)
        ask_for_epoch(w->own);
    if (!w->own->there)
        fail(AIGOV_NOLOG,
             "SELECT aigov.init('<your origin, e.g. example.com/ai>')",
             "this database has no log");
    if (!w->own->used)
        first_entries(w);
    settle(w, false);
}

void write_end(writer *w)
{
    ExecResetTupleTable(w->estate->es_tupleTable, false);
    ExecCloseIndices(w->entry.rri);
    ExecCloseIndices(w->content.rri);
    if (w->turn.rel) {
        ExecCloseIndices(w->turn.rri);
        table_close(w->turn.rel, NoLock);
    }
    FreeExecutorState(w->estate);
    table_close(w->entry.rel, NoLock);
    table_close(w->content.rel, NoLock);
}

/* --- rows
 * -------------------------------------------------------------------------- */

static void set(TupleTableSlot *slot, int column, Datum value)
{
    slot->tts_values[column - 1] = value;
    slot->tts_isnull[column - 1] = false;
}

static void set_span(TupleTableSlot *slot, int column, aigov_span s)
{
    slot->tts_isnull[column - 1] = s.p == NULL;
    if (s.p)
        slot->tts_values[column - 1] = span_datum(s);
}

static void set_uuid(TupleTableSlot *slot, int column, aigov_span s)
{
    pg_uuid_t *id;

    slot->tts_isnull[column - 1] = s.p == NULL;
    if (!s.p)
        return;
    id = palloc(sizeof *id);
    if (!aigov_uuid_parse(s, id->data))
        elog(ERROR, "not a UUID");
    slot->tts_values[column - 1] = UUIDPGetDatum(id);
}

void fill_entry(TupleTableSlot *slot, const aigov_entry *e)
{
    ExecClearTuple(slot);
    set(slot, E_LOG, Int32GetDatum((int32)e->log));
    set(slot, E_LANE, Int32GetDatum((int32)e->lane));
    set(slot, E_SEQ, Int64GetDatum(e->seq));
    set(slot, E_V, Int32GetDatum((int32)e->v));
    set(slot, E_AT, TimestampTzGetDatum(e->at - EPOCH_SHIFT));
    set_span(slot, E_KIND, e->kind);
    set_uuid(slot, E_ID, e->id);
    set_uuid(slot, E_INTERACTION, e->interaction);
    set_span(slot, E_SUBJECT, e->subject);
    set_span(slot, E_ACTOR, e->actor);
    set_span(slot, E_SYSTEM, e->system);
    set_span(slot, E_PROVIDER, e->provider);
    set_span(slot, E_MODEL, e->model);
    set_span(slot, E_OPERATION, e->operation);
    set_span(slot, E_STATUS, e->status);
    set_span(slot, E_DECISION, e->decision);
    set_span(slot, E_RECORDED_BY, e->recorded_by);
    set_span(slot, E_DIGEST, e->digest);
    set_span(slot, E_COMMITMENT, e->commitment);
    set_span(slot, E_PREV, e->prev);
    set_span(slot, E_HASH, e->hash);
    set_span(slot, E_BODY, e->body);
    ExecStoreVirtualTuple(slot);
}

void fill_content(TupleTableSlot *slot, const aigov_entry *e,
                  const aigov_content *c)
{
    ExecClearTuple(slot);
    set(slot, C_LOG, Int32GetDatum((int32)e->log));
    set(slot, C_LANE, Int32GetDatum((int32)e->lane));
    set(slot, C_SEQ, Int64GetDatum(e->seq));
    set(slot, C_AT, TimestampTzGetDatum(c->at - EPOCH_SHIFT));
    set_span(slot, C_SALT, c->salt);
    set_span(slot, C_BODY, c->body);
    ExecStoreVirtualTuple(slot);
}

void insert_row(writer *w, target *t)
{
    table_tuple_insert(t->rel, t->slot, GetCurrentCommandId(true), 0, NULL);
    compat_insert_index(t->rri, t->slot, w->estate, false, NULL, NIL);
}

/* False where a rival took the id meanwhile; then nothing is left behind. */
static bool insert_speculative(writer *w, target *t)
{
    TransactionId xid = GetCurrentTransactionId();
    uint32 token = SpeculativeInsertionLockAcquire(xid);
    bool conflict = false;

    table_tuple_insert_speculative(t->rel, t->slot, GetCurrentCommandId(true),
                                   0, NULL, token);
    compat_insert_index(t->rri, t->slot, w->estate, true, &conflict,
                        t->arbiters);
    table_tuple_complete_speculative(t->rel, t->slot, token, !conflict);
    SpeculativeInsertionLockRelease(xid);
    return !conflict;
}

/* --- duplicates
 * ------------------------------------------------------------------------ */

static bool same_record(writer *w, aigov_record *r, const aigov_entry *e,
                        aigov_span salt)
{
    uint8_t digest[AIGOV_HASH_LEN];
    aigov_error err;

    if (e->digest.n != AIGOV_HASH_LEN || !aigov_record_draft(r)->digested)
        return false;
    core_try(aigov_record_digest(r, (const uint8_t *)salt.p, digest, &err));
    return memcmp(digest, e->digest.p, sizeof digest) == 0;
}

/* Whether the detectors were those of now: else the same record may have left
 * another digest. */
static bool same_rules(aigov_record *r, const aigov_entry *e)
{
    aigov_span rules = aigov_record_draft(r)->rules;
    char *stored = json_member(e->body, "rules");
    uint8_t was[AIGOV_HASH_LEN];

    if (!stored || !rules.p)
        return !stored && !rules.p;
    return aigov_hex_parse(aigov_str(stored), was, sizeof was) &&
           memcmp(was, rules.p, sizeof was) == 0;
}

/* What the second arrival of an id gets (ARCHITECTURE, id). */
static aigov_status judge(writer *w, aigov_record *r, const aigov_entry *e,
                          aigov_duplicate *answer, aigov_error *err)
{
    HeapTuple tuple;
    row_reader reader;
    aigov_content c;

    if (e->log != w->own->log || !login_is_ours(e->recorded_by))
        return aigov_fail(err, AIGOV_TAKEN, AIGOV_NO_POS, "the id is taken");
    *answer = AIGOV_DUP_UNCHECKED;
    tuple = row_at(w->content.rel, SnapshotSelf, (int32)e->log, (int32)e->lane,
                   e->seq);
    if (!HeapTupleIsValid(tuple))
        return AIGOV_OK;
    reader_init(&reader, w->content.rel);
    reader_content(&reader, tuple, &c);
    if (c.salt.n != 32 || !same_rules(r, e))
        return AIGOV_OK;
    *answer = AIGOV_DUP_SAME;
    if (same_record(w, r, e, c.salt))
        return AIGOV_OK;
    aigov_fail(err, AIGOV_TAKEN, AIGOV_NO_POS, "the id is taken");
    return aigov_hint(err, "another record has it; give each record its own "
                           "UUIDv7");
}

/* The reader has the texts of ids, so it lives as long as the entry. */
static void fetch(target *t, ItemPointer tid, aigov_entry *e)
{
    row_reader *reader = palloc(sizeof *reader);
    TupleTableSlot *slot = MakeSingleTupleTableSlot(
        RelationGetDescr(t->rel), table_slot_callbacks(t->rel));
    bool free_it;

    if (!table_tuple_fetch_row_version(t->rel, tid, SnapshotAny, slot))
        elog(ERROR, "could not fetch the entry that has the id");
    reader_init(reader, t->rel);
    reader_entry(reader,
                 heap_copytuple(ExecFetchSlotHeapTuple(slot, true, &free_it)),
                 e);
    ExecDropSingleTupleTableSlot(slot);
}

aigov_status write_duplicate(writer *w, aigov_record *r, aigov_buf *out,
                             aigov_entry *e, aigov_duplicate *answer,
                             aigov_error *err)
{
    target *t = &w->entry;
    const aigov_draft *d = aigov_record_draft(r);
    pg_uuid_t *id = palloc(sizeof *id);
    ItemPointerData tid;

    if (t->arbiters == NIL)
        fail(AIGOV_STATE, "SELECT * FROM aigov.verify() says what differs",
             "table aigov.entry has no unique index on id and log");
    memcpy(id->data, d->id, sizeof id->data);
    ExecClearTuple(t->slot);
    set(t->slot, E_LOG, Int32GetDatum(w->own->log));
    set(t->slot, E_ID, UUIDPGetDatum(id));
    ExecStoreVirtualTuple(t->slot);
    if (compat_check_index(t->rri, t->slot, w->estate, &tid, t->arbiters))
        return AIGOV_NOENTRY;
    fetch(t, &tid, e);
    if (judge(w, r, e, answer, err) != AIGOV_OK)
        return err->code;
    return out ? aigov_receipt(e, *answer, out, err) : AIGOV_OK;
}

bool is_fatal(aigov_status code)
{
    return code == AIGOV_NOMEM || code == AIGOV_CRYPTO ||
           code == AIGOV_CANCELED;
}

/* --- an entry
 * ------------------------------------------------------------------------------
 */

static void stamp_place(writer *w, const aigov_draft *d, aigov_stamps *s,
                        lane_head *head)
{
    lane_head *zero = &w->zero;
    bool governance = d->governance;
    int64 now;

    s->log = w->own->log;
    if (governance) {
        lane_wait(w->own->entry, 0);
        lane_read(&w->entry, w->own->log, 0, head);
        s->lane = 0;
    } else {
        s->lane = lane_take(&w->entry, w->own->log, head);
        if (zero->seq == 0)
            lane_read(&w->entry, w->own->log, 0, zero);
        s->under = (aigov_span){(const char *)zero->hash, AIGOV_HASH_LEN};
        if (zero->seq == 0)
            fail(AIGOV_CHAIN, "SELECT * FROM aigov.verify()",
                 "lane 0 of the log is gone");
    }
    now = d->judge ? d->judge->now : clock_now();
    s->seq = head->seq + 1;
    /* a new lane begins no earlier than lane 0 stands, clock set back or not:
     * verify would call it backdated */
    s->at = Max(now, head->seq > 0 || governance ? head->at : zero->at);
}

/* What a decision was taken with stands in its entry. */
void stamp_id(aigov_ctx *ctx, const aigov_draft *d, aigov_stamps *s)
{
    aigov_error err;

    if (d->judge) {
        memcpy(s->id, d->has_id ? d->id : d->judge->id, sizeof s->id);
        memcpy(s->salt, d->judge->salt, sizeof s->salt);
        return;
    }
    if (d->has_id)
        memcpy(s->id, d->id, sizeof s->id);
    else
        core_try(aigov_uuid7(ctx, s->at, s->id, &err));
    core_try(aigov_random(ctx, s->salt, sizeof s->salt, &err));
}

/* Everything in an entry that does not come from the record. */
void write_stamp(writer *w, const aigov_draft *d, aigov_stamps *s)
{
    static char tx[24];
    core_state *c = core();
    lane_head head;
    aigov_error err;

    stamp_place(w, d, s, &head);
    if (head.seq > 0)
        memcpy(s->prev, head.hash, sizeof s->prev);
    else
        core_try(aigov_lane_start(c->ctx, own_origin(w->own), s->lane, s->prev,
                                  &err));
    stamp_id(c->ctx, d, s);
    snprintf(tx, sizeof tx, UINT64_FORMAT,
             U64FromFullTransactionId(GetTopFullTransactionId()));
    s->tx = aigov_str(tx);
    s->recorded_by = recorded_by_now();
    s->evidence = d->evidence;
    s->decision = d->decision;
    s->rules = d->rules;
}

/* A rival came between our check and our insert: its content row goes. */
static void take_back_content(writer *w)
{
    ItemPointerData tid = w->content.slot->tts_tid;

    CommandCounterIncrement();
    simple_table_tuple_delete(w->content.rel, &tid, SnapshotSelf);
}

/* Content, then entry; false where a rival took the id meanwhile. */
static bool insert_both(writer *w, bool has_id, const aigov_entry *e,
                        const aigov_content *c)
{
    fill_content(w->content.slot, e, c);
    insert_row(w, &w->content);
    fill_entry(w->entry.slot, e);
    if (!has_id) {
        insert_row(w, &w->entry);
        return true;
    }
    if (insert_speculative(w, &w->entry))
        return true;
    take_back_content(w);
    return false;
}

aigov_status write_entry(writer *w, aigov_record *r, int64 revision,
                         aigov_buf *out, aigov_entry *e,
                         aigov_duplicate *answer, aigov_error *err)
{
    const aigov_draft *d = aigov_record_draft(r);
    aigov_stamps s = {.revision = revision};
    aigov_content c;

    *answer = AIGOV_DUP_NO;
    do {
        if (d->has_id) {
            aigov_status st = write_duplicate(w, r, out, e, answer, err);

            if (st != AIGOV_NOENTRY)
                return st;
        }
        write_stamp(w, d, &s);
        if (turns_find(w, r, s.id, err) != AIGOV_OK ||
            aigov_record_seal(r, &s, e, &c, NULL, err) != AIGOV_OK)
            return err->code;
    } while (!insert_both(w, d->has_id, e, &c));
    turns_hold(w, r, e);
    turns_write(w);
    ResetPerTupleExprContext(w->estate);
    return out ? aigov_receipt(e, AIGOV_DUP_NO, out, err) : AIGOV_OK;
}

static void write_made(writer *w, const aigov_rules *rules, const char *kind,
                       aigov_span subject, aigov_span fields, aigov_buf *out)
{
    aigov_record *r = core()->extra;
    aigov_duplicate answer;
    aigov_entry e;
    aigov_error err;

    aigov_record_use(r, rules);
    core_try(aigov_record_make(r, aigov_str(kind), subject, fields, &err));
    core_try(write_entry(w, r, 0, out, &e, &answer, &err));
}

void write_own(writer *w, const char *kind, aigov_span subject,
               aigov_span fields, aigov_buf *out)
{
    write_made(w, NULL, kind, subject, fields, out);
}

void write_told(writer *w, const char *kind, aigov_span subject,
                aigov_span fields, aigov_buf *out)
{
    rules_of_writer(w);
    write_made(w, w->rules, kind, subject, fields, out);
    memset(&w->zero, 0, sizeof w->zero);
}
