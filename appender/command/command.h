/*
 * command.h - what the commands of `aigov` share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A command is a function of its arguments (argv[0] is the command's name) that
 * returns an exit status.  Answers go to stdout, everything about the run to
 * stderr.  A command that cannot get memory says so and ends with TROUBLE.
 */
#ifndef AIGOV_COMMAND_H
#define AIGOV_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "aigov_appender.h"
#include "backend.h"

enum { FINE = 0, FAILED = 1, USAGE = 2, TROUBLE = 3 };

int init_command(int argc, char **argv);
int append_command(int argc, char **argv);
int import_command(int argc, char **argv);
int tail_command(int argc, char **argv);
int verify_command(int argc, char **argv);
int export_command(int argc, char **argv);
int redact_command(int argc, char **argv);
int lineage_command(int argc, char **argv);
int keygen_command(int argc, char **argv);

/* --- options.c ----------------------------------------------------------- */

/* One option of a command; value or flag is set, never both. */
typedef struct option_def {
    const char *name; /* "--since", "-n" */
    const char **value;
    bool *flag;
} option_def;

/*
 * Take the options out of argv and leave the operands, at most max of them,
 * from argv[1] on.  returns how many, or -1 after it has said what is wrong.
 */
int options_take(int argc, char **argv, const option_def *def, int defs,
                 int min, int max);
/* A whole number from 0 to max; -1 after it has said what is wrong. */
int64_t option_number(const char *name, const char *text, int64_t max);

/* --- report.c: errors and JSON lines ------------------------------------- */

/* "aigov: verify: text"; gives TROUBLE. */
int trouble(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int trouble_error(const char *command, const aigov_error *e);
int trouble_appender(const char *command, const aigov_appender_error *e);
/* {"code":"IG103","hint":...,"message":...,"pos":...} without what is absent */
void print_error_json(FILE *out, const aigov_appender_error *e);
void print_json_string(FILE *out, aigov_span s);
/* For people: control characters and what is no UTF-8 as \u001B. */
void print_safe(FILE *out, aigov_span s);
/* Whether all that was printed to stdout got there; says so where not. */
bool stdout_ok(const char *command);
/* Ends the program where p is NULL. */
void *need(void *p);

/* --- db.c: a connection to read from ------------------------------------- */

typedef struct db {
    const char *command;
    aigov_ctx *ctx;
    backend *backend;
} db;

/* FINE, or TROUBLE after it has said why. */
int db_open(db *d, const char *command, const char *target, backend_mode mode);
void db_close(db *d);
/* FINE, or TROUBLE after it has said why. */
int db_query(db *d, const char *sql, int n, const aigov_span *arg,
             backend_row_fn row, void *host);

/* --- recheck.c --------------------------------------------------------- */

/* Every hash and link again, with our own code: FINE, FAILED or TROUBLE. */
int recheck_entries(db *d, uint64_t *entries);

/* --- lines.c: a stream, line by line ------------------------------------- */

typedef struct lines {
    int fd;
    char *buf;
    size_t cap, from, to; /* from..to: read and not given yet */
    bool ended, stopped;  /* stopped: by idle */
    uint64_t number;      /* of the line given last, from 1 */
} lines;

int lines_open(lines *l, const char *command, const char *path);
enum { LINES_MAX = ((int)16 << 20) + (1 << 16) };

/*
 * The next line, without its end; it lives until the next call.  returns 1, 0
 * at the end, -1 where reading failed, 2 for a line of more than LINES_MAX
 * bytes: it is skipped, *n is its length.  Where `idle` is given it is called
 * before waiting for more of a pipe or terminal; if it says false, that is the
 * end.
 */
int lines_next(lines *l, const char **line, size_t *n, bool (*idle)(void *),
               void *host);
void lines_close(lines *l);
bool is_blank(const char *line, size_t n);

/* --- source.c: the file of an import ---------------------------------------
 */

typedef struct source {
    const char *name; /* as it was given; "-" is standard input */
    aigov_span file;
} source;

/* FINE, or TROUBLE after it has said why; path NULL is standard input. */
int source_open(source *in, const char *path);
/* The next line that is not empty, without its end; *at and *number from 0. */
bool source_next(const source *in, size_t *at, uint64_t *number,
                 aigov_span *line);
void source_close(source *in);

/* --- terms.c ---------------------------------------------------------------
 */

/* `aigov import DB --from terms NAME FILE` */
int import_terms(const char *target, const char *name, const char *path,
                 bool dry);

/* --- redact_db.c -----------------------------------------------------------
 */

typedef struct redact_options {
    const char *path;    /* NULL, "-": standard input */
    const char *target;  /* the database, or NULL */
    const char *profile; /* in it, or NULL */
    bool json, findings;
} redact_options;

/* By what is in force in a database; *found counts for --check. */
int redact_by_db(const redact_options *o, uint64_t *found);

/* --- progress.c ---------------------------------------------------------- */

/* A count on stderr, where that is a terminal, from the second second on. */
typedef struct progress {
    bool on, shown;
    int64_t started, last; /* microseconds */
    const char *what;
} progress;

void progress_start(progress *p, const char *what);
void progress_at(progress *p, uint64_t n);
void progress_end(progress *p);

/* --- heads.c: what was at the end of each lane --------------------------- */

typedef struct head_line {
    char origin[201];
    int64_t log, lane, seq;
    char hash[65];
} head_line;

typedef struct heads {
    char at[AIGOV_TIME_LEN + 1]; /* when they were taken */
    head_line *head;
    size_t n, cap;
} heads;

head_line *heads_add(heads *h);
void heads_free(heads *h);
/* FINE, or TROUBLE after it has said why: damaged, cut or edited. */
int heads_read(aigov_ctx *ctx, heads *h, const char *path);
/* Whole or not at all: written beside and renamed. */
int heads_write(aigov_ctx *ctx, const heads *h, const char *path);

#endif
