/*
 * europe_de.c - identifiers of Germany, Austria and Switzerland
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "europe.h"

static int digit(char c)
{
    return c - '0';
}

/* --- Germany: tax -------------------------------------------------------- */

/* BZSt: ISO 7064 mod 11,10, not 0 first; among the first ten digits one occurs
 * twice or three times, the others once at most.  Sample numbers in use have
 * ten different ones: less is given for them. */
AIGOV__CHECK(de_tax_id)
{
    int count[10] = {0}, most = 0, twice = 0;
    if (w->compact[0] == '0' || !aigov__mod11_10(w->compact, 11)) {
        return AIGOV__NO;
    }
    for (int i = 0; i < 10; i++) {
        int c = ++count[digit(w->compact[i])];
        most = c > most ? c : most;
        twice += c == 2;
    }
    if (most > 3 || twice > 1) {
        return AIGOV__NO;
    }
    return most == 1 ? -15 : 0;
}

/* The form for all states: 13 digits, either by the number of the state (01 to
 * 16) or, as ELSTER sends it, by the office with 0 in the fifth place. */
AIGOV__CHECK(de_tax_number)
{
    int state = aigov__number(w->compact, 2);
    return aigov__pass((state >= 1 && state <= 16) || w->compact[4] == '0');
}

/* --- Germany: social security -------------------------------------------- */

/* Sum of the digits of each product, as VKVV section 2 has it. */
static int cross_sum(const char *digits, const int *weight, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        int v = digit(digits[i]) * weight[i];
        sum += v / 10 + v % 10;
    }
    return sum;
}

/* Two digits for a letter, A is 01, in a copy of p. */
static void spread_letter(char *out, const char *p, int at, int n)
{
    int v = p[at] - 'A' + 1;
    memcpy(out, p, (size_t)at);
    out[at] = (char)('0' + v / 10);
    out[at + 1] = (char)('0' + v % 10);
    memcpy(out + at + 2, p + at + 1, (size_t)(n - at - 1));
}

/* Numbers of the insurers, those of the former BfA being 40 more. */
static bool is_insurer(int area)
{
    if (area >= 42 && area <= 79) {
        area -= 40;
    }
    return (area >= 2 && area <= 4) || (area >= 8 && area <= 21) ||
           (area >= 23 && area <= 26) || area == 28 || area == 29 ||
           (area >= 38 && area <= 40) || (area >= 80 && area <= 82) ||
           area == 89;
}

/* Insurer, day of birth, initial, serial, check digit (VKVV section 2). */
AIGOV__CHECK(de_social_security)
{
    static const int weight[12] = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
    const char *p = w->compact;
    char digits[13];
    if (!is_insurer(aigov__number(p, 2)) || !aigov__is_ddmmyy(p + 2)) {
        return AIGOV__NO;
    }
    spread_letter(digits, p, 8, 12);
    return aigov__pass(cross_sum(digits, weight, 12) % 10 == digit(p[11]));
}

/* Krankenversichertennummer (SGB V section 290): letter, eight, check digit. */
AIGOV__CHECK(de_health_insurance)
{
    static const int weight[10] = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
    char digits[11];
    spread_letter(digits, w->compact, 0, 10);
    return aigov__pass(cross_sum(digits, weight, 10) % 10 ==
                       digit(w->compact[9]));
}

/* Lebenslange Arztnummer (KBV): six digits, check digit by 4 and 9, a group of
 * specialists. */
AIGOV__CHECK(de_lanr)
{
    static const int weight[6] = {4, 9, 4, 9, 4, 9};
    int sum = aigov__weighted(w->compact, weight, 6);
    return aigov__pass((10 - sum % 10) % 10 == digit(w->compact[6]) &&
                       aigov__number(w->compact + 7, 2) > 0 &&
                       aigov__number(w->compact, 6) > 0);
}

/* Betriebsstaettennummer: a district of the KV, seven digits. */
AIGOV__CHECK(de_bsnr)
{
    return aigov__pass(aigov__number(w->compact, 2) > 0 &&
                       aigov__number(w->compact + 2, 7) > 0);
}

