/*
 * test_properties.c - what holds for every text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   - any bytes are taken; findings are in order, do not overlap, lie within
 *     the text and, where it is UTF-8, on borders of characters
 *   - the same text gives the same findings, whatever was scanned before
 *   - both ways back from the view rise, and never pass each other
 *   - what was redacted once does not change the second time
 *
 * With the argument "digest" a hash of all findings is printed and nothing
 * else: run.sh compares the build with SSE2 to the one without.
 */
#include "documents.h"

#include "redact/internal.h"

#define DOCUMENTS 3000

static aigov_scanner *scanner, *fresh;
static aigov_ctx *ctx;

static bool at_border(aigov_span t, size_t i)
{
    return i == t.n || ((unsigned char)t.p[i] & 0xC0) != 0x80;
}

static bool in_order(aigov_span t, const aigov_finding *f, size_t n)
{
    bool utf8 = aigov_utf8_valid(t) == t.n;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (f[i].start < last || f[i].stop <= f[i].start || f[i].stop > t.n ||
            f[i].score < 50 || f[i].score > 100 ||
            (utf8 && !(at_border(t, f[i].start) && at_border(t, f[i].stop)))) {
            note("%s at %zu..%zu of %zu", f[i].detector->name, f[i].start,
                 f[i].stop, t.n);
            return false;
        }
        last = f[i].stop;
    }
    return true;
}

static bool same(const aigov_finding *a, size_t a_n, const aigov_finding *b,
                 size_t b_n)
{
    for (size_t i = 0; i < a_n && i < b_n; i++) {
        if (a[i].detector != b[i].detector || a[i].start != b[i].start ||
            a[i].stop != b[i].stop || a[i].score != b[i].score ||
            a[i].why != b[i].why) {
            return false;
        }
    }
    return a_n == b_n;
}

static bool goes_back(const aigov_scanner *s)
{
    size_t from = 0, to = 0;
    for (size_t i = 0; i <= s->n; i++) {
        size_t f = aigov__raw_from(s, i), t = aigov__raw_to(s, i);
        if (f < from || t < to || t > f || f > s->raw.n) {
            return false;
        }
        from = f;
        to = t;
    }
    return from == s->raw.n;
}

static bool scan(aigov_scanner *s, aigov_span t, const aigov_finding **f,
                 size_t *n)
{
    aigov_error err;
    return aigov_scan(s, t, AIGOV_ABSENT, f, n, &err) == AIGOV_OK;
}

static bool redact(aigov_span t, aigov_buf *out)
{
    aigov_error err;
    return aigov_redact(scanner, t, AIGOV_ABSENT, out, NULL, NULL, &err) ==
           AIGOV_OK;
}

static bool stays(aigov_span t)
{
    aigov_buf once, twice;
    bool good;
    aigov_buf_init(&once, ctx);
    aigov_buf_init(&twice, ctx);
    good = redact(t, &once) && redact(aigov_buf_span(&once), &twice) &&
           once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0;
    if (!good) {
        note("%.*s", (int)(t.n > 400 ? 400 : t.n), t.p);
        note("-> %.*s", (int)(once.n > 400 ? 400 : once.n), once.p);
        note("-> %.*s", (int)(twice.n > 400 ? 400 : twice.n), twice.p);
    }
    aigov_buf_free(&once);
    aigov_buf_free(&twice);
    return good;
}

static void test_documents(struct documents *d)
{
    int ordered = 0, equal = 0, back = 0;
    aigov_error err;
    for (int i = 0; i < DOCUMENTS; i++) {
        const aigov_finding *f, *g;
        size_t n, m;
        next_document(d, 12);
        char *copy = malloc(d->size + 1);
        memcpy(copy, d->p, d->size);
        aigov_span t = {copy, d->size};
        bool good = scan(scanner, t, &f, &n);
        ordered += good && in_order(t, f, n);
        back += good && goes_back(scanner);
        good = aigov_scanner_new(ctx, &fresh, &err) == AIGOV_OK &&
               scan(fresh, t, &g, &m);
        equal += good && same(f, n, g, m);
        aigov_scanner_free(fresh);
        free(copy);
    }
    ok(ordered == DOCUMENTS, "findings of %d documents are in order", ordered);
    ok(back == DOCUMENTS, "views of %d documents lead back", back);
    ok(equal == DOCUMENTS, "%d documents leave nothing for the next", equal);
}

static void test_twice(struct documents *d)
{
    int good = 0;
    for (size_t i = 0; i < d->pieces; i++) {
        good += stays((aigov_span){d->piece[i], d->n[i]});
    }
    ok((size_t)good == d->pieces, "%d of %zu texts stay, redacted twice", good,
       d->pieces);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    return (h ^ v) * 0x100000001b3u;
}

static void digest(struct documents *d)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int i = 0; i < DOCUMENTS; i++) {
        const aigov_finding *f;
        size_t n;
        next_document(d, 12);
        if (scan(scanner, (aigov_span){d->p, d->size}, &f, &n)) {
            for (size_t k = 0; k < n; k++) {
                h = mix(mix(h, f[k].start), f[k].stop);
                h = mix(mix(h, (uint64_t)f[k].score), f[k].why);
            }
            h = mix(h, n);
        }
    }
    printf("%016llx\n", (unsigned long long)h);
}

int main(int argc, char **argv)
{
    static struct documents d;
    aigov_error err;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &scanner, &err) != AIGOV_OK) {
        ok(false, "%s", err.text);
        return done();
    }
    documents_start(&d);
    if (argc > 1 && strcmp(argv[1], "digest") == 0) {
        digest(&d);
    } else {
        test_documents(&d);
        test_twice(&d);
        done();
    }
    documents_end(&d);
    aigov_scanner_free(scanner);
    aigov_ctx_free(ctx);
    return tap_failed != 0;
}
