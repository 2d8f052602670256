/*
 * hosts.c - content.hosts: the hosts of the URLs in a record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   scheme "://" [ user "@" ] host [ ":" port ]             RFC 3986 3.2
 *
 * Of the texts as they will be stored (texts.c), so that no fact keeps what was
 * replaced: an address in place of a name reads [IP_ADDRESS], as the text does.
 * ASCII letters are made small, a last dot goes.  JSON in a string may write a
 * slash as "\/".  A host that is longer than a name may be (RFC 1035 2.3.4)
 * comes out empty.
 */
#include "internal.h"

/* The bytes that a slash takes at i, 0: there is none. */
static size_t slash(aigov_span s, size_t i)
{
    size_t n = i < s.n && s.p[i] == '\\' ? 1 : 0;
    return i + n < s.n && s.p[i + n] == '/' ? n + 1 : 0;
}

static bool is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* What ends an authority, and what mostly encloses a URL. */
static bool ends_authority(unsigned char c)
{
    return c <= ' ' || c == 0x7F || strchr("/?#\\\"<>`^|{}", c) != NULL;
}

/* After "//" of a URL at or after *pos; false: there is none. */
static bool find_authority(aigov_span s, size_t *pos)
{
    while (*pos < s.n) {
        const char *colon = memchr(s.p + *pos, ':', s.n - *pos);
        size_t i, first, second;
        if (colon == NULL) {
            return false;
        }
        i = (size_t)(colon - s.p);
        first = slash(s, i + 1);
        second = first == 0 ? 0 : slash(s, i + 1 + first);
        *pos = i + 1;
        if (second != 0 && i > 0 && is_alnum((unsigned char)s.p[i - 1])) {
            *pos += first + second;
            return true;
        }
    }
    return false;
}

static bool in_host(unsigned char c)
{
    return is_alnum(c) || c >= 0x80 || c == '.' || c == '-' || c == '_' ||
           c == '~' || c == '%';
}

/* After the bracket that closes the one at i; i: none does. */
static size_t after_brackets(aigov_span s, size_t i, size_t end)
{
    size_t depth = 0;
    for (size_t k = i; k < end; k++) {
        if (s.p[k] == '[') {
            depth++;
        } else if (s.p[k] == ']' && --depth == 0) {
            return k + 1;
        }
    }
    return i;
}

/* Where the host ends that begins at i; what stands in brackets is part of it:
 * an IPv6 address, a placeholder. */
static size_t host_end(aigov_span s, size_t i, size_t end)
{
    while (i < end) {
        size_t next = s.p[i] == '[' ? after_brackets(s, i, end)
                                    : i + in_host((unsigned char)s.p[i]);
        if (next == i) {
            break;
        }
        i = next;
    }
    return i;
}

static void write_host(aigov_span host, char *out)
{
    size_t depth = 0;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        depth += c == '[' ? 1 : 0;
        out[i] =
            depth == 0 && c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        depth -= c == ']' ? 1 : 0;
    }
}

bool aigov__next_host(aigov_span text, size_t *pos, char out[AIGOV__HOST_LEN],
                      size_t *n)
{
    size_t from, end, to;
    do {
        if (!find_authority(text, pos)) {
            return false;
        }
        for (from = end = *pos;
             end < text.n && !ends_authority((unsigned char)text.p[end]);
             end++) {
            from = text.p[end] == '@' ? end + 1 : from;
        }
        *pos = end;
        to = host_end(text, from, end);
        while (to > from && text.p[to - 1] == '.') {
            to--;
        }
    } while (to == from);
    *n = to - from > AIGOV__HOST_LEN ? 0 : to - from;
    write_host((aigov_span){text.p + from, *n}, out);
    return true;
}
