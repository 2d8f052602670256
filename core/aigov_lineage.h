/*
 * aigov_lineage.h - section 14 of aigov.h: the graph of causes
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The rules at the head of aigov.h hold here too.
 *
 *   entry --edges--> [effect, relation, cause] --walk--> answers
 *
 * Edges stand in entries, under their hashes: what a caller says in `refs`, and
 * what the entry itself is (docs/lineage.md).  From them two things are made:
 *
 *   the index   tables node, ref and call of a database, numbers instead of
 *               names; derived, thrown away and rebuilt at will.  It covers of
 *               each lane a prefix, up to the place that lineage_head says.
 *   a graph     an aigov_graph: the index, if there is one (aigov_index), and
 *               in memory the edges of the entries behind its end.  Without an
 *               index all entries are added: so an export is asked.
 *
 * One walker answers over both.  An append writes nothing here; the index is
 * taken on by whoever looks after the database (aigov_indexer).
 *
 * Numbers.  A node is a positive number:
 *
 *      63            6 5       2 1  0
 *     +---------------+---------+----+
 *     |    serial     |  kind   |part|    part of kind msg: 1 .in, 2 .out
 *     +---------------+---------+----+
 *
 * `ia:X`, `msg:X.in` and `msg:X.out` share one serial and one row of node, that
 * of `ia:X`.  Every other node, `msg:X.t1.result` too, has a row of its own
 * (part 0).  A node is there if an edge names it.
 *
 * What follows from a name alone stands in no entry: chunk:x@v#p wasDerivedFrom
 * doc:x@v, doc:x@v specializationOf doc:x.  These edges are stored once, when
 * the row of node is made, with log 0 and place 0.
 */
#ifndef AIGOV_LINEAGE_H
#define AIGOV_LINEAGE_H

#include "aigov.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- turns: what the recorder finds -------------------------------------- */

/*
 * What is remembered of a call, so that the next one of its conversation finds
 * it: rows of table `turn` (docs/formats.md section 4), which the host writes
 * with the entry and deletes with its content.
 */
typedef struct aigov_turn {
    int64_t fingerprint;
    int64_t state; /* of a request: what its answer goes on from */
    bool has_state;
    uint8_t interaction[16];
    int32_t attempt; /* from 1 */
} aigov_turn;

#define AIGOV_MAX_TURNS 4 /* of one entry */

typedef struct aigov_turns {
    void *host;
    aigov_span login; /* who writes: recorded_by.login */
    /* Of the rows of the own log that have this fingerprint the one that was
     * written last; out->attempt is 0 before, and stays so where there is none.
     * What the transaction, or the batch, wrote before is among them. */
    aigov_status (*find)(void *host, int64_t fingerprint, aigov_turn *out,
                         aigov_error *err);
} aigov_turns;

/*
 * aigov_record_history - the previous turn, and results of tools
 *
 * Of an application's record that was read, before seal, which puts what is
 * found into body.refs behind the caller's.  Without a call no edge is found.
 *
 * in      id         the entry's, as the stamps have it
 * returns AIGOV_OK | AIGOV_NOMEM | AIGOV_CRYPTO, or what find returned
 * cost    nothing where input and output are plain texts and no conversation or
 *         session is named; else about 2 us and up to 10 look-ups, 1 as a rule
 */
aigov_status aigov_record_history(aigov_record *r, const uint8_t id[16],
                                  const aigov_turns *turns, aigov_error *err);
/* The rows to write with the entry, n of them. */
const aigov_turn *aigov_record_turns(const aigov_record *r, size_t *n);

/* --- nodes ---------------------------------------------------------------- */

typedef enum aigov_node_kind {                   /* stored: never renumbered */
                               AIGOV_NODE_OTHER, /* any other word before the
                                                    colon */
                               AIGOV_NODE_IA,
                               AIGOV_NODE_MSG,
                               AIGOV_NODE_DOC,
                               AIGOV_NODE_CHUNK,
                               AIGOV_NODE_DATASET,
                               AIGOV_NODE_MODEL,
                               AIGOV_NODE_TMPL,
                               AIGOV_NODE_TOOL,
                               AIGOV_NODE_PERSON,
                               AIGOV_NODE_ARTIFACT,
                               AIGOV_NODE_RUN,
                               AIGOV_NODE_ACT,
                               AIGOV_NODE_DELIVERY,
                               AIGOV_NODE_KINDS
} aigov_node_kind;

