/*
 * conn.c - loading, closing, failing memory: what needs C to be tested
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   conn PATH/aigov DIR
 */
#define SQLITE_CORE 1 /* sqlite3ext.h for its struct alone */
#include <dlfcn.h>
#include <sqlite3ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int tests, bad;
static const char *module;
static char path[600];

static void ok(int value, const char *name)
{
    tests++;
    if (!value)
        bad++;
    printf("%s %d - %s\n", value ? "ok" : "not ok", tests, name);
    fflush(stdout);
}

static sqlite3 *open_loaded(int flags, int times)
{
    sqlite3 *db;
    char *message = NULL;

    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK)
        exit(3);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_enable_load_extension(db, 1);
    while (times-- > 0)
        if (sqlite3_load_extension(db, module, NULL, &message) != SQLITE_OK) {
            printf("# %s\n", message);
            sqlite3_free(message);
        }
    return db;
}

#define RW (SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

static int exec(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

#define APPEND "SELECT aigov_append('{\"system\":\"s\",\"input\":\"hello\"}')"

static void test_load_and_close(void)
{
    sqlite3 *db = open_loaded(RW, 1);
    sqlite3_stmt *s, *t;

    ok(exec(db, "SELECT aigov_init('example.com/c')") == SQLITE_OK, "init");
    ok(exec(db, APPEND ";" APPEND) == SQLITE_OK, "append");
    ok(sqlite3_close(db) == SQLITE_OK, "sqlite3_close with kept statements");

    db = open_loaded(RW, 2);
    ok(exec(db, APPEND) == SQLITE_OK, "loaded twice");
    ok(sqlite3_close(db) == SQLITE_OK, "and closed");

    db = open_loaded(RW, 1);
    ok(exec(db, APPEND) == SQLITE_OK, "append before the second load");
    sqlite3_enable_load_extension(db, 1);
    ok(sqlite3_load_extension(db, module, NULL, NULL) == SQLITE_OK,
       "the second load finds kept statements");
    ok(exec(db, APPEND ";SELECT * FROM aigov_verify") == SQLITE_OK,
       "append and verify after it");
    ok(sqlite3_close(db) == SQLITE_OK, "and closed");

    db = open_loaded(RW, 1);
    sqlite3_prepare_v2(db, "SELECT * FROM aigov_verify", -1, &s, NULL);
    sqlite3_prepare_v2(db, APPEND, -1, &t, NULL);
    ok(sqlite3_step(s) == SQLITE_ROW && sqlite3_step(t) == SQLITE_ROW,
       "a cursor stands on verify, an append is stepped");
    ok(sqlite3_close(db) == SQLITE_BUSY, "the host's own statements: busy");
    sqlite3_reset(t);
    ok(sqlite3_step(t) == SQLITE_ROW, "the connection lives on and appends");
    sqlite3_finalize(s);
    sqlite3_finalize(t);
    ok(sqlite3_close(db) == SQLITE_OK, "then it closes");

    db = open_loaded(RW, 1);
    sqlite3_prepare_v2(db, "SELECT * FROM aigov_verify", -1, &s, NULL);
    sqlite3_step(s);
    ok(sqlite3_close_v2(db) == SQLITE_OK, "close_v2 with a cursor");
    ok(sqlite3_step(s) == SQLITE_ROW, "which goes on");
    sqlite3_finalize(s);

    db = open_loaded(RW, 1);
    ok(exec(db, "BEGIN;" APPEND) == SQLITE_OK, "an open transaction");
    ok(sqlite3_close(db) == SQLITE_OK, "is rolled back by close");
    ok(1, "a load, no call, a close");
    db = open_loaded(RW, 1);
    sqlite3_close(db);
}

static int refuse_commit(void *n)
{
    ++*(int *)n;
    return 1;
}

static void count_rollback(void *n)
{
    ++*(int *)n;
}

static void test_hooks(void)
{
    sqlite3 *db = open_loaded(RW, 1);
    int commits = 0, rollbacks = 0;

    sqlite3_commit_hook(db, refuse_commit, &commits);
    sqlite3_rollback_hook(db, count_rollback, &rollbacks);
    ok(exec(db, APPEND) != SQLITE_OK && commits == 1 && rollbacks >= 1,
       "a commit hook of the host that refuses");
    ok(sqlite3_get_autocommit(db), "leaves autocommit");
    sqlite3_commit_hook(db, NULL, NULL);
    ok(exec(db, APPEND) == SQLITE_OK, "and the next append works");
    ok(sqlite3_close(db) == SQLITE_OK, "and the close");
}

static void test_auto(void)
{
    sqlite3 *db = open_loaded(RW, 0), *next;

    ok(sqlite3_load_extension(db, module, "sqlite3_aigov_auto_init", NULL) ==
           SQLITE_OK,
       "sqlite3_aigov_auto_init");
    ok(exec(db, APPEND) == SQLITE_OK, "loads here");
    next = open_loaded(RW, 0);
    ok(exec(next, APPEND) == SQLITE_OK, "and into connections opened later");
    ok(sqlite3_close(next) == SQLITE_OK, "which close");
    ok(sqlite3_close(db) == SQLITE_OK, "as this one");
    sqlite3_reset_auto_extension();
}

/* --- failing memory ------------------------------------------------------ */

static sqlite3_mem_methods real;
static long countdown = -1; /* fails when it gets to 0, once */
static int lasting;         /* then goes on failing */

static int fails(void)
{
    if (countdown == 0 && lasting)
        return 1;
    return countdown > 0 && --countdown == 0;
}

static void *my_malloc(int n)
{
    return fails() ? NULL : real.xMalloc(n);
}

static void *my_realloc(void *p, int n)
{
    return fails() ? NULL : real.xRealloc(p, n);
}

static void install_allocator(void)
{
    sqlite3_mem_methods m;

    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    m = real;
    m.xMalloc = my_malloc;
    m.xRealloc = my_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &m);
}

