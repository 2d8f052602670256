/*
 * redact.c - what the detectors find in a text, and the text without it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.redact(text | bytea [, profile])        the redacted text
 *   aigov.redact_json(json ... [, profile])       every text in it redacted
 *   aigov.findings(text | bytea [, profile])      what was found, and where
 *   aigov.injection(text | bytea)                 how much it looks like one
 *   aigov.detectors()                             what is looked for
 *   aigov.explain_redaction(id)                   what an entry says of it
 *
 * They store nothing, and read what is in force (rules.c); the last reads one
 * entry.
 * bytea is for bytes that text cannot hold (not UTF-8, U+0000): they are
 * scanned as they are.  Errors never hold any of the text.
 */
#include "pg_aigov.h"

#include "utils/fmgrprotos.h"
#include "utils/tuplestore.h"

/* A name that is always there, or that a steward gives. */
static void check_may(aigov_span profile)
{
    if (!profile.p || aigov_span_is(profile, "default") ||
        aigov_span_is(profile, "default/store") ||
        aigov_span_is(profile, "default/export") ||
        aigov_span_is(profile, "default/model") || has_privilege("steward"))
        return;
    fail(AIGOV_DENIED, "the owner: SELECT aigov.grant('steward', '<role>')",
         "other profiles than the default ones are for stewards");
}

/* Whoever may neither judge what is found nor restore it gets no keyed forms:
 * they would confirm a guess. */
static bool may_see_keyed(void)
{
    return has_privilege("steward") || has_privilege("content_reader");
}

/* A scanner of the rules in force and the profile that the second argument
 * names; without one that which counts for what is stored. */
static aigov_scanner *scanner(FunctionCallInfo fcinfo)
{
    core_state *s = core();
    aigov_span profile = AIGOV_ABSENT;
    aigov_error err;

    if (PG_NARGS() > 1 && !PG_ARGISNULL(1))
        profile = datum_span(PG_GETARG_DATUM(1));
    check_may(profile);
    if (!s->scanner)
        core_try(aigov_scanner_new(s->ctx, &s->scanner, &err));
    core_try(aigov_scanner_use(s->scanner, rules_now(), profile, &err));
    if (keys_now() && !may_see_keyed())
        aigov_scanner_no_keys(s->scanner);
    return s->scanner;
}

PG_FUNCTION_INFO_V1(pg_aigov_redact);

Datum pg_aigov_redact(PG_FUNCTION_ARGS)
{
    aigov_scanner *s = scanner(fcinfo);
    aigov_buf *out = &core()->scratch;
    aigov_span text;
    aigov_error err;
    Datum result;

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    text = datum_span(PG_GETARG_DATUM(0));
    out->n = 0;
    core_try(aigov_redact(s, text, AIGOV_ABSENT, out, NULL, NULL, &err));
    result = span_datum(aigov_buf_span(out));
    core_trim(text.n);
    return result;
}

static Datum redact_json(aigov_scanner *s, aigov_span json)
{
    aigov_buf *out = &core()->scratch;
    aigov_error err;
    Datum result;

    out->n = 0;
    core_try(aigov_redact_json(s, json, out, NULL, &err));
    result = span_datum(aigov_buf_span(out));
    core_trim(json.n);
    return result;
}

PG_FUNCTION_INFO_V1(pg_aigov_redact_json);

