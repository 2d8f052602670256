/*
 * export.c - aigov export DB [--content DIR --purpose TEXT]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every entry as a JSON line on stdout, in the order of log, lane and seq:
 *
 *   {"hash":"9b07...","leaf":{...},"log":1481263554}
 *
 * leaf stands there byte for byte: SHA-256(0x00 || leaf) is hash, and its prev
 * is the hash of the line before in the same lane.  The leaf of a damaged entry
 * may be no JSON; it then stands under "damaged", as a string.
 *
 * Content goes apart, into DIR/content.jsonl: what was said should not lie
 * where evidence is handed round.  Each document is opened through the database
 * with the purpose given, so each leaves an `access` entry.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

#define PAGE "500"

/* --- entries ------------------------------------------------------------- */

static bool leaf_row(void *host, int n, const aigov_span *v)
{
    db *d = host;
    aigov_json j = {.ctx = d->ctx};
    aigov_error e;
    bool whole;

    if (n < 3 || v[0].p == NULL || v[1].p == NULL || v[2].p == NULL)
        return false;
    whole = aigov_json_read(&j, AIGOV_JSON_SYNTAX, v[2], &e) == AIGOV_OK;
    fputs("{\"hash\":", stdout);
    print_json_string(stdout, v[1]);
    putchar(',');
    if (whole) {
        fputs("\"leaf\":", stdout);
        fwrite(v[2].p, 1, v[2].n, stdout);
    } else {
        fputs("\"damaged\":", stdout);
        print_json_string(stdout, v[2]);
    }
    fputs(",\"log\":", stdout);
    print_safe(stdout, v[0]);
    puts("}");
    aigov_json_free(&j);
    return !ferror(stdout);
}

static int export_entries(db *d)
{
    return db_query(d,
                    "SELECT log, hash, aigov.leaf(log, lane, seq)"
                    " FROM aigov.entry ORDER BY log, lane, seq",
                    0, NULL, leaf_row, d);
}

/* --- content ------------------------------------------------------------- */

typedef struct place {
    char log[12], lane[12], seq[24], id[AIGOV_UUID_LEN + 1];
} place;

typedef struct pages {
    db *d;
    FILE *out;
    place *place; /* one page; the last one tells where the next begins */
    size_t n, cap;
    uint64_t written, gone;
} pages;

static bool place_row(void *host, int n, const aigov_span *v)
{
    pages *p = host;
    place *at;

    if (n < 4)
        return false;
    if (p->n == p->cap) {
        p->cap = p->cap == 0 ? 512 : 2 * p->cap;
        p->place = need(realloc(p->place, p->cap * sizeof *p->place));
    }
    at = &p->place[p->n++];
    snprintf(at->log, sizeof at->log, "%.*s", (int)v[0].n, v[0].p);
    snprintf(at->lane, sizeof at->lane, "%.*s", (int)v[1].n, v[1].p);
    snprintf(at->seq, sizeof at->seq, "%.*s", (int)v[2].n, v[2].p);
    snprintf(at->id, sizeof at->id, "%.*s", (int)v[3].n, v[3].p);
    return true;
}

/* The next page of places; access entries have no content, and opening content
 * makes more of them. */
static int next_page(pages *p)
{
    place last = {"-1", "0", "0", ""};
    aigov_span arg[3];

    if (p->n > 0)
        last = p->place[p->n - 1];
    arg[0] = aigov_str(last.log);
    arg[1] = aigov_str(last.lane);
    arg[2] = aigov_str(last.seq);
    p->n = 0;
    return db_query(p->d,
                    "SELECT log, lane, seq, id FROM aigov.entry"
                    " WHERE (log, lane, seq) > (CAST($1 AS integer),"
                    " CAST($2 AS integer), CAST($3 AS bigint))"
                    " AND kind <> 'access'"
                    " ORDER BY log, lane, seq LIMIT " PAGE,
                    3, arg, place_row, p);
}

typedef struct document {
    const place *at;
    FILE *out;
} document;

static bool content_row(void *host, int n, const aigov_span *v)
{
    const document *d = host;

    if (n < 1 || v[0].p == NULL)
        return false;
    fputs("{\"content\":", d->out);
    fwrite(v[0].p, 1, v[0].n, d->out);
    fprintf(d->out, ",\"id\":\"%s\",\"lane\":%s,\"log\":%s,\"seq\":%s}\n",
            d->at->id, d->at->lane, d->at->log, d->at->seq);
    return !ferror(d->out);
}

static int open_one(pages *p, const place *at, const char *purpose)
{
    aigov_span arg[2] = {aigov_str(at->id), aigov_str(purpose)};
    const struct backend_ops *ops = p->d->backend->ops;
    document doc = {at, p->out};
    aigov_error e = {.pos = AIGOV_NO_POS};
    aigov_status st =
        ops->query(p->d->backend,
                   ops->sqlite ? "SELECT aigov.open_content($1, $2)"
                               : "SELECT aigov.open_content($1::uuid, $2)",
                   2, arg, content_row, &doc, &e);

    /* Erased or pruned, or of a log that this one does not continue. */
    if (st == AIGOV_STATE || st == AIGOV_NOENTRY) {
        p->gone++;
        return FINE;
    }
    if (st != AIGOV_OK)
        return trouble_error("export", &e);
    p->written++;
    return FINE;
}

static FILE *open_out(const char *dir)
{
    size_t n = strlen(dir) + sizeof "/content.jsonl";
    char *path = need(malloc(n));
    FILE *out;

    snprintf(path, n, "%s/content.jsonl", dir);
    out = mkdir(dir, 0700) == 0 || errno == EEXIST ? fopen(path, "wx") : NULL;
    if (out == NULL)
        trouble("export", "%s: %s", path, strerror(errno));
    free(path);
    return out;
}

static int export_content(db *d, const char *dir, const char *purpose)
{
    pages p = {.d = d, .out = open_out(dir)};
    int status = p.out == NULL ? TROUBLE : next_page(&p);

    while (status == FINE && p.n > 0) {
        for (size_t i = 0; status == FINE && i < p.n; i++)
            status = open_one(&p, &p.place[i], purpose);
        if (status == FINE)
            status = next_page(&p);
    }
    if (p.out != NULL && fclose(p.out) != 0 && status == FINE)
        status = trouble("export", "%s: the content cannot be written", dir);
    if (status == FINE)
        fprintf(stderr, "%llu documents in %s/content.jsonl, %llu are gone\n",
                (unsigned long long)p.written, dir, (unsigned long long)p.gone);
    free(p.place);
    return status;
}

int export_command(int argc, char **argv)
{
    const char *dir = NULL, *purpose = NULL;
    const option_def options[] = {{"--content", &dir, NULL},
                                  {"--purpose", &purpose, NULL}};
    int status;
    db d;

    if (options_take(argc, argv, options, 2, 1, 1) < 0)
        return USAGE;
    if ((dir == NULL) != (purpose == NULL)) {
        trouble("export", "--content and --purpose go together");
        return USAGE;
    }
    status = db_open(&d, "export", argv[1], BACKEND_READ);
    if (status != FINE)
        return status;
    status = export_entries(&d);
    if (status == FINE && dir != NULL)
        status = export_content(&d, dir, purpose);
    db_close(&d);
    return stdout_ok("export") ? status : TROUBLE;
}
