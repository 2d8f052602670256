/*
 * publish.c - policy_publish, approve, exception, suspend
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Each makes the fields of one put out of its arguments and of what the log
 * says, and nothing else: what is made goes through the same checks as what
 * somebody wrote by hand (check.c, sign.c).  Only publishing is judged here,
 * since no put may do it (iso42001/refusals.csv, R-101 to R-104).
 *
 * Who wrote a version: the logins of every revision of its draft and of every
 * revision of its rules.  What published or retired it is not writing.
 *
 * policy.signature is stored as it was put, and not checked: no key is
 * configured for it.
 */
#include "internal.h"

#include <stdio.h>

#define HOUR INT64_C(3600000000)

void aigov_made_init(aigov_made *m, aigov_ctx *ctx)
{
    m->kind = NULL;
    aigov_buf_init(&m->subject, ctx);
    aigov_buf_init(&m->body, ctx);
}

void aigov_made_free(aigov_made *m)
{
    aigov_buf_free(&m->subject);
    aigov_buf_free(&m->body);
}

/* --- writing fields ------------------------------------------------------ */

static bool open_body(aigov_made *m, const char *kind, aigov_span subject)
{
    m->kind = kind;
    m->subject.n = 0;
    m->body.n = 0;
    return aigov_buf_put(&m->subject, subject.p, subject.n) &&
           aigov_buf_puts(&m->body, "{");
}

static bool name(aigov_buf *b, const char *field)
{
    return (b->n <= 1 || aigov_buf_puts(b, ",")) &&
           aigov_buf_put_json_string(b, aigov_str(field)) &&
           aigov_buf_puts(b, ":");
}

/* A member, left out where it is absent. */
static bool text(aigov_buf *b, const char *field, aigov_span s)
{
    return s.p == NULL || (name(b, field) && aigov_buf_put_json_string(b, s));
}

static bool number(aigov_buf *b, const char *field, int64_t v)
{
    return name(b, field) && aigov_buf_put_i64(b, v);
}

static aigov_status close_body(aigov_made *m, bool ok, aigov_error *err)
{
    return ok && aigov_buf_puts(&m->body, "}") ? AIGOV_OK : aigov__nomem(err);
}

/* An approval has an id of its own. */
static aigov_status new_approval(const aigov__case *c, aigov_made *out,
                                 aigov_error *err)
{
    uint8_t id[16];
    char subject[AIGOV_UUID_LEN + 1];
    aigov_status st = aigov_uuid7(c->p->ctx, c->by->now, id, err);
    if (st != AIGOV_OK) {
        return st;
    }
    aigov_uuid_format(id, subject);
    return open_body(out, "approval", aigov_str(subject)) ? AIGOV_OK
                                                          : aigov__nomem(err);
}

/* --- who wrote a version ------------------------------------------------- */

static aigov_status refuse_author(const aigov__case *c, int64_t version,
                                  aigov_error *err)
{
    return aigov__refuse(c, err,
                         "login %.*s wrote version %lld; another login must "
                         "publish it",
                         AIGOV__TEXT(c->by->login), (long long)version);
}

static uint32_t member(const aigov_json *j, uint32_t object, const char *field)
{
    return object != UINT32_MAX && j->node[object].type == AIGOV_JSON_OBJECT
               ? aigov_json_get(j, object, field)
               : 0;
}

/* Whether a revision of a policy or rule wrote into that version. */
static aigov_status wrote(const aigov__case *c, aigov_span body,
                          int64_t version, bool *yes, aigov_error *err)
{
    aigov_json j = {.ctx = c->p->ctx};
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_STRICT, body, err);
    if (st == AIGOV_OK) {
        uint32_t fields = member(&j, 0, "fields");
        uint32_t own = fields != 0 ? member(&j, fields, "version") : 0;
        uint32_t state = fields != 0 ? member(&j, fields, "state") : 0;
        int64_t v;
        *yes =
            own != 0 && aigov_json_i64(&j, own, &v) && v == version &&
            (state == 0 || aigov_span_is(aigov_json_text(&j, state), "draft"));
    }
    aigov_json_free(&j);
    return st;
}

