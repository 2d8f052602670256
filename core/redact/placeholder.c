/*
 * placeholder.c - what redaction itself left in a text
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   [US_SSN]   [PERSON_1]   [EMAIL_ADDRESS:k1:0123456789abcdef]
 *
 * Nothing is found inside a placeholder, none is ever cut, and its name is no
 * context word: so a text that was redacted stays as it is when it comes by
 * again.  Only names of entities count, or anything in capitals could be hidden
 * in brackets.
 */
#include "rules.h"

#define MAX_NAME 40
#define MAX_NUMBER 9
#define MAX_KEY 32
#define HASH 16
#define MAX_PLACEHOLDER (MAX_NAME + MAX_KEY + HASH + 4)

/* Entities that dictionaries find, not detectors. */
static bool is_dictionary(const char *p, size_t n)
{
    static const char *const names[] = {"LOCATION", "ORGANIZATION", "PERSON"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == n && memcmp(names[i], p, n) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_built_in(const char *p, size_t n)
{
    size_t low = 0, high = aigov__entities();
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const char *name = aigov_entity_at(mid);
        int order = strncmp(name, p, n);
        if (order == 0 && name[n] == 0) {
            return true;
        }
        if (order < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return is_dictionary(p, n);
}

static bool is_entity(const aigov_rules *rules, const char *p, size_t n)
{
    for (size_t i = 0; rules != NULL && i < rules->entities; i++) {
        if (strlen(rules->entity[i]) == n &&
            memcmp(rules->entity[i], p, n) == 0) {
            return true;
        }
    }
    return is_built_in(p, n);
}

static size_t run_of(const char *p, size_t n, unsigned classes)
{
    size_t i = 0;
    while (i < n && aigov__is((unsigned char)p[i], classes)) {
        i++;
    }
    return i;
}

/* ":key:0123456789abcdef" at p; its length, or 0. */
static size_t token_part(const char *p, size_t n)
{
    size_t key = n > 0 ? run_of(p + 1, n - 1, AIGOV__TOKEN) : 0, hash = 0;
    if (key == 0 || key > MAX_KEY || n < key + 2 + HASH || p[key + 1] != ':') {
        return 0;
    }
    p += key + 2;
    while (hash < HASH && aigov__is_hex((unsigned char)p[hash]) &&
           !aigov__is((unsigned char)p[hash], AIGOV__UPPER)) {
        hash++;
    }
    return hash == HASH ? key + 2 + HASH : 0;
}

/* The length of a name without its number, "_12" at the end. */
static size_t without_number(const char *p, size_t n, uint32_t *number)
{
    size_t from = n;
    *number = 1;
    while (from > 0 && n - from < MAX_NUMBER &&
           aigov__is((unsigned char)p[from - 1], AIGOV__DIGIT)) {
        from--;
    }
    if (from == n || from < 2 || p[from - 1] != '_') {
        return n;
    }
    *number = (uint32_t)aigov__number(p + from, (int)(n - from));
    return from - 1;
}

size_t aigov__placeholder(const aigov_rules *rules, const char *p, size_t n,
                          uint32_t *number)
{
    size_t name = 0, end;
    if (n < 3 || p[0] != '[' || !aigov__is((unsigned char)p[1], AIGOV__UPPER)) {
        return 0;
    }
    while (name < MAX_NAME && name + 1 < n &&
           (p[name + 1] == '_' || aigov__is((unsigned char)p[name + 1],
                                            AIGOV__UPPER | AIGOV__DIGIT))) {
        name++;
    }
    end = name + 1;
    if (end < n && p[end] == ':') {
        *number = 1;
        end += token_part(p + end, n - end);
    } else if (!is_entity(rules, p + 1, name)) {
        name = without_number(p + 1, name, number);
    } else {
        *number = 1;
    }
    return end < n && p[end] == ']' && is_entity(rules, p + 1, name) ? end + 1
                                                                     : 0;
}

bool aigov__put_unkeyed(const aigov_rules *rules, aigov_span text,
                        aigov_buf *out)
{
    const char *p = text.p, *end = p + text.n, *from = p;
    bool ok = true;
    uint32_t number;
    while (ok && p < end && (p = memchr(p, '[', (size_t)(end - p))) != NULL) {
        size_t n = aigov__placeholder(rules, p, (size_t)(end - p), &number);
        const char *colon = n == 0 ? NULL : memchr(p, ':', n);
        if (colon != NULL) {
            ok = aigov_buf_put(out, from, (size_t)(colon - from)) &&
                 aigov_buf_put(out, "]", 1);
            from = p + n;
        }
        p += n == 0 ? 1 : n;
    }
    return ok && aigov_buf_put(out, from, (size_t)(end - from));
}

/* The placeholder that has byte i: where it begins and its length, or 0.  Going
 * back, what no placeholder holds ends the search. */
static size_t around(const aigov__scan *s, size_t i, size_t *from)
{
    uint32_t number;
    size_t k = s->p[i] == ']' ? i : i + 1;
    for (; k > 0 && i + 1 - k < MAX_PLACEHOLDER; k--) {
        unsigned char c = (unsigned char)s->p[k - 1];
        if (c == '[') {
            size_t n = aigov__placeholder(s->rules, s->p + k - 1, s->n - k + 1,
                                          &number);
            *from = k - 1;
            return n > i - *from ? n : 0;
        }
        if (!aigov__is(c, AIGOV__TOKEN) && c != ':') {
            return 0;
        }
    }
    return 0;
}

bool aigov__ends_placeholder(const aigov__scan *s, size_t end)
{
    size_t from, n;
    if (end == 0 || s->p[end - 1] != ']') {
        return false;
    }
    n = around(s, end - 1, &from);
    return n != 0 && from + n == end;
}

bool aigov__keep_placeholders(const aigov__scan *s, size_t *from, size_t *to)
{
    size_t start, n = around(s, *from, &start);
    if (n != 0 && start + n >= *to) {
        return false;
    }
    if (n != 0) {
        *from = start;
    }
    n = around(s, *to - 1, &start);
    if (n != 0) {
        *to = start + n;
    }
    return true;
}

/* The highest number of a placeholder in the names of an object. */
uint32_t aigov__placeholder_highest(const aigov_rules *rules,
                                    const aigov_json *j, uint32_t object)
{
    uint32_t most = 0, number;
    for (uint32_t i = object + 1; i < j->node[object].next;
         i = j->node[i + 1].next) {
        const char *p = j->node[i].text, *end = p + j->node[i].size;
        while (p < end && (p = memchr(p, '[', (size_t)(end - p))) != NULL) {
            if (aigov__placeholder(rules, p, (size_t)(end - p), &number) != 0 &&
                number > most) {
                most = number;
            }
            p++;
        }
    }
    return most;
}
