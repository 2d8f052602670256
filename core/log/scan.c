/*
 * scan.c - the scan stage: what detectors find never reaches entry or content
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Runs over the nodes of a record whose names and types were checked, and makes
 * a second text of it where something is found; body, columns, content and
 * digest all come from that text.  Where nothing is found nothing is copied.
 *
 *   content                        [ENTITY] in place of each finding
 *   text, id, attribute, name      the value becomes [ENTITY]
 *   integer, score, amount, figure of usage or facts
 *                                  becomes null: counts as absent
 *   id, time, hex, enumerated, boolean
 *                                  not looked at: their form says it all
 *
 * What outside detectors found (member `findings`) is among it; the member
 * itself becomes null.  What the profile in force does instead
 * (docs/redaction.md) it does in content; names and ids become [ENTITY] all the
 * same.
 *
 * Names that members.def and envelope.c give are aigov's own and no context;
 * names that the caller chose are.  Limits hold for what was handed in.
 */
#include "internal.h"

#define SHORT_FIGURE 6     /* digits that identify nobody without a context */
#define MAX_REDACTION 4096 /* bytes of body.redaction, about */

static aigov_status value(aigov_record *r, uint32_t node,
                          const aigov__member *m, aigov_error *err);

/* --- values by their type ------------------------------------------------ */

static aigov_status put_through(aigov_record *r, uint32_t node,
                                aigov__manner manner, aigov_error *err)
{
    return aigov__rewrite_value(aigov__rewriter_of(r->scanner), node, manner,
                                err);
}

/* The members of an object of a shape; names it does not know are content. */
static aigov_status object(aigov_record *r, uint32_t node,
                           const aigov__shape *shape, aigov_error *err)
{
    const aigov_json *j = &r->j;
    aigov__renames renames = {0};
    aigov_status st = AIGOV_OK;
    for (uint32_t i = node + 1; i < j->node[node].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        const aigov__member *m = aigov__shape_find(shape, aigov__text(j, i));
        st = m != NULL
                 ? value(r, i + 1, m, err)
                 : aigov__rewrite_member(aigov__rewriter_of(r->scanner), node,
                                         i, AIGOV__IN_PARTS, &renames, err);
    }
    return st;
}

static aigov_status list(aigov_record *r, uint32_t node,
                         const aigov__shape *shape, aigov_error *err)
{
    const aigov_json *j = &r->j;
    aigov_status st = AIGOV_OK;
    for (uint32_t i = node + 1; i < j->node[node].next && st == AIGOV_OK;
         i = j->node[i].next) {
        st = object(r, i, shape, err);
    }
    return st;
}

static aigov_status value(aigov_record *r, uint32_t node,
                          const aigov__member *m, aigov_error *err)
{
    switch (m->type) {
    case AIGOV__UUID:
    case AIGOV__TIME:
    case AIGOV__HEX:
    case AIGOV__BOOL:
    case AIGOV__ENUM:
    case AIGOV__CURRENCY:
    case AIGOV__KIND:
        return AIGOV_OK;
    case AIGOV__NODE:
    case AIGOV__NODE_ID:
        return put_through(r, node, AIGOV__AS_NODE, err);
    case AIGOV__INT:
    case AIGOV__NUMBER:
    case AIGOV__DECIMAL:
        return r->j.node[node].size < SHORT_FIGURE
                   ? AIGOV_OK
                   : put_through(r, node, AIGOV__AS_NULL, err);
    case AIGOV__USAGE:
    case AIGOV__FACTS:
    case AIGOV__LOSS:
        return put_through(r, node, AIGOV__FIGURES, err);
    case AIGOV__OBJECT:
        return r->j.node[node].type == AIGOV_JSON_OBJECT
                   ? object(r, node, m->arg, err)
                   : AIGOV_OK;
    case AIGOV__LIST:
        return list(r, node, m->arg, err);
    case AIGOV__ANY:
        return put_through(r, node, AIGOV__IN_PARTS, err);
    default:
        return put_through(r, node, AIGOV__AS_WHOLE, err);
    }
}

