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

/* A byte of a control character: *out gets its code, returns its length. */
static size_t control(const char *p, size_t left, unsigned *out)
{
    unsigned char c = (unsigned char)p[0];
    unsigned char d = left > 1 ? (unsigned char)p[1] : 0;

    *out = c;
    if (c < 0x20 || c == 0x7f)
        return 1;
    if (c == 0xc2 && d >= 0x80 && d < 0xa0) {
        *out = d;
        return 2;
    }
    return 0;
}

/* Bytes that are no UTF-8 may be control characters to a terminal. */
static size_t unprintable(aigov_span s, size_t at, size_t *valid, unsigned *c)
{
    if (at >= *valid) {
        *valid = at + aigov_utf8_valid((aigov_span){s.p + at, s.n - at});
        if (at == *valid) {
            *c = (unsigned char)s.p[at];
            return 1;
        }
    }
    return control(s.p + at, s.n - at, c);
}

void print_safe(FILE *out, aigov_span s)
{
    size_t valid = 0, n;
    unsigned c;

    for (size_t i = 0; s.p != NULL && i < s.n; i += n) {
        n = unprintable(s, i, &valid, &c);
        if (n > 0) {
            fprintf(out, "\\u%04X", c);
        } else {
            fputc(s.p[i], out);
            n = 1;
        }
    }
}

int trouble(const char *command, const char *format, ...)
{
    char text[1024];
    va_list args;

    fflush(stdout);
    fprintf(stderr, "aigov: %s: ", command);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_safe(stderr, aigov_str(text));
    fputc('\n', stderr);
    return TROUBLE;
}

/* What databases say to SQL, in words of the command. */
static const char *own_hint(const char *hint)
{
    if (strstr(hint, "SELECT aigov_init(") != NULL ||
        strstr(hint, "SELECT aigov.init(") != NULL)
        return "aigov init DB ORIGIN";
    return hint;
}

int trouble_appender(const char *command, const aigov_appender_error *e)
{
    return trouble(command, "IG%03d: %s%s%s", e->code, e->message,
                   e->hint[0] == '\0' ? "" : "; ", own_hint(e->hint));
}

int trouble_error(const char *command, const aigov_error *e)
{
    return trouble(command, "IG%03d: %s%s%s", (int)e->code, e->text,
                   e->hint[0] == '\0' ? "" : "; ", own_hint(e->hint));
}

void print_json_string(FILE *out, aigov_span s)
{
    size_t valid = 0, n;
    unsigned c;

    fputc('"', out);
    for (size_t i = 0; i < s.n; i += n) {
        n = unprintable(s, i, &valid, &c);
        if (s.p[i] == '\n') {
            fputs("\\n", out);
        } else if (n > 0) {
            fprintf(out, "\\u%04x", c);
        } else {
            if (s.p[i] == '"' || s.p[i] == '\\')
                fputc('\\', out);
            fputc(s.p[i], out);
            n = 1;
        }
    }
    fputc('"', out);
}

void print_error_json(FILE *out, const aigov_appender_error *e)
{
    fprintf(out, "{\"code\":\"IG%03d\"", e->code);
    if (e->hint[0] != '\0') {
        fputs(",\"hint\":", out);
        print_json_string(out, aigov_str(own_hint(e->hint)));
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
