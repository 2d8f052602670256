/*
 * own.c - one record of kind `detector`, and its own test cases
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   dictionary   terms, found as whole words
 *   regex        a pattern, with a literal that each match contains, or slow
 *   allow_list   values of its entity that are no findings: exact, by their
 *                end (suffix), by a pattern (regex); by a keyed fingerprint
 * only where there is a key outside      declares an entity that another tool
 * reports
 *
 * Messages name the field and, of a list, which element; never what stands
 * there.
 */
#include "rules.h"

#include <stdio.h>

/* What is read: the record, and the document that has its terms. */
struct reading {
    aigov_rules *r;
    aigov_span subject;
    const aigov_json *j;
    uint32_t node;
    const aigov_json *terms_in; /* NULL: the terms are gone */
    uint32_t terms;             /* node in it, 0 for none */
    aigov__own *own;
    aigov_error *err;
};

/* An own score is as it is written: "0.9", "0.85", "1". */
bool aigov__hundredths(aigov_span text, uint8_t *out)
{
    unsigned v = 0, digits = 0;
    size_t i = 2;
    if (text.n == 0 || text.n > 8 || (text.p[0] != '0' && text.p[0] != '1') ||
        (text.n > 1 && text.p[1] != '.')) {
        return false;
    }
    for (; i < text.n; i++, digits++) {
        if (!aigov__is((unsigned char)text.p[i], AIGOV__DIGIT)) {
            return false;
        }
        v += digits < 2 ? (unsigned)(text.p[i] - '0') * (digits ? 1 : 10) : 0;
    }
    v += (unsigned)(text.p[0] - '0') * 100;
    *out = (uint8_t)v;
    return v <= 100;
}

static uint32_t member(const struct reading *x, const char *name)
{
    uint32_t i = aigov_json_get(x->j, x->node, name);
    return i != 0 && x->j->node[i].type != AIGOV_JSON_NULL ? i : 0;
}

static aigov_span text(const struct reading *x, const char *name)
{
    uint32_t i = member(x, name);
    return i != 0 && x->j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(x->j, i)
               : AIGOV_ABSENT;
}

static aigov_status bad(const struct reading *x, const char *field,
                        const char *why)
{
    uint32_t i = member(x, field);
    return aigov__rules_fail("detector", x->subject, x->j->node[i].at, x->err,
                             "%s %s", field, why);
}

static aigov_status bad_element(const struct reading *x, const char *field,
                                size_t i, const char *why)
{
    return aigov__rules_fail("detector", x->subject,
                             x->j->node[member(x, field)].at, x->err,
                             "%s: element %zu %s", field, i, why);
}

/* --- name, entity, score ------------------------------------------------- */

static bool is_name(aigov_span s)
{
    bool ok = s.n > 0 && s.n <= 64;
    for (size_t i = 0; i < s.n && ok; i++) {
        unsigned char c = (unsigned char)s.p[i];
        ok = aigov__is(c, AIGOV__TOKEN) || c == '.';
    }
    return ok;
}

static bool is_built_in(aigov_span name)
{
    const aigov_detector *d;
    for (size_t i = 0; (d = aigov_detector_at(i)) != NULL; i++) {
        if (aigov_span_is(name, d->name)) {
            return true;
        }
    }
    return false;
}

static bool is_entity_name(aigov_span s)
{
    bool ok = s.n > 1 && s.n <= AIGOV__MAX_ENTITY &&
              aigov__is((unsigned char)s.p[0], AIGOV__UPPER);
    for (size_t i = 0; i < s.n && ok; i++) {
        unsigned char c = (unsigned char)s.p[i];
        ok = aigov__is(c, AIGOV__UPPER | AIGOV__DIGIT) || c == '_';
    }
    return ok;
}

static uint8_t type_of(aigov_span s)
{
    return aigov_span_is(s, "allow_list")   ? AIGOV__OWN_ALLOW
           : aigov_span_is(s, "dictionary") ? AIGOV__OWN_DICTIONARY
           : aigov_span_is(s, "outside")    ? AIGOV__OWN_OUTSIDE
                                            : AIGOV__OWN_REGEX;
}

