/*
 * test_verify.c - no change of a log goes unseen
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A log of 200 entries on lanes 0 and 1 is built in memory with core alone.
 * Then every byte of every column of every row is changed, columns are cut,
 * grown, set and taken away, rows are deleted, doubled, swapped and written
 * anew with a fitting hash: each must show.  What the ranges say is checked for
 * each kind of damage.
 */
#include "logtest.h"

#define ORIGIN "example.com/verify"
#define LANE_ROWS 100
#define ROWS (2 * LANE_ROWS)

/* A row whose columns are its own memory. */
typedef struct row {
    aigov_entry e;
    aigov_content c;
    bool has_e, has_c;
    const char *problem;
    char *memory;
} row;

static aigov_ctx *ctx;
static aigov_error err;
static aigov_verify *verify;
static row log_rows[ROWS];
static int64_t log_number;
static int64_t start_at = 1790000000000000;

/* --- the log ------------------------------------------------------------- */

#define SPANS 17

static aigov_span *span_of(aigov_entry *e, int i)
{
    aigov_span *all[SPANS] = {&e->kind,     &e->id,         &e->interaction,
                              &e->subject,  &e->actor,      &e->system,
                              &e->provider, &e->model,      &e->operation,
                              &e->status,   &e->decision,   &e->recorded_by,
                              &e->digest,   &e->commitment, &e->prev,
                              &e->hash,     &e->body};
    return all[i];
}

static aigov_span keep(char **at, aigov_span s)
{
    aigov_span kept = {NULL, 0};
    if (s.p != NULL) {
        memcpy(*at, s.p, s.n);
        kept = (aigov_span){*at, s.n};
        *at += s.n;
    }
    return kept;
}

/* Copy entry and content of the record at hand. */
static void keep_row(row *to, const aigov_entry *e, const aigov_content *c)
{
    char *at = to->memory = malloc(8192);
    to->e = *e;
    to->c = *c;
    for (int i = 0; i < SPANS; i++) {
        *span_of(&to->e, i) = keep(&at, *span_of(&to->e, i));
    }
    to->c.salt = keep(&at, c->salt);
    to->c.body = keep(&at, c->body);
    to->has_e = to->has_c = true;
}

static aigov_status read_row(aigov_record *r, int64_t lane, int i)
{
    char text[400];
    if (lane == 0) {
        return aigov_record_put(
            r, AIGOV_LIT("sighting"), AIGOV_LIT("tool:chatgpt-web"),
            AIGOV_LIT("{\"source\":\"proxy\",\"day\":\"2026-02-10\",\"events\":"
                      "12,\"file_sha256\":\"abababababababababababababababab"
                      "abababababababababababababababab\"}"),
            &err);
    }
    snprintf(text, sizeof text,
             "{\"system\":\"s\",\"kind\":\"%s\",\"interaction\":\"01990000-"
             "0000-7000-8000-%012x\",\"provider\":\"openai\",\"model\":"
             "\"gpt-4o\",\"operation\":\"chat\",\"actor\":{\"id\":\"u_%d\"},"
             "\"input\":\"question %d\"}",
             i % 2 ? "request" : "response", i / 2, i % 7, i);
    return aigov_record_read(r, aigov_str(text), &err);
}

static bool build_lane(aigov_record *r, int64_t lane, row *to)
{
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    memset(&s, 0, sizeof s);
    s.log = log_number;
    s.lane = lane;
    s.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    s.at = start_at;
    aigov_lane_start(ctx, aigov_str(ORIGIN), lane, s.prev, &err);
    for (int i = 0; i < LANE_ROWS; i++) {
        s.seq = i + 1;
        s.at += 1000 * (i % 3);
        s.revision = lane == 0 ? i + 1 : 0;
        memset(s.id, i, 16);
        s.id[0] = (uint8_t)lane;
        memset(s.salt, i + 7, 32);
        if (read_row(r, lane, i) != AIGOV_OK) {
            return false;
        }
        s.decision = aigov_record_draft(r)->decision;
        s.evidence = aigov_record_draft(r)->evidence;
        if (aigov_record_seal(r, &s, &e, &c, NULL, &err) != AIGOV_OK) {
            return false;
        }
        keep_row(&to[i], &e, &c);
        memcpy(s.prev, e.hash.p, 32);
    }
    return true;
}

