/*
 * date.c - dates and times, dates of birth: aigov__date
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   2024-03-17  2024/03/17  20240317T101500Z    year first, ISO 8601
 *   17.03.2024  3/17/24  17-03-2024             day or month first
 *   03/2024  3/17                               less of it
 *   17 March 2024  3rd of April  17. Maerz 2024 month by name, in 14 languages
 *   March 17, 2024  May-2021
 *   10:15  10:15:07.5+01:00  10 pm              also after a date
 *   2024 + U+5E74 ...                           Han: year, month, day
 *
 * All are soft: a date says little.  A whole day next to a word for birth is a
 * date of birth instead.
 */
#include "internal.h"

#define MIN_YEAR 1900
#define MAX_YEAR 2100
#define BIRTH_BEFORE 32 /* bytes between a word for birth and its date */
#define BIRTH_AFTER 6
#define MAX_NAME 22 /* bytes of a month's name */

/* --- names of months ----------------------------------------------------- */

/* In the order of bytes; lower case. */
static const struct month {
    const char *name;
    int number;
} months[] = {
    {"abr", 4},          {"abril", 4},        {"ago", 8},
    {"agosto", 8},       {"août", 8},         {"apr", 4},
    {"april", 4},        {"aprile", 4},       {"aralık", 12},
    {"aug", 8},          {"august", 8},       {"augusti", 8},
    {"augustus", 8},     {"avr", 4},          {"avril", 4},
    {"ağustos", 8},      {"březen", 3},       {"března", 3},
    {"czerwca", 6},      {"czerwiec", 6},     {"dec", 12},
    {"december", 12},    {"dez", 12},         {"dezember", 12},
    {"dezembro", 12},    {"dic", 12},         {"dicembre", 12},
    {"diciembre", 12},   {"duben", 4},        {"dubna", 4},
    {"déc", 12},         {"décembre", 12},    {"ekim", 10},
    {"elokuuta", 8},     {"ene", 1},          {"enero", 1},
    {"eylül", 9},        {"feb", 2},          {"febbraio", 2},
    {"febrero", 2},      {"februar", 2},      {"februari", 2},
    {"february", 2},     {"február", 2},      {"fev", 2},
    {"fevereiro", 2},    {"fév", 2},          {"févr", 2},
    {"février", 2},      {"gen", 1},          {"gennaio", 1},
    {"giu", 6},          {"giugno", 6},       {"grudnia", 12},
    {"grudzień", 12},    {"haziran", 6},      {"heinäkuuta", 7},
    {"helmikuuta", 2},   {"huhtikuuta", 4},   {"jan", 1},
    {"janeiro", 1},      {"januar", 1},       {"januari", 1},
    {"january", 1},      {"január", 1},       {"janv", 1},
    {"janvier", 1},      {"joulukuuta", 12},  {"juil", 7},
    {"juillet", 7},      {"juin", 6},         {"jul", 7},
    {"julho", 7},        {"juli", 7},         {"julio", 7},
    {"july", 7},         {"jun", 6},          {"june", 6},
    {"junho", 6},        {"juni", 6},         {"junio", 6},
    {"jänner", 1},       {"kasım", 11},       {"kesäkuuta", 6},
    {"květen", 5},       {"května", 5},       {"kwiecień", 4},
    {"kwietnia", 4},     {"leden", 1},        {"ledna", 1},
    {"lipca", 7},        {"lipiec", 7},       {"listopad", 11},
    {"listopada", 11},   {"listopadu", 11},   {"lokakuuta", 10},
    {"lug", 7},          {"luglio", 7},       {"lutego", 2},
    {"luty", 2},         {"maaliskuuta", 3},  {"maart", 3},
    {"mag", 5},          {"maggio", 5},       {"mai", 5},
    {"maio", 5},         {"maj", 5},          {"maja", 5},
    {"mar", 3},          {"marca", 3},        {"march", 3},
    {"marraskuuta", 11}, {"mars", 3},         {"mart", 3},
    {"marzec", 3},       {"marzo", 3},        {"março", 3},
    {"may", 5},          {"mayo", 5},         {"mayıs", 5},
    {"mei", 5},          {"märz", 3},         {"nisan", 4},
    {"nov", 11},         {"november", 11},    {"novembre", 11},
    {"novembro", 11},    {"noviembre", 11},   {"ocak", 1},
    {"oct", 10},         {"october", 10},     {"octobre", 10},
    {"octubre", 10},     {"okt", 10},         {"oktober", 10},
    {"ott", 10},         {"ottobre", 10},     {"out", 10},
    {"outubro", 10},     {"październik", 10}, {"października", 10},
    {"prosince", 12},    {"prosinec", 12},    {"sep", 9},
    {"sept", 9},         {"september", 9},    {"septembre", 9},
    {"septiembre", 9},   {"set", 9},          {"setembro", 9},
    {"settembre", 9},    {"sierpień", 8},     {"sierpnia", 8},
    {"srpen", 8},        {"srpna", 8},        {"styczeń", 1},
    {"stycznia", 1},     {"syyskuuta", 9},    {"tammikuuta", 1},
    {"temmuz", 7},       {"toukokuuta", 5},   {"wrzesień", 9},
    {"września", 9},     {"září", 9},         {"únor", 2},
    {"února", 2},        {"červen", 6},       {"července", 7},
    {"červenec", 7},     {"června", 6},       {"říjen", 10},
    {"října", 10},       {"şubat", 2},        {"август", 8},
    {"августа", 8},      {"апрель", 4},       {"апреля", 4},
    {"декабрь", 12},     {"декабря", 12},     {"июль", 7},
    {"июля", 7},         {"июнь", 6},         {"июня", 6},
    {"май", 5},          {"март", 3},         {"марта", 3},
    {"мая", 5},          {"ноябрь", 11},      {"ноября", 11},
    {"октябрь", 10},     {"октября", 10},     {"сентябрь", 9},
    {"сентября", 9},     {"февраль", 2},      {"февраля", 2},
    {"январь", 1},       {"января", 1},
};

