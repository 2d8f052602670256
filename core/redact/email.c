/*
 * email.c - addresses: aigov__on_at
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   local @ domain     RFC 5321 4.1.2, RFC 6531 (UTF-8), RFC 5890 (xn--)
 *
 * local    1 to 64 bytes: letters, digits, characters beyond ASCII and those
 *          signs of RFC 5322 atext that people use (. _ + - ' % ~ # $ ! *); or
 *          a quoted string.  It begins at a letter, a digit, _ or +.
 * domain   two labels and more, the last of letters; or [address].
 *
 * Things with '@' that are no address: pkg@1.2.3, name@2x.png, @decorator,
 * actions/checkout@v4, git@host:path, user@host:~$, scheme://user:pass@host.
 */
#include "internal.h"

#define MAX_LOCAL 64   /* RFC 5321 4.5.3.1.1 */
#define MAX_DOMAIN 255 /* RFC 5321 4.5.3.1.2 */
#define MAX_LABEL 63   /* RFC 1035 2.3.4 */

/* Endings that are names of files and no top-level domain. */
static const char *const file_types[] = {
    "png",  "jpg", "jpeg", "gif", "svg",  "webp", "bmp",     "ico",  "css",
    "js",   "jsx", "ts",   "tsx", "json", "xml",  "yml",     "yaml", "html",
    "htm",  "txt", "log",  "pdf", "exe",  "dll",  "jar",     "lock", "conf",
    "toml", "tgz", "gz",   "whl", "deb",  "rpm",  "service",
};

/* --- before the sign ----------------------------------------------------- */

/* Whether the byte at i may stand in a local part: the punctuation of
 * U+2000..206F, U+3000..303F and U+FF00..FF0F may not. */
static bool is_local(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i);
    return aigov__is(c, AIGOV__ALNUM | AIGOV__HIGH) ||
           (c != 0 && strchr("._+-'%~#$!*", c) != NULL);
}

/* Whether a character of punctuation beyond ASCII begins at i. */
static bool is_wide_sign(const aigov__scan *s, size_t i)
{
    unsigned char a = aigov__at(s, i), b = aigov__at(s, i + 1);
    return (a == 0xE2 && (b == 0x80 || b == 0x81)) ||
           (a == 0xE3 && b == 0x80) || (a == 0xEF && b == 0xBC) ||
           (a == 0xC2 && b < 0xC0);
}

/* Where the run of local characters that ends at `at` begins. */
static size_t local_run(const aigov__scan *s, size_t at)
{
    size_t i = at;
    while (i > 0 && at - i <= MAX_LOCAL && is_local(s, i - 1)) {
        if (is_wide_sign(s, i - 1)) {
            return i + 2 - (aigov__at(s, i - 1) == 0xC2);
        }
        if (aigov__at(s, i - 1) == '.' && aigov__at(s, i) == '.') {
            break;
        }
        i--;
    }
    return i;
}

/* Pass over signs that stand before an address: **a@b, 'a@b', $a@b; and over
 * Han, Kana or Hangul right before an ASCII address (no space between). */
static size_t trim_local(const aigov__scan *s, size_t i, size_t at)
{
    size_t ascii;
    while (i < at && !aigov__at_is(s, i, AIGOV__ALNUM | AIGOV__HIGH) &&
           s->p[i] != '_' && s->p[i] != '+') {
        i++;
    }
    for (ascii = i; ascii < at && (unsigned char)s->p[ascii] >= 0x80;) {
        ascii++;
    }
    return ascii > i && ascii < at && (unsigned char)s->p[i] >= 0xE3 ? ascii
                                                                     : i;
}

/* A quoted local part that ends before `at`, with \" in it or not; at where
 * there is none. */
static size_t quoted_local(const aigov__scan *s, size_t at)
{
    size_t i = at - 1;
    while (i > 0 && at - i <= MAX_LOCAL) {
        i--;
        if (s->p[i] == '\n') {
            return at;
        }
        if (s->p[i] == '"' && aigov__at(s, i - 1) != '\\') {
            return at - i > 2 ? i : at;
        }
    }
    return at;
}

/* Whether what ends before i makes the local part a password or a path:
 * scheme://user:password@host, @user@host. */
