/*
 * token_check.c - what a credential of a known form must fulfil besides
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "token.h"

int aigov__token_anthropic(const aigov__scan *s, aigov__token *t);
int aigov__token_crc(const aigov__scan *s, aigov__token *t);
int aigov__token_digit(const aigov__scan *s, aigov__token *t);
int aigov__token_example(const aigov__scan *s, aigov__token *t);
int aigov__token_gitlab(const aigov__scan *s, aigov__token *t);
int aigov__token_mask(const aigov__scan *s, aigov__token *t);
int aigov__token_mixed(const aigov__scan *s, aigov__token *t);
int aigov__token_openai(const aigov__scan *s, aigov__token *t);
int aigov__token_slack(const aigov__scan *s, aigov__token *t);
int aigov__token_vault(const aigov__scan *s, aigov__token *t);

/* --- what checks share --------------------------------------------------- */

unsigned aigov__variety(const aigov__scan *s, size_t from, size_t to)
{
    uint8_t count[256] = {0};
    unsigned n = (unsigned)(to - from > 64 ? 64 : to - from), sum = 0;
    for (size_t i = from; i < from + n; i++) {
        /* c squared grows by 2 c + 1 */
        sum += 2u * count[(unsigned char)s->p[i]]++ + 1;
    }
    return sum == 0 ? 0 : n * n / sum;
}

unsigned aigov__kinds(const aigov__scan *s, size_t from, size_t to)
{
    unsigned kinds = 0;
    for (size_t i = from; i < to && i - from < 64; i++) {
        kinds |= aigov__class[(unsigned char)s->p[i]];
    }
    return kinds;
}

size_t aigov__run_to(const aigov__scan *s, size_t i, unsigned classes,
                     size_t most)
{
    size_t from = i;
    while (i - from < most && aigov__at_is(s, i, classes)) {
        i++;
    }
    return i;
}

size_t aigov__run_from(const aigov__scan *s, size_t i, unsigned classes,
                       size_t most)
{
    size_t to = i;
    while (i > 0 && to - i < most && aigov__at_is(s, i - 1, classes)) {
        i--;
    }
    return i;
}

/* Whether one of the signs that masks are made of fills [from, to). */
static bool is_mask(const aigov__scan *s, size_t from, size_t to)
{
    unsigned char c = aigov__at(s, from);
    if (c != 'x' && c != 'X' && c != '*' && c != '.' && c != '0' && c != '#' &&
        c != '?') {
        return false;
    }
    while (from < to && aigov__at(s, from) == c) {
        from++;
    }
    return from == to;
}

/* "$VAR", "${var}", "$(cmd)", "{{ x }}", "<token>", "[token]", "%s", "%VAR%" */
static bool is_variable(const aigov__scan *s, size_t from, size_t to)
{
    unsigned char c = aigov__at(s, from), d = aigov__at(s, from + 1);
    unsigned char last = aigov__at(s, to - 1);
    switch (c) {
    case '$':
        return d == '{' || d == '(' || d == '$' || aigov__is(d, AIGOV__ALPHA) ||
               d == '_';
    case '{':
        return last == '}';
    case '<':
        return last == '>' || d == '%';
    case '[':
        return last == ']';
    case '%':
        return last == '%' || to - from == 2;
    default:
        return false;
    }
}

bool aigov__is_dummy(const aigov__scan *s, size_t from, size_t to)
{
    return from >= to || is_mask(s, from, to) || is_variable(s, from, to);
}

/* --- checks -------------------------------------------------------------- */

/* An id of documentation: AKIAIOSFODNN7EXAMPLE. */
int aigov__token_example(const aigov__scan *s, aigov__token *t)
{
    return aigov__has(s, t->to - 7, "EXAMPLE") ? AIGOV__TOKEN_NO : 0;
}

/* The last part is no mask: sk_live_xxxxxxxx. */
int aigov__token_mask(const aigov__scan *s, aigov__token *t)
{
    size_t last = t->to;
    while (last > t->body && aigov__at_is(s, last - 1, AIGOV__ALNUM)) {
        last--;
    }
    return is_mask(s, last, t->to) ? AIGOV__TOKEN_NO : 0;
}

