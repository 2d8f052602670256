/*
 * history.c - revisions of a governance record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.history(kind, subject)   revision, at, login, id, log, lane, seq,
 *                                  hash (hex), body (the fields as they were
 *                                  put; those kept as content are in content)
 *
 * Oldest first, of the own log and those it continues.
 */
#include "pg_aigov.h"

#include "utils/tuplestore.h"

typedef struct found {
    int32 log, lane;
    int64 seq, at, number;
    char id[AIGOV_UUID_LEN + 1];
    char *login, *fields;
    uint8 hash[AIGOV_HASH_LEN];
} found;

typedef struct gather {
    List *logs; /* newest first */
    List *rows;
} gather;

/* The text of the member `fields`, as it stands in a canonical body. */
static char *fields_of(aigov_span body)
{
    aigov_json j = {.ctx = core()->ctx};
    aigov_buf out;
    aigov_error err;
    uint32_t i;
    char *text = NULL;

    aigov_buf_init(&out, core_scratch());
    if (aigov_json_read(&j, AIGOV_JSON_STRICT, body, &err) == AIGOV_OK &&
        (i = aigov_json_get(&j, 0, "fields")) != 0 &&
        aigov_json_canonical(&j, i, &out, &err) == AIGOV_OK)
        text = span_cstring(aigov_buf_span(&out));
    aigov_json_free(&j);
    return text;
}

static void keep(void *arg, const aigov_entry *e)
{
    gather *g = arg;
    found *f;
    char *number;

    if (!list_member_int(g->logs, (int)e->log) || !e->body.p)
        return;
    f = palloc0(sizeof *f);
    f->log = (int32)e->log;
    f->lane = (int32)e->lane;
    f->seq = e->seq;
    f->at = e->at;
    strlcpy(f->id, e->id.p, sizeof f->id);
    number = json_member(e->body, "revision");
    f->number = number ? atol(number) : 0;
    f->login = json_member(e->recorded_by, "login");
    f->fields = fields_of(e->body);
    if (e->hash.n == sizeof f->hash)
        memcpy(f->hash, e->hash.p, sizeof f->hash);
    g->rows = lappend(g->rows, f);
}

static int by_number(const ListCell *a, const ListCell *b)
{
    const found *x = lfirst(a), *y = lfirst(b);

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void give(Tuplestorestate *out, TupleDesc desc, const found *f)
{
    char hash[2 * AIGOV_HASH_LEN + 1];
    Datum values[9];
    bool nulls[9] = {false};

    hash[hex_encode((const char *)f->hash, sizeof f->hash, hash)] = 0;
    values[0] = Int64GetDatum(f->number);
    nulls[0] = f->number == 0;
    values[1] = TimestampTzGetDatum(f->at - EPOCH_SHIFT);
    nulls[2] = f->login == NULL;
    values[2] = f->login ? CStringGetTextDatum(f->login) : (Datum)0;
    values[3] = DirectFunctionCall1(uuid_in, CStringGetDatum(f->id));
    values[4] = Int32GetDatum(f->log);
    values[5] = Int32GetDatum(f->lane);
    values[6] = Int64GetDatum(f->seq);
    values[7] = CStringGetTextDatum(hash);
    nulls[8] = f->fields == NULL;
    values[8] = f->fields ? CStringGetTextDatum(f->fields) : (Datum)0;
    tuplestore_putvalues(out, desc, values, nulls);
}

PG_FUNCTION_INFO_V1(pg_aigov_history);

Datum pg_aigov_history(PG_FUNCTION_ARGS)
{
    aigov_span kind = datum_span(PG_GETARG_DATUM(0));
    aigov_span subject = datum_span(PG_GETARG_DATUM(1));
    TupleDesc desc;
    Tuplestorestate *out = srf_begin(fcinfo, &desc);
    Relation entry = table_open(log_find()->entry, AccessShareLock);
    gather g = {NIL, NIL};
    int32 log = log_argument(0);
    ListCell *cell;

    g.logs = log ? log_chain(log) : NIL;
    rows_of(entry, GetActiveSnapshot(), span_cstring(kind), subject, keep, &g);
    list_sort(g.rows, by_number);
    foreach (cell, g.rows)
        give(out, desc, lfirst(cell));
    table_close(entry, AccessShareLock);
    return (Datum)0;
}
