/*
 * phone.c - telephone numbers
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   +49 30 901820, +31(0)612345678, 00387 64 123 4567    international, E.164
 *   (415) 555-0132, 415-555-0132 x 12                    national, by form
 *   020 7946 0958, 06 12 34 56 78, 8 (912) 345-67-89
 *   mobile: 97335078110                                  by a word before it
 *
 * An international number has a country code and a length of that country
 * (ITU-T E.164 and the operational bulletins); a North American one an area and
 * an exchange that begin with 2 to 9.  National forms are patterns; what people
 * write like other numbers too (ddd ddd dddd) has a score that needs a word.
 * Seven to fifteen digits of any form are a telephone number where a word says
 * so shortly before.
 */
#include "internal.h"

#define MAX_DIGITS 15 /* E.164 6.1 */
#define MIN_DIGITS 7
#define WORD_BEFORE 26 /* bytes between a word and a number without a form */
#define WORD_CLOSE 12  /* the same for a few digits in one piece */

#define LIST_GAP 16 /* bytes between numbers of a list */

/* --- country codes ------------------------------------------------------- */

/* Lengths of the number after the country code. */
static const struct country {
    uint16_t code;
    uint8_t min, max;
} countries[] = {
    {1, 10, 10},  {7, 10, 10},  {20, 8, 10},  {27, 9, 9},   {30, 10, 10},
    {31, 9, 9},   {32, 8, 9},   {33, 9, 9},   {34, 9, 9},   {36, 8, 9},
    {39, 6, 11},  {40, 9, 9},   {41, 9, 9},   {43, 7, 13},  {44, 7, 10},
    {45, 8, 8},   {46, 7, 10},  {47, 8, 8},   {48, 9, 9},   {49, 7, 12},
    {51, 8, 9},   {52, 10, 11}, {53, 8, 8},   {54, 10, 11}, {55, 10, 11},
    {56, 9, 9},   {57, 8, 10},  {58, 10, 10}, {60, 8, 10},  {61, 9, 9},
    {62, 8, 12},  {63, 8, 10},  {64, 8, 10},  {65, 8, 8},   {66, 8, 9},
    {81, 9, 10},  {82, 8, 10},  {84, 9, 10},  {86, 9, 11},  {90, 10, 10},
    {91, 10, 10}, {92, 9, 10},  {93, 9, 9},   {94, 9, 9},   {95, 7, 10},
    {98, 10, 10}, {211, 9, 9},  {212, 9, 9},  {213, 8, 9},  {216, 8, 8},
    {218, 8, 9},  {220, 7, 7},  {221, 9, 9},  {222, 8, 8},  {223, 8, 8},
    {224, 8, 9},  {225, 8, 10}, {226, 8, 8},  {227, 8, 8},  {228, 8, 8},
    {229, 8, 10}, {230, 7, 8},  {231, 7, 9},  {232, 8, 8},  {233, 9, 9},
    {234, 8, 10}, {235, 8, 8},  {236, 8, 8},  {237, 8, 9},  {238, 7, 7},
    {239, 7, 7},  {240, 9, 9},  {241, 7, 8},  {242, 9, 9},  {243, 9, 9},
    {244, 9, 9},  {245, 7, 9},  {246, 7, 7},  {248, 7, 7},  {249, 9, 9},
    {250, 9, 9},  {251, 9, 9},  {252, 7, 9},  {253, 8, 8},  {254, 9, 9},
    {255, 9, 9},  {256, 9, 9},  {257, 8, 8},  {258, 8, 9},  {260, 9, 9},
    {261, 9, 9},  {262, 9, 9},  {263, 8, 10}, {264, 8, 9},  {265, 7, 9},
    {266, 8, 8},  {267, 7, 8},  {268, 8, 8},  {269, 7, 7},  {291, 7, 7},
    {297, 7, 7},  {298, 6, 6},  {299, 6, 6},  {350, 8, 8},  {351, 9, 9},
    {352, 6, 11}, {353, 7, 9},  {354, 7, 9},  {355, 8, 9},  {356, 8, 8},
    {357, 8, 8},  {358, 6, 12}, {359, 7, 9},  {370, 8, 8},  {371, 8, 8},
    {372, 7, 8},  {373, 8, 8},  {374, 8, 8},  {375, 9, 10}, {376, 6, 9},
    {377, 8, 9},  {378, 6, 10}, {380, 9, 9},  {381, 8, 9},  {382, 8, 8},
    {383, 8, 8},  {385, 8, 9},  {386, 8, 8},  {387, 8, 9},  {389, 8, 8},
    {420, 9, 9},  {421, 9, 9},  {423, 7, 9},  {501, 7, 7},  {502, 8, 8},
    {503, 7, 8},  {504, 8, 8},  {505, 8, 8},  {506, 8, 8},  {507, 7, 8},
    {508, 6, 6},  {509, 8, 8},  {590, 9, 9},  {591, 8, 8},  {592, 7, 7},
    {593, 8, 9},  {594, 9, 9},  {595, 8, 9},  {596, 9, 9},  {597, 6, 7},
    {598, 8, 8},  {599, 7, 8},  {670, 7, 8},  {672, 6, 6},  {673, 7, 7},
    {674, 7, 7},  {675, 7, 8},  {676, 5, 7},  {677, 5, 7},  {678, 5, 7},
    {679, 7, 7},  {680, 7, 7},  {681, 6, 6},  {682, 5, 5},  {683, 4, 7},
    {685, 5, 7},  {686, 5, 8},  {687, 6, 6},  {688, 5, 6},  {689, 6, 8},
    {690, 4, 7},  {691, 7, 7},  {692, 7, 7},  {800, 8, 8},  {808, 8, 8},
    {850, 8, 10}, {852, 8, 8},  {853, 8, 8},  {855, 8, 9},  {856, 8, 10},
    {870, 9, 9},  {880, 8, 10}, {881, 8, 9},  {886, 8, 9},  {960, 7, 7},
    {961, 7, 8},  {962, 8, 9},  {963, 8, 9},  {964, 8, 10}, {965, 8, 8},
    {966, 8, 9},  {967, 7, 9},  {968, 8, 8},  {970, 8, 9},  {971, 8, 9},
    {972, 8, 9},  {973, 8, 8},  {974, 8, 8},  {975, 7, 8},  {976, 7, 8},
    {977, 8, 10}, {992, 9, 9},  {993, 8, 8},  {994, 9, 9},  {995, 9, 9},
    {996, 9, 9},  {998, 9, 9},
};

