/*
 * assign.c - what is assigned to a name that means a secret
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   name = value         = := ::= ?= .= += == != => -> : and the like, with
 *                        quotes, brackets and a type between them and the name
 *   "value" == name
 *   <name>value</name>   and <x name="name">value</x>
 *   name="NAME" value="value"
 *   f("NAME", "value")   define, setProperty, env ...
 *   name "value"         SQL, Gradle, IDENTIFIED BY 'value'
 *   name value           .netrc, prose: "the password is value"
 *
 * A name is read backwards from the sign (assign_name.c), and only where it
 * means a secret is the value read (assign_value.c).  A sign inside a value
 * that was read is passed over (secrets_done), so values are read once.
 */
#include "assign.h"

#define MAX_GAP 40 /* spaces between a name and its sign */
#define LINE 120   /* a header's name may be so far before a cookie */

static bool is_quote(unsigned char c)
{
    return c == '"' || c == '\'' || c == '`';
}

void aigov__secret(aigov__scan *s, unsigned detector, size_t from, size_t to,
                   int base)
{
    aigov__report(s, detector, from, to, base, 0);
    s->secrets_done = to > s->secrets_done ? to : s->secrets_done;
}

/* --- signs --------------------------------------------------------------- */

static size_t skip_space_back(const aigov__scan *s, size_t i)
{
    size_t end = i;
    while (i > 0 && end - i < MAX_GAP &&
           (s->p[i - 1] == ' ' || s->p[i - 1] == '\t')) {
        i--;
    }
    return i;
}

/* Where the operator begins whose last sign stands at i. */
static size_t operator_start(const aigov__scan *s, size_t i)
{
    size_t k = i;
    if (s->p[i] == '>') {
        return i - 1;
    }
    while (k > 0 && i - k < 3 && s->p[i] == '=' &&
           strchr(":=!?.+|~", s->p[k - 1]) != NULL && s->p[k - 1] != 0) {
        k--;
    }
    return k;
}

/* == != === !== */
static bool is_compared(const aigov__scan *s, size_t op, size_t sign)
{
    return sign > op && s->p[sign] == '=' &&
           (s->p[op] == '=' || s->p[op] == '!');
}

/* Whether the sign at i ends an operator that assigns or compares. */
static bool is_operator(const aigov__scan *s, size_t i)
{
    unsigned char c = (unsigned char)s->p[i], next = aigov__at(s, i + 1);
    unsigned char before = i > 0 ? aigov__at(s, i - 1) : 0;
    switch (c) {
    case ':':
        return next != ':' && next != '=' && before != ':' &&
               !(next == '/' && aigov__at(s, i + 2) == '/');
    case '=':
        return next != '=' && next != '>' && next != '~' && before != '<' &&
               before != '>';
    default:
        return (before == '=' || before == '-') && next != '=' && next != '>';
    }
}

/* Where a name ends that stands before `end`, inside quotes and brackets:
 * "name", ['name'], name[], name[32], **name**, \"name\". */
static size_t name_end(const aigov__scan *s, size_t end)
{
    size_t i = skip_space_back(s, end);
    if (aigov__ends_placeholder(s, i)) {
        return 0; /* [SECRET] is no name */
    }
    if (i > 0 && s->p[i - 1] == ']') {
        size_t k = i - 1;
        while (k > 0 && i - k < 8 && aigov__at_is(s, k - 1, AIGOV__DIGIT)) {
            k--;
        }
        i = k > 0 && s->p[k - 1] == '[' ? skip_space_back(s, k - 1) : i - 1;
    }
    for (int n = 0; n < 2 && i > 0 && is_quote((unsigned char)s->p[i - 1]);
         n++) {
        i--;
    }
    if (i > 0 && i < end && s->p[i - 1] == '\\') {
        i--;
    }
    while (i > 0 && end - i < MAX_GAP && s->p[i - 1] == '*') {
        i--;
    }
    return i;
}

/* Whether the name is preceded by a word that sets variables. */
static size_t before_setter(const aigov__scan *s, size_t i)
{
    static const char *const setter[] = {"export ", "set ", "env ", "arg "};
    for (size_t k = 0; k < sizeof setter / sizeof *setter; k++) {
        size_t n = strlen(setter[k]);
        if (i >= n && aigov__has_nocase(s, i - n, setter[k])) {
            return i - n;
        }
    }
    return i;
}

