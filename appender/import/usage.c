/*
 * usage.c - figures, in the provider's own words
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Nothing is added up or corrected: what a report adds it must be able to name.
 * OpenTelemetry's names stand beside the provider's, where it has others.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

#define LIMIT 9007199254740992.0 /* 2^53 */

static double double_of(const value *v)
{
    char text[64];

    if (!is_number(v) || v->text.n >= sizeof text)
        return -1;
    memcpy(text, v->text.p, v->text.n);
    text[v->text.n] = '\0';
    return strtod(text, NULL);
}

/* No count: money and times. */
static bool is_passed_over(aigov_span name)
{
    return aigov_span_is(name, "cost") || aigov_span_is(name, "cost_details") ||
           ends_with(name, "_time");
}

/* Nested names joined by a dot.  Depth is that of the reply's JSON. */
static void flatten(pool *p, value *out, const value *from, aigov_span prefix)
{
    EACH(m, from)
    {
        aigov_span name = pool_join(p, prefix, m->name);
        double d;

        if (is_passed_over(m->name))
            continue;
        if (is_object(m)) {
            flatten(p, out, m, pool_join(p, name, AIGOV_LIT(".")));
        } else if (is_number(m)) {
            d = double_of(m);
            if (d >= 0 && d <= LIMIT && d == floor(d))
                set_span(p, out, name, new_integer(p, (int64_t)d));
        }
    }
}

/* OpenTelemetry's name, then what it is taken from: the first present. */
static const char *const otel[][8] = {
    {"input_tokens", "prompt_tokens"},
    {"output_tokens", "completion_tokens"},
    {"cache_read.input_tokens", "cache_read_input_tokens",
     "prompt_tokens_details.cached_tokens",
     "input_tokens_details.cached_tokens", "cached_tokens", "num_cached_tokens",
     "prompt_cache_hit_tokens"},
    {"cache_creation.input_tokens", "cache_creation_input_tokens",
     "prompt_tokens_details.cache_write_tokens",
     "input_tokens_details.cache_write_tokens"},
    {"reasoning.output_tokens", "completion_tokens_details.reasoning_tokens",
     "output_tokens_details.reasoning_tokens",
     "output_tokens_details.thinking_tokens", "reasoning_tokens"},
};

value *usage_of(pool *p, const value *usage, bool embeddings)
{
    value *out = new_object(p), *given;

    if (!is_object(usage))
        return out;
    flatten(p, out, usage, AIGOV_LIT(""));
    given = copy_of(p, out);
    for (size_t i = 0; i < sizeof otel / sizeof *otel; i++)
        for (size_t k = 1; k < 8 && otel[i][k] != NULL; k++)
            if (get(out, otel[i][0]) == NULL)
                set(p, out, otel[i][0], get(given, otel[i][k]));
    if (embeddings && get(out, "input_tokens") == NULL)
        set(p, out, "input_tokens", get(given, "total_tokens"));
    return out;
}

/* --- cost ---------------------------------------------------------------- */

/* The shortest form without exponent: 1.05e-7 is 0.000000105. */
static aigov_span plain(pool *p, double d)
{
    char form[32];
    char *out;
    size_t n = aigov_number_format(p->ctx, d, form), digits = 0;
    char *e = memchr(form, 'e', n);
    long exponent = e == NULL ? 0 : strtol(e + 1, NULL, 10);
    size_t zeros = exponent < 0 ? (size_t)(-exponent) : (size_t)exponent;
    char *at;

    if (e == NULL)
        return pool_copy(p, (aigov_span){form, n});
    out = at = pool_alloc(p, zeros + n + 4);
    for (char *c = form; c < e; c++)
        if (*c != '.')
            form[digits++] = *c;
    if (exponent < 0) {
        memcpy(at, "0.", 2);
        memset(at + 2, '0', zeros - 1);
        at += 1 + zeros;
        memcpy(at, form, digits);
        at += digits;
    } else {
        memcpy(at, form, digits);
        at += digits;
        memset(at, '0', zeros + 1 - digits);
        at += zeros + 1 - digits;
    }
    return (aigov_span){out, (size_t)(at - out)};
}

value *cost_of(pool *p, const value *usage)
{
    double d = double_of(get(usage, "cost"));
    value *out;

    if (!is_number(get(usage, "cost")) || d < 0 || isinf(d))
        return NULL;
    out = new_object(p);
    set_text(p, out, "amount", plain(p, d));
    set_text(p, out, "currency", AIGOV_LIT("USD"));
    return out;
}
