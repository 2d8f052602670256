/*
 * operate.c - arithmetic, order, in, index, size
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, List of Standard Definitions.  Integers are of 64 bits
 * and checked: what does not fit is CEL_OVERFLOW, so INT64_MIN / -1 is, and
 * 0u - 1u.  Doubles follow IEEE 754: 1.0 / 0.0 is infinity.  Numbers of two
 * kinds are compared (value.c) but never added.
 */
#include <math.h>

#include "internal.h"

/* --- integers, doubles --------------------------------------------------- */

static cel_error operate_int(cel_function fn, int64_t a, int64_t b,
                             int64_t *out)
{
    bool over = false;

    switch (fn) {
    case CEL_ADD:
        over = __builtin_add_overflow(a, b, out);
        break;
    case CEL_SUBTRACT:
        over = __builtin_sub_overflow(a, b, out);
        break;
    case CEL_MULTIPLY:
        over = __builtin_mul_overflow(a, b, out);
        break;
    default:
        if (b == 0) {
            return CEL_DIV_ZERO;
        }
        if (b == -1) { /* the processor traps at INT64_MIN / -1 and % -1 */
            over = a == INT64_MIN;
            *out = over || fn == CEL_MODULO ? 0 : -a;
        } else {
            *out = fn == CEL_DIVIDE ? a / b : a % b;
        }
    }
    return over ? CEL_OVERFLOW : CEL_OK;
}

static cel_error operate_uint(cel_function fn, uint64_t a, uint64_t b,
                              uint64_t *out)
{
    bool over = false;

    switch (fn) {
    case CEL_ADD:
        over = __builtin_add_overflow(a, b, out);
        break;
    case CEL_SUBTRACT:
        over = __builtin_sub_overflow(a, b, out);
        break;
    case CEL_MULTIPLY:
        over = __builtin_mul_overflow(a, b, out);
        break;
    default:
        if (b == 0) {
            return CEL_DIV_ZERO;
        }
        *out = fn == CEL_DIVIDE ? a / b : a % b;
    }
    return over ? CEL_OVERFLOW : CEL_OK;
}

static cel_error operate_double(cel_function fn, double a, double b,
                                double *out)
{
    switch (fn) {
    case CEL_ADD:
        *out = a + b;
        return CEL_OK;
    case CEL_SUBTRACT:
        *out = a - b;
        return CEL_OK;
    case CEL_MULTIPLY:
        *out = a * b;
        return CEL_OK;
    case CEL_DIVIDE:
        *out = a / b;
        return CEL_OK;
    default:
        return CEL_NO_SUCH_OVERLOAD;
    }
}

/* --- joining ------------------------------------------------------------- */

static bool join_text(cel_eval *e, const cel_value *a, const cel_value *b,
                      cel_value *out)
{
    uint64_t n = (uint64_t)a->n + b->n;

    if (n > UINT32_MAX) {
        return aigov__cel_error(e, CEL_OVERFLOW);
    }
    char *s = aigov__cel_scan(e, n) ? aigov__cel_take(e, n) : NULL;
    if (s == NULL) {
        return false;
    }
    if (a->n != 0) {
        memcpy(s, a->s, a->n);
    }
    if (b->n != 0) {
        memcpy(s + a->n, b->s, b->n);
    }
    *out = (cel_value){.kind = a->kind, .n = (uint32_t)n, .s = s};
    return true;
}

static bool join_lists(cel_eval *e, const cel_value *a, const cel_value *b,
                       cel_value *out)
{
    uint64_t n = (uint64_t)a->n + b->n;
    cel_value *items;

    if (n > UINT32_MAX) {
        return aigov__cel_error(e, CEL_OVERFLOW);
    }
    if (!aigov__cel_charge(e, n) ||
        (items = aigov__cel_take(e, n * sizeof *items)) == NULL) {
        return false;
    }
    if (a->n != 0) {
        memcpy(items, a->items, a->n * sizeof *items);
    }
    if (b->n != 0) {
        memcpy(items + a->n, b->items, b->n * sizeof *items);
    }
    *out = (cel_value){.kind = CEL_LIST, .n = (uint32_t)n, .items = items};
    return true;
}

