/*
 * redact.c - aigov redact [--db DB [--profile NAME] |
 *                         --key-file FILE [--tenant NAME]]
 *                         [--json] [--findings] [--check] [FILE|-]
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The text of FILE, or of standard input, with personal data and secrets
 * replaced, as an append replaces them.  No database is opened, but with --db
 * (redact_db.c), and what is built in is in force.  Text is a stream: what is
 * final goes out at once, so it can stand in a pipe.  --json takes a JSON
 * document a line, and the names in it are context.  --findings prints what is
 * found instead of the text, a JSON line each, offsets in bytes and never the
 * value; --check prints nothing but those, and fails where there are any.  With
 * --key-file a value becomes its pseudonym, as the databases make it for the
 * tenant.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../sqlite_aigov/sqlite_aigov.h"
#include "command.h"

static const char command[] = "redact";

typedef struct redaction {
    aigov_ctx *ctx;
    aigov_buf out;
    aigov_rules *rules; /* NULL: what is built in */
    const char *key_file, *tenant;
    redact_options o;
    uint64_t found;
} redaction;

static const char *name_of(const redaction *r)
{
    return r->o.path == NULL ? "standard input" : r->o.path;
}

static bool put_out(redaction *r)
{
    bool ok =
        r->out.n == 0 || fwrite(r->out.p, 1, r->out.n, stdout) == r->out.n;
    r->out.n = 0;
    return ok;
}

/* --- keys --- */

/* Everything becomes its pseudonym. */
static aigov_status add_profile(aigov_rules *rules, aigov_error *err)
{
    return aigov_rules_add(
        rules, AIGOV_LIT("redaction_profile"), AIGOV_LIT("default/store"),
        AIGOV_LIT("{\"default_operator\":\"pseudonym\",\"operators\":{},"
                  "\"sink\":\"store\",\"threshold\":\"0.5\",\"version\":1}"),
        AIGOV_ABSENT, err);
}

static int open_keys(redaction *r)
{
    aigov_keys *keys = NULL;
    file_state state;
    aigov_error err;
    aigov_status st;

    if (r->key_file == NULL)
        return FINE;
    st = keyfile_read(r->ctx, r->key_file, &state, &keys, &err);
    if (st == AIGOV_OK)
        st = aigov_rules_new(r->ctx, 0, &r->rules, &err);
    if (st == AIGOV_OK) {
        aigov_rules_keys(r->rules, keys);
        st = add_profile(r->rules, &err);
    }
    aigov_keys_free(keys);
    if (st == AIGOV_OK)
        st = aigov_rules_ready(r->rules, &err);
    return st == AIGOV_OK ? FINE : trouble_error(command, &err);
}

/* --- text ---------------------------------------------------------------- */