/* --- the record ---------------------------------------------------------- */

static aigov__counts *counts_of(aigov_record *r, uint32_t member)
{
    switch (member) {
    case AIGOV__M_output:
        return &r->found[AIGOV__OUTPUT];
    case AIGOV__M_documents:
        return &r->found[AIGOV__RETRIEVAL];
    case AIGOV__M_tool:
    case AIGOV__M_tools:
        return &r->found[AIGOV__TOOL];
    default:
        return &r->found[AIGOV__INPUT];
    }
}

static void forget(aigov_record *r)
{
    for (int d = 0; d < AIGOV__DIRECTIONS; d++) {
        if (r->found[d].all != 0) {
            memset(&r->found[d], 0, sizeof r->found[d]);
        }
    }
}

static aigov_status scan_members(aigov_record *r, aigov__rewriter *w,
                                 bool counts, aigov_error *err)
{
    const aigov_json *j = &r->j;
    aigov_status st = AIGOV_OK;
    for (uint32_t i = 1; i < j->nodes && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        uint32_t m = aigov__member_find(aigov__text(j, i));
        if (counts) {
            aigov__rewrite_count(w, counts_of(r, m));
        }
        st = m == AIGOV__M_findings && j->node[i + 1].type == AIGOV_JSON_ARRAY
                 ? aigov__rewrite_null(w, i + 1, err)
                 : value(r, i + 1, &aigov__members[m], err);
    }
    return st;
}

/* Look at r->clean once more, into r->part; what is found there is not counted
 * again.  The nodes of the record as handed in stay in r->j. */
static aigov_status look(aigov_record *r, aigov__rewriter *w, aigov_error *err)
{
    aigov_json was = r->j;
    aigov_status st;
    r->j = (aigov_json){.ctx = r->ctx};
    r->part.n = 0;
    st = aigov_json_read(&r->j, AIGOV_JSON_CONTENT, aigov_buf_span(&r->clean),
                         err);
    if (st == AIGOV_OK) {
        aigov__rewrite_begin(w, &r->j, aigov_buf_span(&r->clean), &r->part);
        st = scan_members(r, w, false, err);
    }
    if (st == AIGOV_OK && !aigov__rewrite_end(w, true)) {
        st = aigov__nomem(err);
    }
    aigov_json_free(&r->j);
    r->j = was;
    return st;
}

/* What a mask or a drop left, until nothing changes any more. */
static aigov_status look_again(aigov_record *r, aigov__rewriter *w,
                               aigov_error *err)
{
    for (int i = 0; i < AIGOV__LOOKS; i++) {
        aigov_buf was = r->clean;
        aigov_status st = look(r, w, err);
        if (st != AIGOV_OK) {
            return st;
        }
        r->clean = r->part;
        r->part = was;
        if (was.n == r->clean.n && memcmp(was.p, r->clean.p, was.n) == 0) {
            return AIGOV_OK;
        }
    }
    return aigov__unsettled(err);
}

static aigov_span text_of(const aigov_record *r, uint32_t member)
{
    uint32_t node = r->node[member];
    return node != 0 && r->j.node[node].type == AIGOV_JSON_STRING
               ? aigov__text(&r->j, node)
               : AIGOV_ABSENT;
}

aigov_status aigov__scan_record(aigov_record *r, aigov_span json,
                                aigov_error *err)
{
    aigov__rewriter *w = aigov__rewriter_of(r->scanner);
    aigov_status st;
    forget(r);
    r->clean.n = 0;
    if (w == NULL) {
        return aigov__nomem(err);
    }
    r->outsides = 0;
    if (aigov__interrupted(r->ctx)) {
        return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                          "canceled by the host");
    }
#ifdef AIGOV_BENCH_NO_DETECTORS /* what an append costs without this stage */
    (void)json;
    return AIGOV_OK;
