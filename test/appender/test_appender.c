/*
 * test_appender.c - the library, on SQLite and, where AIGOV_TEST_PG names a
 * database with a log, on PostgreSQL
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "log.h"

#define REC "{\"system\":\"t\",\"input\":\"hello\"}"

static aigov_appender *open_log(const char *target,
                                const aigov_appender_options *o)
{
    aigov_appender_error e;
    aigov_appender *a = NULL;

    if (aigov_appender_open(target, o, &a, &e) != 0)
        note("open: IG%03d %s", e.code, e.message);
    return a;
}

static int append(aigov_appender *a, const char *json,
                  aigov_appender_receipt *r)
{
    return aigov_appender_append(a, json, json == NULL ? 0 : strlen(json), r);
}

/* --- one record ---------------------------------------------------------- */

static void test_append(const char *target)
{
    aigov_appender *a = open_log(target, NULL);
    aigov_appender_receipt r, again;
    char json[256];

    ok(append(a, REC, &r) == 0 && r.state == AIGOV_PERSISTED, "append");
    ok(strstr(r.json, "\"hash\":\"") != NULL && strlen(r.json) == r.json_n,
       "the receipt has a hash");
    ok(strlen(r.id) == 36 && strstr(r.json, r.id) != NULL,
       "the id made here is that of the receipt");
    snprintf(json, sizeof json,
             "{\"system\":\"t\",\"id\":\"%s\",\"input\":"
             "\"hello\"}",
             r.id);
    ok(append(a, json, &again) == 0 && again.duplicate == AIGOV_APPENDER_SAME &&
           again.state == AIGOV_PERSISTED,
       "the same record with that id is a duplicate");
    aigov_appender_free(again.json);
    snprintf(json, sizeof json, "{\"system\":\"other\",\"id\":\"%s\"}", r.id);
    ok(append(a, json, &again) == AIGOV_APPENDER_TAKEN &&
           again.state == AIGOV_NOT_PERSISTED && again.json == NULL,
       "another record with that id is refused");
    aigov_appender_free(r.json);
    ok(append(a, " { \"system\" : \"t\" } ", &r) == 0, "spaces around");
    aigov_appender_free(r.json);
    aigov_appender_close(&a, NULL);
}

static void test_refusals(const char *target)
{
    static const struct {
        const char *json, *what;
        int code;
        size_t pos;
    } bad[] = {
        {"{\"system\":\"t\",}", "a comma too many", 100, 14},
        {"{\"system\":\"t\"", "cut", 100, 13},
        {"", "nothing", 100, 0},
        {"{}", "no system", 103, AIGOV_APPENDER_NO_POS},
        {"[1]", "no object", 103, AIGOV_APPENDER_NO_POS},
        {"{\"system\":\"t\",\"inpt\":1}", "an unknown name", 103, 14},
        {"{\"system\":\"t\",\"kind\":\"risk\"}", "a kind of governance", 104,
         AIGOV_APPENDER_NO_POS},
        {"{\"system\":\"t\",\"status\":\"good\"}", "a bad value", 103, 23},
    };
    aigov_appender *a = open_log(target, NULL);
    aigov_appender_receipt r;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int code = append(a, bad[i].json, &r);

        ok((code == bad[i].code ||
            (bad[i].code == 104 && code == AIGOV_APPENDER_DENIED)) &&
               r.state == AIGOV_NOT_PERSISTED && r.json == NULL &&
               r.error.message[0] != '\0',
           "%s: IG%03d", bad[i].what, code);
        if (bad[i].pos != AIGOV_APPENDER_NO_POS)
            ok(r.error.pos == bad[i].pos, "at byte %zu (%zu)", r.error.pos,
               bad[i].pos);
    }
    ok(append(a, NULL, &r) == AIGOV_APPENDER_ARG, "a NULL record");
    aigov_appender_close(&a, NULL);
    ok(a == NULL, "close clears the handle");
    ok(append(a, REC, &r) == AIGOV_APPENDER_ARG &&
           strstr(r.error.hint, "closed") != NULL,
       "a closed handle is refused");
    ok(aigov_appender_close(&a, NULL) == 0 &&
           aigov_appender_close(NULL, NULL) == 0,
       "closing twice is fine");
}

