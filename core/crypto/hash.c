/*
 * hash.c - SHA-256 and the hashes that docs/formats.md defines
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Fetching a digest is the dear part of a hash in OpenSSL 3.  So a context is
 * initialised once and copied for every hash.  Only calls that OpenSSL 1.1.1
 * and all later ones have.
 */
#include "internal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

aigov_status aigov__crypto_failed(aigov_error *err, const char *what)
{
    unsigned long code = ERR_get_error();

    ERR_clear_error();
    aigov_fail(err, AIGOV_CRYPTO, AIGOV_NO_POS, "%s failed", what);
    return aigov_hint(err, "OpenSSL error %lx", code);
}

void aigov_wipe(void *p, size_t n)
{
    OPENSSL_cleanse(p, n);
}

aigov_status aigov__crypto_new(aigov_ctx *ctx, struct aigov__crypto **out,
                               aigov_error *err)
{
    struct aigov__crypto *c = aigov_malloc(ctx, sizeof *c);

    if (c == NULL) {
        return aigov__nomem(err);
    }
    memset(c, 0, sizeof *c);
    c->fresh = EVP_MD_CTX_new();
    c->work = EVP_MD_CTX_new();
    if (c->fresh == NULL || c->work == NULL ||
        EVP_DigestInit_ex(c->fresh, EVP_sha256(), NULL) != 1 ||
        EVP_MD_CTX_copy_ex(c->work, c->fresh) != 1) {
        aigov__crypto_free(ctx, c);
        return aigov__crypto_failed(err, "SHA-256");
    }
    *out = c;
    return AIGOV_OK;
}

void aigov__crypto_free(aigov_ctx *ctx, struct aigov__crypto *c)
{
    if (c == NULL) {
        return;
    }
    EVP_MD_CTX_free(c->fresh);
    EVP_MD_CTX_free(c->work);
    aigov_wipe(c->random, sizeof c->random);
    aigov_mfree(ctx, c, sizeof *c);
}

aigov_status aigov_sha256(aigov_ctx *ctx, const aigov_span *part, int n,
                          uint8_t out[32], aigov_error *err)
{
    EVP_MD_CTX *work = ctx->crypto->work;
    uint8_t hash[AIGOV_HASH_LEN];
    bool ok = EVP_MD_CTX_copy_ex(work, ctx->crypto->fresh) == 1;

    for (int i = 0; ok && i < n; i++) {
        if (part[i].n != 0) {
            ok = EVP_DigestUpdate(work, part[i].p, part[i].n) == 1;
        }
    }
    if (!ok || EVP_DigestFinal_ex(work, hash, NULL) != 1) {
        return aigov__crypto_failed(err, "SHA-256");
    }
    memcpy(out, hash, sizeof hash);
    return AIGOV_OK;
}

aigov_status aigov_leaf_hash(aigov_ctx *ctx, aigov_span leaf, uint8_t out[32],
                             aigov_error *err)
{
    const aigov_span part[] = {AIGOV_LIT("\x00"), leaf};

    return aigov_sha256(ctx, part, 2, out, err);
}

aigov_status aigov_commitment(aigov_ctx *ctx, const uint8_t salt[32],
                              aigov_span content, uint8_t out[32],
                              aigov_error *err)
{
    const aigov_span part[] = {
        AIGOV_LIT("\x02"), {(const char *)salt, 32}, content};

    return aigov_sha256(ctx, part, 3, out, err);
}

aigov_status aigov_lane_start(aigov_ctx *ctx, aigov_span origin, int64_t lane,
                              uint8_t out[32], aigov_error *err)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t v = (uint64_t)lane;

    if (lane < 0) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS, "lane below 0");
    }
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    const aigov_span part[] = {AIGOV_LIT("aigov/v1\n"),
                               origin,
                               AIGOV_LIT("\n"),
                               {digits + at, sizeof digits - at}};
    return aigov_sha256(ctx, part, 4, out, err);
}

/* --- origin -------------------------------------------------------------- */

/* Unicode White_Space and the controls; C2SP signed-note key names have none
 * of the former. */
static bool space_or_control(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Offset of what an origin may not hold; its length where there is nothing. */
static size_t origin_flaw(aigov_span s)
{
    size_t valid = aigov_utf8_valid(s);
    const char *end = s.p + valid;

    for (const char *p = s.p; p < end;) {
        size_t n = (uint8_t)*p < 0x80 ? 1 : aigov__utf8_length(p, end);
        uint32_t c = aigov__utf8_decode(p, n);
        if (c == '+' || space_or_control(c) || aigov__noncharacter(c) ||
            (end - p >= 3 && memcmp(p, "://", 3) == 0)) {
            return (size_t)(p - s.p);
        }
        p += n;
    }
    return valid;
}

aigov_status aigov_log_number(aigov_ctx *ctx, aigov_span origin, int64_t *log,
                              aigov_error *err)
{
    uint8_t hash[AIGOV_HASH_LEN];

    if (origin.p == NULL || origin.n < 1 || origin.n > 200) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "an origin has 1 to 200 bytes, not %zu", origin.n);
    }
    size_t flaw = origin_flaw(origin);
    if (flaw != origin.n) {
        aigov_fail(err, AIGOV_ARG, flaw,
                   "origin with a scheme, space, plus or control character");
        return aigov_hint(err, "take a name such as example.com/ai-log");
    }
    aigov_status status = aigov_sha256(ctx, &origin, 1, hash, err);
    if (status != AIGOV_OK) {
        return status;
    }
    uint32_t number = ((uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 |
                       (uint32_t)hash[2] << 8 | hash[3]) >>
                      1;
    if (number == 0) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "origin whose log number is 0; take another");
    }
    *log = number;
    return AIGOV_OK;
}
