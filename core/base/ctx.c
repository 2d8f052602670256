/*
 * ctx.c - the context: allocator, interrupt, locale, crypto state
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The only file of core that calls malloc, and only where the host brings no
 * allocator of its own.
 */
#include "internal.h"

#include <stdlib.h>

#include "../crypto/internal.h"

#ifndef AIGOV_VERSION
#error "build with -DAIGOV_VERSION: default_version of pg_aigov/aigov.control"
#endif

const char *aigov_version(void)
{
    return AIGOV_VERSION;
}

static void *libc_alloc(void *host, void *old, size_t old_n, size_t n)
{
    (void)host;
    (void)old_n;
    if (n == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, n);
}

/* --- memory -------------------------------------------------------------- */

void *aigov_malloc(aigov_ctx *ctx, size_t n)
{
    return ctx->alloc.alloc(ctx->alloc.host, NULL, 0, n);
}

void *aigov_realloc(aigov_ctx *ctx, void *old, size_t old_n, size_t n)
{
    return ctx->alloc.alloc(ctx->alloc.host, old, old_n, n);
}

void aigov_mfree(aigov_ctx *ctx, void *p, size_t n)
{
    if (p != NULL) {
        ctx->alloc.alloc(ctx->alloc.host, p, n, 0);
    }
}

bool aigov__grow(aigov_ctx *ctx, void **array, size_t *items, size_t item_size,
                 size_t need)
{
    size_t limit = SIZE_MAX / 2 / item_size, cap = *items;

    if (need > limit) {
        return false;
    }
    cap += cap * item_size < ((size_t)1 << 20) ? cap : cap / 2;
    if (cap < need || cap > limit) {
        cap = need;
    }
    void *p = aigov_realloc(ctx, *array, *items * item_size, cap * item_size);
    if (p == NULL) {
        return false;
    }
    *array = p;
    *items = cap;
    return true;
}

aigov_status aigov__nomem(aigov_error *err)
{
    return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
}

/* --- life ---------------------------------------------------------------- */

aigov_status aigov_ctx_new(const aigov_alloc *alloc, aigov_ctx **out,
                           aigov_error *err)
{
    aigov_alloc a = {libc_alloc, NULL};
    aigov_status status = AIGOV_NOMEM;

    if (alloc != NULL) {
        a = *alloc;
    }
    aigov_ctx *ctx = a.alloc(a.host, NULL, 0, sizeof *ctx);
    if (ctx == NULL) {
        return aigov__nomem(err);
    }
    memset(ctx, 0, sizeof *ctx);
    ctx->alloc = a;
    ctx->rules = 1; /* the number of what is built in */
    aigov__fork_watch(ctx);
    ctx->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (ctx->c_locale == (locale_t)0) {
        aigov__nomem(err);
    } else {
        status = aigov__crypto_new(ctx, &ctx->crypto, err);
    }
    if (status != AIGOV_OK) {
        aigov_ctx_free(ctx);
        return status;
    }
    *out = ctx;
    return AIGOV_OK;
}

void aigov_ctx_free(aigov_ctx *ctx)
{
    if (ctx == NULL) {
        return;
    }
    aigov__crypto_free(ctx, ctx->crypto);
    aigov__fork_unwatch(ctx);
    if (ctx->c_locale != (locale_t)0) {
        freelocale(ctx->c_locale);
    }
    aigov_alloc a = ctx->alloc;
    a.alloc(a.host, ctx, sizeof *ctx, 0);
}

void aigov_ctx_set_interrupt(aigov_ctx *ctx, bool (*f)(void *), void *host)
{
    ctx->interrupt = f;
    ctx->interrupt_host = host;
}
