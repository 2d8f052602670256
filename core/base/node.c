/*
 * node.c - looking into what was read
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

uint32_t aigov_json_get(const aigov_json *j, uint32_t object, const char *name)
{
    const aigov_node *node = j->node;
    size_t n = strlen(name);

    if (node[object].type != AIGOV_JSON_OBJECT) {
        return 0;
    }
    for (uint32_t i = object + 1; i < node[object].next; i = node[i + 1].next) {
        if (node[i].size == n && memcmp(node[i].text, name, n) == 0) {
            return i + 1;
        }
    }
    return 0;
}

aigov_span aigov_json_text(const aigov_json *j, uint32_t i)
{
    const aigov_node *node = &j->node[i];

    if (node->type != AIGOV_JSON_STRING && node->type != AIGOV_JSON_NUMBER) {
        return AIGOV_ABSENT;
    }
    return (aigov_span){node->text, node->size};
}

/* A literal of up to 15 digits and nothing else, as most integers are. */
static bool short_integer(const aigov_node *node, int64_t *v)
{
    int64_t got = 0;

    if (node->type != AIGOV_JSON_NUMBER || node->size > 15) {
        return false;
    }
    for (uint32_t i = 0; i < node->size; i++) {
        unsigned digit = (uint8_t)(node->text[i] - '0');
        if (digit > 9) {
            return false;
        }
        got = got * 10 + digit;
    }
    *v = got;
    return true;
}

bool aigov_json_double(const aigov_json *j, uint32_t i, double *v)
{
    struct aigov__decimal d;
    int64_t integer;

    if (short_integer(&j->node[i], &integer)) {
        *v = (double)integer;
        return true;
    }
    if (j->node[i].type != AIGOV_JSON_NUMBER) {
        return false;
    }
    aigov__decimal_read(aigov_json_text(j, i), &d);
    double got = aigov__decimal_double(j->ctx, &d);
    if (got - got != 0) { /* infinite: only in SYNTAX */
        return false;
    }
    *v = got;
    return true;
}

bool aigov_json_i64(const aigov_json *j, uint32_t i, int64_t *v)
{
    const double limit = 9007199254740992.0; /* 2^53 */
    double d;

    if (short_integer(&j->node[i], v)) {
        return true;
    }
    if (!aigov_json_double(j, i, &d) || d < -limit || d > limit ||
        d != (double)(int64_t)d) {
        return false;
    }
    *v = (int64_t)d;
    return true;
}
