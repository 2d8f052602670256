/*
 * import.c - aigov import DB --from openai|anthropic [--system NAME]
 *                            [--dry-run | --records] [FILE|-]
 *            aigov import DB --from terms [--dry-run] NAME [FILE|-]   (terms.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A dry run reads the whole file and prints a line for each refusal; then the
 * records are appended; one `import` entry ends it.  docs/import.md says what
 * becomes of a line; appender/import/ does it.
 *
 *   --dry-run   writes nothing; a line of figures for each record, also for
 *               those that are refused
 *   --records   writes nothing; the records, as `aigov append` takes them
 *
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#include "../import/record.h"

typedef struct job {
    const char *target; /* database */
    source in;
    importer from;
    aigov_span system;
    aigov_ctx *ctx;
    pool pool;
    aigov_buf text;
    aigov_appender *a;
    uint64_t records, accepted, duplicates, refused;
    int code; /* of the first batch that failed */
    aigov_appender_error error;
} job;

/* --- the dry run --------------------------------------------------------- */

/* The name that a file gives to a line, as it would be stored; none where that
 * cannot be told. */
static aigov_span shown_name(job *j, aigov_span name)
{
    aigov_scanner *s;
    aigov_error e;

    j->text.n = 0;
    if (name.p == NULL || aigov_scanner_new(j->ctx, &s, &e) != AIGOV_OK)
        return AIGOV_ABSENT;
    if (aigov_redact(s, name, AIGOV_LIT("sample_id"), &j->text, NULL, NULL,
                     &e) != AIGOV_OK)
        j->text.n = 0;
    aigov_scanner_free(s);
    return aigov_buf_span(&j->text);
}

static void say_refused(job *j, uint64_t number, const imported *in, refusal r)
{
    aigov_span name = shown_name(j, in->sample_id);

    printf("line %" PRIu64, number);
    if (name.n > 0)
        printf(" (%.*s)", (int)name.n, name.p);
    printf(": refused: %s", refusal_word(r));
    if (r == NOT_JSON && in->pos != AIGOV_NO_POS)
        printf(" at byte %zu", in->pos);
    putchar('\n');
}

static void print_value(job *j, const value *v)
{
    j->text.n = 0;
    value_write(v, &j->text);
    fwrite(j->text.p, 1, j->text.n, stdout);
    putchar('\n');
}

/* What --dry-run prints of a line that is refused. */
static void print_refused(job *j, const imported *in, uint64_t number,
                          refusal r)
{
    value *v = new_object(&j->pool);

    set_text(&j->pool, v, "sample_id", in->sample_id);
    set(&j->pool, v, "line", new_integer(&j->pool, (int64_t)number));
    set_text(&j->pool, v, "refused", aigov_str(refusal_word(r)));
    if (r == NOT_JSON && in->pos != AIGOV_NO_POS)
        set(&j->pool, v, "pos", new_integer(&j->pool, (int64_t)in->pos));
    print_value(j, v);
}

typedef enum showing { REFUSALS, FIGURES, RECORDS } showing;

static void dry_run(job *j, showing what)
{
    size_t at = 0;
    uint64_t number = 0;
    aigov_span line;
    imported in;
    refusal r;

    while (source_next(&j->in, &at, &number, &line)) {
        r = line_read(&j->pool, line, j->from, j->system, &in);
        j->records++;
        j->refused += r != TAKEN_IN;
        if (r != TAKEN_IN && what == FIGURES)
            print_refused(j, &in, number, r);
        else if (r != TAKEN_IN && what == REFUSALS)
            say_refused(j, number, &in, r);
        else if (r == TAKEN_IN && what == FIGURES)
            print_value(j, figures_of(&j->pool, &in));
        else if (r == TAKEN_IN && what == RECORDS)
            print_value(j, in.record);
        pool_reset(&j->pool);
    }
}

/* --- appending ----------------------------------------------------------- */

static void receipt(void *host, const aigov_appender_record *record,
                    const aigov_appender_receipt *r)
{
    job *j = host;

    if (r->state == AIGOV_PERSISTED) {
        j->accepted += r->duplicate == AIGOV_APPENDER_NEW;
        j->duplicates += r->duplicate != AIGOV_APPENDER_NEW;
        return;
    }
    j->refused++;
    printf("line %llu: refused: IG%03d: %s\n",
           (unsigned long long)(uintptr_t)record->tag, r->error.code,
           r->error.message);
}

static void note(job *j, int code, const aigov_appender_error *e)
{
    if (code != 0 && j->code == 0) {
        j->code = code;
        j->error = *e;
    }
}

