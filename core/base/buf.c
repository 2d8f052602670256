/*
 * buf.c - spans and growing byte strings
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A buffer that could not grow is left as it was: what was put before stays,
 * nothing of the failed call was added.
 */
#include "internal.h"

aigov_span aigov_str(const char *s)
{
    return (aigov_span){s, s == NULL ? 0 : strlen(s)};
}

bool aigov_span_eq(aigov_span a, aigov_span b)
{
    if (a.p == NULL || b.p == NULL) {
        return a.p == b.p;
    }
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool aigov_span_is(aigov_span a, const char *s)
{
    return aigov_span_eq(a, aigov_str(s));
}

void aigov_buf_init(aigov_buf *b, aigov_ctx *ctx)
{
    *b = (aigov_buf){.ctx = ctx};
}

void aigov_buf_free(aigov_buf *b)
{
    if (b->p != NULL) {
        aigov_mfree(b->ctx, b->p, b->cap);
    }
    *b = (aigov_buf){.ctx = b->ctx};
}

bool aigov_buf_reserve(aigov_buf *b, size_t more)
{
    if (AIGOV__LIKELY(more <= b->cap - b->n && b->p != NULL)) {
        return true;
    }
    if (more > SIZE_MAX / 2 - b->n) {
        return false;
    }
    void *p = b->p;
    size_t need = b->n + more;
    if (!aigov__grow(b->ctx, &p, &b->cap, 1, need < 64 ? 64 : need)) {
        return false;
    }
    b->p = p;
    return true;
}

bool aigov_buf_put(aigov_buf *b, const void *p, size_t n)
{
    if (n == 0) {
        return true;
    }
    if (!aigov_buf_reserve(b, n)) {
        return false;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
    return true;
}

bool aigov_buf_puts(aigov_buf *b, const char *s)
{
    return aigov_buf_put(b, s, strlen(s));
}

#ifdef AIGOV__SSE2
/* The digits of 16 numbers 0..15. */
static inline void store_digits(char *w, __m128i x)
{
    __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8(9)),
                                   _mm_set1_epi8('a' - '0' - 10));
    x = _mm_add_epi8(_mm_add_epi8(x, _mm_set1_epi8('0')), letter);
    _mm_storeu_si128((__m128i *)(void *)w, x);
}
#endif

bool aigov_buf_put_hex(aigov_buf *b, const uint8_t *p, size_t n)
{
    static const char hex[] = "0123456789abcdef";

    if (n > SIZE_MAX / 4 || !aigov_buf_reserve(b, 2 * n)) {
        return false;
    }
    char *w = b->p + b->n; /* what it writes might alias *b */
#ifdef AIGOV__SSE2
    for (; n >= 16; n -= 16, p += 16, w += 32) {
        const __m128i four = _mm_set1_epi8(15);
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i high = _mm_and_si128(_mm_srli_epi16(x, 4), four);
        __m128i low = _mm_and_si128(x, four);
        store_digits(w, _mm_unpacklo_epi8(high, low));
        store_digits(w + 16, _mm_unpackhi_epi8(high, low));
    }
#endif
    for (; n > 0; n--, p++) {
        *w++ = hex[*p >> 4];
        *w++ = hex[*p & 15];
    }
    b->n = (size_t)(w - b->p);
    return true;
}

bool aigov_buf_put_i64(aigov_buf *b, int64_t v)
{
    char text[20];
    size_t at = sizeof text;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do {
        text[--at] = (char)('0' + u % 10);
        u /= 10;
    } while (u != 0);
    if (v < 0) {
        text[--at] = '-';
    }
    return aigov_buf_put(b, text + at, sizeof text - at);
}

/* --- JSON strings -------------------------------------------------------- */

#define SLACK 32 /* room for one escape and one block of 16 written too far */

/* Escape of a byte that RFC 8785 3.2.2.2 escapes; returns its length. */
static size_t escape(uint8_t c, char *w)
{
    static const char hex[] = "0123456789abcdef";
    static const char brief[] = "btn\0fr"; /* 0x08 .. 0x0D */

    w[0] = '\\';
    if (c == '"' || c == '\\') {
        w[1] = (char)c;
        return 2;
    }
    if (c >= 0x08 && c <= 0x0D && c != 0x0B) {
        w[1] = brief[c - 0x08];
        return 2;
    }
    memcpy(w + 1, "u00", 3);
    w[4] = hex[c >> 4];
    w[5] = hex[c & 15];
    return 6;
}

/* Whether one of 8 bytes is escaped: Mycroft's zero-byte test, thrice; exact
 * as a yes or no. */
static inline bool has_escaped(uint64_t x)
{
    const uint64_t ones = 0x0101010101010101U, high = ones << 7;
    uint64_t q = x ^ (ones * '"'), b = x ^ (ones * '\\');

    return ((((x - ones * 0x20) & ~x) | ((q - ones) & ~q) | ((b - ones) & ~b)) &
            high) != 0;
}

/* Copy from p to the first byte to escape or to end, counting up *w.  May write
 * 16 bytes beyond what it copies; there is SLACK. */
static const char *copy_run(const char *p, const char *end, char **w)
{
    char *to = *w;

#ifdef AIGOV__SSE2
    while (end - p >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop = _mm_or_si128(
            _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x),
            _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                         _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
        int mask = _mm_movemask_epi8(stop);
        _mm_storeu_si128((__m128i *)(void *)to, x);
        if (mask != 0) {
            int n = __builtin_ctz((unsigned)mask);
            *w = to + n;
            return p + n;
        }
        p += 16;
        to += 16;
    }
#endif
    for (uint64_t x; end - p >= 8; p += 8, to += 8) {
        memcpy(&x, p, 8);
        if (has_escaped(x)) {
            break;
        }
        memcpy(to, &x, 8);
    }
    if (end - p >= 4 && end - p < 8) { /* two halves, which may overlap */
        size_t second = (size_t)(end - p) - 4;
        uint32_t half[2];
        uint64_t x;
        memcpy(&half[0], p, 4);
        memcpy(&half[1], p + second, 4);
        memcpy(&x, half, 8);
        if (!has_escaped(x)) {
            memcpy(to, &half[0], 4);
            memcpy(to + second, &half[1], 4);
            *w = to + second + 4;
            return end;
        }
    }
    while (p < end && (uint8_t)*p >= 0x20 && *p != '"' && *p != '\\') {
        *to++ = *p++;
    }
    *w = to;
    return p;
}

bool aigov_buf_put_json_string(aigov_buf *b, aigov_span s)
{
    const char *p = s.p, *end = s.n == 0 ? p : p + s.n;
    size_t start = b->n;

    if (s.n > SIZE_MAX / 16 || !aigov_buf_reserve(b, s.n + 2 + SLACK)) {
        return false;
    }
    char *w = b->p + b->n;
    *w++ = '"';
    while (p != end) {
        p = copy_run(p, end, &w);
        if (p == end) {
            break;
        }
        w += escape((uint8_t)*p++, w);
        b->n = (size_t)(w - b->p);
        if (!aigov_buf_reserve(b, (size_t)(end - p) + 2 + SLACK)) {
            b->n = start;
            return false;
        }
        w = b->p + b->n;
    }
    *w++ = '"';
    b->n = (size_t)(w - b->p);
    return true;
}

aigov_span aigov_buf_span(const aigov_buf *b)
{
    return (aigov_span){b->p == NULL ? "" : b->p, b->n};
}
