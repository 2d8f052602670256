/*
 * scan.c - masks -> triggers -> detectors
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The view is read 64 bytes at a time.  A trigger is a bit: the first digit of
 * a run, a sign such as '@', the first byte of a long run.  Triggers are
 * handled in the order of the text; a group or run is visited once.
 */
#include "internal.h"

#include "masks.h"

/* Bits as in internal.h: d digit 1, U upper 2, l lower 4, hex 8, mark 16,
 * base64 32, space 64, high 128. */
const uint8_t aigov__class[256] = {
    ['0'] = 1,   ['1'] = 1,   ['2'] = 1,   ['3'] = 1,
    ['4'] = 1,   ['5'] = 1,   ['6'] = 1,   ['7'] = 1,
    ['8'] = 1,   ['9'] = 1,   ['A'] = 10,  ['B'] = 10,
    ['C'] = 10,  ['D'] = 10,  ['E'] = 10,  ['F'] = 10,
    ['G'] = 2,   ['H'] = 2,   ['I'] = 2,   ['J'] = 2,
    ['K'] = 2,   ['L'] = 2,   ['M'] = 2,   ['N'] = 2,
    ['O'] = 2,   ['P'] = 2,   ['Q'] = 2,   ['R'] = 2,
    ['S'] = 2,   ['T'] = 2,   ['U'] = 2,   ['V'] = 2,
    ['W'] = 2,   ['X'] = 2,   ['Y'] = 2,   ['Z'] = 2,
    ['a'] = 12,  ['b'] = 12,  ['c'] = 12,  ['d'] = 12,
    ['e'] = 12,  ['f'] = 12,  ['g'] = 4,   ['h'] = 4,
    ['i'] = 4,   ['j'] = 4,   ['k'] = 4,   ['l'] = 4,
    ['m'] = 4,   ['n'] = 4,   ['o'] = 4,   ['p'] = 4,
    ['q'] = 4,   ['r'] = 4,   ['s'] = 4,   ['t'] = 4,
    ['u'] = 4,   ['v'] = 4,   ['w'] = 4,   ['x'] = 4,
    ['y'] = 4,   ['z'] = 4,   ['-'] = 16,  ['_'] = 16,
    ['+'] = 32,  ['/'] = 32,  ['='] = 32,  [' '] = 64,
    ['\t'] = 64, ['\n'] = 64, ['\r'] = 64, [0x80 ... 0xFF] = 128,
};

bool aigov__has_nocase(const aigov__scan *s, size_t i, const char *lower)
{
    for (; *lower != 0; lower++, i++) {
        unsigned char c = aigov__at(s, i);
        if (aigov__is(c, AIGOV__UPPER)) {
            c = (unsigned char)(c + 32);
        }
        if (c != (unsigned char)*lower) {
            return false;
        }
    }
    return true;
}

/* Letters of alphabets that put spaces between words: Latin, Greek, Cyrillic,
 * Armenian, Hebrew, Arabic ... up to U+0DFF, and Georgian, Ethiopic.  Not
 * signs (U+00A0..BF, general punctuation), Thai, Han, Kana, Hangul. */
bool aigov__is_letter(uint32_t c)
{
    return (c >= 0xC0 && c < 0xE00 && c != 0xD7 && c != 0xF7) || c == 0xAA ||
           c == 0xB5 || c == 0xBA || (c >= 0x10A0 && c < 0x1100) ||
           (c >= 0x1200 && c < 0x1780) || (c >= 0x1E00 && c < 0x2000);
}

bool aigov__letter_before(const aigov__scan *s, size_t i)
{
    size_t k = i - 1;
    while (k > 0 && i - k < 4 && ((unsigned char)s->p[k] & 0xC0) == 0x80) {
        k--;
    }
    return aigov__utf8_length(s->p + k, s->p + i) == i - k &&
           aigov__is_letter(aigov__utf8_decode(s->p + k, i - k));
}

bool aigov__letter_at(const aigov__scan *s, size_t i)
{
    size_t n = aigov__utf8_length(s->p + i, s->p + s->n);
    return n != 0 && aigov__is_letter(aigov__utf8_decode(s->p + i, n));
}

