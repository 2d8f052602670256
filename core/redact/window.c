/*
 * window.c - groups of letters and digits, windows over them, rules by shape
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   "account 12-345 6789, order"
 *            ^^ group, '-', group, ' ', group: a run
 *
 * A window is one or more groups of a run that may stand alone: it begins at
 * the run's first group or after a space, and ends before a space or at the
 * run's end, since '-', '.', '/', '_' and ',' join closer than a space does.
 * A group of letters alone is taken in where it is short and in capitals
 * (GB82 WEST 1234).
 *
 * Each window is looked up three ways, and every rule found is checked:
 *
 *   dd-ddd dddd   its shape, with its separators
 *   #9            nine digits in all, whatever the separators
 *   @9            nine letters and digits in all, both kinds
 */
#include "internal.h"

#include "shape_data.h"

#define MIN_COMPACT 4      /* no rule has fewer letters and digits */
#define MAX_LETTERS 6      /* of a group without digits */
#define MAX_SINGLES 3      /* groups of one character in a window */
#define MAX_DIGIT_GROUPS 8 /* a card in pairs; a French NIR has seven */
#define ROW 16             /* numbers with spaces between */
#define ROW_REACH 160

/* --- groups -------------------------------------------------------------- */

struct group {
    size_t from, to;
    unsigned kinds; /* AIGOV__DIGIT, UPPER, LOWER: what it has of them */
};

static struct group group_at(const aigov__scan *s, size_t from)
{
    const unsigned char *p = (const unsigned char *)s->p;
    size_t i = from, limit = from + AIGOV__WINDOW_BYTES + 1;
    unsigned kinds = 0;
    limit = limit < s->n ? limit : s->n;
    while (i < limit && (aigov__class[p[i]] & AIGOV__ALNUM) != 0) {
        kinds |= aigov__class[p[i++]];
    }
    return (struct group){from, i, kinds};
}

/* Whether the sign at i stands between groups of four digits. */
static bool between_fours(const aigov__scan *s, size_t i)
{
    for (size_t k = 1; k <= 4; k++) {
        if (!aigov__at_is(s, i - k, AIGOV__DIGIT) ||
            !aigov__at_is(s, i + k, AIGOV__DIGIT)) {
            return false;
        }
    }
    return !aigov__at_is(s, i - 5, AIGOV__ALNUM) &&
           !aigov__at_is(s, i + 5, AIGOV__ALNUM);
}

/* The separator at i and, in *next, where the next group would begin: one sign;
 * two spaces, or a line break with spaces, count as one space; a bracket
 * around one last character; a colon between groups of four digits.  0: none.
 */
static char separator(const aigov__scan *s, size_t i, size_t *next)
{
    unsigned char c = aigov__at(s, i);
    *next = i + 1;
    switch (c) {
    case '-':
    case '.':
    case '/':
    case '_':
        return (char)c;
    case ' ':
    case '\n':
    case '\t':
    case '\r':
        while (*next < i + 3 && aigov__at_is(s, *next, AIGOV__SPACE)) {
            ++*next;
        }
        return ' ';
    case '(':
    case '[':
        return aigov__at(s, i + 2) == (c == '(' ? ')' : ']') ? '(' : 0;
    case ':':
        return between_fours(s, i) ? ':' : 0;
    default:
        return 0;
    }
}

/* --- rules --------------------------------------------------------------- */

#define HASH_START 0x811c9dc5u /* FNV-1a, 32 bits */

static uint32_t hash_more(uint32_t h, char c)
{
    return (h ^ (unsigned char)c) * 0x01000193u;
}

/* The check of rules that go by shape alone. */
int aigov__check_form(const aigov__window *w)
{
    (void)w;
    return 0;
}

/* Whether no word is near that could speak for the window. */
static bool is_quiet(aigov__scan *s, aigov__window *w)
{
    if (!w->asked) {
        w->asked = true;
        w->quiet = !aigov__may_any_count(s, w->from, w->to);
    }
    return w->quiet;
}

