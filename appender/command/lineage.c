/*
 * lineage.c - aigov lineage DB|EXPORT QUESTION [ARGUMENT ...] [OPTIONS]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov lineage audit.db downstream doc:handbook@2
 *   aigov lineage postgresql://... recipients doc:handbook@2 --since
 * 2026-09-01T00:00:00Z aigov lineage export.jsonl path msg:0199...out
 * doc:handbook@2 aigov lineage audit.db svg msg:0199...out > picture.svg
 *
 * QUESTION is any of core/lineage/questions.def; its arguments follow, or are
 * named: --strength cited.  Of a database it is asked there; an export (of
 * `aigov export`; - is standard input) is asked here, with no database, and its
 * hashes are computed again first.  Graphviz, where it is installed, lays out
 * what `svg` draws.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lineage.h"

typedef enum format { TABLE, JSON_LINES, CSV } format;

typedef struct printing {
    const aigov_question *q;
    format format;
    char **cell; /* of a table: all rows, for their widths */
    size_t cells, cap;
    uint64_t rows;
} printing;

/* --- cells as text ------------------------------------------------------- */

static bool is_number(aigov_cell_type type)
{
    return type == AIGOV_CELL_INT;
}

/* What SQL gives for a boolean: t and f, or 1 and 0. */
static aigov_span spelled(aigov_cell_type type, aigov_span s)
{
    if (type != AIGOV_CELL_BOOL || s.p == NULL || s.n == 0)
        return s;
    return s.p[0] == 't' || s.p[0] == '1' ? AIGOV_LIT("true")
                                          : AIGOV_LIT("false");
}

static void print_json_row(const printing *p, const aigov_span *v)
{
    putchar('{');
    for (size_t i = 0; i < p->q->columns; i++) {
        const aigov_column *c = &p->q->column[i];
        aigov_span s = spelled(c->type, v[i]);

        printf("%s\"%s\":", i > 0 ? "," : "", c->name);
        if (s.p == NULL)
            fputs("null", stdout);
        else if (is_number(c->type) || c->type == AIGOV_CELL_BOOL ||
                 c->type == AIGOV_CELL_JSON)
            fwrite(s.p, 1, s.n, stdout);
        else
            print_json_string(stdout, s);
    }
    puts("}");
}

/* RFC 4180; what a spreadsheet would take for a formula is quoted by '. */
static void print_csv(aigov_span s)
{
    bool formula = s.n > 0 && strchr("=+-@", s.p[0]) != NULL;

    if (s.p == NULL)
        return;
    putchar('"');
    if (formula)
        putchar('\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            putchar('"');
        putchar(s.p[i]);
    }
    putchar('"');
}

static void print_csv_row(const printing *p, const aigov_span *v)
{
    for (size_t i = 0; i < p->q->columns; i++) {
        aigov_column c = p->q->column[i];

        if (i > 0)
            putchar(',');
        if (is_number(c.type))
            print_safe(stdout, v[i].p == NULL ? AIGOV_LIT("") : v[i]);
        else
            print_csv(spelled(c.type, v[i]));
    }
    fputs("\r\n", stdout);
}

static void keep_cell(printing *p, aigov_span s)
{
    size_t size;
    char *text = NULL;
    FILE *f;

    if (p->cells == p->cap) {
        p->cap = p->cap == 0 ? 256 : 2 * p->cap;
        p->cell = need(realloc(p->cell, p->cap * sizeof *p->cell));
    }
    f = need(open_memstream(&text, &size));
    print_safe(f, s.p == NULL ? AIGOV_LIT("") : s);
    fclose(f);
    p->cell[p->cells++] = need(text);
}

/* One value, or a JSON document a row: printed as it is. */
static bool is_document(const aigov_question *q)
{
    return q->single ||
           (q->columns == 1 && q->column[0].type == AIGOV_CELL_JSON);
}

bool print_answer_row(void *host, int n, const aigov_span *v)
{
    printing *p = host;

    if (n < (int)p->q->columns)
        return false;
    p->rows++;
    if (is_document(p->q)) {
        if (v[0].p != NULL)
            fwrite(v[0].p, 1, v[0].n, stdout);
        if (p->q->column[0].type == AIGOV_CELL_JSON)
            putchar('\n');
    } else if (p->format == JSON_LINES) {
        print_json_row(p, v);
    } else if (p->format == CSV) {
        print_csv_row(p, v);
    } else {
        for (size_t i = 0; i < p->q->columns; i++)
            keep_cell(p, spelled(p->q->column[i].type, v[i]));
    }
    return !ferror(stdout);
}

