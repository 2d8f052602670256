/*
 * account.c - what was done because of a cause, and what to erase of it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * side_effects: the tool calls downstream.  action is tool.name of the entry,
 * target attributes.target or else tool.server, reversible
 * attributes.reversible, approved_by the actors of the approvals in
 * body.policy.approvals.
 *
 * erasure_scope: of a node and all downstream of it where the text is, and what
 * is to do.  Of a person it begins at the messages attributed to them.
 *
 *   store     action
 *   content   erase     the content of the entry is there: aigov.erase(id)
 *             erased    done_id is the erasure
 *             gone      there is no content, and no erasure says why
 *   outside   erase     documents, artifacts ...: where they are kept
 *             erased    an entry says that it was invalidated
 *   model     review    a text may be in the weights: retrain, or keep, and why
 *   entry     keep      numbers, names and hashes, which are the evidence
 */
#include "tell.h"

/* --- side effects -------------------------------------------------------- */

#define MAX_PLACES 32 /* entries that state edges of one tool call */

typedef struct acting {
    aigov__telling t; /* the first member */
    aigov_json body;
    struct {
        int64_t place;
        int32_t log;
    } said[MAX_PLACES];
    size_t saids;
    aigov_buf text; /* of the body: another entry is read meanwhile */
    aigov_buf action, target, approved;
    aigov_cell reversible;
} acting;

static aigov_status take_place(void *arg, const aigov_ref *r, aigov_error *err)
{
    acting *x = arg;
    (void)err;
    size_t i = x->saids;
    /* the first entries, in their order */
    for (; i > 0 &&
           (r->log < x->said[i - 1].log ||
            (r->log == x->said[i - 1].log && r->place < x->said[i - 1].place));
         i--) {
        if (i < MAX_PLACES) {
            x->said[i] = x->said[i - 1];
        }
    }
    if (i < MAX_PLACES) {
        x->said[i].place = r->place;
        x->said[i].log = r->log;
        x->saids += x->saids < MAX_PLACES;
    }
    return AIGOV_OK;
}

static bool copy(aigov_buf *to, aigov_span s)
{
    to->n = 0;
    return s.p == NULL || aigov_buf_put(to, s.p, s.n);
}

static aigov_status approver(acting *x, aigov_span id)
{
    aigov__asking *a = x->t.a;
    aigov_entry e = {.v = 0};
    aigov_status st = a->g->index->by_id(a->g->index->host, id, &e, a->err);
    if (st != AIGOV_OK || e.actor.p == NULL) {
        return st;
    }
    return (x->approved.n == 0 || aigov_buf_puts(&x->approved, ", ")) &&
                   aigov_buf_put(&x->approved, e.actor.p, e.actor.n)
               ? AIGOV_OK
               : aigov__nomem(a->err);
}

static aigov_status read_approvals(acting *x)
{
    const aigov_json *j = &x->body;
    uint32_t list =
        aigov__member_of(j, aigov__member_of(j, 0, "policy"), "approvals");
    aigov_status st = AIGOV_OK;
    x->approved.n = 0;
    for (uint32_t end, i = aigov__first_of(j, list, &end);
         i < end && st == AIGOV_OK; i = j->node[i].next) {
        aigov_span id = aigov__text_at(j, i);
        st = id.p != NULL ? approver(x, id) : AIGOV_OK;
    }
    return st;
}

static aigov_status read_action(acting *x)
{
    const aigov_json *j = &x->body;
    uint32_t tool = aigov__member_of(j, 0, "tool");
    uint32_t more = aigov__member_of(j, 0, "attributes");
    aigov_span target = aigov__text_at(j, aigov__member_of(j, more, "target"));
    uint32_t undo = aigov__member_of(j, more, "reversible");
    target = target.p != NULL
                 ? target
                 : aigov__text_at(j, aigov__member_of(j, tool, "server"));
    x->reversible = aigov__null();
    if (undo != 0 && (j->node[undo].type == AIGOV_JSON_TRUE ||
                      j->node[undo].type == AIGOV_JSON_FALSE)) {
        x->reversible = aigov__int_cell(j->node[undo].type == AIGOV_JSON_TRUE);
    }
    if (!copy(&x->action,
              aigov__text_at(j, aigov__member_of(j, tool, "name"))) ||
        !copy(&x->target, target)) {
        return aigov__nomem(x->t.a->err);
    }
    return AIGOV_OK;
}

