/*
 * test_outside.c - member `findings`: what outside detectors found
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A text is made of cells, some of them a character that stands nowhere else.
 * It is written plain, or as JSON in a string up to three deep, with escapes
 * here and there.  Whatever ranges are said of it: a character is stored if and
 * only if none of them has a part of its cell, and what is found here is found
 * as it would be without.  What may leave (send.c) has the same characters.
 */
#include "logtest.h"

#define MARK 0xA000 /* the first of the characters: Yi, no detector's */
#define CELLS 200

typedef struct cell {
    char text[48];
    int mark; /* its character, or -1 */
    bool secret;
    size_t from, to; /* code points, in the text as handed in */
} cell;

static aigov_ctx *ctx;
static aigov_record *r;
static aigov_rules *rules;
static aigov_error err;
static uint32_t seed;

/* Read a record as guard does, which makes what may leave. */
static bool ask(aigov_span json)
{
    static const aigov_asked asked = {{"request", 7}, NULL, {NULL, 0}, NULL};
    bool read;
    aigov_record_asked(r, &asked);
    read = aigov_record_read(r, json, &err) == AIGOV_OK;
    aigov_record_asked(r, NULL);
    return read;
}

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

/* --- a text -------------------------------------------------------------- */

static size_t put_mark(char *out, int mark)
{
    uint32_t c = MARK + (uint32_t)mark;
    out[0] = (char)(0xE0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 63));
    out[2] = (char)(0x80 | (c & 63));
    return 3;
}

static size_t make_cells(cell *c)
{
    static const char *const plain[] = {"a",  " ",     "\"",       "\\",
                                        "\n", "word ", "\xC3\xA9", "/"};
    size_t n = 4 + random_below(30);
    for (size_t i = 0; i < n; i++) {
        c[i] = (cell){.mark = -1};
        if (random_below(3) == 0) {
            c[i].mark = (int)i;
            put_mark(c[i].text, c[i].mark);
        } else if (random_below(8) == 0) {
            c[i].secret = true;
            snprintf(c[i].text, sizeof c[i].text, " ann@acme.org ");
        } else {
            snprintf(c[i].text, sizeof c[i].text, "%s", plain[random_below(8)]);
        }
    }
    return n;
}

/* A cell as it stands in a string of JSON. */
static void escape(cell *c, bool codes)
{
    char out[sizeof c->text];
    size_t k = 0;
    for (const char *p = c->text; *p != 0; p++) {
        if (*p == '\n') {
            k += (size_t)snprintf(out + k, sizeof out - k, "\\n");
        } else if (*p == '"' || *p == '\\') {
            k += (size_t)snprintf(out + k, sizeof out - k, "\\%c", *p);
        } else if (codes && (*p & 0xF0) == 0xE0 && random_below(2) == 0) {
            k += (size_t)snprintf(out + k, sizeof out - k, "\\u%04x",
                                  MARK + c->mark);
            p += 2;
        } else {
            out[k++] = *p;
        }
    }
    out[k] = 0;
    memcpy(c->text, out, k + 1);
}

/* The text becomes a string of a JSON text. */
static size_t wrap(cell *c, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        c[i] = c[i - 1];
        escape(&c[i], true);
    }
    c[0] = (cell){.text = "{\"n\": [7, \"", .mark = -1};
    c[n + 1] = (cell){.text = "\"]}", .mark = -1};
    return n + 2;
}

static void place(cell *c, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        c[i].from = at;
        at += aigov_code_points(aigov_str(c[i].text));
        c[i].to = at;
    }
}

/* --- a record ------------------------------------------------------------ */

typedef struct said {
    size_t from, to;
} said;

static void put_findings(aigov_buf *b, const said *s, size_t n)
{
    char text[120];
    aigov_buf_puts(b, ",\"findings\":[");
    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof text,
                 "%s{\"detector\":\"ner-1\",\"at\":\"/tool/arguments/0\","
                 "\"start\":%zu,\"stop\":%zu}",
                 i == 0 ? "" : ",", s[i].from, s[i].to);
        aigov_buf_puts(b, text);
    }
    aigov_buf_puts(b, "]");
}

