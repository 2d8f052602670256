/*
 * url.c - URLs and the credentials in them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   scheme://user:PASSWORD@host/path?name=VALUE&...#...     RFC 3986
 *
 * Called at each ':'; what follows must be "//".  Found are
 *
 *   url_password      PASSWORD, and a user that is a token ("https://TOKEN@",
 *                     "https://TOKEN:x-oauth-basic@")
 *   url_secret_param  VALUE of a parameter whose name means a secret
 *   webhook_url       an address that whoever knows it may post to
 *   url               the URL, without what ends the sentence; soft
 *
 * A password may hold signs that RFC 3986 wants escaped, '@' and '#' too: the
 * last '@' before the path or the query ends it.  The user information ends at
 * the first '/', so no byte of it is read for two URLs; the rest is read once
 * (s->urls_done), up to MAX_URL bytes.
 */
#include "token.h"

#define MAX_SCHEME 24
#define MAX_USERINFO 512
#define MAX_URL 4096
#define MAX_NAME 40 /* of a parameter */

/* --- the parts ----------------------------------------------------------- */

static size_t scheme_from(const aigov__scan *s, size_t colon)
{
    size_t i = colon;
    while (i > 0 && colon - i < MAX_SCHEME) {
        unsigned char c = aigov__at(s, i - 1);
        if (!aigov__is(c, AIGOV__ALNUM) && c != '+' && c != '.' && c != '-') {
            break;
        }
        i--;
    }
    while (i < colon && !aigov__at_is(s, i, AIGOV__ALPHA)) {
        i++;
    }
    return i;
}

/* Bytes that cannot stand in a URL, or that mostly enclose one. */
static bool ends_url(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i);
    return c <= ' ' || c == 0x7F || c == '"' || c == '<' || c == '>' ||
           c == '`' || c == '\\' || c == '^' || c == '|' || c == '{' ||
           c == '}' || c == '\'';
}

static size_t url_end(const aigov__scan *s, size_t i)
{
    size_t limit = s->n - i > MAX_URL ? i + MAX_URL : s->n;
    while (i < limit && !ends_url(s, i)) {
        if (aigov__at_is(s, i, AIGOV__HIGH)) {
            if (!aigov__word_at(s, i)) {
                break;
            }
            i += aigov__utf8_length(s->p + i, s->p + s->n) - 1;
        }
        i++;
    }
    return i;
}

/* Without what belongs to the sentence: ".", ")," ...; a closing bracket stays
 * where the URL opens one. */
static size_t without_stops(const aigov__scan *s, size_t from, size_t end)
{
    while (end > from) {
        unsigned char c = aigov__at(s, end - 1);
        unsigned char open = c == ')' ? '(' : c == ']' ? '[' : 0;
        if (open != 0 && memchr(s->p + from, open, end - from) != NULL) {
            break;
        }
        if (open == 0 && c != '.' && c != ',' && c != ';' && c != ':' &&
            c != '!' && c != '?' && c != '*' && c != '_') {
            break;
        }
        end--;
    }
    return end;
}

/* --- user information ---------------------------------------------------- */

/* Where the user information ends that begins at i: the last '@' before a '/'
 * or '?', or i if there is none. */
static size_t userinfo_end(const aigov__scan *s, size_t i)
{
    size_t from = i, at = i;
    for (; i - from < MAX_USERINFO; i++) {
        unsigned char c = aigov__at(s, i);
        if (c == '@') {
            at = i;
        }
        if (c <= ' ' || c == '/' || c == '?' || c == '"' || c == '`' ||
            c == '<' || c == '>' || (c == '\'' && at > from)) {
            break;
        }
    }
    return at;
}

/* A user that is no name: long, random. */
static bool is_token(const aigov__scan *s, size_t from, size_t to)
{
    unsigned kinds = aigov__kinds(s, from, to);
    return to - from >= 20 && (kinds & AIGOV__DIGIT) != 0 &&
           (kinds & AIGOV__ALPHA) != 0 && aigov__variety(s, from, to) >= 4 &&
           aigov__run_to(s, from, AIGOV__TOKEN, 255) == to;
}

