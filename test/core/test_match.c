/*
 * test_match.c - patterns: answers, errors, limits, memory
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Cases: test/vectors/cel/match.tsv.  Each is asked of both searches, and of
 * texts in blocks of their own, so that a read beyond is seen.
 */
#include "cel/match.h"

#include "failing.h"
#include "tap.h"
#include "text.h"

#define FOLDER "test/vectors/cel"

static aigov_error err;
static uint64_t any_scratch[AIGOV__REGEX_SCRATCH / sizeof(uint64_t) + 1];

/* --- the cases ----------------------------------------------------------- */

/* \\ \n \t \xNN in place; the length. */
static size_t unescape(char *p, size_t n)
{
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        if (p[i] != '\\') {
            p[out++] = p[i];
        } else if (p[++i] == 'x' && sscanf(p + i + 1, "%2x", &byte) == 1) {
            p[out++] = (char)byte;
            i += 2;
        } else {
            p[out++] = p[i] == 'n' ? '\n' : p[i] == 't' ? '\t' : p[i];
        }
    }
    return out;
}

/* Both searches with memory of exactly the size that each asks for. */
static bool both(const aigov__regex *p, aigov_span text, bool *found)
{
    aigov_span own = exact(text);
    size_t need = aigov__regex_scratch(p);
    void *scratch = need == 0 ? NULL : malloc(need);

    *found = aigov__regex_matches(p, own, scratch);
    bool again = aigov__regex_matches_any_size(p, own, any_scratch);
    free(scratch);
    drop(own);
    return *found == again;
}

/* Write the answer to a case as the file has it. */
static void answer(aigov_ctx *ctx, aigov_span pattern, aigov_span text,
                   char out[32])
{
    aigov_span own = exact(pattern);
    aigov__regex *p = NULL;
    aigov_status status = aigov__regex_new(ctx, own, &p, &err);
    bool found;

    drop(own);
    if (status == AIGOV_ARG || status == AIGOV_TOOBIG) {
        snprintf(out, 32, "%c%zu", status == AIGOV_ARG ? 'E' : 'T', err.pos);
    } else if (status != AIGOV_OK) {
        snprintf(out, 32, "status %d", status);
    } else {
        bool same = both(p, text, &found);
        snprintf(out, 32, "%s", !same ? "two answers" : found ? "1" : "0");
    }
    aigov__regex_free(p);
}

static void end_section(const char *name, int cases, int wrong)
{
    if (name != NULL) {
        ok(wrong == 0 && cases > 0, "%s: %d cases", name, cases);
    }
}

static bool one_case(aigov_ctx *ctx, char *line, char *end)
{
    size_t pattern_n, text_n, expected_n;
    char got[32], *pattern = column(&line, end, &pattern_n),
                  *text = column(&line, end, &text_n),
                  *expected = column(&line, end, &expected_n);

    text_n = unescape(text, text_n);
    answer(ctx, (aigov_span){pattern, pattern_n}, (aigov_span){text, text_n},
           got);
    if (strlen(got) == expected_n && memcmp(got, expected, expected_n) == 0) {
        return true;
    }
    note("%.*s: %s, not %.*s", (int)pattern_n, pattern, got, (int)expected_n,
         expected);
    show("text", (aigov_span){text, text_n});
    return false;
}

static void run_cases(aigov_ctx *ctx)
{
    size_t n = 0;
    char *file = read_file(FOLDER, "match.tsv", &n), *section = NULL;
    int cases = 0, wrong = 0, all = 0;

    if (!ok(file != NULL, "%s/match.tsv is there", FOLDER)) {
        return;
    }
    for (char *p = file; p < file + n;) {
        char *end = memchr(p, '\n', (size_t)(file + n - p));
        end = end == NULL ? file + n : end;
        if (*p == '#') {
            *end = '\0';
            if (cases > 0) {
                end_section(section, cases, wrong);
            }
            section = p + 2 < end ? p + 2 : p;
            cases = wrong = 0;
        } else {
            wrong += !one_case(ctx, p, end);
            cases++;
            all++;
        }
        p = end + 1;
    }
    end_section(section, cases, wrong);
    ok(all > 1000, "%d cases in all", all);
    free(file);
}

/* --- limits and errors --------------------------------------------------- */

static aigov_status try(aigov_ctx *ctx, aigov_span pattern)
{
    aigov__regex *p = NULL;
    aigov_status status = aigov__regex_new(ctx, pattern, &p, &err);

    if (status != AIGOV_OK && p != NULL) {
        return AIGOV_STATE; /* outputs are untouched on error */
    }
    aigov__regex_free(p);
    return status;
}

