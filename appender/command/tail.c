/*
 * tail.c - aigov tail DB [-n N] [-f]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The last N (10) entries over all lanes in the order of their times, one line
 * each and never content; with -f also those that arrive, asked for once a
 * second.  Lanes are found by skipping through the primary key, so the cost is
 * that of N rows a lane, however long the log is.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"

typedef struct lane {
    int64_t log, lane, seq; /* of the last entry that was shown */
} lane;

typedef struct entry_line {
    char at[AIGOV_TIME_LEN + 1];
    int64_t log, lane, seq;
    char *text;
} entry_line;

typedef struct view {
    db d;
    lane *lane;
    size_t lanes, lanes_cap;
    entry_line *line;
    size_t lines, lines_cap;
} view;

static int64_t number(aigov_span s)
{
    return s.p == NULL ? 0 : strtoll(s.p, NULL, 10);
}

/* --- lanes --------------------------------------------------------------- */

static bool lane_row(void *host, int n, const aigov_span *v)
{
    int64_t log = number(v[0]), id = n > 1 ? number(v[1]) : 0;
    view *w = host;

    for (size_t i = 0; i < w->lanes; i++)
        if (w->lane[i].log == log && w->lane[i].lane == id)
            return true;
    if (w->lanes == w->lanes_cap) {
        w->lanes_cap = w->lanes_cap == 0 ? 16 : 2 * w->lanes_cap;
        w->lane = need(realloc(w->lane, w->lanes_cap * sizeof *w->lane));
    }
    w->lane[w->lanes++] = (lane){log, id, 0};
    return true;
}

static int find_lanes(view *w)
{
    return db_query(&w->d,
                    "WITH RECURSIVE l(log, lane) AS ("
                    " SELECT g.log, (SELECT min(e.lane) FROM aigov.entry e"
                    " WHERE e.log = g.log) FROM aigov.log g"
                    " UNION ALL"
                    " SELECT l.log, (SELECT min(e.lane) FROM aigov.entry e"
                    " WHERE e.log = l.log AND e.lane > l.lane)"
                    " FROM l WHERE l.lane IS NOT NULL)"
                    " SELECT log, lane FROM l WHERE lane IS NOT NULL",
                    0, NULL, lane_row, w);
}

/* --- entries ------------------------------------------------------------- */

/* kind system actor model status decision id */
static char *words(int n, const aigov_span *v)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = need(open_memstream(&text, &size));

    for (int i = 0; i < n; i++) {
        if (i > 0)
            fputs("  ", f);
        print_safe(f, v[i].p == NULL || v[i].n == 0 ? AIGOV_LIT("-") : v[i]);
        for (size_t pad = v[i].n; i == 0 && pad < 12; pad++)
            fputc(' ', f);
    }
    fclose(f);
    return need(text);
}

static bool entry_row(void *host, int n, const aigov_span *v)
{
    view *w = host;
    entry_line *l;

    if (w->lines == w->lines_cap) {
        w->lines_cap = w->lines_cap == 0 ? 64 : 2 * w->lines_cap;
        w->line = need(realloc(w->line, w->lines_cap * sizeof *w->line));
    }
    l = &w->line[w->lines++];
    snprintf(l->at, sizeof l->at, "%.*s", (int)v[0].n,
             v[0].p == NULL ? "" : v[0].p);
    l->log = number(v[1]);
    l->lane = number(v[2]);
    l->seq = number(v[3]);
    l->text = words(n - 4, v + 4);
    return true;
}

static int by_time(const void *a, const void *b)
{
    const entry_line *x = a, *y = b;
    int c = strcmp(x->at, y->at);

    if (c == 0)
        c = (x->log > y->log) - (x->log < y->log);
    if (c == 0)
        c = (x->lane > y->lane) - (x->lane < y->lane);
    return c != 0 ? c : (x->seq > y->seq) - (x->seq < y->seq);
}

/* The last `limit` entries of a lane behind the last one shown. */
static int read_lane(view *w, const lane *l, int64_t limit)
{
    char text[4][24];
    aigov_span arg[4];
    const int64_t value[4] = {l->log, l->lane, l->seq, limit};

    for (int i = 0; i < 4; i++) {
        snprintf(text[i], sizeof text[i], "%" PRId64, value[i]);
        arg[i] = aigov_str(text[i]);
    }
    return db_query(&w->d,
                    "SELECT at, log, lane, seq, kind, system, actor, model,"
                    " status, decision, id FROM aigov.entry"
                    " WHERE log = CAST($1 AS integer)"
                    " AND lane = CAST($2 AS integer)"
                    " AND seq > CAST($3 AS bigint)"
                    " ORDER BY seq DESC LIMIT CAST($4 AS bigint)",
                    4, arg, entry_row, w);
}

static void shown(view *w, const entry_line *l)
{
    for (size_t i = 0; i < w->lanes; i++)
        if (w->lane[i].log == l->log && w->lane[i].lane == l->lane &&
            w->lane[i].seq < l->seq)
            w->lane[i].seq = l->seq;
}

static void print_tail(const entry_line *l)
{
    print_safe(stdout, aigov_str(l->at));
    printf("  %" PRId64 "/%-6" PRId64 " %s\n", l->lane, l->seq, l->text);
}

/* One round: read, sort, print the last n, remember where each lane ended. */
static int show(view *w, int64_t n)
{
    int status = find_lanes(w);

    for (size_t i = 0; status == FINE && i < w->lanes; i++)
        status = read_lane(w, &w->lane[i], n);
    if (w->lines > 0)
        qsort(w->line, w->lines, sizeof *w->line, by_time);
    for (size_t i = 0; i < w->lines; i++) {
        const entry_line *l = &w->line[i];

        if (w->lines - i <= (uint64_t)n)
            print_tail(l);
        shown(w, l);
        free(l->text);
    }
    w->lines = 0;
    return status;
}

int tail_command(int argc, char **argv)
{
    const struct timespec second = {.tv_sec = 1};
    const char *count = "10";
    bool follow = false;
    const option_def options[] = {{"-n", &count, NULL}, {"-f", NULL, &follow}};
    view w = {.lanes = 0};
    int64_t n;
    int status;

    if (options_take(argc, argv, options, 2, 1, 1) < 0)
        return USAGE;
    n = option_number("tail", count, 1000000);
    if (n < 0)
        return USAGE;
    status = db_open(&w.d, "tail", argv[1], BACKEND_READ);
    if (status != FINE)
        return status;
    status = show(&w, n);
    while (status == FINE && follow && stdout_ok("tail")) {
        nanosleep(&second, NULL);
        status = show(&w, 1000000);
    }
    db_close(&w.d);
    free(w.lane);
    free(w.line);
    return stdout_ok("tail") ? status : TROUBLE;
}
