/*
 * assign_value.c - where a value ends, and whether it may be a secret
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A value in quotes ends at the same quote on the same line; one without, at
 * space, a quote, `;`, `<`, a comma or ampersand before the next name, and
 * without the bracket or full stop that ends the text around it.
 *
 * No secret, whatever the name: masks (****, xxxx), variables (${X}, $X, %X%,
 * {{ x }}, <password>, [SECRET]), calls and members (get(), self.password),
 * URLs, paths, words that stand for one ("changeme", "null").
 *
 * What is left is judged by the name's kind:
 *
 *   PASSWORD  any literal in quotes that is no sentence; without quotes, what
 *             has a digit or sign, or is all of a line KEY=value
 *   SECRET, APIKEY  no words: letters with digits, or a long run of letters
 *             with the entropy of chance, or a UUID
 *   KEY, SESSION  the same, 16 bytes and more, no UUID, no bare hash
 *   with a vendor  one of the vendor's shapes
 *
 * Entropy is Shannon's over the bytes of the first 128, in hundredths of a bit.
 */
#include "assign.h"

#define MAX_VALUE 512
#define MAX_GAP 40 /* spaces between a sign and its value */

/* --- reading ------------------------------------------------------------- */

static bool is_quote(unsigned char c)
{
    return c == '"' || c == '\'' || c == '`';
}

/* The length of the curly quote at i, 0 for none: U+2018..201F, U+00AB. */
static size_t curly_quote(const aigov__scan *s, size_t i)
{
    if (aigov__at(s, i) == 0xE2 && aigov__at(s, i + 1) == 0x80 &&
        aigov__at(s, i + 2) >= 0x98 && aigov__at(s, i + 2) <= 0x9F) {
        return 3;
    }
    return aigov__at(s, i) == 0xC2 && aigov__at(s, i + 1) == 0xAB ? 2 : 0;
}

/* Past space, and what may stand before a literal: the stars of **bold**, the
 * letters of b"..", @"..", []byte("..") and the like. */
static size_t literal_start(const aigov__scan *s, size_t i, bool tag)
{
    static const char *const wrapper[] = {"[]byte(", "new String(", "String(",
                                          "(", "bytes("};
    size_t end = i + MAX_GAP;
    while (i < end && (aigov__at(s, i) == ' ' || aigov__at(s, i) == '\t' ||
                       aigov__at(s, i) == '*' ||
                       (tag && aigov__at_is(s, i, AIGOV__SPACE)))) {
        i++;
    }
    for (size_t k = 0; k < sizeof wrapper / sizeof *wrapper; k++) {
        size_t n = strlen(wrapper[k]);
        if (aigov__has(s, i, wrapper[k]) && is_quote(aigov__at(s, i + n))) {
            return i + n;
        }
    }
    for (size_t k = 0; k < 3; k++) {
        if (k > 0 && is_quote(aigov__at(s, i + k))) {
            return i + k;
        }
        if (!aigov__at_is(s, i + k, AIGOV__ALPHA) &&
            aigov__at(s, i + k) != '@') {
            break;
        }
    }
    return i;
}

/* The end of what is quoted from i on; 0 where the line has none. */
static size_t quoted_end(const aigov__scan *s, size_t i, char quote,
                         bool escaped)
{
    size_t end = i + MAX_VALUE;
    for (; i < end && i < s->n; i++) {
        char c = s->p[i];
        if (c == '\n') {
            return 0;
        }
        if (c == '\\' && escaped &&
            aigov__at(s, i + 1) == (unsigned char)quote) {
            return i;
        }
        if (c == '\\' && !escaped) {
            i++;
        } else if (c == quote && !escaped) {
            return i;
        }
    }
    return 0;
}

/* Whether the byte at i ends a value without quotes. */
static bool ends_bare(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i), next = aigov__at(s, i + 1);
    switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case 0:
    case '"':
    case '\'':
    case '`':
    case ';':
    case '<':
        return true;
    case ',':
        return next == 0 || is_quote(next) ||
               aigov__is(next, AIGOV__ALNUM | AIGOV__SPACE);
    case '&':
        return aigov__is(next, AIGOV__ALPHA);
    case '\\':
        return next == 'n' || next == 'r' || next == 't' || is_quote(next);
    default:
        /* Han, Kana, Hangul, full-width signs, curly quotes */
        return c >= 0xE2 && c < 0xF0;
    }
}

