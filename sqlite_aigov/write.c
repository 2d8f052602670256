/*
 * write.c - how an entry gets into the file, whole or not at all
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   write_begin   1  autocommit: SAVEPOINT, which acts as BEGIN
 *                 2  take the write lock, before anything is read: SQLite
 *                    calls the busy handler only where no read is open
 *   write_entry   3  head, leaf
 *                 4  content, turns (turns.c), then entry: a failure leaves no
 * entry without its content and so needs no savepoint, which would cost a batch
 * half its speed.  What 4 left behind is deleted; if the id was the reason, its
 * first receipt is given write_end     5  RELEASE, or ROLLBACK: after a COMMIT
 * that failed with SQLITE_BUSY, ROLLBACK TO would leave the connection inside
 *                    a transaction that nobody ends
 *
 * Called inside a statement that writes (INSERT INTO aigov_inbox, a trigger) a
 * savepoint is refused with SQLITE_BUSY; the entry then belongs to that
 * statement, which is what its author expects.
 *
 * Time: an entry's `at` is the later of the clock and the lane head's `at`.
 * There is one lane beside lane 0, so a head that is ahead of the clock cannot
 * be passed over; it is stamped with the head's time, and aigov_health shows by
 * how much the clock is behind.
 */
#include "sqlite_aigov.h"

#include <string.h>
#include <time.h>

int64_t write_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Step a kept statement that gives no rows. */
static aigov_status run(conn *c, int which)
{
    sqlite3_stmt *s = conn_stmt(c, which);
    aigov_status st = AIGOV_OK;

    if (!s)
        return c->err.code;
    if (sqlite3_step(s) != SQLITE_DONE)
        st = conn_sql_error(c);
    sqlite3_reset(s);
    return st;
}

static aigov_status open_transaction(conn *c, writing *w, write_mode mode)
{
    bool autocommit = sqlite3_get_autocommit(c->db) != 0;
    aigov_status st;

    if (!autocommit && mode == WRITE_ONE)
        return AIGOV_OK;
    st = run(c, STMT_SAVEPOINT);
    if (st == AIGOV_OK) {
        w->opened = c->opened = autocommit;
        w->savepoint = !autocommit;
        return AIGOV_OK;
    }
    if (c->rc != SQLITE_BUSY)
        return st;
    /* Only an outer statement that writes makes SAVEPOINT busy. */
    c->rc = SQLITE_OK;
    if (mode != WRITE_ONE)
        return conn_fail(c, AIGOV_STATE,
                         "this function was called inside a statement that "
                         "writes",
                         "call it alone: SELECT aigov_...(...)");
    return AIGOV_OK;
}

/*
 * Without memory SQLite refuses even ROLLBACK, until the outer statement ends.
 * The transaction that write_begin opened is then still open, and what it holds
 * must not be joined by another write.  It is ours as long as it has the
 * savepoint that opened it.
 */
