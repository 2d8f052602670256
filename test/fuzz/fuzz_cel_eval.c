/*
 * fuzz_cel_eval.c - an expression and its bindings
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The input is an expression, a NUL, a JSON object of bindings; without a NUL
 * some bindings of each type are there.  Aborts where an answer is no canonical
 * JSON object of one of the two forms, where two evaluations differ, and where
 * a value that was answered does not read back.  What && and || say does not
 * depend on the order of their operands.
 */
#include <stdlib.h>
#include <string.h>

#include "cel/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char bindings[] =
    "{\"b\":{\"t\":\"bool\",\"v\":true},\"d\":{\"t\":\"double\",\"v\":\"1.5\"},"
    "\"i\":{\"t\":\"int\",\"v\":\"-7\"},\"l\":{\"t\":\"list\",\"v\":[{\"t\":"
    "\"string\",\"v\":\"a\"},{\"t\":\"int\",\"v\":\"1\"}]},\"m\":{\"t\":"
    "\"map\",\"v\":[[{\"t\":\"string\",\"v\":\"a\"},{\"t\":\"null\",\"v\":null}"
    "]]},\"p\":{\"t\":\"duration\",\"v\":\"-1.5s\"},\"s\":{\"t\":\"string\","
    "\"v\":\"h\xC3\xA4llo, w\"},\"t\":{\"t\":\"timestamp\",\"v\":\"2026-11-"
    "27T14:30:15.5Z\"},\"u\":{\"t\":\"uint\",\"v\":\"7\"},\"x.y\":{\"t\":"
    "\"bytes\",\"v\":\"/w==\"}}";

static void must(bool held)
{
    if (!held) {
        abort();
    }
}

/* Canonical, and an error or a value that reads back. */
static void check_answer(aigov_ctx *ctx, aigov_span answer)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf canonical = {.ctx = ctx}, again = {.ctx = ctx};
    cel_arena arena = {.ctx = ctx, .limit = (size_t)1 << 30};
    aigov_error err;
    cel_value v;

    aigov_status status = aigov_json_read(&j, AIGOV_JSON_STRICT, answer, &err);
    /* U+0000, noncharacters and great depth are none of STRICT */
    must(status == AIGOV_OK || status == AIGOV_NOTIJSON ||
         status == AIGOV_TOOBIG);
    if (status == AIGOV_OK) {
        must(aigov_json_canonical(&j, 0, &canonical, &err) == AIGOV_OK);
        must(aigov_span_eq(aigov_buf_span(&canonical), answer));
        if (aigov_json_get(&j, 0, "error") == 0) {
            must(aigov__cel_read(&j, 0, &arena, &v, &err) == AIGOV_OK);
            must(aigov__cel_write(&v, &again, &err) == AIGOV_OK);
            must(aigov_span_eq(aigov_buf_span(&again), answer));
        }
    }
    aigov_json_free(&j);
    aigov_buf_free(&canonical);
    aigov_buf_free(&again);
    aigov__cel_arena_free(&arena);
}

/* 't', 'f', or 0 for an error or another value. */
static char truth(aigov_ctx *ctx, aigov_span expr, aigov_span values)
{
    aigov_buf out = {.ctx = ctx};
    aigov_error err;
    char v = 0;

    if (aigov_cel(ctx, expr, values, AIGOV_ABSENT, &out, &err) == AIGOV_OK) {
        aigov_span s = aigov_buf_span(&out);
        v = aigov_span_is(s, "{\"t\":\"bool\",\"v\":true}")    ? 't'
            : aigov_span_is(s, "{\"t\":\"bool\",\"v\":false}") ? 'f'
                                                               : 0;
    }
    aigov_buf_free(&out);
    return v;
}

static void check_logic(aigov_ctx *ctx, aigov_span e, aigov_span values)
{
    static const char *const form[] = {"(%) || true", "true || (%)",
                                       "(%) && false", "false && (%)"};
    aigov_buf text = {.ctx = ctx};

    for (int i = 0; i < 4; i++) {
        const char *hole = strchr(form[i], '%');
        text.n = 0;
        must(aigov_buf_put(&text, form[i], (size_t)(hole - form[i])) &&
             aigov_buf_put(&text, e.p, e.n) &&
             aigov_buf_put(&text, "\n", 1) && /* it may end in a comment */
             aigov_buf_puts(&text, hole + 1));
        char v = truth(ctx, aigov_buf_span(&text), values);
        must(v == 0 || v == (i < 2 ? 't' : 'f'));
    }
    aigov_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
    aigov_span expr = {(const char *)data,
                       nul == NULL ? size : (size_t)(nul - data)};
    aigov_span values = AIGOV_LIT(bindings);
    aigov_ctx *ctx;
    aigov_error err;

    if (nul != NULL) {
        values = (aigov_span){(const char *)nul + 1, size - expr.n - 1};
    }
    if (size == 0 || aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 0;
    }
    aigov_buf one = {.ctx = ctx}, two = {.ctx = ctx};
    aigov_status a = aigov_cel(ctx, expr, values, AIGOV_ABSENT, &one, &err);
    aigov_status b = aigov_cel(ctx, expr, values, AIGOV_ABSENT, &two, &err);
    must(a == b);
    must(aigov_span_eq(aigov_buf_span(&one), aigov_buf_span(&two)));
    if (a == AIGOV_OK) {
        check_answer(ctx, aigov_buf_span(&one));
        if (memmem(one.p, one.n, "\"message\":", 10) == NULL) {
            check_logic(ctx, expr, values); /* it compiles */
        }
    }
    aigov_buf_free(&one);
    aigov_buf_free(&two);
    aigov_ctx_free(ctx);
    return 0;
}
