/*
 * bank.c - IBAN and BIC
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * IBAN, ISO 13616-1:
 *
 *   GB 82 WEST 123456 98765432      country, check digits, account
 *
 * Each country's length and structure stand in the table below (SWIFT IBAN
 * Registry, release 99, and for countries that use IBANs without being in it
 * the lists of their central banks); then ISO 7064 mod 97-10 must give 1 over
 * account, country, check digits.  Letters of either case, in groups of any
 * size with up to two spaces or signs between.
 *
 * BIC, ISO 9362: four letters, country, two letters or digits, and three more
 * for a branch; it has no check, so a word for it must be near.
 */
#include "internal.h"

#define IBAN_MAX 34

/* structure: runs of n digits, a letters, c both, in the order of the text */
static const struct country {
    char code[3];
    const char *structure;
} countries[] = {
    {"AD", "8n12c"},    {"AE", "19n"},     {"AL", "8n16c"},
    {"AO", "21n"},      {"AT", "16n"},     {"AZ", "4a20c"},
    {"BA", "16n"},      {"BE", "12n"},     {"BF", "2c22n"},
    {"BG", "4a6n8c"},   {"BH", "4a14c"},   {"BI", "23n"},
    {"BJ", "2c22n"},    {"BR", "23n1a1c"}, {"BY", "4c4n16c"},
    {"CF", "23n"},      {"CG", "23n"},     {"CH", "5n12c"},
    {"CI", "2c22n"},    {"CM", "23n"},     {"CR", "18n"},
    {"CV", "21n"},      {"CY", "8n16c"},   {"CZ", "20n"},
    {"DE", "18n"},      {"DJ", "23n"},     {"DK", "14n"},
    {"DO", "4c20n"},    {"DZ", "22n"},     {"EE", "16n"},
    {"EG", "25n"},      {"ES", "20n"},     {"FI", "14n"},
    {"FK", "2a12n"},    {"FO", "14n"},     {"FR", "10n11c2n"},
    {"GA", "23n"},      {"GB", "4a14n"},   {"GE", "2a16n"},
    {"GI", "4a15c"},    {"GL", "14n"},     {"GQ", "23n"},
    {"GR", "7n16c"},    {"GT", "4c20c"},   {"GW", "2c19n"},
    {"HN", "4a20n"},    {"HR", "17n"},     {"HU", "24n"},
    {"IE", "4a14n"},    {"IL", "19n"},     {"IQ", "4a15n"},
    {"IR", "22n"},      {"IS", "22n"},     {"IT", "1a10n12c"},
    {"JO", "4a4n18c"},  {"KM", "23n"},     {"KW", "4a22c"},
    {"KZ", "3n13c"},    {"LB", "4n20c"},   {"LC", "4a24c"},
    {"LI", "5n12c"},    {"LT", "16n"},     {"LU", "3n13c"},
    {"LV", "4a13c"},    {"LY", "21n"},     {"MA", "24n"},
    {"MC", "10n11c2n"}, {"MD", "2c18c"},   {"ME", "18n"},
    {"MG", "23n"},      {"MK", "3n10c2n"}, {"ML", "2c22n"},
    {"MN", "16n"},      {"MR", "23n"},     {"MT", "4a5n18c"},
    {"MU", "4a19n3a"},  {"MZ", "21n"},     {"NE", "2c22n"},
    {"NI", "4a20n"},    {"NL", "4a10n"},   {"NO", "11n"},
    {"OM", "3n16c"},    {"PK", "4a16c"},   {"PL", "24n"},
    {"PS", "4a21c"},    {"PT", "21n"},     {"QA", "4a21c"},
    {"RO", "4a16c"},    {"RS", "18n"},     {"RU", "14n15c"},
    {"SA", "2n18c"},    {"SC", "4a20n3a"}, {"SD", "14n"},
    {"SE", "20n"},      {"SI", "15n"},     {"SK", "20n"},
    {"SM", "1a10n12c"}, {"SN", "2c22n"},   {"SO", "19n"},
    {"ST", "21n"},      {"SV", "4a20n"},   {"TD", "23n"},
    {"TG", "2c22n"},    {"TL", "19n"},     {"TN", "20n"},
    {"TR", "5n1c16c"},  {"UA", "6n19c"},   {"VA", "18n"},
    {"VG", "4a16n"},    {"XK", "16n"},     {"YE", "4a4n18c"},
};

static char upper(unsigned char c)
{
    return (char)(aigov__is(c, AIGOV__LOWER) ? c - 32 : c);
}

