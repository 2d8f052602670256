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
#include "internal.h"

#include <stdio.h>

#define NONE UINT32_MAX        /* no container is open */
#define POLL ((size_t)1 << 16) /* bytes between two looks at the interrupt */
#define CHUNK ((size_t)4096)
#define MAX_CHUNK ((size_t)1 << 20)

struct aigov__chunk {
    struct aigov__chunk *next;
    size_t cap, n;
    char data[];
};

struct reader {
    aigov_json *j;
    struct aigov__json *x;
    aigov_error *err;
    const char *text, *end;
    const char *poll; /* ask the host when the cursor is beyond */
    uint32_t nodes, open;
    uint32_t depth;
    uint32_t deep; /* node at depth AIGOV_MAX_DEPTH + 1 being skipped, or 0 */
    bool judging;  /* offences count: not SYNTAX, not in a deep value */
    bool escaping;
    bool restart;  /* CONTENT met its first offence: read again, escaping */
    uint8_t taint; /* flags for the value at hand */
    size_t bad_at; /* lowest offence, or AIGOV_NO_POS */
    const char *bad_what;
    aigov_status status; /* why a function gave NULL or false */
    char *w, *w_end;     /* the open string of the arena, its room's end */
    char *w_start;
};

/* --- failing ------------------------------------------------------------- */

static const char *syntax(struct reader *r, const char *p, const char *what)
{
    if (p == r->end) {
        what = "unexpected end of the JSON text";
    }
    r->status =
        aigov_fail(r->err, AIGOV_NOTJSON, (size_t)(p - r->text), "%s", what);
    return NULL;
}

static const char *nomem(struct reader *r)
{
    r->status = aigov__nomem(r->err);
    return NULL;
}

/* Note an offence against I-JSON at p; false: stop and start over. */
static bool offence(struct reader *r, const char *p, const char *what)
{
    size_t at = (size_t)(p - r->text);

    if (!r->judging) {
        return true;
    }
    if (at < r->bad_at) {
        r->bad_at = at;
        r->bad_what = what;
    }
    r->taint = AIGOV_NODE_NONCONFORMING | AIGOV_NODE_TAINTED;
    r->restart = r->x->mode == AIGOV_JSON_CONTENT && !r->escaping;
    return !r->restart;
}

/* --- the arena ----------------------------------------------------------- */

static struct aigov__chunk *new_chunk(struct reader *r, size_t room)
{
    struct aigov__chunk *last = r->x->chunk;
    size_t cap = last == NULL ? CHUNK : last->cap * 2;

    if (cap > MAX_CHUNK) {
        cap = MAX_CHUNK;
    }
    if (cap < room) {
        cap = room;
    }
    struct aigov__chunk *c = aigov_malloc(r->j->ctx, sizeof *c + cap);
    if (c == NULL) {
        return NULL;
    }
    c->cap = cap;
    c->n = 0;
    c->next = NULL;
    if (last == NULL) {
        r->x->chunks = c;
    } else {
        c->next = last->next;
        last->next = c;
    }
    return c;
}

/* Make room for n more bytes of the open string; moves it to another chunk
 * where its own is full.  Nothing points into an open string yet. */
static bool more_room(struct reader *r, size_t n)
{
    size_t have = (size_t)(r->w - r->w_start);
    size_t room = 2 * have + n;
    struct aigov__chunk *c = r->x->chunk;

    c = c == NULL ? NULL : c->next;
    if (c == NULL || c->cap < room) {
        c = new_chunk(r, room);
        if (c == NULL) {
            nomem(r);
            return false;
        }
    }
    c->n = 0;
    if (have != 0) {
        memcpy(c->data, r->w_start, have);
    }
    r->x->chunk = c;
    r->w_start = c->data;
    r->w = c->data + have;
    r->w_end = c->data + c->cap;
    return true;
}

static inline bool room(struct reader *r, size_t n)
{
    return AIGOV__LIKELY((size_t)(r->w_end - r->w) >= n) || more_room(r, n);
}

static void open_string(struct reader *r)
{
    struct aigov__chunk *c = r->x->chunk;

    r->w_start = r->w = r->w_end = NULL;
    if (c != NULL) {
        r->w_start = r->w = c->data + c->n;
        r->w_end = c->data + c->cap;
    }
}

