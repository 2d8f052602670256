/*
 * numbered.c - placeholders that tell values apart, and the way back
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   Ana wrote to Bob; Ana was ill  ->  [PERSON_1] wrote to [PERSON_2]; ...
 *
 * For what goes to a model, which so can reason about values that it does not
 * get.  A value is the same where its one spelling is (normal.c).  What a
 * caller wrote that looks like such a placeholder is a value too: it keeps its
 * number where nobody has it, else it gets another, so that nothing but what
 * was given out is ever put back.
 *
 * A secret is known by its keyed hash, or, without a key, by itself as long as
 * this one text is looked at; it is never put back.
 *
 * One hash table finds all of it, by keys that begin with their kind:
 *
 *   C entity              the highest number so far
 *   T token               row, of [PERSON_1]
 *   V entity 0 value      row, by the value as it was written
 *   N entity 0 spelling   row, by its one spelling
 */
#include "numbered.h"

#include "keyed.h"

#include <stdio.h>

#define MAX_WRITTEN 160 /* bytes of one, with spaces and backslashes in it */

typedef struct slot {
    uint64_t hash;
    size_t at; /* of the key, in text */
    size_t n;  /* 0: free; a key has its kind at least */
    uint32_t value;
} slot;

typedef struct row {
    size_t at; /* in text: token, then value */
    size_t token, value;
    bool secret, used;
    bool earlier;  /* an attempt before gave it out */
    bool withheld; /* is not put back */
} row;

struct aigov__numbered {
    aigov_ctx *ctx;
    bool on;
    int way;
    uint64_t seed;
    aigov_buf text;
    aigov_buf key; /* the one at hand */
    slot *slot;
    size_t slots, used;
    row *row;
    size_t n, cap;
};

/* --- the table ----------------------------------------------------------- */

static uint64_t hash_of(const struct aigov__numbered *x)
{
    uint64_t h = x->seed;
    for (size_t i = 0; i < x->key.n; i++) {
        h = (h ^ (unsigned char)x->key.p[i]) * 0x9E3779B97F4A7C15U;
        h ^= h >> 29;
    }
    return h;
}

/* Where the key at hand is, or would be. */
static slot *place(struct aigov__numbered *x, uint64_t hash)
{
    size_t i = (size_t)hash & (x->slots - 1);
    for (;; i = (i + 1) & (x->slots - 1)) {
        slot *s = &x->slot[i];
        if (s->n == 0 || (s->hash == hash && s->n == x->key.n &&
                          memcmp(x->text.p + s->at, x->key.p, x->key.n) == 0)) {
            return s;
        }
    }
}

static bool rehash(struct aigov__numbered *x)
{
    size_t n = x->slots == 0 ? 64 : 2 * x->slots;
    slot *to = aigov_malloc(x->ctx, n * sizeof *to);
    if (to == NULL) {
        return false;
    }
    memset(to, 0, n * sizeof *to);
    for (size_t k = 0; k < x->slots; k++) {
        size_t i = (size_t)x->slot[k].hash & (n - 1);
        while (x->slot[k].n != 0 && to[i].n != 0) {
            i = (i + 1) & (n - 1);
        }
        if (x->slot[k].n != 0) {
            to[i] = x->slot[k];
        }
    }
    if (x->slot != NULL) {
        aigov_mfree(x->ctx, x->slot, x->slots * sizeof *x->slot);
    }
    x->slot = to;
    x->slots = n;
    return true;
}

static bool make_key(struct aigov__numbered *x, char kind, aigov_span a,
                     aigov_span b)
{
    x->key.n = 0;
    return aigov_buf_put(&x->key, &kind, 1) &&
           aigov_buf_put(&x->key, a.p, a.n) && aigov_buf_put(&x->key, "", 1) &&
           aigov_buf_put(&x->key, b.p, b.n);
}

/* The slot of a key, NULL where it is not there. */
static slot *find(struct aigov__numbered *x)
{
    slot *s = x->slots == 0 ? NULL : place(x, hash_of(x));
    return s == NULL || s->n == 0 ? NULL : s;
}

/* The key at hand gets a value, where it has none yet. */
static bool insert(struct aigov__numbered *x, uint32_t value)
{
    uint64_t hash = hash_of(x);
    slot *s;
    if (2 * (x->used + 1) > x->slots && !rehash(x)) {
        return false;
    }
    s = place(x, hash);
    if (s->n != 0) {
        return true;
    }
    if (!aigov_buf_put(&x->text, x->key.p, x->key.n)) {
        return false;
    }
    *s = (slot){hash, x->text.n - x->key.n, x->key.n, value};
    x->used++;
    return true;
}

