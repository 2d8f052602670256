/*
 * fold_chars.c - characters beyond ASCII that are written for ASCII ones
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What NFKC (UAX #15) says of full-width, mathematical, circled, raised and
 * lowered letters and digits; digits of every script (general category Nd);
 * spaces (Zs); dashes (Pd, and minus signs); quotes; and characters that are
 * not seen (Default_Ignorable_Code_Point of UAX #44).
 */
#include "fold.h"

enum {
    HIDDEN, /* nothing */
    SAME,   /* all of them the one character */
    UP,     /* one after the other from that character on */
    DIGITS, /* 0..9, again and again */
    LETTERS /* A..Z a..z, again and again */
};

/* In order.  Letterlike symbols (U+2100..214F) are those that the mathematical
 * alphabets leave out, since they were there before. */
static const struct {
    uint32_t from;
    uint16_t n;
    uint8_t what;
    char to;
} ranges[] = {
    {0x00A0, 1, SAME, ' '},    {0x00AB, 1, SAME, '"'},
    {0x00AD, 1, HIDDEN, 0},    {0x00B2, 2, UP, '2'},
    {0x00B4, 1, SAME, '\''},   {0x00B9, 1, SAME, '1'},
    {0x00BB, 1, SAME, '"'},    {0x02B9, 4, SAME, '\''},
    {0x034F, 1, HIDDEN, 0},    {0x061C, 1, HIDDEN, 0},
    {0x0660, 10, DIGITS, 0},   {0x06F0, 10, DIGITS, 0},
    {0x07C0, 10, DIGITS, 0},   {0x0966, 10, DIGITS, 0},
    {0x09E6, 10, DIGITS, 0},   {0x0A66, 10, DIGITS, 0},
    {0x0AE6, 10, DIGITS, 0},   {0x0B66, 10, DIGITS, 0},
    {0x0BE6, 10, DIGITS, 0},   {0x0C66, 10, DIGITS, 0},
    {0x0CE6, 10, DIGITS, 0},   {0x0D66, 10, DIGITS, 0},
    {0x0DE6, 10, DIGITS, 0},   {0x0E50, 10, DIGITS, 0},
    {0x0ED0, 10, DIGITS, 0},   {0x0F20, 10, DIGITS, 0},
    {0x1040, 10, DIGITS, 0},   {0x1090, 10, DIGITS, 0},
    {0x115F, 2, HIDDEN, 0},    {0x1680, 1, SAME, ' '},
    {0x17B4, 2, HIDDEN, 0},    {0x17E0, 10, DIGITS, 0},
    {0x1806, 1, SAME, '-'},    {0x180B, 5, HIDDEN, 0},
    {0x1810, 10, DIGITS, 0},   {0x1946, 10, DIGITS, 0},
    {0x19D0, 10, DIGITS, 0},   {0x1A80, 10, DIGITS, 0},
    {0x1A90, 10, DIGITS, 0},   {0x1B50, 10, DIGITS, 0},
    {0x1BB0, 10, DIGITS, 0},   {0x1C40, 10, DIGITS, 0},
    {0x1C50, 10, DIGITS, 0},   {0x2000, 11, SAME, ' '},
    {0x200B, 5, HIDDEN, 0},    {0x2010, 6, SAME, '-'},
    {0x2018, 4, SAME, '\''},   {0x201C, 4, SAME, '"'},
    {0x2024, 1, SAME, '.'},    {0x2028, 2, SAME, '\n'},
    {0x202A, 5, HIDDEN, 0},    {0x202F, 1, SAME, ' '},
    {0x2032, 1, SAME, '\''},   {0x2033, 1, SAME, '"'},
    {0x2035, 1, SAME, '\''},   {0x2036, 1, SAME, '"'},
    {0x2039, 2, SAME, '\''},   {0x2043, 1, SAME, '-'},
    {0x2044, 1, SAME, '/'},    {0x205F, 1, SAME, ' '},
    {0x2060, 16, HIDDEN, 0},   {0x2070, 1, SAME, '0'},
    {0x2074, 6, UP, '4'},      {0x2080, 10, DIGITS, 0},
    {0x2102, 1, SAME, 'C'},    {0x210A, 1, SAME, 'g'},
    {0x210B, 3, SAME, 'H'},    {0x210E, 1, SAME, 'h'},
    {0x2110, 2, SAME, 'I'},    {0x2112, 1, SAME, 'L'},
    {0x2113, 1, SAME, 'l'},    {0x2115, 1, SAME, 'N'},
    {0x2119, 3, UP, 'P'},      {0x211C, 2, SAME, 'R'},
    {0x2124, 1, SAME, 'Z'},    {0x2128, 1, SAME, 'Z'},
    {0x212A, 1, SAME, 'K'},    {0x212C, 2, UP, 'B'},
    {0x212F, 1, SAME, 'e'},    {0x2130, 2, UP, 'E'},
    {0x2133, 1, SAME, 'M'},    {0x2134, 1, SAME, 'o'},
    {0x2212, 1, SAME, '-'},    {0x2215, 1, SAME, '/'},
    {0x2236, 1, SAME, ':'},    {0x2460, 9, UP, '1'},
    {0x24B6, 52, LETTERS, 0},  {0x24EA, 1, SAME, '0'},
    {0x2776, 9, UP, '1'},      {0x2780, 9, UP, '1'},
    {0x278A, 9, UP, '1'},      {0x29F8, 1, SAME, '/'},
    {0x2E3A, 2, SAME, '-'},    {0x3000, 1, SAME, ' '},
    {0x3164, 1, HIDDEN, 0},    {0xA620, 10, DIGITS, 0},
    {0xA789, 1, SAME, ':'},    {0xA8D0, 10, DIGITS, 0},
    {0xA900, 10, DIGITS, 0},   {0xA9D0, 10, DIGITS, 0},
    {0xA9F0, 10, DIGITS, 0},   {0xAA50, 10, DIGITS, 0},
    {0xABF0, 10, DIGITS, 0},   {0xFE00, 16, HIDDEN, 0},
    {0xFE50, 1, SAME, ','},    {0xFE52, 1, SAME, '.'},
    {0xFE54, 2, SAME, ':'},    {0xFE58, 1, SAME, '-'},
    {0xFE59, 2, UP, '('},      {0xFE5B, 1, SAME, '{'},
    {0xFE5C, 1, SAME, '}'},    {0xFE5D, 1, SAME, '['},
    {0xFE5E, 1, SAME, ']'},    {0xFE62, 1, SAME, '+'},
    {0xFE63, 1, SAME, '-'},    {0xFE66, 1, SAME, '='},
    {0xFE6B, 1, SAME, '@'},    {0xFEFF, 1, HIDDEN, 0},
    {0xFF01, 94, UP, '!'},     {0xFFA0, 1, HIDDEN, 0},
    {0x104A0, 10, DIGITS, 0},  {0x10D30, 10, DIGITS, 0},
    {0x11066, 10, DIGITS, 0},  {0x110F0, 10, DIGITS, 0},
    {0x11136, 10, DIGITS, 0},  {0x111D0, 10, DIGITS, 0},
    {0x112F0, 10, DIGITS, 0},  {0x11450, 10, DIGITS, 0},
    {0x114D0, 10, DIGITS, 0},  {0x11650, 10, DIGITS, 0},
    {0x116C0, 10, DIGITS, 0},  {0x11730, 10, DIGITS, 0},
    {0x118E0, 10, DIGITS, 0},  {0x11950, 10, DIGITS, 0},
    {0x11C50, 10, DIGITS, 0},  {0x11D50, 10, DIGITS, 0},
    {0x11DA0, 10, DIGITS, 0},  {0x11F50, 10, DIGITS, 0},
    {0x16A60, 10, DIGITS, 0},  {0x16AC0, 10, DIGITS, 0},
    {0x16B50, 10, DIGITS, 0},  {0x1D400, 676, LETTERS, 0},
    {0x1D7CE, 50, DIGITS, 0},  {0x1E140, 10, DIGITS, 0},
    {0x1E2F0, 10, DIGITS, 0},  {0x1E4F0, 10, DIGITS, 0},
    {0x1E950, 10, DIGITS, 0},  {0x1FBF0, 10, DIGITS, 0},
    {0xE0000, 128, HIDDEN, 0}, {0xE0100, 240, HIDDEN, 0},
};

