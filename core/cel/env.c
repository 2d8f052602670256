/*
 * env.c - which variables an expression may name
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A hash index of whole names, dots included, so that the longest declared
 * prefix of a.b.c.d is found without a walk over the declarations.
 */
#include "internal.h"

void aigov__cel_env_init(aigov_cel_env *env, aigov_ctx *ctx)
{
    *env = (aigov_cel_env){.ctx = ctx, .arena = {.ctx = ctx}};
}

void aigov__cel_env_free(aigov_cel_env *env)
{
    aigov__cel_arena_free(&env->arena);
    aigov_mfree(env->ctx, env->variable, env->cap * sizeof *env->variable);
    aigov_mfree(env->ctx, env->index, env->index_cap * sizeof *env->index);
    aigov__cel_env_init(env, env->ctx);
}

/* Where a name is in the index, or would be. */
static size_t place(const aigov_cel_env *env, aigov_span name, uint32_t hash)
{
    size_t mask = env->index_cap - 1, i = hash & mask;

    while (env->index[i] != 0 &&
           !aigov_span_eq(env->variable[env->index[i] - 1].name, name)) {
        i = (i + 1) & mask;
    }
    return i;
}

uint32_t aigov__cel_slot(const aigov_cel_env *env, aigov_span name)
{
    if (env->index_cap == 0) {
        return UINT32_MAX;
    }
    size_t i = place(env, name, aigov__cel_hash(AIGOV__CEL_HASH, name));
    return env->index[i] == 0 ? UINT32_MAX : env->index[i] - 1;
}

/* Room for one more in both arrays; half of the index stays empty. */
static bool grow(aigov_cel_env *env)
{
    void *array = env->variable;
    size_t cap = env->index_cap == 0 ? 64 : env->index_cap * 2;

    if (env->count == env->cap) {
        if (!aigov__grow(env->ctx, &array, &env->cap, sizeof *env->variable,
                         env->count + 1)) {
            return false;
        }
        env->variable = array;
    }
    if ((env->count + 1) * 2 <= env->index_cap) {
        return true;
    }
    uint32_t *index = aigov_malloc(env->ctx, cap * sizeof *index);
    if (index == NULL) {
        return false;
    }
    memset(index, 0, cap * sizeof *index);
    aigov_mfree(env->ctx, env->index, env->index_cap * sizeof *index);
    env->index = index;
    env->index_cap = cap;
    for (uint32_t i = 0; i < env->count; i++) {
        aigov_span name = env->variable[i].name;
        index[place(env, name, aigov__cel_hash(AIGOV__CEL_HASH, name))] = i + 1;
    }
    return true;
}

/* Offset of the first byte that an identifier, or several joined by dots, does
 * not have there; name.n where all is well. */
static size_t identifiers(aigov_span name)
{
    bool first = true;

    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (first || !((c >= '0' && c <= '9') || c == '.'))) {
            return i;
        }
        first = c == '.';
    }
    return first ? (name.n == 0 ? 0 : name.n - 1) : name.n;
}

aigov_status aigov__cel_declare(aigov_cel_env *env, aigov_span name,
                                aigov_span type, uint32_t *slot,
                                aigov_error *err)
{
    const cel_type *t = aigov__cel_basic(CEL_DYN);
    size_t right = identifiers(name);

    if (right < name.n || name.n == 0) {
        aigov_fail(err, AIGOV_ARG, right, "no name of a variable");
        return aigov_hint(err, "identifiers joined by dots: req.kind");
    }
    if (aigov__cel_slot(env, name) != UINT32_MAX) {
        return aigov_fail(err, AIGOV_ARG, 0, "a variable is declared twice");
    }
    if (env->count >= AIGOV__CEL_VARIABLES) {
        return aigov_fail(err, AIGOV_ARG, 0, "more than %d variables",
                          AIGOV__CEL_VARIABLES);
    }
    if (type.p != NULL) {
        aigov_status st = aigov__cel_type_read(&env->arena, type, &t, err);
        if (st != AIGOV_OK) {
            return st;
        }
    }
    char *copy = aigov__cel_alloc(&env->arena, name.n + 1);
    if (copy == NULL || !grow(env)) {
        return aigov__nomem(err);
    }
    memcpy(copy, name.p, name.n);
    copy[name.n] = '\0';
    aigov_span own = {copy, name.n};
    env->variable[env->count] = (cel_variable){own, t};
    env->index[place(env, own, aigov__cel_hash(AIGOV__CEL_HASH, own))] =
        (uint32_t)++env->count;
    if (slot != NULL) {
        *slot = (uint32_t)env->count - 1;
    }
    return AIGOV_OK;
}
