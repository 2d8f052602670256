/*
 * fold.c - the view that detectors read, and the way back
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   raw   4012<NBSP>8888<NBSP>8888   o [at] acme.io   &#52;1
 *   view  4012 8888 8888             o@acme.io        41
 *
 * Units of the original (fold_chars.c, fold_units.c) become one character of
 * the view, or none.  A text without any is its own view: nothing is copied or
 * allocated.  Bytes that are not UTF-8 stay as they are.
 *
 * The way back is a list of shifts.  What an offset of the view begins is at
 * the last shift at or before it; what it ends is at the first.  So a unit
 * leaves one shift, behind it; a hidden character two at the same offset of
 * the view, before and behind; and of a unit that becomes several bytes those
 * but the first map to its end.
 *
 * A Cyrillic or Greek letter becomes the Latin one that it looks like where
 * its word has ASCII letters or digits too and none of another kind: "p<a>ypal"
 * and never a word of a script of its own.
 */
#include "fold.h"

#define WORD_AFTER 64 /* bytes of a word that are looked at */

struct fold {
    aigov__scan *s;
    aigov_span t;
    size_t done;     /* the original is in the view up to here */
    size_t word_end; /* look_alikes is for the word up to here */
    bool look_alikes;
};

/* --- what to stop at ----------------------------------------------------- */

/* Whether a unit may begin at i, by its first four bytes. */
static bool may_fold(const char *p, size_t left)
{
    unsigned char c = (unsigned char)p[0];
    unsigned char next = left > 1 ? (unsigned char)p[1] : 0;
    switch (c) {
    case '&':
    case '%':
    case '\\':
        return true;
    case '(':
    case '[':
    case '{':
    case '<':
        return (next | 32) == 'a' || (next | 32) == 'd' || next == ' ' ||
               next == '@' || next == '.';
    case ' ':
        return left > 4 && (next | 32) == 'd' && (p[2] | 32) == 'o' &&
               (p[3] | 32) == 't' && p[4] == ' ';
    default:
        return c >= 0x80;
    }
}

#ifdef AIGOV__SSE2

static __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static __m128i is(__m128i x, char c)
{
    return _mm_cmpeq_epi8(x, _mm_set1_epi8(c));
}

/* Bit i: a unit may begin at byte i of 16; no fewer than may_fold says. */
static unsigned stops(const char *p)
{
    __m128i bit = _mm_set1_epi8(0x20);
    __m128i x = load(p), next = load(p + 1), low = _mm_or_si128(next, bit);
    __m128i sign = _mm_or_si128(_mm_or_si128(is(x, '&'), is(x, '%')),
                                _mm_or_si128(is(x, '\\'), x));
    __m128i open = _mm_or_si128(_mm_or_si128(is(x, '('), is(x, '<')),
                                is(_mm_or_si128(x, bit), '{')); /* [ and { */
    __m128i word = _mm_or_si128(
        _mm_or_si128(_mm_or_si128(is(low, 'a'), is(low, 'd')), is(next, '.')),
        _mm_or_si128(is(next, ' '), is(next, '@')));
    __m128i dot =
        _mm_and_si128(_mm_and_si128(is(x, ' '), is(low, 'd')),
                      _mm_and_si128(is(_mm_or_si128(load(p + 2), bit), 'o'),
                                    is(_mm_or_si128(load(p + 3), bit), 't')));
    __m128i all =
        _mm_or_si128(_mm_or_si128(sign, dot), _mm_and_si128(open, word));
    return (unsigned)_mm_movemask_epi8(all);
}

#endif

static size_t next_stop(aigov_span t, size_t i)
{
#ifdef AIGOV__SSE2
    for (; i + 19 <= t.n; i += 16) {
        unsigned m = stops(t.p + i);
        if (m != 0) {
            return i + (size_t)__builtin_ctz(m);
        }
    }
#endif
    while (i < t.n && !may_fold(t.p + i, t.n - i)) {
        i++;
    }
    return i;
}

/* --- shifts -------------------------------------------------------------- */

static void shift(struct fold *f, size_t view, size_t raw)
{
    aigov__scan *s = f->s;
    void *p = s->shift;
    if (s->shifts == s->shift_cap) {
        if (!aigov__grow(s->ctx, &p, &s->shift_cap, sizeof *s->shift,
                         s->shifts + 16)) {
            s->nomem = true;
            return;
        }
        s->shift = p;
    }
    s->shift[s->shifts++] = (aigov__shift){view, raw};
}

/* The original up to `to` as it is.  There is room: no unit grows. */
static void copy(struct fold *f, size_t to)
{
    aigov_buf *b = &f->s->fold;
    if (to > f->done) {
        memcpy(b->p + b->n, f->t.p + f->done, to - f->done);
        b->n += to - f->done;
        f->done = to;
    }
}

