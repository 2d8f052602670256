/*
 * normal.c - one spelling of a value, whose pseudonym all spellings share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The value is folded (fold.c), then
 *
 *   numbers    of persons, companies, cards, telephones ...: letters, in lower
 *              case and without accents, and digits, nothing between them
 *   words      the entities of the table below, and those of own detectors:
 *              the same letters, signs stay, a run of space is one space
 *   as it is   a secret, the address of a wallet, and what was found in an
 *              encoded segment: case tells values apart there
 *
 *   212-09-7654, 212 09 7654 -> 212097654    Ana@Acme.example ->
 * ana@acme.example B-AB 123 is not BA-B 123; 1.23.4.5 is not 12.3.4.5
 */
#include "keyed.h"

enum { NUMBERS, WORDS, AS_IT_IS };

static int way_of(const char *entity)
{
    static const char *const words[] = {
        "DATE_OF_BIRTH", "DATE_TIME",     "DE_HANDELSREGISTER",
        "DE_KFZ",        "EMAIL_ADDRESS", "GEO_COORDINATE",
        "IP_ADDRESS",    "LICENSE_PLATE", "LOCATION",
        "PERSON",        "URL",
    };
    bool built_in = false;
    const char *name;
    if (strcmp(entity, "SECRET") == 0 || strcmp(entity, "CRYPTO") == 0) {
        return AS_IT_IS;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(entity, words[i]) == 0) {
            return WORDS;
        }
    }
    for (size_t i = 0; !built_in && (name = aigov_entity_at(i)) != NULL; i++) {
        built_in = strcmp(entity, name) == 0;
    }
    return built_in ? NUMBERS : WORDS;
}

/* The character at p in plain form; returns the bytes it takes. */
static size_t plain(const char *p, const char *end, char out[4], size_t *made)
{
    unsigned char c = (unsigned char)*p;
    size_t n = 1;
    *made = 1;
    out[0] = aigov__is(c, AIGOV__UPPER) ? (char)(c | 32) : *p;
    if (c >= 0x80 && (n = aigov__utf8_length(p, end)) != 0) {
        *made = aigov__plain_letter(aigov__utf8_decode(p, n), out);
    }
    return n == 0 ? 1 : n;
}

static bool put_plain(aigov_buf *b, aigov_span view, bool signs)
{
    const char *p = view.p, *end = p + view.n;
    size_t from = b->n;
    bool ok = true, space = false;
    while (ok && p < end) {
        unsigned char c = (unsigned char)*p;
        char out[4];
        size_t made;
        if (aigov__is(c, AIGOV__SPACE)) {
            space = true;
            p++;
            continue;
        }
        p += plain(p, end, out, &made);
        if (!signs && !aigov__is(c, AIGOV__ALNUM | AIGOV__HIGH)) {
            continue;
        }
        ok = (!signs || !space || b->n == from || aigov_buf_put(b, " ", 1)) &&
             aigov_buf_put(b, out, made);
        space = false;
    }
    return ok;
}

bool aigov__put_normal(struct aigov__keyed *k, const char *entity,
                       aigov_span value)
{
    int way = way_of(entity);
    aigov_error err;
    if (way == AS_IT_IS) {
        return aigov_buf_put(&k->normal, value.p, value.n);
    }
    if (k->fold == NULL &&
        aigov_scanner_new(k->ctx, &k->fold, &err) != AIGOV_OK) {
        return false;
    }
    k->fold->nomem = false;
    k->fold->raw = value;
    aigov__fold(k->fold);
    return !k->fold->nomem &&
           put_plain(&k->normal, (aigov_span){k->fold->p, k->fold->n},
                     way == WORDS);
}
