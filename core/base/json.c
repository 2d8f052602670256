/*
 * json.c - the strict reader: one pass over the text, a flat array of nodes
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The reader walks the text once and keeps no stack: while a container is open
 * the `next` of its node holds its parent.  A string without escapes is a slice
 * of the text; any other is decoded into an arena whose chunks never move.
 *
 * Syntax errors stop at the first offending byte.  What RFC 8259 allows and
 * I-JSON forbids (an offence) depends on the mode:
 *
 *   SYNTAX   is nobody's business
 *   STRICT   is noted, lowest offset first, and reported at the end, so that
 *            text that is no JSON at all is always called that
 *   CONTENT  at the first offence the read starts over with `escaping` set;
 * from then on every string is in the escaped form of docs/formats.md, also
 * those before the offence
 *
 * docs/json.md gives the decisions one by one.
 */
#include "reader.h"

#include <stdio.h>

#define NONE UINT32_MAX        /* no container is open */
#define POLL ((size_t)1 << 16) /* bytes between two looks at the interrupt */

/* Whether the well-formed sequence of n >= 3 bytes can stay as it is. */
static inline bool harmless(const struct reader *r, const char *p, size_t n)
{
    uint8_t lead = (uint8_t)*p;

    if (lead == 0xE2) {
        return !r->escaping || memcmp(p, AIGOV__ESC, 3) != 0;
    }
    return lead < 0xEF || !r->judging ||
           !aigov__noncharacter(aigov__utf8_decode(p, n));
}

/* The string whose quote is at p, into node i, which is there but empty. */
static inline const char *string(struct reader *r, const char *p, uint32_t i)
{
    const char *start = ++p;

    for (;;) {
        p = aigov__ascii_run(p, r->end);
        if (p == r->end) {
            return aigov__syntax(r, p, "");
        }
        if (*p == '"') {
            r->x->node[i].text = start;
            r->x->node[i].size = (uint32_t)(p - start);
            return p + 1;
        }
        while (p < r->end && (uint8_t)*p >= 0x80) {
            size_t n = aigov__utf8_length(p, r->end);
            if (n == 0 || (n > 2 && !harmless(r, p, n))) {
                return aigov__decode(r, start, p, i);
            }
            p += n;
        }
        if (p < r->end && *p == '\\') {
            return aigov__decode(r, start, p, i);
        }
        if (p < r->end && (uint8_t)*p < 0x20) {
            return aigov__syntax(r, p, "control character in a string");
        }
    }
}

/* --- numbers and literals ------------------------------------------------ */

/* Keep a number that no double holds as a string: U+241B '#' and the literal.
 */
static bool keep_number(struct reader *r, uint32_t i)
{
    aigov_node *node = &r->x->node[i];

    aigov__open_string(r);
    if (!aigov__put(r, AIGOV__ESC "#", 4) ||
        !aigov__put(r, node->text, node->size)) {
        return false;
    }
    node->type = AIGOV_JSON_STRING;
    aigov__close_string(r, i);
    return true;
}

/* Judge a literal that a double may not hold. */
static bool judge_number(struct reader *r, uint32_t i)
{
    const aigov_node *node = &r->x->node[i];
    const char *what = NULL;

    switch (
        aigov__number_fit(r->j->ctx, (aigov_span){node->text, node->size})) {
    case AIGOV__OVERFLOWS:
        what = "number beyond the range of a double";
        break;
    case AIGOV__INEXACT:
        what = "integer beyond 2^53 that a double does not hold";
        break;
    case AIGOV__UNDERFLOWS: /* reads as 0; content keeps what was written */
        if (r->x->mode == AIGOV_JSON_CONTENT) {
            what = "number too small for a double";
        }
        break;
    case AIGOV__FITS:
        break;
    }
    if (what == NULL) {
        return true;
    }
    return aigov__offence(r, node->text, what) &&
           (!r->escaping || keep_number(r, i));
}

static inline const char *digits(const char *p, const char *end)
{
    while (p < end && (uint8_t)(*p - '0') < 10) {
        p++;
    }
    return p;
}

