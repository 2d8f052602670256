/*
 * govern.c - what governs a put, and the puts that functions make
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_policy_publish(policy, version, mode)         the receipt
 *   SELECT aigov_approve(interaction, outcome, reason [, options])
 *   SELECT aigov_exception(subject, outcome, reason, role)
 *   SELECT aigov_suspend(system, reason)
 *   SELECT aigov_install_pack(name) {"policy":..,"puts":..,"version":..}
 *
 * The core makes the put and judges it (core/policy/publish.c, check.c); here
 * stands what it looks up, under the write lock, so that nothing comes between.
 * Logins are those that aigov_set('login', ...) says, else the user of the
 * operating system.
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

/* --- looking up ---------------------------------------------------------- */

typedef struct look_up {
    conn *c;
    sqlite3_stmt *open; /* what the last answer points into */
    aigov_buf login;
} look_up;

static void look_up_end(look_up *l)
{
    sqlite3_finalize(l->open);
    l->open = NULL;
}

static aigov_status given(const look_up *l, aigov_status st, aigov_error *err)
{
    if (st != AIGOV_OK && err != &l->c->err)
        *err = l->c->err;
    return st;
}

static aigov_status login_of(look_up *l, aigov_span recorded_by,
                             aigov_span *login)
{
    conn *c = l->c;
    aigov_json j = {.ctx = c->ctx};
    aigov_status st =
        aigov_json_read(&j, AIGOV_JSON_STRICT, recorded_by, &c->err);
    uint32_t i = st == AIGOV_OK && j.node[0].type == AIGOV_JSON_OBJECT
                     ? aigov_json_get(&j, 0, "login")
                     : 0;

    l->login.n = 0;
    if (i != 0) {
        aigov_span s = aigov_json_text(&j, i);

        if (!aigov_buf_put(&l->login, s.p, s.n))
            st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    }
    *login = aigov_buf_span(&l->login);
    aigov_json_free(&j);
    return st;
}

/* Revisions count from 1 without a gap. */
static aigov_status count_of(conn *c, aigov_span kind, aigov_span subject,
                             int64_t *n)
{
    sqlite3_stmt *s;
    aigov_status st =
        conn_prepare(c, &s,
                     "SELECT count(*) FROM \"main\".aigov_entry"
                     " WHERE kind = ?1 AND subject = ?2 AND log IN"
                     " (SELECT log FROM \"main\".aigov_own_log)");

    if (st != AIGOV_OK)
        return st;
    sqlite3_bind_text(s, 1, kind.p, (int)kind.n, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, subject.p, (int)subject.n, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW)
        *n = sqlite3_column_int64(s, 0);
    return sqlite3_finalize(s) == SQLITE_OK ? AIGOV_OK : conn_sql_error(c);
}

static aigov_status take_revision(look_up *l, int64_t number,
                                  aigov_revision *out)
{
    aigov_span hash = {sqlite3_column_blob(l->open, 1),
                       (size_t)sqlite3_column_bytes(l->open, 1)};

    out->number = number;
    out->body = column_span(l->open, 0);
    out->hash = hash;
    return login_of(l, column_span(l->open, 2), &out->login);
}

static aigov_status find_revision(look_up *l, aigov_span kind,
                                  aigov_span subject, int64_t number,
                                  aigov_revision *out)
{
    conn *c = l->c;
    aigov_status st = count_of(c, kind, subject, &out->latest);

    if (st != AIGOV_OK || out->latest == 0)
        return st;
    if (number == 0)
        number = out->latest;
    st = conn_prepare(c, &l->open,
                      "SELECT body, hash, recorded_by"
                      " FROM \"main\".aigov_entry"
                      " WHERE kind = ?1 AND subject = ?2 AND log IN"
                      " (SELECT log FROM \"main\".aigov_own_log)"
                      " AND json_extract(body, '$.revision') = ?3");
    if (st != AIGOV_OK)
        return st;
    sqlite3_bind_text(l->open, 1, kind.p, (int)kind.n, SQLITE_TRANSIENT);
    sqlite3_bind_text(l->open, 2, subject.p, (int)subject.n, SQLITE_TRANSIENT);
    sqlite3_bind_int64(l->open, 3, number);
    switch (sqlite3_step(l->open)) {
    case SQLITE_ROW:
        return take_revision(l, number, out);
    case SQLITE_DONE:
        return AIGOV_OK;
    default:
        return conn_sql_error(c);
    }
}

static aigov_status revision(void *host, aigov_span kind, aigov_span subject,
                             int64_t number, aigov_revision *out,
                             aigov_error *err)
{
    look_up *l = host;

    look_up_end(l);
    memset(out, 0, sizeof *out);
    return given(l, find_revision(l, kind, subject, number, out), err);
}

