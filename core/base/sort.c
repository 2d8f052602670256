/*
 * sort.c - introsort
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * qsort of glibc allocates, and no input may make it slow either: quicksort,
 * and heapsort of what it divides badly.  What is in order already costs one
 * look.
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
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= s->size; i += sizeof(uint64_t)) {
        uint64_t v, w;
        memcpy(&v, x + i, sizeof v);
        memcpy(&w, y + i, sizeof w);
        memcpy(x + i, &w, sizeof w);
        memcpy(y + i, &v, sizeof v);
    }
    for (; i < s->size; i++) {
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

static void heapsort(const sorting *s, size_t n)
{
    for (size_t i = n / 2; i-- > 0;) {
        sift(s, i, n);
    }
    for (size_t i = n; i-- > 1;) {
        swap(s, 0, i);
        sift(s, 0, i);
    }
}

static void insert(const sorting *s, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k > 0 && less(s, k, k - 1); k--) {
            swap(s, k, k - 1);
        }
    }
}

/* Puts the middle one of three at the front, and the rest on its sides; where
 * the right side begins.  Items that are the same as it go to both. */
static size_t divide(const sorting *s, size_t n)
{
    size_t middle = n / 2, left = 0, right = n;
    if (less(s, middle, 0)) {
        swap(s, middle, 0);
    }
    if (less(s, n - 1, 0)) {
        swap(s, n - 1, 0);
    }
    if (less(s, n - 1, middle)) {
        swap(s, n - 1, middle);
    }
    swap(s, 0, middle);
    for (;;) {
        do {
            left++;
        } while (left < n && less(s, left, 0));
        do {
            right--;
        } while (less(s, 0, right));
        if (left >= right) {
            break;
        }
        swap(s, left, right);
    }
    swap(s, 0, right);
    return right;
}

/* The smaller side is sorted by a call, so calls are 64 deep at most. */
static void quicksort(sorting s, size_t n, int left)
{
    while (n > 16) {
        size_t middle;
        if (left-- == 0) {
            heapsort(&s, n);
            return;
        }
        middle = divide(&s, n);
        if (middle < n - middle - 1) {
            quicksort(s, middle, left);
            s.p += (middle + 1) * s.size;
            n -= middle + 1;
        } else {
            sorting side = s;
            side.p += (middle + 1) * s.size;
            quicksort(side, n - middle - 1, left);
            n = middle;
        }
    }
    insert(&s, n);
}

void aigov__sort(void *items, size_t n, size_t size,
                 int (*order)(const void *a, const void *b, void *host),
                 void *host)
{
    sorting s = {items, size, order, host};
    size_t i = 1;
    int left = 4;
    while (i < n && !less(&s, i, i - 1)) {
        i++;
    }
    for (size_t k = n; k > 0; k >>= 1) {
        left += 2;
    }
    if (i < n) {
        quicksort(s, n, left);
    }
}
