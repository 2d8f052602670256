/*
 * parse.c - tokens to nodes
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Syntax: recursive descent over its grammar, operators
 * of one kind in a loop.
 *
 *   Expr      = Or ["?" Or ":" Expr]
 *   Or        = And {"||" And}             And = Relation {"&&" Relation}
 *   Relation  = Sum {Relop Sum}            < <= >= > == != in, left to right
 *   Sum       = Product {("+" | "-") Product}
 *   Product   = Unary {("*" | "/" | "%") Unary}
 *   Unary     = Member | "!" {"!"} Member | "-" {"-"} Member
 *   Member    = Primary {"." Selector ["(" [List] ")"] | "[" Expr "]"}
 *   Primary   = ["."] Name ["(" [List] ")"] | "(" Expr ")" | Literal
 *             | "[" [List [","]] "]" | "{" [Entries [","]] "}"
 *
 * A minus right before a number is its sign.  Rows of && and of || become
 * balanced trees, which mean the same (both are associative, errors included)
 * and are not deep; other rows lean to the left.  Depth is bounded twice: of
 * expressions in one another while they are read, and of the tree that is made.
 * Both are what later stages recurse over.
 */
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>

static cel_node *expression(cel_parser *p);

/* --- refusing ------------------------------------------------------------ */

