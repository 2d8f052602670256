/*
 * pattern.c - regular expressions of own detectors, by PCRE2
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Bytes, not characters: a text need not be UTF-8.  A pattern is compiled once;
 * where the system lets us make code of it (JIT) that is run, else, and where
 * the code runs out of stack, the interpreter.  Three limits bound every match;
 * where one is met the answer is not known, which is never "no".
 *
 * Memory comes from the context.  PCRE2 frees without a size, so each block
 * begins with its own.
 */
#include "rules.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 1000
#define HEAP_LIMIT 1024  /* KiB */
#define MAX_PATTERN 4096 /* bytes */
#define MAX_NESTING 50   /* parentheses */
#define HEADER 16        /* keeps blocks aligned */

struct aigov__engine {
    aigov_ctx *ctx;
    bool jit;
    pcre2_general_context *general;
    pcre2_compile_context *compile;
    pcre2_match_context *match;
    pcre2_match_data *data;
};

struct aigov__pattern {
    aigov_ctx *ctx;
    pcre2_code *code;
};

/* --- memory -------------------------------------------------------------- */

static void *take(size_t n, void *ctx)
{
    char *p = n > SIZE_MAX - HEADER ? NULL : aigov_malloc(ctx, n + HEADER);
    if (p == NULL) {
        return NULL;
    }
    memcpy(p, &n, sizeof n);
    return p + HEADER;
}

static void give(void *block, void *ctx)
{
    size_t n;
    if (block != NULL) {
        char *p = (char *)block - HEADER;
        memcpy(&n, p, sizeof n);
        aigov_mfree(ctx, p, n + HEADER);
    }
}

/* --- the engine ---------------------------------------------------------- */

static bool set_up(aigov__engine *e)
{
    e->general = pcre2_general_context_create(take, give, e->ctx);
    if (e->general == NULL) {
        return false;
    }
    e->compile = pcre2_compile_context_create(e->general);
    e->match = pcre2_match_context_create(e->general);
    e->data = pcre2_match_data_create(1, e->general);
    if (e->compile == NULL || e->match == NULL || e->data == NULL) {
        return false;
    }
    pcre2_set_max_pattern_length(e->compile, MAX_PATTERN);
    pcre2_set_parens_nest_limit(e->compile, MAX_NESTING);
    pcre2_set_match_limit(e->match, MATCH_LIMIT);
    pcre2_set_depth_limit(e->match, DEPTH_LIMIT);
    pcre2_set_heap_limit(e->match, HEAP_LIMIT);
    return true;
}

aigov_status aigov__engine_new(aigov_ctx *ctx, bool jit, aigov__engine **out,
                               aigov_error *err)
{
    aigov__engine *e = aigov_malloc(ctx, sizeof *e);
    if (e == NULL) {
        return aigov__nomem(err);
    }
    memset(e, 0, sizeof *e);
    e->ctx = ctx;
    e->jit = jit;
    if (!set_up(e)) {
        aigov__engine_free(e);
        return aigov__nomem(err);
    }
    *out = e;
    return AIGOV_OK;
}

void aigov__engine_free(aigov__engine *e)
{
    if (e == NULL) {
        return;
    }
    pcre2_match_data_free(e->data);
    pcre2_match_context_free(e->match);
    pcre2_compile_context_free(e->compile);
    pcre2_general_context_free(e->general);
    aigov_mfree(e->ctx, e, sizeof *e);
}

/* --- patterns ------------------------------------------------------------ */

aigov_status aigov__pattern_new(aigov__engine *e, aigov_span text, bool whole,
                                aigov__pattern **out, aigov_error *err)
{
    uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    aigov__pattern *p = aigov_malloc(e->ctx, sizeof *p);
    PCRE2_SIZE at;
    int code;
    if (p == NULL) {
        return aigov__nomem(err);
    }
    options |= whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    p->ctx = e->ctx;
    p->code = pcre2_compile((PCRE2_SPTR)text.p, text.n, options, &code, &at,
                            e->compile);
    if (p->code == NULL) {
        aigov_mfree(e->ctx, p, sizeof *p);
        if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY) {
            return aigov__nomem(err);
        }
        return aigov_fail(err, AIGOV_ARG, at,
                          "does not compile (PCRE2 error %d)", code);
    }
    if (e->jit) { /* without it the pattern is interpreted */
        (void)pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
    }
    *out = p;
    return AIGOV_OK;
}

void aigov__pattern_free(aigov__pattern *p)
{
    if (p != NULL) {
        pcre2_code_free(p->code);
        aigov_mfree(p->ctx, p, sizeof *p);
    }
}

size_t aigov__pattern_back(const aigov__pattern *p)
{
    uint32_t back = 0;
    (void)pcre2_pattern_info(p->code, PCRE2_INFO_MAXLOOKBEHIND, &back);
    return (size_t)back + 1; /* what \b and ^ look at */
}

int aigov__pattern_match(aigov__engine *e, const aigov__pattern *p,
                         aigov_span text, size_t start, bool more, size_t *from,
                         size_t *to)
{
    uint32_t options = PCRE2_NOTEMPTY | (more ? PCRE2_NOTEOL : 0);
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.p == NULL ? "" : text.p);
    const PCRE2_SIZE *v;
    int rc = pcre2_match(p->code, subject, text.n, start, options, e->data,
                         e->match);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
        rc = pcre2_match(p->code, subject, text.n, start,
                         options | PCRE2_NO_JIT, e->data, e->match);
    }
    if (rc < 0) {
        return rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
    }
    v = pcre2_get_ovector_pointer(e->data);
    if (v[0] >= v[1] || v[1] > text.n) { /* \K may do so */
        return -1;
    }
    *from = v[0];
    *to = v[1];
    return 1;
}
