/*
 * encoded.c - segments in base64 or hex, decoded and looked into
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__encoded(aigov__scan *s, size_t from, size_t to)
{
    (void)s;
    (void)from;
    (void)to;
}