static void refuse_v(cel_compiler *c, cel_error why, size_t at,
                     const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

static void refuse_v(cel_compiler *c, cel_error why, size_t at,
                     const char *format, va_list args)
{
    char text[sizeof c->err->text];

    vsnprintf(text, sizeof text, format, args);
    c->why = why;
    aigov_fail(c->err, AIGOV_CEL, at, "%s", text);
}

aigov_status aigov__cel_refuse(cel_compiler *c, cel_error why, size_t at,
                               const char *format, ...)
{
    va_list args;

    va_start(args, format);
    refuse_v(c, why, at, format, args);
    va_end(args);
    return AIGOV_CEL;
}

void *aigov__cel_refuse_syntax(cel_parser *p, size_t at, const char *format,
                               ...)
{
    va_list args;

    va_start(args, format);
    refuse_v(p->c, CEL_SYNTAX, at, format, args);
    va_end(args);
    p->status = AIGOV_CEL;
    return NULL;
}

static void *too_deep(cel_parser *p, size_t at)
{
    p->status = aigov__cel_refuse(p->c, CEL_DEPTH_EXCEEDED, at,
                                  "the expression is nested more than %u deep",
                                  p->c->limits.depth);
    return NULL;
}

static void *no_memory(cel_parser *p)
{
    p->status = aigov__nomem(p->c->err);
    return NULL;
}

/* A token that cannot stand here; what could. */
static void *unexpected(cel_parser *p, const char *expected)
{
    const cel_token *t = &p->now;

    if (t->kind == TOKEN_END) {
        return aigov__cel_refuse_syntax(p, t->at, "%s expected, not the end",
                                        expected);
    }
    if (t->kind < TOKEN_NAME) {
        return aigov__cel_refuse_syntax(p, t->at, "%s expected, not '%c'",
                                        expected, t->kind);
    }
    return aigov__cel_refuse_syntax(p, t->at, "%s expected", expected);
}

/* --- nodes --------------------------------------------------------------- */

cel_node *aigov__cel_node(cel_parser *p, cel_op op, size_t at, uint32_t n)
{
    cel_compiler *c = p->c;
    cel_node *node = NULL;

    if (c->program->nodes >= c->limits.nodes) {
        p->status = aigov__cel_refuse(c, CEL_COST_EXCEEDED, at,
                                      "the expression has more than %u parts",
                                      c->limits.nodes);
        return NULL;
    }
    node = aigov__cel_alloc(c->arena, sizeof *node + n * sizeof *node->kid);
    if (node == NULL) {
        return no_memory(p);
    }
    c->program->nodes++;
    *node = (cel_node){.op = (uint8_t)op,
                       .height = 1,
                       .n = n,
                       .at = (uint32_t)at,
                       .kid = (cel_node **)(node + 1)};
    return node;
}

cel_node *aigov__cel_close(cel_parser *p, cel_node *node)
{
    uint32_t below = 0;

    for (uint32_t i = 0; i < node->n; i++) {
        below = node->kid[i]->height > below ? node->kid[i]->height : below;
    }
    if (below >= p->c->limits.depth) {
        return too_deep(p, node->at);
    }
    node->height = (uint8_t)(below + 1);
    return node;
}

static cel_node *call(cel_parser *p, cel_function fn, size_t at, cel_node *a,
                      cel_node *b)
{
    cel_node *node = aigov__cel_node(p, CEL_NODE_CALL, at, b == NULL ? 1 : 2);

    if (node == NULL) {
        return NULL;
    }
    node->fn = (uint8_t)fn;
    node->kid[0] = a;
    if (b != NULL) {
        node->kid[1] = b;
    }
    return aigov__cel_close(p, node);
}

static bool push(cel_parser *p, cel_node *node)
{
    if (p->top == p->room) {
        uint32_t room = p->room * 2;
        cel_node **more =
            aigov__cel_alloc(p->c->arena, room * sizeof(cel_node *));
        if (more == NULL) {
            no_memory(p);
            return false;
        }
        memcpy(more, p->stack, p->top * sizeof *more);
        p->stack = more;
        p->room = room;
    }
    p->stack[p->top++] = node;
    return true;
}

static bool skip(cel_parser *p, uint8_t kind, const char *expected)
{
    if (p->now.kind != kind) {
        unexpected(p, expected);
        return false;
    }
    return aigov__cel_next(p);
}

/* --- lists, maps, arguments ---------------------------------------------- */

static void *optional_syntax(cel_parser *p)
{
    aigov__cel_refuse_syntax(p, p->now.at,
                             "optional values are left out by design");
    aigov_hint(p->c->err, "has(a.b) ? a.b : otherwise");
    return NULL;
}

static bool too_many(cel_parser *p, size_t at, uint32_t n)
{
    if (n < p->c->limits.elements) {
        return false;
    }
    p->status = aigov__cel_refuse(p->c, CEL_COST_EXCEEDED, at,
                                  "a literal has more than %u elements",
                                  p->c->limits.elements);
    return true;
}

/* One element on the stack, of a map two. */
static bool element(cel_parser *p, bool map)
{
    cel_node *node;

    if (p->now.kind == '?') {
        optional_syntax(p);
        return false;
    }
    if ((node = expression(p)) == NULL || !push(p, node)) {
        return false;
    }
    if (!map) {
        return true;
    }
    return skip(p, ':', "':' and a value") && (node = expression(p)) != NULL &&
           push(p, node);
}

/* Elements up to and with the closing token. */
static bool elements(cel_parser *p, uint8_t close, bool map)
{
    const char *expected = close == ')'   ? "',' or ')'"
                           : close == ']' ? "',' or ']'"
                                          : "',' or '}'";
    size_t at = p->now.at;

    for (uint32_t n = 0; p->now.kind != close; n++) {
        if (too_many(p, at, n) || !element(p, map)) {
            return false;
        }
        if (p->now.kind == ',') {
            if (!aigov__cel_next(p)) {
                return false;
            }
            if (close == ')' && p->now.kind == ')') {
                unexpected(p, "an argument");
                return false;
            }
        } else if (p->now.kind != close) {
            unexpected(p, expected);
            return false;
        }
    }
    return aigov__cel_next(p);
}

/* What is on the stack from base on becomes the kids of a node, behind first.
 */
static cel_node *collect(cel_parser *p, cel_op op, size_t at, cel_node *first,
                         uint32_t base)
{
    uint32_t n = p->top - base, k = first != NULL;
    cel_node *node = aigov__cel_node(p, op, at, n + k);

    if (node == NULL) {
        return NULL;
    }
    if (k != 0) {
        node->kid[0] = first;
    }
    if (n != 0) {
        memcpy(node->kid + k, p->stack + base, n * sizeof *node->kid);
    }
    p->top = base;
    return aigov__cel_close(p, node);
}

static cel_node *aggregate(cel_parser *p, bool map)
{
    uint32_t base = p->top, at = p->now.at;

    if (!aigov__cel_next(p) || !elements(p, map ? '}' : ']', map)) {
        return NULL;
    }
    return collect(p, map ? CEL_NODE_MAP : CEL_NODE_LIST, at, NULL, base);
}

/* The list of arguments behind a name; p->now is its parenthesis. */
static cel_node *invoke(cel_parser *p, const cel_token *name,
                        cel_node *receiver)
{
    aigov_span text = {p->text + name->at, name->n};
    uint32_t base = p->top;
    cel_node *node;

    if (!aigov__cel_next(p) || !elements(p, ')', false)) {
        return NULL;
    }
    uint32_t n = p->top - base;
    if (aigov__cel_macro(p, name, receiver, p->stack + base, n, &node)) {
        p->top = base;
        return node;
    }
    node = collect(p, CEL_NODE_CALL, name->at, receiver, base);
    if (node == NULL) {
        return NULL;
    }
    node->name = text;
    node->flags = receiver == NULL ? 0 : CEL_NODE_MEMBER;
    node->fn = (uint8_t)aigov__cel_function(text, receiver != NULL, node->n);
    return node;
}

/* --- primaries and members ----------------------------------------------- */

static cel_node *constant(cel_parser *p, size_t at, bool negative)
{
    cel_node *node = aigov__cel_node(p, CEL_NODE_CONST, at, 0);
    bool right = true;

    if (node == NULL) {
        return NULL;
    }
    switch (p->now.kind) {
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        node->value.kind = CEL_BOOL;
        node->value.b = p->now.kind == TOKEN_TRUE;
        break;
    case TOKEN_NULL:
        node->value.kind = CEL_NULL;
        break;
    case TOKEN_STRING:
    case TOKEN_BYTES:
        right = aigov__cel_text(p, &node->value);
        break;
    default:
        right = aigov__cel_number(p, negative, &node->value);
    }
    return right && aigov__cel_next(p) ? node : NULL;
}

static void *refuse_message(cel_parser *p)
{
    aigov__cel_refuse_syntax(p, p->now.at,
                             "messages are left out by design: a name with {}");
    aigov_hint(p->c->err, "a map: {'field': value}");
    return NULL;
}

static cel_node *named(cel_parser *p, bool absolute)
{
    cel_token name = p->now;

    if (name.kind != TOKEN_NAME) {
        return unexpected(p, "a name");
    }
    if (name.reserved) {
        aigov__cel_refuse_syntax(p, name.at, "%.*s is a reserved word",
                                 (int)name.n, p->text + name.at);
        aigov_hint(p->c->err, "it may be a field: m.%.*s", (int)name.n,
                   p->text + name.at);
        return NULL;
    }
    if (!aigov__cel_next(p)) {
        return NULL;
    }
    if (p->now.kind == '(') {
        return invoke(p, &name, NULL);
    }
    cel_node *node = aigov__cel_node(p, CEL_NODE_NAME, name.at, 0);
    if (node != NULL) {
        node->name = (aigov_span){p->text + name.at, name.n};
        node->flags = absolute ? CEL_NODE_ABSOLUTE : 0;
    }
    return node;
}

static cel_node *parenthesized(cel_parser *p)
{
    cel_node *node;

    if (!aigov__cel_next(p) || (node = expression(p)) == NULL ||
        !skip(p, ')', "')'")) {
        return NULL;
    }
    if (node->op == CEL_NODE_NAME || node->op == CEL_NODE_SELECT) {
        node->flags |= CEL_NODE_PAREN;
    }
    return node;
}

static cel_node *primary(cel_parser *p)
{
    switch (p->now.kind) {
    case '.':
        return aigov__cel_next(p) ? named(p, true) : NULL;
    case '(':
        return parenthesized(p);
    case '[':
        return aggregate(p, false);
    case '{':
        return aggregate(p, true);
    case TOKEN_NAME:
        return named(p, false);
    case TOKEN_INT:
    case TOKEN_UINT:
    case TOKEN_DOUBLE:
    case TOKEN_STRING:
    case TOKEN_BYTES:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_NULL:
        return constant(p, p->now.at, false);
    default:
        return unexpected(p, "an expression");
    }
}

/* p->now is behind the dot. */
static cel_node *selection(cel_parser *p, cel_node *operand)
{
    cel_token field = p->now;

    if (field.kind == '?') {
        return optional_syntax(p);
    }
    if (field.kind >= TOKEN_TRUE && field.kind <= TOKEN_IN) {
        aigov__cel_refuse_syntax(p, field.at, "%.*s is a keyword, not a field",
                                 (int)field.n, p->text + field.at);
        aigov_hint(p->c->err, "m['%.*s']", (int)field.n, p->text + field.at);
        return NULL;
    }
    if (field.kind != TOKEN_NAME && field.kind != TOKEN_QUOTED) {
        return unexpected(p, "the name of a field");
    }
    if (!aigov__cel_next(p)) {
        return NULL;
    }
    if (p->now.kind == '(' && field.kind == TOKEN_NAME) {
        return invoke(p, &field, operand);
    }
    cel_node *node = aigov__cel_node(p, CEL_NODE_SELECT, field.at, 1);
    if (node == NULL) {
        return NULL;
    }
    node->kid[0] = operand;
    node->name = (aigov_span){p->text + field.at, field.n};
    node->flags = field.kind == TOKEN_QUOTED ? CEL_NODE_QUOTED : 0;
    return aigov__cel_close(p, node);
}

static cel_node *subscript(cel_parser *p, cel_node *operand)
{
    size_t at = p->now.at;
    cel_node *index;

    if (!aigov__cel_next(p)) {
        return NULL;
    }
    if (p->now.kind == '?') {
        return optional_syntax(p);
    }
    if ((index = expression(p)) == NULL || !skip(p, ']', "']'")) {
        return NULL;
    }
    return call(p, CEL_INDEX, at, operand, index);
}

static cel_node *member(cel_parser *p, cel_node *node)
{
    while (node != NULL) {
        if (p->now.kind == '.') {
            node = aigov__cel_next(p) ? selection(p, node) : NULL;
        } else if (p->now.kind == '[') {
            node = subscript(p, node);
        } else if (p->now.kind == '{' &&
                   (node->op == CEL_NODE_NAME || node->op == CEL_NODE_SELECT)) {
            return refuse_message(p);
        } else {
            break;
        }
    }
    return node;
}

/* --- operators ----------------------------------------------------------- */

static cel_node *unary(cel_parser *p)
{
    const uint8_t op = p->now.kind;
    size_t at = p->now.at;
    cel_node *node;

    if (op != '!' && op != '-') {
        return member(p, primary(p));
    }
    if (p->depth >= p->c->limits.depth) {
        return too_deep(p, at);
    }
    if (!aigov__cel_next(p)) {
        return NULL;
    }
    if (op == '-' &&
        (p->now.kind == TOKEN_INT || p->now.kind == TOKEN_DOUBLE)) {
        return member(p, constant(p, at, true));
    }
    p->depth++;
    node = p->now.kind == op ? unary(p) : member(p, primary(p));
    p->depth--;
    return node == NULL
               ? NULL
               : call(p, op == '!' ? CEL_NOT : CEL_NEGATE, at, node, NULL);
}

enum { RELATION = 1, SUM, PRODUCT, NO_OPERATOR = 0 };

static int binary_operator(uint8_t token, cel_function *fn)
{
    static const struct {
        uint8_t token, level, fn;
    } table[] = {{TOKEN_EQUAL, RELATION, CEL_EQUAL},
                 {TOKEN_NOT_EQUAL, RELATION, CEL_NOT_EQUAL},
                 {TOKEN_IN, RELATION, CEL_IN},
                 {'<', RELATION, CEL_LESS},
                 {TOKEN_LESS_EQUAL, RELATION, CEL_LESS_EQUAL},
                 {'>', RELATION, CEL_GREATER},
                 {TOKEN_GREATER_EQUAL, RELATION, CEL_GREATER_EQUAL},
                 {'+', SUM, CEL_ADD},
                 {'-', SUM, CEL_SUBTRACT},
                 {'*', PRODUCT, CEL_MULTIPLY},
                 {'/', PRODUCT, CEL_DIVIDE},
                 {'%', PRODUCT, CEL_MODULO}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].token == token) {
            *fn = (cel_function)table[i].fn;
            return table[i].level;
        }
    }
    return NO_OPERATOR;
}