static aigov_status calls(void *host, const uint8_t interaction[16],
                          aigov_status (*each)(void *, const aigov_entry *,
                                               aigov_error *),
                          void *arg, aigov_error *err)
{
    look_up *l = host;
    conn *c = l->c;
    char id[AIGOV_UUID_LEN + 1];
    instance in;
    aigov_entry e;
    int rc;
    aigov_status st = log_instance(c, &in);

    look_up_end(l);
    aigov_uuid_format(interaction, id);
    if (st == AIGOV_OK)
        st = conn_prepare(c, &l->open,
                          "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                          " WHERE interaction = %Q AND log = %lld"
                          " ORDER BY at, lane, seq",
                          id, (sqlite3_int64)in.log);
    while (st == AIGOV_OK && (rc = sqlite3_step(l->open)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW)
            return given(l, conn_sql_error(c), err);
        row_entry(l->open, &e);
        st = each(arg, &e, &c->err);
    }
    return given(l, st, err);
}

/* --- judging ------------------------------------------------------------- */

/* Policies and registers, as of the head of lane 0. */
static aigov_status policies_of_put(conn *c, const instance *in)
{
    head zero;
    aigov_status st = write_head(c, in->log, 0, &zero);

    return st == AIGOV_OK ? policies_at(c, in->log, &zero, true) : st;
}

static aigov_status begin(conn *c, look_up *l, aigov_put_by *by)
{
    const char *login = conn_login(c);

    memset(l, 0, sizeof *l);
    l->c = c;
    aigov_buf_init(&l->login, c->ctx);
    if (!login)
        return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    *by = (aigov_put_by){aigov_str(login), write_clock(), false, l,
                         revision,         calls};
    return AIGOV_OK;
}

static void end(look_up *l)
{
    look_up_end(l);
    aigov_buf_free(&l->login);
}

static aigov_status check(conn *c, const aigov_put_by *by, aigov_span kind,
                          aigov_span subject, aigov_span body)
{
    return aigov_policies_check(c->policies.policies, kind, subject, body, by,
                                &c->err);
}

aigov_status govern_check(conn *c, const instance *in, aigov_span kind,
                          aigov_span subject, aigov_span body)
{
    aigov_put_by by;
    look_up l;
    aigov_status st;

    if (!aigov_policies_check_kind(kind))
        return AIGOV_OK;
    st = begin(c, &l, &by);
    if (st == AIGOV_OK)
        st = policies_of_put(c, in);
    if (st == AIGOV_OK)
        st = check(c, &by, kind, subject, body);
    end(&l);
    return st;
}

/* --- the functions ------------------------------------------------------- */

static aigov_status make_and_put(conn *c, const instance *in,
                                 aigov_action action, const aigov_span *arg)
{
    aigov_put_by by;
    aigov_made made;
    aigov_span kind, subject, body;
    look_up l;
    aigov_status st = begin(c, &l, &by);

    aigov_made_init(&made, c->ctx);
    if (st == AIGOV_OK)
        st = policies_of_put(c, in);
    if (st == AIGOV_OK)
        st = aigov_policies_make(c->policies.policies, action, arg, &by, &made,
                                 &c->err);
    if (st == AIGOV_OK) {
        kind = aigov_str(made.kind);
        subject = aigov_buf_span(&made.subject);
        body = aigov_buf_span(&made.body);
        by.publishes = action == AIGOV_POLICY_PUBLISH;
        st = aigov_record_put(c->record, kind, subject, body, &c->err);
        if (st == AIGOV_OK)
            st = check(c, &by, kind, subject, body);
        if (st == AIGOV_OK)
            st = put_revision(c, in);
    }
    end(&l);
    aigov_made_free(&made);
    return st;
}

static aigov_status act(conn *c, aigov_action action, const aigov_span *arg)
{
    instance in;
    writing w;
    aigov_status st;

    if (c->busy)
        return conn_fail(c, AIGOV_STATE, "an append is under way", NULL);
    st = write_begin(c, &w, WRITE_ONE);
    if (st != AIGOV_OK)
        return st;
    c->scratch.n = 0;
    st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = make_and_put(c, &in, action, arg);
    st = write_end(c, &w, st);
    if (st == AIGOV_OK)
        receipt_keep(c);
    return st;
}

