/*
 * audit.c - decisions taken again; cases and lint of policies
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.reproduce([since [, until]])
 *   aigov.replay(policy, version [, since [, until [, mode]]])
 *   aigov.policy_test(policy, version)
 *   aigov.policy_lint(policy, version)
 *   aigov.explain_decision(id)
 *
 * The core goes over the log (core/log/audit.c); here are the rows that it asks
 * for, of one snapshot.  Replay and policy_test leave an access entry where
 * something can be written.
 */
#include "pg_aigov.h"

#include "access/xlog.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

typedef struct auditing {
    aigov_audit *audit;
    aigov_audit_host host;
    Relation entry, content;
    Snapshot snapshot;
    MemoryContext row, document, request; /* of what was asked for last */
    Tuplestorestate *out;
    TupleDesc desc;
    void (*give)(struct auditing *a, const aigov_retaken *r);
    int64 rows, differ;
    Datum explained; /* of explain_decision */
    ErrorData *error;
} auditing;

static void throw(const auditing *a, const aigov_error *err)
{
    if (a->error)
        ReThrowError(a->error);
    core_throw(err);
}

/* --- what the core asks for -------------------------------------------------
 */

static void read_entry(const auditing *a, int64 log, int64 lane, int64 seq,
                       aigov_entry *out)
{
    HeapTuple tuple =
        row_at(a->entry, a->snapshot, (int32)log, (int32)lane, seq);
    row_reader *reader = palloc(sizeof *reader);

    if (!HeapTupleIsValid(tuple))
        fail(AIGOV_CHAIN, NULL, "an entry went away");
    reader_init(reader, a->entry);
    reader_entry(reader, tuple, out);
}

static aigov_status entry_at(void *host, int64_t log, int64_t lane, int64_t seq,
                             aigov_entry *out, aigov_error *err)
{
    auditing *a = host;

    core_guarded(a, err, {
        MemoryContext old;

        CHECK_FOR_INTERRUPTS();
        MemoryContextReset(a->row);
        old = MemoryContextSwitchTo(a->row);
        read_entry(a, log, lane, seq, out);
        MemoryContextSwitchTo(old);
    });
    return AIGOV_OK;
}

static void read_document(const auditing *a, const aigov_entry *e,
                          aigov_span *out)
{
    HeapTuple tuple =
        row_at(a->content, a->snapshot, (int32)e->log, (int32)e->lane, e->seq);
    row_reader reader;
    aigov_content c;

    if (!HeapTupleIsValid(tuple))
        return;
    reader_init(&reader, a->content);
    reader_content(&reader, tuple, &c);
    *out = c.body;
}

static aigov_status content_of(void *host, const aigov_entry *e,
                               aigov_span *out, aigov_error *err)
{
    auditing *a = host;

    *out = AIGOV_ABSENT;
    core_guarded(a, err, {
        MemoryContext old;

        MemoryContextReset(a->document);
        old = MemoryContextSwitchTo(a->document);
        read_document(a, e, out);
        MemoryContextSwitchTo(old);
    });
    return AIGOV_OK;
}

typedef struct search {
    const aigov_entry *answer;
    char *login; /* of its recorded_by, or NULL */
    aigov_entry *out;
} search;

static bool is_before(const aigov_entry *a, const aigov_entry *b)
{
    return a->at != b->at       ? a->at < b->at
           : a->lane != b->lane ? a->lane < b->lane
                                : a->seq < b->seq;
}

static void take_request(void *arg, const aigov_entry *e)
{
    search *s = arg;
    char *login;

    if (!aigov_span_is(e->kind, "request") || !is_before(e, s->answer) ||
        (s->out->body.p && is_before(e, s->out)))
        return;
    login = json_member(e->recorded_by, "login");
    if (login == s->login || (login && s->login && !strcmp(login, s->login)))
        *s->out = *e;
}

static void find_request(const auditing *a, const aigov_entry *e,
                         aigov_entry *out)
{
    search s = {e, json_member(e->recorded_by, "login"), out};

    rows_of_interaction(a->entry, (int32)e->log, e->interaction, take_request,
                        &s);
}

static aigov_status request_of(void *host, const aigov_entry *e,
                               aigov_entry *out, aigov_error *err)
{
    auditing *a = host;

    if (!e->interaction.p)
        return AIGOV_OK;
    core_guarded(a, err, {
        MemoryContext old;

        MemoryContextReset(a->request);
        old = MemoryContextSwitchTo(a->request);
        find_request(a, e, out);
        MemoryContextSwitchTo(old);
    });
    return AIGOV_OK;
}