static void refuses(aigov_ctx *ctx, const char *what, aigov_span pattern,
                    aigov_status status, size_t pos)
{
    aigov_status got = try(ctx, pattern);

    if (!ok(got == status && err.pos == pos, "refused: %s", what)) {
        note("%d at %zu: %s", got, err.pos, err.text);
    }
}

static void run_limits(aigov_ctx *ctx)
{
    aigov_buf b;

    aigov_buf_init(&b, ctx);
    refuses(ctx, "a byte that is not UTF-8", AIGOV_LIT("ab\xFF"), AIGOV_ARG, 2);
    refuses(ctx, "a surrogate in UTF-8", AIGOV_LIT("\xED\xA0\x80"), AIGOV_ARG,
            0);
    refuses(ctx, "a cut sequence", AIGOV_LIT("a\xC3"), AIGOV_ARG, 1);
    repeat(&b, "a", AIGOV__REGEX_BYTES + 1);
    refuses(ctx, "a text that is too long", span(&b), AIGOV_TOOBIG,
            AIGOV__REGEX_BYTES);
    b.n = 0;
    repeat(&b, "(", AIGOV__REGEX_DEPTH);
    repeat(&b, ")", AIGOV__REGEX_DEPTH);
    ok(try(ctx, span(&b)) == AIGOV_OK, "%d groups in groups",
       AIGOV__REGEX_DEPTH);
    b.n = 0;
    repeat(&b, "(?:", AIGOV__REGEX_DEPTH + 1);
    refuses(ctx, "one group more", span(&b), AIGOV_TOOBIG,
            3 * AIGOV__REGEX_DEPTH);
    b.n = 0;
    repeat(&b, "a|", AIGOV__REGEX_BYTES / 2);
    refuses(ctx, "too many alternatives", span(&b), AIGOV_TOOBIG, 667);
    /* sets of 650 ranges, each another */
    b.n = 0;
    for (int i = 0; i < 40; i++) {
        char piece[32];
        snprintf(piece, sizeof piece, "[\\pL\\x{%x}]", 0x2190 + 2 * i);
        aigov_buf_puts(&b, piece);
    }
    ok(try(ctx, span(&b)) == AIGOV_TOOBIG, "refused: classes too large");
    aigov_buf_free(&b);
}

static uint32_t size_of(aigov_ctx *ctx, const char *pattern)
{
    aigov__regex *p;
    uint32_t size = 0;

    if (aigov__regex_new(ctx, aigov_str(pattern), &p, &err) == AIGOV_OK) {
        size = aigov__regex_size(p);
        aigov__regex_free(p);
    }
    return size;
}

/* Sizes are the price of a search, so they must never change by accident. */
static void run_sizes(aigov_ctx *ctx)
{
    static const struct {
        const char *pattern;
        uint32_t size;
    } known[] = {
        {"", 1},
        {"abc", 3},
        {"a|b|c", 7},
        {"a*", 3},
        {"a+", 2},
        {"a?", 2},
        {"a{3,5}", 7},
        {"a{2,}", 3},
        {"^INC-[0-9]{5}$", 11},
        {"(^|[._-])(sh|bash|exec|powershell)$", 31},
        {"\\pL", 1},
        {"(?i)\\pL", 1},
        {"a{1000}", 1000},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t size = size_of(ctx, known[i].pattern);
        ok(size == known[i].size, "%s has %u instructions",
           known[i].pattern[0] == '\0' ? "the empty pattern" : known[i].pattern,
           size);
    }
}

/* --- texts that are not UTF-8 -------------------------------------------- */

static bool finds(aigov_ctx *ctx, const char *pattern, aigov_span text)
{
    aigov__regex *p;
    bool found = false, same = false;

    if (aigov__regex_new(ctx, aigov_str(pattern), &p, &err) == AIGOV_OK) {
        same = both(p, text, &found);
        aigov__regex_free(p);
    }
    return same && found;
}

static void run_bad_text(aigov_ctx *ctx)
{
    ok(finds(ctx, "^a\\x{FFFD}b$",
             AIGOV_LIT("a\xFF"
                       "b")),
       "a byte that is not UTF-8 is U+FFFD");
    ok(finds(ctx, "^.{3}$", AIGOV_LIT("\xE2\x82\xF0")),
       "each of the bytes of a cut sequence is one character");
    ok(finds(ctx, "^$", AIGOV_ABSENT) && !finds(ctx, ".", AIGOV_ABSENT),
       "an absent text is empty");
}

