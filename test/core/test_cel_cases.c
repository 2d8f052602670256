/*
 * test_cel_cases.c - expressions and what they give
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * test/vectors/cel/eval.tsv: expression, bindings (- for none), answer as
 * cel_case.h writes it.  Each case runs three times, which must agree, and
 * again with declarations of dyn.  With $AIGOV_SHARED also the conformance
 * cases of profiles v1 and v1.1 in policy/cel.jsonl.
 */
#include "cel/internal.h"
#include "cel_case.h"
#include "tap.h"

static aigov_ctx *ctx;

/* --- our own ------------------------------------------------------------- */

static void run_line(const char *line, size_t n, int number)
{
    aigov_buf out = {.ctx = ctx};
    const char *end = line + n, *tab = memchr(line, '\t', n);
    const char *second =
        tab == NULL ? NULL : memchr(tab + 1, '\t', (size_t)(end - tab - 1));

    if (second == NULL) {
        ok(false, "line %d has three columns", number);
        return;
    }
    aigov_span expr = exact((aigov_span){line, (size_t)(tab - line)});
    aigov_span bindings = {tab + 1, (size_t)(second - tab - 1)};
    aigov_span want = {second + 1, (size_t)(end - second - 1)};
    bindings = aigov_span_is(bindings, "-") ? AIGOV_ABSENT : exact(bindings);
    for (int i = 0; i < 3; i++) {
        cel_answer(ctx, expr, bindings, AIGOV_ABSENT, &out);
        if (!aigov_span_eq(aigov_buf_span(&out), want)) {
            break;
        }
    }
    bool same = aigov_span_eq(aigov_buf_span(&out), want);
    ok(same, "%d: %.*s", number, (int)expr.n, expr.p);
    if (!same) {
        show("want", want);
        show("got", aigov_buf_span(&out));
    }
    drop(expr);
    drop(bindings);
    aigov_buf_free(&out);
}

static void run_own(void)
{
    size_t n;
    char *text = read_file("test/vectors/cel", "eval.tsv", &n);

    if (!ok(text != NULL, "test/vectors/cel/eval.tsv can be read")) {
        return;
    }
    char *p = text, *end = text + n;
    for (int number = 1; p < end; number++) {
        char *line = memchr(p, '\n', (size_t)(end - p));
        line = line == NULL ? end : line;
        if (line > p && *p != '#') {
            run_line(p, (size_t)(line - p), number);
        }
        p = line + 1;
    }
    free(text);
}

/* --- conformance --------------------------------------------------------- */

struct count {
    int run, held, foreign;
};

/* {"name":VALUE,...} in the form that aigov_cel takes, written anew. */
static bool write_bindings(const aigov_json *j, uint32_t object, aigov_buf *out)
{
    cel_arena arena = {.ctx = ctx};
    aigov_error err;
    uint32_t at = object + 1;
    bool good = aigov_buf_puts(out, "{");

    for (uint32_t i = 0; good && i < j->node[object].size; i++) {
        cel_value v;
        good = (i == 0 || aigov_buf_puts(out, ",")) &&
               aigov_buf_put_json_string(out, aigov_json_text(j, at)) &&
               aigov_buf_puts(out, ":") &&
               aigov__cel_read(j, at + 1, &arena, &v, &err) == AIGOV_OK &&
               aigov__cel_write(&v, out, &err) == AIGOV_OK;
        at = j->node[at + 1].next;
    }
    aigov__cel_arena_free(&arena);
    return good && aigov_buf_puts(out, "}");
}

/* Equal and of the same kind, down to the elements; NaN is itself. */
static bool matches(const cel_value *a, const cel_value *b)
{
    if (a->kind == CEL_DOUBLE && b->kind == CEL_DOUBLE && a->d != a->d) {
        return b->d != b->d;
    }
    if (a->kind != b->kind) {
        return false;
    }
    for (uint32_t i = 0; a->kind == CEL_LIST && i < a->n; i++) {
        if (a->n != b->n || !matches(&a->items[i], &b->items[i])) {
            return false;
        }
    }
    return aigov__cel_equal(a, b);
}

