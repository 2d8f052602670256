/*
 * test_import.c - the importers' parts that recorded calls do not reach
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Whole lines are compared with expected values by test/appender/run.sh.
 */
#include "import/blob.h"
#include "import/record.h"
#include "import/sse.h"
#include "import/stream.h"
#include "tap.h"

static aigov_ctx *ctx;
static pool p;

static const char *str(aigov_span s)
{
    return s.p == NULL ? "(absent)" : pool_copy(&p, s).p;
}

/* --- server-sent events -------------------------------------------------- */

static void collect(void *host, aigov_span event, aigov_span data)
{
    aigov_buf *b = host;

    aigov_buf_put(b, event.p, event.n);
    aigov_buf_puts(b, "=");
    aigov_buf_put(b, data.p, data.n);
    aigov_buf_puts(b, ";");
}

/* The events of text, fed `step` bytes at a time. */
static const char *events(const char *text, size_t step)
{
    size_t n = strlen(text);
    aigov_buf out;
    const char *s;
    sse e;

    aigov_buf_init(&out, ctx);
    sse_init(&e, ctx, collect, &out);
    for (size_t i = 0; i < n; i += step)
        sse_feed(&e, (aigov_span){text + i, n - i < step ? n - i : step});
    sse_end(&e);
    s = str(aigov_buf_span(&out));
    sse_free(&e);
    aigov_buf_free(&out);
    return s;
}

static void test_sse(void)
{
    static const struct {
        const char *text, *events, *what;
    } cases[] = {
        {"data: a\n\n", "=a;", "LF"},
        {"data: a\r\rdata: b\r\r", "=a;=b;", "CR"},
        {"data: a\r\n\r\ndata: b\r\n\r\n", "=a;=b;", "CR LF"},
        {"data: a\r\n\ndata: b\n\r\n", "=a;=b;", "mixed ends"},
        {"data: a\ndata:b\ndata:  c\n\n", "=a\nb\n c;", "lines are joined"},
        {"event: x\ndata: a\n\ndata: b\n\n", "x=a;=b;", "the event ends too"},
        {": hi\ndata: a\n:\n\n", "=a;", "comments"},
        {"\xEF\xBB\xBF"
         "data: a\n\n",
         "=a;", "byte order mark"},
        {"data: \xEF\xBB\xBF\n\n", "=\xEF\xBB\xBF;", "not a second one"},
        {"event: x\n\ndata: a\n\n", "=a;", "an event without data is none"},
        {"data\n\n", "=;", "a field without colon"},
        {"data:\n\n", "=;", "empty data"},
        {"id: 1\nretry: 2\ndatax: 3\ndata: a\n\n", "=a;", "other fields"},
        {"data: a", "=a;", "cut in a line"},
        {"data: a\n", "=a;", "cut before the empty line"},
        {"data: a\n\ndat", "=a;", "cut in a name"},
        {"\n\n\n", "", "nothing"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool good = true;

        for (size_t step = 1; step < 9; step++)
            good = good &&
                   strcmp(events(cases[i].text, step), cases[i].events) == 0;
        ok(good, "events: %s", cases[i].what);
    }
    ok(looks_like_stream(AIGOV_LIT("x\rdata:")) &&
           looks_like_stream(AIGOV_LIT(":")) &&
           !looks_like_stream(AIGOV_LIT("a data: b\nxid:")),
       "what looks like a stream");
}

/* --- URLs ---------------------------------------------------------------- */

static void test_urls(void)
{
    static const struct {
        const char *url, *host, *provider;
    } cases[] = {
        {"https://API.OpenAI.com/v1", "api.openai.com", "openai"},
        {"https://u:p@api.openai.com:443/v1", "api.openai.com", "openai"},
        {"https://api.openai.com./v1?x=y#z", "api.openai.com.", "openai"},
        {"https://my.openai.azure.com", "my.openai.azure.com",
         "azure.ai.openai"},
        {"https://.openai.azure.com/", ".openai.azure.com",
         ".openai.azure.com"},
        {"https://eu-aiplatform.googleapis.com/",
         "eu-aiplatform.googleapis.com", "gcp.vertex_ai"},
        {"https://bedrock-runtime.us-east-1.amazonaws.com/", NULL,
         "aws.bedrock"},
        {"https://bedrock-runtime.cn-north-1.amazonaws.com.cn/", NULL,
         "aws.bedrock"},
        {"https://bedrock-mantle.api.aws/", NULL, "aws.bedrock"},
        {"https://bedrock-.api.aws/", NULL, "bedrock-.api.aws"},
        {"https://bedrock-x.a.b.api.aws/", NULL, "bedrock-x.a.b.api.aws"},
        {"http://localhost:11434/v1", "localhost", "ollama"},
        {"http://[::1]:11434/v1", "::1", "ollama"},
        {"http://llm.intern.example/v1", "llm.intern.example",
         "llm.intern.example"},
        {"api.openai.com/v1", "(absent)", NULL},
        {"https:///v1", "(absent)", NULL},
        {"", "(absent)", NULL},
    };
    url_parts u;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        url_split(&p, aigov_str(cases[i].url), &u);
        ok((cases[i].host == NULL || strcmp(str(u.host), cases[i].host) == 0) &&
               (cases[i].provider == NULL ||
                strcmp(str(provider_of(&u)), cases[i].provider) == 0),
           "%s", cases[i].url);
    }
    url_split(&p, AIGOV_LIT("https://x/openai/deployments/a%2Fb/chat"), &u);
    ok(strcmp(str(deployment_of(&p, u.path)), "a/b") == 0, "a deployment");
    url_split(&p, AIGOV_LIT("https://x/deployments/"), &u);
    ok(deployment_of(&p, u.path).p == NULL, "no deployment");
}

