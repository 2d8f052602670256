/*
 * match_parse.c - the text of a pattern to its program
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One pass that writes the program as it reads: what has been read is always a
 * piece of program, which an operator behind it extends.  Open groups are kept
 * on a list, so nothing recurses.  Syntax: RE2's page "Syntax"; what is left
 * undefined there is as the library does it.  Captures and greediness change
 * no yes or no and leave no trace.
 */
#include "match_program.h"

#define NOTHING UINT32_MAX

/* An open group, or all of the pattern at first. */
struct group {
    uint32_t start;  /* of its program */
    uint32_t branch; /* of the alternative being read */
    int32_t jump;    /* the last JUMP to its end, each names the one before */
    unsigned flags;  /* to be restored behind it */
    const char *at;
};

struct parser {
    struct aigov__reading x;
    struct aigov__program *prog;
    struct aigov__instruction piece[AIGOV__REGEX_INSTRUCTIONS];
    struct group group[AIGOV__REGEX_DEPTH + 1];
    uint32_t depth;
    uint32_t atom; /* where what a repetition takes begins, or NOTHING */
    bool repeated; /* a repetition was read just now */
};

static bool fail_at(struct parser *y, const char *at, aigov_status status,
                    const char *text)
{
    aigov_fail(y->x.err, status, (size_t)(at - y->x.text), "%s", text);
    return false;
}

bool aigov__bad_pattern(struct aigov__reading *x, const char *at,
                        const char *text)
{
    aigov_fail(x->err, AIGOV_ARG, (size_t)(at - x->text), "%s", text);
    return false;
}

static bool bad(struct parser *y, const char *at, const char *text)
{
    return aigov__bad_pattern(&y->x, at, text);
}

static bool too_big(struct parser *y, const char *at)
{
    aigov_fail(y->x.err, AIGOV_TOOBIG, (size_t)(at - y->x.text),
               "the pattern has more than %d instructions",
               AIGOV__REGEX_INSTRUCTIONS);
    aigov_hint(y->x.err, "a character is one, and {n} repeats what is before "
                         "it n times");
    return false;
}

static bool next_is(const struct parser *y, size_t ahead, char c)
{
    return (size_t)(y->x.end - y->x.p) > ahead && y->x.p[ahead] == c;
}

/* --- the program --------------------------------------------------------- */

static bool emit(struct parser *y, struct aigov__instruction one)
{
    struct aigov__program *prog = y->prog;

    if (prog->size == AIGOV__REGEX_INSTRUCTIONS) {
        return too_big(y, y->x.p);
    }
    prog->code[prog->size++] = one;
    return true;
}

static struct aigov__instruction split(uint32_t to, bool back)
{
    int16_t target = (int16_t)to;

    return (struct aigov__instruction){.op = AIGOV__OP_SPLIT,
                                       .to = back ? (int16_t)-target : target};
}

/* The number of a set with the ASCII bits of s and the ranges of x->set from
 * `first` on, or of a new one. */
static bool find_set(struct parser *y, const struct aigov__set *s, size_t first,
                     uint16_t *number)
{
    struct aigov__program *prog = y->prog;
    const struct aigov__range *beyond = y->x.set.at + first;
    size_t bytes = s->count * sizeof *beyond;

    for (size_t i = 0; i < prog->sets; i++) {
        const struct aigov__set *old = &prog->set[i];
        if (old->ascii[0] == s->ascii[0] && old->ascii[1] == s->ascii[1] &&
            old->count == s->count &&
            (bytes == 0 ||
             memcmp(prog->range.at + old->first, beyond, bytes) == 0)) {
            *number = (uint16_t)i;
            return true;
        }
    }
    if (prog->range.n + s->count > AIGOV__REGEX_RANGES) {
        return fail_at(y, y->x.p, AIGOV_TOOBIG,
                       "the classes of the pattern are too large");
    }
    void *at = prog->set;
    if (prog->sets == prog->set_cap &&
        !aigov__grow(prog->ctx, &at, &prog->set_cap, sizeof *prog->set,
                     prog->sets + 8)) {
        return aigov__nomem(y->x.err) == AIGOV_OK;
    }
    prog->set = at;
    *number = (uint16_t)prog->sets;
    prog->set[prog->sets] = *s;
    prog->set[prog->sets].first = (uint32_t)prog->range.n;
    struct aigov__ranges *kept = &prog->range;
    at = kept->at;
    if (kept->n + s->count > kept->cap &&
        !aigov__grow(prog->ctx, &at, &kept->cap, sizeof *kept->at,
                     kept->n + s->count)) {
        return aigov__nomem(y->x.err) == AIGOV_OK;
    }
    kept->at = at;
    if (bytes != 0) {
        memcpy(kept->at + kept->n, beyond, bytes);
    }
    kept->n += s->count;
    prog->sets++;
    return true;
}

