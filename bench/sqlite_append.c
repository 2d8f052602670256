/*
 * sqlite_append.c - an append against a plain INSERT of the same rows
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   sqlite_append PATH/aigov [--quick] [1k|16k]
 *   sqlite_append PATH/aigov --redact PATH/bare/aigov RECORD [--quick]
 *
 * Two files, WAL, synchronous NORMAL, everything prepared and bound.  One takes
 * SELECT aigov_append(?), guards on; the other INSERTs the same entry and
 * content rows (those the first append made, with other ids and seqs) into
 * tables with the same columns and indexes, without guards and chain.  Rounds
 * are interleaved; a ratio is the median of the rounds' ratios.
 *
 * --redact: appends of the record in the file RECORD beside a module of the
 * same core that looks for nothing, and the first aigov_redact of a process.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 15

typedef struct times {
    double wall, cpu;
} times;

typedef struct bench {
    sqlite3 *log, *plain;
    sqlite3_stmt *append, *entry, *content;
    sqlite3_stmt *row; /* the first append's row of entry and content */
    char *record;
    size_t record_n;
    int64_t next;
} bench;

static void die(sqlite3 *db, const char *what)
{
    fprintf(stderr, "sqlite_append: %s: %s\n", what,
            db ? sqlite3_errmsg(db) : "");
    exit(1);
}

static void exec(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) !=
        SQLITE_OK)
        die(db, sql);
    return s;
}