/* Whether the entry at hand is that of the tool call. */
static aigov_status read_body(acting *x, bool *is_tool)
{
    aigov_error unread;
    aigov_status st;
    *is_tool = false;
    if (!x->t.stated.known || x->t.stated.entry.body.p == NULL) {
        return AIGOV_OK;
    }
    if (!copy(&x->text, x->t.stated.entry.body)) {
        return aigov__nomem(x->t.a->err);
    }
    st = aigov_json_read(&x->body, AIGOV_JSON_STRICT, aigov_buf_span(&x->text),
                         &unread);
    if (st == AIGOV_NOMEM || st == AIGOV_CANCELED) {
        *x->t.a->err = unread;
        return st;
    }
    *is_tool = st == AIGOV_OK && aigov__member_of(&x->body, 0, "tool") != 0;
    return AIGOV_OK;
}

/* Of the entries that state edges of the call the one that has its tool;
 * otherwise the one by which it was reached, with no action known. */
static aigov_status find_action(acting *x, const aigov__reached *r)
{
    aigov__asking *a = x->t.a;
    aigov_status st;
    bool is_tool = false;
    x->saids = x->action.n = x->target.n = x->approved.n = 0;
    x->reversible = aigov__null();
    st = aigov__edges(a->g, false, &r->id, 1, take_place, x, a->err);
    for (size_t i = 0; i < x->saids && st == AIGOV_OK && !is_tool; i++) {
        st = aigov__stated_read(&x->t.stated, a->g, x->said[i].log,
                                x->said[i].place, a->err);
        st = st == AIGOV_OK ? read_body(x, &is_tool) : st;
    }
    if (st == AIGOV_OK && is_tool) {
        st = read_action(x);
        return st == AIGOV_OK ? read_approvals(x) : st;
    }
    return st == AIGOV_OK ? aigov__stated_read(&x->t.stated, a->g, r->log,
                                               r->place, a->err)
                          : st;
}

static aigov_cell buf_cell(const aigov_buf *b)
{
    return b->n > 0 ? aigov__span_cell(aigov_buf_span(b)) : aigov__null();
}

static aigov_status tell_action(aigov__telling *t, const aigov__reached *r)
{
    acting *x = (acting *)t;
    aigov_cell c[11];
    aigov_status st;
    if (AIGOV__NODE_KIND(r->id) != AIGOV_NODE_TOOL) {
        return AIGOV_OK;
    }
    st = find_action(x, r);
    if (st != AIGOV_OK) {
        return st;
    }
    c[0] = aigov__span_cell(aigov__batch_name(t->names, r->id));
    aigov__stated_cells(&t->stated, c + 1);
    c[5] = aigov__stated_at(&t->stated);
    c[6] = buf_cell(&x->action);
    c[7] = buf_cell(&x->target);
    c[8] = buf_cell(&x->approved);
    c[9] = x->reversible;
    c[10] = aigov__source_cell(AIGOV__ASSERTED(r));
    return aigov__give(t->a, c);
}

