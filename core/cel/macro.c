/*
 * macro.c - has, all, exists, exists_one, map, filter
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Macros.  What has the name and the number of arguments
 * of a macro is one; everything else is a call, and an unknown one.  A macro
 * becomes one node, not a loop of general form: its cost is known, and it can
 * be printed again.
 *
 *   has(e.f)                  HAS
 *   e.all(x, p)               ALL           e.exists(x, p)      EXISTS
 *   e.exists_one(x, p)        EXISTS_ONE    e.filter(x, p)      FILTER
 *   e.map(x, t), e.map(x, p, t)             TRANSFORM
 */
#include "parse.h"

static cel_node *has(cel_parser *p, const cel_token *name, cel_node *arg)
{
    if (arg->op != CEL_NODE_SELECT) {
        aigov__cel_refuse_syntax(p, arg->at, "has() asks for a field");
        aigov_hint(p->c->err, "has(a.b); of a key: 'key' in m");
        return NULL;
    }
    cel_node *node = aigov__cel_node(p, CEL_NODE_HAS, name->at, 1);
    if (node == NULL) {
        return NULL;
    }
    node->kid[0] = arg->kid[0];
    node->name = arg->name;
    node->flags = arg->flags & CEL_NODE_QUOTED;
    return aigov__cel_close(p, node);
}

static cel_node *loop(cel_parser *p, cel_op op, const cel_token *name,
                      cel_node *range, cel_node **arg, uint32_t n)
{
    const cel_node *variable = arg[0];

    if (variable->op != CEL_NODE_NAME ||
        (variable->flags & CEL_NODE_ABSOLUTE) != 0) {
        aigov__cel_refuse_syntax(p, variable->at,
                                 "the first argument of %.*s() is a simple "
                                 "name",
                                 (int)name->n, p->text + name->at);
        aigov_hint(p->c->err, "list.%.*s(x, ...x...)", (int)name->n,
                   p->text + name->at);
        return NULL;
    }
    cel_node *node = aigov__cel_node(p, op, name->at, n);
    if (node == NULL) {
        return NULL;
    }
    node->name = variable->name;
    node->kid[0] = range;
    memcpy(node->kid + 1, arg + 1, (n - 1) * sizeof *arg);
    return aigov__cel_close(p, node);
}

bool aigov__cel_macro(cel_parser *p, const cel_token *name, cel_node *receiver,
                      cel_node **arg, uint32_t n, cel_node **out)
{
    static const struct {
        const char *name;
        cel_op op;
    } macros[] = {
        {"all", CEL_NODE_ALL},       {"exists", CEL_NODE_EXISTS},
        {"filter", CEL_NODE_FILTER}, {"exists_one", CEL_NODE_EXISTS_ONE},
        {"map", CEL_NODE_TRANSFORM},
    };
    aigov_span s = {p->text + name->at, name->n};

    if (receiver == NULL) {
        if (n != 1 || !AIGOV__IS(s, "has")) {
            return false;
        }
        *out = has(p, name, arg[0]);
        return true;
    }
    for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++) {
        if (aigov_span_is(s, macros[i].name) &&
            (n == 2 || (n == 3 && macros[i].op == CEL_NODE_TRANSFORM))) {
            *out = loop(p, macros[i].op, name, receiver, arg, n);
            return true;
        }
    }
    return false;
}
