/*
 * facts.c - the facts of one decision
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   {"actor":{"roles":["adjuster"]},"now":"2026-11-15T10:00:00.000000Z",
 *    "usage":{"team_month":{"tokens":412}}}
 *
 * A path of facts.csv is a path in this object.  An entry keeps in this form
 * what the rules in force read, but for what has the value of `absent`; read
 * again it gives the same facts, so the decision can be taken again.
 *
 *   int        a number without fraction within 2^53
 *   double     a number, or "Infinity", "-Infinity", "NaN"
 *   timestamp  RFC 3339, to the microsecond
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>

#define MICRO 1000000

/* --- setting ------------------------------------------------------------- */

void aigov__facts_free(fact_set *f)
{
    if (f->ctx == NULL) {
        return;
    }
    aigov__cel_arena_free(&f->arena);
    if (f->own != NULL) {
        aigov_mfree(f->ctx, f->own, f->slots * sizeof *f->own);
        aigov_mfree(f->ctx, f->value, f->slots * sizeof *f->value);
        aigov_mfree(f->ctx, f->given, f->slots);
    }
    memset(f, 0, sizeof *f);
}

static bool reserve(fact_set *f, size_t slots)
{
    aigov_ctx *ctx = f->ctx;
    cel_value *own = aigov_malloc(ctx, slots * sizeof *own);
    const cel_value **value = aigov_malloc(ctx, slots * sizeof *value);
    uint8_t *given = aigov_malloc(ctx, slots);
    if (own == NULL || value == NULL || given == NULL) {
        aigov_mfree(ctx, own, slots * sizeof *own);
        aigov_mfree(ctx, value, slots * sizeof *value);
        aigov_mfree(ctx, given, slots);
        return false;
    }
    aigov__facts_free(f);
    f->ctx = ctx;
    f->arena.ctx = ctx;
    f->own = own;
    f->value = value;
    f->given = given;
    f->slots = slots;
    return true;
}

aigov_status aigov__facts_begin(fact_set *f, aigov_ctx *ctx, size_t slots,
                                aigov_error *err)
{
    f->ctx = ctx;
    f->arena.ctx = ctx;
    if (f->slots != slots && !reserve(f, slots)) {
        return aigov__nomem(err);
    }
    aigov__cel_reset(&f->arena);
    for (size_t i = 0; i < slots; i++) {
        const fact_row *row = aigov__fact_row(i);
        f->own[i] = row->absent;
        f->value[i] = row->never ? NULL : &f->own[i];
    }
    memset(f->given, 0, slots);
    return AIGOV_OK;
}

void aigov__facts_set(fact_set *f, size_t slot, cel_value v)
{
    const fact_row *row = aigov__fact_row(slot);
    f->own[slot] = v;
    f->value[slot] = &f->own[slot];
    f->given[slot] = row->never || !aigov__cel_equal(&v, &row->absent);
}

bool aigov__facts_text(fact_set *f, size_t slot, aigov_span text)
{
    char *s = "";
    if (text.n > UINT32_MAX) {
        return false;
    }
    if (text.n > 0) {
        s = aigov__cel_alloc(&f->arena, text.n);
        if (s == NULL) {
            return false;
        }
        memcpy(s, text.p, text.n);
    }
    aigov__facts_set(
        f, slot,
        (cel_value){.kind = CEL_STRING, .n = (uint32_t)text.n, {.s = s}});
    return true;
}

void aigov__facts_bool(fact_set *f, size_t slot, bool v)
{
    aigov__facts_set(f, slot, (cel_value){.kind = CEL_BOOL, .n = 0, {.b = v}});
}

void aigov__facts_int(fact_set *f, size_t slot, int64_t v)
{
    aigov__facts_set(f, slot, (cel_value){.kind = CEL_INT, .n = 0, {.i = v}});
}

void aigov__facts_double(fact_set *f, size_t slot, double v)
{
    aigov__facts_set(f, slot,
                     (cel_value){.kind = CEL_DOUBLE, .n = 0, {.d = v}});
}

