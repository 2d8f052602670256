/*
 * progress.c - a count on stderr, where a person waits
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

static int64_t clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void progress_start(progress *p, const char *what)
{
    *p = (progress){.on = isatty(STDERR_FILENO) != 0, .what = what};
    p->started = p->last = clock_us();
}

void progress_at(progress *p, uint64_t n)
{
    int64_t now;

    if (!p->on || n % 64 != 0)
        return;
    now = clock_us();
    if (now - p->started < 1000000 || now - p->last < 200000)
        return;
    p->last = now;
    p->shown = true;
    fprintf(stderr, "\r%s %" PRIu64 " (%" PRIu64 "/s)  ", p->what, n,
            n * 1000000 / (uint64_t)(now - p->started));
    fflush(stderr);
}

void progress_end(progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}