static times now(void)
{
    struct timespec t;
    struct rusage u;

    clock_gettime(CLOCK_MONOTONIC, &t);
    getrusage(RUSAGE_SELF, &u);
    return (times){(double)t.tv_sec + (double)t.tv_nsec / 1e9,
                   (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6};
}

/* --- the two ways to write ----------------------------------------------- */

/* A UUIDv7 whose time grows and whose rest is scattered, as in life. */
static void make_id(int64_t n, char id[37])
{
    uint64_t x = (uint64_t)n * 0x9e3779b97f4a7c15u;
    char text[40];

    snprintf(text, sizeof text, "0199%04x-%04x-7%03x-8%03x-%012llx",
             (unsigned)(n >> 16) & 0xffff, (unsigned)n & 0xffff,
             (unsigned)(x >> 52) & 0xfff, (unsigned)(x >> 40) & 0xfff,
             (unsigned long long)(x & 0xffffffffffff));
    memcpy(id, text, 37);
}

static void append_one(bench *b)
{
    char id[37];

    make_id(b->next++, id);
    memcpy(strstr(b->record, "\"id\":\"") + 6, id, 36);
    sqlite3_bind_text(b->append, 1, b->record, (int)b->record_n, SQLITE_STATIC);
    if (sqlite3_step(b->append) != SQLITE_ROW)
        die(b->log, "append");
    sqlite3_reset(b->append);
}

static void plain_one(bench *b)
{
    char id[37];
    uint8_t hash[32];
    int64_t seq = b->next++;

    make_id(seq, id);
    for (size_t i = 0; i < sizeof hash; i++)
        hash[i] = (uint8_t)(seq * 31 + (int64_t)i * 17);
    sqlite3_bind_int64(b->content, 3, seq);
    if (sqlite3_step(b->content) != SQLITE_DONE)
        die(b->plain, "content");
    sqlite3_reset(b->content);
    sqlite3_bind_int64(b->entry, 3, seq);
    sqlite3_bind_text(b->entry, 7, id, 36, SQLITE_STATIC);
    sqlite3_bind_blob(b->entry, 20, hash, 32, SQLITE_STATIC);
    sqlite3_bind_blob(b->entry, 21, hash, 32, SQLITE_STATIC);
    if (sqlite3_step(b->entry) != SQLITE_DONE)
        die(b->plain, "entry");
    sqlite3_reset(b->entry);
}

static times run(bench *b, sqlite3 *db, void (*one)(bench *), int count,
                 int per_tx)
{
    times t0 = now(), t1;

    for (int i = 0; i < count; i++) {
        if (per_tx > 1 && i % per_tx == 0)
            exec(db, "BEGIN");
        if (per_tx == 1 && one == plain_one)
            exec(db, "BEGIN"); /* two INSERTs, one commit */
        one(b);
        if ((per_tx > 1 && (i + 1) % per_tx == 0) ||
            (per_tx == 1 && one == plain_one))
            exec(db, "COMMIT");
    }
    t1 = now();
    return (times){t1.wall - t0.wall, t1.cpu - t0.cpu};
}

/* --- set up -------------------------------------------------------------- */

static void make_record(bench *b, size_t size)
{
    static const char head[] =
        "{\"id\":\"01990000-0000-7000-8000-000000000000\","
        "\"system\":\"claims-assistant\",\"system_version\":\"2.4\","
        "\"actor\":{\"id\":\"u_7f3a\",\"type\":\"human\","
        "\"roles\":[\"adjuster\"]},\"purpose\":\"claims triage\","
        "\"provider\":\"openai\",\"model\":\"gpt-4o\",\"operation\":\"chat\","
        "\"usage\":{\"input_tokens\":412,\"output_tokens\":90},"
        "\"finish_reasons\":[\"stop\"],\"duration_ms\":812,\"input\":\"";
    static const char middle[] = "\",\"output\":\"";
    static const char word[] = "The kitchen ceiling came down after the rain. ";
    size_t n = sizeof head - 1, half = (size - sizeof head) / 2;

    b->record = malloc(size + 64);
    if (!b->record)
        die(NULL, "out of memory");
    memcpy(b->record, head, n);
    while (n < sizeof head - 1 + half)
        b->record[n] = word[n % (sizeof word - 1)], n++;
    memcpy(b->record + n, middle, sizeof middle - 1);
    n += sizeof middle - 1;
    while (n < size - 2)
        b->record[n] = word[n % (sizeof word - 1)], n++;
    memcpy(b->record + n, "\"}", 3);
    b->record_n = n + 2;
}

static sqlite3 *open_file(const char *dir, const char *name)
{
    char path[512];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        die(db, path);
    exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    return db;
}

static void make_log(bench *b, const char *dir, const char *name,
                     const char *module)
{
    char *message = NULL;

    b->log = open_file(dir, name);
    sqlite3_enable_load_extension(b->log, 1);
    if (sqlite3_load_extension(b->log, module, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "sqlite_append: %s\n", message);
        exit(1);
    }
    exec(b->log, "SELECT aigov_init('example.com/bench')");
    b->append = prepare(b->log, "SELECT aigov_append(?)");
    append_one(b);
}

/* The same tables and indexes without guards: their text as it was stored. */
static void make_plain(bench *b, const char *dir)
{
    sqlite3_stmt *s = prepare(
        b->log, "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index')"
                " AND tbl_name IN ('aigov_entry', 'aigov_content')"
                " AND sql IS NOT NULL ORDER BY type DESC");

    b->plain = open_file(dir, "plain.db");
    while (sqlite3_step(s) == SQLITE_ROW)
        exec(b->plain, (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    b->entry = prepare(b->plain,
                       "INSERT INTO aigov_entry VALUES (?,?,?,?,?,?,?,?,?,?,?,"
                       "?,?,?,?,?,?,?,?,?,?,?)");
    b->content =
        prepare(b->plain, "INSERT INTO aigov_content VALUES (?,?,?,?,?,?)");
    b->row = prepare(b->log, "SELECT e.*, c.* FROM aigov_entry e"
                             " JOIN aigov_content c USING (log, lane, seq)"
                             " WHERE e.lane = 1");
    if (sqlite3_step(b->row) != SQLITE_ROW)
        die(b->log, "first row");
    for (int i = 0; i < 22; i++)
        sqlite3_bind_value(b->entry, i + 1, sqlite3_column_value(b->row, i));
    for (int i = 0; i < 3; i++)
        sqlite3_bind_value(b->content, i + 1, sqlite3_column_value(b->row, i));
    sqlite3_finalize(b->row);
    b->row = prepare(b->log, "SELECT at, salt, body FROM aigov_content"
                             " WHERE lane = 1");
    sqlite3_step(b->row);
    for (int i = 0; i < 3; i++)
        sqlite3_bind_value(b->content, i + 4, sqlite3_column_value(b->row, i));
    sqlite3_finalize(b->row);
}

static void close_all(bench *b, const char *dir)
{
    char path[512];

    sqlite3_finalize(b->append);
    sqlite3_finalize(b->entry);
    sqlite3_finalize(b->content);
    if (sqlite3_close(b->log) != SQLITE_OK ||
        sqlite3_close(b->plain) != SQLITE_OK)
        die(NULL, "close");
    free(b->record);
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "%s/%s.db%s", dir, i < 3 ? "log" : "plain",
                 (const char *[]){"", "-wal", "-shm"}[i % 3]);
        unlink(path);
    }
}

/* --- measuring ----------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return v[n / 2];
}

static void measure(const char *dir, const char *module, const char *label,
                    size_t size, int count, int per_tx, int rounds)
{
    double wall[MAX_ROUNDS], cpu[MAX_ROUNDS], us[MAX_ROUNDS], us0[MAX_ROUNDS];
    bench b = {.next = 1};

    make_record(&b, size);
    make_log(&b, dir, "log.db", module);
    make_plain(&b, dir);
    run(&b, b.log, append_one, per_tx, per_tx);
    run(&b, b.plain, plain_one, per_tx, per_tx);
    for (int r = 0; r < rounds; r++) {
        times p, a;

        p = run(&b, b.plain, plain_one, count, per_tx);
        a = run(&b, b.log, append_one, count, per_tx);
        wall[r] = p.wall / a.wall;
        cpu[r] = p.cpu / a.cpu;
        us[r] = a.wall / count * 1e6;
        us0[r] = p.wall / count * 1e6;
    }
    printf("%-6s %4d/tx  plain %7.1f us  append %7.1f us  of plain %.2f"
           "  CPU %.2f\n",
           label, per_tx, median(us0, rounds), median(us, rounds),
           median(wall, rounds), median(cpu, rounds));
    fflush(stdout);
    close_all(&b, dir);
}

/* --- redaction ----------------------------------------------------------- */

static void read_record(bench *b, const char *path)
{
    FILE *f = fopen(path, "r");

    b->record = malloc(65536);
    if (!f || !b->record)
        die(NULL, path);
    b->record_n = fread(b->record, 1, 65535, f);
    b->record[b->record_n] = 0;
    fclose(f);
}

/* KiB of this process that nobody shares and that were written. */
static long private_dirty(void)
{
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    long kib = -1;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Private_Dirty: %ld", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib;
}

static double redact_us(sqlite3_stmt *s)
{
    times t = now();

    if (sqlite3_step(s) != SQLITE_ROW)
        die(sqlite3_db_handle(s), "redact");
    t.wall = now().wall - t.wall;
    sqlite3_reset(s);
    return t.wall * 1e6;
}

static void start_up(const bench *b, sqlite3 *db)
{
    sqlite3_stmt *s = prepare(db, "SELECT aigov_redact(?)");
    double first, later = 1e9;
    long before, after;

    sqlite3_bind_text(s, 1, b->record, 2048, SQLITE_STATIC);
    before = private_dirty();
    first = redact_us(s);
    after = private_dirty();
    for (int i = 0; i < 100; i++) {
        double us = redact_us(s);
        later = us < later ? us : later;
    }
    sqlite3_finalize(s);
    printf("{\"first_us\":%.1f,\"later_us\":%.1f,\"private_kib\":%ld,", first,
           later, after - before);
}

/* Loads the module; nothing else of it has run in this process. */
static void start_up_alone(const bench *b, const char *module)
{
    sqlite3 *db;

    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        die(db, "memory");
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, module, NULL, NULL) != SQLITE_OK)
        die(db, module);
    start_up(b, db);
    sqlite3_close(db);
}