/* RFC 8259 6: [ minus ] int [ frac ] [ exp ] */
static inline const char *number(struct reader *r, const char *p, uint32_t i)
{
    const char *start = p, *from, *end = r->end;

    p += *p == '-';
    from = p;
    p = p < end && *p == '0' ? p + 1 : digits(p, end);
    if (p == from) {
        return aigov__syntax(r, p, "a digit is expected");
    }
    bool doubtful = p - from > 15; /* fewer digits are at most 2^53 */
    if (p < end && *p == '.') {
        doubtful = p - from > 300;
        from = ++p;
        p = digits(p, end);
        if (p == from) {
            return aigov__syntax(r, p, "a digit is expected after the point");
        }
        doubtful |= p - from > 300;
    }
    if (p < end && (*p | 32) == 'e') {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        from = p;
        p = digits(p, end);
        if (p == from) {
            return aigov__syntax(r, p, "a digit is expected in the exponent");
        }
        doubtful = true;
    }
    r->x->node[i].text = start;
    r->x->node[i].size = (uint32_t)(p - start);
    if (doubtful && r->judging && !judge_number(r, i)) {
        return NULL;
    }
    return p;
}

static const char *literal(struct reader *r, const char *p, uint32_t i)
{
    static const struct {
        const char *text;
        size_t n;
    } words[] = {{"null", 4}, {"false", 5}, {"true", 4}};

    for (size_t w = 0; w < 3; w++) { /* in the order of aigov_json_type */
        if (*p != words[w].text[0]) {
            continue;
        }
        for (size_t k = 1; k < words[w].n; k++) {
            if (p + k == r->end || p[k] != words[w].text[k]) {
                return aigov__syntax(r, p + k, "a value is expected");
            }
        }
        r->x->node[i].type = (uint8_t)(AIGOV_JSON_NULL + w);
        return p + words[w].n;
    }
    return aigov__syntax(r, p, "a value is expected");
}

/* --- names --------------------------------------------------------------- */

/* U+241B '=' k ':' before the name at node i. */
static bool rename_again(struct reader *r, uint32_t i, uint32_t k)
{
    aigov_node *node = &r->x->node[i];

    char count[24];
    int n = snprintf(count, sizeof count, AIGOV__ESC "=%u:", (unsigned)k);

    aigov__open_string(r);
    if (!aigov__put(r, count, (size_t)n) ||
        !aigov__put(r, node->text, node->size)) {
        return false;
    }
    aigov__close_string(r, i);
    node->flags |= AIGOV_NODE_NONCONFORMING | AIGOV_NODE_TAINTED;
    return true;
}

/* Sort the names of an object and treat every repetition as an offence. */
static bool find_duplicates(struct reader *r, uint32_t object)
{
    aigov_node *node = r->x->node;
    uint32_t n = node[object].size, k = 1;
    const struct aigov__key *key;
    aigov_span last = AIGOV_ABSENT;

    r->j->node = node;
    r->status = aigov__json_sort(r->j, object, 0, r->err);
    if (r->status != AIGOV_OK) {
        return false;
    }
    key = r->x->key;
    for (uint32_t i = 0; i < n; i++) {
        aigov_node *name = &node[key[i].node];
        aigov_span text = {name->text, name->size};
        if (!aigov_span_eq(text, last)) {
            last = text;
            k = 1;
            continue;
        }
        if (!aigov__offence(r, r->text + name->at, "a name is given twice")) {
            return false;
        }
        if (r->escaping && !rename_again(r, key[i].node, ++k)) {
            return false;
        }
    }
    return true;
}

/*
 * Whether the object surely has no name twice: a set of 64 bits over length,
 * first and last byte; where two names meet in a bit, all before are compared.
 */
