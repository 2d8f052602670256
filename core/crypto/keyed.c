/*
 * keyed.c - HMAC-SHA-256, HKDF and AES-256-GCM
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * HMAC is put together from the context's ready SHA-256, which is several times
 * cheaper than to fetch one from OpenSSL 3 for each token.  RFC 2104:
 *
 *   H(key ^ 5C5C.. || H(key ^ 3636.. || message))    key padded to 64 bytes
 */
#include "keyed.h"

#include "internal.h"

#include <limits.h>

#include <openssl/evp.h>

#define BLOCK 64

aigov_status aigov__hmac(aigov_ctx *ctx, aigov_span key, const aigov_span *part,
                         int n, uint8_t out[32], aigov_error *err)
{
    char inner[BLOCK], outer[BLOCK];
    uint8_t hash[AIGOV_HASH_LEN];
    aigov_span all[AIGOV__MAC_PARTS + 1] = {{inner, BLOCK}};
    aigov_span last[] = {{outer, BLOCK}, {(const char *)hash, sizeof hash}};
    aigov_status st;

    for (size_t i = 0; i < BLOCK; i++) {
        char c = i < key.n ? key.p[i] : 0;
        inner[i] = (char)(c ^ 0x36);
        outer[i] = (char)(c ^ 0x5C);
    }
    memcpy(all + 1, part, (size_t)n * sizeof *part);
    st = aigov_sha256(ctx, all, n + 1, hash, err);
    if (st == AIGOV_OK) {
        st = aigov_sha256(ctx, last, 2, out, err);
    }
    aigov_wipe(inner, sizeof inner);
    aigov_wipe(outer, sizeof outer);
    return st;
}

aigov_status aigov__hkdf_extract(aigov_ctx *ctx, aigov_span salt,
                                 aigov_span secret, uint8_t out[32],
                                 aigov_error *err)
{
    return aigov__hmac(ctx, salt, &secret, 1, out, err);
}

aigov_status aigov__hkdf_expand(aigov_ctx *ctx, const uint8_t key[32],
                                const aigov_span *info, int n, uint8_t out[32],
                                aigov_error *err)
{
    aigov_span part[AIGOV__MAC_PARTS];

    memcpy(part, info, (size_t)n * sizeof *info);
    part[n] = AIGOV_LIT("\x01"); /* the number of the block */
    return aigov__hmac(ctx, (aigov_span){(const char *)key, AIGOV__KEY}, part,
                       n + 1, out, err);
}

/* --- AES-256-GCM --------------------------------------------------------- */

static bool feed(EVP_CIPHER_CTX *c, uint8_t *out, aigov_span in, int *n)
{
    *n = 0;
    return in.n == 0 ||
           EVP_CipherUpdate(c, out, n, (const uint8_t *)in.p, (int)in.n) == 1;
}

/* bound, then in: its cipher text or plain text goes to out. */
static bool run(EVP_CIPHER_CTX *c, const uint8_t *key, const uint8_t *nonce,
                aigov_span bound, aigov_span in, uint8_t *out, int encrypt)
{
    int n;

    return c != NULL && bound.n < INT_MAX && in.n < INT_MAX &&
           EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) ==
               1 &&
           feed(c, NULL, bound, &n) && feed(c, out, in, &n);
}

aigov_status aigov__encrypt(const uint8_t key[AIGOV__KEY],
                            const uint8_t nonce[AIGOV__NONCE], aigov_span bound,
                            aigov_span plain, aigov_buf *out, aigov_error *err)
{
    EVP_CIPHER_CTX *c;
    uint8_t *to;
    bool ok;
    int n;

    if (!aigov_buf_reserve(out, plain.n + AIGOV__TAG)) {
        return aigov__nomem(err);
    }
    to = (uint8_t *)out->p + out->n;
    c = EVP_CIPHER_CTX_new();
    ok = run(c, key, nonce, bound, plain, to, 1) &&
         EVP_CipherFinal_ex(c, to + plain.n, &n) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, AIGOV__TAG,
                             to + plain.n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!ok) {
        return aigov__crypto_failed(err, "AES-256-GCM");
    }
    out->n += plain.n + AIGOV__TAG;
    return AIGOV_OK;
}

static aigov_status broken(aigov_error *err)
{
    return aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                      "the tag of a ciphertext does not hold");
}

aigov_status aigov__decrypt(const uint8_t key[AIGOV__KEY],
                            const uint8_t nonce[AIGOV__NONCE], aigov_span bound,
                            aigov_span sealed, aigov_buf *out, aigov_error *err)
{
    size_t size = sealed.n - AIGOV__TAG;
    uint8_t tag[AIGOV__TAG], *to;
    EVP_CIPHER_CTX *c;
    bool ok, holds;
    int n;

    if (sealed.n < AIGOV__TAG) {
        return broken(err);
    }
    if (!aigov_buf_reserve(out, size + 1)) {
        return aigov__nomem(err);
    }
    to = (uint8_t *)out->p + out->n;
    memcpy(tag, sealed.p + size, sizeof tag);
    c = EVP_CIPHER_CTX_new();
    ok = run(c, key, nonce, bound, (aigov_span){sealed.p, size}, to, 0) &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, AIGOV__TAG, tag) == 1;
    holds = ok && EVP_CipherFinal_ex(c, to + size, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (holds) {
        out->n += size;
        return AIGOV_OK;
    }
    aigov_wipe(to, size);
    return ok ? broken(err) : aigov__crypto_failed(err, "AES-256-GCM");
}
