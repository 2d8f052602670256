/*
 * batch.c - many records in one transaction and one round trip
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   batch.text   {...}{...}{...}        the records, ids put in
 *   batch.item    ^    ^    ^           where each begins, what became of it
 *        sent    [{...},{...}]          those that were not refused here
 *        answer  [{"n":1,"result":"appended","receipt":{...},"error":null},...]
 *
 * PostgreSQL's append_batch takes text, and text must be UTF-8.  A record that
 * is not goes alone, after the others, to the append that takes bytes.
 *
 * `add` collects into the handle's pending batch.  `flush` takes that batch out
 * of the handle, sends it under the lock and gives the receipts after the lock
 * is released, so that a callback may append.
 */
#include <string.h>

#include "appender.h"

/* --- a batch ------------------------------------------------------------- */

void batch_free(aigov_appender *a, batch *b)
{
    aigov_mfree(a->ctx, b->item, b->cap * sizeof *b->item);
    aigov_buf_free(&b->text);
    b->item = NULL;
    b->items = b->cap = 0;
}

static aigov_status batch_reserve(aigov_appender *a, batch *b, size_t items,
                                  aigov_error *err)
{
    size_t cap = b->cap;
    item *p;

    if (items <= cap)
        return AIGOV_OK;
    while (cap < items)
        cap = cap == 0 ? 16 : 2 * cap;
    p = aigov_realloc(a->ctx, b->item, b->cap * sizeof *p, cap * sizeof *p);
    if (p == NULL)
        return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    b->item = p;
    b->cap = cap;
    return AIGOV_OK;
}

/* Take one record in.  One that is refused here is an item too. */
static aigov_status batch_add(aigov_appender *a, batch *b,
                              const aigov_appender_record *record,
                              aigov_error *err)
{
    aigov_span json = {record->json, record->n};
    size_t at = b->text.n;
    aigov_status st = batch_reserve(a, b, b->items + 1, err);
    item *it;

    if (st != AIGOV_OK)
        return st;
    it = &b->item[b->items];
    it->at = at;
    it->given = record->n;
    it->tag = record->tag;
    receipt_clear(&it->receipt);
    st = record_with_id(a, json, &b->text, it->receipt.id, err);
    if (st == AIGOV_NOMEM)
        return st;
    if (st != AIGOV_OK) {
        receipt_failed(&it->receipt, err, NULL, false);
        /* as given, for the callback */
        if (json.p != NULL && !aigov_buf_put(&b->text, json.p, json.n))
            return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    }
    it->n = b->text.n - at;
    it->alone = !a->backend->ops->sqlite && st == AIGOV_OK &&
                aigov_utf8_valid(json) < json.n;
    b->items++;
    return AIGOV_OK;
}

/* --- the answer ---------------------------------------------------------- */

