/*
 * test_redact.c - texts and JSON with what is found in them replaced
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Values are payment cards that pass Luhn and US social security numbers after
 * their words: two detectors that stand for all.
 */
#include "logtest.h"

#define CARD "4012 8888 8888 1881"
#define CARD2 "5105105105105100"
#define SSN "SSN 212-09-7654"

static aigov_ctx *ctx;
static aigov_scanner *s;
static aigov_error err;
static aigov_buf out;

/* --- texts --------------------------------------------------------------- */

static aigov_span redacted(aigov_span text)
{
    out.n = 0;
    if (aigov_redact(s, text, AIGOV_ABSENT, &out, NULL, NULL, &err) !=
        AIGOV_OK) {
        note("%s", err.text);
        return AIGOV_ABSENT;
    }
    return aigov_buf_span(&out);
}

/* text becomes want, and want stays. */
static void becomes(const char *text, const char *want)
{
    aigov_span got = redacted(aigov_str(text));
    bool held = aigov_span_is(got, want);
    if (!ok(held, "redacted: %.60s", text)) {
        note("have %.*s", (int)got.n, got.p);
        note("want %s", want);
    }
    got = redacted(aigov_str(want));
    ok(aigov_span_is(got, want), "and again: %.60s", want);
}

static void test_texts(void)
{
    becomes("", "");
    becomes("nothing here", "nothing here");
    becomes("card " CARD ".", "card [CREDIT_CARD].");
    becomes(CARD, "[CREDIT_CARD]");
    becomes(CARD ", " CARD2 ";" CARD,
            "[CREDIT_CARD], [CREDIT_CARD];[CREDIT_CARD]");
    becomes("a " SSN " b " CARD2 " c", "a SSN [US_SSN] b [CREDIT_CARD] c");
    becomes("\xFF\xFE " CARD2 " \xED\xA0\x80",
            "\xFF\xFE [CREDIT_CARD] \xED\xA0\x80");
}

/* Texts that redaction left behind are found by nothing. */
static void test_placeholders(void)
{
    static const char *const same_again[] = {
        "[SECRET]",
        "[US_SSN]",
        "[PERSON_1] paid with [CREDIT_CARD_12]",
        "password=[SECRET]",
        "password: \"[SECRET]\", token=[SECRET] api_key = [SECRET_2]",
        "card [CREDIT_CARD:k1:4012888888881881]",
        "[US_SSN:2026-05:2190999990000000] ssn",
        "[EMAIL_ADDRESS:k1:0123456789abcdef]@[EMAIL_ADDRESS]",
        "Authorization: Bearer [SECRET]",
        "https://[EMAIL_ADDRESS]:[SECRET]@db.example/x",
        "[[SECRET]]",
    };
    for (size_t i = 0; i < sizeof same_again / sizeof same_again[0]; i++) {
        becomes(same_again[i], same_again[i]);
    }
    for (size_t i = 0; aigov_entity_at(i) != NULL; i++) {
        char text[100];
        snprintf(text, sizeof text, "[%s] and %s: [%s_7]", aigov_entity_at(i),
                 aigov_entity_at(i), aigov_entity_at(i));
        aigov_span got = redacted(aigov_str(text));
        if (!aigov_span_is(got, text)) {
            ok(false, "a placeholder is kept: %s", text);
        }
    }
    /* the names in placeholders speak for nothing */
    becomes("[US_SSN] 219099999 [US_SSN]", "[US_SSN] 219099999 [US_SSN]");
    /* but capitals in brackets hide nothing */
    becomes("[ACCOUNT:4012888888881881]", "[ACCOUNT:[CREDIT_CARD]]");
    becomes("[CREDIT_CARD:" CARD2 "]", "[CREDIT_CARD:[CREDIT_CARD]]");
}

