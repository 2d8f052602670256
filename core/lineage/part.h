/*
 * part.h - a part of the graph, named and sorted: what exports are made of
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Nodes are in the order of their names, and edges in that of (effect,
 * relation, cause), so that an export has the same bytes whatever numbers nodes
 * have.  Of several entries that state one edge the least (log, place) stands
 * for it; it is asserted only if all of them are.
 */
#ifndef AIGOV_LINEAGE_PART_H
#define AIGOV_LINEAGE_PART_H

#include "internal.h"

typedef struct aigov__part_edge {
    uint32_t effect, cause; /* nodes of the part */
    int64_t place;
    int32_t log;
    uint16_t how;
} aigov__part_edge;

typedef struct aigov__part_node {
    int64_t id;
    aigov_span name;
    size_t at;        /* of the name in the text, while it is made */
    int32_t distance; /* from a start, on the walk that reached it first */
    aigov_node_kind kind;
} aigov__part_node;

typedef struct aigov__part {
    aigov_graph *graph;
    aigov_ctx *ctx;
    aigov__part_node *node;
    size_t nodes, node_cap;
    aigov__part_edge *edge;
    size_t edges, edge_cap;
    aigov_ref *ref; /* while it is made */
    size_t refs, ref_cap;
    aigov_buf text; /* names */
    aigov_error *err;
} aigov__part;

/*
 * aigov__part_make - what the walks reach, their starts too, and every edge
 * from there: those of influence where the cause is in the part as well, the
 * others (a person, an erasure) with what they lead to.  No walks: the whole
 * graph. p is zeroed; free it whatever came of it.
 */
aigov_status aigov__part_make(aigov__part *p, aigov_graph *g,
                              const aigov__walk *walk, size_t walks,
                              aigov_error *err);
void aigov__part_free(aigov__part *p);
/* Of several entries that state one edge the first stands for it from now on;
 * it is asserted only if all of them are. */
void aigov__part_join(aigov__part *p);

#endif
