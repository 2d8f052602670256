/*
 * test_lineage_graph.c - properties of random graphs, and very large ones
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   - a walk is what a naive one over lineage_edges gives
 *   - y is downstream of x if and only if x is upstream of y, as far away
 *   - every answer has the same bytes in memory, and over an index of the first
 *     n entries with the rest in memory, whatever n
 *   - as of heads it is that of the log cut there
 *   - and it does not depend on how lanes are interleaved
 *   - a chain of 100,000, a node with a million effects, 40 layers of diamonds
 */
#include "lineage_random.h"

#include <time.h>

/* --- a naive walk ------------------------------------------------------- */

#define MAX_NODES 512
#define MAX_EDGES 4096

typedef struct naive {
    aigov_span node[MAX_NODES];
    size_t nodes, edges;
    struct {
        size_t cause, effect;
        bool first; /* whether it may be the first edge, downstream */
        bool later;
    } edge[MAX_EDGES];
    int distance[MAX_NODES];
} naive;

static size_t node_of(naive *x, aigov_span name)
{
    for (size_t i = 0; i < x->nodes; i++) {
        if (aigov_span_eq(x->node[i], name)) {
            return i;
        }
    }
    if (x->nodes == MAX_NODES) {
        abort();
    }
    x->node[x->nodes] = name;
    return x->nodes++;
}

static bool is_walked(aigov_span relation)
{
    static const char *const words[] = {
        "used",          "wasGeneratedBy",   "wasDerivedFrom",
        "wasInformedBy", "specializationOf", "hadMember"};

    for (size_t i = 0; i < 6; i++) {
        if (aigov_span_is(relation, words[i])) {
            return true;
        }
    }
    return false;
}

/* effect, relation, strength, cause: a line of lineage_edges. */
static void read_edges(naive *x, aigov_span text)
{
    size_t at = 0;

    memset(x, 0, sizeof *x);
    while (at < text.n) {
        aigov_span cell[4];
        for (int i = 0; i < 4; i++) {
            size_t n = 0;
            while (text.p[at + n] != '\t' && text.p[at + n] != '\n') {
                n++;
            }
            cell[i] = (aigov_span){text.p + at, n};
            at += n + 1;
        }
        if (!is_walked(cell[1])) {
            node_of(x, cell[0]);
            node_of(x, cell[3]);
            continue;
        }
        if (x->edges == MAX_EDGES) {
            abort();
        }
        x->edge[x->edges].effect = node_of(x, cell[0]);
        x->edge[x->edges].cause = node_of(x, cell[3]);
        x->edge[x->edges].later = !aigov_span_is(cell[2], "retrieved");
        x->edge[x->edges].first = aigov_span_is(cell[2], "cited") ||
                                  aigov_span_is(cell[2], "context") ||
                                  aigov_span_is(cell[2], "-");
        x->edges++;
    }
}

static void walk(naive *x, size_t start, bool down)
{
    bool more = true;

    for (size_t i = 0; i < x->nodes; i++) {
        x->distance[i] = -1;
    }
    x->distance[start] = 0;
    for (int d = 0; more; d++) {
        more = false;
        for (size_t i = 0; i < x->edges; i++) {
            size_t from = down ? x->edge[i].cause : x->edge[i].effect;
            size_t to = down ? x->edge[i].effect : x->edge[i].cause;
            bool goes = down && d == 0 ? x->edge[i].first : x->edge[i].later;
            if (x->distance[from] == d && x->distance[to] < 0 && goes) {
                x->distance[to] = d + 1;
                more = true;
            }
        }
    }
}

/* Whether an answer, ref and distance, is what the naive walk reached. */
static bool same_walk(naive *x, aigov_span text)
{
    size_t at = 0, told = 0, reached = 0;

    for (size_t i = 0; i < x->nodes; i++) {
        reached += x->distance[i] > 0;
    }
    while (at < text.n) {
        const char *tab = memchr(text.p + at, '\t', text.n - at);
        size_t i =
            node_of(x, (aigov_span){text.p + at, (size_t)(tab - text.p) - at});
        if (x->distance[i] != (int)strtol(tab + 1, NULL, 10)) {
            return false;
        }
        told++;
        at = (size_t)((const char *)memchr(tab, '\n', 16) - text.p) + 1;
    }
    return told == reached;
}

