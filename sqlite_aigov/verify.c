/*
 * verify.c - SELECT * FROM aigov_verify
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov_verify([log [, vkeys [, schema]]])
 *
 * gives ranges: origin, log, lane, from_seq, to_seq, entries, status, content,
 * anchored_size, detail (docs/sqlite.md).  log absent or NULL is every log, 0
 * the own one; both also judge rows whose log number no row of aigov_log names,
 * and aigov_instance.
 * schema names an attached database: `audit.aigov_verify` would read main,
 * since SQLite does not tell a table-valued function the schema it was called
 * by.
 *
 * Entries and content are read in (lane, seq) order and merged, under one read
 * transaction, and handed to the core, which judges.  What only a host can see
 * is judged here: storage classes, the text of aigov's own tables, guards and
 * views, foreign triggers, and table aigov_log against the genesis entries.
 * No index is believed: facts are read NOT INDEXED, and the one that gives the
 * order is compared with its table.
 * It writes nothing: read-only and immutable files verify.
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

typedef struct pass {
    conn *c;
    rows *out;
    const char *schema;
    aigov_verify *v;
    sqlite3_stmt *entry, *content;
    int entry_rc, content_rc;
    bool entry_key, content_key; /* the primary keys are there */
} pass;

static aigov_status no_memory(conn *c)
{
    return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

static bool emit(void *host, const aigov_range *r)
{
    rows *out = ((pass *)host)->out;
    /* a note stands for no row; a row may have been moved to seq 0 */
    bool lanes =
        r->from_seq != 0 || r->entries != 0 || strcmp(r->content, "none") != 0;

    return rows_text(out, r->origin) &&
           (r->log ? rows_int(out, r->log) : rows_null(out)) &&
           (lanes ? rows_int(out, r->lane) : rows_null(out)) &&
           (lanes ? rows_int(out, r->from_seq) : rows_null(out)) &&
           (lanes ? rows_int(out, r->to_seq) : rows_null(out)) &&
           rows_int(out, r->entries) && rows_text(out, aigov_str(r->status)) &&
           rows_text(out, aigov_str(r->content)) &&
           (r->anchored_size ? rows_int(out, r->anchored_size)
                             : rows_null(out)) &&
           rows_text(out, r->detail);
}

static aigov_status note(pass *p, const char *status, const char *format, ...)
{
    aigov_status st;
    char *text;
    va_list ap;

    va_start(ap, format);
    text = sqlite3_vmprintf(format, ap);
    va_end(ap);
    if (!text)
        return no_memory(p->c);
    st = aigov_verify_note(p->v, status, text, &p->c->err);
    sqlite3_free(text);
    return st;
}

/* --- the rows of one log ------------------------------------------------- */

static aigov_status step(pass *p, sqlite3_stmt *s, int *rc)
{
    *rc = sqlite3_step(s);
    return *rc == SQLITE_ROW || *rc == SQLITE_DONE ? AIGOV_OK
                                                   : conn_sql_error(p->c);
}

/* Rows whose place is no number cannot be put in order. */
static bool has_place(sqlite3_stmt *s)
{
    return sqlite3_column_type(s, 1) == SQLITE_INTEGER &&
           sqlite3_column_type(s, 2) == SQLITE_INTEGER;
}

static aigov_status next_placed(pass *p, sqlite3_stmt *s, int *rc,
                                const char *table)
{
    aigov_status st = step(p, s, rc);

    while (st == AIGOV_OK && *rc == SQLITE_ROW && !has_place(s)) {
        st = note(p, "modified", "a row of %s: storage class of lane or seq",
                  table);
        if (st == AIGOV_OK)
            st = step(p, s, rc);
    }
    return st;
}

static int compare_places(sqlite3_stmt *a, sqlite3_stmt *b)
{
    for (int i = 1; i <= 2; i++) {
        int64_t x = sqlite3_column_int64(a, i), y = sqlite3_column_int64(b, i);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static aigov_status judge_row(pass *p, bool with_entry, bool with_content)
{
    aigov_entry e;
    aigov_content k;
    const char *problem = NULL, *problem_k = NULL;
    sqlite3_stmt *s = with_entry ? p->entry : p->content;
    aigov_status st;

    if (with_entry)
        problem = row_entry(p->entry, &e);
    if (with_content)
        problem_k = row_content(p->content, &k);
    st = aigov_verify_row(p->v, sqlite3_column_int64(s, 1),
                          sqlite3_column_int64(s, 2), with_entry ? &e : NULL,
                          with_content ? &k : NULL,
                          problem ? problem : problem_k, &p->c->err);
    if (st == AIGOV_OK && with_entry)
        st = next_placed(p, p->entry, &p->entry_rc, "aigov_entry");
    if (st == AIGOV_OK && with_content)
        st = next_placed(p, p->content, &p->content_rc, "aigov_content");
    return st;
}

static aigov_status merge(pass *p)
{
    aigov_status st = next_placed(p, p->entry, &p->entry_rc, "aigov_entry");

    if (st == AIGOV_OK)
        st = next_placed(p, p->content, &p->content_rc, "aigov_content");
    while (st == AIGOV_OK &&
           (p->entry_rc == SQLITE_ROW || p->content_rc == SQLITE_ROW)) {
        int order = p->entry_rc != SQLITE_ROW ? 1
                    : p->content_rc != SQLITE_ROW
                        ? -1
                        : compare_places(p->entry, p->content);

        st = judge_row(p, order <= 0, order >= 0);
    }
    return st;
}

/* Who may erase: lane 0 of the log itself, or of a log that continues it. */
static aigov_status erasures(pass *p, int64_t log)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(p->c, &s,
                      "WITH RECURSIVE later(log) AS (SELECT %lld UNION"
                      " SELECT l.log FROM later JOIN \"%w\".aigov_log l"
                      " NOT INDEXED ON l.continues = later.log)"
                      " SELECT subject FROM \"%w\".aigov_entry NOT INDEXED"
                      " WHERE kind = 'erasure' AND lane = 0"
                      " AND subject IS NOT NULL AND log IN later",
                      (sqlite3_int64)log, p->schema, p->schema);
    while (st == AIGOV_OK && (st = step(p, s, &rc)) == AIGOV_OK &&
           rc == SQLITE_ROW)
        st = aigov_verify_erased(p->v, column_span(s, 0), &p->c->err);
    sqlite3_finalize(s);
    return st;
}

/* --- the index that gives the order -------------------------------------- */

#define KEY(table) "sqlite_autoindex_" table "_1"
#define ENTRY_KEY KEY("aigov_entry")
#define CONTENT_KEY KEY("aigov_content")

/* Whether the primary key is there; a rebuilt table may have none. */
static aigov_status find_key(pass *p, const char *key, bool *there)
{
    static const char *const column[] = {"log", "lane", "seq"};
    int rc = SQLITE_DONE, n = 0, same = 0;
    sqlite3_stmt *s;
    aigov_status st =
        conn_prepare(p->c, &s, "PRAGMA \"%w\".index_info(%Q)", p->schema, key);

    while (st == AIGOV_OK && (st = step(p, s, &rc)) == AIGOV_OK &&
           rc == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 2);

        same += n < 3 && name && strcmp(name, column[n]) == 0;
        n++;
    }
    sqlite3_finalize(s);
    *there = n == 3 && same == 3;
    return st;
}

/*
 * The walk is in the order of an index, and SQLite reads places from it.  Where
 * every row of the table is in the index under its own place, and the index
 * has no more rows than the table, both say the same.
 */
static aigov_status check_key(pass *p, const char *table, const char *key,
                              bool there)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    if (!there)
        return AIGOV_OK;
    st = conn_prepare(
        p->c, &s,
        "SELECT (SELECT count(*) FROM \"%w\".%s NOT INDEXED) <>"
        " (SELECT count(*) FROM \"%w\".%s INDEXED BY %s WHERE log IS log)"
        " OR EXISTS (SELECT 1 FROM \"%w\".%s t NOT INDEXED WHERE NOT EXISTS"
        " (SELECT 1 FROM \"%w\".%s i INDEXED BY %s WHERE i.log = t.log"
        " AND i.lane = t.lane AND i.seq = t.seq AND i.rowid = t.rowid))",
        p->schema, table, p->schema, table, key, p->schema, table, p->schema,
        table, key);
    if (st == AIGOV_OK)
        st = step(p, s, &rc);
    if (st == AIGOV_OK && sqlite3_column_int(s, 0))
        st = note(p, "schema_changed",
                  "index %s does not agree with table %s; "
                  "PRAGMA integrity_check",
                  key, table);
    sqlite3_finalize(s);
    return st;
}