/* --- running verify ------------------------------------------------------ */

#define MOST 64

typedef struct answer {
    int n;
    aigov_range range[MOST];
    char detail[MOST][40];
} answer;

static bool collect(void *host, const aigov_range *range)
{
    answer *a = host;
    if (a->n < MOST) {
        a->range[a->n] = *range;
        snprintf(a->detail[a->n], 40, "%.*s", (int)range->detail.n,
                 range->detail.p == NULL ? "" : range->detail.p);
        a->n++;
    }
    return true;
}

static answer got;

/* By (lane, seq), as a host reads them; equal ones stay in their order. */
static void sort(row **rows, int n)
{
    for (int i = 1; i < n; i++) {
        for (int k = i; k > 0 && (rows[k]->e.lane < rows[k - 1]->e.lane ||
                                  (rows[k]->e.lane == rows[k - 1]->e.lane &&
                                   rows[k]->e.seq < rows[k - 1]->e.seq));
             k--) {
            row *x = rows[k];
            rows[k] = rows[k - 1];
            rows[k - 1] = x;
        }
    }
}

static const char *erased_id;

static void run(row **rows, int n)
{
    got.n = 0;
    aigov_verify_begin(verify, log_number, aigov_str(ORIGIN), &err);
    if (erased_id != NULL) {
        aigov_verify_erased(verify, aigov_str(erased_id), &err);
    }
    sort(rows, n);
    for (int i = 0; i < n; i++) {
        if (aigov_verify_row(verify, rows[i]->e.lane, rows[i]->e.seq,
                             rows[i]->has_e ? &rows[i]->e : NULL,
                             rows[i]->has_c ? &rows[i]->c : NULL,
                             rows[i]->problem, &err) != AIGOV_OK) {
            note("verify failed: %s", err.text);
        }
    }
    aigov_verify_end(verify, &err);
}

/* All rows but those where skip is the index. */
static void run_all(int skip)
{
    row *rows[ROWS];
    int n = 0;
    for (int i = 0; i < ROWS; i++) {
        if (i != skip) {
            rows[n++] = &log_rows[i];
        }
    }
    run(rows, n);
}

/* --- attacks on columns -------------------------------------------------- */

static long attacks, misses;

/* Row i changed to *changed, between its neighbours: it must show, besides the
 * rows before the window, which are not handed in. */
static void attack(int i, row *changed, const char *what)
{
    row *rows[3];
    int n = 0;
    bool caught = false;
    int64_t lane = log_rows[i].e.lane, seq = log_rows[i].e.seq;
    if (seq > 1) {
        rows[n++] = &log_rows[i - 1];
    }
    rows[n++] = changed;
    if (seq < LANE_ROWS) {
        rows[n++] = &log_rows[i + 1];
    }
    run(rows, n);
    for (int k = 0; k < got.n; k++) {
        const aigov_range *r = &got.range[k];
        bool before = r->lane == lane && r->to_seq < seq - 1 &&
                      strcmp(r->status, "missing") == 0;
        caught = caught || (!aigov_range_ok(r) && !before);
    }
    attacks++;
    if (!caught && misses++ < 10) {
        note("missed: %s of row %d", what, i);
    }
}

static void attack_span(int i, row *x, aigov_span *s, const char *what)
{
    static char other[8192];
    aigov_span was = *s;
    if (was.p == NULL) {
        memset(other, 'a', 64);
        *s = (aigov_span){other, 32};
        attack(i, x, what);
        *s = (aigov_span){other, 0};
        attack(i, x, what);
        *s = was;
        return;
    }
    memcpy(other, was.p, was.n);
    s->p = other;
    for (size_t k = 0; k < was.n; k++) {
        other[k] ^= (char)(1 << k % 8);
        attack(i, x, what);
        other[k] = was.p[k];
    }
    for (s->n = 0; s->n < was.n; s->n += 1 + s->n / 4) {
        attack(i, x, what);
    }
    other[was.n] = ' ';
    s->n = was.n + 1;
    attack(i, x, what);
    *s = AIGOV_ABSENT;
    attack(i, x, what);
    *s = was;
}

