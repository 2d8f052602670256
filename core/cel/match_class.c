/*
 * match_class.c - the parts of a pattern that are one character of the text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Brackets, Perl classes (\d \s \w), POSIX classes ([:alpha:]), Unicode
 * (\pL \p{Greek}) and escapes, as RE2's page "Syntax" lists them.  Perl and
 * POSIX classes are ASCII.  With (?i) what a class names is folded first and
 * then negated, so that (?i)[^k] is none of k, K and the Kelvin sign.
 */
#include "match_program.h"

/* Names and their characters: pairs lo, hi, the pairs side by side. */
struct class
{
    const char *name, *pairs;
};

static const struct class perl[] = {
    {"d", "09"},
    {"s", "\t\n\f\r  "},
    {"w", "09AZ__az"},
};

static const struct class posix[] = {
    {"alnum", "09AZaz"}, {"alpha", "AZaz"},     {"blank", "\t\t  "},
    {"digit", "09"},     {"graph", "!~"},       {"lower", "az"},
    {"print", " ~"},     {"punct", "!/:@[`{~"}, {"space", "\t\r  "},
    {"upper", "AZ"},     {"word", "09AZ__az"},  {"xdigit", "09AFaf"},
};

static bool no_memory(struct aigov__reading *x)
{
    aigov__nomem(x->err);
    return false;
}

uint32_t aigov__read_char(struct aigov__reading *x)
{
    size_t n = (uint8_t)*x->p < 0x80 ? 1 : aigov__utf8_length(x->p, x->end);
    uint32_t c = aigov__utf8_decode(x->p, n);

    x->p += n;
    return c;
}

static bool next_is(const struct aigov__reading *x, size_t ahead, char c)
{
    return (size_t)(x->end - x->p) > ahead && x->p[ahead] == c;
}

/* --- x->item into x->set ------------------------------------------------- */

/* Join the item, folded and negated as asked, to the set; empties the item. */
static bool take_item(struct aigov__reading *x, bool negated)
{
    bool done = ((x->flags & AIGOV__FOLD) == 0 ||
                 aigov__ranges_fold(x->ctx, &x->item)) &&
                (!negated || aigov__ranges_negate(x->ctx, &x->item)) &&
                aigov__ranges_join(x->ctx, &x->set, &x->item, &x->scratch);

    x->item.n = 0;
    return done || no_memory(x);
}

static bool take_range(struct aigov__reading *x, uint32_t lo, uint32_t hi)
{
    return aigov__ranges_add(x->ctx, &x->item, lo, hi) ? take_item(x, false)
                                                       : no_memory(x);
}

static bool take_pairs(struct aigov__reading *x, const char *pairs,
                       bool negated)
{
    for (; *pairs != '\0'; pairs += 2) {
        if (!aigov__ranges_add(x->ctx, &x->item, (uint8_t)pairs[0],
                               (uint8_t)pairs[1])) {
            return no_memory(x);
        }
    }
    return take_item(x, negated);
}

bool aigov__read_literal(struct aigov__reading *x, uint32_t c)
{
    x->set.n = 0;
    return take_range(x, c, c);
}

/* --- escapes ------------------------------------------------------------- */

/* Whether \d and the like are at x->p; *held is false where taking failed. */
static bool perl_class(struct aigov__reading *x, bool *held)
{
    for (size_t i = 0; i < sizeof perl / sizeof *perl; i++) {
        char small = perl[i].name[0];
        bool negated = next_is(x, 1, (char)(small - 'a' + 'A'));
        if (negated || next_is(x, 1, small)) {
            x->p += 2;
            *held = take_pairs(x, perl[i].pairs, negated);
            return true;
        }
    }
    return false;
}

/* \pN, \p{Name}, \p{^Name}; \P negates. */
static bool unicode_class(struct aigov__reading *x)
{
    const char *at = x->p;
    bool negated = x->p[1] == 'P', known;
    aigov_span name;

    x->p += 2;
    if (x->p == x->end) {
        return aigov__bad_pattern(x, at, "a property has no name");
    }
    name.p = x->p;
    if (*x->p == '{') {
        const char *close = memchr(x->p, '}', (size_t)(x->end - x->p));
        if (close == NULL) {
            return aigov__bad_pattern(x, at, "a property has no }");
        }
        name = (aigov_span){x->p + 1, (size_t)(close - x->p - 1)};
        x->p = close + 1;
    } else {
        aigov__read_char(x);
        name.n = (size_t)(x->p - name.p);
    }
    if (name.n > 0 && name.p[0] == '^') {
        negated = !negated;
        name = (aigov_span){name.p + 1, name.n - 1};
    }
    if (!aigov__ranges_property(x->ctx, &x->item, name, &known)) {
        return no_memory(x);
    }
    if (!known) {
        aigov__bad_pattern(x, at, "no such category or script of Unicode");
        aigov_hint(x->err, "names are those of Unicode, as in \\p{Lu} or "
                           "\\p{Greek}");
        return false;
    }
    return take_item(x, negated);
}

static int hex_value(uint32_t c)
{
    if (c - '0' < 10) {
        return (int)(c - '0');
    }
    return (c | 32) - 'a' < 6 ? (int)((c | 32) - 'a') + 10 : -1;
}

/* Behind \x: two digits, or any number in braces. */
static bool hex_escape(struct aigov__reading *x, uint32_t *c)
{
    bool braces = next_is(x, 0, '{');
    int digits = 0;

    *c = 0;
    for (x->p += braces; x->p < x->end && (braces || digits < 2); x->p++) {
        int v = hex_value((uint8_t)*x->p);
        if (v < 0) {
            break;
        }
        *c = *c * 16 + (uint32_t)v;
        digits++;
        if (*c > 0x10FFFF) {
            return false;
        }
    }
    if (!braces) {
        return digits == 2;
    }
    if (digits == 0 || !next_is(x, 0, '}')) {
        return false;
    }
    x->p++;
    return true;
}

