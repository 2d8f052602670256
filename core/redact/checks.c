/*
 * checks.c - check digits that many formats share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

static int value_of(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

bool aigov__luhn(const char *digits, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        int v = digits[n - 1 - i] - '0';
        v = i % 2 == 0 ? v : 2 * v - (v > 4 ? 9 : 0);
        sum += v;
    }
    return sum % 10 == 0;
}

bool aigov__verhoeff(const char *digits, int n)
{
    static const uint8_t product[10][10] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
        {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
        {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
        {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
        {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
    };
    static const uint8_t permuted[8][10] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
        {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
        {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
        {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
    };
    uint8_t c = 0;
    for (int i = 0; i < n; i++) {
        c = product[c][permuted[i % 8][digits[n - 1 - i] - '0']];
    }
    return c == 0;
}

bool aigov__mod97(const char *alnum, int n)
{
    int rest = 0;
    for (int i = 0; i < n; i++) {
        int v = value_of(alnum[i]);
        rest = (rest * (v > 9 ? 100 : 10) + v) % 97;
    }
    return rest == 1;
}

bool aigov__mod11_10(const char *digits, int n)
{
    int p = 10;
    for (int i = 0; i < n - 1; i++) {
        p = (p + digits[i] - '0') % 10;
        p = (p == 0 ? 10 : p) * 2 % 11;
    }
    return (p + digits[n - 1] - '0') % 10 == 1;
}

bool aigov__mod11_2(const char *digits, int n)
{
    int p = 0;
    for (int i = 0; i < n - 1; i++) {
        p = (p + digits[i] - '0') * 2 % 11;
    }
    p = (12 - p) % 11;
    return digits[n - 1] == (p == 10 ? 'X' : (char)('0' + p));
}

int aigov__weighted(const char *alnum, const int *weight, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += value_of(alnum[i]) * weight[i];
    }
    return sum;
}

bool aigov__is_day(int year, int month, int day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
    bool leap =
        year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1]) {
        return false;
    }
    return month != 2 || day < 29 || leap;
}

int aigov__number(const char *digits, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        v = v * 10 + digits[i] - '0';
    }
    return v;
}

bool aigov__same(const char *p, int n)
{
    for (int i = 1; i < n; i++) {
        if (p[i] != p[0]) {
            return false;
        }
    }
    return true;
}

int aigov__base64_value(unsigned char c)
{
    if (aigov__is(c, AIGOV__UPPER)) {
        return c - 'A';
    }
    if (aigov__is(c, AIGOV__LOWER)) {
        return c - 'a' + 26;
    }
    if (aigov__is(c, AIGOV__DIGIT)) {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}
