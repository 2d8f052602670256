/*
 * match.c - the search for a pattern in a text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Both searches go through the text once and keep the set of all places of the
 * program that some way of reading has come to; a new way begins at each
 * character, so the pattern is found anywhere.  The first keeps the set as the
 * bits of a word, the second as a list (Pike's machine without captures).
 * Neither goes back, so neither can take longer than program times text.
 *
 * Before that the text is searched for a piece that every match contains.
 */
#include "match_program.h"

/* The assertions that hold at `at`; what is not ASCII is in no word. */
static unsigned holds_at(const char *begin, const char *at, const char *end)
{
    unsigned holds = 0;
    bool before = false, after = false;

    if (at == begin) {
        holds |= AIGOV__BEGIN_TEXT | AIGOV__BEGIN_LINE;
    } else {
        holds |= at[-1] == '\n' ? AIGOV__BEGIN_LINE : 0;
        before = aigov__word((uint8_t)at[-1]);
    }
    if (at == end) {
        holds |= AIGOV__END_TEXT | AIGOV__END_LINE;
    } else {
        holds |= *at == '\n' ? AIGOV__END_LINE : 0;
        after = aigov__word((uint8_t)*at);
    }
    return holds |
           (before != after ? AIGOV__WORD_BORDER : AIGOV__NO_WORD_BORDER);
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

/* The positions whose set a character beyond ASCII is in. */
static uint64_t wide_positions(const aigov__regex *p, uint64_t wanted,
                               uint32_t c)
{
    uint64_t in = 0;

    for (uint32_t i = 0; i < p->sets; i++) {
        if ((p->of_set[i] & wanted) != 0 && p->set[i].count != 0 &&
            aigov__in_set(&p->set[i], p->range, c)) {
            in |= p->of_set[i];
        }
    }
    return in & wanted;
}

static inline uint64_t next_positions(const struct aigov__place *w,
                                      uint64_t read)
{
    uint64_t next = w->start | (read & w->chain) << 1 | (read & w->loop);

    for (uint64_t left = read & w->jump; left != 0; left &= left - 1) {
        next |= w->follow[__builtin_ctzll(left)];
    }
    return next;
}

static const struct aigov__place *place_at(const aigov__regex *p,
                                           const char *begin, const char *at,
                                           const char *end)
{
    return &p->place[p->place_of[holds_at(begin, at, end) & p->asked]];
}

static bool match_bits(const aigov__regex *p, const char *begin, const char *at,
                       const char *end)
{
    /* the place where no border of the text is, if the pattern asks for no
     * other borders */
    bool lines =
        (p->asked & ~(unsigned)(AIGOV__BEGIN_TEXT | AIGOV__END_TEXT)) != 0;
    const struct aigov__place *inside =
        lines ? NULL : &p->place[p->place_of[0]];
    const struct aigov__place *w = place_at(p, begin, at, end);
    uint64_t accepts = (uint64_t)1 << p->positions, read = 0;

    for (;;) {
        uint64_t next = next_positions(w, read);
        if ((next & accepts) != 0) {
            return true;
        }
        if (at == end || (next == 0 && p->only_at_begin)) {
            return false;
        }
        if (read == 0 && w == inside) { /* nothing but beginnings */
            while ((uint8_t)*at < 0x80 &&
                   (p->ascii[(uint8_t)*at] & next) == 0 && at + 1 < end) {
                at++;
            }
        }
        if ((uint8_t)*at < 0x80) {
            read = next & p->ascii[(uint8_t)*at++];
        } else {
            read = wide_positions(p, next, next_char(&at, end));
        }
        w = inside != NULL && at != end ? inside : place_at(p, begin, at, end);
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
    unsigned holds = holds_at(begin, at, end);
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
        holds = p->asked == 0 ? 0 : holds_at(begin, at, end);
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
    return p->place != NULL ? match_bits(p, begin, at, end)
                            : match_list(p, begin, at, end, scratch);
}
