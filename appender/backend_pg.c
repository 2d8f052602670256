/*
 * backend_pg.c - a log in PostgreSQL, over libpq
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Appends are one prepared statement each, in autocommit: the receipt arrives
 * when the commit is done.  Nothing is sent twice.  When the connection breaks
 * while a statement is under way the commit may have happened, and that is what
 * the caller is told (POSSIBLY_PERSISTED); the next call connects anew before
 * it sends anything, so its failure to connect is a plain NOT_PERSISTED.
 *
 * A record that is valid UTF-8 goes as text; other bytes, which PostgreSQL's
 * text refuses, go to the same function as bytea.
 *
 * Statement names do not survive a pooler in transaction mode (26000); the
 * same text is then sent unnamed, from then on.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"

typedef struct pg_backend {
    backend base;
    PGconn *conn;
    bool reading;     /* timestamps are wanted in UTC */
    bool unnamed;     /* a pooler is between */
    bool prepared[4]; /* by statement below */
} pg_backend;

static const char *const call_sql[4] = {
    "SELECT aigov.append($1::text)", "SELECT aigov.append_batch($1::text)",
    "SELECT aigov.append($1::bytea)", "SELECT aigov.append_batch($1::bytea)"};
static const char *const call_name[4] = {"aigov_one", "aigov_batch",
                                         "aigov_one_b", "aigov_batch_b"};

/* --- errors -------------------------------------------------------------- */

/* The first line of what libpq says, without its end. */
static aigov_status conn_error(pg_backend *b, aigov_error *err)
{
    const char *m = PQerrorMessage(b->conn);

    return aigov_fail(err, AIGOV_IO, AIGOV_NO_POS, "%.*s",
                      (int)strcspn(m, "\n"), m);
}

/* The status whose SQLSTATE this is.  Where two share one, the first. */
static aigov_status status_of(const char *state)
{
    static const aigov_status all[] = {
#define AIGOV_STATUS(number, name, sqlstate, sqlite, text) AIGOV_##name,
#include "status.def"
#undef AIGOV_STATUS
    };

    for (size_t i = 1; i < sizeof all / sizeof *all; i++)
        if (all[i] != AIGOV_FORKED &&
            strcmp(aigov_status_sqlstate(all[i]), state) == 0)
            return all[i];
    if (strcmp(state, "3F000") == 0 || strcmp(state, "42883") == 0 ||
        strcmp(state, "42P01") == 0)
        return AIGOV_NOLOG; /* no schema aigov, no such function or table */
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
        return AIGOV_BUSY;
    return AIGOV_IO;
}

/* "Stage parse, byte offset 17." as pg_aigov.c writes it. */
static void read_detail(const char *detail, aigov_error *err)
{
    const char *offset = strstr(detail, "yte offset ");
    size_t n =
        strncmp(detail, "Stage ", 6) == 0 ? strcspn(detail + 6, ",.") : 0;

    if (n > 0 && n < sizeof err->stage)
        memcpy(err->stage, detail + 6, n);
    if (offset != NULL)
        err->pos = strtoull(offset + 11, NULL, 10);
}

static aigov_status result_error(pg_backend *b, const PGresult *r,
                                 aigov_error *err)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(r, PG_DIAG_MESSAGE_HINT);

    b->base.unsure = PQstatus(b->conn) != CONNECTION_OK;
    if (state == NULL || text == NULL)
        return conn_error(b, err);
    snprintf(b->base.sqlstate, sizeof b->base.sqlstate, "%s", state);
    if (strncmp(state, "08", 2) == 0 || strcmp(state, "40003") == 0)
        b->base.unsure = true; /* statement completion unknown */
    aigov_fail(err, status_of(state), AIGOV_NO_POS, "%s", text);
    if (detail != NULL)
        read_detail(detail, err);
    if (err->code == AIGOV_NOLOG && strcmp(state, "IG204") != 0)
        aigov_hint(err, "CREATE EXTENSION aigov, then aigov init");
    else if (hint != NULL)
        aigov_hint(err, "%s", hint);
    return err->code;
}

/* --- connection ---------------------------------------------------------- */

static void silent(void *host, const PGresult *r)
{
    (void)host;
    (void)r;
}

/* What reading relies on: one form of times in every session. */
static aigov_status settle(pg_backend *b, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    PGresult *r;

    PQsetNoticeReceiver(b->conn, silent, NULL);
    memset(b->prepared, 0, sizeof b->prepared);
    if (!b->reading)
        return AIGOV_OK;
    r = PQexec(b->conn, "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'");
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        st = result_error(b, r, err);
    PQclear(r);
    return st;
}