static aigov_span member_text(const aigov_json *j, uint32_t object,
                              const char *name)
{
    uint32_t i = aigov_json_get(j, object, name);

    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

/* {"code":"IG103","hint":...,"message":...,"pos":...} */
static void read_error(const aigov_json *j, uint32_t i, const item *it,
                       aigov_error *e)
{
    aigov_span code = member_text(j, i, "code");
    aigov_span text = member_text(j, i, "message");
    aigov_span hint = member_text(j, i, "hint");
    aigov_span stage = member_text(j, i, "stage");
    uint32_t at = aigov_json_get(j, i, "pos");
    int64_t pos = -1;
    int number = 0;

    for (size_t k = 2; k < code.n && code.p[k] >= '0' && code.p[k] <= '9'; k++)
        number = number * 10 + (code.p[k] - '0');
    if (number == 0 || number > AIGOV_STATUS_MAX_)
        number = AIGOV_IO;
    if (at != 0)
        aigov_json_i64(j, at, &pos);
    aigov_fail(e, (aigov_status)number,
               pos < 0                   ? AIGOV_NO_POS
               : (size_t)pos > it->given ? it->given
                                         : (size_t)pos,
               "%.*s", (int)text.n, text.p == NULL ? "" : text.p);
    if (hint.n > 0)
        aigov_hint(e, "%.*s", (int)hint.n, hint.p);
    if (stage.n > 0 && stage.n < sizeof e->stage)
        memcpy(e->stage, stage.p, stage.n);
}

/* What the answer says of one item. */
static aigov_status read_one(aigov_appender *a, const aigov_json *j, uint32_t i,
                             item *it, aigov_error *err)
{
    uint32_t receipt = aigov_json_get(j, i, "receipt");
    uint32_t error = aigov_json_get(j, i, "error");
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_status st;

    if (receipt != 0 && j->node[receipt].type == AIGOV_JSON_OBJECT) {
        a->one.n = 0;
        st = aigov_json_canonical(j, receipt, &a->one, err);
        if (st == AIGOV_OK)
            receipt_persisted(a, &it->receipt, aigov_buf_span(&a->one));
        return st;
    }
    if (error == 0 || j->node[error].type != AIGOV_JSON_OBJECT)
        return aigov_fail(
            err, AIGOV_IO, AIGOV_NO_POS,
            "the answer to a batch has neither receipt nor error");
    read_error(j, error, it, &e);
    receipt_failed(&it->receipt, &e, NULL, false);
    return AIGOV_OK;
}

/* The answer, element by element, to the items that were sent. */
static aigov_status read_answer(aigov_appender *a, batch *b, aigov_error *err)
{
    aigov_json j = {.ctx = a->ctx};
    uint32_t at = 1;
    aigov_status st =
        aigov_json_read(&j, AIGOV_JSON_STRICT, aigov_buf_span(&a->out), err);

    if (st == AIGOV_OK && j.node[0].type != AIGOV_JSON_ARRAY)
        st = aigov_fail(err, AIGOV_IO, AIGOV_NO_POS,
                        "the answer to a batch is no array");
    for (size_t k = 0; st == AIGOV_OK && k < b->items; k++) {
        if (b->item[k].receipt.error.code != 0 || b->item[k].alone)
            continue;
        if (at >= j.nodes)
            st = aigov_fail(err, AIGOV_IO, AIGOV_NO_POS,
                            "the answer to a batch is too short");
        else
            st = read_one(a, &j, at, &b->item[k], err);
        if (st == AIGOV_OK)
            at = j.node[at].next;
    }
    aigov_json_free(&j);
    return st;
}

/* --- sending ------------------------------------------------------------- */

/* The array of what was not refused here; *sent: how many. */
static aigov_status join(aigov_appender *a, const batch *b, size_t *sent,
                         aigov_error *err)
{
    bool ok;

    *sent = 0;
    a->one.n = a->out.n = 0;
    ok = aigov_buf_puts(&a->one, "[");
    for (size_t k = 0; ok && k < b->items; k++) {
        const item *it = &b->item[k];

        if (it->receipt.error.code != 0 || it->alone)
            continue;
        ok = (*sent == 0 || aigov_buf_puts(&a->one, ",")) &&
             aigov_buf_put(&a->one, b->text.p + it->at, it->n);
        ++*sent;
    }
    if (ok && aigov_buf_puts(&a->one, "]"))
        return AIGOV_OK;
    return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
}

/* Every item without an outcome gets that of the batch. */
static void fail_rest(batch *b, const aigov_error *e, const char *sqlstate,
                      bool unsure)
{
    for (size_t k = 0; k < b->items; k++) {
        aigov_appender_receipt *r = &b->item[k].receipt;

        if (r->error.code == 0 && r->state == AIGOV_NOT_PERSISTED)
            receipt_failed(r, e, sqlstate, unsure && !b->item[k].alone);
    }
}

/* All that goes as one array. */
static aigov_status send_array(aigov_appender *a, batch *b, aigov_error *e)
{
    size_t sent;
    aigov_status st = join(a, b, &sent, e);

    if (st != AIGOV_OK) {
        fail_rest(b, e, NULL, false);
        return st;
    }
    if (sent == 0)
        return AIGOV_OK;
    st = a->backend->ops->call(a->backend, BACKEND_BATCH,
                               aigov_buf_span(&a->one), &a->out, e);
    if (st != AIGOV_OK) {
        e->pos = AIGOV_NO_POS; /* an offset in the array means nothing here */
        fail_rest(b, e, a->backend->sqlstate, a->backend->unsure);
        return st;
    }
    st = read_answer(a, b, e);
    if (st != AIGOV_OK)
        fail_rest(b, e, NULL, true); /* committed; what it said is lost */
    return st;
}

static void send_alone(aigov_appender *a, const batch *b, item *it)
{
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_span json = {aigov_buf_span(&b->text).p + it->at, it->n};

    a->out.n = 0;
    if (a->backend->ops->call(a->backend, BACKEND_ONE, json, &a->out, &e) ==
        AIGOV_OK)
        receipt_persisted(a, &it->receipt, aigov_buf_span(&a->out));
    else
        receipt_failed(&it->receipt, &e, a->backend->sqlstate,
                       a->backend->unsure);
}

static int batch_send(aigov_appender *a, batch *b, aigov_appender_error *err)
{
    aigov_error e = {.pos = AIGOV_NO_POS};

    if (send_array(a, b, &e) != AIGOV_OK)
        return error_set(err, &e, a->backend->sqlstate);
    for (size_t k = 0; k < b->items; k++)
        if (b->item[k].alone)
            send_alone(a, b, &b->item[k]);
    return 0;
}

/* --- the calls ----------------------------------------------------------- */

static int batch_refuse(aigov_appender_receipt *receipts, size_t n,
                        const aigov_appender_error *why)
{
    for (size_t i = 0; i < n; i++) {
        receipt_clear(&receipts[i]);
        receipts[i].error = *why;
    }
    return why->code;
}

int aigov_appender_append_batch(aigov_appender *a,
                                const aigov_appender_record *records, size_t n,
                                aigov_appender_receipt *receipts,
                                aigov_appender_error *err)
{
    aigov_appender_error local;
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_status st = AIGOV_OK;
    batch b = {.items = 0};
    int code;

    if (err == NULL)
        err = &local;
    if (handle_enter(a, err) != 0)
        return batch_refuse(receipts, n, err);
    aigov_buf_init(&b.text, a->ctx);
    for (size_t i = 0; st == AIGOV_OK && i < n; i++)
        st = batch_add(a, &b, &records[i], &e);
    if (st == AIGOV_OK) {
        code = batch_send(a, &b, err);
        for (size_t i = 0; i < n; i++)
            receipts[i] = b.item[i].receipt;
    } else {
        error_set(err, &e, NULL);
        code = batch_refuse(receipts, n, err);
    }
    batch_free(a, &b);
    handle_leave(a);
    return code;
}

/* Send a batch that was taken out of the handle; called under the lock, comes
 * back without it. */
static int send_and_tell(aigov_appender *a, batch *b, aigov_appender_error *err)
{
    int code = batch_send(a, b, err);

    handle_leave(a);
    for (size_t k = 0; k < b->items; k++) {
        item *it = &b->item[k];
        const char *json = aigov_buf_span(&b->text).p + it->at;
        aigov_appender_record record = {json, it->n, it->tag};

        if (a->receipt != NULL)
            a->receipt(a->receipt_host, &record, &it->receipt);
        aigov_appender_free(it->receipt.json);
    }
    batch_free(a, b);
    return code;
}

static batch take_pending(aigov_appender *a)
{
    batch b = a->pending;

    a->pending = (batch){.items = 0};
    aigov_buf_init(&a->pending.text, a->ctx);
    return b;
}

int aigov_appender_add(aigov_appender *a, const char *json, size_t n, void *tag,
                       aigov_appender_error *err)
{
    aigov_appender_record record = {json, n, tag};
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_appender_error local;
    batch b;

    if (err == NULL)
        err = &local;
    if (handle_enter(a, err) != 0)
        return err->code;
    if (batch_add(a, &a->pending, &record, &e) != AIGOV_OK) {
        handle_leave(a);
        return error_set(err, &e, NULL);
    }
    if (a->pending.items < a->batch_records &&
        a->pending.text.n < a->batch_bytes) {
        handle_leave(a);
        return 0;
    }
    b = take_pending(a);
    return send_and_tell(a, &b, err);
}

int aigov_appender_flush(aigov_appender *a, aigov_appender_error *err)
{
    aigov_appender_error local;
    batch b;

    if (err == NULL)
        err = &local;
    if (handle_enter(a, err) != 0)
        return err->code;
    b = take_pending(a);
    return send_and_tell(a, &b, err);
}
