/*
 * prov.c - a part of the graph as PROV-JSON
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * W3C Member Submission "The PROV-JSON Serialization", checked against its
 * schema.  One object, members in the order of RFC 8785:
 *
 *   activity, agent, entity    {"kind:rest": {}}
 *   prefix                     one a kind: "doc": "urn:aigov:doc:"
 *   a member for each relation {"_:used1": {both ends, attributes}}
 *
 * Kinds are of one PROV type each: ia tool run act delivery are activities,
 * person is an agent, all else is an entity.  `deliveredTo` is no word of PROV:
 * it is an activity delivery:<message>><person> that used the message and was
 * associated with the person.  A relation that PROV does not have either is
 * wasInfluencedBy.  An edge from a node to itself is left out.  hadMember and
 * specializationOf take no attributes (PROV-DM 5.6, 5.5.1); the others carry
 *
 *   aigov:entry, aigov:hash, aigov:lane, aigov:log, aigov:seq  the entry
 *   aigov:source   recorded or asserted
 *   aigov:strength and prov:role   of used
 */
#include "part.h"

typedef struct writing {
    aigov__part part;
    aigov_buf *b;
    aigov_error *err;
    aigov_span *activity; /* names: nodes and deliveries */
    size_t activities, activity_cap;
    aigov_buf text; /* of deliveries */
    bool ok;
    bool first;   /* in the object at hand */
    bool started; /* the document has a member */
    /* the entry that was read last */
    int64_t log, lane, seq;
    char id[37], hash[65];
    bool known;
} writing;

static void put(writing *w, const char *s)
{
    w->ok = w->ok && aigov_buf_puts(w->b, s);
}

static void text(writing *w, aigov_span s)
{
    w->ok = w->ok && aigov_buf_put_json_string(w->b, s);
}

static void number(writing *w, const char *name, int64_t v)
{
    put(w, ",\"");
    put(w, name);
    put(w, "\":");
    w->ok = w->ok && aigov_buf_put_i64(w->b, v);
}

static void pair(writing *w, const char *name, aigov_span value)
{
    put(w, ",\"");
    put(w, name);
    put(w, "\":");
    text(w, value);
}

static void comma(writing *w)
{
    put(w, w->first ? "" : ",");
    w->first = false;
}

/* A member of the document, whose value is an object. */
static void open_member(writing *w, const char *name)
{
    put(w, w->started ? ",\"" : "\"");
    put(w, name);
    put(w, "\":{");
    w->started = true;
    w->first = true;
}

/* --- activities, agents, entities, prefixes ------------------------------- */

static bool is_activity(aigov_node_kind kind)
{
    return kind == AIGOV_NODE_IA || kind == AIGOV_NODE_TOOL ||
           kind == AIGOV_NODE_RUN || kind == AIGOV_NODE_ACT ||
           kind == AIGOV_NODE_DELIVERY;
}

static bool is_agent(aigov_node_kind kind)
{
    return kind == AIGOV_NODE_PERSON;
}

static bool is_entity(aigov_node_kind kind)
{
    return !is_activity(kind) && !is_agent(kind);
}

static aigov_span after_colon(aigov_span name)
{
    const char *colon = memchr(name.p, ':', name.n);
    size_t skip = colon != NULL ? (size_t)(colon - name.p) + 1 : 0;
    return (aigov_span){name.p + skip, name.n - skip};
}

static aigov_span word_of(aigov_span name)
{
    const char *colon = memchr(name.p, ':', name.n);
    return (aigov_span){name.p,
                        colon != NULL ? (size_t)(colon - name.p) : name.n};
}

static const aigov__part_node *end_of(const writing *w, uint32_t i)
{
    return &w->part.node[i];
}

static bool is_delivery(const aigov__part_edge *e)
{
    return AIGOV__HOW_RELATION(e->how) == AIGOV_REL_DELIVERED;
}

/* The name of an edge's delivery, appended to b. */
static bool put_delivery(const writing *w, const aigov__part_edge *e,
                         aigov_buf *b)
{
    aigov_span what = after_colon(end_of(w, e->effect)->name);
    aigov_span whom = after_colon(end_of(w, e->cause)->name);
    return aigov_buf_puts(b, "delivery:") && aigov_buf_put(b, what.p, what.n) &&
           aigov_buf_puts(b, ">") && aigov_buf_put(b, whom.p, whom.n);
}

static bool add_activity(writing *w, aigov_span name)
{
    if (!aigov__room(w->part.ctx, (void **)&w->activity, &w->activity_cap,
                     sizeof *w->activity, w->activities + 1)) {
        return false;
    }
    w->activity[w->activities++] = name;
    return true;
}