/* --- values -------------------------------------------------------------- */

static const char *written(const value *v)
{
    aigov_buf b;
    const char *s;

    aigov_buf_init(&b, ctx);
    value_write(v, &b);
    s = str(aigov_buf_span(&b));
    aigov_buf_free(&b);
    return s;
}

static void test_values(void)
{
    aigov_error e = {.pos = 0};
    value *v =
        value_read(&p, AIGOV_LIT("{\"a\":1,\"b\":[1],\"a\":2}"), false, &e);

    ok(strcmp(written(v), "{\"a\":2,\"b\":[1]}") == 0, "the last name counts");
    ok(value_read(&p, AIGOV_LIT("{\"a\":{\"b\":1,\"b\":2}}"), true, &e) ==
               NULL &&
           e.pos > 0,
       "a name twice is refused where it must be (byte %zu)", e.pos);
    v = value_read(&p, AIGOV_LIT("[\"\\u0000\",1e999,12345678901234567890]"),
                   true, &e);
    ok(v != NULL &&
           strcmp(written(v), "[\"\\u0000\",1e999,12345678901234567890]") == 0,
       "what I-JSON forbids is passed on");
    ok(strcmp(str(value_canonical(
                  &p, value_read(&p, AIGOV_LIT("{\"b\":1.0,\"a\":\"x\"}"), true,
                                 &e))),
              "{\"a\":\"x\",\"b\":1}") == 0,
       "canonical");
    v = new_text(&p, AIGOV_LIT("a"));
    for (int i = 0; i < 1000; i++)
        append_text(&p, v, AIGOV_LIT("bc"));
    ok(v->text.n == 2001 && v->text.p[2000] == 'c', "joined texts");
    v = value_read(&p, AIGOV_LIT("{\"a\":1,\"b\":2,\"c\":3}"), true, &e);
    remove_member(v, "c");
    set_text(&p, v, "d", AIGOV_LIT("x"));
    remove_member(v, "a");
    ok(strcmp(written(v), "{\"b\":2,\"d\":\"x\"}") == 0, "members removed");
}

