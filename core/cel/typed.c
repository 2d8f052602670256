/*
 * typed.c - values as JSON, and back
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   {"t":"null","v":null}           {"t":"string","v":"a"}
 *   {"t":"bool","v":true}           {"t":"bytes","v":"AQI="}       RFC 4648 4
 *   {"t":"int","v":"-1"}            {"t":"type","v":"int"}
 *   {"t":"uint","v":"1"} {"t":"timestamp","v":"2026-01-02T03:04:05Z"}
 *   {"t":"double","v":"1.5"}        {"t":"duration","v":"-1.5s"}
 *   {"t":"list","v":[VALUE,...]}    {"t":"map","v":[[KEY,VALUE],...]}
 *
 * What is written is canonical JSON (RFC 8785): a double as ECMAScript has it,
 * but -0 keeps its sign, and "NaN", "Infinity", "-Infinity".  Read are also
 * other spellings of the same number, time zones of timestamps and units of
 * durations.  JSON nests at most AIGOV_MAX_DEPTH deep, so recursion ends.
 */
#include <math.h>

#include "internal.h"

static const char *const names[] = {[CEL_NULL] = "null",
                                    [CEL_BOOL] = "bool",
                                    [CEL_INT] = "int",
                                    [CEL_UINT] = "uint",
                                    [CEL_DOUBLE] = "double",
                                    [CEL_STRING] = "string",
                                    [CEL_BYTES] = "bytes",
                                    [CEL_LIST] = "list",
                                    [CEL_MAP] = "map",
                                    [CEL_TYPE] = "type",
                                    [CEL_TIMESTAMP] = "timestamp",
                                    [CEL_DURATION] = "duration"};

#define KINDS (sizeof names / sizeof names[0])

/* --- base64 -------------------------------------------------------------- */

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool write_base64(const cel_value *v, aigov_buf *out)
{
    const uint8_t *p = (const uint8_t *)v->s;

    if (!aigov_buf_reserve(out, (size_t)v->n / 3 * 4 + 4)) {
        return false;
    }
    char *w = out->p + out->n;
    for (uint32_t left = v->n; left > 0; p += 3, w += 4) {
        uint32_t x = (uint32_t)p[0] << 16 |
                     (left > 1 ? (uint32_t)p[1] << 8 : 0) |
                     (left > 2 ? p[2] : 0);
        w[0] = alphabet[x >> 18];
        w[1] = alphabet[x >> 12 & 63];
        w[2] = left > 1 ? alphabet[x >> 6 & 63] : '=';
        w[3] = left > 2 ? alphabet[x & 63] : '=';
        left -= left < 3 ? left : 3;
    }
    out->n = (size_t)(w - out->p);
    return true;
}

static int base64_digit(char c)
{
    const char *p = c == '\0' ? NULL : strchr(alphabet, c);

    return p == NULL ? -1 : (int)(p - alphabet);
}

/* With its padding and no bits left over; false: it is none. */
static bool read_base64(aigov_span s, uint8_t *w, uint32_t *n)
{
    uint8_t *start = w;

    if (s.n % 4 != 0) {
        return false;
    }
    size_t pad = s.n == 0 || s.p[s.n - 1] != '=' ? 0
                 : s.p[s.n - 2] == '='           ? 2
                                                 : 1;
    for (size_t i = 0; i < s.n; i += 4) {
        size_t here = i + 4 == s.n ? pad : 0;
        uint32_t x = 0;
        for (size_t k = 0; k < 4; k++) {
            int digit = k < 4 - here ? base64_digit(s.p[i + k]) : 0;
            if (digit < 0) {
                return false;
            }
            x = x << 6 | (uint32_t)digit;
        }
        if ((x & (here == 2 ? 0xFFFFU : here == 1 ? 0xFFU : 0)) != 0) {
            return false;
        }
        for (size_t k = 0; k < 3 - here; k++) {
            *w++ = (uint8_t)(x >> (16 - 8 * k));
        }
    }
    *n = (uint32_t)(w - start);
    return true;
}

/* --- writing ------------------------------------------------------------- */

