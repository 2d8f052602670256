/*
 * send.c - the request as it may leave
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What is stored is redacted for the store; what goes to a model is redacted
 * from the text that was handed in, by the profile of sink model.  So that a
 * completion can say what was sent (sent_digest), the object is canonical.
 *
 *   {"documents":[..],"input":..,"system_instructions":..,
 *    "tool":{"arguments":{..}},"tools":[..]}
 */
#include "internal.h"

static const char *const names[] = {"documents", "input", "system_instructions",
                                    "tool", "tools"};

static bool put_name(aigov_buf *b, bool *first, const char *name)
{
    bool ok = (*first || aigov_buf_puts(b, ",")) &&
              aigov_buf_put_json_string(b, aigov_str(name)) &&
              aigov_buf_puts(b, ":");
    *first = false;
    return ok;
}

/* Of a tool what it is called with. */
static aigov_status put_arguments(const aigov_json *j, uint32_t tool,
                                  bool *first, aigov_buf *b, aigov_error *err)
{
    uint32_t i = j->node[tool].type == AIGOV_JSON_OBJECT
                     ? aigov_json_get(j, tool, "arguments")
                     : 0;
    aigov_status st;
    if (i == 0) {
        return AIGOV_OK;
    }
    if (!put_name(b, first, "tool") || !aigov_buf_puts(b, "{\"arguments\":")) {
        return aigov__nomem(err);
    }
    st = aigov_json_canonical(j, i, b, err);
    return st == AIGOV_OK && !aigov_buf_puts(b, "}") ? aigov__nomem(err) : st;
}

static aigov_status gather(const aigov_json *j, aigov_buf *b, aigov_error *err)
{
    aigov_status st = aigov_buf_puts(b, "{") ? AIGOV_OK : aigov__nomem(err);
    bool first = true;
    for (size_t k = 0; k < sizeof names / sizeof names[0] && st == AIGOV_OK;
         k++) {
        uint32_t i = aigov_json_get(j, 0, names[k]);
        if (i == 0 || j->node[i].type == AIGOV_JSON_NULL) {
            continue;
        }
        if (strcmp(names[k], "tool") == 0) {
            st = put_arguments(j, i, &first, b, err);
        } else {
            st = put_name(b, &first, names[k])
                     ? aigov_json_canonical(j, i, b, err)
                     : aigov__nomem(err);
        }
    }
    return st == AIGOV_OK && !aigov_buf_puts(b, "}") ? aigov__nomem(err) : st;
}

aigov_status aigov_record_send(aigov_record *r, aigov_span json, aigov_buf *out,
                               aigov_error *err)
{
    aigov_json j = {.ctx = r->ctx};
    aigov_buf text, clean;
    aigov_status st = aigov_json_read(&j, AIGOV_JSON_CONTENT, json, err);
    aigov_buf_init(&text, r->ctx);
    aigov_buf_init(&clean, r->ctx);
    if (st == AIGOV_OK) {
        st = gather(&j, &text, err);
    }
    if (st == AIGOV_OK) {
        aigov__scanner_for(r->scanner, r->in_force, AIGOV__MODEL,
                           r->col.system);
        st = aigov_redact_json(r->scanner, aigov_buf_span(&text), &clean, NULL,
                               err);
    }
    if (st == AIGOV_OK) {
        st = aigov_canonical(r->ctx, aigov_buf_span(&clean), out, err);
    }
    aigov_buf_free(&text);
    aigov_buf_free(&clean);
    aigov_json_free(&j);
    return st;
}

aigov_status aigov_record_output(const aigov_record *r, aigov_buf *out,
                                 aigov_error *err)
{
    aigov_span content = aigov_buf_span(&r->content), name, value;
    size_t pos = 0;
    while (content.n > 0 && content.p[0] == '{' &&
           aigov__slice_next(content, &pos, &name, &value)) {
        if (aigov_span_is(name, "output")) {
            return aigov_buf_put(out, value.p, value.n) ? AIGOV_OK
                                                        : aigov__nomem(err);
        }
    }
    return aigov_buf_puts(out, "null") ? AIGOV_OK : aigov__nomem(err);
}

bool aigov_may_go(aigov_span decision)
{
    return !aigov_span_is(decision, "deny") &&
           !aigov_span_is(decision, "require_approval");
}
