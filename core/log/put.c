/*
 * put.c - governance records: one revision of (kind, subject)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What is checked here needs the catalogue and the body alone: the kind, the
 * subject, names, types, lengths, enumerated values, what is required, always
 * or while other fields say so.  A field that is null counts as absent.
 * References and who may write are judged where the log can be read
 * (core/policy/check.c).  That a detector or a profile
 * works is tried here too (core/redact/rules.c).
 */
#include "internal.h"

#include <stdio.h>

/* The login inside {"login":...}, or the value itself. */
static uint32_t login_in(const aigov_json *j, uint32_t value)
{
    uint32_t login = j->node[value].type == AIGOV_JSON_OBJECT
                         ? aigov_json_get(j, value, "login")
                         : 0;
    return login != 0 ? login : value;
}

static aigov_status unknown_field(const aigov__about *about, uint32_t name,
                                  const aigov_kind *kind, aigov_error *err)
{
    aigov__near near = {aigov_json_text(about->j, name), NULL, 0};
    char shown[AIGOV__SHOWN];
    size_t n;
    const aigov__field *f = aigov__kind_fields(kind, &n);
    if (!aigov__name_shown(near.name)) {
        return aigov__about_fail(about, name, err, "unknown field");
    }
    if (aigov_span_is(near.name, "recorded_by")) {
        return aigov__about_fail(
            about, name, err,
            "recorded_by%s cannot be given, the server stamps the login",
            aigov__shown(about->j, login_in(about->j, name + 1), false, shown));
    }
    if (aigov_span_is(near.name, "approved_by")) {
        return aigov__about_fail(
            about, name, err,
            "approved_by%s cannot be given; another login must put an approval",
            aigov__shown(about->j, name + 1, false, shown));
    }
    for (size_t i = 0; i < n; i++) {
        aigov__near_try(&near, f[i].name);
    }
    aigov__shown(about->j, name, false, shown);
    return near.best == NULL
               ? aigov__about_fail(about, name, err, "unknown field%s", shown)
               : aigov__about_fail(about, name, err,
                                   "unknown field%s; did you mean %s?", shown,
                                   near.best);
}

/* Absent, null, or (of a text or references) empty. */
static bool is_absent(const aigov_json *j, uint32_t node)
{
    return node == 0 || j->node[node].type == AIGOV_JSON_NULL ||
           (j->node[node].size == 0 &&
            (j->node[node].type == AIGOV_JSON_STRING ||
             j->node[node].type == AIGOV_JSON_ARRAY));
}

/* A value as conditions of fields.csv compare it. */
static aigov_span compared(const aigov_json *j, uint32_t node)
{
    static const char *const word[] = {"null", "false", "true"};
    uint8_t type = is_absent(j, node) ? AIGOV_JSON_NULL : j->node[node].type;
    return type <= AIGOV_JSON_TRUE ? aigov_str(word[type])
                                   : aigov_json_text(j, node);
}

static bool holds(const aigov_json *j, uint32_t node, const aigov__term *t)
{
    uint32_t value = aigov_json_get(j, node, t->field), other;
    int64_t a, b;
    if (t->op != AIGOV__TERM_BELOW) {
        return aigov__one_of(t->value, compared(j, value)) ==
               (t->op == AIGOV__TERM_IS);
    }
    other = aigov_json_get(j, node, t->value);
    return value != 0 && other != 0 && aigov_json_i64(j, value, &a) &&
           aigov_json_i64(j, other, &b) && a < b;
}

/* "expires_at is missing while type is call and outcome is approved" */
static aigov_status missing_while(const aigov__about *about, uint32_t node,
                                  const aigov__field *f, aigov_error *err)
{
    const aigov__term *t = aigov__field_terms(f);
    char text[160];
    int n = snprintf(text, sizeof text, "%s is missing while", f->name);
    for (uint16_t i = 0; i < f->terms && n > 0 && (size_t)n < sizeof text;
         i++) {
        aigov_span v =
            compared(about->j, aigov_json_get(about->j, node, t[i].field));
        n += snprintf(text + n, sizeof text - (size_t)n, "%s %s is %.*s",
                      i == 0 ? "" : " and", t[i].field,
                      v.n > 40 || about->subject.p == NULL ? 0 : (int)v.n, v.p);
    }
    return aigov__about_fail(about, node, err, "%s", text);
}

