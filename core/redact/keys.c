/*
 * keys.c - the file of redaction keys, and what is derived from a key
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov redaction keys 1
 *   # lines that begin with # and empty ones say nothing
 *   k7f3a91c2 <64 lower-case hex digits>     32 random bytes
 *   k19bc4f10 <64 lower-case hex digits>     the last is the newest
 *
 * The newest is what is written with, all are for restoring, so a key is
 * rotated by a line at the end.  An id is made of its key, so that a digit that
 * was changed, or half a line, is seen when the file is read.
 *
 *   root          HKDF-Extract(salt "aigov/v1 redaction", the 32 bytes)
 *   a key of use  HKDF-Expand(root, purpose || 0x00 || what it is for, 32)
 *   id            "k" and the first 4 bytes of the key of purpose "id", hex
 *
 * (RFC 5869).  What it is for is the tenant; nothing, for "id" and "hash"; and
 * what vault.c says, for "vault".
 */
#include "keys.h"

static const char magic[] = "aigov redaction keys 1";

static const char *const purposes[] = {
    [AIGOV__FOR_ID] = "id",
    [AIGOV__FOR_HASH] = "hash",
    [AIGOV__FOR_PSEUDONYM] = "pseudonym",
    [AIGOV__FOR_FINGERPRINT] = "fingerprint",
    [AIGOV__FOR_VAULT] = "vault",
    [AIGOV__FOR_TURN] = "turn",
};

aigov_status aigov__key_for(aigov_ctx *ctx, const aigov__redaction_key *key,
                            int purpose, const aigov_span *part, int n,
                            uint8_t out[AIGOV__KEY], aigov_error *err)
{
    aigov_span info[AIGOV__MAC_PARTS] = {aigov_str(purposes[purpose]),
                                         AIGOV_LIT("\x00")};

    for (int i = 0; i < n; i++) {
        info[i + 2] = part[i];
    }
    return aigov__hkdf_expand(ctx, key->root, info, n + 2, out, err);
}

const aigov__redaction_key *aigov__key_find(const aigov_keys *keys,
                                            aigov_span id)
{
    for (size_t i = 0; keys != NULL && i < keys->n; i++) {
        if (aigov_span_is(id, keys->key[i].id)) {
            return &keys->key[i];
        }
    }
    return NULL;
}

/* --- one key ------------------------------------------------------------- */

static aigov_status make_key(aigov_ctx *ctx, const uint8_t secret[AIGOV__KEY],
                             aigov__redaction_key *out, aigov_error *err)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t hash[AIGOV__KEY];
    aigov_status st = aigov__hkdf_extract(
        ctx, AIGOV_LIT("aigov/v1 redaction"),
        (aigov_span){(const char *)secret, AIGOV__KEY}, out->root, err);
    if (st == AIGOV_OK) {
        st = aigov__key_for(ctx, out, AIGOV__FOR_ID, NULL, 0, hash, err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    out->id[0] = 'k';
    for (size_t i = 0; i < 4; i++) {
        out->id[1 + 2 * i] = digit[hash[i] >> 4];
        out->id[2 + 2 * i] = digit[hash[i] & 15];
    }
    out->id[AIGOV__KEY_ID] = '\0';
    return AIGOV_OK;
}

aigov_status aigov_keys_make(aigov_ctx *ctx, bool first, aigov_buf *out,
                             aigov_error *err)
{
    uint8_t secret[AIGOV__KEY];
    aigov__redaction_key key;
    aigov_status st = aigov_random(ctx, secret, sizeof secret, err);
    if (st == AIGOV_OK) {
        st = make_key(ctx, secret, &key, err);
    }
    /* room for all at once: growing would leave a copy behind */
    if (st == AIGOV_OK &&
        !(aigov_buf_reserve(out, 128) &&
          (!first ||
           (aigov_buf_puts(out, magic) && aigov_buf_puts(out, "\n"))) &&
          aigov_buf_puts(out, key.id) && aigov_buf_puts(out, " ") &&
          aigov_buf_put_hex(out, secret, sizeof secret) &&
          aigov_buf_puts(out, "\n"))) {
        st = aigov__nomem(err);
    }
    aigov_wipe(secret, sizeof secret);
    aigov_wipe(&key, sizeof key);
    return st;
}

/* --- the file ------------------------------------------------------------ */

static aigov_status bad(size_t line, const char *why, aigov_error *err)
{
    return aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS, "key file, line %zu: %s",
                      line, why);
}

