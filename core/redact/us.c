/*
 * us.c - identifiers of the United States
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   us_ssn    area-group-serial: no area 000, 666 or 9xx, no group 00, no
 *             serial 0000 (SSA, randomisation of 2011)
 *   us_itin   9xx, group 50-65, 70-88, 90-92, 94-99 (IRS Publication 1915)
 *   us_ein    prefix of an issuing campus (IRS, "Valid EIN prefixes")
 *   aba       routing number: Federal Reserve prefix, weights 3 7 1 (ABA)
 *   us_npi    10 digits, Luhn with 80840 before them (45 CFR 162.406)
 *   us_dea    two letters, seven digits (DEA Diversion Control)
 *   us_mbi    11 places, each of a kind; no S L O I B Z (CMS)
 *   us_zip    five digits, or nine, after the abbreviation of a state
 *
 * Accounts, driver licences and passports have no check that is public: they
 * are found by context alone.
 */
#include "check.h"

/* --- Social Security Administration, Internal Revenue Service ------------ */

/* Printed on a wallet insert and in an advertisement: void, and the first is
 * in every test set. */
static const char void_ssn[] = "078051120 219099999";

AIGOV__CHECK(us_ssn)
{
    int area = aigov__number(w->compact, 3);
    int group = aigov__number(w->compact + 3, 2);
    int serial = aigov__number(w->compact + 5, 4);
    /* 987-65-4320 to -4329 are set aside for advertisements */
    bool shown = memcmp(w->compact, "98765432", 8) == 0;
    if (group == 0 || serial == 0 || aigov__listed(void_ssn, w->compact, 9)) {
        return AIGOV__NO;
    }
    return aigov__pass(shown || (area != 0 && area != 666 && area < 900));
}

AIGOV__CHECK(us_itin)
{
    int group = aigov__number(w->compact + 3, 2);
    bool shown = memcmp(w->compact, "98765432", 8) == 0;
    return aigov__pass(w->compact[0] == '9' && !shown && group >= 50 &&
                       group != 89 && group != 93 &&
                       (group <= 65 || group >= 70));
}

AIGOV__CHECK(us_ein)
{
    static const char unused[] =
        "00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97";
    return aigov__pass(!aigov__listed(unused, w->compact, 2));
}

/* --- banks --------------------------------------------------------------- */

AIGOV__CHECK(aba_routing)
{
    int prefix = aigov__number(w->compact, 2);
    bool reserve = prefix <= 12 || (prefix >= 21 && prefix <= 32) ||
                   (prefix >= 61 && prefix <= 72) || prefix == 80;
    int sum = AIGOV__SUM(w->compact, 3, 7, 1, 3, 7, 1, 3, 7, 1);
    return aigov__pass(reserve && sum > 0 && sum % 10 == 0);
}

AIGOV__CHECK(us_bank)
{
    return aigov__pass(w->groups == 1 && !aigov__same(w->compact, w->n) &&
                       (w->n != 8 || !aigov__yyyymmdd(w->compact)));
}

/* --- health -------------------------------------------------------------- */

/* The first digit may be 1 or 2, but none with 2 has been given so far, and ten
 * digits that begin with 2 are rather a telephone number. */
AIGOV__CHECK(us_npi)
{
    char all[16] = "80840";
    memcpy(all + 5, w->compact, 10);
    if ((all[5] != '1' && all[5] != '2') || !aigov__luhn(all, 15)) {
        return AIGOV__NO;
    }
    return all[5] == '1' ? 0 : -11;
}

AIGOV__CHECK(us_dea)
{
    const char *d = w->compact + 2;
    int sum = AIGOV__SUM(d, 1, 2, 1, 2, 1, 2);
    return aigov__pass(strchr("ABCDEFGHJKLMPRSTUX", w->compact[0]) != NULL &&
                       sum > 0 && sum % 10 == aigov__digit(d[6]));
}

AIGOV__CHECK(us_mbi)
{
    for (int i = 0; i < w->n; i++) {
        if (strchr("SLOIBZ", w->compact[i]) != NULL) {
            return AIGOV__NO;
        }
    }
    if (w->compact[0] == '0') {
        return AIGOV__NO;
    }
    return w->lower ? -30 : 0;
}

/* --- ZIP codes ----------------------------------------------------------- */

static const char states[] =
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS "
    "MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV "
    "WI WY DC PR VI GU AS MP AA AE AP";

/* "NY 10002" or "Boston, MA 02108-1234": of a state's abbreviation and the
 * digits only these are the finding. */
void aigov__us_zip(aigov__scan *s, size_t from, size_t to)
{
    size_t i = from - 3;
    if (to - from != 5 || from < 3 || aigov__at(s, from - 1) != ' ' ||
        !aigov__at_is(s, i, AIGOV__UPPER) ||
        !aigov__at_is(s, i + 1, AIGOV__UPPER) || aigov__word_before(s, i) ||
        !aigov__listed(states, s->p + i, 2)) {
        return;
    }
    for (i = from; i < to; i++) {
        if (!aigov__at_is(s, i, AIGOV__DIGIT)) {
            return;
        }
    }
    if (aigov__at(s, to) == '-' && !aigov__at_is(s, to + 5, AIGOV__ALNUM)) {
        for (i = to + 1; aigov__at_is(s, i, AIGOV__DIGIT) && i < to + 5; i++) {
        }
        to = i == to + 5 ? i : to;
    }
    aigov__report(s, AIGOV__D_us_zip, from, to, 60, 0);
}
