/*
 * sqlite_aigov.c - aigov as a loadable extension of SQLite 3.34 and newer
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   .load ./aigov
 *   SELECT aigov_init('example.com/ai');
 *   SELECT aigov_append('{"system":"claims","input":"...","output":"..."}');
 *   SELECT * FROM aigov_verify;
 *
 * Entry points: sqlite3_aigov_init loads into one connection;
 * sqlite3_aigov_auto_init also into every connection opened afterwards.
 * docs/sqlite.md is the manual.  This file is the index: what SQL calls, with
 * which flags, and how a status becomes an SQLite error.
 *
 * Flags are honest.  What writes is DIRECTONLY: a view or trigger in a file
 * from elsewhere cannot call it.  aigov_inbox is not, so that triggers of the
 * application can append.  Nothing that the schema stores calls any of these.
 */
#define SQLITE_AIGOV_MAIN 1
#include "sqlite_aigov.h"

#include "names.h"

SQLITE_EXTENSION_INIT1

#include <stdio.h>
#include <string.h>

static void version_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    (void)argv;
    sqlite3_result_text(ctx, aigov_version(), -1, SQLITE_STATIC);
}

static const struct {
    const char *name;
    int nargs;
    int flags;
    sql_function fn;
} functions[] = {
    {"aigov_init", 1, WRITES, init_fn},
    {"aigov_new_epoch", 2, WRITES, new_epoch_fn},
    {"aigov_new_epoch", 3, WRITES, new_epoch_fn},
    {"aigov_append", 1, WRITES, append_fn},
    {"aigov_append_batch", 1, WRITES, append_batch_fn},
    {"aigov_guard", 1, WRITES, guard_fn},
    {"aigov_complete", 2, WRITES, complete_fn},
    {"aigov_check", 1, READS, check_fn},
    {"aigov_explain_decision", 1, READS, explain_decision_fn},
    {"aigov_put", 3, WRITES, put_fn},
    {"aigov_policy_publish", 3, WRITES, policy_publish_fn},
    {"aigov_approve", 3, WRITES, approve_fn},
    {"aigov_approve", 4, WRITES, approve_fn},
    {"aigov_exception", 4, WRITES, exception_fn},
    {"aigov_install_pack", 1, WRITES, install_pack_fn},
    {"aigov_suspend", 2, WRITES, suspend_fn},
    {"aigov_record_import", 1, WRITES, record_import_fn},
    {"aigov_erase", 2, WRITES, erase_fn},
    {"aigov_open_content", 2, WRITES, open_content_fn},
    {"aigov_restore", 3, WRITES, restore_fn},
    {"aigov_redact", 1, SQLITE_UTF8, redact_fn},
    {"aigov_redact", 2, SQLITE_UTF8, redact_fn},
    {"aigov_redact_json", 1, READS, redact_json_fn},
    {"aigov_redact_json", 2, READS, redact_json_fn},
    {"aigov_explain_redaction", 1, READS, explain_redaction_fn},
    {"aigov_injection", 1, PURE | SQLITE_RESULT_SUBTYPE, injection_fn},
    {"aigov_cel", 2, PURE | SQLITE_RESULT_SUBTYPE, cel_fn},
    {"aigov_cel", 3, PURE | SQLITE_RESULT_SUBTYPE, cel_fn},
    {"aigov_maintain", 0, WRITES, maintain_fn},
    {"aigov_rebuild_lineage", 0, WRITES, rebuild_lineage_fn},
    {"aigov_receipt", 0, READS, receipt_fn},
    {"aigov_leaf", 3, READS, leaf_fn},
    {"aigov_set", 2, SESSION, set_fn},
    {"aigov_version", 0, PURE, version_fn},
};

/* --- arguments and results ----------------------------------------------- */

conn *fn_conn(sqlite3_context *ctx)
{
    return sqlite3_user_data(ctx);
}

