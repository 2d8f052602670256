/*
 * date.c - when a call was made
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   Tue, 15 Nov 1994 08:12:31 GMT      RFC 9110 5.6.7, and RFC 5322 with a
 *   15 Nov 1994 08:12:31 +0100         numeric zone
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

static aigov_span format(pool *p, int64_t at)
{
    char *text = pool_alloc(p, AIGOV_TIME_LEN + 1);

    aigov_time_format(at, text);
    return (aigov_span){text, AIGOV_TIME_LEN};
}

static int month_of(const char *name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (strncasecmp(name, months + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

/* "GMT", "UTC", "+hhmm"; microseconds east of UTC. */
static bool zone_of(const char *zone, int64_t *east)
{
    int hours, minutes;
    char sign;

    *east = 0;
    if (strcmp(zone, "GMT") == 0 || strcmp(zone, "UTC") == 0)
        return true;
    if (sscanf(zone, "%c%2d%2d", &sign, &hours, &minutes) != 3 ||
        (sign != '+' && sign != '-'))
        return false;
    *east = (hours * 60 + minutes) * (sign == '-' ? -1 : 1) * INT64_C(60000000);
    return true;
}

aigov_span mail_date(pool *p, aigov_span text)
{
    char copy[64], month[4], zone[8], iso[48];
    int day, year, hour, minute, second, n;
    const char *at = copy;
    int64_t t, east;

    if (text.n >= sizeof copy)
        return AIGOV_ABSENT;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (strchr(copy, ',') != NULL)
        at = strchr(copy, ',') + 1;
    if (sscanf(at, "%2d %3s %4d %2d:%2d:%2d %7s", &day, month, &year, &hour,
               &minute, &second, zone) != 7 ||
        month_of(month) == 0 || !zone_of(zone, &east))
        return AIGOV_ABSENT;
    n = snprintf(iso, sizeof iso, "%04d-%02d-%02dT%02d:%02d:%02dZ", year,
                 month_of(month), day, hour, minute, second);
    if (n <= 0 || !aigov_time_parse((aigov_span){iso, (size_t)n}, &t))
        return AIGOV_ABSENT;
    return format(p, t - east);
}

aigov_span seconds_date(pool *p, const value *seconds)
{
    char text[32];
    double d;

    if (!is_number(seconds) || seconds->text.n >= sizeof text)
        return AIGOV_ABSENT;
    memcpy(text, seconds->text.p, seconds->text.n);
    text[seconds->text.n] = '\0';
    d = trunc(strtod(text, NULL));
    if (!(d >= -62135596800.0 && d <= 253402300799.0))
        return AIGOV_ABSENT;
    return format(p, (int64_t)d * 1000000);
}