#endif
    aigov__scanner_for(r->scanner, r->in_force, AIGOV__STORE,
                       text_of(r, AIGOV__M_system));
    st = aigov__outside_read(r, err);
    if (st != AIGOV_OK) {
        return st;
    }
    st = aigov__keys_begin(r, w, json, err);
    aigov__rewrite_begin(w, &r->j, json, &r->clean);
    aigov__rewrite_outside(w, r->outside, r->outsides);
    st = st == AIGOV_OK ? scan_members(r, w, true, err) : st;
    st = st == AIGOV_OK ? aigov__outside_met(r, err) : st;
    if (st == AIGOV_OK && !aigov__rewrite_end(w, false)) {
        return aigov__nomem(err);
    }
    r->cleaned = aigov__rewritten(w);
    if (st == AIGOV_OK && r->cleaned && aigov__looks_again(r->scanner)) {
        st = look_again(r, w, err);
    }
    if (st == AIGOV_OK && r->keyed && r->cleaned) {
        st = aigov__keys_fingerprint(r, err);
    }
    if (st == AIGOV_OK && r->keyed && r->judge != NULL &&
        aigov_policies_any(r->judge->policies)) {
        st = aigov__keys_call(r, err);
    }
    return st;
}

aigov_status aigov__take_clean(aigov_record *r, aigov_error *err)
{
    aigov_status st = aigov_json_read(&r->j, AIGOV_JSON_CONTENT,
                                      aigov_buf_span(&r->clean), err);
    return st == AIGOV_OK ? aigov__envelope_again(r, err) : st;
}

/* --- messages ------------------------------------------------------------ */

static bool matters(const aigov_finding *f, size_t n, bool secrets_only)
{
    for (size_t i = 0; i < n; i++) {
        if (f[i].detector->class_ == AIGOV_CLASS_SECRET ||
            (!secrets_only && f[i].detector->class_ == AIGOV_CLASS_PII)) {
            return true;
        }
    }
    return false;
}

/* Put what is found in text into r->clean; whether something that matters was,
 * or, out of memory, may have been. */
static bool found_in(aigov_record *r, aigov_span text, bool secrets_only)
{
    aigov_error err;
    const aigov_finding *f;
    size_t n;
    r->clean.n = 0;
    if (aigov_redact(r->scanner, text, AIGOV_ABSENT, &r->clean, &f, &n, &err) !=
        AIGOV_OK) {
        r->clean.n = 0;
        return true;
    }
    return matters(f, n, secrets_only);
}

/* A name stands after that of its object: actor.name.  So once more, with
 * spaces for dots. */
void aigov__scan_error(aigov_record *r, bool secrets_only, aigov_error *err)
{
    char text[sizeof err->text];
    size_t n = strlen(err->text);
    aigov_scanner_no_keys(r->scanner);
    if (err->code == AIGOV_NOMEM || err->code == AIGOV_CANCELED) {
        return;
    }
    for (size_t i = 0; i <= n; i++) {
        text[i] = err->text[i];
        if (text[i] == '.') {
            text[i] = ' ';
        }
    }
    if (found_in(r, aigov_str(err->text), secrets_only) ||
        found_in(r, (aigov_span){text, n}, secrets_only)) {
        n = r->clean.n < sizeof text ? r->clean.n : sizeof text - 1;
        memcpy(err->text, n == 0 ? "refused" : r->clean.p, n == 0 ? 7 : n);
        err->text[n == 0 ? 7 : n] = '\0';
    }
}

/* --- body.redaction ------------------------------------------------------ */

/* {"entities":{"US_SSN":2},"fingerprint":"key:hash","found":[{"detector":..}],
 * "max_score":0.95} */
static uint32_t found_by(const aigov_record *r, size_t detector)
{
    uint32_t n = 0;
    for (int d = 0; d < AIGOV__DIRECTIONS; d++) {
        n += r->found[d].n[detector];
    }
    return n;
}

/* Over the last comma, or after the bracket where nothing is in it. */
static bool close_list(aigov_buf *b, char bracket)
{
    if (b->p[b->n - 1] == ',') {
        b->p[b->n - 1] = bracket;
        return aigov__append(b, ",", 1);
    }
    return aigov_buf_put(b, &bracket, 1) && aigov__append(b, ",", 1);
}

