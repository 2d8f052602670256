/*
 * lineage_random.h - random logs, and an index held in arrays
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_TEST_LINEAGE_RANDOM_H
#define AIGOV_TEST_LINEAGE_RANDOM_H

#include "lineage_log.h"

#include "text.h"

/* --- an index in arrays ------------------------------------------------- */

typedef struct array_index {
    memory_log *log;
    aigov_index index;
    aigov_indexer_host host;
    struct {
        int64_t id;
        char *name;
        size_t n;
    } node[4096];
    aigov_ref ref[16384];
    aigov_call call[4096];
    size_t nodes, refs, calls;
} array_index;

static inline aigov_status array_find(void *host, aigov_span name, int64_t *id,
                                      aigov_error *err)
{
    const array_index *x = host;

    (void)err;
    *id = 0;
    for (size_t i = 0; i < x->nodes; i++) {
        if (aigov_span_eq((aigov_span){x->node[i].name, x->node[i].n}, name)) {
            *id = x->node[i].id;
        }
    }
    return AIGOV_OK;
}

static inline aigov_status array_node(void *host, int64_t id, aigov_span name,
                                      aigov_error *err)
{
    array_index *x = host;

    (void)err;
    if (x->nodes == 4096) {
        abort();
    }
    x->node[x->nodes].id = id;
    x->node[x->nodes].name = memcpy(malloc(name.n + 1), name.p, name.n);
    x->node[x->nodes++].n = name.n;
    return AIGOV_OK;
}

static inline aigov_status array_ref(void *host, const aigov_ref *r,
                                     aigov_error *err)
{
    array_index *x = host;

    (void)err;
    if (x->refs == 16384) {
        abort();
    }
    x->ref[x->refs++] = *r;
    return AIGOV_OK;
}

static inline aigov_status array_call(void *host, const aigov_call *c,
                                      aigov_error *err)
{
    array_index *x = host;

    (void)err;
    if (x->calls == 4096) {
        abort();
    }
    x->call[x->calls++] = *c;
    return AIGOV_OK;
}

static inline aigov_status array_owner(void *host, const aigov_entry *e,
                                       aigov_entry *out, aigov_error *err)
{
    const array_index *x = host;

    (void)err;
    for (size_t i = 0; i < x->log->n; i++) {
        if (aigov_span_eq(x->log->entry[i].e.id, e->id)) {
            const aigov_entry *o = log_owner(x->log, &x->log->entry[i].e);
            if (o != NULL) {
                *out = *o;
            }
        }
    }
    return AIGOV_OK;
}

static inline aigov_status array_by_id(void *host, aigov_span id,
                                       aigov_entry *out, aigov_error *err)
{
    return log_by_id(((array_index *)host)->log, id, out, err);
}

static inline aigov_status array_entry(void *host, int64_t number, int64_t lane,
                                       int64_t seq, aigov_entry *out,
                                       aigov_error *err)
{
    return log_entry(((array_index *)host)->log, number, lane, seq, out, err);
}

static inline aigov_status array_entries(void *host, aigov_entry_fn give,
                                         void *arg, aigov_error *err)
{
    return log_entries(((array_index *)host)->log, give, arg, err);
}

static inline aigov_status array_names(void *host, const int64_t *id, size_t n,
                                       aigov_node_fn give, void *arg,
                                       aigov_error *err)
{
    const array_index *x = host;
    aigov_status st = AIGOV_OK;

    for (size_t i = x->nodes; i > 0; i--) { /* any order is allowed */
        for (size_t k = 0; k < n && st == AIGOV_OK; k++) {
            if (x->node[i - 1].id == id[k]) {
                st = give(arg, id[k],
                          (aigov_span){x->node[i - 1].name, x->node[i - 1].n},
                          err);
            }
        }
    }
    return st;
}

static inline aigov_status array_all(void *host, aigov_node_fn give, void *arg,
                                     aigov_error *err)
{
    const array_index *x = host;
    aigov_status st = AIGOV_OK;

    for (size_t i = 0; i < x->nodes && st == AIGOV_OK; i++) {
        st = give(arg, x->node[i].id,
                  (aigov_span){x->node[i].name, x->node[i].n}, err);
    }
    return st;
}

