/*
 * address.c - streets with a house number
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   123 N Main St        number, words with capitals, a word for a street
 *   12 bis, rue de Lyon  number, a word for a street, words
 *   Musterstraße 12a     a word that ends like a street, number
 *   Via Roma, 10         a word for a street, words, number
 *
 * What is found is the number and the street: the postcode is another
 * detector's, and a town by itself is found by none.  The trigger is the group
 * of the number.  A year is no house number where a surname may follow
 * ("2021 Iain Lane"), a word such as Court needs something after it that goes
 * on like an address.
 */
#include "internal.h"

#define MAX_HOUSE 5 /* digits */
#define MAX_WORD 24
#define MAX_AHEAD 64
#define MAX_BACK 56
#define SCORE 82

static bool is_sign(unsigned char c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

static bool is_capital(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i), d = aigov__at(s, i + 1);
    return aigov__is(c, AIGOV__UPPER) || (c == 0xC3 && d < 0x9F) || c == 0xC4 ||
           c == 0xC5 || (c == 0xD0 && d < 0xB0);
}

/* Whether a number goes on before or after this sign: 3.12, A-12, 12:15. */
static bool joins(unsigned char c)
{
    switch (c) {
    case '.':
    case '-':
    case '/':
    case ':':
    case '#':
    case '$':
    case '+':
    case '=':
    case '_':
    case '@':
    case '&':
    case '%':
        return true;
    default:
        return false;
    }
}

/* The end of a word at i: letters, digits, ' - and . inside or at the end. */
static size_t word_end(const aigov__scan *s, size_t i)
{
    size_t k = i;
    while (k - i < MAX_WORD &&
           (aigov__at_is(s, k, AIGOV__ALNUM | AIGOV__HIGH) ||
            (k > i && is_sign(aigov__at(s, k), "'-")))) {
        k++;
    }
    return k;
}

/* Whether [from, to) is one of the words, which are separated by a bar. */
static bool is_one_of(const aigov__scan *s, size_t from, size_t to,
                      const char *const *list, size_t n)
{
    unsigned char c = aigov__at(s, from);
    c = aigov__is(c, AIGOV__UPPER) ? (unsigned char)(c + 32) : c;
    for (size_t k = 0; k < n; k++) {
        if ((unsigned char)list[k][0] == c && strlen(list[k]) == to - from &&
            aigov__has_nocase(s, from, list[k])) {
            return true;
        }
    }
    return false;
}

#define IS_ONE_OF(s, from, to, list)                                           \
    is_one_of(s, from, to, list, sizeof(list) / sizeof *(list))

static void report(aigov__scan *s, size_t from, size_t to)
{
    aigov__report(s, AIGOV__D_street_address, from, to, SCORE, 0);
}

/* --- 123 Main Street ----------------------------------------------------- */

/* USPS Publication 28, appendix C1, as written in full and in short. */
static const char *const streets[] = {
    "street",    "st",      "avenue", "ave",     "road",    "rd",
    "boulevard", "blvd",    "drive",  "dr",      "lane",    "ln",
    "hwy",       "highway", "pkwy",   "parkway", "terrace", "crescent",
};

/* Words that mean other things as well. */
static const char *const maybe_streets[] = {
    "court", "ct",      "place", "pl",   "square", "sq",    "way",   "circle",
    "cir",   "gardens", "mews",  "walk", "close",  "grove", "alley", "row",
};

/* Whether what follows goes on like an address: ", Town", ", 12345", "\n". */
static bool goes_on(const aigov__scan *s, size_t i)
{
    i += aigov__at(s, i) == '.';
    return aigov__at(s, i) == ',' && aigov__at(s, i + 1) == ' ' &&
           (is_capital(s, i + 2) || aigov__at_is(s, i + 2, AIGOV__DIGIT));
}

static bool is_year(const aigov__scan *s, size_t from, size_t to)
{
    return to - from == 4 &&
           (aigov__has(s, from, "19") || aigov__has(s, from, "20"));
}