static aigov_status row_of(void *host, const aigov_retaken *r, aigov_error *err)
{
    auditing *a = host;

    a->rows++;
    a->differ += r->differs || r->undecidable ? 1 : 0;
    core_guarded(a, err, a->give(a, r));
    return AIGOV_OK;
}

/* --- places -----------------------------------------------------------------
 */

#define SMALL(name)                                                            \
    AllocSetContextCreate(CurrentMemoryContext, name, ALLOCSET_SMALL_SIZES)

static void audit_begin(auditing *a, aigov_audit_mode mode, aigov_span version)
{
    own_log *own = log_find();
    aigov_error err;

    a->host = (aigov_audit_host){a, entry_at, content_of, request_of, row_of};
    a->row = SMALL("aigov audit entry");
    a->document = SMALL("aigov audit content");
    a->request = SMALL("aigov audit request");
    a->entry = table_open(own->entry, AccessShareLock);
    a->content = table_open(own->content, AccessShareLock);
    a->snapshot = RegisterSnapshot(GetLatestSnapshot());
    core_try(aigov_audit_new(core_scratch(), mode, version, &a->host, &a->audit,
                             &err));
}

static void audit_end(auditing *a)
{
    aigov_audit_free(a->audit);
    UnregisterSnapshot(a->snapshot);
    table_close(a->content, AccessShareLock);
    table_close(a->entry, AccessShareLock);
}

/* Lane 0 of a log comes first in its order. */
static void note_zero(auditing *a, int32 log)
{
    ordered *o = ordered_begin(a->entry, a->snapshot, log);
    row_reader reader;
    HeapTuple tuple;
    aigov_error err;

    reader_init(&reader, a->entry);
    while (HeapTupleIsValid(tuple = ordered_next(o))) {
        aigov_entry e;

        CHECK_FOR_INTERRUPTS();
        reader_entry(&reader, tuple, &e);
        if (e.lane > 0)
            break;
        if (e.hash.n == AIGOV_HASH_LEN)
            core_try(aigov_audit_zero(a->audit, e.log, e.seq,
                                      (const uint8_t *)e.hash.p, &err));
    }
    ordered_end(o);
}

static bool is_decision(const aigov_entry *e)
{
    return e->decision.p != NULL && (aigov_span_is(e->kind, "request") ||
                                     aigov_span_is(e->kind, "response") ||
                                     aigov_span_is(e->kind, "interaction"));
}

static void note_decision(auditing *a, const aigov_entry *e)
{
    char *under = e->body.p ? json_member(e->body, "under") : NULL;
    aigov_error err;

    core_try(aigov_audit_decision(a->audit, e->log, e->lane, e->seq,
                                  under ? aigov_str(under) : AIGOV_ABSENT,
                                  &err));
}

static void note_decisions(auditing *a, int32 log, int64 since, int64 until)
{
    ordered *o = ordered_begin(a->entry, a->snapshot, log);
    MemoryContext cxt = SMALL("aigov audit decisions"), old;
    HeapTuple tuple;

    while (HeapTupleIsValid(tuple = ordered_next(o))) {
        row_reader reader;
        aigov_entry e;

        CHECK_FOR_INTERRUPTS();
        MemoryContextReset(cxt);
        old = MemoryContextSwitchTo(cxt);
        reader_init(&reader, a->entry);
        reader_entry(&reader, tuple, &e);
        if (is_decision(&e) && e.at >= since && e.at < until) {
            MemoryContextSwitchTo(old);
            note_decision(a, &e);
        }
        MemoryContextSwitchTo(old);
    }
    MemoryContextDelete(cxt);
    ordered_end(o);
}

/* Oldest log first: log_chain has the own one first. */
static List *logs(void)
{
    int32 log = log_argument(0);
    List *chain = log ? log_chain(log) : NIL, *out = NIL;
    ListCell *cell;

    foreach (cell, chain)
        out = lcons_int(lfirst_int(cell), out);
    return out;
}

static void audit_run(auditing *a, int64 since, int64 until)
{
    List *chain = logs();
    ListCell *cell;
    aigov_error err;

    foreach (cell, chain)
        note_zero(a, lfirst_int(cell));
    foreach (cell, chain)
        note_decisions(a, lfirst_int(cell), since, until);
    if (aigov_audit_run(a->audit, &err) != AIGOV_OK)
        throw(a, &err);
}

