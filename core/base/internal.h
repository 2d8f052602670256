/*
 * internal.h - what the files of core/base share with each other and upwards
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Private to core/: bindings and the appender never include it.  Include it
 * first in every file, since it asks libc for locale_t and strtod_l.
 * A name with two underscores (aigov__x) crosses a file border inside core and
 * nothing else.
 */
#ifndef AIGOV_BASE_INTERNAL_H
#define AIGOV_BASE_INTERNAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <locale.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif
#include <string.h>

#include "../aigov.h"

/* AIGOV_NO_SIMD builds the portable scanners, so that CI compares the two. */
#if defined(__SSE2__) && !defined(AIGOV_NO_SIMD)
#include <emmintrin.h>
#define AIGOV__SSE2 1
#endif

#define AIGOV__LIKELY(x) __builtin_expect(!!(x), 1)
#define AIGOV__UNLIKELY(x) __builtin_expect(!!(x), 0)

/* --- ctx.c --------------------------------------------------------------- */

struct aigov__crypto; /* core/crypto/internal.h */

struct aigov_ctx {
    aigov_alloc alloc;
    bool (*interrupt)(void *);
    void *interrupt_host;
    locale_t c_locale; /* strtod_l: a host may have set a decimal comma */
    struct aigov__crypto *crypto;
    int64_t pid;    /* of the process that made it */
    uint8_t *here;  /* 1 there, 0 in a forked child; NULL: pid tells */
    uint64_t rules; /* the last number that rules were given (clean.c) */
};

/* fork.c: begin, end the watch that aigov_ctx_forked asks. */
void aigov__fork_watch(aigov_ctx *ctx);
void aigov__fork_unwatch(aigov_ctx *ctx);

/* Whether the host wants the call at hand to stop. */
static inline bool aigov__interrupted(const aigov_ctx *ctx)
{
    return ctx->interrupt != NULL && ctx->interrupt(ctx->interrupt_host);
}

/*
 * Grow an array of items to hold at least `need`: doubles up to 1 MiB, then by
 * half.  *items is the capacity; both stay as they were on failure.
 */
bool aigov__grow(aigov_ctx *ctx, void **array, size_t *items, size_t item_size,
                 size_t need);

/* The same where there is not that much room yet. */
static inline bool aigov__room(aigov_ctx *ctx, void **array, size_t *items,
                               size_t item_size, size_t need)
{
    return need <= *items || aigov__grow(ctx, array, items, item_size, need);
}

aigov_status aigov__nomem(aigov_error *err);

/* sort.c: n items of a size, in place, in n log n steps whatever they are; no
 * memory, unlike qsort.  Items that compare equal may change places. */
void aigov__sort(void *items, size_t n, size_t size,
                 int (*order)(const void *a, const void *b, void *host),
                 void *host);

/* As aigov_buf_put of p != NULL and n > 0, without a call where there is
 * room: most of what core writes is a few bytes of punctuation. */
static inline bool aigov__append(aigov_buf *b, const char *p, size_t n)
{
    if (AIGOV__UNLIKELY(n > b->cap - b->n)) {
        return aigov_buf_put(b, p, n);
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
    return true;
}

/* aigov_span_is of a literal, whose length the compiler knows. */
#define AIGOV__IS(span, literal)                                               \
    ((span).n == sizeof literal - 1 &&                                         \
     memcmp((span).p, literal, sizeof literal - 1) == 0)

/* aigov_json_text of a node that is a STRING. */
static inline aigov_span aigov__text(const aigov_json *j, uint32_t i)
{
    return (aigov_span){j->node[i].text, j->node[i].size};
}

/* --- utf8.c -------------------------------------------------------------- */

/*
 * Length 2..4 of the well-formed sequence at p (a byte >= 0x80), or 0.
 * RFC 3629 4: no overlong forms (C0, C1, E0 80..9F, F0 80..8F), no surrogates
 * (ED A0..BF), nothing above U+10FFFF (F4 90.., F5..).
 */
static inline size_t aigov__utf8_length(const char *text, const char *end)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t left = (size_t)(end - text);

    if (p[0] < 0xC2 || left < 2 || (p[1] & 0xC0) != 0x80) {
        return 0;
    }
    if (p[0] < 0xE0) {
        return 2;
    }
    if (left < 3 || (p[2] & 0xC0) != 0x80) {
        return 0;
    }
    if (p[0] < 0xF0) {
        if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F)) {
            return 0;
        }
        return 3;
    }
    if (left < 4 || (p[3] & 0xC0) != 0x80 || p[0] > 0xF4 ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F)) {
        return 0;
    }
    return 4;
}

/* Code point of a well-formed sequence of 1..4 bytes. */
uint32_t aigov__utf8_decode(const char *p, size_t n);
/* Writes 1..4 bytes; surrogates too (generalized UTF-8); returns how many. */
size_t aigov__utf8_encode(uint32_t c, char out[4]);

