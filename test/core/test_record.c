/*
 * test_record.c - records: golden bytes, refusals, limits
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The golden bytes come from test/vectors/golden.py, which knows
 * docs/formats.md and not this code.
 */
#include "logtest.h"

static aigov_ctx *ctx;
static aigov_record *r;
static aigov_error err;

/* --- golden -------------------------------------------------------------- */

static aigov_span text_of(const aigov_json *j, uint32_t o, const char *name)
{
    uint32_t i = aigov_json_get(j, o, name);
    return i == 0 ? AIGOV_ABSENT : aigov_json_text(j, i);
}

static int64_t int_of(const aigov_json *j, uint32_t o, const char *name)
{
    int64_t v = 0;
    uint32_t i = aigov_json_get(j, o, name);
    if (i != 0) {
        aigov_json_i64(j, i, &v);
    }
    return v;
}

static aigov_span hash_of(const aigov_json *j, uint32_t o, const char *name,
                          uint8_t out[32])
{
    aigov_span s = text_of(j, o, name);
    if (s.p == NULL || !aigov_hex_parse(s, out, 32)) {
        return AIGOV_ABSENT;
    }
    return (aigov_span){(const char *)out, 32};
}

static void stamps_of(const aigov_json *j, uint32_t o, aigov_stamps *s,
                      uint8_t scratch[2][32])
{
    memset(s, 0, sizeof *s);
    aigov_uuid_parse(text_of(j, o, "id"), s->id);
    aigov_time_parse_stored(text_of(j, o, "at"), &s->at);
    s->log = int_of(j, o, "log");
    s->lane = int_of(j, o, "lane");
    s->seq = int_of(j, o, "seq");
    hash_of(j, o, "prev", s->prev);
    hash_of(j, o, "salt", s->salt);
    s->recorded_by = text_of(j, o, "recorded_by");
    s->under = hash_of(j, o, "under", scratch[0]);
    s->rules = hash_of(j, o, "rules", scratch[1]);
    s->evidence = text_of(j, o, "evidence");
    s->tx = text_of(j, o, "tx");
    s->anchor = text_of(j, o, "anchor");
    s->decision = text_of(j, o, "decision");
    s->revision = int_of(j, o, "revision");
}

static bool sha_is(aigov_span text, const aigov_json *j, const char *name)
{
    uint8_t want[32], got[32];
    return hash_of(j, 0, name, want).p != NULL &&
           aigov_sha256(ctx, &text, 1, got, &err) == AIGOV_OK &&
           memcmp(want, got, 32) == 0;
}

/* The text itself, or its SHA-256 where the golden file keeps that. */
static bool golden_is(aigov_span text, const aigov_json *j, const char *name,
                      const char *sha_name)
{
    aigov_span want = text_of(j, 0, name);
    return want.p == NULL ? sha_is(text, j, sha_name) : same(text, want);
}

static aigov_span find_record(aigov_span wanted)
{
    static lines l;
    aigov_span line, name;
    if (l.text == NULL) {
        l = open_lines(VECTORS, "records/records.jsonl");
    }
    l.pos = 0;
    while (next_line(&l, &line)) {
        aigov_span record = record_of(line, &name);
        if (same(name, wanted)) {
            return record;
        }
    }
    return AIGOV_ABSENT;
}

static aigov_status read_golden(const aigov_json *j)
{
    aigov_span record = text_of(j, 0, "record");
    if (text_of(j, 0, "subject").p != NULL) {
        return aigov_record_put(r, text_of(j, 0, "kind"),
                                text_of(j, 0, "subject"), text_of(j, 0, "body"),
                                &err);
    }
    if (record.p == NULL) {
        record = find_record(text_of(j, 0, "name"));
    }
    return aigov_record_read(r, record, &err);
}

static bool draft_agrees(const aigov_stamps *s)
{
    const aigov_draft *d = aigov_record_draft(r);
    return same(d->decision, s->decision) && same(d->evidence, s->evidence) &&
           (!d->has_id || memcmp(d->id, s->id, 16) == 0) &&
           d->digested == (s->revision == 0);
}

