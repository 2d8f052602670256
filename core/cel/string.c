/*
 * string.c - functions of strings
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * contains, startsWith, endsWith and matches are of the language (langdef.md);
 * the others are those of cel-go's ext/strings, version 0, with its edge cases:
 *
 *   - positions count code points from 0;
 *   - s.charAt(size(s)) is ''; one more, or less than 0, is CEL_RANGE;
 *   - s.indexOf('', i) and s.lastIndexOf('', i) are i; another search must
 *     begin within the string: i < size(s);
 *   - lastIndexOf(t, i) looks for a match that begins at i or before;
 *   - substring(a, b) asks for 0 <= a <= b <= size(s);
 *   - split(t, n): at most n parts, the last being the rest; 0: none; negative:
 *     all; split('') gives the code points, none of '';
 *   - replace(old, new, n): at most n times; '' stands before each code point
 *     and at the end;
 *   - trim removes Unicode White_Space (PropList.txt), which has no zero-width
 *     space;
 *   - lowerAscii and upperAscii leave all else alone.
 *
 * A part of a string is a span of it, so that only join, replace and the two
 * for case write new text.
 */
#include "internal.h"
#include "match.h"

/* --- code points --------------------------------------------------------- */

/* Bytes of the code point at p; strings are valid UTF-8. */
static inline size_t step(const char *p)
{
    uint8_t c = (uint8_t)*p;

    return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* Byte offset of the i-th code point; false: there are fewer than i. */
static bool offset_of(aigov_span s, int64_t i, size_t *offset)
{
    size_t at = 0;

    if (i < 0) {
        return false;
    }
    for (; i > 0 && at < s.n; i--) {
        at += step(s.p + at);
    }
    *offset = at;
    return i == 0;
}

static int64_t count_points(const char *p, size_t n)
{
    int64_t count = 0;

    for (size_t i = 0; i < n; i++) {
        count += ((uint8_t)p[i] & 0xC0) != 0x80;
    }
    return count;
}

static cel_value part(const char *p, size_t n)
{
    return (cel_value){.kind = CEL_STRING, .n = (uint32_t)n, .s = p};
}

/* Offset of needle in s from byte `from`; SIZE_MAX: not found. */
static size_t find(aigov_span s, aigov_span needle, size_t from)
{
    if (needle.n == 0) {
        return from;
    }
    const char *p =
        from < s.n ? memmem(s.p + from, s.n - from, needle.p, needle.n) : NULL;
    return p == NULL ? SIZE_MAX : (size_t)(p - s.p);
}

/* --- search -------------------------------------------------------------- */

static bool are_strings(const cel_value *arg, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (arg[i].kind != CEL_STRING) {
            return false;
        }
    }
    return true;
}

static bool same(const char *p, aigov_span s)
{
    return s.n == 0 || memcmp(p, s.p, s.n) == 0;
}

bool aigov__cel_contains(cel_eval *e, const cel_node *node,
                         const cel_value *arg, uint32_t n, cel_value *out)
{
    if (!are_strings(arg, n)) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    aigov_span s = aigov__cel_span(&arg[0]), t = aigov__cel_span(&arg[1]);
    bool held = t.n <= s.n;
    if (!aigov__cel_scan(e, node->fn == CEL_CONTAINS ? s.n : t.n)) {
        return false;
    }
    if (held && node->fn == CEL_CONTAINS) {
        held = find(s, t, 0) != SIZE_MAX;
    } else if (held) {
        held = same(node->fn == CEL_STARTS_WITH ? s.p : s.p + s.n - t.n, t);
    }
    *out = aigov__cel_bool(held);
    return true;
}

static bool index_of(cel_eval *e, const cel_value *arg, uint32_t n,
                     cel_value *out)
{
    aigov_span s = aigov__cel_span(&arg[0]), t = aigov__cel_span(&arg[1]);
    size_t from = 0;

    if (n == 3 &&
        (!offset_of(s, arg[2].i, &from) || (from == s.n && t.n > 0))) {
        return aigov__cel_error(e, CEL_RANGE);
    }
    size_t at = find(s, t, from);
    *out = aigov__cel_int(at == SIZE_MAX ? -1 : count_points(s.p, at));
    return true;
}

