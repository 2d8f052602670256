/*
 * eval.c - the value of an expression
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A walk over the nodes, from left to right and only where a value is needed,
 * so that the units used and the error reported are the same each time.  It
 * recurses as deep as the tree is high, which the compiler limits.
 *
 * Units (cost.c has the same rules, with declared maxima for sizes)
 *
 *   a node                       1
 *   an element of a macro        1, and what the predicate uses
 *   in, of a list                1 an element looked at, and its comparison
 *   in, index, field of a map    entries / 8: keys are short
 *   comparison of text           n / 64: the node pays for the first 63 bytes
 *   equality of lists, maps      1 an element; 1 an entry looked at, which is
 *                                one each where both have the same order
 *   lists + lists                1 an element
 *   a scan of text               ceil(bytes / 64): size, contains, conversions,
 *                                string functions, by what they read and write
 *   matches                      ceil(instructions * bytes / 64); of a pattern
 *                                that is no literal 8 an instruction more
 *
 * Errors (langdef.md, Runtime Errors; notes on logical operators there).  One
 * operand of && and || that decides makes an error of the other vanish, on
 * whichever side it stands; so do the elements of all and exists.  What is not
 * a bool is an error as any other.  Where both sides fail, the left one is
 * reported.  An end by cost, depth or the host never vanishes: what it would
 * have been is not known.
 */
#include "internal.h"

/* Kept out of eval_inner, so that its frame stays small. */
#define OUTLINE __attribute__((noinline))

#define POLL 1000 /* units between two questions to the host */

/* --- units, errors, memory ----------------------------------------------- */

bool aigov__cel_error(cel_eval *e, cel_error error)
{
    e->run->error = error;
    return false;
}

static bool fail(cel_eval *e, const cel_node *node, cel_error error)
{
    e->run->error = error;
    e->run->at = node->at;
    return false;
}

static bool fail_host(cel_eval *e, aigov_status status)
{
    e->run->status = status;
    return aigov__cel_error(e, CEL_HOST);
}

bool aigov__cel_charge_slow(cel_eval *e, uint64_t units)
{
    if (units > e->left) {
        e->left = e->poll = 0;
        return aigov__cel_error(e, CEL_COST_EXCEEDED);
    }
    e->left -= units;
    e->poll = e->left > POLL ? e->left - POLL : 0;
    return !aigov__interrupted(e->ctx) || fail_host(e, AIGOV_CANCELED);
}

void *aigov__cel_take(cel_eval *e, size_t n)
{
    void *p = aigov__cel_alloc(e->arena, n == 0 ? 1 : n);

    if (p == NULL) {
        fail_host(e, AIGOV_NOMEM);
    }
    return p;
}

bool aigov__cel_new_text(cel_eval *e, const char *s, size_t n, cel_value *out)
{
    char *copy = aigov__cel_take(e, n);

    if (copy == NULL) {
        return false;
    }
    if (n != 0) {
        memcpy(copy, s, n);
    }
    *out = (cel_value){.kind = CEL_STRING, .n = (uint32_t)n, .s = copy};
    return true;
}

/* Whether && and || may forget it. */
static bool absorbable(cel_error error)
{
    return error != CEL_COST_EXCEEDED && error != CEL_DEPTH_EXCEEDED &&
           error != CEL_HOST;
}

bool aigov__cel_equals(cel_eval *e, const cel_value *a, const cel_value *b,
                       bool *equal)
{
    uint64_t left = e->left;
    cel_equality same = aigov__cel_same(a, b, &left);

    *equal = same == CEL_EQUAL_YES;
    if (same == CEL_EQUAL_DEEP) {
        return aigov__cel_error(e, CEL_DEPTH_EXCEEDED);
    }
    return aigov__cel_charge(e, same == CEL_EQUAL_DEAR ? e->left + 1
                                                       : e->left - left);
}

/* --- the walk ------------------------------------------------------------ */

static bool eval_inner(cel_eval *e, const cel_node *node, cel_value *out);

