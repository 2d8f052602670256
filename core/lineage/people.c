/*
 * people.c - whom a cause reached: recipients, outputs, the blast radius
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A person is reached where something that the walk reached, or its start, was
 * delivered to them; the walk never goes through a person.
 */
#include "tell.h"

/* An edge from a node that was reached to one that is never walked to. */
typedef struct aside {
    int64_t node, to;
    int64_t place;
    int32_t log;
    bool asserted;
} aside;

typedef struct asides {
    aigov_ctx *ctx;
    aigov_relation relation;
    aside *item;
    size_t n, cap;
} asides;

/* A person, or what is counted of one. */
typedef struct person {
    int64_t id, outputs, first, last;
    int32_t nearest;
    int strongest;
    bool asserted, timed;
    size_t at, n; /* of the name */
} person;

typedef struct people {
    aigov__telling t;
    asides deliveries;
    person *who; /* in the order of id at first */
    size_t count, cap;
    aigov_buf text; /* names */
    aigov_buf joined;
    int64_t start;
} people;

/* --- edges aside --------------------------------------------------------- */

static aigov_status take(void *arg, const aigov_ref *r, aigov_error *err)
{
    asides *d = arg;
    if (AIGOV__HOW_RELATION(r->how) != d->relation) {
        return AIGOV_OK;
    }
    if (!aigov__room(d->ctx, (void **)&d->item, &d->cap, sizeof *d->item,
                     d->n + 1)) {
        return aigov__nomem(err);
    }
    d->item[d->n++] = (aside){.node = r->effect,
                              .to = r->cause,
                              .place = r->place,
                              .log = r->log,
                              .asserted = AIGOV__HOW_ASSERTED(r->how)};
    return AIGOV_OK;
}

static int by_number(const void *a, const void *b, void *host)
{
    const int64_t *x = a, *y = b;
    (void)host;
    return (*x > *y) - (*x < *y);
}

/* Of the start and all that was reached. */
static aigov_status find_asides(people *p, asides *d)
{
    aigov_ctx *ctx = p->t.a->ctx;
    size_t n = p->t.n + 1;
    int64_t *id = aigov_malloc(ctx, n * sizeof *id);
    aigov_status st;
    d->ctx = ctx;
    if (id == NULL) {
        return aigov__nomem(p->t.a->err);
    }
    id[0] = p->start;
    for (size_t i = 0; i < p->t.n; i++) {
        id[i + 1] = p->t.reached[i].id;
    }
    aigov__sort(id, n, sizeof *id, by_number, NULL);
    st = aigov__edges(p->t.a->g, false, id, n, take, d, p->t.a->err);
    aigov_mfree(ctx, id, n * sizeof *id);
    return st;
}

static int by_to(const void *a, const void *b, void *host)
{
    const aside *x = a, *y = b;
    (void)host;
    if (x->to != y->to) {
        return x->to < y->to ? -1 : 1;
    }
    return (x->node > y->node) - (x->node < y->node);
}

static int by_node(const void *a, const void *b, void *host)
{
    const aside *x = a, *y = b;
    (void)host;
    if (x->node != y->node) {
        return x->node < y->node ? -1 : 1;
    }
    return (x->to > y->to) - (x->to < y->to);
}

/* --- names of persons ---------------------------------------------------- */

static person *person_of(const people *p, int64_t id)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->who[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < p->count && p->who[low].id == id ? &p->who[low] : NULL;
}

static aigov_status take_name(void *arg, int64_t id, aigov_span name,
                              aigov_error *err)
{
    people *p = arg;
    person *w = person_of(p, id);
    if (w == NULL) {
        return AIGOV_OK;
    }
    w->at = p->text.n;
    w->n = name.n;
    return aigov_buf_put(&p->text, name.p, name.n) ? AIGOV_OK
                                                   : aigov__nomem(err);
}

/* Each person that something was delivered to, in the order of ids. */
static aigov_status find_persons(people *p)
{
    asides *d = &p->deliveries;
    aigov_ctx *ctx = p->t.a->ctx;
    int64_t *id;
    aigov_status st;
    aigov__sort(d->item, d->n, sizeof *d->item, by_to, NULL);
    for (size_t i = 0; i < d->n; i++) {
        if (i > 0 && d->item[i - 1].to == d->item[i].to) {
            continue;
        }
        if (!aigov__room(ctx, (void **)&p->who, &p->cap, sizeof *p->who,
                         p->count + 1)) {
            return aigov__nomem(p->t.a->err);
        }
        p->who[p->count++] = (person){.id = d->item[i].to};
    }
    if (p->count == 0) {
        return AIGOV_OK;
    }
    id = aigov_malloc(ctx, p->count * sizeof *id);
    if (id == NULL) {
        return aigov__nomem(p->t.a->err);
    }
    for (size_t i = 0; i < p->count; i++) {
        id[i] = p->who[i].id;
    }
    st = aigov__names(p->t.a->g, id, p->count, take_name, p, p->t.a->err);
    aigov_mfree(ctx, id, p->count * sizeof *id);
    return st;
}