/* The month that a word in lower case names; 0: none. */
static int month_of(const char *word)
{
    size_t low = 0, high = sizeof months / sizeof months[0];
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int d = (unsigned char)word[0] - (unsigned char)months[mid].name[0];
        d = d != 0 ? d : strcmp(word, months[mid].name);
        if (d == 0) {
            return months[mid].number;
        }
        if (d < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return 0;
}

/* The month named by the whole word [from, to); 0: none. */
static int month_named(const aigov__scan *s, size_t from, size_t to)
{
    char word[MAX_NAME + 1];
    size_t n = to - from;
    if (n < 3 || n > MAX_NAME) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s->p[from + i];
        bool latin = i > 0 && (unsigned char)s->p[from + i - 1] == 0xC3 &&
                     c >= 0x80 && c <= 0x9E; /* capitals U+00C0..DE */
        word[i] = (char)(latin || aigov__is(c, AIGOV__UPPER) ? c + 32 : c);
    }
    word[n] = 0;
    return month_of(word);
}

static size_t word_end(const aigov__scan *s, size_t i)
{
    size_t from = i;
    while (i - from <= MAX_NAME &&
           aigov__at_is(s, i, AIGOV__ALPHA | AIGOV__HIGH)) {
        i++;
    }
    return i;
}

/* --- parts --------------------------------------------------------------- */

/* A number of at most max digits at *i, which goes behind it; -1: none. */
static int number(const aigov__scan *s, size_t *i, size_t max)
{
    size_t from = *i;
    while (*i - from <= max && aigov__at_is(s, *i, AIGOV__DIGIT)) {
        ++*i;
    }
    if (*i == from || *i - from > max) {
        return -1;
    }
    return aigov__number(s->p + from, (int)(*i - from));
}

static bool is_year(int year)
{
    return year >= MIN_YEAR && year <= MAX_YEAR;
}

/* A year of four digits, or of two, at *i; -1: none. */
static int year_at(const aigov__scan *s, size_t *i)
{
    size_t from = *i;
    int year = number(s, i, 4);
    if (*i - from == 2) {
        return year + (year < 50 ? 2000 : 1900);
    }
    return *i - from == 4 && is_year(year) ? year : -1;
}

