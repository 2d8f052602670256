/*
 * test_send.c - what leaves, and what comes back: guard and complete in core
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Two attempts of one interaction with a redaction key, as a host would run
 * them; obligations; that nothing that was found stands anywhere but in the
 * output; and the same with every allocation failing once.
 */
#include "failing.h"
#include "keys_test.h"
#include "logtest.h"

#include "aigov_policy.h"

#define ONE "0199a000-0000-7000-8000-000000000001"

static struct heap heap;
static aigov_ctx *ctx;
static aigov_error err;
static aigov_rules *rules;
static aigov_keys *keys;
static aigov_policies *policies;

/* The requests that were recorded: what a host finds in its log. */
typedef struct kept {
    char body[4096], content[8192];
    uint8_t salt[32], commitment[32];
    aigov_entry entry;
    size_t body_n, content_n;
} kept;
static kept attempt[4];
static int attempts;

static aigov_status give(void *host, const uint8_t interaction[16],
                         aigov_status (*each)(void *arg, const aigov_attempt *a,
                                              aigov_error *e),
                         void *arg, aigov_error *e)
{
    aigov_status st = AIGOV_OK;
    (void)host;
    (void)interaction;
    for (int i = 0; i < attempts && st == AIGOV_OK; i++) {
        kept *k = &attempt[i];
        aigov_attempt a = {
            &k->entry, {(char *)k->salt, 32}, {k->content, k->content_n}};
        st = each(arg, &a, e);
    }
    return st;
}

static const aigov_ledger ledger = {.attempts = give};
static aigov_judge judge;

/* The stored bytes of the last record. */
static char stored[32768];
static size_t stored_n;

static void keep(aigov_span part)
{
    if (stored_n + part.n < sizeof stored && part.n > 0) {
        memcpy(stored + stored_n, part.p, part.n);
        stored_n += part.n;
    }
}

static void keep_attempt(const aigov_entry *e, const aigov_content *c)
{
    kept *k = &attempt[attempts++];
    memcpy(k->body, e->body.p, e->body.n);
    memcpy(k->content, c->body.p, c->body.n);
    memcpy(k->salt, c->salt.p, 32);
    memcpy(k->commitment, e->commitment.p, 32);
    k->body_n = e->body.n;
    k->content_n = c->body.n;
    k->entry = (aigov_entry){
        .kind = {"request", 7},
        .interaction = {ONE, 36},
        .body = {k->body, k->body_n},
        .commitment = {(char *)k->commitment, 32},
    };
}

/* Read and seal one record as guard or complete asks; out is what is told. */
static aigov_status ask(aigov_record *r, bool request, const char *json,
                        aigov_buf *out)
{
    static const uint8_t id[16] = {0x01, 0x99, 0xa0, 0, 0, 0, 0x70, 0,
                                   0x80, 0,    0,    0, 0, 0, 0,    1};
    aigov_asked asked = {{request ? "request" : "response", request ? 7 : 8},
                         request ? NULL : id,
                         {NULL, 0},
                         &ledger};
    aigov_stamps stamps = {.lane = 1, .seq = 1, .at = 1};
    aigov_content c;
    aigov_entry e;
    aigov_status st;
    memset(stamps.salt, 7 + attempts, 32);
    memcpy(judge.salt, stamps.salt, 32);
    memcpy(stamps.id, id, 16);
    stamps.recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    judge.policies = policies;
    judge.ledger = &ledger;
    aigov_record_use(r, rules);
    aigov_record_asked(r, &asked);
    aigov_record_judge(r, policies == NULL ? NULL : &judge);
    st = aigov_record_read(r, aigov_str(json), &err);
    if (st == AIGOV_OK) {
        st = aigov_record_seal(r, &stamps, &e, &c, NULL, &err);
    }
    out->n = 0;
    if (st == AIGOV_OK) {
        st = request ? aigov_record_send(r, out, &err)
                     : aigov_record_output(r, out, &err);
    }
    if (st == AIGOV_OK) {
        stored_n = 0;
        keep(e.body);
        keep(e.actor);
        keep(c.body);
        if (request) {
            keep_attempt(&e, &c);
        }
    }
    return st;
}

static void gives(aigov_record *r, bool request, const char *json,
                  const char *expected, const char *name)
{
    aigov_buf out;
    aigov_status st;
    aigov_buf_init(&out, ctx);
    st = ask(r, request, json, &out);
    ok(st == AIGOV_OK && aigov_span_is(aigov_buf_span(&out), expected),
       "%s: %.*s", name, st == AIGOV_OK ? (int)out.n : (int)strlen(err.text),
       st == AIGOV_OK ? out.p : err.text);
    aigov_buf_free(&out);
}

