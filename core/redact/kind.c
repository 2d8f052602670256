/*
 * kind.c - the kind before the name of a node of lineage
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * person:ann@example.com becomes person:[EMAIL_ADDRESS]: a node whose name is
 * replaced stays a node of its kind (docs/records.md, "What is replaced").
 */
#include "rewrite.h"

#include "../aigov_lineage.h"

size_t aigov__kind_prefix(aigov_span name)
{
    size_t n = 0;
    while (n < name.n &&
           ((name.p[n] >= 'a' && name.p[n] <= 'z') ||
            (n > 0 &&
             (name.p[n] == '_' || (name.p[n] >= '0' && name.p[n] <= '9'))))) {
        n++;
    }
    return n > 0 && n + 1 < name.n && name.p[n] == ':' ? n + 1 : 0;
}

bool aigov__is_own_kind(aigov_span prefix)
{
    for (int k = AIGOV_NODE_IA; k < AIGOV_NODE_KINDS; k++) {
        const char *word = aigov_node_kind_name((aigov_node_kind)k);
        size_t n = strlen(word);
        if (prefix.n == n + 1 && memcmp(prefix.p, word, n) == 0) {
            return true;
        }
    }
    return false;
}
