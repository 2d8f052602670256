/*
 * check.c - a type for each node, or what does not fit
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Gradual Type Checking; where it leaves a choice,
 * cel-go. Elements of a list or map literal of several types have type dyn. The
 * two values of ?: have one type, unless one of them is dyn.
 */
#include "check.h"

static const cel_type *check(cel_checker *k, cel_node *node);

/* --- refusing ------------------------------------------------------------ */

/* "what, not type": format has one %.*s for the type. */
static const cel_type *refuse(cel_checker *k, size_t at, const char *expected,
                              const cel_type *found, const char *hint)
{
    aigov_buf text;

    aigov_buf_init(&text, k->c->program->ctx);
    if (aigov__cel_type_write(aigov__cel_final(k, found), &text)) {
        k->status = aigov__cel_refuse(k->c, CEL_CHECK, at, "%s, not %.*s",
                                      expected, (int)text.n, text.p);
        aigov_hint(k->c->err, "%s", hint);
    } else {
        k->status = aigov__nomem(k->c->err);
    }
    aigov_buf_free(&text);
    return NULL;
}

static bool is_bool(const cel_checker *k, const cel_type *t)
{
    return aigov__cel_is_dyn(k, t) || aigov__cel_bound(k, t)->kind == CEL_BOOL;
}

static const cel_type *enough(cel_checker *k, const cel_type *t)
{
    if (t == NULL) {
        k->status = aigov__nomem(k->c->err);
    }
    return t;
}

static const cel_type *list_of(cel_checker *k, const cel_type *of)
{
    return enough(k,
                  aigov__cel_list_of(k->c->arena, aigov__cel_shallow(k, of)));
}

/* --- nodes --------------------------------------------------------------- */

/* One that has to be true or false. */
static bool condition(cel_checker *k, cel_node *node, const char *expected)
{
    const cel_type *t = check(k, node);

    return t != NULL &&
           (is_bool(k, t) ||
            refuse(k, node->at, expected, t, "compare it: x == 'a', x > 0"));
}

static const cel_type *logical(cel_checker *k, cel_node *node)
{
    const char *expected =
        node->op == CEL_NODE_AND ? "&& asks for bool" : "|| asks for bool";

    return condition(k, node->kid[0], expected) &&
                   condition(k, node->kid[1], expected)
               ? aigov__cel_basic(CEL_BOOL)
               : NULL;
}

static const cel_type *conditional(cel_checker *k, cel_node *node)
{
    const cel_type *yes, *no;

    if (!condition(k, node->kid[0], "?: asks for bool") ||
        (yes = check(k, node->kid[1])) == NULL ||
        (no = check(k, node->kid[2])) == NULL) {
        return NULL;
    }
    if (!aigov__cel_assignable(k, no, yes)) {
        return refuse(k, node->kid[2]->at,
                      "both values of ?: have the type of the first", no,
                      "dyn(x) is of any type");
    }
    return aigov__cel_general(k, yes, no);
}

static const cel_type *list(cel_checker *k, cel_node *node)
{
    const cel_type *of = NULL;

    for (uint32_t i = 0; i < node->n; i++) {
        const cel_type *t = check(k, node->kid[i]);
        if (t == NULL) {
            return NULL;
        }
        of = of == NULL ? t : aigov__cel_join(k, of, t);
    }
    return list_of(k, of == NULL ? aigov__cel_fresh(k) : of);
}

static bool is_key(const cel_checker *k, const cel_type *t)
{
    t = aigov__cel_bound(k, t);
    return aigov__cel_is_dyn(k, t) || t->kind == CEL_BOOL ||
           t->kind == CEL_INT || t->kind == CEL_UINT || t->kind == CEL_STRING;
}

static const cel_type *map(cel_checker *k, cel_node *node)
{
    const cel_type *key = NULL, *of = NULL;

    for (uint32_t i = 0; i < node->n; i += 2) {
        const cel_type *a = check(k, node->kid[i]);
        if (a == NULL) {
            return NULL;
        }
        if (!is_key(k, a)) {
            return refuse(k, node->kid[i]->at,
                          "a key of a map is bool, int, uint or string", a, "");
        }
        const cel_type *b = check(k, node->kid[i + 1]);
        if (b == NULL) {
            return NULL;
        }
        key = key == NULL ? a : aigov__cel_join(k, key, a);
        of = of == NULL ? b : aigov__cel_join(k, of, b);
    }
    if (key == NULL || aigov__cel_is_dyn(k, key)) {
        key = aigov__cel_basic(CEL_DYN); /* never a variable */
    }
    of = of == NULL ? aigov__cel_fresh(k) : of;
    return enough(k, aigov__cel_map_of(k->c->arena, aigov__cel_bound(k, key),
                                       aigov__cel_shallow(k, of)));
}

