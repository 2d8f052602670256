/*
 * test_keys.c - HMAC, HKDF, AES-256-GCM, the key file
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Vectors: RFC 4231 4.3 and 4.4 (HMAC), RFC 5869 A.1 (HKDF), test case 16 of
 * the GCM specification (AES-256).  What is derived from a key was computed by
 * Python's hmac.
 */
#include "failing.h"
#include "keys_test.h"
#include "tap.h"

#include "redact/keys.h"

static aigov_ctx *ctx;
static aigov_error err;

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;
    return aigov_hex_parse((aigov_span){hex, 2 * n}, out, n) ? n : 0;
}

static bool is_hex(const void *p, size_t n, const char *hex)
{
    uint8_t want[256];
    return from_hex(hex, want) == n && memcmp(p, want, n) == 0;
}

static aigov_span bytes(const uint8_t *p, size_t n)
{
    return (aigov_span){(const char *)p, n};
}

static void test_hmac(void)
{
    uint8_t key[64], data[64], mac[32];
    const aigov_span text[] = {AIGOV_LIT("what do ya want "),
                               AIGOV_LIT("for nothing?")};
    aigov_span all = bytes(data, 50);
    ok(aigov__hmac(ctx, AIGOV_LIT("Jefe"), text, 2, mac, &err) == AIGOV_OK &&
           is_hex(mac, 32,
                  "5bdcc146bf60754e6a042426089575c7"
                  "5a003f089d2739839dec58b964ec3843"),
       "HMAC in two parts");
    memset(key, 0xAA, 20);
    memset(data, 0xDD, 50);
    ok(aigov__hmac(ctx, bytes(key, 20), &all, 1, mac, &err) == AIGOV_OK &&
           is_hex(mac, 32,
                  "773ea91e36800e46854db8ebd09181a7"
                  "2959098b3ef8c122d9635514ced565fe"),
       "HMAC of 50 bytes");
}

static void test_hkdf(void)
{
    uint8_t secret[22], salt[13], info[10], prk[32], out[32];
    aigov_span about = bytes(info, 10);
    memset(secret, 0x0B, sizeof secret);
    from_hex("000102030405060708090a0b0c", salt);
    from_hex("f0f1f2f3f4f5f6f7f8f9", info);
    ok(aigov__hkdf_extract(ctx, bytes(salt, 13), bytes(secret, 22), prk,
                           &err) == AIGOV_OK &&
           is_hex(prk, 32,
                  "077709362c2e32df0ddc3f0dc47bba63"
                  "90b6c73bb50f9c3122ec844ad7c2b3e5"),
       "HKDF-Extract");
    ok(aigov__hkdf_expand(ctx, prk, &about, 1, out, &err) == AIGOV_OK &&
           is_hex(out, 32,
                  "3cb25f25faacd57a90434f64d0362f2a"
                  "2d2d0a90cf1a5a4c5db02d56ecc4c5bf"),
       "HKDF-Expand, the first block");
}

#define GCM_KEY                                                                \
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define GCM_PLAIN                                                              \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"         \
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define GCM_SEALED                                                             \
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"         \
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"                 \
    "76fc6ece0f4e1768cddf8853bb2d551b"

static void test_gcm(void)
{
    uint8_t key[32], nonce[12], plain[60], aad[20];
    aigov_buf out, back;
    bool tampered = false;
    aigov_buf_init(&out, ctx);
    aigov_buf_init(&back, ctx);
    from_hex(GCM_KEY, key);
    from_hex("cafebabefacedbaddecaf888", nonce);
    from_hex(GCM_PLAIN, plain);
    from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2", aad);
    ok(aigov__encrypt(key, nonce, bytes(aad, 20), bytes(plain, 60), &out,
                      &err) == AIGOV_OK &&
           is_hex(out.p, out.n, GCM_SEALED),
       "AES-256-GCM encrypts");
    ok(aigov__decrypt(key, nonce, bytes(aad, 20), aigov_buf_span(&out), &back,
                      &err) == AIGOV_OK &&
           back.n == 60 && memcmp(back.p, plain, 60) == 0,
       "and decrypts");
    for (size_t i = 0; i < out.n * 8; i++) {
        back.n = 0;
        out.p[i / 8] = (char)(out.p[i / 8] ^ 1 << i % 8);
        tampered =
            tampered ||
            aigov__decrypt(key, nonce, bytes(aad, 20), aigov_buf_span(&out),
                           &back, &err) != AIGOV_KEY ||
            back.n != 0;
        out.p[i / 8] = (char)(out.p[i / 8] ^ 1 << i % 8);
    }
    ok(!tampered, "any bit changed: refused, and nothing given");
    for (size_t n = 0; n < out.n; n++) {
        tampered = tampered || aigov__decrypt(key, nonce, bytes(aad, 20),
                                              (aigov_span){out.p, n}, &back,
                                              &err) != AIGOV_KEY;
    }
    ok(!tampered, "cut short: refused");
    ok(aigov__decrypt(key, nonce, bytes(aad, 19), aigov_buf_span(&out), &back,
                      &err) == AIGOV_KEY,
       "bound to something else: refused");
    aigov_buf_free(&out);
    aigov_buf_free(&back);
}

