/*
 * escape.c - undoing the escaped form of docs/formats.md section 5
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The reader of json.c writes the form; this gives the original bytes back.  A
 * string that stands for another value (U+241B '#' or 'j') gives its JSON text,
 * a repeated name ('=') the name.  A lone surrogate, which has no UTF-8, comes
 * back in the generalized form ED A0..BF 80..BF.
 */
#include "internal.h"

/* n lower-case hex digits at p; false where there are fewer. */
static bool hex(const char *p, const char *end, int n, uint32_t *v)
{
    *v = 0;
    if (end - p < n) {
        return false;
    }
    for (int i = 0; i < n; i++) {
        char c = p[i];
        if (c >= '0' && c <= '9') {
            *v = *v << 4 | (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            *v = *v << 4 | (uint32_t)(c - 'a' + 10);
        } else {
            return false;
        }
    }
    return true;
}

/* "=k:" of a repeated name; returns what follows, NULL where it is malformed.
 */
static const char *skip_repetition(const char *p, const char *end)
{
    const char *digits = p;

    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p > digits && p < end && *p == ':' ? p + 1 : NULL;
}

/*
 * What stands behind the escape character at *p.  Writes its bytes to out and
 * moves *p on; returns how many bytes, or -1.
 */
static int escape(const char **p, const char *end, char out[4])
{
    uint32_t v;
    int n;

    if (end - *p >= 3 && memcmp(*p, AIGOV__ESC, 3) == 0) {
        memcpy(out, AIGOV__ESC, 3);
        *p += 3;
        return 3;
    }
    char c = '\0';
    if (*p < end) {
        c = **p;
    }
    n = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 6 : 0;
    if (n == 0 || !hex(*p + 1, end, n, &v) || v > 0x10FFFF) {
        return -1;
    }
    *p += 1 + n;
    if (n == 2) {
        out[0] = (char)v;
        return 1;
    }
    return (int)aigov__utf8_encode(v, out);
}

static aigov_status malformed(aigov_error *err, const char *from, const char *p)
{
    return aigov_fail(err, AIGOV_ARG, (size_t)(p - from),
                      "malformed escape of the escaped form");
}

aigov_status aigov_unescape(aigov_ctx *ctx, aigov_span escaped, aigov_buf *out,
                            aigov_error *err)
{
    const char *p = escaped.p, *end = escaped.n == 0 ? p : p + escaped.n;
    size_t before = out->n;
    char bytes[4];

    (void)ctx;
    if (escaped.n >= 4 && memcmp(p, AIGOV__ESC, 3) == 0) {
        if (p[3] == '#' || p[3] == 'j') {
            p += 4;
        } else if (p[3] == '=') {
            p = skip_repetition(p + 4, end);
            if (p == NULL) {
                return malformed(err, escaped.p, escaped.p);
            }
        }
    }
    if (!aigov_buf_reserve(out, escaped.n)) {
        return aigov__nomem(err);
    }
    while (p != end) {
        if (end - p < 3 || memcmp(p, AIGOV__ESC, 3) != 0) {
            out->p[out->n++] = *p++;
            continue;
        }
        const char *at = p;
        p += 3;
        int n = escape(&p, end, bytes);
        if (n < 0) {
            out->n = before;
            return malformed(err, escaped.p, at);
        }
        memcpy(out->p + out->n, bytes, (size_t)n);
        out->n += (size_t)n;
    }
    return AIGOV_OK;
}
