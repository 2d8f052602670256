/*
 * test_keyed.c - hash, pseudonym, vault: in texts, in records, and back
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Tokens and ciphertext are those that Python's hmac and cryptography give.
 */
#include "failing.h"
#include "keys_test.h"
#include "tap.h"

#include "aigov.h"

static aigov_ctx *ctx;
static aigov_error err;

#define PROFILE(name, op, more)                                                \
    "{\"version\":1,\"sink\":\"" name "\",\"default_operator\":\"" op          \
    "\",\"operators\":{" more "},\"threshold\":\"0.5\"}"

static const char *const profiles[][2] = {
    {"hash/export", PROFILE("export", "hash", "")},
    {"default/model", PROFILE("model", "pseudonym", "\"US_SSN\":\"drop\"")},
    {"default/export", PROFILE("export", "pseudonym", "")},
    {"default/store", PROFILE("store", "vault", "")},
};

static aigov_status make(aigov_ctx *c, const char *file, aigov_rules **out,
                         aigov_error *e)
{
    aigov_keys *keys = NULL;
    aigov_status st = AIGOV_OK;
    *out = NULL;
    if (file != NULL) {
        st = aigov_keys_read(c, aigov_str(file), &keys, e);
    }
    if (st == AIGOV_OK) {
        st = aigov_rules_new(c, 0, out, e);
    }
    if (st == AIGOV_OK) {
        aigov_rules_keys(*out, keys);
    }
    aigov_keys_free(keys);
    for (size_t i = 0; i < 4 && st == AIGOV_OK; i++) {
        st = aigov_rules_add(*out, AIGOV_LIT("redaction_profile"),
                             aigov_str(profiles[i][0]),
                             aigov_str(profiles[i][1]), AIGOV_ABSENT, e);
    }
    return st == AIGOV_OK ? aigov_rules_ready(*out, e) : st;
}

static aigov_rules *rules_of(const char *file)
{
    aigov_rules *r;
    if (make(ctx, file, &r, &err) != AIGOV_OK) {
        ok(false, "rules: %s", err.text);
    }
    return r;
}

static void becomes(aigov_scanner *s, const char *text, const char *want)
{
    aigov_buf out, twice;
    bool held;
    aigov_buf_init(&out, ctx);
    aigov_buf_init(&twice, ctx);
    held = aigov_redact(s, aigov_str(text), AIGOV_ABSENT, &out, NULL, NULL,
                        &err) == AIGOV_OK &&
           out.n == strlen(want) && memcmp(out.p, want, out.n) == 0;
    held = held &&
           aigov_redact(s, aigov_buf_span(&out), AIGOV_ABSENT, &twice, NULL,
                        NULL, &err) == AIGOV_OK &&
           twice.n == out.n && memcmp(twice.p, out.p, out.n) == 0;
    if (!ok(held, "%.40s -> %s", text, want)) {
        note("have %.*s", (int)out.n, out.p);
    }
    aigov_buf_free(&out);
    aigov_buf_free(&twice);
}

static void use(aigov_scanner *s, const aigov_rules *r, const char *profile)
{
    if (aigov_scanner_use(s, r, aigov_str(profile), &err) != AIGOV_OK) {
        ok(false, "%s: %s", profile, err.text);
    }
}

#define ANA "[EMAIL_ADDRESS:" KEY_ID_1 ":95031bb6011b879e]"
#define ANA_ACME "[EMAIL_ADDRESS:" KEY_ID_1 ":8994aabce2b75471]"
#define SSN "[US_SSN:" KEY_ID_1 ":f2b229fe553d90ac]"
#define SSN_ACME "[US_SSN:" KEY_ID_1 ":70cbe8605c860c5a]"
#define SSN_HASH "[US_SSN:" KEY_ID_1 ":0d24c7d724761851]"