static aigov_status judge_rows(pass *p, int64_t log, aigov_span origin)
{
    aigov_status st = aigov_verify_begin(p->v, log, origin, &p->c->err);

    if (st == AIGOV_OK)
        st = erasures(p, log);
    if (st == AIGOV_OK)
        st = conn_prepare(
            p->c, &p->entry,
            "SELECT " ENTRY_LIST " FROM \"%w\".aigov_entry %s"
            " WHERE log = %lld ORDER BY lane, seq",
            p->schema, p->entry_key ? "INDEXED BY " ENTRY_KEY : "NOT INDEXED",
            (sqlite3_int64)log);
    if (st == AIGOV_OK)
        st = conn_prepare(p->c, &p->content,
                          "SELECT " CONTENT_LIST " FROM \"%w\".aigov_content %s"
                          " WHERE log = %lld ORDER BY lane, seq",
                          p->schema,
                          p->content_key ? "INDEXED BY " CONTENT_KEY
                                         : "NOT INDEXED",
                          (sqlite3_int64)log);
    if (st == AIGOV_OK)
        st = merge(p);
    sqlite3_finalize(p->entry);
    sqlite3_finalize(p->content);
    p->entry = p->content = NULL;
    if (st == AIGOV_OK)
        st = aigov_verify_end(p->v, &p->c->err);
    return st;
}

