/*
 * aigov_appender.h - write governed records into PostgreSQL or SQLite
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov_appender *a;
 *   aigov_appender_open("postgresql://...", NULL, &a, NULL);
 *   aigov_appender_append(a, json, strlen(json), &receipt);
 *   aigov_appender_close(&a, NULL);
 *
 * This header is the whole manual of the library; docs/appender.md shows it in
 * use.  What a record may hold is in docs/records.md.
 *
 * Rules that hold for every function here
 *
 *   target     a postgresql:// URI (or any libpq connection string with `=`),
 *              or the path of an SQLite file that `aigov init` made
 *   results    int: 0, or the number of docs/errors.md (103 is IG103)
 *   sizes      bytes; text is UTF-8; lengths are given, no NUL is needed
 *   ownership  what goes in is copied or used before the call returns; what
 *              comes out is the caller's where its comment says so
 *   ids        a record without `id` gets a UUIDv7 here, before it is sent, so
 *              that sending it again is a duplicate and not a copy
 *   states     an append ends NOT_PERSISTED, POSSIBLY_PERSISTED or PERSISTED.
 *              Nothing is ever sent again silently: after POSSIBLY_PERSISTED
 *              send the same id again, and the first receipt comes back
 *   threads    one handle may be used by any number of threads; calls take
 *              turns on one lock a handle.  The database sees one connection
 *   fork       a child must open its own handle: calls on the parent's give
 *              AIGOV_APPENDER_FORKED; closing it there frees memory alone
 *   signals    no function is async-signal-safe; none installs a handler
 *   cost       one round trip an append or batch; a few microseconds here
 *
 * Errors never hold content of a record, only names, offsets and limits.
 */
#ifndef AIGOV_APPENDER_H
#define AIGOV_APPENDER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define AIGOV_APPENDER_API __attribute__((visibility("default")))
#else
#define AIGOV_APPENDER_API
#endif

typedef struct aigov_appender aigov_appender;

/* Numbers of docs/errors.md that a program may want to tell apart. */
enum {
    AIGOV_APPENDER_OK = 0,
    AIGOV_APPENDER_NOMEM = 1,
    AIGOV_APPENDER_ARG = 4,
    AIGOV_APPENDER_BUSY = 6,    /* another writer held the log too long */
    AIGOV_APPENDER_DENIED = 7,  /* the login lacks the privilege `writer` */
    AIGOV_APPENDER_FORKED = 10, /* a handle of the parent process */
    AIGOV_APPENDER_IO = 11,     /* database or network failed */
    AIGOV_APPENDER_NOTJSON = 100,
    AIGOV_APPENDER_NOTIJSON = 101,
    AIGOV_APPENDER_TOOBIG = 102,
    AIGOV_APPENDER_FIELD = 103,
    AIGOV_APPENDER_KIND = 104,
    AIGOV_APPENDER_TAKEN = 200, /* the id belongs to another record */
    AIGOV_APPENDER_EPOCH = 203, /* the log was restored from a backup */
    AIGOV_APPENDER_NOLOG = 204  /* `aigov init` was never run */
};

#define AIGOV_APPENDER_NO_POS ((size_t)-1)

typedef struct aigov_appender_error {
    int code;
    char sqlstate[6];
    char stage[12];    /* of an append: "parse", "entry" ...; may be empty */
    size_t pos;        /* byte offset in the record as given, or NO_POS */
    char message[200]; /* lower case, no period */
    char hint[200];    /* what to do; may be empty */
} aigov_appender_error;

typedef enum aigov_appender_state {
    AIGOV_NOT_PERSISTED,      /* the log does not hold it */
    AIGOV_POSSIBLY_PERSISTED, /* the answer to the commit was lost */
    AIGOV_PERSISTED           /* committed; the receipt says where */
} aigov_appender_state;

typedef enum aigov_appender_duplicate {
    AIGOV_APPENDER_NEW,      /* this call wrote the entry */
    AIGOV_APPENDER_SAME,     /* it was there, with the same record */
    AIGOV_APPENDER_UNCHECKED /* it was there; what it held cannot be compared */
} aigov_appender_duplicate;

/* What became of one record. */
typedef struct aigov_appender_receipt {
    aigov_appender_state state;
    aigov_appender_duplicate duplicate;
    char id[37]; /* of the record as sent; empty where it has none */
    char *json;  /* {"at","decision","duplicate","hash","id","lane","log","seq"}
                    or NULL; NUL-terminated */
    size_t json_n;
    aigov_appender_error error; /* error.code 0: none */
} aigov_appender_receipt;

/* One record of a batch. */
typedef struct aigov_appender_record {
    const char *json;
    size_t n;
    void *tag; /* the caller's; comes back with the receipt of add */
} aigov_appender_record;

