/*
 * rewrite.h - a JSON text with what is found in its values replaced
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * What aigov_redact_json is made of, for core/log, which knows what the members
 * of a record are: begin, then values and members in the order of the text,
 * then end.  Bytes that no finding touches are copied as they are.
 */
#ifndef AIGOV_REDACT_REWRITE_H
#define AIGOV_REDACT_REWRITE_H

#include "../base/internal.h"

#define AIGOV__MAX_DETECTORS 512

/* What is done where something is found. */
typedef enum aigov__manner {
    AIGOV__IN_PARTS, /* text: each finding in it is replaced */
    AIGOV__AS_WHOLE, /* id or attribute: the value becomes [ENTITY] */
    AIGOV__AS_NULL,  /* a quantity: becomes null */
    AIGOV__FIGURES   /* texts as a whole, numbers as quantities */
} aigov__manner;

/* How often each detector found something that was replaced. */
typedef struct aigov__counts {
    uint32_t n[AIGOV__MAX_DETECTORS]; /* as in aigov_detector_at */
    uint32_t all;
    int max_score; /* hundredths */
} aigov__counts;

/* The names of one object that change: zero before the first of its members. */
typedef struct aigov__renames {
    size_t first, n;
    uint32_t before; /* the highest number that a name has already */
} aigov__renames;

typedef struct aigov__rewriter aigov__rewriter;

/* The rewriter of a scanner; NULL: out of memory. */
aigov__rewriter *aigov__rewriter_of(aigov_scanner *s);
void aigov__rewriter_free(aigov__rewriter *w);

/* j was read from text as CONTENT; both outlive the rewriting.  Nothing is put
 * into out before something is found. */
void aigov__rewrite_begin(aigov__rewriter *w, const aigov_json *j,
                          aigov_span text, aigov_buf *out);
/* Where findings are counted from now on. */
void aigov__rewrite_count(aigov__rewriter *w, aigov__counts *counts);
/* The value at a node, with all that it holds. */
aigov_status aigov__rewrite_value(aigov__rewriter *w, uint32_t node,
                                  aigov__manner manner, aigov_error *err);
/* One member of an object, of which the others are known: its name, then its
 * value. */
aigov_status aigov__rewrite_member(aigov__rewriter *w, uint32_t object,
                                   uint32_t name, aigov__manner manner,
                                   aigov__renames *renames, aigov_error *err);
/* The rest of the text, where something was replaced or `all`.  False: out of
 * memory. */
bool aigov__rewrite_end(aigov__rewriter *w, bool all);
bool aigov__rewritten(const aigov__rewriter *w);

/* Detectors by entity, then name: index of the i-th in aigov_detector_at. */
size_t aigov__detector_sorted(size_t i);
size_t aigov__detectors(void);

#endif
