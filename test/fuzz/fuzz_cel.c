/*
 * fuzz_cel.c - any bytes as an expression
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Under the limits of rules and under wider ones, with and without types:
 *
 *   - it compiles, or is refused with a place inside of it and a reason
 *   - what compiles prints as text that compiles to the same text
 *   - what has a type has one without type checking too
 *   - no message holds a byte above 0x7F, which it could only have from a
 *     string
 */
#include "cel/internal.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(held)                                                            \
    do {                                                                       \
        if (!(held)) {                                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #held);         \
            abort();                                                           \
        }                                                                      \
    } while (0)

static aigov_ctx *ctx;
static aigov_cel_env env;
static aigov_error err;

static const cel_limits wide = {.source = 65536,
                                .nodes = 16384,
                                .depth = 200,
                                .elements = 4096,
                                .nesting = 12};

static void begin(void)
{
    static const struct {
        const char *name, *type;
    } variables[] = {
        {"a", "dyn"},       {"b", "bool"},
        {"i", "int"},       {"u", "uint"},
        {"d", "double"},    {"s", "string"},
        {"y", "bytes"},     {"l", "list(int)"},
        {"m.n", "int"},     {"m", "map(string, list(string))"},
        {"t", "timestamp"}, {"r", "duration"},
        {"x.y.z", "dyn"},   {"null_", "null_type"},
    };

    CHECK(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
    aigov__cel_env_init(&env, ctx);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        CHECK(aigov__cel_declare(&env, aigov_str(variables[i].name),
                                 aigov_str(variables[i].type), NULL,
                                 &err) == AIGOV_OK);
    }
}

static void check_refusal(aigov_span source, aigov_status st, cel_error why)
{
    CHECK(st == AIGOV_CEL || st == AIGOV_TOOBIG);
    CHECK(st == AIGOV_TOOBIG ||
          (err.pos <= source.n && why != CEL_OK && err.text[0] != '\0'));
    for (const char *p = err.text; *p != '\0'; p++) {
        CHECK(*p >= ' ' && *p < 0x7F);
    }
    for (const char *p = err.hint; *p != '\0'; p++) {
        CHECK(*p >= ' ' && *p < 0x7F);
    }
}

static aigov_cel_program *compile(aigov_span source, unsigned flags,
                                  const cel_limits *limits)
{
    aigov_cel_program *p = NULL;
    cel_error why = CEL_OK;
    aigov_status st =
        aigov__cel_compile(&env, source, flags, limits, &p, &why, &err);

    if (st != AIGOV_OK) {
        check_refusal(source, st, why);
        return NULL;
    }
    CHECK(p->root->height > 0 && aigov__cel_worst(p) > 0);
    return p;
}

/* The text of a program compiles to the same text; the text may be longer than
 * a rule may be. */
static void check_print(const aigov_cel_program *p, unsigned flags)
{
    aigov_buf first, second;
    aigov_cel_program *again;

    aigov_buf_init(&first, ctx);
    aigov_buf_init(&second, ctx);
    CHECK(aigov__cel_print(p->root, &first));
    again = compile(aigov_buf_span(&first), flags, &wide);
    CHECK(again != NULL || err.code == AIGOV_TOOBIG);
    if (again != NULL) {
        CHECK(aigov__cel_print(again->root, &second));
        CHECK(aigov_span_eq(aigov_buf_span(&first), aigov_buf_span(&second)));
        CHECK(aigov__cel_worst(again) == aigov__cel_worst(p));
    }
    aigov__cel_free(again);
    aigov_buf_free(&first);
    aigov_buf_free(&second);
}

static bool try(aigov_span source, unsigned flags, const cel_limits *limits)
{
    aigov_cel_program *p = compile(source, flags, limits);

    if (p == NULL) {
        return false;
    }
    check_print(p, flags);
    aigov__cel_free(p);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    aigov_span source = {(const char *)data, n};

    if (ctx == NULL) {
        begin();
    }
    if (try(source, AIGOV_CEL_CHECK, &wide)) {
        CHECK(try(source, 0, &wide));
    }
    if (try(source, AIGOV_CEL_CHECK | AIGOV_CEL_BOOL | AIGOV_CEL_LITERAL,
            NULL)) {
        CHECK(try(source, AIGOV_CEL_CHECK, &wide));
    }
    return 0;
}
