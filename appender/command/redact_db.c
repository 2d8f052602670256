/*
 * redact_db.c - aigov redact --db DB: by what is in force in a database
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The text goes to the database's own redact, redact_json or findings, so own
 * detectors and the profile count, and privileges are the server's.  Text goes
 * as a whole, not as a stream: a profile may look again at what it left.
 * Neither database takes U+0000 in a text, and PostgreSQL none that is not
 * UTF-8; such a text is refused, never cut.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

static const char command[] = "redact";

typedef struct work {
    db d;
    const redact_options *o;
    aigov_buf in;
    aigov_span line;
    uint64_t number, found;
} work;

static bool put_text(void *host, int n, const aigov_span *value)
{
    (void)n;
    (void)host;
    return value[0].n == 0 ||
           fwrite(value[0].p, 1, value[0].n, stdout) == value[0].n;
}

/* The byte at a number of code points. */
static size_t byte_at(aigov_span text, aigov_span points)
{
    size_t left = strtoull(points.p, NULL, 10), at = 0;

    while (left > 0 && at < text.n) {
        at++;
        while (at < text.n && ((unsigned char)text.p[at] & 0xC0) == 0x80)
            at++;
        left--;
    }
    return at;
}

/* entity, detector, score, start, stop */
static bool put_finding(void *host, int n, const aigov_span *value)
{
    work *w = host;

    (void)n;
    w->found++;
    return printf("{\"detector\":\"%.*s\",\"entity\":\"%.*s\",\"line\":%llu,"
                  "\"score\":%.2f,\"start\":%zu,\"stop\":%zu}\n",
                  (int)value[1].n, value[1].p, (int)value[0].n, value[0].p,
                  (unsigned long long)w->number, strtod(value[2].p, NULL),
                  byte_at(w->line, value[3]), byte_at(w->line, value[4])) > 0;
}

/* Call a function of the text and, where one is named, the profile. */
static int ask(work *w, const char *before, const char *after, aigov_span text,
               backend_row_fn row)
{
    aigov_span arg[2] = {text, aigov_str(w->o->profile)};
    char sql[200];

    if (memchr(text.p, 0, text.n) != NULL)
        return trouble(command,
                       "line %llu: a NUL byte, which no database "
                       "takes; withheld",
                       (unsigned long long)w->number);
    snprintf(sql, sizeof sql, "SELECT %s($1%s)%s", before,
             w->o->profile != NULL ? ", $2" : "", after);
    return db_query(&w->d, sql, w->o->profile != NULL ? 2 : 1, arg, row, w);
}

static int line(work *w)
{
    int status;

    if (w->o->findings)
        return ask(
            w,
            "entity, detector, score, start, stop FROM"
            " aigov.findings",
            " WHERE detector NOT IN (SELECT detector FROM aigov.detectors"
            " WHERE class = 'soft')",
            w->line, put_finding);
    if (is_blank(w->line.p, w->line.n))
        return FINE;
    status = ask(w, "aigov.redact_json", "", w->line, put_text);
    if (status == FINE)
        putchar('\n');
    else
        trouble(command, "line %llu: withheld", (unsigned long long)w->number);
    return status == FINE ? FINE : FAILED;
}

static int by_line(work *w)
{
    lines l;
    const char *text;
    size_t n;
    int status = lines_open(&l, command, w->o->path), got = 0;

    if (status != FINE)
        return status;
    while ((got = lines_next(&l, &text, &n, NULL, NULL)) > 0) {
        int one = FINE;

        w->number = l.number;
        w->line = (aigov_span){text, n};
        one = got == 2 ? trouble(command, "line %llu is longer than %d bytes",
                                 (unsigned long long)l.number, LINES_MAX)
                       : line(w);
        status = one > status ? one : status;
    }
    if (got < 0)
        status = trouble(command, "%s", strerror(errno));
    lines_close(&l);
    return status;
}

static int whole(work *w)
{
    bool from_stdin = w->o->path == NULL || strcmp(w->o->path, "-") == 0;
    int fd = from_stdin ? STDIN_FILENO : open(w->o->path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 1;
    static char piece[1 << 16];

    while (got > 0) {
        do
            got = read(fd, piece, sizeof piece);
        while (got < 0 && errno == EINTR);
        if (got > 0)
            need(aigov_buf_put(&w->in, piece, (size_t)got) ? w : NULL);
    }
    if (got < 0)
        trouble(command, "%s: %s", from_stdin ? "standard input" : w->o->path,
                strerror(errno));
    if (fd >= 0 && !from_stdin)
        close(fd);
    if (got < 0)
        return TROUBLE;
    w->number = 1;
    return w->in.n == 0
               ? FINE
               : ask(w, "aigov.redact", "", aigov_buf_span(&w->in), put_text);
}

int redact_by_db(const redact_options *o, uint64_t *found)
{
    work w = {.o = o};
    int status = db_open(&w.d, command, o->target, BACKEND_READ);

    if (status != FINE)
        return status;
    aigov_buf_init(&w.in, w.d.ctx);
    status = o->json || o->findings ? by_line(&w) : whole(&w);
    *found = w.found;
    aigov_buf_free(&w.in);
    db_close(&w.d);
    return status;
}
