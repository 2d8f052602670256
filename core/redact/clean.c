/*
 * clean.c - which values of JSON need not be looked at again
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "clean.h"

_Static_assert(sizeof(aigov__clean_value) == 16 + AIGOV__MAX_CLEAN,
               "values are compared as bytes");

#define HASH_FACTOR 0x9E3779B97F4A7C15u /* 2^64 / golden ratio, odd */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * HASH_FACTOR;
    return hash ^ hash >> 32;
}

#define BUILT_IN 1 /* where there are no rules */

/* A number that no other rules of this context have; 0: there is none. */
static uint64_t number_of(const aigov__scan *s)
{
    if (s->rules == NULL) {
        return BUILT_IN;
    }
    return s->rules->ctx == s->ctx ? s->rules->number : 0;
}

void aigov__clean_begin(aigov__clean *c, const aigov__scan *s)
{
    uint64_t rules = number_of(s);
    if (rules == 0 || rules != c->rules || s->profile != c->profile ||
        (s->profile != NULL && s->profile == s->stricter)) {
        c->use++;
        c->ids = 0;
        c->rules = rules;
        c->profile = s->profile;
    }
    c->place = NULL;
}

/* --- paths --------------------------------------------------------------- */

static aigov__clean_path *place_of_path(aigov__clean *c, aigov_span path)
{
    uint64_t hash = path.n, word;
    size_t i = 0;
    for (; i + 8 <= path.n; i += 8) {
        memcpy(&word, path.p + i, 8);
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, path.p + i, path.n - i);
    hash = mix(hash, word);
    return &c->path[hash % AIGOV__CLEAN_PATHS];
}

static void read_path(aigov__clean *c, aigov__scan *s, aigov_span path,
                      aigov__clean_path *p)
{
    const uint64_t *groups = aigov__path_groups(s);
    bool any = (groups[0] | groups[1] | groups[2] | groups[3]) != 0;
    if (c->ids == UINT32_MAX) {
        c->use++; /* no id may come again */
        c->ids = 0;
    }
    p->use = c->use;
    p->id = any ? ++c->ids : 0;
    p->n = (uint32_t)path.n;
    memcpy(p->text, path.p, path.n);
    memcpy(p->groups, groups, sizeof p->groups);
}

uint32_t aigov__clean_path_of(aigov__clean *c, aigov__scan *s, aigov_span path)
{
    aigov__clean_path *p;
    aigov__context_path(s, path);
    if (path.n == 0) {
        return 0;
    }
    p = place_of_path(c, path);
    if (p->use == c->use && p->n == path.n &&
        memcmp(p->text, path.p, path.n) == 0) {
        aigov__context_groups(s, p->groups);
    } else {
        read_path(c, s, path, p);
    }
    return p->id;
}

/* --- values -------------------------------------------------------------- */

bool aigov__clean_has(aigov__clean *c, uint32_t path, aigov_span text)
{
    aigov__clean_value *v = &c->asked;
    uint64_t hash = path;
    c->place = NULL;
    if (text.n > AIGOV__MAX_CLEAN) {
        return false;
    }
    *v = (aigov__clean_value){c->use, path, (uint32_t)text.n, {0}};
    memcpy(v->text, text.p, text.n);
    for (size_t i = 0; i * 8 < text.n; i++) {
        hash = mix(hash, v->text[i]);
    }
    c->place = c->value[hash % AIGOV__CLEAN_VALUES];
    return memcmp(&c->place[0], v, sizeof *v) == 0 ||
           memcmp(&c->place[1], v, sizeof *v) == 0;
}

/* The newer of the two at a place stays. */
void aigov__clean_add(aigov__clean *c)
{
    if (c->place != NULL) {
        c->place[1] = c->place[0];
        c->place[0] = c->asked;
    }
}
