/*
 * value.c - equality and order of values
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Equality and Ordering.  Numbers of all three kinds lie
 * on one line and are compared exactly: 9007199254740993 is greater than
 * 9007199254740992.0, which a comparison as doubles would miss.  Values of
 * kinds that cannot be compared are unequal, which is no error; only order
 * between them is.
 *
 * One thing is not exact.  2^63 as a double is what every integer near the
 * largest one rounds to, and the conformance suite of cel-spec wants
 * 9223372036854775808.0 > 9223372036854775807 to be false.  So the double 2^63
 * equals the largest int, and 2^64 the largest uint.
 *
 * Lists that an expression made may share parts ([x, x] of [y, y] ...), so that
 * a small expression writes down a value of any size.  That is why comparing
 * counts what it does: an evaluation pays for it in units, and a host's
 * comparison ends after AIGOV__CEL_COMPARISONS of them.
 */
#include <math.h>

#include "internal.h"

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

/* --- numbers ------------------------------------------------------------- */

static inline int sign_of(bool less, bool greater)
{
    return (int)greater - (int)less;
}

/* i against d, which is a number: by the whole part of d, then by the rest. */
static int int_double(int64_t i, double d)
{
    if (d >= TWO_63) {
        return d == TWO_63 && i == INT64_MAX ? 0 : -1;
    }
    if (d < -TWO_63) {
        return 1;
    }
    int64_t whole = (int64_t)d;
    double rest = d - (double)whole; /* exact: both below 2^63, same sign */
    return i != whole ? sign_of(i<whole, i> whole)
                      : sign_of(rest > 0, rest < 0);
}

static int uint_double(uint64_t u, double d)
{
    if (d >= TWO_64) {
        return d == TWO_64 && u == UINT64_MAX ? 0 : -1;
    }
    if (d < 0) {
        return 1;
    }
    uint64_t whole = (uint64_t)d;
    double rest = d - (double)whole;
    return u != whole ? sign_of(u<whole, u> whole) : sign_of(rest > 0, 0);
}

static int int_uint(int64_t i, uint64_t u)
{
    return i < 0 ? -1 : sign_of((uint64_t)i<u, (uint64_t)i> u);
}

bool aigov__cel_is_number(const cel_value *v)
{
    return v->kind == CEL_INT || v->kind == CEL_UINT || v->kind == CEL_DOUBLE;
}

static int compare_int(const cel_value *a, const cel_value *b)
{
    return b->kind == CEL_INT    ? sign_of(a->i<b->i, a->i> b->i)
           : b->kind == CEL_UINT ? int_uint(a->i, b->u)
                                 : int_double(a->i, b->d);
}

static int compare_uint(const cel_value *a, const cel_value *b)
{
    return b->kind == CEL_INT    ? -int_uint(b->i, a->u)
           : b->kind == CEL_UINT ? sign_of(a->u<b->u, a->u> b->u)
                                 : uint_double(a->u, b->d);
}

static int compare_double(const cel_value *a, const cel_value *b)
{
    return b->kind == CEL_INT    ? -int_double(b->i, a->d)
           : b->kind == CEL_UINT ? -uint_double(b->u, a->d)
                                 : sign_of(a->d<b->d, a->d> b->d);
}

static inline bool is_nan(const cel_value *v)
{
    return v->kind == CEL_DOUBLE && isnan(v->d);
}

/* false: one of two numbers is NaN, which has no order. */
static bool compare_numbers(const cel_value *a, const cel_value *b, int *order)
{
    if (is_nan(a) || is_nan(b)) {
        return false;
    }
    *order = a->kind == CEL_INT    ? compare_int(a, b)
             : a->kind == CEL_UINT ? compare_uint(a, b)
                                   : compare_double(a, b);
    return true;
}

/* --- order --------------------------------------------------------------- */

