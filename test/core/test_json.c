/*
 * test_json.c - the reader and the canonical form
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   test_json [test/vectors/json [directory of the JSONTestSuite files]]
 *
 * The second directory (or AIGOV_SHARED/json) may be missing; the vectors of
 * this tree cover the same ground.
 */
#include "tap.h"

#include "aigov.h"
#include "base/internal.h"
#include "text.h"

static aigov_ctx *ctx;
static aigov_error err;

/* --- helpers ------------------------------------------------------------- */

static int base64_digit(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *hit = c == '\0' ? NULL : strchr(digits, c);

    return hit == NULL ? -1 : (int)(hit - digits);
}

static void base64(aigov_span s, aigov_buf *out)
{
    uint32_t bits = 0;
    int have = 0;

    out->n = 0;
    for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)base64_digit(s.p[i]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            char byte = (char)(bits >> have);
            aigov_buf_put(out, &byte, 1);
        }
    }
}

/* --- the shape of the nodes ---------------------------------------------- */

/* next, size and at of the node array are what the header draws. */
static bool well_formed(const aigov_json *j, size_t length)
{
    uint32_t end[AIGOV_MAX_DEPTH + 2], left[AIGOV_MAX_DEPTH + 2];
    int depth = 0;

    for (uint32_t i = 0; i < j->nodes; i++) {
        const aigov_node *n = &j->node[i];
        bool container = n->type >= AIGOV_JSON_ARRAY;
        if (n->next <= i || n->next > j->nodes || n->at >= length ||
            (!container && n->next != i + 1) ||
            (n->type == AIGOV_JSON_STRING && n->text == NULL)) {
            return false;
        }
        if (depth > 0 && left[depth - 1]-- == 0) {
            return false;
        }
        if (container) {
            end[depth] = n->next;
            left[depth++] = n->size * (n->type == AIGOV_JSON_OBJECT ? 2 : 1);
        }
        while (depth > 0 && end[depth - 1] == i + 1) {
            if (left[--depth] != 0) {
                return false;
            }
        }
    }
    return depth == 0 && j->node[0].next == j->nodes;
}

static void test_nodes(void)
{
    static const char text[] = "{\"a\":[1,2],\"b\":null}";
    static const struct {
        uint8_t type;
        uint32_t size, at, next;
    } want[] = {{AIGOV_JSON_OBJECT, 2, 0, 7}, {AIGOV_JSON_STRING, 1, 1, 2},
                {AIGOV_JSON_ARRAY, 2, 5, 5},  {AIGOV_JSON_NUMBER, 1, 6, 4},
                {AIGOV_JSON_NUMBER, 1, 8, 5}, {AIGOV_JSON_STRING, 1, 11, 6},
                {AIGOV_JSON_NULL, 0, 15, 7}};
    aigov_json j = {.ctx = ctx};
    bool same = aigov_json_read(&j, AIGOV_JSON_STRICT, aigov_str(text), &err) ==
                    AIGOV_OK &&
                j.nodes == 7;

    for (uint32_t i = 0; same && i < 7; i++) {
        same = j.node[i].type == want[i].type &&
               j.node[i].size == want[i].size && j.node[i].at == want[i].at &&
               j.node[i].next == want[i].next;
    }
    ok(same, "nodes are as drawn in aigov.h");
    ok(aigov_json_get(&j, 0, "a") == 2 && aigov_json_get(&j, 0, "b") == 6 &&
           aigov_json_get(&j, 0, "c") == 0 && aigov_json_get(&j, 2, "a") == 0,
       "get");
    ok(aigov_span_is(aigov_json_text(&j, 3), "1") &&
           aigov_json_text(&j, 2).p == NULL,
       "text");
    ok(aigov_json_read(&j, AIGOV_JSON_STRICT, AIGOV_LIT("\"\""), &err) ==
               AIGOV_OK &&
           j.node[0].text != NULL && j.node[0].size == 0,
       "an empty string has text");
    aigov_json_free(&j);
}