static bool has_byte(const aigov__scan *s, size_t from, size_t to, char c)
{
    return memchr(s->p + from, c, to - from) != NULL;
}

/* Without the bracket, stop or stars that close the text around a value. */
static size_t trim(const aigov__scan *s, size_t from, size_t to)
{
    while (to > from) {
        char c = s->p[to - 1];
        bool closes = (c == ')' && !has_byte(s, from, to, '(')) ||
                      (c == ']' && !has_byte(s, from, to, '[')) ||
                      (c == '}' && !has_byte(s, from, to, '{'));
        bool bold = c == '*' && to - from > 2 && s->p[to - 2] == '*';
        if (bold) {
            to--;
        } else if (!closes && strchr(",.:{", c) == NULL) {
            break;
        }
        to--;
    }
    return to;
}

bool aigov__read_bare(const aigov__scan *s, size_t i, aigov__literal *v)
{
    size_t end = i;
    while (end < s->n && end - i < MAX_VALUE && !ends_bare(s, end)) {
        end++;
    }
    v->from = i;
    v->to = trim(s, i, end);
    return v->to > i;
}

/* The text of a tag, without the space around it. */
static bool read_tag(const aigov__scan *s, size_t i, aigov__literal *v)
{
    size_t end = i;
    while (end < s->n && end - i < MAX_VALUE && s->p[end] != '<') {
        end++;
    }
    if (aigov__at(s, end) != '<' || aigov__at(s, end + 1) != '/') {
        return false;
    }
    while (end > i && aigov__at_is(s, end - 1, AIGOV__SPACE)) {
        end--;
    }
    v->from = i;
    v->to = end;
    v->quote = '<';
    return end > i;
}

static bool read_quoted(const aigov__scan *s, size_t i, bool escaped,
                        aigov__literal *v)
{
    size_t curly = curly_quote(s, i), end = 0;
    v->quote = curly != 0 ? '"' : s->p[i];
    i += curly != 0 ? curly : 1;
    if (curly != 0) {
        for (size_t k = i; k < s->n && k - i < MAX_VALUE && end == 0; k++) {
            end = curly_quote(s, k) != 0 || (aigov__at(s, k) == 0xC2 &&
                                             aigov__at(s, k + 1) == 0xBB)
                      ? k
                      : 0;
        }
    } else {
        end = quoted_end(s, i, v->quote, escaped);
    }
    if (end == 0) {
        v->quote = 0;
        return aigov__read_bare(s, i, v);
    }
    if (end >= i + 2 && s->p[i] == '\'' && s->p[end - 1] == '\'') {
        i++; /* "'value'" */
        end--;
    }
    v->from = i;
    v->to = end;
    return end > i;
}

bool aigov__read_value(const aigov__scan *s, size_t i, bool tag,
                       aigov__literal *v)
{
    bool escaped;
    size_t start = literal_start(s, i, tag);
    *v = (aigov__literal){0};
    if (start >= s->n) {
        return false;
    }
    if (tag) {
        return read_tag(s, start, v);
    }
    escaped = s->p[start] == '\\' && is_quote(aigov__at(s, start + 1));
    if (escaped || is_quote(aigov__at(s, start)) || curly_quote(s, start)) {
        return read_quoted(s, start + escaped, escaped, v);
    }
    v->equals = start == i && i > 0 && s->p[i - 1] == '=';
    if (!aigov__read_bare(s, start, v)) {
        return false;
    }
    /* between semicolons of a connection string it is as good as quoted */
    v->quote = v->equals && aigov__at(s, v->to) == ';' ? ';' : 0;
    return true;
}

/* --- measures ------------------------------------------------------------ */

