/*
 * injection.c - content.injection: the score of a record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The highest score of a text of the record, as it will be stored, so that it
 * can be computed again from what is kept; each string is a text of its own
 * (texts.c).  The operator, who may well say what the model is and must not do,
 * is not looked at.
 */
#include "internal.h"

typedef struct scoring {
    aigov_ctx *ctx;
    int highest;
} scoring;

static aigov_status score(void *arg, aigov_span text, bool operators,
                          aigov_error *err)
{
    scoring *s = arg;
    aigov_injection_score one;
    aigov_status st;
    if (operators) {
        return AIGOV_OK;
    }
    st = aigov_injection(s->ctx, text, &one, err);
    if (st == AIGOV_OK && one.score > s->highest) {
        s->highest = one.score;
    }
    return st;
}

aigov_status aigov__record_injection(const aigov_record *r, int *highest,
                                     aigov_error *err)
{
    scoring s = {r->ctx, 0};
    aigov_status st = aigov__record_texts(r, score, &s, err);
    *highest = s.highest;
    return st;
}
