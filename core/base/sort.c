/*
 * sort.c - heapsort
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * qsort of glibc allocates, and no input may make it slow either.
 */
#include "internal.h"

typedef struct sorting {
    char *p;
    size_t size;
    int (*order)(const void *a, const void *b, void *host);
    void *host;
} sorting;

static bool less(const sorting *s, size_t a, size_t b)
{
    return s->order(s->p + a * s->size, s->p + b * s->size, s->host) < 0;
}

static void swap(const sorting *s, size_t a, size_t b)
{
    char *x = s->p + a * s->size, *y = s->p + b * s->size;
    for (size_t i = 0; i < s->size; i++) {
        char c = x[i];
        x[i] = y[i];
        y[i] = c;
    }
}

static void sift(const sorting *s, size_t at, size_t n)
{
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && less(s, child, child + 1)) {
            child++;
        }
        if (!less(s, at, child)) {
            return;
        }
        swap(s, at, child);
    }
}

void aigov__sort(void *items, size_t n, size_t size,
                 int (*order)(const void *a, const void *b, void *host),
                 void *host)
{
    sorting s = {items, size, order, host};
    for (size_t i = n / 2; i > 0; i--) {
        sift(&s, i - 1, n);
    }
    for (size_t i = n; i > 1; i--) {
        swap(&s, 0, i - 1);
        sift(&s, 0, i - 1);
    }
}
