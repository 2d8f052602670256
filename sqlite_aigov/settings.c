/*
 * settings.c - aigov_set: what a connection says, and what governs the file
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_set('login', x)     who this connection says it writes as
 *   SELECT aigov_set('as_of', x)     heads of lanes, {"0":12,"1":4711}, that
 *                                    questions of lineage obey; '': now
 *   SELECT aigov_set('profile', x)   one that governs, for all who open the
 * file SELECT aigov_set('key_file', x)  another (keys.c)
 *
 * The value of a setting that governs is that of its newest `setting` entry on
 * lane 0 of the own log and those it continues: there is no second place that
 * could say otherwise, and it is recorded before it governs.  aigov_set writes
 * the entry, at once and in the open transaction; a value that holds already
 * writes none.  Whoever uses one reads it where lane 0's head moved, as
 * rules.c does.
 */
#include "sqlite_aigov.h"

#include <string.h>

#define NEWEST_SETTING                                                         \
    "SELECT e.body FROM \"main\".aigov_entry e"                                \
    " JOIN \"main\".aigov_log l ON l.log = e.log"                              \
    " WHERE e.kind = 'setting' AND e.subject = %Q AND e.lane = 0"              \
    " AND e.log IN (SELECT log FROM \"main\".aigov_own_log)"                   \
    " AND (e.log <> %lld OR e.seq <= %lld)"                                    \
    " ORDER BY l.at || printf('%%020d', e.seq) DESC LIMIT 1"

/* --- one that governs ---------------------------------------------------- */

static aigov_status check_profile(conn *c, aigov_span value)
{
    return value.n > 1000 || memchr(value.p, 0, value.n)
               ? conn_fail(c, AIGOV_ARG,
                           "a profile is at most 1000 bytes of text", NULL)
               : AIGOV_OK;
}

static const struct governing {
    const char *name;
    const char *normal; /* the value that needs no entry */
    aigov_status (*check)(conn *c, aigov_span value); /* before it is written */
} governing[SETTING_COUNT] = {
    [SETTING_KEY_FILE] = {"key_file", "none", keys_usable},
    [SETTING_PROFILE] = {"profile", "default", check_profile},
};

/* SETTING_COUNT: none. */
static int find(aigov_span name)
{
    int i = 0;

    while (i < SETTING_COUNT && !aigov_span_is(name, governing[i].name))
        i++;
    return i;
}

/* body.fields.value of an entry. */
static aigov_status read_value(conn *c, aigov_span body, aigov_buf *out)
{
    aigov_json j = {.ctx = c->ctx};
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_STRICT, body, &c->err);
    uint32_t i;
    aigov_span text;

    if (st == AIGOV_OK) {
        i = aigov_json_get(&j, 0, "fields");
        i = i ? aigov_json_get(&j, i, "value") : 0;
        if (i && j.node[i].type == AIGOV_JSON_STRING) {
            text = aigov_json_text(&j, i);
            if (!aigov_buf_put(out, text.p, text.n))
                st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
        } else {
            st = conn_fail(c, AIGOV_CHAIN, "an entry of a setting is damaged",
                           "SELECT * FROM aigov_verify");
        }
    }
    aigov_json_free(&j);
    return st;
}

aigov_status setting_value(conn *c, int which, int64_t log, int64_t until,
                           aigov_buf *out)
{
    sqlite3_stmt *s;
    aigov_status st = conn_prepare(c, &s, NEWEST_SETTING, governing[which].name,
                                   (sqlite3_int64)log, (sqlite3_int64)until);
    int rc;

    out->n = 0;
    if (st != AIGOV_OK)
        return st;
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        st = read_value(c, column_span(s, 0), out);
    else if (rc != SQLITE_DONE)
        st = conn_sql_error(c);
    else if (!aigov_buf_puts(out, governing[which].normal))
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    sqlite3_finalize(s);
    return st;
}

static bool put_member(aigov_buf *b, const char *name, aigov_span text)
{
    return aigov_buf_puts(b, b->n > 1 ? ",\"" : "\"") &&
           aigov_buf_puts(b, name) && aigov_buf_puts(b, "\":") &&
           aigov_buf_put_json_string(b, text);
}