/* Most nodes are leaves: they are evaluated where their value is used. */
static inline bool eval(cel_eval *e, const cel_node *node, cel_value *out)
{
    if (AIGOV__LIKELY(e->left > e->poll)) {
        if (node->op == CEL_NODE_CONST) {
            e->left--;
            *out = node->value;
            return true;
        }
        if (node->op == CEL_NODE_SLOT && e->slot[node->number] != NULL) {
            e->left--;
            *out = *e->slot[node->number];
            return true;
        }
    }
    return eval_inner(e, node, out);
}

/* --- calls --------------------------------------------------------------- */

static bool negate(cel_eval *e, const cel_node *node, const cel_value *arg,
                   uint32_t n, cel_value *out)
{
    (void)node, (void)n;
    if (arg[0].kind != CEL_BOOL) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    *out = aigov__cel_bool(!arg[0].b);
    return true;
}

static bool equality(cel_eval *e, const cel_node *node, const cel_value *arg,
                     uint32_t n, cel_value *out)
{
    const cel_value *a = &arg[0], *b = &arg[1];
    bool equal;

    (void)n;
    if (a->kind == CEL_STRING && b->kind == CEL_STRING && a->n < 64) {
        /* what rules do most: the node has paid for it */
        equal = a->n == b->n && (a->n == 0 || memcmp(a->s, b->s, a->n) == 0);
    } else if (!aigov__cel_equals(e, a, b, &equal)) {
        return false;
    }
    *out = aigov__cel_bool(equal == (node->fn == CEL_EQUAL));
    return true;
}

static cel_call *const calls[CEL_FUNCTIONS_] = {
    [CEL_NOT] = negate,
    [CEL_NEGATE] = aigov__cel_operate,
    [CEL_ADD] = aigov__cel_operate,
    [CEL_SUBTRACT] = aigov__cel_operate,
    [CEL_MULTIPLY] = aigov__cel_operate,
    [CEL_DIVIDE] = aigov__cel_operate,
    [CEL_MODULO] = aigov__cel_operate,
    [CEL_EQUAL] = equality,
    [CEL_NOT_EQUAL] = equality,
    [CEL_LESS] = aigov__cel_order,
    [CEL_LESS_EQUAL] = aigov__cel_order,
    [CEL_GREATER] = aigov__cel_order,
    [CEL_GREATER_EQUAL] = aigov__cel_order,
    [CEL_IN] = aigov__cel_in,
    [CEL_INDEX] = aigov__cel_index,
    [CEL_SIZE] = aigov__cel_size,
    [CEL_CONTAINS] = aigov__cel_contains,
    [CEL_STARTS_WITH] = aigov__cel_contains,
    [CEL_ENDS_WITH] = aigov__cel_contains,
    [CEL_MATCHES] = aigov__cel_matches,
    [CEL_TO_INT] = aigov__cel_convert,
    [CEL_TO_UINT] = aigov__cel_convert,
    [CEL_TO_DOUBLE] = aigov__cel_convert,
    [CEL_TO_STRING] = aigov__cel_convert,
    [CEL_TO_BYTES] = aigov__cel_convert,
    [CEL_TO_BOOL] = aigov__cel_convert,
    [CEL_TO_TYPE] = aigov__cel_convert,
    [CEL_TO_DYN] = aigov__cel_convert,
    [CEL_TO_TIMESTAMP] = aigov__cel_convert,
    [CEL_TO_DURATION] = aigov__cel_convert,
    [CEL_GET_FULL_YEAR] = aigov__cel_time_part,
    [CEL_GET_MONTH] = aigov__cel_time_part,
    [CEL_GET_DATE] = aigov__cel_time_part,
    [CEL_GET_DAY_OF_MONTH] = aigov__cel_time_part,
    [CEL_GET_DAY_OF_WEEK] = aigov__cel_time_part,
    [CEL_GET_DAY_OF_YEAR] = aigov__cel_time_part,
    [CEL_GET_HOURS] = aigov__cel_time_part,
    [CEL_GET_MINUTES] = aigov__cel_time_part,
    [CEL_GET_SECONDS] = aigov__cel_time_part,
    [CEL_GET_MILLISECONDS] = aigov__cel_time_part,
    [CEL_CHAR_AT] = aigov__cel_string,
    [CEL_INDEX_OF] = aigov__cel_string,
    [CEL_LAST_INDEX_OF] = aigov__cel_string,
    [CEL_LOWER_ASCII] = aigov__cel_string,
    [CEL_UPPER_ASCII] = aigov__cel_string,
    [CEL_REPLACE] = aigov__cel_string,
    [CEL_SPLIT] = aigov__cel_string,
    [CEL_SUBSTRING] = aigov__cel_string,
    [CEL_TRIM] = aigov__cel_string,
    [CEL_JOIN] = aigov__cel_string,
};

