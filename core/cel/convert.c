/*
 * convert.c - int() uint() double() string() bytes() bool() timestamp()
 * duration() type() dyn(), and numbers as text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, List of Standard Definitions, type conversions.
 *
 *   int(double)     towards zero; |d| < 2^63, so that -2^63 is refused too:
 *                   nothing tells it from a larger number that was rounded
 *   uint(double)    0 <= d < 2^64
 *   int(string)     [+-]digits; uint(string) digits
 *   double(string)  decimal with optional fraction and exponent, inf, infinity,
 *                   nan in any case; one that overflows is out of range
 *   bool(string)    1 t true TRUE True and 0 f false FALSE False
 *   string(double)  the shortest digits that read back as the same double, with
 *                   an exponent where that is below -4 or above 5: 0.0001,
 *                   1e+06, "+Inf", "NaN", as cel-go has it
 *   string(bytes)   UTF-8, else CEL_INVALID_ARGUMENT
 *   int(timestamp)  seconds since 1970, rounded down
 */
#include <math.h>
#include <stdio.h>

#include "internal.h"

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

/* --- numbers from text --------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

cel_error aigov__cel_uint_read(aigov_span s, uint64_t *out)
{
    bool over = false;
    uint64_t v = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i])) {
            return CEL_INVALID_ARGUMENT;
        }
        over |= __builtin_mul_overflow(v, 10, &v) ||
                __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v);
    }
    *out = v;
    return s.n == 0 ? CEL_INVALID_ARGUMENT : over ? CEL_RANGE : CEL_OK;
}

cel_error aigov__cel_int_read(aigov_span s, int64_t *out)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t sign = negative || (s.n > 0 && s.p[0] == '+');
    uint64_t v;
    cel_error error =
        aigov__cel_uint_read((aigov_span){s.p + sign, s.n - sign}, &v);

    if (error != CEL_OK) {
        return error;
    }
    if (v > (uint64_t)INT64_MAX + negative) {
        return CEL_RANGE;
    }
    *out = (int64_t)(negative ? 0 - v : v);
    return CEL_OK;
}

/* In ASCII, whatever case. */
static bool is_word(aigov_span s, const char *word)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((s.p[i] | 0x20) != word[i]) {
            return false;
        }
    }
    return word[s.n] == '\0';
}

static const char *digits(const char *p, const char *end, size_t *count)
{
    for (*count = 0; p < end && is_digit(*p); p++) {
        ++*count;
    }
    return p;
}

/* digits[.digits] or .digits, then perhaps an exponent; the whole of it. */
static bool is_decimal(aigov_span s)
{
    const char *end = s.p + s.n;
    size_t whole, fraction = 0, exponent = 1;
    const char *p = digits(s.p, end, &whole);

    if (p < end && *p == '.') {
        p = digits(p + 1, end, &fraction);
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        p = digits(p, end, &exponent);
    }
    return p == end && whole + fraction > 0 && exponent > 0;
}

cel_error aigov__cel_double_read(const aigov_ctx *ctx, aigov_span s,
                                 double *out)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t sign = negative || (s.n > 0 && s.p[0] == '+');
    aigov_span rest = {s.p + sign, s.n - sign};
    struct aigov__decimal d;
    double v;

    if (rest.n == 0) {
        return CEL_INVALID_ARGUMENT;
    }
    if (rest.n <= 8 && (is_word(rest, "inf") || is_word(rest, "infinity"))) {
        v = HUGE_VAL;
    } else if (sign == 0 && rest.n == 3 && is_word(rest, "nan")) {
        v = (double)NAN;
    } else if (is_decimal(rest)) {
        aigov__decimal_read(rest, &d);
        v = aigov__decimal_double(ctx, &d);
        if (isinf(v)) {
            return CEL_RANGE;
        }
    } else {
        return CEL_INVALID_ARGUMENT;
    }
    *out = negative ? -v : v;
    return CEL_OK;
}

/* --- numbers to text ----------------------------------------------------- */

size_t aigov__cel_uint_write(uint64_t v, bool negative, char *out)
{
    char text[20];
    size_t n = 0, at = sizeof text;

    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    if (negative) {
        out[n++] = '-';
    }
    memcpy(out + n, text + at, sizeof text - at);
    return n + sizeof text - at;
}

static size_t int_write(int64_t v, char *out)
{
    return aigov__cel_uint_write(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0,
                                 out);
}

