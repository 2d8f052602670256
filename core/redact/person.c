/*
 * person.c - names of people where the text says that one comes
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   My name is Ana de la Cruz         SAID    after a phrase
 *   Mr. O'Brien, Frau von Stein       TITLE
 *   Dear Clifford,                    DEAR    before a comma or line break
 *   Best regards,\n\nFoo Bar\n        CLOSE   a line of its own
 *   Patient name: JOHN SMITH          label   aigov__person_label, at a ':'
 *   Foo Bar <foo@example.org>         mail    aigov__person_mail, at an address
 *
 * A name that nothing announces is not found: there is no dictionary, so the
 * measured share of names in running text is small (README).  What is found is
 * a name nearly always.
 *
 * A name is one to five words, each a capital and small letters of the Latin,
 * Greek or Cyrillic alphabet (O'Brien, McKay, Smith-Jones), with initials and
 * particles (van der, de la, bin, al-) between.  Words that are no name
 * (person.def: Team, Sir, Customer) end it or speak against all of it.
 *
 * The trigger is a word with a capital after a space or line break; what stands
 * before is looked up by its last two bytes, so clean prose costs that look for
 * each capital.  A name takes MAX_NAME bytes and a word, fewer than the 192
 * that settled.c lets a trigger look ahead.
 */
#include "internal.h"

#define MAX_NAME 64
#define MAX_PART 40 /* bytes of a word up to a hyphen */
#define MAX_TAIL 16 /* spaces after a name that signs */
#define MAX_WORDS 5
#define MAX_LABEL 24 /* the last word of a label */
#define MAX_MAIL 120 /* from a name to the '@': stream.c keeps as much */

/* --- tables -------------------------------------------------------------- */

enum kind { SAID, SELF, CALL, TITLE, DEAR, GREET, CLOSE, PARTICLE };

#include "person_data.h"

/* A sign of a set, or the end of the text. */
static bool is_one_of(unsigned char c, const char *set)
{
    return c == 0 || strchr(set, c) != NULL;
}

/* --- words --------------------------------------------------------------- */

/* Whether a letter of U+0100 and up is a capital; else it is a small one. */
static bool is_capital(uint32_t c)
{
    if (c < 0x180) { /* pairs, capital first, but for a shift in the middle */
        bool odd = (c >= 0x139 && c <= 0x148) || c >= 0x179;
        return c == 0x178 || ((c & 1) != 0) == odd;
    }
    if (c < 0x370) {
        return c >= 0x218 && c <= 0x21B && (c & 1) == 0;
    }
    if (c < 0x400) {
        return c >= 0x386 && c <= 0x3AB && c != 0x390;
    }
    return c < 0x430 || ((c >= 0x460 || c == 0x490) && (c & 1) == 0);
}

/* AIGOV__UPPER or AIGOV__LOWER for a letter at i, with its length; 0: none. */
static unsigned letter(const aigov__scan *s, size_t i, size_t *n)
{
    unsigned char b = aigov__at(s, i);
    uint32_t c;
    *n = 1;
    if (b < 0x80) {
        return aigov__class[b] & AIGOV__ALPHA;
    }
    *n = aigov__utf8_length(s->p + i, s->p + s->n);
    if (*n == 0) {
        return 0;
    }
    c = aigov__utf8_decode(s->p + i, *n);
    if (c < 0xC0 || c == 0xD7 || c == 0xF7) {
        return 0;
    }
    if (c < 0x100) {
        return c < 0xDF ? AIGOV__UPPER : AIGOV__LOWER;
    }
    if (c < 0x530 || (c >= 0x1E00 && c < 0x1F00)) {
        return is_capital(c) ? AIGOV__UPPER : AIGOV__LOWER;
    }
    return 0;
}

/* The length of an apostrophe at i, ' or U+2019; 0: none. */
static size_t apostrophe(const aigov__scan *s, size_t i)
{
    if (aigov__at(s, i) == '\'') {
        return 1;
    }
    return aigov__has(s, i, "\xE2\x80\x99") ? 3 : 0;
}