static void test_text(void)
{
    aigov_rules *r = rules_of(KEY_FILE_1), *none = rules_of(NULL);
    aigov_scanner *s;
    aigov_scanner_new(ctx, &s, &err);
    use(s, r, "default/model");
    becomes(s, "mail ana@acme.example, Ana@ACME.example.",
            "mail " ANA ", " ANA ".");
    becomes(s, "mail \xEF\xBC\xA1na@acme.example, ana [at] acme.example",
            "mail " ANA ", " ANA);
    becomes(s, "ssn 212-09-7654, ana@acme.example", "ssn , " ANA);
    use(s, r, "default/export");
    becomes(s, "ssn 212-09-7654, ssn 212 09 7654", "ssn " SSN ", ssn " SSN);
    use(s, r, "hash/export");
    becomes(s, "ssn 212-09-7654", "ssn " SSN_HASH);
    use(s, r, "default/store");
    becomes(s, "ssn 212-09-7654", "ssn " SSN);
    becomes(s,
            "key sk_li"
            "ve_4eC39HqLyjWDarjtT1zdp7dc",
            "key [SECRET]");
    ok(aigov_scanner_tenant(s, AIGOV_LIT("acme"), &err) == AIGOV_OK,
       "a tenant");
    becomes(s, "ssn 212-09-7654", "ssn " SSN_ACME);
    becomes(s, "mail ana@acme.example", "mail " ANA_ACME);
    use(s, r, "hash/export");
    becomes(s, "ssn 212-09-7654", "ssn " SSN_HASH);
    aigov_scanner_no_keys(s);
    becomes(s, "ssn 212-09-7654", "ssn [US_SSN]");
    use(s, none, "hash/export");
    becomes(s, "ssn 212-09-7654", "ssn [US_SSN]");
    use(s, NULL, "default/export");
    becomes(s, "ssn 212-09-7654", "ssn [US_SSN]");
    aigov_scanner_free(s);
    aigov_rules_free(r);
    aigov_rules_free(none);
}

/* An IP and a plate keep their signs, a card and a number do not. */
static void test_spelling(void)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pair[] = {
        {"card 5242 3061 5708 3062", "card 5242306157083062", true},
        {"ip 23.1.45.67", "ip 231.4.56.7", false},
        {"My name is Jos\xC3\xA9 P\xC3\xA9rez.", "My name is Jose Perez.",
         true},
        {"IBAN DE89 3704 0044 0532 0130 00", "IBAN DE89370400440532013000",
         true},
    };
    aigov_rules *r = rules_of(KEY_FILE_1);
    aigov_scanner *s;
    aigov_scanner_new(ctx, &s, &err);
    use(s, r, "default/export");
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        aigov_buf a, b;
        const char *pa, *pb;
        bool same;
        aigov_buf_init(&a, ctx);
        aigov_buf_init(&b, ctx);
        aigov_redact(s, aigov_str(pair[i].a), AIGOV_ABSENT, &a, NULL, NULL,
                     &err);
        aigov_redact(s, aigov_str(pair[i].b), AIGOV_ABSENT, &b, NULL, NULL,
                     &err);
        aigov_buf_put(&a, "", 1);
        aigov_buf_put(&b, "", 1);
        pa = strchr(a.p, '[');
        pb = strchr(b.p, '[');
        same = pa != NULL && pb != NULL && strcmp(pa, pb) == 0;
        if (!ok(pa != NULL && pb != NULL && same == pair[i].same, "%s %s %s",
                pair[i].a, pair[i].same ? "is" : "is not", pair[i].b)) {
            note("%s %s", a.p, b.p);
        }
        aigov_buf_free(&a);
        aigov_buf_free(&b);
    }
    aigov_scanner_free(s);
    aigov_rules_free(r);
}

/* --- records ------------------------------------------------------------- */

#define ID "0199a000-0000-7000-8000-000000000001"
#define RECORD                                                                 \
    "{\"id\":\"" ID "\",\"system\":\"desk\",\"tenant\":\"acme\","              \
    "\"actor\":{\"id\":\"ana@acme.example\"},"                                 \
    "\"attributes\":{\"a\":\"212-09-7654\",\"ana@acme.example\":\"x\"},"       \
    "\"input\":\"My SSN is 212-09-7654, key sk_li"                             \
    "ve_4eC39HqLyjWDarjtT1zdp7dc"                                              \
    "\",\"output\":{\"mail\":[\"Ana@acme.example\"]}}"

static aigov_status seal(aigov_record *r, aigov_entry *e, aigov_content *c,
                         aigov_error *x)
{
    aigov_stamps s = {
        .at = 1, .log = 1, .lane = 1, .seq = 1, .recorded_by = AIGOV_LIT("{}")};
    const aigov_draft *d = aigov_record_draft(r);
    memset(s.salt, 7, sizeof s.salt);
    memcpy(s.id, d->id, sizeof s.id);
    s.rules = d->rules;
    return aigov_record_seal(r, &s, e, c, NULL, x);
}

