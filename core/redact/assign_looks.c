/*
 * assign_looks.c - what a value looks like: kinds of bytes, entropy, words
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Entropy is Shannon's over the bytes of the first 128, in hundredths of a bit.
 * A word can be said if it has vowels and no four consonants in a row; what
 * consists of such words is a name or prose rather than a secret.
 */
#include "assign.h"

/* n log2 n in hundredths. */
static const uint32_t n_log_n[129] = {
    0,     0,     200,   475,   800,   1161,  1551,  1965,  2400,  2853,  3322,
    3805,  4302,  4811,  5330,  5860,  6400,  6949,  7506,  8071,  8644,  9224,
    9811,  10404, 11004, 11610, 12221, 12838, 13461, 14088, 14721, 15358, 16000,
    16647, 17297, 17952, 18612, 19275, 19942, 20613, 21288, 21966, 22648, 23333,
    24021, 24713, 25408, 26107, 26808, 27512, 28219, 28929, 29642, 30358, 31076,
    31797, 32521, 33247, 33976, 34708, 35441, 36177, 36916, 37657, 38400, 39145,
    39893, 40643, 41395, 42149, 42905, 43663, 44423, 45186, 45950, 46716, 47484,
    48254, 49026, 49800, 50575, 51353, 52132, 52913, 53695, 54480, 55266, 56054,
    56843, 57634, 58427, 59221, 60017, 60814, 61613, 62414, 63216, 64019, 64824,
    65631, 66439, 67248, 68059, 68871, 69685, 70500, 71316, 72134, 72953, 73773,
    74595, 75418, 76242, 77068, 77895, 78723, 79553, 80383, 81215, 82048, 82883,
    83718, 84555, 85393, 86232, 87072, 87914, 88756, 89600,
};

int aigov__entropy(const aigov__scan *s, size_t from, size_t to)
{
    uint8_t count[256] = {0};
    size_t n = to - from > 128 ? 128 : to - from;
    uint32_t sum = 0;
    if (n == 0) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        count[(unsigned char)s->p[from + i]]++;
    }
    for (size_t i = 0; i < n; i++) { /* each byte's count once */
        uint8_t *c = &count[(unsigned char)s->p[from + i]];
        sum += n_log_n[*c];
        *c = 0;
    }
    return (int)((n_log_n[n] - sum) / n);
}

bool aigov__is_uuid(const aigov__scan *s, size_t from, size_t to)
{
    if (to - from != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        unsigned char c = (unsigned char)s->p[from + i];
        if (dash ? c != '-' : !aigov__is_hex(c)) {
            return false;
        }
    }
    return true;
}

aigov__looks aigov__measure(const aigov__scan *s, size_t from, size_t to)
{
    aigov__looks m = {.n = to - from, .hex = true};
    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)s->p[i];
        m.digits += aigov__is(c, AIGOV__DIGIT);
        m.lower += aigov__is(c, AIGOV__LOWER);
        m.upper += aigov__is(c, AIGOV__UPPER);
        m.marks += aigov__is(c, AIGOV__MARK) || c == '.';
        m.spaces += aigov__is(c, AIGOV__SPACE);
        m.high += aigov__is(c, AIGOV__HIGH);
        m.hex &= aigov__is_hex(c);
    }
    m.signs =
        (int)m.n - m.digits - m.lower - m.upper - m.marks - m.spaces - m.high;
    m.uuid = aigov__is_uuid(s, from, to);
    return m;
}

static bool is_vowel(unsigned char c)
{
    switch (c | 0x20) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
    case 'y':
        return true;
    default:
        return false;
    }
}

/* The end of the word that begins at i: letters of one case, or a capital and
 * small ones.  *said: it can be said, with vowels and no four consonants. */
static size_t word_end(const aigov__scan *s, size_t i, size_t to, bool *said)
{
    size_t from = i, vowels = 0, run = 0, most = 0;
    bool upper = aigov__at_is(s, i, AIGOV__UPPER) &&
                 aigov__at_is(s, i + 1, AIGOV__UPPER) && i + 1 < to;
    do {
        bool vowel = is_vowel((unsigned char)s->p[i]);
        vowels += vowel;
        run = vowel ? 0 : run + 1;
        most = run > most ? run : most;
        i++;
    } while (i < to && aigov__at_is(s, i, upper ? AIGOV__UPPER : AIGOV__LOWER));
    *said = most < 4 && vowels * 6 >= i - from;
    return i;
}

/* Whether most of it is words that can be said: user_token_v2, prod-db.  Three
 * digits, or runs of them, each next to a letter, are chance: a7f3qu1. */
bool aigov__wordy(const aigov__scan *s, size_t from, size_t to)
{
    size_t said = 0, all = 0, mixed = 0;
    for (size_t i = from; i < to;) {
        bool ok = false;
        size_t end = i + 1;
        if (aigov__at_is(s, i, AIGOV__DIGIT)) {
            while (end < to && aigov__at_is(s, end, AIGOV__DIGIT)) {
                end++;
            }
            mixed += (i > from && aigov__at_is(s, i - 1, AIGOV__ALPHA)) ||
                     (end < to && aigov__at_is(s, end, AIGOV__ALPHA));
        }
        if (aigov__at_is(s, i, AIGOV__ALPHA)) {
            end = word_end(s, i, to, &ok);
            said += ok && end - i >= 3 ? end - i : 0;
        }
        all += aigov__at_is(s, i, AIGOV__ALNUM) ? end - i : 0;
        i = end;
    }
    return said * 10 >= all * 7 && mixed < 3;
}

bool aigov__random(const aigov__scan *s, size_t from, size_t to, size_t least)
{
    aigov__looks m = aigov__measure(s, from, to);
    return m.n >= least && m.spaces == 0 && m.digits > 0 &&
           m.lower + m.upper > 0 && aigov__entropy(s, from, to) >= 280 &&
           !aigov__wordy(s, from, to);
}
