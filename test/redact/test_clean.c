/*
 * test_clean.c - values of JSON that are known to hold nothing (clean.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The same value comes first where nothing is found in it, then where something
 * is: under another path, another rule, another profile.
 */
#include "tap.h"

#include "aigov.h"

#include <stdlib.h>
#include <string.h>

static aigov_ctx *ctx;
static aigov_scanner *s;
static aigov_error err;
static aigov_buf out;

/* What is freed is the next to be given out in its size. */
static void *reusing(void *host, void *old, size_t old_n, size_t n)
{
    static struct {
        void *p;
        size_t n;
    } freed[4096];
    void *p = NULL;
    (void)host;
    for (size_t i = 0; n > 0 && i < 4096 && p == NULL; i++) {
        if (freed[i].p != NULL && freed[i].n == n) {
            p = freed[i].p;
            freed[i].p = NULL;
        }
    }
    p = p == NULL && n > 0 ? malloc(n) : p;
    if (p != NULL && old != NULL) {
        memcpy(p, old, n < old_n ? n : old_n);
    }
    for (size_t i = 0; old != NULL && i < 4096; i++) {
        if (freed[i].p == NULL) {
            freed[i].p = old;
            freed[i].n = old_n;
            old = NULL;
        }
    }
    free(old);
    return p;
}

static void becomes(const char *text, const char *want)
{
    bool held;
    out.n = 0;
    held =
        aigov_redact_json(s, aigov_str(text), &out, NULL, &err) == AIGOV_OK &&
        aigov_span_is(aigov_buf_span(&out), want);
    if (!ok(held, "%.60s", text)) {
        note("have %.*s", (int)out.n, out.p);
        note("want %s", want);
    }
}

static void test_paths(void)
{
    becomes("{\"a\":\"4821\",\"card\":{\"pin\":\"4821\"},\"b\":\"4821\"}",
            "{\"a\":\"4821\",\"card\":{\"pin\":\"[SECRET]\"},\"b\":\"4821\"}");
    becomes("{\"4821\":{\"pin\":4821},\"n\":4821}",
            "{\"4821\":{\"pin\":\"[SECRET]\"},\"n\":4821}");
    becomes("[{\"hunter\":1},{\"password\":\"hunter\"},\"hunter\"]",
            "[{\"hunter\":1},{\"password\":\"[SECRET]\"},\"hunter\"]");
    /* one byte more or less, a NUL byte, and what is longer than a place */
    becomes("{\"pin\":[\"482\",\"4821\\u0000\",\"4821\"]}",
            "{\"pin\":[\"482\",\"4821\\u0000\",\"[SECRET]\"]}");
    becomes("[\"nothing is in this one of forty bytes now\","
            "\"nothing is in this one of forty bytes 4012888888881881\"]",
            "[\"nothing is in this one of forty bytes now\","
            "\"nothing is in this one of forty bytes [CREDIT_CARD]\"]");
}

/* A text alone, which may be a form field, is not the same as one in a list. */
static void test_alone(void)
{
    becomes("[\"121000358\"]", "[\"121000358\"]");
    becomes("\"121000358\"", "\"[ABA_ROUTING_NUMBER]\"");
    becomes("[\"121000358\"]", "[\"121000358\"]");
}

/* --- rules --------------------------------------------------------------- */

#define CLAIM(pattern)                                                         \
    "{\"type\":\"regex\",\"entity\":\"CLAIM\",\"version\":1,\"pattern\":"      \
    "\"" pattern "\",\"literal\":\"CL\",\"score\":\"0.9\",\"positives\":["     \
    "\"CL-20260301\"],\"negatives\":[\"CX-12\"]}"
#define PROFILE(sink, threshold)                                               \
    "{\"sink\":\"" sink "\",\"version\":1,\"default_operator\":\"replace\","   \
    "\"threshold\":\"" threshold "\",\"operators\":{\"URL\":\"replace\"}}"

