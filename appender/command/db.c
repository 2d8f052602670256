/*
 * db.c - a connection for the commands that read
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "command.h"

int db_open(db *d, const char *command, const char *target, backend_mode mode)
{
    backend_options o = {
        .mode = mode, .timeout_ms = 5000, .application = "aigov"};
    aigov_error e = {.pos = AIGOV_NO_POS};

    *d = (db){.command = command};
    if (aigov_ctx_new(NULL, &d->ctx, &e) != AIGOV_OK)
        return trouble_error(command, &e);
    if (backend_open(d->ctx, target, &o, &d->backend, &e) == AIGOV_OK) {
        if (d->backend->immutable)
            trouble(command, "the file and its folder are read-only: read as "
                             "it stands (immutable), without locks");
        return FINE;
    }
    trouble_error(command, &e);
    aigov_ctx_free(d->ctx);
    d->ctx = NULL;
    return TROUBLE;
}

void db_close(db *d)
{
    if (d->backend != NULL)
        d->backend->ops->close(d->backend);
    aigov_ctx_free(d->ctx);
}

int db_query(db *d, const char *sql, int n, const aigov_span *arg,
             backend_row_fn row, void *host)
{
    aigov_error e = {.pos = AIGOV_NO_POS};

    if (d->backend->ops->query(d->backend, sql, n, arg, row, host, &e) ==
        AIGOV_OK)
        return FINE;
    return trouble_error(d->command, &e);
}