/* Whether no letter, digit or decimal goes on at i. */
static bool ends(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i);
    return !aigov__word_at(s, i) && c != '_' &&
           !((c == '.' || c == '-' || c == '/' || c == ':') &&
             aigov__at_is(s, i + 1, AIGOV__DIGIT));
}

/* The end of "am", "p.m." after a time at i, with a space or not; i: none. */
static size_t half_day(const aigov__scan *s, size_t i)
{
    size_t k = i + (aigov__at(s, i) == ' ');
    unsigned char c = (unsigned char)(aigov__at(s, k) | 32);
    if (c != 'a' && c != 'p') {
        return i;
    }
    k++;
    k += aigov__at(s, k) == '.';
    if ((aigov__at(s, k) | 32) != 'm' || aigov__word_at(s, k + 1)) {
        return i;
    }
    k++;
    return aigov__at(s, k) == '.' && aigov__at(s, k - 2) == '.' ? k + 1 : k;
}

/* The end of Z, UTC, +hh:mm, +hhmm after a time at i, with a space or not; i:
 * none. */
static size_t zone(const aigov__scan *s, size_t i)
{
    size_t k = i + (aigov__at(s, i) == ' ');
    if (aigov__at(s, k) == 'Z') {
        return aigov__word_at(s, k + 1) ? i : k + 1;
    }
    if (aigov__has(s, k, "UTC") || aigov__has(s, k, "GMT")) {
        return aigov__word_at(s, k + 3) ? i : k + 3;
    }
    if ((aigov__at(s, k) != '+' && aigov__at(s, k) != '-') ||
        !aigov__at_is(s, k + 1, AIGOV__DIGIT) ||
        !aigov__at_is(s, k + 2, AIGOV__DIGIT)) {
        return i;
    }
    k += 3;
    if (aigov__at(s, k) == ':') {
        k++;
    }
    return aigov__at_is(s, k, AIGOV__DIGIT) &&
                   aigov__at_is(s, k + 1, AIGOV__DIGIT)
               ? k + 2
               : i;
}

/* The end of a time hh:mm at i; i: none.  *seconds: it has them. */
static size_t time_end(const aigov__scan *s, size_t i, bool *seconds)
{
    size_t k = i, from;
    int hour = number(s, &k, 2), part;
    *seconds = false;
    if (hour < 0 || hour > 24 || aigov__at(s, k) != ':') {
        return i;
    }
    from = ++k;
    part = number(s, &k, 2);
    if (part < 0 || part > 59 || k - from != 2) {
        return i;
    }
    if (aigov__at(s, k) == ':' && aigov__at_is(s, k + 1, AIGOV__DIGIT)) {
        from = ++k;
        part = number(s, &k, 2);
        if (part < 0 || part > 60 || k - from != 2) {
            return i;
        }
        *seconds = true;
        from = k + 1;
        if ((aigov__at(s, k) == '.' || aigov__at(s, k) == ',') &&
            aigov__at_is(s, from, AIGOV__DIGIT)) {
            for (k = from; k < from + 9 && aigov__at_is(s, k, AIGOV__DIGIT);
                 k++) {
            }
        }
    }
    from = half_day(s, k);
    return from != k ? from : zone(s, k);
}

/* Take in a time after a date that ends at i: T, space or comma between. */
static size_t with_time(const aigov__scan *s, size_t i)
{
    size_t k = i, end;
    bool seconds;
    k += aigov__at(s, k) == ',';
    if (aigov__at(s, k) != 'T' && aigov__at(s, k) != ' ' &&
        aigov__at(s, k) != ':' && aigov__at(s, k) != 't') {
        return i;
    }
    end = time_end(s, ++k, &seconds);
    return end == k || !ends(s, end) ? i : end;
}

/* --- reporting ----------------------------------------------------------- */

/* Whether a word for birth belongs to the day [from, to): before it and after
 * the finding before, or in brackets behind it. */
