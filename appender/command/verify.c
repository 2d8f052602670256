/*
 * verify.c - aigov verify DB [--save FILE] [--since FILE] [--trust-server]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Prints the ranges that verify gives, a summary, and what nothing outside the
 * database vouches for.
 *
 *   --since FILE   every head in FILE must still be there with the same hash;
 *                  else the lane and seq are named (exit 1), as are heads that
 *                  no fine range covers; so are entries of a lane unknown to
 *                  FILE that are older than it (exit 1)
 *   --save FILE    write today's heads, for the next --since.  Not where a
 *                  check failed: what is wrong must not become the new truth
 *
 * A PostgreSQL server judges itself; unless it is trusted, what can be computed
 * from the rows alone is computed here as well (recheck.c).
 *
 * The heads are those of the ranges just verified, so an entry that arrives
 * meanwhile is in neither.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"

typedef struct run {
    db d;
    heads now;   /* the last seq of each lane that the ranges reach */
    heads since; /* as read from --since */
    int64_t entries, problems, file_problems;
    head_line *fine; /* hash: of nothing; seq: the last one */
    int64_t *fine_from;
    size_t fines, fine_cap;
    char taken[AIGOV_TIME_LEN + 1]; /* when this run began */
    bool quick;
    char origin[201];    /* whose ranges are being printed */
    const char *outside; /* --since, or NULL */
    bool trusting;       /* --trust-server, or the module is our own */
} run;

/* --- ranges -------------------------------------------------------------- */

enum {
    R_ORIGIN,
    R_LOG,
    R_LANE,
    R_FROM,
    R_TO,
    R_ENTRIES,
    R_STATUS,
    R_CONTENT,
    R_ANCHORED,
    R_DETAIL,
    R_COLUMNS
};

static int64_t number(aigov_span s)
{
    return s.p == NULL ? 0 : strtoll(s.p, NULL, 10);
}

static bool one_of(aigov_span s, const char *const *words)
{
    for (; *words != NULL; words++)
        if (aigov_span_is(s, *words))
            return true;
    return false;
}

static bool is_fine(const aigov_span *v)
{
    static const char *const status[] = {"verified", "unanchored", "pruned",
                                         NULL};
    static const char *const content[] = {"intact", "none", "erased", "pruned",
                                          NULL};

    return one_of(v[R_STATUS], status) &&
           (v[R_CONTENT].p == NULL || one_of(v[R_CONTENT], content));
}

static void print_range(const aigov_span *v)
{
    char seqs[48] = "";

    if (number(v[R_TO]) > 0)
        snprintf(seqs, sizeof seqs,
                 "lane %" PRId64 "  seq %" PRId64 "-%" PRId64,
                 number(v[R_LANE]), number(v[R_FROM]), number(v[R_TO]));
    printf("  %-26s %8" PRId64 "  ", seqs, number(v[R_ENTRIES]));
    print_safe(stdout, v[R_STATUS]);
    for (size_t pad = v[R_STATUS].n; pad < 11; pad++)
        putchar(' ');
    if (v[R_CONTENT].n > 0 && !aigov_span_is(v[R_CONTENT], "none")) {
        fputs(" content ", stdout);
        print_safe(stdout, v[R_CONTENT]);
    }
    if (v[R_DETAIL].n > 0) {
        fputs("  (", stdout);
        print_safe(stdout, v[R_DETAIL]);
        putchar(')');
    }
    putchar('\n');
}

/* The end of the lane, as far as ranges with entries reach. */
static void reach(run *r, const aigov_span *v)
{
    int64_t log = number(v[R_LOG]), lane = number(v[R_LANE]);
    int64_t to = number(v[R_TO]);
    head_line *h = NULL;

    if (number(v[R_ENTRIES]) == 0 || to == 0)
        return;
    for (size_t i = 0; h == NULL && i < r->now.n; i++)
        if (r->now.head[i].log == log && r->now.head[i].lane == lane)
            h = &r->now.head[i];
    if (h == NULL) {
        h = heads_add(&r->now);
        snprintf(h->origin, sizeof h->origin, "%.*s", (int)v[R_ORIGIN].n,
                 v[R_ORIGIN].p == NULL ? "?" : v[R_ORIGIN].p);
        h->log = log;
        h->lane = lane;
    }
    if (to > h->seq)
        h->seq = to;
}

