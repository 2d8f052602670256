/*
 * email.c - addresses: aigov__on_at
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__on_at(aigov__scan *s, size_t i)
{
    (void)s;
    (void)i;
}