/* The most that an overload takes: x.replace(a, b, limit). */
#define MAX_ARGS 4

static OUTLINE bool eval_call(cel_eval *e, const cel_node *node, cel_value *out)
{
    cel_value arg[MAX_ARGS];

    if (node->fn >= CEL_FUNCTIONS_ || node->n > MAX_ARGS) {
        return fail(e, node, CEL_NO_SUCH_OVERLOAD);
    }
    for (uint32_t i = 0; i < node->n; i++) {
        if (!eval(e, node->kid[i], &arg[i])) {
            return false;
        }
    }
    if (!calls[node->fn](e, node, arg, node->n, out)) {
        e->run->at = node->at;
        return false;
    }
    return true;
}

/* --- fields -------------------------------------------------------------- */

static const cel_value *find_field(const cel_value *map, aigov_span name)
{
    for (uint32_t i = 0; i < map->n; i++) {
        const cel_value *key = &map->items[2 * i];
        if (key->kind == CEL_STRING && key->n == name.n &&
            (name.n == 0 || memcmp(key->s, name.p, name.n) == 0)) {
            return key + 1;
        }
    }
    return NULL;
}

static OUTLINE bool eval_field(cel_eval *e, const cel_node *node,
                               cel_value *out)
{
    cel_value map;

    if (!eval(e, node->kid[0], &map)) {
        return false;
    }
    if (map.kind != CEL_MAP) {
        return fail(e, node, CEL_NO_SUCH_OVERLOAD);
    }
    if (!aigov__cel_charge(e, map.n / 8)) {
        e->run->at = node->at;
        return false;
    }
    const cel_value *value = find_field(&map, node->name);
    if (node->op == CEL_NODE_HAS) {
        *out = aigov__cel_bool(value != NULL);
        return true;
    }
    if (value == NULL) {
        return fail(e, node, CEL_NO_SUCH_KEY);
    }
    *out = *value;
    return true;
}

/* --- logic --------------------------------------------------------------- */

/* An operand that must be a bool; false: an error, of it or of the node. */
static bool eval_bool(cel_eval *e, const cel_node *node, const cel_node *kid,
                      bool *out)
{
    cel_value v;

    if (!eval(e, kid, &v)) {
        return false;
    }
    if (v.kind != CEL_BOOL) {
        return fail(e, node, CEL_NO_SUCH_OVERLOAD);
    }
    *out = v.b;
    return true;
}

/* The left operand failed: the right one may decide without it. */
static bool eval_right_alone(cel_eval *e, const cel_node *node, bool decides,
                             cel_value *out)
{
    cel_error error = e->run->error;
    uint32_t at = e->run->at;
    bool right;

    if (!absorbable(error)) {
        return false;
    }
    if (eval_bool(e, node, node->kid[1], &right)) {
        if (right == decides) {
            e->run->error = CEL_OK;
            *out = aigov__cel_bool(decides);
            return true;
        }
    } else if (!absorbable(e->run->error)) {
        return false;
    }
    e->run->error = error;
    e->run->at = at;
    return false;
}

