/*
 * leaf.c - a row of entry as the core knows it, and its leaf
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_leaf(log, lane, seq)    canonical JSON; log 0 or NULL is the
 * own log; NULL where there is no entry
 *
 * The leaf is built from the columns that the views read; none is stored.
 * { printf '\0'; sqlite3 app.db '.load ./aigov' "SELECT aigov_leaf(0,1,1)" |
 * tr -d '\n'; } | sha256sum gives the entry's hash.
 */
#include "sqlite_aigov.h"

#include <string.h>

/* What a column must hold, beyond its storage class. */
typedef enum shape { INTEGER, TEXT, TIME, UUID, OBJECT, BYTES32 } shape;

static const struct {
    shape shape;
    bool null;            /* may be NULL */
    const char *bad_type; /* "storage class of x" */
    const char *bad_value;
} columns[ENTRY_COLUMNS] = {
#define C(name, shape, null)                                                   \
    {                                                                          \
        shape, null, "storage class of " #name, "value of " #name              \
    }
    C(log, INTEGER, false),
    C(lane, INTEGER, false),
    C(seq, INTEGER, false),
    C(v, INTEGER, false),
    C(at, TIME, false),
    C(kind, TEXT, false),
    C(id, UUID, false),
    C(interaction, UUID, true),
    C(subject, TEXT, true),
    C(actor, TEXT, true),
    C(system, TEXT, true),
    C(provider, TEXT, true),
    C(model, TEXT, true),
    C(operation, TEXT, true),
    C(status, TEXT, true),
    C(decision, TEXT, true),
    C(recorded_by, OBJECT, false),
    C(digest, BYTES32, true),
    C(commitment, BYTES32, true),
    C(prev, BYTES32, false),
    C(hash, BYTES32, false),
    C(body, OBJECT, false),
#undef C
};

static bool is_text(aigov_span v)
{
    return aigov_utf8_valid(v) == v.n && (v.n == 0 || !memchr(v.p, 0, v.n));
}

static bool is_uuid(aigov_span v)
{
    char again[AIGOV_UUID_LEN + 1];
    uint8_t id[16];

    if (!aigov_uuid_parse(v, id))
        return false;
    aigov_uuid_format(id, again);
    return v.n == AIGOV_UUID_LEN && memcmp(again, v.p, v.n) == 0;
}

static bool value_ok(shape s, aigov_span v)
{
    int64_t at;

    switch (s) {
    case INTEGER:
        return true;
    case TEXT:
        return is_text(v);
    case TIME:
        return aigov_time_parse_stored(v, &at);
    case UUID:
        return is_uuid(v);
    case OBJECT:
        return is_text(v) && aigov_json_is_one_object(v);
    case BYTES32:
        return v.n == AIGOV_HASH_LEN;
    }
    return false;
}

static int type_of(shape s)
{
    return s == INTEGER   ? SQLITE_INTEGER
           : s == BYTES32 ? SQLITE_BLOB
                          : SQLITE_TEXT;
}

/* Column i as stored; blobs and text alike; absent for NULL. */
static aigov_span column_bytes(sqlite3_stmt *s, int i, int type)
{
    const char *p;

    if (type == SQLITE_NULL)
        return AIGOV_ABSENT;
    p = type == SQLITE_BLOB ? sqlite3_column_blob(s, i)
                            : (const char *)sqlite3_column_text(s, i);
    return (aigov_span){p ? p : "", (size_t)sqlite3_column_bytes(s, i)};
}

const char *row_entry(sqlite3_stmt *s, aigov_entry *e)
{
    aigov_span v[ENTRY_COLUMNS];
    const char *problem = NULL;

    for (int i = 0; i < ENTRY_COLUMNS; i++) {
        int type = sqlite3_column_type(s, i); /* before any conversion */
        shape want = columns[i].shape;

        v[i] = want == INTEGER ? AIGOV_ABSENT : column_bytes(s, i, type);
        if (problem || (type == SQLITE_NULL && columns[i].null))
            continue;
        if (type != type_of(want))
            problem = columns[i].bad_type;
        else if (!value_ok(want, v[i]))
            problem = columns[i].bad_value;
    }
    memset(e, 0, sizeof *e);
    e->log = sqlite3_column_int64(s, 0);
    e->lane = sqlite3_column_int64(s, 1);
    e->seq = sqlite3_column_int64(s, 2);
    e->v = sqlite3_column_int64(s, 3);
    aigov_time_parse_stored(v[4], &e->at);
    e->kind = v[5];
    e->id = v[6];
    e->interaction = v[7];
    e->subject = v[8];
    e->actor = v[9];
    e->system = v[10];
    e->provider = v[11];
    e->model = v[12];
    e->operation = v[13];
    e->status = v[14];
    e->decision = v[15];
    e->recorded_by = v[16];
    e->digest = v[17];
    e->commitment = v[18];
    e->prev = v[19];
    e->hash = v[20];
    e->body = v[21];
    return problem;
}

const char *row_content(sqlite3_stmt *s, aigov_content *k)
{
    static const shape want[] = {INTEGER, INTEGER, INTEGER,
                                 TIME,    BYTES32, TEXT};
    static const char *const bad[] = {
        "log of the content",  "lane of the content", "seq of the content",
        "time of the content", "salt of the content", "body of the content"};
    const char *problem = NULL;
    aigov_span v[6];

    for (int i = 0; i < 6; i++) {
        int type = sqlite3_column_type(s, i);

        v[i] = want[i] == INTEGER ? AIGOV_ABSENT : column_bytes(s, i, type);
        if (!problem && (type != type_of(want[i]) || !value_ok(want[i], v[i])))
            problem = bad[i];
    }
    memset(k, 0, sizeof *k);
    aigov_time_parse_stored(v[3], &k->at);
    k->salt = v[4];
    k->body = v[5];
    return problem;
}

/* --- aigov_leaf ---------------------------------------------------------- */

static aigov_status leaf(conn *c, int64_t log, int64_t lane, int64_t seq,
                         aigov_buf *out)
{
    sqlite3_stmt *s;
    aigov_entry e;
    aigov_status st = log == 0 ? log_own(c, "main", &log) : AIGOV_OK;

    if (st == AIGOV_OK)
        st = conn_prepare(c, &s,
                          "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                          " WHERE log = %lld AND lane = %lld AND seq = %lld",
                          (sqlite3_int64)log, (sqlite3_int64)lane,
                          (sqlite3_int64)seq);
    if (st != AIGOV_OK)
        return st;
    switch (sqlite3_step(s)) {
    case SQLITE_ROW:
        row_entry(s, &e);
        st = aigov_leaf(&e, out, &c->err);
        break;
    case SQLITE_DONE:
        break;
    default:
        st = conn_sql_error(c);
    }
    sqlite3_finalize(s);
    return st;
}

void leaf_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    aigov_buf out;

    (void)argc;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = leaf(c, sqlite3_value_int64(argv[0]), sqlite3_value_int64(argv[1]),
                  sqlite3_value_int64(argv[2]), &out);
    if (st != AIGOV_OK)
        conn_result_error(c, ctx);
    else if (out.n > 0)
        result_json(ctx, aigov_buf_span(&out));
    aigov_buf_free(&out);
}
