/*
 * ip.c - IP and MAC addresses
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__ipv4(aigov__scan *s, size_t from, size_t to)
{
    (void)s;
    (void)from;
    (void)to;
}

void aigov__ipv6(aigov__scan *s, size_t colon)
{
    (void)s;
    (void)colon;
}
