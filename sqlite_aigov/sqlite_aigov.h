/*
 * sqlite_aigov.h - what the files of the SQLite module share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A connection that loads the module has one `conn`.  Every SQL function and
 * virtual table points to it; the last of them to go frees it.
 *
 * Rules in this folder
 *
 *   errors     functions return aigov_status and fill c->err; where SQLite
 *              itself failed that is AIGOV_IO and c->rc is SQLite's own
 *              extended code, which the caller of the SQL function gets
 *              unchanged (SQLITE_BUSY above all)
 *   schema     internal SQL names the schema: a TEMP table or an attached
 *              database must not stand in for a table of the log
 *   statements those of an append are prepared once (state.c); all others are
 *              prepared, used and finalized where they stand
 *   writing    only between write_begin and write_end (write.c)
 */
#ifndef SQLITE_AIGOV_H
#define SQLITE_AIGOV_H

#include "aigov.h"
#include "aigov_lineage.h"

/* With SQLITE_CORE this is sqlite3.h: the appender compiles these files in. */
#include <sqlite3ext.h>
#ifndef SQLITE_AIGOV_MAIN
SQLITE_EXTENSION_INIT3
#endif

#include <sys/types.h>

/* --- state.c: the connection --------------------------------------------- */

/* The statements of an append, kept prepared. */
enum {
    STMT_SAVEPOINT,
    STMT_RELEASE,
    STMT_LOCK,
    STMT_INSTANCE,
    STMT_HEAD,
    STMT_BY_ID,
    STMT_CONTENT,
    STMT_ENTRY,
    STMT_TURN,
    STMT_TURN_FIND,
    STMT_ANSWERED,
    STMT_SYSTEM,
    STMT_COUNT
};

/* The row of aigov_instance, and how the file of this connection differs. */
typedef struct instance {
    char origin[201];
    size_t origin_n;
    int64_t log;
    bool there; /* the row */
    bool used;
    bool moved; /* another file than the row says */
} instance;

/* Which file a connection has open as "main". */
typedef struct file_id {
    bool known;  /* asked already */
    bool memory; /* in memory, or the system cannot tell */
    int64_t inode;
    int64_t birth; /* nanoseconds; 0 where the file system keeps none */
} file_id;

/* The last entry of a lane. */
typedef struct head {
    int64_t seq; /* 0: the lane is empty */
    int64_t at;
    uint8_t hash[AIGOV_HASH_LEN];
} head;

/*
 * What the last append of the open transaction knew.  Nobody else can write
 * while the transaction is open, so it holds until the transaction ends, a
 * savepoint is rolled back (state.c hears of both), or this connection changes
 * any row itself.
 */
typedef struct memory {
    bool valid;
    int changes; /* sqlite3_total_changes then */
    instance in;
    head lane[2];
} memory;

/* Own detectors and profiles, as of a head of lane 0 (rules.c). */
typedef struct known_rules {
    bool known;
    int64_t log, seq;
    uint8_t hash[AIGOV_HASH_LEN];
    aigov_rules *rules; /* NULL: what is built in */
    aigov_buf mark;     /* what they were made of */
    uint64_t keys;      /* the state of the keys then */
} known_rules;

/* Policies and registers, as of a head of lane 0 (policies.c). */
typedef struct known_policies {
    bool whole;
    bool none; /* there is no policy, so nothing else was read */
    int64_t log, seq;
    uint8_t hash[AIGOV_HASH_LEN];
    aigov_policies *policies;
} known_policies;

/* Which file, and which state of it, something was read from. */
typedef struct file_state {
    bool there;
    int64_t device, inode, size, seconds, nanoseconds; /* of its change */
} file_state;

/* The redaction keys, as of the same head (keys.c). */
typedef struct known_keys {
    uint64_t state; /* another number where they are others */
    char *path;     /* of the setting; NULL: none */
    file_state file;
    aigov_keys *keys; /* NULL: none, or failed */
    bool failed;
    aigov_error problem;
} known_keys;

