/*
 * sse.h - server-sent events
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The parser of the WHATWG HTML standard, section 9.2.6, fed in pieces of any
 * size: lines end in CR, LF or CR LF; a byte order mark before the first is
 * passed over; a line that begins with a colon is a comment; one space after
 * the colon of a field is dropped; `data` lines of one event are joined by LF;
 * an empty line ends the event.  `id` and `retry` concern a reader that would
 * connect again and are passed over.
 *
 * One thing is not the standard's: an event left open at the end counts, and so
 * does a last line without its end.  In a log a stream is often cut there.
 */
#ifndef AIGOV_IMPORT_SSE_H
#define AIGOV_IMPORT_SSE_H

#include "aigov.h"

/* An event that has data; the spans live until the function returns. */
typedef void (*sse_event_fn)(void *host, aigov_span event, aigov_span data);

typedef struct sse {
    aigov_buf line, event, data;
    bool begun;    /* the first line is over */
    bool after_cr; /* a LF that follows belongs to it */
    bool has_data; /* `data` came, be it empty */
    sse_event_fn give;
    void *host;
} sse;

void sse_init(sse *s, aigov_ctx *ctx, sse_event_fn give, void *host);
/* False: out of memory. */
bool sse_feed(sse *s, aigov_span bytes);
bool sse_end(sse *s);
void sse_free(sse *s);

#endif
