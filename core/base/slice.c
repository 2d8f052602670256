/*
 * slice.c - JSON by its brackets and strings alone, without reading it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * For two places where reading would be wrong: a batch, whose bad records must
 * not fail the good ones, and a leaf, which embeds stored objects as they are.
 */
#include "internal.h"

/* What follows the string whose quote is at p; NULL where it has no end. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        p = aigov__ascii_run(p, end);
        if (p == end) {
            break;
        }
        if (*p == '"') {
            return p + 1;
        }
        if (*p == '\\') {
            p++; /* and the byte behind it */
        }
    }
    return NULL;
}

/* --- one object ---------------------------------------------------------- */

bool aigov_json_is_one_object(aigov_span s)
{
    uint64_t object[AIGOV_MAX_DEPTH / 64 + 1] = {0}; /* a bit a level */
    uint32_t depth = 0;

    if (s.n < 2 || s.p[0] != '{') {
        return false;
    }
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        char c = *p;
        if (c == '"') {
            p = skip_string(p, end);
            if (p == NULL) {
                return false;
            }
            continue;
        }
        p++;
        if (c == '{' || c == '[') {
            if (depth > AIGOV_MAX_DEPTH) {
                return false;
            }
            uint64_t bit = UINT64_C(1) << depth % 64;
            object[depth / 64] &= ~bit;
            object[depth / 64] |= c == '{' ? bit : 0;
            depth++;
        } else if (c == '}' || c == ']') {
            depth--; /* never below 0: the root returns */
            if ((object[depth / 64] >> depth % 64 & 1) != (c == '}')) {
                return false;
            }
            if (depth == 0) {
                return p == end;
            }
        }
    }
    return false;
}

/* --- elements ------------------------------------------------------------ */

static aigov_status broken(aigov_span array, const char *p, aigov_error *err,
                           const char *what)
{
    if (p == array.p + array.n) {
        what = "unexpected end of the JSON array";
    }
    return aigov_fail(err, AIGOV_NOTJSON, (size_t)(p - array.p), "%s", what);
}

/* The comma or bracket that ends the element at p; NULL where there is none. */
static const char *skip_element(const char *p, const char *end)
{
    size_t depth = 0;

    while (p != NULL && p < end) {
        char c = *p;
        if (c == '"') {
            p = skip_string(p, end);
            continue;
        }
        if (depth == 0 && (c == ',' || c == ']')) {
            return p;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
        p++;
    }
    return NULL;
}

/* Only whitespace may follow the bracket before p. */
static aigov_status end_of_array(aigov_span array, const char *p, size_t *pos,
                                 aigov_span *element, aigov_error *err)
{
    const char *end = array.p + array.n;

    p = aigov__space(p, end);
    if (p != end) {
        return broken(array, p, err, "text after the JSON array");
    }
    *pos = array.n;
    *element = AIGOV_ABSENT;
    return AIGOV_OK;
}

/*
 * *pos is 0 at first, then at the comma or bracket that ended the last element,
 * and at last the length of the text.
 */
aigov_status aigov_json_elements(aigov_span array, size_t *pos,
                                 aigov_span *element, aigov_error *err)
{
    if (array.p == NULL) {
        array = AIGOV_LIT("");
    }
    const char *end = array.p + array.n, *p = array.p + *pos;

    if (*pos != 0 && p >= end) {
        *element = AIGOV_ABSENT;
        return AIGOV_OK;
    }
    if (*pos == 0) {
        p = aigov__space(p, end);
        if (p == end || *p != '[') {
            return broken(array, p, err, "a JSON array is expected");
        }
        const char *next = aigov__space(p + 1, end);
        if (next < end && *next == ']') {
            p = next;
        }
    }
    if (*p == ']') {
        return end_of_array(array, p + 1, pos, element, err);
    }
    p = aigov__space(p + 1, end); /* behind the bracket or comma */
    const char *stop = skip_element(p, end);
    if (stop == NULL) {
        return broken(array, end, err, "");
    }
    if (stop == p) {
        return broken(array, p, err, "an element is expected");
    }
    *pos = (size_t)(stop - array.p);
    while (stop[-1] == ' ' || stop[-1] == '\n' || stop[-1] == '\r' ||
           stop[-1] == '\t') {
        stop--;
    }
    *element = (aigov_span){p, (size_t)(stop - p)};
    return AIGOV_OK;
}
