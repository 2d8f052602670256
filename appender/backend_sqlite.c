/*
 * backend_sqlite.c - a log in an SQLite file
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The module of sqlite_aigov/ is linked in, so nothing is loaded at run time
 * and load_extension stays off.  The connection is the appender's own: a
 * rollback of the application's takes no record with it.
 *
 *   busy_timeout   waits for other writers, in other processes too
 *   DEFENSIVE      SQL cannot write to pages or to the schema
 *   journal mode   the file's own; `aigov init` sets WAL on a file it makes
 *
 * Two copies of SQLite in one process on one file lose commits: POSIX locks
 * belong to the process, and the copy that closes its file drops the other's
 * (measured: WAL takes the commit, and another process's row is gone).  So
 * open looks at what the process has open and refuses a file that is there and
 * is not ours.  Ours are counted in `files` below, the library's one piece of
 * static data.
 */
#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../sqlite_aigov/names.h"
#include "backend.h"

int sqlite3_aigov_init(sqlite3 *db, char **message, const void *api);

typedef struct sqlite_backend {
    backend base;
    sqlite3 *db;
    sqlite3_stmt *call[2];
    bool counted;
    dev_t dev;
    ino_t ino;
} sqlite_backend;

/* --- files that this library has open ------------------------------------ */

#define MAX_FILES 64

static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    dev_t dev;
    ino_t ino;
    unsigned open; /* 0: free */
} files[MAX_FILES];

/* Under files_lock: the entry of a file, or a free one, or -1. */
static int file_slot(dev_t dev, ino_t ino)
{
    int unused = -1;

    for (int i = 0; i < MAX_FILES; i++) {
        if (files[i].open > 0 && files[i].dev == dev && files[i].ino == ino)
            return i;
        if (files[i].open == 0)
            unused = i;
    }
    return unused;
}

/* Whether any descriptor of this process is that file.  Looking must not open
 * it: closing a descriptor would drop the process's locks. */
static bool open_elsewhere(dev_t dev, ino_t ino)
{
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *e;
    bool found = false;

    if (dir == NULL)
        return false; /* not Linux, or no /proc: nothing to look at */
    while (!found && (e = readdir(dir)) != NULL) {
        struct stat s;

        if (e->d_name[0] != '.' && fstatat(dirfd(dir), e->d_name, &s, 0) == 0)
            found = s.st_dev == dev && s.st_ino == ino && S_ISREG(s.st_mode);
    }
    closedir(dir);
    return found;
}

static aigov_status file_take(sqlite_backend *b, const char *path, bool shares,
                              aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    struct stat s;
    int i;

    if (stat(path, &s) != 0)
        return AIGOV_OK; /* sqlite3_open says why */
    pthread_mutex_lock(&files_lock);
    i = file_slot(s.st_dev, s.st_ino);
    if (!shares && (i < 0 || files[i].open == 0) &&
        open_elsewhere(s.st_dev, s.st_ino)) {
        st = aigov_fail(err, AIGOV_STATE, AIGOV_NO_POS,
                        "this process has the file open already");
        aigov_hint(err, "a second copy of SQLite on it would lose commits; "
                        "give the log a file of its own, or set "
                        "shares_sqlite where there is one libsqlite3");
    } else if (i >= 0) {
        files[i].dev = b->dev = s.st_dev;
        files[i].ino = b->ino = s.st_ino;
        files[i].open++;
        b->counted = true;
    }
    pthread_mutex_unlock(&files_lock);
    return st;
}

static void file_give(sqlite_backend *b)
{
    int i;

    if (!b->counted)
        return;
    pthread_mutex_lock(&files_lock);
    i = file_slot(b->dev, b->ino);
    if (i >= 0 && files[i].open > 0)
        files[i].open--;
    pthread_mutex_unlock(&files_lock);
}

/* --- errors -------------------------------------------------------------- */

