/*
 * test_cases.c - what each detector finds, and what it leaves alone
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every line of test/redact/cases_*.tsv (cases.h) is a case: a finding of the
 * detector must be exactly a marked range, and each marked range must be found.
 * Arguments, where given, are the files to read in place of all.
 */
#include "cases.h"

#include "aigov.h"

struct run {
    aigov_scanner *scanner;
    int cases, failed;
};

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

/* Whether [from, to) is marked; if so it is ticked off. */
static bool tick(const struct test_case *c, bool *met, size_t from, size_t to)
{
    for (size_t k = 0; k < c->marks; k++) {
        if (!met[k] && c->from[k] == from && c->to[k] == to) {
            met[k] = true;
            return true;
        }
    }
    return false;
}

static bool judge(aigov_scanner *s, const struct test_case *c,
                  const char *where)
{
    bool met[MAX_MARKS] = {false}, good = true;
    const aigov_finding *f;
    aigov_error err;
    size_t n;
    /* a copy to the byte, so that the sanitizer sees reads past the end */
    char *copy = malloc(c->n == 0 ? 1 : c->n);
    memcpy(copy, c->text, c->n);
    if (aigov_scan(s, (aigov_span){copy, c->n}, AIGOV_ABSENT, &f, &n, &err) !=
        AIGOV_OK) {
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

static void run_case(void *host, const char *where, const char *wrong,
                     const struct test_case *c)
{
    struct run *r = host;
    r->cases++;
    if (wrong == NULL && !known(c->detector)) {
        wrong = "no such detector";
    }
    if (wrong != NULL) {
        r->failed += !ok(false, "%s: %s", where, wrong);
    } else {
        r->failed += !judge(r->scanner, c, where);
    }
}

static void run_file(void *host, const char *file)
{
    struct run r = {.scanner = host};
    if (!each_case(file, run_case, &r)) {
        ok(false, "%s cannot be read", file);
        return;
    }
    ok(r.failed == 0, "%s: %d of %d cases", file, r.cases - r.failed, r.cases);
}

int main(int argc, char **argv)
{
    aigov_ctx *ctx;
    aigov_scanner *s;
    aigov_error err;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &s, &err) != AIGOV_OK) {
        ok(false, "%s", err.text);
        return done();
    }
    for (int i = 1; i < argc; i++) {
        run_file(s, argv[i]);
    }
    if (argc == 1) {
        each_case_file(run_file, s);
    }
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
    return done();
}
