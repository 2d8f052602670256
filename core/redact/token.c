/*
 * token.c - credentials known by their prefix: the forms of tokens.def
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Called for a run of 16 and more of [A-Za-z0-9_-].  A form is tried
 *
 *   - where the run begins;
 *   - after each '-' and '_' in it ("prod-ghp_..."), if its base is 90 or more;
 *   - at the pieces before it, up to AIGOV__REACH bytes back, where what joins
 *     them is one of . / + ~ = ! ("SG.", "dp.pt."; '+' and '/' stand in
 * base64).
 *
 * Each place is tried once (s->tokens_done).  The first two characters select
 * the forms to compare.  A run is matched greedily, so a try costs at most the
 * longest form, and only after the whole prefix has been met.
 */
#include "token.h"

int aigov__token_anthropic(const aigov__scan *s, aigov__token *t);
int aigov__token_crc(const aigov__scan *s, aigov__token *t);
int aigov__token_digit(const aigov__scan *s, aigov__token *t);
int aigov__token_example(const aigov__scan *s, aigov__token *t);
int aigov__token_gitlab(const aigov__scan *s, aigov__token *t);
int aigov__token_jwt(const aigov__scan *s, aigov__token *t);
int aigov__token_jwt_base64(const aigov__scan *s, aigov__token *t);
int aigov__token_mask(const aigov__scan *s, aigov__token *t);
int aigov__token_mixed(const aigov__scan *s, aigov__token *t);
int aigov__token_openai(const aigov__scan *s, aigov__token *t);
int aigov__token_slack(const aigov__scan *s, aigov__token *t);
int aigov__token_vault(const aigov__scan *s, aigov__token *t);

#include "token_data.h"

#define AFTER_DOT 80  /* base from which a form may follow . / ~ */
#define AFTER_MARK 90 /* the same for - and _ */
#define NEVER 101
#define MIN_TRIED 4 /* bytes of a run that a form must have before it */

/* --- matching ------------------------------------------------------------ */

/* The end of the bytes from i on that may stand in a run, at most `most`. */
static size_t end_of_run(const aigov__scan *s, size_t i, uint32_t run,
                         size_t most)
{
    const unsigned char *p = (const unsigned char *)s->p;
    size_t limit = i < s->n && s->n - i > most ? i + most : s->n;
    while (i < limit && (token_runs[p[i]] & run) != 0) {
        i++;
    }
    return i;
}

/* Where the steps of a form end that begin at i, or 0. */
static size_t match(const aigov__scan *s, const struct token_form *f, size_t i)
{
    for (unsigned k = 0; k < f->steps; k++) {
        const struct token_step *step = &token_steps[f->step + k];
        size_t from = i;
        if (step->run == 0) {
            if (aigov__at(s, i) != step->least) {
                return 0;
            }
            i++;
            continue;
        }
        i = end_of_run(s, i, step->run,
                       step->most > 0 ? step->most : AIGOV__TOKEN_MAX);
        if (i - from < step->least) {
            return 0;
        }
    }
    return i;
}

/* Whether a credential may end before i: nothing goes on that could belong to
 * it. */
static bool may_end(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i);
    if (aigov__is(c, AIGOV__ALNUM) || c == '_' || c == '+') {
        return false;
    }
    return c != '-' || (aigov__at(s, i - 1) != '-' &&
                        !aigov__at_is(s, i + 1, AIGOV__ALNUM | AIGOV__MARK));
}

/* Least base that a form must have to begin at i; NEVER where none may. */
static int least_base(const aigov__scan *s, size_t i)
{
    unsigned char c = aigov__at(s, i - 1);
    if (i == 0) {
        return 0;
    }
    if (c == '-' || c == '_') {
        return AFTER_MARK;
    }
    if (c == '.' || c == '/' || c == '~') {
        return AFTER_DOT;
    }
    if (aigov__is(c, AIGOV__ALNUM) && aigov__at(s, i - 2) == '\\') {
        return 0; /* "\nghp_..." inside a quoted string */
    }
    return c == '+' || aigov__word_before(s, i) ? NEVER : 0;
}

/* Whether [i, to) is too uniform to be random. */
static bool is_uniform(const aigov__scan *s, const struct token_form *f,
                       size_t i, size_t to)
{
    return f->variety > 0 && aigov__variety(s, i, to) < f->variety;
}

static bool try_form(aigov__scan *s, const struct token_form *f, size_t i)
{
    aigov__token t = {.from = i, .body = i + f->prefix_n};
    int why = 0;
    if (f->sample > s->n - t.body ||
        (f->sample > 0 && is_uniform(s, f, t.body, t.body + f->sample))) {
        return false; /* before a long run is read in vain */
    }
    t.to = match(s, f, t.body);
    if (t.to == 0 || is_uniform(s, f, t.body, t.to) ||
        (!may_end(s, t.to) && t.to - t.body < AIGOV__TOKEN_MAX)) {
        return false;
    }
    if (f->check != NULL) {
        why = f->check(s, &t);
    }
    if (why == AIGOV__TOKEN_NO) {
        return false;
    }
    aigov__report(s, f->detector, t.from, t.to, f->base, (unsigned)why);
    s->tokens_done = t.to;
    return true;
}

/* Try all forms at i. */
static bool try_at(aigov__scan *s, size_t i)
{
    unsigned x = aigov__at(s, i), y = aigov__at(s, i + 1);
    unsigned k = (x * 31 + y) & (TOKEN_SLOTS - 1);
    const struct token_form *f;
    bool in_base64 = aigov__at(s, i - 1) == '/';
    int least;
    while (token_slots[k].pair != (x << 8 | y)) {
        if (token_slots[k].pair == 0) {
            return false;
        }
        k = (k + 1) & (TOKEN_SLOTS - 1);
    }
    least = least_base(s, i);
    f = &token_forms[token_slots[k].form];
    for (unsigned n = token_slots[k].forms; n > 0; n--, f++) {
        if (f->base >= least && !(in_base64 && f->base64) &&
            f->prefix_n <= s->n - i &&
            (f->prefix_n == 2 || f->prefix[2] == s->p[i + 2]) &&
            memcmp(s->p + i, f->prefix, f->prefix_n) == 0 &&
            try_form(s, f, i)) {
            return true;
        }
    }
    return false;
}

/* --- where to try -------------------------------------------------------- */

static bool joins(unsigned char c)
{
    return c == '.' || c == '/' || c == '+' || c == '~' || c == '=' || c == '!';
}

/* Where the pieces begin that are joined to a run at from. */
static size_t pieces_from(const aigov__scan *s, size_t from)
{
    size_t i = from;
    size_t least = from > AIGOV__REACH ? from - AIGOV__REACH : 0;
    if (least < s->tokens_done) {
        least = s->tokens_done;
    }
    while (i > least && (aigov__is((unsigned char)s->p[i - 1], AIGOV__TOKEN) ||
                         joins((unsigned char)s->p[i - 1]))) {
        i--;
    }
    return i;
}

void aigov__known_token(aigov__scan *s, size_t from, size_t to)
{
    size_t i;
    bool border = true;
    if (to <= s->tokens_done || aigov__marked_token(s, from, to)) {
        return;
    }
    for (i = pieces_from(s, from); i + MIN_TRIED <= to; i++) {
        if (border && try_at(s, i)) {
            return;
        }
        border = !aigov__is((unsigned char)s->p[i], AIGOV__ALNUM) ||
                 (i > 0 && s->p[i - 1] == '\\');
    }
    s->tokens_done = to; /* every place up to here was tried */
    aigov__bare_token(s, from);
}
