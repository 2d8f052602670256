/*
 * test_base.c - status, buffers, UTF-8, time, UUIDs, hashes, random bytes
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "tap.h"

#include <locale.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aigov.h"

static aigov_ctx *ctx;
static aigov_error err;

static aigov_span bytes(const void *p, size_t n)
{
    return (aigov_span){p, n};
}

static bool hex_is(const uint8_t *p, size_t n, const char *want)
{
    aigov_buf b;

    aigov_buf_init(&b, ctx);
    bool same =
        aigov_buf_put_hex(&b, p, n) && aigov_span_is(aigov_buf_span(&b), want);
    if (!same) {
        note("got %.*s", (int)b.n, b.p);
    }
    aigov_buf_free(&b);
    return same;
}

/* --- status -------------------------------------------------------------- */

static void test_status(void)
{
    char word[300];

    ok(strcmp(aigov_status_name(AIGOV_TAKEN), "TAKEN") == 0 &&
           strcmp(aigov_status_sqlstate(AIGOV_TAKEN), "23505") == 0 &&
           strcmp(aigov_status_text(AIGOV_OK), "success") == 0,
       "status table");
    ok(strcmp(aigov_status_name((aigov_status)998), "STATE") == 0,
       "a number that is no status");
    ok(aigov_fail(&err, AIGOV_FIELD, 7, "field %s", "x") == AIGOV_FIELD &&
           err.code == AIGOV_FIELD && err.pos == 7 &&
           strcmp(err.text, "field x") == 0 && err.hint[0] == '\0' &&
           err.stage[0] == '\0',
       "fail");
    ok(aigov_hint(&err, "take %d", 2) == AIGOV_FIELD &&
           strcmp(err.hint, "take 2") == 0,
       "hint");
    memset(word, 'a', sizeof word);
    memcpy(word + 197, "\xE2\x90\x9B", 3);
    word[299] = '\0';
    aigov_fail(&err, AIGOV_FIELD, 0, "%s", word);
    ok(strlen(err.text) == 197, "a character is not cut in two");
    memcpy(word + 196, "\xE2\x90\x9B", 3);
    aigov_fail(&err, AIGOV_FIELD, 0, "%s", word);
    ok(strlen(err.text) == 199, "a character that just fits");
    aigov_fail(&err, AIGOV_FIELD, 0, "ab\xFF");
    ok(strcmp(err.text, "ab") == 0, "a message is UTF-8");
    ok(strcmp(aigov_version(), AIGOV_VERSION) == 0, "version");
}

/* --- buffers ------------------------------------------------------------- */

static void test_buf(void)
{
    aigov_buf b;
    bool good = true;

    ok(aigov_str(NULL).p == NULL && aigov_str("ab").n == 2, "str");
    ok(aigov_span_eq(AIGOV_ABSENT, AIGOV_ABSENT) &&
           !aigov_span_eq(AIGOV_ABSENT, AIGOV_LIT("")) &&
           aigov_span_eq(AIGOV_LIT("a"), aigov_str("a")) &&
           !aigov_span_eq(AIGOV_LIT("a"), aigov_str("b")) &&
           aigov_span_is(AIGOV_LIT(""), "") && !aigov_span_is(AIGOV_ABSENT, ""),
       "span_eq, span_is");
    aigov_buf_init(&b, ctx);
    ok(aigov_buf_span(&b).p != NULL && aigov_buf_span(&b).n == 0,
       "an empty buffer is not absent");
    for (int i = 0; i < 100000; i++) {
        good &= aigov_buf_put(&b, "abc", 3) && aigov_buf_put(&b, NULL, 0);
    }
    ok(good && b.n == 300000 && memcmp(b.p + 299997, "abc", 3) == 0, "put");
    ok(!aigov_buf_reserve(&b, SIZE_MAX) &&
           !aigov_buf_reserve(&b, SIZE_MAX / 2) && b.n == 300000,
       "reserve refuses what overflows");
    aigov_buf_free(&b);
    ok(b.p == NULL && b.ctx == ctx, "free");
    good = aigov_buf_put_i64(&b, INT64_MIN) && aigov_buf_puts(&b, " ") &&
           aigov_buf_put_i64(&b, INT64_MAX) && aigov_buf_puts(&b, " ") &&
           aigov_buf_put_i64(&b, 0);
    ok(good && aigov_span_is(aigov_buf_span(&b),
                             "-9223372036854775808 9223372036854775807 0"),
       "put_i64");
    aigov_buf_free(&b);
    ok(hex_is((const uint8_t *)"\x00\x9F\xFF", 3, "009fff"), "put_hex");
}

