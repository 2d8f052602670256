/*
 * profiles.c - what is done with what is found: redaction_profile
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   operators          of an entity, or of a class of them by its name
 *   default_operator   of what is not named; a secret is never kept and what is
 *                      soft (URLs, UUIDs, dates) is kept unless it is named
 *   threshold          scores from it on count; of secrets from 0.50 at most
 *   detectors          own detectors that it uses; absent: all
 *   systems            records of these; absent: of all
 */
#include "rules.h"

static const char *const sinks[] = {"store", "export", "model"};

/* The operator of a name; REPLACE for an unknown one, which the check of the
 * record refused. */
static uint8_t operator_named(aigov_span name)
{
    static const char *const names[] = {
        [AIGOV__OP_KEEP] = "keep",
        [AIGOV__OP_OFF] = "",
        [AIGOV__OP_REPLACE] = "",
        [AIGOV__OP_MASK] = "mask",
        [AIGOV__OP_DROP] = "drop",
        [AIGOV__OP_HASH] = "hash",
        [AIGOV__OP_PSEUDONYM] = "pseudonym",
        [AIGOV__OP_VAULT] = "vault",
    };
    for (uint8_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (name.n > 0 && aigov_span_is(name, names[i])) {
            return i;
        }
    }
    return AIGOV__OP_REPLACE;
}

static aigov_span text_at(const aigov_json *j, uint32_t node)
{
    return node != 0 && j->node[node].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, node)
               : AIGOV_ABSENT;
}

/* Whether an array of texts, or one text, has this one. */
static bool has_text(const aigov_json *j, uint32_t node, aigov_span text)
{
    if (j->node[node].type != AIGOV_JSON_ARRAY) {
        return aigov_span_eq(text_at(j, node), text);
    }
    for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
        if (aigov_span_eq(text_at(j, i), text)) {
            return true;
        }
    }
    return false;
}

static uint32_t member(const aigov__profile *p, const char *name)
{
    uint32_t i = aigov_json_get(&p->j, 0, name);
    return i != 0 && p->j.node[i].type != AIGOV_JSON_NULL ? i : 0;
}

/* --- reading ------------------------------------------------------------- */

/* "name/sink": the sink at its end, as the record says. */
static bool subject_fits(aigov_span subject, const char *sink)
{
    size_t n = strlen(sink);
    return subject.n > n + 1 && subject.p[subject.n - n - 1] == '/' &&
           memcmp(subject.p + subject.n - n, sink, n) == 0;
}

static aigov_status bad(const aigov__profile *p, aigov_span subject,
                        uint32_t node, aigov_error *err, const char *why)
{
    return aigov__rules_fail("redaction_profile", subject, p->j.node[node].at,
                             err, "%s", why);
}

static aigov_status read_operators(aigov__profile *p, aigov_span subject,
                                   aigov_error *err)
{
    const aigov_json *j = &p->j;
    uint32_t node = p->operators;
    bool keeps = p->otherwise == AIGOV__OP_KEEP;
    for (uint32_t i = node + 1; node != 0 && i < j->node[node].next;
         i = j->node[i + 1].next) {
        uint8_t op = operator_named(text_at(j, i + 1));
        aigov_span entity = aigov_json_text(j, i);
        if (op == AIGOV__OP_KEEP && aigov_span_is(entity, "SECRET")) {
            return bad(p, subject, i, err,
                       "operators SECRET keep: a secret is never kept");
        }
        p->keyed = p->keyed || op >= AIGOV__OP_HASH;
        keeps = keeps || op == AIGOV__OP_KEEP;
        p->joins = p->joins || op == AIGOV__OP_DROP || op == AIGOV__OP_MASK;
    }
    if (keeps && text_at(j, member(p, "keep_reason")).n == 0) {
        return bad(p, subject, 0, err,
                   "keep_reason is missing, and keep is an operator");
    }
    return AIGOV_OK;
}

static aigov_status read_members(aigov__profile *p, aigov_span subject,
                                 aigov_error *err)
{
    const aigov_json *j = &p->j;
    aigov_span sink = text_at(j, member(p, "sink"));
    aigov_span threshold = text_at(j, member(p, "threshold"));
    p->sink = AIGOV__SINKS;
    for (uint8_t i = 0; i < AIGOV__SINKS; i++) {
        if (aigov_span_is(sink, sinks[i])) {
            p->sink = i;
        }
    }
    if (p->sink == AIGOV__SINKS || !subject_fits(subject, sinks[p->sink])) {
        return bad(p, subject, 0, err,
                   "the subject is not a name, a slash and the sink");
    }
    if (!aigov__hundredths(threshold, &p->threshold)) {
        return bad(p, subject, 0, err,
                   "threshold is no decimal from 0 to 1 of two digits");
    }
    p->otherwise = operator_named(text_at(j, member(p, "default_operator")));
    p->keyed = p->otherwise >= AIGOV__OP_HASH;
    p->joins = p->otherwise == AIGOV__OP_DROP || p->otherwise == AIGOV__OP_MASK;
    p->operators = member(p, "operators");
    p->detectors = member(p, "detectors");
    p->systems = member(p, "systems");
    if (p->operators != 0 && j->node[p->operators].type != AIGOV_JSON_OBJECT) {
        return bad(p, subject, p->operators, err, "operators is no object");
    }
    return read_operators(p, subject, err);
}

