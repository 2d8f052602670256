/*
 * fuzz_lineage.c - names of nodes, and entries that say anything
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every line of the input is a name, and the body of an entry whose kind and
 * columns come from it too, as who passes by aigov could write it.  The
 * spelling of a name is its own spelling; whatever entries say, every question
 * about every name ends with an answer or a plain error, PROV-JSON is JSON, and
 * edges are those of the entries.
 */
#include "lineage/internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_LINES 24

static void must(bool held)
{
    if (!held) {
        abort();
    }
}

typedef struct lines {
    aigov_entry e[MAX_LINES];
    char id[MAX_LINES][AIGOV_UUID_LEN + 1];
    size_t n;
} lines;

static aigov_status find_entry(void *host, int64_t log, int64_t lane,
                               int64_t seq, aigov_entry *out, aigov_error *err)
{
    const lines *l = host;
    (void)err;
    must(log == 7 && lane == 1 && seq > 0 && (size_t)seq <= l->n);
    *out = l->e[seq - 1];
    return AIGOV_OK;
}

static aigov_status find_by_id(void *host, aigov_span id, aigov_entry *out,
                               aigov_error *err)
{
    const lines *l = host;
    (void)err;
    for (size_t i = 0; i < l->n; i++) {
        if (aigov_span_eq(l->e[i].id, id)) {
            *out = l->e[i];
        }
    }
    return AIGOV_OK;
}

static aigov_status has_content(void *host, const aigov_entry *e, bool *out,
                                aigov_error *err)
{
    (void)host;
    (void)err;
    *out = e->seq % 2 == 0;
    return AIGOV_OK;
}

static aigov_status every_entry(void *host, aigov_entry_fn give, void *arg,
                                aigov_error *err)
{
    const lines *l = host;
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < l->n && st == AIGOV_OK; i++) {
        st = give(arg, &l->e[i], &l->e[0], err);
    }
    return st;
}

/* A text column is UTF-8 in both databases. */
static aigov_span column(aigov_span line, size_t from, size_t n)
{
    aigov_span s = {line.p + (from < line.n ? from : line.n),
                    from < line.n ? line.n - from : 0};
    s.n = s.n < n ? s.n : n;
    s.n = aigov_utf8_valid(s);
    return s.n > 0 ? s : AIGOV_ABSENT;
}

static void make_entry(lines *l, aigov_span line)
{
    static const char *const kinds[] = {"interaction", "request", "response",
                                        "note",        "erasure", "review"};
    static const uint8_t zero[AIGOV_HASH_LEN];
    uint8_t id[16] = {0};
    size_t i = l->n;
    aigov_entry *e = &l->e[i];
    id[15] = (uint8_t)i;
    aigov_uuid_format(id, l->id[i]);
    *e = (aigov_entry){.log = 7, .lane = 1, .seq = (int64_t)i + 1, .v = 1};
    e->at = 1789000000000000 + (int64_t)i;
    e->kind = aigov_str(kinds[line.n % 6]);
    e->id = aigov_str(l->id[i]);
    e->interaction = line.n % 5 != 0 ? aigov_str(l->id[i / 2]) : AIGOV_ABSENT;
    e->subject = aigov_str(l->id[line.n % (i + 1)]);
    e->actor = column(line, 3, 12);
    e->system = column(line, 7, 5);
    e->provider = column(line, 2, 4);
    e->model = column(line, 9, 9);
    e->operation = line.n % 7 == 0 ? AIGOV_LIT("retrieval") : AIGOV_LIT("chat");
    e->status = AIGOV_LIT("ok");
    e->recorded_by = line.n % 3 == 0 ? AIGOV_LIT("{\"login\":\"eve\"}")
                                     : AIGOV_LIT("{\"login\":\"app\"}");
    e->hash = (aigov_span){(const char *)zero, sizeof zero};
    e->body = line;
    l->n++;
}

static aigov_status check_row(void *arg, const aigov_cell *cell, size_t n,
                              aigov_error *err)
{
    aigov_ctx *ctx = arg;
    (void)n;
    if (cell[0].s.p != NULL && cell[0].s.p[0] == '{') { /* an export */
        aigov_json j = {.ctx = ctx};
        must(aigov_json_read(&j, AIGOV_JSON_STRICT, cell[0].s, err) ==
             AIGOV_OK);
        aigov_json_free(&j);
    }
    return AIGOV_OK;
}

static void check_name(aigov_ctx *ctx, aigov_span line)
{
    aigov_buf once = {.ctx = ctx}, twice = {.ctx = ctx};
    aigov_node_kind kind, again;
    aigov_error err;
    if (aigov_node_name(line, &kind, &once, &err) == AIGOV_OK) {
        must(once.n <= AIGOV_MAX_NODE + 2 && kind < AIGOV_NODE_KINDS);
        if (once.n <= AIGOV_MAX_NODE) {
            must(aigov_node_name(aigov_buf_span(&once), &again, &twice, &err) ==
                 AIGOV_OK);
            must(again == kind &&
                 aigov_span_eq(aigov_buf_span(&once), aigov_buf_span(&twice)));
        }
    }
    aigov_buf_free(&once);
    aigov_buf_free(&twice);
}

static void ask(aigov_graph *g, aigov_ctx *ctx, aigov_span name)
{
    const aigov_question *q;
    aigov_error err;
    for (size_t i = 0; (q = aigov_question_at(i)) != NULL; i++) {
        aigov_cell arg[AIGOV_MAX_ARGUMENTS];
        aigov_status st;
        for (size_t k = 0; k < AIGOV_MAX_ARGUMENTS; k++) {
            arg[k] = (aigov_cell){.null = true};
            if (k < q->required) {
                arg[k] = (aigov_cell){.s = name};
            }
        }
        st = aigov_graph_ask(g, q, arg, 50, check_row, ctx, &err);
        must(st == AIGOV_OK || st == AIGOV_NOENTRY || st == AIGOV_FIELD ||
             st == AIGOV_NULLARG);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lines l;
    aigov_index index = {.host = &l,
                         .entry = find_entry,
                         .by_id = find_by_id,
                         .has_content = has_content,
                         .entries = every_entry};
    const char *p = (const char *)data, *end = p + size;
    aigov_ctx *ctx;
    aigov_graph *g;
    aigov_error err;
    must(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
    must(aigov_graph_new(ctx, &index, &g, &err) == AIGOV_OK);
    l.n = 0;
    while (p < end && l.n < MAX_LINES) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        aigov_span line = {p, (size_t)((stop != NULL ? stop : end) - p)};
        check_name(ctx, line);
        make_entry(&l, line);
        must(aigov_graph_add(g, &l.e[l.n - 1], &l.e[0], &err) == AIGOV_OK);
        p = stop != NULL ? stop + 1 : end;
    }
    for (size_t i = 0; i < l.n; i += 5) {
        ask(g, ctx, column(l.e[i].body, 0, 80));
    }
    ask(g, ctx, AIGOV_LIT("tmpl:unknown"));
    aigov_graph_free(g);
    aigov_ctx_free(ctx);
    return 0;
}
