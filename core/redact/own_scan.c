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
 * space, so that no half of a value stays.
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

/* Every match in [from, to) of the view. */
static void scan_region(aigov__scan *s, unsigned number, size_t from, size_t to)
{
    const aigov__own *own = s->rules->own[number - AIGOV__DETECTORS];
    aigov_span text = {s->p, to};
    size_t start = from, stop;
    while (start < to && !stopped(s)) {
        int found = aigov__pattern_match(s->rules->engine, own->pattern[0],
                                         text, start, to < s->n, &start, &stop);
        if (found < 0) {
            withhold(s, own);
        }
        if (found <= 0) {
            return;
        }
        if (own->slow || find_literal(s, own, start, stop) != SIZE_MAX) {
            stop = stop == to ? to_space(s, stop) : stop;
            aigov__report(s, number, start, stop, own->score, 0);
        }
        start = stop;
    }
}

static void scan_pattern(aigov__scan *s, unsigned number)
{
    const aigov__own *own = s->rules->own[number - AIGOV__DETECTORS];
    size_t at = 0;
    while (at < s->n && !stopped(s)) {
        size_t from, to;
        if (!own->slow) {
            at = find_literal(s, own, at, s->n);
            if (at == SIZE_MAX) {
                return;
            }
        }
        from = at > BACK ? at - BACK : 0;
        to = s->n - from > REGION ? from + REGION : s->n;
        scan_region(s, number, from, to);
        if (to == s->n) {
            return;
        }
        at = to - BACK;
    }
}

void aigov__scan_own(aigov__scan *s)
{
    const aigov_rules *r = s->rules;
    for (size_t i = 0; i < r->owns && !stopped(s); i++) {
        unsigned number = (unsigned)(AIGOV__DETECTORS + i);
        const aigov__own *own = r->own[i];
        if (own->missing != NULL || s->profile->op[number] == AIGOV__OP_OFF) {
            continue;
        }
        if (own->type == AIGOV__OWN_DICTIONARY) {
            aigov__terms_scan(&own->terms, s, number, own->score);
        } else if (own->type == AIGOV__OWN_REGEX) {
            scan_pattern(s, number);
        }
    }
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