/* 3rd, 42nd at i; its end or i. */
static size_t ordinal_end(const aigov__scan *s, size_t i)
{
    size_t k = i;
    while (k - i < 3 && aigov__at_is(s, k, AIGOV__DIGIT)) {
        k++;
    }
    if (k == i ||
        !(aigov__has_nocase(s, k, "st") || aigov__has_nocase(s, k, "nd") ||
          aigov__has_nocase(s, k, "rd") || aigov__has_nocase(s, k, "th"))) {
        return i;
    }
    return aigov__word_at(s, k + 2) ? i : k + 2;
}

/* Words with capitals after the number, up to four, the last but not the first
 * a word for a street. */
static void number_first(aigov__scan *s, size_t from, size_t to)
{
    size_t i = to + 1, stop = 0;
    bool year = is_year(s, from, to);
    for (int words = 0; words < 5 && i - to < MAX_AHEAD; words++) {
        size_t end = ordinal_end(s, i);
        if (end == i) {
            end = is_capital(s, i) ? word_end(s, i) : i;
        }
        if (end == i || aigov__word_at(s, end)) {
            break;
        }
        if (words > 0 &&
            ((IS_ONE_OF(s, i, end, streets) && (!year || goes_on(s, end))) ||
             (IS_ONE_OF(s, i, end, maybe_streets) && goes_on(s, end)))) {
            stop = end;
        }
        end += aigov__at(s, end) == '.';
        if (aigov__at(s, end) != ' ') {
            break;
        }
        i = end + 1;
    }
    if (stop != 0) {
        report(s, from, stop);
    }
}

/* --- 12 rue de Lyon ------------------------------------------------------ */

static const char *const voies[] = {
    "rue",
    "avenue",
    "av",
    "boulevard",
    "bd",
    "place",
    "chemin",
    "impasse",
    "all\xC3\xA9"
    "e",
    "quai",
    "route",
    "cours",
    "square",
    "passage",
    "faubourg",
};

static const char *const articles[] = {
    "de", "du", "des", "la", "le", "les", "aux", "au", "à", "d", "l", "en",
};

/* After a number and the space or comma behind it. */
static void voie(aigov__scan *s, size_t from, size_t i)
{
    size_t end, stop = 0, start = i;
    switch (aigov__at(s, i) | 32) { /* what they begin with, bis and ter */
    case 'r':
    case 'a':
    case 'b':
    case 'p':
    case 'c':
    case 'i':
    case 'q':
    case 's':
    case 'f':
    case 't':
        break;
    default:
        return;
    }
    end = word_end(s, i);
    if (aigov__has_nocase(s, i, "bis ") || aigov__has_nocase(s, i, "ter ")) {
        i += 4;
        end = word_end(s, i);
    } else if (aigov__has_nocase(s, i, "bis, ") ||
               aigov__has_nocase(s, i, "ter, ")) {
        i += 5;
        end = word_end(s, i);
    }
    if (!IS_ONE_OF(s, i, end, voies) ||
        (end - i == 2 && aigov__at(s, end) != '.' && !is_capital(s, i))) {
        return;
    }
    end += aigov__at(s, end) == '.';
    for (int words = 0; words < 6 && end - start < MAX_AHEAD; words++) {
        size_t k = end + 1;
        if (aigov__at(s, end) != ' ' && aigov__at(s, end) != '\'' &&
            !(words > 0 && aigov__at(s, end) == '-')) {
            break;
        }
        end = word_end(s, k);
        if (is_capital(s, k) ||
            (k + 1 < end && is_sign(aigov__at(s, k + 1), "'") &&
             is_capital(s, k + 2))) {
            stop = end;
        } else if (!IS_ONE_OF(s, k, end, articles)) {
            break;
        }
    }
    if (stop != 0) {
        report(s, from, stop);
    }
}

/* --- Musterstraße 12 ----------------------------------------------------- */

/* Ends of names of streets: German, Dutch, Swedish, Danish, Norwegian, and
 * Turkish words. */
static const char *const endings[] = {
    "straße", "strasse", "str.",  "gasse", "allee",   "weg",   "platz",
    "straat", "laan",    "plein", "gatan", "vägen",   "gade",  "vej",
    "veien",  "gracht",  "cad.",  "sok.",  "caddesi", "sokak",
};

