/*
 * test_fold.c - the view of a text, and the way back to its bytes
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "tap.h"

#include "redact/internal.h"

static aigov_scanner *scanner;

static const struct {
    const char *raw, *view;
} cases[] = {
    {"", ""},
    {"plain text, 4012-8888", "plain text, 4012-8888"},
    /* hidden characters */
    {"jor\xE2\x80\x8Bge@acme.io", "jorge@acme.io"},
    {"219\xC2\xAD"
     "56\xC2\xAD"
     "5277",
     "219565277"},
    {"\xEF\xBB\xBF"
     "a\xE2\x80\xAE@\xE2\x80\xAC"
     "b\xF3\xA0\x81\x81",
     "a@b"},
    {"a\xE2\x80\x8B\xE2\x80\x8C\xE2\x81\xA0\xEF\xB8\x8F"
     "b",
     "ab"},
    /* spaces, dashes, quotes, slashes */
    {"4012\xC2\xA0"
     "8888\xE2\x80\x89"
     "8888\xE3\x80\x80"
     "1881",
     "4012 8888 8888 1881"},
    {"733\xE2\x88\x92"
     "80\xE2\x80\x91"
     "8991 \xE2\x80\x93",
     "733-80-8991 -"},
    {"\xE2\x80\x9Cx\xE2\x80\x9D \xE2\x80\x98y\xE2\x80\x99", "\"x\" 'y'"},
    {"1\xE2\x81\x84"
     "2",
     "1/2"},
    /* digits and letters of other forms */
    {"\xEF\xBC\x8B\xEF\xBC\x94\xEF\xBC\x99\xEF\xBC\xA0\xEF\xBD\x81", "+49@a"},
    {"\xD9\xA1\xDB\xB2\xE0\xA5\xA9\xE0\xB9\x94", "1234"},
    {"\xF0\x9D\x9F\x8E\xF0\x9D\x9F\xBF \xF0\x9D\x90\x80\xF0\x9D\x9A\xA3",
     "09 Az"},
    {"\xE2\x91\xA0\xE2\x81\xB5\xC2\xB2\xE2\x93\xA9 \xE2\x84\x9B", "152z R"},
    /* what is of a script of its own stays */
    {"M\xC3\xBCnchen \xD0\xBC\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0 "
     "\xE6\x9D\xB1\xE4\xBA\xAC",
     "M\xC3\xBCnchen \xD0\xBC\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0 "
     "\xE6\x9D\xB1\xE4\xBA\xAC"},
    /* look-alikes within a word that has ASCII too, and none of another kind */
    {"lin@m\xD0\xB0il.example", "lin@mail.example"},
    {"\xD0\x90"
     "B123",
     "AB123"},
    {"\xCE\x91\xCE\x92"
     "12",
     "AB12"},
    {"\xD1\x81\xD0\xB0 \xD0\xBE\xD0\xB6x",
     "\xD1\x81\xD0\xB0 \xD0\xBE\xD0\xB6x"},
    /* HTML */
    {"a&#64;b&#x2e;c&commat;d&period;e &amp;&lt;&nbsp;|", "a@b.c@d.e &< |"},
    {"&#xFF11;&shy;&#8203;2", "12"},
    {"a&b &; &#; &#x; &unknown; &#55296; &#99999999;",
     "a&b &; &#; &#x; &unknown; &#55296; &#99999999;"},
    {"&amp;#64; &amp;amp;#64; &amp;x;", "@ &#64; &x;"},
    /* percent-encoding */
    {"aisha%40firma.pl?a%3d%2b", "aisha@firma.pl?a=+"},
    {"100% %4 %zz %e4 %00 %2540", "100% %4 %zz %e4 %00 @"},
    /* escapes */
    {"a\\u0040b\\x40c\\n\\t\\r\\\"\\/\\\\w", "a@b@c\n\t\r\"/\\w"},
    {"{\\\"a\\\":\\\"b\\\\nc\\\\\\\"d\\\\u0040", "{\"a\":\"b\nc\"d@"},
    {"\\u00e4\\uff11\\ud83d\\ude00\\\\ud83d\\\\ude00\\ud83d.",
     "\xC3\xA4"
     "1\xF0\x9F\x98\x80\xF0\x9F\x98\x80\\ud83d."},
    {"\\d+ \\u12 \\x4 \\u0000 \\", "\\d+ \\u12 \\x4 \\u0000 \\"},
    /* at and dot */
    {"a[at]b[dot]c", "a@b.c"},
    {"o [dot] brien [at] startup [DOT] dev", "o.brien@startup.dev"},
    {"x (at) y.org, x{At}y[.]org <x<at>y>, x [@] y", "x@y.org, x@y.org <x@y>, "
                                                     "x@y"},
    {"see [at] , (at the) [at", "see [at] , (at the) [at"},
    {"reach me at o DOT brien AT acme-corp DOT io tomorrow",
     "reach me at o.brien@acme-corp.io tomorrow"},
    {"jane at example dot co dot uk", "jane@example.co.uk"},
    {"jane dot doe at example.com", "jane.doe@example.com"},
    {"version 2 dot 0 at noon; meet at 5 dot 30",
     "version 2 dot 0 at noon; meet at 5 dot 30"},
    {"connect the dot to the dot at", "connect the dot to the dot at"},
    /* bytes that are not UTF-8 */
    {"\xFF\xFE \xC3( \xE2\x80 1\xC2\xA0", "\xFF\xFE \xC3( \xE2\x80 1 "},
};

