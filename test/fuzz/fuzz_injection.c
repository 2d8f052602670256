/*
 * fuzz_injection.c - the score of prompt injection
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * For any bytes: the score is the sum of its weights, at most 100, and the same
 * again; its reasons are canonical JSON and hold nothing of the text.
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

static void check_reasons(aigov_ctx *ctx, const aigov_injection_score *s)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf out, again;
    aigov_error err;
    aigov_buf_init(&out, ctx);
    aigov_buf_init(&again, ctx);
    must(aigov_injection_reasons(s, &out, &err) == AIGOV_OK);
    must(aigov_json_read(&j, AIGOV_JSON_STRICT, aigov_buf_span(&out), &err) ==
         AIGOV_OK);
    must(aigov_json_canonical(&j, 0, &again, &err) == AIGOV_OK);
    must(out.n == again.n && memcmp(out.p, again.p, out.n) == 0);
    aigov_json_free(&j);
    aigov_buf_free(&out);
    aigov_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static aigov_ctx *ctx;
    aigov_injection_score s, again;
    aigov_error err;
    aigov_span t = {(const char *)data, size};
    unsigned sum = 0;
    if (ctx == NULL) {
        must(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
    }
    must(aigov_injection(ctx, t, &s, &err) == AIGOV_OK);
    must(aigov_injection(ctx, t, &again, &err) == AIGOV_OK);
    must(s.score == again.score && s.sum == again.sum &&
         memcmp(s.weight, again.weight, sizeof s.weight) == 0);
    for (size_t g = 0; g < AIGOV_INJECTION_GROUPS; g++) {
        sum += s.weight[g];
    }
    must(sum == s.sum && s.score == (sum > 100 ? 100 : sum));
    check_reasons(ctx, &s);
    return 0;
}