static const struct country *find_country(int code)
{
    size_t low = 0, high = sizeof countries / sizeof countries[0];
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (countries[mid].code == code) {
            return &countries[mid];
        }
        if (countries[mid].code > code) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return NULL;
}

/* The country whose code digits begin with; *n: its digits. */
static const struct country *country_of(const char *digits, int *n)
{
    for (*n = 1; *n <= 3; ++*n) {
        const struct country *c = find_country(aigov__number(digits, *n));
        if (c != NULL) {
            return c;
        }
    }
    return NULL;
}

/* --- reading ------------------------------------------------------------- */

#define GROUPS 8

/* Digits with separators between; end[k] and count[k] after group k. */
struct number {
    char digits[MAX_DIGITS + 1];
    size_t end[GROUPS];
    uint8_t count[GROUPS];
    uint8_t length[GROUPS];
    int groups;
    char sep; /* the one separator used, 0: none, '*': several */
};

/* Where the next group begins after what ends at i; 0: nowhere.  Up to three of
 * space - . / ( ), a trunk zero in brackets left out. */
static size_t next_group(const aigov__scan *s, size_t i, char *sep)
{
    size_t k = i;
    *sep = (char)aigov__at(s, i);
    while (k < i + 4) {
        unsigned char c = aigov__at(s, k);
        if (aigov__is(c, AIGOV__DIGIT)) {
            return k == i ? 0 : k;
        }
        if (c == '(' && aigov__has(s, k, "(0)")) {
            k += 3;
            i = k;
            if (aigov__at_is(s, k, AIGOV__DIGIT)) {
                return k;
            }
            continue;
        }
        if (c != ' ' && c != '-' && c != '.' && c != '/' && c != '(' &&
            c != ')') {
            return 0;
        }
        k++;
    }
    return 0;
}

