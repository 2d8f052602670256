/*
 * fuzz_redact_json.c - any bytes as a text, and as JSON, to be redacted
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   - findings are in order, apart, within the text
 *   - what is JSON stays JSON of the same shape
 *   - a document and its canonical form, redacted, have the same canonical
 * form: neither escapes nor the order of names hide or show anything
 */
#include "aigov.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(held)                                                            \
    do {                                                                       \
        if (!(held)) {                                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #held);         \
            abort();                                                           \
        }                                                                      \
    } while (0)

static aigov_ctx *ctx;
static aigov_scanner *scanner;
static aigov_error err;

static void redact_text(aigov_span text)
{
    const aigov_finding *f;
    aigov_buf out;
    size_t n, at = 0;
    aigov_buf_init(&out, ctx);
    CHECK(aigov_redact(scanner, text, AIGOV_ABSENT, &out, &f, &n, &err) ==
          AIGOV_OK);
    for (size_t i = 0; i < n; i++) {
        CHECK(f[i].start >= at && f[i].start < f[i].stop &&
              f[i].stop <= text.n && f[i].score >= 50 && f[i].score <= 100);
        at = f[i].stop;
    }
    aigov_buf_free(&out);
}

/* Read json as CONTENT and redact it into out. */
static bool redact(aigov_json *j, aigov_span json, aigov_buf *out)
{
    bool is = aigov_json_read(j, AIGOV_JSON_CONTENT, json, &err) == AIGOV_OK;
    CHECK(is ==
          (aigov_redact_json(scanner, json, out, NULL, &err) == AIGOV_OK));
    return is;
}

static void canonical(aigov_span json, aigov_buf *out)
{
    aigov_json j = {.ctx = ctx};
    CHECK(aigov_json_read(&j, AIGOV_JSON_CONTENT, json, &err) == AIGOV_OK);
    CHECK(aigov_json_canonical(&j, 0, out, &err) == AIGOV_OK);
    aigov_json_free(&j);
}

static void redact_json(aigov_span json)
{
    aigov_json j = {.ctx = ctx}, after = {.ctx = ctx};
    aigov_buf out, canon, both[2];
    aigov_buf_init(&out, ctx);
    aigov_buf_init(&canon, ctx);
    aigov_buf_init(&both[0], ctx);
    aigov_buf_init(&both[1], ctx);
    if (redact(&j, json, &out)) {
        CHECK(aigov_json_read(&after, AIGOV_JSON_CONTENT, aigov_buf_span(&out),
                              &err) == AIGOV_OK);
        CHECK(after.nodes == j.nodes);
        if (!j.nonconforming) {
            CHECK(!after.nonconforming);
            CHECK(aigov_json_canonical(&j, 0, &canon, &err) == AIGOV_OK);
            canonical(aigov_buf_span(&out), &both[0]);
            out.n = 0;
            CHECK(redact(&j, aigov_buf_span(&canon), &out));
            canonical(aigov_buf_span(&out), &both[1]);
            CHECK(aigov_span_eq(aigov_buf_span(&both[0]),
                                aigov_buf_span(&both[1])));
        }
    }
    aigov_buf_free(&out);
    aigov_buf_free(&canon);
    aigov_buf_free(&both[0]);
    aigov_buf_free(&both[1]);
    aigov_json_free(&j);
    aigov_json_free(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* a copy of its own, so that reading a byte beyond it is seen */
    char *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, data, size);
    if (ctx == NULL) {
        CHECK(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
        CHECK(aigov_scanner_new(ctx, &scanner, &err) == AIGOV_OK);
    }
    redact_text((aigov_span){copy, size});
    redact_json((aigov_span){copy, size});
    free(copy);
    return 0;
}
