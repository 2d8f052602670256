/*
 * card.c - payment cards, their verification values and expiry dates
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A card number, ISO/IEC 7812-1: an issuer's prefix, a length that the issuer
 * uses, the digit of Luhn at the end.  One number in ten passes Luhn, so what
 * else speaks for a card decides how much:
 *
 *   grouped as on a card, or bare, of the usual length    stands by itself
 *   17 to 19 digits bare (ids), 12 or 13, odd groups,
 *   15 or 16 of no known issuer                           needs a word
 *   of no known issuer, 14 to 16 digits, whatever Luhn
 *   says (store cards, examples)                          needs a word
 *
 * Verification values and expiry dates are nothing without a word right before.
 */
#include "internal.h"

int aigov__check_credit_card(const aigov__window *w);
int aigov__check_store_card(const aigov__window *w);

#define NEAR 18 /* bytes between a word and a value or date */

/* --- issuers ------------------------------------------------------------- */

#define LEN(n) (1u << (n))
#define FROM_16 (LEN(16) | LEN(17) | LEN(18) | LEN(19))
#define FROM_12 (LEN(12) | LEN(13) | LEN(14) | LEN(15) | FROM_16)

/* Ranges of the first six digits, both ends in; usual: the lengths that stand
 * by themselves.  The first that matches counts. */
static const struct issuer {
    int low, high;
    unsigned lengths, usual;
} issuers[] = {
    {220000, 220499, FROM_16, LEN(16)},                     /* Mir */
    {220500, 220599, LEN(16), LEN(16)},                     /* Borica */
    {222100, 272099, LEN(16), LEN(16)},                     /* Mastercard */
    {300000, 305999, LEN(14) | FROM_16, LEN(14) | LEN(16)}, /* Diners */
    {309500, 309599, LEN(14) | FROM_16, LEN(14) | LEN(16)},
    {340000, 349999, LEN(15), LEN(15)}, /* American Express */
    {352800, 358999, FROM_16, LEN(16)}, /* JCB */
    {360000, 369999, LEN(14) | FROM_16, LEN(14) | LEN(16)},
    {370000, 379999, LEN(15), LEN(15)},
    {380000, 399999, LEN(14) | FROM_16, LEN(14) | LEN(16)},
    {400000, 499999, LEN(13) | LEN(16) | LEN(19), LEN(16)}, /* Visa */
    {506099, 506198, FROM_16, LEN(16)},                     /* Verve */
    {506600, 506799, LEN(16), LEN(16)},                     /* Elo */
    {507865, 507964, FROM_16, LEN(16)},
    {508000, 508999, LEN(16), LEN(16)}, /* RuPay */
    {509000, 509999, LEN(16), LEN(16)},
    {501800, 503899, FROM_12, LEN(16)}, /* Maestro, Dankort */
    {500000, 509999, FROM_12, 0},
    {510000, 559999, LEN(16), LEN(16)},
    {560000, 589999, FROM_12, 0},
    {589300, 589399, FROM_12, LEN(16)},
    {601100, 601199, FROM_16, LEN(16)}, /* Discover */
    {606282, 606282, LEN(16), LEN(16)}, /* Hipercard */
    {620000, 629999, FROM_16, LEN(16)}, /* UnionPay */
    {630400, 630499, FROM_12, LEN(16)},
    {636200, 636399, LEN(16), LEN(16)},
    {637000, 639999, LEN(16), LEN(16)}, /* InstaPayment */
    {644000, 659999, FROM_16, LEN(16)},
    {675900, 676399, FROM_12, LEN(16)},
    {600000, 699999, FROM_12, 0},
    {810000, 829999, FROM_16, 0},
    {860000, 860099, LEN(16), LEN(16)}, /* Uzcard */
    {979200, 979289, LEN(16), LEN(16)}, /* Troy */
    {986000, 986099, LEN(16), LEN(16)}, /* Humo */
};

static const struct issuer *issuer_of(const aigov__window *w)
{
    int head = aigov__number(w->compact, 6);
    for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++) {
        if (head >= issuers[i].low && head <= issuers[i].high) {
            return &issuers[i];
        }
    }
    return NULL;
}

/* --- numbers ------------------------------------------------------------- */

static bool one_separator(const aigov__window *w)
{
    for (int i = 1; i < w->groups - 1; i++) {
        if (w->sep[i] != w->sep[0]) {
            return false;
        }
    }
    return true;
}

/* 4-4-4-4, with a rest of up to 3; 4-6-4, 4-6-5. */
static bool as_on_a_card(const aigov__window *w)
{
    if (w->groups < 3 || w->len[0] != 4 || !one_separator(w)) {
        return false;
    }
    if (w->len[1] == 6) {
        return w->groups == 3 && w->len[2] <= 5;
    }
    return w->groups >= 4 && w->groups <= 5 && w->len[1] == 4 &&
           w->len[2] == 4 && w->len[3] <= 4;
}

