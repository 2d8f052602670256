/*
 * keys.c - the setting key_file, and the keys of that file
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   SELECT aigov_set('key_file', '/etc/aigov/redaction.keys')    or 'none'
 *   SELECT * FROM aigov_redaction_keys       ids and what each is for
 *
 * The setting is one that governs (settings.c): every connection to the file
 * has the same, and when it changed is evidence.  The path is whole (who opens
 * the file may be in any folder), and holds nothing that the detectors find,
 * since entries keep none.
 *
 * The keys are read again when the setting or the file is another, which is
 * asked with the head of lane 0 (rules.c).  An append never fails for them:
 * what needs a key is then replaced, and aigov_health says why.
 */
#include "sqlite_aigov.h"

#include <string.h>

/* --- the setting --------------------------------------------------------- */

/* As of entry `until` of lane 0 of a log; *path: NULL where none is set;
 * sqlite3_free it. */
static aigov_status read_setting(conn *c, int64_t log, int64_t until,
                                 char **path)
{
    aigov_buf value;
    aigov_status st;

    *path = NULL;
    aigov_buf_init(&value, c->ctx);
    st = setting_value(c, SETTING_KEY_FILE, log, until, &value);
    if (st == AIGOV_OK && !aigov_span_is(aigov_buf_span(&value), "none")) {
        *path = sqlite3_mprintf("%.*s", (int)value.n, value.p);
        if (!*path)
            st = conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    }
    aigov_buf_free(&value);
    return st;
}

static aigov_status check_path(conn *c, aigov_span path)
{
    const aigov_finding *f;
    size_t n, i;
    aigov_status st = AIGOV_OK;

    if (path.n > 1000 || path.n == 0 || path.p[0] != '/' ||
        memchr(path.p, 0, path.n))
        return conn_fail(c, AIGOV_ARG,
                         "key_file is no path from / on of at most 1000 bytes, "
                         "nor none",
                         "aigov keygen --redaction FILE makes such a file");
    if (!c->scanner)
        st = aigov_scanner_new(c->ctx, &c->scanner, &c->err);
    if (st == AIGOV_OK)
        st = aigov_scanner_use(c->scanner, NULL, AIGOV_ABSENT, &c->err);
    if (st == AIGOV_OK)
        st = aigov_scan(c->scanner, path, AIGOV_ABSENT, &f, &n, &c->err);
    for (i = 0; st == AIGOV_OK && i < n; i++)
        if (f[i].acted)
            st = conn_fail(c, AIGOV_ARG,
                           "the path holds what the detectors find, and an "
                           "entry keeps none",
                           "give the file another name");
    return st;
}

/* A file that cannot be used is not set. */
static aigov_status check_file(conn *c, aigov_span value)
{
    char *path = sqlite3_mprintf("%.*s", (int)value.n, value.p);
    aigov_keys *keys = NULL;
    file_state state;
    aigov_status st;

    if (!path)
        return conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
    st = keyfile_read(c->ctx, path, &state, &keys, &c->err);
    aigov_keys_free(st == AIGOV_OK ? keys : NULL);
    sqlite3_free(path);
    return st;
}

aigov_status keys_usable(conn *c, aigov_span value)
{
    aigov_status st;

    if (aigov_span_is(value, "none"))
        return AIGOV_OK;
    st = check_path(c, value);
    return st == AIGOV_OK ? check_file(c, value) : st;
}

/* --- the keys ------------------------------------------------------------ */

void keys_forget(conn *c)
{
    known_keys *k = &c->keys;

    aigov_keys_free(k->keys);
    sqlite3_free(k->path);
    *k = (known_keys){.state = k->state + 1};
}

/* Read the file of k->path; what is wrong with it is no failure here. */
static aigov_status load(conn *c)
{
    known_keys *k = &c->keys;
    aigov_status st = AIGOV_OK;

    aigov_keys_free(k->keys);
    k->keys = NULL;
    k->failed = false;
    k->state++;
    k->file = (file_state){0};
    if (k->path) {
        k->file = keyfile_state(k->path);
        st = keyfile_read(c->ctx, k->path, &k->file, &k->keys, &k->problem);
    }
    if (st == AIGOV_KEY) {
        k->failed = true;
        st = AIGOV_OK;
    } else if (st != AIGOV_OK) {
        c->err = k->problem;
    }
    return st;
}

static bool same_path(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

aigov_status keys_refresh(conn *c, bool moved, int64_t log, int64_t until)
{
    known_keys *k = &c->keys;
    char *path = NULL;
    file_state now = {0};
    aigov_status st = AIGOV_OK;

    if (moved) {
        st = read_setting(c, log, until, &path);
        if (st != AIGOV_OK)
            return st;
        if (same_path(path, k->path)) {
            sqlite3_free(path);
        } else {
            keys_forget(c);
            k->path = path;
            return load(c);
        }
    }
    if (k->path)
        now = keyfile_state(k->path);
    return keyfile_same(&now, &k->file) ? AIGOV_OK : load(c);
}

/* --- aigov_redaction_keys ------------------------------------------------ */

static aigov_status redaction_keys_fill(conn *c, rows *out, sqlite3_value **arg)
{
    const char *id;
    bool ok = true;
    aigov_status st = rules_now(c);

    (void)arg;
    if (st != AIGOV_OK)
        return st;
    for (size_t i = 0; ok && (id = aigov_key_id(c->keys.keys, i)) != NULL; i++)
        ok = rows_text(out, aigov_str(id)) &&
             rows_text(out, i == 0 ? AIGOV_LIT("writing")
                                   : AIGOV_LIT("restoring")) &&
             rows_null(out);
    if (ok && c->keys.failed)
        ok = rows_null(out) && rows_text(out, AIGOV_LIT("unusable")) &&
             rows_text(out, aigov_str(c->keys.problem.text));
    return ok ? st : conn_fail(c, AIGOV_NOMEM, "out of memory", NULL);
}

const rows_def redaction_keys_def = {
    .name = "aigov_redaction_keys",
    .declare = "CREATE TABLE x(id, state, detail)",
    .columns = 3,
    .hidden = 0,
    .fill = redaction_keys_fill,
};