static void whole_way(aigov_record *r)
{
    attempts = 0;
    gives(r, true,
          "{\"id\":\"" ONE
          "\",\"system\":\"bot\",\"input\":\"ana@acme.example, "
          "bob@acme.example, ANA@acme.example; [EMAIL_ADDRESS_1] typed\"}",
          "{\"input\":\"[EMAIL_ADDRESS_2], [EMAIL_ADDRESS_3], "
          "[EMAIL_ADDRESS_2]; [EMAIL_ADDRESS_1] typed\"}",
          "numbers of values, and what was typed");
    gives(r, false,
          "{\"system\":\"bot\",\"output\":\"[EMAIL_ADDRESS_1] "
          "[EMAIL_ADDRESS_2] [email_address_3] [EMAIL_ADDRESS_4] "
          "eve@acme.example\"}",
          "\"[EMAIL_ADDRESS_1] ana@acme.example bob@acme.example "
          "[EMAIL_ADDRESS_4] [EMAIL_ADDRESS_5]\"",
          "put back is what was given out");
    gives(r, true,
          "{\"interaction\":\"" ONE "\",\"attempt\":2,\"system\":\"bot\","
          "\"input\":\"bob@acme.example, eve@acme.example, "
          "[EMAIL_ADDRESS_3]\"}",
          "{\"input\":\"[EMAIL_ADDRESS_3], [EMAIL_ADDRESS_5], "
          "[EMAIL_ADDRESS_4]\"}",
          "the next attempt goes on with them");
    gives(r, false,
          "{\"system\":\"bot\",\"output\":{\"a\":\"{\\\"b\\\":\\\""
          "[EMAIL_ADDRESS_4] [EMAIL_ADDRESS_5]\\\"}\"}}",
          "{\"a\":\"{\\\"b\\\":\\\"[EMAIL_ADDRESS_3] eve@acme.example\\\"}\"}",
          "in JSON in a text, and what was typed as it was typed");
    attempt[0].content[12] ^= 1;
    gives(r, false,
          "{\"system\":\"bot\",\"output\":\"[EMAIL_ADDRESS_2] "
          "[EMAIL_ADDRESS_3]\"}",
          "\"[EMAIL_ADDRESS_2] bob@acme.example\"",
          "of a content that was changed nothing is put back");
    attempts = 0;
    gives(r, false, "{\"system\":\"bot\",\"output\":\"[EMAIL_ADDRESS_2]\"}",
          "\"[EMAIL_ADDRESS_2]\"", "nor of what is not there");
    gives(r, false, "{\"system\":\"bot\"}", "null", "no output");
}

/* --- nothing leaks ------------------------------------------------------- */

static const char *const values[] = {
    "ana@acme.example",
    "212-09-7654",
    "5242 3061 5708 3062",
    "DE89 3704 0044 0532 0130 00",
    "198.51.100.23",
    "sk_live_"
    "4eC39HqLyjWDarjtT1zdp7dc",
};
static const char *const places[] = {
    "{\"system\":\"bot\",\"input\":\"ssn card iban %s\"}",
    "{\"system\":\"bot\",\"input\":[{\"role\":\"user\",\"parts\":[\"ssn %s\"]}]"
    "}",
    "{\"system\":\"bot\",\"system_instructions\":\"card %s\"}",
    "{\"system\":\"bot\",\"documents\":[{\"text\":\"iban %s\"}]}",
    "{\"system\":\"bot\",\"tools\":[{\"ssn\":\"%s\"}]}",
    "{\"system\":\"bot\",\"tool\":{\"name\":\"t\",\"arguments\":{\"ssn\":\"%"
    "s\"}"
    "}}",
    "{\"system\":\"bot\",\"tool\":{\"name\":\"t\",\"arguments\":{\"ssn %s\":"
    "1}}}",
    "{\"system\":\"bot\",\"input\":\"{\\\"ssn\\\":\\\"%s\\\"}\"}",
    "{\"system\":\"bot\",\"output\":\"ssn card %s\"}",
};

static bool has(const char *p, size_t n, const char *value)
{
    return n > 0 && memmem(p, n, value, strlen(value)) != NULL;
}

static void leaks(aigov_record *r)
{
    aigov_buf out;
    int bad = 0, seen = 0;
    char json[1024];
    aigov_buf_init(&out, ctx);
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
            bool answers = strstr(places[p], "output") != NULL;
            attempts = 0;
            snprintf(json, sizeof json, places[p], values[v]);
            if (ask(r, !answers, json, &out) != AIGOV_OK) {
                bad++;
                printf("# %s: %s\n", json, err.text);
                continue;
            }
            seen += memmem(out.p, out.n, "_1]", 3) != NULL;
            if (has(out.p, out.n, values[v]) ||
                has(stored, stored_n, values[v])) {
                bad++;
                printf("# %s stands in %.*s\n", values[v], (int)out.n, out.p);
            }
        }
    }
    ok(bad == 0, "%d of %zu values and places show their value", bad,
       sizeof values / sizeof values[0] * (sizeof places / sizeof places[0]));
    ok(seen >= 50, "%d have a number", seen);
    aigov_buf_free(&out);
}