/* --- table aigov_log against genesis ------------------------------------- */

/* The number of the log that genesis says it continues, 0 for none. */
static int64_t genesis_continues(pass *p, aigov_span body)
{
    aigov_json j = {.ctx = p->c->ctx};
    aigov_error err;
    int64_t log = 0;
    uint32_t i;

    if (aigov_json_read(&j, AIGOV_JSON_SYNTAX, body, &err) == AIGOV_OK &&
        (i = aigov_json_get(&j, 0, "fields")) != 0 &&
        (i = aigov_json_get(&j, i, "continues")) != 0 &&
        aigov_log_number(p->c->ctx, aigov_json_text(&j, i), &log, &err) !=
            AIGOV_OK)
        log = -1;
    aigov_json_free(&j);
    return log;
}

static const char *log_problem(pass *p, sqlite3_stmt *s, int64_t log)
{
    aigov_span origin = column_span(s, 0);
    int continues = sqlite3_column_type(s, 2);
    aigov_error err;
    int64_t number;

    if (sqlite3_column_type(s, 0) != SQLITE_TEXT ||
        sqlite3_column_type(s, 1) != SQLITE_TEXT ||
        (continues != SQLITE_NULL && continues != SQLITE_INTEGER))
        return "a storage class";
    if (aigov_log_number(p->c->ctx, origin, &number, &err) != AIGOV_OK ||
        number != log)
        return "origin and number";
    if (sqlite3_column_type(s, 3) == SQLITE_NULL)
        return "no genesis entry";
    if (!aigov_span_eq(origin, column_span(s, 3)))
        return "origin differs from genesis";
    if (!aigov_span_eq(column_span(s, 1), column_span(s, 4)))
        return "time differs from genesis";
    if (sqlite3_column_int64(s, 2) != genesis_continues(p, column_span(s, 5)) ||
        (continues == SQLITE_INTEGER && sqlite3_column_int64(s, 2) == 0))
        return "continues differs from genesis";
    return NULL;
}

/* Rows whose number aigov_log does not name; none: there is no such log. */
static aigov_status judge_unnamed(pass *p, int64_t log)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(p->c, &s,
                      "SELECT 1 FROM \"%w\".aigov_entry NOT INDEXED"
                      " WHERE log = %lld UNION ALL SELECT 1 FROM"
                      " \"%w\".aigov_content NOT INDEXED WHERE log = %lld",
                      p->schema, (sqlite3_int64)log, p->schema,
                      (sqlite3_int64)log);
    if (st == AIGOV_OK)
        st = step(p, s, &rc);
    sqlite3_finalize(s);
    if (st != AIGOV_OK)
        return st;
    if (rc == SQLITE_DONE)
        return conn_fail(p->c, AIGOV_NOLOG, "there is no such log",
                         "SELECT log, origin FROM aigov_log");
    return judge_rows(p, log, AIGOV_ABSENT);
}