static bool holds(aigov_span s, const char *text)
{
    return memmem(s.p, s.n, text, strlen(text)) != NULL;
}

static bool restores(const aigov_keys *keys, const char *interaction,
                     const aigov_entry *e, const aigov_content *c,
                     const char *text, const char *want, aigov_status status)
{
    aigov_restore *r = NULL;
    aigov_buf out;
    size_t n;
    aigov_status st = aigov_restore_new(ctx, keys, aigov_str(interaction),
                                        aigov_str(text), &r, &err);
    bool good;
    aigov_buf_init(&out, ctx);
    if (st == AIGOV_OK) {
        st = aigov_restore_add(r, e, c, &err);
    }
    if (st == AIGOV_OK) {
        st = aigov_restore_text(r, &out, &n, &err);
    }
    good = st == status &&
           (st != AIGOV_OK ||
            (out.n == strlen(want) && memcmp(out.p, want, out.n) == 0));
    if (!ok(good, "%.60s -> %s", text, want)) {
        note("%d %s: %.*s", (int)st, st == AIGOV_OK ? "" : err.text, (int)out.n,
             out.p == NULL ? "" : out.p);
    }
    aigov_restore_free(r);
    aigov_buf_free(&out);
    return good;
}

/* Who can write the tables puts a commitment right again: then what each value
 * is bound to still holds. */
static void test_rewritten(const aigov_keys *keys, const aigov_entry *e,
                           const aigov_content *c)
{
    static const char other[] = "0199a000-0000-7000-8000-000000000002";
    char body[4000], *hex;
    uint8_t commitment[32];
    aigov_entry forged = *e;
    aigov_content changed = *c;
    memcpy(body, c->body.p, c->body.n);
    changed.body.p = body;
    hex = memmem(body, c->body.n, SSN_ACME "\":\"", strlen(SSN_ACME) + 3);
    hex += strlen(SSN_ACME) + 3;
    *hex = *hex == '0' ? '1' : '0';
    aigov_commitment(ctx, (const uint8_t *)c->salt.p, changed.body, commitment,
                     &err);
    forged.commitment = (aigov_span){(const char *)commitment, 32};
    restores(keys, ID, &forged, &changed, SSN_ACME, "", AIGOV_KEY);
    restores(keys, ID, &forged, &changed, ANA_ACME, "ana@acme.example",
             AIGOV_OK);
    forged = *e;
    forged.id.p = other;
    restores(keys, other, &forged, c, SSN_ACME, "", AIGOV_KEY);
    forged = *e;
    forged.body = AIGOV_LIT("{\"tenant\":\"other\"}");
    restores(keys, ID, &forged, c, SSN_ACME, "", AIGOV_KEY);
}

/* Every byte of the content is covered. */
static void test_changed(const aigov_keys *keys, const aigov_entry *e,
                         const aigov_content *c)
{
    char body[4000];
    size_t bad = 0;
    for (size_t i = 0; i < c->body.n; i++) {
        aigov_content other_c = *c;
        aigov_restore *x;
        aigov_buf out;
        size_t n;
        aigov_buf_init(&out, ctx);
        memcpy(body, c->body.p, c->body.n);
        body[i] = body[i] == 'a' ? 'b' : 'a';
        other_c.body.p = body;
        aigov_restore_new(ctx, keys, AIGOV_LIT(ID), AIGOV_LIT(SSN_ACME), &x,
                          &err);
        if (aigov_restore_add(x, e, &other_c, &err) == AIGOV_OK &&
            aigov_restore_text(x, &out, &n, &err) == AIGOV_OK && n != 0) {
            bad++;
        }
        aigov_restore_free(x);
        aigov_buf_free(&out);
    }
    ok(bad == 0, "a changed byte is never restored from");
}

