/*
 * settings.c - what governs the log is an entry before it governs
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A setting that governs (aigov.lanes, aigov.key_file) and the catalogue of
 * kinds and fields that this module carries are recorded when they differ from
 * what the log said last: by the next put, or by the next append that finds
 * lane 0 free, before it inserts.  A backend compares once and again whenever
 * the setting moves.
 */
#include "pg_aigov.h"

#include "access/transam.h"

typedef struct last_value {
    const char *path; /* of the member of body */
    int64 seq;
    char *value;
} last_value;

static void keep_last(void *arg, const aigov_entry *e)
{
    last_value *last = arg;

    if (e->seq <= last->seq)
        return;
    last->seq = e->seq;
    last->value = json_member(e->body, last->path);
}

typedef struct own_rows {
    int32 log;
    last_value *last;
} own_rows;

static void keep_own(void *arg, const aigov_entry *e)
{
    own_rows *rows = arg;

    if (e->log == rows->log)
        keep_last(rows->last, e);
}

static const char *recorded(writer *w, const char *kind, const char *subject,
                            const char *path)
{
    last_value last = {path, 0, NULL};
    own_rows rows = {w->own->log, &last};

    rows_of(w->entry.rel, SnapshotSelf, kind, aigov_str(subject), keep_own,
            &rows);
    return last.value;
}

static bool catalogue_differs(writer *w, const char *name)
{
    size_t rows;
    const char *sha256, *was;

    if (!aigov_catalogue(name, &rows, &sha256))
        return false;
    was = recorded(w, "schema", name, "fields.sha256");
    return !was || strcmp(was, sha256) != 0;
}

/* --- the settings
 * -------------------------------------------------------------------- */

static const char *lanes_now(void)
{
    return psprintf("%d", setting_lanes);
}

/* As an entry keeps it: what the detectors find in the path is replaced. */
static const char *key_file_now(void)
{
    aigov_ctx *ctx = core_scratch();
    aigov_scanner *s;
    aigov_error err;
    aigov_buf out;

    if (!setting_key_file || !setting_key_file[0])
        return "none";
    aigov_buf_init(&out, ctx);
    core_try(aigov_scanner_new(ctx, &s, &err));
    core_try(aigov_redact(s, aigov_str(setting_key_file), AIGOV_ABSENT, &out,
                          NULL, NULL, &err));
    return span_cstring(aigov_buf_span(&out));
}

static const struct {
    const char *name;
    const char *(*now)(void);
    const char *without; /* what is in force where nothing was recorded */
} governing[] = {
    {"key_file", key_file_now, "none"},
    {"lanes", lanes_now, "0"},
};

/* Compare one with the log; write where write says so. */
static bool compare_setting(writer *w, int i, bool write)
{
    const char *was = recorded(w, "setting", governing[i].name, "fields.value");
    const char *now = governing[i].now();
    aigov_buf b;

    was = was ? was : governing[i].without;
    if (strcmp(was, now) == 0)
        return true;
    if (!write)
        return false;
    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{") &&
                member(&b, "value", aigov_str(now)) &&
                member(&b, "was", aigov_str(was)) && aigov_buf_puts(&b, "}"));
    write_own(w, "setting", aigov_str(governing[i].name), aigov_buf_span(&b),
              NULL);
    return false;
}

/* Compare with the log; write where write says so.  True: all is recorded. */
static bool compare(writer *w, bool write)
{
    static const char *const catalogue[] = {"kinds", "fields"};
    bool same = true;
    int i;

    for (i = 0; i < lengthof(governing); i++)
        same = compare_setting(w, i, write) && same;
    for (i = 0; i < lengthof(catalogue); i++) {
        if (!catalogue_differs(w, catalogue[i]))
            continue;
        same = false;
        if (write)
            write_catalogue(w, catalogue[i]);
    }
    return same || write;
}

void settle(writer *w, bool wait)
{
    static TransactionId writing; /* what it wrote may still roll back */
    own_log *own = w->own;
    Oid entry = own->entry;

    if (own->settled && own->lanes == setting_lanes &&
        own->key_files == setting_key_files)
        return;
    if (!compare(w, false)) {
        if (wait)
            lane_wait(entry, 0);
        else if (!lane_try(entry, 0))
            return;
        compare(w, true);
        writing = GetTopTransactionId();
    }
    if (writing == GetTopTransactionIdIfAny() && TransactionIdIsValid(writing))
        return;
    own->settled = true;
    own->lanes = setting_lanes;
    own->key_files = setting_key_files;
}
