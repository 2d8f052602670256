/*
 * hold.c - legal holds: what they cover is not erased
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A hold covers an entry that its `entries` name; or whose system its `systems`
 * name and whose time lies in from_at .. to_at (both included, either may be
 * absent); or, where it names neither, every entry of that period.  The latest
 * revision of each hold counts, and one that cannot be read covers everything.
 */
#include "pg_aigov.h"

typedef struct hold {
    char *subject;
    int depth; /* of its log in the chain: 0 is the own log */
    int64 seq;
    char *body;
} hold;

typedef struct gather {
    List *logs;
    List *holds;
} gather;

static int depth_of(List *logs, int32 log)
{
    ListCell *cell;
    int depth = 0;

    foreach (cell, logs) {
        if (lfirst_int(cell) == log)
            return depth;
        depth++;
    }
    return -1;
}

static hold *find(gather *g, aigov_span subject)
{
    ListCell *cell;

    foreach (cell, g->holds) {
        hold *h = lfirst(cell);

        if (aigov_span_is(subject, h->subject))
            return h;
    }
    return NULL;
}

static void keep(void *arg, const aigov_entry *e)
{
    gather *g = arg;
    int depth = depth_of(g->logs, (int32)e->log);
    hold *h;

    if (depth < 0 || !e->subject.p || !e->body.p)
        return;
    h = find(g, e->subject);
    if (h && (h->depth < depth || (h->depth == depth && h->seq > e->seq)))
        return;
    if (!h) {
        h = palloc(sizeof *h);
        h->subject = span_cstring(e->subject);
        g->holds = lappend(g->holds, h);
    }
    h->depth = depth;
    h->seq = e->seq;
    h->body = span_cstring(e->body);
}

static bool list_has(const aigov_json *j, uint32_t object, const char *name,
                     aigov_span want)
{
    uint32_t i, list = aigov_json_get(j, object, name);

    if (!want.p || !list || j->node[list].type != AIGOV_JSON_ARRAY)
        return false;
    for (i = list + 1; i < j->node[list].next; i = j->node[i].next) {
        if (aigov_span_eq(aigov_json_text(j, i), want))
            return true;
    }
    return false;
}

static bool member_time(const aigov_json *j, uint32_t object, const char *name,
                        int64_t *at)
{
    uint32_t i = aigov_json_get(j, object, name);

    return i && aigov_time_parse(aigov_json_text(j, i), at);
}

static bool fields_cover(const aigov_json *j, uint32_t fields,
                         const aigov_entry *e)
{
    uint32_t state = aigov_json_get(j, fields, "state");
    int64_t from, to;
    bool period;

    if (!state || !aigov_span_is(aigov_json_text(j, state), "on"))
        return false;
    if (list_has(j, fields, "entries", e->id))
        return true;
    period = (!member_time(j, fields, "from_at", &from) || e->at >= from) &&
             (!member_time(j, fields, "to_at", &to) || e->at <= to);
    if (aigov_json_get(j, fields, "systems"))
        return period && list_has(j, fields, "systems", e->system);
    return period && !aigov_json_get(j, fields, "entries");
}

static bool covers(const hold *h, const aigov_entry *e)
{
    aigov_json j = {.ctx = core()->ctx};
    bool yes = true;
    uint32_t fields;
    aigov_error err;

    if (aigov_json_read(&j, AIGOV_JSON_STRICT, aigov_str(h->body), &err) ==
            AIGOV_OK &&
        (fields = aigov_json_get(&j, 0, "fields")) != 0)
        yes = fields_cover(&j, fields, e);
    aigov_json_free(&j);
    return yes;
}

char *hold_over(writer *w, const aigov_entry *e)
{
    gather g = {log_chain(w->own->log), NIL};
    ListCell *cell;

    rows_of(w->entry.rel, SnapshotSelf, "hold", AIGOV_ABSENT, keep, &g);
    foreach (cell, g.holds) {
        hold *h = lfirst(cell);

        if (covers(h, e))
            return h->subject;
    }
    return NULL;
}
