/*
 * injection.c - content.injection: the score of a record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The highest score of a text of the record, as it will be stored, so that it
 * can be computed again from what is kept.  Each string is a text of its own:
 *
 *   request      input, documents, tool, tools
 *   response     output, tool, tools
 *   one-shot     all of them
 *
 * A message whose role is system or developer is the operator's, who may well
 * say what the model is and must not do; it is not looked at.
 */
#include "internal.h"

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

/* All strings of a value; names too. */
static aigov_status look_at(const aigov_record *r, uint32_t node, int *score,
                            aigov_error *err)
{
    const aigov_json *j = &r->j;
    uint32_t end = j->node[node].next, i = node;
    while (i < end) {
        if (j->node[i].type == AIGOV_JSON_STRING) {
            aigov_injection_score s;
            aigov_status st =
                aigov_injection(r->ctx, aigov_json_text(j, i), &s, err);
            if (st != AIGOV_OK) {
                return st;
            }
            *score = s.score > *score ? s.score : *score;
        } else if (j->node[i].type == AIGOV_JSON_OBJECT && is_operators(j, i)) {
            i = j->node[i].next;
            continue;
        }
        i++;
    }
    return AIGOV_OK;
}

aigov_status aigov__record_injection(const aigov_record *r, int *score,
                                     aigov_error *err)
{
    static const struct {
        const char *name;
        bool request, response;
    } members[] = {
        {"input", true, false},  {"documents", true, false},
        {"output", false, true}, {"tool", true, true},
        {"tools", true, true},
    };
    bool request = AIGOV__IS(r->draft.kind, "request");
    bool response = AIGOV__IS(r->draft.kind, "response");
    aigov_status st = AIGOV_OK;
    *score = 0;
    for (size_t k = 0; k < sizeof members / sizeof members[0]; k++) {
        bool counts = request    ? members[k].request
                      : response ? members[k].response
                                 : true;
        uint32_t node = counts ? aigov_json_get(&r->j, 0, members[k].name) : 0;
        if (node != 0 && st == AIGOV_OK) {
            st = look_at(r, node, score, err);
        }
    }
    return st;
}
