/*
 * mac.c - MAC addresses, EUI-48 and EUI-64
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   00:1b:44:11:3a:b7   colons     8 octets as well
 *   00-1b-44-11-3a-b7   dashes     8 octets as well
 *   001b.4411.3ab7      dots       four octets a group in EUI-64: 4 groups
 *
 * Digits alone with dashes or dots may be dates, cards, telephone numbers.  The
 * null address and what is longer (fingerprints of keys) are none.
 */
#include "internal.h"

#define DECIMAL 45 /* score of what looks like others: needs a word */

/* Whether [from, to) has hexadecimal groups of `size` digits with sep between,
 * some digit of it other than 0. */
static bool is_grouped(const aigov__scan *s, size_t from, size_t to,
                       size_t size, char sep)
{
    bool other = false;
    for (size_t i = from; i < to; i++) {
        bool border = (i - from) % (size + 1) == size;
        unsigned char c = (unsigned char)s->p[i];
        if (border ? c != (unsigned char)sep : !aigov__is_hex(c)) {
            return false;
        }
        other |= !border && c != '0';
    }
    return other;
}

static bool has_letter(const aigov__scan *s, size_t from, size_t to)
{
    while (from < to && !aigov__at_is(s, from, AIGOV__ALPHA)) {
        from++;
    }
    return from < to;
}

/* Report n bytes at from, unless they go on before or after. */
static void try_mac(aigov__scan *s, size_t from, size_t n, size_t size,
                    char sep, int base)
{
    size_t to = from + n;
    if (to > s->n || aigov__word_before(s, from) ||
        (sep == '.' && aigov__at(s, from - 1) == '.') ||
        aigov__word_at(s, to) ||
        (aigov__at(s, to) == (unsigned char)sep &&
         aigov__at_is(s, to + 1, AIGOV__ALNUM)) ||
        !is_grouped(s, from, to, size, sep)) {
        return;
    }
    aigov__report(s, AIGOV__D_mac_address, from, to,
                  sep == ':' || has_letter(s, from, to) ? base : DECIMAL, 0);
}

/* Called for each colon; goes on at the first of an address only. */
void aigov__mac_colons(aigov__scan *s, size_t colon)
{
    if (colon < 2 || aigov__at(s, colon + 3) != ':' ||
        aigov__at(s, colon + 6) != ':' || aigov__at(s, colon - 3) == ':') {
        return;
    }
    try_mac(s, colon - 2, 17, 2, ':', 80);
    try_mac(s, colon - 2, 23, 2, ':', 80);
}

/* A token: letters, digits, dashes and underscores. */
void aigov__mac_dashes(aigov__scan *s, size_t from, size_t to)
{
    if ((to - from != 17 && to - from != 23) || s->p[from + 2] != '-') {
        return;
    }
    try_mac(s, from, to - from, 2, '-', 70);
}

void aigov__mac_dots(aigov__scan *s, size_t from, size_t to)
{
    size_t i = from;
    if (to - from != 4 || aigov__at(s, to) != '.') {
        return;
    }
    /* a group of letters before is no group with a digit */
    while (i >= 5 && from - i < 15 && s->p[i - 1] == '.' &&
           aigov__is_hex((unsigned char)s->p[i - 2])) {
        i -= 5;
    }
    try_mac(s, i, 14, 4, '.', 75);
    try_mac(s, i, 19, 4, '.', DECIMAL);
}