static void test_record(void)
{
    aigov_rules *rules = rules_of(KEY_FILE_1);
    aigov_record *r;
    aigov_entry e;
    aigov_content c;
    aigov_keys *one, *two, *other;
    aigov_keys_read(ctx, AIGOV_LIT(KEY_FILE_1), &one, &err);
    aigov_keys_read(ctx, AIGOV_LIT(KEY_FILE_2), &two, &err);
    aigov_keys_read(ctx, AIGOV_LIT(KEY_MAGIC "\n" KEY_LINE_2), &other, &err);
    aigov_record_new(ctx, &r, &err);
    aigov_record_use(r, rules);
    ok(aigov_record_read(r, AIGOV_LIT(RECORD), &err) == AIGOV_OK &&
           seal(r, &e, &c, &err) == AIGOV_OK,
       "a record is sealed");
    ok(aigov_span_is(e.actor, ANA_ACME), "the actor is a pseudonym");
    ok(holds(e.body,
             "\"attributes\":{\"[EMAIL_ADDRESS]\":\"x\",\"a\":\"" SSN_ACME
             "\"}"),
       "an attribute is one, a name is not");
    ok(holds(e.body, "\"fingerprint\":\"" KEY_ID_1 ":"), "a fingerprint");
    ok(holds(c.body, "\"input\":\"My SSN is " SSN_ACME ", key [SECRET]\"") &&
           holds(c.body, "[\"" ANA_ACME "\"]"),
       "the content has tokens");
    ok(holds(c.body, "\"vault\":{\"" ANA_ACME "\":\"") &&
           holds(
               c.body,
               ",\"" SSN_ACME
               "\":\"d36313dd37b56098090848eb3e940cd0dc34bbbc0a058766be9235\"}"
               "}"),
       "the vault is the last member, as Python encrypts it");
    ok(!holds(c.body, "212-09") && !holds(e.body, "212-09") &&
           !holds(c.body, "zdp7dc") && !holds(c.body, "na@acme"),
       "no value is left");
    restores(one, ID, &e, &c, "x " SSN_ACME ", " ANA_ACME "!",
             "x 212-09-7654, ana@acme.example!", AIGOV_OK);
    restores(two, ID, &e, &c, SSN_ACME, "212-09-7654", AIGOV_OK);
    restores(other, ID, &e, &c, SSN_ACME, "", AIGOV_KEY);
    restores(one, ID, &e, &c,
             "[ us\\_ssn :" KEY_ID_1 ": 70CBE8605C860C5A ] " SSN " [US_SSN]",
             "212-09-7654 " SSN " [US_SSN]", AIGOV_OK);
    restores(one, "0199a000-0000-7000-8000-000000000002", &e, &c, SSN_ACME,
             SSN_ACME, AIGOV_OK);
    test_changed(one, &e, &c);
    test_rewritten(one, &e, &c);
    aigov_record_free(r);
    aigov_rules_free(rules);
    aigov_keys_free(one);
    aigov_keys_free(two);
    aigov_keys_free(other);
}

static bool digest_of(aigov_record *r, const char *json, uint8_t out[32])
{
    uint8_t salt[32] = {0};
    return aigov_record_read(r, aigov_str(json), &err) == AIGOV_OK &&
           aigov_record_digest(r, salt, out, &err) == AIGOV_OK;
}

/* A writer must not learn from "the id is taken" whether a guess is right. */
static void test_digest(void)
{
    aigov_rules *rules = rules_of(KEY_FILE_1);
    aigov_record *r;
    uint8_t a[32], b[32];
    aigov_record_new(ctx, &r, &err);
    aigov_record_use(r, rules);
    ok(digest_of(r, "{\"system\":\"s\",\"input\":\"ssn 212-09-7654\"}", a) &&
           digest_of(r, "{\"system\":\"s\",\"input\":\"ssn 212-09-7653\"}",
                     b) &&
           memcmp(a, b, 32) == 0,
       "the digest confirms no guess");
    aigov_record_use(r, NULL);
    ok(digest_of(r, "{\"system\":\"s\",\"input\":\"ssn 212-09-7653\"}", b) &&
           memcmp(a, b, 32) == 0,
       "it is the same without a key");
    aigov_record_free(r);
    aigov_rules_free(rules);
}

/* Another tenant, moment and id; the same fingerprint only of the same text
 * under the same tenant. */
static void fingerprint_of(aigov_record *r, const char *json, char out[64])
{
    aigov_entry e;
    aigov_content c;
    const char *p = NULL;
    out[0] = 0;
    if (aigov_record_read(r, aigov_str(json), &err) == AIGOV_OK &&
        seal(r, &e, &c, &err) == AIGOV_OK) {
        p = memmem(e.body.p, e.body.n, "\"fingerprint\":\"", 15);
    }
    if (p != NULL) {
        memcpy(out, p + 15, 42);
        out[42] = 0;
    }
}