static int64 arg_since(FunctionCallInfo fcinfo, int i)
{
    return PG_ARGISNULL(i) || TIMESTAMP_IS_NOBEGIN(PG_GETARG_TIMESTAMPTZ(i))
               ? PG_INT64_MIN
           : TIMESTAMP_IS_NOEND(PG_GETARG_TIMESTAMPTZ(i))
               ? PG_INT64_MAX
               : PG_GETARG_TIMESTAMPTZ(i) + EPOCH_SHIFT;
}

static int64 arg_until(FunctionCallInfo fcinfo, int i)
{
    return PG_ARGISNULL(i) ? PG_INT64_MAX : arg_since(fcinfo, i);
}

/* --- rows -------------------------------------------------------------------
 */

static void put_place(const aigov_entry *e, Datum values[5])
{
    values[0] = DirectFunctionCall1(uuid_in, CStringGetDatum(e->id.p));
    values[1] = Int32GetDatum((int32)e->log);
    values[2] = Int32GetDatum((int32)e->lane);
    values[3] = Int64GetDatum(e->seq);
    values[4] = TimestampTzGetDatum(e->at - EPOCH_SHIFT);
}

static void put_text(Datum *value, bool *null, aigov_span s)
{
    *null = s.p == NULL;
    *value = s.p ? span_datum(s) : (Datum)0;
}

static void give_reproduced(auditing *a, const aigov_retaken *r)
{
    Datum values[9];
    bool nulls[9] = {false};

    put_place(r->entry, values);
    values[5] = BoolGetDatum(r->differs);
    values[6] = CStringGetTextDatum(r->why);
    put_text(&values[7], &nulls[7], r->entry->decision);
    put_text(&values[8], &nulls[8], r->decision);
    tuplestore_putvalues(a->out, a->desc, values, nulls);
}

static void give_replayed(auditing *a, const aigov_retaken *r)
{
    Datum values[11];
    bool nulls[11] = {false};

    put_place(r->entry, values);
    put_text(&values[5], &nulls[5], r->entry->system);
    put_text(&values[6], &nulls[6], r->entry->decision);
    put_text(&values[7], &nulls[7], r->decision);
    values[8] = BoolGetDatum(r->differs);
    put_text(&values[9], &nulls[9],
             r->undecidable ? aigov_str(r->why) : AIGOV_ABSENT);
    values[10] = Int64GetDatum(r->tokens);
    tuplestore_putvalues(a->out, a->desc, values, nulls);
}

static void give_explained(auditing *a, const aigov_retaken *r)
{
    a->explained = span_datum(r->answer);
}

/* --- what is recorded of it -------------------------------------------------
 */

/* Nothing is written on a standby or in a read-only transaction. */
static void record_access(const char *type, aigov_span version, int64 rows,
                          bool ok)
{
    aigov_buf b;
    writer w;

    if (XactReadOnly || RecoveryInProgress())
        return;
    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, ok ? "{\"ok\":true,\"parameters\":{"
                                      : "{\"ok\":false,\"parameters\":{") &&
                member(&b, "version", version) &&
                aigov_buf_puts(&b, "},\"rows\":") &&
                aigov_buf_put_i64(&b, rows) &&
                member(&b, "type", aigov_str(type)) && aigov_buf_puts(&b, "}"));
    write_begin(&w, "aigov.replay() and aigov.policy_test()");
    write_told(&w, "access", aigov_str(type), aigov_buf_span(&b), NULL);
    write_end(&w);
}

/* "main/8" */
static aigov_span version_of(FunctionCallInfo fcinfo)
{
    aigov_span policy = arg_bytes(fcinfo, 0, "policy");

    if (PG_ARGISNULL(1))
        fail(AIGOV_NULLARG, NULL, "version is NULL");
    return aigov_str(psprintf("%.*s/" INT64_FORMAT,
                              (int)Min(policy.n, (size_t)200), policy.p,
                              PG_GETARG_INT64(1)));
}

/* --- reproduce, replay, explain ---------------------------------------------
 */

PG_FUNCTION_INFO_V1(pg_aigov_reproduce);

Datum pg_aigov_reproduce(PG_FUNCTION_ARGS)
{
    auditing a = {.give = give_reproduced};

    a.out = srf_begin(fcinfo, &a.desc);
    audit_begin(&a, AIGOV_REPRODUCE, AIGOV_ABSENT);
    audit_run(&a, arg_since(fcinfo, 0), arg_until(fcinfo, 1));
    audit_end(&a);
    return (Datum)0;
}

PG_FUNCTION_INFO_V1(pg_aigov_replay);

