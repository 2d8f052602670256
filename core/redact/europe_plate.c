/*
 * europe_plate.c - vehicle registrations
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Plates have no check digit, and what they look like is common: most need a
 * word or a field of their own.
 */
#include "europe.h"

/* --- United Kingdom ------------------------------------------------------ */

static bool has_any(const char *p, int n, const char *set)
{
    for (int i = 0; i < n; i++) {
        if (strchr(set, p[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Since 2001: two of the region, the half year (02 .. 29, 51 .. 79), three. */
AIGOV__CHECK(uk_plate)
{
    const char *p = w->compact;
    int age = aigov__number(p + 2, 2);
    return aigov__pass(!has_any(p, 2, "IQZ") && !has_any(p + 4, 3, "IQ") &&
                       ((age >= 2 && age <= 29) || (age >= 51 && age <= 79)));
}

/* 1983 to 2001: letter of the year, 1 .. 999, three letters. */
AIGOV__CHECK(uk_plate_prefix)
{
    const char *p = w->compact;
    return aigov__pass(!has_any(p, 1, "IOQUZ") && p[1] != '0' &&
                       !has_any(p + w->n - 3, 3, "IQZ"));
}

/* 1963 to 1982: the other way round. */
AIGOV__CHECK(uk_plate_suffix)
{
    const char *p = w->compact;
    return aigov__pass(!has_any(p + w->n - 1, 1, "IOQUZ") && p[3] != '0' &&
                       !has_any(p, 3, "IQZ"));
}

/* --- Turkey -------------------------------------------------------------- */

/* Province 01 .. 81, one letter and four digits, two and three or four, three
 * and two to four; no Q W X. */
AIGOV__CHECK(tr_plate)
{
    const char *p = w->compact;
    int province = aigov__number(p, 2);
    return aigov__pass(province >= 1 && province <= 81 && !w->lower &&
                       !has_any(p + 2, w->letters, "QWX"));
}

/* --- Germany ------------------------------------------------------------- */

static bool is_upper(const aigov__scan *s, size_t i)
{
    return aigov__at_is(s, i, AIGOV__UPPER);
}

/* Letters that end before i: how many, at most max and one more; *from is where
 * they begin, *lower is set by a small one.  An umlaut is one of two bytes. */
static int letters_before(const aigov__scan *s, size_t i, int max, size_t *from,
                          bool *lower)
{
    int n = 0;
    while (i > 0 && n <= max) {
        unsigned char c = aigov__at(s, i - 1);
        if (aigov__is(c, AIGOV__ALPHA)) {
            *lower |= !is_upper(s, i - 1);
            i--;
        } else if (i > 1 && aigov__at(s, i - 2) == 0xC3 &&
                   (c == 0x84 || c == 0x96 || c == 0x9C)) {
            i -= 2;
        } else {
            break;
        }
        n++;
    }
    *from = i;
    return n;
}

static bool is_joint(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i);
    return c == ' ' || c == '-';
}

/* Digits at from, to a word's end: how many of 1 to 4, E or H after them left
 * out; 0 for anything else. */
static int plate_digits(const aigov__scan *s, size_t from, size_t to)
{
    size_t i = from;
    while (i < to && aigov__at_is(s, i, AIGOV__DIGIT)) {
        i++;
    }
    if (i == from || i - from > 4 || aigov__at(s, from) == '0' || to - i > 1 ||
        (i < to && strchr("EHeh", s->p[i]) == NULL)) {
        return 0;
    }
    return (int)(i - from);
}

/*
 * FZV section 8: district of one to three letters, one or two letters, up to
 * four digits, E or H for electric and historic; no more than eight in all.
 * "B AB 1234", "HH-AB 1234", "HH-AB1234"
 */
void aigov__german_plate(aigov__scan *s, size_t from, size_t to)
{
    size_t number = from, start;
    int digits, middle, district;
    bool lower = false;
    if (to - from > 7 ||
        (aigov__at_is(s, from, AIGOV__DIGIT) &&
         !aigov__at_is(s, from - 2, AIGOV__ALPHA | AIGOV__HIGH))) {
        return;
    }
    while (number < to && aigov__at_is(s, number, AIGOV__ALPHA)) {
        number++;
    }
    digits = plate_digits(s, number, to);
    if (digits == 0 || (number == from && !is_joint(s, from - 1))) {
        return;
    }
    middle = letters_before(s, number == from ? from - 1 : number, 2, &start,
                            &lower);
    if (middle < 1 || middle > 2 || start == 0 || !is_joint(s, start - 1)) {
        return;
    }
    district = letters_before(s, start - 1, 3, &start, &lower);
    if (district < 1 || district > 3 || district + middle + digits > 8 ||
        aigov__word_before(s, start) || aigov__word_at(s, to)) {
        return;
    }
    aigov__report(s, AIGOV__D_de_kfz, start, to, lower ? 25 : 40, 0);
}
