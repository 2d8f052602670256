/*
 * rules.c - own detectors and profiles in force, for this backend
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.own_rules()    what there is beyond what is built in
 *
 * With them go the keys of the key file (keys.c), in which a change makes them
 * anew too; where there is nothing but keys they are rules without any of one's
 * own.  They are the newest revisions on lane 0 of the own log and those it
 * continues, up to the head of lane 0 that an append reads anyway and names in
 * body.under.  Where the head moved the revisions are listed, and the rules
 * made anew only where one of them is another, or its content came or went.
 *
 * The rules live in a memory context of their own, which is filled under the
 * caller's and kept when they are ready: an error on the way leaves those that
 * were, and the append that met it fails.
 */
#include "pg_aigov.h"

#include "access/tableam.h"
#include "utils/tuplestore.h"

typedef struct newest {
    const char *kind;
    char *subject;
    int64 revision;
    int place; /* in the chain of logs: 0 the own one */
    int32 log;
    int64 seq;
    uint8 hash[AIGOV_HASH_LEN];
    aigov_span body;
    aigov_span content; /* absent where it is gone */
} newest;

typedef struct gather {
    const char *kind;
    List *logs;  /* the own one first */
    int64 until; /* of the own one */
    List *rows;
} gather;

static struct {
    bool known;
    int32 log;
    lane_head head;
    MemoryContext cxt; /* NULL: what is built in */
    aigov_rules *rules;
    unsigned settings;          /* settings_moved then */
    uint8 mark[AIGOV_HASH_LEN]; /* of what they were made of */
    uint64 keys;                /* keys_state() then */
} held;

/* --- what there is ----------------------------------------------------------
 */

static int place_of(List *logs, int32 log)
{
    ListCell *cell;
    int place = 0;

    foreach (cell, logs) {
        if (lfirst_int(cell) == log)
            return place;
        place++;
    }
    return -1;
}

static newest *row_of(gather *g, aigov_span subject)
{
    ListCell *cell;
    newest *n;

    foreach (cell, g->rows) {
        n = lfirst(cell);
        if (n->kind == g->kind && aigov_span_is(subject, n->subject))
            return n;
    }
    n = palloc0(sizeof *n);
    n->kind = g->kind;
    n->subject = span_cstring(subject);
    g->rows = lappend(g->rows, n);
    return n;
}

static void consider(void *arg, const aigov_entry *e)
{
    gather *g = arg;
    int place = place_of(g->logs, (int32)e->log);
    newest *n;
    char *text;
    int64 revision;

    if (place < 0 || e->lane != 0 || (place == 0 && e->seq > g->until))
        return;
    if (!e->body.p || !e->subject.p || e->hash.n != AIGOV_HASH_LEN)
        fail(AIGOV_CHAIN, "SELECT * FROM aigov.verify()",
             "an entry of kind %s is damaged", g->kind);
    text = json_member(e->body, "revision");
    revision = text ? atol(text) : 0;
    n = row_of(g, e->subject);
    if (revision <= n->revision)
        return;
    n->revision = revision;
    n->place = place;
    n->log = (int32)e->log;
    n->seq = e->seq;
    memcpy(n->hash, e->hash.p, sizeof n->hash);
    n->body = (aigov_span){span_cstring(e->body), e->body.n};
}

