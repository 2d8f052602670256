/*
 * ip.c - IP addresses
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   192.0.2.7   192.0.2.0/24                     dotted decimal
 *   2001:db8::8a2e:370:7334   ::ffff:192.0.2.7   RFC 4291 2.2, RFC 5952
 *   fe80::1%eth0   2001:db8::/32                 RFC 4007 11, RFC 4291 2.3
 *
 * A version number may look like IPv4: four small numbers, or what follows
 * "name/", need a word for an address (or stand alone).  A port is no part of
 * what is found.
 */
#include "internal.h"

#define BASE 65      /* stands by itself */
#define BASE_FIRM 80 /* even with "version" near */
#define BASE_WEAK 35 /* needs a word */
#define SMALL 30     /* numbers that versions are made of */

/* --- IPv4 ---------------------------------------------------------------- */

struct ipv4 {
    size_t to;
    uint8_t octet[4];
};

/* Read an octet without leading zeros at *i; -1: none. */
static int octet(const aigov__scan *s, size_t *i)
{
    size_t from = *i;
    int v = 0;
    while (aigov__at_is(s, *i, AIGOV__DIGIT) && *i - from < 4) {
        v = v * 10 + s->p[*i] - '0';
        ++*i;
    }
    return *i == from || v > 255 || (s->p[from] == '0' && *i - from > 1) ? -1
                                                                         : v;
}

static bool read_ipv4(const aigov__scan *s, size_t from, struct ipv4 *ip)
{
    ip->to = from;
    for (int k = 0; k < 4; k++) {
        int v;
        if (k > 0 && aigov__at(s, ip->to++) != '.') {
            return false;
        }
        v = octet(s, &ip->to);
        if (v < 0) {
            return false;
        }
        ip->octet[k] = (uint8_t)v;
    }
    return true;
}

/* Whether an address that ends at i may end there. */
static bool may_end(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i);
    return !aigov__word_at(s, i) && c != '_' &&
           !((c == '.' || c == '-') && aigov__at_is(s, i + 1, AIGOV__ALNUM));
}

/* The end of "/nn" at i where it is a prefix length up to max, else i. */
static size_t prefix_length(const aigov__scan *s, size_t i, int max)
{
    size_t k = i + 1;
    int v = 0;
    if (aigov__at(s, i) != '/') {
        return i;
    }
    while (k < i + 4 && aigov__at_is(s, k, AIGOV__DIGIT)) {
        v = v * 10 + s->p[k++] - '0';
    }
    return k == i + 1 || v > max || aigov__word_at(s, k) ? i : k;
}

/* Private (RFC 1918) and loopback networks, and two numbers of a size that
 * versions do not have. */
static bool is_firm(const uint8_t *o)
{
    int large = 0;
    for (int k = 0; k < 4; k++) {
        large += o[k] >= 64;
    }
    return large >= 2 || o[0] == 127 || (o[0] == 172 && o[1] >> 4 == 1) ||
           (o[0] == 10 && (o[1] > SMALL || o[2] > SMALL || o[3] > SMALL));
}

static int ipv4_base(const aigov__scan *s, size_t from, const struct ipv4 *ip)
{
    unsigned char c = aigov__at(s, from - 1);
    const uint8_t *o = ip->octet;
    bool same = o[0] == o[1] && o[1] == o[2] && o[2] == o[3];
    if (from > 1 && (c == '/' || c == '-') &&
        aigov__at_is(s, from - 2, AIGOV__ALNUM)) {
        return is_firm(o) ? 50 : BASE_WEAK;
    }
    if (o[0] != 10 && !same && o[0] <= SMALL && o[1] <= SMALL &&
        o[2] <= SMALL && o[3] <= SMALL) {
        return BASE_WEAK;
    }
    return is_firm(o) ? BASE_FIRM : BASE;
}

void aigov__ipv4(aigov__scan *s, size_t from, size_t to)
{
    struct ipv4 ip;
    unsigned char c = aigov__at(s, from - 1);
    if (to - from > 3 || aigov__at(s, to) != '.' ||
        (from > 0 && (c == '.' || c == '_' || c == '%')) ||
        aigov__word_before(s, from) || !read_ipv4(s, from, &ip) ||
        !may_end(s, ip.to)) {
        return;
    }
    if (c == ',' && aigov__at_is(s, from - 2, AIGOV__DIGIT) && from > 1 &&
        aigov__at(s, ip.to) == ',') {
        return; /* 1,234.5.6.7, */
    }
    aigov__report(s, AIGOV__D_ip_address, from, prefix_length(s, ip.to, 32),
                  ipv4_base(s, from, &ip), 0);
}

/* --- IPv6 ---------------------------------------------------------------- */