static int count(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    int n = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return n;
}

#define ENTRIES "SELECT count(*) FROM aigov_entry"
#define FAILED                                                                 \
    "SELECT count(*) FROM aigov_verify WHERE status NOT IN"                    \
    " ('unanchored') OR content <> 'intact'"

/* Fail the n-th allocation of sql for every n until none fails any more. */
static void test_oom(const char *name, const char *before, const char *sql,
                     int reopen)
{
    sqlite3 *db = NULL;
    int wrong = 0;
    long n, rc = SQLITE_NOMEM;
    char text[200];

    for (n = 1; rc != SQLITE_OK && n < 5000; n++) {
        int had, has;

        if (!db || reopen) {
            sqlite3_close(db);
            db = open_loaded(RW, 1);
        }
        exec(db, before);
        had = count(db, ENTRIES);
        countdown = n;
        rc = exec(db, sql);
        countdown = -1;
        if (!sqlite3_get_autocommit(db))
            exec(db, "COMMIT");
        has = count(db, ENTRIES);
        if (rc == SQLITE_OK ? has < had : has > had + 1)
            wrong++;
        if (rc == SQLITE_OK || n % 16 == 0)
            wrong += count(db, FAILED) != 0;
    }
    wrong += count(db, FAILED) != 0;
    wrong += sqlite3_close(db) != SQLITE_OK;
    snprintf(text, sizeof text, "%s: %ld failing allocations, log whole", name,
             n - 2);
    ok(rc == SQLITE_OK && wrong == 0, text);
}

/* From the n-th allocation on, all fail until the statement ends.  What is
 * acknowledged afterwards is there when the file is opened again. */