/* Byte i of a text read backwards. */
static char back(aigov_span t, size_t i)
{
    return t.p[t.n - 1 - i];
}

/* Knuth, Morris and Pratt: the length of the longest border of the first i + 1
 * bytes of t read backwards. */
static void borders(aigov_span t, uint32_t *border)
{
    uint32_t k = 0;

    border[0] = 0;
    for (size_t i = 1; i < t.n; i++) {
        while (k > 0 && back(t, i) != back(t, k)) {
            k = border[k - 1];
        }
        k += back(t, i) == back(t, k);
        border[i] = k;
    }
}

/* The last match of t that begins at byte `from` or before, in linear time. */
static bool find_last(cel_eval *e, aigov_span s, aigov_span t, size_t from,
                      size_t *at)
{
    uint32_t few[64], *border = few, k = 0;

    *at = SIZE_MAX;
    if (t.n > s.n) {
        return true;
    }
    if (t.n > sizeof few / sizeof few[0]) {
        border = aigov__cel_take(e, t.n * sizeof *border);
    }
    if (border == NULL || !aigov__cel_scan(e, t.n)) {
        return false;
    }
    borders(t, border);
    for (size_t i = from > s.n - t.n ? s.n : from + t.n; i-- > 0;) {
        while (k > 0 && s.p[i] != back(t, k)) {
            k = border[k - 1];
        }
        k += s.p[i] == back(t, k);
        if (k == t.n) {
            *at = i;
            return true;
        }
    }
    return true;
}

static bool last_index_of(cel_eval *e, const cel_value *arg, uint32_t n,
                          cel_value *out)
{
    aigov_span s = aigov__cel_span(&arg[0]), t = aigov__cel_span(&arg[1]);
    size_t from = s.n, at;

    if (n == 3 &&
        (!offset_of(s, arg[2].i, &from) || (from == s.n && t.n > 0))) {
        return aigov__cel_error(e, CEL_RANGE);
    }
    if (t.n == 0) {
        at = from;
    } else if (!find_last(e, s, t, from, &at)) {
        return false;
    }
    *out = aigov__cel_int(at == SIZE_MAX ? -1 : count_points(s.p, at));
    return true;
}

/* --- parts --------------------------------------------------------------- */

static bool char_at(cel_eval *e, const cel_value *arg, cel_value *out)
{
    aigov_span s = aigov__cel_span(&arg[0]);
    size_t at;

    if (!offset_of(s, arg[1].i, &at)) {
        return aigov__cel_error(e, CEL_RANGE);
    }
    *out = part(s.p + at, at == s.n ? 0 : step(s.p + at));
    return true;
}

static bool substring(cel_eval *e, const cel_value *arg, uint32_t n,
                      cel_value *out)
{
    aigov_span s = aigov__cel_span(&arg[0]);
    size_t from, to = s.n;

    if (!offset_of(s, arg[1].i, &from) ||
        (n == 3 && !offset_of(s, arg[2].i, &to)) || from > to) {
        return aigov__cel_error(e, CEL_RANGE);
    }
    *out = part(s.p + from, to - from);
    return true;
}

/* Unicode White_Space. */
static bool is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static void trim(const cel_value *arg, cel_value *out)
{
    const char *p = arg->s, *end = arg->s + arg->n;

    while (p < end && is_space(aigov__utf8_decode(p, step(p)))) {
        p += step(p);
    }
    while (p < end) {
        const char *last = end - 1;
        while (((uint8_t)*last & 0xC0) == 0x80) {
            last--;
        }
        if (!is_space(aigov__utf8_decode(last, (size_t)(end - last)))) {
            break;
        }
        end = last;
    }
    *out = part(p, (size_t)(end - p));
}

/* --- new text ------------------------------------------------------------ */

static bool change_case(cel_eval *e, bool upper, const cel_value *arg,
                        cel_value *out)
{
    char first = upper ? 'a' : 'A', *w = aigov__cel_take(e, arg->n);

    if (w == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < arg->n; i++) {
        char c = arg->s[i];
        w[i] = c >= first && c <= first + 25 ? (char)(c ^ 0x20) : c;
    }
    *out = part(w, arg->n);
    return true;
}

