/*
 * test_cel_parse.c - the front half of CEL: parsing, names, macros, types
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * test/vectors/cel/parse.tsv   source, its canonical text; or source, "!",
 *                              offset, message
 * test/vectors/cel/check.tsv   declarations ("a.b: int; c: dyn"), source, type
 *                              of the result; or "!", offset, message, hint
 *
 * Control pictures stand for what a line cannot hold: U+2400 NUL, U+2409 tab,
 * U+240A line feed, U+240D carriage return.
 */
#include "cel/internal.h"

#include "failing.h"
#include "tap.h"
#include "text.h"

#define DIR "test/vectors/cel"

static aigov_ctx *ctx;
static aigov_error err;

static const cel_limits wide = {.source = 65536,
                                .nodes = 16384,
                                .depth = 200,
                                .elements = 4096,
                                .nesting = 12};

/* --- lines of the tables ------------------------------------------------- */

/* Replaces the control pictures in place; the new length. */
static size_t pictures(char *s, size_t n)
{
    char *w = s;

    for (size_t i = 0; i < n;) {
        uint8_t c = n - i >= 3 ? (uint8_t)s[i + 2] : 0;
        if (n - i >= 3 && memcmp(s + i, "\xE2\x90", 2) == 0 &&
            (c == 0x80 || c == 0x89 || c == 0x8A || c == 0x8D)) {
            *w++ = (char)(c - 0x80);
            i += 3;
        } else {
            *w++ = s[i++];
        }
    }
    return (size_t)(w - s);
}

static aigov_span cell(char **p, const char *end)
{
    size_t n;
    char *s = column(p, end, &n);

    return (aigov_span){s, pictures(s, n)};
}

typedef bool row(aigov_span *cell, int n);

/* Each line that is no comment; every one is one check. */
static void table(const char *file, row *check)
{
    size_t n;
    char *text = read_file(DIR, file, &n);

    if (!ok(text != NULL, "%s is there", file)) {
        return;
    }
    int line = 0, failed = 0;
    for (char *p = text; p < text + n; line++) {
        char *end = memchr(p, '\n', (size_t)(text + n - p));
        end = end == NULL ? text + n : end;
        aigov_span cells[6];
        int count = 0;
        if (*p != '#' && p < end) {
            for (char *q = p; q <= end && count < 6;) {
                cells[count++] = cell(&q, end);
                if (q >= end) {
                    break;
                }
            }
            if (!check(cells, count)) {
                note("%s line %d", file, line + 1);
                failed++;
            }
        }
        p = end + 1;
    }
    ok(failed == 0 && line > 20, "%s: %d lines, %d wrong", file, line, failed);
    free(text);
}

static bool is_number(aigov_span s, size_t v)
{
    char text[24];

    snprintf(text, sizeof text, "%zu", v);
    return aigov_span_is(s, text);
}

/* The columns from "!" on: what is refused, and where. */
static bool refused(aigov_status st, const aigov_span *cell, int n)
{
    bool right = st == AIGOV_CEL && n >= 3 && is_number(cell[1], err.pos) &&
                 aigov_span_is(cell[2], err.text) &&
                 (n < 4 || aigov_span_is(cell[3], err.hint));
    if (!right) {
        note("status %d at %zu: %s (%s)", (int)st, err.pos, err.text, err.hint);
    }
    return right;
}

/* --- parse.tsv ----------------------------------------------------------- */

static aigov_status parse(const aigov_cel_env *env, aigov_span source,
                          aigov_cel_program **p)
{
    aigov_span copy = exact(source);
    cel_error why = CEL_OK;
    aigov_status st = aigov__cel_compile(env, copy, 0, &wide, p, &why, &err);

    drop(copy);
    if ((st == AIGOV_CEL) != (why != CEL_OK)) {
        note("%d without a reason", (int)st);
        abort();
    }
    return st;
}

static bool same_value(const cel_value *a, const cel_value *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case CEL_NULL:
        return true;
    case CEL_BOOL:
        return a->b == b->b;
    case CEL_STRING:
    case CEL_BYTES:
    case CEL_TYPE:
        return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
    default:
        return a->u == b->u;
    }
}

