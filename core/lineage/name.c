/*
 * name.c - names of nodes
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   kind:rest             kind [a-z][a-z0-9_]*
 *   ia:X  msg:X.in  msg:X.out     X an interaction, X/2 its second attempt
 *   doc:x  doc:x@v  chunk:x@v#p   work, version, part
 *
 * The version begins behind the last @, the part behind the last #.
 */
#include "internal.h"

static const char *const kinds[AIGOV_NODE_KINDS] = {
    [AIGOV_NODE_OTHER] = "other",       [AIGOV_NODE_IA] = "ia",
    [AIGOV_NODE_MSG] = "msg",           [AIGOV_NODE_DOC] = "doc",
    [AIGOV_NODE_CHUNK] = "chunk",       [AIGOV_NODE_DATASET] = "dataset",
    [AIGOV_NODE_MODEL] = "model",       [AIGOV_NODE_TMPL] = "tmpl",
    [AIGOV_NODE_TOOL] = "tool",         [AIGOV_NODE_PERSON] = "person",
    [AIGOV_NODE_ARTIFACT] = "artifact", [AIGOV_NODE_RUN] = "run",
    [AIGOV_NODE_ACT] = "act",           [AIGOV_NODE_DELIVERY] = "delivery"};

const char *aigov_node_kind_name(aigov_node_kind kind)
{
    return kinds[kind];
}

static size_t word_length(aigov_span name)
{
    size_t n = 0;
    while (n < name.n && ((name.p[n] >= 'a' && name.p[n] <= 'z') ||
                          (n > 0 && ((name.p[n] >= '0' && name.p[n] <= '9') ||
                                     name.p[n] == '_')))) {
        n++;
    }
    return n;
}

aigov_node_kind aigov__node_kind(aigov_span name)
{
    aigov_span word = {name.p, word_length(name)};
    for (int i = AIGOV_NODE_IA; i < AIGOV_NODE_KINDS; i++) {
        if (word.n > 0 && kinds[i][0] == word.p[0] &&
            aigov_span_is(word, kinds[i])) {
            return (aigov_node_kind)i;
        }
    }
    return AIGOV_NODE_OTHER;
}

static aigov_status refuse(aigov_error *err)
{
    aigov_fail(err, AIGOV_FIELD, AIGOV_NO_POS,
               "a node of lineage is named kind:name");
    return aigov_hint(err, "for example doc:handbook@2#1, model:openai/gpt-4o, "
                           "person:u_7f3a; at most 600 bytes");
}

static bool is_plain(aigov_span rest)
{
    for (size_t i = 0; i < rest.n; i++) {
        if ((uint8_t)rest.p[i] < 0x20 || rest.p[i] == 0x7F) {
            return false;
        }
    }
    return rest.n > 0;
}

/* ia: msg: tool: name an interaction, which is stored in lower case. */
static bool put_rest(aigov_buf *out, aigov_node_kind kind, aigov_span rest)
{
    char id[AIGOV_UUID_LEN + 1];
    uint8_t bytes[16];
    if ((kind == AIGOV_NODE_IA || kind == AIGOV_NODE_MSG ||
         kind == AIGOV_NODE_TOOL) &&
        rest.n >= AIGOV_UUID_LEN &&
        aigov_uuid_parse((aigov_span){rest.p, AIGOV_UUID_LEN}, bytes)) {
        aigov_uuid_format(bytes, id);
        return aigov_buf_put(out, id, AIGOV_UUID_LEN) &&
               aigov_buf_put(out, rest.p + AIGOV_UUID_LEN,
                             rest.n - AIGOV_UUID_LEN);
    }
    return aigov_buf_put(out, rest.p, rest.n);
}

