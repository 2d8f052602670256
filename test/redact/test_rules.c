/*
 * test_rules.c - own detectors and profiles
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "failing.h"
#include "tap.h"

#include "aigov.h"

static aigov_ctx *ctx;
static aigov_error err;

#define TERMS                                                                  \
    "\"terms\":[\"Acme Holding\",\"Jos\xC3\xA9 P\xC3\xA9rez\","                \
    "\"\xE5\xB1\xB1\xE7\x94\xB0\",\"Acme\"]"
#define DICTIONARY                                                             \
    "{\"type\":\"dictionary\",\"entity\":\"CUSTOMER\",\"version\":1,"          \
    "\"score\":\"0.8\",\"terms_count\":4,\"terms_sha256\":"                    \
    "\"e6766087a7e9d63c168aaf89bbf4bb55baad79664e50eb345751232980cf1db6\","    \
    "\"positives\":[\"acme holding called\"],\"negatives\":[\"acmes\"]"
#define REGEX                                                                  \
    "{\"type\":\"regex\",\"entity\":\"CLAIM\",\"version\":1,"                  \
    "\"pattern\":\"CL-[0-9]{8}\",\"literal\":\"CL-\",\"score\":\"0.9\","       \
    "\"positives\":[\"claim CL-20260301 is open\"],"                           \
    "\"negatives\":[\"CL-12\"]}"
#define SLOW                                                                   \
    "{\"type\":\"regex\",\"entity\":\"SLOW\",\"version\":1,\"slow\":true,"     \
    "\"pattern\":\"^(a+)+$\",\"score\":\"0.9\",\"positives\":[\"aaa\"],"       \
    "\"negatives\":[\"b\"]}"

struct record {
    const char *kind, *subject, *fields, *content;
};

static const char *by_default; /* the setting `profile`, where it is not NULL */

static aigov_status make(aigov_ctx *c, const struct record *r, size_t n,
                         unsigned flags, aigov_rules **out, aigov_error *e)
{
    aigov_status st = aigov_rules_new(c, flags, out, e);
    if (st != AIGOV_OK) {
        *out = NULL;
        return st;
    }
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        st =
            aigov_rules_add(*out, aigov_str(r[i].kind), aigov_str(r[i].subject),
                            aigov_str(r[i].fields), aigov_str(r[i].content), e);
    }
    if (st == AIGOV_OK && by_default != NULL) {
        st = aigov_rules_default(*out, aigov_str(by_default), e);
    }
    return st == AIGOV_OK ? aigov_rules_ready(*out, e) : st;
}

static aigov_rules *rules_of(const struct record *r, size_t n, unsigned flags)
{
    aigov_rules *out;
    if (!ok(make(ctx, r, n, flags, &out, &err) == AIGOV_OK, "%zu rules", n)) {
        note("%s", err.text);
    }
    return out;
}

static void becomes(aigov_scanner *s, const char *text, const char *want)
{
    aigov_buf out, twice;
    bool held;
    aigov_buf_init(&out, ctx);
    aigov_buf_init(&twice, ctx);
    aigov_buf_reserve(&out, 1);
    held = aigov_redact(s, aigov_str(text), AIGOV_ABSENT, &out, NULL, NULL,
                        &err) == AIGOV_OK &&
           out.n == strlen(want) && memcmp(out.p, want, out.n) == 0;
    held = held &&
           aigov_redact(s, aigov_buf_span(&out), AIGOV_ABSENT, &twice, NULL,
                        NULL, &err) == AIGOV_OK &&
           twice.n == out.n &&
           (out.n == 0 || memcmp(twice.p, out.p, out.n) == 0);
    if (!ok(held, "%.40s -> %s", text, want)) {
        note("have %.*s, again %.*s", (int)out.n, out.p, (int)twice.n,
             twice.p == NULL ? "" : twice.p);
    }
    aigov_buf_free(&out);
    aigov_buf_free(&twice);
}

