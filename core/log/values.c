/*
 * values.c - one value of a record against its row of a table
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every refusal names the member, what it is and what is wanted, and carries
 * the offset of the value.  It never shows the value.
 *
 * A member of a nested object that is null counts as absent, as at top level:
 * serialisers write null for what they do not have.
 */
#include "internal.h"

#include <string.h>

const char *aigov__type_name(const aigov_json *j, uint32_t node)
{
    static const char *const name[] = {
        "null", "false", "true", "a number", "a text", "an array", "an object"};
    return name[j->node[node].type];
}

aigov_status aigov__conforming(const aigov_json *j, uint32_t node,
                               aigov_error *err)
{
    uint32_t end = j->node[node].next;
    if (j->node[node].flags == 0) {
        return AIGOV_OK;
    }
    for (uint32_t i = node; i < end; i++) {
        if (j->node[i].flags & AIGOV_NODE_NONCONFORMING) {
            return aigov_fail(err, AIGOV_NOTIJSON, j->node[i].at,
                              "outside content a value must be I-JSON "
                              "(RFC 7493)");
        }
    }
    return AIGOV_OK;
}

/* "actor.roles is a number, want an array of texts" */
static aigov_status wants(const aigov_json *j, uint32_t node,
                          const aigov__member *m, const char *outer,
                          const char *wanted, aigov_error *err)
{
    return aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                      "%s%s%s is %s, want %s", outer ? outer : "",
                      outer ? "." : "", m->name, aigov__type_name(j, node),
                      wanted);
}

/* "operation is not ..." for a value of the right type */
static aigov_status is_not(const aigov_json *j, uint32_t node,
                           const aigov__member *m, const char *outer,
                           const char *wanted, aigov_error *err)
{
    return aigov_fail(err, AIGOV_FIELD, j->node[node].at, "%s%s%s is not %s",
                      outer ? outer : "", outer ? "." : "", m->name, wanted);
}

bool aigov__one_of(const char *list, aigov_span s)
{
    for (const char *p = list;; p++) {
        size_t n = strcspn(p, "|");
        if (n == s.n && memcmp(p, s.p, n) == 0) {
            return n > 0;
        }
        p += n;
        if (*p == '\0') {
            return false;
        }
    }
}

const char *aigov__listed(const char *list, char *out, size_t n)
{
    size_t k = 0;
    for (const char *p = list; *p != '\0' && k + 3 < n; p++) {
        out[k++] = *p == '|' ? ',' : *p;
        if (*p == '|') {
            out[k++] = ' ';
        }
    }
    out[k] = '\0';
    return out;
}

bool aigov__is_decimal(aigov_span s, bool negative)
{
    size_t i = negative && s.n > 0 && s.p[0] == '-' ? 1 : 0;
    size_t start = i;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
        i++;
    }
    if (i == start || (s.p[start] == '0' && i > start + 1)) {
        return false;
    }
    if (i == s.n) {
        return s.n <= 40;
    }
    size_t point = i++;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
        i++;
    }
    return s.p[point] == '.' && i == s.n && i > point + 1 && s.n <= 40;
}

bool aigov__is_currency(aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < 'A' || s.p[i] > 'Z') {
            return false;
        }
    }
    return s.n == 3;
}

static bool is_word(aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
              c == '.' || c == '-')) {
            return false;
        }
    }
    return true;
}

static bool is_letters(aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
            return false;
        }
    }
    return true;
}

static bool is_hex(aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
              (s.p[i] >= 'a' && s.p[i] <= 'f'))) {
            return false;
        }
    }
    return true;
}

static aigov_status text_size(const aigov_json *j, uint32_t node,
                              const aigov__member *m, const char *outer,
                              aigov_error *err)
{
    size_t n = j->node[node].size;
    if ((int64_t)n >= m->min && (int64_t)n <= m->max) {
        return AIGOV_OK;
    }
    if (n == 0) {
        return aigov_fail(err, AIGOV_FIELD, j->node[node].at, "%s%s%s is empty",
                          outer ? outer : "", outer ? "." : "", m->name);
    }
    return aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                      "%s%s%s has %zu bytes, at most %d fit",
                      outer ? outer : "", outer ? "." : "", m->name, n,
                      (int)m->max);
}