static void test_owed(void)
{
    int wrong = 0, left = 0;
    long n, rc = SQLITE_NOMEM;

    for (n = 1; rc != SQLITE_OK && n < 3000; n++) {
        sqlite3 *db = open_loaded(RW, 1);
        int had, has;

        exec(db, APPEND);
        had = count(db, ENTRIES);
        countdown = n;
        lasting = 1;
        rc = exec(db, APPEND);
        countdown = -1;
        lasting = 0;
        left += !sqlite3_get_autocommit(db);
        had += rc == SQLITE_OK;
        wrong += exec(db, APPEND) != SQLITE_OK;
        wrong += !sqlite3_get_autocommit(db);
        sqlite3_close(db);
        db = open_loaded(RW, 1);
        has = count(db, ENTRIES);
        /* a receipt that found no memory may be one of a committed entry */
        wrong += has != had + 1 && (rc == SQLITE_OK || has != had + 2);
        sqlite3_close(db);
    }
    printf("# %d transactions were left open\n", left);
    ok(rc == SQLITE_OK && wrong == 0, "a rollback that is owed is made good");
}

#define HIDDEN "qzcanary@acme.example"
#define REASON "asked by " HIDDEN

/* The first column of every row, or the message; the code. */
static int answer(sqlite3 *db, const char *sql, char *out, size_t n)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    size_t at = 0;

    out[0] = '\0';
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        const char *text;

        rc = sqlite3_step(s);
        text =
            rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
        if (text)
            at += (size_t)snprintf(out + at, n - at, "%s;", text);
        else if (rc == SQLITE_ROW)
            rc = SQLITE_NOMEM;
    }
    if (rc != SQLITE_DONE)
        snprintf(out, n, "%s", sqlite3_errmsg(db));
    sqlite3_finalize(s);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* However memory fails: the whole answer, or an error that says nothing. */
static void test_oom_answer(const char *name, const char *sql, const char *want)
{
    long n, rc = SQLITE_NOMEM;
    int wrong = 0;
    char got[2000], text[200];

    for (n = 1; rc != SQLITE_OK && n < 5000; n++) {
        sqlite3 *db = open_loaded(RW, 1);

        countdown = n;
        rc = answer(db, sql, got, sizeof got);
        countdown = -1;
        wrong += rc == SQLITE_OK ? strstr(got, want) == NULL
                                 : strstr(got, HIDDEN) != NULL;
        sqlite3_close(db);
    }
    snprintf(text, sizeof text, "%s: %ld failing allocations, nothing raw",
             name, n - 2);
    ok(rc == SQLITE_OK && wrong == 0 && n > 3 && strstr(got, HIDDEN) == NULL,
       text);
}

#define LAST "(SELECT id FROM aigov_entry WHERE kind = 'access' LIMIT 1)"
#define RAW                                                                    \
    "SELECT count(*) FROM aigov_entry LEFT JOIN aigov_content"                 \
    " USING (log, lane, seq) WHERE instr(aigov_entry.body, '" HIDDEN "')"      \
    " OR instr(COALESCE(aigov_content.body, ''), '" HIDDEN "')"                \
    " OR instr(COALESCE(aigov_entry.subject, ''), '" HIDDEN "')"