static int by_bytes(const void *a, const void *b, void *host)
{
    const aigov_span *x = a, *y = b;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    (void)host;
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static void sort_activities(writing *w)
{
    size_t n = 0;
    aigov__sort(w->activity, w->activities, sizeof *w->activity, by_bytes,
                NULL);
    for (size_t i = 0; i < w->activities; i++) {
        if (n == 0 || !aigov_span_eq(w->activity[n - 1], w->activity[i])) {
            w->activity[n++] = w->activity[i];
        }
    }
    w->activities = n;
}

/* Names are written whole before any is pointed at: the text moves. */
static bool find_activities(writing *w)
{
    const aigov__part *p = &w->part;
    size_t at = 0;
    for (size_t i = 0; i < p->edges; i++) {
        if (is_delivery(&p->edge[i]) &&
            !(put_delivery(w, &p->edge[i], &w->text) &&
              aigov_buf_put(&w->text, "", 1))) {
            return false;
        }
    }
    while (at < w->text.n) {
        aigov_span name = aigov_str(w->text.p + at);
        if (!add_activity(w, name)) {
            return false;
        }
        at += name.n + 1;
    }
    for (size_t i = 0; i < p->nodes; i++) {
        if (is_activity(p->node[i].kind) && !add_activity(w, p->node[i].name)) {
            return false;
        }
    }
    sort_activities(w);
    return true;
}

static void put_activities(writing *w)
{
    open_member(w, "activity");
    for (size_t i = 0; i < w->activities; i++) {
        put(w, i > 0 ? "," : "");
        text(w, w->activity[i]);
        put(w, ":{}");
    }
    put(w, "}");
}

static void put_nodes(writing *w, const char *name,
                      bool (*is)(aigov_node_kind kind))
{
    open_member(w, name);
    for (size_t i = 0; i < w->part.nodes; i++) {
        if (is(w->part.node[i].kind)) {
            comma(w);
            text(w, w->part.node[i].name);
            put(w, ":{}");
        }
    }
    put(w, "}");
}

static void put_prefix(writing *w, aigov_span word)
{
    comma(w);
    text(w, word);
    put(w, ":\"urn:aigov:");
    w->ok = w->ok && aigov_buf_put(w->b, word.p, word.n);
    put(w, ":\"");
}

/* Nodes are sorted, so those of one kind stand together. */
static void put_prefixes(writing *w)
{
    aigov_span last = AIGOV_ABSENT;
    open_member(w, "prefix");
    put(w, "\"aigov\":\"urn:aigov:attribute:\"");
    w->first = false;
    if (w->text.n > 0) {
        put_prefix(w, AIGOV_LIT("delivery"));
    }
    for (size_t i = 0; i < w->part.nodes; i++) {
        aigov_span word = word_of(w->part.node[i].name);
        bool told = AIGOV__IS(word, "aigov") || AIGOV__IS(word, "prov") ||
                    (w->text.n > 0 && AIGOV__IS(word, "delivery"));
        if (!told && (last.p == NULL || !aigov_span_eq(last, word))) {
            put_prefix(w, word);
        }
        last = word;
    }
    put(w, "}");
}

/* --- relations ----------------------------------------------------------- */

typedef struct relation {
    const char *name;
    uint16_t is; /* bits of aigov_relation */
    const char *effect, *cause;
    bool attributes;
} relation;

#define BIT(relation) ((uint16_t)(1u << AIGOV_REL_##relation))

/* In the order of RFC 8785. */
static const relation relations[] = {
    {"actedOnBehalfOf", BIT(BEHALF), "delegate", "responsible", true},
    {"hadMember", BIT(MEMBER), "collection", "entity", false},
    {"specializationOf", BIT(SPECIALIZES), "specificEntity", "generalEntity",
     false},
    {"used", BIT(USED) | BIT(DELIVERED), "activity", "entity", true},
    {"wasAssociatedWith", BIT(ASSOCIATED) | BIT(DELIVERED), "activity", "agent",
     true},
    {"wasAttributedTo", BIT(ATTRIBUTED), "entity", "agent", true},
    {"wasDerivedFrom", BIT(DERIVED), "generatedEntity", "usedEntity", true},
    {"wasGeneratedBy", BIT(GENERATED), "entity", "activity", true},
    {"wasInfluencedBy", BIT(OTHER), "influencee", "influencer", true},
    {"wasInformedBy", BIT(INFORMED), "informed", "informant", true},
    {"wasInvalidatedBy", BIT(INVALIDATED), "entity", "activity", true},
};

#undef BIT

static void keep_entry(writing *w, const aigov_entry *e)
{
    static const char hex[] = "0123456789abcdef";
    w->known = e->id.n == 36 && e->hash.n == AIGOV_HASH_LEN;
    if (!w->known) {
        return;
    }
    memcpy(w->id, e->id.p, 36);
    for (size_t i = 0; i < AIGOV_HASH_LEN; i++) {
        w->hash[2 * i] = hex[(uint8_t)e->hash.p[i] >> 4];
        w->hash[2 * i + 1] = hex[(uint8_t)e->hash.p[i] & 15];
    }
}

/* Edges of one node stand together, so the last entry is asked for again. */
static aigov_status find_entry(writing *w, const aigov__part_edge *e)
{
    const aigov_index *index = aigov__graph_index(w->part.graph);
    int64_t lane = e->place >> 40, seq = e->place & (AIGOV_PLACE(1, 0) - 1);
    aigov_entry entry = {.v = 0};
    aigov_status st;
    if (e->log == w->log && lane == w->lane && seq == w->seq) {
        return AIGOV_OK;
    }
    w->known = false;
    w->log = e->log;
    w->lane = lane;
    w->seq = seq;
    if (e->place == 0) { /* it follows from a name alone */
        return AIGOV_OK;
    }
    st = index->entry(index->host, e->log, lane, seq, &entry, w->err);
    if (st == AIGOV_OK) {
        keep_entry(w, &entry);
    }
    return st;
}

static void put_attributes(writing *w, const aigov__part_edge *e)
{
    const char *role = aigov__role_name(AIGOV__HOW_ROLE(e->how));
    const char *strength = aigov__strength_name(AIGOV__HOW_STRENGTH(e->how));
    if (w->known) {
        pair(w, "aigov:entry", (aigov_span){w->id, 36});
        pair(w, "aigov:hash", (aigov_span){w->hash, 64});
        number(w, "aigov:lane", w->lane);
        number(w, "aigov:log", w->log);
        number(w, "aigov:seq", w->seq);
    }
    pair(w, "aigov:source",
         aigov_str(AIGOV__HOW_ASSERTED(e->how) ? "asserted" : "recorded"));
    if (AIGOV__HOW_RELATION(e->how) == AIGOV_REL_USED) {
        if (strength != NULL) {
            pair(w, "aigov:strength", aigov_str(strength));
        }
        if (role != NULL) {
            pair(w, "prov:role", aigov_str(role));
        }
    }
}

static void put_end(writing *w, const relation *r, const char *end,
                    const aigov__part_edge *e, uint32_t node)
{
    aigov_buf b = {.ctx = w->part.ctx};
    put(w, "\"prov:");
    put(w, end);
    put(w, "\":");
    if (is_delivery(e) && strcmp(end, r->effect) == 0) {
        w->ok = w->ok && put_delivery(w, e, &b);
        text(w, aigov_buf_span(&b));
    } else {
        text(w, end_of(w, node)->name);
    }
    aigov_buf_free(&b);
}

static aigov_status put_edge(writing *w, const relation *r,
                             const aigov__part_edge *e)
{
    /* a delivery used what was delivered; the person is its agent */
    uint32_t cause = is_delivery(e) && AIGOV__IS(aigov_str(r->name), "used")
                         ? e->effect
                         : e->cause;
    aigov_status st = AIGOV_OK;
    put_end(w, r, r->effect, e, e->effect);
    put(w, ",");
    put_end(w, r, r->cause, e, cause);
    if (r->attributes) {
        st = find_entry(w, e);
        put_attributes(w, e);
    }
    put(w, "}");
    return st;
}

static aigov_status put_relation(writing *w, const relation *r)
{
    aigov_status st = AIGOV_OK;
    int64_t n = 0;
    for (size_t i = 0; i < w->part.edges && st == AIGOV_OK; i++) {
        const aigov__part_edge *e = &w->part.edge[i];
        if ((r->is >> AIGOV__HOW_RELATION(e->how) & 1) == 0 ||
            e->effect == e->cause) {
            continue;
        }
        if (n == 0) {
            open_member(w, r->name);
        }
        put(w, n > 0 ? ",\"_:" : "\"_:");
        put(w, r->name);
        w->ok = w->ok && aigov_buf_put_i64(w->b, ++n);
        put(w, "\":{");
        st = put_edge(w, r, e);
        if (!w->ok) {
            return aigov__nomem(w->err);
        }
    }
    put(w, n > 0 ? "}" : "");
    return st;
}

static aigov_status put_document(writing *w)
{
    aigov_status st = AIGOV_OK;
    if (!find_activities(w)) {
        return aigov__nomem(w->err);
    }
    put(w, "{");
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
        if (i == 1) {
            put_activities(w);
            put_nodes(w, "agent", is_agent);
            put_nodes(w, "entity", is_entity);
        }
        if (i == 2) {
            put_prefixes(w);
        }
        if (st == AIGOV_OK) {
            st = put_relation(w, &relations[i]);
        }
    }
    put(w, "}");
    return st == AIGOV_OK && !w->ok ? aigov__nomem(w->err) : st;
}

aigov_status aigov__prov_json(aigov_graph *g, const aigov__walk *walk,
                              size_t walks, aigov_buf *out, aigov_error *err)
{
    writing w = {.b = out, .err = err, .ok = true, .log = -1};
    aigov_status st = aigov__part_make(&w.part, g, walk, walks, err);
    aigov_buf_init(&w.text, w.part.ctx);
    if (st == AIGOV_OK) {
        aigov__part_join(&w.part);
        st = put_document(&w);
    }
    aigov_mfree(w.part.ctx, w.activity, w.activity_cap * sizeof *w.activity);
    aigov_buf_free(&w.text);
    aigov__part_free(&w.part);
    return st;
}