static bool put_entities(const aigov_record *r, aigov_buf *b)
{
    bool ok = aigov_buf_puts(b, "\"entities\":{");
    const aigov_rules *rules = r->in_force;
    for (size_t i = 0; i < aigov__detectors(rules) && ok;) {
        size_t first = aigov__detector_sorted(rules, i);
        const char *entity = aigov__rules_detector(rules, first)->entity;
        uint32_t n = 0;
        for (; i < aigov__detectors(rules); i++) {
            size_t d = aigov__detector_sorted(rules, i);
            if (strcmp(aigov__rules_detector(rules, d)->entity, entity) != 0) {
                break;
            }
            n += found_by(r, d);
        }
        ok = n == 0 || (aigov_buf_puts(b, "\"") && aigov_buf_puts(b, entity) &&
                        aigov_buf_puts(b, "\":") && aigov_buf_put_i64(b, n) &&
                        aigov_buf_puts(b, ","));
    }
    return ok && close_list(b, '}');
}

static bool put_row(aigov_buf *b, const aigov_rules *rules, size_t detector,
                    const char *direction, uint32_t n)
{
    const aigov_detector *d = aigov__rules_detector(rules, detector);
    return aigov_buf_puts(b, "{\"detector\":\"") &&
           aigov_buf_puts(b, d->name) &&
           aigov_buf_puts(b, "\",\"direction\":\"") &&
           aigov_buf_puts(b, direction) &&
           aigov_buf_puts(b, "\",\"entity\":\"") &&
           aigov_buf_puts(b, d->entity) && aigov_buf_puts(b, "\",\"n\":") &&
           aigov_buf_put_i64(b, n) &&
           aigov_buf_puts(b, aigov__is_outside(rules, detector)
                                 ? ",\"outside\":true},"
                                 : "},");
}

/* Rows by direction, entity, detector; *more counts what has no room. */
static bool put_found(const aigov_record *r, aigov_buf *b, uint32_t *more)
{
    static const char *const name[] = {"input", "output", "retrieval", "tool"};
    size_t start = b->n;
    bool ok = aigov_buf_puts(b, "\"found\":[");
    for (int d = 0; d < AIGOV__DIRECTIONS; d++) {
        for (size_t i = 0; i < aigov__detectors(r->in_force) && ok; i++) {
            size_t detector = aigov__detector_sorted(r->in_force, i);
            uint32_t n = r->found[d].n[detector];
            if (n != 0 && b->n - start > MAX_REDACTION - 200) {
                *more += n;
            } else if (n != 0) {
                ok = put_row(b, r->in_force, detector, name[d], n);
            }
        }
    }
    return ok && close_list(b, ']');
}

/* Hundredths as RFC 8785 writes the number. */
static bool put_score(aigov_buf *b, int score)
{
    char text[] = {'0', '.', (char)('0' + score / 10),
                   (char)('0' + score % 10)};
    return score >= 100 ? aigov_buf_puts(b, "1")
                        : aigov_buf_put(b, text, score % 10 == 0 ? 3 : 4);
}

bool aigov__put_redaction(const aigov_record *r, aigov_buf *b)
{
    uint32_t more = 0;
    int score = 0;
    bool ok = true;
    for (int d = 0; d < AIGOV__DIRECTIONS; d++) {
        score = r->found[d].max_score > score ? r->found[d].max_score : score;
        more += r->brief ? r->found[d].all : 0;
    }
    if (score == 0) {
        return true;
    }
    ok = aigov_buf_puts(b, "\"redaction\":{");
    if (!r->brief) {
        ok = ok && put_entities(r, b);
    }
    if (r->fingerprint_n != 0) {
        ok = ok && aigov_buf_puts(b, "\"fingerprint\":\"") &&
             aigov_buf_put(b, r->fingerprint, r->fingerprint_n) &&
             aigov_buf_puts(b, "\",");
    }
    if (!r->brief) {
        ok = ok && put_found(r, b, &more);
    }
    ok = ok && aigov_buf_puts(b, "\"max_score\":") && put_score(b, score);
    if (more != 0) {
        ok =
            ok && aigov_buf_puts(b, ",\"more\":") && aigov_buf_put_i64(b, more);
    }
    return ok && aigov_buf_puts(b, "},");
}

