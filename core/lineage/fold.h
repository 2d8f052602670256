/*
 * fold.h - a part of the graph with at most 60 nodes to look at
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_LINEAGE_FOLD_H
#define AIGOV_LINEAGE_FOLD_H

#include "part.h"

#define AIGOV__PICTURE 60 /* nodes at most */

/* Nodes that are drawn as one. */
typedef struct aigov__group {
    uint32_t node; /* the first of them, in the order of names */
    uint32_t n;    /* how many */
    bool version;  /* chunks of one version */
} aigov__group;

/* Edges between two groups that are drawn as one. */
typedef struct aigov__link {
    uint32_t effect, cause; /* groups */
    uint32_t n;
    aigov_relation relation;
    aigov_role role;
    bool asserted; /* all of them */
} aigov__link;

typedef struct aigov__fold {
    aigov_ctx *ctx;
    uint32_t *of; /* the group of each node of the part */
    aigov__group *group;
    aigov__link *link;
    size_t nodes, groups, links, link_cap;
} aigov__fold;

/* Nodes that a walk starts from stay alone.  f is zeroed; free it whatever came
 * of it. */
aigov_status aigov__fold_make(aigov__fold *f, const aigov__part *p,
                              aigov_error *err);
void aigov__fold_free(aigov__fold *f);

#endif