/* Flags of parentheses count where they matter: under a selection. */
static bool same_tree(const cel_node *a, const cel_node *b, bool parentheses)
{
    uint8_t mask = (uint8_t) ~(parentheses ? 0 : CEL_NODE_PAREN);

    if (a->op != b->op || a->fn != b->fn || a->n != b->n ||
        a->height != b->height || a->number != b->number ||
        (a->flags & mask) != (b->flags & mask) ||
        !aigov_span_eq(a->name, b->name) ||
        (a->op == CEL_NODE_CONST && !same_value(&a->value, &b->value))) {
        return false;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (!same_tree(a->kid[i], b->kid[i],
                       a->op == CEL_NODE_SELECT || a->op == CEL_NODE_HAS)) {
            return false;
        }
    }
    return true;
}

/* What is printed parses to the same tree and prints the same. */
static bool round_trip(const aigov_cel_env *env, const aigov_cel_program *p,
                       aigov_span printed)
{
    aigov_cel_program *again = NULL;
    aigov_buf text;
    bool right;

    aigov_buf_init(&text, ctx);
    right = parse(env, printed, &again) == AIGOV_OK &&
            same_tree(p->root, again->root, false) &&
            aigov__cel_print(again->root, &text) &&
            aigov_span_eq(aigov_buf_span(&text), printed);
    aigov__cel_free(again);
    aigov_buf_free(&text);
    return right;
}

static bool parse_row(aigov_span *cell, int n)
{
    aigov_cel_program *p = NULL;
    aigov_cel_env env;
    aigov_buf text;
    bool right;

    aigov__cel_env_init(&env, ctx);
    aigov_buf_init(&text, ctx);
    aigov_status st = parse(&env, cell[0], &p);
    if (n > 2 && aigov_span_is(cell[1], "!")) {
        right = refused(st, cell + 1, n - 1);
    } else {
        right = st == AIGOV_OK && aigov__cel_print(p->root, &text) &&
                aigov_span_eq(aigov_buf_span(&text), cell[1]);
        if (st != AIGOV_OK) {
            note("at %zu: %s", err.pos, err.text);
        } else if (!right) {
            show("prints", aigov_buf_span(&text));
        } else if (!round_trip(&env, p, aigov_buf_span(&text))) {
            note("what is printed is another tree");
            right = false;
        }
    }
    aigov__cel_free(p);
    aigov_buf_free(&text);
    aigov__cel_env_free(&env);
    return right;
}

/* --- check.tsv ----------------------------------------------------------- */

/* "a.b: int; c: list(string)" */
static bool declare(aigov_cel_env *env, aigov_span s)
{
    while (s.n > 0) {
        const char *end = memchr(s.p, ';', s.n);
        size_t n = end == NULL ? s.n : (size_t)(end - s.p);
        const char *colon = memchr(s.p, ':', n);
        if (colon == NULL) {
            return false;
        }
        aigov_span name = {s.p, (size_t)(colon - s.p)};
        aigov_span type = {colon + 1, n - name.n - 1};
        if (aigov__cel_declare(env, name, type, NULL, &err) != AIGOV_OK) {
            return false;
        }
        n += n < s.n;
        for (; n < s.n && s.p[n] == ' '; n++) {
        }
        s.p += n;
        s.n -= n;
    }
    return true;
}

static bool check_row(aigov_span *cell, int n)
{
    aigov_cel_program *p = NULL;
    aigov_cel_env env;
    aigov_buf text;
    bool right;

    aigov__cel_env_init(&env, ctx);
    aigov_buf_init(&text, ctx);
    if (!declare(&env, cell[0])) {
        note("declarations: %s at %zu", err.text, err.pos);
        return false;
    }
    aigov_status st = aigov__cel_compile(&env, cell[1], AIGOV_CEL_CHECK, NULL,
                                         &p, NULL, &err);
    /* types are the program's own */
    aigov__cel_env_free(&env);
    if (n > 3 && aigov_span_is(cell[2], "!")) {
        right = refused(st, cell + 2, n - 2);
    } else {
        right = st == AIGOV_OK && aigov__cel_result_type(p, &text) &&
                aigov_span_eq(aigov_buf_span(&text), cell[2]);
        if (st != AIGOV_OK) {
            note("at %zu: %s (%s)", err.pos, err.text, err.hint);
        } else if (!right) {
            show("type", aigov_buf_span(&text));
        }
    }
    aigov__cel_free(p);
    aigov_buf_free(&text);
    return right;
}

/* --- limits -------------------------------------------------------------- */

