/*
 * fuzz_keys.c - any bytes as a key file, and as content whose vault is restored
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   - a key file is read or refused with its line; what is said holds none of
 * it
 *   - a text of which nothing is held comes back as it is
 *   - content that nobody sealed never gives a value, whatever it says
 *   - any text can be redacted under a key
 */
#include "aigov.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(held)                                                            \
    do {                                                                       \
        if (!(held)) {                                                         \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #held);         \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define ID "0199a000-0000-7000-8000-000000000001"
#define FILE_TEXT                                                              \
    "aigov redaction keys 1\nk5bcc17a1 "                                       \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static aigov_ctx *ctx;
static aigov_keys *keys;
static aigov_rules *rules;
static aigov_scanner *scanner;
static aigov_error err;

static void start(void)
{
    if (ctx != NULL) {
        return;
    }
    CHECK(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK &&
          aigov_keys_read(ctx, AIGOV_LIT(FILE_TEXT), &keys, &err) == AIGOV_OK &&
          aigov_rules_new(ctx, 0, &rules, &err) == AIGOV_OK);
    aigov_rules_keys(rules, keys);
    CHECK(aigov_rules_add(rules, AIGOV_LIT("redaction_profile"),
                          AIGOV_LIT("default/store"),
                          AIGOV_LIT("{\"version\":1,\"sink\":\"store\","
                                    "\"default_operator\":\"pseudonym\","
                                    "\"operators\":{},\"threshold\":\"0.5\"}"),
                          AIGOV_ABSENT, &err) == AIGOV_OK &&
          aigov_rules_ready(rules, &err) == AIGOV_OK &&
          aigov_scanner_new(ctx, &scanner, &err) == AIGOV_OK &&
          aigov_scanner_use(scanner, rules, AIGOV_ABSENT, &err) == AIGOV_OK);
}

static void key_file(aigov_span in)
{
    aigov_keys *read;
    aigov_status st = aigov_keys_read(ctx, in, &read, &err);
    CHECK(st == AIGOV_OK || (st == AIGOV_KEY && err.text[0] != '\0'));
    if (st == AIGOV_OK) {
        CHECK(aigov_key_id(read, 0) != NULL);
        aigov_keys_free(read);
    }
}

/* Add content: the input, under a commitment that holds. */
static void restore(aigov_span text, aigov_span content)
{
    static const uint8_t salt[32];
    uint8_t commitment[32];
    aigov_restore *r;
    aigov_buf out;
    size_t n;
    aigov_entry e = {.id = AIGOV_LIT(ID), .body = AIGOV_LIT("{}")};
    aigov_content c = {.salt = {(const char *)salt, 32}, .body = content};
    aigov_status st;
    aigov_buf_init(&out, ctx);
    CHECK(aigov_commitment(ctx, salt, content, commitment, &err) == AIGOV_OK);
    e.commitment = (aigov_span){(const char *)commitment, 32};
    CHECK(aigov_restore_new(ctx, keys, AIGOV_LIT(ID), text, &r, &err) ==
          AIGOV_OK);
    st = aigov_restore_add(r, &e, &c, &err);
    if (st == AIGOV_OK) {
        CHECK(aigov_restore_text(r, &out, &n, &err) == AIGOV_OK && n == 0 &&
              out.n == text.n &&
              (text.n == 0 || memcmp(out.p, text.p, text.n) == 0));
    }
    aigov_restore_free(r);
    aigov_buf_free(&out);
}

static void redact(aigov_span text)
{
    aigov_buf out;
    aigov_buf_init(&out, ctx);
    CHECK(aigov_redact(scanner, text, AIGOV_ABSENT, &out, NULL, NULL, &err) ==
          AIGOV_OK);
    aigov_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    aigov_span in = {n == 0 ? "" : (const char *)data, n};
    start();
    key_file(in);
    restore(in, in);
    restore(AIGOV_LIT("[US_SSN:k5bcc17a1:70cbe8605c860c5a]"), in);
    redact(in);
    return 0;
}