static void test_hex(void)
{
    uint8_t out[2] = {1, 1};

    ok(aigov_hex_parse(AIGOV_LIT("00ff"), out, 2) && out[0] == 0 &&
           out[1] == 255,
       "hex_parse");
    out[0] = 7;
    ok(!aigov_hex_parse(AIGOV_LIT("00fF"), out, 2) &&
           !aigov_hex_parse(AIGOV_LIT("00f"), out, 2) &&
           !aigov_hex_parse(AIGOV_LIT("00ff0"), out, 2) &&
           !aigov_hex_parse(AIGOV_LIT("0x11"), out, 2) &&
           !aigov_hex_parse(AIGOV_ABSENT, out, 0) && out[0] == 7,
       "hex_parse refuses and touches nothing");
}

/* --- numbers ------------------------------------------------------------- */

static void test_numbers(void)
{
    char text[32];
    const char *old = setlocale(LC_ALL, NULL);
    double inf = 1e308 * 10;
    aigov_buf b;

    ok(aigov_number_format(ctx, -0.0, text) == 1 && text[0] == '0', "-0 is 0");
    ok(aigov_number_format(ctx, -1.1343642441124011e-300, text) == 24 &&
           strcmp(text, "-1.1343642441124011e-300") == 0,
       "longest with an exponent");
    ok(aigov_number_format(ctx, -0.000001234567890123456, text) == 24,
       "long without an exponent");
    ok(aigov_number_format(ctx, inf, text) == 0 &&
           aigov_number_format(ctx, inf - inf, text) == 0,
       "no text for what is not finite");
    old = setlocale(LC_ALL, "de_DE.UTF-8");
    note("locale %s", old == NULL ? "de_DE is not there" : old);
    aigov_buf_init(&b, ctx);
    ok(aigov_canonical(ctx,
                       AIGOV_LIT("[0.123456789012345671,1234567.12345678912]"),
                       &b, &err) == AIGOV_OK &&
           aigov_span_is(aigov_buf_span(&b),
                         "[0.12345678901234568,1234567.1234567892]"),
       "a decimal comma of the host changes nothing");
    setlocale(LC_ALL, "C");
    aigov_buf_free(&b);
}

/* --- UTF-8 --------------------------------------------------------------- */

/* A code point by the arithmetic of RFC 3629, to compare with. */
static size_t reference(const uint8_t *p, size_t n)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    size_t more;
    uint32_t c;

    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] < 0xC0 || p[0] >= 0xF8) {
        return 0;
    }
    more = p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
    c = p[0] & (0x3FU >> more);
    for (size_t i = 1; i <= more; i++) {
        if (i >= n || (p[i] & 0xC0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3FU);
    }
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 0;
    }
    return more + 1;
}

