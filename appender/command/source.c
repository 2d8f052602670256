/*
 * source.c - the file of an import, line by line
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The file is mapped, not read: it is gone through twice and hashed once, and
 * must be the same bytes each time.  Standard input is copied to a temporary
 * file first.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

static int spool_stdin(void)
{
    FILE *f = tmpfile();
    char piece[1 << 16];
    ssize_t n = 0;
    int fd = -1;

    if (f == NULL)
        return -1;
    while ((n = read(STDIN_FILENO, piece, sizeof piece)) > 0)
        if (fwrite(piece, 1, (size_t)n, f) != (size_t)n)
            n = -1;
    if (n == 0 && fflush(f) == 0)
        fd = dup(fileno(f));
    fclose(f);
    return fd;
}

int source_open(source *in, const char *path)
{
    bool from_stdin = path == NULL || strcmp(path, "-") == 0;
    int fd = from_stdin ? spool_stdin() : open(path, O_RDONLY | O_CLOEXEC);
    struct stat s;
    void *p = NULL;

    in->name = from_stdin ? "-" : path;
    if (fd < 0 || fstat(fd, &s) != 0)
        return trouble("import", "%s: %s", in->name, strerror(errno));
    in->file = AIGOV_LIT("");
    if (s.st_size > 0)
        p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return trouble("import", "%s: %s", in->name, strerror(errno));
    if (p != NULL)
        in->file = (aigov_span){p, (size_t)s.st_size};
    return FINE;
}

bool source_next(const source *in, size_t *at, uint64_t *number,
                 aigov_span *line)
{
    while (*at < in->file.n) {
        const char *start = in->file.p + *at;
        const char *lf = memchr(start, '\n', in->file.n - *at);
        size_t n = lf == NULL ? in->file.n - *at : (size_t)(lf - start);

        *at += n + (lf != NULL);
        ++*number;
        n -= n > 0 && start[n - 1] == '\r';
        *line = (aigov_span){start, n};
        if (!is_blank(start, n))
            return true;
    }
    return false;
}

void source_close(source *in)
{
    if (in->file.n > 0)
        munmap((void *)(uintptr_t)in->file.p, in->file.n);
}
