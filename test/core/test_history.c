/*
 * test_history.c - the previous turn, and results of tools
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A log in memory: what each record is recognised by is kept as a host keeps
 * it, and body.refs of the next is looked at.
 */
#include "failing.h"
#include "keys_test.h"
#include "logtest.h"

#include "aigov_keys.h"
#include "aigov_lineage.h"
#include "aigov_policy.h"

#define ID(n) "01990000-0000-7000-8000-0000000000" n
#define HEAD(n) "{\"system\":\"s\",\"id\":\"" ID(n) "\""
#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define MODEL(text)                                                            \
    "{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":"       \
    "\"" text "\"}]}"
#define HISTORY(p, q)                                                          \
    "{\"cause\":\"msg:" ID(p) ".out\",\"effect\":\"ia:" ID(                    \
        q) "\",\"relation\":\"used\",\"role\":\"history\",\"source\":"         \
           "\"recorded\",\"strength\":\"history\"}"
#define RESULT_USED(p, call, q)                                                \
    "{\"cause\":\"msg:" ID(p) "." call ".result\",\"effect\":\"ia:" ID(        \
        q) "\",\"relation\":\"used\",\"role\":\"tool_result\",\"source\":"     \
           "\"recorded\",\"strength\":\"context\"}"
#define RESULT_OF(p, call)                                                     \
    "{\"cause\":\"tool:" ID(p) "." call "\",\"effect\":\"msg:" ID(             \
        p) "." call ".result\",\"relation\":\"wasGeneratedBy\",\"source\":"    \
           "\"recorded\"}"
#define ISSUED(p, call)                                                        \
    "{\"cause\":\"ia:" ID(p) "\",\"effect\":\"tool:" ID(                       \
        p) "." call "\",\"relation\":\"wasInformedBy\",\"source\":"            \
           "\"recorded\"}"

static struct heap heap;
static aigov_ctx *ctx;
static aigov_record *r;
static aigov_error err;

/* --- a log --------------------------------------------------------------- */

static aigov_turn row[400];
static size_t rows, looked;
static const char *login = "app";

static aigov_status find(void *host, int64_t fingerprint, aigov_turn *out,
                         aigov_error *e)
{
    (void)host;
    (void)e;
    looked++;
    for (size_t i = rows; i-- > 0;) {
        if (row[i].fingerprint == fingerprint) {
            *out = row[i];
            return AIGOV_OK;
        }
    }
    return AIGOV_OK;
}

static char body[70000];

