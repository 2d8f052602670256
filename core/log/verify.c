/*
 * verify.c - one log, row by row, judged into ranges
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every row gets a status, the first that holds:
 *
 *   modified      the row itself is wrong (detail names what), or its place:
 *                 "duplicate" (lane, seq) as the row before, "order" below it,
 *                 "time" earlier than the row before or, beside lane 0, than
 *                 the genesis entry (lane 0, seq 1), "log number"
 *   link_broken   rows s and s+1 are both there, neither is modified, and prev
 *                 of s+1 is not the hash of s: both ends get this status; or
 *                 prev of a lane's first row is not the start of the lane
 *   unanchored    nothing is wrong
 *
 * and places without a row get `missing`: a gap, a lane that does not start at
 * 1, a content row without entry.
 *
 * Ranges.  Neighbouring rows with the same status, content and detail are one
 * range.  Ranges of a lane ascend and never overlap (but for rows that are
 * duplicates or out of order, which have no place of their own).  A broken link
 * makes the range [s, s+1]; where s already is the end of another broken link,
 * that range grows to s+1; a joined row never grows it, so that two separate
 * breaks stay two ranges.  Where content differs on both sides the ends are two
 * ranges of one row.
 *
 * A row out of place moves nothing: the row after it is judged against the last
 * row that stood in its place.
 */
#include "internal.h"

/* One label; strings are static but for a host's problem, which is copied. */
typedef struct label {
    const char *status, *content, *detail;
} label;

#define MAX_DETAIL 120

struct aigov_verify {
    aigov_ctx *ctx;
    aigov_range_fn emit;
    void *host;
    int64_t log;
    bool named; /* table log names it */
    aigov_buf origin, leaf;
    aigov__idset erased;
    /* where the walk is */
    bool in_lane;
    int64_t lane, seq, at;
    int64_t genesis_at; /* of (lane 0, seq 1), if it is not modified */
    bool linked; /* hash is that of the row at seq, which is not modified */
    uint8_t hash[32];
    /* the range that may still grow */
    bool open;
    int64_t from, to, entries;
    label label;
    char detail[MAX_DETAIL]; /* label.detail where it is not static */
};

aigov_status aigov_verify_new(aigov_ctx *ctx, aigov_range_fn emit, void *host,
                              aigov_verify **out, aigov_error *err)
{
    aigov_verify *v = aigov_malloc(ctx, sizeof *v);
    if (v == NULL) {
        return aigov__nomem(err);
    }
    memset(v, 0, sizeof *v);
    v->ctx = ctx;
    v->emit = emit;
    v->host = host;
    aigov_buf_init(&v->origin, ctx);
    aigov_buf_init(&v->leaf, ctx);
    *out = v;
    return AIGOV_OK;
}

void aigov_verify_free(aigov_verify *v)
{
    if (v == NULL) {
        return;
    }
    aigov_buf_free(&v->origin);
    aigov_buf_free(&v->leaf);
    aigov__idset_clear(v->ctx, &v->erased);
    aigov_mfree(v->ctx, v, sizeof *v);
}

aigov_status aigov_verify_begin(aigov_verify *v, int64_t log, aigov_span origin,
                                aigov_error *err)
{
    aigov__idset_clear(v->ctx, &v->erased);
    v->log = log;
    v->named = origin.p != NULL;
    v->in_lane = false;
    v->open = false;
    v->genesis_at = INT64_MIN;
    v->origin.n = 0;
    return aigov_buf_put(&v->origin, origin.p, origin.n) ? AIGOV_OK
                                                         : aigov__nomem(err);
}

aigov_status aigov_verify_erased(aigov_verify *v, aigov_span id,
                                 aigov_error *err)
{
    uint8_t raw[16];
    /* a target that is no id erases nothing; its own row is judged as a row */
    if (!aigov_uuid_parse(id, raw)) {
        return AIGOV_OK;
    }
    return aigov__idset_add(v->ctx, &v->erased, raw) ? AIGOV_OK
                                                     : aigov__nomem(err);
}

/* --- ranges -------------------------------------------------------------- */

