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

#define AIGOV__MAX_DETECTORS 512 /* built in and own */

/* What is done where something is found. */
typedef enum aigov__manner {
    AIGOV__IN_PARTS, /* text: each finding in it is replaced */
    AIGOV__AS_WHOLE, /* id or attribute: the value becomes [ENTITY] */
    AIGOV__AS_NODE,  /* the same, but the kind before a node's name stays */
    AIGOV__AS_NULL,  /* a quantity: becomes null */
    AIGOV__FIGURES,  /* texts as a whole, numbers as quantities */
    AIGOV__NUMBERED  /* nothing is found: placeholders alone (numbered.c) */
} aigov__manner;

/* How often each detector found something that was replaced. */
typedef struct aigov__counts {
    uint32_t n[AIGOV__MAX_DETECTORS]; /* by number (rules.h) */
    uint32_t all;
    int max_score; /* hundredths */
} aigov__counts;

/* The names of one object that change: zero before the first of its members. */
typedef struct aigov__renames {
    size_t first, n;
    uint32_t before; /* the highest number that a name has already */
} aigov__renames;

/* One thing that an outside detector found. */
typedef struct aigov__outside {
    uint32_t node;      /* of the text or number that it is in */
    size_t start, stop; /* code points of it, as handed in */
    size_t pos;         /* of the finding in the record */
    uint16_t detector;  /* by number */
    uint8_t score;      /* hundredths */
    bool met;           /* its text was looked at */
} aigov__outside;

/* A number to sort by, and what it is of. */
typedef struct aigov__border {
    uint64_t key;
    uint32_t i;
} aigov__border;

void aigov__sort_borders(aigov__border *k, size_t n);
/* A detector of type outside in force, by name: its number and score. */
bool aigov__outside_detector(const aigov_rules *rules, aigov_span name,
                             aigov__outside *out, const char **entity);

bool aigov__is_outside(const aigov_rules *rules, size_t number);

/* Bytes of "kind:" before the name of a node of lineage; 0: it is none. */
size_t aigov__kind_prefix(aigov_span name);
/* Whether it is one that aigov itself knows, which says nothing of anybody. */
bool aigov__is_own_kind(aigov_span prefix);

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
/* What outside detectors found, in the order of the nodes; until the next
 * begin. */
void aigov__rewrite_outside(aigov__rewriter *w, aigov__outside *found,
                            size_t n);
/* The value at a node becomes null. */
aigov_status aigov__rewrite_null(aigov__rewriter *w, uint32_t node,
                                 aigov_error *err);
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

/* Detectors in the order of entity, then name: the number of the i-th.  Own
 * ones are among them where rules is not NULL. */
size_t aigov__detector_sorted(const aigov_rules *rules, size_t i);
size_t aigov__detectors(const aigov_rules *rules);
const aigov_detector *aigov__rules_detector(const aigov_rules *rules,
                                            size_t number);

/* Where a text goes. */
enum { AIGOV__STORE, AIGOV__EXPORT, AIGOV__MODEL, AIGOV__SINKS };
/* Use the profile that counts for a sink and a record of this system; rules: or
 * NULL. */
void aigov__scanner_for(aigov_scanner *s, const aigov_rules *rules, int sink,
                        aigov_span system);
/* Use the rules, and of the profiles the one that is built in. */
void aigov__scanner_plain(aigov_scanner *s, const aigov_rules *rules);
#define AIGOV__LOOKS 16 /* again, before a text is withheld */
aigov_status aigov__unsettled(aigov_error *err);
/* Whether the profile in use may leave what a second look would find. */
bool aigov__looks_again(const aigov_scanner *s);

/* --- keys (keyed.c, vault.c) --- */

/* Whether what needs a key has one. */
bool aigov__has_key(const aigov_scanner *s);
/* The tenant from now on (absent: none); and, where `holds`, what ids and the
 * operator vault replace is held for aigov__vault_put. */
aigov_status aigov__keyed_begin(aigov_scanner *s, aigov_span tenant, bool holds,
                                aigov_error *err);
