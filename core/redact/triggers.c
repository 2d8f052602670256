/*
 * triggers.c - which detectors look at which trigger
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The order does not matter: hits that overlap are sorted out by resolve.c.
 */
#include "internal.h"

void aigov__on_group(aigov__scan *s, size_t from, size_t to)
{
    aigov__windows(s, from, to);
    aigov__german_plate(s, from, to);
    aigov__plus_date(s, from, to);
    aigov__phone(s, from, to);
    aigov__ipv4(s, from, to);
    aigov__date(s, from, to);
    aigov__iban(s, from, to);
    aigov__card_data(s, from, to);
    aigov__crypto(s, from, to);
    aigov__geo(s, from, to);
    aigov__mac_dots(s, from, to);
    aigov__spoken(s, from, to);
    aigov__mrz(s, from, to);
    aigov__spelled(s, from, to);
    aigov__plate(s, from, to);
    aigov__mx_rfc(s, from, to);
    aigov__us_zip(s, from, to);
    aigov__address(s, from, to);
    aigov__short_token(s, from, to);
}

void aigov__on_token(aigov__scan *s, size_t from, size_t to)
{
    aigov__known_token(s, from, to);
    aigov__encoded(s, from, to);
    aigov__mac_dashes(s, from, to);
    aigov__uuid(s, from, to);
}

void aigov__on_colon(aigov__scan *s, size_t i)
{
    aigov__url(s, i);
    aigov__private_lines(s, i);
    aigov__ipv6(s, i);
    aigov__mac_colons(s, i);
    aigov__assignment(s, i);
    aigov__person_label(s, i);
}

void aigov__on_assign(aigov__scan *s, size_t i)
{
    aigov__assignment(s, i);
}
