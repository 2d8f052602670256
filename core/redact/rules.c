/*
 * rules.c - own detectors and profiles: adding, order, digest
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The digest is SHA-256 over
 *
 *   aigov_ruleset                                            32 bytes
 *   {"fields":{...},"kind":"detector","subject":"acme"} \n   each own one
 *   {"key":"k5bcc17a1"} \n                                   the newest key
 *
 * in the order of kind, then subject (by their bytes), then the profile that a
 * setting names: {"fields":{"value":"desk"},"kind":"setting","subject":
 * "profile"} \n.  Terms are in it by their hash, terms_sha256.  What is not in
 * force is not in it.
 */
#include "rules.h"

#include <stdarg.h>
#include <stdio.h>

_Static_assert(AIGOV__DETECTORS + AIGOV__MAX_OWN <= AIGOV__MAX_DETECTORS,
               "too many detectors");

aigov_status aigov__rules_fail(const char *kind, aigov_span subject, size_t pos,
                               aigov_error *err, const char *format, ...)
{
    char text[120];
    size_t n = subject.n < 64 ? subject.n : 0;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return aigov_fail(err, AIGOV_FIELD, pos, "%s%s%.*s: %s", kind,
                      n == 0 ? "" : " ", (int)n, n == 0 ? "" : subject.p, text);
}

aigov_status aigov_rules_new(aigov_ctx *ctx, unsigned flags, aigov_rules **out,
                             aigov_error *err)
{
    aigov_rules *r = aigov_malloc(ctx, sizeof *r);
    if (r == NULL) {
        return aigov__nomem(err);
    }
    memset(r, 0, sizeof *r);
    r->ctx = ctx;
    r->jit = (flags & AIGOV_RULES_NO_JIT) == 0;
    aigov_buf_init(&r->by_default, ctx);
    r->builtin = aigov__profile_built_in(ctx);
    if (r->builtin == NULL) {
        aigov_rules_free(r);
        return aigov__nomem(err);
    }
    *out = r;
    return AIGOV_OK;
}

void aigov_rules_free(aigov_rules *r)
{
    if (r == NULL) {
        return;
    }
    for (size_t i = 0; i < r->owns; i++) {
        aigov__own_free(r->ctx, r->own[i]);
    }
    for (size_t i = 0; i < r->profiles; i++) {
        aigov__profile_free(r->ctx, r->profile[i]);
    }
    aigov_mfree(r->ctx, r->profile, r->profile_cap * sizeof *r->profile);
    aigov__profile_free(r->ctx, r->builtin);
    aigov_buf_free(&r->by_default);
    aigov__engine_free(r->engine);
    aigov_wipe(&r->keys, sizeof r->keys);
    aigov_mfree(r->ctx, r, sizeof *r);
}

void aigov_rules_keys(aigov_rules *r, const aigov_keys *keys)
{
    if (keys != NULL) {
        r->keys = *keys;
    }
}

/* --- adding -------------------------------------------------------------- */

static bool has_own(const aigov_rules *r, aigov_span subject)
{
    for (size_t i = 0; i < r->owns; i++) {
        if (aigov_span_is(subject, r->own[i]->info.name)) {
            return true;
        }
    }
    return false;
}

static aigov_status add_detector(aigov_rules *r, aigov_span subject,
                                 const aigov_json *j, uint32_t node,
                                 const aigov_json *content, aigov_error *err)
{
    aigov__own *own;
    aigov_status st;
    if (r->owns == AIGOV__MAX_OWN || has_own(r, subject)) {
        return aigov__rules_fail("detector", subject, AIGOV_NO_POS, err,
                                 "there are %d own detectors at most, each "
                                 "once",
                                 AIGOV__MAX_OWN);
    }
    st = aigov__own_read(r, subject, j, node, content, &own, err);
    if (st == AIGOV_OK) {
        r->own[r->owns++] = own;
    }
    return st;
}

