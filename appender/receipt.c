/*
 * receipt.c - errors and receipts, as the public header has them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The text of a receipt outlives the call, and may outlive the handle.  So it
 * carries its own allocator:
 *
 *   | struct owned: allocator, size | receipt JSON | NUL |
 *                                   ^ what the caller gets and frees
 */
#include <stdio.h>
#include <string.h>

#include "appender.h"

struct owned {
    aigov_alloc alloc;
    size_t n;
    char text[];
};

void error_clear(aigov_appender_error *e)
{
    *e = (aigov_appender_error){.pos = AIGOV_APPENDER_NO_POS};
}

int error_set(aigov_appender_error *out, const aigov_error *e,
              const char *sqlstate)
{
    if (out == NULL)
        return (int)e->code;
    error_clear(out);
    if (sqlstate == NULL || *sqlstate == '\0')
        sqlstate = aigov_status_sqlstate(e->code);
    out->code = (int)e->code;
    out->pos = e->pos;
    snprintf(out->sqlstate, sizeof out->sqlstate, "%s", sqlstate);
    snprintf(out->stage, sizeof out->stage, "%s", e->stage);
    snprintf(out->message, sizeof out->message, "%s", e->text);
    snprintf(out->hint, sizeof out->hint, "%s", e->hint);
    return out->code;
}

void receipt_clear(aigov_appender_receipt *r)
{
    *r = (aigov_appender_receipt){.state = AIGOV_NOT_PERSISTED};
    error_clear(&r->error);
}

static char *own(const aigov_alloc *alloc, aigov_span s)
{
    size_t n = sizeof(struct owned) + s.n + 1;
    struct owned *o = alloc->alloc(alloc->host, NULL, 0, n);

    if (o == NULL)
        return NULL;
    o->alloc = *alloc;
    o->n = n;
    memcpy(o->text, s.p, s.n);
    o->text[s.n] = '\0';
    return o->text;
}

void aigov_appender_free(char *json)
{
    struct owned *o;
    aigov_alloc alloc;

    if (json == NULL)
        return;
    o = (struct owned *)(void *)(json - offsetof(struct owned, text));
    alloc = o->alloc;
    alloc.alloc(alloc.host, o, o->n, 0);
}

static aigov_appender_duplicate duplicate(aigov_appender *a, aigov_span json)
{
    aigov_error ignored;
    uint32_t at;

    if (aigov_json_read(&a->json, AIGOV_JSON_SYNTAX, json, &ignored) !=
        AIGOV_OK)
        return AIGOV_APPENDER_UNCHECKED;
    at = aigov_json_get(&a->json, 0, "duplicate");
    if (at == 0 || a->json.node[at].type == AIGOV_JSON_FALSE)
        return AIGOV_APPENDER_NEW;
    return a->json.node[at].type == AIGOV_JSON_TRUE ? AIGOV_APPENDER_SAME
                                                    : AIGOV_APPENDER_UNCHECKED;
}

void receipt_persisted(aigov_appender *a, aigov_appender_receipt *r,
                       aigov_span json)
{
    aigov_error e;

    r->state = AIGOV_PERSISTED;
    r->json = own(&a->alloc, json);
    r->json_n = r->json == NULL ? 0 : json.n;
    r->duplicate = duplicate(a, json);
    if (r->json == NULL) {
        aigov_fail(&e, AIGOV_NOMEM, AIGOV_NO_POS,
                   "persisted, but out of memory for the receipt");
        aigov_hint(&e, "send the same id again for the first receipt");
        error_set(&r->error, &e, NULL);
    }
}

void receipt_failed(aigov_appender_receipt *r, const aigov_error *e,
                    const char *sqlstate, bool unsure)
{
    r->state = unsure ? AIGOV_POSSIBLY_PERSISTED : AIGOV_NOT_PERSISTED;
    error_set(&r->error, e, sqlstate);
}
