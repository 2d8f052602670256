/*
 * decide.c - ask before a call, tell after it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_guard(request)                   decided, redacted, recorded
 *   SELECT aigov_complete(interaction, response)  the same of the answer
 *   SELECT aigov_check(request)                   guard's answer, not recorded
 *
 * Each is one record, read by the same stages as an append's, in one
 * transaction: a decision that was answered is in the log.  A call held or
 * denied gets no `send`.  The answer is made of the entry, so that a call asked
 * twice is answered twice the same.
 */
#include "sqlite_aigov.h"

#include <string.h>

static aigov_status answer(conn *c, const placed *at, const char *name,
                           aigov_status (*value)(const aigov_record *r,
                                                 aigov_buf *out,
                                                 aigov_error *err),
                           aigov_buf *out)
{
    sqlite3_stmt *s = conn_stmt(c, STMT_ANSWERED);
    aigov_entry e;
    aigov_buf text;
    aigov_status st = AIGOV_OK;

    if (!s)
        return c->err.code;
    sqlite3_bind_int64(s, 1, at->log);
    sqlite3_bind_int64(s, 2, at->lane);
    sqlite3_bind_int64(s, 3, at->seq);
    aigov_buf_init(&text, c->ctx);
    if (sqlite3_step(s) != SQLITE_ROW)
        st = conn_sql_error(c);
    if (st == AIGOV_OK) {
        row_entry(s, &e);
        if (aigov_may_go(e.decision))
            st = value(c->record, &text, &c->err);
    }
    if (st == AIGOV_OK)
        st = aigov_call_answer(
            c->ctx, &e, at->duplicate, name,
            text.n > 0 ? aigov_buf_span(&text) : AIGOV_ABSENT, out, &c->err);
    aigov_buf_free(&text);
    sqlite3_reset(s);
    return st;
}

static void finish(conn *c, sqlite3_context *ctx, aigov_status st,
                   aigov_buf *out)
{
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(out));
    else
        conn_result_error(c, ctx);
    aigov_buf_free(out);
}

/* --- guard --------------------------------------------------------------- */

void guard_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_asked asked = {{"request", 7}, NULL, {NULL, 0}, &c->ledger};
    aigov_status st = conn_enter(c);
    aigov_span json;
    placed at;
    aigov_buf out;

    (void)argc;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "request", true, &json);
    if (st == AIGOV_OK)
        st = append_one(c, &asked, json, &at);
    if (st == AIGOV_OK)
        st = answer(c, &at, "send", aigov_record_send, &out);
    finish(c, ctx, st, &out);
}

/* --- complete ------------------------------------------------------------ */

/* The system of the request, where the response names none. */
static aigov_status system_of(conn *c, const char *id, char **system)
{
    sqlite3_stmt *s;
    instance in;
    aigov_status st = log_instance(c, &in);
    int rc;

    *system = NULL;
    if (st != AIGOV_OK)
        return st;
    s = conn_stmt(c, STMT_SYSTEM);
    if (!s)
        return c->err.code;
    sqlite3_bind_text(s, 1, id, AIGOV_UUID_LEN, SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 2, in.log);
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        aigov_span text = column_span(s, 0);

        *system = sqlite3_mprintf("%.*s", (int)text.n, text.p);
        if (!*system)
            st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_reset(s);
    return st;
}

static aigov_status complete(conn *c, aigov_span text, aigov_span json,
                             aigov_buf *out)
{
    aigov_asked asked = {{"response", 8}, NULL, {NULL, 0}, &c->ledger};
    char id[AIGOV_UUID_LEN + 1], *system = NULL;
    uint8_t interaction[16];
    placed at;
    aigov_status st = arg_id(c, text, id);

    if (st == AIGOV_OK)
        st = system_of(c, id, &system);
    if (st == AIGOV_OK) {
        aigov_uuid_parse((aigov_span){id, AIGOV_UUID_LEN}, interaction);
        asked.interaction = interaction;
        asked.system = aigov_str(system);
        st = append_one(c, &asked, json, &at);
    }
    if (st == AIGOV_OK)
        st = answer(c, &at, "output", aigov_record_output, out);
    sqlite3_free(system);
    return st;
}

void complete_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    aigov_span id, json;
    aigov_buf out;

    (void)argc;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "interaction", false, &id);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[1], "response", true, &json);
    if (st == AIGOV_OK)
        st = complete(c, id, json, &out);
    finish(c, ctx, st, &out);
}

/* --- check --------------------------------------------------------------- */

static aigov_status check_read(conn *c, aigov_span json)
{
    instance in;
    bool any;
    aigov_status st = rules_now(c);

    if (st == AIGOV_OK)
        st = log_instance(c, &in);
    if (st == AIGOV_OK)
        st = policies_now(c, &any);
    return st == AIGOV_OK ? append_decide(c, &in, json) : st;
}

static aigov_status check(conn *c, aigov_span json, aigov_buf *out)
{
    aigov_asked asked = {{"request", 7}, NULL, {NULL, 0}, &c->ledger};
    aigov_buf text;
    aigov_status st;

    aigov_buf_init(&text, c->ctx);
    ledger_init(c, &c->ledger);
    aigov_record_asked(c->record, &asked);
    st = check_read(c, json);
    aigov_record_asked(c->record, NULL);
    if (st == AIGOV_OK && aigov_may_go(aigov_record_draft(c->record)->decision))
        st = aigov_record_send(c->record, &text, &c->err);
    if (st == AIGOV_OK)
        st = aigov_record_check(
            c->record, text.n > 0 ? aigov_buf_span(&text) : AIGOV_ABSENT, out,
            &c->err);
    aigov_buf_free(&text);
    return st;
}

void check_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    aigov_span json;
    aigov_buf out;

    (void)argc;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "request", true, &json);
    if (st == AIGOV_OK)
        st = check(c, json, &out);
    finish(c, ctx, st, &out);
}
