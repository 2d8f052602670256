/*
 * outside.c - what an outside detector found, among what is found here
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A caller says where in a text that it hands in its own tool found something:
 * code points, from the start of the text decoded.  A string of JSON holds
 * texts itself, so a range is carried down with the walk of json.c:
 *
 *   level 1   {"name":"Ann Lee","age":7}     [9, 16)   as handed in
 *   level 2             Ann Lee              [0, 7)    within the string
 *
 * A range that goes beyond a string covers what it has of each; signs between
 * them are no text and stay.  Of a number, which is never another number, any
 * part is the whole.
 *
 * What is found here goes first, as it would without: of a range only what no
 * finding here takes is replaced, in pieces where one lies inside, and a piece
 * without a letter or digit is none.  So nothing that is found here is lost,
 * and all of the range is gone.  Ranges that overlap are put in order as own
 * findings are.
 */
#include "level.h"
#include "rules.h"

/* --- order --------------------------------------------------------------- */

static void sift(aigov__border *k, size_t at, size_t n)
{
    aigov__border x = k[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && k[child].key < k[child + 1].key) {
            child++;
        }
        if (x.key >= k[child].key) {
            break;
        }
        k[at] = k[child];
    }
    k[at] = x;
}

void aigov__sort_borders(aigov__border *k, size_t n)
{
    for (size_t i = n / 2; i > 0; i--) {
        sift(k, i - 1, n);
    }
    for (size_t i = n; i > 1; i--) {
        aigov__border x = k[0];
        k[0] = k[i - 1];
        k[i - 1] = x;
        sift(k, 0, i - 1);
    }
}

/* --- ranges of a text ---------------------------------------------------- */

void aigov__outside_ranges_free(aigov_ctx *ctx, aigov__ranges *r)
{
    aigov_mfree(ctx, r->v, r->cap * sizeof *r->v);
    aigov_mfree(ctx, r->key, r->keys * sizeof *r->key);
    *r = (aigov__ranges){0};
}

static bool add_range(aigov_ctx *ctx, aigov__ranges *r, aigov__range range)
{
    void *p = r->v;
    if (r->n == r->cap &&
        !aigov__grow(ctx, &p, &r->cap, sizeof *r->v, r->n + 16)) {
        return false;
    }
    r->v = p;
    r->v[r->n++] = range;
    return true;
}

/* The borders of all ranges in order: 2i where range i begins, 2i + 1 where it
 * ends.  False: out of memory. */
static bool borders(aigov_ctx *ctx, aigov__ranges *r)
{
    void *p = r->key;
    if (2 * r->n > r->keys &&
        !aigov__grow(ctx, &p, &r->keys, sizeof *r->key, 2 * r->n)) {
        return false;
    }
    r->key = p;
    for (size_t i = 0; i < r->n; i++) {
        r->key[2 * i] = (aigov__border){r->v[i].from, (uint32_t)(2 * i)};
        r->key[2 * i + 1] = (aigov__border){r->v[i].to, (uint32_t)(2 * i + 1)};
    }
    aigov__sort_borders(r->key, 2 * r->n);
    return true;
}

/* One character: its bytes.  A lone surrogate is one as well. */
static size_t code_point(const char *p, const char *end, size_t *made)
{
    const uint8_t *b = (const uint8_t *)p;
    size_t n = b[0] < 0x80 ? 1 : aigov__utf8_length(p, end);
    if (n == 0) {
        n = end - p >= 3 && b[0] == 0xED && b[1] >= 0xA0 && b[1] < 0xC0 &&
                    (b[2] & 0xC0) == 0x80
                ? 3
                : 1;
    }
    *made = n;
    return 1;
}

/* One step over a text: how far in the old measure, and in *made in the new.
 * The old one is code points, or, where there is a level, bytes of its literal.
 */
