/*
 * parse.h - what the files that read source text share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * lex.c, literal.c, parse.c and macro.c.  The source is the program's own copy,
 * valid UTF-8 and followed by a NUL byte.  A function that gives NULL or false
 * has refused: p->status says what the compilation answers.
 */
#ifndef AIGOV_CEL_PARSE_H
#define AIGOV_CEL_PARSE_H

#include "internal.h"

/* A token of one byte is that byte. */
typedef enum cel_token_kind {
    TOKEN_END = 0,
    TOKEN_NAME = 128, /* IDENT, a reserved word among them */
    TOKEN_QUOTED,     /* `content-type`; at and n are without the quotes */
    TOKEN_INT,
    TOKEN_UINT,
    TOKEN_DOUBLE,
    TOKEN_STRING, /* with prefix and quotes */
    TOKEN_BYTES,
    TOKEN_TRUE, /* keywords */
    TOKEN_FALSE,
    TOKEN_NULL,
    TOKEN_IN,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER_EQUAL,
    TOKEN_AND,
    TOKEN_OR
} cel_token_kind;

typedef struct cel_token {
    uint8_t kind;
    bool reserved; /* NAME */
    uint32_t at, n;
} cel_token;

typedef struct cel_parser {
    cel_compiler *c;
    aigov_status status;
    const char *text, *p, *end; /* of the lexer: behind the token */
    cel_token now;              /* the token that is looked at */
    uint32_t depth;             /* expressions within expressions */
    cel_node **stack;           /* elements and arguments being collected */
    uint32_t top, room;
} cel_parser;

/* lex.c: the next token becomes p->now. */
bool aigov__cel_next(cel_parser *p);

/* literal.c: the value of p->now, which is a number, string or bytes. */
bool aigov__cel_number(cel_parser *p, bool negative, cel_value *out);
bool aigov__cel_text(cel_parser *p, cel_value *out);

/* parse.c */
void *aigov__cel_refuse_syntax(cel_parser *p, size_t at, const char *format,
                               ...) __attribute__((format(printf, 3, 4)));
/* A node of n kids, which are still to be set; then the node is closed. */
cel_node *aigov__cel_node(cel_parser *p, cel_op op, size_t at, uint32_t n);
cel_node *aigov__cel_close(cel_parser *p, cel_node *node);

/*
 * macro.c: receiver.name(arg ...), or name(arg ...) where receiver is NULL, if
 * it is a macro.  *out is its node, or NULL where it was refused.
 */
bool aigov__cel_macro(cel_parser *p, const cel_token *name, cel_node *receiver,
                      cel_node **arg, uint32_t n, cel_node **out);

#endif
