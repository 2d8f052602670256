/*
 * survey.c - what of all there is is not known: orphans, coverage
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Both look at every edge once and keep some 40 bytes a node of those that
 * matter, then read one entry for each.
 *
 * orphans: what was used and cannot be accounted for.  missing is
 *
 *   template   tmpl:unknown: a call that names none
 *   version    a document, data set or template that is named without one
 *   origin     nothing says where it is from (generated, derived, attributed;
 *              members of a data set), nor gives its first use its hash
 *
 * coverage_of_lineage: outputs of each system, tools and searches apart, of
 * which model, template, person and context are known.  A call without any
 * document or earlier turn has no context that is known: nobody said that it
 * had none.
 */
#include "tell.h"

/* --- nodes and what is counted of each ----------------------------------- */

typedef struct counted {
    int64_t id, place;
    int64_t uses;
    int32_t log;
    uint32_t bits;
} counted;

typedef struct counts {
    aigov_ctx *ctx;
    counted *item;
    uint32_t *slot;
    size_t items, cap, slots;
} counts;

static void counts_free(counts *c)
{
    aigov_mfree(c->ctx, c->item, c->cap * sizeof *c->item);
    aigov_mfree(c->ctx, c->slot, c->slots * sizeof *c->slot);
}

static size_t slot_of(const counts *c, int64_t id)
{
    uint64_t x = (uint64_t)id * 0x9e3779b97f4a7c15u;
    size_t i = (x ^ x >> 32) & (c->slots - 1);
    while (c->slot[i] != 0 && c->item[c->slot[i] - 1].id != id) {
        i = (i + 1) & (c->slots - 1);
    }
    return i;
}

