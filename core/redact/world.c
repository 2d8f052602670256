/*
 * world.c - checks of identifiers outside of Europe
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

int aigov__check_us_ssn(const aigov__window *w);

int aigov__check_us_ssn(const aigov__window *w)
{
    int area = aigov__number(w->compact, 3);
    return area == 0 || area == 666 || area >= 900 ? AIGOV__NO : 0;
}
