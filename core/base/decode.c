/*
 * decode.c - strings that are not plain: escapes, the arena, the escaped form
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Decoded strings live in chunks that never move, since nodes point into them.
 * While a string is being written nothing points into it: where it outgrows its
 * chunk it goes to a bigger one.
 */
#include "reader.h"

#define CHUNK ((size_t)4096)
#define MAX_CHUNK ((size_t)1 << 20)

/* --- failing ------------------------------------------------------------- */

const char *aigov__syntax(struct reader *r, const char *p, const char *what)
{
    if (p == r->end) {
        what = "unexpected end of the JSON text";
    }
    r->status =
        aigov_fail(r->err, AIGOV_NOTJSON, (size_t)(p - r->text), "%s", what);
    return NULL;
}

const char *aigov__read_nomem(struct reader *r)
{
    r->status = aigov__nomem(r->err);
    return NULL;
}

/* Note an offence against I-JSON at p; false: stop and start over. */
bool aigov__offence(struct reader *r, const char *p, const char *what)
{
    size_t at = (size_t)(p - r->text);

    if (!r->judging) {
        return true;
    }
    if (at < r->bad_at) {
        r->bad_at = at;
        r->bad_what = what;
    }
    r->taint = AIGOV_NODE_NONCONFORMING | AIGOV_NODE_TAINTED;
    r->restart = r->x->mode == AIGOV_JSON_CONTENT && !r->escaping;
    return !r->restart;
}

/* --- the arena ----------------------------------------------------------- */

static struct aigov__chunk *new_chunk(struct reader *r, size_t need)
{
    struct aigov__chunk *last = r->x->chunk;
    size_t cap = last == NULL ? CHUNK : last->cap * 2;

    if (cap > MAX_CHUNK) {
        cap = MAX_CHUNK;
    }
    if (cap < need) {
        cap = need;
    }
    struct aigov__chunk *c = aigov_malloc(r->j->ctx, sizeof *c + cap);
    if (c == NULL) {
        return NULL;
    }
    c->cap = cap;
    c->n = 0;
    c->next = NULL;
    if (last == NULL) {
        r->x->chunks = c;
    } else {
        c->next = last->next;
        last->next = c;
    }
    return c;
}

/* Make room for n more bytes of the open string; moves it to another chunk
 * where its own is full.  Nothing points into an open string yet. */
static bool more_room(struct reader *r, size_t n)
{
    size_t have = (size_t)(r->w - r->w_start);
    size_t need = 2 * have + n;
    struct aigov__chunk *c = r->x->chunk;

    c = c == NULL ? NULL : c->next;
    if (c == NULL || c->cap < need) {
        c = new_chunk(r, need);
        if (c == NULL) {
            aigov__read_nomem(r);
            return false;
        }
    }
    c->n = 0;
    if (have != 0) {
        memcpy(c->data, r->w_start, have);
    }
    r->x->chunk = c;
    r->w_start = c->data;
    r->w = c->data + have;
    r->w_end = c->data + c->cap;
    return true;
}

static inline bool room(struct reader *r, size_t n)
{
    return AIGOV__LIKELY((size_t)(r->w_end - r->w) >= n) || more_room(r, n);
}

void aigov__open_string(struct reader *r)
{
    struct aigov__chunk *c = r->x->chunk;

    r->w_start = r->w = r->w_end = r->none;
    if (c != NULL) {
        r->w_start = r->w = c->data + c->n;
        r->w_end = c->data + c->cap;
    }
}

bool aigov__put(struct reader *r, const char *p, size_t n)
{
    if (!room(r, n)) {
        return false;
    }
    if (n != 0) {
        memcpy(r->w, p, n);
        r->w += n;
    }
    return true;
}

/* Give the open string to node i; in a deep value it is dropped. */
void aigov__close_string(struct reader *r, uint32_t i)
{
    aigov_node *node = &r->x->node[i];

    node->size = (uint32_t)(r->w - r->w_start);
    node->text = node->size == 0 ? "" : r->w_start;
    if (r->x->chunk != NULL && r->deep == 0) {
        r->x->chunk->n = (size_t)(r->w - r->x->chunk->data);
    }
}

/* --- the escaped form ---------------------------------------------------- */

/* U+241B, a letter and v in lower-case hex digits. */
static bool put_escape(struct reader *r, char letter, int width, uint32_t v)
{
    static const char hex[] = "0123456789abcdef";

    if (!room(r, 16)) {
        return false;
    }
    memcpy(r->w, AIGOV__ESC, 3);
    r->w[3] = letter;
    for (int i = 0; i < width; i++) {
        r->w[4 + i] = hex[v >> 4 * (width - 1 - i) & 15];
    }
    r->w += 4 + width;
    return true;
}

/* U+0000, a lone surrogate or a noncharacter that stands at p. */
static bool put_forbidden(struct reader *r, const char *p, uint32_t c,
                          const char *what)
{
    char utf8[4];

    if (!aigov__offence(r, p, what)) {
        return false;
    }
    if (r->escaping) {
        return c > 0xFFFF ? put_escape(r, 'U', 6, c) : put_escape(r, 'u', 4, c);
    }
    /* a lone surrogate has no UTF-8: U+FFFD stands for it (SYNTAX) */
    if (c >= 0xD800 && c <= 0xDFFF) {
        c = 0xFFFD;
    }
    return aigov__put(r, utf8, aigov__utf8_encode(c, utf8));
}