typedef struct conn {
    sqlite3 *db;
    int refs;       /* functions, modules and tables that point here */
    bool busy;      /* an append is under way */
    bool connected; /* the table that owns the statements is */
    bool opened;    /* write_begin opened the transaction: it is ours alone */
    bool owes;      /* a rollback of that transaction, which SQLite refused */
    int owed_at;    /* sqlite3_total_changes then */
    bool tx_live;   /* tx belongs to the transaction that is open now */
    char tx[17];    /* 16 hex digits */
    int rc;         /* SQLite's own error beside AIGOV_IO */
    aigov_error err;
    aigov_ctx *ctx;
    aigov_record *record;   /* an application's or a put */
    aigov_record *extra;    /* one that a function of aigov makes itself */
    aigov_scanner *scanner; /* made at the first need (redact.c) */
    char *login;
    char *as_of; /* heads of lanes, JSON; NULL: now */
    aigov_buf recorded_by, receipt, scratch;
    file_id file;
    memory memory;
    known_rules rules;
    known_policies policies;
    aigov_ledger ledger;
    aigov_judge judge; /* of the record that was read last */
    known_keys keys;
    bool has_zero; /* lane 0's head was read in this write */
    head zero;
    sqlite3_stmt *stmt[STMT_COUNT];
} conn;

aigov_status conn_new(sqlite3 *db, conn **out);
conn *conn_ref(conn *c);
void conn_unref(void *c); /* void *: a destructor for SQLite */
/* First thing in every function: refuses a forked child, clears the error. */
aigov_status conn_enter(conn *c);
/* A kept statement, reset; NULL and c->err on failure. */
sqlite3_stmt *conn_stmt(conn *c, int which);
/* Prepare from a printf format of sqlite3_mprintf (%w, %Q, %lld). */
aigov_status conn_prepare(conn *c, sqlite3_stmt **out, const char *format, ...);
aigov_status conn_exec(conn *c, const char *format, ...);
/* The stamp of the transaction that is open now. */
aigov_status conn_tx(conn *c, aigov_span *tx);
/* The transaction is over, or part of it was undone. */
void conn_tx_end(conn *c);
/* c->memory, if it still holds; else NULL. */
memory *conn_memory(conn *c);
/* Who writes, as the canonical recorded_by object. */
aigov_status conn_recorded_by(conn *c, aigov_span *out);
const char *conn_login(conn *c); /* NULL: the system does not know either */
const file_id *conn_file(conn *c);
int state_register(conn *c);

/* Error of the core's kind, of SQLite's kind. */
aigov_status conn_fail(conn *c, aigov_status code, const char *text,
                       const char *hint);
aigov_status conn_sql_error(conn *c);
/* As result of an SQL function; as result and message of a virtual table. */
void conn_result_error(conn *c, sqlite3_context *ctx);
int conn_vtab_error(conn *c, sqlite3_vtab *vtab);

/* --- log.c: which log, and its first entries ----------------------------- */

aigov_status log_instance(conn *c, instance *out);
/* The own log's number: instance, or the one log no other continues. */
aigov_status log_own(conn *c, const char *schema, int64_t *log);
/* Inside a write: the tables, or the indexes, of the index of lineage. */
aigov_status log_make_derived(conn *c, const char *type);
/* Inside a write: makes sure that there is a log, and genesis. */
aigov_status log_ready(conn *c, instance *out);
/* The statements that init runs; NULL-terminated. */
const char *const *log_schema(void);
/* Type and name of what a statement of the schema creates. */
bool log_schema_name(const char *sql, char type[16], char name[64]);

/* --- write.c: the recipe ------------------------------------------------- */

typedef struct writing {
    bool opened;         /* we opened the transaction */
    bool savepoint;      /* we set a savepoint inside the host's */
    sqlite3_int64 rowid; /* the host's last_insert_rowid */
} writing;

typedef enum write_mode {
    WRITE_ONE,   /* one entry, which write_entry undoes itself */
    WRITE_WHOLE, /* several: a savepoint inside a transaction of the host */
    WRITE_INIT   /* as WRITE_WHOLE, but there is no table to lock yet */
} write_mode;

/* Open a transaction or join the host's, and take the write lock. */
aigov_status write_begin(conn *c, writing *w, write_mode mode);
/* Commit or roll back what write_begin opened; returns st or the failure. */
aigov_status write_end(conn *c, writing *w, aigov_status st);

/* A savepoint around several entries of one write, where SQLite allows it. */
bool write_part_begin(conn *c);
void write_part_end(conn *c, bool set, aigov_status st);

