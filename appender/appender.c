/*
 * appender.c - the handle: open, one append, close
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A handle is one database connection, one lock and one batch that waits.  The
 * library starts no thread, sets no signal handler and keeps nothing behind the
 * caller's back: every receipt is given in a call that the caller made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appender.h"

/* The numbers of the public header are those of status.def. */
_Static_assert(AIGOV_APPENDER_OK == (int)AIGOV_OK, "OK");
_Static_assert(AIGOV_APPENDER_NOMEM == (int)AIGOV_NOMEM, "NOMEM");
_Static_assert(AIGOV_APPENDER_ARG == (int)AIGOV_ARG, "ARG");
_Static_assert(AIGOV_APPENDER_BUSY == (int)AIGOV_BUSY, "BUSY");
_Static_assert(AIGOV_APPENDER_DENIED == (int)AIGOV_DENIED, "DENIED");
_Static_assert(AIGOV_APPENDER_FORKED == (int)AIGOV_FORKED, "FORKED");
_Static_assert(AIGOV_APPENDER_IO == (int)AIGOV_IO, "IO");
_Static_assert(AIGOV_APPENDER_NOTJSON == (int)AIGOV_NOTJSON, "NOTJSON");
_Static_assert(AIGOV_APPENDER_NOTIJSON == (int)AIGOV_NOTIJSON, "NOTIJSON");
_Static_assert(AIGOV_APPENDER_TOOBIG == (int)AIGOV_TOOBIG, "TOOBIG");
_Static_assert(AIGOV_APPENDER_FIELD == (int)AIGOV_FIELD, "FIELD");
_Static_assert(AIGOV_APPENDER_KIND == (int)AIGOV_KIND, "KIND");
_Static_assert(AIGOV_APPENDER_TAKEN == (int)AIGOV_TAKEN, "TAKEN");
_Static_assert(AIGOV_APPENDER_EPOCH == (int)AIGOV_EPOCH, "EPOCH");
_Static_assert(AIGOV_APPENDER_NOLOG == (int)AIGOV_NOLOG, "NOLOG");
_Static_assert(AIGOV_APPENDER_NO_POS == AIGOV_NO_POS, "NO_POS");

const char *aigov_appender_version(void)
{
    return aigov_version();
}

/* --- open ---------------------------------------------------------------- */

static void *libc_alloc(void *host, void *old, size_t old_n, size_t n)
{
    (void)host;
    (void)old_n;
    if (n == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, n);
}

/* Members that the program's header did not have yet stay 0. */
static aigov_appender_options given(const aigov_appender_options *options)
{
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;

    if (options != NULL && options->size > 0)
        memcpy(&o, options,
               options->size < sizeof o ? options->size : sizeof o);
    if (o.timeout_ms <= 0)
        o.timeout_ms = 5000;
    if (o.application == NULL)
        o.application = "aigov";
    if (o.batch_records == 0)
        o.batch_records = 500;
    if (o.batch_bytes == 0)
        o.batch_bytes = (size_t)1 << 20;
    if (o.alloc == NULL)
        o.alloc = libc_alloc;
    return o;
}

static aigov_status handle_new(const aigov_appender_options *o,
                               aigov_appender **out, aigov_error *err)
{
    aigov_appender *a = o->alloc(o->alloc_host, NULL, 0, sizeof *a);
    aigov_status st;

    if (a == NULL)
        return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    *a = (aigov_appender){
        .alloc = {o->alloc, o->alloc_host},
        .pid = getpid(),
        .batch_records = o->batch_records,
        .batch_bytes = o->batch_bytes,
        .receipt = o->receipt,
        .receipt_host = o->receipt_host,
    };
    st = aigov_ctx_new(&a->alloc, &a->ctx, err);
    if (st != AIGOV_OK) {
        o->alloc(o->alloc_host, a, sizeof *a, 0);
        return st;
    }
    pthread_mutex_init(&a->lock, NULL);
    a->json.ctx = a->ctx;
    aigov_buf_init(&a->out, a->ctx);
    aigov_buf_init(&a->one, a->ctx);
    aigov_buf_init(&a->pending.text, a->ctx);
    *out = a;
    return AIGOV_OK;
}

