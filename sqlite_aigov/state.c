/*
 * state.c - one connection: its statements, its transaction, who it is
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Statements that outlive a call make sqlite3_close() fail with SQLITE_BUSY,
 * and SQLite runs the destructors of functions only after that check.  What it
 * does before is to disconnect virtual tables that stand under their module's
 * name.  So the table aigov_state owns the kept statements and finalizes them
 * when it is disconnected; for the same reason no kept statement may name it.
 *
 * The same table tells us where a transaction ends, which commit and rollback
 * hooks cannot (there is one of each, and it is the host's): a virtual table
 * that was written to in a transaction gets xCommit or xRollback at its end.
 * So the first append of a transaction that the host opened writes to it, and
 * the stamp body.tx holds until then, through savepoints and other people's
 * hooks.  xRollbackTo says that what the last append knew may be undone.  A
 * transaction that an append opened itself is over when it returns.
 */
#include "sqlite_aigov.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kept[STMT_COUNT] = {
    [STMT_SAVEPOINT] = "SAVEPOINT aigov",
    [STMT_RELEASE] = "RELEASE aigov",
    [STMT_LOCK] = "UPDATE \"main\".aigov_log SET origin = origin WHERE 0",
    [STMT_INSTANCE] = "SELECT origin, log, used, inode, birth"
                      " FROM \"main\".aigov_instance",
    [STMT_HEAD] = "SELECT seq, at, hash FROM \"main\".aigov_entry"
                  " WHERE log = ?1 AND lane = ?2 ORDER BY seq DESC LIMIT 1",
    [STMT_BY_ID] = "SELECT e.lane, e.seq, e.at, e.hash, e.decision,"
                   " e.recorded_by, e.digest, e.body, c.salt"
                   " FROM \"main\".aigov_entry e"
                   " LEFT JOIN \"main\".aigov_content c"
                   " ON c.log = e.log AND c.lane = e.lane AND c.seq = e.seq"
                   " WHERE e.id = ?1 AND e.log = ?2",
    [STMT_CONTENT] = "INSERT OR FAIL INTO \"main\".aigov_content"
                     "(log, lane, seq, at, salt, body)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [STMT_ENTRY] = "INSERT OR FAIL INTO \"main\".aigov_entry"
                   "(log, lane, seq, v, at, kind, id, interaction, subject,"
                   " actor, system, provider, model, operation, status,"
                   " decision, recorded_by, digest, commitment, prev, hash,"
                   " body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                   " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,"
                   " ?22)",
    [STMT_TURN] = "INSERT OR FAIL INTO \"main\".aigov_turn"
                  "(log, lane, seq, fingerprint, interaction, attempt, state)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [STMT_TURN_FIND] = "SELECT interaction, attempt, state"
                       " FROM \"main\".aigov_turn"
                       " WHERE fingerprint = ?1 AND log = ?2"
                       " ORDER BY rowid DESC LIMIT 1",
    [STMT_ANSWERED] = "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                      " WHERE log = ?1 AND lane = ?2 AND seq = ?3",
    [STMT_SYSTEM] = "SELECT system FROM \"main\".aigov_entry"
                    " WHERE interaction = ?1 AND log = ?2"
                    " AND kind = 'request' AND system IS NOT NULL"
                    " ORDER BY at DESC, lane DESC, seq DESC LIMIT 1",
};

/* --- life ---------------------------------------------------------------- */

static void *host_alloc(void *host, void *old, size_t old_n, size_t n)
{
    (void)host;
    (void)old_n;
    if (n == 0) {
        sqlite3_free(old);
        return NULL;
    }
    return sqlite3_realloc64(old, n);
}

