/*
 * resolve.c - scores, the order among overlapping hits, findings
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Score: base, +30 for context, -30 against, +25 alone (internal.h); at most
 * 100.  Hits that do not reach the threshold of the profile, or that an allow
 * list lets pass, go first: what is not acted on must not hide what is.  Among
 * hits that overlap the first by this order wins, the others go:
 *
 *   0 a term of an own dictionary, unless it lies inside another hit that is
 *     acted on (that takes more)
 *   1 a secret before other that the profile acts on before what it keeps
 *   2 what needs no word or has its label before what has a word near only
 *   3 validated before not
 *   4 higher score   5 longer   6 earlier   7 detector's place in the catalogue
 *
 * A hit that overlaps a better one without lying inside it widens it: what is
 * found is then the union, so that no half of a value stays.
 */
#include "rules.h"

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

const aigov_detector *aigov__rules_detector(const aigov_rules *rules,
                                            size_t number)
{
    return number < AIGOV__DETECTORS
               ? &detectors[number]
               : &rules->own[number - AIGOV__DETECTORS]->info;
}

const aigov_detector *aigov__detector(const aigov__scan *s, unsigned number)
{
    return aigov__rules_detector(s->rules, number);
}

static aigov_class class_of(const aigov__scan *s, unsigned number)
{
    return aigov__detector(s, number)->class_;
}

/* What the profile does with what a detector finds. */
static uint8_t operator_of(const aigov__scan *s, unsigned number)
{
    if (s->profile != NULL) {
        return s->profile->op[number];
    }
    return detectors[number].class_ == AIGOV_CLASS_SOFT ? AIGOV__OP_KEEP
                                                        : AIGOV__OP_REPLACE;
}

bool aigov__acted(const aigov__scan *s, unsigned number)
{
    return operator_of(s, number) >= AIGOV__OP_REPLACE;
}

/* No profile lets a secret pass for a score that would do without it. */
static int threshold(const aigov__scan *s, unsigned number)
{
    int t = s->profile != NULL ? s->profile->threshold : THRESHOLD;
    return t > THRESHOLD && class_of(s, number) == AIGOV_CLASS_SECRET
               ? THRESHOLD
               : t;
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
    return aigov__near_word(s, h->from, h->to, group) &&
           !aigov__labelled_against(s, h->from, group);
}

