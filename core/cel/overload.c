/*
 * overload.c - which overloads of a function take the arguments of a call
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Signatures are matched as the text that functions.def has: no type is made
 * for an overload that does not fit.  A and B stand for what the first argument
 * says, and grow more general with the next, which is what a type variable of
 * its own for each call would do.  All overloads that fit count; where their
 * results differ the result is dyn, and the choice is made when it runs.
 */
#include "check.h"

#include <stdio.h>

/* --- matching ------------------------------------------------------------ */

typedef struct slots {
    const cel_type *type[2]; /* of A and B; NULL: nothing is said */
} slots;

/* The word at *s; *s moves behind it.  'A' gives CEL_PARAM. */
static cel_kind word(const char **s)
{
    static const uint8_t length[] = {
        [CEL_NULL] = 9,  [CEL_BOOL] = 4,      [CEL_INT] = 3,
        [CEL_UINT] = 4,  [CEL_DOUBLE] = 6,    [CEL_STRING] = 6,
        [CEL_BYTES] = 5, [CEL_LIST] = 4,      [CEL_MAP] = 3,
        [CEL_TYPE] = 4,  [CEL_TIMESTAMP] = 9, [CEL_DURATION] = 8,
        [CEL_DYN] = 3,   [CEL_PARAM] = 1};
    const char *p = *s;
    cel_kind kind = CEL_PARAM;

    switch (*p) {
    case 'i':
        kind = CEL_INT;
        break;
    case 'u':
        kind = CEL_UINT;
        break;
    case 's':
        kind = CEL_STRING;
        break;
    case 'l':
        kind = CEL_LIST;
        break;
    case 'm':
        kind = CEL_MAP;
        break;
    case 'n':
        kind = CEL_NULL;
        break;
    case 'b':
        kind = p[1] == 'o' ? CEL_BOOL : CEL_BYTES;
        break;
    case 't':
        kind = p[1] == 'y' ? CEL_TYPE : CEL_TIMESTAMP;
        break;
    case 'd':
        kind = p[1] == 'y' ? CEL_DYN : p[1] == 'o' ? CEL_DOUBLE : CEL_DURATION;
        break;
    default:
        break;
    }
    *s = p + length[kind];
    return kind;
}

/* An argument where A or B stands. */
static bool match_slot(cel_checker *k, const cel_type **slot,
                       const cel_type *arg)
{
    if (*slot == NULL) {
        *slot = arg;
        return true;
    }
    if (*slot == arg) {
        return true;
    }
    if (!aigov__cel_assignable(k, arg, *slot)) {
        return false;
    }
    *slot = aigov__cel_general(k, *slot, arg);
    return true;
}

/* One argument and the type at *s; NULL: an argument of which nothing is known.
 * *s moves behind the type. */
static bool match(cel_checker *k, const char **s, const cel_type *arg,
                  slots *bound)
{
    size_t which = **s == 'B';
    cel_kind kind = word(s);

    if (kind == CEL_PARAM) {
        return arg == NULL || match_slot(k, &bound->type[which], arg);
    }
    const cel_type *t = arg == NULL ? NULL : aigov__cel_bound(k, arg);
    if (t != NULL && (t->kind == CEL_DYN || t->kind == CEL_PARAM)) {
        t = NULL;
    }
    if (t != NULL && t->kind != kind) {
        return false;
    }
    if (kind != CEL_LIST && kind != CEL_MAP) {
        return true;
    }
    ++*s; /* ( */
    if (kind == CEL_MAP) {
        if (!match(k, s, t == NULL ? NULL : t->key, bound)) {
            return false;
        }
        ++*s; /* , */
    }
    if (!match(k, s, t == NULL ? NULL : t->of, bound)) {
        return false;
    }
    ++*s; /* ) */
    return true;
}

