/*
 * rules.c - own detectors and profiles in force, for this connection
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT * FROM aigov_own_rules    what there is beyond what is built in
 *
 * They are the setting profile (settings.c) and the newest revisions on lane 0
 * of the own log and those it continues, read anew when the head of lane 0
 * moved, and made anew where one of them is another or its content came or
 * went.  With them go the keys of the key file (keys.c), in which a change
 * makes them anew too; where there is nothing but keys they are rules without
 * any of one's own.  An append reads the record with what it knows, takes the
 * write lock, reads the head, as it must, and reads the record again where the
 * rules are others: so the rules that are in force and body.under are of one
 * moment, and nothing is read twice.
 */
#include "sqlite_aigov.h"

#include <string.h>

#define NEWEST                                                                 \
    "SELECT q.kind, q.subject, q.body, q.hash, c.body FROM ("                  \
    "SELECT e.kind AS kind, e.subject AS subject, e.body AS body,"             \
    " e.hash AS hash, e.log AS log, e.seq AS seq,"                             \
    " max(l.at || printf('%%020d', e.seq)) AS place"                           \
    " FROM \"main\".aigov_entry e JOIN \"main\".aigov_log l ON l.log = e.log"  \
    " WHERE e.kind IN ('detector', 'redaction_profile') AND e.lane = 0"        \
    " AND e.subject IS NOT NULL"                                               \
    " AND e.log IN (SELECT log FROM \"main\".aigov_own_log)"                   \
    " AND (e.log <> %lld OR e.seq <= %lld)"                                    \
    " GROUP BY e.kind, e.subject) q"                                           \
    " LEFT JOIN \"main\".aigov_content c"                                      \
    " ON c.log = q.log AND c.lane = 0 AND c.seq = q.seq ORDER BY q.place"

/* --- what there is ------------------------------------------------------- */

/* What the rules are made of: the hash of each entry, and whether its content
 * is there. */
static aigov_status mark(conn *c, sqlite3_stmt *s, aigov_buf *out)
{
    int rc;

    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *there =
            sqlite3_column_type(s, 4) == SQLITE_NULL ? "0" : "1";
        const void *hash = sqlite3_column_blob(s, 3);

        if (!hash || sqlite3_column_bytes(s, 3) != AIGOV_HASH_LEN)
            return conn_fail(c, AIGOV_CHAIN,
                             "an entry of a detector or profile is damaged",
                             "SELECT * FROM aigov_verify");
        if (!aigov_buf_put(out, hash, AIGOV_HASH_LEN) ||
            !aigov_buf_put(out, there, 1))
            return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    }
    return rc == SQLITE_DONE ? AIGOV_OK : conn_sql_error(c);
}

/* The row that s stands on. */
static aigov_status add(conn *c, aigov_rules *r, sqlite3_stmt *s)
{
    aigov_json j = {.ctx = c->ctx};
    aigov_buf fields;
    aigov_status st;
    uint32_t i;

    aigov_buf_init(&fields, c->ctx);
    st = aigov_json_read(&j, AIGOV_JSON_STRICT, column_span(s, 2), &c->err);
    if (st == AIGOV_OK) {
        i = aigov_json_get(&j, 0, "fields");
        st = aigov_json_canonical(&j, i, &fields, &c->err);
    }
    if (st == AIGOV_OK)
        st = aigov_rules_add(r, column_span(s, 0), column_span(s, 1),
                             aigov_buf_span(&fields), column_span(s, 4),
                             &c->err);
    aigov_json_free(&j);
    aigov_buf_free(&fields);
    return st;
}