static aigov_status compile(const char *declarations, aigov_span source,
                            unsigned flags, const cel_limits *limits,
                            cel_error *why)
{
    aigov_cel_program *p = NULL;
    aigov_cel_env env;

    aigov__cel_env_init(&env, ctx);
    aigov_status st =
        declare(&env, aigov_str(declarations))
            ? aigov__cel_compile(&env, source, flags, limits, &p, why, &err)
            : err.code;
    aigov__cel_free(p);
    aigov__cel_env_free(&env);
    return st;
}

struct shape {
    const char *front, *middle, *back, *end;
    int n; /* times front, and times back */
    cel_error rule, most;
};

/* Front n times, middle, back n times, end. */
static cel_error of_shape(const struct shape *s, const cel_limits *limits)
{
    aigov_buf b;
    cel_error why = CEL_OK;

    aigov_buf_init(&b, ctx);
    repeat(&b, s->front, s->n);
    repeat(&b, s->middle, 1);
    repeat(&b, s->back, s->n);
    repeat(&b, s->end, 1);
    if (compile("", aigov_buf_span(&b), 0, limits, &why) == AIGOV_TOOBIG) {
        why = CEL_HOST;
    }
    aigov_buf_free(&b);
    return why;
}

static void shapes(const struct shape *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cel_error rule = of_shape(&s[i], NULL), most = of_shape(&s[i], &wide);
        ok(rule == s[i].rule && most == s[i].most,
           "shape %zu, %d times: %s, %s", i, s[i].n,
           aigov__cel_error_name(rule), aigov__cel_error_name(most));
    }
}

/* What langdef.md asks for at least passes under the limits of rules. */
static void least_limits(void)
{
    static const struct shape all[] = {
        {"", "a", " || a", "", 32, CEL_OK, CEL_OK},
        {"", "a", " && a", "", 32, CEL_OK, CEL_OK},
        {"", "1", " == 1", "", 32, CEL_OK, CEL_OK},
        {"", "1", " + 1", "", 32, CEL_OK, CEL_OK},
        {"", "1", " * 1", "", 32, CEL_OK, CEL_OK},
        {"", "a", ".b", "", 32, CEL_OK, CEL_OK},
        {"", "a", "[0]", "", 32, CEL_OK, CEL_OK},
        {"", "a", ".f()", "", 32, CEL_OK, CEL_OK},
        {"", "a", ".map(x, x)", "", 32, CEL_OK, CEL_OK},
        {"", "f(1", ", 1", ")", 31, CEL_OK, CEL_OK},
        {"", "[1", ", 1", "]", 31, CEL_OK, CEL_OK},
        {"", "{1: 1", ", 1: 1", "}", 31, CEL_OK, CEL_OK},
        {"a ? b : ", "c", "", "", 32, CEL_OK, CEL_OK},
        {"!", "a", "", "", 32, CEL_OK, CEL_OK},
        {"-", "a", "", "", 32, CEL_OK, CEL_OK},
        {"(", "a", ")", "", 32, CEL_OK, CEL_OK},
        {"[", "1", "]", "", 32, CEL_OK, CEL_OK},
        {"{1: ", "1", "}", "", 32, CEL_OK, CEL_OK},
        {"f(", "1", ")", "", 32, CEL_OK, CEL_OK},
    };

    shapes(all, sizeof all / sizeof all[0]);
}

/* Long and deep texts are refused, each by its limit, and nothing overflows. */
static void most_limits(void)
{
    static const struct shape all[] = {
        {"(", "1", ")", "", 64, CEL_DEPTH_EXCEEDED, CEL_OK},
        {"(", "1", ")", "", 2000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"(", "1", "", "", 30000, CEL_HOST, CEL_DEPTH_EXCEEDED},
        {"[", "1", "]", "", 30000, CEL_HOST, CEL_DEPTH_EXCEEDED},
        {"{1:", "1", "}", "", 1000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"!", "a", "", "", 4000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"-", "a", "", "", 4000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"- ", "1", "", "", 60000, CEL_HOST, CEL_HOST},
        {"", "a", "+a", "", 100, CEL_DEPTH_EXCEEDED, CEL_OK},
        {"", "a", "+a", "", 2000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"", "a", ".b", "", 2000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"", "a", "[0]", "", 1000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"a?b:", "c", "", "", 1000, CEL_DEPTH_EXCEEDED, CEL_DEPTH_EXCEEDED},
        {"", "a", "&&a", "", 250, CEL_OK, CEL_OK},
        {"", "a", "||a", "", 1000, CEL_COST_EXCEEDED, CEL_OK},
        {"", "a", "||a", "", 8191, CEL_HOST, CEL_OK},
        {"", "a", "||a", "", 8192, CEL_HOST, CEL_COST_EXCEEDED},
        {"(", "a", "&&b)", "", 60, CEL_OK, CEL_OK},
        {"", "f(1", ",1", ")", 300, CEL_COST_EXCEEDED, CEL_OK},
        {"1 //", "", "", "", 1000, CEL_OK, CEL_OK},
        {"//\n", "1", "\n//", "", 10000, CEL_HOST, CEL_OK},
    };

    shapes(all, sizeof all / sizeof all[0]);
}