static void handle_free(aigov_appender *a)
{
    aigov_alloc alloc = a->alloc;

    batch_free(a, &a->pending);
    aigov_json_free(&a->json);
    aigov_buf_free(&a->out);
    aigov_buf_free(&a->one);
    aigov_ctx_free(a->ctx);
    alloc.alloc(alloc.host, a, sizeof *a, 0);
}

int aigov_appender_open(const char *target,
                        const aigov_appender_options *options,
                        aigov_appender **out, aigov_appender_error *err)
{
    aigov_appender_options o = given(options);
    backend_options b = {BACKEND_APPEND, o.timeout_ms, o.application, o.login,
                         o.shares_sqlite != 0};
    aigov_appender *a = NULL;
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_status st;

    if (err != NULL)
        error_clear(err);
    *out = NULL;
    if (target == NULL || *target == '\0') {
        aigov_fail(&e, AIGOV_ARG, AIGOV_NO_POS, "no database is named");
        aigov_hint(&e, "give a postgresql:// URI or the path of a file");
        return error_set(err, &e, NULL);
    }
    st = handle_new(&o, &a, &e);
    if (st != AIGOV_OK || a == NULL)
        return error_set(err, &e, NULL);
    st = backend_open(a->ctx, target, &b, &a->backend, &e);
    if (st != AIGOV_OK) {
        pthread_mutex_destroy(&a->lock);
        handle_free(a);
        return error_set(err, &e, NULL);
    }
    *out = a;
    return 0;
}

/* --- every call ---------------------------------------------------------- */

int handle_enter(aigov_appender *a, aigov_appender_error *err)
{
    aigov_error e = {.pos = AIGOV_NO_POS};

    if (err != NULL)
        error_clear(err);
    if (a == NULL) {
        aigov_fail(&e, AIGOV_ARG, AIGOV_NO_POS, "the appender is NULL");
        aigov_hint(&e, "it was closed, or never opened");
        return error_set(err, &e, NULL);
    }
    /* Before the lock: another thread may have held it when the fork came. */
    if (a->pid != getpid()) {
        aigov_fail(&e, AIGOV_FORKED, AIGOV_NO_POS,
                   "this appender was opened before a fork");
        aigov_hint(&e, "open another one in the child");
        return error_set(err, &e, NULL);
    }
    pthread_mutex_lock(&a->lock);
    return 0;
}

void handle_leave(aigov_appender *a)
{
    pthread_mutex_unlock(&a->lock);
}

/* --- append -------------------------------------------------------------- */

static void append_locked(aigov_appender *a, aigov_span json,
                          aigov_appender_receipt *r)
{
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_status st;

    a->one.n = a->out.n = 0;
    st = record_with_id(a, json, &a->one, r->id, &e);
    if (st != AIGOV_OK) {
        receipt_failed(r, &e, NULL, false);
        return;
    }
    st = a->backend->ops->call(a->backend, BACKEND_ONE, aigov_buf_span(&a->one),
                               &a->out, &e);
    if (st == AIGOV_OK) {
        receipt_persisted(a, r, aigov_buf_span(&a->out));
        return;
    }
    if (e.pos != AIGOV_NO_POS && e.pos > json.n)
        e.pos = json.n; /* in or behind the id that was put in */
    receipt_failed(r, &e, a->backend->sqlstate, a->backend->unsure);
}

int aigov_appender_append(aigov_appender *a, const char *json, size_t n,
                          aigov_appender_receipt *receipt)
{
    receipt_clear(receipt);
    if (handle_enter(a, &receipt->error) == 0) {
        append_locked(a, (aigov_span){json, n}, receipt);
        handle_leave(a);
    }
    return receipt->error.code;
}

/* --- close --------------------------------------------------------------- */

int aigov_appender_close(aigov_appender **handle, aigov_appender_error *err)
{
    aigov_appender *a = handle == NULL ? NULL : *handle;
    int code = 0;

    if (err != NULL)
        error_clear(err);
    if (a == NULL)
        return 0;
    *handle = NULL;
    if (a->pid == getpid()) {
        code = aigov_appender_flush(a, err);
        pthread_mutex_destroy(&a->lock);
        a->backend->ops->close(a->backend);
    } else {
        a->backend->ops->abandon(a->backend);
    }
    handle_free(a);
    return code;
}
