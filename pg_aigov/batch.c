/*
 * batch.c - many records in one transaction, one lane, one pass
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.append_batch(records text | json | jsonb | text[])
 *
 * gives one JSON array, an object per record in order:
 *
 *   n         1 for the first
 *   result    appended, duplicate or refused
 *   receipt   as aigov.append's, or null
 *   error     {"code":"IG103","hint":...,"message":...,"pos":...}, or null
 *
 * All records are read before the first is inserted; one that is refused does
 * not fail the others.  The good ones take one lane and read its head once, are
 * chained in memory and inserted in bulk.  There is no subtransaction per
 * record (500 of them overflow every snapshot's cache): only where producers
 * gave ids does one subtransaction stand around the bulk insert, and where a
 * rival took an id meanwhile the batch is done again one by one, by the
 * speculative protocol.
 *
 * Where a decision depends on the records before it (a budget, an exception
 * that may be used up, an answer and its request, a call asked again), each
 * record is decided and inserted before the next is decided.
 */
#include "pg_aigov.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/hsearch.h"
#include "utils/jsonb.h"
#include "utils/resowner.h"

#include "catalog/pg_type.h"

/* Records kept read; of a larger batch the rest is read twice, so that all is
 * read before the first insert and memory stays bounded. */
#define POOL 512
/* Rows inserted at once: enough to fill pages, few enough for the cache. */
#define PIECE BATCH_PIECE
/* What a pool may keep from one batch to the next: to give memory back to the
 * system and to fetch it again costs more than to write the rows. */
#define KEEP_POOL ((Size)16 << 20)

typedef struct pool {
    MemoryContext cxt;
    aigov_ctx *ctx;
    aigov_record *record[POOL];
    aigov_record *spare;
    aigov_buf out;
} pool;

typedef enum outcome { PENDING, APPENDED, DUPLICATE, REFUSED } outcome;

typedef struct item {
    aigov_span json;
    outcome outcome;
    bool has_id;
    uint8_t id[16];
    bool governance;
    aigov_judge judge;
    aigov_error *error;
    char *receipt;
} item;

typedef struct batch {
    writer w;
    MemoryContext cxt; /* of the call */
    item *item;
    int n;
    int first;    /* of the POOL items that are inserted now */
    bool in_turn; /* each is decided when those before it are inserted */
    pool *pool;
    TupleTableSlot *entry[PIECE], *content[PIECE];
} batch;

/* --- the pool ------------------------------------------------------------ */

/* Not in use by a batch of this backend; a batch inside a batch (an index
 * expression that appends) gets one of its own. */
static pool *idle;

static void give_back(void *arg)
{
    pool *p = arg;

    if (!idle && MemoryContextMemAllocated(p->cxt, true) <= KEEP_POOL) {
        idle = p;
        return;
    }
    aigov_ctx_free(p->ctx);
    MemoryContextDelete(p->cxt);
}

static pool *new_pool(void)
{
    MemoryContext cxt = AllocSetContextCreate(TopMemoryContext, "aigov batch",
                                              ALLOCSET_DEFAULT_SIZES);
    pool *p = MemoryContextAllocZero(cxt, sizeof *p);
    aigov_error err;

    p->cxt = cxt;
    p->ctx = core_context(cxt);
    aigov_buf_init(&p->out, p->ctx);
    core_try(aigov_record_new(p->ctx, &p->spare, &err));
    return p;
}

/* Goes back when the memory of the call goes, after an error too. */
static pool *take_pool(void)
{
    MemoryContextCallback *cb = palloc(sizeof *cb);

    cb->arg = idle ? idle : new_pool();
    idle = NULL;
    cb->func = give_back;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, cb);
    return cb->arg;
}

/* --- reading
 * ------------------------------------------------------------------- */

static void refuse(item *i, const aigov_error *err)
{
    i->outcome = REFUSED;
    i->error = palloc(sizeof *err);
    *i->error = *err;
}

/* Whether its decision reads what a record before it may have written. */
static bool depends(const item *i, const aigov_draft *d)
{
    return d->judge &&
           (aigov_policies_read_ledger(i->judge.policies) ||
            (d->has_interaction && !aigov_span_is(d->kind, "interaction")));
}

static void read_one(batch *b, item *i, aigov_record *r)
{
    aigov_error err;

    if (record_read(&b->w, r, &i->judge, i->json, &err) != AIGOV_OK) {
        if (is_fatal(err.code))
            core_throw(&err);
        refuse(i, &err);
        return;
    }
    b->in_turn = b->in_turn || depends(i, aigov_record_draft(r));
    i->has_id = aigov_record_draft(r)->has_id;
    i->governance = aigov_record_draft(r)->governance;
    memcpy(i->id, aigov_record_draft(r)->id, sizeof i->id);
}

