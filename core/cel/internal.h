/*
 * internal.h - what the files of core/cel share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The way of an expression
 *
 *   lex.c        source -> tokens (langdef.md, Syntax: lexis)
 *   literal.c    text of string, bytes and number literals -> values
 *   parse.c      tokens -> nodes; recursive descent of bounded depth
 *   macro.c      has, all, exists, exists_one, map, filter -> their nodes
 *   resolve.c    names -> slots and locals, longest declared name first
 *   types.c      types as text and back; env.c declarations, arena.c memory
 *   check.c      a type for each node, or what does not fit; overload.c which
 *                functions take it, unify.c which types fit
 *   cost.c       worst case in units
 *   patterns.c   literal patterns of matches, compiled
 *   compile.c    the stages in order, and the program
 *   print.c      nodes -> source text
 *   functions.c  functions.def, the names and overloads, as tables
 *   eval.c       nodes -> value
 *   operate.c    arithmetic, order, in, index, size
 *   convert.c    conversions, numbers as text
 *   value.c      equality, order, keys
 *   string.c     functions of strings; time.c of timestamps and durations
 *   match*.c     regular expressions in linear time
 *   typed.c      values as JSON; cel.c the entry aigov_cel
 */
#ifndef AIGOV_CEL_INTERNAL_H
#define AIGOV_CEL_INTERNAL_H

#include "cel.h"

/* --- functions ----------------------------------------------------------- */

typedef enum cel_function {
#define CEL_FUNCTION(id, name) CEL_##id,
#define CEL_OVERLOAD(id, signature, result)
#include "functions.def"
#undef CEL_FUNCTION
#undef CEL_OVERLOAD
    CEL_FUNCTIONS_
} cel_function;

typedef struct cel_overload {
    const char *signature, *result; /* as in functions.def */
} cel_overload;

/* The function that has an overload of this style and number of arguments, the
 * receiver counted; CEL_FUNCTIONS_: there is none. */
cel_function aigov__cel_function(aigov_span name, bool member, uint32_t n);
/* The function of a name, however it is called. */
cel_function aigov__cel_function_named(aigov_span name);
/* "size", "_+_"; of a function. */
const char *aigov__cel_function_name(cel_function fn);
const cel_overload *aigov__cel_overloads(cel_function fn, size_t *n);

/* --- types --------------------------------------------------------------- */

/* Interned nowhere: compared by structure. */
struct cel_type {
    uint8_t kind;               /* cel_kind */
    uint32_t param;             /* PARAM: number of the variable (check.c) */
    const struct cel_type *key; /* MAP */
    const struct cel_type *of;  /* LIST: elements, MAP: values, TYPE: or NULL */
};

/* types.c.  A kind that needs no more: INT, DYN ... */
const cel_type *aigov__cel_basic(cel_kind kind);
/* NULL: out of memory. */
const cel_type *aigov__cel_list_of(cel_arena *a, const cel_type *of);
const cel_type *aigov__cel_map_of(cel_arena *a, const cel_type *key,
                                  const cel_type *of);
/* "map(string, int)" to a type; AIGOV_ARG with the offset in text. */
aigov_status aigov__cel_type_read(cel_arena *a, aigov_span text,
                                  const cel_type **out, aigov_error *err);
/* Appends its text; false: out of memory. */
bool aigov__cel_type_write(const cel_type *type, aigov_buf *out);
const cel_type *aigov__cel_type_copy(cel_arena *a, const cel_type *type);
/* The kind that the value of a name is the type of,
 * "google.protobuf.Timestamp"; CEL_DYN: it names no type. */
cel_kind aigov__cel_type_named(aigov_span name);
const char *aigov__cel_type_name(cel_kind kind);

/* --- names --------------------------------------------------------------- */

#define AIGOV__CEL_VARIABLES 4096 /* an environment may have */

/* FNV-1a, so that the hash of "a.b" goes on from that of "a". */
#define AIGOV__CEL_HASH 2166136261U
static inline uint32_t aigov__cel_hash(uint32_t hash, aigov_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        hash = (hash ^ (uint8_t)s.p[i]) * 16777619U;
    }
    return hash;
}

/* --- nodes --------------------------------------------------------------- */

