/*
 * documents.h - documents made at random, the same for the same seed
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A document is made of pieces: the texts of all cases (cases.h), and small
 * things that have a meaning to some part of the scanner; of runs of one
 * alphabet; and of bytes at random.  Half of them are damaged afterwards.
 */
#ifndef AIGOV_TEST_DOCUMENTS_H
#define AIGOV_TEST_DOCUMENTS_H

#include <stdint.h>

#include "cases.h"

#include "aigov.h"

#define MAX_PIECES 16384
#define MAX_DOCUMENT (256 * 1024)

struct documents {
    char *piece[MAX_PIECES];
    size_t n[MAX_PIECES];
    size_t pieces;
    uint64_t state;
    char *p; /* the document */
    size_t size;
};

static inline uint32_t below(struct documents *d, uint32_t n)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 7;
    d->state ^= d->state << 17;
    return (uint32_t)(d->state >> 32) % n;
}

static inline void add_piece(struct documents *d, const char *p, size_t n)
{
    if (d->pieces < MAX_PIECES) {
        char *copy = malloc(n + 1);
        memcpy(copy, p, n);
        d->piece[d->pieces] = copy;
        d->n[d->pieces++] = n;
    }
}

static inline void add_case(void *host, const char *where, const char *wrong,
                            const struct test_case *c)
{
    (void)where;
    if (wrong == NULL) {
        add_piece(host, c->text, c->n);
    }
}

static inline void add_file(void *host, const char *file)
{
    each_case(file, add_case, host);
}

/* Pieces beyond the cases: fragments, what only looks like a value, and what
 * reaches far. */
static const char *const more_pieces[] = {
    "card 4012 8888 8888 1881",
    "jane.doe@acme.org",
    "ssn 536-22-1870",
    "password: hunter2hunter",
    "version 1.2.3.4",
    "[EMAIL_ADDRESS]",
    "-----BEGIN ",
    "PRIVATE KEY-----\n",
    "-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiJ9.",
    "https://user:secret99@host.example/x?token=",
    "amFuZS5kb2VAYWNtZS5vcmcgaXMgbXkgbWFpbA==",
    "6a616e652e646f654061636d652e6f7267206d61696c",
    "&#64;",
    "%40",
    "\\u0040",
    "\\n",
    "\\\\\\\"",
    " [at] ",
    " dot ",
    " at ",
    "\xE2\x80\x8B",
    "\xC2\xA0",
    "\xEF\xBC\x91",
    "\xD0\xB0",
    "\xE6\x9D\xB1\xE4\xBA\xAC",
    "\xC3\xA9",
    "\xFF",
    "\xE2\x80",
    "the quick brown fox jumps over the lazy dog, ",
    "\n\n",
    "{\"role\":\"user\",\"content\":\"",
    "\"},",
    "data: ",
    "= ",
    "'",
    "\"",
    "`",
    "id,name,phone,account number\n",
    "17;Kim;2025550143\n",
    "| a | phone | ssn |\n|---|---|---|\n",
    "| 1 | 2025550143 | 219099999 |\n",
    "1,Kim,2025550143,123456789012\n",
    "GB82 WEST 1234 5698 7654 32",
    "+49 30 901820",
    "192.168.10.20",
    "2001:db8::1",
    "1990-02-28",
    "AAAAAAAAAAAAAAAAAAAAAAAA",
    "----",
    "____",
    "====",
    "@@@@",
    "::::",
    "1 2 3 4 5 6 7 8 9",
    /* what reaches far */
    "averyverylonglocalpart.withoutanydigit.of.sixtyletters@acme.org",
    "\"s3cretValue-9911-long-enough-to-matter-for-it\" == api_secret",
    "if ('k9sJx81-QpzLm27-RtvWn64' == client_secret) {",
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    "password = \"Tr0ub4dor and 3 horses, all of them correct, with a "
    "battery and a staple, and many more words to make it long, so long "
    "that nobody would type it by hand even on the best of all days, and "
    "then some more of it; the quick brown fox did not jump over it\"",
    "<password>Tr0ub4dor-and-3-horses</password>",
    "536 22 1870 is my social security number",
    "536-22-1870 and 078-05-1111 are the ssn",
    "born on September 28, 1990 in",
    "date of birth: 28 September 1990",
    "4012 8888 8888 1881 was on the card",
    "AB 12 34 56 C is my nino",
    "12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12 34 56",
    "1 22 333 4444 1 22 333 4444 1 22 333 4444 1 22 333 4444 536-22-1870",
    "40 81 22 536 22 1870 7 8 1 40 81 22 536 22 1870 7 8 1 40 81 22 17 18",
    "curl -u admin:Tr0ub4dor3 https://host.example/",
    "Authorization: Basic YWRtaW46VHIwdWI0ZG9yMw==",
};

