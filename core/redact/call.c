/*
 * call.c - passwords that are arguments of well-known calls
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   new NetworkCredential("user", "password")
 *   DriverManager.getConnection(url, "user", "password")
 *
 * From the quote of an argument at most two arguments back to the bracket; so
 * a list of n strings costs what its last three are long, for each.
 */
#include "assign.h"

#define MAX_ARGUMENT 96

/* Calls, and how many arguments stand before the password. */
static const struct call {
    const char *name;
    int before;
} calls[] = {
    {"NetworkCredential", 1},           /* .NET */
    {"DirectoryEntry", 2},              /* .NET */
    {"SqlCredential", 1},               /* .NET */
    {"PasswordAuthentication", 1},      /* java.net */
    {"getConnection", 2},               /* java.sql.DriverManager */
    {"UsernamePasswordCredentials", 1}, /* Apache HttpClient */
    {"BasicAWSCredentials", 1},         /* AWS SDK for Java */
    {"setBasicAuth", 1},                /* Spring */
    {"SetBasicAuth", 1},                /* Go net/http */
    {"basicAuth", 1},
    {"basic_auth", 1},                /* reqwest, Ruby */
    {"HTTPBasicAuth", 1},             /* Python requests */
    {"HttpAuthenticationFeature", 1}, /* Jersey */
    {"login", 1},                     /* Python smtplib, ftplib */
    {"mysqli", 2},                    /* PHP */
    {"mysqli_connect", 2},
    {"mysql_connect", 2},
    {"PDO", 2},
    {"ftp_login", 2},
    {"imap_open", 2},
    {"ldap_bind", 2},
    {"ssh2_auth_password", 2},
    {"oci_connect", 1},
};

static size_t skip_space_back(const aigov__scan *s, size_t i)
{
    size_t end = i;
    while (i > 0 && end - i < 40 && aigov__at_is(s, i - 1, AIGOV__SPACE)) {
        i--;
    }
    return i;
}

/* The start of the argument that ends before end: a string, or a name. */
static size_t argument_start(const aigov__scan *s, size_t end)
{
    size_t i = end;
    char quote = end > 0 ? s->p[end - 1] : 0;
    if (quote == '"' || quote == '\'') {
        for (i = end - 1; i > 0 && end - i < MAX_ARGUMENT; i--) {
            if (s->p[i - 1] == quote) {
                return i - 1;
            }
        }
        return end;
    }
    while (i > 0 && end - i < MAX_ARGUMENT &&
           (aigov__at_is(s, i - 1, AIGOV__TOKEN) || s->p[i - 1] == '$' ||
            s->p[i - 1] == '.')) {
        i--;
    }
    return i;
}

static bool takes_password(const aigov__scan *s, size_t bracket, int before)
{
    for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
        size_t n = strlen(calls[k].name);
        if (calls[k].before == before && bracket >= n &&
            aigov__has(s, bracket - n, calls[k].name) &&
            !aigov__word_before(s, bracket - n)) {
            return true;
        }
    }
    return false;
}

/* The comma stands before i, the value's quote at quote. */
void aigov__call_argument(aigov__scan *s, size_t i, size_t quote)
{
    static const aigov__named name = {.kind = AIGOV__N_PASSWORD};
    aigov__literal v;
    unsigned detector;
    for (int before = 1; before <= 2; before++) {
        size_t end = skip_space_back(s, i - 1);
        size_t start = argument_start(s, end);
        if (start == end) {
            return;
        }
        i = skip_space_back(s, start);
        if (i == 0 || (s->p[i - 1] != '(' && s->p[i - 1] != ',')) {
            return;
        }
        if (s->p[i - 1] == '(') {
            if (takes_password(s, i - 1, before) &&
                aigov__read_value(s, quote, false, &v) && v.quote != 0 &&
                aigov__judge(s, &name, &v, &detector) != 0) {
                aigov__secret(s, detector, v.from, v.to, 70);
            }
            return;
        }
    }
}