static int by_name(const void *a, const void *b, void *host)
{
    const char *text = host;
    const person *x = a, *y = b;
    int order = memcmp(text + x->at, text + y->at, x->n < y->n ? x->n : y->n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* --- a walk, and to whom it led ------------------------------------------ */

static void people_free(people *p)
{
    aigov_ctx *ctx = p->t.a->ctx;
    aigov_mfree(ctx, p->deliveries.item,
                p->deliveries.cap * sizeof *p->deliveries.item);
    aigov_mfree(ctx, p->who, p->cap * sizeof *p->who);
    aigov_buf_free(&p->text);
    aigov_buf_free(&p->joined);
    aigov__tell_free(&p->t);
}

/* Argument 0 is the cause, 1 the strength, 2 and 3 the time, where the question
 * has them.  All that is reached is walked: what is told is less. */
static aigov_status people_find(people *p, aigov__asking *a)
{
    aigov__walk w = {.down = true,
                     .max_distance = -1,
                     .strength = AIGOV_STRENGTH_CONTEXT,
                     .start = &p->start,
                     .starts = 1};
    aigov_status st = aigov__tell_init(&p->t, a);
    aigov_buf_init(&p->text, a->ctx);
    aigov_buf_init(&p->joined, a->ctx);
    p->deliveries.relation = AIGOV_REL_DELIVERED;
    st = st == AIGOV_OK ? aigov__ask_node(a, 0, &p->start) : st;
    if (st == AIGOV_OK && a->q->arguments > 1) {
        st = aigov__ask_strength(a, 1, &w.strength);
        aigov__tell_span(&p->t, 2);
    }
    if (st == AIGOV_OK) {
        st = aigov__walk_run(a->g, &w, SIZE_MAX - 1, &p->t.reached, &p->t.n,
                             &p->t.more, a->err);
    }
    st = st == AIGOV_OK ? find_asides(p, &p->deliveries) : st;
    return st == AIGOV_OK ? find_persons(p) : st;
}

/* --- recipients ---------------------------------------------------------- */

static void count_delivery(person *w, const aside *d, const aigov__reached *m,
                           const aigov__stated *s)
{
    int32_t distance = m != NULL ? AIGOV__DISTANCE(m) : 0;
    int strength = m != NULL ? AIGOV__STRENGTH(m) : AIGOV_STRENGTH_NONE;
    strength =
        strength == AIGOV_STRENGTH_NONE ? AIGOV_STRENGTH_CONTEXT : strength;
    w->nearest = distance < w->nearest ? distance : w->nearest;
    w->strongest = strength > w->strongest ? strength : w->strongest;
    w->asserted =
        w->asserted && (d->asserted || (m != NULL && AIGOV__ASSERTED(m)));
    if (s->known) {
        w->first = !w->timed || s->at < w->first ? s->at : w->first;
        w->last = !w->timed || s->at > w->last ? s->at : w->last;
        w->timed = true;
    }
}

/* Deliveries and persons are in the order of persons. */
static aigov_status count_all(people *p)
{
    aigov__telling *t = &p->t;
    person *w = p->who;
    int64_t last = 0;
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < p->count; i++) {
        w[i].nearest = INT32_MAX;
        w[i].asserted = true;
    }
    for (size_t i = 0; i < p->deliveries.n && st == AIGOV_OK; i++) {
        const aside *d = &p->deliveries.item[i];
        if (w->id != d->to) {
            w++;
            last = 0;
        }
        st = aigov__stated_brief(&t->stated, t->a->g, d->log, d->place,
                                 t->a->err);
        if (st == AIGOV_OK && aigov__tell_counts(t)) {
            count_delivery(w, d, aigov__walk_reached(t->a->g, d->node),
                           &t->stated);
            w->outputs += d->node != last;
            last = d->node;
        }
    }
    return st;
}

static aigov_status tell_person(people *p, const person *w)
{
    aigov_cell c[7];
    c[0] = aigov__span_cell((aigov_span){p->text.p + w->at, w->n});
    c[1] = aigov__int_cell(w->outputs);
    c[2] = w->timed ? aigov__int_cell(w->first) : aigov__null();
    c[3] = w->timed ? aigov__int_cell(w->last) : aigov__null();
    c[4] = aigov__int_cell(w->nearest);
    c[5] = aigov__strength_cell(w->strongest);
    c[6] = aigov__source_cell(w->asserted);
    return aigov__give(p->t.a, c);
}

aigov_status aigov__recipients(aigov__asking *a)
{
    people p = {.count = 0};
    aigov_status st = people_find(&p, a);
    st = st == AIGOV_OK && p.count > 0 ? count_all(&p) : st;
    if (st == AIGOV_OK && p.count > 0) {
        aigov__sort(p.who, p.count, sizeof *p.who, by_name, p.text.p);
    }
    for (size_t i = 0; i < p.count && st == AIGOV_OK; i++) {
        st = p.who[i].outputs > 0 ? tell_person(&p, &p.who[i]) : AIGOV_OK;
    }
    people_free(&p);
    return st;
}

/* --- outputs ------------------------------------------------------------- */

#define MAX_JOINED 32 /* persons of one output that are named */

static bool join_names(people *p, person *w, size_t n)
{
    aigov__sort(w, n, sizeof *w, by_name, p->text.p);
    for (size_t i = 0; i < n; i++) {
        if ((i > 0 && !aigov_buf_puts(&p->joined, ", ")) ||
            !aigov_buf_put(&p->joined, p->text.p + w[i].at, w[i].n)) {
            return false;
        }
    }
    return true;
}

/* To whom an output went, in one text; deliveries are in the order of nodes. */
static bool join_persons(people *p, int64_t message)
{
    const asides *d = &p->deliveries;
    person w[MAX_JOINED];
    size_t low = 0, high = d->n, n = 0;
    p->joined.n = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->item[middle].node < message) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < d->n && d->item[low].node == message && n < MAX_JOINED;
         low++) {
        const person *to = person_of(p, d->item[low].to);
        if (to != NULL && (n == 0 || w[n - 1].id != to->id)) {
            w[n++] = *to;
        }
    }
    return join_names(p, w, n);
}

