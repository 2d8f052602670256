/*
 * own_scan.c - own detectors over the view; what an allow list lets pass
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A pattern is run over regions of at most REGION bytes, so that its cost is
 * linear in the text: around each place of its literal, or, for a slow one,
 * over all of the text in regions that overlap.
 *
 *      from - BACK                                       from + REGION - BACK
 *      |-------- BACK --------|literal ... literal ...   ... |--- BACK ---|
 *
 * What stands before a region can be looked at by the pattern; what follows it
 * cannot.  A match that ends where a region does is taken to go on to the next
 * space, so that no half of a value stays.  In a text that comes in pieces a
 * region waits until it is whole and more is there: so it is the same region.
 */
#include "rules.h"

#define REGION 8192
#define BACK 2048
#define MAX_STICKY 65536

static void withhold(aigov__scan *s, const aigov__own *own)
{
    s->withheld = own->info.name;
}

static bool stopped(aigov__scan *s)
{
    s->canceled = s->canceled || aigov__interrupted(s->ctx);
    return s->canceled || s->nomem || s->withheld != NULL;
}

/* --- patterns ------------------------------------------------------------ */

static size_t find_literal(const aigov__scan *s, const aigov__own *own,
                           size_t from, size_t to)
{
    const char *p;
    if (from >= to) {
        return SIZE_MAX;
    }
    p = memmem(s->p + from, to - from, own->literal.p, own->literal.n);
    return p == NULL ? SIZE_MAX : (size_t)(p - s->p);
}

static size_t to_space(const aigov__scan *s, size_t at)
{
    size_t end = s->n - at > MAX_STICKY ? at + MAX_STICKY : s->n;
    while (at < end && !aigov__is((unsigned char)s->p[at], AIGOV__SPACE)) {
        at++;
    }
    return at;
}

/* Every match in [from, to) of the view.  False, and none, where the end of one
 * is still to come. */
static bool scan_region(aigov__scan *s, unsigned number, size_t from, size_t to)
{
    const aigov__own *own = s->rules->own[number - AIGOV__DETECTORS];
    aigov_span text = {s->p, to};
    size_t start = from, stop, hits = s->hits;
    while (start < to && !stopped(s)) {
        int found = aigov__pattern_match(s->rules->engine, own->pattern[0],
                                         text, start, to < s->n, &start, &stop);
        if (found < 0) {
            withhold(s, own);
        }
        if (found <= 0) {
            return true;
        }
        if (own->slow || find_literal(s, own, start, stop) != SIZE_MAX) {
            size_t end = stop == to ? to_space(s, stop) : stop;
            if (s->open && end + AIGOV__AFTER_OWN > s->n) {
                s->hits = hits;
                return false;
            }
            stop = end;
            aigov__report(s, number, start, stop, own->score, 0);
        }
        start = stop;
    }
    return true;
}

/* From *at on, as far as what follows in an open text cannot change it. */
static void scan_pattern(aigov__scan *s, unsigned number, size_t *at)
{
    const aigov__own *own = s->rules->own[number - AIGOV__DETECTORS];
    while (*at < s->n && !stopped(s)) {
        size_t from, to;
        if (!own->slow) {
            size_t found = find_literal(s, own, *at, s->n);
            if (found == SIZE_MAX) { /* it may have begun */
                size_t rest = s->open ? own->literal.n - 1 : 0;
                *at = s->n - *at > rest ? s->n - rest : *at;
                return;
            }
            *at = found;
        }
        from = *at > BACK ? *at - BACK : 0;
        to = s->n - from > REGION ? from + REGION : s->n;
        if ((s->open && s->n - from <= REGION + AIGOV__AFTER_OWN) ||
            !scan_region(s, number, from, to)) {
            return;
        }
        *at = to == s->n ? to : to - BACK;
    }
}

static bool in_use(const aigov__scan *s, size_t i)
{
    const aigov__own *own = s->rules->own[i];
    return own->missing == NULL &&
           s->profile->op[AIGOV__DETECTORS + i] != AIGOV__OP_OFF &&
           (own->type == AIGOV__OWN_DICTIONARY ||
            own->type == AIGOV__OWN_REGEX);
}

static void scan_one(aigov__scan *s, size_t i, size_t *at)
{
    unsigned number = (unsigned)(AIGOV__DETECTORS + i);
    const aigov__own *own = s->rules->own[i];
    if (own->type == AIGOV__OWN_DICTIONARY) {
        *at = aigov__terms_scan(&own->terms, s, number, own->score, *at);
    } else {
        scan_pattern(s, number, at);
    }
}