/* Whether [from, to) is what a capital follows in the middle of a name. */
static bool is_prefix(const aigov__scan *s, size_t from, size_t to)
{
    static const char *const prefixes[] = {"Mc", "Mac", "De", "Di",  "Du",
                                           "La", "Le",  "Da", "Van", "Fitz"};
    for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++) {
        if (strlen(prefixes[k]) == to - from &&
            aigov__has(s, from, prefixes[k])) {
            return true;
        }
    }
    return false;
}

/* The end of a part of a word, up to a hyphen or apostrophe: a capital and
 * small letters, as in McKay again, or capitals only; i: none.  *small: it has
 * small letters. */
static size_t part_end(const aigov__scan *s, size_t i, bool *small)
{
    size_t n, k = i, capitals = 0, lower = 0;
    unsigned kind;
    while (k - i < MAX_PART && (kind = letter(s, k, &n)) != 0) {
        if (kind == AIGOV__LOWER) {
            if (capitals != 1) {
                return i; /* small from the start, or ABc */
            }
            lower++;
        } else if (lower > 0) {
            if (!is_prefix(s, i, k)) {
                return i;
            }
            lower = 0;
        } else {
            capitals++;
        }
        k += n;
    }
    *small |= lower > 0;
    return k;
}

/* The end of a word of a name at i; i: none.  Capitals alone count where caps
 * says so. */
static size_t word_end(const aigov__scan *s, size_t i, bool caps)
{
    size_t end = i, k = i, n;
    bool small = false;
    for (;;) {
        size_t part = part_end(s, k, &small);
        if (part == k) {
            break;
        }
        end = part;
        n = aigov__at(s, end) == '-' ? 1 : apostrophe(s, end);
        if (n == 0 || end + n - i > MAX_PART) {
            break;
        }
        k = end + n;
    }
    /* -name, 's and what is longer than a name */
    if (end == i || aigov__word_at(s, end) || aigov__at(s, end) == '_' ||
        (aigov__at(s, end) == '-' && aigov__word_at(s, end + 1))) {
        return i;
    }
    letter(s, i, &n);
    return (small || caps) && end > i + n ? end : i;
}

/* Order of a word of the text and one of the table. */
static int compare(const aigov__scan *s, size_t from, size_t to,
                   const char *word)
{
    for (; from < to; from++, word++) {
        unsigned char c = (unsigned char)s->p[from];
        if (aigov__is(c, AIGOV__UPPER)) {
            c = (unsigned char)(c + 32);
        }
        if (c != (unsigned char)*word) {
            return c < (unsigned char)*word ? -1 : 1;
        }
    }
    return *word == 0 ? 0 : -1;
}

static bool is_no_name(const aigov__scan *s, size_t from, size_t to)
{
    size_t low = 0, high = WORDS;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = compare(s, from, to, words[mid]);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return false;
}

/* --- phrases ------------------------------------------------------------- */

/* Whether a phrase stands at i; a first letter beyond ASCII is not compared,
 * it may be a capital. */
static bool has_phrase(const aigov__scan *s, size_t i, const struct phrase *x)
{
    size_t skip = (unsigned char)x->text[0] >= 0x80 ? 2 : 0;
    return aigov__has_nocase(s, i + skip, x->text + skip);
}

/* Whether a sentence, or a text in quotes or tags, begins at i. */
static bool sentence_begins(const aigov__scan *s, size_t i)
{
    i -= aigov__at(s, i - 1) == ' ';
    return is_one_of(aigov__at(s, i - 1), "\n\r\t\"'`>.!?:,;(*_\xA0");
}

/* Whether a phrase that is found at i may stand there as it is written. */
static bool is_written(const aigov__scan *s, size_t i, const struct phrase *x)
{
    size_t n;
    if (aigov__word_before(s, i)) {
        return false;
    }
    switch (x->kind) {
    case TITLE:
        return letter(s, i, &n) == AIGOV__UPPER &&
               letter(s, i + n, &n) != AIGOV__UPPER;
    case DEAR:
    case GREET:
        return letter(s, i, &n) == AIGOV__UPPER && sentence_begins(s, i);
    default:
        return true;
    }
}