static const cel_type *selection(cel_checker *k, cel_node *node)
{
    const cel_type *t = check(k, node->kid[0]);

    if (t == NULL) {
        return NULL;
    }
    if (!aigov__cel_is_dyn(k, t) && aigov__cel_bound(k, t)->kind != CEL_MAP) {
        return refuse(k, node->at, "only a map has fields", t, "");
    }
    if (node->op == CEL_NODE_HAS) {
        return aigov__cel_basic(CEL_BOOL);
    }
    return aigov__cel_is_dyn(k, t) ? aigov__cel_basic(CEL_DYN)
                                   : aigov__cel_bound(k, t)->of;
}

/* The type of the variable of a macro. */
static const cel_type *range(cel_checker *k, cel_node *node)
{
    const cel_type *t = check(k, node);

    if (t == NULL || aigov__cel_is_dyn(k, t)) {
        return t == NULL ? NULL : aigov__cel_basic(CEL_DYN);
    }
    const cel_type *of = aigov__cel_bound(k, t);
    if (of->kind == CEL_LIST) {
        return of->of;
    }
    return of->kind == CEL_MAP
               ? of->key
               : refuse(k, node->at, "a macro goes over a list or a map", t,
                        "");
}

static const cel_type *macro(cel_checker *k, cel_node *node)
{
    const cel_type *of = range(k, node->kid[0]), *result;

    if (of == NULL) {
        return NULL;
    }
    k->local[node->number] = of;
    if ((node->op != CEL_NODE_TRANSFORM || node->n == 3) &&
        !condition(k, node->kid[1], "the condition of a macro is bool")) {
        return NULL;
    }
    switch (node->op) {
    case CEL_NODE_FILTER:
        return list_of(k, of);
    case CEL_NODE_TRANSFORM:
        result = check(k, node->kid[node->n - 1]);
        return result == NULL ? NULL : list_of(k, result);
    default:
        return aigov__cel_basic(CEL_BOOL);
    }
}

static const cel_type *call(cel_checker *k, cel_node *node)
{
    for (uint32_t i = 0; i < node->n; i++) {
        if (check(k, node->kid[i]) == NULL) {
            return NULL;
        }
    }
    return aigov__cel_result(k, node);
}

static const cel_type *type_of(cel_checker *k, cel_node *node)
{
    switch (node->op) {
    case CEL_NODE_CONST:
        return aigov__cel_basic((cel_kind)node->value.kind);
    case CEL_NODE_SLOT:
        return enough(
            k, aigov__cel_type_copy(k->c->arena,
                                    k->c->env->variable[node->number].type));
    case CEL_NODE_LOCAL:
        return k->local[node->number];
    case CEL_NODE_SELECT:
    case CEL_NODE_HAS:
        return selection(k, node);
    case CEL_NODE_CALL:
        return call(k, node);
    case CEL_NODE_AND:
    case CEL_NODE_OR:
        return logical(k, node);
    case CEL_NODE_COND:
        return conditional(k, node);
    case CEL_NODE_LIST:
        return list(k, node);
    case CEL_NODE_MAP:
        return map(k, node);
    default:
        return macro(k, node);
    }
}

static const cel_type *check(cel_checker *k, cel_node *node)
{
    const cel_type *t = type_of(k, node);

    node->type = k->status == AIGOV_OK ? t : NULL;
    return node->type;
}

/* Variables go; what they were not bound to is dyn. */
static void finish(cel_checker *k, cel_node *node)
{
    node->type = aigov__cel_final(k, node->type);
    for (uint32_t i = 0; i < node->n; i++) {
        finish(k, node->kid[i]);
    }
}

aigov_status aigov__cel_check(cel_compiler *c, cel_node *root)
{
    cel_checker k; /* its types of macro variables are not cleared: 2 KiB */

    k.c = c;
    k.status = AIGOV_OK;
    k.bound = NULL;
    k.trail = NULL;
    k.variables = k.room = k.trailed = k.trail_room = k.depth = 0;
    if (check(&k, root) == NULL) {
        return k.status;
    }
    if (k.variables > 0) {
        finish(&k, root);
    }
    if (k.status == AIGOV_OK && (c->flags & AIGOV_CEL_BOOL) != 0 &&
        root->type->kind != CEL_BOOL) {
        refuse(&k, root->at, "the result must be bool", root->type,
               "compare it: x == 'a', x > 0");
    }
    return k.status;
}
