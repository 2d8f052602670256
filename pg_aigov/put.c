/*
 * put.c - governance records: the next revision of (kind, subject)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.put(kind, subject, body)   the receipt; body is the whole revision
 *
 * Who may put a kind is its written_by: the privilege steward, approver or
 * operator, of the role that calls.  Revisions count from 1, under lane 0.  A
 * body that names `replaces` is refused where a newer revision is there.  What
 * the log has against a put is govern.c's.
 */
#include "pg_aigov.h"

static void check_privilege(const aigov_kind *kind, aigov_span subject)
{
    if (!has_privilege(kind->written_by))
        fail(AIGOV_DENIED,
             psprintf("the owner: SELECT aigov.grant('%s', '<role>')",
                      kind->written_by),
             "%s %.*s: login %s holds %s, kind %s needs %s", kind->name,
             (int)subject.n, subject.p,
             GetUserNameFromId(GetSessionUserId(), false), privileges_held(),
             kind->name, kind->written_by);
}

static void check_replaces(const aigov_draft *d, int64 latest)
{
    if (d->has_replaces && d->replaces != latest)
        fail(AIGOV_PUT, "read the latest revision and put again",
             "replaces is " INT64_FORMAT
             ", but the latest revision is " INT64_FORMAT,
             (int64)d->replaces, latest);
}

void put_revision(writer *w, aigov_span kind, aigov_span subject)
{
    core_state *s = core();
    const aigov_draft *d = aigov_record_draft(s->record);
    aigov_duplicate answer;
    revision latest;
    aigov_entry e;
    aigov_error err;

    latest_revision(w, span_cstring(kind), subject, 0, &latest);
    check_replaces(d, latest.number);
    s->scratch.n = 0;
    core_try(write_entry(w, s->record, latest.number + 1, &s->scratch, &e,
                         &answer, &err));
    write_end(w);
    /* So that the next put of the same statement sees this one. */
    CommandCounterIncrement();
    receipt_keep(aigov_buf_span(&s->scratch));
    core_trim(d->input_size);
}

void put_body(aigov_span kind, aigov_span subject, aigov_span body)
{
    core_state *s = core();
    aigov_error err;
    writer w;

    core_try(aigov_record_put(s->record, kind, subject, body, &err));
    check_privilege(aigov_kind_find(kind), subject);
    write_begin(&w, "aigov.put()");
    if (aigov_record_draft(s->record)->governance) {
        lane_wait(w.own->entry, 0);
        settle(&w, true);
    }
    govern_check(&w, kind, subject, body);
    put_revision(&w, kind, subject);
}

static Datum put(aigov_span kind, aigov_span subject, aigov_span body)
{
    put_body(kind, subject, body);
    return receipt_datum();
}

PG_FUNCTION_INFO_V1(pg_aigov_put);

Datum pg_aigov_put(PG_FUNCTION_ARGS)
{
    aigov_span kind = arg_bytes(fcinfo, 0, "kind");
    aigov_span subject = arg_bytes(fcinfo, 1, "subject");

    return put(kind, subject, arg_bytes(fcinfo, 2, "body"));
}

PG_FUNCTION_INFO_V1(pg_aigov_put_jsonb);

Datum pg_aigov_put_jsonb(PG_FUNCTION_ARGS)
{
    aigov_span kind = arg_bytes(fcinfo, 0, "kind");
    aigov_span subject = arg_bytes(fcinfo, 1, "subject");

    return put(kind, subject, arg_jsonb(fcinfo, 2, "body"));
}
