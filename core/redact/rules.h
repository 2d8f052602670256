/*
 * rules.h - what is in force beyond what is built in
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   rules.c     the object: adding, order, digest, which profile counts
 *   own.c       one record of kind `detector`, and its own test cases
 *   profiles.c  one record of kind `redaction_profile`
 *   terms.c     words of a dictionary, values of an allow list
 *   pattern.c   regular expressions: the one file that knows PCRE2
 *   own_scan.c  own detectors over the view; what an allow list lets pass
 *   outside.c   what an outside detector found, among what is found here
 *   render.c    what stands in the place of a finding
 *   keyed.c     the forms that need a key; keys.c its file, vault.c values
 *
 * A detector has a number: a built-in one its place in aigov_detector_at, own
 * ones follow in the order of their subjects.
 */
#ifndef AIGOV_REDACT_RULES_H
#define AIGOV_REDACT_RULES_H

#include "internal.h"
#include "keys.h"
#include "rewrite.h"

#define AIGOV__MAX_OWN 128   /* own detectors, allow lists among them */
#define AIGOV__MAX_ENTITY 40 /* bytes, so that [ENTITY] is a placeholder */
#define AIGOV__MAX_TERM 200  /* bytes, folded */
#define AIGOV__MAX_TERMS 1000000
#define AIGOV__MAX_PATTERNS 256 /* terms of an allow list of patterns */
#define AIGOV__MAX_CASE 8192    /* bytes of a text among its own test cases */

/* --- terms.c ------------------------------------------------------------- */

typedef struct aigov__term_slot {
    uint32_t mark; /* of the hash, and the length */
    uint32_t at;   /* offset in text, and two flags; 0: free */
} aigov__term_slot;

/*
 * Terms by the hash of their words.  Of a term of several words each beginning
 * has a slot too, which says that it goes on.
 *
 *   text   each term folded, ended by a line feed; one at the start
 */
typedef struct aigov__terms {
    aigov_ctx *ctx;
    aigov_buf text;
    aigov__term_slot *slot;
    size_t slots, used; /* slots is 0 or a power of two */
    uint64_t *first;    /* bits by the hash of a first word */
    size_t first_bits;
} aigov__terms;

/* Room for n terms; false: out of memory. */
bool aigov__terms_begin(aigov__terms *t, aigov_ctx *ctx, size_t n);
void aigov__terms_free(aigov__terms *t);
/* A term of a dictionary, as the view has it; *fits is false where nothing is
 * left of it or it is too long. */
bool aigov__terms_add(aigov__terms *t, aigov_span term, bool *fits);
/* A value as it is, in lower case where `lower`. */
bool aigov__terms_add_value(aigov__terms *t, aigov_span value, bool lower,
                            bool *fits);
bool aigov__terms_has_value(const aigov__terms *t, aigov_span value,
                            bool lower);
/* Report every term from `at` on in the view as a hit of a detector; where to
 * go on when more of an open text is there. */
size_t aigov__terms_scan(const aigov__terms *t, aigov__scan *s,
                         unsigned detector, int score, size_t at);

/* --- pattern.c ----------------------------------------------------------- */

typedef struct aigov__engine aigov__engine;
typedef struct aigov__pattern aigov__pattern;

aigov_status aigov__engine_new(aigov_ctx *ctx, bool jit, aigov__engine **out,
                               aigov_error *err);
void aigov__engine_free(aigov__engine *e);
/* whole: it must match all of a text.  AIGOV_ARG where it does not compile;
 * err->text is why. */
aigov_status aigov__pattern_new(aigov__engine *e, aigov_span text, bool whole,
                                aigov__pattern **out, aigov_error *err);
void aigov__pattern_free(aigov__pattern *p);
/* How many bytes before a place it may look at. */
size_t aigov__pattern_back(const aigov__pattern *p);
/* The first match in text[start..]; more: the text goes on after it.
 * 1, 0 for none, -1 where the engine gave up. */
int aigov__pattern_match(aigov__engine *e, const aigov__pattern *p,
                         aigov_span text, size_t start, bool more, size_t *from,
                         size_t *to);

/* --- own.c --------------------------------------------------------------- */