static aigov_status settle(conn *c)
{
    bool more = sqlite3_total_changes(c->db) != c->owed_at;
    int rc;

    if (!c->owes || sqlite3_get_autocommit(c->db)) {
        c->owes = false;
        return AIGOV_OK;
    }
    /* Refused, as SQLITE_BUSY, inside a statement that writes. */
    rc = sqlite3_exec(c->db, "SAVEPOINT aigov_settle; RELEASE aigov_settle",
                      NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(c->db, "ROLLBACK TO aigov", NULL, NULL, NULL);
        if (rc == SQLITE_ERROR) { /* the host ended it: this one is its own */
            c->owes = false;
            return AIGOV_OK;
        }
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    conn_tx_end(c);
    if (rc != SQLITE_OK || !sqlite3_get_autocommit(c->db))
        return conn_fail(c, AIGOV_STATE,
                         "an append that ran out of memory left a transaction "
                         "open",
                         "ROLLBACK, then append again");
    c->owes = false;
    return more ? conn_fail(c, AIGOV_STATE,
                            "rolled back: an append that ran out of memory "
                            "left a transaction open, and rows were written "
                            "in it since",
                            "write them again, then append")
                : AIGOV_OK;
}

aigov_status write_begin(conn *c, writing *w, write_mode mode)
{
    aigov_status st;

    *w = (writing){false, false, sqlite3_last_insert_rowid(c->db)};
    if (c->busy)
        return conn_fail(c, AIGOV_STATE, "an append is under way",
                         "a trigger on a table of aigov must not append");
    st = settle(c);
    if (st != AIGOV_OK)
        return st;
    c->busy = true;
    st = open_transaction(c, w, mode);
    if (st == AIGOV_OK && mode != WRITE_INIT &&
        sqlite3_txn_state(c->db, "main") != SQLITE_TXN_WRITE)
        st = run(c, STMT_LOCK);
    if (st != AIGOV_OK)
        st = write_end(c, w, st);
    return st;
}

/* Undo, or set back, without losing the error that made us. */
void write_quietly(conn *c, const char *sql)
{
    aigov_error err = c->err;
    int rc = c->rc;

    sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    c->err = err;
    c->rc = rc;
}

aigov_status write_end(conn *c, writing *w, aigov_status st)
{
    if (st == AIGOV_OK && (w->opened || w->savepoint))
        st = run(c, STMT_RELEASE);
    if (st != AIGOV_OK && w->opened && !sqlite3_get_autocommit(c->db))
        write_quietly(c, "ROLLBACK");
    if (w->opened && !sqlite3_get_autocommit(c->db)) {
        c->owes = true;
        c->owed_at = sqlite3_total_changes(c->db);
    }
    if (st != AIGOV_OK && w->savepoint && !sqlite3_get_autocommit(c->db))
        write_quietly(c, "ROLLBACK TO aigov; RELEASE aigov");
    if (w->opened)
        conn_tx_end(c);
    c->opened = c->has_zero = false;
    sqlite3_set_last_insert_rowid(c->db, w->rowid);
    c->busy = false;
    return st;
}

/* --- parts of a write ---------------------------------------------------- */

bool write_part_begin(conn *c)
{
    bool set = !c->opened && run(c, STMT_SAVEPOINT) == AIGOV_OK;

    c->rc = SQLITE_OK; /* refused inside a statement that writes */
    return set;
}

void write_part_end(conn *c, bool set, aigov_status st)
{
    if (!set || sqlite3_get_autocommit(c->db))
        return;
    write_quietly(c, st == AIGOV_OK ? "RELEASE aigov"
                                    : "ROLLBACK TO aigov; RELEASE aigov");
}

/* --- reading what is there ----------------------------------------------- */

aigov_status write_head(conn *c, int64_t log, int64_t lane, head *out)
{
    sqlite3_stmt *s = conn_stmt(c, STMT_HEAD);
    aigov_status st = AIGOV_OK;
    int rc;

    if (!s)
        return c->err.code;
    sqlite3_bind_int64(s, 1, log);
    sqlite3_bind_int64(s, 2, lane);
    memset(out, 0, sizeof *out);
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        const void *hash = sqlite3_column_blob(s, 2);

        out->seq = sqlite3_column_int64(s, 0);
        if (!hash || sqlite3_column_bytes(s, 2) != AIGOV_HASH_LEN ||
            !aigov_time_parse_stored(column_span(s, 1), &out->at))
            st = conn_fail(c, AIGOV_CHAIN,
                           "the last entry of the lane is damaged",
                           "SELECT * FROM aigov_verify");
        else
            memcpy(out->hash, hash, AIGOV_HASH_LEN);
    } else if (rc != SQLITE_DONE) {
        st = conn_sql_error(c);
    }
    sqlite3_reset(s);
    return st;
}

