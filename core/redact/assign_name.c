/*
 * assign_name.c - whether a name means a secret
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   export const DB_rootPassword2 =
 *                   ^^^^^^^^      the identifier next to the sign; the words
 *                                before it only complete a longer entry
 *
 * A name is read backwards in words: letters up to a sign, digit, or border
 * aB or ABc; bytes beyond ASCII are letters.  A run of up to four words that
 * is an entry of secret_names.def has its kind; the longest wins.  A long word
 * may also end with an entry marked there (dbpassword).
 *
 *   about a secret       password_hint    the last entry is ABOUT
 *   another thing        csrf_token       an entry is OTHER
 *   a type between       token string     it is passed over
 *
 * Each byte is hashed at most four times (WORDS below), so a name costs no more
 * than its bytes, and names do not overlap: the sign before ends the next.
 */
#include "assign.h"

#include "names_data.h"

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

#define MAX_NAME 64 /* bytes of a name, with the words before it */
#define MAX_WORDS 8 /* words of it */
#define WORDS 4     /* words of an entry */
#define MAX_ENTRY 31
#define TAIL 3 /* bytes of the ends of entries in name_tails */

const char *aigov__vendor_shapes(unsigned vendor)
{
    return vendor_shapes[vendor];
}

/* --- the table ----------------------------------------------------------- */

static uint64_t mix(uint64_t h, unsigned char c)
{
    c = aigov__is(c, AIGOV__UPPER) ? (unsigned char)(c + 32) : c;
    return (h ^ c) * FNV_PRIME;
}

/* Filters of names_data.h: most names are of no interest, and that is seen
 * before all of them is hashed and the table, larger than a cache, is read. */
static bool may_be_in(const uint8_t *filter, uint64_t hash)
{
    uint64_t bit = hash >> 32 & (NAME_FILTER_BITS - 1);
    return (filter[bit / 8] >> (bit & 7) & 1) != 0;
}

#define LETTER (AIGOV__ALPHA | AIGOV__HIGH)

static bool joins(unsigned char c)
{
    return c == '_' || c == '-' || c == '.' || c == '$' ||
           aigov__is(c, AIGOV__DIGIT);
}

/* The letter that ends before `end`, with what joins words between, not far
 * off; 0: none, '?': what is there is too long to tell. */
static unsigned char letter_before(const aigov__scan *s, size_t end)
{
    for (size_t i = end; i > 0 && end - i < 8; i--) {
        unsigned char c = (unsigned char)s->p[i - 1];
        if (aigov__is(c, LETTER)) {
            return c;
        }
        if (c != ' ' && !joins(c)) {
            return 0;
        }
    }
    return end < 8 ? 0 : '?';
}

/* Whether an entry may end as the word [from, end) does; of one letter, with
 * that before it, since no entry is so short. */
static bool may_end_with(const uint8_t *tails, const aigov__scan *s,
                         size_t from, size_t end)
{
    const unsigned char *p = (const unsigned char *)s->p + end;
    unsigned bit;
    if (end - from < 2) {
        unsigned char c = letter_before(s, from);
        bit = (c & 31u) << 5 | (p[-1] & 31u);
        return c == '?' || (c != 0 && (tails[bit / 8] >> (bit & 7) & 1) != 0);
    }
    bit = (p[-2] & 31u) << 5 | (p[-1] & 31u);
    bit |= end - from > 2 ? (p[-3] & 31u) << 10 : 0;
    return (tails[bit / 8] >> (bit & 7) & 1) != 0;
}

static const struct name_slot *find(uint64_t hash)
{
    size_t i = hash & (NAME_SLOTS - 1);
    if (!may_be_in(name_filter, hash)) {
        return NULL;
    }
    while (name_slots[i].hash != 0) {
        if (name_slots[i].hash == hash) {
            return &name_slots[i];
        }
        i = (i + 1) & (NAME_SLOTS - 1);
    }
    return NULL;
}

/* --- words --------------------------------------------------------------- */

/* The start of the word that ends before `end`, whose last byte is a letter. */
static size_t word_start(const aigov__scan *s, size_t low, size_t end)
{
    const unsigned char *p = (const unsigned char *)s->p;
    size_t i = end - 1;
    unsigned after = 0, here = aigov__class[p[i]], before;
    for (; i > low; i--, after = here, here = before) {
        before = aigov__class[p[i - 1]];
        if ((before & LETTER) == 0) {
            break;
        }
        if ((here & AIGOV__UPPER) != 0 &&
            ((before & AIGOV__LOWER) != 0 ||
             ((before & AIGOV__UPPER) != 0 && (after & AIGOV__LOWER) != 0))) {
            break;
        }
    }
    return i;
}

