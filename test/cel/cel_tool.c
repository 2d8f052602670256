/*
 * cel_tool.c - aigov_cel for scripts
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   cel_tool < CASES
 *
 * A case is a line of three words, expression, bindings and declarations, each
 * "x" and its bytes in hexadecimal, or "-" for none.  Answers what aigov_cel
 * appends, or the name of the status, a line each.
 */
#include <stdio.h>
#include <string.h>

#include "aigov.h"

#define LONGEST ((size_t)1 << 20) /* bytes of a case */

/* The next word of the line; *p moves behind it. */
static aigov_span word(const char **p, char *out)
{
    size_t n = 0;
    unsigned byte;

    if (**p == '-') {
        *p += 2;
        return AIGOV_ABSENT;
    }
    for (++*p; sscanf(*p, "%2x", &byte) == 1 && **p > ' '; *p += 2) {
        out[n++] = (char)byte;
    }
    *p += 1;
    return (aigov_span){out, n};
}

int main(void)
{
    static char line[2 * LONGEST + 8], text[3][LONGEST];
    aigov_ctx *ctx;
    aigov_error err;
    aigov_buf out;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 2;
    }
    aigov_buf_init(&out, ctx);
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *p = line;
        aigov_span expr = word(&p, text[0]), bindings = word(&p, text[1]),
                   declarations = word(&p, text[2]);
        out.n = 0;
        aigov_status st =
            aigov_cel(ctx, expr, bindings, declarations, &out, &err);
        if (st == AIGOV_OK) {
            printf("%.*s\n", (int)out.n, out.p);
        } else {
            printf("%s\n", aigov_status_name(st));
        }
    }
    aigov_buf_free(&out);
    aigov_ctx_free(ctx);
    return 0;
}