/* n log2 n in hundredths. */
static const uint32_t n_log_n[129] = {
    0,     0,     200,   475,   800,   1161,  1551,  1965,  2400,  2853,  3322,
    3805,  4302,  4811,  5330,  5860,  6400,  6949,  7506,  8071,  8644,  9224,
    9811,  10404, 11004, 11610, 12221, 12838, 13461, 14088, 14721, 15358, 16000,
    16647, 17297, 17952, 18612, 19275, 19942, 20613, 21288, 21966, 22648, 23333,
    24021, 24713, 25408, 26107, 26808, 27512, 28219, 28929, 29642, 30358, 31076,
    31797, 32521, 33247, 33976, 34708, 35441, 36177, 36916, 37657, 38400, 39145,
    39893, 40643, 41395, 42149, 42905, 43663, 44423, 45186, 45950, 46716, 47484,
    48254, 49026, 49800, 50575, 51353, 52132, 52913, 53695, 54480, 55266, 56054,
    56843, 57634, 58427, 59221, 60017, 60814, 61613, 62414, 63216, 64019, 64824,
    65631, 66439, 67248, 68059, 68871, 69685, 70500, 71316, 72134, 72953, 73773,
    74595, 75418, 76242, 77068, 77895, 78723, 79553, 80383, 81215, 82048, 82883,
    83718, 84555, 85393, 86232, 87072, 87914, 88756, 89600,
};

static int entropy(const aigov__scan *s, size_t from, size_t to)
{
    uint8_t count[256] = {0};
    size_t n = to - from > 128 ? 128 : to - from;
    uint32_t sum = 0;
    if (n == 0) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        count[(unsigned char)s->p[from + i]]++;
    }
    for (size_t i = 0; i < n; i++) { /* each byte's count once */
        uint8_t *c = &count[(unsigned char)s->p[from + i]];
        sum += n_log_n[*c];
        *c = 0;
    }
    return (int)((n_log_n[n] - sum) / n);
}

struct measure {
    size_t n;
    int digits, lower, upper, marks, spaces, signs, high;
    int entropy;
    bool hex;  /* hexadecimal digits only */
    bool uuid; /* 8-4-4-4-12 */
};

static bool is_uuid(const aigov__scan *s, size_t from, size_t to)
{
    if (to - from != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        unsigned char c = (unsigned char)s->p[from + i];
        if (dash ? c != '-' : !aigov__is_hex(c)) {
            return false;
        }
    }
    return true;
}

static struct measure measure(const aigov__scan *s, size_t from, size_t to)
{
    struct measure m = {.n = to - from, .hex = true};
    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)s->p[i];
        m.digits += aigov__is(c, AIGOV__DIGIT);
        m.lower += aigov__is(c, AIGOV__LOWER);
        m.upper += aigov__is(c, AIGOV__UPPER);
        m.marks += aigov__is(c, AIGOV__MARK) || c == '.';
        m.spaces += aigov__is(c, AIGOV__SPACE);
        m.high += aigov__is(c, AIGOV__HIGH);
        m.hex &= aigov__is_hex(c);
    }
    m.signs =
        (int)m.n - m.digits - m.lower - m.upper - m.marks - m.spaces - m.high;
    m.entropy = entropy(s, from, to);
    m.uuid = is_uuid(s, from, to);
    return m;
}

static bool is_vowel(unsigned char c)
{
    switch (c | 0x20) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
    case 'y':
        return true;
    default:
        return false;
    }
}

/* The end of the word that begins at i: letters of one case, or a capital and
 * small ones.  *said: it can be said, with vowels and no four consonants. */
static size_t word_end(const aigov__scan *s, size_t i, size_t to, bool *said)
{
    size_t from = i, vowels = 0, run = 0, most = 0;
    bool upper = aigov__at_is(s, i, AIGOV__UPPER) &&
                 aigov__at_is(s, i + 1, AIGOV__UPPER) && i + 1 < to;
    do {
        bool vowel = is_vowel((unsigned char)s->p[i]);
        vowels += vowel;
        run = vowel ? 0 : run + 1;
        most = run > most ? run : most;
        i++;
    } while (i < to && aigov__at_is(s, i, upper ? AIGOV__UPPER : AIGOV__LOWER));
    *said = most < 4 && vowels * 6 >= i - from;
    return i;
}

/* Whether most of it is words that can be said: user_token_v2, prod-db.  Three
 * digits, or runs of them, each next to a letter, are chance: a7f3qu1. */
