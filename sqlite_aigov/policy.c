/*
 * policy.c - expressions of policies
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_cel(expr, bindings [, declarations])   one expression, its
 *                                                       value
 *
 * It reads nothing but its arguments.  A BLOB is an expression too: text cannot
 * hold U+0000.  What an expression gets wrong is an answer, {"error":...}; what
 * is no expression, bindings or declarations at all is an error.
 */
#include "sqlite_aigov.h"

/* A JSON argument that may be left out. */
static aigov_status json_argument(conn *c, int argc, sqlite3_value **argv,
                                  int i, const char *name, aigov_span *out)
{
    *out = AIGOV_ABSENT;
    if (argc <= i || sqlite3_value_type(argv[i]) == SQLITE_NULL)
        return AIGOV_OK;
    return arg_text(c, argv[i], name, true, out);
}

void cel_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_span expr, bindings, declarations;
    aigov_status st = conn_enter(c);
    aigov_buf out;

    if (st == AIGOV_OK && sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = arg_any(c, argv[0], &expr);
    if (st == AIGOV_OK)
        st = json_argument(c, argc, argv, 1, "bindings", &bindings);
    if (st == AIGOV_OK)
        st = json_argument(c, argc, argv, 2, "declarations", &declarations);
    if (st == AIGOV_OK)
        st = aigov_cel(c->ctx, expr, bindings, declarations, &out, &c->err);
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&out));
    else
        conn_result_error(c, ctx);
    aigov_buf_free(&out);
}
