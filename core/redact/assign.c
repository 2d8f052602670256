/*
 * assign.c - what is assigned to a name that means a secret
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__assignment(aigov__scan *s, size_t sign)
{
    (void)s;
    (void)sign;
}

void aigov__spoken(aigov__scan *s, size_t from, size_t to)
{
    (void)s;
    (void)from;
    (void)to;
}
