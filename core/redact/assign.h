/*
 * assign.h - names and values of assignments
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   db.password   =   "hunter2!"
 *   ^^^^^^^^^^^       ^^^^^^^^^^
 *   name              value       -> which detector, and how sure
 *
 *   assign.c        signs, quotes, prose: which name goes with which value
 *   assign_name.c   whether a name means a secret, and of what kind
 *   assign_value.c  where a value ends
 *   assign_judge.c  whether a value may be a secret of that kind, by
 *                   assign_looks.c, assign_filler.c, assign_vendor.c
 *   call.c          arguments of calls that take a password
 *   option.c        command lines
 *   http_auth.c     schemes of Authorization, cookies
 */
#ifndef AIGOV_REDACT_ASSIGN_H
#define AIGOV_REDACT_ASSIGN_H

#include "internal.h"

#define AIGOV__MAX_SECRET 512 /* bytes of a value that are read */

/* What a name, or part of it, means; the kinds of secret_names.def. */
enum {
    AIGOV__N_NONE,
    AIGOV__N_PASSWORD, /* takes nearly every literal */
    AIGOV__N_PIN,      /* takes four or five digits (six: Indian postcode) */
    AIGOV__N_OTP,      /* takes four to eight digits */
    AIGOV__N_SECRET,   /* takes what does not look like words */
    AIGOV__N_APIKEY,   /* the same, another detector */
    AIGOV__N_KEY,      /* takes only what looks random, and is long */
    AIGOV__N_SESSION,  /* the same, in a cookie */
    AIGOV__N_AUTH,     /* a scheme of HTTP and credentials */
    AIGOV__N_VENDOR,   /* tells which shape the value has */
    AIGOV__N_ABOUT,    /* said after it: about a secret, none itself */
    AIGOV__N_OTHER,    /* said before it: another thing of that name */
    AIGOV__N_TYPE,     /* a type between name and value */
    AIGOV__N_VALUE,    /* "value": the name stands in another field */
    AIGOV__N_IS,       /* a word between name and value in prose */
    AIGOV__N_NOTHING   /* a value that is none */
};

typedef struct aigov__named {
    size_t from;    /* of the identifier next to the sign */
    uint8_t kind;   /* AIGOV__N_PASSWORD .. AUTH, VALUE, or NONE */
    uint8_t vendor; /* index of its shapes, 0 for none */
} aigov__named;

/* Read the name that ends before `end`, back to `low` at most; false where
 * there is no word. */
bool aigov__read_name(const aigov__scan *s, size_t low, size_t end,
                      aigov__named *name);
/* The kind of the one word that ends before `end`; *from is its start. */
unsigned aigov__word_kind(const aigov__scan *s, size_t end, size_t *from);
/* Whether it is an IS; else *from need not be set. */
bool aigov__says_is(const aigov__scan *s, size_t end, size_t *from);
/* Whether the letters of [from, to) are the whole of a NOTHING entry. */
bool aigov__is_nothing(const aigov__scan *s, size_t from, size_t to);
/* The shapes of a vendor. */
const char *aigov__vendor_shapes(unsigned vendor);
/* Whether [from, to) has a text that no secret has. */
bool aigov__has_filler(const aigov__scan *s, size_t from, size_t to);

/* How a value stands in the text. */
typedef struct aigov__literal {
    size_t from, to;
    char quote;  /* 0: none; '<': a tag; ';': a connection string */
    bool equals; /* after '=', with no space: password=x */
    bool line;   /* the assignment is all of its line */
} aigov__literal;

/* Read the value at i; false where none is to be read.  A tag's value ends at
 * the next tag. */
bool aigov__read_value(const aigov__scan *s, size_t i, bool tag,
                       aigov__literal *v);

/* --- what a value looks like --------------------------------------------- */

typedef struct aigov__looks {
    size_t n;
    int digits, lower, upper, marks, spaces, signs, high;
    int entropy; /* aigov__measure leaves it 0: it is dear */
    bool hex;    /* hexadecimal digits only */
    bool uuid;   /* 8-4-4-4-12 */
} aigov__looks;

aigov__looks aigov__measure(const aigov__scan *s, size_t from, size_t to);
int aigov__entropy(const aigov__scan *s, size_t from, size_t to);
bool aigov__is_uuid(const aigov__scan *s, size_t from, size_t to);
/* Whether most of it is words that can be said. */
bool aigov__wordy(const aigov__scan *s, size_t from, size_t to);
/* Whether it has a shape of the vendor; 0 is none. */
bool aigov__has_vendor_shape(const aigov__scan *s, unsigned vendor,
                             const aigov__literal *v);

static inline bool aigov__has_byte(const aigov__scan *s, size_t from, size_t to,
                                   char c)
{
    return memchr(s->p + from, c, to - from) != NULL;
}

/* Whether it contains text, in any case; text is in lower case. */
bool aigov__contains(const aigov__scan *s, size_t from, size_t to,
                     const char *text);
/* assign_filler.c; quote as in aigov__literal. */
bool aigov__is_variable(const aigov__scan *s, size_t from, size_t to,
                        char quote);
bool aigov__is_place(const aigov__scan *s, size_t from, size_t to);
bool aigov__is_expression(const aigov__scan *s, size_t from, size_t to);
bool aigov__is_versioned(const aigov__scan *s, size_t from, size_t to);
bool aigov__has_template(const aigov__scan *s, size_t from, size_t to);
bool aigov__has_call(const aigov__scan *s, size_t from, size_t to);

/* --- judging ------------------------------------------------------------- */

/* The base score of value as that of name, 0 for none; *detector is set. */
int aigov__judge(aigov__scan *s, const aigov__named *name,
                 const aigov__literal *v, unsigned *detector);

/* Whether [from, to) looks random: letters and digits, long, high entropy. */
bool aigov__random(const aigov__scan *s, size_t from, size_t to, size_t least);
/* Whether it is a mask, a variable or a word that stands for a secret. */
bool aigov__filler(const aigov__scan *s, size_t from, size_t to);

/* Read what stands at i without quotes, as far as a value goes. */
bool aigov__read_bare(const aigov__scan *s, size_t i, aigov__literal *v);

/* Report it, and let no sign inside of it begin another. */
void aigov__secret(aigov__scan *s, unsigned detector, size_t from, size_t to,
                   int base);

/* call.c: an argument after the comma before i, in quotes from quote on. */
void aigov__call_argument(aigov__scan *s, size_t i, size_t quote);

/* http_auth.c: the value of an Authorization header. */
void aigov__http_auth(aigov__scan *s, const aigov__literal *v);

#endif
