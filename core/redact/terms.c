/*
 * terms.c - words of a dictionary, values of an allow list
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   text   \n acme holding \n jos e \n ...     each term folded, one after the
 *                                              other, between line feeds
 *   slot   hash of the words so far -> where they stand in text, and whether
 *          that is a whole term, and whether a longer one goes on from there
 *
 * "acme holding" has the slots "acme" (goes on) and "acme holding" (a term).
 * From each word of the view on the words are looked up as long as a term goes
 * on: at most MAX_WORDS steps a word, whatever the text, and one look into a
 * table of bits for most words.  What hash finds is compared byte by byte, so
 * nothing is found that is no term.
 *
 * A word is a run of letters and digits of scripts with spaces between words; a
 * character of another script is a word of its own, as is every sign.  Letters
 * count without case and accents, a run of space as one space.  An automaton
 * over bytes (Aho-Corasick) would find the same in three times the memory,
 * since a term is found as a whole word only.
 */
#include "rules.h"

#define MAX_WORDS 32 /* of a term */
#define IS_TERM 0x80000000u
#define GOES_ON 0x40000000u
#define OFFSET 0x3FFFFFFFu
#define SEED 0xcbf29ce484222325u
#define PRIME 0x100000001b3u

/* --- words --------------------------------------------------------------- */

/* The words of a text from `at` on, each appended to what is in key. */
struct words {
    const char *p;
    size_t n, at;
    char key[AIGOV__MAX_TERM + 8];
    size_t key_n;
    uint64_t hash;
    bool space; /* one stands before the next word */
};

static uint64_t mix(uint64_t h, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        h = (h ^ (unsigned char)p[i]) * PRIME;
    }
    return h;
}

/* Spread to all bits. */
static uint64_t finish(uint64_t h)
{
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15u;
    return h ^ h >> 29;
}

/* One character at w->at in plain form; *letter says what it is.  Returns the
 * bytes of it in out, *length those that it takes. */
static size_t plain(const struct words *w, char out[4], size_t *length,
                    bool *letter)
{
    unsigned char c = (unsigned char)w->p[w->at];
    uint32_t u;
    *length = 1;
    if (c < 0x80) {
        out[0] = (char)(aigov__is(c, AIGOV__UPPER) ? c + 32 : c);
        *letter = aigov__is(c, AIGOV__ALNUM);
        return 1;
    }
    *letter = false;
    *length = aigov__utf8_length(w->p + w->at, w->p + w->n);
    if (*length == 0) {
        *length = 1;
        out[0] = (char)c;
        return 1;
    }
    u = aigov__utf8_decode(w->p + w->at, *length);
    *letter = aigov__is_letter(u);
    return aigov__plain_letter(u, out);
}

static bool put(struct words *w, const char *p, size_t n)
{
    if (w->key_n + n > AIGOV__MAX_TERM) {
        return false;
    }
    memcpy(w->key + w->key_n, p, n);
    w->key_n += n;
    w->hash = mix(w->hash, p, n);
    return true;
}

/* The letters from w->at on, of which there is at least one; over a word that
 * is too long, false. */
static bool take_word(struct words *w)
{
    char out[4];
    size_t length, n;
    bool letter, fits = true;
    n = plain(w, out, &length, &letter);
    do {
        fits = fits && put(w, out, n);
        w->at += length;
        if (!letter || w->at >= w->n) {
            break;
        }
        n = plain(w, out, &length, &letter);
    } while (letter);
    return fits;
}

static void skip_space(struct words *w)
{
    while (w->at < w->n &&
           aigov__is((unsigned char)w->p[w->at], AIGOV__SPACE)) {
        w->at++;
        w->space = true;
    }
}

/* Append the next word, with a space before it where one stands there; false at
 * the end, or where it does not fit. */
static bool next_word(struct words *w)
{
    skip_space(w);
    if (w->at >= w->n || (w->space && w->key_n > 0 && !put(w, " ", 1))) {
        return false;
    }
    w->space = false;
    return take_word(w);
}

static void begin_word(struct words *w, size_t at)
{
    w->at = at;
    w->key_n = 0;
    w->hash = SEED;
    w->space = false;
}

/* --- the table ----------------------------------------------------------- */

/* 24 bits of hash, 8 of length. */
static uint32_t mark_of(uint64_t hash, size_t n)
{
    return ((uint32_t)finish(hash) & ~0xFFu) | (uint32_t)n;
}

/* The slot of a key, or the free one where it belongs. */
static aigov__term_slot *find(const aigov__terms *t, uint64_t hash,
                              const char *key, size_t n)
{
    uint32_t mark = mark_of(hash, n);
    size_t i = mark >> 8 & (t->slots - 1);
    for (; t->slot[i].at != 0; i = (i + 1) & (t->slots - 1)) {
        size_t at = t->slot[i].at & OFFSET;
        if (t->slot[i].mark == mark && memcmp(t->text.p + at, key, n) == 0) {
            break;
        }
    }
    return &t->slot[i];
}