/* The string member `name` of a stored JSON object equals want. */
static bool member_is(conn *c, aigov_span object, const char *name,
                      aigov_span want)
{
    aigov_json j = {.ctx = c->ctx};
    aigov_error err;
    aigov_span got = AIGOV_ABSENT;
    uint32_t i;
    bool same;

    if (aigov_json_read(&j, AIGOV_JSON_SYNTAX, object, &err) == AIGOV_OK) {
        i = aigov_json_get(&j, 0, name);
        if (i)
            got = aigov_json_text(&j, i);
    }
    same = aigov_span_eq(got, want);
    aigov_json_free(&j);
    return same;
}

/* Whether the detectors were those of now: else the same record may have left
 * another digest.  False also where memory ran out. */
static bool same_rules(conn *c, const aigov_record *r, aigov_span body)
{
    aigov_span rules = aigov_record_draft(r)->rules, hex = AIGOV_ABSENT;
    aigov_buf b;
    bool same;

    aigov_buf_init(&b, c->ctx);
    if (rules.p && aigov_buf_put_hex(&b, (const uint8_t *)rules.p, rules.n))
        hex = aigov_buf_span(&b);
    same = member_is(c, body, "rules", hex);
    aigov_buf_free(&b);
    return same;
}

/* An id that is there: what its second arrival gets (ARCHITECTURE, id). */
static aigov_status judge_duplicate(conn *c, aigov_record *r, sqlite3_stmt *s,
                                    aigov_duplicate *out)
{
    aigov_span login = aigov_str(conn_login(c));
    const void *salt = sqlite3_column_blob(s, 8);
    const void *digest = sqlite3_column_blob(s, 6);
    uint8_t now[AIGOV_HASH_LEN];
    aigov_status st;

    if (!member_is(c, column_span(s, 5), "login", login))
        return conn_fail(c, AIGOV_TAKEN, "the id is taken", NULL);
    if (!salt || sqlite3_column_bytes(s, 8) != 32 ||
        !same_rules(c, r, column_span(s, 7))) {
        *out = AIGOV_DUP_UNCHECKED;
        return AIGOV_OK;
    }
    if (digest && sqlite3_column_bytes(s, 6) == 32 &&
        aigov_record_draft(r)->digested) {
        st = aigov_record_digest(r, salt, now, &c->err);
        if (st != AIGOV_OK)
            return st;
        if (memcmp(now, digest, sizeof now) == 0) {
            *out = AIGOV_DUP_SAME;
            return AIGOV_OK;
        }
    }
    return conn_fail(c, AIGOV_TAKEN, "the id is taken",
                     "another record has it; give each record its own UUIDv7");
}

static aigov_status first_receipt(conn *c, aigov_record *r, const instance *in,
                                  sqlite3_stmt *s, const char *id,
                                  aigov_buf *receipt, placed *out)
{
    aigov_entry e = {.log = in->log, .id = {id, AIGOV_UUID_LEN}};
    aigov_status st;

    e.lane = sqlite3_column_int64(s, 0);
    e.seq = sqlite3_column_int64(s, 1);
    aigov_time_parse_stored(column_span(s, 2), &e.at);
    e.hash.p = sqlite3_column_blob(s, 3);
    e.hash.n = (size_t)sqlite3_column_bytes(s, 3);
    e.decision = column_span(s, 4);
    *out = (placed){e.log, e.lane, e.seq, AIGOV_DUP_NO};
    st = judge_duplicate(c, r, s, &out->duplicate);
    if (st != AIGOV_OK)
        return st;
    return aigov_receipt(&e, out->duplicate, receipt, &c->err);
}

/* The file refused the row: by its id, or the refusal stands (c->err). */
static aigov_status find_duplicate(conn *c, aigov_record *r, const instance *in,
                                   aigov_buf *receipt, placed *out)
{
    char id[AIGOV_UUID_LEN + 1];
    sqlite3_stmt *s = conn_stmt(c, STMT_BY_ID);
    aigov_status st = AIGOV_IO;
    int rc;

    if (!s)
        return c->err.code;
    aigov_uuid_format(aigov_record_draft(r)->id, id);
    sqlite3_bind_text(s, 1, id, AIGOV_UUID_LEN, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, in->log);
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        c->rc = SQLITE_OK;
        st = first_receipt(c, r, in, s, id, receipt, out);
    } else if (rc != SQLITE_DONE) {
        st = conn_sql_error(c);
    }
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return st;
}