enum {
    AIGOV__OWN_ALLOW,
    AIGOV__OWN_DICTIONARY,
    AIGOV__OWN_OUTSIDE,
    AIGOV__OWN_REGEX
};
enum {
    AIGOV__MATCH_EXACT,
    AIGOV__MATCH_FINGERPRINT,
    AIGOV__MATCH_REGEX,
    AIGOV__MATCH_SUFFIX
};

typedef struct aigov__own {
    aigov_detector info; /* the texts are in `text` */
    aigov_buf text;      /* name, entity, description; each NUL-terminated */
    aigov_buf canonical; /* of its fields */
    uint8_t type, match;
    uint8_t score;
    bool slow;
    const char *missing; /* why it is not in force, or NULL */
    size_t terms_n;
    aigov__terms terms;
    aigov_buf literal;
    aigov__pattern **pattern; /* one, or those of an allow list */
    size_t patterns, pattern_cap;
} aigov__own;

/*
 * Make a detector of its record: the object at `node`; terms are there or in
 * `content` (NULL: there is none).
 */
aigov_status aigov__own_read(aigov_rules *r, aigov_span subject,
                             const aigov_json *j, uint32_t node,
                             const aigov_json *content, aigov__own **out,
                             aigov_error *err);
void aigov__own_free(aigov_ctx *ctx, aigov__own *own);
/* Its positives are found and its negatives are not. */
aigov_status aigov__own_try(aigov_rules *r, const aigov_json *j, uint32_t node,
                            aigov_error *err);

/* --- profiles.c ---------------------------------------------------------- */

/* What is done with a finding. */
enum {
    AIGOV__OP_KEEP,
    AIGOV__OP_OFF, /* an own detector that the profile does not use */
    AIGOV__OP_REPLACE,
    AIGOV__OP_MASK,
    AIGOV__OP_DROP,
    AIGOV__OP_HASH, /* this and what follows needs a key */
    AIGOV__OP_PSEUDONYM,
    AIGOV__OP_VAULT
};

struct aigov__profile {
    aigov_buf name; /* "default/store", NUL-terminated; empty: built in */
    aigov_buf canonical;
    aigov_buf fields; /* what j was read from */
    aigov_json j;
    uint8_t sink;
    uint8_t threshold;  /* hundredths */
    uint8_t otherwise;  /* the operator of what is not named */
    bool keyed;         /* names an operator that needs a key */
    bool joins;         /* may leave what a second look would find */
    uint32_t operators; /* node, 0 for none */
    uint32_t detectors, systems;
    uint8_t op[AIGOV__MAX_DETECTORS]; /* by number */
};

/* The object at `node`, which is copied. */
aigov_status aigov__profile_read(aigov_rules *r, aigov_span subject,
                                 const aigov_json *j, uint32_t node,
                                 aigov__profile **out, aigov_error *err);
void aigov__profile_free(aigov_ctx *ctx, aigov__profile *p);
/* Without a name; NULL: out of memory. */
aigov__profile *aigov__profile_built_in(aigov_ctx *ctx);
/* Fill op[]: all own detectors are known. */
void aigov__profile_ready(const aigov_rules *r, aigov__profile *p);
/* The newest profile of a sink that counts for a system (absent: none). */
const aigov__profile *aigov__profile_for(const aigov_rules *r, int sink,
                                         aigov_span system);

/* Whether there is one of the name that counts by default. */
bool aigov__profile_has(const aigov_rules *r, int sink);

/* --- rules.c ------------------------------------------------------------- */

struct aigov_rules {
    aigov_ctx *ctx;
    aigov__engine *engine;
    bool jit;
    bool ready;
    uint64_t number; /* of its own in the context, once ready (clean.h) */
    aigov__own *own[AIGOV__MAX_OWN];
    size_t owns;
    aigov__profile **profile; /* in the order in which they were added */
    size_t profiles, profile_cap;
    aigov__profile *builtin;            /* where none counts */
    aigov_buf by_default;               /* name before the slash; "" is any */
    const char *entity[AIGOV__MAX_OWN]; /* sorted, each once */
    size_t entities;
    uint16_t order[AIGOV__MAX_DETECTORS]; /* numbers by entity, then name */
    uint8_t digest[32];
    struct aigov_keys keys; /* n is 0 where there is none */
};

