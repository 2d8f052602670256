/*
 * url.c - URLs and the credentials in them
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

void aigov__url(aigov__scan *s, size_t colon)
{
    (void)s;
    (void)colon;
}
