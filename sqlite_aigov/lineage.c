/*
 * lineage.c - questions of lineage: aigov_downstream, aigov_upstream ...
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every question of core/lineage/questions.def is a table-valued function with
 * its columns, and its arguments and row_limit as hidden parameters; one of a
 * single value is a scalar function.  A question reads, and writes nothing: the
 * index as far as it goes, and behind that the entries themselves.  Where the
 * index was dropped that is all of them: slow, and the same answer.
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

typedef struct asking {
    conn *c;
    aigov_graph *graph;
    aigov_index index;
    const aigov_question *question;
    sqlite3_stmt *find, *name, *down, *up, *names_in, *down_in, *up_in,
        *call_in, *call_ia, *call_model, *call_template, *call_person, *entry,
        *brief, *by_id, *owner, *content;
    rows *out;      /* of a table-valued function */
    aigov_buf text; /* of a scalar one */
    bool any;
    int64_t tail; /* entries that are not indexed */
} asking;

static aigov_status given(conn *c, aigov_status st, aigov_error *err)
{
    if (st != AIGOV_OK && err != &c->err)
        *err = c->err;
    return st;
}

/* --- nodes --------------------------------------------------------------- */

static aigov_status find(void *host, aigov_span name, int64_t *id,
                         aigov_error *err)
{
    asking *a = host;
    aigov_status st = AIGOV_OK;
    int rc;

    sqlite3_bind_text(a->find, 1, name.p, (int)name.n, SQLITE_STATIC);
    rc = sqlite3_step(a->find);
    *id = rc == SQLITE_ROW ? sqlite3_column_int64(a->find, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        st = conn_sql_error(a->c);
    sqlite3_reset(a->find);
    return given(a->c, st, err);
}

/* Whether one scan from the first id to the last is cheaper than a search for
 * each: serials are given out in the order of entries, so what a hub leads to
 * lies close together. */
static bool is_dense(const int64_t *id, size_t n)
{
    return n >= 16 && ((id[n - 1] - id[0]) >> 6) / (int64_t)n < 8;
}

static void bind_range(sqlite3_stmt *s, int64_t from, int64_t to)
{
    sqlite3_bind_int64(s, 1, from);
    sqlite3_bind_int64(s, 2, to);
}

static aigov_status ended(asking *a, sqlite3_stmt *s, aigov_status st, int rc,
                          aigov_error *err)
{
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = given(a->c, conn_sql_error(a->c), err);
    sqlite3_reset(s);
    return st;
}

static aigov_status names_dense(asking *a, const int64_t *id, size_t n,
                                aigov_node_fn give, void *arg, aigov_error *err)
{
    sqlite3_stmt *s = a->names_in;
    aigov_status st = AIGOV_OK;
    size_t i = 0;
    int rc = SQLITE_DONE;

    bind_range(s, id[0], id[n - 1]);
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t row = sqlite3_column_int64(s, 0);

        while (i < n && id[i] < row)
            i++;
        if (i < n && id[i] == row)
            st = give(arg, row, column_span(s, 1), err);
    }
    return ended(a, s, st, rc, err);
}

static aigov_status names(void *host, const int64_t *id, size_t n,
                          aigov_node_fn give, void *arg, aigov_error *err)
{
    asking *a = host;
    aigov_status st = AIGOV_OK;

    if (is_dense(id, n))
        return names_dense(a, id, n, give, arg, err);
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        int rc;

        sqlite3_bind_int64(a->name, 1, id[i]);
        rc = sqlite3_step(a->name);
        if (rc == SQLITE_ROW)
            st = give(arg, id[i], column_span(a->name, 0), err);
        else if (rc != SQLITE_DONE)
            st = given(a->c, conn_sql_error(a->c), err);
        sqlite3_reset(a->name);
    }
    return st;
}

static aigov_status all(void *host, aigov_node_fn give, void *arg,
                        aigov_error *err)
{
    asking *a = host;
    sqlite3_stmt *s;
    aigov_status st =
        given(a->c,
              conn_prepare(a->c, &s,
                           "SELECT id, name FROM \"main\".aigov_node"
                           " ORDER BY id"),
              err);
    int rc = SQLITE_DONE;

    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        st = give(arg, sqlite3_column_int64(s, 0), column_span(s, 1), err);
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = given(a->c, conn_sql_error(a->c), err);
    sqlite3_finalize(s);
    return st;
}