/* Emit "one character of x->set". */
static bool emit_set(struct parser *y)
{
    struct aigov__ranges *r = &y->x.set;
    struct aigov__set s = {.ascii = {0, 0}};
    struct aigov__instruction one = {.op = AIGOV__OP_SET};
    size_t i = 0;

    for (; i < r->n && r->at[i].lo < 128; i++) {
        uint32_t last = r->at[i].hi < 127 ? r->at[i].hi : 127;
        for (uint32_t c = r->at[i].lo; c <= last; c++) {
            s.ascii[c >> 6] |= (uint64_t)1 << (c & 63);
        }
        if (r->at[i].hi > 127) { /* the rest of it is beyond ASCII */
            r->at[i].lo = 128;
            break;
        }
    }
    s.count = (uint32_t)(r->n - i);
    y->atom = y->prog->size;
    return find_set(y, &s, i, &one.set) && emit(y, one);
}

static bool emit_assert(struct parser *y, uint8_t assertion)
{
    y->atom = y->prog->size;
    return emit(y, (struct aigov__instruction){.op = AIGOV__OP_ASSERT,
                                               .assertion = assertion});
}

static bool emit_literal(struct parser *y, uint32_t c)
{
    return aigov__read_literal(&y->x, c) && emit_set(y);
}

/* --- repetition ---------------------------------------------------------- */

static void put_piece(struct parser *y, uint32_t n)
{
    struct aigov__program *prog = y->prog;

    memcpy(prog->code + prog->size, y->piece, n * sizeof *y->piece);
    prog->size += n;
}

/* Replace the last atom by min to max of it; max -1: any number. */
static bool repeat(struct parser *y, int min, int max, const char *at)
{
    struct aigov__program *prog = y->prog;
    uint32_t start = y->atom, n = prog->size - start;
    uint32_t optional = max < 0 ? 0 : (uint32_t)(max - min);
    uint32_t all = (uint32_t)min * n + optional * (n + 1) +
                   (max < 0 ? 1 + (min == 0 ? n + 1 : 0) : 0);

    if (n == 0) {
        return true; /* nothing, any number of times */
    }
    if (all > AIGOV__REGEX_INSTRUCTIONS - start) {
        return too_big(y, at);
    }
    memcpy(y->piece, prog->code + start, n * sizeof *y->piece);
    prog->size = start;
    for (int i = 0; i < min; i++) {
        put_piece(y, n);
    }
    for (uint32_t left = optional; left > 0; left--) {
        prog->code[prog->size++] = split(left * (n + 1), false);
        put_piece(y, n);
    }
    if (max < 0 && min == 0) {
        prog->code[prog->size++] = split(n + 2, false);
        put_piece(y, n);
    }
    if (max < 0) {
        prog->code[prog->size++] = split(n, true);
    }
    return true;
}

/* A number without leading zero; false and x->p where it was, if none. */
static bool count(struct parser *y, int *n)
{
    const char *p = y->x.p, *start = p;

    *n = 0;
    while (p < y->x.end && *p >= '0' && *p <= '9') {
        *n = *n > AIGOV__REGEX_REPEAT ? *n : *n * 10 + (*p - '0');
        p++;
    }
    if (p == start || (p - start > 1 && *start == '0')) {
        return false;
    }
    y->x.p = p;
    return true;
}

/* {n}, {n,} or {n,m} behind "{"; otherwise false: the brace is a character. */
static bool counts(struct parser *y, int *min, int *max)
{
    if (!count(y, min)) {
        return false;
    }
    *max = *min;
    if (next_is(y, 0, ',')) {
        y->x.p++;
        *max = -1;
        if (!next_is(y, 0, '}') && !count(y, max)) {
            return false;
        }
    }
    if (!next_is(y, 0, '}')) {
        return false;
    }
    y->x.p++;
    return true;
}

static bool repetition(struct parser *y)
{
    const char *at = y->x.p++;
    int min = *at == '+', max = *at == '?' ? 1 : -1;

    if (*at == '{' && !counts(y, &min, &max)) {
        y->x.p = at + 1;
        y->repeated = false;
        return emit_literal(y, '{');
    }
    if (y->repeated) {
        return bad(y, at, "a repetition of a repetition");
    }
    if (y->atom == NOTHING) {
        return bad(y, at, "nothing to repeat");
    }
    if (min > AIGOV__REGEX_REPEAT || max > AIGOV__REGEX_REPEAT ||
        (max >= 0 && max < min)) {
        bad(y, at, "bad numbers of a repetition");
        aigov_hint(y->x.err, "the first is at most the second, and both are "
                             "at most 1000");
        return false;
    }
    if (next_is(y, 0, '?')) {
        y->x.p++; /* as few as can be: the same yes or no */
    }
    y->repeated = true;
    return repeat(y, min, max, at);
}

