/*
 * check.c - lineage_check: whether the graph is what entries say
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   index     edges are those that every entry, read anew, gives, and those
 *             that names give; no more and no fewer
 *   cause_before_effect
 *             an earlier turn, or the result of a tool, that the recorder found
 *             is of no later entry
 *   versions  documents and data sets are used in a version
 *   hashes    entries that give the hash of one version agree
 *
 * n is how many are wrong.  Edges of an entry are compared by the sum of their
 * hashes, 64 bits, so memory is 32 bytes an entry and 16 a name.  The sum finds
 * what went wrong by accident or a hasty hand; evidence are the entries, whose
 * own chain is verified elsewhere.
 */
#include "tell.h"

typedef struct place_sum {
    int64_t place;
    uint64_t sum;
    int32_t log;
    bool met; /* its entry was read */
} place_sum;

/* A row of node: whether it is in a version is the lowest bit of its hash. */
typedef struct row {
    int64_t id;
    uint64_t hash;
} row;

typedef struct pair {
    int64_t key; /* id of a message, or of a node with a hash */
    int64_t place;
    uint64_t hash;
    int32_t log;
} pair;

typedef struct later {
    int64_t cause, effect; /* places */
    int64_t at;            /* of the effect */
    int32_t cause_log, log;
} later;

typedef struct verdict {
    const char *name;
    int64_t n;
    int64_t place;
    int32_t log; /* of the first that is wrong */
    bool found;
} verdict;

enum { INDEX, ORDER, VERSIONS, HASHES, VERDICTS };

typedef struct checking {
    aigov__asking *a;
    aigov__sink sink;
    aigov__deriving deriving;
    aigov__names_map names; /* looked up lately */
    row *row;
    size_t rows, row_cap;
    place_sum *place;
    size_t places, place_cap;
    pair *made; /* messages and the entry that generated them */
    size_t mades, made_cap;
    pair *said; /* nodes and the hash that an entry gives */
    size_t saids, said_cap;
    later *later; /* across lanes: times are compared at the end */
    size_t laters, later_cap;
    uint64_t *edge; /* hashes of the edges of the entry at hand */
    size_t edges, edge_cap;
    uint64_t by_name; /* sum of what follows from names, less what is there */
    bool unknown;     /* the entry at hand names a node that has no row */
    const aigov_entry *e;
    verdict verdict[VERDICTS];
} checking;

/* --- sums ---------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9u;
    return h ^ h >> 32;
}

static uint64_t hash_of(aigov_span s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (uint8_t)s.p[i]) * 0x100000001b3u;
    }
    return mix(h, s.n);
}

static uint64_t hash_edge(const aigov_ref *r)
{
    return mix(mix(mix(1, (uint64_t)r->cause), (uint64_t)r->effect), r->how);
}

static void wrong(checking *x, int which, int32_t log, int64_t place)
{
    verdict *v = &x->verdict[which];
    v->n++;
    if (place != 0 &&
        (!v->found || log < v->log || (log == v->log && place < v->place))) {
        v->found = true;
        v->log = log;
        v->place = place;
    }
}

/* --- what is there ------------------------------------------------------- */

static aigov_status take_row(void *arg, int64_t id, aigov_span name,
                             aigov_error *err)
{
    checking *x = arg;
    bool version = memchr(name.p, '@', name.n) != NULL;
    aigov_relation relation;
    aigov_span parent = aigov__node_parent(name, &x->deriving.name, &relation);
    if (!aigov__room(x->a->ctx, (void **)&x->row, &x->row_cap, sizeof *x->row,
                     x->rows + 1)) {
        return aigov__nomem(err);
    }
    x->row[x->rows++] = (row){id, (hash_of(name) & ~(uint64_t)1) | version};
    if (parent.p != NULL) {
        x->by_name += mix(mix((uint64_t)id, hash_of(parent) & ~(uint64_t)1),
                          (uint64_t)relation);
    }
    return AIGOV_OK;
}

static int by_id(const void *a, const void *b, void *host)
{
    const row *x = a, *y = b;
    (void)host;
    return (x->id > y->id) - (x->id < y->id);
}

