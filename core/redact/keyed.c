/*
 * keyed.c - the forms that need a key
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   [US_SSN:k5bcc17a1:f2b229fe553d90ac]      entity, key, 64 bits
 *
 *   pseudonym   HMAC(key of the tenant, entity || 0x00 || value in its one
 *               spelling (normal.c))
 *   vault       the same token; in a record the value is held beside it, and
 *               stands encrypted in the entry's content (vault.c)
 *   hash        HMAC(key of no tenant, entity || 0x00 || value as it is): the
 *               same for all tenants, another for another spelling
 *
 * 64 bits keep two of five million values apart with all but one chance in a
 * million.  Without a key all of them replace; so they do for a caller who may
 * not have a guess confirmed (aigov_scanner_no_keys).
 */
#include "keyed.h"

#include <stdio.h>

#define HASH_BYTES 8
#define FINGERPRINT_BYTES 16

struct aigov__keyed *aigov__keyed_of(aigov_scanner *s)
{
    struct aigov__keyed *k = s->keyed;
    if (k != NULL) {
        return k;
    }
    k = aigov_malloc(s->ctx, sizeof *k);
    if (k != NULL) {
        memset(k, 0, sizeof *k);
        k->ctx = s->ctx;
        aigov_buf_init(&k->tenant, s->ctx);
        aigov_buf_init(&k->normal, s->ctx);
        aigov_buf_init(&k->text, s->ctx);
        s->keyed = k;
    }
    return k;
}

void aigov__keyed_free(struct aigov__keyed *k)
{
    if (k == NULL) {
        return;
    }
    aigov_scanner_free(k->fold);
    aigov_buf_free(&k->tenant);
    aigov_buf_free(&k->normal);
    aigov_buf_free(&k->text);
    if (k->held != NULL) {
        aigov_mfree(k->ctx, k->held, k->cap * sizeof *k->held);
    }
    aigov_wipe(k->pseudonym, sizeof k->pseudonym);
    aigov_mfree(k->ctx, k, sizeof *k);
}

/* --- which key ----------------------------------------------------------- */

bool aigov__has_key(const aigov_scanner *s)
{
    return s->rules != NULL && s->rules->keys.n > 0 && !s->no_keys;
}

void aigov_scanner_no_keys(aigov_scanner *s)
{
    s->no_keys = true;
}

static const aigov__redaction_key *newest(const aigov_scanner *s)
{
    return &s->rules->keys.key[s->rules->keys.n - 1];
}

aigov_span aigov__key_tenant(aigov_span tenant)
{
    return tenant.n == 0 || memchr(tenant.p, '[', tenant.n) != NULL
               ? AIGOV_LIT("")
               : tenant;
}

aigov_status aigov__keyed_begin(aigov_scanner *s, aigov_span tenant, bool holds,
                                aigov_error *err)
{
    struct aigov__keyed *k = aigov__keyed_of(s);
    tenant = aigov__key_tenant(tenant);
    if (k == NULL) {
        return aigov__nomem(err);
    }
    k->holds = holds;
    k->n = 0;
    k->text.n = 0;
    if (tenant.n == k->tenant.n &&
        (tenant.n == 0 || memcmp(tenant.p, k->tenant.p, tenant.n) == 0)) {
        return AIGOV_OK;
    }
    k->id[0] = '\0';
    k->tenant.n = 0;
    return aigov_buf_put(&k->tenant, tenant.p, tenant.n) ? AIGOV_OK
                                                         : aigov__nomem(err);
}

aigov_status aigov_scanner_tenant(aigov_scanner *s, aigov_span tenant,
                                  aigov_error *err)
{
    return aigov__keyed_begin(s, tenant, false, err);
}

/* The tenant's own key, derived once. */
static aigov_status pseudonym_key(struct aigov__keyed *k,
                                  const aigov__redaction_key *key,
                                  aigov_error *err)
{
    aigov_span tenant = aigov_buf_span(&k->tenant);
    aigov_status st;
    if (strcmp(k->id, key->id) == 0) {
        return AIGOV_OK;
    }
    st = aigov__key_for(k->ctx, key, AIGOV__FOR_PSEUDONYM, &tenant, 1,
                        k->pseudonym, err);
    if (st == AIGOV_OK) {
        memcpy(k->id, key->id, sizeof k->id);
    }
    return st;
}

