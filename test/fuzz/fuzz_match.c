/*
 * fuzz_match.c - patterns and texts
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Up to the first NUL is the pattern, behind it the text.  Aborts where the two
 * searches contradict each other, where an error is at no place of the pattern,
 * where a pattern is larger than its limits, or where what is quoted does not
 * match itself.
 */
#include <stdlib.h>
#include <string.h>

#include "cel/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held) {
        abort();
    }
}

static void search(const aigov__regex *p, aigov_span text)
{
    static uint64_t scratch[AIGOV__REGEX_SCRATCH / sizeof(uint64_t) + 1];
    size_t need = aigov__regex_scratch(p);
    void *own = malloc(need == 0 ? 1 : need);

    must(own != NULL && need <= AIGOV__REGEX_SCRATCH);
    bool found = aigov__regex_matches(p, text, need == 0 ? NULL : own);
    must(found == aigov__regex_matches_any_size(p, text, scratch));
    free(own);
}

/* ^\Qtext\E$ matches text, if it may be a pattern and has no \E. */
static void quoted(aigov_ctx *ctx, aigov_span text)
{
    aigov_buf b;
    aigov_error err;
    aigov__regex *p;

    aigov_buf_init(&b, ctx);
    must(aigov_buf_puts(&b, "^\\Q") && aigov_buf_put(&b, text.p, text.n) &&
         aigov_buf_puts(&b, "\\E$"));
    if (memmem(text.p, text.n, "\\E", 2) == NULL &&
        (text.n == 0 || text.p[text.n - 1] != '\\') &&
        aigov__regex_new(ctx, aigov_buf_span(&b), &p, &err) == AIGOV_OK) {
        uint64_t scratch[AIGOV__REGEX_SCRATCH / sizeof(uint64_t) + 1];
        must(aigov__regex_matches(p, text, scratch));
        aigov__regex_free(p);
    }
    aigov_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
    size_t n = nul == NULL ? size : (size_t)(nul - data);
    aigov_span pattern = {(const char *)data, n}, text = AIGOV_LIT("");
    aigov_ctx *ctx;
    aigov_error err;
    aigov__regex *p;

    if (nul != NULL) {
        text = (aigov_span){(const char *)nul + 1, size - n - 1};
    }
    must(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
    aigov_status status = aigov__regex_new(ctx, pattern, &p, &err);
    if (status == AIGOV_OK) {
        uint32_t instructions = aigov__regex_size(p);
        must(instructions >= 1 && instructions <= AIGOV__REGEX_INSTRUCTIONS);
        search(p, text);
        search(p, pattern);
        aigov__regex_free(p);
    } else {
        must(status == AIGOV_ARG || status == AIGOV_TOOBIG);
        must(err.pos <= pattern.n && err.text[0] != '\0');
    }
    quoted(ctx, text);
    aigov_ctx_free(ctx);
    return 0;
}
