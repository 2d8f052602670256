/*
 * test_escape.c - the escaped form back, slices of arrays, string literals
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "tap.h"

#include "aigov.h"
#include "base/internal.h"
#include "text.h"

static aigov_ctx *ctx;
static aigov_error err;

/* --- the escaped form back, slices --------------------------------------- */

static void test_unescape(void)
{
    static const struct {
        const char *text, *want; /* NULL: refused */
        size_t n;
    } row[] = {{"", "", 0},
               {"abc", "abc", 3},
               {"a\xE2\x90\x9B\xE2\x90\x9B"
                "b",
                "a\xE2\x90\x9B"
                "b",
                5},
               {"\xE2\x90\x9Bxff", "\xFF", 1},
               {"\xE2\x90\x9Bu0000", "\0", 1},
               {"\xE2\x90\x9Bud800", "\xED\xA0\x80", 3},
               {"\xE2\x90\x9BU01fffe", "\xF0\x9F\xBF\xBE", 4},
               {"\xE2\x90\x9B#1e999", "1e999", 5},
               {"\xE2\x90\x9Bj[\xE2\x90\x9B\xE2\x90\x9B]", "[\xE2\x90\x9B]", 5},
               {"\xE2\x90\x9B=12:na", "na", 2},
               {"\xE2\x90\x9B=2:", "", 0},
               {"\xE2\x90\x9B=2:\xE2\x90\x9Bx80", "\x80", 1},
               {"a\xE2\x90\x9B#1", NULL, 1},
               {"\xE2\x90\x9B", NULL, 0},
               {"\xE2\x90\x9Bx1", NULL, 0},
               {"\xE2\x90\x9BxFF", NULL, 0},
               {"\xE2\x90\x9BU110000", NULL, 0},
               {"\xE2\x90\x9B=:a", NULL, 0},
               {"\xE2\x90\x9B=2", NULL, 0},
               {"ab\xE2\x90\x9Bq", NULL, 2}};
    aigov_buf b;

    aigov_buf_init(&b, ctx);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        aigov_span text = exact(aigov_str(row[i].text));
        b.n = 0;
        aigov_status status = aigov_unescape(ctx, text, &b, &err);
        if (row[i].want == NULL) {
            ok(status == AIGOV_ARG && err.pos == row[i].n && b.n == 0,
               "unescape %zu is refused", i);
        } else {
            ok(status == AIGOV_OK &&
                   aigov_span_eq(span(&b), (aigov_span){row[i].want, row[i].n}),
               "unescape %zu", i);
        }
        drop(text);
    }
    aigov_buf_free(&b);
}

static void test_one_object(void)
{
    static const struct {
        const char *text;
        bool one;
    } row[] = {{"{}", true},
               {"{\"a\":[{}],\"b\":\"}\"}", true},
               {"{\"a\":\"\\\"}\"}", true},
               {"", false},
               {"{", false},
               {"}", false},
               {"[]", false},
               {" {}", false},
               {"{} ", false},
               {"{}{}", false},
               {"{\"a\":1},\"b\":{}", false},
               {"{\"a\":[}", false},
               {"{\"a\":[}]}", false},
               {"{]", false},
               {"{\"a}", false},
               {"{\"a\\\"}", false},
               {"{\"a\\", false}};
    aigov_buf b;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        aigov_span text = exact(aigov_str(row[i].text));
        ok(aigov_json_is_one_object(text) == row[i].one, "one object: %s",
           row[i].text);
        drop(text);
    }
    ok(!aigov_json_is_one_object(AIGOV_ABSENT), "one object: absent");
    aigov_buf_init(&b, ctx);
    repeat(&b, "{\"\":", 513);
    aigov_buf_puts(&b, "0");
    repeat(&b, "}", 513);
    ok(aigov_json_is_one_object(span(&b)), "one object: 513 levels");
    b.n = 0;
    repeat(&b, "{\"\":", 100000);
    ok(!aigov_json_is_one_object(span(&b)), "one object: 100,000 levels");
    aigov_buf_free(&b);
}