static void redaction(const char *dir, const char *module, const char *bare,
                      const char *record, int count, int rounds)
{
    double plain[MAX_ROUNDS], ratio[MAX_ROUNDS], us[MAX_ROUNDS];
    bench b = {.next = 1}, without = {.next = 1};
    char path[512];

    read_record(&b, record);
    read_record(&without, record);
    start_up_alone(&b, module);
    make_log(&b, dir, "log.db", module);
    make_log(&without, dir, "bare.db", bare);
    make_plain(&b, dir);
    for (int r = 0; r < rounds; r++) {
        times p = run(&b, b.plain, plain_one, count, 500);
        times a = run(&b, b.log, append_one, count, 500);
        times w = run(&without, without.log, append_one, count, 500);
        plain[r] = p.wall / a.wall;
        ratio[r] = w.wall / a.wall;
        us[r] = a.wall / count * 1e6;
    }
    printf("\"append_us\":%.1f,\"of_plain\":%.3f,\"of_bare\":%.3f}\n",
           median(us, rounds), median(plain, rounds), median(ratio, rounds));
    close_all(&b, dir);
    sqlite3_finalize(without.append);
    sqlite3_close(without.log);
    free(without.record);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/bare.db%s", dir,
                 (const char *[]){"", "-wal", "-shm"}[i]);
        unlink(path);
    }
}

int main(int argc, char **argv)
{
    char dir[64];
    const char *only = NULL;
    int rounds = 11, scale = 2;

    if (argc < 2) {
        fprintf(stderr, "usage: sqlite_append PATH/aigov [--quick]\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0)
            rounds = 5, scale = 1;
        else
            only = argv[i];
    }
    snprintf(dir, sizeof dir, "/tmp/aigov-bench-%ld", (long)getpid());
    if (mkdir(dir, 0700) != 0)
        die(NULL, "no temporary folder");
    if (argc > 4 && strcmp(argv[2], "--redact") == 0) {
        redaction(dir, argv[1], argv[3], argv[4], 1000 * scale, rounds);
        rmdir(dir);
        return 0;
    }
    if (!only || strcmp(only, "1k") == 0) {
        measure(dir, argv[1], "1 KB", 1024, 5000 * scale, 500, rounds);
        measure(dir, argv[1], "1 KB", 1024, 1000 * scale, 1, rounds);
    }
    if (!only || strcmp(only, "16k") == 0) {
        measure(dir, argv[1], "16 KB", 16384, 1000 * scale, 500, rounds);
        measure(dir, argv[1], "16 KB", 16384, 500 * scale, 1, rounds);
    }
    rmdir(dir);
    return 0;
}
