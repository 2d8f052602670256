/*
 * patterns.c - literal patterns of matches, compiled with the expression
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A pattern that stands in the expression is compiled once.  Rules of policies
 * may have no other (AIGOV_CEL_LITERAL), so that what a rule costs is known and
 * a bad pattern is refused when the rule is put.  Elsewhere a pattern that is
 * none is an error of the evaluation, as langdef.md has it.
 */
#include "internal.h"

#include "match.h"

/* Byte of the source where byte `at` of a string literal stands; the literal
 * itself, where it has escapes. */
static size_t place(const cel_compiler *c, const cel_node *literal, size_t at)
{
    aigov_span source = c->program->source;
    const char *s = literal->value.s;

    return at != AIGOV_NO_POS && s >= source.p && s < source.p + source.n
               ? (size_t)(s - source.p) + at
               : literal->at;
}

static bool is_literal(const cel_node *call)
{
    return call->kid[1]->op == CEL_NODE_CONST &&
           call->kid[1]->value.kind == CEL_STRING;
}

static aigov_status compile(cel_compiler *c, cel_node *call)
{
    const cel_node *literal = call->kid[1];
    aigov_cel_program *p = c->program;
    aigov_error err;
    aigov_status st = aigov__regex_new(
        p->ctx, (aigov_span){literal->value.s, literal->value.n},
        &call->pattern, &err);

    if (st == AIGOV_OK) {
        p->pattern[p->pattern_count++] = call->pattern;
        return AIGOV_OK;
    }
    call->pattern = NULL;
    if (st == AIGOV_NOMEM || st == AIGOV_CANCELED) {
        *c->err = err;
        return st;
    }
    if ((c->flags & AIGOV_CEL_LITERAL) == 0) {
        return AIGOV_OK;
    }
    aigov__cel_refuse(c, CEL_CHECK, place(c, literal, err.pos), "a pattern: %s",
                      err.text);
    return err.hint[0] == '\0' ? AIGOV_CEL : aigov_hint(c->err, "%s", err.hint);
}

static aigov_status walk(cel_compiler *c, cel_node *node)
{
    aigov_status st = AIGOV_OK;

    for (uint32_t i = 0; st == AIGOV_OK && i < node->n; i++) {
        st = walk(c, node->kid[i]);
    }
    if (st != AIGOV_OK || node->op != CEL_NODE_CALL ||
        node->fn != CEL_MATCHES) {
        return st;
    }
    if (is_literal(node)) {
        return compile(c, node);
    }
    if ((c->flags & AIGOV_CEL_LITERAL) == 0) {
        return AIGOV_OK;
    }
    aigov__cel_refuse(c, CEL_CHECK, node->kid[1]->at,
                      "the pattern of matches has to be a literal");
    return aigov_hint(c->err, "text.matches('^[a-z]+$')");
}

static uint32_t count(const cel_node *node)
{
    uint32_t n = node->op == CEL_NODE_CALL && node->fn == CEL_MATCHES;

    for (uint32_t i = 0; i < node->n; i++) {
        n += count(node->kid[i]);
    }
    return n;
}

aigov_status aigov__cel_patterns(cel_compiler *c, cel_node *root)
{
    uint32_t n = count(root);

    if (n == 0) {
        return AIGOV_OK;
    }
    c->program->pattern =
        aigov__cel_alloc(c->arena, n * sizeof *c->program->pattern);
    return c->program->pattern == NULL ? aigov__nomem(c->err) : walk(c, root);
}
