/*
 * report.c - how the command says what went wrong
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * To people on stderr: "aigov: append: IG204: this database has no log; aigov
 * init FILE ORIGIN makes one".  To programs on stdout, in place of a receipt:
 * an object with code, message, hint, pos.  Neither holds content of a record.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

int trouble(const char *command, const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, "aigov: %s: ", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return TROUBLE;
}

int trouble_appender(const char *command, const aigov_appender_error *e)
{
    return trouble(command, "IG%03d: %s%s%s", e->code, e->message,
                   e->hint[0] == '\0' ? "" : "; ", e->hint);
}

int trouble_error(const char *command, const aigov_error *e)
{
    return trouble(command, "IG%03d: %s%s%s", (int)e->code, e->text,
                   e->hint[0] == '\0' ? "" : "; ", e->hint);
}

void print_json_string(FILE *out, aigov_span s)
{
    fputc('"', out);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

void print_error_json(FILE *out, const aigov_appender_error *e)
{
    fprintf(out, "{\"code\":\"IG%03d\"", e->code);
    if (e->hint[0] != '\0') {
        fputs(",\"hint\":", out);
        print_json_string(out, aigov_str(e->hint));
    }
    fputs(",\"message\":", out);
    print_json_string(out, aigov_str(e->message));
    if (e->pos != AIGOV_APPENDER_NO_POS)
        fprintf(out, ",\"pos\":%zu", e->pos);
    fputc('}', out);
}

bool stdout_ok(const char *command)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    trouble(command, "the output cannot be written");
    return false;
}

void *need(void *p)
{
    if (p != NULL)
        return p;
    fputs("aigov: out of memory\n", stderr);
    exit(TROUBLE);
}
