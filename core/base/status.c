/*
 * status.c - the table of status.def and the making of errors
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int number;
    const char *name, *sqlstate, *text;
} table[] = {
#define AIGOV_STATUS(number, name, sqlstate, sqlite, text)                     \
    {number, #name, sqlstate, text},
#include "../status.def"
#undef AIGOV_STATUS
};

/* Row of a status; a number that is not in the table counts as STATE. */
static size_t row(aigov_status code)
{
    size_t unknown = 0;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].number == (int)code) {
            return i;
        }
        if (table[i].number == AIGOV_STATE) {
            unknown = i;
        }
    }
    return unknown;
}

const char *aigov_status_name(aigov_status code)
{
    return table[row(code)].name;
}

const char *aigov_status_sqlstate(aigov_status code)
{
    return table[row(code)].sqlstate;
}

const char *aigov_status_text(aigov_status code)
{
    return table[row(code)].text;
}

/* Format into text[size]; what does not fit is cut at a character border, and
 * so is anything that is not UTF-8. */
static void put(char *text, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void put(char *text, size_t size, const char *format, va_list args)
{
    if (vsnprintf(text, size, format, args) < 0) {
        text[0] = '\0';
    }
    text[aigov_utf8_valid(aigov_str(text))] = '\0';
}

aigov_status aigov_fail(aigov_error *err, aigov_status code, size_t pos,
                        const char *format, ...)
{
    va_list args;

    err->code = code;
    err->pos = pos;
    err->stage[0] = '\0';
    err->hint[0] = '\0';
    va_start(args, format);
    put(err->text, sizeof err->text, format, args);
    va_end(args);
    return code;
}

aigov_status aigov_hint(aigov_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return err->code;
}