static aigov_status add_profile(aigov_rules *r, aigov_span subject,
                                const aigov_json *j, uint32_t node,
                                aigov_error *err)
{
    void *p = r->profile;
    aigov_status st;
    if (r->profiles == r->profile_cap &&
        !aigov__grow(r->ctx, &p, &r->profile_cap, sizeof *r->profile,
                     r->profiles + 4)) {
        return aigov__nomem(err);
    }
    r->profile = p;
    st =
        aigov__profile_read(r, subject, j, node, &r->profile[r->profiles], err);
    r->profiles += st == AIGOV_OK;
    return st;
}

/* content, where there is one, is {"fields":{...}}. */
static aigov_status read_content(aigov_json *j, aigov_span content,
                                 aigov_error *err)
{
    return content.p == NULL
               ? AIGOV_OK
               : aigov_json_read(j, AIGOV_JSON_STRICT, content, err);
}

aigov_status aigov_rules_add(aigov_rules *r, aigov_span kind,
                             aigov_span subject, aigov_span fields,
                             aigov_span content, aigov_error *err)
{
    aigov_json j = {.ctx = r->ctx}, c = {.ctx = r->ctx};
    bool detector = aigov_span_is(kind, "detector");
    aigov_status st;
    if (r->ready || (!detector && !aigov_span_is(kind, "redaction_profile"))) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "rules are made of detectors and profiles, before "
                          "they are ready");
    }
    st = aigov_json_read(&j, AIGOV_JSON_STRICT, fields, err);
    if (st == AIGOV_OK && detector) {
        st = read_content(&c, content, err);
        st = st == AIGOV_OK ? add_detector(r, subject, &j, 0,
                                           content.p == NULL ? NULL : &c, err)
                            : st;
    } else if (st == AIGOV_OK) {
        st = add_profile(r, subject, &j, 0, err);
    }
    aigov_json_free(&j);
    aigov_json_free(&c);
    if (st == AIGOV_FIELD || st == AIGOV_NOTJSON || st == AIGOV_NOTIJSON ||
        st == AIGOV_TOOBIG) {
        err->code = AIGOV_WITHHELD; /* what it says is kept */
        err->pos = AIGOV_NO_POS;
        st = aigov_hint(err, "put a revision of it that works");
    }
    return st;
}

aigov_status aigov_rules_default(aigov_rules *r, aigov_span name,
                                 aigov_error *err)
{
    bool any = name.n == 0 || aigov_span_is(name, "default");
    r->by_default.n = 0;
    return any || aigov_buf_put(&r->by_default, name.p, name.n)
               ? AIGOV_OK
               : aigov__nomem(err);
}

/* What a setting names must be there: nothing is redacted otherwise than
 * said. */
static aigov_status check_default(const aigov_rules *r, aigov_error *err)
{
    if (r->by_default.n == 0 || aigov__profile_has(r, AIGOV__STORE)) {
        return AIGOV_OK;
    }
    aigov_fail(err, AIGOV_WITHHELD, AIGOV_NO_POS,
               "setting profile names %.*s, and there is no redaction profile "
               "of that name for what is stored",
               r->by_default.n < 64 ? (int)r->by_default.n : 64,
               r->by_default.p);
    return aigov_hint(err, "put redaction_profile <name>/store, or set profile "
                           "to default");
}

/* --- order --------------------------------------------------------------- */

static void sort_owns(aigov_rules *r)
{
    for (size_t i = 1; i < r->owns; i++) {
        aigov__own *own = r->own[i];
        size_t k = i;
        for (; k > 0 && strcmp(r->own[k - 1]->info.name, own->info.name) > 0;
             k--) {
            r->own[k] = r->own[k - 1];
        }
        r->own[k] = own;
    }
}