/* --- tokens -------------------------------------------------------------- */

static aigov_status mac_of(aigov_ctx *ctx, const uint8_t key[AIGOV__KEY],
                           const char *entity, aigov_span value,
                           uint8_t mac[AIGOV_HASH_LEN], aigov_error *err)
{
    const aigov_span part[] = {aigov_str(entity), AIGOV_LIT("\x00"), value};
    return aigov__hmac(ctx, (aigov_span){(const char *)key, AIGOV__KEY}, part,
                       3, mac, err);
}

static aigov_status hash_of(struct aigov__keyed *k,
                            const aigov__redaction_key *key, const char *entity,
                            aigov_span value, uint8_t mac[AIGOV_HASH_LEN],
                            aigov_error *err)
{
    uint8_t own[AIGOV__KEY];
    aigov_status st =
        aigov__key_for(k->ctx, key, AIGOV__FOR_HASH, NULL, 0, own, err);
    if (st == AIGOV_OK) {
        st = mac_of(k->ctx, own, entity, value, mac, err);
    }
    aigov_wipe(own, sizeof own);
    return st;
}

/* What a value is known by: in its one spelling, but for what was decoded. */
static bool put_value(struct aigov__keyed *k, const aigov_finding *f,
                      aigov_span value)
{
    k->normal.n = 0;
    return (f->why & AIGOV_WHY_ENCODED) != 0
               ? aigov_buf_put(&k->normal, value.p, value.n)
               : aigov__put_normal(k, f->detector->entity, value);
}

static bool put_form(const char *entity, const char *id,
                     const uint8_t mac[AIGOV_HASH_LEN], aigov_buf *out)
{
    return aigov_buf_puts(out, "[") && aigov_buf_puts(out, entity) &&
           aigov_buf_puts(out, ":") && aigov_buf_puts(out, id) &&
           aigov_buf_puts(out, ":") &&
           aigov_buf_put_hex(out, mac, HASH_BYTES) && aigov_buf_puts(out, "]");
}

bool aigov__hold(struct aigov__keyed *k, aigov_span token, aigov_span value)
{
    void *p = k->held;
    size_t at = k->text.n;
    if (k->n == k->cap &&
        !aigov__grow(k->ctx, &p, &k->cap, sizeof *k->held, k->n + 8)) {
        return false;
    }
    k->held = p;
    if (!aigov_buf_put(&k->text, token.p, token.n) ||
        !aigov_buf_put(&k->text, value.p, value.n)) {
        return false;
    }
    k->held[k->n++] = (aigov__held){at, token.n, value.n};
    return true;
}

bool aigov__put_token(aigov__scan *s, const aigov_finding *f, aigov_span value,
                      uint8_t op, aigov_buf *out)
{
    const aigov__redaction_key *key = newest(s);
    struct aigov__keyed *k = aigov__keyed_of(s);
    const char *entity = f->detector->entity;
    uint8_t mac[AIGOV_HASH_LEN];
    size_t from = out->n;
    aigov_error err;
    if (k == NULL ||
        (op == AIGOV__OP_HASH
             ? hash_of(k, key, entity, value, mac, &err) != AIGOV_OK
             : (pseudonym_key(k, key, &err) != AIGOV_OK ||
                !put_value(k, f, value) ||
                mac_of(k->ctx, k->pseudonym, entity, aigov_buf_span(&k->normal),
                       mac, &err) != AIGOV_OK)) ||
        !put_form(entity, key->id, mac, out)) {
        return false;
    }
    return op != AIGOV__OP_VAULT || !k->holds ||
           aigov__hold(k, (aigov_span){out->p + from, out->n - from}, value);
}

/* --- fingerprints -------------------------------------------------------- */

