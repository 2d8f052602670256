/*
 * test_scan.c - what detectors find reaches neither entry, content nor message
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A marked value is put, one at a time, into every string, name and number
 * position of a full record.  Whatever becomes of the record, the value is in
 * nothing that is stored and in no message.  A value that no detector of this
 * build finds is left out, and the card number is always there.
 */
#include "logtest.h"

#define CARD "4012888888881881"
#define U "01990000-0000-7000-8000-0000000000aa"

static aigov_ctx *ctx;
static aigov_record *r;
static aigov_scanner *s;
static aigov_error err;

static const char full[] =
    "{\"v\":1,\"id\":\"" U "\",\"kind\":\"interaction\",\"interaction\":\"" U
    "\",\"attempt\":1,\"parent\":\"" U "\",\"about\":\"" U "\","
    "\"occurred_at\":\"2026-09-11T08:15:02.114233Z\",\"system\":"
    "\"claims-assistant\",\"system_version\":\"2.4\",\"environment\":"
    "\"production\",\"use_case\":\"uc-014\",\"purpose\":\"claims triage\","
    "\"actor\":{\"id\":\"u_7f3a\",\"type\":\"human\",\"roles\":[\"adjuster\"]},"
    "\"on_behalf_of\":\"them\",\"tenant\":\"acme\",\"session\":\"s\","
    "\"conversation\":\"c-88\",\"provider\":\"openai\",\"account\":\"prod\","
    "\"model\":\"gpt-4o\",\"model_served\":\"gpt-4o-2026-05-13\",\"region\":"
    "\"EU\",\"operation\":\"chat\",\"trace_id\":"
    "\"4bf92f3577b34da6a3ce929d0e0e4736\",\"span_id\":\"00f067aa0ba902b7\","
    "\"provider_response_id\":\"r\",\"template\":{\"id\":\"triage\","
    "\"version\":\"7\",\"hash\":\"h\"},\"params\":{\"temperature\":0.2,"
    "\"stop\":[\"a\",{\"b\":\"c\"}]},\"tools\":[{\"type\":\"function\","
    "\"function\":{\"name\":\"f\",\"description\":\"d\"}}],\"usage\":{"
    "\"input_tokens\":412,\"output_tokens\":90,\"details\":{\"cached\":3,"
    "\"tier\":\"standard\"}},\"cost\":{\"amount\":\"0.0021\",\"currency\":"
    "\"USD\",\"basis\":\"list\"},\"status\":\"ok\",\"error\":{\"type\":\"t\","
    "\"code\":7,\"message\":\"m\"},\"finish_reasons\":[\"stop\"],"
    "\"duration_ms\":812,\"stream\":true,\"system_instructions\":\"be brief\","
    "\"input\":[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":"
    "\"hello\",\"n\":1}]}],\"output\":\"an answer\",\"documents\":[{\"id\":"
    "\"doc:handbook@2#1\",\"score\":0.8,\"hash\":\"h\",\"uri\":\"u\","
    "\"version\":\"1\",\"text\":\"t\",\"page\":4}],\"tool\":{\"name\":\"n\","
    "\"server\":\"mcp\",\"call_id\":\"c\",\"type\":\"function\","
    "\"description\":\"d\",\"arguments\":\"{\\\"to\\\":\\\"x\\\",\\\"n\\\":1}"
    "\","
    "\"result\":{\"ok\":true,\"rows\":[1,\"a\"]}},\"review\":{\"kind\":"
    "\"override\",\"outcome\":\"modified\",\"reason\":\"why\",\"waited_ms\":5},"
    "\"refs\":[{\"relation\":\"used\",\"cause\":\"doc:handbook@2#1\","
    "\"effect\":\"doc:e\",\"hash\":\"h\",\"role\":\"context\",\"strength\":"
    "\"cited\"}],\"data\":{\"classification\":\"confidential\","
    "\"categories\":[\"hr\"]},\"retention\":\"ai-act-12m\",\"attributes\":{"
    "\"team\":\"claims\",\"n\":1},\"facts\":{\"req\":{\"channel\":\"web\","
    "\"depth\":2},\"actor\":{\"team\":\"claims\"},\"data\":{\"residency\":"
    "\"EU\",\"sources\":[\"crm\"]},\"content\":{\"injection\":0.25}},"
    "\"sent_digest\":\"0123456789abcdef0123456789abcdef0123456789abcdef"
    "0123456789abcdef\",\"obligations\":[{\"rule\":\"r\",\"kind\":\"notify\","
    "\"target\":\"oncall\",\"n\":1}],\"evidence\":\"imported\",\"producer\":{"
    "\"id\":\"5b1c\",\"seq\":4711,\"name\":\"n\",\"version\":\"1\",\"host\":"
    "\"h\"}}";