/* && is decided by false, || by true. */
static OUTLINE bool eval_logic(cel_eval *e, const cel_node *node,
                               cel_value *out)
{
    bool decides = node->op == CEL_NODE_OR, v;

    if (!eval_bool(e, node, node->kid[0], &v)) {
        return eval_right_alone(e, node, decides, out);
    }
    if (v != decides && !eval_bool(e, node, node->kid[1], &v)) {
        return false;
    }
    *out = aigov__cel_bool(v);
    return true;
}

static OUTLINE bool eval_cond(cel_eval *e, const cel_node *node, cel_value *out)
{
    bool chosen;

    return eval_bool(e, node, node->kid[0], &chosen) &&
           eval(e, node->kid[chosen ? 1 : 2], out);
}

/* --- literals ------------------------------------------------------------ */

static cel_value *eval_items(cel_eval *e, const cel_node *node)
{
    cel_value *items = aigov__cel_take(e, node->n * sizeof *items);

    if (items == NULL) {
        e->run->at = node->at;
        return NULL;
    }
    for (uint32_t i = 0; i < node->n; i++) {
        if (!eval(e, node->kid[i], &items[i])) {
            return NULL;
        }
    }
    return items;
}

static OUTLINE bool eval_list(cel_eval *e, const cel_node *node, cel_value *out)
{
    cel_value *items = eval_items(e, node);

    *out = (cel_value){.kind = CEL_LIST, .n = node->n, .items = items};
    return items != NULL;
}

static OUTLINE bool eval_map(cel_eval *e, const cel_node *node, cel_value *out)
{
    uint32_t n = node->n / 2;
    cel_value *items = eval_items(e, node);
    uint32_t *at = items == NULL ? NULL : aigov__cel_take(e, n * sizeof *at);

    if (at == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!aigov__cel_is_key(&items[2 * i])) {
            return fail(e, node, CEL_NO_SUCH_OVERLOAD);
        }
    }
    if (!aigov__cel_distinct(items, n, at)) {
        return fail(e, node, CEL_INVALID_ARGUMENT);
    }
    *out = (cel_value){.kind = CEL_MAP, .n = n, .items = items};
    return true;
}

/* --- macros -------------------------------------------------------------- */

static bool eval_range(cel_eval *e, const cel_node *node, cel_value *range)
{
    if (!eval(e, node->kid[0], range)) {
        return false;
    }
    if (range->kind != CEL_LIST && range->kind != CEL_MAP) {
        return fail(e, node, CEL_NO_SUCH_OVERLOAD);
    }
    return true;
}

/* Bind the i-th element, or the i-th key of a map. */
static bool bind(cel_eval *e, const cel_node *node, const cel_value *range,
                 uint32_t i)
{
    if (!aigov__cel_charge(e, 1)) {
        e->run->at = node->at;
        return false;
    }
    e->local[node->number] =
        range->items[range->kind == CEL_MAP ? 2 * (size_t)i : i];
    return true;
}

/* all is decided by false, exists by true. */
static OUTLINE bool eval_quantifier(cel_eval *e, const cel_node *node,
                                    cel_value *out)
{
    bool decides = node->op == CEL_NODE_EXISTS, held;
    cel_error first = CEL_OK;
    uint32_t at = 0;
    cel_value range;

    if (!eval_range(e, node, &range)) {
        return false;
    }
    for (uint32_t i = 0; i < range.n; i++) {
        if (!bind(e, node, &range, i)) {
            return false;
        }
        if (eval_bool(e, node, node->kid[1], &held)) {
            if (held == decides) {
                e->run->error = CEL_OK;
                *out = aigov__cel_bool(decides);
                return true;
            }
        } else if (!absorbable(e->run->error)) {
            return false;
        } else if (first == CEL_OK) {
            first = e->run->error;
            at = e->run->at;
        }
    }
    *out = aigov__cel_bool(!decides);
    e->run->error = first;
    e->run->at = at;
    return first == CEL_OK;
}

