/*
 * lineage.h - what the files of `aigov lineage` share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_COMMAND_LINEAGE_H
#define AIGOV_COMMAND_LINEAGE_H

#include "command.h"

#include "aigov_lineage.h"

/* Arguments that are given by name: --max-distance is max_distance. */
enum { NAMED = 8 };
static const char *const named_options[NAMED] = {
    "--strength",  "--max-distance", "--since",   "--until",
    "--direction", "--from-time",    "--to-time", "--per"};

static inline bool argument_is(const char *name, const char *option)
{
    for (; *name != '\0' && *option != '\0'; name++, option++)
        if (*name != *option && !(*name == '_' && *option == '-'))
            return false;
    return *name == *option;
}

/* A question's arguments as they were typed; NULL: not given. */
typedef struct asked {
    const char *argument[AIGOV_MAX_ARGUMENTS];
    const char *limit, *as_of;
} asked;

bool ignore_row(void *host, int n, const aigov_span *v);
bool print_answer_row(void *host, int n, const aigov_span *v);

/* lineage_export.c: FINE, FAILED (a hash is wrong) or TROUBLE. */
int ask_export(const char *path, const aigov_question *q, const asked *a,
               backend_row_fn row, void *host);

#endif