/* Unicode 23.7: U+FDD0..U+FDEF and the last two of each plane. */
static inline bool aigov__noncharacter(uint32_t c)
{
    return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

/* Byte length of the longest prefix that may be a name in I-JSON (RFC 7493 2.1)
 * without escapes: UTF-8, no control character, no noncharacter. */
size_t aigov__plain_text(aigov_span s);

/* U+241B, the escape of docs/formats.md section 5. */
#define AIGOV__ESC "\xE2\x90\x9B"

/* --- time.c -------------------------------------------------------------- */

struct aigov__date {
    int year, month, day; /* 1..12, 1..31 */
};

/* Days since 1970-01-01 of a date of the years 0 to 10000, and back from
 * 0000-03-01 on: a time zone leads that far. */
int64_t aigov__days_of(struct aigov__date d);
struct aigov__date aigov__date_of(int64_t days);
/* RFC 3339 with any offset and 0-9 fraction digits; a second 60 is given as 59
 * with *leap.  The offset may lead out of the years 1 to 9999. */
bool aigov__rfc3339(aigov_span s, int64_t *second, uint32_t *nano, bool *leap);

/* --- scanners ------------------------------------------------------------ */

/* The first byte of p..end that ends a plain ASCII run of a JSON string: quote,
 * backslash, control or non-ASCII; end where there is none. */
static inline const char *aigov__ascii_run(const char *p, const char *end)
{
#ifdef AIGOV__SSE2
    while (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* signed: below 0x20 are the controls and all of 0x80..0xFF */
        __m128i stop =
            _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(0x20)),
                         _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                      _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
        int mask = _mm_movemask_epi8(stop);
        if (mask != 0) {
            return p + __builtin_ctz((unsigned)mask);
        }
        p += 16;
    }
#else
    const uint64_t ones = 0x0101010101010101U, high = ones << 7;
    while (end - p >= 8) {
        uint64_t x, q, b;
        memcpy(&x, p, 8);
        q = x ^ (ones * '"');
        b = x ^ (ones * '\\');
        /* Mycroft's zero-byte test, thrice; exact as a yes or no */
        if (((x | (x - ones * 0x20) | ((q - ones) & ~q) | ((b - ones) & ~b)) &
             high) != 0) {
            break;
        }
        p += 8;
    }
#endif
    while (p < end) {
        uint8_t c = (uint8_t)*p;
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
            break;
        }
        p++;
    }
    return p;
}

/* --- number.c ------------------------------------------------------------ */

/* Enough digits to round any double right; one more stands for the rest. */
#define AIGOV__DIGITS 800

/* A JSON number literal: 0.digit * 10^point. */
struct aigov__decimal {
    bool negative;
    bool integer;  /* written without fraction and exponent */
    int count;     /* digits, no zeros at either end; 0 for zero */
    int64_t point; /* within +-2e9 */
    char digit[AIGOV__DIGITS + 1];
};

enum aigov__fit {
    AIGOV__FITS,
    AIGOV__OVERFLOWS,
    AIGOV__UNDERFLOWS, /* not zero, but its double is */
    AIGOV__INEXACT     /* integer beyond 2^53 that would read back otherwise */
};

/* 0.digit * 10^point, in the making of text from a double. */
struct aigov__digits {
    char digit[20];
    int count, point;
};

/* Shortest and closest digits of v > 0.  The first is quick and may give up;
 * the second never does. */
bool aigov__grisu(double v, struct aigov__digits *d);
void aigov__shortest(const aigov_ctx *ctx, double v, struct aigov__digits *d);

/* Literals follow the grammar of RFC 8259 6; the reader made sure. */
void aigov__decimal_read(aigov_span literal, struct aigov__decimal *d);
double aigov__decimal_double(const aigov_ctx *ctx,
                             const struct aigov__decimal *d);
enum aigov__fit aigov__number_fit(aigov_ctx *ctx, aigov_span literal);
/* Canonical text of a literal; 0 where it overflows. */
size_t aigov__number_canonical(aigov_ctx *ctx, aigov_span literal,
                               char out[32]);

/* --- near.c -------------------------------------------------------------- */

/* Whether a name of a caller may be repeated in a message. */
bool aigov__name_shown(aigov_span name);
/* The nearest of several names, for "did you mean"; zeroed with name set. */
typedef struct aigov__near {
    aigov_span name;
    const char *best; /* NULL: none is near */
    size_t distance;
} aigov__near;
void aigov__near_try(aigov__near *near, const char *candidate);

/* --- json.c, canon.c ----------------------------------------------------- */

/* A name in sorting: its first 8 bytes as a number that orders like UTF-16. */
struct aigov__key {
    uint64_t head;
    uint32_t node;
};

/* A container whose canonical form is being written. */
struct aigov__frame {
    uint32_t next; /* node of the next element or name; or of the next key */
    uint32_t left; /* elements or members still to come */
    uint32_t keys; /* where its sorted names begin, plus one; 0: in order */
    bool object;
};

struct aigov__chunk; /* a piece of the arena of decoded strings */

struct aigov__json {
    aigov_node *node;
    size_t node_cap;
    struct aigov__chunk *chunks, *chunk; /* first, current */
    struct aigov__key *key;              /* scratch: twice the names */
    size_t key_cap;
    struct aigov__frame *frame; /* scratch of AIGOV_MAX_DEPTH, or NULL */
    aigov_json_mode mode;
    const char *text, *end; /* what was read */
};

/* Whether a string stands in the text as RFC 8785 writes it: it was not
 * decoded, so it has no escapes, and the quotes are around it. */
static inline bool aigov__verbatim(const struct aigov__json *x,
                                   const aigov_node *string)
{
    return string->text == x->text + string->at + 1;
}

/* Where the value of a member begins and ends in a canonical text. */
struct aigov__cut {
    uint32_t node;
    size_t from, to;
};

/* As aigov_json_canonical of the root; where that is an object, cut, which has
 * room for all its members, tells where they are, in the order of the text. */
aigov_status aigov__canonical_cut(const aigov_json *j, aigov_buf *out,
                                  struct aigov__cut *cut, aigov_error *err);

/* Fill x->key[base .. base+n) with the names of an object in RFC 8785 order;
 * equal names stay in document order. */
aigov_status aigov__json_sort(const aigov_json *j, uint32_t object, size_t base,
                              aigov_error *err);
/* < 0, 0, > 0 in the order of UTF-16 code units (RFC 8785 3.2.3). */
int aigov__utf16_compare(aigov_span a, aigov_span b);

/* Whitespace of RFC 8259 2. */
static inline const char *aigov__space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}

#endif