/* One log: its rows, then its row in aigov_log (twice in a rebuilt table). */
static aigov_status judge_log(pass *p, int64_t log, bool own)
{
    const char *problem = NULL;
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(
        p->c, &s,
        "SELECT l.origin, l.at, l.continues, g.subject, g.at, g.body"
        " FROM \"%w\".aigov_log l NOT INDEXED"
        " LEFT JOIN \"%w\".aigov_entry g %s"
        " ON g.log = l.log AND g.lane = 0 AND g.seq = 1 WHERE l.log = %lld",
        p->schema, p->schema,
        p->entry_key ? "INDEXED BY " ENTRY_KEY : "NOT INDEXED",
        (sqlite3_int64)log);
    if (st == AIGOV_OK)
        st = step(p, s, &rc);
    if (st == AIGOV_OK && rc == SQLITE_ROW) {
        problem = log_problem(p, s, log);
        st = judge_rows(p, log, column_span(s, 0));
        if (st == AIGOV_OK && problem)
            st = note(p, "modified", "aigov_log: %s", problem);
        if (st == AIGOV_OK)
            st = step(p, s, &rc);
        if (st == AIGOV_OK && rc == SQLITE_ROW)
            st = note(p, "modified", "aigov_log: more than one row");
    } else if (st == AIGOV_OK && !own) {
        st = judge_unnamed(p, log);
    }
    sqlite3_finalize(s);
    return st;
}

/* --- rows of nobody ------------------------------------------------------ */

static aigov_status judge_strays(pass *p)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(p->c, &s,
                      "SELECT log FROM \"%w\".aigov_entry NOT INDEXED UNION"
                      " SELECT log FROM \"%w\".aigov_content NOT INDEXED EXCEPT"
                      " SELECT log FROM \"%w\".aigov_log NOT INDEXED WHERE "
                      "typeof(log) = 'integer'",
                      p->schema, p->schema, p->schema);
    while (st == AIGOV_OK && (st = step(p, s, &rc)) == AIGOV_OK &&
           rc == SQLITE_ROW)
        st = sqlite3_column_type(s, 0) == SQLITE_INTEGER
                 ? judge_rows(p, sqlite3_column_int64(s, 0), AIGOV_ABSENT)
                 : note(p, "modified", "rows whose log is no number");
    sqlite3_finalize(s);
    return st;
}

/* A row of aigov_log that nobody asked about still has to be a log's. */
static aigov_status check_log_rows(pass *p)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(p->c, &s,
                      "SELECT count(*) FROM \"%w\".aigov_log l NOT INDEXED"
                      " WHERE typeof(l.log) <> 'integer' OR NOT EXISTS"
                      " (SELECT 1 FROM \"%w\".aigov_entry e %s"
                      "   WHERE e.log = l.log AND e.lane = 0 AND e.seq = 1"
                      "     AND e.subject = l.origin AND e.at = l.at)",
                      p->schema, p->schema,
                      p->entry_key ? "INDEXED BY " ENTRY_KEY : "NOT INDEXED");
    if (st == AIGOV_OK)
        st = step(p, s, &rc);
    if (st == AIGOV_OK && sqlite3_column_int(s, 0) > 0)
        st =
            note(p, "modified", "aigov_log: a row that no genesis entry gives");
    sqlite3_finalize(s);
    return st;
}

/* What is wrong with a row of aigov_instance, or NULL. */
static const char *instance_problem(pass *p, sqlite3_stmt *s)
{
    int64_t used = sqlite3_column_int64(s, 2), number;
    aigov_error err;

    if (sqlite3_column_type(s, 0) != SQLITE_TEXT)
        return "storage class of origin";
    if (sqlite3_column_type(s, 1) != SQLITE_INTEGER)
        return "storage class of log";
    if (sqlite3_column_type(s, 2) != SQLITE_INTEGER || used < 0 || used > 1)
        return "used is not 0 or 1";
    for (int i = 3; i <= 4; i++)
        if (sqlite3_column_type(s, i) != SQLITE_NULL &&
            sqlite3_column_type(s, i) != SQLITE_INTEGER)
            return "storage class of inode or birth";
    if (aigov_log_number(p->c->ctx, column_span(s, 0), &number, &err) !=
            AIGOV_OK ||
        number != sqlite3_column_int64(s, 1))
        return "origin and number";
    if (used == 0 && sqlite3_column_int(s, 5))
        return "not used, beside entries";
    return NULL;
}

/*
 * Where there are entries, the instance was written to and its log is here.  No
 * row is no failure (a rebuilt dump may have none), nor is another file: the
 * next append asks for a new epoch.
 */