static aigov_status check_author(const aigov__case *c, const char *kind,
                                 aigov_span subject, int64_t version,
                                 aigov_error *err)
{
    int64_t latest = 1;
    for (int64_t n = 1; n <= latest; n++) {
        aigov_revision one;
        bool yes = false;
        aigov_status st = c->by->revision(c->by->host, aigov_str(kind), subject,
                                          n, &one, err);
        if (st != AIGOV_OK) {
            return st;
        }
        latest = one.latest;
        if (one.number == 0 || !aigov_span_eq(one.login, c->by->login)) {
            continue;
        }
        st = wrote(c, one.body, version, &yes, err);
        if (st == AIGOV_OK && yes) {
            st = refuse_author(c, version, err);
        }
        if (st != AIGOV_OK) {
            return st;
        }
    }
    return AIGOV_OK;
}

static aigov_status check_authors(const aigov__case *c, const policy_version *v,
                                  int64_t version, aigov_error *err)
{
    aigov_status st = check_author(c, "policy", c->subject, version, err);
    for (size_t i = 0; i < v->rules && st == AIGOV_OK; i++) {
        st = check_author(c, "rule", v->rule[i].id, version, err);
    }
    return st;
}

/* --- lint and cases ------------------------------------------------------ */

/* What a put would refuse today: a budget that a rule read may be gone, or the
 * facts may be others.  (Here policy_lint is asked, once there is one.) */
static aigov_status check_rules(const aigov__case *c, const policy_version *v,
                                int64_t version, aigov_error *err)
{
    for (size_t i = 0; i < v->rules; i++) {
        if (v->rule[i].cond.program == NULL) {
            aigov__refuse(c, err,
                          "version %lld, rule %.*s: cond does not compile",
                          (long long)version, AIGOV__TEXT(v->rule[i].id));
            err->pos = v->rule[i].cond.at;
            return err->code;
        }
    }
    return AIGOV_OK;
}

/* pci-external of main/7/pci-external: a case stands for all versions. */
static aigov_span rule_name(aigov_span id, aigov_span policy)
{
    size_t n = policy.n;
    if (id.n <= n || id.p[n] != '/' || memcmp(id.p, policy.p, n) != 0) {
        return id;
    }
    for (n++; n < id.n && id.p[n] >= '0' && id.p[n] <= '9';) {
        n++;
    }
    return n > policy.n + 1 && n + 1 < id.n && id.p[n] == '/'
               ? (aigov_span){id.p + n + 1, id.n - n - 1}
               : id;
}

static bool matched_rule(const aigov__case *c, const aigov_json *j,
                         uint32_t rules, aigov_span rule)
{
    for (uint32_t i = rules + 1; rules != 0 && i < j->node[rules].next;
         i = j->node[i].next) {
        if (aigov_span_eq(rule_name(aigov_json_text(j, i), c->subject),
                          rule_name(rule, c->subject))) {
            return true;
        }
    }
    return false;
}

static aigov_status compare_case(const aigov__case *c, const register_row *row,
                                 int64_t version, const aigov_json *answer,
                                 aigov_error *err)
{
    const revision *v = row->latest;
    aigov_span expected = aigov__field_text(v, "expect");
    aigov_span given =
        aigov_json_text(answer, aigov_json_get(answer, 0, "decision"));
    uint32_t rules = aigov_json_get(answer, 0, "rules");
    uint32_t list = aigov__field_node(v, "expect_rules");
    if (!aigov_span_eq(expected, given)) {
        return aigov__refuse(c, err,
                             "version %lld, case %.*s expects %.*s and gives "
                             "%.*s",
                             (long long)version, AIGOV__TEXT(row->subject),
                             AIGOV__TEXT(expected), AIGOV__TEXT(given));
    }
    for (uint32_t i = list + 1; list != 0 && i < v->j.node[list].next;
         i = v->j.node[i].next) {
        aigov_span rule = aigov_json_text(&v->j, i);
        if (!matched_rule(c, answer, rules, rule)) {
            return aigov__refuse(c, err,
                                 "version %lld, case %.*s expects rule %.*s, "
                                 "which does not match",
                                 (long long)version, AIGOV__TEXT(row->subject),
                                 AIGOV__TEXT(rule));
        }
    }
    return AIGOV_OK;
}