static OUTLINE bool eval_exists_one(cel_eval *e, const cel_node *node,
                                    cel_value *out)
{
    uint32_t count = 0;
    cel_value range;
    bool held;

    if (!eval_range(e, node, &range)) {
        return false;
    }
    for (uint32_t i = 0; i < range.n; i++) {
        if (!bind(e, node, &range, i) ||
            !eval_bool(e, node, node->kid[1], &held)) {
            return false;
        }
        count += held;
    }
    *out = aigov__cel_bool(count == 1);
    return true;
}

/* filter, and map with two or three arguments: elements that hold, changed. */
static OUTLINE bool eval_list_macro(cel_eval *e, const cel_node *node,
                                    cel_value *out)
{
    bool filter = node->op == CEL_NODE_FILTER, held = true;
    const cel_node *predicate = filter || node->n == 3 ? node->kid[1] : NULL;
    const cel_node *transform = filter ? NULL : node->kid[node->n - 1];
    uint32_t n = 0;
    cel_value range;

    if (!eval_range(e, node, &range)) {
        return false;
    }
    cel_value *items = aigov__cel_take(e, range.n * sizeof *items);
    if (items == NULL) {
        e->run->at = node->at;
        return false;
    }
    for (uint32_t i = 0; i < range.n; i++) {
        if (!bind(e, node, &range, i) ||
            (predicate != NULL && !eval_bool(e, node, predicate, &held))) {
            return false;
        }
        if (!held) {
            continue;
        }
        items[n] = e->local[node->number];
        if (transform != NULL && !eval(e, transform, &items[n])) {
            return false;
        }
        n++;
    }
    *out = (cel_value){.kind = CEL_LIST, .n = n, .items = items};
    return true;
}

/* --- nodes --------------------------------------------------------------- */

static bool eval_slot(cel_eval *e, const cel_node *node, cel_value *out)
{
    const cel_value *v = e->slot[node->number];

    if (v == NULL) {
        return fail(e, node, CEL_UNBOUND);
    }
    *out = *v;
    return true;
}

static bool eval_inner(cel_eval *e, const cel_node *node, cel_value *out)
{
    if (!aigov__cel_charge(e, 1)) {
        e->run->at = node->at;
        return false;
    }
    switch ((cel_op)node->op) {
    case CEL_NODE_CONST:
        *out = node->value;
        return true;
    case CEL_NODE_SLOT:
        return eval_slot(e, node, out);
    case CEL_NODE_LOCAL:
        *out = e->local[node->number];
        return true;
    case CEL_NODE_NAME:
        return fail(e, node, CEL_UNBOUND);
    case CEL_NODE_SELECT:
    case CEL_NODE_HAS:
        return eval_field(e, node, out);
    case CEL_NODE_CALL:
        return eval_call(e, node, out);
    case CEL_NODE_AND:
    case CEL_NODE_OR:
        return eval_logic(e, node, out);
    case CEL_NODE_COND:
        return eval_cond(e, node, out);
    case CEL_NODE_LIST:
        return eval_list(e, node, out);
    case CEL_NODE_MAP:
        return eval_map(e, node, out);
    case CEL_NODE_ALL:
    case CEL_NODE_EXISTS:
        return eval_quantifier(e, node, out);
    case CEL_NODE_EXISTS_ONE:
        return eval_exists_one(e, node, out);
    case CEL_NODE_FILTER:
    case CEL_NODE_TRANSFORM:
        break;
    }
    return eval_list_macro(e, node, out);
}

bool aigov__cel_eval(const aigov_cel_program *p, const cel_value *const *value,
                     cel_arena *arena, cel_run *run)
{
    cel_value few[4];
    cel_eval e = {.ctx = arena->ctx,
                  .slot = value,
                  .local = few,
                  .arena = arena,
                  .run = run,
                  .left = run->units};

    run->error = CEL_OK;
    run->at = 0;
    run->status = AIGOV_OK;
    e.poll = e.left > POLL ? e.left - POLL : 0;
    if (p->locals > sizeof few / sizeof few[0]) {
        e.local = aigov__cel_take(&e, p->locals * sizeof *e.local);
    }
    bool done = e.local != NULL && eval(&e, p->root, &run->result);
    run->units -= e.left;
    return done;
}
