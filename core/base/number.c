/*
 * number.c - JSON numbers, doubles and ECMAScript's text of them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * RFC 8785 3.2.2.3 writes a number as ECMAScript's Number::toString does: the
 * fewest digits that read back as the same double and, of those, the closest.
 *
 * Most literals need no double at all.  IEEE 754 binary64 keeps apart any two
 * decimals of up to 15 significant digits (in the range of normal numbers), so
 *
 *   - a literal of at most 15 significant digits is, without its outer zeros,
 *     a decimal that reads back as its double;
 *   - no shorter one does: it would be another decimal of at most 15 digits
 *     with the same double.
 *
 * So its digits are the canonical digits, and only their layout changes.
 * Integers up to 2^53 are exact and print as they are.  The rest goes through
 * grisu.c or, where that cannot tell, through strtod_l and snprintf, both
 * correctly rounded in glibc, musl and the BSDs.
 */
#include "internal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_EXACT 9007199254740992.0 /* 2^53 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- literals ------------------------------------------------------------ */

/* The exponent after 'e'; so large that it is 0 or infinity is cut. */
static int64_t read_exponent(const char *p, const char *end)
{
    bool negative = p < end && *p == '-';
    int64_t v = 0;

    if (p < end && !is_digit(*p)) {
        p++;
    }
    for (; p < end; p++) {
        if (v < 1000000000) {
            v = v * 10 + (*p - '0');
        }
    }
    return negative ? -v : v;
}

void aigov__decimal_read(aigov_span s, struct aigov__decimal *d)
{
    const char *p = s.p, *end = p + s.n;
    bool fraction = false, rest = false;

    d->negative = p < end && *p == '-';
    d->integer = true;
    d->count = 0;
    d->point = 0;
    for (p += d->negative; p < end && (is_digit(*p) || *p == '.'); p++) {
        if (*p == '.') {
            fraction = true;
            d->integer = false;
            continue;
        }
        bool leading = d->count == 0 && *p == '0';
        if (fraction) {
            d->point -= leading;
        } else {
            d->point += !leading;
        }
        if (leading) {
            continue;
        }
        if (d->count < AIGOV__DIGITS) {
            d->digit[d->count++] = *p;
        } else {
            rest |= *p != '0';
        }
    }
    if (p < end) {
        d->integer = false;
        d->point += read_exponent(p + 1, end);
    }
    if (rest) {
        d->digit[d->count++] = '1'; /* more than the digits: breaks a tie */
    }
    while (d->count > 0 && d->digit[d->count - 1] == '0') {
        d->count--;
    }
}