static void try_rule(aigov__scan *s, aigov__window *w,
                     const struct shape_rule *r, bool joined)
{
    int more, base;
    if ((joined || r->most < AIGOV__THRESHOLD) &&
        (is_quiet(s, w) || !aigov__may_count(s, r->detector, w->from, w->to))) {
        return;
    }
    more = r->check(w);
    if (more <= AIGOV__NO) {
        return;
    }
    base = r->base + more < r->most ? r->base + more : r->most;
    if (joined && base >= AIGOV__THRESHOLD) {
        base = AIGOV__THRESHOLD - 1;
    }
    aigov__report(s, r->detector, w->from, w->to, base, r->why);
}

/* 192.0.2.7 is an address before it is a number with dots. */
static bool is_address(const aigov__window *w)
{
    const char *p = w->compact;
    if (w->groups != 4 || w->letters != 0) {
        return false;
    }
    for (int k = 0; k < 4; p += w->len[k++]) {
        if (w->len[k] > 3 || aigov__number(p, w->len[k]) > 255 ||
            (*p == '0' && w->len[k] > 1) || (k < 3 && w->sep[k] != '.')) {
            return false;
        }
    }
    return true;
}

static void try_rules(aigov__scan *s, aigov__window *w,
                      const struct shape_rules *list)
{
    /* joined to letters or a sign, or an address: only with a word that speaks
     * for it */
    bool joined = w->before != 0 || w->after != 0 || is_address(w);
    if (list->n == 0 ||
        ((joined || list->most < AIGOV__THRESHOLD) && is_quiet(s, w))) {
        return;
    }
    for (uint16_t k = 0; k < list->n; k++) {
        try_rule(s, w, &shape_rules[shape_list[list->first + k]], joined);
    }
}

/* The rules of a shape; NULL: none. */
static const struct shape_rules *rules_of(const aigov__window *w, uint32_t hash)
{
    size_t i = hash & (SHAPE_SLOTS - 1);
    if ((shape_filter[hash >> 22] >> (hash >> 19 & 7) & 1) == 0) {
        return NULL;
    }
    for (; shape_slots[i].shape != NULL; i = (i + 1) & (SHAPE_SLOTS - 1)) {
        const struct shape_slot *slot = &shape_slots[i];
        if (slot->hash == hash && strcmp(slot->shape, w->shape) == 0) {
            return &slot->rules;
        }
    }
    return NULL;
}

/* --- windows ------------------------------------------------------------- */

/* Whether the group that ends before i has a digit. */
static bool digits_before(const aigov__scan *s, size_t i)
{
    for (size_t k = i; k > 0 && i - k < AIGOV__WINDOW_BYTES; k--) {
        unsigned char c = (unsigned char)s->p[k - 1];
        if (!aigov__is(c, AIGOV__ALNUM)) {
            return false;
        }
        if (aigov__is(c, AIGOV__DIGIT)) {
            return true;
        }
    }
    return false;
}

/* What a window is joined to at its start: 'x' a letter of another alphabet,
 * 'd' a sign that joins it to digits, else the sign, 0 for none. */
static char joined_before(aigov__scan *s, size_t from)
{
    unsigned char c = aigov__at(s, from - 1);
    if (from == 0 || aigov__is(c, AIGOV__SPACE)) {
        return 0;
    }
    if (aigov__word_before(s, from)) {
        return 'x';
    }
    switch (c) {
    case '-':
    case '.':
    case '/':
    case '_':
        if (!aigov__at_is(s, from - 2, AIGOV__ALNUM)) {
            return 0;
        }
        return digits_before(s, from - 1) ? 'd' : (char)c;
    case ',':
        return aigov__comma_joins(s, from - 1) && !aigov__comma_cell(s, from)
                   ? 'd'
                   : 0;
    case ':':
        return aigov__at_is(s, from - 2, AIGOV__DIGIT) ? 'd' : 0;
    case '+':
    case '$':
    case '@':
        return (char)c;
    default:
        return 0;
    }
}

