/*
 * health.c - SELECT * FROM aigov_health
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * gives one row for each check: item, value, unit, threshold, ok, detail.
 *
 *   own_rules         own detectors that are not in force, and profiles with an
 *                     operator that needs a key (aigov_own_rules)
 *   redaction_keys    1 where key_file names a file that cannot be used; the
 *                     detail says why, or what is there (aigov_redaction_keys)
 *   unanchored_age    since the oldest entry that no checkpoint covers
 *   refused_records   records that `loss` entries tell of
 *   clock_ahead       how far the last entries are ahead of this clock: they
 * are stamped with the time of the entry before (write.c) epoch whether this
 * file is the one the log was written in busy_timeout      of this connection;
 * at 0 an append fails at once while another connection writes synchronous of
 * this connection; below FULL the last receipts may be lost when the power
 * fails
 */
#include "sqlite_aigov.h"

typedef struct check {
    const char *item;
    int64_t value;
    const char *unit;
    int64_t threshold;
    bool ok;
    const char *detail;
} check;

static aigov_status put(conn *c, rows *out, check k)
{
    if (rows_text(out, aigov_str(k.item)) && rows_int(out, k.value) &&
        rows_text(out, aigov_str(k.unit)) && rows_int(out, k.threshold) &&
        rows_int(out, k.ok) && rows_text(out, aigov_str(k.detail)))
        return AIGOV_OK;
    return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

/* The integer that a query over the own log gives; 0 for NULL. */
static aigov_status ask(conn *c, int64_t *v, const char *sql, int64_t log)
{
    sqlite3_stmt *s;
    aigov_status st = conn_prepare(c, &s, sql, (sqlite3_int64)log);

    if (st != AIGOV_OK)
        return st;
    *v = 0;
    if (sqlite3_step(s) == SQLITE_ROW)
        *v = sqlite3_column_int64(s, 0);
    st = sqlite3_finalize(s) == SQLITE_OK ? AIGOV_OK : conn_sql_error(c);
    return st;
}

/* The time that a query gives, in microseconds; now where it gives none. */
static aigov_status ask_time(conn *c, int64_t *at, const char *sql, int64_t log)
{
    sqlite3_stmt *s;
    aigov_status st = conn_prepare(c, &s, sql, (sqlite3_int64)log);

    if (st != AIGOV_OK)
        return st;
    if (sqlite3_step(s) != SQLITE_ROW ||
        !aigov_time_parse_stored(column_span(s, 0), at))
        *at = write_clock();
    st = sqlite3_finalize(s) == SQLITE_OK ? AIGOV_OK : conn_sql_error(c);
    return st;
}

static aigov_status log_checks(conn *c, rows *out, int64_t log)
{
    int64_t now = write_clock(), first, last, lost;
    aigov_status st;

    st = ask_time(c, &first,
                  "SELECT min(at) FROM \"main\".aigov_entry"
                  " WHERE log = %lld AND seq = 1",
                  log);
    if (st == AIGOV_OK)
        st = ask_time(c, &last,
                      "SELECT max(at) FROM (SELECT at, max(seq)"
                      " FROM \"main\".aigov_entry WHERE log = %lld"
                      " GROUP BY lane)",
                      log);
    if (st == AIGOV_OK)
        st = ask(c, &lost,
                 "SELECT sum(json_extract(body, '$.fields.count'))"
                 " FROM \"main\".aigov_entry WHERE log = %lld"
                 " AND kind = 'loss' AND subject IS NOT NULL",
                 log);
    if (st != AIGOV_OK)
        return st;
    last = last > now ? (last - now) / 1000000 : 0;
    first = (now - first) / 1000000;
    st = put(c, out,
             (check){"unanchored_age", first > 0 ? first : 0, "seconds", 86400,
                     first <= 86400, "no checkpoint covers this log yet"});
    if (st == AIGOV_OK)
        st = put(c, out,
                 (check){"refused_records", lost, "count", 0, lost == 0, NULL});
    if (st == AIGOV_OK)
        st = put(c, out,
                 (check){"clock_ahead", last, "seconds", 60, last <= 60,
                         last > 0 ? "entries are stamped with the time of the "
                                    "entry before"
                                  : NULL});
    return st;
}

static aigov_status connection_checks(conn *c, rows *out)
{
    int64_t timeout, sync;
    instance in;
    aigov_status st = log_instance(c, &in);
    bool here;

    if (st == AIGOV_OK)
        st = ask(c, &timeout, "PRAGMA busy_timeout", 0);
    if (st == AIGOV_OK)
        st = ask(c, &sync, "PRAGMA \"main\".synchronous", 0);
    if (st != AIGOV_OK)
        return st;
    here = in.there && !in.moved;
    st = put(c, out,
             (check){"epoch", here ? 0 : 1, "count", 0, here || !in.used,
                     here ? NULL : "this file is a copy: aigov_new_epoch()"});
    if (st == AIGOV_OK)
        st = put(c, out,
                 (check){"busy_timeout", timeout, "milliseconds", 1,
                         timeout > 0, NULL});
    if (st == AIGOV_OK)
        st = put(c, out,
                 (check){"synchronous", sync, "level", 2, sync >= 2,
                         sync >= 2 ? NULL : "receipts may be lost with power"});
    return st;
}

/* Own detectors that are not in force, profiles that act as others. */
static aigov_status rules_check(conn *c, rows *out)
{
    aigov_rule rule;
    int64_t n = 0;
    const char *detail = NULL;
    aigov_status st = rules_now(c);

    for (size_t i = 0;
         st == AIGOV_OK && aigov_rule_at(c->rules.rules, i, &rule); i++) {
        if (rule.missing || rule.keyed) {
            n++;
            detail = "SELECT * FROM aigov_own_rules says which and why";
        }
    }
    if (st == AIGOV_WITHHELD) { /* they cannot be made: appends are refused */
        n = 1;
        detail = "they do not work: appends are refused";
        c->err.code = st = AIGOV_OK;
    }
    if (st != AIGOV_OK)
        return st;
    return put(c, out, (check){"own_rules", n, "count", 0, n == 0, detail});
}

static aigov_status keys_check(conn *c, rows *out)
{
    const known_keys *k = &c->keys;
    const char *id, *none = "key_file names none: an id in which something is "
                            "found becomes [ENTITY], nothing can be restored";
    aigov_buf b;
    aigov_status st;
    bool ok = true;

    aigov_buf_init(&b, c->ctx);
    for (size_t i = 0; ok && (id = aigov_key_id(k->keys, i)) != NULL; i++)
        ok = aigov_buf_puts(&b, i == 0 ? "" : ", ") && aigov_buf_puts(&b, id) &&
             aigov_buf_puts(&b, i == 0 ? " writing" : " restoring");
    ok = ok && aigov_buf_put(&b, "", 1);
    if (k->failed)
        none = k->problem.text;
    st = ok ? put(c, out,
                  (check){"redaction_keys", k->failed, "count", 0, !k->failed,
                          k->keys ? b.p : none})
            : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    aigov_buf_free(&b);
    return st;
}

static aigov_status health_fill(conn *c, rows *out, sqlite3_value **arg)
{
    int64_t log;
    aigov_status st = log_own(c, "main", &log);

    (void)arg;
    if (st == AIGOV_OK)
        st = log_checks(c, out, log);
    if (st == AIGOV_OK)
        st = connection_checks(c, out);
    if (st == AIGOV_OK)
        st = rules_check(c, out);
    if (st == AIGOV_OK)
        st = keys_check(c, out);
    return st;
}

const rows_def health_def = {
    .name = "aigov_health",
    .declare = "CREATE TABLE x(item, value, unit, threshold, ok, detail)",
    .columns = 6,
    .hidden = 0,
    .fill = health_fill,
};