bool aigov__comma_joins(const aigov__scan *s, size_t i)
{
    size_t k = i + 1;
    while (k < i + 5 && aigov__at_is(s, k, AIGOV__DIGIT)) {
        k++;
    }
    return k > i + 1 && k < i + 5 && aigov__at_is(s, i - 1, AIGOV__DIGIT) &&
           aigov__at(s, k) != '-' && !aigov__word_at(s, k);
}

static size_t end_of(const aigov__scan *s, size_t i, unsigned classes,
                     size_t most)
{
    size_t limit = s->n - i > most ? i + most : s->n;
    while (i < limit && aigov__is((unsigned char)s->p[i], classes)) {
        i++;
    }
    return i;
}

static void on_digit(aigov__scan *s, size_t i)
{
    size_t from = i;
    size_t low = i > AIGOV__MAX_BEFORE ? i - AIGOV__MAX_BEFORE : 0;
    if (i < s->groups_done) {
        return;
    }
    low = low > s->groups_done ? low : s->groups_done;
    while (from > low &&
           aigov__is((unsigned char)s->p[from - 1], AIGOV__ALNUM)) {
        from--;
    }
    s->groups_done = end_of(s, i, AIGOV__ALNUM, AIGOV__MAX_GROUP);
    aigov__on_group(s, from, s->groups_done);
}

static void on_capital(aigov__scan *s, size_t i)
{
    aigov__on_capitals(
        s, i, end_of(s, i, AIGOV__UPPER | AIGOV__DIGIT, AIGOV__MAX_GROUP));
}

static void on_token(aigov__scan *s, size_t i)
{
    aigov__on_token(s, i, end_of(s, i, AIGOV__TOKEN, AIGOV__MAX_RUN));
}

/* The triggers of one block, in the order of the text. */
struct triggers {
    uint64_t digit, token, capital, dashes, at, colon, assign, quote, option;
    uint64_t name;
};

static void on_run(aigov__scan *s, size_t i, uint64_t bit,
                   const struct triggers *t)
{
    if (t->token & bit) {
        on_token(s, i);
    }
    if (t->digit & bit) {
        on_digit(s, i);
    }
    if (t->capital & bit) {
        on_capital(s, i);
    }
    if (t->dashes & bit) {
        aigov__on_dashes(s, i);
    }
}

static void on_sign(aigov__scan *s, size_t i, uint64_t bit,
                    const struct triggers *t)
{
    if (t->at & bit) {
        aigov__on_at(s, i);
    }
    if (t->colon & bit) {
        aigov__on_colon(s, i);
    }
    if (t->assign & bit) {
        aigov__on_assign(s, i);
    }
    if (t->quote & bit &&
        (aigov__at_is(s, i - 1, AIGOV__SPACE) || aigov__at(s, i - 1) == ',')) {
        aigov__quoted(s, i);
    }
    if (t->option & bit) {
        aigov__option(s, i);
    }
}

/* What the triggers at a bit are to aigov__settled. */
static unsigned what(const struct triggers *t, uint64_t bit)
{
    unsigned w = AIGOV__T_WORD;
    if (((t->colon | t->assign | t->quote | t->option) & bit) != 0) {
        w |= AIGOV__T_VALUE;
    }
    return (t->dashes & bit) != 0 ? w | AIGOV__T_DASHES : w;
}

/* Handle the triggers from s->next on; false where one has to wait. */
static bool handle(aigov__scan *s, size_t block, const struct triggers *t)
{
    uint64_t runs = t->token | t->digit | t->capital | t->dashes;
    uint64_t signs = t->at | t->colon | t->assign | t->quote | t->option;
    uint64_t any = runs | signs | t->name;
    if (s->next > block) {
        any &= ~(uint64_t)0 << (s->next - block);
    }
    while (any != 0) {
        uint64_t bit = any & (~any + 1);
        size_t i = block + (size_t)__builtin_ctzll(any);
        any ^= bit;
        if (AIGOV__UNLIKELY(s->open) && !aigov__settled(s, i, what(t, bit))) {
            s->next = i;
            return false;
        }
        if (runs & bit) {
            on_run(s, i, bit, t);
        }
        if (signs & bit) {
            on_sign(s, i, bit, t);
        }
        if (t->name & bit) {
            aigov__person(s, i);
        }
    }
    return true;
}

