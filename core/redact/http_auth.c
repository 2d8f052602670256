/*
 * http_auth.c - the value of an Authorization header
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   Authorization: Bearer 7Fjq...        RFC 6750
 *   Authorization: Basic YWRtaW46...     RFC 7617: base64 of user:password
 *   Authorization: token 38bb...         and other schemes of RFC 9110 11.4
 *   Authorization: 7Fjq...               none
 */
#include "assign.h"

/* Whether it decodes to printable text with a colon. */
static bool is_user_password(const aigov__scan *s, size_t from, size_t to)
{
    uint32_t bits = 0;
    int have = 0;
    bool colon = false;
    for (size_t i = from; i < to && s->p[i] != '='; i++) {
        int v = aigov__base64_value((unsigned char)s->p[i]);
        if (v < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)v) & 0xFFFFFF;
        have += 6;
        if (have >= 8) {
            unsigned c = bits >> (have -= 8) & 0xFF;
            if (c < 0x20) {
                return false;
            }
            colon |= c == ':';
        }
    }
    return colon;
}

/* The scheme at i: its length, 0 for none. */
static size_t scheme(const aigov__scan *s, size_t i)
{
    static const char *const schemes[] = {"bearer ",
                                          "basic ",
                                          "token ",
                                          "ssws ",
                                          "bot ",
                                          "apikey ",
                                          "api-key ",

                                          "jwt ",
                                          "negotiate ",
                                          "key ",
                                          "splunk ",
                                          "nrql ",
                                          "discogs ",
                                          "zoho-oauthtoken ",
                                          "sso-key ",
                                          "client-id ",
                                          "genie"
                                          "key "};
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++) {
        if (aigov__has_nocase(s, i, schemes[k])) {
            return strlen(schemes[k]);
        }
    }
    return 0;
}

void aigov__http_auth(aigov__scan *s, const aigov__literal *v)
{
    size_t n = scheme(s, v->from);
    bool basic = aigov__has_nocase(s, v->from, "basic ");
    unsigned detector = basic ? AIGOV__D_http_basic : AIGOV__D_http_bearer;
    aigov__literal c;
    if (!aigov__read_bare(s, v->from + n, &c) ||
        aigov__filler(s, c.from, c.to) ||
        (c.to - c.from > 4 && aigov__has(s, c.from, "http"))) {
        return;
    }
    if (basic && is_user_password(s, c.from, c.to)) {
        aigov__report(s, detector, c.from, c.to, 90, AIGOV_WHY_VALIDATED);
        s->secrets_done = c.to;
    } else if (aigov__random(s, c.from, c.to, n == 0 ? 16 : 8)) {
        aigov__secret(s, detector, c.from, c.to, 80);
    }
}