cel_value aigov__time_value(int64_t at)
{
    int64_t rest = at % MICRO;
    rest += rest < 0 ? MICRO : 0;
    return (cel_value){.kind = CEL_TIMESTAMP,
                       .n = (uint32_t)rest * 1000,
                       {.i = (at - rest) / MICRO}};
}

void aigov__facts_time(fact_set *f, size_t slot, int64_t at)
{
    aigov__facts_set(f, slot, aigov__time_value(at));
}

/* --- out of JSON --------------------------------------------------------- */

static cel_value text_value(const aigov_json *j, uint32_t i)
{
    return (cel_value){
        .kind = CEL_STRING, .n = j->node[i].size, {.s = j->node[i].text}};
}

/* The texts of j may go: what stays is copied. */
static bool keep(cel_arena *a, cel_value *v)
{
    char *s;
    if (v->n == 0) {
        v->s = "";
        return true;
    }
    s = aigov__cel_alloc(a, v->n);
    if (s != NULL) {
        memcpy(s, v->s, v->n);
        v->s = s;
    }
    return s != NULL;
}

static bool number(const aigov_json *j, uint32_t i, cel_value *out)
{
    int64_t whole;
    double d;
    if (aigov_json_i64(j, i, &whole)) {
        *out = (cel_value){.kind = CEL_INT, .n = 0, {.i = whole}};
        return true;
    }
    if (!aigov_json_double(j, i, &d)) {
        return false;
    }
    *out = (cel_value){.kind = CEL_DOUBLE, .n = 0, {.d = d}};
    return true;
}

/* The reader bounds the depth by AIGOV_MAX_DEPTH, and so this. */
static bool container(cel_arena *a, const aigov_json *j, uint32_t i,
                      cel_value *out)
{
    bool object = j->node[i].type == AIGOV_JSON_OBJECT;
    size_t n = j->node[i].size, each = object ? 2 : 1, k = 0;
    cel_value *items = NULL;
    if (n > 0) {
        items = aigov__cel_alloc(a, n * each * sizeof *items);
        if (items == NULL) {
            return false;
        }
    }
    for (uint32_t c = i + 1; c < j->node[i].next; c = j->node[c].next) {
        if (!aigov__facts_json(a, j, c, &items[k++])) {
            return false;
        }
    }
    *out = (cel_value){.kind = object ? CEL_MAP : CEL_LIST,
                       .n = (uint32_t)n,
                       {.items = items}};
    return true;
}

bool aigov__facts_json(cel_arena *a, const aigov_json *j, uint32_t i,
                       cel_value *out)
{
    switch (j->node[i].type) {
    case AIGOV_JSON_FALSE:
    case AIGOV_JSON_TRUE:
        *out = (cel_value){.kind = CEL_BOOL,
                           .n = 0,
                           {.b = j->node[i].type == AIGOV_JSON_TRUE}};
        return true;
    case AIGOV_JSON_NUMBER:
        return number(j, i, out);
    case AIGOV_JSON_STRING:
        *out = text_value(j, i);
        return keep(a, out);
    case AIGOV_JSON_ARRAY:
    case AIGOV_JSON_OBJECT:
        return container(a, j, i, out);
    default:
        *out = (cel_value){.kind = CEL_NULL};
        return true;
    }
}

bool aigov__facts_texts(fact_set *f, size_t slot, const aigov_json *j,
                        uint32_t i)
{
    cel_value v;
    if (!container(&f->arena, j, i, &v)) {
        return false;
    }
    aigov__facts_set(f, slot, v);
    return true;
}

/* --- reading typed facts ------------------------------------------------- */

typedef struct reading {
    fact_set *f;
    const aigov_cel_env *env;
    const aigov_json *j;
    aigov_error *err;
} reading;

static bool is_double(aigov_span s, double *d)
{
    *d = aigov_span_is(s, "Infinity")    ? HUGE_VAL
         : aigov_span_is(s, "-Infinity") ? -HUGE_VAL
                                         : NAN;
    return !isnan(*d) || aigov_span_is(s, "NaN");
}

static bool time_of(const aigov_json *j, uint32_t i, cel_value *out)
{
    int64_t at;
    if (j->node[i].type != AIGOV_JSON_STRING ||
        !aigov_time_parse(aigov_json_text(j, i), &at)) {
        return false;
    }
    *out = aigov__time_value(at);
    return true;
}