static bool is_wordy(const aigov__scan *s, size_t from, size_t to)
{
    size_t said = 0, all = 0, mixed = 0;
    for (size_t i = from; i < to;) {
        bool ok = false;
        size_t end = i + 1;
        if (aigov__at_is(s, i, AIGOV__DIGIT)) {
            while (end < to && aigov__at_is(s, end, AIGOV__DIGIT)) {
                end++;
            }
            mixed += (i > from && aigov__at_is(s, i - 1, AIGOV__ALPHA)) ||
                     (end < to && aigov__at_is(s, end, AIGOV__ALPHA));
        }
        if (aigov__at_is(s, i, AIGOV__ALPHA)) {
            end = word_end(s, i, to, &ok);
            said += ok && end - i >= 3 ? end - i : 0;
        }
        all += aigov__at_is(s, i, AIGOV__ALNUM) ? end - i : 0;
        i = end;
    }
    return said * 10 >= all * 7 && mixed < 3;
}

/* --- what is no secret --------------------------------------------------- */

static unsigned char lower(unsigned char c)
{
    return aigov__is(c, AIGOV__UPPER) ? (unsigned char)(c + 32) : c;
}

static bool contains(const aigov__scan *s, size_t from, size_t to,
                     const char *text)
{
    size_t n = strlen(text);
    for (size_t i = from; i + n <= to; i++) {
        if (lower((unsigned char)s->p[i]) == (unsigned char)*text &&
            aigov__has_nocase(s, i, text)) {
            return true;
        }
    }
    return false;
}

/* $X, ${X}, %X%, {x}, <x>, [X], #{x}, @x@, :x, (x), !x, *x, &x, -x. */
static bool is_variable(const aigov__scan *s, size_t from, size_t to,
                        char quote)
{
    char first = s->p[from], last = s->p[to - 1];
    char second = to - from > 1 ? s->p[from + 1] : 0;
    switch (first) {
    case '$': /* not $2b$10$..., a hash of a password */
        return !aigov__is((unsigned char)second, AIGOV__DIGIT);
    case '<':
    case '{':
        return true;
    case '[':
        return quote == 0 || last == ']';
    case '%':
        return last == '%' || second == '(' || second == 's';
    case '#':
        return second == '{' || second == '(' || is_wordy(s, from, to);
    case '@':
        return second == '{' || last == '@' || quote == 0;
    case ':':
        return quote == 0 || is_wordy(s, from, to);
    case '(':
    case '*':
    case '&':
    case '|':
    case '>':
    case '\\':
        return quote == 0;
    case '-':
        return quote == 0 && is_wordy(s, from, to);
    default:
        return false;
    }
}

/* a/b, ./x, ~/x, C:\x, x.pem, https://x: where something is. */
static bool is_place(const aigov__scan *s, size_t from, size_t to)
{
    static const char *const end[] = {".pem",  ".key",  ".cer",  ".crt", ".txt",
                                      ".json", ".yml",  ".yaml", ".php", ".js",
                                      ".py",   ".html", ".p12",  ".jks", ".env",
                                      ".png",  ".md",   ".ts"};
    size_t n = to - from;
    if (contains(s, from, to, "://") || aigov__has(s, from, "./") ||
        aigov__has(s, from, "../") || aigov__has(s, from, "~/") ||
        aigov__has(s, from + 1, ":\\")) {
        return true;
    }
    for (size_t k = 0; k < sizeof end / sizeof *end; k++) {
        size_t m = strlen(end[k]);
        if (n > m && aigov__has_nocase(s, to - m, end[k])) {
            return true;
        }
    }
    return (s->p[from] == '/' && n < 16) ||
           (n != 40 && has_byte(s, from, to, '/') && is_wordy(s, from, to));
}

/* ${name}, #{name}, {{ name }}, within other text. */
static bool has_template(const aigov__scan *s, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++) {
        char before = s->p[i - 1];
        if (s->p[i] == '{' &&
            (before == '$' || before == '#' || before == '{')) {
            size_t k = i + 1;
            while (k < to && (aigov__at_is(s, k, AIGOV__TOKEN | AIGOV__SPACE) ||
                              s->p[k] == '.')) {
                k++;
            }
            if (k < to && s->p[k] == '}' &&
                (before != '{' || aigov__at(s, k + 1) == '}')) {
                return true;
            }
            i = k - 1;
        }
    }
    return false;
}