static int by_age(const ListCell *a, const ListCell *b)
{
    const newest *x = lfirst(a), *y = lfirst(b);

    if (x->place != y->place)
        return x->place > y->place ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void read_content(Relation content, newest *n)
{
    HeapTuple tuple = row_at(content, SnapshotSelf, n->log, 0, n->seq);
    row_reader reader;
    aigov_content c;

    n->content = AIGOV_ABSENT;
    if (!HeapTupleIsValid(tuple))
        return;
    reader_init(&reader, content);
    reader_content(&reader, tuple, &c);
    n->content = c.body;
}

static List *list_newest(Relation entry, Relation content, int32 log,
                         const lane_head *zero)
{
    static const char *const kinds[] = {"detector", "redaction_profile"};
    gather g = {NULL, log_chain(log), zero->seq, NIL};
    ListCell *cell;
    int i;

    for (i = 0; i < 2; i++) {
        g.kind = kinds[i];
        rows_of(entry, SnapshotSelf, kinds[i], AIGOV_ABSENT, consider, &g);
    }
    list_sort(g.rows, by_age);
    foreach (cell, g.rows)
        read_content(content, lfirst(cell));
    return g.rows;
}

/* A digest of which revisions they are, and which have their content. */
static void mark_of(List *rows, uint8 mark[AIGOV_HASH_LEN])
{
    StringInfoData all;
    ListCell *cell;
    aigov_error err;
    aigov_span part;

    initStringInfo(&all);
    foreach (cell, rows) {
        const newest *n = lfirst(cell);

        appendBinaryStringInfo(&all, (const char *)n->hash, sizeof n->hash);
        appendStringInfoChar(&all, n->content.p ? '1' : '0');
    }
    appendStringInfoString(&all, setting_profile);
    part = (aigov_span){all.data, all.len};
    core_try(aigov_sha256(core()->ctx, &part, 1, mark, &err));
}

/* --- making them ------------------------------------------------------------
 */

typedef struct made {
    aigov_ctx *ctx;
    aigov_rules *rules;
} made;

static void unmake(void *arg)
{
    made *m = arg;

    aigov_rules_free(m->rules);
    aigov_ctx_free(m->ctx);
}

static void throw_scan(aigov_error *err)
{
    strlcpy(err->stage, "scan", sizeof err->stage);
    core_throw(err);
}

static void add(made *m, const newest *n)
{
    aigov_json j = {.ctx = m->ctx};
    aigov_buf fields;
    aigov_error err;
    aigov_status st;

    aigov_buf_init(&fields, m->ctx);
    st = aigov_json_read(&j, AIGOV_JSON_STRICT, n->body, &err);
    if (st == AIGOV_OK)
        st = aigov_json_canonical(&j, aigov_json_get(&j, 0, "fields"), &fields,
                                  &err);
    if (st == AIGOV_OK)
        st =
            aigov_rules_add(m->rules, aigov_str(n->kind), aigov_str(n->subject),
                            aigov_buf_span(&fields), n->content, &err);
    aigov_json_free(&j);
    aigov_buf_free(&fields);
    if (st != AIGOV_OK)
        throw_scan(&err);
}

static MemoryContext make(List *rows, aigov_rules **out)
{
    MemoryContext cxt = AllocSetContextCreate(
        CurrentMemoryContext, "aigov rules", ALLOCSET_DEFAULT_SIZES);
    made *m = MemoryContextAllocZero(cxt, sizeof *m);
    MemoryContextCallback *cb = MemoryContextAllocZero(cxt, sizeof *cb);
    ListCell *cell;
    aigov_error err;

    m->ctx = core_context(cxt);
    cb->func = unmake;
    cb->arg = m;
    MemoryContextRegisterResetCallback(cxt, cb);
    if (aigov_rules_new(m->ctx, 0, &m->rules, &err) != AIGOV_OK)
        throw_scan(&err);
    aigov_rules_keys(m->rules, keys_now());
    foreach (cell, rows)
        add(m, lfirst(cell));
    if (aigov_rules_default(m->rules, aigov_str(setting_profile), &err) !=
            AIGOV_OK ||
        aigov_rules_ready(m->rules, &err) != AIGOV_OK)
        throw_scan(&err);
    *out = m->rules;
    return cxt;
}

static void forget(void)
{
    if (held.cxt)
        MemoryContextDelete(held.cxt);
    held.cxt = NULL;
    held.rules = NULL;
}

static bool is_default(const char *profile)
{
    return profile[0] == 0 || strcmp(profile, "default") == 0;
}

static void load(Relation entry, Relation content, int32 log,
                 const lane_head *zero)
{
    MemoryContext scratch = AllocSetContextCreate(
        CurrentMemoryContext, "aigov rules read", ALLOCSET_DEFAULT_SIZES);
    MemoryContext old = MemoryContextSwitchTo(scratch), cxt = NULL;
    List *rows = zero->seq > 0 ? list_newest(entry, content, log, zero) : NIL;
    aigov_rules *rules = NULL;
    uint8 mark[AIGOV_HASH_LEN];

    mark_of(rows, mark);
    if (rows == NIL && is_default(setting_profile) && !keys_now()) {
        forget();
    } else if (!held.cxt || held.keys != keys_state() ||
               memcmp(mark, held.mark, sizeof mark) != 0) {
        cxt = make(rows, &rules);
        forget();
        MemoryContextSetParent(cxt, TopMemoryContext);
        held.cxt = cxt;
        held.rules = rules;
        memcpy(held.mark, mark, sizeof mark);
    }
    held.keys = keys_state();
    MemoryContextSwitchTo(old);
    MemoryContextDelete(scratch);
}

/* zero->seq 0: there is no log, or none that was written to. */
static const aigov_rules *refresh(Relation entry, Relation content, int32 log,
                                  const lane_head *zero)
{
    keys_now();
    if (held.known && held.settings == settings_moved && held.log == log &&
        held.head.seq == zero->seq && held.keys == keys_state() &&
        memcmp(held.head.hash, zero->hash, AIGOV_HASH_LEN) == 0)
        return held.rules;
    held.known = false;
    load(entry, content, log, zero);
    held.settings = settings_moved;
    held.log = log;
    held.head = *zero;
    held.known = true;
    return held.rules;
}

/* --- for writers and readers ------------------------------------------------
 */

void rules_of_writer(writer *w)
{
    const own_log *own = w->own;

    memset(&w->zero, 0, sizeof w->zero);
    if (own->there && own->used && !own->restored)
        lane_read(&w->entry, own->log, 0, &w->zero);
    w->rules = refresh(w->entry.rel, w->content.rel, own->log, &w->zero);
}

const aigov_rules *rules_now(void)
{
    own_log *own = log_peek();
    const aigov_rules *rules;
    target entry = {0};
    Relation content;
    lane_head zero = {0};
    Oid key;
    int32 log;

    if (!OidIsValid(own->entry) || (log = log_argument(0)) == 0)
        return refresh(NULL, NULL, 0, &zero);
    entry.rel = table_open(own->entry, AccessShareLock);
    content = table_open(own->content, AccessShareLock);
    key = compat_primary_key(entry.rel);
    if (!OidIsValid(key))
        fail(AIGOV_STATE, "SELECT * FROM aigov.verify() says what differs",
             "table aigov.entry has no primary key");
    entry.key = index_open(key, AccessShareLock);
    lane_read(&entry, log, 0, &zero);
    rules = refresh(entry.rel, content, log, &zero);
    index_close(entry.key, AccessShareLock);
    table_close(content, AccessShareLock);
    table_close(entry.rel, AccessShareLock);
    return rules;
}

PG_FUNCTION_INFO_V1(pg_aigov_own_rules);

Datum pg_aigov_own_rules(PG_FUNCTION_ARGS)
{
    TupleDesc desc;
    Tuplestorestate *out = srf_begin(fcinfo, &desc);
    const aigov_rules *rules = rules_now();
    aigov_rule rule;
    size_t i;

    for (i = 0; aigov_rule_at(rules, i, &rule); i++) {
        const char *detail = rule.missing ? rule.missing : rule.keyed;
        Datum values[4] = {CStringGetTextDatum(rule.kind),
                           CStringGetTextDatum(rule.subject),
                           BoolGetDatum(rule.missing == NULL), (Datum)0};
        bool nulls[4] = {false, false, false, detail == NULL};

        if (detail)
            values[3] = CStringGetTextDatum(detail);
        tuplestore_putvalues(out, desc, values, nulls);
    }
    return (Datum)0;
}
