/*
 * rows.c - the latest, or a given, revision of a governance record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Read with SnapshotSelf under lane 0, over the own log and those it continues:
 * a put goes on counting where the log before the restore ended.
 */
#include "pg_aigov.h"

typedef struct search {
    List *logs;
    int64 wanted; /* 0: the latest */
    revision *out;
} search;

static void consider(void *arg, const aigov_entry *e)
{
    search *s = arg;
    char *text;
    int64 number;

    if (!list_member_int(s->logs, (int)e->log) || !e->body.p)
        return;
    text = json_member(e->body, "revision");
    number = text ? atol(text) : 0;
    if (number <= s->out->number || (s->wanted && number != s->wanted))
        return;
    s->out->number = number;
    s->out->log = (int32)e->log;
    s->out->lane = (int32)e->lane;
    s->out->seq = e->seq;
    s->out->login = json_member(e->recorded_by, "login");
    s->out->body = span_cstring(e->body);
    s->out->hash = e->hash.n == AIGOV_HASH_LEN
                       ? memcpy(palloc(AIGOV_HASH_LEN), e->hash.p, e->hash.n)
                       : palloc0(AIGOV_HASH_LEN);
}

void latest_revision(writer *w, const char *kind, aigov_span subject,
                     int64 wanted, revision *out)
{
    search s = {log_chain(w->own->log), wanted, out};

    memset(out, 0, sizeof *out);
    rows_of(w->entry.rel, SnapshotSelf, kind, subject, consider, &s);
}
