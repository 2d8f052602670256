/*
 * arena.c - memory that is freed at once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Chunks in a list; a chunk is twice as large as the one before it, up to
 * 1 MiB, or as large as what is asked for.  Nothing is freed one by one.  After
 * a reset the first chunk is used again, so that an arena that is kept by its
 * owner soon asks for no memory at all.
 */
#include "internal.h"

#define FIRST ((size_t)8 << 10)
#define LARGEST ((size_t)1 << 20)
#define DEFAULT_LIMIT ((size_t)16 << 20)
#define ALIGN ((size_t)8) /* what every host's allocator gives at least */

struct cel_chunk {
    struct cel_chunk *next;
    size_t used, size; /* bytes of data */
    uint64_t data[];
};

/* A chunk that has room for n bytes becomes the one in use. */
static bool add_chunk(cel_arena *a, size_t n)
{
    size_t limit = a->limit == 0 ? DEFAULT_LIMIT : a->limit;
    size_t size = a->now == NULL ? FIRST : a->now->size * 2;

    size = size > LARGEST ? LARGEST : size;
    size = size > limit - a->total ? limit - a->total : size;
    size = size < n ? n : size;
    if (size > limit - a->total) {
        return false;
    }
    struct cel_chunk *c = aigov_malloc(a->ctx, sizeof *c + size);
    if (c == NULL) {
        return false;
    }
    *c = (struct cel_chunk){.size = size};
    if (a->now == NULL) {
        a->first = c;
    } else {
        a->now->next = c;
    }
    a->now = c;
    a->total += size;
    return true;
}

void *aigov__cel_alloc(cel_arena *a, size_t n)
{
    if (n > SIZE_MAX / 2) {
        return NULL;
    }
    n = (n + ALIGN - 1) & ~(ALIGN - 1);
    if (a->now == NULL || n > a->now->size - a->now->used) {
        if (!add_chunk(a, n)) {
            return NULL;
        }
    }
    void *p = (char *)a->now->data + a->now->used;
    a->now->used += n;
    return p;
}

static void free_from(cel_arena *a, struct cel_chunk *c)
{
    while (c != NULL) {
        struct cel_chunk *next = c->next;
        a->total -= c->size;
        aigov_mfree(a->ctx, c, sizeof *c + c->size);
        c = next;
    }
}

void aigov__cel_reset(cel_arena *a)
{
    if (a->first != NULL) {
        free_from(a, a->first->next);
        a->first->next = NULL;
        a->first->used = 0;
        a->now = a->first;
    }
}

void aigov__cel_arena_free(cel_arena *a)
{
    free_from(a, a->first);
    a->first = a->now = NULL;
}
