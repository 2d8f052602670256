/*
 * init.c - aigov init DB ORIGIN
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * SQLite: makes the file where there is none, with a write-ahead log, so that
 * readers do not stop writers.  PostgreSQL: calls aigov.init; CREATE EXTENSION
 * is the administrator's.  Run again it brings the tables up to date.
 */
#include "command.h"

int init_command(int argc, char **argv)
{
    aigov_span origin;
    int64_t number;
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_ctx *ctx;
    int status = FINE;
    db d;

    if (options_take(argc, argv, NULL, 0, 2, 2) < 0)
        return USAGE;
    origin = aigov_str(argv[2]);
    /* Say what is wrong with an origin before a file is made. */
    if (aigov_ctx_new(NULL, &ctx, &e) != AIGOV_OK)
        return trouble_error("init", &e);
    if (aigov_origin_check(ctx, origin, &number, &e) != AIGOV_OK)
        status = trouble_error("init", &e);
    aigov_ctx_free(ctx);
    if (status == FINE)
        status = db_open(&d, "init", argv[1], BACKEND_CREATE);
    if (status != FINE)
        return status;
    status = db_query(&d, "SELECT aigov.init($1)", 1, &origin, NULL, NULL);
    if (status == FINE)
        printf("%s: log %lld is ready; the first record writes its genesis\n",
               argv[2], (long long)number);
    db_close(&d);
    return status == FINE && !stdout_ok("init") ? TROUBLE : status;
}
