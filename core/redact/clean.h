/*
 * clean.h - which values of JSON need not be looked at again
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The same names, and short values such as "user" or 0, come again and again,
 * in one text and in the next.  What a scan finds in a value is decided by its
 * bytes, the context groups of its path, the rules and the profile in use.  So
 * a short value in which nothing was to be replaced is passed over where all of
 * these come again.  Whatever else comes to decide a finding has to be part of
 * it here.
 *
 * Equal means equal bytes, not equal hashes; rules have a number that no others
 * of their context get.  A place holds the last two values that fell on it:
 * what does not fit is scanned again, and nothing is ever allocated.
 */
#ifndef AIGOV_REDACT_CLEAN_H
#define AIGOV_REDACT_CLEAN_H

#include "rules.h"

#define AIGOV__MAX_PATH 128 /* bytes of the path that count as context */
#define AIGOV__MAX_CLEAN 32 /* bytes of a value that is remembered */
#define AIGOV__CLEAN_PATHS 64
#define AIGOV__CLEAN_VALUES 128 /* places of two */

/* A path that was read. */
typedef struct aigov__clean_path {
    uint64_t use;
    uint32_t id; /* of its groups; 0: it has none */
    uint32_t n;
    uint64_t groups[AIGOV__GROUP_WORDS];
    char text[AIGOV__MAX_PATH];
} aigov__clean_path;

/* A value under such a path, zero bytes after it. */
typedef struct aigov__clean_value {
    uint64_t use;
    uint32_t path, n;
    uint64_t text[AIGOV__MAX_CLEAN / 8];
} aigov__clean_value;

/* A use is a number of its own for each change of the rules or the profile. */
typedef struct aigov__clean {
    uint64_t use;
    uint32_t ids;
    uint64_t rules;                /* their number */
    const aigov__profile *profile; /* one of them; compared, not followed; the
                                      scanner's own is new at each begin */
    aigov__clean_value asked;      /* the last, and its place */
    aigov__clean_value *place;
    aigov__clean_path path[AIGOV__CLEAN_PATHS];
    aigov__clean_value value[AIGOV__CLEAN_VALUES][2];
} aigov__clean;

/* What the scanner uses now counts. */
void aigov__clean_begin(aigov__clean *c, const aigov__scan *s);
/* Make a path, of 128 bytes at most, that of the next scan; its id. */
uint32_t aigov__clean_path_of(aigov__clean *c, aigov__scan *s, aigov_span path);
/* Whether nothing is in a value under a path; if that is not known, a scan may
 * say so. */
bool aigov__clean_has(aigov__clean *c, uint32_t path, aigov_span text);
void aigov__clean_add(aigov__clean *c);

#endif