/* Words that end so and are none. */
static const char *const no_streets[] = {
    "arbeitsplatz", "parkplatz", "steckplatz",    "sitzplatz",     "stellplatz",
    "lagerplatz",   "bauplatz",  "startplatz",    "spielplatz",    "marktplatz",
    "ausweg",       "umweg",     "rückweg",       "brigade",       "renegade",
    "lösungsweg",   "rechenweg", "speicherplatz", "tabellenplatz",
};

/* The start of the word, with its hyphens, that ends at `to`. */
static size_t word_start(const aigov__scan *s, size_t to)
{
    size_t i = to;
    while (i > 0 && to - i < 40 &&
           (aigov__at_is(s, i - 1, AIGOV__ALPHA | AIGOV__HIGH) ||
            is_sign(aigov__at(s, i - 1), "-.'"))) {
        i--;
    }
    return i;
}

static bool has_ending(const aigov__scan *s, size_t to)
{
    unsigned char last = (unsigned char)(aigov__at(s, to - 1) | 32);
    if (last < 'e' && last != '.') {
        return false;
    }
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        size_t n = strlen(endings[k]);
        if (to >= n && aigov__has_nocase(s, to - n, endings[k])) {
            return true;
        }
    }
    return false;
}

/* Take in words with capitals before a street of its own word: "Lange Straße",
 * "Am Alten Markt"; three at most. */
static size_t words_before(const aigov__scan *s, size_t from)
{
    size_t first = from;
    for (int words = 0; words < 3 && from > 1; words++) {
        size_t start;
        if (aigov__at(s, from - 1) != ' ' ||
            !aigov__at_is(s, from - 2, AIGOV__LOWER)) {
            break;
        }
        start = word_start(s, from - 1);
        if (!is_capital(s, start) || aigov__word_before(s, start) ||
            first - start > MAX_BACK) {
            break;
        }
        from = start;
    }
    return from;
}

/* A street that ends before the number, with a space or ", " or " No: "
 * between; end is where its word ends. */
static bool number_last(aigov__scan *s, size_t end, size_t to)
{
    size_t from;
    if (!has_ending(s, end)) {
        return false;
    }
    from = word_start(s, end);
    if (!is_capital(s, from) || aigov__word_before(s, from) ||
        IS_ONE_OF(s, from, end, no_streets)) {
        return false;
    }
    if (end - from < 9) { /* Straße, Weg: the name stands before */
        size_t start = words_before(s, from);
        if (start == from && end - from < 7) {
            return false;
        }
        from = start;
    }
    report(s, from, to);
    return true;
}

/* --- Via Roma 10 --------------------------------------------------------- */

static const char *const vias[] = {
    "via",
    "viale",
    "piazza",
    "piazzale",
    "corso",
    "largo",
    "vicolo",
    "calle",
    "c/",
    "avenida",
    "avda.",
    "av.",
    "plaza",
    "paseo",
    "rua",
    "travessa",
    "pra\xC3\xA7"
    "a",
    "alameda",
    "ul.",
    "ulica",
    "ulice",
    "ул.",
    "улица",
    "пр.",
    "проспект",
    "bul.",
};

/* Whether [start, end) is a word for a street; "via", "plaza" and others mean
 * nothing without a capital. */
static bool is_via(const aigov__scan *s, size_t start, size_t end)
{
    return IS_ONE_OF(s, start, end, vias) &&
           (is_capital(s, start) || s->p[end - 1] == '.' ||
            (unsigned char)s->p[start] >= 0x80 ||
            aigov__has(s, start, "calle ") || aigov__has(s, start, "rua "));
}

/* Back over words with capitals and small ones to a word for a street. */
static void via(aigov__scan *s, size_t end, size_t to, bool comma)
{
    size_t i = end;
    for (int words = 0; words < 5 && end - i < MAX_BACK; words++) {
        size_t start = word_start(s, i);
        if (start == i || aigov__word_before(s, start)) {
            return;
        }
        if (words > 0 && is_via(s, start, i) &&
            (comma || !aigov__has(s, start, "Via ") ||
             is_sign(aigov__at(s, to), ",\n"))) {
            report(s, start, to);
            return;
        }
        if ((words == 0 && !is_capital(s, start)) || start == 0 ||
            aigov__at(s, start - 1) != ' ') {
            return;
        }
        i = start - 1;
    }
}