aigov_status aigov__side_effects(aigov__asking *a)
{
    acting x = {.body = {.ctx = a->ctx}};
    int64_t start;
    aigov__walk w = {.start = &start,
                     .starts = 1,
                     .down = true,
                     .strength = AIGOV_STRENGTH_CONTEXT,
                     .max_distance = -1};
    aigov_status st = aigov__tell_init(&x.t, a);
    aigov_buf_init(&x.text, a->ctx);
    aigov_buf_init(&x.action, a->ctx);
    aigov_buf_init(&x.target, a->ctx);
    aigov_buf_init(&x.approved, a->ctx);
    st = st == AIGOV_OK ? aigov__ask_node(a, 0, &start) : st;
    if (st == AIGOV_OK) {
        st = aigov__walk_run(a->g, &w, SIZE_MAX - 1, &x.t.reached, &x.t.n,
                             &x.t.more, a->err);
    }
    st = st == AIGOV_OK ? aigov__tell_all(&x.t, tell_action) : st;
    aigov_json_free(&x.body);
    aigov_buf_free(&x.text);
    aigov_buf_free(&x.action);
    aigov_buf_free(&x.target);
    aigov_buf_free(&x.approved);
    aigov__tell_free(&x.t);
    return st;
}

/* --- erasure scope: what is known of each node --------------------------- */

typedef struct scoped {
    int64_t id;
    int64_t place; /* of the entry that has the text; 0: not known */
    int32_t log;
    int32_t distance;
    bool done;    /* an act invalidated it */
    size_t order; /* as it was reached */
    bool asserted;
} scoped;

typedef struct invalidated {
    int64_t id, act;
    int64_t place;
    int32_t log;
} invalidated;

typedef struct scoping {
    aigov__asking *a;
    invalidated *act;
    size_t acts, act_cap;
    scoped *item;
    size_t items, cap;
    int64_t *start; /* messages of a person, or the node that is asked for */
    size_t starts, start_cap;
    bool person;
    aigov__batch *names;
    aigov__stated stated;
} scoping;

