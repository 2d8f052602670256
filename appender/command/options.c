/*
 * options.c - options before, between or after the operands
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * `--name VALUE` and `--name=VALUE` are one; `--` ends the options; `-` alone
 * is an operand (standard input).
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"

static const option_def *find(const char *arg, const option_def *def, int defs,
                              const char **inline_value)
{
    size_t n = strcspn(arg, "=");

    for (int i = 0; i < defs && arg[1] != '-' && arg[2] != '='; i++)
        if (def[i].value != NULL && memcmp(def[i].name, arg, 2) == 0 &&
            arg[2] != '\0') {
            *inline_value = arg + 2; /* -n2 */
            return &def[i];
        }
    *inline_value = arg[n] == '=' ? arg + n + 1 : NULL;
    for (int i = 0; i < defs; i++)
        if (strlen(def[i].name) == n && memcmp(def[i].name, arg, n) == 0)
            return &def[i];
    return NULL;
}

int options_take(int argc, char **argv, const option_def *def, int defs,
                 int min, int max)
{
    const char *command = argv[0], *value;
    bool open = true;
    int n = 0;

    for (int i = 1; i < argc; i++) {
        const option_def *o;

        if (open && strcmp(argv[i], "--") == 0) {
            open = false;
            continue;
        }
        if (!open || argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[++n] = argv[i];
            continue;
        }
        o = find(argv[i], def, defs, &value);
        if (o == NULL || (value != NULL && o->value == NULL)) {
            trouble(command, "there is no option %s", argv[i]);
            return -1;
        }
        if (o->flag != NULL) {
            *o->flag = true;
            continue;
        }
        if (value == NULL && i + 1 < argc)
            value = argv[++i];
        if (value == NULL) {
            trouble(command, "%s needs a value", o->name);
            return -1;
        }
        *o->value = value;
    }
    if (n >= min && n <= max)
        return n;
    trouble(command, n < min ? "an operand is missing" : "too many operands");
    return -1;
}

int64_t option_number(const char *name, const char *text, int64_t max)
{
    char *end;
    long long v = strtoll(text, &end, 10);

    if (end != text && *end == '\0' && v >= 0 && v <= max)
        return v;
    trouble(name, "%s is not a number from 0 to %lld", text, (long long)max);
    return -1;
}