static const char *const word_is = "a word of a-z, 0-9, _, - and .";

/* What a string of this type has to be, or NULL where s is that. */
static const char *string_fault(const aigov__member *m, aigov_span s)
{
    uint8_t id[16];
    int64_t at;
    switch (m->type) {
    case AIGOV__WORD:
        return is_word(s) ? NULL : word_is;
    case AIGOV__UUID:
        return aigov_uuid_parse(s, id) ? NULL : "a UUID of 36 characters";
    case AIGOV__TIME:
        return aigov_time_parse(s, &at)
                   ? NULL
                   : "an RFC 3339 time such as 2026-09-11T08:15:02.114233Z";
    case AIGOV__HEX:
        if ((int64_t)s.n == m->max && is_hex(s)) {
            return NULL;
        }
        return m->max == 64   ? "64 lower-case hex digits"
               : m->max == 32 ? "32 lower-case hex digits"
                              : "16 lower-case hex digits";
    case AIGOV__DECIMAL:
        return aigov__is_decimal(s, false)
                   ? NULL
                   : "a decimal number such as \"0.0021\"";
    case AIGOV__CURRENCY:
        return aigov__is_currency(s) ? NULL : "an ISO 4217 code such as USD";
    case AIGOV__RELATION:
        return is_letters(s) ? NULL : "a word of letters such as used";
    default:
        return NULL;
    }
}

/* The name of a node of lineage; it is stored as given. */
static aigov_status node_value(const aigov_json *j, uint32_t node,
                               const aigov__member *m, const char *outer,
                               aigov_error *err)
{
    aigov_status st = text_size(j, node, m, outer, err);
    aigov_error why;
    aigov_buf name;
    if (st != AIGOV_OK) {
        return st;
    }
    aigov_buf_init(&name, j->ctx);
    st = aigov_node_name(aigov__text(j, node), NULL, &name, &why);
    aigov_buf_free(&name);
    if (st != AIGOV_FIELD) {
        return st == AIGOV_NOMEM ? aigov__nomem(err) : st;
    }
    is_not(j, node, m, outer, "the name of a node, kind:name", err);
    return aigov_hint(err, "%s", why.hint);
}

/* Types that are a JSON string. */
static aigov_status string_value(const aigov_json *j, uint32_t node,
                                 const aigov__member *m, const char *outer,
                                 aigov_error *err)
{
    aigov_span s = aigov__text(j, node);
    const char *fault;
    char list[160];
    if (j->node[node].type != AIGOV_JSON_STRING) {
        return wants(j, node, m, outer, "a text", err);
    }
    fault = string_fault(m, s);
    if (fault != NULL) {
        return is_not(j, node, m, outer, fault, err);
    }
    if (m->type == AIGOV__ENUM && !aigov__one_of(m->arg, s)) {
        return aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                          "%s%s%s is none of %s", outer ? outer : "",
                          outer ? "." : "", m->name,
                          aigov__listed(m->arg, list, sizeof list));
    }
    if (m->type == AIGOV__NODE) {
        return node_value(j, node, m, outer, err);
    }
    if (m->type == AIGOV__WORD || m->type == AIGOV__TEXT ||
        m->type == AIGOV__NODE_ID || m->type == AIGOV__RELATION) {
        return text_size(j, node, m, outer, err);
    }
    return AIGOV_OK;
}

