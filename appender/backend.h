/*
 * backend.h - one database connection, PostgreSQL or SQLite
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What the appender and the command know of a database.  SQL is written once,
 * in PostgreSQL spelling; the SQLite backend makes `aigov.x` into `aigov_x`
 * (parameters $1, $2 are understood by both).  Values come back as text, the
 * same from both: bytes as lower-case hex, times as RFC 3339 UTC.
 *
 * A backend is used by one thread at a time and belongs to one process.
 */
#ifndef AIGOV_BACKEND_H
#define AIGOV_BACKEND_H

#include "aigov.h"

typedef struct backend backend;

typedef enum backend_mode {
    BACKEND_APPEND, /* the log is there and is written to */
    BACKEND_READ,   /* as APPEND, but a read-only SQLite file will do */
    BACKEND_CREATE  /* SQLite: make the file where there is none */
} backend_mode;

typedef struct backend_options {
    backend_mode mode;
    int timeout_ms;
    const char *application; /* borrowed during open */
    const char *login;       /* SQLite; NULL: the OS user */
    bool shares_sqlite;
} backend_options;

/* The two calls of an append, prepared once a connection. */
typedef enum backend_call { BACKEND_ONE, BACKEND_BATCH } backend_call;

/* One row; absent spans are NULL; they live until the function returns.  False
 * stops the query with AIGOV_CANCELED. */
typedef bool (*backend_row_fn)(void *host, int n, const aigov_span *value);

struct backend {
    const struct backend_ops *ops;
    aigov_ctx *ctx;
    bool unsure;      /* the last call failed where it may have committed */
    bool fresh;       /* CREATE made the file */
    bool immutable;   /* READ: nothing can be locked; taken as it stands */
    char sqlstate[6]; /* of the last failure */
};

struct backend_ops {
    bool sqlite;
    /* in: the record or array; out: appended to */
    aigov_status (*call)(backend *b, backend_call which, aigov_span in,
                         aigov_buf *out, aigov_error *err);
    aigov_status (*query)(backend *b, const char *sql, int n,
                          const aigov_span *arg, backend_row_fn row, void *host,
                          aigov_error *err);
    void (*close)(backend *b);
    /* In a forked child: free memory, leave connection and locks alone. */
    void (*abandon)(backend *b);
};

bool backend_is_pg(const char *target);
aigov_status backend_open(aigov_ctx *ctx, const char *target,
                          const backend_options *options, backend **out,
                          aigov_error *err);
aigov_status backend_open_pg(aigov_ctx *ctx, const char *target,
                             const backend_options *options, backend **out,
                             aigov_error *err);
aigov_status backend_open_sqlite(aigov_ctx *ctx, const char *target,
                                 const backend_options *options, backend **out,
                                 aigov_error *err);

#endif
