/*
 * append.c - one record in, one receipt out
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.append(record text | json | jsonb | bytea)   the receipt
 *   aigov.receipt()   the receipt of this connection's last append, or NULL
 *
 * text comes first for drivers: a literal or an untyped parameter resolves to
 * it and skips PostgreSQL's JSON parser; jsonb has normalised the record before
 * we see it; bytea takes what text cannot hold (not UTF-8, U+0000).
 */
#include "pg_aigov.h"

#include "utils/fmgrprotos.h"
#include "utils/inval.h"
#include "utils/syscache.h"

/* --- who
 * ---------------------------------------------------------------------- */

static struct {
    bool valid;
    Oid login, role;
    char application[NAMEDATALEN];
    char name[NAMEDATALEN]; /* of the login */
    aigov_buf json;
} who;

static void forget_names(Datum arg, int cache, uint32 hash)
{
    who.valid = false;
}

/* As inet_client_addr(): NULL over a Unix socket and in a worker. */
static char *client_address(void)
{
    LOCAL_FCINFO(call, 0);
    Datum address;

    InitFunctionCallInfoData(*call, NULL, 0, InvalidOid, NULL, NULL);
    address = inet_client_addr(call);
    if (call->isnull)
        return NULL;
    return TextDatumGetCString(DirectFunctionCall1(network_host, address));
}

static void find_who(Oid login, Oid role)
{
    aigov_error err;

    if (!who.json.ctx) {
        aigov_buf_init(&who.json, core()->ctx);
        CacheRegisterSyscacheCallback(AUTHOID, forget_names, (Datum)0);
    }
    strlcpy(who.application, application_name ? application_name : "",
            sizeof who.application);
    strlcpy(who.name, GetUserNameFromId(login, false), sizeof who.name);
    who.json.n = 0;
    core_try(aigov_recorded_by(
        core()->ctx, aigov_str(who.name),
        aigov_str(GetUserNameFromId(role, false)),
        who.application[0] ? aigov_str(who.application) : AIGOV_ABSENT,
        aigov_str(client_address()), true, &who.json, &err));
    who.login = login;
    who.role = role;
    who.valid = true;
}

/* Stamped by the server, never taken from the record. */
aigov_span recorded_by_now(void)
{
    Oid login = GetSessionUserId(), role = GetUserId();

    if (!who.valid || who.login != login || who.role != role ||
        strcmp(who.application, application_name ? application_name : "") != 0)
        find_who(login, role);
    return aigov_buf_span(&who.json);
}

aigov_span login_now(void)
{
    recorded_by_now();
    return aigov_str(who.name);
}

/* --- the last receipt
 * ------------------------------------------------------------ */

/* Of a transaction that was rolled back there is none. */
static struct {
    int level; /* of the subtransaction that made it; 0 once committed */
    Oid login;
} last;

static void at_xact(XactEvent event, void *arg)
{
    if (event == XACT_EVENT_ABORT && last.level > 0)
        core()->receipt.n = 0;
    if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT ||
        event == XACT_EVENT_PREPARE)
        last.level = 0;
}

static void at_subxact(SubXactEvent event, SubTransactionId sub,
                       SubTransactionId parent, void *arg)
{
    int level = GetCurrentTransactionNestLevel();

    if (last.level < level)
        return;
    if (event == SUBXACT_EVENT_ABORT_SUB) {
        core()->receipt.n = 0;
        last.level = 0;
    } else if (event == SUBXACT_EVENT_COMMIT_SUB) {
        last.level = level - 1;
    }
}

void receipt_keep(aigov_span receipt)
{
    static bool registered;
    core_state *s = core();

    if (!registered) {
        RegisterXactCallback(at_xact, NULL);
        RegisterSubXactCallback(at_subxact, NULL);
        registered = true;
    }
    s->receipt.n = 0;
    core_enough(aigov_buf_put(&s->receipt, receipt.p, receipt.n));
    last.level = GetCurrentTransactionNestLevel();
    last.login = GetSessionUserId();
}

Datum receipt_datum(void)
{
    return span_datum(aigov_buf_span(&core()->receipt));
}

PG_FUNCTION_INFO_V1(pg_aigov_receipt);

Datum pg_aigov_receipt(PG_FUNCTION_ARGS)
{
    if (core()->receipt.n == 0 || last.login != GetSessionUserId())
        PG_RETURN_NULL();
    return receipt_datum();
}

/* --- append
 * -------------------------------------------------------------------------- */

/* Time, id and salt are drawn before the decision, which reads the first and
 * signs with the last. */
static void prepare_judge(writer *w, aigov_policies *policies, aigov_judge *j)
{
    aigov_error err;

    ledger_init(&w->ledger, w);
    j->policies = policies;
    j->ledger = &w->ledger.of;
    j->now = Max(clock_now(), w->zero.at);
    core_try(aigov_uuid7(core()->ctx, j->now, j->id, &err));
    core_try(aigov_random(core()->ctx, j->salt, sizeof j->salt, &err));
}

aigov_status record_read(writer *w, aigov_record *r, aigov_judge *judge,
                         aigov_span json, aigov_error *err)
{
    aigov_policies *policies =
        w->zero.seq > 0 ? policies_at(&w->entry, w->own->log, &w->zero, false)
                        : NULL;
    aigov_status st;

    aigov_record_use(r, w->rules);
    if (!aigov_policies_any(policies)) {
        aigov_record_judge(r, NULL);
        return aigov_record_read(r, json, err);
    }
    prepare_judge(w, policies, judge);
    aigov_record_judge(r, judge);
    st = aigov_record_read(r, json, err);
    aigov_record_judge(r, NULL);
    ledger_throw(&w->ledger);
    return st;
}

void append_record(writer *w, aigov_span json)
{
    core_state *s = core();
    aigov_duplicate answer;
    aigov_entry e;
    aigov_error err;

    write_open(w, "aigov.append()");
    rules_of_writer(w);
    core_try(record_read(w, s->record, &w->judge, json, &err));
    write_ready(w);
    s->scratch.n = 0;
    core_try(write_entry(w, s->record, 0, &s->scratch, &e, &answer, &err));
    write_end(w);
    receipt_keep(aigov_buf_span(&s->scratch));
    core_trim(json.n);
}

PG_FUNCTION_INFO_V1(pg_aigov_append);

Datum pg_aigov_append(PG_FUNCTION_ARGS)
{
    writer w;

    append_record(&w, arg_bytes(fcinfo, 0, "record"));
    return receipt_datum();
}

PG_FUNCTION_INFO_V1(pg_aigov_append_jsonb);

Datum pg_aigov_append_jsonb(PG_FUNCTION_ARGS)
{
    writer w;

    append_record(&w, arg_jsonb(fcinfo, 0, "record"));
    return receipt_datum();
}
