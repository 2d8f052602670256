/*
 * internal.h - the crypto state of a context
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * No type of OpenSSL shows here: only the .c files of core/crypto include it.
 */
#ifndef AIGOV_CRYPTO_INTERNAL_H
#define AIGOV_CRYPTO_INTERNAL_H

#include "keyed.h"

#define AIGOV__RANDOM ((size_t)4096)

struct aigov__crypto {
    void *fresh; /* EVP_MD_CTX: SHA-256 initialised, only copied from */
    void *work;  /* EVP_MD_CTX of the hash at hand */
    size_t random_left;
    uint8_t random[AIGOV__RANDOM]; /* the last random_left are unused */
};

aigov_status aigov__crypto_new(aigov_ctx *ctx, struct aigov__crypto **out,
                               aigov_error *err);
void aigov__crypto_free(aigov_ctx *ctx, struct aigov__crypto *c);

/* AIGOV_CRYPTO; empties the error queue, which belongs to the whole thread. */
aigov_status aigov__crypto_failed(aigov_error *err, const char *what);

#endif
