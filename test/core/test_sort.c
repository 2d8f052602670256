/*
 * test_sort.c - the sort of core/base, against any input
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Items of several sizes, in orders that are hard for quicksort; and one that
 * an adversary makes while it is sorted (M. D. McIlroy, A Killer Adversary for
 * Quicksort, 1999): steps stay below 4 n log n.
 */
#include "base/internal.h"

#include "tap.h"

#define N 20000

static long steps;

static int by_value(const void *a, const void *b, void *host)
{
    uint32_t x, y;

    (void)host;
    steps++;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static uint32_t value(int form, uint32_t i, uint32_t n)
{
    switch (form) {
    case 0:
        return i;
    case 1:
        return n - i;
    case 2:
        return 7;
    case 3:
        return i < n / 2 ? i : n - i; /* up and down */
    case 4:
        return i % 3;
    default:
        return i * 2654435761u >> 8;
    }
}

static bool sorts(size_t size, uint32_t n, int form)
{
    char *item = calloc(n + 1, size);
    uint64_t before = 0, after = 0;
    uint32_t last = 0;
    bool good = true;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = value(form, i, n);
        memcpy(item + i * size, &v, sizeof v);
        memset(item + i * size + 4, (int)(v & 127), size - 4);
        before += (uint64_t)v * v;
    }
    item[n * size] = 99; /* one behind stays */
    steps = 0;
    aigov__sort(item, n, size, by_value, NULL);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v;
        memcpy(&v, item + i * size, sizeof v);
        good = good && v >= last &&
               (size == 4 || item[i * size + size - 1] == (char)(v & 127));
        last = v;
        after += (uint64_t)v * v;
    }
    good = good && before == after && item[n * size] == 99 &&
           steps <= 4 * 15 * (long)n;
    free(item);
    return good;
}

/* --- the adversary ------------------------------------------------------ */

typedef struct adversary {
    uint32_t value[N];
    uint32_t solid, gas, candidate;
} adversary;

/* Values are settled as late as can be, and so that pivots are bad. */
static int settle(const void *a, const void *b, void *host)
{
    adversary *v = host;
    uint32_t x, y;

    steps++;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (v->value[x] == v->gas && v->value[y] == v->gas) {
        v->value[x == v->candidate ? x : y] = v->solid++;
    }
    if (v->value[x] == v->gas) {
        v->candidate = x;
    } else if (v->value[y] == v->gas) {
        v->candidate = y;
    }
    return (v->value[x] > v->value[y]) - (v->value[x] < v->value[y]);
}

static void test_adversary(void)
{
    static adversary v;
    static uint32_t item[N];
    bool good = true;

    v.gas = N + 9;
    v.solid = 2;
    for (uint32_t i = 0; i < N; i++) {
        item[i] = i;
        v.value[i] = v.gas;
    }
    v.value[0] = 1; /* not in order at first sight */
    v.value[1] = 0;
    steps = 0;
    aigov__sort(item, N, sizeof item[0], settle, &v);
    for (uint32_t i = 1; i < N; i++) {
        good = good && v.value[item[i - 1]] <= v.value[item[i]];
    }
    ok(good && steps < 4 * 15 * (long)N, "an adversary: %ld steps", steps);
}

int main(void)
{
    static const size_t size[] = {4, 8, 13, 24, 40};

    for (size_t s = 0; s < sizeof size / sizeof size[0]; s++) {
        bool good = true;
        for (int form = 0; form < 6; form++) {
            for (uint32_t n = 0; n < 70; n++) {
                good = sorts(size[s], n, form) && good;
            }
            good = sorts(size[s], N, form) && good;
        }
        ok(good, "items of %zu bytes", size[s]);
    }
    test_adversary();
    return done();
}