static void attack_number(int i, row *x, int64_t *v, const char *what)
{
    int64_t was = *v;
    for (int bit = 0; bit < 64; bit++) {
        *v = (int64_t)((uint64_t)was ^ (uint64_t)1 << bit);
        attack(i, x, what);
    }
    *v = was;
}

static void attack_row(int i)
{
    static const char *const name[SPANS] = {
        "kind",     "id",          "interaction", "subject",    "actor",
        "system",   "provider",    "model",       "operation",  "status",
        "decision", "recorded_by", "digest",      "commitment", "prev",
        "hash",     "body"};
    row x = log_rows[i];
    for (int k = 0; k < SPANS; k++) {
        attack_span(i, &x, span_of(&x.e, k), name[k]);
    }
    attack_number(i, &x, &x.e.log, "log");
    attack_number(i, &x, &x.e.lane, "lane");
    attack_number(i, &x, &x.e.seq, "seq");
    attack_number(i, &x, &x.e.v, "v");
    attack_number(i, &x, &x.e.at, "at");
    attack_number(i, &x, &x.c.at, "content.at");
    attack_span(i, &x, &x.c.salt, "salt");
    attack_span(i, &x, &x.c.body, "content.body");
    x.has_c = false;
    attack(i, &x, "content row");
    x.has_c = true;
    x.problem = "storage class of body";
    attack(i, &x, "problem of the host");
}

/* --- attacks on rows ----------------------------------------------------- */

static void rehash(row *x, uint8_t hash[32])
{
    aigov_buf b;
    aigov_buf_init(&b, ctx);
    aigov_leaf(&x->e, &b, &err);
    aigov_leaf_hash(ctx, aigov_buf_span(&b), hash, &err);
    x->e.hash = (aigov_span){(const char *)hash, 32};
    aigov_buf_free(&b);
}

static bool all_ok(void)
{
    for (int k = 0; k < got.n; k++) {
        if (!aigov_range_ok(&got.range[k])) {
            return false;
        }
    }
    return true;
}

static bool range_is(int k, int64_t lane, int64_t from, int64_t to,
                     int64_t entries, const char *status, const char *content,
                     const char *detail)
{
    const aigov_range *r = &got.range[k];
    bool is = k < got.n && r->lane == lane && r->from_seq == from &&
              r->to_seq == to && r->entries == entries &&
              strcmp(r->status, status) == 0 &&
              strcmp(r->content, content) == 0 &&
              strcmp(got.detail[k], detail) == 0 && r->anchored_size == 0 &&
              r->log == log_number;
    if (!is) {
        for (k = 0; k < got.n; k++) {
            r = &got.range[k];
            note("lane %d %d..%d (%d) %s, content %s, %s", (int)r->lane,
                 (int)r->from_seq, (int)r->to_seq, (int)r->entries, r->status,
                 r->content, got.detail[k]);
        }
    }
    return is;
}

static void test_deletions(void)
{
    long missed = 0;
    for (int i = 0; i < ROWS; i++) {
        run_all(i);
        bool tail = log_rows[i].e.seq == LANE_ROWS;
        /* a cut tail is seen only against something kept outside */
        missed += all_ok() != tail;
    }
    ok(missed == 0, "each of 200 deletions shows, but for a cut tail");
}

static void test_swaps(void)
{
    long missed = 0;
    for (int i = 0; i + 1 < LANE_ROWS; i++) {
        row *rows[ROWS], a = log_rows[i], b = log_rows[i + 1];
        int64_t seq = a.e.seq;
        a.e.seq = b.e.seq;
        b.e.seq = seq;
        for (int k = 0; k < ROWS; k++) {
            rows[k] = k == i ? &b : k == i + 1 ? &a : &log_rows[k];
        }
        run(rows, ROWS);
        missed += all_ok();
    }
    ok(missed == 0, "each of 99 swaps shows");
}

