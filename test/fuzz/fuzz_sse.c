/*
 * fuzz_sse.c - streams of any bytes, in pieces of any size, and what is made
 * of them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The first byte chooses the size of the pieces, the second the shape.  Events
 * must not depend on how a stream was cut, and a line of the log that carries
 * the stream must give a record or a refusal.
 *
 * sources: appender/import/[a-z]*.c test/fuzz/need.c -lm
 */
#include <stdlib.h>
#include <string.h>

#include "import/record.h"
#include "import/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void collect(void *host, aigov_span event, aigov_span data)
{
    aigov_buf *b = host;

    aigov_buf_put(b, event.p, event.n);
    aigov_buf_put(b, "\0", 1);
    aigov_buf_put(b, data.p, data.n);
    aigov_buf_put(b, "\1", 1);
}

static void parse(aigov_ctx *ctx, aigov_span text, size_t step, aigov_buf *out)
{
    sse s;

    sse_init(&s, ctx, collect, out);
    for (size_t i = 0; i < text.n; i += step)
        sse_feed(&s, (aigov_span){text.p + i,
                                  text.n - i < step ? text.n - i : step});
    sse_end(&s);
    sse_free(&s);
}

/* The stream as response_text of a call, by way of a value so that it is
 * escaped right. */
static void as_line(aigov_ctx *ctx, aigov_span text, unsigned shape)
{
    static const char *const paths[] = {
        "https://h/v1/chat/completions", "https://h/v1/responses",
        "https://h/v1/completions", "https://h/v1/embeddings",
        "https://h/v1/messages"};
    pool p;
    value *v, *request;
    aigov_buf line, out; /* the record's spans point into line */
    imported in;
    refusal r;

    pool_init(&p, ctx);
    aigov_buf_init(&line, ctx);
    aigov_buf_init(&out, ctx);
    v = new_object(&p);
    set_text(&p, v, "url", aigov_str(paths[shape % 5]));
    request = set(&p, v, "request", new_object(&p));
    set(&p, request, "stream", new_bool(&p, true));
    text.n = aigov_utf8_valid(text);
    set(&p, v, shape & 8 ? "response" : "response_text", new_text(&p, text));
    value_write(v, &line);
    r = line_read(&p, aigov_buf_span(&line),
                  shape % 5 == 4 ? ANTHROPIC : OPENAI, AIGOV_LIT("s"), &in);
    if (r != TAKEN_IN || in.record == NULL)
        abort();
    figures_of(&p, &in);
    value_write(in.record, &out);
    if (value_read(&p, aigov_buf_span(&out), true, &(aigov_error){0}) == NULL)
        abort();
    aigov_buf_free(&line);
    aigov_buf_free(&out);
    pool_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    aigov_span text = {(const char *)data + 2, n < 2 ? 0 : n - 2};
    aigov_buf whole, pieces;
    aigov_error err;
    aigov_ctx *ctx;

    if (n < 2 || aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK)
        return 0;
    aigov_buf_init(&whole, ctx);
    aigov_buf_init(&pieces, ctx);
    parse(ctx, text, text.n + 1, &whole);
    parse(ctx, text, (size_t)data[0] + 1, &pieces);
    if (!aigov_span_eq(aigov_buf_span(&whole), aigov_buf_span(&pieces)))
        abort();
    as_line(ctx, text, data[1]);
    aigov_buf_free(&whole);
    aigov_buf_free(&pieces);
    aigov_ctx_free(ctx);
    return 0;
}