static int compare(const aigov_rules *r, size_t a, size_t b)
{
    const aigov_detector *x = aigov__rules_detector(r, a);
    const aigov_detector *y = aigov__rules_detector(r, b);
    int order = strcmp(x->entity, y->entity);
    return order != 0 ? order : strcmp(x->name, y->name);
}

/* Merge own detectors into the order of the built-in ones. */
static void make_order(aigov_rules *r)
{
    size_t n = 0;
    for (size_t i = 0; i < AIGOV__DETECTORS; i++) {
        r->order[n++] = (uint16_t)aigov__detector_sorted(NULL, i);
    }
    for (size_t i = 0; i < r->owns; i++) {
        size_t number = AIGOV__DETECTORS + i, k = n++;
        for (; k > 0 && compare(r, r->order[k - 1], number) > 0; k--) {
            r->order[k] = r->order[k - 1];
        }
        r->order[k] = (uint16_t)number;
    }
}

static void list_entities(aigov_rules *r)
{
    for (size_t i = 0; i < r->owns; i++) {
        const char *name = r->own[i]->info.entity;
        bool have = r->own[i]->missing != NULL;
        for (size_t k = 0; k < r->entities; k++) {
            have = have || strcmp(r->entity[k], name) == 0;
        }
        if (!have) {
            r->entity[r->entities++] = name;
        }
    }
}

/* --- digest -------------------------------------------------------------- */

static bool put_rule(aigov_buf *b, const char *kind, const char *subject,
                     const aigov_buf *fields)
{
    return aigov_buf_puts(b, "{\"fields\":") &&
           aigov_buf_put(b, fields->p, fields->n) &&
           aigov_buf_puts(b, ",\"kind\":\"") && aigov_buf_puts(b, kind) &&
           aigov_buf_puts(b, "\",\"subject\":") &&
           aigov_buf_put_json_string(b, aigov_str(subject)) &&
           aigov_buf_puts(b, "}\n");
}

/* The i-th profile by name. */
static const aigov__profile *sorted_profile(const aigov_rules *r, size_t i)
{
    for (size_t k = 0; k < r->profiles; k++) {
        size_t before = 0;
        for (size_t m = 0; m < r->profiles; m++) {
            before += strcmp(r->profile[m]->name.p, r->profile[k]->name.p) < 0;
        }
        if (before == i) {
            return r->profile[k];
        }
    }
    return NULL;
}

static bool put_setting(const aigov_rules *r, aigov_buf *b)
{
    aigov_buf fields;
    bool ok;
    if (r->by_default.n == 0) {
        return true;
    }
    aigov_buf_init(&fields, r->ctx);
    ok = aigov_buf_puts(&fields, "{\"value\":") &&
         aigov_buf_put_json_string(&fields, aigov_buf_span(&r->by_default)) &&
         aigov_buf_puts(&fields, "}") &&
         put_rule(b, "setting", "profile", &fields);
    aigov_buf_free(&fields);
    return ok;
}

static bool put_all(const aigov_rules *r, aigov_buf *b)
{
    bool ok = true;
    for (size_t i = 0; i < r->owns && ok; i++) {
        const aigov__own *own = r->own[i];
        ok = own->missing != NULL ||
             put_rule(b, "detector", own->info.name, &own->canonical);
    }
    for (size_t i = 0; i < r->profiles && ok; i++) {
        const aigov__profile *p = sorted_profile(r, i);
        ok = p == NULL ||
             put_rule(b, "redaction_profile", p->name.p, &p->canonical);
    }
    ok = ok && put_setting(r, b);
    if (r->keys.n > 0) {
        ok = ok && aigov_buf_puts(b, "{\"key\":\"") &&
             aigov_buf_puts(b, r->keys.key[r->keys.n - 1].id) &&
             aigov_buf_puts(b, "\"}\n");
    }
    return ok;
}

