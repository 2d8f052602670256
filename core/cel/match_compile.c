/*
 * match_compile.c - a program to what the search reads
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One block holds all of a pattern.  Programs of up to 255 SETs, nearly all,
 * get what a search by words of bits needs: which positions each character is
 * in, and which positions follow each (the position automaton, V. M. Glushkov,
 * 1961).  What follows depends on the assertions that hold between the two
 * characters, so there is a table for each combination that the pattern can
 * tell apart and a text can show.
 */
#include "match_program.h"

#define SMALL_PROGRAM 512      /* makes its tables within milliseconds */
#define SMALL_TABLES (1 << 16) /* bytes of all places */

/* --- what every match contains ------------------------------------------- */

/* The one character of a set, or UINT32_MAX; so is U+FFFD, which bytes that are
 * not UTF-8 count as. */
static uint32_t only_char(const struct aigov__program *prog,
                          const struct aigov__instruction *one)
{
    if (one->op != AIGOV__OP_SET) {
        return UINT32_MAX;
    }
    const struct aigov__set *s = &prog->set[one->set];
    uint64_t low = s->ascii[0], high = s->ascii[1];
    if (s->count == 1 && (low | high) == 0) {
        const struct aigov__range *r = &prog->range.at[s->first];
        return r->lo == r->hi && r->lo != 0xFFFD ? r->lo : UINT32_MAX;
    }
    if (s->count != 0 || (low != 0) == (high != 0)) {
        return UINT32_MAX;
    }
    uint64_t bits = low | high;
    if ((bits & (bits - 1)) != 0) {
        return UINT32_MAX;
    }
    return (uint32_t)__builtin_ctzll(bits) + (low == 0 ? 64 : 0);
}

/* A piece of text that every match contains: instructions from..to. */
struct needed {
    uint32_t from, to;
    bool first;
};

/* The longest run of single characters that no SPLIT or JUMP leaps over: what
 * is not leaped over is on every way to the end. */
static struct needed find_needed(const struct aigov__program *prog)
{
    struct needed best = {0, 0, false};
    uint32_t leap = 0, from = 0; /* the farthest target so far; of the run */
    bool asserts = true;         /* nothing but assertions before the run */

    for (uint32_t i = 0; i <= prog->size; i++) {
        bool in = i < prog->size && leap <= i &&
                  only_char(prog, &prog->code[i]) != UINT32_MAX;
        if (!in && i - from > best.to - best.from) {
            best = (struct needed){from, i, asserts};
        }
        if (i < prog->size) {
            const struct aigov__instruction *one = &prog->code[i];
            if (one->op != AIGOV__OP_SET && one->op != AIGOV__OP_ASSERT &&
                aigov__target(prog->code, i) > leap) {
                leap = aigov__target(prog->code, i);
            }
        }
        if (!in) {
            asserts = asserts && from == i && i < prog->size &&
                      prog->code[i].op == AIGOV__OP_ASSERT;
            from = i + 1;
        }
    }
    return best;
}

/* Its text, where out is not NULL; returns the length. */
static size_t needed_text(const struct aigov__program *prog,
                          const struct needed *needed, char *out)
{
    size_t n = 0;
    char c[4];

    for (uint32_t i = needed->from; i < needed->to; i++) {
        size_t more = aigov__utf8_encode(only_char(prog, &prog->code[i]), c);
        if (out != NULL) {
            memcpy(out + n, c, more);
        }
        n += more;
    }
    return n;
}

/* --- positions ----------------------------------------------------------- */

/* What is known of a pattern before its block is made. */
struct plan {
    const struct aigov__program *prog;
    struct aigov__walk walk;
    uint16_t *found;
    uint8_t *position; /* [size + 1] of each SET and of the end */
    unsigned asked;
    uint32_t positions, places;
    uint32_t words;        /* of a set of positions; 0: too many */
    uint32_t place_of[16]; /* by aigov__border */
    unsigned holds[16];    /* by place */
    struct needed needed;
    bool only_at_begin;
};

static uint32_t reach(struct plan *plan, uint32_t pc, unsigned holds)
{
    const struct aigov__program *prog = plan->prog;

    if (++plan->walk.round == 0) {
        memset(plan->walk.mark, 0, (prog->size + 1) * sizeof(uint16_t));
        plan->walk.round = 1;
    }
    return aigov__reach(prog->code, prog->size, &plan->walk, pc, holds,
                        plan->found, 0);
}

