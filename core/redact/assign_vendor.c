/*
 * assign_vendor.c - whether a value has a shape that a vendor uses
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Shapes are those of secret_names.def: literal text and classes {Cn}, {Cn-m}.
 * A class takes the longest run it can; none is followed by one that it could
 * take from.
 */
#include "assign.h"

static bool in_class(unsigned char c, char class_)
{
    switch (class_) {
    case 'd':
        return aigov__is(c, AIGOV__DIGIT);
    case 'x':
        return aigov__is_hex(c);
    case 'a':
        return aigov__is(c, AIGOV__ALNUM);
    case 't':
        return aigov__is(c, AIGOV__TOKEN);
    case 'e':
        return aigov__is(c, AIGOV__TOKEN) || c == '=';
    default:
        return aigov__is(c, AIGOV__TOKEN | AIGOV__BASE64);
    }
}

/* {Cn} or {Cn-m} at *shape; the longest run that fits. */
static bool match_class(const aigov__scan *s, size_t *i, size_t to,
                        const char **shape)
{
    const char *p = *shape + 1;
    char class_ = *p++;
    size_t least = 0, most, n = 0;
    if (class_ == 'u') {
        bool ok = to - *i >= 36 && aigov__is_uuid(s, *i, *i + 36);
        *i += ok ? 36 : 0;
        *shape = p + 1;
        return ok;
    }
    while (*p >= '0' && *p <= '9') {
        least = least * 10 + (size_t)(*p++ - '0');
    }
    most = least;
    if (*p == '-') {
        for (p++, most = 0; *p >= '0' && *p <= '9'; p++) {
            most = most * 10 + (size_t)(*p - '0');
        }
        most = most == 0 ? AIGOV__MAX_SECRET : most;
    }
    while (n < most && *i < to && in_class((unsigned char)s->p[*i], class_)) {
        n++;
        ++*i;
    }
    *shape = p + 1;
    return n >= least;
}

static bool match_shape(const aigov__scan *s, size_t from, size_t to,
                        const char *shape)
{
    size_t i = from;
    while (*shape != 0 && *shape != '|') {
        if (*shape == '{') {
            if (!match_class(s, &i, to, &shape)) {
                return false;
            }
        } else if (i < to && s->p[i] == *shape) {
            i++;
            shape++;
        } else {
            return false;
        }
    }
    return i == to;
}

bool aigov__has_vendor_shape(const aigov__scan *s, unsigned vendor,
                             const aigov__literal *v)
{
    const char *shape = vendor == 0 ? NULL : aigov__vendor_shapes(vendor);
    while (shape != NULL) {
        if (match_shape(s, v->from, v->to, shape)) {
            return true;
        }
        shape = strchr(shape, '|');
        if (shape != NULL) {
            shape++;
        }
    }
    return false;
}
