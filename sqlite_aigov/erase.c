/*
 * erase.c - content goes, its evidence stays
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_erase(id, reason)             the receipt of the erasure
 *   SELECT aigov_erase('["...","..."]', reason)   an array of receipts
 *
 * Each id gets one `erasure` entry on lane 0 whose subject is the id; that is
 * what the guard on aigov_content asks for.  All of a list or none of it.  An
 * entry that a hold in force covers is refused.
 *
 * The bytes are overwritten with zeros where they stand (secure_delete is on
 * for the delete).  The receipt has a member `todo` where copies may be left:
 * in WAL mode the old pages stay in the WAL until it is cut, which cannot be
 * done inside a transaction; and where the connection has secure_delete off,
 * page splits of earlier appends may have left bytes in free parts of pages,
 * which VACUUM removes.
 *
 * A hold covers an entry that its `entries` name; or whose system its `systems`
 * name and whose time lies in from_at .. to_at (both included, either may be
 * absent); or, where it names neither, every entry of that period.
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

typedef struct target {
    char id[AIGOV_UUID_LEN + 1];
    int64_t log, lane, seq, at;
    char *system; /* or NULL; sqlite3_free */
    char commitment[2 * AIGOV_HASH_LEN + 1];
    bool has_content;
} target;

/* --- holds --------------------------------------------------------------- */

static bool list_has(const aigov_json *j, uint32_t object, const char *name,
                     const char *want)
{
    uint32_t list = aigov_json_get(j, object, name);

    if (!want || !list || j->node[list].type != AIGOV_JSON_ARRAY)
        return false;
    for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i].next)
        if (aigov_span_is(aigov_json_text(j, i), want))
            return true;
    return false;
}

static bool member_time(const aigov_json *j, uint32_t object, const char *name,
                        int64_t *at)
{
    uint32_t i = aigov_json_get(j, object, name);

    return i && aigov_time_parse(aigov_json_text(j, i), at);
}

static bool hold_covers(const aigov_json *j, uint32_t fields, const target *t)
{
    uint32_t state = aigov_json_get(j, fields, "state");
    int64_t from, to;
    bool period;

    if (!state || !aigov_span_is(aigov_json_text(j, state), "on"))
        return false;
    if (list_has(j, fields, "entries", t->id))
        return true;
    period = (!member_time(j, fields, "from_at", &from) || t->at >= from) &&
             (!member_time(j, fields, "to_at", &to) || t->at <= to);
    if (aigov_json_get(j, fields, "systems"))
        return period && list_has(j, fields, "systems", t->system);
    return period && !aigov_json_get(j, fields, "entries");
}

/* The latest revision of a hold; an unreadable one is taken to cover. */
static aigov_status check_hold(conn *c, sqlite3_stmt *s, const target *t)
{
    aigov_json j = {.ctx = c->ctx};
    char text[280];
    bool covers = true;
    uint32_t fields;

    if (aigov_json_read(&j, AIGOV_JSON_STRICT, column_span(s, 1), &c->err) ==
            AIGOV_OK &&
        (fields = aigov_json_get(&j, 0, "fields")) != 0)
        covers = hold_covers(&j, fields, t);
    aigov_json_free(&j);
    if (!covers)
        return AIGOV_OK;
    snprintf(text, sizeof text, "entry %s is covered by hold %s", t->id,
             (const char *)sqlite3_column_text(s, 0));
    return conn_fail(c, AIGOV_HOLD, text, "erase it when the hold is released");
}