/* What a detector of the application found goes with its record. */
static void test_findings(const char *target)
{
    aigov_appender *a = open_log(target, NULL);
    aigov_appender_receipt r;

    query_mode(target, BACKEND_APPEND,
               "SELECT aigov.put('detector', 'ner-1', '{\"type\":\"outside\","
               "\"entity\":\"PERSON_NAME\",\"version\":1,\"score\":\"0.9\"}')");
    ok(append(a,
              "{\"system\":\"t\",\"input\":\"Ann called\",\"findings\":"
              "[{\"detector\":\"ner-1\",\"at\":\"input\",\"start\":0,"
              "\"stop\":3}]}",
              &r) == 0,
       "findings of an outside detector: %s", r.error.message);
    aigov_appender_free(r.json);
    ok(strstr(query_one(target, "SELECT CAST(body AS text) FROM aigov.content"
                                " WHERE CAST(body AS text) LIKE '% called\"}'")
                  .text,
              "[PERSON_NAME] called") != NULL,
       "are replaced");
    ok(append(a,
              "{\"system\":\"t\",\"input\":\"Ann\",\"findings\":"
              "[{\"detector\":\"ner-1\",\"at\":\"input\",\"start\":0,"
              "\"stop\":4}]}",
              &r) == 103 &&
           r.error.pos == 65,
       "one that does not fit is refused where it stands");
    aigov_appender_close(&a, NULL);
}

/* --- batches ------------------------------------------------------------- */

static void test_batch(const char *target)
{
    aigov_appender *a = open_log(target, NULL);
    const char *json[] = {REC,
                          "{\"nosystem\":1}",
                          "{\"broken\":[1,2",
                          "{\"system\":\"t\",\"output\":\"]},{\"}",
                          REC,
                          "{\"system\":\"t\",\"input\":\"\xff\xfe\"}"};
    aigov_appender_record records[6];
    aigov_appender_receipt r[6];
    aigov_appender_error e;

    for (int i = 0; i < 6; i++)
        records[i] = (aigov_appender_record){json[i], strlen(json[i]), NULL};
    ok(aigov_appender_append_batch(a, records, 6, r, &e) == 0, "a batch (%s)",
       e.message);
    ok(r[0].state == AIGOV_PERSISTED && r[3].state == AIGOV_PERSISTED &&
           r[4].state == AIGOV_PERSISTED,
       "good records of a mixed batch are persisted");
    ok(r[1].error.code == AIGOV_APPENDER_FIELD && r[1].json == NULL &&
           r[1].state == AIGOV_NOT_PERSISTED,
       "one with an unknown name is refused alone");
    ok(r[2].error.code == AIGOV_APPENDER_NOTJSON && r[2].error.pos == 14,
       "a broken one cannot swallow its neighbours (byte %zu)", r[2].error.pos);
    ok(r[5].state == AIGOV_PERSISTED, "bytes that are not UTF-8 are kept (%s)",
       r[5].error.message);
    ok(r[0].json != NULL && r[4].json != NULL &&
           strcmp(r[0].id, r[4].id) != 0 && strstr(r[4].json, r[4].id) != NULL,
       "each receipt is that of its record");
    for (int i = 0; i < 6; i++)
        aigov_appender_free(r[i].json);
    ok(aigov_appender_append_batch(a, records, 0, r, &e) == 0, "an empty one");
    ok(aigov_appender_append_batch(a, records + 1, 1, r, NULL) == 0 &&
           r[0].error.code != 0,
       "a batch of one refused record");
    aigov_appender_close(&a, NULL);
}

typedef struct told {
    int n, persisted, batches;
    bool in_order, nested;
    aigov_appender *a;
} told;

static void tell(void *host, const aigov_appender_record *record,
                 const aigov_appender_receipt *r)
{
    aigov_appender_receipt inner;
    told *t = host;

    t->in_order = t->in_order && record->tag == (void *)(uintptr_t)t->n &&
                  strstr(record->json, r->id) != NULL;
    t->n++;
    t->persisted += r->state == AIGOV_PERSISTED && r->json != NULL;
    if (t->n == 1) {
        t->nested = append(t->a, REC, &inner) == 0;
        aigov_appender_free(inner.json);
    }
}

