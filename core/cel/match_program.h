/*
 * match_program.h - what the files of match.h share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A program is a list of instructions that begins at 0 and accepts behind its
 * last one.  Targets are relative, so that a piece of program can be moved and
 * copied as it is:
 *
 *   a|b    SPLIT +3, a, JUMP +2, b          a?   SPLIT +2, a
 *   a+     a, SPLIT -1                      a*   SPLIT +3, a, SPLIT -1
 *
 * (K. Thompson, Regular expression search algorithm, CACM 11, 1968.)
 */
#ifndef AIGOV_CEL_MATCH_PROGRAM_H
#define AIGOV_CEL_MATCH_PROGRAM_H

#include "match.h"

enum {
    AIGOV__OP_SET,    /* a character of the set, then the next instruction */
    AIGOV__OP_SPLIT,  /* the next instruction and the target */
    AIGOV__OP_JUMP,   /* the target */
    AIGOV__OP_ASSERT, /* the next instruction, where it holds */
};

/* What holds between two characters, as a mask. */
enum {
    AIGOV__BEGIN_TEXT = 1,
    AIGOV__END_TEXT = 2,
    AIGOV__BEGIN_LINE = 4,
    AIGOV__END_LINE = 8,
    AIGOV__WORD_BORDER = 16,
    AIGOV__NO_WORD_BORDER = 32,
};

struct aigov__instruction {
    uint8_t op;
    uint8_t assertion; /* one of the mask */
    int16_t to;        /* relative target */
    uint16_t set;
};

/* Code points lo..hi. */
struct aigov__range {
    uint32_t lo, hi;
};

/* A growing list of ranges; in order and apart, but where said. */
struct aigov__ranges {
    struct aigov__range *at;
    size_t n, cap;
};

/* A set of characters: bits for ASCII, ranges for the others. */
struct aigov__set {
    uint64_t ascii[2];
    uint32_t first, count; /* in the ranges of the program */
};

/* What the parser makes. */
struct aigov__program {
    aigov_ctx *ctx;
    struct aigov__instruction code[AIGOV__REGEX_INSTRUCTIONS];
    uint32_t size;
    struct aigov__set *set;
    size_t sets, set_cap;
    struct aigov__ranges range;
};

/* Flags of RE2: (?i) (?m) (?s); (?U) changes no yes or no. */
enum { AIGOV__FOLD = 1, AIGOV__LINES = 2, AIGOV__DOT_ALL = 4 };

/* The reading of a pattern.  A function that returns false has filled err. */
struct aigov__reading {
    aigov_ctx *ctx;
    const char *text, *p, *end;
    unsigned flags;
    struct aigov__ranges set, item, scratch; /* of the class being read */
    aigov_error *err;
};

/* --- match_parse.c ------------------------------------------------------- */

/* Read pattern into prog, which is zeroed but for ctx; free it in any case. */
aigov_status aigov__program_read(struct aigov__program *prog,
                                 aigov_span pattern, aigov_error *err);
void aigov__program_free(struct aigov__program *prog);

/* AIGOV_ARG at a place of the pattern; false. */
bool aigov__bad_pattern(struct aigov__reading *x, const char *at,
                        const char *text);

/* --- match_class.c ------------------------------------------------------- */

/* Each reads what is at x->p into x->set, or x->item where said. */
bool aigov__read_class(struct aigov__reading *x);  /* at "[" */
bool aigov__read_escape(struct aigov__reading *x); /* at "\" */
/* The next character; the pattern is known to be UTF-8. */
uint32_t aigov__read_char(struct aigov__reading *x);
/* x->set is one character, folded where the flags say so. */
bool aigov__read_literal(struct aigov__reading *x, uint32_t c);

/* --- match_set.c --------------------------------------------------------- */

/* These return false where there is no memory. */
bool aigov__ranges_add(aigov_ctx *ctx, struct aigov__ranges *r, uint32_t lo,
                       uint32_t hi); /* in any order */
bool aigov__ranges_fold(aigov_ctx *ctx, struct aigov__ranges *r);
bool aigov__ranges_negate(aigov_ctx *ctx, struct aigov__ranges *r);
/* r := r and more; scratch is exchanged. */
bool aigov__ranges_join(aigov_ctx *ctx, struct aigov__ranges *r,
                        const struct aigov__ranges *more,
                        struct aigov__ranges *scratch);
void aigov__ranges_sort(struct aigov__ranges *r); /* any order to in order */
void aigov__ranges_free(aigov_ctx *ctx, struct aigov__ranges *r);
/* The code points of a category ("L", "Lu"), a script or "Any"; *known tells
 * whether there is such a thing. */
bool aigov__ranges_property(aigov_ctx *ctx, struct aigov__ranges *r,
                            aigov_span name, bool *known);
/* Whether c is of a category that names of groups are made of. */
bool aigov__name_char(uint32_t c);

/* --- match_compile.c ----------------------------------------------------- */

#define AIGOV__REGEX_WORDS 4

