/*
 * lineage_log.h - a log in memory, for the tests of lineage
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Records are read and sealed as an append does it, in one lane; the entries
 * are kept with bytes of their own.
 */
#ifndef AIGOV_TEST_LINEAGE_LOG_H
#define AIGOV_TEST_LINEAGE_LOG_H

#include "tap.h"

#include "aigov_lineage.h"

typedef struct kept {
    aigov_entry e;
    char *text;
} kept;

typedef struct memory_log {
    aigov_ctx *ctx;
    aigov_record *record;
    kept *entry;
    size_t n, cap;
    aigov_index index;
    const char *login;
    int64_t seq[8]; /* of each lane */
    size_t *at[8];  /* its entries, by seq - 1 */
    size_t at_n[8];
} memory_log;

static inline aigov_status log_entry(void *host, int64_t number, int64_t lane,
                                     int64_t seq, aigov_entry *out,
                                     aigov_error *err)
{
    const memory_log *l = host;

    if (number == 7 && lane >= 0 && lane < 8 && seq > 0 &&
        (size_t)seq <= l->at_n[lane]) {
        *out = l->entry[l->at[lane][seq - 1]].e;
        return AIGOV_OK;
    }
    return aigov_fail(err, AIGOV_CHAIN, AIGOV_NO_POS, "no such entry");
}

static inline aigov_status log_by_id(void *host, aigov_span id,
                                     aigov_entry *out, aigov_error *err)
{
    const memory_log *l = host;

    (void)err;
    for (size_t i = 0; i < l->n; i++) {
        if (aigov_span_eq(l->entry[i].e.id, id)) {
            *out = l->entry[i].e;
        }
    }
    return AIGOV_OK;
}

static inline aigov_status log_content(void *host, const aigov_entry *e,
                                       bool *out, aigov_error *err)
{
    (void)host;
    (void)e;
    (void)err;
    *out = true;
    return AIGOV_OK;
}

/* A log where several logins write: the first event of a call owns it. */
static inline const aigov_entry *log_owner(const memory_log *l,
                                           const aigov_entry *e)
{
    for (size_t i = 0; i < l->n; i++) {
        const aigov_entry *o = &l->entry[i].e;
        if (o == e || (o->interaction.p != NULL &&
                       aigov_span_eq(o->interaction, e->interaction) &&
                       !aigov_span_is(o->kind, "note"))) {
            return o == e ? NULL : o;
        }
    }
    return NULL;
}

static inline aigov_status log_entries(void *host, aigov_entry_fn give,
                                       void *arg, aigov_error *err)
{
    const memory_log *l = host;
    aigov_status st = AIGOV_OK;

    for (size_t i = 0; i < l->n && st == AIGOV_OK; i++) {
        st = give(arg, &l->entry[i].e, log_owner(l, &l->entry[i].e), err);
    }
    return st;
}

static inline void log_open(memory_log *l, aigov_ctx *ctx)
{
    aigov_error err;

    memset(l, 0, sizeof *l);
    l->ctx = ctx;
    l->login = "app";
    if (aigov_record_new(ctx, &l->record, &err) != AIGOV_OK) {
        abort();
    }
    l->index = (aigov_index){.host = l,
                             .entry = log_entry,
                             .by_id = log_by_id,
                             .has_content = log_content,
                             .entries = log_entries};
}

static inline void log_close(memory_log *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->entry[i].text);
    }
    for (size_t i = 0; i < 8; i++) {
        free(l->at[i]);
    }
    free(l->entry);
    aigov_record_free(l->record);
}

/* A copy of a span behind what the text holds already. */
static inline void move_span(char **text, size_t *used, aigov_span *s)
{
    if (s->p != NULL) {
        memcpy(*text + *used, s->p, s->n);
        s->p = *text + *used;
        *used += s->n;
    }
}

static inline const aigov_entry *keep_entry(memory_log *l, const aigov_entry *e)
{
    aigov_entry c = *e;
    aigov_span *span[] = {
        &c.kind,     &c.id,          &c.interaction, &c.subject,    &c.actor,
        &c.system,   &c.provider,    &c.model,       &c.operation,  &c.status,
        &c.decision, &c.recorded_by, &c.digest,      &c.commitment, &c.prev,
        &c.hash,     &c.body};
    size_t n = 1, used = 0;
    char *text;

    for (size_t i = 0; i < sizeof span / sizeof span[0]; i++) {
        n += span[i]->n;
    }
    text = malloc(n);
    if (l->n == l->cap) {
        l->cap = l->cap == 0 ? 64 : l->cap * 2;
        l->entry = realloc(l->entry, l->cap * sizeof *l->entry);
    }
    if (text == NULL || l->entry == NULL) {
        abort();
    }
    for (size_t i = 0; i < sizeof span / sizeof span[0]; i++) {
        move_span(&text, &used, span[i]);
    }
    l->entry[l->n] = (kept){c, text};
    if ((l->at_n[c.lane] & (l->at_n[c.lane] + 1)) == 0) { /* 0, 1, 3, 7 ... */
        l->at[c.lane] = realloc(l->at[c.lane],
                                (2 * l->at_n[c.lane] + 1) * sizeof *l->at[0]);
        if (l->at[c.lane] == NULL) {
            abort();
        }
    }
    l->at[c.lane][l->at_n[c.lane]++] = l->n;
    return &l->entry[l->n++].e;
}

