/*
 * send.c - the request as it may leave, the answer as its caller may see it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What is stored is redacted for the store; what goes to a model is redacted
 * from the text that was handed in, by the profile of sink model and what the
 * decision obliges to.  So that a completion can say what was sent
 * (sent_digest), the object is canonical.
 *
 *   {"documents":[..],"input":..,"system_instructions":..,
 *    "tool":{"arguments":{..}},"tools":[..]}
 *
 * Findings are numbered placeholders (core/redact/numbered.c).  With a
 * redaction key the entry's content holds what they stand for in its vault, so
 * that later attempts use the same ones and the completion puts the values
 * back.  Which entries count as earlier ones the host says: those that this
 * login recorded, so nobody gets a value that he did not hand in himself.
 *
 * What outside detectors found is said of places of the record.  So where there
 * is any, the text as it was handed in is redacted first, and the object is
 * made of what that gives; its placeholders have no numbers, and no value is
 * put back for them.
 *
 * An answer's output is redacted as it is for the store, from the text that was
 * handed in; then values are put back.  Nothing here makes a call fail that
 * could be recorded: a vault that was changed, or whose key is not there, holds
 * nothing.
 */
#include "internal.h"

#include "../policy/internal.h"

static const char *const names[] = {"documents", "input", "system_instructions",
                                    "tool", "tools"};

static bool put_name(aigov_buf *b, bool *first, const char *name)
{
    bool ok = (*first || aigov_buf_puts(b, ",")) &&
              aigov_buf_put_json_string(b, aigov_str(name)) &&
              aigov_buf_puts(b, ":");
    *first = false;
    return ok;
}

/* Of a tool what it is called with. */
static aigov_status put_arguments(const aigov_json *j, uint32_t tool,
                                  bool *first, aigov_buf *b, aigov_error *err)
{
    uint32_t i = j->node[tool].type == AIGOV_JSON_OBJECT
                     ? aigov_json_get(j, tool, "arguments")
                     : 0;
    aigov_status st;
    if (i == 0) {
        return AIGOV_OK;
    }
    if (!put_name(b, first, "tool") || !aigov_buf_puts(b, "{\"arguments\":")) {
        return aigov__nomem(err);
    }
    st = aigov_json_canonical(j, i, b, err);
    return st == AIGOV_OK && !aigov_buf_puts(b, "}") ? aigov__nomem(err) : st;
}

static aigov_status gather(const aigov_json *j, aigov_buf *b, aigov_error *err)
{
    aigov_status st = aigov_buf_puts(b, "{") ? AIGOV_OK : aigov__nomem(err);
    bool first = true;
    for (size_t k = 0; k < sizeof names / sizeof names[0] && st == AIGOV_OK;
         k++) {
        uint32_t i = aigov_json_get(j, 0, names[k]);
        if (i == 0 || j->node[i].type == AIGOV_JSON_NULL) {
            continue;
        }
        if (strcmp(names[k], "tool") == 0) {
            st = put_arguments(j, i, &first, b, err);
        } else {
            st = put_name(b, &first, names[k])
                     ? aigov_json_canonical(j, i, b, err)
                     : aigov__nomem(err);
        }
    }
    return st == AIGOV_OK && !aigov_buf_puts(b, "}") ? aigov__nomem(err) : st;
}

/* --- what outside detectors found ---------------------------------------- */

static bool leaves(aigov_span name)
{
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        if (aigov_span_is(name, names[k])) {
            return true;
        }
    }
    return aigov_span_is(name, "output");
}

/* Replace what is found in each member that leaves, in the order of the text,
 * as r->outside is. */
static aigov_status rewrite(aigov__rewriter *w, const aigov_json *j,
                            aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    for (uint32_t i = 1; i < j->node[0].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        if (leaves(aigov__text(j, i))) {
            st = aigov__rewrite_value(w, i + 1, AIGOV__IN_PARTS, err);
        }
    }
    return st;
}

/* Read what was handed in into j, and where outside detectors found something
 * in it, what it is without that, which is kept in *without. */
