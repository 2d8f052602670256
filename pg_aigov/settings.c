/*
 * settings.c - what governs the log is an entry before it governs
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A setting that governs (see `governing`; pg_aigov.c defines it, PGC_SIGHUP
 * and with an assign hook that counts) and the catalogue of kinds and fields
 * that this module carries are recorded when they differ from what the log said
 * last: by the next put, or by the next append that finds lane 0 free, before
 * it inserts.  A backend compares once and again whenever a setting moves.
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

/* --- those that govern ------------------------------------------------------
 */

static const struct {
    const char *name;   /* without "aigov." */
    const char *normal; /* needs no entry */
} governing[] = {{"key_file", "none"}, {"lanes", "0"}, {"profile", "default"}};

/* As an entry keeps it: what the detectors find in it is replaced. */
static const char *as_kept(const char *value)
{
    aigov_ctx *ctx = core_scratch();
    aigov_scanner *s;
    aigov_error err;
    aigov_buf out;

    aigov_buf_init(&out, ctx);
    core_try(aigov_scanner_new(ctx, &s, &err));
    core_try(aigov_redact(s, aigov_str(value), AIGOV_ABSENT, &out, NULL, NULL,
                          &err));
    return span_cstring(aigov_buf_span(&out));
}

static const char *value_now(int i)
{
    const char *now =
        GetConfigOption(psprintf("aigov.%s", governing[i].name), false, false);

    return now && now[0] ? as_kept(now) : governing[i].normal;
}

static void record_setting(writer *w, const char *name, const char *now,
                           const char *was)
{
    aigov_buf b;

    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{") &&
                member(&b, "value", aigov_str(now)) &&
                member(&b, "was", aigov_str(was)) && aigov_buf_puts(&b, "}"));
    write_own(w, "setting", aigov_str(name), aigov_buf_span(&b), NULL);
}

static bool compare_settings(writer *w, bool write)
{
    bool same = true;
    int i;

    for (i = 0; i < lengthof(governing); i++) {
        const char *now = value_now(i);
        const char *was =
            recorded(w, "setting", governing[i].name, "fields.value");

        was = was ? was : governing[i].normal;
        if (strcmp(was, now) == 0)
            continue;
        same = false;
        if (write)
            record_setting(w, governing[i].name, now, was);
    }
    return same;
}

/* Compare with the log; write where write says so.  True: all is recorded. */
static bool compare(writer *w, bool write)
{
    static const char *const catalogue[] = {"kinds", "fields"};
    bool same = compare_settings(w, write);
    int i;

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

    if (own->settled && own->settings == settings_moved)
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
    own->settings = settings_moved;
}
