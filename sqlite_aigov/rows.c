/*
 * rows.c - table-valued functions: one virtual table module for all of them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A function gives all its rows when it is called (ranges of a verification,
 * revisions of a subject: few), and the cursor walks them.  Parameters are
 * hidden columns, named p_... because they share the names of the columns.
 *
 *   FROM f            all parameters absent       FROM f(x)
 *   FROM t, f(t.x)    joins                       WHERE p_log = 7
 *
 * The tables are eponymous: nothing of them is stored in the file.
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

typedef struct cell {
    int type; /* SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT */
    int64_t i;
    double d;
    char *p;
    size_t n;
} cell;

struct rows {
    conn *c;
    cell *cells;
    size_t n, cap;
};

typedef struct module_data {
    conn *c;
    const rows_def *def;
} module_data;

typedef struct rows_table {
    sqlite3_vtab base;
    conn *c;
    const rows_def *def;
} rows_table;

typedef struct rows_cursor {
    sqlite3_vtab_cursor base;
    rows rows;
    size_t at; /* first cell of the current row */
    sqlite3_value *arg[ROWS_MAX_HIDDEN];
} rows_cursor;

/* --- rows ---------------------------------------------------------------- */

static cell *rows_add(rows *r)
{
    cell *more;
    size_t cap;

    if (r->n == r->cap) {
        cap = r->cap ? 2 * r->cap : 64;
        more = sqlite3_realloc64(r->cells, cap * sizeof *more);
        if (!more)
            return NULL;
        r->cells = more;
        r->cap = cap;
    }
    memset(&r->cells[r->n], 0, sizeof *r->cells);
    r->cells[r->n].type = SQLITE_NULL;
    return &r->cells[r->n++];
}

bool rows_null(rows *r)
{
    return rows_add(r) != NULL;
}

bool rows_int(rows *r, int64_t v)
{
    cell *x = rows_add(r);

    if (!x)
        return false;
    x->type = SQLITE_INTEGER;
    x->i = v;
    return true;
}

bool rows_real(rows *r, double v)
{
    cell *x = rows_add(r);

    if (!x)
        return false;
    x->type = SQLITE_FLOAT;
    x->d = v;
    return true;
}

bool rows_text(rows *r, aigov_span s)
{
    cell *x = rows_add(r);

    if (!x || !s.p)
        return x != NULL;
    x->p = sqlite3_malloc64(s.n + 1);
    if (!x->p)
        return false;
    memcpy(x->p, s.p, s.n);
    x->p[s.n] = 0;
    x->n = s.n;
    x->type = SQLITE_TEXT;
    return true;
}

static void rows_clear(rows *r)
{
    for (size_t i = 0; i < r->n; i++)
        sqlite3_free(r->cells[i].p);
    r->n = 0;
}

/* --- the table ----------------------------------------------------------- */

