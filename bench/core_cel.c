/*
 * core_cel.c - what it takes to evaluate the conditions of 100 rules
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   core_cel [ROUNDS]     with bench/cel/rules.txt and bench/cel/facts.json
 *   core_cel --once N     N decisions and nothing else, for callgrind
 *
 * evaluate   all 100 programs over bound facts
 * bind       the facts read from typed JSON into slots, then evaluate
 * compile    a rule, with checking
 *
 * Prints the median and the 99th percentile of many rounds in nanoseconds, and
 * the units, which are the same everywhere.  bench/peers/cel.mjs does the same
 * with engines for node.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cel/cel.h"

#define RULES 100
#define SLOTS 200

static aigov_ctx *ctx;
static aigov_error err;
static aigov_cel_env env;
static aigov_cel_program *program[RULES];
static cel_value value[SLOTS];
static const cel_value *bound[SLOTS];
static cel_arena arena, facts_arena;
static aigov_json facts;
static char *rules_text, *facts_text;
static size_t facts_size;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(bool held, const char *what)
{
    if (!held) {
        fprintf(stderr, "core_cel: %s: %s\n", what, err.text);
        exit(1);
    }
}

static char *load(const char *path, size_t *n)
{
    char *p = malloc(1 << 20);
    FILE *f = fopen(path, "rb");

    must(f != NULL && p != NULL, path);
    *n = fread(p, 1, (1 << 20) - 1, f);
    p[*n] = '\0';
    fclose(f);
    return p;
}

/* --- the work ------------------------------------------------------------ */

/* Names and types of the facts; the types are what their values have. */
static void declare(void)
{
    must(aigov_json_read(&facts, AIGOV_JSON_STRICT,
                         (aigov_span){facts_text, facts_size},
                         &err) == AIGOV_OK,
         "facts");
    uint32_t at = 1;
    for (uint32_t i = 0; i < facts.node[0].size; i++) {
        aigov_span type =
            aigov_json_text(&facts, aigov_json_get(&facts, at + 1, "t"));
        must(aigov__cel_declare(&env, aigov_json_text(&facts, at), type, NULL,
                                &err) == AIGOV_OK,
             "declare");
        at = facts.node[at + 1].next;
    }
}

/* As a host does that knows the order of its facts. */
static void bind(void)
{
    must(aigov_json_read(&facts, AIGOV_JSON_STRICT,
                         (aigov_span){facts_text, facts_size},
                         &err) == AIGOV_OK,
         "facts");
    aigov__cel_reset(&facts_arena);
    uint32_t at = 1;
    for (uint32_t i = 0; i < facts.node[0].size; i++) {
        uint32_t slot = aigov__cel_slot(&env, aigov_json_text(&facts, at));
        must(aigov__cel_read(&facts, at + 1, &facts_arena, &value[slot],
                             &err) == AIGOV_OK,
             "bind");
        bound[slot] = &value[slot];
        at = facts.node[at + 1].next;
    }
}

static uint32_t compile(void)
{
    uint32_t n = 0;

    for (char *p = rules_text, *line; *p != '\0'; p = line + 1) {
        line = strchr(p, '\n');
        if (*p != '#' && n < RULES) {
            cel_error why;
            must(aigov__cel_compile(&env, (aigov_span){p, (size_t)(line - p)},
                                    AIGOV_CEL_CHECK | AIGOV_CEL_BOOL, NULL,
                                    &program[n], &why, &err) == AIGOV_OK,
                 p);
            n++;
        }
    }
    return n;
}

static uint64_t matched, errors;

static uint64_t evaluate(void)
{
    uint64_t units = 0;

    aigov__cel_reset(&arena);
    for (int i = 0; i < RULES; i++) {
        cel_run run;
        run.units = AIGOV_CEL_UNITS;
        if (!aigov__cel_eval(program[i], bound, &arena, &run)) {
            errors++;
        } else {
            matched += run.result.b;
        }
        units += run.units;
    }
    return units;
}

/* --- measuring ----------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void report(const char *what, double *ns, int n)
{
    qsort(ns, (size_t)n, sizeof *ns, ascending);
    printf("%-34s p50 %8.0f ns   p99 %8.0f ns\n", what, ns[n / 2],
           ns[n * 99 / 100]);
}

static void measure(int rounds)
{
    double *ns = malloc((size_t)rounds * sizeof *ns);
    uint64_t units = 0;

    must(ns != NULL, "memory");
    for (int i = 0; i < rounds; i++) {
        double start = now();
        units = evaluate();
        ns[i] = now() - start;
    }
    printf("%d rules, %zu bytes of facts, %llu units, %llu match, %llu fail\n",
           RULES, facts_size, (unsigned long long)units,
           (unsigned long long)(matched / (uint64_t)rounds),
           (unsigned long long)(errors / (uint64_t)rounds));
    report("aigov: evaluate", ns, rounds);
    for (int i = 0; i < rounds; i++) {
        double start = now();
        bind();
        evaluate();
        ns[i] = now() - start;
    }
    report("aigov: read facts, bind, evaluate", ns, rounds);
    free(ns);
}

static void measure_compile(int rounds)
{
    double *ns = malloc((size_t)rounds * sizeof *ns);

    must(ns != NULL, "memory");
    for (int i = 0; i < rounds; i++) {
        for (int k = 0; k < RULES; k++) {
            aigov__cel_free(program[k]);
        }
        double start = now();
        compile();
        ns[i] = (now() - start) / RULES;
    }
    report("aigov: compile a rule", ns, rounds);
    free(ns);
}

int main(int argc, char **argv)
{
    bool once = argc > 2 && strcmp(argv[1], "--once") == 0;
    int rounds = once ? 0 : argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5000;
    size_t n;

    must(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK, "context");
    facts.ctx = arena.ctx = facts_arena.ctx = ctx;
    aigov__cel_env_init(&env, ctx);
    rules_text = load("bench/cel/rules.txt", &n);
    facts_text = load("bench/cel/facts.json", &facts_size);
    declare();
    must(compile() == RULES, "rules");
    bind();
    for (long i = once ? strtol(argv[2], NULL, 10) : 0; i > 0; i--) {
        evaluate();
    }
    if (rounds > 0) {
        measure(rounds);
        measure_compile(rounds / 50 + 1);
    }
    return 0;
}
