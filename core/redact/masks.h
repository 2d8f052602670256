/*
 * masks.h - 64 bytes at a time: which of them belong to a class
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Bit i of a mask stands for byte i of the block.  Values of JSON are short, so
 * the end of a text is looked at in a block as small as holds it.  SSE2 and the
 * portable code give the same bits; AIGOV_NO_SIMD builds the second, and the
 * tests compare.
 */
#ifndef AIGOV_REDACT_MASKS_H
#define AIGOV_REDACT_MASKS_H

#include "internal.h"

struct aigov__masks {
    uint64_t alnum, digit, upper; /* upper: A-Z only */
    uint64_t mark;                /* - and _ */
    uint64_t dash, at, colon;
    uint64_t assign; /* = and > */
    uint64_t quote;  /* " ' ` */
    uint64_t lead;   /* first bytes of U+00C0..U+043F, which has capitals */
    uint64_t gap;    /* space and line feed */
};

#ifdef AIGOV__SSE2

/* 16 bytes in each of the first `parts`, which is 1, 2 or 4 and known when this
 * is compiled; the others are not looked at. */
struct aigov__block {
    __m128i a, b, c, d;
    int parts;
};

/* A bit for each byte that is set in its top bit. */
static inline uint64_t aigov__bits(int parts, __m128i a, __m128i b, __m128i c,
                                   __m128i d)
{
    uint64_t bits = (unsigned)_mm_movemask_epi8(a);
    if (parts > 1) {
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(b) << 16;
    }
    if (parts > 2) {
        uint64_t cd = (unsigned)_mm_movemask_epi8(c) |
                      (unsigned)_mm_movemask_epi8(d) << 16;
        bits |= cd << 32;
    }
    return bits;
}

/* Bytes that are c. */
static inline uint64_t aigov__equal(const struct aigov__block *x, char c)
{
    __m128i y = _mm_set1_epi8(c);
    return aigov__bits(x->parts, _mm_cmpeq_epi8(x->a, y),
                       _mm_cmpeq_epi8(x->b, y), _mm_cmpeq_epi8(x->c, y),
                       _mm_cmpeq_epi8(x->d, y));
}

/* Bytes from low to high: moved to the lower end of signed bytes they
 * are below one border. */
static inline uint64_t aigov__between(const struct aigov__block *x, char low,
                                      char high)
{
    __m128i move = _mm_set1_epi8((char)(-128 - low));
    __m128i border = _mm_set1_epi8((char)(-127 + high - low));
    return aigov__bits(x->parts,
                       _mm_cmplt_epi8(_mm_add_epi8(x->a, move), border),
                       _mm_cmplt_epi8(_mm_add_epi8(x->b, move), border),
                       _mm_cmplt_epi8(_mm_add_epi8(x->c, move), border),
                       _mm_cmplt_epi8(_mm_add_epi8(x->d, move), border));
}

/* The first `parts` times 16 bytes at p, as if zero bytes followed. */
static inline __attribute__((always_inline)) void
aigov__masks_of(const char *p, int parts, struct aigov__masks *m)
{
    const __m128i *q = (const __m128i *)(const void *)p;
    const __m128i small = _mm_set1_epi8(0x20), none = _mm_setzero_si128();
    const struct aigov__block x = {
        _mm_loadu_si128(q), parts > 1 ? _mm_loadu_si128(q + 1) : none,
        parts > 2 ? _mm_loadu_si128(q + 2) : none,
        parts > 2 ? _mm_loadu_si128(q + 3) : none, parts};
    const struct aigov__block folded = {
        _mm_or_si128(x.a, small), _mm_or_si128(x.b, small),
        _mm_or_si128(x.c, small), _mm_or_si128(x.d, small), parts};
    m->digit = aigov__between(&x, '0', '9');
    m->alnum = m->digit | aigov__between(&folded, 'a', 'z');
    m->upper = aigov__between(&x, 'A', 'Z');
    m->dash = aigov__equal(&x, '-');
    m->mark = m->dash | aigov__equal(&x, '_');
    m->at = aigov__equal(&x, '@');
    m->colon = aigov__equal(&x, ':');
    m->assign = aigov__equal(&x, '=') | aigov__equal(&x, '>');
    m->quote =
        aigov__equal(&x, '"') | aigov__equal(&x, '\'') | aigov__equal(&x, '`');
    m->lead = aigov__between(&x, (char)0xC3, (char)0xD0);
    m->gap = aigov__equal(&x, ' ') | aigov__equal(&x, '\n');
}

#else

static inline void aigov__masks_of(const char *p, int parts,
                                   struct aigov__masks *m)
{
    *m = (struct aigov__masks){0};
    for (int i = 0; i < 16 * parts; i++) {
        unsigned char c = (unsigned char)p[i];
        uint64_t bit = (uint64_t)1 << i;
        uint8_t k = aigov__class[c];
        m->digit |= k & AIGOV__DIGIT ? bit : 0;
        m->alnum |= k & AIGOV__ALNUM ? bit : 0;
        m->upper |= k & AIGOV__UPPER ? bit : 0;
        m->mark |= k & AIGOV__MARK ? bit : 0;
        m->dash |= c == '-' ? bit : 0;
        m->at |= c == '@' ? bit : 0;
        m->colon |= c == ':' ? bit : 0;
        m->assign |= c == '=' || c == '>' ? bit : 0;
        m->quote |= c == '"' || c == '\'' || c == '`' ? bit : 0;
        m->lead |= c >= 0xC3 && c <= 0xD0 ? bit : 0;
        m->gap |= c == ' ' || c == '\n' ? bit : 0;
    }
}

#endif

/* Bits at which a run of n set bits begins, n a power of two up to 64, given
 * the mask of the next block; a run goes on from the block before where
 * `before` is set in bit 63. */
static inline uint64_t aigov__runs(uint64_t m, uint64_t next, uint64_t before,
                                   int n)
{
    uint64_t start = m & ~(m << 1 | before >> 63);
    for (int k = 1; k < n && start != 0; k *= 2) {
        uint64_t moved = m >> k | next << (64 - k);
        uint64_t moved_next = next >> k;
        m &= moved;
        next &= moved_next;
    }
    return start & m;
}

#endif