/* Where the next separator or old text is: SIZE_MAX for none.  The empty text
 * stands before each code point and, for replace, at the end. */
static size_t next(aigov_span s, aigov_span t, size_t from)
{
    return t.n > 0 ? find(s, t, from) : from <= s.n ? from : SIZE_MAX;
}

/* Occurrences of t, up to limit (negative: all). */
static uint64_t count_text(aigov_span s, aigov_span t, int64_t limit)
{
    uint64_t most = limit < 0 ? UINT64_MAX : (uint64_t)limit, n = 0;
    size_t at = 0;

    while (n < most && (at = next(s, t, at)) != SIZE_MAX) {
        n++;
        at += t.n > 0 ? t.n : at < s.n ? step(s.p + at) : 1;
    }
    return n;
}

static char *put(char *w, const char *p, size_t n)
{
    if (n != 0) {
        memcpy(w, p, n);
    }
    return w + n;
}

static void write_replaced(aigov_span s, aigov_span old, aigov_span fresh,
                           uint64_t times, char *w)
{
    size_t done = 0, at = 0;

    while (times-- > 0) {
        at = next(s, old, at);
        w = put(w, s.p + done, at - done);
        w = put(w, fresh.p, fresh.n);
        done = at + old.n;
        at = old.n > 0 ? done : at < s.n ? at + step(s.p + at) : at + 1;
    }
    put(w, s.p + done, s.n - done);
}

static bool replace(cel_eval *e, const cel_value *arg, uint32_t n,
                    cel_value *out)
{
    aigov_span s = aigov__cel_span(&arg[0]), old = aigov__cel_span(&arg[1]);
    aigov_span fresh = aigov__cel_span(&arg[2]);
    uint64_t times = count_text(s, old, n == 4 ? arg[3].i : -1);
    /* times <= s.n + 1, and all are below 2^32 */
    uint64_t size = s.n + times * fresh.n - times * old.n;

    if (times == 0) {
        *out = arg[0];
        return true;
    }
    if (size > UINT32_MAX) {
        return aigov__cel_error(e, CEL_OVERFLOW);
    }
    char *w = aigov__cel_scan(e, size) ? aigov__cel_take(e, size) : NULL;
    if (w == NULL) {
        return false;
    }
    write_replaced(s, old, fresh, times, w);
    *out = part(w, size);
    return true;
}

static bool split(cel_eval *e, const cel_value *arg, uint32_t n, cel_value *out)
{
    aigov_span s = aigov__cel_span(&arg[0]), t = aigov__cel_span(&arg[1]);
    int64_t limit = n == 3 ? arg[2].i : -1;
    uint64_t parts =
        t.n == 0 ? (uint64_t)count_points(s.p, s.n) : count_text(s, t, -1) + 1;

    if (limit >= 0 && parts > (uint64_t)limit) {
        parts = (uint64_t)limit;
    }
    if (!aigov__cel_charge(e, parts)) {
        return false;
    }
    cel_value *items = aigov__cel_take(e, parts * sizeof *items);
    if (items == NULL) {
        return false;
    }
    size_t from = 0;
    for (uint64_t i = 0; i < parts; i++) {
        size_t to = i + 1 == parts ? s.n
                    : t.n == 0     ? from + step(s.p + from)
                                   : find(s, t, from);
        items[i] = part(s.p + from, to - from);
        from = to + t.n;
    }
    *out = (cel_value){.kind = CEL_LIST, .n = (uint32_t)parts, .items = items};
    return true;
}

static bool join(cel_eval *e, const cel_value *arg, uint32_t n, cel_value *out)
{
    aigov_span between = n == 2 ? aigov__cel_span(&arg[1]) : AIGOV_LIT("");
    uint64_t size = arg->n == 0 ? 0 : (uint64_t)between.n * (arg->n - 1);

    if (!aigov__cel_charge(e, arg->n)) {
        return false;
    }
    if (!are_strings(arg->items, arg->n)) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    for (uint32_t i = 0; i < arg->n; i++) {
        size += arg->items[i].n;
    }
    if (size > UINT32_MAX) {
        return aigov__cel_error(e, CEL_OVERFLOW);
    }
    char *text = aigov__cel_scan(e, size) ? aigov__cel_take(e, size) : NULL;
    if (text == NULL) {
        return false;
    }
    char *w = text;
    for (uint32_t i = 0; i < arg->n; i++) {
        w = i == 0 ? w : put(w, between.p, between.n);
        w = put(w, arg->items[i].s, arg->items[i].n);
    }
    *out = part(text, size);
    return true;
}