static bool is_birth(aigov__scan *s, size_t from, size_t to)
{
    size_t before = BIRTH_BEFORE, after = 0, last = 0;
    if (s->hits > 0) {
        last = s->hit[s->hits - 1].to;
    }
    if (last > 0 && last <= from && from - last < before) {
        before = from - last;
    }
    if (aigov__at(s, to) == ' ' && aigov__at(s, to + 1) == '(') {
        after = BIRTH_AFTER;
    }
    return aigov__path_has(s, AIGOV__C_BIRTH) ||
           aigov__word_within(s, from, to, AIGOV__C_BIRTH, before, after) ||
           aigov__column_has(s, from, AIGOV__C_BIRTH);
}

/* A day that ends at `to`: a date, and where a word says so one of birth. */
static void report_day(aigov__scan *s, size_t from, size_t to, int base)
{
    size_t end = with_time(s, to);
    if (end == to && !ends(s, to)) {
        return;
    }
    if (is_birth(s, from, to)) {
        aigov__report(s, AIGOV__D_date_of_birth, from, end, 60, 0);
    } else {
        aigov__report(s, AIGOV__D_date_time, from, end, base, 0);
    }
}

/* --- forms --------------------------------------------------------------- */

/* 2024-03-17; the separator is at i.  Not in names: model-2024-03-17. */
static void year_first(aigov__scan *s, size_t from, size_t i)
{
    int year = aigov__number(s->p + from, 4), month, day;
    char sep = s->p[i++];
    if (aigov__at(s, from - 1) == '-' && aigov__word_before(s, from - 1)) {
        return;
    }
    month = number(s, &i, 2);
    if (!is_year(year) || month < 1 || aigov__at(s, i) != (unsigned char)sep) {
        return;
    }
    i++;
    day = number(s, &i, 2);
    if (aigov__is_day(year, month, day)) {
        report_day(s, from, i, sep == '-' ? 85 : sep == '/' ? 75 : 55);
    }
}

/* Han: 2024 U+5E74 3 U+6708 17 U+65E5; the first sign is at i. */
static void han(aigov__scan *s, size_t from, size_t i)
{
    int year = aigov__number(s->p + from, 4), month, day;
    if (!aigov__has(s, i, "\xE5\xB9\xB4") || !is_year(year)) {
        return;
    }
    i += 3;
    month = number(s, &i, 2);
    if (month < 1 || !aigov__has(s, i, "\xE6\x9C\x88")) {
        return;
    }
    i += 3;
    day = number(s, &i, 2);
    if (day > 0 && aigov__has(s, i, "\xE6\x97\xA5") &&
        aigov__is_day(year, month, day)) {
        report_day(s, from, i + 3, 85);
    }
}

/* Eight digits yyyymmdd, with Thhmmss or without. */
static void compact(aigov__scan *s, size_t from, size_t to)
{
    const char *p = s->p + from;
    int year = aigov__number(p, 4), month = aigov__number(p + 4, 2);
    bool time = to - from >= 15 && p[8] == 'T';
    if (!is_year(year) ||
        !aigov__is_day(year, month, aigov__number(p + 6, 2)) ||
        (to - from != 8 && !time)) {
        return;
    }
    if (time) {
        aigov__report(s, AIGOV__D_date_time, from, to, 70, 0);
    } else {
        report_day(s, from, to, 22);
    }
}

/* 17.03.2024, 3/17/24; the first number is n, the separator at i. */
static void numbers(aigov__scan *s, size_t from, int n, size_t i)
{
    char sep = s->p[i++];
    size_t second = i, third;
    int m = number(s, &i, 2), year;
    bool four, day_first;
    if (m < 1 || aigov__at(s, i) != (unsigned char)sep) {
        return;
    }
    third = ++i;
    year = year_at(s, &i);
    four = i - third == 4;
    if (!four && sep == '.' && from > 0 &&
        strchr("@^~=<>v-/", s->p[from - 1]) != NULL) {
        return; /* core@2.12.18 */
    }
    if (!four && aigov__at(s, from - 1) == '[' && aigov__at(s, i) == ']') {
        return; /* ## [2.12.18] of a change log */
    }
    day_first = aigov__is_day(year, m, n);
    if (year < 0 || !(day_first || aigov__is_day(year, n, m))) {
        return;
    }
    /* 1.2.10 is a version; 21.5.10 and 01.02.10 are days */
    if (sep == '.' &&
        (!day_first || (!four && n < 13 && third - second != 3))) {
        return;
    }
    report_day(s, from, i,
               four         ? (sep == '/' ? 75 : 70)
               : sep == '/' ? 55
                            : 50);
}