/* --- what aigov writes itself ----------------------------------------------
 *
 * Subject and fields may hold what a caller said: the reason of an erasure, the
 * name of a file.  It is prose, and looked through as content is; messages then
 * show what was put in its place. */

static bool is_hash(const aigov_json *j, uint32_t node, const aigov__field *f)
{
    uint8_t hash[32];
    return f != NULL && f->type == AIGOV__F_HASH &&
           j->node[node].type == AIGOV_JSON_STRING &&
           aigov_hex_parse(aigov__text(j, node), hash, sizeof hash);
}

static bool is_id(aigov_span s)
{
    uint8_t id[16];
    return aigov_uuid_parse(s, id);
}

/* Ids, hashes and words of a list; and origins of logs here, which are looked
 * at when they are given (aigov_origin_check). */
static bool stays(const aigov_record *r, const aigov_kind *kind, uint32_t node,
                  const aigov__field *f)
{
    const aigov_json *j = &r->j;
    if (f == NULL || j->node[node].type != AIGOV_JSON_STRING) {
        return false;
    }
    return is_hash(j, node, f) ||
           (f->type == AIGOV__F_REF && is_id(aigov__text(j, node))) ||
           (f->type == AIGOV__F_ENUM &&
            aigov__one_of(f->values, aigov__text(j, node))) ||
           (strcmp(kind->name, "genesis") == 0 &&
            (strcmp(f->name, "origin") == 0 ||
             strcmp(f->name, "continues") == 0));
}

/* A name, as those of records are: that it stands alone says nothing. */
static aigov_status own_subject(aigov_record *r, const aigov_kind *kind,
                                aigov_span *subject, aigov_error *err)
{
    aigov__counts *c = &r->found[AIGOV__INPUT];
    const aigov_finding *f;
    size_t n;
    aigov_status st;
    if (strcmp(kind->name, "genesis") == 0 || is_id(*subject)) {
        return AIGOV_OK;
    }
    r->part.n = 0;
    st = aigov_redact(r->scanner, *subject, AIGOV_LIT(""), &r->part, &f, &n,
                      err);
    if (st != AIGOV_OK) {
        return st;
    }
    for (size_t i = 0; i < n; i++) {
        if (f[i].detector->class_ != AIGOV_CLASS_SOFT) {
            c->n[f[i].number]++;
            c->all++;
            c->max_score =
                f[i].score > c->max_score ? f[i].score : c->max_score;
        }
    }
    *subject = aigov_buf_span(&r->part);
    return AIGOV_OK;
}

static aigov_status own_fields(aigov_record *r, const aigov_kind *kind,
                               aigov__rewriter *w, aigov_error *err)
{
    const aigov_json *j = &r->j;
    aigov__renames renames = {0};
    aigov_status st = AIGOV_OK;
    for (uint32_t i = 1; i < j->node[0].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        const aigov__field *f = aigov__field_find(kind, aigov__text(j, i));
        if (!stays(r, kind, i + 1, f)) {
            st = f != NULL ? put_through(r, i + 1, AIGOV__IN_PARTS, err)
                           : aigov__rewrite_member(w, 0, i, AIGOV__IN_PARTS,
                                                   &renames, err);
        }
    }
    return st;
}