static void test_fingerprint(void)
{
    aigov_rules *rules = rules_of(KEY_FILE_1);
    aigov_record *r;
    char a[64], b[64], c[64], d[64];
    aigov_record_new(ctx, &r, &err);
    aigov_record_use(r, rules);
    fingerprint_of(r,
                   "{\"id\":\"" ID "\",\"input\":\"ssn 212-09-7654\","
                   "\"system\":\"s\",\"attempt\":1}",
                   a);
    fingerprint_of(r, "{\"system\":\"s\", \"input\":\"ssn 212-09-7654\"}", b);
    fingerprint_of(r, "{\"system\":\"s\",\"input\":\"ssn 212-09-7653\"}", c);
    fingerprint_of(r, "{\"system\":\"s\",\"input\":\"nothing\"}", d);
    ok(a[0] != 0 && strcmp(a, b) == 0 && strcmp(a, c) != 0 && d[0] == 0,
       "a fingerprint of what was found something in: %s", a);
    aigov_record_free(r);
    aigov_rules_free(rules);
}

/* A tenant that is itself replaced is none, so that restoring knows it. */
static void tenant(const aigov_rules *rules, const char *name, const char *more,
                   const char *stored)
{
    aigov_keys *one;
    aigov_record *r;
    aigov_entry e;
    aigov_content c;
    char json[300];
    snprintf(json, sizeof json,
             "{\"id\":\"" ID "\",\"system\":\"s\",\"tenant\":\"%s\","
             "\"input\":\"ssn 212-09-7654\"%s}",
             name, more);
    aigov_keys_read(ctx, AIGOV_LIT(KEY_FILE_1), &one, &err);
    aigov_record_new(ctx, &r, &err);
    aigov_record_use(r, rules);
    if (ok(aigov_record_read(r, aigov_str(json), &err) == AIGOV_OK &&
               seal(r, &e, &c, &err) == AIGOV_OK && holds(e.body, stored) &&
               holds(c.body, SSN),
           "a tenant that is replaced: %s", stored)) {
        restores(one, ID, &e, &c, SSN, "212-09-7654", AIGOV_OK);
    } else {
        note("%s %.*s", err.text, (int)e.body.n, e.body.p);
    }
    aigov_record_free(r);
    aigov_keys_free(one);
}

/* A key, a profile for what is stored, and one detector. */
static aigov_rules *rules_with(const char *profile, const char *detector)
{
    aigov_keys *keys = NULL;
    aigov_rules *r = NULL;
    aigov_keys_read(ctx, AIGOV_LIT(KEY_FILE_1), &keys, &err);
    aigov_rules_new(ctx, 0, &r, &err);
    aigov_rules_keys(r, keys);
    aigov_keys_free(keys);
    aigov_rules_add(r, AIGOV_LIT("redaction_profile"),
                    AIGOV_LIT("default/store"), aigov_str(profile),
                    AIGOV_ABSENT, &err);
    aigov_rules_add(r, AIGOV_LIT("detector"), AIGOV_LIT("own-1"),
                    aigov_str(detector), AIGOV_ABSENT, &err);
    ok(aigov_rules_ready(r, &err) == AIGOV_OK, "a key and a detector");
    return r;
}

static void test_tenant(void)
{
    aigov_rules *rules = rules_of(KEY_FILE_1);
    tenant(rules, "ana@acme.example", "", "\"tenant\":\"" ANA "\"");
    aigov_rules_free(rules);
    rules = rules_with(PROFILE("store", "vault", ""),
                       "{\"type\":\"outside\",\"entity\":\"NAME\","
                       "\"version\":1,\"score\":\"0.9\"}");
    tenant(rules, "Ann Lee",
           ",\"findings\":[{\"detector\":\"own-1\",\"at\":\"/tenant\","
           "\"start\":0,\"stop\":7}]",
           "\"tenant\":\"[NAME:" KEY_ID_1 ":");
    aigov_rules_free(rules);
}