/* A bracket that closes later: f(x). */
static bool has_call(const aigov__scan *s, size_t from, size_t to)
{
    const char *open = memchr(s->p + from, '(', to - from);
    return open != NULL &&
           memchr(open, ')', (size_t)(s->p + to - open)) != NULL;
}

/* jackson-0.11.2: a name and a version. */
static bool is_versioned(const aigov__scan *s, size_t from, size_t to)
{
    size_t i = to;
    int dots = 0;
    while (i > from &&
           (aigov__at_is(s, i - 1, AIGOV__DIGIT) || s->p[i - 1] == '.')) {
        dots += s->p[--i] == '.';
    }
    return dots >= 2 && i > from &&
           (s->p[i - 1] == '-' || s->p[i - 1] == '@' || s->p[i - 1] == ':');
}

/* The end of the identifier at i; i where there is none. */
static size_t identifier_end(const aigov__scan *s, size_t i, size_t to)
{
    size_t from = i;
    while (i < to && (aigov__at_is(s, i, AIGOV__ALPHA) || s->p[i] == '_' ||
                      (i > from && aigov__at_is(s, i, AIGOV__DIGIT)))) {
        i++;
    }
    return i;
}

/* a.b, a->b, a::b, a[b], a(: a member or call, where a is an identifier. */
static bool is_expression(const aigov__scan *s, size_t from, size_t to)
{
    size_t i = identifier_end(s, from, to), links = 0, end;
    bool member = false;
    while (i > from && i < to) {
        size_t sign = s->p[i] == '.' ? 1
                      : aigov__has(s, i, "->") || aigov__has(s, i, "::") ||
                              aigov__has(s, i, "?.")
                          ? 2
                          : 0;
        end = sign == 0 ? i : identifier_end(s, i + sign, to);
        if (sign == 0 || end == i + sign) {
            break;
        }
        links++;
        member |= sign == 2;
        i = end;
    }
    if (i > from && i < to && (s->p[i] == '(' || s->p[i] == '[')) {
        return true;
    }
    return links > 0 && i == to &&
           (member || is_wordy(s, from, to) || aigov__has(s, from, "self.") ||
            aigov__has(s, from, "this."));
}

bool aigov__filler(const aigov__scan *s, size_t from, size_t to)
{
    return from >= to || is_variable(s, from, to, '"') ||
           aigov__is_nothing(s, from, to) || aigov__has_filler(s, from, to);
}

bool aigov__random(const aigov__scan *s, size_t from, size_t to, size_t least)
{
    struct measure m = measure(s, from, to);
    return m.n >= least && m.spaces == 0 && m.digits > 0 &&
           m.lower + m.upper > 0 && m.entropy >= 280 && !is_wordy(s, from, to);
}

/* --- shapes of vendors --------------------------------------------------- */

static bool in_class(unsigned char c, char class_)
{
    switch (class_) {
    case 'd':
        return aigov__is(c, AIGOV__DIGIT);
    case 'x':
        return aigov__is_hex(c);
    case 'a':
        return aigov__is(c, AIGOV__ALNUM);
    case 't':
        return aigov__is(c, AIGOV__TOKEN);
    case 'e':
        return aigov__is(c, AIGOV__TOKEN) || c == '=';
    default:
        return aigov__is(c, AIGOV__TOKEN | AIGOV__BASE64);
    }
}

/* {Cn} or {Cn-m} at *shape; the longest run that fits. */
static bool match_class(const aigov__scan *s, size_t *i, size_t to,
                        const char **shape)
{
    const char *p = *shape + 1;
    char class_ = *p++;
    size_t least = 0, most, n = 0;
    if (class_ == 'u') {
        bool ok = to - *i >= 36 && is_uuid(s, *i, *i + 36);
        *i += ok ? 36 : 0;
        *shape = p + 1;
        return ok;
    }
    while (*p >= '0' && *p <= '9') {
        least = least * 10 + (size_t)(*p++ - '0');
    }
    most = least;
    if (*p == '-') {
        for (p++, most = 0; *p >= '0' && *p <= '9'; p++) {
            most = most * 10 + (size_t)(*p - '0');
        }
        most = most == 0 ? MAX_VALUE : most;
    }
    while (n < most && *i < to && in_class((unsigned char)s->p[*i], class_)) {
        n++;
        ++*i;
    }
    *shape = p + 1;
    return n >= least;
}

