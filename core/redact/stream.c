/*
 * stream.c - a text that comes in pieces
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *            out       held back
 *   ... ----------|--------------------->
 *     |   CONTEXT | BACK  |              |
 *     dropped     out_to  next trigger   end of the view
 *
 * The view grows by what is decided of it (fold.c), the scan goes on to the
 * first trigger that is not settled (settled.c), and hits that end before
 * anything that a later trigger may find are final.  Every trigger is handled
 * once, with what aigov_scan would see of the text around it, so both find the
 * same.  A value begins at most BACK bytes before its trigger; CONTEXT bytes
 * before the next trigger are kept for detectors and context words to read.
 *
 * Work is done when an eighth of what is held back has come since the last
 * time, so that pieces of one byte do not make the cost quadratic.
 */
#include "rules.h"

#define BACK 128
#define BACK_QUOTED 224 /* "value" == name: the value stands before */
#define CONTEXT 1536
#define MAX_HELD (1 << 20) /* of a term of a dictionary, with its spaces */

struct aigov_stream {
    aigov_scanner *s;
    aigov_buf raw;  /* of the original, from the first byte of the view on */
    size_t out_to;  /* bytes of raw that were put out */
    size_t work_at; /* bytes of raw from which on there is work to do */
    bool failed;
    bool begun;                    /* some of a text came */
    size_t own_at[AIGOV__MAX_OWN]; /* where own detectors go on */
};

aigov_status aigov_stream_new(aigov_ctx *ctx, aigov_stream **out,
                              aigov_error *err)
{
    aigov_stream *st = aigov_malloc(ctx, sizeof *st);
    aigov_status status;
    if (st == NULL) {
        return aigov__nomem(err);
    }
    memset(st, 0, sizeof *st);
    status = aigov_scanner_new(ctx, &st->s, err);
    if (status != AIGOV_OK) {
        aigov_mfree(ctx, st, sizeof *st);
        return status;
    }
    aigov_buf_init(&st->raw, ctx);
    aigov__fold_start(st->s);
    aigov__scan_start(st->s);
    *out = st;
    return AIGOV_OK;
}

void aigov_stream_free(aigov_stream *st)
{
    aigov_ctx *ctx;
    if (st == NULL) {
        return;
    }
    ctx = st->s->ctx;
    aigov_buf_free(&st->raw);
    aigov_scanner_free(st->s);
    aigov_mfree(ctx, st, sizeof *st);
}

/* Ready for the next text. */
static void restart(aigov_stream *st)
{
    st->raw.n = st->out_to = st->work_at = 0;
    st->failed = st->begun = false;
    memset(st->own_at, 0, sizeof st->own_at);
    st->s->withheld = NULL;
    st->s->hits = 0;
    st->s->nomem = st->s->canceled = false;
    aigov__fold_start(st->s);
    aigov__scan_start(st->s);
}

/* Rules and tenant are of whole texts. */
static aigov_status between(const aigov_stream *st, aigov_error *err)
{
    return st->begun ? aigov_fail(err, AIGOV_STATE, AIGOV_NO_POS,
                                  "the stream is within a text")
                     : AIGOV_OK;
}

aigov_status aigov_stream_use(aigov_stream *st, const aigov_rules *rules,
                              aigov_span profile, aigov_error *err)
{
    aigov_status status = between(st, err);
    if (status == AIGOV_OK) {
        status = aigov_scanner_use(st->s, rules, profile, err);
    }
    if (status == AIGOV_OK && aigov__looks_again(st->s)) {
        aigov_scanner_use(st->s, NULL, AIGOV_ABSENT, err);
        aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                   "the profile masks or drops: what that leaves is looked at "
                   "again, all of it");
        return aigov_hint(err, "aigov_redact takes the text whole");
    }
    return status;
}

aigov_status aigov_stream_tenant(aigov_stream *st, aigov_span tenant,
                                 aigov_error *err)
{
    aigov_status status = between(st, err);
    return status == AIGOV_OK ? aigov_scanner_tenant(st->s, tenant, err)
                              : status;
}

/* --- what is final ------------------------------------------------------- */

/* The offset before which no trigger that is still to be handled finds
 * anything. */
static size_t untouched(const aigov__scan *s)
{
    size_t back = BACK;
    size_t low = s->next > BACK_QUOTED ? s->next - BACK_QUOTED : 0;
    if (s->n == 0) {
        return 0;
    }
    if (memchr(s->p + low, '"', s->n - low) != NULL ||
        memchr(s->p + low, '\'', s->n - low) != NULL ||
        memchr(s->p + low, '`', s->n - low) != NULL) {
        back = BACK_QUOTED;
    }
    return s->next > back ? s->next - back : 0;
}

static size_t untouched_by_any(const aigov_stream *st)
{
    const aigov__scan *s = st->s;
    size_t low = untouched(s), own;
    if (s->rules == NULL) {
        return low;
    }
    own = aigov__own_untouched(s, st->own_at);
    return own < low ? own : low;
}

