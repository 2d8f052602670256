/*
 * cel.h - the Common Expression Language: compile once, evaluate often
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A self-contained part of core: it uses core/base and nothing else, knows no
 * policy and no record, and could be released alone.  docs/cel.md is the
 * language as it is spoken here: profile v1 and the string functions of v1.1.
 *
 *   aigov_cel_env env;                       which variables there are
 *   aigov__cel_env_init(&env, ctx);
 *   aigov__cel_declare(&env, "req.kind", "string", &slot, err);
 *   aigov__cel_compile(&env, source, AIGOV_CEL_CHECK, NULL, &program, err);
 *   aigov__cel_eval(program, values, &arena, &run);   values[slot] is bound
 *
 * A program is immutable and allocates nothing when it runs but from the arena
 * given, so that a decision costs no malloc.  Costs are counted in units, not
 * in time: the same everywhere, so that a decision taken again is cut at the
 * same place.
 */
#ifndef AIGOV_CEL_H
#define AIGOV_CEL_H

#include "../base/internal.h"

/* --- values -------------------------------------------------------------- */

typedef enum cel_kind {
    CEL_NULL,
    CEL_BOOL,
    CEL_INT,
    CEL_UINT,
    CEL_DOUBLE,
    CEL_STRING,
    CEL_BYTES,
    CEL_LIST,
    CEL_MAP,
    CEL_TYPE,
    CEL_TIMESTAMP,
    CEL_DURATION,
    /* what follows is of the checker alone: no value has it */
    CEL_DYN,
    CEL_PARAM /* a type parameter of an overload: A, B */
} cel_kind;

/*
 * 16 bytes.  What it points to is borrowed: from the source, the binding or
 * the arena of the evaluation.
 *
 *   STRING, BYTES  s, n bytes; a STRING is valid UTF-8, may hold U+0000
 *   TYPE           s, n: its name, "int", "google.protobuf.Timestamp"
 *   LIST           items, n elements
 *   MAP            items, n entries: key, value, key, value ...; keys are
 *                  BOOL, INT, UINT, STRING and differ (1 and 1u are the same)
 *   TIMESTAMP      i seconds since 1970-01-01 UTC, n nanoseconds 0..999999999;
 *                  years 1 to 9999
 *   DURATION       i whole seconds rounded down, n nanoseconds, so -0.5 s is
 *                  -1 and 500000000; within +-315,576,000,000 s
 */
typedef struct cel_value {
    uint8_t kind;
    uint32_t n;
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        const char *s;
        const struct cel_value *items;
    };
} cel_value;

/* Errors of an evaluation; the names are what cel() answers. */
typedef enum cel_error {
    CEL_OK,
    CEL_NO_SUCH_KEY,
    CEL_NO_SUCH_OVERLOAD,
    CEL_OVERFLOW,
    CEL_DIV_ZERO,
    CEL_RANGE,
    CEL_INVALID_ARGUMENT,
    CEL_COST_EXCEEDED,
    CEL_DEPTH_EXCEEDED,
    CEL_UNBOUND,
    /* of compilation */
    CEL_SYNTAX,
    CEL_CHECK,
    /* of the host: status says which */
    CEL_HOST
} cel_error;

const char *aigov__cel_error_name(cel_error e); /* "no_such_key" */

/* --- arena.c ------------------------------------------------------------- */

/* Memory that is freed at once.  Zeroed with ctx set is an empty one. */
typedef struct cel_arena {
    aigov_ctx *ctx;
    struct cel_chunk *first, *now;
    size_t limit; /* most bytes in all; 0: 16 MiB */
    size_t total;
} cel_arena;

/* NULL: out of memory, or beyond the limit.  Aligned to 8 bytes. */
void *aigov__cel_alloc(cel_arena *a, size_t n);
/* Forget what was allocated; the first chunk is kept for the next time. */
void aigov__cel_reset(cel_arena *a);
void aigov__cel_arena_free(cel_arena *a);

/* --- env.c: declarations ------------------------------------------------- */

typedef struct cel_type cel_type; /* internal.h */

typedef struct cel_variable {
    aigov_span name;      /* "req.kind": dots are part of the name */
    const cel_type *type; /* DYN where nothing is said */
} cel_variable;

/* Which variables an expression may name.  Slots are numbered from 0 in the
 * order of declaration. */
typedef struct aigov_cel_env {
    aigov_ctx *ctx;
    cel_arena arena; /* of names and types */
    cel_variable *variable;
    size_t count, cap;
    uint32_t *index; /* hash of names -> slot + 1; power of two */
    size_t index_cap;
} aigov_cel_env;

void aigov__cel_env_init(aigov_cel_env *env, aigov_ctx *ctx);
void aigov__cel_env_free(aigov_cel_env *env);
/*
 * aigov__cel_declare - one variable
 *
 * in      name       an identifier, or several joined by dots; copied
 *         type       "int", "list(string)", "map(string, dyn)", "timestamp",
 *                    "google.protobuf.Duration" ...; absent: dyn
 * out     *slot      may be NULL
 * returns AIGOV_OK | AIGOV_ARG (a name twice, a type not known; pos in type) |
 *         AIGOV_NOMEM
 */
aigov_status aigov__cel_declare(aigov_cel_env *env, aigov_span name,
                                aigov_span type, uint32_t *slot,
                                aigov_error *err);
