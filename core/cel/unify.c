/*
 * unify.c - which types fit, and what a type variable stands for
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Gradual Type Checking: dyn fits everything in both
 * directions.  null fits where a timestamp or a duration is asked for, as in
 * cel-go.  All types of types fit one another, so that type(x) == int can be
 * asked of any x.
 *
 * A key is of a type that needs no more, or dyn, and never a variable
 * (check.c), so that a type is a chain of lists and maps and is walked in a
 * loop.  What is nested deeper than AIGOV__CEL_NESTED is dyn.
 */
#include "check.h"

const cel_type *aigov__cel_fresh(cel_checker *k)
{
    cel_type *t = aigov__cel_alloc(k->c->arena, sizeof *t);

    if (k->variables == k->room && t != NULL) {
        uint32_t room = k->room == 0 ? 32 : k->room * 2;
        const cel_type **more =
            aigov__cel_alloc(k->c->arena, room * sizeof *more);
        if (more != NULL && k->variables != 0) {
            memcpy(more, k->bound, k->variables * sizeof *more);
        }
        k->bound = more == NULL ? k->bound : more;
        k->room = more == NULL ? k->room : room;
    }
    if (t == NULL || k->variables == k->room) {
        k->status = aigov__nomem(k->c->err);
        return aigov__cel_basic(CEL_DYN);
    }
    *t = (cel_type){.kind = CEL_PARAM, .param = k->variables};
    k->bound[k->variables++] = NULL;
    return t;
}

const cel_type *aigov__cel_bound(const cel_checker *k, const cel_type *t)
{
    while (t->kind == CEL_PARAM && k->bound[t->param] != NULL) {
        t = k->bound[t->param];
    }
    return t;
}

bool aigov__cel_is_dyn(const cel_checker *k, const cel_type *t)
{
    t = aigov__cel_bound(k, t);
    return t->kind == CEL_DYN || t->kind == CEL_PARAM;
}

static bool bind(cel_checker *k, uint32_t variable, const cel_type *t)
{
    if (k->trailed == k->trail_room) {
        uint32_t room = k->trail_room == 0 ? 32 : k->trail_room * 2;
        cel_binding *more = aigov__cel_alloc(k->c->arena, room * sizeof *more);
        if (more == NULL) {
            k->status = aigov__nomem(k->c->err);
            return false;
        }
        if (k->trailed != 0) {
            memcpy(more, k->trail, k->trailed * sizeof *more);
        }
        k->trail = more;
        k->trail_room = room;
    }
    k->trail[k->trailed++] = (cel_binding){variable, k->bound[variable]};
    k->bound[variable] = t;
    return true;
}

void aigov__cel_rewind(cel_checker *k, uint32_t mark)
{
    while (k->trailed > mark) {
        k->trailed--;
        k->bound[k->trail[k->trailed].variable] = k->trail[k->trailed].was;
    }
}

/* Whether a type holds a variable, which would then stand for something that
 * it is a part of. */
static bool holds(const cel_checker *k, const cel_type *t, uint32_t variable)
{
    for (; t != NULL; t = t->kind == CEL_PARAM ? k->bound[t->param] : t->of) {
        if (t->kind == CEL_PARAM && t->param == variable) {
            return true;
        }
    }
    return false;
}

static bool is_nullable(cel_kind kind)
{
    return kind == CEL_NULL || kind == CEL_TIMESTAMP || kind == CEL_DURATION;
}

/* The variable at the end of a chain of variables, bound or not. */
static const cel_type *last_variable(const cel_checker *k, const cel_type *t)
{
    while (k->bound[t->param] != NULL &&
           k->bound[t->param]->kind == CEL_PARAM) {
        t = k->bound[t->param];
    }
    return t;
}

static bool fits(cel_checker *k, const cel_type *a, const cel_type *b);

/* A variable, bound or not, and the type t: bound, it becomes what is the more
 * general of the two. */
static bool fits_variable(cel_checker *k, const cel_type *variable,
                          const cel_type *t)
{
    variable = last_variable(k, variable);
    const cel_type *was = k->bound[variable->param];
    if (t->kind == CEL_PARAM && last_variable(k, t)->param == variable->param) {
        return true;
    }
    if (was == NULL) {
        return !holds(k, t, variable->param) && bind(k, variable->param, t);
    }
    if (!fits(k, t, was)) {
        return false;
    }
    const cel_type *general = aigov__cel_general(k, was, t);
    return general == was || holds(k, general, variable->param) ||
           bind(k, variable->param, general);
}

