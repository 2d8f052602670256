/*
 * fold.c - what is alike in a part of the graph, drawn as one node
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Colour refinement.  At first nodes of one kind have one colour (chunks of one
 * version, where there are few versions; starts are alone); then each round a
 * node's colour is made of its own and of those of its neighbours, so that what
 * stood for the same in the graph stays together and nothing else.  The last
 * round with at most 60 colours counts; while there is room, the smallest
 * groups are then taken apart.  Colours are hashes: two that meet by chance
 * fold two groups into one picture node, and nothing but a picture is made of
 * them.
 */
#include "fold.h"

#define MAX_VERSIONS 20 /* groups of chunks to begin with */

void aigov__fold_free(aigov__fold *f)
{
    aigov_mfree(f->ctx, f->of, f->nodes * sizeof *f->of);
    aigov_mfree(f->ctx, f->group, AIGOV__PICTURE * sizeof *f->group);
    aigov_mfree(f->ctx, f->link, f->link_cap * sizeof *f->link);
}

/* splitmix64's finaliser. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static uint64_t hash_bytes(aigov_span s)
{
    uint64_t h = s.n;
    for (size_t i = 0; i < s.n; i++) {
        h = mix(h ^ (uint8_t)s.p[i]);
    }
    return h;
}

typedef struct spot {
    uint64_t color; /* of a node, or of one neighbour of it */
    uint32_t node;
} spot;

typedef struct folding {
    const aigov__part *p;
    uint64_t *color, *next;
    spot *spot; /* nodes + 2 * edges of them */
    size_t spots;
} folding;

static int by_color(const void *a, const void *b, void *host)
{
    const spot *x = a, *y = b;
    (void)host;
    if (x->color != y->color) {
        return x->color < y->color ? -1 : 1;
    }
    return (x->node > y->node) - (x->node < y->node);
}

static int by_node(const void *a, const void *b, void *host)
{
    const spot *x = a, *y = b;
    (void)host;
    if (x->node != y->node) {
        return x->node < y->node ? -1 : 1;
    }
    return (x->color > y->color) - (x->color < y->color);
}

/* How many colours there are; the spots of nodes are then in their order. */
static size_t count(folding *f, const uint64_t *color)
{
    size_t n = 0;
    for (size_t i = 0; i < f->p->nodes; i++) {
        f->spot[i] = (spot){color[i], (uint32_t)i};
    }
    aigov__sort(f->spot, f->p->nodes, sizeof *f->spot, by_color, NULL);
    for (size_t i = 0; i < f->p->nodes; i++) {
        n += i == 0 || f->spot[i].color != f->spot[i - 1].color;
    }
    return n;
}

/* "handbook@2" of chunk:handbook@2#1 */
static aigov_span version_of(aigov_span name)
{
    size_t n = name.n, skip = 6 < n ? 6 : n;
    while (n > skip && name.p[n - 1] != '#') {
        n--;
    }
    return (aigov_span){name.p + skip, n > skip ? n - 1 - skip : name.n - skip};
}

static uint64_t first_color(const aigov__part_node *node, size_t i,
                            bool versions)
{
    uint64_t kind = mix((uint64_t)node->kind + 1);
    if (node->distance == 0) {
        return mix(kind ^ mix(i));
    }
    return versions && node->kind == AIGOV_NODE_CHUNK
               ? mix(kind ^ hash_bytes(version_of(node->name)))
               : kind;
}

static void begin(folding *f)
{
    size_t kinds, versions;
    for (size_t i = 0; i < f->p->nodes; i++) {
        f->color[i] = first_color(&f->p->node[i], i, false);
        f->next[i] = first_color(&f->p->node[i], i, true);
    }
    kinds = count(f, f->color);
    versions = count(f, f->next);
    if (versions <= kinds + MAX_VERSIONS && versions <= AIGOV__PICTURE) {
        memcpy(f->color, f->next, f->p->nodes * sizeof *f->color);
    }
}

