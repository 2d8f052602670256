/*
 * history.c - the edges that the recorder finds, and what it remembers for them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The previous turn of a call is the first that is there of
 *
 *   the call whose provider_response_id is its params.previous_response_id
 *   the call whose input and output its input begins with, the longest first
 *   of the same conversation, else session, the one whose answer is the last
 *   in its input
 *
 * (turns.c), all of the same login and log.  Its edges, and those of calls of
 * tools, stand in body.refs behind the caller's, marked "source":"recorded":
 *
 *   ia:Q used msg:P.out                          role history, strength history
 *   msg:P.CALL.result wasGeneratedBy tool:P.CALL
 *   ia:Q used msg:P.CALL.result                  role tool_result
 *   tool:P.CALL wasInformedBy ia:P               in the answer that issued it
 *
 * What has no room is left out and counted (body.refs_left_out): an edge that
 * was found never makes a record fail.
 */
#include "internal.h"

#define MAX_REFS 256 /* members.def */

/* --- the names of a call's nodes ----------------------------------------- */

typedef struct named_call {
    char id[AIGOV_UUID_LEN + 1];
    int32_t attempt;
} named_call;

static named_call name_of(const uint8_t id[16], int32_t attempt)
{
    named_call c = {.attempt = attempt};
    aigov_uuid_format(id, c.id);
    return c;
}

/* kind, the interaction, from the second on the attempt, and what of it */
static bool put_node(aigov_buf *b, const char *kind, const named_call *c,
                     aigov_span call, const char *end)
{
    return aigov_buf_puts(b, kind) && aigov_buf_puts(b, c->id) &&
           (c->attempt < 2 ||
            (aigov_buf_puts(b, "/") && aigov_buf_put_i64(b, c->attempt))) &&
           (call.p == NULL ||
            (aigov_buf_puts(b, ".") && aigov_buf_put(b, call.p, call.n))) &&
           aigov_buf_puts(b, end);
}

/* --- what was found ------------------------------------------------------ */

typedef struct finder {
    aigov_record *r;
    const aigov_turns *turns;
    int64_t login; /* what its fingerprints are combined with */
    named_call self, before;
    bool has_before;
    uint32_t before_run; /* of the input, its answer; UINT32_MAX: none of it */
    size_t room;         /* bytes */
    uint32_t refs;       /* of the caller, and found */
} finder;

/* The element that begins at `from`, or it is taken back and counted. */
static void keep(finder *f, size_t from)
{
    aigov_buf *b = &f->r->dialog.found;
    if (f->refs >= MAX_REFS || b->n - from > f->room) {
        b->n = from;
        f->r->dialog.left_out++;
        return;
    }
    f->room -= b->n - from;
    f->refs++;
}

static bool put_used(finder *f, const named_call *of, aigov_span call,
                     const char *end, const char *role)
{
    aigov_buf *b = &f->r->dialog.found;
    size_t from = b->n;
    bool ok =
        aigov_buf_puts(b, from == 0 ? "{\"cause\":\"" : ",{\"cause\":\"") &&
        put_node(b, "msg:", of, call, end) &&
        aigov_buf_puts(b, "\",\"effect\":\"") &&
        put_node(b, "ia:", &f->self, AIGOV_ABSENT, "") &&
        aigov_buf_puts(b, "\",\"relation\":\"used\",") &&
        aigov_buf_puts(b, role);
    if (ok) {
        keep(f, from);
    }
    return ok;
}

static bool put_result(finder *f, const named_call *of, aigov_span call)
{
    aigov_buf *b = &f->r->dialog.found;
    size_t from = b->n;
    bool ok =
        aigov_buf_puts(b, from == 0 ? "{\"cause\":\"" : ",{\"cause\":\"") &&
        put_node(b, "tool:", of, call, "\",\"effect\":\"") &&
        put_node(b, "msg:", of, call, ".result\",\"relation\":") &&
        aigov_buf_puts(b, "\"wasGeneratedBy\",\"source\":\"recorded\"}");
    if (ok) {
        keep(f, from);
    }
    return ok;
}