static int append_all(job *j)
{
    aigov_appender_error e;
    uint64_t number = 0, done = 0;
    size_t at = 0;
    aigov_span line;
    imported in;
    progress p;

    progress_start(&p, "imported");
    while (j->code == 0 && source_next(&j->in, &at, &number, &line)) {
        if (line_read(&j->pool, line, j->from, j->system, &in) == TAKEN_IN) {
            j->text.n = 0;
            value_write(in.record, &j->text);
            note(j,
                 aigov_appender_add(j->a, j->text.p, j->text.n,
                                    (void *)(uintptr_t)number, &e),
                 &e);
            progress_at(&p, ++done);
        }
        pool_reset(&j->pool);
    }
    progress_end(&p);
    if (j->code == 0)
        note(j, aigov_appender_flush(j->a, &e), &e);
    return j->code == 0 ? FINE : trouble_appender("import", &j->error);
}

/* --- the import entry ---------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static int record_import(job *j)
{
    pool *p = &j->pool;
    value *v = new_object(p);
    aigov_span arg;
    int status;
    db d;

    set_text(p, v, "subject", aigov_str(base_name(j->in.name)));
    set_text(p, v, "source",
             aigov_str(j->from == OPENAI ? "openai" : "anthropic"));
    set_text(p, v, "file_sha256", sha256_hex(p, j->in.file));
    set(p, v, "records", new_integer(p, (int64_t)j->records));
    set(p, v, "accepted", new_integer(p, (int64_t)j->accepted));
    set(p, v, "duplicates", new_integer(p, (int64_t)j->duplicates));
    set(p, v, "refused", new_integer(p, (int64_t)j->refused));
    j->text.n = 0;
    value_write(v, &j->text);
    arg = aigov_buf_span(&j->text);
    status = db_open(&d, "import", j->target, BACKEND_APPEND);
    if (status != FINE)
        return status;
    status =
        db_query(&d, "SELECT aigov.record_import($1)", 1, &arg, NULL, NULL);
    db_close(&d);
    return status;
}

static int run(job *j)
{
    aigov_appender_options o = AIGOV_APPENDER_OPTIONS;
    aigov_appender_error e;
    int status;

    o.receipt = receipt;
    o.receipt_host = j;
    if (aigov_appender_open(j->target, &o, &j->a, &e) != 0)
        return trouble_appender("import", &e);
    dry_run(j, REFUSALS);
    status = append_all(j);
    aigov_appender_close(&j->a, NULL);
    if (status == FINE)
        status = record_import(j);
    if (status != FINE)
        return status;
    printf("%" PRIu64 " records: %" PRIu64 " accepted, %" PRIu64
           " duplicates, %" PRIu64 " refused\n",
           j->records, j->accepted, j->duplicates, j->refused);
    return j->refused > 0 ? FAILED : FINE;
}

static int import(job *j, showing what)
{
    aigov_error e = {.pos = AIGOV_NO_POS};
    int status;

    if (aigov_ctx_new(NULL, &j->ctx, &e) != AIGOV_OK)
        return trouble_error("import", &e);
    pool_init(&j->pool, j->ctx);
    aigov_buf_init(&j->text, j->ctx);
    if (what != REFUSALS) {
        dry_run(j, what);
        status = j->refused > 0 ? FAILED : FINE;
    } else {
        status = run(j);
    }
    aigov_buf_free(&j->text);
    pool_free(&j->pool);
    aigov_ctx_free(j->ctx);
    return status;
}

int import_command(int argc, char **argv)
{
    const char *from = NULL, *system = "imported";
    bool dry = false, records = false;
    const option_def options[] = {{"--from", &from, NULL},
                                  {"--system", &system, NULL},
                                  {"--dry-run", NULL, &dry},
                                  {"--records", NULL, &records}};
    int n = options_take(argc, argv, options, 4, 1, 3), status;
    job j = {.target = argv[1]};

    if (n < 0)
        return USAGE;
    if (from != NULL && strcmp(from, "terms") == 0 && n > 1 && !records)
        return import_terms(argv[1], argv[2], n == 3 ? argv[3] : NULL, dry);
    if (from == NULL || n == 3 ||
        (strcmp(from, "openai") != 0 && strcmp(from, "anthropic") != 0)) {
        trouble("import", "--from takes openai or anthropic and a file, or "
                          "terms, the name of a detector and a file");
        return USAGE;
    }
    j.from = strcmp(from, "openai") == 0 ? OPENAI : ANTHROPIC;
    j.system = aigov_str(system);
    status = source_open(&j.in, n == 2 ? argv[2] : NULL);
    if (status == FINE)
        status = import(&j, records ? RECORDS : dry ? FIGURES : REFUSALS);
    source_close(&j.in);
    return stdout_ok("import") ? status : TROUBLE;
}
