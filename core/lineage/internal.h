/*
 * internal.h - what the files of core/lineage share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   name.c       node names: one spelling, parts, versions
 *   words.c      relations, roles, strengths
 *   entry.c      the edges of one entry
 *   names.c      names in memory
 *   index.c      aigov_indexer: entries to rows of node, ref, call
 *   graph.c      names and edges in memory, joined with an index's
 *   walk.c       breadth first, down or up
 *   ask.c        questions.def; arguments, unknown starts, the row limit
 *   tell.c       what a walk reached, told node by node
 *   reach.c      downstream, upstream, path
 *   people.c     recipients, outputs_influenced_by, blast_radius
 *   list.c       lineage_edges, find_node
 *   explain.c    explain, compare
 *   account.c    side effects, erasure
 *   survey.c     orphans, coverage
 *   check.c      lineage_check
 *   part.c       a part of the graph, named and sorted, for
 *   prov.c  openlineage.c  fold.c  picture.c  svg.c   the exports
 */
#ifndef AIGOV_LINEAGE_INTERNAL_H
#define AIGOV_LINEAGE_INTERNAL_H

#include "../base/internal.h"

#include "../aigov_lineage.h"

/* --- members of a body that may be anything ------------------------------- */

static inline aigov_span aigov__text_at(const aigov_json *j, uint32_t i)
{
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

static inline uint32_t aigov__member_of(const aigov_json *j, uint32_t object,
                                        const char *name)
{
    return object < j->nodes && j->node[object].type == AIGOV_JSON_OBJECT
               ? aigov_json_get(j, object, name)
               : 0;
}

/* The first element of a member that is an array; elements go on to *end. */
static inline uint32_t aigov__first_of(const aigov_json *j, uint32_t array,
                                       uint32_t *end)
{
    bool is = array != 0 && j->node[array].type == AIGOV_JSON_ARRAY;
    *end = is ? j->node[array].next : 0;
    return is ? array + 1 : 0;
}

/* --- name.c --------------------------------------------------------------- */

/* An index that aigov did not write may hold any number. */
#define AIGOV__NODE_KIND(id)                                                   \
    (((id) >> 2 & 15) < AIGOV_NODE_KINDS ? (aigov_node_kind)((id) >> 2 & 15)   \
                                         : AIGOV_NODE_OTHER)
#define AIGOV__NODE_PART(id) ((int)((id)&3))

aigov_node_kind aigov__node_kind(aigov_span name);
/* The name of the row of node that a canonical name belongs to, its kind, and
 * which part of it the name is. */
aigov_status aigov__node_row(aigov_span name, aigov_buf *key,
                             aigov_node_kind *row, int *part, aigov_error *err);
/* The id of that row. */
static inline int64_t aigov__row_of(int64_t id)
{
    return AIGOV__NODE_PART(id) == 0 ? id
                                     : (id & ~(int64_t)63) | AIGOV_NODE_IA << 2;
}
/* The name of node id, from that of its row; *out is emptied first. */
aigov_status aigov__node_whole(aigov_span key, int64_t id, aigov_buf *out,
                               aigov_error *err);
/* What follows from a name: chunk to version, version to work, in b where it is
 * no part of the name.  Absent where nothing does, or memory ran out. */
aigov_span aigov__node_parent(aigov_span name, aigov_buf *b,
                              aigov_relation *relation);

/* --- words.c -------------------------------------------------------------- */

const char *aigov__relation_name(int relation);
const char *aigov__role_name(int role);         /* NULL: none */
const char *aigov__strength_name(int strength); /* NULL: none */
const char *aigov__via_name(int via);
aigov_relation aigov__relation_of(aigov_span word);
aigov_role aigov__role_of(aigov_span word);
aigov_strength aigov__strength_of(aigov_span word); /* NONE: no such word */

/* --- names.c -------------------------------------------------------------- */

typedef struct aigov__names_row {
    size_t at; /* of the name in the text */
    uint32_t n, hash;
    int64_t id;
} aigov__names_row;

/* Zeroed with ctx set, its text initialised. */
typedef struct aigov__names_map {
    aigov_ctx *ctx;
    uint32_t *slot;
    aigov__names_row *row;
    size_t slots, rows, row_cap;
    aigov_buf text;
} aigov__names_map;

int64_t aigov__names_get(const aigov__names_map *m, aigov_span name); /* or 0 */
bool aigov__names_put(aigov__names_map *m, aigov_span name, int64_t id);
aigov_span aigov__names_text(const aigov__names_map *m, size_t row);
void aigov__names_free(aigov__names_map *m); /* it may be used again */

/* --- entry.c -------------------------------------------------------------- */

typedef struct aigov__sink {
    void *host;
    /* The id of a row of node, which is made where there is none. */
    aigov_status (*intern)(void *host, aigov_span key, aigov_node_kind kind,
                           int64_t *id, aigov_error *err);
    aigov_ref_fn ref;
    aigov_status (*call)(void *host, const aigov_call *call, aigov_error *err);
    aigov_status (*by_id)(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err); /* may be NULL */
    /* The hash that the entry gives of a node; may be NULL. */
    aigov_status (*said)(void *host, int64_t id, aigov_span hash,
                         aigov_error *err);
} aigov__sink;

typedef struct aigov__deriving {
    aigov_ctx *ctx;
    const aigov__sink *sink;
    const aigov_entry *e;
    aigov_error *err;
    aigov_json body, who;
    aigov_buf call;            /* I, or I/2 */
    aigov_buf made, name, key; /* names at hand */
    int64_t place, attempt;
    bool asserted; /* all of it */
} aigov__deriving;

void aigov__derive_init(aigov__deriving *d, aigov_ctx *ctx,
                        const aigov__sink *sink);
void aigov__derive_free(aigov__deriving *d);
/* Hands the edges of e to the sink.  owner: the first event of its call, or
 * NULL: e itself. */
aigov_status aigov__derive(aigov__deriving *d, const aigov_entry *e,
                           const aigov_entry *owner, aigov_error *err);

/* Bits of aigov_ref.how. */
#define AIGOV__HOW_RELATION(how) ((aigov_relation)((how)&15))
#define AIGOV__HOW_ROLE(how) ((aigov_role)((how) >> 4 & 15))
#define AIGOV__HOW_STRENGTH(how) ((aigov_strength)((how) >> 8 & 7))
#define AIGOV__HOW_ASSERTED(how) (((how) >> 11 & 1) != 0)

#define AIGOV__INFLUENCE(relation)                                             \
    ((relation) >= AIGOV_REL_USED && (relation) <= AIGOV_REL_MEMBER)

/* --- walk.c --------------------------------------------------------------- */

enum {
    AIGOV__VIA_DIRECT,
    AIGOV__VIA_CONVERSATION,
    AIGOV__VIA_AGENT,
    AIGOV__VIA_ARTIFACT,
    AIGOV__VIA_TRAINING
};

/*
 * A node that was reached.  Over all paths of least distance: the best via
 * (the least of the greatest on a path), the best strength (the greatest of the
 * weakest), recorded if one of them is so in whole; place: the least (log,
 * place) of the edges that reach it.
 */
typedef struct aigov__reached {
    int64_t id;
    int64_t place;
    int32_t log;
    int32_t more; /* distance, via, strength, asserted; see the macros */
} aigov__reached;
#define AIGOV__DISTANCE(r) ((r)->more >> 8)
#define AIGOV__VIA(r) ((r)->more & 7)
#define AIGOV__STRENGTH(r) ((r)->more >> 3 & 7)
#define AIGOV__ASSERTED(r) (((r)->more >> 6 & 1) != 0)

typedef struct aigov__walk {
    const int64_t *start;
    size_t starts;
    bool down;
    aigov_strength strength; /* of the first edge, where it has one */
    int64_t max_distance;    /* -1: any */
} aigov__walk;

/* What is reached, starts left out, in the order of (distance, log, place,
 * name), so that it does not depend on numbers; lives in the graph until its
 * next walk. more: the limit ended it, after the layer of that distance was
 * complete. */
aigov_status aigov__walk_run(aigov_graph *g, const aigov__walk *w, size_t limit,
                             const aigov__reached **out, size_t *n, bool *more,
                             aigov_error *err);

/* Of the last walk: what was reached, or NULL (a start too); a node's distance,
 * -1 where it was not reached. */
const aigov__reached *aigov__walk_reached(const aigov_graph *g, int64_t id);
int32_t aigov__walk_distance(const aigov_graph *g, int64_t id);
/* Whether a walk from a cause with the default strength goes along an edge that
 * is not its first. */
bool aigov__walk_follows(const aigov_ref *r);

/* --- graph.c -------------------------------------------------------------- */

aigov_ctx *aigov__graph_ctx(const aigov_graph *g);
const aigov_index *aigov__graph_index(const aigov_graph *g);

/* Edges of the index and of memory that count as of the heads; ids ascending
 * and distinct, any number; n 0: all. */
aigov_status aigov__edges(aigov_graph *g, bool down, const int64_t *id,
                          size_t n, aigov_ref_fn give, void *arg,
                          aigov_error *err);
/* Number of a node by its canonical name; 0 where no edge that counts names it.
 */
aigov_status aigov__find(aigov_graph *g, aigov_span name, int64_t *id,
                         aigov_error *err);
/* Names of nodes, whole (with part); ids ascending and distinct; give is called
 * once for each, in any order. */
aigov_status aigov__names(aigov_graph *g, const int64_t *id, size_t n,
                          aigov_node_fn give, void *arg, aigov_error *err);

/* --- exports ---------------------------------------------------------------
 * walks 0: the whole graph.  What is written is appended to *out. */

aigov_status aigov__prov_json(aigov_graph *g, const aigov__walk *walk,
                              size_t walks, aigov_buf *out, aigov_error *err);
aigov_status aigov__mermaid(aigov_graph *g, const aigov__walk *walk,
                            size_t walks, aigov_buf *out, aigov_error *err);
aigov_status aigov__dot(aigov_graph *g, const aigov__walk *walk, size_t walks,
                        aigov_buf *out, aigov_error *err);
aigov_status aigov__svg(aigov_graph *g, const aigov__walk *walk, size_t walks,
                        aigov_buf *out, aigov_error *err);
/* Calls whose first entry is in [from, to); per "day" or "call". */
aigov_status aigov__openlineage(aigov_graph *g, int64_t from, int64_t to,
                                aigov_span per, aigov_row_fn row, void *arg,
                                aigov_error *err);

#endif