Datum pg_aigov_redact_json(PG_FUNCTION_ARGS)
{
    aigov_scanner *s = scanner(fcinfo);

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    return redact_json(s, datum_span(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(pg_aigov_redact_jsonb);

Datum pg_aigov_redact_jsonb(PG_FUNCTION_ARGS)
{
    aigov_scanner *s = scanner(fcinfo);

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    return redact_json(s, arg_jsonb(fcinfo, 0, "json"));
}

PG_FUNCTION_INFO_V1(pg_aigov_injection);

Datum pg_aigov_injection(PG_FUNCTION_ARGS)
{
    core_state *s = core();
    aigov_span text = datum_span(PG_GETARG_DATUM(0));
    aigov_injection_score score;
    aigov_error err;
    Datum result;

    core_try(aigov_injection(s->ctx, text, &score, &err));
    s->scratch.n = 0;
    core_try(aigov_injection_reasons(&score, &s->scratch, &err));
    result = span_datum(aigov_buf_span(&s->scratch));
    core_trim(text.n);
    return result;
}

/* --- findings ---------------------------------------------------------------
 */

static void give_finding(Tuplestorestate *out, TupleDesc desc,
                         const aigov_finding *f, int64 start, int64 stop)
{
    aigov_buf *reason = &core()->scratch;
    Datum values[6];
    bool nulls[6] = {false};
    aigov_error err;

    reason->n = 0;
    core_try(aigov_finding_reason(f, reason, &err));
    values[0] = CStringGetTextDatum(f->detector->entity);
    values[1] = Int32GetDatum((int32)start);
    values[2] = Int32GetDatum((int32)stop);
    values[3] = Float8GetDatum(f->score / 100.0);
    values[4] = CStringGetTextDatum(f->detector->name);
    values[5] = span_datum(aigov_buf_span(reason));
    tuplestore_putvalues(out, desc, values, nulls);
}

PG_FUNCTION_INFO_V1(pg_aigov_findings);

Datum pg_aigov_findings(PG_FUNCTION_ARGS)
{
    TupleDesc desc;
    Tuplestorestate *out = srf_begin(fcinfo, &desc);
    const aigov_finding *f;
    aigov_scanner *s;
    size_t n, i, at = 0;
    int64 points = 0;
    aigov_span text;
    aigov_error err;

    s = scanner(fcinfo);
    if (PG_ARGISNULL(0))
        return (Datum)0;
    text = datum_span(PG_GETARG_DATUM(0));
    core_try(aigov_scan(s, text, AIGOV_ABSENT, &f, &n, &err));
    for (i = 0; i < n; i++) {
        aigov_span before = {text.p + at, f[i].start - at};
        aigov_span value = {text.p + f[i].start, f[i].stop - f[i].start};
        int64 start = points + (int64)aigov_code_points(before);

        points = start + (int64)aigov_code_points(value);
        give_finding(out, desc, &f[i], start, points);
        at = f[i].stop;
    }
    return (Datum)0;
}

static void give_detector(Tuplestorestate *out, TupleDesc desc,
                          const aigov_detector *d)
{
    static const char *const classes[] = {"pii", "secret", "soft"};
    bool nulls[4] = {false};
    Datum values[4] = {
        CStringGetTextDatum(d->name), CStringGetTextDatum(d->entity),
        CStringGetTextDatum(classes[d->class_]), CStringGetTextDatum(d->text)};

    tuplestore_putvalues(out, desc, values, nulls);
}

PG_FUNCTION_INFO_V1(pg_aigov_detectors);

Datum pg_aigov_detectors(PG_FUNCTION_ARGS)
{
    TupleDesc desc;
    Tuplestorestate *out = srf_begin(fcinfo, &desc);
    const aigov_rules *rules = rules_now();
    const aigov_detector *d;
    aigov_rule rule;
    size_t i;

    for (i = 0; (d = aigov_detector_at(i)) != NULL; i++)
        give_detector(out, desc, d);
    for (i = 0; aigov_rule_at(rules, i, &rule); i++) {
        if (rule.detector && !rule.missing)
            give_detector(out, desc, rule.detector);
    }
    return (Datum)0;
}

/* --- of an entry ------------------------------------------------------------
 */

static Datum explain(const uint8 id[16])
{
    Relation rel = table_open(log_find()->entry, AccessShareLock);
    int32 log = log_argument(0);
    HeapTuple tuple =
        row_by_id(rel, GetActiveSnapshot(), id, log ? log_chain(log) : NIL);
    aigov_buf *out = &core()->scratch;
    row_reader reader;
    aigov_entry e;
    aigov_error err;

    if (!HeapTupleIsValid(tuple))
        fail(AIGOV_NOENTRY, NULL, "there is no entry of this id");
    reader_init(&reader, rel);
    reader_entry(&reader, tuple, &e);
    out->n = 0;
    core_try(aigov_explain_redaction(core()->ctx, rules_now(), &e, out, &err));
    table_close(rel, AccessShareLock);
    return span_datum(aigov_buf_span(out));
}

PG_FUNCTION_INFO_V1(pg_aigov_explain_redaction);

Datum pg_aigov_explain_redaction(PG_FUNCTION_ARGS)
{
    uint8 id[16];

    if (!aigov_uuid_parse(datum_span(PG_GETARG_DATUM(0)), id))
        fail(AIGOV_ARG, NULL, "an id is a UUID");
    return explain(id);
}

PG_FUNCTION_INFO_V1(pg_aigov_explain_redaction_uuid);

Datum pg_aigov_explain_redaction_uuid(PG_FUNCTION_ARGS)
{
    return explain(PG_GETARG_UUID_P(0)->data);
}