/* One round: a colour is made of the set of those around. */
static void refine(folding *f)
{
    const aigov__part *p = f->p;
    size_t n = 0;
    for (size_t i = 0; i < p->edges; i++) {
        const aigov__part_edge *e = &p->edge[i];
        uint64_t how = mix(e->how & 255u); /* relation and role */
        f->spot[n++] = (spot){mix(f->color[e->cause] ^ how), e->effect};
        f->spot[n++] = (spot){mix(f->color[e->effect] + how), e->cause};
    }
    aigov__sort(f->spot, n, sizeof *f->spot, by_node, NULL);
    memcpy(f->next, f->color, p->nodes * sizeof *f->next);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || f->spot[i].node != f->spot[i - 1].node ||
            f->spot[i].color != f->spot[i - 1].color) {
            f->next[f->spot[i].node] =
                mix(f->next[f->spot[i].node] ^ f->spot[i].color);
        }
    }
}

static void color_all(folding *f)
{
    size_t had, n;
    begin(f);
    n = count(f, f->color);
    do {
        uint64_t *old = f->color;
        had = n;
        refine(f);
        n = count(f, f->next);
        if (n <= AIGOV__PICTURE) {
            f->color = f->next;
            f->next = old;
        }
    } while (n > had && n <= AIGOV__PICTURE);
}

/* --- groups -------------------------------------------------------------- */

/* What has the most room in a picture: a group of two before one of three. */
static size_t smallest(const aigov__fold *g, size_t room)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < g->groups; i++) {
        uint32_t n = g->group[i].n;
        if (n > 1 && n <= room + 1 &&
            (best == SIZE_MAX || n < g->group[best].n)) {
            best = i;
        }
    }
    return best;
}

/* The first stays in the group, each other becomes one of its own. */
static void take_apart(aigov__fold *g, size_t i)
{
    for (uint32_t v = g->group[i].node + 1; v < g->nodes; v++) {
        if (g->of[v] == i) {
            g->of[v] = (uint32_t)g->groups;
            g->group[g->groups++] = (aigov__group){.node = v, .n = 1};
        }
    }
    g->group[i].n = 1;
}

static int by_first(const void *a, const void *b, void *host)
{
    const aigov__group *x = a, *y = b;
    (void)host;
    return (x->node > y->node) - (x->node < y->node);
}

static void order_groups(aigov__fold *g)
{
    uint32_t first[AIGOV__PICTURE], to[AIGOV__PICTURE];
    for (size_t i = 0; i < g->groups; i++) {
        first[i] = g->group[i].node;
    }
    aigov__sort(g->group, g->groups, sizeof *g->group, by_first, NULL);
    for (size_t i = 0; i < g->groups; i++) {
        for (uint32_t j = 0; j < g->groups; j++) {
            if (g->group[j].node == first[i]) {
                to[i] = j;
            }
        }
    }
    for (size_t v = 0; v < g->nodes; v++) {
        g->of[v] = to[g->of[v]];
    }
}

static void mark_versions(aigov__fold *g, const aigov__part *p)
{
    for (size_t i = 0; i < g->groups; i++) {
        g->group[i].version =
            p->node[g->group[i].node].kind == AIGOV_NODE_CHUNK;
    }
    for (size_t v = 0; v < g->nodes; v++) {
        aigov__group *x = &g->group[g->of[v]];
        x->version =
            x->version && aigov_span_eq(version_of(p->node[v].name),
                                        version_of(p->node[x->node].name));
    }
}

static void group_all(aigov__fold *g, folding *f)
{
    size_t i;
    count(f, f->color);
    for (i = 0; i < g->nodes; i++) {
        if (i == 0 || f->spot[i].color != f->spot[i - 1].color) {
            g->group[g->groups++] = (aigov__group){.node = f->spot[i].node};
        }
        g->group[g->groups - 1].n++;
        g->of[f->spot[i].node] = (uint32_t)g->groups - 1;
    }
    while ((i = smallest(g, AIGOV__PICTURE - g->groups)) != SIZE_MAX) {
        take_apart(g, i);
    }
    order_groups(g);
    mark_versions(g, f->p);
}

