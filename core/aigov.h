/*
 * aigov.h - the engine of aigov: bytes in, bytes out
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * This is the one public header of core/.  The same archive is linked into the
 * PostgreSQL module, the SQLite module and the appender, so the same input
 * gives the same bytes and hashes everywhere.  Core knows no database handle,
 * no SQL, no file and no clock; it has no globals and never longjmps.
 *
 * Rules that hold for every function here
 *
 *   order      context or object, inputs with lengths, outputs, error last
 *   sizes      bytes (size_t); times are microseconds since 1970-01-01 UTC
 *              (int64_t); hashes are 32 raw bytes, never hex
 *   errors     a function that can fail returns aigov_status and fills *err
 *              (never NULL); outputs are untouched on error unless said
 *   ownership  spans are borrowed; what they point to lives as long as the
 *              object that gave them is neither used again nor freed
 *   memory     only through the context's allocator; every allocation may fail
 *              (AIGOV_NOMEM) and leaves the object reusable
 *   threads    an aigov_ctx and what was made from it belong to one thread at a
 *              time; two contexts share nothing
 *   text       no message ever contains content of a record, only field names,
 *              offsets and limits
 *
 * Contents
 *   1 status and error   2 spans and buffers   3 context   4 text and time
 *   5 JSON               6 hashes and ids      7 entries   8 records
 *   9 governance kinds  10 verification   11 redaction
 *  12 redaction keys (aigov_keys.h) and 13 policy (aigov_policy.h), which this
 *  includes
 */
#ifndef AIGOV_H
#define AIGOV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- 1 status and error -------------------------------------------------- */

typedef enum aigov_status {
#define AIGOV_STATUS(number, name, sqlstate, sqlite, text)                     \
    AIGOV_##name = number,
#include "status.def"
#undef AIGOV_STATUS
    AIGOV_STATUS_MAX_ = 999
} aigov_status;

#define AIGOV_NO_POS SIZE_MAX

/* What went wrong.  text and hint are NUL-terminated UTF-8 without content. */
typedef struct aigov_error {
    aigov_status code;
    size_t pos;     /* byte offset in the input, or AIGOV_NO_POS */
    char stage[12]; /* "parse", "scan", ..., "entry"; empty outside appends */
    char text[200]; /* lower case, no period */
    char hint[200]; /* what to do; may be empty */
} aigov_error;

/* Static properties of a status; never NULL, "IG" facts of status.def. */
const char *aigov_status_name(aigov_status code);     /* "TAKEN" */
const char *aigov_status_sqlstate(aigov_status code); /* "23505" */
const char *aigov_status_text(aigov_status code);

