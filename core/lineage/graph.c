/*
 * graph.c - names and edges: those of an index and those in memory
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Rows of node that the index has keep their ids; others get ids from a serial
 * that no index reaches.  Edges in memory are an array with two orders, made
 * anew when a question is asked after edges came.
 */
#include "graph.h"

#define FIRST_SERIAL ((int64_t)1 << 40)
#define BATCH 1024

aigov_ctx *aigov__graph_ctx(const aigov_graph *g)
{
    return g->ctx;
}

const aigov_index *aigov__graph_index(const aigov_graph *g)
{
    return g->index;
}

/* --- names --------------------------------------------------------------- */

static aigov_status push_ref(void *host, const aigov_ref *r, aigov_error *err)
{
    aigov_graph *g = host;
    if (g->refs >= UINT32_MAX ||
        !aigov__room(g->ctx, (void **)&g->ref, &g->ref_cap, sizeof *g->ref,
                     g->refs + 1)) {
        return aigov__nomem(err);
    }
    g->ref[g->refs++] = *r;
    return AIGOV_OK;
}

static aigov_status push_call(void *host, const aigov_call *c, aigov_error *err)
{
    return aigov_call_refs(c, true, 0, push_ref, host, err);
}

aigov_status aigov__row_named(aigov_graph *g, aigov_span name, int64_t *id,
                              aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    *id = aigov__names_get(&g->names, name);
    if (*id != 0 || g->index->find == NULL) {
        return AIGOV_OK;
    }
    st = g->index->find(g->index->host, name, id, err);
    if (st == AIGOV_OK && *id != 0 && !aigov__names_put(&g->names, name, *id)) {
        return aigov__nomem(err);
    }
    return st;
}

static aigov_status intern(void *host, aigov_span name, aigov_node_kind kind,
                           int64_t *id, aigov_error *err)
{
    aigov_graph *g = host;
    aigov_ref r = {.cause = 0};
    aigov_relation relation;
    aigov_span parent;
    aigov_status st = aigov__row_named(g, name, id, err);
    if (st != AIGOV_OK || *id != 0) {
        return st;
    }
    *id = r.effect = (FIRST_SERIAL + (int64_t)g->mades) << 6 | (int64_t)kind
                                                                   << 2;
    if (!aigov__room(g->ctx, (void **)&g->made, &g->made_cap, sizeof *g->made,
                     g->mades + 1) ||
        !aigov__names_put(&g->names, name, *id)) {
        return aigov__nomem(err);
    }
    g->made[g->mades++] = g->names.rows - 1;
    parent = aigov__node_parent(name, &g->parent, &relation);
    if (parent.p == NULL) {
        return AIGOV_OK;
    }
    r.how = AIGOV_HOW(relation, 0, 0, 0);
    st = intern(g, parent, AIGOV_NODE_DOC, &r.cause, err);
    return st == AIGOV_OK ? push_ref(g, &r, err) : st;
}

/* --- making -------------------------------------------------------------- */

static aigov_status by_id(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err)
{
    const aigov_graph *g = host;
    return g->index->by_id(g->index->host, id, out, err);
}

aigov_status aigov_graph_new(aigov_ctx *ctx, const aigov_index *index,
                             aigov_graph **out, aigov_error *err)
{
    aigov_graph *g = aigov_malloc(ctx, sizeof *g);
    *out = g;
    if (g == NULL) {
        return aigov__nomem(err);
    }
    *g = (aigov_graph){.ctx = ctx, .index = index};
    g->sink = (aigov__sink){.host = g,
                            .intern = intern,
                            .ref = push_ref,
                            .call = push_call,
                            .by_id = by_id};
    g->names.ctx = ctx;
    aigov_buf_init(&g->names.text, ctx);
    aigov_buf_init(&g->parent, ctx);
    aigov_buf_init(&g->key, ctx);
    aigov_buf_init(&g->whole, ctx);
    aigov__derive_init(&g->deriving, ctx, &g->sink);
    return AIGOV_OK;
}