/* Operators of this level and those that bind more closely. */
static cel_node *binary(cel_parser *p, int level)
{
    cel_node *left = unary(p);

    while (left != NULL) {
        cel_function fn;
        size_t at = p->now.at;
        int found = binary_operator(p->now.kind, &fn);
        if (found == NO_OPERATOR || found < level) {
            break;
        }
        if (!aigov__cel_next(p)) {
            return NULL;
        }
        cel_node *right = found == PRODUCT ? unary(p) : binary(p, found + 1);
        left = right == NULL ? NULL : call(p, fn, at, left, right);
    }
    return left;
}

/* A balanced tree of n operands; at is the first operator's. */
static cel_node *balance(cel_parser *p, cel_op op, size_t at, cel_node **kid,
                         uint32_t n)
{
    if (n == 1) {
        return kid[0];
    }
    cel_node *left = balance(p, op, at, kid, (n + 1) / 2);
    cel_node *right =
        left == NULL ? NULL
                     : balance(p, op, at, kid + (n + 1) / 2, n - (n + 1) / 2);
    cel_node *node = right == NULL ? NULL : aigov__cel_node(p, op, at, 2);
    if (node == NULL) {
        return NULL;
    }
    node->kid[0] = left;
    node->kid[1] = right;
    return aigov__cel_close(p, node);
}

