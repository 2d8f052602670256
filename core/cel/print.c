/*
 * print.c - nodes to source text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One text for a tree: one space around binary operators and behind commas, no
 * parentheses that are not needed, strings in single quotes with the fewest
 * escapes.  It parses to the same tree again.
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>

/* How closely a node binds; as its place in the grammar of parse.c. */
enum { LOOSEST, CONDITIONAL, OR, AND, RELATION, SUM, PRODUCT, UNARY, MEMBER };

static bool print(const cel_node *node, int at_least, aigov_buf *out);

static int level_of_call(const cel_node *node)
{
    switch (node->fn) {
    case CEL_NOT:
    case CEL_NEGATE:
        return UNARY;
    case CEL_MULTIPLY:
    case CEL_DIVIDE:
    case CEL_MODULO:
        return PRODUCT;
    case CEL_ADD:
    case CEL_SUBTRACT:
        return SUM;
    case CEL_EQUAL:
    case CEL_NOT_EQUAL:
    case CEL_LESS:
    case CEL_LESS_EQUAL:
    case CEL_GREATER:
    case CEL_GREATER_EQUAL:
    case CEL_IN:
        return RELATION;
    default:
        return MEMBER;
    }
}

static int level(const cel_node *node)
{
    switch (node->op) {
    case CEL_NODE_COND:
        return CONDITIONAL;
    case CEL_NODE_OR:
        return OR;
    case CEL_NODE_AND:
        return AND;
    case CEL_NODE_CALL:
        return level_of_call(node);
    default:
        return MEMBER;
    }
}

/* --- constants ----------------------------------------------------------- */

static bool put(aigov_buf *out, const char *s)
{
    return aigov_buf_puts(out, s);
}

static bool print_byte(uint8_t c, bool bytes, aigov_buf *out)
{
    static const char from[] = "\\'\a\b\f\n\r\t\v", to[] = "\\'abfnrtv";
    const char *plain = c == '\0' ? NULL : strchr(from, c);
    char text[8];

    if (plain != NULL) {
        snprintf(text, sizeof text, "\\%c", to[plain - from]);
    } else if (c < 0x20 || c == 0x7F || (bytes && c > 0x7F)) {
        snprintf(text, sizeof text, "\\x%02x", c);
    } else {
        return aigov_buf_put(out, &c, 1);
    }
    return put(out, text);
}

static bool print_text(const cel_value *v, aigov_buf *out)
{
    bool right = put(out, v->kind == CEL_BYTES ? "b'" : "'");

    for (uint32_t i = 0; right && i < v->n; i++) {
        right = print_byte((uint8_t)v->s[i], v->kind == CEL_BYTES, out);
    }
    return right && put(out, "'");
}

static bool print_double(double v, aigov_buf *out)
{
    char text[40];
    size_t n = aigov_number_format(out->ctx, fabs(v), text);

    text[n] = '\0';
    return put(out, signbit(v) ? "-" : "") && put(out, text) &&
           (strpbrk(text, ".e") != NULL || put(out, ".0"));
}

static bool print_constant(const cel_value *v, aigov_buf *out)
{
    char text[32];

    switch (v->kind) {
    case CEL_NULL:
        return put(out, "null");
    case CEL_BOOL:
        return put(out, v->b ? "true" : "false");
    case CEL_INT:
        return aigov_buf_put_i64(out, v->i);
    case CEL_UINT:
        snprintf(text, sizeof text, "%lluu", (unsigned long long)v->u);
        return put(out, text);
    case CEL_DOUBLE:
        return print_double(v->d, out);
    case CEL_TYPE:
        return aigov_buf_put(out, v->s, v->n);
    default:
        return print_text(v, out);
    }
}

/* --- operators ----------------------------------------------------------- */

/* The operator between two values, from "_+_" or "@in". */
static bool print_operator(const cel_node *node, aigov_buf *out)
{
    const char *name = aigov__cel_function_name((cel_function)node->fn);
    size_t n = strlen(name);

    return put(out, " ") &&
           (name[0] == '@' ? put(out, name + 1)
                           : aigov_buf_put(out, name + 1, n - 2)) &&
           put(out, " ");
}

/* What the text of a member begins with. */
static const cel_node *leftmost(const cel_node *node)
{
    while (node->n > 0 &&
           (node->op == CEL_NODE_SELECT || node->fn == CEL_INDEX ||
            (node->flags & CEL_NODE_MEMBER) != 0 || node->op >= CEL_NODE_ALL)) {
        node = node->kid[0];
    }
    return node;
}

/* ! and -: only a member or the same operator may follow.  A minus must not
 * become the sign of a number, and a sign cannot follow !. */
static bool print_unary(const cel_node *node, aigov_buf *out)
{
    const cel_node *kid = node->kid[0], *first = leftmost(kid);
    bool number =
        first->op == CEL_NODE_CONST &&
        (first->value.kind == CEL_INT || first->value.kind == CEL_DOUBLE);
    bool negative =
        number && (first->value.kind == CEL_INT ? first->value.i < 0
                                                : signbit(first->value.d));
    int at_least = MEMBER;

    if (number && negative == (node->fn == CEL_NOT)) {
        at_least = MEMBER + 1;
    } else if (kid->op == CEL_NODE_CALL && kid->fn == node->fn) {
        at_least = UNARY;
    }
    return put(out, node->fn == CEL_NOT ? "!" : "-") &&
           print(kid, at_least, out);
}

