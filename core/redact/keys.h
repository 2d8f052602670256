/*
 * keys.h - redaction keys inside of core
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_REDACT_KEYS_H
#define AIGOV_REDACT_KEYS_H

#include "../crypto/keyed.h"

#define AIGOV__KEY_ID 9 /* "k" and 8 hex digits */
#define AIGOV__MAX_KEYS 64

typedef struct aigov__redaction_key {
    char id[AIGOV__KEY_ID + 1];
    uint8_t root[AIGOV__KEY]; /* what all others are derived from */
} aigov__redaction_key;

struct aigov_keys {
    aigov_ctx *ctx;
    size_t n; /* the last is the newest */
    aigov__redaction_key key[AIGOV__MAX_KEYS];
};

/* What a key is derived for; the texts are in keys.c. */
enum {
    AIGOV__FOR_ID,
    AIGOV__FOR_HASH,
    AIGOV__FOR_PSEUDONYM,
    AIGOV__FOR_FINGERPRINT,
    AIGOV__FOR_VAULT,
    AIGOV__FOR_TURN
};

/* The key of a purpose and what else it is for, n parts, 5 at most. */
aigov_status aigov__key_for(aigov_ctx *ctx, const aigov__redaction_key *key,
                            int purpose, const aigov_span *part, int n,
                            uint8_t out[AIGOV__KEY], aigov_error *err);
/* The key of an id, or NULL. */
const aigov__redaction_key *aigov__key_find(const aigov_keys *keys,
                                            aigov_span id);

#endif
