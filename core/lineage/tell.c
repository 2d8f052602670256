/*
 * tell.c - what a walk reached, told node by node
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Names come a batch at a time; the entry that states an edge is read once
 * where neighbours in the order share it.
 */
#include "tell.h"

void aigov__tell_free(aigov__telling *t)
{
    if (t->names != NULL) {
        aigov_buf_free(&t->names->text);
    }
    aigov_mfree(t->a->ctx, t->names, sizeof *t->names);
    aigov_buf_free(&t->stated.system);
}

aigov_status aigov__tell_init(aigov__telling *t, aigov__asking *a)
{
    *t = (aigov__telling){.a = a, .since = INT64_MIN, .until = INT64_MAX};
    aigov__stated_init(&t->stated, a->ctx);
    t->names = aigov_malloc(a->ctx, sizeof *t->names);
    if (t->names == NULL) {
        return aigov__nomem(a->err);
    }
    aigov__batch_init(t->names, a->g);
    return AIGOV_OK;
}

void aigov__tell_span(aigov__telling *t, size_t since)
{
    const aigov_cell *arg = t->a->arg;
    t->since = arg[since].null ? INT64_MIN : arg[since].i;
    t->until = arg[since + 1].null ? INT64_MAX : arg[since + 1].i;
}

bool aigov__tell_counts(const aigov__telling *t)
{
    return !t->stated.known ||
           (t->stated.at >= t->since && t->stated.at < t->until);
}

/* Every node that was reached, with its name and entry at hand. */
aigov_status aigov__tell_all(aigov__telling *t, aigov__tell_fn tell)
{
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < t->n && st == AIGOV_OK && !t->a->done;
         i += AIGOV__BATCH) {
        size_t n = t->n - i < AIGOV__BATCH ? t->n - i : AIGOV__BATCH;
        t->names->ids = 0;
        for (size_t j = 0; j < n; j++) {
            aigov__batch_add(t->names, t->reached[i + j].id);
        }
        st = aigov__batch_load(t->names, t->a->err);
        for (size_t j = 0; j < n && st == AIGOV_OK && !t->a->done; j++) {
            const aigov__reached *r = &t->reached[i + j];
            st = aigov__stated_brief(&t->stated, t->a->g, r->log, r->place,
                                     t->a->err);
            st = st == AIGOV_OK ? tell(t, r) : st;
        }
    }
    return st;
}
