/*
 * test_oom.c - every allocation fails once: the appender's own and SQLite's
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A run opens, appends, sends a batch and closes.  Run n has its n-th
 * allocation fail, and all after it where `forever`; the first run without a
 * failure ends the loop.  What counts: no crash, no leak (the sanitizers look),
 * success only where every record has its receipt, and a log that verifies and
 * holds every record that was acknowledged.
 */
#include <sqlite3.h>

#include "log.h"

static long left; /* allocations until one fails; < 0: never */
static bool forever, failed;

static bool fails(void)
{
    if (left < 0)
        return false;
    if (left > 0) {
        left--;
        return false;
    }
    failed = true;
    if (!forever)
        left = -1;
    return true;
}

static void *flaky(void *host, void *old, size_t old_n, size_t n)
{
    (void)host;
    (void)old_n;
    if (n == 0) {
        free(old);
        return NULL;
    }
    return fails() ? NULL : realloc(old, n);
}

static sqlite3_mem_methods real;

static void *sqlite_malloc(int n)
{
    return fails() ? NULL : real.xMalloc(n);
}

static void *sqlite_realloc(void *p, int n)
{
    return fails() ? NULL : real.xRealloc(p, n);
}

enum { RECORDS = 4 }; /* of one run */

typedef struct tally {
    int acknowledged;
} tally;

static void tell(void *host, const aigov_appender_record *record,
                 const aigov_appender_receipt *r)
{
    tally *t = host;

    (void)record;
    t->acknowledged += r->state == AIGOV_PERSISTED;
}

static int run(const char *target, tally *t)
{
    static const char rec[] = "{\"system\":\"t\",\"input\":\"hello\"}";
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;
    aigov_appender_receipt r;
    aigov_appender_error e;
    aigov_appender *a;
    int code;

    o.receipt = tell;
    o.receipt_host = t;
    o.alloc = flaky;
    code = aigov_appender_open(target, &o, &a, &e);
    if (code != 0)
        return code;
    code = aigov_appender_append(a, rec, sizeof rec - 1, &r);
    t->acknowledged += r.state == AIGOV_PERSISTED;
    aigov_appender_free(r.json);
    for (int i = 0; i < RECORDS - 1; i++) {
        int added = aigov_appender_add(a, rec, sizeof rec - 1, NULL, &e);

        code = code != 0 ? code : added;
    }
    int closed = aigov_appender_close(&a, &e);
    return code != 0 ? code : closed;
}

static long loop(const char *target, bool all, long before)
{
    long n = 0, silent = 0, acknowledged = before;
    answer a;

    forever = all;
    for (;; n++) {
        tally t = {0};
        int code;

        left = n;
        failed = false;
        code = run(target, &t);
        left = -1;
        acknowledged += t.acknowledged;
        if (!failed)
            break;
        silent += code == 0 && t.acknowledged < RECORDS;
    }
    ok(n > 50, "%ld allocations failed%s", n, all ? ", and all after" : "");
    ok(silent == 0, "none went unnoticed (%ld)", silent);
    a = query_one(target, "SELECT count(*) FROM aigov.verify() WHERE status <> "
                          "'unanchored'");
    ok(strcmp(a.text, "0") == 0, "the log verifies (%s)", a.text);
    a = query_one(target, "SELECT count(*) FROM aigov.entry WHERE lane = 1");
    ok(atol(a.text) >= acknowledged, "%ld acknowledged, %s there", acknowledged,
       a.text);
    return acknowledged;
}

int main(void)
{
    sqlite3_mem_methods mine;
    char *target;

    left = -1;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    mine = real;
    mine.xMalloc = sqlite_malloc;
    mine.xRealloc = sqlite_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &mine);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    target = new_log("oom");
    loop(target, true, loop(target, false, 0));
    unlink(target);
    free(target);
    return done();
}