static void test_flags(void)
{
    static const char text[] = "{\"ok\":{\"x\":[1]},\"bad\":[1,{\"y\":1e999}],"
                               "\"d\":{\"n\":1,\"n\":2}}";
    aigov_json j = {.ctx = ctx};
    const int both = AIGOV_NODE_NONCONFORMING | AIGOV_NODE_TAINTED;

    aigov_json_read(&j, AIGOV_JSON_CONTENT, aigov_str(text), &err);
    uint32_t good = aigov_json_get(&j, 0, "ok");
    uint32_t bad = aigov_json_get(&j, 0, "bad");
    uint32_t twice = aigov_json_get(&j, 0, "d");
    ok(j.node[0].flags == AIGOV_NODE_TAINTED, "root is tainted");
    ok(j.node[good].flags == 0 && j.node[good + 2].flags == 0, "clean value");
    ok(j.node[bad].flags == AIGOV_NODE_TAINTED && j.node[bad + 1].flags == 0 &&
           j.node[bad + 2].flags == AIGOV_NODE_TAINTED &&
           j.node[bad + 4].flags == both,
       "a bad number taints what holds it");
    ok(j.node[twice].flags == both && j.node[twice + 1].flags == 0 &&
           j.node[twice + 3].flags == both && j.node[twice + 4].flags == 0,
       "an object with a name twice is nonconforming itself");
    ok(j.nonconforming && j.bad_at == 30, "bad_at is the first offence");
    aigov_json_free(&j);
}

static void test_accessors(void)
{
    static const struct {
        const char *text;
        bool whole;
        int64_t v;
    } row[] = {{"0", true, 0},
               {"-0", true, 0},
               {"-17", true, -17},
               {"1.0", true, 1},
               {"1e3", true, 1000},
               {"120e-1", true, 12},
               {"9007199254740992", true, INT64_C(9007199254740992)},
               {"-9007199254740992", true, -INT64_C(9007199254740992)},
               {"9007199254740994", false, 0},
               {"1.5", false, 0},
               {"1e300", false, 0},
               {"1e999", false, 0},
               {"\"1\"", false, 0}};
    aigov_json j = {.ctx = ctx};
    double d;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        int64_t v = 0;
        aigov_json_read(&j, AIGOV_JSON_SYNTAX, aigov_str(row[i].text), &err);
        bool whole = aigov_json_i64(&j, 0, &v);
        ok(whole == row[i].whole && v == row[i].v, "i64 %s", row[i].text);
    }
    aigov_json_read(&j, AIGOV_JSON_STRICT, AIGOV_LIT("0.1"), &err);
    ok(aigov_json_double(&j, 0, &d) && d == 0.1, "double 0.1");
    aigov_buf b;
    aigov_buf_init(&b, ctx);
    aigov_json_read(&j, AIGOV_JSON_SYNTAX, AIGOV_LIT("0.1"), &err);
    ok(aigov_json_canonical(&j, 0, &b, &err) == AIGOV_ARG && b.n == 0,
       "what was read as SYNTAX has no canonical form");
    aigov_buf_free(&b);
    aigov_json_free(&j);
}

/* --- vectors ------------------------------------------------------------- */

static aigov_json_mode mode_of(aigov_span s)
{
    return aigov_span_is(s, "syntax")   ? AIGOV_JSON_SYNTAX
           : aigov_span_is(s, "strict") ? AIGOV_JSON_STRICT
                                        : AIGOV_JSON_CONTENT;
}

/* What came out, in the notation of the vectors. */
static void outcome(aigov_json *j, aigov_json_mode mode, aigov_span text,
                    aigov_buf *out)
{
    aigov_status status = aigov_json_read(j, mode, text, &err);

    out->n = 0;
    if (status == AIGOV_OK && mode == AIGOV_JSON_SYNTAX) {
        aigov_buf_puts(out, "y");
        return;
    }
    if (status == AIGOV_OK && j->nonconforming) {
        aigov_buf_puts(out, "!");
        aigov_buf_put_i64(out, (int64_t)j->bad_at);
    }
    if (status == AIGOV_OK) {
        aigov_buf_puts(out, "=");
        status = aigov_json_canonical(j, 0, out, &err);
    }
    if (status != AIGOV_OK) {
        out->n = 0;
        aigov_buf_puts(out, aigov_status_name(status));
        aigov_buf_puts(out, "@");
        aigov_buf_put_i64(out, (int64_t)err.pos);
    }
}

