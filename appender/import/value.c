/*
 * value.c - JSON as a tree that can be changed
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include <stdlib.h>
#include <string.h>

#include "value.h"

#include "../command/command.h"

/* --- memory -------------------------------------------------------------- */

struct pool_chunk {
    struct pool_chunk *next;
    size_t cap, n;
    char data[];
};

#define CHUNK ((size_t)1 << 16)

void pool_init(pool *p, aigov_ctx *ctx)
{
    *p = (pool){.ctx = ctx, .json = {.ctx = ctx}};
    aigov_buf_init(&p->buf, ctx);
}

/* One chunk is kept, so that lines of ordinary size allocate nothing. */
void pool_reset(pool *p)
{
    struct pool_chunk *c = p->chunk;

    while (c != NULL && c->next != NULL) {
        struct pool_chunk *next = c->next;

        free(c);
        c = next;
    }
    if (c != NULL)
        c->n = 0;
    p->chunk = c;
}

void pool_free(pool *p)
{
    pool_reset(p);
    free(p->chunk);
    aigov_json_free(&p->json);
    aigov_buf_free(&p->buf);
}

void *pool_alloc(pool *p, size_t n)
{
    struct pool_chunk *c = p->chunk;
    void *at;

    n = (n + 15) & ~(size_t)15;
    if (c == NULL || c->cap - c->n < n) {
        size_t cap = n > CHUNK ? n : CHUNK;

        c = need(malloc(sizeof *c + cap));
        *c = (struct pool_chunk){.next = p->chunk, .cap = cap};
        p->chunk = c;
    }
    at = c->data + c->n;
    c->n += n;
    return at;
}

aigov_span pool_copy(pool *p, aigov_span s)
{
    char *at;

    if (s.p == NULL)
        return s;
    at = pool_alloc(p, s.n + 1);
    memcpy(at, s.p, s.n);
    at[s.n] = '\0';
    return (aigov_span){at, s.n};
}

aigov_span pool_join(pool *p, aigov_span a, aigov_span b)
{
    char *at = pool_alloc(p, a.n + b.n + 1);

    if (a.n > 0)
        memcpy(at, a.p, a.n);
    if (b.n > 0)
        memcpy(at + a.n, b.p, b.n);
    at[a.n + b.n] = '\0';
    return (aigov_span){at, a.n + b.n};
}

/* --- making -------------------------------------------------------------- */

value *new_value(pool *p, aigov_json_type type)
{
    value *v = pool_alloc(p, sizeof *v);

    *v = (value){.type = (uint8_t)type};
    return v;
}

value *new_object(pool *p)
{
    return new_value(p, AIGOV_JSON_OBJECT);
}

value *new_array(pool *p)
{
    return new_value(p, AIGOV_JSON_ARRAY);
}

value *new_text(pool *p, aigov_span s)
{
    value *v = new_value(p, AIGOV_JSON_STRING);

    v->text = s.p == NULL ? AIGOV_LIT("") : s;
    return v;
}

value *new_integer(pool *p, int64_t i)
{
    value *v = new_value(p, AIGOV_JSON_NUMBER);
    char text[24];
    int n = snprintf(text, sizeof text, "%lld", (long long)i);

    v->text = pool_copy(p, (aigov_span){text, (size_t)n});
    return v;
}

value *new_bool(pool *p, bool b)
{
    return new_value(p, b ? AIGOV_JSON_TRUE : AIGOV_JSON_FALSE);
}

/* One level is copied, so that members can be added to either. */
static void copy_members(pool *p, value *c)
{
    const value *m = c->first;
    value **at = &c->first;

    for (; m != NULL; m = m->next) {
        value *copy = pool_alloc(p, sizeof *copy);

        *copy = *m;
        copy->cap = 0;
        copy->next = NULL;
        *at = copy;
        at = &copy->next;
        c->last = copy;
    }
}

value *copy_of(pool *p, const value *v)
{
    value *c = pool_alloc(p, sizeof *c);

    *c = *v;
    c->linked = false;
    c->next = NULL;
    c->cap = 0; /* what it joined is the original's */
    copy_members(p, c);
    return c;
}

static value *append(pool *p, value *container, const value *v)
{
    value *c = v->linked ? copy_of(p, v) : (value *)(uintptr_t)v;

    c->linked = true;
    c->next = NULL;
    if (container->last == NULL)
        container->first = c;
    else
        container->last->next = c;
    container->last = c;
    container->count++;
    return c;
}

value *push(pool *p, value *array, const value *v)
{
    return v == NULL ? NULL : append(p, array, v);
}

value *add(pool *p, value *object, aigov_span name, const value *v)
{
    value *c = append(p, object, v);

    c->name = name;
    return c;
}

value *set_span(pool *p, value *object, aigov_span name, const value *v)
{
    if (v == NULL)
        return NULL;
    for (value *m = object->first; m != NULL; m = m->next) {
        value keep = *m;

        if (!aigov_span_eq(m->name, name))
            continue;
        *m = *v;
        m->name = keep.name;
        m->next = keep.next;
        m->cap = 0;
        if (v->linked)
            copy_members(p, m);
        m->linked = true;
        return m;
    }
    return add(p, object, name, v);
}