/* The next line, without its end. */
static bool next_line(aigov_span file, size_t *at, aigov_span *line)
{
    const char *end;
    if (*at >= file.n) {
        return false;
    }
    line->p = file.p + *at;
    end = memchr(line->p, '\n', file.n - *at);
    line->n = end == NULL ? file.n - *at : (size_t)(end - line->p);
    *at += line->n + 1;
    if (line->n > 0 && line->p[line->n - 1] == '\r') {
        line->n--;
    }
    return true;
}

static aigov_status read_key(aigov_keys *keys, aigov_span line, size_t number,
                             aigov_error *err)
{
    aigov_span id = {line.p, AIGOV__KEY_ID};
    uint8_t secret[AIGOV__KEY];
    aigov__redaction_key *key = &keys->key[keys->n];
    aigov_status st;
    if (line.n != AIGOV__KEY_ID + 1 + 2 * AIGOV__KEY ||
        line.p[AIGOV__KEY_ID] != ' ' ||
        !aigov_hex_parse(
            (aigov_span){line.p + AIGOV__KEY_ID + 1, (size_t)2 * AIGOV__KEY},
            secret, sizeof secret)) {
        return bad(number, "is no id, a space and 64 lower-case hex digits",
                   err);
    }
    if (keys->n == AIGOV__MAX_KEYS) {
        return bad(number, "there are 64 keys at most", err);
    }
    st = make_key(keys->ctx, secret, key, err);
    aigov_wipe(secret, sizeof secret);
    if (st == AIGOV_OK && !aigov_span_is(id, key->id)) {
        return bad(number,
                   "the key is not that of its id: something is "
                   "changed or missing",
                   err);
    }
    if (st == AIGOV_OK && aigov__key_find(keys, id) != NULL) {
        return bad(number, "a key of this id stands before", err);
    }
    keys->n += st == AIGOV_OK;
    return st;
}

static aigov_status read_file(aigov_keys *keys, aigov_span file,
                              aigov_error *err)
{
    size_t at = 0, number = 1;
    aigov_span line = AIGOV_ABSENT;
    aigov_status st = AIGOV_OK;
    if (!next_line(file, &at, &line) || !aigov_span_is(line, magic)) {
        bad(1, "is not \"aigov redaction keys 1\"", err);
        return aigov_hint(err, "aigov keygen --redaction FILE makes such a "
                               "file");
    }
    while (st == AIGOV_OK && next_line(file, &at, &line)) {
        number++;
        if (line.n > 0 && line.p[0] != '#') {
            st = read_key(keys, line, number, err);
        }
    }
    return st == AIGOV_OK && keys->n == 0 ? bad(number, "there is no key", err)
                                          : st;
}

aigov_status aigov_keys_read(aigov_ctx *ctx, aigov_span file, aigov_keys **out,
                             aigov_error *err)
{
    aigov_keys *keys = aigov_malloc(ctx, sizeof *keys);
    aigov_status st;
    if (keys == NULL) {
        return aigov__nomem(err);
    }
    keys->ctx = ctx;
    keys->n = 0;
    st = read_file(keys, file, err);
    if (st != AIGOV_OK) {
        aigov_keys_free(keys);
        return st;
    }
    *out = keys;
    return AIGOV_OK;
}

void aigov_keys_free(aigov_keys *keys)
{
    if (keys != NULL) {
        aigov_ctx *ctx = keys->ctx;
        aigov_wipe(keys, sizeof *keys);
        aigov_mfree(ctx, keys, sizeof *keys);
    }
}

const char *aigov_key_id(const aigov_keys *keys, size_t i)
{
    return keys != NULL && i < keys->n ? keys->key[keys->n - 1 - i].id : NULL;
}