static aigov_status read_text(aigov_record *r, int sink, aigov_buf *without,
                              aigov_json *j, aigov_error *err)
{
    aigov_status st = aigov_json_read(j, AIGOV_JSON_CONTENT, r->raw, err);
    aigov__rewriter *w;
    if (st != AIGOV_OK || r->outsides == 0) {
        return st;
    }
    w = aigov__rewriter_of(r->scanner);
    if (w == NULL) {
        return aigov__nomem(err);
    }
    aigov__scanner_for(r->scanner, r->in_force, sink, r->col.system);
    aigov__rewrite_begin(w, j, r->raw, without);
    aigov__rewrite_outside(w, r->outside, r->outsides);
    st = rewrite(w, j, err);
    if (st == AIGOV_OK && !aigov__rewrite_end(w, true)) {
        st = aigov__nomem(err);
    }
    return st == AIGOV_OK ? aigov_json_read(j, AIGOV_JSON_CONTENT,
                                            aigov_buf_span(without), err)
                          : st;
}

/* --- what the decision obliges to ---------------------------------------- */

typedef struct obliged {
    const aigov_json *j;
    uint32_t list; /* of body.policy; 0: there is none */
} obliged;

static aigov_span text_of(const aigov_json *j, uint32_t object,
                          const char *name)
{
    uint32_t i = j->node[object].type == AIGOV_JSON_OBJECT
                     ? aigov_json_get(j, object, name)
                     : 0;
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

/* "pii.email", "pii.*"; "*" and no target are all classes. */
static bool covers(aigov_span target, aigov_span class_)
{
    size_t n = target.n;
    if (n == 0 || aigov_span_is(target, "*")) {
        return true;
    }
    if (n > 2 && target.p[n - 1] == '*' && target.p[n - 2] == '.') {
        return class_.n >= n - 1 && memcmp(class_.p, target.p, n - 1) == 0;
    }
    return aigov_span_eq(target, class_);
}

static int strictness(aigov_span op)
{
    static const char *const order[] = {"keep", "vault",   "pseudonym", "hash",
                                        "mask", "replace", "drop"};
    for (int i = 0; i < 7; i++) {
        if (aigov_span_is(op, order[i])) {
            return i;
        }
    }
    return 5; /* a value that is none: replace */
}

/* The strictest operator for a class, or absent. */
static aigov_span operator_for(const obliged *o, aigov_span class_)
{
    const aigov_json *j = o->j;
    aigov_span best = AIGOV_ABSENT;
    for (uint32_t i = o->list + 1; o->list != 0 && i < j->node[o->list].next;
         i = j->node[i].next) {
        aigov_span op = text_of(j, i, "value");
        if (!aigov_span_is(text_of(j, i, "kind"), "redact") ||
            !covers(text_of(j, i, "target"), class_)) {
            continue;
        }
        op = op.n == 0 ? AIGOV_LIT("replace") : op;
        if (best.p == NULL || strictness(op) > strictness(best)) {
            best = op;
        }
    }
    return best;
}

static aigov_span operator_of(void *host, const aigov_detector *d, bool own)
{
    char text[80];
    aigov_span class_ = aigov__class_of(aigov_str(d->entity), own, text);
    return class_.n == 0 ? AIGOV_ABSENT : operator_for(host, class_);
}

/* Whether values of an entity stay away from the answer. */
static bool is_withheld(void *host, aigov_span entity)
{
    char text[80];
    aigov_span op = operator_for(host, aigov__class_of(entity, false, text));
    if (op.p == NULL) {
        op = operator_for(host, aigov__class_of(entity, true, text));
    }
    return op.p != NULL && !aigov_span_is(op, "keep");
}

/* Read what was decided; the profile of a sink, or what is stricter. */
static aigov_status choose(aigov_record *r, int sink, aigov_json *j, obliged *o,
                           aigov_error *err)
{
    aigov_status st;
    *o = (obliged){j, 0};
    aigov__scanner_for(r->scanner, r->in_force, sink, r->col.system);
    if (r->policy.n == 0) {
        return AIGOV_OK;
    }
    st = aigov_json_read(j, AIGOV_JSON_STRICT, aigov_buf_span(&r->policy), err);
    if (st != AIGOV_OK) {
        return st;
    }
    o->list = aigov_json_get(j, 0, "obligations");
    return o->list == 0
               ? AIGOV_OK
               : aigov__scanner_stricter(r->scanner, operator_of, o, err);
}

/* --- earlier attempts ---------------------------------------------------- */

typedef struct earlier {
    aigov_record *r;
    const char *sent; /* the digest that a completion names, or NULL */
    aigov__sent was;
} earlier;

static bool is_intact(aigov_record *r, const aigov_attempt *a)
{
    uint8_t have[AIGOV_HASH_LEN];
    aigov_error err;
    return a->salt.n == 32 && a->entry->commitment.n == sizeof have &&
           aigov_commitment(r->ctx, (const uint8_t *)a->salt.p, a->content,
                            have, &err) == AIGOV_OK &&
           memcmp(have, a->entry->commitment.p, sizeof have) == 0;
}

/* Of a vault the numbered ones. */
static bool is_numbered(aigov_span token)
{
    return token.n > 0 && memchr(token.p, ':', token.n) == NULL;
}

/* Every value of a vault that can be opened. */
static aigov_status add_vault(earlier *e, const aigov_attempt *a,
                              aigov_span tenant, const aigov_json *j,
                              uint32_t vault, aigov_error *err)
{
    aigov_record *r = e->r;
    aigov_span interaction = a->entry->interaction;
    aigov_buf value;
    aigov_status st = AIGOV_OK;
    aigov_buf_init(&value, r->ctx);
    for (uint32_t i = vault + 1; i < j->node[vault].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        aigov_span token = aigov_json_text(j, i);
        if (!is_numbered(token) || j->node[i + 1].type != AIGOV_JSON_STRING) {
            continue;
        }
        value.n = 0;
        st = aigov__vault_open_by(r->scanner, (const uint8_t *)a->salt.p,
                                  interaction, tenant, token,
                                  aigov_json_text(j, i + 1), &value, err);
        if (st == AIGOV_OK &&
            !aigov__numbered_add(r->scanner, token, aigov_buf_span(&value))) {
            st = aigov__nomem(err);
        }
        st = st == AIGOV_KEY ? AIGOV_OK : st;
    }
    if (value.p != NULL) {
        aigov_wipe(value.p, value.n);
    }
    aigov_buf_free(&value);
    return st;
}

static void compare_digest(earlier *e, const aigov_json *content)
{
    aigov_span digest = text_of(content, 0, "sent_digest");
    if (e->sent != NULL && digest.n == 64) {
        bool same = memcmp(digest.p, e->sent, 64) == 0;
        e->was = same || e->was == AIGOV__SENT_CONFIRMED ? AIGOV__SENT_CONFIRMED
                                                         : AIGOV__SENT_DIFFERS;
    }
}

static aigov_status add_content(earlier *e, const aigov_attempt *a,
                                const aigov_json *body,
                                const aigov_json *content, aigov_error *err)
{
    uint32_t vault;
    if (content->node[0].type != AIGOV_JSON_OBJECT) {
        return AIGOV_OK;
    }
    compare_digest(e, content);
    vault = aigov_json_get(content, 0, "vault");
    return vault != 0 && content->node[vault].type == AIGOV_JSON_OBJECT &&
                   aigov__has_key(e->r->scanner)
               ? add_vault(e, a, text_of(body, 0, "tenant"), content, vault,
                           err)
               : AIGOV_OK;
}

static aigov_status add_attempt(void *host, const aigov_attempt *a,
                                aigov_error *err)
{
    earlier *e = host;
    aigov_json body = {.ctx = e->r->ctx}, content = {.ctx = e->r->ctx};
    aigov_status st;
    if (a->content.p == NULL || !is_intact(e->r, a)) {
        return AIGOV_OK;
    }
    st = aigov_json_read(&body, AIGOV_JSON_CONTENT, a->entry->body, err);
    if (st == AIGOV_OK) {
        st = aigov_json_read(&content, AIGOV_JSON_CONTENT, a->content, err);
    }
    if (st == AIGOV_OK) {
        st = add_content(e, a, &body, &content, err);
    }
    aigov_json_free(&body);
    aigov_json_free(&content);
    return st;
}

static const aigov_ledger *ledger_of(const aigov_record *r)
{
    return r->asked != NULL && r->asked->ledger != NULL ? r->asked->ledger
           : r->judge != NULL                           ? r->judge->ledger
                                                        : NULL;
}

/* What earlier attempts gave out and sent. */
static aigov_status look_back(aigov_record *r, earlier *e, aigov_error *err)
{
    const aigov_ledger *ledger = ledger_of(r);
    return ledger != NULL && ledger->attempts != NULL &&
                   r->draft.has_interaction && (r->keyed || e->sent != NULL)
               ? ledger->attempts(ledger->host, r->draft.interaction,
                                  add_attempt, e, err)
               : AIGOV_OK;
}

/* --- texts --------------------------------------------------------------- */

/* The placeholders of a JSON text, in one of the ways of rewrite.h. */
static aigov_status renumber(aigov_record *r, int way, aigov_buf *text,
                             aigov_error *err)
{
    aigov__rewriter *w = aigov__rewriter_of(r->scanner);
    aigov_json j = {.ctx = r->ctx};
    aigov_buf out;
    aigov_status st = w == NULL ? aigov__nomem(err)
                                : aigov_json_read(&j, AIGOV_JSON_CONTENT,
                                                  aigov_buf_span(text), err);
    aigov_buf_init(&out, r->ctx);
    if (st == AIGOV_OK) {
        aigov__numbered_walk(r->scanner, way);
        aigov__rewrite_begin(w, &j, aigov_buf_span(text), &out);
        st = aigov__rewrite_value(w, 0, AIGOV__NUMBERED, err);
    }
    if (st == AIGOV_OK && !aigov__rewrite_end(w, false)) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK && aigov__rewritten(w)) {
        aigov_buf was = *text;
        *text = out;
        out = was;
    }
    aigov_json_free(&j);
    aigov__wipe_buf(&out);
    return st;
}

