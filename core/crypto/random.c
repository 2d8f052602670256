/*
 * random.c - random bytes and UUIDs of version 7
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Salts and ids are small and many, RAND_bytes is slow at small sizes: bytes
 * are drawn 4 KiB at a time and wiped as they are used.  A forked child would
 * give out the same bytes as its parent, so it throws the buffer away and draws
 * every time: its own children would be in the same place.
 */
#include "internal.h"

#include <limits.h>

#include <openssl/rand.h>

/* Fill p from OpenSSL; RAND_bytes takes an int. */
static aigov_status draw(void *p, size_t n, aigov_error *err)
{
    uint8_t *at = p;

    while (n > 0) {
        int some = n > INT_MAX ? INT_MAX : (int)n;
        if (RAND_bytes(at, some) != 1) {
            return aigov__crypto_failed(err, "the random generator");
        }
        at += some;
        n -= (size_t)some;
    }
    return AIGOV_OK;
}

static aigov_status refill(struct aigov__crypto *c, aigov_error *err)
{
    c->random_left = 0;
    aigov_status status = draw(c->random, sizeof c->random, err);
    if (status == AIGOV_OK) {
        c->random_left = sizeof c->random;
    }
    return status;
}

aigov_status aigov_random(aigov_ctx *ctx, void *out, size_t n, aigov_error *err)
{
    struct aigov__crypto *c = ctx->crypto;

    if (aigov_ctx_forked(ctx)) {
        aigov_wipe(c->random, c->random_left == 0 ? 0 : sizeof c->random);
        c->random_left = 0;
        return draw(out, n, err);
    }
    if (n > sizeof c->random / 4) {
        return draw(out, n, err);
    }
    if (c->random_left < n) {
        aigov_status status = refill(c, err);
        if (status != AIGOV_OK) {
            return status;
        }
    }
    uint8_t *p = c->random + sizeof c->random - c->random_left;
    if (n != 0) {
        memcpy(out, p, n);
        aigov_wipe(p, n);
        c->random_left -= n;
    }
    return AIGOV_OK;
}

aigov_status aigov_uuid7(aigov_ctx *ctx, int64_t at, uint8_t out[16],
                         aigov_error *err)
{
    uint8_t id[16];

    if (at < 0) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "a UUID of version 7 begins in 1970");
    }
    aigov_status status = aigov_random(ctx, id + 6, 10, err);
    if (status != AIGOV_OK) {
        return status;
    }
    uint64_t ms = (uint64_t)at / 1000;
    for (int i = 0; i < 6; i++) {
        id[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    id[6] = (uint8_t)(0x70 | (id[6] & 0x0F)); /* version 7 */
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3F)); /* variant of RFC 9562 4.1 */
    memcpy(out, id, sizeof id);
    return AIGOV_OK;
}