/* Write what was read; its body is in `body`. */
static aigov_status write_it(void)
{
    aigov_turns turns = {NULL, aigov_str(login), find};
    const aigov_draft *d = aigov_record_draft(r);
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    const aigov_turn *t;
    aigov_status st;
    size_t n;
    memset(&s, 0, sizeof s);
    memcpy(s.id, d->id, sizeof s.id);
    s.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    s.lane = s.seq = 1;
    st = aigov_record_history(r, s.id, &turns, &err);
    if (st == AIGOV_OK) {
        st = aigov_record_seal(r, &s, &e, &c, NULL, &err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    snprintf(body, sizeof body, "%.*s", (int)e.body.n, e.body.p);
    t = aigov_record_turns(r, &n);
    for (size_t i = 0; i < n; i++) {
        row[rows++] = t[i];
    }
    return AIGOV_OK;
}

static bool append(const char *json)
{
    looked = 0;
    if (aigov_record_read(r, aigov_str(json), &err) != AIGOV_OK ||
        write_it() != AIGOV_OK) {
        note("%s", err.text);
        return false;
    }
    return true;
}

/* An element of body.refs, or all of it. */
static bool has(const char *ref)
{
    return strstr(body, ref) != NULL;
}

static bool has_none(void)
{
    return strstr(body, "\"recorded\"") == NULL;
}

static void forget(void)
{
    rows = 0;
    login = "app";
}

static void check(const char *what, const char *json, const char *ref)
{
    bool held = append(json) && (ref == NULL ? has_none() : has(ref));
    if (!ok(held, "%s", what)) {
        note("body %.600s", body);
    }
}

/* --- the previous turn --------------------------------------------------- */

#define FIRST                                                                  \
    HEAD("01") ",\"input\":[" USER("hi") "],\"output\":[" MODEL("hello") "]}"

static void test_prefix(void)
{
    forget();
    check("a first turn has no history", FIRST, NULL);
    check("the second has",
          HEAD("02") ",\"input\":[" USER("hi") "," MODEL("hello") "," USER(
              "how?") "],\"output\":\"well\"}",
          HISTORY("01", "02"));
    check("the longest prefix wins",
          HEAD("03") ",\"input\":[" USER("hi") "," MODEL("hello") "," USER(
              "how?") "," MODEL("well") "," USER("so?") "],\"output\":\"so\"}",
          HISTORY("02", "03"));
    check("a shorter one, where the longest is not there",
          HEAD("04") ",\"input\":[" USER("hi") "," MODEL("hello") "," USER(
              "why?") "," MODEL("because") "," USER("so?") "]}",
          HISTORY("01", "04"));
    check("another answer is no history",
          HEAD("05") ",\"input\":[" USER("hi") "," MODEL("HELLO") "," USER(
              "how?") "]}",
          NULL);
    check("another question is none",
          HEAD("06") ",\"input\":[" USER("hi!") "," MODEL("hello") "," USER(
              "how?") "]}",
          NULL);
    login = "other";
    check("nor is what another login said",
          HEAD("07") ",\"input\":[" USER("hi") "," MODEL("hello") "," USER(
              "how?") "]}",
          NULL);
}

static void test_shapes(void)
{
    static const struct {
        const char *what, *answer, *again;
    } t[] = {
        {"text as content", "\"hello\"",
         "{\"role\":\"assistant\",\"content\":\"hello\"}"},
        {"two blocks for one", "[" MODEL("hello") "]",
         "{\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\","
         "\"text\":\"h\"},{\"type\":\"output_text\",\"text\":\"ello\"}]}"},
        {"without its reasoning",
         "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"reasoning\","
         "\"content\":\"hm\"},{\"type\":\"text\",\"content\":\"hello\","
         "\"annotations\":[1]}],\"finish_reason\":\"stop\"}]",
         MODEL("hello")},
        {"without reasoning in the text",
         "\"<think>\\nhm\\n</think>\\n\\nhello\"", MODEL("hello")},
        {"with reasoning in the text", "[" MODEL("hello") "]",
         MODEL("<think>hm</think>hello")},
        {"with a system message in between", "[" MODEL("hello") "]",
         "{\"role\":\"system\",\"content\":\"be brief\"}," MODEL("hello")},
        {"one message an item",
         "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":"
         "\"hello\"},{\"type\":\"tool_call\",\"id\":\"c1\",\"name\":\"f\","
         "\"arguments\":{\"a\":1}}]}]",
         MODEL("hello") ",{\"type\":\"function_call\",\"call_id\":\"c1\","
                        "\"name\":\"f\",\"arguments\":\"{ \\\"a\\\":1}\"}"},
        {"calls beside the content",
         "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"tool_call\",\"id\":"
         "\"c1\",\"name\":\"f\",\"arguments\":{}}]}]",
         "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"
         "\"c1\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}"},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        char json[2000];
        forget();
        snprintf(json, sizeof json, "%s,\"input\":[%s],\"output\":%s}",
                 HEAD("01"), USER("hi"), t[i].answer);
        append(json);
        snprintf(json, sizeof json, "%s,\"input\":[%s,%s,%s]}", HEAD("02"),
                 USER("hi"), t[i].again, USER("how?"));
        check(t[i].what, json, HISTORY("01", "02"));
    }
}

static void test_conversation(void)
{
    forget();
    append(HEAD("01") ",\"conversation\":\"c\",\"input\":\"hi\",\"output\":"
                      "\"hello\"}");
    check("in a conversation the last answer is enough",
          HEAD("02") ",\"conversation\":\"c\",\"input\":[" MODEL(
              "hello") "," USER("how?") "],\"output\":\"well\"}",
          HISTORY("01", "02"));
    check("in another it is not",
          HEAD("03") ",\"conversation\":\"d\",\"input\":[" MODEL(
              "hello") "," USER("how?") "]}",
          NULL);
    check("a session is no conversation",
          HEAD("04") ",\"session\":\"c\",\"input\":[" MODEL("hello") "," USER(
              "how?") "]}",
          NULL);
}

static void test_response_id(void)
{
    forget();
    append(HEAD("01") ",\"provider_response_id\":\"resp_1\",\"input\":\"hi\","
                      "\"output\":\"hello\"}");
    check("previous_response_id",
          HEAD("02") ",\"params\":{\"previous_response_id\":\"resp_1\"},"
                     "\"provider_response_id\":\"resp_2\",\"input\":\"how?\"}",
          HISTORY("01", "02"));
    check("it goes before a prefix",
          HEAD("03") ",\"params\":{\"previous_response_id\":\"resp_2\"},"
                     "\"input\":[" USER("hi") "," MODEL("hello") "]}",
          HISTORY("02", "03"));
    check("an unknown one is none",
          HEAD("04") ",\"params\":{\"previous_response_id\":\"resp_9\"},"
                     "\"input\":\"how?\"}",
          NULL);
}

/* A request and its answer are two records. */
static void test_guarded(void)
{
    forget();
    check("a request",
          HEAD("01") ",\"kind\":\"request\",\"input\":[" USER("hi") "]}", NULL);
    check("its answer",
          HEAD("11") ",\"kind\":\"response\",\"interaction\":\"" ID(
              "01") "\",\"output\":\"hello\"}",
          NULL);
    check("the next request",
          HEAD("02") ",\"kind\":\"request\",\"input\":[" USER("hi") "," MODEL(
              "hello") "," USER("how?") "]}",
          HISTORY("01", "02"));
    append(HEAD("12") ",\"kind\":\"response\",\"interaction\":\"" ID(
        "02") "\",\"attempt\":2,\"output\":[" MODEL("well") "]}");
    check("and one after a second attempt",
          HEAD("03") ",\"kind\":\"request\",\"input\":[" USER("hi") "," MODEL(
              "hello") "," USER("how?") "," MODEL("well") "," USER("so?") "]}",
          "{\"cause\":\"msg:" ID("02") "/2.out\",\"effect\":\"ia:" ID("03"));
}

static void test_nothing_to_do(void)
{
    forget();
    append(HEAD("01") ",\"input\":\"hi\",\"output\":\"hello\","
                      "\"provider_response_id\":\"chatcmpl-1\"}");
    ok(looked == 0 && rows == 0, "plain texts are not remembered");
    append(HEAD("01") ",\"input\":[" USER("hi") "],\"output\":[" MODEL(
        "hello") "],\"provider_response_id\":\"chatcmpl-1\"}");
    ok(looked == 0 && rows == 1, "a first turn looks for nothing, one row");
    append(HEAD("02") ",\"kind\":\"note\",\"about\":\"" ID(
        "01") "\",\"refs\":[{\"relation\":\"used\",\"cause\":\"doc:x\"}]}");
    ok(looked == 0 && rows == 1 && has_none(), "a note has its own refs alone");
}

/* --- tools --------------------------------------------------------------- */

#define CALL(id)                                                               \
    "{\"type\":\"tool_call\",\"id\":\"" id "\",\"name\":\"f\",\"arguments\":{" \
    "}}"
#define CALLS(list) "{\"role\":\"assistant\",\"parts\":[" list "]}"
#define ANSWER(id)                                                             \
    "{\"role\":\"tool\",\"parts\":[{\"type\":\"tool_call_response\",\"id\":"   \
    "\"" id "\",\"response\":\"42\"}]}"

static void test_tools(void)
{
    forget();
    check("a call of a tool",
          HEAD("01") ",\"input\":[" USER("hi") "],\"output\":[" CALLS(
              CALL("c1") "," CALL("c2")) "]}",
          "\"refs\":[" ISSUED("01", "c1") "," ISSUED("01", "c2") "]");
    check(
        "results, and another call",
        HEAD("02") ",\"input\":[" USER("hi") "," CALLS(CALL("c1") "," CALL(
            "c2")) "," ANSWER("c1") "," ANSWER("c2") "],\"output\":"
                                                     "[" CALLS(CALL("c3")) "]}",
        "\"refs\":[" HISTORY("01", "02") "," RESULT_USED("01", "c1", "02") "," RESULT_OF(
            "01",
            "c1") "," RESULT_USED("01", "c2",
                                  "02") "," RESULT_OF("01",
                                                      "c2") "," ISSUED("02",
                                                                       "c3") "]");
    check(
        "results of older turns stand there already",
        HEAD("03") ",\"input\":[" USER("hi") "," CALLS(CALL("c1") "," CALL(
            "c"
            "2")) "," ANSWER("c1") "," ANSWER("c2") "," CALLS(CALL("c3")) "," ANSWER("c3") "]}",
        "\"refs\":[" HISTORY("02", "03") "," RESULT_USED(
            "02", "c3", "03") "," RESULT_OF("02", "c3") "]");
    check("those of a call that nobody recorded are this call's",
          HEAD("04") ",\"input\":[" USER("ho") "," CALLS(CALL("c9")) "," ANSWER(
              "c9") "]}",
          "\"refs\":[" RESULT_USED("04", "c9", "04") "," RESULT_OF("04",
                                                                   "c9") "]");
    check("an id that cannot stand in a name gives no edge",
          HEAD("05") ",\"input\":[" USER("ho") "," ANSWER("a b") "]}", NULL);
    check("nor one that is replaced",
          HEAD("06") ",\"input\":[" USER("ho") "," ANSWER(
              "of 4012888888881881") "]}",
          NULL);
}

/* --- beside the caller's refs -------------------------------------------- */

static void test_callers(void)
{
    forget();
    append(FIRST);
    check("found refs stand behind the caller's",
          HEAD("02") ",\"refs\":[{\"relation\":\"used\",\"cause\":\"doc:x\"}],"
                     "\"input\":[" USER("hi") "," MODEL("hello") "]}",
          "\"refs\":[{\"cause\":\"doc:x\",\"relation\":\"used\"}," HISTORY(
              "01", "02") "]");
    check("an empty list is one",
          HEAD("03") ",\"refs\":[],\"region\":\"EU\",\"input\":[" USER(
              "hi") "," MODEL("hello") "]}",
          "\"refs\":[" HISTORY("01", "03") "],\"region\"");
    ok(aigov_record_read(
           r,
           AIGOV_LIT(HEAD("04") ",\"refs\":[{\"relation\":\"used\",\"cause\":"
                                "\"doc:x\",\"source\":\"recorded\"}]}"),
           &err) == AIGOV_FIELD &&
           strcmp(err.text, "unknown member \"refs.source\"") == 0,
       "nobody else can say recorded");
    ok(aigov_record_read(r, AIGOV_LIT(HEAD("04") ",\"refs_left_out\":1}"),
                         &err) == AIGOV_FIELD,
       "nor how many were left out");
}

/* n refs of the caller, and a call whose result is there. */
static bool with_refs(int n, size_t cause)
{
    static char json[120000];
    char long_name[520];
    size_t at = (size_t)snprintf(
        json, sizeof json, "%s,\"input\":[%s,%s,%s],\"refs\":[", HEAD("02"),
        USER("hi"), CALLS(CALL("c1")), ANSWER("c1"));
    memset(long_name, 'x', sizeof long_name);
    for (int i = 0; i < n; i++) {
        at += (size_t)snprintf(json + at, sizeof json - at,
                               "%s{\"relation\":\"used\",\"cause\":\"doc:%d"
                               "%.*s\"}",
                               i == 0 ? "" : ",", i, (int)cause, long_name);
    }
    snprintf(json + at, sizeof json - at, "]}");
    return append(json);
}

static void test_limits(void)
{
    forget();
    append(HEAD("01") ",\"input\":[" USER("hi") "],\"output\":[" CALLS(
        CALL("c1")) "]}");
    ok(with_refs(253, 0) && has(RESULT_OF("01", "c1")) && !has("refs_left_out"),
       "256 refs in all have room");
    ok(with_refs(254, 0) && has(HISTORY("01", "02")) &&
           has(RESULT_USED("01", "c1", "02")) && !has(RESULT_OF("01", "c1")) &&
           has("],\"refs_left_out\":1}"),
       "one more is left out and counted");
    ok(with_refs(256, 0) && has_none() && has("],\"refs_left_out\":3}"),
       "the caller's go first");
    ok(with_refs(125, 450) && has("\"refs_left_out\":") && has("doc:124x"),
       "a record that is nearly too large is appended");
}

/* --- with a key ---------------------------------------------------------- */

#define CARD "4012888888881881"

static void test_keyed(void)
{
    aigov_keys *keys;
    aigov_rules *rules;
    const char *again = HEAD("02") ",\"input\":[" USER("pay " CARD) "," MODEL(
        "paid " CARD) "," USER("so?") "]}";
    const char *other = HEAD("03") ",\"input\":[" USER(
        "pay 5555555555554444") "," MODEL("paid 5555555555554444") "]}";
    forget();
    append(HEAD("01") ",\"input\":[" USER(
        "pay " CARD) "],\"output\":\"paid " CARD "\"}");
    check("without a key what is stored counts", other, HISTORY("01", "03"));
    forget();
    if (aigov_keys_read(ctx, aigov_str(KEY_FILE_1), &keys, &err) != AIGOV_OK ||
        aigov_rules_new(ctx, 0, &rules, &err) != AIGOV_OK) {
        ok(false, "keys");
        return;
    }
    aigov_rules_keys(rules, keys);
    aigov_rules_ready(rules, &err);
    aigov_record_use(r, rules);
    append(HEAD("01") ",\"input\":[" USER(
        "pay " CARD) "],\"output\":\"paid " CARD "\"}");
    check("with one the original", again, HISTORY("01", "02"));
    check("and nothing but it", other, NULL);
    check("of the same tenant",
          "{\"tenant\":\"t\",\"system\":\"s\",\"input\":[" USER(
              "pay " CARD) "," MODEL("paid " CARD) "]}",
          NULL);
    aigov_record_use(r, NULL);
    aigov_rules_free(rules);
    aigov_keys_free(keys);
}

/* --- out of memory ------------------------------------------------------- */

static void test_starving(void)
{
    const char *json = HEAD("02") ",\"input\":[" USER("hi") "," CALLS(
        CALL("c1")) "," ANSWER("c1") "],\"output\":[" CALLS(CALL("c2")) "]}";
    bool held = true;
    long n = 1;
    forget();
    append(HEAD("01") ",\"input\":[" USER("hi") "],\"output\":[" CALLS(
        CALL("c1")) "]}");
    for (bool failed = true; failed && n < 2000; n++) {
        aigov_status st;
        size_t before = rows;
        aigov_record_free(r);
        if (aigov_record_new(ctx, &r, &err) != AIGOV_OK) {
            break;
        }
        heap.calls = 0;
        heap.fail_at = n;
        st = aigov_record_read(r, aigov_str(json), &err);
        st = st == AIGOV_OK ? write_it() : st;
        failed = heap.calls >= n;
        heap.fail_at = 0;
        held = held && (st == AIGOV_NOMEM) == failed;
        held = held && (failed ? rows == before : has(HISTORY("01", "02")));
        rows = before;
    }
    ok(held && n > 10 && n < 2000, "%ld allocations failed one by one", n - 1);
}

int main(void)
{
    aigov_alloc alloc = {failing, &heap};
    ok(aigov_ctx_new(&alloc, &ctx, &err) == AIGOV_OK &&
           aigov_record_new(ctx, &r, &err) == AIGOV_OK,
       "record");
    test_prefix();
    test_shapes();
    test_conversation();
    test_response_id();
    test_guarded();
    test_nothing_to_do();
    test_tools();
    test_callers();
    test_limits();
    test_keyed();
    test_starving();
    aigov_record_free(r);
    aigov_ctx_free(ctx);
    ok(heap.bytes == 0, "nothing is left");
    return done();
}