/* --- edges --------------------------------------------------------------- */

static void read_ref(sqlite3_stmt *s, aigov_ref *r)
{
    r->cause = sqlite3_column_int64(s, 0);
    r->effect = sqlite3_column_int64(s, 1);
    r->place = sqlite3_column_int64(s, 2);
    r->log = sqlite3_column_int(s, 3);
    r->how = (uint16_t)sqlite3_column_int(s, 4);
}

static void read_call(sqlite3_stmt *s, aigov_call *k)
{
    int part = sqlite3_column_int(s, 6);

    k->ia = sqlite3_column_int64(s, 0);
    k->model = sqlite3_column_int64(s, 1);
    k->tmpl = sqlite3_column_int64(s, 2);
    k->person = sqlite3_column_int64(s, 3);
    k->place = sqlite3_column_int64(s, 4);
    k->log = sqlite3_column_int(s, 5);
    k->asks = (part & 1) != 0;
    k->answers = (part & 2) != 0;
}

/* The rows of a statement, of ref or of call; key binds ?1, where there is one.
 */
static aigov_status give_rows(asking *a, sqlite3_stmt *s, bool call, bool down,
                              int64_t id, int64_t key, aigov_ref_fn give,
                              void *arg, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    int rc = SQLITE_DONE;

    if (key)
        sqlite3_bind_int64(s, 1, key);
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        aigov_ref r;
        aigov_call k;

        if (call) {
            read_call(s, &k);
            st = aigov_call_refs(&k, down, id, give, arg, err);
        } else {
            read_ref(s, &r);
            st = give(arg, &r, err);
        }
    }
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = given(a->c, conn_sql_error(a->c), err);
    sqlite3_reset(s);
    return st;
}

/* By which column of aigov_call a node has edges in it. */
static sqlite3_stmt *call_of(const asking *a, bool down, int64_t id)
{
    switch ((aigov_node_kind)(id >> 2 & 15)) {
    case AIGOV_NODE_IA:
        return a->call_ia;
    case AIGOV_NODE_MSG: /* nothing follows from an answer in its own call */
        return (id & 3) == 1 || ((id & 3) == 2 && !down) ? a->call_ia : NULL;
    case AIGOV_NODE_MODEL:
        return down ? a->call_model : NULL;
    case AIGOV_NODE_TMPL:
        return down ? a->call_template : NULL;
    case AIGOV_NODE_PERSON:
        return down ? a->call_person : NULL;
    default:
        return NULL;
    }
}

static int64_t call_key(int64_t id)
{
    return id & 3 ? (id & ~(int64_t)63) | AIGOV_NODE_IA << 2 : id;
}

static aigov_status all_edges(asking *a, aigov_ref_fn give, void *arg,
                              aigov_error *err)
{
    sqlite3_stmt *ref = NULL, *call = NULL;
    aigov_status st = conn_prepare(a->c, &ref,
                                   "SELECT cause, effect, place, log, how"
                                   " FROM \"main\".aigov_ref");

    if (st == AIGOV_OK)
        st = conn_prepare(a->c, &call,
                          "SELECT ia, model, template, person, place, log, part"
                          " FROM \"main\".aigov_call");
    st = given(a->c, st, err);
    if (st == AIGOV_OK)
        st = give_rows(a, ref, false, false, 0, 0, give, arg, err);
    if (st == AIGOV_OK)
        st = give_rows(a, call, true, false, 0, 0, give, arg, err);
    sqlite3_finalize(ref);
    sqlite3_finalize(call);
    return st;
}

static aigov_status refs_dense(asking *a, bool down, const int64_t *id,
                               size_t n, aigov_ref_fn give, void *arg,
                               aigov_error *err)
{
    sqlite3_stmt *s = down ? a->down_in : a->up_in;
    aigov_status st = AIGOV_OK;
    size_t i = 0;
    int rc = SQLITE_DONE;

    bind_range(s, id[0], id[n - 1]);
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t key = sqlite3_column_int64(s, down ? 0 : 1);
        aigov_ref r;

        while (i < n && id[i] < key)
            i++;
        if (i < n && id[i] == key) {
            read_ref(s, &r);
            st = give(arg, &r, err);
        }
    }
    return ended(a, s, st, rc, err);
}

