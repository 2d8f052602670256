/*
 * match_tool.c - what the patterns of core/cel say of lines, for comparisons
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   match_tool < CASES
 *
 * A case is a line of two hexadecimal words, pattern and text, either empty,
 * with a space between.  Answers 1, 0, E9 (bad syntax, at byte 9) or T9 (too
 * big), a line each.  Aborts where the two searches contradict each other.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>

#include "cel/match.h"

static size_t unhex(const char **p, char *out)
{
    size_t n = 0;
    unsigned byte;

    while (sscanf(*p, "%2x", &byte) == 1 && **p > ' ') {
        out[n++] = (char)byte;
        *p += 2;
    }
    return n;
}

static const char *answer(aigov_ctx *ctx, aigov_span pattern, aigov_span text)
{
    static uint64_t scratch[AIGOV__REGEX_SCRATCH / 8 + 1];
    static char place[32];
    aigov__regex *p;
    aigov_error err;
    aigov_status status = aigov__regex_new(ctx, pattern, &p, &err);

    if (status != AIGOV_OK) {
        snprintf(place, sizeof place, "%c%zu",
                 status == AIGOV_TOOBIG ? 'T' : 'E', err.pos);
        return place;
    }
    bool found = aigov__regex_matches(p, text, scratch);
    if (found != aigov__regex_matches_any_size(p, text, scratch)) {
        fprintf(stderr, "the two searches differ: %.*s\n", (int)pattern.n,
                pattern.p);
        abort();
    }
    aigov__regex_free(p);
    return found ? "1" : "0";
}

int main(void)
{
    static char line[1 << 17], pattern[1 << 16], text[1 << 16];
    aigov_ctx *ctx;
    aigov_error err;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 2;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *p = line;
        aigov_span a = {pattern, unhex(&p, pattern)};
        p += *p == ' ';
        aigov_span b = {text, unhex(&p, text)};
        printf("%s\n", answer(ctx, a, b));
    }
    aigov_ctx_free(ctx);
    return 0;
}