aigov_status aigov__fingerprint(aigov_scanner *s, aigov_span text,
                                aigov_buf *out, aigov_error *err)
{
    const aigov__redaction_key *key = newest(s);
    struct aigov__keyed *k = s->keyed;
    aigov_span tenant = aigov_buf_span(&k->tenant);
    uint8_t own[AIGOV__KEY], mac[AIGOV_HASH_LEN];
    aigov_status st = aigov__key_for(k->ctx, key, AIGOV__FOR_FINGERPRINT,
                                     &tenant, 1, own, err);
    if (st == AIGOV_OK) {
        st = aigov__hmac(k->ctx, (aigov_span){(const char *)own, AIGOV__KEY},
                         &text, 1, mac, err);
    }
    aigov_wipe(own, sizeof own);
    if (st == AIGOV_OK &&
        !(aigov_buf_puts(out, key->id) && aigov_buf_puts(out, ":") &&
          aigov_buf_put_hex(out, mac, FINGERPRINT_BYTES))) {
        st = aigov__nomem(err);
    }
    return st;
}

aigov_status aigov__turn_key(aigov_scanner *s, uint8_t out[32],
                             aigov_error *err)
{
    struct aigov__keyed *k = s->keyed;
    aigov_span tenant = aigov_buf_span(&k->tenant);
    return aigov__key_for(k->ctx, newest(s), AIGOV__FOR_TURN, &tenant, 1, out,
                          err);
}

aigov_status aigov__keyed_mac(aigov_scanner *s, const aigov_span *part, int n,
                              uint8_t out[32], aigov_error *err)
{
    struct aigov__keyed *k = s->keyed;
    aigov_status st = pseudonym_key(k, newest(s), err);
    return st == AIGOV_OK ? aigov__hmac(k->ctx,
                                        (aigov_span){(const char *)k->pseudonym,
                                                     AIGOV__KEY},
                                        part, n, out, err)
                          : st;
}

bool aigov__is_token(const char *entity, aigov_span term)
{
    size_t n = strlen(entity), id = n + 2 + AIGOV__KEY_ID;
    uint8_t hash[HASH_BYTES];
    return term.n == id + 1 + 2 * HASH_BYTES + 1 && term.p[0] == '[' &&
           memcmp(term.p + 1, entity, n) == 0 && term.p[n + 1] == ':' &&
           term.p[n + 2] == 'k' && term.p[id] == ':' &&
           term.p[term.n - 1] == ']' &&
           aigov_hex_parse(
               (aigov_span){term.p + id + 1, (size_t)2 * HASH_BYTES}, hash,
               HASH_BYTES);
}

/* The token of k->normal under one key and no tenant, where the list has it. */
static bool list_has(struct aigov__keyed *k, const aigov__own *own,
                     const aigov__redaction_key *key, aigov_buf *token)
{
    uint8_t of[AIGOV__KEY], mac[AIGOV_HASH_LEN];
    const char *entity = own->info.entity;
    aigov_error err;
    bool ok = aigov__key_for(k->ctx, key, AIGOV__FOR_PSEUDONYM, NULL, 0, of,
                             &err) == AIGOV_OK &&
              mac_of(k->ctx, of, entity, aigov_buf_span(&k->normal), mac,
                     &err) == AIGOV_OK;
    aigov_wipe(of, sizeof of);
    token->n = 0;
    return ok && put_form(entity, key->id, mac, token) &&
           aigov__terms_has_value(&own->terms, aigov_buf_span(token), false);
}

/* Where memory runs out the value is on no list, so it is found. */
bool aigov__has_fingerprint(aigov__scan *s, const aigov__own *own,
                            aigov_span value)
{
    const aigov_keys *keys = &s->rules->keys;
    struct aigov__keyed *k = aigov__keyed_of(s);
    aigov_buf token;
    bool has = false;
    if (k == NULL) {
        return false;
    }
    k->normal.n = 0;
    aigov_buf_init(&token, s->ctx);
    if (aigov__put_normal(k, own->info.entity, value)) {
        for (size_t i = 0; i < keys->n && !has; i++) {
            has = list_has(k, own, &keys->key[i], &token);
        }
    }
    aigov_buf_free(&token);
    return has;
}
