/*
 * index.c - the index of lineage: tables aigov_node, aigov_ref, aigov_call
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov_maintain()         takes it on by what came since
 *   aigov_rebuild_lineage()  makes it anew
 *
 * Derived from aigov_entry; of each lane it covers the entries up to
 * aigov_lineage_head.  An append writes nothing here: what is not indexed is
 * read from the entries (lineage.c), the same answer, later.
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

#define SERIAL_LANE (-1) /* of log 0: the last serial */

typedef struct indexing {
    conn *c;
    aigov_indexer *indexer;
    aigov_indexer_host host;
    sqlite3_stmt *find, *node, *ref, *call, *owner, *by_id, *entries, *head;
    int64_t nodes, refs, calls;
} indexing;

static aigov_status done(conn *c, sqlite3_stmt *s)
{
    int rc = sqlite3_step(s);

    sqlite3_reset(s);
    return rc == SQLITE_DONE ? AIGOV_OK : conn_sql_error(c);
}

/* An error of the core's callbacks is that of the connection. */
static aigov_status given(conn *c, aigov_status st, aigov_error *err)
{
    if (st != AIGOV_OK && err != &c->err)
        *err = c->err;
    return st;
}

/* --- what the indexer asks for, and gives -------------------------------- */

static aigov_status find(void *host, aigov_span name, int64_t *id,
                         aigov_error *err)
{
    indexing *x = host;
    aigov_status st = AIGOV_OK;
    int rc;

    sqlite3_bind_text(x->find, 1, name.p, (int)name.n, SQLITE_STATIC);
    rc = sqlite3_step(x->find);
    *id = rc == SQLITE_ROW ? sqlite3_column_int64(x->find, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        st = conn_sql_error(x->c);
    sqlite3_reset(x->find);
    return given(x->c, st, err);
}

static aigov_status put_node(void *host, int64_t id, aigov_span name,
                             aigov_error *err)
{
    indexing *x = host;

    x->nodes++;
    sqlite3_bind_int64(x->node, 1, id);
    sqlite3_bind_text(x->node, 2, name.p, (int)name.n, SQLITE_STATIC);
    return given(x->c, done(x->c, x->node), err);
}

static aigov_status put_ref(void *host, const aigov_ref *r, aigov_error *err)
{
    indexing *x = host;

    x->refs++;
    sqlite3_bind_int64(x->ref, 1, r->cause);
    sqlite3_bind_int64(x->ref, 2, r->effect);
    sqlite3_bind_int64(x->ref, 3, r->place);
    sqlite3_bind_int64(x->ref, 4, r->log);
    sqlite3_bind_int(x->ref, 5, r->how);
    return given(x->c, done(x->c, x->ref), err);
}

static aigov_status put_call(void *host, const aigov_call *k, aigov_error *err)
{
    indexing *x = host;

    x->calls++;
    sqlite3_bind_int64(x->call, 1, k->ia);
    sqlite3_bind_int64(x->call, 2, k->model);
    sqlite3_bind_int64(x->call, 3, k->tmpl);
    sqlite3_bind_int64(x->call, 4, k->person);
    sqlite3_bind_int64(x->call, 5, k->place);
    sqlite3_bind_int64(x->call, 6, k->log);
    sqlite3_bind_int(x->call, 7, k->asks | k->answers << 1);
    return given(x->c, done(x->c, x->call), err);
}

/* The row lives until the statement is used again. */
static aigov_status one_entry(conn *c, sqlite3_stmt *s, aigov_entry *out)
{
    int rc = sqlite3_step(s);

    if (rc == SQLITE_ROW)
        row_entry(s, out);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? AIGOV_OK : conn_sql_error(c);
}

aigov_status index_owner(conn *c, sqlite3_stmt *s, const aigov_entry *e,
                         aigov_entry *out)
{
    sqlite3_reset(s);
    sqlite3_bind_text(s, 1, e->interaction.p, (int)e->interaction.n,
                      SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 2, e->log);
    return one_entry(c, s, out);
}

aigov_status index_by_id(conn *c, sqlite3_stmt *s, aigov_span id,
                         aigov_entry *out)
{
    sqlite3_reset(s);
    sqlite3_bind_text(s, 1, id.p, (int)id.n, SQLITE_TRANSIENT);
    return one_entry(c, s, out);
}

static aigov_status owner(void *host, const aigov_entry *e, aigov_entry *out,
                          aigov_error *err)
{
    indexing *x = host;

    return given(x->c, index_owner(x->c, x->owner, e, out), err);
}

static aigov_status by_id(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err)
{
    indexing *x = host;

    return given(x->c, index_by_id(x->c, x->by_id, id, out), err);
}

/* --- opening ------------------------------------------------------------- */

static void close_all(indexing *x)
{
    sqlite3_stmt *const s[] = {x->find,  x->node,  x->ref,     x->call,
                               x->owner, x->by_id, x->entries, x->head};

    for (size_t i = 0; i < sizeof s / sizeof s[0]; i++)
        sqlite3_finalize(s[i]);
    aigov_indexer_free(x->indexer);
}

static aigov_status prepare_all(indexing *x)
{
    const struct {
        sqlite3_stmt **s;
        const char *sql;
    } all[] = {
        {&x->find, "SELECT id FROM \"main\".aigov_node WHERE name = ?1"},
        {&x->node, "INSERT INTO \"main\".aigov_node VALUES (?1, ?2)"},
        {&x->ref, "INSERT INTO \"main\".aigov_ref VALUES (?1, ?2, ?3, ?4, ?5)"},
        {&x->call, "INSERT INTO \"main\".aigov_call"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
        {&x->owner, INDEX_OWNER},
        {&x->by_id, INDEX_BY_ID},
        {&x->entries, INDEX_TAIL},
        {&x->head, "INSERT OR REPLACE INTO \"main\".aigov_lineage_head"
                   " VALUES (?1, ?2, ?3)"},
    };
    aigov_status st = AIGOV_OK;

    for (size_t i = 0; i < sizeof all / sizeof all[0] && st == AIGOV_OK; i++)
        st = conn_prepare(x->c, all[i].s, "%s", all[i].sql);
    return st;
}

static aigov_status number(conn *c, int64_t *out, const char *sql)
{
    sqlite3_stmt *s;
    aigov_status st = conn_prepare(c, &s, "%s", sql);
    int rc;

    if (st != AIGOV_OK)
        return st;
    rc = sqlite3_step(s);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

/* empty: there is no row of node, so the indexer finds all names itself. */
static aigov_status open_all(indexing *x, bool empty)
{
    int64_t serial = 0;
    aigov_status st = prepare_all(x);

    x->host = (aigov_indexer_host){.host = x,
                                   .find = empty ? NULL : find,
                                   .node = put_node,
                                   .ref = put_ref,
                                   .call = put_call,
                                   .owner = owner,
                                   .by_id = by_id};
    if (st == AIGOV_OK)
        st = number(x->c, &serial,
                    "SELECT seq FROM \"main\".aigov_lineage_head"
                    " WHERE log = 0 AND lane = -1");
    return st == AIGOV_OK ? aigov_indexer_new(x->c->ctx, &x->host, serial,
                                              &x->indexer, &x->c->err)
                          : st;
}

static aigov_status put_head(indexing *x, int64_t log, int64_t lane,
                             int64_t seq)
{
    sqlite3_bind_int64(x->head, 1, log);
    sqlite3_bind_int64(x->head, 2, lane);
    sqlite3_bind_int64(x->head, 3, seq);
    return done(x->c, x->head);
}

/* --- going on ------------------------------------------------------------ */

/* What is behind the head of one lane. */
static aigov_status one_lane(indexing *x, int64_t log, int64_t lane,
                             int64_t from)
{
    aigov_entry e = {.seq = from};
    aigov_status st = AIGOV_OK;
    int rc = SQLITE_DONE;

    sqlite3_bind_int64(x->entries, 1, log);
    sqlite3_bind_int64(x->entries, 2, lane);
    sqlite3_bind_int64(x->entries, 3, from);
    while (st == AIGOV_OK && (rc = sqlite3_step(x->entries)) == SQLITE_ROW) {
        row_entry(x->entries, &e);
        st = aigov_indexer_add(x->indexer, &e, &x->c->err);
    }
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(x->c);
    sqlite3_reset(x->entries);
    return st == AIGOV_OK && e.seq > from ? put_head(x, log, lane, e.seq) : st;
}

/* Lanes of the own log and those it continues, with the head of the index. */
static aigov_status all_lanes(indexing *x)
{
    sqlite3_stmt *s;
    aigov_status st = conn_prepare(x->c, &s, "%s", INDEX_LANES);
    int rc = SQLITE_DONE;

    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        st = one_lane(x, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                      sqlite3_column_int64(s, 2));
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(x->c);
    sqlite3_finalize(s);
    return st == AIGOV_OK
               ? put_head(x, 0, SERIAL_LANE, aigov_indexer_serial(x->indexer))
               : st;
}

/* Tables and indexes that are missing are made first. */
static aigov_status go_on(conn *c, indexing *x)
{
    aigov_status st = log_make_derived(c, "table");

    if (st == AIGOV_OK)
        st = log_make_derived(c, "index");
    if (st == AIGOV_OK)
        st = open_all(x, false);
    if (st == AIGOV_OK)
        st = all_lanes(x);
    close_all(x);
    return st;
}

/* --- rebuilding ---------------------------------------------------------- */

static const char *const emptied[] = {"node", "ref", "call", "lineage_head"};

/* Tables and indexes that are missing are made again, rows come before
 * indexes. */
static aigov_status begin_again(conn *c)
{
    aigov_status st = AIGOV_OK;

    for (size_t i = 0; i < 4 && st == AIGOV_OK; i++)
        st = conn_exec(c, "DROP TABLE IF EXISTS \"main\".aigov_%s", emptied[i]);
    return st == AIGOV_OK ? log_make_derived(c, "table") : st;
}

static aigov_status rebuild(conn *c, indexing *x)
{
    aigov_status st = begin_again(c);

    if (st == AIGOV_OK)
        st = open_all(x, true);
    if (st == AIGOV_OK)
        st = all_lanes(x);
    close_all(x);
    return st == AIGOV_OK ? log_make_derived(c, "index") : st;
}

/* --- the functions ------------------------------------------------------- */

static void answer(sqlite3_context *ctx,
                   aigov_status (*work)(conn *c, indexing *x))
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    indexing x = {.c = c};
    char text[160];
    writing w;

    if (st == AIGOV_OK)
        st = write_begin(c, &w, WRITE_WHOLE);
    if (st == AIGOV_OK)
        st = write_end(c, &w, work(c, &x));
    if (st != AIGOV_OK) {
        conn_result_error(c, ctx);
        return;
    }
    snprintf(text, sizeof text,
             "{\"calls\":%lld,\"edges\":%lld,\"nodes\":%lld}",
             (long long)x.calls, (long long)x.refs, (long long)x.nodes);
    result_json(ctx, aigov_str(text));
}

void maintain_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    (void)argv;
    answer(ctx, go_on);
}

void rebuild_lineage_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    (void)argv;
    answer(ctx, rebuild);
}
