/*
 * register.c - the registers, as lane 0 tells them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Entries come in the order in which they were recorded.  Of each (kind,
 * subject) two revisions stay: the latest, and the one that counts.
 *
 *   A kind that needs no approval (kinds.csv): the latest counts.
 *   One that does: the newest that another login approved; what was put since
 *   waits here, so that an approval finds the revision it names.
 *   system: the approval signs the revision before it is in force.  The first
 *   revision after an approved one that differs only in status, approved_until
 *   and effective_on counts without one of its own, but for a later
 *   approved_until (iso42001/README.md, "How to read kinds.csv").
 *
 * A policy has versions, and each stands for itself: version 7 acts while 8 is
 * drafted.  Active is the one published last, unless it was retired since.
 *
 * A rejection of the revision that counts takes it back.  Approvals of calls
 * are found by interaction.
 *
 * One hash table of (kind, subject), open addressing; rows in the order in
 * which they came.
 */
#include "internal.h"

#include <stdio.h>

static const struct register_kind {
    const char *name;
    bool approved; /* needs_approval */
    bool follows;  /* the revision after an approved one may count */
    bool decides;  /* rules are made of it */
} kinds[] = {
    {"policy", false, false, true},
    {"rule", false, false, true},
    {"policy_case", false, false, false},
    {"exception", true, false, true},
    {"approval", false, false, false},
    {"budget", false, false, true},
    {"suspension", false, false, false},
    {"system", true, true, false},
    {"resource", true, false, false},
    {"supplier", false, false, false},
    {"impact", true, false, false},
    {"incident_case", false, false, false},
    {"competence", false, false, false},
    {"role", false, false, false},
    {"retention_class", true, false, false},
    {"measurement", false, false, false},
    /* no kind of a log: the newest revision of each version of a policy, with
     * the subject main/7 */
    {"policy version", false, false, false},
};

enum {
    VERSION = sizeof kinds / sizeof kinds[0] - 1,
    KINDS = VERSION /* those of a log */
};

const char *aigov_policies_kind_at(size_t i)
{
    return i < KINDS ? kinds[i].name : NULL;
}

/* A row and what only this file sees of it. */
typedef struct held_row {
    register_row row;
    uint8_t kind;
    bool counted;  /* rev[0] counts, and the others are newer; else none does */
    bool followed; /* it counts without an approval of its own */
    revision **rev; /* the last is the latest */
    size_t n, cap;
    size_t
        before; /* approvals of one interaction: index + 1 of the one before */
} held_row;

struct registers {
    aigov_ctx *ctx;
    held_row **row;
    size_t n, cap;
    size_t *table; /* index + 1; 0: free */
    size_t table_n;
    size_t *calls; /* the same by interaction: approvals of calls */
    size_t calls_n, calls_used;
    uint64_t state;
    aigov_json j; /* scratch: the body at hand */
};

/* --- revisions ----------------------------------------------------------- */

static void free_revision(aigov_ctx *ctx, revision *v)
{
    if (v == NULL) {
        return;
    }
    aigov_json_free(&v->j);
    aigov_mfree(ctx, (char *)(uintptr_t)v->login.p, v->login.n + 1);
    aigov_mfree(ctx, (char *)(uintptr_t)v->fields.p, v->fields.n + 1);
    aigov_mfree(ctx, v, sizeof *v);
}

static bool copy(aigov_ctx *ctx, aigov_span s, aigov_span *out)
{
    char *p = aigov_malloc(ctx, s.n + 1);
    if (p == NULL) {
        return false;
    }
    if (s.n > 0) {
        memcpy(p, s.p, s.n);
    }
    p[s.n] = '\0';
    *out = (aigov_span){p, s.n};
    return true;
}

static aigov_status damaged(const aigov_entry *e, const char *what,
                            aigov_error *err)
{
    return aigov_fail(err, AIGOV_CHAIN, AIGOV_NO_POS,
                      "the entry at lane 0, seq %lld has %s", (long long)e->seq,
                      what);
}

