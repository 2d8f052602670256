/*
 * slices.c - members and elements of a canonical text, as slices of it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Only for what aigov_json_canonical wrote: no whitespace, valid, balanced.
 */
#include "internal.h"

/* p is after the opening quote; gives the place after the closing one. */
static const char *skip_string(const char *p, const char *end)
{
    while (p < end) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        const char *back = quote;
        if (quote == NULL) {
            return end;
        }
        while (back > p && back[-1] == '\\') {
            back--;
        }
        if (((quote - back) & 1) == 0) {
            return quote + 1;
        }
        p = quote + 1;
    }
    return end;
}

static const char *skip_container(const char *p, const char *end)
{
    size_t depth = 0;
    while (p < end) {
        char c = *p++;
        if (c == '"') {
            p = skip_string(p, end);
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            break;
        }
    }
    return p;
}

static const char *skip_value(const char *p, const char *end)
{
    if (p < end && *p == '"') {
        return skip_string(p + 1, end);
    }
    if (p < end && (*p == '{' || *p == '[')) {
        return skip_container(p, end);
    }
    while (p < end && *p != ',' && *p != '}' && *p != ']') {
        p++;
    }
    return p;
}

bool aigov__slice_next(aigov_span object, size_t *pos, aigov_span *name,
                       aigov_span *value)
{
    const char *end = object.p + object.n;
    const char *p = object.p + *pos + 1; /* over '{' or ',' */
    const char *start;
    if (*pos + 2 >= object.n) {
        return false;
    }
    start = p + 1;
    p = skip_string(start, end);
    *name = (aigov_span){start, (size_t)(p - 1 - start)};
    start = p + 1;
    p = skip_value(start, end);
    *value = (aigov_span){start, (size_t)(p - start)};
    *pos = (size_t)(p - object.p);
    return true;
}

bool aigov__slice_element(aigov_span array, size_t *pos, aigov_span *value)
{
    const char *end = array.p + array.n;
    const char *start = array.p + *pos + 1;
    if (*pos + 2 >= array.n) {
        return false;
    }
    const char *p = skip_value(start, end);
    *value = (aigov_span){start, (size_t)(p - start)};
    *pos = (size_t)(p - array.p);
    return true;
}
