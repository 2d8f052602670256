/*
 * appender.h - what the files of the library share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_APPENDER_INTERNAL_H
#define AIGOV_APPENDER_INTERNAL_H

#include <pthread.h>
#include <sys/types.h>

#include "aigov_appender.h"
#include "backend.h"

/* --- batch.c: records on their way --------------------------------------- */

/* One record: its text with its id, and what became of it. */
typedef struct item {
    size_t at, n; /* in batch.text */
    size_t given; /* its length before an id was put in */
    bool alone;   /* not UTF-8: PostgreSQL takes it one by one, as bytea */
    void *tag;
    aigov_appender_receipt receipt; /* error set: refused here, not sent */
} item;

typedef struct batch {
    aigov_buf text;
    item *item;
    size_t items, cap;
} batch;

/* --- appender.c: the handle ---------------------------------------------- */

struct aigov_appender {
    aigov_alloc alloc;
    pid_t pid; /* that opened it */
    pthread_mutex_t lock;
    size_t batch_records, batch_bytes;
    aigov_appender_receipt_fn receipt;
    void *receipt_host;
    /* all below: under lock */
    aigov_ctx *ctx;
    backend *backend;
    aigov_json json;    /* reads records and answers */
    aigov_buf out, one; /* scratch: what was sent and answered */
    batch pending;      /* of add */
};

/* Lock, after the checks every call begins with; err is filled. */
int handle_enter(aigov_appender *a, aigov_appender_error *err);
void handle_leave(aigov_appender *a);

/* --- receipt.c: errors and receipts -------------------------------------- */

void error_clear(aigov_appender_error *e);
/* The error of core, as the header gives it; returns its code. */
int error_set(aigov_appender_error *out, const aigov_error *e,
              const char *sqlstate);
void receipt_clear(aigov_appender_receipt *r);
/* Persisted: copies json; on AIGOV_NOMEM the receipt says both. */
void receipt_persisted(aigov_appender *a, aigov_appender_receipt *r,
                       aigov_span json);
void receipt_failed(aigov_appender_receipt *r, const aigov_error *e,
                    const char *sqlstate, bool unsure);
void batch_free(aigov_appender *a, batch *b);

/* --- record.c: the id that a record must have ---------------------------- */

/*
 * Append json to out, with an id where its object has none; id gets what the
 * record has.  AIGOV_NOTJSON and AIGOV_TOOBIG are found here, with the offset.
 */
aigov_status record_with_id(aigov_appender *a, aigov_span json, aigov_buf *out,
                            char id[AIGOV_UUID_LEN + 1], aigov_error *err);

#endif
