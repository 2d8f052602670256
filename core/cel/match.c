/*
 * match.c - the search for a pattern in a text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Both searches go through the text once and keep the set of all places of the
 * program that some way of reading has come to; a new way begins at each
 * character, so the pattern is found anywhere.  The first keeps the set as the
 * bits of words, the second as a list (Pike's machine without captures).
 * Neither goes back, so neither can take longer than program times text.
 *
 * Before that the text is searched for a piece that every match contains.
 */
#include "match_program.h"

/* What is before and behind `at`, as aigov__border has it. */
static inline unsigned border_at(const char *begin, const char *at,
                                 const char *end)
{
    return aigov__border(at == begin ? AIGOV__BORDER
                                     : aigov__kind((uint8_t)at[-1]),
                         at == end ? AIGOV__BORDER : aigov__kind((uint8_t)*at));
}

/* The character at *at, which moves behind it. */
static uint32_t next_char(const char **at, const char *end)
{
    const char *p = *at;
    size_t n;

    if ((uint8_t)*p < 0x80) {
        *at = p + 1;
        return (uint8_t)*p;
    }
    n = aigov__utf8_length(p, end);
    *at = p + (n == 0 ? 1 : n);
    return n == 0 ? 0xFFFD : aigov__utf8_decode(p, n);
}

/* Where a search may begin, or NULL where nothing can match. */
static const char *first_chance(const aigov__regex *p, const char *begin,
                                const char *end)
{
    size_t left = (size_t)(end - begin), n = p->needed.n;

    if (n == 0) {
        return begin;
    }
    if (left < n) {
        return NULL;
    }
    if (p->only_at_begin && p->needed_is_first) {
        return memcmp(begin, p->needed.p, n) == 0 ? begin : NULL;
    }
    const char *at = n == 1 ? memchr(begin, p->needed.p[0], left)
                            : memmem(begin, left, p->needed.p, n);
    return p->needed_is_first || at == NULL ? at : begin;
}

/* --- as bits ------------------------------------------------------------- */

/*
 * These take the number of words as a constant, so that the compiler makes one
 * search for programs of one word and another for the others.
 */
#define INLINE static inline __attribute__((always_inline))

INLINE bool common(const uint64_t *a, const uint64_t *b, size_t words)
{
    uint64_t both = 0;

    for (size_t k = 0; k < words; k++) {
        both |= a[k] & b[k];
    }
    return both != 0;
}

/* read := those of next whose set the character is in. */
INLINE void read_ascii(const aigov__regex *p, const uint64_t *next, uint8_t c,
                       uint64_t *read, size_t words)
{
    const uint64_t *in = p->ascii + c * words;

    for (size_t k = 0; k < words; k++) {
        read[k] = next[k] & in[k];
    }
}

/* The same of a character beyond ASCII. */
INLINE void read_wide(const aigov__regex *p, const uint64_t *next, uint32_t c,
                      uint64_t *read, size_t words)
{
    memset(read, 0, words * sizeof *read);
    for (uint32_t i = 0; i < p->sets; i++) {
        const uint64_t *of = p->of_set + i * words;
        if (p->set[i].count != 0 && common(of, next, words) &&
            aigov__in_set(&p->set[i], p->range, c)) {
            for (size_t k = 0; k < words; k++) {
                read[k] |= of[k] & next[k];
            }
        }
    }
}

/* next := what may come at a place, behind those that read a character. */
INLINE void follow(const uint64_t *place, const uint64_t *read, uint64_t *next,
                   size_t words)
{
    const uint64_t *chain = place + words, *loop = chain + words,
                   *jump = loop + words, *table = jump + words;
    uint64_t carry = 0;

    for (size_t k = 0; k < words; k++) {
        uint64_t chained = read[k] & chain[k];
        next[k] = place[k] | chained << 1 | carry | (read[k] & loop[k]);
        carry = chained >> 63;
    }
    for (size_t k = 0; k < words; k++) {
        for (uint64_t left = read[k] & jump[k]; left != 0; left &= left - 1) {
            const uint64_t *to =
                table + (64 * k + (size_t)__builtin_ctzll(left)) * words;
            for (size_t m = 0; m < words; m++) {
                next[m] |= to[m];
            }
        }
    }
}

