/*
 * europe.c - days in numbers, and national checks that VAT numbers use too
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A VAT number is in many countries the tax number of the person or company
 * with a prefix; each such check stands here once, on the number without
 * separators.
 */
#include "europe.h"

static int digit(char c)
{
    return c - '0';
}

/* --- days ---------------------------------------------------------------- */

/* 2000 was a leap year, as is every fourth year around it: that fits whatever
 * century is meant, but for 29 February 1900. */
static bool is_day_of(int yy, int month, int day)
{
    return aigov__is_day(2000 + yy, month, day);
}

bool aigov__is_yymmdd(const char *p)
{
    return is_day_of(aigov__number(p, 2), aigov__number(p + 2, 2),
                     aigov__number(p + 4, 2));
}

bool aigov__is_ddmmyy(const char *p)
{
    return is_day_of(aigov__number(p + 4, 2), aigov__number(p + 2, 2),
                     aigov__number(p, 2));
}

/* --- national numbers ---------------------------------------------------- */

/* The 11-test: weights 9 to 2, and -1 for the last. */
bool aigov__is_bsn(const char *p)
{
    static const int weight[9] = {9, 8, 7, 6, 5, 4, 3, 2, -1};
    return aigov__weighted(p, weight, 9) % 11 == 0 && !aigov__same(p, 9);
}

/* Powers of two, mod 11, mod 10. */
bool aigov__is_afm(const char *p)
{
    static const int weight[8] = {256, 128, 64, 32, 16, 8, 4, 2};
    return aigov__weighted(p, weight, 8) % 11 % 10 == digit(p[8]) &&
           !aigov__same(p, 9);
}

bool aigov__is_nip(const char *p)
{
    static const int weight[9] = {6, 5, 7, 2, 3, 4, 5, 6, 7};
    return aigov__weighted(p, weight, 9) % 11 == digit(p[9]) && p[0] != '0' &&
           !aigov__same(p, 10);
}

/* The first digit says what kind of taxpayer; 4 only as 45, 7 but 73 and 76. */
bool aigov__is_pt_nif(const char *p)
{
    static const int weight[9] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    int sum = aigov__weighted(p, weight, 9), rest = sum % 11;
    bool kind = p[0] != '0' && (p[0] != '4' || p[1] == '5');
    return kind && (rest == 0 || (rest == 1 && p[8] == '0'));
}

bool aigov__is_si_tin(const char *p)
{
    static const int weight[7] = {8, 7, 6, 5, 4, 3, 2};
    int check = 11 - aigov__weighted(p, weight, 7) % 11;
    return p[0] != '0' && check < 11 && check % 10 == digit(p[7]);
}

/* Month + 20 before 1900, + 40 from 2000. */
bool aigov__is_egn(const char *p)
{
    static const int weight[9] = {2, 4, 8, 5, 10, 9, 7, 3, 6};
    int month = aigov__number(p + 2, 2);
    if (!is_day_of(aigov__number(p, 2), month % 20, aigov__number(p + 4, 2)) ||
        month > 52) {
        return false;
    }
    return aigov__weighted(p, weight, 9) % 11 % 10 == digit(p[9]);
}

/* Act 133/2000 (CZ): month + 50 for women, + 20 more from 2004 where a day is
 * full; nine digits until 1953, ten since then, which divide by 11 (or leave 10
 * and end with 0).  Ten digits with 40 to 53 are of no one yet. */
bool aigov__is_rodne_cislo(const char *p, int n)
{
    int yy = aigov__number(p, 2), month = aigov__number(p + 2, 2) % 50;
    if (month > 20) {
        if (n == 9 || yy < 4 || yy > 39) {
            return false;
        }
        month -= 20;
    }
    if (!is_day_of(yy, month, aigov__number(p + 4, 2))) {
        return false;
    }
    if (n == 9) {
        return yy < 54;
    }
    return (yy < 40 || yy > 53) && aigov__number(p, 9) % 11 % 10 == digit(p[9]);
}

/* Day, month, year, century; those given out since 2017 have no day. */
bool aigov__is_lv_pk(const char *p)
{
    static const int weight[10] = {10, 5, 8, 4, 2, 1, 6, 3, 7, 9};
    return aigov__is_ddmmyy(p) && p[6] <= '2' &&
           (1 + aigov__weighted(p, weight, 10)) % 11 % 10 == digit(p[10]);
}

/* Digits at odd places are mapped, those at even places added as they are. */
bool aigov__is_cy_tin(const char *p)
{
    static const uint8_t odd[10] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21};
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        sum += i % 2 == 0 ? odd[digit(p[i])] : digit(p[i]);
    }
    return p[8] == 'A' + sum % 26 && !(p[0] == '1' && p[1] == '2');
}

/* The letter of a number mod 23 (Real Decreto 1553/2005). */
static char dni_letter(int number)
{
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23];
}

bool aigov__is_dni(const char *p, int digits)
{
    return p[digits] == dni_letter(aigov__number(p, digits));
}

/* Foreigners X Y Z count as 0 1 2 before the digits; K L M (Spaniards abroad,
 * under 14, foreigners without NIE) do not count. */
bool aigov__is_nie(const char *p)
{
    int number = aigov__number(p + 1, 7);
    switch (p[0]) {
    case 'X':
    case 'Y':
    case 'Z':
        number += (p[0] - 'X') * 10000000;
        break;
    case 'K':
    case 'L':
    case 'M':
        break;
    default:
        return false;
    }
    return p[8] == dni_letter(number);
}

/* Orden EHA/451/2008: control by Luhn, a digit for companies (A B E H), else a
 * letter or, in older numbers, a digit. */
bool aigov__is_cif(const char *p)
{
    int sum = 0, control;
    if (strchr("ABCDEFGHJNPQRSUVW", p[0]) == NULL) {
        return false;
    }
    for (int i = 1; i < 8; i++) {
        int v = digit(p[i]) * (i % 2 == 1 ? 2 : 1);
        sum += v > 9 ? v - 9 : v;
    }
    control = (10 - sum % 10) % 10;
    if (p[8] >= 'A') {
        return p[8] == "JABCDEFGHI"[control] && strchr("ABEH", p[0]) == NULL;
    }
    return digit(p[8]) == control;
}

/* Seven digits and a check letter mod 23; the second letter counts nine times,
 * but for the W, T and X that stood for spouses and trusts. */
bool aigov__is_pps(const char *p, int n)
{
    static const int weight[7] = {8, 7, 6, 5, 4, 3, 2};
    int sum = aigov__weighted(p, weight, 7);
    if (n == 9 && strchr("WTX", p[8]) == NULL) {
        if (p[8] > 'I') {
            return false;
        }
        sum += 9 * (p[8] - 'A' + 1);
    }
    return p[7] == "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23];
}

/* Company, tax office (a province, or a special one), Luhn. */
bool aigov__is_it_vat(const char *p)
{
    int office = aigov__number(p + 7, 3);
    return aigov__luhn(p, 11) && aigov__number(p, 7) > 0 && office > 0 &&
           (office <= 100 || office == 120 || office == 121 || office == 888 ||
            office == 999);
}

bool aigov__is_siren(const char *p)
{
    return aigov__luhn(p, 9) && !aigov__same(p, 9);
}

bool aigov__is_uid(const char *p)
{
    static const int weight[9] = {5, 4, 3, 2, 7, 6, 5, 4, 1};
    return aigov__weighted(p, weight, 9) % 11 == 0 && !aigov__same(p, 9);
}
