/*
 * put.c - governance records, finished imports, content that is opened
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_put(kind, subject, body)      the receipt; body is the whole
 *                                              new revision
 *   SELECT aigov_record_import(json)           the receipt of an `import`
 *                                              entry; member `subject` (file
 *                                              name) and the fields of import
 *   SELECT aigov_open_content(id, purpose)     the content document; leaves an
 *                                              `access` entry
 *
 * Whoever may write the file may call all of these: SQLite has no privileges.
 */
#include "sqlite_aigov.h"

#include <stdio.h>

/* Revisions of (kind, subject) so far, in this log and those it continues. */
static aigov_status count_revisions(conn *c, const aigov_draft *d, int64_t *n)
{
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(c, &s,
                      "SELECT count(*) FROM \"main\".aigov_entry"
                      " WHERE kind = ?1 AND subject = ?2 AND log IN"
                      " (SELECT log FROM \"main\".aigov_own_log)");
    if (st != AIGOV_OK)
        return st;
    sqlite3_bind_text(s, 1, d->kind.p, (int)d->kind.n, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, d->subject.p, (int)d->subject.n, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW)
        *n = sqlite3_column_int64(s, 0);
    else
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

aigov_status put_revision(conn *c, const instance *in)
{
    const aigov_draft *d = aigov_record_draft(c->record);
    char text[120];
    int64_t n = 0;
    placed at;
    aigov_status st = count_revisions(c, d, &n);

    if (st != AIGOV_OK)
        return st;
    if (d->has_replaces && d->replaces != n) {
        snprintf(text, sizeof text,
                 "replaces is %lld, but the latest revision is %lld",
                 (long long)d->replaces, (long long)n);
        return conn_fail(c, AIGOV_PUT, text,
                         "read the latest revision and put again");
    }
    return write_entry(c, c->record, in, n + 1, &c->scratch, &at);
}

static aigov_status put(conn *c, aigov_span kind, aigov_span subject,
                        aigov_span body)
{
    instance in;
    writing w;
    aigov_status st;

    if (c->busy)
        return conn_fail(c, AIGOV_STATE, "an append is under way", NULL);
    st = aigov_record_put(c->record, kind, subject, body, &c->err);
    if (st == AIGOV_OK)
        st = write_begin(c, &w, WRITE_ONE);
    if (st != AIGOV_OK)
        return st;
    c->scratch.n = 0;
    st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = govern_check(c, &in, kind, subject, body);
    if (st == AIGOV_OK)
        st = put_revision(c, &in);
    st = write_end(c, &w, st);
    if (st == AIGOV_OK)
        receipt_keep(c);
    return st;
}

void put_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_span kind, subject, body;
    aigov_status st = conn_enter(c);

    (void)argc;
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "kind", false, &kind);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[1], "subject", false, &subject);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[2], "body", true, &body);
    if (st == AIGOV_OK)
        st = put(c, kind, subject, body);
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&c->receipt));
    else
        conn_result_error(c, ctx);
}

/* --- record_import ------------------------------------------------------- */

/* The object without its member `subject`, which is handed out. */
static aigov_status split_subject(conn *c, const aigov_json *j,
                                  aigov_span *subject, aigov_buf *fields)
{
    bool ok = aigov_buf_puts(fields, "{");
    uint32_t end = j->node[0].next;

    *subject = AIGOV_ABSENT;
    for (uint32_t i = 1; ok && i < end; i = j->node[i + 1].next) {
        aigov_span name = aigov_json_text(j, i);

        if (aigov_span_is(name, "subject")) {
            *subject = aigov_json_text(j, i + 1);
            continue;
        }
        ok = (fields->n == 1 || aigov_buf_puts(fields, ",")) &&
             aigov_buf_put_json_string(fields, name) &&
             aigov_buf_puts(fields, ":") &&
             aigov_json_canonical(j, i + 1, fields, &c->err) == AIGOV_OK;
    }
    if (!ok || !aigov_buf_puts(fields, "}"))
        return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    return subject->p ? AIGOV_OK
                      : conn_fail(c, AIGOV_FIELD, "subject is missing",
                                  "the name of the file, or the origin");
}