typedef struct writer {
    aigov_buf *out;
    size_t end; /* out->n may grow to */
} writer;

static bool write_double(aigov_ctx *ctx, double v, aigov_buf *out)
{
    char text[32];

    if (!isfinite(v)) {
        return aigov_buf_puts(out, isnan(v) ? "NaN"
                                   : v < 0  ? "-Infinity"
                                            : "Infinity");
    }
    if (v == 0 && signbit(v) && !aigov_buf_put(out, "-", 1)) {
        return false;
    }
    return aigov_buf_put(out, text, aigov_number_format(ctx, v, text));
}

static bool write_number(const cel_value *v, aigov_buf *out)
{
    char text[AIGOV__CEL_TEXT];
    size_t n;

    switch (v->kind) {
    case CEL_INT:
        return aigov_buf_put_i64(out, v->i);
    case CEL_UINT:
        n = aigov__cel_uint_write(v->u, false, text);
        break;
    case CEL_TIMESTAMP:
        n = aigov__cel_timestamp_write(v, text);
        break;
    case CEL_DURATION:
        n = aigov__cel_duration_write(v, text);
        break;
    default:
        return write_double(out->ctx, v->d, out);
    }
    return aigov_buf_put(out, text, n);
}

static bool write_scalar(const cel_value *v, aigov_buf *out)
{
    switch (v->kind) {
    case CEL_NULL:
        return aigov_buf_puts(out, "null");
    case CEL_BOOL:
        return aigov_buf_puts(out, v->b ? "true" : "false");
    case CEL_STRING:
    case CEL_TYPE:
        return aigov_buf_put_json_string(out, aigov__cel_span(v));
    case CEL_BYTES:
        return aigov_buf_put(out, "\"", 1) && write_base64(v, out) &&
               aigov_buf_put(out, "\"", 1);
    default:
        return aigov_buf_put(out, "\"", 1) && write_number(v, out) &&
               aigov_buf_put(out, "\"", 1);
    }
}

static aigov_status write_value(writer *w, const cel_value *v, int depth);

/* The n values of a list, or keys and values of a map in pairs. */
static aigov_status write_items(writer *w, const cel_value *v, int depth)
{
    bool map = v->kind == CEL_MAP, put;
    size_t n = map ? 2 * (size_t)v->n : v->n;
    aigov_status status = AIGOV_OK;

    put = aigov_buf_put(w->out, "[", 1);
    for (size_t i = 0; put && status == AIGOV_OK && i < n; i++) {
        const char *before = !map         ? i == 0 ? "" : ","
                             : i % 2 != 0 ? ","
                             : i == 0     ? "["
                                          : "],[";
        put = aigov_buf_puts(w->out, before);
        status = put ? write_value(w, &v->items[i], depth - 1) : AIGOV_NOMEM;
    }
    if (status == AIGOV_OK && put) {
        put = aigov_buf_puts(w->out, map && n > 0 ? "]]" : "]");
    }
    return put ? status : AIGOV_NOMEM;
}

static aigov_status write_value(writer *w, const cel_value *v, int depth)
{
    aigov_buf *out = w->out;

    if (depth == 0 || out->n > w->end) {
        return AIGOV_TOOBIG;
    }
    if (!aigov_buf_puts(out, "{\"t\":\"") ||
        !aigov_buf_puts(out, names[v->kind]) ||
        !aigov_buf_puts(out, "\",\"v\":")) {
        return AIGOV_NOMEM;
    }
    if (v->kind == CEL_LIST || v->kind == CEL_MAP) {
        aigov_status status = write_items(w, v, depth);
        if (status != AIGOV_OK) {
            return status;
        }
    } else if (!write_scalar(v, out)) {
        return AIGOV_NOMEM;
    }
    return aigov_buf_put(out, "}", 1) ? AIGOV_OK : AIGOV_NOMEM;
}

