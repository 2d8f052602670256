/*
 * time.c - timestamps and durations
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Timezones, and google/protobuf/timestamp.proto and
 * duration.proto for ranges: years 1 to 9999, +-315,576,000,000 s.  Both are
 * kept as seconds rounded down and nanoseconds (cel.h), and what arithmetic
 * gives is checked again.
 *
 * Text of a timestamp is RFC 3339; a second 60 is refused, since a timestamp
 * has no place for it.  Text of a duration is that of Go's ParseDuration, as in
 * the specification: "1h30m", "-1.5s", "100ms", units h m s ms us (or the two
 * micro signs) ns; what is less than a nanosecond is cut.
 *
 * Time zones are UTC and fixed offsets "+hh:mm", "-hh:mm", "hh:mm".  Names of
 * places are refused by design: their rules change, and a decision taken again
 * years later must be the same.
 */
#include "internal.h"

#define BILLION INT64_C(1000000000)
#define FIRST (INT64_C(-719162) * 86400)    /* 0001-01-01T00:00:00Z */
#define LAST (INT64_C(2932897) * 86400 - 1) /* 9999-12-31T23:59:59Z */
#define DURATION_MAX INT64_C(315576000000)  /* seconds */

/* --- ranges -------------------------------------------------------------- */

bool aigov__cel_timestamp_of(int64_t seconds, uint32_t nano, cel_value *out)
{
    *out = (cel_value){.kind = CEL_TIMESTAMP, .n = nano, .i = seconds};
    return seconds >= FIRST && seconds <= LAST;
}

static bool duration_of(int64_t seconds, uint32_t nano, cel_value *out)
{
    *out = (cel_value){.kind = CEL_DURATION, .n = nano, .i = seconds};
    return seconds >= -DURATION_MAX &&
           (seconds < DURATION_MAX || (seconds == DURATION_MAX && nano == 0));
}

bool aigov__cel_duration_negate(const cel_value *a, cel_value *out)
{
    return a->n == 0 ? duration_of(-a->i, 0, out)
                     : duration_of(-a->i - 1, (uint32_t)(BILLION - a->n), out);
}

/* Neither operand is beyond 2^40 seconds, so nothing overflows. */
bool aigov__cel_time_add(cel_eval *e, bool subtract, const cel_value *a,
                         const cel_value *b, cel_value *out)
{
    bool at = a->kind == CEL_TIMESTAMP, bt = b->kind == CEL_TIMESTAMP;
    int64_t second = subtract ? a->i - b->i : a->i + b->i;
    int64_t nano = subtract ? (int64_t)a->n - b->n : (int64_t)a->n + b->n;

    if (subtract ? bt && !at : at && bt) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    if (nano < 0) {
        nano += BILLION;
        second--;
    } else if (nano >= BILLION) {
        nano -= BILLION;
        second++;
    }
    bool fits = at != bt ? aigov__cel_timestamp_of(second, (uint32_t)nano, out)
                         : duration_of(second, (uint32_t)nano, out);
    return fits || aigov__cel_error(e, CEL_RANGE);
}

/* --- timestamps as text -------------------------------------------------- */

/* Whether years that are not of four digits, or 0, are all that is wrong. */
static bool looks_out_of_range(aigov_span s)
{
    char text[64];
    size_t digits = 0;
    int64_t second;
    uint32_t nano;
    bool leap;

    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9') {
        digits++;
    }
    if (digits < 4 || s.n - digits > sizeof text - 4) {
        return false;
    }
    memcpy(text, "2000", 4); /* a leap year */
    memcpy(text + 4, s.p + digits, s.n - digits);
    return aigov__rfc3339((aigov_span){text, s.n - digits + 4}, &second, &nano,
                          &leap) &&
           !leap;
}

cel_error aigov__cel_timestamp_read(aigov_span s, cel_value *out)
{
    int64_t second;
    uint32_t nano;
    bool leap;

    if (!aigov__rfc3339(s, &second, &nano, &leap) || leap) {
        bool year = (s.n > 4 && memcmp(s.p, "0000", 4) == 0) ||
                    (s.n > 5 && s.p[4] >= '0' && s.p[4] <= '9');
        return year && looks_out_of_range(s) ? CEL_RANGE : CEL_INVALID_ARGUMENT;
    }
    return aigov__cel_timestamp_of(second, nano, out) ? CEL_OK : CEL_RANGE;
}

