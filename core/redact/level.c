/*
 * level.c - a string of JSON as a text of its own, and the way back
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "level.h"

static uint32_t hex4(const char *p)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = (uint8_t)p[i];
        v = v << 4 | (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
}

/* The bytes that the \u escape at p stands for; returns what it takes.  A lone
 * surrogate gives three, as if it were a character. */
static size_t unicode(const char *p, const char *end, char out[4], size_t *made)
{
    uint32_t c = hex4(p + 2), low;
    size_t used = 6;
    if (c >= 0xD800 && c <= 0xDBFF && end - p >= 12 && p[6] == '\\' &&
        p[7] == 'u') {
        low = hex4(p + 8);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            used = 12;
        }
    }
    *made = aigov__utf8_encode(c, out);
    return used;
}

/* The byte or escape at p of a literal that the reader took: what it stands
 * for; returns the bytes it takes. */
static size_t unit(const char *p, const char *end, char out[4], size_t *made)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *hit;
    *made = 1;
    out[0] = *p;
    if (*p != '\\' || end - p < 2) {
        return 1;
    }
    if (p[1] == 'u') {
        return unicode(p, end, out, made);
    }
    hit = strchr(from, p[1]);
    out[0] = hit != NULL ? to[hit - from] : p[1];
    return 2;
}

static bool decode(aigov_buf *b, const char *p, const char *end)
{
    size_t made;
    b->n = 0;
    if (!aigov_buf_reserve(b, (size_t)(end - p) + 4)) {
        return false;
    }
    while (p < end) {
        const char *back = memchr(p, '\\', (size_t)(end - p));
        size_t run = (size_t)((back == NULL ? end : back) - p);
        memcpy(b->p + b->n, p, run);
        b->n += run;
        p += run;
        if (p < end) {
            p += unit(p, end, b->p + b->n, &made);
            b->n += made;
        }
    }
    return true;
}

size_t aigov__level_written(aigov__level *l, aigov_span below, size_t view,
                            bool end)
{
    char bytes[4];
    size_t made;
    if (l->plain) {
        return l->literal + view;
    }
    while (l->view < view) {
        size_t used = unit(below.p + l->raw, below.p + below.n, bytes, &made);
        if (!end && l->view + made > view) {
            break;
        }
        l->view += made;
        l->raw += used;
    }
    return l->raw;
}

/* There are two quotes at most. */
static size_t escaped_size(unsigned char c)
{
    return c == '"' || c == '\\' ? 2 : c < 0x20 ? 6 : 1;
}

bool aigov__escape_more(aigov_buf *b)
{
    static const char digit[] = "0123456789abcdef";
    size_t size = 0, k;
    for (size_t i = 0; i < b->n; i++) {
        size += escaped_size((unsigned char)b->p[i]);
    }
    if (size == b->n) {
        return true;
    }
    if (!aigov_buf_reserve(b, size - b->n)) {
        return false;
    }
    k = size;
    for (size_t i = b->n; i > 0; i--) {
        unsigned char c = (unsigned char)b->p[i - 1];
        char text[6] = {'\\', 'u', '0', '0', digit[c >> 4], digit[c & 15]};
        size_t n = escaped_size(c);
        k -= n;
        if (n == 2) {
            text[1] = (char)c;
        }
        memcpy(b->p + k, n == 1 ? (const char *)&c : text, n);
    }
    b->n = size;
    return true;
}

/* Where the literal whose quote is at `at` ends: its closing quote. */
static size_t closing_quote(aigov_span text, size_t at)
{
    const char *p = text.p + at + 1, *end = text.p + text.n;
    while (p < end) {
        p = aigov__ascii_run(p, end);
        if (p == end || *p == '"') {
            break;
        }
        p += *p == '\\' && end - p > 1 ? 2 : 1;
    }
    return (size_t)(p - text.p);
}

/* The text of the string at l->literal: decoded by the reader, where
 * that is what it stands for, else here. */
static bool read_text(aigov__level *l, const aigov__level *below,
                      const aigov_node *node)
{
    size_t end = closing_quote(below->text, l->literal - 1);
    const char *p = below->text.p + l->literal;
    l->text = (aigov_span){p, end - l->literal};
    l->plain = memchr(p, '\\', l->text.n) == NULL;
    l->end = end + 1;
    if (l->plain) {
        return true;
    }
    if (node != NULL && !below->j->nonconforming) {
        l->text = (aigov_span){node->text, node->size};
        return true;
    }
    if (!decode(&l->decoded, p, below->text.p + end)) {
        return false;
    }
    l->text = aigov_buf_span(&l->decoded);
    return true;
}

bool aigov__level_enter(aigov__level *l, const aigov__level *below, size_t at,
                        const aigov_node *node)
{
    l->literal = l->raw = at + 1;
    l->view = 0;
    if (node == NULL || node->text != below->text.p + at + 1) {
        return read_text(l, below, node);
    }
    l->text = (aigov_span){node->text, node->size};
    l->plain = true;
    l->end = at + node->size + 2;
    return true;
}