static const cel_type *result_of(cel_checker *k, const char **s,
                                 const slots *bound)
{
    size_t which = **s == 'B';
    cel_kind kind = word(s);

    if (kind == CEL_PARAM) {
        const cel_type *t = bound->type[which];
        return t == NULL ? aigov__cel_basic(CEL_DYN) : t;
    }
    if (kind != CEL_LIST) {
        return aigov__cel_basic(kind);
    }
    ++*s; /* ( */
    const cel_type *t = aigov__cel_list_of(
        k->c->arena, aigov__cel_shallow(k, result_of(k, s, bound)));
    if (t == NULL) {
        k->status = aigov__nomem(k->c->err);
        return aigov__cel_basic(CEL_DYN);
    }
    return t;
}

/* Whether one overload takes the call; its result. */
static bool takes(cel_checker *k, const cel_overload *o, const cel_node *call,
                  const cel_type **result)
{
    const char *s = o->signature;
    uint32_t mark = k->trailed;
    slots bound = {{NULL, NULL}};

    if ((*s == '.') != ((call->flags & CEL_NODE_MEMBER) != 0)) {
        return false;
    }
    s += *s == '.';
    for (uint32_t i = 0; i < call->n; i++) {
        if ((i > 0 && *s++ != ',') ||
            !match(k, &s, call->kid[i]->type, &bound)) {
            aigov__cel_rewind(k, mark);
            return false;
        }
    }
    if (*s != '\0') {
        aigov__cel_rewind(k, mark);
        return false;
    }
    s = o->result;
    *result = result_of(k, &s, &bound);
    return true;
}

/* --- refusing ------------------------------------------------------------ */

/* How a call is written with this between its arguments: "int + int". */
static bool write_call(aigov_buf *out, const char *name, bool member,
                       const aigov_span *arg, size_t n)
{
    aigov_span dot = AIGOV_LIT(""), open = AIGOV_LIT("("),
               sep = AIGOV_LIT(", "), close = AIGOV_LIT(")");
    aigov_span word = aigov_str(name);
    size_t i = 0;

    if (name[0] == '_' && name[1] == '[') {
        word.n = 0;
        member = true;
        open = AIGOV_LIT("[");
        close = AIGOV_LIT("]");
    } else if (name[0] == '@' || name[0] == '_') {
        word.p++;
        word.n -= name[0] == '@' ? 1 : 2;
        member = true;
        dot = open = AIGOV_LIT(" ");
        close.n = 0;
    } else if (word.p[word.n - 1] == '_') {
        word.n--;
        open.n = close.n = 0;
    } else if (member) {
        dot = AIGOV_LIT(".");
    }
    bool right = true;
    if (member) {
        right = aigov_buf_put(out, arg[i].p, arg[i].n) &&
                aigov_buf_put(out, dot.p, dot.n);
        i++;
    }
    right = right && aigov_buf_put(out, word.p, word.n) &&
            aigov_buf_put(out, open.p, open.n);
    for (size_t first = i; right && i < n; i++) {
        right = (i == first || aigov_buf_put(out, sep.p, sep.n)) &&
                aigov_buf_put(out, arg[i].p, arg[i].n);
    }
    return right && aigov_buf_put(out, close.p, close.n);
}

#define MOST_ARGUMENTS 4 /* of a function */

static bool write_overload(aigov_buf *out, const char *name,
                           const char *signature)
{
    aigov_span arg[MOST_ARGUMENTS + 1] = {{NULL, 0}};
    bool member = signature[0] == '.';
    const char *s = signature + member;
    size_t n = 0;
    int depth = 0;

    arg[0].p = s;
    for (; *s != '\0'; s++) {
        depth += (*s == '(') - (*s == ')');
        if (*s == ',' && depth == 0 && n < MOST_ARGUMENTS) {
            arg[++n].p = s + 1;
        } else {
            arg[n].n++;
        }
    }
    return write_call(out, name, member, arg, n + 1);
}

/* All overloads, as many as a hint has room for. */
static bool write_overloads(aigov_buf *out, cel_function fn)
{
    const size_t room = sizeof((aigov_error *)NULL)->hint - 8;
    const char *name = aigov__cel_function_name(fn);
    size_t n;
    const cel_overload *o = aigov__cel_overloads(fn, &n);

    for (size_t i = 0; i < n; i++) {
        size_t before = out->n;
        if ((i > 0 && !aigov_buf_puts(out, ", ")) ||
            !write_overload(out, name, o[i].signature)) {
            return false;
        }
        if (out->n > room) {
            out->n = before;
            return aigov_buf_puts(out, " ...");
        }
    }
    return true;
}

