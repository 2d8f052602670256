/*
 * literal.c - the values that literals stand for
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, String and Bytes Values and Numeric Values.
 *
 *   escape       in a string              in bytes
 *   \\ \? \" \' \` \a \b \f \n \r \t \v    the same byte in both
 *   \xHH \XHH \ooo (000..377)  code point  octet
 *   \uHHHH \UHHHHHHHH          code point  refused
 *
 * A code point is neither a surrogate nor above U+10FFFF.  A literal without
 * escapes is borrowed from the source.  An integer that does not fit and a
 * double beyond the largest are refused; a double that is too small is zero.
 */
#include "parse.h"

#include <math.h>
#include <stdlib.h>

/* --- numbers ------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Digits of a checked token; false where 64 bits do not hold it. */
static bool magnitude(aigov_span digits, uint64_t *out)
{
    bool hex = digits.n > 2 && digits.p[1] == 'x';
    uint64_t base = hex ? 16 : 10, v = 0;

    for (size_t i = hex ? 2 : 0; i < digits.n; i++) {
        uint64_t d = (uint64_t)hex_digit(digits.p[i]);
        if (v > (UINT64_MAX - d) / base) {
            return false;
        }
        v = v * base + d;
    }
    *out = v;
    return true;
}

static bool integer(cel_parser *p, aigov_span digits, bool negative,
                    cel_value *out)
{
    const uint64_t most = (uint64_t)INT64_MAX + negative;
    uint64_t v;

    if (!magnitude(digits, &v) || v > most) {
        aigov__cel_refuse_syntax(p, p->now.at,
                                 "an int is from -9223372036854775808 to "
                                 "9223372036854775807");
        return false;
    }
    /* two's complement: the negation of what fits */
    *out = (cel_value){.kind = CEL_INT,
                       .i = negative ? (int64_t)(0 - v) : (int64_t)v};
    return true;
}

static bool unsigned_integer(cel_parser *p, aigov_span digits, cel_value *out)
{
    *out = (cel_value){.kind = CEL_UINT};
    digits.n--;
    if (!magnitude(digits, &out->u)) {
        aigov__cel_refuse_syntax(p, p->now.at,
                                 "a uint is at most 18446744073709551615u");
        return false;
    }
    return true;
}

bool aigov__cel_number(cel_parser *p, bool negative, cel_value *out)
{
    aigov_span s = {p->text + p->now.at, p->now.n};

    if (p->now.kind == TOKEN_INT) {
        return integer(p, s, negative, out);
    }
    if (p->now.kind == TOKEN_UINT) {
        return unsigned_integer(p, s, out);
    }
    double v = strtod_l(s.p, NULL, p->c->program->ctx->c_locale);
    if (!isfinite(v)) {
        aigov__cel_refuse_syntax(p, p->now.at,
                                 "a double is at most 1.7976931348623157e308");
        return false;
    }
    *out = (cel_value){.kind = CEL_DOUBLE, .d = negative ? -v : v};
    return true;
}

/* --- strings ------------------------------------------------------------- */

typedef struct reader {
    cel_parser *p;
    const char *s, *end;
    char *w;
    bool bytes;
} reader;

static bool bad_escape(const reader *r, const char *at, const char *why)
{
    aigov__cel_refuse_syntax(r->p, (size_t)(at - r->p->text), "%s", why);
    aigov_hint(r->p->c->err,
               "escapes are \\\\ \\' \\\" \\` \\? \\a \\b \\f \\n \\r \\t \\v "
               "\\xHH \\ooo%s; r'...' has none",
               r->bytes ? "" : " \\uHHHH \\UHHHHHHHH");
    return false;
}

