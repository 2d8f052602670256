/*
 * fields.c - members of a revision's fields
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What is absent, null or of another type is absent, false or not there: put
 * checked the types, so a difference is an old catalogue's.
 */
#include "internal.h"

#define DAY_END (INT64_C(86400000000) - 1)

uint32_t aigov__field_node(const revision *v, const char *name)
{
    uint32_t i = aigov_json_get(&v->j, 0, name);
    return i != 0 && v->j.node[i].type != AIGOV_JSON_NULL ? i : 0;
}

aigov_span aigov__field_text(const revision *v, const char *name)
{
    uint32_t i = aigov__field_node(v, name);
    return i != 0 && v->j.node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(&v->j, i)
               : AIGOV_ABSENT;
}

bool aigov__field_bool(const revision *v, const char *name)
{
    uint32_t i = aigov__field_node(v, name);
    return i != 0 && v->j.node[i].type == AIGOV_JSON_TRUE;
}

bool aigov__field_int(const revision *v, const char *name, int64_t *out)
{
    uint32_t i = aigov__field_node(v, name);
    return i != 0 && v->j.node[i].type == AIGOV_JSON_NUMBER &&
           aigov_json_i64(&v->j, i, out);
}

bool aigov__field_time(const revision *v, const char *name, int64_t *out)
{
    aigov_span text = aigov__field_text(v, name);
    return text.p != NULL && aigov_time_parse(text, out);
}

bool aigov__field_day_end(const revision *v, const char *name, int64_t *out)
{
    char time[] = "0000-00-00T00:00:00Z";
    aigov_span text = aigov__field_text(v, name);
    if (text.n != 10) {
        return false;
    }
    memcpy(time, text.p, 10);
    if (!aigov_time_parse(aigov_str(time), out)) {
        return false;
    }
    *out += DAY_END;
    return true;
}

bool aigov__field_lists(const revision *v, const char *name, aigov_span text)
{
    uint32_t node = aigov__field_node(v, name);
    if (node == 0 || v->j.node[node].type != AIGOV_JSON_ARRAY) {
        return node != 0 && aigov_span_eq(aigov__field_text(v, name), text);
    }
    for (uint32_t i = node + 1; i < v->j.node[node].next;
         i = v->j.node[i].next) {
        if (v->j.node[i].type == AIGOV_JSON_STRING &&
            aigov_span_eq(aigov_json_text(&v->j, i), text)) {
            return true;
        }
    }
    return false;
}

static aigov_status put_field(const revision *v, uint32_t i, aigov_span value,
                              bool first, aigov_buf *out, aigov_error *err)
{
    if (!(first || aigov_buf_puts(out, ",")) ||
        !aigov_buf_put_json_string(out, aigov_json_text(&v->j, i)) ||
        !aigov_buf_puts(out, ":")) {
        return aigov__nomem(err);
    }
    if (value.p == NULL) {
        return aigov_json_canonical(&v->j, i + 1, out, err);
    }
    return aigov_buf_put(out, value.p, value.n) ? AIGOV_OK : aigov__nomem(err);
}

/* Members that are null are absent, and so left out. */
static aigov_status put_fields(const revision *v, const char *field,
                               aigov_span value, aigov_buf *out,
                               aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    bool first = true;
    for (uint32_t i = 1; i < v->j.nodes && st == AIGOV_OK;
         i = v->j.node[i + 1].next) {
        bool own = aigov_span_is(aigov_json_text(&v->j, i), field);
        if (v->j.node[i + 1].type == AIGOV_JSON_NULL ||
            (own && value.p == NULL)) {
            continue;
        }
        st = put_field(v, i, own ? value : AIGOV_ABSENT, first, out, err);
        first = false;
    }
    return st;
}

aigov_status aigov__fields_but(aigov_ctx *ctx, const revision *v,
                               const char *field, aigov_span value,
                               aigov_buf *out, aigov_error *err)
{
    aigov_buf text;
    aigov_status st;
    aigov_buf_init(&text, ctx);
    st = aigov_buf_puts(&text, "{") ? AIGOV_OK : aigov__nomem(err);
    if (st == AIGOV_OK) {
        st = put_fields(v, field, value, &text, err);
    }
    if (st == AIGOV_OK && !aigov_buf_puts(&text, "}")) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = aigov_canonical(ctx, aigov_buf_span(&text), out, err);
    }
    aigov_buf_free(&text);
    return st;
}