/* Out of memory stays that; any other fault is the entry's. */
static aigov_status spoilt(const aigov_entry *e, aigov_status st,
                           const char *what, aigov_error *err)
{
    return st == AIGOV_OK || st == AIGOV_NOMEM || st == AIGOV_CANCELED
               ? st
               : damaged(e, what, err);
}

static aigov_status read_login(registers *r, revision *v, const aigov_entry *e,
                               aigov_error *err)
{
    aigov_status st =
        aigov_json_read(&r->j, AIGOV_JSON_STRICT, e->recorded_by, err);
    aigov_span login = {"", 0};
    if (st != AIGOV_OK) {
        return spoilt(e, st, "no readable recorded_by", err);
    }
    if (r->j.node[0].type == AIGOV_JSON_OBJECT) {
        uint32_t i = aigov_json_get(&r->j, 0, "login");
        if (i != 0 && r->j.node[i].type == AIGOV_JSON_STRING) {
            login = aigov_json_text(&r->j, i);
        }
    }
    return copy(r->ctx, login, &v->login) ? AIGOV_OK : aigov__nomem(err);
}

/* revision and fields of the body in r->j. */
static aigov_status read_body(registers *r, revision *v, const aigov_entry *e,
                              aigov_error *err)
{
    aigov_buf text;
    aigov_status st;
    uint32_t fields, number;
    if (r->j.node[0].type != AIGOV_JSON_OBJECT) {
        return damaged(e, "a body that is no object", err);
    }
    fields = aigov_json_get(&r->j, 0, "fields");
    number = aigov_json_get(&r->j, 0, "revision");
    if (fields == 0 || r->j.node[fields].type != AIGOV_JSON_OBJECT ||
        number == 0 || !aigov_json_i64(&r->j, number, &v->number)) {
        return damaged(e, "a body without fields and revision", err);
    }
    aigov_buf_init(&text, r->ctx);
    st = aigov_json_canonical(&r->j, fields, &text, err);
    if (st == AIGOV_OK && !copy(r->ctx, aigov_buf_span(&text), &v->fields)) {
        st = aigov__nomem(err);
    }
    aigov_buf_free(&text);
    return st;
}

static aigov_status read_revision(registers *r, const aigov_entry *e,
                                  revision **out, aigov_error *err)
{
    revision *v = aigov_malloc(r->ctx, sizeof *v);
    aigov_status st;
    if (v == NULL) {
        return aigov__nomem(err);
    }
    memset(v, 0, sizeof *v);
    v->j.ctx = r->ctx;
    v->at = e->at;
    v->log = e->log;
    v->seq = e->seq;
    if (e->hash.n == sizeof v->hash) {
        memcpy(v->hash, e->hash.p, sizeof v->hash);
    }
    st = spoilt(e, aigov_json_read(&r->j, AIGOV_JSON_STRICT, e->body, err),
                "no readable body", err);
    if (st == AIGOV_OK) {
        st = read_body(r, v, e, err);
    }
    if (st == AIGOV_OK) {
        st = read_login(r, v, e, err);
    }
    if (st == AIGOV_OK) {
        st = aigov_json_read(&v->j, AIGOV_JSON_STRICT, v->fields, err);
    }
    if (st != AIGOV_OK) {
        free_revision(r->ctx, v);
        return st;
    }
    *out = v;
    return AIGOV_OK;
}

/* --- the table ----------------------------------------------------------- */

/* FNV-1a: subjects are few and chosen by those whom the log trusts to put. */
static uint64_t hash_of(uint64_t seed, aigov_span s)
{
    uint64_t h = 0xCBF29CE484222325U ^ seed;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (uint8_t)s.p[i]) * 0x100000001B3U;
    }
    return h ^ (h >> 29);
}