static aigov_status tell_output(aigov__telling *t, const aigov__reached *r)
{
    people *p = (people *)t; /* its first member */
    aigov_span system = aigov_buf_span(&t->stated.system);
    aigov_cell c[12];
    if (AIGOV__NODE_KIND(r->id) != AIGOV_NODE_MSG || !aigov__tell_counts(t)) {
        return AIGOV_OK;
    }
    if (!join_persons(p, r->id)) {
        return aigov__nomem(t->a->err);
    }
    c[0] = aigov__span_cell(aigov__batch_name(t->names, r->id));
    aigov__stated_cells(&t->stated, c + 1);
    c[5] = aigov__stated_at(&t->stated);
    c[6] = system.n > 0 ? aigov__span_cell(system) : aigov__null();
    c[7] = p->joined.n > 0 ? aigov__span_cell(aigov_buf_span(&p->joined))
                           : aigov__null();
    c[8] = aigov__int_cell(AIGOV__DISTANCE(r));
    c[9] = aigov__str_cell(aigov__via_name(AIGOV__VIA(r)));
    c[10] = aigov__strength_cell(AIGOV__STRENGTH(r));
    c[11] = aigov__source_cell(AIGOV__ASSERTED(r));
    return aigov__give(t->a, c);
}

aigov_status aigov__outputs(aigov__asking *a)
{
    people p = {.count = 0};
    aigov_status st = people_find(&p, a);
    if (st == AIGOV_OK) {
        aigov__sort(p.deliveries.item, p.deliveries.n,
                    sizeof *p.deliveries.item, by_node, NULL);
        st = aigov__tell_all(&p.t, tell_output);
    }
    people_free(&p);
    return st;
}

/* --- the blast radius ---------------------------------------------------- */

#define VIAS (AIGOV__VIA_TRAINING + 1)
#define GROUPS (AIGOV_NODE_KINDS * VIAS * 2)

/* Nodes of one kind, way and source. */
typedef struct group {
    int64_t n, systems, people, first, last, gone;
    bool timed;
} group;

typedef struct radius {
    people p;
    group group[GROUPS];
    aigov__names_map systems; /* group and system */
    aigov_buf key;
} radius;

static size_t group_of(const aigov__reached *r)
{
    return ((size_t)AIGOV__NODE_KIND(r->id) * VIAS + (size_t)AIGOV__VIA(r)) *
               2 +
           AIGOV__ASSERTED(r);
}

static bool count_system(radius *x, size_t i)
{
    aigov_span system = aigov_buf_span(&x->p.t.stated.system);
    x->key.n = 0;
    if (system.n == 0) {
        return true;
    }
    if (!aigov_buf_put_i64(&x->key, (int64_t)i) ||
        !aigov_buf_puts(&x->key, ":") ||
        !aigov_buf_put(&x->key, system.p, system.n)) {
        return false;
    }
    if (aigov__names_get(&x->systems, aigov_buf_span(&x->key)) != 0) {
        return true;
    }
    x->group[i].systems++;
    return aigov__names_put(&x->systems, aigov_buf_span(&x->key), 1);
}