/* --- memory -------------------------------------------------------------- */

static const char *const hungry[] = {"",
                                     "^INC-[0-9]{5}$",
                                     "(?i)[^\\pL\\p{Greek}x-z]+(a|b)*{",
                                     "(?P<n>a){70}",
                                     "(?m)^\\bx$",
                                     "é日\\PL",
                                     "a{700}(?i)\\p{Lu}\\W"};

static void run_memory(void)
{
    for (size_t i = 0; i < sizeof hungry / sizeof *hungry; i++) {
        struct heap h = {0};
        aigov_alloc alloc = {failing, &h};
        aigov_ctx *ctx;
        bool good = aigov_ctx_new(&alloc, &ctx, &err) == AIGOV_OK;
        long blocks = h.blocks, n = 0;
        aigov_status status = AIGOV_NOMEM;
        while (good && status == AIGOV_NOMEM) {
            h.calls = 0;
            h.fail_at = ++n;
            status = try(ctx, aigov_str(hungry[i]));
            h.fail_at = 0;
            good = h.blocks == blocks &&
                   try(ctx, aigov_str(hungry[i])) == AIGOV_OK;
        }
        ok(good && status == AIGOV_OK && n > 3, "%s: %ld allocations fail",
           hungry[i], n - 1);
        aigov_ctx_free(ctx);
    }
}

/* A pattern serves any number of searches and is not changed by them. */
static void run_shared(aigov_ctx *ctx)
{
    struct heap h = {0};
    aigov_alloc alloc = {failing, &h};
    aigov__regex *p;
    bool good = true;

    (void)ctx;
    if (aigov_ctx_new(&alloc, &ctx, &err) != AIGOV_OK ||
        aigov__regex_new(ctx, AIGOV_LIT("x{70}|ab$"), &p, &err) != AIGOV_OK) {
        ok(false, "made");
        return;
    }
    void *scratch = malloc(aigov__regex_scratch(p));
    memset(scratch, 0xA5, aigov__regex_scratch(p));
    h.calls = 0;
    for (int i = 0; i < 1000; i++) {
        good = good && aigov__regex_matches(p, AIGOV_LIT("aab"), scratch) &&
               !aigov__regex_matches(p, AIGOV_LIT("xxab "), scratch);
    }
    ok(good && h.calls == 0, "2000 searches allocate nothing");
    free(scratch);
    aigov__regex_free(p);
    aigov_ctx_free(ctx);
    ok(h.blocks == 0, "nothing is left behind");
}

/* More characters than a mark of a round can count. */
static void run_long(aigov_ctx *ctx)
{
    aigov_buf b;

    aigov_buf_init(&b, ctx);
    repeat(&b, "a", 200000);
    ok(finds(ctx, "a{70}$", span(&b)) && !finds(ctx, "a{70}b", span(&b)),
       "200000 characters by lists");
    aigov_buf_puts(&b, "é");
    ok(finds(ctx, "aé$", span(&b)) && !finds(ctx, "bé$", span(&b)),
       "200000 characters by bits");
    aigov_buf_free(&b);
}

/* Programs on both sides of each border of words: n characters, then a choice
 * whose parts lie in two words. */
static void run_borders(aigov_ctx *ctx)
{
    static const char *const form[] = {"^a{%d}$", "^(?:a|b){%d}$",
                                       "^(?:xa?){%d}$", "^a{%d}(?:b|c)+$"};
    bool good = true;
    int checks = 0;

    for (int n = 30; n < 250; n++) {
        aigov_buf b;
        aigov_buf_init(&b, ctx);
        for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
            char pattern[64];
            snprintf(pattern, sizeof pattern, form[i], n);
            b.n = 0;
            repeat(&b, i == 2 ? "x" : "a", n - 1);
            good = good && !finds(ctx, pattern, span(&b));
            aigov_buf_puts(&b, i == 2 ? "xa" : i == 3 ? "acb" : "a");
            good = good && finds(ctx, pattern, span(&b));
            aigov_buf_puts(&b, "a");
            good = good && !finds(ctx, pattern, span(&b));
            checks += 3;
        }
        aigov_buf_free(&b);
    }
    ok(good, "programs of 30 to 498 characters, %d searches", checks);
}

int main(void)
{
    aigov_ctx *ctx;

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 2;
    }
    run_cases(ctx);
    run_limits(ctx);
    run_sizes(ctx);
    run_bad_text(ctx);
    run_memory();
    run_shared(ctx);
    run_long(ctx);
    run_borders(ctx);
    aigov_ctx_free(ctx);
    return done();
}
