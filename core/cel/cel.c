/*
 * cel.c - aigov_cel: one expression, typed values in and out
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The entry for tests and for trying things out; policies keep their programs.
 * Its limits are wider than those of rules: an expression of 64 KiB and ten
 * times the units.
 */
#include "internal.h"

#define SOURCE ((size_t)64 << 10)
#define UNITS (10 * AIGOV_CEL_UNITS)

static const cel_limits wide = {.source = SOURCE,
                                .nodes = 1 << 16,
                                .depth = 250,
                                .elements = 1 << 16,
                                .nesting = 32};

/* What a call uses; zeroed with ctx set it holds nothing. */
typedef struct work {
    aigov_ctx *ctx;
    aigov_json bindings, declarations;
    aigov_cel_env env;
    cel_arena arena;
    cel_value *value; /* in the arena, by slot */
    const cel_value **bound;
    aigov_cel_program *program;
    cel_error why;
    cel_run run;
} work;

static void release(work *w)
{
    aigov__cel_free(w->program);
    aigov__cel_arena_free(&w->arena);
    aigov__cel_env_free(&w->env);
    aigov_json_free(&w->bindings);
    aigov_json_free(&w->declarations);
}

static aigov_status read_object(aigov_json *j, aigov_span text,
                                aigov_error *err)
{
    if (text.p == NULL) {
        return AIGOV_OK;
    }
    aigov_status status = aigov_json_read(j, AIGOV_JSON_STRICT, text, err);
    if (status == AIGOV_OK && j->node[0].type != AIGOV_JSON_OBJECT) {
        return aigov_fail(err, AIGOV_FIELD, 0, "an object is expected");
    }
    return status;
}

/* --- variables ----------------------------------------------------------- */

static aigov_status declare(work *w, aigov_error *err)
{
    const aigov_json *j = &w->declarations;
    uint32_t members = j->node[0].size, at = 1;
    aigov_status status = AIGOV_OK;

    for (uint32_t i = 0; status == AIGOV_OK && i < members; i++) {
        const aigov_node *type = &j->node[at + 1];
        if (type->type != AIGOV_JSON_STRING) {
            return aigov_fail(err, AIGOV_FIELD, type->at,
                              "the type of a variable is a string");
        }
        status = aigov__cel_declare(&w->env, aigov__text(j, at),
                                    aigov__text(j, at + 1), NULL, err);
        if (status == AIGOV_ARG) {
            err->code = status = AIGOV_FIELD;
            err->pos = j->node[at].at;
        }
        at = type->next;
    }
    return status;
}

/* The slot of a binding; one that was declared where there are declarations. */
static aigov_status slot_of(work *w, uint32_t at, bool declared, uint32_t *slot,
                            aigov_error *err)
{
    const aigov_json *j = &w->bindings;
    aigov_span name = aigov__text(j, at);
    aigov_status status = AIGOV_OK;

    *slot = aigov__cel_slot(&w->env, name);
    if (*slot == UINT32_MAX && declared) {
        return aigov_fail(err, AIGOV_FIELD, j->node[at].at,
                          "a variable is bound that is not declared");
    }
    if (*slot == UINT32_MAX) {
        status = aigov__cel_declare(&w->env, name, AIGOV_ABSENT, slot, err);
    }
    if (status == AIGOV_ARG) {
        err->code = status = AIGOV_FIELD;
        err->pos = j->node[at].at;
    }
    return status;
}

static aigov_status bind(work *w, bool declared, aigov_error *err)
{
    const aigov_json *j = &w->bindings;
    uint32_t members = j->nodes == 0 ? 0 : j->node[0].size, at = 1, slot;
    size_t most = w->env.count + members;

    w->value = aigov__cel_alloc(&w->arena, (most + 1) * sizeof *w->value);
    w->bound = aigov__cel_alloc(&w->arena, (most + 1) * sizeof *w->bound);
    if (w->value == NULL || w->bound == NULL) {
        return aigov__nomem(err);
    }
    memset(w->bound, 0, (most + 1) * sizeof *w->bound);
    for (uint32_t i = 0; i < members; i++) {
        aigov_status status = slot_of(w, at, declared, &slot, err);
        if (status == AIGOV_OK) {
            status =
                aigov__cel_read(j, at + 1, &w->arena, &w->value[slot], err);
        }
        if (status != AIGOV_OK) {
            return status;
        }
        w->bound[slot] = &w->value[slot];
        at = j->node[at + 1].next;
    }
    return AIGOV_OK;
}

