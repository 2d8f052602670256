/*
 * leaf.c - the bytes that an entry's hash covers, and two small objects
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Leaf version 1 (docs/formats.md section 2): one object, these members in this
 * order, a NULL column left out:
 *
 *   actor at body commitment decision digest id interaction kind lane model
 *   operation prev provider recorded_by seq status subject system v
 *
 * Straight-line code instead of a table: what a hash covers is to be read in
 * one screen, and verify builds a million of these.
 */
#include "internal.h"

/* Every member is put with a comma before it; at the end a brace goes over the
 * first. */
#define PUT(b, literal) aigov__append(b, literal, sizeof literal - 1)

static bool put_text(aigov_buf *b, const char *name, size_t n, aigov_span s)
{
    return s.p == NULL ||
           (aigov__append(b, name, n) && aigov_buf_put_json_string(b, s));
}

static bool put_hex(aigov_buf *b, const char *name, size_t n, aigov_span s)
{
    return s.p == NULL ||
           (aigov__append(b, name, n) && PUT(b, "\"") &&
            aigov_buf_put_hex(b, (const uint8_t *)s.p, s.n) && PUT(b, "\""));
}

static bool put_object(aigov_buf *b, const char *name, size_t n, aigov_span s)
{
    return s.p == NULL ||
           (aigov__append(b, name, n) && aigov_buf_put(b, s.p, s.n));
}

#define TEXT(name, s) put_text(b, ",\"" name "\":", sizeof name + 3, s)
#define HEX(name, s) put_hex(b, ",\"" name "\":", sizeof name + 3, s)
#define OBJECT(name, s) put_object(b, ",\"" name "\":", sizeof name + 3, s)
#define INT(name, v) (PUT(b, ",\"" name "\":") && aigov_buf_put_i64(b, v))

static bool put_leaf(aigov_buf *b, const aigov_entry *e, aigov_span at)
{
    return TEXT("actor", e->actor) && TEXT("at", at) &&
           OBJECT("body", e->body) && HEX("commitment", e->commitment) &&
           TEXT("decision", e->decision) && HEX("digest", e->digest) &&
           TEXT("id", e->id) && TEXT("interaction", e->interaction) &&
           TEXT("kind", e->kind) && INT("lane", e->lane) &&
           TEXT("model", e->model) && TEXT("operation", e->operation) &&
           HEX("prev", e->prev) && TEXT("provider", e->provider) &&
           OBJECT("recorded_by", e->recorded_by) && INT("seq", e->seq) &&
           TEXT("status", e->status) && TEXT("subject", e->subject) &&
           TEXT("system", e->system) && INT("v", e->v) && PUT(b, "}");
}

aigov_status aigov_leaf(const aigov_entry *e, aigov_buf *out, aigov_error *err)
{
    char text[AIGOV_TIME_LEN + 1];
    size_t start = out->n;
    if (e->at < AIGOV__MIN_TIME || e->at > AIGOV__MAX_TIME) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "the time of the entry is outside years 1 to 9999");
    }
    aigov_time_format(e->at, text);
    /* one growth for the usual case; the parts check again */
    if (!aigov_buf_reserve(out, e->body.n + e->recorded_by.n + 1024) ||
        !put_leaf(out, e, (aigov_span){text, AIGOV_TIME_LEN})) {
        out->n = start;
        return aigov__nomem(err);
    }
    out->p[start] = '{';
    return AIGOV_OK;
}

/* --- receipt ------------------------------------------------------------- */

static bool put_receipt(aigov_buf *b, const aigov_entry *e, aigov_span at,
                        aigov_span duplicate)
{
    return TEXT("at", at) && TEXT("decision", e->decision) &&
           OBJECT("duplicate", duplicate) && HEX("hash", e->hash) &&
           TEXT("id", e->id) && INT("lane", e->lane) && INT("log", e->log) &&
           INT("seq", e->seq) && PUT(b, "}");
}

aigov_status aigov_receipt(const aigov_entry *e, aigov_duplicate duplicate,
                           aigov_buf *out, aigov_error *err)
{
    static const char *const word[] = {"false", "true", "\"unchecked\""};
    char text[AIGOV_TIME_LEN + 1];
    size_t start = out->n;
    if (e->at < AIGOV__MIN_TIME || e->at > AIGOV__MAX_TIME) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "the time of the entry is outside years 1 to 9999");
    }
    aigov_time_format(e->at, text);
    if (!put_receipt(out, e, (aigov_span){text, AIGOV_TIME_LEN},
                     aigov_str(word[duplicate]))) {
        out->n = start;
        return aigov__nomem(err);
    }
    out->p[start] = '{';
    return AIGOV_OK;
}