/* Read a number whose first digit is at i. */
static void read_number(const aigov__scan *s, size_t i, struct number *x)
{
    int n = 0;
    x->groups = 0;
    x->sep = 0;
    while (x->groups < GROUPS) {
        size_t from = i;
        char sep;
        while (aigov__at_is(s, i, AIGOV__DIGIT)) {
            if (n == MAX_DIGITS) {
                return;
            }
            x->digits[n++] = s->p[i++];
        }
        x->end[x->groups] = i;
        x->count[x->groups] = (uint8_t)n;
        x->length[x->groups++] = (uint8_t)(i - from);
        i = next_group(s, i, &sep);
        if (i == 0) {
            return;
        }
        x->sep = x->sep == 0 || x->sep == sep ? sep : '*';
    }
}

/* --- borders ------------------------------------------------------------- */

/* The end of an extension after a number that ends at i: x623, ext. 12; i:
 * none. */
static size_t extension(const aigov__scan *s, size_t i)
{
    static const char *const words[] = {"extension", "ext.", "ext", "x", "#"};
    size_t k = i + (aigov__at(s, i) == ' '), from;
    unsigned char c = (unsigned char)(aigov__at(s, k) | 32);
    if (c != 'e' && c != 'x' && c != '#') {
        return i;
    }
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        if (!aigov__has_nocase(s, k, words[w])) {
            continue;
        }
        k += strlen(words[w]);
        k += aigov__at(s, k) == ':';
        k += aigov__at(s, k) == ' ';
        for (from = k; k < from + 7 && aigov__at_is(s, k, AIGOV__DIGIT); k++) {
        }
        return k == from || k - from > 6 || aigov__word_at(s, k) ? i : k;
    }
    return i;
}

/* Whether a number that begins at from may end at i. */
static bool may_end(aigov__scan *s, size_t from, size_t i)
{
    unsigned char c = aigov__at(s, i);
    if (aigov__word_at(s, i) || c == '%' || c == '_' || c == '@') {
        return false;
    }
    if (c == ':') {
        return !aigov__at_is(s, i + 1, AIGOV__ALNUM);
    }
    if (c == ',') {
        return !aigov__comma_joins(s, i) || aigov__comma_cell(s, from);
    }
    return !((c == '-' || c == '.' || c == '/') &&
             aigov__at_is(s, i + 1, AIGOV__DIGIT));
}

/* Whether a number may begin at i, '+' and '(' included. */
static bool may_begin(aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i - 1);
    if (i == 0) {
        return true;
    }
    if (aigov__word_before(s, i) || c == '#' || c == '$' || c == '_' ||
        c == '@' || c == '+') {
        return false;
    }
    if (c == ',') {
        return !aigov__comma_joins(s, i - 1) || aigov__comma_cell(s, i);
    }
    if (c == '-' || c == '/') {
        return !aigov__at_is(s, i - 2, AIGOV__ALNUM);
    }
    return !((c == '.' || c == ':' || c == ')') &&
             aigov__at_is(s, i - 2, AIGOV__DIGIT));
}

/* Whether the hit before is a telephone number shortly before `from`: in a list
 * of them, the word stands at the head only.  Not "order", "ISBN" between. */
static bool in_list(aigov__scan *s, size_t from)
{
    const aigov__hit *h = s->hits > 0 ? &s->hit[s->hits - 1] : NULL;
    return h != NULL && h->detector == AIGOV__D_phone_number && h->to <= from &&
           from - h->to <= LIST_GAP &&
           !aigov__word_within(s, from, from, AIGOV__C_AGAINST, from - h->to,
                               0) &&
           !aigov__word_within(s, from, from, AIGOV__C_ORDER, from - h->to,
                               0) &&
           (aigov__column(s, from) == NULL ||
            aigov__column_has(s, from, AIGOV__C_PHONE));
}

static bool report(aigov__scan *s, size_t from, size_t to, int base)
{
    size_t end = extension(s, to);
    if (end == to && !may_end(s, from, to)) {
        return false;
    }
    if (base >= 25 && base < 50 && in_list(s, from)) {
        base = 50;
    }
    aigov__report(s, AIGOV__D_phone_number, from, end, base, 0);
    return true;
}

/* --- international ------------------------------------------------------- */

/* NANP: area and exchange begin with 2 to 9, the area is no N11. */
static bool is_nanp(const char *p)
{
    return p[0] >= '2' && p[3] >= '2' && !(p[1] == '1' && p[2] == '1');
}