/* --- groups -------------------------------------------------------------- */

static bool open_group(struct parser *y, const char *at, unsigned outer)
{
    if (y->depth == AIGOV__REGEX_DEPTH) {
        return fail_at(y, at, AIGOV_TOOBIG, "groups are too deep in groups");
    }
    y->group[++y->depth] =
        (struct group){y->prog->size, y->prog->size, -1, outer, at};
    y->atom = NOTHING;
    return true;
}

/* End an alternative: SPLIT before it, JUMP behind it. */
static bool alternative(struct parser *y)
{
    struct aigov__program *prog = y->prog;
    struct group *g = &y->group[y->depth];
    uint32_t n = prog->size - g->branch;

    if (prog->size + 2 > AIGOV__REGEX_INSTRUCTIONS) {
        return too_big(y, y->x.p);
    }
    y->x.p++;
    struct aigov__instruction *branch = prog->code + g->branch;
    memmove(branch + 1, branch, n * sizeof *branch);
    *branch = split(n + 2, false);
    prog->size += 2;
    prog->code[prog->size - 1] = (struct aigov__instruction){
        .op = AIGOV__OP_JUMP, .to = (int16_t)g->jump};
    g->jump = (int32_t)prog->size - 1;
    g->branch = prog->size;
    y->atom = NOTHING;
    return true;
}

static void close_group(struct parser *y)
{
    struct group *g = &y->group[y->depth];

    for (int32_t i = g->jump; i >= 0;) {
        struct aigov__instruction *jump = &y->prog->code[i];
        int32_t before = jump->to;
        jump->to = (int16_t)((int32_t)y->prog->size - i);
        i = before;
    }
    y->x.flags = g->flags;
    y->atom = g->start;
}

static bool close_bracket(struct parser *y)
{
    if (y->depth == 0) {
        return bad(y, y->x.p, "a ) has no (");
    }
    close_group(y);
    y->depth--;
    y->x.p++;
    return true;
}

/* A name up to ">", behind "<"; two groups may share one. */
static bool group_name(struct parser *y, const char *at)
{
    const char *name = y->x.p;

    while (y->x.p < y->x.end && *y->x.p != '>') {
        if (!aigov__name_char(aigov__read_char(&y->x))) {
            return bad(y, at, "a bad name of a group");
        }
    }
    if (y->x.p == name || y->x.p == y->x.end) {
        return bad(y, at, "a bad name of a group");
    }
    y->x.p++;
    return true;
}

/* One letter of (?imsU-); false where it is none. */
static bool flag(char c, bool off, unsigned *flags)
{
    unsigned one = c == 'i'   ? AIGOV__FOLD
                   : c == 'm' ? AIGOV__LINES
                   : c == 's' ? AIGOV__DOT_ALL
                              : 0;

    *flags = off ? *flags & ~one : *flags | one;
    return one != 0 || c == 'U';
}

/* (?flags) or (?flags:re), behind "(?". */
static bool group_flags(struct parser *y, const char *at)
{
    unsigned flags = y->x.flags;
    bool off = false, any = true;

    for (; y->x.p < y->x.end; y->x.p++) {
        char c = *y->x.p;
        if (c == '-' && !off) {
            off = true;
            any = false;
        } else if (flag(c, off, &flags)) {
            any = true;
        } else {
            break;
        }
    }
    bool group = next_is(y, 0, ':');
    if (!any || !(group || next_is(y, 0, ')'))) {
        bad(y, at, "what is behind (? is not known");
        aigov_hint(y->x.err, "there are (?:...), (?P<name>...) and the flags "
                             "i, m, s and U; nothing looks ahead or behind");
        return false;
    }
    y->x.p++;
    unsigned outer = y->x.flags;
    y->x.flags = flags;
    return !group || open_group(y, at, outer);
}

static bool group(struct parser *y)
{
    const char *at = y->x.p++;

    if (!next_is(y, 0, '?')) {
        return open_group(y, at, y->x.flags);
    }
    y->x.p++;
    size_t name = next_is(y, 0, 'P') && next_is(y, 1, '<') ? 2
                  : next_is(y, 0, '<')                     ? 1
                                                           : 0;
    /* (?<= and (?<! look behind: = and ! are in no name */
    if (name == 0 || next_is(y, name, '=') || next_is(y, name, '!')) {
        return group_flags(y, at);
    }
    y->x.p += name;
    return group_name(y, at) && open_group(y, at, y->x.flags);
}

