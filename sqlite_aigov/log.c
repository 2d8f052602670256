/*
 * log.c - which log this file holds: init, new epochs, the first entries
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_init('example.com/ai')          tables, views, guards
 *   SELECT aigov_new_epoch('example.com/ai2', 'restore' [, continues])
 *
 * init writes no entry.  The first append or put writes genesis, the `schema`
 * entries and the row of aigov_log, and marks aigov_instance used.
 *
 * A file that was copied, restored or rebuilt from a dump has another inode or
 * birth time than aigov_instance says.  Where it holds entries it is then
 * another copy of the log, and two copies that both go on would be two
 * histories under one name: the next append asks for aigov_new_epoch().
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

#include "schema_sqlite.h"

const char *const *log_schema(void)
{
    return aigov_schema;
}

/* "CREATE UNIQUE INDEX aigov_x ON ..." is an index by the name of aigov_x. */
bool log_schema_name(const char *sql, char type[16], char name[64])
{
    const char *p = strstr(sql, " aigov_");
    const char *t = p;
    size_t n;

    if (!p)
        return false;
    while (t > sql && t[-1] != ' ')
        t--;
    n = (size_t)(p - t);
    if (n >= 16)
        return false;
    for (size_t i = 0; i < n; i++)
        type[i] = (char)(t[i] | 0x20);
    type[n] = 0;
    n = strcspn(++p, " \n(");
    if (n >= 64)
        return false;
    memcpy(name, p, n);
    name[n] = 0;
    return true;
}

/* --- which log ----------------------------------------------------------- */

static void set_origin(instance *in, aigov_span origin)
{
    in->origin_n = origin.n < 200 ? origin.n : 200;
    if (origin.p)
        memcpy(in->origin, origin.p, in->origin_n);
    in->origin[in->origin_n] = 0;
}

static void instance_row(conn *c, sqlite3_stmt *s, instance *out)
{
    const file_id *f = conn_file(c);

    out->there = true;
    set_origin(out, column_span(s, 0));
    out->log = sqlite3_column_int64(s, 1);
    out->used = sqlite3_column_int(s, 2) != 0;
    /* A database in memory has no file that could have been copied. */
    out->moved = !f->memory && (sqlite3_column_int64(s, 3) != f->inode ||
                                sqlite3_column_int64(s, 4) != f->birth);
}