static void make_record(aigov_buf *b, const cell *c, size_t n, const said *s,
                        size_t ranges, bool before)
{
    b->n = 0;
    aigov_buf_puts(b, "{\"system\":\"s\"");
    if (before) {
        put_findings(b, s, ranges);
    }
    aigov_buf_puts(b, ",\"tool\":{\"arguments\":[\"");
    for (size_t i = 0; i < n; i++) {
        cell x = c[i];
        escape(&x, true);
        aigov_buf_puts(b, x.text);
    }
    aigov_buf_puts(b, "\"]}");
    if (!before) {
        put_findings(b, s, ranges);
    }
    aigov_buf_puts(b, "}");
}

static bool stored(int mark, aigov_span content)
{
    char code[8], raw[4] = {0};
    put_mark(raw, mark);
    snprintf(code, sizeof code, "u%04x", MARK + mark);
    return memmem(content.p, content.n, raw, 3) != NULL ||
           memmem(content.p, content.n, code, 5) != NULL;
}

static bool covered(const cell *c, const said *s, size_t ranges)
{
    for (size_t i = 0; i < ranges; i++) {
        if (s[i].from < c->to && s[i].to > c->from) {
            return true;
        }
    }
    return false;
}

static bool holds(aigov_span content, const cell *c, size_t n, const said *s,
                  size_t ranges)
{
    for (size_t i = 0; i < n; i++) {
        if (c[i].mark >= 0 &&
            stored(c[i].mark, content) == covered(&c[i], s, ranges)) {
            note("character %d of %.*s", c[i].mark, (int)content.n, content.p);
            return false;
        }
    }
    return memmem(content.p, content.n, "ann@", 4) == NULL;
}

/* How often the detector of e-mail addresses is counted. */
static long counted(void)
{
    static const char row[] = "{\"detector\":\"email_address\",\"direction\":"
                              "\"tool\",\"entity\":\"EMAIL_ADDRESS\",\"n\":";
    aigov_stamps s = {.lane = 1, .seq = 1};
    aigov_entry e;
    aigov_content c;
    const char *p;
    s.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    s.rules = aigov_record_draft(r)->rules;
    if (aigov_record_seal(r, &s, &e, &c, NULL, &err) != AIGOV_OK) {
        return -1;
    }
    p = memmem(e.body.p, e.body.n, row, sizeof row - 1);
    return p == NULL ? 0 : strtol(p + sizeof row - 1, NULL, 10);
}

static bool one(uint32_t number)
{
    static cell c[CELLS];
    said s[6];
    size_t ranges = 1 + number % 6, depth = number / 6 % 4, n, all;
    aigov_buf json, send;
    bool held;
    long secrets = 0;
    seed = number;
    n = make_cells(c);
    for (size_t i = 0; i < n; i++) {
        secrets += c[i].secret;
    }
    while (depth-- > 0) {
        n = wrap(c, n);
    }
    place(c, n);
    all = c[n - 1].to;
    for (size_t i = 0; i < ranges; i++) {
        s[i].from = random_below((uint32_t)all);
        s[i].to = s[i].from + 1 + random_below((uint32_t)(all - s[i].from));
    }
    aigov_buf_init(&json, ctx);
    make_record(&json, c, n, s, ranges, number % 2 == 0);
    aigov_buf_init(&send, ctx);
    held = ask(aigov_buf_span(&json)) &&
           holds(aigov_record_draft(r)->content, c, n, s, ranges) &&
           counted() == secrets &&
           aigov_record_send(r, &send, &err) == AIGOV_OK &&
           holds(aigov_buf_span(&send), c, n, s, ranges);
    if (!held) {
        note("%s; %.*s", err.text, (int)json.n, json.p);
    }
    aigov_buf_free(&json);
    aigov_buf_free(&send);
    return held;
}

static void test_property(void)
{
    uint32_t i = 0;
    while (i < 6000 && one(i)) {
        i++;
    }
    ok(i == 6000, "%u texts with ranges", i);
}

/* --- by hand ------------------------------------------------------------- */

static void becomes(const char *input, const char *findings, const char *want)
{
    aigov_buf b;
    aigov_span have;
    aigov_status st;
    aigov_buf_init(&b, ctx);
    aigov_buf_puts(&b, "{\"system\":\"s\",");
    aigov_buf_puts(&b, input);
    aigov_buf_puts(&b, ",\"findings\":[");
    aigov_buf_puts(&b, findings);
    aigov_buf_puts(&b, "]}");
    st = aigov_record_read(r, aigov_buf_span(&b), &err);
    have =
        st == AIGOV_OK ? aigov_record_draft(r)->content : aigov_str(err.text);
    if (!ok(have.n == strlen(want) && memcmp(have.p, want, have.n) == 0, "%s",
            want)) {
        note("have %.*s", (int)have.n, have.p);
    }
    aigov_buf_free(&b);
}

