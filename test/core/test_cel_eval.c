/*
 * test_cel_eval.c - what holds for all expressions
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Laws on generated expressions and values (numbers against an oracle of 128
 * bits), units, limits and the host's interrupt.  The single cases are in
 * test_cel_cases.c.
 */
#include <math.h>

#include "cel/internal.h"
#include "cel_case.h"
#include "tap.h"

static aigov_ctx *ctx;

/* xorshift64*: the same numbers on every run. */
static uint64_t rng = 88172645463325252U;

static uint64_t next(void)
{
    rng ^= rng >> 12;
    rng ^= rng << 25;
    rng ^= rng >> 27;
    return rng * 2685821657736338717U;
}

static uint32_t below(uint32_t n)
{
    return (uint32_t)(next() >> 33) % n;
}

/* --- programs ------------------------------------------------------------ */

typedef struct program {
    aigov_cel_env env;
    aigov_cel_program *p;
} program;

static const cel_limits wide = {.source = 1 << 20,
                                .nodes = 1 << 16,
                                .depth = 250,
                                .elements = 1 << 16,
                                .nesting = 32};

/* Of variables x and y, dyn. */
static bool compile(program *m, const char *text)
{
    aigov_error err;

    *m = (program){.p = NULL};
    aigov__cel_env_init(&m->env, ctx);
    return aigov__cel_declare(&m->env, AIGOV_LIT("x"), AIGOV_ABSENT, NULL,
                              &err) == AIGOV_OK &&
           aigov__cel_declare(&m->env, AIGOV_LIT("y"), AIGOV_ABSENT, NULL,
                              &err) == AIGOV_OK &&
           aigov__cel_compile(&m->env, aigov_str(text), 0, &wide, &m->p, NULL,
                              &err) == AIGOV_OK;
}

static void drop_program(program *m)
{
    aigov__cel_free(m->p);
    aigov__cel_env_free(&m->env);
}

static cel_run run(const program *m, const cel_value *x, const cel_value *y,
                   cel_arena *arena, uint64_t units)
{
    const cel_value *slot[2] = {x, y};
    cel_run r = {.units = units};

    bool done = aigov__cel_eval(m->p, slot, arena, &r);
    if (done != (r.error == CEL_OK) || r.units > units) {
        abort();
    }
    return r;
}

/* CEL_SYNTAX where it does not compile; the result is gone with the arena, so
 * that only what it holds itself may be looked at. */
static cel_run once(const char *text, const cel_value *x, const cel_value *y)
{
    cel_arena arena = {.ctx = ctx};
    cel_run r = {.error = CEL_SYNTAX};
    program m;

    if (compile(&m, text)) {
        r = run(&m, x, y, &arena, 1000000);
    }
    drop_program(&m);
    aigov__cel_arena_free(&arena);
    return r;
}

/* --- logic --------------------------------------------------------------- */

/* 3-valued: what && and || are, whichever order. */
static void test_logic(void)
{
    static const char *const operand[] = {"true", "false", "1/0 == 1",
                                          "x",    "{}.a",  "'s'"};
    char text[128];
    int good = 0, all = 0;

    for (size_t a = 0; a < 6; a++) {
        for (size_t b = 0; b < 6; b++) {
            for (int o = 0; o < 2; o++) {
                snprintf(text, sizeof text, "%s %s %s", operand[a],
                         o ? "||" : "&&", operand[b]);
                cel_run r = once(text, NULL, NULL);
                size_t decides = o ? 0 : 1;
                bool decided = a == decides || b == decides;
                bool failed = a > 1 || b > 1;
                all++;
                good += decided
                            ? r.error == CEL_OK && r.result.b == (decides == 0)
                        : failed
                            ? r.error != CEL_OK
                            : r.error == CEL_OK && r.result.b == (decides != 0);
            }
        }
    }
    ok(good == all, "%d of %d pairs of && and ||", good, all);
}

/* --- numbers ------------------------------------------------------------- */

/*
 * A number split exactly: its whole part in 128 bits where it is below 2^100,
 * else only its sign counts; then what is left behind the point.
 */
