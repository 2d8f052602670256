/*
 * outside.c - the member `findings`: what outside detectors found
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   {"detector":"ner-1","at":"/input/0/content","entity":"PERSON",
 *    "start":7,"stop":14,"score":0.9}
 *
 * `at` is a JSON Pointer (RFC 6901) to a text or number of the record, the
 * first slash may be left out.  The detector is one of type outside that is in
 * force; its record says the entity, and the score where none is given here.
 * What core/redact does with it: outside.c there.
 *
 * Errors name the finding by its place, and hold nothing of it.
 */
#include "internal.h"

static aigov_status bad(const aigov_record *r, uint32_t node, const char *what,
                        aigov_error *err)
{
    return aigov_fail(err, AIGOV_FIELD, r->j.node[node].at, "a finding: %s",
                      what);
}

/* --- at ------------------------------------------------------------------ */

/* Cut the next token off a pointer that begins with its slash. */
static aigov_span next_token(aigov_span *pointer)
{
    const char *p = pointer->p + 1, *end = pointer->p + pointer->n;
    const char *slash = memchr(p, '/', (size_t)(end - p));
    const char *stop = slash != NULL ? slash : end;
    *pointer = (aigov_span){stop, (size_t)(end - stop)};
    return (aigov_span){p, (size_t)(stop - p)};
}

/* "~0" is "~", "~1" is "/". */
static bool is_token(aigov_span token, aigov_span name)
{
    size_t k = 0;
    for (size_t i = 0; i < token.n; i++, k++) {
        char c = token.p[i];
        if (c == '~') {
            if (++i == token.n || (token.p[i] != '0' && token.p[i] != '1')) {
                return false;
            }
            c = token.p[i] == '0' ? '~' : '/';
        }
        if (k >= name.n || name.p[k] != c) {
            return false;
        }
    }
    return k == name.n;
}

static bool index_of(aigov_span token, uint32_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < token.n; i++) {
        if (token.p[i] < '0' || token.p[i] > '9' || v > UINT32_MAX) {
            return false;
        }
        v = v * 10 + (uint64_t)(token.p[i] - '0');
    }
    *out = (uint32_t)v;
    return token.n > 0 && (token.n == 1 || token.p[0] != '0') &&
           v <= UINT32_MAX;
}

/* The member or element of a container that a token names; 0: none. */
static uint32_t inside(const aigov_json *j, uint32_t node, aigov_span token)
{
    uint32_t end = j->node[node].next, index;
    if (j->node[node].type == AIGOV_JSON_OBJECT) {
        for (uint32_t i = node + 1; i < end; i = j->node[i + 1].next) {
            if (is_token(token, aigov__text(j, i))) {
                return i + 1;
            }
        }
        return 0;
    }
    if (j->node[node].type != AIGOV_JSON_ARRAY || !index_of(token, &index) ||
        index >= j->node[node].size) {
        return 0;
    }
    for (node++; index > 0; index--) {
        node = j->node[node].next;
    }
    return node;
}

static uint32_t resolve(const aigov_json *j, aigov_span at)
{
    aigov_span first = at;
    uint32_t node = 0;
    if (at.p[0] != '/') {
        const char *slash = memchr(at.p, '/', at.n);
        first.n = slash != NULL ? (size_t)(slash - at.p) : at.n;
        node = inside(j, 0, first);
        if (node == 0) {
            return 0;
        }
        at = (aigov_span){at.p + first.n, at.n - first.n};
    }
    while (at.n > 0) {
        node = inside(j, node, next_token(&at));
        if (node == 0) {
            return 0;
        }
    }
    return node;
}

/* --- one finding --------------------------------------------------------- */

static uint32_t part(const aigov_record *r, uint32_t node, const char *name)
{
    uint32_t i = aigov_json_get(&r->j, node, name);
    return i != 0 && r->j.node[i].type != AIGOV_JSON_NULL ? i : 0;
}

static aigov_status read_detector(const aigov_record *r, uint32_t node,
                                  aigov__outside *out, aigov_error *err)
{
    uint32_t name = part(r, node, "detector"), given = part(r, node, "entity");
    const char *entity;
    if (!aigov__outside_detector(r->in_force, aigov_json_text(&r->j, name), out,
                                 &entity)) {
        bad(r, name, "no detector of type outside in force has this name", err);
        return aigov_hint(err, "a steward puts it: put('detector', ...)");
    }
    if (given != 0 && !aigov_span_is(aigov_json_text(&r->j, given), entity)) {
        return bad(r, given, "entity is not that of its detector", err);
    }
    return AIGOV_OK;
}

static aigov_status read_score(const aigov_record *r, uint32_t node,
                               aigov__outside *out, aigov_error *err)
{
    uint32_t i = part(r, node, "score");
    double d;
    if (i == 0) {
        return AIGOV_OK;
    }
    if (!aigov_json_double(&r->j, i, &d) || d < 0 || d > 1) {
        return bad(r, i, "score is outside 0 to 1", err);
    }
    out->score = (uint8_t)(d * 100 + 0.5);
    return AIGOV_OK;
}