/* A range that counts for --since. */
static void keep_fine(run *r, const aigov_span *v)
{
    head_line *f;

    if (!is_fine(v) || number(v[R_ENTRIES]) == 0)
        return;
    if (r->fines == r->fine_cap) {
        r->fine_cap = r->fine_cap == 0 ? 64 : 2 * r->fine_cap;
        r->fine = need(realloc(r->fine, r->fine_cap * sizeof *r->fine));
        r->fine_from =
            need(realloc(r->fine_from, r->fine_cap * sizeof *r->fine_from));
    }
    r->fine_from[r->fines] = number(v[R_FROM]);
    f = &r->fine[r->fines++];
    *f = (head_line){.log = number(v[R_LOG]),
                     .lane = number(v[R_LANE]),
                     .seq = number(v[R_TO])};
    snprintf(f->origin, sizeof f->origin, "%.*s", (int)v[R_ORIGIN].n,
             v[R_ORIGIN].p == NULL ? "" : v[R_ORIGIN].p);
}

/* What this run says of a head: NULL: a fine range of its log has it. */
static const char *uncovered(const run *r, const head_line *h)
{
    for (size_t i = 0; i < r->fines; i++) {
        const head_line *f = &r->fine[i];

        if (f->log != h->log || f->lane != h->lane || h->seq > f->seq ||
            h->seq < r->fine_from[i])
            continue;
        if (strcmp(f->origin, h->origin) != 0)
            return "the log has another origin now";
        return NULL;
    }
    return "it is there, but no fine range of this run covers it";
}

static bool range_row(void *host, int n, const aigov_span *v)
{
    run *r = host;
    char origin[sizeof r->origin];

    if (n < R_COLUMNS)
        return false;
    snprintf(origin, sizeof origin, "%.*s", (int)v[R_ORIGIN].n,
             v[R_ORIGIN].p == NULL ? "" : v[R_ORIGIN].p);
    if (strcmp(origin, r->origin) != 0 || (r->entries == 0 && !r->problems)) {
        fputs("log ", stdout);
        print_safe(stdout, aigov_str(origin[0] == '\0' ? "(unknown)" : origin));
        putchar('\n');
        memcpy(r->origin, origin, sizeof origin);
    }
    print_range(v);
    r->entries += number(v[R_ENTRIES]);
    r->problems += !is_fine(v);
    reach(r, v);
    keep_fine(r, v);
    return true;
}

static int ranges(run *r)
{
    return db_query(&r->d,
                    "SELECT origin, log, lane, from_seq, to_seq, entries,"
                    " status, content, anchored_size, detail"
                    " FROM aigov.verify()",
                    0, NULL, range_row, r);
}

/* --- heads --------------------------------------------------------------- */

typedef struct found {
    char hash[65];
} found;

static bool hash_row(void *host, int n, const aigov_span *v)
{
    found *f = host;

    if (n > 0 && v[0].p != NULL)
        snprintf(f->hash, sizeof f->hash, "%.*s", (int)v[0].n, v[0].p);
    return true;
}

/* What stands at (log, lane, seq); f->hash empty: nothing. */
static int look_up(run *r, const head_line *h, const char *sql, found *f)
{
    char text[3][24];
    aigov_span arg[3];

    snprintf(text[0], sizeof text[0], "%" PRId64, h->log);
    snprintf(text[1], sizeof text[1], "%" PRId64, h->lane);
    snprintf(text[2], sizeof text[2], "%" PRId64, h->seq);
    for (int i = 0; i < 3; i++)
        arg[i] = aigov_str(text[i]);
    f->hash[0] = '\0';
    return db_query(&r->d, sql, strstr(sql, "$3") == NULL ? 2 : 3, arg,
                    hash_row, f);
}

#define HASH_OF                                                                \
    "SELECT hash FROM aigov.entry WHERE log = CAST($1 AS integer)"             \
    " AND lane = CAST($2 AS integer) AND seq = CAST($3 AS bigint)"
#define LAST_OF                                                                \
    "SELECT max(seq) FROM aigov.entry WHERE log = CAST($1 AS integer)"         \
    " AND lane = CAST($2 AS integer)"

static int say_missing(run *r, const head_line *h)
{
    found last;
    int status = look_up(r, h, LAST_OF, &last);

    if (status != FINE)
        return status;
    if (last.hash[0] == '\0')
        printf("  lane %" PRId64 "  seq %" PRId64 ": the whole lane is gone\n",
               h->lane, h->seq);
    else
        printf("  lane %" PRId64 "  seq %" PRId64 ": gone; the lane ends at "
               "%s now\n",
               h->lane, h->seq, last.hash);
    return FAILED;
}

