/*
 * oom_lineage.c - every allocation of lineage fails once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * As oom_log.c: the first allocation fails, then the second ..., until a run
 * passes whole.  A run makes an index and a graph over it and asks every
 * question.  No crash, no leak, no status but NOMEM.
 */
#include "lineage_random.h"

#include "failing.h"

static struct heap heap;

static aigov_status no_row(void *arg, const aigov_cell *cell, size_t n,
                           aigov_error *err)
{
    (void)cell;
    (void)n;
    (void)err;
    ++*(size_t *)arg;
    return AIGOV_OK;
}

/* A whole run; entries of l come from another context. */
static aigov_status run(aigov_ctx *ctx, memory_log *l, array_index *x,
                        size_t *rows, aigov_error *err)
{
    static const char start[] = "doc:d1", other[] = "tmpl:unknown";
    aigov_indexer *indexer;
    aigov_graph *g = NULL;
    aigov_status st = aigov_indexer_new(ctx, &x->host, 0, &indexer, err);
    const aigov_question *q;

    for (size_t i = 0; i < l->n / 2 && st == AIGOV_OK; i++) {
        st = aigov_indexer_add(indexer, &l->entry[i].e, err);
    }
    aigov_indexer_free(indexer);
    st = st == AIGOV_OK ? aigov_graph_new(ctx, &x->index, &g, err) : st;
    for (size_t i = l->n / 2; i < l->n && st == AIGOV_OK; i++) {
        st = aigov_graph_add(g, &l->entry[i].e, NULL, err);
    }
    if (st == AIGOV_OK) {
        st = aigov_graph_as_of(g, 7,
                               AIGOV_LIT("{\"0\":99,\"1\":99,\"2\":99,"
                                         "\"3\":99}"),
                               err);
    }
    for (size_t i = 0; st == AIGOV_OK && (q = aigov_question_at(i)) != NULL;
         i++) {
        aigov_cell arg[AIGOV_MAX_ARGUMENTS];
        for (size_t k = 0; k < AIGOV_MAX_ARGUMENTS; k++) {
            arg[k] = (aigov_cell){.null = true};
            if (k < q->required) {
                arg[k] = text_cell(aigov_str(k == 0 ? start : other));
            }
        }
        st = aigov_graph_ask(g, q, arg, 0, no_row, rows, err);
    }
    aigov_graph_free(g);
    return st;
}

static void forget(array_index *x)
{
    for (size_t i = 0; i < x->nodes; i++) {
        free(x->node[i].name);
    }
    x->nodes = x->refs = x->calls = 0;
}

int main(void)
{
    aigov_alloc alloc = {failing, &heap};
    aigov_ctx *own, *ctx;
    memory_log l;
    array_index *x;
    aigov_error err;
    size_t rows = 0;
    long at = 0, wrong = 0;
    aigov_status st = AIGOV_NOMEM;

    if (aigov_ctx_new(NULL, &own, &err) != AIGOV_OK ||
        aigov_ctx_new(&alloc, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    ok(random_log(&l, own, 2, 24), "a log");
    x = array_new(&l, 0);
    while (st != AIGOV_OK && at < 100000) {
        long blocks = heap.blocks;
        size_t bytes = heap.bytes;
        forget(x);
        heap.fail_at = heap.calls + ++at;
        rows = 0;
        st = run(ctx, &l, x, &rows, &err);
        heap.fail_at = 0;
        if ((st != AIGOV_OK && (st != AIGOV_NOMEM || err.code != st)) ||
            heap.blocks != blocks || heap.bytes != bytes) {
            if (wrong++ < 3) {
                note("allocation %ld: %s, %ld blocks left", at, err.text,
                     heap.blocks - blocks);
            }
        }
    }
    ok(st == AIGOV_OK && at > 200 && wrong == 0 && rows > 100,
       "%ld allocations of lineage, each failing once", at - 1);
    array_free(x);
    log_close(&l);
    aigov_ctx_free(ctx);
    aigov_ctx_free(own);
    return done();
}
