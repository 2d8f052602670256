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

/* What stands next to a group, which most detectors ask first. */
struct around {
    size_t n;             /* bytes of the group */
    unsigned char before; /* the byte before it, 0 for none */
    unsigned char after;
    bool digit;  /* it begins with a digit */
    bool number; /* what is before joins it to a digit before: 1-, 1/, 1:, 1. */
    bool row;    /* one space and a digit are before */
};

static struct around look_around(const aigov__scan *s, size_t from, size_t to)
{
    struct around a = {
        .n = to - from,
        .before = aigov__at(s, from - 1),
        .after = aigov__at(s, to),
        .digit = aigov__at_is(s, from, AIGOV__DIGIT),
    };
    if (aigov__at_is(s, from - 2, AIGOV__DIGIT)) {
        a.row = a.before == ' ';
        a.number = a.before == '-' || a.before == '/' || a.before == '.' ||
                   a.before == ':';
    }
    return a;
}

/* Detectors of groups that begin with a digit. */
static void on_number(aigov__scan *s, size_t from, size_t to,
                      const struct around *a)
{
    if (a->n == 6 && a->after == '+') {
        aigov__plus_date(s, from, to);
    }
    if (!a->number) {
        aigov__phone(s, from, to);
    }
    if (a->n <= 3 && a->after == '.') {
        aigov__ipv4(s, from, to);
    }
    if (!a->number) {
        aigov__date(s, from, to);
    }
    if (a->n >= 2 && aigov__at_is(s, from - 2, AIGOV__UPPER)) {
        aigov__iban(s, from, to);
    }
    if (a->n <= 4 && !a->number) {
        aigov__card_data(s, from, to);
    }
    if (a->n >= 25) {
        aigov__crypto(s, from, to);
    }
    if (a->n <= 3 && a->after == '.') {
        aigov__geo(s, from, to);
    }
}

/* Detectors of groups that begin with a letter. */
static void on_mixed(aigov__scan *s, size_t from, size_t to,
                     const struct around *a)
{
    if (a->n >= 4) {
        aigov__iban(s, from, to);
    }
    if (a->n >= 25) {
        aigov__crypto(s, from, to);
    }
}

/* Detectors that go by a sign next to a group, or by its length. */
static void on_sign(aigov__scan *s, size_t from, size_t to,
                    const struct around *a)
{
    bool high = a->before >= 0x80;
    if (is_sex(aigov__at(s, from + 20)) || is_sex(aigov__at(s, from + 7))) {
        aigov__mrz(s, from, to);
    }
    if (a->n == 1) {
        aigov__spelled(s, from, to);
    }
    if (high || a->after >= 0x80) {
        aigov__plate(s, from, to);
    }
    if (high || a->before == '&') {
        aigov__mx_rfc(s, from, to);
    }
    if (a->n == 5 && a->before == ' ') {
        aigov__us_zip(s, from, to);
    }
    aigov__address(s, from, to);
    if (a->n >= 11 || a->after == '~') {
        aigov__short_token(s, from, to);
    }
}

/* Most groups are of no interest to most detectors, so what each of these asks
 * first is asked here. */
void aigov__on_group(aigov__scan *s, size_t from, size_t to)
{
    struct around a = look_around(s, from, to);
    aigov__row(s, from, to);
    if (!a.number) {
        aigov__windows(s, from, to);
    }
    if (a.n <= 7 && !a.number && !a.row) {
        aigov__german_plate(s, from, to);
    }
    if (a.digit) {
        on_number(s, from, to, &a);
    } else {
        on_mixed(s, from, to, &a);
    }
    if (a.n == 4 && a.after == '.') {
        aigov__mac_dots(s, from, to);
    }
    if (!a.number && !a.row) {
        aigov__spoken(s, from, to);
    }
    on_sign(s, from, to, &a);
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
    unsigned char before = aigov__at(s, i - 1), after = aigov__at(s, i + 1);
    if (after == '/') {
        aigov__url(s, i);
    }
    if (before == 's') {
        aigov__private_lines(s, i);
    }
    if (aigov__is_hex(before) || after == ':') {
        aigov__ipv6(s, i);
    }
    if (aigov__at(s, i + 3) == ':') {
        aigov__mac_colons(s, i);
    }
    aigov__assignment(s, i);
    aigov__person_label(s, i);
}

void aigov__on_assign(aigov__scan *s, size_t i)
{
    aigov__assignment(s, i);
}
