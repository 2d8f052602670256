/*
 * level.h - a string of JSON as a text of its own, and the way back
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   level 0   {"a":"{\"ssn\":78051120}"}     the text itself
 *   level 1         {"ssn":78051120}         what a string holds, decoded
 *
 * Where a string is written without escapes its text is that of the level
 * below; else it was decoded, by the reader or into `decoded`.
 */
#ifndef AIGOV_REDACT_LEVEL_H
#define AIGOV_REDACT_LEVEL_H

#include "internal.h"

typedef struct aigov__level {
    const aigov_json *j;
    aigov_json own;   /* what j is, but for the caller's on level 0 */
    aigov_span text;  /* decoded */
    size_t literal;   /* where it begins in the level below, after the quote */
    size_t end;       /* where it ends there, behind the quote */
    bool plain;       /* written without escapes */
    size_t view, raw; /* how far it was walked: in text, in the level below */
    aigov_buf decoded;
} aigov__level;

/* Make l the string whose quote is at `at` of the level below; node NULL: the
 * reader has not decoded it.  False: out of memory. */
bool aigov__level_enter(aigov__level *l, const aigov__level *below, size_t at,
                        const aigov_node *node);
/* Where an offset of the text is in the level below: the escape that makes it,
 * or, for an end, behind it.  Offsets come in order. */
size_t aigov__level_written(aigov__level *l, aigov_span below, size_t view,
                            bool end);
/* Escape quotes, backslashes and control characters once more.  False: out of
 * memory. */
bool aigov__escape_more(aigov_buf *b);

/* label.c: what is said of the value of a member beside it, or absent. */
aigov_span aigov__label_of(const aigov_json *j, uint32_t object,
                           aigov_span name);

#endif