/* ".5" of 500000000; nothing of 0. */
static size_t write_fraction(uint32_t nano, char *out)
{
    size_t n = 10;

    if (nano == 0) {
        return 0;
    }
    out[0] = '.';
    for (size_t i = 9; i > 0; i--, nano /= 10) {
        out[i] = (char)('0' + nano % 10);
    }
    while (out[n - 1] == '0') {
        n--;
    }
    return n;
}

size_t aigov__cel_timestamp_write(const cel_value *v, char *out)
{
    char text[AIGOV_TIME_LEN + 1];
    size_t n = sizeof "2026-09-11T08:15:02" - 1;

    aigov_time_format(v->i * 1000000, text);
    memcpy(out, text, n);
    n += write_fraction(v->n, out + n);
    out[n++] = 'Z';
    return n;
}

/* --- durations as text --------------------------------------------------- */

struct unit {
    const char *name;
    int64_t nanos;
};

static const struct unit units[] = {{"h", 3600 * BILLION}, {"m", 60 * BILLION},
                                    {"s", BILLION},        {"ms", 1000000},
                                    {"us", 1000},          {"\xC2\xB5s", 1000},
                                    {"\xCE\xBCs", 1000},   {"ns", 1}};

/* The unit at p, which ends before a digit, a point or the end. */
static const struct unit *read_unit(const char **p, const char *end)
{
    const char *start = *p, *q = start;

    while (q < end && *q != '.' && !(*q >= '0' && *q <= '9')) {
        q++;
    }
    *p = q;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (aigov_span_is((aigov_span){start, (size_t)(q - start)},
                          units[i].name)) {
            return &units[i];
        }
    }
    return NULL;
}

/* Nanoseconds, rounded down, of the digits of a fraction of a unit.  From the
 * last digit on, so that each step is exact but for what is cut. */
static int64_t fraction_nanos(const char *p, size_t n, int64_t unit)
{
    int64_t v = 0;

    while (n-- > 0) {
        v = ((p[n] - '0') * unit + v) / 10;
    }
    return v;
}

struct sum {
    int64_t second, nano;
};

/* Add whole + fraction units; false: out of range. */
static bool add_units(struct sum *sum, int64_t whole, int64_t fraction,
                      int64_t unit)
{
    int64_t per_second = unit < BILLION ? BILLION / unit : 1;
    int64_t seconds_each = unit < BILLION ? 1 : unit / BILLION;
    int64_t second = whole / per_second;

    if (second > DURATION_MAX / seconds_each) {
        return false;
    }
    sum->nano += whole % per_second * (unit < BILLION ? unit : 0) + fraction;
    sum->second += second * seconds_each + sum->nano / BILLION;
    sum->nano %= BILLION;
    return sum->second <= DURATION_MAX;
}

/* One "1.5h" of a duration. */
static cel_error read_part(const char **p, const char *end, struct sum *sum)
{
    const char *q = *p, *fraction;
    bool over = false, any = false;
    int64_t whole = 0;

    for (; q < end && *q >= '0' && *q <= '9'; q++, any = true) {
        over |= __builtin_mul_overflow(whole, 10, &whole) ||
                __builtin_add_overflow(whole, *q - '0', &whole);
    }
    fraction = q;
    if (q < end && *q == '.') {
        fraction = ++q;
        for (; q < end && *q >= '0' && *q <= '9'; q++) {
            any = true;
        }
    }
    size_t digits = (size_t)(q - fraction);
    const struct unit *unit = any ? read_unit(&q, end) : NULL;
    if (unit == NULL) {
        return CEL_INVALID_ARGUMENT;
    }
    *p = q;
    return over || !add_units(sum, whole,
                              fraction_nanos(fraction, digits, unit->nanos),
                              unit->nanos)
               ? CEL_RANGE
               : CEL_OK;
}

cel_error aigov__cel_duration_read(aigov_span s, cel_value *out)
{
    const char *p = s.p, *end = s.p + s.n;
    bool negative = s.n > 0 && *p == '-';
    struct sum sum = {0, 0};

    if (negative || (s.n > 0 && *p == '+')) {
        p++;
    }
    if (p == end) {
        return CEL_INVALID_ARGUMENT;
    }
    if (end - p == 1 && *p == '0') { /* needs no unit */
        p++;
    }
    while (p < end) {
        cel_error error = read_part(&p, end, &sum);
        if (error != CEL_OK) {
            return error;
        }
    }
    cel_value v;
    if (!duration_of(sum.second, (uint32_t)sum.nano, &v)) {
        return CEL_RANGE;
    }
    *out = v;
    return negative && !aigov__cel_duration_negate(&v, out) ? CEL_RANGE
                                                            : CEL_OK;
}