/* One of a fact's plain types; false: it is not. */
static bool scalar(const aigov_json *j, uint32_t i, const char *type,
                   cel_value *out)
{
    uint8_t t = j->node[i].type;
    double d;
    switch (type[0]) {
    case 's':
        *out = text_value(j, i);
        return t == AIGOV_JSON_STRING;
    case 'b':
        *out =
            (cel_value){.kind = CEL_BOOL, .n = 0, {.b = t == AIGOV_JSON_TRUE}};
        return t == AIGOV_JSON_TRUE || t == AIGOV_JSON_FALSE;
    case 'i':
        return t == AIGOV_JSON_NUMBER && number(j, i, out) &&
               out->kind == CEL_INT;
    case 't':
        return time_of(j, i, out);
    default: /* double */
        if (t == AIGOV_JSON_STRING
                ? !is_double(aigov_json_text(j, i), &d)
                : t != AIGOV_JSON_NUMBER || !aigov_json_double(j, i, &d)) {
            return false;
        }
        *out = (cel_value){.kind = CEL_DOUBLE, .n = 0, {.d = d}};
        return true;
    }
}

#define MAX_SORTED 1024 /* entries of a map that is written again */

/* Names in the order of RFC 8785, as an entry keeps them.  The items are in the
 * arena of the facts, so they are ours.  Insertion sort: what was kept is in
 * order. */
static bool sort_map(const cel_value *map)
{
    cel_value *item = (cel_value *)(uintptr_t)map->items;
    if (map->n > MAX_SORTED) {
        return false;
    }
    for (size_t i = 1; i < map->n; i++) {
        cel_value key = item[2 * i], value = item[2 * i + 1];
        size_t k = i;
        for (; k > 0; k--) {
            const cel_value *before = &item[2 * (k - 1)];
            if (aigov__utf16_compare((aigov_span){before->s, before->n},
                                     (aigov_span){key.s, key.n}) <= 0) {
                break;
            }
            item[2 * k] = before[0];
            item[2 * k + 1] = before[1];
        }
        item[2 * k] = key;
        item[2 * k + 1] = value;
    }
    return true;
}

/* `expires` of an element of approvals is a time; all else is text. */
static bool approval(const cel_value *map)
{
    for (uint32_t k = 0; k < map->n; k++) {
        cel_value *key = (cel_value *)(uintptr_t)&map->items[2 * (size_t)k];
        int64_t at;
        if (key[1].kind != CEL_STRING) {
            return false;
        }
        if (!aigov_span_is((aigov_span){key->s, key->n}, "expires")) {
            continue;
        }
        if (!aigov_time_parse((aigov_span){key[1].s, key[1].n}, &at)) {
            return false;
        }
        key[1] = aigov__time_value(at);
    }
    return true;
}

static bool approvals(const cel_value *list)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const cel_value *map = &list->items[i];
        if (map->kind != CEL_MAP || !sort_map(map) || !approval(map)) {
            return false;
        }
    }
    return true;
}

/* What each element of a list or value of a map must be. */
static bool elements(const cel_value *v, cel_kind kind)
{
    size_t each = v->kind == CEL_MAP ? 2 : 1;
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->items[each * i + each - 1].kind != kind) {
            return false;
        }
    }
    return true;
}

static bool typed_container(reading *r, uint32_t i, const char *type,
                            cel_value *out, bool *memory)
{
    uint8_t t = r->j->node[i].type;
    if (t != (type[0] == 'l' ? AIGOV_JSON_ARRAY : AIGOV_JSON_OBJECT)) {
        return false;
    }
    *memory = container(&r->f->arena, r->j, i, out);
    if (!*memory || strcmp(type, "map(string,dyn)") == 0) {
        return true;
    }
    if (type[0] == 'm') {
        return elements(out, CEL_INT) && sort_map(out);
    }
    return strcmp(type, "list(map)") == 0 ? approvals(out)
                                          : elements(out, CEL_STRING);
}

