/*
 * fold.h - what the files of the fold share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_REDACT_FOLD_H
#define AIGOV_REDACT_FOLD_H

#include "internal.h"

/* Code points that stand for what is to be done. */
#define AIGOV__DROP 0xFFFFFFFFu /* nothing is put for it */
#define AIGOV__KEEP 0xFFFFFFFEu /* it stays as it is */

/* Bytes [from, to) of a text for which one character is put, or nothing. */
typedef struct aigov__unit {
    size_t from, to;
    uint32_t c; /* code point, or AIGOV__DROP */
} aigov__unit;

#define AIGOV__UNITS 12 /* that one place makes at most */

#define AIGOV__MAX_LABEL 40 /* of a spelled address */

/* fold_chars.c: the character that c is folded to, AIGOV__DROP or KEEP. */
uint32_t aigov__fold_char(uint32_t c);
/* The Latin letter that a Cyrillic or Greek one looks like, or 0. */
char aigov__look_alike(uint32_t c);

/* fold_units.c: the units that begin at i, or one byte before where a space is
 * part of one; none begins before low.  Returns how many. */
int aigov__fold_ascii(aigov_span t, size_t i, size_t low,
                      aigov__unit u[AIGOV__UNITS]);

#endif