/* The calls of ids that are a call or a part of one: up to three a row. */
static aigov_status calls_dense(asking *a, bool down, const int64_t *id,
                                size_t n, aigov_ref_fn give, void *arg,
                                aigov_error *err)
{
    sqlite3_stmt *s = a->call_in;
    aigov_status st = AIGOV_OK;
    size_t i = 0, k;
    int rc = SQLITE_DONE;

    bind_range(s, call_key((id[0] & ~(int64_t)63) | 1),
               call_key((id[n - 1] & ~(int64_t)63) | 1));
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t serial = sqlite3_column_int64(s, 0) >> 6;
        aigov_call call;

        while (i < n && id[i] >> 6 < serial)
            i++;
        read_call(s, &call);
        for (k = i; k < n && id[k] >> 6 == serial && st == AIGOV_OK; k++)
            if (call_of(a, down, id[k]) == a->call_ia)
                st = aigov_call_refs(&call, down, id[k], give, arg, err);
    }
    return ended(a, s, st, rc, err);
}

static aigov_status edges_dense(asking *a, bool down, const int64_t *id,
                                size_t n, aigov_ref_fn give, void *arg,
                                aigov_error *err)
{
    aigov_status st = refs_dense(a, down, id, n, give, arg, err);
    bool calls = false;

    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        sqlite3_stmt *call = call_of(a, down, id[i]);

        calls = calls || call == a->call_ia;
        if (call && call != a->call_ia)
            st = give_rows(a, call, true, down, id[i], id[i], give, arg, err);
    }
    return st == AIGOV_OK && calls ? calls_dense(a, down, id, n, give, arg, err)
                                   : st;
}

static aigov_status edges(void *host, bool down, const int64_t *id, size_t n,
                          aigov_ref_fn give, void *arg, aigov_error *err)
{
    asking *a = host;
    aigov_status st = AIGOV_OK;

    if (n == 0)
        return all_edges(a, give, arg, err);
    if (is_dense(id, n))
        return edges_dense(a, down, id, n, give, arg, err);
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        sqlite3_stmt *call = call_of(a, down, id[i]);

        st = give_rows(a, down ? a->down : a->up, false, down, id[i], id[i],
                       give, arg, err);
        if (st == AIGOV_OK && call)
            st = give_rows(a, call, true, down, id[i], call_key(id[i]), give,
                           arg, err);
    }
    return st;
}

/* --- entries ------------------------------------------------------------- */

static aigov_status entry_at(void *host, int64_t log, int64_t lane, int64_t seq,
                             aigov_entry *out, aigov_error *err)
{
    asking *a = host;
    aigov_status st = AIGOV_OK;
    int rc;

    sqlite3_reset(a->entry);
    sqlite3_bind_int64(a->entry, 1, log);
    sqlite3_bind_int64(a->entry, 2, lane);
    sqlite3_bind_int64(a->entry, 3, seq);
    rc = sqlite3_step(a->entry);
    if (rc == SQLITE_ROW)
        row_entry(a->entry, out);
    else if (rc == SQLITE_DONE)
        st = conn_fail(a->c, AIGOV_CHAIN,
                       "an entry that lineage names is not there",
                       "SELECT * FROM aigov_verify");
    else
        st = conn_sql_error(a->c);
    return given(a->c, st, err);
}

static aigov_status brief_at(void *host, int64_t log, int64_t lane, int64_t seq,
                             aigov_entry *out, aigov_error *err)
{
    asking *a = host;
    aigov_status st = AIGOV_OK;
    int rc;

    sqlite3_reset(a->brief);
    sqlite3_bind_int64(a->brief, 1, log);
    sqlite3_bind_int64(a->brief, 2, lane);
    sqlite3_bind_int64(a->brief, 3, seq);
    rc = sqlite3_step(a->brief);
    if (rc == SQLITE_ROW) {
        aigov_time_parse_stored(column_span(a->brief, 0), &out->at);
        out->id = column_span(a->brief, 1);
        out->system = column_span(a->brief, 2);
    } else {
        st = rc == SQLITE_DONE
                 ? conn_fail(a->c, AIGOV_CHAIN,
                             "an entry that lineage names is not there",
                             "SELECT * FROM aigov_verify")
                 : conn_sql_error(a->c);
    }
    return given(a->c, st, err);
}

