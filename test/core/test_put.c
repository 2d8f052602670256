/*
 * test_put.c - governance records against the catalogue
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "logtest.h"

static aigov_ctx *ctx;
static aigov_record *r;
static aigov_error err;
static aigov_json j;

static aigov_span text_of(const char *name)
{
    uint32_t i = aigov_json_get(&j, 0, name);
    return i == 0 ? AIGOV_ABSENT : aigov_json_text(&j, i);
}

/* The raw text of `body`, the last member of the line. */
static aigov_span body_of(aigov_span line)
{
    uint32_t at = j.node[aigov_json_get(&j, 0, "body")].at;
    return (aigov_span){line.p + at, line.n - at - 1};
}

static bool seals(aigov_entry *e, aigov_content *c)
{
    aigov_stamps s;
    aigov_span leaf;
    memset(&s, 0, sizeof s);
    s.recorded_by = AIGOV_LIT("{\"login\":\"ana\"}");
    s.revision = 3;
    s.seq = 1;
    return aigov_record_seal(r, &s, e, c, &leaf, &err) == AIGOV_OK;
}

#define HEX64 "4012888888881881401288888888188140128888888818814012888888881881"
#define IMPORT                                                                 \
    "{\"file_sha256\":\"" HEX64 "\",\"records\":1,\"accepted\":1,"             \
    "\"duplicates\":0,\"refused\":0"

static bool has(aigov_span s, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= s.n; i++) {
        if (memcmp(s.p + i, what, n) == 0) {
            return true;
        }
    }
    return false;
}

static void test_accepted(void)
{
    lines l = open_lines(VECTORS, "puts/accepted.jsonl");
    aigov_span line;
    int n = 0, good = 0;
    while (next_line(&l, &line)) {
        aigov_entry e;
        aigov_content c;
        n++;
        if (aigov_json_read(&j, AIGOV_JSON_STRICT, line, &err) != AIGOV_OK ||
            aigov_record_put(r, text_of("kind"), text_of("subject"),
                             body_of(line), &err) != AIGOV_OK ||
            !seals(&e, &c)) {
            note("line %d: %s", n, err.text);
            continue;
        }
        good += aigov_span_eq(e.subject, text_of("subject")) &&
                aigov_span_eq(e.kind, text_of("kind")) && e.digest.p == NULL &&
                e.decision.p == NULL && e.interaction.p == NULL;
    }
    ok(n >= 80 && good == n, "%d of %d puts are accepted", good, n);
    free(l.text);
}

static void test_refused(void)
{
    lines l = open_lines(VECTORS, "puts/refused.jsonl");
    aigov_span line;
    int n = 0, good = 0;
    while (next_line(&l, &line)) {
        n++;
        if (aigov_json_read(&j, AIGOV_JSON_STRICT, line, &err) != AIGOV_OK) {
            continue;
        }
        memset(&err, 0, sizeof err);
        aigov_status st = aigov_record_put(
            r, text_of("kind"), text_of("subject"), body_of(line), &err);
        bool held = aigov_span_is(text_of("status"), aigov_status_name(st)) &&
                    aigov_span_is(text_of("text"), err.text) &&
                    strcmp(err.stage, "parse") == 0;
        if (!held) {
            note("line %d: %s \"%s\"", n, aigov_status_name(st), err.text);
        }
        good += held;
    }
    ok(n >= 40 && good == n, "%d of %d puts are refused as they should", good,
       n);
    free(l.text);
}

typedef struct refusal {
    const char *kind, *subject, *body;
    aigov_status status;
    const char *text, *hint;
} refusal;

