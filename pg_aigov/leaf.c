/*
 * leaf.c - the bytes that an entry's hash covers
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.leaf(log, lane, seq)   canonical JSON, built from the columns that
 *                                views read; log 0 or NULL: the own log; NULL
 *                                where there is no such entry
 */
#include "pg_aigov.h"

PG_FUNCTION_INFO_V1(pg_aigov_leaf);

Datum pg_aigov_leaf(PG_FUNCTION_ARGS)
{
    int32 log = log_argument(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0));
    int64 lane = PG_ARGISNULL(1) ? -1 : PG_GETARG_INT64(1);
    Relation rel;
    HeapTuple tuple;
    row_reader reader;
    aigov_entry e;
    aigov_buf *out;
    aigov_error err;

    if (log == 0 || lane < 0 || lane > PG_INT32_MAX || PG_ARGISNULL(2))
        PG_RETURN_NULL();
    rel = table_open(log_find()->entry, AccessShareLock);
    tuple =
        row_at(rel, GetActiveSnapshot(), log, (int32)lane, PG_GETARG_INT64(2));
    if (!HeapTupleIsValid(tuple)) {
        table_close(rel, AccessShareLock);
        PG_RETURN_NULL();
    }
    reader_init(&reader, rel);
    reader_entry(&reader, tuple, &e);
    out = &core()->scratch;
    out->n = 0;
    core_try(aigov_leaf(&e, out, &err));
    table_close(rel, AccessShareLock);
    return span_datum(aigov_buf_span(out));
}
