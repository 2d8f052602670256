/*
 * types.c - types as text, and back
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   type = word | "list" ["(" type ")"] | "map" ["(" type "," type ")"]
 *        | "type" ["(" type ")"]
 *   word = "null_type" | "bool" | "int" | "uint" | "double" | "string"
 *        | "bytes" | "timestamp" | "duration" | "dyn"
 *        | "google.protobuf.Timestamp" | "google.protobuf.Duration"
 *
 * Spaces may stand between.  What is not said of a list or map is dyn.  The
 * same words are names of types in an expression, but for dyn, and for the two
 * short ones, which are functions there.
 */
#include "internal.h"

#define MAX_NESTED 32

static const struct {
    const char *name; /* in expressions */
    const char *text; /* in declarations */
} names[] = {
    [CEL_NULL] = {"null_type", "null_type"},
    [CEL_BOOL] = {"bool", "bool"},
    [CEL_INT] = {"int", "int"},
    [CEL_UINT] = {"uint", "uint"},
    [CEL_DOUBLE] = {"double", "double"},
    [CEL_STRING] = {"string", "string"},
    [CEL_BYTES] = {"bytes", "bytes"},
    [CEL_LIST] = {"list", "list"},
    [CEL_MAP] = {"map", "map"},
    [CEL_TYPE] = {"type", "type"},
    [CEL_TIMESTAMP] = {"google.protobuf.Timestamp", "timestamp"},
    [CEL_DURATION] = {"google.protobuf.Duration", "duration"},
    [CEL_DYN] = {"", "dyn"},
    [CEL_PARAM] = {"", "dyn"},
};

static const cel_type dyn = {.kind = CEL_DYN};
static const cel_type basic[] = {
    [CEL_NULL] = {.kind = CEL_NULL},
    [CEL_BOOL] = {.kind = CEL_BOOL},
    [CEL_INT] = {.kind = CEL_INT},
    [CEL_UINT] = {.kind = CEL_UINT},
    [CEL_DOUBLE] = {.kind = CEL_DOUBLE},
    [CEL_STRING] = {.kind = CEL_STRING},
    [CEL_BYTES] = {.kind = CEL_BYTES},
    [CEL_LIST] = {.kind = CEL_LIST, .of = &dyn},
    [CEL_MAP] = {.kind = CEL_MAP, .key = &dyn, .of = &dyn},
    [CEL_TYPE] = {.kind = CEL_TYPE},
    [CEL_TIMESTAMP] = {.kind = CEL_TIMESTAMP},
    [CEL_DURATION] = {.kind = CEL_DURATION},
    [CEL_DYN] = {.kind = CEL_DYN},
};

const cel_type *aigov__cel_basic(cel_kind kind)
{
    return &basic[kind];
}

static const cel_type *new_type(cel_arena *a, cel_type type)
{
    cel_type *t = aigov__cel_alloc(a, sizeof *t);

    if (t != NULL) {
        *t = type;
    }
    return t;
}

const cel_type *aigov__cel_list_of(cel_arena *a, const cel_type *of)
{
    return of == NULL ? NULL
                      : new_type(a, (cel_type){.kind = CEL_LIST, .of = of});
}

const cel_type *aigov__cel_map_of(cel_arena *a, const cel_type *key,
                                  const cel_type *of)
{
    return key == NULL || of == NULL
               ? NULL
               : new_type(a, (cel_type){.kind = CEL_MAP, .key = key, .of = of});
}

const cel_type *aigov__cel_type_copy(cel_arena *a, const cel_type *t)
{
    cel_type copy = *t;

    if (t->key == NULL && t->of == NULL) {
        return &basic[t->kind];
    }
    if (t->key != NULL) {
        copy.key = aigov__cel_type_copy(a, t->key);
    }
    if (t->of != NULL) {
        copy.of = aigov__cel_type_copy(a, t->of);
    }
    return (t->key != NULL && copy.key == NULL) ||
                   (t->of != NULL && copy.of == NULL)
               ? NULL
               : new_type(a, copy);
}

/* --- names --------------------------------------------------------------- */

cel_kind aigov__cel_type_named(aigov_span name)
{
    for (size_t i = 0; i < CEL_DYN; i++) {
        if (aigov_span_is(name, names[i].name)) {
            return (cel_kind)i;
        }
    }
    return CEL_DYN;
}

