/*
 * batch.c - many records in one transaction
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_append_batch('[{...},{...}]')
 *
 * gives one JSON array, an object per record in order:
 *
 *   n         1 for the first
 *   result    appended, duplicate or refused
 *   receipt   as aigov_append's, or null
 *   error     {"code":"IG103","hint":...,"message":...,"pos":...}, or null
 *
 * A record that is refused does not fail the others; what fails the database
 * (busy, full) fails the batch as a whole and stores none of it.
 */
#include "sqlite_aigov.h"

#include <stdio.h>

/* Whether a status says something about the record alone. */
static bool is_refusal(const conn *c, aigov_status st)
{
    return c->rc == SQLITE_OK && st != AIGOV_OK && st != AIGOV_NOMEM &&
           st != AIGOV_CRYPTO && st != AIGOV_CANCELED && st != AIGOV_IO &&
           st != AIGOV_CHAIN && st != AIGOV_STATE;
}

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

static aigov_status put_answer(conn *c, aigov_buf *b, int64_t n,
                               aigov_status st, const placed *at)
{
    const char *result = st != AIGOV_OK                  ? "refused"
                         : at->duplicate != AIGOV_DUP_NO ? "duplicate"
                                                         : "appended";
    bool ok = aigov_buf_puts(b, n > 1 ? ",{\"error\":" : "{\"error\":");

    ok = ok &&
         (st == AIGOV_OK ? aigov_buf_puts(b, "null") : put_error(b, &c->err));
    ok = ok && aigov_buf_puts(b, ",\"n\":") && aigov_buf_put_i64(b, n) &&
         aigov_buf_puts(b, ",\"receipt\":");
    ok = ok && (st == AIGOV_OK ? aigov_buf_put(b, c->receipt.p, c->receipt.n)
                               : aigov_buf_puts(b, "null"));
    ok = ok && aigov_buf_puts(b, ",\"result\":\"") &&
         aigov_buf_puts(b, result) && aigov_buf_puts(b, "\"}");
    return ok ? AIGOV_OK : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

/* One record of the batch: refused or appended, its line in the answer. */
static aigov_status one(conn *c, const instance *in, aigov_span json, int64_t n,
                        aigov_buf *answer)
{
    placed at = {0};
    aigov_status st = append_decide(c, in, json);

    c->scratch.n = 0;
    if (st == AIGOV_OK)
        st = write_entry(c, c->record, in, 0, &c->scratch, &at);
    if (st != AIGOV_OK && !is_refusal(c, st))
        return st;
    if (st == AIGOV_OK)
        receipt_keep(c);
    return put_answer(c, answer, n, st, &at);
}

static aigov_status all(conn *c, aigov_span records, aigov_buf *answer)
{
    aigov_span element;
    size_t pos = 0;
    instance in;
    bool changed;
    aigov_status st = log_ready(c, &in);

    if (st == AIGOV_OK)
        st = write_rules(c, &in, &changed);
    if (st == AIGOV_OK && !aigov_buf_puts(answer, "["))
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    for (int64_t n = 1; st == AIGOV_OK; n++) {
        st = aigov_json_elements(records, &pos, &element, &c->err);
        if (st != AIGOV_OK || !element.p)
            break;
        st = one(c, &in, element, n, answer);
    }
    if (st == AIGOV_OK && !aigov_buf_puts(answer, "]"))
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    return st;
}

void append_batch_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    aigov_span records;
    aigov_buf answer;
    writing w;

    (void)argc;
    aigov_buf_init(&answer, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "records", true, &records);
    if (st == AIGOV_OK)
        st = write_begin(c, &w, WRITE_WHOLE);
    if (st == AIGOV_OK)
        st = write_end(c, &w, all(c, records, &answer));
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&answer));
    else
        conn_result_error(c, ctx);
    aigov_buf_free(&answer);
}
