/*
 * europe_east.c - identifiers from Poland to Russia and down to Bulgaria
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "europe.h"

static int digit(char c)
{
    return c - '0';
}

/* --- Poland -------------------------------------------------------------- */

/* Day of birth, its century in the month (+ 80, 0, 20, 40, 60), serial, check
 * digit.  Without a day it takes a word to tell that it is one. */
AIGOV__CHECK(pl_pesel)
{
    static const int weight[11] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1};
    const char *p = w->compact;
    int month = aigov__number(p + 2, 2) % 20;
    if (aigov__weighted(p, weight, 11) % 10 != 0 || aigov__number(p, 9) == 0) {
        return AIGOV__NO;
    }
    return aigov__is_day(2000 + aigov__number(p, 2), month,
                         aigov__number(p + 4, 2))
               ? 0
               : -20;
}

AIGOV__CHECK(pl_nip)
{
    return aigov__pass(aigov__is_nip(w->compact));
}

/* Nine digits, or these and five of a local unit with a digit of its own. */
AIGOV__CHECK(pl_regon)
{
    static const int nine[8] = {8, 9, 2, 3, 4, 5, 6, 7};
    static const int all[13] = {2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8};
    const char *p = w->compact;
    if (aigov__weighted(p, nine, 8) % 11 % 10 != digit(p[8]) ||
        aigov__same(p, 9)) {
        return AIGOV__NO;
    }
    return aigov__pass(w->n == 9 ||
                       aigov__weighted(p, all, 13) % 11 % 10 == digit(p[13]));
}

/* Dowod osobisty: three letters, six digits, the first of them the check. */
AIGOV__CHECK(pl_id_card)
{
    static const int weight[9] = {7, 3, 1, -1, 7, 3, 1, 7, 3};
    return aigov__pass((aigov__weighted(w->compact, weight, 9) + 10) % 10 == 0);
}

/* --- Czechia and Slovakia, Hungary --------------------------------------- */

AIGOV__CHECK(cz_rc)
{
    return aigov__pass(aigov__is_rodne_cislo(w->compact, w->n) &&
                       aigov__number(w->compact + 6, 3) > 0);
}

/* Social security: 3 and 7 in turn, mod 10. */
AIGOV__CHECK(hu_taj)
{
    static const int weight[9] = {3, 7, 3, 7, 3, 7, 3, 7, -1};
    return aigov__pass(aigov__weighted(w->compact, weight, 9) % 10 == 0 &&
                       !aigov__same(w->compact, 9));
}

/* Tax: 8, days since 1867, serial, sum of digit times place mod 11. */
AIGOV__CHECK(hu_tax_id)
{
    static const int weight[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, -1};
    return aigov__pass(w->compact[0] == '8' &&
                       aigov__weighted(w->compact, weight, 10) % 11 == 0);
}

/* --- Romania, Bulgaria --------------------------------------------------- */

/* Sex and century, day of birth, county, serial, check digit. */
AIGOV__CHECK(ro_cnp)
{
    static const int weight[12] = {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9};
    const char *p = w->compact;
    int check = aigov__weighted(p, weight, 12) % 11;
    int county = aigov__number(p + 7, 2);
    return aigov__pass(
        p[0] != '0' && aigov__is_yymmdd(p + 1) && county >= 1 &&
        (county <= 52 || county == 70 || (county >= 80 && county <= 83)) &&
        (check == 10 ? 1 : check) == digit(p[12]));
}

AIGOV__CHECK(bg_egn)
{
    return aigov__pass(aigov__is_egn(w->compact));
}

/* --- Croatia, Slovenia and their neighbours ------------------------------ */

AIGOV__CHECK(hr_oib)
{
    return aigov__pass(aigov__mod11_10(w->compact, 11) &&
                       !aigov__same(w->compact, 11));
}

/* JMBG, the number of Yugoslavia that its heirs kept: day of birth with three
 * digits of the year, region, serial, 11 minus mod 11, 0 for 10 and 11. */
AIGOV__CHECK(si_emso)
{
    static const int weight[12] = {7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    const char *p = w->compact;
    int year = aigov__number(p + 4, 3);
    int check = 11 - aigov__weighted(p, weight, 12) % 11;
    year += year >= 800 ? 1000 : 2000;
    return aigov__pass(
        aigov__is_day(year, aigov__number(p + 2, 2), aigov__number(p, 2)) &&
        (check > 9 ? 0 : check) == digit(p[12]));
}

AIGOV__CHECK(si_tin)
{
    return aigov__pass(aigov__is_si_tin(w->compact));
}

/* --- Ukraine, Russia ----------------------------------------------------- */

AIGOV__CHECK(ua_rntrc)
{
    static const int weight[9] = {-1, 5, 7, 9, 4, 6, 10, 5, 7};
    int sum = aigov__weighted(w->compact, weight, 9) + 11;
    return aigov__pass(sum % 11 % 10 == digit(w->compact[9]) &&
                       !aigov__same(w->compact, 10));
}

/* Ten digits for bodies, with one check digit, twelve for persons, with two. */
AIGOV__CHECK(ru_inn)
{
    static const int weight[11] = {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    const char *p = w->compact;
    if (aigov__same(p, w->n) || aigov__number(p, 2) == 0) {
        return AIGOV__NO;
    }
    if (w->n == 10) {
        return aigov__pass(aigov__weighted(p, weight + 2, 9) % 11 % 10 ==
                           digit(p[9]));
    }
    return aigov__pass(
        aigov__weighted(p, weight + 1, 10) % 11 % 10 == digit(p[10]) &&
        aigov__weighted(p, weight, 11) % 11 % 10 == digit(p[11]));
}

/* Pension fund: weights 9 to 1, mod 101, 100 being 00. */
AIGOV__CHECK(ru_snils)
{
    static const int weight[9] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    return aigov__pass(aigov__weighted(w->compact, weight, 9) % 101 % 100 ==
                           aigov__number(w->compact + 9, 2) &&
                       aigov__number(w->compact, 9) > 1001998);
}