#define AIGOV_MAX_NODE 600 /* bytes of a name */

/*
 * aigov_node_name - the one spelling of a node's name
 *
 * in      name   "kind:rest", kind of [a-z][a-z0-9_]*, rest not empty, at most
 *                AIGOV_MAX_NODE bytes.  doc:x@v#p becomes chunk:x@v#p; a UUID
 *                after ia: msg: tool: becomes lower case
 * out     *kind  may be NULL; the name is appended to *out
 * returns AIGOV_OK | AIGOV_FIELD (with a hint; the name is not repeated) |
 *         AIGOV_NOMEM
 */
aigov_status aigov_node_name(aigov_span name, aigov_node_kind *kind,
                             aigov_buf *out, aigov_error *err);
const char *aigov_node_kind_name(aigov_node_kind kind); /* "ia", "msg" ... */

/* --- edges ---------------------------------------------------------------- */

typedef enum aigov_relation { /* stored: never renumbered; W3C PROV's words */
                              AIGOV_REL_OTHER, /* another word of a caller:
                                                  kept, exported, not walked */
                              AIGOV_REL_USED,
                              AIGOV_REL_GENERATED,   /* wasGeneratedBy */
                              AIGOV_REL_DERIVED,     /* wasDerivedFrom */
                              AIGOV_REL_INFORMED,    /* wasInformedBy */
                              AIGOV_REL_SPECIALIZES, /* specializationOf */
                              AIGOV_REL_MEMBER,      /* hadMember; up to here
                                                        influence */
                              AIGOV_REL_ASSOCIATED,  /* wasAssociatedWith: never
                                                        walked, as what follows
                                                      */
                              AIGOV_REL_ATTRIBUTED,  /* wasAttributedTo */
                              AIGOV_REL_BEHALF,      /* actedOnBehalfOf */
                              AIGOV_REL_DELIVERED,   /* deliveredTo */
                              AIGOV_REL_INVALIDATED, /* wasInvalidatedBy */
                              AIGOV_RELATIONS
} aigov_relation;

typedef enum aigov_role { /* of used; stored: never renumbered */
                          AIGOV_ROLE_NONE,
                          AIGOV_ROLE_OTHER,
                          AIGOV_ROLE_INPUT,
                          AIGOV_ROLE_HISTORY,
                          AIGOV_ROLE_CONTEXT,
                          AIGOV_ROLE_CITED,
                          AIGOV_ROLE_RETRIEVED,
                          AIGOV_ROLE_MODEL,
                          AIGOV_ROLE_TEMPLATE,
                          AIGOV_ROLE_TOOL_RESULT,
                          AIGOV_ROLES
} aigov_role;

typedef enum aigov_strength { /* stored; a greater one says more */
                              AIGOV_STRENGTH_NONE, /* weakens no path; a path of
                                                      such: context */
                              AIGOV_STRENGTH_RETRIEVED, /* found, and not given
                                                           to the model */
                              AIGOV_STRENGTH_HISTORY,
                              AIGOV_STRENGTH_CONTEXT,
                              AIGOV_STRENGTH_CITED
} aigov_strength;

/* An edge as it is stored, one row of table ref.  how, from bit 0: relation 4,
 * role 4, strength 3, asserted 1 (said by a caller; else known to aigov). */
typedef struct aigov_ref {
    int64_t cause, effect; /* nodes */
    int64_t place;         /* of the entry that says so: lane << 40 | seq */
    int32_t log;
    uint16_t how;
} aigov_ref;

#define AIGOV_HOW(relation, role, strength, asserted)                          \
    ((uint16_t)((unsigned)(relation) | (unsigned)(role) << 4 |                 \
                (unsigned)(strength) << 8 | (unsigned)(asserted) << 11))
#define AIGOV_PLACE(lane, seq) ((int64_t)(lane) << 40 | (int64_t)(seq))

/*
 * What one entry of a call says of it, one row of table call: up to seven edges
 * stand in it, all recorded.  0 where there is none.
 *
 *   asks:     ia used msg.in; msg.in wasAttributedTo person;
 *             ia wasAssociatedWith person; ia used model (role model);
 *             ia used template (role template)
 *   answers:  msg.out wasGeneratedBy ia; msg.out deliveredTo person
 */
typedef struct aigov_call {
    int64_t ia; /* a node of kind ia */
    int64_t model, tmpl, person;
    int64_t place;
    int32_t log;
    bool asks, answers;
} aigov_call;