/* "IG103: text at byte 17; hint: ..." as sqlite_aigov.c writes it. */
static void parse_message(const char *m, aigov_error *err)
{
    const char *text = m + 7, *end = text + strlen(text);
    const char *hint = strstr(text, "; hint: ");
    const char *at = NULL, *next = text;
    size_t pos = AIGOV_NO_POS;
    char *digits_end;

    if (hint != NULL)
        end = hint;
    while ((next = strstr(next, " at byte ")) != NULL && next < end)
        at = next++;
    if (at != NULL) {
        pos = strtoull(at + 9, &digits_end, 10);
        if (digits_end == end)
            end = at;
        else
            pos = AIGOV_NO_POS;
    }
    aigov_fail(err, (aigov_status)strtol(m + 2, NULL, 10), pos, "%.*s",
               (int)(end - text), text);
    if (hint != NULL)
        aigov_hint(err, "%s", hint + 8);
}

static aigov_status status_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return AIGOV_NOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return AIGOV_BUSY;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return AIGOV_READONLY;
    case SQLITE_AUTH:
        return AIGOV_DENIED;
    case SQLITE_INTERRUPT:
        return AIGOV_CANCELED;
    default:
        return AIGOV_IO;
    }
}

static aigov_status sql_error(sqlite_backend *b, aigov_error *err)
{
    int rc = sqlite3_extended_errcode(b->db);
    const char *m = sqlite3_errmsg(b->db);
    aigov_status st = status_of(rc);

    b->base.sqlstate[0] = '\0';
    /* A commit whose fsync failed may be there after the next recovery. */
    b->base.unsure = (rc & 0xff) == SQLITE_IOERR;
    if (st == AIGOV_NOMEM)
        return aigov_fail(err, st, AIGOV_NO_POS, "out of memory");
    if (strncmp(m, "IG", 2) == 0 && strlen(m) > 7 && m[5] == ':') {
        parse_message(m, err);
        return err->code;
    }
    aigov_fail(err, st, AIGOV_NO_POS, "%s", m);
    if (strstr(m, "no such table: aigov_") != NULL) {
        aigov_fail(err, AIGOV_NOLOG, AIGOV_NO_POS, "this database has no log");
        aigov_hint(err, "aigov init FILE ORIGIN makes one");
    }
    if (st == AIGOV_BUSY)
        aigov_hint(err, "another writer held the file all the time; try again");
    return err->code;
}

/* --- values -------------------------------------------------------------- */

static bool column(sqlite3_stmt *s, int i, aigov_buf *hex, aigov_span *out)
{
    const void *p;

    switch (sqlite3_column_type(s, i)) {
    case SQLITE_NULL:
        *out = AIGOV_ABSENT;
        return true;
    case SQLITE_BLOB:
        p = sqlite3_column_blob(s, i);
        hex->n = 0;
        if (!aigov_buf_reserve(hex, 1) ||
            !aigov_buf_put_hex(hex, p, (size_t)sqlite3_column_bytes(s, i)))
            return false;
        *out = aigov_buf_span(hex);
        return true;
    default:
        out->p = (const char *)sqlite3_column_text(s, i);
        out->n = (size_t)sqlite3_column_bytes(s, i);
        return out->p != NULL;
    }
}

/* `aigov.x` is `aigov_x` here. */
static char *render(aigov_ctx *ctx, const char *sql, size_t *size)
{
    char *p;

    *size = strlen(sql) + 1;
    p = aigov_malloc(ctx, *size);
    if (p == NULL)
        return NULL;
    memcpy(p, sql, *size);
    for (char *at = p; (at = strstr(at, "aigov.")) != NULL; at += 6)
        at[5] = '_';
    return p;
}

/*
 * No call may leave a transaction open: the next one would join it, and its
 * receipts would be for records that close() rolls back.  It happens where
 * memory runs out inside a function of the module: SQLite then refuses even the
 * module's ROLLBACK until the statement that called it is over.  Here it is.
 */
