/*
 * date.c - dates and times, dates of birth
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__date(aigov__scan *s, size_t from, size_t to)
{
    (void)s;
    (void)from;
    (void)to;
}
