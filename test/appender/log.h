/*
 * log.h - a log to test with
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * new_log gives the target of a fresh SQLite log in $TMPDIR; query_one runs a
 * query on a connection of its own and gives the first column of its row.
 */
#ifndef AIGOV_TEST_LOG_H
#define AIGOV_TEST_LOG_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aigov_appender.h"
#include "backend.h"
#include "tap.h"

typedef struct answer {
    char text[256];
    int rows;
} answer;

static inline bool answer_row(void *host, int n, const aigov_span *v)
{
    answer *a = host;

    if (n > 0 && a->rows++ == 0)
        snprintf(a->text, sizeof a->text, "%.*s", (int)v[0].n,
                 v[0].p == NULL ? "" : v[0].p);
    return true;
}

static inline answer query_mode(const char *target, backend_mode mode,
                                const char *sql)
{
    backend_options o = {.mode = mode,
                         .timeout_ms = 5000,
                         .application = "test",
                         .shares_sqlite = true};
    aigov_error e = {.pos = AIGOV_NO_POS};
    answer a = {.rows = 0};
    aigov_ctx *ctx = NULL;
    backend *b = NULL;

    if (aigov_ctx_new(NULL, &ctx, &e) == AIGOV_OK &&
        backend_open(ctx, target, &o, &b, &e) == AIGOV_OK) {
        if (b->ops->query(b, sql, 0, NULL, answer_row, &a, &e) != AIGOV_OK)
            snprintf(a.text, sizeof a.text, "error: %.200s", e.text);
        b->ops->close(b);
    } else {
        snprintf(a.text, sizeof a.text, "error: %.200s", e.text);
    }
    aigov_ctx_free(ctx);
    return a;
}

static inline answer query_one(const char *target, const char *sql)
{
    return query_mode(target, BACKEND_READ, sql);
}

static inline char *new_log(const char *name)
{
    const char *dir = getenv("TMPDIR");
    size_t n = strlen(dir == NULL ? "/tmp" : dir) + strlen(name) + 32;
    char *path = malloc(n);

    snprintf(path, n, "%s/%s-%d.db", dir == NULL ? "/tmp" : dir, name,
             (int)getpid());
    unlink(path);
    query_mode(path, BACKEND_CREATE, "SELECT aigov.init('example.com/test')");
    return path;
}

#endif