void aigov__scan_own(aigov__scan *s)
{
    for (size_t i = 0; i < s->rules->owns && !stopped(s); i++) {
        size_t at = 0;
        if (in_use(s, i)) {
            scan_one(s, i, &at);
        }
    }
}

/* --- a text in pieces ---------------------------------------------------- */

void aigov__scan_own_on(aigov__scan *s, size_t at[AIGOV__MAX_OWN])
{
    for (size_t i = 0; i < s->rules->owns && !stopped(s); i++) {
        if (in_use(s, i)) {
            scan_one(s, i, &at[i]);
        }
    }
}

static size_t back(size_t at, size_t n)
{
    return at > n ? at - n : 0;
}

size_t aigov__own_untouched(const aigov__scan *s, const size_t *at)
{
    size_t low = s->n;
    for (size_t i = 0; i < s->rules->owns; i++) {
        bool term = s->rules->own[i]->type == AIGOV__OWN_DICTIONARY;
        size_t from = back(at[i], term ? 0 : BACK);
        if (in_use(s, i) && from < low) {
            low = from;
        }
    }
    return low;
}

size_t aigov__own_needs(const aigov__scan *s, const size_t *at)
{
    size_t low = s->n;
    for (size_t i = 0; i < s->rules->owns; i++) {
        const aigov__own *own = s->rules->own[i];
        size_t more = own->type == AIGOV__OWN_REGEX
                          ? BACK + aigov__pattern_back(own->pattern[0]) + 1
                          : 4; /* the character before a word */
        if (in_use(s, i) && back(at[i], more) < low) {
            low = back(at[i], more);
        }
    }
    return low;
}

aigov_status aigov__withheld(const aigov__scan *s, aigov_error *err)
{
    return aigov_fail(err, AIGOV_WITHHELD, AIGOV_NO_POS,
                      "detector %s failed: a limit of its pattern or of "
                      "memory was met",
                      s->withheld);
}

/* --- allow lists --------------------------------------------------------- */

/* A term is the end of the value, and what stands before it is a sign. */
static bool has_end(const aigov__own *own, aigov_span value)
{
    for (size_t i = 0; i < value.n && value.n <= AIGOV__MAX_TERM; i++) {
        bool border =
            i == 0 ||
            !aigov__is((unsigned char)value.p[i - 1],
                       AIGOV__ALNUM | AIGOV__HIGH) ||
            !aigov__is((unsigned char)value.p[i], AIGOV__ALNUM | AIGOV__HIGH);
        aigov_span end = {value.p + i, value.n - i};
        if (border && aigov__terms_has_value(&own->terms, end, true)) {
            return true;
        }
    }
    return false;
}

static bool matches(aigov__scan *s, const aigov__own *own, aigov_span value)
{
    for (size_t i = 0; i < own->patterns && value.n <= AIGOV__MAX_TERM; i++) {
        size_t from, to;
        int found = aigov__pattern_match(s->rules->engine, own->pattern[i],
                                         value, 0, false, &from, &to);
        if (found < 0) {
            withhold(s, own);
            return false;
        }
        if (found > 0 && from == 0 && to == value.n) {
            return true;
        }
    }
    return false;
}

static bool lets_pass(aigov__scan *s, const aigov__own *own, aigov_span value)
{
    switch (own->match) {
    case AIGOV__MATCH_EXACT:
        return aigov__terms_has_value(&own->terms, value, false);
    case AIGOV__MATCH_SUFFIX:
        return has_end(own, value);
    case AIGOV__MATCH_REGEX:
        return matches(s, own, value);
    case AIGOV__MATCH_FINGERPRINT:
        return aigov__has_fingerprint(s, own, value);
    default:
        return false;
    }
}

/* Of its entity; a secret only where its very value is on the list. */
bool aigov__allowed(aigov__scan *s, unsigned detector, size_t from, size_t to)
{
    const aigov_detector *d = aigov__detector(s, detector);
    aigov_span value = {s->p + from, to - from};
    for (size_t i = 0; i < s->rules->owns && s->withheld == NULL; i++) {
        const aigov__own *own = s->rules->own[i];
        if (own->type == AIGOV__OWN_ALLOW && own->missing == NULL &&
            s->profile->op[AIGOV__DETECTORS + i] != AIGOV__OP_OFF &&
            strcmp(own->info.entity, d->entity) == 0 &&
            (d->class_ != AIGOV_CLASS_SECRET ||
             own->match == AIGOV__MATCH_EXACT) &&
            lets_pass(s, own, value)) {
            return true;
        }
    }
    return false;
}