static bool has_length(const struct country *c, const char *national, int n)
{
    if (c->code == 1) {
        return n == 10 && is_nanp(national);
    }
    if (national[0] == '0' && c->code != 39) { /* a trunk zero kept */
        n--;
    }
    return n >= c->min && n <= c->max;
}

/*
 * Report the longest run of groups that has a length of its country: base
 * where there is one, weak (which needs a word) where the length is another.
 */
static bool international(aigov__scan *s, size_t from, const struct number *x,
                          int skip, int base, int weak)
{
    int code;
    const struct country *c =
        x->groups == 0 || x->count[x->groups - 1] < skip + MIN_DIGITS
            ? NULL
            : country_of(x->digits + skip, &code);
    for (int k = x->groups - 1; k >= 0 && c != NULL; k--) {
        const char *national = x->digits + skip + code;
        int n = x->count[k] - skip - code;
        if (n > 0 && has_length(c, national, n) &&
            report(s, from, x->end[k], base)) {
            return true;
        }
    }
    return weak > 0 && x->count[x->groups - 1] >= 8 &&
           report(s, from, x->end[x->groups - 1], weak);
}

/* --- national forms ------------------------------------------------------ */

/* d a digit; e an even one; ~ one of space - . (the same throughout); others
 * are themselves.  lengths: of the groups of digits, four bits each, the first
 * lowest; by these most forms are refused.  nanp: North American, see is_nanp.
 */
struct form {
    const char *pattern;
    uint32_t lengths;
    uint8_t base;
    bool nanp;
};

/* (area) number: North America; Turkey, Britain, Germany; Russia, Brazil */
static const struct form bracket[] = {
    {"(ddd) ddd-dddd", 0x433, 80, true},
    {"(ddd)ddd-dddd", 0x433, 80, true},
    {"(ddd) ddd dddd", 0x433, 60, true},
    {"(ddd) ddd.dddd", 0x433, 60, true},
    {"(ddd)-ddd-dddd", 0x433, 80, true},
    {"(ddd) ddddddd", 0x73, 55, true},
    {"(0ddd) ddd dd dd", 0x2234, 62, false},
    {"(0ddd) ddd dddd", 0x434, 60, false},
    {"(0d) dddd dddd", 0x442, 62, false},
    {"(0dd) dddd dddd", 0x443, 62, false},
    {"(0dddd) dddddd", 0x65, 62, false},
    {"(0dd) ddddddd", 0x73, 60, false},
    {"(0dd) dddddddd", 0x83, 60, false},
    {"(0ddd) ddddddd", 0x74, 60, false},
    {"(ddd) ddd-dd-dd", 0x2233, 55, false},
    {"(dd) ddddd-dddd", 0x452, 65, false},
    {"(dd) dddd-dddd", 0x442, 62, false},
    {"(dd)ddddd-dddd", 0x452, 65, false},
};

/* a trunk digit by itself: North America, Turkey, Russia */
static const struct form first_one[] = {
    {"1~ddd~ddd~dddd", 0x4331, 55, true},
    {"1 (ddd) ddd-dddd", 0x4331, 80, true},
    {"1-ddd-ddd-dddd", 0x4331, 80, true},
    {"0~ddd~ddd~dd~dd", 0x22331, 55, false},
    {"0 (ddd) ddd dd dd", 0x22331, 62, false},
    {"0 (ddd) ddddddd", 0x731, 58, false},
    {"0 (ddd) ddd dddd", 0x4331, 60, false},
    {"0 (ddd) ddd-dddd", 0x4331, 60, false},
    {"8 (ddd) ddd-dd-dd", 0x22331, 65, false},
    {"8(ddd)ddd-dd-dd", 0x22331, 65, false},
    {"8 ddd ddd-dd-dd", 0x22331, 62, false},
    {"8~ddd~ddd~dd~dd", 0x22331, 60, false},
};

/* France, Britain, Australia, Israel; without 0 Brazil, Denmark, Mexico, Spain
 * (Madrid, Barcelona) */
static const struct form first_two[] = {
    {"0d~dd~dd~dd~dd", 0x22222, 60, false}, {"0d~dddd~dddd", 0x442, 55, false},
    {"0d-ddddddd", 0x72, 50, false},        {"0d-dddddddd", 0x82, 52, false},
    {"0d dddddddd", 0x82, 45, false},       {"dd ddddd-dddd", 0x452, 52, false},
    {"dd~dd~dd~dd", 0x2222, 24, false},     {"dd~dddd~dddd", 0x442, 35, false},
    {"91 ddd dd dd", 0x2232, 50, false},    {"93 ddd dd dd", 0x2232, 50, false},
};