static bool is_needed(const aigov_json *j, uint32_t node, const aigov__field *f)
{
    const aigov__term *t = aigov__field_terms(f);
    bool needed = f->need == AIGOV__NEED_IF;
    for (uint16_t i = 0; i < f->terms && needed; i++) {
        needed = holds(j, node, &t[i]);
    }
    return needed;
}

static aigov_status required_fields(const aigov__about *about, uint32_t node,
                                    const aigov_kind *kind, aigov_error *err)
{
    size_t n;
    const aigov__field *f = aigov__kind_fields(kind, &n);
    for (size_t i = 0; i < n; i++) {
        if (f[i].need == AIGOV__NEED_NO ||
            !is_absent(about->j, aigov_json_get(about->j, node, f[i].name))) {
            continue;
        }
        if (f[i].need == AIGOV__NEED_ALWAYS) {
            return aigov__about_fail(about, node, err, "%s is missing",
                                     f[i].name);
        }
        /* what aigov writes itself says as much as it knows: a restore may have
         * lost the checkpoint that genesis would name */
        if (kind->by_put && is_needed(about->j, node, &f[i])) {
            return missing_while(about, node, &f[i], err);
        }
    }
    return AIGOV_OK;
}

aigov_status aigov__fields(const aigov__about *about, uint32_t node,
                           const aigov_kind *kind, aigov_error *err)
{
    const aigov_json *j = about->j;
    aigov_status st = AIGOV_OK;
    if (j->node[node].type != AIGOV_JSON_OBJECT) {
        return aigov__about_fail(about, node, err,
                                 "the body is %s, want an object",
                                 aigov__type_name(j, node));
    }
    for (uint32_t i = node + 1; i < j->node[node].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        const aigov__field *f = aigov__field_find(kind, aigov_json_text(j, i));
        if (f == NULL) {
            st = unknown_field(about, i, kind, err);
        } else if (j->node[i + 1].type != AIGOV_JSON_NULL) {
            st = aigov__field_value(about, i + 1, f, err);
        }
    }
    return st == AIGOV_OK ? required_fields(about, node, kind, err) : st;
}

/* 1..200 bytes of text without control characters and noncharacters: subjects
 * are names in what is hashed of rules. */
static aigov_status check_subject(const aigov_kind *kind, aigov_span subject,
                                  aigov_error *err)
{
    size_t plain = aigov__plain_text(subject);
    if (subject.n == 0) {
        return aigov_fail(err, AIGOV_FIELD, AIGOV_NO_POS,
                          "%s: subject is empty, want %s", kind->name,
                          aigov__kind_subject(kind));
    }
    if (subject.n > AIGOV__MAX_SUBJECT) {
        return aigov_fail(err, AIGOV_FIELD, AIGOV_NO_POS,
                          "%s: subject has %zu bytes, at most %d fit",
                          kind->name, subject.n, AIGOV__MAX_SUBJECT);
    }
    for (size_t i = 0; i < subject.n; i++) {
        if ((uint8_t)subject.p[i] < 0x20 || subject.p[i] == 0x7F) {
            return aigov_fail(err, AIGOV_FIELD, i,
                              "%s: subject has a control character",
                              kind->name);
        }
    }
    if (aigov_utf8_valid(subject) != subject.n) {
        return aigov_fail(err, AIGOV_FIELD, aigov_utf8_valid(subject),
                          "%s: subject is not UTF-8", kind->name);
    }
    return plain == subject.n
               ? AIGOV_OK
               : aigov_fail(err, AIGOV_FIELD, plain,
                            "%s: subject has a noncharacter", kind->name);
}

static aigov_status unknown_kind(aigov_span name, aigov_error *err)
{
    aigov__near near = {name, NULL, 0};
    const aigov_kind *kind;
    if (!aigov__name_shown(name)) {
        return aigov_fail(err, AIGOV_KIND, AIGOV_NO_POS, "unknown kind");
    }
    for (size_t i = 0; (kind = aigov_kind_at(i)) != NULL; i++) {
        aigov__near_try(&near, kind->name);
    }
    aigov_fail(err, AIGOV_KIND, AIGOV_NO_POS, "unknown kind %.*s", (int)name.n,
               name.p);
    return near.best == NULL ? err->code
                             : aigov_hint(err, "did you mean %s?", near.best);
}

