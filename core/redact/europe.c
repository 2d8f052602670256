/*
 * europe.c - checks of European identifiers
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

int aigov__check_pl_pesel(const aigov__window *w);

int aigov__check_pl_pesel(const aigov__window *w)
{
    static const int weight[11] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1};
    return aigov__weighted(w->compact, weight, 11) % 10 == 0 ? 0 : AIGOV__NO;
}
