/*
 * canon.c - RFC 8785: sorting names, writing the canonical form
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Names are ordered by UTF-16 code units.  That is the order of UTF-8 bytes but
 * for one thing: U+E000..U+FFFF (lead bytes EE, EF) come after the surrogate
 * pairs of U+10000.. (lead bytes F0..F4).  Moving EE and EF behind F4 gives the
 * UTF-16 order byte by byte.
 */
#include "internal.h"

/* --- order of names ------------------------------------------------------ */

static inline uint8_t rank(uint8_t c)
{
    return (uint8_t)(c == 0xEE || c == 0xEF ? c + 7 : c);
}

int aigov__utf16_compare(aigov_span a, aigov_span b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;

    while (i < n && a.p[i] == b.p[i]) {
        i++;
    }
    if (i < n) {
        return (int)rank((uint8_t)a.p[i]) - (int)rank((uint8_t)b.p[i]);
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

/* The 8 bytes at p, the first the most significant. */
static inline uint64_t load_big(const char *p)
{
    uint64_t x;

    memcpy(&x, p, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

/* The first 8 bytes of a name, so ranked; zeros where it is shorter.  In the
 * text read, 8 bytes can be loaded at once whatever follows the name. */
static inline uint64_t head_of(const struct aigov__json *x,
                               const aigov_node *name)
{
    uint64_t head = 0;

    if (name->size > 0 && aigov__verbatim(x, name) &&
        x->end - name->text >= 8) {
        uint32_t over = name->size < 8 ? 64 - 8 * name->size : 0;
        head = load_big(name->text) >> over << over;
        if ((head & UINT64_C(0x8080808080808080)) == 0) {
            return head;
        }
        head = 0;
    }
    for (uint32_t i = 0; i < 8 && i < name->size; i++) {
        head |= (uint64_t)rank((uint8_t)name->text[i]) << (56 - 8 * i);
    }
    return head;
}

static bool after(const aigov_node *node, const struct aigov__key *a,
                  const struct aigov__key *b)
{
    if (a->head != b->head) {
        return a->head > b->head;
    }
    const aigov_node *x = &node[a->node], *y = &node[b->node];
    return aigov__utf16_compare((aigov_span){x->text, x->size},
                                (aigov_span){y->text, y->size}) > 0;
}

/* --- sorting ------------------------------------------------------------- */

#define RUN 16 /* names that insertion sorts faster than merging */

static void insertion(const aigov_node *node, struct aigov__key *key, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct aigov__key k = key[i];
        size_t at = i;
        while (at > 0 && after(node, &key[at - 1], &k)) {
            key[at] = key[at - 1];
            at--;
        }
        key[at] = k;
    }
}

/* Stable merge of from[0..half) and from[half..n) into to. */
static void merge(const aigov_node *node, const struct aigov__key *from,
                  size_t half, size_t n, struct aigov__key *to)
{
    size_t a = 0, b = half;

    for (size_t i = 0; i < n; i++) {
        bool take_b = a == half || (b < n && after(node, &from[a], &from[b]));
        to[i] = take_b ? from[b++] : from[a++];
    }
}

/* Bottom-up merge sort: n log n whatever the names, stable, no recursion. */
static aigov_status sort(const aigov_json *j, struct aigov__key *key, size_t n,
                         aigov_error *err)
{
    const aigov_node *node = j->node;
    struct aigov__key *from = key, *to = key + n;

    for (size_t i = 0; i < n; i += RUN) {
        insertion(node, key + i, n - i < RUN ? n - i : RUN);
    }
    for (size_t run = RUN; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t all = n - i < 2 * run ? n - i : 2 * run;
            merge(node, from + i, all < run ? all : run, all, to + i);
        }
        struct aigov__key *swap = from;
        from = to;
        to = swap;
        if (aigov__interrupted(j->ctx)) {
            return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                              "canceled while sorting names");
        }
    }
    if (from != key) {
        memcpy(key, from, n * sizeof *key);
    }
    return AIGOV_OK;
}

aigov_status aigov__json_sort(const aigov_json *j, uint32_t object, size_t base,
                              aigov_error *err)
{
    struct aigov__json *x = j->impl;
    size_t n = j->node[object].size, need = base + 2 * n;

    if (need > x->key_cap) {
        void *array = x->key;
        if (!aigov__grow(j->ctx, &array, &x->key_cap, sizeof *x->key, need)) {
            return aigov__nomem(err);
        }
        x->key = array;
    }
    uint32_t i = object + 1;
    for (size_t k = 0; k < n; k++, i = j->node[i + 1].next) {
        x->key[base + k] = (struct aigov__key){head_of(x, &j->node[i]), i};
    }
    return sort(j, x->key + base, n, err);
}

/* Whether the names of an object are in order as they stand: then nothing has
 * to be sorted.  What aigov wrote itself always is. */
static bool in_order(const aigov_json *j, uint32_t object)
{
    const aigov_node *node = j->node;
    uint32_t i = object + 1;
    struct aigov__key last = {head_of(j->impl, &node[i]), i};

    for (uint32_t k = 1; k < node[object].size; k++) {
        i = node[i + 1].next;
        struct aigov__key key = {head_of(j->impl, &node[i]), i};
        if (after(node, &last, &key)) {
            return false;
        }
        last = key;
    }
    return true;
}

/* --- writing ------------------------------------------------------------- */

struct writer {
    const aigov_json *j;
    struct aigov__json *x;
    aigov_buf *out;
    aigov_error *err;
    size_t depth;           /* frames in use */
    size_t keys;            /* sorted names in use */
    struct aigov__cut *cut; /* of the next member of the root, or NULL */
};

static inline aigov_status put(struct writer *w, const char *p, size_t n)
{
    return aigov__append(w->out, p, n) ? AIGOV_OK : aigov__nomem(w->err);
}

static inline aigov_status put_string(struct writer *w, const aigov_node *node)
{
    if (AIGOV__LIKELY(aigov__verbatim(w->x, node))) {
        return put(w, node->text - 1, (size_t)node->size + 2);
    }
    return aigov_buf_put_json_string(w->out,
                                     (aigov_span){node->text, node->size})
               ? AIGOV_OK
               : aigov__nomem(w->err);
}

static aigov_status put_number(struct writer *w, const aigov_node *node)
{
    char text[32];
    size_t n = aigov__number_canonical(
        w->j->ctx, (aigov_span){node->text, node->size}, text);

    if (n == 0) {
        return aigov_fail(w->err, AIGOV_NOTIJSON, node->at,
                          "number beyond the range of a double");
    }
    return put(w, text, n);
}

/* Write the bracket and make the container the innermost frame. */
static aigov_status open_frame(struct writer *w, uint32_t i)
{
    const aigov_node *node = &w->j->node[i];
    bool object = node->type == AIGOV_JSON_OBJECT;
    struct aigov__frame *f = &w->x->frame[w->depth];

    *f = (struct aigov__frame){i + 1, node->size, 0, object};
    if (object && node->size > 1 && !in_order(w->j, i)) {
        aigov_status status = aigov__json_sort(w->j, i, w->keys, w->err);
        if (status != AIGOV_OK) {
            return status;
        }
        f->keys = (uint32_t)w->keys + 1;
        f->next = (uint32_t)w->keys;
        w->keys += node->size;
    }
    w->depth++;
    return put(w, object ? "{" : "[", 1);
}

static aigov_status put_value(struct writer *w, uint32_t i)
{
    const aigov_node *node = &w->j->node[i];

    switch ((aigov_json_type)node->type) {
    case AIGOV_JSON_NULL:
        return put(w, "null", 4);
    case AIGOV_JSON_FALSE:
        return put(w, "false", 5);
    case AIGOV_JSON_TRUE:
        return put(w, "true", 4);
    case AIGOV_JSON_NUMBER:
        return put_number(w, node);
    case AIGOV_JSON_STRING:
        return put_string(w, node);
    case AIGOV_JSON_ARRAY:
    case AIGOV_JSON_OBJECT:
        break;
    }
    return open_frame(w, i);
}

/* The value of a member of the root begins, or ended, where the text ends. */
static inline void cut_begin(struct writer *w, uint32_t node)
{
    if (w->cut != NULL && w->depth == 1) {
        *w->cut++ = (struct aigov__cut){node, w->out->n, w->out->n};
    }
}

static inline void cut_end(struct writer *w, bool first)
{
    if (w->cut != NULL && w->depth == 1 && !first) {
        w->cut[-1].to = w->out->n;
    }
}

/* Next element, or name and value, of the innermost container; or its end. */
static aigov_status step(struct writer *w, bool first)
{
    struct aigov__frame *f = &w->x->frame[w->depth - 1];
    uint32_t i;

    cut_end(w, first);
    if (f->left == 0) {
        if (f->keys != 0) {
            w->keys = f->keys - 1;
        }
        w->depth--;
        return put(w, f->object ? "}" : "]", 1);
    }
    if (!first && put(w, ",", 1) != AIGOV_OK) {
        return w->err->code;
    }
    f->left--;
    i = f->keys != 0 ? w->x->key[f->next++].node : f->next;
    if (f->object) {
        aigov_status status = put_string(w, &w->j->node[i++]);
        if (status != AIGOV_OK || put(w, ":", 1) != AIGOV_OK) {
            return w->err->code;
        }
        cut_begin(w, i);
    }
    if (f->keys == 0) {
        f->next = w->j->node[i].next;
    }
    return put_value(w, i);
}

static aigov_status write_all(struct writer *w, uint32_t i)
{
    size_t poll = w->out->n;
    aigov_status status = put_value(w, i);
    size_t depth = 0;

    while (status == AIGOV_OK && w->depth > 0) {
        if (w->out->n >= poll) {
            poll = w->out->n + ((size_t)1 << 16);
            if (aigov__interrupted(w->j->ctx)) {
                return aigov_fail(w->err, AIGOV_CANCELED, AIGOV_NO_POS,
                                  "canceled while writing JSON");
            }
        }
        bool first = w->depth > depth; /* just opened */
        depth = w->depth;
        status = step(w, first);
    }
    return status;
}

static aigov_status canonical(const aigov_json *j, uint32_t i, aigov_buf *out,
                              struct aigov__cut *cut, aigov_error *err)
{
    struct writer w = {
        .j = j, .x = j->impl, .out = out, .err = err, .cut = cut};
    size_t before = out->n;

    if (j->node == NULL || i >= j->nodes || w.x->mode == AIGOV_JSON_SYNTAX) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "no value that was read as STRICT or CONTENT");
    }
    if (w.x->frame == NULL) {
        w.x->frame = aigov_malloc(j->ctx, AIGOV_MAX_DEPTH * sizeof *w.x->frame);
        if (w.x->frame == NULL) {
            return aigov__nomem(err);
        }
    }
    aigov_status status = write_all(&w, i);
    if (status != AIGOV_OK) {
        out->n = before;
    }
    return status;
}

aigov_status aigov_json_canonical(const aigov_json *j, uint32_t i,
                                  aigov_buf *out, aigov_error *err)
{
    return canonical(j, i, out, NULL, err);
}

aigov_status aigov__canonical_cut(const aigov_json *j, aigov_buf *out,
                                  struct aigov__cut *cut, aigov_error *err)
{
    return canonical(j, 0, out, cut, err);
}

aigov_status aigov_canonical(aigov_ctx *ctx, aigov_span text, aigov_buf *out,
                             aigov_error *err)
{
    aigov_json j = {.ctx = ctx};
    aigov_status status = aigov_json_read(&j, AIGOV_JSON_STRICT, text, err);

    if (status == AIGOV_OK) {
        status = aigov_json_canonical(&j, 0, out, err);
    }
    aigov_json_free(&j);
    return status;
}
