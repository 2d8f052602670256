/*
 * match.h - regular expressions that cost what their size says
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The `matches` of CEL: RE2 syntax, yes or no, anywhere in the text.  A pattern
 * is compiled once, never changes and needs no memory of its own to match: the
 * caller lends it.  Time is at most proportional to instructions times bytes,
 * whatever the pattern, and the result depends on nothing but the two texts:
 * no locale, no clock, and the Unicode tables are part of the source.
 *
 *   match_parse.c    text to program, one pass, no recursion
 *   match_class.c    [...], \p{...}, escapes
 *   match_set.c      sets of code points, folding, Unicode
 *   match_compile.c  program to tables
 *   match.c          the search
 *
 * docs/policy-engine.md says what of RE2 differs, and why no library is used.
 */
#ifndef AIGOV_CEL_MATCH_H
#define AIGOV_CEL_MATCH_H

#include "../base/internal.h"

#define AIGOV__REGEX_BYTES 4096        /* of a pattern's text */
#define AIGOV__REGEX_INSTRUCTIONS 1000 /* of its program */
#define AIGOV__REGEX_RANGES 16384      /* of code points in its sets */
#define AIGOV__REGEX_DEPTH 200         /* of groups in groups */
#define AIGOV__REGEX_REPEAT 1000       /* {n}, as RE2 */

typedef struct aigov__regex aigov__regex;

/*
 * aigov__regex_new - compile
 *
 * in      pattern   RE2 syntax in UTF-8; not kept
 * out     *out      immutable; any number of searches may share it
 * returns AIGOV_OK
 *         AIGOV_ARG     bad syntax or UTF-8; err->pos is the byte offset
 *         AIGOV_TOOBIG  one of the limits above; err->pos as well
 *         AIGOV_NOMEM
 * cost    about 10 us for twenty instructions
 */
aigov_status aigov__regex_new(aigov_ctx *ctx, aigov_span pattern,
                              aigov__regex **out, aigov_error *err);
void aigov__regex_free(aigov__regex *p); /* NULL is fine */

/* Instructions, 1..1000.  A search costs ceil(size * text bytes / 64) units. */
uint32_t aigov__regex_size(const aigov__regex *p);

/* Bytes that a search needs, aligned for uint64_t; 0 for most patterns. */
size_t aigov__regex_scratch(const aigov__regex *p);

/*
 * aigov__regex_matches - whether the pattern matches somewhere in the text
 *
 * in      text      UTF-8; a byte that is none counts as U+FFFD
 *         scratch   aigov__regex_scratch bytes of any content, or NULL for 0
 * cost    about 2 ns a byte for most patterns, see
 *         bench/core_match.c; allocates nothing and cannot fail
 */
bool aigov__regex_matches(const aigov__regex *p, aigov_span text,
                          void *scratch);

/* The same by the search that serves programs of any size, so that tests
 * compare the two; scratch is of AIGOV__REGEX_SCRATCH bytes. */
#define AIGOV__REGEX_SCRATCH (8 * (AIGOV__REGEX_INSTRUCTIONS + 1))
bool aigov__regex_matches_any_size(const aigov__regex *p, aigov_span text,
                                   void *scratch);

#endif
