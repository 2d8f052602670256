/*
 * check.h - what the files of the checker share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * unify.c, overload.c and check.c.  A type that is not known yet is a PARAM
 * with the number of a type variable: the elements of [] for one.  A variable
 * is bound when a type is asked to be assignable to another, and every binding
 * can be taken back.
 *
 * k->status is AIGOV_NOMEM once memory ran out; then every question is answered
 * somehow, and check.c stops at the next node.
 */
#ifndef AIGOV_CEL_CHECK_H
#define AIGOV_CEL_CHECK_H

#include "internal.h"

typedef struct cel_binding {
    uint32_t variable;
    const cel_type *was; /* NULL: not bound */
} cel_binding;

#define AIGOV__CEL_NESTED 64 /* lists and maps in one another, of a type */

typedef struct cel_checker {
    cel_compiler *c;
    aigov_status status;
    const cel_type **bound; /* by number of the variable; NULL: not bound */
    uint32_t variables, room;
    cel_binding *trail;
    uint32_t trailed, trail_room;
    uint32_t depth; /* variables bound to variables, being compared */
    const cel_type *local[UINT8_MAX]; /* types of macro variables */
} cel_checker;

/* A new type variable. */
const cel_type *aigov__cel_fresh(cel_checker *k);
/* The type, or what its variable is bound to. */
const cel_type *aigov__cel_bound(const cel_checker *k, const cel_type *t);
bool aigov__cel_is_dyn(const cel_checker *k, const cel_type *t);
/* Whether a value of type a fits where b is asked for; binds variables. */
bool aigov__cel_assignable(cel_checker *k, const cel_type *a,
                           const cel_type *b);
/* The more general of two that are assignable. */
const cel_type *aigov__cel_general(cel_checker *k, const cel_type *a,
                                   const cel_type *b);
/* The type of elements of which some are a and some b: dyn if need be. */
const cel_type *aigov__cel_join(cel_checker *k, const cel_type *a,
                                const cel_type *b);
/* The type, or dyn where it is nested too deeply to be a part of another. */
const cel_type *aigov__cel_shallow(const cel_checker *k, const cel_type *t);
/* The type with its variables replaced; those that are not bound are dyn. */
const cel_type *aigov__cel_final(cel_checker *k, const cel_type *t);
/* Take back the bindings made since k->trailed was mark. */
void aigov__cel_rewind(cel_checker *k, uint32_t mark);

/* overload.c: the type of a call whose kids have their types; NULL: refused,
 * and k->status says so. */
const cel_type *aigov__cel_result(cel_checker *k, const cel_node *call);

#endif