static void read_all(batch *b)
{
    pool *p = b->pool;
    aigov_error err;
    int n;

    for (n = 0; n < b->n; n++) {
        CHECK_FOR_INTERRUPTS();
        if (n < POOL && !p->record[n])
            core_try(aigov_record_new(p->ctx, &p->record[n], &err));
        read_one(b, &b->item[n], n < POOL ? p->record[n] : p->spare);
    }
}

/* The next POOL items; the first are read already.  They decide anew: the rules
 * that the first were read with may be gone. */
static void read_again(batch *b)
{
    int n;

    if (b->first > 0)
        rules_of_writer(&b->w);
    for (n = b->first; b->first > 0 && n < b->n && n < b->first + POOL; n++) {
        if (b->item[n].outcome == PENDING)
            read_one(b, &b->item[n], b->pool->record[n - b->first]);
    }
}

static aigov_record *record_of(batch *b, item *i)
{
    return b->pool->record[i - b->item - b->first];
}

/* --- one by one
 * ------------------------------------------------------------------- */

static void keep_receipt(batch *b, item *i)
{
    MemoryContext old = MemoryContextSwitchTo(b->cxt);

    i->receipt = span_cstring(aigov_buf_span(&b->pool->out));
    MemoryContextSwitchTo(old);
}

static void append_one(batch *b, item *i)
{
    aigov_duplicate answer;
    aigov_entry e;
    aigov_error err;

    b->pool->out.n = 0;
    if (write_entry(&b->w, record_of(b, i), 0, &b->pool->out, &e, &answer,
                    &err) == AIGOV_OK) {
        i->outcome = answer == AIGOV_DUP_NO ? APPENDED : DUPLICATE;
        keep_receipt(b, i);
        return;
    }
    if (is_fatal(err.code))
        core_throw(&err);
    refuse(i, &err);
}

/* --- in bulk
 * ------------------------------------------------------------------------- */

/* Ids that are there, or twice in the batch, are answered one by one. */
static bool is_plain(batch *b, HTAB *seen, item *i)
{
    bool twice;

    if (i->outcome != PENDING || i->governance)
        return false;
    if (!i->has_id)
        return true;
    hash_search(seen, i->id, HASH_ENTER, &twice);
    return !twice;
}