/* --- calls --------------------------------------------------------------- */

/* Kinds of the arguments, S and I, as far as there are arguments; join apart.
 */
static const char *const kinds[CEL_FUNCTIONS_] = {[CEL_CHAR_AT] = "SI",
                                                  [CEL_INDEX_OF] = "SSI",
                                                  [CEL_LAST_INDEX_OF] = "SSI",
                                                  [CEL_LOWER_ASCII] = "S",
                                                  [CEL_UPPER_ASCII] = "S",
                                                  [CEL_REPLACE] = "SSSI",
                                                  [CEL_SPLIT] = "SSI",
                                                  [CEL_SUBSTRING] = "SII",
                                                  [CEL_TRIM] = "S",
                                                  [CEL_JOIN] = "LS"};

static bool kinds_fit(cel_function fn, const cel_value *arg, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        char kind = kinds[fn][i];
        if (arg[i].kind != (kind == 'S'   ? CEL_STRING
                            : kind == 'I' ? CEL_INT
                                          : CEL_LIST)) {
            return false;
        }
    }
    return true;
}

bool aigov__cel_string(cel_eval *e, const cel_node *node, const cel_value *arg,
                       uint32_t n, cel_value *out)
{
    cel_function fn = (cel_function)node->fn;

    if (!kinds_fit(fn, arg, n)) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    if (fn == CEL_JOIN) {
        return join(e, arg, n, out);
    }
    if (!aigov__cel_scan(e, arg->n)) {
        return false;
    }
    switch (fn) {
    case CEL_CHAR_AT:
        return char_at(e, arg, out);
    case CEL_INDEX_OF:
        return index_of(e, arg, n, out);
    case CEL_LAST_INDEX_OF:
        return last_index_of(e, arg, n, out);
    case CEL_REPLACE:
        return replace(e, arg, n, out);
    case CEL_SPLIT:
        return split(e, arg, n, out);
    case CEL_SUBSTRING:
        return substring(e, arg, n, out);
    case CEL_TRIM:
        trim(arg, out);
        return true;
    default:
        return change_case(e, fn == CEL_UPPER_ASCII, arg, out);
    }
}

/* --- matches ------------------------------------------------------------- */

static bool match(cel_eval *e, const aigov__regex *p, aigov_span text,
                  cel_value *out)
{
    size_t bytes = aigov__regex_scratch(p);
    void *scratch = NULL;

    if (!aigov__cel_scan(e, (uint64_t)aigov__regex_size(p) * text.n) ||
        (bytes != 0 && (scratch = aigov__cel_take(e, bytes)) == NULL)) {
        return false;
    }
    *out = aigov__cel_bool(aigov__regex_matches(p, text, scratch));
    return true;
}

/* A pattern that is no literal is compiled each time, by the allocator of the
 * context; AIGOV_CEL_LITERAL keeps such out of rules. */
bool aigov__cel_matches(cel_eval *e, const cel_node *node, const cel_value *arg,
                        uint32_t n, cel_value *out)
{
    aigov__regex *pattern;
    aigov_error err;

    if (!are_strings(arg, n)) {
        return aigov__cel_error(e, CEL_NO_SUCH_OVERLOAD);
    }
    if (node->pattern != NULL) {
        return match(e, node->pattern, aigov__cel_span(&arg[0]), out);
    }
    aigov_status status =
        aigov__regex_new(e->ctx, aigov__cel_span(&arg[1]), &pattern, &err);
    if (status == AIGOV_NOMEM) {
        e->run->status = status;
        return aigov__cel_error(e, CEL_HOST);
    }
    if (status != AIGOV_OK) {
        return aigov__cel_error(e, CEL_INVALID_ARGUMENT);
    }
    bool done = aigov__cel_charge(e, 8 * aigov__regex_size(pattern)) &&
                match(e, pattern, aigov__cel_span(&arg[0]), out);
    aigov__regex_free(pattern);
    return done;
}