typedef struct exact {
    bool nan, huge, negative;
    __int128 whole;
    double rest;
} exact_number;

static exact_number exact_of(const cel_value *v)
{
    exact_number n = {.rest = 0};

    if (v->kind == CEL_INT) {
        n.whole = v->i;
    } else if (v->kind == CEL_UINT) {
        n.whole = v->u;
    } else if (isnan(v->d)) {
        n.nan = true;
    } else if (fabs(v->d) >= 0x1p100) {
        n.huge = true;
        n.negative = v->d < 0;
    } else {
        n.whole = (__int128)v->d;
        n.rest = v->d - (double)n.whole;
    }
    return n;
}

static int compare_exact(const cel_value *a, const cel_value *b)
{
    exact_number x = exact_of(a), y = exact_of(b);

    if (x.huge || y.huge) {
        if (x.huge && y.huge) { /* two doubles */
            return (a->d > b->d) - (a->d < b->d);
        }
        return x.huge ? (x.negative ? -1 : 1) : (y.negative ? 1 : -1);
    }
    if (x.whole != y.whole) {
        return x.whole < y.whole ? -1 : 1;
    }
    return (x.rest > y.rest) - (x.rest < y.rest);
}

/* Near the borders, where comparing as doubles goes wrong. */
static cel_value some_number(void)
{
    static const double borders[] = {0x1p53, 0x1p63, 0x1p64, 0,
                                     1,      0x1p31, 1e300,  0x1p62};
    cel_value v = {.kind = (uint8_t)(CEL_INT + below(3))};
    uint64_t near = next() >> (below(64));

    if (below(2) == 0) {
        near = (1ULL << below(64)) + below(3) - 1;
    }
    switch (v.kind) {
    case CEL_INT:
        v.i = (int64_t)near;
        v.i = below(2) == 0 && v.i != INT64_MIN ? -v.i : v.i;
        break;
    case CEL_UINT:
        v.u = near;
        break;
    default:
        v.d = borders[below(8)];
        for (uint32_t i = below(3); i > 0; i--) {
            v.u += below(2) == 0 ? 1
                   : v.u > 0     ? UINT64_MAX
                                 : 0; /* its neighbour */
        }
        v.d = below(3) == 0 ? (double)(int64_t)near : v.d;
        v.d = below(8) == 0 ? v.d + 0.5 : v.d;
        v.d = below(2) == 0 ? -v.d : v.d;
        v.d = below(50) == 0 ? (double)NAN : below(50) == 0 ? HUGE_VAL : v.d;
    }
    return v;
}

/* The two doubles that equal the largest integers: value.c. */
static bool is_border(const cel_value *a, const cel_value *b)
{
    return (a->kind == CEL_DOUBLE && (a->d == 0x1p63 || a->d == 0x1p64)) ||
           (b->kind == CEL_DOUBLE && (b->d == 0x1p63 || b->d == 0x1p64));
}

static bool holds(const program *m, const cel_value *a, const cel_value *b)
{
    cel_arena arena = {.ctx = ctx};
    cel_run r = run(m, a, b, &arena, 1000);

    aigov__cel_arena_free(&arena);
    return r.error == CEL_OK && r.result.kind == CEL_BOOL && r.result.b;
}

static void test_numbers(void)
{
    static const char *const text[] = {"x < y",  "x <= y", "x > y",
                                       "x >= y", "x == y", "x != y"};
    program m[6];
    int good = 0, all = 0;

    for (int i = 0; i < 6; i++) {
        compile(&m[i], text[i]);
    }
    for (int i = 0; i < 200000; i++) {
        cel_value a = some_number(), b = some_number();
        bool nan = exact_of(&a).nan || exact_of(&b).nan;
        int o = nan ? 0 : compare_exact(&a, &b);
        bool got[6];
        if (is_border(&a, &b)) {
            continue;
        }
        for (int k = 0; k < 6; k++) {
            got[k] = holds(&m[k], &a, &b);
        }
        all++;
        good +=
            nan ? !got[0] && !got[1] && !got[2] && !got[3] && !got[4] && got[5]
                : got[0] == (o < 0) && got[1] == (o <= 0) &&
                      got[2] == (o > 0) && got[3] == (o >= 0) &&
                      got[4] == (o == 0) && got[5] == (o != 0);
        good -= got[0] != holds(&m[2], &b, &a); /* (a < b) == (b > a) */
    }
    ok(good == all && all > 100000, "%d of %d pairs of numbers", good, all);
    for (int i = 0; i < 6; i++) {
        drop_program(&m[i]);
    }
}

