/*
 * functions.c - the tables of functions.def
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Overloads stand in one array in the order of the file.  Where those of a
 * function begin is counted by the compiler: an enumerator for each line of the
 * file, and CEL_FIRST_x takes the number of the next overload.
 */
#include "internal.h"

enum {
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define CEL_FUNCTION(id, name)                                                 \
    CEL_FIRST_##id, CEL_BEFORE_##id = CEL_FIRST_##id - 1,
#define CEL_OVERLOAD(id, signature, result) JOIN(CEL_OVERLOAD_, __LINE__),
#include "functions.def"
#undef CEL_FUNCTION
#undef CEL_OVERLOAD
    CEL_OVERLOADS_
};

static const cel_overload overloads[] = {
#define CEL_FUNCTION(id, name)
#define CEL_OVERLOAD(id, signature, result) {signature, result},
#include "functions.def"
#undef CEL_FUNCTION
#undef CEL_OVERLOAD
};

static const struct {
    const char *name;
    uint8_t length;
    uint16_t first; /* of its overloads */
} functions[CEL_FUNCTIONS_ + 1] = {
#define CEL_FUNCTION(id, name) {name, sizeof name - 1, CEL_FIRST_##id},
#define CEL_OVERLOAD(id, signature, result)
#include "functions.def"
#undef CEL_FUNCTION
#undef CEL_OVERLOAD
    {"", 0, CEL_OVERLOADS_}};

/* Whether a signature is of this style and has n arguments. */
static bool takes(const char *signature, bool member, uint32_t n)
{
    uint32_t count = 1, depth = 0;

    if ((signature[0] == '.') != member) {
        return false;
    }
    for (const char *s = signature; *s != '\0'; s++) {
        depth += *s == '(';
        depth -= *s == ')';
        count += *s == ',' && depth == 0;
    }
    return count == n;
}

cel_function aigov__cel_function_named(aigov_span name)
{
    size_t i = 0;

    while (i < CEL_FUNCTIONS_ &&
           (functions[i].length != name.n ||
            memcmp(functions[i].name, name.p, name.n) != 0)) {
        i++;
    }
    return (cel_function)i;
}

cel_function aigov__cel_function(aigov_span name, bool member, uint32_t n)
{
    cel_function fn = aigov__cel_function_named(name);

    if (fn == CEL_FUNCTIONS_) {
        return fn;
    }
    for (size_t k = functions[fn].first; k < functions[fn + 1].first; k++) {
        if (takes(overloads[k].signature, member, n)) {
            return fn;
        }
    }
    return CEL_FUNCTIONS_;
}

const char *aigov__cel_function_name(cel_function fn)
{
    return functions[fn].name;
}

const cel_overload *aigov__cel_overloads(cel_function fn, size_t *n)
{
    *n = (size_t)(functions[fn + 1].first - functions[fn].first);
    return overloads + functions[fn].first;
}
