/*
 * policies.c - what decides, for this connection
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Policies, rules, exceptions, budgets and registers are entries of lane 0 of
 * the own log and those it continues, up to the head of lane 0 that a write
 * reads anyway.  Where the head moved on, what came since is added; where it is
 * not the head's successor (a rollback, another log) all is read anew.  Where
 * there is no policy nothing else is read, unless a put has to be judged.
 */
#include "sqlite_aigov.h"

#include <string.h>

#define FROM_LANE_0                                                            \
    "SELECT e.log, e.lane, e.seq, e.v, e.at, e.kind, e.id, e.interaction,"     \
    " e.subject, e.actor, e.system, e.provider, e.model, e.operation,"         \
    " e.status, e.decision, e.recorded_by, e.digest, e.commitment, e.prev,"    \
    " e.hash, e.body FROM \"main\".aigov_entry e"

#define ALL                                                                    \
    FROM_LANE_0                                                                \
    " JOIN \"main\".aigov_log l ON l.log = e.log"                              \
    " WHERE e.kind IN (%s) AND e.lane = 0 AND e.subject IS NOT NULL"           \
    " AND e.log IN (SELECT log FROM \"main\".aigov_own_log)"                   \
    " AND (e.log <> %lld OR e.seq <= %lld) ORDER BY l.at, e.seq"

#define SINCE                                                                  \
    FROM_LANE_0                                                                \
    " WHERE e.log = %lld AND e.lane = 0 AND e.seq > %lld AND e.seq <= %lld"    \
    " ORDER BY e.seq"

void policies_forget(conn *c)
{
    aigov_policies_free(c->policies.policies);
    memset(&c->policies, 0, sizeof c->policies);
}

static aigov_status decide_stage(conn *c, aigov_status st)
{
    if (st != AIGOV_OK)
        memcpy(c->err.stage, "decide", 7);
    return st;
}

/* Add every row of a statement; it is finalized. */
static aigov_status add_rows(conn *c, sqlite3_stmt *s)
{
    aigov_status st = AIGOV_OK;
    aigov_entry e;
    int rc;

    while (st == AIGOV_OK && (rc = sqlite3_step(s)) != SQLITE_DONE) {
        if (rc != SQLITE_ROW) {
            st = conn_sql_error(c);
            break;
        }
        c->policies.none = false;
        row_entry(s, &e);
        st = aigov_policies_add(c->policies.policies, &e, &c->err);
    }
    sqlite3_finalize(s);
    return st;
}

/* 'policy', 'rule', ...: the first alone, or the others. */
static char *kinds(bool first)
{
    char *list = NULL;
    const char *kind;

    for (size_t i = first ? 0 : 1;
         (kind = aigov_policies_kind_at(i)) != NULL && (!first || i == 0);
         i++) {
        char *more = list ? sqlite3_mprintf("%s, %Q", list, kind)
                          : sqlite3_mprintf("%Q", kind);

        sqlite3_free(list);
        list = more;
        if (!list)
            return NULL;
    }
    return list;
}

static aigov_status any_policy(conn *c, int64_t log, const head *zero)
{
    char *policy = kinds(true);
    sqlite3_stmt *s;
    aigov_status st;

    if (!policy)
        return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    st = conn_prepare(c, &s, ALL " LIMIT 1", policy, (sqlite3_int64)log,
                      (sqlite3_int64)zero->seq);
    sqlite3_free(policy);
    if (st != AIGOV_OK)
        return st;
    c->policies.none = sqlite3_step(s) != SQLITE_ROW;
    return sqlite3_finalize(s) == SQLITE_OK ? AIGOV_OK : conn_sql_error(c);
}

