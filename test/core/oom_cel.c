/*
 * oom_cel.c - every allocation of aigov_cel fails once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Each expression is evaluated with the first allocation failing, then the
 * second ... until none does.  Every failure is AIGOV_NOMEM, adds nothing to
 * what was written and leaks nothing; with memory back the answer is the same.
 * An error of memory is none that && or || may forget.
 */
#include "failing.h"
#include "tap.h"

#include "aigov.h"

static const struct {
    const char *expr, *bindings, *declarations;
} cases[] = {
    {"1 + 2 == 3 || x", NULL, NULL},
    {"true || 'a' + 'b' == 'ab'", NULL, NULL},
    {"x.a + y.map(v, v * 2)[1]",
     "{\"x\":{\"t\":\"map\",\"v\":[[{\"t\":\"string\",\"v\":\"a\"},{\"t\":"
     "\"int\",\"v\":\"1\"}]]},\"y\":{\"t\":\"list\",\"v\":[{\"t\":\"int\","
     "\"v\":\"1\"},{\"t\":\"int\",\"v\":\"2\"}]}}",
     "{\"x\":\"map(string, int)\",\"y\":\"list(int)\"}"},
    {"b == b'ab' && t > timestamp(0)",
     "{\"b\":{\"t\":\"bytes\",\"v\":\"YWI=\"},\"t\":{\"t\":\"timestamp\","
     "\"v\":\"2026-01-01T00:00:00Z\"}}",
     NULL},
    {"'a,b,c'.split(',').join('-').replace('b', 'xx').upperAscii()", NULL,
     NULL},
    {"'abc'.matches('^a[b-z]+$') && 'abc'.matches('a' + '.') || false", NULL,
     NULL},
    {"{'a': [1, 2, 3], 'b': [{}, {1: 2}]}.b + [string(1.5), string(2u)]", NULL,
     NULL},
    {"[1].all(a, [2].all(b, [3].all(c, [4].all(d, [5].all(e, a+b+c+d+e == "
     "15)))))",
     NULL, NULL},
    {"(1/0 == 1 || 'a' + 'b' == 'x') ? 1 : 2", NULL, NULL},
    {"nosuch + 1", NULL, "{}"},
    {"1 +", NULL, NULL},
};

static void run(size_t k)
{
    aigov_buf first = {.ctx = NULL};
    aigov_error err;
    struct heap h;
    bool good = true, failed = true;
    long n = 0;

    aigov_alloc alloc = {failing, &h};
    while (good && failed && n < 10000) {
        aigov_ctx *ctx;
        h = (struct heap){0};
        if (aigov_ctx_new(&alloc, &ctx, &err) != AIGOV_OK) {
            abort();
        }
        aigov_buf out = {.ctx = ctx};
        long before = h.blocks;
        h.calls = 0;
        h.fail_at = ++n;
        aigov_status status = AIGOV_OK;
        for (int again = 0; again < 2; again++) {
            status = aigov_cel(ctx, aigov_str(cases[k].expr),
                               aigov_str(cases[k].bindings),
                               aigov_str(cases[k].declarations), &out, &err);
            if (again == 0) {
                failed = status != AIGOV_OK;
                good = !failed || (status == AIGOV_NOMEM && out.n == 0 &&
                                   h.blocks == before + (out.cap != 0));
                h.fail_at = 0;
                out.n = failed ? out.n : 0;
            }
        }
        good = good && status == AIGOV_OK &&
               (first.n == 0 ||
                aigov_span_eq(aigov_buf_span(&first), aigov_buf_span(&out)));
        if (first.n == 0) {
            first.p = malloc(out.n);
            first.n = out.n;
            memcpy(first.p, out.p, out.n);
        }
        aigov_buf_free(&out);
        aigov_ctx_free(ctx);
        good = good && h.blocks == 0 && h.bytes == 0;
    }
    ok(good && !failed && n > 4, "%s: %ld allocations fail: %.*s",
       cases[k].expr, n - 1, (int)first.n, first.p);
    free(first.p);
}

int main(void)
{
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        run(k);
    }
    return done();
}