#define RANGES (sizeof ranges / sizeof ranges[0])

static uint32_t folded(size_t range, uint32_t c)
{
    uint32_t k = c - ranges[range].from;
    switch (ranges[range].what) {
    case HIDDEN:
        return AIGOV__DROP;
    case UP:
        return (uint32_t)ranges[range].to + k;
    case DIGITS:
        return '0' + k % 10;
    case LETTERS:
        return k % 52 < 26 ? 'A' + k % 52 : 'a' + k % 52 - 26;
    default:
        return (uint32_t)ranges[range].to;
    }
}

uint32_t aigov__fold_char(uint32_t c)
{
    size_t low = 0, high = RANGES;
    /* what most text is made of: Latin, Greek, Cyrillic, Hebrew; Kana, Han,
     * Hangul */
    if ((c >= 0xC0 && c < 0x660 && (c & ~3u) != 0x2B8 && c != 0x34F &&
         c != 0x61C && c != 0x2BC) ||
        (c >= 0x3165 && c < 0xA620) || (c >= 0xAC00 && c < 0xFE00)) {
        return AIGOV__KEEP;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (ranges[mid].from + ranges[mid].n <= c) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < RANGES && ranges[low].from <= c ? folded(low, c) : AIGOV__KEEP;
}

/* --- letters that look like Latin ones ----------------------------------- */

/* Of UTS #39's confusables those that cannot be told apart in print. */
char aigov__look_alike(uint32_t c)
{
    /* U+0391..03A9 and U+03B1..03C9, U+0410..042F and U+0430..044F */
    static const char greek[] = "AB  EZH IK MN O P  TY X  "
                                "a       i   v o p   u    ";
    static const char cyrillic[] = "A B  E    K MHO PCTY X          "
                                   "a    e        o pc y x          ";
    static const struct {
        uint16_t from;
        char to;
    } more[] = {
        {0x405, 'S'}, {0x406, 'I'}, {0x408, 'J'}, {0x455, 's'}, {0x456, 'i'},
        {0x458, 'j'}, {0x4AE, 'Y'}, {0x4BB, 'h'}, {0x4C0, 'I'}, {0x4CF, 'l'},
        {0x501, 'd'}, {0x51A, 'Q'}, {0x51B, 'q'}, {0x51C, 'W'}, {0x51D, 'w'},
    };
    char found = ' ';
    if (c >= 0x391 && c <= 0x3A9) {
        found = greek[c - 0x391];
    } else if (c >= 0x3B1 && c <= 0x3C9) {
        found = greek[25 + c - 0x3B1];
    } else if (c >= 0x410 && c <= 0x44F) {
        found = cyrillic[c - 0x410];
    } else {
        for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
            if (more[i].from == c) {
                return more[i].to;
            }
        }
    }
    return found == ' ' ? 0 : found;
}