/* North America; Switzerland, Sweden, Britain, Germany, Korea; China, Turkey,
 * Spain without 0 */
static const struct form first_three[] = {
    {"ddd-ddd-dddd", 0x433, 80, true},    {"ddd.ddd.dddd", 0x433, 52, true},
    {"ddd ddd dddd", 0x433, 40, true},    {"ddd ddd-dddd", 0x433, 52, true},
    {"ddd/ddd-dddd", 0x433, 52, true},    {"0dd~ddd~dd~dd", 0x2233, 58, false},
    {"0dd/ddd~dd~dd", 0x2233, 58, false}, {"0dd-dddd-dddd", 0x443, 55, false},
    {"02d dddd dddd", 0x443, 55, false},  {"0dd~dddd~dddd", 0x443, 45, false},
    {"0dd-ddd-dddd", 0x433, 55, false},   {"0dd~ddd~dddd", 0x433, 45, false},
    {"0dd/ddddddd", 0x73, 55, false},     {"0dd/dddddddd", 0x83, 55, false},
    {"0dd-ddddddd", 0x73, 52, false},     {"0dd-dddddddd", 0x83, 52, false},
    {"0dd ddddddd", 0x73, 45, false},     {"0dd dddddddd", 0x83, 45, false},
    {"0dd-ddd dd dd", 0x2233, 60, false}, {"1dd-dddd-dddd", 0x443, 55, false},
    {"1dd dddd dddd", 0x443, 50, false},  {"5dd~ddd~dd~dd", 0x2233, 45, false},
    {"6dd dd dd dd", 0x2223, 50, false},  {"7dd dd dd dd", 0x2223, 50, false},
    {"9dd dd dd dd", 0x2223, 50, false},  {"ddd~ddd~ddd", 0x333, 24, false},
    {"ddd~dd~dd~dd", 0x2223, 30, false},
};

/* Turkey, Belgium, Britain, Germany, China */
static const struct form first_four[] = {
    {"0ddd~dd~dd~dd", 0x2224, 58, false},  {"0ddd/dd.dd.dd", 0x2224, 60, false},
    {"0ddd~ddd~dd~dd", 0x2234, 58, false}, {"0ddd~ddd~dddd", 0x434, 55, false},
    {"0ddd~ddd~ddd", 0x334, 52, false},    {"0ddd/dddddd", 0x64, 55, false},
    {"0ddd/ddddddd", 0x74, 55, false},     {"0ddd/dddddddd", 0x84, 55, false},
    {"0ddd-ddddddd", 0x74, 50, false},     {"0ddd-dddddddd", 0x84, 50, false},
    {"0ddd ddddddd", 0x74, 45, false},     {"0ddd dddddddd", 0x84, 45, false},
    {"0ddd dddd dddd", 0x444, 45, false},  {"0ddd-dd-dddd", 0x424, 52, false},
};

/* Britain, Germany; India without 0 */
static const struct form first_five[] = {
    {"0dddd~dddddd", 0x65, 55, false}, {"0dddd~ddd~ddd", 0x335, 55, false},
    {"0dddd/ddddd", 0x55, 52, false},  {"0dddd/dddddd", 0x65, 55, false},
    {"ddddd ddddd", 0x55, 30, false},
};

/* Turkey: mobile, then areas */
static const struct form first_ten[] = {
    {"50dddddddd", 0xa, 25, false}, {"53dddddddd", 0xa, 25, false},
    {"54dddddddd", 0xa, 25, false}, {"55dddddddd", 0xa, 25, false},
    {"2deddddddd", 0xa, 25, false}, {"3deddddddd", 0xa, 25, false},
    {"4deddddddd", 0xa, 25, false},
};

/* with trunk 0 */
static const struct form first_eleven[] = {
    {"0dddddddddd", 0xb, 25, false},
};

#define FORMS(list)                                                            \
    {                                                                          \
        list, sizeof(list) / sizeof(list)[0]                                   \
    }

