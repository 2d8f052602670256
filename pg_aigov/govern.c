/*
 * govern.c - what governs a put, and the puts that functions make
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.policy_publish(policy, version, mode)                 the receipt
 *   aigov.approve(interaction, outcome, reason [, options])
 *   aigov.exception(subject, outcome, reason, role)
 *   aigov.suspend(system, reason)
 *   aigov.install_pack(name)               {"policy":..,"puts":..,"version":..}
 *
 * The core makes the put and judges it (core/policy/publish.c, check.c); here
 * stands what it looks up, under lane 0, so that nothing comes between.  The
 * login is that of the session.  An error in a look-up is kept and goes on from
 * where the core was called.
 */
#include "pg_aigov.h"

typedef struct look_up {
    writer *w;
    ErrorData *error;
} look_up;

/* --- looking up -------------------------------------------------------------
 */

static aigov_status revision_of(void *host, aigov_span kind, aigov_span subject,
                                int64_t number, aigov_revision *out,
                                aigov_error *err)
{
    look_up *l = host;
    revision latest = {0}, one = {0};

    memset(out, 0, sizeof *out);
    core_guarded(l, err, {
        char *name = span_cstring(kind);

        latest_revision(l->w, name, subject, 0, &latest);
        one = latest;
        if (number > 0 && number != latest.number)
            latest_revision(l->w, name, subject, number, &one);
    });
    out->latest = latest.number;
    out->number = one.number;
    if (one.number > 0) {
        out->login = aigov_str(one.login ? one.login : "");
        out->hash = (aigov_span){one.hash, AIGOV_HASH_LEN};
        out->body = aigov_str(one.body);
    }
    return AIGOV_OK;
}

typedef struct asking {
    aigov_status (*each)(void *, const aigov_entry *, aigov_error *);
    void *arg;
    aigov_error *err;
    aigov_status st;
} asking;

static void give_entry(void *arg, const aigov_entry *e)
{
    asking *a = arg;

    if (a->st == AIGOV_OK)
        a->st = a->each(a->arg, e, a->err);
}

static aigov_status calls(void *host, const uint8_t interaction[16],
                          aigov_status (*each)(void *, const aigov_entry *,
                                               aigov_error *),
                          void *arg, aigov_error *err)
{
    look_up *l = host;
    asking a = {each, arg, err, AIGOV_OK};
    char text[AIGOV_UUID_LEN + 1];

    aigov_uuid_format(interaction, text);
    core_guarded(l, err,
                 rows_of_interaction(l->w->entry.rel, l->w->own->log,
                                     (aigov_span){text, AIGOV_UUID_LEN},
                                     give_entry, &a));
    return a.st;
}

/* --- judging ----------------------------------------------------------------
 */

static aigov_put_by by_login(look_up *l)
{
    aigov_put_by by = {0};

    by.login = aigov_str(GetUserNameFromId(GetSessionUserId(), false));
    by.now = clock_now();
    by.host = l;
    by.revision = revision_of;
    by.calls = calls;
    return by;
}

static aigov_policies *policies_of_put(writer *w)
{
    lane_head zero;

    lane_read(&w->entry, w->own->log, 0, &zero);
    return policies_at(&w->entry, w->own->log, &zero, true);
}

static void done(look_up *l, aigov_status st, aigov_error *err)
{
    if (l->error)
        ReThrowError(l->error);
    if (st != AIGOV_OK)
        core_throw(err);
}

static void check(writer *w, aigov_policies *p, bool publishes, aigov_span kind,
                  aigov_span subject, aigov_span body)
{
    look_up l = {w, NULL};
    aigov_put_by by = by_login(&l);
    aigov_error err;

    by.publishes = publishes;
    done(&l, aigov_policies_check(p, kind, subject, body, &by, &err), &err);
}

void govern_check(writer *w, aigov_span kind, aigov_span subject,
                  aigov_span body)
{
    if (aigov_policies_check_kind(kind))
        check(w, policies_of_put(w), false, kind, subject, body);
}

/* --- the functions ----------------------------------------------------------
 */

static Datum act(aigov_action action, const char *what, const aigov_span *arg)
{
    core_state *s = core();
    look_up l = {NULL, NULL};
    aigov_policies *policies;
    aigov_put_by by;
    aigov_made made;
    aigov_span kind, subject, body;
    aigov_error err;
    writer w;

    write_begin(&w, what);
    lane_wait(w.own->entry, 0);
    settle(&w, true);
    l.w = &w;
    by = by_login(&l);
    aigov_made_init(&made, core_scratch());
    policies = policies_of_put(&w);
    done(&l, aigov_policies_make(policies, action, arg, &by, &made, &err),
         &err);
    kind = aigov_str(made.kind);
    subject = aigov_buf_span(&made.subject);
    body = aigov_buf_span(&made.body);
    core_try(aigov_record_put(s->record, kind, subject, body, &err));
    check(&w, policies, action == AIGOV_POLICY_PUBLISH, kind, subject, body);
    put_revision(&w, kind, subject);
    return receipt_datum();
}