/* The same for the end of one that begins at from. */
static char joined_after(aigov__scan *s, size_t from, size_t to)
{
    unsigned char c = aigov__at(s, to);
    if (aigov__word_at(s, to)) {
        return 'x';
    }
    switch (c) {
    case '-':
    case '/':
    case '_':
    case '@':
        if (aigov__at_is(s, to + 1, AIGOV__DIGIT)) {
            return 'd';
        }
        return aigov__at_is(s, to + 1, AIGOV__ALPHA) ? (char)c : 0;
    case ',':
        return aigov__comma_joins(s, to) && !aigov__comma_cell(s, from) ? 'd'
                                                                        : 0;
    case '.':
    case ':':
        return aigov__at_is(s, to + 1, AIGOV__DIGIT) ? 'd' : 0;
    case '%':
        return (char)c;
    default:
        return 0;
    }
}

static void try_window(aigov__scan *s, aigov__window *w, uint32_t hash)
{
    const struct shape_rules *shape = rules_of(w, hash);
    const struct shape_rules *count = &shape_counted[w->letters != 0][w->n];
    if (shape == NULL && count->n == 0) {
        return;
    }
    w->after = joined_after(s, w->from, w->to);
    if (w->after == 'd') {
        return;
    }
    w->asked = false;
    if (shape != NULL) {
        try_rules(s, w, shape);
    }
    if (count->n > 0) {
        try_rules(s, w, count);
    }
}

/* Put a group of n digits at the end of a window; the hash of the shape. */
static uint32_t put_digits(aigov__window *w, const char *p, size_t n,
                           uint32_t hash)
{
    memcpy(w->compact + w->n, p, n);
    memset(w->shape + w->shape_n, 'd', n);
    for (size_t i = 0; i < n; i++) {
        hash = hash_more(hash, 'd');
    }
    w->digits = (uint8_t)(w->digits + n);
    return hash;
}

/* The same for letters and digits. */
static uint32_t put_mixed(aigov__window *w, const char *p, size_t n,
                          uint32_t hash)
{
    char *compact = w->compact + w->n, *shape = w->shape + w->shape_n;
    size_t digits = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned class = aigov__class[(unsigned char)p[i]];
        /* small letters have the bit of 32 */
        compact[i] = (char)(p[i] & ~(int)((class & AIGOV__LOWER) << 3));
        shape[i] = class == AIGOV__DIGIT ? 'd' : 'L';
        hash = hash_more(hash, shape[i]);
        digits += class == AIGOV__DIGIT;
    }
    w->digits = (uint8_t)(w->digits + digits);
    w->letters = (uint8_t)(w->letters + n - digits);
    return hash;
}

/* Add a group with the separator before it; false where there is no room. */
static bool add_group(aigov__window *w, const aigov__scan *s,
                      const struct group *g, char sep, uint32_t *hash)
{
    const char *p = s->p + g->from;
    size_t n = g->to - g->from;
    if (w->groups == AIGOV__WINDOW_GROUPS || w->n + n > AIGOV__WINDOW_BYTES) {
        return false;
    }
    if (w->groups > 0) {
        w->sep[w->groups - 1] = sep;
        w->shape[w->shape_n++] = sep;
        *hash = hash_more(*hash, sep);
    }
    *hash = g->kinds == AIGOV__DIGIT ? put_digits(w, p, n, *hash)
                                     : put_mixed(w, p, n, *hash);
    w->n = (uint8_t)(w->n + n);
    w->shape_n = (uint8_t)(w->shape_n + n);
    w->compact[w->n] = 0;
    w->shape[w->shape_n] = 0;
    w->lower |= (g->kinds & AIGOV__LOWER) != 0;
    w->len[w->groups++] = (uint8_t)n;
    w->to = g->to + (sep == '(' ? 1 : 0);
    return true;
}

/* Whether a group may go on a window; the first was chosen by the caller. */
static bool fits(const struct group *g)
{
    return (g->kinds & AIGOV__DIGIT) != 0 ||
           ((g->kinds & AIGOV__LOWER) == 0 && g->to - g->from <= MAX_LETTERS) ||
           g->to - g->from == 1;
}

/* Whether no rule takes more than the window has. */
static bool is_full(const aigov__window *w)
{
    return w->letters == 0 ? w->groups == MAX_DIGIT_GROUPS || w->n >= SHAPE_MOST
                           : w->n >= SHAPE_MOST_MIXED;
}

