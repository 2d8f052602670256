/*
 * reach.c - what a cause led to, what an effect came from, and the path between
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Rows come in the order of distance, then of the entry that states the edge by
 * which a node is reached (log, lane, seq), then of names.  since and until are
 * of that entry's time; what follows from a name alone has none, and stays.
 */
#include "tell.h"

/* --- downstream, upstream ------------------------------------------------ */

aigov_cell aigov__kind_cell(aigov_span name, int64_t id)
{
    aigov_node_kind kind = AIGOV__NODE_KIND(id);
    const char *colon;
    if (kind != AIGOV_NODE_OTHER || name.p == NULL) {
        return aigov__str_cell(aigov_node_kind_name(kind));
    }
    colon = memchr(name.p, ':', name.n);
    return aigov__span_cell(
        (aigov_span){name.p, colon != NULL ? (size_t)(colon - name.p) : 0});
}

static aigov_status tell_node(aigov__telling *t, const aigov__reached *r)
{
    aigov_span name = aigov__batch_name(t->names, r->id);
    aigov_cell c[11];
    if (!aigov__tell_counts(t)) {
        return AIGOV_OK;
    }
    c[0] = aigov__span_cell(name);
    c[1] = aigov__kind_cell(name, r->id);
    c[2] = aigov__int_cell(AIGOV__DISTANCE(r));
    c[3] = aigov__str_cell(aigov__via_name(AIGOV__VIA(r)));
    c[4] = aigov__strength_cell(AIGOV__STRENGTH(r));
    aigov__stated_cells(&t->stated, c + 5);
    c[9] = aigov__stated_at(&t->stated);
    c[10] = aigov__source_cell(AIGOV__ASSERTED(r));
    return aigov__give(t->a, c);
}

static aigov_status tell_walk(aigov__asking *a, aigov__walk *w, int64_t *start,
                              size_t span)
{
    aigov__telling t;
    aigov_status st = aigov__tell_init(&t, a);
    if (st == AIGOV_OK) {
        w->start = start;
        w->starts = 1;
        /* one more than the limit, so that the limit can be said */
        st = aigov__walk_run(a->g, w, (size_t)a->limit + 1, &t.reached, &t.n,
                             &t.more, a->err);
    }
    if (st == AIGOV_OK && span != 0) {
        aigov__tell_span(&t, span);
    }
    if (st == AIGOV_OK) {
        st = aigov__tell_all(&t, tell_node);
    }
    aigov__tell_free(&t);
    return st;
}

aigov_status aigov__downstream(aigov__asking *a)
{
    aigov__walk w = {.down = true};
    int64_t start;
    aigov_status st = aigov__ask_node(a, 0, &start);
    st = st == AIGOV_OK ? aigov__ask_strength(a, 1, &w.strength) : st;
    st = st == AIGOV_OK ? aigov__ask_number(a, 2, -1, &w.max_distance) : st;
    return st == AIGOV_OK ? tell_walk(a, &w, &start, 3) : st;
}

aigov_status aigov__upstream(aigov__asking *a)
{
    aigov__walk w = {.strength = AIGOV_STRENGTH_CONTEXT};
    int64_t start;
    aigov_status st = aigov__ask_node(a, 0, &start);
    st = st == AIGOV_OK ? aigov__ask_number(a, 1, -1, &w.max_distance) : st;
    return st == AIGOV_OK ? tell_walk(a, &w, &start, 0) : st;
}

/* --- path ---------------------------------------------------------------- */

/* The edge by which a path goes on from a node to one a step nearer: the first
 * that an entry states, and of one entry's that to the least name. */
typedef struct stepping {
    aigov_graph *g;
    int32_t distance; /* of the node that is looked for */
    aigov_ref *edge;  /* equally good ones */
    size_t edges, cap;
    size_t best;
    aigov_buf least; /* name */
} stepping;

static int compare_places(const aigov_ref *a, const aigov_ref *b)
{
    if (a->log != b->log) {
        return a->log < b->log ? -1 : 1;
    }
    return (a->place > b->place) - (a->place < b->place);
}

static aigov_status take_step(void *arg, const aigov_ref *r, aigov_error *err)
{
    stepping *s = arg;
    int order;
    if (aigov__walk_distance(s->g, r->effect) != s->distance ||
        !aigov__walk_follows(r)) {
        return AIGOV_OK;
    }
    order = s->edges > 0 ? compare_places(r, s->edge) : -1;
    if (order > 0) {
        return AIGOV_OK;
    }
    s->edges = order < 0 ? 0 : s->edges;
    if (!aigov__room(s->g->ctx, (void **)&s->edge, &s->cap, sizeof *s->edge,
                     s->edges + 1)) {
        return aigov__nomem(err);
    }
    s->edge[s->edges++] = *r;
    return AIGOV_OK;
}