static bool print_list(cel_node *const *kid, uint32_t n, bool map,
                       aigov_buf *out)
{
    for (uint32_t i = 0; i < n; i++) {
        const char *before = i == 0 ? "" : map && i % 2 == 1 ? ": " : ", ";
        if (!put(out, before) || !print(kid[i], LOOSEST, out)) {
            return false;
        }
    }
    return true;
}

static bool print_name(const cel_node *node, aigov_buf *out)
{
    return ((node->flags & CEL_NODE_ABSOLUTE) == 0 || put(out, ".")) &&
           aigov_buf_put(out, node->name.p, node->name.n);
}

static bool print_call(const cel_node *node, aigov_buf *out)
{
    const uint32_t first = (node->flags & CEL_NODE_MEMBER) != 0;

    if (node->fn == CEL_INDEX) {
        return print(node->kid[0], MEMBER, out) && put(out, "[") &&
               print(node->kid[1], LOOSEST, out) && put(out, "]");
    }
    return (first == 0 ||
            (print(node->kid[0], MEMBER, out) && put(out, "."))) &&
           print_name(node, out) && put(out, "(") &&
           print_list(node->kid + first, node->n - first, false, out) &&
           put(out, ")");
}

static bool print_binary(const cel_node *node, int at, aigov_buf *out)
{
    return print(node->kid[0], at, out) && print_operator(node, out) &&
           print(node->kid[1], at + 1, out);
}

/* --- nodes --------------------------------------------------------------- */

/* The operand of a selection: one in parentheses ends a name. */
static bool print_operand(const cel_node *node, aigov_buf *out)
{
    if ((node->flags & CEL_NODE_PAREN) == 0) {
        return print(node, MEMBER, out) && put(out, ".");
    }
    return put(out, "(") && print(node, LOOSEST, out) && put(out, ").");
}

static bool print_field(const cel_node *node, aigov_buf *out)
{
    bool quoted = (node->flags & CEL_NODE_QUOTED) != 0;

    return print_operand(node->kid[0], out) && (!quoted || put(out, "`")) &&
           aigov_buf_put(out, node->name.p, node->name.n) &&
           (!quoted || put(out, "`"));
}

static bool print_macro(const cel_node *node, aigov_buf *out)
{
    static const char *const names[] = {".all(", ".exists(", ".exists_one(",
                                        ".filter(", ".map("};

    return print(node->kid[0], MEMBER, out) &&
           put(out, names[node->op - CEL_NODE_ALL]) &&
           aigov_buf_put(out, node->name.p, node->name.n) && put(out, ", ") &&
           print_list(node->kid + 1, node->n - 1, false, out) && put(out, ")");
}

static bool print_logical(const cel_node *node, int at, aigov_buf *out)
{
    /* both sides: the tree is balanced when it is read */
    return print(node->kid[0], at, out) &&
           put(out, node->op == CEL_NODE_AND ? " && " : " || ") &&
           print(node->kid[1], at, out);
}

static bool print_bare(const cel_node *node, aigov_buf *out)
{
    switch (node->op) {
    case CEL_NODE_CONST:
        return print_constant(&node->value, out);
    case CEL_NODE_NAME:
    case CEL_NODE_SLOT:
    case CEL_NODE_LOCAL:
        return print_name(node, out);
    case CEL_NODE_SELECT:
        return print_field(node, out);
    case CEL_NODE_HAS:
        return put(out, "has(") && print_field(node, out) && put(out, ")");
    case CEL_NODE_AND:
        return print_logical(node, AND, out);
    case CEL_NODE_OR:
        return print_logical(node, OR, out);
    case CEL_NODE_COND:
        return print(node->kid[0], OR, out) && put(out, " ? ") &&
               print(node->kid[1], OR, out) && put(out, " : ") &&
               print(node->kid[2], LOOSEST, out);
    case CEL_NODE_LIST:
    case CEL_NODE_MAP:
        return put(out, node->op == CEL_NODE_MAP ? "{" : "[") &&
               print_list(node->kid, node->n, node->op == CEL_NODE_MAP, out) &&
               put(out, node->op == CEL_NODE_MAP ? "}" : "]");
    case CEL_NODE_CALL:
        switch (level_of_call(node)) {
        case UNARY:
            return print_unary(node, out);
        case MEMBER:
            return print_call(node, out);
        default:
            return print_binary(node, level_of_call(node), out);
        }
    default:
        return print_macro(node, out);
    }
}

static bool print(const cel_node *node, int at_least, aigov_buf *out)
{
    if (level(node) >= at_least) {
        return print_bare(node, out);
    }
    return put(out, "(") && print_bare(node, out) && put(out, ")");
}

bool aigov__cel_print(const cel_node *node, aigov_buf *out)
{
    return print(node, LOOSEST, out);
}