/* The earliest entry of a lane that the heads file does not know. */
static int check_backdated(run *r, const head_line *lane, int64_t *bad)
{
    static const char sql[] =
        "SELECT min(at) FROM aigov.entry WHERE log = CAST($1 AS integer)"
        " AND lane = CAST($2 AS integer)";
    found f;
    int status;

    for (size_t i = 0; i < r->since.n; i++)
        if (r->since.head[i].log == lane->log &&
            r->since.head[i].lane == lane->lane)
            return FINE;
    status = look_up(r, lane, sql, &f);
    if (status != FINE || f.hash[0] == '\0' || strcmp(f.hash, r->since.at) >= 0)
        return status;
    if ((*bad)++ == 0)
        printf("against %s, taken %s:\n", r->outside, r->since.at);
    printf("  lane %" PRId64 ": not in the file, yet has entries of before (",
           lane->lane);
    print_safe(stdout, aigov_str(f.hash));
    puts("): a backdated lane");
    return FINE;
}

/* Every head of --since against what is there. */
static int check_since(run *r)
{
    int64_t bad = 0;
    const char *why;
    int status;
    found f;

    for (size_t i = 0; i < r->since.n; i++) {
        const head_line *h = &r->since.head[i];

        status = look_up(r, h, HASH_OF, &f);
        if (status != FINE)
            return status;
        why = strcmp(f.hash, h->hash) == 0 ? uncovered(r, h) : NULL;
        if (strcmp(f.hash, h->hash) == 0 && why == NULL)
            continue;
        if (bad++ == 0)
            printf("against %s, taken %s:\n", r->outside, r->since.at);
        if (why != NULL) {
            printf("  log %" PRId64 " (%s)  lane %" PRId64 "  seq %" PRId64
                   ": %s\n",
                   h->log, h->origin, h->lane, h->seq, why);
        } else if (f.hash[0] != '\0') {
            printf("  lane %" PRId64 "  seq %" PRId64
                   ": another entry stands there\n",
                   h->lane, h->seq);
        } else {
            status = say_missing(r, h);
            if (status == TROUBLE)
                return status;
        }
    }
    for (size_t i = 0; i < r->now.n; i++) {
        status = check_backdated(r, &r->now.head[i], &bad);
        if (status != FINE)
            return status;
    }
    if (bad == 0)
        printf("every head in %s (taken %s) is still there\n", r->outside,
               r->since.at);
    return bad == 0 ? FINE : FAILED;
}

/* Heads that are saved may only move on: what --since names must be in them. */
static bool goes_back(const run *r)
{
    for (size_t i = 0; i < r->since.n; i++) {
        const head_line *h = &r->since.head[i];
        bool there = false;

        for (size_t k = 0; !there && k < r->now.n; k++)
            there = r->now.head[k].log == h->log &&
                    r->now.head[k].lane == h->lane &&
                    r->now.head[k].seq >= h->seq;
        if (!there)
            return true;
    }
    return false;
}

static int save(run *r, const char *path)
{
    int status = FINE;
    found f;

    if (goes_back(r)) {
        printf("heads are not saved: they would say less than %s\n",
               r->outside);
        return FAILED;
    }
    memcpy(r->now.at, r->taken, sizeof r->now.at);
    for (size_t i = 0; status == FINE && i < r->now.n; i++) {
        status = look_up(r, &r->now.head[i], HASH_OF, &f);
        memcpy(r->now.head[i].hash, f.hash, sizeof f.hash);
    }
    if (status == FINE)
        status = heads_write(r->d.ctx, &r->now, path);
    if (status == FINE)
        printf("heads of %zu %s saved to %s; keep it where the database's "
               "owner cannot write\n",
               r->now.n, r->now.n == 1 ? "lane" : "lanes", path);
    return status;
}

/* --- the summary --------------------------------------------------------- */

/* Up to where a lane is fixed by something outside. */
static int64_t vouched(const run *r, const head_line *lane)
{
    for (size_t i = 0; i < r->since.n; i++)
        if (r->since.head[i].log == lane->log &&
            r->since.head[i].lane == lane->lane)
            return r->since.head[i].seq;
    return 0;
}

static void say_unvouched(const run *r)
{
    for (size_t i = 0; i < r->now.n; i++) {
        const head_line *h = &r->now.head[i];
        int64_t to = vouched(r, h);

        if (to >= h->seq)
            continue;
        if (to == 0)
            printf("lane %" PRId64 ", all entries", h->lane);
        else
            printf("lane %" PRId64 ", entries after seq %" PRId64, h->lane, to);
        printf(": nothing outside this database vouches\n");
    }
}

