/*
 * parts.c - messages and their parts, of every shape
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One function a kind of block.  What has no name here is kept as sent.
 */
#include "parts.h"

#include "blob.h"

/* --- small ones ---------------------------------------------------------- */

static value *part(pool *p, const char *type)
{
    value *v = new_object(p);

    set_text(p, v, "type", aigov_str(type));
    return v;
}

static value *content_part(pool *p, const char *type, aigov_span content)
{
    value *v = part(p, type);

    set(p, v, "content", new_text(p, content));
    return v;
}

value *text_part(pool *p, aigov_span text)
{
    return content_part(p, "text", text);
}

static bool has_any(const value *list)
{
    return list != NULL && list->count > 0;
}

static value *noted_text(pool *p, const value *text, const value *notes)
{
    value *v = text_part(p, text_or(text));

    if (has_any(notes))
        set(p, v, "annotations", compact(p, notes));
    return v;
}

value *new_message(pool *p, aigov_span role, value *parts)
{
    value *v = new_object(p);

    set(p, v, "role", new_text(p, role));
    set(p, v, "parts", parts);
    return v;
}

static value *file_part(pool *p, const char *modality, aigov_span id)
{
    value *v = part(p, "file");

    set_text(p, v, "modality", aigov_str(modality));
    set(p, v, "file_id", new_text(p, id));
    return v;
}

/* --- tools --------------------------------------------------------------- */

const value *arguments_of(pool *p, const value *sent)
{
    value *object =
        is_text(sent) ? value_read_strict_object(p, sent->text) : NULL;

    return object != NULL ? object : sent;
}

static value *tool_call(pool *p, const value *id, const value *name,
                        const value *arguments)
{
    value *v = part(p, "tool_call");

    set_text(p, v, "id", text_of(id));
    set(p, v, "name", new_text(p, text_or(name)));
    if (!is_null(arguments))
        set(p, v, "arguments", arguments_of(p, arguments));
    return v;
}

static const value *first_of(const value *a, const value *b)
{
    return is_null(a) ? b : a;
}

typedef void (*parts_fn)(pool *p, value *parts, const value *content);

static value *tool_response(pool *p, const value *id, const value *content,
                            parts_fn parts)
{
    value *v = part(p, "tool_call_response"), *list;

    set_text(p, v, "id", text_of(id));
    if (is_array(content)) {
        list = new_array(p);
        parts(p, list, content);
        set(p, v, "response", list);
    } else if (content == NULL) {
        set(p, v, "response", new_value(p, AIGOV_JSON_NULL));
    } else {
        set(p, v, "response", is_text(content) ? content : compact(p, content));
    }
    return v;
}

/* --- OpenAI -------------------------------------------------------------- */

/* Mistral's: text, or a list of text blocks. */
static value *thinking(pool *p, const value *block)
{
    const value *t = get(block, "thinking");
    value *v = content_part(p, "reasoning", text_or(t));

    if (is_array(t))
        EACH(x, t)
    append_text(p, get_mutable(v, "content"), text_or(get(x, "text")));
    return v;
}

static const value *image(pool *p, const value *block)
{
    const value *url = get(block, "image_url");

    if (is_object(url))
        url = get(url, "url");
    if (is_text(url))
        return uri_part(p, "image", url->text);
    if (text_of(get(block, "file_id")).p != NULL)
        return file_part(p, "image", text_of(get(block, "file_id")));
    return compact(p, block);
}

static value *audio(pool *p, const value *sound)
{
    aigov_span format = text_of(get(sound, "format"));

    if (format.p != NULL)
        format = pool_join(p, AIGOV_LIT("audio/"), format);
    return blob_part(p, "audio", format, text_or(get(sound, "data")));
}

static const value *file(pool *p, const value *block)
{
    const value *f = is_object(get(block, "file")) ? get(block, "file") : block;
    aigov_span data = text_of(get(f, "file_data"));
    aigov_span id = text_of(get(f, "file_id"));
    aigov_span url = text_of(get(f, "file_url"));
    value *v;

    if (data.p != NULL)
        v = starts_with(data, "data:")
                ? uri_part(p, "file", data)
                : blob_part(p, "file", AIGOV_ABSENT, data);
    else if (id.p != NULL)
        v = file_part(p, "file", id);
    else if (url.p != NULL)
        v = uri_part(p, "file", url);
    else
        v = copy_of(p, compact(p, block));
    set_text(p, v, "filename", text_of(get(f, "filename")));
    return v;
}

static const value *openai_block(pool *p, const value *b)
{
    if (type_is(b, "text") || type_is(b, "input_text") ||
        type_is(b, "output_text"))
        return noted_text(p, get(b, "text"), get(b, "annotations"));
    if (type_is(b, "refusal"))
        return content_part(p, "refusal", text_or(get(b, "refusal")));
    if (type_is(b, "thinking"))
        return thinking(p, b);
    if (type_is(b, "reasoning_text"))
        return content_part(p, "reasoning", text_or(get(b, "text")));
    if (type_is(b, "image_url") || type_is(b, "input_image"))
        return image(p, b);
    if (type_is(b, "input_audio") && is_object(get(b, "input_audio")))
        return audio(p, get(b, "input_audio"));
    if (type_is(b, "file") || type_is(b, "input_file"))
        return file(p, b);
    return compact(p, b);
}

