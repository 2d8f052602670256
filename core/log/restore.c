/*
 * restore.c - a text with the values of its tokens put back
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   wanted    the tokens that the text has, sorted, each once
 *   values    of those that an entry of the interaction holds (vault.c)
 *
 * What is decrypted is what the text asks for, and nothing of it is given where
 * anything is not as it was written: the content is first held against the
 * entry's commitment, and then each ciphertext against what it is bound to.
 */
#include "internal.h"

#include "../redact/keys.h"

#define MAX_TOKEN 80    /* [ENTITY:key:hash] */
#define MAX_WRITTEN 160 /* bytes of one, with spaces and backslashes in it */

typedef struct wanted {
    char token[MAX_TOKEN];
    size_t n;
    bool known;
    size_t at, value; /* in values: offset, bytes */
} wanted;

struct aigov_restore {
    aigov_ctx *ctx;
    const aigov_keys *keys;
    aigov_span text;
    char interaction[AIGOV_UUID_LEN];
    wanted *want;
    size_t n, cap;
    aigov_buf values;
};

/* --- tokens in the text -------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static char lower(char c)
{
    return is_upper(c) ? (char)(c | 32) : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c & ~32) : c;
}

/* "[ENTITY:" at the start of s; its length, or 0. */
static size_t entity_part(aigov_span s)
{
    size_t i = 1;
    while (i < s.n && (is_upper(s.p[i]) || is_digit(s.p[i]) || s.p[i] == '_')) {
        i++;
    }
    return i > 2 && i < s.n && s.p[i] == ':' ? i + 1 : 0;
}

static bool has_form(aigov_span token)
{
    size_t at = entity_part(token);
    uint8_t hash[8];
    return at != 0 && token.n == at + AIGOV__KEY_ID + 1 + 16 + 1 &&
           token.p[at] == 'k' && token.p[at + AIGOV__KEY_ID] == ':' &&
           aigov_hex_parse((aigov_span){token.p + at + AIGOV__KEY_ID + 1, 16},
                           hash, sizeof hash);
}

/* The token that is written at p, whose first byte is '['; returns how many
 * bytes it takes there, or 0. */
static size_t token_at(const char *p, size_t left, char out[MAX_TOKEN],
                       size_t *n)
{
    size_t end = left < MAX_WRITTEN ? left : MAX_WRITTEN;
    bool entity = true;
    *n = 0;
    for (size_t i = 0; i < end && *n < MAX_TOKEN; i++) {
        if (p[i] == ' ' || p[i] == '\\') {
            continue;
        }
        entity = entity && p[i] != ':';
        out[(*n)++] = entity ? upper(p[i]) : lower(p[i]);
        if (p[i] == ']') {
            return has_form((aigov_span){out, *n}) ? i + 1 : 0;
        }
    }
    return 0;
}

/* The next token from *at on; its bytes are [*from, *at) of the text. */
static bool next_token(aigov_span text, size_t *at, size_t *from,
                       char out[MAX_TOKEN], size_t *n)
{
    while (*at < text.n) {
        const char *p = memchr(text.p + *at, '[', text.n - *at);
        size_t used;
        if (p == NULL) {
            break;
        }
        *from = (size_t)(p - text.p);
        used = token_at(p, text.n - *from, out, n);
        *at = *from + (used == 0 ? 1 : used);
        if (used != 0) {
            return true;
        }
    }
    return false;
}

static int compare(aigov_span a, aigov_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = memcmp(a.p, b.p, n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int order(const void *a, const void *b, void *host)
{
    const wanted *x = a, *y = b;
    (void)host;
    return compare((aigov_span){x->token, x->n}, (aigov_span){y->token, y->n});
}

static wanted *find(aigov_restore *r, aigov_span token)
{
    size_t low = 0, high = r->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int o =
            compare((aigov_span){r->want[mid].token, r->want[mid].n}, token);
        if (o == 0) {
            return &r->want[mid];
        }
        low = o < 0 ? mid + 1 : low;
        high = o < 0 ? high : mid;
    }
    return NULL;
}

static bool want_one(aigov_restore *r, const char *token, size_t n)
{
    void *p = r->want;
    if (r->n == r->cap &&
        !aigov__grow(r->ctx, &p, &r->cap, sizeof *r->want, r->n + 8)) {
        return false;
    }
    r->want = p;
    r->want[r->n] = (wanted){.n = n};
    memcpy(r->want[r->n++].token, token, n);
    return true;
}

static bool want_all(aigov_restore *r)
{
    char token[MAX_TOKEN];
    size_t at = 0, from, n, kept = 0;
    while (next_token(r->text, &at, &from, token, &n)) {
        if (!want_one(r, token, n)) {
            return false;
        }
    }
    aigov__sort(r->want, r->n, sizeof *r->want, order, NULL);
    for (size_t i = 0; i < r->n; i++) {
        if (kept == 0 || order(&r->want[kept - 1], &r->want[i], NULL) != 0) {
            r->want[kept++] = r->want[i];
        }
    }
    r->n = kept;
    return true;
}

aigov_status aigov_restore_new(aigov_ctx *ctx, const aigov_keys *keys,
                               aigov_span interaction, aigov_span text,
                               aigov_restore **out, aigov_error *err)
{
    aigov_restore *r;
    if (interaction.n != AIGOV_UUID_LEN) {
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                          "an interaction is a UUID");
    }
    r = aigov_malloc(ctx, sizeof *r);
    if (r == NULL) {
        return aigov__nomem(err);
    }
    memset(r, 0, sizeof *r);
    r->ctx = ctx;
    r->keys = keys;
    r->text = text;
    memcpy(r->interaction, interaction.p, AIGOV_UUID_LEN);
    aigov_buf_init(&r->values, ctx);
    if (!want_all(r)) {
        aigov_restore_free(r);
        return aigov__nomem(err);
    }
    *out = r;
    return AIGOV_OK;
}

