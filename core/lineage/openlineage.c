/*
 * openlineage.c - calls as OpenLineage run events
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * OpenLineage 2-0-2, RunEvent.  Of each run a START and, once it is answered, a
 * COMPLETE, FAIL (an error) or ABORT (denied, held or cancelled):
 *
 *   job      namespace aigov://SYSTEM, name the template without its version
 *   inputs   documents and data sets, with the DatasetVersion facet
 *   outputs  the messages of the system
 *   run      per "call": one a call; its UUID (version 8, RFC 9562) is the
 *            beginning of the hash of the entry that asks; its parent, the call
 *            that informed it.  per "day": one a day, system, model and
 *            template, since a catalogue drowns in a run a call; its UUID comes
 *            from those four
 *   facet    aigov_record: what was counted, or the entry
 *
 * Calls count that aigov itself recorded, and edges that it knows.
 */
#include "part.h"

#define PRODUCER "urn:aigov:" AIGOV_VERSION
#define NONE SIZE_MAX
#define DAY 10 /* bytes of 2026-11-27 */

typedef enum outcome { OPEN, DONE, FAILED, ABORTED } outcome;

typedef struct call {
    size_t key, key_n;   /* in text: day, system, model, template; 0 between */
    size_t first, edges; /* of the part, effect is the call */
    uint32_t node;
    int64_t asked, answered;
    int64_t log, lane, seq;
    uint8_t hash[32];
    outcome outcome;
} call;

typedef struct exporting {
    aigov__part part;
    aigov_ctx *ctx;
    aigov_error *err;
    call *call;
    size_t calls, call_cap;
    size_t *of; /* each node of the part: at first the edge of its answer, then
                   its place among the calls */
    aigov_buf text; /* keys */
    aigov_buf b;    /* the event at hand */
    uint32_t *input;
    size_t inputs, input_cap;
    int64_t from, to;
    bool by_call, ok;
    aigov_row_fn row;
    void *arg;
} exporting;

static void put(exporting *x, const char *s)
{
    x->ok = x->ok && aigov_buf_puts(&x->b, s);
}

static void text(exporting *x, aigov_span s)
{
    x->ok = x->ok && aigov_buf_put_json_string(&x->b, s);
}

static void number(exporting *x, const char *name, int64_t v)
{
    put(x, name);
    x->ok = x->ok && aigov_buf_put_i64(&x->b, v);
}

/* --- names --------------------------------------------------------------- */

static aigov_span rest_of(aigov_span name)
{
    const char *colon = memchr(name.p, ':', name.n);
    size_t skip = colon != NULL ? (size_t)(colon - name.p) + 1 : 0;
    return (aigov_span){name.p + skip, name.n - skip};
}

/* Splits x@v#p of a document, a data set or a template; version absent where
 * there is none. */
static aigov_span split(aigov_span name, aigov_span *version)
{
    aigov_span rest = rest_of(name);
    const char *part = memchr(rest.p, '#', rest.n);
    size_t n = part != NULL ? (size_t)(part - rest.p) : rest.n, at = n;
    *version = AIGOV_ABSENT;
    while (at > 0 && rest.p[at - 1] != '@') {
        at--;
    }
    if (at == 0) {
        return (aigov_span){rest.p, n};
    }
    *version = (aigov_span){rest.p + at, n - at};
    return (aigov_span){rest.p, at - 1};
}

/* The i-th part of a key. */
static aigov_span key_part(const exporting *x, const call *c, int i)
{
    const char *p = x->text.p + c->key;
    while (i-- > 0) {
        p += strlen(p) + 1;
    }
    return aigov_str(p);
}

/* --- calls --------------------------------------------------------------- */

static aigov_status entry_of(exporting *x, const aigov__part_edge *e,
                             aigov_entry *out)
{
    const aigov_index *index = aigov__graph_index(x->part.graph);
    return index->entry(index->host, e->log, e->place >> 40,
                        e->place & (AIGOV_PLACE(1, 0) - 1), out, x->err);
}

static bool put_key(exporting *x, aigov_span s)
{
    return aigov_buf_put(&x->text, s.p != NULL ? s.p : "", s.n) &&
           aigov_buf_put(&x->text, "", 1);
}

