/*
 * europe_north.c - identifiers of the Nordic and the Baltic states
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "europe.h"

static int digit(char c)
{
    return c - '0';
}

/* --- Sweden -------------------------------------------------------------- */

/* Day of birth (+ 60 for a coordination number), serial, Luhn over the last
 * ten; the century may be told. */
AIGOV__CHECK(se_personnummer)
{
    const char *p = w->compact + w->n - 10;
    int day = aigov__number(p + 4, 2);
    int year = 2000 + aigov__number(p, 2);
    if (w->n == 12) {
        year = aigov__number(w->compact, 4);
        if (year < 1800 || year > 2099) {
            return AIGOV__NO;
        }
    }
    return aigov__pass(aigov__is_day(year, aigov__number(p + 2, 2),
                                     day > 60 ? day - 60 : day) &&
                       aigov__luhn(p, 10));
}

/* The third digit is 2 or more, so that it is no day of birth. */
AIGOV__CHECK(se_organisationsnummer)
{
    const char *p = w->compact;
    return aigov__pass(p[0] != '0' && p[0] != '4' && p[2] >= '2' &&
                       aigov__luhn(p, 10) && !aigov__same(p, 10));
}

/* --- Norway -------------------------------------------------------------- */

/* Day (+ 40 for a D-number) and month (+ 40 for help numbers, + 80 for the made
 * up ones) of birth, serial, two digits mod 11. */
AIGOV__CHECK(no_fnr)
{
    static const int first[10] = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
    static const int second[11] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    const char *p = w->compact;
    int day = aigov__number(p, 2), month = aigov__number(p + 2, 2);
    return aigov__pass(aigov__is_day(2000 + aigov__number(p + 4, 2), month % 40,
                                     day > 40 ? day - 40 : day) &&
                       aigov__weighted(p, first, 10) % 11 == 0 &&
                       aigov__weighted(p, second, 11) % 11 == 0);
}

/* Bronnoysund: 8 or 9 first, mod 11. */
AIGOV__CHECK(no_orgnr)
{
    static const int weight[9] = {3, 2, 7, 6, 5, 4, 3, 2, 1};
    return aigov__pass(w->compact[0] >= '8' &&
                       aigov__weighted(w->compact, weight, 9) % 11 == 0 &&
                       !aigov__same(w->compact, 9));
}

/* --- Denmark ------------------------------------------------------------- */

/* Day of birth, serial. */
AIGOV__CHECK(dk_cpr)
{
    return aigov__pass(aigov__is_ddmmyy(w->compact));
}

/* The same with the check digit that all had until 2007. */
AIGOV__CHECK(dk_cpr_mod11)
{
    static const int weight[10] = {4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    return aigov__pass(aigov__is_ddmmyy(w->compact) &&
                       aigov__weighted(w->compact, weight, 10) % 11 == 0);
}

/* --- Finland, Iceland ---------------------------------------------------- */

/* Day of birth, sign of the century (more of them since 2023), serial from 002,
 * a check character: the nine digits mod 31.  A sign '-' is not in compact. */
AIGOV__CHECK(fi_hetu)
{
    const char *p = w->compact, *serial = p + w->n - 4;
    int number = aigov__number(p, 6) * 1000 + aigov__number(serial, 3);
    if (w->n == 11 && strchr("ABCDEFYXWVU", p[6]) == NULL) {
        return AIGOV__NO;
    }
    return aigov__pass(aigov__is_ddmmyy(p) && aigov__number(serial, 3) >= 2 &&
                       serial[3] ==
                           "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31]);
}

/* Day of birth (+ 40 for bodies), two at random, check digit, century. */
AIGOV__CHECK(is_kennitala)
{
    static const int weight[9] = {3, 2, 7, 6, 5, 4, 3, 2, 1};
    const char *p = w->compact;
    int day = aigov__number(p, 2);
    return aigov__pass(strchr("890", p[9]) != NULL &&
                       aigov__is_day(2000 + aigov__number(p + 4, 2),
                                     aigov__number(p + 2, 2),
                                     day > 40 ? day - 40 : day) &&
                       aigov__weighted(p, weight, 9) % 11 == 0);
}

/* --- the sign + ---------------------------------------------------------- */

/* In Finland + says born in the 1800s, in Sweden a hundred years old or more:
 * "131052+308T", "010203+0405".  No window has that sign, so one is made here.
 */
void aigov__plus_date(aigov__scan *s, size_t from, size_t to)
{
    aigov__window w = {.n = 10};
    size_t serial = to + 1, end = to + 5;
    if (to - from != 6 || aigov__at(s, to) != '+' || aigov__word_at(s, end) ||
        aigov__word_before(s, from)) {
        return;
    }
    for (int i = 0; i < 10; i++) {
        size_t at = i < 6 ? from + (size_t)i : serial + (size_t)i - 6;
        w.compact[i] = (char)aigov__at(s, at);
        if (!aigov__at_is(s, at, i < 9 ? AIGOV__DIGIT : AIGOV__ALNUM)) {
            return;
        }
    }
    if (aigov__check_fi_hetu(&w) == 0) {
        aigov__report(s, AIGOV__D_fi_hetu, from, end, 60, AIGOV_WHY_VALIDATED);
    } else if (aigov__at_is(s, end - 1, AIGOV__DIGIT) &&
               aigov__check_se_personnummer(&w) == 0) {
        aigov__report(s, AIGOV__D_se_personnummer, from, end, 45,
                      AIGOV_WHY_VALIDATED);
    }
}

/* --- Baltic states ------------------------------------------------------- */

/* Estonia and Lithuania: sex and century, day of birth, serial, check digit mod
 * 11 by one row of weights or, where it were 10, by another. */
AIGOV__CHECK(baltic)
{
    static const int first[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1};
    static const int second[10] = {3, 4, 5, 6, 7, 8, 9, 1, 2, 3};
    const char *p = w->compact;
    int check = aigov__weighted(p, first, 10) % 11;
    if (check == 10) {
        check = aigov__weighted(p, second, 10) % 11 % 10;
    }
    return aigov__pass(p[0] >= '1' && p[0] <= '8' && aigov__is_yymmdd(p + 1) &&
                       check == digit(p[10]));
}

/* Since 2017 new numbers begin with 32 and have no day and no check digit: it
 * takes a word to tell that they are one. */
AIGOV__CHECK(lv_pk)
{
    if (w->compact[0] == '3' && w->compact[1] >= '2') {
        return -25;
    }
    return aigov__pass(aigov__is_lv_pk(w->compact));
}