static bool match_shape(const aigov__scan *s, size_t from, size_t to,
                        const char *shape)
{
    size_t i = from;
    while (*shape != 0 && *shape != '|') {
        if (*shape == '{') {
            if (!match_class(s, &i, to, &shape)) {
                return false;
            }
        } else if (i < to && s->p[i] == *shape) {
            i++;
            shape++;
        } else {
            return false;
        }
    }
    return i == to;
}

static bool has_vendor_shape(const aigov__scan *s, unsigned vendor,
                             const aigov__literal *v)
{
    const char *shape = vendor == 0 ? NULL : aigov__vendor_shapes(vendor);
    while (shape != NULL) {
        if (match_shape(s, v->from, v->to, shape)) {
            return true;
        }
        shape = strchr(shape, '|');
        shape += shape != NULL ? 1 : 0;
    }
    return false;
}

/* --- judging ------------------------------------------------------------- */

/* "Enter your password", "Mot de passe": words for a reader. */
static bool is_sentence(const aigov__scan *s, const aigov__literal *v,
                        const struct measure *m)
{
    if (m->spaces == 0) {
        return false;
    }
    return m->spaces > 5 || m->upper > 0 ||
           (m->digits == 0 && m->signs == 0 &&
            (contains(s, v->from, v->to, "pass") ||
             contains(s, v->from, v->to, "enter") ||
             contains(s, v->from, v->to, "must") ||
             contains(s, v->from, v->to, "not ") ||
             contains(s, v->from, v->to, "n't ")));
}

/* user_password, password-field, newSecretKey: a name, not a value. */
static bool is_name(const aigov__scan *s, const aigov__literal *v,
                    const struct measure *m)
{
    aigov__named name;
    size_t from;
    unsigned kind;
    if (m->digits > 0 || m->signs > 0 || m->n > 40) {
        return false;
    }
    if (aigov__read_name(s, v->from, v->to, &name) &&
        name.kind != AIGOV__N_NONE && name.kind <= AIGOV__N_KEY &&
        (m->marks > 0 || m->upper > 0)) {
        return true;
    }
    kind = aigov__word_kind(s, v->to, &from);
    return (kind == AIGOV__N_ABOUT && from > v->from) ||
           (kind != AIGOV__N_NONE && kind != AIGOV__N_SECRET &&
            from <= v->from);
}

/* 1.302, 2024-01-31, 12: a number, version or date. */
static bool is_number(const struct measure *m)
{
    return m->digits > 0 && m->digits + m->marks == (int)m->n &&
           (m->marks > 0 || m->n < 4);
}

static int judge_quoted_password(const aigov__scan *s, const aigov__literal *v,
                                 const struct measure *m)
{
    if (m->n < 4 || m->digits + m->lower + m->upper < 3 || is_number(m)) {
        return 0;
    }
    return is_sentence(s, v, m) || (v->quote != ';' && is_name(s, v, m)) ||
                   is_expression(s, v->from, v->to)
               ? 0
               : 75;
}

static int judge_bare_password(aigov__scan *s, const aigov__literal *v,
                               const struct measure *m)
{
    int letters = m->lower + m->upper;
    if (m->n < 4 || letters + m->digits < 3 || is_number(m)) {
        return 0;
    }
    if (m->digits > 0 && letters + m->signs > 0) {
        return m->n >= 5 ? 70 : 0;
    }
    if (m->digits > 0) {
        return m->n <= 12 ? 55 : 0;
    }
    if (m->signs > 0) {
        return has_byte(s, v->from, v->to, '=') || has_call(s, v->from, v->to)
                   ? 0
                   : 60;
    }
    if (m->n < 6 || m->high > 0 || !v->line || is_name(s, v, m) ||
        (m->upper > 0 && m->lower > 0)) {
        return 0;
    }
    return v->equals ||
                   aigov__word_within(s, v->from, v->to, AIGOV__C_LOGIN, 64, 0)
               ? 55
               : 0;
}

