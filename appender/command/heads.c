/*
 * heads.c - the heads file: what was at the end of each lane
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov heads 1 2026-09-11T08:15:02.114233Z
 *   example.com/audit 1481263554 0 17 4f1c...e2
 *   example.com/audit 1481263554 1 160 9b07...31
 *
 * A first line with format and time, then a line a lane: origin, log, lane,
 * seq and hash of its last entry.  Kept where the owner of the database cannot
 * write, it is what a cut tail, a rewritten end or a lane removed whole is seen
 * against: with the hash of one entry all entries before it are fixed.
 */
#include <errno.h>
#include <inttypes.h>
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

int heads_read(heads *h, const char *path)
{
    FILE *f = fopen(path, "r");
    char line[512];
    int number = 0;
    bool good = true;

    *h = (heads){.n = 0};
    if (f == NULL)
        return trouble("verify", "%s: %s", path, strerror(errno));
    while (good && fgets(line, sizeof line, f) != NULL) {
        if (++number == 1)
            good = sscanf(line, "aigov heads 1 %27s", h->at) == 1;
        else
            good = read_line(h, line);
    }
    good = good && !ferror(f) && number > 0;
    fclose(f);
    if (good)
        return FINE;
    heads_free(h);
    return trouble("verify", "%s: line %d is not one of a heads file", path,
                   number);
}

static bool write_all(const heads *h, FILE *f)
{
    fprintf(f, "aigov heads 1 %s\n", h->at);
    for (size_t i = 0; i < h->n; i++) {
        const head_line *l = &h->head[i];

        fprintf(f, "%s %" PRId64 " %" PRId64 " %" PRId64 " %s\n", l->origin,
                l->log, l->lane, l->seq, l->hash);
    }
    return fflush(f) == 0 && !ferror(f) && fsync(fileno(f)) == 0;
}

int heads_write(const heads *h, const char *path)
{
    size_t n = strlen(path) + sizeof ".tmp";
    char *beside = need(malloc(n));
    FILE *f;
    bool ok;

    snprintf(beside, n, "%s.tmp", path);
    f = fopen(beside, "w");
    ok = f != NULL && write_all(h, f);
    ok = f != NULL && fclose(f) == 0 && ok && rename(beside, path) == 0;
    if (!ok)
        trouble("verify", "%s: %s", path, strerror(errno));
    free(beside);
    return ok ? FINE : TROUBLE;
}
