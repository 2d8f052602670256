/*
 * audit.c - decisions taken again; cases and lint of policies
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT * FROM aigov_reproduce([from [, to]])
 *   SELECT * FROM aigov_replay('main', 8 [, from [, to [, 'frozen']]])
 *   SELECT * FROM aigov_policy_test('main', 8)
 *   SELECT * FROM aigov_policy_lint('main', 8)
 *   SELECT aigov_explain_decision(id)
 *
 * The core goes over the log (core/log/audit.c); here are the rows that it asks
 * for.  Nothing is written, so that nothing of this is recorded: the command
 * line does that.
 */
#include "sqlite_aigov.h"

#include <stdio.h>
#include <string.h>

typedef struct auditing {
    conn *c;
    rows *out;
    aigov_audit *audit;
    aigov_audit_host host;
    sqlite3_stmt *entry, *content, *request;
    aigov_status (*give)(struct auditing *a, const aigov_retaken *row);
    aigov_buf *text; /* explain: the one object */
} auditing;

static aigov_status no_memory(conn *c)
{
    return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

/* An error of the core's callbacks is that of the connection. */
static aigov_status given(conn *c, aigov_status st, aigov_error *err)
{
    if (st != AIGOV_OK && err != &c->err)
        *err = c->err;
    return st;
}

/* --- what the core asks for ---------------------------------------------- */

static aigov_status at_place(conn *c, sqlite3_stmt **s, const char *sql,
                             int64_t log, int64_t lane, int64_t seq, bool *row)
{
    aigov_status st = AIGOV_OK;
    int rc;

    if (*s == NULL)
        st = conn_prepare(c, s, "%s", sql);
    if (st != AIGOV_OK)
        return st;
    sqlite3_reset(*s);
    sqlite3_bind_int64(*s, 1, log);
    sqlite3_bind_int64(*s, 2, lane);
    sqlite3_bind_int64(*s, 3, seq);
    rc = sqlite3_step(*s);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? AIGOV_OK : conn_sql_error(c);
}

static aigov_status entry_at(void *host, int64_t log, int64_t lane, int64_t seq,
                             aigov_entry *out, aigov_error *err)
{
    auditing *a = host;
    bool row;
    aigov_status st = at_place(a->c, &a->entry,
                               "SELECT " ENTRY_LIST " FROM main.aigov_entry"
                               " WHERE log = ?1 AND lane = ?2 AND seq = ?3",
                               log, lane, seq, &row);

    if (st == AIGOV_OK && !row)
        st = conn_fail(a->c, AIGOV_CHAIN, "an entry went away", NULL);
    if (st == AIGOV_OK)
        row_entry(a->entry, out);
    return given(a->c, st, err);
}

static aigov_status content_of(void *host, const aigov_entry *e,
                               aigov_span *out, aigov_error *err)
{
    auditing *a = host;
    bool row;
    aigov_status st = at_place(a->c, &a->content,
                               "SELECT body FROM main.aigov_content"
                               " WHERE log = ?1 AND lane = ?2 AND seq = ?3",
                               e->log, e->lane, e->seq, &row);

    *out = st == AIGOV_OK && row ? column_span(a->content, 0) : AIGOV_ABSENT;
    return given(a->c, st, err);
}

/* In a lane, entries of one call come in order. */
static aigov_status request_of(void *host, const aigov_entry *e,
                               aigov_entry *out, aigov_error *err)
{
    auditing *a = host;
    conn *c = a->c;
    aigov_status st = AIGOV_OK;

    if (a->request == NULL)
        st = conn_prepare(
            c, &a->request,
            "SELECT " ENTRY_LIST " FROM main.aigov_entry"
            " WHERE interaction = ?1 AND log = ?2 AND kind = 'request'"
            " AND json_extract(recorded_by, '$.login')"
            " IS json_extract(?3, '$.login')"
            " AND (at, lane, seq) < (SELECT x.at, x.lane, x.seq"
            " FROM main.aigov_entry x"
            " WHERE x.log = ?2 AND x.lane = ?4 AND x.seq = ?5)"
            " ORDER BY at DESC, lane DESC, seq DESC LIMIT 1");
    if (st != AIGOV_OK || !e->interaction.p)
        return given(c, st, err);
    sqlite3_reset(a->request);
    sqlite3_bind_text(a->request, 1, e->interaction.p, (int)e->interaction.n,
                      SQLITE_TRANSIENT);
    sqlite3_bind_int64(a->request, 2, e->log);
    sqlite3_bind_text(a->request, 3, e->recorded_by.p, (int)e->recorded_by.n,
                      SQLITE_TRANSIENT);
    sqlite3_bind_int64(a->request, 4, e->lane);
    sqlite3_bind_int64(a->request, 5, e->seq);
    switch (sqlite3_step(a->request)) {
    case SQLITE_ROW:
        row_entry(a->request, out);
        break;
    case SQLITE_DONE:
        break;
    default:
        st = conn_sql_error(c);
    }
    return given(c, st, err);
}

static aigov_status row_of(void *host, const aigov_retaken *row,
                           aigov_error *err)
{
    auditing *a = host;

    return given(a->c, a->give(a, row), err);
}

/* --- places -------------------------------------------------------------- */

static aigov_status note_zero(auditing *a)
{
    conn *c = a->c;
    sqlite3_stmt *s;
    int rc = SQLITE_DONE;
    aigov_status st =
        conn_prepare(c, &s,
                     "SELECT e.log, e.seq, e.hash FROM main.aigov_entry e"
                     " JOIN main.aigov_log l ON l.log = e.log WHERE e.lane = 0"
                     " AND e.log IN (SELECT log FROM main.aigov_own_log)"
                     " ORDER BY l.at, e.log, e.seq");

    if (st != AIGOV_OK)
        return st;
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        if (sqlite3_column_bytes(s, 2) == AIGOV_HASH_LEN)
            st = aigov_audit_zero(a->audit, sqlite3_column_int64(s, 0),
                                  sqlite3_column_int64(s, 1),
                                  sqlite3_column_blob(s, 2), &c->err);
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

#define DECISIONS                                                              \
    "SELECT log, lane, seq, CASE WHEN json_valid(body)"                        \
    " THEN json_extract(body, '$.under') END FROM main.aigov_entry"            \
    " WHERE kind IN ('request', 'response', 'interaction')"                    \
    " AND decision IS NOT NULL"                                                \
    " AND log IN (SELECT log FROM main.aigov_own_log)"

static aigov_status note_decisions(auditing *a, sqlite3_stmt *s)
{
    conn *c = a->c;
    int rc = SQLITE_DONE;
    aigov_status st = AIGOV_OK;

    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        st = aigov_audit_decision(
            a->audit, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
            sqlite3_column_int64(s, 2), column_span(s, 3), &c->err);
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_finalize(s);
    return st;
}

static void audit_end(auditing *a)
{
    aigov_audit_free(a->audit);
    sqlite3_finalize(a->entry);
    sqlite3_finalize(a->content);
    sqlite3_finalize(a->request);
}

static aigov_status audit_begin(auditing *a, aigov_audit_mode mode,
                                aigov_span version)
{
    conn *c = a->c;
    int64_t log;
    aigov_status st = log_own(c, "main", &log);

    a->host = (aigov_audit_host){a, entry_at, content_of, request_of, row_of};
    if (st == AIGOV_OK)
        st = aigov_audit_new(c->ctx, mode, version, &a->host, &a->audit,
                             &c->err);
    return st == AIGOV_OK ? note_zero(a) : st;
}

/* A day, or an RFC 3339 time, as it is stored; NULL: none. */
static aigov_status arg_time(conn *c, sqlite3_value *v, const char *name,
                             char out[AIGOV_TIME_LEN + 1])
{
    char day[] = "0000-00-00T00:00:00Z";
    aigov_span text;
    int64_t at;
    aigov_status st;

    out[0] = 0;
    if (!v || sqlite3_value_type(v) == SQLITE_NULL)
        return AIGOV_OK;
    st = arg_text(c, v, name, false, &text);
    if (st != AIGOV_OK)
        return st;
    if (text.n == 10) {
        memcpy(day, text.p, 10);
        text = (aigov_span){day, sizeof day - 1};
    }
    if (!aigov_time_parse(text, &at))
        return conn_fail(c, AIGOV_ARG, "a time is neither a day nor RFC 3339",
                         "'2026-10-01' or '2026-10-01T08:00:00Z'");
    aigov_time_format(at, out);
    return AIGOV_OK;
}

/* Decisions from (with) and to (without). */
static aigov_status audit_between(auditing *a, sqlite3_value *from,
                                  sqlite3_value *to)
{
    conn *c = a->c;
    char first[AIGOV_TIME_LEN + 1], last[AIGOV_TIME_LEN + 1];
    sqlite3_stmt *s;
    aigov_status st = arg_time(c, from, "from", first);

    if (st == AIGOV_OK)
        st = arg_time(c, to, "to", last);
    if (st == AIGOV_OK)
        st = conn_prepare(c, &s, DECISIONS " AND at >= %Q AND at < %Q", first,
                          last[0] ? last : "a");
    if (st == AIGOV_OK)
        st = note_decisions(a, s);
    return st == AIGOV_OK ? aigov_audit_run(a->audit, &c->err) : st;
}

/* --- reproduce ----------------------------------------------------------- */

static bool put_place(rows *out, const aigov_entry *e)
{
    char at[AIGOV_TIME_LEN + 1];

    aigov_time_format(e->at, at);
    return rows_text(out, e->id) && rows_int(out, e->log) &&
           rows_int(out, e->lane) && rows_int(out, e->seq) &&
           rows_text(out, aigov_str(at));
}

static aigov_status give_reproduced(auditing *a, const aigov_retaken *r)
{
    return put_place(a->out, r->entry) && rows_int(a->out, r->differs) &&
                   rows_text(a->out, aigov_str(r->why)) &&
                   rows_text(a->out, r->entry->decision) &&
                   rows_text(a->out, r->decision)
               ? AIGOV_OK
               : no_memory(a->c);
}

static aigov_status reproduce_fill(conn *c, rows *out, sqlite3_value **arg)
{
    auditing a = {.c = c, .out = out, .give = give_reproduced};
    aigov_status st = audit_begin(&a, AIGOV_REPRODUCE, AIGOV_ABSENT);

    if (st == AIGOV_OK)
        st = audit_between(&a, arg[0], arg[1]);
    audit_end(&a);
    return st;
}

const rows_def reproduce_def = {
    .name = "aigov_reproduce",
    .declare = "CREATE TABLE x(id, log, lane, seq, at, differs, why, decision,"
               " retaken, p_from HIDDEN, p_to HIDDEN)",
    .columns = 9,
    .hidden = 2,
    .fill = reproduce_fill,
};

/* --- replay -------------------------------------------------------------- */

/* "main/8" of policy and version. */
static aigov_status arg_version(conn *c, sqlite3_value **arg, char id[256],
                                aigov_span *out)
{
    aigov_span policy;
    aigov_status st;

    if (!arg[0] || !arg[1])
        return conn_fail(c, AIGOV_NULLARG, "policy and version are required",
                         "FROM aigov_policy_test('main', 8)");
    st = arg_text(c, arg[0], "policy", false, &policy);
    if (st == AIGOV_OK && sqlite3_value_type(arg[1]) != SQLITE_INTEGER)
        st =
            conn_fail(c, AIGOV_ARG, "argument version is not an integer", NULL);
    if (st != AIGOV_OK)
        return st;
    if (policy.n > 200)
        policy.n = 200;
    snprintf(id, 256, "%.*s/%lld", (int)policy.n, policy.p,
             (long long)sqlite3_value_int64(arg[1]));
    *out = aigov_str(id);
    return AIGOV_OK;
}

static aigov_status give_replayed(auditing *a, const aigov_retaken *r)
{
    rows *out = a->out;
    const aigov_entry *e = r->entry;

    return put_place(out, e) && rows_text(out, e->system) &&
                   rows_text(out, e->decision) && rows_text(out, r->decision) &&
                   rows_int(out, r->differs) &&
                   (r->undecidable ? rows_text(out, aigov_str(r->why))
                                   : rows_null(out)) &&
                   rows_int(out, r->tokens)
               ? AIGOV_OK
               : no_memory(a->c);
}

static aigov_status check_mode(conn *c, sqlite3_value *v)
{
    aigov_span mode;
    aigov_status st;

    if (!v || sqlite3_value_type(v) == SQLITE_NULL)
        return AIGOV_OK;
    st = arg_text(c, v, "mode", false, &mode);
    if (st == AIGOV_OK && !aigov_span_is(mode, "frozen"))
        st = conn_fail(c, AIGOV_ARG, "a replay is frozen", "mode 'frozen'");
    return st;
}

static aigov_status replay_fill(conn *c, rows *out, sqlite3_value **arg)
{
    auditing a = {.c = c, .out = out, .give = give_replayed};
    char id[256];
    aigov_span version;
    aigov_status st = arg_version(c, arg, id, &version);

    if (st == AIGOV_OK)
        st = check_mode(c, arg[4]);
    if (st == AIGOV_OK)
        st = audit_begin(&a, AIGOV_REPLAY, version);
    if (st == AIGOV_OK)
        st = audit_between(&a, arg[2], arg[3]);
    audit_end(&a);
    return st;
}

const rows_def replay_def = {
    .name = "aigov_replay",
    .declare = "CREATE TABLE x(id, log, lane, seq, at, system, old_decision,"
               " new_decision, differs, undecidable, tokens, p_policy HIDDEN,"
               " p_version HIDDEN, p_from HIDDEN, p_to HIDDEN, p_mode HIDDEN)",
    .columns = 11,
    .hidden = 5,
    .fill = replay_fill,
};

/* --- explain_decision ---------------------------------------------------- */

static aigov_status give_explained(auditing *a, const aigov_retaken *r)
{
    a->text->n = 0;
    return aigov_buf_put(a->text, r->answer.p, r->answer.n) ? AIGOV_OK
                                                            : no_memory(a->c);
}

static aigov_status explain(conn *c, const char *id, aigov_buf *out)
{
    auditing a = {.c = c, .give = give_explained, .text = out};
    sqlite3_stmt *s;
    aigov_status st = audit_begin(&a, AIGOV_EXPLAIN, AIGOV_ABSENT);

    if (st == AIGOV_OK)
        st = conn_prepare(c, &s, DECISIONS " AND id = %Q", id);
    if (st == AIGOV_OK)
        st = note_decisions(&a, s);
    if (st == AIGOV_OK)
        st = aigov_audit_run(a.audit, &c->err);
    audit_end(&a);
    if (st == AIGOV_OK && out->n == 0)
        st = conn_fail(c, AIGOV_NOENTRY, "no decision has this id", NULL);
    return st;
}

void explain_decision_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    char id[AIGOV_UUID_LEN + 1];
    aigov_span text;
    aigov_buf out;

    (void)argc;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = arg_text(c, argv[0], "id", false, &text);
    if (st == AIGOV_OK)
        st = arg_id(c, text, id);
    if (st == AIGOV_OK)
        st = explain(c, id, &out);
    if (st == AIGOV_OK)
        result_json(ctx, aigov_buf_span(&out));
    else
        conn_result_error(c, ctx);
    aigov_buf_free(&out);
}

/* --- policy_test, policy_lint -------------------------------------------- */

static aigov_status tested(void *host, const aigov_tested *t, aigov_error *err)
{
    auditing *a = host;
    bool ok = rows_text(a->out, t->name) && rows_text(a->out, t->expected) &&
              rows_text(a->out, t->got) &&
              rows_text(a->out, t->expected_rules) &&
              rows_text(a->out, t->rules) && rows_int(a->out, t->passed) &&
              rows_text(a->out, t->detail);

    return ok ? AIGOV_OK : given(a->c, no_memory(a->c), err);
}

static aigov_status linted(void *host, const aigov_linted *l, aigov_error *err)
{
    auditing *a = host;
    bool ok =
        rows_text(a->out, aigov_str(l->severity)) &&
        rows_text(a->out, l->rule) && rows_text(a->out, aigov_str(l->code)) &&
        rows_text(a->out, l->message) &&
        (l->position < 0 ? rows_null(a->out) : rows_int(a->out, l->position));

    return ok ? AIGOV_OK : given(a->c, no_memory(a->c), err);
}

static aigov_status version_now(conn *c, sqlite3_value **arg, char id[256],
                                aigov_span *version)
{
    bool any;
    aigov_status st = arg_version(c, arg, id, version);

    if (st == AIGOV_OK)
        st = policies_now(c, &any);
    if (st == AIGOV_OK && !any)
        st = conn_fail(c, AIGOV_NOENTRY, "there is no such version of a policy",
                       NULL);
    return st;
}

static aigov_status policy_test_fill(conn *c, rows *out, sqlite3_value **arg)
{
    auditing a = {.c = c, .out = out};
    char id[256];
    aigov_span version;
    aigov_status st = version_now(c, arg, id, &version);

    return st == AIGOV_OK ? aigov_policy_test(c->policies.policies, version,
                                              tested, &a, &c->err)
                          : st;
}

const rows_def policy_test_def = {
    .name = "aigov_policy_test",
    .declare = "CREATE TABLE x(case_id, expected, got, expected_rules, rules,"
               " passed, detail, p_policy HIDDEN, p_version HIDDEN)",
    .columns = 7,
    .hidden = 2,
    .fill = policy_test_fill,
};

static aigov_status policy_lint_fill(conn *c, rows *out, sqlite3_value **arg)
{
    auditing a = {.c = c, .out = out};
    char id[256];
    aigov_span version;
    aigov_status st = version_now(c, arg, id, &version);

    return st == AIGOV_OK ? aigov_policy_lint(c->policies.policies, version,
                                              linted, &a, &c->err)
                          : st;
}

const rows_def policy_lint_def = {
    .name = "aigov_policy_lint",
    .declare = "CREATE TABLE x(severity, rule, code, message, position,"
               " p_policy HIDDEN, p_version HIDDEN)",
    .columns = 5,
    .hidden = 2,
    .fill = policy_lint_fill,
};
