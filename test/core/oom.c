/*
 * oom.c - every allocation of every function fails once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Each case runs with an allocator that fails at its n-th call, for n = 1, 2,
 * ... until nothing fails any more.  A failed call must say AIGOV_NOMEM, leave
 * what it got usable (the same objects then do the same work) and leak nothing.
 */
#include "failing.h"
#include "tap.h"

#include "aigov.h"

static aigov_error err;

/* --- cases --------------------------------------------------------------- */

/* What a case works on; made before allocations begin to fail. */
struct work {
    aigov_ctx *ctx;
    aigov_json j;
    aigov_buf b, big;
};

static aigov_status made(const struct work *w, bool good)
{
    (void)w;
    return good ? AIGOV_OK : AIGOV_NOMEM;
}

static aigov_status do_reserve(struct work *w)
{
    return made(w, aigov_buf_reserve(&w->b, 1000));
}

static aigov_status do_put(struct work *w)
{
    for (int i = 0; i < 100; i++) {
        size_t before = w->b.n;
        if (!aigov_buf_put(&w->b, "0123456789", 10)) {
            return w->b.n == before ? AIGOV_NOMEM : AIGOV_STATE;
        }
    }
    return AIGOV_OK;
}

static aigov_status do_put_others(struct work *w)
{
    return made(w, aigov_buf_puts(&w->b, "a") &&
                       aigov_buf_put_i64(&w->b, 123456) &&
                       aigov_buf_put_hex(&w->b, (const uint8_t *)"abc", 3));
}

static aigov_status do_json_string(struct work *w)
{
    char text[400] = {0}; /* grows sixfold while it is written */

    if (aigov_buf_put_json_string(&w->b, (aigov_span){text, sizeof text})) {
        return AIGOV_OK;
    }
    return w->b.n == 0 ? AIGOV_NOMEM : AIGOV_STATE;
}

static aigov_status do_malloc(struct work *w)
{
    void *p = aigov_malloc(w->ctx, 10);

    if (p == NULL) {
        return AIGOV_NOMEM;
    }
    void *q = aigov_realloc(w->ctx, p, 10, 20);
    aigov_mfree(w->ctx, q == NULL ? p : q, q == NULL ? 10 : 20);
    return made(w, q != NULL);
}

static aigov_status read_as(struct work *w, aigov_json_mode mode,
                            const char *text)
{
    aigov_status status = aigov_json_read(&w->j, mode, aigov_str(text), &err);

    if (status != AIGOV_OK && w->j.nodes != 0) {
        return AIGOV_STATE;
    }
    if (status == AIGOV_OK && mode != AIGOV_JSON_SYNTAX) {
        w->b.n = 0;
        status = aigov_json_canonical(&w->j, 0, &w->b, &err);
        if (status != AIGOV_OK && w->b.n != 0) {
            return AIGOV_STATE;
        }
    }
    return status;
}

static aigov_status do_syntax(struct work *w)
{
    return read_as(w, AIGOV_JSON_SYNTAX, "{\"a\":[1,\"\\n\",{}]}");
}

static aigov_status do_strict(struct work *w)
{
    return read_as(w, AIGOV_JSON_STRICT,
                   "{\"b\":[1.5,\"\\n\",{}],\"a\":0.1234567890123456789}");
}

static aigov_status do_content(struct work *w)
{
    return read_as(w, AIGOV_JSON_CONTENT,
                   "{\"b\":[1e999,\"\\u0000\xFF\",{}],\"a\":1,\"a\":2}");
}

/* Many nodes, names and decoded strings. */
static aigov_status do_big(struct work *w)
{
    w->b.n = 0;
    return aigov_canonical(w->ctx, aigov_buf_span(&w->big), &w->b, &err);
}

static aigov_status do_unescape(struct work *w)
{
    return aigov_unescape(w->ctx, AIGOV_LIT("a\xE2\x90\x9Bxff"), &w->b, &err);
}

