/*
 * reply.c - what the provider answered, and how the call ended
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * docs/import.md, "The reply", "Status", "Errors".  The order of the checks in
 * judge() is the table's: the first that holds.
 */
#include "record.h"

#include <stdlib.h>

#include "blob.h"
#include "parts.h"
#include "stream.h"

typedef struct answer {
    call *c;
    const value *body;  /* one JSON value, or NULL */
    const value *reply; /* body where it is an object, else NULL */
    const value *text;  /* response_text */
    stream stream;
    bool streamed, failed;
    value *output, *reasons; /* lists */
    bool counted;            /* embeddings or a token count came */
    value *error;
    aigov_span code;
} answer;

static bool non_empty(aigov_span s)
{
    return s.p != NULL && s.n > 0;
}

/* --- one JSON value, an event stream, or text ---------------------------- */

static void find_body(answer *a)
{
    call *c = a->c;
    const value *body = get(c->line, "response");
    aigov_span text = text_of(get(c->line, "response_text"));
    int64_t n = 1;
    aigov_error ignored;

    a->text = get(c->line, "response_text");
    if (is_null(body) && text.p != NULL) {
        body = value_read(c->pool, text, false, &ignored);
        if (!is_object(body) && !is_array(body))
            body = NULL;
    }
    a->failed = c->http >= 400;
    if (is_null(body))
        body = NULL;
    if (body == NULL && !a->failed &&
        (is_true(get(c->request, "stream")) || looks_like_stream(text))) {
        if (!is_integer(get(c->request, "n"), &n) || n < 1)
            n = 1;
        stream_read(&a->stream, c->pool, c->shape.dialect,
                    text.p == NULL ? AIGOV_LIT("") : text, n);
        a->streamed = true;
        body = a->stream.reply;
        if (a->stream.skipped > 0)
            set(c->pool, c->attributes, "stream_events_skipped",
                new_integer(c->pool, a->stream.skipped));
    }
    a->body = body;
    a->reply = is_object(body) ? body : NULL;
}

/* --- output -------------------------------------------------------------- */

static void add_reason(answer *a, value *message, aigov_span reason)
{
    pool *p = a->c->pool;

    if (reason.p == NULL)
        return;
    push(p, a->reasons, new_text(p, reason));
    if (message != NULL)
        set_text(p, message, "finish_reason", reason);
}

static void choice_output(answer *a, const value *choice)
{
    pool *p = a->c->pool;
    value *message, *parts;

    if (a->c->shape.dialect == COMPLETIONS) {
        parts = new_array(p);
        openai_parts(p, parts, get(choice, "text"));
        message = new_message(p, AIGOV_LIT("assistant"), parts);
    } else {
        message = chat_message(p, get(choice, "message"));
        if (get(message, "role")->text.n == 0)
            set_text(p, message, "role", AIGOV_LIT("assistant"));
    }
    add_reason(a, message, text_of(get(choice, "finish_reason")));
    push(p, a->output, message);
}

typedef struct place {
    int64_t index;
    uint32_t position;
    const value *choice;
} place;

