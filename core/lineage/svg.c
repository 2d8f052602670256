/*
 * svg.c - a part of the graph as a picture, without Graphviz
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The layered drawing of Sugiyama, Tagawa and Toda (1981): an effect stands
 * left of its causes, so time runs from right to left.
 *
 *   layers   the longest way from a node that nothing came from
 *   slots    a link over several layers gets a slot in each between, so that it
 *            crosses no box
 *   order    of a layer's slots by the mean of their neighbours, in a number of
 *            sweeps both ways
 *   places   slots one below the other, a layer as wide as its widest box
 *
 * At most 60 boxes (fold.c).  What an edge says is its title; what a caller
 * alone said is dashed.
 */
#include "picture.h"

#define SLOTS 2048 /* boxes, and links in between; more links are left out */
#define BOX 26     /* units high */
#define ROW 40
#define THIN 14 /* a slot of a link, which is as wide as its layer */
#define GAP 90  /* between layers */
#define LETTER 7
#define MAX_LETTERS 40
#define SWEEPS 12

typedef struct slot {
    uint32_t group; /* UINT32_MAX: a link passes */
    int layer, order, x, y, wide;
    double want; /* the mean of its neighbours */
} slot;

/* A piece of a link, from one layer to the next. */
typedef struct piece {
    uint16_t left, right; /* slots */
} piece;

typedef struct layout {
    aigov__drawing *d;
    slot slot[SLOTS];
    piece *piece;                            /* SLOTS + links of them */
    uint16_t first[SLOTS], pieces_of[SLOTS]; /* of a link: its pieces */
    size_t slots, pieces, links, layers;
    int wide, high;
    bool loop[SLOTS]; /* a link that would close one: drawn, not counted */
} layout;

static void put(layout *l, const char *s)
{
    aigov__draw_put(l->d, s);
}

static void number(layout *l, int64_t n)
{
    aigov__draw_number(l->d, n);
}

static void attribute(layout *l, const char *name, int64_t n)
{
    put(l, " ");
    put(l, name);
    put(l, "=\"");
    number(l, n);
    put(l, "\"");
}

/* XML 1.0 2.4; control characters are none of its. */
static void escape_xml(aigov__drawing *d, aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        const char *as = c == '&'   ? "&amp;"
                         : c == '<' ? "&lt;"
                         : c == '>' ? "&gt;"
                         : c == '"' ? "&quot;"
                                    : NULL;
        if ((uint8_t)c < 0x20 || c == 0x7F) {
            as = "?";
        }
        if (as != NULL) {
            aigov__draw_put(d, as);
        } else {
            d->ok = d->ok && aigov_buf_put(d->b, &c, 1);
        }
    }
}

/* --- layers -------------------------------------------------------------- */

/* Marks the links that close a loop: those to a group whose visit has not
 * ended.
 */
static void find_loops(layout *l, uint32_t group, uint8_t *state)
{
    const aigov__fold *f = &l->d->fold;
    state[group] = 1;
    for (size_t i = 0; i < l->links; i++) {
        if (f->link[i].effect != group) {
            continue;
        }
        if (state[f->link[i].cause] == 1) {
            l->loop[i] = true;
        } else if (state[f->link[i].cause] == 0) {
            find_loops(l, f->link[i].cause, state); /* at most 60 deep */
        }
    }
    state[group] = 2;
}

static void find_layers(layout *l)
{
    const aigov__fold *f = &l->d->fold;
    uint8_t state[AIGOV__PICTURE] = {0};
    bool moved = true;
    for (uint32_t g = 0; g < f->groups; g++) {
        if (state[g] == 0) {
            find_loops(l, g, state);
        }
    }
    while (moved) {
        moved = false;
        for (size_t i = 0; i < l->links; i++) {
            const slot *left = &l->slot[f->link[i].effect];
            slot *right = &l->slot[f->link[i].cause];
            if (!l->loop[i] && right->layer <= left->layer) {
                right->layer = left->layer + 1;
                moved = true;
            }
        }
    }
    for (uint32_t g = 0; g < f->groups; g++) {
        size_t n = (size_t)l->slot[g].layer + 1;
        l->layers = n > l->layers ? n : l->layers;
    }
}