/* text, canonical -> r->answer, canonical: redacted, and what the caller wrote
 * renumbered before, or values put back behind. */
static aigov_status redact(aigov_record *r, aigov_buf *text, bool restores,
                           aigov_error *err)
{
    aigov_buf clean;
    aigov_status st =
        renumber(r, restores ? AIGOV__NUMBERED_NOTE : AIGOV__NUMBERED_RESERVE,
                 text, err);
    aigov_buf_init(&clean, r->ctx);
    if (st == AIGOV_OK) {
        st = aigov_redact_json(r->scanner, aigov_buf_span(text), &clean, NULL,
                               err);
    }
    if (st == AIGOV_OK && restores) {
        st = renumber(r, AIGOV__NUMBERED_RESTORE, &clean, err);
    }
    if (st == AIGOV_OK) {
        st = aigov_canonical(r->ctx, aigov_buf_span(&clean), &r->answer, err);
    }
    aigov__wipe_buf(&clean);
    return st;
}

static aigov_status digest_of(aigov_record *r, aigov_error *err)
{
    aigov_span part = aigov_buf_span(&r->answer);
    r->sent_n = sizeof r->sent;
    return aigov_sha256(r->ctx, &part, 1, r->sent, err);
}

/* --- both sides ---------------------------------------------------------- */