/* --- rows ---------------------------------------------------------------- */

static aigov_span token_of(const struct aigov__numbered *x, const row *r)
{
    return (aigov_span){x->text.p + r->at, r->token};
}

static aigov_span value_of(const struct aigov__numbered *x, const row *r)
{
    return (aigov_span){x->text.p + r->at + r->token, r->value};
}

static row *add_row(struct aigov__numbered *x, aigov_span token,
                    aigov_span value, bool secret)
{
    void *p = x->row;
    size_t at = x->text.n;
    if (x->n == x->cap &&
        !aigov__grow(x->ctx, &p, &x->cap, sizeof *x->row, x->n + 16)) {
        return NULL;
    }
    x->row = p;
    if (!aigov_buf_put(&x->text, token.p, token.n) ||
        !aigov_buf_put(&x->text, value.p, value.n)) {
        return NULL;
    }
    x->row[x->n] =
        (row){.at = at, .token = token.n, .value = value.n, .secret = secret};
    return &x->row[x->n++];
}

/* A token that nobody has; counts up from the last of the entity. */
static bool next_token(struct aigov__numbered *x, aigov_span entity,
                       char out[AIGOV__MAX_TOKEN])
{
    slot *s;
    uint32_t n;
    if (!make_key(x, 'C', entity, AIGOV_LIT("")) || !insert(x, 0)) {
        return false;
    }
    s = find(x);
    n = s->value;
    do {
        n++;
        snprintf(out, AIGOV__MAX_TOKEN, "[%.*s_%u]", (int)entity.n, entity.p,
                 (unsigned)n);
        if (!make_key(x, 'T', aigov_str(out), AIGOV_LIT(""))) {
            return false;
        }
    } while (find(x) != NULL);
    s->value = n; /* find moves nothing */
    return true;
}

/* The one spelling, but of a secret, into the key. */
static bool spelling_key(aigov_scanner *s, const char *entity, aigov_span value)
{
    struct aigov__keyed *k = aigov__keyed_of(s);
    if (k == NULL) {
        return false;
    }
    k->normal.n = 0;
    return aigov__put_normal(k, entity, value) &&
           make_key(s->numbered, 'N', aigov_str(entity),
                    aigov_buf_span(&k->normal));
}

/* A row that all its keys lead to; NULL: out of memory. */
static row *give(aigov_scanner *s, const char *entity, aigov_span token,
                 aigov_span value, bool secret, bool spelled)
{
    struct aigov__numbered *x = s->numbered;
    uint32_t i = (uint32_t)x->n;
    if (add_row(x, token, value, secret) == NULL ||
        !make_key(x, 'T', token, AIGOV_LIT("")) || !insert(x, i) ||
        !make_key(x, 'V', aigov_str(entity), value) || !insert(x, i) ||
        (spelled && (!spelling_key(s, entity, value) || !insert(x, i)))) {
        return NULL;
    }
    return &x->row[i];
}

/* --- findings ------------------------------------------------------------ */

/* What a value is known by; a secret not by itself, where there is a key. */
static bool known_by(aigov_scanner *s, const aigov_finding *f,
                     aigov_span *value, aigov_buf *scratch)
{
    if (f->detector->class_ != AIGOV_CLASS_SECRET || !aigov__has_key(s)) {
        return true;
    }
    if (!aigov__put_token(s, f, *value, AIGOV__OP_HASH, scratch)) {
        return false;
    }
    *value = aigov_buf_span(scratch);
    return true;
}

static row *row_of(aigov_scanner *s, const aigov_finding *f, aigov_span value,
                   bool name)
{
    struct aigov__numbered *x = s->numbered;
    const char *entity = f->detector->entity;
    bool secret = f->detector->class_ == AIGOV_CLASS_SECRET;
    bool spelled = !secret && (f->why & AIGOV_WHY_ENCODED) == 0;
    char token[AIGOV__MAX_TOKEN];
    slot *at;
    if (!make_key(x, 'V', aigov_str(entity), value)) {
        return NULL;
    }
    at = find(x);
    if (at == NULL && spelled && !name) {
        if (!spelling_key(s, entity, value)) {
            return NULL;
        }
        at = find(x);
    }
    if (at != NULL) {
        return &x->row[at->value];
    }
    return next_token(x, aigov_str(entity), token)
               ? give(s, entity, aigov_str(token), value, secret, spelled)
               : NULL;
}

