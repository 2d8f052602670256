/*
 * sign.c - who may sign what: approvals of records and of held calls
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * iso42001/refusals.csv, R-047 to R-058, and policy/README.md, "Rules,
 * obligations, approvals, budgets".
 *
 *   a record   the revision exists; another login wrote it; the role is that of
 *              the login, and has not ended; rev_hash, if given, is the hash of
 *              the entry; a risk is signed under a role that may accept risk;
 *              who asked for an exception does not sign it
 *   a call     an attempt of it is held, and the digest and the policy hash are
 *              those of one and the same held attempt; the login stands for
 *              exactly one person, who is not the actor, and recorded none of
 *              the attempts.  An approval of a call is put once.
 */
#include "internal.h"

#include <stdio.h>

/* --- roles --------------------------------------------------------------- */

static aigov_status check_role(const aigov__case *c, const register_row **role,
                               aigov_error *err)
{
    aigov_span name = aigov__field_text(c->v, "role"), login;
    int64_t ends;
    *role = NULL;
    if (name.p == NULL) {
        return AIGOV_OK;
    }
    *role = aigov__register_find(c->p->registers, "role", name);
    if (*role == NULL) {
        return aigov__refuse(c, err, "role %.*s does not exist",
                             AIGOV__TEXT(name));
    }
    login = aigov__field_text((*role)->latest, "login");
    if (!aigov_span_eq(login, c->by->login)) {
        return aigov__refuse(c, err,
                             "role %.*s belongs to login %.*s, the session is "
                             "%.*s",
                             AIGOV__TEXT(name), AIGOV__TEXT(login),
                             AIGOV__TEXT(c->by->login));
    }
    return !aigov__field_day_end((*role)->latest, "held_to", &ends) ||
                   ends >= c->by->now
               ? AIGOV_OK
               : aigov__refuse(c, err, "role %.*s ended with held_to %.*s",
                               AIGOV__TEXT(name),
                               AIGOV__TEXT(aigov__field_text((*role)->latest,
                                                             "held_to")));
}

/* --- records ------------------------------------------------------------- */

static aigov_status check_person(const aigov__case *c, aigov_span kind,
                                 aigov_span subject, const register_row *role,
                                 aigov_error *err)
{
    aigov_span record = aigov__field_text(c->v, "record");
    const register_row *row;
    aigov_span person, asked, authority;
    if (role == NULL) {
        return AIGOV_OK;
    }
    person = aigov__field_text(role->latest, "person");
    row = aigov_span_is(kind, "exception")
              ? aigov__register_find(c->p->registers, "exception", subject)
              : NULL;
    asked = row != NULL ? aigov__field_text(row->latest, "requested_by")
                        : AIGOV_ABSENT;
    if (asked.p != NULL && aigov_span_eq(asked, person)) {
        return aigov__refuse(c, err,
                             "role %.*s is held by %.*s, who is requested_by "
                             "of %.*s",
                             AIGOV__TEXT(role->subject), AIGOV__TEXT(person),
                             AIGOV__TEXT(record));
    }
    authority = aigov__field_text(role->latest, "authority");
    return !aigov_span_is(kind, "risk") ||
                   aigov_span_is(authority, "accept_risk")
               ? AIGOV_OK
               : aigov__refuse(c, err,
                               "role %.*s has authority %.*s, record %.*s "
                               "needs accept_risk",
                               AIGOV__TEXT(role->subject),
                               AIGOV__TEXT(authority), AIGOV__TEXT(record));
}

static aigov_status check_revision(const aigov__case *c, aigov_span kind,
                                   aigov_span subject, int64_t number,
                                   aigov_error *err)
{
    aigov_span record = aigov__field_text(c->v, "record");
    aigov_span hash = aigov__field_text(c->v, "rev_hash");
    aigov_revision one;
    uint8_t own[AIGOV_HASH_LEN];
    aigov_status st =
        c->by->revision(c->by->host, kind, subject, number, &one, err);
    if (st != AIGOV_OK) {
        return st;
    }
    if (one.latest == 0) {
        return aigov__refuse(c, err, "record %.*s does not exist",
                             AIGOV__TEXT(record));
    }
    if (one.number == 0) {
        return aigov__refuse(c, err,
                             "rev %lld of %.*s does not exist, the latest is "
                             "%lld",
                             (long long)number, AIGOV__TEXT(record),
                             (long long)one.latest);
    }
    if (aigov_span_eq(one.login, c->by->login)) {
        return aigov__refuse(c, err,
                             "login %.*s is the author of record %.*s rev "
                             "%lld; another login must sign",
                             AIGOV__TEXT(one.login), AIGOV__TEXT(record),
                             (long long)number);
    }
    return hash.p == NULL || (aigov_hex_parse(hash, own, sizeof own) &&
                              one.hash.n == sizeof own &&
                              memcmp(own, one.hash.p, sizeof own) == 0)
               ? AIGOV_OK
               : aigov__refuse(c, err,
                               "rev_hash %.*s... is not the hash of %.*s rev "
                               "%lld",
                               (int)(hash.n < 8 ? hash.n : 8), hash.p,
                               AIGOV__TEXT(record), (long long)number);
}