static aigov_span template_of(const exporting *x, const call *c)
{
    for (size_t i = c->first; i < c->first + c->edges; i++) {
        const aigov__part_node *n = &x->part.node[x->part.edge[i].cause];
        if (n->kind == AIGOV_NODE_TMPL) {
            return rest_of(n->name);
        }
    }
    return AIGOV_LIT("unknown");
}

static bool keep_key(exporting *x, call *c, const aigov_entry *e)
{
    char day[AIGOV_TIME_LEN + 1];
    aigov_time_format(e->at, day);
    c->key = x->text.n;
    return put_key(x, (aigov_span){day, DAY}) && put_key(x, e->system) &&
           put_key(x, e->model) && put_key(x, template_of(x, c));
}

static outcome outcome_of(const aigov_entry *e)
{
    if (aigov_span_is(e->decision, "deny") ||
        aigov_span_is(e->decision, "require_approval") ||
        aigov_span_is(e->status, "denied") ||
        aigov_span_is(e->status, "cancelled")) {
        return ABORTED;
    }
    if (e->status.p == NULL) {
        return OPEN;
    }
    return aigov_span_is(e->status, "error") ? FAILED : DONE;
}

/* A denied call ends with its request. */
static aigov_status read_answer(exporting *x, call *c)
{
    aigov_entry e = {.v = 0};
    aigov_status st = AIGOV_OK;
    if (x->of[c->node] != NONE) {
        st = entry_of(x, &x->part.edge[x->of[c->node]], &e);
        c->answered = e.at;
        c->outcome = c->outcome == ABORTED ? ABORTED : outcome_of(&e);
    }
    return st;
}

static aigov_status read_call(exporting *x, call *c,
                              const aigov__part_edge *asks)
{
    aigov_entry e = {.v = 0};
    aigov_status st = entry_of(x, asks, &e);
    if (st != AIGOV_OK || e.hash.n != sizeof c->hash || e.at < x->from ||
        e.at >= x->to) {
        return st;
    }
    if (!aigov__room(x->ctx, (void **)&x->call, &x->call_cap, sizeof *c,
                     x->calls + 1) ||
        !keep_key(x, c, &e)) {
        return aigov__nomem(x->err);
    }
    c->key_n = x->text.n - c->key;
    c->asked = c->answered = e.at;
    c->log = e.log;
    c->lane = e.lane;
    c->seq = e.seq;
    c->outcome = outcome_of(&e);
    memcpy(c->hash, e.hash.p, sizeof c->hash);
    st = read_answer(x, c);
    x->call[x->calls++] = *c;
    return st;
}

static bool is_asking(const aigov__part_edge *e)
{
    return AIGOV__HOW_RELATION(e->how) == AIGOV_REL_USED &&
           AIGOV__HOW_ROLE(e->how) == AIGOV_ROLE_INPUT &&
           !AIGOV__HOW_ASSERTED(e->how);
}

static aigov_status read_calls(exporting *x)
{
    const aigov__part *p = &x->part;
    aigov_status st = AIGOV_OK;
    size_t n;
    for (size_t i = 0; i < p->edges && st == AIGOV_OK; i += n) {
        const aigov__part_edge *asks = NULL;
        call c = {.node = p->edge[i].effect, .first = i};
        for (n = 0; i + n < p->edges && p->edge[i + n].effect == c.node; n++) {
            if (asks == NULL && is_asking(&p->edge[i + n])) {
                asks = &p->edge[i + n];
            }
        }
        c.edges = n;
        if (asks != NULL && p->node[c.node].kind == AIGOV_NODE_IA) {
            st = read_call(x, &c, asks);
        }
    }
    return st;
}

static bool find_answers(exporting *x)
{
    const aigov__part *p = &x->part;
    x->of = aigov_malloc(x->ctx, (p->nodes + 1) * sizeof *x->of);
    if (x->of == NULL) {
        return false;
    }
    for (size_t i = 0; i < p->nodes; i++) {
        x->of[i] = NONE;
    }
    for (size_t i = 0; i < p->edges; i++) {
        const aigov__part_edge *e = &p->edge[i];
        if (AIGOV__HOW_RELATION(e->how) == AIGOV_REL_GENERATED &&
            !AIGOV__HOW_ASSERTED(e->how) &&
            p->node[e->cause].kind == AIGOV_NODE_IA) {
            x->of[e->cause] = i;
        }
    }
    return true;
}

