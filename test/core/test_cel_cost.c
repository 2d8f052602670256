/*
 * test_cel_cost.c - what an expression costs is at most what was computed
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Each expression runs on values as large as cost.c takes them to be: lists and
 * maps of 64, strings of 256 bytes.  Booleans and numbers are tried both ways,
 * so that conditions hold and do not.
 */
#include "cel/internal.h"

#include "tap.h"
#include "text.h"

static aigov_ctx *ctx;
static aigov_error err;

static const char declarations[] =
    "now: timestamp; s: string; t: string; y: bytes; b: bool; c: bool; i: int; "
    "d: double; l: list(string); n: list(int); m: map(string, int); "
    "a: map(string, dyn); x: list(map(string, dyn)); v: dyn; w: "
    "list(list(int)); "
    "span: duration";

static const char *const expressions[] = {
    "b || s != 'approved'",
    "s == t",
    "s < t",
    "y == y",
    "now > now",
    "!(s in l)",
    "s == 'external' || l.exists(p, p.startsWith('pci.'))",
    "l.exists(p, p in ['pii.email', 'pii.phone', 'pii.iban'])",
    "s in ['social', 'emotion', 'biometric', 'face'] || b",
    "'a' in l || b || !x.exists(q, q.kind == 'hr' && q.role == 'h' && q.by > "
    "1)",
    "x.filter(q, q.kind == 'legal' && q.expires > now && q.by != s).size() < 2",
    "t.matches('(^|[._-])(sh|bash|exec|powershell)$')",
    "double(a.amount) > 1000.0 || b",
    "m.exists(k, k.startsWith('pii.') && m[k] > 25)",
    "i + i + i > i * 2 && d > 0.8 * d",
    "now.getDayOfWeek('+01:00') in [1, 2, 3, 4, 5] && now.getHours(s) >= 8",
    "now - now > span",
    "l == l",
    "w == w",
    "m == m",
    "x == x",
    "v == v",
    "v in l",
    "s in m",
    "l + l == l",
    "s + t == t + s",
    "n.map(k, k * 2).filter(k, k > 2).exists_one(k, k == i)",
    "w.map(k, k.map(j, j + i)) == w",
    "l.map(k, k + s)[0] == s",
    "s.replace('a', t).size() > 2",
    "s.replace('', t).upperAscii().lowerAscii().trim()",
    "s.split('') == l",
    "s.split('a').join(t)",
    "l.join(s).contains(t)",
    "s.lastIndexOf(t) + s.indexOf(t) + s.lastIndexOf('b', 3)",
    "s.substring(1).charAt(2) + string(i) + string(d) + string(y)",
    "{s: 1, t + 'x': 2}[s] == 1 && has(a.b) ? m[s] : n[0]",
    "{'a': l, 'b': [s]}.all(k, k != s)",
    "[s, t, 'a'].all(k, k + t != s)",
    "b ? l : [s + s + s]",
    "bytes(s) == y && int(s) > 1",
    "s.matches(t)",
    "l.all(k, l.all(j, k == j))",
    "timestamp(s) > now || duration(s) < span",
    "v.all(k, k == v) || v.k == 1 || v[0] == 2",
    "dyn(s) == dyn(t) && type(s) == type(t)",
    "size(s) + l.size() + size(m) > 3",
    "true || s == t",
};

/* --- values -------------------------------------------------------------- */

static cel_arena arena;
static bool truth;

static void *room(size_t n)
{
    void *p = aigov__cel_alloc(&arena, n);

    if (p == NULL) {
        abort();
    }
    return p;
}

static void large(const cel_type *t, uint32_t which, cel_value *out);

/* One of 64. */
static void large_text(cel_kind kind, uint32_t which, cel_value *out)
{
    static char text[64][256];
    char *s = text[which % 64];

    memset(s, 'a', sizeof text[0]);
    s[0] = (char)('0' + which % 64);
    *out = (cel_value){.kind = (uint8_t)kind, .n = sizeof text[0], .s = s};
}

