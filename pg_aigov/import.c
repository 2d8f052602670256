/*
 * import.c - the entry that ends an import
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.record_import(json)   member `subject` (file name or origin) and the
 *                               fields of kind import; gives the receipt
 */
#include "pg_aigov.h"

/* The object without its member subject, which is handed out. */
static void split_subject(const aigov_json *j, aigov_span *subject,
                          aigov_buf *fields)
{
    uint32_t i;
    aigov_error err;

    *subject = AIGOV_ABSENT;
    core_enough(aigov_buf_puts(fields, "{"));
    for (i = 1; i < j->node[0].next; i = j->node[i + 1].next) {
        aigov_span name = aigov_json_text(j, i);

        if (aigov_span_is(name, "subject")) {
            *subject = aigov_json_text(j, i + 1);
            continue;
        }
        core_enough((fields->n == 1 || aigov_buf_puts(fields, ",")) &&
                    aigov_buf_put_json_string(fields, name) &&
                    aigov_buf_puts(fields, ":"));
        core_try(aigov_json_canonical(j, i + 1, fields, &err));
    }
    core_enough(aigov_buf_puts(fields, "}"));
    if (!subject->p)
        fail(AIGOV_FIELD, "the name of the file, or the origin",
             "subject is missing");
}

static Datum record_import(aigov_span json)
{
    aigov_json j = {.ctx = core_scratch()};
    core_state *s = core();
    aigov_span subject;
    aigov_buf fields;
    writer w;
    aigov_error err;

    core_try(aigov_json_read(&j, AIGOV_JSON_STRICT, json, &err));
    if (j.node[0].type != AIGOV_JSON_OBJECT)
        fail(AIGOV_FIELD, NULL, "an import is a JSON object");
    aigov_buf_init(&fields, j.ctx);
    split_subject(&j, &subject, &fields);
    write_begin(&w, "aigov.record_import()");
    s->scratch.n = 0;
    write_told(&w, "import", subject, aigov_buf_span(&fields), &s->scratch);
    write_end(&w);
    receipt_keep(aigov_buf_span(&s->scratch));
    return receipt_datum();
}

PG_FUNCTION_INFO_V1(pg_aigov_record_import);

Datum pg_aigov_record_import(PG_FUNCTION_ARGS)
{
    return record_import(arg_bytes(fcinfo, 0, "import"));
}

PG_FUNCTION_INFO_V1(pg_aigov_record_import_jsonb);

Datum pg_aigov_record_import_jsonb(PG_FUNCTION_ARGS)
{
    return record_import(arg_jsonb(fcinfo, 0, "import"));
}
