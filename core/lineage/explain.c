/*
 * explain.c - what led to an output, and why two outputs differ
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * explain tells every edge of the output and of all that is upstream of it,
 * the nearest first: who asked, template and model in their versions, documents
 * with the hash that the entry gives of them, tools, to whom it went, what was
 * erased.  What stands in the entry of a call and is no edge follows the edge
 * of the call:
 *
 *   used, role policy     policy:main@7, hash of the policy
 *   used, role rule       rule:main/7/x that matched
 *   used, role approval   act:ID that was used
 *   redacted              detector:us_ssn, role its direction, hash of the
 * rules
 */
#include "ask.h"
#include "part.h"

/* --- one entry ----------------------------------------------------------- */

typedef struct saying {
    int64_t id;
    size_t at, n; /* of the hash in the text */
} saying;

/* An entry whose edges are told, and what it says of hashes. */
typedef struct telling_entry {
    aigov_graph *g;
    aigov__stated stated;
    aigov__deriving deriving;
    aigov__sink sink;
    aigov_json body;
    bool readable; /* body was read */
    saying *said;
    size_t saids, said_cap;
    aigov_buf hashes, login;
} telling_entry;

static aigov_status know(void *host, aigov_span key, aigov_node_kind kind,
                         int64_t *id, aigov_error *err)
{
    telling_entry *t = host;
    (void)kind;
    return aigov__row_named(t->g, key, id, err);
}

static aigov_status pass_ref(void *host, const aigov_ref *r, aigov_error *err)
{
    (void)host;
    (void)r;
    (void)err;
    return AIGOV_OK;
}

static aigov_status pass_call(void *host, const aigov_call *c, aigov_error *err)
{
    (void)host;
    (void)c;
    (void)err;
    return AIGOV_OK;
}

static aigov_status keep_hash(void *host, int64_t id, aigov_span hash,
                              aigov_error *err)
{
    telling_entry *t = host;
    if (!aigov__room(t->g->ctx, (void **)&t->said, &t->said_cap,
                     sizeof *t->said, t->saids + 1)) {
        return aigov__nomem(err);
    }
    t->said[t->saids++] = (saying){id, t->hashes.n, hash.n};
    return aigov_buf_put(&t->hashes, hash.p, hash.n) ? AIGOV_OK
                                                     : aigov__nomem(err);
}

static void entry_init(telling_entry *t, aigov_graph *g)
{
    *t = (telling_entry){.g = g, .body = {.ctx = g->ctx}};
    t->sink = (aigov__sink){.host = t,
                            .intern = know,
                            .ref = pass_ref,
                            .call = pass_call,
                            .said = keep_hash};
    aigov__stated_init(&t->stated, g->ctx);
    aigov__derive_init(&t->deriving, g->ctx, &t->sink);
    aigov_buf_init(&t->hashes, g->ctx);
    aigov_buf_init(&t->login, g->ctx);
}

static void entry_free(telling_entry *t)
{
    aigov__derive_free(&t->deriving);
    aigov_json_free(&t->body);
    aigov_mfree(t->g->ctx, t->said, t->said_cap * sizeof *t->said);
    aigov_buf_free(&t->hashes);
    aigov_buf_free(&t->login);
    aigov_buf_free(&t->stated.system);
}

/* True: stop with st; what cannot be read says nothing. */
static bool stops(aigov_status st)
{
    return st == AIGOV_NOMEM || st == AIGOV_CANCELED;
}

static aigov_status read_login(telling_entry *t, aigov_error *err)
{
    aigov_span by = t->stated.entry.recorded_by, login;
    aigov_error unread;
    aigov_status st;
    t->login.n = 0;
    if (by.p == NULL) {
        return AIGOV_OK;
    }
    st = aigov_json_read(&t->body, AIGOV_JSON_STRICT, by, &unread);
    if (st != AIGOV_OK) {
        *err = unread;
        return stops(st) ? st : AIGOV_OK;
    }
    login = aigov__text_at(&t->body, aigov__member_of(&t->body, 0, "login"));
    return login.p == NULL || aigov_buf_put(&t->login, login.p, login.n)
               ? AIGOV_OK
               : aigov__nomem(err);
}

/* The entry at a place, its login, its hashes, its body. */
static aigov_status entry_read(telling_entry *t, int64_t log, int64_t place,
                               aigov_error *err)
{
    const aigov_entry *e = &t->stated.entry;
    aigov_error unread;
    aigov_status st;
    if (t->stated.log == log && t->stated.place == place) {
        return AIGOV_OK;
    }
    t->saids = t->hashes.n = t->login.n = 0;
    t->readable = false;
    st = aigov__stated_read(&t->stated, t->g, log, place, err);
    if (st != AIGOV_OK || !t->stated.known) {
        return st;
    }
    st = read_login(t, err);
    /* an erasure names nothing, and looks for another entry */
    if (st == AIGOV_OK && !aigov_span_is(e->kind, "erasure")) {
        st = aigov__derive(&t->deriving, e, NULL, err);
    }
    if (st != AIGOV_OK || e->body.p == NULL) {
        return st;
    }
    st = aigov_json_read(&t->body, AIGOV_JSON_STRICT, e->body, &unread);
    t->readable = st == AIGOV_OK;
    if (stops(st)) {
        *err = unread;
        return st;
    }
    return AIGOV_OK;
}