/* --- inserting ----------------------------------------------------------- */

/* What is absent stays NULL: insert() clears the bindings. */
static void bind_text(sqlite3_stmt *s, int i, aigov_span v)
{
    if (v.p)
        sqlite3_bind_text(s, i, v.p, (int)v.n, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *s, int i, aigov_span v)
{
    if (v.p)
        sqlite3_bind_blob(s, i, v.p, (int)v.n, SQLITE_STATIC);
}

/* One row and no less: a trigger with RAISE(IGNORE) would swallow it. */
static aigov_status insert(conn *c, sqlite3_stmt *s)
{
    aigov_status st = AIGOV_OK;

    if (sqlite3_step(s) != SQLITE_DONE)
        st = conn_sql_error(c);
    else if (sqlite3_changes(c->db) != 1)
        st = conn_fail(c, AIGOV_STATE, "a trigger swallowed the row",
                       "drop the trigger that is not aigov's own");
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return st;
}

static aigov_status insert_content(conn *c, const aigov_entry *e,
                                   const aigov_content *k, aigov_span at)
{
    sqlite3_stmt *s = conn_stmt(c, STMT_CONTENT);

    if (!s)
        return c->err.code;
    sqlite3_bind_int64(s, 1, e->log);
    sqlite3_bind_int64(s, 2, e->lane);
    sqlite3_bind_int64(s, 3, e->seq);
    bind_text(s, 4, at);
    bind_blob(s, 5, k->salt);
    bind_text(s, 6, k->body);
    return insert(c, s);
}

static aigov_status insert_entry(conn *c, const aigov_entry *e, aigov_span at)
{
    sqlite3_stmt *s = conn_stmt(c, STMT_ENTRY);

    if (!s)
        return c->err.code;
    sqlite3_bind_int64(s, 1, e->log);
    sqlite3_bind_int64(s, 2, e->lane);
    sqlite3_bind_int64(s, 3, e->seq);
    sqlite3_bind_int64(s, 4, e->v);
    bind_text(s, 5, at);
    bind_text(s, 6, e->kind);
    bind_text(s, 7, e->id);
    bind_text(s, 8, e->interaction);
    bind_text(s, 9, e->subject);
    bind_text(s, 10, e->actor);
    bind_text(s, 11, e->system);
    bind_text(s, 12, e->provider);
    bind_text(s, 13, e->model);
    bind_text(s, 14, e->operation);
    bind_text(s, 15, e->status);
    bind_text(s, 16, e->decision);
    bind_text(s, 17, e->recorded_by);
    bind_blob(s, 18, e->digest);
    bind_blob(s, 19, e->commitment);
    bind_blob(s, 20, e->prev);
    bind_blob(s, 21, e->hash);
    bind_text(s, 22, e->body);
    return insert(c, s);
}

/*
 * Content where no entry is yet: an append whose undoing failed, for want of
 * memory, left it.  It must not block the lane; the guard lets it go only if it
 * has no entry.
 */
static void delete_stray(conn *c, const aigov_entry *e)
{
    static const char *const table[] = {"content", "turn"};
    char sql[160];

    for (int i = 0; i < 2; i++) {
        sqlite3_snprintf(sizeof sql, sql,
                         "DELETE FROM \"main\".aigov_%s"
                         " WHERE log = %lld AND lane = %lld AND seq = %lld",
                         table[i], (sqlite3_int64)e->log,
                         (sqlite3_int64)e->lane, (sqlite3_int64)e->seq);
        write_quietly(c, sql);
    }
}

static aigov_status insert_both(conn *c, const aigov_record *r,
                                const aigov_entry *e, const aigov_content *k)
{
    char at[AIGOV_TIME_LEN + 1];
    aigov_span text = {at, AIGOV_TIME_LEN};
    aigov_status st;

    if (!conn_stmt(c, STMT_ENTRY)) /* before there is anything to undo */
        return c->err.code;
    aigov_time_format(e->at, at);
    st = insert_content(c, e, k, text);
    if (st == AIGOV_IO && (c->rc & 0xff) == SQLITE_CONSTRAINT) {
        delete_stray(c, e);
        c->rc = SQLITE_OK;
        st = insert_content(c, e, k, text);
    }
    if (st != AIGOV_OK)
        return st;
    st = turns_insert(c, r, e);
    if (st == AIGOV_OK)
        st = insert_entry(c, e, text);
    if (st != AIGOV_OK)
        delete_stray(c, e);
    return st;
}

/* --- an entry ------------------------------------------------------------ */

/* What a decision was taken with stands in its entry. */
static aigov_status stamp_id(conn *c, const aigov_draft *d, aigov_stamps *s)
{
    aigov_status st = AIGOV_OK;

    if (d->judge) {
        if (!d->has_id)
            memcpy(s->id, d->judge->id, sizeof s->id);
        memcpy(s->salt, d->judge->salt, sizeof s->salt);
        return AIGOV_OK;
    }
    if (!d->has_id)
        st = aigov_uuid7(c->ctx, s->at, s->id, &c->err);
    return st == AIGOV_OK
               ? aigov_random(c->ctx, s->salt, sizeof s->salt, &c->err)
               : st;
}

/* A lane begins no earlier than lane 0 ends, whatever the clock says: nothing
 * is older than genesis. */
static aigov_status stamp(conn *c, const instance *in, const aigov_draft *d,
                          const head *h, const head *lane0, aigov_stamps *s)
{
    aigov_span origin = {in->origin, in->origin_n};
    int64_t now = d->judge ? d->judge->now : write_clock();
    aigov_status st = AIGOV_OK;

    s->log = in->log;
    s->lane = d->governance ? 0 : 1;
    s->seq = h->seq + 1;
    s->at = now > h->at ? now : h->at;
    if (h->seq == 0 && s->lane > 0 && s->at < lane0->at)
        s->at = lane0->at;
    s->evidence = d->evidence;
    s->decision = d->decision;
    s->rules = d->rules;
    if (!d->governance)
        s->under = (aigov_span){(const char *)lane0->hash, AIGOV_HASH_LEN};
    if (h->seq > 0)
        memcpy(s->prev, h->hash, sizeof s->prev);
    else
        st = aigov_lane_start(c->ctx, origin, s->lane, s->prev, &c->err);
    if (st == AIGOV_OK)
        st = stamp_id(c, d, s);
    if (st == AIGOV_OK)
        st = conn_recorded_by(c, &s->recorded_by);
    return st;
}

/* Lane 0's head, once in a write. */
static aigov_status head_zero(conn *c, const instance *in, head *out)
{
    const memory *m = conn_memory(c);
    aigov_status st = AIGOV_OK;

    if (m && m->in.log == in->log)
        *out = m->lane[0];
    else if (c->has_zero)
        *out = c->zero;
    else
        st = write_head(c, in->log, 0, out);
    return st;
}

aigov_status write_rules(conn *c, const instance *in, bool *changed)
{
    aigov_status st = head_zero(c, in, &c->zero);

    *changed = false;
    c->has_zero = st == AIGOV_OK;
    if (st != AIGOV_OK || c->zero.seq == 0)
        return st;
    return rules_refresh(c, in->log, &c->zero, changed);
}

static aigov_status heads(conn *c, const instance *in, const aigov_draft *d,
                          head *h, head *lane0)
{
    const memory *m = conn_memory(c);
    aigov_status st = AIGOV_OK;

    if (m && m->in.log == in->log) {
        *lane0 = m->lane[0];
        *h = m->lane[d->governance ? 0 : 1];
        return AIGOV_OK;
    }
    st = head_zero(c, in, lane0);
    c->has_zero = false;
    if (st != AIGOV_OK)
        return st;
    if (lane0->seq == 0 && !aigov_span_is(d->kind, "genesis"))
        return conn_fail(c, AIGOV_CHAIN, "lane 0 of the log is gone",
                         "SELECT * FROM aigov_verify, then restore a backup");
    if (!d->governance)
        return write_head(c, in->log, 1, h);
    *h = *lane0;
    return AIGOV_OK;
}

/* Only an append knows both heads; a governance entry forgets lane 1. */
static void remember(conn *c, const instance *in, const aigov_entry *e,
                     const head *lane0)
{
    memory *m = &c->memory;

    m->valid = c->tx_live && e->lane == 1;
    if (!m->valid)
        return;
    m->changes = sqlite3_total_changes(c->db);
    m->in = *in;
    m->lane[0] = *lane0;
    m->lane[1].seq = e->seq;
    m->lane[1].at = e->at;
    memcpy(m->lane[1].hash, e->hash.p, AIGOV_HASH_LEN);
}

/* The record under its stamps, and into the file. */
static aigov_status place(conn *c, aigov_record *r, const instance *in,
                          int64_t revision, aigov_entry *e)
{
    const aigov_draft *d = aigov_record_draft(r);
    aigov_stamps s = {.revision = revision};
    aigov_content k;
    head h = {0}, lane0 = {0};
    aigov_status st = heads(c, in, d, &h, &lane0);

    if (d->has_id)
        memcpy(s.id, d->id, sizeof s.id);
    if (st == AIGOV_OK)
        st = stamp(c, in, d, &h, &lane0, &s);
    if (st == AIGOV_OK)
        st = conn_tx(c, &s.tx);
    if (st == AIGOV_OK)
        st = turns_find(c, r, in->log, s.id);
    if (st == AIGOV_OK)
        st = aigov_record_seal(r, &s, e, &k, NULL, &c->err);
    if (st == AIGOV_OK)
        st = insert_both(c, r, e, &k);
    if (st == AIGOV_OK)
        remember(c, in, e, &lane0);
    else
        c->memory.valid = false;
    return st;
}

/*
 * Whether the id is there already is asked only when the file refused the row:
 * a second arrival is rare, and the question costs a tenth of an append.
 */
aigov_status write_entry(conn *c, aigov_record *r, const instance *in,
                         int64_t revision, aigov_buf *receipt, placed *out)
{
    const aigov_draft *d = aigov_record_draft(r);
    aigov_entry e;
    aigov_status st = place(c, r, in, revision, &e);

    if (st == AIGOV_IO && (c->rc & 0xff) == SQLITE_CONSTRAINT && d->has_id)
        return find_duplicate(c, r, in, receipt, out);
    if (st != AIGOV_OK)
        return st;
    *out = (placed){e.log, e.lane, e.seq, AIGOV_DUP_NO};
    if (receipt)
        st = aigov_receipt(&e, AIGOV_DUP_NO, receipt, &c->err);
    return st;
}

static aigov_status write_made(conn *c, const instance *in, const char *kind,
                               aigov_span subject, aigov_span fields,
                               aigov_buf *receipt)
{
    placed at;
    aigov_status st =
        aigov_record_make(c->extra, aigov_str(kind), subject, fields, &c->err);

    if (st != AIGOV_OK)
        return st;
    return write_entry(c, c->extra, in, 0, receipt, &at);
}

aigov_status write_own(conn *c, const instance *in, const char *kind,
                       aigov_span subject, aigov_span fields,
                       aigov_buf *receipt)
{
    aigov_record_use(c->extra, NULL);
    return write_made(c, in, kind, subject, fields, receipt);
}

aigov_status write_told(conn *c, const instance *in, const char *kind,
                        aigov_span subject, aigov_span fields,
                        aigov_buf *receipt)
{
    bool changed;
    aigov_status st = write_rules(c, in, &changed);

    c->has_zero = false;
    if (st != AIGOV_OK)
        return st;
    aigov_record_use(c->extra, c->rules.rules);
    st = write_made(c, in, kind, subject, fields, receipt);
    aigov_record_use(c->extra, NULL);
    return st;
}
