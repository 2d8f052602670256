/*
 * cel_case.h - one expression through aigov_cel, its answer in one line
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_TEST_CEL_CASE_H
#define AIGOV_TEST_CEL_CASE_H

#include "text.h"

/*
 * "int 3", "string abc", "list [...]", "error no_such_key 5", or "status NAME";
 * out is emptied first.  Valid until out is used again.
 */
static inline const char *cel_answer(aigov_ctx *ctx, aigov_span expr,
                                     aigov_span bindings,
                                     aigov_span declarations, aigov_buf *out)
{
    aigov_buf json = {.ctx = ctx};
    aigov_json j = {.ctx = ctx};
    aigov_error err;
    uint32_t i;

    out->n = 0;
    aigov_status status =
        aigov_cel(ctx, expr, bindings, declarations, &json, &err);
    if (status != AIGOV_OK) {
        aigov_buf_puts(out, "status ");
        aigov_buf_puts(out, aigov_status_name(status));
    } else if (aigov_json_read(&j, AIGOV_JSON_SYNTAX, aigov_buf_span(&json),
                               &err) != AIGOV_OK) {
        aigov_buf_puts(out, "no JSON");
    } else if ((i = aigov_json_get(&j, 0, "error")) != 0) {
        aigov_span name = aigov_json_text(&j, i);
        aigov_span at = aigov_json_text(&j, aigov_json_get(&j, 0, "at"));
        aigov_buf_puts(out, "error ");
        aigov_buf_put(out, name.p, name.n);
        aigov_buf_puts(out, " ");
        aigov_buf_put(out, at.p, at.n);
    } else {
        i = aigov_json_get(&j, 0, "v");
        aigov_span t = aigov_json_text(&j, aigov_json_get(&j, 0, "t"));
        aigov_buf_put(out, t.p, t.n);
        aigov_buf_puts(out, " ");
        aigov_span v = {json.p + j.node[i].at, json.n - j.node[i].at - 1};
        v = j.node[i].type == AIGOV_JSON_STRING ? aigov_json_text(&j, i) : v;
        aigov_buf_put(out, v.p, v.n);
    }
    aigov_buf_put(out, "", 1);
    out->n--;
    aigov_json_free(&j);
    aigov_buf_free(&json);
    return out->p;
}

#endif