static aigov_status give(aigov_verify *v, int64_t lane, int64_t from,
                         int64_t to, int64_t entries, const label *l,
                         aigov_error *err)
{
    aigov_range range = {.origin = v->named ? aigov_buf_span(&v->origin)
                                            : AIGOV_ABSENT,
                         .log = v->log,
                         .lane = lane,
                         .from_seq = from,
                         .to_seq = to,
                         .entries = entries,
                         .status = l->status,
                         .content = l->content,
                         .anchored_size = 0,
                         .detail = aigov_str(l->detail)};
    return v->emit(v->host, &range)
               ? AIGOV_OK
               : aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                            "canceled by the host");
}

static aigov_status flush(aigov_verify *v, aigov_error *err)
{
    if (!v->open) {
        return AIGOV_OK;
    }
    v->open = false;
    return give(v, v->lane, v->from, v->to, v->entries, &v->label, err);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_label(const label *a, const label *b)
{
    return same_text(a->status, b->status) &&
           same_text(a->content, b->content) && same_text(a->detail, b->detail);
}

static void open_range(aigov_verify *v, int64_t from, int64_t to,
                       int64_t entries, const label *l)
{
    v->open = true;
    v->from = from;
    v->to = to;
    v->entries = entries;
    v->label = *l;
}

/* One judged row, or rows that are not there; grow the open range or begin
 * another. */
static aigov_status add(aigov_verify *v, int64_t from, int64_t to,
                        int64_t entries, const label *l, aigov_error *err)
{
    aigov_status st;
    if (v->open && v->to + 1 == from && same_label(&v->label, l)) {
        v->to = to;
        v->entries += entries;
        return AIGOV_OK;
    }
    st = flush(v, err);
    open_range(v, from, to, entries, l);
    return st;
}

/* The last row of the open range becomes one of its own, link_broken. */
static aigov_status break_last(aigov_verify *v, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    label l = v->label;
    int64_t last = v->to;
    if (same_text(l.status, "link_broken")) {
        return AIGOV_OK;
    }
    l.status = "link_broken";
    if (v->from < v->to) {
        v->to--;
        v->entries--;
        st = flush(v, err);
    }
    open_range(v, last, last, 1, &l);
    return st;
}

/* --- places -------------------------------------------------------------- */

static aigov_status missing(aigov_verify *v, int64_t from, int64_t to,
                            aigov_error *err)
{
    static const label l = {"missing", "none", NULL};
    aigov_status st;
    if (from > to) {
        return AIGOV_OK;
    }
    v->linked = false;
    st = add(v, from, to, 0, &l, err);
    v->seq = to;
    return st;
}

static aigov_status enter_lane(aigov_verify *v, int64_t lane, aigov_error *err)
{
    aigov_status st = flush(v, err);
    v->in_lane = true;
    v->lane = lane;
    v->seq = 0;
    v->at = lane > 0 ? v->genesis_at : INT64_MIN;
    /* no lane is below 0: such rows are out of order, and link to nothing */
    v->linked = v->named && lane >= 0;
    return st == AIGOV_OK && v->linked
               ? aigov_lane_start(v->ctx, aigov_buf_span(&v->origin), lane,
                                  v->hash, err)
               : st;
}

/* What is wrong with the place of a row, or NULL. */
static const char *place_problem(const aigov_verify *v, int64_t lane,
                                 int64_t seq, const aigov_entry *e)
{
    if (!v->named || e->log != v->log) {
        return "log number";
    }
    if (e->lane != lane || e->seq != seq || lane < 0 || seq < 1) {
        return "order";
    }
    return NULL;
}

/* A row with the place of the row before, or of an earlier one. */
static aigov_status misplaced(aigov_verify *v, int64_t lane, int64_t seq,
                              label *l, aigov_error *err)
{
    l->status = "modified";
    l->detail =
        lane == v->lane && seq == v->seq && seq > 0 ? "duplicate" : "order";
    return give(v, lane, seq, seq, 1, l, err);
}

/* --- rows ---------------------------------------------------------------- */

static aigov_status content_alone(aigov_verify *v, int64_t lane, int64_t seq,
                                  aigov_error *err)
{
    static const label l = {"missing", "modified", "content without entry"};
    aigov_status st;
    if (lane < v->lane || seq <= v->seq) {
        return give(v, lane, seq, seq, 0, &l, err);
    }
    st = missing(v, v->seq + 1, seq - 1, err);
    if (st == AIGOV_OK) {
        st = add(v, seq, seq, 0, &l, err);
    }
    v->linked = false;
    v->seq = seq;
    return st;
}

/* Status and content of a row that stands after the row before it. */
static aigov_status judge(aigov_verify *v, int64_t lane, int64_t seq,
                          const aigov_entry *e, const aigov_content *c,
                          const char *problem, label *l, aigov_error *err)
{
    uint8_t id[16];
    bool erased = v->erased.n + v->erased.zero > 0 &&
                  aigov_uuid_parse(e->id, id) &&
                  aigov__idset_has(&v->erased, id);
    aigov_status st = aigov__content_state(v->ctx, e, c, erased, &l->content,
                                           &l->detail, err);
    if (st == AIGOV_OK && problem == NULL) {
        problem = place_problem(v, lane, seq, e);
    }
    if (st == AIGOV_OK && problem == NULL) {
        st = aigov__row_problem(v->ctx, e, &v->leaf, &problem, err);
    }
    if (problem == NULL && e->at < v->at) {
        problem = "time";
    }
    l->status = problem == NULL ? "unanchored" : "modified";
    if (problem != NULL) {
        l->detail = problem;
    }
    return st;
}

/* Judge the link to the row before, and give the row to the ranges. */
static aigov_status join(aigov_verify *v, int64_t seq, const aigov_entry *e,
                         label *l, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    bool modified = same_text(l->status, "modified");
    bool broken = !modified && v->linked && memcmp(e->prev.p, v->hash, 32) != 0;
    if (broken) {
        l->status = "link_broken";
        if (seq > 1) {
            st = break_last(v, err);
        } else {
            l->detail = "start of lane";
        }
    }
    if (st == AIGOV_OK) {
        st = add(v, seq, seq, 1, l, err);
    }
    v->seq = seq;
    v->linked = !modified;
    if (!modified) {
        v->at = e->at;
        if (v->lane == 0 && seq == 1) {
            v->genesis_at = e->at;
        }
        memcpy(v->hash, e->hash.p, 32);
    }
    return st;
}

/* A detail of the host lives until the next call: keep it with the range. */
static void keep_detail(aigov_verify *v, const char *problem)
{
    if (v->open && problem != NULL && v->label.detail == problem) {
        size_t n = strlen(problem);
        n = n < MAX_DETAIL ? n : MAX_DETAIL - 1;
        memmove(v->detail, problem, n);
        v->detail[n] = '\0';
        v->label.detail = v->detail;
    }
}

aigov_status aigov_verify_row(aigov_verify *v, int64_t lane, int64_t seq,
                              const aigov_entry *e, const aigov_content *c,
                              const char *problem, aigov_error *err)
{
    label l = {"unanchored", "none", NULL};
    aigov_status st = AIGOV_OK;
    bool back;
    if (aigov__interrupted(v->ctx)) {
        return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                          "canceled by the host");
    }
    if (!v->in_lane || lane > v->lane) {
        st = enter_lane(v, lane, err);
    }
    if (st != AIGOV_OK || e == NULL) {
        return st != AIGOV_OK ? st : content_alone(v, lane, seq, err);
    }
    back = lane < v->lane || seq <= v->seq;
    st = judge(v, lane, seq, e, c, problem, &l, err);
    if (st != AIGOV_OK) {
        return st;
    }
    if (back) {
        return misplaced(v, lane, seq, &l, err);
    }
    st = missing(v, v->seq + 1, seq - 1, err);
    if (st == AIGOV_OK) {
        st = join(v, seq, e, &l, err);
    }
    keep_detail(v, problem);
    return st;
}

aigov_status aigov_verify_end(aigov_verify *v, aigov_error *err)
{
    aigov_status st = flush(v, err);
    v->in_lane = false;
    return st;
}

aigov_status aigov_verify_note(aigov_verify *v, const char *status,
                               const char *detail, aigov_error *err)
{
    label l = {status, "none", detail};
    return give(v, 0, 0, 0, 0, &l, err);
}

bool aigov_range_ok(const aigov_range *range)
{
    return (same_text(range->status, "unanchored") ||
            same_text(range->status, "verified") ||
            same_text(range->status, "pruned")) &&
           !same_text(range->content, "modified") &&
           !same_text(range->content, "missing");
}
