/*
 * documents.c - what a call was given to read, and what its answer cites
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * docs/import.md, "Documents".  Documents stand in `documents` of the record,
 * citations in `refs`; a document is known by its file id, its URL or, where it
 * was sent whole, by the SHA-256 of it.  Each stands there once.
 */
#include "record.h"

#include <string.h>

#include "blob.h"

#define MAX_DOCUMENTS 256
#define MAX_REFS 128
#define MAX_REF_BYTES 24576 /* refs never move out of an entry */
#define MAX_ID 512

/* --- ids ----------------------------------------------------------------- */

/* doc:NAME: @ and # are of versions and parts, so they are escaped. */
static aigov_span id_of(pool *p, aigov_span name)
{
    char *out = pool_alloc(p, 4 + 3 * name.n);
    size_t n = 4;

    memcpy(out, "doc:", 4);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '@' || name.p[i] == '#') {
            memcpy(out + n, name.p[i] == '@' ? "%40" : "%23", 3);
            n += 3;
        } else {
            out[n++] = name.p[i];
        }
    }
    return n <= MAX_ID
               ? (aigov_span){out, n}
               : pool_join(p, AIGOV_LIT("doc:sha256:"), sha256_hex(p, name));
}

/* Where in a page is no part of its name. */
static aigov_span url_id(pool *p, aigov_span url)
{
    const char *hash = memchr(url.p, '#', url.n);

    return id_of(p, hash == NULL ? url
                                 : (aigov_span){url.p, (size_t)(hash - url.p)});
}

static aigov_span content_id(pool *p, aigov_span data, bool base64)
{
    aigov_span bytes;

    if (base64 && base64_decode(p, data, &bytes))
        data = bytes;
    return pool_join(p, AIGOV_LIT("doc:sha256:"), sha256_hex(p, data));
}

/* --- the lists ----------------------------------------------------------- */

static bool is_there(const value *list, const char *name, aigov_span id)
{
    EACH(x, list)
    if (aigov_span_eq(text_of(get(x, name)), id))
        return true;
    return false;
}

static void add_document(call *c, aigov_span id, aigov_span uri,
                         const value *about)
{
    pool *p = c->pool;
    value *v;

    if (c->documents == NULL)
        c->documents = new_array(p);
    if (is_there(c->documents, "id", id) ||
        c->documents->count == MAX_DOCUMENTS)
        return;
    v = push(p, c->documents, new_object(p));
    set_text(p, v, "id", id);
    if (uri.n <= 2048)
        set_text(p, v, "uri", uri);
    set_text(p, v, "title",
             text_of(get(about, "title")).p != NULL
                 ? text_of(get(about, "title"))
                 : text_of(get(about, "filename")));
    if (is_number(get(about, "score")))
        set(p, v, "score", get(about, "score"));
}

static void add_cited(call *c, aigov_span id)
{
    pool *p = c->pool;
    value *v;

    if (c->refs == NULL)
        c->refs = new_array(p);
    if (is_there(c->refs, "cause", id) || c->refs->count == MAX_REFS ||
        c->ref_bytes + id.n > MAX_REF_BYTES)
        return;
    c->ref_bytes += id.n + 80;
    v = push(p, c->refs, new_object(p));
    set_text(p, v, "relation", AIGOV_LIT("used"));
    set_text(p, v, "cause", id);
    set_text(p, v, "role", AIGOV_LIT("cited"));
    set_text(p, v, "strength", AIGOV_LIT("cited"));
}

/* A result of a search, by its URL. */
static void add_page(call *c, const value *result)
{
    aigov_span url =
        is_text(result) ? text_of(result) : text_of(get(result, "url"));

    if (url.p != NULL)
        add_document(c, url_id(c->pool, url), url, result);
}

static void add_pages(call *c, const value *list)
{
    if (is_array(list))
        EACH(x, list)
    add_page(c, x);
}

/* --- requests ------------------------------------------------------------ */

static aigov_span source_id(call *c, const value *s)
{
    aigov_span id = text_of(get(s, "file_id")), url = text_of(get(s, "url"));
    aigov_span data = text_of(get(s, "data"));
    pool *p = c->pool;

    if (id.p != NULL)
        return id_of(p, id);
    if (url.p != NULL)
        return url_id(p, url);
    return data.p != NULL ? content_id(p, data, type_is(s, "base64"))
                          : content_id(p, value_canonical(p, s), false);
}

