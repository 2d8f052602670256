/*
 * stream.h - a streamed reply put together as if it had not been streamed
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * docs/import.md, "Event streams": which pieces join, which replace, and what
 * says that a stream is whole.
 */
#ifndef AIGOV_IMPORT_STREAM_H
#define AIGOV_IMPORT_STREAM_H

#include "provider.h"
#include "value.h"

typedef struct stream {
    pool *pool;
    value *reply;
    const value *error; /* the first event that carries one, or NULL */
    int64_t skipped;    /* events that are no JSON object */
    bool whole;         /* the provider said why the model stopped */
} stream;

/* Whether a line of the text begins as one of an event stream does. */
bool looks_like_stream(aigov_span text);
/* n: how many choices the request asked for. */
void stream_read(stream *s, pool *p, dialect d, aigov_span text, int64_t n);

/* One event each; type is that of the data, else the event field's. */
typedef struct assembly assembly;
struct assembly {
    stream *s;
    value *list; /* choices, items or blocks, each with "key" and what is
                    built of it under "it" */
    bool final;  /* Messages: a message_delta had usage */
    const value *x_groq_usage;
    void (*event)(assembly *a, aigov_span type, value *v);
};

void chat_event(assembly *a, aigov_span type, value *v);
void chat_finish(assembly *a, int64_t n);
void responses_event(assembly *a, aigov_span type, value *v);
void responses_finish(assembly *a);
void messages_event(assembly *a, aigov_span type, value *v);
void messages_finish(assembly *a);

/* What is built under `index`, or NULL; make adds `fresh` in index order. */
value *assembly_find(const assembly *a, int64_t index);
value *assembly_put(assembly *a, int64_t index, const value *fresh);

#endif