static bool put(struct reader *r, const char *p, size_t n)
{
    if (!room(r, n)) {
        return false;
    }
    if (n != 0) {
        memcpy(r->w, p, n);
        r->w += n;
    }
    return true;
}

/* Give the open string to node i; in a deep value it is dropped. */
static void close_string(struct reader *r, uint32_t i)
{
    aigov_node *node = &r->x->node[i];

    node->text = r->w_start == NULL ? "" : r->w_start;
    node->size = (uint32_t)(r->w - r->w_start);
    if (r->x->chunk != NULL && r->deep == 0) {
        r->x->chunk->n = (size_t)(r->w - r->x->chunk->data);
    }
}

/* --- the escaped form ---------------------------------------------------- */

/* U+241B, a letter and v in lower-case hex digits. */
static bool put_escape(struct reader *r, char letter, int width, uint32_t v)
{
    static const char hex[] = "0123456789abcdef";

    if (!room(r, 16)) {
        return false;
    }
    memcpy(r->w, AIGOV__ESC, 3);
    r->w[3] = letter;
    for (int i = 0; i < width; i++) {
        r->w[4 + i] = hex[v >> 4 * (width - 1 - i) & 15];
    }
    r->w += 4 + width;
    return true;
}

/* U+0000, a lone surrogate or a noncharacter that stands at p. */
static bool put_forbidden(struct reader *r, const char *p, uint32_t c,
                          const char *what)
{
    char utf8[4];

    if (!offence(r, p, what)) {
        return false;
    }
    if (r->escaping) {
        return c > 0xFFFF ? put_escape(r, 'U', 6, c) : put_escape(r, 'u', 4, c);
    }
    /* a lone surrogate has no UTF-8: U+FFFD stands for it (SYNTAX) */
    if (c >= 0xD800 && c <= 0xDFFF) {
        c = 0xFFFD;
    }
    return put(r, utf8, aigov__utf8_encode(c, utf8));
}

static bool put_code_point(struct reader *r, const char *p, uint32_t c)
{
    char utf8[4];

    if (c == 0) {
        return put_forbidden(r, p, c, "U+0000 in a string");
    }
    if (c >= 0xD800 && c <= 0xDFFF) {
        return put_forbidden(r, p, c, "lone surrogate in a string");
    }
    if (aigov__noncharacter(c)) {
        return put_forbidden(r, p, c, "noncharacter in a string");
    }
    if (c == 0x241B && r->escaping) {
        return put(r, AIGOV__ESC AIGOV__ESC, 6);
    }
    return put(r, utf8, aigov__utf8_encode(c, utf8));
}

/* The byte >= 0x80 at p and what belongs to it; returns what follows. */
static const char *put_non_ascii(struct reader *r, const char *p)
{
    size_t n = aigov__utf8_length(p, r->end);

    if (n == 0) {
        if (r->x->mode != AIGOV_JSON_CONTENT) {
            return syntax(r, p, "a byte that is not UTF-8");
        }
        if (!offence(r, p, "a byte that is not UTF-8") ||
            !put_escape(r, 'x', 2, (uint8_t)*p)) {
            return NULL;
        }
        return p + 1;
    }
    if (n == 2) {
        return put(r, p, 2) ? p + 2 : NULL;
    }
    return put_code_point(r, p, aigov__utf8_decode(p, n)) ? p + n : NULL;
}

/* --- strings ------------------------------------------------------------- */

/* Four hex digits at p; returns the first that is none, or NULL. */
static const char *hex4(const struct reader *r, const char *p, uint32_t *v)
{
    *v = 0;
    for (int i = 0; i < 4; i++, p++) {
        if (p == r->end) {
            return p;
        }
        char c = *p;
        if (c >= '0' && c <= '9') {
            *v = *v << 4 | (uint32_t)(c - '0');
        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            *v = *v << 4 | (uint32_t)((c | 32) - 'a' + 10);
        } else {
            return p;
        }
    }
    return NULL;
}

