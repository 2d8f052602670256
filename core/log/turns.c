/*
 * turns.c - what a call is recognised by when its conversation goes on
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A chat is sent whole with every turn, so the input of a call holds the input
 * and the answer of the call before it.  Input and output are read as items,
 * whatever the shape of the messages; items of the same side are one run:
 *
 *     user  | assistant | user  | assistant | user      input of the third call
 *     s1 = i(0,run)  s2 = a(s1,o(run))  s3 = i(s2,run)  s4 = a(s3,o(run)) ...
 *           \-- state after the input of the first call
 *                     \-- fingerprint of the first call, of its output in s1
 *
 * i, a and o are the first 8 bytes of a hash or, with a redaction key, of an
 * HMAC (docs/formats.md section 4).  With a key they are made of the texts as
 * handed in; without one of what is stored, so that they confirm no guess.
 *
 * What need not come back as it was is no item: reasoning (also between <think>
 * and </think> before an answer, and the space before it), what the provider's
 * own tools did, annotations, and messages of role system or developer.
 */
#include "internal.h"

#include "../crypto/keyed.h"

typedef struct walk {
    aigov_record *r;
    aigov__dialog *d;
    const aigov_json *j;
    bool hashes, calls; /* what is gathered */
    bool output;        /* of the output, which is one run */
    bool open, assistant;
    uint32_t run;
    char tag;  /* of the text that an item may go on; 0: none */
    int64_t s; /* the state behind the last run that was closed */
} walk;

/* --- hashes -------------------------------------------------------------- */

static int64_t first_eight(const uint8_t hash[32])
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) {
        v = v << 8 | hash[i];
    }
    return (int64_t)v;
}

aigov_status aigov__turn_hash(const aigov_record *r, char what, int64_t s,
                              aigov_span text, int64_t *out, aigov_error *err)
{
    static const char prefix = 0x04;
    const aigov__dialog *d = &r->dialog;
    uint8_t state[8], hash[AIGOV_HASH_LEN];
    const aigov_span part[] = {
        {&prefix, 1}, {&what, 1}, {(const char *)state, sizeof state}, text};
    aigov_status st;
    for (int i = 0; i < 8; i++) {
        state[i] = (uint8_t)((uint64_t)s >> (56 - 8 * i));
    }
    st = d->keyed ? aigov__hmac(r->ctx, (aigov_span){(const char *)d->key, 32},
                                part, 4, hash, err)
                  : aigov_sha256(r->ctx, part, 4, hash, err);
    *out = first_eight(hash);
    return st;
}

aigov_status aigov__turn_number(const aigov_record *r, char what, int64_t s,
                                int64_t of, int64_t *out, aigov_error *err)
{
    char bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (char)((uint64_t)of >> (56 - 8 * i));
    }
    return aigov__turn_hash(r, what, s, (aigov_span){bytes, 8}, out, err);
}

/* --- runs ---------------------------------------------------------------- */

static void add_prefix(aigov__dialog *d, int64_t s, uint32_t run)
{
    struct aigov__prefix *p = &d->prefix[d->prefixes++ % AIGOV__PREFIXES];
    p->state = s;
    p->run = run;
}

/* The run ends; its text is in r->part. */
static aigov_status close_run(walk *w, aigov_error *err)
{
    aigov__dialog *d = w->d;
    aigov_span text = aigov_buf_span(&w->r->part);
    aigov_status st = AIGOV_OK;
    int64_t alone;
    if (w->open && w->hashes && w->output) {
        d->has_answer = true;
        st = aigov__turn_hash(w->r, 'o', 0, text, &d->answer, err);
    } else if (w->open && w->hashes && w->assistant) {
        st = aigov__turn_hash(w->r, 'o', 0, text, &alone, err);
        if (st == AIGOV_OK) {
            st = aigov__turn_number(w->r, 'a', w->s, alone, &w->s, err);
        }
        d->last_answer = alone;
        d->last_run = w->run;
        add_prefix(d, w->s, w->run);
    } else if (w->open && w->hashes) {
        st = aigov__turn_hash(w->r, 'i', w->s, text, &w->s, err);
    }
    w->run += w->open;
    w->open = false;
    w->tag = 0;
    w->r->part.n = 0;
    return st;
}