static const struct record own[] = {
    {"detector", "acme-customers", DICTIONARY "}", "{\"fields\":{" TERMS "}}"},
    {"detector", "claims", REGEX, NULL},
};

static void test_found(unsigned flags)
{
    aigov_rules *r = rules_of(own, 2, flags);
    aigov_scanner *s;
    aigov_scanner_new(ctx, &s, &err);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    becomes(s, "We met ACME\n holding, today.", "We met [CUSTOMER], today.");
    becomes(s, "acmes, macme, acme-2", "acmes, macme, [CUSTOMER]-2");
    becomes(s, "jose perez and JOS\xC3\x89 PEREZ", "[CUSTOMER] and [CUSTOMER]");
    becomes(s, "Jose", "Jose");
    becomes(s, "\xE7\xA7\x81\xE5\xB1\xB1\xE7\x94\xB0\xE3\x81\xAF",
            "\xE7\xA7\x81[CUSTOMER]\xE3\x81\xAF");
    becomes(s, "about CL-20260301; not CL-2026.",
            "about [CLAIM]; not CL-2026.");
    becomes(s, "mail ann@acme.org", "mail [EMAIL_ADDRESS]");
    becomes(s, "YWJvdXQgY2xhaW0gQ0wtMjAyNjAzMDEgb2YgdG9kYXk=", "[CLAIM]");
    aigov_scanner_free(s);
    aigov_rules_free(r);
}

/* A literal once in 300 KB, and everywhere in 100 KB; a match over a border. */
static void test_regions(unsigned flags)
{
    static char text[300001], many[100001], sticky[20001];
    aigov_rules *r = rules_of(own, 2, flags);
    aigov_scanner *s;
    const aigov_finding *f;
    size_t n = 0, m = 0;
    aigov_scanner_new(ctx, &s, &err);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    memset(text, '.', 300000);
    memcpy(text + 299000, "CL-12345678", 11);
    for (size_t i = 0; i < 100000; i += 12) {
        memcpy(many + i, "CL-12345678 ", i + 12 <= 100000 ? 12 : 4);
    }
    aigov_scan(s, (aigov_span){text, 300000}, AIGOV_ABSENT, &f, &n, &err);
    ok(n == 1 && f[0].start == 299000 && f[0].stop == 299011, "far behind");
    aigov_scan(s, (aigov_span){many, 100000}, AIGOV_ABSENT, &f, &m, &err);
    ok(m == 100000 / 12, "everywhere: %zu", m);
    aigov_rules_free(r);
    r = rules_of(
        (struct record[]){
            {"detector", "long",
             "{\"type\":\"regex\",\"entity\":\"LONG\",\"version\":1,"
             "\"pattern\":"
             "\"KEY-[a-z]+\",\"literal\":\"KEY-\",\"score\":\"1\"}",
             NULL}},
        1, flags);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    memset(sticky, 'x', 20000);
    memcpy(sticky + 1, " KEY-", 5);
    sticky[19000] = ' ';
    aigov_scan(s, (aigov_span){sticky, 20000}, AIGOV_ABSENT, &f, &n, &err);
    ok(n == 1 && f[0].start == 2 && f[0].stop == 19000,
       "a match goes on to the next space");
    aigov_scanner_free(s);
    aigov_rules_free(r);
}

static void test_limit(unsigned flags)
{
    static const struct record slow[] = {{"detector", "slow", SLOW, NULL}};
    aigov_rules *r = rules_of(slow, 1, flags);
    aigov_scanner *s;
    aigov_buf out;
    aigov_status st;
    aigov_buf_init(&out, ctx);
    aigov_scanner_new(ctx, &s, &err);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    st = aigov_redact(s, AIGOV_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
                      AIGOV_ABSENT, &out, NULL, NULL, &err);
    ok(st == AIGOV_WITHHELD && out.n == 0 && strstr(err.text, "slow") != NULL,
       "a limit withholds the text: %s", err.text);
    st = aigov_redact_json(s,
                           AIGOV_LIT("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
                                     "\"]"),
                           &out, NULL, &err);
    ok(st == AIGOV_WITHHELD && out.n == 0, "and a document");
    becomes(s, "aaa", "[SLOW]");
    aigov_buf_free(&out);
    aigov_scanner_free(s);
    aigov_rules_free(r);
}