/* Whether a pattern asks for no borders but those of the text: then one place
 * is all that is inside of it. */
static bool asks_text(const aigov__regex *p)
{
    return (p->asked & ~(unsigned)(AIGOV__BEGIN_TEXT | AIGOV__END_TEXT)) == 0;
}

INLINE bool match_bits(const aigov__regex *p, const char *begin, const char *at,
                       const char *end, size_t words)
{
    const uint64_t *inside = asks_text(p) ? p->place + p->place_of[0] : NULL;
    const uint64_t *place = p->place + p->place_of[border_at(begin, at, end)];
    uint64_t accepts = (uint64_t)1 << (p->positions % 64);
    uint64_t read[AIGOV__REGEX_WORDS] = {0}, next[AIGOV__REGEX_WORDS];
    size_t last = p->positions / 64;

    for (;;) {
        follow(place, read, next, words);
        if ((next[words == 1 ? 0 : last] & accepts) != 0) {
            return true;
        }
        if (at == end) {
            return false;
        }
        if (!common(read, read, words)) { /* nothing but beginnings */
            if (p->only_at_begin && !common(next, next, words)) {
                return false;
            }
            while (place == inside && (uint8_t)*at < 0x80 && at + 1 < end &&
                   !common(p->ascii + (uint8_t)*at * words, next, words)) {
                at++;
            }
        }
        if ((uint8_t)*at < 0x80) {
            read_ascii(p, next, (uint8_t)*at++, read, words);
        } else {
            read_wide(p, next, next_char(&at, end), read, words);
        }
        place = inside != NULL && at != end
                    ? inside
                    : p->place + p->place_of[border_at(begin, at, end)];
    }
}

/* --- as a list ----------------------------------------------------------- */

static void new_round(struct aigov__walk *w, uint32_t size)
{
    if (++w->round == 0) {
        memset(w->mark, 0, (size + 1) * sizeof *w->mark);
        w->round = 1;
    }
}

static bool match_list(const aigov__regex *p, const char *begin, const char *at,
                       const char *end, uint16_t *scratch)
{
    size_t room = p->size + (size_t)1;
    struct aigov__walk walk = {scratch, scratch + room, 1};
    uint16_t *list = scratch + 2 * room, *other = scratch + 3 * room;
    uint32_t n = 0;

    memset(walk.mark, 0, room * sizeof *walk.mark);
    unsigned holds = aigov__holds(border_at(begin, at, end));
    for (;;) {
        if (!p->only_at_begin || at == begin) {
            n = aigov__reach(p->code, p->size, &walk, 0, holds, list, n);
        }
        if (walk.mark[p->size] == walk.round) {
            return true;
        }
        if (at == end || (n == 0 && p->only_at_begin)) {
            return false;
        }
        uint32_t c = next_char(&at, end), kept = 0;
        holds = p->asked == 0 ? 0 : aigov__holds(border_at(begin, at, end));
        new_round(&walk, p->size);
        for (uint32_t i = 0; i < n; i++) {
            if (aigov__in_set(&p->set[p->code[list[i]].set], p->range, c)) {
                kept = aigov__reach(p->code, p->size, &walk, list[i] + 1U,
                                    holds, other, kept);
            }
        }
        uint16_t *swap = list;
        list = other;
        other = swap;
        n = kept;
    }
}

/* --- both ---------------------------------------------------------------- */

bool aigov__regex_matches_any_size(const aigov__regex *p, aigov_span text,
                                   void *scratch)
{
    const char *begin = text.p == NULL ? "" : text.p;

    return match_list(p, begin, begin, begin + text.n, scratch);
}

bool aigov__regex_matches(const aigov__regex *p, aigov_span text, void *scratch)
{
    const char *begin = text.p == NULL ? "" : text.p, *end = begin + text.n;
    const char *at = first_chance(p, begin, end);

    if (at == NULL) {
        return false;
    }
    switch (p->words) {
    case 0:
        return match_list(p, begin, at, end, scratch);
    case 1:
        return match_bits(p, begin, at, end, 1);
    default:
        return match_bits(p, begin, at, end, AIGOV__REGEX_WORDS);
    }
}