static void one_vector(aigov_json *j, char *line, char *end, aigov_buf *got)
{
    uint8_t bytes[2048];
    size_t n;
    char *p = line;
    aigov_span name = {column(&p, end, &n), 0};
    name.n = n;
    aigov_span mode = {column(&p, end, &n), 0};
    mode.n = n;
    aigov_span input = {column(&p, end, &n), 0};
    input.n = n;
    aigov_span want = {p, (size_t)(end - p)};

    if (input.n >= 4 && memcmp(input.p, "hex:", 4) == 0) {
        n = (input.n - 4) / 2;
        aigov_hex_parse((aigov_span){input.p + 4, 2 * n}, bytes, n);
        input = (aigov_span){(char *)bytes, n};
    }
    aigov_span text = exact(input);
    outcome(j, mode_of(mode), text, got);
    if (!ok(aigov_span_eq(span(got), want), "%.*s: %.*s", (int)mode.n, mode.p,
            (int)name.n, name.p)) {
        show("want", want);
        show("got ", span(got));
    }
    drop(text);
}

static void test_vectors(const char *dir)
{
    size_t n;
    char *file = read_file(dir, "read.tsv", &n);
    aigov_json j = {.ctx = ctx};
    aigov_buf got;

    if (!ok(file != NULL, "read.tsv in %s", dir)) {
        return;
    }
    aigov_buf_init(&got, ctx);
    for (char *p = file, *end; p < file + n; p = end + 1) {
        end = memchr(p, '\n', (size_t)(file + n - p));
        if (end == NULL) {
            end = file + n;
        }
        if (*p != '#') {
            one_vector(&j, p, end, &got);
        }
    }
    aigov_buf_free(&got);
    aigov_json_free(&j);
    free(file);
}

/* --- what must hold for any text ----------------------------------------- */

/* The canonical form of what CONTENT read is strict JSON and its own form. */
static bool stable(aigov_span canonical)
{
    aigov_buf again;

    aigov_buf_init(&again, ctx);
    bool same = aigov_canonical(ctx, canonical, &again, &err) == AIGOV_OK &&
                aigov_span_eq(canonical, span(&again));
    aigov_buf_free(&again);
    return same;
}

/* Whether a string as SYNTAX decodes it lost a surrogate to U+FFFD. */
static bool lossy(aigov_span s)
{
    for (size_t i = 0; i + 3 <= s.n; i++) {
        if (memcmp(s.p + i, "\xEF\xBF\xBD", 3) == 0) {
            return true;
        }
    }
    return false;
}

/* Every string of a nonconforming document gives its original back. */
static bool reversible(const aigov_json *content, const aigov_json *syntax)
{
    aigov_buf back;
    bool same = content->nodes == syntax->nodes;

    aigov_buf_init(&back, ctx);
    for (uint32_t i = 0; same && i < content->nodes; i++) {
        aigov_span kept = aigov_json_text(content, i);
        aigov_span was = aigov_json_text(syntax, i);
        if (content->node[i].type != AIGOV_JSON_STRING || lossy(was)) {
            continue;
        }
        back.n = 0;
        if (content->nonconforming) {
            same = aigov_unescape(ctx, kept, &back, &err) == AIGOV_OK &&
                   aigov_span_eq(span(&back), was);
        } else {
            same = aigov_span_eq(kept, was);
        }
    }
    aigov_buf_free(&back);
    return same;
}

/* All three modes on one text; returns SYNTAX's verdict, or AIGOV_STATE where
 * something does not hold. */
static aigov_status all_modes(aigov_span input, aigov_status *strict)
{
    aigov_json syntax = {.ctx = ctx}, content = {.ctx = ctx};
    aigov_span text = exact(input);
    aigov_buf out;
    bool fine = true;

    aigov_buf_init(&out, ctx);
    *strict = aigov_json_read(&content, AIGOV_JSON_STRICT, text, &err);
    fine &= *strict == AIGOV_OK || err.pos <= text.n;
    aigov_status status =
        aigov_json_read(&syntax, AIGOV_JSON_SYNTAX, text, &err);
    fine &= status == AIGOV_OK || err.pos <= text.n;
    fine &= status == AIGOV_OK || *strict != AIGOV_OK;
    fine &= status != AIGOV_OK || well_formed(&syntax, text.n);
    aigov_status kept =
        aigov_json_read(&content, AIGOV_JSON_CONTENT, text, &err);
    if (kept == AIGOV_OK) {
        fine &= well_formed(&content, text.n);
        fine &= content.nonconforming == (*strict != AIGOV_OK) ||
                *strict == AIGOV_OK; /* underflow is CONTENT's alone */
        fine &= aigov_json_canonical(&content, 0, &out, &err) == AIGOV_OK;
        fine &= stable(span(&out));
    }
    if (status == AIGOV_OK) {
        fine &= kept == AIGOV_OK && reversible(&content, &syntax);
    }
    aigov_buf_free(&out);
    aigov_json_free(&syntax);
    aigov_json_free(&content);
    drop(text);
    return fine ? status : AIGOV_STATE;
}

