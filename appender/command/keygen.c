/*
 * keygen.c - aigov keygen --redaction FILE [--add]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Makes a file with one random redaction key that its owner alone may read, and
 * prints the key's id.  A file that is there is never written over; --add puts
 * a further key at its end, which is written with from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../../sqlite_aigov/sqlite_aigov.h"
#include "command.h"

static const char command[] = "keygen";

/* An id of the file as it is now, the newest, for who made it. */
static int print_id(aigov_ctx *ctx, const char *path)
{
    aigov_keys *keys;
    aigov_error err;
    file_state state;

    if (keyfile_read(ctx, path, &state, &keys, &err) != AIGOV_OK)
        return trouble_error(command, &err);
    printf("%s\n", aigov_key_id(keys, 0));
    aigov_keys_free(keys);
    return FINE;
}

static bool write_all(int fd, aigov_span s)
{
    while (s.n > 0) {
        ssize_t n = write(fd, s.p, s.n);

        if (n < 0 && errno != EINTR)
            return false;
        s.p += n > 0 ? n : 0;
        s.n -= n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

/* A file that is added to must be one, and end with a whole line. */
static int check_old(aigov_ctx *ctx, const char *path)
{
    aigov_keys *keys;
    aigov_error err;
    file_state state;

    if (keyfile_read(ctx, path, &state, &keys, &err) != AIGOV_OK)
        return trouble_error(command, &err);
    aigov_keys_free(keys);
    return FINE;
}

static int open_file(const char *path, bool add)
{
    return add ? open(path, O_RDWR | O_APPEND | O_CLOEXEC)
               : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static bool ends_line(int fd)
{
    char c = 0;
    off_t end = lseek(fd, 0, SEEK_END);

    return end > 0 && pread(fd, &c, 1, end - 1) == 1 && c == '\n';
}

static int make(aigov_ctx *ctx, const char *path, bool add)
{
    aigov_buf line;
    aigov_error err;
    bool written;
    int fd = open_file(path, add);

    if (fd < 0)
        return trouble(command, "%s: %s", path, strerror(errno));
    aigov_buf_init(&line, ctx);
    if ((add && !ends_line(fd) && !aigov_buf_puts(&line, "\n")) ||
        aigov_keys_make(ctx, !add, &line, &err) != AIGOV_OK) {
        close(fd);
        return trouble(command, "no key could be made");
    }
    written = write_all(fd, aigov_buf_span(&line));
    written = close(fd) == 0 && written;
    aigov_wipe(line.p, line.n);
    aigov_buf_free(&line);
    if (!written)
        return trouble(command, "%s: %s", path, strerror(errno));
    return print_id(ctx, path);
}

int keygen_command(int argc, char **argv)
{
    const char *path = NULL;
    bool add = false;
    const option_def def[] = {{"--redaction", &path, NULL},
                              {"--add", NULL, &add}};
    aigov_ctx *ctx;
    aigov_error err;
    int status = FINE;

    if (options_take(argc, argv, def, 2, 0, 0) < 0)
        return USAGE;
    if (path == NULL) {
        trouble(command, "--redaction FILE says where the key goes");
        return USAGE;
    }
    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK)
        return trouble_error(command, &err);
    if (add)
        status = check_old(ctx, path);
    if (status == FINE)
        status = make(ctx, path, add);
    aigov_ctx_free(ctx);
    return stdout_ok(command) ? status : TROUBLE;
}