/* These allocate nothing through the context. */
static aigov_status do_hashes(struct work *w)
{
    uint8_t h[32] = {0}, id[16];
    int64_t log;
    bool good =
        aigov_leaf_hash(w->ctx, AIGOV_LIT("a"), h, &err) == AIGOV_OK &&
        aigov_commitment(w->ctx, h, AIGOV_LIT("a"), h, &err) == AIGOV_OK &&
        aigov_lane_start(w->ctx, AIGOV_LIT("a"), 1, h, &err) == AIGOV_OK &&
        aigov_log_number(w->ctx, AIGOV_LIT("a"), &log, &err) == AIGOV_OK &&
        aigov_random(w->ctx, h, 32, &err) == AIGOV_OK &&
        aigov_uuid7(w->ctx, 0, id, &err) == AIGOV_OK;
    return good ? AIGOV_OK : AIGOV_STATE;
}

/* --- the loop ------------------------------------------------------------ */

static void big_text(aigov_buf *b)
{
    char piece[64];

    aigov_buf_puts(b, "{");
    for (int i = 0; i < 400; i++) {
        snprintf(piece, sizeof piece, "%s\"n%d\":\"\\n%0*d\"",
                 i == 0 ? "" : ",", i * 7 % 400, 30, i);
        aigov_buf_puts(b, piece);
    }
    aigov_buf_puts(b, "}");
}

static bool setup(struct heap *h, struct work *w)
{
    aigov_alloc alloc = {failing, h};

    *h = (struct heap){0};
    *w = (struct work){0};
    if (aigov_ctx_new(&alloc, &w->ctx, &err) != AIGOV_OK) {
        return false;
    }
    w->j.ctx = w->ctx;
    aigov_buf_init(&w->b, w->ctx);
    aigov_buf_init(&w->big, w->ctx);
    big_text(&w->big);
    return true;
}

static void teardown(struct work *w)
{
    aigov_json_free(&w->j);
    aigov_buf_free(&w->b);
    aigov_buf_free(&w->big);
    aigov_ctx_free(w->ctx);
}

static void run(const char *name, aigov_status (*work)(struct work *),
                bool allocates)
{
    bool good = true, failed = true;
    long n = 0;

    while (good && failed && n < 10000) {
        struct heap h;
        struct work w;
        good = setup(&h, &w);
        h.calls = 0;
        h.fail_at = ++n;
        aigov_status status = work(&w);
        failed = status != AIGOV_OK;
        good = good && (!failed || status == AIGOV_NOMEM);
        h.fail_at = 0; /* memory is back: the objects work */
        if (failed) {
            w.b.n = 0;
            good = good && work(&w) == AIGOV_OK;
        }
        teardown(&w);
        good = good && h.blocks == 0 && h.bytes == 0;
    }
    ok(good && !failed && (n > 1) == allocates, "%s: %ld allocations fail",
       name, n - 1);
}

static void run_ctx_new(void)
{
    aigov_ctx *ctx = NULL;
    bool good = true, failed = true;
    long n = 0;

    while (good && failed) {
        struct heap h = {.fail_at = ++n};
        aigov_alloc alloc = {failing, &h};
        aigov_status status = aigov_ctx_new(&alloc, &ctx, &err);
        failed = status != AIGOV_OK;
        good = failed ? status == AIGOV_NOMEM && ctx == NULL : ctx != NULL;
        if (!failed) {
            aigov_ctx_free(ctx);
        }
        good = good && h.blocks == 0;
    }
    ok(good && n > 2, "ctx_new: %ld allocations fail", n - 1);
}

int main(void)
{
    run_ctx_new();
    run("reserve", do_reserve, true);
    run("put", do_put, true);
    run("puts, put_i64, put_hex", do_put_others, true);
    run("put_json_string", do_json_string, true);
    run("malloc, realloc", do_malloc, true);
    run("json_read, syntax", do_syntax, true);
    run("json_read, strict, and canonical", do_strict, true);
    run("json_read, content, and canonical", do_content, true);
    run("canonical of many names", do_big, true);
    run("unescape", do_unescape, true);
    run("hashes and random bytes", do_hashes, false);
    return done();
}