aigov_status arg_text(conn *c, sqlite3_value *v, const char *name, bool json,
                      aigov_span *out)
{
    char text[80];
    int type = sqlite3_value_type(v);

    if (type == SQLITE_NULL) {
        snprintf(text, sizeof text, "argument %s is NULL", name);
        return conn_fail(c, AIGOV_NULLARG, text, NULL);
    }
    if (type == SQLITE_BLOB && json) {
        out->p = sqlite3_value_blob(v);
        out->n = (size_t)sqlite3_value_bytes(v);
        /* Python's bytes; the other BLOB that is JSON is SQLite's own form. */
        if (out->n > 0 && (out->p[0] == '{' || out->p[0] == '['))
            return AIGOV_OK;
    }
    if (type != SQLITE_TEXT) {
        snprintf(text, sizeof text, "argument %s is not text", name);
        return conn_fail(c, AIGOV_ARG, text,
                         json ? "give JSON as text, or as a BLOB of UTF-8; "
                                "json() makes text of JSONB"
                              : NULL);
    }
    out->p = (const char *)sqlite3_value_text(v);
    out->n = (size_t)sqlite3_value_bytes(v);
    return out->p ? AIGOV_OK : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

aigov_status arg_any(conn *c, sqlite3_value *v, aigov_span *out)
{
    if (sqlite3_value_type(v) == SQLITE_BLOB) {
        out->p = sqlite3_value_blob(v);
        out->n = (size_t)sqlite3_value_bytes(v);
        out->p = out->p ? out->p : "";
        return AIGOV_OK;
    }
    out->p = (const char *)sqlite3_value_text(v);
    out->n = (size_t)sqlite3_value_bytes(v);
    return out->p ? AIGOV_OK : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

aigov_status arg_id(conn *c, aigov_span text, char id[AIGOV_UUID_LEN + 1])
{
    uint8_t raw[16];

    if (!aigov_uuid_parse(text, raw))
        return conn_fail(c, AIGOV_ARG, "an id is a UUID", NULL);
    aigov_uuid_format(raw, id);
    return AIGOV_OK;
}

aigov_span column_span(sqlite3_stmt *s, int i)
{
    const char *p = (const char *)sqlite3_column_text(s, i);

    return p ? (aigov_span){p, (size_t)sqlite3_column_bytes(s, i)}
             : AIGOV_ABSENT;
}

void result_span(sqlite3_context *ctx, aigov_span s)
{
    if (s.p)
        sqlite3_result_text64(ctx, s.p, s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_result_null(ctx);
}

void result_json(sqlite3_context *ctx, aigov_span s)
{
    result_span(ctx, s);
    sqlite3_result_subtype(ctx, 'J');
}

/* --- errors -------------------------------------------------------------- */

static int sqlite_code(aigov_status code)
{
    switch (code) {
#define AIGOV_STATUS(number, name, sqlstate, sqlite, text)                     \
    case AIGOV_##name:                                                         \
        return sqlite;
#include "status.def"
#undef AIGOV_STATUS
    case AIGOV_STATUS_MAX_:
        break;
    }
    return SQLITE_ERROR;
}

/* "IG103: unknown member x at byte 17; hint: ..."; sqlite3_free it. */
static char *error_text(const conn *c)
{
    const aigov_error *e = &c->err;
    char at[40] = "";

    if (e->pos != AIGOV_NO_POS)
        snprintf(at, sizeof at, " at byte %zu", e->pos);
    return sqlite3_mprintf("IG%03d: %s%s%s%s", (int)e->code, e->text, at,
                           e->hint[0] ? "; hint: " : "", e->hint);
}

void conn_result_error(conn *c, sqlite3_context *ctx)
{
    char *text;

    if (c->err.code == AIGOV_NOMEM) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    if (c->rc != SQLITE_OK) {
        sqlite3_result_error(ctx, c->err.text, -1);
        sqlite3_result_error_code(ctx, c->rc);
        return;
    }
    text = error_text(c);
    if (!text) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    sqlite3_result_error(ctx, text, -1);
    sqlite3_result_error_code(ctx, sqlite_code(c->err.code));
    sqlite3_free(text);
}

int conn_vtab_error(conn *c, sqlite3_vtab *vtab)
{
    if (c->err.code == AIGOV_NOMEM)
        return SQLITE_NOMEM;
    sqlite3_free(vtab->zErrMsg);
    vtab->zErrMsg =
        c->rc != SQLITE_OK ? sqlite3_mprintf("%s", c->err.text) : error_text(c);
    return c->rc != SQLITE_OK ? c->rc : sqlite_code(c->err.code);
}

/* --- entry points -------------------------------------------------------- */

/* Exists only where the module is loaded: sql/guards_sqlite.sql. */
static int not_loaded(void *unused, int an, const void *a, int bn,
                      const void *b)
{
    int n = an < bn ? an : bn;
    int d = n > 0 ? memcmp(a, b, (size_t)n) : 0;

    (void)unused;
    return d != 0 ? d : an - bn;
}

static int register_all(conn *c)
{
    static const rows_def *const tables[] = {
        &verify_def,      &history_def,     &health_def,        &findings_def,
        &detectors_def,   &own_rules_def,   &reproduce_def,     &replay_def,
        &policy_test_def, &policy_lint_def, &redaction_keys_def};
    size_t i, n = sizeof functions / sizeof functions[0];
    int rc = sqlite3_create_collation_v2(c->db, "aigov_not_loaded", SQLITE_UTF8,
                                         NULL, not_loaded, NULL);

    for (i = 0; rc == SQLITE_OK && i < n; i++)
        rc = sqlite3_create_function_v2(
            c->db, functions[i].name, functions[i].nargs, functions[i].flags,
            conn_ref(c), functions[i].fn, NULL, NULL, conn_unref);
    if (rc == SQLITE_OK)
        rc = state_register(c);
    if (rc == SQLITE_OK)
        rc = inbox_register(c);
    if (rc == SQLITE_OK)
        rc = lineage_register(c);
    for (i = 0; rc == SQLITE_OK && i < sizeof tables / sizeof tables[0]; i++)
        rc = rows_register(c, tables[i]);
    return rc;
}

/* --- names that are taken ------------------------------------------------ */

/* A stored table or view hides a table-valued function of the same name. */
static char *hiding_in(sqlite3 *db, const char *schema)
{
    sqlite3_stmt *s = NULL;
    char *found = NULL;
    char *sql =
        sqlite3_mprintf("SELECT type, name FROM \"%w\".sqlite_master"
                        " WHERE type IN ('table', 'view') AND lower(name)"
                        " IN (" AIGOV_MODULE_TABLES ")",
                        schema);

    if (sql && sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        found = sqlite3_mprintf("IG003: %s %s in %s hides what aigov calls by "
                                "that name; drop or rename it",
                                sqlite3_column_text(s, 0),
                                sqlite3_column_text(s, 1), schema);
    sqlite3_finalize(s);
    sqlite3_free(sql);
    return found;
}

/* A database that cannot be read now (locked, encrypted) is passed over. */
static char *hiding(sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    char *found = NULL;

    if (sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &s, NULL) ==
        SQLITE_OK)
        while (!found && sqlite3_step(s) == SQLITE_ROW)
            found = hiding_in(db, (const char *)sqlite3_column_text(s, 1));
    sqlite3_finalize(s);
    return found;
}

static int load(sqlite3 *db, char **message)
{
    char *taken = hiding(db);
    conn *c;
    int rc;

    if (taken) {
        *message = taken;
        return SQLITE_ERROR;
    }
    switch (conn_new(db, &c)) {
    case AIGOV_OK:
        break;
    case AIGOV_NOMEM:
        return SQLITE_NOMEM;
    default:
        *message = sqlite3_mprintf("IG003: the crypto library does not start");
        return SQLITE_ERROR;
    }
    rc = register_all(c);
    conn_unref(c);
    return rc;
}

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

static int too_old(char **message)
{
    if (sqlite3_libversion_number() >= 3034000)
        return 0;
    *message = sqlite3_mprintf("aigov needs SQLite 3.34 or newer; this is %s",
                               sqlite3_libversion());
    return 1;
}

EXPORT int sqlite3_aigov_init(sqlite3 *db, char **message,
                              const sqlite3_api_routines *api)
{
    int rc;

    SQLITE_EXTENSION_INIT2(api)
    (void)api;
    if (too_old(message))
        return SQLITE_ERROR;
    rc = load(db, message);
#ifndef SQLITE_CORE
    /* Unloading would take the code away under other connections. */
    if (rc == SQLITE_OK)
        rc = SQLITE_OK_LOAD_PERMANENTLY;
#endif
    return rc;
}

/* An auto extension must answer SQLITE_OK and nothing else. */
static int auto_entry(sqlite3 *db, char **message,
                      const sqlite3_api_routines *api)
{
    (void)api;
    return load(db, message);
}

EXPORT int sqlite3_aigov_auto_init(sqlite3 *db, char **message,
                                   const sqlite3_api_routines *api)
{
    int rc;

    SQLITE_EXTENSION_INIT2(api)
    (void)api;
    if (too_old(message))
        return SQLITE_ERROR;
    rc = sqlite3_auto_extension((void (*)(void))auto_entry);
    if (rc == SQLITE_OK)
        rc = sqlite3_aigov_init(db, message, api);
    return rc;
}