/* Whether the line holds only the assignment of name to v, or it is that of a
 * variable in a command: docker run -e NAME=value, NAME=value command. */
static bool is_line(const aigov__scan *s, const aigov__named *name,
                    const aigov__literal *v)
{
    size_t i = before_setter(s, name->from), k = v->to;
    size_t low = i > 16 ? i - 16 : 0;
    if (v->equals && i >= 3 && aigov__has(s, i - 3, "-e ")) {
        return true;
    }
    while (i > low && s->p[i - 1] != 0 &&
           strchr(" \t#;/-*$", s->p[i - 1]) != NULL) {
        i--;
    }
    while (k < s->n && k - v->to < 16 &&
           (s->p[k] == ' ' || s->p[k] == '\t' || s->p[k] == '\r')) {
        k++;
    }
    if (i > 0 && s->p[i - 1] != '\n') {
        return false;
    }
    return k >= s->n || s->p[k] == '\n' || s->p[k] == '#' ||
           aigov__has(s, k, "\\n") ||
           (v->equals && aigov__at_is(s, name->from, AIGOV__UPPER));
}

/* A detector that tells more than the name alone. */
static unsigned specify(const aigov__scan *s, unsigned detector, size_t sign,
                        const aigov__named *name)
{
    size_t i = skip_space_back(s, name->from);
    if (name->kind == AIGOV__N_SESSION) {
        return detector;
    }
    if (s->p[sign] == '=' && i > 0 && s->p[i - 1] == ';') {
        return AIGOV__D_connection_string;
    }
    if (s->p[sign] == ':' && aigov__has_nocase(s, name->from, "x-")) {
        return AIGOV__D_api_key_header;
    }
    return detector;
}

static void assign(aigov__scan *s, size_t sign, const aigov__named *name,
                   aigov__literal *v)
{
    unsigned detector = 0;
    int base;
    if (name->kind == AIGOV__N_AUTH) {
        aigov__http_auth(s, v);
        return;
    }
    v->line = v->quote == 0 && is_line(s, name, v);
    base = aigov__judge(s, name, v, &detector);
    if (name->kind == AIGOV__N_SESSION && base != 0 &&
        aigov__word_within(s, name->from, v->to, AIGOV__C_COOKIE, LINE, 0)) {
        base = 70; /* cookies may be many */
    }
    if (base != 0) {
        aigov__secret(s, specify(s, detector, sign, name), v->from, v->to,
                      base);
    } else if (v->to - v->from > 64) {
        s->secrets_done = v->to;
    }
}

/* value="..." after name="NAME": the name that the field before it holds. */
static bool other_field(const aigov__scan *s, aigov__named *name)
{
    size_t i = name->from, end = i;
    while (i > 0 && end - i < MAX_GAP &&
           (aigov__at_is(s, i - 1, AIGOV__SPACE) ||
            is_quote((unsigned char)s->p[i - 1]) || s->p[i - 1] == ',')) {
        i--;
    }
    return i < end && aigov__read_name(s, 0, i, name) &&
           name->kind != AIGOV__N_VALUE;
}

/* "value" == name */
static void compared(aigov__scan *s, size_t op, size_t sign)
{
    size_t end = skip_space_back(s, op) - 1, from = end, i = sign + 1;
    aigov__named name;
    aigov__literal v = {.quote = s->p[end], .to = end};
    while (aigov__at(s, i) == ' ') {
        i++;
    }
    while (aigov__at_is(s, i, AIGOV__TOKEN) || aigov__at(s, i) == '.') {
        i++;
        if (i - sign > 64) {
            return;
        }
    }
    if (!aigov__read_name(s, sign + 1, i, &name) ||
        name.kind == AIGOV__N_NONE) {
        return;
    }
    while (from > 0 && end - from < 128 && s->p[from - 1] != v.quote &&
           s->p[from - 1] != '\n') {
        from--;
    }
    if (from > 0 && s->p[from - 1] == v.quote && from < end) {
        v.from = from;
        assign(s, sign, &name, &v);
    }
}