/* The slot of a name, or UINT32_MAX. */
uint32_t aigov__cel_slot(const aigov_cel_env *env, aigov_span name);

/* --- compile.c ----------------------------------------------------------- */

/* Zero: the default, which is what rules of policies have (notes of limits in
 * docs/cel.md). */
typedef struct cel_limits {
    size_t source;     /* bytes; 4096 */
    uint32_t nodes;    /* 512 */
    uint32_t depth;    /* 64 */
    uint32_t elements; /* of a list or map literal; 256 */
    uint32_t nesting;  /* macros within macros; 2 */
} cel_limits;

#define AIGOV_CEL_CHECK 1   /* type-check: all names must be declared */
#define AIGOV_CEL_BOOL 2    /* with CHECK: the result must be bool */
#define AIGOV_CEL_LITERAL 4 /* patterns of matches are literals, and right */

typedef struct aigov_cel_program aigov_cel_program;

/*
 * aigov__cel_compile - parse, resolve and, if asked, check an expression
 *
 * in      env        may go before the program does: the program owns a copy of
 *                    what it needs
 *         source     any bytes; must be valid UTF-8
 *         flags      AIGOV_CEL_...
 *         limits     NULL: those of rules
 * out     *why       of AIGOV_CEL: CEL_SYNTAX, CEL_CHECK; a limit that is
 *                    exceeded: CEL_DEPTH_EXCEEDED, CEL_COST_EXCEEDED.  May be
 *                    NULL
 * returns AIGOV_OK | AIGOV_CEL (err->pos, err->text, err->hint: what is wrong
 *         where) | AIGOV_TOOBIG (bytes of source) | AIGOV_NOMEM
 * cost    about 3 us for a rule of 100 bytes, 20,000 instructions; a pattern of
 *         matches comes to that
 */
aigov_status aigov__cel_compile(const aigov_cel_env *env, aigov_span source,
                                unsigned flags, const cel_limits *limits,
                                aigov_cel_program **out, cel_error *why,
                                aigov_error *err);
void aigov__cel_free(aigov_cel_program *p);

/* Slots that it reads, ascending. */
const uint32_t *aigov__cel_reads(const aigov_cel_program *p, size_t *count);
/* Text of the type of its result: "bool"; "dyn" where it was not checked. */
bool aigov__cel_result_type(const aigov_cel_program *p, aigov_buf *out);
/* Worst case in units, from the declared maxima of cost.c. */
uint64_t aigov__cel_worst(const aigov_cel_program *p);

/* --- eval.c -------------------------------------------------------------- */

#define AIGOV_CEL_UNITS 20000 /* an expression may use; 4.6 ns each */

typedef struct cel_run {
    uint64_t units;      /* in: what it may use; out: what it used */
    cel_value result;    /* valid until the arena is reset */
    cel_error error;     /* CEL_OK, or why there is no result */
    uint32_t at;         /* byte offset in the source of what failed */
    aigov_status status; /* CEL_HOST: AIGOV_NOMEM | AIGOV_CANCELED */
} cel_run;

/*
 * aigov__cel_eval - the value of an expression
 *
 * in      value      by slot; a NULL pointer in it: not bound (CEL_UNBOUND
 *                    when read)
 *         arena      of the caller: results, intermediate lists and strings
 * returns true: run->result; false: run->error, run->at
 * cost    1 unit a node, 1 an element, ceil(bytes / 64) a scan of a string,
 *         ceil(instructions * bytes / 64) a match (eval.c has the table); the
 *         host's interrupt is polled each 1,000 units
 */
bool aigov__cel_eval(const aigov_cel_program *p, const cel_value *const *value,
                     cel_arena *arena, cel_run *run);

/* --- value.c ------------------------------------------------------------- */

/* CEL equality: numbers of all kinds on one line, exactly; kinds that cannot be
 * compared differ; NaN differs from itself. */
bool aigov__cel_equal(const cel_value *a, const cel_value *b);
/* < 0, 0, > 0; false where the two have no order (kinds differ, NaN). */
bool aigov__cel_compare(const cel_value *a, const cel_value *b, int *order);

/* --- typed.c: values as JSON --------------------------------------------- */

/*
 * The typed form {"t":T,"v":V}: int and uint as decimal strings; double as a
 * string ("NaN", "Infinity", "-Infinity", "1.5"), string, bool, null; bytes as
 * base64; list of typed values; map as a list of [key, value]; timestamp as RFC
 * 3339 UTC; duration as seconds with suffix s; type as its name.
 */
#define AIGOV_CEL_RESULT ((size_t)16 << 20) /* bytes of one value as JSON */

/* Appends.  AIGOV_OK | AIGOV_TOOBIG beyond AIGOV_CEL_RESULT bytes, since lists
 * may share parts | AIGOV_NOMEM */
aigov_status aigov__cel_write(const cel_value *v, aigov_buf *out,
                              aigov_error *err);
/* The value at node i of j, which was read STRICT and must outlive it.
 * AIGOV_FIELD with the offset where it is no typed value | AIGOV_NOMEM */
aigov_status aigov__cel_read(const aigov_json *j, uint32_t i, cel_arena *arena,
                             cel_value *out, aigov_error *err);

#endif