/* Row i written anew with a hash that fits it: the link after it breaks. */
static void test_rewrites(void)
{
    long missed = 0;
    for (int i = 0; i < ROWS; i++) {
        row *rows[ROWS], x = log_rows[i];
        uint8_t hash[32];
        x.e.model = AIGOV_LIT("other");
        rehash(&x, hash);
        for (int k = 0; k < ROWS; k++) {
            rows[k] = k == i ? &x : &log_rows[k];
        }
        run(rows, ROWS);
        missed += all_ok() != (x.e.seq == LANE_ROWS);
    }
    ok(missed == 0, "each of 200 rewrites shows at the next link");
}

/* --- what the ranges say -------------------------------------------------- */

static row changed[ROWS];
static row *with[ROWS + 8];
static int n_with;

static void fresh(void)
{
    n_with = ROWS;
    for (int i = 0; i < ROWS; i++) {
        changed[i] = log_rows[i];
        with[i] = &changed[i];
    }
}

static void drop(int from, int to)
{
    memmove(&with[from], &with[to], (size_t)(n_with - to) * sizeof with[0]);
    n_with -= to - from;
}

static void test_intact(void)
{
    fresh();
    run(with, n_with);
    ok(got.n == 2 && all_ok() &&
           range_is(0, 0, 1, 100, 100, "unanchored", "intact", "") &&
           range_is(1, 1, 1, 100, 100, "unanchored", "intact", "") &&
           aigov_span_is(got.range[0].origin, ORIGIN),
       "an intact log is two ranges");
}

static void test_statuses(void)
{
    uint8_t hash[32], hash2[32];
    row doubled;
    fresh();
    changed[49].e.model = AIGOV_LIT("x");
    run(with, n_with);
    ok(got.n == 4 && range_is(1, 0, 50, 50, 1, "modified", "intact", "hash") &&
           range_is(2, 0, 51, 100, 50, "unanchored", "intact", ""),
       "a changed column");
    fresh();
    drop(49, 52);
    run(with, n_with);
    ok(got.n == 4 && range_is(0, 0, 1, 49, 49, "unanchored", "intact", "") &&
           range_is(1, 0, 50, 52, 0, "missing", "none", "") &&
           range_is(2, 0, 53, 100, 48, "unanchored", "intact", ""),
       "a gap");
    fresh();
    drop(0, 2);
    run(with, n_with);
    ok(got.n == 3 && range_is(0, 0, 1, 2, 0, "missing", "none", ""),
       "a lane that does not start at 1");
    fresh();
    changed[49].e.model = AIGOV_LIT("x");
    rehash(&changed[49], hash);
    run(with, n_with);
    ok(got.n == 4 && range_is(0, 0, 1, 49, 49, "unanchored", "intact", "") &&
           range_is(1, 0, 50, 51, 2, "link_broken", "intact", "") &&
           range_is(2, 0, 52, 100, 49, "unanchored", "intact", ""),
       "a broken link is both its ends");
    changed[51].e.model = AIGOV_LIT("x");
    rehash(&changed[51], hash2);
    run(with, n_with);
    ok(got.n == 5 && range_is(1, 0, 50, 51, 2, "link_broken", "intact", "") &&
           range_is(2, 0, 52, 53, 2, "link_broken", "intact", ""),
       "two breaks side by side are two ranges");
    fresh();
    memset(hash, 7, 32);
    changed[0].e.prev = (aigov_span){(const char *)hash, 32};
    rehash(&changed[0], hash2);
    run(with, n_with);
    ok(range_is(0, 0, 1, 1, 1, "link_broken", "intact", "start of lane") ||
           range_is(0, 0, 1, 2, 2, "link_broken", "intact", ""),
       "a first prev that is not the origin's");
    fresh();
    doubled = log_rows[9];
    with[n_with++] = &doubled;
    run(with, n_with);
    ok(got.n == 3 &&
           range_is(0, 0, 10, 10, 1, "modified", "intact", "duplicate"),
       "a duplicate");
}