/* --- the trigger --------------------------------------------------------- */

/* The end of the number of a house at from: digits, a letter; from: none. */
static size_t house_end(const aigov__scan *s, size_t from, size_t to)
{
    size_t i = from;
    unsigned char c;
    while (i < to && aigov__at_is(s, i, AIGOV__DIGIT)) {
        i++;
    }
    if (i == from || i - from > MAX_HOUSE || to - i > 1) {
        return from;
    }
    if (aigov__at(s, to) == '-' && aigov__at_is(s, to + 1, AIGOV__DIGIT)) {
        for (i = to + 1; i < to + 4 && aigov__at_is(s, i, AIGOV__DIGIT); i++) {
        }
        to = i;
    }
    c = aigov__at(s, to);
    if (c == ' ' || c == ',' || c == '\n' || c == 0) {
        return to;
    }
    return aigov__word_at(s, to) ||
                   (c == '.' ? aigov__word_at(s, to + 1) : joins(c))
               ? from
               : to;
}

/* Pass over "No:", "n.", "nr.", "д." and a comma between street and number. */
static size_t before_number(const aigov__scan *s, size_t from, bool *comma)
{
    static const char *const marks[] = {" No:",        " No: ", " no. ",
                                        " nr ",        " nr. ", " n. ",
                                        " n\xC2\xBA ", " д. ",  " д."};
    unsigned char c = aigov__at(s, from - 1 - (aigov__at(s, from - 1) == ' '));
    bool marked = c == '.' || c == ':' || c == 'r' || c == 0xBA;
    *comma = false;
    for (size_t k = 0; marked && k < sizeof marks / sizeof *marks; k++) {
        size_t n = strlen(marks[k]);
        if (from > n && aigov__has(s, from - n, marks[k])) {
            *comma = true;
            from -= n - 1;
            break;
        }
    }
    if (from < 2 || s->p[from - 1] != ' ') {
        return 0;
    }
    from--;
    if (s->p[from - 1] == ',') {
        *comma = true;
        from--;
    }
    return from;
}

/* A street after the number. */
static void look_ahead(aigov__scan *s, size_t from, size_t to)
{
    unsigned char before = aigov__at(s, from - 1), c = aigov__at(s, to);
    size_t next = to + 1 + (c == ',');
    if ((c != ' ' && (c != ',' || aigov__at(s, to + 1) != ' ')) ||
        joins(before)) {
        return;
    }
    if (c == ' ' &&
        (is_capital(s, next) || aigov__at_is(s, next, AIGOV__DIGIT))) {
        number_first(s, from, to);
    }
    voie(s, from, next);
}

/* A street before the number. */
static void look_back(aigov__scan *s, size_t from, size_t to)
{
    size_t street;
    bool comma;
    unsigned char c = aigov__at(s, from - 1 - (aigov__at(s, from - 1) == ' '));
    if (!aigov__is(c, AIGOV__ALPHA | AIGOV__HIGH) && c != '.' && c != ',' &&
        c != ':') {
        return;
    }
    street = before_number(s, from, &comma);
    if (street > 4 && is_capital(s, word_start(s, street)) &&
        !number_last(s, street, to)) {
        via(s, street, to, comma);
    }
}

void aigov__address(aigov__scan *s, size_t from, size_t to)
{
    unsigned char before = aigov__at(s, from - 1), after = aigov__at(s, to);
    bool back = before == ' ' || before == ':' || before == '.';
    size_t end;
    if (to - from > MAX_HOUSE + 1 ||
        (!back && after != ' ' && after != ',' && after != '-')) {
        return;
    }
    if (before == ':' && aigov__at(s, from - 2) != 'o') {
        return; /* "n":5, 10:15; not No:5 */
    }
    end = house_end(s, from, to);
    if (end == from) {
        return;
    }
    look_ahead(s, from, end);
    if (back && end - from <= MAX_HOUSE) {
        look_back(s, from, end);
    }
}