void openai_parts(pool *p, value *parts, const value *content)
{
    if (text_of(content).p != NULL)
        push(p, parts, text_part(p, content->text));
    if (!is_array(content))
        return;
    EACH(b, content)
    {
        if (is_text(b))
            push(p, parts, text_part(p, b->text));
        else if (is_object(b))
            push(p, parts, openai_block(p, b));
    }
}

static void chat_calls(pool *p, value *parts, const value *m)
{
    const value *call = get(m, "function_call");

    if (is_array(get(m, "executed_tools")))
        EACH(e, get(m, "executed_tools"))
        {
            value *v = is_object(e) ? copy_of(p, compact(p, e)) : NULL;

            if (v == NULL)
                continue;
            set_text(p, v, "type", AIGOV_LIT("server_tool_call"));
            push(p, parts, v);
        }
    if (is_array(get(m, "tool_calls")))
        EACH(t, get(m, "tool_calls"))
        {
            const value *f = is_object(get(t, "function")) ? get(t, "function")
                                                           : get(t, "custom");

            if (is_object(t))
                push(p, parts,
                     tool_call(p, get(t, "id"), get(f, "name"),
                               first_of(get(f, "arguments"), get(f, "input"))));
        }
    if (is_object(call))
        push(p, parts,
             tool_call(p, NULL, get(call, "name"), get(call, "arguments")));
}

static void chat_parts(pool *p, value *parts, const value *m)
{
    aigov_span reasoning = text_of(get(m, "reasoning_content"));
    const value *notes = get(m, "annotations");

    if (reasoning.p == NULL)
        reasoning = text_of(get(m, "reasoning"));
    if (reasoning.p != NULL)
        push(p, parts, content_part(p, "reasoning", reasoning));
    openai_parts(p, parts, get(m, "content"));
    if (has_any(notes) && type_is(parts->last, "text"))
        set(p, parts->last, "annotations", compact(p, notes));
    if (text_of(get(m, "refusal")).p != NULL)
        push(p, parts, content_part(p, "refusal", text_of(get(m, "refusal"))));
    chat_calls(p, parts, m);
}

value *chat_message(pool *p, const value *m)
{
    aigov_span role = text_or(get(m, "role"));
    value *parts = new_array(p), *out;

    if (aigov_span_is(role, "tool") || aigov_span_is(role, "function")) {
        push(p, parts,
             tool_response(p, get(m, "tool_call_id"), get(m, "content"),
                           openai_parts));
        role = AIGOV_LIT("tool");
    } else {
        chat_parts(p, parts, m);
    }
    out = new_message(p, role, parts);
    set_text(p, out, "name", text_of(get(m, "name")));
    return out;
}

/* --- Responses items ----------------------------------------------------- */

/* Texts of summary, then of content, joined by LF. */
static value *reasoning_item(pool *p, const value *item)
{
    static const char *const lists[] = {"summary", "content"};
    value *v = part(p, "reasoning"), *text = new_text(p, AIGOV_LIT(""));
    aigov_span sealed = text_of(get(item, "encrypted_content"));
    bool begun = false;

    text = set(p, v, "content", text);
    for (int i = 0; i < 2; i++) {
        if (!is_array(get(item, lists[i])))
            continue;
        EACH(x, get(item, lists[i]))
        {
            if (!is_object(x))
                continue;
            if (begun)
                append_text(p, text, AIGOV_LIT("\n"));
            begun = true;
            append_text(p, text, text_or(get(x, "text")));
        }
    }
    if (sealed.p != NULL)
        set(p, v, "encrypted_content", digest_of(p, sealed));
    return v;
}

/* The members of an item that say what was called. */
static const value *without_ids(pool *p, const value *item, bool keep_type)
{
    const value *whole = compact(p, item);
    value *v = new_object(p);

    EACH(m, whole)
    if (!aigov_span_is(m->name, "id") && !aigov_span_is(m->name, "call_id") &&
        (keep_type || !aigov_span_is(m->name, "type")))
        add(p, v, m->name, m);
    return v;
}

static value *server_call(pool *p, const value *item, aigov_span type)
{
    value *v = part(p, "server_tool_call");
    aigov_span id = text_of(get(item, "call_id"));

    set_text(p, v, "name", (aigov_span){type.p, type.n - 5});
    set_text(p, v, "id", id.p != NULL ? id : text_of(get(item, "id")));
    set(p, v, "call",
        without_ids(p, item, aigov_span_is(type, "image_generation_call")));
    return v;
}

static value *server_output(pool *p, const value *item)
{
    value *v = part(p, "server_tool_call_response");

    set_text(p, v, "id", text_of(get(item, "call_id")));
    set(p, v, "response", without_ids(p, item, false));
    return v;
}