static HTAB *id_table(void)
{
    HASHCTL ctl = {0};

    ctl.keysize = 16;
    ctl.entrysize = 16;
    ctl.hcxt = CurrentMemoryContext;
    return hash_create("aigov batch", POOL, &ctl,
                       HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Stamps of a record that follows another in memory. */
static void follow(batch *b, const aigov_draft *d, aigov_stamps *s,
                   const aigov_entry *before)
{
    int64 now = d->judge ? d->judge->now : clock_now();

    memcpy(s->prev, before->hash.p, sizeof s->prev);
    s->seq = before->seq + 1;
    s->at = Max(now, before->at);
    stamp_id(b->pool->ctx, d, s);
    s->evidence = d->evidence;
    s->decision = d->decision;
    s->rules = d->rules;
}

static void insert_all(batch *b, target *t, TupleTableSlot **slot, int n)
{
    int k;

    table_multi_insert(t->rel, slot, n, GetCurrentCommandId(true), 0, NULL);
    for (k = 0; k < n; k++) {
        compat_insert_index(t->rri, slot[k], b->w.estate, false, NULL, NIL);
        ResetPerTupleExprContext(b->w.estate);
    }
}

static TupleTableSlot *slot_of(batch *b, TupleTableSlot **slot, target *t)
{
    MemoryContext old;

    if (!*slot) {
        old = MemoryContextSwitchTo(b->w.estate->es_query_cxt);
        *slot = ExecInitExtraTupleSlot(b->w.estate, RelationGetDescr(t->rel),
                                       &TTSOpsVirtual);
        memset((*slot)->tts_isnull, true, RelationGetDescr(t->rel)->natts);
        MemoryContextSwitchTo(old);
    }
    return ExecClearTuple(*slot);
}

/* Seal one on the one before; false where the record itself is at fault. */
static bool seal(batch *b, item *i, int place, aigov_stamps *s, aigov_entry *e)
{
    const aigov_draft *d = aigov_record_draft(record_of(b, i));
    aigov_entry made;
    aigov_content c;
    aigov_error err;

    if (place == 0)
        write_stamp(&b->w, d, s);
    else
        follow(b, d, s, e);
    if (turns_find(&b->w, record_of(b, i), s->id, &err) != AIGOV_OK ||
        aigov_record_seal(record_of(b, i), s, &made, &c, NULL, &err) !=
            AIGOV_OK) {
        if (is_fatal(err.code))
            core_throw(&err);
        return false;
    }
    *e = made;
    turns_hold(&b->w, record_of(b, i), e);
    fill_content(slot_of(b, &b->content[place], &b->w.content), e, &c);
    fill_entry(slot_of(b, &b->entry[place], &b->w.entry), e);
    b->pool->out.n = 0;
    core_try(aigov_receipt(e, AIGOV_DUP_NO, &b->pool->out, &err));
    keep_receipt(b, i);
    return true;
}

/* Those that cannot be sealed have no receipt and are refused one by one. */
static void bulk_piece(batch *b, item **plain, int n)
{
    MemoryContext rows = AllocSetContextCreate(
        CurrentMemoryContext, "aigov batch rows", ALLOCSET_DEFAULT_SIZES);
    MemoryContext old = MemoryContextSwitchTo(rows);
    aigov_stamps s = {.revision = 0};
    aigov_entry e;
    int k, place = 0;

    for (k = 0; k < n; k++) {
        plain[k]->receipt = NULL;
        if (seal(b, plain[k], place, &s, &e))
            place++;
    }
    if (place > 0) {
        insert_all(b, &b->w.content, b->content, place);
        insert_all(b, &b->w.entry, b->entry, place);
        turns_write(&b->w);
    }
    MemoryContextSwitchTo(old);
    MemoryContextDelete(rows);
}

static void bulk(batch *b, item **plain, int n)
{
    int k;

    for (k = 0; k < n; k += PIECE)
        bulk_piece(b, plain + k, Min(PIECE, n - k));
}

/* The bulk insert where ids may be taken by a rival: false, and undone, then.
 */
static bool bulk_or_rival(batch *b, item **plain, int n)
{
    MemoryContext old = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    lane_head zero = b->w.zero; /* with which the records were read */
    volatile bool ok = true;

    write_end(&b->w);
    BeginInternalSubTransaction(NULL);
    MemoryContextSwitchTo(old);
    PG_TRY();
    {
        memset(b->entry, 0, sizeof b->entry);
        memset(b->content, 0, sizeof b->content);
        write_begin(&b->w, "aigov.append_batch()");
        b->w.zero = zero;
        bulk(b, plain, n);
        write_end(&b->w);
        ReleaseCurrentSubTransaction();
    }
    PG_CATCH();
    {
        ErrorData *data;

        MemoryContextSwitchTo(old);
        data = CopyErrorData();
        if (data->sqlerrcode != ERRCODE_UNIQUE_VIOLATION)
            PG_RE_THROW();
        FlushErrorState();
        RollbackAndReleaseCurrentSubTransaction();
        ok = false;
    }
    PG_END_TRY();
    MemoryContextSwitchTo(old);
    CurrentResourceOwner = owner;
    write_begin(&b->w, "aigov.append_batch()");
    b->w.zero = zero;
    memset(b->entry, 0, sizeof b->entry);
    memset(b->content, 0, sizeof b->content);
    return ok;
}

/* An id that is there already gets its answer at once. */
static bool is_known(batch *b, item *i)
{
    aigov_duplicate answer;
    aigov_entry e;
    aigov_error err;
    aigov_status st;

    b->pool->out.n = 0;
    st = write_duplicate(&b->w, record_of(b, i), &b->pool->out, &e, &answer,
                         &err);
    if (st == AIGOV_OK) {
        i->outcome = DUPLICATE;
        keep_receipt(b, i);
    } else if (st != AIGOV_NOENTRY) {
        refuse(i, &err);
    }
    return st != AIGOV_NOENTRY;
}

static void append_bulk(batch *b)
{
    HTAB *seen = id_table();
    item *plain[POOL];
    bool ids = false, ok = false;
    int n, count = 0;

    for (n = b->first; n < b->n && n < b->first + POOL; n++) {
        item *i = &b->item[n];

        if (!is_plain(b, seen, i) || (i->has_id && is_known(b, i)))
            continue;
        plain[count++] = i;
        ids = ids || i->has_id;
    }
    if (count < 2)
        return;
    ok = ids ? bulk_or_rival(b, plain, count) : (bulk(b, plain, count), true);
    for (n = 0; n < count; n++) {
        if (ok && plain[n]->receipt)
            plain[n]->outcome = APPENDED;
    }
}

/* --- the answer
 * ---------------------------------------------------------------------------
 */

static bool put_error(aigov_buf *b, const aigov_error *e)
{
    char code[24];

    snprintf(code, sizeof code, "{\"code\":\"IG%03d\"", (int)e->code);
    return aigov_buf_puts(b, code) && aigov_buf_puts(b, ",\"hint\":") &&
           aigov_buf_put_json_string(b, aigov_str(e->hint)) &&
           aigov_buf_puts(b, ",\"message\":") &&
           aigov_buf_put_json_string(b, aigov_str(e->text)) &&
           (e->pos == AIGOV_NO_POS ||
            (aigov_buf_puts(b, ",\"pos\":") &&
             aigov_buf_put_i64(b, (int64_t)e->pos))) &&
           aigov_buf_puts(b, "}");
}

static bool put_answer(aigov_buf *b, int n, const item *i)
{
    static const char *const result[] = {"", "appended", "duplicate",
                                         "refused"};

    return aigov_buf_puts(b, n > 0 ? ",{\"error\":" : "{\"error\":") &&
           (i->error ? put_error(b, i->error) : aigov_buf_puts(b, "null")) &&
           aigov_buf_puts(b, ",\"n\":") && aigov_buf_put_i64(b, n + 1) &&
           aigov_buf_puts(b, ",\"receipt\":") &&
           aigov_buf_puts(b, i->receipt ? i->receipt : "null") &&
           aigov_buf_puts(b, ",\"result\":\"") &&
           aigov_buf_puts(b, result[i->outcome]) && aigov_buf_puts(b, "\"}");
}

static Datum answer(batch *b)
{
    int n;

    b->pool->out.n = 0;
    core_enough(aigov_buf_puts(&b->pool->out, "["));
    for (n = 0; n < b->n; n++) {
        core_enough(put_answer(&b->pool->out, n, &b->item[n]));
        if (b->item[n].receipt)
            receipt_keep(aigov_str(b->item[n].receipt));
    }
    core_enough(aigov_buf_puts(&b->pool->out, "]"));
    return span_datum(aigov_buf_span(&b->pool->out));
}

/* Decided anew, now that those before it are there. */
static void append_in_turn(batch *b)
{
    int n;

    for (n = b->first; n < b->n && n < b->first + POOL; n++) {
        item *i = &b->item[n];

        CHECK_FOR_INTERRUPTS();
        if (i->outcome == PENDING)
            read_one(b, i, record_of(b, i));
        if (i->outcome == PENDING)
            append_one(b, i);
    }
}

static Datum append_all(batch *b)
{
    int n;

    write_open(&b->w, "aigov.append_batch()");
    rules_of_writer(&b->w);
    read_all(b);
    write_ready(&b->w);
    for (b->first = 0; b->first < b->n; b->first += POOL) {
        read_again(b);
        if (b->in_turn) {
            append_in_turn(b);
            continue;
        }
        append_bulk(b);
        for (n = b->first; n < b->n && n < b->first + POOL; n++) {
            CHECK_FOR_INTERRUPTS();
            if (b->item[n].outcome == PENDING)
                append_one(b, &b->item[n]);
        }
    }
    write_end(&b->w);
    return answer(b);
}

/* --- SQL
 * --------------------------------------------------------------------------------------
 */

static batch *new_batch(void)
{
    batch *b = palloc0(sizeof *b);

    b->cxt = CurrentMemoryContext;
    b->pool = take_pool();
    return b;
}

static void add(batch *b, aigov_span json)
{
    if (b->n % POOL == 0)
        b->item = b->n ? repalloc_huge(b->item, (b->n + POOL) * sizeof *b->item)
                       : palloc(POOL * sizeof *b->item);
    memset(&b->item[b->n], 0, sizeof *b->item);
    b->item[b->n++].json = json;
}

static Datum append_text(aigov_span records)
{
    batch *b = new_batch();
    aigov_span element;
    size_t pos = 0;
    aigov_error err;

    for (;;) {
        core_try(aigov_json_elements(records, &pos, &element, &err));
        if (!element.p)
            break;
        add(b, element);
    }
    return append_all(b);
}

PG_FUNCTION_INFO_V1(pg_aigov_append_batch);

Datum pg_aigov_append_batch(PG_FUNCTION_ARGS)
{
    return append_text(arg_bytes(fcinfo, 0, "records"));
}

PG_FUNCTION_INFO_V1(pg_aigov_append_batch_jsonb);

Datum pg_aigov_append_batch_jsonb(PG_FUNCTION_ARGS)
{
    return append_text(arg_jsonb(fcinfo, 0, "records"));
}

PG_FUNCTION_INFO_V1(pg_aigov_append_batch_array);

Datum pg_aigov_append_batch_array(PG_FUNCTION_ARGS)
{
    batch *b = new_batch();
    Datum *values;
    bool *nulls;
    int n, i;

    if (PG_ARGISNULL(0))
        fail(AIGOV_NULLARG, NULL, "records is NULL");
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false,
                      TYPALIGN_INT, &values, &nulls, &n);
    for (i = 0; i < n; i++)
        add(b, nulls[i] ? AIGOV_LIT("") : datum_span(values[i]));
    return append_all(b);
}
