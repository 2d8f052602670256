/*
 * test_lineage_small.c - the shared graph: every answer, and its PROV-JSON
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * $AIGOV_SHARED/lineage/graph_small.json, loaded as records of kind note whose
 * refs name effect, relation and cause.  A start that is not there is met by
 * the error.
 */
#include "lineage_log.h"

#include "text.h"

typedef struct document {
    char *text;
    aigov_json j;
} document;

static bool open_document(document *d, aigov_ctx *ctx, const char *dir,
                          const char *file)
{
    size_t n = 0;
    aigov_error err;

    d->j = (aigov_json){.ctx = ctx};
    d->text = read_file(dir, file, &n);
    return d->text != NULL &&
           aigov_json_read(&d->j, AIGOV_JSON_STRICT, (aigov_span){d->text, n},
                           &err) == AIGOV_OK;
}

static void close_document(document *d)
{
    aigov_json_free(&d->j);
    free(d->text);
}

static aigov_span text_at(const aigov_json *j, uint32_t i)
{
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

static void put_ref(aigov_buf *b, const aigov_json *j, uint32_t edge)
{
    aigov_buf_puts(b, "{\"effect\":");
    aigov_buf_put_json_string(b, aigov_json_text(j, edge + 1));
    aigov_buf_puts(b, ",\"relation\":");
    aigov_buf_put_json_string(b, aigov_json_text(j, edge + 2));
    aigov_buf_puts(b, ",\"cause\":");
    aigov_buf_put_json_string(b, aigov_json_text(j, edge + 3));
    aigov_buf_puts(b, "}");
}

/* Ten edges a record. */
static bool load(memory_log *l, const aigov_json *j)
{
    uint32_t edges = aigov_json_get(j, 0, "edges"), i = edges + 1;
    aigov_buf b = {.ctx = l->ctx};
    bool whole = true;

    while (i < j->node[edges].next) {
        b.n = 0;
        aigov_buf_puts(&b,
                       "{\"system\":\"s\",\"kind\":\"note\",\"interaction\":"
                       "\"01990000-0000-7000-8000-000000000001\","
                       "\"refs\":[");
        for (int n = 0; n < 10 && i < j->node[edges].next; n++) {
            aigov_buf_puts(&b, n > 0 ? "," : "");
            put_ref(&b, j, i);
            i = j->node[i].next;
        }
        aigov_buf_puts(&b, "]}");
        whole = log_append(l, 1, span(&b)) != NULL && whole;
    }
    aigov_buf_free(&b);
    return whole;
}

/* --- answers ------------------------------------------------------------ */

static int by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of a text in order. */
static void sort_lines(aigov_buf *b)
{
    char *line[4096], *copy, *p, *end;
    size_t n = 0;

    aigov_buf_put(b, "", 1);
    copy = malloc(b->n);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, b->p, b->n);
    for (p = copy; (end = strchr(p, '\n')) != NULL && n < 4096; p = end + 1) {
        *end = '\0';
        line[n++] = p;
    }
    qsort(line, n, sizeof line[0], by_line);
    b->n = 0;
    for (size_t i = 0; i < n; i++) {
        aigov_buf_puts(b, line[i]);
        aigov_buf_puts(b, "\n");
    }
    free(copy);
}

/* What the file expects, in the form of an answer. */
static void expected(const aigov_json *j, uint32_t expect, aigov_buf *b)
{
    bool object = j->node[expect].type == AIGOV_JSON_OBJECT;

    b->n = 0;
    if (j->node[expect].type == AIGOV_JSON_NULL) {
        return;
    }
    for (uint32_t i = expect + 1; i < j->node[expect].next;
         i = j->node[i].next) {
        uint32_t first = j->node[i].type == AIGOV_JSON_ARRAY ? i + 1 : i;
        aigov_span s = aigov_json_text(j, first);

        aigov_buf_put(b, s.p, s.n);
        if (object || first != i) {
            if (object) {
                i = j->node[i].next;
                s = aigov_json_text(j, i);
            } else {
                s = aigov_json_text(j, j->node[first].next);
            }
            aigov_buf_puts(b, "\t");
            aigov_buf_put(b, s.p, s.n);
        }
        aigov_buf_puts(b, "\n");
    }
}

