/*
 * picture.c - a part of the graph as Mermaid and as DOT
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * At most 60 nodes (fold.c); effects stand left of their causes, so time runs
 * from right to left.  Kinds differ by shape and by colour; what only a caller
 * said is dashed.  No text of a message is in it: names of nodes are all there
 * is, and those are escaped, so that no name ends its label.  Of an interaction
 * with a UUID the last 12 digits are shown; DOT has the name whole as tooltip.
 */
#include "picture.h"

typedef struct look {
    const char *plural;
    const char *shape;       /* DOT */
    const char *open, *shut; /* Mermaid */
    const char *fill;
} look;

static const look looks[AIGOV_NODE_KINDS] = {
    [AIGOV_NODE_OTHER] = {"others", "box", "[", "]", "#eeeeee"},
    [AIGOV_NODE_IA] = {"calls", "box", "[", "]", "#cfe2f3"},
    [AIGOV_NODE_MSG] = {"messages", "note", "(", ")", "#ffffff"},
    [AIGOV_NODE_DOC] = {"documents", "folder", "[/", "/]", "#d9ead3"},
    [AIGOV_NODE_CHUNK] = {"chunks", "tab", "[/", "/]", "#edf6ea"},
    [AIGOV_NODE_DATASET] = {"data sets", "cylinder", "[(", ")]", "#d9ead3"},
    [AIGOV_NODE_MODEL] = {"models", "component", "{{", "}}", "#ead1dc"},
    [AIGOV_NODE_TMPL] = {"templates", "invhouse", "[\\", "\\]", "#fff2cc"},
    [AIGOV_NODE_TOOL] = {"tool calls", "cds", ">", "]", "#fce5cd"},
    [AIGOV_NODE_PERSON] = {"persons", "oval", "((", "))", "#f4cccc"},
    [AIGOV_NODE_ARTIFACT] = {"artifacts", "box3d", "[[", "]]", "#d9d2e9"},
    [AIGOV_NODE_RUN] = {"training runs", "hexagon", "{{", "}}", "#d0e0e3"},
    [AIGOV_NODE_ACT] = {"acts", "octagon", "[", "]", "#f9cb9c"},
    [AIGOV_NODE_DELIVERY] = {"deliveries", "rarrow", ">", "]", "#f4cccc"},
};

typedef aigov__drawing drawing;

void aigov__draw_put(drawing *d, const char *s)
{
    d->ok = d->ok && aigov_buf_puts(d->b, s);
}

void aigov__draw_number(drawing *d, int64_t n)
{
    d->ok = d->ok && aigov_buf_put_i64(d->b, n);
}

static void bytes(drawing *d, const char *p, size_t n)
{
    d->ok = d->ok && aigov_buf_put(d->b, p, n);
}

/* --- escapes ------------------------------------------------------------- */

/* Mermaid's entities: #quot; and #NN;  Control characters end lines. */
static void escape_mermaid(drawing *d, aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < 0x20 || c == 0x7F) {
            aigov__draw_put(d, "?");
        } else if (strchr("\"#<>&;`\\[](){}|", c) != NULL) {
            aigov__draw_put(d, "#");
            aigov__draw_number(d, c);
            aigov__draw_put(d, ";");
        } else {
            bytes(d, s.p + i, 1);
        }
    }
}

/* A quoted string of DOT, where \N and its like stand for other text. */
static void escape_dot(drawing *d, aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < 0x20 || c == 0x7F) {
            aigov__draw_put(d, "?");
            continue;
        }
        aigov__draw_put(d, c == '"' || c == '\\' ? "\\" : "");
        bytes(d, s.p + i, 1);
    }
}

/* --- labels -------------------------------------------------------------- */

/* Of kind:UUID and what follows it: kind:…, the last 12 digits, the rest. */
static void put_name(drawing *d, aigov_span name)
{
    const char *colon = memchr(name.p, ':', name.n);
    size_t skip = colon != NULL ? (size_t)(colon - name.p) + 1 : 0;
    uint8_t id[16];
    if (skip > 0 && name.n >= skip + 36 &&
        aigov_uuid_parse((aigov_span){name.p + skip, 36}, id)) {
        bytes(d, name.p, skip);
        aigov__draw_put(d, "\xE2\x80\xA6"); /* U+2026 */
        d->escape(d, (aigov_span){name.p + skip + 24, name.n - skip - 24});
    } else {
        d->escape(d, name);
    }
}

/* "handbook@2" of chunk:handbook@2#1 */
static void put_version(drawing *d, aigov_span name)
{
    size_t n = name.n, skip = sizeof "chunk:" - 1;
    while (n > skip && name.p[n - 1] != '#') {
        n--;
    }
    if (n > skip) {
        aigov__draw_put(d, " of ");
        d->escape(d, (aigov_span){name.p + skip, n - 1 - skip});
    }
}

void aigov__draw_label(drawing *d, const aigov__group *g)
{
    const aigov__part_node *node = &d->part.node[g->node];
    if (g->n == 1) {
        put_name(d, node->name);
        return;
    }
    aigov__draw_number(d, g->n);
    aigov__draw_put(d, " ");
    aigov__draw_put(d, looks[node->kind].plural);
    if (g->version) {
        put_version(d, node->name);
    }
}

