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
    aigov_record_judge(c->record, NULL);
    return aigov_record_read(c->record, json, &c->err);
}

/* Refused by the rules that this connection knows, which need not be those in
 * force. */
static bool by_rules(const conn *c, aigov_status st)
{
    return st == AIGOV_WITHHELD ||
           (st == AIGOV_FIELD && strcmp(c->err.stage, "scan") == 0);
}

/* Time, id and salt are drawn before the decision, which reads the first and
 * signs with the last. */
static aigov_status prepare_judge(conn *c)
{
    aigov_judge *j = &c->judge;
    int64_t now = write_clock();
    aigov_status st;

    ledger_init(c, &c->ledger);
    j->policies = c->policies.policies;
    j->ledger = &c->ledger;
    j->now = now > c->zero.at ? now : c->zero.at;
    st = aigov_uuid7(c->ctx, j->now, j->id, &c->err);
    return st == AIGOV_OK
               ? aigov_random(c->ctx, j->salt, sizeof j->salt, &c->err)
               : st;
}

static bool decides(const conn *c)
{
    return c->policies.whole && aigov_policies_any(c->policies.policies);
}

aigov_status append_decide(conn *c, const instance *in, aigov_span json)
{
    aigov_status st =
        c->zero.seq > 0 ? policies_at(c, in->log, &c->zero, false) : AIGOV_OK;

    if (st != AIGOV_OK || !decides(c))
        return st == AIGOV_OK ? append_read(c, json) : st;
    st = prepare_judge(c);
    if (st != AIGOV_OK)
        return st;
    aigov_record_use(c->record, c->rules.rules);
    aigov_record_judge(c->record, &c->judge);
    st = aigov_record_read(c->record, json, &c->err);
    aigov_record_judge(c->record, NULL);
    return st;
}

/* In force may be other rules than those it was read with, and what decides it
 * is read under the lock: then read it again. */
static aigov_status read_again(conn *c, const instance *in, aigov_span json,
                               bool again)
{
    bool changed;
    aigov_status st = write_rules(c, in, &changed);

    if (st == AIGOV_OK && c->zero.seq > 0)
        st = policies_at(c, in->log, &c->zero, false);
    if (st == AIGOV_OK && (changed || again || decides(c)))
        st = append_decide(c, in, json);
    return st;
}

/* asked: what guard and complete look up is read under the lock. */
static aigov_status append_under(conn *c, bool asked, aigov_span json,
                                 placed *out)
{
    instance in;
    writing w;
    aigov_status st = AIGOV_OK;
    bool again = decides(c) || asked;

    if (!again) {
        st = append_read(c, json);
        again = by_rules(c, st);
        if (st != AIGOV_OK && !again)
            return st;
    }
    st = write_begin(c, &w, WRITE_ONE);
    if (st != AIGOV_OK)
        return st;
    c->scratch.n = 0;
    st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = read_again(c, &in, json, again);
    if (st == AIGOV_OK)
        st = write_entry(c, c->record, &in, 0, &c->scratch, out);
    st = write_end(c, &w, st);
    if (st == AIGOV_OK)
        receipt_keep(c);
    return st;
}

aigov_status append_one(conn *c, const aigov_asked *asked, aigov_span json,
                        placed *out)
{
    aigov_status st;

    if (c->busy)
        return conn_fail(c, AIGOV_STATE, "an append is under way",
                         "a trigger on a table of aigov must not append");
    ledger_init(c, &c->ledger);
    aigov_record_asked(c->record, asked);
    st = append_under(c, asked != NULL, json, out);
    aigov_record_asked(c->record, NULL);
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
        st = append_one(c, NULL, json, &at);
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
