/*
 * facts.c - the facts that a caller may give with a record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   "facts":{"req":{"channel":"web"},"actor":{"team":"claims"}}
 *
 * Only paths whose source in facts.csv is `caller` or `outside`, each of its
 * type.  A policy must be able to trust that what comes from the register, the
 * record or the ledger was not typed in beside it.
 */
#include "internal.h"

#define MAX_FACT_TEXT 1024
#define MAX_FACT_LIST 256
#define MAX_PATH 64

static const aigov__fact *find(const char *path)
{
    const aigov__fact *f;
    for (size_t i = 0; (f = aigov__fact_at(i)) != NULL; i++) {
        int order = strcmp(f->path, path);
        if (order >= 0) {
            return order == 0 ? f : NULL;
        }
    }
    return NULL;
}

/* "req.channel" of the two names, or false where that cannot be a path. */
static bool join(const aigov_json *j, uint32_t group, uint32_t name,
                 char path[MAX_PATH])
{
    aigov_span a = aigov_json_text(j, group), b = aigov_json_text(j, name);
    if (!aigov__name_shown(a) || !aigov__name_shown(b) ||
        a.n + b.n + 2 > MAX_PATH) {
        return false;
    }
    memcpy(path, a.p, a.n);
    path[a.n] = '.';
    memcpy(path + a.n + 1, b.p, b.n);
    path[a.n + 1 + b.n] = '\0';
    return true;
}

static bool is_text(const aigov_json *j, uint32_t node)
{
    return j->node[node].type == AIGOV_JSON_STRING &&
           j->node[node].size <= MAX_FACT_TEXT;
}

static bool is_texts(const aigov_json *j, uint32_t node)
{
    if (j->node[node].type != AIGOV_JSON_ARRAY ||
        j->node[node].size > MAX_FACT_LIST) {
        return false;
    }
    for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
        if (!is_text(j, i)) {
            return false;
        }
    }
    return true;
}

static aigov_status typed(const aigov_json *j, uint32_t node,
                          const aigov__fact *f, aigov_error *err)
{
    static const char *const want[] = {"a text of at most 1024 bytes",
                                       "true or false",
                                       "an integer",
                                       "a number",
                                       "an array of at most 256 texts",
                                       "nothing"};
    uint8_t type = j->node[node].type;
    int64_t v;
    bool ok = false;
    switch (f->type) {
    case AIGOV__FACT_STRING:
        ok = is_text(j, node);
        break;
    case AIGOV__FACT_BOOL:
        ok = type == AIGOV_JSON_TRUE || type == AIGOV_JSON_FALSE;
        break;
    case AIGOV__FACT_INT:
        ok = aigov_json_i64(j, node, &v);
        break;
    case AIGOV__FACT_DOUBLE:
        ok = type == AIGOV_JSON_NUMBER;
        break;
    case AIGOV__FACT_LIST:
        ok = is_texts(j, node);
        break;
    default:
        break;
    }
    return ok ? AIGOV_OK
              : aigov_fail(err, AIGOV_FIELD, j->node[node].at,
                           "fact %s is %s, want %s", f->path,
                           aigov__type_name(j, node), want[f->type]);
}

static aigov_status unknown(const aigov_json *j, uint32_t name,
                            const char *path, aigov_error *err)
{
    aigov__near near = {aigov_str(path), NULL, 0};
    const aigov__fact *f;
    aigov_fail(err, AIGOV_FIELD, j->node[name].at, "unknown fact %s", path);
    for (size_t i = 0; (f = aigov__fact_at(i)) != NULL; i++) {
        if (f->given) {
            aigov__near_try(&near, f->path);
        }
    }
    return near.best != NULL ? aigov_hint(err, "did you mean %s?", near.best)
                             : err->code;
}

static aigov_status fact(const aigov_json *j, uint32_t group, uint32_t name,
                         aigov_error *err)
{
    char path[MAX_PATH];
    const aigov__fact *f;
    if (!join(j, group, name, path)) {
        return aigov_fail(err, AIGOV_FIELD, j->node[name].at, "unknown fact");
    }
    f = find(path);
    if (f == NULL) {
        return unknown(j, name, path, err);
    }
    if (!f->given) {
        return aigov_fail(err, AIGOV_FIELD, j->node[name].at,
                          "fact %s cannot be given, it comes from the %s", path,
                          f->source);
    }
    return typed(j, name + 1, f, err);
}

aigov_status aigov__facts(const aigov_json *j, uint32_t node, aigov_error *err)
{
    uint32_t end = j->node[node].next;
    for (uint32_t g = node + 1; g < end; g = j->node[g + 1].next) {
        if (j->node[g + 1].type != AIGOV_JSON_OBJECT) {
            return aigov_fail(err, AIGOV_FIELD, j->node[g + 1].at,
                              "a group of facts is %s, want an object",
                              aigov__type_name(j, g + 1));
        }
        uint32_t last = j->node[g + 1].next;
        for (uint32_t i = g + 2; i < last; i = j->node[i + 1].next) {
            aigov_status st = fact(j, g, i, err);
            if (st != AIGOV_OK) {
                return st;
            }
        }
    }
    return AIGOV_OK;
}
