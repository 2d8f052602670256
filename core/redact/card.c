/*
 * card.c - payment cards
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

int aigov__check_credit_card(const aigov__window *w);

int aigov__check_credit_card(const aigov__window *w)
{
    return aigov__luhn(w->compact, w->n) ? 0 : AIGOV__NO;
}