aigov_status aigov_node_name(aigov_span name, aigov_node_kind *kind,
                             aigov_buf *out, aigov_error *err)
{
    size_t word = name.p != NULL ? word_length(name) : 0;
    aigov_node_kind k;
    aigov_span rest;
    bool chunk;
    if (word == 0 || word >= name.n || name.p[word] != ':' ||
        name.n > AIGOV_MAX_NODE) {
        return refuse(err);
    }
    rest = (aigov_span){name.p + word + 1, name.n - word - 1};
    if (!is_plain(rest)) {
        return refuse(err);
    }
    k = aigov__node_kind(name);
    chunk = k == AIGOV_NODE_DOC && memchr(rest.p, '#', rest.n) != NULL;
    k = chunk ? AIGOV_NODE_CHUNK : k;
    if (kind != NULL) {
        *kind = k;
    }
    if (!(chunk ? aigov_buf_puts(out, "chunk")
                : aigov_buf_put(out, name.p, word)) ||
        !aigov_buf_puts(out, ":") || !put_rest(out, k, rest)) {
        return aigov__nomem(err);
    }
    return AIGOV_OK;
}

static bool ends_in(aigov_span s, const char *end)
{
    size_t n = strlen(end);
    return s.n > n && memcmp(s.p + s.n - n, end, n) == 0;
}

aigov_status aigov__node_row(aigov_span name, aigov_buf *key,
                             aigov_node_kind *row, int *part, aigov_error *err)
{
    aigov_span rest;
    key->n = 0;
    *part = 0;
    *row = aigov__node_kind(name);
    if (*row != AIGOV_NODE_MSG) {
        return aigov_buf_put(key, name.p, name.n) ? AIGOV_OK
                                                  : aigov__nomem(err);
    }
    rest = (aigov_span){name.p + 4, name.n - 4};
    *part = ends_in(rest, ".in") ? 1 : ends_in(rest, ".out") ? 2 : 0;
    if (*part == 0) {
        return aigov_buf_put(key, name.p, name.n) ? AIGOV_OK
                                                  : aigov__nomem(err);
    }
    *row = AIGOV_NODE_IA;
    rest.n -= *part == 1 ? 3 : 4;
    return aigov_buf_puts(key, "ia:") && aigov_buf_put(key, rest.p, rest.n)
               ? AIGOV_OK
               : aigov__nomem(err);
}

aigov_status aigov__node_whole(aigov_span key, int64_t id, aigov_buf *out,
                               aigov_error *err)
{
    bool ok;
    out->n = 0;
    if (AIGOV__NODE_PART(id) == 0) {
        ok = aigov_buf_put(out, key.p, key.n);
    } else {
        ok = key.n > 3 && aigov_buf_puts(out, "msg:") &&
             aigov_buf_put(out, key.p + 3, key.n - 3) &&
             aigov_buf_puts(out, AIGOV__NODE_PART(id) == 1 ? ".in" : ".out");
    }
    return ok ? AIGOV_OK : aigov__nomem(err);
}

static size_t last(aigov_span s, char c)
{
    size_t n = s.n;
    while (n > 0 && s.p[n - 1] != c) {
        n--;
    }
    return n; /* one behind it; 0: not there */
}

aigov_span aigov__node_parent(aigov_span name, aigov_buf *b,
                              aigov_relation *relation)
{
    aigov_node_kind kind = aigov__node_kind(name);
    size_t at;
    if (kind == AIGOV_NODE_CHUNK) {
        at = last(name, '#');
        *relation = AIGOV_REL_DERIVED;
        b->n = 0;
        return at > sizeof "chunk:" && aigov_buf_puts(b, "doc:") &&
                       aigov_buf_put(b, name.p + 6, at - 1 - 6)
                   ? aigov_buf_span(b)
                   : AIGOV_ABSENT;
    }
    at = last(name, '@');
    *relation = AIGOV_REL_SPECIALIZES;
    return kind == AIGOV_NODE_DOC && at > sizeof "doc:" && at < name.n
               ? (aigov_span){name.p, at - 1}
               : AIGOV_ABSENT;
}