/* --- deep and wide ------------------------------------------------------- */

static void test_deep(void)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf b, out;

    aigov_buf_init(&b, ctx);
    aigov_buf_init(&out, ctx);
    repeat(&b, "[", 100000);
    ok(aigov_json_read(&j, AIGOV_JSON_SYNTAX, span(&b), &err) == AIGOV_TOOBIG &&
           err.pos == 512,
       "100,000 brackets: syntax");
    ok(aigov_json_read(&j, AIGOV_JSON_CONTENT, span(&b), &err) ==
               AIGOV_NOTJSON &&
           err.pos == 100000,
       "100,000 brackets: content");
    repeat(&b, "]", 100000);
    ok(aigov_json_read(&j, AIGOV_JSON_CONTENT, span(&b), &err) == AIGOV_OK &&
           j.nodes == 513 && j.node[512].type == AIGOV_JSON_STRING &&
           j.node[512].size == 200000 - 1024 + 4,
       "100,000 nested arrays: content keeps them");
    ok(aigov_json_canonical(&j, 0, &out, &err) == AIGOV_OK &&
           stable(span(&out)),
       "and gives strict JSON");
    b.n = 0;
    repeat(&b, "[{\"\":", 50000);
    ok(aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err) == AIGOV_TOOBIG &&
           err.pos == 256 * 5,
       "50,000 arrays of objects: strict");
    ok(aigov_json_read(&j, AIGOV_JSON_CONTENT, span(&b), &err) ==
               AIGOV_NOTJSON &&
           err.pos == 250000,
       "50,000 arrays of objects: content");
    b.n = 0;
    if (aigov_buf_reserve(&b, AIGOV_MAX_INPUT + 1)) {
        memset(b.p, ' ', AIGOV_MAX_INPUT + 1);
        b.n = AIGOV_MAX_INPUT + 1;
        ok(aigov_json_read(&j, AIGOV_JSON_SYNTAX, span(&b), &err) ==
               AIGOV_TOOBIG,
           "one byte too much");
        b.p[0] = '0';
        b.n--;
        ok(aigov_json_read(&j, AIGOV_JSON_SYNTAX, span(&b), &err) == AIGOV_OK,
           "AIGOV_MAX_INPUT bytes");
    }
    aigov_buf_free(&b);
    aigov_buf_free(&out);
    aigov_json_free(&j);
}

/* {"<i>":0,...} of n names in an order that is not theirs. */
static void wide_object(aigov_buf *b, uint32_t n, uint32_t step)
{
    char name[64];

    b->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%c\"a long common prefix %u\":%u",
                 i == 0 ? '{' : ',', (unsigned)(i * step % n), (unsigned)i);
        aigov_buf_puts(b, name);
    }
    aigov_buf_puts(b, "}");
}

/* A decimal halfway between two doubles goes to the even one; one more digit,
 * however far behind, takes it to the other. */
static void test_ties(void)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf b;
    double v = 0;

    aigov_buf_init(&b, ctx);
    aigov_buf_puts(&b,
                   "1.00000000000000011102230246251565404236316680908203125");
    aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err);
    ok(aigov_json_double(&j, 0, &v) && v == 1.0, "halfway");
    repeat(&b, "0", 2000);
    aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err);
    ok(aigov_json_double(&j, 0, &v) && v == 1.0, "halfway and zeros");
    aigov_buf_puts(&b, "1");
    aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err);
    ok(aigov_json_double(&j, 0, &v) && v > 1.0, "halfway and a bit");
    aigov_buf_free(&b);
    aigov_json_free(&j);
}

