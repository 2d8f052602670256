/*
 * ledger.c - what a decision looks up in the log
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A decision is taken under the write lock, so nobody else changes what it
 * reads, and nothing needs a lock of its own.  There is one lane beside lane 0,
 * whose `at` never decreases: a window begins where a binary search finds it,
 * and no index is needed that every append would pay for.
 */
#include "sqlite_aigov.h"

#include <string.h>

/* An error of the core's callbacks is that of the connection. */
static aigov_status given(conn *c, aigov_status st, aigov_error *err)
{
    if (st != AIGOV_OK && err != &c->err)
        *err = c->err;
    return st;
}

static aigov_status own(conn *c, int64_t *log)
{
    instance in;
    aigov_status st = log_instance(c, &in);

    *log = in.log;
    return st;
}

/* --- rows since a time --------------------------------------------------- */

/* seq and at of the first entry of lane 1 from seq on; *seq 0: there is none.
 */
static aigov_status first_from(conn *c, int64_t log, int64_t from, int64_t *seq,
                               int64_t *at)
{
    sqlite3_stmt *s;
    aigov_status st =
        conn_prepare(c, &s,
                     "SELECT seq, at FROM \"main\".aigov_entry WHERE log = %lld"
                     " AND lane = 1 AND seq >= %lld ORDER BY seq LIMIT 1",
                     (sqlite3_int64)log, (sqlite3_int64)from);

    if (st != AIGOV_OK)
        return st;
    *seq = 0;
    if (sqlite3_step(s) == SQLITE_ROW) {
        *seq = sqlite3_column_int64(s, 0);
        aigov_time_parse_stored(column_span(s, 1), at);
    }
    return sqlite3_finalize(s) == SQLITE_OK ? AIGOV_OK : conn_sql_error(c);
}

static aigov_status begins(conn *c, int64_t log, int64_t since, int64_t *from)
{
    head last;
    int64_t low = 1, high, seq = 0, at = 0;
    aigov_status st = write_head(c, log, 1, &last);

    high = last.seq + 1;
    while (st == AIGOV_OK && low < high) {
        int64_t mid = low + (high - low) / 2;

        st = first_from(c, log, mid, &seq, &at);
        if (seq == 0 || at >= since)
            high = mid;
        else
            low = seq + 1;
    }
    *from = low;
    return st;
}

typedef aigov_status (*row_fn)(void *arg, const aigov_entry *e);

static aigov_status each(conn *c, sqlite3_stmt *s, row_fn fn, void *arg)
{
    aigov_status st = AIGOV_OK;
    aigov_entry e;
    int rc;

    while (st == AIGOV_OK && (rc = sqlite3_step(s)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW) {
            st = conn_sql_error(c);
            break;
        }
        row_entry(s, &e);
        st = fn(arg, &e);
    }
    sqlite3_finalize(s);
    return st;
}

static aigov_status each_since(conn *c, int64_t since, row_fn fn, void *arg)
{
    sqlite3_stmt *s;
    int64_t log, from;
    aigov_status st = own(c, &log);

    if (st == AIGOV_OK)
        st = begins(c, log, since, &from);
    if (st == AIGOV_OK)
        st = conn_prepare(c, &s,
                          "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                          " WHERE log = %lld AND lane = 1 AND seq >= %lld"
                          " ORDER BY seq",
                          (sqlite3_int64)log, (sqlite3_int64)from);
    return st == AIGOV_OK ? each(c, s, fn, arg) : st;
}

static aigov_status each_of(conn *c, const char *interaction, row_fn fn,
                            void *arg)
{
    sqlite3_stmt *s;
    int64_t log;
    aigov_status st = own(c, &log);

    if (st == AIGOV_OK)
        st = conn_prepare(c, &s,
                          "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                          " WHERE interaction = %Q AND log = %lld"
                          " ORDER BY at, lane, seq",
                          interaction, (sqlite3_int64)log);
    return st == AIGOV_OK ? each(c, s, fn, arg) : st;
}

/* --- budgets ------------------------------------------------------------- */

typedef struct summing {
    conn *c;
    const aigov_usage_of *of;
    aigov_usage *sum;
    sqlite3_stmt *response; /* of the call at hand */
    aigov_entry answer;
} summing;

static aigov_status response_to(void *host, const aigov_entry *call,
                                const aigov_entry **out, aigov_error *err)
{
    summing *s = host;
    conn *c = s->c;
    aigov_status st;

    *out = NULL;
    st = conn_prepare(c, &s->response,
                      "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                      " WHERE interaction = '%.36s' AND log = %lld"
                      " AND kind = 'response' ORDER BY at, lane, seq LIMIT 1",
                      call->interaction.p, (sqlite3_int64)call->log);
    if (st == AIGOV_OK && sqlite3_step(s->response) == SQLITE_ROW) {
        row_entry(s->response, &s->answer);
        *out = &s->answer;
    }
    return given(c, st, err);
}

static aigov_status add_call(void *arg, const aigov_entry *e)
{
    summing *s = arg;
    aigov_status st;

    if (e->at >= s->of->to)
        return AIGOV_OK;
    s->response = NULL;
    st = aigov_usage_add(s->c->ctx, s->of, e, response_to, s, s->sum,
                         &s->c->err);
    sqlite3_finalize(s->response);
    return st;
}