/* The words of a name, the nearest first. */
struct words {
    size_t from[MAX_WORDS], to[MAX_WORDS];
    int n;
    int own; /* how many belong to the identifier next to the sign */
    size_t ident;
    bool may; /* one of these may mean a secret, by its last letters */
};

/* Whether a space at i - 1 stands between words of one phrase. */
static bool phrase_space(const aigov__scan *s, size_t low, size_t i)
{
    return s->p[i - 1] == ' ' && i - 1 > low &&
           aigov__at_is(s, i - 2, LETTER | AIGOV__DIGIT);
}

/* Where nothing of the identifier can mean a secret, the words before it do not
 * matter and are not read. */
static void read_words(const aigov__scan *s, size_t low, size_t end,
                       struct words *w)
{
    size_t i = end;
    bool own = true;
    low = end > low + MAX_NAME ? end - MAX_NAME : low;
    w->n = w->own = 0;
    w->ident = end;
    w->may = false;
    while (i > low && w->n < MAX_WORDS && (own || w->may)) {
        unsigned char c = (unsigned char)s->p[i - 1];
        if (aigov__is(c, LETTER)) {
            w->to[w->n] = i;
            i = word_start(s, low, i);
            w->from[w->n] = i;
            w->may |= own && may_end_with(name_tails, s, i, w->to[w->n]);
            w->n++;
            w->own += own;
        } else if (joins(c)) {
            i--;
        } else if (phrase_space(s, low, i) && w->n - w->own < 3) {
            own &= w->n == 0; /* "Unseal Key 2" is one */
            i--;
        } else {
            break;
        }
        if (own) {
            w->ident = i;
        }
    }
}

/* --- entries ------------------------------------------------------------- */

/* The longest suffix of the word of [from, to) that is an entry for it. */
static const struct name_slot *find_suffix(const aigov__scan *s, size_t from,
                                           size_t to)
{
    const struct name_slot *best = NULL, *e;
    uint64_t h = FNV_BASIS;
    if (!may_end_with(suffix_tails, s, from, to)) {
        return NULL;
    }
    for (size_t i = to; i > from && to - i < MAX_ENTRY; i--) {
        h = mix(h, (unsigned char)s->p[i - 1]);
        if ((NAME_SUFFIXES >> (to - i + 1) & 1) != 0 && (e = find(h)) != NULL &&
            e->suffix) {
            best = e;
        }
    }
    return best;
}

/* The longest entry that ends with word k; *used is how many words it has. */
static const struct name_slot *
find_entry(const aigov__scan *s, const struct words *w, int k, int *used)
{
    const struct name_slot *best = NULL, *e;
    uint64_t h = FNV_BASIS;
    *used = 1;
    for (int j = k; j < w->n && j < k + WORDS; j++) {
        if (w->to[k] - w->from[j] > MAX_ENTRY + WORDS) {
            break;
        }
        for (size_t i = w->to[j]; i > w->from[j]; i--) {
            h = mix(h, (unsigned char)s->p[i - 1]);
        }
        e = find(h);
        if (e != NULL && e->kind != AIGOV__N_IS) {
            best = e;
            *used = j - k + 1;
        }
    }
    return best != NULL ? best : find_suffix(s, w->from[k], w->to[k]);
}

static bool means_secret(unsigned kind)
{
    return kind >= AIGOV__N_PASSWORD && kind <= AIGOV__N_AUTH;
}

/* Whether an entry that ends with word k counts: a short one (pin, psk, pwd) is
 * the last word, or the last but one; "1Password" is a product. */
static bool stands_for_itself(const aigov__scan *s, const struct words *w,
                              int k, int used, const struct name_slot *e)
{
    size_t from = w->from[k + used - 1], n = w->to[k] - from;
    if (n <= 4 && k > (e->kind == AIGOV__N_PASSWORD ? 1 : 0)) {
        return false;
    }
    return !(e->kind == AIGOV__N_PASSWORD && n == 8 && from > 0 &&
             s->p[from - 1] == '1' && !aigov__at_is(s, from - 2, AIGOV__ALNUM));
}

/* Judge the words: the strongest kind (the smallest) of the identifier's own
 * words.  e is the entry of the first, of `used` words. */
