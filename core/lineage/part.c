/*
 * part.c - a part of the graph, named and sorted
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Three steps: the ids that walks reach; the edges into them, and the ids at
 * their other ends; names, by which both are sorted.  Memory is 40 bytes a node
 * and 32 an edge, and the names.
 */
#include "part.h"

#include "graph.h"

void aigov__part_free(aigov__part *p)
{
    aigov_mfree(p->ctx, p->node, p->node_cap * sizeof *p->node);
    aigov_mfree(p->ctx, p->edge, p->edge_cap * sizeof *p->edge);
    aigov_mfree(p->ctx, p->ref, p->ref_cap * sizeof *p->ref);
    aigov_buf_free(&p->text);
}

/* --- nodes --------------------------------------------------------------- */

static aigov_status add_node(aigov__part *p, int64_t id, int32_t distance)
{
    if (!aigov__room(p->ctx, (void **)&p->node, &p->node_cap, sizeof *p->node,
                     p->nodes + 1)) {
        return aigov__nomem(p->err);
    }
    p->node[p->nodes++] = (aigov__part_node){
        .id = id, .distance = distance, .kind = AIGOV__NODE_KIND(id)};
    return AIGOV_OK;
}

static int by_id(const void *a, const void *b, void *host)
{
    const aigov__part_node *x = a, *y = b;
    (void)host;
    if (x->id != y->id) {
        return x->id < y->id ? -1 : 1;
    }
    return (x->distance > y->distance) - (x->distance < y->distance);
}

/* In the order of id, each once, at its least distance. */
static void unite(aigov__part *p)
{
    size_t n = 0;
    aigov__sort(p->node, p->nodes, sizeof *p->node, by_id, NULL);
    for (size_t i = 0; i < p->nodes; i++) {
        if (n == 0 || p->node[n - 1].id != p->node[i].id) {
            p->node[n++] = p->node[i];
        }
    }
    p->nodes = n;
}

/* The node of an id among the first n; SIZE_MAX: none. */
static size_t find(const aigov__part *p, size_t n, int64_t id)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->node[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && p->node[low].id == id ? low : SIZE_MAX;
}

static aigov_status reach(aigov__part *p, const aigov__walk *w)
{
    const aigov__reached *r;
    size_t n;
    bool more;
    aigov_status st =
        aigov__walk_run(p->graph, w, SIZE_MAX, &r, &n, &more, p->err);
    for (size_t i = 0; i < w->starts && st == AIGOV_OK; i++) {
        st = add_node(p, w->start[i], 0);
    }
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        st = add_node(p, r[i].id, AIGOV__DISTANCE(&r[i]));
    }
    return st;
}

/* --- edges --------------------------------------------------------------- */

typedef struct gathering {
    aigov__part *p;
    size_t reached; /* nodes that walks reached; SIZE_MAX: every edge counts */
} gathering;

static aigov_status take_edge(void *arg, const aigov_ref *ref, aigov_error *err)
{
    gathering *x = arg;
    aigov__part *p = x->p;
    if (x->reached != SIZE_MAX &&
        AIGOV__INFLUENCE(AIGOV__HOW_RELATION(ref->how)) &&
        find(p, x->reached, ref->cause) == SIZE_MAX) {
        return AIGOV_OK;
    }
    if (!aigov__room(p->ctx, (void **)&p->ref, &p->ref_cap, sizeof *p->ref,
                     p->refs + 1)) {
        return aigov__nomem(err);
    }
    p->ref[p->refs++] = *ref;
    return AIGOV_OK;
}

#define FAR (INT32_MAX - 1) /* the distance of what no walk reached */

/* What follows from a name counts as of a moment only if the name was there. */
static aigov_status drop_unborn(aigov__part *p)
{
    aigov_status st = AIGOV_OK;
    size_t n = 0;
    if (p->graph->as_of == 0) {
        return AIGOV_OK;
    }
    for (size_t i = 0; i < p->refs && st == AIGOV_OK; i++) {
        bool yes = p->ref[i].place != 0;
        if (!yes) {
            st = aigov__exists(p->graph, p->ref[i].effect, &yes, p->err);
        }
        if (yes) {
            p->ref[n++] = p->ref[i];
        }
    }
    p->refs = st == AIGOV_OK ? n : p->refs;
    return st;
}