/* <name>value</name> or <x name="name">value</x>; the sign closes the tag. */
static void tag(aigov__scan *s, size_t sign)
{
    size_t i = sign, end;
    aigov__named name;
    aigov__literal v;
    while (i > 0 && sign - i < 96 && s->p[i - 1] != '<' && s->p[i - 1] != '>' &&
           s->p[i - 1] != '\n') {
        i--;
    }
    if (i == 0 || i == sign || s->p[i - 1] != '<' ||
        !aigov__at_is(s, i, AIGOV__ALPHA)) {
        return;
    }
    for (end = i; end < sign && s->p[end] != ' '; end++) {
    }
    if (is_quote((unsigned char)s->p[sign - 1])) {
        end = sign - 1;
    }
    if (aigov__read_name(s, i, end, &name) && name.kind != AIGOV__N_NONE &&
        aigov__read_value(s, sign + 1, true, &v)) {
        assign(s, sign, &name, &v);
    }
}

/* "the key to the store is: x": a word of the context before "is". */
static bool name_far_off(aigov__scan *s, size_t is, aigov__named *name)
{
    *name = (aigov__named){.from = is};
    if (aigov__word_within(s, is, is, AIGOV__C_PASSWORD, 48, 0)) {
        name->kind = AIGOV__N_PASSWORD;
    } else if (aigov__word_within(s, is, is, AIGOV__C_SECRET, 48, 0)) {
        name->kind = AIGOV__N_SECRET;
    }
    return name->kind != AIGOV__N_NONE;
}

/* Whether a value may be that of a name that is far off. */
static bool is_far_value(const aigov__scan *s, const aigov__named *name,
                         const aigov__literal *v)
{
    return aigov__random(s, v->from, v->to,
                         name->kind == AIGOV__N_PASSWORD ? 8 : 16);
}

/* The name that ends before a sign: false where it means no secret. */
static bool name_before(aigov__scan *s, size_t end, aigov__named *name,
                        bool *far)
{
    size_t is;
    *far = false;
    if (aigov__says_is(s, end, &is) && is > 0) {
        end = skip_space_back(s, is); /* "the password is: x" */
        *far =
            !aigov__read_name(s, 0, end, name) || name->kind == AIGOV__N_NONE;
        return *far ? name_far_off(s, is, name) : name->kind <= AIGOV__N_KEY;
    }
    return aigov__read_name(s, 0, end, name) &&
           (name->kind != AIGOV__N_VALUE || other_field(s, name)) &&
           name->kind != AIGOV__N_NONE;
}

/* arn:aws:secretsmanager:eu:1:secret:x: one of the parts of a path. */
static bool is_part(const aigov__scan *s, size_t sign, const aigov__named *name,
                    const aigov__literal *v)
{
    return s->p[sign] == ':' && v->from == sign + 1 && v->quote == 0 &&
           name->from > 1 && s->p[name->from - 1] == ':' &&
           aigov__at_is(s, name->from - 2, AIGOV__ALNUM);
}

void aigov__assignment(aigov__scan *s, size_t sign)
{
    aigov__named name;
    aigov__literal v;
    size_t op, end;
    bool far;
    if (sign < s->secrets_done || sign == 0) {
        return;
    }
    if (!is_operator(s, sign)) {
        if (s->p[sign] == '>') {
            tag(s, sign);
        }
        return;
    }
    op = operator_start(s, sign);
    end = s->p[sign] == '=' ? skip_space_back(s, op) : 0;
    if (end > 0 && is_quote((unsigned char)s->p[end - 1]) &&
        is_compared(s, op, sign)) {
        compared(s, op, sign);
    }
    if (!name_before(s, name_end(s, op), &name, &far)) {
        return;
    }
    if (aigov__read_value(s, sign + 1, false, &v) &&
        !is_part(s, sign, &name, &v) && (!far || is_far_value(s, &name, &v))) {
        /* what a secret is compared with is one, be it a word */
        if (is_compared(s, op, sign) && v.quote != 0 &&
            name.kind == AIGOV__N_SECRET && end >= 6 &&
            aigov__has_nocase(s, end - 6, "secret")) {
            name.kind = AIGOV__N_PASSWORD;
        }
        assign(s, sign, &name, &v);
    }
}

/* --- quotes -------------------------------------------------------------- */