aigov_status aigov__cel_write(const cel_value *v, aigov_buf *out,
                              aigov_error *err)
{
    size_t before = out->n;
    writer w = {out, before + AIGOV_CEL_RESULT};
    aigov_status status = write_value(&w, v, AIGOV__CEL_VALUE_DEPTH);

    if (status == AIGOV_OK && out->n > w.end) {
        status = AIGOV_TOOBIG;
    }
    if (status != AIGOV_OK) {
        out->n = before;
    }
    if (status == AIGOV_TOOBIG) {
        return aigov_fail(err, status, AIGOV_NO_POS,
                          "a value has more than %zu bytes as JSON",
                          AIGOV_CEL_RESULT);
    }
    return status == AIGOV_NOMEM ? aigov__nomem(err) : status;
}

/* --- reading ------------------------------------------------------------- */

typedef struct reader {
    const aigov_json *j;
    cel_arena *arena;
    aigov_error *err;
} reader;

static aigov_status refuse(const reader *r, uint32_t i, const char *what)
{
    return aigov_fail(r->err, AIGOV_FIELD, r->j->node[i].at, "%s", what);
}

static aigov_status take(const reader *r, size_t n, void **out)
{
    *out = aigov__cel_alloc(r->arena, n == 0 ? 1 : n);
    return *out == NULL ? aigov__nomem(r->err) : AIGOV_OK;
}

static aigov_status read_value(const reader *r, uint32_t i, cel_value *out);

static aigov_status read_list(const reader *r, uint32_t i, cel_value *out)
{
    const aigov_node *node = &r->j->node[i];
    void *p;
    aigov_status status = take(r, node->size * sizeof(cel_value), &p);
    cel_value *items = p;
    uint32_t at = i + 1;

    for (uint32_t k = 0; status == AIGOV_OK && k < node->size; k++) {
        status = read_value(r, at, &items[k]);
        at = r->j->node[at].next;
    }
    *out = (cel_value){.kind = CEL_LIST, .n = node->size, .items = items};
    return status;
}

static aigov_status read_entry(const reader *r, uint32_t i, cel_value *entry)
{
    const aigov_node *node = &r->j->node[i];

    if (node->type != AIGOV_JSON_ARRAY || node->size != 2) {
        return refuse(r, i, "an entry of a map is [key, value]");
    }
    aigov_status status = read_value(r, i + 1, &entry[0]);
    if (status == AIGOV_OK && !aigov__cel_is_key(&entry[0])) {
        return refuse(r, i + 1, "a key is a bool, int, uint or string");
    }
    return status == AIGOV_OK ? read_value(r, r->j->node[i + 1].next, &entry[1])
                              : status;
}

static aigov_status read_map(const reader *r, uint32_t i, cel_value *out)
{
    const aigov_node *node = &r->j->node[i];
    void *p = NULL, *q = NULL;
    aigov_status status =
        take(r, 2 * (size_t)node->size * sizeof(cel_value), &p);
    cel_value *items = p;
    uint32_t at = i + 1;

    for (uint32_t k = 0; status == AIGOV_OK && k < node->size; k++) {
        status = read_entry(r, at, &items[2 * k]);
        at = r->j->node[at].next;
    }
    if (status == AIGOV_OK) {
        status = take(r, node->size * sizeof(uint32_t), &q);
    }
    if (status == AIGOV_OK && !aigov__cel_distinct(items, node->size, q)) {
        return refuse(r, i, "the keys of a map differ");
    }
    *out = (cel_value){.kind = CEL_MAP, .n = node->size, .items = items};
    return status;
}

static aigov_status read_bytes(const reader *r, uint32_t i, cel_value *out)
{
    aigov_span s = aigov__text(r->j, i);
    void *p;
    aigov_status status = take(r, s.n, &p);

    if (status != AIGOV_OK) {
        return status;
    }
    *out = (cel_value){.kind = CEL_BYTES, .s = p};
    return read_base64(s, p, &out->n) ? AIGOV_OK
                                      : refuse(r, i, "this is not base64");
}

static aigov_status read_type(const reader *r, uint32_t i, cel_value *out)
{
    aigov_span s = aigov__text(r->j, i);

    *out = (cel_value){.kind = CEL_TYPE, .n = (uint32_t)s.n, .s = s.p};
    return aigov__cel_type_named(s) == CEL_DYN
               ? refuse(r, i, "there is no such type")
               : AIGOV_OK;
}

