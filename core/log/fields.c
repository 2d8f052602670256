/*
 * fields.c - one field of a governance record against its row of fields.csv
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Messages have the form of iso42001's refusals: kind and subject, the field,
 * the value, what is wanted.  What a register holds is not content, so a value
 * is shown, at most 60 bytes of it; one that is kept as content never is.
 */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

aigov_status aigov__about_fail(const aigov__about *about, uint32_t node,
                               aigov_error *err, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return aigov_fail(err, AIGOV_FIELD, about->j->node[node].at, "%s%s%.*s: %s",
                      about->kind, about->subject.p == NULL ? "" : " ",
                      (int)about->subject.n,
                      about->subject.p == NULL ? "" : about->subject.p, text);
}

/* At most n bytes of s, cut at a character. */
static size_t cut(aigov_span s, size_t n)
{
    return aigov_utf8_valid((aigov_span){s.p, s.n < n ? s.n : n});
}

const char *aigov__shown(const aigov_json *j, uint32_t node, bool content,
                         char out[AIGOV__SHOWN])
{
    uint8_t type = j->node[node].type;
    aigov_span s = {NULL, 0};
    size_t n = 0;
    if (type == AIGOV_JSON_STRING || type == AIGOV_JSON_NUMBER) {
        s = aigov_json_text(j, node);
        n = content ? 0 : cut(s, 60);
    }
    out[0] = ' ';
    if (n == 0) {
        out[0] = '\0';
        return out;
    }
    for (size_t i = 0; i < n; i++) {
        out[i + 1] = (uint8_t)s.p[i] < 0x20 || s.p[i] == 0x7F ? '?' : s.p[i];
    }
    out[n + 1] = '\0';
    return out;
}

/* A record's own values stay out of messages: it has no subject there. */
static const char *show(const aigov__about *about, uint32_t node,
                        const aigov__field *f, char out[AIGOV__SHOWN])
{
    return aigov__shown(about->j, node, f->content || about->subject.p == NULL,
                        out);
}

/* 'likelihood "high" is a text, want an integer from 1 to 5' */
static aigov_status wants(const aigov__about *about, uint32_t node,
                          const aigov__field *f, const char *wanted,
                          aigov_error *err)
{
    char shown[AIGOV__SHOWN];
    bool text = about->j->node[node].type == AIGOV_JSON_STRING;
    show(about, node, f, shown);
    if (shown[0] != '\0' && text) {
        return aigov__about_fail(about, node, err,
                                 "%s \"%s\" is a text, want %s", f->name,
                                 shown + 1, wanted);
    }
    return aigov__about_fail(about, node, err, "%s%s is %s, want %s", f->name,
                             shown, aigov__type_name(about->j, node), wanted);
}

