/*
 * record.c - one line of an HTTP log to one aigov record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * docs/import.md is the specification; names below are its words.  This file
 * does the line and the request, reply.c the reply.
 */
#include "record.h"

#include <string.h>

#include "parts.h"

const char *refusal_word(refusal r)
{
    static const char *const words[] = {
        [TAKEN_IN] = "",
        [NOT_JSON] = "not_json",
        [NOT_AN_OBJECT] = "not_an_object",
        [NO_URL] = "no_url",
        [METHOD] = "method",
        [PATH] = "path",
        [NO_REQUEST] = "no_request",
        [OTHER_IMPORTER] = "importer",
    };
    return words[r];
}

/* --- what is refused ----------------------------------------------------- */

static bool is_post(const value *method)
{
    static const char post[] = "post";

    if (method == NULL)
        return true;
    if (!is_text(method) || method->text.n != 4)
        return false;
    for (int i = 0; i < 4; i++)
        if ((method->text.p[i] | 0x20) != post[i])
            return false;
    return true;
}

static refusal judge(pool *p, const value *line, importer want, url_parts *url,
                     shape *out)
{
    if (!is_object(line))
        return NOT_AN_OBJECT;
    if (!is_text(get(line, "url")))
        return NO_URL;
    url_split(p, get(line, "url")->text, url);
    if (url->host.p == NULL)
        return NO_URL;
    if (!is_post(get(line, "method")))
        return METHOD;
    if (!shape_of(url->path, out))
        return PATH;
    if (!is_object(get(line, "request")))
        return NO_REQUEST;
    return out->importer == want ? TAKEN_IN : OTHER_IMPORTER;
}

/* --- the id -------------------------------------------------------------- */

/* A UUID of version 8 (RFC 9562 5.8) made from the line: twice is once. */
static aigov_span id_of(pool *p, aigov_span line)
{
    aigov_span parts[2] = {AIGOV_LIT("aigov/import/v1\n"), line};
    uint8_t hash[AIGOV_HASH_LEN];
    char *id = pool_alloc(p, AIGOV_UUID_LEN + 1);
    aigov_error err;

    if (aigov_sha256(p->ctx, parts, 2, hash, &err) != AIGOV_OK)
        return AIGOV_ABSENT;
    hash[6] = (uint8_t)((hash[6] & 0x0F) | 0x80);
    hash[8] = (uint8_t)((hash[8] & 0x3F) | 0x80);
    aigov_uuid_format(hash, id);
    return (aigov_span){id, AIGOV_UUID_LEN};
}

/* --- the request --------------------------------------------------------- */