static bool settled(sqlite_backend *b)
{
    if (sqlite3_get_autocommit(b->db))
        return true;
    sqlite3_exec(b->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* --- calls --------------------------------------------------------------- */

static aigov_status sqlite_call(backend *base, backend_call which,
                                aigov_span in, aigov_buf *out, aigov_error *err)
{
    static const char *const sql[] = {"SELECT aigov_append(?1)",
                                      "SELECT aigov_append_batch(?1)"};
    sqlite_backend *b = (sqlite_backend *)base;
    sqlite3_stmt **s = &b->call[which];
    aigov_status st = AIGOV_OK;

    base->unsure = false;
    settled(b);
    if (*s == NULL &&
        sqlite3_prepare_v3(b->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, s,
                           NULL) != SQLITE_OK)
        return sql_error(b, err);
    if (sqlite3_bind_text64(*s, 1, in.p, in.n, SQLITE_STATIC, SQLITE_UTF8) !=
        SQLITE_OK)
        return sql_error(b, err);
    if (sqlite3_step(*s) != SQLITE_ROW) {
        st = sql_error(b, err);
    } else {
        const char *text = (const char *)sqlite3_column_text(*s, 0);

        if (text == NULL ||
            !aigov_buf_put(out, text, (size_t)sqlite3_column_bytes(*s, 0))) {
            st = aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
            base->unsure = true; /* it is committed, without a receipt */
        }
    }
    sqlite3_reset(*s);
    sqlite3_clear_bindings(*s);
    if (!settled(b) && st == AIGOV_OK)
        st = aigov_fail(err, AIGOV_IO, AIGOV_NO_POS,
                        "the transaction was not committed");
    return st;
}

static aigov_status run(sqlite_backend *b, sqlite3_stmt *s, backend_row_fn row,
                        void *host, aigov_error *err)
{
    enum { MAX_COLUMNS = 32 };
    aigov_span value[MAX_COLUMNS];
    aigov_buf hex[MAX_COLUMNS];
    int n = sqlite3_column_count(s), rc;
    aigov_status st = AIGOV_OK;

    n = n < MAX_COLUMNS ? n : MAX_COLUMNS;
    for (int i = 0; i < n; i++)
        aigov_buf_init(&hex[i], b->base.ctx);
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; st == AIGOV_OK && i < n; i++)
            if (!column(s, i, &hex[i], &value[i]))
                st =
                    aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
        if (st == AIGOV_OK && row != NULL && !row(host, n, value))
            st = aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS, "stopped");
    }
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = sql_error(b, err);
    for (int i = 0; i < n; i++)
        aigov_buf_free(&hex[i]);
    return st;
}

static aigov_status sqlite_query(backend *base, const char *sql, int n,
                                 const aigov_span *arg, backend_row_fn row,
                                 void *host, aigov_error *err)
{
    sqlite_backend *b = (sqlite_backend *)base;
    sqlite3_stmt *s = NULL;
    aigov_status st = AIGOV_OK;
    size_t size;
    char *text = render(base->ctx, sql, &size);

    base->unsure = false;
    if (text == NULL)
        return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    if (sqlite3_prepare_v2(b->db, text, -1, &s, NULL) != SQLITE_OK)
        st = sql_error(b, err);
    for (int i = 0; st == AIGOV_OK && i < n; i++) {
        char name[16];
        int at;

        snprintf(name, sizeof name, "$%d", i + 1);
        at = sqlite3_bind_parameter_index(s, name);
        if (at > 0 && arg[i].p != NULL &&
            sqlite3_bind_text64(s, at, arg[i].p, arg[i].n, SQLITE_STATIC,
                                SQLITE_UTF8) != SQLITE_OK)
            st = sql_error(b, err);
    }
    if (st == AIGOV_OK)
        st = run(b, s, row, host, err);
    sqlite3_finalize(s);
    aigov_mfree(base->ctx, text, size);
    return st;
}