/* --- obligations --------------------------------------------------------- */

static void put(const char *kind, const char *subject, const char *fields)
{
    static int64_t seq;
    static uint8_t hash[32];
    char body[2048];
    aigov_entry e = {.log = 1, .lane = 0, .seq = ++seq, .v = 1};
    hash[0] = (uint8_t)seq;
    snprintf(body, sizeof body, "{\"fields\":%s,\"revision\":1}", fields);
    e.kind = aigov_str(kind);
    e.subject = aigov_str(subject);
    e.at = seq * 1000000;
    e.hash = (aigov_span){(const char *)hash, 32};
    e.body = aigov_str(body);
    e.recorded_by = AIGOV_LIT("{\"login\":\"ana\"}");
    ok(aigov_policies_add(policies, &e, &err) == AIGOV_OK, "put %s", subject);
}

/* "name":"... in what is stored, up to 80 bytes from the quote on. */
static void member(const char *name, char out[81])
{
    const char *p = memmem(stored, stored_n, name, strlen(name));
    memset(out, 0, 81);
    if (p != NULL && (size_t)(stored + stored_n - p) > strlen(name) + 80) {
        memcpy(out, p + strlen(name), 80);
    }
}

static void digest_of(aigov_record *r, const char *number, char tool[81],
                      char facts[81])
{
    char json[300];
    aigov_buf out;
    aigov_buf_init(&out, ctx);
    attempts = 0;
    snprintf(json, sizeof json,
             "{\"id\":\"" ONE "\",\"system\":\"bot\",\"purpose\":\"hold\","
             "\"tool\":{\"name\":\"t\",\"arguments\":{\"ssn\":\"%s\"}}}",
             number);
    ok(ask(r, true, json, &out) == AIGOV_OK, "a held call");
    member("\"tool\":{\"digest\":\"", tool);
    member("\"facts_digest\":\"", facts);
    tool[42] = facts[64] = '\0';
    aigov_buf_free(&out);
}

/* What approvals are bound to is what was handed in, not what replaced it. */
static void digests(aigov_record *r)
{
    char tool[3][81], facts[3][81];
    digest_of(r, "212-09-7654", tool[0], facts[0]);
    digest_of(r, "212-09-7653", tool[1], facts[1]);
    digest_of(r, "212-09-7654", tool[2], facts[2]);
    ok(strncmp(tool[0], KEY_ID_1 ":", 10) == 0 && strlen(tool[0]) == 42 &&
           strcmp(tool[0], tool[1]) != 0 && strcmp(tool[0], tool[2]) == 0,
       "tool.digest is of the arguments: %s", tool[0]);
    ok(strlen(facts[0]) == 64 && strcmp(facts[0], facts[1]) != 0 &&
           strcmp(facts[0], facts[2]) == 0,
       "facts_digest is of the values: %s", facts[0]);
}