static void test_utf8(void)
{
    int wrong = 0;

    /* every pair, and every triple and quadruple of border bytes */
    static const uint8_t border[] = {
        0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
        0xE0, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    const size_t n = sizeof border;
    for (size_t i = 0; i < n * n * n * n; i++) {
        uint8_t s[4] = {border[i % n], border[i / n % n], border[i / n / n % n],
                        border[i / n / n / n]};
        for (size_t length = 1; length <= 4; length++) {
            size_t at = 0, step = 1;
            while (at < length && step != 0) {
                step = reference(s + at, length - at);
                at += step;
            }
            wrong += aigov_utf8_valid(bytes(s, length)) != at;
        }
    }
    ok(wrong == 0, "UTF-8 of up to four bytes");
    ok(aigov_utf8_valid(AIGOV_ABSENT) == 0 &&
           aigov_utf8_valid(AIGOV_LIT("0123456789abcdef\xFF")) == 16,
       "UTF-8 after a run of ASCII");
}

/* --- time ---------------------------------------------------------------- */

#define FIRST INT64_C(-62135596800000000)
#define LAST INT64_C(253402300799999999)

static void test_time_format(void)
{
    static const struct {
        int64_t at;
        const char *text;
    } row[] = {{0, "1970-01-01T00:00:00.000000Z"},
               {-1, "1969-12-31T23:59:59.999999Z"},
               {INT64_C(1789114502114233), "2026-09-11T08:15:02.114233Z"},
               {INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z"},
               {INT64_C(-2203891200000000), "1900-03-01T00:00:00.000000Z"},
               {FIRST, "0001-01-01T00:00:00.000000Z"},
               {LAST, "9999-12-31T23:59:59.999999Z"},
               {FIRST - 1, "0001-01-01T00:00:00.000000Z"},
               {INT64_MAX, "9999-12-31T23:59:59.999999Z"}};
    char text[AIGOV_TIME_LEN + 1];

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        aigov_time_format(row[i].at, text);
        ok(strcmp(text, row[i].text) == 0, "time %s", row[i].text);
    }
    int wrong = 0;
    for (int64_t at = FIRST; at <= LAST; at += INT64_C(86399123457) * 13) {
        int64_t back = 0, rfc = 0;
        aigov_time_format(at, text);
        wrong += !aigov_time_parse_stored(aigov_str(text), &back) ||
                 back != at || !aigov_time_parse(aigov_str(text), &rfc) ||
                 rfc != at;
    }
    ok(wrong == 0, "format and parse agree over 9,999 years");
}

static void test_time_parse(void)
{
    static const struct {
        const char *text;
        const char *want; /* NULL: refused */
    } row[] = {
        {"2026-09-11T08:15:02Z", "2026-09-11T08:15:02.000000Z"},
        {"2026-09-11t08:15:02z", "2026-09-11T08:15:02.000000Z"},
        {"2026-09-11T08:15:02.1+02:00", "2026-09-11T06:15:02.100000Z"},
        {"2026-09-11T08:15:02.123456789-11:30", "2026-09-11T19:45:02.123456Z"},
        {"2026-09-11T08:15:02.000000-00:00", "2026-09-11T08:15:02.000000Z"},
        {"2026-12-31T23:59:59.9999999Z", "2026-12-31T23:59:59.999999Z"},
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"},
        {"2017-01-01T00:59:60.5+01:00", "2016-12-31T23:59:59.999999Z"},
        {"2016-12-31T22:59:60Z", NULL},
        {"2016-12-31T23:59:61Z", NULL},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
        {"2023-02-29T00:00:00Z", NULL},
        {"1900-02-29T00:00:00Z", NULL},
        {"2026-04-31T00:00:00Z", NULL},
        {"2026-00-01T00:00:00Z", NULL},
        {"2026-13-01T00:00:00Z", NULL},
        {"2026-01-00T00:00:00Z", NULL},
        {"0000-01-01T00:00:00Z", NULL},
        {"0001-01-01T00:00:00+00:01", NULL},
        {"0001-01-01T00:00:00-00:01", "0001-01-01T00:01:00.000000Z"},
        {"9999-12-31T23:59:59-00:01", NULL},
        {"2026-09-11T24:00:00Z", NULL},
        {"2026-09-11T08:60:00Z", NULL},
        {"2026-09-11 08:15:02Z", NULL},
        {"2026-09-11T08:15:02", NULL},
        {"2026-09-11T08:15:02.Z", NULL},
        {"2026-09-11T08:15:02.1234567890Z", NULL},
        {"2026-09-11T08:15:02+0200", NULL},
        {"2026-09-11T08:15:02+24:00", NULL},
        {"2026-09-11T08:15:02+02:60", NULL},
        {"2026-09-11T08:15:02Z ", NULL},
        {"2026-9-11T08:15:02.00Z", NULL},
        {"+026-09-11T08:15:02Z", NULL},
        {"", NULL}};
    char text[AIGOV_TIME_LEN + 1];

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        int64_t at = 42;
        bool good = aigov_time_parse(aigov_str(row[i].text), &at);
        if (row[i].want == NULL) {
            ok(!good && at == 42, "not a time: %s", row[i].text);
            continue;
        }
        aigov_time_format(at, text);
        ok(good && strcmp(text, row[i].want) == 0, "a time: %s", row[i].text);
    }
}