bool aigov__put_numbered(aigov_scanner *s, const aigov_finding *f,
                         aigov_span value, bool name, aigov_buf *out)
{
    aigov_buf scratch;
    row *r = NULL;
    aigov_buf_init(&scratch, s->ctx);
    if (known_by(s, f, &value, &scratch)) {
        r = row_of(s, f, value, name);
    }
    aigov_buf_free(&scratch);
    if (r == NULL) {
        return false;
    }
    r->used = true;
    return aigov_buf_put(out, token_of(s->numbered, r).p, r->token);
}

/* --- placeholders in a text ---------------------------------------------- */

static bool is_name(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether it is [ENTITY_n], n without a zero before it. */
static bool has_form(const aigov_rules *rules, const char *p, size_t n)
{
    size_t from = n - 1;
    uint32_t number;
    while (from > 0 && p[from - 1] >= '0' && p[from - 1] <= '9') {
        from--;
    }
    return from < n - 1 && from > 1 && p[from - 1] == '_' && p[from] != '0' &&
           aigov__placeholder(rules, p, n, &number) == n;
}

size_t aigov__numbered_at(const aigov_rules *rules, const char *p, size_t left,
                          char out[AIGOV__MAX_TOKEN], size_t *n)
{
    size_t end = left < MAX_WRITTEN ? left : MAX_WRITTEN;
    *n = 0;
    for (size_t i = 0; i < end && *n < AIGOV__MAX_TOKEN - 1; i++) {
        char c = p[i] >= 'a' && p[i] <= 'z' ? (char)(p[i] & ~32) : p[i];
        if (c == ' ' || c == '\\') {
            continue;
        }
        if (*n > 0 && c == ']') {
            out[(*n)++] = c;
            return has_form(rules, out, *n) ? i + 1 : 0;
        }
        if (*n > 0 && !is_name(c)) {
            return 0;
        }
        out[(*n)++] = c;
    }
    return 0;
}

/* What a caller wrote: it is given out as a value of its own. */
static bool reserve(aigov_scanner *s, aigov_span token, aigov_span written,
                    aigov_span *to)
{
    struct aigov__numbered *x = s->numbered;
    char entity[AIGOV__MAX_TOKEN], own[AIGOV__MAX_TOKEN];
    size_t n = token.n;
    slot *at;
    row *r;
    while (token.p[n - 1] != '_') {
        n--;
    }
    snprintf(entity, sizeof entity, "%.*s", (int)n - 2, token.p + 1);
    if (!make_key(x, 'V', aigov_str(entity), written)) {
        return false;
    }
    at = find(x);
    if (at != NULL) {
        r = &x->row[at->value];
    } else {
        if (!make_key(x, 'T', token, AIGOV_LIT(""))) {
            return false;
        }
        if (find(x) != NULL) {
            if (!next_token(x, aigov_str(entity), own)) {
                return false;
            }
            token = aigov_str(own);
        }
        r = give(s, entity, token, written, false, false);
        if (r == NULL) {
            return false;
        }
    }
    r->used = true;
    *to = token_of(x, r);
    return true;
}

/* What stands for a value of an earlier attempt; what an answer brings itself
 * stays away. */
static void put_back(const struct aigov__numbered *x, const slot *at,
                     aigov_span *to)
{
    const row *r = at == NULL ? NULL : &x->row[at->value];
    if (r != NULL && r->earlier && !r->secret && !r->withheld) {
        *to = value_of(x, r);
    }
}

/* The token at hand stands for nothing. */
static bool note(struct aigov__numbered *x, aigov_span token)
{
    uint32_t i = (uint32_t)x->n;
    return add_row(x, token, AIGOV_LIT(""), false) != NULL && insert(x, i);
}

bool aigov__numbered_swap(aigov_scanner *s, aigov_span token,
                          aigov_span written, aigov_span *to)
{
    struct aigov__numbered *x = s->numbered;
    *to = AIGOV_ABSENT;
    if (x->way != AIGOV__NUMBERED_RESERVE) {
        slot *at;
        if (!make_key(x, 'T', token, AIGOV_LIT(""))) {
            return false;
        }
        at = find(x);
        if (x->way == AIGOV__NUMBERED_NOTE) {
            return at != NULL || note(x, token);
        }
        put_back(x, at, to);
        return true;
    }
    if (!reserve(s, token, written, to)) {
        return false;
    }
    if (aigov_span_eq(*to, token)) { /* it keeps its number, as it is written */
        *to = AIGOV_ABSENT;
    }
    return true;
}

/* --- the state ----------------------------------------------------------- */

bool aigov__is_numbered(const aigov_scanner *s)
{
    return s->numbered != NULL && s->numbered->on;
}

int aigov__numbered_way(const aigov_scanner *s)
{
    return s->numbered->way;
}

static struct aigov__numbered *numbered_of(aigov_scanner *s)
{
    struct aigov__numbered *x = s->numbered;
    if (x == NULL) {
        x = aigov_malloc(s->ctx, sizeof *x);
        if (x != NULL) {
            memset(x, 0, sizeof *x);
            x->ctx = s->ctx;
            aigov_buf_init(&x->text, s->ctx);
            aigov_buf_init(&x->key, s->ctx);
            s->numbered = x;
        }
    }
    return x;
}

aigov_status aigov__numbered_begin(aigov_scanner *s, aigov_error *err)
{
    struct aigov__numbered *x = numbered_of(s);
    aigov_status st = x == NULL
                          ? aigov__nomem(err)
                          : aigov_random(s->ctx, &x->seed, sizeof x->seed, err);
    if (st == AIGOV_OK) {
        aigov__numbered_end(s);
        x->on = true;
    }
    return st;
}

static void wipe(aigov_buf *b)
{
    if (b->p != NULL) {
        aigov_wipe(b->p, b->n);
    }
    b->n = 0;
}

void aigov__numbered_end(aigov_scanner *s)
{
    struct aigov__numbered *x = s->numbered;
    if (x == NULL) {
        return;
    }
    x->on = false;
    wipe(&x->text);
    wipe(&x->key);
    if (x->slot != NULL) {
        memset(x->slot, 0, x->slots * sizeof *x->slot);
    }
    x->used = 0;
    x->n = 0;
}

void aigov__numbered_free(struct aigov__numbered *x)
{
    if (x == NULL) {
        return;
    }
    wipe(&x->text);
    wipe(&x->key);
    aigov_buf_free(&x->text);
    aigov_buf_free(&x->key);
    if (x->slot != NULL) {
        aigov_mfree(x->ctx, x->slot, x->slots * sizeof *x->slot);
    }
    if (x->row != NULL) {
        aigov_mfree(x->ctx, x->row, x->cap * sizeof *x->row);
    }
    aigov_mfree(x->ctx, x, sizeof *x);
}

void aigov__numbered_walk(aigov_scanner *s, int way)
{
    s->numbered->way = way;
}

/* --- between the attempts of an interaction ------------------------------ */

/* "PERSON" of [PERSON_1]; false where it is no such token. */
static bool entity_of(aigov_span token, char out[AIGOV__MAX_TOKEN])
{
    size_t n = token.n;
    while (n > 0 && token.p[n - 1] != '_') {
        n--;
    }
    if (n < 3 || token.n >= AIGOV__MAX_TOKEN || token.p[0] != '[') {
        return false;
    }
    snprintf(out, AIGOV__MAX_TOKEN, "%.*s", (int)n - 2, token.p + 1);
    return true;
}

/* Two attempts at once may give one number to two values: then it means
 * neither. */
bool aigov__numbered_add(aigov_scanner *s, aigov_span token, aigov_span value)
{
    struct aigov__numbered *x = s->numbered;
    char entity[AIGOV__MAX_TOKEN];
    bool secret;
    slot *at;
    if (!entity_of(token, entity)) {
        return true;
    }
    secret = strcmp(entity, "SECRET") == 0;
    if (!make_key(x, 'T', token, AIGOV_LIT(""))) {
        return false;
    }
    at = find(x);
    if (at == NULL) {
        row *r = give(s, entity, token, value, secret, !secret);
        if (r != NULL) {
            r->earlier = true;
        }
        return r != NULL;
    }
    if (!aigov_span_eq(value_of(x, &x->row[at->value]), value)) {
        x->row[at->value].withheld = true;
    }
    return true;
}

void aigov__numbered_withhold(aigov_scanner *s,
                              bool (*f)(void *host, aigov_span entity),
                              void *host)
{
    struct aigov__numbered *x = s->numbered;
    char entity[AIGOV__MAX_TOKEN];
    for (size_t i = 0; i < x->n; i++) {
        row *r = &x->row[i];
        if (entity_of(token_of(x, r), entity) && f(host, aigov_str(entity))) {
            r->withheld = true;
        }
    }
}

bool aigov__numbered_hold(aigov_scanner *s)
{
    const struct aigov__numbered *x = s->numbered;
    bool ok = true;
    for (size_t i = 0; i < x->n && ok; i++) {
        const row *r = &x->row[i];
        if (r->used) {
            ok = aigov__hold(s->keyed, token_of(x, r), value_of(x, r));
        }
    }
    return ok;
}
