/*
 * assign_filler.c - what is no secret, whatever its name
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Variables (${X}, $X, %X%, {{ x }}, <password>, [SECRET]), calls and members
 * (get(), self.password), URLs, paths, versions.  Masks and words that stand
 * for a secret ("changeme", "null") are in secret_names.def.
 */
#include "assign.h"

static unsigned char lower(unsigned char c)
{
    return aigov__is(c, AIGOV__UPPER) ? (unsigned char)(c + 32) : c;
}

bool aigov__contains(const aigov__scan *s, size_t from, size_t to,
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
bool aigov__is_variable(const aigov__scan *s, size_t from, size_t to,
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
        return second == '{' || second == '(' || aigov__wordy(s, from, to);
    case '@':
        return second == '{' || last == '@' || quote == 0;
    case ':':
        return quote == 0 || aigov__wordy(s, from, to);
    case '(':
    case '*':
    case '&':
    case '|':
    case '>':
    case '\\':
        return quote == 0;
    case '-':
        return quote == 0 && aigov__wordy(s, from, to);
    default:
        return false;
    }
}

/* a/b, ./x, ~/x, C:\x, x.pem, https://x: where something is. */
bool aigov__is_place(const aigov__scan *s, size_t from, size_t to)
{
    static const char *const end[] = {".pem",  ".key",  ".cer",  ".crt", ".txt",
                                      ".json", ".yml",  ".yaml", ".php", ".js",
                                      ".py",   ".html", ".p12",  ".jks", ".env",
                                      ".png",  ".md",   ".ts"};
    size_t n = to - from;
    if (aigov__contains(s, from, to, "://") || aigov__has(s, from, "./") ||
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
           (n != 40 && aigov__has_byte(s, from, to, '/') &&
            aigov__wordy(s, from, to));
}

/* ${name}, #{name}, {{ name }}, within other text. */
bool aigov__has_template(const aigov__scan *s, size_t from, size_t to)
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
bool aigov__has_call(const aigov__scan *s, size_t from, size_t to)
{
    const char *open = memchr(s->p + from, '(', to - from);
    return open != NULL &&
           memchr(open, ')', (size_t)(s->p + to - open)) != NULL;
}

/* jackson-0.11.2: a name and a version. */
bool aigov__is_versioned(const aigov__scan *s, size_t from, size_t to)
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
bool aigov__is_expression(const aigov__scan *s, size_t from, size_t to)
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
           (member || aigov__wordy(s, from, to) ||
            aigov__has(s, from, "self.") || aigov__has(s, from, "this."));
}

bool aigov__filler(const aigov__scan *s, size_t from, size_t to)
{
    return from >= to || aigov__is_variable(s, from, to, '"') ||
           aigov__is_nothing(s, from, to) || aigov__has_filler(s, from, to);
}