/* The longest phrase that ends before end; NULL: none. */
static const struct phrase *phrase_before(const aigov__scan *s, size_t end)
{
    const struct phrase *longest = NULL;
    size_t key =
        (aigov__at(s, end - 1) & 31u) << 5 | (aigov__at(s, end - 2) & 31u);
    size_t k = phrase_first[key];
    for (; k > 0 && k <= PHRASES && phrases[k - 1].key == key; k++) {
        const struct phrase *x = &phrases[k - 1];
        if (end >= x->n && (longest == NULL || x->n > longest->n) &&
            has_phrase(s, end - x->n, x) && is_written(s, end - x->n, x)) {
            longest = x;
        }
    }
    return longest;
}

static bool is_particle(const aigov__scan *s, size_t end)
{
    const struct phrase *x = phrase_before(s, end);
    return x != NULL && x->kind == PARTICLE;
}

/* The end of particles at i, three at most. */
static size_t pass_particles(const aigov__scan *s, size_t i)
{
    for (int passed = 0; passed < 3; passed++) {
        size_t k = i;
        while (k - i < 5 && aigov__at_is(s, k, AIGOV__LOWER)) {
            k++;
        }
        if (k == i ||
            !(aigov__at(s, k) == ' ' ||
              (aigov__at(s, k) == '-' && k == i + 2)) ||
            !is_particle(s, k)) {
            break;
        }
        i = k + 1;
    }
    return i;
}

/* --- names --------------------------------------------------------------- */

struct name {
    size_t from, to;
    int words;
    bool foreign; /* a word that is no name goes on right there */
};

/* The end of an initial at i, "J." or "J.R." or "J"; i: none. */
static size_t initial_end(const aigov__scan *s, size_t i, bool bare)
{
    size_t n, k = i;
    while (letter(s, k, &n) == AIGOV__UPPER && aigov__at(s, k + n) == '.' &&
           k - i < 8) {
        k += n + 1;
    }
    if (k == i && bare && letter(s, i, &n) == AIGOV__UPPER &&
        aigov__at(s, i + n) == ' ') {
        return i + n;
    }
    return k;
}

/* Read a name at i. */
static struct name read_name(const aigov__scan *s, size_t i, bool caps)
{
    struct name name = {.from = i, .to = i};
    size_t k = i, end;
    while (name.words < MAX_WORDS && k - i < MAX_NAME) {
        size_t start = name.words > 0 ? pass_particles(s, k) : k;
        end = initial_end(s, start, name.words > 0);
        if (end == start) {
            end = word_end(s, start, caps);
            if (end == start) {
                break;
            }
            if (is_no_name(s, start, end)) {
                name.foreign = true;
                break;
            }
            name.words++;
            name.to = end;
        }
        if (aigov__at(s, end) != ' ') {
            break;
        }
        k = end + 1;
    }
    return name;
}

static void report(aigov__scan *s, const struct name *name, int base)
{
    aigov__report(s, AIGOV__D_person_name, name->from, name->to, base, 0);
}

/* --- after a phrase ------------------------------------------------------ */

/* Whether after a name comes what a caller says next. */
static bool calls(const aigov__scan *s, size_t i)
{
    static const char *const next[] = {" from ", " calling", " speaking",
                                       " here", " with "};
    for (size_t k = 0; k < sizeof next / sizeof *next; k++) {
        if (aigov__has(s, i, next[k])) {
            return true;
        }
    }
    return false;
}

/* Whether a sentence or clause ends at i. */
static bool clause_ends(const aigov__scan *s, size_t i)
{
    return (is_one_of(aigov__at(s, i), ",.!;\n\r<\"") &&
            !aigov__word_at(s, i + 1)) ||
           aigov__has(s, i, " and ") || calls(s, i);
}

/* Whether nothing but the name stands on its line, up to a comma or bracket. */
static bool line_ends(const aigov__scan *s, size_t i)
{
    size_t from = i;
    while (i - from < MAX_TAIL &&
           (aigov__at(s, i) == ' ' || aigov__at(s, i) == '\t')) {
        i++;
        if (is_one_of(aigov__at(s, i), "(<|-")) {
            return true;
        }
    }
    return is_one_of(aigov__at(s, i), ",\n\r<*|\"");
}