/*
 * Up to 255 SETs are positions, bits of 1 or 4 words: bit i is set where the
 * i-th SET is next, bit `positions` where the program accepts.
 *
 * What follows a position depends on where between two characters the search
 * is.  Only what the pattern asks about is told apart, so most have one place
 * or four.  A place is, each of `words` words:
 *
 *   start    positions that a match may begin with here
 *   chain    positions followed by the next one
 *   loop     positions followed by themselves
 *   jump     positions followed by others
 *   follow   [positions] which ones
 */
struct aigov__regex {
    aigov_ctx *ctx;
    size_t bytes; /* of the block that all this is in */
    const struct aigov__instruction *code;
    const struct aigov__set *set;
    const struct aigov__range *range;
    uint32_t size, sets;
    unsigned asked; /* mask of the assertions in it */
    bool only_at_begin;
    aigov_span needed;    /* text without this does not match */
    bool needed_is_first; /* and a match begins with it */
    /* as positions; words is 0 where there are too many */
    uint32_t words, positions;
    const uint64_t *place;    /* one for each mask & asked that can be */
    const uint32_t *place_of; /* [16], by aigov__border: at which word */
    const uint64_t *ascii;    /* [128] positions of a character */
    const uint64_t *of_set;   /* positions of a set */
};

/* Words of a place. */
static inline size_t aigov__place_words(size_t words, size_t positions)
{
    return words * (4 + positions);
}

/* \w, the characters of \b. */
static inline bool aigov__word(uint32_t c)
{
    return c < 128 && ((c | 32) - 'a' < 26 || c - '0' < 10 || c == '_');
}

/* What assertions see of the byte on one side; all bytes of characters beyond
 * ASCII are others. */
enum { AIGOV__OTHER, AIGOV__WORD, AIGOV__NEWLINE, AIGOV__BORDER };

static inline unsigned aigov__kind(uint8_t c)
{
    return aigov__word(c) ? AIGOV__WORD
           : c == '\n'    ? AIGOV__NEWLINE
                          : AIGOV__OTHER;
}

/* A number for both sides, below 16. */
static inline unsigned aigov__border(unsigned before, unsigned after)
{
    return before * 4 + after;
}

/* The assertions that hold there. */
static inline unsigned aigov__holds(unsigned border)
{
    unsigned before = border / 4, after = border % 4;

    return (before == AIGOV__BORDER ? AIGOV__BEGIN_TEXT : 0U) |
           (after == AIGOV__BORDER ? AIGOV__END_TEXT : 0U) |
           (before >= AIGOV__NEWLINE ? AIGOV__BEGIN_LINE : 0U) |
           (after >= AIGOV__NEWLINE ? AIGOV__END_LINE : 0U) |
           ((before == AIGOV__WORD) != (after == AIGOV__WORD)
                ? AIGOV__WORD_BORDER
                : AIGOV__NO_WORD_BORDER);
}

static inline bool aigov__in_set(const struct aigov__set *s,
                                 const struct aigov__range *range, uint32_t c)
{
    if (c < 128) {
        return (s->ascii[c >> 6] >> (c & 63) & 1) != 0;
    }
    const struct aigov__range *r = range + s->first;
    uint32_t n = s->count;
    while (n > 0) { /* the first range that does not end before c */
        uint32_t half = n / 2;
        if (r[half].hi < c) {
            r += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return r < range + s->first + s->count && r->lo <= c;
}

/* The target of a SPLIT or JUMP. */
static inline uint32_t aigov__target(const struct aigov__instruction *code,
                                     uint32_t pc)
{
    return (uint32_t)((int32_t)pc + code[pc].to);
}

/* What a walk through the instructions between two characters has seen. */
struct aigov__walk {
    uint16_t *mark;  /* [size + 1]: the round that came here last */
    uint16_t *stack; /* [size] */
    uint16_t round;
};

/* Write to found + n what pc reaches without a character where `holds` holds,
 * and this round has not: numbers of SETs, and the size of the program where it
 * accepts.  Returns the new n.  Each instruction is looked at once a round. */
static inline uint32_t aigov__reach(const struct aigov__instruction *code,
                                    uint32_t size, struct aigov__walk *w,
                                    uint32_t pc, unsigned holds,
                                    uint16_t *found, uint32_t n)
{
    uint32_t depth = 0;

    for (;;) {
        if (w->mark[pc] != w->round) {
            w->mark[pc] = w->round;
            if (pc == size || code[pc].op == AIGOV__OP_SET) {
                found[n++] = (uint16_t)pc;
            } else if (code[pc].op == AIGOV__OP_JUMP) {
                pc = aigov__target(code, pc);
                continue;
            } else if (code[pc].op == AIGOV__OP_SPLIT) {
                w->stack[depth++] = (uint16_t)aigov__target(code, pc);
                pc++;
                continue;
            } else if ((code[pc].assertion & holds) != 0) {
                pc++;
                continue;
            }
        }
        if (depth == 0) {
            return n;
        }
        pc = w->stack[--depth];
    }
}

#endif