static void test_findings(void)
{
    const aigov_finding *f = NULL;
    size_t n = 0;
    out.n = 0;
    aigov_buf_puts(&out, "before ");
    aigov_status st = aigov_redact(s, aigov_str("x " CARD " y"), AIGOV_ABSENT,
                                   &out, &f, &n, &err);
    ok(st == AIGOV_OK && n == 1 && f[0].start == 2 &&
           f[0].stop == 2 + strlen(CARD) &&
           aigov_span_is(aigov_buf_span(&out), "before x [CREDIT_CARD] y"),
       "what is redacted is appended, findings have offsets in the text");
}

static void test_catalogue(void)
{
    bool sorted = true;
    size_t n = 0;
    uint8_t a[32], b[32];
    for (; aigov_entity_at(n) != NULL; n++) {
        sorted = sorted && (n == 0 || strcmp(aigov_entity_at(n - 1),
                                             aigov_entity_at(n)) < 0);
    }
    ok(sorted && n > 3 && n <= AIGOV_MAX_ENTITIES, "%zu entities, sorted", n);
    size_t named = 0, detectors = 0;
    for (; aigov_detector_at(detectors) != NULL; detectors++) {
        for (size_t i = 0; i < n; i++) {
            named += strcmp(aigov_entity_at(i),
                            aigov_detector_at(detectors)->entity) == 0;
        }
    }
    ok(named == detectors, "each detector's entity is one of them");
    ok(aigov_ruleset(ctx, a, &err) == AIGOV_OK &&
           aigov_ruleset(ctx, b, &err) == AIGOV_OK && memcmp(a, b, 32) == 0,
       "the ruleset has a hash");
}

/* --- JSON ---------------------------------------------------------------- */

static void json(const char *text, const char *want)
{
    for (int twice = 0; twice < 2; twice++) {
        aigov_span got;
        out.n = 0;
        if (aigov_redact_json(s, aigov_str(twice ? want : text), &out, NULL,
                              &err) != AIGOV_OK) {
            ok(false, "json %.60s: %s", text, err.text);
            return;
        }
        got = aigov_buf_span(&out);
        if (!ok(aigov_span_is(got, want), "json%s: %.60s",
                twice ? ", again" : "", text)) {
            note("have %.*s", (int)got.n, got.p);
            note("want %s", want);
        }
    }
}

/* What a member `name` or `key` says is context of `value` beside it. */
static void test_pairs(void)
{
    json("[{\"name\":\"DB_PASSWORD\",\"value\":\"gato7negro\"},"
         "{\"name\":\"COLOUR\",\"value\":\"gato7negro\"}]",
         "[{\"name\":\"DB_PASSWORD\",\"value\":\"[SECRET]\"},"
         "{\"name\":\"COLOUR\",\"value\":\"gato7negro\"}]");
    json("{\"value\":44051401359,\"key\":\"pesel\"}",
         "{\"value\":\"[PL_PESEL]\",\"key\":\"pesel\"}");
    json("{\"key\":\"pesel\",\"value\":{\"intValue\":\"44051401359\"},"
         "\"count\":44051401359}",
         "{\"key\":\"pesel\",\"value\":{\"intValue\":\"[PL_PESEL]\"},"
         "\"count\":44051401359}");
    json("{\"name\":\"password\",\"in\":\"query\",\"example\":"
         "\"gato7negro\"}",
         "{\"name\":\"password\",\"in\":\"query\",\"example\":"
         "\"[SECRET]\"}");
    json("{\"name\":\"Header\",\"Value\":\"gato7negro\"}",
         "{\"name\":\"Header\",\"Value\":\"gato7negro\"}");
    json("{\"name\":\"password\",\"value\":\"required\"}",
         "{\"name\":\"password\",\"value\":\"required\"}");
    json("{\"name\":{\"pesel\":1},\"value\":44051401359}",
         "{\"name\":{\"pesel\":1},\"value\":44051401359}");
    json("{\"names\":\"pesel\",\"value\":44051401359}",
         "{\"names\":\"pesel\",\"value\":44051401359}");
    json("[{\"name\":\"pesel\"},{\"value\":44051401359}]",
         "[{\"name\":\"pesel\"},{\"value\":44051401359}]");
    json("[{\"name\":\"ann@acme.org\",\"value\":44051401359}]",
         "[{\"name\":\"[EMAIL_ADDRESS]\",\"value\":44051401359}]");
    json("\"{\\\"key\\\":\\\"pesel\\\",\\\"value\\\":44051401359}\"",
         "\"{\\\"key\\\":\\\"pesel\\\",\\\"value\\\":\\\"[PL_PESEL]"
         "\\\"}\"");
}