PG_FUNCTION_INFO_V1(pg_aigov_policy_publish);

Datum pg_aigov_policy_publish(PG_FUNCTION_ARGS)
{
    aigov_span arg[AIGOV_ACTION_ARGS] = {{NULL, 0}};

    arg[0] = arg_bytes(fcinfo, 0, "policy");
    if (PG_ARGISNULL(1))
        fail(AIGOV_NULLARG, NULL, "version is NULL");
    arg[1] = aigov_str(psprintf(INT64_FORMAT, PG_GETARG_INT64(1)));
    arg[2] = arg_bytes(fcinfo, 2, "mode");
    return act(AIGOV_POLICY_PUBLISH, "aigov.policy_publish()", arg);
}

static Datum approve(FunctionCallInfo fcinfo, aigov_span options)
{
    aigov_span arg[AIGOV_ACTION_ARGS] = {{NULL, 0}};
    char id[AIGOV_UUID_LEN + 1];

    if (PG_ARGISNULL(0))
        fail(AIGOV_NULLARG, NULL, "interaction is NULL");
    aigov_uuid_format(PG_GETARG_UUID_P(0)->data, id);
    arg[0] = aigov_str(id);
    arg[1] = arg_bytes(fcinfo, 1, "outcome");
    arg[2] = arg_bytes(fcinfo, 2, "reason");
    arg[3] = options;
    return act(AIGOV_APPROVE, "aigov.approve()", arg);
}

PG_FUNCTION_INFO_V1(pg_aigov_approve);

Datum pg_aigov_approve(PG_FUNCTION_ARGS)
{
    return approve(fcinfo, PG_NARGS() > 3 ? arg_bytes(fcinfo, 3, "options")
                                          : AIGOV_ABSENT);
}

PG_FUNCTION_INFO_V1(pg_aigov_approve_jsonb);

Datum pg_aigov_approve_jsonb(PG_FUNCTION_ARGS)
{
    return approve(fcinfo, arg_jsonb(fcinfo, 3, "options"));
}

PG_FUNCTION_INFO_V1(pg_aigov_exception);

Datum pg_aigov_exception(PG_FUNCTION_ARGS)
{
    static const char *const names[] = {"subject", "outcome", "reason", "role"};
    aigov_span arg[AIGOV_ACTION_ARGS];
    int i;

    for (i = 0; i < AIGOV_ACTION_ARGS; i++)
        arg[i] = arg_bytes(fcinfo, i, names[i]);
    return act(AIGOV_EXCEPTION, "aigov.exception()", arg);
}

PG_FUNCTION_INFO_V1(pg_aigov_suspend);

Datum pg_aigov_suspend(PG_FUNCTION_ARGS)
{
    aigov_span arg[AIGOV_ACTION_ARGS] = {{NULL, 0}};

    arg[0] = arg_bytes(fcinfo, 0, "system");
    arg[1] = arg_bytes(fcinfo, 1, "reason");
    return act(AIGOV_SUSPEND, "aigov.suspend()", arg);
}

/* --- packs ------------------------------------------------------------------
 */

/* The puts of a pack, and the version that it becomes. */
static aigov_span pack_of(aigov_span name, int64_t *version)
{
    look_up l = {NULL, NULL};
    aigov_put_by by;
    aigov_buf list;
    aigov_error err;
    writer w;

    write_begin(&w, "aigov.install_pack()");
    lane_wait(w.own->entry, 0);
    settle(&w, true);
    l.w = &w;
    by = by_login(&l);
    aigov_buf_init(&list, core_scratch());
    done(&l,
         aigov_policies_pack(policies_of_put(&w), name, &by, version, &list,
                             &err),
         &err);
    write_end(&w);
    return aigov_buf_span(&list);
}

static void put_item(const aigov_json *j, uint32_t item, aigov_buf *body)
{
    uint32_t kind = item + 1, subject = j->node[kind].next;
    aigov_error err;

    body->n = 0;
    core_try(aigov_json_canonical(j, j->node[subject].next, body, &err));
    put_body(aigov_json_text(j, kind), aigov_json_text(j, subject),
             aigov_buf_span(body));
}

PG_FUNCTION_INFO_V1(pg_aigov_install_pack);

Datum pg_aigov_install_pack(PG_FUNCTION_ARGS)
{
    aigov_span name = arg_bytes(fcinfo, 0, "name"), list;
    aigov_json j = {.ctx = core_scratch()};
    int64_t version, puts = 0;
    aigov_buf body;
    aigov_error err;
    uint32_t i;

    list = pack_of(name, &version);
    aigov_buf_init(&body, j.ctx);
    core_try(aigov_json_read(&j, AIGOV_JSON_STRICT, list, &err));
    for (i = 1; i < j.nodes; i = j.node[i].next) {
        put_item(&j, i, &body);
        puts++;
    }
    /* one of the names that are built in */
    return span_datum(aigov_str(
        psprintf("{\"policy\":\"%.*s\",\"puts\":%lld,\"version\":%lld}",
                 (int)name.n, name.p, (long long)puts, (long long)version)));
}