static aigov_status send_on(aigov_record *r, aigov_buf *text, earlier *e,
                            aigov_error *err)
{
    aigov_status st = look_back(r, e, err);
    if (st == AIGOV_OK) {
        st = redact(r, text, false, err);
    }
    if (st == AIGOV_OK && aigov_may_go(r->draft.decision)) {
        st = digest_of(r, err);
        if (st == AIGOV_OK && r->keyed && !aigov__numbered_hold(r->scanner)) {
            st = aigov__nomem(err);
        }
    }
    return st;
}

static aigov_status output(aigov_record *r, aigov_buf *text, earlier *e,
                           obliged *o, aigov_error *err)
{
    aigov_status st = look_back(r, e, err);
    r->was_sent = e->was;
    if (st != AIGOV_OK || r->asked == NULL) {
        return st;
    }
    aigov__numbered_withhold(r->scanner, is_withheld, o);
    return redact(r, text, true, err);
}

/* The member output as it was handed in. */
static aigov_status gather_output(const aigov_json *j, aigov_buf *b,
                                  aigov_error *err)
{
    uint32_t i = aigov_json_get(j, 0, "output");
    return i != 0                      ? aigov_json_canonical(j, i, b, err)
           : aigov_buf_puts(b, "null") ? AIGOV_OK
                                       : aigov__nomem(err);
}

