/*
 * access.c - content that is opened leaves an access entry
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.open_content(id, purpose)   the content document
 *
 * The entry belongs to the caller's transaction: a rollback takes it away, but
 * then the server's log and the appender's spool are what is left to ask.
 */
#include "pg_aigov.h"

static Datum read_content(writer *w, const uint8_t id[16])
{
    HeapTuple tuple =
        row_by_id(w->entry.rel, SnapshotSelf, id, log_chain(w->own->log));
    row_reader reader;
    aigov_entry e;
    aigov_content c;

    if (!HeapTupleIsValid(tuple))
        fail(AIGOV_NOENTRY, NULL, "no entry has this id");
    reader_init(&reader, w->entry.rel);
    reader_entry(&reader, tuple, &e);
    tuple = row_at(w->content.rel, SnapshotSelf, (int32)e.log, (int32)e.lane,
                   e.seq);
    if (!HeapTupleIsValid(tuple))
        fail(AIGOV_STATE, NULL, "the content was erased");
    reader_init(&reader, w->content.rel);
    reader_content(&reader, tuple, &c);
    return span_datum(c.body);
}

static void write_access(writer *w, aigov_span id, aigov_span purpose)
{
    core_state *s = core();
    aigov_buf b;

    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{") && member(&b, "purpose", purpose) &&
                member(&b, "target", id) &&
                aigov_buf_puts(&b, ",\"type\":\"content\"}"));
    s->scratch.n = 0;
    write_told(w, "access", AIGOV_LIT("open_content"), aigov_buf_span(&b),
               &s->scratch);
    receipt_keep(aigov_buf_span(&s->scratch));
}

static Datum open_content(const uint8_t id[16], aigov_span purpose)
{
    char text[AIGOV_UUID_LEN + 1];
    Datum content;
    writer w;

    if (purpose.n == 0)
        fail(AIGOV_ARG, NULL, "content is opened for a purpose");
    aigov_uuid_format(id, text);
    write_begin(&w, "aigov.open_content()");
    content = read_content(&w, id);
    write_access(&w, aigov_str(text), purpose);
    write_end(&w);
    return content;
}

PG_FUNCTION_INFO_V1(pg_aigov_open_content);

Datum pg_aigov_open_content(PG_FUNCTION_ARGS)
{
    aigov_span text = arg_bytes(fcinfo, 0, "id");
    uint8_t id[16];

    if (!aigov_uuid_parse(text, id))
        fail(AIGOV_ARG, NULL, "an id is a UUID");
    return open_content(id, arg_bytes(fcinfo, 1, "purpose"));
}

PG_FUNCTION_INFO_V1(pg_aigov_open_content_uuid);

Datum pg_aigov_open_content_uuid(PG_FUNCTION_ARGS)
{
    if (PG_ARGISNULL(0))
        fail(AIGOV_NULLARG, NULL, "id is NULL");
    return open_content(PG_GETARG_UUID_P(0)->data,
                        arg_bytes(fcinfo, 1, "purpose"));
}
