/*
 * match_set.c - sets of code points: union, complement, folding, Unicode
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Sets are ranges in order with something between each two.  Properties are
 * those of RE2: general categories but Cn, their groups (L is Lu, Ll, Lt, Lm
 * and Lo), scripts, Any.  Folding is simple folding: characters with one folded
 * form (CaseFolding.txt, status C and S) stand for each other.
 */
#include "match_program.h"

struct fold {
    uint32_t lo, hi;
    int32_t delta; /* to the next with the same folded form; 0: neighbours */
};

#include "match_unicode.def"

#define LAST 0x10FFFFU
#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Characters in one orbit, at most: U+0398, U+03B8, U+03D1, U+03F4. */
#define ORBIT 4

void aigov__ranges_free(aigov_ctx *ctx, struct aigov__ranges *r)
{
    aigov_mfree(ctx, r->at, r->cap * sizeof *r->at);
    *r = (struct aigov__ranges){0};
}

bool aigov__ranges_add(aigov_ctx *ctx, struct aigov__ranges *r, uint32_t lo,
                       uint32_t hi)
{
    void *at = r->at;

    if (r->n > 0 && r->at[r->n - 1].hi + 1 == lo) {
        r->at[r->n - 1].hi = hi;
        return true;
    }
    if (r->n == r->cap &&
        !aigov__grow(ctx, &at, &r->cap, sizeof *r->at, r->n + 16)) {
        return false;
    }
    r->at = at;
    r->at[r->n++] = (struct aigov__range){lo, hi};
    return true;
}

/* --- order --------------------------------------------------------------- */

static void sift(struct aigov__range *at, size_t root, size_t n)
{
    struct aigov__range moved = at[root];

    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= n) {
            break;
        }
        child += child + 1 < n && at[child + 1].lo > at[child].lo;
        if (at[child].lo <= moved.lo) {
            break;
        }
        at[root] = at[child];
        root = child;
    }
    at[root] = moved;
}

/* Heap sort: in place, and never worse than n log n. */
void aigov__ranges_sort(struct aigov__ranges *r)
{
    size_t n = r->n, kept = 0;

    for (size_t i = n / 2; i-- > 0;) {
        sift(r->at, i, n);
    }
    for (size_t i = n; i-- > 1;) {
        struct aigov__range largest = r->at[0];
        r->at[0] = r->at[i];
        r->at[i] = largest;
        sift(r->at, 0, i);
    }
    for (size_t i = 1; i < n; i++) {
        if (r->at[i].lo <= r->at[kept].hi + 1) {
            if (r->at[i].hi > r->at[kept].hi) {
                r->at[kept].hi = r->at[i].hi;
            }
        } else {
            r->at[++kept] = r->at[i];
        }
    }
    r->n = n == 0 ? 0 : kept + 1;
}

bool aigov__ranges_join(aigov_ctx *ctx, struct aigov__ranges *r,
                        const struct aigov__ranges *more,
                        struct aigov__ranges *scratch)
{
    size_t i = 0, k = 0;
    struct aigov__ranges *out = scratch;

    out->n = 0;
    while (i < r->n || k < more->n) {
        bool first =
            k == more->n || (i < r->n && r->at[i].lo <= more->at[k].lo);
        struct aigov__range next = first ? r->at[i++] : more->at[k++];
        if (out->n > 0 && next.lo <= out->at[out->n - 1].hi + 1) {
            if (next.hi > out->at[out->n - 1].hi) {
                out->at[out->n - 1].hi = next.hi;
            }
        } else if (!aigov__ranges_add(ctx, out, next.lo, next.hi)) {
            return false;
        }
    }
    struct aigov__ranges joined = *out;
    *scratch = *r;
    *r = joined;
    return true;
}

/* One more range at most: what is between them, before and behind. */
bool aigov__ranges_negate(aigov_ctx *ctx, struct aigov__ranges *r)
{
    uint32_t from = 0;
    size_t n = 0;

    if (!aigov__ranges_add(ctx, r, LAST + 2, LAST + 2)) { /* room for it */
        return false;
    }
    for (size_t i = 0; i + 1 < r->n; i++) {
        struct aigov__range taken = r->at[i];
        if (taken.lo > from) {
            r->at[n++] = (struct aigov__range){from, taken.lo - 1};
        }
        from = taken.hi + 1;
    }
    if (from <= LAST) {
        r->at[n++] = (struct aigov__range){from, LAST};
    }
    r->n = n;
    return true;
}

/* --- folding ------------------------------------------------------------- */

/* The first entry that does not end before c. */
static size_t first_fold(uint32_t c)
{
    size_t lo = 0, hi = COUNT(fold);

    while (lo < hi) {
        size_t half = (lo + hi) / 2;
        if (fold[half].hi < c) {
            lo = half + 1;
        } else {
            hi = half;
        }
    }
    return lo;
}