static int by_index(const void *a, const void *b)
{
    const place *x = a, *y = b;

    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

/* In the order of index; equal ones, and those without, as they come. */
static void choices_output(answer *a)
{
    const value *choices = get(a->reply, "choices");
    uint32_t n = 0;
    place *sorted;

    if (!is_array(choices))
        return;
    sorted = pool_alloc(a->c->pool, (choices->count + 1) * sizeof *sorted);
    EACH(c, choices)
    {
        if (!is_object(c))
            continue;
        sorted[n] = (place){.position = n, .choice = c};
        is_integer(get(c, "index"), &sorted[n].index);
        n++;
    }
    qsort(sorted, n, sizeof *sorted, by_index);
    for (uint32_t i = 0; i < n; i++)
        choice_output(a, sorted[i].choice);
}

/* One message for the whole reply. */
static void one_message(answer *a, value *parts, aigov_span reason)
{
    pool *p = a->c->pool;
    value *message = NULL;

    if (parts->count > 0)
        message =
            push(p, a->output, new_message(p, AIGOV_LIT("assistant"), parts));
    add_reason(a, message, reason);
}

static void responses_output(answer *a)
{
    value *parts = new_array(a->c->pool);
    aigov_span status = text_of(get(a->reply, "status"));

    if (is_array(get(a->reply, "output")))
        EACH(item, get(a->reply, "output"))
    if (is_object(item))
        item_parts(a->c->pool, parts, item);
    if (a->streamed && !a->stream.whole)
        status = AIGOV_ABSENT;
    one_message(a, parts, status);
}

static void messages_output(answer *a)
{
    value *parts = new_array(a->c->pool);

    anthropic_parts(a->c->pool, parts, get(a->reply, "content"));
    one_message(a, parts, text_of(get(a->reply, "stop_reason")));
}

static void embeddings_output(answer *a)
{
    const value *request = a->c->request, *data = get(a->reply, "data");
    const value *vector, *dimensions = get(request, "dimensions");
    const value *dtype = get(request, "output_dtype");
    pool *p = a->c->pool;
    aigov_span bytes;
    int64_t d = -1;

    if (!is_array(data))
        return;
    a->counted = true;
    set(p, a->c->attributes, "embeddings_count", new_integer(p, data->count));
    if (is_null(dimensions))
        dimensions = get(request, "output_dimension");
    vector = get(data->first, "embedding");
    if (!is_null(dimensions))
        is_integer(dimensions, &d);
    else if (is_array(vector))
        d = vector->count;
    else if (is_text(vector) &&
             (is_null(dtype) || aigov_span_is(text_of(dtype), "float")) &&
             base64_decode(p, vector->text, &bytes))
        d = (int64_t)bytes.n / 4;
    if (d >= 0)
        set(p, a->c->attributes, "embeddings_dimensions", new_integer(p, d));
}

static void count_output(answer *a)
{
    const value *n = get(a->reply, "input_tokens");
    int64_t ignored;

    if (!is_integer(n, &ignored))
        return;
    a->counted = true;
    set(a->c->pool, a->c->attributes, "counted_input_tokens", n);
}

static void find_output(answer *a)
{
    switch (a->c->shape.dialect) {
    case CHAT:
    case COMPLETIONS:
        choices_output(a);
        break;
    case RESPONSES:
        responses_output(a);
        break;
    case MESSAGES:
        if (!a->failed)
            messages_output(a);
        break;
    case EMBEDDINGS:
        embeddings_output(a);
        break;
    case COUNT_TOKENS:
        count_output(a);
        break;
    }
}

/* --- how it ended -------------------------------------------------------- */

/* Nothing to record of the answer. */
static bool is_empty(const answer *a)
{
    EACH(m, a->output)
    if (get(m, "parts")->count > 0)
        return false;
    return a->reasons->count == 0 && !a->counted;
}

static bool has_reason(const answer *a, const char *const *words)
{
    EACH(r, a->reasons)
    for (const char *const *w = words; *w != NULL; w++)
        if (aigov_span_is(r->text, *w))
            return true;
    return false;
}

static void find_error(answer *a, bool empty)
{
    static const char *const error[] = {"error", NULL};
    call *c = a->c;
    pool *p = c->pool;
    value *wrap;

    if (a->failed) {
        const value *generation =
            get(get(a->reply, "error"), "failed_generation");

        a->error =
            error_of(p, a->body != NULL ? a->body : a->text, c->http, &a->code);
        if (text_of(generation).p != NULL) {
            value *parts = new_array(p);
            value *part = push(p, parts, text_part(p, generation->text));

            set_text(p, part, "type", AIGOV_LIT("failed_generation"));
            push(p, a->output, new_message(p, AIGOV_LIT("assistant"), parts));
        }
    } else if (a->streamed && a->stream.error != NULL) {
        a->error = error_of(p, a->stream.error, c->http, &a->code);
    } else if (c->shape.dialect == RESPONSES &&
               aigov_span_is(text_of(get(a->reply, "status")), "failed")) {
        wrap = new_object(p);
        set(p, wrap, "error", get(a->reply, "error"));
        a->error = error_of(p, wrap, c->http, &a->code);
    } else if (!a->streamed && !is_null(get(a->reply, "error")) && empty) {
        a->error = error_of(p, a->reply, c->http, &a->code);
    } else if (has_reason(a, error)) {
        a->error = new_object(p);
        set_text(p, a->error, "type", AIGOV_LIT("error"));
    }
}

/* A reply of no known form, kept as it came. */
static void keep_unparsed(answer *a)
{
    pool *p = a->c->pool;
    aigov_span text = text_of(a->text);
    value *parts = new_array(p), *part;

    if (text.p == NULL && a->body == NULL)
        return;
    if (text.p == NULL)
        text = value_canonical(p, a->body);
    part = push(p, parts, text_part(p, text));
    set_text(p, part, "type", AIGOV_LIT("unparsed"));
    a->output = new_array(p);
    push(p, a->output, new_message(p, AIGOV_LIT("assistant"), parts));
}

static const char *responses_status(aigov_span word)
{
    if (aigov_span_is(word, "completed"))
        return "ok";
    if (aigov_span_is(word, "incomplete"))
        return "incomplete";
    return aigov_span_is(word, "cancelled") ? "cancelled" : "unknown";
}

static const char *judge(answer *a)
{
    static const char *const cut[] = {"length",
                                      "max_tokens",
                                      "max_output_tokens",
                                      "model_length",
                                      "model_context_window_exceeded",
                                      "content_filter",
                                      "refusal",
                                      "pause_turn",
                                      NULL};
    const value *choices = get(a->reply, "choices");
    bool empty = is_empty(a);

    find_error(a, empty);
    if (a->error != NULL)
        return "error";
    if (a->streamed && !a->stream.whole)
        return "cancelled";
    if (a->c->shape.dialect == RESPONSES && a->reasons->count > 0)
        return responses_status(a->reasons->first->text);
    if (!a->streamed && empty && !(is_array(choices) && choices->count > 0)) {
        keep_unparsed(a);
        return "unknown";
    }
    return has_reason(a, cut) ? "incomplete" : "ok";
}

/* --- into the record ----------------------------------------------------- */

static void names(answer *a)
{
    static const char *const created[] = {"created_at", "created"};
    value *r = a->c->record;
    pool *p = a->c->pool;
    aigov_span at = AIGOV_ABSENT;

    set_text(p, r, "model_served", text_of(get(a->reply, "model")));
    if (a->c->shape.dialect != EMBEDDINGS)
        set_text(p, r, "provider_response_id", text_of(get(a->reply, "id")));
    for (int i = 0; i < 2 && at.p == NULL; i++)
        at = seconds_date(p, get(a->reply, created[i]));
    set_text(p, r, "occurred_at", at);
}

static void ending(answer *a)
{
    value *r = a->c->record;
    pool *p = a->c->pool;

    set_text(p, r, "status", aigov_str(judge(a)));
    if (a->error != NULL) {
        set(p, r, "error", a->error);
        if (non_empty(a->code) &&
            !aigov_span_eq(a->code, text_of(get(a->error, "type"))))
            set_text(p, a->c->attributes, "error_code", a->code);
    }
    if (a->output->count > 0)
        set(p, r, "output", a->output);
    if (a->reasons->count > 0)
        set(p, r, "finish_reasons", a->reasons);
}

static void figures(answer *a)
{
    const value *usage = get(a->reply, "usage");
    value *r = a->c->record, *out;
    pool *p = a->c->pool;

    if (a->c->shape.dialect == COUNT_TOKENS)
        return;
    if (!is_object(usage))
        usage = get(get(a->reply, "x_groq"), "usage");
    out = usage_of(p, usage, a->c->shape.dialect == EMBEDDINGS);
    if (out->count > 0)
        set(p, r, "usage", out);
    if (aigov_span_is(text_of(get(r, "provider")), "openrouter"))
        set(p, r, "cost", cost_of(p, usage));
}

void reply_read(call *c)
{
    answer a = {.c = c, .code = AIGOV_ABSENT};

    a.output = new_array(c->pool);
    a.reasons = new_array(c->pool);
    find_body(&a);
    names(&a);
    find_output(&a);
    ending(&a);
    figures(&a);
    documents_of_reply(c, a.reply);
}