/* --- what the walker asks of an index ------------------------------------- */

typedef aigov_status (*aigov_ref_fn)(void *arg, const aigov_ref *ref,
                                     aigov_error *err);
typedef aigov_status (*aigov_node_fn)(void *arg, int64_t id, aigov_span name,
                                      aigov_error *err);
/* owner: as aigov_indexer_host.owner gives it; NULL: e itself. */
typedef aigov_status (*aigov_entry_fn)(void *arg, const aigov_entry *e,
                                       const aigov_entry *owner,
                                       aigov_error *err);

/*
 * An index and its log.  All functions return AIGOV_OK or what stopped them;
 * what they hand out lives until they are called again.  Logs: the own one and
 * those it continues, or the one that the setting `log` names.
 */
typedef struct aigov_index {
    void *host;
    /* Number of a row of node by its name; 0: there is none. */
    aigov_status (*find)(void *host, aigov_span name, int64_t *id,
                         aigov_error *err);
    /* Names of rows of node (part 0), ids ascending and distinct: give is
     * called once for each, in any order. */
    aigov_status (*names)(void *host, const int64_t *id, size_t n,
                          aigov_node_fn give, void *arg, aigov_error *err);
    /* All rows of node in the order of id. */
    aigov_status (*all)(void *host, aigov_node_fn give, void *arg,
                        aigov_error *err);
    /* The edges out of causes (down) or into effects, of ref and of call
     * (aigov_call_refs): ids ascending and distinct; edges in any order.
     * n at most 1024.  n 0: every edge of ref and call. */
    aigov_status (*edges)(void *host, bool down, const int64_t *id, size_t n,
                          aigov_ref_fn give, void *arg, aigov_error *err);
    /* The entry at a place. */
    aigov_status (*entry)(void *host, int64_t log, int64_t lane, int64_t seq,
                          aigov_entry *out, aigov_error *err);
    /* The same, but only id, at and system need be set; NULL: as entry. */
    aigov_status (*brief)(void *host, int64_t log, int64_t lane, int64_t seq,
                          aigov_entry *out, aigov_error *err);
    /* The entry that has an id (36 characters; of an erasure); body absent:
     * there is none. */
    aigov_status (*by_id)(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err);
    /* Whether the content of the entry is still there. */
    aigov_status (*has_content)(void *host, const aigov_entry *e, bool *out,
                                aigov_error *err);
    /* Every entry that is indexed or was added, of a lane in the order of seq;
     * give may call find.  NULL: lineage_check is refused. */
    aigov_status (*entries)(void *host, aigov_entry_fn give, void *arg,
                            aigov_error *err);
} aigov_index;

/* Hands the edges of a row of call that touch node id to give: those that
 * begin at it (down, id is the cause) or end (id is the effect); id 0: all. */
aigov_status aigov_call_refs(const aigov_call *c, bool down, int64_t id,
                             aigov_ref_fn give, void *arg, aigov_error *err);

/* --- making an index ------------------------------------------------------ */

typedef struct aigov_indexer_host {
    void *host;
    /* Number of a row of node by its name; 0: there is none.  NULL: node was
     * empty when the indexer was made, which then keeps every name. */
    aigov_status (*find)(void *host, aigov_span name, int64_t *id,
                         aigov_error *err);
    aigov_status (*node)(void *host, int64_t id, aigov_span name,
                         aigov_error *err);
    aigov_status (*ref)(void *host, const aigov_ref *ref, aigov_error *err);
    aigov_status (*call)(void *host, const aigov_call *call, aigov_error *err);
    /* Who owns the call: its first event (request, interaction, response; the
     * least (at, lane, seq)) among entries that are indexed or being indexed;
     * body absent: e itself.  Not asked where e has no interaction. */
    aigov_status (*owner)(void *host, const aigov_entry *e, aigov_entry *out,
                          aigov_error *err);
    /* The entry that has an id (36 characters; of an erasure); body absent:
     * there is none. */
    aigov_status (*by_id)(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err);
} aigov_indexer_host;

typedef struct aigov_indexer aigov_indexer;

/* serial: the last one given out, 0 at first. */
aigov_status aigov_indexer_new(aigov_ctx *ctx, const aigov_indexer_host *host,
                               int64_t serial, aigov_indexer **out,
                               aigov_error *err);