int aigov__check_credit_card(const aigov__window *w)
{
    const struct issuer *i = issuer_of(w);
    bool grouped = as_on_a_card(w);
    if (aigov__same(w->compact, w->n) || w->compact[0] == '0' ||
        !aigov__luhn(w->compact, w->n)) {
        return AIGOV__NO;
    }
    if (i == NULL || (i->lengths >> w->n & 1) == 0) {
        return w->n >= 15 && w->n <= 16 ? -58 : AIGOV__NO;
    }
    if (w->groups > 1 && !grouped) {
        return one_separator(w) ? -50 : -55;
    }
    if ((i->usual >> w->n & 1) != 0) {
        return grouped || w->n > 14 ? 0
                                    : -25; /* a word against is not enough */
    }
    return grouped && w->n > 16 ? -20 : -45;
}

int aigov__check_store_card(const aigov__window *w)
{
    return issuer_of(w) != NULL || w->compact[0] == '0' ? AIGOV__NO : 0;
}

/* --- values and dates ---------------------------------------------------- */

/* Whether a word of group stands right before, or in the path. */
static bool has_word(aigov__scan *s, size_t from, size_t to, unsigned group)
{
    return aigov__path_has(s, group) ||
           aigov__word_within(s, from, to, group, NEAR, 0);
}

/* Whether a card's number was found shortly before, with nothing or its code
 * between. */
static bool after_card(const aigov__scan *s, size_t from)
{
    size_t k = s->hits;
    if (k > 1 && s->hit[k - 1].detector == AIGOV__D_card_cvv) {
        k--;
    }
    return k > 0 && s->hit[k - 1].detector == AIGOV__D_credit_card &&
           s->hit[k - 1].to <= from && from - s->hit[k - 1].to < AIGOV__REACH;
}

/* Coupons and passports expire as well. */
static bool near_card(aigov__scan *s, size_t from, size_t to)
{
    return after_card(s, from) || aigov__path_has(s, AIGOV__C_CARD) ||
           aigov__word_within(s, from, to, AIGOV__C_CARD, AIGOV__REACH, 32);
}

/* Numbers of three or four digits are many: before words are looked up, there
 * must be a card, or cvv, cvc or cvn in sight. */
static bool may_be_code(aigov__scan *s, size_t from)
{
    size_t low = from > NEAR ? from - NEAR : 0;
    if (after_card(s, from) || aigov__path_has(s, AIGOV__C_CVV)) {
        return true;
    }
    for (size_t i = low; i < from; i++) {
        if ((s->p[i] | 32) == 'v' && (aigov__at(s, i - 1) | 32) == 'c') {
            return true;
        }
    }
    return false;
}

static bool is_joined(const aigov__scan *s, size_t from, size_t to)
{
    static const char signs[] = "-./,:";
    unsigned char before = aigov__at(s, from - 1), after = aigov__at(s, to);
    return aigov__word_before(s, from) || aigov__word_at(s, to) ||
           (before != 0 && strchr(signs, before) != NULL &&
            aigov__at_is(s, from - 2, AIGOV__DIGIT)) ||
           (after != 0 && strchr(signs, after) != NULL &&
            aigov__at_is(s, to + 1, AIGOV__DIGIT));
}

/* mm/yy, mm/yyyy, mm-yy: its end; 0: none. */
static size_t expiry_end(const aigov__scan *s, size_t from, size_t to)
{
    int month = aigov__number(s->p + from, (int)(to - from));
    size_t i = to, year;
    unsigned char sep;
    if (month < 1 || month > 12) {
        return 0;
    }
    while (i < to + 2 && aigov__at(s, i) == ' ') {
        i++;
    }
    sep = aigov__at(s, i++);
    if (sep != '/' && sep != '-') {
        return 0;
    }
    while (i < to + 4 && aigov__at(s, i) == ' ') {
        i++;
    }
    year = i;
    while (i < year + 5 && aigov__at_is(s, i, AIGOV__DIGIT)) {
        i++;
    }
    if (i - year != 2 && (i - year != 4 || !aigov__has(s, year, "20"))) {
        return 0;
    }
    return i;
}

void aigov__card_data(aigov__scan *s, size_t from, size_t to)
{
    size_t n = to - from, end;
    if (n > 4 || !aigov__at_is(s, from, AIGOV__DIGIT) ||
        !aigov__at_is(s, to - 1, AIGOV__DIGIT)) {
        return;
    }
    for (size_t i = from; i < to; i++) {
        if (!aigov__at_is(s, i, AIGOV__DIGIT)) {
            return;
        }
    }
    if (n <= 2) {
        end = expiry_end(s, from, to);
        if (end != 0 && !is_joined(s, from, end) &&
            has_word(s, from, end, AIGOV__C_EXPIRY) &&
            near_card(s, from, end)) {
            aigov__report(s, AIGOV__D_card_expiry, from, end, 55, 0);
        }
    } else if (n > 2 && may_be_code(s, from) && !is_joined(s, from, to) &&
               has_word(s, from, to, AIGOV__C_CVV)) {
        aigov__report(s, AIGOV__D_card_cvv, from, to, 55, 0);
    }
}
