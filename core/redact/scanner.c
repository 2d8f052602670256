/*
 * scanner.c - the scanner object, and one scan
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "numbered.h"

aigov_status aigov_scanner_new(aigov_ctx *ctx, aigov_scanner **out,
                               aigov_error *err)
{
    aigov_scanner *s = aigov_malloc(ctx, sizeof *s);
    if (s == NULL) {
        return aigov__nomem(err);
    }
    memset(s, 0, sizeof *s);
    s->ctx = ctx;
    aigov_buf_init(&s->fold, ctx);
    aigov_buf_init(&s->decoded, ctx);
    aigov_buf_init(&s->again, ctx);
    *out = s;
    return AIGOV_OK;
}

static void free_array(aigov_ctx *ctx, void *p, size_t n)
{
    if (p != NULL) {
        aigov_mfree(ctx, p, n);
    }
}

void aigov_scanner_free(aigov_scanner *s)
{
    if (s == NULL) {
        return;
    }
    aigov_scanner_free(s->inner);
    aigov_scanner_free(s->second);
    aigov__rewriter_free(s->rewriter);
    aigov__keyed_free(s->keyed);
    aigov__numbered_free(s->numbered);
    free_array(s->ctx, s->stricter, sizeof *s->stricter);
    aigov_buf_free(&s->fold);
    aigov_buf_free(&s->decoded);
    aigov_buf_free(&s->again);
    free_array(s->ctx, s->shift, s->shift_cap * sizeof *s->shift);
    free_array(s->ctx, s->hit, s->hit_cap * sizeof *s->hit);
    free_array(s->ctx, s->finding, s->finding_cap * sizeof *s->finding);
    aigov_mfree(s->ctx, s, sizeof *s);
}

aigov_status aigov_scan(aigov_scanner *s, aigov_span text, aigov_span path,
                        const aigov_finding **finding, size_t *n,
                        aigov_error *err)
{
    aigov__context_path(s, path);
    return aigov__scan_value(s, text, finding, n, err);
}

aigov_status aigov__scan_value(aigov__scan *s, aigov_span text,
                               const aigov_finding **finding, size_t *n,
                               aigov_error *err)
{
    s->raw = text;
    s->hits = 0;
    s->nomem = false;
    s->canceled = false;
    s->withheld = NULL;
    aigov__fold(s);
    if (!s->nomem) {
        aigov__scan_view(s);
    }
    if (s->rules != NULL && !s->nomem && !s->canceled && !s->withheld) {
        aigov__scan_own(s);
    }
    if (s->canceled) {
        return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                          "canceled by the host");
    }
    if (s->withheld != NULL) {
        return aigov__withheld(s, err);
    }
    if (s->nomem || !aigov__resolve(s)) {
        return aigov__nomem(err);
    }
    *finding = s->finding;
    *n = s->findings;
    return AIGOV_OK;
}