/* --- the rest ------------------------------------------------------------ */

/* \Q...\E: characters as they are. */
static bool quoted(struct parser *y)
{
    y->x.p += 2;
    while (y->x.p < y->x.end) {
        if (next_is(y, 0, '\\') && next_is(y, 1, 'E')) {
            y->x.p += 2;
            break;
        }
        if (!emit_literal(y, aigov__read_char(&y->x))) {
            return false;
        }
    }
    return true;
}

static bool escape(struct parser *y)
{
    switch (y->x.end - y->x.p >= 2 ? y->x.p[1] : '\0') {
    case 'A':
        y->x.p += 2;
        return emit_assert(y, AIGOV__BEGIN_TEXT);
    case 'z':
        y->x.p += 2;
        return emit_assert(y, AIGOV__END_TEXT);
    case 'b':
        y->x.p += 2;
        return emit_assert(y, AIGOV__WORD_BORDER);
    case 'B':
        y->x.p += 2;
        return emit_assert(y, AIGOV__NO_WORD_BORDER);
    case 'Q':
        return quoted(y);
    case 'C':
        return bad(y, y->x.p, "\\C is not matched: a text is characters");
    default:
        return aigov__read_escape(&y->x) && emit_set(y);
    }
}

static bool dot(struct parser *y)
{
    struct aigov__reading *x = &y->x;

    x->p++;
    x->set.n = 0;
    bool held = (x->flags & AIGOV__DOT_ALL) != 0 ||
                aigov__ranges_add(x->ctx, &x->set, '\n', '\n');
    if (!held || !aigov__ranges_negate(x->ctx, &x->set)) {
        return aigov__nomem(x->err) == AIGOV_OK;
    }
    return emit_set(y);
}

static bool anchor(struct parser *y)
{
    bool begin = *y->x.p++ == '^', lines = (y->x.flags & AIGOV__LINES) != 0;

    if (begin) {
        return emit_assert(y, lines ? AIGOV__BEGIN_LINE : AIGOV__BEGIN_TEXT);
    }
    return emit_assert(y, lines ? AIGOV__END_LINE : AIGOV__END_TEXT);
}

static bool item(struct parser *y)
{
    char c = *y->x.p;

    if (c == '*' || c == '+' || c == '?' || c == '{') {
        return repetition(y);
    }
    y->repeated = false;
    switch (c) {
    case '(':
        return group(y);
    case ')':
        return close_bracket(y);
    case '|':
        return alternative(y);
    case '[':
        return aigov__read_class(&y->x) && emit_set(y);
    case '\\':
        return escape(y);
    case '.':
        return dot(y);
    case '^':
    case '$':
        return anchor(y);
    default:
        return emit_literal(y, aigov__read_char(&y->x));
    }
}

static bool parse(struct parser *y)
{
    y->atom = NOTHING;
    y->group[0] = (struct group){.jump = -1};
    while (y->x.p < y->x.end) {
        if (!item(y)) {
            return false;
        }
    }
    if (y->depth != 0) {
        return bad(y, y->group[y->depth].at, "a ( has no )");
    }
    close_group(y);
    return true;
}

aigov_status aigov__program_read(struct aigov__program *prog,
                                 aigov_span pattern, aigov_error *err)
{
    size_t valid = aigov_utf8_valid(pattern);
    struct parser *y;

    if (pattern.n > AIGOV__REGEX_BYTES) {
        return aigov_fail(err, AIGOV_TOOBIG, AIGOV__REGEX_BYTES,
                          "the pattern is longer than %d bytes",
                          AIGOV__REGEX_BYTES);
    }
    if (valid != pattern.n) {
        return aigov_fail(err, AIGOV_ARG, valid, "the pattern is not UTF-8");
    }
    y = aigov_malloc(prog->ctx, sizeof *y);
    if (y == NULL) {
        return aigov__nomem(err);
    }
    memset(y, 0, sizeof *y);
    y->prog = prog;
    y->x.ctx = prog->ctx;
    y->x.text = y->x.p = pattern.p == NULL ? "" : pattern.p;
    y->x.end = y->x.p + pattern.n;
    y->x.err = err;
    aigov_status status = parse(y) ? AIGOV_OK : err->code;
    aigov__ranges_free(prog->ctx, &y->x.set);
    aigov__ranges_free(prog->ctx, &y->x.item);
    aigov__ranges_free(prog->ctx, &y->x.scratch);
    aigov_mfree(prog->ctx, y, sizeof *y);
    return status;
}

void aigov__program_free(struct aigov__program *prog)
{
    aigov_mfree(prog->ctx, prog->set, prog->set_cap * sizeof *prog->set);
    aigov__ranges_free(prog->ctx, &prog->range);
}
