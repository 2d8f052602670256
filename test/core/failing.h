/*
 * failing.h - an allocator that fails when told to, and counts
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_TEST_FAILING_H
#define AIGOV_TEST_FAILING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heap {
    long calls;   /* allocations so far */
    long fail_at; /* fails this one and all after it; 0: none */
    long blocks;
    size_t bytes;
};

/* Checks that old_n is what was asked for, as PostgreSQL 13's growing needs. */
static inline void *failing(void *host, void *old, size_t old_n, size_t n)
{
    struct heap *h = host;
    size_t *block = old == NULL ? NULL : (size_t *)old - 2;

    if ((block == NULL ? 0 : *block) != old_n) {
        fprintf(stderr, "freed as %zu bytes\n", old_n);
        abort();
    }
    if (n != 0 && ++h->calls >= h->fail_at && h->fail_at != 0) {
        return NULL;
    }
    size_t *fresh = n == 0 ? NULL : malloc(n + 2 * sizeof *fresh);
    if (fresh != NULL) {
        *fresh = n;
        memset(fresh + 2, 0xA5, n);
        if (old != NULL) {
            memcpy(fresh + 2, old, old_n < n ? old_n : n);
        }
        h->blocks++;
        h->bytes += n;
    }
    if (block != NULL) {
        h->blocks--;
        h->bytes -= old_n;
        free(block);
    }
    return fresh == NULL ? NULL : fresh + 2;
}

#endif
