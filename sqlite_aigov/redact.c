/*
 * redact.c - what the detectors find in a text, and the text without it
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_redact(text [, profile])        the redacted text
 *   SELECT aigov_redact_json(json [, profile])   every text in it redacted
 *   SELECT * FROM aigov_findings(text [, profile])
 *   SELECT * FROM aigov_detectors                what is looked for
 *   SELECT aigov_explain_redaction(id)           what an entry says of it
 *
 * They store nothing, and read what is in force (rules.c); the last reads one
 * entry.
 * A BLOB is scanned as the bytes it is, and its redacted form is a BLOB.
 * Errors never hold any of the text.
 */
#include "sqlite_aigov.h"

/* A scanner of the rules in force; profile: an argument, absent or NULL for the
 * one that counts for what is stored. */
static aigov_status scanner(conn *c, sqlite3_value *profile)
{
    aigov_span name = AIGOV_ABSENT;
    aigov_status st = AIGOV_OK;

    if (profile && sqlite3_value_type(profile) != SQLITE_NULL)
        st = arg_text(c, profile, "profile", false, &name);
    if (st == AIGOV_OK && !c->scanner)
        st = aigov_scanner_new(c->ctx, &c->scanner, &c->err);
    if (st == AIGOV_OK)
        st = rules_now(c);
    if (st == AIGOV_OK)
        st = aigov_scanner_use(c->scanner, c->rules.rules, name, &c->err);
    return st;
}

/* Enter; true where there is a text to work on. */
static bool begin(sqlite3_context *ctx, int argc, sqlite3_value **argv,
                  aigov_span *text, aigov_status *st)
{
    conn *c = fn_conn(ctx);

    *st = conn_enter(c);
    if (*st == AIGOV_OK)
        *st = scanner(c, argc > 1 ? argv[1] : NULL);
    if (*st != AIGOV_OK || sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return false;
    *st = arg_any(c, argv[0], text);
    return *st == AIGOV_OK;
}

void redact_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_span text;
    aigov_status st;
    aigov_buf out;

    aigov_buf_init(&out, c->ctx);
    if (begin(ctx, argc, argv, &text, &st)) {
        st = aigov_redact(c->scanner, text, AIGOV_ABSENT, &out, NULL, NULL,
                          &c->err);
        if (st == AIGOV_OK && sqlite3_value_type(argv[0]) == SQLITE_BLOB)
            sqlite3_result_blob64(ctx, out.p ? out.p : "", out.n,
                                  SQLITE_TRANSIENT);
        else if (st == AIGOV_OK)
            result_span(ctx, (aigov_span){out.p ? out.p : "", out.n});
    }
    if (st != AIGOV_OK)
        conn_result_error(c, ctx);
    aigov_buf_free(&out);
}

void redact_json_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_span text;
    aigov_status st;
    aigov_buf out;

    aigov_buf_init(&out, c->ctx);
    if (begin(ctx, argc, argv, &text, &st)) {
        st = aigov_redact_json(c->scanner, text, &out, NULL, &c->err);
        if (st == AIGOV_OK)
            result_json(ctx, aigov_buf_span(&out));
    }
    if (st != AIGOV_OK)
        conn_result_error(c, ctx);
    aigov_buf_free(&out);
}

/* --- findings ------------------------------------------------------------ */

static bool finding_row(rows *out, const aigov_finding *f, int64_t start,
                        int64_t stop, aigov_span reason)
{
    return rows_text(out, aigov_str(f->detector->entity)) &&
           rows_int(out, start) && rows_int(out, stop) &&
           rows_real(out, f->score / 100.0) &&
           rows_text(out, aigov_str(f->detector->name)) &&
           rows_text(out, reason);
}

static aigov_status give_findings(conn *c, rows *out, aigov_span text)
{
    const aigov_finding *f;
    size_t n, at = 0;
    int64_t points = 0;
    aigov_buf reason;
    aigov_status st =
        aigov_scan(c->scanner, text, AIGOV_ABSENT, &f, &n, &c->err);

    aigov_buf_init(&reason, c->ctx);
    for (size_t i = 0; st == AIGOV_OK && i < n; i++) {
        aigov_span before = {text.p + at, f[i].start - at};
        aigov_span value = {text.p + f[i].start, f[i].stop - f[i].start};
        int64_t start = points + (int64_t)aigov_code_points(before);

        points = start + (int64_t)aigov_code_points(value);
        at = f[i].stop;
        reason.n = 0;
        st = aigov_finding_reason(&f[i], &reason, &c->err);
        if (st == AIGOV_OK &&
            !finding_row(out, &f[i], start, points, aigov_buf_span(&reason)))
            st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    }
    aigov_buf_free(&reason);
    return st;
}

