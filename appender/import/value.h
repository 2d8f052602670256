/*
 * value.h - JSON as a tree that can be changed, for the importers
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Core's reader gives a flat array that only walks; a streamed reply has to be
 * put together.  A tree lives in a `pool`, which is emptied after each line of
 * the import; nothing in it is freed alone.  What is not there is NULL, and
 * every function takes NULL for a value and finds nothing in it, so that
 *
 *     text_of(get(get(reply, "usage"), "model"))
 *
 * needs no checks.  A value stands in one container; putting it into another
 * copies it one level deep.  Where memory runs out the command
 * ends (need() of command.h).
 */
#ifndef AIGOV_IMPORT_VALUE_H
#define AIGOV_IMPORT_VALUE_H

#include "aigov.h"

typedef struct pool {
    aigov_ctx *ctx;
    struct pool_chunk *chunk; /* newest first */
    aigov_json json;          /* reads and writes, its memory kept */
    aigov_buf buf;
} pool;

typedef struct value value;
struct value {
    uint8_t type; /* aigov_json_type */
    bool linked;  /* stands in a container */
    uint32_t count;
    size_t cap;      /* of text, where it was joined here; else 0 */
    aigov_span text; /* STRING: UTF-8.  NUMBER: the literal */
    aigov_span name; /* as a member */
    value *next, *first, *last;
};

#define EACH(v, container)                                                     \
    for (const value *v = (container) == NULL ? NULL : (container)->first;     \
         v != NULL; v = v->next)

/* --- memory -------------------------------------------------------------- */

void pool_init(pool *p, aigov_ctx *ctx);
void pool_reset(pool *p); /* all values of the pool are gone */
void pool_free(pool *p);
void *pool_alloc(pool *p, size_t n);
aigov_span pool_copy(pool *p, aigov_span s);
/* Joined; absent spans add nothing. */
aigov_span pool_join(pool *p, aigov_span a, aigov_span b);

/* --- reading ------------------------------------------------------------- */

/*
 * One JSON text.  The text must outlive the pool's next reset.  NULL where it
 * is none; err says why.  A name that comes again in one object: the last one
 * counts, or with `unique` it is an error.
 */
value *value_read(pool *p, aigov_span text, bool unique, aigov_error *err);
/* An object in aigov's strict JSON, or NULL. */
value *value_read_strict_object(pool *p, aigov_span text);

const value *get(const value *object, const char *name);
value *get_mutable(value *object, const char *name);
bool is_object(const value *v);
bool is_array(const value *v);
bool is_text(const value *v);
bool is_true(const value *v);
bool is_null(const value *v); /* NULL too */
bool is_number(const value *v);
/* Written as an integer; fits. */
bool is_integer(const value *v, int64_t *out);
aigov_span text_of(const value *v); /* absent where no text or empty */
aigov_span text_or(const value *v); /* "" instead of absent */
bool type_is(const value *object, const char *type); /* its member `type` */
aigov_span type_of(const value *object);
bool ends_with(aigov_span s, const char *end);
bool starts_with(aigov_span s, const char *start);

/* --- making -------------------------------------------------------------- */

value *new_value(pool *p, aigov_json_type type);
value *new_object(pool *p);
value *new_array(pool *p);
value *new_text(pool *p, aigov_span s); /* s is borrowed */
value *new_integer(pool *p, int64_t v);
value *new_bool(pool *p, bool v);
/* Add or replace; v NULL does nothing; gives the value that stands there. */
value *set(pool *p, value *object, const char *name, const value *v);
value *set_span(pool *p, value *object, aigov_span name, const value *v);
/* Add without looking whether the name is there. */
value *add(pool *p, value *object, aigov_span name, const value *v);
/* Only where s is not absent. */
void set_text(pool *p, value *object, const char *name, aigov_span s);
value *push(pool *p, value *array, const value *v);
value *copy_of(pool *p, const value *v); /* what members hold is shared */
void append_text(pool *p, value *text, aigov_span more);
void remove_member(value *object, const char *name);

/* --- writing ------------------------------------------------------------- */

void value_write(const value *v, aigov_buf *out);
/* RFC 8785, in the pool. */
aigov_span value_canonical(pool *p, const value *v);
/* Lower-case hex of SHA-256, in the pool. */
aigov_span sha256_hex(pool *p, aigov_span bytes);
/* {"sha256","size"} */
value *digest_of(pool *p, aigov_span bytes);

#endif