/* + - * / % against 128 bits. */
static void test_arithmetic(void)
{
    static const char *const text[] = {"x + y", "x - y", "x * y", "x / y",
                                       "x % y"};
    cel_arena arena = {.ctx = ctx};
    int good = 0, all = 0;

    for (int k = 0; k < 5; k++) {
        program m;
        compile(&m, text[k]);
        for (int i = 0; i < 40000; i++) {
            cel_value a = some_number(), b = some_number();
            if (a.kind != b.kind || a.kind == CEL_DOUBLE) {
                continue;
            }
            __int128 x = exact_of(&a).whole, y = exact_of(&b).whole, z = 0;
            cel_error want = k >= 3 && y == 0 ? CEL_DIV_ZERO : CEL_OK;
            if (want == CEL_OK) {
                z = k == 0   ? x + y
                    : k == 1 ? x - y
                    : k == 2 ? x * y
                    : k == 3 ? x / y
                             : x % y;
                bool fits = a.kind == CEL_INT ? z >= INT64_MIN && z <= INT64_MAX
                                              : z >= 0 && z <= UINT64_MAX;
                want = fits && !(k == 4 && x == INT64_MIN && y == -1)
                           ? CEL_OK
                           : CEL_OVERFLOW;
            }
            cel_run r = run(&m, &a, &b, &arena, 100);
            all++;
            good += r.error == want &&
                    (want != CEL_OK || (r.result.kind == a.kind &&
                                        exact_of(&r.result).whole == z));
        }
        drop_program(&m);
    }
    aigov__cel_arena_free(&arena);
    ok(good == all && all > 10000, "%d of %d sums, products ...", good, all);
}

/* --- round trips --------------------------------------------------------- */

static bool law(const program *m, const cel_value *x, const cel_value *y)
{
    bool good = holds(m, x, y);

    return good;
}

static cel_value some_time(cel_kind kind)
{
    cel_value v = {.kind = (uint8_t)kind};

    do {
        v.i = (int64_t)(next() >> (24 + below(40)));
        v.i = below(2) == 0 ? -v.i : v.i;
    } while (v.i < -62135596800 || v.i > 253402300799);
    v.n = below(3) == 0   ? 0
          : below(2) == 0 ? below(1000) * 1000000
                          : below(1000000000);
    return v;
}

static void test_times(void)
{
    program m[4];
    int good = 0, all = 0;

    compile(&m[0], "timestamp(string(x)) == x && duration(string(y)) == y");
    compile(&m[1], "-(-y) == y && y - y == duration('0') && x - x == "
                   "duration('0')");
    compile(&m[2], "(x + y) - y == x && (x + y) - x == y");
    compile(&m[3], "timestamp(int(x)) <= x && x - timestamp(int(x)) < "
                   "duration('1s') && x.getSeconds() == (int(x) % 60 + 60) % "
                   "60 && x.getDayOfWeek() == ((int(x) - (int(x) % 86400 + "
                   "86400) % 86400) / 86400 % 7 + 11) % 7");
    for (int i = 0; i < 20000; i++) {
        cel_value x = some_time(CEL_TIMESTAMP), y = some_time(CEL_DURATION);
        int64_t sum = x.i + y.i;
        all += 3;
        good += law(&m[0], &x, &y) + law(&m[1], &x, &y) + law(&m[3], &x, &y);
        if (sum > -62135596800 && sum < 253402300799) {
            all++;
            good += law(&m[2], &x, &y);
        }
    }
    ok(good == all, "%d of %d laws of timestamps and durations", good, all);
    for (int i = 0; i < 4; i++) {
        drop_program(&m[i]);
    }
}