/* The texts of info, one after the other. */
static bool set_texts(struct reading *x, aigov_span entity)
{
    static const char *const what[] = {"own allow list",
                                       "own dictionary, whole words",
                                       "reported by another "
                                       "tool",
                                       "own pattern"};
    aigov__own *own = x->own;
    aigov_buf *b = &own->text;
    if (!aigov_buf_put(b, x->subject.p, x->subject.n) ||
        !aigov_buf_put(b, "", 1) || !aigov_buf_put(b, entity.p, entity.n) ||
        !aigov_buf_put(b, "", 1)) {
        return false;
    }
    own->info = (aigov_detector){
        .name = b->p,
        .entity = b->p + x->subject.n + 1,
        .class_ = aigov_span_is(entity, "SECRET") ? AIGOV_CLASS_SECRET
                                                  : AIGOV_CLASS_PII,
        .text = what[own->type],
    };
    return true;
}

static aigov_status read_head(struct reading *x)
{
    aigov_span entity = text(x, "entity");
    if (!is_name(x->subject) || is_built_in(x->subject)) {
        return aigov__rules_fail(
            "detector", AIGOV_ABSENT, AIGOV_NO_POS, x->err,
            "the subject is no name of at most 64 letters, digits, - _ and . "
            "that no built-in detector has");
    }
    x->own->type = type_of(text(x, "type"));
    if (!is_entity_name(entity)) {
        return bad(x, "entity", "is not A-Z, then A-Z, 0-9 and _, 2 to 40");
    }
    if (!aigov__hundredths(text(x, "score"), &x->own->score)) {
        return bad(x, "score", "is no decimal from 0 to 1");
    }
    if (!set_texts(x, entity)) {
        return aigov__nomem(x->err);
    }
    return aigov_json_canonical(x->j, x->node, &x->own->canonical, x->err);
}

/* --- patterns ------------------------------------------------------------ */

static aigov_status add_pattern(struct reading *x, aigov_span pattern,
                                bool whole)
{
    aigov__own *own = x->own;
    void *p = own->pattern;
    aigov_status st;
    if (x->r->engine == NULL) {
        st = aigov__engine_new(x->r->ctx, x->r->jit, &x->r->engine, x->err);
        if (st != AIGOV_OK) {
            return st;
        }
    }
    if (!aigov__grow(x->r->ctx, &p, &own->pattern_cap, sizeof *own->pattern,
                     own->patterns + 1)) {
        return aigov__nomem(x->err);
    }
    own->pattern = p;
    st = aigov__pattern_new(x->r->engine, pattern, whole,
                            &own->pattern[own->patterns], x->err);
    own->patterns += st == AIGOV_OK;
    return st;
}

static aigov_status read_regex(struct reading *x)
{
    aigov_span pattern = text(x, "pattern"), literal = text(x, "literal");
    uint32_t slow = member(x, "slow");
    aigov_status st;
    x->own->slow = slow != 0 && x->j->node[slow].type == AIGOV_JSON_TRUE;
    if (pattern.n == 0) {
        return bad(x, "pattern", "is missing");
    }
    if (!x->own->slow && literal.n < 2) {
        return bad(
            x, "literal",
            "is missing or of one byte: a text that each match contains, "
            "or slow true");
    }
    if (!aigov_buf_put(&x->own->literal, literal.p, literal.n)) {
        return aigov__nomem(x->err);
    }
    st = add_pattern(x, pattern, false);
    if (st == AIGOV_ARG) {
        aigov_error why = *x->err;
        st = bad(x, "pattern", why.text);
        x->err->pos += 1 + why.pos; /* as if nothing in it were escaped */
    }
    return st;
}

/* --- terms --------------------------------------------------------------- */