static void test_json(void)
{
    json("null", "null");
    json(" { \"a\" : [ 1 , true,\tnull ] }\n",
         " { \"a\" : [ 1 , true,\tnull ] }\n");
    json("\"" CARD "\"", "\"[CREDIT_CARD]\"");
    json(
        "{\"a\":\"x \\/ \\u00e9 " CARD2 " \\ud83d\\ude42 \\n\",\"b\":1e2}",
        "{\"a\":\"x \\/ \\u00e9 [CREDIT_CARD] \\ud83d\\ude42 \\n\",\"b\":1e2}");
    json("[\"\\u0034\\u0030\\u0031\\u0032888888881881!\"]",
         "[\"[CREDIT_CARD]!\"]");
    /* numbers become strings; 0.50 is not 0.5 */
    json("{\"n\":5105105105105100,\"k\":0.50}",
         "{\"n\":\"[CREDIT_CARD]\",\"k\":0.50}");
    /* names around a value are its context */
    json("{\"customer\":{\"pesel\":[\"44051401359\"],\"x\":\"44051401359\"}}",
         "{\"customer\":{\"pesel\":[\"[PL_PESEL]\"],\"x\":\"44051401359\"}}");
    json("{\"pesel\":44051401359,\"other\":{\"id\":44051401359}}",
         "{\"pesel\":\"[PL_PESEL]\",\"other\":{\"id\":44051401359}}");
    json("{\"db\":{\"password\":\"gato7negro\",\"user\":\"gato7negro\"}}",
         "{\"db\":{\"password\":\"[SECRET]\",\"user\":\"gato7negro\"}}");
    json("{\"input_tokens\":512,\"password\":{\"length\":8}}",
         "{\"input_tokens\":512,\"password\":{\"length\":8}}");
    json("[{\"pesel\":{\"a\":{}},\"b\":44051401359},44051401359]",
         "[{\"pesel\":{\"a\":{}},\"b\":44051401359},44051401359]");
}

static void test_json_names(void)
{
    json("{\"of " CARD2 "\":1}", "{\"of [CREDIT_CARD]\":1}");
    json("{\"" CARD "\":1,\"" CARD2 "\":{\"" CARD2 "\":2}}",
         "{\"[CREDIT_CARD]\":1,\"[CREDIT_CARD_2]\":{\"[CREDIT_CARD]\":2}}");
    /* by the order of names, not of the text */
    json("{\"" CARD2 "\":{\"b " CARD2 "\":0,\"x\":0,\"a " CARD2 "\":0,\"c\":0},"
         "\"x\":1,\"" CARD "\":1}",
         "{\"[CREDIT_CARD_2]\":{\"b [CREDIT_CARD_2]\":0,\"x\":0,"
         "\"a [CREDIT_CARD]\":0,\"c\":0},\"x\":1,\"[CREDIT_CARD]\":1}");
    json("{\"" CARD "\":1,\"" CARD "\":2}",
         "{\"[CREDIT_CARD]\":1,\"[CREDIT_CARD_2]\":2}");
    json("{\"[CREDIT_CARD_4]\":0,\"" CARD "\":1,\"" CARD2 "\":2}",
         "{\"[CREDIT_CARD_4]\":0,\"[CREDIT_CARD_5]\":1,\"[CREDIT_CARD_6]\":2}");
}

