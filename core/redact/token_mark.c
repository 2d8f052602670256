/*
 * token_mark.c - credentials without a prefix, known by a mark inside them
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What is met is a run of [A-Za-z0-9_-]; its length, its first character or
 * what joins it to its neighbours selects at most a few functions, each of
 * which looks AIGOV__REACH bytes around, Azure's 90.
 *
 *   by length      MaxMind ..._mmk, New Relic ...NRAL, Mailchimp ...-us1,
 *                  Mailgun 32-8-8, TrueNAS n-64, Azure 84, 54, 52
 *   by what joins  Terraform .atlasv1., Discord a.b.c, Telegram 123:AA...,
 *                  Facebook 123|..., Kubernetes abcdef.0123456789abcdef,
 *                  Braintree access_token$production$..., Azure AccountKey=
 *
 * Tried where no form fits: AWS secret access keys, 40 characters of base64.
 * Groups shorter than such a run: Azure ...8Q~..., Artifactory AP6...
 */
#include "token.h"

/* Whether [from, to) has n bytes, all of these classes. */
static bool is_run(const aigov__scan *s, size_t from, size_t n,
                   unsigned classes)
{
    return from + n <= s->n && aigov__run_to(s, from, classes, n) == from + n;
}

static bool is_hex_run(const aigov__scan *s, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!aigov__is_hex(aigov__at(s, from + i))) {
            return false;
        }
    }
    return true;
}

/* Digits, capitals and small letters, as random text in base62 has. */
static bool looks_random(const aigov__scan *s, size_t from, size_t to)
{
    const unsigned all = AIGOV__DIGIT | AIGOV__UPPER | AIGOV__LOWER;
    return (aigov__kinds(s, from, to) & all) == all &&
           aigov__variety(s, from, to) >= 8;
}

static bool found(aigov__scan *s, unsigned detector, size_t from, size_t to,
                  int base)
{
    aigov__report(s, detector, from, to, base, 0);
    s->tokens_done = to;
    return true;
}

/* --- by length ----------------------------------------------------------- */

/* Mailchimp: 32 hex digits, then the data centre of the account. */
static bool mailchimp(aigov__scan *s, size_t from, size_t to)
{
    return aigov__has(s, from + 32, "-us") && is_hex_run(s, from, 32) &&
           (aigov__kinds(s, from, from + 32) & AIGOV__UPPER) == 0 &&
           is_run(s, from + 35, to - from - 35, AIGOV__DIGIT) &&
           aigov__variety(s, from, from + 32) >= 4 &&
           found(s, AIGOV__D_mailchimp_key, from, to, 95);
}

/* Mailgun's signing key: 32 hex digits, 8, 8. */
static bool mailgun(aigov__scan *s, size_t from, size_t to)
{
    return aigov__at(s, from + 32) == '-' && aigov__at(s, from + 41) == '-' &&
           is_hex_run(s, from, 32) && is_hex_run(s, from + 33, 8) &&
           is_hex_run(s, from + 42, 8) && aigov__variety(s, from, to) >= 4 &&
           found(s, AIGOV__D_mailgun_key, from, to, 80);
}

static bool forty(aigov__scan *s, size_t from, size_t to)
{
    if (aigov__has(s, to - 4, "_mmk") && aigov__at(s, from + 6) == '_') {
        return found(s, AIGOV__D_maxmind_license_key, from, to, 95);
    }
    return aigov__has(s, to - 4, "NRAL") && is_hex_run(s, from, 36) &&
           found(s, AIGOV__D_newrelic_key, from, to, 95);
}

/* Azure keys that identify themselves: base62 with a mark of the service at its
 * place; JQQJ9, before the time of issue, marks those of all newer services. */
