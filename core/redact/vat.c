/*
 * vat.c - VAT numbers
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A prefix, mostly the country's code (EL for Greece, XI for Northern Ireland),
 * and a national number; Directive 2006/112/EC article 215, forms by VIES.
 *
 *   form  d a digit, L a letter, X either, others themselves; a country has as
 *         many rows as forms, one after another, in the order of prefixes
 *   check of the national number; NULL where it takes a word to tell that it
 *         is a VAT number, as for most outside of the European Union
 */
#include "europe.h"

static int digit(char c)
{
    return c - '0';
}

/* --- checks not needed elsewhere ----------------------------------------- */

/* U and eight digits: Luhn, with 4 added. */
static bool is_at(const char *p)
{
    int sum = 4;
    for (int i = 1; i < 8; i++) {
        int v = digit(p[i]) * (i % 2 == 0 ? 2 : 1);
        sum += v > 9 ? v - 9 : v;
    }
    return (10 - sum % 10) % 10 == digit(p[8]);
}

static bool is_be(const char *p)
{
    return p[0] <= '1' &&
           (aigov__number(p, 8) + aigov__number(p + 8, 2)) % 97 == 0;
}

static bool is_bg9(const char *p)
{
    static const int first[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const int second[8] = {3, 4, 5, 6, 7, 8, 9, 10};
    int check = aigov__weighted(p, first, 8) % 11;
    if (check == 10) {
        check = aigov__weighted(p, second, 8) % 11 % 10;
    }
    return check == digit(p[8]);
}

/* A person's number, a foreigner's, or another's. */
static bool is_bg10(const char *p)
{
    static const int foreigner[10] = {21, 19, 17, 13, 11, 9, 7, 3, 1, -1};
    static const int other[10] = {4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    return aigov__is_egn(p) || aigov__weighted(p, foreigner, 10) % 10 == 0 ||
           aigov__weighted(p, other, 10) % 11 == 0;
}

static bool is_cz8(const char *p)
{
    static const int weight[7] = {8, 7, 6, 5, 4, 3, 2};
    int check = (11 - aigov__weighted(p, weight, 7) % 11) % 11;
    return (check == 0 ? 1 : check) % 10 == digit(p[7]) && p[0] != '9';
}

static bool is_cz10(const char *p)
{
    return aigov__is_rodne_cislo(p, 10);
}

static bool is_de(const char *p)
{
    return p[0] != '0' && aigov__mod11_10(p, 9);
}

static bool is_dk(const char *p)
{
    static const int weight[8] = {2, 7, 6, 5, 4, 3, 2, 1};
    return p[0] != '0' && aigov__weighted(p, weight, 8) % 11 == 0;
}

static bool is_ee(const char *p)
{
    static const int weight[9] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
    return aigov__weighted(p, weight, 9) % 10 == 0;
}

static bool is_es(const char *p)
{
    return p[0] <= '9' ? aigov__is_dni(p, 8)
                       : aigov__is_nie(p) || aigov__is_cif(p);
}

static bool is_fi(const char *p)
{
    static const int weight[8] = {7, 9, 10, 5, 8, 4, 2, 1};
    return aigov__weighted(p, weight, 8) % 11 == 0;
}

/* A key of two digits, or of other kinds, before the SIREN. */
static bool is_fr(const char *p)
{
    if (p[0] > '9' || p[1] > '9') {
        return strpbrk(p, "IO") == NULL && aigov__is_siren(p + 2);
    }
    return aigov__is_siren(p + 2) &&
           (aigov__number(p + 2, 9) % 97 * 3 + 12) % 97 == aigov__number(p, 2);
}

/* The sum and the last two digits mod 97: 0, or since 2010 with 55 added or
 * taken away. */
static bool is_gb(const char *p)
{
    static const int weight[7] = {8, 7, 6, 5, 4, 3, 2};
    int rest = (aigov__weighted(p, weight, 7) + aigov__number(p + 7, 2)) % 97;
    return aigov__number(p, 7) > 0 &&
           (rest == 0 || rest == 55 || rest == 97 - 55);
}

static bool is_hr(const char *p)
{
    return aigov__mod11_10(p, 11);
}

static bool is_hu(const char *p)
{
    static const int weight[8] = {9, 7, 3, 1, 9, 7, 3, 1};
    return aigov__weighted(p, weight, 8) % 10 == 0;
}

static bool is_ie(const char *p)
{
    return aigov__is_pps(p, (int)strlen(p));
}

/* Before 2013 the second place might be a letter: its digits in another order
 * make a number of today. */
static bool is_old_ie(const char *p)
{
    const char now[9] = {'0', p[2], p[3], p[4], p[5], p[6], p[0], p[7], 0};
    return aigov__is_pps(now, 8);
}

/* n digits: weights 1 to 9 in turn, mod 11, else from 3 on; 1 last but one. */
static bool is_lt_of(const char *p, int n)
{
    int first = 0, second = 0;
    for (int i = 0; i < n - 1; i++) {
        first += digit(p[i]) * (1 + i % 9);
        second += digit(p[i]) * (1 + (i + 2) % 9);
    }
    first %= 11;
    return p[n - 2] == '1' &&
           (first == 10 ? second % 11 % 10 : first) == digit(p[n - 1]);
}

static bool is_lt9(const char *p)
{
    return is_lt_of(p, 9);
}

static bool is_lt12(const char *p)
{
    return is_lt_of(p, 12);
}

static bool is_lu(const char *p)
{
    return aigov__number(p, 6) % 89 == aigov__number(p + 6, 2);
}

/* A body (4 and up first), or a person. */
static bool is_lv(const char *p)
{
    static const int weight[11] = {9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1};
    return p[0] > '3' ? aigov__weighted(p, weight, 11) % 11 == 3
                      : aigov__is_lv_pk(p);
}

static bool is_mt(const char *p)
{
    static const int weight[8] = {3, 4, 6, 7, 8, 9, 10, 1};
    return p[0] != '0' && aigov__weighted(p, weight, 8) % 37 == 0;
}

/* The number of a person or body, or since 2020 one of mod 97. */
static bool is_nl(const char *p)
{
    char whole[15] = "NL";
    memcpy(whole + 2, p, 13);
    return aigov__is_bsn(p) || aigov__mod97(whole, 14);
}

static bool is_no(const char *p)
{
    static const int weight[9] = {3, 2, 7, 6, 5, 4, 3, 2, 1};
    return p[0] >= '8' && aigov__weighted(p, weight, 9) % 11 == 0;
}

/* Two to ten digits: weights from the right. */
static bool is_ro(const char *p)
{
    static const int weight[9] = {7, 5, 3, 2, 1, 7, 5, 3, 2};
    int n = (int)strlen(p);
    int sum = aigov__weighted(p, weight + (10 - n), n - 1);
    return p[0] != '0' && sum * 10 % 11 % 10 == digit(p[n - 1]);
}

static bool is_se(const char *p)
{
    return aigov__luhn(p, 10) && aigov__number(p + 10, 2) > 0;
}

static bool is_sk(const char *p)
{
    return p[0] != '0' &&
           (aigov__number(p, 9) % 11 * 10 + digit(p[9])) % 11 == 0;
}

/* --- countries ----------------------------------------------------------- */

static const struct country {
    char prefix[3];
    char form[16];
    bool (*check)(const char *number);
} countries[] = {
    {"AL", "LddddddddL", NULL},
    {"AR", "ddddddddddd", NULL},
    {"AT", "Udddddddd", is_at},
    {"AU", "ddddddddddd", NULL},
    {"BE", "dddddddddd", is_be},
    {"BE", "ddddddddd", NULL},
    {"BG", "ddddddddd", is_bg9},
    {"BG", "dddddddddd", is_bg10},
    {"BO", "ddddddd", NULL},
    {"BR", "dddddddddddddd", NULL},
    {"BY", "ddddddddd", NULL},
    {"CA", "ddddddddd", NULL},
    {"CH", "Eddddddddd", NULL},
    {"CH", "EdddddddddIVA", NULL},
    {"CH", "EdddddddddMWST", NULL},
    {"CH", "EdddddddddTVA", NULL},
    {"CL", "ddddddddX", NULL},
    {"CO", "dddddddddd", NULL},
    {"CR", "ddddddddd", NULL},
    {"CR", "dddddddddd", NULL},
    {"CR", "ddddddddddd", NULL},
    {"CR", "dddddddddddd", NULL},
    {"CY", "ddddddddL", aigov__is_cy_tin},
    {"CY", "ddddddddd", NULL},
    {"CZ", "dddddddd", is_cz8},
    {"CZ", "ddddddddd", NULL},
    {"CZ", "dddddddddd", is_cz10},
    {"DE", "ddddddddd", is_de},
    {"DK", "dddddddd", is_dk},
    {"DO", "ddddddddd", NULL},
    {"DO", "ddddddddddd", NULL},
    {"EC", "ddddddddddddd", NULL},
    {"EE", "ddddddddd", is_ee},
    {"EL", "ddddddddd", aigov__is_afm},
    {"ES", "XdddddddX", is_es},
    {"FI", "dddddddd", is_fi},
    {"FR", "XXddddddddd", is_fr},
    {"GB", "ddddddddd", is_gb},
    {"GB", "dddddddddddd", is_gb},
    {"GB", "GDddd", NULL},
    {"GB", "HAddd", NULL},
    {"GR", "ddddddddd", aigov__is_afm},
    {"GT", "dddddddX", NULL},
    {"HN", "dddddddddddddd", NULL},
    {"HR", "ddddddddddd", is_hr},
    {"HU", "dddddddd", is_hu},
    {"ID", "ddddddddddddddd", NULL},
    {"IE", "dddddddL", is_ie},
    {"IE", "dddddddLL", is_ie},
    {"IE", "dLdddddL", is_old_ie},
    {"IL", "ddddddddd", NULL},
    {"IN", "XXXXXXXXXXXXXXX", NULL},
    {"IS", "ddddd", NULL},
    {"IS", "dddddd", NULL},
    {"IT", "ddddddddddd", aigov__is_it_vat},
    {"KZ", "dddddddddddd", NULL},
    {"LT", "ddddddddd", is_lt9},
    {"LT", "dddddddddddd", is_lt12},
    {"LU", "dddddddd", is_lu},
    {"LV", "ddddddddddd", is_lv},
    {"MK", "ddddddddddddd", NULL},
    {"MT", "dddddddd", is_mt},
    {"MX", "LLLddddddXXX", NULL},
    {"MX", "LLLLddddddXXX", NULL},
    {"NG", "dddddddddddd", NULL},
    {"NI", "ddddddddddddL", NULL},
    {"NL", "dddddddddBdd", is_nl},
    {"NO", "dddddddddMVA", is_no},
    {"NO", "ddddddddd", is_no},
    {"NZ", "ddddddddd", NULL},
    {"PA", "ddddddddddddd", NULL},
    {"PE", "ddddddddddd", NULL},
    {"PH", "dddddddddddd", NULL},
    {"PL", "dddddddddd", aigov__is_nip},
    {"PT", "ddddddddd", aigov__is_pt_nif},
    {"PY", "ddddddddd", NULL},
    {"RO", "dddddddddd", is_ro},
    {"RO", "ddddddddd", is_ro},
    {"RO", "dddddddd", is_ro},
    {"RO", "ddddddd", is_ro},
    {"RO", "dddddd", is_ro},
    {"RS", "ddddddddd", NULL},
    {"RU", "dddddddddd", NULL},
    {"RU", "dddddddddddd", NULL},
    {"SA", "ddddddddddddddd", NULL},
    {"SE", "dddddddddddd", is_se},
    {"SI", "dddddddd", aigov__is_si_tin},
    {"SK", "dddddddddd", is_sk},
    {"SM", "ddddd", NULL},
    {"SV", "dddddddddddddd", NULL},
    {"TR", "dddddddddd", NULL},
    {"UA", "dddddddddddd", NULL},
    {"UY", "dddddddddddd", NULL},
    {"UZ", "ddddddddd", NULL},
    {"VE", "XXXXXXXXX", NULL},
    {"VE", "XXXXXXXXXX", NULL},
    {"XI", "ddddddddd", is_gb},
};

#define COUNTRIES (sizeof countries / sizeof *countries)

static bool has_form(const char *p, const char *form)
{
    for (; *form != 0; p++, form++) {
        bool number = *p <= '9';
        if (*p == 0 || (*form == 'd'   ? !number
                        : *form == 'L' ? number
                                       : *form != 'X' && *form != *p)) {
            return false;
        }
    }
    return *p == 0;
}

/* Place in countries of the first row with this prefix or one after it. */
static size_t first_row(const char *prefix)
{
    size_t low = 0, high = COUNTRIES;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (memcmp(countries[mid].prefix, prefix, 2) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static const struct country *find_country(const aigov__window *w)
{
    const char *p = w->compact;
    if (p[0] <= '9' || p[1] <= '9') {
        return NULL;
    }
    for (size_t i = first_row(p); i < COUNTRIES; i++) {
        if (memcmp(countries[i].prefix, p, 2) != 0) {
            return NULL;
        }
        if (has_form(p + 2, countries[i].form)) {
            return &countries[i];
        }
    }
    return NULL;
}

/* With a right check digit.  In a group of its own the prefix may be a word
 * ("ORDER NO 923..."), and in small letters so may anything. */
AIGOV__CHECK(vat)
{
    const struct country *c = find_country(w);
    if (c == NULL || c->check == NULL || !c->check(w->compact + 2)) {
        return AIGOV__NO;
    }
    return w->lower || w->len[0] == 2 ? -15 : 0;
}

/* By form alone.  Italian numbers are refused: what is not one with its check
 * digit is an article or an order more often than a slip of the pen; nor is a
 * word of two small letters before a number a country. */
AIGOV__CHECK(vat_form)
{
    const struct country *c = find_country(w);
    return aigov__pass(c != NULL && c->check != aigov__is_it_vat &&
                       !(w->lower && w->len[0] == 2));
}

/* CHE and nine digits, perhaps with MWST, TVA or IVA after them. */
AIGOV__CHECK(vat_ch)
{
    const char *p = w->compact;
    return aigov__pass(memcmp(p, "CHE", 3) == 0 && p[3] <= '9' &&
                       w->digits == 9 && aigov__is_uid(p + 3) &&
                       (p[12] == 0 || strcmp(p + 12, "MWST") == 0 ||
                        strcmp(p + 12, "TVA") == 0 ||
                        strcmp(p + 12, "IVA") == 0));
}

/* As the British write it, without a prefix. */
AIGOV__CHECK(uk_vat)
{
    return aigov__pass(is_gb(w->compact));
}
