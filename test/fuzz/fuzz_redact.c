/*
 * fuzz_redact.c - the scanner of personal data and secrets
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * For any bytes: findings are in order and lie within the text; a scanner that
 * was used before finds what a fresh one does; the view leads back; the text in
 * pieces, cut by its own bytes, is redacted as the whole is.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held) {
        abort();
    }
}

static void check_back(const aigov_scanner *s)
{
    size_t last = 0;
    for (size_t i = 0; i <= s->n; i++) {
        size_t from = aigov__raw_from(s, i), to = aigov__raw_to(s, i);
        must(to <= from && from <= s->raw.n && from >= last);
        last = from;
    }
}

static uint64_t scan(aigov_scanner *s, aigov_span t)
{
    const aigov_finding *f;
    aigov_error err;
    size_t n, last = 0;
    uint64_t sum = 0;
    must(aigov_scan(s, t, AIGOV_ABSENT, &f, &n, &err) == AIGOV_OK);
    for (size_t i = 0; i < n; i++) {
        must(f[i].start >= last && f[i].start < f[i].stop && f[i].stop <= t.n);
        last = f[i].stop;
        sum = sum * 31 + f[i].start * 7 + f[i].stop + f[i].why +
              (uint64_t)f[i].score;
    }
    return sum;
}

static void check_stream(aigov_ctx *ctx, aigov_scanner *s, aigov_span t)
{
    static aigov_stream *st;
    aigov_buf whole, pieces;
    aigov_error err;
    if (st == NULL) {
        must(aigov_stream_new(ctx, &st, &err) == AIGOV_OK);
    }
    aigov_buf_init(&whole, ctx);
    aigov_buf_init(&pieces, ctx);
    must(aigov_redact(s, t, AIGOV_ABSENT, &whole, NULL, NULL, &err) ==
         AIGOV_OK);
    for (size_t at = 0; at < t.n;) {
        size_t n = (uint8_t)t.p[at] * 3u + 1;
        n = n > t.n - at ? t.n - at : n;
        must(aigov_stream_push(st, (aigov_span){t.p + at, n}, &pieces, &err) ==
             AIGOV_OK);
        at += n;
    }
    must(aigov_stream_end(st, &pieces, &err) == AIGOV_OK);
    must(whole.n == pieces.n &&
         (whole.n == 0 || memcmp(whole.p, pieces.p, whole.n) == 0));
    aigov_buf_free(&whole);
    aigov_buf_free(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static aigov_ctx *ctx;
    static aigov_scanner *used;
    aigov_scanner *fresh;
    aigov_error err;
    aigov_span t = {(const char *)data, size};
    if (ctx == NULL) {
        must(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
        must(aigov_scanner_new(ctx, &used, &err) == AIGOV_OK);
    }
    must(aigov_scanner_new(ctx, &fresh, &err) == AIGOV_OK);
    must(scan(used, t) == scan(fresh, t));
    check_back(fresh);
    check_stream(ctx, used, t);
    aigov_scanner_free(fresh);
    return 0;
}