static int open_input(const char *path)
{
    if (path == NULL || strcmp(path, "-") == 0)
        return STDIN_FILENO;
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int stream_text(redaction *r, aigov_stream *st, int fd)
{
    static char piece[1 << 16];
    aigov_error err;
    ssize_t got;

    for (;;) {
        do
            got = read(fd, piece, sizeof piece);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return trouble(command, "%s: %s", name_of(r), strerror(errno));
        if (got == 0)
            break;
        if (aigov_stream_push(st, (aigov_span){piece, (size_t)got}, &r->out,
                              &err) != AIGOV_OK)
            return trouble_error(command, &err);
        if (!put_out(r) || fflush(stdout) != 0)
            return FINE; /* stdout_ok says why */
    }
    if (aigov_stream_end(st, &r->out, &err) != AIGOV_OK)
        return trouble_error(command, &err);
    put_out(r);
    return FINE;
}

static int text(redaction *r)
{
    aigov_stream *st;
    aigov_error err;
    int fd = open_input(r->o.path), status;

    if (fd < 0)
        return trouble(command, "%s: %s", name_of(r), strerror(errno));
    if (aigov_stream_new(r->ctx, &st, &err) != AIGOV_OK)
        status = trouble_error(command, &err);
    else {
        status =
            aigov_stream_use(st, r->rules, AIGOV_ABSENT, &err) == AIGOV_OK &&
                    aigov_stream_tenant(st, aigov_str(r->tenant), &err) ==
                        AIGOV_OK
                ? stream_text(r, st, fd)
                : trouble_error(command, &err);
        aigov_stream_free(st);
    }
    if (fd != STDIN_FILENO)
        close(fd);
    return status;
}

/* --- lines --------------------------------------------------------------- */

static void print_finding(uint64_t line, const aigov_finding *f)
{
    printf("{\"detector\":\"%s\",\"entity\":\"%s\",\"line\":%llu,"
           "\"score\":%d.%02d,\"start\":%zu,\"stop\":%zu}\n",
           f->detector->name, f->detector->entity, (unsigned long long)line,
           f->score / 100, f->score % 100, f->start, f->stop);
}

static int line_findings(redaction *r, aigov_scanner *s, uint64_t number,
                         aigov_span line)
{
    const aigov_finding *f;
    aigov_error err;
    size_t n;

    if (aigov_scan(s, line, AIGOV_ABSENT, &f, &n, &err) != AIGOV_OK)
        return trouble_error(command, &err);
    for (size_t i = 0; i < n; i++) {
        if (!f[i].acted)
            continue;
        print_finding(number, &f[i]);
        r->found++;
    }
    return FINE;
}

static int line_json(redaction *r, aigov_scanner *s, uint64_t number,
                     aigov_span line)
{
    aigov_error err;
    aigov_status st = aigov_redact_json(s, line, &r->out, NULL, &err);

    if (st == AIGOV_NOMEM)
        return trouble_error(command, &err);
    if (st != AIGOV_OK) {
        r->out.n = 0;
        fprintf(stderr, "aigov: redact: line %llu: %s; withheld\n",
                (unsigned long long)number, err.text);
        return FAILED;
    }
    if (!aigov_buf_puts(&r->out, "\n"))
        return trouble(command, "out of memory");
    put_out(r);
    return FINE;
}

static int each_line(redaction *r, aigov_scanner *s, lines *l)
{
    int status = FINE, got;
    const char *line;
    size_t n;

    while ((got = lines_next(l, &line, &n, NULL, NULL)) > 0) {
        int one = FINE;

        if (got == 2)
            one = trouble(command, "line %llu is longer than %d bytes",
                          (unsigned long long)l->number, LINES_MAX);
        else if (r->o.findings)
            one = line_findings(r, s, l->number, (aigov_span){line, n});
        else if (!is_blank(line, n))
            one = line_json(r, s, l->number, (aigov_span){line, n});
        if (one > status)
            status = one;
    }
    if (got < 0)
        return trouble(command, "%s: %s", name_of(r), strerror(errno));
    return status;
}

static int by_line(redaction *r)
{
    aigov_scanner *s;
    aigov_error err;
    lines l;
    int status = lines_open(&l, command, r->o.path);

    if (status != FINE)
        return status;
    if (aigov_scanner_new(r->ctx, &s, &err) != AIGOV_OK)
        status = trouble_error(command, &err);
    else {
        status =
            aigov_scanner_use(s, r->rules, AIGOV_ABSENT, &err) == AIGOV_OK &&
                    aigov_scanner_tenant(s, aigov_str(r->tenant), &err) ==
                        AIGOV_OK
                ? each_line(r, s, &l)
                : trouble_error(command, &err);
        aigov_scanner_free(s);
    }
    lines_close(&l);
    return status;
}

int redact_command(int argc, char **argv)
{
    redaction r = {0};
    bool check = false;
    const option_def def[] = {
        {"--json", NULL, &r.o.json},      {"--findings", NULL, &r.o.findings},
        {"--check", NULL, &check},        {"--key-file", &r.key_file, NULL},
        {"--tenant", &r.tenant, NULL},    {"--db", &r.o.target, NULL},
        {"--profile", &r.o.profile, NULL}};
    int n = options_take(argc, argv, def, 7, 0, 1), status;
    aigov_error err;

    if (n < 0)
        return USAGE;
    r.o.findings |= check;
    if (r.o.json && r.o.findings) {
        trouble(command, "--json redacts; --findings and --check are of text");
        return USAGE;
    }
    if (r.o.profile != NULL && r.o.target == NULL) {
        trouble(command, "--profile names one of a database: --db DB");
        return USAGE;
    }
    if (r.key_file != NULL && r.o.target != NULL) {
        trouble(command, "with --db the keys are those of the database");
        return USAGE;
    }
    r.o.path = n == 1 ? argv[1] : NULL;
    if (aigov_ctx_new(NULL, &r.ctx, &err) != AIGOV_OK)
        return trouble_error(command, &err);
    aigov_buf_init(&r.out, r.ctx);
    status = open_keys(&r);
    if (status == FINE)
        status = r.o.target != NULL         ? redact_by_db(&r.o, &r.found)
                 : r.o.json || r.o.findings ? by_line(&r)
                                            : text(&r);
    aigov_rules_free(r.rules);
    aigov_buf_free(&r.out);
    aigov_ctx_free(r.ctx);
    if (!stdout_ok(command))
        return TROUBLE;
    return status == FINE && check && r.found > 0 ? FAILED : status;
}
