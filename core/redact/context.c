/*
 * context.c - words near a candidate that speak for or against it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A word is a run of letters, in lower case, Latin letters without accents;
 * aWordInCamelCase is four; each Han, Kana or Hangul character is one of its
 * own.  A phrase is words with at most three other bytes between them.  Words
 * are looked up as they are first needed, each once, so the cost is linear;
 * the last AIGOV__WORDS that belong to a group are remembered.
 *
 * The table comes from context_*.def through tables.pl, which normalises in
 * the same way: FNV-1a of 64 bits over the normalised bytes.  An entry "word*"
 * matches every word that begins with it.
 */
#include "internal.h"

#include "context_data.h"

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

#define FOR_BEFORE 48
#define FOR_AFTER 24
#define LABEL 24      /* words so near before are of this value, of no other */
#define LABEL_GAP 8   /* between words of one label */
#define AGAINST_GAP 4 /* "version: 1.2.3.4" is none of the words before */
#define AGAINST_BEFORE 32
#define AGAINST_AFTER 8
#define MAX_WORD 40 /* bytes of a word that are looked at */
#define MAX_GAP 3
#define REREAD (FOR_BEFORE + 2 * MAX_WORD) /* where reading begins before */
#define MIN_PREFIX 4 /* bytes of a prefix entry, at least */

/* --- letters ------------------------------------------------------------- */

/* Base letters of U+00C0..U+017F; '*' none, digraphs by their first. */
static const char latin[] =
    "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* Lower case of Greek and Cyrillic; others as they are. */