static void test_wide(void)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf b, out;

    aigov_buf_init(&b, ctx);
    aigov_buf_init(&out, ctx);
    for (uint32_t n = 2; n <= 100000; n = n < 70 ? n + 1 : n * 3) {
        wide_object(&b, n, 7919);
        bool good =
            aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err) == AIGOV_OK;
        out.n = 0;
        good = good && aigov_json_canonical(&j, 0, &out, &err) == AIGOV_OK &&
               stable(span(&out)) && out.n == b.n;
        b.p[b.n - 1] = ',';
        aigov_buf_puts(&b, "\"a long common prefix 1\":7}");
        good = good && aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err) ==
                           AIGOV_NOTIJSON;
        size_t at = err.pos;
        good = good && at == b.n - sizeof "\"a long common prefix 1\":7}" + 1 &&
               aigov_json_read(&j, AIGOV_JSON_CONTENT, span(&b), &err) ==
                   AIGOV_OK &&
               j.bad_at == at;
        if (n < 4 || n > 69) {
            ok(good, "%u names, one of them twice", (unsigned)n);
        } else if (!good) {
            ok(false, "%u names, one of them twice", (unsigned)n);
        }
    }
    aigov_buf_free(&b);
    aigov_buf_free(&out);
    aigov_json_free(&j);
}

static bool stop_now(void *host)
{
    return ++*(int *)host > 3;
}

static void test_interrupt(void)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf b, out;
    int calls = 0;

    aigov_buf_init(&b, ctx);
    aigov_buf_init(&out, ctx);
    aigov_buf_puts(&b, "[0");
    repeat(&b, ",1", 500000);
    aigov_buf_puts(&b, "]");
    aigov_ctx_set_interrupt(ctx, stop_now, &calls);
    ok(aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err) ==
               AIGOV_CANCELED &&
           err.pos > 2 * 65536 && err.pos < 4 * 65536,
       "a read is canceled");
    aigov_ctx_set_interrupt(ctx, NULL, NULL);
    aigov_json_read(&j, AIGOV_JSON_STRICT, span(&b), &err);
    calls = 0;
    aigov_ctx_set_interrupt(ctx, stop_now, &calls);
    ok(aigov_json_canonical(&j, 0, &out, &err) == AIGOV_CANCELED && out.n == 0,
       "writing is canceled and leaves nothing behind");
    aigov_ctx_set_interrupt(ctx, NULL, NULL);
    aigov_buf_free(&b);
    aigov_buf_free(&out);
    aigov_json_free(&j);
}

/* --- every piece of text against every other ------------------------------ */

/* Random sequences of awkward pieces; all_modes finds what does not hold. */
static void test_random(unsigned seed)
{
    static const char *const piece[] = {"{",
                                        "}",
                                        "[",
                                        "]",
                                        ",",
                                        ":",
                                        "\"",
                                        "\"a\"",
                                        "\"a\":",
                                        "1",
                                        "-0.5e3",
                                        "1e999",
                                        "1e-999",
                                        "12345678901234567890",
                                        " ",
                                        "\n",
                                        "null",
                                        "\\u0000",
                                        "\\ud800",
                                        "\\udc00",
                                        "\\n",
                                        "\xFF",
                                        "\xC3\xA9",
                                        "\xE2\x90\x9B",
                                        "\xEF\xBF\xBF",
                                        "\xF0\x9F\x98\x82",
                                        "text of sixteen and more bytes",
                                        "\"\":",
                                        "[]",
                                        "{}",
                                        "\"\\u0061\":",
                                        "true"};
    aigov_buf b;
    int accepted = 0;
    bool fine = true;

    aigov_buf_init(&b, ctx);
    for (int i = 0; fine && i < 200000; i++) {
        aigov_status strict;
        b.n = 0;
        seed = seed * 1103515245U + 12345U;
        aigov_buf_puts(&b, i % 2 ? "[" : "{\"a\":");
        for (unsigned k = seed >> 16 & 7; k > 0; k--) {
            seed = seed * 1103515245U + 12345U;
            aigov_buf_puts(&b, piece[seed >> 16 & 31]);
        }
        aigov_buf_puts(&b, i % 2 ? "]" : "}");
        aigov_status status = all_modes(span(&b), &strict);
        accepted += status == AIGOV_OK;
        fine = status != AIGOV_STATE;
    }
    if (!ok(fine, "200,000 random texts, %d of them JSON", accepted)) {
        show("text", span(&b));
    }
    aigov_buf_free(&b);
}

/* --- shared files -------------------------------------------------------- */