/* The masks of the block at `block`, zero bytes past the end. */
static void load(const aigov__scan *s, size_t block, struct aigov__masks *m)
{
    char tail[64] = {0};
    size_t n = block < s->n ? s->n - block : 0;
    if (n >= 64) {
        aigov__masks_of(s->p + block, 4, m);
        return;
    }
    if (n == 0) {
        *m = (struct aigov__masks){0};
        return;
    }
    memcpy(tail, s->p + block, n);
    if (n <= 16) {
        aigov__masks_of(tail, 1, m);
    } else if (n <= 32) {
        aigov__masks_of(tail, 2, m);
    } else {
        aigov__masks_of(tail, 4, m);
    }
}

/* The triggers of the block `here`, between its neighbours. */
static struct triggers triggers_of(const struct aigov__masks *before,
                                   const struct aigov__masks *here,
                                   const struct aigov__masks *next)
{
    struct triggers t;
    t.digit = here->digit & ~(here->digit << 1 | before->digit >> 63);
    t.token = aigov__runs(here->alnum | here->mark, next->alnum | next->mark,
                          before->alnum | before->mark, 16);
    t.capital =
        aigov__runs(here->upper | here->digit, next->upper | next->digit,
                    before->upper | before->digit, 8);
    t.dashes = aigov__runs(here->dash, next->dash, before->dash, 4);
    t.at = here->at;
    t.colon = here->colon;
    t.assign = here->assign;
    t.quote = here->quote & ~(here->alnum << 1 | before->alnum >> 63);
    t.option = here->dash & ~((here->alnum | here->mark) << 1 |
                              (before->alnum | before->mark) >> 63);
    t.name =
        ((here->upper & ~(here->upper >> 1 | next->upper << 63)) | here->lead) &
        (here->gap << 1 | before->gap >> 63);
    return t;
}

void aigov__scan_start(aigov__scan *s)
{
    s->next = s->skipped = s->run_end = 0;
    s->groups_done = s->tokens_done = s->urls_done = s->secrets_done = 0;
    s->encoded_done = s->group_last = 0;
    s->in_row = false;
    aigov__table_start(s);
}

static size_t less(size_t offset, size_t n)
{
    return offset > n ? offset - n : 0;
}

void aigov__scan_forget(aigov__scan *s, size_t n)
{
    s->skipped += n;
    s->next = less(s->next, n);
    s->run_end = less(s->run_end, n);
    s->groups_done = less(s->groups_done, n);
    s->tokens_done = less(s->tokens_done, n);
    s->urls_done = less(s->urls_done, n);
    s->secrets_done = less(s->secrets_done, n);
    s->encoded_done = less(s->encoded_done, n);
    s->group_last = less(s->group_last, n);
    aigov__table_forget(s, n);
    for (size_t i = 0; i < s->hits; i++) {
        s->hit[i].from -= n;
        s->hit[i].to -= n;
    }
}

void aigov__scan_on(aigov__scan *s)
{
    struct aigov__masks before = {0}, here, next;
    size_t from = s->next, block = from & ~(size_t)63;
    /* where more may follow, a run that begins in the last bytes is open */
    size_t end = s->open ? less(s->n, 64) : s->n;
    aigov__context_reset(s);
    if (block > 0) {
        load(s, block - 64, &before);
    }
    load(s, block, &here);
    for (; block < end && !s->nomem; block += 64) {
        struct triggers t;
        load(s, block + 64, &next);
        t = triggers_of(&before, &here, &next);
        if (!handle(s, block, &t)) {
            break;
        }
        before = here;
        here = next;
        if ((block & 0xFFFF) == 0 && aigov__interrupted(s->ctx)) {
            s->canceled = true;
            return;
        }
    }
    if (block >= end || s->next > end) {
        s->next = end > from ? end : from;
    }
}

void aigov__scan_view(aigov__scan *s)
{
    aigov__scan_start(s);
    aigov__context_reset(s);
    aigov__leaf(s);
    aigov__scan_on(s);
}