static aigov_status write_setting(conn *c, const instance *in, const char *name,
                                  aigov_span value, aigov_span was)
{
    aigov_buf b;
    aigov_status st;

    aigov_buf_init(&b, c->ctx);
    if (aigov_buf_puts(&b, "{") && put_member(&b, "value", value) &&
        put_member(&b, "was", was) && aigov_buf_puts(&b, "}"))
        st = write_own(c, in, "setting", aigov_str(name), aigov_buf_span(&b),
                       NULL);
    else
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    aigov_buf_free(&b);
    return st;
}

/* What was written is what was said, and the rules can be made under it. */
static aigov_status check(conn *c, const instance *in, int which,
                          aigov_span value, aigov_buf *now)
{
    bool changed;
    aigov_status st = setting_value(c, which, in->log, INT64_MAX, now);

    if (st == AIGOV_OK && !aigov_span_eq(aigov_buf_span(now), value))
        return conn_fail(c, AIGOV_ARG,
                         "this value of a setting cannot be recorded",
                         "it holds what looks like a secret or personal data");
    if (st == AIGOV_OK)
        st = write_rules(c, in, &changed);
    c->has_zero = false;
    if (st == AIGOV_WITHHELD) {
        st = c->err.code = AIGOV_ARG;
        c->err.stage[0] = 0;
    }
    return st;
}

static aigov_status change(conn *c, int which, aigov_span value, aigov_buf *was)
{
    instance in;
    aigov_status st = log_ready(c, &in);

    if (st == AIGOV_OK)
        st = setting_value(c, which, in.log, INT64_MAX, was);
    if (st != AIGOV_OK || aigov_span_eq(aigov_buf_span(was), value))
        return st;
    st = write_setting(c, &in, governing[which].name, value,
                       aigov_buf_span(was));
    return st == AIGOV_OK ? check(c, &in, which, value, was) : st;
}

static aigov_status set_governing(conn *c, int which, aigov_span value)
{
    writing w;
    aigov_buf was;
    aigov_status st = governing[which].check(c, value);

    if (value.n == 0)
        value = aigov_str(governing[which].normal);
    if (st == AIGOV_OK)
        st = write_begin(c, &w, WRITE_WHOLE);
    if (st != AIGOV_OK)
        return st;
    aigov_buf_init(&was, c->ctx);
    st = change(c, which, value, &was);
    aigov_buf_free(&was);
    return write_end(c, &w, st);
}

/* --- of the connection --------------------------------------------------- */

static aigov_status set_login(conn *c, aigov_span value)
{
    char *login;

    if (value.n == 0 || value.n > 200 || memchr(value.p, 0, value.n))
        return conn_fail(c, AIGOV_ARG, "login is not 1 to 200 bytes of text",
                         NULL);
    login = sqlite3_mprintf("%.*s", (int)value.n, value.p);
    if (!login)
        return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    sqlite3_free(c->login);
    c->login = login;
    c->recorded_by.n = 0;
    return AIGOV_OK;
}

/* Empty: now. */
static aigov_status set_as_of(conn *c, aigov_span value)
{
    char *as_of = NULL;

    if (value.n > 0) {
        as_of = sqlite3_mprintf("%.*s", (int)value.n, value.p);
        if (!as_of)
            return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    }
    sqlite3_free(c->as_of);
    c->as_of = as_of;
    return AIGOV_OK;
}

static aigov_status set(conn *c, aigov_span name, aigov_span value)
{
    int which = find(name);

    if (which < SETTING_COUNT)
        return set_governing(c, which, value);
    if (aigov_span_is(name, "login"))
        return set_login(c, value);
    if (aigov_span_is(name, "as_of"))
        return set_as_of(c, value);
    return conn_fail(c, AIGOV_ARG, "there is no such setting",
                     "settings are as_of, key_file, login and profile");
}

void set_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    aigov_span name, value;

    (void)argc;
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "name", false, &name);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[1], "value", false, &value);
    if (st == AIGOV_OK)
        st = set(c, name, value);
    if (st == AIGOV_OK)
        result_span(ctx, value);
    else
        conn_result_error(c, ctx);
}