static bool fold(const char *raw, size_t n)
{
    scanner->raw = (aigov_span){raw, n};
    scanner->nomem = false;
    aigov__fold(scanner);
    return !scanner->nomem;
}

/* Both ways back rise with the offset, stay within the text, and differ only
 * where something is hidden; ends map to ends. */
static bool maps(void)
{
    size_t from = 0, to = 0;
    if (aigov__raw_to(scanner, 0) != 0 ||
        aigov__raw_from(scanner, scanner->n) != scanner->raw.n) {
        return false;
    }
    for (size_t i = 0; i <= scanner->n; i++) {
        size_t f = aigov__raw_from(scanner, i), t = aigov__raw_to(scanner, i);
        if (f < from || t < to || t > f || f > scanner->raw.n) {
            return false;
        }
        from = f;
        to = t;
    }
    return true;
}

static void test_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = strlen(cases[i].raw), view = strlen(cases[i].view);
        char *raw = malloc(n + 1);
        memcpy(raw, cases[i].raw, n);
        bool good = fold(raw, n);
        good = good && scanner->n == view &&
               (n == 0 || memcmp(scanner->p, cases[i].view, view) == 0);
        if (!ok(good && maps(), "view of case %zu", i)) {
            note("%.*s", (int)scanner->n, scanner->p);
        }
        free(raw);
    }
}

/* The range of the original that a value of the view comes from. */
static void test_back(const char *raw, const char *value, const char *want)
{
    size_t n = strlen(value), from, to;
    const char *at;
    fold(raw, strlen(raw));
    at = memmem(scanner->p, scanner->n, value, n);
    from = at == NULL ? 0 : aigov__raw_from(scanner, (size_t)(at - scanner->p));
    to = at == NULL ? 0 : aigov__raw_to(scanner, (size_t)(at - scanner->p) + n);
    ok(at != NULL && to - from == strlen(want) &&
           memcmp(raw + from, want, to - from) == 0,
       "%s back from the view", value);
}

int main(void)
{
    aigov_ctx *ctx;
    aigov_error err;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &scanner, &err) != AIGOV_OK) {
        ok(false, "%s", err.text);
        return done();
    }
    test_cases();
    ok(fold("it is plain (or not) [as] such", 30) && scanner->shifts == 0 &&
           scanner->p == scanner->raw.p,
       "plain ASCII is its own view");
    test_back("x \xE2\x80\x8B"
              "a\xE2\x80\x8B@b\xE2\x80\x8B y",
              "a@b", "a\xE2\x80\x8B@b");
    test_back("x&#64;y.z", "@", "&#64;");
    test_back("mail: o [dot] b [at] c [dot] de!", "o.b@c.de",
              "o [dot] b [at] c [dot] de");
    test_back("\xEF\xBC\x91\xEF\xBC\x92 \xEF\xBC\x93", "2", "\xEF\xBC\x92");
    test_back("\\u00e4b", "\xC3\xA4", "\\u00e4");
    test_back("\\u00e4b", "b", "b");
    aigov_scanner_free(scanner);
    aigov_ctx_free(ctx);
    return done();
}
