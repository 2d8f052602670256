/*
 * walk.c - breadth first, down to effects or up to causes
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   layer 0: starts    layer 1: what an edge joins to them    layer 2 ...
 *
 * A layer is one call of aigov__edges, its ids ascending.  What is said of a
 * node (strength, via, source, place) is joined over all edges that reach it
 * from the layer before, so it does not depend on their order.  A node is
 * visited once, so loops end, and no recursion is needed for a chain.
 *
 * Persons, deliveries and erasures are never walked through: their relations
 * are no influence.
 */
#include "graph.h"

typedef struct walking {
    aigov_graph *g;
    const aigov__walk *w;
    size_t first, last; /* the layer at hand in g->reached */
    int32_t distance;   /* of what it reaches */
} walking;

/* --- visited ------------------------------------------------------------- */

static uint64_t hash(int64_t id)
{
    uint64_t x = (uint64_t)id * 0x9e3779b97f4a7c15u;
    return x ^ x >> 32;
}

static size_t slot_of(const aigov_graph *g, int64_t id)
{
    size_t i = hash(id) & (g->slots - 1);
    while (g->slot[i] != 0 && g->reached[g->slot[i] - 1].id != id) {
        i = (i + 1) & (g->slots - 1);
    }
    return i;
}

static bool more_slots(aigov_graph *g, size_t n)
{
    uint32_t *slot = aigov_malloc(g->ctx, n * sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    memset(slot, 0, n * sizeof *slot);
    aigov_mfree(g->ctx, g->slot, g->slots * sizeof *g->slot);
    g->slot = slot;
    g->slots = n;
    for (size_t i = 0; i < g->reaches; i++) {
        slot[slot_of(g, g->reached[i].id)] = (uint32_t)i + 1;
    }
    return true;
}

static aigov__reached *visit(aigov_graph *g, int64_t id)
{
    if (g->reaches >= UINT32_MAX - 1 ||
        (4 * (g->reaches + 1) > 3 * g->slots &&
         !more_slots(g, g->slots < 512 ? 512 : g->slots * 2)) ||
        !aigov__room(g->ctx, (void **)&g->reached, &g->reached_cap,
                     sizeof *g->reached, g->reaches + 1)) {
        return NULL;
    }
    g->slot[slot_of(g, id)] = (uint32_t)g->reaches + 1;
    g->reached[g->reaches] = (aigov__reached){.id = id};
    return &g->reached[g->reaches++];
}

static aigov__reached *visited(const aigov_graph *g, int64_t id)
{
    size_t i = slot_of(g, id);
    return g->slot[i] != 0 ? &g->reached[g->slot[i] - 1] : NULL;
}

/* --- what a path says ---------------------------------------------------- */

static int32_t pack(int32_t distance, int via, int strength, bool asserted)
{
    return (int32_t)((uint32_t)distance << 8 | (uint32_t)via |
                     (uint32_t)strength << 3 | (uint32_t)asserted << 6);
}

static bool is_kind(int64_t id, aigov_node_kind kind)
{
    return AIGOV__NODE_KIND(id) == kind;
}

static int via_of(const aigov_ref *r)
{
    aigov_relation relation = AIGOV__HOW_RELATION(r->how);
    if (relation == AIGOV_REL_MEMBER || is_kind(r->cause, AIGOV_NODE_RUN) ||
        is_kind(r->effect, AIGOV_NODE_RUN)) {
        return AIGOV__VIA_TRAINING;
    }
    if (is_kind(r->cause, AIGOV_NODE_ARTIFACT) ||
        is_kind(r->effect, AIGOV_NODE_ARTIFACT)) {
        return AIGOV__VIA_ARTIFACT;
    }
    if (relation == AIGOV_REL_INFORMED) {
        return AIGOV__VIA_AGENT;
    }
    return relation == AIGOV_REL_USED &&
                   (AIGOV__HOW_ROLE(r->how) == AIGOV_ROLE_HISTORY ||
                    (is_kind(r->cause, AIGOV_NODE_MSG) &&
                     AIGOV__NODE_PART(r->cause) == 2))
               ? AIGOV__VIA_CONVERSATION
               : AIGOV__VIA_DIRECT;
}

static int weaker(int a, int b)
{
    return a == AIGOV_STRENGTH_NONE || (b != AIGOV_STRENGTH_NONE && b < a) ? b
                                                                           : a;
}

/* What a longer path says: of the path so far and one more edge. */
static int32_t extend(const walking *k, const aigov__reached *from,
                      const aigov_ref *r)
{
    int via = via_of(r);
    int strength = weaker(AIGOV__STRENGTH(from), AIGOV__HOW_STRENGTH(r->how));
    return pack(k->distance, via > AIGOV__VIA(from) ? via : AIGOV__VIA(from),
                strength, AIGOV__ASSERTED(from) || AIGOV__HOW_ASSERTED(r->how));
}

/* NONE weakens nothing, so as the best of several it is the strongest. */
static int stronger(int a, int b)
{
    if (a == AIGOV_STRENGTH_NONE || b == AIGOV_STRENGTH_NONE) {
        return AIGOV_STRENGTH_NONE;
    }
    return a > b ? a : b;
}

static void join(aigov__reached *to, int32_t more, const aigov_ref *r)
{
    aigov__reached path = {.more = more};
    int via =
        AIGOV__VIA(&path) < AIGOV__VIA(to) ? AIGOV__VIA(&path) : AIGOV__VIA(to);
    to->more = pack(AIGOV__DISTANCE(to), via,
                    stronger(AIGOV__STRENGTH(&path), AIGOV__STRENGTH(to)),
                    AIGOV__ASSERTED(&path) && AIGOV__ASSERTED(to));
    if (r->log < to->log || (r->log == to->log && r->place < to->place)) {
        to->log = r->log;
        to->place = r->place;
    }
}

/* --- layers -------------------------------------------------------------- */

static bool is_walked(const walking *k, const aigov_ref *r)
{
    int strength = AIGOV__HOW_STRENGTH(r->how);
    if (!AIGOV__INFLUENCE(AIGOV__HOW_RELATION(r->how))) {
        return false;
    }
    if (k->distance == 1 && k->w->down && strength != AIGOV_STRENGTH_NONE) {
        return strength >= (int)k->w->strength;
    }
    return strength != AIGOV_STRENGTH_RETRIEVED ||
           k->w->strength == AIGOV_STRENGTH_RETRIEVED;
}

static aigov_status follow(void *arg, const aigov_ref *r, aigov_error *err)
{
    walking *k = arg;
    aigov_graph *g = k->g;
    int64_t near = k->w->down ? r->cause : r->effect;
    int64_t far = k->w->down ? r->effect : r->cause;
    aigov__reached *from = visited(g, near), *to;
    int32_t more;
    if (!is_walked(k, r) || from == NULL) {
        return AIGOV_OK;
    }
    more = extend(k, from, r);
    to = visited(g, far);
    if (to == NULL) {
        to = visit(g, far);
        if (to == NULL) {
            return aigov__nomem(err);
        }
        to->more = more;
        to->log = r->log;
        to->place = r->place;
    } else if (AIGOV__DISTANCE(to) == k->distance) {
        join(to, more, r);
    }
    return AIGOV_OK;
}

static int by_id(const void *a, const void *b, void *host)
{
    const int64_t *x = a, *y = b;
    (void)host;
    return (*x > *y) - (*x < *y);
}

/* As of a moment a version may not have been named yet, though its name says
 * what it is a version of: such a node was not there. */
static aigov_status drop_unborn(walking *k, aigov_error *err)
{
    aigov_graph *g = k->g;
    size_t kept = k->last;
    aigov_status st = AIGOV_OK;
    bool yes;
    for (size_t i = k->last; i < g->reaches && st == AIGOV_OK; i++) {
        yes = g->reached[i].place != 0;
        if (!yes) {
            st = aigov__exists(g, g->reached[i].id, &yes, err);
        }
        if (yes) {
            g->reached[kept++] = g->reached[i];
        }
    }
    if (kept == g->reaches) {
        return st;
    }
    g->reaches = kept;
    return st == AIGOV_OK && !more_slots(g, g->slots) ? aigov__nomem(err) : st;
}

static aigov_status one_layer(walking *k, aigov_error *err)
{
    aigov_graph *g = k->g;
    size_t n = k->last - k->first;
    int64_t *id = aigov_malloc(g->ctx, n * sizeof *id);
    aigov_status st;
    if (id == NULL) {
        return aigov__nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        id[i] = g->reached[k->first + i].id;
    }
    aigov__sort(id, n, sizeof *id, by_id, NULL);
    st = aigov__edges(g, k->w->down, id, n, follow, k, err);
    aigov_mfree(g->ctx, id, n * sizeof *id);
    return st == AIGOV_OK && g->as_of != 0 ? drop_unborn(k, err) : st;
}

static aigov_status begin(walking *k, aigov_error *err)
{
    aigov_graph *g = k->g;
    g->reaches = 0;
    if (g->slots > 0) {
        memset(g->slot, 0, g->slots * sizeof *g->slot);
    } else if (!more_slots(g, 512)) {
        return aigov__nomem(err);
    }
    for (size_t i = 0; i < k->w->starts; i++) {
        if (visited(g, k->w->start[i]) == NULL &&
            visit(g, k->w->start[i]) == NULL) {
            return aigov__nomem(err);
        }
    }
    k->last = g->reaches;
    return AIGOV_OK;
}

static const aigov__reached *look_up(const aigov_graph *g, int64_t id)
{
    return g->slots > 0 ? visited(g, id) : NULL;
}

const aigov__reached *aigov__walk_reached(const aigov_graph *g, int64_t id)
{
    const aigov__reached *r = look_up(g, id);
    return r != NULL && AIGOV__DISTANCE(r) > 0 ? r : NULL;
}

int32_t aigov__walk_distance(const aigov_graph *g, int64_t id)
{
    const aigov__reached *r = look_up(g, id);
    return r != NULL ? AIGOV__DISTANCE(r) : -1;
}

bool aigov__walk_follows(const aigov_ref *r)
{
    return AIGOV__INFLUENCE(AIGOV__HOW_RELATION(r->how)) &&
           AIGOV__HOW_STRENGTH(r->how) != AIGOV_STRENGTH_RETRIEVED;
}

/* --- order --------------------------------------------------------------- */

static int by_place(const void *a, const void *b, void *host)
{
    const aigov__reached *x = a, *y = b;
    (void)host;
    if (AIGOV__DISTANCE(x) != AIGOV__DISTANCE(y)) {
        return AIGOV__DISTANCE(x) < AIGOV__DISTANCE(y) ? -1 : 1;
    }
    if (x->log != y->log) {
        return x->log < y->log ? -1 : 1;
    }
    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
}

typedef struct tie {
    aigov__reached reached;
    size_t at, n; /* of the name */
} tie;

typedef struct untying {
    aigov_graph *g;
    tie *tie;
    size_t ties;
    aigov_buf text;
} untying;

static aigov_status take_name(void *arg, int64_t id, aigov_span name,
                              aigov_error *err)
{
    untying *u = arg;
    size_t low = 0, high = u->ties;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (u->tie[middle].reached.id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < u->ties && u->tie[low].reached.id == id) {
        u->tie[low].at = u->text.n;
        u->tie[low].n = name.n;
    }
    return aigov_buf_put(&u->text, name.p, name.n) ? AIGOV_OK
                                                   : aigov__nomem(err);
}

static int by_name(const void *a, const void *b, void *host)
{
    const untying *u = host;
    const tie *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = memcmp(u->text.p + x->at, u->text.p + y->at, n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* Nodes of one entry, which are few, by their names. */
static aigov_status untie(untying *u, aigov__reached *r, size_t n,
                          aigov_error *err)
{
    aigov_graph *g = u->g;
    int64_t *id = aigov_malloc(g->ctx, n * sizeof *id);
    aigov_status st = AIGOV_OK;
    u->tie = aigov_malloc(g->ctx, n * sizeof *u->tie);
    u->ties = n;
    u->text.n = 0;
    if (id == NULL || u->tie == NULL) {
        st = aigov__nomem(err);
    }
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        u->tie[i] = (tie){.reached = r[i]};
        id[i] = r[i].id;
    }
    if (st == AIGOV_OK) {
        st = aigov__names(g, id, n, take_name, u, err);
    }
    if (st == AIGOV_OK && u->text.n > 0) {
        aigov__sort(u->tie, n, sizeof *u->tie, by_name, u);
        for (size_t i = 0; i < n; i++) {
            r[i] = u->tie[i].reached;
        }
    }
    aigov_mfree(g->ctx, id, n * sizeof *id);
    aigov_mfree(g->ctx, u->tie, n * sizeof *u->tie);
    return st;
}

static aigov_status put_in_order(aigov_graph *g, aigov__reached *r, size_t n,
                                 aigov_error *err)
{
    untying u = {.g = g};
    aigov_status st = AIGOV_OK;
    size_t m;
    aigov_buf_init(&u.text, g->ctx);
    aigov__sort(r, n, sizeof *r, by_place, NULL);
    for (size_t i = 0; i < n && st == AIGOV_OK; i += m) {
        for (m = 1; i + m < n && r[i + m].place == r[i].place &&
                    r[i + m].log == r[i].log &&
                    AIGOV__DISTANCE(&r[i + m]) == AIGOV__DISTANCE(&r[i]);) {
            m++;
        }
        if (m > 1) {
            st = untie(&u, r + i, m, err);
        }
    }
    aigov_buf_free(&u.text);
    return st;
}

aigov_status aigov__walk_run(aigov_graph *g, const aigov__walk *w, size_t limit,
                             const aigov__reached **out, size_t *n, bool *more,
                             aigov_error *err)
{
    walking k = {.g = g, .w = w};
    aigov_status st = begin(&k, err);
    size_t starts = st == AIGOV_OK ? g->reaches : 0;
    *more = false;
    *n = 0;
    while (st == AIGOV_OK && k.first < k.last &&
           (w->max_distance < 0 || k.distance < w->max_distance)) {
        if (g->reaches - starts > limit) {
            *more = true;
            break;
        }
        k.distance++;
        st = one_layer(&k, err);
        k.first = k.last;
        k.last = g->reaches;
    }
    if (st == AIGOV_OK) {
        *out = g->reached + starts;
        *n = g->reaches - starts;
        *more = *more || *n > limit;
        st = put_in_order(g, g->reached + starts, *n, err);
    }
    if (st == AIGOV_OK && !more_slots(g, g->slots)) {
        st = aigov__nomem(err);
    }
    return st;
}
