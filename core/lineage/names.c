/*
 * names.c - rows of node by their names, in memory
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Open addressing over the hashes of names; a slot is the place of a row, plus
 * one.  Rows stay in the order in which they came.
 */
#include "internal.h"

void aigov__names_free(aigov__names_map *m)
{
    aigov_mfree(m->ctx, m->slot, m->slots * sizeof *m->slot);
    aigov_mfree(m->ctx, m->row, m->row_cap * sizeof *m->row);
    aigov_buf_free(&m->text);
    m->slot = NULL;
    m->row = NULL;
    m->slots = m->rows = m->row_cap = 0;
}

/* FNV-1a, and a finaliser so that low bits depend on all. */
static uint32_t hash(aigov_span s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (uint8_t)s.p[i]) * 0x100000001b3u;
    }
    return (uint32_t)((h ^ h >> 32) * 0x9e3779b97f4a7c15u >> 32);
}

aigov_span aigov__names_text(const aigov__names_map *m, size_t row)
{
    return (aigov_span){m->text.p + m->row[row].at, m->row[row].n};
}

/* Names are compared only where their hashes are the same. */
static size_t slot_of(const aigov__names_map *m, aigov_span name, uint32_t h)
{
    size_t i = h & (m->slots - 1);
    for (; m->slot[i] != 0; i = (i + 1) & (m->slots - 1)) {
        const aigov__names_row *r = &m->row[m->slot[i] - 1];
        if (r->hash == h && r->n == name.n &&
            memcmp(m->text.p + r->at, name.p, name.n) == 0) {
            break;
        }
    }
    return i;
}

int64_t aigov__names_get(const aigov__names_map *m, aigov_span name)
{
    size_t i;
    if (m->slots == 0) {
        return 0;
    }
    i = slot_of(m, name, hash(name));
    return m->slot[i] != 0 ? m->row[m->slot[i] - 1].id : 0;
}

static bool more_slots(aigov__names_map *m)
{
    size_t n = m->slots == 0 ? 256 : m->slots * 2;
    uint32_t *slot = aigov_malloc(m->ctx, n * sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    memset(slot, 0, n * sizeof *slot);
    aigov_mfree(m->ctx, m->slot, m->slots * sizeof *m->slot);
    m->slot = slot;
    m->slots = n;
    for (size_t i = 0; i < m->rows; i++) {
        size_t at = m->row[i].hash & (n - 1); /* they all differ */
        while (slot[at] != 0) {
            at = (at + 1) & (n - 1);
        }
        slot[at] = (uint32_t)i + 1;
    }
    return true;
}

bool aigov__names_put(aigov__names_map *m, aigov_span name, int64_t id)
{
    if (m->rows >= UINT32_MAX - 1 ||
        (4 * (m->rows + 1) > 3 * m->slots && !more_slots(m)) ||
        !aigov__room(m->ctx, (void **)&m->row, &m->row_cap, sizeof *m->row,
                     m->rows + 1)) {
        return false;
    }
    m->row[m->rows] =
        (aigov__names_row){m->text.n, (uint32_t)name.n, hash(name), id};
    if (!aigov_buf_put(&m->text, name.p, name.n)) {
        return false;
    }
    m->slot[slot_of(m, name, m->row[m->rows].hash)] = (uint32_t)m->rows + 1;
    m->rows++;
    return true;
}