/* --- the file ------------------------------------------------------------ */

static void refused(const char *file, const char *why)
{
    aigov_keys *keys = NULL;
    aigov_status st = aigov_keys_read(ctx, aigov_str(file), &keys, &err);
    if (!ok(st == AIGOV_KEY && strcmp(err.text, why) == 0, "%s", why)) {
        note("%d %s", (int)st, err.text);
    }
    aigov_keys_free(st == AIGOV_OK ? keys : NULL);
}

static void test_file(void)
{
    aigov_keys *keys = NULL;
    aigov_span tenant = AIGOV_LIT("acme");
    uint8_t key[32];
    ok(aigov_keys_read(ctx, AIGOV_LIT(KEY_FILE_2), &keys, &err) == AIGOV_OK &&
           strcmp(aigov_key_id(keys, 0), KEY_ID_2) == 0 &&
           strcmp(aigov_key_id(keys, 1), KEY_ID_1) == 0 &&
           aigov_key_id(keys, 2) == NULL,
       "two keys, the last is the newest");
    ok(aigov__key_for(ctx, aigov__key_find(keys, AIGOV_LIT(KEY_ID_1)),
                      AIGOV__FOR_PSEUDONYM, &tenant, 1, key,
                      &err) == AIGOV_OK &&
           is_hex(key, 32,
                  "7d4f531f46cc95156d5e1f4f0ba92cac"
                  "9ebcb702656069bbdb8738ce3a28a7b4"),
       "the key of a tenant");
    ok(aigov__key_find(keys, AIGOV_LIT("k00000000")) == NULL, "no such key");
    aigov_keys_free(keys);
    ok(aigov_keys_read(ctx,
                       AIGOV_LIT(KEY_MAGIC "\r\n#\r\n\r\n" KEY_LINE_1 "\r\n"),
                       &keys, &err) == AIGOV_OK,
       "lines may end as on Windows");
    aigov_keys_free(keys);
    refused("", "key file, line 1: is not \"aigov redaction keys 1\"");
    refused("aigov redaction keys 2\n" KEY_LINE_1 "\n",
            "key file, line 1: is not \"aigov redaction keys 1\"");
    refused(KEY_MAGIC "\n# none\n", "key file, line 2: there is no key");
    refused(KEY_MAGIC "\n" KEY_LINE_1 "0\n",
            "key file, line 2: is no id, a space and 64 lower-case hex digits");
    refused(KEY_MAGIC "\n" KEY_LINE_1 "\n" KEY_LINE_1 "\n",
            "key file, line 3: a key of this id stands before");
    refused(KEY_MAGIC "\n" KEY_ID_2 " " KEY_HEX_1 "\n",
            "key file, line 2: the key is not that of its id: something is "
            "changed or missing");
}

static void test_make(void)
{
    aigov_keys *keys = NULL;
    aigov_buf file;
    bool good;
    aigov_buf_init(&file, ctx);
    good = aigov_keys_make(ctx, true, &file, &err) == AIGOV_OK;
    for (int i = 1; i < AIGOV__MAX_KEYS; i++) {
        good = good && aigov_keys_make(ctx, false, &file, &err) == AIGOV_OK;
    }
    good =
        good &&
        aigov_keys_read(ctx, aigov_buf_span(&file), &keys, &err) == AIGOV_OK &&
        aigov_key_id(keys, AIGOV__MAX_KEYS - 1) != NULL;
    ok(good, "64 keys made and read");
    aigov_keys_free(keys);
    good =
        aigov_keys_make(ctx, false, &file, &err) == AIGOV_OK &&
        aigov_keys_read(ctx, aigov_buf_span(&file), &keys, &err) == AIGOV_KEY;
    ok(good, "one more is refused");
    aigov_buf_free(&file);
}

static aigov_status work(aigov_ctx *c)
{
    aigov_keys *keys;
    aigov_buf line;
    aigov_error e;
    aigov_status st;
    aigov_buf_init(&line, c);
    st = aigov_keys_make(c, true, &line, &e);
    aigov_buf_free(&line);
    if (st == AIGOV_OK) {
        st = aigov_keys_read(c, AIGOV_LIT(KEY_FILE_2), &keys, &e);
    }
    if (st == AIGOV_OK) {
        aigov_keys_free(keys);
    }
    return st;
}

static void test_memory(void)
{
    bool good = true, failed = true;
    long n = 0;
    while (good && failed && n < 100) {
        struct heap h = {0};
        aigov_alloc alloc = {failing, &h};
        aigov_ctx *c;
        good = aigov_ctx_new(&alloc, &c, &err) == AIGOV_OK;
        h.calls = 0;
        h.fail_at = ++n;
        aigov_status st = work(c);
        failed = st != AIGOV_OK;
        h.fail_at = 0;
        good = good && (!failed || st == AIGOV_NOMEM) && work(c) == AIGOV_OK;
        aigov_ctx_free(c);
        good = good && h.blocks == 0 && h.bytes == 0;
    }
    ok(good && !failed && n > 2, "%ld allocations fail", n - 1);
}

int main(void)
{
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    test_hmac();
    test_hkdf();
    test_gcm();
    test_file();
    test_make();
    test_memory();
    aigov_ctx_free(ctx);
    return done();
}