/* \uXXXX at p, with its low surrogate where it has one. */
static const char *unicode_escape(struct reader *r, const char *p)
{
    uint32_t c, low;
    const char *bad = hex4(r, p + 2, &c);
    const char *next = p + 6;

    if (bad != NULL) {
        return syntax(r, bad, "four hex digits expected after \\u");
    }
    if (c >= 0xD800 && c <= 0xDBFF && r->end - next >= 6 && next[0] == '\\' &&
        next[1] == 'u' && hex4(r, next + 2, &low) == NULL && low >= 0xDC00 &&
        low <= 0xDFFF) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        next += 6;
    }
    return put_code_point(r, p, c) ? next : NULL;
}

/* The escape at p; returns what follows. */
static const char *put_escaped(struct reader *r, const char *p)
{
    /* what follows the backslash and what it stands for */
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

    if (r->end - p < 2) {
        return syntax(r, r->end, "");
    }
    if (p[1] == 'u') {
        return unicode_escape(r, p);
    }
    const char *hit = p[1] == '\0' ? NULL : strchr(from, p[1]);
    if (hit == NULL) {
        return syntax(r, p + 1, "invalid escape in a string");
    }
    return put(r, to + (hit - from), 1) ? p + 2 : NULL;
}

/* Copy a run of plain ASCII into the open string. */
static const char *put_run(struct reader *r, const char *p)
{
#ifdef AIGOV__SSE2
    while (r->end - p >= 16 && r->w_end - r->w >= 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop =
            _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(0x20)),
                         _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
                                      _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
        int mask = _mm_movemask_epi8(stop);
        _mm_storeu_si128((__m128i *)(void *)r->w, x);
        if (mask != 0) {
            int n = __builtin_ctz((unsigned)mask);
            r->w += n;
            return p + n;
        }
        r->w += 16;
        p += 16;
    }
#endif
    const char *run = aigov__ascii_run(p, r->end);
    return put(r, p, (size_t)(run - p)) ? run : NULL;
}

/* A string that needs decoding from p on; start is its first byte. */
static const char *decode(struct reader *r, const char *start, const char *p,
                          uint32_t i)
{
    open_string(r);
    if (!put(r, start, (size_t)(p - start))) {
        return NULL;
    }
    for (;;) {
        p = put_run(r, p);
        if (p == NULL || p == r->end) {
            return p == NULL ? NULL : syntax(r, p, "");
        }
        if (*p == '"') {
            close_string(r, i);
            return p + 1;
        }
        if (*p == '\\') {
            p = put_escaped(r, p);
        } else if ((uint8_t)*p >= 0x80) {
            p = put_non_ascii(r, p);
        } else {
            return syntax(r, p, "control character in a string");
        }
        if (p == NULL) {
            return NULL;
        }
    }
}

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
            return syntax(r, p, "");
        }
        if (*p == '"') {
            r->x->node[i].text = start;
            r->x->node[i].size = (uint32_t)(p - start);
            return p + 1;
        }
        while (p < r->end && (uint8_t)*p >= 0x80) {
            size_t n = aigov__utf8_length(p, r->end);
            if (n == 0 || (n > 2 && !harmless(r, p, n))) {
                return decode(r, start, p, i);
            }
            p += n;
        }
        if (p < r->end && *p == '\\') {
            return decode(r, start, p, i);
        }
        if (p < r->end && (uint8_t)*p < 0x20) {
            return syntax(r, p, "control character in a string");
        }
    }
}

/* --- numbers and literals ------------------------------------------------ */

/* Keep a number that no double holds as a string: U+241B '#' and the literal.
 */
static bool keep_number(struct reader *r, uint32_t i)
{
    aigov_node *node = &r->x->node[i];

    open_string(r);
    if (!put(r, AIGOV__ESC "#", 4) || !put(r, node->text, node->size)) {
        return false;
    }
    node->type = AIGOV_JSON_STRING;
    close_string(r, i);
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
    return offence(r, node->text, what) && (!r->escaping || keep_number(r, i));
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
        return syntax(r, p, "a digit is expected");
    }
    bool doubtful = p - from > 15; /* fewer digits are at most 2^53 */
    if (p < end && *p == '.') {
        doubtful = p - from > 300;
        from = ++p;
        p = digits(p, end);
        if (p == from) {
            return syntax(r, p, "a digit is expected after the point");
        }
        doubtful |= p - from > 300;
    }
    if (p < end && (*p | 32) == 'e') {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        from = p;
        p = digits(p, end);
        if (p == from) {
            return syntax(r, p, "a digit is expected in the exponent");
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
                return syntax(r, p + k, "a value is expected");
            }
        }
        r->x->node[i].type = (uint8_t)(AIGOV_JSON_NULL + w);
        return p + words[w].n;
    }
    return syntax(r, p, "a value is expected");
}