/* 0.digits * 10^point with an exponent of at least two digits. */
static size_t write_exponent(const struct aigov__digits *d, char *out)
{
    size_t n = 0;
    int exponent = d->point - 1;

    out[n++] = d->digit[0];
    if (d->count > 1) {
        out[n++] = '.';
        memcpy(out + n, d->digit + 1, (size_t)d->count - 1);
        n += (size_t)d->count - 1;
    }
    return n + (size_t)snprintf(out + n, 8, "e%c%02d", exponent < 0 ? '-' : '+',
                                exponent < 0 ? -exponent : exponent);
}

static size_t write_plain(const struct aigov__digits *d, char *out)
{
    size_t n = 0;

    if (d->point <= 0) {
        out[n++] = '0';
        out[n++] = '.';
        for (int i = d->point; i < 0; i++) {
            out[n++] = '0';
        }
    }
    for (int i = 0; i < d->count || i < d->point; i++) {
        if (i == d->point && i > 0) {
            out[n++] = '.';
        }
        out[n++] = i < d->count ? d->digit[i] : '0';
    }
    return n;
}

size_t aigov__cel_double_write(aigov_ctx *ctx, double v, char *out)
{
    struct aigov__digits d;
    size_t n = 0;

    if (isnan(v)) {
        memcpy(out, "NaN", 3);
        return 3;
    }
    if (isinf(v)) {
        memcpy(out, v < 0 ? "-Inf" : "+Inf", 4);
        return 4;
    }
    if (signbit(v)) {
        out[n++] = '-';
    }
    if (v == 0) {
        out[n++] = '0';
        return n;
    }
    if (!aigov__grisu(fabs(v), &d)) {
        aigov__shortest(ctx, fabs(v), &d);
    }
    return n + (d.point - 1 < -4 || d.point - 1 > 5
                    ? write_exponent(&d, out + n)
                    : write_plain(&d, out + n));
}

/* --- conversions --------------------------------------------------------- */

static cel_error to_int(cel_eval *e, const cel_value *v, cel_value *out)
{
    *out = aigov__cel_int(v->i);
    switch (v->kind) {
    case CEL_INT:
    case CEL_TIMESTAMP:
        return CEL_OK;
    case CEL_UINT:
        return v->u <= INT64_MAX ? CEL_OK : CEL_RANGE;
    case CEL_DOUBLE:
        if (!(v->d > -TWO_63 && v->d < TWO_63)) {
            return CEL_RANGE;
        }
        out->i = (int64_t)v->d;
        return CEL_OK;
    case CEL_STRING:
        return aigov__cel_scan(e, v->n)
                   ? aigov__cel_int_read(aigov__cel_span(v), &out->i)
                   : e->run->error;
    default:
        return CEL_NO_SUCH_OVERLOAD;
    }
}

static cel_error to_uint(cel_eval *e, const cel_value *v, cel_value *out)
{
    *out = (cel_value){.kind = CEL_UINT, .u = v->u};
    switch (v->kind) {
    case CEL_UINT:
        return CEL_OK;
    case CEL_INT:
        return v->i >= 0 ? CEL_OK : CEL_RANGE;
    case CEL_DOUBLE:
        if (!(v->d >= 0 && v->d < TWO_64)) {
            return CEL_RANGE;
        }
        out->u = (uint64_t)v->d;
        return CEL_OK;
    case CEL_STRING:
        return aigov__cel_scan(e, v->n)
                   ? aigov__cel_uint_read(aigov__cel_span(v), &out->u)
                   : e->run->error;
    default:
        return CEL_NO_SUCH_OVERLOAD;
    }
}

static cel_error to_double(cel_eval *e, const cel_value *v, cel_value *out)
{
    *out = (cel_value){.kind = CEL_DOUBLE, .d = v->d};
    switch (v->kind) {
    case CEL_DOUBLE:
        return CEL_OK;
    case CEL_INT:
        out->d = (double)v->i;
        return CEL_OK;
    case CEL_UINT:
        out->d = (double)v->u;
        return CEL_OK;
    case CEL_STRING:
        return aigov__cel_scan(e, v->n)
                   ? aigov__cel_double_read(e->ctx, aigov__cel_span(v), &out->d)
                   : e->run->error;
    default:
        return CEL_NO_SUCH_OVERLOAD;
    }
}

static cel_error to_bool(const cel_value *v, cel_value *out)
{
    static const char *const words[] = {"true", "TRUE",  "True",  "t",
                                        "1",    "false", "FALSE", "False",
                                        "f",    "0",     "T",     "F"};

    *out = *v;
    if (v->kind != CEL_STRING) {
        return v->kind == CEL_BOOL ? CEL_OK : CEL_NO_SUCH_OVERLOAD;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (aigov_span_is(aigov__cel_span(v), words[i])) {
            *out = aigov__cel_bool(i < 5 || i == 10);
            return CEL_OK;
        }
    }
    return CEL_INVALID_ARGUMENT;
}

