/*
 * documents.c - passports and licence plates of any country
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Numbers of documents have no check digit outside of their machine readable
 * zone (mrz.c), and every state has a form of its own: letters and digits of a
 * usual length are taken where a word says what they are.  Two plates are
 * known by what no other text has, a sign of their script:
 *
 *   cn   province, letter, five or six letters and digits (GA 36)
 *   kr   two or three digits, a syllable of use, four digits
 */
#include "check.h"

/* Anything but one and the same digit. */
AIGOV__CHECK(vary)
{
    return aigov__pass(!aigov__same(w->compact, w->n));
}

/* 12JAN2028, 12JAN28 */
static bool is_date(const aigov__window *w)
{
    static const char months[] =
        "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC";
    return (w->n == 8 && w->letters == 0 && aigov__yyyymmdd(w->compact)) ||
           (w->letters == 3 && (w->n == 7 || w->n == 9) &&
            aigov__listed(months, w->compact + 2, 3));
}

/* Nine capitals and a digit, as Germany has them: C1NLZRCXC. */
static bool is_nearly_letters(const aigov__window *w)
{
    return w->n == 9 && w->groups == 1 && w->digits == 1 && !w->lower;
}

/* One group, or letters (one or two) and a group: AN 3000011.  In lower case
 * only letters and then digits, since "b0123456" is one and "a1b2c3d4" not. */
AIGOV__CHECK(passport)
{
    int letters = 0;
    while (letters < w->n && w->compact[letters] > '9') {
        letters++;
    }
    if (w->groups > 2 || (w->groups == 2 && (w->len[0] > 2 || letters == 0)) ||
        (w->digits < 2 && !is_nearly_letters(w)) || is_date(w) ||
        aigov__same(w->compact, w->n)) {
        return AIGOV__NO;
    }
    return aigov__pass(!w->lower || (letters <= 2 && letters == w->letters));
}

/* Up to four groups of letters and digits: "KA 01 AB 1234", "123 A". */
AIGOV__CHECK(license_plate)
{
    return aigov__pass(w->groups <= 4 && w->digits <= 6 && !is_date(w) &&
                       (!w->lower || (w->letters >= 2 && w->digits >= 2)));
}

/* --- plates with a sign of their script ---------------------------------- */

/* Characters of three bytes in UTF-8, one after the other. */
static const char chinese_provinces[] =
    "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
static const char korean_uses[] =
    "가나다라마거너더러머버서어저고노도로모보소오조"
    "구누두루무부수우주하허호배";

/* Whether the character of three bytes at i is one of these. */
static bool sign_at(const aigov__scan *s, size_t i, const char *signs)
{
    if (i >= s->n || s->n - i < 3) {
        return false;
    }
    for (; *signs != 0; signs += 3) {
        if (memcmp(s->p + i, signs, 3) == 0) {
            return true;
        }
    }
    return false;
}

static void chinese_plate(aigov__scan *s, size_t from, size_t to)
{
    size_t letter = from;
    if (aigov__has(s, from - 2, "\xC2\xB7")) { /* a dot after the letter */
        letter = from - 3;
    }
    if (letter < 3 || letter > from || to - letter < 6 || to - letter > 9 ||
        !aigov__at_is(s, letter, AIGOV__UPPER) ||
        !sign_at(s, letter - 3, chinese_provinces)) {
        return;
    }
    for (size_t i = from; i < to; i++) {
        if (!aigov__at_is(s, i, AIGOV__UPPER | AIGOV__DIGIT)) {
            return;
        }
    }
    aigov__report(s, AIGOV__D_license_plate, letter - 3, to, 60, 0);
}

static void korean_plate(aigov__scan *s, size_t from, size_t to)
{
    size_t i = to + 3;
    if (!sign_at(s, to, korean_uses)) {
        return;
    }
    i += aigov__at(s, i) == ' ';
    for (size_t k = 0; k < 4; k++) {
        if (!aigov__at_is(s, i + k, AIGOV__DIGIT)) {
            return;
        }
    }
    if (!aigov__at_is(s, i + 4, AIGOV__ALNUM)) {
        aigov__report(s, AIGOV__D_license_plate, from, i + 4, 45, 0);
    }
}

void aigov__plate(aigov__scan *s, size_t from, size_t to)
{
    if (aigov__at_is(s, from - 1, AIGOV__HIGH) && to - from <= 7) {
        chinese_plate(s, from, to);
    }
    if (aigov__at_is(s, to, AIGOV__HIGH) && to - from <= 3) {
        korean_plate(s, from, to);
    }
}