/* Hits that overlap are judged together: where some of them reach over `to`,
 * the first of them is where the final part ends.  *n: how many are in it. */
static size_t between_hits(const aigov__scan *s, size_t to, size_t *n)
{
    size_t first = 0, end = 0;
    for (*n = 0; *n < s->hits && s->hit[*n].from < to; ++*n) {
        if (s->hit[*n].from >= end) {
            first = *n;
        }
        end = s->hit[*n].to > end ? s->hit[*n].to : end;
    }
    if (*n > 0 && end > to) {
        *n = first;
        return s->hit[first].from;
    }
    return to;
}

/* Resolve the first n hits, put out the text up to `to` of the view. */
static bool put_final(aigov_stream *st, size_t to, size_t n, aigov_buf *out)
{
    aigov_scanner *s = st->s;
    size_t hits = s->hits, raw_to, from = st->out_to;
    bool good;
    s->hits = n;
    good = aigov__resolve(s);
    s->hits = hits - n;
    if (s->hits > 0) {
        memmove(s->hit, s->hit + n, s->hits * sizeof *s->hit);
    }
    raw_to = s->open ? aigov__raw_to(s, to) : st->raw.n;
    if (!good || raw_to <= from) {
        return good;
    }
    st->out_to = raw_to;
    return aigov__put_redacted(st->s, out, (aigov_span){st->raw.p, raw_to},
                               from, s->finding, s->findings);
}

/* Drop what nothing will look at any more. */
static void drop(aigov_stream *st, size_t to)
{
    aigov_scanner *s = st->s;
    size_t view = s->next < to ? s->next : to, raw, own;
    if (view < 4 * CONTEXT || view - CONTEXT < s->n / 2) {
        return;
    }
    view -= CONTEXT;
    own = s->rules != NULL ? aigov__own_needs(s, st->own_at) : view;
    view = own < view ? own : view;
    if (view == 0) {
        return;
    }
    for (size_t i = 0; i < AIGOV__MAX_OWN; i++) {
        st->own_at[i] = st->own_at[i] > view ? st->own_at[i] - view : 0;
    }
    raw = aigov__raw_from(s, view);
    aigov__fold_forget(s, view, raw);
    aigov__scan_forget(s, view);
    st->raw.n -= raw;
    memmove(st->raw.p, st->raw.p + raw, st->raw.n);
    st->out_to -= raw;
}

static aigov_status advance(aigov_stream *st, bool open, aigov_buf *out,
                            aigov_error *err)
{
    aigov_scanner *s = st->s;
    size_t before = out->n, to, n;
    s->raw = aigov_buf_span(&st->raw);
    s->open = open;
    aigov__fold_on(s);
    if (!s->nomem) {
        aigov__scan_on(s);
    }
    if (s->rules != NULL && !s->nomem && !s->canceled) {
        aigov__scan_own_on(s, st->own_at);
    }
    if (s->canceled) {
        return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                          "canceled by the host");
    }
    if (s->nomem) {
        return aigov__nomem(err);
    }
    if (s->withheld != NULL) {
        return aigov__withheld(s, err);
    }
    aigov__sort_hits(s);
    to = between_hits(s, open ? untouched_by_any(st) : s->n, &n);
    if (!put_final(st, to, n, out)) {
        out->n = before;
        return aigov__nomem(err);
    }
    drop(st, to);
    if (open && st->raw.n - st->out_to > MAX_HELD) {
        return aigov_fail(err, AIGOV_WITHHELD, AIGOV_NO_POS,
                          "what may be a term goes on for more than %d bytes "
                          "of space",
                          MAX_HELD);
    }
    st->work_at = st->raw.n + (st->raw.n - st->out_to) / 8 + 1;
    return AIGOV_OK;
}

/* --- the calls ----------------------------------------------------------- */

aigov_status aigov_stream_push(aigov_stream *st, aigov_span piece,
                               aigov_buf *out, aigov_error *err)
{
    aigov_status status = AIGOV_OK;
    if (st->failed) {
        return aigov_fail(err, AIGOV_STATE, AIGOV_NO_POS,
                          "the stream failed before");
    }
    st->begun = true;
    if (!aigov_buf_put(&st->raw, piece.p, piece.n)) {
        status = aigov__nomem(err);
    } else if (st->raw.n >= st->work_at) {
        status = advance(st, true, out, err);
    }
    st->failed = status != AIGOV_OK;
    return status;
}

aigov_status aigov_stream_end(aigov_stream *st, aigov_buf *out,
                              aigov_error *err)
{
    aigov_status status;
    if (st->failed) {
        status = aigov_fail(err, AIGOV_STATE, AIGOV_NO_POS,
                            "the stream failed before");
    } else {
        status = advance(st, false, out, err);
    }
    restart(st);
    return status;
}