/* "int + string": the call with the types of its arguments. */
static bool write_types(cel_checker *k, const cel_node *call, const char *name,
                        aigov_buf *types, aigov_buf *out)
{
    aigov_span arg[MOST_ARGUMENTS];
    size_t end[MOST_ARGUMENTS];
    size_t n = call->n < MOST_ARGUMENTS ? call->n : MOST_ARGUMENTS;

    for (size_t i = 0; i < n; i++) {
        if (!aigov__cel_type_write(aigov__cel_final(k, call->kid[i]->type),
                                   types)) {
            return false;
        }
        end[i] = types->n;
    }
    for (size_t i = 0, from = 0; i < n; from = end[i++]) {
        arg[i] = (aigov_span){types->p + from, end[i] - from};
    }
    return write_call(out, name, (call->flags & CEL_NODE_MEMBER) != 0, arg, n);
}

static bool is_number(const cel_checker *k, const cel_node *node)
{
    cel_kind kind = (cel_kind)aigov__cel_bound(k, node->type)->kind;

    return kind == CEL_INT || kind == CEL_UINT || kind == CEL_DOUBLE;
}

/* What to do about operands that no overload takes; false: list overloads. */
static bool hint_operands(const cel_checker *k, const cel_node *call)
{
    aigov_error *err = k->c->err;

    if (call->name.p != NULL || call->n != 2) {
        return false;
    }
    if (is_number(k, call->kid[0]) && is_number(k, call->kid[1]) &&
        aigov__cel_bound(k, call->kid[0]->type) !=
            aigov__cel_bound(k, call->kid[1]->type)) {
        aigov_hint(err, "convert one of them: int(), uint(), double(), or a "
                        "literal: 1, 1u, 1.0");
        return true;
    }
    switch (call->fn) {
    case CEL_EQUAL:
    case CEL_NOT_EQUAL:
        aigov_hint(err, "both sides have one type; dyn(x) is compared with "
                        "anything");
        return true;
    case CEL_LESS:
    case CEL_LESS_EQUAL:
    case CEL_GREATER:
    case CEL_GREATER_EQUAL:
        aigov_hint(err, "both sides are numbers, or both of one type: string, "
                        "timestamp, duration, bool, bytes");
        return true;
    case CEL_IN:
        aigov_hint(err, "an element in a list of its type, a key in a map; in "
                        "a string: text.contains(part)");
        return true;
    default:
        return false;
    }
}

static aigov_status refuse_types(cel_checker *k, const cel_node *call)
{
    cel_compiler *c = k->c;
    aigov_buf types, text, hint;
    cel_function fn = (cel_function)call->fn;

    aigov_buf_init(&types, c->program->ctx);
    aigov_buf_init(&text, c->program->ctx);
    aigov_buf_init(&hint, c->program->ctx);
    if (write_types(k, call, aigov__cel_function_name(fn), &types, &text) &&
        write_overloads(&hint, fn)) {
        k->status = aigov__cel_refuse(c, CEL_CHECK, call->at,
                                      "there is no %.*s", (int)text.n, text.p);
        if (!hint_operands(k, call)) {
            aigov_hint(c->err, "there is %.*s", (int)hint.n, hint.p);
        }
    } else {
        k->status = aigov__nomem(c->err);
    }
    aigov_buf_free(&types);
    aigov_buf_free(&text);
    aigov_buf_free(&hint);
    return k->status;
}

static bool any_of(aigov_span name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (aigov_span_is(name, list[i])) {
            return true;
        }
    }
    return false;
}

#define ANY_OF(name, list) any_of(name, list, sizeof list / sizeof list[0])

/* Functions of other profiles and implementations; those of an extension have
 * its name before them, which looks like a variable here. */