aigov_status log_instance(conn *c, instance *out)
{
    sqlite3_stmt *s = conn_stmt(c, STMT_INSTANCE);
    aigov_status st = AIGOV_OK;
    int rc;

    if (!s)
        return c->err.code;
    memset(out, 0, sizeof *out);
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        instance_row(c, s, out);
    else if (rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_reset(s);
    return st;
}

/* The first integer that a query gives; *found where it gives one. */
static aigov_status one_int(conn *c, sqlite3_stmt *s, int64_t *v, bool *found)
{
    int rc = sqlite3_step(s);
    aigov_status st = AIGOV_OK;

    *found = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW)
        *v = sqlite3_column_int64(s, 0);
    else if (rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

aigov_status log_own(conn *c, const char *schema, int64_t *log)
{
    sqlite3_stmt *s;
    aigov_status st;
    bool found = false;

    st = conn_prepare(c, &s,
                      "SELECT log FROM \"%w\".aigov_instance UNION ALL"
                      " SELECT l.log FROM \"%w\".aigov_log l"
                      " WHERE NOT EXISTS (SELECT 1 FROM \"%w\".aigov_instance)"
                      " AND NOT EXISTS (SELECT 1 FROM \"%w\".aigov_log n"
                      "                  WHERE n.continues = l.log) LIMIT 1",
                      schema, schema, schema, schema);
    if (st == AIGOV_OK)
        st = one_int(c, s, log, &found);
    if (st == AIGOV_OK && !found)
        st = conn_fail(c, AIGOV_NOLOG, "this database has no log",
                       "SELECT aigov_init('<your origin>')");
    return st;
}

/* --- the first entries --------------------------------------------------- */

static aigov_status has_entries(conn *c, int64_t log, bool *yes)
{
    sqlite3_stmt *s;
    int64_t v;
    aigov_status st;

    st = conn_prepare(c, &s,
                      "SELECT 1 FROM \"main\".aigov_entry"
                      " WHERE log = %lld OR %lld = 0 LIMIT 1",
                      (sqlite3_int64)log, (sqlite3_int64)log);
    return st == AIGOV_OK ? one_int(c, s, &v, yes) : st;
}

static bool put_member(aigov_buf *b, const char *name, aigov_span text)
{
    return aigov_buf_puts(b, b->n > 1 ? ",\"" : "\"") &&
           aigov_buf_puts(b, name) && aigov_buf_puts(b, "\":") &&
           aigov_buf_put_json_string(b, text);
}

static aigov_status write_schema(conn *c, const instance *in, const char *name)
{
    aigov_buf b;
    aigov_status st;
    size_t count;
    const char *sha256;

    if (!aigov_catalogue(name, &count, &sha256))
        return AIGOV_OK;
    aigov_buf_init(&b, c->ctx);
    if (aigov_buf_puts(&b, "{") &&
        put_member(&b, "version", aigov_str(aigov_version())) &&
        put_member(&b, "sha256", aigov_str(sha256)) &&
        aigov_buf_puts(&b, ",\"rows\":") &&
        aigov_buf_put_i64(&b, (int64_t)count) && aigov_buf_puts(&b, "}"))
        st = write_own(c, in, "schema", aigov_str(name), aigov_buf_span(&b),
                       NULL);
    else
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    aigov_buf_free(&b);
    return st;
}

/* No checkpoint exists: the log continued is known to size 0, whose root is
 * the hash of nothing (RFC 6962 2.1). */
static bool put_continues(conn *c, aigov_buf *b, const instance *before)
{
    uint8_t root[AIGOV_HASH_LEN];

    return aigov_sha256(c->ctx, NULL, 0, root, &c->err) == AIGOV_OK &&
           put_member(b, "continues",
                      (aigov_span){before->origin, before->origin_n}) &&
           aigov_buf_puts(b, ",\"continues_root\":\"") &&
           aigov_buf_put_hex(b, root, sizeof root) &&
           aigov_buf_puts(b, "\",\"continues_size\":0");
}

/* Why a log starts; before and note only where it continues another. */
typedef struct beginning {
    const char *cause;
    const instance *before;
    aigov_span note;
} beginning;

static aigov_status genesis_entry(conn *c, const instance *in, beginning why,
                                  aigov_buf *receipt)
{
    aigov_span origin = {in->origin, in->origin_n};
    aigov_status st;
    aigov_buf b;
    bool ok;

    aigov_buf_init(&b, c->ctx);
    ok = aigov_buf_puts(&b, "{") && put_member(&b, "origin", origin) &&
         put_member(&b, "version", aigov_str(aigov_version())) &&
         put_member(&b, "cause", aigov_str(why.cause)) &&
         (!why.before || put_continues(c, &b, why.before)) &&
         (!why.note.p || put_member(&b, "note", why.note));
    if (ok && aigov_buf_puts(&b, "}"))
        st = write_own(c, in, "genesis", origin, aigov_buf_span(&b), receipt);
    else
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    aigov_buf_free(&b);
    return st;
}

/* Genesis, the row of aigov_log that repeats it, the catalogue in force. */
static aigov_status write_genesis(conn *c, const instance *in, beginning why,
                                  aigov_buf *receipt)
{
    aigov_status st = genesis_entry(c, in, why, receipt);

    if (st == AIGOV_OK)
        st = conn_exec(c,
                       "INSERT OR FAIL INTO \"main\".aigov_log"
                       "(log, origin, at, continues)"
                       " SELECT log, subject, at, nullif(%lld, 0)"
                       " FROM \"main\".aigov_entry"
                       " WHERE log = %lld AND lane = 0 AND seq = 1",
                       (sqlite3_int64)(why.before ? why.before->log : 0),
                       (sqlite3_int64)in->log);
    if (st == AIGOV_OK)
        st = write_schema(c, in, "kinds");
    if (st == AIGOV_OK)
        st = write_schema(c, in, "fields");
    return st;
}

/* Write the row of aigov_instance, with the file it is in now. */
static aigov_status save_instance(conn *c, const instance *in, bool there)
{
    const file_id *f = conn_file(c);
    char inode[24] = "NULL", birth[24] = "NULL";

    if (!f->memory) {
        snprintf(inode, sizeof inode, "%lld", (long long)f->inode);
        snprintf(birth, sizeof birth, "%lld", (long long)f->birth);
    }
    if (there)
        return conn_exec(c,
                         "UPDATE \"main\".aigov_instance SET origin = %Q,"
                         " log = %lld, used = %d, inode = %s, birth = %s",
                         in->origin, (sqlite3_int64)in->log, in->used, inode,
                         birth);
    return conn_exec(c,
                     "INSERT OR FAIL INTO \"main\".aigov_instance"
                     "(origin, log, used, inode, birth)"
                     " VALUES (%Q, %lld, %d, %s, %s)",
                     in->origin, (sqlite3_int64)in->log, in->used, inode,
                     birth);
}

static aigov_status ask_for_epoch(conn *c)
{
    return conn_fail(
        c, AIGOV_EPOCH, "this file is a copy of the log that it holds",
        "SELECT aigov_new_epoch('<new origin>', 'restore') to go on here, or "
        "use the file that the log was written in");
}

static aigov_status first_entries(conn *c, const instance *in)
{
    bool part = write_part_begin(c);
    aigov_status st = AIGOV_OK;

    if (in->moved)
        st = save_instance(c, in, true);
    if (st == AIGOV_OK)
        st = write_genesis(c, in, (beginning){.cause = "new"}, NULL);
    if (st == AIGOV_OK)
        st = conn_exec(c, "UPDATE \"main\".aigov_instance SET used = 1");
    write_part_end(c, part, st);
    return st;
}

aigov_status log_ready(conn *c, instance *out)
{
    const memory *m = conn_memory(c);
    aigov_status st;
    bool entries = false;

    if (m) {
        *out = m->in;
        return AIGOV_OK;
    }
    st = log_instance(c, out);
    if (st != AIGOV_OK || (out->there && out->used && !out->moved))
        return st;
    st = has_entries(c, out->there ? out->log : 0, &entries);
    if (st != AIGOV_OK)
        return st;
    if (entries)
        return ask_for_epoch(c);
    if (!out->there)
        return conn_fail(c, AIGOV_NOLOG, "this database has no log",
                         "SELECT aigov_init('<your origin>')");
    if (out->used)
        return conn_fail(c, AIGOV_CHAIN, "the entries of this log are gone",
                         "restore a backup");
    return first_entries(c, out);
}

/* --- init ---------------------------------------------------------------- */

static bool schema_exists(conn *c)
{
    return sqlite3_table_column_metadata(c->db, "main", "aigov_log", NULL, NULL,
                                         NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* Run one statement of the schema, in "main" whatever TEMP holds. */
static aigov_status create(conn *c, const char *sql)
{
    const char *name = strstr(sql, " aigov_") + 1;

    return conn_exec(c, "%.*s\"main\".%s", (int)(name - sql), sql, name);
}

/* An object that is there already must be what we would create. */
static aigov_status create_missing(conn *c, const char *sql)
{
    char type[16], name[64], text[160];
    sqlite3_stmt *s;
    aigov_status st;
    int rc;

    if (!log_schema_name(sql, type, name))
        return conn_fail(c, AIGOV_STATE, "schema without a name", NULL);
    st = conn_prepare(c, &s,
                      "SELECT type = %Q AND sql = %Q"
                      " FROM \"main\".sqlite_master WHERE name = %Q",
                      type, sql, name);
    if (st != AIGOV_OK)
        return st;
    rc = sqlite3_step(s);
    if (rc == SQLITE_DONE) {
        st = create(c, sql);
    } else if (rc != SQLITE_ROW) {
        st = conn_sql_error(c);
    } else if (!sqlite3_column_int(s, 0)) {
        snprintf(text, sizeof text,
                 "%s %s is there and is not what this version writes", type,
                 name);
        st = conn_fail(c, AIGOV_STATE, text,
                       "it was changed, or the name was taken before aigov "
                       "came");
    }
    sqlite3_finalize(s);
    return st;
}

static aigov_status check_clash(conn *c, aigov_span origin, int64_t log)
{
    sqlite3_stmt *s;
    int64_t v;
    bool found = false;
    aigov_status st;

    st = conn_prepare(c, &s,
                      "SELECT 1 FROM \"main\".aigov_log"
                      " WHERE log = %lld AND origin <> '%.*q'",
                      (sqlite3_int64)log, (int)origin.n, origin.p);
    if (st == AIGOV_OK)
        st = one_int(c, s, &v, &found);
    if (st == AIGOV_OK && found)
        st = conn_fail(c, AIGOV_ARG,
                       "the number of this origin is that of another log here",
                       "choose another origin");
    return st;
}

static aigov_status init_instance(conn *c, aigov_span origin, int64_t log)
{
    instance in;
    bool entries = false;
    aigov_status st = log_instance(c, &in);
    char text[260];

    if (st != AIGOV_OK)
        return st;
    if (in.there && in.log == log &&
        aigov_span_eq((aigov_span){in.origin, in.origin_n}, origin))
        return AIGOV_OK;
    st = has_entries(c, in.there ? in.log : 0, &entries);
    if (st != AIGOV_OK)
        return st;
    if (entries && in.there) {
        snprintf(text, sizeof text, "the log of this database is %s",
                 in.origin);
        return conn_fail(c, AIGOV_STATE, text,
                         "a log keeps its origin; SELECT "
                         "aigov_new_epoch(...) continues it under another");
    }
    if (entries)
        return ask_for_epoch(c);
    set_origin(&in, origin);
    in.log = log;
    in.used = false;
    return save_instance(c, &in, in.there);
}

static aigov_status init_all(conn *c, aigov_span origin, int64_t log,
                             bool fresh)
{
    aigov_status st = AIGOV_OK;

    for (size_t i = fresh ? 1 : 0; st == AIGOV_OK && aigov_schema[i]; i++)
        st = create_missing(c, aigov_schema[i]);
    if (st == AIGOV_OK)
        st = check_clash(c, origin, log);
    if (st == AIGOV_OK)
        st = init_instance(c, origin, log);
    return st;
}

/* A table of the index of lineage, or an index of one. */
static bool is_derived(const char *name)
{
    static const char *const begins[] = {"aigov_node", "aigov_ref",
                                         "aigov_call", "aigov_lineage_head"};

    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (strncmp(name, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

aigov_status log_make_derived(conn *c, const char *type)
{
    aigov_status st = AIGOV_OK;
    char is[16], name[64];

    for (size_t i = 0; aigov_schema[i] && st == AIGOV_OK; i++)
        if (log_schema_name(aigov_schema[i], is, name) &&
            strcmp(is, type) == 0 && is_derived(name))
            st = create_missing(c, aigov_schema[i]);
    return st;
}

static aigov_status init_write(conn *c, aigov_span origin, int64_t log)
{
    bool fresh = !schema_exists(c);
    writing w;
    aigov_status st = write_begin(c, &w, fresh ? WRITE_INIT : WRITE_WHOLE);

    if (st != AIGOV_OK)
        return st;
    /* Where there is no table yet, the first CREATE takes the write lock. */
    if (fresh)
        st = create(c, aigov_schema[0]);
    if (st == AIGOV_OK)
        st = init_all(c, origin, log, fresh);
    return write_end(c, &w, st);
}

static bool no_busy_timeout(conn *c)
{
    sqlite3_stmt *s;
    bool none = false;

    if (conn_prepare(c, &s, "PRAGMA busy_timeout") == AIGOV_OK) {
        none = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) == 0;
        sqlite3_finalize(s);
    }
    return none;
}

static aigov_status init_answer(conn *c, aigov_span origin, int64_t log,
                                aigov_buf *b)
{
    bool ok = aigov_buf_puts(b, "{\"log\":") && aigov_buf_put_i64(b, log) &&
              put_member(b, "origin", origin) &&
              put_member(b, "version", aigov_str(aigov_version()));

    if (ok && no_busy_timeout(c))
        ok = put_member(b, "warning",
                        AIGOV_LIT("busy_timeout is 0: an append fails at once "
                                  "while another connection writes"));
    if (ok && aigov_buf_puts(b, "}"))
        return AIGOV_OK;
    return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

void init_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_span origin;
    int64_t log;
    aigov_buf b;
    aigov_status st = conn_enter(c);

    (void)argc;
    aigov_buf_init(&b, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "origin", false, &origin);
    if (st == AIGOV_OK)
        st = aigov_origin_check(c->ctx, origin, &log, &c->err);
    if (st == AIGOV_OK)
        st = init_write(c, origin, log);
    if (st == AIGOV_OK)
        st = init_answer(c, origin, log, &b);
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&b));
    else
        conn_result_error(c, ctx);
    aigov_buf_free(&b);
}

/* --- a new epoch --------------------------------------------------------- */

/* The log to continue: the one named, else the own. */
static aigov_status find_before(conn *c, aigov_span continues, instance *out)
{
    int64_t own = 0;
    sqlite3_stmt *s;
    aigov_status st = AIGOV_OK;

    if (continues.p)
        st = aigov_log_number(c->ctx, continues, &own, &c->err);
    else
        st = log_own(c, "main", &own);
    if (st == AIGOV_OK)
        st = conn_prepare(c, &s,
                          "SELECT origin FROM \"main\".aigov_log"
                          " WHERE log = %lld",
                          (sqlite3_int64)own);
    if (st != AIGOV_OK)
        return st;
    if (sqlite3_step(s) == SQLITE_ROW) {
        out->log = own;
        set_origin(out, column_span(s, 0));
    } else {
        st = conn_fail(c, AIGOV_STATE, "there is no log to continue",
                       "SELECT aigov_init('<your origin>')");
    }
    sqlite3_finalize(s);
    return st;
}

static aigov_status new_epoch(conn *c, aigov_span origin, aigov_span reason,
                              aigov_span continues, aigov_buf *receipt)
{
    bool failover = aigov_span_is(reason, "failover");
    bool plain = failover || aigov_span_is(reason, "restore");
    instance now, before, next = {.there = true, .used = true};
    bool taken = false;
    beginning why = {failover ? "failover" : "restore", &before,
                     plain ? AIGOV_ABSENT : reason};
    aigov_status st;

    st = log_instance(c, &now);
    if (st == AIGOV_OK)
        st = find_before(c, continues, &before);
    if (st == AIGOV_OK)
        st = aigov_origin_check(c->ctx, origin, &next.log, &c->err);
    if (st == AIGOV_OK)
        st = has_entries(c, next.log, &taken);
    if (st == AIGOV_OK && taken)
        st = conn_fail(c, AIGOV_ARG,
                       "the origin, or its number, is that of a log here",
                       "choose another origin");
    if (st != AIGOV_OK)
        return st;
    set_origin(&next, origin);
    st = write_genesis(c, &next, why, receipt);
    if (st != AIGOV_OK)
        return st;
    return save_instance(c, &next, now.there);
}

void new_epoch_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_span origin, reason, continues = AIGOV_ABSENT;
    aigov_status st = conn_enter(c);
    writing w;

    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "origin", false, &origin);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[1], "reason", false, &reason);
    if (st == AIGOV_OK && argc > 2)
        st = arg_text(c, argv[2], "continues", false, &continues);
    if (st == AIGOV_OK)
        st = write_begin(c, &w, WRITE_WHOLE);
    if (st == AIGOV_OK) {
        c->scratch.n = 0;
        st = new_epoch(c, origin, reason, continues, &c->scratch);
        st = write_end(c, &w, st);
    }
    if (st == AIGOV_OK) {
        receipt_keep(c);
        result_json(ctx, aigov_buf_span(&c->receipt));
    } else {
        conn_result_error(c, ctx);
    }
}