static bool azure_identifiable(aigov__scan *s, size_t from, size_t to)
{
    static const struct {
        uint8_t n, at;
        const char *mark;
    } marks[] = {
        {84, 76, "AZDO"},
        {84, 52, "JQQJ9"},
        {52, 42, "AzSe"},
        {54, 44, "AzFu"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (to - from == marks[i].n &&
            aigov__has(s, from + marks[i].at, marks[i].mark)) {
            return aigov__variety(s, from, to) >= 8 &&
                   found(s, AIGOV__D_azure_key, from, to, 95);
        }
    }
    return false;
}

/* TrueNAS: number of the key, then 64 characters of base62. */
static bool truenas(aigov__scan *s, size_t from, size_t to)
{
    return aigov__at(s, to - 65) == '-' &&
           is_run(s, from, to - 65 - from, AIGOV__DIGIT) &&
           is_run(s, to - 64, 64, AIGOV__ALNUM) &&
           looks_random(s, to - 64, to) &&
           found(s, AIGOV__D_truenas_key, from, to, 80);
}

static bool by_length(aigov__scan *s, size_t from, size_t to)
{
    switch (to - from) {
    case 36:
    case 37:
        return mailchimp(s, from, to);
    case 40:
        return forty(s, from, to);
    case 50:
        return mailgun(s, from, to);
    case 52:
    case 54:
    case 84:
        return azure_identifiable(s, from, to);
    case 66:
    case 67:
    case 68:
        return truenas(s, from, to);
    default:
        return false;
    }
}

/* --- by what joins the run to the text before ---------------------------- */

/* Telegram: id of the bot, a colon, 34 or 35 characters of base64url.
 * Nearly all begin with AA; other ids and beginnings need a word.  The API has
 * it after "/bot". */
static bool telegram(aigov__scan *s, size_t from, size_t to)
{
    size_t id = aigov__run_from(s, from - 1, AIGOV__DIGIT, 17);
    size_t digits = from - 1 - id;
    bool usual = digits >= 8 && digits <= 10 && aigov__at(s, from + 1) == 'A';
    if (to - from < 34 || to - from > 35 || digits < 5 || digits > 16 ||
        (aigov__word_before(s, id) && !aigov__has(s, id - 4, "/bot")) ||
        aigov__variety(s, from, to) < 8) {
        return false;
    }
    return found(s, AIGOV__D_telegram_token, id, to, usual ? 90 : 45);
}

/* Facebook: id of the app, '|', its secret. */
static bool facebook(aigov__scan *s, size_t from, size_t to)
{
    size_t id = aigov__run_from(s, from - 1, AIGOV__DIGIT, 17);
    size_t digits = from - 1 - id;
    return digits >= 15 && digits <= 16 && to - from >= 27 && to - from <= 40 &&
           !aigov__word_before(s, id) && looks_random(s, from, to) &&
           found(s, AIGOV__D_facebook_token, id, to, 85);
}

/* Terraform Cloud: 14 characters, ".atlasv1.", 60 to 70. */
static bool terraform(aigov__scan *s, size_t from, size_t to)
{
    size_t id = from - 9 - 14;
    return from >= 23 && to - from >= 60 && to - from <= 70 &&
           aigov__has(s, from - 9, ".atlasv1.") &&
           is_run(s, id, 14, AIGOV__ALNUM) && !aigov__word_before(s, id) &&
           aigov__variety(s, from, to) >= 6 &&
           found(s, AIGOV__D_terraform_token, id, to, 95);
}

/* kubeadm: 6 and 16 of [a-z0-9]; alone that is any file with an extension. */
static bool kubernetes(aigov__scan *s, size_t from, size_t to)
{
    const unsigned both = AIGOV__DIGIT | AIGOV__LOWER;
    size_t id = from - 7;
    return to - from == 16 && from >= 7 && is_run(s, id, 6, both) &&
           is_run(s, from, 16, both) && !aigov__word_before(s, id) &&
           (aigov__kinds(s, from, to) & AIGOV__DIGIT) != 0 &&
           found(s, AIGOV__D_kubernetes_bootstrap_token, id, to, 45);
}

/* Braintree: access_token$production$<16>$<32 hex>. */
static bool braintree(aigov__scan *s, size_t from, size_t to)
{
    size_t id = aigov__run_from(s, from - 1, AIGOV__ALNUM, 20);
    size_t start;
    if (to - from != 32 || from - 1 - id != 16 || !is_hex_run(s, from, 32)) {
        return false;
    }
    start = id - (aigov__has(s, id - 11, "production$") ? 24 : 21);
    return (aigov__has(s, start, "access_token$production$") ||
            aigov__has(s, start, "access_token$sandbox$")) &&
           found(s, AIGOV__D_braintree_token, start, to, 95);
}

/* Azure: a key of 64 or 32 bytes in base64 after "AccountKey=" and the like, or
 * with the mark of the storage service. */
static bool azure_base64(aigov__scan *s, size_t from)
{
    const unsigned base64 = AIGOV__ALNUM | AIGOV__BASE64;
    size_t start = from, end;
    while (start > 0 && from - start < 90 && s->p[start - 1] != '=' &&
           aigov__at_is(s, start - 1, base64)) {
        start--;
    }
    end = start;
    while (end - start < 90 && aigov__at(s, end) != '=' &&
           aigov__at_is(s, end, base64)) {
        end++;
    }
    if (!((end - start == 86 && aigov__has(s, end, "==")) ||
          (end - start == 43 && aigov__at(s, end) == '=')) ||
        aigov__variety(s, start, end) < 8) {
        return false;
    }
    end += end - start == 86 ? 2 : 1;
    if (aigov__has_nocase(s, start - 11, "accountkey=") ||
        aigov__has_nocase(s, start - 16, "sharedaccesskey=") ||
        aigov__has_nocase(s, start - 8, ";secret=") ||
        aigov__has(s, end - 12, "+ASt")) {
        return found(s, AIGOV__D_azure_key, start, end, 95);
    }
    return false;
}

static bool by_joint(aigov__scan *s, size_t from, size_t to)
{
    switch (aigov__at(s, from - 1)) {
    case ':':
        return aigov__at(s, from) == 'A' && telegram(s, from, to);
    case '|':
    case '%':
        return facebook(s, from, to);
    case '.':
        return terraform(s, from, to) || kubernetes(s, from, to);
    case '$':
        return braintree(s, from, to);
    case '=':
    case '+':
    case '/':
        return azure_base64(s, from);
    default:
        return false;
    }
}

/* --- by what follows ----------------------------------------------------- */

/* Discord: id of the bot in base64, the time in 6 or 7 characters, 27 and more
 * of a MAC.  The id is a decimal number, so it begins with M, N or O. */
static bool discord(aigov__scan *s, size_t from, size_t to)
{
    unsigned char c = aigov__at(s, from);
    size_t mac, end;
    if ((c != 'M' && c != 'N' && c != 'O') || to - from < 24 ||
        to - from > 28 || aigov__word_before(s, from)) {
        return false;
    }
    mac = aigov__run_to(s, to + 1, AIGOV__TOKEN, 8);
    if (mac - to - 1 < 6 || mac - to - 1 > 7 || aigov__at(s, mac) != '.') {
        return false;
    }
    end = aigov__run_to(s, mac + 1, AIGOV__TOKEN, 128);
    return end - mac - 1 >= 27 && looks_random(s, from, to) &&
           looks_random(s, mac + 1, end) &&
           found(s, AIGOV__D_discord_token, from, end, 90);
}

bool aigov__marked_token(aigov__scan *s, size_t from, size_t to)
{
    return by_length(s, from, to) || (from > 0 && by_joint(s, from, to)) ||
           (aigov__at(s, to) == '.' && discord(s, from, to));
}

/* --- nothing inside ------------------------------------------------------ */

/* AWS: a secret access key is 40 characters of base64 and nothing else, so it
 * needs a word, or the id of a key, nearby. */
void aigov__bare_token(aigov__scan *s, size_t from)
{
    size_t start = from, end = from, slashes = 0, digits = 0;
    while (end - from <= 40 &&
           (aigov__at_is(s, end, AIGOV__ALNUM) || aigov__at(s, end) == '/' ||
            aigov__at(s, end) == '+')) {
        end++;
    }
    while (start > 0 && end - start <= 40 &&
           (aigov__at_is(s, start - 1, AIGOV__ALNUM) ||
            s->p[start - 1] == '/' || s->p[start - 1] == '+')) {
        start--;
    }
    if (end - start != 40 || aigov__at_is(s, end, AIGOV__TOKEN)) {
        return;
    }
    for (size_t i = start; i < end; i++) {
        slashes += s->p[i] == '/';
        digits += aigov__at_is(s, i, AIGOV__DIGIT);
    }
    if (slashes <= 4 && digits >= 2 && looks_random(s, start, end) &&
        aigov__variety(s, start, end) >= 16) {
        found(s, AIGOV__D_aws_secret_access_key, start, end, 24);
    }
}

/* --- groups that are no long run ----------------------------------------- */

/* Microsoft Entra: client secret, 3 characters, a digit, Q~, 31 to 34. */
static void azure_secret(aigov__scan *s, size_t tilde)
{
    size_t from = tilde - 5, i;
    for (i = from; i < from + 3; i++) {
        unsigned char c = aigov__at(s, i);
        if (!aigov__is(c, AIGOV__ALNUM) && c != '_' && c != '~' && c != '.') {
            return;
        }
    }
    for (i = tilde + 1; i - tilde <= 35; i++) {
        unsigned char c = aigov__at(s, i);
        if (!aigov__is(c, AIGOV__TOKEN) && c != '~' && c != '.') {
            break;
        }
    }
    if (i - tilde > 31 && i - tilde <= 35 && !aigov__word_before(s, from) &&
        looks_random(s, tilde + 1, i)) {
        aigov__report(s, AIGOV__D_azure_client_secret, from, i, 90, 0);
    }
}

void aigov__short_token(aigov__scan *s, size_t from, size_t to)
{
    if (aigov__at(s, to) == '~' && aigov__at(s, to - 1) == 'Q' && to >= 5 &&
        aigov__at_is(s, to - 2, AIGOV__DIGIT)) {
        azure_secret(s, to);
    }
    /* Artifactory: AP, a hex digit, 8 and more; only alone or by a word */
    if (to - from >= 11 && aigov__has(s, from, "AP") &&
        aigov__is_hex(aigov__at(s, from + 2)) &&
        !aigov__at_is(s, from + 2, AIGOV__LOWER) &&
        (aigov__kinds(s, from + 3, to) & AIGOV__LOWER) != 0) {
        aigov__report(s, AIGOV__D_artifactory_token, from, to, 30, 0);
    }
}