static aigov_status count_nodes(radius *x)
{
    aigov__telling *t = &x->p.t;
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < t->n && st == AIGOV_OK; i++) {
        const aigov__reached *r = &t->reached[i];
        size_t g = group_of(r);
        group *to = &x->group[g];
        const aigov__stated *s = &t->stated;
        to->n++;
        st = aigov__stated_brief(&t->stated, t->a->g, r->log, r->place,
                                 t->a->err);
        if (st == AIGOV_OK && s->known) {
            to->first = !to->timed || s->at < to->first ? s->at : to->first;
            to->last = !to->timed || s->at > to->last ? s->at : to->last;
            to->timed = true;
            st = count_system(x, g) ? AIGOV_OK : aigov__nomem(t->a->err);
        }
    }
    return st;
}

/* Persons of each group, each once: by group, then by person. */
typedef struct pair {
    size_t group;
    int64_t person;
} pair;

static int by_pair(const void *a, const void *b, void *host)
{
    const pair *x = a, *y = b;
    (void)host;
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    return (x->person > y->person) - (x->person < y->person);
}

static aigov_status count_people(radius *x)
{
    const asides *d = &x->p.deliveries;
    aigov__asking *a = x->p.t.a;
    pair *p = aigov_malloc(a->ctx, (d->n + 1) * sizeof *p);
    size_t n = 0;
    if (p == NULL) {
        return aigov__nomem(a->err);
    }
    for (size_t i = 0; i < d->n; i++) {
        const aigov__reached *r = aigov__walk_reached(a->g, d->item[i].node);
        if (r != NULL) {
            p[n++] = (pair){group_of(r), d->item[i].to};
        }
    }
    aigov__sort(p, n, sizeof *p, by_pair, NULL);
    for (size_t i = 0; i < n; i++) {
        x->group[p[i].group].people +=
            i == 0 || by_pair(&p[i - 1], &p[i], NULL) != 0;
    }
    aigov_mfree(a->ctx, p, (d->n + 1) * sizeof *p);
    return AIGOV_OK;
}

/* What was invalidated is no longer in use. */
static aigov_status count_gone(radius *x)
{
    asides d = {.relation = AIGOV_REL_INVALIDATED};
    aigov__asking *a = x->p.t.a;
    aigov_status st = find_asides(&x->p, &d);
    aigov__sort(d.item, d.n, sizeof *d.item, by_node, NULL);
    for (size_t i = 0; i < d.n && st == AIGOV_OK; i++) {
        const aigov__reached *r = aigov__walk_reached(a->g, d.item[i].node);
        if (r != NULL && (i == 0 || d.item[i - 1].node != d.item[i].node)) {
            x->group[group_of(r)].gone++;
        }
    }
    aigov_mfree(a->ctx, d.item, d.cap * sizeof *d.item);
    return st;
}

static aigov_status tell_group(radius *x, size_t i)
{
    const group *g = &x->group[i];
    aigov_cell c[9];
    c[0] = aigov__str_cell(
        aigov_node_kind_name((aigov_node_kind)(i / (VIAS * 2))));
    c[1] = aigov__str_cell(aigov__via_name((int)(i / 2 % VIAS)));
    c[2] = aigov__int_cell(g->n);
    c[3] = aigov__int_cell(g->systems);
    c[4] = aigov__int_cell(g->people);
    c[5] = g->timed ? aigov__int_cell(g->first) : aigov__null();
    c[6] = g->timed ? aigov__int_cell(g->last) : aigov__null();
    c[7] = aigov__int_cell(g->gone < g->n);
    c[8] = aigov__source_cell(i % 2 == 1);
    return aigov__give(x->p.t.a, c);
}

aigov_status aigov__radius(aigov__asking *a)
{
    radius *x = aigov_malloc(a->ctx, sizeof *x);
    aigov_status st;
    if (x == NULL) {
        return aigov__nomem(a->err);
    }
    *x = (radius){.systems = {.ctx = a->ctx}};
    aigov_buf_init(&x->systems.text, a->ctx);
    aigov_buf_init(&x->key, a->ctx);
    st = people_find(&x->p, a);
    st = st == AIGOV_OK ? count_nodes(x) : st;
    st = st == AIGOV_OK ? count_people(x) : st;
    st = st == AIGOV_OK ? count_gone(x) : st;
    for (size_t i = 0; i < GROUPS && st == AIGOV_OK; i++) {
        st = x->group[i].n > 0 ? tell_group(x, i) : AIGOV_OK;
    }
    people_free(&x->p);
    aigov__names_free(&x->systems);
    aigov_buf_free(&x->key);
    aigov_mfree(a->ctx, x, sizeof *x);
    return st;
}