void aigov_graph_free(aigov_graph *g)
{
    if (g == NULL) {
        return;
    }
    aigov__derive_free(&g->deriving);
    aigov__names_free(&g->names);
    aigov_buf_free(&g->parent);
    aigov_buf_free(&g->key);
    aigov_buf_free(&g->whole);
    aigov_mfree(g->ctx, g->made, g->made_cap * sizeof *g->made);
    aigov_mfree(g->ctx, g->ref, g->ref_cap * sizeof *g->ref);
    aigov_mfree(g->ctx, g->by_cause, g->cause_cap * sizeof *g->by_cause);
    aigov_mfree(g->ctx, g->by_effect, g->effect_cap * sizeof *g->by_effect);
    aigov_mfree(g->ctx, g->head, g->head_cap * sizeof *g->head);
    aigov_mfree(g->ctx, g->reached, g->reached_cap * sizeof *g->reached);
    aigov_mfree(g->ctx, g->slot, g->slots * sizeof *g->slot);
    aigov_mfree(g->ctx, g, sizeof *g);
}

aigov_status aigov_graph_add(aigov_graph *g, const aigov_entry *e,
                             const aigov_entry *owner, aigov_error *err)
{
    return aigov__derive(&g->deriving, e, owner, err);
}

/* --- as of --------------------------------------------------------------- */

static bool lane_of(aigov_span name, int64_t *lane)
{
    *lane = 0;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < '0' || name.p[i] > '9' || name.n > 9) {
            return false;
        }
        *lane = *lane * 10 + (name.p[i] - '0');
    }
    return name.n > 0;
}

static aigov_status no_heads(aigov_error *err)
{
    aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
               "as_of is an object of lanes and their heads");
    return aigov_hint(err, "for example {\"0\":12,\"1\":4711}");
}

static aigov_status read_heads(aigov_graph *g, const aigov_json *j,
                               aigov_error *err)
{
    if (j->node[0].type != AIGOV_JSON_OBJECT) {
        return no_heads(err);
    }
    for (uint32_t i = 1; i < j->nodes; i = j->node[i + 1].next) {
        aigov__head h;
        if (!lane_of(aigov_json_text(j, i), &h.lane) ||
            j->node[i + 1].type != AIGOV_JSON_NUMBER ||
            !aigov_json_i64(j, i + 1, &h.seq)) {
            return no_heads(err);
        }
        if (!aigov__room(g->ctx, (void **)&g->head, &g->head_cap,
                         sizeof *g->head, g->heads + 1)) {
            return aigov__nomem(err);
        }
        g->head[g->heads++] = h;
    }
    return AIGOV_OK;
}

aigov_status aigov_graph_as_of(aigov_graph *g, int64_t log, aigov_span heads,
                               aigov_error *err)
{
    aigov_json j = {.ctx = g->ctx};
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_STRICT, heads, err);
    g->as_of = log;
    g->heads = 0;
    if (st == AIGOV_OK) {
        st = read_heads(g, &j, err);
    } else if (st != AIGOV_NOMEM) {
        st = no_heads(err);
    }
    aigov_json_free(&j);
    return st;
}

bool aigov__counts(const aigov_graph *g, const aigov_ref *r)
{
    int64_t lane = r->place >> 40, seq = r->place & (AIGOV_PLACE(1, 0) - 1);
    if (g->as_of == 0 || r->log != g->as_of) {
        return true;
    }
    for (size_t i = 0; i < g->heads; i++) {
        if (g->head[i].lane == lane) {
            return seq <= g->head[i].seq;
        }
    }
    return false;
}

/* --- edges --------------------------------------------------------------- */

static int by_cause(const void *a, const void *b, void *host)
{
    const aigov_ref *ref = host;
    int64_t x = ref[*(const uint32_t *)a].cause;
    int64_t y = ref[*(const uint32_t *)b].cause;
    return (x > y) - (x < y);
}

static int by_effect(const void *a, const void *b, void *host)
{
    const aigov_ref *ref = host;
    int64_t x = ref[*(const uint32_t *)a].effect;
    int64_t y = ref[*(const uint32_t *)b].effect;
    return (x > y) - (x < y);
}