typedef enum cel_op {
    CEL_NODE_CONST,  /* value */
    CEL_NODE_NAME,   /* name; after resolve.c: one that nothing declares, which
                        is CEL_UNBOUND where it is read */
    CEL_NODE_SLOT,   /* number: a variable of the environment */
    CEL_NODE_LOCAL,  /* number: a variable of a macro, counted from outside */
    CEL_NODE_SELECT, /* kid[0].name */
    CEL_NODE_HAS,    /* has(kid[0].name) */
    CEL_NODE_CALL,   /* fn, kids: receiver first if there is one.  It has an
                        overload of that style and number of arguments, or is
                        CEL_FUNCTIONS_: then its value is
                        CEL_NO_SUCH_OVERLOAD, and kids are not evaluated */
    CEL_NODE_AND,    /* two kids */
    CEL_NODE_OR,     /* two kids */
    CEL_NODE_COND,   /* kid[0] ? kid[1] : kid[2] */
    CEL_NODE_LIST,   /* kids: elements */
    CEL_NODE_MAP,    /* kids: key, value, key, value ... */
    /* Macros.  number: the local that it binds; kid[0] the range (a list, or a
     * map, of which it takes the keys), kid[1] the predicate or transform. */
    CEL_NODE_ALL,
    CEL_NODE_EXISTS,
    CEL_NODE_EXISTS_ONE,
    CEL_NODE_FILTER,
    CEL_NODE_TRANSFORM /* map(x, t); map(x, p, t) has kid[2] = t */
} cel_op;

#define CEL_NODE_MEMBER 1   /* CALL: written as receiver.f(...) */
#define CEL_NODE_ABSOLUTE 2 /* NAME, SLOT: written with a leading dot */
#define CEL_NODE_PAREN 4  /* NAME, SELECT, SLOT: in parentheses; ends a name */
#define CEL_NODE_QUOTED 8 /* SELECT, HAS: the field stands in backquotes */

typedef struct cel_node {
    uint8_t op;     /* cel_op */
    uint8_t fn;     /* CALL: cel_function */
    uint8_t flags;  /* CEL_NODE_... */
    uint8_t height; /* of the tree from here: 1 for a leaf */
    uint32_t n;     /* kids */
    uint32_t at;    /* byte offset in the source: operator, name, bracket */
    uint32_t number;
    aigov_span name; /* NAME, SELECT, HAS; CALL: as written; macros: variable */
    cel_value value; /* CONST */
    struct cel_node **kid;
    const cel_type *type;         /* after check.c; else NULL */
    struct aigov__regex *pattern; /* CALL of matches with a literal */
} cel_node;

/* --- programs ------------------------------------------------------------ */

struct aigov_cel_program {
    aigov_ctx *ctx;
    cel_arena arena; /* source, nodes, types */
    aigov_span source;
    cel_node *root;
    uint32_t nodes;
    uint32_t locals; /* most that are bound at a time */
    uint32_t slots;  /* of the environment it was compiled for */
    uint32_t *reads;
    size_t read_count;
    uint64_t worst;
    unsigned flags;
    struct aigov__regex **pattern; /* to be freed with it */
    size_t pattern_count;
};

/* What the stages of a compilation pass on. */
typedef struct cel_compiler {
    const aigov_cel_env *env;
    aigov_cel_program *program;
    cel_arena *arena; /* of the program */
    cel_limits limits;
    unsigned flags;
    cel_error why;
    aigov_error *err;
} cel_compiler;

/* Refuse at a byte of the source: fills err, sets why; returns AIGOV_CEL. */
aigov_status aigov__cel_refuse(cel_compiler *c, cel_error why, size_t at,
                               const char *format, ...)
    __attribute__((format(printf, 4, 5)));

aigov_status aigov__cel_parse(cel_compiler *c, cel_node **root);
aigov_status aigov__cel_resolve(cel_compiler *c, cel_node *root);
/* Refuse a call of what is no function, or is called otherwise (overload.c). */
aigov_status aigov__cel_no_function(cel_compiler *c, const cel_node *call);
aigov_status aigov__cel_check(cel_compiler *c, cel_node *root);
/* Units at worst, from the declared maxima of cost.c. */
uint64_t aigov__cel_cost(const cel_node *root);
/* Compile the literal patterns of matches (patterns.c). */
aigov_status aigov__cel_patterns(cel_compiler *c, cel_node *root);

/* Appends the text of a tree, which parses to the same again (print.c). */
bool aigov__cel_print(const cel_node *node, aigov_buf *out);

/* --- value.c ------------------------------------------------------------- */

#define AIGOV__CEL_VALUE_DEPTH 1024 /* of lists and maps in each other */
#define AIGOV__CEL_COMPARISONS ((uint64_t)1 << 24) /* of aigov__cel_equal */

typedef enum cel_equality {
    CEL_EQUAL_NOT,
    CEL_EQUAL_YES,
    CEL_EQUAL_DEAR, /* units are used up */
    CEL_EQUAL_DEEP  /* nested beyond AIGOV__CEL_VALUE_DEPTH */
} cel_equality;

/* aigov__cel_equal that takes from *left 1 a pair of elements, 1 an entry of
 * the other map looked at (as many as entries where both have the same order),
 * n / 64 a string of n bytes. */
cel_equality aigov__cel_same(const cel_value *a, const cel_value *b,
                             uint64_t *left);