static aigov__profile *profile_new(aigov_ctx *ctx)
{
    aigov__profile *p = aigov_malloc(ctx, sizeof *p);
    if (p != NULL) {
        memset(p, 0, sizeof *p);
        p->j.ctx = ctx;
        aigov_buf_init(&p->name, ctx);
        aigov_buf_init(&p->canonical, ctx);
        aigov_buf_init(&p->fields, ctx);
    }
    return p;
}

aigov_status aigov__profile_read(aigov_rules *r, aigov_span subject,
                                 const aigov_json *j, uint32_t node,
                                 aigov__profile **out, aigov_error *err)
{
    aigov__profile *p = profile_new(r->ctx);
    aigov_status st;
    if (p == NULL || !aigov_buf_put(&p->name, subject.p, subject.n) ||
        !aigov_buf_put(&p->name, "", 1)) {
        aigov__profile_free(r->ctx, p);
        return aigov__nomem(err);
    }
    st = aigov_json_canonical(j, node, &p->canonical, err);
    if (st == AIGOV_OK &&
        !aigov_buf_put(&p->fields, p->canonical.p, p->canonical.n)) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = aigov_json_read(&p->j, AIGOV_JSON_STRICT,
                             aigov_buf_span(&p->fields), err);
    }
    st = st == AIGOV_OK ? read_members(p, subject, err) : st;
    if (st != AIGOV_OK) {
        aigov__profile_free(r->ctx, p);
        return st;
    }
    *out = p;
    return AIGOV_OK;
}

aigov__profile *aigov__profile_built_in(aigov_ctx *ctx)
{
    aigov__profile *p = profile_new(ctx);
    if (p != NULL) {
        p->threshold = 50;
        p->otherwise = AIGOV__OP_REPLACE;
    }
    return p;
}

void aigov__profile_free(aigov_ctx *ctx, aigov__profile *p)
{
    if (p != NULL) {
        aigov_json_free(&p->j);
        aigov_buf_free(&p->name);
        aigov_buf_free(&p->canonical);
        aigov_buf_free(&p->fields);
        aigov_mfree(ctx, p, sizeof *p);
    }
}

/* --- in use -------------------------------------------------------------- */

static uint8_t operator_for(const aigov__profile *p, const aigov_detector *d)
{
    uint32_t named =
        p->operators == 0 ? 0 : aigov_json_get(&p->j, p->operators, d->entity);
    uint8_t op = p->otherwise;
    if (named != 0) {
        op = operator_named(text_at(&p->j, named));
    } else if (op == AIGOV__OP_VAULT && d->class_ == AIGOV_CLASS_SECRET) {
        op =
            AIGOV__OP_REPLACE; /* a secret is restored only where it is named */
    } else if (d->class_ == AIGOV_CLASS_SOFT) {
        op = AIGOV__OP_KEEP;
    }
    return op == AIGOV__OP_KEEP && d->class_ == AIGOV_CLASS_SECRET
               ? AIGOV__OP_REPLACE
               : op;
}

void aigov__profile_ready(const aigov_rules *r, aigov__profile *p)
{
    for (size_t i = 0; i < AIGOV__DETECTORS; i++) {
        p->op[i] = operator_for(p, aigov_detector_at(i));
    }
    for (size_t i = 0; i < r->owns; i++) {
        const aigov_detector *d = &r->own[i]->info;
        bool used = p->detectors == 0 ||
                    has_text(&p->j, p->detectors, aigov_str(d->name));
        p->op[AIGOV__DETECTORS + i] =
            used ? operator_for(p, d) : (uint8_t)AIGOV__OP_OFF;
    }
}

/* Whether it is of the name that a setting gave; of any where none did. */
static bool by_default(const aigov_rules *r, const aigov__profile *p)
{
    size_t n = r->by_default.n;
    return n == 0 || (p->name.n == n + 2 + strlen(sinks[p->sink]) &&
                      memcmp(p->name.p, r->by_default.p, n) == 0);
}

bool aigov__profile_has(const aigov_rules *r, int sink)
{
    for (size_t i = 0; i < r->profiles; i++) {
        if (r->profile[i]->sink == sink && by_default(r, r->profile[i])) {
            return true;
        }
    }
    return false;
}