static aigov_span term_at(const struct reading *x, uint32_t i)
{
    const aigov_json *j = x->terms_in;
    return j->node[i].type == AIGOV_JSON_STRING ? aigov_json_text(j, i)
                                                : AIGOV_ABSENT;
}

/* SHA-256 of the terms, each ended by a line feed, is what the record says. */
static aigov_status check_hash(struct reading *x)
{
    uint8_t want[32], have[32];
    aigov_status st = AIGOV_OK;
    aigov_span all;
    aigov_buf b;
    bool ok = true;
    aigov_buf_init(&b, x->r->ctx);
    for (uint32_t i = x->terms + 1, end = x->terms_in->node[x->terms].next;
         i < end && ok; i = x->terms_in->node[i].next) {
        aigov_span term = term_at(x, i);
        ok = aigov_buf_put(&b, term.p, term.n) && aigov_buf_put(&b, "\n", 1);
    }
    all = aigov_buf_span(&b);
    st = ok ? aigov_sha256(x->r->ctx, &all, 1, have, x->err)
            : aigov__nomem(x->err);
    aigov_buf_free(&b);
    if (st == AIGOV_OK &&
        (!aigov_hex_parse(text(x, "terms_sha256"), want, sizeof want) ||
         memcmp(want, have, sizeof want) != 0)) {
        st = bad(x, "terms_sha256",
                 "is not that of the terms, each ended by a line feed");
    }
    return st;
}

/* One term, which `fold` made a view of; *fits as in terms.c. */
static aigov_status add_term(struct reading *x, aigov_scanner *fold,
                             aigov_span term, bool *fits)
{
    aigov__own *own = x->own;
    aigov_span view;
    *fits = term.n > 0;
    if (own->type == AIGOV__OWN_ALLOW && own->match == AIGOV__MATCH_REGEX) {
        aigov_status st = AIGOV_OK;
        *fits = *fits && own->patterns < AIGOV__MAX_PATTERNS;
        st = *fits ? add_pattern(x, term, true) : st;
        *fits = *fits && st != AIGOV_ARG;
        return st == AIGOV_ARG ? AIGOV_OK : st;
    }
    fold->raw = term;
    aigov__fold(fold);
    view = (aigov_span){fold->p, fold->n};
    if (fold->nomem ||
        (*fits && !(own->type == AIGOV__OWN_DICTIONARY
                        ? aigov__terms_add(&own->terms, view, fits)
                        : aigov__terms_add_value(
                              &own->terms, view,
                              own->match == AIGOV__MATCH_SUFFIX, fits)))) {
        return aigov__nomem(x->err);
    }
    return AIGOV_OK;
}

static aigov_status add_terms(struct reading *x, aigov_scanner *fold)
{
    aigov_status st = AIGOV_OK;
    bool fits;
    size_t n = 0;
    for (uint32_t i = x->terms + 1, end = x->terms_in->node[x->terms].next;
         i < end && st == AIGOV_OK; i = x->terms_in->node[i].next) {
        n++;
        st = add_term(x, fold, term_at(x, i), &fits);
        if (st == AIGOV_OK && !fits) {
            st = bad_element(x, "terms", n,
                             "is no text of 1 to 200 bytes and 32 words, or "
                             "does not compile");
        }
        if ((n & 0xFFFF) == 0 && aigov__interrupted(x->r->ctx)) {
            st = aigov_fail(x->err, AIGOV_CANCELED, AIGOV_NO_POS,
                            "canceled by the host");
        }
    }
    return st;
}

static aigov_status count_terms(struct reading *x)
{
    int64_t count;
    uint32_t node = member(x, "terms_count");
    const aigov_json *j = x->terms_in;
    if (j->node[x->terms].type != AIGOV_JSON_ARRAY) {
        return bad(x, "terms", "is no array of texts");
    }
    for (uint32_t i = x->terms + 1; i < j->node[x->terms].next;
         i = j->node[i].next) {
        if (j->node[i].type != AIGOV_JSON_STRING) {
            return bad(x, "terms", "is no array of texts");
        }
    }
    x->own->terms_n = j->node[x->terms].size;
    if (node == 0 || !aigov_json_i64(x->j, node, &count) ||
        count != (int64_t)x->own->terms_n || count > AIGOV__MAX_TERMS) {
        return bad(x, "terms_count", "is not the number of terms");
    }
    return AIGOV_OK;
}

