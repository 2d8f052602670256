/*
 * stream_messages.c - the events of Anthropic's Messages API
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "parts.h"
#include "stream.h"

static void join(pool *p, value *object, const char *name, const value *more)
{
    value *text = get_mutable(object, name);

    if (!is_text(text))
        text = set(p, object, name, new_text(p, AIGOV_LIT("")));
    append_text(p, text, text_or(more));
}

static void add_delta(pool *p, value *block, const value *d)
{
    value *list;

    if (type_is(d, "text_delta")) {
        join(p, block, "text", get(d, "text"));
    } else if (type_is(d, "thinking_delta")) {
        join(p, block, "thinking", get(d, "thinking"));
    } else if (type_is(d, "signature_delta")) {
        join(p, block, "signature", get(d, "signature"));
    } else if (type_is(d, "input_json_delta")) {
        join(p, block, "input as sent", get(d, "partial_json"));
    } else if (type_is(d, "citations_delta")) {
        list = get_mutable(block, "citations");
        if (!is_array(list))
            list = set(p, block, "citations", new_array(p));
        push(p, list, get(d, "citation"));
    }
}

static void block_event(assembly *a, aigov_span type, const value *v)
{
    pool *p = a->s->pool;
    int64_t index = -1; /* without index: before all others */
    value *block;

    is_integer(get(v, "index"), &index);
    if (aigov_span_is(type, "content_block_start")) {
        if (is_object(get(v, "content_block")))
            assembly_put(a, index, get(v, "content_block"));
        return;
    }
    if (!is_object(get(v, "delta")))
        return;
    block = assembly_find(a, index);
    if (block == NULL) {
        block = assembly_put(a, index, new_object(p));
        set_text(p, block, "type", AIGOV_LIT("text"));
        set(p, block, "text", new_text(p, AIGOV_LIT("")));
    }
    add_delta(p, block, get(v, "delta"));
}

static void message_start(assembly *a, const value *message)
{
    stream *s = a->s;
    const value *usage = get(message, "usage");
    int64_t index = 0;

    s->reply = copy_of(s->pool, message);
    set(s->pool, s->reply, "usage",
        is_object(usage) ? copy_of(s->pool, usage) : new_object(s->pool));
    if (is_array(get(message, "content")))
        EACH(b, get(message, "content"))
    assembly_put(a, index++, b);
}

static void message_delta(assembly *a, const value *v)
{
    static const char *const names[] = {"stop_reason", "stop_sequence"};
    stream *s = a->s;
    const value *d = get(v, "delta");
    value *usage;

    for (int i = 0; i < 2; i++)
        if (!is_null(get(d, names[i])))
            set(s->pool, s->reply, names[i], get(d, names[i]));
    if (is_object(get(v, "usage"))) {
        usage = get_mutable(s->reply, "usage");
        if (!is_object(usage))
            usage = set(s->pool, s->reply, "usage", new_object(s->pool));
        EACH(m, get(v, "usage"))
        set_span(s->pool, usage, m->name, m);
        a->final = true;
    }
    if (text_of(get(d, "stop_reason")).p != NULL)
        s->whole = true;
}

void messages_event(assembly *a, aigov_span type, value *v)
{
    if (v == NULL)
        return;
    if (aigov_span_is(type, "error")) {
        if (a->s->error == NULL)
            a->s->error = v;
    } else if (aigov_span_is(type, "message_start")) {
        if (is_object(get(v, "message")))
            message_start(a, get(v, "message"));
    } else if (aigov_span_is(type, "message_delta")) {
        message_delta(a, v);
    } else if (aigov_span_is(type, "message_stop")) {
        a->s->whole = true;
    } else if (starts_with(type, "content_block_")) {
        block_event(a, type, v);
    }
}

void messages_finish(assembly *a)
{
    stream *s = a->s;
    value *content = new_array(s->pool);

    /* The count of message_start is a first one, not the reply's. */
    if (!a->final && is_object(get(s->reply, "usage")))
        remove_member(get_mutable(s->reply, "usage"), "output_tokens");
    EACH(slot, a->list)
    {
        value *b = push(s->pool, content, get(slot, "it"));
        const value *sent = get(b, "input as sent");

        if (text_of(sent).p != NULL)
            set(s->pool, b, "input", arguments_of(s->pool, sent));
        remove_member(b, "input as sent");
    }
    set(s->pool, s->reply, "content", content);
}