static aigov_status sort_refs(aigov_graph *g, aigov_error *err)
{
    if (g->sorted == g->refs) {
        return AIGOV_OK;
    }
    if (!aigov__room(g->ctx, (void **)&g->by_cause, &g->cause_cap,
                     sizeof *g->by_cause, g->refs) ||
        !aigov__room(g->ctx, (void **)&g->by_effect, &g->effect_cap,
                     sizeof *g->by_effect, g->refs)) {
        return aigov__nomem(err);
    }
    for (size_t i = 0; i < g->refs; i++) {
        g->by_cause[i] = g->by_effect[i] = (uint32_t)i;
    }
    aigov__sort(g->by_cause, g->refs, sizeof *g->by_cause, by_cause, g->ref);
    aigov__sort(g->by_effect, g->refs, sizeof *g->by_effect, by_effect, g->ref);
    g->sorted = g->refs;
    return AIGOV_OK;
}

/* The first edge of a node in an order. */
static size_t first_of(const aigov_graph *g, bool down, int64_t id)
{
    const uint32_t *order = down ? g->by_cause : g->by_effect;
    size_t low = 0, high = g->refs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const aigov_ref *r = &g->ref[order[middle]];
        if ((down ? r->cause : r->effect) < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

typedef struct passing {
    aigov_graph *g;
    aigov_ref_fn give;
    void *arg;
} passing;

static aigov_status pass(void *arg, const aigov_ref *r, aigov_error *err)
{
    const passing *p = arg;
    return aigov__counts(p->g, r) ? p->give(p->arg, r, err) : AIGOV_OK;
}

static aigov_status in_memory(passing *p, bool down, const int64_t *id,
                              size_t n, aigov_error *err)
{
    aigov_graph *g = p->g;
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; n == 0 && i < g->refs && st == AIGOV_OK; i++) {
        st = pass(p, &g->ref[i], err);
    }
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        size_t at = first_of(g, down, id[i]);
        while (at < g->refs && st == AIGOV_OK) {
            const aigov_ref *r =
                &g->ref[down ? g->by_cause[at] : g->by_effect[at]];
            if ((down ? r->cause : r->effect) != id[i]) {
                break;
            }
            st = pass(p, r, err);
            at++;
        }
    }
    return st;
}

/* Ids in memory are behind all of an index's. */
static size_t in_index(const int64_t *id, size_t n)
{
    while (n > 0 && id[n - 1] >= FIRST_SERIAL << 6) {
        n--;
    }
    return n;
}

aigov_status aigov__edges(aigov_graph *g, bool down, const int64_t *id,
                          size_t n, aigov_ref_fn give, void *arg,
                          aigov_error *err)
{
    passing p = {g, give, arg};
    const aigov_index *x = g->index;
    size_t stored = in_index(id, n), step;
    aigov_status st = sort_refs(g, err);
    if (st == AIGOV_OK && n == 0 && x->edges != NULL) {
        st = x->edges(x->host, down, id, 0, pass, &p, err);
    }
    for (size_t i = 0; i < stored && st == AIGOV_OK && x->edges != NULL;
         i += step) {
        step = stored - i < BATCH ? stored - i : BATCH;
        st = aigov__interrupted(g->ctx)
                 ? aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS, "canceled")
                 : x->edges(x->host, down, id + i, step, pass, &p, err);
    }
    return st == AIGOV_OK ? in_memory(&p, down, id, n, err) : st;
}

/* --- finding ------------------------------------------------------------- */

/* Ends a search: one edge is enough, and a hub has very many. */
#define ENOUGH AIGOV_NOENTRY

/* What follows from a name is no statement. */
static aigov_status note_stated(void *arg, const aigov_ref *r, aigov_error *err)
{
    (void)err;
    *(bool *)arg = r->place != 0;
    return r->place != 0 ? ENOUGH : AIGOV_OK;
}

static aigov_status stated(aigov_graph *g, bool down, int64_t id, bool *yes,
                           aigov_error *err)
{
    aigov_status st = aigov__edges(g, down, &id, 1, note_stated, yes, err);
    return *yes && st == ENOUGH ? AIGOV_OK : st;
}

typedef struct children {
    aigov_graph *g;
    int64_t id[64];
    size_t n;
} children;