static bool all_of(aigov_span s, const char *from)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0' || strchr(from, s.p[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static aigov_status text_form(const aigov__about *about, uint32_t node,
                              const aigov__field *f, aigov_error *err)
{
    aigov_span s = aigov_json_text(about->j, node);
    char shown[AIGOV__SHOWN];
    show(about, node, f, shown);
    switch (f->form) {
    case AIGOV__FORM_DIGITS:
        return all_of(s, "0123456789")
                   ? AIGOV_OK
                   : aigov__about_fail(about, node, err,
                                       "%s%s is not digits alone", f->name,
                                       shown);
    case AIGOV__FORM_ENTITY:
        return s.n > 0 && all_of(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
                   ? AIGOV_OK
                   : aigov__about_fail(about, node, err,
                                       "%s%s is not a name of A-Z, 0-9 and _",
                                       f->name, shown);
    case AIGOV__FORM_CURRENCY:
        return aigov__is_currency(s)
                   ? AIGOV_OK
                   : aigov__about_fail(about, node, err,
                                       "%s%s is not an ISO 4217 code such as "
                                       "EUR",
                                       f->name, shown);
    default:
        return AIGOV_OK;
    }
}

static aigov_status text_field(const aigov__about *about, uint32_t node,
                               const aigov__field *f, aigov_error *err)
{
    size_t n = about->j->node[node].size;
    char shown[AIGOV__SHOWN];
    if (about->j->node[node].type != AIGOV_JSON_STRING) {
        return wants(about, node, f, "a text", err);
    }
    show(about, node, f, shown);
    if ((int64_t)n < f->min && f->form != AIGOV__FORM_CURRENCY) {
        return aigov__about_fail(
            about, node, err, "%s%s has %zu %s, want %d or more", f->name,
            shown, n, f->form == AIGOV__FORM_DIGITS ? "digits" : "bytes",
            (int)f->min);
    }
    if ((int64_t)n > f->max && f->form != AIGOV__FORM_CURRENCY) {
        return aigov__about_fail(about, node, err,
                                 "%s has %zu bytes, at most %d fit", f->name, n,
                                 (int)f->max);
    }
    return text_form(about, node, f, err);
}

static aigov_status int_field(const aigov__about *about, uint32_t node,
                              const aigov__field *f, aigov_error *err)
{
    char wanted[64], shown[AIGOV__SHOWN];
    bool open = f->max == AIGOV__MAX_INT;
    int64_t v;
    if (!aigov_json_i64(about->j, node, &v)) {
        if (open) {
            snprintf(wanted, sizeof wanted, "an integer, %d or more",
                     (int)f->min);
        } else {
            snprintf(wanted, sizeof wanted, "an integer from %d to %d",
                     (int)f->min, (int)f->max);
        }
        return wants(about, node, f, wanted, err);
    }
    if (v >= f->min && v <= f->max) {
        return AIGOV_OK;
    }
    show(about, node, f, shown);
    if (open || f->max >= 1000) {
        return aigov__about_fail(about, node, err, "%s%s is %s %d", f->name,
                                 shown, v < f->min ? "below" : "above",
                                 (int)(v < f->min ? f->min : f->max));
    }
    return aigov__about_fail(about, node, err, "%s%s is outside %d to %d",
                             f->name, shown, (int)f->min, (int)f->max);
}

/* From 0 to 1, of a text that is a decimal. */
static bool in_unit(aigov_span s)
{
    if (s.p[0] == '0') {
        return true;
    }
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] != '0' && s.p[i] != '.') {
            return false;
        }
    }
    return s.p[0] == '1' && (s.n == 1 || s.p[1] == '.');
}

static aigov_status decimal_field(const aigov__about *about, uint32_t node,
                                  const aigov__field *f, aigov_error *err)
{
    aigov_span s = aigov_json_text(about->j, node);
    char shown[AIGOV__SHOWN], wanted[AIGOV__SHOWN + 32];
    show(about, node, f, shown);
    if (about->j->node[node].type == AIGOV_JSON_NUMBER) {
        snprintf(wanted, sizeof wanted, "a string such as \"%s\"", shown + 1);
        return wants(about, node, f, wanted, err);
    }
    if (about->j->node[node].type != AIGOV_JSON_STRING) {
        return wants(about, node, f, "a string such as \"12.50\"", err);
    }
    if (!aigov__is_decimal(s, f->form == AIGOV__FORM_PLAIN)) {
        return aigov__about_fail(about, node, err,
                                 "%s%s is not a decimal number such as 12.50",
                                 f->name, shown);
    }
    if (f->form == AIGOV__FORM_RANGE && !in_unit(s)) {
        return aigov__about_fail(about, node, err, "%s%s is outside 0 to 1",
                                 f->name, shown);
    }
    return AIGOV_OK;
}

/* YYYY-MM-DD of a day that there is. */
static bool is_date(aigov_span s)
{
    char text[AIGOV_TIME_LEN + 1] = "YYYY-MM-DDT00:00:00.000000Z";
    int64_t at;
    if (s.n != 10) {
        return false;
    }
    memcpy(text, s.p, 10);
    return aigov_time_parse_stored((aigov_span){text, AIGOV_TIME_LEN}, &at);
}

/* RFC 3339 in UTC. */
static bool is_utc(aigov_span s)
{
    int64_t at;
    return s.n > 0 && (s.p[s.n - 1] == 'Z' || s.p[s.n - 1] == 'z') &&
           aigov_time_parse(s, &at);
}

static aigov_status date_field(const aigov__about *about, uint32_t node,
                               const aigov__field *f, aigov_error *err)
{
    char shown[AIGOV__SHOWN];
    if (about->j->node[node].type != AIGOV_JSON_STRING) {
        return wants(about, node, f, "YYYY-MM-DD such as 2026-02-10", err);
    }
    if (is_date(aigov_json_text(about->j, node))) {
        return AIGOV_OK;
    }
    return aigov__about_fail(about, node, err,
                             "%s%s is not a date, want YYYY-MM-DD such as "
                             "2026-02-10",
                             f->name, show(about, node, f, shown));
}

