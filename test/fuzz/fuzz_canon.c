/*
 * fuzz_canon.c - the canonical form and the escaped form
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * For any text that CONTENT reads: its canonical form is strict JSON and its
 * own canonical form; where STRICT takes the text both modes write the same;
 * every string of a nonconforming document gives back what SYNTAX decoded.
 */
#include <stdlib.h>
#include <string.h>

#include "aigov.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held) {
        abort();
    }
}

static aigov_span text_of(const aigov_buf *b)
{
    return aigov_buf_span(b);
}

/* A lone surrogate became U+FFFD, or stands in generalized UTF-8. */
static bool has_surrogate(aigov_span s)
{
    return aigov_utf8_valid(s) != s.n;
}

static void check_strings(aigov_ctx *ctx, const aigov_json *content,
                          const aigov_json *syntax)
{
    aigov_buf back;
    aigov_error err;

    must(content->nodes == syntax->nodes);
    aigov_buf_init(&back, ctx);
    for (uint32_t i = 0; i < content->nodes; i++) {
        if (content->node[i].type != AIGOV_JSON_STRING) {
            continue;
        }
        back.n = 0;
        must(aigov_unescape(ctx, aigov_json_text(content, i), &back, &err) ==
             AIGOV_OK);
        must(has_surrogate(text_of(&back)) ||
             aigov_span_eq(text_of(&back), aigov_json_text(syntax, i)));
    }
    aigov_buf_free(&back);
}

static void check(aigov_ctx *ctx, aigov_span s)
{
    aigov_json content = {.ctx = ctx}, syntax = {.ctx = ctx};
    aigov_buf first, second;
    aigov_error err;

    aigov_buf_init(&first, ctx);
    aigov_buf_init(&second, ctx);
    if (aigov_json_read(&content, AIGOV_JSON_CONTENT, s, &err) == AIGOV_OK) {
        must(aigov_json_canonical(&content, 0, &first, &err) == AIGOV_OK);
        must(aigov_canonical(ctx, text_of(&first), &second, &err) == AIGOV_OK);
        must(aigov_span_eq(text_of(&first), text_of(&second)));
        if (content.nonconforming) {
            if (aigov_json_read(&syntax, AIGOV_JSON_SYNTAX, s, &err) ==
                AIGOV_OK) {
                check_strings(ctx, &content, &syntax);
            }
        } else {
            second.n = 0;
            must(aigov_canonical(ctx, s, &second, &err) == AIGOV_OK);
            must(aigov_span_eq(text_of(&first), text_of(&second)));
        }
    }
    second.n = 0;
    if (aigov_unescape(ctx, s, &second, &err) == AIGOV_OK) {
        must(second.n <= s.n);
    }
    aigov_buf_free(&first);
    aigov_buf_free(&second);
    aigov_json_free(&content);
    aigov_json_free(&syntax);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aigov_ctx *ctx;
    aigov_error err;

    must(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
    check(ctx, (aigov_span){(const char *)data, size});
    aigov_ctx_free(ctx);
    return 0;
}