/* By the digits of the first group; 0: a bracket. */
static const struct {
    const struct form *form;
    size_t n;
} forms[MAX_DIGITS + 1] = {
    [0] = FORMS(bracket),    [1] = FORMS(first_one),
    [2] = FORMS(first_two),  [3] = FORMS(first_three),
    [4] = FORMS(first_four), [5] = FORMS(first_five),
    [10] = FORMS(first_ten), [11] = FORMS(first_eleven),
};

/* The end of text at i that has the pattern; 0: it has not. */
static size_t match(const aigov__scan *s, size_t i, const char *pattern)
{
    unsigned char sep = 0;
    for (; *pattern != 0; pattern++, i++) {
        unsigned char c = aigov__at(s, i);
        if (*pattern == 'd' || *pattern == 'e') {
            if (!aigov__is(c, AIGOV__DIGIT) ||
                (*pattern == 'e' && c % 2 != 0)) {
                return 0;
            }
        } else if (*pattern == '~') {
            if ((c != ' ' && c != '-' && c != '.') || (sep != 0 && c != sep)) {
                return 0;
            }
            sep = c;
        } else if (c != (unsigned char)*pattern) {
            return 0;
        }
    }
    return i;
}

static bool nanp_digits(const aigov__scan *s, size_t from, size_t to)
{
    char digits[MAX_DIGITS];
    int n = 0;
    for (size_t i = from; i < to && n < MAX_DIGITS; i++) {
        if (aigov__at_is(s, i, AIGOV__DIGIT)) {
            digits[n++] = s->p[i];
        }
    }
    return (n == 10 && is_nanp(digits)) || (n == 11 && is_nanp(digits + 1));
}

/* Whether [from, to) stands in a row of numbers with spaces between. */
static bool in_row(const aigov__scan *s, size_t from, size_t to)
{
    return (aigov__at(s, from - 1) == ' ' &&
            aigov__at_is(s, from - 2, AIGOV__DIGIT)) ||
           (aigov__at(s, to) == ' ' && aigov__at_is(s, to + 1, AIGOV__DIGIT));
}

/* Whether a border of a cell ends before i, or begins at it. */
static bool cell_before(const aigov__scan *s, size_t i)
{
    unsigned char a = aigov__at(s, i - 1), b = aigov__at(s, i - 2);
    return a == '\t' || a == '|' || a == ';' || a == '"' || a == '\'' ||
           (a == ' ' && (b == '|' || b == ' '));
}

static bool cell_after(const aigov__scan *s, size_t i)
{
    unsigned char a = aigov__at(s, i), b = aigov__at(s, i + 1);
    return a == '\t' || a == '|' || a == ';' || a == '"' || a == '\'' ||
           (a == ' ' && (b == '|' || b == ' '));
}

static uint32_t lengths_of(const struct number *x)
{
    uint32_t lengths = 0;
    for (int k = 0; k < x->groups; k++) {
        lengths |= (uint32_t)x->length[k] << (4 * k);
    }
    return lengths;
}

/* Whether the first groups have the lengths of a form. */
static bool same_lengths(uint32_t lengths, uint32_t form)
{
    uint32_t mask = UINT32_MAX >> (__builtin_clz(form) & ~3);
    return ((lengths ^ form) & mask) == 0;
}

/* Report the best form that the text at `from` has; false: none.  first: digits
 * of the first group, 0 for a bracket. */
static bool national(aigov__scan *s, size_t from, const struct number *x,
                     unsigned first)
{
    uint32_t lengths = lengths_of(x);
    size_t end = 0;
    int base = 0;
    for (size_t k = 0; k < forms[first].n; k++) {
        const struct form *f = &forms[first].form[k];
        size_t to =
            same_lengths(lengths, f->lengths) ? match(s, from, f->pattern) : 0;
        if (to == 0 || to < end || (to == end && f->base <= base) ||
            (f->nanp && !nanp_digits(s, from, to))) {
            continue;
        }
        if (extension(s, to) != to || may_end(s, from, to)) {
            end = to;
            base = f->base;
        }
    }
    if (base > 40 && in_row(s, from, end)) {
        base = 40;
    } else if (base == 40 && cell_before(s, from) && cell_after(s, end)) {
        base = 50; /* ddd ddd dddd and nothing else in a cell */
    }
    return end != 0 && report(s, from, end, base);
}

/* --- by a word ----------------------------------------------------------- */

static bool is_year(const char *p)
{
    return memcmp(p, "19", 2) == 0 || memcmp(p, "20", 2) == 0;
}