static bool put_issued(finder *f, aigov_span call)
{
    aigov_buf *b = &f->r->dialog.found;
    size_t from = b->n;
    bool ok =
        aigov_buf_puts(b, from == 0 ? "{\"cause\":\"" : ",{\"cause\":\"") &&
        put_node(b, "ia:", &f->self, AIGOV_ABSENT, "\",\"effect\":\"") &&
        put_node(b, "tool:", &f->self, call, "\",\"relation\":") &&
        aigov_buf_puts(b, "\"wasInformedBy\",\"source\":\"recorded\"}");
    if (ok) {
        keep(f, from);
    }
    return ok;
}

/* --- the previous turn --------------------------------------------------- */

/* Only calls of this login: its fingerprints are its own. */
static aigov_status login_number(finder *f, aigov_error *err)
{
    const aigov_span part[] = {AIGOV_LIT("\x05"), f->turns->login};
    uint8_t hash[AIGOV_HASH_LEN];
    uint64_t v = 0;
    aigov_status st = aigov_sha256(f->r->ctx, part, 2, hash, err);
    for (int i = 0; i < 8; i++) {
        v = v << 8 | hash[i];
    }
    f->login = (int64_t)v;
    return st;
}

static aigov_status find(finder *f, int64_t fingerprint, aigov_turn *out,
                         aigov_error *err)
{
    memset(out, 0, sizeof *out);
    return f->turns->find(f->turns->host, fingerprint ^ f->login, out, err);
}

/* The call itself, asked again, is not its own history. */
static bool is_self(const finder *f, const named_call *c)
{
    return c->attempt == f->self.attempt && strcmp(c->id, f->self.id) == 0;
}

static aigov_status try(finder *f, int64_t fingerprint, uint32_t run,
                        aigov_error *err)
{
    aigov_turn t;
    aigov_status st = find(f, fingerprint, &t, err);
    if (st == AIGOV_OK && t.attempt > 0) {
        f->before = name_of(t.interaction, t.attempt);
        f->has_before = !is_self(f, &f->before);
        f->before_run = run;
    }
    return st;
}

static aigov_status find_before(finder *f, aigov_error *err)
{
    const aigov__dialog *d = &f->r->dialog;
    uint32_t tries =
        d->prefixes < AIGOV__PREFIXES ? d->prefixes : AIGOV__PREFIXES;
    aigov_status st = AIGOV_OK;
    int64_t last;
    if (d->has_before) {
        st = try(f, d->before, d->prefixes > 0 ? d->last_run : UINT32_MAX, err);
    }
    for (uint32_t i = 1; i <= tries && st == AIGOV_OK && !f->has_before; i++) {
        const struct aigov__prefix *p =
            &d->prefix[(d->prefixes - i) % AIGOV__PREFIXES];
        st = try(f, p->state, p->run, err);
    }
    if (st == AIGOV_OK && !f->has_before && d->prefixes > 0 &&
        d->has_conversation) {
        st = aigov__turn_number(f->r, 'l', d->conversation, d->last_answer,
                                &last, err);
        st = st == AIGOV_OK ? try(f, last, d->last_run, err) : st;
    }
    return st;
}

/* --- calls of tools ------------------------------------------------------ */

static aigov_span id_at(const aigov__dialog *d, const aigov__tool_call *c)
{
    return (aigov_span){d->text.p + c->at, c->n};
}

/* For each result the run of the input in which its call was made. */
static void match_results(aigov__dialog *d)
{
    for (size_t i = 0; i < d->calls; i++) {
        for (size_t k = i;
             d->call[i].what == AIGOV__CALL_ANSWERED && k-- > 0;) {
            if (d->call[k].what == AIGOV__CALL_MADE &&
                d->call[k].run < d->call[i].run &&
                aigov_span_eq(id_at(d, &d->call[k]), id_at(d, &d->call[i]))) {
                d->call[i].made = d->call[k].run;
                break;
            }
        }
    }
}

