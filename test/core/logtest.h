/*
 * logtest.h - what the tests of records, puts and verify share
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_TEST_LOGTEST_H
#define AIGOV_TEST_LOGTEST_H

#include "tap.h"

#include "aigov.h"

#define VECTORS "test/vectors"

/* Lines of a file as spans of one text. */
typedef struct lines {
    char *text;
    size_t n, pos;
} lines;

static inline lines open_lines(const char *dir, const char *file)
{
    lines l = {NULL, 0, 0};
    l.text = read_file(dir, file, &l.n);
    return l;
}

static inline bool next_line(lines *l, aigov_span *line)
{
    if (l->text == NULL || l->pos >= l->n) {
        return false;
    }
    const char *p = l->text + l->pos;
    const char *end = memchr(p, '\n', l->n - l->pos);
    line->p = p;
    line->n = end == NULL ? l->n - l->pos : (size_t)(end - p);
    l->pos += line->n + 1;
    return true;
}

/* The record of a {"name":...,"record":...} line, as its raw text. */
static inline aigov_span record_of(aigov_span line, aigov_span *name)
{
    static const char mark[] = "\"record\":";
    const char *p = line.p + 9; /* over {"name":" */
    name->p = p;
    name->n = (size_t)((const char *)memchr(p, '"', line.n - 9) - p);
    p = name->p + name->n + 2;
    if (memcmp(p, mark, sizeof mark - 1) != 0) {
        return AIGOV_ABSENT;
    }
    p += sizeof mark - 1;
    return (aigov_span){p, (size_t)(line.p + line.n - 1 - p)};
}

static inline bool same(aigov_span a, aigov_span b)
{
    return aigov_span_eq(a, b);
}

#endif
