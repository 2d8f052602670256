/*
 * erase.c - content goes, its evidence stays
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.erase(id, reason)             the receipt of the erasure
 *   aigov.erase('["...","..."]', reason)   an array of receipts
 *
 * Each entry gets one `erasure` entry on lane 0 whose subject is its id; its
 * content row is deleted, beneath the guard that refuses DELETE.  All of a list
 * or none of it.  What a hold in force covers is refused.
 */
#include "pg_aigov.h"

#include "access/heapam.h"

static void parse_id(aigov_span text, uint8_t id[16])
{
    if (!aigov_uuid_parse(text, id))
        fail(AIGOV_ARG, NULL, "an id is a UUID");
}

/* --- one entry
 * ------------------------------------------------------------------ */

static void delete_content(writer *w, HeapTuple content)
{
    simple_heap_delete(w->content.rel, &content->t_self);
    CommandCounterIncrement();
}

static void write_erasure(writer *w, const aigov_entry *e, aigov_span reason,
                          aigov_buf *out)
{
    aigov_buf b;

    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{") && member(&b, "target", e->id) &&
                member(&b, "reason", reason));
    if (e->commitment.p)
        core_enough(aigov_buf_puts(&b, ",\"commitment\":\"") &&
                    aigov_buf_put_hex(&b, (const uint8_t *)e->commitment.p,
                                      e->commitment.n) &&
                    aigov_buf_puts(&b, "\""));
    core_enough(aigov_buf_puts(&b, "}"));
    write_told(w, "erasure", e->id, aigov_buf_span(&b), out);
}

static void erase_one(writer *w, aigov_span text, aigov_span reason,
                      aigov_buf *out)
{
    HeapTuple entry, content;
    row_reader reader;
    aigov_entry e;
    uint8_t id[16];
    char *hold;

    parse_id(text, id);
    entry = row_by_id(w->entry.rel, SnapshotSelf, id, log_chain(w->own->log));
    if (!HeapTupleIsValid(entry))
        fail(AIGOV_NOENTRY, NULL, "no entry has this id");
    reader_init(&reader, w->entry.rel);
    reader_entry(&reader, entry, &e);
    content = row_at(w->content.rel, SnapshotSelf, (int32)e.log, (int32)e.lane,
                     e.seq);
    if (!HeapTupleIsValid(content))
        fail(AIGOV_STATE, NULL, "the content was erased already");
    hold = hold_over(w, &e);
    if (hold)
        fail(AIGOV_HOLD, "erase it when the hold is released",
             "entry %s is covered by hold %s", reader.id, hold);
    write_erasure(w, &e, reason, out);
    delete_content(w, content);
    turns_delete(w, &e);
}

/* --- all of them
 * ------------------------------------------------------------------- */

static void erase_list(writer *w, aigov_span list, aigov_span reason,
                       aigov_buf *out)
{
    aigov_json j = {.ctx = core_scratch()};
    aigov_error err;
    uint32_t i;

    core_try(aigov_json_read(&j, AIGOV_JSON_STRICT, list, &err));
    if (j.node[0].type != AIGOV_JSON_ARRAY &&
        j.node[0].type != AIGOV_JSON_STRING)
        fail(AIGOV_ARG, NULL, "the target is an id or a JSON array of ids");
    if (j.node[0].type == AIGOV_JSON_STRING) {
        erase_one(w, aigov_json_text(&j, 0), reason, out);
        return;
    }
    core_enough(aigov_buf_puts(out, "["));
    for (i = 1; i < j.node[0].next; i = j.node[i].next) {
        if (j.node[i].type != AIGOV_JSON_STRING)
            fail(AIGOV_ARG, NULL, "the target is an id or a JSON array of ids");
        if (i > 1)
            core_enough(aigov_buf_puts(out, ","));
        erase_one(w, aigov_json_text(&j, i), reason, out);
    }
    core_enough(aigov_buf_puts(out, "]"));
}

static Datum erase(aigov_span target, aigov_span reason)
{
    aigov_buf out;
    writer w;

    if (reason.n == 0)
        fail(AIGOV_ARG, NULL, "an erasure has a reason");
    aigov_buf_init(&out, core_scratch());
    write_begin(&w, "aigov.erase()");
    lane_wait(w.own->entry, 0);
    settle(&w, true);
    if (target.n > 0 && target.p[0] != '[' && target.p[0] != '"')
        erase_one(&w, target, reason, &out);
    else
        erase_list(&w, target, reason, &out);
    write_end(&w);
    if (out.p[0] == '{')
        receipt_keep(aigov_buf_span(&out));
    return span_datum(aigov_buf_span(&out));
}

PG_FUNCTION_INFO_V1(pg_aigov_erase);

Datum pg_aigov_erase(PG_FUNCTION_ARGS)
{
    aigov_span target = arg_bytes(fcinfo, 0, "target");

    return erase(target, arg_bytes(fcinfo, 1, "reason"));
}

PG_FUNCTION_INFO_V1(pg_aigov_erase_jsonb);

Datum pg_aigov_erase_jsonb(PG_FUNCTION_ARGS)
{
    aigov_span target = arg_jsonb(fcinfo, 0, "target");

    return erase(target, arg_bytes(fcinfo, 1, "reason"));
}

PG_FUNCTION_INFO_V1(pg_aigov_erase_uuid);

Datum pg_aigov_erase_uuid(PG_FUNCTION_ARGS)
{
    char text[AIGOV_UUID_LEN + 1];

    if (PG_ARGISNULL(0))
        fail(AIGOV_NULLARG, NULL, "target is NULL");
    aigov_uuid_format(PG_GETARG_UUID_P(0)->data, text);
    return erase(aigov_str(text), arg_bytes(fcinfo, 1, "reason"));
}