static void other_limits(void)
{
    cel_error why = CEL_OK;
    const cel_limits one = {.nesting = 1, .elements = 3};

    ok(compile("", AIGOV_LIT("[1].all(x, [1].all(y, true))"), 0, &one, &why) ==
               AIGOV_CEL &&
           why == CEL_COST_EXCEEDED && err.pos == 15,
       "macros within macros are counted");
    ok(compile("", AIGOV_LIT("[1].filter(x, true).all(y, true)"), 0, &one,
               &why) == AIGOV_OK,
       "macros one after the other are not");
    ok(compile("", AIGOV_LIT("[1, 2, 3]"), 0, &one, &why) == AIGOV_OK &&
           compile("", AIGOV_LIT("{1: 1, 2: 2, 3: 3}"), 0, &one, &why) ==
               AIGOV_OK &&
           compile("", AIGOV_LIT("[1, 2, 3, 4]"), 0, &one, &why) == AIGOV_CEL &&
           why == CEL_COST_EXCEEDED,
       "elements of a literal are counted");
    ok(compile("", AIGOV_LIT("'\xC3'"), 0, NULL, &why) == AIGOV_CEL &&
           why == CEL_SYNTAX && err.pos == 1,
       "a source that is not UTF-8 is refused");
    ok(compile("", AIGOV_LIT("'\xED\xA0\x80'"), 0, NULL, &why) == AIGOV_CEL &&
           err.pos == 1,
       "so is one with a surrogate");
}

/* --- the rest of what compile says --------------------------------------- */

static void patterns(void)
{
    cel_error why = CEL_OK;
    const unsigned flags = AIGOV_CEL_CHECK | AIGOV_CEL_LITERAL;

    ok(compile("", AIGOV_LIT("'a'.matches('^[a-z]+$')"), flags, NULL, &why) ==
           AIGOV_OK,
       "a pattern of a rule");
    ok(compile("", AIGOV_LIT("'a'.matches('ab[c')"), flags, NULL, &why) ==
               AIGOV_CEL &&
           why == CEL_CHECK && err.pos >= 15 && err.pos <= 16,
       "is refused where it is wrong: %zu %s", err.pos, err.text);
    ok(compile("", AIGOV_LIT("'a'.matches('\\t[c')"), flags, NULL, &why) ==
               AIGOV_CEL &&
           err.pos == 12,
       "with escapes, where it begins");
    ok(compile("x: string", AIGOV_LIT("x.matches(x)"), flags, NULL, &why) ==
               AIGOV_CEL &&
           err.pos == 10,
       "and is a literal");
    ok(compile("", AIGOV_LIT("matches('a', '[')"), AIGOV_CEL_CHECK, NULL,
               &why) == AIGOV_OK,
       "elsewhere that is for the evaluation");
}

static void result_types(void)
{
    cel_error why = CEL_OK;
    const unsigned flags = AIGOV_CEL_CHECK | AIGOV_CEL_BOOL;

    ok(compile("", AIGOV_LIT("1 == 1"), flags, NULL, &why) == AIGOV_OK,
       "a rule is bool");
    ok(compile("", AIGOV_LIT("1 + 1"), flags, NULL, &why) == AIGOV_CEL &&
           why == CEL_CHECK &&
           strcmp(err.text, "the result must be bool, not int") == 0,
       "it is not int");
    ok(compile("x: map(string, dyn)", AIGOV_LIT("x.y"), flags, NULL, &why) ==
               AIGOV_CEL &&
           why == CEL_CHECK,
       "nor dyn, which may be anything");
}