static aigov_status check_holds(conn *c, const target *t)
{
    sqlite3_stmt *s;
    int rc = SQLITE_DONE;
    aigov_status st;

    st = conn_prepare(c, &s,
                      "SELECT e.subject, e.body FROM \"main\".aigov_entry e"
                      " WHERE e.kind = 'hold'"
                      " AND e.log IN (SELECT log FROM \"main\".aigov_own_log)"
                      " AND NOT EXISTS"
                      " (SELECT 1 FROM \"main\".aigov_entry n"
                      "   WHERE n.kind = 'hold' AND n.subject = e.subject"
                      "     AND ((n.log = e.log AND n.seq > e.seq) OR n.log IN"
                      "          (SELECT l.log FROM \"main\".aigov_log l"
                      "            WHERE l.continues = e.log)))");
    if (st != AIGOV_OK)
        return st;
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        st = check_hold(c, s, t);
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

/* --- one entry ----------------------------------------------------------- */

static aigov_status find_target(conn *c, aigov_span text, target *t)
{
    sqlite3_stmt *s;
    aigov_status st = arg_id(c, text, t->id);

    if (st == AIGOV_OK)
        st = conn_prepare(
            c, &s,
            "SELECT e.log, e.lane, e.seq, e.at, e.system,"
            " lower(hex(e.commitment)), c.log IS NOT NULL"
            " FROM \"main\".aigov_entry e LEFT JOIN \"main\".aigov_content c"
            " ON c.log = e.log AND c.lane = e.lane AND c.seq = e.seq"
            " WHERE e.id = %Q AND e.log IN"
            " (SELECT log FROM \"main\".aigov_own_log)",
            t->id);
    if (st != AIGOV_OK)
        return st;
    switch (sqlite3_step(s)) {
    case SQLITE_ROW:
        t->log = sqlite3_column_int64(s, 0);
        t->lane = sqlite3_column_int64(s, 1);
        t->seq = sqlite3_column_int64(s, 2);
        aigov_time_parse_stored(column_span(s, 3), &t->at);
        if (sqlite3_column_type(s, 4) != SQLITE_NULL)
            t->system = sqlite3_mprintf("%s", sqlite3_column_text(s, 4));
        snprintf(t->commitment, sizeof t->commitment, "%s",
                 (const char *)sqlite3_column_text(s, 5));
        t->has_content = sqlite3_column_int(s, 6) != 0;
        break;
    case SQLITE_DONE:
        st = conn_fail(c, AIGOV_NOENTRY, "no entry has this id", NULL);
        break;
    default:
        st = conn_sql_error(c);
    }
    sqlite3_finalize(s);
    return st;
}

static aigov_status write_erasure(conn *c, const instance *in, const target *t,
                                  aigov_span reason, aigov_buf *receipt)
{
    aigov_status st;
    aigov_buf b;
    bool ok;

    aigov_buf_init(&b, c->ctx);
    ok = aigov_buf_puts(&b, "{\"target\":\"") && aigov_buf_puts(&b, t->id) &&
         aigov_buf_puts(&b, "\",\"reason\":") &&
         aigov_buf_put_json_string(&b, reason);
    if (t->commitment[0])
        ok = ok && aigov_buf_puts(&b, ",\"commitment\":\"") &&
             aigov_buf_puts(&b, t->commitment) && aigov_buf_puts(&b, "\"");
    if (ok && aigov_buf_puts(&b, "}"))
        st = write_told(c, in, "erasure", aigov_str(t->id), aigov_buf_span(&b),
                        receipt);
    else
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    aigov_buf_free(&b);
    return st;
}

static aigov_status delete_content(conn *c, const target *t)
{
    aigov_status st;

    st = conn_exec(c,
                   "DELETE FROM \"main\".aigov_content"
                   " WHERE log = %lld AND lane = %lld AND seq = %lld",
                   (sqlite3_int64)t->log, (sqlite3_int64)t->lane,
                   (sqlite3_int64)t->seq);
    if (st == AIGOV_OK && sqlite3_changes(c->db) != 1)
        st = conn_fail(c, AIGOV_STATE, "a trigger kept the content",
                       "drop the trigger that is not aigov's own");
    return st;
}

static aigov_status erase_one(conn *c, const instance *in, aigov_span id,
                              aigov_span reason, aigov_buf *receipt)
{
    target t = {0};
    aigov_status st = find_target(c, id, &t);

    if (st == AIGOV_OK && !t.has_content)
        st = conn_fail(c, AIGOV_STATE, "the content was erased already", NULL);
    if (st == AIGOV_OK)
        st = check_holds(c, &t);
    if (st == AIGOV_OK)
        st = write_erasure(c, in, &t, reason, receipt);
    if (st == AIGOV_OK)
        st = delete_content(c, &t);
    if (st == AIGOV_OK)
        st = turns_delete(c, t.log, t.lane, t.seq);
    sqlite3_free(t.system);
    return st;
}

/* --- all of them --------------------------------------------------------- */

static int64_t pragma_int(conn *c, const char *name)
{
    sqlite3_stmt *s;
    int64_t v = 0;

    if (conn_prepare(c, &s, "PRAGMA \"main\".%s", name) == AIGOV_OK) {
        if (sqlite3_step(s) == SQLITE_ROW)
            v = sqlite3_column_int64(s, 0);
        sqlite3_finalize(s);
    }
    return v;
}

static bool in_wal(conn *c)
{
    sqlite3_stmt *s;
    bool yes = false;

    if (conn_prepare(c, &s, "PRAGMA \"main\".journal_mode") == AIGOV_OK) {
        yes = sqlite3_step(s) == SQLITE_ROW &&
              aigov_span_is(column_span(s, 0), "wal");
        sqlite3_finalize(s);
    }
    return yes;
}

/* Say what is left to do, as a last member of the receipt. */
static bool put_todo(aigov_buf *b, const char *todo)
{
    if (!todo)
        return true;
    b->n--; /* the closing brace */
    return aigov_buf_puts(b, ",\"todo\":\"") && aigov_buf_puts(b, todo) &&
           aigov_buf_puts(b, "\"}");
}

static const char *what_is_left(bool wal, bool secure)
{
    if (secure)
        return wal ? "PRAGMA wal_checkpoint(TRUNCATE)" : NULL;
    return wal ? "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)" : "VACUUM";
}

static aigov_status erase_each(conn *c, const instance *in, const aigov_json *j,
                               aigov_span reason, const char *todo)
{
    aigov_buf *b = &c->scratch;
    aigov_status st = AIGOV_OK;
    bool ok = aigov_buf_puts(b, "[");

    for (uint32_t i = 1; st == AIGOV_OK && ok && i < j->node[0].next;
         i = j->node[i].next) {
        ok = i == 1 || aigov_buf_puts(b, ",");
        st = erase_one(c, in, aigov_json_text(j, i), reason, b);
        ok = ok && (st != AIGOV_OK || put_todo(b, todo));
    }
    if (st == AIGOV_OK && (!ok || !aigov_buf_puts(b, "]")))
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    return st;
}

static aigov_status erase_list(conn *c, const instance *in, aigov_span list,
                               aigov_span reason, const char *todo)
{
    aigov_json j = {.ctx = c->ctx};
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_STRICT, list, &c->err);

    if (st == AIGOV_OK && j.node[0].type != AIGOV_JSON_ARRAY)
        st = conn_fail(c, AIGOV_ARG,
                       "the target is an id or a JSON array of ids", NULL);
    if (st == AIGOV_OK)
        st = erase_each(c, in, &j, reason, todo);
    aigov_json_free(&j);
    return st;
}