/* By bytes, which for UTF-8 is by code points. */
static int compare_bytes(const cel_value *a, const cel_value *b)
{
    uint32_t n = a->n < b->n ? a->n : b->n;
    int order = n == 0 ? 0 : memcmp(a->s, b->s, n);

    return order != 0 ? order : sign_of(a->n<b->n, a->n> b->n);
}

bool aigov__cel_compare(const cel_value *a, const cel_value *b, int *order)
{
    if (aigov__cel_is_number(a) && aigov__cel_is_number(b)) {
        return compare_numbers(a, b, order);
    }
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case CEL_BOOL:
        *order = (int)a->b - (int)b->b;
        return true;
    case CEL_STRING:
    case CEL_BYTES:
        *order = compare_bytes(a, b);
        return true;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        *order = a->i != b->i ? sign_of(a->i<b->i, a->i> b->i)
                              : sign_of(a->n<b->n, a->n> b->n);
        return true;
    default:
        return false;
    }
}

/* --- equality ------------------------------------------------------------ */

static cel_equality pay(uint64_t *left, uint64_t units)
{
    if (units > *left) {
        return CEL_EQUAL_DEAR;
    }
    *left -= units;
    return CEL_EQUAL_YES;
}

static cel_equality equal(const cel_value *a, const cel_value *b, int depth,
                          uint64_t *left);

static cel_equality equal_lists(const cel_value *a, const cel_value *b,
                                int depth, uint64_t *left)
{
    cel_equality same = a->n == b->n ? CEL_EQUAL_YES : CEL_EQUAL_NOT;

    for (uint32_t i = 0; same == CEL_EQUAL_YES && i < a->n; i++) {
        same = pay(left, 1);
        if (same == CEL_EQUAL_YES) {
            same = equal(&a->items[i], &b->items[i], depth, left);
        }
    }
    return same;
}

const cel_value *aigov__cel_find(const cel_value *map, const cel_value *key)
{
    for (uint32_t i = 0; i < map->n; i++) {
        if (aigov__cel_equal_keys(&map->items[2 * (size_t)i], key)) {
            return &map->items[2 * (size_t)i + 1];
        }
    }
    return NULL;
}

/* The entry of b with a key, looked for from entry `from` on and around: maps
 * of the same making have the same order.  b->n: there is none. */
static uint32_t find_around(const cel_value *b, const cel_value *key,
                            uint32_t from, uint32_t *looked)
{
    for (*looked = 1; *looked <= b->n; ++*looked) {
        if (aigov__cel_equal_keys(&b->items[2 * (size_t)from], key)) {
            return from;
        }
        from = from + 1 == b->n ? 0 : from + 1;
    }
    return b->n;
}

/* As many entries, and each of a is in b: keys of a map differ. */
static cel_equality equal_maps(const cel_value *a, const cel_value *b,
                               int depth, uint64_t *left)
{
    cel_equality same = a->n == b->n ? CEL_EQUAL_YES : CEL_EQUAL_NOT;
    uint32_t at = 0, looked;

    for (uint32_t i = 0; same == CEL_EQUAL_YES && i < a->n; i++) {
        const cel_value *entry = &a->items[2 * (size_t)i];
        at = find_around(b, entry, at, &looked);
        same = pay(left, looked);
        if (same == CEL_EQUAL_YES) {
            same = at == b->n ? CEL_EQUAL_NOT
                              : equal(entry + 1, &b->items[2 * (size_t)at + 1],
                                      depth, left);
        }
        at = at + 1 >= b->n ? 0 : at + 1;
    }
    return same;
}

static cel_equality equal_text(const cel_value *a, const cel_value *b,
                               uint64_t *left)
{
    if (a->n != b->n) {
        return CEL_EQUAL_NOT;
    }
    if (a->n >= 64 && pay(left, a->n / 64) != CEL_EQUAL_YES) {
        return CEL_EQUAL_DEAR;
    }
    return a->n == 0 || memcmp(a->s, b->s, a->n) == 0 ? CEL_EQUAL_YES
                                                      : CEL_EQUAL_NOT;
}