/* The elements, each behind a bar; an offset after ! where it breaks. */
static void slices(aigov_span text, aigov_buf *out)
{
    aigov_span element;
    size_t pos = 0;

    out->n = 0;
    for (;;) {
        if (aigov_json_elements(text, &pos, &element, &err) != AIGOV_OK) {
            aigov_buf_puts(out, "!");
            aigov_buf_put_i64(out, (int64_t)err.pos);
            return;
        }
        if (element.p == NULL) {
            break;
        }
        aigov_buf_puts(out, "|");
        aigov_buf_put(out, element.p, element.n);
    }
    if (aigov_json_elements(text, &pos, &element, &err) != AIGOV_OK ||
        element.p != NULL) {
        aigov_buf_puts(out, " and does not stay at its end");
    }
}

static void test_elements(void)
{
    static const char *const row[][2] = {
        {"[]", ""},
        {" [ ] \n", ""},
        {"[1]", "|1"},
        {" [ {\"a\":[1,2]} , \"],[\\\"\" ,3 ] ",
         "|{\"a\":[1,2]}|\"],[\\\"\"|3"},
        {"[{\"a\":nope},{]},tru]", "|{\"a\":nope}|{]}|tru"},
        {"[[1,[2]],{\"x\":{}}]", "|[1,[2]]|{\"x\":{}}"},
        {"[1 2]", "|1 2"},
        {"[1}]", "|1}"},
        {"", "!0"},
        {"  ", "!2"},
        {"{}", "!0"},
        {"[", "!1"},
        {"[1", "!2"},
        {"[1,", "|1!3"},
        {"[1,,2]", "|1!3"},
        {"[,1]", "!1"},
        {"[1, ]", "|1!4"},
        {"[1] x", "|1!4"},
        {"[1]]", "|1!3"},
        {"[{\"a\":1,2]", "!10"},
        {"[\"a]", "!4"},
        {"[\"a\\", "!4"}};
    aigov_buf got;

    aigov_buf_init(&got, ctx);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        aigov_span text = exact(aigov_str(row[i][0]));
        slices(text, &got);
        if (!ok(aigov_span_is(span(&got), row[i][1]), "elements of %s",
                row[i][0])) {
            show("got", span(&got));
        }
        drop(text);
    }
    slices(AIGOV_ABSENT, &got);
    ok(aigov_span_is(span(&got), "!0"), "elements of nothing");
    aigov_buf_free(&got);
}

static void test_json_string(void)
{
    static const struct {
        const char *text, *want;
        size_t n;
    } row[] = {{"", "\"\"", 0},
               {"plain text that is longer than sixteen bytes",
                "\"plain text that is longer than sixteen bytes\"", 44},
               {"\b\t\n\f\r\v\"\\/", "\"\\b\\t\\n\\f\\r\\u000b\\\"\\\\/\"", 9},
               {"\0\x1F\x7F", "\"\\u0000\\u001f\x7F\"", 3},
               {"\xFF\xC3(", "\"\xFF\xC3(\"", 3},
               {"123456789012345\"12345678901234567\\",
                "\"123456789012345\\\"12345678901234567\\\\\"", 34}};
    aigov_buf b;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        aigov_span text = exact((aigov_span){row[i].text, row[i].n});
        aigov_buf_init(&b, ctx);
        ok(aigov_buf_put_json_string(&b, text) &&
               aigov_span_is(span(&b), row[i].want),
           "JSON string %zu", i);
        drop(text);
        aigov_buf_free(&b);
    }
    aigov_buf_init(&b, ctx);
    char zeros[1000] = {0};
    ok(aigov_buf_put_json_string(&b, (aigov_span){zeros, sizeof zeros}) &&
           b.n == 6002,
       "a string of controls only");
    aigov_buf_free(&b);
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 2;
    }
    test_unescape();
    test_one_object();
    test_elements();
    test_json_string();
    aigov_ctx_free(ctx);
    return done();
}
