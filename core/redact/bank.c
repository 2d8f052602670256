/*
 * bank.c - bank codes in capitals
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__on_capitals(aigov__scan *s, size_t from, size_t to)
{
    (void)s;
    (void)from;
    (void)to;
}