/* All windows that begin with the group at from. */
static void windows_from(aigov__scan *s, size_t from)
{
    aigov__window w;
    struct group g = group_at(s, from);
    size_t next;
    char sep = 0;
    int singles = 0;
    uint32_t hash = HASH_START;
    w.n = w.shape_n = w.digits = w.letters = w.groups = 0;
    w.lower = false;
    w.from = from;
    w.before = joined_before(s, from);
    if (w.before == 'd') {
        return;
    }
    while ((w.groups == 0 || fits(&g)) && add_group(&w, s, &g, sep, &hash)) {
        if (w.n >= MIN_COMPACT && w.digits > 0) {
            try_window(s, &w, hash);
        }
        sep = separator(s, w.to, &next);
        if (sep == 0 || !aigov__at_is(s, next, AIGOV__ALNUM) ||
            (sep == ' ' && s->in_row) || is_full(&w)) {
            return;
        }
        g = group_at(s, next);
        singles += g.to - g.from == 1;
        if (singles > MAX_SINGLES) {
            return;
        }
    }
}

/* The short group of letters before, with one separator between; else from.
 * It is in capitals, or the text begins with it, as the value of a field does:
 * elsewhere small letters are words. */
static size_t group_before(const aigov__scan *s, size_t from)
{
    size_t end = from - 1, i;
    bool lower = false;
    unsigned char c;
    if (from < 2) {
        return from;
    }
    c = (unsigned char)s->p[end];
    if (c != ' ' && c != '-' && c != '/' && c != '.') {
        return from;
    }
    for (i = end; i > 0 && end - i < MAX_LETTERS + 1 &&
                  aigov__is((unsigned char)s->p[i - 1], AIGOV__ALPHA);
         i--) {
        lower |= aigov__is((unsigned char)s->p[i - 1], AIGOV__LOWER);
    }
    if (i == end || end - i > MAX_LETTERS || (lower && i > 0) ||
        aigov__at_is(s, i - 1, AIGOV__ALNUM)) {
        return from;
    }
    return i;
}

/* Where what is at i, if it is joined to digits before, goes on with digits:
 * after one sign, or after spaces in the same line (*spaces).  0: it does not.
 */
static size_t goes_on(const aigov__scan *s, size_t i, bool *spaces)
{
    size_t k = i;
    unsigned char c = aigov__at(s, i);
    while (k < i + 3 && (aigov__at(s, k) == ' ' || aigov__at(s, k) == '\t')) {
        k++;
    }
    *spaces = k > i;
    if (c == '-' || c == '.' || c == '/' || c == '_' || c == ',' || c == ':') {
        k++;
    }
    return k > i && aigov__at_is(s, k, AIGOV__DIGIT) ? k : 0;
}

/*
 * Sixteen numbers and more with spaces between, in one line and close to each
 * other, are a row of a table: each stands for itself, and windows do not join
 * them.  Found out at the row's first number, within ROW_REACH bytes.  Called
 * for each group, in the order of the text.
 */
void aigov__row(aigov__scan *s, size_t from, size_t to)
{
    size_t end = to, next, items = 1;
    bool spaces;
    if (s->group_last == 0 || goes_on(s, s->group_last, &spaces) != from) {
        while (items < ROW && (next = goes_on(s, end, &spaces)) != 0 &&
               next < from + ROW_REACH) {
            items += spaces;
            for (end = next;
                 aigov__at_is(s, end, AIGOV__ALNUM) && end < from + ROW_REACH;
                 end++) {
            }
        }
        s->in_row = items >= ROW;
    }
    s->group_last = to;
}

void aigov__windows(aigov__scan *s, size_t from, size_t to)
{
    size_t before = group_before(s, from), next;
    char sep;
    if (to - from > AIGOV__WINDOW_BYTES) {
        return;
    }
    if (to - from < MIN_COMPACT && before == from) {
        sep = separator(s, to, &next);
        if (sep == 0 || !aigov__at_is(s, next, AIGOV__ALNUM) ||
            (sep == ' ' && s->in_row)) {
            return; /* too little, and nothing to join it */
        }
    }
    if (before != from) {
        windows_from(s, before);
    }
    windows_from(s, from);
}
