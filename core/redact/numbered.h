/*
 * numbered.h - placeholders that tell values apart: [PERSON_1], [PERSON_2]
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef AIGOV_REDACT_NUMBERED_H
#define AIGOV_REDACT_NUMBERED_H

#include "rules.h"

/* The placeholder of a finding; name: of a name in an object, where two
 * spellings must stay apart.  False: out of memory. */
bool aigov__put_numbered(aigov_scanner *s, const aigov_finding *f,
                         aigov_span value, bool name, aigov_buf *out);
/* Whether s gives such placeholders now. */
bool aigov__is_numbered(const aigov_scanner *s);

/*
 * The placeholder with a number that is written at p, also with spaces and
 * backslashes in it and in small letters, as models write them: the bytes it
 * takes, or 0.  out has it as it was given, of *n bytes.
 */
size_t aigov__numbered_at(const aigov_rules *rules, const char *p, size_t left,
                          char out[AIGOV__MAX_TOKEN], size_t *n);
/* What is put in the place of one that is written in a text: *to absent where
 * it stays.  False: out of memory. */
bool aigov__numbered_swap(aigov_scanner *s, aigov_span token,
                          aigov_span written, aigov_span *to);
int aigov__numbered_way(const aigov_scanner *s);
void aigov__numbered_free(struct aigov__numbered *x);

#endif
