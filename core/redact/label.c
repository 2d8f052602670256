/*
 * label.c - a name beside a value: {"name":"password","value":"..."}
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * As in lists of variables, headers and parameters: what the member `name` says
 * is context of the member `value` of the same object.
 */
#include "level.h"

#define MAX_LABEL_MEMBERS 16 /* of an object, where a name is looked for */

static bool is_one_of(aigov_span s, const char *const *list)
{
    while (*list != NULL && !aigov_span_is(s, *list)) {
        list++;
    }
    return *list != NULL;
}

aigov_span aigov__label_of(const aigov_json *j, uint32_t object,
                           aigov_span name)
{
    static const char *const values[] = {"value",   "Value",   "val",
                                         "example", "default", NULL};
    static const char *const names[] = {"name",     "Name",      "key",
                                        "Key",      "field",     "header",
                                        "variable", "parameter", NULL};
    uint32_t i = object + 1, seen = 0;
    if (!is_one_of(name, values)) {
        return AIGOV_ABSENT;
    }
    for (; i < j->node[object].next && seen < MAX_LABEL_MEMBERS;
         i = j->node[i + 1].next, seen++) {
        if (j->node[i + 1].type == AIGOV_JSON_STRING &&
            is_one_of(aigov__text(j, i), names)) {
            return aigov__text(j, i + 1);
        }
    }
    return AIGOV_ABSENT;
}
