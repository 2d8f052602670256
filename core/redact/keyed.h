/*
 * keyed.h - what a scanner keeps for the forms that need a key
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_REDACT_KEYED_H
#define AIGOV_REDACT_KEYED_H

#include "rules.h"

/* A value that was replaced by a token: both stand in `text`. */
typedef struct aigov__held {
    size_t at; /* token, then value */
    size_t token, value;
} aigov__held;

struct aigov__keyed {
    aigov_ctx *ctx;
    aigov_buf tenant;
    char id[AIGOV__KEY_ID + 1];    /* of the key that `pseudonym` is of */
    uint8_t pseudonym[AIGOV__KEY]; /* for the tenant */
    aigov_scanner *fold;           /* makes the one spelling of a value */
    aigov_buf normal;
    bool holds;
    aigov_buf text;
    aigov__held *held;
    size_t n, cap;
};

/* The state of a scanner; NULL: out of memory. */
struct aigov__keyed *aigov__keyed_of(aigov_scanner *s);
/* A token, and the value that it stands for; false: out of memory. */
bool aigov__hold(struct aigov__keyed *k, aigov_span token, aigov_span value);
/* normal.c: the one spelling of a value, appended to k->normal. */
bool aigov__put_normal(struct aigov__keyed *k, const char *entity,
                       aigov_span value);

#endif