static void declarations(void)
{
    static const struct {
        const char *name, *type;
        size_t pos;
    } bad[] = {
        {"", NULL, 0},
        {"a.", NULL, 1},
        {".a", NULL, 0},
        {"a..b", NULL, 2},
        {"1a", NULL, 0},
        {"a b", NULL, 1},
        {"a-b", NULL, 1},
        {"seen", NULL, 0},
        {"x", "", 0},
        {"x", "integer", 0},
        {"x", "list(", 5},
        {"x", "list(int", 8},
        {"x", "list(int,int)", 8},
        {"x", "map(int)", 7},
        {"x", "map(double, int)", 4},
        {"x", "map(list(int), int)", 4},
        {"x", "int int", 4},
        {"x", "dyn(int)", 3},
        {"x", "A", 0},
        {"x",
         "list(list(list(list(list(list(list(list(list(list(list(list(list("
         "list(list(list(list(list(list(list(list(list(list(list(list(list("
         "list(list(list(list(list(list(list(int))))))))))))))))))))))))))"
         ")))))))",
         160},
    };
    aigov_cel_env env;
    uint32_t slot = 9;

    aigov__cel_env_init(&env, ctx);
    ok(aigov__cel_declare(&env, AIGOV_LIT("seen"), AIGOV_ABSENT, &slot, &err) ==
               AIGOV_OK &&
           slot == 0 && aigov__cel_slot(&env, AIGOV_LIT("seen")) == 0 &&
           aigov__cel_slot(&env, AIGOV_LIT("see")) == UINT32_MAX,
       "a declared variable has a slot");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ok(aigov__cel_declare(&env, aigov_str(bad[i].name),
                              aigov_str(bad[i].type), &slot,
                              &err) == AIGOV_ARG &&
               err.pos == bad[i].pos && env.count == 1 && slot == 0,
           "no declaration: %s %.20s (%s at %zu)", bad[i].name,
           bad[i].type == NULL ? "" : bad[i].type, err.text, err.pos);
    }
    aigov__cel_env_free(&env);
}

static void many_variables(void)
{
    aigov_cel_env env;
    aigov_cel_program *p = NULL;
    char name[24];
    size_t n = 0, count;

    aigov__cel_env_init(&env, ctx);
    for (;; n++) {
        int length = snprintf(name, sizeof name, "a.v%zu", n);
        if (aigov__cel_declare(&env, (aigov_span){name, (size_t)length},
                               AIGOV_ABSENT, NULL, &err) != AIGOV_OK) {
            break;
        }
    }
    ok(n == AIGOV__CEL_VARIABLES && err.code == AIGOV_ARG, "%zu variables", n);
    ok(aigov__cel_slot(&env, AIGOV_LIT("a.v4095")) == 4095, "all are found");
    ok(aigov__cel_compile(&env, AIGOV_LIT("a.v7 + a.v3 + a.v7 + a.v4000.b"), 0,
                          NULL, &p, NULL, &err) == AIGOV_OK,
       "some are read");
    const uint32_t *reads = aigov__cel_reads(p, &count);
    ok(count == 3 && reads[0] == 3 && reads[1] == 7 && reads[2] == 4000,
       "their slots in order");
    aigov__cel_free(p);
    aigov__cel_env_free(&env);
}

/* --- types that grow ------------------------------------------------------ */

/* Each round hands the type before on to a key and a value, or wraps it: types
 * must neither double nor nest without end. */
static void growing_types(void)
{
    static const char *const rounds[][2] = {
        {"[", "].map(y, [{}].filter(x, y in x && x[y] == y))[0][0]"},
        {"[", "].map(y, [[y]])"},
        {"[[], ", ", []].map(y, y == [y] ? [y] : [[y]])"},
        {"[[], [", "]]"},
    };
    cel_error why = CEL_OK;

    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
        aigov_buf b;
        aigov_buf_init(&b, ctx);
        repeat(&b, rounds[i][0], 45);
        repeat(&b, "[]", 1);
        repeat(&b, rounds[i][1], 45);
        aigov_status st =
            compile("", aigov_buf_span(&b), AIGOV_CEL_CHECK, &wide, &why);
        ok(st == AIGOV_OK || (st == AIGOV_CEL && why == CEL_CHECK),
           "types that grow, %zu: %s", i, st == AIGOV_OK ? "fit" : err.text);
        aigov_buf_free(&b);
    }
}

/* --- what is worst ------------------------------------------------------- */

