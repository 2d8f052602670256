/*
 * lex.c - source text to tokens
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Syntax: the lexis.  One pass, no allocation; the
 * longest token wins.  Numbers have no sign here: a minus before a number
 * belongs to it (parse.c).  What the text of the specification says of a
 * number like "7." its lexis does not; here, as in the implementations, a dot
 * without a digit behind it is a selection.
 *
 *   `content-type`   a field name in backquotes: letters, digits, _ . - / space
 *   // comment       to the end of the line
 */
#include "parse.h"

#define LETTER 1
#define DIGIT 2
#define SPACE 4
#define HEX 8
#define QUOTABLE 16 /* besides letters and digits, in backquotes */

static uint8_t class_of(char c)
{
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        return LETTER | HEX;
    }
    if ((c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') || c == '_') {
        return LETTER;
    }
    if (c >= '0' && c <= '9') {
        return DIGIT | HEX;
    }
    switch (c) {
    case ' ':
        return SPACE | QUOTABLE;
    case '\t':
    case '\n':
    case '\f':
    case '\r':
        return SPACE;
    case '.':
    case '-':
    case '/':
        return QUOTABLE;
    default:
        return 0;
    }
}

static bool is(char c, unsigned classes)
{
    return (class_of(c) & classes) != 0;
}

/* --- names --------------------------------------------------------------- */

