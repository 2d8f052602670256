/*
 * keyed.h - what needs a key: HMAC, HKDF, AES-256-GCM
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Private to core.  Keys are 32 bytes.  AIGOV_CRYPTO where OpenSSL fails, for
 * want of memory as a rule.
 */
#ifndef AIGOV_CRYPTO_KEYED_H
#define AIGOV_CRYPTO_KEYED_H

#include "../base/internal.h"

#define AIGOV__KEY 32
#define AIGOV__NONCE 12
#define AIGOV__TAG 16
#define AIGOV__MAC_PARTS 8 /* of a message, at most */

/* HMAC-SHA-256 (RFC 2104) over parts one after the other; a key of at most 64
 * bytes. */
aigov_status aigov__hmac(aigov_ctx *ctx, aigov_span key, const aigov_span *part,
                         int n, uint8_t out[32], aigov_error *err);
/* HKDF-SHA-256 (RFC 5869): extract is 2.2; expand is 2.3 with 32 bytes of
 * output, one block. */
aigov_status aigov__hkdf_extract(aigov_ctx *ctx, aigov_span salt,
                                 aigov_span secret, uint8_t out[32],
                                 aigov_error *err);
aigov_status aigov__hkdf_expand(aigov_ctx *ctx, const uint8_t key[32],
                                const aigov_span *info, int n, uint8_t out[32],
                                aigov_error *err);
/* AES-256-GCM (NIST SP 800-38D): the ciphertext and its tag of 16 bytes are
 * appended to out. */
aigov_status aigov__encrypt(const uint8_t key[AIGOV__KEY],
                            const uint8_t nonce[AIGOV__NONCE], aigov_span bound,
                            aigov_span plain, aigov_buf *out, aigov_error *err);
/* The plain text is appended to out.  AIGOV_KEY, and nothing appended, where
 * the tag does not hold: another key, or a byte was changed. */
aigov_status aigov__decrypt(const uint8_t key[AIGOV__KEY],
                            const uint8_t nonce[AIGOV__NONCE], aigov_span bound,
                            aigov_span sealed, aigov_buf *out,
                            aigov_error *err);

#endif