/* Append a text with each [ENTITY:key:hash] in it as [ENTITY]. */
bool aigov__put_unkeyed(const aigov_rules *rules, aigov_span text,
                        aigov_buf *out);
/* A tenant as keys know it: one that holds a placeholder is none. */
aigov_span aigov__key_tenant(aigov_span tenant);
/* "key:hash" of a text under the newest key, 32 hex digits; there is one. */
aigov_status aigov__fingerprint(aigov_scanner *s, aigov_span text,
                                aigov_buf *out, aigov_error *err);
/* The newest key for purpose `turn` and the tenant; there is one. */
aigov_status aigov__turn_key(aigov_scanner *s, uint8_t out[32],
                             aigov_error *err);
/* HMAC-SHA-256 of at most 8 parts under the tenant's pseudonym key, the newest;
 * aigov__keyed_begin went before. */
aigov_status aigov__keyed_mac(aigov_scanner *s, const aigov_span *part, int n,
                              uint8_t out[32], aigov_error *err);
bool aigov__holds_any(const aigov_scanner *s);
void aigov__holds_none(aigov_scanner *s); /* from now on */
/* "vault":{...} of what is held, for an entry of this salt and interaction (36
 * characters). */
aigov_status aigov__vault_put(aigov_scanner *s, const uint8_t salt[32],
                              aigov_span interaction, aigov_buf *out,
                              aigov_error *err);

/* Append the value of a token, whose ciphertext is hex, as vault_put wrote it.
 * AIGOV_KEY where its key is not there, or something is not what it was. */
aigov_status aigov__vault_open(aigov_ctx *ctx, const aigov_keys *keys,
                               const uint8_t salt[32], aigov_span interaction,
                               aigov_span tenant, aigov_span token,
                               aigov_span hex, aigov_buf *out,
                               aigov_error *err);

/* --- numbered placeholders (numbered.c) --- */

/* From now on, until the end, findings become [ENTITY_n]: the same value the
 * same number, no keyed form for anybody.  AIGOV_NOMEM | AIGOV_CRYPTO */
aigov_status aigov__numbered_begin(aigov_scanner *s, aigov_error *err);
void aigov__numbered_end(aigov_scanner *s); /* and what was given is wiped */
/* What a walk of manner AIGOV__NUMBERED does from now on. */
enum {
    AIGOV__NUMBERED_RESERVE, /* what a caller wrote gets a number of its own */
    AIGOV__NUMBERED_NOTE,    /* a number that is met is not given out */
    AIGOV__NUMBERED_RESTORE  /* values are put back, but not into names */
};
void aigov__numbered_walk(aigov_scanner *s, int way);
/* What an earlier attempt gave out.  False: out of memory. */
bool aigov__numbered_add(aigov_scanner *s, aigov_span token, aigov_span value);
/* Do not put back values of the entities for which f is true. */
void aigov__numbered_withhold(aigov_scanner *s,
                              bool (*f)(void *host, aigov_span entity),
                              void *host);
/* Hold what was given out since the begin for aigov__vault_put, which ends
 * nothing of it.  Of a secret its keyed hash is held.  False: out of memory */
bool aigov__numbered_hold(aigov_scanner *s);

/* From now on do with what a detector finds what the profile says, or `op` of
 * it where that is stricter: drop, replace, mask, hash, pseudonym, vault, keep.
 * op gives the name of an operator, or absent. */
aigov_status aigov__scanner_stricter(aigov_scanner *s,
                                     aigov_span (*op)(void *host,
                                                      const aigov_detector *d,
                                                      bool own),
                                     void *host, aigov_error *err);

/* The same by the keys of a scanner. */
aigov_status aigov__vault_open_by(const aigov_scanner *s,
                                  const uint8_t salt[32],
                                  aigov_span interaction, aigov_span tenant,
                                  aigov_span token, aigov_span hex,
                                  aigov_buf *out, aigov_error *err);

/* A put of a detector or a profile, read into j: what its record says must
 * work (docs/redaction.md). */
aigov_status aigov__rules_check(aigov_ctx *ctx, const char *kind,
                                aigov_span subject, const aigov_json *j,
                                aigov_error *err);

#endif