/*
 * Gives one receipt, in the order of add.  record is the text as it was sent,
 * id included; both live until the function returns.  Runs on the thread whose
 * add or flush sent the batch, outside the lock: it may call anything here but
 * close.
 */
typedef void (*aigov_appender_receipt_fn)(
    void *host, const aigov_appender_record *record,
    const aigov_appender_receipt *receipt);

/*
 * Options of open.  Begin with AIGOV_APPENDER_OPTIONS: `size` tells later
 * versions which members the program knows.  0 and NULL mean the default.
 */
typedef struct aigov_appender_options {
    size_t size;
    int timeout_ms;          /* 5000: PostgreSQL: to connect; SQLite: to wait
                                for another writer */
    const char *application; /* "aigov": application_name in PostgreSQL */
    const char *login;       /* SQLite: recorded_by.login, self-declared; the
                                OS user */
    int shares_sqlite;       /* 1: this program has one copy of SQLite and may
                                have the file open by it besides; see open */
    size_t batch_records;    /* 500: add sends when so many wait */
    size_t batch_bytes;      /* 1 MiB: or when their texts are so long */
    aigov_appender_receipt_fn receipt; /* of add and flush; NULL: none */
    void *receipt_host;
    /* As realloc with the old size; n 0 frees; may return NULL; called by any
     * thread that uses the handle.  NULL: malloc. */
    void *(*alloc)(void *host, void *old, size_t old_n, size_t n);
    void *alloc_host;
} aigov_appender_options;

#define AIGOV_APPENDER_OPTIONS                                                 \
    {                                                                          \
        sizeof(aigov_appender_options), 0, NULL, NULL, 0, 0, 0, NULL, NULL,    \
            NULL, NULL                                                         \
    }

/*
 * aigov_appender_open - connect to a log
 *
 * in      target     see above; an SQLite file is never created (`aigov init`)
 *         options    copied; NULL for the defaults
 * out     *out       the handle; NULL on error
 *         err        may be NULL
 * returns 0 | IO | NOMEM | ARG | BUSY
 *
 * A second copy of SQLite in one process that opens the same file loses commits
 * (POSIX locks belong to the process).  On Linux open therefore refuses a file
 * that this process has open already by other means than this library; a
 * program that shares its one libsqlite3 with the appender says so with
 * shares_sqlite.
 */
AIGOV_APPENDER_API int
aigov_appender_open(const char *target, const aigov_appender_options *options,
                    aigov_appender **out, aigov_appender_error *err);

/*
 * aigov_appender_append - one record, committed when it returns
 *
 * in      json, n    one JSON object, 1 byte to 16 MiB
 * out     *receipt   always filled; receipt->json is the caller's, freed with
 *                    aigov_appender_free (NULL is fine)
 * returns receipt->error.code
 */
AIGOV_APPENDER_API int aigov_appender_append(aigov_appender *a,
                                             const char *json, size_t n,
                                             aigov_appender_receipt *receipt);

/*
 * aigov_appender_append_batch - many records, one transaction, one round trip
 *
 * out     receipts   n of them, in order, always filled; free each json.  A
 *                    record that is refused does not fail the others
 *         err        why the batch as a whole failed; may be NULL.  Then every
 *                    receipt has that error and its state
 * returns err->code: 0 also where single records were refused
 */
AIGOV_APPENDER_API int aigov_appender_append_batch(
    aigov_appender *a, const aigov_appender_record *records, size_t n,
    aigov_appender_receipt *receipts, aigov_appender_error *err);

/*
 * aigov_appender_add - collect a record; send when the batch is full
 *
 * json is copied.  Until its receipt was given the record is in memory alone.
 * returns 0 | what sending the full batch gave (see flush) | NOMEM: not taken
 */
AIGOV_APPENDER_API int aigov_appender_add(aigov_appender *a, const char *json,
                                          size_t n, void *tag,
                                          aigov_appender_error *err);

/*
 * aigov_appender_flush - send what was added; give every receipt
 *
 * returns 0, also where single records were refused; else why a batch failed.
 * Its records had their receipts, with state and error, and are not kept: send
 * them again as the callback got them.
 */
AIGOV_APPENDER_API int aigov_appender_flush(aigov_appender *a,
                                            aigov_appender_error *err);

/*
 * aigov_appender_close - flush, disconnect, free; *a becomes NULL
 *
 * NULL and a NULL handle are fine.  No other thread may use the handle any
 * more.  returns what flush gave
 */
AIGOV_APPENDER_API int aigov_appender_close(aigov_appender **a,
                                            aigov_appender_error *err);

/* Frees the json of a receipt. */
AIGOV_APPENDER_API void aigov_appender_free(char *json);

/* "0.1.0"; static. */
AIGOV_APPENDER_API const char *aigov_appender_version(void);

#ifdef __cplusplus
}
#endif

#endif