static void test_walks(memory_log *l, unsigned seed)
{
    static naive x;
    aigov_graph *g = log_graph(l, l->n);
    answer edges = {.text = {.ctx = l->ctx},
                    .only = {"effect", "relation", "strength", "cause"}};
    answer a = {.text = {.ctx = l->ctx}, .only = {"ref", "distance"}};
    aigov_error err;
    size_t bad = 0, nodes;

    ask(g, &edges, "lineage_edges", NULL, 0, 0, &err);
    read_edges(&x, span(&edges.text));
    nodes = x.nodes;
    for (size_t i = 0; i < nodes; i++) {
        aigov_cell arg = text_cell(x.node[i]);
        walk(&x, i, true);
        bad += ask(g, &a, "downstream", &arg, 1, 0, &err) != AIGOV_OK ||
               !same_walk(&x, span(&a.text));
        walk(&x, i, false);
        bad += ask(g, &a, "upstream", &arg, 1, 0, &err) != AIGOV_OK ||
               !same_walk(&x, span(&a.text));
    }
    ok(bad == 0 && nodes > 40,
       "seed %u: walks from %zu nodes over %zu edges are the naive ones", seed,
       nodes, x.edges);
    aigov_buf_free(&edges.text);
    aigov_buf_free(&a.text);
    aigov_graph_free(g);
}

/* --- split, cut, interleaved -------------------------------------------- */

static void first_difference(aigov_span a, aigov_span b)
{
    size_t i = 0;

    while (i < a.n && i < b.n && a.p[i] == b.p[i]) {
        i++;
    }
    i = i > 80 ? i - 80 : 0;
    show("one", (aigov_span){a.p + i, a.n - i});
    show("other", (aigov_span){b.p + i, b.n - i});
}

static void test_splits(memory_log *l, unsigned seed)
{
    aigov_graph *g = log_graph(l, l->n);
    aigov_buf nodes = {.ctx = l->ctx}, want = {.ctx = l->ctx};
    aigov_buf got = {.ctx = l->ctx};
    size_t bad = 0;

    all_nodes(g, &nodes);
    for (size_t n = 0; n <= l->n; n++) {
        array_index *x = array_new(l, n);
        aigov_graph *h = array_graph(x, n);
        all_answers(g, span(&nodes), 1 + l->n - n, &want);
        all_answers(h, span(&nodes), 1 + l->n - n, &got);
        if (!aigov_span_eq(span(&want), span(&got))) {
            if (bad++ == 0) {
                note("split at %zu", n);
                first_difference(span(&want), span(&got));
            }
        }
        aigov_graph_free(h);
        array_free(x);
    }
    ok(bad == 0 && memmem(want.p, want.n, "index\t1\t0", 9) != NULL,
       "seed %u: an index of any number of entries answers as memory does",
       seed);
    aigov_buf_free(&nodes);
    aigov_buf_free(&want);
    aigov_buf_free(&got);
    aigov_graph_free(g);
}

static void put_heads(const memory_log *l, size_t n, aigov_buf *b)
{
    int64_t head[8] = {0};

    for (size_t i = 0; i < n; i++) {
        head[l->entry[i].e.lane] = l->entry[i].e.seq;
    }
    b->n = 0;
    for (int i = 0; i < 8; i++) {
        if (head[i] > 0) {
            aigov_buf_puts(b, b->n == 0 ? "{\"" : ",\"");
            aigov_buf_put_i64(b, i);
            aigov_buf_puts(b, "\":");
            aigov_buf_put_i64(b, head[i]);
        }
    }
    aigov_buf_puts(b, b->n == 0 ? "{}" : "}");
}

