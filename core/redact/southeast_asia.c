/*
 * southeast_asia.c - identifiers from Singapore to Viet Nam
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   sg_nric   S T citizens, F G M foreigners; weights, a letter (ICA)
 *   sg_uen    business, company, other entity, each with a letter (ACRA)
 *   my_nric   birthday, place of birth, sequence (NRD)
 *   id_nik    area, birthday (women: day + 40), sequence (Home Affairs)
 *   id_npwp   nine digits with Luhn, office, branch (DJP)
 *   th_tnin   type, province, mod 11 (DOPA)
 *   ph_tin    nine digits, mod 11, and a branch (BIR)
 *   vn_id     province, century and sex, year (Decree 137/2015)
 *   vn_mst    ten digits, mod 11, and a branch (GDT)
 */
#include "check.h"

/* --- Singapore ----------------------------------------------------------- */

static bool nric_checked(const char *p)
{
    int sum = AIGOV__SUM(p + 1, 2, 7, 6, 5, 4, 3, 2);
    const char *table = p[0] == 'S' || p[0] == 'T' ? "JZIHGFEDCBA"
                        : p[0] == 'M'              ? "XWUTRQPNJLK"
                                                   : "XWUTRQPNMLK";
    sum += p[0] == 'T' || p[0] == 'G' ? 4 : p[0] == 'M' ? 3 : 0;
    return table[sum % 11] == p[8];
}

/* The letter at the end raises the score; a mistyped one still names one. */
AIGOV__CHECK(sg_nric)
{
    if (strchr("STFGM", w->compact[0]) == NULL) {
        return 0;
    }
    return nric_checked(w->compact) ? (w->lower ? 35 : 60) : w->lower ? 10 : 20;
}

AIGOV__CHECK(sg_uen_business)
{
    int sum = AIGOV__SUM(w->compact, 10, 4, 9, 3, 8, 2, 7, 1);
    if ("XMKECAWLJDB"[sum % 11] != w->compact[8]) {
        return AIGOV__NO;
    }
    /* as those given now begin */
    return memcmp(w->compact, "52", 2) == 0 || memcmp(w->compact, "53", 2) == 0
               ? 6
               : 0;
}

AIGOV__CHECK(sg_uen_company)
{
    const char *p = w->compact;
    int year = aigov__number(p, 4);
    int sum = AIGOV__SUM(p, 10, 8, 6, 4, 9, 7, 5, 3, 1);
    return aigov__pass(year >= 1800 && year < 2100 &&
                       "ZKCMDNERGWH"[sum % 11] == p[9]);
}

AIGOV__CHECK(sg_uen_other)
{
    static const char types[] =
        "CC CD CH CL CM CP CS CX DP FB FC FM FN GA GB GS HS LL LP MB MC MD MH "
        "MM MQ NB NR PA PB PF RF RP SM SS TC TU VH XL";
    static const char order[] = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
    static const int weight[] = {4, 3, 5, 3, 10, 2, 2, 5, 7};
    const char *p = w->compact;
    int sum = 0;
    if (strchr("RST", p[0]) == NULL || !aigov__listed(types, p + 3, 2)) {
        return AIGOV__NO;
    }
    for (int i = 0; i < 9; i++) {
        const char *at = strchr(order, p[i]);
        sum += at == NULL ? 0 : (int)(at - order) * weight[i];
    }
    return aigov__pass(order[(sum + 6) % 11] == p[9]);
}

/* --- Malaysia, Indonesia ------------------------------------------------- */

AIGOV__CHECK(my_nric)
{
    int place = aigov__number(w->compact + 6, 2);
    bool unused = place == 0 || (place >= 17 && place <= 20) || place == 69 ||
                  place == 70 || place == 73 || place == 80 || place == 81 ||
                  (place >= 94 && place <= 97);
    return aigov__pass(!unused && aigov__yymmdd(w->compact));
}

AIGOV__CHECK(id_nik)
{
    static const char provinces[] =
        "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 "
        "65 71 72 73 74 75 76 81 82 91 92 93 94 95 96 97";
    const char *p = w->compact;
    int day = aigov__number(p + 6, 2);
    return aigov__pass(
        aigov__listed(provinces, p, 2) && memcmp(p + 12, "0000", 4) != 0 &&
        aigov__is_day(0, aigov__number(p + 8, 2), day > 40 ? day - 40 : day));
}

AIGOV__CHECK(id_npwp)
{
    return aigov__pass(memcmp(w->compact, "00", 2) != 0 &&
                       aigov__luhn(w->compact, 9));
}

/* --- Thailand, the Philippines, Viet Nam --------------------------------- */

AIGOV__CHECK(th_tnin)
{
    static const char none[] = "28 29 59 68 69 78 79 87 88 89 97 98 99";
    const char *p = w->compact;
    int sum = AIGOV__SUM(p, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2);
    return aigov__pass(p[0] >= '1' && p[0] <= '8' && p[1] != '0' &&
                       !aigov__listed(none, p + 1, 2) &&
                       (11 - sum % 11) % 10 == aigov__digit(p[12]));
}

AIGOV__CHECK(ph_tin)
{
    int sum = AIGOV__SUM(w->compact, 9, 8, 7, 6, 5, 4, 3, 2);
    return aigov__pass(sum > 0 && sum % 11 == aigov__digit(w->compact[8]));
}

/* 0 1 born in the 20th century, 2 3 in the 21st. */
AIGOV__CHECK(vn_id)
{
    int province = aigov__number(w->compact, 3);
    return aigov__pass(province >= 1 && province <= 96 && w->compact[3] <= '3');
}

AIGOV__CHECK(vn_mst)
{
    int sum = AIGOV__SUM(w->compact, 31, 29, 23, 19, 17, 13, 7, 5, 3);
    return aigov__pass(sum > 0 && 10 - sum % 11 == aigov__digit(w->compact[9]));
}