/* "0.85" as 85; false for what is no such decimal from 0 to 1. */
bool aigov__hundredths(aigov_span text, uint8_t *out);
size_t aigov__built_in_sorted(size_t i);

/* "detector acme: pattern ..." of a record; status FIELD. */
aigov_status aigov__rules_fail(const char *kind, aigov_span subject, size_t pos,
                               aigov_error *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* --- own_scan.c ---------------------------------------------------------- */

#define AIGOV__AFTER_OWN 112 /* a placeholder that what ends there joins */

/* Report what own detectors find in the view. */
void aigov__scan_own(aigov__scan *s);
/* The same of a text that comes in pieces: at[i] is where detector i goes on.
 */
void aigov__scan_own_on(aigov__scan *s, size_t at[AIGOV__MAX_OWN]);
/* Of such a text: before it nothing more is found; and before it nothing is
 * looked at. */
size_t aigov__own_untouched(const aigov__scan *s, const size_t *at);
size_t aigov__own_needs(const aigov__scan *s, const size_t *at);
/* AIGOV_WITHHELD: s->withheld failed. */
aigov_status aigov__withheld(const aigov__scan *s, aigov_error *err);
/* Whether an allow list lets this value pass. */
bool aigov__allowed(aigov__scan *s, unsigned detector, size_t from, size_t to);

/* --- outside.c ----------------------------------------------------------- */

/* What an outside detector found in a text: bytes of it. */
typedef struct aigov__range {
    size_t from, to;
    uint16_t detector;
    uint8_t score;
} aigov__range;

typedef struct aigov__ranges {
    aigov__range *v;
    size_t n, cap;
    aigov__border *key; /* scratch */
    size_t keys;
} aigov__ranges;

void aigov__outside_ranges_free(aigov_ctx *ctx, aigov__ranges *r);

/* What a record says. */
typedef struct aigov__told {
    aigov__outside *v; /* in order of their nodes */
    size_t n, next;
} aigov__told;

/* A string or number that is about to be looked at. */
typedef struct aigov__spot {
    uint32_t node;              /* of the record, else 0 */
    aigov_span text;            /* of that node, decoded */
    const aigov__ranges *outer; /* of the text around, else NULL */
    aigov_span below;           /* the text around */
    size_t from, to;            /* the literal in it, without quotes */
    bool plain;                 /* without escapes too */
    bool number;                /* any part of it is the whole */
} aigov__spot;

/* What there is of it; FIELD where a range goes beyond the text of a node. */
aigov_status aigov__outside_at(aigov_ctx *ctx, aigov__told *told,
                               const aigov__spot *spot, aigov__ranges *out,
                               aigov_error *err);
/* Put s->outside among the hits, which are in order and do not overlap. */
void aigov__add_outside(aigov__scan *s);

/* --- render.c ------------------------------------------------------------ */

/*
 * What stands in the place of a finding, whose bytes are `value`: the one place
 * that knows.  number: [ENTITY_n] from 2 on.  Printable ASCII without quotes
 * and backslashes, so that it stands in JSON as it is.
 */
bool aigov__render_finding(aigov__scan *s, const aigov_finding *f,
                           aigov_span value, uint32_t number, aigov_buf *out);
/* The same of what stays a name: always [ENTITY]. */
bool aigov__render_name(const aigov_finding *f, uint32_t number,
                        aigov_buf *out);
/* Of what stays an id: its pseudonym, where there is a key. */
bool aigov__render_id(aigov__scan *s, const aigov_finding *f, aigov_span value,
                      aigov_buf *out);

/* --- keyed.c ------------------------------------------------------------- */

#define AIGOV__MAX_TOKEN 80 /* bytes of [ENTITY:key:hash] */

/* The token of a finding under an operator; false: out of memory. */
bool aigov__put_token(aigov__scan *s, const aigov_finding *f, aigov_span value,
                      uint8_t op, aigov_buf *out);
/* Whether a list has the fingerprint of a value: its pseudonym without tenant,
 * under any key. */
bool aigov__has_fingerprint(aigov__scan *s, const aigov__own *own,
                            aigov_span value);
/* A term of such a list as it is kept: the token, or absent. */
bool aigov__is_token(const char *entity, aigov_span term);
void aigov__keyed_free(struct aigov__keyed *k);

#endif