static const row *row_of(const checking *x, int64_t id)
{
    size_t low = 0, high = x->rows;
    id = aigov__row_of(id);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->row[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < x->rows && x->row[low].id == id ? &x->row[low] : NULL;
}

static aigov_status take_rows(checking *x)
{
    aigov_graph *g = x->a->g;
    aigov_status st = AIGOV_OK;
    if (g->index->all != NULL) {
        st = g->index->all(g->index->host, take_row, x, x->a->err);
    }
    for (size_t i = 0; i < g->mades && st == AIGOV_OK; i++) {
        aigov_span name = aigov__names_text(&g->names, g->made[i]);
        st = take_row(x, aigov__names_get(&g->names, name), name, x->a->err);
    }
    aigov__sort(x->row, x->rows, sizeof *x->row, by_id, NULL);
    return st;
}

static aigov_status keep_pair(checking *x, pair **to, size_t *n, size_t *cap,
                              pair p)
{
    if (!aigov__room(x->a->ctx, (void **)to, cap, sizeof **to, *n + 1)) {
        return aigov__nomem(x->a->err);
    }
    (*to)[(*n)++] = p;
    return AIGOV_OK;
}

/* Neighbours of one place become one; the rest is done after sorting. */
static aigov_status add_sum(checking *x, const aigov_ref *r, uint64_t sum)
{
    place_sum *last = x->places > 0 ? &x->place[x->places - 1] : NULL;
    if (last != NULL && last->place == r->place && last->log == r->log) {
        last->sum += sum;
        return AIGOV_OK;
    }
    if (!aigov__room(x->a->ctx, (void **)&x->place, &x->place_cap,
                     sizeof *x->place, x->places + 1)) {
        return aigov__nomem(x->a->err);
    }
    x->place[x->places++] =
        (place_sum){.place = r->place, .log = r->log, .sum = sum};
    return AIGOV_OK;
}

static aigov_status take_edge(void *arg, const aigov_ref *r, aigov_error *err)
{
    checking *x = arg;
    aigov_status st;
    (void)err;
    if (r->place == 0) {
        const row *cause = row_of(x, r->cause);
        x->by_name -= mix(mix((uint64_t)r->effect,
                              cause != NULL ? cause->hash & ~(uint64_t)1 : 0),
                          AIGOV__HOW_RELATION(r->how));
        return AIGOV_OK;
    }
    st = add_sum(x, r, hash_edge(r));
    if (st == AIGOV_OK && AIGOV__HOW_RELATION(r->how) == AIGOV_REL_GENERATED &&
        AIGOV__NODE_KIND(r->effect) == AIGOV_NODE_MSG &&
        !AIGOV__HOW_ASSERTED(r->how)) {
        st = keep_pair(x, &x->made, &x->mades, &x->made_cap,
                       (pair){r->effect, r->place, 0, r->log});
    }
    return st;
}

static int by_place(const void *a, const void *b, void *host)
{
    const place_sum *x = a, *y = b;
    (void)host;
    if (x->log != y->log) {
        return x->log < y->log ? -1 : 1;
    }
    return (x->place > y->place) - (x->place < y->place);
}

static int by_key(const void *a, const void *b, void *host)
{
    const pair *x = a, *y = b;
    (void)host;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    if (x->log != y->log) {
        return x->log < y->log ? -1 : 1;
    }
    return (x->place > y->place) - (x->place < y->place);
}

static aigov_status take_edges(checking *x)
{
    size_t n = 0;
    aigov_status st =
        aigov__edges(x->a->g, true, NULL, 0, take_edge, x, x->a->err);
    aigov__sort(x->place, x->places, sizeof *x->place, by_place, NULL);
    for (size_t i = 0; i < x->places; i++) {
        if (n > 0 && by_place(&x->place[n - 1], &x->place[i], NULL) == 0) {
            x->place[n - 1].sum += x->place[i].sum;
        } else {
            x->place[n++] = x->place[i];
        }
    }
    x->places = n;
    aigov__sort(x->made, x->mades, sizeof *x->made, by_key, NULL);
    return st;
}

/* --- entries, read anew -------------------------------------------------- */

#define MAX_KEPT 65536 /* names */

static aigov_status know(void *host, aigov_span key, aigov_node_kind kind,
                         int64_t *id, aigov_error *err)
{
    checking *x = host;
    const aigov_graph *g = x->a->g;
    aigov_status st = AIGOV_OK;
    (void)kind;
    *id = aigov__names_get(&g->names, key);
    *id = *id != 0 ? *id : aigov__names_get(&x->names, key);
    if (*id != 0) {
        return AIGOV_OK;
    }
    if (g->index->find != NULL) {
        st = g->index->find(g->index->host, key, id, err);
    }
    if (st != AIGOV_OK || *id == 0) {
        x->unknown = true;
        return st;
    }
    if (x->names.rows >= MAX_KEPT) {
        aigov__names_free(&x->names);
    }
    return aigov__names_put(&x->names, key, *id) ? AIGOV_OK : aigov__nomem(err);
}

static const pair *made_of(const checking *x, int64_t id)
{
    size_t low = 0, high = x->mades;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->made[middle].key < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < x->mades && x->made[low].key == id ? &x->made[low] : NULL;
}

/* A message that was found, not the call's own input. */
static bool is_found(const aigov_ref *r)
{
    return AIGOV__HOW_RELATION(r->how) == AIGOV_REL_USED &&
           !AIGOV__HOW_ASSERTED(r->how) &&
           AIGOV__NODE_KIND(r->cause) == AIGOV_NODE_MSG &&
           AIGOV__NODE_PART(r->cause) != 1;
}

static aigov_status check_order(checking *x, const aigov_ref *r)
{
    const aigov_graph *g = x->a->g;
    const pair *made = made_of(x, r->cause);
    if (made == NULL) { /* as of a moment it may be of a lane that is cut */
        if (g->as_of == 0) {
            wrong(x, ORDER, r->log, r->place);
        }
        return AIGOV_OK;
    }
    if (made->log == r->log && made->place >> 40 == r->place >> 40) {
        if (made->place > r->place) {
            wrong(x, ORDER, r->log, r->place);
        }
        return AIGOV_OK;
    }
    if (!aigov__room(x->a->ctx, (void **)&x->later, &x->later_cap,
                     sizeof *x->later, x->laters + 1)) {
        return aigov__nomem(x->a->err);
    }
    x->later[x->laters++] =
        (later){made->place, r->place, x->e->at, made->log, r->log};
    return AIGOV_OK;
}

static aigov_status see_ref(void *host, const aigov_ref *r, aigov_error *err)
{
    checking *x = host;
    aigov_node_kind kind = AIGOV__NODE_KIND(r->cause);
    const row *cause;
    if (!aigov__room(x->a->ctx, (void **)&x->edge, &x->edge_cap,
                     sizeof *x->edge, x->edges + 1)) {
        return aigov__nomem(err);
    }
    x->edge[x->edges++] = hash_edge(r);
    if (AIGOV__HOW_RELATION(r->how) == AIGOV_REL_USED &&
        (kind == AIGOV_NODE_DOC || kind == AIGOV_NODE_DATASET)) {
        cause = row_of(x, r->cause);
        if (cause != NULL && (cause->hash & 1) == 0) {
            wrong(x, VERSIONS, r->log, r->place);
        }
    }
    return is_found(r) ? check_order(x, r) : AIGOV_OK;
}

static aigov_status see_call(void *host, const aigov_call *c, aigov_error *err)
{
    return aigov_call_refs(c, true, 0, see_ref, host, err);
}

static aigov_status see_hash(void *host, int64_t id, aigov_span hash,
                             aigov_error *err)
{
    checking *x = host;
    const row *r = row_of(x, id);
    (void)err;
    if (r == NULL || (r->hash & 1) == 0) {
        return AIGOV_OK; /* what has no version may change */
    }
    return keep_pair(x, &x->said, &x->saids, &x->said_cap,
                     (pair){id, AIGOV_PLACE(x->e->lane, x->e->seq),
                            hash_of(hash), (int32_t)x->e->log});
}

static aigov_status see_by_id(void *host, aigov_span id, aigov_entry *out,
                              aigov_error *err)
{
    const checking *x = host;
    const aigov_index *index = x->a->g->index;
    return index->by_id(index->host, id, out, err);
}

static int by_hash(const void *a, const void *b, void *host)
{
    const uint64_t *x = a, *y = b;
    (void)host;
    return (*x > *y) - (*x < *y);
}

/* A table may keep an edge once that an entry states twice, or twice. */
static bool same_edges(checking *x, uint64_t sum)
{
    uint64_t all = 0, once = 0;
    aigov__sort(x->edge, x->edges, sizeof *x->edge, by_hash, NULL);
    for (size_t i = 0; i < x->edges; i++) {
        all += x->edge[i];
        once += i > 0 && x->edge[i - 1] == x->edge[i] ? 0 : x->edge[i];
    }
    return all == sum || once == sum;
}

static place_sum *sum_of(const checking *x, int32_t log, int64_t place)
{
    place_sum want = {.place = place, .log = log};
    size_t low = 0, high = x->places;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_place(&x->place[middle], &want, NULL) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < x->places && by_place(&x->place[low], &want, NULL) == 0
               ? &x->place[low]
               : NULL;
}

static aigov_status check_entry(void *arg, const aigov_entry *e,
                                const aigov_entry *owner, aigov_error *err)
{
    checking *x = arg;
    aigov_ref at = {.place = AIGOV_PLACE(e->lane, e->seq),
                    .log = (int32_t)e->log};
    place_sum *there;
    aigov_status st;
    if (!aigov__counts(x->a->g, &at)) {
        return AIGOV_OK;
    }
    if ((e->seq & 255) == 0 && aigov__interrupted(x->a->ctx)) {
        return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS, "canceled");
    }
    x->e = e;
    x->edges = 0;
    x->unknown = false;
    st = aigov__derive(&x->deriving, e, owner, err);
    if (st != AIGOV_OK) {
        return st;
    }
    there = sum_of(x, at.log, at.place);
    if (there != NULL) {
        there->met = true;
    }
    if (x->unknown || !same_edges(x, there != NULL ? there->sum : 0)) {
        wrong(x, INDEX, at.log, at.place);
    }
    return AIGOV_OK;
}