/* An item of a side is about to come. */
static aigov_status side(walk *w, bool assistant, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    if (w->open && !w->output && w->assistant != assistant) {
        st = close_run(w, err);
    }
    w->open = true;
    w->assistant = assistant;
    return st;
}

/* What UTF-8 does not have begins an item. */
static bool begin(walk *w, char tag)
{
    char mark[2] = {(char)0xff, tag};
    w->tag = tag;
    return aigov_buf_put(&w->r->part, mark, 2);
}

static bool put(walk *w, aigov_span text)
{
    return aigov_buf_put(&w->r->part, text.p, text.n);
}

static aigov_span without_space(aigov_span s)
{
    while (s.n > 0 &&
           (*s.p == ' ' || *s.p == '\n' || *s.p == '\r' || *s.p == '\t')) {
        s.p++;
        s.n--;
    }
    return s;
}

/* An answer without the reasoning that stands before it, as some models write
 * it and some libraries do for others. */
static aigov_span said(aigov_span s)
{
    static const char from[] = "<think>", to[] = "</think>";
    const char *end;
    s = without_space(s);
    if (s.n < sizeof from || memcmp(s.p, from, sizeof from - 1) != 0) {
        return s;
    }
    end = memmem(s.p, s.n, to, sizeof to - 1);
    if (end == NULL) {
        return s;
    }
    end += sizeof to - 1;
    return without_space((aigov_span){end, s.n - (size_t)(end - s.p)});
}

/* Text goes on with the text before it: one block or three are the same. */
static aigov_status text_item(walk *w, bool assistant, char tag,
                              aigov_span text, aigov_error *err)
{
    aigov_status st = side(w, assistant, err);
    text = assistant && w->tag != tag ? said(text) : text;
    if (st != AIGOV_OK || text.n == 0 || !w->hashes) {
        return st;
    }
    return (w->tag == tag || begin(w, tag)) && put(w, text) ? AIGOV_OK
                                                            : aigov__nomem(err);
}

/* --- calls of tools ------------------------------------------------------ */

/* What may stand in the name of a node; an id that was replaced has a [. */
static bool is_call_id(aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || memchr("_-.:|=+", c, 7) != NULL)) {
            return false;
        }
    }
    return s.n > 0 && s.n <= 200;
}

static aigov_status add_call(walk *w, uint8_t what, aigov_span id,
                             aigov_error *err)
{
    aigov__dialog *d = w->d;
    void *p = d->call;
    if (!w->calls || !is_call_id(id) ||
        (w->output && what == AIGOV__CALL_ANSWERED)) {
        return AIGOV_OK;
    }
    if (d->calls == AIGOV__MAX_CALLS) {
        d->more_calls++;
        return AIGOV_OK;
    }
    if (d->calls == d->call_cap &&
        !aigov__grow(w->r->ctx, &p, &d->call_cap, sizeof *d->call,
                     d->calls + 8)) {
        return aigov__nomem(err);
    }
    d->call = p;
    d->call[d->calls++] =
        (aigov__tool_call){d->text.n, (uint16_t)id.n, what, w->run, UINT32_MAX};
    return aigov_buf_put(&d->text, id.p, id.n) ? AIGOV_OK : aigov__nomem(err);
}

static aigov_span text_at(const aigov_json *j, uint32_t i)
{
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING ? aigov__text(j, i)
                                                          : AIGOV_ABSENT;
}

/* The first of the members a, b, c that is a text. */
static aigov_span first_text(const aigov_json *j, uint32_t object,
                             const char *a, const char *b, const char *c)
{
    aigov_span s = text_at(j, aigov_json_get(j, object, a));
    if (s.p == NULL && b != NULL) {
        s = text_at(j, aigov_json_get(j, object, b));
    }
    if (s.p == NULL && c != NULL) {
        s = text_at(j, aigov_json_get(j, object, c));
    }
    return s;
}

