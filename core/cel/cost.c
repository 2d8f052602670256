/*
 * cost.c - what an expression costs at worst, in units
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The units are those that eval.c lists.  What is not written in the expression
 * is taken to be as large as it is declared to be at most:
 *
 *   list, map        64 elements
 *   string, bytes   256 bytes
 *   dyn              a list of 64 strings
 *
 * A larger value is not refused when it comes; the evaluation has its own
 * bound, AIGOV_CEL_UNITS.  Sums stop at the largest uint64_t.
 */
#include "internal.h"

#include "match.h"

#define ELEMENTS 64U
#define BYTES 256U
#define SCAN 64U           /* bytes a unit */
#define MAP_ENTRIES 8U     /* of a map that is searched, a unit */
#define NUMBER_TEXT 32U    /* bytes of a number or a time as text */
#define INSTRUCTIONS 1000U /* of a pattern that is not known */

/* The size of a value. */
typedef struct extent {
    uint64_t length;                 /* bytes or elements */
    uint64_t scan;                   /* units to compare it with one as large */
    uint64_t each_length, each_scan; /* of an element, or of a key */
} extent;

typedef struct estimator {
    extent local[UINT8_MAX];
} estimator;

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t scans(uint64_t bytes)
{
    return bytes / SCAN + (bytes % SCAN != 0);
}

/* --- sizes --------------------------------------------------------------- */

static extent text(uint64_t bytes)
{
    return (extent){.length = bytes, .scan = scans(bytes)};
}

static extent many(uint64_t n, extent each)
{
    return (extent){n, times(n, add(1, each.scan)), each.length, each.scan};
}

static extent either(extent a, extent b)
{
    return (extent){greater(a.length, b.length), greater(a.scan, b.scan),
                    greater(a.each_length, b.each_length),
                    greater(a.each_scan, b.each_scan)};
}

static extent both(extent a, extent b)
{
    extent e = either(a, b);

    e.length = add(a.length, b.length);
    e.scan = add(a.scan, b.scan);
    return e;
}

static extent of_type(const cel_type *t)
{
    extent e = {0};

    switch (t == NULL ? CEL_DYN : (cel_kind)t->kind) {
    case CEL_STRING:
    case CEL_BYTES:
        return text(BYTES);
    case CEL_LIST:
        return many(ELEMENTS, of_type(t->of));
    case CEL_MAP:
        e = of_type(t->key);
        return (extent){ELEMENTS,
                        times(ELEMENTS, add(ELEMENTS, of_type(t->of).scan)),
                        e.length, e.scan};
    case CEL_DYN:
    case CEL_PARAM:
        e = many(ELEMENTS, text(BYTES));
        e.length = BYTES;
        return e;
    default:
        return e;
    }
}

static extent of_constant(const cel_value *v)
{
    return v->kind == CEL_STRING || v->kind == CEL_BYTES ? text(v->n)
                                                         : (extent){0};
}

/* Elements of a value that has them: dyn may be text, which is longer. */
static uint64_t entries(const cel_node *node, const extent *size)
{
    bool open = node->type == NULL || node->type->kind == CEL_DYN;

    return open ? less(size->length, ELEMENTS) : size->length;
}

static bool is_text(const cel_node *node)
{
    return node->type == NULL ||
           (node->type->kind != CEL_LIST && node->type->kind != CEL_MAP);
}

/* --- calls --------------------------------------------------------------- */

/* Size of what a call gives. */
static extent result(const cel_node *node, const extent *arg)
{
    extent e = {0};

    switch (node->fn) {
    case CEL_ADD:
        return both(arg[0], arg[1]);
    case CEL_CHAR_AT:
        return text(4);
    case CEL_SUBSTRING:
    case CEL_TRIM:
    case CEL_LOWER_ASCII:
    case CEL_UPPER_ASCII:
    case CEL_TO_BYTES:
    case CEL_TO_DYN:
        return arg[0];
    case CEL_TO_STRING:
        return text(greater(arg[0].length, NUMBER_TEXT));
    case CEL_REPLACE:
        return text(
            add(arg[0].length, times(add(arg[0].length, 1), arg[2].length)));
    case CEL_SPLIT: /* the parts are the text, no longer than it all in all */
        e = text(arg[0].length);
        return (extent){add(e.length, 1), add(add(e.length, 1), e.scan),
                        e.length, e.scan};
    case CEL_JOIN:
        return text(times(arg[0].length, add(arg[0].each_length,
                                             node->n > 1 ? arg[1].length : 0)));
    case CEL_INDEX:
        e.length = arg[0].each_length;
        e.scan = arg[0].each_scan;
        return either(e, of_type(node->type));
    default:
        return e;
    }
}