#define ALLOW(match, count, sha, entity, terms)                                \
    {                                                                          \
        "detector", "allow-" match,                                            \
            "{\"type\":\"allow_list\",\"entity\":\"" entity                    \
            "\",\"version\":1,\"score\":\"1\",\"match\":\"" match              \
            "\",\"terms_count\":" count ",\"terms_sha256\":\"" sha "\"}",      \
            "{\"fields\":{\"terms\":" terms "}}"                               \
    }

static void test_allow(void)
{
    static const struct record allow[] = {
        ALLOW(
            "exact", "2",
            "c007ad3b4a978e223ba5a249b5b5381d2c736b2049f1d226ea5c1d804f78f530",
            "SECRET", "[\"Tr0ub4dor&3x9\",\"x\"]"),
        ALLOW(
            "suffix", "1",
            "1e393fee64a67f2c8d61c66000b978e416c467d1db2f4d70c2974bb2884898c6",
            "EMAIL_ADDRESS", "[\"acme.org\"]"),
        ALLOW(
            "regex", "1",
            "eefb2f2d85337ba572e25ccf0b20eed1e2c8afa18277bfde4bf67571f9747a6d",
            "CREDIT_CARD", "[\"4012 .*\"]"),
    };
    aigov_rules *r = rules_of(allow, 3, 0);
    aigov_scanner *s;
    aigov_scanner_new(ctx, &s, &err);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    becomes(s, "password = \"Tr0ub4dor&3x9\"", "password = \"Tr0ub4dor&3x9\"");
    becomes(s, "password = \"Tr0ub4dor&3x8\"", "password = \"[SECRET]\"");
    becomes(s, "ann@ACME.org, ann@bacme.org", "ann@ACME.org, [EMAIL_ADDRESS]");
    becomes(s, "card 4012 8888 8888 1881, 5105105105105100",
            "card 4012 8888 8888 1881, [CREDIT_CARD]");
    aigov_scanner_free(s);
    aigov_rules_free(r);
}

#define PROFILE(name, sink, threshold, otherwise, operators, more)             \
    {                                                                          \
        "redaction_profile", name "/" sink,                                    \
            "{\"version\":1,\"sink\":\"" sink "\",\"threshold\":\"" threshold  \
            "\",\"default_operator\":\"" otherwise                             \
            "\",\"operators\":{" operators "}" more "}",                       \
            NULL                                                               \
    }

