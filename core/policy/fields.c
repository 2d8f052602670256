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