static const refusal refusals[] = {
    {"riks", "R-1", "{}", AIGOV_KIND, "unknown kind riks",
     "did you mean risk?"},
    {"?", "R-1", "{}", AIGOV_KIND, "unknown kind", ""},
    {"interaction", "R-1", "{}", AIGOV_KIND, "unknown kind interaction", ""},
    {"genesis", "x", "{}", AIGOV_KIND,
     "genesis x: kind genesis is written by aigov, want no put",
     "it is written through first record"},
    {"risk", "", "{}", AIGOV_FIELD,
     "risk: subject is empty, want an id such as R-7", ""},
    {"risk", "a\nb", "{}", AIGOV_FIELD, "risk: subject has a control character",
     ""},
    {"risk", "a\xFF", "{}", AIGOV_FIELD, "risk: subject is not UTF-8", ""},
    {"risk", "R-1", "[]", AIGOV_FIELD,
     "risk R-1: the body is an array, want an object", ""},
    {"risk", "R-1", "{\"a\":1,\"a\":1}", AIGOV_NOTIJSON, NULL, ""},
    {"risk", "R-1", "{\"desc ription\":1}", AIGOV_FIELD,
     "risk R-1: unknown field", ""},
    {"risk", "R-1", "{\"likelihoodx\":1}", AIGOV_FIELD,
     "risk R-1: unknown field likelihoodx; did you mean likelihood?", ""},
    {"risk", "R-1", "{\"likelihood\":0}", AIGOV_FIELD,
     "risk R-1: likelihood 0 is outside 1 to 5", ""},
    {"risk", "R-1", "{\"likelihood\":2.5}", AIGOV_FIELD,
     "risk R-1: likelihood 2.5 is a number, want an integer from 1 to 5", ""},
    {"risk", "R-1", "{\"owner\":true}", AIGOV_FIELD,
     "risk R-1: owner is true, want a text", ""},
    {"risk", "R-1", "{\"status\":\"gone\"}", AIGOV_FIELD,
     "risk R-1: status gone is none of open, closed", ""},
    {"risk", "R-1", "{\"opened_on\":\"2026-02-30\"}", AIGOV_FIELD,
     "risk R-1: opened_on 2026-02-30 is not a date, want YYYY-MM-DD such as "
     "2026-02-10",
     ""},
    {"risk", "R-1", "{\"valid_from\":\"2026-02-10T00:00:00+01:00\"}",
     AIGOV_FIELD,
     "risk R-1: valid_from 2026-02-10T00:00:00+01:00 is not in UTC, want UTC "
     "such as 2026-05-04T08:00:00Z",
     ""},
    {"risk", "R-1", "{\"controls\":\"x\"}", AIGOV_FIELD,
     "risk R-1: controls \"x\" is a text, want an array of texts", ""},
    {"risk", "R-1", "{\"controls\":[1]}", AIGOV_FIELD,
     "risk R-1: controls 1 is a number, want a text", ""},
    {"risk", "R-1", "{\"evidence\":[\"thing\"]}", AIGOV_FIELD,
     "risk R-1: evidence thing is neither kind/subject nor the id of an entry",
     ""},
    {"risk", "R-1", "{\"system\":\"\"}", AIGOV_FIELD,
     "risk R-1: system has 0 bytes, want 1 to 240", ""},
    {"risk", "R-1", "{}", AIGOV_FIELD, "risk R-1: description is missing", ""},
    {"risk", "R-1", "{\"description\":null}", AIGOV_FIELD,
     "risk R-1: description is missing", ""},
    {"risk", "R-1", "{\"description\":\"\"}", AIGOV_FIELD,
     "risk R-1: description is missing", ""},
    {"incident_case", "I-1", "{\"description\":7}", AIGOV_FIELD,
     "incident_case I-1: description is a number, want a text", ""},
    {"incident_case", "I-1", "{\"root\":\"x\"}", AIGOV_FIELD,
     "incident_case I-1: root x is not an id of 36 characters", ""},
    {"detector", "d", "{\"entity\":\"a b\"}", AIGOV_FIELD,
     "detector d: entity a b is not a name of A-Z, 0-9 and _", ""},
    {"detector", "d", "{\"score\":\"1.5\"}", AIGOV_FIELD,
     "detector d: score 1.5 is outside 0 to 1", ""},
    {"detector", "d", "{\"score\":\"high\"}", AIGOV_FIELD,
     "detector d: score high is not a decimal number such as 12.50", ""},
    {"detector", "d", "{\"terms\":[\"secret\",1]}", AIGOV_FIELD,
     "detector d: terms is a number, want an array of texts", ""},
    {"budget", "b", "{\"currency\":\"eur\"}", AIGOV_FIELD,
     "budget b: currency eur is not an ISO 4217 code such as EUR", ""},
    {"rule", "r", "{\"obligations\":[{\"kind\":\"k\",\"x\":1}]}", AIGOV_FIELD,
     "rule r: obligations has an unknown name x", ""},
    {"rule", "r", "{\"priority\":1001}", AIGOV_FIELD,
     "rule r: priority 1001 is above 1000", ""},
    {"policy_case", "p", "{\"facts\":[]}", AIGOV_FIELD,
     "policy_case p: facts is an array, want an object", ""},
    {"sighting", "t", "{\"file_sha256\":\"ab\"}", AIGOV_FIELD,
     "sighting t: file_sha256 ab has 2 digits, want 64 hex digits", ""},
};