/* A name after a phrase on the same line. */
static void after_phrase(aigov__scan *s, const struct name *x, uint8_t kind)
{
    unsigned char c = aigov__at(s, x->to);
    switch (kind) {
    case SAID:
        report(s, x, 85);
        break;
    case SELF:
        if (x->words > 1 && !x->foreign && clause_ends(s, x->to)) {
            report(s, x, 65);
        }
        break;
    case CALL:
        if (!x->foreign && calls(s, x->to) &&
            (x->words > 1 || !aigov__has(s, x->to, " from "))) {
            report(s, x, 65);
        }
        break;
    case TITLE:
        report(s, x, 85);
        break;
    case DEAR:
    case GREET:
        if (!x->foreign && x->words < 4 && c != 0 &&
            strchr(kind == DEAR ? ",:!\n\r" : ",\n\r", c) != NULL) {
            report(s, x, 85);
        }
        break;
    default:
        break;
    }
}

/* A name on the line after a closing formula, an empty line between or not. */
static void after_line(aigov__scan *s, size_t i)
{
    size_t k = i;
    int breaks = 0;
    const struct phrase *x;
    struct name name;
    while (k > 0 && i - k < 12 && aigov__at_is(s, k - 1, AIGOV__SPACE)) {
        k--;
        breaks += s->p[k] == '\n';
    }
    while (k > 0 && i - k < 14 &&
           is_one_of((unsigned char)s->p[k - 1], ",.! ")) {
        k--;
    }
    x = breaks == 1 || breaks == 2 ? phrase_before(s, k) : NULL;
    if (x == NULL || x->kind != CLOSE) {
        return;
    }
    name = read_name(s, i, false);
    if (name.words > 0 && name.words < 5 && !name.foreign &&
        line_ends(s, name.to)) {
        report(s, &name, 80);
    }
}

void aigov__person(aigov__scan *s, size_t i)
{
    unsigned char before = aigov__at(s, i - 1);
    const struct phrase *x;
    struct name name;
    size_t from = i, n;
    bool article = false;
    if ((unsigned char)s->p[i] >= 0x80 && letter(s, i, &n) != AIGOV__UPPER) {
        return;
    }
    if (before == '\n' || (before == ' ' && aigov__at(s, i - 2) == '\n')) {
        after_line(s, i);
        return;
    }
    if (before != ' ') {
        return;
    }
    x = phrase_before(s, i - 1);
    for (int k = 0; k < 3 && x != NULL && x->kind == PARTICLE; k++) {
        article = strcmp(x->text, "der") == 0; /* Herr der Ringe */
        from -= x->n + 1u;
        x = aigov__at(s, from - 1) == ' ' ? phrase_before(s, from - 1) : NULL;
    }
    if (x == NULL || x->kind >= CLOSE || article) {
        return;
    }
    name = read_name(s, i, false);
    name.from = from;
    if (name.words > 0 && aigov__at(s, name.to) != '@') {
        after_phrase(s, &name, x->kind);
    }
}

/* --- after a label ------------------------------------------------------- */

/* Last bytes of labels, in lower case: most colons stand after none. */
static bool may_be_label(const aigov__scan *s, size_t to)
{
    static const char ends[][5] = {
        "ame", "ent",  "lder", "son",  "cian", "ber",  "erin", "tner",
        "nom", "aire", "lido", "idos", "plet", "leto", "ome",  "aam",
        "amn", "avn",  "isko", "yad",  "nimi", "fio",
    };
    unsigned char last = aigov__at(s, to - 1);
    if (last >= 0x80) {
        return true;
    }
    last |= 32;
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        size_t n = ends[k][3] != 0 ? 4 : 3;
        if ((unsigned char)ends[k][n - 1] == last && to >= n &&
            aigov__has_nocase(s, to - n, ends[k])) {
            return true;
        }
    }
    return false;
}

/* Spaces, quotes, signs of Markdown. */
static bool is_padding(unsigned char c)
{
    return c == ' ' || c == '"' || c == '*' || c == '\'' || c == '`' ||
           c == '\t' || c == '_';
}

