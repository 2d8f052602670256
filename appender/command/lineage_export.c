/*
 * lineage_export.c - questions of lineage over an export, without a database
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The file is that of `aigov export`: {"hash":...,"leaf":{...},"log":...} a
 * line.  SHA-256(0x00 || leaf) is computed again for each line; where it is not
 * the hash that stands there, no question is answered.  All entries are kept in
 * memory, about twice the size of the file.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lineage.h"

typedef struct stored {
    aigov_entry e;
    uint8_t hash[AIGOV_HASH_LEN];
} stored;

typedef struct export_file {
    aigov_ctx *ctx;
    stored *entry; /* by (log, lane, seq) */
    size_t n, cap;
    size_t *by_id, *by_call; /* entries in other orders */
    char **block;            /* texts of the entries */
    size_t blocks, block_cap;
    aigov_index index;
} export_file;

static int by_span(aigov_span a, aigov_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* --- a line -------------------------------------------------------------- */

/* Texts of one line, one after the other. */
static char *new_block(export_file *x, size_t n)
{
    if (x->blocks == x->block_cap) {
        x->block_cap = x->block_cap == 0 ? 256 : 2 * x->block_cap;
        x->block = need(realloc(x->block, x->block_cap * sizeof *x->block));
    }
    return x->block[x->blocks++] = need(malloc(n));
}

static uint32_t member(const aigov_json *j, uint32_t object, const char *name)
{
    return j->node[object].type == AIGOV_JSON_OBJECT
               ? aigov_json_get(j, object, name)
               : 0;
}

static aigov_span kept(char **at, aigov_span s)
{
    aigov_span copy = {*at, s.n};

    if (s.n > 0)
        memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}

static aigov_span text(const aigov_json *j, uint32_t leaf, const char *name,
                       char **at)
{
    uint32_t i = member(j, leaf, name);

    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? kept(at, aigov_json_text(j, i))
               : AIGOV_ABSENT;
}

/* An object as it stands in the line: a leaf is canonical. */
static aigov_span object(const aigov_json *j, uint32_t leaf, const char *name,
                         aigov_buf *b, char **at)
{
    uint32_t i = member(j, leaf, name);
    aigov_error ignored;

    b->n = 0;
    return i != 0 && aigov_json_canonical(j, i, b, &ignored) == AIGOV_OK
               ? kept(at, aigov_buf_span(b))
               : AIGOV_ABSENT;
}

static bool number(const aigov_json *j, uint32_t object, const char *name,
                   int64_t *out)
{
    uint32_t i = member(j, object, name);

    return i != 0 && j->node[i].type == AIGOV_JSON_NUMBER &&
           aigov_json_i64(j, i, out);
}

static bool check_hash(export_file *x, const aigov_json *j, uint32_t leaf,
                       stored *s, aigov_buf *b)
{
    uint32_t i = member(j, 0, "hash");
    uint8_t said[AIGOV_HASH_LEN];
    aigov_error ignored;

    b->n = 0;
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING &&
           aigov_hex_parse(aigov_json_text(j, i), said, sizeof said) &&
           aigov_json_canonical(j, leaf, b, &ignored) == AIGOV_OK &&
           aigov_leaf_hash(x->ctx, aigov_buf_span(b), s->hash, &ignored) ==
               AIGOV_OK &&
           memcmp(said, s->hash, sizeof said) == 0;
}

static bool read_leaf(export_file *x, const aigov_json *j, size_t size,
                      aigov_buf *b, stored *s)
{
    uint32_t leaf = member(j, 0, "leaf");
    aigov_entry *e = &s->e;
    char *at;
    uint32_t i;

    if (leaf == 0 || !check_hash(x, j, leaf, s, b) ||
        !number(j, 0, "log", &e->log) || !number(j, leaf, "lane", &e->lane) ||
        !number(j, leaf, "seq", &e->seq) || !number(j, leaf, "v", &e->v))
        return false;
    i = member(j, leaf, "at");
    if (i == 0 || j->node[i].type != AIGOV_JSON_STRING ||
        !aigov_time_parse_stored(aigov_json_text(j, i), &e->at))
        return false;
    at = new_block(x, 2 * size + 1);
    e->kind = text(j, leaf, "kind", &at);
    e->id = text(j, leaf, "id", &at);
    e->interaction = text(j, leaf, "interaction", &at);
    e->subject = text(j, leaf, "subject", &at);
    e->actor = text(j, leaf, "actor", &at);
    e->system = text(j, leaf, "system", &at);
    e->provider = text(j, leaf, "provider", &at);
    e->model = text(j, leaf, "model", &at);
    e->operation = text(j, leaf, "operation", &at);
    e->status = text(j, leaf, "status", &at);
    e->decision = text(j, leaf, "decision", &at);
    e->recorded_by = object(j, leaf, "recorded_by", b, &at);
    e->body = object(j, leaf, "body", b, &at);
    return e->id.p != NULL && e->kind.p != NULL && e->body.p != NULL;
}

static int add_line(export_file *x, aigov_span line, uint64_t at, aigov_json *j,
                    aigov_buf *b)
{
    aigov_error e;
    stored *s;

    if (x->n == x->cap) {
        x->cap = x->cap == 0 ? 1024 : 2 * x->cap;
        x->entry = need(realloc(x->entry, x->cap * sizeof *x->entry));
    }
    s = &x->entry[x->n];
    memset(s, 0, sizeof *s);
    if (aigov_json_read(j, AIGOV_JSON_STRICT, line, &e) != AIGOV_OK)
        return trouble("lineage", "line %" PRIu64 ": %s", at, e.text);
    if (!read_leaf(x, j, line.n, b, s)) {
        trouble("lineage",
                "line %" PRIu64 ": no entry of an export, or its hash is wrong",
                at);
        return FAILED;
    }
    x->n++;
    return FINE;
}

static int read_lines(export_file *x, const char *path)
{
    aigov_json j = {.ctx = x->ctx};
    aigov_buf b;
    lines l;
    const char *line;
    size_t n;
    int got = 0, status = lines_open(&l, "lineage", path);

    if (status != FINE)
        return status;
    aigov_buf_init(&b, x->ctx);
    while (status == FINE && (got = lines_next(&l, &line, &n, NULL, NULL)) > 0)
        if (got == 2)
            status =
                trouble("lineage", "line %" PRIu64 " is too long", l.number);
        else if (!is_blank(line, n))
            status = add_line(x, (aigov_span){line, n}, l.number, &j, &b);
    if (status == FINE && got < 0)
        status = trouble("lineage", "%s cannot be read", path);
    lines_close(&l);
    aigov_json_free(&j);
    aigov_buf_free(&b);
    return status;
}

/* --- orders -------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const aigov_entry *x = &((const stored *)a)->e,
                      *y = &((const stored *)b)->e;

    if (x->log != y->log)
        return x->log < y->log ? -1 : 1;
    if (x->lane != y->lane)
        return x->lane < y->lane ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static const export_file *sorting; /* qsort hands nothing on */

static aigov_span call_of(const aigov_entry *e)
{
    return e->interaction.p != NULL ? e->interaction : e->id;
}

static int order_ids(const void *a, const void *b)
{
    return by_span(sorting->entry[*(const size_t *)a].e.id,
                   sorting->entry[*(const size_t *)b].e.id);
}

static int order_calls(const void *a, const void *b)
{
    const aigov_entry *x = &sorting->entry[*(const size_t *)a].e;
    const aigov_entry *y = &sorting->entry[*(const size_t *)b].e;
    int c = by_span(call_of(x), call_of(y));

    if (c != 0)
        return c;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return by_place(x, y);
}

static size_t *ordered(const export_file *x,
                       int (*order)(const void *, const void *))
{
    size_t *i = need(malloc((x->n + 1) * sizeof *i));

    for (size_t k = 0; k < x->n; k++)
        i[k] = k;
    sorting = x;
    qsort(i, x->n, sizeof *i, order);
    return i;
}

/* --- what the core asks for ---------------------------------------------- */

static aigov_status entry_at(void *host, int64_t log, int64_t lane, int64_t seq,
                             aigov_entry *out, aigov_error *err)
{
    const export_file *x = host;
    stored key = {.e = {.log = log, .lane = lane, .seq = seq}};
    const stored *s = bsearch(&key, x->entry, x->n, sizeof key, by_place);

    if (s == NULL)
        return aigov_fail(err, AIGOV_CHAIN, AIGOV_NO_POS,
                          "an entry that lineage names is not there");
    *out = s->e;
    out->hash = (aigov_span){(const char *)s->hash, AIGOV_HASH_LEN};
    return AIGOV_OK;
}

static aigov_status by_id(void *host, aigov_span id, aigov_entry *out,
                          aigov_error *err)
{
    const export_file *x = host;
    size_t low = 0, high = x->n;

    (void)err;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (by_span(x->entry[x->by_id[middle]].e.id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < x->n && aigov_span_eq(x->entry[x->by_id[low]].e.id, id))
        *out = x->entry[x->by_id[low]].e;
    return AIGOV_OK;
}

/* An export has no content; what was erased is told by its entries. */
static aigov_status has_content(void *host, const aigov_entry *e, bool *out,
                                aigov_error *err)
{
    (void)host;
    (void)e;
    (void)err;
    *out = false;
    return AIGOV_OK;
}

static bool is_event(const aigov_entry *e)
{
    return aigov_span_is(e->kind, "request") ||
           aigov_span_is(e->kind, "interaction") ||
           aigov_span_is(e->kind, "response");
}

/* The first event of the call of an entry, or NULL. */
static const aigov_entry *owner_of(const export_file *x, const aigov_entry *e)
{
    size_t low = 0, high = x->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (by_span(call_of(&x->entry[x->by_call[middle]].e), call_of(e)) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < x->n; low++) {
        const aigov_entry *first = &x->entry[x->by_call[low]].e;

        if (!aigov_span_eq(call_of(first), call_of(e)))
            break;
        if (first->log == e->log && is_event(first))
            return first;
    }
    return NULL;
}

static aigov_status entries(void *host, aigov_entry_fn give, void *arg,
                            aigov_error *err)
{
    const export_file *x = host;
    aigov_status st = AIGOV_OK;

    for (size_t i = 0; i < x->n && st == AIGOV_OK; i++) {
        const aigov_entry *e = &x->entry[i].e;

        st =
            give(arg, e, e->interaction.p != NULL ? owner_of(x, e) : NULL, err);
    }
    return st;
}

/* --- asking -------------------------------------------------------------- */

/* The log of the newest entry, of which the heads are. */
static int64_t newest_log(const export_file *x)
{
    int64_t log = 0, at = INT64_MIN;

    for (size_t i = 0; i < x->n; i++)
        if (x->entry[i].e.at >= at) {
            at = x->entry[i].e.at;
            log = x->entry[i].e.log;
        }
    return log;
}

static aigov_status add_entry(void *arg, const aigov_entry *e,
                              const aigov_entry *owner, aigov_error *err)
{
    return aigov_graph_add(arg, e, owner, err);
}

static aigov_status make_graph(export_file *x, const asked *a,
                               aigov_graph **out, aigov_error *err)
{
    aigov_status st = aigov_graph_new(x->ctx, &x->index, out, err);

    if (st == AIGOV_OK)
        st = entries(x, add_entry, *out, err);
    if (st == AIGOV_OK && a->as_of != NULL)
        st = aigov_graph_as_of(*out, newest_log(x), aigov_str(a->as_of), err);
    return st;
}

static aigov_status argument(const aigov_column *of, const char *given,
                             aigov_cell *out, aigov_error *err)
{
    char *end;

    *out = (aigov_cell){.s = aigov_str(given), .null = given == NULL};
    if (given == NULL)
        return AIGOV_OK;
    if (of->type == AIGOV_CELL_INT) {
        out->i = strtoll(given, &end, 10);
        if (*given == '\0' || *end != '\0')
            return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                              "%s is not an integer", of->name);
    }
    if (of->type == AIGOV_CELL_TIME && !aigov_time_parse(out->s, &out->i))
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS, "%s is not a time",
                          of->name);
    return AIGOV_OK;
}