static void test_json_inside(void)
{
    json(
        "{\"arguments\":\"{\\\"pesel\\\": 44051401359, \\\"q\\\":\\\"\\\\n" CARD
        "\\\"}\"}",
        "{\"arguments\":\"{\\\"pesel\\\": \\\"[PL_PESEL]\\\", "
        "\\\"q\\\":\\\"\\\\n[CREDIT_CARD]\\\"}\"}");
    /* names outside are context inside, and three levels down still */
    json(
        "{\"pesel\":\"[\\\"[\\\\\\\"[44051401359]\\\\\\\"]\\\"]\"}",
        "{\"pesel\":\"[\\\"[\\\\\\\"[\\\\\\\\\\\\\\\"[PL_PESEL]\\\\\\\\\\\\\\\""
        "]\\\\\\\"]\\\"]\"}");
    json("[\"{ not json " CARD2 "}\",\"{}\",\"[\",\"\"]",
         "[\"{ not json [CREDIT_CARD]}\",\"{}\",\"[\",\"\"]");
}

/* What I-JSON forbids is scanned too, and what is around it stays. */
static void test_json_nonconforming(void)
{
    json("[\"\\u0000 " CARD2 " \\ud800\",1e400,\"\xFF" CARD "\xE2\x90\x9B\"]",
         "[\"\\u0000 [CREDIT_CARD] \\ud800\",1e400,\"\xFF[CREDIT_CARD]"
         "\xE2\x90\x9B\"]");
    json("{\"a\":1,\"a\":\"" CARD2 "\",\"n\":6011000990139424000}",
         "{\"a\":1,\"a\":\"[CREDIT_CARD]\",\"n\":6011000990139424000}");
    /* a number as it will be stored, whatever it is written like */
    json("[4012888888881881.0,4.012888888881881E+15,5105105105105100e0]",
         "[\"[CREDIT_CARD]\",\"[CREDIT_CARD]\",\"[CREDIT_CARD]\"]");
    json("[-12345678901234567890123,1e400]",
         "[-12345678901234567890123,1e400]");
    /* deeper than the reader goes */
    enum { DEEP = 600 };
    char text[2 * DEEP + 100], want[2 * DEEP + 100], up[DEEP + 1],
        down[DEEP + 1];
    memset(up, '[', DEEP);
    memset(down, ']', DEEP);
    up[DEEP] = down[DEEP] = 0;
    snprintf(text, sizeof text, "%s\"x %s\",5105105105105100,{\"%s\":\"\"}%s",
             up, CARD2, CARD, down);
    snprintf(want, sizeof want,
             "%s\"x [CREDIT_CARD]\",\"[CREDIT_CARD]\","
             "{\"[CREDIT_CARD]\":\"\"}%s",
             up, down);
    json(text, want);
}

static void test_json_tally(void)
{
    static aigov_tally t;
    size_t i = 0;
    out.n = 0;
    aigov_buf_puts(&out, "x");
    aigov_redact_json(
        s, aigov_str("{\"" CARD "\":[\"" CARD2 "\",1,\"" CARD "\"]}"), &out, &t,
        &err);
    while (strcmp(aigov_entity_at(i), "CREDIT_CARD") != 0) {
        i++;
    }
    ok(t.count[i] == 3 && t.max_score >= 65 && out.p[0] == 'x',
       "a tally counts names and values");
    ok(aigov_redact_json(s, aigov_str("{\"a\":"), &out, &t, &err) ==
               AIGOV_NOTJSON &&
           t.count[i] == 3,
       "what is no JSON is refused");
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &s, &err) != AIGOV_OK) {
        return 2;
    }
    aigov_buf_init(&out, ctx);
    test_texts();
    test_placeholders();
    test_findings();
    test_catalogue();
    test_json();
    test_pairs();
    test_json_names();
    test_json_inside();
    test_json_nonconforming();
    test_json_tally();
    aigov_buf_free(&out);
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
    return done();
}