/* The text of a value that is neither string nor bytes; 0: it has none. */
static size_t write_text(cel_eval *e, const cel_value *v, char *out)
{
    switch (v->kind) {
    case CEL_BOOL:
        memcpy(out, v->b ? "true" : "false", 5);
        return v->b ? 4 : 5;
    case CEL_INT:
        return int_write(v->i, out);
    case CEL_UINT:
        return aigov__cel_uint_write(v->u, false, out);
    case CEL_DOUBLE:
        return aigov__cel_double_write(e->ctx, v->d, out);
    case CEL_TIMESTAMP:
        return aigov__cel_timestamp_write(v, out);
    case CEL_DURATION:
        return aigov__cel_duration_write(v, out);
    default:
        return 0;
    }
}

static cel_error to_string(cel_eval *e, const cel_value *v, cel_value *out)
{
    char text[AIGOV__CEL_TEXT];

    if (v->kind == CEL_STRING) {
        *out = *v;
        return CEL_OK;
    }
    if (v->kind == CEL_BYTES) {
        if (!aigov__cel_scan(e, v->n)) {
            return e->run->error;
        }
        *out = *v;
        out->kind = CEL_STRING;
        return aigov_utf8_valid(aigov__cel_span(v)) == v->n
                   ? CEL_OK
                   : CEL_INVALID_ARGUMENT;
    }
    size_t n = write_text(e, v, text);
    if (n == 0) {
        return CEL_NO_SUCH_OVERLOAD;
    }
    return aigov__cel_new_text(e, text, n, out) ? CEL_OK : e->run->error;
}

static cel_error to_bytes(const cel_value *v, cel_value *out)
{
    *out = *v;
    out->kind = CEL_BYTES;
    return v->kind == CEL_BYTES || v->kind == CEL_STRING ? CEL_OK
                                                         : CEL_NO_SUCH_OVERLOAD;
}

static cel_error to_timestamp(cel_eval *e, const cel_value *v, cel_value *out)
{
    *out = *v;
    switch (v->kind) {
    case CEL_TIMESTAMP:
        return CEL_OK;
    case CEL_INT:
        return aigov__cel_timestamp_of(v->i, 0, out) ? CEL_OK : CEL_RANGE;
    case CEL_STRING:
        return aigov__cel_scan(e, v->n)
                   ? aigov__cel_timestamp_read(aigov__cel_span(v), out)
                   : e->run->error;
    default:
        return CEL_NO_SUCH_OVERLOAD;
    }
}

static cel_error to_duration(cel_eval *e, const cel_value *v, cel_value *out)
{
    *out = *v;
    if (v->kind != CEL_STRING) {
        return v->kind == CEL_DURATION ? CEL_OK : CEL_NO_SUCH_OVERLOAD;
    }
    return aigov__cel_scan(e, v->n)
               ? aigov__cel_duration_read(aigov__cel_span(v), out)
               : e->run->error;
}

static cel_error to_type(const cel_value *v, cel_value *out)
{
    aigov_span name = aigov_str(aigov__cel_type_name((cel_kind)v->kind));

    *out = (cel_value){.kind = CEL_TYPE, .n = (uint32_t)name.n, .s = name.p};
    return CEL_OK;
}

static cel_error convert(cel_eval *e, cel_function to, const cel_value *v,
                         cel_value *out)
{
    switch (to) {
    case CEL_TO_INT:
        return to_int(e, v, out);
    case CEL_TO_UINT:
        return to_uint(e, v, out);
    case CEL_TO_DOUBLE:
        return to_double(e, v, out);
    case CEL_TO_STRING:
        return to_string(e, v, out);
    case CEL_TO_BYTES:
        return to_bytes(v, out);
    case CEL_TO_BOOL:
        return to_bool(v, out);
    case CEL_TO_TYPE:
        return to_type(v, out);
    case CEL_TO_TIMESTAMP:
        return to_timestamp(e, v, out);
    case CEL_TO_DURATION:
        return to_duration(e, v, out);
    default: /* dyn */
        *out = *v;
        return CEL_OK;
    }
}

bool aigov__cel_convert(cel_eval *e, const cel_node *node, const cel_value *arg,
                        uint32_t n, cel_value *out)
{
    (void)n;
    cel_error error = convert(e, (cel_function)node->fn, arg, out);
    return error == CEL_OK || aigov__cel_error(e, error);
}