static cel_equality equal(const cel_value *a, const cel_value *b, int depth,
                          uint64_t *left)
{
    int order;

    if (a->kind != b->kind) {
        return aigov__cel_is_number(a) && aigov__cel_is_number(b) &&
                       compare_numbers(a, b, &order) && order == 0
                   ? CEL_EQUAL_YES
                   : CEL_EQUAL_NOT;
    }
    switch (a->kind) {
    case CEL_NULL:
        return CEL_EQUAL_YES;
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_TYPE:
        return equal_text(a, b, left);
    case CEL_LIST:
    case CEL_MAP:
        if (depth == 0) {
            return CEL_EQUAL_DEEP;
        }
        return a->kind == CEL_LIST ? equal_lists(a, b, depth - 1, left)
                                   : equal_maps(a, b, depth - 1, left);
    case CEL_DOUBLE:
        return a->d == b->d ? CEL_EQUAL_YES : CEL_EQUAL_NOT;
    default:
        return aigov__cel_compare(a, b, &order) && order == 0 ? CEL_EQUAL_YES
                                                              : CEL_EQUAL_NOT;
    }
}

cel_equality aigov__cel_same(const cel_value *a, const cel_value *b,
                             uint64_t *left)
{
    return equal(a, b, AIGOV__CEL_VALUE_DEPTH, left);
}

bool aigov__cel_equal(const cel_value *a, const cel_value *b)
{
    uint64_t left = AIGOV__CEL_COMPARISONS;

    return aigov__cel_same(a, b, &left) == CEL_EQUAL_YES;
}

bool aigov__cel_equal_keys(const cel_value *a, const cel_value *b)
{
    int order;

    if (a->kind == CEL_STRING || b->kind == CEL_STRING) {
        return a->kind == b->kind && a->n == b->n &&
               (a->n == 0 || memcmp(a->s, b->s, a->n) == 0);
    }
    return aigov__cel_compare(a, b, &order) && order == 0;
}

/* --- keys of maps -------------------------------------------------------- */

bool aigov__cel_is_key(const cel_value *v)
{
    return v->kind == CEL_BOOL || v->kind == CEL_INT || v->kind == CEL_UINT ||
           v->kind == CEL_STRING;
}

static int key_class(const cel_value *v)
{
    return v->kind == CEL_BOOL ? 0 : v->kind == CEL_STRING ? 2 : 1;
}

/* An order of all keys: false and true, numbers, strings. */
static int compare_keys(const cel_value *a, const cel_value *b)
{
    int order = 0;

    if (!aigov__cel_compare(a, b, &order)) {
        order = key_class(a) - key_class(b);
    }
    return order;
}

/* Heap sort, which needs no memory and has no bad case. */
static void sift(uint32_t *at, const cel_value *items, uint32_t from,
                 uint32_t n)
{
    for (uint32_t kid; (kid = 2 * from + 1) < n; from = kid) {
        kid += kid + 1 < n && compare_keys(&items[2 * (size_t)at[kid]],
                                           &items[2 * (size_t)at[kid + 1]]) < 0;
        if (compare_keys(&items[2 * (size_t)at[from]],
                         &items[2 * (size_t)at[kid]]) >= 0) {
            return;
        }
        uint32_t swap = at[from];
        at[from] = at[kid];
        at[kid] = swap;
    }
}

bool aigov__cel_distinct(const cel_value *items, uint32_t n, uint32_t *at)
{
    for (uint32_t i = 0; i < n; i++) {
        at[i] = i;
    }
    for (uint32_t i = n / 2; i-- > 0;) {
        sift(at, items, i, n);
    }
    for (uint32_t left = n; left-- > 1;) {
        uint32_t largest = at[0];
        at[0] = at[left];
        at[left] = largest;
        sift(at, items, 0, left);
    }
    for (uint32_t i = 1; i < n; i++) {
        if (compare_keys(&items[2 * (size_t)at[i - 1]],
                         &items[2 * (size_t)at[i]]) == 0) {
            return false;
        }
    }
    return true;
}