static aigov_status take_least(void *arg, int64_t id, aigov_span name,
                               aigov_error *err)
{
    stepping *s = arg;
    size_t n = name.n < s->least.n ? name.n : s->least.n;
    int order = s->least.n > 0 ? memcmp(name.p, s->least.p, n) : -1;
    size_t i;
    if (order > 0 || (order == 0 && name.n >= s->least.n)) {
        return AIGOV_OK;
    }
    for (i = 0; i < s->edges && s->edge[i].effect != id; i++) {
    }
    s->best = i;
    s->least.n = 0;
    return aigov_buf_put(&s->least, name.p, name.n) ? AIGOV_OK
                                                    : aigov__nomem(err);
}

static int by_how(const void *a, const void *b, void *host)
{
    const aigov_ref *x = a, *y = b;
    (void)host;
    return (x->how > y->how) - (x->how < y->how);
}

/* The edge from cause to a node of that distance. */
static aigov_status step_back(stepping *s, int64_t cause, aigov_ref *out,
                              aigov_error *err)
{
    aigov_status st;
    s->edges = s->best = s->least.n = 0;
    st = aigov__edges(s->g, true, &cause, 1, take_step, s, err);
    aigov__sort(s->edge, s->edges, sizeof *s->edge, by_how, NULL);
    for (size_t i = 0; i < s->edges && s->edges > 1 && st == AIGOV_OK; i++) {
        st = aigov__names(s->g, &s->edge[i].effect, 1, take_least, s, err);
    }
    if (st == AIGOV_OK && s->edges == 0) { /* it was there for the walk */
        return aigov_fail(err, AIGOV_STATE, AIGOV_NO_POS,
                          "the index changed while it was read");
    }
    if (st == AIGOV_OK) {
        *out = s->edge[s->best];
    }
    return st;
}

static aigov_status tell_step(aigov__telling *t, int64_t step, int64_t id,
                              const aigov_ref *by)
{
    aigov_cell c[8];
    aigov_status st;
    t->names->ids = 0;
    aigov__batch_add(t->names, id);
    st = aigov__batch_load(t->names, t->a->err);
    if (st == AIGOV_OK) {
        st = aigov__stated_read(&t->stated, t->a->g, by != NULL ? by->log : 0,
                                by != NULL ? by->place : 0, t->a->err);
    }
    c[0] = aigov__int_cell(step);
    c[1] = aigov__span_cell(aigov__batch_name(t->names, id));
    c[2] = by != NULL ? aigov__str_cell(
                            aigov__relation_name(AIGOV__HOW_RELATION(by->how)))
                      : aigov__null();
    aigov__stated_cells(&t->stated, c + 3);
    c[7] = by != NULL ? aigov__source_cell(AIGOV__HOW_ASSERTED(by->how))
                      : aigov__null();
    return st == AIGOV_OK ? aigov__give(t->a, c) : st;
}

/* Backwards, from the cause to the effect, then told the other way round. */
static aigov_status trace(aigov__telling *t, int64_t effect, int64_t cause)
{
    aigov__asking *a = t->a;
    int32_t n = aigov__walk_distance(a->g, cause);
    stepping s = {.g = a->g, .least = {.ctx = a->ctx}};
    aigov_ref *edge;
    aigov_status st = AIGOV_OK;
    if (effect == cause) {
        return tell_step(t, 0, effect, NULL);
    }
    if (n < 0) {
        return AIGOV_OK;
    }
    edge = aigov_malloc(a->ctx, (size_t)n * sizeof *edge);
    if (edge == NULL) {
        return aigov__nomem(a->err);
    }
    for (int32_t i = n; i > 0 && st == AIGOV_OK; i--) {
        s.distance = i - 1;
        st = step_back(&s, cause, &edge[i - 1], a->err);
        cause = edge[i - 1].effect;
    }
    st = st == AIGOV_OK ? tell_step(t, 0, effect, NULL) : st;
    for (int32_t i = 0; i < n && st == AIGOV_OK; i++) {
        st = tell_step(t, i + 1, edge[i].cause, &edge[i]);
    }
    aigov_mfree(a->ctx, edge, (size_t)n * sizeof *edge);
    aigov_mfree(a->ctx, s.edge, s.cap * sizeof *s.edge);
    aigov_buf_free(&s.least);
    return st;
}

aigov_status aigov__path(aigov__asking *a)
{
    aigov__walk w = {.strength = AIGOV_STRENGTH_CONTEXT, .max_distance = -1};
    aigov__telling t;
    int64_t effect, cause;
    aigov_status st = aigov__ask_node(a, 0, &effect);
    st = st == AIGOV_OK ? aigov__ask_node(a, 1, &cause) : st;
    if (st != AIGOV_OK) {
        return st;
    }
    st = aigov__tell_init(&t, a);
    w.start = &effect;
    w.starts = 1;
    if (st == AIGOV_OK) {
        st = aigov__walk_run(a->g, &w, SIZE_MAX - 1, &t.reached, &t.n, &t.more,
                             a->err);
    }
    st = st == AIGOV_OK ? trace(&t, effect, cause) : st;
    aigov__tell_free(&t);
    return st;
}
