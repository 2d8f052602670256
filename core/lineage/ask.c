/*
 * ask.c - one question: its arguments, its rows, its limit
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A start that lineage does not know is an error, never an empty answer: nobody
 * shall read "0 affected" for a typing slip.
 */
#include "ask.h"

#include <stdio.h>

/* --- questions ----------------------------------------------------------- */

enum {
#define A(name, type) +1
#define O(name, type) +1
#define C(name, type) +1
#define QUESTION(name, single, rows, arguments, columns)                       \
    arguments_##name = 0 arguments, columns_##name = 0 columns,
#include "questions.def"
#undef A
#undef O
#define A(name, type) +1
#define O(name, type) +0
#undef QUESTION
#define QUESTION(name, single, rows, arguments, columns)                       \
    required_##name = 0 arguments,
#include "questions.def"
#undef A
#undef O
#undef C
#undef QUESTION
    questions_end
};

static const aigov_question questions[] = {
#define A(name, type) {#name, AIGOV_CELL_##type},
#define O(name, type) {#name, AIGOV_CELL_##type},
#define C(name, type) {#name, AIGOV_CELL_##type},
#define QUESTION(name, single, rows, arguments, columns)                       \
    {#name,                                                                    \
     single,                                                                   \
     columns_##name,                                                           \
     arguments_##name,                                                         \
     required_##name,                                                          \
     {columns{NULL, 0}},                                                       \
     {arguments{NULL, 0}},                                                     \
     rows},
#include "questions.def"
#undef A
#undef O
#undef C
#undef QUESTION
};

#define QUESTIONS (sizeof questions / sizeof questions[0])

const aigov_question *aigov_question_at(size_t i)
{
    return i < QUESTIONS ? &questions[i] : NULL;
}

/* --- rows ---------------------------------------------------------------- */

static aigov_status give_truncated(aigov__asking *a)
{
    aigov_cell cell[AIGOV_MAX_COLUMNS];
    size_t told = SIZE_MAX;
    for (size_t i = 0; i < a->q->columns; i++) {
        cell[i] = aigov__null();
        if (a->q->column[i].type == AIGOV_CELL_TEXT &&
            (told == SIZE_MAX || strcmp(a->q->column[i].name, "kind") == 0)) {
            told = i;
        }
    }
    if (told != SIZE_MAX) {
        cell[told] = aigov__str_cell("truncated");
    }
    a->done = true;
    return a->row(a->row_arg, cell, a->q->columns, a->err);
}

aigov_status aigov__give(aigov__asking *a, const aigov_cell *cell)
{
    if (a->done) {
        return AIGOV_OK;
    }
    if (a->given == a->limit) {
        return give_truncated(a);
    }
    a->given++;
    if ((a->given & 255) == 0 && aigov__interrupted(a->ctx)) {
        return aigov_fail(a->err, AIGOV_CANCELED, AIGOV_NO_POS, "canceled");
    }
    return a->row(a->row_arg, cell, a->q->columns, a->err);
}

/* --- arguments ----------------------------------------------------------- */

static aigov_status unknown(aigov__asking *a)
{
    char near[256];
    char hint[320];
    aigov_status st = aigov__near_nodes(a->g, aigov_buf_span(&a->name), near,
                                        sizeof near, a->err);
    if (st != AIGOV_OK) {
        return st;
    }
    aigov_fail(a->err, AIGOV_NOENTRY, AIGOV_NO_POS,
               "lineage knows no such node");
    if (near[0] == 0) {
        return aigov_hint(a->err, "find_node() looks for a part of a name");
    }
    snprintf(hint, sizeof hint, "did you mean %s?", near);
    return aigov_hint(a->err, "%s", hint);
}

aigov_status aigov__ask_node(aigov__asking *a, size_t i, int64_t *id)
{
    aigov_status st;
    a->name.n = 0;
    *id = 0;
    if (a->arg[i].null || a->arg[i].s.p == NULL) {
        return aigov_fail(a->err, AIGOV_NULLARG, AIGOV_NO_POS, "%s is NULL",
                          a->q->argument[i].name);
    }
    st = aigov_node_name(a->arg[i].s, NULL, &a->name, a->err);
    if (st == AIGOV_OK) {
        st = aigov__find(a->g, aigov_buf_span(&a->name), id, a->err);
    }
    return st == AIGOV_OK && *id == 0 ? unknown(a) : st;
}

aigov_status aigov__ask_strength(aigov__asking *a, size_t i,
                                 aigov_strength *out)
{
    *out = AIGOV_STRENGTH_CONTEXT;
    if (a->arg[i].null) {
        return AIGOV_OK;
    }
    *out = aigov__strength_of(a->arg[i].s);
    if (*out != AIGOV_STRENGTH_NONE) {
        return AIGOV_OK;
    }
    aigov_fail(a->err, AIGOV_ARG, AIGOV_NO_POS, "no such strength");
    return aigov_hint(a->err, "cited, context, history or retrieved");
}

