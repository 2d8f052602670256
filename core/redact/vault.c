/*
 * vault.c - values that can be restored: encrypted, in the entry's content
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   {"input":"SSN [US_SSN:k5bcc17a1:f2b2..]","vault":{"[US_SSN:...]":"<hex>"}}
 *
 * Content is where what can be erased is kept, so the vault goes with it, and
 * the entry's commitment covers it.  A value has a key of its own,
 *
 *   HKDF-Expand(root, "vault" || 0x00 || salt of the content, 32 bytes ||
 *               token || 0x00 || interaction, 36 characters || tenant)
 *
 * which is used once, so the nonce of AES-256-GCM is zero.  Bound to it are
 * token || 0x00 || interaction || tenant.  Without the salt, which is erased
 * with the content, a copy of the ciphertext is no use even to who has the key.
 */
#include "keyed.h"

#define INTERACTION AIGOV_UUID_LEN

/* --- what is held -------------------------------------------------------- */

bool aigov__holds_any(const aigov_scanner *s)
{
    return s->keyed != NULL && s->keyed->n > 0;
}

void aigov__holds_none(aigov_scanner *s)
{
    if (s->keyed != NULL) {
        s->keyed->n = 0;
        s->keyed->text.n = 0;
        s->keyed->holds = false;
    }
}

static aigov_span token_of(const struct aigov__keyed *k, const aigov__held *h)
{
    return (aigov_span){k->text.p + h->at, h->token};
}