static cel_error read_double(const aigov_ctx *ctx, aigov_span s, double *out)
{
    return AIGOV__IS(s, "NaN") || AIGOV__IS(s, "Infinity") ||
                   AIGOV__IS(s, "-Infinity") ||
                   (s.n > 0 && (s.p[s.n - 1] == '.' ||
                                (s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9')))
               ? aigov__cel_double_read(ctx, s, out)
               : CEL_INVALID_ARGUMENT;
}

/* Kinds whose value stands in a JSON string. */
static aigov_status read_text(const reader *r, uint32_t i, cel_kind kind,
                              cel_value *out)
{
    aigov_span s = aigov__text(r->j, i);
    cel_error error = CEL_OK;

    *out = (cel_value){.kind = (uint8_t)kind};
    switch (kind) {
    case CEL_STRING:
        out->n = (uint32_t)s.n;
        out->s = s.p;
        break;
    case CEL_INT:
        error = aigov__cel_int_read(s, &out->i);
        break;
    case CEL_UINT:
        error = aigov__cel_uint_read(s, &out->u);
        break;
    case CEL_DOUBLE:
        error = read_double(r->arena->ctx, s, &out->d);
        break;
    case CEL_TIMESTAMP:
        error = aigov__cel_timestamp_read(s, out);
        break;
    case CEL_DURATION:
        error = aigov__cel_duration_read(s, out);
        break;
    case CEL_BYTES:
        return read_bytes(r, i, out);
    default:
        return read_type(r, i, out);
    }
    return error == CEL_OK      ? AIGOV_OK
           : error == CEL_RANGE ? refuse(r, i, "the value is out of range")
                                : refuse(r, i, "this is no text of its type");
}

static aigov_status read_as(const reader *r, cel_kind kind, uint32_t i,
                            cel_value *out)
{
    uint8_t type = r->j->node[i].type;

    switch (kind) {
    case CEL_NULL:
        *out = (cel_value){.kind = CEL_NULL};
        return type == AIGOV_JSON_NULL ? AIGOV_OK
                                       : refuse(r, i, "null is null");
    case CEL_BOOL:
        *out = aigov__cel_bool(type == AIGOV_JSON_TRUE);
        return type == AIGOV_JSON_TRUE || type == AIGOV_JSON_FALSE
                   ? AIGOV_OK
                   : refuse(r, i, "a bool is true or false");
    case CEL_LIST:
    case CEL_MAP:
        if (type != AIGOV_JSON_ARRAY) {
            return refuse(r, i, "a list or map is an array");
        }
        return kind == CEL_LIST ? read_list(r, i, out) : read_map(r, i, out);
    default:
        return type == AIGOV_JSON_STRING
                   ? read_text(r, i, kind, out)
                   : refuse(r, i, "the value of this type is a string");
    }
}

static aigov_status read_value(const reader *r, uint32_t i, cel_value *out)
{
    bool object = r->j->node[i].type == AIGOV_JSON_OBJECT;
    uint32_t t = object ? aigov_json_get(r->j, i, "t") : 0;
    uint32_t v = object ? aigov_json_get(r->j, i, "v") : 0;

    if (t == 0 || v == 0 || r->j->node[i].size != 2) {
        return refuse(r, i, "a typed value is {\"t\":type,\"v\":value}");
    }
    for (size_t k = 0; k < KINDS; k++) {
        if (r->j->node[t].type == AIGOV_JSON_STRING &&
            aigov_span_is(aigov__text(r->j, t), names[k])) {
            return read_as(r, (cel_kind)k, v, out);
        }
    }
    aigov_status status = refuse(r, t, "there is no such type of value");
    aigov_hint(r->err, "null, bool, int, uint, double, string, bytes, list, "
                       "map, type, timestamp, duration");
    return status;
}

aigov_status aigov__cel_read(const aigov_json *j, uint32_t i, cel_arena *arena,
                             cel_value *out, aigov_error *err)
{
    return read_value(&(reader){j, arena, err}, i, out);
}