static aigov_status check_instance(pass *p)
{
    int rc = SQLITE_DONE, n = 0;
    const char *problem;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(
        p->c, &s,
        "SELECT i.origin, i.log, i.used, i.inode, i.birth,"
        " EXISTS (SELECT 1 FROM \"%w\".aigov_entry NOT INDEXED) OR"
        " EXISTS (SELECT 1 FROM \"%w\".aigov_log NOT INDEXED) AS begun,"
        " EXISTS (SELECT 1 FROM \"%w\".aigov_log l NOT INDEXED"
        "   WHERE l.log = i.log AND l.origin = i.origin)"
        " FROM \"%w\".aigov_instance i NOT INDEXED",
        p->schema, p->schema, p->schema, p->schema);
    while (st == AIGOV_OK && (st = step(p, s, &rc)) == AIGOV_OK &&
           rc == SQLITE_ROW) {
        problem = instance_problem(p, s);
        if (problem)
            st = note(p, "schema_changed", "aigov_instance: %s", problem);
        else if ((sqlite3_column_int(s, 2) || sqlite3_column_int(s, 5)) &&
                 !sqlite3_column_int(s, 6))
            st = note(p, "modified",
                      "aigov_instance names a log that is not here");
        if (st == AIGOV_OK && ++n == 2)
            st = note(p, "schema_changed", "aigov_instance: more than one row");
    }
    sqlite3_finalize(s);
    return st;
}

/* --- the schema ---------------------------------------------------------- */

static aigov_status check_object(pass *p, const char *sql)
{
    char type[16], name[64];
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    if (!log_schema_name(sql, type, name))
        return AIGOV_OK;
    st = conn_prepare(p->c, &s,
                      "SELECT type IS %Q AND sql IS %Q"
                      " FROM \"%w\".sqlite_master WHERE name = %Q",
                      type, sql, p->schema, name);
    if (st == AIGOV_OK)
        st = step(p, s, &rc);
    if (st == AIGOV_OK && rc == SQLITE_DONE)
        st = note(p, "schema_changed", "%s %s is missing", type, name);
    else if (st == AIGOV_OK && !sqlite3_column_int(s, 0))
        st = note(p, "schema_changed", "%s %s differs", type, name);
    sqlite3_finalize(s);
    return st;
}

static bool is_ours(const char *name)
{
    char type[16], ours[64];

    for (size_t i = 0; log_schema()[i]; i++)
        if (log_schema_name(log_schema()[i], type, ours) &&
            sqlite3_stricmp(name, ours) == 0)
            return true;
    return false;
}

/* Triggers on our tables, and tables or views in our name, that are not ours.
 */
static aigov_status check_foreign(pass *p, const char *schema, bool temp)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(p->c, &s,
                      "SELECT type, name FROM \"%w\".sqlite_master"
                      " WHERE (type = 'trigger' AND tbl_name LIKE 'aigov\\_%%'"
                      " ESCAPE '\\') OR (type IN ('table', 'view')"
                      " AND name LIKE 'aigov\\_%%' ESCAPE '\\')",
                      schema);
    while (st == AIGOV_OK && (st = step(p, s, &rc)) == AIGOV_OK &&
           rc == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 1);

        if (name && (temp || !is_ours(name)))
            st =
                note(p, "schema_changed", "%s%s %s is not aigov's",
                     temp ? "temporary " : "", sqlite3_column_text(s, 0), name);
    }
    sqlite3_finalize(s);
    return st;
}

static aigov_status check_schema(pass *p)
{
    const char *const *sql = log_schema();
    aigov_status st = AIGOV_OK;

    for (size_t i = 0; st == AIGOV_OK && sql[i]; i++)
        st = check_object(p, sql[i]);
    if (st == AIGOV_OK)
        st = check_foreign(p, p->schema, false);
    if (st == AIGOV_OK)
        st = check_foreign(p, "temp", true);
    return st;
}

/* --- the call ------------------------------------------------------------ */

/* Which log to judge. */
typedef enum scope { ONE_LOG, OWN_LOG, ALL_LOGS } scope;

static aigov_status judge_all_logs(pass *p)
{
    int rc = SQLITE_DONE;
    sqlite3_stmt *s;
    aigov_status st;

    st = conn_prepare(p->c, &s,
                      "SELECT DISTINCT log FROM \"%w\".aigov_log NOT INDEXED"
                      " WHERE typeof(log) = 'integer' ORDER BY log",
                      p->schema);
    while (st == AIGOV_OK && (st = step(p, s, &rc)) == AIGOV_OK &&
           rc == SQLITE_ROW)
        st = judge_log(p, sqlite3_column_int64(s, 0), false);
    sqlite3_finalize(s);
    return st;
}