/* Whether all of lo..hi is in one of the first n ranges, which are in order. */
static bool covered(const struct aigov__ranges *r, size_t n, uint32_t lo,
                    uint32_t hi)
{
    size_t first = 0, left = n;

    while (left > 0) { /* the first that does not end before lo */
        size_t half = left / 2;
        if (r->at[first + half].hi < lo) {
            first += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return first < n && r->at[first].lo <= lo && hi <= r->at[first].hi;
}

/* Add behind the first n what the characters of range i fold to in one step. */
static bool add_folded(aigov_ctx *ctx, struct aigov__ranges *r, size_t n,
                       size_t i, bool *added)
{
    struct aigov__range from = r->at[i];

    for (size_t k = first_fold(from.lo);
         k < COUNT(fold) && fold[k].lo <= from.hi; k++) {
        const struct fold *f = &fold[k];
        uint32_t lo = from.lo > f->lo ? from.lo : f->lo;
        uint32_t hi = from.hi < f->hi ? from.hi : f->hi;
        if (f->delta == 0) { /* whole pairs, counted from f->lo */
            lo -= (lo - f->lo) & 1;
            hi += ((hi - f->lo) & 1) == 0;
        } else {
            lo = (uint32_t)((int32_t)lo + f->delta);
            hi = (uint32_t)((int32_t)hi + f->delta);
        }
        if (covered(r, n, lo, hi)) {
            continue;
        }
        *added = true;
        if (!aigov__ranges_add(ctx, r, lo, hi)) {
            return false;
        }
    }
    return true;
}

bool aigov__ranges_fold(aigov_ctx *ctx, struct aigov__ranges *r)
{
    bool added = true;

    for (int step = 1; step < ORBIT && added; step++) {
        size_t n = r->n;
        added = false;
        for (size_t i = 0; i < n; i++) {
            if (!add_folded(ctx, r, n, i, &added)) {
                return false;
            }
        }
        if (added) {
            aigov__ranges_sort(r);
        }
    }
    return true;
}

/* --- properties ---------------------------------------------------------- */

static uint32_t run_first(uint32_t run)
{
    return run >> 8;
}

static uint32_t run_value(uint32_t run)
{
    return run & 0xFF;
}

/* Whether a name of the table is the one asked for; a category of one letter
 * is the group of those that begin with it. */
static void choose(const char (*name)[24], size_t n, aigov_span wanted,
                   bool prefix, bool chosen[256], bool *known)
{
    for (size_t i = 0; i < n; i++) {
        chosen[i] = aigov_span_is(wanted, name[i]) ||
                    (prefix && wanted.n == 1 && name[i][0] == wanted.p[0]);
        *known = *known || chosen[i];
    }
}

/* Capitals and small letters by turns, from first to last; a capital first. */
static bool add_turns(aigov_ctx *ctx, struct aigov__ranges *r, uint32_t first,
                      uint32_t last, bool capitals, bool small)
{
    for (uint32_t c = first; c <= last; c++) {
        if (((c - first) & 1) == 0 ? capitals : small) {
            if (!aigov__ranges_add(ctx, r, c, c)) {
                return false;
            }
        }
    }
    return true;
}

static bool add_runs(aigov_ctx *ctx, struct aigov__ranges *r,
                     const uint32_t *run, size_t n, const bool chosen[256],
                     bool capitals, bool small)
{
    for (size_t i = 0; i + 1 < n; i++) {
        uint32_t first = run_first(run[i]), last = run_first(run[i + 1]) - 1;
        uint32_t value = run_value(run[i]);
        bool held = true;
        if (value == UNICODE_TURNS) {
            held = add_turns(ctx, r, first, last, capitals, small);
        } else if (chosen[value]) {
            held = aigov__ranges_add(ctx, r, first, last);
        }
        if (!held) {
            return false;
        }
    }
    return true;
}

static size_t category_index(const char *name)
{
    size_t i = 0;

    while (strcmp(category_name[i], name) != 0) {
        i++;
    }
    return i;
}

bool aigov__ranges_property(aigov_ctx *ctx, struct aigov__ranges *r,
                            aigov_span name, bool *known)
{
    bool chosen[256] = {false};

    *known = aigov_span_is(name, "Any");
    if (*known) {
        return aigov__ranges_add(ctx, r, 0, LAST);
    }
    choose(category_name, COUNT(category_name), name, true, chosen, known);
    if (*known) {
        return add_runs(ctx, r, category_run, COUNT(category_run), chosen,
                        chosen[category_index("Lu")],
                        chosen[category_index("Ll")]);
    }
    choose(script_name, COUNT(script_name), name, false, chosen, known);
    return !*known || add_runs(ctx, r, script_run, COUNT(script_run), chosen,
                               false, false);
}

/* L, M, Nd, Nl and Pc, as RE2 has it. */
bool aigov__name_char(uint32_t c)
{
    size_t lo = 0, hi = COUNT(category_run) - 1;

    while (hi - lo > 1) {
        size_t half = (lo + hi) / 2;
        if (run_first(category_run[half]) <= c) {
            lo = half;
        } else {
            hi = half;
        }
    }
    uint32_t value = run_value(category_run[lo]);
    if (value == UNICODE_TURNS) {
        return true;
    }
    if (value == UNICODE_NONE) {
        return false;
    }
    const char *name = category_name[value];
    return name[0] == 'L' || name[0] == 'M' || strcmp(name, "Nd") == 0 ||
           strcmp(name, "Nl") == 0 || strcmp(name, "Pc") == 0;
}
