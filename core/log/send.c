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
 *
 * What outside detectors found is said of places of the record.  So where there
 * is any, it is replaced in the text as it was handed in, and the object is
 * made of what that gives.
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

/* --- what outside detectors found ---------------------------------------- */

static bool leaves(aigov_span name)
{
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        if (aigov_span_is(name, names[k])) {
            return true;
        }
    }
    return false;
}

/* Replace what is found in each member that leaves, in the order of the text,
 * as r->outside is. */
static aigov_status rewrite(aigov__rewriter *w, const aigov_json *j,
                            aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    for (uint32_t i = 1; i < j->node[0].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        if (leaves(aigov__text(j, i))) {
            st = aigov__rewrite_value(w, i + 1, AIGOV__IN_PARTS, err);
        }
    }
    return st;
}

/* Read json into j, and where outside detectors found something in it, what it
 * is without that, which is kept in *without. */
static aigov_status read_text(aigov_record *r, aigov_span json,
                              aigov_buf *without, aigov_json *j,
                              aigov_error *err)
{
    aigov_status st = aigov_json_read(j, AIGOV_JSON_CONTENT, json, err);
    aigov__rewriter *w;
    if (st != AIGOV_OK || r->outsides == 0) {
        return st;
    }
    w = aigov__rewriter_of(r->scanner);
    if (w == NULL) {
        return aigov__nomem(err);
    }
    aigov__rewrite_begin(w, j, json, without);
    aigov__rewrite_outside(w, r->outside, r->outsides);
    st = rewrite(w, j, err);
    if (st == AIGOV_OK && !aigov__rewrite_end(w, true)) {
        st = aigov__nomem(err);
    }
    return st == AIGOV_OK ? aigov_json_read(j, AIGOV_JSON_CONTENT,
                                            aigov_buf_span(without), err)
                          : st;
}

aigov_status aigov_record_send(aigov_record *r, aigov_span json, aigov_buf *out,
                               aigov_error *err)
{
    aigov_json j = {.ctx = r->ctx};
    aigov_buf without, text, clean;
    aigov_status st;
    aigov_buf_init(&without, r->ctx);
    aigov_buf_init(&text, r->ctx);
    aigov_buf_init(&clean, r->ctx);
    aigov__scanner_for(r->scanner, r->in_force, AIGOV__MODEL, r->col.system);
    st = read_text(r, json, &without, &j, err);
    if (st == AIGOV_OK) {
        st = gather(&j, &text, err);
    }
    if (st == AIGOV_OK) {
        st = aigov_redact_json(r->scanner, aigov_buf_span(&text), &clean, NULL,
                               err);
    }
    if (st == AIGOV_OK) {
        st = aigov_canonical(r->ctx, aigov_buf_span(&clean), out, err);
    }
    aigov_buf_free(&without);
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
