/*
 * europe_uk.c - identifiers of the United Kingdom and of Ireland
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "europe.h"

/* NHS data dictionary: weights 10 to 2, mod 11; no number has check digit 10.
 */
AIGOV__CHECK(uk_nhs)
{
    static const int weight[10] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    return aigov__pass(aigov__weighted(w->compact, weight, 10) % 11 == 0 &&
                       !aigov__same(w->compact, 10));
}

/* Whether ten digits could be a North American telephone number: neither area
 * nor exchange begins with 0 or 1. */
static bool is_nanp(const char *p)
{
    return p[0] >= '2' && p[3] >= '2';
}

/* With hyphens more is asked of it, where it may be a telephone number. */
AIGOV__CHECK(uk_nhs_hyphens)
{
    return is_nanp(w->compact) ? aigov__check_uk_nhs(w) - 8
                               : aigov__check_uk_nhs(w);
}

/* The check digit comes first. */
AIGOV__CHECK(uk_utr)
{
    static const int weight[9] = {6, 7, 8, 9, 10, 5, 4, 3, 2};
    int rest = aigov__weighted(w->compact + 1, weight, 9) % 11;
    return aigov__pass(w->compact[0] == "21987654321"[rest]);
}

/* HMRC NIM39110: letters that are not used, prefixes that are not given out;
 * the suffix A to D may be left off. */
AIGOV__CHECK(uk_nino)
{
    static const char never[] = "BG GB KN NK NT TN ZZ";
    const char *p = w->compact;
    const char pair[3] = {p[0], p[1], 0};
    if (strchr("DFIQUV", p[0]) != NULL || strchr("DFIQUVO", p[1]) != NULL ||
        strstr(never, pair) != NULL) {
        return AIGOV__NO;
    }
    return aigov__pass(w->n == 8 || (p[8] >= 'A' && p[8] <= 'D'));
}

/* Five of the surname, filled with 9. */
static bool is_surname(const char *p)
{
    int i = 0;
    while (i < 5 && p[i] >= 'A') {
        i++;
    }
    return i > 0 && (i == 5 || (p[i] == '9' && aigov__same(p + i, 5 - i)));
}

/* DVLA: surname, decade, month (+ 50 for women), day, year, two initials (9 for
 * none), a digit among equals, two check letters. */
AIGOV__CHECK(uk_driving_licence)
{
    const char *p = w->compact;
    for (int i = 5; i < 11; i++) {
        if (p[i] > '9') {
            return AIGOV__NO;
        }
    }
    return aigov__pass(is_surname(p) && p[11] >= 'A' &&
                       (p[12] >= 'A' || p[12] == '9') &&
                       aigov__is_day(0, aigov__number(p + 6, 2) % 50,
                                     aigov__number(p + 8, 2)));
}

/* Second letters of the postcode areas that begin with A, B, ...; a space
 * where the one letter is an area. */
static const char *const areas[26] = {
    "BL",
    " ABDHLNRST",
    "ABFHMORTVW",
    "ADEGHLNTY",
    " CHNX",
    "KY",
    " LUY",
    "ADGPRSUX",
    "GMPV",
    "E",
    "ATWY",
    " ADELNSU",
    " EKL",
    " EGNPRW",
    "LX",
    "AEHLOR",
    "",
    "GHM",
    " AEGKLMNOPRSTWY",
    "ADFNQRSW",
    "B",
    "",
    " ACDFNRSV",
    "",
    "O",
    "E",
};

/* Area, district, sector, unit; no unit has C I K M O V.  "2GB" and "5HZ" after
 * a short name are a quantity rather than a unit. */
AIGOV__CHECK(uk_postcode)
{
    const char *p = w->compact;
    int n = w->n;
    char second = p[1] >= 'A' ? p[1] : ' ';
    if (p[n - 3] > '9' || strcspn(p + n - 2, "CIKMOV") < 2) {
        return AIGOV__NO;
    }
    if (strcmp(p, "GIR0AA") == 0) {
        return 0;
    }
    /* an area of its own, and a digit within three places */
    if (p[0] < 'A' || (p[1] >= 'A' && p[2] >= 'A') ||
        strchr(areas[p[0] - 'A'], second) == NULL) {
        return AIGOV__NO;
    }
    /* the letter that some districts of London end with */
    if (p[n - 4] >= 'A' &&
        strchr(second == ' ' ? "ABCDEFGHJKPSTUW" : "ABEHMNPRVWXY", p[n - 4]) ==
            NULL) {
        return AIGOV__NO;
    }
    if (strcmp(p + n - 2, "GB") == 0 || strcmp(p + n - 2, "TB") == 0 ||
        strcmp(p + n - 2, "HZ") == 0) {
        return -25;
    }
    return w->lower ? -20 : 0;
}

/* Revenue (IE): seven digits, a check letter, and since 2013 one more. */
AIGOV__CHECK(ie_pps)
{
    return aigov__pass(aigov__is_pps(w->compact, w->n));
}
