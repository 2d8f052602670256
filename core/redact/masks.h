/*
 * masks.h - 64 bytes at a time: which of them belong to a class
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Bit i of a mask stands for byte i of the block.  SSE2 and the portable code
 * give the same bits; AIGOV_NO_SIMD builds the second, and the tests compare.
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

static inline uint64_t aigov__bits(__m128i x)
{
    return (uint64_t)(uint16_t)_mm_movemask_epi8(x);
}

/* Bytes from low to high; both ASCII, or neither. */
static inline __m128i aigov__between(__m128i x, char low, char high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmplt_epi8(x, _mm_set1_epi8((char)(high + 1))));
}

static inline void aigov__masks16(const char *p, int shift,
                                  struct aigov__masks *m)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i digit = aigov__between(x, '0', '9');
    __m128i folded = _mm_or_si128(x, _mm_set1_epi8(0x20));
    __m128i letter = aigov__between(folded, 'a', 'z');
    __m128i dash = _mm_cmpeq_epi8(x, _mm_set1_epi8('-'));
    __m128i line = _mm_cmpeq_epi8(x, _mm_set1_epi8('_'));
    m->digit |= aigov__bits(digit) << shift;
    m->alnum |= aigov__bits(_mm_or_si128(digit, letter)) << shift;
    m->upper |= aigov__bits(aigov__between(x, 'A', 'Z')) << shift;
    m->dash |= aigov__bits(dash) << shift;
    m->mark |= aigov__bits(_mm_or_si128(dash, line)) << shift;
    m->at |= aigov__bits(_mm_cmpeq_epi8(x, _mm_set1_epi8('@'))) << shift;
    m->colon |= aigov__bits(_mm_cmpeq_epi8(x, _mm_set1_epi8(':'))) << shift;
    m->assign |=
        aigov__bits(_mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('=')),
                                 _mm_cmpeq_epi8(x, _mm_set1_epi8('>'))))
        << shift;
    m->quote |= aigov__bits(_mm_or_si128(
                    _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(x, _mm_set1_epi8('\''))),
                    _mm_cmpeq_epi8(x, _mm_set1_epi8('`'))))
                << shift;
    m->lead |= aigov__bits(aigov__between(x, (char)0xC3, (char)0xD0)) << shift;
    m->gap |= aigov__bits(_mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(' ')),
                                       _mm_cmpeq_epi8(x, _mm_set1_epi8('\n'))))
              << shift;
}

static inline void aigov__masks64(const char *p, struct aigov__masks *m)
{
    *m = (struct aigov__masks){0};
    aigov__masks16(p, 0, m);
    aigov__masks16(p + 16, 16, m);
    aigov__masks16(p + 32, 32, m);
    aigov__masks16(p + 48, 48, m);
}

#else

static inline void aigov__masks64(const char *p, struct aigov__masks *m)
{
    *m = (struct aigov__masks){0};
    for (int i = 0; i < 64; i++) {
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