static aigov_status gather(aigov__part *p, bool all)
{
    gathering x = {p, all ? SIZE_MAX : p->nodes};
    aigov_status st = AIGOV_OK;
    int64_t *id = NULL;
    size_t n = all ? 0 : p->nodes;
    if (!all && n == 0) {
        return AIGOV_OK;
    }
    if (n > 0) {
        id = aigov_malloc(p->ctx, n * sizeof *id);
        if (id == NULL) {
            return aigov__nomem(p->err);
        }
    }
    for (size_t i = 0; i < n; i++) {
        id[i] = p->node[i].id;
    }
    st = aigov__edges(p->graph, false, id, n, take_edge, &x, p->err);
    aigov_mfree(p->ctx, id, n * sizeof *id);
    st = st == AIGOV_OK && all ? drop_unborn(p) : st;
    for (size_t i = 0; i < p->refs && st == AIGOV_OK; i++) {
        st = add_node(p, p->ref[i].cause, FAR);
        if (st == AIGOV_OK && all) {
            st = add_node(p, p->ref[i].effect, FAR);
        }
    }
    unite(p);
    return st;
}

/* --- names --------------------------------------------------------------- */

/* The text may move while it grows: a name is a place in it at first. */
static aigov_status take_name(void *arg, int64_t id, aigov_span name,
                              aigov_error *err)
{
    aigov__part *p = arg;
    size_t i = find(p, p->nodes, id);
    if (i == SIZE_MAX) {
        return AIGOV_OK;
    }
    p->node[i].at = p->text.n;
    p->node[i].name.n = name.n;
    return aigov_buf_put(&p->text, name.p, name.n) ? AIGOV_OK
                                                   : aigov__nomem(err);
}

static aigov_status name_all(aigov__part *p)
{
    int64_t *id = aigov_malloc(p->ctx, p->nodes * sizeof *id);
    aigov_status st;
    if (id == NULL) {
        return aigov__nomem(p->err);
    }
    for (size_t i = 0; i < p->nodes; i++) {
        id[i] = p->node[i].id;
    }
    st = aigov__names(p->graph, id, p->nodes, take_name, p, p->err);
    aigov_mfree(p->ctx, id, p->nodes * sizeof *id);
    for (size_t i = 0; i < p->nodes; i++) {
        p->node[i].name.p = p->text.p + p->node[i].at;
    }
    return st;
}

/* --- order --------------------------------------------------------------- */

static int by_name(const void *a, const void *b, void *host)
{
    const aigov__part_node *const *x = a, *const *y = b;
    aigov_span s = (*x)->name, t = (*y)->name;
    int order = memcmp(s.p, t.p, s.n < t.n ? s.n : t.n);
    (void)host;
    return order != 0 ? order : (s.n > t.n) - (s.n < t.n);
}

static int by_ends(const void *a, const void *b, void *host)
{
    const aigov__part_edge *x = a, *y = b;
    int r = AIGOV__HOW_RELATION(x->how), s = AIGOV__HOW_RELATION(y->how);
    (void)host;
    if (x->effect != y->effect) {
        return x->effect < y->effect ? -1 : 1;
    }
    if (r != s) {
        return r < s ? -1 : 1;
    }
    if (x->cause != y->cause) {
        return x->cause < y->cause ? -1 : 1;
    }
    if (x->log != y->log) {
        return x->log < y->log ? -1 : 1;
    }
    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    return (x->how > y->how) - (x->how < y->how);
}

static bool same_ends(const aigov__part_edge *a, const aigov__part_edge *b)
{
    return a->effect == b->effect && a->cause == b->cause &&
           AIGOV__HOW_RELATION(a->how) == AIGOV__HOW_RELATION(b->how);
}

