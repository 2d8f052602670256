/*
 * fold_units.c - ASCII that stands for another character
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   &#64; &#x40; &commat;         HTML
 *   %40                           percent-encoding (RFC 3986 2.1) of ASCII
 *   \u0040 \x40 \n \t \r \" \/ \\ JSON, and source text
 *   [at] (at) {at} <at> [@] [dot] [.], with a space around or none, between
 *                                 letters or digits
 *   o DOT brien AT acme DOT io    only where the whole reads as an address
 *
 * What stands for another is undone twice: %2540, &amp;#64; and \\u0040 are
 * '@' as well, and a string of JSON inside of JSON is read as the text it is.
 */
#include "fold.h"

#define MAX_ENTITY 10 /* between & and ; */
#define MAX_BACKSLASHES 8
/* of a spelled address */
#define MAX_LABELS 5 /* of either part of it */

static unsigned char at(aigov_span t, size_t i)
{
    return i < t.n ? (unsigned char)t.p[i] : 0;
}

static char lower(unsigned char c)
{
    return (char)(aigov__is(c, AIGOV__UPPER) ? c + 32 : c);
}

/* Whether t has this lower-case text at i, in any case. */
static bool has(aigov_span t, size_t i, const char *text)
{
    for (; *text != 0; text++, i++) {
        if (lower(at(t, i)) != *text) {
            return false;
        }
    }
    return true;
}

