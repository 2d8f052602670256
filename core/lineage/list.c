/*
 * list.c - edges as rows, and nodes by a part of their names
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * lineage_edges is for those who trust no walk: every edge that counts, once
 * for each entry that states it, so that a recursive query can be written over
 * it.
 */
#include "ask.h"
#include "part.h"

#include <stdio.h>

/* --- lineage_edges ------------------------------------------------------- */

static void put_hex(const aigov__stated *s, char out[65])
{
    static const char digit[] = "0123456789abcdef";
    const char *hash = s->entry.hash.p;
    for (size_t i = 0; i < AIGOV_HASH_LEN; i++) {
        out[2 * i] = digit[(uint8_t)hash[i] >> 4];
        out[2 * i + 1] = digit[(uint8_t)hash[i] & 15];
    }
    out[64] = 0;
}

static aigov_status tell_edge(aigov__asking *a, const aigov__part *p,
                              const aigov__part_edge *e, aigov__stated *s)
{
    aigov_cell c[12];
    char hash[65];
    aigov_status st = aigov__stated_read(s, a->g, e->log, e->place, a->err);
    if (st != AIGOV_OK) {
        return st;
    }
    c[0] = aigov__span_cell(p->node[e->effect].name);
    c[1] = aigov__str_cell(aigov__relation_name(AIGOV__HOW_RELATION(e->how)));
    c[2] = aigov__str_cell(aigov__role_name(AIGOV__HOW_ROLE(e->how)));
    c[3] = aigov__str_cell(aigov__strength_name(AIGOV__HOW_STRENGTH(e->how)));
    c[4] = aigov__span_cell(p->node[e->cause].name);
    aigov__stated_cells(s, c + 5);
    c[9] = aigov__stated_at(s);
    c[10] = aigov__null();
    if (s->known && s->entry.hash.n == AIGOV_HASH_LEN) {
        put_hex(s, hash);
        c[10] = aigov__span_cell((aigov_span){hash, 64});
    }
    c[11] = aigov__source_cell(AIGOV__HOW_ASSERTED(e->how));
    return aigov__give(a, c);
}

static aigov_status tell_edges(aigov__asking *a, const aigov__part *p,
                               int64_t start)
{
    aigov__stated stated;
    aigov_status st = AIGOV_OK;
    aigov__stated_init(&stated, a->ctx);
    for (size_t i = 0; i < p->edges && st == AIGOV_OK && !a->done; i++) {
        const aigov__part_edge *e = &p->edge[i];
        if (start == 0 || p->node[e->effect].id == start ||
            p->node[e->cause].id == start) {
            st = tell_edge(a, p, e, &stated);
        }
    }
    aigov_buf_free(&stated.system);
    return st;
}