static aigov_status make_digest(aigov_rules *r, aigov_error *err)
{
    uint8_t built_in[32];
    aigov_buf b;
    aigov_status st = aigov_ruleset(r->ctx, built_in, err);
    aigov_buf_init(&b, r->ctx);
    if (st == AIGOV_OK && !put_all(r, &b)) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK && b.n == 0) {
        memcpy(r->digest, built_in, sizeof r->digest);
    } else if (st == AIGOV_OK) {
        aigov_span part[] = {{(const char *)built_in, sizeof built_in},
                             aigov_buf_span(&b)};
        st = aigov_sha256(r->ctx, part, 2, r->digest, err);
    }
    aigov_buf_free(&b);
    return st;
}

aigov_status aigov_rules_ready(aigov_rules *r, aigov_error *err)
{
    aigov_status st;
    sort_owns(r);
    make_order(r);
    r->entities = 0;
    list_entities(r);
    aigov__profile_ready(r, r->builtin);
    for (size_t i = 0; i < r->profiles; i++) {
        aigov__profile_ready(r, r->profile[i]);
    }
    st = check_default(r, err);
    st = st == AIGOV_OK ? make_digest(r, err) : st;
    r->ready = st == AIGOV_OK;
    r->number = r->ready ? ++r->ctx->rules : 0;
    return st;
}

aigov_status aigov_rules_digest(aigov_ctx *ctx, const aigov_rules *r,
                                uint8_t out[32], aigov_error *err)
{
    if (r == NULL) {
        return aigov_ruleset(ctx, out, err);
    }
    memcpy(out, r->digest, sizeof r->digest);
    return AIGOV_OK;
}

/* --- reading ------------------------------------------------------------- */

size_t aigov__detectors(const aigov_rules *rules)
{
    return AIGOV__DETECTORS + (rules == NULL ? 0 : rules->owns);
}

size_t aigov__detector_sorted(const aigov_rules *rules, size_t i)
{
    return rules == NULL ? aigov__built_in_sorted(i) : rules->order[i];
}

bool aigov_rule_at(const aigov_rules *r, size_t i, aigov_rule *out)
{
    const aigov__profile *p;
    memset(out, 0, sizeof *out);
    if (r != NULL && i < r->owns) {
        const aigov__own *own = r->own[i];
        out->kind = "detector";
        out->subject = own->info.name;
        out->detector = own->type == AIGOV__OWN_ALLOW ? NULL : &own->info;
        out->missing = own->missing;
        return true;
    }
    if (r == NULL || i - r->owns >= r->profiles) {
        return false;
    }
    p = sorted_profile(r, i - r->owns);
    if (p == NULL) {
        return false;
    }
    out->kind = "redaction_profile";
    out->subject = p->name.p;
    out->keyed = p->keyed && r->keys.n == 0
                     ? "hash, pseudonym and vault act as replace: there "
                       "is no key"
                     : NULL;
    return true;
}

/* --- a put --------------------------------------------------------------- */

static aigov_status check(aigov_rules *r, bool detector, aigov_span subject,
                          const aigov_json *j, aigov_error *err)
{
    aigov_status st;
    if (!detector) {
        return add_profile(r, subject, j, 0, err);
    }
    st = add_detector(r, subject, j, 0, NULL, err);
    st = st == AIGOV_OK ? aigov_rules_ready(r, err) : st;
    return st == AIGOV_OK ? aigov__own_try(r, j, 0, err) : st;
}

aigov_status aigov__rules_check(aigov_ctx *ctx, const char *kind,
                                aigov_span subject, const aigov_json *j,
                                aigov_error *err)
{
    bool detector = strcmp(kind, "detector") == 0;
    aigov_rules *r;
    aigov_status st;
    if (!detector && strcmp(kind, "redaction_profile") != 0) {
        return AIGOV_OK;
    }
    st = aigov_rules_new(ctx, 0, &r, err);
    if (st == AIGOV_OK) {
        st = check(r, detector, subject, j, err);
        aigov_rules_free(r);
    }
    return st;
}
