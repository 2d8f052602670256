/*
 * pem.c - private keys in blocks
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   -----BEGIN [label ]PRIVATE KEY[ BLOCK]-----      RFC 7468, OpenSSH, RFC
 * 9580
 *   ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----       RFC 4716
 *   Private-Lines: n                                 PuTTY, n lines of base64
 *
 * The block is found from its first dash to the last of its END line, else to
 * the next run of dashes, else (the end was cut off) to the end of the text,
 * at most MAX_BLOCK bytes on.  Line breaks may be written as \n, and lines be
 * quoted and joined as in a program.  What follows BEGIN must be key material:
 * a name of the format in a program or in prose is none.
 *
 * A block ends at the next run of dashes, where the search for the next one
 * begins: no byte is looked at for two blocks.
 */
#include "token.h"

#define MAX_BLOCK 65536
#define MAX_LABEL 40  /* between BEGIN and the dashes that follow it */
#define MIN_BODY 24   /* base64 in one line, to be key material */
#define MAX_INDENT 64 /* bytes between BEGIN line and the first of the body */

static size_t skip_dashes(const aigov__scan *s, size_t i)
{
    while (aigov__at(s, i) == '-') {
        i++;
    }
    return i;
}

/* Where four dashes begin, from i on; s->n or the limit if nowhere. */
static size_t next_dashes(const aigov__scan *s, size_t i)
{
    size_t limit = s->n - i > MAX_BLOCK ? i + MAX_BLOCK : s->n;
    while (i < limit) {
        const char *p = memchr(s->p + i, '-', limit - i);
        if (p == NULL) {
            return limit;
        }
        i = (size_t)(p - s->p);
        if (aigov__has(s, i, "----")) {
            return i;
        }
        i++;
    }
    return limit;
}

/* The end of the line "BEGIN ... PRIVATE KEY ...-----" at i, or 0. */
static size_t begin_line(const aigov__scan *s, size_t i)
{
    bool is_private = false;
    size_t from = i;
    if (!aigov__has(s, i, "BEGIN ")) {
        return 0;
    }
    for (i += 6; i - from < MAX_LABEL; i++) {
        unsigned char c = aigov__at(s, i);
        if (c == 'P' && aigov__has(s, i, "PRIVATE KEY")) {
            is_private = true;
        }
        if (c == '-') {
            return is_private && aigov__at(s, i + 1) == '-' ? skip_dashes(s, i)
                                                            : 0;
        }
        if (!aigov__is(c, AIGOV__UPPER | AIGOV__DIGIT) && c != ' ') {
            return 0;
        }
    }
    return 0;
}

/* Whether key material begins soon after i: base64, or a header such as
 * "Proc-Type: 4,ENCRYPTED" (RFC 1421) or "Version: ..." (OpenPGP). */
static bool has_body(const aigov__scan *s, size_t i)
{
    const unsigned base64 = AIGOV__ALNUM | AIGOV__BASE64;
    for (size_t limit = i + MAX_INDENT; i < limit && i < s->n; i++) {
        size_t end;
        if (!aigov__at_is(s, i, AIGOV__ALNUM)) {
            continue;
        }
        end = aigov__run_to(s, i, base64, 128);
        if (end - i >= MIN_BODY) {
            return aigov__variety(s, i, end) >= 4;
        }
        if (aigov__has(s, i, "Proc-Type:") || aigov__has(s, i, "Version:") ||
            aigov__has(s, i, "Comment:") || aigov__has(s, i, "Subject:")) {
            return true;
        }
        i = end;
    }
    return false;
}

void aigov__on_dashes(aigov__scan *s, size_t i)
{
    size_t from = i, body, end;
    i = skip_dashes(s, i);
    from = i - from > 5 ? i - 5 : from;
    body = begin_line(s, aigov__at(s, i) == ' ' ? i + 1 : i);
    if (body == 0 || !has_body(s, body)) {
        return;
    }
    end = next_dashes(s, body);
    i = skip_dashes(s, end);
    i += aigov__at(s, i) == ' ';
    if (aigov__has(s, i, "END ")) {
        i = aigov__run_to(s, i, AIGOV__UPPER | AIGOV__DIGIT | AIGOV__SPACE,
                          MAX_LABEL);
        end = aigov__at(s, i) == '-' ? skip_dashes(s, i) : i;
    }
    aigov__report(s, AIGOV__D_private_key, from, end, 95, AIGOV_WHY_VALIDATED);
}

/* --- PuTTY --------------------------------------------------------------- */

void aigov__private_lines(aigov__scan *s, size_t colon)
{
    const unsigned base64 = AIGOV__ALNUM | AIGOV__BASE64;
    int lines = 0;
    size_t i = colon + 1, from, end = 0;
    if (!aigov__has(s, colon - 13, "Private-Lines")) {
        return;
    }
    i = aigov__run_to(s, i, AIGOV__SPACE, 4);
    while (aigov__at_is(s, i, AIGOV__DIGIT) && lines < 100) {
        lines = lines * 10 + (s->p[i++] - '0');
    }
    i = from = aigov__run_to(s, i, AIGOV__SPACE, 4);
    for (; lines > 0; lines--) {
        size_t stop = aigov__run_to(s, i, base64, 80);
        if (stop - i < 4) {
            break;
        }
        end = stop;
        i = aigov__run_to(s, stop, AIGOV__SPACE, 4);
    }
    if (end - from >= MIN_BODY && end > from) {
        aigov__report(s, AIGOV__D_private_key, from, end, 95, 0);
    }
}