/* Every double that is finite reads back from its text. */
static void test_double_text(void)
{
    program m;
    int good = 0;

    compile(&m, "double(string(x)) == x");
    for (int i = 0; i < 50000; i++) {
        cel_value x = {.kind = CEL_DOUBLE};
        do {
            x.u = next();
        } while (!isfinite(x.d));
        x.d = i % 2 == 0 ? (double)(int64_t)x.u / 1000 : x.d;
        good += law(&m, &x, NULL);
    }
    ok(good == 50000, "%d of 50000 doubles read back", good);
    drop_program(&m);
}

static void some_text(char *out, size_t most)
{
    static const char *const piece[] = {"a", "b",  "\xC3\xA4",         ",",
                                        "",  "ab", "\xF0\x9F\x98\x80", " "};
    size_t n = 0;

    for (uint32_t i = below(10); i > 0 && n + 5 < most; i--) {
        const char *p = piece[below(8)];
        memcpy(out + n, p, strlen(p));
        n += strlen(p);
    }
    out[n] = '\0';
}

static cel_value text_value(const char *s)
{
    return (cel_value){.kind = CEL_STRING, .n = (uint32_t)strlen(s), .s = s};
}

static void test_strings(void)
{
    static const char *const laws[] = {
        "x.split(y).join(y) == x || (x == '' && y == '')",
        "x.contains(y) == (x.indexOf(y) >= 0)",
        "x.contains(y) == (x.lastIndexOf(y) >= 0)",
        "x.startsWith(y) == (x.indexOf(y) == 0)",
        "!x.contains(y) || x.substring(x.indexOf(y)).startsWith(y)",
        "!x.contains(y) || x.substring(x.lastIndexOf(y)).startsWith(y)",
        "x.indexOf(y) <= x.lastIndexOf(y)",
        "(x + y).endsWith(y) && (x + y).startsWith(x)",
        "size(x + y) == size(x) + size(y)",
        "x.replace(y, y) == x",
        "y == '' || x.split(y).size() == x.replace(y, y + 'q').split(y + "
        "'q').size()",
        "x.split('').size() == size(x) && x.split('').join() == x",
        "x.split('').all(c, size(c) == 1 && x.contains(c))",
        "x.lowerAscii().upperAscii() == x.upperAscii()",
        "x.trim().trim() == x.trim() && x.contains(x.trim())",
        "x == '' || x.charAt(0) + x.substring(1) == x",
        "string(bytes(x)) == x",
        "(x < y) == (y > x) && (x <= y) == !(y < x)",
        "(x == y) == (bytes(x) == bytes(y))",
        "(x < y) == (bytes(x) < bytes(y))"};
    char a[80], b[80];
    int good = 0, all = 0;

    for (size_t k = 0; k < sizeof laws / sizeof laws[0]; k++) {
        program m;
        int before = good;
        if (!compile(&m, laws[k])) {
            ok(false, "compiles: %s", laws[k]);
            continue;
        }
        for (int i = 0; i < 2000; i++) {
            some_text(a, sizeof a);
            some_text(b, below(2) == 0 ? 8 : sizeof b);
            cel_value x = text_value(a), y = text_value(b);
            all++;
            good += law(&m, &x, &y);
        }
        if (good - before != 2000) {
            note("%s", laws[k]);
        }
        drop_program(&m);
    }
    ok(good == all, "%d of %d laws of strings", good, all);
}

/* --- typed values -------------------------------------------------------- */