/* 05/2021; and 5/21, which may be a fraction as well. */
static void two_numbers(aigov__scan *s, size_t from, int n, size_t i)
{
    size_t second = i;
    int m = number(s, &i, 4);
    if (!ends(s, i)) {
        return;
    }
    if (i - second == 4 && is_year(m) && n >= 1 && n <= 12) {
        aigov__report(s, AIGOV__D_date_time, from, i, 52, 0);
    } else if (m > 0 && i - second <= 2 &&
               (aigov__is_day(0, n, m) || aigov__is_day(0, m, n))) {
        aigov__report(s, AIGOV__D_date_time, from, i, 20, 0);
    }
}

/* Pass over what may stand between a day and a month: st, th, er, a dot, "of",
 * "de", a space, dash or slash. */
static size_t to_name(const aigov__scan *s, size_t i)
{
    static const char *const suffixes[] = {"st", "nd", "rd", "th", "er", "."};
    unsigned char c = aigov__at(s, i);
    bool any = aigov__is(c, AIGOV__ALPHA) || c == '.';
    for (size_t k = 0; any && k < sizeof suffixes / sizeof suffixes[0]; k++) {
        if (aigov__has_nocase(s, i, suffixes[k])) {
            i += strlen(suffixes[k]);
            break;
        }
    }
    if (aigov__at(s, i) == ' ' || aigov__at(s, i) == '-' ||
        aigov__at(s, i) == '/') {
        i++;
    }
    if (aigov__at(s, i + 2) == ' ' &&
        (aigov__has_nocase(s, i, "of ") || aigov__has_nocase(s, i, "de "))) {
        i += 3;
    }
    return i;
}

/* The year after a month's name that ends at i, and its end; 0: none. */
static int year_after(const aigov__scan *s, size_t i, size_t *end)
{
    size_t k = i;
    int year;
    bool tight;
    k += aigov__at(s, k) == '.';
    k += aigov__at(s, k) == ',';
    tight = aigov__at(s, k) == '-' || aigov__at(s, k) == '/';
    if (!tight && aigov__at(s, k) != ' ') {
        return 0;
    }
    k++;
    if (aigov__has_nocase(s, k, "de ")) {
        k += 3;
    } else if (aigov__has_nocase(s, k, "del ")) {
        k += 4;
    }
    i = k;
    year = year_at(s, &k);
    if (year < 0 || (k - i == 2 && !tight)) {
        return 0;
    }
    *end = k;
    return year;
}

/* 17 March 2024; the day's digits end at i. */
static bool name_after(aigov__scan *s, size_t from, int day, size_t i)
{
    size_t name = to_name(s, i), end = word_end(s, name), to = end;
    int month = month_named(s, name, end), year;
    if (month == 0 || name == i) {
        return false;
    }
    year = year_after(s, end, &to);
    if (!aigov__is_day(year, month, day)) {
        return false;
    }
    if (year != 0) {
        report_day(s, from, to, 80);
    } else if (end - name > 3) {
        aigov__report(s, AIGOV__D_date_time, from, end, 52, 0);
    }
    return true;
}

/* The start of the month's name before `from`; from where there is none. */
static size_t name_before(const aigov__scan *s, size_t from, int *month)
{
    size_t end = from, i;
    while (end > 0 && from - end < 2 && s->p[end - 1] != 0 &&
           strchr(" .,-", s->p[end - 1]) != NULL) {
        end--;
    }
    for (i = end; i > 0 && end - i <= MAX_NAME &&
                  aigov__at_is(s, i - 1, AIGOV__ALPHA | AIGOV__HIGH);
         i--) {
    }
    *month = end == from ? 0 : month_named(s, i, end);
    return *month == 0 || aigov__at_is(s, i - 1, AIGOV__DIGIT) ? from : i;
}