void aigov_restore_free(aigov_restore *r)
{
    if (r == NULL) {
        return;
    }
    if (r->values.p != NULL) {
        aigov_wipe(r->values.p, r->values.n);
    }
    aigov_buf_free(&r->values);
    if (r->want != NULL) {
        aigov_mfree(r->ctx, r->want, r->cap * sizeof *r->want);
    }
    aigov_mfree(r->ctx, r, sizeof *r);
}

/* --- values of an entry -------------------------------------------------- */

static bool is_of(const aigov_restore *r, const aigov_entry *e)
{
    aigov_span own = e->interaction.p != NULL ? e->interaction : e->id;
    return own.n == AIGOV_UUID_LEN &&
           memcmp(own.p, r->interaction, AIGOV_UUID_LEN) == 0;
}

static aigov_status changed(const aigov_entry *e, aigov_error *err)
{
    aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
               "the content of entry %.*s is not what was written",
               (int)e->id.n, e->id.p);
    return aigov_hint(err, "verify says what else was changed");
}

static aigov_status check_content(aigov_restore *r, const aigov_entry *e,
                                  const aigov_content *c, aigov_error *err)
{
    uint8_t have[AIGOV_HASH_LEN];
    aigov_status st;
    if (c->salt.n != 32 || e->commitment.n != sizeof have) {
        return changed(e, err);
    }
    st = aigov_commitment(r->ctx, (const uint8_t *)c->salt.p, c->body, have,
                          err);
    return st == AIGOV_OK && memcmp(have, e->commitment.p, sizeof have) != 0
               ? changed(e, err)
               : st;
}

static aigov_status take(aigov_restore *r, wanted *w, const aigov_content *c,
                         aigov_span tenant, aigov_span hex, aigov_error *err)
{
    size_t at = r->values.n;
    aigov_status st =
        aigov__vault_open(r->ctx, r->keys, (const uint8_t *)c->salt.p,
                          (aigov_span){r->interaction, AIGOV_UUID_LEN}, tenant,
                          (aigov_span){w->token, w->n}, hex, &r->values, err);
    if (st == AIGOV_OK) {
        w->known = true;
        w->at = at;
        w->value = r->values.n - at;
    }
    return st;
}

static aigov_status take_wanted(aigov_restore *r, const aigov_json *j,
                                const aigov_content *c, aigov_span tenant,
                                aigov_error *err)
{
    uint32_t vault = j->node[0].type == AIGOV_JSON_OBJECT
                         ? aigov_json_get(j, 0, "vault")
                         : 0;
    aigov_status st = AIGOV_OK;
    if (vault == 0 || j->node[vault].type != AIGOV_JSON_OBJECT) {
        return AIGOV_OK;
    }
    for (uint32_t i = vault + 1; i < j->node[vault].next && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        wanted *w = find(r, aigov__text(j, i));
        if (w != NULL && !w->known &&
            j->node[i + 1].type == AIGOV_JSON_STRING) {
            st = take(r, w, c, tenant, aigov__text(j, i + 1), err);
        }
    }
    return st;
}

/* Body, for the tenant, stays read while its text is in use. */
static aigov_status read_both(aigov_restore *r, aigov_json *body,
                              aigov_json *content, const aigov_entry *e,
                              const aigov_content *c, aigov_error *err)
{
    uint32_t node;
    aigov_span tenant = AIGOV_ABSENT;
    aigov_status st = aigov_json_read(body, AIGOV_JSON_CONTENT, e->body, err);
    if (st == AIGOV_OK) {
        st = aigov_json_read(content, AIGOV_JSON_CONTENT, c->body, err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    node = body->node[0].type == AIGOV_JSON_OBJECT
               ? aigov_json_get(body, 0, "tenant")
               : 0;
    if (node != 0 && body->node[node].type == AIGOV_JSON_STRING) {
        tenant = aigov__text(body, node);
    }
    return take_wanted(r, content, c, tenant, err);
}

aigov_status aigov_restore_add(aigov_restore *r, const aigov_entry *e,
                               const aigov_content *c, aigov_error *err)
{
    aigov_json body = {.ctx = r->ctx}, content = {.ctx = r->ctx};
    aigov_status st;
    if (r->n == 0 || !is_of(r, e) ||
        memmem(c->body.p, c->body.n, "\"vault\":{", 9) == NULL) {
        return AIGOV_OK;
    }
    st = check_content(r, e, c, err);
    if (st == AIGOV_OK) {
        st = read_both(r, &body, &content, e, c, err);
    }
    aigov_json_free(&body);
    aigov_json_free(&content);
    return st;
}

/* --- the text ------------------------------------------------------------ */

aigov_status aigov_restore_text(aigov_restore *r, aigov_buf *out,
                                size_t *restored, aigov_error *err)
{
    char token[MAX_TOKEN];
    size_t at = 0, from, n, copied = 0, before = out->n;
    bool ok = true;
    *restored = 0;
    while (ok && next_token(r->text, &at, &from, token, &n)) {
        const wanted *w = find(r, (aigov_span){token, n});
        if (w == NULL || !w->known) {
            continue;
        }
        ok = aigov_buf_put(out, r->text.p + copied, from - copied) &&
             aigov_buf_put(out, r->values.p + w->at, w->value);
        copied = at;
        ++*restored;
    }
    if (!ok || !aigov_buf_put(out, r->text.p + copied, r->text.n - copied)) {
        out->n = before;
        return aigov__nomem(err);
    }
    return AIGOV_OK;
}
