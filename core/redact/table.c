/*
 * table.c - the head of a table's column speaks for what stands in it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   order_no,ssn,account          | Name | NHS number |
 *   1200345,...,12345678          |------|------------|
 *                                 | Kim  | ...        |
 *
 * A line of short cells that begin with letters is a head; the lines after it
 * with as many separators are its rows.  The text is read forward, each byte
 * once and only when a candidate asks, from BACK bytes before it at most: what
 * is found does not depend on how the text comes.  Of each column the context
 * groups are kept, so a table may be of any length.
 */
#include "internal.h"

#define BACK 700     /* with MAX_HEAD less than what a stream keeps */
#define MAX_HEAD 600 /* bytes of a head */
#define MAX_CELL 40  /* bytes of a cell of a head */
#define MAX_START 24 /* bytes in a cell before the value */

static const char separators[AIGOV__SEPARATORS] = {'|', '\t', ';', ',', ' '};
/* Separators that a head has at least; one comma is prose. */
static const uint8_t least[AIGOV__SEPARATORS] = {2, 1, 1, 2, 2};

#define SPACES 4 /* the kind of two spaces and more */

/* What bytes are to a table: 1 + kind of a separator; others that count. */
enum { QUOTE = AIGOV__SEPARATORS + 1, LINE };
static const uint8_t meaning[256] = {
    ['|'] = 1,          ['\t'] = 2,    [';'] = 3,     [','] = 4,
    [' '] = 1 + SPACES, ['"'] = QUOTE, ['\n'] = LINE,
};

/* What may stand in a cell before its text. */
static bool is_lead(unsigned char c)
{
    return c == ' ' || c == '"' || c == '\'' || c == '*' || c == '`';
}

/* Whether [from, to) is a cell of a head: empty, or short and words. */
static bool is_head_cell(const aigov__scan *s, size_t from, size_t to)
{
    while (from < to && is_lead((unsigned char)s->p[from])) {
        from++;
    }
    return to - from <= MAX_CELL &&
           (from == to || s->p[from] == '\r' || s->p[from] == '#' ||
            aigov__at_is(s, from, AIGOV__ALPHA | AIGOV__HIGH));
}

/* Whether the second of some spaces stands at i, after something in the line
 * that begins at `line`. */
static bool is_gap(const aigov__scan *s, size_t line, size_t i)
{
    return i > line + 1 && s->p[i - 1] == ' ' && s->p[i - 2] != ' ';
}

/* Read the line [from, to) as a head with separators of kind k. */
static bool read_head(aigov__scan *s, size_t from, size_t to, int k)
{
    aigov__table *t = &s->table;
    size_t cell = from;
    t->columns = 0;
    for (size_t i = from; i <= to; i++) {
        if (i < to && (s->p[i] != separators[k] ||
                       (k == SPACES && !is_gap(s, from, i)))) {
            continue;
        }
        if (t->columns == AIGOV__COLUMNS || !is_head_cell(s, cell, i)) {
            t->columns = 0;
            return false;
        }
        aigov__words_of(s, cell, i, t->word[t->columns++], AIGOV__COLUMN_WORDS);
        cell = i + 1;
    }
    t->kind = (uint8_t)k;
    return true;
}

/* The line that ends at i is read: a row, or a head, or neither. */
static void end_line(aigov__scan *s, size_t i)
{
    aigov__table *t = &s->table;
    if (t->columns == 0 || t->count[t->kind] + 1u != t->columns) {
        t->columns = 0;
        for (int k = 0; k < AIGOV__SEPARATORS; k++) {
            if (t->whole && t->count[k] >= least[k] &&
                t->count[k] < AIGOV__COLUMNS && i - t->line <= MAX_HEAD &&
                read_head(s, t->line, i, k)) {
                break;
            }
        }
    }
    memset(t->count, 0, sizeof t->count);
    t->quoted = false;
    t->whole = true;
    t->line = t->cell = i + 1;
}

/* Read on up to `from`. */
static void read_on(aigov__scan *s, size_t from)
{
    aigov__table *t = &s->table;
    if (from > t->at + BACK) {
        *t = (aigov__table){.at = from - BACK};
        t->line = t->cell = t->at;
    }
    for (; t->at < from; t->at++) {
        unsigned what = meaning[(unsigned char)s->p[t->at]];
        if (what == 0 || (what == 1 + SPACES && !is_gap(s, t->line, t->at))) {
            continue;
        }
        if (what == LINE) {
            end_line(s, t->at);
        } else if (what == QUOTE) {
            t->quoted = !t->quoted;
        } else if (!t->quoted) {
            uint8_t *n = &t->count[--what];
            *n = (uint8_t)(*n + (*n < UINT8_MAX));
            if (t->columns > 0 && what == t->kind) {
                t->cell = t->at + 1;
            }
        }
    }
}

/* Whether a cell may begin before `from`: seen without reading on. */
static bool begins_cell(const aigov__scan *s, size_t from)
{
    size_t i = from;
    while (i > 0 && from - i <= MAX_START &&
           (is_lead((unsigned char)s->p[i - 1]) || s->p[i - 1] == '+' ||
            s->p[i - 1] == '(')) {
        i--;
    }
    return i == 0 || meaning[(unsigned char)s->p[i - 1]] != 0 ||
           (from - i >= 2 && s->p[i] == ' ' && s->p[i + 1] == ' ');
}

const uint16_t *aigov__column(aigov__scan *s, size_t from)
{
    aigov__table *t = &s->table;
    if (!begins_cell(s, from)) {
        return NULL;
    }
    read_on(s, from);
    if (t->columns == 0 || from < t->cell || from - t->cell > MAX_START ||
        t->count[t->kind] >= t->columns) {
        return NULL;
    }
    return t->word[t->count[t->kind]];
}

bool aigov__column_has(aigov__scan *s, size_t from, unsigned group)
{
    const uint16_t *word = aigov__column(s, from);
    for (size_t k = 0; word != NULL && k < AIGOV__COLUMN_WORDS; k++) {
        if (aigov__word_has(word[k], group)) {
            return true;
        }
    }
    return false;
}

bool aigov__comma_cell(aigov__scan *s, size_t from)
{
    return aigov__column(s, from) != NULL && separators[s->table.kind] == ',';
}

size_t aigov__row_start(aigov__scan *s, size_t from)
{
    read_on(s, from);
    return s->table.columns > 0 && s->table.line <= from ? s->table.line : 0;
}

void aigov__table_start(aigov__scan *s)
{
    s->table = (aigov__table){.whole = true};
}

static size_t less(size_t offset, size_t n)
{
    return offset > n ? offset - n : 0;
}

void aigov__table_forget(aigov__scan *s, size_t n)
{
    s->table.at = less(s->table.at, n);
    s->table.line = less(s->table.line, n);
    s->table.cell = less(s->table.cell, n);
}