static void golden_line(aigov_json *j, aigov_span line)
{
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    aigov_span leaf = AIGOV_ABSENT;
    uint8_t scratch[2][32], hash[32];
    if (aigov_json_read(j, AIGOV_JSON_STRICT, line, &err) != AIGOV_OK) {
        ok(false, "golden line: %s", err.text);
        return;
    }
    aigov_span name = text_of(j, 0, "name");
    stamps_of(j, aigov_json_get(j, 0, "stamps"), &s, scratch);
    aigov_status st = read_golden(j);
    bool agrees = st == AIGOV_OK && draft_agrees(&s);
    if (st == AIGOV_OK) {
        st = aigov_record_seal(r, &s, &e, &c, &leaf, &err);
    }
    if (st != AIGOV_OK) {
        ok(false, "golden %.*s: %s", (int)name.n, name.p, err.text);
        return;
    }
    bool good = ok(agrees && golden_is(leaf, j, "leaf", "leaf_sha256") &&
                       golden_is(c.body, j, "content", "content_sha256") &&
                       hash_of(j, 0, "hash", hash).p != NULL &&
                       memcmp(hash, e.hash.p, 32) == 0,
                   "golden %.*s", (int)name.n, name.p);
    if (!good) {
        note("have %.*s", (int)leaf.n, leaf.p);
        note("want %.*s", (int)text_of(j, 0, "leaf").n,
             text_of(j, 0, "leaf").p);
        note("have %.*s", (int)c.body.n, c.body.p);
        note("want %.*s", (int)text_of(j, 0, "content").n,
             text_of(j, 0, "content").p);
    }
}

static void test_golden(void)
{
    lines l = open_lines(VECTORS, "golden/golden.jsonl");
    aigov_json j = {.ctx = ctx};
    aigov_span line;
    int n = 0;
    while (next_line(&l, &line)) {
        golden_line(&j, line);
        n++;
    }
    ok(n >= 60, "golden file has %d lines", n);
    aigov_json_free(&j);
    free(l.text);
}

/* --- all records --------------------------------------------------------- */

static void plain_stamps(aigov_stamps *s)
{
    const aigov_draft *d = aigov_record_draft(r);
    memset(s, 0, sizeof *s);
    s->at = 1790000000000000;
    s->log = 7;
    s->lane = 1;
    s->seq = 9;
    s->recorded_by = AIGOV_LIT("{\"login\":\"app\"}");
    s->decision = d->decision;
    s->evidence = d->evidence;
    memcpy(s->id, d->id, 16);
}

/* Canonical, and its canonical form is itself. */
static bool is_canonical(aigov_span s)
{
    aigov_buf b;
    aigov_buf_init(&b, ctx);
    bool is = aigov_canonical(ctx, s, &b, &err) == AIGOV_OK &&
              same(aigov_buf_span(&b), s);
    aigov_buf_free(&b);
    return is;
}

static void test_all(void)
{
    lines l = open_lines(VECTORS, "records/records.jsonl");
    aigov_span line, name;
    int n = 0, good = 0;
    while (next_line(&l, &line)) {
        aigov_stamps s;
        aigov_entry e;
        aigov_content c;
        aigov_span leaf;
        uint8_t hash[32] = {0}, digest[32] = {1};
        aigov_span record = record_of(line, &name);
        n++;
        if (aigov_record_read(r, record, &err) != AIGOV_OK) {
            note("%.*s: %s", (int)name.n, name.p, err.text);
            continue;
        }
        plain_stamps(&s);
        if (aigov_record_seal(r, &s, &e, &c, &leaf, &err) != AIGOV_OK) {
            note("%.*s: %s", (int)name.n, name.p, err.text);
            continue;
        }
        aigov_leaf_hash(ctx, leaf, hash, &err);
        aigov_record_digest(r, s.salt, digest, &err);
        bool held = is_canonical(leaf) && is_canonical(c.body) &&
                    is_canonical(e.body) && leaf.n <= AIGOV_MAX_LEAF &&
                    memcmp(hash, e.hash.p, 32) == 0 &&
                    memcmp(digest, e.digest.p, 32) == 0;
        if (!held) {
            note("%.*s is not as it should be", (int)name.n, name.p);
        }
        good += held;
    }
    ok(n == 1000 && good == n,
       "%d of %d records give canonical leaf, body and content", good, n);
    free(l.text);
}