static aigov_status verify_all(pass *p, int64_t log, scope what)
{
    aigov_status st = find_key(p, ENTRY_KEY, &p->entry_key);

    if (st == AIGOV_OK)
        st = find_key(p, CONTENT_KEY, &p->content_key);
    if (st == AIGOV_OK)
        st = what == ALL_LOGS ? judge_all_logs(p)
                              : judge_log(p, log, what == OWN_LOG);
    if (st == AIGOV_OK && what != ONE_LOG)
        st = judge_strays(p);
    if (st == AIGOV_OK && what != ONE_LOG)
        st = check_log_rows(p);
    if (st == AIGOV_OK && what != ONE_LOG)
        st = check_instance(p);
    if (st == AIGOV_OK)
        st = check_key(p, "aigov_entry", ENTRY_KEY, p->entry_key);
    if (st == AIGOV_OK)
        st = check_key(p, "aigov_content", CONTENT_KEY, p->content_key);
    if (st == AIGOV_OK)
        st = check_schema(p);
    return st;
}

/* No argument, or NULL: every log.  0: the own one.  Else its number. */
static aigov_status read_scope(conn *c, sqlite3_value *arg, int64_t *log,
                               scope *what)
{
    *log = 0;
    *what = ALL_LOGS;
    if (!arg || sqlite3_value_type(arg) == SQLITE_NULL)
        return AIGOV_OK;
    if (sqlite3_value_type(arg) != SQLITE_INTEGER)
        return conn_fail(c, AIGOV_ARG, "argument log is not an integer",
                         "SELECT log, origin FROM aigov_log");
    *log = sqlite3_value_int64(arg);
    *what = *log == 0 ? OWN_LOG : ONE_LOG;
    return AIGOV_OK;
}

/* One read transaction: this statement stands on a row until the end. */
static aigov_status hold_snapshot(pass *p, sqlite3_stmt **hold)
{
    int rc;
    aigov_status st = conn_prepare(
        p->c, hold, "SELECT 1 FROM \"%w\".sqlite_master", p->schema);

    return st == AIGOV_OK ? step(p, *hold, &rc) : st;
}

static aigov_status check_vkeys(conn *c, sqlite3_value *arg)
{
    aigov_json j = {.ctx = c->ctx};
    aigov_span text;
    aigov_status st;

    if (!arg || sqlite3_value_type(arg) == SQLITE_NULL)
        return AIGOV_OK;
    st = arg_text(c, arg, "vkeys", false, &text);
    if (st == AIGOV_OK)
        st = aigov_json_read(&j, AIGOV_JSON_STRICT, text, &c->err);
    if (st == AIGOV_OK && j.node[0].type != AIGOV_JSON_ARRAY)
        st = conn_fail(c, AIGOV_ARG, "vkeys is not a JSON array", NULL);
    aigov_json_free(&j);
    return st;
}

static aigov_status verify_fill(conn *c, rows *out, sqlite3_value **arg)
{
    pass p = {.c = c, .out = out, .schema = "main"};
    sqlite3_stmt *hold = NULL;
    int64_t log, own;
    scope what;
    aigov_status st = read_scope(c, arg[0], &log, &what);

    if (st == AIGOV_OK)
        st = check_vkeys(c, arg[1]);
    if (arg[2] && sqlite3_value_type(arg[2]) != SQLITE_NULL)
        p.schema = (const char *)sqlite3_value_text(arg[2]);
    if (!p.schema)
        return no_memory(c);
    if (st == AIGOV_OK)
        st = hold_snapshot(&p, &hold);
    if (st == AIGOV_OK && what != ONE_LOG)
        st = log_own(c, p.schema, &own);
    if (st == AIGOV_OK && what == OWN_LOG)
        log = own;
    if (st == AIGOV_OK)
        st = aigov_verify_new(c->ctx, emit, &p, &p.v, &c->err);
    if (st == AIGOV_OK)
        st = verify_all(&p, log, what);
    if (p.v)
        aigov_verify_free(p.v);
    sqlite3_finalize(hold);
    return st == AIGOV_CANCELED ? no_memory(c) : st; /* emit had no memory */
}

const rows_def verify_def = {
    .name = "aigov_verify",
    .declare = "CREATE TABLE x(origin, log, lane, from_seq, to_seq, entries,"
               " status, content, anchored_size, detail,"
               " p_log HIDDEN, p_vkeys HIDDEN, p_schema HIDDEN)",
    .columns = 10,
    .hidden = 3,
    .fill = verify_fill,
};
