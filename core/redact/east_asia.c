/*
 * east_asia.c - identifiers of China, Hong Kong, Taiwan, Korea, Japan
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   cn_ric        region, birthday, sequence, ISO 7064 mod 11-2
 *                 (GB 11643-1999); until 1999 15 digits without the check
 *   hk_id         one or two letters, six digits, (check) mod 11
 *   tw_natid      letter, sex or residence, seven digits, check
 *   tw_ubn        eight digits, sums of digits mod 5 (2023; before, mod 10)
 *   kr_rrn        birthday, sex and century 1-4 (0 and 9: born from 1880 to
 * 1899); kr_frn        the same with 5-8, of foreigners.  The check was given
 * up in October 2020, it only raises the score. kr_brn        business, ten
 * digits (NTS) kr_driver     region, year, number, check, issue kr_passport
 * type, digits, since 2021 one letter jp_my_number  twelve digits, mod 11;
 * jp_cn  thirteen, mod 9 (MIC, NTA)
 */
#include "check.h"

/* --- China, Hong Kong, Taiwan -------------------------------------------- */

static const char provinces[] =
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 "
    "53 54 61 62 63 64 65 71 81 82 83 91";

AIGOV__CHECK(cn_ric)
{
    const char *p = w->compact;
    return aigov__pass((p[17] <= '9' || p[17] == 'X') &&
                       aigov__listed(provinces, p, 2) &&
                       aigov__yyyymmdd(p + 6) && aigov__mod11_2(p, 18));
}

AIGOV__CHECK(cn_ric_old)
{
    return aigov__pass(aigov__listed(provinces, w->compact, 2) &&
                       aigov__yymmdd(w->compact + 6));
}

/* A lacking first letter counts 36; 10 is the check A. */
AIGOV__CHECK(hk_id)
{
    const char *p = w->compact + (w->n - 7);
    int first = w->n == 9 ? aigov__value(w, 0) : 36;
    int sum =
        first * 9 + (p[-1] - 'A' + 10) * 8 + AIGOV__SUM(p, 7, 6, 5, 4, 3, 2, 1);
    return aigov__pass((p[6] <= '9' || p[6] == 'A') && sum % 11 == 0);
}

/* Letters stand for the place of registration, in the order it was given. */
static int taiwanese_value(char letter)
{
    static const char order[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    return (int)(strchr(order, letter) - order) + 10;
}

/* Sex 1 2, of residents A-D, since 2021 8 9. */
AIGOV__CHECK(tw_natid)
{
    const char *p = w->compact;
    int place = taiwanese_value(p[0]), second;
    if (strchr("1289ABCD", p[1]) == NULL) {
        return AIGOV__NO;
    }
    second = p[1] <= '9' ? aigov__digit(p[1]) : taiwanese_value(p[1]) % 10;
    return aigov__pass((place / 10 + place % 10 * 9 + second * 8 +
                        AIGOV__SUM(p + 2, 7, 6, 5, 4, 3, 2, 1, 1)) %
                           10 ==
                       0);
}

/* A 7 in the seventh place counts 10 (28 -> 2 + 8 -> 1 or 0). */
AIGOV__CHECK(tw_ubn)
{
    static const int weight[] = {1, 2, 1, 2, 1, 2, 4, 1};
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        int v = aigov__digit(w->compact[i]) * weight[i];
        sum += v / 10 + v % 10;
    }
    return aigov__pass(
        !aigov__same(w->compact, 8) &&
        (sum % 5 == 0 || (w->compact[6] == '7' && (sum + 1) % 5 == 0)));
}

/* --- Korea --------------------------------------------------------------- */

static int registration_sum(const char *p)
{
    return AIGOV__SUM(p, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5);
}

/* With a dash the form is enough; without one, thirteen digits may be a time
 * in milliseconds, and the check has to speak for them. */
static int registered(const aigov__window *w, bool checked)
{
    int place = aigov__number(w->compact + 7, 2);
    checked = checked && place <= 95;
    if (w->groups == 2) {
        return checked ? 20 : 0;
    }
    return checked ? 9 : -15;
}

AIGOV__CHECK(kr_rrn)
{
    const char *p = w->compact;
    bool checked = (11 - registration_sum(p) % 11) % 10 == aigov__digit(p[12]);
    if (!aigov__yymmdd(p) || (p[6] > '4' && p[6] != '9') ||
        ((p[6] == '0' || p[6] == '9') && (!checked || p[0] < '8'))) {
        return AIGOV__NO;
    }
    return registered(w, checked);
}

AIGOV__CHECK(kr_frn)
{
    const char *p = w->compact;
    bool checked = (13 - registration_sum(p) % 11) % 10 == aigov__digit(p[12]);
    if (!aigov__yymmdd(p) || p[6] < '5' || p[6] > '8') {
        return AIGOV__NO;
    }
    return registered(w, checked);
}

AIGOV__CHECK(kr_brn)
{
    const char *p = w->compact;
    int sum =
        AIGOV__SUM(p, 1, 3, 7, 1, 3, 7, 1, 3, 5) + aigov__digit(p[8]) * 5 / 10;
    return aigov__pass((10 - sum % 10) % 10 == aigov__digit(p[9]) &&
                       aigov__number(p, 3) >= 101);
}

AIGOV__CHECK(kr_driver)
{
    int region = aigov__number(w->compact, 2);
    return aigov__pass(region >= 11 && region <= 28 && region != 27);
}

/* Ordinary (M, S), residence (R), official (O), diplomatic (D) ... */
AIGOV__CHECK(kr_passport)
{
    return aigov__pass(strchr("MSRODG", w->compact[0]) != NULL);
}

/* --- Japan --------------------------------------------------------------- */

AIGOV__CHECK(jp_my_number)
{
    const char *p = w->compact;
    int rest = AIGOV__SUM(p, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11;
    return aigov__pass(!aigov__same(p, 12) &&
                       (rest < 2 ? 0 : 11 - rest) == aigov__digit(p[11]));
}

AIGOV__CHECK(jp_cn)
{
    const char *p = w->compact;
    int sum = AIGOV__SUM(p + 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1);
    return aigov__pass(p[0] != '0' && 9 - sum % 9 == aigov__digit(p[0]));
}