static aigov_status by_id(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err)
{
    asking *a = host;

    return given(a->c, index_by_id(a->c, a->by_id, id, out), err);
}

static aigov_status has_content(void *host, const aigov_entry *e, bool *out,
                                aigov_error *err)
{
    asking *a = host;
    int rc;

    sqlite3_bind_int64(a->content, 1, e->log);
    sqlite3_bind_int64(a->content, 2, e->lane);
    sqlite3_bind_int64(a->content, 3, e->seq);
    rc = sqlite3_step(a->content);
    *out = rc == SQLITE_ROW;
    sqlite3_reset(a->content);
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? AIGOV_OK
               : given(a->c, conn_sql_error(a->c), err);
}

/* --- opening ------------------------------------------------------------- */

static bool has_index(conn *c)
{
    sqlite3_stmt *s;
    bool yes;

    if (conn_prepare(c, &s,
                     "SELECT count(*) = 4 FROM \"main\".sqlite_master"
                     " WHERE type = 'table' AND name IN ('aigov_node',"
                     " 'aigov_ref', 'aigov_call', 'aigov_lineage_head')") !=
        AIGOV_OK)
        return false;
    yes = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return yes;
}

#define REF_LIST "SELECT cause, effect, place, log, how FROM \"main\".aigov_ref"
#define CALL_LIST                                                              \
    "SELECT ia, model, template, person, place, log, part"                     \
    " FROM \"main\".aigov_call"

static aigov_status prepare_index(asking *a)
{
    const struct {
        sqlite3_stmt **s;
        const char *sql;
    } list[] = {
        {&a->find, "SELECT id FROM \"main\".aigov_node WHERE name = ?1"},
        {&a->name, "SELECT name FROM \"main\".aigov_node WHERE id = ?1"},
        {&a->names_in, "SELECT id, name FROM \"main\".aigov_node"
                       " WHERE id BETWEEN ?1 AND ?2 ORDER BY id"},
        {&a->down_in, REF_LIST " WHERE cause BETWEEN ?1 AND ?2"
                               " ORDER BY cause"},
        {&a->up_in, REF_LIST " WHERE effect BETWEEN ?1 AND ?2"
                             " ORDER BY effect"},
        {&a->call_in, CALL_LIST " WHERE ia BETWEEN ?1 AND ?2 ORDER BY ia"},
        {&a->down, REF_LIST " WHERE cause = ?1"},
        {&a->up, REF_LIST " WHERE effect = ?1"},
        {&a->call_ia, CALL_LIST " WHERE ia = ?1"},
        {&a->call_model, CALL_LIST " WHERE model = ?1"},
        {&a->call_template, CALL_LIST " WHERE template = ?1"},
        {&a->call_person, CALL_LIST " WHERE person = ?1"},
    };
    aigov_status st = AIGOV_OK;

    for (size_t i = 0; i < sizeof list / sizeof list[0] && st == AIGOV_OK; i++)
        st = conn_prepare(a->c, list[i].s, "%s", list[i].sql);
    a->index.find = find;
    a->index.names = names;
    a->index.all = all;
    a->index.edges = edges;
    return st;
}