static bool distinct_names(const struct reader *r, uint32_t object)
{
    const aigov_node *node = r->x->node;
    uint64_t seen = 0;
    uint32_t i = object + 1;

    for (uint32_t k = node[object].size; k > 0; k--, i = node[i + 1].next) {
        const aigov_node *name = &node[i];
        uint32_t h = name->size;
        if (h != 0) {
            h = h * 7 + (uint8_t)name->text[0] * 5 +
                (uint8_t)name->text[h - 1] * 11 + (uint8_t)name->text[h / 2];
        }
        uint64_t bit = UINT64_C(1) << (h & 63);
        if ((seen & bit) == 0) {
            seen |= bit;
            continue;
        }
        for (uint32_t o = object + 1; o != i; o = node[o + 1].next) {
            if (node[o].size == name->size &&
                memcmp(node[o].text, name->text, name->size) == 0) {
                return false;
            }
        }
    }
    return true;
}

static bool check_names(struct reader *r, uint32_t object)
{
    uint32_t n = r->x->node[object].size;

    if (!r->judging || n < 2 || (n <= 32 && distinct_names(r, object))) {
        return true;
    }
    r->taint = 0;
    if (!find_duplicates(r, object)) {
        return false;
    }
    r->x->node[object].flags |= r->taint;
    r->taint = 0;
    return true;
}

/* --- containers ---------------------------------------------------------- */

static inline bool add_node(struct reader *r, const char *p, uint8_t type)
{
    if (AIGOV__UNLIKELY(r->nodes == r->x->node_cap)) {
        void *array = r->x->node;
        if (!aigov__grow(r->j->ctx, &array, &r->x->node_cap, sizeof(aigov_node),
                         r->nodes + 64)) {
            aigov__read_nomem(r);
            return false;
        }
        r->x->node = array;
    }
    aigov_node *node = &r->x->node[r->nodes++];
    node->type = type;
    node->flags = 0;
    node->size = 0;
    node->at = (uint32_t)(p - r->text);
    node->next = r->nodes;
    node->text = NULL;
    return true;
}

/* Open the container at p, whose node is the last one. */
static bool open_container(struct reader *r, const char *p)
{
    uint32_t i = r->nodes - 1;

    r->x->node[i].next = r->open;
    r->open = i;
    if (++r->depth <= AIGOV_MAX_DEPTH || r->deep != 0) {
        return true;
    }
    if (r->x->mode != AIGOV_JSON_CONTENT) {
        r->status = aigov_fail(r->err, AIGOV_TOOBIG, (size_t)(p - r->text),
                               "nested deeper than %d", AIGOV_MAX_DEPTH);
        return false;
    }
    if (!aigov__offence(r, p, "nested too deeply")) {
        return false;
    }
    r->taint = 0;
    r->deep = i;
    r->judging = false;
    return true;
}

/* Replace the deep container i, whose text ends before end, by a string. */
static bool keep_deep(struct reader *r, uint32_t i, const char *end)
{
    const char *p = r->text + r->x->node[i].at;

    r->deep = 0;
    r->judging = true;
    r->nodes = i + 1;
    aigov__open_string(r);
    if (!aigov__put(r, AIGOV__ESC "j", 4)) {
        return false;
    }
    while (p < end) {
        const char *run = p;
        while (run < end && (uint8_t)*run < 0x80) {
            run++;
        }
        if (!aigov__put(r, p, (size_t)(run - p))) {
            return false;
        }
        p = run == end ? end : aigov__put_non_ascii(r, run);
        if (p == NULL) {
            return false;
        }
    }
    r->taint = 0;
    aigov__close_string(r, i);
    r->x->node[i].type = AIGOV_JSON_STRING;
    r->x->node[i].flags = AIGOV_NODE_NONCONFORMING | AIGOV_NODE_TAINTED;
    return true;
}

/* Close the open container, whose last byte is at p. */
static bool close_container(struct reader *r, const char *p)
{
    uint32_t i = r->open, parent = r->x->node[i].next;

    if (r->x->node[i].type == AIGOV_JSON_OBJECT && !check_names(r, i)) {
        return false;
    }
    if (r->deep == i && i != 0 && !keep_deep(r, i, p + 1)) {
        return false;
    }
    r->x->node[i].next = r->nodes;
    if (parent != NONE) {
        r->x->node[parent].flags |= r->x->node[i].flags & AIGOV_NODE_TAINTED;
    }
    r->open = parent;
    r->depth--;
    return true;
}