/* The whole log as of a moment, indexed and not, and the log of that moment. */
static void test_cuts(memory_log *l, unsigned seed)
{
    aigov_buf nodes = {.ctx = l->ctx}, want = {.ctx = l->ctx};
    aigov_buf got = {.ctx = l->ctx}, heads = {.ctx = l->ctx};
    array_index *x = array_new(l, l->n / 2);
    size_t bad = 0;

    for (size_t n = 1; n <= l->n; n += 3) {
        aigov_graph *cut = log_graph(l, n), *whole[2];
        size_t all = l->n;
        aigov_error err;
        all_nodes(cut, &nodes);
        l->n = n; /* for lineage_check */
        all_answers(cut, span(&nodes), 5, &want);
        l->n = all;
        put_heads(l, n, &heads);
        whole[0] = log_graph(l, l->n);
        whole[1] = array_graph(x, l->n / 2);
        for (int i = 0; i < 2; i++) {
            aigov_graph_as_of(whole[i], 7, span(&heads), &err);
            all_answers(whole[i], span(&nodes), 5, &got);
            if (!aigov_span_eq(span(&want), span(&got)) && bad++ == 0) {
                note("cut at %zu, %s", n, i == 0 ? "memory" : "index");
                first_difference(span(&want), span(&got));
            }
            aigov_graph_free(whole[i]);
        }
        aigov_graph_free(cut);
    }
    ok(bad == 0, "seed %u: as of heads it is the graph of the log cut there",
       seed);
    array_free(x);
    aigov_buf_free(&nodes);
    aigov_buf_free(&want);
    aigov_buf_free(&got);
    aigov_buf_free(&heads);
}

/* Lane after lane, instead of as they were written. */
static void test_order(memory_log *l, unsigned seed)
{
    aigov_graph *g = log_graph(l, l->n), *h;
    aigov_buf nodes = {.ctx = l->ctx}, want = {.ctx = l->ctx};
    aigov_buf got = {.ctx = l->ctx};
    aigov_error err;

    if (aigov_graph_new(l->ctx, &l->index, &h, &err) != AIGOV_OK) {
        abort();
    }
    for (int lane = 3; lane >= 0; lane--) {
        for (size_t i = 0; i < l->n; i++) {
            const aigov_entry *e = &l->entry[i].e;
            if (e->lane == lane) {
                aigov_graph_add(h, e, log_owner(l, e), &err);
            }
        }
    }
    all_nodes(g, &nodes);
    all_answers(g, span(&nodes), 1, &want);
    all_answers(h, span(&nodes), 1, &got);
    if (!ok(aigov_span_eq(span(&want), span(&got)),
            "seed %u: answers do not depend on the order of lanes", seed)) {
        first_difference(span(&want), span(&got));
    }
    aigov_buf_free(&nodes);
    aigov_buf_free(&want);
    aigov_buf_free(&got);
    aigov_graph_free(g);
    aigov_graph_free(h);
}

/* --- large ones --------------------------------------------------------- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

typedef struct writer {
    memory_log *l;
    aigov_buf b;
    int refs;
} writer;

static void flush(writer *w)
{
    if (w->refs > 0) {
        aigov_buf_puts(&w->b, "]}");
        if (log_append(w->l, 1, span(&w->b)) == NULL) {
            abort();
        }
    }
    w->refs = 0;
}

__attribute__((format(printf, 2, 3))) static void
add_ref(writer *w, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (w->refs == 0) {
        w->b.n = 0;
        aigov_buf_puts(&w->b,
                       "{\"system\":\"s\",\"kind\":\"note\",\"interaction\":"
                       "\"01990000-0000-7000-8000-000000000001\","
                       "\"refs\":[");
    }
    aigov_buf_puts(&w->b, w->refs > 0 ? "," : "");
    aigov_buf_puts(&w->b, text);
    if (++w->refs == 200) {
        flush(w);
    }
}

#define REF(e, c)                                                              \
    "{\"effect\":\"" e "\",\"relation\":\"used\",\"cause\":\"" c "\"}"

static aigov_status count_row(void *arg, const aigov_cell *cell, size_t n,
                              aigov_error *err)
{
    (void)cell;
    (void)n;
    (void)err;
    ++*(size_t *)arg;
    return AIGOV_OK;
}

/* Rows of a question about a node, and how long it took. */
static size_t timed(aigov_graph *g, const char *name, const char *start,
                    int64_t limit, double *ms)
{
    aigov_cell arg[AIGOV_MAX_ARGUMENTS] = {text_cell(aigov_str(start))};
    size_t rows = 0;
    double begin = now();
    aigov_error err;

    for (int i = 1; i < AIGOV_MAX_ARGUMENTS; i++) {
        arg[i].null = true;
    }
    if (aigov_graph_ask(g, question(name), arg, limit, count_row, &rows,
                        &err) != AIGOV_OK) {
        note("%s", err.text);
        rows = SIZE_MAX;
    }
    *ms = now() - begin;
    return rows;
}