static cel_value some_value(cel_arena *a, int depth)
{
    static char texts[16][80];
    static int at;
    uint32_t kind = below(depth > 0 ? CEL_DURATION + 1 : CEL_STRING + 1);
    cel_value v = {.kind = (uint8_t)kind};

    switch (kind) {
    case CEL_BOOL:
        v.b = below(2);
        return v;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
        do {
            v = some_number();
        } while (v.kind != kind || (kind == CEL_DOUBLE && isnan(v.d)));
        return v;
    case CEL_STRING:
    case CEL_BYTES:
        at = (at + 1) % 16;
        some_text(texts[at], sizeof texts[at]);
        v.n = (uint32_t)strlen(texts[at]);
        v.s = memcpy(aigov__cel_alloc(a, v.n + 1U), texts[at], v.n + 1U);
        return v;
    case CEL_TYPE:
        return (cel_value){.kind = CEL_TYPE, .n = 3, .s = "int"};
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return some_time((cel_kind)kind);
    case CEL_LIST:
    case CEL_MAP: {
        uint32_t n = below(4), each = kind == CEL_MAP ? 2 : 1;
        cel_value *items = aigov__cel_alloc(a, (n * each + 1) * sizeof *items);
        for (uint32_t i = 0; i < n * each; i++) {
            items[i] = each == 2 && i % 2 == 0
                           ? (cel_value){.kind = CEL_INT, .i = i}
                           : some_value(a, depth - 1);
        }
        v.n = n;
        v.items = items;
        return v;
    }
    default:
        return v;
    }
}

static void test_typed(void)
{
    cel_arena arena = {.ctx = ctx};
    aigov_buf one = {.ctx = ctx}, two = {.ctx = ctx}, canon = {.ctx = ctx};
    aigov_json j = {.ctx = ctx};
    aigov_error err;
    int good = 0;

    for (int i = 0; i < 5000; i++) {
        cel_value v = some_value(&arena, 4), back;
        one.n = two.n = canon.n = 0;
        good += aigov__cel_write(&v, &one, &err) == AIGOV_OK &&
                aigov_json_read(&j, AIGOV_JSON_STRICT, aigov_buf_span(&one),
                                &err) == AIGOV_OK &&
                aigov_json_canonical(&j, 0, &canon, &err) == AIGOV_OK &&
                aigov_span_eq(aigov_buf_span(&one), aigov_buf_span(&canon)) &&
                aigov__cel_read(&j, 0, &arena, &back, &err) == AIGOV_OK &&
                aigov__cel_equal(&v, &back) &&
                aigov__cel_write(&back, &two, &err) == AIGOV_OK &&
                aigov_span_eq(aigov_buf_span(&one), aigov_buf_span(&two));
        aigov__cel_reset(&arena);
    }
    ok(good == 5000, "%d of 5000 typed values, written canonical, read back",
       good);
    aigov_json_free(&j);
    aigov_buf_free(&one);
    aigov_buf_free(&two);
    aigov_buf_free(&canon);
    aigov__cel_arena_free(&arena);
}

/* --- units, limits ------------------------------------------------------- */

static uint64_t units_of(const char *text, cel_error *error)
{
    cel_run r = once(text, NULL, NULL);

    *error = r.error;
    return r.units;
}

static void test_units(void)
{
    static const struct {
        const char *text;
        uint64_t units;
    } want[] = {
        {"1", 1},
        {"1 + 2", 3},
        {"true || x", 2},
        {"false || true", 3},
        {"[1, 2, 3]", 4},
        {"[1, 2, 3].all(v, v > 0)", 4 + 1 + 3 * (1 + 3)},
        {"3 in [1, 2, 3, 4]", 7 + 3},
        {"'c' in ['a', 'b', 'c', 'd']", 7 + 3},
        {"'abc'.contains('b')", 4},
        {"{'a': 1}.a", 4},
        {"'abc' == 'abd'", 3},
        {"size('abc')", 3},
        {"[1] + [2, 3]", 6 + 3},
        {"'a' + 'b'", 4},
        {"true ? 1 : 2 + 3", 3},
    };
    cel_error error;
    int good = 0, n = (int)(sizeof want / sizeof want[0]);

    for (int i = 0; i < n; i++) {
        uint64_t units = units_of(want[i].text, &error);
        good += units == want[i].units;
        if (units != want[i].units) {
            note("%s: %llu units", want[i].text, (unsigned long long)units);
        }
    }
    ok(good == n, "%d of %d counts of units", good, n);
}

/* However many units are given: the same end, or cost_exceeded with all used;
 * and no error of cost is ever absorbed. */