aigov_status aigov__scan_made(aigov_record *r, const aigov_kind *kind,
                              aigov_span *subject, aigov_span body,
                              aigov_error *err)
{
    aigov__rewriter *w = aigov__rewriter_of(r->scanner);
    aigov_status st;
    if (w == NULL) {
        return aigov__nomem(err);
    }
    forget(r);
    aigov__scanner_plain(r->scanner, r->in_force);
    st = own_subject(r, kind, subject, err);
    r->clean.n = 0;
    aigov__rewrite_begin(w, &r->j, body, &r->clean);
    aigov__rewrite_count(w, &r->found[AIGOV__INPUT]);
    if (st == AIGOV_OK && r->j.node[0].type == AIGOV_JSON_OBJECT) {
        st = own_fields(r, kind, w, err);
    }
    if (st == AIGOV_OK && !aigov__rewrite_end(w, false)) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK && aigov__rewritten(w)) {
        st = aigov_json_read(&r->j, AIGOV_JSON_STRICT,
                             aigov_buf_span(&r->clean), err);
    }
    if (st == AIGOV_OK && r->found[AIGOV__INPUT].all != 0) {
        st = aigov_rules_digest(r->ctx, r->in_force, r->rules, err);
        r->draft.rules = (aigov_span){(const char *)r->rules, sizeof r->rules};
    }
    return st;
}

/* --- puts ---------------------------------------------------------------- */

/* A detector of a secret that found something, or NULL. */
static const char *secret_in(const aigov__counts *c)
{
    for (size_t i = 0; c->all != 0 && i < aigov__detectors(NULL); i++) {
        const aigov_detector *d = aigov_detector_at(i);
        if (c->n[i] != 0 && d->class_ == AIGOV_CLASS_SECRET) {
            return d->name;
        }
    }
    return NULL;
}

aigov_status aigov__refuse_subject(aigov_record *r, const char *kind,
                                   aigov_span subject, aigov_error *err)
{
    const aigov_finding *f;
    size_t n;
    aigov_status st =
        aigov_scan(r->scanner, subject, AIGOV_ABSENT, &f, &n, err);
    for (size_t i = 0; st == AIGOV_OK && i < n; i++) {
        if (f[i].detector->class_ == AIGOV_CLASS_SECRET) {
            return aigov_fail(err, AIGOV_FIELD, AIGOV_NO_POS,
                              "%s: the subject holds a secret (%s)", kind,
                              f[i].detector->name);
        }
    }
    return st;
}

static aigov_status check_field(aigov_record *r, const aigov_kind *kind,
                                aigov_span subject, uint32_t name,
                                aigov_error *err)
{
    aigov__about about = {&r->j, kind->name, subject};
    aigov__counts *c = &r->found[AIGOV__INPUT];
    const aigov__field *f =
        aigov__field_find(kind, aigov_json_text(&r->j, name));
    const char *detector;
    aigov__renames renames = {0};
    aigov_status st;
    if (is_hash(&r->j, name + 1, f)) {
        return AIGOV_OK;
    }
    st = aigov__rewrite_member(aigov__rewriter_of(r->scanner), 0, name,
                               AIGOV__IN_PARTS, &renames, err);
    detector = st == AIGOV_OK ? secret_in(c) : NULL;
    if (detector == NULL) {
        return st;
    }
    aigov__about_fail(&about, name, err, "%s holds a secret (%s)",
                      f != NULL ? f->name : "an unknown field", detector);
    return aigov_hint(err, "keep it in a secret store and name it here");
}

aigov_status aigov__refuse_secrets(aigov_record *r, const aigov_kind *kind,
                                   aigov_span subject, aigov_span body,
                                   aigov_error *err)
{
    const aigov_json *j = &r->j;
    aigov__rewriter *w = aigov__rewriter_of(r->scanner);
    aigov_status st;
    if (w == NULL) {
        return aigov__nomem(err);
    }
    forget(r);
    st = aigov__refuse_subject(r, kind->name, subject, err);
    r->clean.n = 0;
    aigov__rewrite_begin(w, j, body, &r->clean);
    aigov__rewrite_count(w, &r->found[AIGOV__INPUT]);
    if (j->node[0].type != AIGOV_JSON_OBJECT) {
        return st; /* which no body is: refused later, by its type alone */
    }
    for (uint32_t i = 1; i < j->nodes && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        st = check_field(r, kind, subject, i, err);
    }
    r->clean.n = 0;
    forget(r);
    return st;
}