static void test_operators(void)
{
    static const struct record p[] = {
        PROFILE("mask", "export", "0.5", "mask", "", ""),
        PROFILE("drop", "model", "0.5", "drop", "", ""),
        PROFILE("keep", "store", "0.5", "keep", "\"US_SSN\":\"hash\"",
                ",\"keep_reason\":\"test\""),
        PROFILE("high", "store", "0.99", "replace", "\"URL\":\"replace\"",
                ",\"systems\":[\"desk\"]"),
    };
    aigov_rules *r = rules_of(p, 4, 0);
    aigov_scanner *s;
    aigov_scanner_new(ctx, &s, &err);
    aigov_scanner_use(s, r, AIGOV_LIT("mask/export"), &err);
    becomes(s, "card 4012 8888 8888 1881, mail ann@acme.org",
            "card **** **** **** ****, mail ***@****.***");
    becomes(s, "password = \"Tr0ub4dor&3x9\"", "password = \"*************\"");
    aigov_scanner_use(s, r, AIGOV_LIT("drop/model"), &err);
    becomes(s, "mail ann@acme.org.", "mail .");
    becomes(s, "card 4012 8888 ann@acme.org 8888 1881 x", "card  x");
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    becomes(s,
            "mail ann@acme.org, SSN 212-09-7654, password = "
            "\"Tr0ub4dor&3x9\"",
            "mail ann@acme.org, SSN [US_SSN], password = \"[SECRET]\"");
    aigov_scanner_use(s, r, AIGOV_LIT("high/store"), &err);
    becomes(s, "see https://acme.org/a/b", "see https://acme.org/a/b");
    aigov_scanner_use(s, r, AIGOV_LIT("default/store"), &err);
    becomes(s, "mail ann@acme.org", "mail [EMAIL_ADDRESS]");
    ok(aigov_scanner_use(s, r, AIGOV_LIT("nobody/store"), &err) == AIGOV_ARG,
       "no such profile");
    aigov_scanner_free(s);
    aigov_rules_free(r);
}

static void test_json(void)
{
    static const struct record p[] = {
        PROFILE("mask", "export", "0.5", "mask", "", ""),
        PROFILE("drop", "model", "0.5", "drop", "", "")};
    static const char json[] =
        "{\"ann@acme.org\":\"x\",\"card\":4012888888881881,\"t\":"
        "\"{\\\"m\\\":\\\"ann@acme.org\\\"}\"}";
    aigov_rules *r = rules_of(p, 2, 0);
    aigov_scanner *s;
    aigov_buf out;
    aigov_buf_init(&out, ctx);
    aigov_scanner_new(ctx, &s, &err);
    aigov_scanner_use(s, r, AIGOV_LIT("mask/export"), &err);
    aigov_redact_json(s, AIGOV_LIT(json), &out, NULL, &err);
    ok(aigov_span_is(aigov_buf_span(&out),
                     "{\"[EMAIL_ADDRESS]\":\"x\",\"card\":\"****************\","
                     "\"t\":\"{\\\"m\\\":\\\"***@****.***\\\"}\"}"),
       "masked: %.*s", (int)out.n, out.p);
    out.n = 0;
    aigov_scanner_use(s, r, AIGOV_LIT("drop/model"), &err);
    aigov_redact_json(s, AIGOV_LIT(json), &out, NULL, &err);
    ok(aigov_span_is(aigov_buf_span(&out),
                     "{\"[EMAIL_ADDRESS]\":\"x\",\"card\":null,"
                     "\"t\":\"{\\\"m\\\":\\\"\\\"}\"}"),
       "dropped: %.*s", (int)out.n, out.p);
    aigov_buf_free(&out);
    aigov_scanner_free(s);
    aigov_rules_free(r);
}

static void test_digest(void)
{
    static const struct record gone[] = {
        {"detector", "acme-customers", DICTIONARY "}", NULL}};
    static const struct record other[] = {own[1], own[0]};
    uint8_t none[32], a[32], b[32], built_in[32];
    aigov_rules *r;
    aigov_rule rule;
    aigov_ruleset(ctx, built_in, &err);
    r = rules_of(NULL, 0, 0);
    aigov_rules_digest(ctx, r, none, &err);
    ok(memcmp(none, built_in, 32) == 0, "nothing own: the built-in digest");
    aigov_rules_free(r);
    r = rules_of(own, 2, 0);
    aigov_rules_digest(ctx, r, a, &err);
    aigov_rules_free(r);
    r = rules_of(other, 2, 0);
    aigov_rules_digest(ctx, r, b, &err);
    ok(memcmp(a, b, 32) == 0 && memcmp(a, built_in, 32) != 0,
       "the order of adding is no matter");
    aigov_rules_free(r);
    r = rules_of(gone, 1, 0);
    aigov_rules_digest(ctx, r, a, &err);
    ok(memcmp(a, built_in, 32) == 0 && aigov_rule_at(r, 0, &rule) &&
           rule.missing != NULL && !aigov_rule_at(r, 1, &rule),
       "terms that are gone: not in force");
    aigov_rules_free(r);
}