/* kind and n, of which several rows may have one kind: added up. */
static void add_up(aigov_buf *b)
{
    long sum = 0;
    char last[64] = "";
    aigov_buf out = {.ctx = b->ctx};
    char line[256];
    const char *p, *end;

    sort_lines(b);
    aigov_buf_put(b, "", 1);
    for (p = b->p; *p != '\0'; p = end + 1) {
        char *tab;
        end = strchr(p, '\n');
        snprintf(line, sizeof line, "%.*s", (int)(end - p), p);
        tab = strchr(line, '\t');
        *tab = '\0';
        if (last[0] != '\0' && strcmp(last, line) != 0) {
            char text[128];
            snprintf(text, sizeof text, "%s\t%ld\n", last, sum);
            aigov_buf_puts(&out, text);
            sum = 0;
        }
        snprintf(last, sizeof last, "%.60s", line);
        sum += strtol(tab + 1, NULL, 10);
    }
    if (last[0] != '\0') {
        char text[128];
        snprintf(text, sizeof text, "%s\t%ld\n", last, sum);
        aigov_buf_puts(&out, text);
    }
    b->n = 0;
    aigov_buf_put(b, out.p != NULL ? out.p : "", out.n);
    aigov_buf_free(&out);
}

static void columns(answer *a, aigov_span fn)
{
    memset(a->only, 0, sizeof a->only);
    if (aigov_span_is(fn, "recipients")) {
        a->only[0] = "person";
    } else if (aigov_span_is(fn, "blast_radius")) {
        a->only[0] = "kind";
        a->only[1] = "n";
    } else if (aigov_span_is(fn, "outputs_influenced_by")) {
        a->only[0] = "output";
    } else {
        a->only[0] = "ref";
        a->only[1] = "distance";
    }
}

static bool check(aigov_graph *g, const aigov_json *j, uint32_t q, answer *a,
                  aigov_buf *want)
{
    aigov_span fn = text_at(j, aigov_json_get(j, q, "fn"));
    bool path = aigov_span_is(fn, "path");
    aigov_cell arg[3];
    int64_t depth;
    char name[64];
    aigov_error err;
    aigov_status st;
    uint32_t i = aigov_json_get(j, q, "max_depth");

    arg[0] =
        text_cell(text_at(j, aigov_json_get(j, q, path ? "from" : "start")));
    arg[1] =
        text_cell(path ? text_at(j, aigov_json_get(j, q, "to")) : AIGOV_ABSENT);
    arg[2] = (aigov_cell){.null = true};
    if (i != 0 && aigov_json_i64(j, i, &depth)) {
        arg[aigov_span_is(fn, "upstream") ? 1 : 2] = int_cell(depth);
    }
    snprintf(name, sizeof name, "%.*s", (int)fn.n, fn.p);
    columns(a, fn);
    st = ask(g, a, name, arg, 3, 0, &err);
    expected(j, aigov_json_get(j, q, "expect"), want);
    if (st == AIGOV_NOENTRY) {
        return want->n == 0;
    }
    if (st != AIGOV_OK) {
        note("%s: %s", name, err.text);
        return false;
    }
    if (aigov_span_is(fn, "blast_radius")) {
        add_up(&a->text);
        add_up(want);
    } else if (!path) {
        sort_lines(&a->text);
        sort_lines(want);
    }
    return aigov_span_eq(span(&a->text), span(want));
}