/* Passwords that say that the user is a token (GitHub). */
static bool is_no_password(const aigov__scan *s, size_t from, size_t at)
{
    return from == at || aigov__has(s, from, "x-oauth-basic@") ||
           aigov__has(s, from, "x-access-token@");
}

/* Sidekiq Pro: both halves of "cafebabe:deadbeef" are the customer's. */
static bool is_sidekiq(const aigov__scan *s, size_t from, size_t at)
{
    return at - from == 17 && (aigov__has(s, at + 1, "gems.contribsys.com") ||
                               aigov__has(s, at + 1, "enterprise.contribsys."));
}

static void userinfo(aigov__scan *s, size_t from, size_t at)
{
    const char *p = memchr(s->p + from, ':', at - from);
    size_t colon = p == NULL ? at : (size_t)(p - s->p);
    size_t password = colon < at ? colon + 1 : at;
    if (is_no_password(s, password, at)) {
        if (is_token(s, from, colon)) {
            aigov__report(s, AIGOV__D_url_password, from, colon, 80, 0);
        }
        return;
    }
    if (at - password < 3 || aigov__is_dummy(s, password, at)) {
        return;
    }
    if (is_sidekiq(s, from, at)) {
        password = from;
    }
    aigov__report(s, AIGOV__D_url_password, password, at, 80, 0);
}

/* --- parameters ---------------------------------------------------------- */

/* Names that mean a secret, by their end. */
static const char *const secret_names[] = {
    "token",      "secret",    "password",   "passwd",    "pwd",
    "passphrase", "apikey",    "api_key",    "api-key",   "accesskey",
    "access_key", "authkey",   "auth_key",   "signature", "secretkey",
    "secret_key", "sessionid", "session_id", "jwt",
};

/* Whole names, that mean other things too. */
static const char *const short_names[] = {"key", "sig", "auth", "code", "pass"};

/* Tokens that open nothing: of a page of results, against forgery. */
static const char *const open_names[] = {"page", "next", "sync",  "contin",
                                         "csrf", "xsrf", "cursor"};

static bool name_is(const aigov__scan *s, size_t from, size_t to,
                    const char *lower)
{
    return to - from == strlen(lower) && aigov__has_nocase(s, from, lower);
}

/* How long a value of a parameter of this name must be to be a secret; SIZE_MAX
 * where the name means none. */
static size_t least_value(const aigov__scan *s, size_t from, size_t to)
{
    for (size_t i = 0; i < sizeof open_names / sizeof *open_names; i++) {
        for (size_t k = from; k < to; k++) {
            if (aigov__has_nocase(s, k, open_names[i])) {
                return SIZE_MAX;
            }
        }
    }
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        size_t n = strlen(secret_names[i]);
        if (to - from >= n && name_is(s, to - n, to, secret_names[i])) {
            return 8;
        }
    }
    for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++) {
        if (name_is(s, from, to, short_names[i])) {
            return 16;
        }
    }
    return SIZE_MAX;
}

/* A value that may be a secret: long enough, and no words. */
static bool may_be_secret(const aigov__scan *s, size_t from, size_t to,
                          size_t least)
{
    const unsigned both = AIGOV__UPPER | AIGOV__LOWER;
    unsigned kinds = aigov__kinds(s, from, to);
    return to - from >= least && !aigov__is_dummy(s, from, to) &&
           aigov__variety(s, from, to) >= 4 &&
           ((kinds & AIGOV__DIGIT) != 0 ||
            ((kinds & both) == both && (kinds & AIGOV__MARK) == 0));
}

static void parameters(aigov__scan *s, size_t i, size_t end)
{
    while (i < end) {
        size_t name = i, equals, stop;
        while (i < end && s->p[i] != '=' && s->p[i] != '&' && s->p[i] != ';' &&
               s->p[i] != '#' && s->p[i] != '?') {
            i++;
        }
        equals = i++;
        if (equals >= end || s->p[equals] != '=') {
            continue;
        }
        while (i < end && s->p[i] != '&' && s->p[i] != '#') {
            i++;
        }
        stop = i++;
        if (stop - equals > 8 && equals - name <= MAX_NAME &&
            may_be_secret(s, equals + 1, stop, least_value(s, name, equals))) {
            aigov__report(s, AIGOV__D_url_secret_param, equals + 1, stop, 75,
                          0);
        }
    }
}