/* Citations name document blocks by their number. */
static void document_block(call *c, const value *block)
{
    const value *s = get(block, "source");
    aigov_span id;

    if (!is_object(s))
        return;
    id = source_id(c, s);
    if (c->numbered == NULL)
        c->numbered = new_array(c->pool);
    push(c->pool, c->numbered, new_text(c->pool, id));
    add_document(c, id, text_of(get(s, "url")), block);
}

static void search_result(call *c, const value *block)
{
    aigov_span source = text_of(get(block, "source"));

    if (source.p != NULL)
        add_document(c, url_id(c->pool, source), AIGOV_ABSENT, block);
}

static void request_block(call *c, const value *block)
{
    if (type_is(block, "document"))
        document_block(c, block);
    else if (type_is(block, "search_result"))
        search_result(c, block);
}

static void request_blocks(call *c, const value *content)
{
    if (!is_array(content))
        return;
    EACH(b, content)
    {
        request_block(c, b);
        if (type_is(b, "tool_result") && is_array(get(b, "content")))
            EACH(inner, get(b, "content"))
        request_block(c, inner);
    }
}

void documents_of_request(call *c)
{
    if (c->shape.dialect == MESSAGES && is_array(get(c->request, "messages")))
        EACH(m, get(c->request, "messages"))
    request_blocks(c, get(m, "content"));
}

/* --- replies ------------------------------------------------------------- */

/* OpenAI's */
static void annotations(call *c, const value *list)
{
    if (!is_array(list))
        return;
    EACH(a, list)
    {
        const value *of =
            is_object(get(a, "url_citation")) ? get(a, "url_citation") : a;
        aigov_span url = text_of(get(of, "url"));
        aigov_span file = text_of(get(a, "file_id"));

        if (type_is(a, "url_citation") && url.p != NULL)
            add_cited(c, url_id(c->pool, url));
        else if (type_is(a, "file_citation") && file.p != NULL)
            add_cited(c, id_of(c->pool, file));
    }
}

static void file_search(call *c, const value *results)
{
    if (!is_array(results))
        return;
    EACH(x, results)
    {
        aigov_span id = text_of(get(x, "file_id"));

        if (id.p != NULL)
            add_document(c, id_of(c->pool, id), AIGOV_ABSENT, x);
    }
}

static void responses_item(call *c, const value *item)
{
    if (type_is(item, "file_search_call"))
        file_search(c, get(item, "results"));
    else if (type_is(item, "web_search_call"))
        add_pages(c, get(get(item, "action"), "sources"));
    else if (is_array(get(item, "content")))
        EACH(part, get(item, "content"))
    annotations(c, get(part, "annotations"));
}

/* Anthropic's */
static void citation(call *c, const value *at)
{
    aigov_span url = text_of(get(at, "url"));
    aigov_span source = text_of(get(at, "source"));
    int64_t n, i = 0;

    if (url.p != NULL || source.p != NULL) {
        add_cited(c, url_id(c->pool, url.p != NULL ? url : source));
        return;
    }
    if (!is_integer(get(at, "document_index"), &n) || c->numbered == NULL)
        return;
    EACH(id, c->numbered)
    if (i++ == n)
        add_cited(c, id->text);
}

static void message_block(call *c, const value *block)
{
    if (type_is(block, "web_search_tool_result"))
        add_pages(c, get(block, "content"));
    if (is_array(get(block, "citations")))
        EACH(at, get(block, "citations"))
    citation(c, at);
}

void documents_of_reply(call *c, const value *reply)
{
    switch (c->shape.dialect) {
    case CHAT:
        if (is_array(get(reply, "choices")))
            EACH(x, get(reply, "choices"))
        annotations(c, get(get(x, "message"), "annotations"));
        add_pages(c, get(reply, "search_results"));
        add_pages(c, get(reply, "citations"));
        break;
    case RESPONSES:
        if (is_array(get(reply, "output")))
            EACH(x, get(reply, "output"))
        responses_item(c, x);
        break;
    case MESSAGES:
        if (is_array(get(reply, "content")))
            EACH(x, get(reply, "content"))
        message_block(c, x);
        break;
    default:
        break;
    }
    if (c->documents != NULL)
        set(c->pool, c->record, "documents", c->documents);
    if (c->refs != NULL)
        set(c->pool, c->record, "refs", c->refs);
}