static int score(aigov__scan *s, aigov__hit *h, int base, unsigned *why)
{
    bool alone = is_alone(s, h->from, h->to);
    if (base + FOR + (alone ? ALONE : 0) < threshold(s, h->detector)) {
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

/* A profile may keep what reaches less. */
static bool keeps_less(const aigov__scan *s)
{
    return s->profile != NULL && s->profile->threshold < THRESHOLD;
}

bool aigov__may_count(aigov__scan *s, unsigned detector, size_t from, size_t to)
{
    return keeps_less(s) ||
           aigov__maybe_near(s, from, to, contexts[detector]) ||
           is_alone(s, from, to);
}

bool aigov__may_any_count(aigov__scan *s, size_t from, size_t to)
{
    return keeps_less(s) || aigov__any_near(s, from, to) ||
           is_alone(s, from, to);
}

bool aigov__grow_hits(aigov__scan *s)
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
    bool own = detector >= AIGOV__DETECTORS;
    int total;
    if ((base < MIN_BASE && !own) || from >= to || to > s->n) {
        return;
    }
    total = own ? base : score(s, &h, base, &why);
    if (total < threshold(s, detector) ||
        !aigov__keep_placeholders(s, &h.from, &h.to) ||
        (s->rules != NULL && aigov__allowed(s, detector, h.from, h.to)) ||
        !aigov__grow_hits(s)) {
        return;
    }
    h.score = (uint8_t)total;
    h.base = (uint8_t)(base > 100 ? 100 : base);
    h.why = (uint8_t)why;
    s->hit[s->hits++] = h;
}

/* --- overlaps ------------------------------------------------------------ */

static int rank(const aigov__scan *s, const aigov__hit *h)
{
    int order = class_of(s, h->detector) == AIGOV_CLASS_SECRET ? 0 : 1;
    if (!aigov__acted(s, h->detector)) {
        order = 2;
    }
    return order * 4 + h->stray * 2 + ((h->why & AIGOV_WHY_VALIDATED) == 0);
}

static bool is_term(const aigov__scan *s, const aigov__hit *h)
{
    return h->detector >= AIGOV__DETECTORS && aigov__acted(s, h->detector) &&
           s->rules->own[h->detector - AIGOV__DETECTORS]->type ==
               AIGOV__OWN_DICTIONARY;
}

static bool inside(const aigov__hit *a, const aigov__hit *b)
{
    return a->from >= b->from && a->to <= b->to;
}

/* Whether a, a term of a dictionary, goes before b, which is none. */
static bool term_first(const aigov__scan *s, const aigov__hit *a,
                       const aigov__hit *b)
{
    return !aigov__acted(s, b->detector) || !inside(a, b) || inside(b, a);
}

/* Whether a is to be kept rather than b. */
static bool better(const aigov__scan *s, const aigov__hit *a,
                   const aigov__hit *b)
{
    int ra = rank(s, a), rb = rank(s, b);
    size_t la = a->to - a->from, lb = b->to - b->from;
    bool ta = is_term(s, a), tb = is_term(s, b);
    if (ta != tb) {
        return ta ? term_first(s, a, b) : !term_first(s, b, a);
    }
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

static bool before(const aigov__hit *a, const aigov__hit *b)
{
    if (a->from != b->from) {
        return a->from < b->from;
    }
    return a->to != b->to ? a->to > b->to : a->detector < b->detector;
}

static void sift(aigov__hit *h, size_t at, size_t n)
{
    aigov__hit x = h[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(&h[child], &h[child + 1])) {
            child++;
        }
        if (!before(&x, &h[child])) {
            break;
        }
        h[at] = h[child];
    }
    h[at] = x;
}

/* Hits of own detectors come after all others. */
static void sort_far(aigov__hit *h, size_t n)
{
    for (size_t i = n / 2; i > 0; i--) {
        sift(h, i - 1, n);
    }
    for (size_t i = n; i > 1; i--) {
        aigov__hit x = h[0];
        h[0] = h[i - 1];
        h[i - 1] = x;
        sift(h, 0, i - 1);
    }
}

/* Order by start; insertion, since hits come nearly in the order of the text
 * and a hit is out of place by a few only. */
void aigov__sort_hits(aigov__scan *s)
{
    if (s->rules != NULL && s->rules->owns != 0) {
        sort_far(s->hit, s->hits);
        return;
    }
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
static void widen(const aigov__scan *s, aigov__hit *kept,
                  const aigov__hit *lost)
{
    bool secrets = class_of(s, kept->detector) == AIGOV_CLASS_SECRET &&
                   class_of(s, lost->detector) == AIGOV_CLASS_SECRET;
    if (((inside(lost, kept) || inside(kept, lost)) && !secrets) ||
        !aigov__acted(s, kept->detector) || !aigov__acted(s, lost->detector)) {
        return;
    }
    kept->from = lost->from < kept->from ? lost->from : kept->from;
    kept->to = lost->to > kept->to ? lost->to : kept->to;
}

/* One pass over hits in the order of the text; what was kept so far never
 * overlaps.  How many stay. */
static size_t keep_best(const aigov__scan *s, aigov__hit *hit, size_t hits)
{
    size_t n = 0;
    for (size_t i = 0; i < hits; i++) {
        aigov__hit h = hit[i];
        bool lost = false;
        while (n > 0 && !lost && hit[n - 1].to > h.from) {
            aigov__hit *last = &hit[n - 1];
            if (better(s, last, &h)) {
                widen(s, last, &h);
                lost = true;
            } else {
                widen(s, &h, last);
                n--;
            }
        }
        if (!lost) {
            hit[n++] = h;
        }
    }
    return n;
}

size_t aigov__best_of(const aigov__scan *s, aigov__hit *hit, size_t n)
{
    sort_far(hit, n);
    return keep_best(s, hit, n);
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
            .detector = aigov__detector(s, h->detector),
            .number = h->detector,
            .acted = aigov__acted(s, h->detector),
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
    s->hits = keep_best(s, s->hit, s->hits);
    if (s->outside != NULL && s->outside->n != 0) {
        aigov__add_outside(s);
    }
    return !s->nomem && make_findings(s);
}