bool aigov__cel_is_number(const cel_value *v); /* INT, UINT, DOUBLE */
bool aigov__cel_is_key(const cel_value *v);    /* may be the key of a map */
/* Equality where one of the two is a key. */
bool aigov__cel_equal_keys(const cel_value *a, const cel_value *b);
/* The value of a key, 1 and 1u and 1.0 being the same; NULL: not in it. */
const cel_value *aigov__cel_find(const cel_value *map, const cel_value *key);
/* Whether the n keys of entries differ; at: room for n numbers. */
bool aigov__cel_distinct(const cel_value *items, uint32_t n, uint32_t *at);

/* --- convert.c, time.c: values from and to text --------------------------- */

#define AIGOV__CEL_TEXT 40 /* bytes, of a number, timestamp or duration */

/* CEL_OK, CEL_RANGE, or CEL_INVALID_ARGUMENT where it is no such text. */
cel_error aigov__cel_int_read(aigov_span s, int64_t *out);
cel_error aigov__cel_uint_read(aigov_span s, uint64_t *out);
cel_error aigov__cel_double_read(const aigov_ctx *ctx, aigov_span s,
                                 double *out);
cel_error aigov__cel_timestamp_read(aigov_span s, cel_value *out);
cel_error aigov__cel_duration_read(aigov_span s, cel_value *out);
/* What they write is at most AIGOV__CEL_TEXT bytes; the number of bytes. */
size_t aigov__cel_uint_write(uint64_t v, bool negative, char *out);
size_t aigov__cel_double_write(aigov_ctx *ctx, double v, char *out);
size_t aigov__cel_timestamp_write(const cel_value *v, char *out);
size_t aigov__cel_duration_write(const cel_value *v, char *out);

/* --- eval.c: what its functions use --------------------------------------- */

typedef struct cel_eval {
    aigov_ctx *ctx;
    const cel_value *const *slot;
    cel_value *local;
    cel_arena *arena;
    cel_run *run;
    uint64_t left; /* units */
    uint64_t poll; /* ask the host where less than this would be left */
} cel_eval;

/* false: e->run->error is set.  The evaluator sets `at` of the call's node. */
typedef bool cel_call(cel_eval *e, const cel_node *node, const cel_value *arg,
                      uint32_t n, cel_value *out);

bool aigov__cel_error(cel_eval *e, cel_error error); /* sets it; gives false */
bool aigov__cel_charge_slow(cel_eval *e, uint64_t units);
void *aigov__cel_take(cel_eval *e, size_t n); /* NULL: error is set */

/* Use units; false where there are not enough, or the host wants to stop. */
static inline bool aigov__cel_charge(cel_eval *e, uint64_t units)
{
    if (AIGOV__LIKELY(units <= e->left - e->poll)) {
        e->left -= units;
        return true;
    }
    return aigov__cel_charge_slow(e, units);
}

/* A scan of n bytes: ceil(n / 64) units. */
static inline bool aigov__cel_scan(cel_eval *e, uint64_t n)
{
    return aigov__cel_charge(e, (n + 63) / 64);
}

/* Equality within an evaluation; false: an error, which is set. */
bool aigov__cel_equals(cel_eval *e, const cel_value *a, const cel_value *b,
                       bool *equal);
/* A string of n bytes at s, which lives as long as the arena. */
bool aigov__cel_new_text(cel_eval *e, const char *s, size_t n, cel_value *out);

static inline cel_value aigov__cel_bool(bool b)
{
    return (cel_value){.kind = CEL_BOOL, .b = b};
}
static inline cel_value aigov__cel_int(int64_t i)
{
    return (cel_value){.kind = CEL_INT, .i = i};
}
static inline aigov_span aigov__cel_span(const cel_value *v)
{
    return (aigov_span){v->s, v->n};
}

/* Each is called with as many arguments as an overload of its function has;
 * their kinds it checks itself. */
cel_call aigov__cel_operate; /* + - * / % and unary - */
cel_call aigov__cel_order;   /* < <= > >= */
cel_call aigov__cel_in;      /* _ in _ */
cel_call aigov__cel_index;   /* _[_] */
cel_call aigov__cel_size;
cel_call aigov__cel_convert;  /* int() .. bool(), type(), dyn() */
cel_call aigov__cel_contains; /* contains, startsWith, endsWith */
cel_call aigov__cel_matches;
cel_call aigov__cel_string;    /* charAt .. join */
cel_call aigov__cel_time_part; /* getFullYear .. getMilliseconds */

/* + and - where one of the two is a timestamp or duration. */
bool aigov__cel_time_add(cel_eval *e, bool subtract, const cel_value *a,
                         const cel_value *b, cel_value *out);
/* false: out of range. */
bool aigov__cel_duration_negate(const cel_value *a, cel_value *out);
/* A timestamp of whole seconds; false: not in the years 1 to 9999. */
bool aigov__cel_timestamp_of(int64_t seconds, uint32_t nano, cel_value *out);

#endif