static aigov_status read_terms(struct reading *x)
{
    aigov_scanner *fold = NULL;
    aigov_status st;
    if (x->terms == 0) {
        x->own->missing = "its terms are not there: erased, or not imported";
        return AIGOV_OK;
    }
    st = count_terms(x);
    st = st == AIGOV_OK ? check_hash(x) : st;
    if (st == AIGOV_OK &&
        !aigov__terms_begin(&x->own->terms, x->r->ctx, x->own->terms_n)) {
        st = aigov__nomem(x->err);
    }
    st = st == AIGOV_OK ? aigov_scanner_new(x->r->ctx, &fold, x->err) : st;
    st = st == AIGOV_OK ? add_terms(x, fold) : st;
    aigov_scanner_free(fold);
    return st;
}

static aigov_status read_allow(struct reading *x)
{
    aigov_span match = text(x, "match");
    x->own->match = aigov_span_is(match, "suffix")  ? AIGOV__MATCH_SUFFIX
                    : aigov_span_is(match, "regex") ? AIGOV__MATCH_REGEX
                                                    : AIGOV__MATCH_EXACT;
    if (aigov_span_is(match, "fingerprint")) {
        x->own->match = AIGOV__MATCH_FINGERPRINT;
        x->own->missing = "fingerprints need a key, and there is none";
        return AIGOV_OK;
    }
    return match.n == 0 ? bad(x, "match", "is missing") : read_terms(x);
}

/* --- the record ---------------------------------------------------------- */

static aigov_status read(struct reading *x)
{
    aigov_status st = read_head(x);
    if (st != AIGOV_OK) {
        return st;
    }
    switch (x->own->type) {
    case AIGOV__OWN_ALLOW:
        return read_allow(x);
    case AIGOV__OWN_DICTIONARY:
        return read_terms(x);
    case AIGOV__OWN_REGEX:
        return read_regex(x);
    default:
        return AIGOV_OK;
    }
}

/* Terms stand in the record (a put), or in content.fields. */
static void find_terms(struct reading *x, const aigov_json *content)
{
    x->terms_in = x->j;
    x->terms = member(x, "terms");
    if (x->terms == 0 && content != NULL &&
        content->node[0].type == AIGOV_JSON_OBJECT) {
        uint32_t fields = aigov_json_get(content, 0, "fields");
        x->terms_in = content;
        x->terms =
            fields != 0 && content->node[fields].type == AIGOV_JSON_OBJECT
                ? aigov_json_get(content, fields, "terms")
                : 0;
    }
}

aigov_status aigov__own_read(aigov_rules *r, aigov_span subject,
                             const aigov_json *j, uint32_t node,
                             const aigov_json *content, aigov__own **out,
                             aigov_error *err)
{
    struct reading x = {
        .r = r, .subject = subject, .j = j, .node = node, .err = err};
    aigov_status st;
    if (j->node[node].type != AIGOV_JSON_OBJECT) {
        return aigov__rules_fail("detector", subject, 0, err, "is no object");
    }
    x.own = aigov_malloc(r->ctx, sizeof *x.own);
    if (x.own == NULL) {
        return aigov__nomem(err);
    }
    memset(x.own, 0, sizeof *x.own);
    aigov_buf_init(&x.own->text, r->ctx);
    aigov_buf_init(&x.own->canonical, r->ctx);
    aigov_buf_init(&x.own->literal, r->ctx);
    find_terms(&x, content);
    st = read(&x);
    if (st != AIGOV_OK) {
        aigov__own_free(r->ctx, x.own);
        return st;
    }
    *out = x.own;
    return AIGOV_OK;
}