/* As near to its effects as its causes let it: a leaf at the left stands by
 * what it came from. */
static void pull_right(layout *l)
{
    const aigov__fold *f = &l->d->fold;
    for (size_t k = 0; k < f->groups; k++) {
        for (uint32_t g = 0; g < f->groups; g++) {
            int to = INT32_MAX;
            for (size_t i = 0; i < l->links; i++) {
                if (f->link[i].effect == g && !l->loop[i] &&
                    l->slot[f->link[i].cause].layer - 1 < to) {
                    to = l->slot[f->link[i].cause].layer - 1;
                }
            }
            if (to != INT32_MAX && to > l->slot[g].layer) {
                l->slot[g].layer = to;
            }
        }
    }
}

static uint16_t add_slot(layout *l, int layer)
{
    l->slot[l->slots] = (slot){.group = UINT32_MAX, .layer = layer};
    return (uint16_t)l->slots++;
}

/* Every link in pieces, with slots in the layers between. */
static void cut_links(layout *l)
{
    const aigov__fold *f = &l->d->fold;
    for (size_t i = 0; i < l->links; i++) {
        uint16_t left = (uint16_t)f->link[i].effect;
        uint16_t right = (uint16_t)f->link[i].cause, at;
        if (l->slot[left].layer > l->slot[right].layer) {
            at = left;
            left = right;
            right = at;
        }
        l->first[i] = (uint16_t)l->pieces;
        at = left;
        for (int layer = l->slot[left].layer + 1;
             layer < l->slot[right].layer && l->slots < SLOTS; layer++) {
            uint16_t next = add_slot(l, layer);
            l->piece[l->pieces++] = (piece){at, next};
            at = next;
        }
        l->piece[l->pieces++] = (piece){at, right};
        l->pieces_of[i] = (uint16_t)(l->pieces - l->first[i]);
    }
}

/* --- order --------------------------------------------------------------- */