/* --- canaries ------------------------------------------------------------ */

static char text[20000];

static bool holds(aigov_span s1, const char *canary)
{
    return s1.p != NULL && memmem(s1.p, s1.n, canary, strlen(canary)) != NULL;
}

static void some_stamps(aigov_stamps *st)
{
    memset(st, 0, sizeof *st);
    st->recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    st->lane = st->seq = 1;
    st->rules = aigov_record_draft(r)->rules;
    st->decision = aigov_record_draft(r)->decision;
}

/* Whether the canary is in what is stored of the record in text, or said. */
static bool leaks(const char *canary, bool *stored)
{
    aigov_stamps stamps;
    aigov_entry e;
    aigov_content c;
    aigov_span leaf;
    memset(&err, 0, sizeof err);
    *stored = aigov_record_read(r, aigov_str(text), &err) == AIGOV_OK;
    if (!*stored) {
        return holds(aigov_str(err.text), canary) ||
               holds(aigov_str(err.hint), canary);
    }
    const aigov_draft *d = aigov_record_draft(r);
    some_stamps(&stamps);
    if (aigov_record_seal(r, &stamps, &e, &c, &leaf, &err) != AIGOV_OK) {
        note("%s", err.text);
        return true;
    }
    return holds(leaf, canary) || holds(c.body, canary) ||
           holds(d->producer, canary) || holds(d->subject, canary) ||
           holds(d->content, canary);
}

/* The bytes of a scalar or name in the full record. */
static aigov_span literal(const aigov_json *j, uint32_t i)
{
    const char *p = full + j->node[i].at, *end = p;
    if (*p == '"') {
        for (end++; *end != '"'; end++) {
            end += *end == '\\';
        }
        return (aigov_span){p, (size_t)(end + 1 - p)};
    }
    return (aigov_span){p, strcspn(p, ",}]")};
}

/* span_id is 16 hex digits, as a card number may be: its form says it all. */
static bool may_be_digits(uint32_t at)
{
    return strncmp(full + at, "\"00f067aa0ba902b7\"", 18) == 0;
}

/* The full record with put in place of a literal. */
static void place(aigov_span at, const char *put)
{
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at.p - full), full, put,
             at.p + at.n);
}

static void canary_at_every_place(const char *canary, bool is_number)
{
    static const char *const forms[] = {"\"%s\"", "\"of %s, so\"",
                                        "\"{\\\"a\\\":[\\\"%s\\\"]}\"", "%s"};
    aigov_json j = {.ctx = ctx};
    int places = 0, stored = 0, leaked = 0;
    bool was_stored;
    aigov_json_read(&j, AIGOV_JSON_STRICT, aigov_str(full), &err);
    for (uint32_t i = 1; i < j.nodes; i++) {
        for (int f = 0; f < (is_number ? 4 : 3); f++) {
            char put[300];
            if ((j.node[i].type != AIGOV_JSON_STRING &&
                 j.node[i].type != AIGOV_JSON_NUMBER) ||
                may_be_digits(j.node[i].at)) {
                continue;
            }
            snprintf(put, sizeof put, forms[f], canary);
            place(literal(&j, i), put);
            bool leak = leaks(canary, &was_stored);
            places++;
            stored += was_stored;
            leaked += leak;
            if (leak) {
                note("at %u, form %d: %.60s %s", j.node[i].at, f,
                     full + j.node[i].at, was_stored ? "stored" : err.text);
            }
        }
    }
    aigov_json_free(&j);
    ok(leaked == 0 && stored > 150 && places > stored,
       "%.8s..: at %d places, %d records stored, none with it", canary, places,
       stored);
}