/* What STRICT refuses of the y cases. */
static bool outside_i_json(aigov_span name)
{
    static const char *const names[] = {
        "y_object_duplicated_key.json",
        "y_object_duplicated_key_and_value.json",
        "y_object_escaped_null_in_key.json",
        "y_string_null_escape.json",
        "y_string_escaped_noncharacter.json",
        "y_string_last_surrogates_1_and_2.json",
        "y_string_nonCharacterInUTF-8_U+10FFFF.json",
        "y_string_nonCharacterInUTF-8_U+FFFF.json",
        "y_string_unicode_U+10FFFE_nonchar.json",
        "y_string_unicode_U+1FFFE_nonchar.json",
        "y_string_unicode_U+FDD0_nonchar.json",
        "y_string_unicode_U+FFFE_nonchar.json"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (aigov_span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool parsing_line(const aigov_json *j, aigov_buf *text, int count[3])
{
    aigov_span name = aigov_json_text(j, aigov_json_get(j, 0, "name"));
    aigov_span expect = aigov_json_text(j, aigov_json_get(j, 0, "expect"));
    aigov_status strict, status;
    bool good = true;

    base64(aigov_json_text(j, aigov_json_get(j, 0, "b64")), text);
    status = all_modes(span(text), &strict);
    good = status != AIGOV_STATE;
    if (expect.p[0] == 'y') {
        good = good && status == AIGOV_OK &&
               (strict == AIGOV_OK) == !outside_i_json(name);
    } else if (expect.p[0] == 'n') {
        good = good && status != AIGOV_OK && strict != AIGOV_OK;
    } else {
        note("i %.*s: syntax %s, strict %s", (int)name.n, name.p,
             aigov_status_name(status), aigov_status_name(strict));
    }
    count[expect.p[0] == 'y' ? 0 : expect.p[0] == 'n' ? 1 : 2]++;
    if (!good) {
        note("wrong: %.*s", (int)name.n, name.p);
    }
    return good;
}

static bool jcs_line(const aigov_json *j, aigov_buf *text, int count[3])
{
    aigov_buf want, got;

    aigov_buf_init(&want, ctx);
    aigov_buf_init(&got, ctx);
    base64(aigov_json_text(j, aigov_json_get(j, 0, "input_b64")), text);
    base64(aigov_json_text(j, aigov_json_get(j, 0, "output_b64")), &want);
    bool good = aigov_canonical(ctx, span(text), &got, &err) == AIGOV_OK &&
                aigov_span_eq(span(&got), span(&want)) && stable(span(&got));
    aigov_buf_free(&want);
    aigov_buf_free(&got);
    count[0]++;
    return good;
}

static void each_line(const char *dir, const char *name,
                      bool (*line)(const aigov_json *, aigov_buf *, int[3]))
{
    size_t n;
    char *file = read_file(dir, name, &n);
    aigov_json j = {.ctx = ctx};
    aigov_buf text;
    int count[3] = {0, 0, 0};
    bool good = true;

    if (file == NULL) {
        note("no %s: skipped", name);
        return;
    }
    aigov_buf_init(&text, ctx);
    for (char *p = file, *end; p < file + n; p = end + 1) {
        end = memchr(p, '\n', (size_t)(file + n - p));
        if (end == NULL) {
            end = file + n;
        }
        aigov_span s = {p, (size_t)(end - p)};
        good &= aigov_json_read(&j, AIGOV_JSON_STRICT, s, &err) == AIGOV_OK &&
                line(&j, &text, count);
    }
    ok(good, "%s: %d + %d + %d cases", name, count[0], count[1], count[2]);
    aigov_buf_free(&text);
    aigov_json_free(&j);
    free(file);
}

static bool number_line(aigov_span hex, aigov_span want)
{
    char text[32], back[32];
    aigov_buf b;
    double v;
    uint64_t bits = strtoull(hex.p, NULL, 16);

    memcpy(&v, &bits, sizeof v);
    size_t n = aigov_number_format(ctx, v, text);
    bool good = aigov_span_eq((aigov_span){text, n}, want);
    /* the text is its own canonical form */
    aigov_buf_init(&b, ctx);
    good &= aigov_canonical(ctx, want, &b, &err) == AIGOV_OK &&
            aigov_span_eq(span(&b), want);
    /* and so are 17 digits of the same double, where they are no integer */
    snprintf(back, sizeof back, "%.16e", v);
    b.n = 0;
    good &= aigov_canonical(ctx, aigov_str(back), &b, &err) == AIGOV_OK &&
            aigov_span_eq(span(&b), want);
    aigov_buf_free(&b);
    return good;
}

static void test_numbers(const char *dir, const char *name)
{
    size_t n, hex_n;
    char *file = read_file(dir, name, &n);
    int rows = 0, wrong = 0;

    if (file == NULL) {
        note("no %s: skipped", name);
        return;
    }
    for (char *p = file, *end; p < file + n; p = end + 1) {
        end = memchr(p, '\n', (size_t)(file + n - p));
        if (end == NULL) {
            end = file + n;
        }
        char *hex = column(&p, end, &hex_n);
        rows++;
        if (!number_line((aigov_span){hex, hex_n},
                         (aigov_span){p, (size_t)(end - p)})) {
            wrong++;
            note("wrong: %.*s", (int)hex_n, hex);
        }
    }
    ok(rows > 0 && wrong == 0, "%s: %d doubles", name, rows);
    free(file);
}

/* Literals that are their own canonical form, and some next to them. */
static void test_literals(void)
{
    static const char *const rows[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"0.5", "0.5"},
        {"-0.5", "-0.5"},
        {"0.50", "0.5"},
        {"10.0", "10"},
        {"10.000", "10"},
        {"0.000001", "0.000001"},
        {"0.0000019", "0.0000019"},
        {"0.0000001", "1e-7"},
        {"-0.00000012", "-1.2e-7"},
        {"10.0000001", "10.0000001"},
        {"0.12345678901234", "0.12345678901234"},
        {"123456789012345", "123456789012345"},
        {"-12345678.9012345", "-12345678.9012345"},
        {"0.1000000000000000055", "0.1"},
        {"9007199254740.9935", "9007199254740.994"},
        {"1.5e1", "15"},
        {"1.5E-7", "1.5e-7"},
    };
    aigov_buf b;
    aigov_buf_init(&b, ctx);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        b.n = 0;
        ok(aigov_canonical(ctx, aigov_str(rows[i][0]), &b, &err) == AIGOV_OK &&
               aigov_span_is(span(&b), rows[i][1]),
           "%s is %s", rows[i][0], rows[i][1]);
    }
    aigov_buf_free(&b);
}

/* The quick and the sure way to the shortest digits agree on random doubles. */
static void test_shortest(uint64_t seed)
{
    struct aigov__digits quick, sure;
    int gave_up = 0, wrong = 0;

    for (int i = 0; i < 100000; i++) {
        double v;
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        uint64_t bits = (seed ^ seed >> 29) & 0x7FEFFFFFFFFFFFFFU;
        if (i % 4 == 0) {
            bits &= 0x7FF0000000000000U; /* powers of two */
        }
        if (i % 4 == 1) {
            bits = 0x3FD0000000000000U + bits % 0x0080000000000000U;
        }
        if (bits == 0) {
            continue;
        }
        memcpy(&v, &bits, sizeof v);
        if (!aigov__grisu(v, &quick)) {
            gave_up++;
            continue;
        }
        aigov__shortest(ctx, v, &sure);
        wrong += quick.count != sure.count || quick.point != sure.point ||
                 memcmp(quick.digit, sure.digit, (size_t)sure.count) != 0;
    }
    ok(wrong == 0 && gave_up < 2000,
       "shortest digits; the quick way gave up %d"
       " times in 100,000",
       gave_up);
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 ? argv[1] : "test/vectors/json";
    const char *env = getenv("AIGOV_SHARED");
    char shared[1000] = "";

    if (argc > 2) {
        snprintf(shared, sizeof shared, "%s", argv[2]);
    } else if (env != NULL) {
        snprintf(shared, sizeof shared, "%s/json", env);
    }
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    test_nodes();
    test_flags();
    test_accessors();
    test_vectors(dir);
    test_numbers(dir, "numbers.tsv");
    test_literals();
    test_shortest(20260911);
    test_deep();
    test_ties();
    test_wide();
    test_interrupt();
    test_random(20260911);
    if (shared[0] != '\0') {
        each_line(shared, "parsing.jsonl", parsing_line);
        each_line(shared, "jcs.jsonl", jcs_line);
        test_numbers(shared, "es6-numbers.tsv");
    }
    aigov_ctx_free(ctx);
    return done();
}