static aigov_status write_import(conn *c, aigov_span subject, aigov_span fields)
{
    instance in;
    writing w;
    aigov_status st = write_begin(c, &w, WRITE_ONE);

    if (st != AIGOV_OK)
        return st;
    c->scratch.n = 0;
    st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = write_told(c, &in, "import", subject, fields, &c->scratch);
    st = write_end(c, &w, st);
    if (st == AIGOV_OK)
        receipt_keep(c);
    return st;
}

void record_import_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_json j = {.ctx = c->ctx};
    aigov_span json, subject;
    aigov_buf fields;
    aigov_status st = conn_enter(c);

    (void)argc;
    aigov_buf_init(&fields, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "json", true, &json);
    if (st == AIGOV_OK)
        st = aigov_json_read(&j, AIGOV_JSON_STRICT, json, &c->err);
    if (st == AIGOV_OK && j.node[0].type != AIGOV_JSON_OBJECT)
        st = conn_fail(c, AIGOV_FIELD, "not a JSON object", NULL);
    if (st == AIGOV_OK)
        st = split_subject(c, &j, &subject, &fields);
    if (st == AIGOV_OK)
        st = write_import(c, subject, aigov_buf_span(&fields));
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&c->receipt));
    else
        conn_result_error(c, ctx);
    aigov_json_free(&j);
    aigov_buf_free(&fields);
}

/* --- open_content -------------------------------------------------------- */

static aigov_status read_content(conn *c, const char *id, aigov_buf *out)
{
    sqlite3_stmt *s;
    aigov_status st;
    aigov_span body;

    st = conn_prepare(c, &s,
                      "SELECT c.body FROM \"main\".aigov_entry e"
                      " LEFT JOIN \"main\".aigov_content c"
                      " ON c.log = e.log AND c.lane = e.lane AND c.seq = e.seq"
                      " WHERE e.id = %Q AND e.log IN"
                      " (SELECT log FROM \"main\".aigov_own_log)",
                      id);
    if (st != AIGOV_OK)
        return st;
    switch (sqlite3_step(s)) {
    case SQLITE_ROW:
        body = column_span(s, 0);
        if (!body.p)
            st = conn_fail(c, AIGOV_STATE, "the content was erased", NULL);
        else if (!aigov_buf_put(out, body.p, body.n))
            st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
        break;
    case SQLITE_DONE:
        st = conn_fail(c, AIGOV_NOENTRY, "no entry has this id", NULL);
        break;
    default:
        st = conn_sql_error(c);
    }
    sqlite3_finalize(s);
    return st;
}

static aigov_status write_access(conn *c, const instance *in, const char *id,
                                 aigov_span purpose)
{
    aigov_status st;
    aigov_buf b;

    aigov_buf_init(&b, c->ctx);
    if (aigov_buf_puts(&b, "{\"purpose\":") &&
        aigov_buf_put_json_string(&b, purpose) &&
        aigov_buf_puts(&b, ",\"target\":\"") && aigov_buf_puts(&b, id) &&
        aigov_buf_puts(&b, "\",\"type\":\"content\"}"))
        st = write_told(c, in, "access", AIGOV_LIT("open_content"),
                        aigov_buf_span(&b), &c->scratch);
    else
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    aigov_buf_free(&b);
    return st;
}

static aigov_status open_content(conn *c, const char *id, aigov_span purpose,
                                 aigov_buf *out)
{
    instance in;
    writing w;
    aigov_status st = write_begin(c, &w, WRITE_ONE);

    if (st != AIGOV_OK)
        return st;
    c->scratch.n = 0;
    st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = read_content(c, id, out);
    if (st == AIGOV_OK)
        st = write_access(c, &in, id, purpose);
    st = write_end(c, &w, st);
    if (st == AIGOV_OK)
        receipt_keep(c);
    return st;
}

void open_content_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    char id[AIGOV_UUID_LEN + 1];
    aigov_span text, purpose;
    aigov_status st = conn_enter(c);
    aigov_buf out;

    (void)argc;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "id", false, &text);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[1], "purpose", false, &purpose);
    if (st == AIGOV_OK && purpose.n == 0)
        st = conn_fail(c, AIGOV_ARG, "content is opened for a purpose", NULL);
    if (st == AIGOV_OK)
        st = arg_id(c, text, id);
    if (st == AIGOV_OK)
        st = open_content(c, id, purpose, &out);
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&out));
    else
        conn_result_error(c, ctx);
    aigov_buf_free(&out);
}