aigov_status aigov__ask_number(aigov__asking *a, size_t i, int64_t absent,
                               int64_t *out)
{
    *out = a->arg[i].null ? absent : a->arg[i].i;
    if (a->arg[i].null || *out >= 0) {
        return AIGOV_OK;
    }
    return aigov_fail(a->err, AIGOV_ARG, AIGOV_NO_POS, "%s is negative",
                      a->q->argument[i].name);
}

/* --- names of a batch ---------------------------------------------------- */

void aigov__batch_init(aigov__batch *b, aigov_graph *g)
{
    b->g = g;
    b->ids = 0;
    aigov_buf_init(&b->text, g->ctx);
}

void aigov__batch_add(aigov__batch *b, int64_t id)
{
    if (b->ids < AIGOV__BATCH && id != 0) {
        b->id[b->ids++] = id;
    }
}

static int by_id(const void *a, const void *b, void *host)
{
    const int64_t *x = a, *y = b;
    (void)host;
    return (*x > *y) - (*x < *y);
}

static size_t place_of(const aigov__batch *b, int64_t id)
{
    size_t low = 0, high = b->ids;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->id[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < b->ids && b->id[low] == id ? low : SIZE_MAX;
}

static aigov_status take_name(void *arg, int64_t id, aigov_span name,
                              aigov_error *err)
{
    aigov__batch *b = arg;
    size_t i = place_of(b, id);
    if (i == SIZE_MAX) {
        return AIGOV_OK;
    }
    b->at[i] = b->text.n;
    b->n[i] = name.n;
    return aigov_buf_put(&b->text, name.p, name.n) ? AIGOV_OK
                                                   : aigov__nomem(err);
}

aigov_status aigov__batch_load(aigov__batch *b, aigov_error *err)
{
    size_t n = 0;
    aigov__sort(b->id, b->ids, sizeof *b->id, by_id, NULL);
    for (size_t i = 0; i < b->ids; i++) {
        if (n == 0 || b->id[n - 1] != b->id[i]) {
            b->id[n++] = b->id[i];
        }
    }
    b->ids = n;
    b->text.n = 0;
    memset(b->n, 0, sizeof b->n);
    return n > 0 ? aigov__names(b->g, b->id, n, take_name, b, err) : AIGOV_OK;
}

aigov_span aigov__batch_name(const aigov__batch *b, int64_t id)
{
    size_t i = place_of(b, id);
    return i != SIZE_MAX && b->n[i] > 0
               ? (aigov_span){b->text.p + b->at[i], b->n[i]}
               : AIGOV_ABSENT;
}

/* --- entries that state edges -------------------------------------------- */

void aigov__stated_init(aigov__stated *s, aigov_ctx *ctx)
{
    *s = (aigov__stated){.log = -1};
    aigov_buf_init(&s->system, ctx);
}

static bool keep_entry(aigov__stated *s)
{
    const aigov_entry *e = &s->entry;
    s->known = e->id.n == AIGOV_UUID_LEN;
    s->at = e->at;
    s->system.n = 0;
    if (s->known) {
        memcpy(s->id, e->id.p, AIGOV_UUID_LEN);
    }
    return e->system.p == NULL ||
           aigov_buf_put(&s->system, e->system.p, e->system.n);
}

static aigov_status read_stated(aigov__stated *s, aigov_graph *g, bool whole,
                                aigov_error *err)
{
    const aigov_index *x = g->index;
    int64_t lane = s->place >> 40, seq = s->place & (AIGOV_PLACE(1, 0) - 1);
    aigov_status st =
        whole || x->brief == NULL
            ? x->entry(x->host, s->log, lane, seq, &s->entry, err)
            : x->brief(x->host, s->log, lane, seq, &s->entry, err);
    s->whole = whole;
    return st == AIGOV_OK && !keep_entry(s) ? aigov__nomem(err) : st;
}

static aigov_status state(aigov__stated *s, aigov_graph *g, int64_t log,
                          int64_t place, bool whole, aigov_error *err)
{
    if (s->log == log && s->place == place && (s->whole || !whole)) {
        return AIGOV_OK;
    }
    s->log = log;
    s->place = place;
    s->known = false;
    s->system.n = 0;
    s->entry = (aigov_entry){.v = 0};
    s->whole = true;
    return place == 0 ? AIGOV_OK : read_stated(s, g, whole, err);
}

aigov_status aigov__stated_read(aigov__stated *s, aigov_graph *g, int64_t log,
                                int64_t place, aigov_error *err)
{
    return state(s, g, log, place, true, err);
}

aigov_status aigov__stated_brief(aigov__stated *s, aigov_graph *g, int64_t log,
                                 int64_t place, aigov_error *err)
{
    return state(s, g, log, place, false, err);
}

void aigov__stated_cells(const aigov__stated *s, aigov_cell cell[4])
{
    for (int i = 0; i < 4; i++) {
        cell[i] = aigov__null();
    }
    if (s->known) {
        cell[0] = aigov__span_cell((aigov_span){s->id, AIGOV_UUID_LEN});
        cell[1] = aigov__int_cell(s->log);
        cell[2] = aigov__int_cell(s->place >> 40);
        cell[3] = aigov__int_cell(s->place & (AIGOV_PLACE(1, 0) - 1));
    }
}

aigov_cell aigov__stated_at(const aigov__stated *s)
{
    return s->known ? aigov__int_cell(s->at) : aigov__null();
}

/* --- exports ------------------------------------------------------------- */

typedef aigov_status (*exporter)(aigov_graph *g, const aigov__walk *walk,
                                 size_t walks, aigov_buf *out,
                                 aigov_error *err);

static aigov_status directions(aigov__asking *a, bool *up, bool *down)
{
    aigov_span word = a->arg[1].null ? AIGOV_LIT("up") : a->arg[1].s;
    *up = aigov_span_is(word, "up") || aigov_span_is(word, "both");
    *down = aigov_span_is(word, "down") || aigov_span_is(word, "both");
    if (*up || *down) {
        return AIGOV_OK;
    }
    aigov_fail(a->err, AIGOV_ARG, AIGOV_NO_POS, "no such direction");
    return aigov_hint(a->err, "up (what led to it), down (what it led to) or "
                              "both");
}

static aigov_status export_part(aigov__asking *a, exporter write)
{
    aigov__walk walk[2] = {{.starts = 1, .strength = AIGOV_STRENGTH_CONTEXT},
                           {.starts = 1, .strength = AIGOV_STRENGTH_CONTEXT}};
    aigov_buf out = {.ctx = a->ctx};
    aigov_cell cell;
    int64_t start, distance;
    size_t walks = 0;
    bool up, down;
    aigov_status st = directions(a, &up, &down);
    if (st == AIGOV_OK) {
        st = aigov__ask_number(a, 2, -1, &distance);
    }
    if (st == AIGOV_OK && !a->arg[0].null) {
        st = aigov__ask_node(a, 0, &start);
        walk[0].start = walk[1].start = &start;
        walk[0].max_distance = walk[1].max_distance = distance;
        walk[0].down = !up;
        walk[1].down = true;
        walks = up && down ? 2 : 1;
    }
    if (st == AIGOV_OK) {
        st = write(a->g, walk, walks, &out, a->err);
    }
    cell = aigov__span_cell(aigov_buf_span(&out));
    if (st == AIGOV_OK) {
        st = aigov__give(a, &cell);
    }
    aigov_buf_free(&out);
    return st;
}

static aigov_status ask_prov(aigov__asking *a)
{
    return export_part(a, aigov__prov_json);
}

static aigov_status ask_mermaid(aigov__asking *a)
{
    return export_part(a, aigov__mermaid);
}

static aigov_status ask_dot(aigov__asking *a)
{
    return export_part(a, aigov__dot);
}

static aigov_status give_event(void *arg, const aigov_cell *cell, size_t n,
                               aigov_error *err)
{
    (void)n;
    (void)err;
    return aigov__give(arg, cell);
}

static aigov_status ask_svg(aigov__asking *a)
{
    return export_part(a, aigov__svg);
}

static aigov_status ask_openlineage(aigov__asking *a)
{
    return aigov__openlineage(a->g, a->arg[0].null ? INT64_MIN : a->arg[0].i,
                              a->arg[1].null ? INT64_MAX : a->arg[1].i,
                              a->arg[2].null ? AIGOV_LIT("day") : a->arg[2].s,
                              give_event, a, a->err);
}

/* --- one question -------------------------------------------------------- */

static const struct {
    const char *name;
    aigov__answer answer;
} answers[] = {
    {"downstream", aigov__downstream},
    {"upstream", aigov__upstream},
    {"path", aigov__path},
    {"outputs_influenced_by", aigov__outputs},
    {"recipients", aigov__recipients},
    {"blast_radius", aigov__radius},
    {"explain", aigov__account_explain},
    {"compare", aigov__compare},
    {"side_effects", aigov__side_effects},
    {"erasure_scope", aigov__erasure_scope},
    {"orphans", aigov__orphans},
    {"coverage_of_lineage", aigov__coverage},
    {"lineage_check", aigov__check},
    {"lineage_edges", aigov__list_edges},
    {"find_node", aigov__find_node},
    {"prov_json", ask_prov},
    {"mermaid", ask_mermaid},
    {"dot", ask_dot},
    {"svg", ask_svg},
    {"openlineage", ask_openlineage},
};

static aigov__answer answer_of(const char *name)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (strcmp(answers[i].name, name) == 0) {
            return answers[i].answer;
        }
    }
    return NULL;
}

aigov_status aigov_graph_ask(aigov_graph *g, const aigov_question *q,
                             const aigov_cell *argument, int64_t limit,
                             aigov_row_fn row, void *arg, aigov_error *err)
{
    aigov__asking a = {.g = g,
                       .ctx = g->ctx,
                       .q = q,
                       .arg = argument,
                       .limit = limit > 0 ? limit : 1000000,
                       .row = row,
                       .row_arg = arg,
                       .err = err};
    aigov__answer answer = answer_of(q->name);
    aigov_status st;
    if (answer == NULL) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS, "no such question");
    }
    aigov_buf_init(&a.name, g->ctx);
    st = answer(&a);
    aigov_buf_free(&a.name);
    return st;
}
