/*
 * text.h - spans that tests hand in and show
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_TEST_TEXT_H
#define AIGOV_TEST_TEXT_H

#include "aigov.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline aigov_span span(const aigov_buf *b)
{
    return aigov_buf_span(b);
}

/* Text that a failed check may print: what is not ASCII as \xNN. */
static inline void show(const char *what, aigov_span s)
{
    printf("#   %s: ", what);
    for (size_t i = 0; i < s.n && i < 200; i++) {
        if (s.p[i] >= 0x20 && s.p[i] < 0x7F) {
            putchar(s.p[i]);
        } else {
            printf("\\x%02x", (uint8_t)s.p[i]);
        }
    }
    printf("\n");
}

/* The same bytes in a block of their own, so that ASan sees a read beyond. */
static inline aigov_span exact(aigov_span s)
{
    char *p = malloc(s.n == 0 ? 1 : s.n);

    if (p == NULL) {
        abort();
    }
    if (s.n != 0) {
        memcpy(p, s.p, s.n);
    }
    return (aigov_span){p, s.n};
}

static inline void drop(aigov_span s)
{
    free((void *)(uintptr_t)s.p);
}

static inline void repeat(aigov_buf *b, const char *piece, int times)
{
    for (int i = 0; i < times; i++) {
        aigov_buf_puts(b, piece);
    }
}

#endif
