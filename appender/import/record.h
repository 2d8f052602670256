/*
 * record.h - one line of an HTTP log to one aigov record
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_IMPORT_RECORD_H
#define AIGOV_IMPORT_RECORD_H

#include "provider.h"
#include "value.h"

/* Why a line is refused, in the order in which it is checked. */
typedef enum refusal {
    TAKEN_IN,
    NOT_JSON,
    NOT_AN_OBJECT,
    NO_URL,
    METHOD,
    PATH,
    NO_REQUEST,
    OTHER_IMPORTER
} refusal;

const char *refusal_word(refusal r);

typedef struct imported {
    aigov_span sample_id; /* absent where the line has none */
    shape shape;          /* from PATH on */
    value *record;        /* where it is taken in */
    size_t pos;           /* of NOT_JSON: byte offset */
} imported;

/*
 * All of it lives in the pool until its reset; the line must too.
 * system: where the line names none.
 */
refusal line_read(pool *p, aigov_span line, importer want, aigov_span system,
                  imported *out);

/* What `--dry-run` prints of a record: the keys of docs/import.md's figures. */
value *figures_of(pool *p, const imported *in);

/* --- reply.c: what the provider answered --------------------------------- */

typedef struct call {
    pool *pool;
    const value *line, *request;
    shape shape;
    int64_t http; /* 0: none */
    value *record, *attributes;
    /* documents.c; NULL: none */
    value *documents, *refs, *numbered;
    size_t ref_bytes;
} call;

/* output, status, error, usage and the rest that the reply says. */
void reply_read(call *c);

/* --- documents.c: what was read, what is cited ---------------------------- */

void documents_of_request(call *c);
/* After it; reply may be NULL.  Both go into the record. */
void documents_of_reply(call *c, const value *reply);

/* --- usage.c ------------------------------------------------------------- */

/* The provider's figures and OpenTelemetry's names beside. */
value *usage_of(pool *p, const value *usage, bool embeddings);
/* {"amount","currency"} from OpenRouter's usage.cost, or NULL. */
value *cost_of(pool *p, const value *usage);

/* --- failure.c ----------------------------------------------------------- */

/* {"type"[,"message"]} of a body; *code: its code, or absent. */
value *error_of(pool *p, const value *body, int64_t http, aigov_span *code);

/* --- date.c -------------------------------------------------------------- */

/* RFC 9110 5.6.7 and RFC 5322 dates, to RFC 3339 UTC; absent: it is none. */
aigov_span mail_date(pool *p, aigov_span text);
aigov_span seconds_date(pool *p, const value *seconds);

#endif