aigov_status write_head(conn *c, int64_t log, int64_t lane, head *out);

typedef struct placed {
    int64_t log, lane, seq;
    aigov_duplicate duplicate;
} placed;

/* Give the record that was read its place, insert it, append the receipt. */
aigov_status write_entry(conn *c, aigov_record *r, const instance *in,
                         int64_t revision, aigov_buf *receipt, placed *out);
/* Make an entry of aigov's own; fields is a JSON object; receipt: or NULL. */
aigov_status write_own(conn *c, const instance *in, const char *kind,
                       aigov_span subject, aigov_span fields,
                       aigov_buf *receipt);
/* The same, with words of a caller in it: own rules count for them. */
aigov_status write_told(conn *c, const instance *in, const char *kind,
                        aigov_span subject, aigov_span fields,
                        aigov_buf *receipt);
/* Run SQL without touching the error that is being reported. */
void write_quietly(conn *c, const char *sql);
int64_t write_clock(void);

/* The head of lane 0 that the next entry of this write will name in body.under,
 * and the rules in force at it; *changed: they are others than before. */
aigov_status write_rules(conn *c, const instance *in, bool *changed);

/* --- turns.c ------------------------------------------------------------- */

/* Between read and seal: edges to the previous turn, and of tools. */
aigov_status turns_find(conn *c, aigov_record *r, int64_t log,
                        const uint8_t id[16]);
/* What the entry will be recognised by, before the entry. */
aigov_status turns_insert(conn *c, const aigov_record *r, const aigov_entry *e);
aigov_status turns_delete(conn *c, int64_t log, int64_t lane, int64_t seq);

/* --- index.c: the index of lineage ---------------------------------------- */

/* The first event of a call (?1, of log ?2); the entry of an id; what is behind
 * seq ?3 of a lane; lanes of the own log and those it continues, and how far
 * the index goes; the same where there is none. */
#define INDEX_OWNER                                                            \
    "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"                          \
    " WHERE (interaction = ?1 OR id = ?1) AND log = ?2"                        \
    " AND kind IN ('request', 'interaction', 'response')"                      \
    " ORDER BY at, lane, seq LIMIT 1"
#define INDEX_BY_ID                                                            \
    "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry WHERE id = ?1 LIMIT 1"
#define INDEX_TAIL                                                             \
    "SELECT " ENTRY_LIST " FROM \"main\".aigov_entry"                          \
    " WHERE log = ?1 AND lane = ?2 AND seq > ?3 ORDER BY seq"
#define INDEX_EVERY_LANE                                                       \
    "WITH RECURSIVE l(log, lane) AS ("                                         \
    " SELECT o.log, (SELECT min(e.lane) FROM \"main\".aigov_entry e"           \
    " WHERE e.log = o.log) FROM \"main\".aigov_own_log o"                      \
    " UNION ALL"                                                               \
    " SELECT l.log, (SELECT min(e.lane) FROM \"main\".aigov_entry e"           \
    " WHERE e.log = l.log AND e.lane > l.lane)"                                \
    " FROM l WHERE l.lane IS NOT NULL)"
#define INDEX_LANES                                                            \
    INDEX_EVERY_LANE " SELECT l.log, l.lane, COALESCE(h.seq, 0) FROM l"        \
                     " LEFT JOIN \"main\".aigov_lineage_head h"                \
                     " ON h.log = l.log AND h.lane = l.lane"                   \
                     " WHERE l.lane IS NOT NULL ORDER BY l.log, l.lane"
#define INDEX_NO_LANES                                                         \
    INDEX_EVERY_LANE " SELECT log, lane, 0 FROM l WHERE lane IS NOT NULL"      \
                     " ORDER BY log, lane"

/* With INDEX_OWNER and INDEX_BY_ID; body absent: there is none. */
aigov_status index_owner(conn *c, sqlite3_stmt *s, const aigov_entry *e,
                         aigov_entry *out);
aigov_status index_by_id(conn *c, sqlite3_stmt *s, aigov_span id,
                         aigov_entry *out);

/* --- rules.c ------------------------------------------------------------- */

/* Make c->rules those of a head of lane 0. */
aigov_status rules_refresh(conn *c, int64_t log, const head *zero,
                           bool *changed);
