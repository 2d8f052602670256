/*
 * terms.c - aigov import DB --from terms [--dry-run] NAME [FILE|-]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The terms of a detector (dictionary or allow list) that are too many to write
 * into a put by hand, one a line.  The detector is there already: what it is
 * (entity, score, match, test cases), how many terms it has and their hash was
 * put, and could be reviewed; it is not in force until its terms come.  They
 * must be those of the count and the hash; then the same fields and the terms
 * are put as the next revision.
 *
 * First all lines are tried, by the core itself: those of one block at once,
 * halves of a block that is refused, down to the line.  Where one is refused,
 * or count or hash are others, nothing is written.
 */
#include <inttypes.h>
#include <string.h>

#include "command.h"

#define BLOCK 4096
#define MAX_TERMS 1000000

typedef struct job {
    db d;
    source in;
    const char *name;
    aigov_json fields; /* of the newest revision */
    aigov_buf text;    /* what it was read from */
    aigov_buf body;    /* the put */
    int64_t revision;
    aigov_scanner *scanner;
    aigov_buf all; /* the terms, each ended by a line feed */
    uint64_t terms, refused;
} job;

typedef struct line {
    aigov_span term;
    uint64_t number;
} line;

/* --- the detector -------------------------------------------------------- */

static bool newest(void *host, int n, const aigov_span *value)
{
    job *j = host;

    (void)n;
    j->text.n = 0;
    j->revision++;
    return aigov_buf_put(&j->text, value[0].p, value[0].n);
}

static aigov_span field(const job *j, const char *name)
{
    uint32_t i = j->revision == 0 ? 0 : aigov_json_get(&j->fields, 0, name);

    return i != 0 && j->fields.node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(&j->fields, i)
               : AIGOV_ABSENT;
}

static int read_detector(job *j)
{
    aigov_span arg = aigov_str(j->name);
    aigov_error e;
    int status = db_query(&j->d,
                          "SELECT body FROM aigov.history('detector', $1)"
                          " ORDER BY revision",
                          1, &arg, newest, j);

    if (status != FINE)
        return status;
    if (j->revision == 0)
        return FINE;
    if (aigov_json_read(&j->fields, AIGOV_JSON_STRICT, aigov_buf_span(&j->text),
                        &e) != AIGOV_OK)
        return trouble_error("import", &e);
    if (!aigov_span_is(field(j, "type"), "dictionary") &&
        !aigov_span_is(field(j, "type"), "allow_list"))
        return trouble("import",
                       "detector %s has no terms: it is of another "
                       "type",
                       j->name);
    return FINE;
}

/* --- lines --------------------------------------------------------------- */

static bool put_hash(aigov_ctx *ctx, aigov_span text, aigov_buf *b)
{
    uint8_t hash[AIGOV_HASH_LEN];
    aigov_error e;

    return aigov_sha256(ctx, &text, 1, hash, &e) == AIGOV_OK &&
           aigov_buf_put_hex(b, hash, sizeof hash);
}

static bool put_text_member(aigov_buf *b, const char *name, aigov_span text)
{
    return aigov_buf_puts(b, "\"") && aigov_buf_puts(b, name) &&
           aigov_buf_puts(b, "\":") && aigov_buf_put_json_string(b, text) &&
           aigov_buf_puts(b, ",");
}

/* "terms":[...],"terms_count":n,"terms_sha256":"..." of some lines. */
static bool put_terms(aigov_ctx *ctx, aigov_buf *b, const line *l, size_t n)
{
    aigov_buf all;
    bool ok = aigov_buf_puts(b, "\"terms\":[");

    aigov_buf_init(&all, ctx);
    for (size_t i = 0; ok && i < n; i++)
        ok = (i == 0 || aigov_buf_puts(b, ",")) &&
             aigov_buf_put_json_string(b, l[i].term) &&
             aigov_buf_put(&all, l[i].term.p, l[i].term.n) &&
             aigov_buf_puts(&all, "\n");
    ok = ok && aigov_buf_puts(b, "],\"terms_count\":") &&
         aigov_buf_put_i64(b, (int64_t)n) &&
         aigov_buf_puts(b, ",\"terms_sha256\":\"") &&
         put_hash(ctx, aigov_buf_span(&all), b) && aigov_buf_puts(b, "\"}");
    aigov_buf_free(&all);
    return ok;
}