static aigov_status int_value(const aigov_json *j, uint32_t node,
                              const aigov__member *m, const char *outer,
                              aigov_error *err)
{
    int64_t v;
    if (!aigov_json_i64(j, node, &v)) {
        return wants(j, node, m, outer, "an integer", err);
    }
    if (v >= m->min && v <= m->max) {
        return AIGOV_OK;
    }
    if (m->max == AIGOV__MAX_INT) {
        return aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                          "%s%s%s is below %d", outer ? outer : "",
                          outer ? "." : "", m->name, (int)m->min);
    }
    return aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                      "%s%s%s is outside %d to %d", outer ? outer : "",
                      outer ? "." : "", m->name, (int)m->min, (int)m->max);
}

/* "documents has 300 elements, at most 256 fit" */
static aigov_status too_many(const aigov_json *j, uint32_t node,
                             const aigov__member *m, const char *outer,
                             int64_t most, aigov_error *err)
{
    return aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                      "%s%s%s has %u elements, at most %d fit",
                      outer ? outer : "", outer ? "." : "", m->name,
                      j->node[node].size, (int)most);
}

/* At most min texts of at most max bytes each. */
static aigov_status texts_value(const aigov_json *j, uint32_t node,
                                const aigov__member *m, const char *outer,
                                aigov_error *err)
{
    uint32_t end = j->node[node].next;
    if (j->node[node].type != AIGOV_JSON_ARRAY) {
        return wants(j, node, m, outer, "an array of texts", err);
    }
    if ((int64_t)j->node[node].size > m->min) {
        return too_many(j, node, m, outer, m->min, err);
    }
    for (uint32_t i = node + 1; i < end; i = j->node[i].next) {
        if (j->node[i].type != AIGOV_JSON_STRING) {
            return aigov_fail(err, AIGOV_FIELD, j->node[i].at,
                              "an element of %s%s%s is %s, want a text",
                              outer ? outer : "", outer ? "." : "", m->name,
                              aigov__type_name(j, i));
        }
        if ((int64_t)j->node[i].size > m->max) {
            return aigov_fail(err, AIGOV_FIELD, j->node[i].at,
                              "an element of %s%s%s has %u bytes, at most %d "
                              "fit",
                              outer ? outer : "", outer ? "." : "", m->name,
                              j->node[i].size, (int)m->max);
        }
    }
    return AIGOV_OK;
}

#define MAX_FLAT_NAME 128
#define MAX_FLAT_VALUE 1024

static bool is_scalar(const aigov_json *j, uint32_t node)
{
    return j->node[node].type < AIGOV_JSON_ARRAY;
}

/* An object of at most max scalars. */
static aigov_status flat_value(const aigov_json *j, uint32_t node,
                               const aigov__member *m, const char *outer,
                               aigov_error *err)
{
    uint32_t end = j->node[node].next;
    if (j->node[node].type != AIGOV_JSON_OBJECT) {
        return wants(j, node, m, outer, "an object", err);
    }
    if ((int64_t)j->node[node].size > m->max) {
        return too_many(j, node, m, outer, m->max, err);
    }
    for (uint32_t i = node + 1; i < end; i = j->node[i + 1].next) {
        if (j->node[i].size > MAX_FLAT_NAME) {
            return aigov_fail(err, AIGOV_FIELD, j->node[i].at,
                              "a name in %s has %u bytes, at most %d fit",
                              m->name, j->node[i].size, MAX_FLAT_NAME);
        }
        if (!is_scalar(j, i + 1)) {
            return aigov_fail(err, AIGOV_FIELD, j->node[i + 1].at,
                              "a value in %s is %s, want a text, number or "
                              "boolean",
                              m->name, aigov__type_name(j, i + 1));
        }
        if (j->node[i + 1].size > MAX_FLAT_VALUE) {
            return aigov_fail(err, AIGOV_FIELD, j->node[i + 1].at,
                              "a value in %s has %u bytes, at most %d fit",
                              m->name, j->node[i + 1].size, MAX_FLAT_VALUE);
        }
    }
    return AIGOV_OK;
}