/* Clinger's exact case: both operands are doubles, so one rounding. */
static bool exact_double(const struct aigov__decimal *d, double *v)
{
    static const double power[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t exponent = d->point - d->count;
    int64_t m = 0;

    if (FLT_EVAL_METHOD != 0 || d->count > 15 || exponent < -22 ||
        exponent > 22) {
        return false;
    }
    for (int i = 0; i < d->count; i++) {
        m = m * 10 + (d->digit[i] - '0');
    }
    *v = exponent < 0 ? (double)m / power[-exponent]
                      : (double)m * power[exponent];
    return true;
}

double aigov__decimal_double(const aigov_ctx *ctx,
                             const struct aigov__decimal *d)
{
    char text[AIGOV__DIGITS + 32];
    double v;

    if (d->count == 0 || d->point < -330) {
        v = 0;
    } else if (d->point > 310) {
        v = HUGE_VAL;
    } else if (!exact_double(d, &v)) {
        size_t n = (size_t)d->count;
        memcpy(text, d->digit, n);
        snprintf(text + n, sizeof text - n, "e%d", (int)d->point - d->count);
        v = strtod_l(text, NULL, ctx->c_locale);
    }
    return d->negative ? -v : v;
}

/* --- layout -------------------------------------------------------------- */

/* ECMA-262 Number::toString, steps 6-10: count digits, n = point. */
static size_t layout(bool negative, const char *digit, int count, int point,
                     char out[32])
{
    char *w = out;

    if (negative) {
        *w++ = '-';
    }
    if (point >= count && point <= 21) {
        memcpy(w, digit, (size_t)count);
        memset(w + count, '0', (size_t)(point - count));
        return (size_t)(w + point - out);
    }
    if (point > 0 && point <= 21) {
        memcpy(w, digit, (size_t)point);
        w[point] = '.';
        memcpy(w + point + 1, digit + point, (size_t)(count - point));
        return (size_t)(w + count + 1 - out);
    }
    if (point > -6 && point <= 0) {
        memcpy(w, "0.", 2);
        memset(w + 2, '0', (size_t)-point);
        memcpy(w + 2 - point, digit, (size_t)count);
        return (size_t)(w + 2 - point + count - out);
    }
    *w++ = digit[0];
    if (count > 1) {
        *w++ = '.';
        memcpy(w, digit + 1, (size_t)count - 1);
        w += count - 1;
    }
    int e = point - 1;
    return (size_t)(w - out) +
           (size_t)snprintf(w, 8, "e%c%d", e < 0 ? '-' : '+', abs(e));
}

/* --- shortest digits ----------------------------------------------------- */

/* v (positive) rounded to k digits.  Whatever stands for the decimal point in
 * the host's locale is skipped. */
static void round_to(double v, int k, struct aigov__digits *d)
{
    char text[40];
    const char *p = text;

    snprintf(text, sizeof text, "%.*e", k - 1, v);
    d->count = 0;
    for (; *p != 'e'; p++) {
        if (is_digit(*p)) {
            d->digit[d->count++] = *p;
        }
    }
    d->point = (int)read_exponent(p + 1, p + strlen(p)) + 1;
    while (d->count > 1 && d->digit[d->count - 1] == '0') {
        d->count--;
    }
}

static bool reads_back(const aigov_ctx *ctx, const struct aigov__digits *d,
                       double v)
{
    char text[40];

    snprintf(text, sizeof text, "0.%.*se%d", d->count, d->digit, d->point);
    return strtod_l(text, NULL, ctx->c_locale) == v;
}

/* The next decimal of k digits. */
static void step_up(struct aigov__digits *d, int k)
{
    while (d->count < k) {
        d->digit[d->count++] = '0';
    }
    int i = k - 1;
    while (i >= 0 && d->digit[i] == '9') {
        i--;
    }
    if (i < 0) {
        d->digit[0] = '1';
        d->count = 1;
        d->point++;
        return;
    }
    d->digit[i]++;
    d->count = i + 1; /* the nines behind it became zeros */
}

/*
 * Fewest digits that read back as v > 0, and the closest of those.  The decimal
 * of k digits next to v does, if any of k digits does, but for powers of two:
 * doubles lie half as dense above them as below, so the nearer decimal below
 * may fail where the farther one above reads back.  15 digits always read back
 * in the normal range, so there fewer need no try.
 */
void aigov__shortest(const aigov_ctx *ctx, double v, struct aigov__digits *d)
{
    int exponent;
    bool power = frexp(v, &exponent) == 0.5;

    for (int k = v < DBL_MIN ? 1 : 15; k < 17; k++) {
        round_to(v, k, d);
        if (reads_back(ctx, d, v)) {
            return;
        }
        if (power) {
            step_up(d, k);
            if (reads_back(ctx, d, v)) {
                return;
            }
        }
    }
    round_to(v, 17, d);
}

size_t aigov_number_format(aigov_ctx *ctx, double v, char out[32])
{
    struct aigov__digits d;
    double positive = fabs(v);

    if (!isfinite(v)) {
        out[0] = '\0';
        return 0;
    }
    if (positive <= MAX_EXACT && positive == (double)(int64_t)positive) {
        return (size_t)snprintf(out, 32, "%lld", (long long)v); /* -0 is 0 */
    }
    if (!aigov__grisu(positive, &d)) {
        aigov__shortest(ctx, positive, &d);
    }
    size_t n = layout(v < 0, d.digit, d.count, d.point, out);
    out[n] = '\0';
    return n;
}

/* --- literals as numbers ------------------------------------------------- */

/* A literal that is canonical as it stands: up to 15 digits without an
 * exponent, which are the shortest there are for their double, and not -0; a
 * fraction ends with another digit than 0, and has one among its first six
 * where it has nothing before it, since ECMAScript writes 1e-7. */
static bool is_plain(aigov_span s)
{
    size_t i = s.p[0] == '-', point = s.n;
    if (s.n - i > 16 || (s.n == 2 && i == 1 && s.p[1] == '0')) {
        return false;
    }
    for (; i < s.n; i++) {
        if (s.p[i] == '.') {
            point = i;
        } else if (!is_digit(s.p[i])) {
            return false;
        }
    }
    if (point == s.n) {
        return s.n - (s.p[0] == '-') <= 15;
    }
    if (s.p[s.n - 1] == '0') {
        return false;
    }
    return s.p[point - 1] != '0' || s.n - point <= 6 ||
           memcmp(s.p + point, ".000000", 7) != 0;
}

size_t aigov__number_canonical(aigov_ctx *ctx, aigov_span literal, char out[32])
{
    struct aigov__decimal d;

    if (is_plain(literal)) {
        memcpy(out, literal.p, literal.n);
        return literal.n;
    }
    aigov__decimal_read(literal, &d);
    if (d.count == 0) {
        out[0] = '0'; /* 0.0, 0e7, -0: ECMAScript has one zero in text */
        return 1;
    }
    if (d.count <= 15 && d.point > -300 && d.point < 300) {
        return layout(d.negative, d.digit, d.count, (int)d.point, out);
    }
    return aigov_number_format(ctx, aigov__decimal_double(ctx, &d), out);
}

enum aigov__fit aigov__number_fit(aigov_ctx *ctx, aigov_span literal)
{
    struct aigov__decimal d;

    aigov__decimal_read(literal, &d);
    double v = aigov__decimal_double(ctx, &d);
    if (!isfinite(v)) {
        return AIGOV__OVERFLOWS;
    }
    if (v == 0 && d.count != 0) {
        return AIGOV__UNDERFLOWS;
    }
    if (d.integer && d.point > 15) {
        char text[32];
        size_t n = aigov_number_format(ctx, v, text);
        if (n != literal.n || memcmp(text, literal.p, n) != 0) {
            return AIGOV__INEXACT;
        }
    }
    return AIGOV__FITS;
}
