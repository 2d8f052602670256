/*
 * compile.c - the stages in order, and the program that they make
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Everything of a program is in its arena, the source too, which literals
 * without escapes and the fields of the tree point into.
 */
#include "internal.h"

#include "match.h"

#define DEEPEST 250U /* a height is one byte */

const char *aigov__cel_error_name(cel_error e)
{
    static const char *const names[] = {
        [CEL_OK] = "ok",
        [CEL_NO_SUCH_KEY] = "no_such_key",
        [CEL_NO_SUCH_OVERLOAD] = "no_such_overload",
        [CEL_OVERFLOW] = "overflow",
        [CEL_DIV_ZERO] = "div_zero",
        [CEL_RANGE] = "range",
        [CEL_INVALID_ARGUMENT] = "invalid_argument",
        [CEL_COST_EXCEEDED] = "cost_exceeded",
        [CEL_DEPTH_EXCEEDED] = "depth_exceeded",
        [CEL_UNBOUND] = "unbound",
        [CEL_SYNTAX] = "syntax",
        [CEL_CHECK] = "check",
        [CEL_HOST] = "host",
    };

    return names[e];
}

static uint32_t limit(uint32_t asked, uint32_t otherwise, uint32_t most)
{
    uint32_t n = asked == 0 ? otherwise : asked;

    return n < most ? n : most;
}

static cel_limits limits_of(const cel_limits *asked)
{
    const cel_limits none = {0}, *l = asked == NULL ? &none : asked;

    return (cel_limits){
        .source = l->source == 0 ? 4096 : l->source,
        .nodes = limit(l->nodes, 512, UINT32_MAX),
        .depth = limit(l->depth, 64, DEEPEST),
        .elements = limit(l->elements, 256, UINT32_MAX),
        .nesting = limit(l->nesting, 2, DEEPEST),
    };
}

static aigov_status copy_source(cel_compiler *c, aigov_span source)
{
    char *copy;

    if (source.n > c->limits.source || source.n > UINT32_MAX / 2) {
        return aigov_fail(c->err, AIGOV_TOOBIG, AIGOV_NO_POS,
                          "an expression has at most %zu bytes, not %zu",
                          c->limits.source, source.n);
    }
    copy = aigov__cel_alloc(c->arena, source.n + 1);
    if (copy == NULL) {
        return aigov__nomem(c->err);
    }
    if (source.n != 0) {
        memcpy(copy, source.p, source.n);
    }
    copy[source.n] = '\0';
    c->program->source = (aigov_span){copy, source.n};
    return AIGOV_OK;
}

static aigov_status compile(cel_compiler *c, aigov_span source)
{
    aigov_cel_program *p = c->program;
    aigov_status st = copy_source(c, source);

    if (st == AIGOV_OK) {
        st = aigov__cel_parse(c, &p->root);
    }
    if (st == AIGOV_OK) {
        st = aigov__cel_resolve(c, p->root);
    }
    if (st == AIGOV_OK && (c->flags & AIGOV_CEL_CHECK) != 0) {
        st = aigov__cel_check(c, p->root);
    }
    if (st == AIGOV_OK) {
        st = aigov__cel_patterns(c, p->root);
    }
    if (st == AIGOV_OK) {
        p->worst = aigov__cel_cost(p->root);
    }
    return st;
}

aigov_status aigov__cel_compile(const aigov_cel_env *env, aigov_span source,
                                unsigned flags, const cel_limits *limits,
                                aigov_cel_program **out, cel_error *why,
                                aigov_error *err)
{
    aigov_cel_program *p = aigov_malloc(env->ctx, sizeof *p);
    cel_compiler c = {.env = env,
                      .program = p,
                      .limits = limits_of(limits),
                      .flags = flags,
                      .err = err};

    if (p == NULL) {
        return aigov__nomem(err);
    }
    *p = (aigov_cel_program){.ctx = env->ctx,
                             .arena = {.ctx = env->ctx},
                             .slots = (uint32_t)env->count,
                             .flags = flags};
    c.arena = &p->arena;
    aigov_status st = compile(&c, source);
    if (why != NULL) {
        *why = c.why;
    }
    if (st != AIGOV_OK) {
        aigov__cel_free(p);
        return st;
    }
    *out = p;
    return AIGOV_OK;
}

void aigov__cel_free(aigov_cel_program *p)
{
    if (p != NULL) {
        for (size_t i = 0; i < p->pattern_count; i++) {
            aigov__regex_free(p->pattern[i]);
        }
        aigov__cel_arena_free(&p->arena);
        aigov_mfree(p->ctx, p, sizeof *p);
    }
}

const uint32_t *aigov__cel_reads(const aigov_cel_program *p, size_t *count)
{
    *count = p->read_count;
    return p->reads;
}

bool aigov__cel_result_type(const aigov_cel_program *p, aigov_buf *out)
{
    return aigov__cel_type_write(
        p->root->type == NULL ? aigov__cel_basic(CEL_DYN) : p->root->type, out);
}

uint64_t aigov__cel_worst(const aigov_cel_program *p)
{
    return p->worst;
}
