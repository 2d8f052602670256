/*
 * assign_value.c - where a value ends
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A value in quotes ends at the same quote on the same line; one without, at
 * space, a quote, `;`, `<`, a comma, an ampersand before the next name= or in a
 * query, and without the bracket or full stop that ends the text around it.  At
 * most 512 bytes are read.
 */
#include "assign.h"

#define MAX_GAP 40       /* spaces between a sign and its value */
#define MAX_PARAMETER 64 /* bytes of a name in a query */

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
    size_t end = i + AIGOV__MAX_SECRET;
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

/* Whether the next parameter of a query stands at i: a name and '='. */
static bool is_parameter(const aigov__scan *s, size_t i)
{
    size_t end = i + MAX_PARAMETER;
    while (i < end &&
           (aigov__at_is(s, i, AIGOV__TOKEN) || aigov__at(s, i) == '.' ||
            aigov__at(s, i) == '[' || aigov__at(s, i) == ']')) {
        i++;
    }
    return aigov__at(s, i) == '=' && i < end;
}

/* Whether a value that begins at i is that of a query: ?name= or &name= before
 * it.  There a flag without '=' may follow as well. */
static bool in_query(const aigov__scan *s, size_t i)
{
    size_t low = i > MAX_PARAMETER ? i - MAX_PARAMETER : 0;
    if (i == 0 || s->p[--i] != '=') {
        return false;
    }
    while (i > low && aigov__at_is(s, i - 1, AIGOV__TOKEN)) {
        i--;
    }
    return i > 0 && (s->p[i - 1] == '?' || s->p[i - 1] == '&');
}

/* Whether the byte at i ends a value without quotes that begins at `from`. */
static bool ends_bare(const aigov__scan *s, size_t from, size_t i)
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
        return is_parameter(s, i + 1) ||
               (aigov__is(next, AIGOV__ALPHA) && in_query(s, from));
    case '\\':
        return next == 'n' || next == 'r' || next == 't' || is_quote(next);
    default:
        /* Han, Kana, Hangul, full-width signs, curly quotes */
        return c >= 0xE2 && c < 0xF0;
    }
}

/* Without the bracket, stop or stars that close the text around a value. */
static size_t trim(const aigov__scan *s, size_t from, size_t to)
{
    while (to > from) {
        char c = s->p[to - 1];
        bool closes = (c == ')' && !aigov__has_byte(s, from, to, '(')) ||
                      (c == ']' && !aigov__has_byte(s, from, to, '[')) ||
                      (c == '}' && !aigov__has_byte(s, from, to, '{'));
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
    while (end < s->n && end - i < AIGOV__MAX_SECRET && !ends_bare(s, i, end)) {
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
    while (end < s->n && end - i < AIGOV__MAX_SECRET && s->p[end] != '<') {
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
        for (size_t k = i; k < s->n && k - i < AIGOV__MAX_SECRET && end == 0;
             k++) {
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
