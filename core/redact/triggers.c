/*
 * triggers.c - which detectors look at which trigger
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Hits that overlap are sorted out by resolve.c, whatever the order; but some
 * detectors ask for the hit before theirs (a list of telephone numbers, a date
 * of birth), so it stays as it is.
 */
#include "internal.h"

/* The sex in the second line of a machine readable zone, of 44 and 36 or of 30
 * characters: what no text but a zone mostly has. */
static bool is_sex(unsigned char c)
{
    return c == 'M' || c == 'F' || c == 'X' || c == '<';
}

/* Detectors of groups that begin with a digit. */
static void on_number(aigov__scan *s, size_t from, size_t to)
{
    size_t n = to - from;
    bool dot = aigov__at(s, to) == '.';
    if (n == 6 && aigov__at(s, to) == '+') {
        aigov__plus_date(s, from, to);
    }
    aigov__phone(s, from, to);
    if (n <= 3 && dot) {
        aigov__ipv4(s, from, to);
    }
    aigov__date(s, from, to);
    if (n >= 2) {
        aigov__iban(s, from, to);
    }
    if (n <= 4) {
        aigov__card_data(s, from, to);
    }
    if (n >= 25) {
        aigov__crypto(s, from, to);
    }
    if (n <= 3 && dot) {
        aigov__geo(s, from, to);
    }
}

/* Detectors of groups that begin with a letter. */
static void on_mixed(aigov__scan *s, size_t from, size_t to)
{
    size_t n = to - from;
    if (n >= 4) {
        aigov__iban(s, from, to);
    }
    if (n >= 25) {
        aigov__crypto(s, from, to);
    }
}

/* Most groups are of no interest to most detectors, so what each asks first,
 * the length or a sign next to the group, is asked here. */
void aigov__on_group(aigov__scan *s, size_t from, size_t to)
{
    size_t n = to - from;
    unsigned char before = aigov__at(s, from - 1), after = aigov__at(s, to);
    bool high = aigov__is(before, AIGOV__HIGH);
    aigov__windows(s, from, to);
    if (n <= 7) {
        aigov__german_plate(s, from, to);
    }
    if (aigov__at_is(s, from, AIGOV__DIGIT)) {
        on_number(s, from, to);
    } else {
        on_mixed(s, from, to);
    }
    if (n == 4 && after == '.') {
        aigov__mac_dots(s, from, to);
    }
    aigov__spoken(s, from, to);
    if (is_sex(aigov__at(s, from + 20)) || is_sex(aigov__at(s, from + 7))) {
        aigov__mrz(s, from, to);
    }
    if (n == 1) {
        aigov__spelled(s, from, to);
    }
    if (high || aigov__is(after, AIGOV__HIGH)) {
        aigov__plate(s, from, to);
    }
    if (high || before == '&') {
        aigov__mx_rfc(s, from, to);
    }
    if (n == 5 && before == ' ') {
        aigov__us_zip(s, from, to);
    }
    if (n >= 11 || after == '~') {
        aigov__short_token(s, from, to);
    }
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
}

void aigov__on_assign(aigov__scan *s, size_t i)
{
    aigov__assignment(s, i);
}