Datum pg_aigov_replay(PG_FUNCTION_ARGS)
{
    auditing a = {.give = give_replayed};
    aigov_span version = version_of(fcinfo);

    if (!PG_ARGISNULL(4) &&
        !aigov_span_is(arg_bytes(fcinfo, 4, "mode"), "frozen"))
        fail(AIGOV_ARG, "mode 'frozen'", "a replay is frozen");
    a.out = srf_begin(fcinfo, &a.desc);
    audit_begin(&a, AIGOV_REPLAY, version);
    audit_run(&a, arg_since(fcinfo, 2), arg_until(fcinfo, 3));
    audit_end(&a);
    record_access("replay", version, a.rows, a.differ == 0);
    return (Datum)0;
}

static void find_entry(auditing *a, const uint8_t *id, aigov_entry *e)
{
    HeapTuple tuple = row_by_id(a->entry, a->snapshot, id, logs());
    row_reader *reader = palloc(sizeof *reader);

    if (HeapTupleIsValid(tuple)) {
        reader_init(reader, a->entry);
        reader_entry(reader, tuple, e);
        if (is_decision(e))
            return;
    }
    fail(AIGOV_NOENTRY, NULL, "no decision has this id");
}

PG_FUNCTION_INFO_V1(pg_aigov_explain_decision);

Datum pg_aigov_explain_decision(PG_FUNCTION_ARGS)
{
    auditing a = {.give = give_explained};
    aigov_entry e;
    aigov_error err;
    List *chain;
    ListCell *cell;

    audit_begin(&a, AIGOV_EXPLAIN, AIGOV_ABSENT);
    find_entry(&a, PG_GETARG_UUID_P(0)->data, &e);
    chain = logs();
    foreach (cell, chain)
        note_zero(&a, lfirst_int(cell));
    note_decision(&a, &e);
    if (aigov_audit_run(a.audit, &err) != AIGOV_OK)
        throw(&a, &err);
    audit_end(&a);
    return a.explained;
}

/* --- policy_test, policy_lint -----------------------------------------------
 */

static aigov_policies *known(void)
{
    aigov_policies *p = policies_now();

    if (!p)
        fail(AIGOV_NOENTRY, NULL, "there is no such version of a policy");
    return p;
}

static void give_tested(auditing *a, const aigov_tested *t)
{
    Datum values[7];
    bool nulls[7] = {false};

    put_text(&values[0], &nulls[0], t->name);
    put_text(&values[1], &nulls[1], t->expected);
    put_text(&values[2], &nulls[2], t->got);
    put_text(&values[3], &nulls[3], t->expected_rules);
    put_text(&values[4], &nulls[4], t->rules);
    values[5] = BoolGetDatum(t->passed);
    put_text(&values[6], &nulls[6], t->detail);
    tuplestore_putvalues(a->out, a->desc, values, nulls);
}

static aigov_status tested(void *host, const aigov_tested *t, aigov_error *err)
{
    auditing *a = host;

    a->rows++;
    a->differ += t->passed ? 0 : 1;
    core_guarded(a, err, give_tested(a, t));
    return AIGOV_OK;
}

PG_FUNCTION_INFO_V1(pg_aigov_policy_test);

Datum pg_aigov_policy_test(PG_FUNCTION_ARGS)
{
    auditing a = {0};
    aigov_span version = version_of(fcinfo);
    aigov_error err;

    a.out = srf_begin(fcinfo, &a.desc);
    if (aigov_policy_test(known(), version, tested, &a, &err) != AIGOV_OK)
        throw(&a, &err);
    record_access("policy_test", version, a.rows, a.differ == 0);
    return (Datum)0;
}

static void give_linted(auditing *a, const aigov_linted *l)
{
    Datum values[5];
    bool nulls[5] = {false};

    values[0] = CStringGetTextDatum(l->severity);
    put_text(&values[1], &nulls[1], l->rule);
    values[2] = CStringGetTextDatum(l->code);
    put_text(&values[3], &nulls[3], l->message);
    nulls[4] = l->position < 0;
    values[4] = Int64GetDatum(l->position);
    tuplestore_putvalues(a->out, a->desc, values, nulls);
}

static aigov_status linted(void *host, const aigov_linted *l, aigov_error *err)
{
    auditing *a = host;

    core_guarded(a, err, give_linted(a, l));
    return AIGOV_OK;
}

PG_FUNCTION_INFO_V1(pg_aigov_policy_lint);

Datum pg_aigov_policy_lint(PG_FUNCTION_ARGS)
{
    auditing a = {0};
    aigov_span version = version_of(fcinfo);
    aigov_error err;

    a.out = srf_begin(fcinfo, &a.desc);
    if (aigov_policy_lint(known(), version, linted, &a, &err) != AIGOV_OK)
        throw(&a, &err);
    return (Datum)0;
}