/* n hexadecimal digits at i as a number, or -1. */
static long hex_number(aigov_span t, size_t i, size_t n)
{
    long v = 0;
    for (size_t k = i; k < i + n; k++) {
        unsigned char c = at(t, k);
        if (!aigov__is_hex(c)) {
            return -1;
        }
        v = v * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
}

static bool is_text(long c)
{
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r';
}

/* --- entities ------------------------------------------------------------ */

/* Of HTML 5's names those for signs that values are written with. */
static const struct {
    char name[8];
    uint16_t c;
} entities[] = {
    {"amp", '&'},      {"lt", '<'},        {"gt", '>'},
    {"quot", '"'},     {"apos", '\''},     {"nbsp", 0xA0},
    {"commat", '@'},   {"period", '.'},    {"colon", ':'},
    {"comma", ','},    {"semi", ';'},      {"num", '#'},
    {"sol", '/'},      {"bsol", '\\'},     {"lpar", '('},
    {"rpar", ')'},     {"lsqb", '['},      {"rsqb", ']'},
    {"lowbar", '_'},   {"hyphen", 0x2010}, {"dash", 0x2010},
    {"ndash", 0x2013}, {"mdash", 0x2014},  {"minus", 0x2212},
    {"plus", '+'},     {"equals", '='},    {"percnt", '%'},
    {"excl", '!'},     {"dollar", '$'},    {"ast", '*'},
    {"quest", '?'},    {"Tab", '\t'},      {"NewLine", '\n'},
    {"shy", 0xAD},     {"zwj", 0x200D},    {"zwnj", 0x200C},
    {"ensp", 0x2002},  {"emsp", 0x2003},   {"thinsp", 0x2009},
    {"lsquo", 0x2018}, {"rsquo", 0x2019},  {"ldquo", 0x201C},
    {"rdquo", 0x201D}, {"colone", 0x2254}, {"verbar", '|'},
    {"lcub", '{'},     {"rcub", '}'},      {"grave", '`'},
};

/* The number between &# and ;, or 0. */
static uint32_t numeric(aigov_span t, size_t i, size_t end)
{
    bool is_hex = (at(t, i) | 32) == 'x';
    uint32_t v = 0;
    i += is_hex;
    if (i == end || end - i > 7) {
        return 0;
    }
    for (; i < end; i++) {
        unsigned char c = at(t, i);
        if (is_hex ? !aigov__is_hex(c) : !aigov__is(c, AIGOV__DIGIT)) {
            return 0;
        }
        v = v * (is_hex ? 16 : 10) +
            (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
}

static uint32_t named(aigov_span t, size_t i, size_t end)
{
    for (size_t k = 0; k < sizeof entities / sizeof entities[0]; k++) {
        const char *name = entities[k].name;
        if (strlen(name) == end - i && memcmp(t.p + i, name, end - i) == 0) {
            return entities[k].c;
        }
    }
    return 0;
}

/* The entity that begins at i: its character and its end; 0: none. */
static uint32_t one_entity(aigov_span t, size_t i, size_t *end_of)
{
    size_t end = i + 1;
    uint32_t c;
    while (end <= i + MAX_ENTITY + 1 &&
           (aigov__is(at(t, end), AIGOV__ALNUM) || at(t, end) == '#')) {
        end++;
    }
    if (at(t, end) != ';' || end == i + 1) {
        return 0;
    }
    c = at(t, i + 1) == '#' ? numeric(t, i + 2, end) : named(t, i + 1, end);
    if (!is_text(c) && (c < 0xA0 || c > 0x10FFFF || (c & ~0x7FFu) == 0xD800)) {
        return 0;
    }
    *end_of = end + 1;
    return c;
}

static int entity(aigov_span t, size_t i, aigov__unit *u)
{
    size_t end;
    uint32_t c = one_entity(t, i, &end), again;
    if (c == 0) {
        return 0;
    }
    if (c == '&') { /* the rest of another: read it from the ';' on */
        again = one_entity(t, end - 1, &end);
        c = again != 0 ? again : c;
    }
    *u = (aigov__unit){i, end, c};
    return 1;
}

/* --- escapes ------------------------------------------------------------- */

static int percent(aigov_span t, size_t i, aigov__unit *u)
{
    long c = hex_number(t, i + 1, 2), again;
    if (!is_text(c)) {
        return 0;
    }
    *u = (aigov__unit){i, i + 3, (uint32_t)c};
    if (c == '%' && is_text(again = hex_number(t, i + 3, 2))) {
        *u = (aigov__unit){i, i + 5, (uint32_t)again};
    }
    return 1;
}

/* XXXX of \uXXXX, and the two of a surrogate pair (RFC 8259 7); -1: none. */
static long utf16(aigov_span t, size_t i, size_t *end)
{
    long c = hex_number(t, i, 4), low;
    size_t next = i + 4;
    *end = next;
    if (c < 0xD800 || c >= 0xE000) {
        return is_text(c) || c >= 0xA0 ? c : -1;
    }
    while (next < i + 4 + MAX_BACKSLASHES && at(t, next) == '\\') {
        next++;
    }
    low = at(t, next) == 'u' ? hex_number(t, next + 1, 4) : -1;
    if (c >= 0xDC00 || next == *end || low < 0xDC00 || low >= 0xE000) {
        return -1;
    }
    *end = next + 5;
    return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

/* What the letter after a backslash stands for: -1 nothing. */
static long escaped(aigov_span t, size_t i, size_t *end)
{
    long c;
    *end = i + 1;
    switch (at(t, i)) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '"':
    case '/':
        return at(t, i);
    case 'u':
        return utf16(t, i + 1, end);
    case 'x':
        *end = i + 3;
        c = hex_number(t, i + 1, 2);
        return is_text(c) ? c : -1;
    default:
        return -1;
    }
}

/* A backslash for each level of strings within strings, and what they escape;
 * two before nothing of the kind are one. */
static int escape(aigov_span t, size_t i, aigov__unit *u)
{
    size_t k = i, end;
    long c;
    while (k < i + MAX_BACKSLASHES && at(t, k) == '\\') {
        k++;
    }
    c = escaped(t, k, &end);
    if (c < 0) {
        *u = (aigov__unit){i, i + 2, '\\'};
        return k - i >= 2;
    }
    *u = (aigov__unit){i, end, (uint32_t)c};
    return 1;
}

/* --- [at] and [dot] ------------------------------------------------------ */

static bool joins(unsigned char c)
{
    return aigov__is(c, AIGOV__TOKEN | AIGOV__HIGH);
}

/* The character that at or dot, spelled or as a sign, stands for; 0: none. */
static char spelled_sign(aigov_span t, size_t i, size_t *end)
{
    unsigned char c = at(t, i);
    if (c == '@' || c == '.') {
        *end = i + 1;
        return (char)c;
    }
    if (has(t, i, "at")) {
        *end = i + 2;
        return '@';
    }
    if (has(t, i, "dot")) {
        *end = i + 3;
        return '.';
    }
    return 0;
}

static int bracketed(aigov_span t, size_t i, size_t low, aigov__unit *u)
{
    static const char open[] = "([{<", close[] = ")]}>";
    const char *kind = strchr(open, at(t, i));
    size_t from = i, to = i + 1, end;
    char sign;
    to += at(t, to) == ' ';
    sign = spelled_sign(t, to, &end);
    if (sign == 0 || kind == NULL) {
        return 0;
    }
    end += at(t, end) == ' ';
    if (at(t, end) != (unsigned char)close[kind - open]) {
        return 0;
    }
    to = end + 1;
    to += at(t, to) == ' ';
    from -= from > low && at(t, from - 1) == ' ';
    if (from == 0 || !joins(at(t, from - 1)) || !joins(at(t, to))) {
        return 0;
    }
    *u = (aigov__unit){from, to, (uint32_t)sign};
    return 1;
}

/* --- o DOT brien AT acme DOT io ------------------------------------------ */

/* The end of a label at i; i where there is none. */
static size_t label(aigov_span t, size_t i)
{
    size_t to = i;
    while (to < i + AIGOV__MAX_LABEL && aigov__is(at(t, to), AIGOV__TOKEN)) {
        to++;
    }
    return aigov__is(at(t, to), AIGOV__TOKEN) ? i : to;
}

static size_t label_before(aigov_span t, size_t end, size_t low)
{
    size_t from = end;
    while (from > low && end - from < AIGOV__MAX_LABEL &&
           aigov__is(at(t, from - 1), AIGOV__TOKEN)) {
        from--;
    }
    return from > low && aigov__is(at(t, from - 1), AIGOV__TOKEN) ? end : from;
}

/* Labels from i on with " dot " or '.' between; units for the spelled dots.
 * Returns the end; *last is where the last label begins. */
static size_t labels(aigov_span t, size_t i, aigov__unit *u, int *n,
                     size_t *last)
{
    size_t to = label(t, i);
    *last = i;
    for (int k = 0; k < MAX_LABELS && to > *last; k++) {
        bool spelled = has(t, to, " dot ");
        size_t next = to + (spelled ? 5 : 1), end = label(t, next);
        if ((!spelled && at(t, to) != '.') || end == next) {
            break;
        }
        if (spelled) {
            u[(*n)++] = (aigov__unit){to, next, '.'};
        }
        *last = next;
        to = end;
    }
    return to;
}

static bool is_tld(aigov_span t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (!aigov__is(at(t, i), AIGOV__ALPHA)) {
            return false;
        }
    }
    return to - from >= 2 && to - from <= 12;
}

/* The labels of a domain from i on: its units go on from n; 0: none. */
static int domain(aigov_span t, size_t i, aigov__unit *u, int n)
{
    size_t last, to = labels(t, i, u, &n, &last);
    return last > i && is_tld(t, last, to) ? n : 0;
}

/* The address of which the " dot " at i is the first: of the part before its
 * " at ", or else of the domain. */
static int spelled(aigov_span t, size_t i, size_t low, aigov__unit *u)
{
    size_t from = label_before(t, i, low), sign = from - 4, last, to;
    int n = 0;
    if (from == i) {
        return 0;
    }
    to = labels(t, from, u, &n, &last);
    if (has(t, to, " at ")) {
        u[n++] = (aigov__unit){to, to + 4, '@'};
        return domain(t, to + 4, u, n);
    }
    if (from < low + 5 || !has(t, sign, " at ") ||
        label_before(t, sign, low) == sign) {
        return 0;
    }
    u[0] = (aigov__unit){sign, from, '@'};
    return domain(t, from, u, 1);
}

int aigov__fold_ascii(aigov_span t, size_t i, size_t low,
                      aigov__unit u[AIGOV__UNITS])
{
    switch (at(t, i)) {
    case '&':
        return entity(t, i, u);
    case '%':
        return percent(t, i, u);
    case '\\':
        return escape(t, i, u);
    case '(':
    case '[':
    case '{':
    case '<':
        return bracketed(t, i, low, u);
    case ' ':
        return has(t, i, " dot ") ? spelled(t, i, low, u) : 0;
    default:
        return 0;
    }
}