static aigov_status erase_all(conn *c, aigov_span ids, aigov_span reason)
{
    int64_t secure = pragma_int(c, "secure_delete");
    const char *todo = what_is_left(in_wal(c), secure == 1);
    uint8_t id[16];
    instance in;
    aigov_status st = log_ready(c, &in);

    if (st == AIGOV_OK)
        st = conn_exec(c, "PRAGMA \"main\".secure_delete = ON");
    if (st != AIGOV_OK)
        return st;
    if (!aigov_uuid_parse(ids, id)) {
        st = erase_list(c, &in, ids, reason, todo);
    } else {
        st = erase_one(c, &in, ids, reason, &c->scratch);
        if (st == AIGOV_OK && !put_todo(&c->scratch, todo))
            st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    }
    if (secure != 1)
        write_quietly(c, secure == 2 ? "PRAGMA \"main\".secure_delete = FAST"
                                     : "PRAGMA \"main\".secure_delete = OFF");
    return st;
}

void erase_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_span ids, reason;
    aigov_status st = conn_enter(c);
    writing w;

    (void)argc;
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "id", true, &ids);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[1], "reason", false, &reason);
    if (st == AIGOV_OK && reason.n == 0)
        st = conn_fail(c, AIGOV_ARG, "an erasure has a reason", NULL);
    if (st == AIGOV_OK)
        st = write_begin(c, &w, WRITE_WHOLE);
    if (st == AIGOV_OK) {
        c->scratch.n = 0;
        st = write_end(c, &w, erase_all(c, ids, reason));
    }
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&c->scratch));
    else
        conn_result_error(c, ctx);
}