/* f("NAME", "value"): the comma stands before i.  False: no such name. */
static bool argument(aigov__scan *s, size_t i, size_t quote)
{
    aigov__named name;
    aigov__literal v;
    size_t end = skip_space_back(s, i - 1);
    if (end == 0 || !is_quote((unsigned char)s->p[end - 1]) ||
        !aigov__read_name(s, 0, end - 1, &name) || name.kind == AIGOV__N_NONE ||
        name.kind > AIGOV__N_KEY ||
        (name.from > 0 && !is_quote((unsigned char)s->p[name.from - 1])) ||
        !aigov__read_value(s, quote, false, &v)) {
        return false;
    }
    /* in a list of names only what looks random */
    if ((aigov__at(s, name.from - 2) == '(' && aigov__at(s, v.to + 1) == ')') ||
        (name.kind != AIGOV__N_KEY && aigov__random(s, v.from, v.to, 8))) {
        assign(s, quote, &name, &v);
    }
    return true;
}

/* The password ... is "value" */
static void said_to_be(aigov__scan *s, size_t is, size_t quote)
{
    static const aigov__named name = {.kind = AIGOV__N_PASSWORD};
    aigov__literal v;
    unsigned detector;
    if (aigov__word_within(s, is, is, AIGOV__C_PASSWORD, 48, 0) &&
        aigov__read_value(s, quote, false, &v) && v.quote != 0 &&
        aigov__judge(s, &name, &v, &detector) != 0) {
        aigov__secret(s, detector, v.from, v.to, 60);
    }
}

/* Whether the words before `end` say less without a sign: "pass" is a verb,
 * "identified by" an order only in SQL. */
static bool is_verb(const aigov__scan *s, const aigov__named *name, size_t end)
{
    size_t n = end - name->from;
    return (n == 4 && aigov__has_nocase(s, name->from, "pass")) ||
           (n == 2 && !aigov__has(s, end - 2, "BY"));
}

void aigov__quoted(aigov__scan *s, size_t quote)
{
    size_t i = skip_space_back(s, quote), from;
    aigov__named name;
    aigov__literal v;
    if (i == 0 || quote < s->secrets_done) {
        return;
    }
    if (s->p[i - 1] == '\n' || s->p[i - 1] == '\r') {
        for (from = i; from > 0 && i - from < MAX_GAP &&
                       aigov__at_is(s, from - 1, AIGOV__SPACE);
             from--) {
        }
        i = from > 0 && s->p[from - 1] == ',' ? from : i;
    }
    if (s->p[i - 1] == ',') {
        if (!argument(s, i, quote)) {
            aigov__call_argument(s, i, quote);
        }
        return;
    }
    if (i == quote ||
        !aigov__at_is(s, i - 1, AIGOV__ALPHA | AIGOV__HIGH | AIGOV__DIGIT)) {
        return;
    }
    if (aigov__says_is(s, i, &from)) {
        said_to_be(s, from, quote);
    } else if (aigov__read_name(s, 0, i, &name) && name.kind != AIGOV__N_NONE &&
               name.kind <= AIGOV__N_KEY && !is_verb(s, &name, i) &&
               aigov__read_value(s, quote, false, &v) && v.quote != 0) {
        assign(s, quote, &name, &v);
    }
}

/* --- prose and .netrc ---------------------------------------------------- */

/* The start of the value that a group of digits is in; the group's own start
 * where it is not the first with a digit, or a sign or quote stands there. */
static bool value_start(const aigov__scan *s, size_t from, size_t *start)
{
    size_t i = from;
    while (i > 0 && from - i < AIGOV__REACH &&
           !aigov__at_is(s, i - 1, AIGOV__SPACE)) {
        unsigned char c = (unsigned char)s->p[--i];
        if (c >= 0x80 && i >= 2 && aigov__at(s, i - 2) >= 0xE3) {
            /* Han, Kana, Hangul: no space between words */
            *start = i + 1;
            return true;
        }
        if (aigov__is(c, AIGOV__DIGIT) || is_quote(c) || c == '=' || c == ':' ||
            c == '<') {
            return false;
        }
    }
    *start = i;
    return i > 1 && aigov__at_is(s, i - 1, AIGOV__SPACE);
}

/* A PIN of a card or person, not of a chip: "my pin", "pin code". */
static bool is_own_pin(const aigov__scan *s, size_t end)
{
    return end < 3 || !aigov__has_nocase(s, end - 3, "pin") ||
           (end >= 6 && (aigov__has_nocase(s, end - 6, "my ") ||
                         aigov__has_nocase(s, end - 6, "ur ")));
}

/* A password right after its name, as in .netrc: not any word with a digit. */
static bool is_own_password(aigov__scan *s, const aigov__named *name,
                            const aigov__literal *v)
{
    if (aigov__random(s, v->from, v->to, 8)) {
        return true;
    }
    return memchr(s->p + v->from, '_', v->to - v->from) == NULL &&
           (is_line(s, name, v) ||
            aigov__word_within(s, name->from, v->to, AIGOV__C_LOGIN, 48, 0));
}

