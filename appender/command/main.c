/*
 * main.c - the command `aigov`
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov COMMAND DB ...     DB: a postgresql:// URI, or an SQLite file
 *
 * Exit status: 0 fine, 1 the check failed or records were refused, 2 usage,
 * 3 trouble.  docs/command.md is the manual.  In SQLite the linked-in module
 * does the work, in PostgreSQL the server's extension.
 */
#include <string.h>

#include "command.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *operands;
    const char *what;
} commands[] = {
    {"init", init_command, "DB ORIGIN", "make a log, or bring one up to date"},
    {"append", append_command, "DB [FILE|-]",
     "JSON lines in, a receipt line each out"},
    {"import", import_command,
     "DB --from openai|anthropic|terms [--system NAME] [--dry-run] [DETECTOR] "
     "[FILE|-]",
     "take in recorded HTTP calls, or the terms of a detector"},
    {"tail", tail_command, "DB [-n N] [-f]", "the last entries, no content"},
    {"verify", verify_command,
     "DB [--save FILE] [--since FILE] [--quick] [--trust-server]",
     "is the log whole?"},
    {"export", export_command, "DB [--content DIR --purpose TEXT]",
     "every entry as a JSON line"},
    {"lineage", lineage_command,
     "DB|EXPORT QUESTION [ARGUMENT ...] [--as-of HEADS] [--limit N] "
     "[--format table|json|csv]",
     "what a document led to, whom it reached, what an output came from"},
    {"redact", redact_command,
     "[--db DB [--profile NAME] | --key-file FILE [--tenant NAME]] [--json] "
     "[--findings | --check] [FILE|-]",
     "a text without personal data and secrets"},
    {"keygen", keygen_command, "--redaction FILE [--add]",
     "a new redaction key, in a file of its own or added to one"},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *out)
{
    fprintf(out, "usage: aigov COMMAND DB ...\n\n"
                 "DB is a postgresql:// URI or an SQLite file.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-7s %s\n          %s\n", commands[i].name,
                commands[i].operands, commands[i].what);
    fprintf(out, "\nExit: 0 fine, 1 the check failed or records were refused, "
                 "2 usage, 3 trouble.\n");
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return FINE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("aigov %s\n", aigov_version());
        return FINE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        if (wants_help(argc, argv)) {
            printf("usage: aigov %s %s\n", commands[i].name,
                   commands[i].operands);
            return FINE;
        }
        int status = commands[i].run(argc - 1, argv + 1);
        if (status == USAGE)
            fprintf(stderr, "usage: aigov %s %s\n", commands[i].name,
                    commands[i].operands);
        return status;
    }
    fprintf(stderr, "aigov: there is no command %s\n", argv[1]);
    usage(stderr);
    return USAGE;
}