static bool is_found(const char *canary)
{
    const aigov_finding *f;
    size_t n;
    char sentence[300];
    snprintf(sentence, sizeof sentence, "of %s, so", canary);
    return aigov_scan(s, aigov_str(sentence), AIGOV_ABSENT, &f, &n, &err) ==
               AIGOV_OK &&
           n > 0 && f[0].detector->class_ != AIGOV_CLASS_SOFT;
}

static void test_canaries(void)
{
    static const char *const canaries[] = {
        "canary.4711@"
        "mail.example.org",
        "ghp_"
        "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX",
        "AKIA"
        "2E7QX4MZ6NPLR3TW",
    };
    bool stored;
    snprintf(text, sizeof text, "%s", full);
    ok(!leaks("\001", &stored) && stored, "the full record is stored: %s",
       err.text);
    ok(is_found(CARD), "a card number is found");
    canary_at_every_place(CARD, true);
    for (size_t i = 0; i < sizeof canaries / sizeof canaries[0]; i++) {
        if (is_found(canaries[i])) {
            canary_at_every_place(canaries[i], false);
        } else {
            note("this build has no detector for %.4s..", canaries[i]);
        }
    }
}

/* --- what is stored in its place ----------------------------------------- */

static aigov_entry entry;
static aigov_content content;

static bool store(const char *record)
{
    aigov_stamps stamps;
    if (aigov_record_read(r, aigov_str(record), &err) != AIGOV_OK) {
        return false;
    }
    some_stamps(&stamps);
    stamps.rules = stamps.decision = AIGOV_ABSENT;
    return aigov_record_seal(r, &stamps, &entry, &content, NULL, &err) ==
           AIGOV_OK;
}

/* The body with S for the highest score, which rules may change. */
static const char *without_score(aigov_span body)
{
    static const char mark[] = "\"max_score\":";
    char *at;
    snprintf(text, sizeof text, "%.*s", (int)body.n, body.p);
    at = strstr(text, mark);
    if (at != NULL) {
        at += sizeof mark - 1;
        size_t n = strspn(at, "0123456789.");
        *at = 'S';
        memmove(at + 1, at + n, strlen(at + n) + 1);
    }
    return text;
}

static void becomes(const char *what, const char *record, const char *body,
                    const char *stored)
{
    bool held = store(record);
    held = held && strcmp(without_score(entry.body), body) == 0 &&
           aigov_span_is(content.body, stored);
    if (!ok(held, "%s", what)) {
        note("have %.*s", (int)entry.body.n, entry.body.p);
        note("want %s", body);
        note("have %.*s", (int)content.body.n, content.body.p);
        note("want %s", stored);
    }
}

#define FOUND(direction, n)                                                    \
    "{\"detector\":\"credit_card\",\"direction\":\"" direction                 \
    "\",\"entity\":\"CREDIT_CARD\",\"n\":" n "}"
#define REDACTION(entities, found)                                             \
    "\"reasons\":[\"no_policy\"],\"redaction\":{\"entities\":{" entities       \
    "},\"found\":[" found "],\"max_score\":S}"