static inline aigov_status array_edges(void *host, bool down, const int64_t *id,
                                       size_t n, aigov_ref_fn give, void *arg,
                                       aigov_error *err)
{
    const array_index *x = host;
    aigov_status st = AIGOV_OK;

    for (size_t i = x->refs; i > 0 && st == AIGOV_OK; i--) {
        const aigov_ref *r = &x->ref[i - 1];
        bool met = n == 0;
        for (size_t k = 0; k < n; k++) {
            met = met || id[k] == (down ? r->cause : r->effect);
        }
        st = met ? give(arg, r, err) : AIGOV_OK;
    }
    for (size_t i = 0; i < x->calls && st == AIGOV_OK; i++) {
        if (n == 0) {
            st = aigov_call_refs(&x->call[i], down, 0, give, arg, err);
        }
        for (size_t k = 0; k < n && st == AIGOV_OK; k++) {
            st = aigov_call_refs(&x->call[i], down, id[k], give, arg, err);
        }
    }
    return st;
}

/* An index of the first n entries of a log. */
static inline array_index *array_new(memory_log *l, size_t n)
{
    array_index *x = calloc(1, sizeof *x);
    aigov_indexer *indexer;
    aigov_error err;

    if (x == NULL) {
        abort();
    }
    x->log = l;
    x->index = (aigov_index){.host = x,
                             .find = array_find,
                             .names = array_names,
                             .all = array_all,
                             .edges = array_edges,
                             .entry = array_entry,
                             .by_id = array_by_id,
                             .has_content = log_content,
                             .entries = array_entries};
    x->host = (aigov_indexer_host){.host = x,
                                   .find = array_find,
                                   .node = array_node,
                                   .ref = array_ref,
                                   .call = array_call,
                                   .owner = array_owner,
                                   .by_id = array_by_id};
    if (aigov_indexer_new(l->ctx, &x->host, 0, &indexer, &err) != AIGOV_OK) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        if (aigov_indexer_add(indexer, &l->entry[i].e, &err) != AIGOV_OK) {
            abort();
        }
    }
    aigov_indexer_free(indexer);
    return x;
}

/* A graph over it, with the entries behind it in memory. */
static inline aigov_graph *array_graph(array_index *x, size_t n)
{
    aigov_graph *g;
    aigov_error err;

    if (aigov_graph_new(x->log->ctx, &x->index, &g, &err) != AIGOV_OK) {
        abort();
    }
    for (size_t i = n; i < x->log->n; i++) {
        const aigov_entry *e = &x->log->entry[i].e;
        if (aigov_graph_add(g, e, log_owner(x->log, e), &err) != AIGOV_OK) {
            abort();
        }
    }
    return g;
}

static inline void array_free(array_index *x)
{
    for (size_t i = 0; i < x->nodes; i++) {
        free(x->node[i].name);
    }
    free(x);
}

/* --- random logs -------------------------------------------------------- */

typedef struct dice {
    uint64_t x;
} dice;

/* 0 .. n - 1 */
static inline int roll(dice *d, int n)
{
    d->x = d->x * 6364136223846793005u + 1442695040888963407u;
    return (int)((d->x >> 33) % (uint64_t)n);
}

#define CALLS 12 /* interactions of a random log */

static inline void put_name(aigov_buf *b, dice *d)
{
    static const char *const form[] = {
        "doc:d%d",       "doc:d%d@1",        "doc:d%d@2",   "chunk:d%d@1#1",
        "chunk:d%d@2#9", "dataset:s%d@1",    "run:r%d",     "model:acme/m%d",
        "artifact:a%d",  "person:p%d",       "team:t%d",    "act:x%d",
        "tmpl:c%d@1",    "msg:u%d.in",       "msg:u%d.out", "ia:u%d",
        "tool:u%d.t1",   "msg:u%d.t1.result"};
    char name[64], call[64];
    int i = roll(d, (int)(sizeof form / sizeof form[0]) + 12);

    if (i < 18) {
        snprintf(name, sizeof name, form[i], roll(d, 3));
    } else {
        snprintf(call, sizeof call, "01990000-0000-7000-8000-%012d",
                 roll(d, CALLS));
        snprintf(name, sizeof name,
                 i < 22   ? "ia:%s"
                 : i < 26 ? "msg:%s.out"
                          : "msg:%s.in",
                 call);
    }
    aigov_buf_puts(b, name);
}