void aigov__part_join(aigov__part *p)
{
    const uint16_t asserted = AIGOV_HOW(0, 0, 0, 1);
    size_t n = 0;
    for (size_t i = 0; i < p->edges; i++) {
        if (n == 0 || !same_ends(&p->edge[n - 1], &p->edge[i])) {
            p->edge[n++] = p->edge[i];
        } else if (!AIGOV__HOW_ASSERTED(p->edge[i].how)) {
            p->edge[n - 1].how &= (uint16_t)~asserted;
        }
    }
    p->edges = n;
}

/* Nodes by name; rank: where the node that was i-th by id is now. */
static aigov_status order_nodes(aigov__part *p, uint32_t *rank)
{
    aigov__part_node **order = aigov_malloc(p->ctx, p->nodes * sizeof *order);
    aigov__part_node *sorted = aigov_malloc(p->ctx, p->nodes * sizeof *sorted);
    aigov_status st = AIGOV_OK;
    if (order == NULL || sorted == NULL) {
        st = aigov__nomem(p->err);
    }
    for (size_t i = 0; i < p->nodes && st == AIGOV_OK; i++) {
        order[i] = &p->node[i];
    }
    if (st == AIGOV_OK) {
        aigov__sort(order, p->nodes, sizeof *order, by_name, NULL);
        for (size_t i = 0; i < p->nodes; i++) {
            sorted[i] = *order[i];
            rank[order[i] - p->node] = (uint32_t)i;
        }
        memcpy(p->node, sorted, p->nodes * sizeof *sorted);
    }
    aigov_mfree(p->ctx, order, p->nodes * sizeof *order);
    aigov_mfree(p->ctx, sorted, p->nodes * sizeof *sorted);
    return st;
}

/* Nodes are still in the order of id. */
static void place_edges(aigov__part *p)
{
    for (size_t i = 0; i < p->refs; i++) {
        const aigov_ref *r = &p->ref[i];
        p->edge[i] =
            (aigov__part_edge){.effect = (uint32_t)find(p, p->nodes, r->effect),
                               .cause = (uint32_t)find(p, p->nodes, r->cause),
                               .place = r->place,
                               .log = r->log,
                               .how = r->how};
    }
    p->edges = p->refs;
}

static aigov_status put_in_order(aigov__part *p)
{
    uint32_t *rank = aigov_malloc(p->ctx, p->nodes * sizeof *rank);
    aigov_status st = AIGOV_OK;
    if (rank == NULL || !aigov__room(p->ctx, (void **)&p->edge, &p->edge_cap,
                                     sizeof *p->edge, p->refs + 1)) {
        aigov_mfree(p->ctx, rank, p->nodes * sizeof *rank);
        return aigov__nomem(p->err);
    }
    place_edges(p);
    st = order_nodes(p, rank);
    for (size_t i = 0; i < p->edges && st == AIGOV_OK; i++) {
        p->edge[i].effect = rank[p->edge[i].effect];
        p->edge[i].cause = rank[p->edge[i].cause];
    }
    aigov_mfree(p->ctx, rank, p->nodes * sizeof *rank);
    if (st == AIGOV_OK) {
        aigov__sort(p->edge, p->edges, sizeof *p->edge, by_ends, NULL);
    }
    return st;
}

aigov_status aigov__part_make(aigov__part *p, aigov_graph *g,
                              const aigov__walk *walk, size_t walks,
                              aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    p->graph = g;
    p->ctx = aigov__graph_ctx(g);
    p->err = err;
    aigov_buf_init(&p->text, p->ctx);
    for (size_t i = 0; i < walks && st == AIGOV_OK; i++) {
        st = reach(p, &walk[i]);
    }
    unite(p);
    if (st == AIGOV_OK) {
        st = gather(p, walks == 0);
    }
    if (st != AIGOV_OK || p->nodes == 0) {
        return st;
    }
    st = name_all(p);
    return st == AIGOV_OK ? put_in_order(p) : st;
}