aigov_span item_parts(pool *p, value *parts, const value *i)
{
    aigov_span type = type_of(i), role = text_of(get(i, "role"));

    if (aigov_span_is(type, "message") ||
        (is_null(get(i, "type")) && get(i, "role") != NULL)) {
        openai_parts(p, parts, get(i, "content"));
        return role.p == NULL ? AIGOV_LIT("") : role;
    }
    if (aigov_span_is(type, "reasoning")) {
        push(p, parts, reasoning_item(p, i));
        return AIGOV_LIT("assistant");
    }
    if (aigov_span_is(type, "function_call") ||
        aigov_span_is(type, "custom_tool_call")) {
        push(p, parts,
             tool_call(p, get(i, "call_id"), get(i, "name"),
                       first_of(get(i, "arguments"), get(i, "input"))));
        return AIGOV_LIT("assistant");
    }
    if (aigov_span_is(type, "function_call_output") ||
        aigov_span_is(type, "custom_tool_call_output")) {
        push(p, parts,
             tool_response(p, get(i, "call_id"), get(i, "output"),
                           openai_parts));
        return AIGOV_LIT("tool");
    }
    if (ends_with(type, "_call")) {
        push(p, parts, server_call(p, i, type));
        return AIGOV_LIT("assistant");
    }
    if (ends_with(type, "_output")) {
        push(p, parts, server_output(p, i));
        return AIGOV_LIT("tool");
    }
    push(p, parts, compact(p, i));
    return role.p == NULL ? AIGOV_LIT("user") : role;
}

/* --- Anthropic ----------------------------------------------------------- */

static value *thinking_block(pool *p, const value *b)
{
    value *v = content_part(p, "reasoning", text_or(get(b, "thinking")));
    aigov_span signature = text_of(get(b, "signature"));

    if (signature.p != NULL)
        set(p, v, "signature", digest_of(p, signature));
    return v;
}

static value *server_use(pool *p, const value *b)
{
    value *v = part(p, "server_tool_call"), *call = new_object(p);
    const value *input = get(b, "input");

    set(p, v, "id", new_text(p, text_or(get(b, "id"))));
    set(p, v, "name", new_text(p, text_or(get(b, "name"))));
    set(p, call, "input",
        input == NULL ? new_value(p, AIGOV_JSON_NULL) : compact(p, input));
    set(p, v, "call", call);
    return v;
}

static value *tool_result(pool *p, const value *b)
{
    const value *content = get(b, "content");
    value *v =
        tool_response(p, get(b, "tool_use_id"),
                      is_null(content) ? new_text(p, AIGOV_LIT("")) : content,
                      anthropic_parts);

    if (is_true(get(b, "is_error")))
        set(p, v, "is_error", new_bool(p, true));
    return v;
}

static value *server_result(pool *p, const value *b)
{
    value *v = part(p, "server_tool_call_response");
    const value *content = get(b, "content");

    set(p, v, "id", new_text(p, text_or(get(b, "tool_use_id"))));
    set(p, v, "response",
        content == NULL ? new_value(p, AIGOV_JSON_NULL) : compact(p, content));
    return v;
}

/* An image or document by its source. */
static const value *sourced(pool *p, const value *b)
{
    const char *modality = type_is(b, "image") ? "image" : "file";
    const value *s = get(b, "source");
    value *v;

    if (type_is(s, "base64")) {
        v = blob_part(p, modality, text_of(get(s, "media_type")),
                      text_or(get(s, "data")));
    } else if (type_is(s, "url")) {
        v = part(p, "uri");
        set_text(p, v, "modality", aigov_str(modality));
        set(p, v, "uri", new_text(p, text_or(get(s, "url"))));
    } else if (type_is(s, "file")) {
        v = file_part(p, modality, text_or(get(s, "file_id")));
    } else if (type_is(s, "text")) {
        v = content_part(p, "document", text_or(get(s, "data")));
    } else {
        v = copy_of(p, compact(p, b));
    }
    set_text(p, v, "filename", text_of(get(b, "title")));
    return v;
}

static const value *anthropic_block(pool *p, const value *b)
{
    if (type_is(b, "text"))
        return noted_text(p, get(b, "text"), get(b, "citations"));
    if (type_is(b, "thinking"))
        return thinking_block(p, b);
    if (type_is(b, "tool_use"))
        return tool_call(p, get(b, "id"), get(b, "name"), get(b, "input"));
    if (type_is(b, "server_tool_use") || type_is(b, "mcp_tool_use"))
        return server_use(p, b);
    if (type_is(b, "tool_result"))
        return tool_result(p, b);
    if (ends_with(type_of(b), "_tool_result"))
        return server_result(p, b);
    if ((type_is(b, "image") || type_is(b, "document")) &&
        is_object(get(b, "source")))
        return sourced(p, b);
    if (type_is(b, "container_upload"))
        return file_part(p, "file", text_or(get(b, "file_id")));
    return compact(p, b);
}

void anthropic_parts(pool *p, value *parts, const value *content)
{
    if (text_of(content).p != NULL)
        push(p, parts, text_part(p, content->text));
    if (!is_array(content))
        return;
    EACH(b, content)
    if (is_object(b))
        push(p, parts, anthropic_block(p, b));
}
