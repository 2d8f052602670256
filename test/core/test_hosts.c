/*
 * test_hosts.c - the hosts of the URLs in a text
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "tap.h"

#include "log/internal.h"
#include "text.h"

/* Hosts with a space after each; one that is too long is "!". */
static void hosts(aigov_span text, char out[512])
{
    char host[AIGOV__HOST_LEN];
    size_t pos = 0, at = 0, n;
    out[0] = '\0';
    while (aigov__next_host(text, &pos, host, &n) && at < 512) {
        at += (size_t)snprintf(out + at, 512 - at, "%.*s ", n == 0 ? 1 : (int)n,
                               n == 0 ? "!" : host);
    }
}

static void test_table(void)
{
    static const char *const row[][2] = {
        {"", ""},
        {"no link: none", ""},
        {"https://api.example.com", "api.example.com "},
        {"see HTTPS://Api.Example.COM./x?y", "api.example.com "},
        {"![x](https://evil.example/a.png?d=1)", "evil.example "},
        {"(https://a.example)", "a.example "},
        {"[https://a.example]", "a.example "},
        {"<https://a.example>,", "a.example "},
        {"https://a.example, and b://c.example:8080.", "a.example c.example "},
        {"https://good.example@evil.example/", "evil.example "},
        {"https://u:p@evil.example:443", "evil.example "},
        {"https://good.example\\@evil.example", "good.example "},
        {"https://good.example#@evil.example", "good.example "},
        {"https://good.example?@evil.example", "good.example "},
        {"https:\\/\\/json.example\\/x", "json.example "},
        {"http://10.0.0.1/", "10.0.0.1 "},
        {"http://[2001:DB8::1]:80/", "[2001:DB8::1] "},
        {"http://[IP_ADDRESS]:80/x", "[IP_ADDRESS] "},
        {"http://[[IP_ADDRESS]]/x", "[[IP_ADDRESS]] "},
        {"http://[PERSON:k5:0a].Example.org/", "[PERSON:k5:0a].example.org "},
        {"http://u:[SECRET]@a.example/", "a.example "},
        {"http://[open.example/", ""},
        {"http://b\xC3\xBC"
         "cher.example/",
         "b\xC3\xBC"
         "cher.example "},
        {"http://%65vil.example", "%65vil.example "},
        {"http:///x http:// http://@ ://a.example", ""},
        {"http:/a.example", ""},
        {"http:", ""},
        {"http:/", ""},
        {"http://", ""},
        {"a://b://c.example", "b "},
        {"https://r.example/?u=https://s.example/", "r.example s.example "},
    };
    char out[512];
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        aigov_span text = exact(aigov_str(row[i][0]));
        hosts(text, out);
        if (!ok(strcmp(out, row[i][1]) == 0, "hosts %zu: %s", i, row[i][0])) {
            show("got", aigov_str(out));
        }
        drop(text);
    }
}

static void test_length(void)
{
    char text[300], out[512];
    memcpy(text, "http://", 7);
    memset(text + 7, 'a', sizeof text - 7);
    aigov_span longest = exact((aigov_span){text, 7 + 253});
    hosts(longest, out);
    ok(strlen(out) == 254, "253 bytes are a host");
    drop(longest);
    aigov_span too_long = exact((aigov_span){text, 7 + 254});
    hosts(too_long, out);
    ok(strcmp(out, "! ") == 0, "254 are too long");
    drop(too_long);
}

int main(void)
{
    test_table();
    test_length();
    return done();
}