static void set_bit(uint64_t *words, uint32_t bit)
{
    words[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static void reached_positions(struct plan *plan, uint32_t pc, unsigned holds,
                              uint64_t *out)
{
    uint32_t n = reach(plan, pc, holds);

    for (uint32_t i = 0; i < n; i++) {
        set_bit(out, plan->position[plan->found[i]]);
    }
}

static void count_positions(struct plan *plan)
{
    const struct aigov__program *prog = plan->prog;
    uint32_t n = 0;

    for (uint32_t i = 0; i < prog->size; i++) {
        if (prog->code[i].op == AIGOV__OP_ASSERT) {
            plan->asked |= prog->code[i].assertion;
        }
        plan->position[i] = (uint8_t)n;
        n += prog->code[i].op == AIGOV__OP_SET;
    }
    plan->position[prog->size] = (uint8_t)n;
    plan->positions = n;
}

/* Give each combination of assertions that the pattern tells apart a place. */
static void count_places(struct plan *plan)
{
    for (unsigned border = 0; border < 16; border++) {
        unsigned holds = aigov__holds(border) & plan->asked;
        uint32_t place = 0;
        while (place < plan->places && plan->holds[place] != holds) {
            place++;
        }
        if (place == plan->places) {
            plan->holds[plan->places++] = holds;
        }
        plan->place_of[border] = place;
    }
}

/* Choose how many words positions take, with a bit for the end. */
static void count_words(struct plan *plan)
{
    uint32_t words = plan->positions < 64 ? 1 : AIGOV__REGEX_WORDS;
    size_t place = aigov__place_words(words, plan->positions);

    if (plan->positions < 64 * words && plan->prog->size <= SMALL_PROGRAM &&
        plan->places * place * sizeof(uint64_t) <= SMALL_TABLES) {
        plan->words = words;
        for (int i = 0; i < 16; i++) {
            plan->place_of[i] *= (uint32_t)place;
        }
    }
}

static void fill_place(struct plan *plan, unsigned holds, uint64_t *place)
{
    const struct aigov__program *prog = plan->prog;
    size_t words = plan->words;
    uint64_t *chain = place + words, *loop = chain + words,
             *jump = loop + words, *follow = jump + words;

    reached_positions(plan, 0, holds, place);
    for (uint32_t i = 0; i < prog->size; i++) {
        if (prog->code[i].op != AIGOV__OP_SET) {
            continue;
        }
        uint32_t at = plan->position[i];
        reached_positions(plan, i + 1, holds, follow);
        for (uint32_t k = 0; k <= plan->positions; k++) {
            if ((follow[k / 64] >> (k % 64) & 1) != 0) {
                set_bit(k == at + 1 ? chain : k == at ? loop : jump, at);
            }
        }
        follow += words;
    }
}

static void fill_sets(struct plan *plan, uint64_t *ascii, uint64_t *of_set)
{
    const struct aigov__program *prog = plan->prog;
    size_t words = plan->words;

    for (uint32_t i = 0; i < prog->size; i++) {
        if (prog->code[i].op != AIGOV__OP_SET) {
            continue;
        }
        const struct aigov__set *s = &prog->set[prog->code[i].set];
        set_bit(of_set + words * prog->code[i].set, plan->position[i]);
        for (uint32_t c = 0; c < 128; c++) {
            if (aigov__in_set(s, prog->range.at, c)) {
                set_bit(ascii + words * c, plan->position[i]);
            }
        }
    }
}

/* --- the block ----------------------------------------------------------- */

/* The next n bytes of a block that is measured (base NULL) or filled. */
static void *carve(char *base, size_t *at, size_t n)
{
    void *p = base == NULL ? NULL : base + *at;

    *at += (n + 7) & ~(size_t)7;
    return p;
}

static void *keep(char *base, size_t *at, const void *from, size_t n)
{
    void *p = carve(base, at, n);

    if (p != NULL && n > 0) {
        memcpy(p, from, n);
    }
    return p;
}

/* Lay out the pattern at base, or measure it; returns its bytes. */
static size_t lay_out(struct plan *plan, char *base)
{
    const struct aigov__program *prog = plan->prog;
    size_t at = 0;
    aigov__regex *p = carve(base, &at, sizeof *p), measured;

    p = p == NULL ? &measured : p;
    p->code = keep(base, &at, prog->code, prog->size * sizeof *p->code);
    p->set = keep(base, &at, prog->set, prog->sets * sizeof *p->set);
    p->range =
        keep(base, &at, prog->range.at, prog->range.n * sizeof *p->range);
    p->needed.n = needed_text(prog, &plan->needed, NULL);
    char *text = carve(base, &at, p->needed.n);
    if (text != NULL) {
        needed_text(prog, &plan->needed, text);
    }
    p->needed.p = text;
    if (plan->words == 0) {
        return at;
    }
    size_t word = plan->words * sizeof(uint64_t);
    size_t place_words = aigov__place_words(plan->words, plan->positions);
    p->place_of = keep(base, &at, plan->place_of, sizeof plan->place_of);
    uint64_t *place =
        carve(base, &at, plan->places * place_words * sizeof *place);
    uint64_t *ascii = carve(base, &at, 128 * word);
    uint64_t *of_set = carve(base, &at, prog->sets * word);
    if (base != NULL) {
        for (uint32_t i = 0; i < plan->places; i++) {
            fill_place(plan, plan->holds[i], place + i * place_words);
        }
        fill_sets(plan, ascii, of_set);
        p->place = place;
        p->ascii = ascii;
        p->of_set = of_set;
    }
    return at;
}

static aigov_status build(struct plan *plan, aigov__regex **out,
                          aigov_error *err)
{
    const struct aigov__program *prog = plan->prog;

    count_positions(plan);
    count_places(plan);
    count_words(plan);
    plan->needed = find_needed(prog);
    plan->only_at_begin = reach(plan, 0, ~(unsigned)AIGOV__BEGIN_TEXT) == 0;
    size_t bytes = lay_out(plan, NULL);
    aigov__regex *p = aigov_malloc(prog->ctx, bytes);
    if (p == NULL) {
        return aigov__nomem(err);
    }
    memset(p, 0, bytes);
    lay_out(plan, (char *)p);
    p->ctx = prog->ctx;
    p->bytes = bytes;
    p->size = prog->size;
    p->sets = (uint32_t)prog->sets;
    p->asked = plan->asked;
    p->only_at_begin = plan->only_at_begin;
    p->needed_is_first = plan->needed.first;
    p->words = plan->words;
    p->positions = plan->positions;
    *out = p;
    return AIGOV_OK;
}

/* Memory for the walks of a plan, in one block: marks, stack, found. */
static aigov_status plan_and_build(const struct aigov__program *prog,
                                   aigov__regex **out, aigov_error *err)
{
    struct plan plan = {.prog = prog};
    size_t n = prog->size + 1, bytes = n * (3 * sizeof(uint16_t) + 1);
    uint16_t *block = aigov_malloc(prog->ctx, bytes);

    if (block == NULL) {
        return aigov__nomem(err);
    }
    memset(block, 0, bytes);
    plan.walk.mark = block;
    plan.walk.stack = block + n;
    plan.found = block + 2 * n;
    plan.position = (uint8_t *)(block + 3 * n);
    aigov_status status = build(&plan, out, err);
    aigov_mfree(prog->ctx, block, bytes);
    return status;
}

aigov_status aigov__regex_new(aigov_ctx *ctx, aigov_span pattern,
                              aigov__regex **out, aigov_error *err)
{
    struct aigov__program *prog = aigov_malloc(ctx, sizeof *prog);

    if (prog == NULL) {
        return aigov__nomem(err);
    }
    memset(prog, 0, sizeof *prog);
    prog->ctx = ctx;
    aigov_status status = aigov__program_read(prog, pattern, err);
    if (status == AIGOV_OK) {
        status = plan_and_build(prog, out, err);
    }
    aigov__program_free(prog);
    aigov_mfree(ctx, prog, sizeof *prog);
    return status;
}

void aigov__regex_free(aigov__regex *p)
{
    if (p != NULL) {
        aigov_mfree(p->ctx, p, p->bytes);
    }
}

uint32_t aigov__regex_size(const aigov__regex *p)
{
    return p->size == 0 ? 1 : p->size;
}

size_t aigov__regex_scratch(const aigov__regex *p)
{
    return p->words != 0 ? 0 : 4 * (p->size + (size_t)1) * sizeof(uint16_t);
}