static bool is_left_out(const cel_node *call)
{
    static const char *const words[] = {
        "format", "quote",    "reverse",       "ip",           "cidr",
        "sort",   "distinct", "transformList", "transformMap", "existsOne",
        "now",    "isIP",     "slice",         "flatten",      "isCIDR"};
    static const char *const extensions[] = {"math",   "sets", "strings",
                                             "base64", "cel",  "optional",
                                             "lists",  "regex"};

    return ANY_OF(call->name, words) ||
           ((call->flags & CEL_NODE_MEMBER) != 0 &&
            call->kid[0]->op == CEL_NODE_NAME &&
            ANY_OF(call->kid[0]->name, extensions));
}

static const char *const macros[] = {"has",    "all", "exists",
                                     "filter", "map", "exists_one"};

/* A name that is none of a function. */
static aigov_status refuse_name(cel_compiler *c, const cel_node *call,
                                aigov_span shown)
{
    aigov__near near = {.name = call->name};

    if (ANY_OF(call->name, macros)) {
        aigov__cel_refuse(c, CEL_CHECK, call->at,
                          "the macro %.*s is not called like this",
                          (int)shown.n, shown.p);
        return aigov_hint(c->err, "has(a.b); list.all(x, ...), exists, "
                                  "exists_one, filter, map");
    }
    aigov__cel_refuse(c, CEL_CHECK, call->at, "there is no function %.*s",
                      (int)shown.n, shown.p);
    if (is_left_out(call)) {
        return aigov_hint(c->err, "it is left out by design: docs/cel.md says "
                                  "why");
    }
    for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++) {
        aigov__near_try(&near, macros[i]);
    }
    for (int i = 0; i < CEL_FUNCTIONS_; i++) {
        aigov__near_try(&near, aigov__cel_function_name((cel_function)i));
    }
    return near.best == NULL
               ? AIGOV_CEL
               : aigov_hint(c->err, "did you mean %s?", near.best);
}

aigov_status aigov__cel_no_function(cel_compiler *c, const cel_node *call)
{
    aigov_span name =
        aigov__name_shown(call->name) ? call->name : AIGOV_LIT("of this name");
    cel_function fn = aigov__cel_function_named(call->name);
    aigov_buf hint;

    if (fn == CEL_FUNCTIONS_) {
        return refuse_name(c, call, name);
    }
    aigov_buf_init(&hint, c->program->ctx);
    if (write_overloads(&hint, fn)) {
        aigov__cel_refuse(c, CEL_CHECK, call->at,
                          "%.*s is not called like this", (int)name.n, name.p);
        aigov_hint(c->err, "there is %.*s", (int)hint.n, hint.p);
    } else {
        aigov__nomem(c->err);
    }
    aigov_buf_free(&hint);
    return c->err->code;
}

/* --- calls --------------------------------------------------------------- */

/* null may be asked of everything: x == null. */
static bool is_null_test(const cel_checker *k, const cel_node *call)
{
    return (call->fn == CEL_EQUAL || call->fn == CEL_NOT_EQUAL) &&
           (aigov__cel_bound(k, call->kid[0]->type)->kind == CEL_NULL ||
            aigov__cel_bound(k, call->kid[1]->type)->kind == CEL_NULL);
}

static bool same(const cel_type *a, const cel_type *b)
{
    return a == b || (a->kind == b->kind && a->kind != CEL_PARAM &&
                      (a->key == NULL || same(a->key, b->key)) &&
                      ((a->of == NULL) == (b->of == NULL)) &&
                      (a->of == NULL || same(a->of, b->of)));
}

const cel_type *aigov__cel_result(cel_checker *k, const cel_node *call)
{
    const cel_type *found = NULL, *t;
    size_t n;

    if (is_null_test(k, call)) {
        return aigov__cel_basic(CEL_BOOL);
    }
    const cel_overload *o = aigov__cel_overloads((cel_function)call->fn, &n);
    for (size_t i = 0; i < n; i++) {
        if (!takes(k, &o[i], call, &t)) {
            continue;
        }
        found = found == NULL || same(found, t) ? t : aigov__cel_basic(CEL_DYN);
    }
    if (k->status == AIGOV_OK && found == NULL) {
        refuse_types(k, call);
    }
    return k->status == AIGOV_OK ? found : NULL;
}
