/*
 * history.c - revisions of a governance record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT * FROM aigov_history('risk', 'R-7')
 *
 * gives one row per revision, oldest first, of this log and those it continues:
 * revision, at, login, id, log, lane, seq, hash (hex), body (the fields as they
 * were put; those kept as content are in aigov_content).
 */
#include "sqlite_aigov.h"

static bool history_row(rows *out, sqlite3_stmt *s)
{
    bool ok = true;

    for (int i = 0; ok && i < 9; i++)
        ok = sqlite3_column_type(s, i) == SQLITE_INTEGER
                 ? rows_int(out, sqlite3_column_int64(s, i))
                 : rows_text(out, column_span(s, i));
    return ok;
}

static aigov_status history_fill(conn *c, rows *out, sqlite3_value **arg)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_span kind, subject;
    aigov_status st;

    if (!arg[0] || !arg[1])
        return conn_fail(c, AIGOV_NULLARG, "kind and subject are required",
                         "FROM aigov_history('risk', 'R-7')");
    st = arg_text(c, arg[0], "kind", false, &kind);
    if (st == AIGOV_OK)
        st = arg_text(c, arg[1], "subject", false, &subject);
    if (st == AIGOV_OK)
        st = conn_prepare(
            c, &s,
            "SELECT json_extract(body, '$.revision'), at,"
            " json_extract(recorded_by, '$.login'), id, log, lane, seq,"
            " lower(hex(hash)), json_extract(body, '$.fields')"
            " FROM \"main\".aigov_entry WHERE kind = ?1 AND subject = ?2"
            " AND log IN (SELECT log FROM \"main\".aigov_own_log)"
            " ORDER BY at, lane, seq");
    if (st != AIGOV_OK)
        return st;
    sqlite3_bind_text(s, 1, kind.p, (int)kind.n, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, subject.p, (int)subject.n, SQLITE_STATIC);
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        if (!history_row(out, s))
            st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

const rows_def history_def = {
    .name = "aigov_history",
    .declare = "CREATE TABLE x(revision, at, login, id, log, lane, seq, hash,"
               " body, p_kind HIDDEN, p_subject HIDDEN)",
    .columns = 9,
    .hidden = 2,
    .fill = history_fill,
};