/* A connection that broke is made anew before anything is sent. */
static aigov_status connected(pg_backend *b, aigov_error *err)
{
    b->base.unsure = false;
    b->base.sqlstate[0] = '\0';
    if (PQstatus(b->conn) == CONNECTION_OK)
        return AIGOV_OK;
    PQreset(b->conn);
    if (PQstatus(b->conn) != CONNECTION_OK)
        return conn_error(b, err);
    return settle(b, err);
}

/* --- appends ------------------------------------------------------------- */

static bool is_state(const PGresult *r, const char *want)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

    return state != NULL && strcmp(state, want) == 0;
}

static aigov_status prepare(pg_backend *b, int which, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    PGresult *r;

    if (b->unnamed || b->prepared[which])
        return AIGOV_OK;
    r = PQprepare(b->conn, call_name[which], call_sql[which], 0, NULL);
    /* 42P05: it is there already, behind a pooler. */
    if (PQresultStatus(r) == PGRES_COMMAND_OK || is_state(r, "42P05"))
        b->prepared[which] = true;
    else {
        st = result_error(b, r, err);
        b->base.unsure = false; /* only prepared */
    }
    PQclear(r);
    return st;
}

static PGresult *execute(pg_backend *b, int which, aigov_span in)
{
    const char *value[] = {in.p};
    int length[] = {(int)in.n}, format[] = {which >= 2};
    PGresult *r;

    if (b->unnamed)
        return PQexecParams(b->conn, call_sql[which], 1, NULL, value, length,
                            format, 0);
    r = PQexecPrepared(b->conn, call_name[which], 1, value, length, format, 0);
    if (PQresultStatus(r) == PGRES_TUPLES_OK || !is_state(r, "26000"))
        return r;
    PQclear(r); /* the name is unknown: nothing was run */
    b->unnamed = true;
    return execute(b, which, in);
}

static aigov_status pg_call(backend *base, backend_call call, aigov_span in,
                            aigov_buf *out, aigov_error *err)
{
    pg_backend *b = (pg_backend *)base;
    bool text = aigov_utf8_valid(in) == in.n && memchr(in.p, 0, in.n) == NULL;
    int which = (int)call + (text ? 0 : 2);
    aigov_buf copy;
    aigov_status st = connected(b, err);
    PGresult *r;

    aigov_buf_init(&copy, base->ctx);
    if (st == AIGOV_OK)
        st = prepare(b, which, err);
    if (st == AIGOV_OK && in.n > INT32_MAX)
        st =
            aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS, "the batch is too big");
    if (st == AIGOV_OK &&
        (!aigov_buf_put(&copy, in.p, in.n) || !aigov_buf_put(&copy, "", 1)))
        st = aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    if (st != AIGOV_OK) {
        aigov_buf_free(&copy);
        return st;
    }
    r = execute(b, which, (aigov_span){copy.p, in.n});
    if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
        st = result_error(b, r, err);
    else if (!aigov_buf_put(out, PQgetvalue(r, 0, 0),
                            (size_t)PQgetlength(r, 0, 0))) {
        st = aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
        base->unsure = true; /* it is committed, without a receipt */
    }
    PQclear(r);
    aigov_buf_free(&copy);
    return st;
}

/* --- queries ------------------------------------------------------------- */

#define OID_BYTEA 17
#define OID_TIMESTAMPTZ 1184
#define OID_BOOL 16

/* 2026-09-11 08:15:02.1+00 becomes 2026-09-11T08:15:02.100000Z. */
static aigov_span utc(const char *p, size_t n, char out[AIGOV_TIME_LEN + 1])
{
    size_t digits = 0;

    if (n < 22 || p[10] != ' ')
        return (aigov_span){p, n};
    memcpy(out, p, 19);
    out[10] = 'T';
    memcpy(out + 19, ".000000Z", 9);
    while (p[19] == '.' && digits < 6 && p[20 + digits] >= '0' &&
           p[20 + digits] <= '9') {
        out[20 + digits] = p[20 + digits];
        digits++;
    }
    return (aigov_span){out, AIGOV_TIME_LEN};
}

enum { MAX_COLUMNS = 32 };