static void one_refusal(const refusal *t)
{
    memset(&err, 0, sizeof err);
    aigov_status st = aigov_record_put(
        r, aigov_str(t->kind), aigov_str(t->subject), aigov_str(t->body), &err);
    bool held = st == t->status &&
                (t->text == NULL || strcmp(err.text, t->text) == 0) &&
                strcmp(err.hint, t->hint) == 0;
    if (!ok(held, "refused: put(%.20s, %.60s)", t->kind, t->body)) {
        note("%s \"%s\" hint \"%s\"", aigov_status_name(st), err.text,
             err.hint);
    }
}

/* Fields kept as content are apart, nulls gone, revision stamped. */
static void test_split(void)
{
    aigov_entry e;
    aigov_content c;
    aigov_status st = aigov_record_put(
        r, AIGOV_LIT("incident_case"), AIGOV_LIT("IN-1"),
        AIGOV_LIT("{\"system\":\"s\",\"description\":\"what\",\"detected_at\":"
                  "\"2026-05-04T08:00:00Z\",\"aware_at\":\"2026-05-04T09:30:"
                  "00Z\",\"severity\":\"high\",\"serious\":false,\"owner\":"
                  "\"u\",\"status\":\"open\",\"note\":null,\"replaces\":2}"),
        &err);
    const aigov_draft *d = aigov_record_draft(r);
    ok(st == AIGOV_OK && d->governance && d->has_replaces && d->replaces == 2 &&
           !d->digested && d->decision.p == NULL && d->evidence.p == NULL,
       "draft of a put");
    ok(seals(&e, &c) &&
           aigov_span_is(c.body, "{\"fields\":{\"description\":\"what\"}}") &&
           aigov_span_is(
               e.body,
               "{\"fields\":{\"aware_at\":\"2026-05-04T09:30:00Z\","
               "\"detected_at\":\"2026-05-04T08:00:00Z\",\"owner\":\"u\","
               "\"replaces\":2,\"serious\":false,\"severity\":\"high\","
               "\"status\":\"open\",\"system\":\"s\"},\"revision\":3}"),
       "fields kept as content are apart");
}

static void test_make(void)
{
    const aigov_draft *d = aigov_record_draft(r);
    aigov_span erasure = AIGOV_LIT(
        "{\"target\":\"01990000-0000-7000-8000-0000000000aa\",\"reason\":"
        "\"asked\"}");
    ok(aigov_record_make(r, AIGOV_LIT("erasure"), AIGOV_LIT("x"), erasure,
                         &err) == AIGOV_OK &&
           d->governance,
       "an erasure is made");
    ok(aigov_record_make(r, AIGOV_LIT("access"), AIGOV_LIT("soa"),
                         AIGOV_LIT("{\"type\":\"report\"}"),
                         &err) == AIGOV_OK &&
           !d->governance,
       "access goes to lanes from 1");
    ok(aigov_record_make(r, AIGOV_LIT("access"), AIGOV_LIT("soa"),
                         AIGOV_LIT("{\"type\":\"report\",\"note\":\"x\"}"),
                         &err) == AIGOV_FIELD,
       "common fields belong to kinds of put alone");
    ok(aigov_record_make(r, AIGOV_LIT("nothing"), AIGOV_LIT("x"), erasure,
                         &err) == AIGOV_KIND,
       "an unknown kind is not made");
}

/* What callers say is replaced as in content, where a message shows it too;
 * hashes, ids and origins stay. */
