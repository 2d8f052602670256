/*
 * cases.h - the lines of test/redact/cases_*.tsv
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   detector <TAB> + <TAB> text with «value» signs around what is found
 *   detector <TAB> - <TAB> text in which that detector finds nothing
 *
 * In the text \n \t \\ and \xHH are escapes; \+ is nothing (it cuts token-like
 * values in two, so that no whole token stands in the file).  The signs « and »
 * are not part of the text.  Lines that are empty or begin with '#' are
 * comments.
 */
#ifndef AIGOV_TEST_CASES_H
#define AIGOV_TEST_CASES_H

#include <glob.h>

#include "tap.h"

#define MAX_MARKS 64

struct test_case {
    char detector[64];
    bool positive;
    char *text; /* of the caller's line, decoded in place */
    size_t n;
    size_t from[MAX_MARKS], to[MAX_MARKS];
    size_t marks;
};

static inline int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = strchr(digits, c | 0x20);
    return c == 0 || at == NULL ? -1 : (int)(at - digits);
}

/* The escape at p (a backslash): how long it is; what it stands for is put at
 * *out. 0: no such escape. */
static inline size_t case_escape(const char *p, const char *end, char **out)
{
    static const char names[] = "nt\\", bytes[] = "\n\t\\";
    const char *name;
    if (end - p < 2) {
        return 0;
    }
    if (p[1] == '+') {
        return 2;
    }
    if (p[1] == 'x' && end - p >= 4 && hex_digit(p[2]) >= 0 &&
        hex_digit(p[3]) >= 0) {
        *(*out)++ = (char)(hex_digit(p[2]) * 16 + hex_digit(p[3]));
        return 4;
    }
    name = strchr(names, p[1]);
    if (p[1] == 0 || name == NULL) {
        return 0;
    }
    *(*out)++ = bytes[name - names];
    return 2;
}

/* Take out escapes and signs; NULL, or what is wrong. */
static inline const char *decode_case(struct test_case *c, char *p,
                                      const char *end)
{
    char *out = p;
    bool open = false;
    c->text = p;
    c->marks = 0;
    while (p < end) {
        size_t n;
        if (end - p >= 2 && memcmp(p, "\xC2\xAB", 2) == 0) {
            if (open || c->marks == MAX_MARKS) {
                return "a sign opens twice";
            }
            open = true;
            c->from[c->marks] = (size_t)(out - c->text);
            p += 2;
        } else if (end - p >= 2 && memcmp(p, "\xC2\xBB", 2) == 0) {
            if (!open) {
                return "a sign closes what is not open";
            }
            open = false;
            c->to[c->marks++] = (size_t)(out - c->text);
            p += 2;
        } else if (*p == '\\') {
            n = case_escape(p, end, &out);
            if (n == 0) {
                return "no such escape";
            }
            p += n;
        } else {
            *out++ = *p++;
        }
    }
    c->n = (size_t)(out - c->text);
    if (open || c->positive != (c->marks > 0)) {
        return open ? "a sign stays open" : "signs do not go with + or -";
    }
    return NULL;
}

/* Take a line apart; NULL, or what is wrong. */
static inline const char *read_case(char *line, const char *end,
                                    struct test_case *c)
{
    size_t n, sign_n;
    char *p = line, *name = column(&p, end, &n);
    char *sign = column(&p, end, &sign_n);
    if (n == 0 || n >= sizeof c->detector || sign_n != 1 ||
        (*sign != '+' && *sign != '-')) {
        return "not detector, sign, text";
    }
    memcpy(c->detector, name, n);
    c->detector[n] = 0;
    c->positive = *sign == '+';
    return decode_case(c, p, end);
}

/* Call each line of a file that is a case; false: it cannot be read. */
static inline bool each_case(const char *file,
                             void (*call)(void *host, const char *where,
                                          const char *wrong,
                                          const struct test_case *c),
                             void *host)
{
    size_t size = 0;
    char *text = read_file(*file == '/' ? "" : ".", file, &size);
    char *p = text, *end, where[512];
    if (text == NULL) {
        return false;
    }
    for (int line = 1; p < text + size; line++, p = end + 1) {
        struct test_case c;
        end = memchr(p, '\n', (size_t)(text + size - p));
        end = end == NULL ? text + size : end;
        if (p == end || *p == '#') {
            continue;
        }
        snprintf(where, sizeof where, "%s:%d", file, line);
        call(host, where, read_case(p, end, &c), &c);
    }
    free(text);
    return true;
}

/* Call each file of cases. */
static inline void each_case_file(void (*call)(void *host, const char *file),
                                  void *host)
{
    glob_t g = {0};
    if (glob("test/redact/cases_*.tsv", 0, NULL, &g) == 0) {
        for (size_t i = 0; i < g.gl_pathc; i++) {
            call(host, g.gl_pathv[i]);
        }
        globfree(&g);
    }
}

#endif
