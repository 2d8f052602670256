/*
 * stream_responses.c - the events of the Responses API
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "stream.h"

static bool is_terminal(aigov_span type)
{
    return aigov_span_is(type, "response.completed") ||
           aigov_span_is(type, "response.failed") ||
           aigov_span_is(type, "response.incomplete") ||
           aigov_span_is(type, "response.cancelled");
}

/* Where a piece of text goes: list and index in the item, member of the block.
 */
static const struct delta_rule {
    const char *event, *list, *index, *block, *member;
    bool reasoning;
} rules[] = {
    {"response.output_text.delta", "content", "content_index", "output_text",
     "text", false},
    {"response.refusal.delta", "content", "content_index", "refusal", "refusal",
     false},
    {"response.reasoning_text.delta", "content", "content_index",
     "reasoning_text", "text", true},
    {"response.reasoning_summary_text.delta", "summary", "summary_index",
     "summary_text", "text", true},
};

#define MAX_BLOCKS 10000 /* a stream cannot make us build more */

static void default_text(pool *p, value *item, const char *name,
                         const char *text)
{
    if (get(item, name) == NULL)
        set_text(p, item, name, aigov_str(text));
}

static value *block_at(pool *p, value *item, const struct delta_rule *r,
                       int64_t index)
{
    value *list = get_mutable(item, r->list), *block;

    if (!is_array(list))
        list = set(p, item, r->list, new_array(p));
    if (index < 0 || index > MAX_BLOCKS)
        return NULL;
    while (list->count <= index) {
        block = push(p, list, new_object(p));
        set_text(p, block, "type", aigov_str(r->block));
        set(p, block, r->member, new_text(p, AIGOV_LIT("")));
    }
    block = list->first;
    while (index-- > 0)
        block = block->next;
    return block;
}

static void add_text(pool *p, value *item, const struct delta_rule *r,
                     const value *v)
{
    int64_t index = 0;
    value *block, *text;

    is_integer(get(v, r->index), &index);
    default_text(p, item, "type", r->reasoning ? "reasoning" : "message");
    if (type_is(item, "message"))
        default_text(p, item, "role", "assistant");
    block = block_at(p, item, r, index);
    if (!is_object(block))
        return;
    text = get_mutable(block, r->member);
    if (!is_text(text))
        text = set(p, block, r->member, new_text(p, AIGOV_LIT("")));
    append_text(p, text, get(v, "delta")->text);
}

static void add_arguments(pool *p, value *item, const char *name,
                          const char *type, const value *v)
{
    value *text = get_mutable(item, name);

    default_text(p, item, "type", type);
    if (!is_text(text))
        text = set(p, item, name, new_text(p, AIGOV_LIT("")));
    append_text(p, text, get(v, "delta")->text);
}

static void add_delta(assembly *a, aigov_span type, int64_t index,
                      const value *v)
{
    pool *p = a->s->pool;
    value *item = assembly_find(a, index);

    if (item == NULL)
        item = assembly_put(a, index, new_object(p));
    if (!is_text(get(v, "delta")))
        return;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (aigov_span_is(type, rules[i].event))
            add_text(p, item, &rules[i], v);
    if (aigov_span_is(type, "response.function_call_arguments.delta"))
        add_arguments(p, item, "arguments", "function_call", v);
    if (aigov_span_is(type, "response.custom_tool_call_input.delta"))
        add_arguments(p, item, "input", "custom_tool_call", v);
}

/* The `response` object of an event: all but its output replaces. */
static void take_response(assembly *a, const value *r, bool terminal)
{
    stream *s = a->s;
    int64_t index = 0;

    EACH(m, r)
    if (!aigov_span_is(m->name, "output"))
        set_span(s->pool, s->reply, m->name, m);
    if (!terminal)
        return;
    s->whole = true;
    if (!is_array(get(r, "output")) || get(r, "output")->count == 0)
        return;
    a->list = new_array(s->pool);
    EACH(item, get(r, "output"))
    assembly_put(a, index++, item);
}

void responses_event(assembly *a, aigov_span type, value *v)
{
    bool terminal = is_terminal(type);
    int64_t index;

    if (v == NULL)
        return; /* [DONE] says nothing here */
    if (is_object(get(v, "response"))) {
        take_response(a, get(v, "response"), terminal);
        if (terminal)
            return;
    }
    if (aigov_span_is(type, "error")) {
        if (a->s->error == NULL)
            a->s->error = v;
        return;
    }
    if (!is_integer(get(v, "output_index"), &index))
        return;
    if (aigov_span_is(type, "response.output_item.added") ||
        aigov_span_is(type, "response.output_item.done")) {
        if (is_object(get(v, "item")))
            assembly_put(a, index, get(v, "item"));
        return;
    }
    add_delta(a, type, index, v);
}

void responses_finish(assembly *a)
{
    stream *s = a->s;
    value *output = set(s->pool, s->reply, "output", new_array(s->pool));

    EACH(slot, a->list)
    push(s->pool, output, get(slot, "it"));
}