/* A detector of these lines alone. */
static bool put_trial(job *j, const line *l, size_t n)
{
    bool there = j->revision > 0;

    j->body.n = 0;
    return aigov_buf_puts(&j->body, "{\"entity\":\"TERM\",\"score\":\"1\",") &&
           put_text_member(&j->body, "type",
                           there ? field(j, "type")
                                 : AIGOV_LIT("dictionary")) &&
           (!there || field(j, "match").p == NULL ||
            put_text_member(&j->body, "match", field(j, "match"))) &&
           put_terms(j->d.ctx, &j->body, l, n);
}

/* Whether the core can make a detector of these lines. */
static bool works(job *j, const line *l, size_t n)
{
    aigov_rules *r = NULL;
    aigov_error e;
    bool ok;

    need(put_trial(j, l, n) ? j : NULL);
    need(aigov_rules_new(j->d.ctx, 0, &r, &e) == AIGOV_OK ? j : NULL);
    ok =
        aigov_rules_add(r, AIGOV_LIT("detector"), AIGOV_LIT("terms"),
                        aigov_buf_span(&j->body), AIGOV_ABSENT, &e) == AIGOV_OK;
    aigov_rules_free(r);
    return ok;
}

/* No register holds a secret; the name of the detector that says so, or NULL.
 */
static const char *secret_in(job *j, aigov_span term)
{
    const aigov_finding *f;
    aigov_error e;
    size_t n = 0;

    need(aigov_scan(j->scanner, term, AIGOV_LIT("terms"), &f, &n, &e) ==
                 AIGOV_OK
             ? j
             : NULL);
    for (size_t i = 0; i < n; i++)
        if (f[i].detector->class_ == AIGOV_CLASS_SECRET)
            return f[i].detector->name;
    return NULL;
}

static void refuse(job *j, uint64_t number, const char *why, const char *name)
{
    j->refused++;
    printf("line %" PRIu64 ": refused: %s%s\n", number, why, name);
}

static void try_block(job *j, const line *l, size_t n)
{
    if (works(j, l, n))
        return;
    if (n > 1) {
        try_block(j, l, n / 2);
        try_block(j, l + n / 2, n - n / 2);
        return;
    }
    refuse(j, l->number,
           "no text of 1 to 200 bytes of UTF-8 and 32 words, or no pattern",
           "");
}

static void take_block(job *j, const line *l, size_t n)
{
    const char *secret;

    try_block(j, l, n);
    for (size_t i = 0; i < n; i++) {
        secret = secret_in(j, l[i].term);
        if (secret != NULL)
            refuse(j, l[i].number, "holds a secret: ", secret);
        need(aigov_buf_put(&j->all, l[i].term.p, l[i].term.n) &&
                     aigov_buf_puts(&j->all, "\n")
                 ? j
                 : NULL);
    }
}

static void try_lines(job *j)
{
    static line block[BLOCK];
    bool patterns = aigov_span_is(field(j, "match"), "regex");
    size_t n = 0, at = 0;
    uint64_t number = 0;
    progress p;

    progress_start(&p, "terms");
    while (source_next(&j->in, &at, &number, &block[n].term)) {
        block[n++].number = number;
        progress_at(&p, ++j->terms);
        if (n == BLOCK || patterns) {
            take_block(j, block, n);
            n = 0;
        }
    }
    if (n > 0)
        take_block(j, block, n);
    progress_end(&p);
}

/* --- the put ------------------------------------------------------------- */