/* The server's answer against what its rows give here. */
static int check_rows(run *r)
{
    uint64_t entries;
    int status;

    if (r->trusting)
        return FINE;
    status = recheck_entries(&r->d, &entries);
    if (status == FINE)
        printf("%" PRIu64 " hashes and links computed here: they hold\n",
               entries);
    /* more may have come meanwhile */
    if (status != FINE || entries >= (uint64_t)r->entries)
        return status;
    printf("the server counts %" PRId64 " entries, its table has %" PRIu64 "\n",
           r->entries, entries);
    return FAILED;
}

/* --- SQLite: the file itself --------------------------------------------- */

static bool integrity_row(void *host, int n, const aigov_span *v)
{
    run *r = host;

    if (n < 1 || aigov_span_is(v[0], "ok"))
        return true;
    if (r->file_problems++ == 0)
        printf("PRAGMA integrity_check:\n");
    fputs("  ", stdout);
    print_safe(stdout, v[0]);
    putchar('\n');
    return true;
}

/* An index that does not agree with its table hides rows from those who ask by
 * it; verify reads the tables. */
static int check_file(run *r)
{
    int status = FINE;

    if (!r->d.backend->ops->sqlite || r->quick)
        return FINE;
    status =
        db_query(&r->d, "PRAGMA integrity_check", 0, NULL, integrity_row, r);
    return status == FINE && r->file_problems > 0 ? FAILED : status;
}

/* --- all of it ----------------------------------------------------------- */

static int say_empty(run *r)
{
    found f = {""};
    int status = db_query(&r->d, "SELECT count(*) FROM aigov.entry", 0, NULL,
                          hash_row, &f);

    if (status != FINE)
        return status;
    if (strcmp(f.hash, "0") == 0) {
        printf("the log has no entries\n");
        return FINE;
    }
    printf("the own log of this database is empty; its table holds ");
    print_safe(stdout, aigov_str(f.hash));
    puts(" entries of other logs, which were not judged");
    return FAILED;
}

static void start(run *r)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    aigov_time_format((int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000, r->taken);
}

static void say_summary(const run *r, int status)
{
    printf("%" PRId64 " %s in %zu %s: ", r->entries,
           r->entries == 1 ? "entry" : "entries", r->now.n,
           r->now.n == 1 ? "lane" : "lanes");
    if (r->problems > 0)
        printf("%" PRId64 " %s wrong\n", r->problems,
               r->problems == 1 ? "range is" : "ranges are");
    else if (r->file_problems > 0)
        puts("the file is damaged");
    else
        puts(status == FINE ? "whole" : "not what was there");
}

static int verify(run *r, const char *save_to)
{
    int status, heads_status = FINE, rows_status, file_status, empty = FINE;

    start(r);
    status = ranges(r);
    if (status != FINE)
        return status;
    if (r->entries == 0 && r->problems == 0)
        empty = say_empty(r);
    file_status = empty == TROUBLE ? TROUBLE : check_file(r);
    if (file_status == TROUBLE)
        return TROUBLE;
    if (r->outside != NULL)
        heads_status = check_since(r);
    rows_status = heads_status == TROUBLE ? TROUBLE : check_rows(r);
    if (rows_status == TROUBLE)
        return TROUBLE;
    status = r->problems > 0 || rows_status != FINE || file_status != FINE
                 ? FAILED
                 : heads_status;
    if (empty == FINE || status != FINE)
        say_summary(r, status);
    if (status == FINE)
        status = empty;
    if (status == FINE)
        say_unvouched(r);
    if (save_to != NULL && status == FINE)
        status = save(r, save_to);
    else if (save_to != NULL)
        printf("heads are not saved: a check failed\n");
    return status;
}

int verify_command(int argc, char **argv)
{
    const char *save_to = NULL, *since = NULL;
    run r = {.entries = 0};
    const option_def options[] = {{"--save", &save_to, NULL},
                                  {"--since", &since, NULL},
                                  {"--quick", NULL, &r.quick},
                                  {"--trust-server", NULL, &r.trusting}};
    int status;

    if (options_take(argc, argv, options, 4, 1, 1) < 0)
        return USAGE;
    r.outside = since;
    status = db_open(&r.d, "verify", argv[1], BACKEND_READ);
    if (status == FINE && since != NULL) {
        status = heads_read(r.d.ctx, &r.since, since);
        if (status != FINE)
            db_close(&r.d);
    }
    if (status == FINE) {
        r.trusting = r.trusting || r.d.backend->ops->sqlite;
        status = verify(&r, save_to);
        db_close(&r.d);
    }
    free(r.fine);
    free(r.fine_from);
    heads_free(&r.now);
    heads_free(&r.since);
    return stdout_ok("verify") ? status : TROUBLE;
}
