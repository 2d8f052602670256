/*
 * core_match.c - what patterns cost: policies' own, and those made to be slow
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   core_match             CPU time, the best of five
 *   core_match SIZE        each slow pattern once on SIZE bytes; bench/run.sh
 *                          counts the instructions of this, where valgrind is
 *
 * Policies' patterns are given beside pcre2_match of the same run.  A slow
 * pattern is searched in texts of 4 KB and 16 KB that it does not match until
 * the end: in linear time the second costs four times the first.
 */
#define _GNU_SOURCE 1
#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cel/match.h"

static const struct {
    const char *pattern, *text;
} policy[] = {
    {"^INC-[0-9]{5}$", "INC-12345"},
    {"(^|[._-])(sh|bash|exec|powershell)$", "tools.files-read.bash"},
    {"(^|[._-])(sh|bash|exec|powershell)$",
     "some.longer.name-of-a-tool.read_the_files"},
    {"(?i)\\b(password|passwd|secret)\\b",
     "please reset the pass word of my account, I have lost the letter"},
    {"^[^@\\s]+@example\\.(com|org)$", "somebody.else@example.org"},
    {"^\\p{Lu}\\p{Ll}+ \\p{Lu}\\p{Ll}+$", "Bj\xC3\xB6rn J\xC3\xB6nsson"},
};

/* Each with the character that its text is made of. */
static const struct {
    const char *pattern, *of;
} slow[] = {
    {"^(a+)+$", "a"},
    {"(a|aa)+$", "a"},
    {"(a|a?)+[bc][de]", "a"},
    {"(.*)(.*)(.*)(.*)(.*)[xy][zw]", "a"},
    {"^(.*?,){11}[PQ]", "a,"},
    {"([a-z]+)*[0-9][xy]", "ab"},
    {"(?i)(\\w+\\s?)*[0-9]{2}", "word "},
    {"\\b(\\w+\\s?)+\\d$", "word "},
    {"(a?){60}[ab]{60}[xy]", "a"},
    {"(a?){400}[ab]{180}[xy]", "a"},
    {"([ab]*[ac]*){150}[xy]", "a"},
    {"\\pL+\\PL\\d", "\xC3\xA9"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static char text[1 << 16];
static uint64_t scratch[AIGOV__REGEX_SCRATCH / sizeof(uint64_t) + 1];

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static aigov__regex *compile(aigov_ctx *ctx, const char *pattern)
{
    aigov__regex *p;
    aigov_error err;

    if (aigov__regex_new(ctx, aigov_str(pattern), &p, &err) != AIGOV_OK) {
        fprintf(stderr, "core_match: %s: %s\n", pattern, err.text);
        exit(1);
    }
    return p;
}

/* About n bytes of a piece again and again. */
static aigov_span fill(const char *of, size_t n)
{
    size_t piece = strlen(of), at = 0;

    while (at + piece <= n && at + piece <= sizeof text) {
        memcpy(text + at, of, piece);
        at += piece;
    }
    return (aigov_span){text, at};
}

static double ours(const aigov__regex *p, aigov_span s, int times)
{
    double best = 1e18;

    for (int round = 0; round < 5; round++) {
        double t = cpu();
        for (int i = 0; i < times; i++) {
            aigov__regex_matches(p, s, scratch);
        }
        t = (cpu() - t) / times;
        best = t < best ? t : best;
    }
    return best;
}

static double theirs(const char *pattern, aigov_span s, int times)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *p =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_NO_AUTO_CAPTURE, &code, &at, NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    double best = 1e18;

    for (int round = 0; round < 5; round++) {
        double t = cpu();
        for (int i = 0; i < times; i++) {
            pcre2_match(p, (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, data,
                        NULL);
        }
        t = (cpu() - t) / times;
        best = t < best ? t : best;
    }
    pcre2_match_data_free(data);
    pcre2_code_free(p);
    return best;
}

static void measure_policy(aigov_ctx *ctx)
{
    printf("policies' patterns: ns a search, of pcre2_match, instructions, ns "
           "to compile\n");
    for (size_t i = 0; i < COUNT(policy); i++) {
        aigov_span s = aigov_str(policy[i].text);
        double t = cpu();
        for (int k = 0; k < 1000; k++) {
            aigov__regex_free(compile(ctx, policy[i].pattern));
        }
        t = (cpu() - t) / 1000;
        aigov__regex *p = compile(ctx, policy[i].pattern);
        double a = ours(p, s, 20000), b = theirs(policy[i].pattern, s, 20000);
        printf("%-38s %3zu B %7.0f ns %5.2f %4u %7.0f ns\n", policy[i].pattern,
               s.n, a, a / b, aigov__regex_size(p), t);
        aigov__regex_free(p);
    }
}

static void measure_slow(aigov_ctx *ctx)
{
    printf("slow patterns: ns a byte of 16 KB, times 4 KB, instructions, ns a "
           "unit\n");
    for (size_t i = 0; i < COUNT(slow); i++) {
        aigov__regex *p = compile(ctx, slow[i].pattern);
        double few = ours(p, fill(slow[i].of, 4096), 5);
        aigov_span s = fill(slow[i].of, 16384);
        double many = ours(p, s, 5);
        double units = aigov__regex_size(p) * (double)s.n / 64;
        printf("%-38s %8.1f ns/B %5.2f %4u %6.1f ns\n", slow[i].pattern,
               many / (double)s.n, many / few, aigov__regex_size(p),
               many / units);
        aigov__regex_free(p);
    }
}

int main(int argc, char **argv)
{
    aigov_ctx *ctx;
    aigov_error err;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    if (argc > 1) {
        for (size_t i = 0; i < COUNT(slow); i++) {
            aigov__regex *p = compile(ctx, slow[i].pattern);
            aigov__regex_matches(p, fill(slow[i].of, strtoul(argv[1], 0, 10)),
                                 scratch);
            aigov__regex_free(p);
        }
    } else {
        measure_policy(ctx);
        measure_slow(ctx);
    }
    aigov_ctx_free(ctx);
    return 0;
}