/* --- at the end ---------------------------------------------------------- */

/* Edges of an entry that is not there, and what names give. */
static void check_rest(checking *x)
{
    for (size_t i = 0; i < x->places; i++) {
        if (!x->place[i].met) {
            wrong(x, INDEX, x->place[i].log, x->place[i].place);
        }
    }
    if (x->by_name != 0) {
        wrong(x, INDEX, 0, 0);
    }
}

static void check_hashes(checking *x)
{
    aigov__sort(x->said, x->saids, sizeof *x->said, by_key, NULL);
    for (size_t i = 1; i < x->saids; i++) {
        pair *p = &x->said[i];
        if (p[-1].key == p->key && p[-1].hash != p->hash) {
            wrong(x, HASHES, p->log, p->place);
            p->hash = p[-1].hash; /* all are compared with the first */
        }
    }
}

static aigov_status check_later(checking *x)
{
    const aigov_index *index = x->a->g->index;
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < x->laters && st == AIGOV_OK; i++) {
        const later *l = &x->later[i];
        aigov_entry e = {.at = 0};
        st = index->entry(index->host, l->cause_log, l->cause >> 40,
                          l->cause & (AIGOV_PLACE(1, 0) - 1), &e, x->a->err);
        if (st == AIGOV_OK && e.at > l->at) {
            wrong(x, ORDER, l->log, l->effect);
        }
    }
    return st;
}