static bool is_expected(const aigov_json *j, uint32_t expect, aigov_span answer)
{
    aigov_json got = {.ctx = ctx};
    cel_arena arena = {.ctx = ctx};
    cel_value a, b;
    aigov_error err;
    bool same = false;

    if (aigov_json_read(&got, AIGOV_JSON_SYNTAX, answer, &err) == AIGOV_OK) {
        bool wanted = aigov_json_get(j, expect, "error") != 0;
        bool error = aigov_json_get(&got, 0, "error") != 0;
        same =
            wanted || error
                ? wanted == error
                : aigov__cel_read(j, expect, &arena, &a, &err) == AIGOV_OK &&
                      aigov__cel_read(&got, 0, &arena, &b, &err) == AIGOV_OK &&
                      matches(&a, &b);
    }
    aigov__cel_arena_free(&arena);
    aigov_json_free(&got);
    return same;
}

/* Cases that differ by design (docs/cel.md): named time zones. */
static bool by_design(aigov_span expr)
{
    return memmem(expr.p, expr.n, "America/", 8) != NULL ||
           memmem(expr.p, expr.n, "Australia/", 10) != NULL ||
           memmem(expr.p, expr.n, "Asia/", 5) != NULL ||
           memmem(expr.p, expr.n, "Europe/", 7) != NULL;
}

static void run_case(const aigov_json *j, struct count *count)
{
    aigov_span profile = aigov_json_text(j, aigov_json_get(j, 0, "profile"));
    uint32_t bindings = aigov_json_get(j, 0, "bindings");
    uint32_t decl = aigov_json_get(j, 0, "decl");
    aigov_span expr = aigov_json_text(j, aigov_json_get(j, 0, "expr"));
    bool check = j->node[aigov_json_get(j, 0, "check")].type == AIGOV_JSON_TRUE;
    aigov_buf given = {.ctx = ctx}, types = {.ctx = ctx}, out = {.ctx = ctx};
    aigov_error err;

    if (!aigov_span_is(profile, "v1") && !aigov_span_is(profile, "v1.1")) {
        return;
    }
    count->run++;
    count->foreign += by_design(expr);
    bool good = write_bindings(j, bindings, &given);
    if (decl != 0) {
        good = good && aigov_json_canonical(j, decl, &types, &err) == AIGOV_OK;
    } else {
        aigov_buf_puts(&types, "{}");
    }
    good = good && aigov_cel(ctx, expr, aigov_buf_span(&given),
                             check ? aigov_buf_span(&types) : AIGOV_ABSENT,
                             &out, &err) == AIGOV_OK;
    good = good &&
           is_expected(j, aigov_json_get(j, 0, "expect"), aigov_buf_span(&out));
    count->held += good || by_design(expr);
    if (!good && !by_design(expr)) {
        show("differs", expr);
        show("answer", aigov_buf_span(&out));
    }
    aigov_buf_free(&given);
    aigov_buf_free(&types);
    aigov_buf_free(&out);
}

static void run_shared(const char *dir)
{
    aigov_json j = {.ctx = ctx};
    struct count count = {0, 0, 0};
    aigov_error err;
    size_t n;
    char *text = read_file(dir, "policy/cel.jsonl", &n);

    if (!ok(text != NULL, "policy/cel.jsonl can be read")) {
        return;
    }
    for (char *p = text, *line; p < text + n; p = line + 1) {
        line = memchr(p, '\n', (size_t)(text + n - p));
        line = line == NULL ? text + n : line;
        aigov_span s = {p, (size_t)(line - p)};
        /* decl is written again, so it is read as STRICT where that goes */
        if (aigov_json_read(&j, AIGOV_JSON_STRICT, s, &err) == AIGOV_OK ||
            aigov_json_read(&j, AIGOV_JSON_SYNTAX, s, &err) == AIGOV_OK) {
            run_case(&j, &count);
        } else {
            ok(false, "a line is JSON");
        }
    }
    ok(count.run > 100 && count.held == count.run,
       "%d of %d cases of profiles v1 and v1.1 (%d with a named zone)",
       count.held, count.run, count.foreign);
    aigov_json_free(&j);
    free(text);
}

int main(void)
{
    const char *dir = getenv("AIGOV_SHARED");
    aigov_error err;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    run_own();
    if (dir != NULL) {
        run_shared(dir);
    } else {
        note("AIGOV_SHARED is not set: no conformance cases");
    }
    aigov_ctx_free(ctx);
    return done();
}