static aigov_status prepare_entries(asking *a)
{
    aigov_status st =
        conn_prepare(a->c, &a->entry,
                     "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                     " WHERE log = ?1 AND lane = ?2 AND seq = ?3");

    if (st == AIGOV_OK)
        st = conn_prepare(a->c, &a->brief,
                          "SELECT at, id, system FROM \"main\".aigov_entry"
                          " WHERE log = ?1 AND lane = ?2 AND seq = ?3");
    if (st == AIGOV_OK)
        st = conn_prepare(a->c, &a->by_id, "%s", INDEX_BY_ID);
    if (st == AIGOV_OK)
        st = conn_prepare(a->c, &a->owner, "%s", INDEX_OWNER);
    return st == AIGOV_OK
               ? conn_prepare(a->c, &a->content,
                              "SELECT 1 FROM \"main\".aigov_content"
                              " WHERE log = ?1 AND lane = ?2 AND seq = ?3")
               : st;
}

static aigov_status add_entry(void *arg, const aigov_entry *e,
                              const aigov_entry *owner, aigov_error *err)
{
    asking *a = arg;

    if (++a->tail > AIGOV_MAX_TAIL)
        return given(
            a->c,
            conn_fail(a->c, AIGOV_TOOBIG, "too many entries are not indexed",
                      "SELECT aigov_maintain() indexes them; of a file "
                      "that is only read ask its export"),
            err);
    return aigov_graph_add(a->graph, e, owner, err);
}

static aigov_status give_lane(asking *a, sqlite3_stmt *s, aigov_entry_fn give,
                              void *arg, aigov_error *err)
{
    conn *c = a->c;
    aigov_status st = AIGOV_OK;
    int rc = SQLITE_DONE;

    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        aigov_entry e, owner = {.v = 0};

        row_entry(s, &e);
        if (e.interaction.p)
            st = given(c, index_owner(c, a->owner, &e, &owner), err);
        if (st == AIGOV_OK)
            st = give(arg, &e, owner.body.p ? &owner : NULL, err);
    }
    return st == AIGOV_OK && rc != SQLITE_DONE
               ? given(c, conn_sql_error(c), err)
               : st;
}

/* What is behind the heads of lanes, lane by lane. */
static aigov_status give_lanes(asking *a, const char *of, aigov_entry_fn give,
                               void *arg, aigov_error *err)
{
    conn *c = a->c;
    sqlite3_stmt *lanes, *entries = NULL;
    aigov_status st = conn_prepare(c, &lanes, "%s", of);
    int rc = SQLITE_DONE;

    if (st == AIGOV_OK)
        st = conn_prepare(c, &entries, "%s", INDEX_TAIL);
    st = given(c, st, err);
    while (st == AIGOV_OK && (rc = sqlite3_step(lanes)) == SQLITE_ROW) {
        sqlite3_reset(entries);
        for (int i = 0; i < 3; i++)
            sqlite3_bind_int64(entries, i + 1, sqlite3_column_int64(lanes, i));
        st = give_lane(a, entries, give, arg, err);
    }
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = given(c, conn_sql_error(c), err);
    sqlite3_finalize(entries);
    sqlite3_finalize(lanes);
    return st;
}

static aigov_status entries_all(void *host, aigov_entry_fn give, void *arg,
                                aigov_error *err)
{
    return give_lanes(host, INDEX_NO_LANES, give, arg, err);
}

static aigov_status set_heads(asking *a)
{
    conn *c = a->c;
    int64_t log;
    aigov_status st;

    if (!c->as_of)
        return AIGOV_OK;
    st = log_own(c, "main", &log);
    return st == AIGOV_OK
               ? aigov_graph_as_of(a->graph, log, aigov_str(c->as_of), &c->err)
               : st;
}

static void close_all(asking *a)
{
    sqlite3_stmt *const s[] = {
        a->names_in,   a->down_in, a->up_in,         a->call_in,     a->brief,
        a->find,       a->name,    a->down,          a->up,          a->call_ia,
        a->call_model, a->entry,   a->call_template, a->call_person, a->by_id,
        a->owner,      a->content};

    aigov_graph_free(a->graph);
    for (size_t i = 0; i < sizeof s / sizeof s[0]; i++)
        sqlite3_finalize(s[i]);
    aigov_buf_free(&a->text);
}

static aigov_status open_all(asking *a)
{
    bool indexed = has_index(a->c);
    aigov_status st = prepare_entries(a);

    a->index.host = a;
    a->index.entry = entry_at;
    a->index.brief = brief_at;
    a->index.by_id = by_id;
    a->index.has_content = has_content;
    a->index.entries = entries_all;
    if (st == AIGOV_OK && indexed)
        st = prepare_index(a);
    if (st == AIGOV_OK)
        st = aigov_graph_new(a->c->ctx, &a->index, &a->graph, &a->c->err);
    if (st == AIGOV_OK)
        st = give_lanes(a, indexed ? INDEX_LANES : INDEX_NO_LANES, add_entry, a,
                        &a->c->err);
    return st == AIGOV_OK ? set_heads(a) : st;
}