static void test_answers(memory_log *l, const aigov_json *j)
{
    uint32_t queries = aigov_json_get(j, 0, "queries");
    aigov_graph *g = log_graph(l, l->n);
    answer a = {.text = {.ctx = l->ctx}};
    aigov_buf want = {.ctx = l->ctx};
    int n = 0, right = 0;

    for (uint32_t q = queries + 1; q < j->node[queries].next;
         q = j->node[q].next) {
        n++;
        if (check(g, j, q, &a, &want)) {
            right++;
        } else {
            note("query %d", n);
            show("got", span(&a.text));
            show("want", span(&want));
        }
    }
    ok(right == n && n > 0, "%d of %d answers", right, n);
    aigov_buf_free(&a.text);
    aigov_buf_free(&want);
    aigov_graph_free(g);
}

/* --- PROV --------------------------------------------------------------- */

static void put_triple(aigov_buf *b, aigov_span s, aigov_span relation,
                       aigov_span o)
{
    aigov_buf_put(b, s.p, s.n);
    aigov_buf_puts(b, " ");
    aigov_buf_put(b, relation.p, relation.n);
    aigov_buf_puts(b, " ");
    aigov_buf_put(b, o.p, o.n);
    aigov_buf_puts(b, "\n");
}

/* Both ends come first in every relation. */
static void triples_of(const aigov_json *j, aigov_buf *b)
{
    b->n = 0;
    for (uint32_t i = 1; i < j->nodes; i = j->node[i + 1].next) {
        aigov_span relation = aigov_json_text(j, i);
        uint32_t all = i + 1;
        if (aigov_span_is(relation, "entity") ||
            aigov_span_is(relation, "activity") ||
            aigov_span_is(relation, "agent") ||
            aigov_span_is(relation, "prefix")) {
            continue;
        }
        for (uint32_t k = all + 1; k < j->node[all].next;
             k = j->node[k + 1].next) {
            uint32_t object = k + 1;
            put_triple(b, aigov_json_text(j, object + 2), relation,
                       aigov_json_text(j, object + 4));
        }
    }
}

static void test_prov(memory_log *l, const char *dir)
{
    aigov_graph *g = log_graph(l, l->n);
    answer a = {.text = {.ctx = l->ctx}};
    aigov_buf want = {.ctx = l->ctx}, got = {.ctx = l->ctx};
    aigov_json j = {.ctx = l->ctx};
    document d;
    aigov_error err;
    size_t n = 0;

    if (!open_document(&d, l->ctx, dir, "graph_small_prov_triples.json")) {
        ok(false, "the triples are there");
        return;
    }
    uint32_t list = aigov_json_get(&d.j, 0, "triples");
    for (uint32_t i = list + 1; i < d.j.node[list].next; i = d.j.node[i].next) {
        put_triple(&want, aigov_json_text(&d.j, i + 1),
                   aigov_json_text(&d.j, i + 2), aigov_json_text(&d.j, i + 3));
        n++;
    }
    ok(ask(g, &a, "prov_json", NULL, 0, 0, &err) == AIGOV_OK &&
           aigov_json_read(&j, AIGOV_JSON_STRICT, span(&a.text), &err) ==
               AIGOV_OK,
       "PROV-JSON of everything is JSON");
    triples_of(&j, &got);
    sort_lines(&got);
    sort_lines(&want);
    ok(aigov_span_eq(span(&got), span(&want)), "its %zu triples", n);
    aigov_json_free(&j);
    aigov_buf_free(&a.text);
    aigov_buf_free(&got);
    aigov_buf_free(&want);
    aigov_graph_free(g);
    close_document(&d);
}

int main(void)
{
    const char *shared = getenv("AIGOV_SHARED");
    char dir[1024];
    document d;
    memory_log l;
    aigov_ctx *ctx;
    aigov_error err;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    snprintf(dir, sizeof dir, "%s/lineage", shared != NULL ? shared : ".");
    if (!open_document(&d, ctx, dir, "graph_small.json")) {
        printf("ok 1 # SKIP no shared data\n1..1\n");
        free(d.text);
        aigov_ctx_free(ctx);
        return 0;
    }
    log_open(&l, ctx);
    ok(load(&l, &d.j), "the edges are read");
    test_answers(&l, &d.j);
    test_prov(&l, dir);
    log_close(&l);
    close_document(&d);
    aigov_ctx_free(ctx);
    return done();
}