static aigov_cell hash_cell(const telling_entry *t, int64_t id)
{
    for (size_t i = 0; i < t->saids; i++) {
        if (t->said[i].id == id) {
            return aigov__span_cell(
                (aigov_span){t->hashes.p + t->said[i].at, t->said[i].n});
        }
    }
    return aigov__null();
}

/* --- rows ---------------------------------------------------------------- */

/* Behind the last @ and before a #. */
static aigov_cell version_cell(aigov_span name)
{
    size_t end = name.n, at;
    for (size_t i = 0; i < name.n; i++) {
        end = name.p[i] == '#' ? i : end;
    }
    for (at = end; at > 0 && name.p[at - 1] != '@'; at--) {
    }
    return at > 0 && at < end
               ? aigov__span_cell((aigov_span){name.p + at, end - at})
               : aigov__null();
}

typedef struct explaining {
    aigov__asking *a;
    aigov__part part;
    telling_entry entry;
    aigov_buf made;
    int64_t step;
} explaining;

/* Cells 6 to 13: what all rows of an entry have in common. */
static void entry_cells(const explaining *x, aigov_cell *c, bool asserted)
{
    const telling_entry *t = &x->entry;
    c[6] = t->login.n > 0 ? aigov__span_cell(aigov_buf_span(&t->login))
                          : aigov__null();
    c[7] = aigov__stated_at(&t->stated);
    aigov__stated_cells(&t->stated, c + 8);
    c[12] = t->stated.known ? aigov__span_cell(t->stated.entry.decision)
                            : aigov__null();
    c[13] = aigov__source_cell(asserted);
}

static aigov_status tell_edge(explaining *x, const aigov__part_edge *e)
{
    const aigov__part_node *cause = &x->part.node[e->cause];
    aigov_cell c[14];
    aigov_status st = entry_read(&x->entry, e->log, e->place, x->a->err);
    if (st != AIGOV_OK) {
        return st;
    }
    c[0] = aigov__int_cell(x->step);
    c[1] = aigov__str_cell(aigov__relation_name(AIGOV__HOW_RELATION(e->how)));
    c[2] = aigov__str_cell(aigov__role_name(AIGOV__HOW_ROLE(e->how)));
    c[3] = aigov__span_cell(cause->name);
    c[4] = version_cell(cause->name);
    c[5] = hash_cell(&x->entry, cause->id);
    entry_cells(x, c, AIGOV__HOW_ASSERTED(e->how));
    return aigov__give(x->a, c);
}

static aigov_status tell_fact(explaining *x, const char *relation,
                              aigov_span role, const char *kind,
                              aigov_span name, aigov_span hash)
{
    aigov_cell c[14];
    x->made.n = 0;
    if (!aigov_buf_puts(&x->made, kind) ||
        !aigov_buf_put(&x->made, name.p, name.n)) {
        return aigov__nomem(x->a->err);
    }
    if (strcmp(kind, "policy:") == 0) {
        for (size_t i = x->made.n; i > 0; i--) { /* main/7: version 7 of main */
            if (x->made.p[i - 1] == '/') {
                x->made.p[i - 1] = '@';
                break;
            }
        }
    }
    c[0] = aigov__int_cell(x->step);
    c[1] = aigov__str_cell(relation);
    c[2] = aigov__span_cell(role);
    c[3] = aigov__span_cell(aigov_buf_span(&x->made));
    c[4] = version_cell(aigov_buf_span(&x->made));
    c[5] = aigov__span_cell(hash);
    entry_cells(x, c, false);
    return aigov__give(x->a, c);
}

static aigov_status tell_texts(explaining *x, uint32_t list, const char *role,
                               const char *kind, aigov_span hash)
{
    const aigov_json *j = &x->entry.body;
    aigov_status st = AIGOV_OK;
    for (uint32_t end, i = aigov__first_of(j, list, &end);
         i < end && st == AIGOV_OK; i = j->node[i].next) {
        aigov_span s = aigov__text_at(j, i);
        if (s.p != NULL) {
            st = tell_fact(x, "used", aigov_str(role), kind, s, hash);
        }
    }
    return st;
}

