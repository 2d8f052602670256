/*
 * idset.c - a set of 16-byte ids
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Open addressing with linear probing, at most half full.  Ids are UUIDv7,
 * whose last eight bytes are random, but they come from rows that anyone may
 * have written: a multiply mixes them, and a bad case is only slow.
 */
#include "internal.h"

static const uint8_t nil[16];

static size_t slot_of(const aigov__idset *set, const uint8_t id[16])
{
    uint64_t a, b;
    memcpy(&a, id, 8);
    memcpy(&b, id + 8, 8);
    a = (a ^ b * 0x9E3779B97F4A7C15U) * 0xD6E8FEB86659FD93U;
    return (size_t)(a >> 20) & (set->cap - 1);
}

/* The slot that holds id, or the free one where it would go. */
static uint8_t *probe(const aigov__idset *set, const uint8_t id[16])
{
    size_t i = slot_of(set, id);
    while (memcmp(set->slot[i], nil, 16) != 0 &&
           memcmp(set->slot[i], id, 16) != 0) {
        i = (i + 1) & (set->cap - 1);
    }
    return set->slot[i];
}

static bool grow(aigov_ctx *ctx, aigov__idset *set)
{
    aigov__idset bigger = {NULL, set->cap == 0 ? 64 : set->cap * 2, set->n,
                           set->zero};
    bigger.slot = aigov_malloc(ctx, bigger.cap * 16);
    if (bigger.slot == NULL) {
        return false;
    }
    memset(bigger.slot, 0, bigger.cap * 16);
    for (size_t i = 0; i < set->cap; i++) {
        if (memcmp(set->slot[i], nil, 16) != 0) {
            memcpy(probe(&bigger, set->slot[i]), set->slot[i], 16);
        }
    }
    aigov__idset_clear(ctx, set);
    *set = bigger;
    return true;
}

bool aigov__idset_add(aigov_ctx *ctx, aigov__idset *set, const uint8_t id[16])
{
    if (memcmp(id, nil, 16) == 0) {
        set->zero = true;
        return true;
    }
    if (2 * (set->n + 1) > set->cap && !grow(ctx, set)) {
        return false;
    }
    uint8_t *slot = probe(set, id);
    if (memcmp(slot, nil, 16) == 0) {
        memcpy(slot, id, 16);
        set->n++;
    }
    return true;
}

bool aigov__idset_has(const aigov__idset *set, const uint8_t id[16])
{
    if (memcmp(id, nil, 16) == 0) {
        return set->zero;
    }
    return set->cap > 0 && memcmp(probe(set, id), nil, 16) != 0;
}

void aigov__idset_clear(aigov_ctx *ctx, aigov__idset *set)
{
    if (set->slot != NULL) {
        aigov_mfree(ctx, set->slot, set->cap * 16);
    }
    memset(set, 0, sizeof *set);
}