static aigov_status run_case(const aigov__case *c, const register_row *row,
                             aigov_span id, int64_t version, aigov_error *err)
{
    aigov_json answer = {.ctx = c->p->ctx};
    aigov_buf facts, out;
    aigov_status st;
    aigov_buf_init(&facts, c->p->ctx);
    aigov_buf_init(&out, c->p->ctx);
    st = aigov_json_canonical(
        &row->latest->j, aigov__field_node(row->latest, "facts"), &facts, err);
    if (st == AIGOV_OK) {
        st = aigov_decide(c->p, aigov_buf_span(&facts), id, &out, err);
    }
    if (st == AIGOV_OK) {
        st = aigov_json_read(&answer, AIGOV_JSON_STRICT, aigov_buf_span(&out),
                             err);
    }
    if (st == AIGOV_OK) {
        st = compare_case(c, row, version, &answer, err);
    }
    aigov_json_free(&answer);
    aigov_buf_free(&facts);
    aigov_buf_free(&out);
    return st;
}

static aigov_status check_cases(const aigov__case *c, aigov_span id,
                                int64_t version, aigov_error *err)
{
    const register_row *row;
    size_t pos = 0;
    aigov_status st = AIGOV_OK;
    while (st == AIGOV_OK &&
           (row = aigov__register_next(c->p->registers, "policy_case", &pos)) !=
               NULL) {
        if (aigov_span_eq(aigov__field_text(row->latest, "policy"),
                          c->subject)) {
            st = run_case(c, row, id, version, err);
        }
    }
    return st;
}

/* --- policy_publish ------------------------------------------------------ */

static bool digits(aigov_span s, int64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || i > 15) {
            return false;
        }
        *out = 10 * *out + (s.p[i] - '0');
    }
    return s.n > 0;
}

static aigov_status find_version(const aigov__case *c, int64_t version,
                                 const register_row **row, aigov_error *err)
{
    int64_t latest = aigov__latest_version(c, c->subject);
    *row = aigov__version_row(c, c->subject, version);
    if (*row != NULL) {
        return AIGOV_OK;
    }
    return latest == 0 ? aigov__refuse(c, err, "this policy does not exist")
                       : aigov__refuse(c, err,
                                       "version %lld does not exist, the "
                                       "latest is %lld",
                                       (long long)version, (long long)latest);
}

/* Whether it stands there already, in force or in shadow. */
static aigov_status check_state(const aigov__case *c, aigov_span state,
                                int64_t version, aigov_error *err)
{
    const register_row *policy =
        aigov__register_find(c->p->registers, "policy", c->subject);
    bool active = aigov_span_is(state, "active");
    if (policy != NULL &&
        (active ? policy->active : policy->shadow) == version) {
        return aigov__refuse(c, err, "version %lld is %.*s already",
                             (long long)version, AIGOV__TEXT(state));
    }
    return policy != NULL && !active && policy->active == version
               ? aigov__refuse(c, err,
                               "version %lld is active, want a draft in shadow",
                               (long long)version)
               : AIGOV_OK;
}

static aigov_status judge_version(const aigov__case *c, const register_row *row,
                                  int64_t version, aigov_error *err)
{
    policy_version *v;
    aigov_status st = aigov__policies_version(c->p, row->subject, &v, err);
    if (st == AIGOV_OK) {
        st = check_authors(c, v, version, err);
    }
    if (st == AIGOV_OK) {
        st = check_rules(c, v, version, err);
    }
    return st == AIGOV_OK ? check_cases(c, row->subject, version, err) : st;
}

static aigov_status make_policy(aigov__case *c, const aigov_span *arg,
                                aigov_made *out, aigov_error *err)
{
    bool enforce = aigov_span_is(arg[2], "enforce");
    const register_row *row;
    int64_t version;
    aigov_status st;
    c->kind = "policy";
    c->subject = arg[0];
    if (!enforce && !aigov_span_is(arg[2], "shadow")) {
        return aigov__refuse(c, err, "mode is none of shadow, enforce");
    }
    if (!digits(arg[1], &version)) {
        return aigov__refuse(c, err, "version is no positive integer");
    }
    st = find_version(c, version, &row, err);
    if (st == AIGOV_OK) {
        st = check_state(c, enforce ? AIGOV_LIT("active") : AIGOV_LIT("shadow"),
                         version, err);
    }
    if (st == AIGOV_OK) {
        st = judge_version(c, row, version, err);
    }
    if (st == AIGOV_OK && !open_body(out, c->kind, c->subject)) {
        st = aigov__nomem(err);
    }
    out->body.n = 0;
    return st == AIGOV_OK ? aigov__fields_but(c->p->ctx, row->latest, "state",
                                              enforce ? AIGOV_LIT("\"active\"")
                                                      : AIGOV_LIT("\"shadow\""),
                                              &out->body, err)
                          : st;
}