/* Calls of turns before the previous one stand in the entries of those; a call
 * that nobody recorded is this one's. */
static bool put_answered(finder *f, const aigov__tool_call *c)
{
    aigov_span id = id_at(&f->r->dialog, c);
    bool known = f->has_before && f->before_run != UINT32_MAX;
    bool of_before =
        f->has_before && (c->made == UINT32_MAX || c->made == f->before_run);
    const named_call *of = of_before ? &f->before : &f->self;
    if (known && c->made < f->before_run) {
        return true;
    }
    return put_used(f, of, id, ".result",
                    "\"role\":\"tool_result\",\"source\":\"recorded\","
                    "\"strength\":\"context\"}") &&
           put_result(f, of, id);
}

/* Whether the same id came before it, in the same place. */
static bool is_repeated(const aigov__dialog *d, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (d->call[k].what == d->call[i].what &&
            d->call[k].made == d->call[i].made &&
            aigov_span_eq(id_at(d, &d->call[k]), id_at(d, &d->call[i]))) {
            return true;
        }
    }
    return false;
}

static bool put_calls(finder *f)
{
    aigov__dialog *d = &f->r->dialog;
    bool ok = true;
    match_results(d);
    for (size_t i = 0; ok && i < d->calls; i++) {
        const aigov__tool_call *c = &d->call[i];
        if (c->what != AIGOV__CALL_MADE && !is_repeated(d, i)) {
            ok = c->what == AIGOV__CALL_ISSUED ? put_issued(f, id_at(d, c))
                                               : put_answered(f, c);
        }
    }
    return ok;
}

static aigov_status put_found(finder *f, aigov_error *err)
{
    aigov_record *r = f->r;
    uint32_t refs = r->node[AIGOV__M_refs];
    size_t size;
    aigov_status st;
    if (!f->has_before && r->dialog.calls == 0) {
        return AIGOV_OK;
    }
    st = aigov__envelope_size(r, &size, err);
    if (st != AIGOV_OK) {
        return st;
    }
    size += sizeof "\"refs\":[],\"refs_left_out\":1000000,";
    f->room = size < AIGOV__MAX_ENVELOPE ? AIGOV__MAX_ENVELOPE - size : 0;
    f->refs = refs != 0 ? r->j.node[refs].size : 0;
    r->dialog.left_out = r->dialog.more_calls;
    return (!f->has_before ||
            put_used(f, &f->before, AIGOV_ABSENT, ".out",
                     "\"role\":\"history\",\"source\":\"recorded\","
                     "\"strength\":\"history\"}")) &&
                   put_calls(f)
               ? AIGOV_OK
               : aigov__nomem(err);
}

/* --- what is remembered -------------------------------------------------- */

static void remember(finder *f, int64_t fingerprint, bool has_state,
                     const uint8_t interaction[16])
{
    aigov__dialog *d = &f->r->dialog;
    aigov_turn *t = &d->turn[d->turns++];
    *t = (aigov_turn){.fingerprint = fingerprint ^ f->login,
                      .state = has_state ? d->input : 0,
                      .has_state = has_state,
                      .attempt = f->self.attempt};
    memcpy(t->interaction, interaction, sizeof t->interaction);
}

static aigov_status request_number(const aigov_record *r,
                                   const uint8_t interaction[16], int64_t *out,
                                   aigov_error *err)
{
    return aigov__turn_hash(
        r, 'q', 0, (aigov_span){(const char *)interaction, 16}, out, err);
}

/* A response goes on from the input of its request. */
static aigov_status find_input(finder *f, const uint8_t interaction[16],
                               aigov_error *err)
{
    aigov__dialog *d = &f->r->dialog;
    aigov_turn t;
    int64_t asked;
    aigov_status st = request_number(f->r, interaction, &asked, err);
    if (st == AIGOV_OK) {
        st = find(f, asked, &t, err);
    }
    if (st == AIGOV_OK && t.has_state) {
        d->has_input = true;
        d->input = t.state;
    }
    return st;
}