/* The fields as they are, and the terms. */
static bool put_body(job *j)
{
    const aigov_json *f = &j->fields;
    aigov_error e;
    size_t at = 0;
    uint64_t number = 0;
    aigov_span term;
    bool ok = aigov_buf_puts(&j->body, "{\"replaces\":") &&
              aigov_buf_put_i64(&j->body, j->revision) &&
              aigov_buf_puts(&j->body, ",\"terms\":[");

    for (bool first = true; ok && source_next(&j->in, &at, &number, &term);
         first = false)
        ok = (first || aigov_buf_puts(&j->body, ",")) &&
             aigov_buf_put_json_string(&j->body, term);
    ok = ok && aigov_buf_puts(&j->body, "]");
    for (uint32_t i = 1; ok && i < f->node[0].next; i = f->node[i + 1].next) {
        aigov_span name = aigov_json_text(f, i);

        if (aigov_span_is(name, "replaces") || aigov_span_is(name, "terms"))
            continue;
        ok = aigov_buf_puts(&j->body, ",") &&
             aigov_buf_put_json_string(&j->body, name) &&
             aigov_buf_puts(&j->body, ":") &&
             aigov_json_canonical(f, i + 1, &j->body, &e) == AIGOV_OK;
    }
    return ok && aigov_buf_puts(&j->body, "}");
}

static int put(job *j)
{
    aigov_span arg[2] = {aigov_str(j->name), AIGOV_ABSENT};
    int status;

    j->body.n = 0;
    need(put_body(j) ? j : NULL);
    arg[1] = aigov_buf_span(&j->body);
    status = db_query(&j->d, "SELECT aigov.put('detector', $1, $2)", 2, arg,
                      NULL, NULL);
    if (status == FINE)
        printf("detector %s: %" PRIu64 " terms, revision %" PRId64 "\n",
               j->name, j->terms, j->revision + 1);
    return status;
}

/* --- the whole ----------------------------------------------------------- */

/* Whether the terms are those that the detector says; tells what they are. */
static bool check(job *j)
{
    aigov_buf hash;
    int64_t count = -1;
    uint32_t node =
        j->revision == 0 ? 0 : aigov_json_get(&j->fields, 0, "terms_count");
    bool same = node != 0 && aigov_json_i64(&j->fields, node, &count) &&
                (uint64_t)count == j->terms;

    aigov_buf_init(&hash, j->d.ctx);
    need(put_hash(j->d.ctx, aigov_buf_span(&j->all), &hash) ? j : NULL);
    printf("terms_count %" PRIu64 ", terms_sha256 %.*s\n", j->terms,
           (int)hash.n, hash.p);
    if (j->revision == 0) {
        trouble("import",
                "there is no detector %s: put it with this count and "
                "hash, then import again",
                j->name);
        same = false;
    } else if (!same || !aigov_span_eq(field(j, "terms_sha256"),
                                       aigov_buf_span(&hash))) {
        trouble("import", "detector %s has another count or hash", j->name);
        same = false;
    }
    aigov_buf_free(&hash);
    return same;
}

static int run(job *j, bool dry)
{
    aigov_error e;
    int status = read_detector(j);

    if (status != FINE)
        return status;
    need(aigov_scanner_new(j->d.ctx, &j->scanner, &e) == AIGOV_OK ? j : NULL);
    try_lines(j);
    if (j->terms > MAX_TERMS) {
        trouble("import", "there are more than %d terms", MAX_TERMS);
        return FAILED;
    }
    if (!check(j) || j->refused > 0)
        return FAILED;
    return dry ? FINE : put(j);
}

int import_terms(const char *target, const char *name, const char *path,
                 bool dry)
{
    job j = {.name = name};
    int status = source_open(&j.in, path);

    if (status == FINE)
        status = db_open(&j.d, "import", target, BACKEND_APPEND);
    if (status == FINE) {
        j.fields.ctx = j.d.ctx;
        aigov_buf_init(&j.text, j.d.ctx);
        aigov_buf_init(&j.body, j.d.ctx);
        aigov_buf_init(&j.all, j.d.ctx);
        status = run(&j, dry);
        aigov_scanner_free(j.scanner);
        aigov_json_free(&j.fields);
        aigov_buf_free(&j.text);
        aigov_buf_free(&j.body);
        aigov_buf_free(&j.all);
        db_close(&j.d);
    }
    source_close(&j.in);
    return stdout_ok("import") ? status : TROUBLE;
}