static const char *structure_of(char a, char b)
{
    size_t low = 0, high = sizeof countries / sizeof countries[0];
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const char *c = countries[mid].code;
        int d = a != c[0] ? a - c[0] : b - c[1];
        if (d == 0) {
            return countries[mid].structure;
        }
        if (d < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return NULL;
}

/* The next letter or digit at *i or after up to two separators, as a capital;
 * 0: none. */
static char next_alnum(const aigov__scan *s, size_t *i)
{
    for (size_t k = *i; k < *i + 3; k++) {
        unsigned char c = aigov__at(s, k);
        if (aigov__is(c, AIGOV__ALNUM)) {
            *i = k + 1;
            return upper(c);
        }
        if (!aigov__is(c, AIGOV__SPACE | AIGOV__MARK) && c != '.' && c != '/') {
            return 0;
        }
    }
    return 0;
}

/* Read n characters of a kind (n, a or c) into out. */
static bool read_run(const aigov__scan *s, size_t *i, int n, char kind,
                     char *out)
{
    unsigned allowed = kind == 'n'   ? AIGOV__DIGIT
                       : kind == 'a' ? AIGOV__ALPHA
                                     : AIGOV__ALNUM;
    for (int k = 0; k < n; k++) {
        out[k] = next_alnum(s, i);
        if (out[k] == 0 || !aigov__is((unsigned char)out[k], allowed)) {
            return false;
        }
    }
    return true;
}

/* Read account after the check digits, then country and check digits, as mod
 * 97 wants them; the number of characters, 0 where the structure differs. */
static int read_account(const aigov__scan *s, size_t *i, const char *structure,
                        char out[IBAN_MAX])
{
    int n = 0;
    while (*structure != 0) {
        int run = *structure++ - '0';
        if (aigov__is((unsigned char)*structure, AIGOV__DIGIT)) {
            run = run * 10 + *structure++ - '0';
        }
        if (!read_run(s, i, run, *structure++, out + n)) {
            return 0;
        }
        n += run;
    }
    return n;
}

/* An IBAN whose country stands at `from` and whose check digits at `i`. */
static void try_iban(aigov__scan *s, size_t from, size_t i)
{
    char text[IBAN_MAX + 4];
    char a = upper(aigov__at(s, from)), b = upper(aigov__at(s, from + 1));
    const char *structure = structure_of(a, b);
    int n;
    if (structure == NULL || aigov__word_before(s, from)) {
        return;
    }
    char check[2] = {s->p[i], s->p[i + 1]};
    i += 2;
    n = read_account(s, &i, structure, text);
    if (n == 0 || aigov__word_at(s, i) || aigov__at(s, i) == '@') {
        return;
    }
    text[n++] = a;
    text[n++] = b;
    text[n++] = check[0];
    text[n++] = check[1];
    if (aigov__mod97(text, n)) {
        aigov__report(s, AIGOV__D_iban, from, i, 95, AIGOV_WHY_VALIDATED);
    }
}

/* The country and the check digits open a group, or stand in two. */
void aigov__iban(aigov__scan *s, size_t from, size_t to)
{
    if (to - from < 2) {
        return;
    }
    if (to - from >= 4 && aigov__at_is(s, from, AIGOV__ALPHA) &&
        aigov__at_is(s, from + 1, AIGOV__ALPHA) &&
        aigov__at_is(s, from + 2, AIGOV__DIGIT) &&
        aigov__at_is(s, from + 3, AIGOV__DIGIT)) {
        try_iban(s, from, from + 2);
    } else if (from >= 3 && aigov__at_is(s, from, AIGOV__DIGIT) &&
               aigov__at_is(s, from + 1, AIGOV__DIGIT) &&
               !aigov__at_is(s, from - 1, AIGOV__ALNUM) &&
               aigov__at_is(s, from - 2, AIGOV__UPPER) &&
               aigov__at_is(s, from - 3, AIGOV__UPPER)) {
        try_iban(s, from - 3, from);
    }
}

/* --- BIC ----------------------------------------------------------------- */

/* ISO 3166-1 alpha-2, and XK. */
static const char bic_countries[] =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ"
    "CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFO"
    "FRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJE"
    "JMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMO"
    "MPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPW"
    "PYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTM"
    "TNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

static bool is_country(const char *p)
{
    for (const char *c = bic_countries; *c != 0; c += 2) {
        if (c[0] == p[0] && c[1] == p[1]) {
            return true;
        }
    }
    return false;
}

void aigov__on_capitals(aigov__scan *s, size_t from, size_t to)
{
    size_t n = to - from;
    if ((n != 8 && n != 11) || aigov__word_before(s, from) ||
        aigov__word_at(s, to) || aigov__at(s, to) == '_' ||
        (from > 0 && s->p[from - 1] == '_')) {
        return;
    }
    for (size_t i = 0; i < 6; i++) {
        if (!aigov__at_is(s, from + i, AIGOV__UPPER)) {
            return;
        }
    }
    if (is_country(s->p + from + 4)) {
        aigov__report(s, AIGOV__D_swift_bic, from, to, 24, 0);
    }
}