static void test_cut(void)
{
    static const char *const texts[] = {
        "[1, 2, 3].all(v, v > 0) || true",
        "(1/0 == 1 || [1, 2].exists(v, v == 2)) && 'abc'.contains('c')",
        "['a', 'b'].map(v, v + 'x').join(',').size() == 5",
        "'aXbX'.replace('X', 'yy').split('yy').size() == 3",
        "[1, 2, 3, 4].filter(v, v % 2 == 0) == [2, 4]"};
    cel_arena arena = {.ctx = ctx};
    int good = 0, all = 0;

    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        program m;
        compile(&m, texts[k]);
        cel_run full = run(&m, NULL, NULL, &arena, 100000);
        for (uint64_t u = 0; u < full.units + 5; u++) {
            cel_run r = run(&m, NULL, NULL, &arena, u);
            all++;
            good += u < full.units
                        ? r.error == CEL_COST_EXCEEDED && r.units == u
                        : r.error == CEL_OK && r.units == full.units;
        }
        drop_program(&m);
    }
    aigov__cel_arena_free(&arena);
    ok(good == all, "%d of %d budgets", good, all);
}

/* --- the worst case ------------------------------------------------------ */

/* No evaluation uses more than cost.c computed; values are as large as it takes
 * them for: 64 elements, 256 bytes. */
static bool within(const char *text, size_t n, const cel_value *x,
                   const cel_value *y)
{
    cel_arena arena = {.ctx = ctx, .limit = (size_t)1 << 28};
    cel_error why;
    aigov_error err;
    program m = {.p = NULL};
    bool good = true;

    aigov__cel_env_init(&m.env, ctx);
    aigov__cel_declare(&m.env, AIGOV_LIT("x"), AIGOV_LIT("list(string)"), NULL,
                       &err);
    aigov__cel_declare(&m.env, AIGOV_LIT("y"), AIGOV_LIT("map(string, string)"),
                       NULL, &err);
    if (aigov__cel_compile(&m.env, (aigov_span){text, n}, x != NULL, &wide,
                           &m.p, &why, &err) == AIGOV_OK) {
        uint64_t worst = aigov__cel_worst(m.p);
        cel_run r = run(&m, x, y, &arena, (uint64_t)1 << 24);
        good = r.units <= worst;
        if (!good) {
            note("%.*s: %llu units, at worst %llu", (int)n, text,
                 (unsigned long long)r.units, (unsigned long long)worst);
        }
    } else if (x != NULL) {
        note("%.*s: %s", (int)n, text, err.text);
        good = false;
    }
    drop_program(&m);
    aigov__cel_arena_free(&arena);
    return good;
}

static void test_worst(void)
{
    static const char *const texts[] = {
        "x.all(a, x.exists(b, a == b))",
        "x.all(a, a in x)",
        "x.filter(a, a.contains('z')) == x",
        "x.map(a, a + a).join('-').split('-') == x",
        "x + x == x",
        "x.map(a, a.upperAscii().replace('X', 'abcabc')).join() == ''",
        "x[0].matches('^(a|b)*x{1,20}$') || x[1].matches(x[2])",
        "y.all(k, y[k] == k && k in y)",
        "y == y",
        "y.k < y.j || has(y.k)",
        "x.exists_one(a, size(a) + a.size() == 3)",
        "x == x && [x, x] == [x, x] && {'a': x} == {'a': x}",
        "x.map(a, a.lastIndexOf('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy'))[0] == 1",
        "x.map(a, a.lastIndexOf(x[1] + 'x'))[0] == 1",
        "x.map(a, (a + a + a).lastIndexOf('y' + a))[0] == 1",
        "x.map(a, a.substring(1).trim().charAt(3).lowerAscii())[0] == ''",
        "x.map(a, bytes(a) == b'' || string(bytes(a)) == a)[0]",
        "x.map(a, a.startsWith(a) && a.endsWith(a) && a.indexOf(a) == 0)[0]",
        "x.map(a, a.replace('', 'abc', 1000).split(''))[0] == x",
        "x.map(a, x.map(b, a <= b)).all(l, l.all(h, h))"};
    char letters[257];
    cel_value items[64], entries[128];
    int good = 0, all = 0, n = (int)(sizeof texts / sizeof texts[0]);
    static char keys[64][257];

    memset(letters, 'x', 256);
    letters[256] = '\0';
    for (int i = 0; i < 64; i++) {
        items[i] = text_value(letters);
        memset(keys[i], 'k', 256);
        keys[i][255] = (char)('0' + i);
        entries[2 * i] = text_value(keys[i]);
        entries[2 * i + 1] = text_value(keys[i]);
    }
    cel_value x = {.kind = CEL_LIST, .n = 64, .items = items};
    cel_value y = {.kind = CEL_MAP, .n = 64, .items = entries};
    for (int i = 0; i < n; i++) {
        good += within(texts[i], strlen(texts[i]), &x, &y);
    }
    ok(good == n, "%d of %d of the largest values cost at most the worst", good,
       n);
    size_t size;
    char *tsv = read_file("test/vectors/cel", "eval.tsv", &size);
    good = 0;
    for (char *p = tsv, *line; p != NULL && p < tsv + size; p = line + 1) {
        line = memchr(p, '\n', (size_t)(tsv + size - p));
        char *tab = memchr(p, '\t', (size_t)(line - p));
        if (*p != '#' && tab != NULL && tab[1] == '-') {
            all++;
            good += within(p, (size_t)(tab - p), NULL, NULL);
        }
    }
    free(tsv);
    ok(good == all && all > 500, "%d of %d expressions too", good, all);
}