#define F(at, from, to)                                                        \
    "{\"detector\":\"ner-1\",\"at\":\"" at "\",\"start\":" #from               \
    ",\"stop\":" #to "}"

static void test_places(void)
{
    becomes("\"input\":\"Ask Ann Lee\"", F("input", 4, 11),
            "{\"input\":\"Ask [PERSON_NAME]\"}");
    becomes("\"input\":{\"a/b\":{\"m~n\":[1,\"Ann\"]}}",
            F("/input/a~1b/m~0n/1", 0, 3),
            "{\"input\":{\"a/b\":{\"m~n\":[1,\"[PERSON_NAME]\"]}}}");
    becomes("\"input\":[12,3456]", F("/input/1", 1, 2),
            "{\"input\":[12,\"[PERSON_NAME]\"]}");
    becomes("\"documents\":[{\"id\":\"d\",\"text\":\"of Ann\"}]",
            F("/documents/0/text", 3, 6),
            "{\"documents\":[{\"text\":\"of [PERSON_NAME]\"}]}");
    becomes("\"input\":\"x \\ud83d\\ude00 Ann\"", F("/input", 4, 7),
            "{\"input\":\"x \xF0\x9F\x98\x80 [PERSON_NAME]\"}");
    /* an attribute is replaced whole, an amount becomes nothing */
    becomes("\"attributes\":{\"who\":\"by Ann\"},\"input\":\"i\"",
            F("attributes/who", 3, 6), "{\"input\":\"i\"}");
}

/* A value in which nothing was found before (clean.c). */
static void test_again(void)
{
    becomes("\"input\":[\"Ann\",\"Ann\",\"Ann\"]", F("input/1", 0, 3),
            "{\"input\":[\"Ann\",\"[PERSON_NAME]\",\"Ann\"]}");
    becomes("\"input\":[\"Ann\",\"Ann\",\"Ann\"]", F("input/0", 0, 3),
            "{\"input\":[\"[PERSON_NAME]\",\"Ann\",\"Ann\"]}");
}

/* What is found here keeps its place and its name. */
static void test_overlap(void)
{
    becomes("\"input\":\"Ann ann@acme.org, Lee\"", F("input", 0, 21),
            "{\"input\":\"[PERSON_NAME][EMAIL_ADDRESS][PERSON_NAME]\"}");
    becomes("\"input\":\"mail ann@acme.org now\"", F("input", 6, 8),
            "{\"input\":\"mail [EMAIL_ADDRESS] now\"}");
    becomes("\"input\":\"mail ann@acme.org now\"", F("input", 14, 21),
            "{\"input\":\"mail [EMAIL_ADDRESS][PERSON_NAME]\"}");
    becomes("\"input\":\"Ann Lee Poe\"", F("input", 0, 7) "," F("input", 4, 11),
            "{\"input\":\"[PERSON_NAME]\"}");
    becomes("\"input\":\"see https://acme.org/ann\"", F("input", 21, 24),
            "{\"input\":\"see https://acme.org/[PERSON_NAME]\"}");
    becomes("\"input\":\"to [PERSON_NAME], x\"", F("input", 4, 8),
            "{\"input\":\"to [PERSON_NAME], x\"}");
    /* a character of full width, and one that is hidden */
    becomes("\"input\":\"\xEF\xBC\xA1nn\\u200b Lee\"", F("input", 0, 4),
            "{\"input\":\"[PERSON_NAME]\xE2\x80\x8B Lee\"}");
}

