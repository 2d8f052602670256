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
 *
 * A text may come in pieces (aigov__fold_on): then the view ends where what
 * follows may still change it, which is a word and some bytes before the end.
 */
#include "fold.h"

#define WORD_AFTER 64 /* bytes of a word that are looked at */
#define TAIL 16       /* bytes that every unit but a few is decided by */

/* --- what to stop at ----------------------------------------------------- */

#ifdef AIGOV__SSE2

static __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static __m128i is(__m128i x, char c)
{
    return _mm_cmpeq_epi8(x, _mm_set1_epi8(c));
}

/* Bit i: a unit may begin at byte i of 16, by its first four bytes. */
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

/* The next place from i on where a unit may begin; the last bytes are looked at
 * as if zero bytes followed. */
static size_t next_stop(aigov_span t, size_t i)
{
    char tail[48] = {0};
    unsigned m;
    for (; i + 19 <= t.n; i += 16) {
        m = stops(t.p + i);
        if (m != 0) {
            return i + (size_t)__builtin_ctz(m);
        }
    }
    if (i >= t.n) {
        return i;
    }
    memcpy(tail, t.p + i, t.n - i);
    m = stops(tail) | (t.n - i > 16 ? stops(tail + 16) << 16 : 0);
    return m != 0 ? i + (size_t)__builtin_ctz(m) : t.n;
}

#else

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

static size_t next_stop(aigov_span t, size_t i)
{
    while (i < t.n && !may_fold(t.p + i, t.n - i)) {
        i++;
    }
    return i;
}

#endif

/* --- shifts -------------------------------------------------------------- */