/* --- open and close ------------------------------------------------------ */

static void sqlite_close(backend *base)
{
    sqlite_backend *b = (sqlite_backend *)base;

    sqlite3_finalize(b->call[BACKEND_ONE]);
    sqlite3_finalize(b->call[BACKEND_BATCH]);
    sqlite3_close(b->db);
    file_give(b);
    aigov_mfree(base->ctx, b, sizeof *b);
}

/* In a forked child SQLite's locks are the parent's: the connection is left
 * where it is. */
static void sqlite_abandon(backend *base)
{
    aigov_mfree(base->ctx, base, sizeof(sqlite_backend));
}

static const struct backend_ops sqlite_ops = {true, sqlite_call, sqlite_query,
                                              sqlite_close, sqlite_abandon};

static aigov_status pragma(sqlite_backend *b, const char *sql, aigov_error *err)
{
    if (sqlite3_exec(b->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return AIGOV_OK;
    return sql_error(b, err);
}

static int name_of(void *host, int n, char **value, char **column_name)
{
    (void)n;
    (void)column_name;
    snprintf(host, 64, "%s", value[0] == NULL ? "" : value[0]);
    return 0;
}

/* A stored object goes before the module's table of the same name, and would
 * answer in its place: verify() would say what the file says. */
static aigov_status no_impostors(sqlite_backend *b, aigov_error *err)
{
    static const char sql[] =
        "SELECT type || ' ' || name FROM"
        " (SELECT type, name FROM main.sqlite_master"
        "  UNION ALL SELECT type, name FROM temp.sqlite_master)"
        " WHERE lower(name) IN (" AIGOV_MODULE_TABLES ") LIMIT 1";
    char found[64] = "";

    if (sqlite3_exec(b->db, sql, name_of, found, NULL) != SQLITE_OK)
        return sql_error(b, err);
    if (found[0] == '\0')
        return AIGOV_OK;
    aigov_fail(err, AIGOV_STATE, AIGOV_NO_POS,
               "the file holds a %s, a name of the module's own", found);
    return aigov_hint(err, "it would answer in the module's place: nothing "
                           "this file says of itself can be believed");
}

static aigov_status configure(sqlite_backend *b, const backend_options *o,
                              aigov_error *err)
{
    aigov_span login[] = {aigov_str(o->login)};
    aigov_status st = AIGOV_OK;
    char *message = NULL;

    sqlite3_extended_result_codes(b->db, 1);
    sqlite3_busy_timeout(b->db, o->timeout_ms);
    sqlite3_db_config(b->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(b->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* SQLite looks into the file only when asked: is it a database? */
    st = no_impostors(b, err);
    if (st != AIGOV_OK)
        return st;
    if (sqlite3_aigov_init(b->db, &message, NULL) != SQLITE_OK) {
        st = message == NULL
                 ? sql_error(b, err)
                 : aigov_fail(err, AIGOV_IO, AIGOV_NO_POS, "%s", message);
        sqlite3_free(message);
        return st;
    }
    if (b->base.fresh)
        st = pragma(b, "PRAGMA journal_mode = WAL", err);
    if (st == AIGOV_OK && o->login != NULL)
        st = sqlite_query(&b->base, "SELECT aigov.set('login', $1)", 1, login,
                          NULL, NULL, err);
    return st;
}

/* A file that cannot be opened, in words. */
static aigov_status open_error(sqlite_backend *b, const char *path,
                               aigov_error *err)
{
    struct stat s;

    if (b->db == NULL)
        return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    if (stat(path, &s) != 0) {
        aigov_fail(err, AIGOV_IO, AIGOV_NO_POS, "there is no such file");
        return aigov_hint(err, "aigov init FILE ORIGIN makes one");
    }
    return sql_error(b, err);
}

static int open_file(sqlite_backend *b, const char *path, backend_mode mode)
{
    static const int flags[] = {
        [BACKEND_APPEND] = SQLITE_OPEN_READWRITE,
        [BACKEND_READ] = SQLITE_OPEN_READWRITE,
        [BACKEND_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
    };
    int rc = sqlite3_open_v2(
        path, &b->db,
        flags[mode] | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);

    if (rc == SQLITE_CANTOPEN && mode == BACKEND_READ) {
        sqlite3_close(b->db);
        rc = sqlite3_open_v2(
            path, &b->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, NULL);
    }
    return rc;
}

/* "file:" and the path, with what means something in a URI escaped. */
static char *immutable_uri(const char *path)
{
    static const char hex[] = "0123456789ABCDEF";
    char *escaped = sqlite3_malloc64(3 * strlen(path) + 1), *at = escaped;
    char *uri;

    if (escaped == NULL)
        return NULL;
    for (; *path != '\0'; path++) {
        unsigned char c = (unsigned char)*path;

        if (c == '%' || c == '?' || c == '#') {
            *at++ = '%';
            *at++ = hex[c >> 4];
            *at++ = hex[c & 15];
        } else {
            *at++ = *path;
        }
    }
    *at = '\0';
    uri = sqlite3_mprintf("file:%s?immutable=1", escaped);
    sqlite3_free(escaped);
    return uri;
}

/*
 * A file with a write-ahead log needs its -shm, which cannot be made in a
 * folder that is read-only.  Where no log lies beside it, nothing can be missed
 * by reading it as it stands.
 */
static aigov_status reopen_immutable(sqlite_backend *b, const char *path,
                                     const backend_options *o, aigov_error *err)
{
    char *wal = sqlite3_mprintf("%s-wal", path);
    char *uri = wal == NULL ? NULL : immutable_uri(path);
    aigov_status st = err->code;
    struct stat s;

    if (uri == NULL) {
        st = aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    } else if (stat(wal, &s) == 0 && s.st_size > 0) {
        aigov_hint(err, "the folder is read-only; copy the file with its -wal "
                        "to where it can be written");
    } else {
        sqlite3_close(b->db);
        b->db = NULL;
        b->base.immutable = true;
        st = sqlite3_open_v2(uri, &b->db,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
                                 SQLITE_OPEN_FULLMUTEX,
                             NULL) == SQLITE_OK
                 ? configure(b, o, err)
                 : open_error(b, path, err);
    }
    sqlite3_free(uri);
    sqlite3_free(wal);
    return st;
}

static bool only_readable(const sqlite_backend *b, const backend_options *o,
                          aigov_status st)
{
    return o->mode == BACKEND_READ && b->db != NULL &&
           (st == AIGOV_READONLY || st == AIGOV_IO) &&
           sqlite3_db_readonly(b->db, "main") == 1;
}

aigov_status backend_open_sqlite(aigov_ctx *ctx, const char *target,
                                 const backend_options *options, backend **out,
                                 aigov_error *err)
{
    sqlite_backend *b = aigov_malloc(ctx, sizeof *b);
    aigov_status st;
    struct stat s;

    if (b == NULL)
        return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    *b = (sqlite_backend){.base = {.ops = &sqlite_ops, .ctx = ctx}};
    b->base.fresh = options->mode == BACKEND_CREATE &&
                    (stat(target, &s) != 0 || s.st_size == 0);
    st = file_take(b, target, options->shares_sqlite, err);
    if (st == AIGOV_OK && open_file(b, target, options->mode) != SQLITE_OK)
        st = open_error(b, target, err);
    if (st == AIGOV_OK) {
        st = configure(b, options, err);
        if (only_readable(b, options, st))
            st = reopen_immutable(b, target, options, err);
    }
    if (st != AIGOV_OK) {
        sqlite_close(&b->base);
        return st;
    }
    *out = &b->base;
    return AIGOV_OK;
}