/* --- addresses that are secrets ------------------------------------------ */

static const struct hook {
    const char *host; /* or what it ends with, after a '.' */
    const char *path;
    uint8_t least; /* bytes that follow */
    bool whole;    /* the whole URL; else the next part of the path */
} hooks[] = {
    {"hooks.slack.com", "/services/", 20, true},
    {"hooks.slack.com", "/workflows/", 20, true},
    {"hooks.slack.com", "/triggers/", 20, true},
    {"discord.com", "/api/webhooks/", 60, true},
    {"discordapp.com", "/api/webhooks/", 60, true},
    {"outlook.office.com", "/webhook/", 60, true},
    {"outlook.office365.com", "/webhook/", 60, true},
    {"webhook.office.com", "/webhookb2/", 60, true},
    {"hooks.zapier.com", "/hooks/catch/", 8, true},
    {"open.feishu.cn", "/open-apis/bot/v2/hook/", 30, true},
    {"open.larksuite.com", "/open-apis/bot/v2/hook/", 30, true},
    {"events.pagerduty.com", "/integration/", 30, true},
    {"api.softlayer.com", "/soap/v3/", 60, false},
    {"api.softlayer.com", "/soap/v3.1/", 60, false},
    {"thingsboard.cloud", "/api/v1/", 20, false},
};

static bool host_ends(const aigov__scan *s, size_t from, size_t to,
                      const char *host)
{
    size_t n = strlen(host);
    return to - from >= n && aigov__has_nocase(s, to - n, host) &&
           (to - from == n || s->p[to - n - 1] == '.');
}

static void webhook(aigov__scan *s, size_t scheme, size_t host, size_t end)
{
    const char *slash = memchr(s->p + host, '/', end - host);
    size_t path = slash == NULL ? end : (size_t)(slash - s->p), rest;
    for (size_t i = 0; path < end && i < sizeof hooks / sizeof *hooks; i++) {
        const struct hook *h = &hooks[i];
        rest = path + strlen(h->path);
        if (rest >= end || end - rest < h->least ||
            !host_ends(s, host, path, h->host) ||
            !aigov__has(s, path, h->path)) {
            continue;
        }
        if (!h->whole) {
            slash = memchr(s->p + rest, '/', end - rest);
            end = slash == NULL ? end : (size_t)(slash - s->p);
        }
        if (aigov__variety(s, rest, end) >= 4 && end - rest >= h->least) {
            aigov__report(s, AIGOV__D_webhook_url, h->whole ? scheme : rest,
                          end, 90, 0);
        }
        return;
    }
}

/* --- the whole ----------------------------------------------------------- */

void aigov__url(aigov__scan *s, size_t colon)
{
    size_t scheme, host, at, end;
    const char *query;
    if (aigov__at(s, colon + 1) != '/' || aigov__at(s, colon + 2) != '/') {
        return;
    }
    scheme = scheme_from(s, colon);
    if (colon - scheme < 2) {
        return;
    }
    host = colon + 3;
    at = userinfo_end(s, host);
    if (at > host) {
        userinfo(s, host, at);
        host = at + 1;
    }
    if (colon < s->urls_done) {
        return;
    }
    end = without_stops(s, host, url_end(s, host));
    if (end <= host) {
        return;
    }
    s->urls_done = end;
    aigov__report(s, AIGOV__D_url, scheme, end, 80, 0);
    webhook(s, scheme, host, end);
    query = memchr(s->p + host, '?', end - host);
    if (query == NULL) {
        query = memchr(s->p + host, '#', end - host);
    }
    if (query != NULL) {
        parameters(s, (size_t)(query - s->p) + 1, end);
    }
}