/* "-1.5s", from -2 and 500000000: the sign stands before both. */
size_t aigov__cel_duration_write(const cel_value *v, char *out)
{
    bool negative = v->i < 0;
    bool borrow = negative && v->n != 0;
    uint64_t second = (uint64_t)(negative ? -(v->i + borrow) : v->i);
    size_t n = aigov__cel_uint_write(second, negative, out);

    n += write_fraction(borrow ? (uint32_t)(BILLION - v->n) : v->n, out + n);
    out[n++] = 's';
    return n;
}

/* --- getters ------------------------------------------------------------- */

static int two_digits(const char *p)
{
    return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9'
               ? (p[0] - '0') * 10 + (p[1] - '0')
               : -1;
}

/* "UTC", "+hh:mm", "-hh:mm", "hh:mm" in seconds. */
static bool read_zone(aigov_span s, int64_t *offset)
{
    *offset = 0;
    if (AIGOV__IS(s, "UTC")) {
        return true;
    }
    bool sign = s.n == 6 && (s.p[0] == '+' || s.p[0] == '-');
    if (s.n != 5 + (size_t)sign || s.p[sign + 2] != ':') {
        return false;
    }
    int h = two_digits(s.p + sign), m = two_digits(s.p + sign + 3);
    if (h < 0 || h > 23 || m < 0 || m > 59) {
        return false;
    }
    *offset = (sign && s.p[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

/* Of a local time; days and months count from 0 but for getDate. */
static int64_t part_of_timestamp(cel_function fn, int64_t second, uint32_t nano)
{
    int64_t days = (second - FIRST + 86400) / 86400 + FIRST / 86400 - 1;
    int64_t in_day = second - days * 86400;
    struct aigov__date d = aigov__date_of(days);

    switch (fn) {
    case CEL_GET_FULL_YEAR:
        return d.year;
    case CEL_GET_MONTH:
        return d.month - 1;
    case CEL_GET_DATE:
        return d.day;
    case CEL_GET_DAY_OF_MONTH:
        return d.day - 1;
    case CEL_GET_DAY_OF_WEEK: /* Sunday is 0; 1970-01-01 was a Thursday */
        return ((days + 4) % 7 + 7) % 7;
    case CEL_GET_DAY_OF_YEAR:
        return days - aigov__days_of((struct aigov__date){d.year, 1, 1});
    case CEL_GET_HOURS:
        return in_day / 3600;
    case CEL_GET_MINUTES:
        return in_day / 60 % 60;
    case CEL_GET_SECONDS:
        return in_day % 60;
    default:
        return nano / 1000000;
    }
}

/* All of it in that unit, towards zero; but the milliseconds of its second. */
static bool part_of_duration(cel_function fn, const cel_value *v, int64_t *out)
{
    bool borrow = v->i < 0 && v->n != 0;
    int64_t second = v->i + borrow;
    int64_t nano = borrow ? (int64_t)v->n - BILLION : v->n;

    switch (fn) {
    case CEL_GET_HOURS:
        *out = second / 3600;
        return true;
    case CEL_GET_MINUTES:
        *out = second / 60;
        return true;
    case CEL_GET_SECONDS:
        *out = second;
        return true;
    case CEL_GET_MILLISECONDS:
        *out = nano / 1000000;
        return true;
    default:
        return false;
    }
}

bool aigov__cel_time_part(cel_eval *e, const cel_node *node,
                          const cel_value *arg, uint32_t n, cel_value *out)
{
    cel_function fn = (cel_function)node->fn;
    int64_t offset = 0, part;

    if (arg->kind == CEL_DURATION && n == 1 &&
        part_of_duration(fn, arg, &part)) {
        *out = aigov__cel_int(part);
        return true;
    }
    if (arg->kind != CEL_TIMESTAMP || (n == 2 && arg[1].kind != CEL_STRING)) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    if (n == 2 && !read_zone(aigov__cel_span(&arg[1]), &offset)) {
        return aigov__cel_error(e, CEL_INVALID_ARGUMENT);
    }
    *out = aigov__cel_int(part_of_timestamp(fn, arg->i + offset, arg->n));
    return true;
}