static inline void put_refs(aigov_buf *b, dice *d, int n, bool effects)
{
    static const char *const relation[] = {"used",
                                           "used",
                                           "used",
                                           "wasGeneratedBy",
                                           "wasDerivedFrom",
                                           "wasInformedBy",
                                           "hadMember",
                                           "deliveredTo",
                                           "wasAttributedTo",
                                           "mentions",
                                           "wasInvalidatedBy"};
    static const char *const strength[] = {"cited", "context", "history",
                                           "retrieved"};

    aigov_buf_puts(b, ",\"refs\":[");
    for (int i = 0; i < n; i++) {
        aigov_buf_puts(b, i > 0 ? ",{" : "{");
        if (effects || roll(d, 2) == 0) {
            aigov_buf_puts(b, "\"effect\":\"");
            put_name(b, d);
            aigov_buf_puts(b, "\",");
        }
        aigov_buf_puts(b, "\"relation\":\"");
        aigov_buf_puts(b, relation[roll(d, 11)]);
        aigov_buf_puts(b, "\",\"cause\":\"");
        put_name(b, d);
        aigov_buf_puts(b, "\"");
        if (roll(d, 2) == 0) {
            aigov_buf_puts(b, ",\"strength\":\"");
            aigov_buf_puts(b, strength[roll(d, 4)]);
            aigov_buf_puts(b, "\"");
        }
        if (roll(d, 4) == 0) {
            aigov_buf_puts(b, ",\"hash\":\"a1\",\"role\":\"history\"");
        }
        aigov_buf_puts(b, "}");
    }
    aigov_buf_puts(b, "]");
}

static inline void put_call(aigov_buf *b, dice *d, const char *kind, int call)
{
    char text[512];

    snprintf(text, sizeof text,
             "{\"system\":\"s%d\",\"kind\":\"%s\",\"interaction\":"
             "\"01990000-0000-7000-8000-%012d\",\"operation\":\"%s\","
             "\"provider\":\"acme\",\"model\":\"m%d\",\"input\":\"x\"",
             roll(d, 2), kind, call, roll(d, 5) == 0 ? "retrieval" : "chat",
             roll(d, 3));
    aigov_buf_puts(b, text);
    if (roll(d, 3) != 0) {
        snprintf(text, sizeof text, ",\"actor\":{\"id\":\"p%d\"}", roll(d, 3));
        aigov_buf_puts(b, text);
    }
    if (roll(d, 3) == 0) {
        snprintf(text, sizeof text,
                 ",\"template\":{\"id\":\"c%d\",\"version\":\"1\"}",
                 roll(d, 3));
        aigov_buf_puts(b, text);
    }
    if (roll(d, 2) == 0) {
        snprintf(text, sizeof text,
                 ",\"documents\":[{\"id\":\"d%d#1\",\"version\":\"1\"},"
                 "{\"id\":\"d%d\"}]",
                 roll(d, 3), roll(d, 3));
        aigov_buf_puts(b, text);
    }
    if (roll(d, 4) == 0) {
        snprintf(text, sizeof text,
                 ",\"parent\":\"01990000-0000-7000-8000-%012d\"",
                 roll(d, CALLS));
        aigov_buf_puts(b, text);
    }
    aigov_buf_puts(b, roll(d, 4) == 0 ? ",\"attempt\":2" : "");
    aigov_buf_puts(b, roll(d, 5) == 0
                          ? ",\"tool\":{\"name\":\"pay\",\"call_id\":\"t1\"}"
                          : "");
    aigov_buf_puts(b, roll(d, 5) == 0 ? ",\"model_served\":\"v1\"" : "");
    aigov_buf_puts(b, roll(d, 5) == 0 ? ",\"on_behalf_of\":\"p9\"" : "");
}

/* An erasure is written by aigov itself: a row. */
static inline void random_erasure(memory_log *l, dice *d)
{
    aigov_entry e = l->entry[roll(d, (int)l->n)].e;
    char id[64];

    snprintf(id, sizeof id, "01990000-0000-7000-9000-%012zu", l->n);
    e.subject = e.id;
    e.kind = AIGOV_LIT("erasure");
    e.id = aigov_str(id);
    e.interaction = e.actor = e.decision = e.status = AIGOV_ABSENT;
    e.body = AIGOV_LIT("{\"fields\":{\"reason\":\"asked\"}}");
    e.lane = 0;
    e.seq = ++l->seq[0];
    e.at = 1789000000000000 + (int64_t)l->n * 1000000;
    keep_entry(l, &e);
}