/* A node whose name is replaced stays one of its kind. */
static void test_nodes(void)
{
    becomes("a person of refs stays a person",
            "{\"system\":\"s\",\"refs\":[{\"relation\":\"used\",\"cause\":"
            "\"person:" CARD "\",\"effect\":\"ticket:of " CARD "\"}]}",
            "{" REDACTION(
                "\"CREDIT_CARD\":2",
                FOUND("input", "2")) ",\"refs\":[{\"cause\":\"person:[CREDIT_"
                                     "CARD]\",\"effect\":\"ticket:[CREDIT_"
                                     "CARD]\",\"relation\":\"used\"}]}",
            "null");
    becomes("a document stays a document",
            "{\"system\":\"s\",\"documents\":[{\"id\":\"doc:" CARD
            "\"},{\"id\":\"of " CARD "\"}]}",
            "{\"documents\":[{\"id\":\"doc:[CREDIT_CARD]\"},{\"id\":"
            "\"[CREDIT_CARD]\"}]," REDACTION("\"CREDIT_CARD\":2",
                                             FOUND("retrieval", "2")) "}",
            "null");
}

static void test_content(void)
{
    becomes("content in parts",
            "{\"system\":\"s\",\"input\":\"pay " CARD " or " CARD ".\"}",
            "{" REDACTION("\"CREDIT_CARD\":2", FOUND("input", "2")) "}",
            "{\"input\":\"pay [CREDIT_CARD] or [CREDIT_CARD].\"}");
    becomes(
        "directions",
        "{\"system\":\"s\",\"tool\":{\"name\":\"t\",\"arguments\":{\"n\":" CARD
        "}},\"output\":[\"" CARD "\"],\"documents\":[{\"id\":\"d\","
        "\"text\":\"x " CARD "\"}],\"input\":[{\"a\":\"" CARD "\"}]}",
        "{\"documents\":[{\"id\":\"d\"}]," REDACTION(
            "\"CREDIT_CARD\":4",
            FOUND("input", "1") "," FOUND("output", "1") "," FOUND(
                "retrieval", "1") "," FOUND("tool", "1")) ",\"tool\":{"
                                                          "\"name\":\"t\"}}",
        "{\"documents\":[{\"text\":\"x [CREDIT_CARD]\"}],\"input\":[{\"a\":"
        "\"[CREDIT_CARD]\"}],\"output\":[\"[CREDIT_CARD]\"],\"tool\":{"
        "\"arguments\":{\"n\":\"[CREDIT_CARD]\"}}}");
    becomes("nothing found, nothing said",
            "{\"system\":\"s\",\"input\":\"pay 12 or 13\"}",
            "{\"reasons\":[\"no_policy\"]}", "{\"input\":\"pay 12 or 13\"}");
    becomes(
        "what I-JSON forbids around it",
        "{\"system\":\"s\",\"input\":\"\\u0000 " CARD " \\ud800\"}",
        "{\"nonconforming\":true," REDACTION("\"CREDIT_CARD\":1",
                                             FOUND("input", "1")) "}",
        "{\"input\":\"\xE2\x90\x9Bu0000 [CREDIT_CARD] \xE2\x90\x9Bud800\"}");
}