static void test_time_stored(void)
{
    static const char *const row[] = {
        "2026-09-11T08:15:02.11423Z",  "2026-09-11t08:15:02.114233Z",
        "2026-09-11T08:15:02.114233z", "2026-09-11T08:15:60.114233Z",
        "2026-09-11T08:15:02,114233Z", "2026-09-11T08:15:02.11423xZ",
        "2026-02-30T08:15:02.114233Z", "2026-09-11T08:15:02+00:00aa"};
    int64_t at = 42;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        ok(!aigov_time_parse_stored(aigov_str(row[i]), &at) && at == 42,
           "not stored: %s", row[i]);
    }
    ok(!aigov_time_parse_stored(AIGOV_ABSENT, &at) &&
           !aigov_time_parse(AIGOV_ABSENT, &at),
       "absent is no time");
}

/* --- UUIDs --------------------------------------------------------------- */

static void test_uuid(void)
{
    uint8_t id[16] = {9};
    char text[AIGOV_UUID_LEN + 1];

    ok(aigov_uuid_parse(AIGOV_LIT("0199A1B2-c3d4-7E5f-8a9b-0c1d2e3f4a5b"), id),
       "uuid_parse");
    aigov_uuid_format(id, text);
    ok(strcmp(text, "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b") == 0,
       "uuid_format");
    ok(!aigov_uuid_parse(AIGOV_LIT("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5"),
                         id) &&
           !aigov_uuid_parse(AIGOV_LIT("0199a1b2c-3d4-7e5f-8a9b-0c1d2e3f4a5b"),
                             id) &&
           !aigov_uuid_parse(AIGOV_LIT("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g"),
                             id) &&
           !aigov_uuid_parse(AIGOV_ABSENT, id) && id[15] == 0x5B,
       "uuid_parse refuses and touches nothing");
    ok(aigov_uuid7(ctx, INT64_C(1645557742000000), id, &err) == AIGOV_OK &&
           hex_is(id, 6, "017f22e279b0"),
       "uuid7 begins with the milliseconds (RFC 9562 A.6)");
    ok(id[6] >> 4 == 7 && id[8] >> 6 == 2, "version and variant");
    ok(aigov_uuid7(ctx, -1, id, &err) == AIGOV_ARG, "no uuid7 before 1970");
}

/* --- hashes -------------------------------------------------------------- */

static void test_hashes(void)
{
    uint8_t h[32], salt[32];
    const aigov_span part[] = {AIGOV_LIT("a"), AIGOV_ABSENT, AIGOV_LIT("bc")};
    int64_t log = 0;
    char long_origin[202];

    for (uint8_t i = 0; i < 32; i++) {
        salt[i] = i;
    }
    ok(aigov_sha256(ctx, part, 3, h, &err) == AIGOV_OK &&
           hex_is(h, 32,
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f2"
                  "0015ad"),
       "SHA-256 of abc in parts (FIPS 180-4)");
    ok(aigov_sha256(ctx, NULL, 0, h, &err) == AIGOV_OK &&
           hex_is(h, 32,
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b78"
                  "52b855"),
       "SHA-256 of nothing");
    ok(aigov_leaf_hash(ctx, AIGOV_LIT(""), h, &err) == AIGOV_OK &&
           hex_is(h, 32,
                  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617"
                  "afa01d"),
       "leaf hash of nothing (RFC 6962)");
    ok(aigov_commitment(ctx, salt, AIGOV_LIT("null"), h, &err) == AIGOV_OK &&
           hex_is(h, 32,
                  "c5c3cab5dd9dee608e443e1fb8f7777f42112dfddd7ea5fbe91cc5134d"
                  "6f1c2d"),
       "commitment");
    ok(aigov_lane_start(ctx, AIGOV_LIT("example.com/log"), 3, h, &err) ==
               AIGOV_OK &&
           hex_is(h, 32,
                  "dcaf6fd8b94d3e7a547f95cc6e325e2316fc1b6764eaa2bfaba654a8fe"
                  "0c5d07"),
       "lane start");
    ok(aigov_lane_start(ctx, AIGOV_LIT("example.com/log"), -1, h, &err) ==
           AIGOV_ARG,
       "no lane below 0");
    ok(aigov_log_number(ctx, AIGOV_LIT("example.com/log"), &log, &err) ==
               AIGOV_OK &&
           log == 647561700,
       "log number");
    memset(long_origin, 'a', sizeof long_origin);
    ok(aigov_log_number(ctx, bytes(long_origin, 200), &log, &err) == AIGOV_OK &&
           aigov_log_number(ctx, bytes(long_origin, 201), &log, &err) ==
               AIGOV_ARG,
       "origins of 200 and 201 bytes");
}

