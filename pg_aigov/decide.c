/*
 * decide.c - ask before a call, tell after it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.guard(request)                   decided, redacted, recorded
 *   aigov.complete(interaction, response)  the same of the answer
 *   aigov.check(request)                   guard's answer; nothing is recorded
 *
 * Each is one record, read by the same stages as an append's, in one
 * transaction: a decision that was answered is in the log.  A call held or
 * denied gets no `send`.
 */
#include "pg_aigov.h"

/* --- guard ------------------------------------------------------------------
 */

static aigov_span send_of(aigov_record *r, aigov_span decision, aigov_buf *out)
{
    aigov_error err;

    if (!aigov_may_go(decision))
        return AIGOV_ABSENT;
    core_try(aigov_record_send(r, out, &err));
    return aigov_buf_span(out);
}

/* So that an error leaves nothing of this call in the record object. */
static void read_asked(writer *w, aigov_asked *asked, aigov_span json)
{
    aigov_record *r = core()->record;
    aigov_error err;
    aigov_status st;

    ledger_init(&w->ledger, w);
    asked->ledger = &w->ledger.of;
    aigov_record_asked(r, asked);
    PG_TRY();
    {
        st = record_read(w, r, &w->judge, json, &err);
        ledger_throw(&w->ledger);
    }
    PG_CATCH();
    {
        aigov_record_asked(r, NULL);
        PG_RE_THROW();
    }
    PG_END_TRY();
    aigov_record_asked(r, NULL);
    if (st != AIGOV_OK)
        core_throw(&err);
}

static Datum answer_of(const aigov_entry *e, aigov_duplicate duplicate,
                       const char *name, aigov_span value)
{
    core_state *s = core();
    aigov_buf out;
    aigov_error err;
    Datum d;

    aigov_buf_init(&out, core_scratch());
    core_try(aigov_call_answer(s->ctx, e, duplicate, name, value, &out, &err));
    d = span_datum(aigov_buf_span(&out));
    return d;
}

static Datum guard(aigov_span json)
{
    aigov_asked asked = {{"request", 7}, NULL, {NULL, 0}, NULL};
    core_state *s = core();
    aigov_duplicate duplicate;
    aigov_buf send;
    aigov_entry e;
    aigov_error err;
    writer w;
    Datum answer;

    write_open(&w, "aigov.guard()");
    rules_of_writer(&w);
    read_asked(&w, &asked, json);
    aigov_buf_init(&send, core_scratch());
    write_ready(&w);
    s->scratch.n = 0;
    core_try(write_entry(&w, s->record, 0, &s->scratch, &e, &duplicate, &err));
    answer =
        answer_of(&e, duplicate, "send", send_of(s->record, e.decision, &send));
    write_end(&w);
    receipt_keep(aigov_buf_span(&s->scratch));
    core_trim(json.n);
    return answer;
}

PG_FUNCTION_INFO_V1(pg_aigov_guard);

Datum pg_aigov_guard(PG_FUNCTION_ARGS)
{
    return guard(arg_bytes(fcinfo, 0, "request"));
}

PG_FUNCTION_INFO_V1(pg_aigov_guard_jsonb);

Datum pg_aigov_guard_jsonb(PG_FUNCTION_ARGS)
{
    return guard(arg_jsonb(fcinfo, 0, "request"));
}

/* --- complete ---------------------------------------------------------------
 */

typedef struct request_of {
    char *system;
} request_of;

static void take_system(void *arg, const aigov_entry *e)
{
    request_of *q = arg;

    if (aigov_span_is(e->kind, "request") && login_is_ours(e->recorded_by) &&
        e->system.p)
        q->system = span_cstring(e->system);
}

/* What this actor may see of the answer. */
static aigov_span output_of(aigov_record *r, aigov_span decision,
                            aigov_buf *out)
{
    aigov_error err;

    if (!aigov_may_go(decision))
        return AIGOV_ABSENT;
    core_try(aigov_record_output(r, out, &err));
    return aigov_buf_span(out);
}

static Datum complete(const pg_uuid_t *interaction, aigov_span json)
{
    core_state *s = core();
    aigov_asked asked = {{"response", 8}, interaction->data, {NULL, 0}, NULL};
    request_of request = {NULL};
    aigov_duplicate duplicate;
    aigov_buf output;
    aigov_entry e;
    aigov_error err;
    writer w;
    Datum answer;
    char id[AIGOV_UUID_LEN + 1];

    write_open(&w, "aigov.complete()");
    rules_of_writer(&w);
    aigov_uuid_format(interaction->data, id);
    if (w.zero.seq > 0)
        rows_of_interaction(w.entry.rel, w.own->log,
                            (aigov_span){id, AIGOV_UUID_LEN}, take_system,
                            &request);
    asked.system = aigov_str(request.system);
    read_asked(&w, &asked, json);
    aigov_buf_init(&output, core_scratch());
    write_ready(&w);
    s->scratch.n = 0;
    core_try(write_entry(&w, s->record, 0, &s->scratch, &e, &duplicate, &err));
    answer = answer_of(&e, duplicate, "output",
                       output_of(s->record, e.decision, &output));
    write_end(&w);
    receipt_keep(aigov_buf_span(&s->scratch));
    core_trim(json.n);
    return answer;
}

PG_FUNCTION_INFO_V1(pg_aigov_complete);

Datum pg_aigov_complete(PG_FUNCTION_ARGS)
{
    if (PG_ARGISNULL(0))
        fail(AIGOV_NULLARG, NULL, "interaction is NULL");
    return complete(PG_GETARG_UUID_P(0), arg_bytes(fcinfo, 1, "response"));
}

PG_FUNCTION_INFO_V1(pg_aigov_complete_jsonb);

Datum pg_aigov_complete_jsonb(PG_FUNCTION_ARGS)
{
    if (PG_ARGISNULL(0))
        fail(AIGOV_NULLARG, NULL, "interaction is NULL");
    return complete(PG_GETARG_UUID_P(0), arg_jsonb(fcinfo, 1, "response"));
}

/* --- check ------------------------------------------------------------------
 */

static Datum check(aigov_span json)
{
    aigov_asked asked = {{"request", 7}, NULL, {NULL, 0}, NULL};
    aigov_record *r = core()->record;
    aigov_buf send, out;
    aigov_error err;
    writer w;

    write_open(&w, "aigov.check()");
    rules_of_writer(&w);
    read_asked(&w, &asked, json);
    aigov_buf_init(&send, core_scratch());
    aigov_buf_init(&out, core_scratch());
    core_try(aigov_record_check(
        r, send_of(r, aigov_record_draft(r)->decision, &send), &out, &err));
    write_end(&w);
    core_trim(json.n);
    return span_datum(aigov_buf_span(&out));
}

PG_FUNCTION_INFO_V1(pg_aigov_check);

Datum pg_aigov_check(PG_FUNCTION_ARGS)
{
    return check(arg_bytes(fcinfo, 0, "request"));
}

PG_FUNCTION_INFO_V1(pg_aigov_check_jsonb);

Datum pg_aigov_check_jsonb(PG_FUNCTION_ARGS)
{
    return check(arg_jsonb(fcinfo, 0, "request"));
}