/* The setting `profile`. */
static void test_default(void)
{
    static const struct record all[] = {
        PROFILE("desk", "store", "0.5", "drop", "", ""),
        PROFILE("claims", "store", "0.5", "mask", "",
                ",\"systems\":[\"claims\"]"),
        PROFILE("other", "store", "0.5", "mask", "", "")};
    uint8_t named[32], newest[32];
    aigov_scanner *s;
    aigov_rules *r;
    aigov_scanner_new(ctx, &s, &err);
    by_default = "desk";
    r = rules_of(all, 3, 0);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    becomes(s, "mail ann@acme.org.", "mail .");
    aigov_rules_digest(ctx, r, named, &err);
    aigov_rules_free(r);
    by_default = "default";
    r = rules_of(all, 3, 0);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    becomes(s, "mail ann@acme.org.", "mail ***@****.***.");
    aigov_rules_digest(ctx, r, newest, &err);
    ok(memcmp(named, newest, 32) != 0, "it is in the digest");
    aigov_rules_free(r);
    by_default = "des";
    ok(make(ctx, all, 3, 0, &r, &err) == AIGOV_WITHHELD, "%s", err.text);
    aigov_rules_free(r);
    by_default = NULL;
    aigov_scanner_free(s);
}

static void test_refused(void)
{
    static const struct record bad[] = {
        {"detector", "x",
         "{\"type\":\"regex\",\"entity\":\"X1\",\"score\":"
         "\"1\",\"literal\":\"ab\",\"pattern\":\"ab(\"}",
         NULL},
        {"detector", "x",
         "{\"type\":\"regex\",\"entity\":\"X1\",\"score\":"
         "\"1\",\"pattern\":\"ab\"}",
         NULL},
        {"detector", "x",
         "{\"type\":\"regex\",\"entity\":\"X1\",\"score\":"
         "\"1\",\"slow\":true,\"pattern\":\"(*UTF)a\"}",
         NULL},
        {"detector", "a b", REGEX, NULL},
        {"detector", "credit_card", REGEX, NULL},
        {"detector", "acme", DICTIONARY "}",
         "{\"fields\":{\"terms\":[\"a\",\"b\",\"c\",\"d\"]}}"},
        PROFILE("a", "store", "0.5", "replace", "\"SECRET\":\"keep\"",
                ",\"keep_reason\":\"x\""),
        PROFILE("a", "store", "0.5", "keep", "", ""),
        PROFILE("a", "store", "1.5", "replace", "", ""),
        {"redaction_profile", "a/model",
         "{\"sink\":\"store\",\"threshold\":\"0\",\"default_operator\":"
         "\"mask\",\"operators\":{}}",
         NULL},
    };
    aigov_rules *r;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ok(make(ctx, &bad[i], 1, 0, &r, &err) == AIGOV_WITHHELD, "refused: %s",
           err.text);
        aigov_rules_free(r);
    }
}

/* --- records ------------------------------------------------------------- */

static void refuses(aigov_record *r, const char *kind, const char *subject,
                    const char *body, const char *want)
{
    aigov_status st = aigov_record_put(r, aigov_str(kind), aigov_str(subject),
                                       aigov_str(body), &err);
    ok(st == AIGOV_FIELD && strstr(err.text, want) != NULL &&
           strstr(err.text, "Acme") == NULL && strstr(err.text, "CL-") == NULL,
       "a put: %s", st == AIGOV_OK ? "taken" : err.text);
}