static bool is_param(aigov_span name)
{
    static const char *const others[] = {
        "model",    "models",       "messages", "input",
        "prompt",   "system",       "tools",    "functions",
        "stream",   "instructions", "user",     "safety_identifier",
        "metadata", "conversation"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (aigov_span_is(name, others[i]))
            return false;
    return true;
}

static void params(call *c)
{
    pool *p = c->pool;
    value *out = new_object(p);

    EACH(m, c->request)
    {
        aigov_span canonical;

        if (!is_param(m->name) || is_null(m))
            continue;
        canonical = value_canonical(p, m);
        add(p, out, m->name, canonical.n <= 1024 ? m : digest_of(p, canonical));
    }
    if (out->count > 0)
        set(p, c->record, "params", out);
}

static void tools(call *c)
{
    pool *p = c->pool;
    value *out = new_array(p);

    if (is_array(get(c->request, "tools")))
        EACH(t, get(c->request, "tools"))
    push(p, out, t);
    if (is_array(get(c->request, "functions")))
        EACH(f, get(c->request, "functions"))
        {
            value *t = push(p, out, new_object(p));

            set_text(p, t, "type", AIGOV_LIT("function"));
            set(p, t, "function", f);
        }
    if (out->count > 0)
        set(p, c->record, "tools", out);
}

static void actor(call *c)
{
    aigov_span who = text_of(get(c->request, "safety_identifier"));
    value *actor;

    if (who.p == NULL)
        who = text_of(get(c->request, "user"));
    if (who.p == NULL && c->shape.importer == ANTHROPIC)
        who = text_of(get(get(c->request, "metadata"), "user_id"));
    if (who.p == NULL)
        return;
    actor = set(c->pool, c->record, "actor", new_object(c->pool));
    set_text(c->pool, actor, "id", who);
}

static void conversation(call *c)
{
    const value *v = get(c->request, "conversation");

    set_text(c->pool, c->record, "conversation",
             text_of(is_object(v) ? get(v, "id") : v));
}

static void system_instructions(call *c)
{
    const value *v = c->shape.importer == ANTHROPIC ? get(c->request, "system")
                     : c->shape.dialect == RESPONSES
                         ? get(c->request, "instructions")
                         : NULL;
    value *joined = new_text(c->pool, AIGOV_LIT(""));
    bool begun = false;

    if (is_array(v)) {
        EACH(x, v)
        {
            if (!is_text(get(x, "text")))
                continue;
            if (begun)
                append_text(c->pool, joined, AIGOV_LIT("\n"));
            begun = true;
            append_text(c->pool, joined, get(x, "text")->text);
        }
        v = joined;
    }
    set_text(c->pool, c->record, "system_instructions", text_of(v));
}

/* --- input --------------------------------------------------------------- */

static bool all_integers(const value *list)
{
    int64_t ignored;

    EACH(x, list)
    if (!is_integer(x, &ignored))
        return false;
    return true;
}

static value *tokens(pool *p, uint32_t count)
{
    value *v = new_object(p);

    set_text(p, v, "type", AIGOV_LIT("tokens"));
    set(p, v, "count", new_integer(p, count));
    return v;
}

/* Texts or token numbers of a prompt or an embeddings input. */
static void texts_input(pool *p, value *messages, const value *v)
{
    if (is_text(v) || (is_array(v) && v->count > 0 && all_integers(v))) {
        value *parts = new_array(p);

        push(p, parts,
             is_text(v) ? text_part(p, v->text) : tokens(p, v->count));
        push(p, messages, new_message(p, AIGOV_LIT("user"), parts));
        return;
    }
    if (!is_array(v))
        return;
    EACH(x, v)
    {
        value *parts = new_array(p), *one = new_array(p);

        if (is_array(x) && all_integers(x)) {
            push(p, parts, tokens(p, x->count));
        } else if (is_text(x) || is_object(x)) {
            push(p, one, x);
            openai_parts(p, parts, one);
        }
        push(p, messages, new_message(p, AIGOV_LIT("user"), parts));
    }
}

static void responses_input(pool *p, value *messages, const value *v)
{
    value *parts;

    if (is_text(v)) {
        parts = new_array(p);
        openai_parts(p, parts, v);
        push(p, messages, new_message(p, AIGOV_LIT("user"), parts));
    }
    if (!is_array(v))
        return;
    EACH(x, v)
    {
        aigov_span role;

        if (!is_object(x))
            continue;
        parts = new_array(p);
        role = item_parts(p, parts, x);
        push(p, messages, new_message(p, role, parts));
    }
}

static void message_input(call *c, value *messages, const value *v)
{
    pool *p = c->pool;

    if (!is_array(v))
        return;
    EACH(x, v)
    {
        if (!is_object(x))
            continue;
        if (c->shape.dialect == CHAT) {
            push(p, messages, chat_message(p, x));
        } else {
            value *parts = new_array(p);

            anthropic_parts(p, parts, get(x, "content"));
            push(p, messages, new_message(p, text_or(get(x, "role")), parts));
        }
    }
}

static void input(call *c)
{
    value *messages = new_array(c->pool);

    switch (c->shape.dialect) {
    case RESPONSES:
        responses_input(c->pool, messages, get(c->request, "input"));
        break;
    case EMBEDDINGS:
        texts_input(c->pool, messages, get(c->request, "input"));
        break;
    case COMPLETIONS:
        texts_input(c->pool, messages, get(c->request, "prompt"));
        break;
    case CHAT:
    case MESSAGES:
    case COUNT_TOKENS:
        message_input(c, messages, get(c->request, "messages"));
        break;
    }
    if (messages->count > 0)
        set(c->pool, c->record, "input", messages);
}

/* --- the line ------------------------------------------------------------ */

/* A response header by its name in lower case; the last one counts. */
static aigov_span header(const value *line, const char *name)
{
    const value *headers = get(line, "response_headers");
    aigov_span found = AIGOV_ABSENT;
    size_t n = strlen(name);

    if (!is_object(headers))
        return found;
    EACH(h, headers)
    if (h->name.n == n && strncasecmp(h->name.p, name, n) == 0 && is_text(h))
        found = text_of(h);
    return found;
}

static void attributes(call *c, const url_parts *url, aigov_span sample_id)
{
    aigov_span request_id = header(c->line, "x-request-id");
    value *a = c->attributes;
    pool *p = c->pool;

    if (request_id.p == NULL)
        request_id = header(c->line, "request-id");
    set_text(p, a, "server.address", url->host);
    if (c->http != 0)
        set(p, a, "http.response.status_code", new_integer(p, c->http));
    set_text(p, a, "sample_id", sample_id);
    set_text(p, a, "provider_request_id", request_id);
}

static void times(call *c)
{
    aigov_span at = text_of(get(c->line, "occurred_at"));
    aigov_span date = header(c->line, "date");
    int64_t ms;

    if (at.p == NULL && date.p != NULL)
        at = mail_date(c->pool, date);
    /* else reply_read has set it from the reply */
    if (at.p != NULL)
        set_text(c->pool, c->record, "occurred_at", at);
    if (is_integer(get(c->line, "duration_ms"), &ms))
        set(c->pool, c->record, "duration_ms", get(c->line, "duration_ms"));
}

static void names(call *c, const url_parts *url, aigov_span line,
                  aigov_span system)
{
    aigov_span own = text_of(get(c->line, "system"));
    aigov_span model = text_of(get(c->request, "model"));
    value *r = c->record;
    pool *p = c->pool;

    set(p, r, "v", new_integer(p, 1));
    set_text(p, r, "id", id_of(p, line));
    set_text(p, r, "kind", AIGOV_LIT("interaction"));
    set_text(p, r, "system", own.p != NULL ? own : system);
    set_text(p, r, "provider", provider_of(url));
    set_text(p, r, "operation", aigov_str(c->shape.operation));
    set_text(p, r, "evidence", AIGOV_LIT("imported"));
    set_text(p, r, "model",
             model.p != NULL ? model : deployment_of(p, url->path));
    set(p, r, "stream", new_bool(p, is_true(get(c->request, "stream"))));
}

refusal line_read(pool *p, aigov_span line, importer want, aigov_span system,
                  imported *out)
{
    aigov_error err = {.pos = 0};
    const value *v = value_read(p, line, true, &err);
    call c = {.pool = p, .line = v, .request = get(v, "request")};
    url_parts url;
    refusal r;

    *out =
        (imported){.sample_id = text_of(get(v, "sample_id")), .pos = err.pos};
    if (v == NULL)
        return NOT_JSON;
    r = judge(p, v, want, &url, &out->shape);
    if (r != TAKEN_IN)
        return r;
    c.shape = out->shape;
    c.record = out->record = new_object(p);
    c.attributes = new_object(p);
    is_integer(get(v, "status"), &c.http);
    names(&c, &url, line, system);
    attributes(&c, &url, out->sample_id);
    params(&c);
    tools(&c);
    actor(&c);
    conversation(&c);
    system_instructions(&c);
    input(&c);
    documents_of_request(&c);
    reply_read(&c);
    times(&c);
    set(p, c.record, "attributes", c.attributes);
    return TAKEN_IN;
}