static int judge_secret(const aigov__scan *s, const aigov__literal *v,
                        const struct measure *m)
{
    int letters = m->lower + m->upper, least;
    if (m->uuid) {
        return m->entropy >= 250 ? 60 : 0;
    }
    if (m->spaces > 0 || m->n < (v->quote != 0 ? 8 : 10) || m->high > 0) {
        return 0;
    }
    least = m->n < 12 ? 260 : m->n < 20 ? 290 : m->hex ? 290 : 320;
    if (m->entropy < least) {
        return 0;
    }
    if (letters > 0 && m->digits > 0) {
        if (v->quote == 0 && m->digits < 3 &&
            has_byte(s, v->from, v->to, '_')) {
            return 0; /* an identifier */
        }
        return is_wordy(s, v->from, v->to) ? 0 : v->quote != 0 ? 75 : 65;
    }
    if (letters >= 6 && m->signs >= 2) {
        return strchr("^([", s->p[v->from]) != NULL ||
                       has_byte(s, v->from, v->to, '\\') ||
                       (m->signs < 4 && is_wordy(s, v->from, v->to))
                   ? 0
                   : 55;
    }
    return m->n >= 16 && letters == (int)m->n && !is_wordy(s, v->from, v->to) &&
                   m->entropy >= 330
               ? 55
               : 0;
}

static int judge_key(const aigov__scan *s, const aigov__literal *v,
                     const struct measure *m)
{
    if (m->n < 16 || m->uuid || m->hex || m->high > 0 || m->digits < 2 ||
        m->lower + m->upper < 4 || m->entropy < 350) {
        return 0;
    }
    if (m->spaces > 0) { /* the salts of WordPress: any printable signs */
        return m->n >= 48 && m->signs > 8 && m->entropy >= 450 ? 60 : 0;
    }
    return is_wordy(s, v->from, v->to) ? 0 : 55;
}

static int judge_kind(aigov__scan *s, const aigov__named *name,
                      const aigov__literal *v, const struct measure *m,
                      unsigned *detector)
{
    switch (name->kind) {
    case AIGOV__N_PASSWORD:
        *detector = AIGOV__D_password;
        return v->quote != 0 ? judge_quoted_password(s, v, m)
                             : judge_bare_password(s, v, m);
    case AIGOV__N_PIN:
        *detector = AIGOV__D_pin_code;
        return m->digits >= 4 && m->digits <= 8 && m->digits == (int)m->n ? 60
                                                                          : 0;
    case AIGOV__N_APIKEY:
        *detector = AIGOV__D_api_key;
        return judge_secret(s, v, m);
    case AIGOV__N_SECRET:
        *detector = AIGOV__D_generic_secret;
        return judge_secret(s, v, m);
    case AIGOV__N_KEY:
        *detector = AIGOV__D_generic_key;
        return judge_key(s, v, m);
    case AIGOV__N_SESSION:
        *detector = AIGOV__D_session_cookie;
        return m->n >= 16 && judge_secret(s, v, m) != 0 && !m->uuid ? 40 : 0;
    default:
        return 0;
    }
}

int aigov__judge(aigov__scan *s, const aigov__named *name,
                 const aigov__literal *v, unsigned *detector)
{
    struct measure m;
    int base;
    if (is_variable(s, v->from, v->to, v->quote) ||
        (v->quote == 0 && is_expression(s, v->from, v->to))) {
        return 0;
    }
    m = measure(s, v->from, v->to);
    if (name->vendor != 0 && name->kind != AIGOV__N_SESSION &&
        m.entropy >= 200 && has_vendor_shape(s, name->vendor, v)) {
        *detector = AIGOV__D_vendor_secret;
        base = m.digits == 0 && is_wordy(s, v->from, v->to) ? 0 : 75;
    } else {
        base = judge_kind(s, name, v, &m, detector);
    }
    /* dear checks last */
    return base == 0 || is_place(s, v->from, v->to) ||
                   has_template(s, v->from, v->to) ||
                   is_versioned(s, v->from, v->to) ||
                   aigov__is_nothing(s, v->from, v->to) ||
                   aigov__has_filler(s, v->from, v->to)
               ? 0
               : base;
}