static size_t find(const registers *r, size_t kind, aigov_span subject,
                   size_t *place)
{
    size_t mask = r->table_n - 1;
    *place = (size_t)hash_of(kind, subject) & mask;
    while (r->table[*place] != 0) {
        const held_row *h = r->row[r->table[*place] - 1];
        if (h->kind == kind && aigov_span_eq(h->row.subject, subject)) {
            return r->table[*place];
        }
        *place = (*place + 1) & mask;
    }
    return 0;
}

static bool enlarge(registers *r)
{
    size_t n = r->table_n == 0 ? 64 : 2 * r->table_n, place;
    size_t *old = r->table, old_n = r->table_n;
    size_t *table = aigov_malloc(r->ctx, n * sizeof *table);
    if (table == NULL) {
        return false;
    }
    memset(table, 0, n * sizeof *table);
    r->table = table;
    r->table_n = n;
    for (size_t i = 0; i < r->n; i++) {
        find(r, r->row[i]->kind, r->row[i]->row.subject, &place);
        r->table[place] = i + 1;
    }
    aigov_mfree(r->ctx, old, old_n * sizeof *old);
    return true;
}

static held_row *make_row(registers *r, size_t kind, aigov_span subject)
{
    held_row *h = aigov_malloc(r->ctx, sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    memset(h, 0, sizeof *h);
    h->kind = (uint8_t)kind;
    h->row.kind = kinds[kind].name;
    if (!copy(r->ctx, subject, &h->row.subject)) {
        aigov_mfree(r->ctx, h, sizeof *h);
        return NULL;
    }
    return h;
}

static held_row *row_of(registers *r, size_t kind, aigov_span subject)
{
    size_t place, at;
    if (2 * (r->n + 1) > r->table_n && !enlarge(r)) {
        return NULL;
    }
    at = find(r, kind, subject, &place);
    if (at != 0) {
        return r->row[at - 1];
    }
    if (!aigov__room(r->ctx, (void **)&r->row, &r->cap, sizeof(held_row *),
                     r->n + 1)) {
        return NULL;
    }
    r->row[r->n] = make_row(r, kind, subject);
    if (r->row[r->n] == NULL) {
        return NULL;
    }
    r->table[place] = ++r->n;
    return r->row[r->n - 1];
}

static void free_row(aigov_ctx *ctx, held_row *h)
{
    for (size_t i = 0; i < h->n; i++) {
        free_revision(ctx, h->rev[i]);
    }
    aigov_mfree(ctx, h->rev, h->cap * sizeof(revision *));
    aigov_mfree(ctx, (char *)(uintptr_t)h->row.subject.p, h->row.subject.n + 1);
    aigov_mfree(ctx, h, sizeof *h);
}

/* --- what counts --------------------------------------------------------- */

/* rev[i] counts from now on. */
static void count_from(registers *r, held_row *h, size_t i, bool followed)
{
    for (size_t k = 0; k < i; k++) {
        free_revision(r->ctx, h->rev[k]);
    }
    h->n -= i;
    memmove(h->rev, h->rev + i, h->n * sizeof(revision *));
    h->counted = true;
    h->followed = followed;
    h->row.counts = h->rev[0];
}

static void count_none(registers *r, held_row *h)
{
    if (h->n > 1) {
        free_revision(r->ctx, h->rev[0]);
        h->n--;
        memmove(h->rev, h->rev + 1, h->n * sizeof(revision *));
    }
    h->counted = false;
    h->row.counts = NULL;
}

static bool is_free(aigov_span name)
{
    return aigov_span_is(name, "status") ||
           aigov_span_is(name, "approved_until") ||
           aigov_span_is(name, "effective_on");
}

/* What of a revision an approval signs: names and values but the free ones. */
static aigov_status signed_part(const revision *v, aigov_buf *out,
                                aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    for (uint32_t i = 1; i < v->j.nodes && st == AIGOV_OK;
         i = v->j.node[i + 1].next) {
        aigov_span name = aigov_json_text(&v->j, i);
        if (is_free(name)) {
            continue;
        }
        st = aigov_buf_put_json_string(out, name)
                 ? aigov_json_canonical(&v->j, i + 1, out, err)
                 : aigov__nomem(err);
    }
    return st;
}

/* Whether b, put after the approved a, needs no approval of its own. */
static aigov_status may_follow(aigov_ctx *ctx, const revision *a,
                               const revision *b, bool *may, aigov_error *err)
{
    aigov_buf x, y;
    int64_t old_until, until;
    aigov_status st;
    aigov_buf_init(&x, ctx);
    aigov_buf_init(&y, ctx);
    st = signed_part(a, &x, err);
    if (st == AIGOV_OK) {
        st = signed_part(b, &y, err);
    }
    *may =
        st == AIGOV_OK &&
        aigov_span_eq(aigov_buf_span(&x), aigov_buf_span(&y)) &&
        !(aigov__field_time(a, "approved_until", &old_until) &&
          aigov__field_time(b, "approved_until", &until) && until > old_until);
    aigov_buf_free(&x);
    aigov_buf_free(&y);
    return st;
}

static aigov_status take(registers *r, held_row *h, revision *v,
                         aigov_error *err)
{
    const struct register_kind *kind = &kinds[h->kind];
    aigov_status st = AIGOV_OK;
    bool follows = false;
    if (!aigov__room(r->ctx, (void **)&h->rev, &h->cap, sizeof(revision *),
                     h->n + 1)) {
        return aigov__nomem(err);
    }
    if (kind->follows && h->counted && h->n == 1 && !h->followed) {
        st = may_follow(r->ctx, h->rev[0], v, &follows, err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    h->rev[h->n++] = v;
    h->row.latest = v;
    if (!kind->approved || follows) {
        count_from(r, h, h->n - 1, follows);
    }
    return AIGOV_OK;
}

/* --- approvals ----------------------------------------------------------- */

/* Index of a kind of a log, or KINDS. */
static size_t kind_named(aigov_span name)
{
    size_t k = 0;
    while (k < KINDS && !aigov_span_is(name, kinds[k].name)) {
        k++;
    }
    return k;
}

/* The row of "kind/subject", or NULL. */
static held_row *row_signed(registers *r, aigov_span record)
{
    const char *slash = record.n > 0 ? memchr(record.p, '/', record.n) : NULL;
    aigov_span kind, subject;
    size_t k, at, place;
    if (slash == NULL || r->table_n == 0) {
        return NULL;
    }
    kind = (aigov_span){record.p, (size_t)(slash - record.p)};
    subject = (aigov_span){slash + 1, record.n - kind.n - 1};
    k = kind_named(kind);
    at = k < KINDS ? find(r, k, subject, &place) : 0;
    return at != 0 ? r->row[at - 1] : NULL;
}

/* An approval by the login that wrote the revision signs nothing. */
static void sign_record(registers *r, const revision *v)
{
    held_row *h = row_signed(r, aigov__field_text(v, "record"));
    bool yes = aigov_span_is(aigov__field_text(v, "outcome"), "approved");
    int64_t number;
    if (h == NULL || !kinds[h->kind].approved ||
        !aigov__field_int(v, "rev", &number)) {
        return;
    }
    for (size_t i = 0; i < h->n; i++) {
        if (h->rev[i]->number != number ||
            aigov_span_eq(h->rev[i]->login, v->login)) {
            continue;
        }
        r->state += kinds[h->kind].decides ? 1 : 0;
        if (yes) {
            count_from(r, h, i, false);
        } else if (i == 0 && h->counted) {
            count_none(r, h);
        }
        return;
    }
}

static size_t *call_place(const registers *r, aigov_span interaction)
{
    size_t mask = r->calls_n - 1;
    size_t i = (size_t)hash_of(0, interaction) & mask;
    while (r->calls[i] != 0) {
        const revision *v = r->row[r->calls[i] - 1]->row.latest;
        if (aigov_span_eq(aigov__field_text(v, "interaction"), interaction)) {
            break;
        }
        i = (i + 1) & mask;
    }
    return &r->calls[i];
}

static bool enlarge_calls(registers *r)
{
    size_t n = r->calls_n == 0 ? 64 : 2 * r->calls_n, old_n = r->calls_n;
    size_t *old = r->calls, *calls = aigov_malloc(r->ctx, n * sizeof *calls);
    if (calls == NULL) {
        return false;
    }
    memset(calls, 0, n * sizeof *calls);
    r->calls = calls;
    r->calls_n = n;
    for (size_t i = 0; i < old_n; i++) {
        if (old[i] != 0) {
            const revision *v = r->row[old[i] - 1]->row.latest;
            *call_place(r, aigov__field_text(v, "interaction")) = old[i];
        }
    }
    aigov_mfree(r->ctx, old, old_n * sizeof *old);
    return true;
}

/* The row was made for this approval: a subject is signed once. */
static aigov_status sign_call(registers *r, held_row *h, size_t index,
                              aigov_error *err)
{
    size_t *place;
    if (h->before != 0 || h->n > 1) {
        return AIGOV_OK;
    }
    if (2 * (r->calls_used + 1) > r->calls_n && !enlarge_calls(r)) {
        return aigov__nomem(err);
    }
    place = call_place(r, aigov__field_text(h->row.latest, "interaction"));
    h->before = *place;
    r->calls_used += *place == 0 ? 1 : 0;
    *place = index;
    return AIGOV_OK;
}

/* Whether a later revision of an approval names another call than the first:
 * it would release what nobody signed it for, so it is passed over. */
static bool elsewhere(const held_row *h, const revision *v)
{
    return strcmp(h->row.kind, "approval") == 0 && h->n > 0 &&
           !aigov_span_eq(aigov__field_text(h->row.latest, "interaction"),
                          aigov__field_text(v, "interaction"));
}

static aigov_status approval(registers *r, held_row *h, aigov_error *err)
{
    const revision *v = h->row.latest;
    aigov_span type = aigov__field_text(v, "type");
    size_t place;
    if (aigov_span_is(type, "record")) {
        sign_record(r, v);
    } else if (aigov_span_is(type, "call")) {
        return sign_call(r, h, find(r, h->kind, h->row.subject, &place), err);
    }
    return AIGOV_OK;
}

/* --- versions of policies ------------------------------------------------ */

/* Which version acts and which is in shadow, after one more revision. */
static void stand(register_row *row, aigov_span state, int64_t version)
{
    if (aigov_span_is(state, "active")) {
        row->active = version;
    } else if (row->active == version) {
        row->active = aigov_span_is(state, "retired") ? 0 : row->active;
    }
    if (aigov_span_is(state, "shadow")) {
        row->shadow = version;
    } else if (row->shadow == version) {
        row->shadow = 0;
    }
}

/* A version has a row of its own, main/7; that of a document decides nothing.
 */
static aigov_status version_of(registers *r, held_row *policy,
                               const aigov_entry *e, aigov_error *err)
{
    const revision *v = policy->row.latest;
    revision *own = NULL;
    held_row *h;
    char subject[256];
    int64_t version;
    int n;
    aigov_status st;
    if (!aigov__field_int(v, "version", &version) || e->subject.n > 200) {
        return AIGOV_OK;
    }
    if (aigov_span_is(aigov__field_text(v, "type"), "runtime")) {
        stand(&policy->row, aigov__field_text(v, "state"), version);
    }
    n = snprintf(subject, sizeof subject, "%.*s/%lld", (int)e->subject.n,
                 e->subject.p, (long long)version);
    st = read_revision(r, e, &own, err);
    if (st != AIGOV_OK) {
        return st;
    }
    h = row_of(r, VERSION, (aigov_span){subject, (size_t)n});
    st = h != NULL ? take(r, h, own, err) : aigov__nomem(err);
    if (st != AIGOV_OK) {
        free_revision(r->ctx, own);
    }
    return st;
}

/* --- the object ---------------------------------------------------------- */

aigov_status aigov__registers_new(aigov_ctx *ctx, registers **out,
                                  aigov_error *err)
{
    registers *r = aigov_malloc(ctx, sizeof *r);
    if (r == NULL) {
        return aigov__nomem(err);
    }
    memset(r, 0, sizeof *r);
    r->ctx = ctx;
    r->j.ctx = ctx;
    *out = r;
    return AIGOV_OK;
}

void aigov__registers_free(registers *r)
{
    if (r == NULL) {
        return;
    }
    for (size_t i = 0; i < r->n; i++) {
        free_row(r->ctx, r->row[i]);
    }
    aigov_json_free(&r->j);
    aigov_mfree(r->ctx, r->row, r->cap * sizeof(held_row *));
    aigov_mfree(r->ctx, r->table, r->table_n * sizeof *r->table);
    aigov_mfree(r->ctx, r->calls, r->calls_n * sizeof *r->calls);
    aigov_mfree(r->ctx, r, sizeof *r);
}

/* Take a revision into its row, and what follows from it. */
static aigov_status settle(registers *r, held_row *h, revision *v,
                           const aigov_entry *e, aigov_error *err)
{
    aigov_status st = take(r, h, v, err);
    if (st != AIGOV_OK) {
        free_revision(r->ctx, v);
        return st;
    }
    r->state += kinds[h->kind].decides ? 1 : 0;
    if (aigov_span_is(e->kind, "approval")) {
        return approval(r, h, err);
    }
    return aigov_span_is(e->kind, "policy") ? version_of(r, h, e, err)
                                            : AIGOV_OK;
}

aigov_status aigov__registers_add(registers *r, const aigov_entry *e,
                                  aigov_error *err)
{
    size_t k = kind_named(e->kind);
    revision *v = NULL;
    held_row *h;
    aigov_status st;
    if (k == KINDS) {
        return AIGOV_OK;
    }
    if (e->subject.p == NULL || e->subject.n == 0 ||
        aigov__plain_text(e->subject) != e->subject.n) {
        return damaged(e, "no readable subject", err);
    }
    st = read_revision(r, e, &v, err);
    if (st != AIGOV_OK) {
        return st;
    }
    h = row_of(r, k, e->subject);
    if (h == NULL) {
        free_revision(r->ctx, v);
        return aigov__nomem(err);
    }
    if (elsewhere(h, v)) {
        free_revision(r->ctx, v);
        return AIGOV_OK;
    }
    return settle(r, h, v, e, err);
}

/* A kind as callers name it, "policy version" too. */
static size_t index_of(const char *kind)
{
    size_t k = kind_named(aigov_str(kind));
    return k < KINDS ? k : VERSION;
}

const register_row *aigov__register_find(const registers *r, const char *kind,
                                         aigov_span subject)
{
    size_t place, at;
    if (r->table_n == 0 || subject.p == NULL) {
        return NULL;
    }
    at = find(r, index_of(kind), subject, &place);
    return at != 0 ? &r->row[at - 1]->row : NULL;
}

const register_row *aigov__register_next(const registers *r, const char *kind,
                                         size_t *pos)
{
    size_t k = index_of(kind);
    while (*pos < r->n) {
        const held_row *h = r->row[(*pos)++];
        if (h->kind == k && h->n > 0) {
            return &h->row;
        }
    }
    return NULL;
}

const register_row *aigov__register_call(const registers *r,
                                         aigov_span interaction,
                                         const register_row *after)
{
    size_t at;
    if (r->calls_n == 0) {
        return NULL;
    }
    at = after == NULL ? *call_place(r, interaction)
                       : ((const held_row *)(const void *)after)->before;
    return at != 0 ? &r->row[at - 1]->row : NULL;
}

uint64_t aigov__registers_state(const registers *r)
{
    return r->state;
}