/* --- events -------------------------------------------------------------- */

static aigov_status run_id(exporting *x, const call *c, char out[37])
{
    uint8_t hash[32];
    aigov_status st = AIGOV_OK;
    memcpy(hash, c->hash, sizeof hash);
    if (!x->by_call) {
        aigov_span part[] = {AIGOV_LIT("aigov/openlineage/v1\n"),
                             {x->text.p + c->key, c->key_n}};
        st = aigov_sha256(x->ctx, part, 2, hash, x->err);
    }
    hash[6] = (uint8_t)((hash[6] & 0x0F) | 0x80); /* RFC 9562 5.8 */
    hash[8] = (uint8_t)((hash[8] & 0x3F) | 0x80);
    aigov_uuid_format(hash, out);
    return st;
}

static bool add_input(exporting *x, uint32_t node)
{
    if (!aigov__room(x->ctx, (void **)&x->input, &x->input_cap,
                     sizeof *x->input, x->inputs + 1)) {
        return false;
    }
    x->input[x->inputs++] = node;
    return true;
}

static int by_number(const void *a, const void *b, void *host)
{
    const uint32_t *x = a, *y = b;
    (void)host;
    return (*x > *y) - (*x < *y);
}

static bool find_inputs(exporting *x, const call *c, size_t n)
{
    x->inputs = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t e = c[i].first; e < c[i].first + c[i].edges; e++) {
            aigov_node_kind kind = x->part.node[x->part.edge[e].cause].kind;
            if ((kind == AIGOV_NODE_DOC || kind == AIGOV_NODE_CHUNK ||
                 kind == AIGOV_NODE_DATASET) &&
                !add_input(x, x->part.edge[e].cause)) {
                return false;
            }
        }
    }
    aigov__sort(x->input, x->inputs, sizeof *x->input, by_number, NULL);
    return true;
}

/* Nodes are sorted by name, so chunks of one version stand together. */
static void put_inputs(exporting *x)
{
    aigov_span last = AIGOV_ABSENT, last_version = AIGOV_ABSENT;
    put(x, "\"inputs\":[");
    for (size_t i = 0; i < x->inputs; i++) {
        aigov_span version;
        aigov_span name = split(x->part.node[x->input[i]].name, &version);
        if (last.p != NULL && aigov_span_eq(name, last) &&
            aigov_span_eq(version, last_version)) {
            continue;
        }
        put(x, last.p != NULL ? ",{" : "{");
        if (version.p != NULL) {
            put(x, "\"facets\":{\"version\":{\"_producer\":\"" PRODUCER
                   "\",\"_schemaURL\":\"https://openlineage.io/spec/facets/"
                   "1-0-1/DatasetVersionDatasetFacet.json\","
                   "\"datasetVersion\":");
            text(x, version);
            put(x, "}},");
        }
        put(x, "\"name\":");
        text(x, name);
        put(x, ",\"namespace\":\"aigov://documents\"}");
        last = name;
        last_version = version;
    }
    put(x, "]");
}

static void put_namespace(exporting *x, const call *c)
{
    aigov_buf b = {.ctx = x->ctx};
    aigov_span system = key_part(x, c, 1);
    x->ok = x->ok && aigov_buf_puts(&b, "aigov://") &&
            aigov_buf_put(&b, system.p, system.n);
    put(x, "\"namespace\":");
    text(x, aigov_buf_span(&b));
    aigov_buf_free(&b);
}

static void put_job(exporting *x, const call *c)
{
    aigov_span version, name;
    char word[] = "tmpl:";
    aigov_buf b = {.ctx = x->ctx};
    aigov_span whole = key_part(x, c, 3);
    x->ok = x->ok && aigov_buf_puts(&b, word) &&
            aigov_buf_put(&b, whole.p, whole.n);
    if (x->ok) {
        name = split(aigov_buf_span(&b), &version);
        put(x, "{\"name\":");
        text(x, name);
        put(x, ",");
        put_namespace(x, c);
        put(x, "}");
    }
    aigov_buf_free(&b);
}