static aigov_status usage(void *host, const aigov_usage_of *of,
                          aigov_usage *out, aigov_error *err)
{
    conn *c = host;
    summing s = {c, of, out, NULL, {0}};

    return given(c, each_since(c, of->from, add_call, &s), err);
}

/* --- parents, attempts, exceptions --------------------------------------- */

typedef struct lineage {
    bool known;
    char parent[AIGOV_UUID_LEN + 1];
} lineage;

#define MAX_DEPTH 1000 /* a circle of parents ends here */

static aigov_status parent_of(conn *c, lineage *n)
{
    sqlite3_stmt *s;
    int64_t log;
    aigov_status st = own(c, &log);

    n->known = false;
    if (st == AIGOV_OK)
        st = conn_prepare(c, &s,
                          "SELECT json_extract(body, '$.parent')"
                          " FROM \"main\".aigov_entry WHERE interaction = %Q"
                          " AND log = %lld ORDER BY 1 IS NULL, at, lane, seq"
                          " LIMIT 1",
                          n->parent, (sqlite3_int64)log);
    if (st != AIGOV_OK)
        return st;
    n->parent[0] = 0;
    if (sqlite3_step(s) == SQLITE_ROW) {
        aigov_span text = column_span(s, 0);

        n->known = true;
        if (text.n == AIGOV_UUID_LEN) {
            memcpy(n->parent, text.p, AIGOV_UUID_LEN);
            n->parent[AIGOV_UUID_LEN] = 0;
        }
    }
    return sqlite3_finalize(s) == SQLITE_OK ? AIGOV_OK : conn_sql_error(c);
}

static aigov_status depth(void *host, const uint8_t parent[16], int64_t *steps,
                          aigov_error *err)
{
    conn *c = host;
    lineage n;
    aigov_status st = AIGOV_OK;

    aigov_uuid_format(parent, n.parent);
    for (*steps = 0; *steps < MAX_DEPTH && n.parent[0]; (*steps)++) {
        st = parent_of(c, &n);
        if (st != AIGOV_OK || !n.known)
            break;
    }
    return given(c, st, err);
}

typedef struct asking {
    conn *c;
    aigov_status (*each)(void *, const aigov_attempt *, aigov_error *);
    void *arg;
} asking;

static bool login_is_ours(conn *c, aigov_span recorded_by)
{
    const char *login = conn_login(c);
    aigov_json j = {.ctx = c->ctx};
    aigov_error err;
    bool ours = false;
    uint32_t i;

    if (aigov_json_read(&j, AIGOV_JSON_SYNTAX, recorded_by, &err) == AIGOV_OK &&
        j.node[0].type == AIGOV_JSON_OBJECT) {
        i = aigov_json_get(&j, 0, "login");
        ours = i == 0 ? login == NULL
                      : login != NULL &&
                            aigov_span_is(aigov_json_text(&j, i), login);
    }
    aigov_json_free(&j);
    return ours;
}

static aigov_status give_attempt(void *arg, const aigov_entry *e)
{
    asking *a = arg;
    conn *c = a->c;
    aigov_attempt one = {e, AIGOV_ABSENT, AIGOV_ABSENT};
    sqlite3_stmt *s;
    aigov_status st;

    if (!aigov_span_is(e->kind, "request") || !login_is_ours(c, e->recorded_by))
        return AIGOV_OK;
    st = conn_prepare(c, &s,
                      "SELECT salt, body FROM \"main\".aigov_content"
                      " WHERE log = %lld AND lane = %lld AND seq = %lld",
                      (sqlite3_int64)e->log, (sqlite3_int64)e->lane,
                      (sqlite3_int64)e->seq);
    if (st != AIGOV_OK)
        return st;
    if (sqlite3_step(s) == SQLITE_ROW) {
        one.salt.p = sqlite3_column_blob(s, 0);
        one.salt.n = (size_t)sqlite3_column_bytes(s, 0);
        one.content = column_span(s, 1);
    }
    st = a->each(a->arg, &one, &c->err);
    sqlite3_finalize(s);
    return st;
}

static aigov_status
attempts(void *host, const uint8_t interaction[16],
         aigov_status (*each_one)(void *, const aigov_attempt *, aigov_error *),
         void *arg, aigov_error *err)
{
    conn *c = host;
    asking a = {c, each_one, arg};
    char text[AIGOV_UUID_LEN + 1];

    aigov_uuid_format(interaction, text);
    return given(c, each_of(c, text, give_attempt, &a), err);
}

typedef struct counting {
    conn *c;
    const char *exception;
    int64_t n;
} counting;

static aigov_status count_use(void *arg, const aigov_entry *e)
{
    counting *k = arg;

    k->n += aigov_waived_by(k->c->ctx, e, aigov_str(k->exception)) ? 1 : 0;
    return AIGOV_OK;
}

static aigov_status uses(void *host, const char *exception, int64_t since,
                         int64_t *n, aigov_error *err)
{
    conn *c = host;
    counting k = {c, exception, 0};
    aigov_status st = each_since(c, since, count_use, &k);

    *n = k.n;
    return given(c, st, err);
}

void ledger_init(conn *c, aigov_ledger *out)
{
    *out = (aigov_ledger){c, usage, depth, attempts, uses, NULL};
}