/* What the next entry of the same object holds is its own. */
static void test_next(void)
{
    aigov_rules *rules = rules_of(KEY_FILE_1);
    aigov_record *r;
    aigov_entry e;
    aigov_content c;
    aigov_record_new(ctx, &r, &err);
    aigov_record_use(r, rules);
    aigov_record_read(r, AIGOV_LIT(RECORD), &err);
    ok(aigov_record_make(r, AIGOV_LIT("access"), AIGOV_LIT("open_content"),
                         AIGOV_LIT("{\"type\":\"content\",\"target\":\"" ID
                                   "\",\"purpose\":\"ssn 212-09-7654\"}"),
                         &err) == AIGOV_OK &&
           seal(r, &e, &c, &err) == AIGOV_OK && aigov_span_is(c.body, "null") &&
           holds(e.body, "ssn [US_SSN]") && !holds(e.body, "fingerprint"),
       "an entry of aigov's own has no vault");
    aigov_record_free(r);
    aigov_rules_free(rules);
}

/* --- allow list ---------------------------------------------------------- */

#define LIST                                                                   \
    "{\"type\":\"allow_list\",\"entity\":\"US_SSN\",\"version\":1,"            \
    "\"match\":\"fingerprint\",\"score\":\"1\",\"terms\":[\"" SSN "\"],"       \
    "\"terms_count\":1,\"terms_sha256\":"                                      \
    "\"89544d789887dad36459f9cd686eb40e03e38a6bcab0fe700ed8a2732bd5c524\"}"

static void test_allowed(void)
{
    aigov_rules *r;
    aigov_keys *two;
    aigov_scanner *s;
    aigov_rule rule;
    aigov_keys_read(ctx, AIGOV_LIT(KEY_FILE_2), &two, &err);
    aigov_scanner_new(ctx, &s, &err);
    for (int keyed = 1; keyed >= 0; keyed--) {
        aigov_rules_new(ctx, 0, &r, &err);
        aigov_rules_keys(r, keyed ? two : NULL);
        if (!ok(aigov_rules_add(r, AIGOV_LIT("detector"), AIGOV_LIT("ours"),
                                AIGOV_LIT(LIST), AIGOV_ABSENT,
                                &err) == AIGOV_OK &&
                    aigov_rules_ready(r, &err) == AIGOV_OK &&
                    aigov_rule_at(r, 0, &rule) &&
                    (rule.missing == NULL) == keyed,
                "a list of fingerprints is in force with a key: %d", keyed)) {
            note("%s", err.text);
        }
        use(s, r, "default");
        becomes(s, "ssn 212 09 7654, ssn 212-09-7653",
                keyed ? "ssn 212 09 7654, ssn [US_SSN]"
                      : "ssn [US_SSN], ssn [US_SSN]");
        aigov_scanner_use(s, NULL, AIGOV_ABSENT, &err);
        aigov_rules_free(r);
    }
    aigov_scanner_free(s);
    aigov_keys_free(two);
}

/* --- streams ------------------------------------------------------------- */

