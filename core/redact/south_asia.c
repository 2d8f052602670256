/*
 * south_asia.c - identifiers of India, Pakistan, Sri Lanka, Bangladesh
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   in_aadhaar   first 2-9, Verhoeff, no palindrome (UIDAI)
 *   in_pan       five letters, the fourth says of what; 4 digits, a letter
 *                (Income Tax Rules, 114)
 *   in_gstin     state, PAN, number, Z, check mod 36 (GSTN)
 *   in_voter     three letters, seven digits; newer ones Luhn (ECI)
 *   in_vehicle   state, district, series, number (CMV Rules, 50)
 *   in_passport  letter, seven digits (Passport Seva)
 *   pk_cnic      region 1-7, family, sex (NADRA)
 *   lk_nic       year and day of birth, for women + 500 (DRP)
 *   bd_nid       10, 13 or 17 digits (Election Commission)
 */
#include "check.h"

static bool palindrome(const char *p, int n)
{
    for (int i = 0; i < n / 2; i++) {
        if (p[i] != p[n - 1 - i]) {
            return false;
        }
    }
    return true;
}

AIGOV__CHECK(in_aadhaar)
{
    return aigov__pass(w->compact[0] >= '2' &&
                       aigov__verhoeff(w->compact, 12) &&
                       !palindrome(w->compact, 12));
}

/* Association, body, company, firm, government, HUF, ... person, trust. */
static bool is_pan(const char *p)
{
    return strchr("ABCFGHJKLPT", p[3]) != NULL && memcmp(p + 5, "0000", 4) != 0;
}

AIGOV__CHECK(in_pan)
{
    if (!is_pan(w->compact)) {
        return AIGOV__NO;
    }
    return w->lower ? -20 : 0;
}

static bool luhn36(const char *p, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        char c = p[n - 1 - i];
        int v = (c <= '9' ? c - '0' : c - 'A' + 10) * (1 + i % 2);
        sum += v / 36 + v % 36;
    }
    return sum % 36 == 0;
}

/* The state, a PAN, which registration of it, Z. */
static bool is_gstin(const char *p)
{
    int state = aigov__number(p, 2);
    return state >= 1 && (state <= 38 || state == 97 || state == 99) &&
           p[12] != '0' && p[13] == 'Z' && memcmp(p + 7, "0000", 4) != 0;
}

AIGOV__CHECK(in_gstin)
{
    return aigov__pass(is_gstin(w->compact) && is_pan(w->compact + 2) &&
                       luhn36(w->compact, 15));
}

/* State 38 is Ladakh, since 2020: too few to go without the check. */
AIGOV__CHECK(in_gstin_form)
{
    return aigov__pass(is_gstin(w->compact) &&
                       memcmp(w->compact, "38", 2) != 0);
}

AIGOV__CHECK(in_voter)
{
    if (memcmp(w->compact + 3, "0000000", 7) == 0) {
        return AIGOV__NO;
    }
    return aigov__luhn(w->compact + 3, 7) && !w->lower ? 9 : 0;
}

/* Series and numbers of a passport begin with 1-9 and end so. */
AIGOV__CHECK(in_passport)
{
    return aigov__pass(w->compact[1] != '0' && w->compact[7] != '0' &&
                       strchr("QXZ", w->compact[0]) == NULL);
}

static const char indian_states[] =
    "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP "
    "MZ NL OD OR PB PY RJ SK TN TR TS UA UK UP WB";

AIGOV__CHECK(in_vehicle)
{
    const char *p = w->compact;
    if (!aigov__listed(indian_states, p, 2) ||
        memcmp(p + w->n - 4, "0000", 4) == 0) {
        return AIGOV__NO;
    }
    return w->lower ? -20 : 0;
}

AIGOV__CHECK(pk_cnic)
{
    const char *p = w->compact;
    return aigov__pass(p[0] >= '1' && p[0] <= '7' && p[12] != '0' &&
                       !aigov__same(p + 5, 7));
}

static bool day_of_year(int day)
{
    return (day >= 1 && day <= 366) || (day >= 501 && day <= 866);
}

AIGOV__CHECK(lk_nic)
{
    const char *p = w->compact;
    if (w->n == 10) {
        return aigov__pass((p[9] == 'V' || p[9] == 'X') &&
                           day_of_year(aigov__number(p + 2, 3)));
    }
    return aigov__pass(aigov__number(p, 4) >= 1900 &&
                       aigov__number(p, 4) < 2100 &&
                       day_of_year(aigov__number(p + 4, 3)));
}

/* 17 digits begin with the year of birth. */
AIGOV__CHECK(bd_nid)
{
    int year = aigov__number(w->compact, 4);
    return aigov__pass(!aigov__same(w->compact, w->n) &&
                       (w->n < 17 || (year >= 1900 && year < 2100)));
}