static aigov_status typed(reading *r, uint32_t i, size_t slot, const char *path)
{
    const char *type = aigov__fact_row(slot)->type;
    cel_value v;
    bool memory = true, fits;
    if (type[0] == 'l' || type[0] == 'm') {
        fits = typed_container(r, i, type, &v, &memory);
    } else {
        fits = scalar(r->j, i, type, &v);
        memory = !fits || v.kind != CEL_STRING || keep(&r->f->arena, &v);
    }
    if (!memory) {
        return aigov__nomem(r->err);
    }
    if (!fits) {
        return aigov_fail(r->err, AIGOV_FIELD, r->j->node[i].at,
                          "fact %s is not of type %s", path, type);
    }
    aigov__facts_set(r->f, slot, v);
    return AIGOV_OK;
}

#define MAX_PATH 256

/* Append a name to a path of length n; 0: that is no path. */
static size_t extend(char path[MAX_PATH], size_t n, aigov_span name)
{
    if (name.n == 0 || n + name.n + 2 > MAX_PATH) {
        return 0;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '_')) {
            return 0;
        }
    }
    if (n > 0) {
        path[n++] = '.';
    }
    memcpy(path + n, name.p, name.n);
    path[n + name.n] = '\0';
    return n + name.n;
}

static aigov_status read_group(reading *r, uint32_t object, char path[MAX_PATH],
                               size_t n, int depth);

static aigov_status read_member(reading *r, uint32_t name, char path[MAX_PATH],
                                size_t n, int depth)
{
    size_t length = extend(path, n, aigov_json_text(r->j, name));
    uint32_t slot = length > 0
                        ? aigov__cel_slot(r->env, (aigov_span){path, length})
                        : UINT32_MAX;
    if (length > 0 && r->j->node[name + 1].type == AIGOV_JSON_NULL) {
        return AIGOV_OK; /* what scanning took away is absent */
    }
    if (slot != UINT32_MAX) {
        return typed(r, name + 1, slot, path);
    }
    if (length > 0 && depth < 3 &&
        r->j->node[name + 1].type == AIGOV_JSON_OBJECT) {
        return read_group(r, name + 1, path, length, depth + 1);
    }
    aigov_fail(r->err, AIGOV_FIELD, r->j->node[name].at,
               length > 0 ? "unknown fact %s" : "unknown fact", path);
    return aigov_hint(r->err, "docs/policy.md lists the facts");
}

static aigov_status read_group(reading *r, uint32_t object, char path[MAX_PATH],
                               size_t n, int depth)
{
    aigov_status st = AIGOV_OK;
    for (uint32_t i = object + 1; i < r->j->node[object].next && st == AIGOV_OK;
         i = r->j->node[i + 1].next) {
        st = read_member(r, i, path, n, depth);
    }
    return st;
}

aigov_status aigov__facts_read(fact_set *f, const aigov_cel_env *env,
                               const aigov_json *j, uint32_t i,
                               aigov_error *err)
{
    reading r = {f, env, j, err};
    char path[MAX_PATH] = "";
    if (j->node[i].type != AIGOV_JSON_OBJECT) {
        return aigov_fail(err, AIGOV_FIELD, j->node[i].at,
                          "facts are not a JSON object");
    }
    return read_group(&r, i, path, 0, 1);
}

/* --- writing ------------------------------------------------------------- */

static bool write_value(aigov_ctx *ctx, const cel_value *v, aigov_buf *out);

static bool write_number(aigov_ctx *ctx, double d, aigov_buf *out)
{
    char text[32];
    if (isnan(d) || isinf(d)) {
        return aigov_buf_puts(out, isnan(d) ? "\"NaN\""
                                   : d > 0  ? "\"Infinity\""
                                            : "\"-Infinity\"");
    }
    return aigov_buf_put(out, text, aigov_number_format(ctx, d, text));
}

static bool write_time(const cel_value *v, aigov_buf *out)
{
    char text[AIGOV_TIME_LEN + 1];
    aigov_time_format(v->i * MICRO + v->n / 1000, text);
    return aigov_buf_put_json_string(out, aigov_str(text));
}