/* Flag node i and the open container for an offence in its text. */
static inline void flag_node(struct reader *r, uint32_t i)
{
    if (AIGOV__UNLIKELY(r->taint != 0)) {
        r->x->node[i].flags = r->taint;
        if (r->open != NONE) {
            r->x->node[r->open].flags |= AIGOV_NODE_TAINTED;
        }
        r->taint = 0;
    }
}

static bool poll_host(struct reader *r, const char *p)
{
    r->poll = (size_t)(r->end - p) > POLL ? p + POLL : r->end;
    if (aigov__interrupted(r->j->ctx)) {
        r->status = aigov_fail(r->err, AIGOV_CANCELED, (size_t)(p - r->text),
                               "canceled while reading JSON");
        return false;
    }
    return true;
}

/* --- the walk ------------------------------------------------------------ */

/* A number, string or literal at p. */
static inline const char *scalar(struct reader *r, const char *p)
{
    uint32_t i = r->nodes;

    if (!add_node(r, p, AIGOV_JSON_NUMBER)) {
        return NULL;
    }
    if (*p == '"') {
        r->x->node[i].type = AIGOV_JSON_STRING;
        p = string(r, p, i);
    } else if (*p == '-' || (uint8_t)(*p - '0') < 10) {
        p = number(r, p, i);
    } else {
        p = literal(r, p, i);
    }
    if (p != NULL) {
        flag_node(r, i);
    }
    return p;
}

/* A name and its colon at p; returns where the value may begin. */
static inline const char *member(struct reader *r, const char *p)
{
    uint32_t i = r->nodes;

    if (p == r->end || *p != '"') {
        return aigov__syntax(r, p, "a name in quotes is expected");
    }
    if (!add_node(r, p, AIGOV_JSON_STRING)) {
        return NULL;
    }
    p = string(r, p, i);
    if (p == NULL) {
        return NULL;
    }
    flag_node(r, i);
    p = aigov__space(p, r->end);
    if (p == r->end || *p != ':') {
        return aigov__syntax(r, p, "a colon is expected after a name");
    }
    return p + 1;
}

/* The value at p up to where it or its first element ends; what is open then
 * tells which. */
static inline const char *value(struct reader *r, const char *p)
{
    p = aigov__space(p, r->end);
    if (p == r->end) {
        return aigov__syntax(r, p, "");
    }
    if (AIGOV__UNLIKELY(p >= r->poll) && !poll_host(r, p)) {
        return NULL;
    }
    if (*p != '{' && *p != '[') {
        return scalar(r, p);
    }
    uint8_t type = *p == '{' ? AIGOV_JSON_OBJECT : AIGOV_JSON_ARRAY;
    return add_node(r, p, type) && open_container(r, p) ? p + 1 : NULL;
}

/* Whether p is at the bracket that closes the open container. */
static inline bool at_close(const struct reader *r, const char *p)
{
    bool array = r->x->node[r->open].type == AIGOV_JSON_ARRAY;

    return p < r->end && *p == (array ? ']' : '}');
}

/* After a value: close what ends here, go on to the next value.  Sets r->open
 * to NONE at the end of the root. */
static inline const char *after_value(struct reader *r, const char *p)
{
    while (r->open != NONE) {
        aigov_node *parent = &r->x->node[r->open];
        parent->size++;
        if (AIGOV__UNLIKELY(r->deep != 0)) {
            r->nodes = r->open + 1; /* nobody will look at what it holds */
        }
        p = aigov__space(p, r->end);
        if (p < r->end && *p == ',') {
            p++;
            if (parent->type == AIGOV_JSON_ARRAY) {
                return p;
            }
            return member(r, aigov__space(p, r->end));
        }
        if (!at_close(r, p)) {
            return aigov__syntax(r, p,
                                 "a comma or the closing bracket is expected");
        }
        if (!close_container(r, p)) {
            return NULL;
        }
        p++;
    }
    return p;
}