static aigov_status make(conn *c, sqlite3_stmt *s, aigov_span profile,
                         aigov_rules **out)
{
    aigov_status st = aigov_rules_new(c->ctx, 0, out, &c->err);
    int rc = SQLITE_DONE;

    if (st != AIGOV_OK)
        return st;
    aigov_rules_keys(*out, c->keys.keys);
    sqlite3_reset(s);
    while (st == AIGOV_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        st = add(c, *out, s);
    if (st == AIGOV_OK && rc != SQLITE_DONE)
        st = conn_sql_error(c);
    if (st == AIGOV_OK)
        st = aigov_rules_default(*out, profile, &c->err);
    if (st == AIGOV_OK)
        st = aigov_rules_ready(*out, &c->err);
    if (st != AIGOV_OK) {
        aigov_rules_free(*out);
        *out = NULL;
    }
    return st;
}

/* --- what this connection knows ------------------------------------------ */

void rules_forget(conn *c)
{
    aigov_record_use(c->record, NULL);
    aigov_rules_free(c->rules.rules);
    c->rules.rules = NULL;
    c->rules.mark.n = 0;
    c->rules.known = false;
}

/* made_of: what is there; the setting comes last, where it is not "default". */
static aigov_status compare(conn *c, sqlite3_stmt *s, aigov_span profile,
                            aigov_buf *made_of, bool *changed)
{
    aigov_buf *old = &c->rules.mark;
    aigov_status st = mark(c, s, made_of);

    if (st == AIGOV_OK && !aigov_span_is(profile, "default") &&
        !aigov_buf_put(made_of, profile.p, profile.n))
        st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    *changed = st == AIGOV_OK &&
               (made_of->n != old->n || c->rules.keys != c->keys.state ||
                (made_of->n > 0 && memcmp(made_of->p, old->p, old->n) != 0));
    return st;
}

static aigov_status load_with(conn *c, sqlite3_stmt *s, aigov_span profile,
                              bool *changed)
{
    aigov_rules *fresh = NULL;
    aigov_buf made_of;
    aigov_status st;

    aigov_buf_init(&made_of, c->ctx);
    st = compare(c, s, profile, &made_of, changed);
    if (st == AIGOV_OK && *changed && (made_of.n > 0 || c->keys.keys))
        st = make(c, s, profile, &fresh);
    if (st == AIGOV_OK && *changed) {
        aigov_buf old = c->rules.mark;

        rules_forget(c);
        c->rules.rules = fresh;
        c->rules.mark = made_of;
        c->rules.keys = c->keys.state;
        made_of = old;
    }
    aigov_buf_free(&made_of);
    return st;
}

static aigov_status load(conn *c, int64_t log, const head *zero, bool *changed)
{
    sqlite3_stmt *s;
    aigov_buf profile;
    aigov_status st;

    aigov_buf_init(&profile, c->ctx);
    st = setting_value(c, SETTING_PROFILE, log, zero->seq, &profile);
    if (st == AIGOV_OK)
        st = conn_prepare(c, &s, NEWEST, (sqlite3_int64)log,
                          (sqlite3_int64)zero->seq);
    if (st == AIGOV_OK) {
        st = load_with(c, s, aigov_buf_span(&profile), changed);
        sqlite3_finalize(s);
    }
    aigov_buf_free(&profile);
    return st;
}

aigov_status rules_refresh(conn *c, int64_t log, const head *zero,
                           bool *changed)
{
    bool same = c->rules.known && c->rules.log == log &&
                c->rules.seq == zero->seq &&
                memcmp(c->rules.hash, zero->hash, AIGOV_HASH_LEN) == 0;
    aigov_status st;

    *changed = false;
    st = keys_refresh(c, !same, log, zero->seq);
    if (st == AIGOV_OK && same && c->rules.keys == c->keys.state)
        return AIGOV_OK;
    c->rules.known = false;
    if (st == AIGOV_OK)
        st = load(c, log, zero, changed);
    if (st != AIGOV_OK) {
        memcpy(c->err.stage, "scan", 5);
        return st;
    }
    c->rules.known = true;
    c->rules.log = log;
    c->rules.seq = zero->seq;
    memcpy(c->rules.hash, zero->hash, AIGOV_HASH_LEN);
    return AIGOV_OK;
}

aigov_status rules_now(conn *c)
{
    instance in;
    int64_t log = 0;
    head zero = {0};
    bool changed;
    aigov_status st = log_instance(c, &in);

    if (st == AIGOV_NOLOG) {
        memset(&c->err, 0, sizeof c->err);
        rules_forget(c);
        keys_forget(c);
        return AIGOV_OK;
    }
    if (st == AIGOV_OK && in.there)
        log = in.log;
    else if (st == AIGOV_OK)
        st = log_own(c, "main", &log);
    if (st == AIGOV_OK && log > 0)
        st = write_head(c, log, 0, &zero);
    if (st != AIGOV_OK)
        return st;
    if (zero.seq == 0) {
        rules_forget(c);
        keys_forget(c);
        return AIGOV_OK;
    }
    return rules_refresh(c, log, &zero, &changed);
}

/* --- aigov_own_rules ----------------------------------------------------- */

static aigov_status own_rules_fill(conn *c, rows *out, sqlite3_value **arg)
{
    aigov_status st = rules_now(c);
    aigov_rule rule;
    bool ok = true;

    (void)arg;
    for (size_t i = 0;
         st == AIGOV_OK && ok && aigov_rule_at(c->rules.rules, i, &rule); i++)
        ok =
            rows_text(out, aigov_str(rule.kind)) &&
            rows_text(out, aigov_str(rule.subject)) &&
            rows_int(out, rule.missing == NULL) &&
            rows_text(out, aigov_str(rule.missing ? rule.missing : rule.keyed));
    return ok ? st : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

const rows_def own_rules_def = {
    .name = "aigov_own_rules",
    .declare = "CREATE TABLE x(kind, subject, in_force, detail)",
    .columns = 4,
    .hidden = 0,
    .fill = own_rules_fill,
};