/* The call that informed this one, where it is among those that are told. */
static const call *parent_of(const exporting *x, const call *c)
{
    for (size_t i = c->first; i < c->first + c->edges; i++) {
        const aigov__part_edge *e = &x->part.edge[i];
        if (AIGOV__HOW_RELATION(e->how) != AIGOV_REL_INFORMED ||
            AIGOV__HOW_ASSERTED(e->how)) {
            continue;
        }
        if (x->of[e->cause] != NONE && e->cause != c->node) {
            return &x->call[x->of[e->cause]];
        }
    }
    return NULL;
}

static aigov_status put_parent(exporting *x, const call *c)
{
    const call *parent = x->by_call ? parent_of(x, c) : NULL;
    char id[37];
    aigov_status st;
    if (parent == NULL) {
        return AIGOV_OK;
    }
    st = run_id(x, parent, id);
    put(x, ",\"parent\":{\"_producer\":\"" PRODUCER
           "\",\"_schemaURL\":\"https://openlineage.io/spec/facets/1-0-1/"
           "ParentRunFacet.json\",\"job\":");
    put_job(x, parent);
    put(x, ",\"run\":{\"runId\":\"");
    put(x, id);
    put(x, "\"}}");
    return st;
}

static void put_entry(exporting *x, const call *c)
{
    put(x, ",\"entryHash\":\"");
    x->ok = x->ok && aigov_buf_put_hex(&x->b, c->hash, sizeof c->hash);
    number(x, "\",\"lane\":", c->lane);
    number(x, ",\"log\":", c->log);
}

static void put_counts(exporting *x, const call *c, size_t n)
{
    int64_t aborted = 0, failed = 0;
    for (size_t i = 0; i < n; i++) {
        aborted += c[i].outcome == ABORTED;
        failed += c[i].outcome == FAILED;
    }
    number(x, ",\"aborted\":", aborted);
    number(x, ",\"calls\":", (int64_t)n);
    put(x, ",\"day\":");
    text(x, key_part(x, c, 0));
    number(x, ",\"failed\":", failed);
}

static aigov_status put_run(exporting *x, const call *c, size_t n)
{
    char id[37];
    aigov_status st = run_id(x, c, id);
    put(x, "{\"facets\":{\"aigov_record\":{\"_producer\":\"" PRODUCER
           "\",\"_schemaURL\":\"urn:aigov:openlineage:record:1\"");
    if (x->by_call) {
        put_entry(x, c);
    } else {
        put_counts(x, c, n);
    }
    put(x, ",\"model\":");
    text(x, key_part(x, c, 2));
    if (x->by_call) {
        number(x, ",\"seq\":", c->seq);
    }
    put(x, ",\"template\":");
    text(x, key_part(x, c, 3));
    put(x, "}");
    if (st == AIGOV_OK) {
        st = put_parent(x, c);
    }
    put(x, "},\"runId\":\"");
    put(x, id);
    put(x, "\"}");
    return st;
}

static aigov_status put_event(exporting *x, const call *c, size_t n,
                              const char *type, int64_t at)
{
    char time[AIGOV_TIME_LEN + 1];
    aigov_cell cell = {.null = false};
    aigov_status st;
    aigov_time_format(at, time);
    x->b.n = 0;
    put(x, "{\"eventTime\":\"");
    put(x, time);
    put(x, "\",\"eventType\":\"");
    put(x, type);
    put(x, "\",");
    put_inputs(x);
    put(x, ",\"job\":");
    put_job(x, c);
    put(x, ",\"outputs\":[{\"name\":\"messages\",");
    put_namespace(x, c);
    put(x, "}],\"producer\":\"" PRODUCER "\",\"run\":");
    st = put_run(x, c, n);
    put(x, ",\"schemaURL\":\"https://openlineage.io/spec/2-0-2/"
           "OpenLineage.json#/$defs/RunEvent\"}");
    if (!x->ok) {
        return aigov__nomem(x->err);
    }
    cell.s = aigov_buf_span(&x->b);
    return st == AIGOV_OK ? x->row(x->arg, &cell, 1, x->err) : st;
}