/* --- arguments ----------------------------------------------------------- */

static aigov_status argument(conn *c, const aigov_column *of, sqlite3_value *v,
                             aigov_cell *out)
{
    char text[96];

    *out = (aigov_cell){.null = true};
    if (!v || sqlite3_value_type(v) == SQLITE_NULL)
        return AIGOV_OK;
    out->null = false;
    if (of->type == AIGOV_CELL_INT) {
        if (sqlite3_value_numeric_type(v) == SQLITE_INTEGER) {
            out->i = sqlite3_value_int64(v);
            return AIGOV_OK;
        }
        snprintf(text, sizeof text, "argument %s is not an integer", of->name);
        return conn_fail(c, AIGOV_ARG, text, NULL);
    }
    if (arg_text(c, v, of->name, false, &out->s) != AIGOV_OK)
        return c->err.code;
    if (of->type == AIGOV_CELL_TIME && !aigov_time_parse(out->s, &out->i)) {
        snprintf(text, sizeof text, "argument %s is not a time", of->name);
        return conn_fail(c, AIGOV_ARG, text,
                         "RFC 3339, as 2026-09-11T08:15:02Z");
    }
    return AIGOV_OK;
}

static aigov_status arguments(asking *a, sqlite3_value **arg, int n,
                              aigov_cell *out, int64_t *limit)
{
    static const aigov_column row_limit = {"row_limit", AIGOV_CELL_INT};
    const aigov_question *q = a->question;
    aigov_cell cell;
    aigov_status st = AIGOV_OK;

    for (int i = 0; i < (int)q->arguments && st == AIGOV_OK; i++)
        st = argument(a->c, &q->argument[i], i < n ? arg[i] : NULL, &out[i]);
    *limit = 0;
    if (st == AIGOV_OK && !q->single && n > (int)q->arguments) {
        st = argument(a->c, &row_limit, arg[q->arguments], &cell);
        *limit = st == AIGOV_OK && !cell.null ? cell.i : 0;
        if (*limit < 0)
            st = conn_fail(a->c, AIGOV_ARG, "row_limit is negative", NULL);
    }
    return st;
}

/* --- answers ------------------------------------------------------------- */

static bool put_cell(rows *out, aigov_cell_type type, const aigov_cell *cell)
{
    char at[AIGOV_TIME_LEN + 1];

    if (cell->null)
        return rows_null(out);
    switch (type) {
    case AIGOV_CELL_INT:
    case AIGOV_CELL_BOOL:
        return rows_int(out, cell->i);
    case AIGOV_CELL_TIME:
        aigov_time_format(cell->i, at);
        return rows_text(out, aigov_str(at));
    default:
        return rows_text(out, cell->s);
    }
}

static aigov_status take_row(void *arg, const aigov_cell *cell, size_t n,
                             aigov_error *err)
{
    asking *a = arg;

    if (a->question->single) {
        a->any = !cell->null;
        a->text.n = 0;
        return !a->any || aigov_buf_put(&a->text, cell->s.p, cell->s.n)
                   ? AIGOV_OK
                   : aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS,
                                "out of memory");
    }
    for (size_t i = 0; i < n; i++)
        if (!put_cell(a->out, a->question->column[i].type, &cell[i]))
            return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    return AIGOV_OK;
}

static const aigov_question *question(const char *name)
{
    const aigov_question *q;

    for (size_t i = 0; (q = aigov_question_at(i)) != NULL; i++)
        if (strcmp(q->name, name) == 0)
            break;
    return q;
}

/* In a transaction of its own, or the one that is open: one state of the file.
 */
static aigov_status answer(asking *a, const char *name, sqlite3_value **arg,
                           int n)
{
    conn *c = a->c;
    aigov_cell cell[AIGOV_MAX_ARGUMENTS];
    int64_t limit;
    aigov_status st;

    aigov_buf_init(&a->text, c->ctx);
    a->question = question(name);
    if (!a->question)
        return conn_fail(c, AIGOV_ARG, "no such question", NULL);
    st = arguments(a, arg, n, cell, &limit);
    if (st == AIGOV_OK)
        st = open_all(a);
    return st == AIGOV_OK ? aigov_graph_ask(a->graph, a->question, cell, limit,
                                            take_row, a, &c->err)
                          : st;
}