void aigov__draw_link_label(drawing *d, const aigov__link *l)
{
    const char *role = aigov__role_name(l->role);
    aigov__draw_put(d, aigov__relation_name(l->relation));
    if (role != NULL && l->role != AIGOV_ROLE_OTHER) {
        aigov__draw_put(d, ": ");
        aigov__draw_put(d, role);
    }
    if (l->n > 1) {
        aigov__draw_put(d, " \xC3\x97"); /* U+00D7 */
        aigov__draw_number(d, l->n);
    }
}

static void put_node(drawing *d, uint32_t group)
{
    aigov__draw_put(d, "n");
    aigov__draw_number(d, group);
}

static const look *look_of(const drawing *d, size_t group)
{
    return &looks[d->part.node[d->fold.group[group].node].kind];
}

/* --- Mermaid ------------------------------------------------------------- */

static void mermaid_classes(drawing *d)
{
    for (int kind = 0; kind < AIGOV_NODE_KINDS; kind++) {
        aigov__draw_put(d, "  classDef ");
        aigov__draw_put(d, aigov_node_kind_name((aigov_node_kind)kind));
        aigov__draw_put(d, " fill:");
        aigov__draw_put(d, looks[kind].fill);
        aigov__draw_put(d, ",stroke:#555555,color:#000000\n");
    }
}

static void draw_mermaid(drawing *d)
{
    aigov__draw_put(d, "flowchart LR\n");
    for (uint32_t i = 0; i < d->fold.groups; i++) {
        aigov_node_kind kind = d->part.node[d->fold.group[i].node].kind;
        aigov__draw_put(d, "  ");
        put_node(d, i);
        aigov__draw_put(d, looks[kind].open);
        aigov__draw_put(d, "\"");
        aigov__draw_label(d, &d->fold.group[i]);
        aigov__draw_put(d, "\"");
        aigov__draw_put(d, looks[kind].shut);
        aigov__draw_put(d, ":::");
        aigov__draw_put(d, aigov_node_kind_name(kind));
        aigov__draw_put(d, "\n");
    }
    for (size_t i = 0; i < d->fold.links; i++) {
        const aigov__link *l = &d->fold.link[i];
        aigov__draw_put(d, "  ");
        put_node(d, l->effect);
        aigov__draw_put(d, l->asserted ? " -.->|" : " -->|");
        aigov__draw_link_label(d, l);
        aigov__draw_put(d, "| ");
        put_node(d, l->cause);
        aigov__draw_put(d, "\n");
    }
    mermaid_classes(d);
}

/* --- DOT ----------------------------------------------------------------- */

static void dot_node(drawing *d, uint32_t i)
{
    const aigov__group *g = &d->fold.group[i];
    const look *l = look_of(d, i);
    aigov__draw_put(d, "  ");
    put_node(d, i);
    aigov__draw_put(d, " [label=\"");
    aigov__draw_label(d, g);
    aigov__draw_put(d, "\", shape=");
    aigov__draw_put(d, l->shape);
    aigov__draw_put(d, ", fillcolor=\"");
    aigov__draw_put(d, l->fill);
    aigov__draw_put(d, "\", tooltip=\"");
    if (g->n == 1) {
        escape_dot(d, d->part.node[g->node].name);
    } else {
        aigov__draw_label(d, g);
    }
    aigov__draw_put(d, "\"];\n");
}

static void draw_dot(drawing *d)
{
    aigov__draw_put(
        d, "digraph aigov {\n"
           "  rankdir=LR;\n"
           "  nodesep=0.25;\n"
           "  ranksep=0.9;\n"
           "  node [style=filled, color=\"#555555\", fontname=\"Helvetica\", "
           "fontsize=11];\n"
           "  edge [color=\"#777777\", fontname=\"Helvetica\", fontsize=9];\n");
    for (uint32_t i = 0; i < d->fold.groups; i++) {
        dot_node(d, i);
    }
    for (size_t i = 0; i < d->fold.links; i++) {
        const aigov__link *l = &d->fold.link[i];
        aigov__draw_put(d, "  ");
        put_node(d, l->effect);
        aigov__draw_put(d, " -> ");
        put_node(d, l->cause);
        aigov__draw_put(d, " [label=\"");
        aigov__draw_link_label(d, l);
        aigov__draw_put(d, l->asserted ? "\", style=dashed];\n" : "\"];\n");
    }
    aigov__draw_put(d, "}\n");
}

aigov_status aigov__draw(aigov_graph *g, const aigov__walk *walk, size_t walks,
                         void (*how)(drawing *d),
                         void (*escape)(drawing *d, aigov_span s),
                         aigov_buf *out, aigov_error *err)
{
    drawing d = {.b = out, .escape = escape, .ok = true};
    aigov_status st = aigov__part_make(&d.part, g, walk, walks, err);
    aigov__part_join(&d.part);
    if (st == AIGOV_OK) {
        st = aigov__fold_make(&d.fold, &d.part, err);
    }
    if (st == AIGOV_OK) {
        how(&d);
        st = d.ok ? AIGOV_OK : aigov__nomem(err);
    }
    if (d.fold.ctx != NULL) {
        aigov__fold_free(&d.fold);
    }
    aigov__part_free(&d.part);
    return st;
}

aigov_status aigov__mermaid(aigov_graph *g, const aigov__walk *walk,
                            size_t walks, aigov_buf *out, aigov_error *err)
{
    return aigov__draw(g, walk, walks, draw_mermaid, escape_mermaid, out, err);
}

aigov_status aigov__dot(aigov_graph *g, const aigov__walk *walk, size_t walks,
                        aigov_buf *out, aigov_error *err)
{
    return aigov__draw(g, walk, walks, draw_dot, escape_dot, out, err);
}
