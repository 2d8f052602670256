/*
 * findings.c - what core finds in the texts of a file of JSON lines
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   findings < cases.jsonl > predictions.jsonl
 *
 * Each line has "id" and "text"; each answer is {"id":..,"findings":[{"entity",
 * "detector","start","end","score","why"}]}, offsets in bytes of UTF-8.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aigov.h"

static void fail(const aigov_error *err)
{
    fprintf(stderr, "findings: %s\n", err->text);
    exit(1);
}

static void answer(aigov_scanner *s, aigov_ctx *ctx, const aigov_json *j)
{
    aigov_error err;
    aigov_buf out;
    const aigov_finding *f;
    size_t n;
    aigov_buf_init(&out, ctx);
    if (aigov_scan(s, aigov_json_text(j, aigov_json_get(j, 0, "text")),
                   AIGOV_ABSENT, &f, &n, &err) != AIGOV_OK ||
        aigov_json_canonical(j, aigov_json_get(j, 0, "id"), &out, &err) !=
            AIGOV_OK) {
        fail(&err);
    }
    printf("{\"id\":%.*s,\"findings\":[", (int)out.n, out.p);
    for (size_t i = 0; i < n; i++) {
        printf("%s{\"entity\":\"%s\",\"detector\":\"%s\",\"start\":%zu,"
               "\"end\":%zu,\"score\":%d.%02d,\"why\":%u}",
               i ? "," : "", f[i].detector->entity, f[i].detector->name,
               f[i].start, f[i].stop, f[i].score / 100, f[i].score % 100,
               f[i].why);
    }
    puts("]}");
    aigov_buf_free(&out);
}

int main(void)
{
    aigov_ctx *ctx;
    aigov_scanner *s;
    aigov_json j = {0};
    aigov_error err;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK ||
        aigov_scanner_new(ctx, &s, &err) != AIGOV_OK) {
        fail(&err);
    }
    j.ctx = ctx;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        if (aigov_json_read(&j, AIGOV_JSON_CONTENT,
                            (aigov_span){line, (size_t)n}, &err) != AIGOV_OK) {
            fail(&err);
        }
        answer(s, ctx, &j);
    }
    free(line);
    aigov_json_free(&j);
    aigov_scanner_free(s);
    aigov_ctx_free(ctx);
    return 0;
}
