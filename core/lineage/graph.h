/*
 * graph.h - a graph: an index and what is in memory
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_LINEAGE_GRAPH_H
#define AIGOV_LINEAGE_GRAPH_H

#include "internal.h"

typedef struct aigov__head {
    int64_t lane, seq;
} aigov__head;

struct aigov_graph {
    aigov_ctx *ctx;
    const aigov_index *index;
    aigov__sink sink;
    aigov__deriving deriving;
    aigov__names_map names; /* of rows, in memory and met in the index */
    size_t *made; /* rows of names that are in memory alone: the i-th */
    size_t mades, made_cap; /* has serial FIRST_SERIAL + i */
    aigov_buf parent, key, whole;
    /* edges in memory, and both orders of them (sorted: as many as are) */
    aigov_ref *ref;
    uint32_t *by_cause, *by_effect;
    size_t refs, ref_cap, cause_cap, effect_cap, sorted;
    /* as of, where log is not 0 */
    int64_t as_of;
    aigov__head *head;
    size_t heads, head_cap;
    /* the last walk */
    aigov__reached *reached;
    uint32_t *slot;
    size_t reaches, reached_cap, slots;
};

/* The id of a row of node by its name; 0: there is none. */
aigov_status aigov__row_named(aigov_graph *g, aigov_span name, int64_t *id,
                              aigov_error *err);
/* Whether an edge counts as of the heads. */
bool aigov__counts(const aigov_graph *g, const aigov_ref *r);
/* Whether an edge that an entry states, and that counts, names the node, or one
 * that it follows from. */
aigov_status aigov__exists(aigov_graph *g, int64_t id, bool *yes,
                           aigov_error *err);

#endif