static aigov_status time_field(const aigov__about *about, uint32_t node,
                               const aigov__field *f, aigov_error *err)
{
    aigov_span s = aigov_json_text(about->j, node);
    char shown[AIGOV__SHOWN];
    int64_t at;
    if (about->j->node[node].type != AIGOV_JSON_STRING) {
        return wants(about, node, f, "UTC such as 2026-05-04T08:00:00Z", err);
    }
    if (is_utc(s)) {
        return AIGOV_OK;
    }
    return aigov__about_fail(
        about, node, err, "%s%s %s, want UTC such as 2026-05-04T08:00:00Z",
        f->name, show(about, node, f, shown),
        aigov_time_parse(s, &at)                    ? "is not in UTC"
        : s.n >= 16 && all_of(s, "0123456789-: T.") ? "has no zone"
                                                    : "is not a time");
}

static aigov_status hash_field(const aigov__about *about, uint32_t node,
                               const aigov__field *f, aigov_error *err)
{
    aigov_span s = aigov_json_text(about->j, node);
    char shown[AIGOV__SHOWN];
    uint8_t hash[32];
    if (about->j->node[node].type != AIGOV_JSON_STRING) {
        return wants(about, node, f, "64 hex digits", err);
    }
    show(about, node, f, shown);
    if (s.n != 64) {
        return aigov__about_fail(about, node, err,
                                 "%s%s has %zu digits, want 64 hex digits",
                                 f->name, shown, s.n);
    }
    return aigov_hex_parse(s, hash, 32)
               ? AIGOV_OK
               : aigov__about_fail(about, node, err,
                                   "%s is not 64 lower-case hex digits",
                                   f->name);
}

/* 'state mostly is none of met, partial, none' */
static aigov_status among(const aigov__about *about, uint32_t node,
                          const aigov__field *f, const char *before,
                          aigov_error *err)
{
    char shown[AIGOV__SHOWN], list[200];
    if (about->j->node[node].type == AIGOV_JSON_STRING &&
        aigov__one_of(f->values, aigov_json_text(about->j, node))) {
        return AIGOV_OK;
    }
    if (about->j->node[node].type != AIGOV_JSON_STRING) {
        return wants(about, node, f, "a text", err);
    }
    return aigov__about_fail(about, node, err, "%s%s%s is none of %s", f->name,
                             before, show(about, node, f, shown),
                             aigov__listed(f->values, list, sizeof list));
}

/* What a reference names can be judged here by its form alone. */
static aigov_status ref_form(const aigov__about *about, uint32_t node,
                             const aigov__field *f, aigov_error *err)
{
    aigov_span s = aigov_json_text(about->j, node);
    char shown[AIGOV__SHOWN];
    uint8_t id[16];
    const char *slash = NULL;
    if (about->j->node[node].type != AIGOV_JSON_STRING) {
        return wants(about, node, f, "a text", err);
    }
    show(about, node, f, shown);
    if (s.n == 0 || s.n > AIGOV__MAX_SUBJECT + 40) {
        return aigov__about_fail(about, node, err,
                                 "%s has %zu bytes, want 1 to %d", f->name, s.n,
                                 AIGOV__MAX_SUBJECT + 40);
    }
    if (strcmp(f->values, "entry") == 0 ||
        strcmp(f->values, "interaction") == 0) {
        return aigov_uuid_parse(s, id)
                   ? AIGOV_OK
                   : aigov__about_fail(about, node, err,
                                       "%s%s is not an id of 36 characters",
                                       f->name, shown);
    }
    if (strcmp(f->values, "any") == 0 && !aigov_uuid_parse(s, id)) {
        slash = memchr(s.p, '/', s.n);
        if (slash == NULL ||
            aigov_kind_find((aigov_span){s.p, (size_t)(slash - s.p)}) == NULL) {
            return aigov__about_fail(about, node, err,
                                     "%s%s is neither kind/subject nor the id "
                                     "of an entry",
                                     f->name, shown);
        }
    }
    return AIGOV_OK;
}

typedef aigov_status element_fn(const aigov__about *about, uint32_t node,
                                const aigov__field *f, aigov_error *err);

static aigov_status array_of(const aigov__about *about, uint32_t node,
                             const aigov__field *f, const char *wanted,
                             element_fn *element, aigov_error *err)
{
    const aigov_node *n = about->j->node;
    aigov_status st = AIGOV_OK;
    if (n[node].type != AIGOV_JSON_ARRAY) {
        return wants(about, node, f, wanted, err);
    }
    for (uint32_t i = node + 1; i < n[node].next && st == AIGOV_OK;
         i = n[i].next) {
        st = element(about, i, f, err);
    }
    return st;
}