static inline bool random_log(memory_log *l, aigov_ctx *ctx, uint64_t seed,
                              int n)
{
    dice d = {seed};
    aigov_buf b = {.ctx = ctx};
    bool all = true;

    log_open(l, ctx);
    for (int i = 0; i < n; i++) {
        int what = roll(&d, 8), call = roll(&d, CALLS);
        b.n = 0;
        l->login = roll(&d, 6) == 0 ? "eve" : "app";
        if (what == 0 && l->n > 0) {
            random_erasure(l, &d);
            continue;
        }
        put_call(&b, &d,
                 what < 3   ? "note"
                 : what < 5 ? "interaction"
                 : what < 7 ? "request"
                            : "response",
                 call);
        put_refs(&b, &d, roll(&d, 6), what < 3);
        aigov_buf_puts(&b, "}");
        all = log_append(l, 1 + roll(&d, 3), span(&b)) != NULL && all;
    }
    aigov_buf_free(&b);
    return all;
}

/* --- every answer ------------------------------------------------------- */

static inline void ask_into(aigov_graph *g, aigov_buf *out, const char *name,
                            const aigov_cell *argument, size_t n)
{
    answer a = {.text = {.ctx = out->ctx}};
    aigov_error err;
    aigov_status st = ask(g, &a, name, argument, n, 0, &err);

    aigov_buf_puts(out, name);
    aigov_buf_puts(out, " ");
    aigov_buf_put_i64(out, st);
    aigov_buf_puts(out, "\n");
    aigov_buf_put(out, a.text.n > 0 ? a.text.p : "", a.text.n);
    aigov_buf_free(&a.text);
}

/* The nodes that some edge names, as one text of lines. */
static inline void all_nodes(aigov_graph *g, aigov_buf *out)
{
    answer a = {.text = {.ctx = out->ctx}, .only = {"ref"}};
    aigov_cell any = text_cell(AIGOV_LIT(":"));
    aigov_error err;

    out->n = 0;
    if (ask(g, &a, "find_node", &any, 1, 0, &err) == AIGOV_OK) {
        for (size_t at = 0, n; at < a.text.n; at += n) {
            const char *p = a.text.p + at;
            n = (size_t)((const char *)memchr(p, '\n', a.text.n - at) - p) + 1;
            aigov_buf_put(out, p, n);
            if (n > 3 && memcmp(p, "ia:", 3) == 0) { /* and its output */
                aigov_buf_puts(out, "msg:");
                aigov_buf_put(out, p + 3, n - 4);
                aigov_buf_puts(out, ".out\n");
            }
        }
    }
    aigov_buf_free(&a.text);
}

/* Answers about the whole, and about every step-th node. */
static inline void all_answers(aigov_graph *g, aigov_span nodes, size_t step,
                               aigov_buf *out)
{
    static const char *const of_all[] = {
        "lineage_edges", "orphans", "coverage_of_lineage", "prov_json",
        "mermaid",       "dot",     "openlineage",         "lineage_check"};
    static const char *const of_one[] = {
        "downstream",   "upstream",      "outputs_influenced_by",
        "recipients",   "explain",       "blast_radius",
        "side_effects", "erasure_scope", "find_node"};
    aigov_cell arg[2] = {text_cell(AIGOV_ABSENT), text_cell(AIGOV_ABSENT)};
    size_t at = 0, i = 0;

    out->n = 0;
    for (size_t k = 0; k < sizeof of_all / sizeof of_all[0]; k++) {
        ask_into(g, out, of_all[k], NULL, 0);
    }
    while (at < nodes.n) {
        const char *end = memchr(nodes.p + at, '\n', nodes.n - at);
        size_t n = (size_t)(end - nodes.p) - at;
        arg[0] = text_cell((aigov_span){nodes.p + at, n});
        for (size_t k = 0; i % step == 0 && k < 9; k++) {
            ask_into(g, out, of_one[k], arg, 1);
        }
        if (arg[1].s.p != NULL && i % step == 0) {
            ask_into(g, out, "path", arg, 2);
            ask_into(g, out, "compare", arg, 2);
        }
        if (i % (step * 3) == 0) {
            arg[1] = arg[0];
        }
        i++;
        at += n + 1;
    }
}

#endif