/* Remember what a put says about itself besides its fields. */
static void fill_draft(aigov_record *r, const aigov_kind *kind,
                       aigov_span subject, aigov_span body)
{
    aigov_draft *d = &r->draft;
    uint32_t replaces = aigov_json_get(&r->j, 0, "replaces");
    d->kind = aigov_str(kind->name);
    d->governance = kind->lane0;
    d->subject = subject;
    d->input_size = body.n;
    d->has_replaces =
        replaces != 0 && aigov_json_i64(&r->j, replaces, &d->replaces);
    r->governance = kind;
}

static aigov_status read_body(aigov_record *r, const aigov_kind *kind,
                              aigov_span subject, aigov_span body,
                              aigov_error *err)
{
    aigov_status st = check_subject(kind, subject, err);
    return st == AIGOV_OK ? aigov_json_read(&r->j, AIGOV_JSON_STRICT, body, err)
                          : st;
}

/* The fields are looked through before they are judged, since messages show
 * values: a put is refused, or stays as it is; else what is found is replaced.
 */
static aigov_status scan(aigov_record *r, const aigov_kind *kind,
                         aigov_span *subject, aigov_span body, bool put,
                         aigov_error *err)
{
    return put ? aigov__refuse_secrets(r, kind, *subject, body, err)
               : aigov__scan_made(r, kind, subject, body, err);
}

static aigov_status make(aigov_record *r, const aigov_kind *kind,
                         aigov_span subject, aigov_span body, bool put,
                         aigov_error *err)
{
    aigov__about about = {&r->j, kind->name, AIGOV_ABSENT};
    aigov_status st =
        aigov__stage(err, "parse", read_body(r, kind, subject, body, err));
    if (st == AIGOV_OK) {
        st = aigov__stage(err, "scan", scan(r, kind, &subject, body, put, err));
    }
    if (st == AIGOV_OK) {
        about.subject = subject;
        st = aigov__stage(err, "parse", aigov__fields(&about, 0, kind, err));
    }
    if (st == AIGOV_OK && put) {
        st = aigov__stage(
            err, "parse",
            aigov__rules_check(r->ctx, kind->name, subject, &r->j, err));
    }
    if (st == AIGOV_OK) {
        fill_draft(r, kind, subject, body);
        st = aigov__stage(err, "render", aigov__render(r, err));
    }
    r->ready = st == AIGOV_OK;
    return st;
}

static aigov_status put(aigov_record *r, const aigov_kind *k, aigov_span kind,
                        aigov_span subject, aigov_span body, aigov_error *err)
{
    aigov__record_reset(r);
    aigov__scanner_for(r->scanner, NULL, AIGOV__STORE, AIGOV_ABSENT);
    if (k == NULL) {
        return aigov__stage(err, "parse", unknown_kind(kind, err));
    }
    if (!k->by_put) {
        size_t n = subject.n <= AIGOV__MAX_SUBJECT ? subject.n : 0;
        if (aigov__refuse_subject(r, k->name, subject, err) != AIGOV_OK) {
            return aigov__stage(err, "scan", err->code);
        }
        aigov_fail(err, AIGOV_KIND, AIGOV_NO_POS,
                   "%s %.*s: kind %s is written by aigov, want no put", k->name,
                   (int)n, subject.p == NULL ? "" : subject.p, k->name);
        aigov_hint(err, "it is written through %s", k->through);
        return aigov__stage(err, "parse", err->code);
    }
    return make(r, k, subject, body, true, err);
}

aigov_status aigov_record_put(aigov_record *r, aigov_span kind,
                              aigov_span subject, aigov_span body,
                              aigov_error *err)
{
    const aigov_kind *k = aigov_kind_find(kind);
    aigov_status st = put(r, k, kind, subject, body, err);
    if (st != AIGOV_OK) {
        aigov__scan_error(r, k != NULL && k->by_put, err);
    }
    return st;
}

aigov_status aigov_record_make(aigov_record *r, aigov_span kind,
                               aigov_span subject, aigov_span fields,
                               aigov_error *err)
{
    const aigov_kind *k = aigov_kind_find(kind);
    aigov_status st;
    aigov__record_reset(r);
    st = k == NULL ? aigov__stage(err, "parse", unknown_kind(kind, err))
                   : make(r, k, subject, fields, false, err);
    if (st != AIGOV_OK) {
        aigov__scan_error(r, false, err);
    }
    return st;
}