static void test_places(void)
{
    uint8_t hash[32];
    fresh();
    changed[30].problem = "storage class of body";
    changed[31].problem = "storage class of body";
    run(with, n_with);
    ok(range_is(1, 0, 31, 32, 2, "modified", "intact", "storage class of body"),
       "what the host found");
    fresh();
    changed[99].e.at -= 1000000;
    rehash(&changed[99], hash);
    changed[99].c.at = changed[99].e.at;
    run(with, n_with);
    ok(range_is(1, 0, 100, 100, 1, "modified", "intact", "time"),
       "time that runs backward");
    fresh();
    changed[20].e.log++;
    run(with, n_with);
    ok(range_is(1, 0, 21, 21, 1, "modified", "intact", "log number"),
       "another log's row");
    aigov_verify_begin(verify, log_number, AIGOV_ABSENT, &err);
    got.n = 0;
    for (int i = 0; i < ROWS; i++) {
        aigov_verify_row(verify, log_rows[i].e.lane, log_rows[i].e.seq,
                         &log_rows[i].e, &log_rows[i].c, NULL, &err);
    }
    aigov_verify_end(verify, &err);
    ok(got.n == 2 && got.range[0].origin.p == NULL &&
           range_is(0, 0, 1, 100, 100, "modified", "intact", "log number"),
       "a log number without a row in log");
    got.n = 0;
    aigov_verify_begin(verify, log_number, aigov_str(ORIGIN), &err);
    for (int i = 4; i >= 0; i -= 2) {
        aigov_verify_row(verify, 0, log_rows[i].e.seq, &log_rows[i].e,
                         &log_rows[i].c, NULL, &err);
    }
    aigov_verify_end(verify, &err);
    ok(range_is(1, 0, 3, 3, 1, "modified", "intact", "order"),
       "rows out of order");
}

static void test_contents(void)
{
    char id[AIGOV_UUID_LEN + 1] = {0};
    memcpy(id, log_rows[119].e.id.p, AIGOV_UUID_LEN);
    fresh();
    changed[119].has_c = false;
    changed[120].has_c = false;
    changed[121].c.body = AIGOV_LIT("null");
    erased_id = id;
    run(with, n_with);
    ok(range_is(2, 1, 20, 20, 1, "unanchored", "erased", "") &&
           range_is(3, 1, 21, 21, 1, "unanchored", "missing", "") &&
           range_is(4, 1, 22, 22, 1, "unanchored", "modified", "commitment"),
       "content erased, missing, modified");
    ok(aigov_range_ok(&got.range[2]) && !aigov_range_ok(&got.range[3]) &&
           !aigov_range_ok(&got.range[4]),
       "only the erased one passes");
    fresh();
    run(with, n_with);
    ok(range_is(2, 1, 20, 20, 1, "unanchored", "intact",
                "erasure not carried out"),
       "content that was to be erased");
    erased_id = NULL;
    fresh();
    changed[149].has_e = false;
    run(with, n_with);
    ok(range_is(2, 1, 50, 50, 0, "missing", "modified",
                "content without entry") &&
           range_is(3, 1, 51, 100, 50, "unanchored", "intact", ""),
       "content without entry");
}

/* The end of body and the next column share a border in the leaf: a body that
 * reaches over it gives the same bytes. */
static void test_reach(void)
{
    static char body[4096];
    char hex[65];
    fresh();
    const aigov_entry *e = &log_rows[110].e;
    for (int k = 0; k < 32; k++) {
        snprintf(hex + 2 * k, 3, "%02x", (uint8_t)e->commitment.p[k]);
    }
    int n = snprintf(body, sizeof body, "%.*s,\"commitment\":\"%s\"",
                     (int)e->body.n, e->body.p, hex);
    changed[110].e.body = (aigov_span){body, (size_t)n};
    changed[110].e.commitment = AIGOV_ABSENT;
    changed[110].has_c = false;
    run(with, n_with);
    ok(range_is(2, 1, 11, 11, 1, "modified", "none", "body is not one object"),
       "a body that takes a column in, with the same leaf");
}

static bool stop(void *host, const aigov_range *range)
{
    (void)host;
    (void)range;
    return false;
}

static bool interrupted(void *host)
{
    (void)host;
    return true;
}

