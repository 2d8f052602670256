/*
 * index.c - from entries to the rows of an index
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Serials are given out one after the other by the one indexer at work, so that
 * ids are small and no writer of entries ever waits for a name.  Names are kept
 * for as long as there are few, so that a hub is looked up once.
 */
#include "internal.h"

#define MAX_KEPT 65536 /* names, where the host can find them again */

struct aigov_indexer {
    aigov_ctx *ctx;
    const aigov_indexer_host *host;
    aigov__sink sink;
    aigov__deriving deriving;
    aigov__names_map names;
    aigov_buf parent; /* of a chunk */
    int64_t serial;
};

aigov_status aigov_call_refs(const aigov_call *c, bool down, int64_t id,
                             aigov_ref_fn give, void *arg, aigov_error *err)
{
    const int64_t serial = c->ia & ~(int64_t)63;
    const int64_t in = serial | AIGOV_NODE_MSG << 2 | 1;
    const int64_t out = serial | AIGOV_NODE_MSG << 2 | 2;
    const struct {
        int64_t effect, cause;
        aigov_relation relation;
        aigov_role role;
        aigov_strength strength;
        bool there;
    } edge[] = {
        {c->ia, in, AIGOV_REL_USED, AIGOV_ROLE_INPUT, AIGOV_STRENGTH_CONTEXT,
         c->asks},
        {in, c->person, AIGOV_REL_ATTRIBUTED, AIGOV_ROLE_NONE,
         AIGOV_STRENGTH_NONE, c->asks},
        {c->ia, c->person, AIGOV_REL_ASSOCIATED, AIGOV_ROLE_NONE,
         AIGOV_STRENGTH_NONE, c->asks},
        {c->ia, c->model, AIGOV_REL_USED, AIGOV_ROLE_MODEL,
         AIGOV_STRENGTH_CONTEXT, c->asks},
        {c->ia, c->tmpl, AIGOV_REL_USED, AIGOV_ROLE_TEMPLATE,
         AIGOV_STRENGTH_CONTEXT, c->asks},
        {out, c->ia, AIGOV_REL_GENERATED, AIGOV_ROLE_NONE, AIGOV_STRENGTH_NONE,
         c->answers},
        {out, c->person, AIGOV_REL_DELIVERED, AIGOV_ROLE_NONE,
         AIGOV_STRENGTH_NONE, c->answers},
    };
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < sizeof edge / sizeof edge[0] && st == AIGOV_OK;
         i++) {
        aigov_ref r = {.cause = edge[i].cause,
                       .effect = edge[i].effect,
                       .place = c->place,
                       .log = c->log,
                       .how = AIGOV_HOW(edge[i].relation, edge[i].role,
                                        edge[i].strength, 0)};
        if (edge[i].there && r.cause != 0 &&
            (id == 0 || id == (down ? r.cause : r.effect))) {
            st = give(arg, &r, err);
        }
    }
    return st;
}

static aigov_status keep(aigov_indexer *x, aigov_span name, int64_t id,
                         aigov_error *err)
{
    if (x->names.rows >= MAX_KEPT && x->host->find != NULL) {
        aigov__names_free(&x->names);
    }
    return aigov__names_put(&x->names, name, id) ? AIGOV_OK : aigov__nomem(err);
}

static aigov_status intern(void *host, aigov_span name, aigov_node_kind kind,
                           int64_t *id, aigov_error *err);

static aigov_status derive_parent(aigov_indexer *x, aigov_span name, int64_t id,
                                  aigov_error *err)
{
    aigov_ref r = {.effect = id};
    aigov_relation relation;
    aigov_span parent = aigov__node_parent(name, &x->parent, &relation);
    aigov_status st;
    if (parent.p == NULL) {
        return AIGOV_OK;
    }
    st = intern(x, parent, AIGOV_NODE_DOC, &r.cause, err);
    r.how = AIGOV_HOW(relation, 0, 0, 0);
    return st == AIGOV_OK ? x->host->ref(x->host->host, &r, err) : st;
}

static aigov_status intern(void *host, aigov_span name, aigov_node_kind kind,
                           int64_t *id, aigov_error *err)
{
    aigov_indexer *x = host;
    aigov_status st = AIGOV_OK;
    *id = aigov__names_get(&x->names, name);
    if (*id != 0) {
        return AIGOV_OK;
    }
    if (x->host->find != NULL) {
        st = x->host->find(x->host->host, name, id, err);
    }
    if (st != AIGOV_OK || *id != 0) {
        return st == AIGOV_OK ? keep(x, name, *id, err) : st;
    }
    *id = ++x->serial << 6 | (int64_t)kind << 2;
    st = x->host->node(x->host->host, *id, name, err);
    if (st == AIGOV_OK) {
        st = derive_parent(x, name, *id, err);
    }
    return st == AIGOV_OK ? keep(x, name, *id, err) : st;
}

aigov_status aigov_indexer_new(aigov_ctx *ctx, const aigov_indexer_host *host,
                               int64_t serial, aigov_indexer **out,
                               aigov_error *err)
{
    aigov_indexer *x = aigov_malloc(ctx, sizeof *x);
    *out = x;
    if (x == NULL) {
        return aigov__nomem(err);
    }
    *x = (aigov_indexer){.ctx = ctx, .host = host, .serial = serial};
    x->sink = (aigov__sink){.host = x, .intern = intern};
    x->names.ctx = ctx;
    aigov_buf_init(&x->names.text, ctx);
    aigov_buf_init(&x->parent, ctx);
    aigov__derive_init(&x->deriving, ctx, &x->sink);
    return AIGOV_OK;
}

void aigov_indexer_free(aigov_indexer *x)
{
    if (x != NULL) {
        aigov__derive_free(&x->deriving);
        aigov__names_free(&x->names);
        aigov_buf_free(&x->parent);
        aigov_mfree(x->ctx, x, sizeof *x);
    }
}

int64_t aigov_indexer_serial(const aigov_indexer *x)
{
    return x->serial;
}

static aigov_status give_ref(void *host, const aigov_ref *r, aigov_error *err)
{
    aigov_indexer *x = host;
    return x->host->ref(x->host->host, r, err);
}

static aigov_status give_call(void *host, const aigov_call *c, aigov_error *err)
{
    aigov_indexer *x = host;
    return x->host->call(x->host->host, c, err);
}

static aigov_status by_id(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err)
{
    aigov_indexer *x = host;
    return x->host->by_id(x->host->host, id, out, err);
}

aigov_status aigov_indexer_add(aigov_indexer *x, const aigov_entry *e,
                               aigov_error *err)
{
    aigov_entry owner = {.v = 0};
    aigov_status st = AIGOV_OK;
    x->sink.ref = give_ref;
    x->sink.call = give_call;
    x->sink.by_id = by_id;
    if (e->interaction.p != NULL) {
        st = x->host->owner(x->host->host, e, &owner, err);
    }
    return st == AIGOV_OK
               ? aigov__derive(&x->deriving, e,
                               owner.body.p != NULL ? &owner : NULL, err)
               : st;
}
