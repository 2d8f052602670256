/*
 * utf8.c - UTF-8 as RFC 3629 has it
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

size_t aigov_utf8_valid(aigov_span s)
{
    if (s.n == 0) {
        return 0;
    }
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        uint64_t x;
        if (end - p >= 8 &&
            (memcpy(&x, p, 8), (x & 0x8080808080808080U) == 0)) {
            p += 8;
        } else if ((uint8_t)*p < 0x80) {
            p++;
        } else {
            size_t n = aigov__utf8_length(p, end);
            if (n == 0) {
                break;
            }
            p += n;
        }
    }
    return (size_t)(p - s.p);
}

uint32_t aigov__utf8_decode(const char *text, size_t n)
{
    const uint8_t *p = (const uint8_t *)text;

    switch (n) {
    case 1:
        return p[0];
    case 2:
        return (p[0] & 0x1FU) << 6 | (p[1] & 0x3FU);
    case 3:
        return (p[0] & 0x0FU) << 12 | (p[1] & 0x3FU) << 6 | (p[2] & 0x3FU);
    default:
        return (p[0] & 0x07U) << 18 | (p[1] & 0x3FU) << 12 |
               (p[2] & 0x3FU) << 6 | (p[3] & 0x3FU);
    }
}

size_t aigov__utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

size_t aigov__plain_text(aigov_span s)
{
    size_t i = 0, n;
    for (; i < s.n; i += n) {
        uint8_t c = (uint8_t)s.p[i];
        n = 1;
        if (c < 0x20 || c == 0x7F) {
            return i;
        }
        if (c < 0x80) {
            continue;
        }
        n = aigov__utf8_length(s.p + i, s.p + s.n);
        if (n == 0 || aigov__noncharacter(aigov__utf8_decode(s.p + i, n))) {
            return i;
        }
    }
    return i;
}
