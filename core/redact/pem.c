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
 * The block is found from its first dash to the last of its END line; where
 * that was cut off, to the end of the key material, at most MAX_BLOCK bytes.
 * Material is base64 in pieces of MIN_PIECE and more with a little between
 * them: line breaks, which may be written as \n, indentation, quotes and signs
 * that join lines in a program.  BEGIN without material is the name of the
 * format, in a program or in prose.
 *
 * Material holds no run of dashes, so no byte of it is read for two blocks.
 */
#include "token.h"

#define MAX_DASHES 64
#define MAX_BLOCK 65536
#define MAX_LABEL 40    /* between BEGIN and the dashes that follow it */
#define MIN_PIECE 24    /* base64 without a break, to be key material */
#define MAX_BREAK 64    /* bytes between two pieces */
#define MAX_HEADERS 512 /* bytes of "Proc-Type: ..." (RFC 1421) and such */
#define MAX_TAIL 128    /* from the last piece to END: a short line, a CRC */

static const unsigned base64 = AIGOV__ALNUM | AIGOV__BASE64;

/* RFC 7468 has five; more than MAX_DASHES are a line, and no one's key. */
static size_t skip_dashes(const aigov__scan *s, size_t i)
{
    size_t end = i + MAX_DASHES;
    while (i < end && aigov__at(s, i) == '-') {
        i++;
    }
    return i;
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

/* The end of the first piece that begins within reach bytes of i, or 0.  Where
 * a header stands in its place, reach is longer. */
static size_t next_piece(const aigov__scan *s, size_t i, size_t reach)
{
    for (size_t from = i; i < s->n && i - from < reach;) {
        size_t end = aigov__run_to(s, i, base64, MAX_BLOCK);
        if (end - i >= MIN_PIECE) {
            return end;
        }
        if (aigov__has(s, i, "--")) {
            return 0;
        }
        if (reach == MAX_BREAK && aigov__at(s, end) == ':') {
            reach = MAX_HEADERS;
        }
        i = end + 1;
    }
    return 0;
}

/* The end of the material that begins after i, or 0. */
static size_t material_end(const aigov__scan *s, size_t i)
{
    size_t from = i, end = next_piece(s, i, MAX_BREAK);
    if (end == 0 || aigov__variety(s, end - MIN_PIECE, end) < 2) {
        return 0;
    }
    while (end - from < MAX_BLOCK) {
        size_t k = end, limit = end + MAX_BREAK, piece;
        while (k < limit && k < s->n && !aigov__at_is(s, k, AIGOV__ALNUM) &&
               !aigov__has(s, k, "--")) {
            k += s->p[k] == '\\' ? 2 : 1; /* \r as two characters */
        }
        piece = k;
        k = aigov__run_to(s, k, base64, MAX_BLOCK);
        if (k - piece < MIN_PIECE) {
            break;
        }
        end = k;
    }
    return end;
}

/* The end of the line "-----END ...-----" soon after i, or i. */
static size_t end_line(const aigov__scan *s, size_t i)
{
    size_t k = i;
    while (k - i < MAX_TAIL && !aigov__has(s, k, "----")) {
        k++;
    }
    k = skip_dashes(s, k);
    k += aigov__at(s, k) == ' ';
    if (!aigov__has(s, k, "END ")) {
        return aigov__run_to(s, i, base64, MIN_PIECE);
    }
    k = aigov__run_to(s, k, AIGOV__UPPER | AIGOV__DIGIT | AIGOV__SPACE,
                      MAX_LABEL);
    return skip_dashes(s, k);
}

void aigov__on_dashes(aigov__scan *s, size_t i)
{
    size_t from = i, end;
    i = skip_dashes(s, i);
    from = i - from > 5 ? i - 5 : from;
    i = begin_line(s, aigov__at(s, i) == ' ' ? i + 1 : i);
    end = i == 0 ? 0 : material_end(s, i);
    if (end != 0) {
        aigov__report(s, AIGOV__D_private_key, from, end_line(s, end), 95,
                      AIGOV_WHY_VALIDATED);
    }
}

/* --- PuTTY --------------------------------------------------------------- */

void aigov__private_lines(aigov__scan *s, size_t colon)
{
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
    if (end >= from + MIN_PIECE) {
        aigov__report(s, AIGOV__D_private_key, from, end, 95, 0);
    }
}
