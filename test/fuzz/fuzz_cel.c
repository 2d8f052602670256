/*
 * fuzz_cel.c - any bytes as an expression
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Under the limits of rules and under wider ones, with and without types:
 *
 *   - it compiles, or is refused with a place inside of it and a reason
 *   - what compiles prints as text that compiles to the same text
 *   - what has a type has the same value without type checking, for the same
 *     units, which are no more than its worst case
 *   - no message holds a byte above 0x7F, which it could only have from a
 *     string
 *   - it evaluates within the units given; again, as printed, to the same value
 *     or error for the same units
 *   - a value is written as JSON that reads back and is written the same
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

/* What may be read: name, type, value; the last one is not bound. */
static const struct {
    const char *name, *type, *value;
} variables[] = {
    {"a", "dyn", "{\"t\":\"list\",\"v\":[{\"t\":\"map\",\"v\":[]}]}"},
    {"b", "bool", "{\"t\":\"bool\",\"v\":true}"},
    {"i", "int", "{\"t\":\"int\",\"v\":\"-3\"}"},
    {"u", "uint", "{\"t\":\"uint\",\"v\":\"7\"}"},
    {"d", "double", "{\"t\":\"double\",\"v\":\"0.5\"}"},
    {"s", "string", "{\"t\":\"string\",\"v\":\"a,b\\u00e9 1\"}"},
    {"y", "bytes", "{\"t\":\"bytes\",\"v\":\"/wA=\"}"},
    {"l", "list(int)",
     "{\"t\":\"list\",\"v\":[{\"t\":\"int\",\"v\":\"1\"},"
     "{\"t\":\"int\",\"v\":\"2\"}]}"},
    {"m.n", "int", "{\"t\":\"int\",\"v\":\"9223372036854775807\"}"},
    {"m", "map(string, list(string))",
     "{\"t\":\"map\",\"v\":[[{\"t\":\"string\",\"v\":\"k\"},"
     "{\"t\":\"list\",\"v\":[{\"t\":\"string\",\"v\":\"w\"}]}]]}"},
    {"t", "timestamp",
     "{\"t\":\"timestamp\",\"v\":\"2026-09-11T08:15:02.5Z\"}"},
    {"r", "duration", "{\"t\":\"duration\",\"v\":\"-1.5s\"}"},
    {"x.y.z", "dyn", "{\"t\":\"string\",\"v\":\"1\"}"},
    {"null_", "null_type", NULL},
};

#define VARIABLES (sizeof variables / sizeof variables[0])

static aigov_ctx *ctx;
static aigov_cel_env env;
static aigov_json json[VARIABLES];
static cel_value value[VARIABLES];
static const cel_value *bound[VARIABLES];
static cel_arena bindings, arena;
static aigov_error err;

static const cel_limits wide = {.source = 65536,
                                .nodes = 16384,
                                .depth = 200,
                                .elements = 4096,
                                .nesting = 12};

static void begin(void)
{
    CHECK(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
    aigov__cel_env_init(&env, ctx);
    bindings.ctx = arena.ctx = ctx;
    for (size_t i = 0; i < VARIABLES; i++) {
        CHECK(aigov__cel_declare(&env, aigov_str(variables[i].name),
                                 aigov_str(variables[i].type), NULL,
                                 &err) == AIGOV_OK);
        if (variables[i].value == NULL) {
            continue;
        }
        json[i].ctx = ctx;
        CHECK(aigov_json_read(&json[i], AIGOV_JSON_STRICT,
                              aigov_str(variables[i].value), &err) == AIGOV_OK);
        CHECK(aigov__cel_read(&json[i], 0, &bindings, &value[i], &err) ==
              AIGOV_OK);
        bound[i] = &value[i];
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

/* What is written reads back and is written the same.  A text with U+0000 is
 * no I-JSON. */
static void check_value(aigov_span written)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf again = {.ctx = ctx};
    cel_value v;

    aigov_status st = aigov_json_read(&j, AIGOV_JSON_STRICT, written, &err);
    if (st == AIGOV_OK &&
        aigov__cel_read(&j, 0, &arena, &v, &err) == AIGOV_OK) {
        CHECK(aigov__cel_write(&v, &again, &err) == AIGOV_OK);
        CHECK(aigov_span_eq(aigov_buf_span(&again), written));
    } else {
        CHECK(st == AIGOV_NOTIJSON || err.code == AIGOV_FIELD ||
              err.code == AIGOV_TOOBIG);
    }
    aigov_buf_free(&again);
    aigov_json_free(&j);
}

/* Its value as JSON, or the error and where it is; units behind it. */
static void evaluate(const aigov_cel_program *p, bool place, aigov_buf *out)
{
    cel_run run = {.units = AIGOV_CEL_UNITS};
    bool done = aigov__cel_eval(p, bound, &arena, &run);

    CHECK(run.units > 0 && run.units <= AIGOV_CEL_UNITS);
    CHECK((p->flags & AIGOV_CEL_CHECK) == 0 ||
          run.units <= aigov__cel_worst(p));
    CHECK(done == (run.error == CEL_OK) && run.error != CEL_SYNTAX &&
          run.error != CEL_CHECK);
    if (done) {
        aigov_status st = aigov__cel_write(&run.result, out, &err);
        CHECK(st == AIGOV_OK || st == AIGOV_TOOBIG);
        if (st == AIGOV_OK) {
            check_value(aigov_buf_span(out));
        }
    } else {
        CHECK(run.at <= p->source.n);
        CHECK(run.error != CEL_HOST || run.status == AIGOV_NOMEM);
        aigov_buf_puts(out, aigov__cel_error_name(run.error));
        if (place) {
            aigov_buf_put_i64(out, run.at);
        }
    }
    aigov_buf_puts(out, " ");
    aigov_buf_put_i64(out, (int64_t)run.units);
    aigov__cel_reset(&arena);
}

static void check_same_value(const aigov_cel_program *a,
                             const aigov_cel_program *b, bool place)
{
    aigov_buf first = {.ctx = ctx}, second = {.ctx = ctx};

    evaluate(a, place, &first);
    evaluate(b, place, &second);
    CHECK(aigov_span_eq(aigov_buf_span(&first), aigov_buf_span(&second)));
    aigov_buf_free(&first);
    aigov_buf_free(&second);
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
        check_same_value(p, again, false);
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
    check_same_value(p, p, true);
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
    try(source, 0, &wide);
    if (try(source, AIGOV_CEL_CHECK, &wide)) {
        aigov_cel_program *typed = compile(source, AIGOV_CEL_CHECK, &wide);
        aigov_cel_program *untyped = compile(source, 0, &wide);
        CHECK(typed != NULL && untyped != NULL);
        check_same_value(typed, untyped, true);
        aigov__cel_free(typed);
        aigov__cel_free(untyped);
    }
    if (try(source, AIGOV_CEL_CHECK | AIGOV_CEL_BOOL | AIGOV_CEL_LITERAL,
            NULL)) {
        CHECK(try(source, AIGOV_CEL_CHECK, &wide));
    }
    return 0;
}
