/*
 * kinds.c - the catalogue of governance kinds, as built in
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The tables come from sql/iso42001/ and sql/policy/facts.csv through
 * kinds.pl.  field_rows begins with the fields of kind `*`; kind_fields[k + 1]
 * is where those of kind k begin, kind_fields[k + 2] where they end.
 */
#include "internal.h"

#include "kinds_data.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const aigov_kind *aigov_kind_at(size_t i)
{
    return i < COUNT(kind_rows) ? &kind_rows[i] : NULL;
}

const aigov_kind *aigov_kind_find(aigov_span name)
{
    for (size_t i = 0; i < COUNT(kind_rows); i++) {
        if (aigov_span_is(name, kind_rows[i].name)) {
            return &kind_rows[i];
        }
    }
    return NULL;
}

bool aigov_catalogue(const char *name, size_t *rows, const char **sha256_hex)
{
    for (size_t i = 0; i < COUNT(catalogue_rows); i++) {
        if (strcmp(name, catalogue_rows[i].name) == 0) {
            *rows = catalogue_rows[i].rows;
            *sha256_hex = catalogue_rows[i].sha256;
            return true;
        }
    }
    return false;
}

const aigov__term *aigov__field_terms(const aigov__field *f)
{
    return &need_terms[f->term];
}

const char *aigov__kind_subject(const aigov_kind *kind)
{
    return kind_subjects[kind - kind_rows];
}

const aigov__field *aigov__common_fields(size_t *n)
{
    *n = kind_fields[1];
    return field_rows;
}

const aigov__field *aigov__kind_fields(const aigov_kind *kind, size_t *n)
{
    size_t k = (size_t)(kind - kind_rows);
    *n = (size_t)(kind_fields[k + 2] - kind_fields[k + 1]);
    return &field_rows[kind_fields[k + 1]];
}

static const aigov__field *find(const aigov__field *f, size_t n,
                                aigov_span name)
{
    for (size_t i = 0; i < n; i++) {
        if (aigov_span_is(name, f[i].name)) {
            return &f[i];
        }
    }
    return NULL;
}

const aigov__field *aigov__field_find(const aigov_kind *kind, aigov_span name)
{
    size_t n;
    const aigov__field *f = aigov__kind_fields(kind, &n);
    f = find(f, n, name);
    /* genesis: why the log begins, where the reason is put in words */
    if (f == NULL && (kind->by_put || (strcmp(kind->name, "genesis") == 0 &&
                                       aigov_span_is(name, "note")))) {
        const aigov__field *common = aigov__common_fields(&n);
        f = find(common, n, name);
    }
    return f;
}

const aigov__fact *aigov__fact_at(size_t i)
{
    return i < COUNT(fact_rows) ? &fact_rows[i] : NULL;
}
