/*
 * heads.c - the heads file: what was at the end of each lane
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov heads 2 2026-09-11T08:15:02.114233Z
 *   example.com/audit 1481263554 0 17 4f1c...e2
 *   example.com/audit 1481263554 1 160 9b07...31
 *   end 2 77aa...0c
 *
 * A first line with format and time, then a line a lane: origin, log, lane,
 * seq and hash of its last entry; at last the number of lanes and a SHA-256
 * over all bytes before that line, so that a cut file is not taken for a short
 * one.  Kept where the owner of the database cannot
 * write, it is what a cut tail, a rewritten end or a lane removed whole is seen
 * against: with the hash of one entry all entries before it are fixed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

head_line *heads_add(heads *h)
{
    if (h->n == h->cap) {
        h->cap = h->cap == 0 ? 16 : 2 * h->cap;
        h->head = need(realloc(h->head, h->cap * sizeof *h->head));
    }
    h->head[h->n] = (head_line){.log = 0};
    return &h->head[h->n++];
}

void heads_free(heads *h)
{
    free(h->head);
    *h = (heads){.n = 0};
}

static bool read_line(heads *h, const char *line)
{
    head_line *head = heads_add(h);
    int end = 0;

    return sscanf(line,
                  "%200s %" SCNd64 " %" SCNd64 " %" SCNd64 " %64[0-9a-f]%n",
                  head->origin, &head->log, &head->lane, &head->seq, head->hash,
                  &end) == 5 &&
           strlen(head->hash) == 64 && (line[end] == '\n' || line[end] == '\0');
}

static void digest(aigov_ctx *ctx, const char *text, size_t n, char hex[65])
{
    aigov_span part = {text, n};
    uint8_t hash[32];
    aigov_error e;

    if (aigov_sha256(ctx, &part, 1, hash, &e) != AIGOV_OK) {
        trouble_error("verify", &e);
        exit(TROUBLE);
    }
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

/* The file's bytes with a NUL behind them; NULL after it has said why. */
static char *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t cap = 0, got;
    bool ok = f != NULL;

    *n = 0;
    while (ok) {
        if (cap - *n < 2) {
            cap = cap == 0 ? 4096 : 2 * cap;
            text = need(realloc(text, cap));
        }
        got = fread(text + *n, 1, cap - *n - 1, f);
        *n += got;
        text[*n] = '\0';
        if (got == 0)
            break;
    }
    ok = ok && !ferror(f);
    if (!ok) {
        trouble("verify", "%s: %s", path, strerror(errno));
        free(text);
        text = NULL;
    }
    if (f != NULL)
        fclose(f);
    return text;
}

/* The last line: "end COUNT SHA-256" over all bytes before it. */
static bool trailer_holds(aigov_ctx *ctx, const heads *h, const char *text,
                          const char *last, size_t n)
{
    char hex[65], want[128];

    digest(ctx, text, (size_t)(last - text), hex);
    snprintf(want, sizeof want, "end %zu %s\n", h->n, hex);
    return strlen(want) == n && memcmp(want, last, n) == 0;
}

static int heads_parse(aigov_ctx *ctx, heads *h, const char *path,
                       const char *text, size_t n)
{
    const char *at = text, *end = text + n, *lf;
    int number = 0;
    bool good = true;

    if (strncmp(text, "aigov heads ", 12) == 0 &&
        strncmp(text + 12, "2 ", 2) != 0)
        return trouble("verify",
                       "%s: a heads file of another format; write one anew "
                       "with verify --save",
                       path);
    for (; good && (lf = memchr(at, '\n', (size_t)(end - at))) != NULL;
         at = lf + 1) {
        number++;
        if (number == 1)
            good = sscanf(at, "aigov heads 2 %27s", h->at) == 1;
        else if (lf + 1 == end && strncmp(at, "end ", 4) == 0)
            break;
        else
            good = read_line(h, at);
    }
    if (!good)
        return trouble("verify", "%s: line %d is not one of a heads file", path,
                       number);
    if (at == end || lf == NULL ||
        !trailer_holds(ctx, h, text, at, (size_t)(end - at)))
        return trouble("verify",
                       "%s: the file was cut or edited: its last line does "
                       "not fit those before it",
                       path);
    return FINE;
}

int heads_read(aigov_ctx *ctx, heads *h, const char *path)
{
    size_t n;
    char *text = slurp(path, &n);
    int status;

    *h = (heads){.n = 0};
    if (text == NULL)
        return TROUBLE;
    status = heads_parse(ctx, h, path, text, n);
    free(text);
    if (status != FINE)
        heads_free(h);
    return status;
}

static char *heads_text(aigov_ctx *ctx, const heads *h, size_t *n)
{
    char *text = NULL, hex[65];
    FILE *f = need(open_memstream(&text, n));

    fprintf(f, "aigov heads 2 %s\n", h->at);
    for (size_t i = 0; i < h->n; i++) {
        const head_line *l = &h->head[i];

        fprintf(f, "%s %" PRId64 " %" PRId64 " %" PRId64 " %s\n", l->origin,
                l->log, l->lane, l->seq, l->hash);
    }
    need(fflush(f) == 0 ? text : NULL);
    digest(ctx, text, *n, hex);
    fprintf(f, "end %zu %s\n", h->n, hex);
    need(fclose(f) == 0 ? text : NULL);
    return text;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, p, n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return fsync(fd) == 0;
}

/* So that the new name is there after a crash too. */
static void sync_folder(const char *path)
{
    char *copy = need(strdup(path));
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(copy);
}

int heads_write(aigov_ctx *ctx, const heads *h, const char *path)
{
    size_t size = strlen(path) + sizeof ".XXXXXX", n;
    char *beside = need(malloc(size)), *text = heads_text(ctx, h, &n);
    int fd, error;
    bool ok;

    snprintf(beside, size, "%s.XXXXXX", path);
    /* O_CREAT | O_EXCL, 0600: a name of its own, never through a link */
    fd = mkostemp(beside, O_CLOEXEC | O_NOFOLLOW);
    ok = fd >= 0 && write_all(fd, text, n);
    error = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(beside, path) != 0) {
        ok = false;
        error = errno;
    }
    if (ok)
        sync_folder(path);
    else if (fd >= 0)
        unlink(beside);
    if (!ok)
        trouble("verify", "%s: %s", path, strerror(error));
    free(beside);
    free(text);
    return ok ? FINE : TROUBLE;
}
