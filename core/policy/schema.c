/*
 * schema.c - the facts a rule may read, and the classes of what is found
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * sql/policy/facts.csv and classes.csv through facts.pl.  The facts are closed:
 * what is not here, no rule names.  A fact has a fixed slot, so that a decision
 * looks up no name; the facts of budgets, which are put, come after them.
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

#define NEVER                                                                  \
    true,                                                                      \
    {                                                                          \
        .kind = CEL_NULL                                                       \
    }
#define TEXT(s_)                                                               \
    false,                                                                     \
    {                                                                          \
        .kind = CEL_STRING, .n = sizeof(s_) - 1,                               \
        {                                                                      \
            .s = (s_)                                                          \
        }                                                                      \
    }
#define BOOL(b_)                                                               \
    false,                                                                     \
    {                                                                          \
        .kind = CEL_BOOL, .n = 0,                                              \
        {                                                                      \
            .b = (b_)                                                          \
        }                                                                      \
    }
#define INT(i_)                                                                \
    false,                                                                     \
    {                                                                          \
        .kind = CEL_INT, .n = 0,                                               \
        {                                                                      \
            .i = (i_)                                                          \
        }                                                                      \
    }
#define DOUBLE(d_)                                                             \
    false,                                                                     \
    {                                                                          \
        .kind = CEL_DOUBLE, .n = 0,                                            \
        {                                                                      \
            .d = (d_)                                                          \
        }                                                                      \
    }
#define TIME(i_)                                                               \
    false,                                                                     \
    {                                                                          \
        .kind = CEL_TIMESTAMP, .n = 0,                                         \
        {                                                                      \
            .i = (i_)                                                          \
        }                                                                      \
    }
#define LIST                                                                   \
    false,                                                                     \
    {                                                                          \
        .kind = CEL_LIST                                                       \
    }
#define MAP                                                                    \
    false,                                                                     \
    {                                                                          \
        .kind = CEL_MAP                                                        \
    }

static const fact_row rows[] = {
#define X(id, path, type, source, absent) {path, type, FACT_##source, absent},
    FACTS(X)
#undef X
};

/* A fact of each budget: its name stands between the two parts of a path. */
static const struct {
    const char *before, *after;
    fact_row row;
} budget_rows[] = {
#define X(before, after, type, absent)                                         \
    {before, after, {before, type, FACT_LEDGER, absent}},
    LEDGER_FACTS(X)
#undef X
};

_Static_assert(COUNT(rows) == AIGOV__FACT_COUNT, "a slot a fact");
_Static_assert(COUNT(budget_rows) == BUDGET_SLOTS, "a slot a fact of a budget");

const fact_row *aigov__fact_row(size_t slot)
{
    return slot < COUNT(rows)
               ? &rows[slot]
               : &budget_rows[(slot - COUNT(rows)) % COUNT(budget_rows)].row;
}

/* --- variables ----------------------------------------------------------- */

static aigov_status declare(aigov_cel_env *env, const char *name,
                            const char *type, aigov_error *err)
{
    aigov_span t = strcmp(type, "list(map)") == 0
                       ? AIGOV_LIT("list(map(string, dyn))")
                       : aigov_str(type);
    return aigov__cel_declare(env, aigov_str(name), t, NULL, err);
}

static aigov_status declare_budget(aigov_cel_env *env, const char *budget,
                                   aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < COUNT(budget_rows) && st == AIGOV_OK; i++) {
        char name[256];
        int n = snprintf(name, sizeof name, "%s%s%s", budget_rows[i].before,
                         budget, budget_rows[i].after);
        if (n < 0 || (size_t)n >= sizeof name) {
            return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS,
                              "the name of a budget has more than 200 bytes");
        }
        st = declare(env, name, budget_rows[i].row.type, err);
    }
    return st;
}

aigov_status aigov__schema_env(aigov_cel_env *env, const char *const *budget,
                               size_t n, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    for (size_t i = 0; i < COUNT(rows) && st == AIGOV_OK; i++) {
        st = declare(env, rows[i].path, rows[i].type, err);
    }
    for (size_t i = 0; i < n && st == AIGOV_OK; i++) {
        st = declare_budget(env, budget[i], err);
    }
    return st;
}

/* --- classes ------------------------------------------------------------- */

static const struct {
    const char *entity, *name;
} classes[] = {
#define X(entity, name) {entity, name},
    CLASSES(X)
#undef X
};

static int order(aigov_span a, const char *b)
{
    size_t n = strlen(b);
    int d = memcmp(a.p, b, a.n < n ? a.n : n);
    return d != 0 ? d : (a.n > n) - (a.n < n);
}

/* custom.<entity in lower case>: letters, digits and underscores (fields.csv).
 */
static aigov_span custom(aigov_span entity, char out[80])
{
    static const char prefix[] = "custom.";
    size_t n = sizeof prefix - 1, i;
    memcpy(out, prefix, n);
    for (i = 0; i < entity.n && n < 80; i++) {
        char c = entity.p[i];
        out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return (aigov_span){out, n};
}

aigov_span aigov__class_of(aigov_span entity, bool own, char out[80])
{
    size_t low = 0, high = COUNT(classes);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int d = order(entity, classes[mid].entity);
        if (d == 0) {
            return aigov_str(classes[mid].name);
        }
        if (d < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return own ? custom(entity, out) : AIGOV_ABSENT;
}

bool aigov__is_class(aigov_span name)
{
    for (size_t i = 0; i < COUNT(classes); i++) {
        if (aigov_span_is(name, classes[i].name)) {
            return true;
        }
    }
    return false;
}