static void hide(struct fold *f, const aigov__unit *u)
{
    aigov__scan *s = f->s;
    size_t view = s->fold.n, n = s->shifts;
    if (n > 1 && s->shift[n - 1].view == view && s->shift[n - 2].view == view &&
        s->shift[n - 1].raw == u->from) {
        s->shift[n - 1].raw = u->to; /* hidden characters in a row */
        return;
    }
    shift(f, view, u->from);
    shift(f, view, u->to);
}

static void put(struct fold *f, const aigov__unit *u)
{
    aigov_buf *b = &f->s->fold;
    char text[4];
    uint32_t c = u->c, more = c == AIGOV__DROP ? c : aigov__fold_char(c);
    size_t n;
    if (b->p == NULL || b->cap < f->t.n) {
        if (!aigov_buf_reserve(b, f->t.n)) {
            f->s->nomem = true;
            return;
        }
    }
    copy(f, u->from);
    f->done = u->to;
    c = more == AIGOV__KEEP ? c : more;
    if (c == AIGOV__DROP) {
        hide(f, u);
        return;
    }
    n = aigov__utf8_encode(c, text);
    for (size_t k = 0; k < n; k++) {
        b->p[b->n++] = text[k];
        shift(f, b->n, u->to);
    }
}

/* --- letters beyond ASCII ------------------------------------------------ */

/* Whether the look-alikes of the word around i are to be Latin; the word ends
 * at f->word_end. */
static bool mixed_word(struct fold *f, size_t i)
{
    aigov_span t = f->t;
    const char *end = t.p + t.n;
    bool ascii = i > 0 && aigov__is((unsigned char)t.p[i - 1], AIGOV__ALNUM);
    bool known = true;
    size_t k = i;
    while (k < t.n && k < i + WORD_AFTER) {
        unsigned char c = (unsigned char)t.p[k];
        size_t n = 1;
        if (c < 0x80) {
            if (!aigov__is(c, AIGOV__ALNUM)) {
                break;
            }
            ascii = true;
        } else {
            uint32_t u;
            n = aigov__utf8_length(t.p + k, end);
            u = n == 0 ? 0 : aigov__utf8_decode(t.p + k, n);
            if (u < 0xC0 || (u >= 0x2000 && u < 0x2C00)) {
                break; /* a sign, or hidden */
            }
            known = known && aigov__look_alike(u) != 0;
        }
        k += n;
    }
    f->word_end = k;
    return ascii && known && k < i + WORD_AFTER;
}

/* One character beyond ASCII at i; returns where to go on. */
static size_t fold_high(struct fold *f, size_t i)
{
    size_t n = aigov__utf8_length(f->t.p + i, f->t.p + f->t.n);
    aigov__unit u = {i, i + n, 0};
    char latin;
    if (n == 0) {
        return i + 1;
    }
    u.c = aigov__utf8_decode(f->t.p + i, n);
    if (u.c >= 0x370 && u.c < 0x530) {
        if (i >= f->word_end) {
            f->look_alikes = mixed_word(f, i);
        }
        latin = f->look_alikes ? aigov__look_alike(u.c) : 0;
        if (latin != 0) {
            u.c = (unsigned char)latin;
            put(f, &u);
        }
        return u.to;
    }
    if (aigov__fold_char(u.c) != AIGOV__KEEP) {
        put(f, &u);
    }
    return u.to;
}

/* --- the pass ------------------------------------------------------------ */

static size_t fold_ascii(struct fold *f, size_t i)
{
    aigov__unit u[AIGOV__UNITS];
    int n = aigov__fold_ascii(f->t, i, f->done, u);
    for (int k = 0; k < n; k++) {
        put(f, &u[k]);
    }
    return n == 0 ? i + 1 : u[n - 1].to;
}

void aigov__fold(aigov__scan *s)
{
    struct fold f = {.s = s, .t = s->raw};
    size_t i = 0;
    s->shifts = 0;
    s->fold.n = 0;
    s->p = s->raw.p;
    s->n = s->raw.n;
    while ((i = next_stop(f.t, i)) < f.t.n && !s->nomem) {
        i = (unsigned char)f.t.p[i] < 0x80 ? fold_ascii(&f, i)
                                           : fold_high(&f, i);
    }
    if (s->shifts != 0 && !s->nomem) {
        copy(&f, f.t.n);
        s->p = s->fold.p;
        s->n = s->fold.n;
    }
}

/* Where what stands at an offset of the view begins in the original: after
 * hidden characters. */
size_t aigov__raw_from(const aigov__scan *s, size_t view)
{
    size_t low = 0, high = s->shifts;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->shift[mid].view <= view) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low == 0 ? view
                    : s->shift[low - 1].raw + (view - s->shift[low - 1].view);
}

/* Where what ends at an offset of the view ends in the original: before hidden
 * characters. */
size_t aigov__raw_to(const aigov__scan *s, size_t view)
{
    size_t low = 0, high = s->shifts;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->shift[mid].view < view) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    if (low < s->shifts && s->shift[low].view == view) {
        return s->shift[low].raw;
    }
    return low == 0 ? view
                    : s->shift[low - 1].raw + (view - s->shift[low - 1].view);
}