static bool any_of(aigov_span word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i][0] == word.p[0] && strlen(list[i]) == word.n &&
            memcmp(list[i], word.p, word.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_reserved(aigov_span word)
{
    static const char *const words[] = {
        "as",   "break",    "const",  "continue", "else",     "for",
        "if",   "function", "import", "let",      "loop",     "package",
        "void", "return",   "var",    "while",    "namespace"};

    return word.n >= 2 && word.n <= 9 &&
           any_of(word, words, sizeof words / sizeof words[0]);
}

static cel_token_kind keyword(aigov_span word)
{
    if (AIGOV__IS(word, "in")) {
        return TOKEN_IN;
    }
    if (AIGOV__IS(word, "true")) {
        return TOKEN_TRUE;
    }
    if (AIGOV__IS(word, "false")) {
        return TOKEN_FALSE;
    }
    return AIGOV__IS(word, "null") ? TOKEN_NULL : TOKEN_NAME;
}

static bool name(cel_parser *p)
{
    const char *s = p->p;

    while (is(*p->p, LETTER | DIGIT)) {
        p->p++;
    }
    aigov_span word = {s, (size_t)(p->p - s)};
    p->now.kind = (uint8_t)keyword(word);
    p->now.reserved = p->now.kind == TOKEN_NAME && is_reserved(word);
    return true;
}

static bool quoted_name(cel_parser *p)
{
    const char *s = ++p->p;

    while (is(*p->p, LETTER | DIGIT | QUOTABLE)) {
        p->p++;
    }
    if (*p->p != '`' || p->p == s) {
        aigov__cel_refuse_syntax(
            p, (size_t)(p->p - p->text),
            "a name in backquotes is empty, does not end, or holds a byte "
            "that it may not");
        aigov_hint(p->c->err, "letters, digits and _ . - / and space; any "
                              "other key: m['key']");
        return false;
    }
    p->now.kind = TOKEN_QUOTED;
    p->now.at++;
    p->now.n = (uint32_t)(p->p - s);
    p->p++;
    return true;
}

/* --- numbers ------------------------------------------------------------- */

static const char *run(const char *p, unsigned classes)
{
    while (is(*p, classes)) {
        p++;
    }
    return p;
}

/* Behind an exponent at p; p where there is none. */
static const char *exponent(const char *p)
{
    if (*p == 'e' || *p == 'E') {
        const char *digits = p + 1 + (p[1] == '+' || p[1] == '-');
        const char *end = run(digits, DIGIT);
        return end > digits ? end : p;
    }
    return p;
}

static bool number(cel_parser *p)
{
    const char *s = p->p, *end;

    p->now.kind = TOKEN_INT;
    if (*s == '0' && s[1] == 'x' && is(s[2], HEX)) {
        end = run(s + 2, HEX);
    } else {
        end = run(s, DIGIT);
        if (*end == '.' && is(end[1], DIGIT)) {
            end = run(end + 1, DIGIT);
            p->now.kind = TOKEN_DOUBLE;
        }
        if (exponent(end) > end) {
            end = exponent(end);
            p->now.kind = TOKEN_DOUBLE;
        }
    }
    if (p->now.kind == TOKEN_INT && (*end == 'u' || *end == 'U')) {
        end++;
        p->now.kind = TOKEN_UINT;
    }
    p->p = end;
    if (is(*end, LETTER | DIGIT)) {
        aigov__cel_refuse_syntax(p, (size_t)(end - p->text),
                                 "a number ends in letters");
        return false;
    }
    return true;
}

/* --- strings ------------------------------------------------------------- */

static bool open_string(cel_parser *p)
{
    aigov__cel_refuse_syntax(p, p->now.at, "a string does not end");
    aigov_hint(p->c->err, "text of several lines stands in three quotes");
    return false;
}

/* From the quote at p->p; escapes are judged in literal.c. */
static bool string(cel_parser *p, cel_token_kind kind, bool raw)
{
    const char *s = p->p, quote = *s;
    bool triple = s[1] == quote && s[2] == quote;

    p->now.kind = (uint8_t)kind;
    for (s += triple ? 3 : 1;; s++) {
        if (s >= p->end || (!triple && (*s == '\n' || *s == '\r'))) {
            return open_string(p);
        }
        if (*s == '\\' && !raw) {
            s++;
            if (s >= p->end) {
                return open_string(p);
            }
        } else if (*s == quote &&
                   (!triple || (s[1] == quote && s[2] == quote))) {
            p->p = s + (triple ? 3 : 1);
            return true;
        }
    }
}

/* A string with a prefix at p->p, if there is one: b, r, br in both cases. */
static bool prefixed(cel_parser *p, bool *is_string)
{
    const char *s = p->p;
    bool bytes = *s == 'b' || *s == 'B';

    s += bytes;
    bool raw = *s == 'r' || *s == 'R';
    s += raw;
    *is_string = *s == '"' || *s == '\'';
    if (!*is_string) {
        return true;
    }
    p->p = s;
    return string(p, bytes ? TOKEN_BYTES : TOKEN_STRING, raw);
}

/* --- tokens -------------------------------------------------------------- */

static void skip_space(cel_parser *p)
{
    for (;;) {
        p->p = run(p->p, SPACE);
        if (p->p[0] != '/' || p->p[1] != '/') {
            return;
        }
        while (p->p < p->end && *p->p != '\n' && *p->p != '\r') {
            p->p++;
        }
    }
}

static bool pair(cel_parser *p, cel_token_kind kind)
{
    p->now.kind = (uint8_t)kind;
    p->p += 2;
    return true;
}

static bool stray(cel_parser *p)
{
    const char c = *p->p;

    if (c > ' ' && c < 0x7F) {
        aigov__cel_refuse_syntax(p, p->now.at, "'%c' stands for nothing here",
                                 c);
    } else {
        aigov__cel_refuse_syntax(p, p->now.at,
                                 "a character that may only stand in strings "
                                 "and comments");
    }
    if (c == '=') {
        aigov_hint(p->c->err, "equality is ==");
    } else if (c == '&' || c == '|') {
        aigov_hint(p->c->err, "and is &&, or is ||");
    }
    return false;
}

static bool punctuation(cel_parser *p)
{
    const char c = *p->p, next = p->p[1];

    if (next == '=') {
        switch (c) {
        case '=':
            return pair(p, TOKEN_EQUAL);
        case '!':
            return pair(p, TOKEN_NOT_EQUAL);
        case '<':
            return pair(p, TOKEN_LESS_EQUAL);
        case '>':
            return pair(p, TOKEN_GREATER_EQUAL);
        default:
            break;
        }
    }
    if ((c == '&' || c == '|') && next == c) {
        return pair(p, c == '&' ? TOKEN_AND : TOKEN_OR);
    }
    if (c == '\0' || strchr("+-*/%!<>?:.,()[]{}", c) == NULL) {
        return stray(p);
    }
    p->now.kind = (uint8_t)c;
    p->p++;
    return true;
}

static bool token(cel_parser *p)
{
    const char c = *p->p;

    if (is(c, DIGIT) || (c == '.' && is(p->p[1], DIGIT))) {
        return number(p);
    }
    if (is(c, LETTER)) {
        bool is_string = false;
        if (c == 'b' || c == 'B' || c == 'r' || c == 'R') {
            if (!prefixed(p, &is_string)) {
                return false;
            }
        }
        return is_string || name(p);
    }
    if (c == '"' || c == '\'') {
        return string(p, TOKEN_STRING, false);
    }
    return c == '`' ? quoted_name(p) : punctuation(p);
}

bool aigov__cel_next(cel_parser *p)
{
    skip_space(p);
    const char *s = p->p;
    p->now = (cel_token){.at = (uint32_t)(s - p->text)};
    if (s >= p->end) {
        return true;
    }
    if (!token(p)) {
        return false;
    }
    if (p->now.kind != TOKEN_QUOTED) {
        p->now.n = (uint32_t)(p->p - s);
    }
    return true;
}