/* An operand on the stack; of one that is such a row itself, its operands. */
static bool push_operands(cel_parser *p, cel_op op, cel_node *node)
{
    if (node->op != op) {
        return push(p, node);
    }
    p->c->program->nodes--;
    return push_operands(p, op, node->kid[0]) &&
           push_operands(p, op, node->kid[1]);
}

static cel_node *logical(cel_parser *p, cel_op op)
{
    const uint8_t token = op == CEL_NODE_OR ? TOKEN_OR : TOKEN_AND;
    uint32_t base = p->top, at = 0;

    for (;;) {
        cel_node *node =
            op == CEL_NODE_OR ? logical(p, CEL_NODE_AND) : binary(p, RELATION);
        if (node == NULL) {
            return NULL;
        }
        if (p->now.kind != token && p->top == base) {
            return node;
        }
        if (!push_operands(p, op, node)) {
            return NULL;
        }
        if (p->now.kind != token) {
            break;
        }
        at = at == 0 ? p->now.at : at;
        if (!aigov__cel_next(p)) {
            return NULL;
        }
    }
    uint32_t n = p->top - base;
    p->top = base;
    return balance(p, op, at, p->stack + base, n);
}

static cel_node *conditional(cel_parser *p, cel_node *condition)
{
    size_t at = p->now.at;
    cel_node *yes, *no;

    if (!aigov__cel_next(p) || (yes = logical(p, CEL_NODE_OR)) == NULL ||
        !skip(p, ':', "':' and another value") ||
        (no = expression(p)) == NULL) {
        return NULL;
    }
    cel_node *node = aigov__cel_node(p, CEL_NODE_COND, at, 3);
    if (node == NULL) {
        return NULL;
    }
    node->kid[0] = condition;
    node->kid[1] = yes;
    node->kid[2] = no;
    return aigov__cel_close(p, node);
}

static cel_node *expression(cel_parser *p)
{
    if (p->depth >= p->c->limits.depth) {
        return too_deep(p, p->now.at);
    }
    p->depth++;
    cel_node *node = logical(p, CEL_NODE_OR);
    if (node != NULL && p->now.kind == '?') {
        node = conditional(p, node);
    }
    p->depth--;
    return node;
}

aigov_status aigov__cel_parse(cel_compiler *c, cel_node **root)
{
    aigov_span s = c->program->source;
    cel_node *stack[64];
    cel_parser p = {.c = c,
                    .status = AIGOV_OK,
                    .text = s.p,
                    .p = s.p,
                    .end = s.p + s.n,
                    .stack = stack,
                    .room = sizeof stack / sizeof stack[0]};
    size_t valid = aigov_utf8_valid(s);

    if (valid < s.n) {
        return aigov__cel_refuse(c, CEL_SYNTAX, valid,
                                 "the expression is not UTF-8");
    }
    *root = aigov__cel_next(&p) ? expression(&p) : NULL;
    if (*root != NULL && p.now.kind != TOKEN_END) {
        unexpected(&p, "an operator or the end");
    }
    return p.status;
}
