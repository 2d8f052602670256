/*
 * resolve.c - scores, the order among overlapping hits, findings
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Score: base, +30 for context, -30 against, +25 alone (internal.h); at most
 * 100.  Among hits that overlap the first by this order wins, the others go:
 *
 *   1 a secret before personal data before what is soft
 *   2 what needs no word or has its label before what has a word near only
 *   3 validated before not
 *   4 higher score   5 longer   6 earlier   7 detector's place in the catalogue
 *
 * A hit that overlaps a better one without lying inside it widens it: what is
 * found is then the union, so that no half of a value stays.
 */
#include "internal.h"

#define THRESHOLD AIGOV__THRESHOLD
#define FOR 30
#define AGAINST 30
#define ALONE 25
#define MIN_BASE 20
#define LABELLED 25 /* below it a word near is not enough */

static const aigov_detector detectors[AIGOV__DETECTORS + 1] = {
#define DETECTOR(name, entity, class, context, text)                           \
    {#name, #entity, AIGOV_CLASS_##class, text},
#include "detectors.def"
#undef DETECTOR
};

static const uint8_t contexts[AIGOV__DETECTORS + 1] = {
#define DETECTOR(name, entity, class, context, text) AIGOV__C_##context,
#include "detectors.def"
#undef DETECTOR
};

const aigov_detector *aigov_detector_at(size_t i)
{
    return i < AIGOV__DETECTORS ? &detectors[i] : NULL;
}

/* --- reporting ----------------------------------------------------------- */

/* Whether nothing but space, quotes and signs stands around. */
static bool is_alone(const aigov__scan *s, size_t from, size_t to)
{
    if (s->has_path || s->depth > 0 || from + s->skipped > 8 || s->n - to > 8) {
        return false;
    }
    for (size_t i = 0; i < from; i++) {
        if (aigov__is((unsigned char)s->p[i], AIGOV__ALNUM | AIGOV__HIGH)) {
            return false;
        }
    }
    for (size_t i = to; i < s->n; i++) {
        if (aigov__is((unsigned char)s->p[i], AIGOV__ALNUM | AIGOV__HIGH)) {
            return false;
        }
    }
    return true;
}

/* Whether a word speaks for a hit.  What has little but the word needs one that
 * labels it; a validated one may stray from another value. */
static bool speaks_for(aigov__scan *s, aigov__hit *h, int base, unsigned why)
{
    unsigned group = contexts[h->detector];
    if (base < THRESHOLD) {
        if (aigov__labelled(s, h->from, h->to, group)) {
            return true;
        }
        if (base < LABELLED || (why & AIGOV_WHY_VALIDATED) == 0) {
            return false;
        }
        h->stray = aigov__near_word(s, h->from, h->to, group);
        return h->stray;
    }
    return aigov__near_word(s, h->from, h->to, group);
}

static int score(aigov__scan *s, aigov__hit *h, int base, unsigned *why)
{
    bool alone = is_alone(s, h->from, h->to);
    if (base + FOR + (alone ? ALONE : 0) < THRESHOLD) {
        return 0;
    }
    if (speaks_for(s, h, base, *why)) {
        base += FOR;
        *why |= AIGOV_WHY_CONTEXT;
    } else if (detectors[h->detector].class_ != AIGOV_CLASS_SECRET &&
               aigov__near_word(s, h->from, h->to, AIGOV__C_AGAINST)) {
        base -= AGAINST;
        *why |= AIGOV_WHY_AGAINST;
    }
    if (alone) {
        base += ALONE;
        *why |= AIGOV_WHY_ALONE;
    }
    return base > 100 ? 100 : base;
}

bool aigov__may_count(aigov__scan *s, unsigned detector, size_t from, size_t to)
{
    return aigov__maybe_near(s, from, to, contexts[detector]) ||
           is_alone(s, from, to);
}

bool aigov__may_any_count(aigov__scan *s, size_t from, size_t to)
{
    return aigov__any_near(s, from, to) || is_alone(s, from, to);
}

static bool grow_hits(aigov__scan *s)
{
    void *p = s->hit;
    if (s->hits < s->hit_cap) {
        return true;
    }
    if (!aigov__grow(s->ctx, &p, &s->hit_cap, sizeof *s->hit, s->hits + 16)) {
        s->nomem = true;
        return false;
    }
    s->hit = p;
    return true;
}

void aigov__report(aigov__scan *s, unsigned detector, size_t from, size_t to,
                   int base, unsigned why)
{
    aigov__hit h = {.from = from, .to = to, .detector = (uint16_t)detector};
    int total;
    if (base < MIN_BASE || from >= to || to > s->n) {
        return;
    }
    total = score(s, &h, base, &why);
    if (total < THRESHOLD || !aigov__keep_placeholders(s, &h.from, &h.to) ||
        !grow_hits(s)) {
        return;
    }
    h.score = (uint8_t)total;
    h.base = (uint8_t)(base > 100 ? 100 : base);
    h.why = (uint8_t)why;
    s->hit[s->hits++] = h;
}

/* --- overlaps ------------------------------------------------------------ */

static int rank(const aigov__hit *h)
{
    static const uint8_t order[] = {1, 0, 2}; /* PII, SECRET, SOFT */
    return order[detectors[h->detector].class_] * 4 + h->stray * 2 +
           ((h->why & AIGOV_WHY_VALIDATED) == 0);
}

/* Whether a is to be kept rather than b. */
static bool better(const aigov__hit *a, const aigov__hit *b)
{
    int ra = rank(a), rb = rank(b);
    size_t la = a->to - a->from, lb = b->to - b->from;
    if (ra != rb) {
        return ra < rb;
    }
    if (a->score != b->score) {
        return a->score > b->score;
    }
    if (la != lb) {
        return la > lb;
    }
    if (a->from != b->from) {
        return a->from < b->from;
    }
    return a->detector < b->detector;
}

/* Order by start; insertion, since hits come nearly in the order of the text
 * and a hit is out of place by a few only. */
void aigov__sort_hits(aigov__scan *s)
{
    for (size_t i = 1; i < s->hits; i++) {
        aigov__hit h = s->hit[i];
        size_t k = i;
        while (k > 0 && s->hit[k - 1].from > h.from) {
            s->hit[k] = s->hit[k - 1];
            k--;
        }
        s->hit[k] = h;
    }
}

/* Hits that overlap, neither inside the other, and both to be acted on: the
 * one that stays takes in the other's place.  So it does of two secrets where
 * it lies inside: a known token in a longer password is a part of it. */
static void widen(aigov__hit *kept, const aigov__hit *lost)
{
    bool secrets = detectors[kept->detector].class_ == AIGOV_CLASS_SECRET &&
                   detectors[lost->detector].class_ == AIGOV_CLASS_SECRET;
    bool inside = (lost->from >= kept->from && lost->to <= kept->to) ||
                  (kept->from >= lost->from && kept->to <= lost->to);
    if ((inside && !secrets) ||
        detectors[kept->detector].class_ == AIGOV_CLASS_SOFT ||
        detectors[lost->detector].class_ == AIGOV_CLASS_SOFT) {
        return;
    }
    kept->from = lost->from < kept->from ? lost->from : kept->from;
    kept->to = lost->to > kept->to ? lost->to : kept->to;
}

/* One pass over the hits in the order of the text; what was kept so far never
 * overlaps. */
static void keep_best(aigov__scan *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->hits; i++) {
        aigov__hit h = s->hit[i];
        bool lost = false;
        while (n > 0 && !lost && s->hit[n - 1].to > h.from) {
            aigov__hit *last = &s->hit[n - 1];
            if (better(last, &h)) {
                widen(last, &h);
                lost = true;
            } else {
                widen(&h, last);
                n--;
            }
        }
        if (!lost) {
            s->hit[n++] = h;
        }
    }
    s->hits = n;
}

/* --- findings ------------------------------------------------------------ */

static bool make_findings(aigov__scan *s)
{
    void *p = s->finding;
    if (s->hits > s->finding_cap && !aigov__grow(s->ctx, &p, &s->finding_cap,
                                                 sizeof *s->finding, s->hits)) {
        return false;
    }
    s->finding = p;
    s->findings = s->hits;
    for (size_t i = 0; i < s->hits; i++) {
        const aigov__hit *h = &s->hit[i];
        size_t start = aigov__raw_from(s, h->from);
        size_t stop = aigov__raw_to(s, h->to);
        bool folded = stop - start != h->to - h->from;
        s->finding[i] = (aigov_finding){
            .detector = &detectors[h->detector],
            .start = start,
            .stop = stop,
            .score = h->score,
            .base = h->base,
            .why = h->why | (folded ? AIGOV_WHY_FOLDED : 0u),
        };
    }
    return true;
}

bool aigov__resolve(aigov__scan *s)
{
    aigov__sort_hits(s);
    keep_best(s);
    return make_findings(s);
}