/* The same for a function that only reads; no log: what is built in. */
aigov_status rules_now(conn *c);
void rules_forget(conn *c);

/* --- policies.c, ledger.c ------------------------------------------------ */

/* Make c->policies those of a head of lane 0; all: the registers too where
 * there is no policy. */
aigov_status policies_at(conn *c, int64_t log, const head *zero, bool all);
void policies_forget(conn *c);
/* The same at the head of now, for a function that only reads; *any is false
 * where there is no policy. */
aigov_status policies_now(conn *c, bool *any);
/* The look-ups of a decision; they go on as long as the write lock is held. */
void ledger_init(conn *c, aigov_ledger *out);

/* --- keyfile.c: the file of redaction keys -------------------------------- */

file_state keyfile_state(const char *path);
bool keyfile_same(const file_state *a, const file_state *b);
/* Open, judge (a regular file of its owner alone, and not too large) and read
 * it; *state is that of what was read.  AIGOV_KEY says why not. */
aigov_status keyfile_read(aigov_ctx *ctx, const char *path, file_state *state,
                          aigov_keys **out, aigov_error *err);

/* --- keys.c -------------------------------------------------------------- */

/* Whether a value of the setting key_file can be used. */
aigov_status keys_usable(conn *c, aigov_span value);
/* Make c->keys those of now, by the setting up to entry `until` of lane 0 of a
 * log; moved: that may be another than the last time. */
aigov_status keys_refresh(conn *c, bool moved, int64_t log, int64_t until);
void keys_forget(conn *c);

/* --- settings.c ---------------------------------------------------------- */

/* Those that govern. */
enum { SETTING_KEY_FILE, SETTING_PROFILE, SETTING_COUNT };

/* The value of one, up to entry `until` of lane 0 of a log; out is overwritten.
 */
aigov_status setting_value(conn *c, int which, int64_t log, int64_t until,
                           aigov_buf *out);

/* --- put.c, govern.c ----------------------------------------------------- */

/* The put that c->record has read, as the next revision. */
aigov_status put_revision(conn *c, const instance *in);
/* Under the write lock: what the log has against a put. */
aigov_status govern_check(conn *c, const instance *in, aigov_span kind,
                          aigov_span subject, aigov_span body);

/* --- append.c ------------------------------------------------------------ */

/* Read, write and commit one record; its receipt becomes c->receipt.  asked:
 * what guard or complete says of it, or NULL. */
aigov_status append_one(conn *c, const aigov_asked *asked, aigov_span json,
                        placed *out);
/* Read a record with the rules that this connection knows; nothing is decided.
 */
aigov_status append_read(conn *c, aigov_span json);
/* The same under the write lock, after write_rules: decided where a policy is
 * in force. */
aigov_status append_decide(conn *c, const instance *in, aigov_span json);
/* What is in c->scratch becomes the last receipt. */
void receipt_keep(conn *c);

/* --- rows.c: table-valued functions -------------------------------------- */

#define ROWS_MAX_HIDDEN 8

typedef struct rows rows;

/* One table-valued function: fill gives all rows of a call. */
typedef struct rows_def {
    const char *name;
    const char *declare; /* CREATE TABLE x(...), hidden columns last */
    int columns;         /* without the hidden ones */
    int hidden;
    aigov_status (*fill)(conn *c, rows *out, sqlite3_value **arg);
} rows_def;

bool rows_text(rows *r, aigov_span s); /* absent: NULL; false: no memory */
bool rows_int(rows *r, int64_t v);
bool rows_real(rows *r, double v);
bool rows_null(rows *r);
int rows_register(conn *c, const rows_def *def);

/* --- leaf.c: rows as the core knows them --------------------------------- */

#define ENTRY_COLUMNS 22
#define ENTRY_LIST                                                             \
    "log, lane, seq, v, at, kind, id, interaction, subject, actor, system, "   \
    "provider, model, operation, status, decision, recorded_by, digest, "      \
    "commitment, prev, hash, body"
#define CONTENT_LIST "log, lane, seq, at, salt, body"

/*
 * The row that s stands on, selected by these lists.  Spans live until the next
 * step.  Returns what is wrong with a storage class or a value ("storage class
 * of body"), static, or NULL.
 */
