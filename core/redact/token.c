/*
 * token.c - credentials known by their form
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__known_token(aigov__scan *s, size_t from, size_t to)
{
    (void)s;
    (void)from;
    (void)to;
}