static bool counts(const aigov_rules *r, const aigov__profile *p,
                   aigov_span system)
{
    return p->systems == 0
               ? by_default(r, p)
               : system.p != NULL && has_text(&p->j, p->systems, system);
}

const aigov__profile *aigov__profile_for(const aigov_rules *r, int sink,
                                         aigov_span system)
{
    for (size_t i = r->profiles; i > 0; i--) {
        const aigov__profile *p = r->profile[i - 1];
        if (p->sink == sink && counts(r, p, system)) {
            return p;
        }
    }
    return r->builtin;
}

static const aigov__profile *named(const aigov_rules *r, aigov_span name)
{
    for (size_t i = 0; i < r->profiles; i++) {
        if (aigov_span_is(name, r->profile[i]->name.p)) {
            return r->profile[i];
        }
    }
    return NULL;
}

static bool is_always_there(aigov_span name)
{
    return aigov_span_is(name, "default/store") ||
           aigov_span_is(name, "default/export") ||
           aigov_span_is(name, "default/model");
}

aigov_status aigov_scanner_use(aigov_scanner *s, const aigov_rules *rules,
                               aigov_span profile, aigov_error *err)
{
    const aigov__profile *p = NULL;
    bool any = profile.p == NULL || aigov_span_is(profile, "default");
    if (rules != NULL) {
        p = any ? aigov__profile_for(rules, AIGOV__STORE, AIGOV_ABSENT)
                : named(rules, profile);
    }
    if (p == NULL && !any && !is_always_there(profile)) {
        aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                   "there is no redaction profile of this name");
        return aigov_hint(err, "default, or default/store, default/export, "
                               "default/model, or one that was put");
    }
    s->rules = rules;
    s->profile = p == NULL && rules != NULL ? rules->builtin : p;
    s->no_keys = false;
    return AIGOV_OK;
}

void aigov__scanner_for(aigov_scanner *s, const aigov_rules *rules, int sink,
                        aigov_span system)
{
    s->rules = rules;
    s->profile = rules == NULL ? NULL : aigov__profile_for(rules, sink, system);
    s->no_keys = false;
}

void aigov__scanner_plain(aigov_scanner *s, const aigov_rules *rules)
{
    s->rules = rules;
    s->profile = rules == NULL ? NULL : rules->builtin;
}

/* How strict an operator is (policy/README.md). */
static int strictness(uint8_t op)
{
    static const uint8_t order[] = {
        [AIGOV__OP_KEEP] = 0,      [AIGOV__OP_OFF] = 0,  [AIGOV__OP_VAULT] = 1,
        [AIGOV__OP_PSEUDONYM] = 2, [AIGOV__OP_HASH] = 3, [AIGOV__OP_MASK] = 4,
        [AIGOV__OP_REPLACE] = 5,   [AIGOV__OP_DROP] = 6,
    };
    return order[op];
}

static aigov_status own_profile(aigov_scanner *s, aigov_error *err)
{
    aigov__profile *p = s->stricter;
    if (p == NULL) {
        p = s->stricter = aigov_malloc(s->ctx, sizeof *p);
    }
    if (p == NULL) {
        return aigov__nomem(err);
    }
    if (s->profile != NULL) {
        *p = *s->profile;
        return AIGOV_OK;
    }
    memset(p, 0, sizeof *p);
    p->threshold = AIGOV__THRESHOLD;
    p->otherwise = AIGOV__OP_REPLACE;
    for (size_t i = 0; i < AIGOV__DETECTORS; i++) {
        p->op[i] = operator_for(p, aigov_detector_at(i));
    }
    return AIGOV_OK;
}

aigov_status aigov__scanner_stricter(aigov_scanner *s,
                                     aigov_span (*op)(void *host,
                                                      const aigov_detector *d,
                                                      bool own),
                                     void *host, aigov_error *err)
{
    aigov_status st = own_profile(s, err);
    if (st != AIGOV_OK) {
        return st;
    }
    for (size_t i = 0; i < aigov__detectors(s->rules); i++) {
        aigov_span name =
            op(host, aigov__rules_detector(s->rules, i), i >= AIGOV__DETECTORS);
        uint8_t to = name.p == NULL ? (uint8_t)AIGOV__OP_KEEP
                                    : (uint8_t)operator_named(name);
        uint8_t *is = &s->stricter->op[i];
        if (*is != AIGOV__OP_OFF && strictness(to) > strictness(*is)) {
            *is = to;
            s->stricter->joins = s->stricter->joins || to == AIGOV__OP_DROP ||
                                 to == AIGOV__OP_MASK;
        }
    }
    s->profile = s->stricter;
    return AIGOV_OK;
}

bool aigov__looks_again(const aigov_scanner *s)
{
    return s->profile != NULL && s->profile->joins;
}