/* --- links --------------------------------------------------------------- */

static int by_groups(const void *a, const void *b, void *host)
{
    const aigov__link *x = a, *y = b;
    (void)host;
    if (x->effect != y->effect) {
        return x->effect < y->effect ? -1 : 1;
    }
    if (x->cause != y->cause) {
        return x->cause < y->cause ? -1 : 1;
    }
    if (x->relation != y->relation) {
        return x->relation < y->relation ? -1 : 1;
    }
    return (x->role > y->role) - (x->role < y->role);
}

static aigov_status link_all(aigov__fold *g, const aigov__part *p,
                             aigov_error *err)
{
    size_t n = 0;
    if (p->edges > 0 && !aigov__room(g->ctx, (void **)&g->link, &g->link_cap,
                                     sizeof *g->link, p->edges)) {
        return aigov__nomem(err);
    }
    for (size_t i = 0; i < p->edges; i++) {
        const aigov__part_edge *e = &p->edge[i];
        g->link[i] = (aigov__link){.effect = g->of[e->effect],
                                   .cause = g->of[e->cause],
                                   .relation = AIGOV__HOW_RELATION(e->how),
                                   .role = AIGOV__HOW_ROLE(e->how),
                                   .asserted = AIGOV__HOW_ASSERTED(e->how)};
    }
    aigov__sort(g->link, p->edges, sizeof *g->link, by_groups, NULL);
    for (size_t i = 0; i < p->edges; i++) {
        if (g->link[i].effect == g->link[i].cause) {
            continue;
        }
        if (n == 0 || by_groups(&g->link[n - 1], &g->link[i], NULL) != 0) {
            g->link[n++] = g->link[i];
            g->link[n - 1].n = 0;
        }
        g->link[n - 1].n++;
        g->link[n - 1].asserted &= g->link[i].asserted;
    }
    g->links = n;
    return AIGOV_OK;
}

static aigov_status fold(aigov__fold *g, folding *f, aigov_error *err)
{
    const aigov__part *p = f->p;
    if (g->nodes <= AIGOV__PICTURE) {
        for (size_t i = 0; i < g->nodes; i++) {
            f->color[i] = i;
        }
    } else {
        color_all(f);
    }
    group_all(g, f);
    return link_all(g, p, err);
}

aigov_status aigov__fold_make(aigov__fold *g, const aigov__part *p,
                              aigov_error *err)
{
    folding f = {.p = p, .spots = p->nodes + 2 * p->edges};
    uint64_t *color = NULL, *next = NULL;
    aigov_status st = AIGOV_OK;
    g->ctx = p->ctx;
    g->nodes = p->nodes;
    if (p->nodes == 0) {
        return AIGOV_OK;
    }
    f.color = color = aigov_malloc(p->ctx, p->nodes * sizeof *color);
    f.next = next = aigov_malloc(p->ctx, p->nodes * sizeof *next);
    f.spot = aigov_malloc(p->ctx, f.spots * sizeof *f.spot);
    g->of = aigov_malloc(p->ctx, p->nodes * sizeof *g->of);
    g->group = aigov_malloc(p->ctx, AIGOV__PICTURE * sizeof *g->group);
    if (color == NULL || next == NULL || f.spot == NULL || g->of == NULL ||
        g->group == NULL) {
        st = aigov__nomem(err);
    } else {
        st = fold(g, &f, err);
    }
    aigov_mfree(p->ctx, color, p->nodes * sizeof *color);
    aigov_mfree(p->ctx, next, p->nodes * sizeof *next);
    aigov_mfree(p->ctx, f.spot, f.spots * sizeof *f.spot);
    return st;
}