struct ipv6 {
    size_t from, to;
    int groups;  /* of 16 bits that are written */
    bool gap;    /* :: */
    bool digit;  /* has a decimal digit */
    bool octets; /* every group has two digits, as in a MAC address */
};

/* The start of the text of an address whose first colon is at i; false where
 * the colon is not the first, or what stands before goes on. */
static bool ipv6_start(const aigov__scan *s, size_t colon, size_t *from)
{
    size_t i = colon;
    while (i > 0 && colon - i < 4 &&
           aigov__is_hex((unsigned char)s->p[i - 1])) {
        i--;
    }
    *from = i;
    if (i == colon && aigov__at(s, colon + 1) != ':') {
        return false;
    }
    return i == 0 || (s->p[i - 1] != ':' && s->p[i - 1] != '.' &&
                      !aigov__word_before(s, i));
}

/* One group of up to four digits at a->to. */
static bool ipv6_group(const aigov__scan *s, struct ipv6 *a)
{
    size_t n = 0;
    while (n < 5 && aigov__is_hex(aigov__at(s, a->to + n))) {
        a->digit |= aigov__at_is(s, a->to + n, AIGOV__DIGIT);
        n++;
    }
    a->to += n;
    a->octets &= n == 2;
    a->groups++;
    return n > 0 && n < 5;
}

/* RFC 4291 2.2: eight groups, or fewer and one "::", the last two perhaps as
 * IPv4. */
static bool read_ipv6(const aigov__scan *s, struct ipv6 *a)
{
    struct ipv4 v4;
    a->to = a->from;
    a->octets = true;
    for (;;) {
        if (aigov__at(s, a->to) == ':' && aigov__at(s, a->to + 1) == ':') {
            if (a->gap) {
                return false;
            }
            a->gap = true;
            a->to += 2;
            if (!aigov__is_hex(aigov__at(s, a->to))) {
                break;
            }
        } else if (a->groups > 0) {
            if (aigov__at(s, a->to) != ':') {
                break;
            }
            a->to++;
        }
        if (a->groups <= 6 && read_ipv4(s, a->to, &v4)) {
            a->groups += 2;
            a->to = v4.to;
            a->octets = false;
            a->digit = true;
            break;
        }
        if (a->groups == 8 || !ipv6_group(s, a)) {
            return false;
        }
    }
    return a->gap ? a->groups <= 7 : a->groups == 8;
}

/* The end of "%zone" at i, else i. */
static size_t zone(const aigov__scan *s, size_t i)
{
    size_t k = i + 1;
    if (aigov__at(s, i) != '%') {
        return i;
    }
    while (k - i < 17 &&
           (aigov__at_is(s, k, AIGOV__TOKEN) ||
            (aigov__at(s, k) == '.' && aigov__at_is(s, k + 1, AIGOV__ALNUM)))) {
        k++;
    }
    return k == i + 1 ? i : k;
}

/* A slice x[::2], a scope a::b and a lone "::" look like addresses: the fewer
 * groups, the more has to speak for it. */
static int ipv6_base(const aigov__scan *s, const struct ipv6 *a, size_t to)
{
    bool slice = a->from > 1 && s->p[a->from - 1] == '[' &&
                 (aigov__word_before(s, a->from - 1) ||
                  aigov__at(s, a->from - 2) == ']');
    unsigned char before = aigov__at(s, a->from - 1);
    if (a->groups >= 3) {
        return a->digit ? 85 : BASE_WEAK;
    }
    if (a->groups == 0) { /* src=::, [::]:80 */
        return before == '=' ? 25 : before == '[' && !slice ? 45 : 0;
    }
    if (slice || before == ',') {
        return 0;
    }
    if (to > a->to || (before == '[' && aigov__at(s, to) == ']')) {
        return BASE_FIRM; /* a prefix length, a zone, in brackets */
    }
    if (a->digit && a->to - a->from > 6) {
        return BASE; /* 2001:db8:: */
    }
    if (a->groups == 1 && aigov__has(s, a->from, "::1")) {
        return 50;
    }
    return a->digit ? 25 : 20;
}

void aigov__ipv6(aigov__scan *s, size_t colon)
{
    struct ipv6 a = {0};
    size_t to;
    int base;
    if (!ipv6_start(s, colon, &a.from) || !read_ipv6(s, &a) ||
        (a.octets && !a.gap) || aigov__at(s, a.to) == ':' ||
        !may_end(s, a.to)) {
        return;
    }
    to = prefix_length(s, zone(s, a.to), 128);
    base = ipv6_base(s, &a, to);
    aigov__report(s, AIGOV__D_ip_address, a.from, to, base,
                  a.groups >= 4 ? AIGOV_WHY_VALIDATED : 0);
}
