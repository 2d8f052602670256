/*
 * restore.c - values of the vault put back into a text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.restore(text, interaction, purpose)   the text with its values
 *
 * Each call leaves an access entry, which belongs to the caller's transaction
 * as that of open_content does.  Its target is the first entry of the
 * interaction; `rows` says how many places were restored.
 */
#include "pg_aigov.h"

typedef struct restoring {
    aigov_restore *r;
    Relation content;
    List *logs;
    char target[AIGOV_UUID_LEN + 1]; /* empty: no entry was met */
    int64 at;
} restoring;

static void add(void *arg, const aigov_entry *e)
{
    restoring *x = arg;
    HeapTuple tuple;
    row_reader reader;
    aigov_content c;
    aigov_error err;

    if (!list_member_int(x->logs, (int32)e->log) || e->id.n != AIGOV_UUID_LEN)
        return;
    if (!x->target[0] || e->at < x->at) {
        memcpy(x->target, e->id.p, AIGOV_UUID_LEN);
        x->at = e->at;
    }
    tuple =
        row_at(x->content, SnapshotSelf, (int32)e->log, (int32)e->lane, e->seq);
    if (!HeapTupleIsValid(tuple))
        return;
    reader_init(&reader, x->content);
    reader_content(&reader, tuple, &c);
    core_try(aigov_restore_add(x->r, e, &c, &err));
}

static const aigov_keys *need_keys(void)
{
    const aigov_keys *keys = keys_now();
    const aigov_error *problem = keys_problem();

    if (problem)
        core_throw(problem);
    if (!keys)
        fail(AIGOV_KEY, "aigov.key_file in postgresql.conf names it",
             "there is no key file");
    return keys;
}

static void write_access(writer *w, const restoring *x, const char *interaction,
                         aigov_span purpose, size_t rows)
{
    core_state *s = core();
    aigov_buf b;

    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{\"parameters\":{") &&
                member(&b, "interaction", aigov_str(interaction)) &&
                aigov_buf_puts(&b, "}") && member(&b, "purpose", purpose) &&
                aigov_buf_puts(&b, ",\"rows\":") &&
                aigov_buf_put_i64(&b, (int64)rows) &&
                member(&b, "target", aigov_str(x->target)) &&
                aigov_buf_puts(&b, ",\"type\":\"restore\"}"));
    s->scratch.n = 0;
    write_told(w, "access", AIGOV_LIT("restore"), aigov_buf_span(&b),
               &s->scratch);
    receipt_keep(aigov_buf_span(&s->scratch));
}

/* Content keeps what text cannot hold, and so may a value. */
static void check_text(aigov_span s)
{
    if (s.n > 0 && (memchr(s.p, 0, s.n) != NULL || aigov_utf8_valid(s) != s.n))
        fail(AIGOV_STATE, NULL, "a value holds bytes that text cannot");
}

static Datum restore(aigov_span text, const uint8 interaction[16],
                     aigov_span purpose)
{
    const aigov_keys *keys = need_keys();
    restoring x = {0};
    char id[AIGOV_UUID_LEN + 1];
    aigov_ctx *ctx = core_scratch();
    aigov_error err;
    aigov_buf out;
    size_t rows;
    Datum result;
    writer w;

    if (purpose.n == 0)
        fail(AIGOV_ARG, NULL, "values are restored for a purpose");
    aigov_uuid_format(interaction, id);
    aigov_buf_init(&out, ctx);
    core_try(aigov_restore_new(ctx, keys, aigov_str(id), text, &x.r, &err));
    write_begin(&w, "aigov.restore()");
    x.content = w.content.rel;
    x.logs = log_chain(w.own->log);
    rows_of_call(w.entry.rel, SnapshotSelf, interaction, add, &x);
    if (!x.target[0])
        fail(AIGOV_NOENTRY, NULL, "no entry is of this interaction");
    core_try(aigov_restore_text(x.r, &out, &rows, &err));
    check_text(aigov_buf_span(&out));
    aigov_restore_free(x.r);
    write_access(&w, &x, id, purpose, rows);
    write_end(&w);
    result = span_datum(aigov_buf_span(&out));
    if (out.n > 0)
        aigov_wipe(out.p, out.n);
    return result;
}

PG_FUNCTION_INFO_V1(pg_aigov_restore);

Datum pg_aigov_restore(PG_FUNCTION_ARGS)
{
    aigov_span text = arg_bytes(fcinfo, 0, "text");
    aigov_span id = arg_bytes(fcinfo, 1, "interaction");
    uint8_t interaction[16];

    if (!aigov_uuid_parse(id, interaction))
        fail(AIGOV_ARG, NULL, "an interaction is a UUID");
    return restore(text, interaction, arg_bytes(fcinfo, 2, "purpose"));
}

PG_FUNCTION_INFO_V1(pg_aigov_restore_uuid);

Datum pg_aigov_restore_uuid(PG_FUNCTION_ARGS)
{
    aigov_span text = arg_bytes(fcinfo, 0, "text");

    if (PG_ARGISNULL(1))
        fail(AIGOV_NULLARG, NULL, "interaction is NULL");
    return restore(text, PG_GETARG_UUID_P(1)->data,
                   arg_bytes(fcinfo, 2, "purpose"));
}