/* Where the value after a colon begins. */
static size_t label_value(const aigov__scan *s, size_t colon)
{
    size_t i = colon + 1;
    while (i - colon < 8 && is_padding(aigov__at(s, i))) {
        i++;
    }
    return i;
}

/* The end of the label before a colon: quotes and signs of Markdown go. */
static size_t label_end(const aigov__scan *s, size_t colon)
{
    size_t i = colon;
    while (i > 0 && colon - i < 4 && is_padding((unsigned char)s->p[i - 1])) {
        i--;
    }
    return i;
}

static size_t label_word(const aigov__scan *s, size_t to)
{
    size_t i = to;
    while (i > 0 && to - i < MAX_LABEL &&
           aigov__at_is(s, i - 1, AIGOV__ALPHA | AIGOV__HIGH)) {
        i--;
    }
    return i;
}

/* Whether the label is the full name of a thing: serviceFullName. */
static bool is_of_thing(const aigov__scan *s, size_t to)
{
    size_t i = to - 4; /* name */
    i -= aigov__at(s, i - 1) == '_' || aigov__at(s, i - 1) == ' ';
    return to > 9 && aigov__has_nocase(s, i - 4, "full") &&
           (aigov__word_before(s, i - 4) || aigov__at(s, i - 5) == '_');
}

/* Whether the field of a name ends at i. */
static bool field_ends(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i);
    if (c == ' ') {
        c = aigov__at(s, i + 1);
        return is_one_of(c, "(<|-&/\n\r ") || aigov__is(c, AIGOV__DIGIT);
    }
    return is_one_of(c, "\t\n\r,;\"'|)<]}&/*`\\") ||
           (c == '.' && !aigov__word_at(s, i + 1));
}

void aigov__person_label(aigov__scan *s, size_t colon)
{
    size_t from = label_value(s, colon), first = from, to, word;
    struct name name;
    if (aigov__at_is(s, from, AIGOV__LOWER)) {
        first = pass_particles(s, from);
        if (first == from) {
            return;
        }
    } else if (!aigov__at_is(s, from, AIGOV__UPPER | AIGOV__HIGH)) {
        return;
    }
    to = label_end(s, colon);
    if (!may_be_label(s, to)) {
        return;
    }
    name = read_name(s, first, true);
    name.from = from;
    if (name.words == 0 || name.foreign || !field_ends(s, name.to)) {
        return;
    }
    word = label_word(s, to);
    if (is_of_thing(s, to)) {
        return;
    }
    if (aigov__word_within(s, from, name.to, AIGOV__C_PERSON, from - word, 0) ||
        (word < MAX_NAME && aigov__path_has(s, AIGOV__C_PERSON))) {
        report(s, &name, 85);
    }
}

/* --- before an address --------------------------------------------------- */

/* Foo Bar <foo@example.org>, "Foo Bar" <...>, Foo Bar (foo@example.org): the
 * address begins at `address`, its '@' is at `at`. */
void aigov__person_mail(aigov__scan *s, size_t address, size_t at)
{
    size_t end = address - 1, i;
    struct name name;
    if (address < 4 || is_one_of((unsigned char)s->p[end], "") ||
        !is_one_of((unsigned char)s->p[end], "<(")) {
        return;
    }
    while (end > 0 && address - end < 4 &&
           is_one_of((unsigned char)s->p[end - 1], " \"'")) {
        end--;
    }
    for (i = end; i > 0 && end - i < MAX_NAME && at - i < MAX_MAIL; i--) {
        if (!aigov__at_is(s, i - 1, AIGOV__ALPHA | AIGOV__HIGH) &&
            !is_one_of((unsigned char)s->p[i - 1], " .'-")) {
            break;
        }
    }
    for (; i < end; i++) {
        size_t n;
        if (letter(s, i, &n) == AIGOV__UPPER && !aigov__word_before(s, i)) {
            name = read_name(s, i, false);
            if (name.to == end && name.words > 1 && !name.foreign) {
                report(s, &name, 85);
                return;
            }
        }
    }
}