/* --- a table ------------------------------------------------------------- */

/* Characters, not bytes: what is no first byte of one is not counted. */
static size_t width(const char *s)
{
    size_t n = 0;

    for (; *s != '\0'; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static void print_padded(const char *s, size_t to, bool right, bool last)
{
    size_t pad = to - width(s);

    for (size_t i = 0; right && i < pad; i++)
        putchar(' ');
    fputs(s, stdout);
    for (size_t i = 0; !right && !last && i < pad; i++)
        putchar(' ');
    fputs(last ? "\n" : "  ", stdout);
}

static void print_table(const printing *p)
{
    size_t columns = p->q->columns, wide[AIGOV_MAX_COLUMNS];

    for (size_t i = 0; i < columns; i++) {
        wide[i] = strlen(p->q->column[i].name);
        for (size_t k = i; k < p->cells; k += columns)
            wide[i] = width(p->cell[k]) > wide[i] ? width(p->cell[k]) : wide[i];
    }
    for (size_t i = 0; i < columns; i++)
        print_padded(p->q->column[i].name, wide[i],
                     is_number(p->q->column[i].type), i == columns - 1);
    for (size_t k = 0; k < p->cells; k++) {
        size_t i = k % columns;

        print_padded(p->cell[k], wide[i], is_number(p->q->column[i].type),
                     i == columns - 1);
    }
}

static void begin_answer(const printing *p)
{
    for (size_t i = 0;
         p->format == CSV && !is_document(p->q) && i < p->q->columns; i++)
        printf("%s%s", p->q->column[i].name,
               i == p->q->columns - 1 ? "\r\n" : ",");
}

static void end_answer(printing *p, bool whole)
{
    if (whole && p->format == TABLE && !is_document(p->q))
        print_table(p);
    for (size_t i = 0; i < p->cells; i++)
        free(p->cell[i]);
    free(p->cell);
}

/* --- Graphviz ------------------------------------------------------------ */

static bool has_graphviz(void)
{
    return system("command -v dot >/dev/null 2>&1") == 0;
}

/* What is printed from now on goes through `dot -Tsvg`; its process, or -1. */
static pid_t through_graphviz(void)
{
    int ends[2];
    pid_t child;

    fflush(stdout);
    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
        execlp("dot", "dot", "-Tsvg", (char *)NULL);
        _exit(127);
    }
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    return child;
}

static int wait_for(pid_t child)
{
    int status;

    fflush(stdout);
    fclose(stdout);
    return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                   WEXITSTATUS(status) == 0
               ? FINE
               : trouble("lineage", "dot, of Graphviz, failed");
}

/* --- a database ---------------------------------------------------------- */

static int set_as_of(db *d, const char *target, const char *as_of)
{
    bool server =
        strncmp(target, "postgres", 8) == 0 && strstr(target, "://") != NULL;
    aigov_span arg = aigov_str(as_of);

    return db_query(d,
                    server ? "SELECT set_config('aigov.as_of', $1, false)"
                           : "SELECT aigov.set('as_of', $1)",
                    1, &arg, ignore_row, NULL);
}

bool ignore_row(void *host, int n, const aigov_span *v)
{
    (void)host;
    (void)n;
    (void)v;
    return true;
}

static int ask_database(const char *target, const asked *a, printing *p)
{
    aigov_span arg[AIGOV_MAX_ARGUMENTS + 1];
    int n = (int)p->q->arguments;
    size_t size;
    char *sql = NULL;
    FILE *f = need(open_memstream(&sql, &size));
    int status;
    db d;

    fputs("SELECT ", f);
    for (size_t i = 0; !p->q->single && i < p->q->columns; i++)
        fprintf(f, "%s%s", i > 0 ? ", " : "", p->q->column[i].name);
    fprintf(f, "%s aigov.%s(", p->q->single ? "" : " FROM", p->q->name);
    for (int i = 0; i < n; i++) {
        arg[i] = aigov_str(a->argument[i]);
        fprintf(f, "%s$%d", i > 0 ? ", " : "", i + 1);
    }
    if (!p->q->single) {
        arg[n] = aigov_str(a->limit);
        fprintf(f, "%s$%d", n > 0 ? ", " : "", n + 1);
        n++;
    }
    fputs(")", f);
    fclose(f);
    status = db_open(&d, "lineage", target, BACKEND_READ);
    if (status == FINE) {
        if (a->as_of != NULL)
            status = set_as_of(&d, target, a->as_of);
        if (status == FINE)
            status = db_query(&d, need(sql), n, arg, print_answer_row, p);
        db_close(&d);
    }
    free(sql);
    return status;
}

/* --- the command --------------------------------------------------------- */

/* An export begins with a brace; a file of SQLite with its name. */
static bool is_export(const char *target)
{
    char first = 0;
    FILE *f;

    if (strcmp(target, "-") == 0)
        return true;
    f = strstr(target, "://") == NULL ? fopen(target, "rb") : NULL;
    if (f != NULL) {
        first = (char)fgetc(f);
        fclose(f);
    }
    return first == '{';
}

static const aigov_question *find_question(const char *name)
{
    const aigov_question *q;

    for (size_t i = 0; (q = aigov_question_at(i)) != NULL; i++)
        if (strcmp(q->name, name) == 0)
            return q;
    trouble("lineage", "there is no question %s; there are:", name);
    for (size_t i = 0; (q = aigov_question_at(i)) != NULL; i++)
        fprintf(stderr, "  %s\n", q->name);
    return NULL;
}

/* Operands fill the arguments in their order; those that are named are set. */
static bool place_arguments(const aigov_question *q, char **operand, int n,
                            const char *const *named, asked *a)
{
    if (n > (int)q->arguments) {
        trouble("lineage", "%s has %zu arguments", q->name, q->arguments);
        return false;
    }
    for (int i = 0; i < (int)q->arguments; i++) {
        a->argument[i] = i < n ? operand[i] : NULL;
        for (int k = 0; k < NAMED; k++) {
            const char *option = named_options[k] + 2;

            if (named[k] != NULL && argument_is(q->argument[i].name, option))
                a->argument[i] = named[k];
        }
        if (i < (int)q->required && a->argument[i] == NULL) {
            trouble("lineage", "%s needs %s", q->name, q->argument[i].name);
            return false;
        }
    }
    return true;
}

static bool choose_format(const char *name, format *out)
{
    *out = strcmp(name, "json") == 0  ? JSON_LINES
           : strcmp(name, "csv") == 0 ? CSV
                                      : TABLE;
    if (*out != TABLE || strcmp(name, "table") == 0)
        return true;
    trouble("lineage", "--format is table, json or csv");
    return false;
}

static int answer(const char *target, const asked *a, printing *p)
{
    bool picture = strcmp(p->q->name, "svg") == 0 && has_graphviz();
    pid_t child = -1;
    int status;

    if (picture) {
        p->q = find_question("dot");
        child = through_graphviz();
    }
    begin_answer(p);
    status = is_export(target)
                 ? ask_export(target, p->q, a, print_answer_row, p)
                 : ask_database(target, a, p);
    end_answer(p, status == FINE);
    if (child > 0) {
        int drawn = wait_for(child);

        return status == FINE ? drawn : status;
    }
    return stdout_ok("lineage") ? status : TROUBLE;
}

int lineage_command(int argc, char **argv)
{
    const char *named[NAMED] = {NULL}, *form = "table";
    asked a = {.limit = NULL};
    option_def options[NAMED + 3];
    printing p = {.rows = 0};
    int n;

    for (int k = 0; k < NAMED; k++)
        options[k] = (option_def){named_options[k], &named[k], NULL};
    options[NAMED] = (option_def){"--as-of", &a.as_of, NULL};
    options[NAMED + 1] = (option_def){"--limit", &a.limit, NULL};
    options[NAMED + 2] = (option_def){"--format", &form, NULL};
    n = options_take(argc, argv, options, NAMED + 3, 2,
                     2 + AIGOV_MAX_ARGUMENTS);
    if (n < 0 || !choose_format(form, &p.format))
        return USAGE;
    if (a.limit != NULL && option_number("lineage", a.limit, INT64_MAX) < 0)
        return USAGE;
    p.q = find_question(argv[2]);
    if (p.q == NULL || !place_arguments(p.q, argv + 3, n - 2, named, &a))
        return USAGE;
    return answer(argv[1], &a, &p);
}