static aigov_status answer(aigov_record *r, bool request, aigov_buf *text,
                           aigov_error *err)
{
    earlier e = {r, NULL, AIGOV__SENT_UNKNOWN};
    aigov_json policy = {.ctx = r->ctx};
    obliged o;
    aigov_status st =
        choose(r, request ? AIGOV__MODEL : AIGOV__STORE, &policy, &o, err);
    if (!request && r->node[AIGOV__M_sent_digest] != 0) {
        e.sent = aigov_json_text(&r->j, r->node[AIGOV__M_sent_digest]).p;
    }
    if (st == AIGOV_OK) {
        st = aigov__numbered_begin(r->scanner, err);
    }
    if (st == AIGOV_OK) {
        st = request ? send_on(r, text, &e, err) : output(r, text, &e, &o, err);
    }
    aigov__numbered_end(r->scanner);
    aigov__scanner_for(r->scanner, r->in_force, AIGOV__STORE, r->col.system);
    aigov_json_free(&policy);
    return st;
}

aigov_status aigov__send(aigov_record *r, aigov_error *err)
{
    bool request = AIGOV__IS(r->draft.kind, "request");
    bool response = AIGOV__IS(r->draft.kind, "response");
    aigov_json j = {.ctx = r->ctx};
    aigov_buf text, without;
    aigov_status st;
    if (!(request && r->asked != NULL) &&
        !(response &&
          (r->asked != NULL || r->node[AIGOV__M_sent_digest] != 0))) {
        return AIGOV_OK;
    }
    aigov_buf_init(&text, r->ctx);
    aigov_buf_init(&without, r->ctx);
    st = read_text(r, request ? AIGOV__MODEL : AIGOV__STORE, &without, &j, err);
    if (st == AIGOV_OK) {
        st = request ? gather(&j, &text, err) : gather_output(&j, &text, err);
    }
    if (st == AIGOV_OK) {
        st = answer(r, request, &text, err);
    }
    aigov_json_free(&j);
    aigov__wipe_buf(&text);
    aigov__wipe_buf(&without);
    return st;
}

/* --- what the host asks for ---------------------------------------------- */

static aigov_status put_answer(const aigov_record *r, aigov_buf *out,
                               aigov_error *err)
{
    return (r->answer.n > 0 ? aigov_buf_put(out, r->answer.p, r->answer.n)
                            : aigov_buf_puts(out, "null"))
               ? AIGOV_OK
               : aigov__nomem(err);
}

aigov_status aigov_record_send(const aigov_record *r, aigov_buf *out,
                               aigov_error *err)
{
    return put_answer(r, out, err);
}

aigov_status aigov_record_output(const aigov_record *r, aigov_buf *out,
                                 aigov_error *err)
{
    return put_answer(r, out, err);
}

bool aigov_may_go(aigov_span word)
{
    return !aigov_span_is(word, "deny") &&
           !aigov_span_is(word, "require_approval");
}