aigov_status conn_new(sqlite3 *db, conn **out)
{
    static const aigov_alloc alloc = {host_alloc, NULL};
    conn *c = sqlite3_malloc64(sizeof *c);
    aigov_error err;
    aigov_status st;

    if (!c)
        return AIGOV_NOMEM;
    memset(c, 0, sizeof *c);
    c->db = db;
    c->refs = 1;
    st = aigov_ctx_new(&alloc, &c->ctx, &err);
    if (st == AIGOV_OK) {
        aigov_buf_init(&c->recorded_by, c->ctx);
        aigov_buf_init(&c->receipt, c->ctx);
        aigov_buf_init(&c->scratch, c->ctx);
        aigov_buf_init(&c->rules.mark, c->ctx);
        st = aigov_record_new(c->ctx, &c->record, &err);
    }
    if (st == AIGOV_OK)
        st = aigov_record_new(c->ctx, &c->extra, &err);
    if (st != AIGOV_OK) {
        conn_unref(c);
        return st;
    }
    *out = c;
    return AIGOV_OK;
}

conn *conn_ref(conn *c)
{
    c->refs++;
    return c;
}

void conn_unref(void *p)
{
    conn *c = p;

    if (--c->refs > 0)
        return;
    if (c->ctx) {
        if (c->record)
            rules_forget(c);
        policies_forget(c);
        keys_forget(c);
        aigov_buf_free(&c->rules.mark);
        if (c->record)
            aigov_record_free(c->record);
        if (c->extra)
            aigov_record_free(c->extra);
        aigov_scanner_free(c->scanner);
        aigov_buf_free(&c->recorded_by);
        aigov_buf_free(&c->receipt);
        aigov_buf_free(&c->scratch);
        aigov_ctx_free(c->ctx);
    }
    sqlite3_free(c->login);
    sqlite3_free(c->as_of);
    sqlite3_free(c);
}

aigov_status conn_enter(conn *c)
{
    c->rc = SQLITE_OK;
    c->err.code = AIGOV_OK;
    if (!aigov_ctx_forked(c->ctx))
        return AIGOV_OK;
    return conn_fail(c, AIGOV_FORKED,
                     "this connection was opened before a fork",
                     "open the database again in the child");
}

/* --- errors -------------------------------------------------------------- */

aigov_status conn_fail(conn *c, aigov_status code, const char *text,
                       const char *hint)
{
    aigov_fail(&c->err, code, AIGOV_NO_POS, "%s", text);
    if (hint)
        aigov_hint(&c->err, "%s", hint);
    return code;
}

aigov_status conn_sql_error(conn *c)
{
    int rc = sqlite3_extended_errcode(c->db);

    c->rc = rc == SQLITE_OK ? SQLITE_ERROR : rc;
    if ((c->rc & 0xff) == SQLITE_NOMEM)
        return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    return conn_fail(c, AIGOV_IO, sqlite3_errmsg(c->db), NULL);
}

/* --- statements ---------------------------------------------------------- */