static bool fits(cel_checker *k, const cel_type *a, const cel_type *b)
{
    for (; a != b; a = a->of, b = b->of) {
        if (a->kind == CEL_PARAM || b->kind == CEL_PARAM) {
            if (k->depth >= AIGOV__CEL_NESTED) {
                return true; /* dyn */
            }
            k->depth++;
            bool right = b->kind == CEL_PARAM ? fits_variable(k, b, a)
                                              : fits_variable(k, a, b);
            k->depth--;
            return right;
        }
        if (a->kind == CEL_DYN || b->kind == CEL_DYN) {
            return true;
        }
        if (a->kind != b->kind) {
            return (a->kind == CEL_NULL && is_nullable((cel_kind)b->kind)) ||
                   (b->kind == CEL_NULL && is_nullable((cel_kind)a->kind));
        }
        if (a->kind == CEL_MAP && a->key->kind != b->key->kind &&
            a->key->kind != CEL_DYN && b->key->kind != CEL_DYN) {
            return false;
        }
        if (a->kind != CEL_MAP && a->kind != CEL_LIST) {
            return true;
        }
    }
    return true;
}

bool aigov__cel_assignable(cel_checker *k, const cel_type *a, const cel_type *b)
{
    uint32_t mark = k->trailed;

    if (fits(k, a, b)) {
        return true;
    }
    aigov__cel_rewind(k, mark);
    return false;
}

/* Whether a is b, or says less than b does. */
static bool is_general(const cel_checker *k, const cel_type *a,
                       const cel_type *b)
{
    for (;; a = a->of, b = b->of) {
        a = aigov__cel_bound(k, a);
        b = aigov__cel_bound(k, b);
        if (a->kind == CEL_DYN || a->kind == CEL_PARAM) {
            return true;
        }
        if (b->kind == CEL_DYN || b->kind == CEL_PARAM) {
            return false;
        }
        if (a->kind == CEL_NULL || b->kind == CEL_NULL) {
            return b->kind == CEL_NULL; /* a timestamp that may be null */
        }
        if (a->kind != b->kind ||
            (a->kind == CEL_MAP && a->key->kind != b->key->kind &&
             a->key->kind != CEL_DYN)) {
            return false;
        }
        if (a->kind != CEL_MAP && a->kind != CEL_LIST) {
            return true;
        }
    }
}

const cel_type *aigov__cel_general(cel_checker *k, const cel_type *a,
                                   const cel_type *b)
{
    return is_general(k, a, b) ? a : b;
}

const cel_type *aigov__cel_join(cel_checker *k, const cel_type *a,
                                const cel_type *b)
{
    if (a == b) {
        return a;
    }
    return aigov__cel_assignable(k, a, b) ? aigov__cel_general(k, a, b)
                                          : aigov__cel_basic(CEL_DYN);
}

const cel_type *aigov__cel_shallow(const cel_checker *k, const cel_type *t)
{
    const cel_type *inner = aigov__cel_bound(k, t);

    for (uint32_t n = 0; inner->kind == CEL_LIST || inner->kind == CEL_MAP;
         inner = aigov__cel_bound(k, inner->of)) {
        if (++n >= AIGOV__CEL_NESTED) {
            return aigov__cel_basic(CEL_DYN);
        }
    }
    return t;
}

static const cel_type * final(cel_checker *k, const cel_type *t, int left)
{
    t = aigov__cel_bound(k, t);
    if (t->kind == CEL_PARAM || left == 0) {
        return aigov__cel_basic(CEL_DYN);
    }
    if (t->kind != CEL_LIST && t->kind != CEL_MAP) {
        return t;
    }
    const cel_type *of = final(k, t->of, left - 1);
    if (of == t->of) {
        return t;
    }
    const cel_type *result = t->kind == CEL_LIST
                                 ? aigov__cel_list_of(k->c->arena, of)
                                 : aigov__cel_map_of(k->c->arena, t->key, of);
    if (result == NULL) {
        k->status = aigov__nomem(k->c->err);
        return aigov__cel_basic(CEL_DYN);
    }
    return result;
}

const cel_type *aigov__cel_final(cel_checker *k, const cel_type *t)
{
    return final(k, t, AIGOV__CEL_NESTED + 1);
}