/* How a run of several ended: as all of them did, else it is complete. */
static const char *ending(const call *c, size_t n)
{
    static const char *const types[] = {NULL, "COMPLETE", "FAIL", "ABORT"};
    outcome all = c->outcome;
    for (size_t i = 1; i < n; i++) {
        if (c[i].outcome != all) {
            all = DONE;
        }
    }
    return types[all];
}

static aigov_status put_both(exporting *x, const call *c, size_t n)
{
    const char *end = ending(c, n);
    int64_t first = c->asked, last = c->answered;
    aigov_status st;
    for (size_t i = 1; i < n; i++) {
        first = c[i].asked < first ? c[i].asked : first;
        last = c[i].answered > last ? c[i].answered : last;
    }
    if (!find_inputs(x, c, n)) {
        return aigov__nomem(x->err);
    }
    st = put_event(x, c, n, "START", first);
    return st == AIGOV_OK && end != NULL ? put_event(x, c, n, end, last) : st;
}

static int by_key(const void *a, const void *b, void *host)
{
    const exporting *x = host;
    const call *c = a, *d = b;
    size_t n = c->key_n < d->key_n ? c->key_n : d->key_n;
    int order = memcmp(x->text.p + c->key, x->text.p + d->key, n);
    if (order != 0 || c->key_n != d->key_n) {
        return order != 0 ? order : c->key_n < d->key_n ? -1 : 1;
    }
    return (c->node > d->node) - (c->node < d->node);
}

static int by_time(const void *a, const void *b, void *host)
{
    const call *c = a, *d = b;
    (void)host;
    if (c->asked != d->asked) {
        return c->asked < d->asked ? -1 : 1;
    }
    return (c->node > d->node) - (c->node < d->node);
}

static bool same_run(const exporting *x, const call *c, const call *d)
{
    return !x->by_call && c->key_n == d->key_n &&
           memcmp(x->text.p + c->key, x->text.p + d->key, c->key_n) == 0;
}

static aigov_status put_events(exporting *x)
{
    aigov_status st = AIGOV_OK;
    size_t n;
    aigov__sort(x->call, x->calls, sizeof *x->call,
                x->by_call ? by_time : by_key, x);
    for (size_t i = 0; i < x->part.nodes; i++) {
        x->of[i] = NONE;
    }
    for (size_t i = 0; i < x->calls; i++) {
        x->of[x->call[i].node] = i;
    }
    for (size_t i = 0; i < x->calls && st == AIGOV_OK; i += n) {
        for (n = 1;
             i + n < x->calls && same_run(x, &x->call[i], &x->call[i + n]);) {
            n++;
        }
        st = put_both(x, &x->call[i], n);
    }
    return st;
}

static void free_all(exporting *x)
{
    aigov_mfree(x->ctx, x->call, x->call_cap * sizeof *x->call);
    aigov_mfree(x->ctx, x->of, (x->part.nodes + 1) * sizeof *x->of);
    aigov_mfree(x->ctx, x->input, x->input_cap * sizeof *x->input);
    aigov_buf_free(&x->text);
    aigov_buf_free(&x->b);
    aigov__part_free(&x->part);
}

aigov_status aigov__openlineage(aigov_graph *g, int64_t from, int64_t to,
                                aigov_span per, aigov_row_fn row, void *arg,
                                aigov_error *err)
{
    exporting x = {.err = err, .from = from, .to = to, .ok = true};
    aigov_status st;
    x.ctx = aigov__graph_ctx(g);
    x.row = row;
    x.arg = arg;
    x.by_call = aigov_span_is(per, "call");
    if (!x.by_call && !aigov_span_is(per, "day")) {
        aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS, "per is \"day\" or \"call\"");
        return err->code;
    }
    aigov_buf_init(&x.text, x.ctx);
    aigov_buf_init(&x.b, x.ctx);
    st = aigov__part_make(&x.part, g, NULL, 0, err);
    aigov__part_join(&x.part);
    if (st == AIGOV_OK && !find_answers(&x)) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = read_calls(&x);
    }
    if (st == AIGOV_OK) {
        st = put_events(&x);
    }
    free_all(&x);
    return st;
}
