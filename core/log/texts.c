/*
 * texts.c - the texts of a record that facts are found in
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * As they will be stored, each string of them, names too:
 *
 *   request      system_instructions, input, documents, tool, tools
 *   response     output, tool, tools
 *   one-shot     all of them
 *
 * system_instructions, and a message whose role is system or developer, are the
 * operator's.
 */
#include "internal.h"

typedef struct looking {
    const aigov_json *j;
    aigov__text_fn *look;
    void *arg;
} looking;

static bool is_operators(const aigov_json *j, uint32_t object)
{
    uint32_t role = aigov_json_get(j, object, "role");
    aigov_span text;
    if (role == 0 || j->node[role].type != AIGOV_JSON_STRING) {
        return false;
    }
    text = aigov_json_text(j, role);
    return aigov_span_is(text, "system") || aigov_span_is(text, "developer");
}

static aigov_status look_at(const looking *l, uint32_t node, bool operators,
                            aigov_error *err)
{
    const aigov_json *j = l->j;
    uint32_t end = j->node[node].next, ours = operators ? end : node;
    aigov_status st = AIGOV_OK;
    for (uint32_t i = node; i < end && st == AIGOV_OK; i++) {
        if (j->node[i].type == AIGOV_JSON_STRING) {
            st = l->look(l->arg, aigov_json_text(j, i), i < ours, err);
        } else if (j->node[i].type == AIGOV_JSON_OBJECT && i >= ours &&
                   is_operators(j, i)) {
            ours = j->node[i].next;
        }
    }
    return st;
}

aigov_status aigov__record_texts(const aigov_record *r, aigov__text_fn *look,
                                 void *arg, aigov_error *err)
{
    static const struct {
        const char *name;
        bool request, response, operators;
    } members[] = {
        {"system_instructions", true, false, true},
        {"input", true, false, false},
        {"documents", true, false, false},
        {"output", false, true, false},
        {"tool", true, true, false},
        {"tools", true, true, false},
    };
    looking l = {&r->j, look, arg};
    bool request = AIGOV__IS(r->draft.kind, "request");
    bool response = AIGOV__IS(r->draft.kind, "response");
    aigov_status st = AIGOV_OK;
    for (size_t k = 0; k < sizeof members / sizeof members[0]; k++) {
        bool counts = request    ? members[k].request
                      : response ? members[k].response
                                 : true;
        uint32_t node = counts ? aigov_json_get(&r->j, 0, members[k].name) : 0;
        if (node != 0 && st == AIGOV_OK) {
            st = look_at(&l, node, members[k].operators, err);
        }
    }
    return st;
}