/* A call is known by id and name; without an id by name and arguments, since
 * these come back in another spelling. */
static aigov_status call_item(walk *w, aigov_span id, aigov_span name,
                              uint32_t arguments, aigov_error *err)
{
    aigov_status st = side(w, true, err);
    if (st == AIGOV_OK) {
        st = add_call(w, w->output ? AIGOV__CALL_ISSUED : AIGOV__CALL_MADE, id,
                      err);
    }
    if (st != AIGOV_OK || !w->hashes) {
        return st;
    }
    if (!begin(w, 'c') || !put(w, id) || !begin(w, 'n') || !put(w, name)) {
        return aigov__nomem(err);
    }
    return id.n == 0 && arguments != 0
               ? aigov_json_canonical(w->j, arguments, &w->r->part, err)
               : AIGOV_OK;
}

/* Of a result the texts, or the value as it is. */
static aigov_status put_result(walk *w, uint32_t node, aigov_error *err)
{
    const aigov_json *j = w->j;
    aigov_status st = AIGOV_OK;
    if (j->node[node].type == AIGOV_JSON_STRING) {
        return put(w, aigov__text(j, node)) ? AIGOV_OK : aigov__nomem(err);
    }
    if (j->node[node].type != AIGOV_JSON_ARRAY) {
        return aigov_json_canonical(j, node, &w->r->part, err);
    }
    for (uint32_t i = node + 1; i < j->node[node].next && st == AIGOV_OK;
         i = j->node[i].next) {
        aigov_span text = j->node[i].type == AIGOV_JSON_OBJECT
                              ? first_text(j, i, "content", "text", NULL)
                              : text_at(j, i);
        st = text.p == NULL ? aigov_json_canonical(j, i, &w->r->part, err)
             : put(w, text) ? AIGOV_OK
                            : aigov__nomem(err);
    }
    return st;
}

static aigov_status result_item(walk *w, aigov_span id, uint32_t result,
                                aigov_error *err)
{
    aigov_status st = side(w, false, err);
    if (st == AIGOV_OK) {
        st = add_call(w, AIGOV__CALL_ANSWERED, id, err);
    }
    if (st != AIGOV_OK || !w->hashes) {
        return st;
    }
    if (!begin(w, 'r') || !put(w, id) || !begin(w, '=')) {
        return aigov__nomem(err);
    }
    return result != 0 ? put_result(w, result, err) : AIGOV_OK;
}

/* --- parts --------------------------------------------------------------- */