static size_t step(aigov__level *l, const char *p, const char *end,
                   size_t *made)
{
    size_t raw;
    if (l == NULL) {
        return code_point(p, end, made);
    }
    *l = (aigov__level){.plain = false};
    raw = aigov__level_written(l, (aigov_span){p, (size_t)(end - p)}, 1, true);
    *made = l->view;
    return raw;
}

/*
 * Put what a border is into what it becomes, by one walk over text.  What
 * begins inside a step begins with it, what ends inside ends behind it.  The
 * first range that goes beyond the end, or r->n.
 */
static size_t carry(aigov__ranges *r, aigov_span text, aigov__level *l)
{
    const char *p = text.p, *end = text.p + text.n;
    size_t old = 0, now = 0, bad = r->n;
    for (size_t k = 0; k < 2 * r->n; k++) {
        size_t at = (size_t)r->key[k].key, i = r->key[k].i / 2, made;
        bool stop = r->key[k].i % 2 != 0;
        while (old < at && p < end) {
            size_t used = step(l, p, end, &made);
            if (!stop && old + used > at) {
                break;
            }
            old += used;
            now += made;
            p += l == NULL ? made : used;
        }
        if (old < at && p == end && i < bad) {
            bad = i;
        }
        *(stop ? &r->v[i].to : &r->v[i].from) = now;
    }
    return bad;
}

/* --- of a place ---------------------------------------------------------- */

/* What the record says of the node. */
static aigov_status told_of(aigov_ctx *ctx, aigov__told *told,
                            const aigov__spot *spot, aigov__ranges *out,
                            aigov_error *err)
{
    size_t first, bad;
    while (told->next < told->n && told->v[told->next].node < spot->node) {
        told->next++;
    }
    first = told->next;
    for (size_t i = first; i < told->n && told->v[i].node == spot->node; i++) {
        aigov__outside *f = &told->v[i];
        aigov__range x = {f->start, f->stop, f->detector, f->score};
        f->met = true;
        if (!add_range(ctx, out, x)) {
            return aigov__nomem(err);
        }
    }
    if (out->n == 0) {
        return AIGOV_OK;
    }
    if (!borders(ctx, out)) {
        return aigov__nomem(err);
    }
    bad = carry(out, spot->text, NULL);
    return bad == out->n
               ? AIGOV_OK
               : aigov_fail(err, AIGOV_FIELD, told->v[first + bad].pos,
                            "a finding stops beyond the end of its text");
}

/* What the ranges of the text around have of the literal. */
static bool inside(aigov_ctx *ctx, const aigov__spot *spot, aigov__ranges *out)
{
    aigov__level level;
    aigov_span literal = {spot->below.p + spot->from, spot->to - spot->from};
    for (size_t i = 0; i < spot->outer->n; i++) {
        aigov__range x = spot->outer->v[i];
        if (x.from >= spot->to || x.to <= spot->from) {
            continue;
        }
        x.from = x.from > spot->from ? x.from - spot->from : 0;
        x.to = (x.to < spot->to ? x.to : spot->to) - spot->from;
        if (!add_range(ctx, out, x)) {
            return false;
        }
    }
    if (out->n == 0 || spot->plain || spot->number) {
        return true;
    }
    if (!borders(ctx, out)) {
        return false;
    }
    carry(out, literal, &level);
    return true;
}

aigov_status aigov__outside_at(aigov_ctx *ctx, aigov__told *told,
                               const aigov__spot *spot, aigov__ranges *out,
                               aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    out->n = 0;
    if (spot->node != 0 && told->n != 0) {
        st = told_of(ctx, told, spot, out, err);
    } else if (spot->outer != NULL && spot->outer->n != 0 &&
               !inside(ctx, spot, out)) {
        st = aigov__nomem(err);
    }
    for (size_t i = 0; spot->number && i < out->n; i++) {
        out->v[i].from = 0;
        out->v[i].to = SIZE_MAX;
    }
    return st;
}