/* Missing tables mean that init was not called: say that instead. */
static aigov_status prepare_error(conn *c)
{
    aigov_status st = conn_sql_error(c);

    if ((c->rc & 0xff) != SQLITE_ERROR ||
        sqlite3_table_column_metadata(c->db, "main", "aigov_instance", NULL,
                                      NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_ERROR)
        return st;
    c->rc = SQLITE_OK;
    return conn_fail(c, AIGOV_NOLOG, "this database has no log",
                     "SELECT aigov_init('<your origin, e.g. "
                     "example.com/ai>')");
}

/* Have aigov_state connected, so that what is prepared now is finalized. */
static aigov_status connect_owner(conn *c)
{
    sqlite3_stmt *s = NULL;
    int rc;

    if (c->connected)
        return AIGOV_OK;
    rc = sqlite3_prepare_v2(c->db, "SELECT 1 FROM \"main\".aigov_state", -1, &s,
                            NULL);
    sqlite3_finalize(s);
    if (rc != SQLITE_OK)
        return conn_sql_error(c);
    if (!c->connected)
        return conn_fail(c, AIGOV_STATE, "the name aigov_state is taken",
                         "rename that table or view");
    return AIGOV_OK;
}

sqlite3_stmt *conn_stmt(conn *c, int which)
{
    sqlite3_stmt **s = &c->stmt[which];

    if (*s)
        return *s;
    if (connect_owner(c) != AIGOV_OK)
        return NULL;
    if (sqlite3_prepare_v3(c->db, kept[which], -1, SQLITE_PREPARE_PERSISTENT, s,
                           NULL) != SQLITE_OK)
        prepare_error(c);
    return *s;
}

static aigov_status prepare_list(conn *c, sqlite3_stmt **out,
                                 const char *format, va_list ap)
{
    char *sql = sqlite3_vmprintf(format, ap);
    aigov_status st = AIGOV_OK;

    *out = NULL;
    if (!sql)
        return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    if (sqlite3_prepare_v2(c->db, sql, -1, out, NULL) != SQLITE_OK)
        st = prepare_error(c);
    sqlite3_free(sql);
    return st;
}

aigov_status conn_prepare(conn *c, sqlite3_stmt **out, const char *format, ...)
{
    aigov_status st;
    va_list ap;

    va_start(ap, format);
    st = prepare_list(c, out, format, ap);
    va_end(ap);
    return st;
}

aigov_status conn_exec(conn *c, const char *format, ...)
{
    sqlite3_stmt *s;
    aigov_status st;
    va_list ap;
    int rc;

    va_start(ap, format);
    st = prepare_list(c, &s, format, ap);
    va_end(ap);
    if (st != AIGOV_OK)
        return st;
    do
        rc = sqlite3_step(s);
    while (rc == SQLITE_ROW);
    if (rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

/* --- the transaction ----------------------------------------------------- */

static aigov_status tx_new(conn *c)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t r[8];
    aigov_status st = aigov_random(c->ctx, r, sizeof r, &c->err);

    for (size_t i = 0; st == AIGOV_OK && i < sizeof r; i++) {
        c->tx[2 * i] = digit[r[i] >> 4];
        c->tx[2 * i + 1] = digit[r[i] & 15];
    }
    return st;
}

aigov_status conn_tx(conn *c, aigov_span *tx)
{
    aigov_status st = AIGOV_OK;

    if (!c->tx_live) {
        st = tx_new(c);
        if (st == AIGOV_OK && !c->opened)
            st = conn_exec(c, "INSERT INTO \"main\".aigov_state VALUES (0)");
        /* One of write_begin's own ends with write_end, which says so. */
        c->tx_live = st == AIGOV_OK;
    }
    *tx = (aigov_span){c->tx, 16};
    return st;
}

void conn_tx_end(conn *c)
{
    c->tx_live = false;
    c->memory.valid = false;
}

memory *conn_memory(conn *c)
{
    memory *m = &c->memory;

    if (!c->tx_live || m->changes != sqlite3_total_changes(c->db))
        m->valid = false;
    return m->valid ? m : NULL;
}

/* --- who and where ------------------------------------------------------- */

const char *conn_login(conn *c)
{
    struct passwd pw, *found = NULL;
    char buf[1024];

    if (c->login)
        return c->login;
    if (getpwuid_r(geteuid(), &pw, buf, sizeof buf, &found) == 0 && found)
        c->login = sqlite3_mprintf("%s", found->pw_name);
    else
        c->login = sqlite3_mprintf("uid:%lld", (sqlite3_int64)geteuid());
    return c->login;
}

aigov_status conn_recorded_by(conn *c, aigov_span *out)
{
    aigov_status st = AIGOV_OK;
    const char *login;

    if (c->recorded_by.n == 0) {
        login = conn_login(c);
        if (!login)
            return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
        st = aigov_recorded_by(c->ctx, aigov_str(login), AIGOV_ABSENT,
                               AIGOV_ABSENT, AIGOV_ABSENT, false,
                               &c->recorded_by, &c->err);
    }
    *out = aigov_buf_span(&c->recorded_by);
    return st;
}

const file_id *conn_file(conn *c)
{
    file_id *f = &c->file;
    const char *path;
    struct statx x;

    if (f->known)
        return f;
    path = sqlite3_db_filename(c->db, "main");
    f->known = true;
    f->memory = true;
    if (!path || !*path ||
        statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &x) != 0)
        return f;
    f->memory = false;
    f->inode = (int64_t)x.stx_ino;
    f->birth = 0;
    if (x.stx_mask & STATX_BTIME)
        f->birth = x.stx_btime.tv_sec * 1000000000 + x.stx_btime.tv_nsec;
    return f;
}

/* --- the table aigov_state ----------------------------------------------- */

typedef struct state_table {
    sqlite3_vtab base;
    conn *c;
} state_table;

static int state_connect(sqlite3 *db, void *aux, int argc,
                         const char *const *argv, sqlite3_vtab **out,
                         char **message)
{
    state_table *t;
    int rc;

    (void)argc;
    (void)argv;
    (void)message;
    rc = sqlite3_declare_vtab(db, "CREATE TABLE x(tx)");
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    t = sqlite3_malloc64(sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    memset(t, 0, sizeof *t);
    t->c = conn_ref(aux);
    t->c->connected = true;
    *out = &t->base;
    return SQLITE_OK;
}

static int state_disconnect(sqlite3_vtab *vtab)
{
    conn *c = ((state_table *)vtab)->c;

    for (int i = 0; i < STMT_COUNT; i++) {
        sqlite3_finalize(c->stmt[i]);
        c->stmt[i] = NULL;
    }
    c->connected = false;
    conn_unref(c);
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int state_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int state_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    (void)vtab;
    *out = sqlite3_malloc64(sizeof **out);
    return *out ? SQLITE_OK : SQLITE_NOMEM;
}

static int state_close(sqlite3_vtab_cursor *cur)
{
    sqlite3_free(cur);
    return SQLITE_OK;
}

static int state_filter(sqlite3_vtab_cursor *cur, int number, const char *name,
                        int argc, sqlite3_value **argv)
{
    (void)cur;
    (void)number;
    (void)name;
    (void)argc;
    (void)argv;
    return SQLITE_OK;
}

static int state_next(sqlite3_vtab_cursor *cur)
{
    (void)cur;
    return SQLITE_OK;
}

static int state_eof(sqlite3_vtab_cursor *cur)
{
    (void)cur;
    return 1; /* it has no rows */
}

static int state_column(sqlite3_vtab_cursor *cur, sqlite3_context *ctx, int i)
{
    (void)cur;
    (void)ctx;
    (void)i;
    return SQLITE_OK;
}

static int state_rowid(sqlite3_vtab_cursor *cur, sqlite3_int64 *rowid)
{
    (void)cur;
    *rowid = 0;
    return SQLITE_OK;
}

static int state_update(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                        sqlite3_int64 *rowid)
{
    (void)vtab;
    (void)argc;
    (void)argv;
    *rowid = 0; /* it is enough to have been written to */
    return SQLITE_OK;
}

static int state_begin(sqlite3_vtab *vtab)
{
    (void)vtab;
    return SQLITE_OK;
}

static int state_end(sqlite3_vtab *vtab)
{
    conn_tx_end(((state_table *)vtab)->c);
    return SQLITE_OK;
}

/* SQLite calls the next two only if it can call the third. */
static int state_savepoint(sqlite3_vtab *vtab, int n)
{
    (void)vtab;
    (void)n;
    return SQLITE_OK;
}

static int state_rollback_to(sqlite3_vtab *vtab, int n)
{
    (void)n;
    ((state_table *)vtab)->c->memory.valid = false;
    return SQLITE_OK;
}

int state_register(conn *c)
{
    static const sqlite3_module module = {
        .iVersion = 2,
        .xConnect = state_connect,
        .xBestIndex = state_best_index,
        .xDisconnect = state_disconnect,
        .xOpen = state_open,
        .xClose = state_close,
        .xFilter = state_filter,
        .xNext = state_next,
        .xEof = state_eof,
        .xColumn = state_column,
        .xRowid = state_rowid,
        .xUpdate = state_update,
        .xBegin = state_begin,
        .xCommit = state_end,
        .xRollback = state_end,
        .xSavepoint = state_savepoint,
        .xRelease = state_savepoint,
        .xRollbackTo = state_rollback_to,
    };

    return sqlite3_create_module_v2(c->db, "aigov_state", &module, conn_ref(c),
                                    conn_unref);
}