static void shift(aigov__scan *s, size_t view, size_t raw)
{
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

/* Room for all of the original: no unit grows. */
static bool has_room(aigov__scan *s)
{
    aigov_buf *b = &s->fold;
    if ((b->p == NULL || b->cap < s->raw.n) &&
        !aigov_buf_reserve(b, s->raw.n - b->n)) {
        s->nomem = true;
    }
    return !s->nomem;
}

/* The original up to `to` as it is. */
static void copy(aigov__scan *s, size_t to)
{
    aigov_buf *b = &s->fold;
    size_t done = s->folding.done;
    if (to > done) {
        memcpy(b->p + b->n, s->raw.p + done, to - done);
        b->n += to - done;
        s->folding.done = to;
    }
}

static void hide(aigov__scan *s, const aigov__unit *u)
{
    size_t view = s->fold.n, n = s->shifts;
    if (n > 1 && s->shift[n - 1].view == view && s->shift[n - 2].view == view &&
        s->shift[n - 1].raw == u->from) {
        s->shift[n - 1].raw = u->to; /* hidden characters in a row */
        return;
    }
    shift(s, view, u->from);
    shift(s, view, u->to);
}

static void put(aigov__scan *s, const aigov__unit *u)
{
    aigov_buf *b = &s->fold;
    char text[4];
    uint32_t c = u->c, more = c == AIGOV__DROP ? c : aigov__fold_char(c);
    size_t n;
    if (!has_room(s)) {
        return;
    }
    copy(s, u->from);
    s->folding.done = s->folding.low = u->to;
    c = more == AIGOV__KEEP ? c : more;
    if (c == AIGOV__DROP) {
        hide(s, u);
        return;
    }
    n = aigov__utf8_encode(c, text);
    for (size_t k = 0; k < n; k++) {
        b->p[b->n++] = text[k];
        shift(s, b->n, u->to);
    }
}

/* --- letters beyond ASCII ------------------------------------------------ */

/* Whether the look-alikes of the word around i are to be Latin; the word ends
 * at word_end. */
static bool mixed_word(aigov__scan *s, size_t i)
{
    aigov_span t = s->raw;
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
    s->folding.word_end = k;
    return ascii && known && k < i + WORD_AFTER;
}

/* One character beyond ASCII at i; returns where to go on. */
static size_t fold_high(aigov__scan *s, size_t i)
{
    aigov__folding *f = &s->folding;
    size_t n = aigov__utf8_length(s->raw.p + i, s->raw.p + s->raw.n);
    aigov__unit u = {i, i + n, 0};
    char latin;
    if (n == 0) {
        return i + 1;
    }
    u.c = aigov__utf8_decode(s->raw.p + i, n);
    if (u.c >= 0x370 && u.c < 0x530) {
        if (i >= f->word_end) {
            f->look_alikes = mixed_word(s, i);
        }
        latin = f->look_alikes ? aigov__look_alike(u.c) : 0;
        if (latin != 0) {
            u.c = (unsigned char)latin;
            put(s, &u);
        }
        return u.to;
    }
    if (aigov__fold_char(u.c) != AIGOV__KEEP) {
        put(s, &u);
    }
    return u.to;
}

static size_t fold_ascii(aigov__scan *s, size_t i)
{
    aigov__unit u[AIGOV__UNITS];
    int n = aigov__fold_ascii(s->raw, i, s->folding.low, u);
    for (int k = 0; k < n; k++) {
        put(s, &u[k]);
    }
    return n == 0 ? i + 1 : u[n - 1].to;
}

/* --- the pass ------------------------------------------------------------ */

/* How many bytes must be there for the unit at i to be decided. */
static size_t needed(aigov_span t, size_t i)
{
    switch ((unsigned char)t.p[i]) {
    case ' ': /* dot: labels on both sides of an at */
        return 512;
    case '&':
    case '\\':
        return 40;
    default:
        /* Greek and Cyrillic look at their word */
        return (unsigned char)t.p[i] >= 0x80 ? WORD_AFTER + 8 : TAIL;
    }
}

/* Fold up to where more is needed. */
static void pass(aigov__scan *s)
{
    aigov__folding *f = &s->folding;
    aigov_span t = s->raw;
    size_t limit = !s->open ? t.n : t.n > TAIL ? t.n - TAIL : 0, i;
    while ((i = next_stop(t, f->next)) < limit && !s->nomem) {
        if (s->open && t.n - i < needed(t, i)) {
            limit = i;
            break;
        }
        f->next =
            (unsigned char)t.p[i] < 0x80 ? fold_ascii(s, i) : fold_high(s, i);
    }
    f->next = limit > f->next ? limit : f->next;
}

/* Up to where a " dot " that follows leaves the view as it is: before " at "
 * and the last label. */
static size_t decided(const aigov__scan *s)
{
    const aigov__folding *f = &s->folding;
    size_t i = f->next;
    while (i > f->done && f->next - i < AIGOV__MAX_LABEL &&
           aigov__is((unsigned char)s->raw.p[i - 1], AIGOV__TOKEN)) {
        i--;
    }
    return i > f->done + 6 ? i - 6 : f->done;
}

void aigov__fold_start(aigov__scan *s)
{
    s->folding = (aigov__folding){0};
    s->shifts = 0;
    s->fold.n = 0;
}

void aigov__fold_on(aigov__scan *s)
{
    if (!has_room(s)) {
        return;
    }
    pass(s);
    if (!s->nomem) {
        copy(s, s->open ? decided(s) : s->raw.n);
        s->p = s->fold.p;
        s->n = s->fold.n;
    }
}

void aigov__fold(aigov__scan *s)
{
    aigov__fold_start(s);
    s->p = s->raw.p;
    s->n = s->raw.n;
    pass(s);
    if (s->shifts != 0 && !s->nomem) {
        copy(s, s->raw.n);
        s->p = s->fold.p;
        s->n = s->fold.n;
    }
}

static size_t less(size_t offset, size_t n)
{
    return offset > n ? offset - n : 0;
}

void aigov__fold_forget(aigov__scan *s, size_t view, size_t raw)
{
    aigov__folding *f = &s->folding;
    size_t kept = 0;
    f->next = less(f->next, raw);
    f->done = less(f->done, raw);
    f->low = less(f->low, raw);
    f->word_end = less(f->word_end, raw);
    s->fold.n -= view;
    memmove(s->fold.p, s->fold.p + view, s->fold.n);
    for (size_t i = 0; i < s->shifts; i++) {
        if (s->shift[i].view > view) {
            s->shift[kept++] =
                (aigov__shift){s->shift[i].view - view, s->shift[i].raw - raw};
        }
    }
    s->shifts = kept;
    s->n = s->fold.n;
}

/* --- the way back -------------------------------------------------------- */

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