static void test_make_found(void)
{
    const aigov_draft *d = aigov_record_draft(r);
    aigov_entry e;
    aigov_content c;
    ok(aigov_record_make(
           r, AIGOV_LIT("erasure"),
           AIGOV_LIT("01990000-0000-7000-8000-0000000000aa"),
           AIGOV_LIT("{\"target\":\"01990000-0000-7000-8000-0000000000aa\","
                     "\"commitment\":\"" HEX64 "\",\"reason\":"
                     "\"ana@acme.example, card 4012888888881881\"}"),
           &err) == AIGOV_OK &&
           d->rules.n == 32 && seals(&e, &c) &&
           aigov_span_is(e.subject, "01990000-0000-7000-8000-0000000000aa") &&
           has(e.body, "\"reason\":\"[EMAIL_ADDRESS], card [CREDIT_CARD]\"") &&
           has(e.body, HEX64) && has(e.body, "\"redaction\":{\"entities\"") &&
           !has(e.body, "ana@"),
       "what is found in the reason of an erasure is replaced");
    ok(aigov_record_make(r, AIGOV_LIT("import"), AIGOV_LIT("ana@acme.example"),
                         AIGOV_LIT(IMPORT ",\"source\":\"log\",\"origin\":"
                                          "\"password=hunter2secret9\"}"),
                         &err) == AIGOV_OK &&
           seals(&e, &c) && aigov_span_is(e.subject, "[EMAIL_ADDRESS]") &&
           aigov_span_is(d->subject, "[EMAIL_ADDRESS]") &&
           has(e.body, "[SECRET]") && !has(e.body, "hunter2"),
       "in subject and origin of an import");
    ok(aigov_record_make(r, AIGOV_LIT("import"), AIGOV_LIT("ex-o12"),
                         AIGOV_LIT(IMPORT ",\"source\":\"openai\"}"),
                         &err) == AIGOV_OK &&
           aigov_span_is(d->subject, "ex-o12"),
       "a name that stands alone is no number plate");
    ok(aigov_record_make(r, AIGOV_LIT("import"), AIGOV_LIT("f"),
                         AIGOV_LIT(IMPORT ",\"source\":\"ana@acme.example\"}"),
                         &err) == AIGOV_FIELD &&
           strstr(err.text, "ana@") == NULL &&
           strstr(err.text, "source [EMAIL_ADDRESS] is none of") != NULL,
       "a message shows what was put in its place");
    ok(aigov_record_make(r, AIGOV_LIT("import"), AIGOV_LIT("f"),
                         AIGOV_LIT(IMPORT ",\"source\":\"openai\","
                                          "\"sk_live_"
                                          "4eC39HqLyjWDarjtT1zdp7dc\":1}"),
                         &err) == AIGOV_FIELD &&
           strstr(err.text, "sk_live") == NULL,
       "a name too");
    ok(aigov_record_make(r, AIGOV_LIT("genesis"), AIGOV_LIT("10.1.2.3/log"),
                         AIGOV_LIT("{\"cause\":\"restore\",\"origin\":"
                                   "\"10.1.2.3/log\",\"version\":\"1\","
                                   "\"note\":\"by ana@acme.example\"}"),
                         &err) == AIGOV_OK &&
           seals(&e, &c) && aigov_span_is(e.subject, "10.1.2.3/log") &&
           has(e.body, "\"origin\":\"10.1.2.3/log\"") &&
           has(e.body, "by [EMAIL_ADDRESS]"),
       "the origin of a log stays as it is");
    ok(aigov_record_make(r, AIGOV_LIT("access"), AIGOV_LIT("soa"),
                         AIGOV_LIT("{\"type\":\"report\"}"),
                         &err) == AIGOV_OK &&
           d->rules.p == NULL && seals(&e, &c) && !has(e.body, "redaction"),
       "where nothing is found nothing is said");
}

/* Whatever own detectors look for. */
static void test_made_under_rules(void)
{
    static const char id[] = "01990000-0000-7000-8000-00000000d0e5";
    aigov_rules *rules;
    aigov_entry e;
    aigov_content c;
    aigov_span detector = AIGOV_LIT(
        "{\"type\":\"regex\",\"entity\":\"CASE_ID\",\"version\":1,"
        "\"pattern\":\"0000d0e5|C-[0-9]{4}\",\"slow\":true,\"score\":\"0.9\","
        "\"positives\":[\"C-1234\"],\"negatives\":[\"C-1\"]}");
    ok(aigov_rules_new(ctx, 0, &rules, &err) == AIGOV_OK &&
           aigov_rules_add(rules, AIGOV_LIT("detector"), AIGOV_LIT("case-id"),
                           detector, AIGOV_ABSENT, &err) == AIGOV_OK &&
           aigov_rules_ready(rules, &err) == AIGOV_OK,
       "own rules: %s", err.text);
    aigov_record_use(r, rules);
    ok(aigov_record_make(
           r, AIGOV_LIT("erasure"), aigov_str(id),
           AIGOV_LIT("{\"target\":\"01990000-0000-7000-8000-00000000d0e5\","
                     "\"reason\":\"case C-1234\"}"),
           &err) == AIGOV_OK &&
           seals(&e, &c) && aigov_span_is(e.subject, id) && has(e.body, id) &&
           has(e.body, "\"reason\":\"case [CASE_ID]\"") &&
           has(e.body, "\"CASE_ID\":1"),
       "own rules count for a reason, ids stay: %s", err.text);
    aigov_record_use(r, NULL);
    aigov_rules_free(rules);
}