const char *row_entry(sqlite3_stmt *s, aigov_entry *e);
const char *row_content(sqlite3_stmt *s, aigov_content *k);

/* --- helpers of several functions ---------------------------------------- */

/* A required text argument (or a BLOB that is UTF-8 JSON where json). */
aigov_status arg_text(conn *c, sqlite3_value *v, const char *name, bool json,
                      aigov_span *out);
/* Text, or a BLOB as it is; a number as its text. */
aigov_status arg_any(conn *c, sqlite3_value *v, aigov_span *out);
/* A UUID in its stored spelling. */
aigov_status arg_id(conn *c, aigov_span text, char id[AIGOV_UUID_LEN + 1]);
aigov_span column_span(sqlite3_stmt *s, int i); /* text; absent for NULL */
void result_span(sqlite3_context *ctx, aigov_span s);
void result_json(sqlite3_context *ctx, aigov_span s);
conn *fn_conn(sqlite3_context *ctx);

/* --- one file per family: its SQL functions ------------------------------ */

#ifndef SQLITE_RESULT_SUBTYPE
#define SQLITE_RESULT_SUBTYPE 0x001000000 /* ignored before 3.45 */
#endif

#define WRITES (SQLITE_UTF8 | SQLITE_DIRECTONLY | SQLITE_RESULT_SUBTYPE)
#define READS (SQLITE_UTF8 | SQLITE_RESULT_SUBTYPE)
#define PURE (SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)
#define SESSION (SQLITE_UTF8 | SQLITE_DIRECTONLY)

typedef void (*sql_function)(sqlite3_context *, int, sqlite3_value **);

void append_fn(sqlite3_context *, int, sqlite3_value **);
void guard_fn(sqlite3_context *, int, sqlite3_value **);
void complete_fn(sqlite3_context *, int, sqlite3_value **);
void check_fn(sqlite3_context *, int, sqlite3_value **);
void explain_decision_fn(sqlite3_context *, int, sqlite3_value **);
void receipt_fn(sqlite3_context *, int, sqlite3_value **);
void append_batch_fn(sqlite3_context *, int, sqlite3_value **);
void put_fn(sqlite3_context *, int, sqlite3_value **);
void policy_publish_fn(sqlite3_context *, int, sqlite3_value **);
void approve_fn(sqlite3_context *, int, sqlite3_value **);
void exception_fn(sqlite3_context *, int, sqlite3_value **);
void install_pack_fn(sqlite3_context *, int, sqlite3_value **);
void suspend_fn(sqlite3_context *, int, sqlite3_value **);
void record_import_fn(sqlite3_context *, int, sqlite3_value **);
void open_content_fn(sqlite3_context *, int, sqlite3_value **);
void restore_fn(sqlite3_context *, int, sqlite3_value **);
void erase_fn(sqlite3_context *, int, sqlite3_value **);
void init_fn(sqlite3_context *, int, sqlite3_value **);
void new_epoch_fn(sqlite3_context *, int, sqlite3_value **);
void leaf_fn(sqlite3_context *, int, sqlite3_value **);
void redact_fn(sqlite3_context *, int, sqlite3_value **);
void injection_fn(sqlite3_context *, int, sqlite3_value **);
void redact_json_fn(sqlite3_context *, int, sqlite3_value **);
void explain_redaction_fn(sqlite3_context *, int, sqlite3_value **);
void cel_fn(sqlite3_context *, int, sqlite3_value **);
void set_fn(sqlite3_context *, int, sqlite3_value **);

void maintain_fn(sqlite3_context *, int, sqlite3_value **);
void rebuild_lineage_fn(sqlite3_context *, int, sqlite3_value **);

int inbox_register(conn *c);
int lineage_register(conn *c);
extern const rows_def verify_def, history_def, health_def, findings_def,
    detectors_def, own_rules_def, reproduce_def, replay_def, policy_test_def,
    policy_lint_def, redaction_keys_def;

/* --- sqlite_aigov.c ------------------------------------------------------ */

int sqlite3_aigov_init(sqlite3 *db, char **message,
                       const sqlite3_api_routines *api);
int sqlite3_aigov_auto_init(sqlite3 *db, char **message,
                            const sqlite3_api_routines *api);

#endif