static aigov_status note_child(void *arg, const aigov_ref *r, aigov_error *err)
{
    children *c = arg;
    (void)err;
    if (r->place == 0 && c->n < sizeof c->id / sizeof c->id[0]) {
        c->id[c->n++] = r->effect;
    }
    return AIGOV_OK;
}

aigov_status aigov__exists(aigov_graph *g, int64_t id, bool *yes,
                           aigov_error *err)
{
    children c = {.g = g};
    aigov_status st;
    *yes = false;
    st = stated(g, true, id, yes, err);
    if (st == AIGOV_OK && !*yes) {
        st = stated(g, false, id, yes, err);
    }
    if (st != AIGOV_OK || *yes) {
        return st;
    }
    st = aigov__edges(g, true, &id, 1, note_child, &c, err);
    for (size_t i = 0; i < c.n && st == AIGOV_OK && !*yes; i++) {
        st = aigov__exists(g, c.id[i], yes, err);
    }
    return st;
}

aigov_status aigov__find(aigov_graph *g, aigov_span name, int64_t *id,
                         aigov_error *err)
{
    aigov_node_kind row;
    int part;
    bool yes;
    aigov_status st = aigov__node_row(name, &g->key, &row, &part, err);
    if (st == AIGOV_OK) {
        st = aigov__row_named(g, aigov_buf_span(&g->key), id, err);
    }
    if (st != AIGOV_OK || *id == 0) {
        return st;
    }
    *id = (*id & ~(int64_t)63) | (int64_t)aigov__node_kind(name) << 2 | part;
    st = aigov__exists(g, *id, &yes, err);
    *id = st == AIGOV_OK && yes ? *id : 0;
    return st;
}

/* --- names of ids -------------------------------------------------------- */

typedef struct naming {
    aigov_graph *g;
    const int64_t *id; /* of the batch, ascending */
    size_t n;
    aigov_node_fn give;
    void *arg;
} naming;

/* A row names up to three nodes, and rows come in any order. */
static aigov_status name_row(void *arg, int64_t row, aigov_span key,
                             aigov_error *err)
{
    naming *x = arg;
    aigov_status st = AIGOV_OK;
    size_t low = 0, high = x->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->id[middle] >> 6 < row >> 6) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < x->n && x->id[low] >> 6 == row >> 6 && st == AIGOV_OK; low++) {
        st = aigov__node_whole(key, x->id[low], &x->g->whole, err);
        if (st == AIGOV_OK) {
            st = x->give(x->arg, x->id[low], aigov_buf_span(&x->g->whole), err);
        }
    }
    return st;
}

static aigov_status name_batch(naming *x, aigov_error *err)
{
    const aigov_index *index = x->g->index;
    int64_t row[BATCH];
    size_t rows = 0;
    for (size_t i = 0; i < x->n; i++) {
        int64_t r = aigov__row_of(x->id[i]);
        if (rows == 0 || row[rows - 1] >> 6 != r >> 6) {
            row[rows++] = r;
        }
    }
    return index->names != NULL
               ? index->names(index->host, row, rows, name_row, x, err)
               : AIGOV_OK;
}

static aigov_status name_made(aigov_graph *g, int64_t id, aigov_node_fn give,
                              void *arg, aigov_error *err)
{
    size_t i = (size_t)((id >> 6) - FIRST_SERIAL);
    aigov_status st;
    if (i >= g->mades) {
        return AIGOV_OK;
    }
    st = aigov__node_whole(aigov__names_text(&g->names, g->made[i]), id,
                           &g->whole, err);
    return st == AIGOV_OK ? give(arg, id, aigov_buf_span(&g->whole), err) : st;
}

aigov_status aigov__names(aigov_graph *g, const int64_t *id, size_t n,
                          aigov_node_fn give, void *arg, aigov_error *err)
{
    size_t stored = in_index(id, n), step;
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < stored && st == AIGOV_OK; i += step) {
        naming x = {.g = g, .id = id + i, .give = give, .arg = arg};
        step = stored - i < BATCH ? stored - i : BATCH;
        x.n = step;
        st = name_batch(&x, err);
    }
    for (size_t i = stored; i < n && st == AIGOV_OK; i++) {
        st = name_made(g, id[i], give, arg, err);
    }
    return st;
}
