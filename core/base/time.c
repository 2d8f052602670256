/*
 * time.c - RFC 3339 text <-> seconds or microseconds since 1970-01-01 UTC
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Proleptic Gregorian calendar, years 0001 to 9999.  Days are counted in eras
 * of 400 years that begin on the first of March, so that the leap day is the
 * last day of its year and needs no exception.
 */
#include "internal.h"

#define SECOND INT64_C(1000000)
#define DAY (INT64_C(86400) * SECOND)
#define FIRST (INT64_C(-719162) * DAY)    /* 0001-01-01T00:00:00Z */
#define LAST (INT64_C(2932897) * DAY - 1) /* 9999-12-31T23:59:59.999999Z */
#define ERA_DAYS 146097                   /* in 400 years */
#define EPOCH_DAYS 719468                 /* 0000-03-01 to 1970-01-01 */

int64_t aigov__days_of(struct aigov__date d)
{
    int y = d.month <= 2 ? d.year - 1 : d.year;       /* year from March */
    int m = d.month <= 2 ? d.month + 9 : d.month - 3; /* 0 is March */
    int era = (y < 0 ? y - 399 : y) / 400; /* down: y is -1 in early 0000 */
    int in_era = y - era * 400;
    int in_year = (153 * m + 2) / 5 + d.day - 1;

    return (int64_t)era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 +
           in_year - EPOCH_DAYS;
}

struct aigov__date aigov__date_of(int64_t days)
{
    int z = (int)(days + EPOCH_DAYS); /* positive from 0001 on */
    int era = z / ERA_DAYS;
    int d = z % ERA_DAYS;
    int y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    int in_year = d - (365 * y + y / 4 - y / 100);
    int m = (5 * in_year + 2) / 153;
    struct aigov__date r = {y + era * 400, m < 10 ? m + 3 : m - 9,
                            in_year - (153 * m + 2) / 5 + 1};

    if (r.month <= 2) {
        r.year++;
    }
    return r;
}

static int month_days(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

/* The two digits of v, 0..99. */
static inline void put(char *p, int v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
}

void aigov_time_format(int64_t at, char out[AIGOV_TIME_LEN + 1])
{
    if (at < FIRST) {
        at = FIRST; /* beyond the calendar: its border */
    }
    if (at > LAST) {
        at = LAST;
    }
    int64_t since = at - FIRST; /* >= 0, so that division floors */
    struct aigov__date d = aigov__date_of(since / DAY + FIRST / DAY);
    int second = (int)(since % DAY / SECOND);
    int fraction = (int)(since % SECOND);

    memcpy(out, "0000-00-00T00:00:00.000000Z", AIGOV_TIME_LEN + 1);
    put(out, d.year / 100);
    put(out + 2, d.year % 100);
    put(out + 5, d.month);
    put(out + 8, d.day);
    put(out + 11, second / 3600);
    put(out + 14, second / 60 % 60);
    put(out + 17, second % 60);
    put(out + 20, fraction / 10000);
    put(out + 22, fraction / 100 % 100);
    put(out + 24, fraction % 100);
}

/* Exactly n digits at p; -1 where one is none. */
static int digits(const char *p, int n)
{
    int v = 0;

    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return -1;
        }
        v = v * 10 + (p[i] - '0');
    }
    return v;
}

/* "YYYY-MM-DDThh:mm:ss" (19 bytes) in seconds; *leap: its second is 60, counted
 * as 59. */
static bool parse_to_second(const char *p, int64_t *at, bool *leap)
{
    struct aigov__date d = {digits(p, 4), digits(p + 5, 2), digits(p + 8, 2)};
    int h = digits(p + 11, 2), m = digits(p + 14, 2), s = digits(p + 17, 2);

    if (p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != 't') ||
        p[13] != ':' || p[16] != ':') {
        return false;
    }
    if (d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1 ||
        d.day > month_days(d.year, d.month)) {
        return false;
    }
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60) {
        return false;
    }
    *leap = s == 60;
    *at = aigov__days_of(d) * 86400 + h * 3600 + m * 60 + (*leap ? 59 : s);
    return true;
}

bool aigov_time_parse_stored(aigov_span s, int64_t *at)
{
    int64_t t;
    bool leap;

    if (s.p == NULL || s.n != AIGOV_TIME_LEN || s.p[10] != 'T' ||
        s.p[19] != '.' || s.p[26] != 'Z') {
        return false;
    }
    int us = digits(s.p + 20, 6);
    if (us < 0 || !parse_to_second(s.p, &t, &leap) || leap) {
        return false;
    }
    *at = t * SECOND + us;
    return true;
}

/* ".d" to ".ddddddddd".  NULL: malformed. */
static const char *parse_fraction(const char *p, const char *end,
                                  uint32_t *nano)
{
    int n = 0;

    *nano = 0;
    if (p == end || *p != '.') {
        return p;
    }
    for (p++; p < end && *p >= '0' && *p <= '9' && n < 10; p++, n++) {
        *nano = n < 9 ? *nano * 10 + (uint32_t)(*p - '0') : *nano;
    }
    for (int i = n; i < 9; i++) {
        *nano *= 10;
    }
    return n >= 1 && n <= 9 ? p : NULL;
}

/* "Z" or "+hh:mm" up to the end, in seconds. */
static bool parse_offset(const char *p, const char *end, int64_t *offset)
{
    if (end - p == 1 && (*p == 'Z' || *p == 'z')) {
        *offset = 0;
        return true;
    }
    if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':') {
        return false;
    }
    int h = digits(p + 1, 2), m = digits(p + 4, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59) {
        return false;
    }
    *offset = (*p == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

bool aigov__rfc3339(aigov_span s, int64_t *second, uint32_t *nano, bool *leap)
{
    int64_t t, offset;

    if (s.p == NULL || s.n < 20 || !parse_to_second(s.p, &t, leap)) {
        return false;
    }
    const char *end = s.p + s.n;
    const char *p = parse_fraction(s.p + 19, end, nano);
    if (p == NULL || !parse_offset(p, end, &offset)) {
        return false;
    }
    *second = t - offset;
    return true;
}

bool aigov_time_parse(aigov_span s, int64_t *at)
{
    uint32_t nano;
    int64_t t;
    bool leap;

    if (!aigov__rfc3339(s, &t, &nano, &leap)) {
        return false;
    }
    t = t * SECOND + (leap ? SECOND - 1 : nano / 1000);
    if (t < FIRST || t > LAST) {
        return false;
    }
    /* RFC 3339 5.7: a leap second is the last one of a UTC day. */
    if (leap && (t - FIRST) % DAY != DAY - 1) {
        return false;
    }
    *at = t;
    return true;
}