/* Units of a call besides its node and its arguments. */
static uint64_t work(const cel_node *node, const extent *arg)
{
    uint64_t size = INSTRUCTIONS, sum = 0;

    switch (node->fn) {
    case CEL_FUNCTIONS_:
    case CEL_TO_DYN:
    case CEL_TO_TYPE:
        return 0;
    case CEL_EQUAL:
    case CEL_NOT_EQUAL:
    case CEL_LESS:
    case CEL_LESS_EQUAL:
    case CEL_GREATER:
    case CEL_GREATER_EQUAL:
        return less(arg[0].scan, arg[1].scan);
    case CEL_IN:
        return times(entries(node->kid[1], &arg[1]),
                     add(1, less(arg[0].scan, arg[1].each_scan)));
    case CEL_INDEX:
        return entries(node->kid[0], &arg[0]) / MAP_ENTRIES;
    case CEL_ADD:
        return result(node, arg).scan;
    case CEL_MATCHES:
        if (node->pattern != NULL) {
            size = aigov__regex_size(node->pattern);
        } else {
            sum = 8 * INSTRUCTIONS; /* to compile it */
        }
        return add(sum, scans(times(arg[0].length, size)));
    case CEL_SIZE:
        return is_text(node->kid[0]) ? scans(arg[0].length) : 0;
    case CEL_STARTS_WITH:
    case CEL_ENDS_WITH:
        return scans(arg[1].length);
    default: /* text that is read and text that is written */
        sum = add(result(node, arg).scan,
                  node->fn == CEL_JOIN ? arg[0].length : 0);
        for (uint32_t i = 0; i < node->n && i < 4; i++) {
            sum = add(sum, scans(arg[i].length));
        }
        return sum;
    }
}

/* --- nodes --------------------------------------------------------------- */

static uint64_t cost(estimator *e, const cel_node *node, extent *size);

static uint64_t call(estimator *e, const cel_node *node, extent *size)
{
    extent arg[4] = {{0}}, more;
    uint64_t sum = 1;

    for (uint32_t i = 0; i < node->n; i++) {
        sum = add(sum, cost(e, node->kid[i], i < 4 ? &arg[i] : &more));
    }
    *size = node->fn == CEL_FUNCTIONS_ ? (extent){0} : result(node, arg);
    return add(sum, work(node, arg));
}

static uint64_t conditional(estimator *e, const cel_node *node, extent *size)
{
    extent condition, other;
    uint64_t sum = add(1, cost(e, node->kid[0], &condition));
    uint64_t yes = cost(e, node->kid[1], size);
    uint64_t no = cost(e, node->kid[2], &other);

    *size = either(*size, other);
    return add(sum, greater(yes, no));
}

static uint64_t aggregate(estimator *e, const cel_node *node, extent *size)
{
    const uint32_t step = node->op == CEL_NODE_MAP ? 2 : 1;
    uint64_t sum = 1;
    extent kid;

    *size = (extent){.length = node->n / step};
    for (uint32_t i = 0; i < node->n; i++) {
        sum = add(sum, cost(e, node->kid[i], &kid));
        size->scan =
            add(size->scan, add(step == 2 ? size->length : 1, kid.scan));
        if (i % step == 0) { /* macros take the keys */
            size->each_scan = greater(size->each_scan, kid.scan);
            size->each_length = greater(size->each_length, kid.length);
        }
    }
    return sum;
}

/* Size of what the variable of a macro is. */
static extent element(const cel_node *range, const extent *size)
{
    extent own = {.length = size->each_length, .scan = size->each_scan};
    const cel_type *t = range->type;

    if (t == NULL || t->kind == CEL_DYN) {
        return of_type(NULL);
    }
    extent declared = of_type(t->kind == CEL_MAP ? t->key : t->of);
    if (range->op == CEL_NODE_LIST || range->op == CEL_NODE_MAP) {
        own.each_length = declared.each_length;
        own.each_scan = declared.each_scan;
        return own;
    }
    return either(own, declared);
}

static uint64_t macro(estimator *e, const cel_node *node, extent *size)
{
    extent range, kid = {0}, own;
    uint64_t sum = add(1, cost(e, node->kid[0], &range)), each = 1;
    uint64_t n = entries(node->kid[0], &range);

    own = e->local[node->number] = element(node->kid[0], &range);
    for (uint32_t i = 1; i < node->n; i++) {
        each = add(each, cost(e, node->kid[i], &kid));
    }
    *size = (extent){0};
    if (node->op == CEL_NODE_FILTER) {
        *size = many(n, own);
    } else if (node->op == CEL_NODE_TRANSFORM) {
        *size = many(n, kid);
    }
    return add(sum, times(n, each));
}

static uint64_t cost(estimator *e, const cel_node *node, extent *size)
{
    extent kid = {0};
    uint64_t sum = 1;

    switch (node->op) {
    case CEL_NODE_CONST:
        *size = of_constant(&node->value);
        return 1;
    case CEL_NODE_LOCAL:
        *size = e->local[node->number];
        return 1;
    case CEL_NODE_CALL:
        return call(e, node, size);
    case CEL_NODE_COND:
        return conditional(e, node, size);
    case CEL_NODE_LIST:
    case CEL_NODE_MAP:
        return aggregate(e, node, size);
    case CEL_NODE_ALL:
    case CEL_NODE_EXISTS:
    case CEL_NODE_EXISTS_ONE:
    case CEL_NODE_FILTER:
    case CEL_NODE_TRANSFORM:
        return macro(e, node, size);
    default: /* names, selections, && and || */
        for (uint32_t i = 0; i < node->n; i++) {
            sum = add(sum, cost(e, node->kid[i], &kid));
        }
        if (node->op == CEL_NODE_SELECT || node->op == CEL_NODE_HAS) {
            sum = add(sum, entries(node->kid[0], &kid) / MAP_ENTRIES);
        }
        *size = node->op == CEL_NODE_SELECT || node->op == CEL_NODE_SLOT ||
                        node->op == CEL_NODE_NAME
                    ? of_type(node->type)
                    : (extent){0};
        return sum;
    }
}

uint64_t aigov__cel_cost(const cel_node *root)
{
    estimator e; /* sizes of macro variables; set before they are read */
    extent size;

    return cost(&e, root, &size);
}
