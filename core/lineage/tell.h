/*
 * tell.h - what a walk reached, told node by node
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_LINEAGE_TELL_H
#define AIGOV_LINEAGE_TELL_H

#include "ask.h"

typedef struct aigov__telling {
    aigov__asking *a;
    const aigov__reached *reached;
    size_t n;
    bool more; /* the walk ended at the limit */
    aigov__batch *names;
    aigov__stated stated; /* of the node at hand */
    int64_t since, until;
} aigov__telling;

/* Free it whatever came of it. */
aigov_status aigov__tell_init(aigov__telling *t, aigov__asking *a);
void aigov__tell_free(aigov__telling *t);
/* Arguments i and i + 1 are since and until. */
void aigov__tell_span(aigov__telling *t, size_t i);
/* Whether the entry at hand is of that time; what follows from a name alone has
 * none, and counts. */
bool aigov__tell_counts(const aigov__telling *t);

/* Every node that was reached, with its name and what is brief of its entry at
 * hand. */
typedef aigov_status (*aigov__tell_fn)(aigov__telling *t,
                                       const aigov__reached *r);
aigov_status aigov__tell_all(aigov__telling *t, aigov__tell_fn tell);

#endif
