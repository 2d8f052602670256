/*
 * pg_aigov.h - what the files of the PostgreSQL module share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Rules in this folder
 *
 *   core       never longjmps; its errors become ereport in one place, core_try
 *   tables     writers work on the tables directly (write.c): no SPI, so no
 *              trigger, rule, policy or search_path stands between a record and
 *              its row; init, grant and health, which are DDL or plain reading,
 *              go through SQL with search_path pinned
 *   snapshots  what decides where an entry goes is read with SnapshotSelf under
 *              the lane's lock, at every isolation level
 *   caching    own_log() forgets on relcache invalidation; the head of a lane
 * is never cached, only a lower bound of its seq
 *
 * The way of an append: append.c -> write_begin (write.c) -> log_ready (log.c,
 * first.c) -> write_entry -> lane_place (lane.c) -> aigov_record_seal ->
 * insert.
 */
#ifndef PG_AIGOV_H
#define PG_AIGOV_H

#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "compat.h"

#include "aigov.h"
#include "aigov_lineage.h"

/* Microseconds between the epochs of Unix and PostgreSQL. */
#define EPOCH_SHIFT                                                            \
    ((int64)(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

#define ORIGIN_MAX 200

/* Columns of aigov.entry, content, turn and log, as sql/schema.sql makes them.
 */
enum {
    E_LOG = 1,
    E_LANE,
    E_SEQ,
    E_V,
    E_AT,
    E_KIND,
    E_ID,
    E_INTERACTION,
    E_SUBJECT,
    E_ACTOR,
    E_SYSTEM,
    E_PROVIDER,
    E_MODEL,
    E_OPERATION,
    E_STATUS,
    E_DECISION,
    E_RECORDED_BY,
    E_DIGEST,
    E_COMMITMENT,
    E_PREV,
    E_HASH,
    E_BODY,
    E_COLUMNS = E_BODY
};
enum { C_LOG = 1, C_LANE, C_SEQ, C_AT, C_SALT, C_BODY, C_COLUMNS = C_BODY };
enum {
    T_LOG = 1,
    T_LANE,
    T_SEQ,
    T_FINGERPRINT,
    T_INTERACTION,
    T_ATTEMPT,
    T_STATE,
    T_COLUMNS = T_STATE
};
enum { L_LOG = 1, L_ORIGIN, L_AT, L_CONTINUES, L_COLUMNS = L_CONTINUES };

/* --- pg_aigov.c: settings, the core's context, errors ----------------------
 */

extern int setting_lanes;
extern char *setting_profile;
extern unsigned settings_moved;   /* how often one that governs was assigned */
extern int setting_lane0_timeout; /* ms */
extern bool setting_allow_drop;
extern char *setting_as_of;
extern char *setting_key_file;
extern int setting_key_files; /* how often it was set */

/* One per backend; the record is that of the call, extra one of aigov's own. */
typedef struct core_state {
    aigov_ctx *ctx;
    aigov_record *record;
    aigov_record *extra;
    aigov_scanner *scanner; /* made at the first need (redact.c) */
    aigov_buf receipt;      /* of this connection's last append */
    aigov_buf scratch;
} core_state;

core_state *core(void);
/* A context that allocates in cxt; the caller frees it before cxt goes. */
aigov_ctx *core_context(MemoryContext cxt);
/* A context whose memory goes with CurrentMemoryContext. */
aigov_ctx *core_scratch(void);
/* Drop what a very large record left behind. */
void core_trim(size_t input_size);
void core_throw(const aigov_error *err) COMPAT_NORETURN;
#define core_try(call)                                                         \
    do {                                                                       \
        if ((call) != AIGOV_OK)                                                \
            core_throw(&err);                                                  \
    } while (0)
/* In a callback of the core, which must not be jumped out of: keep what is
 * thrown in l->error, and end the core. */
#define core_guarded(l, err, body)                                             \
    do {                                                                       \
        MemoryContext guarded_cxt = CurrentMemoryContext;                      \
        PG_TRY();                                                              \
        {                                                                      \
            body;                                                              \
        }                                                                      \
        PG_CATCH();                                                            \
        {                                                                      \
            MemoryContextSwitchTo(guarded_cxt);                                \
            (l)->error = CopyErrorData();                                      \
            FlushErrorState();                                                 \
        }                                                                      \
        PG_END_TRY();                                                          \
        if ((l)->error)                                                        \
            return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,               \
                              "a look-up failed");                             \
    } while (0)
#define core_enough(ok)                                                        \
    do {                                                                       \
        if (!(ok))                                                             \
            core_no_memory();                                                  \
    } while (0)
void core_no_memory(void) COMPAT_NORETURN;
void fail(aigov_status code, const char *hint, const char *format, ...)
    pg_attribute_printf(3, 4) COMPAT_NORETURN;

/* Arguments and results; a NULL for a writer is an error. */
aigov_span arg_bytes(FunctionCallInfo fcinfo, int i, const char *name);
aigov_span arg_jsonb(FunctionCallInfo fcinfo, int i, const char *name);
aigov_span datum_span(Datum d); /* detoasts */
Datum span_datum(aigov_span s); /* a text, json or bytea */
char *span_cstring(aigov_span s);
Tuplestorestate *srf_begin(FunctionCallInfo fcinfo, TupleDesc *desc);
bool member(aigov_buf *b, const char *name, aigov_span text); /* JSON */
int pin_search_path(void); /* returns the level for AtEOXact_GUC */

/* --- log.c: which log, and where it stands ----------------------------------
 */

typedef struct own_log {
    bool valid;    /* cleared by invalidation */
    bool there;    /* instance has its row */
    bool used;     /* genesis is written */
    bool restored; /* an append must ask for new_epoch */
    int32 log;
    char origin[ORIGIN_MAX + 1];
    Oid entry, content, logs, instance; /* OIDs of the tables */
    Oid turn;                           /* or InvalidOid */
    bool settled;      /* what governs is recorded (settings.c) */
    unsigned settings; /* settings_moved that this says */
} own_log;

/* The tables exist, or an error that names init. */
own_log *log_find(void);
/* The same, read anew by a caller that holds lane 0. */
own_log *log_reread(void);
/* An empty answer, not an error, where init was not called. */
own_log *log_peek(void);
/* False where a table has other columns than init made: no row can be read. */
bool log_readable(void);
aigov_span own_origin(const own_log *own);
Oid table_named(const char *name); /* aigov.name, or InvalidOid */
/* Own log for 0 or less than 0, else the number itself; 0: there is none. */
int32 log_argument(int64 log);
/* The own log and those it continues, newest first. */
List *log_chain(int32 log);
bool log_has_entries(Oid entry, int32 log); /* log 0: any */
void instance_write(const char *origin, int32 log, bool used);
void ask_for_epoch(const own_log *own) COMPAT_NORETURN;

/* --- write.c: entries into the tables ----------------------------------------
 */

typedef struct target {
    Relation rel;
    ResultRelInfo *rri;
    TupleTableSlot *slot;
    List *arbiters; /* unique indexes on id */
    Relation key;   /* the primary key's index */
} target;

typedef struct lane_head {
    int64 seq; /* 0: empty */
    int64 at;
    uint8 hash[AIGOV_HASH_LEN];
} lane_head;

struct writer;

/* ledger.c: what a decision looks up */
typedef struct ledger {
    aigov_ledger of;
    struct writer *w;
    aigov_status status;
    ErrorData *error; /* raised in a look-up: goes on after the core */
} ledger;

/* A row of aigov.turn. */
typedef struct placed_turn {
    int32 lane;
    int64 seq;
    aigov_turn turn;
} placed_turn;

#define BATCH_PIECE 64 /* rows inserted at once */

typedef struct writer {
    own_log *own;
    target entry, content;
    target turn;          /* rel is NULL until it is opened (turns.c) */
    placed_turn *pending; /* not yet inserted, or NULL */
    int pendings;
    EState *estate;
    lane_head zero;           /* of lane 0, for body.under; seq 0: not read */
    const aigov_rules *rules; /* in force at it; NULL: what is built in */
    ledger ledger;
    aigov_judge judge; /* of the record that was read last */
} writer;

/* Refuses where nothing may be written; what is for messages. */
void write_begin(writer *w, const char *what);
void write_end(writer *w);
/* Its two halves: the tables are open, but genesis need not be there; genesis
 * is there, and what governs is recorded. */
void write_open(writer *w, const char *what);
void write_ready(writer *w);
/*
 * Give the record its place, insert it; the receipt is appended to out (may be
 * NULL).  What is returned is the record's own fault (taken, too big); all else
 * is thrown.
 */
aigov_status write_entry(writer *w, aigov_record *r, int64 revision,
                         aigov_buf *out, aigov_entry *entry,
                         aigov_duplicate *answer, aigov_error *err);
/* An entry of aigov's own; fields is a JSON object; out may be NULL. */
void write_own(writer *w, const char *kind, aigov_span subject,
               aigov_span fields, aigov_buf *out);
/* The same, with words of a caller in it: own rules count for them. */
void write_told(writer *w, const char *kind, aigov_span subject,
                aigov_span fields, aigov_buf *out);
void write_stamp(writer *w, const aigov_draft *d, aigov_stamps *s);
void stamp_id(aigov_ctx *ctx, const aigov_draft *d, aigov_stamps *s);
/* AIGOV_NOENTRY where the id is free; else answered with the entry that has it,
 * or taken. */
aigov_status write_duplicate(writer *w, aigov_record *r, aigov_buf *out,
                             aigov_entry *entry, aigov_duplicate *answer,
                             aigov_error *err);
/* Whether an error says nothing about the record. */
bool is_fatal(aigov_status code);
void fill_entry(TupleTableSlot *slot, const aigov_entry *e);
void fill_content(TupleTableSlot *slot, const aigov_entry *e,
                  const aigov_content *c);
void insert_row(writer *w, target *t);
/* Indexes and slot of a table that was opened; in memory of the write. */
void write_open_target(writer *w, target *t, Relation rel);

/* --- turns.c ---------------------------------------------------------------
 */

/* Between read and seal: edges to the previous turn, and of tools. */
aigov_status turns_find(writer *w, aigov_record *r, const uint8_t id[16],
                        aigov_error *err);
/* Keep what an entry will be recognised by; write what was kept. */
void turns_hold(writer *w, const aigov_record *r, const aigov_entry *e);
void turns_write(writer *w);
/* What an entry, and its interaction, was recognised by. */
void turns_delete(writer *w, const aigov_entry *e);

/* --- index.c: the index of lineage ------------------------------------------
 */

/* The id of a row of node, or 0; the first event of a call; the entry of an id
 * (body absent: there is none). */
int64 index_find(Relation node, Relation by_name, Snapshot snapshot,
                 aigov_span name);
void index_owner(Relation entry, Snapshot snapshot, const aigov_entry *e,
                 aigov_entry *out);
void index_by_id(Relation entry, Snapshot snapshot, aigov_span text,
                 aigov_entry *out);
/* init.c: the tables of the index anew and empty, then their indexes. */
void init_derived(bool tables);

/* --- lane.c
 * ------------------------------------------------------------------- */

#define LANES_MAX 65535 /* objsubid of a lock tag is 16 bits */

bool lane_try(Oid entry, int32 lane);
void lane_wait(Oid entry, int32 lane);
void lane_release(Oid entry, int32 lane);
void lane_read(const target *entry, int32 log, int32 lane, lane_head *head);
/* Lock a lane other than 0 and read its head. */
int32 lane_take(const target *entry, int32 log, lane_head *head);
int64 clock_now(void); /* microseconds since 1970 */
void lane_forget(void);

/* --- scan.c: rows out of the tables
 * --------------------------------------------- */

typedef struct row_reader {
    TupleDesc desc;
    Datum *values;
    bool *nulls;
    char id[AIGOV_UUID_LEN + 1], interaction[AIGOV_UUID_LEN + 1];
    const char *problem; /* what is wrong with the row's form */
} row_reader;

void reader_init(row_reader *r, Relation rel);
void reader_entry(row_reader *r, HeapTuple tuple, aigov_entry *e);
void reader_content(row_reader *r, HeapTuple tuple, aigov_content *c);

/* Rows of a table of (log, lane, seq) in that order. */
#define ALL_LOGS PG_INT64_MIN
typedef struct ordered ordered;
ordered *ordered_begin(Relation rel, Snapshot snapshot, int64 log);
HeapTuple ordered_next(ordered *o);
void ordered_end(ordered *o);
/* With SnapshotSelf: rows of one lane from seq on, the first of them (copied),
 * the next lane that has a row (0: none). */
ordered *ordered_from(Relation rel, int32 log, int32 lane, int64 seq);
HeapTuple row_from(Relation rel, int32 log, int32 lane, int64 seq);
int32 lane_after(Relation rel, int32 log, int32 lane);
/* The smallest log number above after (ALL_LOGS: of all); else ALL_LOGS. */
int64 next_log(Relation rel, Snapshot snapshot, int64 after);

/* One row by its key; false where there is none.  Copied. */
HeapTuple row_at(Relation rel, Snapshot snapshot, int32 log, int32 lane,
                 int64 seq);
/* The entry of an id in one of these logs. */
HeapTuple row_by_id(Relation entry, Snapshot snapshot, const uint8 id[16],
                    List *logs);
/* Calls fn for each entry of kind and subject (absent: all subjects). */
typedef void (*row_fn)(void *arg, const aigov_entry *e);
void rows_of(Relation entry, Snapshot snapshot, const char *kind,
             aigov_span subject, row_fn fn, void *arg);
/* The same of all subjects, as the tuples are. */
typedef void (*tuple_fn)(void *arg, HeapTuple tuple);
void tuples_of(Relation entry, Snapshot snapshot, const char *kind, tuple_fn fn,
               void *arg);
/* Calls fn for each entry of an interaction in one log, by time. */
void rows_of_interaction(Relation entry, int32 log, aigov_span interaction,
                         row_fn fn, void *arg);
/* Calls fn for each entry of an interaction: what names it, and the entry that
 * has its id and names none. */
void rows_of_call(Relation entry, Snapshot snapshot, const uint8 id[16],
                  row_fn fn, void *arg);
/* A member of a stored JSON object: text of a string or number. */
char *json_member(aigov_span object, const char *path);
bool login_is_ours(aigov_span recorded_by);

/* --- rules.c: own detectors and profiles in force
 * ------------------------------- */

/* Between write_open and write_ready: the head of lane 0, and the rules; seq 0
 * where nothing is written yet. */
void rules_of_writer(writer *w);
/* For a function that only reads; NULL where there is no log, or none of
 * one's own.  They live until the next of these two calls. */
const aigov_rules *rules_now(void);

/* --- policies.c: what decides
 * ------------------------------------------------------------------------------
 */

/* Ready, as of now, for a function that only reads; NULL where there is no log,
 * or none of it. */
aigov_policies *policies_now(void);
/* Ready, as of a head of lane 0; NULL where lane 0 is empty.  It lives until
 * the next call.  all: the registers too where there is no policy. */
aigov_policies *policies_at(const target *entry, int32 log,
                            const lane_head *zero, bool all);

/* --- ledger.c: what a decision looks up
 * ------------------------------------------------------------------------------
 */

void ledger_init(ledger *l, writer *w);
/* Raise what a look-up raised, if anything. */
void ledger_throw(ledger *l);
/* --- keys.c: the file of redaction keys
 * ------------------------------------------ */

/* Those of the file as it is now, NULL where there is none; they live until the
 * next call. */
const aigov_keys *keys_now(void);
/* Another number where they are others. */
uint64 keys_state(void);
/* Why there are none although a file is named; NULL: they are, or it is not. */
const aigov_error *keys_problem(void);

/* --- the rest
 * -------------------------------------------------------------------- */

/* settings.c */
void settle(writer *w, bool wait);
/* first.c */
void first_entries(writer *w);
void write_genesis(writer *w, const char *cause, const char *before,
                   int32 before_log, aigov_span note, aigov_buf *out);
void write_catalogue(writer *w, const char *name);
/* append.c */
/* Scan and decide a record with what is in force; w was opened, not yet ready.
 * judge stays with the record until it is written. */
aigov_status record_read(writer *w, aigov_record *r, aigov_judge *judge,
                         aigov_span json, aigov_error *err);
void append_record(writer *w, aigov_span json);
void receipt_keep(aigov_span receipt);
Datum receipt_datum(void);
aigov_span recorded_by_now(void);
aigov_span login_now(void); /* the login in it */
/* rows.c: revisions */
typedef struct revision {
    int64 number; /* 0: there is none */
    int32 log, lane;
    int64 seq;
    char *login;
    char *body;
    char *hash; /* AIGOV_HASH_LEN bytes */
} revision;
void latest_revision(writer *w, const char *kind, aigov_span subject,
                     int64 wanted, revision *out);
/* put.c: aigov.put(); the put that the record has read, as the next revision; w
 * ends */
void put_body(aigov_span kind, aigov_span subject, aigov_span body);
void put_revision(writer *w, aigov_span kind, aigov_span subject);
/* govern.c: under lane 0, what the log has against a put; it throws */
void govern_check(writer *w, aigov_span kind, aigov_span subject,
                  aigov_span body);
/* hold.c */
char *hold_over(writer *w, const aigov_entry *e); /* its subject, or NULL */
/* grant.c */
bool has_privilege(const char *name);
const char *privileges_held(void); /* "writer, reader", or "none" */
Oid extension_owner(void);
void require_owner(const char *what);
/* schema.c, views.c: fn gets one line for each difference */
typedef void (*differ_fn)(void *arg, const char *detail);
void schema_compare(differ_fn fn, void *arg);
bool view_is(Relation view, Node *query, const char *sql);
/* ddl.c: what aigov itself does passes its event trigger */
extern bool ddl_by_aigov;

#endif
