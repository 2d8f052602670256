/*
 * ask.h - what the answers to questions share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_LINEAGE_ASK_H
#define AIGOV_LINEAGE_ASK_H

#include "graph.h"

typedef struct aigov__asking {
    aigov_graph *g;
    aigov_ctx *ctx;
    const aigov_question *q;
    const aigov_cell *arg;
    int64_t limit, given;
    bool done; /* the limit was reached, and said */
    aigov_row_fn row;
    void *row_arg;
    aigov_error *err;
    aigov_buf name; /* of the argument at hand */
} aigov__asking;

typedef aigov_status (*aigov__answer)(aigov__asking *a);

/* One row; past the limit the one that says so, and then none. */
aigov_status aigov__give(aigov__asking *a, const aigov_cell *cell);

/* The node that argument i names; AIGOV_NOENTRY where there is none. */
aigov_status aigov__ask_node(aigov__asking *a, size_t i, int64_t *id);
/* Argument i as a strength; context where it is absent. */
aigov_status aigov__ask_strength(aigov__asking *a, size_t i,
                                 aigov_strength *out);
/* Argument i as a number that is not negative; absent: the default. */
aigov_status aigov__ask_number(aigov__asking *a, size_t i, int64_t absent,
                               int64_t *out);

/* Cells. */
static inline aigov_cell aigov__null(void)
{
    return (aigov_cell){.null = true};
}

static inline aigov_cell aigov__span_cell(aigov_span s)
{
    return (aigov_cell){.s = s, .null = s.p == NULL};
}

static inline aigov_cell aigov__str_cell(const char *s)
{
    return aigov__span_cell(aigov_str(s));
}

static inline aigov_cell aigov__int_cell(int64_t i)
{
    return (aigov_cell){.i = i};
}

/* Names of a batch of nodes. */
#define AIGOV__BATCH 1024

typedef struct aigov__batch {
    aigov_graph *g;
    int64_t id[AIGOV__BATCH]; /* ascending and distinct */
    size_t at[AIGOV__BATCH], n[AIGOV__BATCH], ids;
    aigov_buf text;
} aigov__batch;

void aigov__batch_init(aigov__batch *b, aigov_graph *g);
void aigov__batch_add(aigov__batch *b, int64_t id); /* while there is room */
aigov_status aigov__batch_load(aigov__batch *b, aigov_error *err);
aigov_span aigov__batch_name(const aigov__batch *b, int64_t id);

/* What is told of the entry that states an edge; of what follows from a name
 * nothing (known false). */
typedef struct aigov__stated {
    int64_t log, place;
    bool known, whole; /* whole: all of entry is read */
    char id[37];
    int64_t at;
    aigov_buf system;  /* of the entry; empty: none */
    aigov_entry entry; /* lives until the next */
} aigov__stated;

void aigov__stated_init(aigov__stated *s, aigov_ctx *ctx);
aigov_status aigov__stated_read(aigov__stated *s, aigov_graph *g, int64_t log,
                                int64_t place, aigov_error *err);
/* The same, but of entry only id, at and system are read. */
aigov_status aigov__stated_brief(aigov__stated *s, aigov_graph *g, int64_t log,
                                 int64_t place, aigov_error *err);
/* id, log, lane, seq: four cells. */
void aigov__stated_cells(const aigov__stated *s, aigov_cell cell[4]);
aigov_cell aigov__stated_at(const aigov__stated *s);

static inline aigov_cell aigov__source_cell(bool asserted)
{
    return aigov__str_cell(asserted ? "asserted" : "recorded");
}

/* "context" where no edge of a path has a strength. */
static inline aigov_cell aigov__strength_cell(int strength)
{
    const char *name = aigov__strength_name(strength);
    return aigov__str_cell(name != NULL ? name : "context");
}

/* reach.c */
aigov_cell aigov__kind_cell(aigov_span name, int64_t id);
aigov_status aigov__downstream(aigov__asking *a);
aigov_status aigov__upstream(aigov__asking *a);
aigov_status aigov__path(aigov__asking *a);
/* people.c */
aigov_status aigov__outputs(aigov__asking *a);
aigov_status aigov__recipients(aigov__asking *a);
aigov_status aigov__radius(aigov__asking *a);
/* explain.c */
aigov_status aigov__account_explain(aigov__asking *a);
aigov_status aigov__compare(aigov__asking *a);
/* account.c */
aigov_status aigov__side_effects(aigov__asking *a);
aigov_status aigov__erasure_scope(aigov__asking *a);
/* survey.c */
aigov_status aigov__orphans(aigov__asking *a);
aigov_status aigov__coverage(aigov__asking *a);
/* check.c */
aigov_status aigov__check(aigov__asking *a);
/* list.c */
aigov_status aigov__list_edges(aigov__asking *a);
aigov_status aigov__find_node(aigov__asking *a);
/* Up to three names that are like one, for a hint. */
aigov_status aigov__near_nodes(aigov_graph *g, aigov_span name, char *out,
                               size_t n, aigov_error *err);

#endif
