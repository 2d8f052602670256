/*
 * pem.c - private keys in blocks
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__on_dashes(aigov__scan *s, size_t i)
{
    (void)s;
    (void)i;
}
