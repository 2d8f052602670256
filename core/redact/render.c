/*
 * render.c - what stands in the place of a finding
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   replace   [ENTITY], in names of a JSON object [ENTITY_2] from the second on
 *   mask      a '*' for each letter, digit and character beyond ASCII; space
 *             and signs stay, but for quotes and backslashes (they would have
 *             to be escaped) and all of a secret, which become '*' too
 *   drop      nothing
 *
 *   hash, pseudonym, vault   keyed.c; without a key they replace
 *
 * For a model all that replace give [ENTITY_n] (numbered.c), and none of them a
 * keyed form.
 */
#include "numbered.h"

#include <stdio.h>

bool aigov__render_name(const aigov_finding *f, uint32_t number, aigov_buf *out)
{
    char text[16] = "]";
    if (number > 1) {
        snprintf(text, sizeof text, "_%u]", (unsigned)number);
    }
    return aigov_buf_put(out, "[", 1) &&
           aigov_buf_puts(out, f->detector->entity) &&
           aigov_buf_puts(out, text);
}

static bool stays(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && !aigov__is(c, AIGOV__ALNUM) && c != '"' &&
           c != '\\';
}

static bool mask(aigov_span value, bool secret, aigov_buf *out)
{
    const char *p = value.p, *end = value.p + value.n;
    if (!aigov_buf_reserve(out, value.n)) {
        return false;
    }
    while (p < end) {
        unsigned char c = (unsigned char)*p;
        size_t length = c < 0x80 ? 1 : aigov__utf8_length(p, end);
        out->p[out->n++] = !secret && stays(c) ? (char)c : '*';
        p += length == 0 ? 1 : length;
    }
    return true;
}

bool aigov__render_id(aigov__scan *s, const aigov_finding *f, aigov_span value,
                      aigov_buf *out)
{
    bool secret = f->detector->class_ == AIGOV_CLASS_SECRET;
    return aigov__has_key(s)
               ? aigov__put_token(
                     s, f, value,
                     secret ? AIGOV__OP_PSEUDONYM : AIGOV__OP_VAULT, out)
               : aigov__render_name(f, 1, out);
}

bool aigov__render_finding(aigov__scan *s, const aigov_finding *f,
                           aigov_span value, uint32_t number, aigov_buf *out)
{
    uint8_t op = s->profile != NULL ? s->profile->op[f->number]
                                    : (uint8_t)AIGOV__OP_REPLACE;
    switch (op) {
    case AIGOV__OP_MASK:
        return mask(value, f->detector->class_ == AIGOV_CLASS_SECRET, out);
    case AIGOV__OP_DROP:
        return true;
    default:
        break;
    }
    if (aigov__is_numbered(s)) {
        return aigov__put_numbered(s, f, value, false, out);
    }
    switch (op) {
    case AIGOV__OP_HASH:
    case AIGOV__OP_PSEUDONYM:
    case AIGOV__OP_VAULT:
        return aigov__has_key(s) ? aigov__put_token(s, f, value, op, out)
                                 : aigov__render_name(f, number, out);
    default:
        return aigov__render_name(f, number, out);
    }
}