static void test_puts(void)
{
    aigov_record *r;
    aigov_record_new(ctx, &r, &err);
    ok(aigov_record_put(r, AIGOV_LIT("detector"), AIGOV_LIT("claims"),
                        AIGOV_LIT(REGEX), &err) == AIGOV_OK,
       "a pattern is taken");
    ok(aigov_record_put(r, AIGOV_LIT("detector"), AIGOV_LIT("acme"),
                        AIGOV_LIT(DICTIONARY "," TERMS "}"), &err) == AIGOV_OK,
       "a dictionary is taken");
    ok(aigov_record_put(r, AIGOV_LIT("detector"), AIGOV_LIT("acme"),
                        AIGOV_LIT(DICTIONARY "}"), &err) == AIGOV_OK,
       "and one whose terms come later");
    refuses(
        r, "detector", "x",
        "{\"type\":\"regex\",\"entity\":\"CLAIM\",\"version\":1,\"pattern\":"
        "\"CL-[0-9]\",\"literal\":\"CL-\",\"score\":\"0.9\",\"positives\":"
        "[\"CL-1\",\"CL-x\"],\"negatives\":[\"x\"]}",
        "positives: element 2 is not found");
    refuses(
        r, "detector", "x",
        "{\"type\":\"regex\",\"entity\":\"CLAIM\",\"version\":1,\"pattern\":"
        "\"CL-[0-9]\",\"literal\":\"CL-\",\"score\":\"0.9\",\"positives\":"
        "[\"CL-1\"],\"negatives\":[\"x\",\"a CL-2\"]}",
        "negatives: element 2 is found");
    refuses(
        r, "detector", "x",
        "{\"type\":\"regex\",\"entity\":\"CLAIM\",\"version\":1,\"pattern\":"
        "\"CL-[0-9\",\"literal\":\"CL-\",\"score\":\"0.9\",\"positives\":"
        "[\"CL-1\"],\"negatives\":[\"x\"]}",
        "pattern does not compile");
    ok(err.pos == 55 + 1 + 7, "at the place in the pattern: %zu", err.pos);
    refuses(
        r, "detector", "x",
        "{\"type\":\"regex\",\"entity\":\"CLAIM\",\"version\":1,\"pattern\":"
        "\"^(a+)+$\",\"slow\":true,\"score\":\"0.9\",\"positives\":"
        "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"],\"negatives\":"
        "[\"x\"]}",
        "meets a limit");
    refuses(r, "detector", "x", DICTIONARY ",\"terms\":[\"Acme\"]}",
            "terms_count is not the number");
    refuses(r, "redaction_profile", "a/store",
            "{\"version\":1,\"sink\":\"store\",\"default_operator\":\"drop\","
            "\"operators\":{\"SECRET\":\"keep\"},\"threshold\":\"0.5\"}",
            "a secret is never kept");
    aigov_record_free(r);
}

static void test_record(void)
{
    static const struct record all[] = {
        own[0],
        own[1],
        {"detector", "slow", SLOW, NULL},
        PROFILE("mine", "store", "0.5", "drop", "", ",\"systems\":[\"a\"]")};
    aigov_rules *rules = rules_of(all, 4, 0);
    aigov_record *r;
    const aigov_draft *d;
    uint8_t digest[32];
    aigov_record_new(ctx, &r, &err);
    aigov_record_use(r, rules);
    d = aigov_record_draft(r);
    aigov_rules_digest(ctx, rules, digest, &err);
    ok(aigov_record_read(r,
                         AIGOV_LIT("{\"system\":\"a\",\"actor\":{\"id\":"
                                   "\"acme\"},\"input\":\"of acme: CL-1 "
                                   "CL-12345678\"}"),
                         &err) == AIGOV_OK &&
           aigov_span_is(d->content, "{\"input\":\"of : CL-1 \"}") &&
           d->rules.n == 32 && memcmp(d->rules.p, digest, 32) == 0,
       "a record of a system that drops: %.*s", (int)d->content.n,
       d->content.p);
    ok(aigov_record_read(r,
                         AIGOV_LIT("{\"system\":\"b\",\"input\":\"of acme\"}"),
                         &err) == AIGOV_OK &&
           aigov_span_is(d->content, "{\"input\":\"of [CUSTOMER]\"}"),
       "and of another");
    ok(aigov_record_read(
           r,
           AIGOV_LIT("{\"system\":\"b\",\"input\":"
                     "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}"),
           &err) == AIGOV_WITHHELD &&
           strcmp(err.stage, "scan") == 0,
       "a limit withholds a record at stage %s", err.stage);
    aigov_record_use(r, NULL);
    aigov_rules_free(rules);
    ok(aigov_record_read(r, AIGOV_LIT("{\"system\":\"b\",\"nonsense\":1}"),
                         &err) == AIGOV_FIELD,
       "rules that are gone are not asked");
    ok(aigov_record_read(r,
                         AIGOV_LIT("{\"system\":\"b\",\"input\":\"of acme\"}"),
                         &err) == AIGOV_OK &&
           aigov_span_is(d->content, "{\"input\":\"of acme\"}"),
       "nor used");
    aigov_record_free(r);
}