static bool write_map(aigov_ctx *ctx, const cel_value *map, aigov_buf *out)
{
    bool ok = aigov_buf_puts(out, "{");
    for (size_t i = 0; i < map->n && ok; i++) {
        ok = (i == 0 || aigov_buf_puts(out, ",")) &&
             write_value(ctx, &map->items[2 * i], out) &&
             aigov_buf_puts(out, ":") &&
             write_value(ctx, &map->items[2 * i + 1], out);
    }
    return ok && aigov_buf_puts(out, "}");
}

static bool write_list(aigov_ctx *ctx, const cel_value *list, aigov_buf *out)
{
    bool ok = aigov_buf_puts(out, "[");
    for (uint32_t i = 0; i < list->n && ok; i++) {
        ok = (i == 0 || aigov_buf_puts(out, ",")) &&
             write_value(ctx, &list->items[i], out);
    }
    return ok && aigov_buf_puts(out, "]");
}

/* Kinds that facts have; others do not come about. */
static bool write_value(aigov_ctx *ctx, const cel_value *v, aigov_buf *out)
{
    switch (v->kind) {
    case CEL_BOOL:
        return aigov_buf_puts(out, v->b ? "true" : "false");
    case CEL_INT:
        return aigov_buf_put_i64(out, v->i);
    case CEL_DOUBLE:
        return write_number(ctx, v->d, out);
    case CEL_STRING:
        return aigov_buf_put_json_string(out, (aigov_span){v->s, v->n});
    case CEL_TIMESTAMP:
        return write_time(v, out);
    case CEL_LIST:
        return write_list(ctx, v, out);
    case CEL_MAP:
        return write_map(ctx, v, out);
    default:
        return aigov_buf_puts(out, "null");
    }
}

/* Order of paths by their names: a dot is below all else. */
static int path_order(aigov_span a, aigov_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++) {
        int x = a.p[i] == '.' ? 0 : (unsigned char)a.p[i];
        int y = b.p[i] == '.' ? 0 : (unsigned char)b.p[i];
        if (x != y) {
            return x - y;
        }
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* Insertion sort: once for each set of rules, of some 60 slots. */
void aigov__facts_sort(const aigov_cel_env *env, uint32_t *slot, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t s = slot[i];
        size_t k = i;
        for (; k > 0 && path_order(env->variable[slot[k - 1]].name,
                                   env->variable[s].name) > 0;
             k--) {
            slot[k] = slot[k - 1];
        }
        slot[k] = s;
    }
}

/* Bytes of the names that two paths begin with, up to and with the dot. */
static size_t common(aigov_span a, aigov_span b)
{
    size_t n = 0;
    for (size_t i = 0; i < a.n && i < b.n && a.p[i] == b.p[i]; i++) {
        n = a.p[i] == '.' ? i + 1 : n;
    }
    return n;
}

static bool close_groups(aigov_span path, size_t from, aigov_buf *out)
{
    for (size_t i = from; i < path.n; i++) {
        if (path.p[i] == '.' && !aigov_buf_puts(out, "}")) {
            return false;
        }
    }
    return true;
}

/* The names of path from byte `from` on, each but the last opened. */
static bool open_groups(aigov_span path, size_t from, aigov_buf *out)
{
    bool ok = aigov_buf_puts(out, "\"");
    for (size_t i = from; i < path.n && ok; i++) {
        ok = path.p[i] == '.' ? aigov_buf_puts(out, "\":{\"")
                              : aigov_buf_put(out, &path.p[i], 1);
    }
    return ok && aigov_buf_puts(out, "\":");
}

bool aigov__facts_write(const fact_set *f, const aigov_cel_env *env,
                        const uint32_t *slot, size_t n, aigov_buf *out)
{
    aigov_span before = {"", 0};
    bool ok = aigov_buf_puts(out, "{");
    for (size_t i = 0; i < n && ok; i++) {
        aigov_span path = env->variable[slot[i]].name;
        size_t shared;
        if (f->given[slot[i]] == 0 || slot[i] == AIGOV__FACT_tool_args) {
            continue;
        }
        shared = common(before, path);
        ok = close_groups(before, shared, out) &&
             (before.n == 0 || aigov_buf_puts(out, ",")) &&
             open_groups(path, shared, out) &&
             write_value(f->ctx, f->value[slot[i]], out);
        before = path;
    }
    return ok && close_groups(before, 0, out) && aigov_buf_puts(out, "}");
}
