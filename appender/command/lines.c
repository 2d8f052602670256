/*
 * lines.c - a stream, line by line
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Not stdio: before the reader waits for more of a pipe, what was collected so
 * far must be sent, or a record typed now would get its receipt with the next
 * 499.  So it asks poll(2) whether there is more, and tells its caller if not.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

int lines_open(lines *l, const char *command, const char *path)
{
    *l = (lines){.fd = STDIN_FILENO};
    if (path == NULL || strcmp(path, "-") == 0)
        return FINE;
    l->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (l->fd >= 0)
        return FINE;
    return trouble(command, "%s: %s", path, strerror(errno));
}

void lines_close(lines *l)
{
    if (l->fd > STDIN_FILENO)
        close(l->fd);
    free(l->buf);
}

/* Room for at least one byte behind l->to; what was given is dropped. */
static void make_room(lines *l)
{
    if (l->from > 0) {
        memmove(l->buf, l->buf + l->from, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
    }
    if (l->to == l->cap) {
        l->cap = l->cap == 0 ? (size_t)1 << 16 : 2 * l->cap;
        l->buf = need(realloc(l->buf, l->cap));
    }
}

static int fill(lines *l, bool (*idle)(void *), void *host)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    ssize_t got;

    make_room(l);
    if (idle != NULL && poll(&p, 1, 0) == 0 && !idle(host)) {
        l->stopped = true;
        return 0;
    }
    do
        got = read(l->fd, l->buf + l->to, l->cap - l->to);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -1;
    l->to += (size_t)got;
    l->ended = got == 0;
    return 0;
}

/* The rest of a line that is too long; what was read of it is dropped. */
static int skip(lines *l, size_t *n, bool (*idle)(void *), void *host)
{
    uint64_t length = 0;
    const char *lf = NULL;

    while (lf == NULL) {
        size_t left = l->to - l->from;

        lf = left > 0 ? memchr(l->buf + l->from, '\n', left) : NULL;
        left = lf == NULL ? left : (size_t)(lf - (l->buf + l->from));
        length += left;
        l->from += left + (lf != NULL);
        if (lf != NULL || l->ended)
            break;
        if (fill(l, idle, host) != 0)
            return -1;
        if (l->stopped)
            return 0;
    }
    *n = length > SIZE_MAX ? SIZE_MAX : (size_t)length;
    l->number++;
    return 2;
}

int lines_next(lines *l, const char **line, size_t *n, bool (*idle)(void *),
               void *host)
{
    size_t seen = 0; /* bytes known to hold no line end */

    for (;;) {
        size_t left = l->to - l->from;
        char *lf = left > seen
                       ? memchr(l->buf + l->from + seen, '\n', left - seen)
                       : NULL;

        if (lf != NULL || (l->ended && left > 0)) {
            *line = l->buf + l->from;
            *n = lf == NULL ? left : (size_t)(lf - *line);
            l->from += *n + (lf != NULL);
            *n -= *n > 0 && (*line)[*n - 1] == '\r';
            l->number++;
            return 1;
        }
        if (l->ended || l->stopped)
            return 0;
        if (left > LINES_MAX)
            return skip(l, n, idle, host);
        seen = left;
        if (fill(l, idle, host) != 0)
            return -1;
    }
}

bool is_blank(const char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (line[i] != ' ' && (line[i] < '\t' || line[i] > '\r'))
            return false;
    return true;
}