static int compare(aigov_span a, aigov_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = memcmp(a.p, b.p, n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* By token; of equal ones the one that was met first is the first. */
static int order(const void *a, const void *b, void *host)
{
    const struct aigov__keyed *k = host;
    const aigov__held *x = a, *y = b;
    int o = compare(token_of(k, x), token_of(k, y));
    return o != 0 ? o : (x->at > y->at) - (x->at < y->at);
}

/* --- one value ----------------------------------------------------------- */

/* What a value is bound to. */
typedef struct place {
    aigov_ctx *ctx;
    aigov_span salt, interaction, tenant;
} place;

static aigov_status key_of(const place *at, const aigov__redaction_key *key,
                           aigov_span token, uint8_t out[AIGOV__KEY],
                           aigov_error *err)
{
    const aigov_span part[] = {at->salt, token, AIGOV_LIT("\x00"),
                               at->interaction, at->tenant};
    return aigov__key_for(at->ctx, key, AIGOV__FOR_VAULT, part, 5, out, err);
}

static bool put_bound(const place *at, aigov_span token, aigov_buf *b)
{
    return aigov_buf_put(b, token.p, token.n) && aigov_buf_put(b, "", 1) &&
           aigov_buf_put(b, at->interaction.p, at->interaction.n) &&
           aigov_buf_put(b, at->tenant.p, at->tenant.n);
}

static const uint8_t nonce[AIGOV__NONCE]; /* zero: a key is used once */

/* scratch: bound, then the ciphertext. */
static aigov_status seal_value(const place *at, const aigov__redaction_key *key,
                               aigov_span token, aigov_span value,
                               aigov_buf *scratch, aigov_buf *out,
                               aigov_error *err)
{
    uint8_t own[AIGOV__KEY];
    size_t bound;
    aigov_status st = key_of(at, key, token, own, err);
    scratch->n = 0;
    /* room for all at once: what is bound must not move */
    if (st == AIGOV_OK &&
        !(aigov_buf_reserve(scratch, token.n + 1 + at->interaction.n +
                                         at->tenant.n + value.n + AIGOV__TAG) &&
          put_bound(at, token, scratch))) {
        st = aigov__nomem(err);
    }
    bound = scratch->n;
    if (st == AIGOV_OK) {
        st = aigov__encrypt(own, nonce, (aigov_span){scratch->p, bound}, value,
                            scratch, err);
    }
    if (st == AIGOV_OK &&
        !aigov_buf_put_hex(out, (const uint8_t *)scratch->p + bound,
                           scratch->n - bound)) {
        st = aigov__nomem(err);
    }
    aigov_wipe(own, sizeof own);
    return st;
}

/* [ENTITY:key:hash]; of [ENTITY_1] the key stands before the ciphertext. */
static bool is_keyed(aigov_span token)
{
    return memchr(token.p, ':', token.n) != NULL;
}

static aigov_status put_one(struct aigov__keyed *k, const place *at,
                            const aigov__redaction_key *key,
                            const aigov__held *h, aigov_buf *out,
                            aigov_error *err)
{
    aigov_span token = token_of(k, h);
    aigov_span value = {token.p + token.n, h->value};
    aigov_status st;
    if (!(aigov_buf_puts(out, out->p[out->n - 1] == '{' ? "\"" : ",\"") &&
          aigov_buf_put(out, token.p, token.n) &&
          aigov_buf_puts(out, "\":\"") &&
          (is_keyed(token) ||
           (aigov_buf_puts(out, key->id) && aigov_buf_puts(out, ":"))))) {
        return aigov__nomem(err);
    }
    st = seal_value(at, key, token, value, &k->normal, out, err);
    return st == AIGOV_OK && !aigov_buf_puts(out, "\"") ? aigov__nomem(err)
                                                        : st;
}

aigov_status aigov__vault_put(aigov_scanner *s, const uint8_t salt[32],
                              aigov_span interaction, aigov_buf *out,
                              aigov_error *err)
{
    struct aigov__keyed *k = s->keyed;
    const aigov_keys *keys = &s->rules->keys;
    place at = {s->ctx,
                {(const char *)salt, 32},
                interaction,
                aigov_buf_span(&k->tenant)};
    aigov_status st = AIGOV_OK;
    aigov__sort(k->held, k->n, sizeof *k->held, order, k);
    if (!aigov_buf_puts(out, "\"vault\":{")) {
        return aigov__nomem(err);
    }
    for (size_t i = 0; i < k->n && st == AIGOV_OK; i++) {
        if (i == 0 || compare(token_of(k, &k->held[i - 1]),
                              token_of(k, &k->held[i])) != 0) {
            st =
                put_one(k, &at, &keys->key[keys->n - 1], &k->held[i], out, err);
        }
    }
    return st != AIGOV_OK || aigov_buf_puts(out, "}") ? st : aigov__nomem(err);
}

/* --- and back ------------------------------------------------------------ */

static aigov_status open_value(const place *at, const aigov__redaction_key *key,
                               aigov_span token, aigov_span hex, aigov_buf *b,
                               aigov_buf *out, aigov_error *err)
{
    uint8_t own[AIGOV__KEY];
    size_t bound;
    aigov_status st;
    if (!put_bound(at, token, b) || !aigov_buf_reserve(b, hex.n / 2 + 1)) {
        return aigov__nomem(err);
    }
    bound = b->n;
    if (!aigov_hex_parse(hex, (uint8_t *)b->p + bound, hex.n / 2)) {
        return aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                          "a ciphertext is no hex");
    }
    st = key_of(at, key, token, own, err);
    if (st == AIGOV_OK) {
        st = aigov__decrypt(own, nonce, (aigov_span){b->p, bound},
                            (aigov_span){b->p + bound, hex.n / 2}, out, err);
    }
    aigov_wipe(own, sizeof own);
    return st;
}

aigov_status aigov__vault_open(aigov_ctx *ctx, const aigov_keys *keys,
                               const uint8_t salt[32], aigov_span interaction,
                               aigov_span tenant, aigov_span token,
                               aigov_span hex, aigov_buf *out, aigov_error *err)
{
    place at = {
        ctx, {(const char *)salt, 32}, interaction, aigov__key_tenant(tenant)};
    const aigov__redaction_key *key;
    aigov_span id = {hex.p, AIGOV__KEY_ID};
    aigov_buf b;
    aigov_status st;
    if (is_keyed(token)) {
        id.p = (const char *)memchr(token.p, ':', token.n) + 1;
    } else if (hex.n > AIGOV__KEY_ID && hex.p[AIGOV__KEY_ID] == ':') {
        hex.p += AIGOV__KEY_ID + 1;
        hex.n -= AIGOV__KEY_ID + 1;
    } else {
        return aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                          "a ciphertext names no key");
    }
    key = aigov__key_find(keys, id);
    if (key == NULL) {
        aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS, "key %.*s is not there",
                   AIGOV__KEY_ID, id.p);
        return aigov_hint(err, "put it back into the key file");
    }
    aigov_buf_init(&b, ctx);
    st = open_value(&at, key, token, hex, &b, out, err);
    aigov_buf_free(&b);
    return st;
}

aigov_status aigov__vault_open_by(const aigov_scanner *s,
                                  const uint8_t salt[32],
                                  aigov_span interaction, aigov_span tenant,
                                  aigov_span token, aigov_span hex,
                                  aigov_buf *out, aigov_error *err)
{
    return aigov__vault_open(s->ctx, &s->rules->keys, salt, interaction, tenant,
                             token, hex, out, err);
}
