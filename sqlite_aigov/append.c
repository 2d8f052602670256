/*
 * append.c - one record in, one receipt out
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_append(record)    the receipt, one JSON object
 *   SELECT aigov_receipt()         this connection's last receipt, or NULL
 *
 * Call it at top level, without FROM: SQLite calls the busy handler only where
 * no read is open, so `SELECT aigov_append(r) FROM t` fails at once while
 * another connection writes, and commits each row by itself.
 */
#include "sqlite_aigov.h"

#include <string.h>

void receipt_keep(conn *c)
{
    aigov_buf old = c->receipt;

    c->receipt = c->scratch;
    c->scratch = old;
}

aigov_status append_read(conn *c, aigov_span json)
{
    aigov_record_use(c->record, c->rules.rules);
    return aigov_record_read(c->record, json, &c->err);
}

/* Refused by the rules that this connection knows, which need not be those in
 * force. */
static bool by_rules(const conn *c, aigov_status st)
{
    return st == AIGOV_WITHHELD ||
           (st == AIGOV_FIELD && strcmp(c->err.stage, "scan") == 0);
}

/* In force may be other rules than those it was read with: read it again. */
static aigov_status read_again(conn *c, const instance *in, aigov_span json,
                               bool withheld)
{
    bool changed;
    aigov_status st = write_rules(c, in, &changed);

    if (st == AIGOV_OK && (changed || withheld))
        st = append_read(c, json);
    return st;
}

aigov_status append_one(conn *c, aigov_span json, placed *out)
{
    instance in;
    writing w;
    aigov_status st;
    bool withheld;

    if (c->busy)
        return conn_fail(c, AIGOV_STATE, "an append is under way",
                         "a trigger on a table of aigov must not append");
    st = append_read(c, json);
    withheld = by_rules(c, st);
    if (st != AIGOV_OK && !withheld)
        return st;
    st = write_begin(c, &w, WRITE_ONE);
    if (st != AIGOV_OK)
        return st;
    c->scratch.n = 0;
    st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = read_again(c, &in, json, withheld);
    if (st == AIGOV_OK)
        st = write_entry(c, c->record, &in, 0, &c->scratch, out);
    st = write_end(c, &w, st);
    if (st == AIGOV_OK)
        receipt_keep(c);
    return st;
}

void append_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    aigov_span json;
    placed at;

    (void)argc;
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "record", true, &json);
    if (st == AIGOV_OK)
        st = append_one(c, json, &at);
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&c->receipt));
    else
        conn_result_error(c, ctx);
}

void receipt_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);

    (void)argc;
    (void)argv;
    if (c->receipt.n > 0)
        result_json(ctx, aigov_buf_span(&c->receipt));
}