static bool give_row(const PGresult *r, backend_row_fn row, void *host)
{
    char time[MAX_COLUMNS][AIGOV_TIME_LEN + 1];
    aigov_span value[MAX_COLUMNS];
    int n = PQnfields(r);

    n = n < MAX_COLUMNS ? n : MAX_COLUMNS;
    for (int i = 0; i < n; i++) {
        value[i] = AIGOV_ABSENT;
        if (PQgetisnull(r, 0, i))
            continue;
        value[i].p = PQgetvalue(r, 0, i);
        value[i].n = (size_t)PQgetlength(r, 0, i);
        if (PQftype(r, i) == OID_BYTEA && value[i].n >= 2) {
            value[i].p += 2; /* \x */
            value[i].n -= 2;
        } else if (PQftype(r, i) == OID_TIMESTAMPTZ) {
            value[i] = utc(value[i].p, value[i].n, time[i]);
        } else if (PQftype(r, i) == OID_BOOL) {
            value[i] = *value[i].p == 't' ? AIGOV_LIT("1") : AIGOV_LIT("0");
        }
    }
    return row == NULL || row(host, n, value);
}

/* One row at a time: a log may be larger than memory.  All results are read,
 * whatever happens, or the connection could not be used again. */
static aigov_status drain(pg_backend *b, backend_row_fn row, void *host,
                          aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    PGresult *r;

    while ((r = PQgetResult(b->conn)) != NULL) {
        switch (PQresultStatus(r)) {
        case PGRES_SINGLE_TUPLE:
            if (st == AIGOV_OK && !give_row(r, row, host))
                st = aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS, "stopped");
            break;
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
            break;
        default:
            if (st == AIGOV_OK)
                st = result_error(b, r, err);
        }
        PQclear(r);
    }
    return st;
}

static aigov_status pg_query(backend *base, const char *sql, int n,
                             const aigov_span *arg, backend_row_fn row,
                             void *host, aigov_error *err)
{
    enum { MAX_ARGS = 8 };
    pg_backend *b = (pg_backend *)base;
    const char *value[MAX_ARGS] = {NULL};
    aigov_buf text;
    aigov_status st = connected(b, err);
    size_t at = 0;
    bool ok = true;

    aigov_buf_init(&text, base->ctx);
    for (int i = 0; i < n && i < MAX_ARGS; i++)
        ok = ok &&
             (arg[i].p == NULL || (aigov_buf_put(&text, arg[i].p, arg[i].n) &&
                                   aigov_buf_put(&text, "", 1)));
    for (int i = 0; ok && i < n && i < MAX_ARGS; i++) {
        if (arg[i].p == NULL)
            continue;
        value[i] = text.p + at;
        at += arg[i].n + 1;
    }
    if (st == AIGOV_OK && !ok)
        st = aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    if (st == AIGOV_OK &&
        PQsendQueryParams(b->conn, sql, n, NULL, value, NULL, NULL, 0) != 1) {
        st = conn_error(b, err);
        base->unsure = true;
    }
    if (st == AIGOV_OK) {
        PQsetSingleRowMode(b->conn);
        st = drain(b, row, host, err);
    }
    aigov_buf_free(&text);
    return st;
}

/* --- open and close ------------------------------------------------------ */

static void pg_close(backend *base)
{
    PQfinish(((pg_backend *)base)->conn);
    aigov_mfree(base->ctx, base, sizeof(pg_backend));
}

/* PQfinish in a child would say goodbye on the parent's connection. */
static void pg_abandon(backend *base)
{
    aigov_mfree(base->ctx, base, sizeof(pg_backend));
}

static const struct backend_ops pg_ops = {false, pg_call, pg_query, pg_close,
                                          pg_abandon};

aigov_status backend_open_pg(aigov_ctx *ctx, const char *target,
                             const backend_options *options, backend **out,
                             aigov_error *err)
{
    /* What the target itself says comes after and wins. */
    const char *key[] = {"fallback_application_name", "connect_timeout",
                         "client_encoding", "dbname", NULL};
    char seconds[16];
    const char *value[] = {options->application, seconds, "UTF8", target, NULL};
    pg_backend *b = aigov_malloc(ctx, sizeof *b);
    aigov_status st;

    if (b == NULL)
        return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    snprintf(seconds, sizeof seconds, "%d", (options->timeout_ms + 999) / 1000);
    *b = (pg_backend){.base = {.ops = &pg_ops, .ctx = ctx},
                      .reading = options->mode == BACKEND_READ};
    b->conn = PQconnectdbParams(key, value, 1);
    if (b->conn == NULL)
        st = aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    else if (PQstatus(b->conn) != CONNECTION_OK)
        st = conn_error(b, err);
    else
        st = settle(b, err);
    if (st != AIGOV_OK) {
        pg_close(&b->base);
        return st;
    }
    *out = &b->base;
    return AIGOV_OK;
}
