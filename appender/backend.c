/*
 * backend.c - which database a target names
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A URI that libpq takes, or a connection string (`host=... dbname=...`), is
 * PostgreSQL; all else is the path of an SQLite file.  A path with `=` in it is
 * written ./a=b.
 */
#include <string.h>

#include "backend.h"

bool backend_is_pg(const char *target)
{
    const char *slash = strchr(target, '/');
    const char *equals = strchr(target, '=');

    if (strncmp(target, "postgresql://", 13) == 0 ||
        strncmp(target, "postgres://", 11) == 0)
        return true;
    return equals != NULL && (slash == NULL || equals < slash);
}

aigov_status backend_open(aigov_ctx *ctx, const char *target,
                          const backend_options *options, backend **out,
                          aigov_error *err)
{
    return backend_is_pg(target)
               ? backend_open_pg(ctx, target, options, out, err)
               : backend_open_sqlite(ctx, target, options, out, err);
}