static void test_envelope(void)
{
    becomes(
        "ids and attributes as a whole, names too",
        "{\"system\":\"s\",\"session\":\"s " CARD "\",\"attributes\":{\"a " CARD
        "\":1,\"b\":\"x " CARD "\",\"c\":" CARD "}}",
        "{\"attributes\":{\"[CREDIT_CARD]\":1,\"b\":\"[CREDIT_CARD]\",\"c\":"
        "\"[CREDIT_CARD]\"}," REDACTION("\"CREDIT_CARD\":4",
                                        FOUND("input", "4")) ",\"session\":"
                                                             "\"[CREDIT_"
                                                             "CARD]\"}",
        "null");
    becomes(
        "quantities become absent",
        "{\"system\":\"s\",\"duration_ms\":" CARD ",\"usage\":{"
        "\"input_tokens\":" CARD ",\"output_tokens\":3},\"cost\":{"
        "\"amount\":\"" CARD "\",\"currency\":\"EUR\"},\"facts\":{\"req\":{"
        "\"depth\":" CARD "}}}",
        "{\"cost\":{\"currency\":\"EUR\"},\"facts\":{\"req\":{\"depth\":"
        "null}}," REDACTION(
            "\"CREDIT_CARD\":4",
            FOUND(
                "input",
                "4")) ","
                      "\"usage\":{\"input_tokens\":null,\"output_tokens\":3}}",
        "null");
    bool held =
        store("{\"kind\":\"\\u006eote\",\"about\":\"" U
              "\",\"syst\\u0065m\":\"of " CARD "\",\"actor\":{\"id\":\"" CARD
              "\"},\"producer\":{\"id\":\"" CARD "\"}}");
    ok(held && aigov_span_is(entry.kind, "note") &&
           aigov_span_is(entry.system, "[CREDIT_CARD]") &&
           aigov_span_is(entry.actor, "[CREDIT_CARD]") &&
           aigov_span_is(aigov_record_draft(r)->producer, "[CREDIT_CARD]") &&
           entry.interaction.n == 36,
       "columns and draft come from the text that was cleaned");
    held = store("{\"kind\":\"loss\",\"producer\":{\"id\":\"" CARD
                 "\"},\"loss\":{\"cause\":\"dropped\",\"count\":3}}");
    ok(held && aigov_span_is(entry.subject, "[CREDIT_CARD]"),
       "the subject of a loss too");
    held = store("{\"system\":\"s\",\"operation\":\"" CARD
                 "\",\"attributes\":{\"" CARD "\":1,\"5105105105105100\":2}}");
    ok(held && aigov_span_is(entry.operation, "[CREDIT_CARD]") &&
           holds(entry.body, "{\"[CREDIT_CARD]\":1,\"[CREDIT_CARD_2]\":2}"),
       "limits and forms hold for what was handed in");
}

/* The digest is that of the record with the placeholders in it. */
static void test_digest(void)
{
    uint8_t salt[32] = {7}, a[32], b[32];
    aigov_record_read(
        r, AIGOV_LIT("{\"system\":\"s\",\"input\":\"x " CARD "\"}"), &err);
    aigov_record_digest(r, salt, a, &err);
    aigov_record_read(
        r, AIGOV_LIT("{\"input\":\"x [CREDIT_CARD]\",\"system\":\"s\"}"), &err);
    aigov_record_digest(r, salt, b, &err);
    ok(memcmp(a, b, 32) == 0, "a digest confirms no guess");
}

static void test_rules(void)
{
    uint8_t rules[32];
    aigov_ruleset(ctx, rules, &err);
    aigov_record_read(r, AIGOV_LIT("{\"system\":\"s\"}"), &err);
    const aigov_draft *d = aigov_record_draft(r);
    ok(d->rules.n == 32 && memcmp(d->rules.p, rules, 32) == 0,
       "a record says which rules were in force");
    aigov_record_put(
        r, AIGOV_LIT("hold"), AIGOV_LIT("H-1"),
        AIGOV_LIT("{\"matter\":\"m\",\"state\":\"on\",\"placed_by\":\"u\"}"),
        &err);
    ok(d->rules.p == NULL, "a put does not: nothing is replaced in it");
}

/* --- size, cancel -------------------------------------------------------- */

/* A record with a finding and facts of about 61,000 bytes and pad more. */
static void near_the_limit(char *big, int pad)
{
    size_t n = (size_t)snprintf(big, 70000,
                                "{\"system\":\"s\",\"input\":\"" CARD
                                "\",\"facts\":{\"data\":{"
                                "\"sources\":[");
    for (int i = 0; i < 199; i++) {
        n += (size_t)snprintf(big + n, 400, "\"%0304d\",", 0);
    }
    snprintf(big + n, 600, "\"%0*d\"]}}}", pad, 0);
}