/* The entry of a record, in a lane from 1. */
static inline const aigov_entry *log_append(memory_log *l, int lane,
                                            aigov_span json)
{
    char by[64];
    aigov_stamps s = {.log = 7, .lane = lane};
    const aigov_draft *d;
    aigov_entry e;
    aigov_content c;
    aigov_error err;

    snprintf(by, sizeof by, "{\"login\":\"%s\"}", l->login);
    if (aigov_record_read(l->record, json, &err) != AIGOV_OK) {
        note("%s (%s)", err.text, err.hint);
        return NULL;
    }
    d = aigov_record_draft(l->record);
    s.seq = ++l->seq[lane];
    s.at = 1789000000000000 + (int64_t)l->n * 1000000;
    if (d->has_id) {
        memcpy(s.id, d->id, sizeof s.id);
    } else {
        snprintf((char *)s.id, sizeof s.id, "%015zu", l->n);
    }
    s.recorded_by = aigov_str(by);
    if (aigov_record_seal(l->record, &s, &e, &c, NULL, &err) != AIGOV_OK) {
        note("%s (%s)", err.text, err.hint);
        return NULL;
    }
    return keep_entry(l, &e);
}

/* A graph of the first n entries. */
static inline aigov_graph *log_graph(memory_log *l, size_t n)
{
    aigov_graph *g;
    aigov_error err;

    if (aigov_graph_new(l->ctx, &l->index, &g, &err) != AIGOV_OK) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        const aigov_entry *e = &l->entry[i].e;
        if (aigov_graph_add(g, e, log_owner(l, e), &err) != AIGOV_OK) {
            abort();
        }
    }
    return g;
}

/* --- asking ------------------------------------------------------------- */

static inline const aigov_question *question(const char *name)
{
    const aigov_question *q;

    for (size_t i = 0; (q = aigov_question_at(i)) != NULL; i++) {
        if (strcmp(q->name, name) == 0) {
            return q;
        }
    }
    abort();
}

/* An answer as text: cells joined by tabs, rows by line feeds; the columns of
 * the entry are left out where short_rows. */
typedef struct answer {
    aigov_buf text;
    const aigov_question *q;
    const char *only[4]; /* columns that are wanted; none: all */
    size_t rows;
} answer;

static inline bool wanted(const answer *a, size_t i)
{
    for (size_t k = 0; k < 4 && a->only[k] != NULL; k++) {
        if (strcmp(a->only[k], a->q->column[i].name) == 0) {
            return true;
        }
    }
    return a->only[0] == NULL;
}

static inline aigov_status take_row(void *arg, const aigov_cell *cell, size_t n,
                                    aigov_error *err)
{
    answer *a = arg;
    bool first = true;

    (void)err;
    for (size_t i = 0; i < n; i++) {
        if (!wanted(a, i)) {
            continue;
        }
        aigov_buf_puts(&a->text, first ? "" : "\t");
        first = false;
        if (cell[i].null) {
            aigov_buf_puts(&a->text, "-");
        } else if (a->q->column[i].type == AIGOV_CELL_INT ||
                   a->q->column[i].type == AIGOV_CELL_BOOL ||
                   a->q->column[i].type == AIGOV_CELL_TIME) {
            aigov_buf_put_i64(&a->text, cell[i].i);
        } else {
            aigov_buf_put(&a->text, cell[i].s.p, cell[i].s.n);
        }
    }
    aigov_buf_puts(&a->text, "\n");
    a->rows++;
    return AIGOV_OK;
}

static inline aigov_cell text_cell(aigov_span s)
{
    return (aigov_cell){.s = s, .null = s.p == NULL};
}

static inline aigov_cell int_cell(int64_t i)
{
    return (aigov_cell){.i = i};
}

/* arguments that are not given are null. */
static inline aigov_status ask(aigov_graph *g, answer *a, const char *name,
                               const aigov_cell *argument, size_t n,
                               int64_t limit, aigov_error *err)
{
    aigov_cell all[AIGOV_MAX_ARGUMENTS];

    for (size_t i = 0; i < AIGOV_MAX_ARGUMENTS; i++) {
        all[i] = i < n ? argument[i] : (aigov_cell){.null = true};
    }
    a->q = question(name);
    a->text.n = 0;
    a->rows = 0;
    return aigov_graph_ask(g, a->q, all, limit, take_row, a, err);
}

#endif