static aigov_status fill(conn *c, const char *name, rows *out,
                         sqlite3_value **arg)
{
    asking a = {.c = c, .out = out};
    aigov_status st = answer(&a, name, arg, ROWS_MAX_HIDDEN);

    close_all(&a);
    return st;
}

static void value(sqlite3_context *ctx, const char *name, int argc,
                  sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    asking a = {.c = c};
    aigov_status st = conn_enter(c);

    if (st == AIGOV_OK)
        st = answer(&a, name, argv, argc);
    if (st != AIGOV_OK)
        conn_result_error(c, ctx);
    else if (!a.any)
        sqlite3_result_null(ctx);
    else if (a.question->column[0].type == AIGOV_CELL_JSON)
        result_json(ctx, aigov_buf_span(&a.text));
    else
        result_span(ctx, aigov_buf_span(&a.text));
    close_all(&a);
}

/* --- one function a question --------------------------------------------- */

#define QUESTION(name, single, estimate, arguments, columns)                   \
    QUESTION_##single(name, (arguments), (columns))
#define QUESTION_0(name, arguments, columns)                                   \
    static aigov_status fill_##name(conn *c, rows *out, sqlite3_value **arg)   \
    {                                                                          \
        return fill(c, #name, out, arg);                                       \
    }
#define QUESTION_1(name, arguments, columns)                                   \
    static void value_##name(sqlite3_context *ctx, int argc,                   \
                             sqlite3_value **argv)                             \
    {                                                                          \
        value(ctx, #name, argc, argv);                                         \
    }
#define A(name, type)
#define O(name, type)
#define C(name, type)
#include "lineage/questions.def"
#undef A
#undef O
#undef C
#undef QUESTION
#undef QUESTION_0
#undef QUESTION_1

enum {
#define A(name, type) +1
#define O(name, type) +1
#define C(name, type) +1
#define QUESTION(name, single, estimate, arguments, columns)                   \
    columns_##name = 0 columns, hidden_##name = 1 arguments,
#include "lineage/questions.def"
#undef A
#undef O
#undef C
#undef QUESTION
    questions_end
};

#define A(name, type) "p_" #name " HIDDEN, "
#define O(name, type) "p_" #name " HIDDEN, "
#define C(name, type) #name ", "
#define QUESTION(name, single, estimate, arguments, columns)                   \
    QUESTION_##single(name, arguments, columns)
#define QUESTION_1(name, arguments, columns)
#define QUESTION_0(name, arguments, columns)                                   \
    {"aigov_" #name,                                                           \
     "CREATE TABLE x(" columns arguments "p_row_limit HIDDEN)",                \
     columns_##name, hidden_##name, fill_##name},
static const rows_def tables[] = {
#include "lineage/questions.def"
};
#undef QUESTION_0
#undef QUESTION_1
#define QUESTION_0(name, arguments, columns)
#define QUESTION_1(name, arguments, columns) {"aigov_" #name, value_##name},
static const struct {
    const char *name;
    sql_function fn;
} scalars[] = {
#include "lineage/questions.def"
};
#undef A
#undef O
#undef C
#undef QUESTION
#undef QUESTION_0
#undef QUESTION_1

static int register_scalar(conn *c, const char *name, sql_function fn)
{
    const aigov_question *q = question(name + 6);
    int rc = q ? SQLITE_OK : SQLITE_ERROR;

    for (int n = 0; rc == SQLITE_OK && n <= (int)q->arguments; n++)
        rc = sqlite3_create_function_v2(c->db, name, n, READS, conn_ref(c), fn,
                                        NULL, NULL, conn_unref);
    return rc;
}

int lineage_register(conn *c)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && rc == SQLITE_OK;
         i++)
        rc = rows_register(c, &tables[i]);
    for (size_t i = 0;
         i < sizeof scalars / sizeof scalars[0] && rc == SQLITE_OK; i++)
        rc = register_scalar(c, scalars[i].name, scalars[i].fn);
    return rc;
}
