/*
 * keyfile.c - the file of redaction keys
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Its owner alone may read it; anything else is refused with a word on what to
 * do.  It is judged by its name, since to open a device may do something, and
 * again by its descriptor; opened without waiting, since a pipe would hang.
 * Nothing of it gets into a message.
 * The command `aigov` reads key files by this too.
 */
#include "sqlite_aigov.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static file_state state_of(const struct stat *s)
{
    return (file_state){true,
                        (int64_t)s->st_dev,
                        (int64_t)s->st_ino,
                        (int64_t)s->st_size,
                        (int64_t)s->st_ctim.tv_sec,
                        (int64_t)s->st_ctim.tv_nsec};
}

file_state keyfile_state(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 ? state_of(&s) : (file_state){0};
}

bool keyfile_same(const file_state *a, const file_state *b)
{
    return a->there == b->there && a->device == b->device &&
           a->inode == b->inode && a->size == b->size &&
           a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

static aigov_status judge(const struct stat *s, aigov_error *err)
{
    if (!S_ISREG(s->st_mode))
        return aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                          "the key file is no regular file");
    if ((s->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                   "the key file is open to its group or to others (mode %04o)",
                   (unsigned)(s->st_mode & 07777));
        return aigov_hint(err, "chmod 600, and its owner who runs this");
    }
    if (s->st_size > AIGOV_MAX_KEY_FILE)
        return aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                          "the key file is larger than %d bytes",
                          AIGOV_MAX_KEY_FILE);
    return AIGOV_OK;
}

/* At most n bytes; -1 where reading fails. */
static ssize_t read_all(int fd, char *p, size_t n)
{
    size_t got = 0;
    ssize_t some = 1;

    while (some != 0 && got < n) {
        some = read(fd, p + got, n - got);
        if (some < 0 && errno != EINTR)
            return -1;
        got += some > 0 ? (size_t)some : 0;
    }
    return (ssize_t)got;
}

static aigov_status read_fd(aigov_ctx *ctx, int fd, aigov_keys **out,
                            aigov_error *err)
{
    char *p = aigov_malloc(ctx, AIGOV_MAX_KEY_FILE);
    aigov_status st;
    ssize_t n;

    if (!p)
        return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
    n = read_all(fd, p, AIGOV_MAX_KEY_FILE);
    if (n < 0)
        st = aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                        "the key file cannot be read: %s", strerror(errno));
    else
        st = aigov_keys_read(ctx, (aigov_span){p, (size_t)n}, out, err);
    aigov_wipe(p, AIGOV_MAX_KEY_FILE);
    aigov_mfree(ctx, p, AIGOV_MAX_KEY_FILE);
    return st;
}

aigov_status keyfile_read(aigov_ctx *ctx, const char *path, file_state *state,
                          aigov_keys **out, aigov_error *err)
{
    struct stat s;
    aigov_status st;
    int fd = -1;

    if (stat(path, &s) == 0) {
        *state = state_of(&s);
        st = judge(&s, err);
        if (st != AIGOV_OK)
            return st;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    }
    if (fd < 0 || fstat(fd, &s) != 0) {
        st = aigov_fail(err, AIGOV_KEY, AIGOV_NO_POS,
                        "the key file cannot be opened: %s", strerror(errno));
    } else {
        *state = state_of(&s);
        st = judge(&s, err);
        st = st == AIGOV_OK ? read_fd(ctx, fd, out, err) : st;
    }
    if (fd >= 0)
        close(fd);
    return st;
}