static aigov_status remember_request(finder *f, const uint8_t interaction[16],
                                     aigov_error *err)
{
    int64_t number;
    aigov_status st = request_number(f->r, interaction, &number, err);
    if (st == AIGOV_OK) {
        remember(f, number, true, interaction);
    }
    return st;
}

/* By all that was said, and by the answer in its conversation. */
static aigov_status remember_answer(finder *f, const uint8_t interaction[16],
                                    aigov_error *err)
{
    const aigov__dialog *d = &f->r->dialog;
    aigov_status st = AIGOV_OK;
    int64_t number;
    if (d->has_input) {
        st = aigov__turn_number(f->r, 'a', d->input, d->answer, &number, err);
        if (st != AIGOV_OK) {
            return st;
        }
        remember(f, number, false, interaction);
    }
    if (d->has_conversation) {
        st = aigov__turn_number(f->r, 'l', d->conversation, d->answer, &number,
                                err);
        if (st == AIGOV_OK) {
            remember(f, number, false, interaction);
        }
    }
    return st;
}

static aigov_status remember_all(finder *f, const uint8_t interaction[16],
                                 aigov_error *err)
{
    const aigov__dialog *d = &f->r->dialog;
    aigov_status st = AIGOV_OK;
    if (!d->answers) {
        return d->has_input ? remember_request(f, interaction, err) : AIGOV_OK;
    }
    if (AIGOV__IS(f->r->draft.kind, "response") && d->has_answer) {
        st = find_input(f, interaction, err);
    }
    if (st == AIGOV_OK && d->has_answer) {
        st = remember_answer(f, interaction, err);
    }
    if (st == AIGOV_OK && d->has_own_id) {
        remember(f, d->own_id, false, interaction);
    }
    return st;
}

/* --- the whole ----------------------------------------------------------- */

static bool is_concerned(const aigov_record *r)
{
    const aigov__dialog *d = &r->dialog;
    return r->governance == NULL &&
           (d->has_before || d->has_input || d->has_answer || d->has_own_id ||
            d->prefixes > 0 || d->calls > 0);
}

aigov_status aigov_record_history(aigov_record *r, const uint8_t id[16],
                                  const aigov_turns *turns, aigov_error *err)
{
    const aigov_draft *draft = &r->draft;
    const uint8_t *own = draft->has_interaction ? draft->interaction : id;
    finder f = {.r = r, .turns = turns};
    aigov_status st;
    r->dialog.turns = 0;
    r->dialog.found.n = 0;
    r->dialog.left_out = 0;
    if (!is_concerned(r)) {
        return AIGOV_OK;
    }
    f.self = name_of(own, r->dialog.attempt);
    st = login_number(&f, err);
    if (st == AIGOV_OK && r->dialog.asks) {
        st = find_before(&f, err);
    }
    if (st == AIGOV_OK) {
        st = put_found(&f, err);
    }
    return st == AIGOV_OK ? remember_all(&f, own, err) : st;
}

const aigov_turn *aigov_record_turns(const aigov_record *r, size_t *n)
{
    *n = r->dialog.turns;
    return r->dialog.turn;
}

bool aigov__put_found_refs(const aigov_record *r, aigov_buf *b)
{
    const aigov_buf *found = &r->dialog.found;
    bool given = r->slice[AIGOV__M_refs].p != NULL;
    if (found->n == 0) {
        return true;
    }
    if (given) {
        return (b->p[b->n - 1] == '[' || aigov_buf_put(b, ",", 1)) &&
               aigov_buf_put(b, found->p, found->n);
    }
    return aigov_buf_puts(b, "\"refs\":[") &&
           aigov_buf_put(b, found->p, found->n) && aigov_buf_puts(b, "],");
}

bool aigov__put_left_out(const aigov_record *r, aigov_buf *b)
{
    return r->dialog.left_out == 0 ||
           (aigov_buf_puts(b, "\"refs_left_out\":") &&
            aigov_buf_put_i64(b, r->dialog.left_out) &&
            aigov_buf_put(b, ",", 1));
}
