/*
 * figures.c - what `--dry-run` prints of a record
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The figures that docs/import.md names for comparison; test/appender holds the
 * values expected of recorded calls.
 */
#include "record.h"

/* For each message its text parts joined; messages that have any joined by LF.
 */
static value *texts(pool *p, const value *messages)
{
    value *out = new_text(p, AIGOV_LIT(""));
    bool begun = false;

    EACH(m, messages)
    {
        bool any = false;

        EACH(part, get(m, "parts"))
        {
            if (!type_is(part, "text"))
                continue;
            if (!any && begun)
                append_text(p, out, AIGOV_LIT("\n"));
            any = begun = true;
            append_text(p, out, text_or(get(part, "content")));
        }
    }
    return out;
}

static value *tool_calls(pool *p, const value *messages)
{
    value *out = new_array(p);

    EACH(m, messages)
    EACH(part, get(m, "parts"))
    {
        const value *arguments = get(part, "arguments");
        value *one;

        if (!type_is(part, "tool_call"))
            continue;
        one = push(p, out, new_object(p));
        set(p, one, "name", get(part, "name"));
        set(p, one, "arguments",
            new_text(p, arguments == NULL    ? AIGOV_LIT("")
                        : is_text(arguments) ? arguments->text
                                             : value_canonical(p, arguments)));
    }
    return out;
}

static void part_types(pool *p, value *out, const value *messages)
{
    EACH(m, messages)
    {
        value *types = push(p, out, new_array(p));

        EACH(part, get(m, "parts"))
        push(p, types, new_text(p, text_or(get(part, "type"))));
    }
}

static void take(pool *p, value *out, const char *as, const value *v)
{
    set(p, out, as, v != NULL ? v : new_value(p, AIGOV_JSON_NULL));
}

value *figures_of(pool *p, const imported *in)
{
    static const char *const same[] = {
        "provider",       "model", "model_served", "operation",
        "status",         "usage", "stream",       "provider_response_id",
        "finish_reasons", "id",    "occurred_at",  "cost"};
    const value *r = in->record, *error = get(r, "error");
    value *out = new_object(p), *parts = new_array(p);

    take(p, out, "sample_id",
         in->sample_id.p == NULL ? NULL : new_text(p, in->sample_id));
    set_text(p, out, "importer",
             aigov_str(in->shape.importer == OPENAI ? "openai" : "anthropic"));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        take(p, out, same[i], get(r, same[i]));
    take(p, out, "error_type", get(error, "type"));
    take(p, out, "error_message", get(error, "message"));
    take(p, out, "system_text", get(r, "system_instructions"));
    set(p, out, "input_text", texts(p, get(r, "input")));
    set(p, out, "output_text", texts(p, get(r, "output")));
    set(p, out, "tool_calls", tool_calls(p, get(r, "output")));
    part_types(p, parts, get(r, "input"));
    part_types(p, parts, get(r, "output"));
    set(p, out, "parts", parts);
    return out;
}