static bool more_slots(counts *c)
{
    size_t n = c->slots == 0 ? 256 : c->slots * 2;
    uint32_t *slot = aigov_malloc(c->ctx, n * sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    memset(slot, 0, n * sizeof *slot);
    aigov_mfree(c->ctx, c->slot, c->slots * sizeof *c->slot);
    c->slot = slot;
    c->slots = n;
    for (size_t i = 0; i < c->items; i++) {
        slot[slot_of(c, c->item[i].id)] = (uint32_t)i + 1;
    }
    return true;
}

/* The item of a node, made where there is none; NULL: out of memory. */
static counted *count_of(counts *c, int64_t id)
{
    size_t i;
    if (c->items >= UINT32_MAX - 1 ||
        (4 * (c->items + 1) > 3 * c->slots && !more_slots(c)) ||
        !aigov__room(c->ctx, (void **)&c->item, &c->cap, sizeof *c->item,
                     c->items + 1)) {
        return NULL;
    }
    i = slot_of(c, id);
    if (c->slot[i] == 0) {
        c->item[c->items] = (counted){.id = id};
        c->slot[i] = (uint32_t)++c->items;
    }
    return &c->item[c->slot[i] - 1];
}

static void keep_first(counted *i, const aigov_ref *r)
{
    if (i->place == 0 || r->log < i->log ||
        (r->log == i->log && r->place < i->place)) {
        i->place = r->place;
        i->log = r->log;
    }
}

/* --- orphans ------------------------------------------------------------- */

enum { HAS_ORIGIN = 1 };

typedef struct orphaned {
    aigov__asking *a;
    counts known;
    aigov__batch *names;
    aigov__stated stated;
    aigov__sink sink;
    aigov__deriving deriving;
    int64_t unknown; /* tmpl:unknown, or 0 */
    int64_t wanted;  /* whose hash is looked for */
    bool said, asserted;
} orphaned;

static bool is_data(aigov_node_kind kind)
{
    return kind == AIGOV_NODE_DOC || kind == AIGOV_NODE_CHUNK ||
           kind == AIGOV_NODE_DATASET || kind == AIGOV_NODE_TMPL ||
           kind == AIGOV_NODE_ARTIFACT || kind == AIGOV_NODE_MSG ||
           kind == AIGOV_NODE_OTHER;
}

/* Uses of a node, and whether something says where it is from; not what
 * follows from its name alone. */
static aigov_status take_use(void *arg, const aigov_ref *r, aigov_error *err)
{
    orphaned *o = arg;
    aigov_relation relation = AIGOV__HOW_RELATION(r->how);
    counted *i;
    if (r->place == 0 || r->cause == r->effect) {
        return AIGOV_OK;
    }
    if (AIGOV__INFLUENCE(relation) && is_data(AIGOV__NODE_KIND(r->cause))) {
        i = count_of(&o->known, r->cause);
        if (i == NULL) {
            return aigov__nomem(err);
        }
        i->uses++;
        keep_first(i, r);
    }
    if (is_data(AIGOV__NODE_KIND(r->effect)) &&
        (relation == AIGOV_REL_GENERATED || relation == AIGOV_REL_DERIVED ||
         relation == AIGOV_REL_MEMBER || relation == AIGOV_REL_ATTRIBUTED)) {
        i = count_of(&o->known, r->effect);
        if (i == NULL) {
            return aigov__nomem(err);
        }
        i->bits |= HAS_ORIGIN;
    }
    return AIGOV_OK;
}

static aigov_status know(void *host, aigov_span key, aigov_node_kind kind,
                         int64_t *id, aigov_error *err)
{
    orphaned *o = host;
    (void)kind;
    return aigov__row_named(o->a->g, key, id, err);
}

/* Whether the edge of its first use is asserted. */
static aigov_status see_ref(void *host, const aigov_ref *r, aigov_error *err)
{
    orphaned *o = host;
    (void)err;
    if (r->cause == o->wanted) {
        o->asserted = o->asserted && AIGOV__HOW_ASSERTED(r->how);
    }
    return AIGOV_OK;
}

static aigov_status see_call(void *host, const aigov_call *c, aigov_error *err)
{
    return aigov_call_refs(c, true, 0, see_ref, host, err);
}

static aigov_status see_hash(void *host, int64_t id, aigov_span hash,
                             aigov_error *err)
{
    orphaned *o = host;
    (void)hash;
    (void)err;
    o->said = o->said || id == o->wanted;
    return AIGOV_OK;
}

static const char *missing(const orphaned *o, const counted *i, aigov_span name)
{
    aigov_node_kind kind = AIGOV__NODE_KIND(i->id);
    bool version = memchr(name.p, '@', name.n) != NULL;
    if (i->id == o->unknown) {
        return "template";
    }
    if (kind == AIGOV_NODE_DOC || kind == AIGOV_NODE_DATASET ||
        kind == AIGOV_NODE_TMPL || kind == AIGOV_NODE_CHUNK) {
        if (!version) {
            return "version";
        }
    }
    return kind == AIGOV_NODE_TMPL || (i->bits & HAS_ORIGIN) != 0 || o->said
               ? NULL
               : "origin";
}

static aigov_status tell_orphan(orphaned *o, const counted *i)
{
    aigov_span name = aigov__batch_name(o->names, i->id);
    const char *what;
    aigov_cell c[6], place[4];
    aigov_status st =
        aigov__stated_read(&o->stated, o->a->g, i->log, i->place, o->a->err);
    o->wanted = i->id;
    o->said = false;
    o->asserted = true;
    if (st == AIGOV_OK && o->stated.known) {
        st = aigov__derive(&o->deriving, &o->stated.entry, NULL, o->a->err);
    }
    if (st != AIGOV_OK || name.p == NULL) {
        return st;
    }
    what = missing(o, i, name);
    aigov__stated_cells(&o->stated, place);
    c[0] = aigov__span_cell(name);
    c[1] = aigov__kind_cell(name, i->id);
    c[2] = place[0];
    c[3] = aigov__int_cell(i->uses);
    c[4] = aigov__str_cell(what);
    c[5] = aigov__source_cell(o->asserted);
    return what != NULL ? aigov__give(o->a, c) : AIGOV_OK;
}

/* In the order of first use, then of names. */
typedef struct named {
    counted count;
    size_t at, n;
} named;

typedef struct naming {
    counts *from;
    named *item;
    size_t items;
    aigov_buf text;
} naming;

static int by_id(const void *a, const void *b, void *host)
{
    const counted *x = a, *y = b;
    (void)host;
    return (x->id > y->id) - (x->id < y->id);
}

static aigov_status take_name(void *arg, int64_t id, aigov_span name,
                              aigov_error *err)
{
    naming *x = arg;
    size_t low = 0, high = x->items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->item[middle].count.id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == x->items || x->item[low].count.id != id) {
        return AIGOV_OK;
    }
    x->item[low].at = x->text.n;
    x->item[low].n = name.n;
    return aigov_buf_put(&x->text, name.p, name.n) ? AIGOV_OK
                                                   : aigov__nomem(err);
}