static void test_redaction(void)
{
    sqlite3 *db;

    test_oom("open_content", "",
             "SELECT aigov_open_content(id, '" REASON "') FROM aigov_entry"
             " WHERE kind = 'interaction' LIMIT 1",
             1);
    test_oom("record_import", "",
             "SELECT aigov_record_import('{\"subject\":\"" HIDDEN "\","
             "\"source\":\"openai\",\"file_sha256\":\"' || hex(zeroblob(32))"
             " || '\",\"records\":1,\"accepted\":1,\"duplicates\":0,"
             "\"refused\":0}')",
             1);
    test_oom("append, something is found", "",
             "SELECT aigov_append('{\"system\":\"s\",\"input\":\"" REASON
             "\",\"attributes\":{\"" HIDDEN "\":\"" HIDDEN "\"}}')",
             1);
    test_oom_answer("redact", "SELECT aigov_redact('" REASON "')",
                    "asked by [EMAIL_ADDRESS];");
    test_oom_answer("redact a BLOB",
                    "SELECT CAST(aigov_redact(CAST('" REASON
                    "' AS BLOB)) AS TEXT)",
                    "asked by [EMAIL_ADDRESS];");
    test_oom_answer("redact_json",
                    "SELECT aigov_redact_json('{\"a\":[\"" REASON
                    "\",{\"" HIDDEN "\":\"{\\\"x\\\":\\\"" HIDDEN
                    "\\\"}\"}]}')",
                    "\"[EMAIL_ADDRESS]\":\"{\\\"x\\\":\\\"[EMAIL");
    test_oom_answer(
        "findings",
        "SELECT entity || start || reason FROM aigov_findings('" REASON "')",
        "EMAIL_ADDRESS90.");
    test_oom_answer("cel",
                    "SELECT aigov_cel('x.filter(s, s.matches(\"^a+\")).size()'"
                    ", '{\"x\":{\"t\":\"list\",\"v\":[{\"t\":\"string\","
                    "\"v\":\"aab\"}]}}', '{\"x\":\"list(string)\"}')",
                    "{\"t\":\"int\",\"v\":\"1\"}");
    test_oom_answer("cel, refused",
                    "SELECT aigov_cel('[1] + [\"a\"]', '{}', '{}')",
                    "\"error\":\"check\"");
    test_oom_answer("explain_redaction",
                    "SELECT aigov_explain_redaction(" LAST ")",
                    "\"EMAIL_ADDRESS\":1");
    db = open_loaded(RW, 1);
    ok(count(db, RAW) == 0, "nothing raw was stored");
    sqlite3_close(db);
}

static void test_memory(void)
{
    test_owed();
    test_oom("append, first of a connection", "", APPEND, 1);
    test_oom("append, kept statements", APPEND, APPEND, 0);
    test_oom("append in a transaction", "BEGIN", APPEND, 1);
    test_oom("batch", "",
             "SELECT aigov_append_batch('[{\"system\":\"s\"},{\"x\":1}]')", 0);
    test_oom("inbox", "",
             "INSERT INTO aigov_inbox(record) VALUES ('{\"system\":\"s\"}')",
             1);
    test_oom("verify", "", "SELECT * FROM aigov_verify", 1);
    test_oom("health and history", "",
             "SELECT * FROM aigov_health;"
             "SELECT * FROM aigov_history('schema', 'kinds')",
             1);
    test_redaction();
}

/* --- an old SQLite ------------------------------------------------------- */

static int old_number(void)
{
    return 3033000;
}

static const char *old_version(void)
{
    return "3.33.0";
}

/* Everything but these three is NULL: a call to anything else would crash. */
static void test_old(void)
{
    static sqlite3_api_routines api;
    static const char *const entry[] = {"sqlite3_aigov_init",
                                        "sqlite3_aigov_auto_init"};
    char file[600], *message = NULL;
    void *so;
    int (*init)(sqlite3 *, char **, const void *);

    snprintf(file, sizeof file, "%s.so", module);
    so = dlopen(file, RTLD_NOW);
    api.libversion = old_version;
    api.libversion_number = old_number;
    api.mprintf = sqlite3_mprintf;
    for (int i = 0; i < 2; i++) {
        *(void **)&init = so ? dlsym(so, entry[i]) : NULL;
        ok(init && init(NULL, &message, &api) == SQLITE_ERROR && message &&
               strstr(message, "3.34 or newer; this is 3.33.0"),
           "SQLite 3.33 is refused before anything else is called");
        sqlite3_free(message);
        message = NULL;
    }
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    module = argv[1];
    snprintf(path, sizeof path, "%s/conn.db", argv[2]);
    unlink(path);
    install_allocator();
    test_load_and_close();
    test_hooks();
    test_auto();
    test_memory();
    test_old();
    printf("1..%d\n", tests);
    return bad != 0;
}