value *set(pool *p, value *object, const char *name, const value *v)
{
    return set_span(p, object, aigov_str(name), v);
}

void set_text(pool *p, value *object, const char *name, aigov_span s)
{
    if (s.p != NULL)
        set(p, object, name, new_text(p, s));
}

void append_text(pool *p, value *v, aigov_span more)
{
    size_t n = v->text.n + more.n;

    if (more.n == 0)
        return;
    if (n > v->cap) {
        char *at = pool_alloc(p, 2 * n);

        if (v->text.n > 0)
            memcpy(at, v->text.p, v->text.n);
        v->text.p = at;
        v->cap = 2 * n;
    }
    /* cap says that the text is ours, in the pool */
    memcpy((char *)(uintptr_t)v->text.p + v->text.n, more.p, more.n);
    v->text.n = n;
}

void remove_member(value *object, const char *name)
{
    value **at = &object->first, *before = NULL;

    while (*at != NULL && !aigov_span_is((*at)->name, name)) {
        before = *at;
        at = &(*at)->next;
    }
    if (*at == NULL)
        return;
    if (object->last == *at)
        object->last = before;
    *at = (*at)->next;
    object->count--;
}

/* --- reading ------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const value *const *x = a, *const *y = b;
    size_t n = (*x)->name.n < (*y)->name.n ? (*x)->name.n : (*y)->name.n;
    int c = n == 0 ? 0 : memcmp((*x)->name.p, (*y)->name.p, n);

    if (c != 0)
        return c;
    return ((*x)->name.n > (*y)->name.n) - ((*x)->name.n < (*y)->name.n);
}

/* Whether a name of the object comes twice. */
static bool has_duplicates(pool *p, const value *object)
{
    const value **sorted;
    size_t n = 0;

    if (object->count < 2)
        return false;
    sorted = pool_alloc(p, object->count * sizeof(const value *));
    EACH(m, object)
    sorted[n++] = m;
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 1; i < n; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0)
            return true;
    return false;
}

/* The last of each name counts, in the place of the first. */
static void drop_duplicates(pool *p, value *object)
{
    value *m = object->first;

    object->first = object->last = NULL;
    object->count = 0;
    while (m != NULL) {
        value *next = m->next;

        m->linked = false;
        set_span(p, object, m->name, m);
        m = next;
    }
}

struct builder {
    pool *pool;
    aigov_span text;
    bool check; /* duplicates have to be looked for */
    bool found;
};

static aigov_span keep(const struct builder *b, uint32_t i)
{
    aigov_span s = {b->pool->json.node[i].text, b->pool->json.node[i].size};
    uintptr_t from = (uintptr_t)b->text.p, at = (uintptr_t)s.p;

    /* without escapes it is a slice of the text, which outlives the tree */
    if (at >= from && at < from + b->text.n)
        return s;
    return pool_copy(b->pool, s);
}

/* Recursion ends at AIGOV_MAX_DEPTH: the reader made sure. */
static value *build(struct builder *b, uint32_t i)
{
    const aigov_node *n = &b->pool->json.node[i];
    value *v = new_value(b->pool, (aigov_json_type)n->type);

    switch (n->type) {
    case AIGOV_JSON_STRING:
    case AIGOV_JSON_NUMBER:
        v->text = keep(b, i);
        break;
    case AIGOV_JSON_ARRAY:
        for (uint32_t k = i + 1; k < n->next; k = b->pool->json.node[k].next)
            append(b->pool, v, build(b, k));
        break;
    case AIGOV_JSON_OBJECT:
        for (uint32_t k = i + 1; k < n->next;
             k = b->pool->json.node[k + 1].next) {
            value *m = append(b->pool, v, build(b, k + 1));

            m->name = keep(b, k);
        }
        if (b->check && has_duplicates(b->pool, v)) {
            b->found = true;
            drop_duplicates(b->pool, v);
        }
        break;
    default:
        break;
    }
    return v;
}

value *value_read(pool *p, aigov_span text, bool unique, aigov_error *err)
{
    struct builder b = {.pool = p, .text = text};
    aigov_status st = aigov_json_read(&p->json, AIGOV_JSON_STRICT, text, err);
    value *v;

    /* What I-JSON forbids is allowed here, and is the append's to judge. */
    if (st == AIGOV_NOTIJSON) {
        b.check = true;
        st = aigov_json_read(&p->json, AIGOV_JSON_SYNTAX, text, err);
    }
    if (st != AIGOV_OK)
        return NULL;
    v = build(&b, 0);
    if (!b.found || !unique)
        return v;
    /* for its offset */
    aigov_json_read(&p->json, AIGOV_JSON_STRICT, text, err);
    return NULL;
}

value *value_read_strict_object(pool *p, aigov_span text)
{
    struct builder b = {.pool = p, .text = text};
    aigov_error ignored;

    if (aigov_json_read(&p->json, AIGOV_JSON_STRICT, text, &ignored) !=
            AIGOV_OK ||
        p->json.node[0].type != AIGOV_JSON_OBJECT)
        return NULL;
    return build(&b, 0);
}

