/*
 * mrz.c - machine readable zones of passports, visas and identity cards
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * ICAO Doc 9303, parts 3 to 7.  '<' fills.  Check digits are the sum of the
 * values (0-9, A-Z 10-35, '<' 0) times 7 3 1 7 3 1 ..., mod 10.
 *
 *   TD3, TD2   two lines of 44 and 36; of the second line
 *              0 number  9 check  10 nationality  13 birth  19 check  20 sex
 *              21 expiry  27 check  28 the state's own
 *   TD1        three lines of 30; of the second line
 *              0 birth  6 check  7 sex  8 expiry  14 check  15 nationality
 *
 * The second line has the checks and begins with a group that has a digit, so
 * it is the trigger; the lines with the names, of the same length, are taken
 * in.
 */
#include "check.h"

static bool is_mrz(const aigov__scan *s, size_t i)
{
    return aigov__at_is(s, i, AIGOV__UPPER | AIGOV__DIGIT) ||
           aigov__at(s, i) == '<';
}

static bool checked(const aigov__scan *s, size_t i, size_t n)
{
    static const int weight[] = {7, 3, 1};
    int sum = 0;
    for (size_t k = 0; k < n; k++) {
        unsigned char c = aigov__at(s, i + k);
        int v = c == '<' ? 0 : c <= '9' ? c - '0' : c - 'A' + 10;
        sum += v * weight[k % 3];
    }
    return sum % 10 == aigov__at(s, i + n) - '0';
}

static bool digits(const aigov__scan *s, size_t i, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (!aigov__at_is(s, i + k, AIGOV__DIGIT)) {
            return false;
        }
    }
    return true;
}

/* Birth, sex and expiry with their checks; sex first, it is cheap. */
static bool has_dates(const aigov__scan *s, size_t birth)
{
    unsigned char sex = aigov__at(s, birth + 7);
    return (sex == 'M' || sex == 'F' || sex == 'X' || sex == '<') &&
           digits(s, birth, 7) && digits(s, birth + 8, 7) &&
           aigov__yymmdd(s->p + birth) && checked(s, birth, 6) &&
           checked(s, birth + 8, 6);
}

/* The length of the line of such characters at i, at most 45. */
static size_t line_length(const aigov__scan *s, size_t i)
{
    size_t n = 0;
    while (n < 45 && is_mrz(s, i + n)) {
        n++;
    }
    return n;
}

/* Where a line of n such characters begins that ends before i and a line
 * break; i where there is none. */
static size_t line_before(const aigov__scan *s, size_t i, size_t n)
{
    size_t end = i;
    while (end > 0 && i - end < 2 && aigov__at_is(s, end - 1, AIGOV__SPACE)) {
        end--;
    }
    return end != i && end >= n && line_length(s, end - n) == n ? end - n : i;
}

/* The same for the line after; its end. */
static size_t line_after(const aigov__scan *s, size_t i, size_t n)
{
    size_t start = i;
    while (start < i + 2 && aigov__at_is(s, start, AIGOV__SPACE)) {
        start++;
    }
    return start != i && line_length(s, start) == n ? start + n : i;
}

void aigov__mrz(aigov__scan *s, size_t from, size_t to)
{
    size_t n;
    (void)to;
    if (has_dates(s, from + 13) && checked(s, from, 9)) {
        n = line_length(s, from);
        if (n == 44 || n == 36) {
            aigov__report(s, AIGOV__D_mrz, line_before(s, from, n), from + n,
                          95, AIGOV_WHY_VALIDATED);
        }
    } else if (has_dates(s, from) && line_length(s, from) == 30) {
        aigov__report(s, AIGOV__D_mrz, line_before(s, from, 30),
                      line_after(s, from + 30, 30), 95, AIGOV_WHY_VALIDATED);
    }
}
