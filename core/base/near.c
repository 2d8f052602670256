/*
 * near.c - the nearest of several names, for "did you mean"
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Optimal string alignment distance (insert, delete, replace, swap of two
 * neighbours), case counted.  A candidate counts where it needs at most a third
 * of the name's letters changed, and at least one change is always allowed.
 */
#include "internal.h"

#include <string.h>

#define MAX_NAME 40

/* Names are the caller's: only what looks like an identifier is repeated. */
bool aigov__name_shown(aigov_span name)
{
    if (name.n == 0 || name.n > MAX_NAME) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        if (!ok) {
            return false;
        }
    }
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Both at most MAX_NAME bytes; a letter in the other case costs nothing. */
static size_t distance(const char *a, size_t an, const char *b, size_t bn)
{
    size_t rows[3][MAX_NAME + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t k = 0; k <= bn; k++) {
        last[k] = k;
        before[k] = k;
    }
    for (size_t i = 1; i <= an; i++) {
        now[0] = i;
        for (size_t k = 1; k <= bn; k++) {
            size_t differs = lower(a[i - 1]) != lower(b[k - 1]);
            now[k] =
                least(least(last[k], now[k - 1]) + 1, last[k - 1] + differs);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
                a[i - 2] == b[k - 1]) {
                now[k] = least(now[k], before[k - 2] + 1);
            }
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[bn];
}

void aigov__near_try(aigov__near *near, const char *candidate)
{
    size_t n = strlen(candidate);
    if (near->name.n > MAX_NAME || n > MAX_NAME) {
        return;
    }
    size_t d = distance(near->name.p, near->name.n, candidate, n);
    size_t allowed = near->name.n / 3 > 0 ? near->name.n / 3 : 1;
    if (d <= allowed && d < n && (near->best == NULL || d < near->distance)) {
        near->best = candidate;
        near->distance = d;
    }
}