/* --- memory -------------------------------------------------------------- */

static aigov_status work(aigov_ctx *c, const struct record *all, size_t n)
{
    aigov_rules *r;
    aigov_scanner *s = NULL;
    aigov_buf out;
    aigov_error e;
    aigov_status st = make(c, all, n, 0, &r, &e);
    aigov_buf_init(&out, c);
    st = st == AIGOV_OK ? aigov_scanner_new(c, &s, &e) : st;
    if (st == AIGOV_OK) {
        aigov_scanner_use(s, r, AIGOV_LIT("drop/model"), &e);
        st = aigov_redact_json(
            s, AIGOV_LIT("{\"a\":\"acme holding, CL-12345678 \"}"), &out, NULL,
            &e);
    }
    if (st == AIGOV_OK) {
        st = aigov_redact(s, AIGOV_LIT("acme holding, CL-12345678, aab"),
                          AIGOV_ABSENT, &out, NULL, NULL, &e);
    }
    aigov_buf_free(&out);
    aigov_scanner_free(s);
    aigov_rules_free(r);
    return st;
}

static void test_oom(void)
{
    static const struct record all[] = {
        own[0],
        own[1],
        {"detector", "slow", SLOW, NULL},
        PROFILE("drop", "model", "0.5", "drop", "", ""),
        PROFILE("own", "store", "0.5", "replace", "", "")};
    bool good = true, failed = true;
    long n = 0;
    by_default = "own";
    while (good && failed && n < 10000) {
        struct heap h = {0};
        aigov_alloc alloc = {failing, &h};
        aigov_ctx *c;
        aigov_status st;
        good = aigov_ctx_new(&alloc, &c, &err) == AIGOV_OK;
        h.calls = 0;
        h.fail_at = ++n;
        st = work(c, all, 5);
        failed = st != AIGOV_OK;
        /* PCRE2 that runs out in a match gives up: that is withheld */
        good = good && (!failed || st == AIGOV_NOMEM || st == AIGOV_WITHHELD);
        h.fail_at = 0;
        aigov_ctx_free(c);
        good = good && h.blocks == 0 && h.bytes == 0;
    }
    by_default = NULL;
    ok(good && !failed && n > 40, "%ld allocations fail", n - 1);
}

int main(void)
{
    aigov_ctx_new(NULL, &ctx, &err);
    test_found(0);
    test_found(AIGOV_RULES_NO_JIT);
    test_regions(0);
    test_regions(AIGOV_RULES_NO_JIT);
    test_limit(0);
    test_limit(AIGOV_RULES_NO_JIT);
    test_allow();
    test_operators();
    test_json();
    test_digest();
    test_default();
    test_refused();
    test_puts();
    test_record();
    test_oom();
    aigov_ctx_free(ctx);
    return done();
}