static aigov_status read_all(conn *c, int64_t log, const head *zero, bool all)
{
    char *first = kinds(true), *others = kinds(false), *list = NULL;
    sqlite3_stmt *s;
    aigov_status st = all ? AIGOV_OK : any_policy(c, log, zero);

    if (st == AIGOV_OK && !c->policies.none) {
        if (first && others)
            list = sqlite3_mprintf("%s, %s", first, others);
        st = list ? conn_prepare(c, &s, ALL, list, (sqlite3_int64)log,
                                 (sqlite3_int64)zero->seq)
                  : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
        if (st == AIGOV_OK)
            st = add_rows(c, s);
    }
    sqlite3_free(list);
    sqlite3_free(first);
    sqlite3_free(others);
    return st;
}

static aigov_status make(conn *c, int64_t log, const head *zero, bool all)
{
    aigov_status st;

    policies_forget(c);
    st = aigov_policies_new(c->ctx, &c->policies.policies, &c->err);
    return st == AIGOV_OK ? read_all(c, log, zero, all) : st;
}

/* Whether what is known is of an earlier moment of this very lane 0. */
static aigov_status goes_on(conn *c, int64_t log, const head *zero, bool *yes)
{
    const known_policies *k = &c->policies;
    sqlite3_stmt *s;
    aigov_status st;

    *yes = false;
    if (!k->whole || k->none || k->log != log || k->seq >= zero->seq)
        return AIGOV_OK;
    st = conn_prepare(c, &s,
                      "SELECT hash FROM \"main\".aigov_entry"
                      " WHERE log = %lld AND lane = 0 AND seq = %lld",
                      (sqlite3_int64)log, (sqlite3_int64)k->seq);
    if (st != AIGOV_OK)
        return st;
    *yes = sqlite3_step(s) == SQLITE_ROW &&
           sqlite3_column_bytes(s, 0) == AIGOV_HASH_LEN &&
           memcmp(sqlite3_column_blob(s, 0), k->hash, AIGOV_HASH_LEN) == 0;
    return sqlite3_finalize(s) == SQLITE_OK ? AIGOV_OK : conn_sql_error(c);
}

static aigov_status refresh(conn *c, int64_t log, const head *zero, bool all)
{
    bool on;
    int64_t from = c->policies.seq;
    sqlite3_stmt *s;
    aigov_status st = goes_on(c, log, zero, &on);

    c->policies.whole = false;
    if (st == AIGOV_OK && on) {
        st = conn_prepare(c, &s, SINCE, (sqlite3_int64)log, (sqlite3_int64)from,
                          (sqlite3_int64)zero->seq);
        if (st == AIGOV_OK)
            st = add_rows(c, s);
    } else if (st == AIGOV_OK) {
        st = make(c, log, zero, all);
    }
    return st == AIGOV_OK ? aigov_policies_ready(c->policies.policies, &c->err)
                          : st;
}

aigov_status policies_at(conn *c, int64_t log, const head *zero, bool all)
{
    known_policies *k = &c->policies;
    aigov_status st;

    if (k->whole && !(all && k->none) && k->log == log && k->seq == zero->seq &&
        memcmp(k->hash, zero->hash, AIGOV_HASH_LEN) == 0)
        return AIGOV_OK;
    st = refresh(c, log, zero, all);
    if (st != AIGOV_OK) {
        policies_forget(c);
        return decide_stage(c, st);
    }
    k->whole = true;
    k->log = log;
    k->seq = zero->seq;
    memcpy(k->hash, zero->hash, AIGOV_HASH_LEN);
    return AIGOV_OK;
}

aigov_status policies_now(conn *c, bool *any)
{
    int64_t log = 0;
    aigov_status st = log_own(c, "main", &log);

    *any = false;
    memset(&c->zero, 0, sizeof c->zero);
    if (st == AIGOV_OK && log > 0)
        st = write_head(c, log, 0, &c->zero);
    if (st == AIGOV_OK && c->zero.seq > 0)
        st = policies_at(c, log, &c->zero, false);
    *any = st == AIGOV_OK && c->zero.seq > 0 && c->policies.policies != NULL &&
           !c->policies.none;
    return st;
}