/*
 * The next entry; of a lane in the order of seq.  Names it has seen are kept,
 * up to some thousands, and not looked up again.
 * returns AIGOV_OK | AIGOV_NOMEM | AIGOV_CRYPTO | what the host returned.  An
 *         entry that cannot be read (its chain is broken, a superuser wrote it)
 *         gives no edges and is no error.
 * cost    about 3 us, and the host's
 */
aigov_status aigov_indexer_add(aigov_indexer *x, const aigov_entry *e,
                               aigov_error *err);
int64_t aigov_indexer_serial(const aigov_indexer *x);
void aigov_indexer_free(aigov_indexer *x); /* NULL is fine */

/* --- a graph -------------------------------------------------------------- */

typedef struct aigov_graph aigov_graph;

/* index: borrowed; its find, names, all and edges may be NULL (nothing is
 * indexed: an export), entry, by_id and has_content not. */
aigov_status aigov_graph_new(aigov_ctx *ctx, const aigov_index *index,
                             aigov_graph **out, aigov_error *err);
void aigov_graph_free(aigov_graph *g); /* NULL is fine */

/*
 * aigov_graph_as_of - entries of a log that are behind its heads do not count
 *
 * in      log     the one that has these heads; of others all entries count
 *         heads   JSON object: lane to seq, {"0":12,"1":4711}; a lane that is
 *                 not named was not there
 * returns AIGOV_OK | AIGOV_ARG | AIGOV_NOMEM
 */
aigov_status aigov_graph_as_of(aigov_graph *g, int64_t log, aigov_span heads,
                               aigov_error *err);

/* How many entries a database should add to a graph at most, some 400 MB: more
 * are a matter for the index. */
#define AIGOV_MAX_TAIL 500000

/* An entry behind the end of the index; of a lane in the order of seq.
 * owner: as aigov_indexer_host.owner gives it; NULL: e itself. */
aigov_status aigov_graph_add(aigov_graph *g, const aigov_entry *e,
                             const aigov_entry *owner, aigov_error *err);

/* --- questions ------------------------------------------------------------ */

/* A column of an answer, or an argument. */
typedef enum aigov_cell_type {
    AIGOV_CELL_TEXT,
    AIGOV_CELL_INT,
    AIGOV_CELL_TIME, /* microseconds UTC, in i */
    AIGOV_CELL_BOOL, /* 0 or 1, in i */
    AIGOV_CELL_UUID, /* 36 characters */
    AIGOV_CELL_JSON
} aigov_cell_type;

typedef struct aigov_cell {
    aigov_span s; /* of TEXT, UUID, JSON; absent and null: NULL */
    int64_t i;
    bool null;
} aigov_cell;

#define AIGOV_MAX_COLUMNS 16
#define AIGOV_MAX_ARGUMENTS 6

typedef struct aigov_column {
    const char *name;
    aigov_cell_type type;
} aigov_column;

/* One question (core/lineage/questions.def): downstream, upstream, explain ...
 * One with a single column of JSON or TEXT and `single` gives one row. */
typedef struct aigov_question {
    const char *name;
    bool single;
    size_t columns, arguments, required; /* arguments that must be given */
    aigov_column column[AIGOV_MAX_COLUMNS];
    aigov_column argument[AIGOV_MAX_ARGUMENTS];
    int rows; /* an estimate, for the planner */
} aigov_question;

const aigov_question *aigov_question_at(size_t i); /* NULL past the end */

/* One row; lives until it returns.  Its error ends the question. */
typedef aigov_status (*aigov_row_fn)(void *arg, const aigov_cell *cell,
                                     size_t n, aigov_error *err);

/*
 * aigov_graph_ask - one question
 *
 * in      argument   as many as the question has; null: the default
 *         limit      rows, then one more that says so (kind or first text
 *                    column "truncated"); 0: 1,000,000
 * returns AIGOV_OK | AIGOV_NOENTRY (unknown start: the hint has near matches) |
 *         AIGOV_ARG | AIGOV_NOMEM | AIGOV_CANCELED | what host or row returned
 * order   of rows: docs/lineage.md; the same whatever the order of edges, and
 *         whether they are indexed
 * memory  at most 24 bytes a node reached
 */
aigov_status aigov_graph_ask(aigov_graph *g, const aigov_question *q,
                             const aigov_cell *argument, int64_t limit,
                             aigov_row_fn row, void *arg, aigov_error *err);

#ifdef __cplusplus
}
#endif

#endif