static int by_order(const void *a, const void *b, void *host)
{
    const layout *l = host;
    const slot *x = &l->slot[*(const uint16_t *)a];
    const slot *y = &l->slot[*(const uint16_t *)b];
    if (x->layer != y->layer) {
        return x->layer < y->layer ? -1 : 1;
    }
    if (x->want < y->want || x->want > y->want) {
        return x->want < y->want ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

static void number_layers(layout *l, uint16_t *all)
{
    int order = 0;
    aigov__sort(all, l->slots, sizeof *all, by_order, l);
    for (size_t i = 0; i < l->slots; i++) {
        slot *s = &l->slot[all[i]];
        order = i > 0 && l->slot[all[i - 1]].layer == s->layer ? order + 1 : 0;
        s->order = order;
        s->want = order;
    }
}

/* What a slot wants: the mean place of those that it is joined to on one side.
 */
static void want(layout *l, bool to_right)
{
    for (size_t i = 0; i < l->slots; i++) {
        double sum = 0;
        int n = 0;
        for (size_t k = 0; k < l->pieces; k++) {
            if ((to_right ? l->piece[k].left : l->piece[k].right) == i) {
                sum += l->slot[to_right ? l->piece[k].right : l->piece[k].left]
                           .order;
                n++;
            }
        }
        if (n > 0) {
            l->slot[i].want = sum / n;
        }
    }
}

static void order_slots(layout *l, uint16_t *all)
{
    for (size_t i = 0; i < l->slots; i++) {
        all[i] = (uint16_t)i;
        l->slot[i].order = (int)i;
        l->slot[i].want = (double)i;
    }
    number_layers(l, all);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        want(l, sweep % 2 == 0);
        number_layers(l, all);
    }
}

/* --- places -------------------------------------------------------------- */

static size_t letters(layout *l, uint32_t group)
{
    aigov_buf b = {.ctx = l->d->part.ctx}, *was = l->d->b;
    size_t n = 0;
    l->d->b = &b;
    aigov__draw_label(l->d, &l->d->fold.group[group]);
    l->d->b = was;
    for (size_t i = 0; i < b.n; i++) {
        n += ((uint8_t)b.p[i] & 0xC0) != 0x80;
    }
    aigov_buf_free(&b);
    return n < MAX_LETTERS ? n : MAX_LETTERS;
}

static void place_slots(layout *l, const uint16_t *all)
{
    int wide[SLOTS] = {0}, y = 0, x = 20;
    for (size_t i = 0; i < l->slots; i++) {
        slot *s = &l->slot[all[i]];
        bool box = s->group != UINT32_MAX;
        y = s->order == 0 ? 20 : y;
        s->y = y + (box ? ROW : THIN) / 2;
        y += box ? ROW : THIN;
        s->wide = box ? (int)letters(l, s->group) * LETTER + 24 : 0;
        wide[s->layer] = s->wide > wide[s->layer] ? s->wide : wide[s->layer];
        l->high = y > l->high ? y : l->high;
    }
    for (int layer = 0; layer < (int)l->layers; layer++) {
        int high = 0;
        for (size_t i = 0; i < l->slots; i++) {
            slot *s = &l->slot[i];
            if (s->layer == layer) {
                s->x = x + wide[layer] / 2;
                s->wide = s->group == UINT32_MAX ? wide[layer] : s->wide;
                high = s->y > high ? s->y : high;
            }
        }
        for (size_t i = 0; i < l->slots; i++) {
            if (l->slot[i].layer == layer) {
                l->slot[i].want = high; /* of its layer: it is centred */
            }
        }
        x += wide[layer] + GAP;
    }
    for (size_t i = 0; i < l->slots; i++) {
        l->slot[i].y += (l->high - (int)l->slot[i].want - ROW / 2) / 2;
    }
    l->wide = x - GAP + 20;
}

/* --- drawing ------------------------------------------------------------- */

typedef struct look {
    const char *name, *fill;
    enum { RECT, ROUND, OVAL, CUT, SIX, SLANT, DOUBLE } shape;
} look;

static const look looks[AIGOV_NODE_KINDS] = {
    [AIGOV_NODE_OTHER] = {"other", "#eeeeee", RECT},
    [AIGOV_NODE_IA] = {"call", "#cfe2f3", RECT},
    [AIGOV_NODE_MSG] = {"message", "#ffffff", ROUND},
    [AIGOV_NODE_DOC] = {"document", "#b6d7a8", CUT},
    [AIGOV_NODE_CHUNK] = {"chunk", "#e2f0d9", CUT},
    [AIGOV_NODE_DATASET] = {"data set", "#93c47d", DOUBLE},
    [AIGOV_NODE_MODEL] = {"model", "#ead1dc", SIX},
    [AIGOV_NODE_TMPL] = {"template", "#fff2cc", SLANT},
    [AIGOV_NODE_TOOL] = {"tool call", "#fce5cd", SLANT},
    [AIGOV_NODE_PERSON] = {"person", "#f4cccc", OVAL},
    [AIGOV_NODE_ARTIFACT] = {"artifact", "#d9d2e9", DOUBLE},
    [AIGOV_NODE_RUN] = {"training run", "#d0e0e3", SIX},
    [AIGOV_NODE_ACT] = {"act", "#ea9999", SIX},
    [AIGOV_NODE_DELIVERY] = {"delivery", "#f4cccc", CUT},
};

static void point(layout *l, int x, int y)
{
    number(l, x);
    put(l, ",");
    number(l, y);
    put(l, " ");
}

static void draw_polygon(layout *l, int shape, int x, int y, int w)
{
    const int h = BOX / 2, left = x - w / 2, right = x + w / 2;
    put(l, "<polygon points=\"");
    if (shape == CUT) { /* a corner is folded */
        point(l, left, y - h);
        point(l, right - 9, y - h);
        point(l, right, y - h + 9);
        point(l, right, y + h);
        point(l, left, y + h);
    } else if (shape == SIX) {
        point(l, left, y);
        point(l, left + 8, y - h);
        point(l, right - 8, y - h);
        point(l, right, y);
        point(l, right - 8, y + h);
        point(l, left + 8, y + h);
    } else { /* SLANT */
        point(l, left + 8, y - h);
        point(l, right, y - h);
        point(l, right - 8, y + h);
        point(l, left, y + h);
    }
    put(l, "\"");
}

static void draw_rect(layout *l, int x, int y, int w, int inset, int round)
{
    put(l, "<rect");
    attribute(l, "x", x - w / 2 + inset);
    attribute(l, "y", y - BOX / 2 + inset);
    attribute(l, "width", w - 2 * inset);
    attribute(l, "height", BOX - 2 * inset);
    attribute(l, "rx", round);
}

static void draw_shape(layout *l, const look *k, int x, int y, int w)
{
    if (k->shape == OVAL) {
        put(l, "<ellipse");
        attribute(l, "cx", x);
        attribute(l, "cy", y);
        attribute(l, "rx", w / 2);
        attribute(l, "ry", BOX / 2);
    } else if (k->shape == RECT || k->shape == ROUND || k->shape == DOUBLE) {
        draw_rect(l, x, y, w, 0, k->shape == ROUND ? 10 : 0);
    } else {
        draw_polygon(l, k->shape, x, y, w);
    }
    put(l, " fill=\"");
    put(l, k->fill);
    put(l, "\" stroke=\"#555555\"/>\n");
    if (k->shape == DOUBLE) {
        draw_rect(l, x, y, w, 3, 0);
        put(l, " fill=\"none\" stroke=\"#555555\"/>\n");
    }
}

static void draw_words(layout *l, int x, int y)
{
    put(l, "<text");
    attribute(l, "x", x);
    attribute(l, "y", y + 4);
    put(l, " text-anchor=\"middle\">");
}

/* A label that is too long ends in an ellipsis; its title is whole. */
static void draw_label(layout *l, uint32_t group)
{
    aigov_buf b = {.ctx = l->d->part.ctx}, *was = l->d->b;
    size_t n = 0, i;
    l->d->b = &b;
    aigov__draw_label(l->d, &l->d->fold.group[group]);
    l->d->b = was;
    for (i = 0; i < b.n; i++) {
        n += ((uint8_t)b.p[i] & 0xC0) != 0x80;
        if (n > MAX_LETTERS - 1) {
            break;
        }
        if (b.p[i] == '&') { /* an entity is one letter */
            while (i + 1 < b.n && b.p[i] != ';') {
                i++;
            }
        }
    }
    l->d->ok = l->d->ok && (b.n == 0 || aigov_buf_put(was, b.p, i));
    put(l, i < b.n ? "\xE2\x80\xA6" : "");
    aigov_buf_free(&b);
}

static void draw_box(layout *l, const slot *s)
{
    const aigov__group *g = &l->d->fold.group[s->group];
    const aigov__part_node *node = &l->d->part.node[g->node];
    put(l, "<g><title>");
    if (g->n == 1) {
        l->d->escape(l->d, node->name);
    } else {
        aigov__draw_label(l->d, g);
    }
    put(l, "</title>\n");
    draw_shape(l, &looks[node->kind], s->x, s->y, s->wide);
    draw_words(l, s->x, s->y);
    draw_label(l, s->group);
    put(l, "</text></g>\n");
}

/* A curve through the slots of a link. */
static void draw_link(layout *l, size_t i)
{
    const aigov__link *k = &l->d->fold.link[i];
    put(l, "<path d=\"");
    for (size_t p = l->first[i]; p < (size_t)l->first[i] + l->pieces_of[i];
         p++) {
        const slot *a = &l->slot[l->piece[p].left];
        const slot *b = &l->slot[l->piece[p].right];
        int from = a->x + a->wide / 2, to = b->x - b->wide / 2;
        put(l, p == l->first[i] ? "M" : " L");
        point(l, from, a->y);
        put(l, "C");
        point(l, (from + to) / 2, a->y);
        point(l, (from + to) / 2, b->y);
        point(l, to, b->y);
    }
    put(l, "\" fill=\"none\" stroke=\"");
    put(l, k->relation >= AIGOV_REL_ASSOCIATED ? "#cc7777" : "#7f8c9a");
    put(l, k->asserted ? "\" stroke-dasharray=\"5,3\"" : "\"");
    put(l, l->loop[i] ? "" : " marker-end=\"url(#arrow)\"");
    put(l, "><title>");
    aigov__draw_link_label(l->d, k);
    put(l, "</title></path>\n");
}

/* The kinds that are there, and what lines mean. */
static void draw_legend(layout *l)
{
    bool there[AIGOV_NODE_KINDS] = {false};
    int x = 20, y = l->high + 30;
    for (size_t g = 0; g < l->d->fold.groups; g++) {
        there[l->d->part.node[l->d->fold.group[g].node].kind] = true;
    }
    for (int kind = 0; kind < AIGOV_NODE_KINDS; kind++) {
        int w = (int)strlen(looks[kind].name) * LETTER + 24;
        if (!there[kind]) {
            continue;
        }
        if (x + w > (l->wide > 400 ? l->wide : 400)) {
            x = 20;
            y += ROW;
        }
        draw_shape(l, &looks[kind], x + w / 2, y, w);
        draw_words(l, x + w / 2, y);
        put(l, looks[kind].name);
        put(l, "</text>\n");
        x += w + 12;
    }
    put(l, "<text x=\"20\"");
    attribute(l, "y", y + 32);
    put(l, ">effects stand left of their causes; dashed: said by a caller "
           "alone</text>\n");
}

static int legend_rows(const layout *l)
{
    return 2 + 14 * 100 / (l->wide > 400 ? l->wide : 400);
}

static void draw_all(layout *l)
{
    int wide = l->wide > 440 ? l->wide : 440;
    int high = l->high + ROW * legend_rows(l) + 20;
    put(l, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    attribute(l, "width", wide);
    attribute(l, "height", high);
    put(l, " font-family=\"Helvetica,Arial,sans-serif\" font-size=\"12\">\n"
           "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" "
           "refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
           "<path d=\"M0,0 L8,4 L0,8 z\" fill=\"#7f8c9a\"/></marker></defs>\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    for (size_t i = 0; i < l->links; i++) {
        draw_link(l, i);
    }
    for (size_t i = 0; i < l->slots; i++) {
        if (l->slot[i].group != UINT32_MAX) {
            draw_box(l, &l->slot[i]);
        }
    }
    draw_legend(l);
    put(l, "</svg>\n");
}

static void lay_out(layout *l)
{
    uint16_t all[SLOTS];
    for (uint32_t g = 0; g < l->d->fold.groups; g++) {
        l->slot[l->slots++] = (slot){.group = g};
    }
    find_layers(l);
    pull_right(l);
    cut_links(l);
    order_slots(l, all);
    place_slots(l, all);
    draw_all(l);
}

static void draw_svg(aigov__drawing *d)
{
    layout *l = aigov_malloc(d->part.ctx, sizeof *l);
    size_t links = d->fold.links < 1000 ? d->fold.links : 1000;
    size_t pieces = SLOTS + links;
    if (l != NULL) {
        memset(l, 0, sizeof *l);
        l->d = d;
        l->links = links;
        l->piece = aigov_malloc(d->part.ctx, pieces * sizeof *l->piece);
    }
    if (l == NULL || l->piece == NULL) {
        d->ok = false;
    } else {
        lay_out(l);
    }
    if (l != NULL) {
        aigov_mfree(d->part.ctx, l->piece, pieces * sizeof *l->piece);
        aigov_mfree(d->part.ctx, l, sizeof *l);
    }
}

aigov_status aigov__svg(aigov_graph *g, const aigov__walk *walk, size_t walks,
                        aigov_buf *out, aigov_error *err)
{
    return aigov__draw(g, walk, walks, draw_svg, escape_xml, out, err);
}