/* Random text has digits and letters; names of programs seldom. */
int aigov__token_digit(const aigov__scan *s, aigov__token *t)
{
    unsigned kinds = aigov__kinds(s, t->body, t->to);
    return (kinds & AIGOV__DIGIT) != 0 && (kinds & AIGOV__ALPHA) != 0
               ? 0
               : AIGOV__TOKEN_NO;
}

/* At least two of digits, capitals and small letters. */
int aigov__token_mixed(const aigov__scan *s, aigov__token *t)
{
    unsigned kinds = aigov__kinds(s, t->body, t->to);
    return ((kinds & AIGOV__DIGIT) != 0) + ((kinds & AIGOV__UPPER) != 0) +
                       ((kinds & AIGOV__LOWER) != 0) >=
                   2
               ? 0
               : AIGOV__TOKEN_NO;
}

/* A key of the usual 95 characters (after "03-") ends in AA, as base64 of a
 * length 1 mod 3 does where the rest is zero. */
int aigov__token_anthropic(const aigov__scan *s, aigov__token *t)
{
    return t->to - t->body <= 95 + 3 && !aigov__has(s, t->to - 2, "AA")
               ? AIGOV__TOKEN_NO
               : 0;
}

/* A routable token has a version and a CRC after its payload: ".01.0z1a2b3c4",
 * the version left out by the first ones. */
int aigov__token_gitlab(const aigov__scan *s, aigov__token *t)
{
    const unsigned both = AIGOV__DIGIT | AIGOV__LOWER;
    size_t i = t->to;
    if (aigov__at(s, i) == '.' && t->to - t->body >= 27) {
        if (aigov__run_to(s, i + 1, both, 3) == i + 3 &&
            aigov__at(s, i + 3) == '.') {
            i += 3;
        }
        if (aigov__run_to(s, i + 1, both, 10) == i + 10) {
            t->to = i + 10;
        }
    }
    return 0;
}

/* Every key has base64 of "OpenAI" in it. */
int aigov__token_openai(const aigov__scan *s, aigov__token *t)
{
    for (size_t i = t->body + 16; i + 24 <= t->to; i++) {
        if (aigov__has(s, i, "T3BlbkFJ")) {
            return AIGOV_WHY_VALIDATED;
        }
    }
    return AIGOV__TOKEN_NO;
}

/* Not "xoxp-1234567890-1234567890-..." nor cut ones. */
int aigov__token_slack(const aigov__scan *s, aigov__token *t)
{
    size_t digits = 0;
    for (size_t i = t->body; i < t->to; i++) {
        digits += aigov__at_is(s, i, AIGOV__DIGIT);
    }
    if (aigov__at(s, t->to - 1) == '-' || digits == 0) {
        return AIGOV__TOKEN_NO;
    }
    return aigov__variety(s, t->body, t->to) < 2 ? AIGOV__TOKEN_NO : 0;
}

/* "s." also begins a call in a program; a token is random in base62 or is a
 * protocol buffer (recovery, batch), long. */
int aigov__token_vault(const aigov__scan *s, aigov__token *t)
{
    unsigned kinds = aigov__kinds(s, t->body, t->to);
    unsigned digits = 0;
    for (size_t i = t->body; i < t->to; i++) {
        digits += aigov__at_is(s, i, AIGOV__DIGIT);
    }
    if (digits < 2 || (kinds & AIGOV__UPPER) == 0 ||
        (kinds & AIGOV__LOWER) == 0 || aigov__at(s, t->to) == '(') {
        return AIGOV__TOKEN_NO;
    }
    return 0;
}

/* --- check digits -------------------------------------------------------- */

static uint32_t crc32(const char *p, size_t n)
{
    uint32_t c = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        c ^= (unsigned char)p[i];
        for (int k = 0; k < 8; k++) {
            c = c >> 1 ^ (0xEDB88320u & (0u - (c & 1)));
        }
    }
    return ~c;
}

/* GitHub and npm: the last six characters are CRC-32 of the 30 before, in
 * base62.  Samples in the wild do not always fulfil it, so it confirms only. */
int aigov__token_crc(const aigov__scan *s, aigov__token *t)
{
    static const char base62[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint32_t c;
    if (t->to - t->body != 36) {
        return 0;
    }
    c = crc32(s->p + t->body, 30);
    for (size_t i = t->to; i > t->body + 30; i--, c /= 62) {
        if (s->p[i - 1] != base62[c % 62]) {
            return 0;
        }
    }
    return AIGOV_WHY_VALIDATED;
}