static bool set_size(aigov__terms *t, size_t slots)
{
    aigov__term_slot *old = t->slot, *p;
    size_t n = t->slots;
    p = aigov_malloc(t->ctx, slots * sizeof *p);
    if (p == NULL) {
        return false;
    }
    memset(p, 0, slots * sizeof *p);
    for (size_t i = 0; i < n; i++) {
        size_t k = old[i].mark >> 8 & (slots - 1);
        if (old[i].at != 0) {
            while (p[k].at != 0) {
                k = (k + 1) & (slots - 1);
            }
            p[k] = old[i];
        }
    }
    aigov_mfree(t->ctx, old, n * sizeof *old);
    t->slot = p;
    t->slots = slots;
    return true;
}

bool aigov__terms_begin(aigov__terms *t, aigov_ctx *ctx, size_t n)
{
    size_t slots = 64, bits = 512;
    memset(t, 0, sizeof *t);
    t->ctx = ctx;
    aigov_buf_init(&t->text, ctx);
    while (slots < n + n / 2) {
        slots *= 2;
    }
    while (bits < 8 * n) {
        bits *= 2;
    }
    t->first = aigov_malloc(ctx, bits / 8);
    if (t->first == NULL) {
        return false;
    }
    t->first_bits = bits;
    memset(t->first, 0, bits / 8);
    return set_size(t, slots) && aigov_buf_put(&t->text, "\n", 1);
}

void aigov__terms_free(aigov__terms *t)
{
    if (t->ctx != NULL) {
        aigov_buf_free(&t->text);
        aigov_mfree(t->ctx, t->slot, t->slots * sizeof *t->slot);
        aigov_mfree(t->ctx, t->first, t->first_bits / 8);
    }
    memset(t, 0, sizeof *t);
}

/* Enter a key that stands at `at` in text; flags are added. */
static bool enter(aigov__terms *t, uint64_t hash, const char *key, size_t n,
                  size_t at, uint32_t flags)
{
    aigov__term_slot *slot;
    if (4 * t->used >= 3 * t->slots && !set_size(t, 2 * t->slots)) {
        return false;
    }
    slot = find(t, hash, key, n);
    if (slot->at == 0) {
        slot->mark = mark_of(hash, n);
        slot->at = (uint32_t)at;
        t->used++;
    }
    slot->at |= flags;
    return true;
}

static void set_first(aigov__terms *t, uint64_t hash)
{
    uint64_t h = finish(hash) & (t->first_bits - 1);
    t->first[h / 64] |= (uint64_t)1 << (h & 63);
}

static bool may_begin(const aigov__terms *t, uint64_t hash)
{
    uint64_t h = finish(hash) & (t->first_bits - 1);
    return (t->first[h / 64] >> (h & 63) & 1) != 0;
}

/* --- adding -------------------------------------------------------------- */

/* Where the first `ends` words of a term end, and their hashes. */
struct parts {
    size_t end[MAX_WORDS];
    uint64_t hash[MAX_WORDS];
    size_t n;
};

static bool split(struct words *w, struct parts *parts)
{
    parts->n = 0;
    while (parts->n < MAX_WORDS && next_word(w)) {
        parts->end[parts->n] = w->key_n;
        parts->hash[parts->n++] = w->hash;
    }
    skip_space(w);
    return parts->n > 0 && w->at == w->n && w->key_n > 0 &&
           parts->end[parts->n - 1] == w->key_n;
}

bool aigov__terms_add(aigov__terms *t, aigov_span term, bool *fits)
{
    struct words w = {.p = term.p, .n = term.n};
    struct parts parts;
    size_t at = t->text.n;
    begin_word(&w, 0);
    *fits = split(&w, &parts);
    if (!*fits) {
        return true;
    }
    if (at + w.key_n + 1 > OFFSET ||
        !aigov_buf_reserve(&t->text, w.key_n + 1)) {
        return false;
    }
    aigov_buf_put(&t->text, w.key, w.key_n);
    aigov_buf_put(&t->text, "\n", 1);
    for (size_t i = 0; i < parts.n; i++) {
        if (!enter(t, parts.hash[i], w.key, parts.end[i], at,
                   i + 1 == parts.n ? IS_TERM : GOES_ON)) {
            return false;
        }
    }
    set_first(t, parts.hash[0]);
    return true;
}

/* --- values as they are -------------------------------------------------- */

static bool value_key(aigov_span value, bool lower, char key[AIGOV__MAX_TERM])
{
    if (value.n == 0 || value.n > AIGOV__MAX_TERM ||
        memchr(value.p, '\n', value.n) != NULL) {
        return false;
    }
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        key[i] = (char)(lower && aigov__is(c, AIGOV__UPPER) ? c + 32 : c);
    }
    return true;
}