static aigov_status tell_verdict(checking *x, const verdict *v)
{
    aigov_error gone;
    aigov__stated s;
    aigov_cell c[4], place[4];
    aigov_status st = AIGOV_OK;
    aigov__stated_init(&s, x->a->ctx);
    place[0] = aigov__null();
    if (v->found && aigov__stated_read(&s, x->a->g, v->log, v->place, &gone) ==
                        AIGOV_OK) { /* an entry that is not there has no id */
        aigov__stated_cells(&s, place);
    }
    c[0] = aigov__str_cell(v->name);
    c[1] = aigov__int_cell(v->n == 0);
    c[2] = aigov__int_cell(v->n);
    c[3] = place[0];
    st = aigov__give(x->a, c);
    aigov_buf_free(&s.system);
    return st;
}

static void checking_free(checking *x)
{
    aigov_ctx *ctx = x->a->ctx;
    aigov__derive_free(&x->deriving);
    aigov__names_free(&x->names);
    aigov_mfree(ctx, x->row, x->row_cap * sizeof *x->row);
    aigov_mfree(ctx, x->place, x->place_cap * sizeof *x->place);
    aigov_mfree(ctx, x->made, x->made_cap * sizeof *x->made);
    aigov_mfree(ctx, x->said, x->said_cap * sizeof *x->said);
    aigov_mfree(ctx, x->later, x->later_cap * sizeof *x->later);
    aigov_mfree(ctx, x->edge, x->edge_cap * sizeof *x->edge);
}

aigov_status aigov__check(aigov__asking *a)
{
    checking x = {.a = a,
                  .names = {.ctx = a->ctx},
                  .verdict = {{.name = "index"},
                              {.name = "cause_before_effect"},
                              {.name = "versions"},
                              {.name = "hashes"}}};
    const aigov_index *index = a->g->index;
    aigov_status st;
    if (index->entries == NULL) {
        return aigov_fail(a->err, AIGOV_ARG, AIGOV_NO_POS,
                          "there are no entries to check lineage against");
    }
    aigov_buf_init(&x.names.text, a->ctx);
    x.sink = (aigov__sink){.host = &x,
                           .intern = know,
                           .ref = see_ref,
                           .call = see_call,
                           .by_id = see_by_id,
                           .said = see_hash};
    aigov__derive_init(&x.deriving, a->ctx, &x.sink);
    st = take_rows(&x);
    st = st == AIGOV_OK ? take_edges(&x) : st;
    st = st == AIGOV_OK ? index->entries(index->host, check_entry, &x, a->err)
                        : st;
    if (st == AIGOV_OK) {
        check_rest(&x);
        check_hashes(&x);
        st = check_later(&x);
    }
    for (int i = 0; i < VERDICTS && st == AIGOV_OK; i++) {
        st = tell_verdict(&x, &x.verdict[i]);
    }
    checking_free(&x);
    return st;
}