static void test_stream(void)
{
    static const char text[] =
        "mail ana@acme.example, ssn 212-09-7654 and " ANA_ACME
        ", then QX17, 198.51.100.23 "
        "and again ana@acme.example; a long tail of words that are nothing at "
        "all, to be handed out before the end is reached, and more of them, "
        "and more of them: bob@acme.example";
    aigov_rules *r =
        rules_with(PROFILE("store", "pseudonym", ""),
                   "{\"type\":\"regex\",\"entity\":\"PART\",\"version\":1,"
                   "\"pattern\":\"QX[0-9]+\",\"literal\":\"QX\","
                   "\"score\":\"0.9\"}");
    aigov_rules *drops = NULL;
    aigov_stream *st;
    aigov_scanner *s;
    aigov_buf whole, out;
    bool good = true;
    aigov_buf_init(&whole, ctx);
    aigov_buf_init(&out, ctx);
    aigov_scanner_new(ctx, &s, &err);
    aigov_scanner_use(s, r, AIGOV_ABSENT, &err);
    aigov_scanner_tenant(s, AIGOV_LIT("acme"), &err);
    aigov_redact(s, AIGOV_LIT(text), AIGOV_ABSENT, &whole, NULL, NULL, &err);
    ok(holds(aigov_buf_span(&whole), "[PART:" KEY_ID_1 ":"), "it is found");
    aigov_stream_new(ctx, &st, &err);
    ok(aigov_stream_use(st, r, AIGOV_ABSENT, &err) == AIGOV_OK &&
           aigov_stream_tenant(st, AIGOV_LIT("acme"), &err) == AIGOV_OK,
       "a stream with a key");
    for (size_t size = 1; size < sizeof text && good; size++) {
        out.n = 0;
        for (size_t at = 0; at < sizeof text - 1; at += size) {
            size_t n =
                sizeof text - 1 - at < size ? sizeof text - 1 - at : size;
            aigov_stream_push(st, (aigov_span){text + at, n}, &out, &err);
            good = good &&
                   aigov_stream_tenant(st, AIGOV_ABSENT, &err) == AIGOV_STATE;
        }
        good = aigov_stream_end(st, &out, &err) == AIGOV_OK && good &&
               out.n == whole.n && memcmp(out.p, whole.p, out.n) == 0;
    }
    if (!ok(good, "in pieces of any size it gives the same")) {
        note("%.*s", (int)out.n, out.p);
    }
    aigov_rules_new(ctx, 0, &drops, &err);
    aigov_rules_add(
        drops, AIGOV_LIT("redaction_profile"), AIGOV_LIT("default/store"),
        AIGOV_LIT(PROFILE("store", "drop", "")), AIGOV_ABSENT, &err);
    aigov_rules_ready(drops, &err);
    ok(aigov_stream_use(st, drops, AIGOV_ABSENT, &err) == AIGOV_ARG,
       "a drop needs the whole text");
    aigov_rules_free(drops);
    aigov_stream_free(st);
    aigov_scanner_free(s);
    aigov_rules_free(r);
    aigov_buf_free(&whole);
    aigov_buf_free(&out);
}

/* --- memory -------------------------------------------------------------- */

static aigov_status once(aigov_ctx *c)
{
    aigov_rules *rules = NULL;
    aigov_record *r = NULL;
    aigov_restore *x = NULL;
    aigov_keys *keys = NULL;
    aigov_entry e;
    aigov_content k;
    aigov_error x_err;
    aigov_buf out;
    size_t n = 0;
    aigov_status st = make(c, KEY_FILE_2, &rules, &x_err);
    aigov_buf_init(&out, c);
    st = st == AIGOV_OK ? aigov_record_new(c, &r, &x_err) : st;
    if (st == AIGOV_OK) {
        aigov_record_use(r, rules);
        st = aigov_record_read(r, AIGOV_LIT(RECORD), &x_err);
    }
    st = st == AIGOV_OK ? seal(r, &e, &k, &x_err) : st;
    st = st == AIGOV_OK
             ? aigov_keys_read(c, AIGOV_LIT(KEY_FILE_2), &keys, &x_err)
             : st;
    st = st == AIGOV_OK
             ? aigov_restore_new(c, keys, AIGOV_LIT(ID), k.body, &x, &x_err)
             : st;
    st = st == AIGOV_OK ? aigov_restore_add(x, &e, &k, &x_err) : st;
    st = st == AIGOV_OK ? aigov_restore_text(x, &out, &n, &x_err) : st;
    if (st == AIGOV_OK && n < 4) {
        st = AIGOV_STATE;
    }
    aigov_restore_free(x);
    aigov_keys_free(keys);
    aigov_record_free(r);
    aigov_rules_free(rules);
    aigov_buf_free(&out);
    return st;
}

static void test_memory(void)
{
    bool good = true, failed = true;
    long n = 0;
    while (good && failed && n < 10000) {
        struct heap h = {0};
        aigov_alloc alloc = {failing, &h};
        aigov_ctx *c;
        aigov_status st;
        good = aigov_ctx_new(&alloc, &c, &err) == AIGOV_OK;
        h.calls = 0;
        h.fail_at = ++n;
        st = once(c);
        failed = st != AIGOV_OK;
        h.fail_at = 0;
        good = good && (!failed || st == AIGOV_NOMEM);
        aigov_ctx_free(c);
        good = good && h.blocks == 0 && h.bytes == 0;
    }
    ok(good && !failed && n > 20, "%ld allocations fail", n - 1);
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    test_text();
    test_spelling();
    test_record();
    test_digest();
    test_fingerprint();
    test_tenant();
    test_next();
    test_allowed();
    test_stream();
    test_memory();
    aigov_ctx_free(ctx);
    return done();
}