bool aigov__outside_detector(const aigov_rules *rules, aigov_span name,
                             aigov__outside *out, const char **entity)
{
    for (size_t i = 0; rules != NULL && i < rules->owns; i++) {
        const aigov__own *own = rules->own[i];
        if (own->type == AIGOV__OWN_OUTSIDE && own->missing == NULL &&
            aigov_span_is(name, own->info.name)) {
            out->detector = (uint16_t)(AIGOV__DETECTORS + i);
            out->score = own->score;
            *entity = own->info.entity;
            return true;
        }
    }
    return false;
}

bool aigov__is_outside(const aigov_rules *rules, size_t number)
{
    return number >= AIGOV__DETECTORS &&
           rules->own[number - AIGOV__DETECTORS]->type == AIGOV__OWN_OUTSIDE;
}

/* --- among findings ------------------------------------------------------ */

/* The place in the view of an offset of the original: of what it is a part. */
static size_t view_at(const aigov__scan *s, size_t raw, bool stop)
{
    size_t low = 0, high = s->shifts, at;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->shift[mid].raw <= raw) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    at = low == 0 ? raw : s->shift[low - 1].view + raw - s->shift[low - 1].raw;
    if (low < s->shifts && at > s->shift[low].view) {
        at = s->shift[low].view;
    }
    at = at > s->n ? s->n : at;
    while (!stop && at > 0 && aigov__raw_from(s, at) > raw) {
        at--;
    }
    /* hidden characters at its end are none of the view */
    while (stop && at < s->n && aigov__raw_to(s, at) < raw &&
           aigov__raw_from(s, at) < raw) {
        at++;
    }
    return at;
}

static bool is_text(const aigov__scan *s, size_t from, size_t to)
{
    while (from < to &&
           !aigov__is((unsigned char)s->p[from], AIGOV__ALNUM | AIGOV__HIGH)) {
        from++;
    }
    return from < to;
}

static void put_piece(aigov__scan *s, aigov__hit piece, size_t from, size_t to)
{
    if (from < to && is_text(s, from, to) && aigov__grow_hits(s)) {
        piece.from = from;
        piece.to = to;
        s->hit[s->hits++] = piece;
    }
}

/* What is left of an outside hit beside the first `own` hits, from *at on. */
static void cut(aigov__scan *s, size_t own, size_t *at, aigov__hit h)
{
    size_t from = h.from;
    while (*at < own && s->hit[*at].to <= h.from) {
        ++*at;
    }
    for (size_t k = *at; k < own && s->hit[k].from < h.to; k++) {
        if (aigov__acted(s, s->hit[k].detector)) {
            put_piece(s, h, from, s->hit[k].from);
            from = s->hit[k].to;
        }
    }
    put_piece(s, h, from, h.to);
}

/* Of the first n hits those that are kept as they are and that an outside hit,
 * of [first, last), touches go: they would stand in its way. */
static size_t drop_kept(aigov__scan *s, size_t n, size_t first, size_t last)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        aigov__hit h = s->hit[i];
        while (first < last && s->hit[first].to <= h.from) {
            first++;
        }
        if (aigov__acted(s, h.detector) || first == last ||
            s->hit[first].from >= h.to) {
            s->hit[kept++] = h;
        }
    }
    return kept;
}

void aigov__add_outside(aigov__scan *s)
{
    size_t own = s->hits, all, kept, at = 0;
    for (size_t i = 0; i < s->outside->n && !s->nomem; i++) {
        const aigov__range *x = &s->outside->v[i];
        if (aigov__acted(s, x->detector)) {
            aigov__report(s, x->detector, view_at(s, x->from, false),
                          view_at(s, x->to, true), x->score, 0);
        }
    }
    all = own + aigov__best_of(s, s->hit + own, s->hits - own);
    s->hits = all;
    for (size_t i = own; i < all && !s->nomem; i++) {
        cut(s, own, &at, s->hit[i]);
    }
    kept = drop_kept(s, own, own, all);
    for (size_t i = all; i < s->hits; i++) {
        s->hit[kept++] = s->hit[i];
    }
    s->hits = kept;
    aigov__sort_hits(s);
}
