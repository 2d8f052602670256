/*
 * reader.h - the state of a read, shared by json.c and decode.c
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A function that gives NULL or false has set r->status and *r->err, or
 * r->restart; its callers only pass that on.
 */
#ifndef AIGOV_BASE_READER_H
#define AIGOV_BASE_READER_H

#include "internal.h"

struct aigov__chunk {
    struct aigov__chunk *next;
    size_t cap, n;
    char data[];
};

struct reader {
    aigov_json *j;
    struct aigov__json *x;
    aigov_error *err;
    const char *text, *end;
    const char *poll; /* ask the host when the cursor is beyond */
    uint32_t nodes, open;
    uint32_t depth;
    uint32_t deep; /* node at depth AIGOV_MAX_DEPTH + 1 being skipped, or 0 */
    bool judging;  /* offences count: not SYNTAX, not in a deep value */
    bool escaping;
    bool restart;  /* CONTENT met its first offence: read again, escaping */
    uint8_t taint; /* flags for the value at hand */
    size_t bad_at; /* lowest offence, or AIGOV_NO_POS */
    const char *bad_what;
    aigov_status status; /* why a function gave NULL or false */
    char *w, *w_end;     /* the open string of the arena, its room's end */
    char *w_start;
    char none[1]; /* where w points while there is no chunk */
};

/* Refuse the byte at p (or the end of the text); gives NULL. */
const char *aigov__syntax(struct reader *r, const char *p, const char *what);
/* Gives NULL. */
const char *aigov__read_nomem(struct reader *r);
/* Note an offence against I-JSON at p; false: stop and start over. */
bool aigov__offence(struct reader *r, const char *p, const char *what);

/* A string of the arena: open, put ..., close into node i. */
void aigov__open_string(struct reader *r);
bool aigov__put(struct reader *r, const char *p, size_t n);
void aigov__close_string(struct reader *r, uint32_t i);

/* Put the byte >= 0x80 at p and what belongs to it; returns what follows. */
const char *aigov__put_non_ascii(struct reader *r, const char *p);
/* Decode the string that began at start from p on, into node i; returns what
 * follows its quote. */
const char *aigov__decode(struct reader *r, const char *start, const char *p,
                          uint32_t i);

#endif