/* --- the answer ---------------------------------------------------------- */

static bool put_text(aigov_buf *out, const char *name, const char *text)
{
    return aigov_buf_puts(out, ",\"") && aigov_buf_puts(out, name) &&
           aigov_buf_puts(out, "\":") &&
           aigov_buf_put_json_string(out, aigov_str(text));
}

/* {"at":12,"error":"syntax","hint":"...","message":"..."} */
static aigov_status answer_error(size_t at, cel_error error,
                                 const aigov_error *detail, aigov_buf *out,
                                 aigov_error *err)
{
    const char *name = aigov__cel_error_name(error);
    const char *hint = detail == NULL ? "" : detail->hint;
    const char *text = detail == NULL ? "" : detail->text;
    size_t before = out->n;
    bool put = aigov_buf_puts(out, "{\"at\":") &&
               aigov_buf_put_i64(out, (int64_t)at) &&
               put_text(out, "error", name) &&
               (hint[0] == '\0' || put_text(out, "hint", hint)) &&
               (text[0] == '\0' || put_text(out, "message", text)) &&
               aigov_buf_put(out, "}", 1);

    if (!put) {
        out->n = before;
        return aigov__nomem(err);
    }
    return AIGOV_OK;
}

static aigov_status answer(work *w, aigov_buf *out, aigov_error *err)
{
    aigov_error detail = {0};
    aigov_status status;

    if (w->run.error == CEL_HOST) {
        return w->run.status == AIGOV_NOMEM
                   ? aigov__nomem(err)
                   : aigov_fail(err, w->run.status, AIGOV_NO_POS,
                                "the evaluation was canceled");
    }
    if (w->run.error != CEL_OK) {
        return answer_error(w->run.at, w->run.error, NULL, out, err);
    }
    status = aigov__cel_write(&w->run.result, out, &detail);
    if (status == AIGOV_TOOBIG) {
        return answer_error(0, CEL_COST_EXCEEDED, &detail, out, err);
    }
    return status == AIGOV_OK ? status : aigov__nomem(err);
}

static aigov_status evaluate(work *w, aigov_span expr, aigov_span bindings,
                             aigov_span declarations, aigov_buf *out,
                             aigov_error *err)
{
    bool declared = declarations.p != NULL;
    aigov_error detail = {0};
    aigov_status status = read_object(&w->bindings, bindings, err);

    if (status == AIGOV_OK) {
        status = read_object(&w->declarations, declarations, err);
    }
    if (status == AIGOV_OK && declared) {
        status = declare(w, err);
    }
    if (status == AIGOV_OK) {
        status = bind(w, declared, err);
    }
    if (status != AIGOV_OK) {
        return status;
    }
    status = aigov__cel_compile(&w->env, expr, declared ? AIGOV_CEL_CHECK : 0,
                                &wide, &w->program, &w->why, &detail);
    if (status == AIGOV_CEL) {
        return answer_error(detail.pos == AIGOV_NO_POS ? 0 : detail.pos, w->why,
                            &detail, out, err);
    }
    if (status != AIGOV_OK) {
        *err = detail;
        return status;
    }
    w->run.units = UNITS;
    aigov__cel_eval(w->program, w->bound, &w->arena, &w->run);
    return answer(w, out, err);
}

aigov_status aigov_cel(aigov_ctx *ctx, aigov_span expr, aigov_span bindings,
                       aigov_span declarations, aigov_buf *out,
                       aigov_error *err)
{
    work w = {.ctx = ctx,
              .bindings = {.ctx = ctx},
              .declarations = {.ctx = ctx},
              .arena = {.ctx = ctx}};

    if (expr.p == NULL) {
        return aigov_fail(err, AIGOV_NULLARG, AIGOV_NO_POS,
                          "an expression is needed");
    }
    aigov__cel_env_init(&w.env, ctx);
    aigov_status status = evaluate(&w, expr, bindings, declarations, out, err);
    release(&w);
    return status;
}