/* names ends with NULL; an integer is read as its digits, options as JSON. */
static void function(sqlite3_context *ctx, int argc, sqlite3_value **argv,
                     aigov_action action, const char *const *names)
{
    conn *c = fn_conn(ctx);
    aigov_span arg[AIGOV_ACTION_ARGS] = {{NULL, 0}};
    aigov_status st = conn_enter(c);

    for (int i = 0; i < argc && names[i] && st == AIGOV_OK; i++) {
        bool digits = sqlite3_value_type(argv[i]) == SQLITE_INTEGER;

        if (digits)
            arg[i] = (aigov_span){(const char *)sqlite3_value_text(argv[i]),
                                  (size_t)sqlite3_value_bytes(argv[i])};
        else
            st = arg_text(c, argv[i], names[i],
                          strcmp(names[i], "options") == 0, &arg[i]);
    }
    if (st == AIGOV_OK)
        st = act(c, action, arg);
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&c->receipt));
    else
        conn_result_error(c, ctx);
}

void policy_publish_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    static const char *const names[] = {"policy", "version", "mode", NULL};

    function(ctx, argc, argv, AIGOV_POLICY_PUBLISH, names);
}

void approve_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    static const char *const names[] = {"interaction", "outcome", "reason",
                                        "options", NULL};

    function(ctx, argc, argv, AIGOV_APPROVE, names);
}

void exception_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    static const char *const names[] = {"subject", "outcome", "reason", "role",
                                        NULL};

    function(ctx, argc, argv, AIGOV_EXCEPTION, names);
}

void suspend_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    static const char *const names[] = {"system", "reason", NULL};

    function(ctx, argc, argv, AIGOV_SUSPEND, names);
}

/* --- packs --------------------------------------------------------------- */

/* [kind, subject, body] at a node. */
static aigov_status put_item(conn *c, const instance *in,
                             const aigov_put_by *by, const aigov_json *j,
                             uint32_t item, aigov_buf *body)
{
    uint32_t kind = item + 1, subject = j->node[kind].next;
    aigov_span k = aigov_json_text(j, kind), s = aigov_json_text(j, subject);
    aigov_status st;

    body->n = 0;
    c->scratch.n = 0;
    st = aigov_json_canonical(j, j->node[subject].next, body, &c->err);
    if (st == AIGOV_OK)
        st = aigov_record_put(c->record, k, s, aigov_buf_span(body), &c->err);
    if (st == AIGOV_OK)
        st = policies_of_put(c, in);
    if (st == AIGOV_OK)
        st = check(c, by, k, s, aigov_buf_span(body));
    return st == AIGOV_OK ? put_revision(c, in) : st;
}

static aigov_status put_items(conn *c, const instance *in,
                              const aigov_put_by *by, aigov_span list,
                              int64_t *n)
{
    aigov_json j = {.ctx = c->ctx};
    aigov_buf body;
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_STRICT, list, &c->err);

    *n = 0;
    aigov_buf_init(&body, c->ctx);
    for (uint32_t i = 1; st == AIGOV_OK && i < j.nodes; i = j.node[i].next) {
        st = put_item(c, in, by, &j, i, &body);
        (*n)++;
    }
    aigov_buf_free(&body);
    aigov_json_free(&j);
    return st;
}

static aigov_status install(conn *c, aigov_span name, int64_t *version,
                            int64_t *puts)
{
    aigov_put_by by;
    aigov_buf list;
    instance in;
    look_up l;
    aigov_status st = begin(c, &l, &by);

    aigov_buf_init(&list, c->ctx);
    if (st == AIGOV_OK)
        st = log_ready(c, &in);
    if (st == AIGOV_OK)
        st = policies_of_put(c, &in);
    if (st == AIGOV_OK)
        st = aigov_policies_pack(c->policies.policies, name, &by, version,
                                 &list, &c->err);
    if (st == AIGOV_OK)
        st = put_items(c, &in, &by, aigov_buf_span(&list), puts);
    aigov_buf_free(&list);
    end(&l);
    return st;
}

void install_pack_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    int64_t version = 0, puts = 0;
    aigov_span name;
    char text[160];
    writing w;
    aigov_status st = conn_enter(c);

    (void)argc;
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "name", false, &name);
    if (st == AIGOV_OK)
        st = write_begin(c, &w, WRITE_WHOLE);
    if (st == AIGOV_OK)
        st = write_end(c, &w, install(c, name, &version, &puts));
    if (st == AIGOV_OK) {
        /* one of the names that are built in */
        snprintf(text, sizeof text,
                 "{\"policy\":\"%.*s\",\"puts\":%lld,\"version\":%lld}",
                 (int)name.n, name.p, (long long)puts, (long long)version);
        result_json(ctx, aigov_str(text));
    } else {
        conn_result_error(c, ctx);
    }
}
