/*
 * stream_chat.c - the chunks of chat completions and completions
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "stream.h"

static void join(pool *p, value *object, const char *name, aigov_span more)
{
    value *there = get_mutable(object, name);

    if (there == NULL)
        there = set(p, object, name, new_text(p, AIGOV_LIT("")));
    append_text(p, there, more);
}

/* --- the content of a message -------------------------------------------- */

static void add_block(pool *p, value *content, const value *b)
{
    value *last = content->last;
    value *blocks;

    if (type_is(b, "text") && last != NULL && type_is(last, "text")) {
        join(p, last, "text", text_or(get(b, "text")));
    } else if (type_is(b, "thinking") && last != NULL &&
               type_is(last, "thinking")) {
        blocks = get_mutable(last, "thinking");
        if (is_array(blocks) && is_array(get(b, "thinking"))) {
            EACH(x, get(b, "thinking"))
            push(p, blocks, x);
        } else if (is_text(blocks)) {
            append_text(p, blocks, text_or(get(b, "thinking")));
        }
    } else if (!type_is(b, "text") || text_of(get(b, "text")).p != NULL) {
        push(p, content, copy_of(p, b));
    }
}

static void add_content(pool *p, value *message, const value *delta)
{
    const value *more = get(delta, "content");
    value *content = get_mutable(message, "content");

    if (is_text(more)) {
        value *b = new_object(p);

        set_text(p, b, "type", AIGOV_LIT("text"));
        set(p, b, "text", new_text(p, more->text));
        add_block(p, content, b);
    } else if (is_array(more)) {
        EACH(b, more)
        if (is_object(b))
            add_block(p, content, b);
    }
}

static void add_list(pool *p, value *message, const value *delta,
                     const char *name)
{
    value *list = get_mutable(message, name);

    if (!is_array(get(delta, name)))
        return;
    if (list == NULL)
        list = set(p, message, name, new_array(p));
    EACH(x, get(delta, name))
    push(p, list, x);
}

/* --- tool calls ---------------------------------------------------------- */

/* The call that a piece belongs to, or NULL: it begins a new one. */
static value *call_of(value *calls, const value *t)
{
    aigov_span id = text_of(get(t, "id")), its;
    value *found = NULL;
    int64_t index, other;
    bool indexed = is_integer(get(t, "index"), &index);

    if (!indexed && id.p == NULL)
        return calls->last;
    EACH(c, calls)
    {
        if (indexed ? is_integer(get(c, "index"), &other) && other == index
                    : aigov_span_eq(text_of(get(c, "id")), id))
            found = (value *)(uintptr_t)c;
    }
    its = text_of(get(found, "id"));
    if (found != NULL && id.p != NULL && its.p != NULL &&
        !aigov_span_eq(its, id))
        return NULL;
    return found;
}

static void add_call(pool *p, value *calls, const value *t)
{
    const value *f = get(t, "function");
    aigov_span name = text_of(get(f, "name"));
    value *call = call_of(calls, t), *made;

    if (call == NULL) {
        call = push(p, calls, new_object(p));
        set(p, call, "index", get(t, "index"));
        made = set(p, call, "function", new_object(p));
    } else {
        made = get_mutable(call, "function");
    }
    if (text_of(get(call, "id")).p == NULL)
        set_text(p, call, "id", text_of(get(t, "id")));
    if (text_of(get(made, "name")).p == NULL)
        set_text(p, made, "name", name);
    if (is_text(get(f, "arguments")))
        join(p, made, "arguments", get(f, "arguments")->text);
}

static void add_function_call(pool *p, value *message, const value *delta)
{
    const value *f = get(delta, "function_call");
    value *made = get_mutable(message, "function_call");

    if (!is_object(f))
        return;
    if (made == NULL) {
        made = set(p, message, "function_call", new_object(p));
        set(p, made, "arguments", new_text(p, AIGOV_LIT("")));
    }
    if (text_of(get(made, "name")).p == NULL)
        set_text(p, made, "name", text_of(get(f, "name")));
    join(p, made, "arguments", text_or(get(f, "arguments")));
}