/* --- names --------------------------------------------------------------- */

/* U+241B '=' k ':' before the name at node i. */
static bool rename_again(struct reader *r, uint32_t i, uint32_t k)
{
    aigov_node *node = &r->x->node[i];

    char count[24];
    int n = snprintf(count, sizeof count, AIGOV__ESC "=%u:", (unsigned)k);

    open_string(r);
    if (!put(r, count, (size_t)n) || !put(r, node->text, node->size)) {
        return false;
    }
    close_string(r, i);
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
        if (!offence(r, r->text + name->at, "a name is given twice")) {
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
            nomem(r);
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
    if (!offence(r, p, "nested too deeply")) {
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
    open_string(r);
    if (!put(r, AIGOV__ESC "j", 4)) {
        return false;
    }
    while (p < end) {
        const char *run = p;
        while (run < end && (uint8_t)*run < 0x80) {
            run++;
        }
        if (!put(r, p, (size_t)(run - p))) {
            return false;
        }
        p = run == end ? end : put_non_ascii(r, run);
        if (p == NULL) {
            return false;
        }
    }
    r->taint = 0;
    close_string(r, i);
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
static inline const char *name(struct reader *r, const char *p)
{
    uint32_t i = r->nodes;

    if (p == r->end || *p != '"') {
        return syntax(r, p, "a name in quotes is expected");
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
        return syntax(r, p, "a colon is expected after a name");
    }
    return p + 1;
}

/* The value at p up to where it or its first element ends; what is open then
 * tells which. */
static inline const char *value(struct reader *r, const char *p)
{
    p = aigov__space(p, r->end);
    if (p == r->end) {
        return syntax(r, p, "");
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
            return name(r, aigov__space(p, r->end));
        }
        if (!at_close(r, p)) {
            return syntax(r, p, "a comma or the closing bracket is expected");
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
                                                                 : name(r, p);
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
    return p == r->end ? p : syntax(r, p, "text after the JSON value");
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

uint32_t aigov_json_get(const aigov_json *j, uint32_t object, const char *name_)
{
    const aigov_node *node = j->node;
    size_t n = strlen(name_);

    if (node[object].type != AIGOV_JSON_OBJECT) {
        return 0;
    }
    for (uint32_t i = object + 1; i < node[object].next; i = node[i + 1].next) {
        if (node[i].size == n && memcmp(node[i].text, name_, n) == 0) {
            return i + 1;
        }
    }
    return 0;
}

aigov_span aigov_json_text(const aigov_json *j, uint32_t i)
{
    const aigov_node *node = &j->node[i];

    if (node->type != AIGOV_JSON_STRING && node->type != AIGOV_JSON_NUMBER) {
        return AIGOV_ABSENT;
    }
    return (aigov_span){node->text, node->size};
}

bool aigov_json_double(const aigov_json *j, uint32_t i, double *v)
{
    struct aigov__decimal d;

    if (j->node[i].type != AIGOV_JSON_NUMBER) {
        return false;
    }
    aigov__decimal_read(aigov_json_text(j, i), &d);
    double got = aigov__decimal_double(j->ctx, &d);
    if (got - got != 0) { /* infinite: only in SYNTAX */
        return false;
    }
    *v = got;
    return true;
}

bool aigov_json_i64(const aigov_json *j, uint32_t i, int64_t *v)
{
    const double limit = 9007199254740992.0; /* 2^53 */
    double d;

    if (!aigov_json_double(j, i, &d) || d < -limit || d > limit ||
        d != (double)(int64_t)d) {
        return false;
    }
    *v = (int64_t)d;
    return true;
}
