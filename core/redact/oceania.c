/*
 * oceania.c - identifiers of Australia and New Zealand
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   au_tfn       nine digits (old: eight), mod 11 (Taxation Office)
 *   au_abn       eleven digits, mod 89 (Business Register)
 *   au_acn       nine digits, mod 10 (ASIC)
 *   au_medicare  2 to 6, seven digits, check, issue, place on the card
 *   nz_ird       eight or nine digits, mod 11 with a second try (IR)
 */
#include "check.h"

AIGOV__CHECK(au_tfn)
{
    const char *p = w->compact;
    int sum = w->n == 9 ? AIGOV__SUM(p, 1, 4, 3, 7, 5, 8, 6, 9, 10)
                        : AIGOV__SUM(p, 10, 7, 8, 4, 6, 3, 5, 1);
    return aigov__pass(p[0] != '0' && sum % 11 == 0 && !aigov__same(p, w->n));
}

AIGOV__CHECK(au_abn)
{
    int sum = AIGOV__SUM(w->compact, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19);
    return aigov__pass(w->compact[0] != '0' && (sum - 10) % 89 == 0);
}

/* Numbers are given in order: from 000 up, and since 2015 from 600. */
AIGOV__CHECK(au_acn)
{
    int sum = AIGOV__SUM(w->compact, 8, 7, 6, 5, 4, 3, 2, 1, 1);
    return aigov__pass(strchr("016", w->compact[0]) != NULL && sum > 0 &&
                       sum % 10 == 0);
}

AIGOV__CHECK(au_medicare)
{
    const char *p = w->compact;
    int sum = AIGOV__SUM(p, 1, 3, 7, 9, 1, 3, 7, 9);
    return aigov__pass(p[0] >= '2' && p[0] <= '6' && p[9] != '0' &&
                       sum % 10 == aigov__digit(p[8]) &&
                       (w->n == 10 || p[10] != '0'));
}

/* From 10 to 150 million; where the first weights leave 1, others decide. */
AIGOV__CHECK(nz_ird)
{
    char p[10] = "0";
    int number, rest;
    memcpy(p + (w->n == 9 ? 0 : 1), w->compact, w->n);
    number = aigov__number(p, 9);
    rest = AIGOV__SUM(p, 3, 2, 7, 6, 5, 4, 3, 2) % 11;
    if (rest == 1) {
        rest = AIGOV__SUM(p, 7, 4, 3, 2, 5, 2, 7, 6) % 11;
    }
    return aigov__pass(number >= 10000000 && number <= 150000000 && rest != 1 &&
                       (11 - rest) % 11 == aigov__digit(p[8]));
}
