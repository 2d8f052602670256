/*
 * test_oom.c - every allocation of a scan fails once
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * As test/core/oom.c: a scan that fails says AIGOV_NOMEM, leaves the scanner
 * usable, and leaks nothing.
 */
#include "failing.h"
#include "tap.h"

#include "aigov.h"

/* Something to fold, to find, to decode twice, and more hits than fit. */
static const char text[] =
    "mail jane&#64;acme.org, \xE2\x80\x8B"
    "card 4012 8888 8888 1881, ssn 212-09-7654 "
    "ZW1haWwgamFuZS5kb2VAYWNtZS5vcmcgaXMgbWluZSBhbmQgbm90IHlvdXJz "
    "WlcxaGFXd2dhbUZ1WlM1a2IyVkFZV050WlM1dmNtY2dhWE1nYldsdVpTQmhibVFnYm05MA== "
    "a@b.org b@b.org c@b.org d@b.org e@b.org f@b.org g@b.org h@b.org i@b.org "
    "j@b.org k@b.org l@b.org m@b.org n@b.org o@b.org p@b.org q@b.org r@b.org "
    "\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0"
    "\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0\xC2\xA0";

static aigov_status work(aigov_scanner *s, size_t *found)
{
    const aigov_finding *f;
    aigov_error err;
    return aigov_scan(s, AIGOV_LIT(text), AIGOV_ABSENT, &f, found, &err);
}

static void test_scan(void)
{
    bool good = true, failed = true;
    long n = 0;
    size_t found = 0, again = 0;
    while (good && failed && n < 10000) {
        struct heap h = {0};
        aigov_alloc alloc = {failing, &h};
        aigov_ctx *ctx;
        aigov_scanner *s = NULL;
        aigov_error err;
        good = aigov_ctx_new(&alloc, &ctx, &err) == AIGOV_OK;
        h.calls = 0;
        h.fail_at = ++n;
        aigov_status status = aigov_scanner_new(ctx, &s, &err);
        good = good && (status == AIGOV_OK) == (s != NULL);
        status = status == AIGOV_OK ? work(s, &found) : status;
        failed = status != AIGOV_OK;
        good = good && (!failed || status == AIGOV_NOMEM);
        h.fail_at = 0; /* memory is back: the scanner works */
        if (s != NULL) {
            good = good && work(s, &again) == AIGOV_OK;
        }
        aigov_scanner_free(s);
        aigov_ctx_free(ctx);
        good = good && h.blocks == 0 && h.bytes == 0;
    }
    ok(good && !failed && n > 4 && found == again, "%ld allocations fail",
       n - 1);
}

/* A plain text without findings allocates nothing. */
static void test_none(void)
{
    struct heap h = {0};
    aigov_alloc alloc = {failing, &h};
    aigov_ctx *ctx;
    aigov_scanner *s;
    aigov_error err;
    const aigov_finding *f;
    size_t n;
    bool good = aigov_ctx_new(&alloc, &ctx, &err) == AIGOV_OK &&
                aigov_scanner_new(ctx, &s, &err) == AIGOV_OK;
    long before = h.calls;
    good = good &&
           aigov_scan(s,
                      AIGOV_LIT("plain text, 12 of it; a (small) note: "
                                "nothing is here to be found at all"),
                      AIGOV_ABSENT, &f, &n, &err) == AIGOV_OK &&
           n == 0;
    ok(good && h.calls == before, "a plain text costs no allocation");
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
}

int main(void)
{
    test_scan();
    test_none();
    return done();
}