/* \0, \07, \123: up to three digits; one digit but 0 would be a reference. */
static bool octal_escape(struct aigov__reading *x, uint32_t *c)
{
    int digits = 1;

    *c = (uint8_t)x->p[-1] - (uint32_t)'0';
    for (; digits < 3 && x->p < x->end && *x->p >= '0' && *x->p <= '7';
         digits++) {
        *c = *c * 8 + ((uint8_t)*x->p++ - (uint32_t)'0');
    }
    return digits > 1 || *c == 0;
}

/* An escape that stands for one character. */
static bool char_escape(struct aigov__reading *x, uint32_t *c)
{
    static const char letters[] = "a\af\fn\nr\rt\tv\v";
    const char *at = x->p++;

    if (x->p == x->end) {
        return aigov__bad_pattern(x, at, "a backslash at the end");
    }
    char e = *x->p++;
    if (e == 'x') {
        return hex_escape(x, c) ||
               aigov__bad_pattern(x, at, "a bad hexadecimal escape");
    }
    if (e >= '0' && e <= '7') {
        if (octal_escape(x, c)) {
            return true;
        }
        aigov__bad_pattern(x, at, "references to groups are not matched");
        aigov_hint(x->err, "no search in linear time can");
        return false;
    }
    for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
        if (letters[i] == e) {
            *c = (uint8_t)letters[i + 1];
            return true;
        }
    }
    if ((uint8_t)e >= 0x80 || (aigov__word((uint8_t)e) && e != '_')) {
        return aigov__bad_pattern(x, at, "no such escape");
    }
    *c = (uint8_t)e;
    return true;
}

bool aigov__read_escape(struct aigov__reading *x)
{
    uint32_t c;
    bool held;

    x->set.n = 0;
    if (next_is(x, 1, 'p') || next_is(x, 1, 'P')) {
        return unicode_class(x);
    }
    if (perl_class(x, &held)) {
        return held;
    }
    return char_escape(x, &c) && aigov__read_literal(x, c);
}

/* --- brackets ------------------------------------------------------------ */

/* [:name:] or [:^name:] at x->p, which begins with "[:".  false in *is where it
 * is not closed: then the bracket is a character. */
static bool posix_class(struct aigov__reading *x, bool *is)
{
    const char *at = x->p, *name = at + 2, *close = name;

    while (x->end - close >= 2 && memcmp(close, ":]", 2) != 0) {
        close++;
    }
    *is = x->end - close >= 2;
    if (!*is) {
        return true;
    }
    bool negated = name < close && *name == '^';
    name += negated;
    aigov_span wanted = {name, (size_t)(close - name)};
    x->p = close + 2;
    if (aigov_span_is(wanted, "ascii") || aigov_span_is(wanted, "cntrl")) {
        bool control = wanted.p[0] == 'c';
        return (aigov__ranges_add(x->ctx, &x->item, 0, control ? 0x1F : 0x7F) &&
                (!control || aigov__ranges_add(x->ctx, &x->item, 0x7F, 0x7F)))
                   ? take_item(x, negated)
                   : no_memory(x);
    }
    for (size_t i = 0; i < sizeof posix / sizeof *posix; i++) {
        if (aigov_span_is(wanted, posix[i].name)) {
            return take_pairs(x, posix[i].pairs, negated);
        }
    }
    return aigov__bad_pattern(x, at, "no such POSIX class");
}

/* An end of a range. */
static bool class_char(struct aigov__reading *x, uint32_t *c)
{
    if (x->p < x->end && *x->p == '\\') {
        return char_escape(x, c);
    }
    *c = x->p == x->end ? 0 : aigov__read_char(x);
    return true;
}

/* a or a-b; a dash before the closing bracket is a character. */
static bool class_range(struct aigov__reading *x)
{
    const char *at = x->p;
    uint32_t lo, hi;

    if (!class_char(x, &lo)) {
        return false;
    }
    hi = lo;
    if (next_is(x, 0, '-') && x->end - x->p >= 2 && x->p[1] != ']') {
        x->p++;
        if (!class_char(x, &hi)) {
            return false;
        }
        if (hi < lo) {
            return aigov__bad_pattern(x, at, "a range is the wrong way round");
        }
    }
    return take_range(x, lo, hi);
}

static bool class_item(struct aigov__reading *x)
{
    bool is = false, held;

    if (next_is(x, 0, '[') && next_is(x, 1, ':')) {
        if (!posix_class(x, &is)) {
            return false;
        }
        if (is) {
            return true;
        }
    }
    if (next_is(x, 0, '\\')) {
        if (next_is(x, 1, 'p') || next_is(x, 1, 'P')) {
            return unicode_class(x);
        }
        if (perl_class(x, &held)) {
            return held;
        }
    }
    return class_range(x);
}

bool aigov__read_class(struct aigov__reading *x)
{
    const char *at = x->p++;
    bool negated = next_is(x, 0, '^'), first = true;

    x->p += negated;
    x->set.n = 0;
    while (x->p < x->end && (*x->p != ']' || first)) {
        if (!class_item(x)) {
            return false;
        }
        first = false;
    }
    if (x->p == x->end) {
        return aigov__bad_pattern(x, at, "a [ has no ]");
    }
    x->p++;
    return !negated || aigov__ranges_negate(x->ctx, &x->set) || no_memory(x);
}