/* --- refusals ------------------------------------------------------------ */

typedef struct refusal {
    const char *record;
    aigov_status status;
    const char *stage;
    int pos; /* -1: none */
    const char *text, *hint;
} refusal;

#define U "01990000-0000-7000-8000-0000000000aa"

static const refusal refusals[] = {
    {"", AIGOV_NOTJSON, "parse", 0, NULL, NULL},
    {"{\"system\":\"s\"", AIGOV_NOTJSON, "parse", 13, NULL, NULL},
    {"[]", AIGOV_FIELD, "parse", 0, "a record is an array, want an object", ""},
    {"{}", AIGOV_FIELD, "parse", 0, "system is missing from a record",
     "name the AI system it is about"},
    {"{\"system\":\"\"}", AIGOV_FIELD, "parse", 10, "system is empty", ""},
    {"{\"system\":1}", AIGOV_FIELD, "parse", 10,
     "system is a number, want a text", ""},
    {"{\"system\":\"s\",\"inptu\":1}", AIGOV_FIELD, "parse", 14,
     "unknown member \"inptu\"", "did you mean input?"},
    {"{\"system\":\"s\",\"Output\":1}", AIGOV_FIELD, "parse", 14,
     "unknown member \"Output\"", "did you mean output?"},
    {"{\"system\":\"s\",\"zzzz\":1}", AIGOV_FIELD, "parse", 14,
     "unknown member \"zzzz\"", "other data goes to attributes"},
    {"{\"system\":\"s\",\"my secret\":1}", AIGOV_FIELD, "parse", 14,
     "unknown member", "other data goes to attributes"},
    {"{\"system\":\"s\",\"fields\":{}}", AIGOV_FIELD, "parse", 14,
     "unknown member \"fields\"", "other data goes to attributes"},
    {"{\"system\":\"s\",\"hash\":\"x\"}", AIGOV_FIELD, "parse", 14,
     "hash is stamped by the server", ""},
    {"{\"system\":\"s\",\"evidence\":\"pre\"}", AIGOV_FIELD, "parse", 25,
     "evidence is none of imported", ""},
    {"{\"system\":\"s\",\"v\":2}", AIGOV_FIELD, "parse", 18,
     "v is outside 1 to 1", ""},
    {"{\"system\":\"s\",\"attempt\":0}", AIGOV_FIELD, "parse", 24,
     "attempt is outside 1 to 1000", ""},
    {"{\"system\":\"s\",\"attempt\":1001}", AIGOV_FIELD, "parse", 24,
     "attempt is outside 1 to 1000", ""},
    {"{\"system\":\"s\",\"attempt\":1.5}", AIGOV_FIELD, "parse", 24,
     "attempt is a number, want an integer", ""},
    {"{\"system\":\"s\",\"duration_ms\":-1}", AIGOV_FIELD, "parse", 28,
     "duration_ms is below 0", ""},
    {"{\"system\":\"s\",\"stream\":1}", AIGOV_FIELD, "parse", 23,
     "stream is a number, want true or false", ""},
    {"{\"system\":\"s\",\"operation\":\"Chat\"}", AIGOV_FIELD, "parse", 26,
     "operation is not a word of a-z, 0-9, _, - and .", ""},
    {"{\"system\":\"s\",\"id\":\"x\"}", AIGOV_FIELD, "parse", 19,
     "id is not a UUID of 36 characters", ""},
    {"{\"system\":\"s\",\"occurred_at\":\"2026-02-30T00:00:00Z\"}", AIGOV_FIELD,
     "parse", 28,
     "occurred_at is not an RFC 3339 time such as 2026-09-11T08:15:02.114233Z",
     ""},
    {"{\"system\":\"s\",\"trace_id\":\"4BF92F3577B34DA6A3CE929D0E0E4736\"}",
     AIGOV_FIELD, "parse", 25, "trace_id is not 32 lower-case hex digits", ""},
    {"{\"system\":\"s\",\"status\":\"fine\"}", AIGOV_FIELD, "parse", 23,
     "status is none of ok, error, denied, cancelled, incomplete, unknown", ""},
    {"{\"system\":\"s\",\"actor\":\"me\"}", AIGOV_FIELD, "parse", 22,
     "actor is a text, want an object", ""},
    {"{\"system\":\"s\",\"actor\":{\"naam\":1}}", AIGOV_FIELD, "parse", 23,
     "unknown member \"actor.naam\"", "other data goes to attributes"},
    {"{\"system\":\"s\",\"actor\":{\"role\":1}}", AIGOV_FIELD, "parse", 23,
     "unknown member \"actor.role\"", "did you mean roles?"},
    {"{\"system\":\"s\",\"actor\":{\"roles\":[1]}}", AIGOV_FIELD, "parse", 32,
     "an element of actor.roles is a number, want a text", ""},
    {"{\"system\":\"s\",\"cost\":{\"amount\":\"1\"}}", AIGOV_FIELD, "parse", 21,
     "cost.currency is missing", ""},
    {"{\"system\":\"s\",\"cost\":{\"amount\":0.1,\"currency\":\"USD\"}}",
     AIGOV_FIELD, "parse", 31, "cost.amount is a number, want a text", ""},
    {"{\"system\":\"s\",\"cost\":{\"amount\":\"01\",\"currency\":\"USD\"}}",
     AIGOV_FIELD, "parse", 31,
     "cost.amount is not a decimal number such as \"0.0021\"", ""},
    {"{\"system\":\"s\",\"cost\":{\"amount\":\"1\",\"currency\":\"usd\"}}",
     AIGOV_FIELD, "parse", 46,
     "cost.currency is not an ISO 4217 code such as USD", ""},
    {"{\"system\":\"s\",\"usage\":{\"input_tokens\":-1}}", AIGOV_FIELD, "parse",
     38, "a figure in usage is negative", ""},
    {"{\"system\":\"s\",\"usage\":{\"input_tokens\":1.5}}", AIGOV_FIELD,
     "parse", 38, "a count of tokens in usage is a number, want an integer",
     ""},
    {"{\"system\":\"s\",\"usage\":{\"a\":{\"b\":-1}}}", AIGOV_FIELD, "parse",
     32, "a figure in usage is negative", ""},
    {"{\"system\":\"s\",\"attributes\":{\"a\":[]}}", AIGOV_FIELD, "parse", 32,
     "a value in attributes is an array, want a text, number or boolean", ""},
    {"{\"system\":\"s\",\"documents\":{}}", AIGOV_FIELD, "parse", 26,
     "documents is an object, want an array of objects", ""},
    {"{\"system\":\"s\",\"documents\":[1]}", AIGOV_FIELD, "parse", 27,
     "documents is a number, want an object", ""},
    {"{\"system\":\"s\",\"documents\":[{\"score\":\"1\"}]}", AIGOV_FIELD,
     "parse", 36, "documents.score is a text, want a number", ""},
    {"{\"system\":\"s\",\"refs\":[{\"relation\":\"used\"}]}", AIGOV_FIELD,
     "parse", 22, "refs.cause is missing", ""},
    {"{\"system\":\"s\",\"refs\":[{\"relation\":\"used\",\"cause\":\"doc:x\","
     "\"strength\":\"strong\"}]}",
     AIGOV_FIELD, "parse", 68,
     "refs.strength is none of cited, context, history, retrieved", ""},
    {"{\"system\":\"s\",\"refs\":[{\"relation\":\"used\",\"cause\":"
     "\"handbook\"}]}",
     AIGOV_FIELD, "parse", 49,
     "refs.cause is not the name of a node, kind:name",
     "for example doc:handbook@2#1, model:openai/gpt-4o, person:u_7f3a; at "
     "most 600 bytes"},
    {"{\"system\":\"s\",\"refs\":[{\"relation\":\"used\",\"cause\":"
     "\"doc:\"}]}",
     AIGOV_FIELD, "parse", 49,
     "refs.cause is not the name of a node, kind:name", NULL},
    {"{\"system\":\"s\",\"refs\":[{\"relation\":\"used by\",\"cause\":"
     "\"doc:x\"}]}",
     AIGOV_FIELD, "parse", 34,
     "refs.relation is not a word of letters such as used", ""},
    {"{\"system\":\"s\",\"refs\":[{\"relation\":\"used\",\"cause\":"
     "\"doc:x\",\"source\":\"recorded\"}]}",
     AIGOV_FIELD, "parse", 57, "unknown member \"refs.source\"",
     "other data goes to attributes"},
    {"{\"system\":\"s\",\"session\":\"\\u0000\"}", AIGOV_NOTIJSON, "parse", 24,
     NULL, ""},
    {"{\"system\":\"s\",\"attributes\":{\"a\":1e400}}", AIGOV_NOTIJSON, "parse",
     32, NULL, ""},
    {"{\"system\":\"s\",\"system\":\"s\"}", AIGOV_NOTIJSON, "parse", 14, NULL,
     ""},
    {"{\"system\":\"s\",\"actor\":{\"id\":\"a\",\"id\":\"b\"}}", AIGOV_NOTIJSON,
     "parse", 32, NULL, ""},
    {"{\"system\":\"s\",\"tool\":{\"name\":\"\\ud800\"}}", AIGOV_NOTIJSON,
     "parse", 29, NULL, ""},
    {"{\"system\":\"s\",\"documents\":[{\"id\":\"\\u0000\"}]}", AIGOV_NOTIJSON,
     "parse", 33, NULL, ""},
    {"{\"system\":\"s\",\"\\u0000\":1}", AIGOV_NOTIJSON, "parse", 14, NULL, ""},
    {"{\"system\":\"s\",\"kind\":1}", AIGOV_FIELD, "parse", 21,
     "kind is a number, want a text", ""},
    {"{\"system\":\"s\",\"kind\":\"risk\"}", AIGOV_KIND, "parse", 21,
     "kind risk is a governance record", "write it with put('risk', ...)"},
    {"{\"system\":\"s\",\"kind\":\"genesis\"}", AIGOV_KIND, "parse", 21,
     "kind genesis is a governance record",
     "written by aigov itself (first record)"},
    {"{\"system\":\"s\",\"kind\":\"call\"}", AIGOV_KIND, "parse", 21,
     "kind is none of interaction, request, response, review, incident, note, "
     "loss",
     ""},
    {"{\"system\":\"s\",\"kind\":\"response\"}", AIGOV_FIELD, "parse", 0,
     "interaction is missing from a response",
     "the interaction of its request"},
    {"{\"system\":\"s\",\"kind\":\"review\"}", AIGOV_FIELD, "parse", 0,
     "about is missing from a review",
     "name an interaction or the id of an entry"},
    {"{\"system\":\"s\",\"loss\":{}}", AIGOV_FIELD, "parse", 21,
     "loss belongs to kind loss alone", ""},
    {"{\"kind\":\"loss\"}", AIGOV_FIELD, "parse", 0,
     "producer is missing from a loss",
     "a loss is reported for the producer.id that lost"},
    {"{\"kind\":\"loss\",\"producer\":{\"id\":\"p\"}}", AIGOV_FIELD, "parse", 0,
     "loss is missing from a loss", ""},
    {"{\"kind\":\"loss\",\"producer\":{\"id\":\"p\"},\"loss\":{\"cause\":"
     "\"dropped\"}}",
     AIGOV_FIELD, "parse", 44, "loss: count is missing", ""},
    {"{\"kind\":\"loss\",\"producer\":{\"id\":\"p\"},\"loss\":{\"cause\":"
     "\"secret\",\"count\":1}}",
     AIGOV_FIELD, "parse", 53,
     "loss: cause is none of dropped, refused, spool_damaged, producer_gap",
     ""},
    {"{\"system\":\"s\",\"facts\":{\"sys\":{\"risk\":\"low\"}}}", AIGOV_FIELD,
     "facts", 30, "fact sys.risk cannot be given, it comes from the register",
     ""},
    {"{\"system\":\"s\",\"facts\":{\"req\":{\"id\":\"x\"}}}", AIGOV_FIELD,
     "facts", 30, "fact req.id cannot be given, it comes from the record", ""},
    {"{\"system\":\"s\",\"facts\":{\"req\":{\"channelx\":\"x\"}}}", AIGOV_FIELD,
     "facts", 30, "unknown fact req.channelx", "did you mean req.channel?"},
    {"{\"system\":\"s\",\"facts\":{\"req\":{\"channel\":1}}}", AIGOV_FIELD,
     "facts", 40,
     "fact req.channel is a number, want a text of at most 1024 bytes", ""},
    {"{\"system\":\"s\",\"facts\":{\"req\":1}}", AIGOV_FIELD, "facts", 29,
     "a group of facts is a number, want an object", ""},
    {"{\"system\":\"s\",\"facts\":{\"data\":{\"sources\":[1]}}}", AIGOV_FIELD,
     "facts", 41,
     "fact data.sources is an array, want an array of at most 256 texts", ""},
};