static void test_host(void)
{
    aigov_verify *v;
    got.n = 0;
    aigov_verify_note(verify, "schema_changed", "view interaction", &err);
    ok(got.n == 1 && strcmp(got.range[0].status, "schema_changed") == 0 &&
           !aigov_range_ok(&got.range[0]),
       "a note is a range that fails");
    aigov_verify_new(ctx, stop, NULL, &v, &err);
    aigov_verify_begin(v, log_number, aigov_str(ORIGIN), &err);
    aigov_verify_row(v, 0, 1, &log_rows[0].e, &log_rows[0].c, NULL, &err);
    ok(aigov_verify_end(v, &err) == AIGOV_CANCELED, "the host stops");
    aigov_verify_free(v);
    aigov_ctx_set_interrupt(ctx, interrupted, NULL);
    aigov_verify_begin(verify, log_number, aigov_str(ORIGIN), &err);
    ok(aigov_verify_row(verify, 0, 1, &log_rows[0].e, &log_rows[0].c, NULL,
                        &err) == AIGOV_CANCELED,
       "the host interrupts");
    aigov_ctx_set_interrupt(ctx, NULL, NULL);
}

/* Many ids, the nil one too, are found again and no others. */
static void test_erased_set(void)
{
    char id[40];
    int erased = 0, missing = 0;
    row x = log_rows[0];
    x.has_c = false;
    aigov_verify_begin(verify, log_number, aigov_str(ORIGIN), &err);
    for (unsigned i = 0; i < 20000; i += 2) {
        snprintf(id, sizeof id, "00000000-0000-0000-0000-%012x", i);
        aigov_verify_erased(verify, aigov_str(id), &err);
        aigov_verify_erased(verify, aigov_str(id), &err);
    }
    aigov_verify_erased(verify, aigov_str("not an id"), &err);
    got.n = 0;
    for (unsigned i = 0; i < 60; i++) {
        snprintf(id, sizeof id, "00000000-0000-0000-0000-%012x", i * 371);
        x.e.id = aigov_str(id);
        aigov_verify_row(verify, 0, 1 + i, &x.e, NULL, NULL, &err);
        bool want = i * 371 < 20000 && i * 371 % 2 == 0;
        aigov_verify_end(verify, &err);
        const char *content = got.range[got.n - 1].content;
        erased += want && strcmp(content, "erased") == 0;
        missing += !want && strcmp(content, "missing") == 0;
        got.n = 0;
    }
    ok(erased + missing == 60, "erased ids: %d found, %d not", erased, missing);
}

/* A lane that begins before genesis was written afterwards. */
static void test_backdated(aigov_record *r)
{
    static row early[LANE_ROWS];
    row *rows[LANE_ROWS + 1] = {&log_rows[0]};
    start_at--;
    bool built = build_lane(r, 1, early);
    start_at++;
    for (int i = 0; i < LANE_ROWS; i++) {
        rows[i + 1] = &early[i];
    }
    run(rows, LANE_ROWS + 1);
    ok(built && got.n == 3 && strcmp(got.range[1].status, "modified") == 0 &&
           strcmp(got.detail[1], "time") == 0 && got.range[1].lane == 1 &&
           got.range[1].from_seq == 1 && got.range[1].to_seq == 1 &&
           aigov_range_ok(&got.range[2]),
       "a lane that begins before genesis is modified: time");
    for (int i = 0; i < LANE_ROWS; i++) {
        free(early[i].memory);
    }
}

int main(void)
{
    aigov_record *r;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_record_new(ctx, &r, &err) != AIGOV_OK ||
        aigov_log_number(ctx, aigov_str(ORIGIN), &log_number, &err) !=
            AIGOV_OK ||
        aigov_verify_new(ctx, collect, &got, &verify, &err) != AIGOV_OK ||
        !build_lane(r, 0, log_rows) || !build_lane(r, 1, log_rows + 100)) {
        note("%s", err.text);
        return 2;
    }
    test_intact();
    for (int i = 0; i < ROWS; i++) {
        attack_row(i);
    }
    ok(misses == 0, "%ld changes of a column, %ld missed", attacks, misses);
    test_deletions();
    test_swaps();
    test_rewrites();
    test_statuses();
    test_places();
    test_contents();
    test_reach();
    test_host();
    test_erased_set();
    test_backdated(r);
    for (int i = 0; i < ROWS; i++) {
        free(log_rows[i].memory);
    }
    aigov_verify_free(verify);
    aigov_record_free(r);
    aigov_ctx_free(ctx);
    return done();
}