static aigov_status findings_fill(conn *c, rows *out, sqlite3_value **arg)
{
    aigov_span text;
    aigov_status st = scanner(c, arg[1]);

    if (st != AIGOV_OK || (arg[0] && sqlite3_value_type(arg[0]) == SQLITE_NULL))
        return st;
    if (!arg[0])
        return conn_fail(c, AIGOV_NULLARG, "a text is required",
                         "FROM aigov_findings('call 555 0100')");
    st = arg_any(c, arg[0], &text);
    return st == AIGOV_OK ? give_findings(c, out, text) : st;
}

const rows_def findings_def = {
    .name = "aigov_findings",
    .declare = "CREATE TABLE x(entity, start, stop, score, detector, reason,"
               " p_text HIDDEN, p_profile HIDDEN)",
    .columns = 6,
    .hidden = 2,
    .fill = findings_fill,
};

static bool detector_row(rows *out, const aigov_detector *d)
{
    static const char *const classes[] = {"pii", "secret", "soft"};

    return rows_text(out, aigov_str(d->name)) &&
           rows_text(out, aigov_str(d->entity)) &&
           rows_text(out, aigov_str(classes[d->class_])) &&
           rows_text(out, aigov_str(d->text));
}

static aigov_status detectors_fill(conn *c, rows *out, sqlite3_value **arg)
{
    const aigov_detector *d;
    aigov_rule rule;
    aigov_status st = rules_now(c);
    bool ok = true;

    (void)arg;
    for (size_t i = 0; ok && (d = aigov_detector_at(i)) != NULL; i++)
        ok = detector_row(out, d);
    for (size_t i = 0;
         st == AIGOV_OK && ok && aigov_rule_at(c->rules.rules, i, &rule); i++)
        ok = rule.missing || !rule.detector || detector_row(out, rule.detector);
    return ok ? st : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

const rows_def detectors_def = {
    .name = "aigov_detectors",
    .declare = "CREATE TABLE x(detector, entity, class, description)",
    .columns = 4,
    .hidden = 0,
    .fill = detectors_fill,
};

/* --- of an entry --------------------------------------------------------- */

static aigov_status explain(conn *c, sqlite3_value *v, aigov_buf *out)
{
    char id[AIGOV_UUID_LEN + 1];
    sqlite3_stmt *s;
    aigov_entry e;
    aigov_span text;
    aigov_status st = arg_text(c, v, "id", false, &text);

    if (st == AIGOV_OK)
        st = arg_id(c, text, id);
    if (st == AIGOV_OK)
        st = rules_now(c);
    if (st == AIGOV_OK)
        st = conn_prepare(c, &s,
                          "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"
                          " WHERE id = %Q AND log IN"
                          " (SELECT log FROM \"main\".aigov_own_log)"
                          " ORDER BY log LIMIT 1",
                          id);
    if (st != AIGOV_OK)
        return st;
    switch (sqlite3_step(s)) {
    case SQLITE_ROW:
        row_entry(s, &e);
        st = aigov_explain_redaction(c->ctx, c->rules.rules, &e, out, &c->err);
        break;
    case SQLITE_DONE:
        st = conn_fail(c, AIGOV_NOENTRY, "there is no entry of this id", NULL);
        break;
    default:
        st = conn_sql_error(c);
    }
    sqlite3_finalize(s);
    return st;
}

void explain_redaction_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    conn *c = fn_conn(ctx);
    aigov_status st = conn_enter(c);
    aigov_buf out;

    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL && st == AIGOV_OK)
        return;
    aigov_buf_init(&out, c->ctx);
    if (st == AIGOV_OK)
        st = explain(c, argv[0], &out);
    if (st != AIGOV_OK)
        conn_result_error(c, ctx);
    else
        result_json(ctx, aigov_buf_span(&out));
    aigov_buf_free(&out);
}