static aigov_status tell_redactions(explaining *x)
{
    const aigov_json *j = &x->entry.body;
    uint32_t list =
        aigov__member_of(j, aigov__member_of(j, 0, "redaction"), "found");
    aigov_span rules = aigov__text_at(j, aigov__member_of(j, 0, "rules"));
    aigov_status st = AIGOV_OK;
    for (uint32_t end, i = aigov__first_of(j, list, &end);
         i < end && st == AIGOV_OK; i = j->node[i].next) {
        aigov_span s = aigov__text_at(j, aigov__member_of(j, i, "detector"));
        if (s.p != NULL) {
            st = tell_fact(
                x, "redacted",
                aigov__text_at(j, aigov__member_of(j, i, "direction")),
                "detector:", s, rules);
        }
    }
    return st;
}

/* What the entry of a call says beside its edges. */
static aigov_status tell_facts(explaining *x, const aigov__part_edge *e)
{
    const aigov_json *j = &x->entry.body;
    uint32_t policy;
    aigov_span hash;
    aigov_status st = entry_read(&x->entry, e->log, e->place, x->a->err);
    if (st != AIGOV_OK || !x->entry.readable) {
        return st;
    }
    policy = aigov__member_of(j, 0, "policy");
    if (policy != 0) {
        hash = aigov__text_at(j, aigov__member_of(j, policy, "hash"));
        st = tell_texts(x, aigov__member_of(j, policy, "policies"), "policy",
                        "policy:", hash);
        st = st == AIGOV_OK
                 ? tell_texts(x, aigov__member_of(j, policy, "rules"), "rule",
                              "rule:", AIGOV_ABSENT)
                 : st;
        st = st == AIGOV_OK
                 ? tell_texts(x, aigov__member_of(j, policy, "approvals"),
                              "approval", "act:", AIGOV_ABSENT)
                 : st;
    }
    return st == AIGOV_OK ? tell_redactions(x) : st;
}

/* The edge by which an entry says that it asks, or that it is the response. */
static bool is_call_edge(const aigov__part *p, const aigov__part_edge *e)
{
    return !AIGOV__HOW_ASSERTED(e->how) &&
           ((AIGOV__HOW_RELATION(e->how) == AIGOV_REL_USED &&
             AIGOV__HOW_ROLE(e->how) == AIGOV_ROLE_INPUT) ||
            (AIGOV__HOW_RELATION(e->how) == AIGOV_REL_GENERATED &&
             p->node[e->cause].kind == AIGOV_NODE_IA));
}

static bool same_edge(const aigov__part_edge *a, const aigov__part_edge *b)
{
    return a->effect == b->effect && a->cause == b->cause && a->how == b->how;
}

/* Edges stand in the order of their effects. */
static size_t first_edge(const aigov__part *p, uint32_t effect)
{
    size_t low = 0, high = p->edges;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->edge[middle].effect < effect) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Of an interaction both edges lead to one entry, which is told of once, with
 * what it used. */
static bool tells_facts(explaining *x, const aigov__part_edge *e)
{
    return is_call_edge(&x->part, e) &&
           (AIGOV__HOW_RELATION(e->how) == AIGOV_REL_USED ||
            aigov_span_is(x->entry.stated.entry.kind, "response"));
}

static aigov_status tell_node(explaining *x, uint32_t node)
{
    const aigov__part *p = &x->part;
    size_t first = first_edge(p, node);
    aigov_status st = AIGOV_OK;
    x->step = p->node[node].distance + 1;
    for (size_t i = first; i < p->edges && p->edge[i].effect == node &&
                           st == AIGOV_OK && !x->a->done;
         i++) {
        const aigov__part_edge *e = &p->edge[i];
        if (i > first && same_edge(e - 1, e)) {
            continue; /* another entry says the same */
        }
        st = tell_edge(x, e);
        if (st == AIGOV_OK && tells_facts(x, e)) {
            st = tell_facts(x, e);
        }
    }
    return st;
}

static int by_distance(const void *a, const void *b, void *host)
{
    const aigov__part *p = host;
    const uint32_t *x = a, *y = b;
    int32_t d = p->node[*x].distance, e = p->node[*y].distance;
    if (d != e) {
        return d < e ? -1 : 1;
    }
    return (*x > *y) - (*x < *y);
}

static aigov_status tell_nodes(explaining *x)
{
    aigov__part *p = &x->part;
    uint32_t *order = aigov_malloc(x->a->ctx, (p->nodes + 1) * sizeof *order);
    aigov_status st = AIGOV_OK;
    if (order == NULL) {
        return aigov__nomem(x->a->err);
    }
    for (size_t i = 0; i < p->nodes; i++) {
        order[i] = (uint32_t)i;
    }
    aigov__sort(order, p->nodes, sizeof *order, by_distance, p);
    for (size_t i = 0; i < p->nodes && st == AIGOV_OK && !x->a->done; i++) {
        st = tell_node(x, order[i]);
    }
    aigov_mfree(x->a->ctx, order, (p->nodes + 1) * sizeof *order);
    return st;
}