static const char *walk(struct reader *r)
{
    const char *p = r->text;

    do {
        uint32_t before = r->depth;
        p = value(r, p);
        if (p != NULL && r->depth != before) { /* opened one: first inside */
            p = aigov__space(p, r->end);
            if (!at_close(r, p)) {
                p = r->x->node[r->open].type == AIGOV_JSON_ARRAY ? p
                                                                 : member(r, p);
                continue;
            }
            p = close_container(r, p) ? p + 1 : NULL;
        }
        if (p != NULL) {
            p = after_value(r, p);
        }
    } while (p != NULL && r->open != NONE);
    if (p == NULL) {
        return NULL;
    }
    p = aigov__space(p, r->end);
    return p == r->end ? p : aigov__syntax(r, p, "text after the JSON value");
}

/* Read from the beginning. */
static bool read_text(struct reader *r, bool escaping)
{
    struct aigov__json *x = r->x;

    r->nodes = 0;
    r->open = NONE;
    r->depth = 0;
    r->deep = 0;
    r->taint = 0;
    r->judging = x->mode != AIGOV_JSON_SYNTAX;
    r->escaping = escaping;
    r->restart = false;
    r->poll = r->text;
    x->chunk = x->chunks;
    if (x->chunk != NULL) {
        x->chunk->n = 0;
    }
    return walk(r) != NULL;
}

/* --- public -------------------------------------------------------------- */

static aigov_status prepare(aigov_json *j, aigov_json_mode mode,
                            aigov_span text, aigov_error *err)
{
    struct aigov__json *x = j->impl;

    j->node = NULL;
    j->nodes = 0;
    j->nonconforming = false;
    j->bad_at = AIGOV_NO_POS;
    if (text.n > AIGOV_MAX_INPUT) {
        return aigov_fail(err, AIGOV_TOOBIG, AIGOV_MAX_INPUT,
                          "JSON text of more than %zu bytes", AIGOV_MAX_INPUT);
    }
    if (x == NULL) {
        x = aigov_malloc(j->ctx, sizeof *x);
        if (x == NULL) {
            return aigov__nomem(err);
        }
        memset(x, 0, sizeof *x);
        j->impl = x;
    }
    x->mode = mode;
    return AIGOV_OK;
}

aigov_status aigov_json_read(aigov_json *j, aigov_json_mode mode,
                             aigov_span text, aigov_error *err)
{
    aigov_status status = prepare(j, mode, text, err);

    if (status != AIGOV_OK) {
        return status;
    }
    const char *p = text.p == NULL ? "" : text.p;
    struct reader r = {.j = j,
                       .x = j->impl,
                       .err = err,
                       .text = p,
                       .end = p + text.n,
                       .bad_at = AIGOV_NO_POS};
    r.x->text = r.text;
    r.x->end = r.end;
    bool ok = read_text(&r, false);
    if (!ok && r.restart) {
        ok = read_text(&r, true);
    }
    j->node = NULL;
    if (!ok) {
        return r.status;
    }
    if (r.bad_at != AIGOV_NO_POS && mode == AIGOV_JSON_STRICT) {
        return aigov_fail(err, AIGOV_NOTIJSON, r.bad_at, "%s", r.bad_what);
    }
    j->node = r.x->node;
    j->nodes = r.nodes;
    j->nonconforming = r.bad_at != AIGOV_NO_POS;
    j->bad_at = r.bad_at;
    return AIGOV_OK;
}

void aigov_json_free(aigov_json *j)
{
    struct aigov__json *x = j->impl;

    if (x != NULL) {
        struct aigov__chunk *c = x->chunks;
        while (c != NULL) {
            struct aigov__chunk *next = c->next;
            aigov_mfree(j->ctx, c, sizeof *c + c->cap);
            c = next;
        }
        aigov_mfree(j->ctx, x->node, x->node_cap * sizeof *x->node);
        aigov_mfree(j->ctx, x->key, x->key_cap * sizeof *x->key);
        aigov_mfree(j->ctx, x->frame, AIGOV_MAX_DEPTH * sizeof *x->frame);
        aigov_mfree(j->ctx, x, sizeof *x);
    }
    *j = (aigov_json){.ctx = j->ctx};
}