static aigov_status check_record(const aigov__case *c, aigov_error *err)
{
    aigov_span record = aigov__field_text(c->v, "record"), kind, subject;
    const char *slash = record.n > 0 ? memchr(record.p, '/', record.n) : NULL;
    const register_row *role;
    int64_t number = 0;
    aigov_status st;
    if (slash == NULL) {
        return aigov__refuse(c, err, "record %.*s is no kind/subject",
                             AIGOV__TEXT(record));
    }
    kind = (aigov_span){record.p, (size_t)(slash - record.p)};
    subject = (aigov_span){slash + 1, record.n - kind.n - 1};
    aigov__field_int(c->v, "rev", &number);
    st = check_revision(c, kind, subject, number, err);
    if (st == AIGOV_OK) {
        st = check_role(c, &role, err);
    }
    return st == AIGOV_OK ? check_person(c, kind, subject, role, err) : st;
}

/* --- held calls ---------------------------------------------------------- */

void aigov__held_begin(held_call *h, aigov_ctx *ctx, aigov_span digest)
{
    memset(h, 0, sizeof *h);
    h->j.ctx = ctx;
    h->wanted = digest;
    for (size_t i = 0; i < HELD_TEXTS; i++) {
        aigov_buf_init(&h->text[i], ctx);
    }
}

void aigov__held_free(held_call *h)
{
    for (size_t i = 0; i < HELD_TEXTS; i++) {
        aigov_buf_free(&h->text[i]);
    }
    aigov_json_free(&h->j);
}

static aigov_status note(held_call *h, int which, aigov_span s,
                         aigov_error *err)
{
    h->text[which].n = 0;
    return s.p == NULL || aigov_buf_put(&h->text[which], s.p, s.n)
               ? AIGOV_OK
               : aigov__nomem(err);
}