/* --- the interrupt ------------------------------------------------------- */

static int asked, stop_at;

static bool interrupt(void *host)
{
    (void)host;
    return ++asked == stop_at;
}

static void test_interrupt(void)
{
    cel_arena arena = {.ctx = ctx};
    program m;

    compile(&m, "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, "
                "[1,2,3,4,5,6,7,8,9,10].all(c, a + b + c > 0))) || true");
    aigov_ctx_set_interrupt(ctx, interrupt, NULL);
    asked = stop_at = 0;
    cel_run r = run(&m, NULL, NULL, &arena, 1000000);
    ok(r.error == CEL_OK && asked >= (int)(r.units / 1001) && asked > 5,
       "asked %d times in %d units", asked, (int)r.units);
    asked = 0;
    stop_at = 3;
    r = run(&m, NULL, NULL, &arena, 1000000);
    ok(r.error == CEL_HOST && r.status == AIGOV_CANCELED && asked == 3,
       "canceled, not absorbed");
    aigov_ctx_set_interrupt(ctx, NULL, NULL);
    drop_program(&m);
    aigov__cel_arena_free(&arena);
}

/* Small expressions that stand for something enormous. */
static void test_enormous(void)
{
    aigov_buf text = {.ctx = ctx}, out = {.ctx = ctx};
    cel_error error;

    aigov_buf_puts(&text, "[[1]]");
    repeat(&text, ".map(x, [x, x])", 60);
    const char *answer = cel_answer(ctx, aigov_buf_span(&text), AIGOV_ABSENT,
                                    AIGOV_ABSENT, &out);
    ok(strncmp(answer, "error cost_exceeded", 19) == 0,
       "2^60 shared elements are not written: %s", answer);

    aigov_buf_puts(&text, " == [[1]]");
    repeat(&text, ".map(x, [x, x])", 60);
    answer = cel_answer(ctx, aigov_buf_span(&text), AIGOV_ABSENT, AIGOV_ABSENT,
                        &out);
    ok(strncmp(answer, "error cost_exceeded", 19) == 0, "nor compared: %s",
       answer);

    text.n = 0;
    aigov_buf_puts(&text, "'aaaaaaaa'");
    repeat(&text, ".replace('a', 'aaaaaaaaaaaaaaaa')", 20);
    answer = cel_answer(ctx, aigov_buf_span(&text), AIGOV_ABSENT, AIGOV_ABSENT,
                        &out);
    ok(strncmp(answer, "error cost_exceeded", 19) == 0,
       "nor is text of 2^80 bytes: %s", answer);

    text.n = 0;
    repeat(&text, "[", 240);
    repeat(&text, "]", 240);
    aigov_buf_put(&text, "", 1);
    units_of(text.p, &error);
    ok(error == CEL_OK, "240 lists in each other");
    text.n = 0;
    repeat(&text, "[", 300);
    repeat(&text, "]", 300);
    answer = cel_answer(ctx, aigov_buf_span(&text), AIGOV_ABSENT, AIGOV_ABSENT,
                        &out);
    ok(strncmp(answer, "error ", 6) == 0, "300 do not: %s", answer);

    text.n = 0;
    repeat(&text, "1+", 30000);
    aigov_buf_puts(&text, "1");
    answer = cel_answer(ctx, aigov_buf_span(&text), AIGOV_ABSENT, AIGOV_ABSENT,
                        &out);
    ok(strncmp(answer, "error ", 6) == 0, "nor a sum of 30001: %s", answer);
    aigov_buf_free(&text);
    aigov_buf_free(&out);
}