static int table_connect(sqlite3 *db, void *aux, int argc,
                         const char *const *argv, sqlite3_vtab **out,
                         char **message)
{
    module_data *m = aux;
    rows_table *t;
    int rc = sqlite3_declare_vtab(db, m->def->declare);

    (void)argc;
    (void)argv;
    (void)message;
    if (rc != SQLITE_OK)
        return rc;
    t = sqlite3_malloc64(sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    memset(t, 0, sizeof *t);
    t->c = m->c;
    t->def = m->def;
    *out = &t->base;
    return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

/* idxNum has a bit for each parameter that is given, arguments in that order.
 */
static int table_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    const rows_def *def = ((rows_table *)vtab)->def;
    int at[ROWS_MAX_HIDDEN], n = 0;

    memset(at, -1, sizeof at);
    for (int i = 0; i < info->nConstraint; i++) {
        int p = info->aConstraint[i].iColumn - def->columns;

        if (p < 0 || p >= def->hidden ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        /* The argument comes from a table that is not read yet: another plan.
         */
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT;
        at[p] = i;
    }
    for (int p = 0; p < def->hidden; p++) {
        if (at[p] < 0)
            continue;
        info->aConstraintUsage[at[p]].argvIndex = ++n;
        info->aConstraintUsage[at[p]].omit = 1;
        info->idxNum |= 1 << p;
    }
    info->estimatedCost = 1000000;
    info->estimatedRows = 100;
    return SQLITE_OK;
}

static int table_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    rows_cursor *cur = sqlite3_malloc64(sizeof *cur);

    if (!cur)
        return SQLITE_NOMEM;
    memset(cur, 0, sizeof *cur);
    cur->rows.c = ((rows_table *)vtab)->c;
    *out = &cur->base;
    return SQLITE_OK;
}

static void forget_arguments(rows_cursor *cur)
{
    for (int p = 0; p < ROWS_MAX_HIDDEN; p++) {
        sqlite3_value_free(cur->arg[p]);
        cur->arg[p] = NULL;
    }
}

static int table_close(sqlite3_vtab_cursor *base)
{
    rows_cursor *cur = (rows_cursor *)base;

    rows_clear(&cur->rows);
    sqlite3_free(cur->rows.cells);
    forget_arguments(cur);
    sqlite3_free(cur);
    return SQLITE_OK;
}

static int table_filter(sqlite3_vtab_cursor *base, int given, const char *name,
                        int argc, sqlite3_value **argv)
{
    rows_cursor *cur = (rows_cursor *)base;
    rows_table *t = (rows_table *)base->pVtab;
    int n = 0;

    (void)name;
    rows_clear(&cur->rows);
    forget_arguments(cur);
    cur->at = 0;
    for (int p = 0; p < t->def->hidden && n < argc; p++) {
        if (!(given & (1 << p)))
            continue;
        cur->arg[p] = sqlite3_value_dup(argv[n++]);
        if (!cur->arg[p])
            return SQLITE_NOMEM;
    }
    if (conn_enter(t->c) != AIGOV_OK ||
        t->def->fill(t->c, &cur->rows, cur->arg) != AIGOV_OK)
        return conn_vtab_error(t->c, base->pVtab);
    return SQLITE_OK;
}

static int table_next(sqlite3_vtab_cursor *base)
{
    rows_cursor *cur = (rows_cursor *)base;

    cur->at += (size_t)((rows_table *)base->pVtab)->def->columns;
    return SQLITE_OK;
}

static int table_eof(sqlite3_vtab_cursor *base)
{
    rows_cursor *cur = (rows_cursor *)base;

    return cur->at >= cur->rows.n;
}

static int table_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int i)
{
    rows_cursor *cur = (rows_cursor *)base;
    const rows_def *def = ((rows_table *)base->pVtab)->def;
    const cell *x;

    if (i >= def->columns) {
        if (cur->arg[i - def->columns])
            sqlite3_result_value(ctx, cur->arg[i - def->columns]);
        return SQLITE_OK;
    }
    x = &cur->rows.cells[cur->at + (size_t)i];
    if (x->type == SQLITE_INTEGER)
        sqlite3_result_int64(ctx, x->i);
    else if (x->type == SQLITE_FLOAT)
        sqlite3_result_double(ctx, x->d);
    else
        result_span(ctx, (aigov_span){x->p, x->n});
    return SQLITE_OK;
}

static int table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)((rows_cursor *)base)->at;
    return SQLITE_OK;
}

static void forget_module(void *aux)
{
    module_data *m = aux;

    conn_unref(m->c);
    sqlite3_free(m);
}

int rows_register(conn *c, const rows_def *def)
{
    static const sqlite3_module module = {
        .xConnect = table_connect,
        .xBestIndex = table_best_index,
        .xDisconnect = table_disconnect,
        .xOpen = table_open,
        .xClose = table_close,
        .xFilter = table_filter,
        .xNext = table_next,
        .xEof = table_eof,
        .xColumn = table_column,
        .xRowid = table_rowid,
    };
    module_data *m = sqlite3_malloc64(sizeof *m);

    if (!m)
        return SQLITE_NOMEM;
    m->c = conn_ref(c);
    m->def = def;
    return sqlite3_create_module_v2(c->db, def->name, &module, m,
                                    forget_module);
}
