/*
 * europe_west.c - identifiers of France and of the Benelux
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "europe.h"

/* n digits mod m, for numbers that fit no int. */
static int rest_of(const char *digits, int n, int m)
{
    int rest = 0;
    for (int i = 0; i < n; i++) {
        rest = (rest * 10 + digits[i] - '0') % m;
    }
    return rest;
}

/* --- France -------------------------------------------------------------- */

/* Months as INSEE has them: 20 and up where the month is unknown or a serial
 * ran over. */
static bool is_insee_month(int month)
{
    return (month >= 1 && month <= 12) || (month >= 20 && month <= 42) ||
           month >= 50;
}

/* Sex, year, month, department (2A and 2B for Corsica), commune, serial, key:
 * 97 minus the rest, Corsica counting as 19 and 18. */
AIGOV__CHECK(fr_nir)
{
    char n[16];
    memcpy(n, w->compact, 16);
    if (strchr("1278", n[0]) == NULL || w->letters > 1) {
        return AIGOV__NO;
    }
    if (w->letters == 1) {
        if (n[5] != '2' || (n[6] != 'A' && n[6] != 'B')) {
            return AIGOV__NO;
        }
        n[5] = '1';
        n[6] = n[6] == 'A' ? '9' : '8';
    }
    return aigov__pass(is_insee_month(aigov__number(n + 3, 2)) &&
                       aigov__number(n + 5, 2) > 0 &&
                       97 - rest_of(n, 13, 97) == aigov__number(n + 13, 2));
}

/* Tax number: 0 to 3 first, the last three are the rest mod 511. */
AIGOV__CHECK(fr_spi)
{
    const char *p = w->compact;
    return aigov__pass(p[0] <= '3' && !aigov__same(p, 13) &&
                       rest_of(p, 10, 511) == aigov__number(p + 10, 3));
}

AIGOV__CHECK(fr_siren)
{
    return aigov__pass(aigov__is_siren(w->compact));
}

/* SIREN and an establishment; those of the post office add up to a multiple of
 * five instead. */
AIGOV__CHECK(fr_siret)
{
    const char *p = w->compact;
    int sum = 0;
    for (int i = 0; i < 14; i++) {
        sum += p[i] - '0';
    }
    return aigov__pass((aigov__luhn(p, 14) && aigov__is_siren(p)) ||
                       (memcmp(p, "356000000", 9) == 0 && sum % 5 == 0));
}

/* --- Benelux ------------------------------------------------------------- */

AIGOV__CHECK(nl_bsn)
{
    return aigov__pass(aigov__is_bsn(w->compact));
}

/* Day of birth, serial, 97 minus the rest, with a 2 before the digits from 2000
 * on.  Month + 20 or + 40 for a BIS number; 00 00 00 for an unknown day. */
AIGOV__CHECK(be_nn)
{
    const char *p = w->compact;
    int month = aigov__number(p + 2, 2) % 20, key = aigov__number(p + 9, 2);
    int rest = aigov__number(p, 9) % 97;
    /* 2 000 000 000 mod 97 */
    int later = (rest + 2000000000 % 97) % 97;
    bool unknown = memcmp(p, "000000", 6) == 0;
    if (!unknown && (!aigov__is_day(2000 + aigov__number(p, 2), month,
                                    aigov__number(p + 4, 2)) ||
                     p[2] > '5')) {
        return AIGOV__NO;
    }
    return aigov__pass(aigov__number(p + 6, 3) > 0 &&
                       (97 - rest == key || 97 - later == key));
}

/* Day of birth, serial, Luhn digit, Verhoeff digit; each over the first 11. */
AIGOV__CHECK(lu_nin)
{
    const char *p = w->compact;
    int year = aigov__number(p, 4);
    char v[13];
    memcpy(v, p, 11);
    v[11] = p[12];
    v[12] = 0;
    return aigov__pass(
        year >= 1850 && year < 2100 &&
        aigov__is_day(year, aigov__number(p + 4, 2), aigov__number(p + 6, 2)) &&
        aigov__luhn(p, 12) && aigov__verhoeff(v, 12));
}