/* What prose says less clearly than a sign: base, or 0.  The name ends before
 * `end`; is: a word such as "is" stands between. */
static int judge_spoken(aigov__scan *s, const aigov__named *name, size_t end,
                        const aigov__literal *v, bool is, unsigned *detector)
{
    int base = aigov__judge(s, name, v, detector);
    bool number = true;
    for (size_t i = v->from; i < v->to; i++) {
        number &= aigov__at_is(s, i, AIGOV__DIGIT);
    }
    if (base == 0) {
        return 0;
    }
    if (name->kind == AIGOV__N_PIN || name->kind == AIGOV__N_OTP) {
        return is || is_own_pin(s, end) ? base : 0;
    }
    if (name->kind == AIGOV__N_PASSWORD) {
        if (number && aigov__at(s, v->to) == ' ') {
            return 0; /* 2048 bits */
        }
        return is || (!number && is_own_password(s, name, v)) ? base : 0;
    }
    return is || aigov__random(s, v->from, v->to, 16) ? base : 0;
}

void aigov__spoken(aigov__scan *s, size_t from, size_t to)
{
    aigov__named name;
    aigov__literal v = {0};
    unsigned detector;
    size_t start, end, word;
    bool is, near;
    int base;
    (void)to;
    if (from < s->secrets_done || !value_start(s, from, &start)) {
        return;
    }
    for (end = start; end > 0 && start - end < MAX_GAP &&
                      aigov__at_is(s, end - 1, AIGOV__SPACE);
         end--) {
    }
    if (end == 0 || !aigov__at_is(s, end - 1, AIGOV__ALPHA | AIGOV__HIGH)) {
        return;
    }
    is = aigov__says_is(s, end, &word);
    end = is ? skip_space_back(s, word) : end;
    near = aigov__read_name(s, 0, end, &name) && name.kind != AIGOV__N_NONE;
    if ((!near && (!is || !name_far_off(s, word, &name))) ||
        name.kind > AIGOV__N_APIKEY) {
        return;
    }
    is |= end == start;
    if ((!is && is_verb(s, &name, end)) || !aigov__read_bare(s, start, &v)) {
        return;
    }
    if (!near && !is_far_value(s, &name, &v)) {
        return;
    }
    base = judge_spoken(s, &name, end, &v, is, &detector);
    if (base != 0) {
        aigov__secret(s, detector, v.from, v.to, base);
    }
}

/* --- leaves of JSON ------------------------------------------------------ */

/* The kind of secret that the path of a leaf means. */
static uint8_t kind_of_path(aigov__scan *s)
{
    static const struct {
        uint8_t group, kind;
    } kinds[] = {
        {AIGOV__C_SECRET_ABOUT, AIGOV__N_NONE},
        {AIGOV__C_AUTHORIZATION, AIGOV__N_AUTH},
        {AIGOV__C_PASSWORD, AIGOV__N_PASSWORD},
        {AIGOV__C_SECRET, AIGOV__N_SECRET},
        {AIGOV__C_PIN, AIGOV__N_PIN},
    };
    const uint64_t *groups = aigov__path_groups(s);
    if ((groups[0] | groups[1] | groups[2] | groups[3]) == 0) {
        return AIGOV__N_NONE; /* as mostly */
    }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (aigov__path_has(s, kinds[k].group)) {
            return kinds[k].kind;
        }
    }
    return AIGOV__N_NONE;
}

/* The text is a leaf whose path means a secret: all of it is the value. */
void aigov__leaf(aigov__scan *s)
{
    aigov__named name = {0};
    aigov__literal v = {.to = s->n, .quote = '"'};
    unsigned detector;
    int base;
    if (!s->has_path || s->depth > 0 || s->n == 0 || s->n > AIGOV__MAX_SECRET) {
        return;
    }
    name.kind = kind_of_path(s);
    if (name.kind == AIGOV__N_AUTH) {
        aigov__http_auth(s, &v);
    } else if (name.kind != AIGOV__N_NONE) {
        base = aigov__judge(s, &name, &v, &detector);
        if (base != 0) {
            aigov__report(s, detector, 0, s->n, base, AIGOV_WHY_CONTEXT);
        }
    }
}
