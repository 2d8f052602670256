/*
 * token.h - what the files about credentials share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_REDACT_TOKEN_H
#define AIGOV_REDACT_TOKEN_H

#include "internal.h"

/* Bytes that one credential, other than a private key, may have. */
#define AIGOV__TOKEN_MAX 8192

/* A credential of a known form: its prefix begins at from, its body at body.
 * A check may move to. */
typedef struct aigov__token {
    size_t from, body, to;
} aigov__token;

/* A check of a form in tokens.def; AIGOV__TOKEN_NO, or what to add to why. */
#define AIGOV__TOKEN_NO (-1)
typedef int (*aigov__token_check)(const aigov__scan *s, aigov__token *t);

/*
 * How many different characters [from, to) seems to be drawn from: the square
 * of its length over the sum of squares of how often each occurs (the inverse
 * of Simpson's index).  All the same: 1; random hex: about 11 for 32 digits.
 * Of more than 64 bytes the first 64 are looked at.
 */
unsigned aigov__variety(const aigov__scan *s, size_t from, size_t to);

/* Whether [from, to) stands for a value: "${X}", "<token>", "xxxx", "****". */
bool aigov__is_dummy(const aigov__scan *s, size_t from, size_t to);

/* Kinds of characters in [from, to): AIGOV__DIGIT, AIGOV__UPPER ... */
unsigned aigov__kinds(const aigov__scan *s, size_t from, size_t to);

/* The end of the bytes of these classes from i on, at most `most`. */
size_t aigov__run_to(const aigov__scan *s, size_t i, unsigned classes,
                     size_t most);
/* The same backwards: where the bytes of these classes before i begin. */
size_t aigov__run_from(const aigov__scan *s, size_t i, unsigned classes,
                       size_t most);

/* token_mark.c: credentials without a prefix, known by something inside. */
bool aigov__marked_token(aigov__scan *s, size_t from, size_t to);
/* The same for those that have nothing inside: a word must be near. */
void aigov__bare_token(aigov__scan *s, size_t from);

#endif