static aigov_status flats_value(const aigov_json *j, uint32_t node,
                                const aigov__member *m, const char *outer,
                                aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    uint32_t end = j->node[node].next;
    if (j->node[node].type != AIGOV_JSON_ARRAY) {
        return wants(j, node, m, outer, "an array of objects", err);
    }
    if ((int64_t)j->node[node].size > m->min) {
        return too_many(j, node, m, outer, m->min, err);
    }
    for (uint32_t i = node + 1; i < end && st == AIGOV_OK;
         i = j->node[i].next) {
        st = flat_value(j, i, m, outer, err);
    }
    return st;
}

static bool ends_in_tokens(aigov_span name)
{
    return name.n >= 7 && memcmp(name.p + name.n - 7, "_tokens", 7) == 0;
}

/*
 * The provider's own words and figures.  Views add up what is called
 * ..._tokens at the top of usage, so those are integers; no figure anywhere in
 * it is negative.
 */
static aigov_status usage_value(const aigov_json *j, uint32_t node,
                                const aigov__member *m, const char *outer,
                                aigov_error *err)
{
    uint32_t end = j->node[node].next;
    double d;
    int64_t v;
    if (j->node[node].type != AIGOV_JSON_OBJECT) {
        return wants(j, node, m, outer, "an object", err);
    }
    for (uint32_t i = node + 1; i < end; i++) {
        if (j->node[i].type == AIGOV_JSON_NUMBER &&
            (!aigov_json_double(j, i, &d) || d < 0)) {
            return aigov_fail(err, AIGOV_FIELD, j->node[i].at,
                              "a figure in usage is negative");
        }
    }
    for (uint32_t i = node + 1; i < end; i = j->node[i + 1].next) {
        uint8_t type = j->node[i + 1].type;
        if (type != AIGOV_JSON_NULL && ends_in_tokens(aigov__text(j, i)) &&
            !aigov_json_i64(j, i + 1, &v)) {
            return aigov_fail(err, AIGOV_FIELD, j->node[i + 1].at,
                              "a count of tokens in usage is %s, want an "
                              "integer",
                              aigov__type_name(j, i + 1));
        }
    }
    return AIGOV_OK;
}

const aigov__member *aigov__shape_find(const aigov__shape *shape,
                                       aigov_span name)
{
    for (uint32_t i = 0; i < shape->n; i++) {
        if (aigov__is_name(&shape->member[i], name)) {
            return &shape->member[i];
        }
    }
    return NULL;
}

static aigov_status unknown_inside(const aigov_json *j, uint32_t name,
                                   const aigov__shape *shape, const char *outer,
                                   aigov_error *err)
{
    aigov__near near = {aigov_json_text(j, name), NULL, 0};
    uint32_t at = j->node[name].at;
    if (!aigov__name_shown(near.name)) {
        return aigov_fail(err, AIGOV_FIELD, at, "unknown member of %s", outer);
    }
    aigov_fail(err, AIGOV_FIELD, at, "unknown member \"%s.%.*s\"", outer,
               (int)near.name.n, near.name.p);
    for (uint32_t i = 0; i < shape->n; i++) {
        aigov__near_try(&near, shape->member[i].name);
    }
    return near.best != NULL ? aigov_hint(err, "did you mean %s?", near.best)
                             : aigov_hint(err, "other data goes to attributes");
}

static aigov_status required_inside(const aigov_json *j, uint32_t node,
                                    const aigov__shape *shape,
                                    const char *outer, aigov_error *err)
{
    for (uint32_t i = 0; i < shape->n; i++) {
        const aigov__member *m = &shape->member[i];
        if (m->moves == 0) {
            continue;
        }
        uint32_t at = aigov_json_get(j, node, m->name);
        if (at == 0 || j->node[at].type == AIGOV_JSON_NULL) {
            return aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                              "%s.%s is missing", outer, m->name);
        }
    }
    return AIGOV_OK;
}

