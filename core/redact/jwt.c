/*
 * jwt.c - JSON Web Tokens (RFC 7519): signed (RFC 7515) and encrypted (RFC
 * 7516)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   header . payload [. signature]             base64url each, no padding
 *   header . key . iv . ciphertext . tag       key may be empty
 *
 * "eyJ" is base64url of {" at the beginning of a header, which is a JSON object
 * and must have a member "alg" (RFC 7515, 4.1.1; RFC 7516, 4.1.1).  That is
 * looked for in the first DECODED bytes, so that one test tells a token from
 * other JSON in base64.
 */
#include "token.h"

#define DECODED 384

int aigov__token_jwt(const aigov__scan *s, aigov__token *t);
int aigov__token_jwt_base64(const aigov__scan *s, aigov__token *t);

/* Decode n characters up to the first that is none of base64; at most DECODED
 * bytes.  Answers how many there are. */
static size_t decode(const char *p, size_t n, char out[DECODED])
{
    uint32_t bits = 0;
    size_t k = 0;
    int held = 0, v;
    for (size_t i = 0; i < n && k < DECODED; i++) {
        v = aigov__base64_value((unsigned char)p[i]);
        if (v < 0) {
            break;
        }
        bits = bits << 6 | (uint32_t)v;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[k++] = (char)(bits >> held & 0xFF);
        }
    }
    return k;
}

static bool names_alg(const char *p, size_t n)
{
    static const char alg[] = "\"alg\"";
    for (size_t i = 0; i + sizeof alg - 1 <= n; i++) {
        if (memcmp(p + i, alg, sizeof alg - 1) == 0) {
            return true;
        }
    }
    return false;
}

int aigov__token_jwt(const aigov__scan *s, aigov__token *t)
{
    char header[DECODED];
    size_t i = t->to, end = 0, from = t->from;
    while (!aigov__has(s, from, "eyJ")) { /* GitHub: ghs_<id>_eyJ... */
        from++;
    }
    if (aigov__at(s, i) != '.' ||
        !names_alg(header, decode(s->p + from, i - from, header))) {
        return AIGOV__TOKEN_NO;
    }
    for (int part = 2; part <= 5 && aigov__at(s, i) == '.'; part++) {
        size_t next = aigov__run_to(s, i + 1, AIGOV__TOKEN, AIGOV__TOKEN_MAX);
        if (next > i + 1) {
            end = next;
        } else if (part != 2) {
            break; /* the full stop of a sentence, or no signature */
        }
        i = next;
    }
    t->to = end;
    return end == 0 ? AIGOV__TOKEN_NO : AIGOV_WHY_VALIDATED;
}

/* A token in base64 once more, as in the data of a Kubernetes secret: a full
 * stop after a header that begins as an object. */
int aigov__token_jwt_base64(const aigov__scan *s, aigov__token *t)
{
    char once[DECODED], header[DECODED];
    size_t n = decode(s->p + t->from, t->to - t->from, once);
    if (memchr(once, '.', n) == NULL || decode(once, n, header) < 8 ||
        memcmp(header, "{\"", 2) != 0) {
        return AIGOV__TOKEN_NO;
    }
    return AIGOV_WHY_VALIDATED;
}