static aigov_span text_of(const aigov_json *j, uint32_t object,
                          const char *name)
{
    uint32_t i = object != 0 && j->node[object].type == AIGOV_JSON_OBJECT
                     ? aigov_json_get(j, object, name)
                     : 0;
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

/* The target of the first obligation to approve. */
static aigov_span target_of(const aigov_json *j, uint32_t policy)
{
    uint32_t list = aigov_json_get(j, policy, "obligations");
    for (uint32_t i = list + 1; list != 0 && i < j->node[list].next;
         i = j->node[i].next) {
        if (aigov_span_is(text_of(j, i, "kind"), "approve")) {
            return text_of(j, i, "target");
        }
    }
    return AIGOV_ABSENT;
}

static aigov_status note_held(held_call *h, const aigov_entry *e,
                              aigov_error *err)
{
    aigov_span digest, last = aigov_buf_span(&h->text[HELD_DIGEST]);
    uint32_t policy;
    aigov_status st = aigov_json_read(&h->j, AIGOV_JSON_STRICT, e->body, err);
    if (st != AIGOV_OK || h->j.node[0].type != AIGOV_JSON_OBJECT) {
        return st;
    }
    policy = aigov_json_get(&h->j, 0, "policy");
    digest = text_of(&h->j, policy, "facts_digest");
    if (digest.p == NULL) {
        return AIGOV_OK;
    }
    h->differ = h->differ || (h->held > 0 && !aigov_span_eq(digest, last));
    h->held++;
    if (h->wanted.p != NULL && !aigov_span_eq(digest, h->wanted)) {
        return h->found ? AIGOV_OK : note(h, HELD_DIGEST, digest, err);
    }
    h->found = true;
    st = note(h, HELD_DIGEST, digest, err);
    if (st == AIGOV_OK) {
        st = note(h, HELD_HASH, text_of(&h->j, policy, "hash"), err);
    }
    return st == AIGOV_OK ? note(h, HELD_TARGET, target_of(&h->j, policy), err)
                          : st;
}

/* Who asked: kept where it is the login that signs. */
static aigov_status note_login(held_call *h, const aigov_entry *e,
                               aigov_error *err)
{
    aigov_status st =
        aigov_json_read(&h->j, AIGOV_JSON_STRICT, e->recorded_by, err);
    if (st == AIGOV_OK && h->j.node[0].type == AIGOV_JSON_OBJECT) {
        h->own = h->own || aigov_span_eq(text_of(&h->j, 0, "login"), h->login);
    }
    return st;
}

static aigov_status note_entry(void *arg, const aigov_entry *e,
                               aigov_error *err)
{
    held_call *h = arg;
    aigov_status st;
    if (!aigov_span_is(e->kind, "request") &&
        !aigov_span_is(e->kind, "interaction")) {
        return AIGOV_OK;
    }
    h->any = true;
    st = note_login(h, e, err);
    if (st == AIGOV_OK) {
        st = note(h, HELD_DECISION, e->decision, err);
    }
    if (st == AIGOV_OK && e->actor.p != NULL) {
        h->actor = h->actor || aigov_span_eq(e->actor, h->person);
    }
    return st == AIGOV_OK && aigov_span_is(e->decision, "require_approval")
               ? note_held(h, e, err)
               : st;
}

aigov_status aigov__held_read(held_call *h, const aigov__case *c,
                              aigov_span interaction, aigov_error *err)
{
    uint8_t id[16];
    aigov_status st;
    h->login = c->by->login;
    h->person = aigov__person_of(c->p, c->by->login);
    if (!aigov_uuid_parse(interaction, id)) {
        return aigov__refuse(c, err, "interaction %.*s is no UUID",
                             (int)(interaction.n < 60 ? interaction.n : 60),
                             interaction.p);
    }
    st = c->by->calls(c->by->host, id, note_entry, h, err);
    if (st != AIGOV_OK) {
        return st;
    }
    if (!h->any) {
        return aigov__refuse(c, err, "interaction %.*s does not exist",
                             AIGOV__TEXT(interaction));
    }
    return h->held > 0
               ? AIGOV_OK
               : aigov__refuse(
                     c, err,
                     "interaction %.*s has decision %.*s, want "
                     "require_approval",
                     AIGOV__TEXT(interaction),
                     AIGOV__TEXT(aigov_buf_span(&h->text[HELD_DECISION])));
}

/* Who signs is one person, and not the one who asked. */
static aigov_status check_signer(const aigov__case *c, const held_call *h,
                                 aigov_span interaction, aigov_error *err)
{
    if (h->person.p == NULL) {
        return aigov__refuse(c, err,
                             "login %.*s has not exactly one role.person, "
                             "want the person who signs",
                             AIGOV__TEXT(c->by->login));
    }
    if (h->actor) {
        return aigov__refuse(c, err,
                             "login %.*s belongs to %.*s, who is the actor of "
                             "interaction %.*s",
                             AIGOV__TEXT(c->by->login), AIGOV__TEXT(h->person),
                             AIGOV__TEXT(interaction));
    }
    return !h->own ? AIGOV_OK
                   : aigov__refuse(c, err,
                                   "login %.*s asked for interaction %.*s; "
                                   "another login must sign",
                                   AIGOV__TEXT(c->by->login),
                                   AIGOV__TEXT(interaction));
}

static aigov_status check_bound(const aigov__case *c, const held_call *h,
                                aigov_span interaction, aigov_error *err)
{
    aigov_span hash = aigov__field_text(c->v, "policy_hash");
    if (!h->found) {
        return aigov__refuse(c, err,
                             "facts_digest %.*s... is not that of interaction "
                             "%.*s",
                             (int)(h->wanted.n < 8 ? h->wanted.n : 8),
                             h->wanted.p, AIGOV__TEXT(interaction));
    }
    return aigov_span_eq(hash, aigov_buf_span(&h->text[HELD_HASH]))
               ? AIGOV_OK
               : aigov__refuse(c, err,
                               "policy_hash %.*s... is not that of "
                               "interaction %.*s",
                               (int)(hash.n < 8 ? hash.n : 8), hash.p,
                               AIGOV__TEXT(interaction));
}

static aigov_status check_call(const aigov__case *c, aigov_error *err)
{
    aigov_span interaction = aigov__field_text(c->v, "interaction");
    const register_row *role;
    held_call h;
    aigov_status st;
    if (aigov__register_find(c->p->registers, "approval", c->subject) != NULL) {
        return aigov__refuse(c, err,
                             "it is there already; an approval of a call is "
                             "put once, a later one takes it back");
    }
    aigov__held_begin(&h, c->p->ctx, aigov__field_text(c->v, "facts_digest"));
    st = aigov__held_read(&h, c, interaction, err);
    if (st == AIGOV_OK) {
        st = check_signer(c, &h, interaction, err);
    }
    if (st == AIGOV_OK) {
        st = check_bound(c, &h, interaction, err);
    }
    aigov__held_free(&h);
    return st == AIGOV_OK ? check_role(c, &role, err) : st;
}

aigov_status aigov__check_approval(const aigov__case *c, aigov_error *err)
{
    return aigov_span_is(aigov__field_text(c->v, "type"), "call")
               ? check_call(c, err)
               : check_record(c, err);
}
