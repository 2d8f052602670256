/*
 * africa.c - identifiers of African countries
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   za_id       birthday, sequence, citizenship, Luhn (Home Affairs)
 *   ng_nin      eleven digits, Verhoeff (NIMC)
 *   ng_vehicle  three letters, three digits, two letters (FRSC, 2011)
 *   ke_kra_pin  A or P, nine digits, a letter (Revenue Authority)
 *   gh_card     GHA, nine digits, check (NIA)
 *   eg_id       century, birthday, governorate (Interior)
 */
#include "check.h"

/* Citizen 0, permanent resident 1, refugee 2; then 8 or 9. */
AIGOV__CHECK(za_id)
{
    const char *p = w->compact;
    if (!aigov__yymmdd(p) || p[10] > '2' || !aigov__luhn(p, 13) ||
        aigov__same(p, 13)) {
        return AIGOV__NO;
    }
    return p[11] >= '8' ? 25 : 0;
}

/* What begins with 07, 08 or 09 is rather a mobile number, there too. */
AIGOV__CHECK(ng_nin)
{
    const char *p = w->compact;
    if (aigov__same(p, 11) || !aigov__verhoeff(p, 11)) {
        return AIGOV__NO;
    }
    return p[0] == '0' && p[1] >= '7' ? -12 : 0;
}

AIGOV__CHECK(ng_vehicle)
{
    return aigov__pass(memcmp(w->compact + 3, "000", 3) != 0);
}

AIGOV__CHECK(ke_kra_pin)
{
    if (w->compact[0] != 'A' && w->compact[0] != 'P') {
        return AIGOV__NO;
    }
    return w->lower ? -25 : 0;
}

AIGOV__CHECK(gh_card)
{
    return aigov__pass(memcmp(w->compact, "GHA", 3) == 0);
}

AIGOV__CHECK(eg_id)
{
    static const char governorates[] =
        "01 02 03 04 11 12 13 14 15 16 17 18 19 21 22 23 24 25 26 27 28 29 31 "
        "32 33 34 35 88";
    const char *p = w->compact;
    return aigov__pass((p[0] == '2' || p[0] == '3') && aigov__yymmdd(p + 1) &&
                       aigov__listed(governorates, p + 7, 2));
}