static void obliges(aigov_record *r)
{
    aigov_policies *in_force;
    ok(aigov_policies_new(ctx, &policies, &err) == AIGOV_OK, "policies");
    put("policy", "main",
        "{\"type\":\"runtime\",\"title\":\"t\",\"version\":1,\"state\":"
        "\"active\",\"default_effect\":\"allow\",\"owner\":\"u\","
        "\"review_due\":\"2027-01-01\"}");
#define RULE(name, phase, what)                                                \
    put("rule", "main/1/" name,                                                \
        "{\"policy\":\"main\",\"version\":1,\"phase\":\"" phase "\","          \
        "\"effect\":\"redact\",\"cond\":\"true\",\"mode\":\"enforce\","        \
        "\"reason\":\"r\",\"controls\":[\"iso42001:A.9.2\"],"                  \
        "\"obligations\":[" what "]}")
    RULE("a", "pre",
         "{\"kind\":\"redact\",\"target\":\"pii.email\",\"value\":\"drop\"},"
         "{\"kind\":\"redact\",\"target\":\"pii.*\",\"value\":\"keep\"}");
    put("rule", "main/1/hold",
        "{\"policy\":\"main\",\"version\":1,\"phase\":\"pre\",\"effect\":"
        "\"require_approval\",\"cond\":\"req.purpose == 'hold' && "
        "tool.digest != ''\",\"mode\":\"enforce\",\"reason\":\"r\","
        "\"controls\":[\"iso42001:A.9.2\"],\"obligations\":[{\"kind\":"
        "\"approve\",\"target\":\"1\"}]}");
    RULE("b", "post", "{\"kind\":\"redact\",\"target\":\"pii.email\"}");
    ok(aigov_policies_ready(policies, &err) == AIGOV_OK &&
           aigov_policies_any(policies),
       "in force");
    attempts = 0;
    gives(r, true,
          "{\"id\":\"" ONE "\",\"system\":\"bot\",\"input\":\"mail "
          "ana@acme.example from 198.51.100.23\"}",
          "{\"input\":\"mail  from [IP_ADDRESS_1]\"}",
          "the stricter counts, keep weakens nothing");
    ok(attempts == 1 &&
           memmem(attempt[0].body, attempt[0].body_n, "\"redact\"", 8) != NULL,
       "it is in the entry");
    digests(r);
    in_force = policies;
    policies = NULL;
    attempts = 0;
    gives(r, true,
          "{\"id\":\"" ONE "\",\"system\":\"bot\",\"input\":\"mail "
          "ana@acme.example from 198.51.100.23\"}",
          "{\"input\":\"mail [EMAIL_ADDRESS_1] from [IP_ADDRESS_1]\"}",
          "without a policy the profile alone");
    policies = in_force;
    gives(r, false,
          "{\"system\":\"bot\",\"output\":\"[EMAIL_ADDRESS_1] "
          "[IP_ADDRESS_1]\"}",
          "\"[EMAIL_ADDRESS_1] 198.51.100.23\"",
          "what the answer's decision covers is not put back");
    policies = NULL;
    aigov_policies_free(in_force);
}

/* --- memory -------------------------------------------------------------- */

static aigov_status once(aigov_record *r, aigov_buf *out)
{
    aigov_status st;
    attempts = 0;
    st = ask(r, true,
             "{\"id\":\"" ONE "\",\"system\":\"bot\",\"input\":\"ana@acme."
             "example [EMAIL_ADDRESS_1] 198.51.100.23\"}",
             out);
    return st == AIGOV_OK
               ? ask(r, false,
                     "{\"system\":\"bot\",\"output\":\"[EMAIL_ADDRESS_2] "
                     "bob@acme.example\",\"sent_digest\":"
                     "\"00000000000000000000000000000000"
                     "00000000000000000000000000000000\"}",
                     out)
               : st;
}

static void starves(void)
{
    int failures = 0, bad = 0;
    for (long at = 1; at < 5000; at++) {
        aigov_record *r = NULL;
        aigov_buf out;
        aigov_status st;
        aigov_buf_init(&out, ctx);
        heap.calls = 0;
        heap.fail_at = at;
        st = aigov_record_new(ctx, &r, &err);
        st = st == AIGOV_OK ? once(r, &out) : st;
        heap.fail_at = 0;
        if (st == AIGOV_OK) {
            aigov_record_free(r);
            aigov_buf_free(&out);
            break;
        }
        failures++;
        bad += st != AIGOV_NOMEM && st != AIGOV_CRYPTO;
        if (r != NULL &&
            (once(r, &out) != AIGOV_OK ||
             !aigov_span_is(aigov_buf_span(&out), "\"ana@acme.example "
                                                  "[EMAIL_ADDRESS_3]\""))) {
            bad++;
            printf("# after failure %ld: %.*s\n", at, (int)out.n, out.p);
        }
        aigov_record_free(r);
        aigov_buf_free(&out);
    }
    ok(failures > 50 && bad == 0, "%d failures of memory, %d wrong", failures,
       bad);
}

int main(void)
{
    aigov_alloc alloc = {failing, &heap};
    aigov_record *r;
    long blocks;
    ok(aigov_ctx_new(&alloc, &ctx, &err) == AIGOV_OK, "context");
    ok(aigov_keys_read(ctx, aigov_str(KEY_FILE_1), &keys, &err) == AIGOV_OK &&
           aigov_rules_new(ctx, 0, &rules, &err) == AIGOV_OK,
       "keys and rules");
    aigov_rules_keys(rules, keys);
    ok(aigov_rules_ready(rules, &err) == AIGOV_OK, "ready");
    blocks = heap.blocks;
    ok(aigov_record_new(ctx, &r, &err) == AIGOV_OK, "record");
    whole_way(r);
    leaks(r);
    obliges(r);
    aigov_record_free(r);
    starves();
    ok(heap.blocks - blocks < 8, "%ld blocks are left", heap.blocks - blocks);
    aigov_rules_free(rules);
    aigov_keys_free(keys);
    aigov_ctx_free(ctx);
    ok(heap.blocks == 0, "nothing is left");
    return done();
}