static void test_refused(void)
{
    static const char place_hint[] =
        "a finding: at names no text that is redacted";
    becomes("\"input\":\"Ann\"", F("input", 1, 4),
            "a finding stops beyond the end of its text");
    becomes("\"input\":\"Ann\"", F("input", 2, 2),
            "a finding: start is not before stop");
    becomes("\"input\":\"Ann\"", F("output", 0, 1), place_hint);
    becomes("\"input\":[\"Ann\"]", F("input/00", 0, 1), place_hint);
    becomes("\"input\":[\"Ann\"]", F("input/1", 0, 1), place_hint);
    becomes("\"input\":[\"Ann\"]", F("input", 0, 1), place_hint);
    becomes("\"input\":{\"~\":\"Ann\"}", F("input/~", 0, 1), place_hint);
    becomes("\"input\":\"Ann\",\"status\":\"ok\"", F("status", 0, 1),
            place_hint);
    becomes("\"input\":\"Ann\",\"attempt\":1", F("attempt", 0, 1), place_hint);
    becomes("\"input\":\"Ann\"",
            "{\"detector\":\"mail\",\"at\":\"input\",\"start\":0,\"stop\":1}",
            "a finding: no detector of type outside in force has this name");
    becomes("\"input\":\"Ann\"",
            "{\"detector\":\"ner-1\",\"at\":\"input\",\"start\":0,\"stop\":1,"
            "\"entity\":\"PLACE\"}",
            "a finding: entity is not that of its detector");
    becomes("\"input\":\"Ann\"",
            "{\"detector\":\"ner-1\",\"at\":\"input\",\"start\":0,\"stop\":1,"
            "\"score\":1.5}",
            "a finding: score is outside 0 to 1");
    becomes("\"input\":\"Ann\"", "{\"detector\":\"ner-1\",\"at\":\"input\"}",
            "findings.start is missing");
    becomes("\"input\":\"Ann\"",
            "{\"detector\":\"ner-1\",\"at\":\"input\",\"start\":0,\"stop\":1,"
            "\"score\":0.4}",
            "{\"input\":\"Ann\"}");
}

/* --- what may leave ------------------------------------------------------ */

static void leaves(const char *record, const char *want)
{
    aigov_buf b;
    aigov_span json = aigov_str(record);
    aigov_buf_init(&b, ctx);
    if (!ok(ask(json) && aigov_record_send(r, &b, &err) == AIGOV_OK &&
                b.n == strlen(want) && memcmp(b.p, want, b.n) == 0,
            "leaves as %s", want)) {
        note("have %.*s; %s", (int)b.n, b.p, err.text);
    }
    aigov_buf_free(&b);
}

/* Members in another order than in the object that leaves, and places that are
 * none in it. */
static void test_send(void)
{
    leaves(
        "{\"tools\":[\"by Ann\"],\"system\":\"s\",\"input\":[1,{\"z\":\"Lee\","
        "\"b\":\"Ann Lee\"}],\"actor\":{\"id\":\"Ann\"},\"findings\":[" F(
            "/input/1/b", 0,
            3) "," F("/tools/0", 3,
                     6) "," F("/documents/0/text", 0,
                              3) "," F("/actor/id", 0,
                                       3) "],\"tool\":{\"name\":\"Ann\","
                                          "\"arguments\":\"{\\\"who\\\":"
                                          "\\\"Ann\\\"}\"},"
                                          "\"documents\":[{\"text\":\"Ann, "
                                          "ann@acme.org\",\"id\":\"d\"}]}",
        "{\"documents\":[{\"id\":\"d\",\"text\":\"[PERSON_NAME], "
        "[EMAIL_ADDRESS]\"}],\"input\":[1,{\"b\":\"[PERSON_NAME] Lee\",\"z\":"
        "\"Lee\"}],\"tool\":{\"arguments\":\"{\\\"who\\\":\\\"Ann\\\"}\"},"
        "\"tools\":[\"by [PERSON_NAME]\"]}");
    leaves("{\"system\":\"s\",\"input\":\"Ann\"}", "{\"input\":\"Ann\"}");
}

int main(void)
{
    aigov_ctx_new(NULL, &ctx, &err);
    aigov_record_new(ctx, &r, &err);
    aigov_rules_new(ctx, 0, &rules, &err);
    ok(aigov_rules_add(rules, AIGOV_LIT("detector"), AIGOV_LIT("ner-1"),
                       AIGOV_LIT("{\"type\":\"outside\",\"entity\":"
                                 "\"PERSON_NAME\",\"version\":1,\"score\":"
                                 "\"0.85\"}"),
                       AIGOV_ABSENT, &err) == AIGOV_OK &&
           aigov_rules_ready(rules, &err) == AIGOV_OK,
       "a detector of type outside");
    aigov_record_use(r, rules);
    test_places();
    test_again();
    test_overlap();
    test_refused();
    test_send();
    test_property();
    aigov_record_free(r);
    aigov_rules_free(rules);
    aigov_ctx_free(ctx);
    return done();
}