static void test_chain(aigov_ctx *ctx)
{
    memory_log l;
    writer w = {.l = &l, .b = {.ctx = ctx}};
    aigov_graph *g;
    double ms, path_ms;
    size_t rows;
    aigov_cell ends[2] = {text_cell(AIGOV_LIT("artifact:n100000")),
                          text_cell(AIGOV_LIT("artifact:n0"))};
    answer a = {.text = {.ctx = ctx}, .only = {"step"}};
    aigov_error err;

    log_open(&l, ctx);
    for (int i = 1; i <= 100000; i++) {
        add_ref(&w, REF("artifact:n%d", "artifact:n%d"), i, i - 1);
    }
    flush(&w);
    g = log_graph(&l, l.n);
    timed(g, "downstream", "artifact:n99999", 0, &ms); /* edges are sorted */
    rows = timed(g, "downstream", "artifact:n0", 0, &ms);
    path_ms = now();
    ok(rows == 100000 && ask(g, &a, "path", ends, 2, 0, &err) == AIGOV_OK &&
           a.rows == 100001,
       "a chain of 100,000");
    path_ms = now() - path_ms;
    note("downstream %.0f ms, path %.0f ms", ms, path_ms);
    aigov_buf_free(&a.text);
    aigov_buf_free(&w.b);
    aigov_graph_free(g);
    log_close(&l);
}

static void test_fan(aigov_ctx *ctx)
{
    memory_log l;
    writer w = {.l = &l, .b = {.ctx = ctx}};
    aigov_graph *g;
    double ms, add, limited;
    size_t rows, few;

    log_open(&l, ctx);
    for (int i = 0; i < 1000000; i++) {
        add_ref(&w, REF("artifact:n%d", "doc:hot@1"), i);
    }
    flush(&w);
    add = now();
    g = log_graph(&l, l.n);
    add = now() - add;
    timed(g, "upstream", "artifact:n0", 0, &ms);
    note("first question (edges are sorted) %.0f ms", ms);
    rows = timed(g, "downstream", "doc:hot@1", 2000000, &ms);
    few = timed(g, "downstream", "doc:hot@1", 10, &limited);
    ok(rows == 1000000 && few == 11, "a node with a million effects");
    note("added in %.0f ns an edge, downstream %.0f ms, its first ten %.0f ms",
         add, ms, limited);
    aigov_buf_free(&w.b);
    aigov_graph_free(g);
    log_close(&l);
}

static void test_diamonds(aigov_ctx *ctx)
{
    memory_log l;
    writer w = {.l = &l, .b = {.ctx = ctx}};
    aigov_graph *g;
    double ms, best = 1e9;
    size_t rows = 0;

    log_open(&l, ctx);
    for (int layer = 1; layer <= 40; layer++) {
        for (int from = 0; from < 25; from++) {
            for (int to = 0; to < 25; to++) {
                add_ref(&w, REF("artifact:n%d.%d", "artifact:n%d.%d"), layer,
                        to, layer - 1, from);
            }
        }
    }
    flush(&w);
    g = log_graph(&l, l.n);
    for (int i = 0; i < 5; i++) {
        rows = timed(g, "downstream", "artifact:n0.0", 0, &ms);
        best = ms < best ? ms : best;
    }
    ok(rows == 1000, "40 layers of diamonds");
    note("25,000 edges in %.1f ms", best);
    aigov_buf_free(&w.b);
    aigov_graph_free(g);
    log_close(&l);
}

int main(void)
{
    aigov_ctx *ctx;
    aigov_error err;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    for (unsigned seed = 1; seed <= 4; seed++) {
        memory_log l;
        bool all = random_log(&l, ctx, seed, 40);
        ok(all && l.n == 40, "seed %u: a log of 40 entries", seed);
        test_walks(&l, seed);
        test_splits(&l, seed);
        test_cuts(&l, seed);
        test_order(&l, seed);
        log_close(&l);
    }
    test_diamonds(ctx);
    test_chain(ctx);
    test_fan(ctx);
    aigov_ctx_free(ctx);
    return done();
}