/* Fill *err (printf format; truncated at a character border); returns code. */
aigov_status aigov_fail(aigov_error *err, aigov_status code, size_t pos,
                        const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Add a hint to an error that aigov_fail made; returns err->code. */
aigov_status aigov_hint(aigov_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- 2 spans and buffers ------------------------------------------------- */

/* Borrowed bytes, no NUL needed.  p == NULL means absent (SQL NULL). */
typedef struct aigov_span {
    const char *p;
    size_t n;
} aigov_span;

#define AIGOV_ABSENT ((aigov_span){NULL, 0})
#define AIGOV_LIT(s) ((aigov_span){(s), sizeof(s) - 1})

aigov_span aigov_str(const char *s); /* of a C string; absent for NULL */
bool aigov_span_eq(aigov_span a, aigov_span b); /* absent equals only absent */
bool aigov_span_is(aigov_span a, const char *s);

/* May return NULL; must not longjmp.  n == 0 frees old. */
typedef struct aigov_alloc {
    void *(*alloc)(void *host, void *old, size_t old_n, size_t n);
    void *host;
} aigov_alloc;

typedef struct aigov_ctx aigov_ctx;

/* A growing byte string.  Zero-initialise with ctx set; free when done. */
typedef struct aigov_buf {
    aigov_ctx *ctx;
    char *p;
    size_t n, cap;
} aigov_buf;

void aigov_buf_init(aigov_buf *b, aigov_ctx *ctx);
void aigov_buf_free(aigov_buf *b); /* wipes nothing; b is reusable */
bool aigov_buf_reserve(aigov_buf *b, size_t more); /* false: out of memory */
bool aigov_buf_put(aigov_buf *b, const void *p, size_t n);
bool aigov_buf_puts(aigov_buf *b, const char *s);
bool aigov_buf_put_hex(aigov_buf *b, const uint8_t *p, size_t n); /* lower */
bool aigov_buf_put_i64(aigov_buf *b, int64_t v);                  /* decimal */
/* A JSON string literal with quotes, RFC 8785 3.2.2.2; s is valid UTF-8 (or
 * any bytes: what is not UTF-8 is copied as it is, so that a changed column
 * still gives a changed leaf). */
bool aigov_buf_put_json_string(aigov_buf *b, aigov_span s);
aigov_span aigov_buf_span(const aigov_buf *b);

/* --- 3 context ----------------------------------------------------------- */

/*
 * aigov_ctx_new - one context of a host
 *
 * in      alloc      copied; NULL for malloc
 * out     *out       the context: allocator, a ready SHA-256 template, a C
 *                    locale, 4 KiB of buffered random bytes
 * returns AIGOV_OK | AIGOV_NOMEM | AIGOV_CRYPTO
 * cost    about 5 us; make one per backend, connection or appender
 */
aigov_status aigov_ctx_new(const aigov_alloc *alloc, aigov_ctx **out,
                           aigov_error *err);
void aigov_ctx_free(aigov_ctx *ctx); /* NULL is fine; wipes random bytes */
/* Polled at the head of long loops; true stops with AIGOV_CANCELED. */
void aigov_ctx_set_interrupt(aigov_ctx *ctx, bool (*f)(void *), void *host);

/* Whether this is a child forked from the process that made the context, which
 * must not go on with what belongs to the parent.  No system call on Linux. */
bool aigov_ctx_forked(const aigov_ctx *ctx);

/* Allocation through the context; n > 0; NULL when out of memory. */
void *aigov_malloc(aigov_ctx *ctx, size_t n);
void *aigov_realloc(aigov_ctx *ctx, void *old, size_t old_n, size_t n);
void aigov_mfree(aigov_ctx *ctx, void *p, size_t n);

const char *aigov_version(void); /* "0.1.0" */

/* --- 4 text and time ----------------------------------------------------- */

/* Byte length of the longest valid UTF-8 prefix (RFC 3629: no surrogates, no
 * overlong forms); equal to s.n where all of s is valid. */
size_t aigov_utf8_valid(aigov_span s);

#define AIGOV_TIME_LEN 27 /* 2026-09-11T08:15:02.114233Z */

/* Times from 0001-01-01 to 9999-12-31. */
void aigov_time_format(int64_t at, char out[AIGOV_TIME_LEN + 1]);
/* Exactly the 27 characters that aigov_time_format writes; else false. */
bool aigov_time_parse_stored(aigov_span s, int64_t *at);
/* RFC 3339 with any offset and 0-9 fraction digits (cut to microseconds);
 * leap second 60 becomes 59.999999. */
bool aigov_time_parse(aigov_span s, int64_t *at);

/* 36 lower-case characters <-> 16 bytes; parse takes upper case too. */
#define AIGOV_UUID_LEN 36
void aigov_uuid_format(const uint8_t id[16], char out[AIGOV_UUID_LEN + 1]);
bool aigov_uuid_parse(aigov_span s, uint8_t id[16]);
bool aigov_hex_parse(aigov_span s, uint8_t *out, size_t n); /* 2n lower-case */

/* --- 5 JSON -------------------------------------------------------------- */

/*
 * The strict one-pass reader gives a flat array of nodes in document order:
 * an array is followed by its elements, an object by name, value, name, value.
 * `next` is the index of the first node after a value and all it holds, so a
 * walk needs no recursion:
 *
 *   {"a":[1,2],"b":null}      node  0 OBJECT size 2 next 7
 *                                   1 STRING "a"    next 2
 *                                   2 ARRAY  size 2 next 5
 *                                   3 NUMBER "1"    4 NUMBER "2"
 *                                   5 STRING "b"    6 NULL
 */
typedef enum aigov_json_type {
    AIGOV_JSON_NULL,
    AIGOV_JSON_FALSE,
    AIGOV_JSON_TRUE,
    AIGOV_JSON_NUMBER,
    AIGOV_JSON_STRING,
    AIGOV_JSON_ARRAY,
    AIGOV_JSON_OBJECT
} aigov_json_type;

/* The value itself (not what it holds) is outside I-JSON; only in CONTENT. */
#define AIGOV_NODE_NONCONFORMING 1
/* The value or something in it is; set on every container above too. */
#define AIGOV_NODE_TAINTED 2

typedef struct aigov_node {
    uint8_t type;     /* aigov_json_type */
    uint8_t flags;    /* AIGOV_NODE_... */
    uint32_t size;    /* bytes of text; members or elements of a container */
    uint32_t at;      /* offset of the first byte in the input */
    uint32_t next;    /* see above */
    const char *text; /* STRING: decoded UTF-8.  NUMBER: the literal as given */
} aigov_node;

/*
 * AIGOV_JSON_SYNTAX    RFC 8259 and valid UTF-8; nothing more
 * AIGOV_JSON_STRICT    and I-JSON (RFC 7493): no duplicate names, no U+0000, no
 *                      lone surrogates, no noncharacters, no number that
 *                      overflows, no integer literal beyond 2^53 unless it is
 *                      the shortest form of its double
 * AIGOV_JSON_CONTENT   what STRICT refuses is kept in the escaped form of
 *                      docs/formats.md and flagged; also bytes that are not
 *                      UTF-8, nesting beyond AIGOV_MAX_DEPTH and numbers that
 *                      underflow.  Only broken JSON syntax is refused.
 */
typedef enum aigov_json_mode {
    AIGOV_JSON_SYNTAX,
    AIGOV_JSON_STRICT,
    AIGOV_JSON_CONTENT
} aigov_json_mode;

#define AIGOV_MAX_DEPTH 512
#define AIGOV_MAX_INPUT ((size_t)64 << 20) /* bytes of one JSON text */

typedef struct aigov_json {
    aigov_ctx *ctx;
    const aigov_node *node; /* node[0] is the root */
    uint32_t nodes;
    bool nonconforming; /* CONTENT met something that STRICT refuses */
    size_t bad_at;      /* offset of the first such thing */
    void *impl;
} aigov_json;

/*
 * aigov_json_read - read one JSON text
 *
 * in      j          zeroed, ctx set; may have been used before: its memory is
 *                    used again
 *         text       0..AIGOV_MAX_INPUT bytes, must outlive the nodes
 * returns AIGOV_OK | AIGOV_NOTJSON | AIGOV_NOTIJSON | AIGOV_TOOBIG |
 * AIGOV_NOMEM | AIGOV_CANCELED; err->pos is the byte offset cost    one pass,
 * no recursion, about 1 ns a byte spec    RFC 8259, RFC 7493; docs/json.md says
 * what each mode decides
 */
aigov_status aigov_json_read(aigov_json *j, aigov_json_mode mode,
                             aigov_span text, aigov_error *err);
void aigov_json_free(aigov_json *j);

/* Index of the value of a member, or 0 (never a value: 0 is the root). */
uint32_t aigov_json_get(const aigov_json *j, uint32_t object, const char *name);
aigov_span aigov_json_text(const aigov_json *j,
                           uint32_t i); /* STRING, NUMBER */
/* NUMBER without fraction within +-2^53; else false. */
bool aigov_json_i64(const aigov_json *j, uint32_t i, int64_t *v);
bool aigov_json_double(const aigov_json *j, uint32_t i, double *v);

/* Append the canonical form (RFC 8785) of the value at i.  Where the document
 * is nonconforming this is the canonical form of the escaped form.  AIGOV_ARG
 * for a text read as SYNTAX, which may hold what has no canonical form. */
aigov_status aigov_json_canonical(const aigov_json *j, uint32_t i,
                                  aigov_buf *out, aigov_error *err);
/* Read STRICT and append the canonical form: the pure function. */
aigov_status aigov_canonical(aigov_ctx *ctx, aigov_span text, aigov_buf *out,
                             aigov_error *err);
/* ECMAScript Number::toString (RFC 8785 3.2.2.3); v is finite; <= 25 bytes. */
size_t aigov_number_format(aigov_ctx *ctx, double v, char out[32]);
/* Undo the escaped form of one string: the original bytes (docs/formats.md).
 * AIGOV_ARG where it is malformed. */
aigov_status aigov_unescape(aigov_ctx *ctx, aigov_span escaped, aigov_buf *out,
                            aigov_error *err);

/*
 * Whether s is exactly one JSON object and nothing after it, by its brackets
 * and strings alone.  A leaf embeds stored objects as they are; this makes sure
 * that an object column cannot reach into its neighbours.
 */
bool aigov_json_is_one_object(aigov_span s);

/*
 * Elements of a JSON array as slices of the text, one after the other, without
 * judging them (a bad record must not fail its batch).  *pos starts at 0.
 * returns AIGOV_OK with element set, or absent at the end; AIGOV_NOTJSON where
 * the array itself is broken.
 */
aigov_status aigov_json_elements(aigov_span array, size_t *pos,
                                 aigov_span *element, aigov_error *err);

/* --- 6 hashes and ids ---------------------------------------------------- */

#define AIGOV_HASH_LEN 32

/* SHA-256 over parts one after the other; n parts.  AIGOV_OK | AIGOV_CRYPTO */
aigov_status aigov_sha256(aigov_ctx *ctx, const aigov_span *part, int n,
                          uint8_t out[32], aigov_error *err);
/* RFC 6962 2.1: SHA-256(0x00 || leaf) */
aigov_status aigov_leaf_hash(aigov_ctx *ctx, aigov_span leaf, uint8_t out[32],
                             aigov_error *err);
/* SHA-256(0x02 || salt || content); content is canonical */
aigov_status aigov_commitment(aigov_ctx *ctx, const uint8_t salt[32],
                              aigov_span content, uint8_t out[32],
                              aigov_error *err);
/* First prev of a lane: SHA-256("aigov/v1\n" origin "\n" lane) */
aigov_status aigov_lane_start(aigov_ctx *ctx, aigov_span origin, int64_t lane,
                              uint8_t out[32], aigov_error *err);
/* Number of a log: first 4 bytes of SHA-256(origin), big-endian, >> 1; 1 ..
 * 2^31-1.  AIGOV_ARG for an origin that is no scheme-less URL of 1..200 bytes
 * without space, plus or control characters, or whose number is 0. */
aigov_status aigov_log_number(aigov_ctx *ctx, aigov_span origin, int64_t *log,
                              aigov_error *err);
/* The same for the origin of a new log, which is stored as given: AIGOV_ARG
 * also where detectors find personal data or a secret in it. */
aigov_status aigov_origin_check(aigov_ctx *ctx, aigov_span origin, int64_t *log,
                                aigov_error *err);
/* Cryptographic random bytes from the buffer, refilled by 4 KiB; a forked child
 * has no buffer. */
aigov_status aigov_random(aigov_ctx *ctx, void *out, size_t n,
                          aigov_error *err);
/* RFC 9562 5.7: 48-bit milliseconds of at, then random bits. */
aigov_status aigov_uuid7(aigov_ctx *ctx, int64_t at, uint8_t out[16],
                         aigov_error *err);

/* --- 7 entries ----------------------------------------------------------- */

#define AIGOV_LEAF_VERSION 1
#define AIGOV_MAX_LEAF 65535 /* bytes; C2SP tlog-tiles */

/*
 * One row of `entry`, as stored: text columns as text, hashes as raw bytes,
 * recorded_by and body as the canonical JSON text.  Absent columns are SQL
 * NULL.  `log` and `hash` are not in the leaf.
 */
typedef struct aigov_entry {
    int64_t log, lane, seq, v;
    int64_t at;
    aigov_span kind, id, interaction, subject, actor, system, provider, model,
        operation, status, decision;
    aigov_span recorded_by, digest, commitment, prev, hash, body;
} aigov_entry;

/* One row of `content` beside it. */
typedef struct aigov_content {
    int64_t at;
    aigov_span salt; /* 32 bytes */
    aigov_span body; /* canonical JSON; "null" where there is no content */
} aigov_content;

/*
 * aigov_leaf - the canonical JSON of an entry, built from its columns
 *
 * A JSON object with the columns of leaf version 1 in RFC 8785 order:
 *   actor at body commitment decision digest id interaction kind lane model
 *   operation prev provider recorded_by seq status subject system v
 * absent ones left out; body and recorded_by stand in it as objects, hashes as
 * lower-case hex, at as RFC 3339 text.
 * cost    one copy of the columns
 */
aigov_status aigov_leaf(const aigov_entry *e, aigov_buf *out, aigov_error *err);

/* The receipt of an append, one canonical JSON object: decision, duplicate
 * (false, true or "unchecked"), hash, id, lane, log, seq, at. */
typedef enum aigov_duplicate {
    AIGOV_DUP_NO,
    AIGOV_DUP_SAME,
    AIGOV_DUP_UNCHECKED
} aigov_duplicate;
aigov_status aigov_receipt(const aigov_entry *e, aigov_duplicate duplicate,
                           aigov_buf *out, aigov_error *err);

/* --- 8 records ----------------------------------------------------------- */

/*
 * An append, before it has a place in a lane.  The stages are
 *
 *   parse -> scan -> facts -> decide -> render     aigov_record_read/put/make
 *   -> lane (the host)
 *   -> leaf                                        aigov_record_seal
 *   -> insert content, refs, entry (the host)
 *
 * One aigov_record is used again and again; its memory stays.
 */
typedef struct aigov_record aigov_record;
typedef struct aigov_judge aigov_judge; /* section 13 */

#define AIGOV_MAX_RECORD ((size_t)16 << 20) /* bytes of one record */

aigov_status aigov_record_new(aigov_ctx *ctx, aigov_record **out,
                              aigov_error *err);
void aigov_record_free(aigov_record *r);

/*
 * aigov_record_read - an application's record (SURFACE: "A record")
 *
 * What the detectors find in it is replaced before anything is made of it
 * (docs/records.md, "What is replaced"); the draft says which rules they were.
 *
 * in      json       1..AIGOV_MAX_RECORD bytes
 * returns AIGOV_OK | AIGOV_NOTJSON | AIGOV_NOTIJSON | AIGOV_FIELD | AIGOV_KIND
 * | AIGOV_TOOBIG | AIGOV_NOMEM | AIGOV_CRYPTO | AIGOV_CANCELED | AIGOV_WITHHELD
 * (an own detector failed); err->stage says where, err->pos the byte offset
 * cost    about 6 us for 1 KB
 */
aigov_status aigov_record_read(aigov_record *r, aigov_span json,
                               aigov_error *err);

/* The rules for the records that are read from now on (section 11): ready,
 * borrowed; NULL, and from the start: what is built in.  The profile is the one
 * that counts for sink store and the record's system. */
typedef struct aigov_rules aigov_rules;
void aigov_record_use(aigov_record *r, const aigov_rules *rules);

/*
 * aigov_record_put - a governance record: the whole new revision of (kind,
 * subject).  Checks the kind, that `put` may write it, the subject (1..200
 * bytes), the fields of kinds.csv/fields.csv: unknown, always-required, type,
 * enumerated value, length; a detector or a
 * profile must work (docs/redaction.md).  It is stored as given: a secret in it
 * is refused (stage "scan").  What it does not check is the login's privilege
 * and the revision (aigov_kind, draft.replaces).  revision is stored.
 */
aigov_status aigov_record_put(aigov_record *r, aigov_span kind,
                              aigov_span subject, aigov_span body,
                              aigov_error *err);

/*
 * aigov_record_make - an entry that a function of aigov writes itself (genesis,
 * schema, setting, erasure, import, access ...): kind and subject as given;
 * fields is a JSON object, checked like a put but for "through".  Callers'
 * words come in here (the reason of an erasure, the name of a file): what is
 * found in subject and fields is replaced, and then the draft says under which
 * rules. Hashes and, of genesis, origins are not looked at.  The result has no
 * digest.
 */
aigov_status aigov_record_make(aigov_record *r, aigov_span kind,
                               aigov_span subject, aigov_span fields,
                               aigov_error *err);

/* What the host needs to find the place of a record that was read. */
typedef struct aigov_draft {
    aigov_span kind;
    bool governance; /* lane 0 */
    bool has_id;     /* else the host makes one with aigov_uuid7 */
    uint8_t id[16];  /* the producer's */
    bool has_interaction;
    uint8_t interaction[16];
    bool digested;       /* an application's record: duplicates are compared */
    aigov_span subject;  /* of governance entries; absent else */
    aigov_span producer; /* producer.id, or absent */
    aigov_span decision; /* allow, flag, ...; absent where nothing is decided */
    aigov_span evidence; /* pre, post, imported; absent where it has none */
    aigov_span content;  /* canonical content document, "null" for none */
    aigov_span rules;    /* 32 bytes: the detectors in force (aigov_ruleset);
                            absent where nothing was looked for */
    bool has_replaces;   /* put: the revision the author saw */
    int64_t replaces;
    size_t input_size;        /* bytes of the JSON handed in */
    const aigov_judge *judge; /* what it was decided with, or NULL: then
                                        the entry has its time and salt */
} aigov_draft;

const aigov_draft *aigov_record_draft(const aigov_record *r);

/* SHA-256(0x03 || salt || canonical record as handed in, but for what the scan
 * stage replaced). */
aigov_status aigov_record_digest(aigov_record *r, const uint8_t salt[32],
                                 uint8_t out[32], aigov_error *err);

/* What the server adds.  Everything in an entry comes from record and stamps,
 * so that anyone who has both can compute leaf and hash again. */
typedef struct aigov_stamps {
    uint8_t id[16];
    int64_t at;
    int64_t log, lane, seq;
    uint8_t prev[32];
    uint8_t salt[32];
    aigov_span recorded_by; /* canonical JSON object */
    aigov_span under;       /* 32 bytes, or absent: body.under */
    aigov_span evidence;    /* body.evidence */
    aigov_span tx;          /* text: body.tx */
    aigov_span anchor;      /* canonical JSON object, or absent: body.anchor */
    aigov_span rules;       /* 32 bytes, or absent: body.rules */
    aigov_span decision;    /* entry.decision */
    int64_t revision;       /* of a put, from 1: body.revision; else 0 */
} aigov_stamps;

/*
 * aigov_record_seal - the entry and content of a read record under stamps
 *
 * Pure: no clock, no random bytes.  May be called again with other stamps (a
 * rival took the place).  The spans of entry and content live in r until its
 * next read or seal.  leaf may be NULL.
 * returns AIGOV_OK | AIGOV_TOOBIG (facts and refs alone exceed a leaf) |
 *         AIGOV_NOMEM | AIGOV_CRYPTO
 */
aigov_status aigov_record_seal(aigov_record *r, const aigov_stamps *stamps,
                               aigov_entry *entry, aigov_content *content,
                               aigov_span *leaf, aigov_error *err);

/* The canonical recorded_by object; absent parts are left out.  What is found
 * in application, which clients choose, is replaced.  verified false adds
 * "verified":false (SQLite: the OS user, self-declared). */
aigov_status aigov_recorded_by(aigov_ctx *ctx, aigov_span login,
                               aigov_span role, aigov_span application,
                               aigov_span address, bool verified,
                               aigov_buf *out, aigov_error *err);

/* --- 9 governance kinds -------------------------------------------------- */

typedef struct aigov_kind {
    const char *name;
    const char *written_by; /* "steward", "approver", "operator", "system" */
    const char *through;    /* as in kinds.csv: "put", "put; import", ... */
    bool lane0;
    bool by_put; /* put accepts it */
} aigov_kind;

/* Kinds of iso42001/kinds.csv in file order; NULL past the end. */
const aigov_kind *aigov_kind_at(size_t i);
const aigov_kind *aigov_kind_find(aigov_span name); /* NULL: no such kind */
/* The catalogue in force, for the `schema` entry: rows and SHA-256 (hex) of
 * kinds.csv and fields.csv as built in.  name: "kinds" or "fields". */
bool aigov_catalogue(const char *name, size_t *rows, const char **sha256_hex);

/* --- 10 verification ----------------------------------------------------- */

/*
 * Judges one log, handed in row by row, and gives ranges.  The host reads
 * entry and content in (lane, seq) order from one snapshot and merges them.
 *
 *   begin (origin) -> erased* (every erasure entry's target) ->
 *   row* in (lane, seq) order -> end
 *
 * Memory is flat but for 16 bytes an erased entry.
 */
typedef struct aigov_verify aigov_verify;

typedef struct aigov_range {
    aigov_span origin;
    int64_t log, lane, from_seq, to_seq;
    int64_t entries;
    const char *status;    /* SURFACE: verify */
    const char *content;   /* intact, modified, missing, erased, pruned, none */
    int64_t anchored_size; /* 0: not anchored */
    aigov_span detail;     /* absent, or why */
} aigov_range;

/* Gives one range to the host; false stops with AIGOV_CANCELED. */
typedef bool (*aigov_range_fn)(void *host, const aigov_range *range);

aigov_status aigov_verify_new(aigov_ctx *ctx, aigov_range_fn emit, void *host,
                              aigov_verify **out, aigov_error *err);
void aigov_verify_free(aigov_verify *v);

/* origin absent: rows of a log number that table `log` does not name (all are
 * `modified`). */
aigov_status aigov_verify_begin(aigov_verify *v, int64_t log, aigov_span origin,
                                aigov_error *err);
/* Content of the entry with this id (36 characters) was erased. */
aigov_status aigov_verify_erased(aigov_verify *v, aigov_span id,
                                 aigov_error *err);
/*
 * The next row, in the order of (lane, seq): the time of (lane 0, seq 1) is the
 * earliest that a row may have.  e NULL: a content row without entry at (lane,
 * seq). c NULL: no content row.  problem: what the host itself found wrong with
 * the row ("storage class of body", "length of hash"), static or living until
 * the next call; NULL for none; it makes the row `modified`.
 */
aigov_status aigov_verify_row(aigov_verify *v, int64_t lane, int64_t seq,
                              const aigov_entry *e, const aigov_content *c,
                              const char *problem, aigov_error *err);
aigov_status aigov_verify_end(aigov_verify *v, aigov_error *err);
/* A row of the answer that stands for no entry: schema_changed, or a row of
 * table log that differs from genesis (status modified). */
aigov_status aigov_verify_note(aigov_verify *v, const char *status,
                               const char *detail, aigov_error *err);
/* Whether a range makes the check fail: unanchored, verified, pruned do not. */
bool aigov_range_ok(const aigov_range *range);

/* --- 11 redaction -------------------------------------------------------- */

typedef enum aigov_class {
    AIGOV_CLASS_PII,    /* personal data */
    AIGOV_CLASS_SECRET, /* a credential */
    AIGOV_CLASS_SOFT    /* found, not acted on by default: URL, UUID, date */
} aigov_class;

typedef struct aigov_detector {
    const char *name;   /* "github_pat"; for ever */
    const char *entity; /* "SECRET", "EMAIL_ADDRESS" ... */
    aigov_class class_;
    const char *text; /* what it finds and how it checks */
} aigov_detector;

/* Built-in detectors in their order of precedence; NULL past the end. */
const aigov_detector *aigov_detector_at(size_t i);

#define AIGOV_MAX_ENTITIES 256

/*
 * What is in force beyond what is built in: own detectors and profiles, made
 * from the newest revisions of the kinds `detector` and `redaction_profile`.
 *
 *   new -> add* -> ready -> use by scanners and records -> free
 *
 * Scanners and records borrow the rules: use others, or NULL, before they are
 * freed.  Like all that is made from one context, rules and whoever uses them
 * belong to one thread at a time; the context may be another.
 */
#define AIGOV_RULES_NO_JIT 1 /* patterns are interpreted; the same is found */

aigov_status aigov_rules_new(aigov_ctx *ctx, unsigned flags, aigov_rules **out,
                             aigov_error *err);
void aigov_rules_free(aigov_rules *r); /* NULL is fine */

/*
 * aigov_rules_add - the newest revision of one (kind, subject)
 *
 * Call it in the order in which the revisions were recorded, the oldest first:
 * the newest profile of a sink is the last one added.
 *
 * in      kind       "detector" or "redaction_profile"; another is AIGOV_ARG
 *         subject    as it was put
 *         fields     the member `fields` of the entry's body
 *         content    the entry's content document, or absent where it is
 *                    gone: a detector whose terms were erased is not in force
 * returns AIGOV_OK | AIGOV_WITHHELD (the record cannot be used, as no put would
 *         have let it: its pattern does not compile, its terms are others; 129
 *         detectors) | AIGOV_ARG | AIGOV_NOMEM | AIGOV_CANCELED
 * memory  of a dictionary some 45 bytes a term of two words (docs/redaction.md)
 * cost    of a dictionary about 1 us a term; a pattern is compiled once
 */
aigov_status aigov_rules_add(aigov_rules *r, aigov_span kind,
                             aigov_span subject, aigov_span fields,
                             aigov_span content, aigov_error *err);

/* Keys for hash, pseudonym, vault and fingerprints (section 12), before
 * anything is added; copied.  NULL: those operators replace. */
typedef struct aigov_keys aigov_keys;
void aigov_rules_keys(aigov_rules *r, const aigov_keys *keys);

/*
 * aigov_rules_default - the setting `profile`
 *
 * in      name    the part of a profile's subject before the slash; "default"
 *                 and "" are what holds without a call
 * Of profiles that are not limited to systems those of this name alone count
 * from then on; one whose <name>/store is not there makes aigov_rules_ready
 * fail.  Call it before that.
 * returns AIGOV_OK | AIGOV_NOMEM
 */
aigov_status aigov_rules_default(aigov_rules *r, aigov_span name,
                                 aigov_error *err);

/* All were added.  AIGOV_OK | AIGOV_WITHHELD (no profile of the name given to
 * aigov_rules_default) | AIGOV_NOMEM | AIGOV_CRYPTO.  Then the rules may be
 * used, and nothing be added. */
aigov_status aigov_rules_ready(aigov_rules *r, aigov_error *err);

/* 32 bytes, once ready: what body.rules of an entry says.  aigov_ruleset where
 * nothing of one's own is in force (or r is NULL), else SHA-256 over that and
 * the canonical form of each own detector and profile (docs/formats.md). */
aigov_status aigov_rules_digest(aigov_ctx *ctx, const aigov_rules *r,
                                uint8_t out[32], aigov_error *err);

/* Own detectors and profiles one by one, in the order of kind and subject;
 * false past the end. */
typedef struct aigov_rule {
    const char *kind, *subject;
    const aigov_detector *detector; /* NULL: a profile, or an allow list */
    const char *missing;            /* why it is not in force, or NULL: it is */
    const char *keyed; /* what acts as another for want of a key, or NULL */
} aigov_rule;
bool aigov_rule_at(const aigov_rules *r, size_t i, aigov_rule *out);

/* Why a finding has its score (bits). */
#define AIGOV_WHY_VALIDATED 1 /* a check digit, sum or structure holds */
#define AIGOV_WHY_CONTEXT 2   /* a word that speaks for it is near: +30 */
#define AIGOV_WHY_AGAINST 4   /* one that speaks against it: -30 */
#define AIGOV_WHY_ALONE 8     /* the text is nothing but the value: +25 */
#define AIGOV_WHY_ENCODED 16  /* found in what a segment of the text encodes */
#define AIGOV_WHY_FOLDED 32   /* found after hidden characters were undone */

typedef struct aigov_finding {
    const aigov_detector *detector; /* lives as long as the rules in use */
    unsigned number;    /* of it: as aigov_detector_at, then one's own */
    bool acted;         /* the profile in use does something with it */
    size_t start, stop; /* bytes of the text handed in, stop exclusive */
    int score;          /* hundredths: from the threshold on, 50 built in */
    int base;           /* of it, by form and checks alone */
    unsigned why;       /* AIGOV_WHY_... */
} aigov_finding;

/* Looks for personal data and secrets; its memory is used again and again. */
typedef struct aigov_scanner aigov_scanner;

aigov_status aigov_scanner_new(aigov_ctx *ctx, aigov_scanner **out,
                               aigov_error *err);
void aigov_scanner_free(aigov_scanner *s); /* NULL is fine */

/*
 * aigov_scanner_use - the rules and the profile of all scans from now on
 *
 * A scanner that was told nothing uses what is built in.
 *
 * in      rules      ready, borrowed; NULL: what is built in
 *         profile    "<name>/<sink>"; "default/store", "default/export" and
 *                    "default/model" are always there, built in where none was
 *                    put.  Absent or "default": the profile that counts for
 *                    sink store
 * returns AIGOV_OK | AIGOV_ARG (there is no such profile: nothing changed)
 */
aigov_status aigov_scanner_use(aigov_scanner *s, const aigov_rules *rules,
                               aigov_span profile, aigov_error *err);

/* Until the next aigov_scanner_use: whatever needs a key is replaced, for a
 * caller who may not have a guess confirmed. */
void aigov_scanner_no_keys(aigov_scanner *s);
/* The tenant whose keys are used; absent, and from the start: none. */
aigov_status aigov_scanner_tenant(aigov_scanner *s, aigov_span tenant,
                                  aigov_error *err);

/*
 * aigov_scan - every finding in one text
 *
 * in      text       any bytes at all; what is not UTF-8 is scanned as bytes
 *         path       names around the text ("customer.ssn"), which count as
 *                    context words; absent for a text of its own
 * out     *finding   ordered by start, none overlapping another; lives until
 *                    the next scan
 * returns AIGOV_OK | AIGOV_NOMEM | AIGOV_CANCELED | AIGOV_WITHHELD (an own
 *         detector failed: what it might have found is not known, so nothing of
 *         the text may be let through)
 * memory  none for a plain ASCII text without findings
 * cost    linear in the text whatever it holds, about 5 ns a byte
 */
aigov_status aigov_scan(aigov_scanner *s, aigov_span text, aigov_span path,
                        const aigov_finding **finding, size_t *n,
                        aigov_error *err);

/*
 * aigov_redact - one text with what is found in it replaced
 *
 * Under the built-in profile PII and secrets become [ENTITY] and what is soft
 * stays; one's own says what becomes of each entity.  Placeholders ([ENTITY],
 * [ENTITY_n], [ENTITY:key:hash]) are found by nothing and are no context, so
 * redacting twice gives what once gives (but where a placeholder, shorter than
 * the value, brings a word near another).
 *
 * in      as aigov_scan
 * out     *out       the redacted text is appended; the bytes between findings
 *                    are copied as they are
 *         *finding   as aigov_scan (offsets in text); may be NULL with n
 * returns as aigov_scan
 */
aigov_status aigov_redact(aigov_scanner *s, aigov_span text, aigov_span path,
                          aigov_buf *out, const aigov_finding **finding,
                          size_t *n, aigov_error *err);

/* A text that comes in pieces, such as the answer of a model as it is made. */
typedef struct aigov_stream aigov_stream;

aigov_status aigov_stream_new(aigov_ctx *ctx, aigov_stream **out,
                              aigov_error *err);
void aigov_stream_free(aigov_stream *st); /* NULL is fine */

/*
 * aigov_stream_use - what is in force for the texts of a stream
 *
 * in      rules      outlive their use; NULL is what is built in, as at first
 *         profile    as aigov_scanner_use
 * returns AIGOV_OK | AIGOV_ARG (no such profile; or one that masks or drops,
 *         where what is left is looked at again as a whole, which a stream
 *         never has) | AIGOV_STATE within a text
 */
aigov_status aigov_stream_use(aigov_stream *st, const aigov_rules *rules,
                              aigov_span profile, aigov_error *err);

/*
 * aigov_stream_tenant - whose keys make the pseudonyms of a stream's texts
 *
 * in      tenant     copied; absent, and at first: none.  It holds for all
 *                    texts from now on, whatever aigov_stream_use changes
 * returns AIGOV_OK | AIGOV_NOMEM | AIGOV_STATE within a text
 */
aigov_status aigov_stream_tenant(aigov_stream *st, aigov_span tenant,
                                 aigov_error *err);

/*
 * aigov_stream_push, aigov_stream_end - redact a text piece by piece
 *
 * What is appended to *out over all calls is, byte for byte, what aigov_redact
 * of the whole text then gives, however it is cut, in the middle of a character
 * too.  Held back is what may still turn out to be part of a value: some 200
 * bytes of plain text, more while a long token, URL, quoted value or private
 * key is open, 70 KB at the most; with an own pattern some 2 KB, and 10 KB
 * behind its literal; with a dictionary what may be a term, 1 MB of spaces in
 * it at most (more is AIGOV_WITHHELD).  After aigov_stream_end the stream takes
 * the next text.
 *
 * in      piece      any bytes, any number, also none
 * out     *out       what is final now is appended
 * returns as aigov_scan.  After an error nothing was appended, and the stream
 *         answers with AIGOV_STATE until aigov_stream_end: what it still held
 *         is lost, and never handed out
 * memory  some 80 KB at most, whatever comes
 */
aigov_status aigov_stream_push(aigov_stream *st, aigov_span piece,
                               aigov_buf *out, aigov_error *err);
aigov_status aigov_stream_end(aigov_stream *st, aigov_buf *out,
                              aigov_error *err);

/* What a redaction found: facts that hold no value and no place. */
typedef struct aigov_tally {
    uint32_t count[AIGOV_MAX_ENTITIES]; /* by aigov_entity_at */
    uint32_t own;  /* found by own detectors, whatever the entity */
    int max_score; /* hundredths; 0: nothing found */
} aigov_tally;

/* Names of the entities that detectors find, sorted; NULL past the end. */
const char *aigov_entity_at(size_t i);

/*
 * aigov_redact_json - every text of a JSON document redacted
 *
 * Each string and number is scanned with the names on its path as context;
 * names of members are scanned too, and numbered from the second of an object
 * that changes ([ENTITY_2]), so that they stay apart; a string that holds JSON
 * is entered, three deep.  A number in which something is found becomes a
 * string.  Every byte that no finding touches stays as it is.
 *
 * The scanner remembers up to 256 values of at most 32 bytes in which it found
 * nothing, and passes over them where they come again in the same context, in
 * this document or the next.
 *
 * in      json       at most AIGOV_MAX_INPUT bytes
 * out     *out       the redacted document is appended
 *         *tally     added to; may be NULL
 * returns as aigov_json_read in mode CONTENT, and as aigov_scan
 */
aigov_status aigov_redact_json(aigov_scanner *s, aigov_span json,
                               aigov_buf *out, aigov_tally *tally,
                               aigov_error *err);

/* Code points of a text; a byte that is not UTF-8 counts as one. */
size_t aigov_code_points(aigov_span text);
/* Append the arithmetic of a finding's score: "0.40 for form and check, +0.30 a
 * word for it".  Nothing of the text. */
aigov_status aigov_finding_reason(const aigov_finding *f, aigov_buf *out,
                                  aigov_error *err);
/* Append what an entry says of its redaction, one canonical JSON object: actor,
 * at, id, in_force (whether these are still the rules; rules NULL: what is
 * built in), lane, log, redaction, rules, seq, system; what it does not say is
 * left out. */
aigov_status aigov_explain_redaction(aigov_ctx *ctx, const aigov_rules *rules,
                                     const aigov_entry *e, aigov_buf *out,
                                     aigov_error *err);

/* SHA-256 over the built-in detectors (names, entities, rules, context words),
 * the engine's version and the built-in profile: what body.rules of an entry
 * says where nothing of one's own was in force.  core/redact/tables.pl prints
 * what is hashed. */
aigov_status aigov_ruleset(aigov_ctx *ctx, uint8_t out[32], aigov_error *err);

#ifdef __cplusplus
}
#endif

#include "aigov_keys.h"   /* section 12 */
#include "aigov_policy.h" /* section 13 */

#endif
