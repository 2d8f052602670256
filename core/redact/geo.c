/*
 * geo.c - places by latitude and longitude
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   52.520008, 13.404954      a pair in decimal degrees, ISO 6709
 *   52.520008° N, 13.404954° E
 *   lat: 52.520008            one number right after a word for it
 *   POINT(13.404954 52.520008)
 *
 * Four decimals and more, which is eleven metres.  Lists of numbers between -1
 * and 1 (embeddings, losses) are no places: a pair without a word near must
 * have both numbers beyond 1 and one beyond 10, and stand in brackets or have
 * five decimals.
 */
#include "internal.h"

#define MIN_DECIMALS 4
#define MAX_DECIMALS 15
#define NEAR 16 /* bytes between a word such as lat and its number */

struct degrees {
    size_t from, to; /* with the sign, and with the letter after it */
    int whole;
    size_t decimals;
    bool letter; /* N, S, E, W or the degree sign */
};

/* Read degrees whose digits begin at i. */
static bool read_degrees(const aigov__scan *s, size_t i, struct degrees *d)
{
    size_t point = i, k;
    while (point < i + 4 && aigov__at_is(s, point, AIGOV__DIGIT)) {
        point++;
    }
    if (point == i || point > i + 3 || aigov__at(s, point) != '.') {
        return false;
    }
    for (k = point + 1;
         k <= point + MAX_DECIMALS + 1 && aigov__at_is(s, k, AIGOV__DIGIT);) {
        k++;
    }
    if (k - point - 1 < MIN_DECIMALS || k - point - 1 > MAX_DECIMALS ||
        (aigov__at(s, k) == '.' && aigov__at_is(s, k + 1, AIGOV__DIGIT))) {
        return false;
    }
    d->whole = aigov__number(s->p + i, (int)(point - i));
    d->decimals = k - point - 1;
    d->from = i;
    d->to = k;
    d->letter = false;
    return true;
}

/* Take in the degree sign and the letter after it. */
static void read_letter(const aigov__scan *s, struct degrees *d)
{
    size_t k = d->to;
    if (aigov__has(s, k, "\xC2\xB0")) {
        k += 2;
        d->to = k;
        d->letter = true;
    }
    k += aigov__at(s, k) == ' ';
    if (aigov__at(s, k) != 0 && strchr("NSEW", s->p[k]) != NULL &&
        !aigov__word_at(s, k + 1)) {
        d->to = k + 1;
        d->letter = true;
    }
}

/* Whether the degrees end where a number may end. */
static bool ends(const aigov__scan *s, const struct degrees *d)
{
    return !aigov__word_at(s, d->to) && aigov__at(s, d->to) != '%';
}

/* A sign before the digits at i, and what the value would begin with. */
static size_t sign_before(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i - 1);
    return i > 0 && (c == '-' || c == '+') ? i - 1 : i;
}

/* The digits of the second number of a pair; 0: there is none. */
static size_t second(const aigov__scan *s, size_t i, bool *comma)
{
    size_t from = i;
    *comma = aigov__at(s, i) == ',' || aigov__at(s, i) == ';' ||
             aigov__at(s, i) == '/';
    i += *comma;
    while (i < from + 4 && aigov__at(s, i) == ' ') {
        i++;
    }
    i += aigov__at(s, i) == '-' || aigov__at(s, i) == '+';
    return i > from && aigov__at_is(s, i, AIGOV__DIGIT) ? i : 0;
}

/* Whether the pair is part of a longer list of numbers. */
static bool in_list(const aigov__scan *s, size_t from, size_t to)
{
    size_t i = from, k = to;
    while (i > 0 && from - i < 3 && s->p[i - 1] == ' ') {
        i--;
    }
    while (k < to + 3 && aigov__at(s, k) == ' ') {
        k++;
    }
    if (i > 0 && (s->p[i - 1] == ',' || s->p[i - 1] == ';')) {
        return aigov__at_is(s, i - 2, AIGOV__DIGIT);
    }
    if (aigov__at(s, k) != ',' && aigov__at(s, k) != ';') {
        return false;
    }
    for (k++; k < to + 6 && (aigov__at(s, k) == ' ' || aigov__at(s, k) == '-');
         k++) {
    }
    return aigov__at_is(s, k, AIGOV__DIGIT);
}

static bool is_place(const struct degrees *a, const struct degrees *b)
{
    return (a->whole < 90 && b->whole < 180) ||
           (b->whole < 90 && a->whole < 180);
}

/* Whether a pair says enough without a word. */
static bool stands_alone(const aigov__scan *s, size_t from,
                         const struct degrees *a, const struct degrees *b)
{
    unsigned char c = aigov__at(s, b->to);
    bool bracket = (c == ')' || c == ']') && (aigov__at(s, from - 1) == '(' ||
                                              aigov__at(s, from - 1) == '[');
    return a->whole > 0 && b->whole > 0 && (a->whole > 9 || b->whole > 9) &&
           (bracket ||
            (a->decimals > MIN_DECIMALS && b->decimals > MIN_DECIMALS));
}

static bool try_pair(aigov__scan *s, size_t from, struct degrees a)
{
    struct degrees b;
    bool comma;
    size_t next;
    int base;
    read_letter(s, &a);
    next = second(s, a.to, &comma);
    if (next == 0 || !read_degrees(s, next, &b)) {
        return false;
    }
    read_letter(s, &b);
    if (!is_place(&a, &b) || !ends(s, &b)) {
        return false;
    }
    if ((a.letter && b.letter) || (comma && aigov__at(s, from - 1) == '@')) {
        base = 80; /* @52.52,13.40,17z is in addresses of maps */
    } else if (in_list(s, from, b.to)) {
        return false;
    } else if (!comma) {
        base = 20;
    } else {
        base = stands_alone(s, from, &a, &b) ? 50 : 30;
    }
    aigov__report(s, AIGOV__D_geo_coordinate, from, b.to, base, 0);
    return true;
}

void aigov__geo(aigov__scan *s, size_t from, size_t to)
{
    struct degrees a;
    size_t start = sign_before(s, from);
    if (to - from > 3 || aigov__at(s, to) != '.' ||
        !aigov__at_is(s, to + MIN_DECIMALS, AIGOV__DIGIT) ||
        aigov__word_before(s, start) || aigov__at(s, start - 1) == '.' ||
        !read_degrees(s, from, &a)) {
        return;
    }
    if (!try_pair(s, start, a) && a.whole < 180 && ends(s, &a) &&
        (aigov__path_has(s, AIGOV__C_LATLON) ||
         aigov__word_within(s, start, a.to, AIGOV__C_LATLON, NEAR, 0))) {
        read_letter(s, &a);
        aigov__report(s, AIGOV__D_geo_coordinate, start, a.to, 45, 0);
    }
}