/* --- approve ------------------------------------------------------------- */

static aigov_status check_options(const aigov__case *c, const aigov_json *j,
                                  aigov_error *err)
{
    static const char *const names[] = {"about", "expires_at", "facts_digest",
                                        "max_uses", "role"};
    if (j->node[0].type != AIGOV_JSON_OBJECT) {
        return aigov__refuse(c, err, "options is no object");
    }
    for (uint32_t i = 1; i < j->node[0].next; i = j->node[i + 1].next) {
        size_t k = 0;
        while (k < 5 && !aigov_span_is(aigov_json_text(j, i), names[k])) {
            k++;
        }
        if (k == 5) {
            aigov__refuse(c, err, "options has an unknown member");
            return aigov_hint(err, "about, expires_at, facts_digest, max_uses, "
                                   "role");
        }
    }
    return AIGOV_OK;
}

/* A member of the options as it stands there: put judges its type. */
static aigov_status option(const aigov_json *j, const char *field, aigov_buf *b,
                           bool *there, aigov_error *err)
{
    uint32_t i = aigov_json_get(j, 0, field);
    *there = i != 0 && j->node[i].type != AIGOV_JSON_NULL;
    if (!*there) {
        return AIGOV_OK;
    }
    return name(b, field) ? aigov_json_canonical(j, i, b, err)
                          : aigov__nomem(err);
}

/* The role that the target names, where it is this login's. */
static aigov_span own_role(const aigov__case *c, aigov_span target)
{
    const register_row *row =
        aigov__register_find(c->p->registers, "role", target);
    return row != NULL && aigov_span_eq(aigov__field_text(row->latest, "login"),
                                        c->by->login)
               ? row->subject
               : AIGOV_ABSENT;
}

static aigov_status put_options(const aigov__case *c, const aigov_json *j,
                                const held_call *h, bool approved, aigov_buf *b,
                                aigov_error *err)
{
    aigov_span target = aigov_buf_span(&h->text[HELD_TARGET]);
    char until[AIGOV_TIME_LEN + 1];
    bool there;
    aigov_status st = option(j, "about", b, &there, err);
    if (st == AIGOV_OK && !there && target.n > 0 && !text(b, "about", target)) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = option(j, "role", b, &there, err);
    }
    if (st == AIGOV_OK && !there && target.n > 0 &&
        !text(b, "role", own_role(c, target))) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = option(j, "expires_at", b, &there, err);
    }
    aigov_time_format(c->by->now + HOUR, until);
    if (st == AIGOV_OK && !there && approved &&
        !text(b, "expires_at", aigov_str(until))) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = option(j, "max_uses", b, &there, err);
    }
    return st == AIGOV_OK && !there && approved && !number(b, "max_uses", 1)
               ? aigov__nomem(err)
               : st;
}

static aigov_status put_approval(const aigov__case *c, const aigov_span *arg,
                                 const aigov_json *j, held_call *h,
                                 aigov_made *out, aigov_error *err)
{
    bool approved = aigov_span_is(arg[1], "approved"), ok;
    aigov_buf *b = &out->body;
    aigov_status st = aigov__held_read(h, c, arg[0], err);
    if (st != AIGOV_OK) {
        return st;
    }
    if (h->differ && h->wanted.p == NULL) {
        aigov__refuse(c, err,
                      "the held attempts of interaction %.*s differ, want "
                      "facts_digest in options",
                      AIGOV__TEXT(arg[0]));
        return aigov_hint(err, "body.policy.facts_digest of the attempt that "
                               "was read");
    }
    ok = text(b, "type", AIGOV_LIT("call")) && text(b, "interaction", arg[0]) &&
         text(b, "outcome", arg[1]) && text(b, "reason", arg[2]) &&
         text(b, "facts_digest",
              h->wanted.p != NULL ? h->wanted
                                  : aigov_buf_span(&h->text[HELD_DIGEST])) &&
         text(b, "policy_hash", aigov_buf_span(&h->text[HELD_HASH]));
    st = ok ? put_options(c, j, h, approved, b, err) : aigov__nomem(err);
    return st == AIGOV_OK ? close_body(out, true, err) : st;
}

