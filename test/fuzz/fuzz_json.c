/*
 * fuzz_json.c - the reader in its three modes, and the slicing of arrays
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Aborts where the modes contradict each other: whatever STRICT takes SYNTAX
 * takes, whatever SYNTAX takes CONTENT keeps (but for too much depth), an error
 * has an offset in the text, the nodes form a tree.
 */
#include <stdlib.h>
#include <string.h>

#include "aigov.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held) {
        abort();
    }
}

/* Every node's `next` ends inside what holds it; sizes count right. */
static void check_tree(const aigov_json *j, size_t length)
{
    uint64_t children = 0, counted = 0;

    must(j->nodes > 0 && j->node[0].next == j->nodes);
    for (uint32_t i = 0; i < j->nodes; i++) {
        const aigov_node *n = &j->node[i];
        must(n->next > i && n->next <= j->nodes && n->at < length);
        if (n->type == AIGOV_JSON_STRING) {
            must(n->text != NULL);
            must(aigov_utf8_valid((aigov_span){n->text, n->size}) == n->size);
        }
        if (n->type < AIGOV_JSON_ARRAY) {
            must(n->next == i + 1);
            continue;
        }
        counted +=
            n->type == AIGOV_JSON_OBJECT ? 2 * (uint64_t)n->size : n->size;
        for (uint32_t k = i + 1; k < n->next; k = j->node[k].next) {
            must(j->node[k].next <= n->next);
            children++;
            if (children > 8 * (uint64_t)j->nodes) {
                return; /* deep: this check is quadratic */
            }
        }
    }
    must(children == counted);
}

static aigov_status read_as(aigov_json *j, aigov_json_mode mode, aigov_span s)
{
    aigov_error err;
    aigov_status status = aigov_json_read(j, mode, s, &err);

    if (status == AIGOV_OK) {
        check_tree(j, s.n);
    } else {
        must(err.code == status && err.pos <= s.n);
    }
    return status;
}

static void check_slices(aigov_json *j, aigov_span s, bool is_json)
{
    aigov_span element;
    aigov_error err;
    size_t pos = 0, n = 0;
    aigov_status status;

    while ((status = aigov_json_elements(s, &pos, &element, &err)) ==
               AIGOV_OK &&
           element.p != NULL) {
        must(element.n > 0 && element.p > s.p &&
             element.p + element.n < s.p + s.n);
        n++;
    }
    if (is_json) {
        must((status == AIGOV_OK) == (j->node[0].type == AIGOV_JSON_ARRAY));
        must(status != AIGOV_OK || n == j->node[0].size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    aigov_span s = {(const char *)data, size};
    aigov_ctx *ctx;
    aigov_error err;

    must(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK);
    aigov_json j = {.ctx = ctx};
    aigov_status strict = read_as(&j, AIGOV_JSON_STRICT, s);
    aigov_status content = read_as(&j, AIGOV_JSON_CONTENT, s);
    must(strict != AIGOV_OK || content == AIGOV_OK);
    must(strict != AIGOV_NOTIJSON || (content == AIGOV_OK && j.nonconforming));
    aigov_status syntax = read_as(&j, AIGOV_JSON_SYNTAX, s);
    must((syntax == AIGOV_OK) ==
         (strict == AIGOV_OK || strict == AIGOV_NOTIJSON));
    must(syntax != AIGOV_OK || content == AIGOV_OK);
    check_slices(&j, s, syntax == AIGOV_OK);
    if (syntax == AIGOV_OK && s.p[0] == '{' && s.p[size - 1] == '}') {
        must(aigov_json_is_one_object(s));
    }
    if (syntax != AIGOV_OK && syntax != AIGOV_TOOBIG) {
        aigov_json_is_one_object(s);
    }
    aigov_json_free(&j);
    aigov_ctx_free(ctx);
    return 0;
}