static void test_add(const char *target)
{
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;
    told t = {.in_order = true};
    int early;

    o.receipt = tell;
    o.receipt_host = &t;
    o.batch_records = 10;
    t.a = open_log(target, &o);
    for (int i = 0; i < 25; i++)
        aigov_appender_add(t.a, REC, strlen(REC), (void *)(uintptr_t)i, NULL);
    early = t.n;
    ok(early == 20, "add sends full batches (%d)", early);
    ok(aigov_appender_flush(t.a, NULL) == 0 && t.n == 25 && t.persisted == 25,
       "flush sends the rest");
    ok(t.in_order, "receipts come in the order of add, with their tags");
    ok(t.nested, "a callback may append");
    ok(aigov_appender_flush(t.a, NULL) == 0 && t.n == 25, "nothing is left");
    aigov_appender_add(t.a, REC, strlen(REC), (void *)(uintptr_t)25, NULL);
    aigov_appender_close(&t.a, NULL);
    ok(t.n == 26, "close flushes");
    o.batch_records = 0;
    o.batch_bytes = 100;
    t = (told){.in_order = true, .n = 0};
    t.a = open_log(target, &o);
    for (int i = 0; i < 2; i++)
        aigov_appender_add(t.a, REC, strlen(REC), (void *)(uintptr_t)i, NULL);
    ok(t.n == 2, "bytes fill a batch too");
    aigov_appender_close(&t.a, NULL);
}

/* --- threads and forks --------------------------------------------------- */

enum { THREADS = 8, EACH_THREAD = 50 };

static void *append_many(void *p)
{
    aigov_appender_receipt r;
    uintptr_t bad = 0;

    for (int i = 0; i < EACH_THREAD; i++) {
        bad += append(p, REC, &r) != 0;
        aigov_appender_free(r.json);
        bad += aigov_appender_add(p, REC, strlen(REC), NULL, NULL) != 0;
    }
    return (void *)bad;
}

static long count(const char *target)
{
    return atol(
        query_one(target, "SELECT count(*) FROM aigov.entry WHERE lane > 0")
            .text);
}

static void test_threads(const char *target)
{
    aigov_appender *a = open_log(target, NULL);
    pthread_t thread[THREADS];
    long before = count(target);
    uintptr_t bad = 0;

    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, append_many, a);
    for (int i = 0; i < THREADS; i++) {
        void *result;

        pthread_join(thread[i], &result);
        bad += (uintptr_t)result;
    }
    aigov_appender_close(&a, NULL);
    ok(bad == 0, "%d threads on one handle", THREADS);
    ok(count(target) - before == 2 * THREADS * EACH_THREAD,
       "every record is there");
}

static void test_fork(const char *target)
{
    aigov_appender *a = open_log(target, NULL), *mine;
    aigov_appender_receipt r;
    int status;
    pid_t pid;

    append(a, REC, &r);
    aigov_appender_free(r.json);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        int bad = append(a, REC, &r) != AIGOV_APPENDER_FORKED;

        bad +=
            aigov_appender_add(a, REC, 2, NULL, NULL) != AIGOV_APPENDER_FORKED;
        aigov_appender_close(&a, NULL);
        _exit(bad);
    }
    waitpid(pid, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
       "a child is refused with FORKED");
    ok(append(a, REC, &r) == 0, "the parent goes on");
    aigov_appender_free(r.json);
    mine = open_log(target, NULL);
    ok(append(mine, REC, &r) == 0, "two handles on one log");
    aigov_appender_free(r.json);
    aigov_appender_close(&mine, NULL);
    aigov_appender_close(&a, NULL);
}

/* --- SQLite alone -------------------------------------------------------- */