void aigov__own_free(aigov_ctx *ctx, aigov__own *own)
{
    for (size_t i = 0; i < own->patterns; i++) {
        aigov__pattern_free(own->pattern[i]);
    }
    aigov_mfree(ctx, own->pattern, own->pattern_cap * sizeof *own->pattern);
    aigov__terms_free(&own->terms);
    aigov_buf_free(&own->text);
    aigov_buf_free(&own->canonical);
    aigov_buf_free(&own->literal);
    aigov_mfree(ctx, own, sizeof *own);
}

/* --- its test cases ------------------------------------------------------ */

/* How often the one detector of the rules finds something in a text. */
static aigov_status hits_in(aigov_scanner *s, aigov_span in, size_t *hits,
                            aigov_error *err)
{
    s->raw = in;
    s->hits = 0;
    s->nomem = s->canceled = false;
    s->withheld = NULL;
    aigov__fold(s);
    if (!s->nomem) {
        aigov__scan_own(s);
    }
    *hits = s->hits;
    if (s->withheld != NULL) {
        return AIGOV_WITHHELD;
    }
    if (s->canceled) {
        return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                          "canceled by the host");
    }
    return s->nomem ? aigov__nomem(err) : AIGOV_OK;
}

static aigov_status try_case(struct reading *x, aigov_scanner *s,
                             const char *field, size_t n, aigov_span in,
                             bool want)
{
    const aigov_buf *literal = &x->own->literal;
    size_t hits;
    aigov_status st;
    if (in.p == NULL || in.n > AIGOV__MAX_CASE) {
        return bad_element(x, field, n, "is no text of at most 8192 bytes");
    }
    if (want && literal->n > 0 && in.n > 0 &&
        memmem(in.p, in.n, literal->p, literal->n) == NULL) {
        return bad_element(x, field, n, "does not contain the literal");
    }
    st = hits_in(s, in, &hits, x->err);
    if (st == AIGOV_WITHHELD) {
        return bad_element(x, field, n, "meets a limit of the pattern");
    }
    if (st == AIGOV_OK && (hits > 0) != want) {
        return bad_element(x, field, n,
                           want ? "is not found" : "is found and must not be");
    }
    return st;
}

static aigov_status try_list(struct reading *x, aigov_scanner *s,
                             const char *field, bool want)
{
    uint32_t node = member(x, field);
    aigov_status st = AIGOV_OK;
    size_t n = 0;
    if (node == 0 || x->j->node[node].type != AIGOV_JSON_ARRAY ||
        x->j->node[node].size == 0) {
        return bad(x, field, "is missing: an array of texts");
    }
    for (uint32_t i = node + 1; i < x->j->node[node].next && st == AIGOV_OK;
         i = x->j->node[i].next) {
        aigov_span in = x->j->node[i].type == AIGOV_JSON_STRING
                            ? aigov_json_text(x->j, i)
                            : AIGOV_ABSENT;
        st = try_case(x, s, field, ++n, in, want);
    }
    return st;
}

aigov_status aigov__own_try(aigov_rules *r, const aigov_json *j, uint32_t node,
                            aigov_error *err)
{
    aigov__own *own = r->own[0];
    struct reading x = {.r = r,
                        .subject = aigov_str(own->info.name),
                        .j = j,
                        .node = node,
                        .own = own,
                        .err = err};
    aigov_scanner *s;
    aigov_status st;
    if (own->missing != NULL ||
        (own->type != AIGOV__OWN_DICTIONARY && own->type != AIGOV__OWN_REGEX)) {
        return AIGOV_OK;
    }
    st = aigov_scanner_new(r->ctx, &s, err);
    if (st != AIGOV_OK) {
        return st;
    }
    aigov__scanner_for(s, r, AIGOV__STORE, AIGOV_ABSENT);
    r->builtin->threshold = 0;
    st = try_list(&x, s, "positives", true);
    st = st == AIGOV_OK ? try_list(&x, s, "negatives", false) : st;
    aigov_scanner_free(s);
    return st;
}
