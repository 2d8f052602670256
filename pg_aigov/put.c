/*
 * put.c - governance records: the next revision of (kind, subject)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.put(kind, subject, body)   the receipt; body is the whole revision
 *
 * Who may put a kind is its written_by: the privilege steward, approver or
 * operator, of the role that calls.  Revisions count from 1, under lane 0.  A
 * body that names `replaces` is refused where a newer revision is there.  An
 * approval never signs what the same login wrote.
 */
#include "pg_aigov.h"

static void check_privilege(const aigov_kind *kind)
{
    if (!has_privilege(kind->written_by))
        fail(AIGOV_DENIED,
             psprintf("the owner: SELECT aigov.grant('%s', '<role>')",
                      kind->written_by),
             "kind %s is put with the privilege %s", kind->name,
             kind->written_by);
}

static void check_replaces(const aigov_draft *d, int64 latest)
{
    if (d->has_replaces && d->replaces != latest)
        fail(AIGOV_PUT, "read the latest revision and put again",
             "replaces is " INT64_FORMAT
             ", but the latest revision is " INT64_FORMAT,
             (int64)d->replaces, latest);
}

/* record is "kind/subject" and rev the revision that is signed. */
static void check_approval(writer *w, aigov_span body)
{
    char *record = json_member(body, "record");
    char *rev = json_member(body, "rev"), *slash;
    revision signed_one;

    slash = record ? strchr(record, '/') : NULL;
    if (!slash || !rev)
        return;
    *slash++ = 0;
    latest_revision(w, record, aigov_str(slash), atol(rev), &signed_one);
    if (signed_one.number == 0)
        fail(AIGOV_PUT, NULL, "there is no revision %s of %s/%s", rev, record,
             slash);
    if (signed_one.login &&
        strcmp(signed_one.login,
               GetUserNameFromId(GetSessionUserId(), false)) == 0)
        fail(AIGOV_PUT, "another login signs it",
             "login %s wrote this revision and cannot approve it",
             signed_one.login);
}

static Datum put(aigov_span kind_name, aigov_span subject, aigov_span body)
{
    const aigov_kind *kind = aigov_kind_find(kind_name);
    core_state *s = core();
    const aigov_draft *d;
    aigov_duplicate answer;
    revision latest;
    aigov_entry e;
    writer w;
    aigov_error err;

    core_try(aigov_record_put(s->record, kind_name, subject, body, &err));
    check_privilege(kind);
    d = aigov_record_draft(s->record);
    write_begin(&w, "aigov.put()");
    if (d->governance) {
        lane_wait(w.own->entry, 0);
        settle(&w, true);
    }
    latest_revision(&w, kind->name, subject, 0, &latest);
    check_replaces(d, latest.number);
    if (strcmp(kind->name, "approval") == 0)
        check_approval(&w, body);
    s->scratch.n = 0;
    core_try(write_entry(&w, s->record, latest.number + 1, &s->scratch, &e,
                         &answer, &err));
    write_end(&w);
    /* So that the next put of the same statement sees this one. */
    CommandCounterIncrement();
    receipt_keep(aigov_buf_span(&s->scratch));
    core_trim(body.n);
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