static void test_open(const char *target)
{
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;
    aigov_appender_error e;
    aigov_appender *a = NULL, *b = NULL;
    char *empty;
    FILE *f;
    int fd;

    ok(aigov_appender_open(NULL, NULL, &a, &e) == AIGOV_APPENDER_ARG &&
           a == NULL,
       "no target");
    ok(aigov_appender_open("/nowhere/x.db", NULL, &a, &e) ==
               AIGOV_APPENDER_IO &&
           strstr(e.hint, "aigov init") != NULL,
       "a path that is not there (%s)", e.message);
    ok(aigov_appender_open("/", NULL, &a, NULL) != 0, "a folder");
    ok(aigov_appender_open("postgresql://127.0.0.1:1/x", NULL, &a, &e) ==
           AIGOV_APPENDER_IO,
       "a server that is not there (%s)", e.message);
    empty = new_log("empty");
    truncate(empty, 0);
    a = open_log(empty, NULL);
    aigov_appender_receipt r;
    ok(append(a, REC, &r) == AIGOV_APPENDER_NOLOG, "a file without a log");
    aigov_appender_close(&a, NULL);
    f = fopen(empty, "w");
    for (int i = 0; i < 100; i++)
        fputs("this is no database at all\n", f);
    fclose(f);
    ok(aigov_appender_open(empty, NULL, &a, &e) == AIGOV_APPENDER_IO,
       "a file that is no database (%s)", e.message);
    unlink(empty);
    free(empty);
    fd = open(target, O_RDONLY);
    ok(aigov_appender_open(target, NULL, &a, &e) == 9 && a == NULL,
       "a file that the process has open by other means is refused");
    o.shares_sqlite = 1;
    ok(aigov_appender_open(target, &o, &a, &e) == 0, "but with shares_sqlite");
    ok(aigov_appender_open(target, NULL, &b, &e) == 0,
       "and then a second handle of this library needs no such word");
    aigov_appender_close(&b, NULL);
    aigov_appender_close(&a, NULL);
    close(fd);
    o = (aigov_appender_options)AIGOV_APPENDER_OPTIONS;
    o.login = "ana";
    a = open_log(target, &o);
    append(a, REC, &r);
    aigov_appender_free(r.json);
    aigov_appender_close(&a, NULL);
    ok(strstr(query_one(target, "SELECT recorded_by FROM aigov.entry WHERE "
                                "lane = 1 ORDER BY seq DESC LIMIT 1")
                  .text,
              "\"ana\"") != NULL,
       "login is who recorded it");
}

static bool hold_and_try(void *host, int n, const aigov_span *v)
{
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;
    const char *target = host;
    aigov_appender_receipt r;
    aigov_appender *a;

    (void)n;
    (void)v;
    o.shares_sqlite = 1;
    o.timeout_ms = 50;
    a = open_log(target, &o);
    ok(append(a, REC, &r) == AIGOV_APPENDER_BUSY &&
           r.state == AIGOV_NOT_PERSISTED,
       "a writer that holds the file: BUSY (%s)", r.error.message);
    aigov_appender_close(&a, NULL);
    return true;
}

static void test_busy(const char *target)
{
    backend_options o = {.mode = BACKEND_APPEND,
                         .timeout_ms = 50,
                         .application = "t",
                         .shares_sqlite = true};
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_ctx *ctx;
    backend *b;

    aigov_ctx_new(NULL, &ctx, &e);
    backend_open(ctx, target, &o, &b, &e);
    b->ops->query(b, "BEGIN IMMEDIATE", 0, NULL, NULL, NULL, &e);
    b->ops->query(b, "SELECT 1", 0, NULL, hold_and_try,
                  (void *)(uintptr_t)target, &e);
    b->ops->query(b, "ROLLBACK", 0, NULL, NULL, NULL, &e);
    b->ops->close(b);
    aigov_ctx_free(ctx);
}

/* --- PostgreSQL alone ---------------------------------------------------- */

static void test_lost_connection(const char *target)
{
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;
    aigov_appender_receipt r;
    aigov_appender *a;

    o.application = "to be killed";
    a = open_log(target, &o);
    append(a, REC, &r);
    aigov_appender_free(r.json);
    query_one(target, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE application_name = 'to be killed'");
    usleep(200000);
    ok(append(a, REC, &r) == AIGOV_APPENDER_IO &&
           r.state == AIGOV_POSSIBLY_PERSISTED,
       "a connection that broke: possibly persisted (%s)", r.error.message);
    ok(append(a, REC, &r) == 0, "the next call connects anew");
    aigov_appender_free(r.json);
    aigov_appender_close(&a, NULL);
}

static void test_all(const char *target)
{
    test_append(target);
    test_refusals(target);
    test_findings(target);
    test_batch(target);
    test_add(target);
    test_threads(target);
    test_fork(target);
    ok(atol(query_one(target, "SELECT count(*) FROM aigov.verify() WHERE"
                              " status NOT IN ('unanchored') OR content NOT IN"
                              " ('intact', 'none')")
                .text) == 0,
       "the log verifies");
}

int main(void)
{
    const char *pg = getenv("AIGOV_TEST_PG");
    char *target = new_log("appender");

    note("SQLite");
    test_all(target);
    test_open(target);
    test_busy(target);
    unlink(target);
    free(target);
    if (pg != NULL && *pg != '\0') {
        note("PostgreSQL");
        test_all(pg);
        test_lost_connection(pg);
    }
    return done();
}