static uint32_t lower(uint32_t c)
{
    if ((c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) {
        return c + 0x20;
    }
    if (c >= 0x400 && c <= 0x40F) {
        return c + 0x50;
    }
    switch (c) { /* Greek with tonos loses it */
    case 0x386:
    case 0x3AC:
        return 0x3B1;
    case 0x388:
    case 0x3AD:
        return 0x3B5;
    case 0x389:
    case 0x3AE:
        return 0x3B7;
    case 0x38A:
    case 0x3AF:
        return 0x3B9;
    case 0x38C:
    case 0x3CC:
        return 0x3BF;
    case 0x38E:
    case 0x3CD:
        return 0x3C5;
    case 0x38F:
    case 0x3CE:
        return 0x3C9;
    default:
        return c;
    }
}

/* Scripts in which each character is a word. */
static bool is_alone(uint32_t c)
{
    return (c >= 0x0E00 && c < 0x0E80) || (c >= 0x1100 && c < 0x1200) ||
           (c >= 0x2E80 && c < 0xD7B0) || (c >= 0xF900 && c < 0xFB00) ||
           c >= 0x20000;
}

size_t aigov__plain_letter(uint32_t c, char out[4])
{
    if (c >= 0xC0 && c < 0x180 && latin[c - 0xC0] != '*') {
        out[0] = latin[c - 0xC0];
        return 1;
    }
    if (c >= 0x300 && c < 0x370) { /* combining marks */
        return 0;
    }
    return aigov__utf8_encode(lower(c), out);
}

static uint64_t mix(uint64_t h, unsigned char c)
{
    return (h ^ c) * FNV_PRIME;
}

/* --- the table ----------------------------------------------------------- */

/* Whether a hash may be of the set that a filter was made of; mostly it is not,
 * and the table, which is larger than a cache, need not be read. */
static bool may_be_in(const uint8_t *filter, uint64_t hash)
{
    uint64_t bit = hash >> 32 & (CONTEXT_FILTER_BITS - 1);
    return (filter[bit / 8] >> (bit & 7) & 1) != 0;
}

/* Index of the group list of a word, 0 for none. */
static uint16_t find_word(uint64_t hash)
{
    size_t i = hash & (CONTEXT_SLOTS - 1);
    if (!may_be_in(context_filter, hash)) {
        return 0;
    }
    while (context_slots[i].hash != 0) {
        if (context_slots[i].hash == hash) {
            return context_slots[i].entry;
        }
        i = (i + 1) & (CONTEXT_SLOTS - 1);
    }
    return 0;
}

/* --- reading ------------------------------------------------------------- */

/* What is being read: the view, or a JSON path. */
struct reading {
    const char *p;
    size_t n, at;
    const aigov_rules *rules;
};

/* The next letter at r->at, normalised into out; *alone, *high say what it is.
 * 0: no letter there (*skip is how far to go on). */
static size_t letter(const struct reading *r, char out[4], size_t *length,
                     bool *alone)
{
    unsigned char c = (unsigned char)r->p[r->at];
    uint32_t u;
    *alone = false;
    *length = 1;
    if (c < 0x80) {
        out[0] = (char)(aigov__is(c, AIGOV__UPPER) ? c + 32 : c);
        return aigov__is(c, AIGOV__ALPHA) ? 1 : 0;
    }
    *length = aigov__utf8_length(r->p + r->at, r->p + r->n);
    if (*length == 0) {
        *length = 1;
        return 0;
    }
    u = aigov__utf8_decode(r->p + r->at, *length);
    if (u >= 0xC0 && u < 0x180) {
        out[0] = latin[u - 0xC0];
        return out[0] == '*' ? 0 : 1;
    }
    if (u == 0x300 || u == 0x301 || u == 0x308) { /* combining accents */
        return 0;
    }
    *alone = is_alone(u);
    return u < 0x250 || (u >= 0x2000 && u < 0x2E80) ||
                   (u >= 0x3000 && u < 0x3040)
               ? 0
               : aigov__utf8_encode(lower(u), out);
}

/* How far to go on where no letter is: over a placeholder at once. */
static size_t step(const struct reading *r, size_t length)
{
    uint32_t number;
    size_t n = r->p[r->at] == '[' ? aigov__placeholder(r->rules, r->p + r->at,
                                                       r->n - r->at, &number)
                                  : 0;
    return n != 0 ? n : length;
}

/* Over what is no letter, to the next that is one. */
static void skip_to_letter(struct reading *r)
{
    char out[4];
    size_t length;
    bool alone;
    for (; r->at < r->n; r->at += step(r, length)) {
        size_t i = r->at;
        while (i < r->n && r->p[i] != '[' &&
               !aigov__is((unsigned char)r->p[i], AIGOV__ALPHA | AIGOV__HIGH)) {
            i++;
        }
        r->at = i;
        if (i == r->n || aigov__is((unsigned char)r->p[i], AIGOV__ALPHA) ||
            letter(r, out, &length, &alone) != 0) {
            return;
        }
    }
}

/* The word so far is n bytes: whether a prefix entry ends here. */
static inline void look_for_prefix(aigov__word *w, size_t n, uint64_t hash)
{
    if (n >= MIN_PREFIX && may_be_in(context_prefix, hash) && w->groups == 0) {
        w->groups = find_word(mix(hash, '*'));
    }
}

/* Whether between letters of these classes another word begins: aB. */
static inline bool is_border(unsigned last, unsigned class)
{
    return (last & AIGOV__LOWER) != 0 && (class & AIGOV__UPPER) != 0;
}

/* What is read of a word: how far, its hash, and the class of letters that
 * would begin another word (aB). */
struct letters {
    size_t at;
    uint64_t hash;
    unsigned border;
};

/* Whether an ASCII letter of the same word is at l->at; it is read. */
static inline bool read_letter(const char *p, struct letters *l)
{
    unsigned char c = (unsigned char)p[l->at];
    unsigned class = aigov__class[c] & AIGOV__ALPHA;
    if (class == 0 || class == l->border) {
        return false;
    }
    l->border = class == AIGOV__LOWER ? AIGOV__UPPER : 0;
    l->hash = mix(l->hash, c | 0x20);
    l->at++;
    return true;
}

/* Read the ASCII letters at r->at up to a border; most words are nothing else,
 * and begin as no prefix entry does. */
static void read_ascii(struct reading *r, aigov__word *w)
{
    struct letters l = {r->at, w->hash, 0};
    size_t full = r->n - w->from > MAX_WORD ? w->from + MAX_WORD : r->n;
    size_t begin = w->from + MIN_PREFIX < full ? w->from + MIN_PREFIX : full;
    bool more = true;
    while (more && l.at < begin) {
        more = read_letter(r->p, &l);
    }
    if (more && (r->at > w->from || may_be_in(context_begin, l.hash))) {
        look_for_prefix(w, l.at - w->from, l.hash);
        while (l.at < full && read_letter(r->p, &l)) {
            look_for_prefix(w, l.at - w->from, l.hash);
        }
    }
    while (more && l.at < full) {
        more = read_letter(r->p, &l);
    }
    w->hash = l.hash;
    while (more && l.at < r->n) {
        more = read_letter(r->p, &l);
    }
    r->at = l.at;
}

/* Read a letter beyond ASCII; false where the word ends before or after it. */
static bool read_high(struct reading *r, aigov__word *w)
{
    char out[4];
    size_t length, n;
    bool alone;
    n = letter(r, out, &length, &alone);
    if (n == 0 || (alone && r->at > w->from)) {
        return false;
    }
    r->at += length;
    if (r->at - w->from <= MAX_WORD) {
        for (size_t i = 0; i < n; i++) {
            w->hash = mix(w->hash, (unsigned char)out[i]);
        }
        look_for_prefix(w, r->at - w->from, w->hash);
    }
    return !alone;
}

/*
 * Read the next word: false at the end.  w->groups is that of a prefix entry
 * where there is one; w->hash is of the whole word.
 */
static bool next_word(struct reading *r, aigov__word *w)
{
    skip_to_letter(r);
    *w = (aigov__word){.from = r->at, .hash = FNV_BASIS};
    do {
        read_ascii(r, w);
    } while (r->at < r->n && (unsigned char)r->p[r->at] >= 0x80 &&
             read_high(r, w));
    w->to = r->at;
    return w->to > w->from;
}

/* The hash of the last two words of a phrase (tables.pl). */
static uint64_t pair(uint64_t last, uint64_t before)
{
    return last ^ (before << 32 | before >> 32);
}

/* Whether the words before w are those of an entry. */
static bool has_before(const aigov__context *c, const aigov__word *w,
                       const struct context_entry *x)
{
    size_t next = w->from, k;
    for (k = 0; k < x->words && k < c->read && k < 4; k++) {
        const aigov__word *b = &c->last[(c->read - 1 - k) & 3];
        if (b->hash != context_words[x->before + k] || next - b->to > MAX_GAP) {
            break;
        }
        next = b->from;
    }
    return k == x->words;
}

/* The groups of a word with those before it: the longest phrase that ends
 * with it, else the word, else its prefix. */
static uint16_t groups_of(const aigov__context *c, const aigov__word *w)
{
    const aigov__word *b = &c->last[(c->read - 1) & 3];
    uint16_t e = 0;
    if (c->read > 0 && w->from - b->to <= MAX_GAP) {
        e = find_word(pair(w->hash, b->hash));
    }
    while (e != 0 && !has_before(c, w, &context_entries[e])) {
        e = context_entries[e].next;
    }
    e = e != 0 ? e : find_word(w->hash);
    return e != 0 ? e : w->groups;
}

static uint16_t remember(aigov__context *c, aigov__word w)
{
    w.groups = groups_of(c, &w);
    c->last[c->read++ & 3] = w;
    if (w.groups != 0) {
        c->ring[c->count++ & (AIGOV__WORDS - 1)] = w;
    }
    return w.groups;
}

void aigov__context_reset(aigov__scan *s)
{
    s->context.near_to = 0;
    s->context.count = 0;
    s->context.read = 0;
    s->context.indexed = 0;
    s->context.begun = 0;
}

/* Forget what was read, and begin at `start`. */
static void read_anew(aigov__scan *s, struct reading *r, size_t start)
{
    aigov__word w;
    r->at = s->context.begun = start;
    s->context.count = 0;
    s->context.read = 0;
    if (aigov__word_before(s, start) && aigov__word_at(s, start) &&
        !aigov__at_is(s, start, AIGOV__DIGIT)) {
        next_word(r, &w); /* the rest of a word that begins out of reach */
    }
}

/*
 * Make sure that every word that begins before `to` was read, and those at
 * most FOR_BEFORE and a word before `from`.  What is not needed is passed over.
 * So what is found depends on the text near by and on nothing read before.
 */
static void read_until(aigov__scan *s, size_t from, size_t to)
{
    aigov__context *c = &s->context;
    struct reading r = {s->p, s->n, c->indexed, s->rules};
    size_t start = from > REREAD ? from - REREAD : 0;
    aigov__word w;
    if (r.at < start ||
        (c->begun > 0 && from < c->begun + FOR_BEFORE + MAX_WORD)) {
        read_anew(s, &r, start);
    }
    while (r.at < to && next_word(&r, &w)) {
        remember(c, w);
    }
    c->indexed = r.at;
}

static bool has_group(uint16_t entry, unsigned group)
{
    const uint8_t *g = context_groups + context_entries[entry].groups;
    for (; *g != 0; g++) {
        if (*g == group) {
            return true;
        }
    }
    return false;
}

bool aigov__word_has(uint16_t word, unsigned group)
{
    return has_group(word, group);
}

/* The word k places before the last that was met; NULL: forgotten. */
static const aigov__word *recent(const aigov__context *c, size_t k)
{
    return k < AIGOV__WORDS && k < c->count
               ? &c->ring[(c->count - 1 - k) & (AIGOV__WORDS - 1)]
               : NULL;
}

/* The groups of the path, when first asked for: most texts hold no candidate.
 */
static void read_path(aigov__scan *s)
{
    aigov__context c;
    struct reading r = {s->path_text.p, s->path_text.n, 0, s->rules};
    aigov__word w;
    c.count = c.read = c.indexed = 0;
    memset(s->path, 0, sizeof s->path);
    while (r.at < r.n && next_word(&r, &w)) {
        const uint8_t *g =
            context_groups + context_entries[remember(&c, w)].groups;
        for (; *g != 0; g++) {
            s->path[*g / 64] |= (uint64_t)1 << (*g & 63);
        }
    }
    s->path_read = true;
}

void aigov__words_of(const aigov__scan *s, size_t from, size_t to,
                     uint16_t *word, size_t n)
{
    aigov__context c;
    struct reading r = {s->p, to, from, s->rules};
    aigov__word w;
    size_t k = 0;
    c.count = c.read = c.indexed = 0;
    while (k < n && r.at < to && next_word(&r, &w)) {
        word[k] = remember(&c, w);
        k += word[k] != 0;
    }
    if (k < n) {
        word[k] = 0;
    }
}

const uint64_t *aigov__path_groups(aigov__scan *s)
{
    if (!s->path_read) {
        read_path(s);
    }
    return s->path;
}

bool aigov__path_has(aigov__scan *s, unsigned group)
{
    return (aigov__path_groups(s)[group / 64] >> (group & 63) & 1) != 0;
}

/* Set c->near for [from, to). */
static void add_groups(uint64_t *set, uint16_t word)
{
    const uint8_t *g = context_groups + context_entries[word].groups;
    for (; *g != 0; g++) {
        set[*g / 64] |= (uint64_t)1 << (*g & 63);
    }
}

static void find_near(aigov__scan *s, size_t from, size_t to)
{
    aigov__context *c = &s->context;
    const uint16_t *column = aigov__column(s, from);
    const aigov__word *w;
    memcpy(c->near, aigov__path_groups(s), sizeof c->near);
    for (size_t k = 0; column != NULL && k < AIGOV__COLUMN_WORDS; k++) {
        add_groups(c->near, column[k]);
    }
    for (size_t k = 0; (w = recent(c, k)) != NULL; k++) {
        if (w->from + FOR_BEFORE + MAX_WORD < from) {
            break;
        }
        if (w->to > from && (w->from < to || w->from >= to + FOR_AFTER)) {
            continue;
        }
        add_groups(c->near, w->groups);
    }
    c->near_from = from;
    c->near_to = to;
    c->near_begun = c->begun;
    c->near_indexed = c->indexed;
}

/* The groups near [from, to). */
static const uint64_t *groups_near(aigov__scan *s, size_t from, size_t to)
{
    aigov__context *c = &s->context;
    read_until(s, from, to + FOR_AFTER);
    if (c->near_from != from || c->near_to != to || c->near_begun != c->begun ||
        c->near_indexed != c->indexed) {
        find_near(s, from, to);
    }
    return c->near;
}

bool aigov__maybe_near(aigov__scan *s, size_t from, size_t to, unsigned group)
{
    return group != AIGOV__C_NONE &&
           (groups_near(s, from, to)[group / 64] >> (group & 63) & 1) != 0;
}

bool aigov__any_near(aigov__scan *s, size_t from, size_t to)
{
    const uint64_t *near = groups_near(s, from, to);
    return (near[0] | near[1] | near[2] | near[3]) != 0;
}

/* Whether a word of group may begin in [low, to), by the first two letters of
 * the words there; a letter beyond ASCII may begin any. */
static bool may_begin(const aigov__scan *s, size_t low, size_t to,
                      unsigned group)
{
    const uint32_t *starts = context_starts[group];
    uint8_t last = aigov__class[aigov__at(s, low - 1)], class;
    for (size_t i = low; i < to; i++, last = class) {
        unsigned char c = (unsigned char)s->p[i], next;
        class = aigov__class[c];
        if ((class & AIGOV__HIGH) != 0) {
            return true;
        }
        if ((class & AIGOV__ALPHA) == 0 ||
            ((last & AIGOV__ALPHA) != 0 && !is_border(last, class))) {
            continue;
        }
        next = aigov__at(s, i + 1);
        if (!aigov__is(next, AIGOV__ALPHA) ||
            is_border(class, aigov__class[next])) {
            next = 0;
        }
        if ((starts[c & 31] >> (next & 31) & 1) != 0) {
            return true;
        }
    }
    return false;
}

bool aigov__word_within(aigov__scan *s, size_t from, size_t to, unsigned group,
                        size_t before, size_t after)
{
    const aigov__context *c = &s->context;
    size_t low = from > before ? from - before : 0;
    if (before <= FOR_BEFORE && after == 0 && c->indexed < from &&
        !may_begin(s, low, from, group)) {
        return false;
    }
    read_until(s, from, to + after);
    for (size_t k = 0; k < AIGOV__WORDS && k < c->count; k++) {
        const aigov__word *w =
            &c->ring[(c->count - 1 - k) & (AIGOV__WORDS - 1)];
        if (w->from < low) {
            break;
        }
        if (!has_group(w->groups, group)) {
            continue;
        }
        if (w->to <= from) {
            return w->from >= aigov__row_start(s, from);
        }
        if (w->from >= to && w->from < to + after) {
            return true;
        }
    }
    return false;
}

bool aigov__near_word(aigov__scan *s, size_t from, size_t to, unsigned group)
{
    size_t before = FOR_BEFORE, after = FOR_AFTER;
    if (!aigov__maybe_near(s, from, to, group)) {
        return false;
    }
    if (group == AIGOV__C_AGAINST) { /* not a word of the next field */
        unsigned char c = aigov__at(s, to);
        before = AGAINST_BEFORE;
        after = c == ',' || c == ';' || c == '\n' ? 0 : AGAINST_AFTER;
    }
    return aigov__path_has(s, group) ||
           aigov__word_within(s, from, to, group, before, after) ||
           aigov__column_has(s, from, group);
}

/* Whether nothing between ends a field. */
static bool same_field(const aigov__scan *s, size_t from, size_t to)
{
    for (; from < to; from++) {
        if (strchr("\n.,;|{}", s->p[from]) != NULL) {
            return false;
        }
    }
    return true;
}

/* Whether [from, to) may part words of one label, as in "AFM tax number". */
static bool within_label(const aigov__scan *s, size_t from, size_t to)
{
    for (size_t i = from; i < to && to - from <= LABEL_GAP; i++) {
        if (aigov__at_is(s, i, AIGOV__DIGIT)) {
            return false;
        }
    }
    return to - from <= LABEL_GAP && same_field(s, from, to);
}

/* A digit, or the bracket of a placeholder: where there was one, redaction must
 * not change what the label is of. */
static bool ends_value(const aigov__scan *s, size_t i)
{
    return aigov__at_is(s, i, AIGOV__DIGIT) ||
           (aigov__at(s, i) == ']' &&
            aigov__at_is(s, i - 1, AIGOV__UPPER | AIGOV__DIGIT));
}

/* Whether between a label and from another field begins: after a value a line
 * break, or a word of three letters and more that does not join a list. */
static bool next_field(const aigov__scan *s, size_t label, size_t from)
{
    size_t i = from, letters = 0;
    bool field = false;
    for (; i > label && !ends_value(s, i - 1); i--) {
        unsigned char c = aigov__at(s, i - 1);
        letters = aigov__is(c, AIGOV__ALPHA | AIGOV__HIGH) ? letters + 1 : 0;
        field |= c == '\n' || (letters >= 3 && !aigov__has(s, i - 1, "and ") &&
                               !aigov__has(s, i - 1, "und "));
    }
    return field && i > label;
}

static bool labelled(aigov__scan *s, size_t from, size_t to, unsigned group)
{
    const aigov__context *c = &s->context;
    const aigov__word *w;
    bool after = false;
    size_t k = 0, start = from, gap = FOR_BEFORE + 1;
    for (; (w = recent(c, k)) != NULL && w->to > from; k++) {
        after |= w->from >= to && w->from < to + FOR_AFTER &&
                 has_group(w->groups, group) && same_field(s, to, w->from);
    }
    for (; (w = recent(c, k)) != NULL; k++) {
        if (from - w->from > FOR_BEFORE + MAX_WORD ||
            (start == from ? from - w->to > FOR_BEFORE
                           : !within_label(s, w->to, start))) {
            break;
        }
        if (has_group(w->groups, group)) {
            return !next_field(s, w->to, from) &&
                   w->from >= aigov__row_start(s, from);
        }
        gap = start == from ? from - w->to : gap;
        start = w->from;
    }
    return gap > LABEL && after;
}

bool aigov__labelled(aigov__scan *s, size_t from, size_t to, unsigned group)
{
    return aigov__maybe_near(s, from, to, group) &&
           (aigov__path_has(s, group) || labelled(s, from, to, group) ||
            aigov__column_has(s, from, group));
}

bool aigov__labelled_against(aigov__scan *s, size_t from, unsigned group)
{
    const aigov__context *c = &s->context;
    const aigov__word *w;
    size_t k = 0, start;
    read_until(s, from, from);
    while ((w = recent(c, k)) != NULL && w->to > from) {
        k++;
    }
    if (w == NULL || from - w->to > AGAINST_GAP ||
        !has_group(w->groups, AIGOV__C_AGAINST) ||
        !within_label(s, w->to, from)) {
        return false;
    }
    for (start = from; w != NULL && within_label(s, w->to, start); k++) {
        if (has_group(w->groups, group)) {
            return false;
        }
        start = w->from;
        w = recent(c, k + 1);
    }
    return true;
}

void aigov__context_path(aigov__scan *s, aigov_span path)
{
    s->path_text = path;
    s->has_path = path.p != NULL;
    s->path_read = false;
}

void aigov__context_groups(aigov__scan *s, const uint64_t *groups)
{
    memcpy(s->path, groups, sizeof s->path);
    s->path_read = true;
}