typedef struct giving {
    const aigov_question *q;
    backend_row_fn row;
    void *host;
} giving;

/* A row of cells as texts, as a database would give them. */
static aigov_status give(void *arg, const aigov_cell *cell, size_t n,
                         aigov_error *err)
{
    const giving *g = arg;
    char text[AIGOV_MAX_COLUMNS][32];
    aigov_span v[AIGOV_MAX_COLUMNS];

    for (size_t i = 0; i < n; i++) {
        aigov_cell_type type = g->q->column[i].type;

        v[i] = cell[i].null ? AIGOV_ABSENT : cell[i].s;
        if (cell[i].null)
            continue;
        if (type == AIGOV_CELL_INT || type == AIGOV_CELL_BOOL) {
            snprintf(text[i], sizeof text[i], "%" PRId64, cell[i].i);
            v[i] = aigov_str(text[i]);
        } else if (type == AIGOV_CELL_TIME) {
            aigov_time_format(cell[i].i, text[i]);
            v[i] = aigov_str(text[i]);
        }
    }
    return g->row(g->host, (int)n, v)
               ? AIGOV_OK
               : aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                            "the answer cannot be written");
}

static int ask(export_file *x, const aigov_question *q, const asked *a,
               backend_row_fn row, void *host)
{
    giving g = {q, row, host};
    aigov_cell cell[AIGOV_MAX_ARGUMENTS];
    aigov_graph *graph = NULL;
    aigov_error err;
    aigov_status st = make_graph(x, a, &graph, &err);

    for (size_t i = 0; i < q->arguments && st == AIGOV_OK; i++)
        st = argument(&q->argument[i], a->argument[i], &cell[i], &err);
    if (st == AIGOV_OK)
        st = aigov_graph_ask(graph, q, cell,
                             a->limit != NULL ? strtoll(a->limit, NULL, 10) : 0,
                             give, &g, &err);
    aigov_graph_free(graph);
    return st == AIGOV_OK ? FINE : trouble_error("lineage", &err);
}

int ask_export(const char *path, const aigov_question *q, const asked *a,
               backend_row_fn row, void *host)
{
    export_file x = {.n = 0};
    aigov_error err;
    int status;

    if (aigov_ctx_new(NULL, &x.ctx, &err) != AIGOV_OK)
        return trouble_error("lineage", &err);
    x.index = (aigov_index){.host = &x,
                            .entry = entry_at,
                            .by_id = by_id,
                            .has_content = has_content,
                            .entries = entries};
    status = read_lines(&x, path);
    if (status == FINE) {
        qsort(x.entry, x.n, sizeof *x.entry, by_place);
        x.by_id = ordered(&x, order_ids);
        x.by_call = ordered(&x, order_calls);
        status = ask(&x, q, a, row, host);
    }
    for (size_t i = 0; i < x.blocks; i++)
        free(x.block[i]);
    free(x.block);
    free(x.entry);
    free(x.by_id);
    free(x.by_call);
    aigov_ctx_free(x.ctx);
    return status;
}
