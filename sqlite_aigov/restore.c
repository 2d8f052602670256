/*
 * restore.c - values of the vault put back into a text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_restore(text, interaction, purpose)
 *
 * Each call leaves an `access` entry whose target is the first entry of the
 * interaction; `rows` says how many places were restored.  Whoever may open the
 * file and read the key file may call it.
 */
#include "sqlite_aigov.h"

#include <string.h>

#define ENTRIES                                                                \
    "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"                          \
    " WHERE interaction = %Q AND log IN"                                       \
    " (SELECT log FROM \"main\".aigov_own_log)"                                \
    " UNION ALL SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"               \
    " WHERE id = %Q AND interaction IS NULL AND log IN"                        \
    " (SELECT log FROM \"main\".aigov_own_log)"                                \
    " ORDER BY at, lane, seq"

static aigov_status add_entry(conn *c, aigov_restore *r, const aigov_entry *e)
{
    sqlite3_stmt *s;
    aigov_content k;
    aigov_status st;

    st = conn_prepare(c, &s,
                      "SELECT " CONTENT_LIST " FROM \"main\".aigov_content"
                      " WHERE log = %lld AND lane = %lld AND seq = %lld",
                      (sqlite3_int64)e->log, (sqlite3_int64)e->lane,
                      (sqlite3_int64)e->seq);
    if (st != AIGOV_OK)
        return st;
    switch (sqlite3_step(s)) {
    case SQLITE_ROW:
        row_content(s, &k);
        if (k.body.p)
            st = aigov_restore_add(r, e, &k, &c->err);
        break;
    case SQLITE_DONE: /* erased */
        break;
    default:
        st = conn_sql_error(c);
    }
    sqlite3_finalize(s);
    return st;
}

/* target: the id of the first entry, empty where there is none. */
static aigov_status add_entries(conn *c, aigov_restore *r, const char *id,
                                char target[AIGOV_UUID_LEN + 1])
{
    sqlite3_stmt *s;
    aigov_entry e;
    aigov_status st = conn_prepare(c, &s, ENTRIES, id, id);
    int rc = SQLITE_DONE;

    target[0] = 0;
    if (st != AIGOV_OK)
        return st;
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        row_entry(s, &e);
        if (!e.id.p || e.id.n != AIGOV_UUID_LEN || !e.body.p)
            continue;
        if (!target[0]) {
            memcpy(target, e.id.p, AIGOV_UUID_LEN);
            target[AIGOV_UUID_LEN] = 0;
        }
        st = add_entry(c, r, &e);
    }
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    if (st == AIGOV_OK && !target[0])
        st = conn_fail(c, AIGOV_NOENTRY, "no entry is of this interaction",
                       NULL);
    return st;
}

static aigov_status write_access(conn *c, const instance *in, const char *id,
                                 const char *target, aigov_span purpose,
                                 size_t n)
{
    aigov_status st;
    aigov_buf b;

    aigov_buf_init(&b, c->ctx);
    if (aigov_buf_puts(&b, "{\"parameters\":{\"interaction\":\"") &&
        aigov_buf_puts(&b, id) && aigov_buf_puts(&b, "\"},\"purpose\":") &&
        aigov_buf_put_json_string(&b, purpose) &&
        aigov_buf_puts(&b, ",\"rows\":") && aigov_buf_put_i64(&b, (int64_t)n) &&
        aigov_buf_puts(&b, ",\"target\":\"") && aigov_buf_puts(&b, target) &&
        aigov_buf_puts(&b, "\",\"type\":\"restore\"}"))
        st = write_told(c, in, "access", AIGOV_LIT("restore"),
                        aigov_buf_span(&b), &c->scratch);
    else
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    aigov_buf_free(&b);
    return st;
}

/* The keys as of the head that the access entry will name. */
static aigov_status need_keys(conn *c, const instance *in)
{
    bool changed;
    aigov_status st = write_rules(c, in, &changed);

    if (st == AIGOV_OK && c->keys.failed) {
        c->err = c->keys.problem;
        st = AIGOV_KEY;
    } else if (st == AIGOV_OK && !c->keys.keys) {
        st = conn_fail(c, AIGOV_KEY, "there is no key file",
                       "SELECT aigov_set('key_file', '<path>')");
    }
    return st;
}

static aigov_status put_back(conn *c, const instance *in, aigov_span text,
                             const char *id, aigov_span purpose, aigov_buf *out)
{
    char target[AIGOV_UUID_LEN + 1];
    aigov_restore *r = NULL;
    size_t n;
    aigov_status st = need_keys(c, in);

    if (st == AIGOV_OK)
        st = aigov_restore_new(c->ctx, c->keys.keys, aigov_str(id), text, &r,
                               &c->err);
    if (st != AIGOV_OK)
        return st;
    st = add_entries(c, r, id, target);
    if (st == AIGOV_OK)
        st = aigov_restore_text(r, out, &n, &c->err);
    aigov_restore_free(r);
    return st == AIGOV_OK ? write_access(c, in, id, target, purpose, n) : st;
}

static aigov_status restore(conn *c, aigov_span text, const char *id,
                            aigov_span purpose, aigov_buf *out)
{
    instance in;
    writing w;
    aigov_status st = write_begin(c, &w, WRITE_ONE);

    if (st != AIGOV_OK)
        return st;
    c->scratch.n = 0;
    st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = put_back(c, &in, text, id, purpose, out);
    st = write_end(c, &w, st);
    if (st == AIGOV_OK)
        receipt_keep(c);
    return st;
}

void restore_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    char id[AIGOV_UUID_LEN + 1];
    aigov_span text, interaction, purpose;
    aigov_status st = conn_enter(c);
    aigov_buf out;

    (void)argc;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "text", false, &text);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[1], "interaction", false, &interaction);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[2], "purpose", false, &purpose);
    if (st == AIGOV_OK && purpose.n == 0)
        st = conn_fail(c, AIGOV_ARG, "values are restored for a purpose", NULL);
    if (st == AIGOV_OK)
        st = arg_id(c, interaction, id);
    if (st == AIGOV_OK)
        st = restore(c, text, id, purpose, &out);
    if (st == AIGOV_OK)
        result_span(ctx, (aigov_span){out.p ? out.p : "", out.n});
    else
        conn_result_error(c, ctx);
    if (out.p)
        aigov_wipe(out.p, out.n);
    aigov_buf_free(&out);
}