/* --- looking ------------------------------------------------------------- */

const value *get(const value *object, const char *name)
{
    size_t n = strlen(name);

    if (!is_object(object))
        return NULL;
    EACH(m, object)
    if (m->name.n == n && memcmp(m->name.p, name, n) == 0)
        return m;
    return NULL;
}

value *get_mutable(value *object, const char *name)
{
    return (value *)(uintptr_t)get(object, name);
}

bool is_object(const value *v)
{
    return v != NULL && v->type == AIGOV_JSON_OBJECT;
}

bool is_array(const value *v)
{
    return v != NULL && v->type == AIGOV_JSON_ARRAY;
}

bool is_text(const value *v)
{
    return v != NULL && v->type == AIGOV_JSON_STRING;
}

bool is_true(const value *v)
{
    return v != NULL && v->type == AIGOV_JSON_TRUE;
}

bool is_null(const value *v)
{
    return v == NULL || v->type == AIGOV_JSON_NULL;
}

bool is_number(const value *v)
{
    return v != NULL && v->type == AIGOV_JSON_NUMBER;
}

bool is_integer(const value *v, int64_t *out)
{
    char text[24];

    if (!is_number(v) || v->text.n >= 20)
        return false;
    for (size_t i = 0; i < v->text.n; i++)
        if (v->text.p[i] != '-' && (v->text.p[i] < '0' || v->text.p[i] > '9'))
            return false;
    memcpy(text, v->text.p, v->text.n);
    text[v->text.n] = '\0';
    *out = strtoll(text, NULL, 10);
    return true;
}

aigov_span text_of(const value *v)
{
    return is_text(v) && v->text.n > 0 ? v->text : AIGOV_ABSENT;
}

aigov_span text_or(const value *v)
{
    return is_text(v) ? v->text : AIGOV_LIT("");
}

aigov_span type_of(const value *object)
{
    return text_of(get(object, "type"));
}

bool type_is(const value *object, const char *type)
{
    return aigov_span_is(type_of(object), type);
}

bool ends_with(aigov_span s, const char *end)
{
    size_t n = strlen(end);

    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

bool starts_with(aigov_span s, const char *start)
{
    size_t n = strlen(start);

    return s.n >= n && memcmp(s.p, start, n) == 0;
}

/* --- writing ------------------------------------------------------------- */

static void put(aigov_buf *out, const char *p, size_t n)
{
    if (!aigov_buf_put(out, p, n))
        need(NULL);
}

static void put_string(aigov_buf *out, aigov_span s)
{
    if (!aigov_buf_put_json_string(out, s))
        need(NULL);
}

void value_write(const value *v, aigov_buf *out)
{
    bool object = is_object(v), begun = false;

    switch (v->type) {
    case AIGOV_JSON_NULL:
        put(out, "null", 4);
        break;
    case AIGOV_JSON_FALSE:
        put(out, "false", 5);
        break;
    case AIGOV_JSON_TRUE:
        put(out, "true", 4);
        break;
    case AIGOV_JSON_NUMBER:
        put(out, v->text.p, v->text.n);
        break;
    case AIGOV_JSON_STRING:
        put_string(out, v->text);
        break;
    default:
        put(out, object ? "{" : "[", 1);
        EACH(m, v)
        {
            if (begun)
                put(out, ",", 1);
            begun = true;
            if (object) {
                put_string(out, m->name);
                put(out, ":", 1);
            }
            value_write(m, out);
        }
        put(out, object ? "}" : "]", 1);
    }
}

aigov_span value_canonical(pool *p, const value *v)
{
    aigov_json j = {.ctx = p->ctx};
    aigov_buf text, out;
    aigov_error err;
    aigov_span s;

    aigov_buf_init(&text, p->ctx);
    aigov_buf_init(&out, p->ctx);
    value_write(v, &text);
    if (aigov_json_read(&j, AIGOV_JSON_CONTENT, aigov_buf_span(&text), &err) !=
            AIGOV_OK ||
        aigov_json_canonical(&j, 0, &out, &err) != AIGOV_OK)
        need(NULL); /* our own text: only memory can fail */
    s = pool_copy(p, aigov_buf_span(&out));
    aigov_json_free(&j);
    aigov_buf_free(&text);
    aigov_buf_free(&out);
    return s;
}

aigov_span sha256_hex(pool *p, aigov_span bytes)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t hash[AIGOV_HASH_LEN];
    char *hex = pool_alloc(p, 65);
    aigov_error err;

    if (aigov_sha256(p->ctx, &bytes, 1, hash, &err) != AIGOV_OK)
        need(NULL);
    for (size_t i = 0; i < sizeof hash; i++) {
        hex[2 * i] = digit[hash[i] >> 4];
        hex[2 * i + 1] = digit[hash[i] & 15];
    }
    hex[64] = '\0';
    return (aigov_span){hex, 64};
}

value *digest_of(pool *p, aigov_span bytes)
{
    value *v = new_object(p);

    set(p, v, "sha256", new_text(p, sha256_hex(p, bytes)));
    set(p, v, "size", new_integer(p, (int64_t)bytes.n));
    return v;
}