static aigov_rules *rules_of(const char *claim)
{
    aigov_rules *r;
    bool good =
        aigov_rules_new(ctx, 0, &r, &err) == AIGOV_OK &&
        aigov_rules_add(r, AIGOV_LIT("detector"), AIGOV_LIT("claims"),
                        aigov_str(claim), AIGOV_ABSENT, &err) == AIGOV_OK &&
        aigov_rules_add(r, AIGOV_LIT("redaction_profile"),
                        AIGOV_LIT("low/store"),
                        AIGOV_LIT(PROFILE("store", "0.5")), AIGOV_ABSENT,
                        &err) == AIGOV_OK &&
        aigov_rules_add(r, AIGOV_LIT("redaction_profile"),
                        AIGOV_LIT("high/export"),
                        AIGOV_LIT(PROFILE("export", "0.95")), AIGOV_ABSENT,
                        &err) == AIGOV_OK &&
        aigov_rules_ready(r, &err) == AIGOV_OK;
    if (!ok(good, "rules")) {
        note("%s", err.text);
    }
    return r;
}

static void use(const aigov_rules *r, const char *profile)
{
    ok(aigov_scanner_use(s, r, aigov_str(profile), &err) == AIGOV_OK, "use %s",
       profile);
}

/* Rules that take the place of others, in the same memory: the profile that is
 * used first lies where the one did that was used last. */
static void test_rules(void)
{
    static const char *const claims[] = {
        CLAIM("CL-[0-9]{8}"), CLAIM("CL-[0-9]{7,8}"), CLAIM("CL.[0-9]{8}")};
    for (size_t i = 0; i < 6; i++) {
        aigov_rules *r = rules_of(claims[i % 3]);
        for (int twice = 0; twice < 2; twice++) {
            use(r, "low/store");
            becomes("[\"CL-20260301\",\"CL-2026030\"]",
                    i % 3 == 1 ? "[\"[CLAIM]\",\"[CLAIM]\"]"
                               : "[\"[CLAIM]\",\"CL-2026030\"]");
            use(r, "high/export");
            becomes("[\"CL-20260301\",\"CL-2026030\"]",
                    "[\"CL-20260301\",\"CL-2026030\"]");
        }
        aigov_rules_free(r);
    }
    use(NULL, "default");
    becomes("[\"CL-20260301\"]", "[\"CL-20260301\"]");
}

/* --- the host is asked --------------------------------------------------- */

static int calls, stop_at;

static bool asked(void *host)
{
    (void)host;
    return ++calls == stop_at;
}

static aigov_status redact_many(void)
{
    static char text[40002];
    memset(text, 0, sizeof text);
    text[0] = '[';
    for (size_t i = 1; i < 40000; i += 2) {
        text[i] = '7';
        text[i + 1] = i < 39999 ? ',' : ']';
    }
    out.n = 0;
    calls = 0;
    aigov_ctx_set_interrupt(ctx, asked, NULL);
    aigov_status st = aigov_redact_json(s, aigov_str(text), &out, NULL, &err);
    aigov_ctx_set_interrupt(ctx, NULL, NULL);
    return st;
}

/* 20,000 equal values: one scan, which asks, and the host is asked now and
 * then all the same. */
static void test_many(void)
{
    int most;
    ok(redact_many() == AIGOV_OK, "equal values");
    most = calls;
    ok(most < 1000, "are not scanned again");
    note("the host was asked %d times", most);
    stop_at = most;
    ok(redact_many() == AIGOV_CANCELED && out.n == 0,
       "the host may stop among them");
    stop_at = 0;
}

int main(void)
{
    aigov_alloc alloc = {reusing, NULL};
    if (aigov_ctx_new(&alloc, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &s, &err) != AIGOV_OK) {
        return 2;
    }
    aigov_buf_init(&out, ctx);
    test_paths();
    test_alone();
    test_rules();
    test_many();
    aigov_buf_free(&out);
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
    return done();
}
