/*
 * retake.h - what decide.c, retake.c, explain.c and audit.c share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_CORE_LOG_RETAKE_H
#define AIGOV_CORE_LOG_RETAKE_H

#include "internal.h"

#include "../policy/internal.h"

/* --- decide.c: facts out of an entry ------------------------------------- */

/* Whether members of its body stand in its content. */
bool aigov__has_moved(const aigov_entry *e);
/* The entry as a record again: columns, what moved to content, and body, side
 * by side, into b.  What moved is left out where content is absent. */
aigov_status aigov__entry_record(aigov_ctx *ctx, const aigov_entry *e,
                                 aigov_span content, aigov_buf *b,
                                 aigov_error *err);
/* What a record made of an entry says of its call; *retention: its class. */
aigov_status aigov__facts_said(aigov_policies *p, const aigov_json *j,
                               aigov_span *retention, aigov_error *err);
/* Of a completion data.* and content.* are the answer's: what the request said
 * of its own is absent again. */
void aigov__facts_answered(fact_set *f);
/* What was found in it: data.classes, data.counts, content.secrets. */
aigov_status aigov__facts_found(aigov_policies *p, const aigov_entry *e,
                                const aigov_json *j, aigov_error *err);

/* --- retake.c ------------------------------------------------------------ */

/* What a decision is taken again with; used again and again. */
typedef struct retake {
    aigov_ctx *ctx;
    const aigov_audit_host *host;
    aigov_policies *then; /* as of the entry's body.under */
    /* a replay: this version of `now` decides in place of what was in force */
    aigov_policies *now;
    policy_version *instead;
    uint8_t *reads; /* what it reads, by slot of now; NULL: no replay */
    aigov_buf record, request, fresh, kept, leaf;
    aigov_json j, before, content;
    uint32_t policy; /* body.policy in j, 0: none */
    bool moved_gone; /* members that had moved were erased with content */
    aigov_span retention;
    decision d;
} retake;

typedef enum retaken { RETAKEN_SAME, RETAKEN_DIFFERS, RETAKEN_UNKNOWN } retaken;

void aigov__retake_init(retake *t, aigov_ctx *ctx,
                        const aigov_audit_host *host);
void aigov__retake_free(retake *t);
/*
 * Take the decision of an entry again; t->then is ready.
 *
 * out     *result  UNKNOWN: what it was made of is gone
 *         why      where it is not SAME: "hash", "facts", "rules" ...
 *         t->d     what was decided now, t->fresh the same as body.policy says
 *                  it; both until the next call
 */
aigov_status aigov__retake(retake *t, const aigov_entry *e, retaken *result,
                           char why[AIGOV_AUDIT_WHY], aigov_error *err);

/* --- explain.c ----------------------------------------------------------- */

/* The decision that was just taken again, as one canonical object. */
aigov_status aigov__explain(retake *t, const aigov_entry *e, retaken result,
                            const char *why, aigov_buf *out, aigov_error *err);

#endif