/* March 17, 2024 and May-2021; the digits at from end at i. */
static void name_first(aigov__scan *s, size_t from, int n, size_t i)
{
    int month, year;
    size_t name = name_before(s, from, &month), to, digits = i - from;
    if (name == from) {
        return;
    }
    if (digits == 4) {
        if (is_year(n) && ends(s, i)) {
            aigov__report(s, AIGOV__D_date_time, name, i, 58, 0);
        }
        return;
    }
    to = to_name(s, i);
    if (to > i && !aigov__at_is(s, to - 1, AIGOV__ALPHA) &&
        aigov__at(s, to - 1) != '.') {
        to--; /* not the space */
    }
    i = to;
    year = year_after(s, i, &to);
    if (!aigov__is_day(year, month, n)) {
        return;
    }
    if (year != 0) {
        report_day(s, name, to, 80);
    } else if (ends(s, i)) {
        aigov__report(s, AIGOV__D_date_time, name, i, 52, 0);
    }
}

/* 10:15, 10 pm; false where it is no time. */
static bool clock(aigov__scan *s, size_t from, int n, size_t i)
{
    bool seconds;
    size_t to = time_end(s, from, &seconds);
    if (to > from) {
        if (ends(s, to)) {
            aigov__report(s, AIGOV__D_date_time, from, to, seconds ? 60 : 50,
                          0);
        }
        return true;
    }
    to = half_day(s, i);
    if (to == i || n < 1 || n > 12) {
        return false;
    }
    aigov__report(s, AIGOV__D_date_time, from, to, 60, 0);
    return true;
}

/* --- the trigger --------------------------------------------------------- */

/* Whether the group at from goes on with a number or a word before it. */
static bool is_joined(const aigov__scan *s, size_t from)
{
    unsigned char c = aigov__at(s, from - 1);
    if (from == 0) {
        return false;
    }
    return c == '#' || c == '$' || c == '_' || aigov__word_before(s, from) ||
           ((c == '.' || c == '-' || c == '/' || c == '+' || c == ':') &&
            aigov__at_is(s, from - 2, AIGOV__DIGIT));
}

static void one_or_two(aigov__scan *s, size_t from, size_t i)
{
    int n = aigov__number(s->p + from, (int)(i - from));
    unsigned char c = aigov__at(s, i);
    if ((c == '-' || c == '/' || c == '.') &&
        aigov__at_is(s, i + 1, AIGOV__DIGIT)) {
        numbers(s, from, n, i);
        if (c == '/') {
            two_numbers(s, from, n, i + 1);
        }
        return;
    }
    if (c == ' ' && aigov__at_is(s, i + 1, AIGOV__DIGIT) &&
        aigov__at(s, from - 1) == ' ' &&
        aigov__at_is(s, from - 2, AIGOV__DIGIT)) {
        return; /* in a row of numbers */
    }
    if (!clock(s, from, n, i) && !name_after(s, from, n, i)) {
        name_first(s, from, n, i);
    }
}

void aigov__date(aigov__scan *s, size_t from, size_t to)
{
    size_t i = from;
    unsigned char c;
    while (i < to && i - from <= 8 && aigov__at_is(s, i, AIGOV__DIGIT)) {
        i++;
    }
    if (i == from || is_joined(s, from)) {
        return;
    }
    c = aigov__at(s, i);
    switch (i - from) {
    case 1:
    case 2:
        one_or_two(s, from, i);
        return;
    case 4:
        if (c == '-' || c == '/' || c == '.') {
            year_first(s, from, i);
        } else if (c == 0xE5) {
            han(s, from, i);
        }
        name_first(s, from, aigov__number(s->p + from, 4), i);
        return;
    case 8:
        compact(s, from, to);
        return;
    default:
        return;
    }
}