static aigov_status make_approval(aigov__case *c, const aigov_span *arg,
                                  aigov_made *out, aigov_error *err)
{
    aigov_json j = {.ctx = c->p->ctx};
    uint32_t digest;
    held_call h;
    aigov_status st = new_approval(c, out, err);
    c->kind = "approval";
    c->subject = aigov_buf_span(&out->subject);
    if (st == AIGOV_OK) {
        st = aigov_json_read(&j, AIGOV_JSON_STRICT,
                             arg[3].p != NULL ? arg[3] : AIGOV_LIT("{}"), err);
    }
    if (st == AIGOV_OK) {
        st = check_options(c, &j, err);
    }
    if (st == AIGOV_OK) {
        digest = aigov_json_get(&j, 0, "facts_digest");
        aigov__held_begin(&h, c->p->ctx,
                          digest != 0 &&
                                  j.node[digest].type == AIGOV_JSON_STRING
                              ? aigov_json_text(&j, digest)
                              : AIGOV_ABSENT);
        st = put_approval(c, arg, &j, &h, out, err);
        aigov__held_free(&h);
    }
    aigov_json_free(&j);
    return st;
}

/* --- exception, suspend -------------------------------------------------- */

static aigov_status make_signature(aigov__case *c, const aigov_span *arg,
                                   aigov_made *out, aigov_error *err)
{
    aigov_buf *b = &out->body;
    aigov_revision one;
    char record[256];
    int n =
        snprintf(record, sizeof record, "exception/%.*s", AIGOV__TEXT(arg[0]));
    bool ok;
    aigov_status st = new_approval(c, out, err);
    c->kind = "approval";
    c->subject = aigov_buf_span(&out->subject);
    if (st == AIGOV_OK) {
        st = c->by->revision(c->by->host, AIGOV_LIT("exception"), arg[0], 0,
                             &one, err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    if (one.latest == 0 || one.hash.n != AIGOV_HASH_LEN || n < 0 ||
        (size_t)n >= sizeof record) {
        return aigov__refuse(c, err, "record exception/%.*s does not exist",
                             (int)(arg[0].n < 200 ? arg[0].n : 200), arg[0].p);
    }
    ok = text(b, "type", AIGOV_LIT("record")) &&
         text(b, "record", aigov_str(record)) && number(b, "rev", one.latest) &&
         name(b, "rev_hash") && aigov_buf_puts(b, "\"") &&
         aigov_buf_put_hex(b, (const uint8_t *)one.hash.p, one.hash.n) &&
         aigov_buf_puts(b, "\"") && text(b, "outcome", arg[1]) &&
         text(b, "reason", arg[2]) && text(b, "role", arg[3]);
    return close_body(out, ok, err);
}

static aigov_status make_suspension(aigov__case *c, const aigov_span *arg,
                                    aigov_made *out, aigov_error *err)
{
    bool ok;
    (void)c;
    ok = open_body(out, "suspension", arg[0]) &&
         text(&out->body, "state", AIGOV_LIT("suspended")) &&
         text(&out->body, "reason", arg[1]);
    return close_body(out, ok, err);
}

aigov_status aigov_policies_make(aigov_policies *p, aigov_action action,
                                 const aigov_span arg[AIGOV_ACTION_ARGS],
                                 const aigov_put_by *by, aigov_made *out,
                                 aigov_error *err)
{
    aigov__case c = {p, "", AIGOV_ABSENT, NULL, by};
    aigov_status st = aigov_policies_ready(p, err);
    if (st != AIGOV_OK) {
        return st;
    }
    switch (action) {
    case AIGOV_POLICY_PUBLISH:
        return make_policy(&c, arg, out, err);
    case AIGOV_APPROVE:
        return make_approval(&c, arg, out, err);
    case AIGOV_EXCEPTION:
        return make_signature(&c, arg, out, err);
    case AIGOV_SUSPEND:
        return make_suspension(&c, arg, out, err);
    }
    return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS, "no such action");
}