/* Of one node, or all there are. */
aigov_status aigov__list_edges(aigov__asking *a)
{
    int64_t start = 0;
    aigov__walk walk[2] = {{.start = &start,
                            .starts = 1,
                            .down = true,
                            .strength = AIGOV_STRENGTH_RETRIEVED,
                            .max_distance = 1},
                           {.start = &start,
                            .starts = 1,
                            .strength = AIGOV_STRENGTH_RETRIEVED,
                            .max_distance = 1}};
    aigov__part p = {.nodes = 0};
    aigov_status st = AIGOV_OK;
    if (!a->arg[0].null) {
        st = aigov__ask_node(a, 0, &start);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    st = aigov__part_make(&p, a->g, walk, start != 0 ? 2 : 0, a->err);
    st = st == AIGOV_OK ? tell_edges(a, &p, start) : st;
    aigov__part_free(&p);
    return st;
}

/* --- names that are like one --------------------------------------------- */

typedef struct match {
    int64_t id;
    size_t at, n;
} match;

typedef struct matching {
    aigov_ctx *ctx;
    aigov_span part; /* what is looked for */
    match *item;
    size_t n, cap;
    aigov_buf text;
    aigov__near near; /* the nearest, where nothing has the part in it */
    char nearest[64], word[64];
} matching;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool has_part(aigov_span s, aigov_span part)
{
    for (size_t i = 0; i + part.n <= s.n; i++) {
        size_t n = 0;
        while (n < part.n && lower(s.p[i + n]) == lower(part.p[n])) {
            n++;
        }
        if (n == part.n) {
            return true;
        }
    }
    return false;
}

static aigov_status take_match(void *arg, int64_t id, aigov_span name,
                               aigov_error *err)
{
    matching *m = arg;
    if (!has_part(name, m->part)) {
        return AIGOV_OK;
    }
    if (!aigov__room(m->ctx, (void **)&m->item, &m->cap, sizeof *m->item,
                     m->n + 1)) {
        return aigov__nomem(err);
    }
    m->item[m->n++] = (match){id, m->text.n, name.n};
    return aigov_buf_put(&m->text, name.p, name.n) ? AIGOV_OK
                                                   : aigov__nomem(err);
}

static int by_name(const void *a, const void *b, void *host)
{
    const char *text = host;
    const match *x = a, *y = b;
    int order = memcmp(text + x->at, text + y->at, x->n < y->n ? x->n : y->n);
    return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static aigov_status find_matches(aigov_graph *g, matching *m, aigov_error *err)
{
    const aigov_index *x = g->index;
    aigov_status st = AIGOV_OK;
    if (x->all != NULL) {
        st = x->all(x->host, take_match, m, err);
    }
    for (size_t i = 0; i < g->mades && st == AIGOV_OK; i++) {
        aigov_span name = aigov__names_text(&g->names, g->made[i]);
        st = take_match(m, aigov__names_get(&g->names, name), name, err);
    }
    if (st == AIGOV_OK && m->n > 0) {
        aigov__sort(m->item, m->n, sizeof *m->item, by_name, m->text.p);
    }
    return st;
}

static void matching_free(matching *m)
{
    aigov_mfree(m->ctx, m->item, m->cap * sizeof *m->item);
    aigov_buf_free(&m->text);
}

/* --- find_node ----------------------------------------------------------- */

static aigov_status count_use(void *arg, const aigov_ref *r, aigov_error *err)
{
    (void)err;
    *(int64_t *)arg += r->place != 0;
    return AIGOV_OK;
}

static aigov_status tell_match(aigov__asking *a, const matching *m, size_t i)
{
    aigov_span name = {m->text.p + m->item[i].at, m->item[i].n};
    int64_t uses = 0;
    aigov_cell c[3];
    bool yes;
    aigov_status st = aigov__exists(a->g, m->item[i].id, &yes, a->err);
    if (st != AIGOV_OK || !yes) {
        return st;
    }
    st = aigov__edges(a->g, true, &m->item[i].id, 1, count_use, &uses, a->err);
    c[0] = aigov__span_cell(name);
    c[1] = aigov__kind_cell(name, m->item[i].id);
    c[2] = aigov__int_cell(uses);
    return st == AIGOV_OK ? aigov__give(a, c) : st;
}

aigov_status aigov__find_node(aigov__asking *a)
{
    matching m = {.ctx = a->ctx};
    aigov_status st;
    if (a->arg[0].null) {
        return aigov_fail(a->err, AIGOV_NULLARG, AIGOV_NO_POS,
                          "pattern is NULL");
    }
    m.part = a->arg[0].s;
    aigov_buf_init(&m.text, a->ctx);
    st = find_matches(a->g, &m, a->err);
    for (size_t i = 0; i < m.n && st == AIGOV_OK && !a->done; i++) {
        st = tell_match(a, &m, i);
    }
    matching_free(&m);
    return st;
}

/* --- did you mean -------------------------------------------------------- */

/* What a name is a work of: behind the kind, before version and part. */
static aigov_span work_of(aigov_span name)
{
    const char *colon = memchr(name.p, ':', name.n);
    size_t skip = colon != NULL ? (size_t)(colon - name.p) + 1 : 0, n;
    for (n = skip; n < name.n && name.p[n] != '@' && name.p[n] != '#';) {
        n++;
    }
    return (aigov_span){name.p + skip, n - skip};
}

static aigov_status take_near(void *arg, int64_t id, aigov_span name,
                              aigov_error *err)
{
    matching *m = arg;
    (void)id;
    (void)err;
    if (name.n >= sizeof m->word) {
        return AIGOV_OK;
    }
    memcpy(m->word, name.p, name.n);
    m->word[name.n] = 0;
    aigov__near_try(&m->near, m->word);
    if (m->near.best == m->word) {
        memcpy(m->nearest, m->word, name.n + 1);
        m->near.best = m->nearest;
    }
    return AIGOV_OK;
}

static aigov_status find_nearest(aigov_graph *g, matching *m, aigov_span name,
                                 aigov_error *err)
{
    const aigov_index *x = g->index;
    aigov_status st = AIGOV_OK;
    m->near.name = name;
    if (x->all != NULL) {
        st = x->all(x->host, take_near, m, err);
    }
    for (size_t i = 0; i < g->mades && st == AIGOV_OK; i++) {
        st = take_near(m, 0, aigov__names_text(&g->names, g->made[i]), err);
    }
    return st;
}

/* The first three that are there, as of the heads. */
static aigov_status list_matches(aigov_graph *g, const matching *m, char *out,
                                 size_t n, aigov_error *err)
{
    size_t used = 0;
    int listed = 0;
    aigov_status st = AIGOV_OK;
    bool yes;
    out[0] = 0;
    for (size_t i = 0; i < m->n && listed < 3 && st == AIGOV_OK; i++) {
        int k = 0;
        st = aigov__exists(g, m->item[i].id, &yes, err);
        if (st == AIGOV_OK && yes) {
            k = snprintf(out + used, n - used, "%s%.*s",
                         listed++ > 0 ? ", " : "",
                         (int)(m->item[i].n < 60 ? m->item[i].n : 60),
                         m->text.p + m->item[i].at);
        }
        used += k > 0 && (size_t)k < n - used ? (size_t)k : 0;
    }
    return st;
}

aigov_status aigov__near_nodes(aigov_graph *g, aigov_span name, char *out,
                               size_t n, aigov_error *err)
{
    matching m = {.ctx = g->ctx, .part = work_of(name)};
    aigov_status st = AIGOV_OK;
    aigov_buf_init(&m.text, g->ctx);
    out[0] = 0;
    if (m.part.n > 2) {
        st = find_matches(g, &m, err);
    }
    st = st == AIGOV_OK ? list_matches(g, &m, out, n, err) : st;
    if (st == AIGOV_OK && m.n == 0 && g->as_of == 0) {
        st = find_nearest(g, &m, name, err);
        if (m.near.best != NULL) {
            snprintf(out, n, "%s", m.near.best);
        }
    }
    matching_free(&m);
    return st;
}
