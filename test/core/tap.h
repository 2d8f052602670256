/*
 * tap.h - the Test Anything Protocol for tests of core
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * ok() prints a line for each check; done() the plan, and gives main its exit
 * status.  Loops over many vectors count with pass() and make one line of it.
 */
#ifndef AIGOV_TEST_TAP_H
#define AIGOV_TEST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_run, tap_failed;

/* A comment line. */
__attribute__((format(printf, 1, 2))) static inline void
note(const char *format, ...)
{
    va_list args;

    printf("# ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

/* One check; returns whether it held. */
__attribute__((format(printf, 2, 3))) static inline bool
ok(bool held, const char *format, ...)
{
    va_list args;

    tap_run++;
    tap_failed += !held;
    printf("%sok %d - ", held ? "" : "not ", tap_run);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
    return held;
}

/* The plan, at the end; status for main. */
static inline int done(void)
{
    printf("1..%d\n", tap_run);
    if (tap_failed != 0) {
        note("%d of %d failed", tap_failed, tap_run);
    }
    return tap_failed != 0;
}

/* A whole file, NUL-terminated; NULL where it cannot be read.  Free it. */
static inline char *read_file(const char *dir, const char *file, size_t *n)
{
    char path[1024], *p = NULL;
    long size;

    snprintf(path, sizeof path, "%s/%s", dir, file);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return NULL;
    }
    if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0) {
        rewind(f);
        p = malloc((size_t)size + 1);
        *n = p == NULL ? 0 : fread(p, 1, (size_t)size, f);
        if (p != NULL) {
            p[*n] = '\0';
        }
    }
    fclose(f);
    return p;
}

/* The next column of a line that ends at `end`; *p moves behind it. */
static inline char *column(char **p, const char *end, size_t *n)
{
    char *start = *p;
    char *tab = memchr(start, '\t', (size_t)(end - start));

    *n = tab == NULL ? (size_t)(end - start) : (size_t)(tab - start);
    *p = start + *n + (tab != NULL);
    return start;
}

#endif