/* Dates, years, decimals and addresses that have as many digits. */
static bool is_other(const struct number *x, int k)
{
    const uint8_t *n = x->length;
    const char *p = x->digits;
    if (k == 0) {
        return n[0] == 8 && is_year(p) &&
               aigov__is_day(aigov__number(p, 4), aigov__number(p + 4, 2),
                             aigov__number(p + 6, 2));
    }
    if (k == 1 && n[0] == 4 && n[1] == 4 && is_year(p) && is_year(p + 4)) {
        return true;
    }
    if (k >= 2 && n[0] == 4 && n[1] == 2 && n[2] == 2 && is_year(p)) {
        return true; /* 2024-03-17 10:15 */
    }
    if (k == 2 && x->sep != '*' && x->sep != ' ') {
        return (n[0] == 4 && n[1] <= 2 && n[2] <= 2) ||
               (n[0] <= 2 && n[1] <= 2 && n[2] == 4);
    }
    if (x->sep == '.') {
        return k == 1 ||
               (k == 3 && n[0] <= 3 && n[1] <= 3 && n[2] <= 3 && n[3] <= 3);
    }
    return false;
}

/* The last group of a number that a word says to be one: what begins with 0
 * or '(' after seven digits is another number. */
static int last_group(const aigov__scan *s, const struct number *x)
{
    int k;
    for (k = 0; k + 1 < x->groups; k++) {
        size_t next = x->end[k] + 1;
        unsigned char c = aigov__at(s, next);
        if (x->count[k] >= MIN_DIGITS && aigov__at(s, x->end[k]) == ' ' &&
            (c == '0' || c == '(')) {
            break;
        }
    }
    return k;
}

/* A word before; a few digits in one piece after "call" may be anything.  Or
 * many digits in a list of telephone numbers. */
static bool has_word(aigov__scan *s, size_t from, size_t to, bool few)
{
    size_t before = few ? WORD_CLOSE : WORD_BEFORE;
    return aigov__path_has(s, AIGOV__C_PHONE) || (!few && in_list(s, from)) ||
           (aigov__word_within(s, from, to, AIGOV__C_PHONE, before, 0) &&
            !(few &&
              aigov__word_within(s, from, to, AIGOV__C_CALL, before, 0))) ||
           aigov__column_has(s, from, AIGOV__C_PHONE);
}

static void by_word(aigov__scan *s, size_t from, const struct number *x)
{
    int k = last_group(s, x);
    bool few = k == 0 && x->count[0] < 10;
    if (x->count[k] < MIN_DIGITS || is_other(x, k) ||
        !has_word(s, from, x->end[k], few)) {
        return;
    }
    report(s, from, x->end[k], few ? 24 : 25);
}

/* --- the trigger --------------------------------------------------------- */

/* Where a number whose first digits are at i begins: '+' and '(' before. */
static size_t start_of(const aigov__scan *s, size_t i, bool *plus)
{
    unsigned char a = aigov__at(s, i - 1), b = aigov__at(s, i - 2);
    *plus = i > 0 && (a == '+' || (i > 1 && a == '(' && b == '+'));
    if (*plus) {
        return a == '+' ? i - 1 : i - 2;
    }
    return i > 0 && a == '(' ? i - 1 : i;
}

void aigov__phone(aigov__scan *s, size_t from, size_t to)
{
    struct number x;
    bool plus;
    size_t start;
    if (!aigov__at_is(s, from, AIGOV__DIGIT) || to - from > MAX_DIGITS + 10) {
        return;
    }
    start = start_of(s, from, &plus);
    if ((s->in_row && !plus) || !may_begin(s, start)) {
        return;
    }
    read_number(s, from, &x);
    if (x.groups == 0 || x.count[x.groups - 1] < MIN_DIGITS) {
        return;
    }
    if (plus) {
        if (x.groups == 2 && x.sep == '.') {
            return; /* +35236450.6 */
        }
        international(s, start, &x, 0, 80, 30);
        return;
    }
    if (x.digits[0] == '0' && x.digits[1] == '0') {
        international(s, start, &x, 2, x.groups > 2 ? 45 : 24, 0);
        return;
    }
    if (!national(s, start, &x, start == from ? x.length[0] : 0)) {
        by_word(s, start, &x);
    }
}