/* --- Germany: papers ----------------------------------------------------- */

/* ICAO 9303-3: weights 7 3 1, letters from 10. */
static bool has_icao_check(const char *p, int n)
{
    static const int weight[9] = {7, 3, 1, 7, 3, 1, 7, 3, 1};
    return aigov__weighted(p, weight, n) % 10 == digit(p[n]);
}

/* Serial numbers have no vowels, nor letters like digits (PAuswV annex). */
static bool is_serial(const char *p, int n)
{
    for (int i = 0; i < n; i++) {
        if (p[i] >= 'A' && strchr("CFGHJKLMNPRTVWXYZ", p[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* One group; digits at the end, as all these have. */
static bool is_document(const aigov__window *w)
{
    return w->groups == 1 && w->compact[0] >= 'A' &&
           w->compact[w->n - 1] <= '9' && is_serial(w->compact, w->n);
}

/* Authorities' letters: L to Y are of identity cards, C to K of passports. */
static bool is_card_letter(char c)
{
    return strchr("LMNPRTVWXY", c) != NULL;
}

/* Eight and a check digit, or nine and one; until 2010 T and eight digits. */
AIGOV__CHECK(de_id_card)
{
    const char *p = w->compact;
    if (!is_document(w)) {
        return AIGOV__NO;
    }
    if (w->n == 10) {
        return aigov__pass(is_card_letter(p[0]) && has_icao_check(p, 9));
    }
    if (has_icao_check(p, 8)) {
        return is_card_letter(p[0]) ? 5 : 0;
    }
    return aigov__pass(p[0] == 'T' && w->letters == 1);
}

AIGOV__CHECK(de_passport)
{
    const char *p = w->compact;
    if (!is_document(w) || !has_icao_check(p, w->n - 1)) {
        return AIGOV__NO;
    }
    return is_card_letter(p[0]) ? -3 : 5;
}

/* Eleven: a letter, authority and serial, check digit, number of the copy. */
AIGOV__CHECK(de_fuehrerschein)
{
    return aigov__pass(w->groups == 1 && w->compact[0] >= 'A' &&
                       w->compact[10] != 'O' && w->digits >= 6);
}

/* HRA (partnerships), HRB (companies), then a number and perhaps a letter. */
AIGOV__CHECK(de_handelsregister)
{
    const char *p = w->compact;
    return aigov__pass(p[0] == 'H' && p[1] == 'R' &&
                       (p[2] == 'A' || p[2] == 'B') && p[3] != '0');
}

AIGOV__CHECK(de_plz)
{
    int v = aigov__number(w->compact, 5);
    return aigov__pass(v >= 1067 && v <= 99998);
}

/* --- Austria ------------------------------------------------------------- */

/* Abgabenkontonummer: tax office, number, Luhn. */
AIGOV__CHECK(at_tin)
{
    return aigov__pass(aigov__luhn(w->compact, 9) &&
                       !aigov__same(w->compact, 9));
}

/* ASVG section 31: serial, check digit, day of birth (months 13 to 15 where a
 * day is full). */
AIGOV__CHECK(at_svnr)
{
    static const int weight[10] = {3, 7, 9, 0, 5, 8, 4, 2, 1, 6};
    const char *p = w->compact;
    int day = aigov__number(p + 4, 2), month = aigov__number(p + 6, 2);
    return aigov__pass(p[0] != '0' && day >= 1 && day <= 31 && month >= 1 &&
                       month <= 15 &&
                       aigov__weighted(p, weight, 10) % 11 == digit(p[3]));
}

/* --- Switzerland --------------------------------------------------------- */

/* 756 for the country, nine digits, EAN-13 check digit (AHVV article 133). */
AIGOV__CHECK(ch_ahv)
{
    static const int weight[13] = {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1};
    return aigov__pass(memcmp(w->compact, "756", 3) == 0 &&
                       aigov__weighted(w->compact, weight, 13) % 10 == 0);
}