static void test_size(void)
{
    static char big[70000];
    int whole = 0, brief = 0, refused = 0, pad = 1;
    bool held = true;
    for (; pad < 500 && held; pad++) {
        near_the_limit(big, pad);
        held = store(big) || err.code == AIGOV_TOOBIG;
        refused += err.code == AIGOV_TOOBIG;
        whole += refused == 0 && holds(entry.body, "\"found\":[{");
        brief += refused == 0 &&
                 holds(entry.body, "\"redaction\":{\"max_score\":") &&
                 holds(entry.body, "\"more\":1}");
        err.code = AIGOV_OK;
    }
    ok(held && whole > 0 && brief > 50 && whole + brief + refused == pad - 1,
       "near the limit of a leaf less is said of what was found");
}

static int calls, stop_at;

static bool interrupt(void *host)
{
    (void)host;
    return ++calls == stop_at;
}

/* Canceled at any look at the host, the record is refused whole. */
static void test_cancel(void)
{
    bool held = true, in_scan = false;
    aigov_stamps stamps;
    some_stamps(&stamps);
    aigov_ctx_set_interrupt(ctx, interrupt, NULL);
    for (stop_at = 1; held; stop_at++) {
        calls = 0;
        memset(&err, 0, sizeof err);
        if (aigov_record_read(r, aigov_str(full), &err) == AIGOV_OK) {
            break;
        }
        in_scan |= strcmp(err.stage, "scan") == 0;
        held = err.code == AIGOV_CANCELED &&
               aigov_record_seal(r, &stamps, &entry, &content, NULL, &err) ==
                   AIGOV_STATE;
    }
    aigov_ctx_set_interrupt(ctx, NULL, NULL);
    ok(held && in_scan && stop_at > 10,
       "canceled at any of %d places nothing is sealed", stop_at - 1);
}

/* --- puts ---------------------------------------------------------------- */

static const char pem[] =
    "-----BEGIN "
    "PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
    "AgEAAoIBAQC7\\n-----END "
    "PRIVATE KEY-----";

static void secret_in(const char *what, const char *subject, const char *format,
                      const char *message)
{
    snprintf(text, sizeof text, format, pem);
    memset(&err, 0, sizeof err);
    aigov_status st = aigov_record_put(r, AIGOV_LIT("risk"), aigov_str(subject),
                                       aigov_str(text), &err);
    ok(st == AIGOV_FIELD && strcmp(err.stage, "scan") == 0 &&
           strstr(err.text, message) != NULL && strstr(err.text, "MII") == NULL,
       "%s: %s", what, err.text);
}

static void test_puts(void)
{
    aigov_stamps stamps;
    aigov_status st =
        aigov_record_put(r, AIGOV_LIT("hold"), AIGOV_LIT("H-1"),
                         AIGOV_LIT("{\"matter\":\"card " CARD
                                   "\",\"state\":\"on\",\"placed_by\":\"u\"}"),
                         &err);
    some_stamps(&stamps);
    stamps.revision = 1;
    ok(st == AIGOV_OK &&
           aigov_record_seal(r, &stamps, &entry, &content, NULL, &err) ==
               AIGOV_OK &&
           holds(entry.body, CARD),
       "a register is stored as given");
    if (!is_found(pem)) {
        note("this build has no detector for private keys");
        return;
    }
    secret_in("a secret in a field", "R-7", "{\"description\":\"%s\"}",
              "risk R-7: description holds a secret (private_key)");
    secret_in("in a field of another type", "R-7", "{\"likelihood\":\"%s\"}",
              "risk R-7: likelihood holds a secret (private_key)");
    secret_in("under an unknown name", "R-7", "{\"x\":{\"y\":[\"%s\"]}}",
              "risk R-7: an unknown field holds a secret (private_key)");
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_record_new(ctx, &r, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &s, &err) != AIGOV_OK) {
        return 2;
    }
    test_canaries();
    test_content();
    test_nodes();
    test_envelope();
    test_digest();
    test_rules();
    test_size();
    test_cancel();
    test_puts();
    aigov_scanner_free(s);
    aigov_record_free(r);
    aigov_ctx_free(ctx);
    return done();
}
