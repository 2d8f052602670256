/*
 * west_asia.c - identifiers of Israel, Iran and the Arabian peninsula
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   il_id           nine digits, Luhn (Population Authority)
 *   ir_id           ten digits, mod 11 (Civil Registration)
 *   ae_emirates_id  784, year of birth, number, Luhn (ICP)
 *   sa_id           1 citizens, 2 residents; ten digits, Luhn
 *   kw_civil_id     century, birthday, number, mod 11 (PACI)
 */
#include "check.h"

AIGOV__CHECK(il_id)
{
    return aigov__pass(!aigov__same(w->compact, 9) &&
                       aigov__luhn(w->compact, 9));
}

AIGOV__CHECK(ir_id)
{
    const char *p = w->compact;
    int rest = AIGOV__SUM(p, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11;
    return aigov__pass(!aigov__same(p, 10) &&
                       (rest < 2 ? rest : 11 - rest) == aigov__digit(p[9]));
}

AIGOV__CHECK(ae_emirates_id)
{
    const char *p = w->compact;
    int year = aigov__number(p + 3, 4);
    return aigov__pass(memcmp(p, "784", 3) == 0 && year >= 1900 &&
                       year < 2100 && aigov__luhn(p, 15));
}

AIGOV__CHECK(sa_id)
{
    return aigov__pass((w->compact[0] == '1' || w->compact[0] == '2') &&
                       aigov__luhn(w->compact, 10));
}

AIGOV__CHECK(kw_civil_id)
{
    const char *p = w->compact;
    int sum = AIGOV__SUM(p, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2);
    return aigov__pass((p[0] == '2' || p[0] == '3') && aigov__yymmdd(p + 1) &&
                       11 - sum % 11 == aigov__digit(p[11]));
}