const char *aigov__cel_type_name(cel_kind kind)
{
    return names[kind].name;
}

/* --- text to type -------------------------------------------------------- */

typedef struct reader {
    cel_arena *a;
    const char *start, *p, *end;
    int depth;
    aigov_error *err;
} reader;

static void space(reader *r)
{
    while (r->p < r->end && *r->p == ' ') {
        r->p++;
    }
}

static bool take(reader *r, char c)
{
    space(r);
    if (r->p < r->end && *r->p == c) {
        r->p++;
        return true;
    }
    return false;
}

static const cel_type *bad(reader *r, const char *at)
{
    aigov_fail(r->err, AIGOV_ARG, (size_t)(at - r->start), "no type");
    aigov_hint(r->err, "null_type bool int uint double string bytes timestamp "
                       "duration dyn type list(T) map(K, T)");
    return NULL;
}

static aigov_span word(reader *r)
{
    space(r);
    const char *s = r->p;
    while (r->p < r->end && ((*r->p >= 'a' && *r->p <= 'z') || *r->p == '_' ||
                             (*r->p >= 'A' && *r->p <= 'Z') || *r->p == '.')) {
        r->p++;
    }
    return (aigov_span){s, (size_t)(r->p - s)};
}

static const cel_type *type(reader *r);

static const cel_type *enough(reader *r, const cel_type *t)
{
    if (t == NULL) {
        aigov__nomem(r->err);
    }
    return t;
}

static bool is_key(const cel_type *t)
{
    return t->kind == CEL_BOOL || t->kind == CEL_INT || t->kind == CEL_UINT ||
           t->kind == CEL_STRING || t->kind == CEL_DYN;
}

/* In parentheses, behind the word of a kind that has arguments. */
static const cel_type *arguments(reader *r, cel_kind kind)
{
    const cel_type *key = NULL, *of;

    if (kind == CEL_MAP) {
        space(r);
        const char *at = r->p;
        if ((key = type(r)) == NULL) {
            return NULL;
        }
        if (!is_key(key)) {
            bad(r, at);
            aigov_hint(r->err, "a key is bool, int, uint, string or dyn");
            return NULL;
        }
        if (!take(r, ',')) {
            return bad(r, r->p);
        }
    }
    if ((of = type(r)) == NULL) {
        return NULL;
    }
    if (!take(r, ')')) {
        return bad(r, r->p);
    }
    return enough(
        r, new_type(r->a,
                    (cel_type){.kind = (uint8_t)kind, .key = key, .of = of}));
}

static const cel_type *type(reader *r)
{
    aigov_span w = word(r);
    cel_kind kind = CEL_NULL;

    while (kind <= CEL_DYN && !aigov_span_is(w, names[kind].text) &&
           !(w.n != 0 && aigov_span_is(w, names[kind].name))) {
        kind++;
    }
    if (kind > CEL_DYN || r->depth >= MAX_NESTED) {
        return bad(r, w.p);
    }
    if ((kind != CEL_LIST && kind != CEL_MAP && kind != CEL_TYPE) ||
        !take(r, '(')) {
        return &basic[kind];
    }
    r->depth++;
    const cel_type *t = arguments(r, kind);
    r->depth--;
    return t;
}

aigov_status aigov__cel_type_read(cel_arena *a, aigov_span text,
                                  const cel_type **out, aigov_error *err)
{
    reader r = {a, text.p, text.p, text.p + text.n, 0, err};
    const cel_type *t = type(&r);

    space(&r);
    if (t != NULL && r.p < r.end) {
        t = bad(&r, r.p);
    }
    if (t == NULL) {
        return err->code;
    }
    *out = t;
    return AIGOV_OK;
}

/* --- type to text -------------------------------------------------------- */

bool aigov__cel_type_write(const cel_type *t, aigov_buf *out)
{
    bool right = aigov_buf_puts(out, names[t->kind].text);

    if (!right || t->of == NULL) {
        return right;
    }
    return aigov_buf_puts(out, "(") &&
           (t->key == NULL || (aigov__cel_type_write(t->key, out) &&
                               aigov_buf_puts(out, ", "))) &&
           aigov__cel_type_write(t->of, out) && aigov_buf_puts(out, ")");
}