static void test_origins(void)
{
    static const struct {
        const char *text;
        size_t flaw;
    } row[] = {{"https://example.com/log", 5},
               {"a b", 1},
               {"a+b", 1},
               {"a\tb", 1},
               {"a\x7F", 1},
               {"ab\xC2\xA0", 2},
               {"ab\xE2\x80\x83", 2},
               {"a\xFF", 1},
               {"log\n", 3},
               {"\xEF\xBF\xBF", 0}};
    int64_t log = 5;

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        ok(aigov_log_number(ctx, aigov_str(row[i].text), &log, &err) ==
                   AIGOV_ARG &&
               err.pos == row[i].flaw && log == 5,
           "no origin %zu", i);
    }
    ok(aigov_origin_check(ctx, AIGOV_LIT("example.com/log"), &log, &err) ==
               AIGOV_OK &&
           aigov_origin_check(ctx, AIGOV_LIT("ana@acme.example"), &log, &err) ==
               AIGOV_ARG &&
           strstr(err.text, "ana@") == NULL &&
           aigov_origin_check(ctx,
                              AIGOV_LIT("example.com/sk_live_"
                                        "4eC39HqLyjWDarjtT1zdp7dc"),
                              &log, &err) == AIGOV_ARG &&
           strstr(err.text, "(stripe_key)") != NULL,
       "a new origin holds neither personal data nor a secret");
    ok(aigov_log_number(ctx, AIGOV_LIT(""), &log, &err) == AIGOV_ARG &&
           aigov_log_number(ctx, AIGOV_ABSENT, &log, &err) == AIGOV_ARG,
       "no empty origin");
    ok(aigov_log_number(ctx, AIGOV_LIT("m\xC3\xBCnchen.example/a:b"), &log,
                        &err) == AIGOV_OK,
       "an origin beyond ASCII");
}

/* --- random bytes -------------------------------------------------------- */

static void test_random(void)
{
    uint8_t a[4096], b[4096], zero[4096] = {0};
    bool same = false;

    ok(aigov_random(ctx, NULL, 0, &err) == AIGOV_OK, "no random bytes");
    aigov_random(ctx, a, 32, &err);
    for (int i = 0; i < 1000; i++) { /* across refills */
        aigov_random(ctx, b, 32, &err);
        same |= memcmp(a, b, 32) == 0 || memcmp(b, zero, 32) == 0;
    }
    ok(!same, "32 bytes are never the same");
    ok(aigov_random(ctx, a, sizeof a, &err) == AIGOV_OK &&
           memcmp(a, zero, sizeof a) != 0,
       "more than the buffer");
}

/* A child must not draw what its parent draws. */
static void test_fork(void)
{
    uint8_t mine[32], theirs[32] = {0};
    int fd[2];

    aigov_random(ctx, mine, 32, &err); /* the buffer is filled before */
    fflush(stdout);
    if (pipe(fd) != 0) {
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        aigov_random(ctx, mine, 32, &err);
        ssize_t n = write(fd[1], mine, 32);
        _exit(n != 32);
    }
    aigov_random(ctx, mine, 32, &err);
    ssize_t n = read(fd[0], theirs, 32);
    int status;
    waitpid(child, &status, 0);
    close(fd[0]);
    close(fd[1]);
    ok(n == 32 && memcmp(mine, theirs, 32) != 0,
       "a forked child draws other bytes");
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    test_status();
    test_buf();
    test_hex();
    test_numbers();
    test_utf8();
    test_time_format();
    test_time_parse();
    test_time_stored();
    test_uuid();
    test_hashes();
    test_origins();
    test_random();
    test_fork();
    aigov_ctx_free(ctx);
    aigov_ctx_free(NULL);
    return done();
}