static aigov_status read_range(const aigov_record *r, uint32_t node,
                               aigov__outside *out, aigov_error *err)
{
    int64_t start = 0, stop = 0;
    aigov_json_i64(&r->j, part(r, node, "start"), &start);
    aigov_json_i64(&r->j, part(r, node, "stop"), &stop);
    if (start >= stop) {
        return bad(r, node, "start is not before stop", err);
    }
    out->start = (size_t)start;
    out->stop = (size_t)stop;
    return AIGOV_OK;
}

static aigov_status no_text(size_t pos, aigov_error *err)
{
    aigov_fail(err, AIGOV_FIELD, pos,
               "a finding: at names no text that is redacted");
    return aigov_hint(err, "a JSON Pointer into the record, as /input or "
                           "/input/0/content");
}

/* Findings of one text often follow one another: `before` is not asked again.
 */
static aigov_status read_place(const aigov_record *r, uint32_t node,
                               uint32_t before, aigov__outside *out,
                               aigov_error *err)
{
    uint32_t at = part(r, node, "at");
    uint32_t last = before != 0 ? part(r, before, "at") : 0;
    out->pos = r->j.node[at].at;
    if (last != 0 && aigov_span_eq(aigov_json_text(&r->j, at),
                                   aigov_json_text(&r->j, last))) {
        out->node = r->outside[r->outsides - 1].node;
        return AIGOV_OK;
    }
    out->node = resolve(&r->j, aigov_json_text(&r->j, at));
    return out->node != 0 ? AIGOV_OK : no_text(out->pos, err);
}

static aigov_status read_one(aigov_record *r, uint32_t node, uint32_t before,
                             aigov_error *err)
{
    aigov__outside *out = &r->outside[r->outsides];
    aigov_status st;
    memset(out, 0, sizeof *out);
    st = read_detector(r, node, out, err);
    st = st == AIGOV_OK ? read_score(r, node, out, err) : st;
    st = st == AIGOV_OK ? read_range(r, node, out, err) : st;
    st = st == AIGOV_OK ? read_place(r, node, before, out, err) : st;
    r->outsides += st == AIGOV_OK;
    return st;
}

/* --- all of them --------------------------------------------------------- */

static bool reserve(aigov_record *r, size_t n)
{
    void *p = r->outside, *k = r->outside_key;
    bool ok = n <= r->outside_cap ||
              aigov__grow(r->ctx, &p, &r->outside_cap, sizeof *r->outside, n);
    r->outside = p;
    ok = ok &&
         (n <= r->outside_keys ||
          aigov__grow(r->ctx, &k, &r->outside_keys, sizeof *r->outside_key, n));
    r->outside_key = k;
    return ok;
}

/* By the node; in place, along the cycles of the order that the keys give. */
static void order(aigov_record *r)
{
    aigov__border *k = r->outside_key;
    for (size_t i = 0; i < r->outsides; i++) {
        k[i] = (aigov__border){(uint64_t)r->outside[i].node << 32 | i,
                               (uint32_t)i};
    }
    aigov__sort_borders(k, r->outsides);
    for (size_t i = 0; i < r->outsides; i++) {
        aigov__outside first = r->outside[i];
        size_t at = i;
        while (k[at].i != i) {
            size_t from = k[at].i;
            r->outside[at] = r->outside[from];
            k[at].i = (uint32_t)at;
            at = from;
        }
        r->outside[at] = first;
        k[at].i = (uint32_t)at;
    }
}

aigov_status aigov__outside_read(aigov_record *r, aigov_error *err)
{
    uint32_t list = r->node[AIGOV__M_findings], before = 0;
    aigov_status st = AIGOV_OK;
    r->outsides = 0;
    if (list == 0) {
        return AIGOV_OK;
    }
    if (!reserve(r, r->j.node[list].size)) {
        return aigov__nomem(err);
    }
    for (uint32_t i = list + 1; i < r->j.node[list].next && st == AIGOV_OK;
         i = r->j.node[i].next) {
        st = aigov__interrupted(r->ctx)
                 ? aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                              "canceled by the host")
                 : read_one(r, i, before, err);
        before = i;
    }
    if (st == AIGOV_OK) {
        order(r);
    }
    return st;
}

aigov_status aigov__outside_met(const aigov_record *r, aigov_error *err)
{
    for (size_t i = 0; i < r->outsides; i++) {
        if (!r->outside[i].met) {
            return no_text(r->outside[i].pos, err);
        }
    }
    return AIGOV_OK;
}

void aigov__outside_free(aigov_record *r)
{
    aigov_mfree(r->ctx, r->outside, r->outside_cap * sizeof *r->outside);
    aigov_mfree(r->ctx, r->outside_key,
                r->outside_keys * sizeof *r->outside_key);
}