static aigov_status text_element(const aigov__about *about, uint32_t node,
                                 const aigov__field *f, aigov_error *err)
{
    if (f->values[0] != '\0') {
        return among(about, node, f, "", err);
    }
    return about->j->node[node].type == AIGOV_JSON_STRING
               ? AIGOV_OK
               : wants(about, node, f, "an array of texts", err);
}

/* Of an obligation only the kind must be there: quarantine, notify:oncall,
 * redact:pii.*=mask. */
static bool may_be_absent(const char *name)
{
    return strcmp(name, "target") == 0 || strcmp(name, "value") == 0;
}

/* An object with every name in values: 'exclusions Marketing has no reason' */
static aigov_status row_element(const aigov__about *about, uint32_t node,
                                const aigov__field *f, aigov_error *err)
{
    const aigov_json *j = about->j;
    char shown[AIGOV__SHOWN], name[32];
    if (j->node[node].type != AIGOV_JSON_OBJECT) {
        return wants(about, node, f, "an array of objects", err);
    }
    for (uint32_t i = node + 1; i < j->node[node].next;
         i = j->node[i + 1].next) {
        if (!aigov__one_of(f->values, aigov_json_text(j, i))) {
            return aigov__about_fail(about, i, err, "%s has an unknown name%s",
                                     f->name, show(about, i, f, shown));
        }
    }
    for (const char *p = f->values; *p != '\0'; p += strspn(p, "|")) {
        size_t n = strcspn(p, "|");
        memcpy(name, p, n);
        name[n] = '\0';
        p += n;
        if (aigov_json_get(j, node, name) == 0 && !may_be_absent(name)) {
            uint32_t first = node + 2 < j->node[node].next ? node + 2 : node;
            return aigov__about_fail(about, node, err, "%s%s has no %s",
                                     f->name, show(about, first, f, shown),
                                     name);
        }
    }
    return AIGOV_OK;
}

/* An object whose names (KEYS) or values (VALUES) are among values. */
static aigov_status object_field(const aigov__about *about, uint32_t node,
                                 const aigov__field *f, aigov_error *err)
{
    const aigov_json *j = about->j;
    char shown[AIGOV__SHOWN];
    aigov_status st = AIGOV_OK;
    if (j->node[node].type != AIGOV_JSON_OBJECT) {
        return wants(about, node, f, "an object", err);
    }
    for (uint32_t i = node + 1; i < j->node[node].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        if (f->form == AIGOV__FORM_KEYS) {
            st = among(about, i, f, "", err);
        } else if (f->form == AIGOV__FORM_VALUES) {
            st = among(about, i + 1, f, show(about, i, f, shown), err);
        }
    }
    return st;
}

static aigov_status json_field(const aigov__about *about, uint32_t node,
                               const aigov__field *f, aigov_error *err)
{
    switch (f->form) {
    case AIGOV__FORM_TEXTS:
        return array_of(about, node, f, "an array of texts", text_element, err);
    case AIGOV__FORM_ROWS:
        return array_of(about, node, f, "an array of objects", row_element,
                        err);
    default:
        return object_field(about, node, f, err);
    }
}

aigov_status aigov__field_value(const aigov__about *about, uint32_t node,
                                const aigov__field *f, aigov_error *err)
{
    uint8_t type = about->j->node[node].type;
    switch (f->type) {
    case AIGOV__F_TEXT:
        return text_field(about, node, f, err);
    case AIGOV__F_INT:
        return int_field(about, node, f, err);
    case AIGOV__F_DECIMAL:
        return decimal_field(about, node, f, err);
    case AIGOV__F_DATE:
        return date_field(about, node, f, err);
    case AIGOV__F_TIME:
        return time_field(about, node, f, err);
    case AIGOV__F_BOOL:
        return type == AIGOV_JSON_TRUE || type == AIGOV_JSON_FALSE
                   ? AIGOV_OK
                   : wants(about, node, f, "true or false", err);
    case AIGOV__F_ENUM:
        return among(about, node, f, "", err);
    case AIGOV__F_HASH:
        return hash_field(about, node, f, err);
    case AIGOV__F_REF:
        return ref_form(about, node, f, err);
    case AIGOV__F_REFS:
        return array_of(about, node, f, "an array of texts", ref_form, err);
    default:
        return json_field(about, node, f, err);
    }
}
