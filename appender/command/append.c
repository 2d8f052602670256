/*
 * append.c - aigov append DB [FILE|-]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One JSON record a line in; for each, in order, one line out: its receipt, or
 *
 *   {"error":{"code":"IG103","message":...},"line":7,"state":"not persisted"}
 *
 * Records go in batches; when the input pauses, what waits is sent.  A record
 * that is refused does not stop the others (exit 1).  A database that fails
 * does (exit 3): the lines without output were not appended, those "possibly
 * persisted" may be, and a record that has its own id can be sent again.
 */
#include "command.h"

typedef struct job {
    aigov_appender *a;
    uint64_t refused;
    bool told; /* receipts were printed since the last flush */
    int code;  /* of the first batch that failed */
    aigov_appender_error error;
} job;

static void receipt(void *host, const aigov_appender_record *record,
                    const aigov_appender_receipt *r)
{
    static const char *const state[] = {"not persisted", "possibly persisted",
                                        "persisted"};
    job *j = host;

    j->told = true;
    if (r->json != NULL) {
        puts(r->json);
        return;
    }
    j->refused++;
    fputs("{\"error\":", stdout);
    print_error_json(stdout, &r->error);
    if (r->id[0] != '\0')
        printf(",\"id\":\"%s\"", r->id);
    printf(",\"line\":%llu,\"state\":\"%s\"}\n",
           (unsigned long long)(uintptr_t)record->tag, state[r->state]);
}

static void note(job *j, int code, const aigov_appender_error *e)
{
    if (code != 0 && j->code == 0) {
        j->code = code;
        j->error = *e;
    }
}

/* What was committed is told before more is sent.  False: nobody hears it. */
static bool tell(job *j)
{
    if (j->told)
        fflush(stdout);
    j->told = false;
    return !ferror(stdout);
}

/* A line that nobody held in memory. */
static void too_long(job *j, uint64_t number, size_t n)
{
    aigov_appender_error e = {.code = AIGOV_TOOBIG,
                              .pos = AIGOV_APPENDER_NO_POS};

    snprintf(e.message, sizeof e.message,
             "the record has %zu bytes, the limit is %zu", n, AIGOV_MAX_RECORD);
    j->refused++;
    j->told = true;
    fputs("{\"error\":", stdout);
    print_error_json(stdout, &e);
    printf(",\"line\":%llu,\"state\":\"not persisted\"}\n",
           (unsigned long long)number);
}

static bool idle(void *host)
{
    aigov_appender_error e;
    job *j = host;

    note(j, aigov_appender_flush(j->a, &e), &e);
    return tell(j) && j->code == 0;
}

static int all_lines(job *j, lines *l)
{
    aigov_appender_error e;
    const char *line;
    progress p;
    size_t n;
    int more = 0;

    progress_start(&p, "appended");
    while (j->code == 0 && tell(j) &&
           (more = lines_next(l, &line, &n, idle, j)) > 0) {
        if (more == 2 && idle(j))
            too_long(j, l->number, n);
        if (more == 2 || is_blank(line, n))
            continue;
        note(
            j,
            aigov_appender_add(j->a, line, n, (void *)(uintptr_t)l->number, &e),
            &e);
        progress_at(&p, l->number);
    }
    progress_end(&p);
    if (j->code == 0 && tell(j))
        note(j, aigov_appender_flush(j->a, &e), &e);
    if (j->code != 0)
        return trouble_appender("append", &j->error);
    return more < 0 ? trouble("append", "the input cannot be read") : FINE;
}

int append_command(int argc, char **argv)
{
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;
    aigov_appender_error e;
    job j = {.a = NULL};
    int n = options_take(argc, argv, NULL, 0, 1, 2), status;
    lines l;

    if (n < 0)
        return USAGE;
    o.receipt = receipt;
    o.receipt_host = &j;
    status = lines_open(&l, "append", n == 2 ? argv[2] : NULL);
    if (status != FINE)
        return status;
    if (aigov_appender_open(argv[1], &o, &j.a, &e) != 0) {
        lines_close(&l);
        return trouble_appender("append", &e);
    }
    status = all_lines(&j, &l);
    aigov_appender_close(&j.a, NULL);
    lines_close(&l);
    if (!stdout_ok("append"))
        status = TROUBLE;
    return status == FINE && j.refused > 0 ? FAILED : status;
}
