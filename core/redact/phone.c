/*
 * phone.c - telephone numbers
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__phone(aigov__scan *s, size_t from, size_t to)
{
    (void)s;
    (void)from;
    (void)to;
}
