/*
 * settled.c - what the rest of a text cannot change any more
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A text that comes in pieces (stream.c) is scanned up to the first trigger
 * whose detectors might read past the end of what is there.  How far they read
 * is bounded for each kind, and this file is the list of the bounds; a detector
 * that reads further has to be named here.
 *
 *   any             REACH bytes: numbers and dates in several groups, lines of
 *                   passports, a word of context behind and its end
 *   word, '@', ':'  the run that it stands in, up to a space, quote or angle
 *                   bracket: tokens, JWT, base64, URLs
 *   value           what is assigned: some runs, or up to the quote or tag that
 *                   ends it, MAX_VALUE bytes at most
 *   dashes          the block of a private key, MAX_BLOCK bytes at most
 *
 * No more than LONGEST bytes are ever waited for.
 */
#include "internal.h"

#define REACH 192
#define AFTER 112 /* a value: context words, a placeholder that joins it */
#define MAX_VALUE 800
#define RUNS 4 /* name, scheme and value of a header */
#define MAX_GAP 64
#define MAX_LINES 9000 /* Private-Lines of PuTTY */
#define LONGEST 70000

/* Bytes that no run goes over. */
static bool ends_run(unsigned char c)
{
    return c <= ' ' || c == '"' || c == '`' || c == '<' || c == '>';
}

/* The end of the run at i; s->n where it is open. */
static size_t run_end(aigov__scan *s, size_t i)
{
    size_t end = i;
    if (i < s->run_end) {
        return s->run_end; /* it was found for what stands before */
    }
    while (end < s->n && !ends_run((unsigned char)s->p[end])) {
        end++;
    }
    if (end < s->n) {
        s->run_end = end;
    }
    return end;
}

static bool runs_end(aigov__scan *s, size_t i, int runs)
{
    for (; runs > 0; runs--) {
        size_t gap = i;
        while (i < s->n && i - gap < MAX_GAP &&
               ends_run((unsigned char)s->p[i])) {
            i++;
        }
        i = run_end(s, i);
        if (i + AFTER > s->n) {
            return false;
        }
    }
    return true;
}

static bool is_quote(unsigned char c)
{
    return c == '"' || c == '\'' || c == '`';
}

/* Whether the quoted value that may begin soon after i has its end. */
static bool quote_ends(const aigov__scan *s, size_t i)
{
    size_t limit = s->n - AFTER, open = i;
    unsigned char quote;
    while (open < i + MAX_GAP && !is_quote((unsigned char)s->p[open])) {
        open++;
    }
    if (open == i + MAX_GAP) {
        return true;
    }
    quote = (unsigned char)s->p[open];
    for (size_t k = open + 1; k < limit; k++) {
        unsigned char c = (unsigned char)s->p[k];
        if (c == '\\') {
            k++;
        } else if (c == quote || c == '\n') {
            return true;
        }
    }
    return false;
}

static bool tag_ends(const aigov__scan *s, size_t i)
{
    return memchr(s->p + i + 1, '<', s->n - AFTER - i) != NULL;
}

static bool value_ends(aigov__scan *s, size_t i)
{
    if (s->n - i >= MAX_VALUE) {
        return true;
    }
    if (!quote_ends(s, i) || (s->p[i] == '>' && !tag_ends(s, i))) {
        return false;
    }
    return runs_end(s, i + 1, RUNS);
}

/* Whether the block of a private key at i, if there is one, has its end: the
 * dashes after BEGIN, and others after those. */
static bool block_ends(const aigov__scan *s, size_t i)
{
    size_t limit = s->n - REACH;
    int runs = 0;
    if (memmem(s->p + i, REACH, "BEGIN ", 6) == NULL) {
        return true;
    }
    while (runs < 3 && i < limit) {
        const char *p = memchr(s->p + i, '-', limit - i);
        if (p == NULL) {
            return false;
        }
        i = (size_t)(p - s->p);
        if (aigov__has(s, i, "----")) {
            runs++;
            while (i < limit && s->p[i] == '-') {
                i++;
            }
        } else {
            i++;
        }
    }
    return runs == 3;
}

bool aigov__settled(aigov__scan *s, size_t i, unsigned what)
{
    size_t left = s->n - i;
    if (left >= LONGEST || left < REACH) {
        return left >= LONGEST;
    }
    if (run_end(s, i) + AFTER > s->n) {
        return false;
    }
    if ((what & AIGOV__T_DASHES) != 0 && !block_ends(s, i)) {
        return false;
    }
    if ((what & AIGOV__T_VALUE) == 0) {
        return true;
    }
    if (s->p[i] == ':' && aigov__has(s, i - 13, "Private-Lines")) {
        return left >= MAX_LINES;
    }
    return value_ends(s, i);
}