static void test_blobs(void)
{
    static const struct {
        const char *text, *bytes;
    } cases[] = {{"", ""},        {"Zg==", "f"},        {"Z28=", "go"},
                 {"Zm9v", "foo"}, {"Zm9vYg==", "foob"}, {"Zg=", NULL},
                 {"Zg", NULL},    {"Z===", NULL},       {"Zm9v\n", NULL},
                 {"Z-_v", NULL},  {"====", NULL},       {"Zg==Zg==", NULL}};
    aigov_span bytes;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool good = base64_decode(&p, aigov_str(cases[i].text), &bytes);

        ok(good == (cases[i].bytes != NULL) &&
               (!good || aigov_span_is(bytes, cases[i].bytes)),
           "base64 %zu: %s", i,
           cases[i].bytes == NULL ? "none" : cases[i].bytes);
    }
    ok(strstr(written(uri_part(&p, "image",
                               AIGOV_LIT("data:image/png;base64,Zm9v"))),
              "\"mime_type\":\"image/png\",\"sha256\":\"2c26b46b") != NULL,
       "a data URL is kept by digest");
    ok(strstr(written(uri_part(&p, "image", AIGOV_LIT("data:,a%20b"))),
              "\"size\":3") != NULL,
       "one without base64 too");
    ok(strstr(written(uri_part(&p, "image", AIGOV_LIT("https://x/y"))),
              "\"uri\":\"https://x/y\"") != NULL,
       "another URL is kept");
}

static void test_figures(void)
{
    static const struct {
        const char *cost, *amount;
    } cases[] = {{"0.0021", "0.0021"},
                 {"1.05e-7", "0.000000105"},
                 {"1e-7", "0.0000001"},
                 {"0", "0"},
                 {"12", "12"},
                 {"1.50", "1.5"},
                 {"1e21", "1000000000000000000000"}};
    aigov_error e;
    char json[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const value *c;

        snprintf(json, sizeof json, "{\"cost\":%s}", cases[i].cost);
        c = cost_of(&p, value_read(&p, aigov_str(json), true, &e));
        ok(strcmp(str(text_of(get(c, "amount"))), cases[i].amount) == 0,
           "cost %s", cases[i].cost);
    }
    ok(strcmp(str(mail_date(&p, AIGOV_LIT("Tue, 15 Nov 1994 08:12:31 GMT"))),
              "1994-11-15T08:12:31.000000Z") == 0,
       "a date header");
    ok(strcmp(str(mail_date(&p, AIGOV_LIT("15 Nov 1994 08:12:31 +0130"))),
              "1994-11-15T06:42:31.000000Z") == 0,
       "with a zone");
    ok(mail_date(&p, AIGOV_LIT("yesterday")).p == NULL &&
           mail_date(&p, AIGOV_LIT("Tue, 31 Feb 1994 08:12:31 GMT")).p == NULL,
       "no dates");
}

/* --- lines --------------------------------------------------------------- */

static void test_lines(void)
{
    static const struct {
        const char *line;
        refusal why;
    } cases[] = {
        {"{\"url\":", NOT_JSON},
        {"{\"a\":1,\"a\":2}", NOT_JSON},
        {"\xff", NOT_JSON},
        {"[]", NOT_AN_OBJECT},
        {"{}", NO_URL},
        {"{\"url\":7}", NO_URL},
        {"{\"url\":\"/v1/responses\"}", NO_URL},
        {"{\"url\":\"https://x/v1/responses\",\"method\":\"GET\"}", METHOD},
        {"{\"url\":\"https://x/v1/models\"}", PATH},
        {"{\"url\":\"https://x/v1/responses\",\"request\":[]}", NO_REQUEST},
        {"{\"url\":\"https://x/v1/messages\",\"request\":{}}", OTHER_IMPORTER},
        {"{\"url\":\"https://x/v1/responses/\",\"request\":{}}", TAKEN_IN},
        {"{\"url\":\"https://x/completions\",\"request\":{\"stream\":7},"
         "\"method\":\"post\",\"status\":\"200\",\"response\":[[[]]]}",
         TAKEN_IN},
    };
    imported in;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(line_read(&p, aigov_str(cases[i].line), OPENAI, AIGOV_LIT("s"),
                     &in) == cases[i].why,
           "%s: %s",
           cases[i].why == TAKEN_IN ? "taken" : refusal_word(cases[i].why),
           i == 2 ? "(not UTF-8)" : cases[i].line);
}

int main(void)
{
    aigov_error e;

    aigov_ctx_new(NULL, &ctx, &e);
    pool_init(&p, ctx);
    test_sse();
    test_urls();
    test_values();
    test_blobs();
    test_figures();
    test_lines();
    pool_free(&p);
    aigov_ctx_free(ctx);
    return done();
}