/* --- operators ----------------------------------------------------------- */

static bool is_time(const cel_value *v)
{
    return v->kind == CEL_TIMESTAMP || v->kind == CEL_DURATION;
}

/* -a */
static bool negate(cel_eval *e, const cel_value *a, cel_value *out)
{
    switch (a->kind) {
    case CEL_INT:
        if (a->i == INT64_MIN) {
            return aigov__cel_error(e, CEL_OVERFLOW);
        }
        *out = aigov__cel_int(-a->i);
        return true;
    case CEL_DOUBLE:
        *out = (cel_value){.kind = CEL_DOUBLE, .d = -a->d};
        return true;
    case CEL_DURATION:
        return aigov__cel_duration_negate(a, out) ||
               aigov__cel_error(e, CEL_RANGE);
    default:
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
}

bool aigov__cel_operate(cel_eval *e, const cel_node *node, const cel_value *arg,
                        uint32_t n, cel_value *out)
{
    const cel_value *a = &arg[0], *b = &arg[1];
    cel_function fn = (cel_function)node->fn;
    cel_error error = CEL_NO_SUCH_OVERLOAD;

    if (n == 1) {
        return negate(e, a, out);
    }
    if ((fn == CEL_ADD || fn == CEL_SUBTRACT) && is_time(a) && is_time(b)) {
        return aigov__cel_time_add(e, fn == CEL_SUBTRACT, a, b, out);
    }
    if (a->kind == b->kind) {
        cel_value v = {.kind = a->kind};
        switch (a->kind) {
        case CEL_INT:
            error = operate_int(fn, a->i, b->i, &v.i);
            break;
        case CEL_UINT:
            error = operate_uint(fn, a->u, b->u, &v.u);
            break;
        case CEL_DOUBLE:
            error = operate_double(fn, a->d, b->d, &v.d);
            break;
        case CEL_STRING:
        case CEL_BYTES:
            return fn == CEL_ADD ? join_text(e, a, b, out)
                                 : aigov__cel_error(e, error);
        case CEL_LIST:
            return fn == CEL_ADD ? join_lists(e, a, b, out)
                                 : aigov__cel_error(e, error);
        default:
            break;
        }
        *out = v;
    }
    return error == CEL_OK || aigov__cel_error(e, error);
}

bool aigov__cel_order(cel_eval *e, const cel_node *node, const cel_value *arg,
                      uint32_t n, cel_value *out)
{
    const cel_value *a = &arg[0], *b = &arg[1];
    bool text = a->kind == CEL_STRING || a->kind == CEL_BYTES, held;
    int order = 0;

    (void)n;
    if (a->kind == b->kind && text &&
        !aigov__cel_charge(e, (a->n < b->n ? a->n : b->n) / 64)) {
        return false;
    }
    if (!aigov__cel_compare(a, b, &order)) {
        if (!aigov__cel_is_number(a) || !aigov__cel_is_number(b)) {
            return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
        }
        *out = aigov__cel_bool(false); /* NaN: neither less nor greater */
        return true;
    }
    switch (node->fn) {
    case CEL_LESS:
        held = order < 0;
        break;
    case CEL_LESS_EQUAL:
        held = order <= 0;
        break;
    case CEL_GREATER:
        held = order > 0;
        break;
    default:
        held = order >= 0;
    }
    *out = aigov__cel_bool(held);
    return true;
}

/* --- members ------------------------------------------------------------- */

/* Rules test short names most of all: no call per element. */
static bool in_names(const cel_value *v, const cel_value *list, uint32_t *at)
{
    const cel_value *item = list->items;

    for (uint32_t i = 0; i < list->n; i++) {
        if (item[i].kind == CEL_STRING && item[i].n == v->n &&
            memcmp(item[i].s, v->s, v->n) == 0) {
            *at = i + 1;
            return true;
        }
    }
    *at = list->n;
    return false;
}

static bool in_list(cel_eval *e, const cel_value *v, const cel_value *list,
                    bool *found)
{
    uint32_t looked;

    *found = false;
    if (v->kind == CEL_STRING && v->n != 0 && v->n < 64) {
        *found = in_names(v, list, &looked);
        return aigov__cel_charge(e, looked);
    }
    for (uint32_t i = 0; i < list->n && !*found; i++) {
        if (!aigov__cel_charge(e, 1) ||
            !aigov__cel_equals(e, v, &list->items[i], found)) {
            return false;
        }
    }
    return true;
}

bool aigov__cel_in(cel_eval *e, const cel_node *node, const cel_value *arg,
                   uint32_t n, cel_value *out)
{
    bool found;

    (void)node, (void)n;
    if (arg[1].kind == CEL_LIST) {
        if (!in_list(e, &arg[0], &arg[1], &found)) {
            return false;
        }
    } else if (arg[1].kind == CEL_MAP) {
        if (!aigov__cel_charge(e, arg[1].n / 8)) {
            return false;
        }
        found = aigov__cel_find(&arg[1], &arg[0]) != NULL;
    } else {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    *out = aigov__cel_bool(found);
    return true;
}

/* A whole number from any numeric kind; one that is none is not in a list. */
static cel_error list_index(const cel_value *v, uint32_t n, uint32_t *at)
{
    cel_value whole = {.kind = CEL_UINT}, end = {.kind = CEL_UINT, .u = n};
    int order;

    if (!aigov__cel_is_number(v)) {
        return CEL_NO_SUCH_OVERLOAD;
    }
    /* at least 0, below n: then it can be converted */
    if (!aigov__cel_compare(v, &whole, &order) || order < 0 ||
        !aigov__cel_compare(v, &end, &order) || order >= 0) {
        return CEL_INVALID_ARGUMENT;
    }
    whole.u = v->kind == CEL_DOUBLE ? (uint64_t)v->d : v->u;
    *at = (uint32_t)whole.u;
    return aigov__cel_equal_keys(&whole, v) ? CEL_OK : CEL_INVALID_ARGUMENT;
}

bool aigov__cel_index(cel_eval *e, const cel_node *node, const cel_value *arg,
                      uint32_t n, cel_value *out)
{
    const cel_value *in = &arg[0], *key = &arg[1];
    uint32_t at;

    (void)node, (void)n;
    if (in->kind == CEL_LIST) {
        cel_error error = list_index(key, in->n, &at);
        if (error != CEL_OK) {
            return aigov__cel_error(e, error);
        }
        *out = in->items[at];
        return true;
    }
    if (in->kind != CEL_MAP ||
        !(aigov__cel_is_key(key) || key->kind == CEL_DOUBLE)) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    if (!aigov__cel_charge(e, in->n / 8)) {
        return false;
    }
    const cel_value *value = aigov__cel_find(in, key);
    if (value == NULL) {
        return aigov__cel_error(e, CEL_NO_SUCH_KEY);
    }
    *out = *value;
    return true;
}

/* --- size ---------------------------------------------------------------- */

/* Code points: bytes that do not continue one. */
static uint32_t code_points(const cel_value *v)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < v->n; i++) {
        count += ((uint8_t)v->s[i] & 0xC0) != 0x80;
    }
    return count;
}

bool aigov__cel_size(cel_eval *e, const cel_node *node, const cel_value *arg,
                     uint32_t n, cel_value *out)
{
    (void)node, (void)n;
    switch (arg->kind) {
    case CEL_STRING:
        if (!aigov__cel_scan(e, arg->n)) {
            return false;
        }
        *out = aigov__cel_int(code_points(arg));
        return true;
    case CEL_BYTES:
    case CEL_LIST:
    case CEL_MAP:
        *out = aigov__cel_int(arg->n);
        return true;
    default:
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
}