/* --- recorded_by --------------------------------------------------------- */

#define MAX_PART 256

/* A login is what the system says it is: bytes that are not UTF-8 (an OS user
 * in Latin-1) become '?', since an append must not fail for them. */
static bool put_part(aigov_buf *b, const char *name, size_t n, aigov_span s)
{
    char clean[MAX_PART];
    size_t at = 0;
    if (s.p == NULL) {
        return true;
    }
    memcpy(clean, s.p, s.n);
    for (;;) {
        at += aigov_utf8_valid((aigov_span){clean + at, s.n - at});
        if (at == s.n) {
            break;
        }
        clean[at++] = '?';
    }
    return put_text(b, name, n, (aigov_span){clean, s.n});
}

/* An application names itself, in words of its own; login, role and address are
 * what the server knows. */
static aigov_status redact_part(aigov_ctx *ctx, aigov_span s, aigov_buf *out,
                                aigov_error *err)
{
    aigov_scanner *scanner;
    aigov_status st = AIGOV_OK;
    if (s.p == NULL) {
        return AIGOV_OK;
    }
    st = aigov_scanner_new(ctx, &scanner, err);
    if (st == AIGOV_OK) {
        st = aigov_redact(scanner, s, AIGOV_LIT(""), out, NULL, NULL, err);
        aigov_scanner_free(scanner);
    }
    return st;
}

#define PART(name, s) put_part(out, ",\"" name "\":", sizeof name + 3, s)

static aigov_status put_parts(aigov_span login, aigov_span role,
                              aigov_span application, aigov_span address,
                              bool verified, aigov_buf *out, aigov_error *err)
{
    size_t start = out->n;
    if (!PART("address", address) || !PART("application", application) ||
        !PART("login", login) || !PART("role", role) ||
        (!verified && !PUT(out, ",\"verified\":false")) ||
        (out->n == start && !PUT(out, ",")) || !PUT(out, "}")) {
        out->n = start;
        return aigov__nomem(err);
    }
    if (out->n - start > AIGOV__MAX_RECORDED_BY) {
        size_t n = out->n - start;
        out->n = start;
        return aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                          "recorded_by has %zu bytes, at most %d fit", n,
                          AIGOV__MAX_RECORDED_BY);
    }
    out->p[start] = '{';
    return AIGOV_OK;
}

aigov_status aigov_recorded_by(aigov_ctx *ctx, aigov_span login,
                               aigov_span role, aigov_span application,
                               aigov_span address, bool verified,
                               aigov_buf *out, aigov_error *err)
{
    aigov_buf clean;
    aigov_status st;
    if (login.n > MAX_PART || role.n > MAX_PART || application.n > MAX_PART ||
        address.n > MAX_PART) {
        return aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                          "login, role, application and address have at most "
                          "%d bytes each",
                          MAX_PART);
    }
    aigov_buf_init(&clean, ctx);
    st = redact_part(ctx, application, &clean, err);
    if (st == AIGOV_OK) {
        application.p = application.p == NULL ? NULL : clean.p;
        application.n = clean.n < MAX_PART ? clean.n : MAX_PART;
        st = put_parts(login, role, application, address, verified, out, err);
    }
    aigov_buf_free(&clean);
    return st;
}

/* --- an origin ----------------------------------------------------------- */

static aigov_status refuse_found(const aigov_finding *f, size_t n,
                                 aigov_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (f[i].detector->class_ != AIGOV_CLASS_SOFT) {
            aigov_fail(err, AIGOV_ARG, f[i].start, "the origin holds %s (%s)",
                       f[i].detector->class_ == AIGOV_CLASS_SECRET
                           ? "a secret"
                           : "personal data",
                       f[i].detector->name);
            return aigov_hint(err, "an origin is for all to see; take a name "
                                   "such as example.com/ai-log");
        }
    }
    return AIGOV_OK;
}

aigov_status aigov_origin_check(aigov_ctx *ctx, aigov_span origin, int64_t *log,
                                aigov_error *err)
{
    aigov_scanner *scanner;
    const aigov_finding *f;
    size_t n;
    aigov_status st = aigov_log_number(ctx, origin, log, err);
    if (st == AIGOV_OK) {
        st = aigov_scanner_new(ctx, &scanner, err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    st = aigov_scan(scanner, origin, AIGOV_LIT(""), &f, &n, err);
    if (st == AIGOV_OK) {
        st = refuse_found(f, n, err);
    }
    aigov_scanner_free(scanner);
    return st;
}