/* n hexadecimal digits at r->s; r->s moves behind them. */
static bool hex_digits(reader *r, int n, uint32_t *v)
{
    const char *at = r->s - 2;

    *v = 0;
    for (int i = 0; i < n; i++) {
        int d = r->s < r->end ? hex_digit(*r->s) : -1;
        if (d < 0) {
            return bad_escape(r, at, "an escape has too few digits");
        }
        *v = *v << 4 | (uint32_t)d;
        r->s++;
    }
    return true;
}

static bool octal_digits(reader *r, char first, uint32_t *v)
{
    const char *at = r->s - 2;

    *v = (uint32_t)(first - '0');
    for (int i = 0; i < 2; i++) {
        if (r->s >= r->end || *r->s < '0' || *r->s > '7') {
            return bad_escape(r, at, "an octal escape has three digits");
        }
        *v = *v << 3 | (uint32_t)(*r->s++ - '0');
    }
    return true;
}

static bool put_code_point(reader *r, const char *at, uint32_t v)
{
    if ((v >= 0xD800 && v <= 0xDFFF) || v > 0x10FFFF) {
        return bad_escape(r, at, "an escape is no Unicode code point");
    }
    r->w += aigov__utf8_encode(v, r->w);
    return true;
}

static bool numeric_escape(reader *r, const char *at, char c)
{
    uint32_t v;
    bool octet = c != 'u' && c != 'U';

    if (!octet && r->bytes) {
        return bad_escape(r, at, "bytes have no escape of a code point");
    }
    if (c >= '0' && c <= '3') {
        if (!octal_digits(r, c, &v)) {
            return false;
        }
    } else if (!hex_digits(r, octet ? 2 : c == 'u' ? 4 : 8, &v)) {
        return false;
    }
    if (octet && r->bytes) {
        *r->w++ = (char)v;
        return true;
    }
    return put_code_point(r, at, v);
}

/* r->s is behind the backslash; an escape is never shorter than its value. */
static bool escape(reader *r)
{
    static const char from[] = "\\?\"'`abfnrtv", to[] = "\\?\"'`\a\b\f\n\r\t\v";
    const char *at = r->s - 1;
    char c = *r->s++;
    const char *plain = c == '\0' ? NULL : strchr(from, c);

    if (plain != NULL) {
        *r->w++ = to[plain - from];
        return true;
    }
    if (c == 'x' || c == 'X' || c == 'u' || c == 'U' ||
        (c >= '0' && c <= '3')) {
        return numeric_escape(r, at, c);
    }
    return bad_escape(r, at, "no such escape");
}

static bool unescape(cel_parser *p, aigov_span s, bool bytes, cel_value *out)
{
    char *w = aigov__cel_alloc(p->c->arena, s.n);
    reader r = {p, s.p, s.p + s.n, w, bytes};

    if (w == NULL) {
        p->status = aigov__nomem(p->c->err);
        return false;
    }
    while (r.s < r.end) {
        if (*r.s != '\\') {
            *r.w++ = *r.s++;
        } else {
            r.s++;
            if (!escape(&r)) {
                return false;
            }
        }
    }
    out->s = w;
    out->n = (uint32_t)(r.w - w);
    return true;
}

bool aigov__cel_text(cel_parser *p, cel_value *out)
{
    aigov_span s = {p->text + p->now.at, p->now.n};
    bool bytes = p->now.kind == TOKEN_BYTES, raw = false;

    while (*s.p != '"' && *s.p != '\'') { /* the prefix */
        raw = raw || *s.p == 'r' || *s.p == 'R';
        s.p++;
        s.n--;
    }
    bool triple = s.n >= 6 && s.p[1] == s.p[0] && s.p[2] == s.p[0];
    s.p += triple ? 3 : 1;
    s.n -= triple ? 6 : 2;
    *out = (cel_value){
        .kind = bytes ? CEL_BYTES : CEL_STRING, .n = (uint32_t)s.n, .s = s.p};
    if (raw || s.n == 0 || memchr(s.p, '\\', s.n) == NULL) {
        return true;
    }
    return unescape(p, s, bytes, out);
}