static int by_id(const void *a, const void *b, void *host)
{
    const scoped *x = a, *y = b;
    (void)host;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_order(const void *a, const void *b, void *host)
{
    const scoped *x = a, *y = b;
    (void)host;
    return (x->order > y->order) - (x->order < y->order);
}

static scoped *item_of(const scoping *s, int64_t id)
{
    size_t low = 0, high = s->items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->item[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < s->items && s->item[low].id == id ? &s->item[low] : NULL;
}

static aigov_status add_item(scoping *s, int64_t id, int32_t distance,
                             bool asserted)
{
    if (!aigov__room(s->a->ctx, (void **)&s->item, &s->cap, sizeof *s->item,
                     s->items + 1)) {
        return aigov__nomem(s->a->err);
    }
    s->item[s->items] = (scoped){.id = id,
                                 .distance = distance,
                                 .order = s->items,
                                 .asserted = asserted};
    s->items++;
    return AIGOV_OK;
}

/* Several entries may say it: the first counts. */
static void keep_first(scoped *i, const aigov_ref *r)
{
    if (i->place == 0 || r->log < i->log ||
        (r->log == i->log && r->place < i->place)) {
        i->place = r->place;
        i->log = r->log;
    }
}

static int by_place(const void *a, const void *b, void *host)
{
    const invalidated *x = a, *y = b;
    (void)host;
    if (x->id != y->id) {
        return x->id < y->id ? -1 : 1;
    }
    if (x->log != y->log) {
        return x->log < y->log ? -1 : 1;
    }
    return (x->place > y->place) - (x->place < y->place);
}

static aigov_status take_effect(void *arg, const aigov_ref *r, aigov_error *err)
{
    scoping *s = arg;
    scoped *i = item_of(s, r->effect);
    aigov_relation relation = AIGOV__HOW_RELATION(r->how);
    if (i == NULL) {
        return AIGOV_OK;
    }
    if (relation == AIGOV_REL_INVALIDATED) {
        if (!aigov__room(s->a->ctx, (void **)&s->act, &s->act_cap,
                         sizeof *s->act, s->acts + 1)) {
            return aigov__nomem(err);
        }
        i->done = true;
        s->act[s->acts++] =
            (invalidated){r->effect, r->cause, r->place, r->log};
    }
    if (relation == AIGOV_REL_GENERATED && !AIGOV__HOW_ASSERTED(r->how)) {
        keep_first(i, r);
    }
    return AIGOV_OK;
}

/* The entry that asks has the input. */
static aigov_status take_cause(void *arg, const aigov_ref *r, aigov_error *err)
{
    const scoping *s = arg;
    scoped *i = item_of(s, r->cause);
    (void)err;
    if (i != NULL && AIGOV__HOW_RELATION(r->how) == AIGOV_REL_USED &&
        AIGOV__HOW_ROLE(r->how) == AIGOV_ROLE_INPUT &&
        !AIGOV__HOW_ASSERTED(r->how)) {
        keep_first(i, r);
    }
    return AIGOV_OK;
}

static aigov_status look_up(scoping *s)
{
    aigov__asking *a = s->a;
    int64_t *id = aigov_malloc(a->ctx, (s->items + 1) * sizeof *id);
    size_t inputs = 0;
    aigov_status st;
    if (id == NULL) {
        return aigov__nomem(a->err);
    }
    aigov__sort(s->item, s->items, sizeof *s->item, by_id, NULL);
    for (size_t i = 0; i < s->items; i++) {
        id[i] = s->item[i].id;
    }
    st = aigov__edges(a->g, false, id, s->items, take_effect, s, a->err);
    for (size_t i = 0; i < s->items; i++) {
        if (AIGOV__NODE_KIND(s->item[i].id) == AIGOV_NODE_MSG &&
            AIGOV__NODE_PART(s->item[i].id) == 1) {
            id[inputs++] = s->item[i].id;
        }
    }
    if (st == AIGOV_OK && inputs > 0) {
        st = aigov__edges(a->g, true, id, inputs, take_cause, s, a->err);
    }
    aigov_mfree(a->ctx, id, (s->items + 1) * sizeof *id);
    aigov__sort(s->item, s->items, sizeof *s->item, by_order, NULL);
    aigov__sort(s->act, s->acts, sizeof *s->act, by_place, NULL);
    return st;
}

/* --- erasure scope: what is to do ---------------------------------------- */

typedef struct verdict {
    const char *store, *action, *why;
} verdict;

static aigov_status judge_message(scoping *s, const scoped *i, verdict *v)
{
    const aigov_index *x = s->a->g->index;
    aigov_status st;
    bool there;
    *v = (verdict){"content", i->done ? "erased" : "gone", NULL};
    if (i->place == 0) {
        /* no call that is recorded has it: the text is elsewhere */
        *v = (verdict){"outside", i->done ? "erased" : "erase", NULL};
        return AIGOV_OK;
    }
    st = aigov__stated_read(&s->stated, s->a->g, i->log, i->place, s->a->err);
    if (st != AIGOV_OK || !s->stated.known) {
        return st;
    }
    st = x->has_content(x->host, &s->stated.entry, &there, s->a->err);
    if (st == AIGOV_OK && there) {
        v->action = "erase";
    }
    return st;
}

static aigov_status judge(scoping *s, const scoped *i, verdict *v)
{
    switch (AIGOV__NODE_KIND(i->id)) {
    case AIGOV_NODE_MSG:
        return judge_message(s, i, v);
    case AIGOV_NODE_MODEL:
    case AIGOV_NODE_RUN:
        *v = (verdict){"model", "review", "a text may be in the weights"};
        return AIGOV_OK;
    case AIGOV_NODE_IA:
    case AIGOV_NODE_TOOL:
    case AIGOV_NODE_TMPL:
    case AIGOV_NODE_PERSON:
    case AIGOV_NODE_ACT:
    case AIGOV_NODE_DELIVERY:
        *v = (verdict){"entry", "keep", "evidence: names and hashes alone"};
        return AIGOV_OK;
    default:
        *v = (verdict){"outside", i->done ? "erased" : "erase", NULL};
        return AIGOV_OK;
    }
}

typedef struct done {
    char id[AIGOV_UUID_LEN + 1];
    bool known;
} done;

/* act:ID, where ID is that of an entry; of several the least. */
static aigov_status take_act(void *arg, int64_t id, aigov_span name,
                             aigov_error *err)
{
    done *to = arg;
    char text[AIGOV_UUID_LEN + 1];
    uint8_t bytes[16];
    (void)id;
    (void)err;
    if (name.n == 4 + AIGOV_UUID_LEN &&
        aigov_uuid_parse((aigov_span){name.p + 4, AIGOV_UUID_LEN}, bytes)) {
        aigov_uuid_format(bytes, text);
        if (!to->known || strcmp(text, to->id) < 0) {
            memcpy(to->id, text, sizeof text);
        }
        to->known = true;
    }
    return AIGOV_OK;
}

/* Of the acts that invalidated a node those that the first entry names. */
static aigov_status find_act(scoping *s, int64_t id, done *to)
{
    aigov_status st = AIGOV_OK;
    size_t low = 0, high = s->acts;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->act[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i < s->acts && st == AIGOV_OK &&
                         by_place(&s->act[low], &s->act[i], NULL) == 0;
         i++) {
        st = aigov__names(s->a->g, &s->act[i].act, 1, take_act, to, s->a->err);
    }
    return st;
}

static aigov_status tell_item(scoping *s, const scoped *i)
{
    aigov_span name = aigov__batch_name(s->names, i->id);
    done to = {.known = false};
    verdict v;
    aigov_cell c[8];
    aigov_status st = judge(s, i, &v);
    if (st == AIGOV_OK && i->done) {
        st = find_act(s, i->id, &to);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    c[0] = aigov__span_cell(name);
    c[1] = aigov__kind_cell(name, i->id);
    c[2] = aigov__int_cell(i->distance);
    c[3] = aigov__str_cell(v.store);
    c[4] = aigov__str_cell(v.action);
    c[5] = to.known ? aigov__str_cell(to.id) : aigov__null();
    c[6] = aigov__str_cell(v.why);
    c[7] = aigov__source_cell(i->asserted);
    return aigov__give(s->a, c);
}

static aigov_status tell_items(scoping *s)
{
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < s->items && st == AIGOV_OK && !s->a->done;
         i += AIGOV__BATCH) {
        size_t n =
            s->items - i < AIGOV__BATCH ? s->items - i : (size_t)AIGOV__BATCH;
        s->names->ids = 0;
        for (size_t j = 0; j < n; j++) {
            aigov__batch_add(s->names, s->item[i + j].id);
        }
        st = aigov__batch_load(s->names, s->a->err);
        for (size_t j = 0; j < n && st == AIGOV_OK && !s->a->done; j++) {
            st = tell_item(s, &s->item[i + j]);
        }
    }
    return st;
}

/* --- erasure scope: where it begins -------------------------------------- */

static aigov_status take_message(void *arg, const aigov_ref *r,
                                 aigov_error *err)
{
    scoping *s = arg;
    if (AIGOV__HOW_RELATION(r->how) != AIGOV_REL_ATTRIBUTED) {
        return AIGOV_OK;
    }
    if (!aigov__room(s->a->ctx, (void **)&s->start, &s->start_cap,
                     sizeof *s->start, s->starts + 1)) {
        return aigov__nomem(err);
    }
    s->start[s->starts++] = r->effect;
    return AIGOV_OK;
}

static int by_number(const void *a, const void *b, void *host)
{
    const int64_t *x = a, *y = b;
    (void)host;
    return (*x > *y) - (*x < *y);
}

static aigov_status find_starts(scoping *s, int64_t ref)
{
    aigov__asking *a = s->a;
    aigov_status st;
    size_t n = 0;
    s->person = AIGOV__NODE_KIND(ref) == AIGOV_NODE_PERSON;
    if (!aigov__room(a->ctx, (void **)&s->start, &s->start_cap,
                     sizeof *s->start, 1)) {
        return aigov__nomem(a->err);
    }
    if (!s->person) {
        s->start[s->starts++] = ref;
        return AIGOV_OK;
    }
    st = aigov__edges(a->g, true, &ref, 1, take_message, s, a->err);
    aigov__sort(s->start, s->starts, sizeof *s->start, by_number, NULL);
    for (size_t i = 0; i < s->starts; i++) {
        if (n == 0 || s->start[n - 1] != s->start[i]) {
            s->start[n++] = s->start[i];
        }
    }
    s->starts = n;
    return st;
}

/* Starts have no order that does not depend on numbers yet: their names. */
typedef struct named {
    int64_t id;
    size_t at, n;
} named;

typedef struct naming {
    named *item;
    size_t items;
    aigov_buf text;
} naming;

static aigov_status take_name(void *arg, int64_t id, aigov_span name,
                              aigov_error *err)
{
    naming *x = arg;
    x->item[x->items++] = (named){id, x->text.n, name.n};
    return aigov_buf_put(&x->text, name.p, name.n) ? AIGOV_OK
                                                   : aigov__nomem(err);
}

static int by_name(const void *a, const void *b, void *host)
{
    const char *text = host;
    const named *x = a, *y = b;
    int order = memcmp(text + x->at, text + y->at, x->n < y->n ? x->n : y->n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static aigov_status add_starts(scoping *s)
{
    aigov__asking *a = s->a;
    naming x = {.item = aigov_malloc(a->ctx, (s->starts + 1) * sizeof(named))};
    aigov_status st = AIGOV_OK;
    aigov_buf_init(&x.text, a->ctx);
    if (x.item == NULL) {
        return aigov__nomem(a->err);
    }
    if (s->starts > 0) {
        st = aigov__names(a->g, s->start, s->starts, take_name, &x, a->err);
    }
    if (st == AIGOV_OK && x.items > 0) {
        aigov__sort(x.item, x.items, sizeof *x.item, by_name, x.text.p);
    }
    for (size_t i = 0; i < x.items && st == AIGOV_OK; i++) {
        st = add_item(s, x.item[i].id, s->person, false);
    }
    aigov_buf_free(&x.text);
    aigov_mfree(a->ctx, x.item, (s->starts + 1) * sizeof(named));
    return st;
}

static aigov_status find_items(scoping *s)
{
    aigov__walk w = {.start = s->start,
                     .starts = s->starts,
                     .down = true,
                     .strength = AIGOV_STRENGTH_HISTORY,
                     .max_distance = -1};
    const aigov__reached *r = NULL;
    size_t n = 0;
    bool more;
    aigov_status st = add_starts(s);
    if (st == AIGOV_OK) {
        st = aigov__walk_run(s->a->g, &w, SIZE_MAX - 1, &r, &n, &more,
                             s->a->err);
    }
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        st = add_item(s, r[i].id, AIGOV__DISTANCE(&r[i]) + s->person,
                      AIGOV__ASSERTED(&r[i]));
    }
    return st == AIGOV_OK && s->items > 0 ? look_up(s) : st;
}

aigov_status aigov__erasure_scope(aigov__asking *a)
{
    scoping s = {.a = a, .names = aigov_malloc(a->ctx, sizeof *s.names)};
    int64_t ref;
    aigov_status st;
    if (s.names == NULL) {
        return aigov__nomem(a->err);
    }
    aigov__batch_init(s.names, a->g);
    aigov__stated_init(&s.stated, a->ctx);
    st = aigov__ask_node(a, 0, &ref);
    st = st == AIGOV_OK ? find_starts(&s, ref) : st;
    st = st == AIGOV_OK ? find_items(&s) : st;
    st = st == AIGOV_OK ? tell_items(&s) : st;
    aigov_mfree(a->ctx, s.item, s.cap * sizeof *s.item);
    aigov_mfree(a->ctx, s.act, s.act_cap * sizeof *s.act);
    aigov_mfree(a->ctx, s.start, s.start_cap * sizeof *s.start);
    aigov_buf_free(&s.names->text);
    aigov_mfree(a->ctx, s.names, sizeof *s.names);
    aigov_buf_free(&s.stated.system);
    return st;
}