static bool is_authority(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i - 1);
    if (i == 0) {
        return false;
    }
    if (c == '@' || (c == '/' && aigov__at(s, i - 2) == '/')) {
        return true;
    }
    for (size_t k = i; c == ':' && k > 1 && i - k < AIGOV__REACH; k--) {
        if (aigov__is((unsigned char)s->p[k - 1], AIGOV__SPACE)) {
            return false;
        }
        if (s->p[k - 1] == '/') {
            return s->p[k - 2] == '/';
        }
    }
    return false;
}

static size_t find_local(const aigov__scan *s, size_t at)
{
    size_t from;
    if (at == 0) {
        return at;
    }
    if (s->p[at - 1] == '"') {
        return quoted_local(s, at);
    }
    from = local_run(s, at);
    if (at - from > MAX_LOCAL) {
        return at;
    }
    from = trim_local(s, from, at);
    if (from == at || aigov__at(s, at - 1) == '.' || is_authority(s, from)) {
        return at;
    }
    return from;
}

/* --- after the sign ------------------------------------------------------ */

static bool is_file_type(const aigov__scan *s, size_t from, size_t to)
{
    for (size_t k = 0; k < sizeof file_types / sizeof file_types[0]; k++) {
        if (strlen(file_types[k]) == to - from &&
            aigov__has_nocase(s, from, file_types[k])) {
            return true;
        }
    }
    return false;
}

/* Whether [from, to) may be a top-level domain. */
static bool is_top(const aigov__scan *s, size_t from, size_t to)
{
    if (to - from < 2 || is_file_type(s, from, to)) {
        return false;
    }
    if (aigov__has_nocase(s, from, "xn--")) {
        return true;
    }
    for (size_t i = from; i < to; i++) {
        if (!aigov__at_is(s, i, AIGOV__ALPHA | AIGOV__HIGH)) {
            return false;
        }
    }
    return true;
}

/* The end of the label that begins at i. */
static size_t label_end(const aigov__scan *s, size_t i)
{
    size_t from = i;
    while (i - from < MAX_LABEL + 1 &&
           (aigov__at_is(s, i, AIGOV__ALNUM) || aigov__at(s, i) == '-' ||
            (aigov__at_is(s, i, AIGOV__HIGH) && !is_wide_sign(s, i)))) {
        i++;
    }
    while (i > from && s->p[i - 1] == '-') {
        i--;
    }
    return i - from > MAX_LABEL ? from : i;
}

static bool all_digits(const aigov__scan *s, size_t from, size_t to)
{
    while (from < to && aigov__at_is(s, from, AIGOV__DIGIT)) {
        from++;
    }
    return from == to;
}

/* The end of a domain that begins at i, i where there is none. */
static size_t find_domain(const aigov__scan *s, size_t i)
{
    size_t label = i, end = label_end(s, i), stop = i;
    if (end == label ||
        (all_digits(s, label, end) && aigov__at_is(s, end + 1, AIGOV__DIGIT))) {
        return i; /* pkg@1.2 */
    }
    while (aigov__at(s, end) == '.' && end - i < MAX_DOMAIN) {
        label = end + 1;
        end = label_end(s, label);
        if (end == label) {
            break;
        }
        stop = is_top(s, label, end) ? end : i;
    }
    return stop;
}

/* user@[192.0.2.1], RFC 5321 4.1.3 */
static size_t find_literal(const aigov__scan *s, size_t i)
{
    size_t k = i + 1;
    while (k - i < 48 && (aigov__is_hex(aigov__at(s, k)) ||
                          aigov__at(s, k) == '.' || aigov__at(s, k) == ':')) {
        k++;
    }
    return k - i > 4 && aigov__at(s, k) == ']' ? k + 1 : i;
}

/* git@host:group/project, user@host:~/src$ */
static bool is_remote_path(const aigov__scan *s, size_t i)
{
    if (aigov__at(s, i) != ':') {
        return false;
    }
    for (size_t k = i + 1; k < i + AIGOV__REACH; k++) {
        unsigned char c = aigov__at(s, k);
        if (c == '/' || c == '~') {
            return true;
        }
        if (!aigov__is(c, AIGOV__TOKEN) && c != '.') {
            return false;
        }
    }
    return false;
}

void aigov__on_at(aigov__scan *s, size_t i)
{
    size_t from = find_local(s, i), to;
    if (from == i) {
        return;
    }
    to = aigov__at(s, i + 1) == '[' ? find_literal(s, i + 1)
                                    : find_domain(s, i + 1);
    if (to <= i + 2 || is_remote_path(s, to)) {
        return;
    }
    aigov__report(s, AIGOV__D_email_address, from, to, 90, 0);
    aigov__person_mail(s, from, i);
}
