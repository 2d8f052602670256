/*
 * spelled.c - numbers given digit by digit: "4 0 1 - 7 5 - 5 0 0 1"
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * As people write them for others to read out, or to get past a filter.  Single
 * digits with up to five spaces, dashes and dots between are read as one
 * number; a table has such rows too, so that a word has to label it.  The run
 * is read once, at its first digit.
 */
#include "check.h"

#define GAP 5          /* spaces and signs between two digits */
#define MOST_DIGITS 19 /* of a card */
#define BASE 49        /* just not by itself */

int aigov__check_us_ssn(const aigov__window *w);
int aigov__check_ca_sin(const aigov__window *w);
int aigov__check_in_aadhaar(const aigov__window *w);

static bool is_gap(unsigned char c)
{
    return c == ' ' || c == '-' || c == '.';
}

/* Whether a digit stands alone at i. */
static bool single(const aigov__scan *s, size_t i)
{
    return aigov__at_is(s, i, AIGOV__DIGIT) &&
           !aigov__at_is(s, i - 1, AIGOV__ALNUM) &&
           !aigov__at_is(s, i + 1, AIGOV__ALNUM);
}

/* The single digit after, or before, the one at i; i where there is none. */
static size_t neighbour(const aigov__scan *s, size_t i, bool after)
{
    size_t k = after ? i + 1 : i - 1, n = 0;
    while (n < GAP && is_gap(aigov__at(s, k))) {
        k = after ? k + 1 : k - 1;
        n++;
    }
    return n > 0 && single(s, k) ? k : i;
}

static void report(aigov__scan *s, const aigov__window *w)
{
    unsigned detector;
    bool validated = true;
    if (w->n == 9 && aigov__check_ca_sin(w) == 0) {
        aigov__report(s, AIGOV__D_ca_sin, w->from, w->to, BASE,
                      AIGOV_WHY_VALIDATED);
    }
    if (w->n == 9 && aigov__check_us_ssn(w) == 0) {
        detector = AIGOV__D_us_ssn;
        validated = false;
    } else if (w->n == 12 && aigov__check_in_aadhaar(w) == 0) {
        detector = AIGOV__D_in_aadhaar;
    } else if (w->n >= 14 && aigov__luhn(w->compact, w->n) &&
               strchr("23456", w->compact[0]) != NULL) {
        detector = AIGOV__D_credit_card;
    } else {
        return;
    }
    aigov__report(s, detector, w->from, w->to, BASE,
                  validated ? AIGOV_WHY_VALIDATED : 0);
}

void aigov__spelled(aigov__scan *s, size_t from, size_t to)
{
    aigov__window w = {.from = from};
    size_t i = from, next;
    if (to - from != 1 || !is_gap(aigov__at(s, to)) ||
        neighbour(s, from, true) == from || neighbour(s, from, false) != from) {
        return;
    }
    while (w.n <= MOST_DIGITS) {
        w.compact[w.n++] = s->p[i];
        next = neighbour(s, i, true);
        if (next == i) {
            break;
        }
        i = next;
    }
    w.to = i + 1;
    if (w.n >= 9 && w.n <= MOST_DIGITS && !aigov__same(w.compact, w.n)) {
        report(s, &w);
    }
}
