/*
 * europe_south.c - identifiers of Spain, Portugal, Italy, Greece, Malta, Cyprus
 * and Turkey
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "europe.h"

static int digit(char c)
{
    return c - '0';
}

/* --- Spain --------------------------------------------------------------- */

/* Seven digits or small letters are seen, but with less certainty. */
AIGOV__CHECK(es_dni)
{
    if (!aigov__is_dni(w->compact, w->n - 1)) {
        return AIGOV__NO;
    }
    return w->n < 9 ? -15 : w->lower ? -5 : 0;
}

AIGOV__CHECK(es_nie)
{
    return aigov__pass(w->compact[0] >= 'X' && aigov__is_nie(w->compact));
}

/* What a field "NIF" may hold besides: foreigners and bodies. */
AIGOV__CHECK(es_nif)
{
    return aigov__pass(aigov__is_nie(w->compact) || aigov__is_cif(w->compact));
}

AIGOV__CHECK(es_cif)
{
    if (!aigov__is_cif(w->compact)) {
        return AIGOV__NO;
    }
    return w->letters == 2 ? 10 : 0;
}

/* Province (66 abroad), number, the whole mod 97; a number of up to seven
 * digits follows its province without the zero. */
AIGOV__CHECK(es_nss)
{
    const char *p = w->compact;
    int province = aigov__number(p, 2), number = aigov__number(p + 2, 8);
    int64_t base = number < 10000000 ? 10000000 : 100000000;
    return aigov__pass(
        province >= 1 && (province <= 53 || province == 66) && number > 0 &&
        (province * base + number) % 97 == aigov__number(p + 10, 2));
}

/* --- Portugal ------------------------------------------------------------ */

AIGOV__CHECK(pt_nif)
{
    return aigov__pass(aigov__is_pt_nif(w->compact));
}

/* Cartao de cidadao: identity number with its digit, version, check digit: Luhn
 * with letters from 10. */
AIGOV__CHECK(pt_cc)
{
    int sum = 0;
    for (int i = 0; i < 12; i++) {
        int v = aigov__value(w, 11 - i) * (i % 2 == 0 ? 1 : 2);
        sum += i % 2 == 1 && v > 9 ? v - 9 : v;
    }
    return aigov__pass(sum % 10 == 0);
}

/* --- Italy --------------------------------------------------------------- */

/* Digits that were made letters where two people would share a code. */
static int omocodia(char c)
{
    const char *at = strchr("LMNPQRSTUV", c);
    if (c <= '9') {
        return digit(c);
    }
    return at == NULL ? -1 : (int)(at - "LMNPQRSTUV");
}

/* Decreto 23 December 1976: each odd place is mapped, the sum mod 26. */
static bool has_control_letter(const char *p)
{
    static const uint8_t odd[26] = {1,  0,  5,  7,  9,  13, 15, 17, 19,
                                    21, 2,  4,  18, 20, 11, 3,  6,  8,
                                    12, 14, 16, 10, 22, 25, 24, 23};
    int sum = 0;
    for (int i = 0; i < 15; i++) {
        int v = p[i] <= '9' ? digit(p[i]) : p[i] - 'A';
        sum += i % 2 == 0 ? odd[v] : v;
    }
    return p[15] == 'A' + sum % 26;
}

/* Surname, name, year, month, day (+ 40 for women), place, control letter. */
AIGOV__CHECK(it_fiscal_code)
{
    static const uint8_t places[] = {6, 7, 9, 10, 12, 13, 14};
    const char *p = w->compact;
    int v[7], day;
    for (int i = 0; i < 16; i++) {
        bool number = (i >= 6 && i <= 10 && i != 8) || (i >= 12 && i <= 14);
        if (!number && p[i] <= '9') {
            return AIGOV__NO;
        }
    }
    for (int i = 0; i < 7; i++) {
        v[i] = omocodia(p[places[i]]);
        if (v[i] < 0) {
            return AIGOV__NO;
        }
    }
    day = (v[2] * 10 + v[3]) % 40;
    return aigov__pass(strchr("ABCDEHLMPRST", p[8]) != NULL && day >= 1 &&
                       day <= 31 && v[2] < 8 && has_control_letter(p));
}

AIGOV__CHECK(it_vat)
{
    return aigov__pass(aigov__is_it_vat(w->compact));
}

/* Electronic cards begin with C; seven digits and two letters are of the first
 * electronic ones, the other way round of paper. */
AIGOV__CHECK(it_cie)
{
    return aigov__pass(w->compact[0] == 'C');
}

/* U1, seven of the office and number, a letter; the rest has no vowels. */
AIGOV__CHECK(it_driver_license)
{
    const char *p = w->compact;
    if (w->groups != 1 || p[0] != 'U' || p[1] != '1' || p[9] < 'A') {
        return AIGOV__NO;
    }
    for (int i = 2; i < 9; i++) {
        if (strchr("AEIOQ", p[i]) != NULL) {
            return AIGOV__NO;
        }
    }
    return 0;
}

/* --- Greece, Malta, Cyprus ----------------------------------------------- */

AIGOV__CHECK(gr_afm)
{
    return aigov__pass(aigov__is_afm(w->compact));
}

/* Day of birth, serial, Luhn. */
AIGOV__CHECK(gr_amka)
{
    return aigov__pass(aigov__is_ddmmyy(w->compact) &&
                       aigov__luhn(w->compact, 11));
}

/* Identity card: number, year or register, a letter for the register. */
AIGOV__CHECK(mt_id)
{
    return aigov__pass(strchr("MGAPLHBZ", w->compact[w->n - 1]) != NULL);
}

AIGOV__CHECK(cy_tin)
{
    return aigov__pass(aigov__is_cy_tin(w->compact));
}

/* --- Turkey -------------------------------------------------------------- */

/* T.C. kimlik: the tenth digit from places odd and even, the eleventh from the
 * sum of all. */
AIGOV__CHECK(tr_national_id)
{
    static const int tenth[9] = {7, -1, 7, -1, 7, -1, 7, -1, 7};
    const char *p = w->compact;
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        sum += digit(p[i]);
    }
    return aigov__pass(p[0] != '0' && sum % 10 == digit(p[10]) &&
                       (aigov__weighted(p, tenth, 9) + 100) % 10 ==
                           digit(p[9]));
}

/* Vergi kimlik: each digit plus its place, times a power of two, mod 9. */
AIGOV__CHECK(tr_vkn)
{
    int sum = 0;
    for (int i = 0; i < 9; i++) {
        int v = (digit(w->compact[i]) + 9 - i) % 10;
        int t = v * (1 << (9 - i)) % 9;
        sum += v != 0 && t == 0 ? 9 : t;
    }
    return aigov__pass((10 - sum % 10) % 10 == digit(w->compact[9]) &&
                       !aigov__same(w->compact, 10));
}