static void one_refusal(const refusal *t)
{
    memset(&err, 0, sizeof err);
    aigov_status st = aigov_record_read(r, aigov_str(t->record), &err);
    size_t pos = t->pos < 0 ? AIGOV_NO_POS : (size_t)t->pos;
    bool held = st == t->status && err.code == t->status &&
                strcmp(err.stage, t->stage) == 0 && err.pos == pos &&
                (t->text == NULL || strcmp(err.text, t->text) == 0) &&
                (t->hint == NULL || strcmp(err.hint, t->hint) == 0);
    if (!ok(held, "refused: %.60s", t->record)) {
        note("%s [%s] %zu \"%s\" hint \"%s\"", aigov_status_name(st), err.stage,
             err.pos, err.text, err.hint);
    }
}

/* A refused read leaves no entry behind. */
static void test_not_ready(void)
{
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    memset(&s, 0, sizeof s);
    aigov_record_read(r, AIGOV_LIT("{}"), &err);
    ok(aigov_record_seal(r, &s, &e, &c, NULL, &err) == AIGOV_STATE,
       "a refused record cannot be sealed");
}

/* --- limits: the most that fits, and one more ----------------------------- */

static char text[9000000];

/* format with one %s for n letters */
static aigov_status with_letters(const char *format, size_t n)
{
    const char *hole = strstr(format, "%s");
    size_t before = (size_t)(hole - format);
    memcpy(text, format, before);
    memset(text + before, 'x', n);
    strncpy(text + before + n, hole + 2, 100);
    return aigov_record_read(r, aigov_str(text), &err);
}

