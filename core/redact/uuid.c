/*
 * uuid.c - RFC 9562 identifiers: 8-4-4-4-12 hexadecimal digits
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

#define LENGTH 36

void aigov__uuid(aigov__scan *s, size_t from, size_t to)
{
    if (to - from != LENGTH) {
        return;
    }
    for (size_t i = 0; i < LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        unsigned char c = (unsigned char)s->p[from + i];
        if (dash ? c != '-' : !aigov__is_hex(c)) {
            return;
        }
    }
    aigov__report(s, AIGOV__D_uuid, from, to, 80, 0);
}