static bool ends_with(aigov_span s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

/* What does not come back, or not as it was. */
static bool is_passed_over(aigov_span type)
{
    return aigov_span_is(type, "reasoning") ||
           aigov_span_is(type, "thinking") ||
           aigov_span_is(type, "redacted_thinking") ||
           aigov_span_is(type, "server_tool_call") ||
           aigov_span_is(type, "server_tool_call_response") ||
           aigov_span_is(type, "server_tool_use") ||
           aigov_span_is(type, "mcp_tool_use") || ends_with(type, "_call") ||
           ends_with(type, "_tool_result");
}

/* A part whose form is not known counts as it is. */
static aigov_status other_item(walk *w, bool assistant, uint32_t node,
                               aigov_error *err)
{
    aigov_status st = side(w, assistant, err);
    if (st != AIGOV_OK || !w->hashes) {
        return st;
    }
    return begin(w, 'x') ? aigov_json_canonical(w->j, node, &w->r->part, err)
                         : aigov__nomem(err);
}

static uint32_t first_of(const aigov_json *j, uint32_t object, const char *a,
                         const char *b, const char *c)
{
    uint32_t i = aigov_json_get(j, object, a);
    i = i != 0 ? i : aigov_json_get(j, object, b);
    return i != 0 ? i : aigov_json_get(j, object, c);
}

static aigov_status part_item(walk *w, bool assistant, uint32_t node,
                              aigov_error *err)
{
    const aigov_json *j = w->j;
    aigov_span type = text_at(j, aigov_json_get(j, node, "type"));
    aigov_span text = first_text(j, node, "content", "text", "refusal");
    char tag = assistant ? 'a' : 'u';
    if (aigov_span_is(type, "tool_call") || aigov_span_is(type, "tool_use") ||
        aigov_span_is(type, "function_call") ||
        aigov_span_is(type, "custom_tool_call")) {
        return call_item(w, first_text(j, node, "call_id", "id", NULL),
                         first_text(j, node, "name", NULL, NULL),
                         first_of(j, node, "arguments", "input", "input"), err);
    }
    if (aigov_span_is(type, "tool_call_response") ||
        aigov_span_is(type, "tool_result") ||
        aigov_span_is(type, "function_call_output") ||
        aigov_span_is(type, "custom_tool_call_output")) {
        return result_item(
            w, first_text(j, node, "tool_use_id", "call_id", "id"),
            first_of(j, node, "response", "content", "output"), err);
    }
    if (is_passed_over(type)) {
        return AIGOV_OK;
    }
    if (text.p != NULL && (type.p == NULL || ends_with(type, "text") ||
                           aigov_span_is(type, "refusal"))) {
        return text_item(w, assistant, tag, text, err);
    }
    return other_item(w, assistant, node, err);
}

/* --- messages ------------------------------------------------------------ */

static aigov_status content_items(walk *w, bool assistant, uint32_t node,
                                  aigov_error *err)
{
    const aigov_json *j = w->j;
    char tag = assistant ? 'a' : 'u';
    aigov_status st = AIGOV_OK;
    if (j->node[node].type == AIGOV_JSON_STRING) {
        return text_item(w, assistant, tag, aigov__text(j, node), err);
    }
    if (j->node[node].type != AIGOV_JSON_ARRAY) {
        return AIGOV_OK;
    }
    for (uint32_t i = node + 1; i < j->node[node].next && st == AIGOV_OK;
         i = j->node[i].next) {
        st = j->node[i].type == AIGOV_JSON_OBJECT
                 ? part_item(w, assistant, i, err)
             : j->node[i].type == AIGOV_JSON_STRING
                 ? text_item(w, assistant, tag, aigov__text(j, i), err)
                 : AIGOV_OK;
    }
    return st;
}

/* The calls of a chat message as OpenAI writes it. */
static aigov_status chat_calls(walk *w, uint32_t list, aigov_error *err)
{
    const aigov_json *j = w->j;
    aigov_status st = AIGOV_OK;
    if (list == 0 || j->node[list].type != AIGOV_JSON_ARRAY) {
        return AIGOV_OK;
    }
    for (uint32_t i = list + 1; i < j->node[list].next && st == AIGOV_OK;
         i = j->node[i].next) {
        uint32_t f = aigov_json_get(j, i, "function");
        st = call_item(w, first_text(j, i, "id", NULL, NULL),
                       f != 0 ? first_text(j, f, "name", NULL, NULL)
                              : AIGOV_ABSENT,
                       f != 0 ? aigov_json_get(j, f, "arguments") : 0, err);
    }
    return st;
}

static aigov_status message(walk *w, uint32_t node, aigov_error *err)
{
    const aigov_json *j = w->j;
    aigov_span role = text_at(j, aigov_json_get(j, node, "role"));
    uint32_t content = aigov_json_get(j, node, "parts");
    bool assistant = w->output || aigov_span_is(role, "assistant") ||
                     aigov_span_is(role, "model");
    aigov_span id = text_at(j, aigov_json_get(j, node, "tool_call_id"));
    aigov_status st;
    content = content != 0 ? content : aigov_json_get(j, node, "content");
    if (aigov_span_is(role, "system") || aigov_span_is(role, "developer")) {
        return AIGOV_OK;
    }
    if (role.p == NULL && aigov_json_get(j, node, "type") != 0) {
        return part_item(w, assistant, node, err);
    }
    if (id.p != NULL) {
        return result_item(w, id, content, err);
    }
    st = content != 0 ? content_items(w, assistant, content, err) : AIGOV_OK;
    return st == AIGOV_OK
               ? chat_calls(w, aigov_json_get(j, node, "tool_calls"), err)
               : st;
}

/* All of input or output: a text, a message, or a list of messages. */
static aigov_status messages(walk *w, uint32_t node, aigov_error *err)
{
    const aigov_json *j = w->j;
    char tag = w->output ? 'a' : 'u';
    aigov_status st = AIGOV_OK;
    w->r->part.n = 0;
    if (j->node[node].type == AIGOV_JSON_STRING) {
        st = text_item(w, w->output, tag, aigov__text(j, node), err);
    } else if (j->node[node].type == AIGOV_JSON_OBJECT) {
        st = message(w, node, err);
    } else if (j->node[node].type == AIGOV_JSON_ARRAY) {
        for (uint32_t i = node + 1; i < j->node[node].next && st == AIGOV_OK;
             i = j->node[i].next) {
            st = j->node[i].type == AIGOV_JSON_OBJECT ? message(w, i, err)
                 : j->node[i].type == AIGOV_JSON_STRING
                     ? text_item(w, w->output, tag, aigov__text(j, i), err)
                     : AIGOV_OK;
        }
    }
    return st == AIGOV_OK ? close_run(w, err) : st;
}

static aigov_status gather(aigov_record *r, const aigov_json *j, uint32_t node,
                           bool output, bool hashes, bool calls,
                           aigov_error *err)
{
    walk w = {.r = r,
              .d = &r->dialog,
              .j = j,
              .hashes = hashes,
              .calls = calls,
              .output = output};
    aigov_status st = messages(&w, node, err);
    if (st == AIGOV_OK && hashes && !output && w.run > 0) {
        r->dialog.has_input = true;
        r->dialog.input = w.s;
    }
    return st;
}

/* --- what a record says -------------------------------------------------- */

static bool is_list(const aigov_record *r, uint32_t member)
{
    uint32_t node = r->node[member];
    return node != 0 && r->j.node[node].type >= AIGOV_JSON_ARRAY;
}

static bool is_named(const aigov_record *r, uint32_t member)
{
    uint32_t node = r->node[member];
    return node != 0 && r->j.node[node].type == AIGOV_JSON_STRING &&
           r->j.node[node].size > 0;
}

/* Ids of APIs that keep no state are never referred to. */
static bool is_referred_to(aigov_span id)
{
    return id.n > 0 && !(id.n > 8 && memcmp(id.p, "chatcmpl", 8) == 0) &&
           !(id.n > 4 && memcmp(id.p, "msg_", 4) == 0);
}

static bool begins_resp(aigov_span id)
{
    return id.n > 4 && memcmp(id.p, "resp", 4) == 0;
}

/* The id that this answer may be referred to by, and the one it refers to. */
static aigov_status ids(aigov_record *r, aigov_error *err)
{
    aigov__dialog *d = &r->dialog;
    uint32_t params = r->node[AIGOV__M_params];
    uint32_t own = r->node[AIGOV__M_provider_response_id];
    aigov_span id = own != 0 ? text_at(&r->j, own) : AIGOV_ABSENT;
    aigov_span before = AIGOV_ABSENT;
    aigov_status st = AIGOV_OK;
    if (params != 0) {
        before = text_at(&r->j,
                         aigov_json_get(&r->j, params, "previous_response_id"));
    }
    if (before.n > 0) {
        d->has_before = true;
        st = aigov__turn_hash(r, 'r', 0, before, &d->before, err);
    }
    if (st == AIGOV_OK && is_referred_to(id) && (d->any || begins_resp(id))) {
        d->has_own_id = true;
        st = aigov__turn_hash(r, 'r', 0, id, &d->own_id, err);
    }
    return st;
}

/* conversation, else session */
static aigov_status conversation(aigov_record *r, aigov_error *err)
{
    uint32_t m = is_named(r, AIGOV__M_conversation) ? AIGOV__M_conversation
                                                    : AIGOV__M_session;
    if (!is_named(r, m)) {
        return AIGOV_OK;
    }
    r->dialog.has_conversation = true;
    return aigov__turn_hash(r, m == AIGOV__M_conversation ? 'c' : 's', 0,
                            aigov__text(&r->j, r->node[m]),
                            &r->dialog.conversation, err);
}

static aigov_status gather_all(aigov_record *r, bool hashes, bool calls,
                               aigov_error *err)
{
    uint32_t input = r->node[AIGOV__M_input];
    uint32_t output = r->node[AIGOV__M_output];
    aigov_status st = AIGOV_OK;
    if (r->dialog.asks && r->dialog.any && input != 0) {
        st = gather(r, &r->j, input, false, hashes, calls, err);
    }
    if (st == AIGOV_OK && r->dialog.answers && output != 0) {
        st = gather(r, &r->j, output, true, hashes, calls, err);
    }
    return st;
}

static aigov_status hash_all(aigov_record *r, bool calls, aigov_error *err)
{
    aigov_status st = conversation(r, err);
    if (st == AIGOV_OK) {
        st = ids(r, err);
    }
    return st == AIGOV_OK ? gather_all(r, true, calls, err) : st;
}

void aigov__turns_none(aigov_record *r)
{
    aigov__dialog *d = &r->dialog;
    if (d->keyed) {
        aigov_wipe(d->key, sizeof d->key);
    }
    *d = (aigov__dialog){.text = d->text,
                         .call = d->call,
                         .call_cap = d->call_cap,
                         .found = d->found};
    d->text.n = d->found.n = 0;
}

/* Whether it names the answer before it, or may be named by the next. */
static bool refers(const aigov_record *r)
{
    uint32_t params = r->node[AIGOV__M_params];
    uint32_t own = r->node[AIGOV__M_provider_response_id];
    return (own != 0 && begins_resp(text_at(&r->j, own))) ||
           (params != 0 &&
            aigov_json_get(&r->j, params, "previous_response_id") != 0);
}

/* Nothing is remembered of a text that is asked and answered once. */
static void look(aigov_record *r)
{
    aigov__dialog *d = &r->dialog;
    aigov_span kind = r->draft.kind;
    bool one_shot = AIGOV__IS(kind, "interaction");
    d->any = is_list(r, AIGOV__M_input) || is_list(r, AIGOV__M_output) ||
             is_named(r, AIGOV__M_conversation) ||
             is_named(r, AIGOV__M_session);
    d->asks = (one_shot || AIGOV__IS(kind, "request")) && (d->any || refers(r));
    d->answers = (one_shot && d->asks) || AIGOV__IS(kind, "response");
}

static int32_t attempt_of(const aigov_record *r)
{
    uint32_t node = r->node[AIGOV__M_attempt];
    int64_t v = r->attempt;
    if (node != 0 && !aigov_json_i64(&r->j, node, &v)) {
        v = 1;
    }
    return v < 1 ? 1 : (int32_t)v;
}

aigov_status aigov__turns_original(aigov_record *r, aigov_error *err)
{
    aigov_status st;
    look(r);
    if (!r->keyed || (!r->dialog.asks && !r->dialog.answers)) {
        return AIGOV_OK;
    }
    st = aigov__turn_key(r->scanner, r->dialog.key, err);
    r->dialog.keyed = true;
    return st == AIGOV_OK ? hash_all(r, false, err) : st;
}

/* What a completion shows has the values put back: so it comes back. */
static aigov_status shown(aigov_record *r, aigov_error *err)
{
    aigov_json j = {.ctx = r->ctx};
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_CONTENT,
                                      aigov_buf_span(&r->answer), err);
    if (st == AIGOV_OK) {
        st = gather(r, &j, 0, true, true, false, err);
    }
    aigov_json_free(&j);
    return st;
}

aigov_status aigov__turns_stored(aigov_record *r, aigov_error *err)
{
    aigov__dialog *d = &r->dialog;
    aigov_status st;
    if (!d->asks && !d->answers) {
        return AIGOV_OK;
    }
    d->attempt = attempt_of(r);
    if (!d->keyed) {
        return hash_all(r, true, err);
    }
    st = gather_all(r, false, true, err);
    return st == AIGOV_OK && AIGOV__IS(r->draft.kind, "response") &&
                   r->asked != NULL && r->answer.n > 0
               ? shown(r, err)
               : st;
}