/* The part upstream of argument i. */
static aigov_status make_part(aigov__asking *a, size_t i, aigov__part *p)
{
    int64_t start;
    aigov__walk w = {.start = &start,
                     .starts = 1,
                     .strength = AIGOV_STRENGTH_CONTEXT,
                     .max_distance = -1};
    aigov_status st = aigov__ask_node(a, i, &start);
    return st == AIGOV_OK ? aigov__part_make(p, a->g, &w, 1, a->err) : st;
}

aigov_status aigov__account_explain(aigov__asking *a)
{
    explaining x = {.a = a, .part = {.ctx = a->ctx}};
    aigov_status st;
    aigov_buf_init(&x.part.text, a->ctx);
    aigov_buf_init(&x.made, a->ctx);
    entry_init(&x.entry, a->g);
    st = make_part(a, 0, &x.part);
    st = st == AIGOV_OK ? tell_nodes(&x) : st;
    entry_free(&x.entry);
    aigov_buf_free(&x.made);
    aigov__part_free(&x.part);
    return st;
}

/* --- compare ------------------------------------------------------------- */

typedef struct reason {
    aigov_span name;
    uint8_t relation, role;
    bool asserted, second; /* of the second output */
} reason;

static int by_reason(const void *a, const void *b, void *host)
{
    const reason *x = a, *y = b;
    size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int order;
    (void)host;
    if (x->relation != y->relation) {
        return x->relation < y->relation ? -1 : 1;
    }
    if (x->role != y->role) {
        return x->role < y->role ? -1 : 1;
    }
    order = memcmp(x->name.p, y->name.p, n);
    return order != 0 ? order
                      : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

/* A call's own input, and that an output came from its call, differ always. */
static bool is_reason(const aigov__part_edge *e)
{
    return AIGOV__HOW_RELATION(e->how) != AIGOV_REL_GENERATED &&
           AIGOV__HOW_ROLE(e->how) != AIGOV_ROLE_INPUT;
}

static size_t add_reasons(const aigov__part *p, bool second, reason *out)
{
    size_t n = 0;
    for (size_t i = 0; i < p->edges; i++) {
        const aigov__part_edge *e = &p->edge[i];
        if (is_reason(e)) {
            out[n++] = (reason){p->node[e->cause].name,
                                (uint8_t)AIGOV__HOW_RELATION(e->how),
                                (uint8_t)AIGOV__HOW_ROLE(e->how),
                                AIGOV__HOW_ASSERTED(e->how), second};
        }
    }
    return n;
}

/* n that are the same; what both outputs have is no difference. */
static aigov_status tell_reasons(aigov__asking *a, const reason *r, size_t n)
{
    bool asserted = true;
    aigov_cell c[5];
    for (size_t i = 0; i < n; i++) {
        if (r[i].second != r[0].second) {
            return AIGOV_OK;
        }
        asserted = asserted && r[i].asserted;
    }
    c[0] = aigov__str_cell(aigov__relation_name(r->relation));
    c[1] = aigov__str_cell(aigov__role_name(r->role));
    c[2] = aigov__str_cell(r->second ? "b" : "a");
    c[3] = aigov__span_cell(r->name);
    c[4] = aigov__source_cell(asserted);
    return aigov__give(a, c);
}

static aigov_status tell_differences(aigov__asking *a, const aigov__part p[2])
{
    size_t room = p[0].edges + p[1].edges + 1, n, same;
    reason *r = aigov_malloc(a->ctx, room * sizeof *r);
    aigov_status st = AIGOV_OK;
    if (r == NULL) {
        return aigov__nomem(a->err);
    }
    n = add_reasons(&p[0], false, r);
    n += add_reasons(&p[1], true, r + n);
    aigov__sort(r, n, sizeof *r, by_reason, NULL);
    for (size_t i = 0; i < n && st == AIGOV_OK; i += same) {
        for (same = 1;
             i + same < n && by_reason(&r[i], &r[i + same], NULL) == 0;) {
            same++;
        }
        st = tell_reasons(a, r + i, same);
    }
    aigov_mfree(a->ctx, r, room * sizeof *r);
    return st;
}

aigov_status aigov__compare(aigov__asking *a)
{
    aigov__part p[2] = {{.ctx = a->ctx}, {.ctx = a->ctx}};
    aigov_status st;
    aigov_buf_init(&p[0].text, a->ctx);
    aigov_buf_init(&p[1].text, a->ctx);
    st = make_part(a, 0, &p[0]);
    st = st == AIGOV_OK ? make_part(a, 1, &p[1]) : st;
    st = st == AIGOV_OK ? tell_differences(a, p) : st;
    aigov__part_free(&p[0]);
    aigov__part_free(&p[1]);
    return st;
}