/* format with one %s for n times item, commas between */
static aigov_status with_items(const char *format, const char *item, size_t n)
{
    const char *hole = strstr(format, "%s");
    size_t at = (size_t)(hole - format);
    memcpy(text, format, at);
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, 400, item, i, i);
        text[at++] = ',';
    }
    strncpy(text + at - 1, hole + 2, 100);
    return aigov_record_read(r, aigov_str(text), &err);
}

static void limit(const char *what, aigov_status at, aigov_status over)
{
    ok(at == AIGOV_OK && over == AIGOV_FIELD, "limit of %s", what);
}

static void test_limits(void)
{
    static const char *const texts[][2] = {
        {"{\"system\":\"%s\"}", "256"},
        {"{\"system\":\"s\",\"session\":\"%s\"}", "256"},
        {"{\"system\":\"s\",\"retention\":\"%s\"}", "64"},
        {"{\"system\":\"s\",\"operation\":\"%s\"}", "64"},
        {"{\"system\":\"s\",\"purpose\":\"%s\"}", "4096"},
        {"{\"system\":\"s\",\"actor\":{\"id\":\"%s\"}}", "256"},
        {"{\"system\":\"s\",\"attributes\":{\"%s\":1}}", "128"},
        {"{\"system\":\"s\",\"attributes\":{\"a\":\"%s\"}}", "1024"},
        {"{\"system\":\"s\",\"documents\":[{\"id\":\"%s\"}]}", "512"},
        {"{\"system\":\"s\",\"facts\":{\"req\":{\"channel\":\"%s\"}}}", "1024"},
        {"{\"system\":\"s\",\"producer\":{\"id\":\"%s\"}}", "200"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t n = (size_t)strtol(texts[i][1], NULL, 10);
        aigov_status at = with_letters(texts[i][0], n);
        limit(texts[i][0], at, with_letters(texts[i][0], n + 1));
    }
    static const char *const lists[][3] = {
        {"{\"system\":\"s\",\"attributes\":{%s}}", "\"a%zu\":%zu", "64"},
        {"{\"system\":\"s\",\"actor\":{\"roles\":[%s]}}", "\"r%zu\"", "32"},
        {"{\"system\":\"s\",\"documents\":[%s]}", "{\"id\":\"%zu\"}", "256"},
        {"{\"system\":\"s\",\"refs\":[%s]}",
         "{\"relation\":\"used\",\"cause\":\"doc:%zu\"}", "256"},
        {"{\"system\":\"s\",\"obligations\":[%s]}", "{\"rule\":\"%zu\"}",
         "256"},
        {"{\"system\":\"s\",\"finish_reasons\":[%s]}", "\"r%zu\"", "64"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        size_t n = (size_t)strtol(lists[i][2], NULL, 10);
        aigov_status at = with_items(lists[i][0], lists[i][1], n);
        limit(lists[i][0], at, with_items(lists[i][0], lists[i][1], n + 1));
    }
}

/* --- size of a leaf ------------------------------------------------------ */

static bool seals(void)
{
    aigov_stamps s;
    aigov_entry e;
    aigov_content c;
    aigov_span leaf;
    static char by[2048], anchor[512];
    plain_stamps(&s);
    snprintf(by, sizeof by, "{\"login\":\"%01900d\"}", 0);
    snprintf(anchor, sizeof anchor, "{\"root\":\"%0480d\"}", 0);
    s.recorded_by = aigov_str(by);
    s.anchor = aigov_str(anchor);
    s.under = s.rules = (aigov_span){(const char *)s.salt, 32};
    s.tx = AIGOV_LIT("18446744073709551615");
    s.seq = 9007199254740992;
    return aigov_record_seal(r, &s, &e, &c, &leaf, &err) == AIGOV_OK;
}

/* Whatever was read can be sealed under the largest stamps. */
static void test_sizes(void)
{
    bool all = true;
    for (size_t n = 61000; n < 61600 && all; n++) {
        all = with_letters("{\"system\":\"s\",\"params\":{\"p\":\"%s\"}}", n) ==
                  AIGOV_OK &&
              seals();
    }
    ok(all, "records around the limit are sealed under the largest stamps");
    aigov_status st =
        with_items("{\"system\":\"s\",\"facts\":{\"data\":{\"sources\":[%s]}}}",
                   "\"%0300zu\"", 200);
    ok(st == AIGOV_OK && seals(), "facts of 60,000 bytes fit");
    st =
        with_items("{\"system\":\"s\",\"facts\":{\"data\":{\"sources\":[%s]}}}",
                   "\"%0300zu\"", 210);
    ok(st == AIGOV_TOOBIG && strcmp(err.stage, "render") == 0,
       "facts of 63,000 bytes are refused: %s", err.text);
    st = with_letters("{\"system\":\"s\",\"input\":\"%s\"}", 8 << 20);
    ok(st == AIGOV_OK && seals(), "content of 8 MiB is kept");
    ok(aigov_record_read(r, (aigov_span){text, AIGOV_MAX_RECORD + 1}, &err) ==
           AIGOV_TOOBIG,
       "a record of 16 MiB and a byte is refused");
}

/* --- others -------------------------------------------------------------- */

static void test_drafts(void)
{
    const aigov_draft *d = aigov_record_draft(r);
    uint8_t id[16];
    aigov_uuid_parse(AIGOV_LIT(U), id);
    aigov_record_read(
        r,
        AIGOV_LIT("{\"kind\":\"request\",\"system\":\"s\",\"id\":\"" U "\"}"),
        &err);
    ok(d->has_interaction && memcmp(d->interaction, id, 16) == 0,
       "a request is its own interaction");
    aigov_record_read(
        r,
        AIGOV_LIT("{\"kind\":\"note\",\"system\":\"s\",\"about\":\"" U "\"}"),
        &err);
    ok(d->has_interaction && memcmp(d->interaction, id, 16) == 0 && !d->has_id,
       "a note joins what it is about");
    aigov_record_read(
        r,
        AIGOV_LIT("{\"kind\":\"loss\",\"producer\":{\"id\":\"p\"},"
                  "\"loss\":{\"cause\":\"dropped\",\"count\":1}}"),
        &err);
    ok(aigov_span_is(d->subject, "p") && aigov_span_is(d->producer, "p") &&
           !d->governance && d->decision.p == NULL && d->evidence.p == NULL,
       "a loss is about its producer");
}

static void test_small_objects(void)
{
    aigov_buf b;
    aigov_entry e;
    uint8_t hash[32] = {0};
    aigov_buf_init(&b, ctx);
    aigov_recorded_by(ctx, aigov_str("ana"), AIGOV_ABSENT, AIGOV_ABSENT,
                      AIGOV_ABSENT, false, &b, &err);
    ok(aigov_span_is(aigov_buf_span(&b),
                     "{\"login\":\"ana\",\"verified\":false}"),
       "recorded_by of an OS user");
    b.n = 0;
    aigov_recorded_by(ctx, aigov_str("ana"), aigov_str("r\xFF"),
                      aigov_str("psql"), aigov_str("::1"), true, &b, &err);
    ok(aigov_span_is(aigov_buf_span(&b),
                     "{\"address\":\"::1\",\"application\":\"psql\",\"login\":"
                     "\"ana\",\"role\":\"r?\"}"),
       "recorded_by of a login");
    b.n = 0;
    aigov_recorded_by(ctx, aigov_str("ana@acme.example"), AIGOV_ABSENT,
                      aigov_str("desk of ana@acme.example"), AIGOV_ABSENT, true,
                      &b, &err);
    ok(aigov_span_is(aigov_buf_span(&b),
                     "{\"application\":\"desk of [EMAIL_ADDRESS]\",\"login\":"
                     "\"ana@acme.example\"}"),
       "an application's name is looked at, a login is not");
    b.n = 0;
    aigov_recorded_by(ctx, AIGOV_ABSENT, AIGOV_ABSENT, AIGOV_ABSENT,
                      AIGOV_ABSENT, true, &b, &err);
    ok(aigov_span_is(aigov_buf_span(&b), "{}"), "recorded_by of nobody");
    memset(text, 1, 257);
    ok(aigov_recorded_by(ctx, (aigov_span){text, 257}, AIGOV_ABSENT,
                         AIGOV_ABSENT, AIGOV_ABSENT, true, &b,
                         &err) == AIGOV_TOOBIG &&
           aigov_recorded_by(ctx, (aigov_span){text, 256},
                             (aigov_span){text, 256}, AIGOV_ABSENT,
                             AIGOV_ABSENT, true, &b, &err) == AIGOV_TOOBIG &&
           b.n == 2,
       "recorded_by has a limit");
    memset(&e, 0, sizeof e);
    e.log = 5;
    e.lane = 1;
    e.seq = 2;
    e.id = aigov_str(U);
    e.hash = (aigov_span){(const char *)hash, 32};
    e.decision = aigov_str("allow");
    b.n = 0;
    aigov_receipt(&e, AIGOV_DUP_UNCHECKED, &b, &err);
    ok(is_canonical(aigov_buf_span(&b)) &&
           memmem(b.p, b.n, "\"duplicate\":\"unchecked\"", 23) != NULL,
       "a receipt is canonical");
    aigov_buf_free(&b);
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_record_new(ctx, &r, &err) != AIGOV_OK) {
        return 2;
    }
    test_golden();
    test_all();
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        one_refusal(&refusals[i]);
    }
    test_not_ready();
    test_limits();
    test_sizes();
    test_drafts();
    test_small_objects();
    aigov_record_free(r);
    aigov_ctx_free(ctx);
    return done();
}
