/*
 * inbox.c - INSERT INTO aigov_inbox(record) VALUES (?)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * For ORMs, executemany and triggers.  An eponymous virtual table: nothing of
 * it is stored in the file.  The entries belong to the statement, so all rows
 * of an INSERT are appended or none; last_insert_rowid() is the entry's seq and
 * aigov_receipt() the receipt.  Reading it gives no rows.
 */
#include "sqlite_aigov.h"

#include <string.h>

typedef struct inbox {
    sqlite3_vtab base;
    conn *c;
} inbox;

static int inbox_connect(sqlite3 *db, void *aux, int argc,
                         const char *const *argv, sqlite3_vtab **out,
                         char **message)
{
    inbox *t;
    int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(record)");

    (void)argc;
    (void)argv;
    (void)message;
    if (rc != SQLITE_OK)
        return rc;
    t = sqlite3_malloc64(sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    memset(t, 0, sizeof *t);
    t->c = aux;
    *out = &t->base;
    return SQLITE_OK;
}

static int inbox_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int inbox_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int inbox_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    (void)vtab;
    *out = sqlite3_malloc64(sizeof **out);
    return *out ? SQLITE_OK : SQLITE_NOMEM;
}

static int inbox_close(sqlite3_vtab_cursor *cur)
{
    sqlite3_free(cur);
    return SQLITE_OK;
}

static int inbox_filter(sqlite3_vtab_cursor *cur, int number, const char *name,
                        int argc, sqlite3_value **argv)
{
    (void)cur;
    (void)number;
    (void)name;
    (void)argc;
    (void)argv;
    return SQLITE_OK;
}

static int inbox_next(sqlite3_vtab_cursor *cur)
{
    (void)cur;
    return SQLITE_OK;
}

static int inbox_eof(sqlite3_vtab_cursor *cur)
{
    (void)cur;
    return 1;
}

static int inbox_column(sqlite3_vtab_cursor *cur, sqlite3_context *ctx, int i)
{
    (void)cur;
    (void)ctx;
    (void)i;
    return SQLITE_OK;
}

static int inbox_rowid(sqlite3_vtab_cursor *cur, sqlite3_int64 *rowid)
{
    (void)cur;
    *rowid = 0;
    return SQLITE_OK;
}

/* argv: old rowid, new rowid, record; only INSERT can come, it has no rows. */
static int inbox_update(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                        sqlite3_int64 *rowid)
{
    conn *c = ((inbox *)vtab)->c;
    aigov_status st = conn_enter(c);
    aigov_span json;
    placed at;

    if (st == AIGOV_OK &&
        (argc != 3 || sqlite3_value_type(argv[1]) != SQLITE_NULL))
        st = conn_fail(c, AIGOV_ARG, "aigov_inbox takes record alone", NULL);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[2], "record", true, &json);
    if (st == AIGOV_OK)
        st = append_one(c, NULL, json, &at);
    if (st != AIGOV_OK)
        return conn_vtab_error(c, vtab);
    *rowid = at.seq;
    return SQLITE_OK;
}

int inbox_register(conn *c)
{
    static const sqlite3_module module = {
        .xConnect = inbox_connect,
        .xBestIndex = inbox_best_index,
        .xDisconnect = inbox_disconnect,
        .xOpen = inbox_open,
        .xClose = inbox_close,
        .xFilter = inbox_filter,
        .xNext = inbox_next,
        .xEof = inbox_eof,
        .xColumn = inbox_column,
        .xRowid = inbox_rowid,
        .xUpdate = inbox_update,
    };

    return sqlite3_create_module_v2(c->db, "aigov_inbox", &module, conn_ref(c),
                                    conn_unref);
}
