/*
 * option.c - credentials in options of command lines
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   curl -u user:password        --user, --proxy-user
 *   sshpass -p X, mysql -pX      a letter that means password to the tool
 *   --api-key X, -ClientSecret X a name that means a secret
 *
 * "--name=X" is an assignment and "--name 'X'" a quote after a name: assign.c.
 */
#include "assign.h"

#define COMMAND 120 /* bytes between a tool and its option */

/* Tools (context_assign.def), and the option after which they read a
 * password. */
static const struct tool {
    const char *option;
    uint8_t group;
    bool joined; /* the password follows without a space */
} tools[] = {
    {"p", AIGOV__C_TOOL_P, false},   /* sshpass, docker login */
    {"p", AIGOV__C_TOOL_PX, true},   /* mysql */
    {"pw", AIGOV__C_TOOL_PW, false}, /* plink */
    {"P", AIGOV__C_TOOL_UP, false},  /* sqlcmd, unzip */
    {"a", AIGOV__C_TOOL_A, false},   /* redis-cli */
    {"w", AIGOV__C_TOOL_W, false},   /* ldapsearch */
};

/* Whether a literal, long enough and not all alike. */
static bool is_literal(const aigov__scan *s, size_t from, size_t to)
{
    bool differs = false;
    for (size_t i = from + 1; i < to; i++) {
        differs |= s->p[i] != s->p[from];
    }
    return differs && to - from >= 4 && s->p[from] != '-' &&
           !aigov__filler(s, from, to);
}

/* user:password at i, in quotes or not: the whole is reported, as the option
 * takes it. */
static void user_password(aigov__scan *s, size_t dash, size_t i)
{
    char quote = 0;
    size_t from, to, colon, pass;
    if (aigov__at(s, i) == '"' || aigov__at(s, i) == '\'') {
        quote = s->p[i++];
    }
    for (to = from = i; to < s->n && to - from < 256; to++) {
        unsigned char c = (unsigned char)s->p[to];
        if (quote != 0 ? c == (unsigned char)quote : c <= ' ' || c == '\\') {
            break;
        }
    }
    for (colon = from; colon < to && s->p[colon] != ':'; colon++) {
    }
    if (colon >= to || memchr(s->p + from, '$', to - from) != NULL ||
        memchr(s->p + from, '{', to - from) != NULL) {
        return;
    }
    pass = colon + 1;
    if (pass < to && (s->p[pass] == '\'' || s->p[pass] == '"')) {
        pass++;
    }
    if ((pass == to ? aigov__random(s, from, colon, 8)
                    : is_literal(s, pass, to)) &&
        aigov__word_within(s, dash, dash, AIGOV__C_CURL, COMMAND, 0)) {
        /* a client's id is a hit of its own, which may be another's too */
        bool id = aigov__random(s, from, colon, 16);
        if (id) {
            aigov__report(s, AIGOV__D_curl_user, from, colon, 85, 0);
        }
        aigov__secret(s, AIGOV__D_curl_user, id ? pass : from, to, 85);
    }
}

/* -p X and the like, the option's letters at i. */
static void tool_password(aigov__scan *s, size_t dash, size_t i)
{
    for (size_t k = 0; k < sizeof tools / sizeof *tools; k++) {
        const struct tool *t = &tools[k];
        size_t from = i + strlen(t->option), to;
        if (s->p[i] != *t->option || !aigov__has(s, i, t->option) ||
            (aigov__at(s, from) == ' ') == t->joined) {
            continue;
        }
        from += t->joined ? 0 : 1;
        from += aigov__at(s, from) == '\'' || aigov__at(s, from) == '"';
        for (to = from; to < s->n && to - from < 128 &&
                        !aigov__at_is(s, to, AIGOV__SPACE) &&
                        s->p[to] != '\'' && s->p[to] != '"';
             to++) {
        }
        if (is_literal(s, from, to) &&
            aigov__word_within(s, dash, dash, t->group, COMMAND, 0)) {
            aigov__secret(s, AIGOV__D_command_password, from, to, 70);
            return;
        }
    }
}

/* --name X */
static void named(aigov__scan *s, size_t dash, size_t end)
{
    aigov__named name;
    aigov__literal v = {0};
    unsigned detector;
    int base;
    size_t i = end;
    while (aigov__at(s, i) == ' ' && i - end < 4) {
        i++;
    }
    if (!aigov__read_name(s, dash, end, &name) || name.kind == AIGOV__N_NONE ||
        name.kind > AIGOV__N_APIKEY ||
        !aigov__at_is(s, i, AIGOV__TOKEN | AIGOV__HIGH) ||
        !aigov__read_bare(s, i, &v)) {
        return;
    }
    /* a word alone is one where the command ends or goes on with an option */
    v.equals = v.line = v.to >= s->n || s->p[v.to] == '\n' ||
                        s->p[v.to] == '"' || aigov__has(s, v.to, " -") ||
                        aigov__has(s, v.to, " \\");
    base = aigov__judge(s, &name, &v, &detector);
    if (base != 0) {
        aigov__secret(s,
                      name.kind == AIGOV__N_PASSWORD
                          ? (unsigned)AIGOV__D_command_password
                          : detector,
                      v.from, v.to, base);
    }
}

void aigov__option(aigov__scan *s, size_t dash)
{
    size_t i = dash + 1, end;
    if (dash < s->secrets_done) {
        return;
    }
    i += aigov__at(s, i) == '-';
    if (!aigov__at_is(s, i, AIGOV__ALPHA)) {
        return;
    }
    for (end = i; end - i < 40 && aigov__at_is(s, end, AIGOV__TOKEN); end++) {
    }
    if (aigov__at(s, end) == ' ' &&
        (end - i == 1
             ? (s->p[i] | 0x20) == 'u'
             : aigov__has(s, i, "user ") || aigov__has(s, i, "proxy-user "))) {
        user_password(s, dash, end + 1);
    } else if (i == dash + 1 && (s->p[i] == 'p' || s->p[i] == 'a' ||
                                 s->p[i] == 'w' || s->p[i] == 'P')) {
        tool_password(s, dash, i);
    }
    if (end - i > 1 && aigov__at(s, end) == ' ') {
        named(s, dash, end);
    }
}