static void large_list(const cel_type *of, uint32_t which, cel_value *out)
{
    cel_value *items = room(64 * sizeof *items);

    for (uint32_t i = 0; i < 64; i++) {
        large(of, which + i, &items[i]);
    }
    *out = (cel_value){.kind = CEL_LIST, .n = 64, .items = items};
}

static void large_map(const cel_type *t, cel_value *out)
{
    cel_value *items = room(128 * sizeof *items);

    for (uint32_t i = 0; i < 64; i++) {
        large(t->key, i, &items[2 * i]);
        large(t->of, i, &items[2 * i + 1]);
    }
    *out = (cel_value){.kind = CEL_MAP, .n = 64, .items = items};
}

static void large(const cel_type *t, uint32_t which, cel_value *out)
{
    static const cel_type string = {.kind = CEL_STRING};

    switch ((cel_kind)t->kind) {
    case CEL_STRING:
    case CEL_BYTES:
        large_text((cel_kind)t->kind, which, out);
        break;
    case CEL_LIST:
        large_list(t->of, which, out);
        break;
    case CEL_MAP:
        large_map(t, out);
        break;
    case CEL_DYN:
        large_list(&string, 0, out);
        break;
    case CEL_BOOL:
        *out = (cel_value){.kind = CEL_BOOL, .b = truth};
        break;
    case CEL_DOUBLE:
        *out = (cel_value){.kind = CEL_DOUBLE, .d = truth ? 1e6 : -1e6};
        break;
    default:
        *out = (cel_value){.kind = t->kind, .i = truth ? 1000 : 0};
    }
}

/* --- the expressions ----------------------------------------------------- */

static void declare(aigov_cel_env *env)
{
    for (const char *p = declarations; *p != '\0';) {
        size_t name = strcspn(p, ":"), end = strcspn(p, ";");
        aigov_span type = {p + name + 1, end - name - 1};
        if (aigov__cel_declare(env, (aigov_span){p, name}, type, NULL, &err) !=
            AIGOV_OK) {
            abort();
        }
        p += end + (p[end] == ';');
        p += strspn(p, " ");
    }
}

/* Units used, of plenty. */
static uint64_t units(const aigov_cel_env *env, const aigov_cel_program *p)
{
    static cel_value value[32];
    static const cel_value *bound[32];
    cel_arena own = {.ctx = ctx};
    cel_run run = {.units = 100 * 1000 * 1000};

    for (size_t i = 0; i < env->count; i++) {
        large(env->variable[i].type, 0, &value[i]);
        bound[i] = &value[i];
    }
    aigov__cel_eval(p, bound, &own, &run);
    aigov__cel_arena_free(&own);
    aigov__cel_reset(&arena);
    return run.units;
}

static void check(const aigov_cel_env *env, const char *expression)
{
    aigov_cel_program *p = NULL;
    uint64_t used, most = 0;

    if (aigov__cel_compile(env, aigov_str(expression), AIGOV_CEL_CHECK, NULL,
                           &p, NULL, &err) != AIGOV_OK) {
        ok(false, "%s: %s (%s)", expression, err.text, err.hint);
        return;
    }
    for (int i = 0; i < 2; i++) {
        truth = i == 1;
        used = units(env, p);
        most = used > most ? used : most;
    }
    ok(most > 0 && most <= aigov__cel_worst(p), "%s: %llu of %llu", expression,
       (unsigned long long)most, (unsigned long long)aigov__cel_worst(p));
    aigov__cel_free(p);
}

int main(void)
{
    aigov_cel_env env;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    arena.ctx = ctx;
    aigov__cel_env_init(&env, ctx);
    declare(&env);
    for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++) {
        check(&env, expressions[i]);
    }
    aigov__cel_env_free(&env);
    aigov__cel_arena_free(&arena);
    aigov_ctx_free(ctx);
    return done();
}