/* A subject that is shown is looked at as a whole, not as far as it fits. */
static void test_subject_shown(void)
{
    char subject[201];
    memset(subject, 'x', 170);
    snprintf(subject + 170, 31, " password=Tr0ub4dor3hunter2");
    ok(aigov_record_put(r, AIGOV_LIT("erasure"), aigov_str(subject),
                        AIGOV_LIT("{}"), &err) == AIGOV_FIELD &&
           strstr(err.text, "Tr0ub") == NULL,
       "a secret in a subject that is cut: %s", err.text);
    ok(aigov_record_put(r, AIGOV_LIT("erasure"), AIGOV_LIT("ana@acme.example"),
                        AIGOV_LIT("{}"), &err) == AIGOV_KIND &&
           strstr(err.text, "ana@") == NULL,
       "what is no register shows no personal data");
}

static void test_limits(void)
{
    static char subject[202], body[90000];
    aigov_span make = AIGOV_LIT("{\"type\":\"report\"}");
    memset(subject, 's', 201);
    ok(aigov_record_make(r, AIGOV_LIT("access"), (aigov_span){subject, 200},
                         make, &err) == AIGOV_OK &&
           aigov_record_make(r, AIGOV_LIT("access"), (aigov_span){subject, 201},
                             make, &err) == AIGOV_FIELD,
       "a subject has 200 bytes");
    size_t n = 0;
    n += (size_t)snprintf(body, sizeof body,
                          "{\"type\":\"report\",\"parameters\":{\"p\":\"");
    memset(body + n, 'x', 61000);
    memcpy(body + n + 61000, "\"}}", 3);
    ok(aigov_record_make(r, AIGOV_LIT("access"), AIGOV_LIT("x"),
                         (aigov_span){body, n + 61003}, &err) == AIGOV_OK,
       "fields of 61,000 bytes fit");
    memset(body + n, 'x', 62000);
    memcpy(body + n + 62000, "\"}}", 3);
    ok(aigov_record_make(r, AIGOV_LIT("access"), AIGOV_LIT("x"),
                         (aigov_span){body, n + 62003}, &err) == AIGOV_TOOBIG,
       "fields of 62,000 bytes do not: %s", err.text);
}

/* The catalogue as built in is that of the files. */
static void test_catalogue(void)
{
    static const char *const file[] = {"kinds", "fields"};
    char path[64], hex[65];
    for (int i = 0; i < 2; i++) {
        size_t rows = 0, n = 0, counted = 0;
        const char *sha = NULL;
        uint8_t hash[32];
        snprintf(path, sizeof path, "%s.csv", file[i]);
        char *text = read_file("sql/iso42001", path, &n);
        aigov_span part = {text, n};
        aigov_sha256(ctx, &part, 1, hash, &err);
        for (size_t k = 0; k < n; k++) {
            counted += text[k] == '\n';
        }
        for (int k = 0; k < 32; k++) {
            snprintf(hex + 2 * k, 3, "%02x", hash[k]);
        }
        ok(aigov_catalogue(file[i], &rows, &sha) && rows == counted - 1 &&
               strcmp(sha, hex) == 0,
           "catalogue of %s: %zu rows", file[i], rows);
        free(text);
    }
    size_t kinds = 0, puts = 0, lane0 = 0, rows;
    const char *sha;
    const aigov_kind *k;
    while ((k = aigov_kind_at(kinds)) != NULL) {
        puts += k->by_put;
        lane0 += k->lane0;
        kinds += aigov_kind_find(aigov_str(k->name)) == k;
    }
    ok(kinds == 53 && puts == 42 && lane0 == 48,
       "53 kinds, 42 by put, 48 on lane 0");
    ok(!aigov_catalogue("views", &rows, &sha), "no other catalogue");
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_record_new(ctx, &r, &err) != AIGOV_OK) {
        return 2;
    }
    j.ctx = ctx;
    test_accepted();
    test_refused();
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        one_refusal(&refusals[i]);
    }
    test_split();
    test_make();
    test_make_found();
    test_made_under_rules();
    test_subject_shown();
    test_limits();
    test_catalogue();
    aigov_json_free(&j);
    aigov_record_free(r);
    aigov_ctx_free(ctx);
    return done();
}
