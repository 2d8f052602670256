/*
 * verify.c - aigov verify DB [--save FILE] [--since FILE] [--trust-server]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Prints the ranges that verify gives, a summary, and what nothing outside the
 * database vouches for.
 *
 *   --since FILE   every head in FILE must still be there with the same hash;
 *                  else the lane and seq are named (exit 1)
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
    int64_t entries, problems;
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
    printf("  %-26s %8" PRId64 "  %-11.*s", seqs, number(v[R_ENTRIES]),
           (int)v[R_STATUS].n, v[R_STATUS].p == NULL ? "" : v[R_STATUS].p);
    if (v[R_CONTENT].n > 0 && !aigov_span_is(v[R_CONTENT], "none"))
        printf(" content %.*s", (int)v[R_CONTENT].n, v[R_CONTENT].p);
    if (v[R_DETAIL].n > 0)
        printf("  (%.*s)", (int)v[R_DETAIL].n, v[R_DETAIL].p);
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

static bool range_row(void *host, int n, const aigov_span *v)
{
    run *r = host;
    char origin[sizeof r->origin];

    if (n < R_COLUMNS)
        return false;
    snprintf(origin, sizeof origin, "%.*s", (int)v[R_ORIGIN].n,
             v[R_ORIGIN].p == NULL ? "" : v[R_ORIGIN].p);
    if (strcmp(origin, r->origin) != 0 || (r->entries == 0 && !r->problems)) {
        printf("log %s\n", origin[0] == '\0' ? "(unknown)" : origin);
        memcpy(r->origin, origin, sizeof origin);
    }
    print_range(v);
    r->entries += number(v[R_ENTRIES]);
    r->problems += !is_fine(v);
    reach(r, v);
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

/* Every head of --since against what is there. */
static int check_since(run *r)
{
    int64_t bad = 0;
    int status;
    found f;

    for (size_t i = 0; i < r->since.n; i++) {
        const head_line *h = &r->since.head[i];

        status = look_up(r, h, HASH_OF, &f);
        if (status != FINE)
            return status;
        if (strcmp(f.hash, h->hash) == 0)
            continue;
        if (bad++ == 0)
            printf("against %s, taken %s:\n", r->outside, r->since.at);
        if (f.hash[0] != '\0') {
            printf("  lane %" PRId64 "  seq %" PRId64
                   ": another entry stands there\n",
                   h->lane, h->seq);
        } else {
            status = say_missing(r, h);
            if (status == TROUBLE)
                return status;
        }
    }
    if (bad == 0)
        printf("every head in %s (taken %s) is still there\n", r->outside,
               r->since.at);
    return bad == 0 ? FINE : FAILED;
}

static int save(run *r, const char *path)
{
    struct timespec t;
    int status = FINE;
    found f;

    clock_gettime(CLOCK_REALTIME, &t);
    aigov_time_format((int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000,
                      r->now.at);
    for (size_t i = 0; status == FINE && i < r->now.n; i++) {
        status = look_up(r, &r->now.head[i], HASH_OF, &f);
        memcpy(r->now.head[i].hash, f.hash, sizeof f.hash);
    }
    if (status == FINE)
        status = heads_write(&r->now, path);
    if (status == FINE)
        printf("heads of %zu lanes saved to %s; keep it where the database's "
               "owner cannot write\n",
               r->now.n, path);
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

static int verify(run *r, const char *save_to)
{
    int status = ranges(r), heads_status = FINE, rows_status;

    if (status != FINE)
        return status;
    if (r->entries == 0 && r->problems == 0)
        printf("the log has no entries\n");
    if (r->outside != NULL)
        heads_status = check_since(r);
    rows_status = heads_status == TROUBLE ? TROUBLE : check_rows(r);
    if (rows_status == TROUBLE)
        return TROUBLE;
    status = r->problems > 0 || rows_status != FINE ? FAILED : heads_status;
    printf("%" PRId64 " entries in %zu lanes: ", r->entries, r->now.n);
    if (r->problems > 0)
        printf("%" PRId64 " %s wrong\n", r->problems,
               r->problems == 1 ? "range is" : "ranges are");
    else
        puts(status == FINE ? "whole" : "not what was there");
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
                                  {"--trust-server", NULL, &r.trusting}};
    int status;

    if (options_take(argc, argv, options, 3, 1, 1) < 0)
        return USAGE;
    r.outside = since;
    if (since != NULL && heads_read(&r.since, since) != FINE)
        return TROUBLE;
    status = db_open(&r.d, "verify", argv[1], BACKEND_READ);
    if (status == FINE) {
        r.trusting = r.trusting || r.d.backend->ops->sqlite;
        status = verify(&r, save_to);
        db_close(&r.d);
    }
    heads_free(&r.now);
    heads_free(&r.since);
    return stdout_ok("verify") ? status : TROUBLE;
}
