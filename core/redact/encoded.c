/*
 * encoded.c - segments in base64 or hex, decoded and looked into
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A run of the base64 alphabets (RFC 4648 4 and 5) of 24 characters and more,
 * or a token of 32 and more hexadecimal digits, is decoded; where that gives
 * text (UTF-8, or UTF-16LE of ASCII as PowerShell's), the text is scanned by a
 * scanner of its own, which does the same once more.  If anything but what is
 * soft is found, the whole segment is a hit of the detector that found the
 * worst, with AIGOV_WHY_ENCODED.  (Percent-encoding is undone by the fold.)
 *
 * Most long tokens are no text in disguise: four in five are refused by their
 * first 16 characters.  A run is decoded once, 64 KB of it, so that the cost
 * is linear and depends on nothing but the run.
 */
#include "internal.h"

#define MIN_BASE64 24
#define MIN_HEX 32
#define MAX_RUN (64 * 1024)
#define MAX_DEPTH 2
#define LOOK_BACK 64 /* for the start of a run that has + or / in it */
#define HEAD 16      /* characters that are decoded before the rest */

/* --- alphabets ----------------------------------------------------------- */

static int hex_value(unsigned char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* n characters, all of the alphabet, into out; how many bytes they make. */
static size_t decode_base64(const char *p, size_t n, char *out)
{
    uint32_t bits = 0;
    size_t done = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 6 | (uint32_t)aigov__base64_value((unsigned char)p[i]);
        if ((i & 3) != 0) {
            out[done++] = (char)(bits >> (6 - 2 * (i & 3)));
        }
    }
    return done;
}

static size_t decode_hex(const char *p, size_t n, char *out)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        out[i / 2] = (char)(hex_value((unsigned char)p[i]) << 4 |
                            hex_value((unsigned char)p[i + 1]));
    }
    return n / 2;
}

/* --- what is text -------------------------------------------------------- */

static bool is_printable(char c)
{
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r';
}

/* Whether UTF-16LE of ASCII begins here. */
static bool is_wide(const char *p, size_t n)
{
    for (size_t i = 0; i + 1 < n && i < 12; i += 2) {
        if (!is_printable(p[i]) || p[i + 1] != 0) {
            return false;
        }
    }
    return n >= 12;
}

static size_t narrow(char *p, size_t n)
{
    for (size_t i = 0; 2 * i < n; i++) {
        p[i] = p[2 * i];
    }
    return n / 2;
}

/* Whether all but a few bytes are of printable characters. */
static bool is_text(const char *p, size_t n)
{
    size_t bad = 0, length;
    for (size_t i = 0; i < n; i += length) {
        length = 1;
        if ((unsigned char)p[i] >= 0x80) {
            length = aigov__utf8_length(p + i, p + n);
        } else if (!is_printable(p[i])) {
            length = 0;
        }
        bad += length == 0;
        length += length == 0;
    }
    return bad * 16 <= n;
}

/* --- looking into it ----------------------------------------------------- */

static aigov_scanner *inner(aigov__scan *s)
{
    aigov_error err;
    if (s->inner == NULL) {
        if (aigov_scanner_new(s->ctx, &s->inner, &err) != AIGOV_OK) {
            s->nomem = true;
            return NULL;
        }
        s->inner->depth = s->depth + 1;
    }
    s->inner->rules = s->rules;
    s->inner->profile = s->profile;
    return s->inner;
}

/* The finding to name the segment after: a secret before personal data, then
 * by score; NULL where there is nothing but what is kept. */
static const aigov_finding *worst(const aigov_finding *f, size_t n)
{
    const aigov_finding *found = NULL;
    for (size_t i = 0; i < n; i++) {
        bool secret = f[i].detector->class_ == AIGOV_CLASS_SECRET;
        bool before =
            found != NULL && found->detector->class_ == AIGOV_CLASS_SECRET;
        if (f[i].acted && (found == NULL || secret > before ||
                           (secret == before && f[i].score > found->score))) {
            found = &f[i];
        }
    }
    return found;
}

/* Scan what [from, to) decodes to; it is in s->decoded. */
static bool scan_decoded(aigov__scan *s, size_t from, size_t to)
{
    aigov_scanner *in = inner(s);
    const aigov_finding *f;
    aigov_status status;
    aigov_error err;
    size_t n;
    if (in == NULL) {
        return false;
    }
    status =
        aigov_scan(in, aigov_buf_span(&s->decoded), AIGOV_ABSENT, &f, &n, &err);
    if (status != AIGOV_OK) {
        s->canceled = status == AIGOV_CANCELED;
        s->withheld = status == AIGOV_WITHHELD ? in->withheld : NULL;
        s->nomem = !s->canceled && s->withheld == NULL;
        return false;
    }
    f = worst(f, n);
    if (f != NULL) {
        aigov__report(s, f->number, from, to, f->score,
                      AIGOV_WHY_ENCODED | (f->why & AIGOV_WHY_VALIDATED));
    }
    return f != NULL;
}

/* Decode [from, to), which is all of one alphabet, and scan it. */
static bool look_into(aigov__scan *s, size_t from, size_t to, size_t end,
                      size_t (*decode)(const char *p, size_t n, char *out))
{
    char head[HEAD];
    size_t n = decode(s->p + from, HEAD, head);
    aigov_buf *b = &s->decoded;
    if (!is_wide(head, n) && !is_text(head, n - 3)) { /* may cut a character */
        return false;
    }
    b->n = 0;
    if (!aigov_buf_reserve(b, to - from)) {
        s->nomem = true;
        return false;
    }
    b->n = decode(s->p + from, to - from, b->p);
    if (is_wide(b->p, b->n)) {
        b->n = narrow(b->p, b->n);
    }
    return is_text(b->p, b->n) && scan_decoded(s, from, end);
}

/* --- runs ---------------------------------------------------------------- */

/* Both alphabets, but not the signs at the end. */
static bool is_base64(const aigov__scan *s, size_t i)
{
    return aigov__at_is(s, i, AIGOV__TOKEN | AIGOV__BASE64) && s->p[i] != '=';
}

static bool try_base64(aigov__scan *s, size_t from, size_t to)
{
    size_t end = to;
    if (to - from < MIN_BASE64 || (to - from) % 4 == 1) {
        return false;
    }
    while (end < to + 2 && aigov__at(s, end) == '=') {
        end++;
    }
    return look_into(s, from, to, end, decode_base64);
}

static void in_base64(aigov__scan *s, size_t from)
{
    size_t start = from, to = from;
    while (start > s->encoded_done && from - start < LOOK_BACK &&
           is_base64(s, start - 1)) {
        start--;
    }
    while (to - start < MAX_RUN && is_base64(s, to)) {
        to++;
    }
    s->encoded_done = to;
    if (!try_base64(s, start, to) && start != from) {
        try_base64(s, from, to); /* what is before was a path */
    }
}

static bool in_hex(aigov__scan *s, size_t from, size_t to)
{
    size_t i;
    from += aigov__has(s, from, "0x") ? 2 : 0;
    if (to - from < MIN_HEX || (to - from) % 2 != 0 || to - from > MAX_RUN) {
        return false;
    }
    for (i = from; i < to && aigov__is_hex((unsigned char)s->p[i]); i++) {
    }
    return i == to && look_into(s, from, to, to, decode_hex);
}

void aigov__encoded(aigov__scan *s, size_t from, size_t to)
{
    if (s->depth < MAX_DEPTH && from >= s->encoded_done &&
        !in_hex(s, from, to)) {
        in_base64(s, from);
    }
}