/* Many keys: reading is no quadratic matter, and no duplicate slips through. */
static void test_many_keys(void)
{
    cel_arena arena = {.ctx = ctx, .limit = 64 << 20};
    uint32_t n = 200000;
    cel_value *items = aigov__cel_alloc(&arena, 2 * n * sizeof *items);
    uint32_t *at = aigov__cel_alloc(&arena, n * sizeof *at);

    for (uint32_t i = 0; i < n; i++) {
        items[2 * i] = (cel_value){.kind = CEL_INT,
                                   .i = (int64_t)i * 2654435761 % 1000003};
    }
    ok(aigov__cel_distinct(items, n, at), "200000 keys differ");
    items[2 * 777] = (cel_value){.kind = CEL_UINT, .u = items[0].u};
    ok(!aigov__cel_distinct(items, n, at), "two of 200000 do not");
    aigov__cel_arena_free(&arena);
}

static void test_arguments(void)
{
    aigov_buf out = {.ctx = ctx};
    const char *answer =
        cel_answer(ctx, AIGOV_ABSENT, AIGOV_ABSENT, AIGOV_ABSENT, &out);

    ok(strcmp(answer, "status NULLARG") == 0, "no expression: %s", answer);
    answer = cel_answer(ctx, AIGOV_LIT("x"), AIGOV_LIT("{}"),
                        AIGOV_LIT("{\"x\":\"int\"}"), &out);
    ok(strcmp(answer, "error unbound 0") == 0, "declared only: %s", answer);
    answer = cel_answer(ctx, AIGOV_LIT("x"),
                        AIGOV_LIT("{\"x\":{\"t\":\"int\",\"v\":\"1\"}}"),
                        AIGOV_LIT("{}"), &out);
    ok(strcmp(answer, "status FIELD") == 0, "bound only: %s", answer);
    answer =
        cel_answer(ctx, AIGOV_LIT("y"), AIGOV_ABSENT, AIGOV_LIT("{}"), &out);
    ok(strcmp(answer, "error check 0") == 0, "neither: %s", answer);
    answer = cel_answer(ctx, AIGOV_LIT("1 == 'a'"), AIGOV_ABSENT,
                        AIGOV_LIT("{}"), &out);
    ok(strcmp(answer, "error check 2") == 0, "types: %s", answer);
    answer = cel_answer(ctx, AIGOV_LIT("1"), AIGOV_ABSENT,
                        AIGOV_LIT("{\"x\":\"nosuch\"}"), &out);
    ok(strcmp(answer, "status FIELD") == 0, "no such type: %s", answer);
    answer = cel_answer(ctx, AIGOV_LIT("1"), AIGOV_ABSENT,
                        AIGOV_LIT("{\"x\":1}"), &out);
    ok(strcmp(answer, "status FIELD") == 0, "a type is a string: %s", answer);
    aigov_buf_free(&out);
}

int main(void)
{
    aigov_error err;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    test_logic();
    test_numbers();
    test_arithmetic();
    test_times();
    test_double_text();
    test_strings();
    test_typed();
    test_units();
    test_cut();
    test_worst();
    test_interrupt();
    test_enormous();
    test_many_keys();
    test_arguments();
    aigov_ctx_free(ctx);
    return done();
}
