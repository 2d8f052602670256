/*
 * uuid.c - the text of UUIDs (RFC 9562 4) and of hex digests
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

/* Value of a hex digit; 256 for any other byte, so that two are above 255. */
static unsigned digit(char c, bool upper)
{
    unsigned number = (uint8_t)(c - '0');
    unsigned letter = (uint8_t)((upper ? c | 0x20 : c) - 'a');

    return number < 10 ? number : letter < 6 ? letter + 10 : 256;
}

/* Whether a hyphen stands before byte i. */
static bool hyphen(int i)
{
    return i == 4 || i == 6 || i == 8 || i == 10;
}

void aigov_uuid_format(const uint8_t id[16], char out[AIGOV_UUID_LEN + 1])
{
    static const char hex[] = "0123456789abcdef";

    for (int i = 0; i < 16; i++) {
        if (hyphen(i)) {
            *out++ = '-';
        }
        *out++ = hex[id[i] >> 4];
        *out++ = hex[id[i] & 15];
    }
    *out = '\0';
}

bool aigov_uuid_parse(aigov_span s, uint8_t id[16])
{
    uint8_t got[16];
    const char *p = s.p;

    if (p == NULL || s.n != AIGOV_UUID_LEN) {
        return false;
    }
    for (int i = 0; i < 16; i++) {
        if (hyphen(i) && *p++ != '-') {
            return false;
        }
        unsigned v = digit(p[0], true) << 4 | digit(p[1], true);
        if (v > 255) {
            return false;
        }
        got[i] = (uint8_t)v;
        p += 2;
    }
    memcpy(id, got, sizeof got);
    return true;
}

bool aigov_hex_parse(aigov_span s, uint8_t *out, size_t n)
{
    if (s.p == NULL || s.n % 2 != 0 || s.n / 2 != n) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (digit(s.p[i], false) > 15) {
            return false;
        }
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)(digit(s.p[2 * i], false) << 4 |
                           digit(s.p[2 * i + 1], false));
    }
    return true;
}