/* --- a choice ------------------------------------------------------------ */

static value *choice_of(assembly *a, int64_t index)
{
    pool *p = a->s->pool;
    value *c = assembly_find(a, index), *message;

    if (c != NULL)
        return c;
    c = assembly_put(a, index, new_object(p));
    set(p, c, "index", new_integer(p, index));
    message = set(p, c, "message", new_object(p));
    set_text(p, message, "role", AIGOV_LIT("assistant"));
    set(p, message, "content", new_array(p));
    set(p, c, "calls", new_array(p));
    return c;
}

static void add_delta(pool *p, value *choice, const value *delta)
{
    value *message = get_mutable(choice, "message");
    const value *reasoning = get(delta, "reasoning_content");

    set_text(p, message, "role", text_of(get(delta, "role")));
    add_content(p, message, delta);
    if (text_of(reasoning).p == NULL)
        reasoning = get(delta, "reasoning");
    if (is_text(reasoning))
        join(p, message, "reasoning", reasoning->text);
    if (is_text(get(delta, "refusal")))
        join(p, message, "refusal", get(delta, "refusal")->text);
    add_list(p, message, delta, "annotations");
    add_list(p, message, delta, "executed_tools");
    add_function_call(p, message, delta);
    if (is_array(get(delta, "tool_calls")))
        EACH(t, get(delta, "tool_calls"))
    if (is_object(t))
        add_call(p, get_mutable(choice, "calls"), t);
}

static void add_choice(assembly *a, const value *c, int64_t position)
{
    pool *p = a->s->pool;
    int64_t index = position;
    value *choice;

    is_integer(get(c, "index"), &index);
    choice = choice_of(a, index);
    set_text(p, choice, "finish_reason", text_of(get(c, "finish_reason")));
    if (is_text(get(c, "text")))
        join(p, choice, "text", get(c, "text")->text);
    add_delta(p, choice,
              is_object(get(c, "delta")) ? get(c, "delta") : get(c, "message"));
}

/* --- events -------------------------------------------------------------- */

static void first_text(pool *p, value *reply, const value *v, const char *name)
{
    if (get(reply, name) == NULL)
        set_text(p, reply, name, text_of(get(v, name)));
}

void chat_event(assembly *a, aigov_span type, value *v)
{
    stream *s = a->s;
    const value *usage = get(get(v, "x_groq"), "usage");
    int64_t position = 0, created;

    (void)type;
    if (v == NULL) {
        s->whole = true;
        return;
    }
    if (!is_null(get(v, "error")) && s->error == NULL)
        s->error = v;
    first_text(s->pool, s->reply, v, "id");
    first_text(s->pool, s->reply, v, "model");
    if (get(s->reply, "created") == NULL &&
        is_integer(get(v, "created"), &created))
        set(s->pool, s->reply, "created", get(v, "created"));
    if (is_object(get(v, "usage")))
        set(s->pool, s->reply, "usage", get(v, "usage"));
    if (is_object(usage))
        a->x_groq_usage = usage;
    if (is_array(get(v, "choices")))
        EACH(c, get(v, "choices"))
        {
            if (is_object(c))
                add_choice(a, c, position);
            position++;
        }
}

/* Choices in the order of index; whole where each of them has its reason. */
void chat_finish(assembly *a, int64_t n)
{
    stream *s = a->s;
    value *choices = set(s->pool, s->reply, "choices", new_array(s->pool));
    int64_t done = 0;

    EACH(slot, a->list)
    {
        value *c = get_mutable((value *)(uintptr_t)slot, "it");

        if (get(c, "calls")->count > 0)
            set(s->pool, get_mutable(c, "message"), "tool_calls",
                get(c, "calls"));
        done += get(c, "finish_reason") != NULL;
        push(s->pool, choices, c);
    }
    if (get(s->reply, "usage") == NULL)
        set(s->pool, s->reply, "usage", a->x_groq_usage);
    if (choices->count > 0 && done == choices->count && done >= n)
        s->whole = true;
}