bool aigov__terms_add_value(aigov__terms *t, aigov_span value, bool lower,
                            bool *fits)
{
    char key[AIGOV__MAX_TERM];
    size_t at = t->text.n;
    *fits = value_key(value, lower, key);
    if (!*fits) {
        return true;
    }
    if (at + value.n + 1 > OFFSET ||
        !aigov_buf_reserve(&t->text, value.n + 1)) {
        return false;
    }
    aigov_buf_put(&t->text, key, value.n);
    aigov_buf_put(&t->text, "\n", 1);
    return enter(t, mix(SEED, key, value.n), key, value.n, at, IS_TERM);
}

bool aigov__terms_has_value(const aigov__terms *t, aigov_span value, bool lower)
{
    char key[AIGOV__MAX_TERM];
    if (t->slots == 0 || !value_key(value, lower, key)) {
        return false;
    }
    return (find(t, mix(SEED, key, value.n), key, value.n)->at & IS_TERM) != 0;
}

/* --- finding ------------------------------------------------------------- */

/* The end of the longest term that begins with the word in w, or 0.  w is
 * behind that word; *seen: what was looked at for it. */
static size_t longest(const aigov__terms *t, struct words w, size_t *seen)
{
    size_t end = 0;
    for (int i = 0; i < MAX_WORDS; i++) {
        uint32_t at = find(t, w.hash, w.key, w.key_n)->at;
        if (at & IS_TERM) {
            end = w.at;
        }
        if ((at & GOES_ON) == 0 || !next_word(&w)) {
            break;
        }
    }
    *seen = w.at;
    return end;
}

/* The end of the word or sign at `from`, where it is ASCII and no term begins
 * with it; else `from`.  Most words are that. */
static size_t pass_over(const aigov__terms *t, const aigov__scan *s,
                        size_t from)
{
    uint64_t h = SEED;
    size_t i = from;
    unsigned char c = (unsigned char)s->p[i];
    if (!aigov__is(c, AIGOV__ALNUM | AIGOV__HIGH)) {
        h = (h ^ c) * PRIME;
        return may_begin(t, h) ? from : from + 1;
    }
    while (i < s->n && i - from < AIGOV__MAX_TERM) {
        unsigned bits = aigov__class[c = (unsigned char)s->p[i]];
        if ((bits & (AIGOV__ALNUM | AIGOV__HIGH)) == 0) {
            break;
        }
        if (bits & AIGOV__HIGH) {
            return from;
        }
        h = (h ^ (c + (bits & AIGOV__UPPER) * 16)) * PRIME; /* lower case */
        i++;
    }
    return may_begin(t, h) || i - from == AIGOV__MAX_TERM ? from : i;
}

/* One word from w->at on, and what begins with it.  False where the rest of an
 * open text may change that: w->at is then where to go on. */
static bool scan_word(const aigov__terms *t, aigov__scan *s, struct words *w,
                      unsigned detector, int score)
{
    size_t from = w->at, end = 0, seen;
    bool fits = true;
    begin_word(w, from);
    w->at = pass_over(t, s, from);
    if (w->at == from) {
        fits = take_word(w);
    }
    seen = w->at;
    if (fits && w->key_n > 0 && may_begin(t, w->hash)) {
        end = longest(t, *w, &seen);
    }
    if (AIGOV__UNLIKELY(s->open) && seen + AIGOV__AFTER_OWN > s->n) {
        w->at = fits ? from : w->at; /* of what is too long nothing comes */
        return false;
    }
    if (end != 0) {
        aigov__report(s, detector, from, end, score, 0);
    }
    return true;
}

/* In an open text: over the rest of a word that began before w->at. */
static void skip_rest(const aigov__scan *s, struct words *w)
{
    if (s->open && w->at > 0 && w->at < w->n && aigov__word_before(s, w->at) &&
        aigov__word_at(s, w->at)) {
        begin_word(w, w->at);
        (void)take_word(w);
    }
}

size_t aigov__terms_scan(const aigov__terms *t, aigov__scan *s,
                         unsigned detector, int score, size_t at)
{
    struct words w = {.p = s->p, .n = s->n, .at = at};
    size_t polled = at;
    skip_rest(s, &w);
    while (!s->nomem && s->withheld == NULL) {
        skip_space(&w);
        if (w.at >= s->n || !scan_word(t, s, &w, detector, score)) {
            break;
        }
        if (w.at - polled > 0xFFFF) {
            polled = w.at;
            s->canceled = s->canceled || aigov__interrupted(s->ctx);
            if (s->canceled) {
                break;
            }
        }
    }
    return w.at;
}