static inline void documents_start(struct documents *d)
{
    memset(d, 0, sizeof *d);
    d->state = 0x9E3779B97F4A7C15u;
    d->p = malloc(MAX_DOCUMENT);
    for (size_t i = 0; i < sizeof more_pieces / sizeof more_pieces[0]; i++) {
        add_piece(d, more_pieces[i], strlen(more_pieces[i]));
    }
    each_case_file(add_file, d);
}

static inline void documents_end(struct documents *d)
{
    for (size_t i = 0; i < d->pieces; i++) {
        free(d->piece[i]);
    }
    free(d->p);
}

static inline void put_bytes(struct documents *d, const char *p, size_t n)
{
    n = n > MAX_DOCUMENT - d->size ? MAX_DOCUMENT - d->size : n;
    memcpy(d->p + d->size, p, n);
    d->size += n;
}

static inline void put_run(struct documents *d)
{
    static const char *const alphabets[] = {
        "0123456789",
        "0123456789 -",
        "0123456789abcdef",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=",
        "abcdefghijklmnopqrstuvwxyz ",
        "@.:=->'\"\\&%;[]()",
    };
    const char *a = alphabets[below(d, 7)];
    uint32_t n = 1 + below(d, below(d, 8) == 0 ? 600 : 60);
    for (uint32_t i = 0; i < n; i++) {
        put_bytes(d, a + below(d, (uint32_t)strlen(a)), 1);
    }
}

static inline void put_base64(struct documents *d, const char *p, size_t n)
{
    static const char a[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)(uint8_t)p[i] << 16;
        v |= i + 1 < n ? (uint32_t)(uint8_t)p[i + 1] << 8 : 0;
        v |= i + 2 < n ? (uint32_t)(uint8_t)p[i + 2] : 0;
        char out[4] = {a[v >> 18], a[v >> 12 & 63],
                       i + 1 < n ? a[v >> 6 & 63] : '=',
                       i + 2 < n ? a[v & 63] : '='};
        put_bytes(d, out, 4);
    }
}

static inline void put_something(struct documents *d)
{
    static const char *const joins[] = {"",  " ", "\n", ", ", ": ",  "\t",
                                        " ", " ", "; ", "\"", " - ", "="};
    uint32_t what = below(d, 24), k = below(d, (uint32_t)d->pieces);
    const char *join = joins[below(d, 12)];
    if (what == 0) {
        put_run(d);
    } else if (what == 1) {
        put_base64(d, d->piece[k], d->n[k]);
    } else {
        put_bytes(d, d->piece[k], d->n[k]);
    }
    put_bytes(d, join, strlen(join));
}

static inline void damage(struct documents *d)
{
    for (uint32_t i = 1 + below(d, 4); i > 0 && d->size > 0; i--) {
        size_t at = below(d, (uint32_t)d->size);
        if (below(d, 2) == 0) {
            d->p[at] = (char)below(d, 256);
        } else {
            size_t n = 1 + below(d, 12);
            n = n > d->size - at ? d->size - at : n;
            memmove(d->p + at, d->p + at + n, d->size - at - n);
            d->size -= n;
        }
    }
}

/* The next document, of up to `max` somethings. */
static inline void next_document(struct documents *d, uint32_t max)
{
    d->size = 0;
    for (uint32_t i = below(d, max) + 1; i > 0; i--) {
        put_something(d);
    }
    if (below(d, 2) == 0) {
        damage(d);
    }
}

/* The text with each finding but the soft ones as [ENTITY]. */
static inline bool redacted(aigov_scanner *s, aigov_span t, aigov_buf *out)
{
    const aigov_finding *f;
    aigov_error err;
    size_t n, at = 0;
    bool good = aigov_scan(s, t, AIGOV_ABSENT, &f, &n, &err) == AIGOV_OK;
    for (size_t i = 0; good && i < n; i++) {
        if (f[i].detector->class_ != AIGOV_CLASS_SOFT) {
            good = aigov_buf_put(out, t.p + at, f[i].start - at) &&
                   aigov_buf_puts(out, "[") &&
                   aigov_buf_puts(out, f[i].detector->entity) &&
                   aigov_buf_puts(out, "]");
            at = f[i].stop;
        }
    }
    return good && aigov_buf_put(out, t.p + at, t.n - at);
}

#endif