static bool put_code_point(struct reader *r, const char *p, uint32_t c)
{
    char utf8[4];

    if (c == 0) {
        return put_forbidden(r, p, c, "U+0000 in a string");
    }
    if (c >= 0xD800 && c <= 0xDFFF) {
        return put_forbidden(r, p, c, "lone surrogate in a string");
    }
    if (aigov__noncharacter(c)) {
        return put_forbidden(r, p, c, "noncharacter in a string");
    }
    if (c == 0x241B && r->escaping) {
        return aigov__put(r, AIGOV__ESC AIGOV__ESC, 6);
    }
    return aigov__put(r, utf8, aigov__utf8_encode(c, utf8));
}

/* The byte >= 0x80 at p and what belongs to it; returns what follows. */
const char *aigov__put_non_ascii(struct reader *r, const char *p)
{
    size_t n = aigov__utf8_length(p, r->end);

    if (n == 0) {
        if (r->x->mode != AIGOV_JSON_CONTENT) {
            return aigov__syntax(r, p, "a byte that is not UTF-8");
        }
        if (!aigov__offence(r, p, "a byte that is not UTF-8") ||
            !put_escape(r, 'x', 2, (uint8_t)*p)) {
            return NULL;
        }
        return p + 1;
    }
    if (n == 2) {
        return aigov__put(r, p, 2) ? p + 2 : NULL;
    }
    return put_code_point(r, p, aigov__utf8_decode(p, n)) ? p + n : NULL;
}

/* --- strings ------------------------------------------------------------- */

/* Four hex digits at p; returns the first that is none, or NULL. */
static const char *hex4(const struct reader *r, const char *p, uint32_t *v)
{
    *v = 0;
    for (int i = 0; i < 4; i++, p++) {
        if (p == r->end) {
            return p;
        }
        char c = *p;
        if (c >= '0' && c <= '9') {
            *v = *v << 4 | (uint32_t)(c - '0');
        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            *v = *v << 4 | (uint32_t)((c | 32) - 'a' + 10);
        } else {
            return p;
        }
    }
    return NULL;
}

/* \uXXXX at p, with its low surrogate where it has one. */
static const char *unicode_escape(struct reader *r, const char *p)
{
    uint32_t c, low;
    const char *bad = hex4(r, p + 2, &c);
    const char *next = p + 6;

    if (bad != NULL) {
        return aigov__syntax(r, bad, "four hex digits expected after \\u");
    }
    if (c >= 0xD800 && c <= 0xDBFF && r->end - next >= 6 && next[0] == '\\' &&
        next[1] == 'u' && hex4(r, next + 2, &low) == NULL && low >= 0xDC00 &&
        low <= 0xDFFF) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        next += 6;
    }
    return put_code_point(r, p, c) ? next : NULL;
}

/* The escape at p; returns what follows. */
static const char *put_escaped(struct reader *r, const char *p)
{
    /* what follows the backslash and what it stands for */
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

    if (r->end - p < 2) {
        return aigov__syntax(r, r->end, "");
    }
    if (p[1] == 'u') {
        return unicode_escape(r, p);
    }
    const char *hit = p[1] == '\0' ? NULL : strchr(from, p[1]);
    if (hit == NULL) {
        return aigov__syntax(r, p + 1, "invalid escape in a string");
    }
    return aigov__put(r, to + (hit - from), 1) ? p + 2 : NULL;
}

/* Copy a run of plain ASCII into the open string. */
static const char *put_run(struct reader *r, const char *p)
{
#ifdef AIGOV__SSE2
    while (r->end - p >= 16 && r->w_end - r->w >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop =
            _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(0x20)),
                         _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                      _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
        int mask = _mm_movemask_epi8(stop);
        _mm_storeu_si128((__m128i *)(void *)r->w, x);
        if (mask != 0) {
            int n = __builtin_ctz((unsigned)mask);
            r->w += n;
            return p + n;
        }
        r->w += 16;
        p += 16;
    }
#endif
    const char *run = aigov__ascii_run(p, r->end);
    return aigov__put(r, p, (size_t)(run - p)) ? run : NULL;
}

/* A string that needs decoding from p on; start is its first byte. */
const char *aigov__decode(struct reader *r, const char *start, const char *p,
                          uint32_t i)
{
    aigov__open_string(r);
    if (!aigov__put(r, start, (size_t)(p - start))) {
        return NULL;
    }
    for (;;) {
        p = put_run(r, p);
        if (p == NULL || p == r->end) {
            return p == NULL ? NULL : aigov__syntax(r, p, "");
        }
        if (*p == '"') {
            aigov__close_string(r, i);
            return p + 1;
        }
        if (*p == '\\') {
            p = put_escaped(r, p);
        } else if ((uint8_t)*p >= 0x80) {
            p = aigov__put_non_ascii(r, p);
        } else {
            return aigov__syntax(r, p, "control character in a string");
        }
        if (p == NULL) {
            return NULL;
        }
    }
}
