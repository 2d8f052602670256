/*
 * turns.c - table aigov_turn: what calls are recognised by
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Rows are written with their entry, in its transaction, and go with its
 * content (docs/formats.md section 4).  The last row of a fingerprint counts.
 */
#include "sqlite_aigov.h"

#include <string.h>

typedef struct lookup {
    conn *c;
    int64_t log;
} lookup;

static void take(sqlite3_stmt *s, aigov_turn *out)
{
    if (!aigov_uuid_parse(column_span(s, 0), out->interaction))
        return;
    out->attempt = sqlite3_column_int(s, 1);
    out->has_state = sqlite3_column_type(s, 2) != SQLITE_NULL;
    out->state = sqlite3_column_int64(s, 2);
}

static bool is_there(conn *c)
{
    return sqlite3_table_column_metadata(c->db, "main", "aigov_turn", NULL,
                                         NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

/* A statement could not be made: of a file that init made before this table was
 * there nothing is found, and nothing remembered, until it is called again. */
static aigov_status without(conn *c)
{
    if (c->err.code == AIGOV_NOMEM || is_there(c))
        return c->err.code;
    c->err = (aigov_error){.code = AIGOV_OK, .pos = AIGOV_NO_POS};
    c->rc = SQLITE_OK;
    return AIGOV_OK;
}

static aigov_status find(void *host, int64_t fingerprint, aigov_turn *out,
                         aigov_error *err)
{
    lookup *l = host;
    sqlite3_stmt *s = conn_stmt(l->c, STMT_TURN_FIND);
    aigov_status st = AIGOV_OK;
    int rc;

    (void)err; /* of the connection */
    if (!s)
        return without(l->c);
    sqlite3_bind_int64(s, 1, fingerprint);
    sqlite3_bind_int64(s, 2, l->log);
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        take(s, out);
    else if (rc != SQLITE_DONE)
        st = conn_sql_error(l->c);
    sqlite3_reset(s);
    return st;
}

aigov_status turns_find(conn *c, aigov_record *r, int64_t log,
                        const uint8_t id[16])
{
    lookup l = {c, log};
    const char *login = conn_login(c);
    aigov_turns turns = {&l, login ? aigov_str(login) : AIGOV_ABSENT, find};

    return aigov_record_history(r, id, &turns, &c->err);
}

static aigov_status insert(conn *c, const aigov_entry *e, const aigov_turn *t)
{
    sqlite3_stmt *s = conn_stmt(c, STMT_TURN);
    char id[AIGOV_UUID_LEN + 1];
    aigov_status st = AIGOV_OK;

    if (!s)
        return without(c);
    aigov_uuid_format(t->interaction, id);
    sqlite3_bind_int64(s, 1, e->log);
    sqlite3_bind_int64(s, 2, e->lane);
    sqlite3_bind_int64(s, 3, e->seq);
    sqlite3_bind_int64(s, 4, t->fingerprint);
    sqlite3_bind_text(s, 5, id, AIGOV_UUID_LEN, SQLITE_STATIC);
    sqlite3_bind_int(s, 6, t->attempt);
    if (t->has_state)
        sqlite3_bind_int64(s, 7, t->state);
    if (sqlite3_step(s) != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return st;
}

aigov_status turns_insert(conn *c, const aigov_record *r, const aigov_entry *e)
{
    aigov_status st = AIGOV_OK;
    size_t n;
    const aigov_turn *t = aigov_record_turns(r, &n);

    for (size_t i = 0; i < n && st == AIGOV_OK; i++)
        st = insert(c, e, &t[i]);
    return st;
}

#define THE_ENTRY " WHERE %slog = %lld AND %slane = %lld AND %sseq = %lld"

/* The fingerprint of an answer is made of its request too. */
aigov_status turns_delete(conn *c, int64_t log, int64_t lane, int64_t seq)
{
    aigov_status st;

    if (!is_there(c))
        return AIGOV_OK;
    st = conn_exec(c, "DELETE FROM \"main\".aigov_turn" THE_ENTRY, "",
                   (sqlite3_int64)log, "", (sqlite3_int64)lane, "",
                   (sqlite3_int64)seq);

    if (st != AIGOV_OK)
        return st;
    return conn_exec(c,
                     "DELETE FROM \"main\".aigov_turn WHERE rowid IN"
                     " (SELECT t.rowid FROM \"main\".aigov_entry x"
                     "   CROSS JOIN \"main\".aigov_entry e"
                     "   CROSS JOIN \"main\".aigov_turn t" THE_ENTRY
                     "    AND e.interaction = x.interaction"
                     "    AND e.log = x.log AND t.log = e.log"
                     "    AND t.lane = e.lane AND t.seq = e.seq)",
                     "x.", (sqlite3_int64)log, "x.", (sqlite3_int64)lane, "x.",
                     (sqlite3_int64)seq);
}
