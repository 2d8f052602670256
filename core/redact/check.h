/*
 * check.h - what the checks of national identifiers are written with
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A check is asked only for windows of the shapes that its rule names
 * (rules_*.def), so it need not look at lengths and kinds that these fix.  It
 * says what to add to the rule's base score, or AIGOV__NO.
 */
#ifndef AIGOV_REDACT_CHECK_H
#define AIGOV_REDACT_CHECK_H

#include "internal.h"

/* The definition of a check; the table made from the rules declares it too. */
#define AIGOV__CHECK(name)                                                     \
    int aigov__check_##name(const aigov__window *w);                           \
    int aigov__check_##name(const aigov__window *w)

/* Sum of the first values of p times the weights given. */
#define AIGOV__SUM(p, ...)                                                     \
    aigov__weighted(p, (const int[]){__VA_ARGS__},                             \
                    (int)(sizeof((const int[]){__VA_ARGS__}) / sizeof(int)))

static inline int aigov__pass(bool ok)
{
    return ok ? 0 : AIGOV__NO;
}

static inline int aigov__digit(char c)
{
    return c - '0';
}

/* Whether a list such as "AL AK AZ" has the code of n bytes at p. */
static inline bool aigov__listed(const char *list, const char *p, int n)
{
    for (; *list != 0; list += list[n] == 0 ? n : n + 1) {
        if (memcmp(list, p, (size_t)n) == 0) {
            return true;
        }
    }
    return false;
}

/* Dates without a century: any leap year will do. */
static inline bool aigov__yymmdd(const char *p)
{
    return aigov__is_day(0, aigov__number(p + 2, 2), aigov__number(p + 4, 2));
}

/* A day on which somebody now in a register can have been born. */
static inline bool aigov__yyyymmdd(const char *p)
{
    int year = aigov__number(p, 4);
    return year >= 1880 && year < 2100 &&
           aigov__is_day(year, aigov__number(p + 4, 2),
                         aigov__number(p + 6, 2));
}

#endif