static int by_first_use(const void *a, const void *b, void *host)
{
    const char *text = host;
    const named *x = a, *y = b;
    int order;
    if (x->count.log != y->count.log) {
        return x->count.log < y->count.log ? -1 : 1;
    }
    if (x->count.place != y->count.place) {
        return x->count.place < y->count.place ? -1 : 1;
    }
    order = memcmp(text + x->at, text + y->at, x->n < y->n ? x->n : y->n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* What is used and may be an orphan, in order, back in from->item. */
static aigov_status order_used(orphaned *o)
{
    counts *k = &o->known;
    naming x = {.from = k};
    size_t room = k->items + 1;
    int64_t *id = aigov_malloc(k->ctx, room * sizeof *id);
    aigov_status st = AIGOV_OK;
    aigov_buf_init(&x.text, k->ctx);
    x.item = aigov_malloc(k->ctx, room * sizeof *x.item);
    if (id == NULL || x.item == NULL) {
        st = aigov__nomem(o->a->err);
    }
    if (st == AIGOV_OK) {
        aigov__sort(k->item, k->items, sizeof *k->item, by_id, NULL);
    }
    for (size_t i = 0; i < k->items && st == AIGOV_OK; i++) {
        if (k->item[i].uses > 0) {
            id[x.items] = k->item[i].id;
            x.item[x.items++] = (named){.count = k->item[i]};
        }
    }
    if (st == AIGOV_OK && x.items > 0) {
        st = aigov__names(o->a->g, id, x.items, take_name, &x, o->a->err);
    }
    if (st == AIGOV_OK && x.text.n > 0) {
        aigov__sort(x.item, x.items, sizeof *x.item, by_first_use, x.text.p);
        for (size_t i = 0; i < x.items; i++) {
            k->item[i] = x.item[i].count;
        }
        k->items = x.items;
    }
    aigov_buf_free(&x.text);
    aigov_mfree(k->ctx, x.item, room * sizeof *x.item);
    aigov_mfree(k->ctx, id, room * sizeof *id);
    return st;
}

static aigov_status tell_orphans(orphaned *o)
{
    const counts *k = &o->known;
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < k->items && st == AIGOV_OK && !o->a->done;
         i += AIGOV__BATCH) {
        size_t n =
            k->items - i < AIGOV__BATCH ? k->items - i : (size_t)AIGOV__BATCH;
        o->names->ids = 0;
        for (size_t j = 0; j < n; j++) {
            aigov__batch_add(o->names, k->item[i + j].id);
        }
        st = aigov__batch_load(o->names, o->a->err);
        for (size_t j = 0; j < n && st == AIGOV_OK && !o->a->done; j++) {
            st = k->item[i + j].uses > 0 ? tell_orphan(o, &k->item[i + j])
                                         : AIGOV_OK;
        }
    }
    return st;
}

aigov_status aigov__orphans(aigov__asking *a)
{
    orphaned o = {.a = a, .known = {.ctx = a->ctx}};
    aigov_status st;
    o.names = aigov_malloc(a->ctx, sizeof *o.names);
    if (o.names == NULL) {
        return aigov__nomem(a->err);
    }
    aigov__batch_init(o.names, a->g);
    aigov__stated_init(&o.stated, a->ctx);
    o.sink = (aigov__sink){.host = &o,
                           .intern = know,
                           .ref = see_ref,
                           .call = see_call,
                           .said = see_hash};
    aigov__derive_init(&o.deriving, a->ctx, &o.sink);
    st = aigov__find(a->g, AIGOV_LIT("tmpl:unknown"), &o.unknown, a->err);
    if (st == AIGOV_OK) {
        st = aigov__edges(a->g, true, NULL, 0, take_use, &o, a->err);
    }
    st = st == AIGOV_OK ? order_used(&o) : st;
    st = st == AIGOV_OK ? tell_orphans(&o) : st;
    counts_free(&o.known);
    aigov__derive_free(&o.deriving);
    aigov_buf_free(&o.names->text);
    aigov_mfree(a->ctx, o.names, sizeof *o.names);
    aigov_buf_free(&o.stated.system);
    return st;
}

/* --- coverage ------------------------------------------------------------ */

enum { HAS_MODEL = 1, HAS_TEMPLATE = 2, HAS_PERSON = 4, HAS_CONTEXT = 8 };
enum { HAS_ALL = 15, HAS_OUTPUT = 16 };

typedef struct covered {
    size_t at, n; /* of the name of the system in the text */
    int64_t outputs, has[4], complete;
} covered;

typedef struct covering {
    aigov__asking *a;
    counts calls;
    int64_t unknown;
    covered *system;
    size_t systems, cap;
    aigov__names_map of; /* name to 1 + index */
    aigov_buf text, key;
    aigov__stated stated;
} covering;

static uint32_t bit_of(const covering *x, const aigov_ref *r)
{
    aigov_node_kind kind = AIGOV__NODE_KIND(r->cause);
    aigov_relation relation = AIGOV__HOW_RELATION(r->how);
    if (relation == AIGOV_REL_ASSOCIATED) {
        return kind == AIGOV_NODE_PERSON ? HAS_PERSON : 0;
    }
    if (relation != AIGOV_REL_USED) {
        return 0;
    }
    if (kind == AIGOV_NODE_MODEL) {
        return HAS_MODEL;
    }
    if (kind == AIGOV_NODE_TMPL) {
        return r->cause != x->unknown ? HAS_TEMPLATE : 0;
    }
    return AIGOV__HOW_ROLE(r->how) != AIGOV_ROLE_INPUT &&
                   AIGOV__HOW_STRENGTH(r->how) != AIGOV_STRENGTH_RETRIEVED
               ? HAS_CONTEXT
               : 0;
}

static aigov_status take_call(void *arg, const aigov_ref *r, aigov_error *err)
{
    covering *x = arg;
    bool answer = AIGOV__HOW_RELATION(r->how) == AIGOV_REL_GENERATED &&
                  AIGOV__NODE_KIND(r->cause) == AIGOV_NODE_IA &&
                  AIGOV__NODE_KIND(r->effect) == AIGOV_NODE_MSG;
    uint32_t bit = answer ? HAS_OUTPUT : bit_of(x, r);
    counted *i;
    if (bit == 0 ||
        AIGOV__NODE_KIND(answer ? r->cause : r->effect) != AIGOV_NODE_IA) {
        return AIGOV_OK;
    }
    i = count_of(&x->calls, answer ? r->cause : r->effect);
    if (i == NULL) {
        return aigov__nomem(err);
    }
    i->bits |= bit;
    if (answer) {
        keep_first(i, r);
    }
    return AIGOV_OK;
}

/* A system's name may be empty; its key never is. */
static covered *system_of(covering *x, aigov_span name)
{
    int64_t i;
    x->key.n = 0;
    if (!aigov_buf_puts(&x->key, "=") ||
        !aigov_buf_put(&x->key, name.p != NULL ? name.p : "", name.n)) {
        return NULL;
    }
    i = aigov__names_get(&x->of, aigov_buf_span(&x->key));
    if (i != 0) {
        return &x->system[i - 1];
    }
    if (!aigov__room(x->a->ctx, (void **)&x->system, &x->cap, sizeof *x->system,
                     x->systems + 1) ||
        !aigov__names_put(&x->of, aigov_buf_span(&x->key),
                          (int64_t)x->systems + 1)) {
        return NULL;
    }
    x->system[x->systems] = (covered){.at = x->text.n, .n = name.n};
    return aigov_buf_put(&x->text, name.p != NULL ? name.p : "", name.n)
               ? &x->system[x->systems++]
               : NULL;
}

/* Tools and searches answer without a model. */
static bool is_answer(const aigov_entry *e)
{
    return !aigov_span_is(e->operation, "execute_tool") &&
           !aigov_span_is(e->operation, "retrieval");
}

static aigov_status count_output(covering *x, const counted *i)
{
    covered *c;
    aigov_status st =
        aigov__stated_read(&x->stated, x->a->g, i->log, i->place, x->a->err);
    if (st != AIGOV_OK || !is_answer(&x->stated.entry)) {
        return st;
    }
    c = system_of(x, aigov_buf_span(&x->stated.system));
    if (c == NULL) {
        return aigov__nomem(x->a->err);
    }
    c->outputs++;
    for (int bit = 0; bit < 4; bit++) {
        c->has[bit] += i->bits >> bit & 1;
    }
    c->complete += (i->bits & HAS_ALL) == HAS_ALL;
    return AIGOV_OK;
}

static int by_system(const void *a, const void *b, void *host)
{
    const char *text = host;
    const covered *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = n > 0 ? memcmp(text + x->at, text + y->at, n) : 0;
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static aigov_status tell_system(covering *x, const covered *s)
{
    aigov_cell c[7];
    c[0] = s->n > 0 ? aigov__span_cell((aigov_span){x->text.p + s->at, s->n})
                    : aigov__null();
    c[1] = aigov__int_cell(s->outputs);
    for (int bit = 0; bit < 4; bit++) {
        c[2 + bit] = aigov__int_cell(s->has[bit]);
    }
    c[6] = aigov__int_cell(s->complete);
    return aigov__give(x->a, c);
}

static aigov_status count_outputs(covering *x)
{
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < x->calls.items && st == AIGOV_OK; i++) {
        if ((x->calls.item[i].bits & HAS_OUTPUT) != 0) {
            st = count_output(x, &x->calls.item[i]);
        }
        if ((i & 1023) == 0 && aigov__interrupted(x->a->ctx)) {
            return aigov_fail(x->a->err, AIGOV_CANCELED, AIGOV_NO_POS,
                              "canceled");
        }
    }
    if (st == AIGOV_OK) {
        aigov__sort(x->system, x->systems, sizeof *x->system, by_system,
                    x->text.p);
    }
    return st;
}

aigov_status aigov__coverage(aigov__asking *a)
{
    covering x = {.a = a, .calls = {.ctx = a->ctx}, .of = {.ctx = a->ctx}};
    aigov_status st;
    aigov_buf_init(&x.of.text, a->ctx);
    aigov_buf_init(&x.text, a->ctx);
    aigov_buf_init(&x.key, a->ctx);
    aigov__stated_init(&x.stated, a->ctx);
    st = aigov__find(a->g, AIGOV_LIT("tmpl:unknown"), &x.unknown, a->err);
    if (st == AIGOV_OK) {
        st = aigov__edges(a->g, true, NULL, 0, take_call, &x, a->err);
    }
    st = st == AIGOV_OK ? count_outputs(&x) : st;
    for (size_t i = 0; i < x.systems && st == AIGOV_OK; i++) {
        st = tell_system(&x, &x.system[i]);
    }
    counts_free(&x.calls);
    aigov_mfree(a->ctx, x.system, x.cap * sizeof *x.system);
    aigov__names_free(&x.of);
    aigov_buf_free(&x.text);
    aigov_buf_free(&x.key);
    aigov_buf_free(&x.stated.system);
    return st;
}