static aigov_status object_value(const aigov_json *j, uint32_t node,
                                 const aigov__member *outer, aigov_error *err)
{
    const aigov__shape *shape = outer->arg;
    uint32_t end = j->node[node].next;
    aigov_status st = AIGOV_OK;
    if (j->node[node].type != AIGOV_JSON_OBJECT) {
        return wants(j, node, outer, NULL, "an object", err);
    }
    for (uint32_t i = node + 1; i < end && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        const aigov__member *m = aigov__shape_find(shape, aigov__text(j, i));
        if (m == NULL) {
            st = shape->open ? AIGOV_OK : aigov__conforming(j, i, err);
            if (st == AIGOV_OK && !shape->open) {
                st = unknown_inside(j, i, shape, outer->name, err);
            }
        } else if (j->node[i + 1].type != AIGOV_JSON_NULL) {
            st = aigov__value(j, i + 1, m, outer->name, err);
        }
    }
    return st != AIGOV_OK ? st
                          : required_inside(j, node, shape, outer->name, err);
}

static aigov_status list_value(const aigov_json *j, uint32_t node,
                               const aigov__member *m, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    uint32_t end = j->node[node].next;
    if (j->node[node].type != AIGOV_JSON_ARRAY) {
        return wants(j, node, m, NULL, "an array of objects", err);
    }
    if ((int64_t)j->node[node].size > m->max) {
        return too_many(j, node, m, NULL, m->max, err);
    }
    for (uint32_t i = node + 1; i < end && st == AIGOV_OK;
         i = j->node[i].next) {
        st = object_value(j, i, m, err);
    }
    return st;
}

static aigov_status scalar_value(const aigov_json *j, uint32_t node,
                                 const aigov__member *m, const char *outer,
                                 aigov_error *err)
{
    if (!is_scalar(j, node)) {
        return wants(j, node, m, outer, "a text, number or boolean", err);
    }
    return j->node[node].type == AIGOV_JSON_STRING
               ? text_size(j, node, m, outer, err)
               : AIGOV_OK;
}

/* Whether a part of m is content, so that aigov__value looks inside. */
static bool holds_content(const aigov__member *m)
{
    return m->where == AIGOV__CONTENT || m->where == AIGOV__SPLIT;
}

aigov_status aigov__value(const aigov_json *j, uint32_t node,
                          const aigov__member *m, const char *outer,
                          aigov_error *err)
{
    const aigov_node *n = &j->node[node];
    if (n->flags != 0 && !holds_content(m)) {
        return aigov__conforming(j, node, err);
    }
    switch (m->type) {
    case AIGOV__ANY:
        return AIGOV_OK;
    case AIGOV__INT:
        return int_value(j, node, m, outer, err);
    case AIGOV__NUMBER:
        return n->type == AIGOV_JSON_NUMBER
                   ? AIGOV_OK
                   : wants(j, node, m, outer, "a number", err);
    case AIGOV__BOOL:
        return n->type == AIGOV_JSON_TRUE || n->type == AIGOV_JSON_FALSE
                   ? AIGOV_OK
                   : wants(j, node, m, outer, "true or false", err);
    case AIGOV__TEXTS:
        return texts_value(j, node, m, outer, err);
    case AIGOV__SCALAR:
        return scalar_value(j, node, m, outer, err);
    case AIGOV__FLAT:
        return flat_value(j, node, m, outer, err);
    case AIGOV__FLATS:
        return flats_value(j, node, m, outer, err);
    case AIGOV__USAGE:
        return usage_value(j, node, m, outer, err);
    case AIGOV__OBJECT:
        return object_value(j, node, m, err);
    case AIGOV__LIST:
        return list_value(j, node, m, err);
    case AIGOV__MAP:
    case AIGOV__FACTS:
    case AIGOV__LOSS:
        return n->type == AIGOV_JSON_OBJECT
                   ? AIGOV_OK
                   : wants(j, node, m, outer, "an object", err);
    default:
        return string_value(j, node, m, outer, err);
    }
}
