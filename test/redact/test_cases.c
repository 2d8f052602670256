/*
 * test_cases.c - what each detector finds, and what it leaves alone
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every line of test/redact/cases_*.tsv is a case:
 *
 *   detector <TAB> + <TAB> text with «value» signs around what is found
 *   detector <TAB> - <TAB> text in which that detector finds nothing
 *
 * In the text \n \t \\ and \xHH are escapes; \+ is nothing (it cuts token-like
 * values in two, so that no whole token stands in the file).  The signs « and »
 * are not part of the text.  A finding of the detector must be exactly a marked
 * range, and each marked range must be found.  Lines that are empty or begin
 * with '#' are comments.
 *
 * Arguments, where given, are the files to read in place of all.
 */
#include <glob.h>

#include "tap.h"

#include "aigov.h"

#define MAX_MARKS 64

struct bench {
    aigov_ctx *ctx;
    aigov_scanner *scanner;
};

struct one {
    char detector[64];
    bool positive;
    char *text; /* of the caller's line, decoded in place */
    size_t n;
    size_t from[MAX_MARKS], to[MAX_MARKS];
    size_t marks;
};

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = strchr(digits, c | 0x20);
    return c == 0 || at == NULL ? -1 : (int)(at - digits);
}

/* The escape at p (a backslash): how long it is; what it stands for is put at
 * *out. 0: no such escape. */
static size_t escape(const char *p, const char *end, char **out)
{
    static const char names[] = "nt\\", bytes[] = "\n\t\\";
    const char *name;
    if (end - p < 2) {
        return 0;
    }
    if (p[1] == '+') {
        return 2;
    }
    if (p[1] == 'x' && end - p >= 4 && hex(p[2]) >= 0 && hex(p[3]) >= 0) {
        *(*out)++ = (char)(hex(p[2]) * 16 + hex(p[3]));
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
static const char *decode(struct one *c, char *p, const char *end)
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
            n = escape(p, end, &out);
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

static bool known(const char *name)
{
    const aigov_detector *d;
    for (size_t i = 0; (d = aigov_detector_at(i)) != NULL; i++) {
        if (strcmp(d->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *read_case(char *line, const char *end, struct one *c)
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
    if (!known(c->detector)) {
        return "no such detector";
    }
    c->positive = *sign == '+';
    return decode(c, p, end);
}

/* Whether [from, to) is marked; if so it is ticked off. */
static bool tick(const struct one *c, bool *met, size_t from, size_t to)
{
    for (size_t k = 0; k < c->marks; k++) {
        if (!met[k] && c->from[k] == from && c->to[k] == to) {
            met[k] = true;
            return true;
        }
    }
    return false;
}

static bool judge(const struct bench *b, const struct one *c, const char *where)
{
    bool met[MAX_MARKS] = {false}, good = true;
    const aigov_finding *f;
    aigov_error err;
    size_t n;
    /* a copy to the byte, so that the sanitizer sees reads past the end */
    char *copy = malloc(c->n == 0 ? 1 : c->n);
    memcpy(copy, c->text, c->n);
    if (aigov_scan(b->scanner, (aigov_span){copy, c->n}, AIGOV_ABSENT, &f, &n,
                   &err) != AIGOV_OK) {
        free(copy);
        return ok(false, "%s %s: %s", where, c->detector, err.text);
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = f[i].start, size = f[i].stop - f[i].start;
        if (strcmp(f[i].detector->name, c->detector) == 0 &&
            !tick(c, met, from, f[i].stop)) {
            good = ok(false, "%s %s: found \"%.*s\"", where, c->detector,
                      (int)size, copy + from);
        }
    }
    for (size_t k = 0; k < c->marks; k++) {
        if (!met[k]) {
            good = ok(false, "%s %s: missed \"%.*s\"", where, c->detector,
                      (int)(c->to[k] - c->from[k]), copy + c->from[k]);
        }
    }
    free(copy);
    return good;
}

static void run_file(const struct bench *b, const char *file)
{
    size_t size = 0;
    char *text = read_file(*file == '/' ? "" : ".", file, &size), *p = text,
         *end;
    int cases = 0, failed = 0;
    char where[512];
    if (text == NULL) {
        ok(false, "%s cannot be read", file);
        return;
    }
    for (int line = 1; p < text + size; line++, p = end + 1) {
        struct one c;
        const char *wrong;
        end = memchr(p, '\n', (size_t)(text + size - p));
        end = end == NULL ? text + size : end;
        if (p == end || *p == '#') {
            continue;
        }
        snprintf(where, sizeof where, "%s:%d", file, line);
        wrong = read_case(p, end, &c);
        cases++;
        if (wrong != NULL) {
            failed += !ok(false, "%s: %s", where, wrong);
        } else {
            failed += !judge(b, &c, where);
        }
    }
    ok(failed == 0, "%s: %d of %d cases", file, cases - failed, cases);
    free(text);
}

int main(int argc, char **argv)
{
    struct bench b;
    glob_t g = {0};
    aigov_error err;
    if (aigov_ctx_new(NULL, &b.ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(b.ctx, &b.scanner, &err) != AIGOV_OK) {
        ok(false, "%s", err.text);
        return done();
    }
    if (argc > 1) {
        for (int i = 1; i < argc; i++) {
            run_file(&b, argv[i]);
        }
    } else if (glob("test/redact/cases_*.tsv", 0, NULL, &g) == 0) {
        for (size_t i = 0; i < g.gl_pathc; i++) {
            run_file(&b, g.gl_pathv[i]);
        }
        globfree(&g);
    }
    aigov_scanner_free(b.scanner);
    aigov_ctx_free(b.ctx);
    return done();
}