static uint64_t worst(const char *declarations, const char *source)
{
    aigov_cel_program *p = NULL;
    aigov_cel_env env;
    uint64_t units = 0;

    aigov__cel_env_init(&env, ctx);
    if (declare(&env, aigov_str(declarations)) &&
        aigov__cel_compile(&env, aigov_str(source), AIGOV_CEL_CHECK, NULL, &p,
                           NULL, &err) == AIGOV_OK) {
        units = aigov__cel_worst(p);
    }
    aigov__cel_free(p);
    aigov__cel_env_free(&env);
    return units;
}

static void costs(void)
{
    uint64_t flat = worst("x: list(int)", "x.all(a, a > 0)");
    uint64_t nested = worst("x: list(int)", "x.all(a, x.all(b, a > b))");

    ok(worst("", "1") == 1, "a constant is one unit");
    ok(worst("", "1 + 2 * 3") == 5, "a node is one unit");
    ok(worst("x: bool", "x ? 1 : 1 + 2") == 5, "of two values the dearer");
    ok(flat > 64 * 3 && flat < 64 * 6, "a list has 64 elements: %llu",
       (unsigned long long)flat);
    ok(nested > 64 * flat && nested < 70 * flat, "and 64 times 64: %llu",
       (unsigned long long)nested);
    ok(worst("x: string", "x == 'a'") < worst("x: string; y: string", "x == y"),
       "a literal is as long as it is");
}

/* --- memory -------------------------------------------------------------- */

/* Declares and compiles on a heap that may fail; AIGOV_NOMEM must leave
 * nothing behind and be tried again with success. */
static aigov_status on_heap(aigov_ctx *c, aigov_span source)
{
    aigov_cel_env env;
    aigov_cel_program *p = NULL;
    aigov_buf text;
    aigov_error e;

    aigov__cel_env_init(&env, c);
    aigov_buf_init(&text, c);
    aigov_status st = aigov__cel_declare(&env, AIGOV_LIT("req.kind"),
                                         AIGOV_LIT("list(string)"), NULL, &e);
    if (st == AIGOV_OK) {
        st = aigov__cel_compile(&env, source, AIGOV_CEL_CHECK, &wide, &p, NULL,
                                &e);
    }
    if (st == AIGOV_OK && !aigov__cel_print(p->root, &text)) {
        st = AIGOV_NOMEM;
    }
    aigov_buf_free(&text);
    aigov__cel_free(p);
    aigov__cel_env_free(&env);
    return st;
}

static void failing_memory(const char *what, const char *piece, int n,
                           const char *last, aigov_status end)
{
    struct heap h = {0};
    aigov_alloc alloc = {failing, &h};
    aigov_ctx *c = NULL;
    aigov_buf source;
    aigov_status st = AIGOV_NOMEM;
    long at = 0, before;

    aigov_buf_init(&source, ctx);
    repeat(&source, piece, n);
    repeat(&source, last, 1);
    if (aigov_ctx_new(&alloc, &c, &err) != AIGOV_OK) {
        return;
    }
    before = h.blocks;
    while (st == AIGOV_NOMEM && at < 10000 && h.blocks == before) {
        h.calls = 0;
        h.fail_at = ++at;
        st = on_heap(c, aigov_buf_span(&source));
    }
    ok(st == end && h.blocks == before && at > 3,
       "%s: %ld allocations fail one after the other", what, at - 1);
    h.fail_at = 0;
    aigov_ctx_free(c);
    aigov_buf_free(&source);
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    table("parse.tsv", parse_row);
    table("check.tsv", check_row);
    least_limits();
    most_limits();
    other_limits();
    patterns();
    result_types();
    declarations();
    many_variables();
    growing_types();
    costs();
    failing_memory("long",
                   "(req.kind.exists(k, k == '\\n' + req.kind[0])) == ", 40,
                   "true", AIGOV_OK);
    failing_memory("many types", "([] == [[]] || [[], [1]] == [[]] + []) || ",
                   100, "req.kind == []", AIGOV_OK);
    failing_memory("patterns", "'a'.matches('^[a-z]+$') && ", 3,
                   "req.kind[0].matches('b+')", AIGOV_OK);
    failing_memory("a type that does not fit", "[1] + ['a']", 1, "", AIGOV_CEL);
    failing_memory("no such overload", "size(1, 2)", 1, "", AIGOV_CEL);
    aigov_ctx_free(ctx);
    return done();
}