static void judge_words(const aigov__scan *s, const struct words *w,
                        const struct name_slot *e, int used, aigov__named *name)
{
    unsigned kind = AIGOV__N_NONE;
    for (int k = 0; k < w->n; k += used) {
        if (k > 0) {
            e = find_entry(s, w, k, &used);
        }
        if (e == NULL) {
            continue;
        }
        if (e->kind == AIGOV__N_VENDOR) {
            name->vendor = e->vendor;
        } else if ((e->kind == AIGOV__N_OTHER && k <= w->own) ||
                   (e->kind == AIGOV__N_ABOUT && kind == AIGOV__N_NONE)) {
            name->kind = AIGOV__N_NONE;
            return;
        } else if (e->kind == AIGOV__N_VALUE && k == 0) {
            name->kind = AIGOV__N_VALUE;
            return;
        } else if (means_secret(e->kind) && k < w->own &&
                   (kind == AIGOV__N_NONE || e->kind < kind) &&
                   stands_for_itself(s, w, k, used, e)) {
            kind = e->kind;
        }
    }
    name->kind = (uint8_t)kind;
}

/* Where the identifier ends that a type follows: `token string`, `token: &str`;
 * 0 where [from, end) is no type. */
static size_t before_type(const aigov__scan *s, size_t low, size_t from)
{
    size_t i = from;
    while (i > low && from - i < 4 &&
           (s->p[i - 1] == ' ' || s->p[i - 1] == ':' || s->p[i - 1] == '&' ||
            s->p[i - 1] == '*')) {
        i--;
    }
    return i < from && i > low && aigov__at_is(s, i - 1, AIGOV__TOKEN) ? i : 0;
}

bool aigov__read_name(const aigov__scan *s, size_t low, size_t end,
                      aigov__named *name)
{
    struct words w;
    const struct name_slot *e = NULL;
    int used = 1;
    *name = (aigov__named){0};
    for (int tries = 0; tries < 2; tries++) {
        size_t before = 0;
        read_words(s, low, end, &w);
        name->from = w.ident;
        if (w.own == 0) {
            return false;
        }
        if (!w.may) {
            return true;
        }
        e = find_entry(s, &w, 0, &used);
        if (e != NULL && e->kind == AIGOV__N_TYPE && w.own == 1) {
            before = before_type(s, low, w.ident);
        }
        if (before == 0) {
            break;
        }
        end = before;
    }
    judge_words(s, &w, e, used, name);
    return true;
}

unsigned aigov__word_kind(const aigov__scan *s, size_t end, size_t *from)
{
    const struct name_slot *e;
    uint64_t h = FNV_BASIS;
    size_t i = end;
    while (i > 0 && end - i <= MAX_ENTRY && aigov__at_is(s, i - 1, LETTER)) {
        h = mix(h, (unsigned char)s->p[--i]);
    }
    *from = i;
    e = i < end ? find(h) : NULL;
    return e == NULL ? AIGOV__N_NONE : e->kind;
}

bool aigov__says_is(const aigov__scan *s, size_t end, size_t *from)
{
    size_t i = end;
    while (i > 0 && end - i < TAIL && aigov__at_is(s, i - 1, LETTER)) {
        i--;
    }
    return i < end && may_end_with(is_tails, s, i, end) &&
           aigov__word_kind(s, end, from) == AIGOV__N_IS;
}

bool aigov__is_nothing(const aigov__scan *s, size_t from, size_t to)
{
    uint64_t h = FNV_BASIS;
    if (to - from > MAX_ENTRY) {
        return false;
    }
    for (size_t i = to; i > from; i--) {
        unsigned char c = (unsigned char)s->p[i - 1];
        if (aigov__is(c, LETTER)) {
            h = mix(h, c);
        } else if (aigov__is(c, AIGOV__DIGIT)) {
            return false;
        }
    }
    return h != FNV_BASIS && find(mix(h, '=')) != NULL;
}

bool aigov__has_filler(const aigov__scan *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)s->p[i];
        c = aigov__is(c, AIGOV__UPPER) ? (unsigned char)(c + 32) : c;
        for (uint8_t k = c < 128 ? filler_at[c] : 0;
             c < 128 && k < filler_at[c + 1]; k++) {
            if (i + strlen(fillers[k]) <= to &&
                aigov__has_nocase(s, i, fillers[k])) {
                return true;
            }
        }
    }
    return false;
}
