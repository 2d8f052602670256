/*
 * internal.h - what the files of core/log share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The way of a record
 *
 *   record.c    the object, its stages, aigov_record_read
 *   envelope.c  parse: which names and types a record may have (members.def)
 *   values.c    parse: one value against its row of a table
 *   scan.c      scan: what the detectors find is replaced, by members.def
 *   keys.c      scan: whose redaction key, and the fingerprint
 *   outside.c   scan: what outside detectors found, as the record says
 *   facts.c     facts: which paths a caller may give
 *   decide.c    decide: facts, policies, body.policy
 *   send.c      what of a request may leave, what of an answer is shown
 *   answer.c    what guard and complete answer; usage.c: budgets
 *   slices.c    members of a canonical object, as slices of its text
 *   render.c    render: canonical record -> body with gaps for stamps, content
 *   kinds.c     the catalogue of governance kinds
 *   put.c       aigov_record_put and _make: fields against the catalogue
 *   fields.c    one field against its row of the catalogue
 *   turns.c     what a call is recognised by when its conversation goes on
 *   history.c   the edges that are found then: history, results of tools
 *   seal.c      stamps -> entry, content, leaf
 *   restore.c   values of the vault put back into a text
 *   leaf.c      columns -> leaf; receipt; recorded_by
 *   verify.c    rows -> ranges; verify_row.c judges one row, idset.c keeps ids
 *
 * Checks walk the nodes of the reader, which know offsets; rendering copies
 * slices of the canonical text, so each value is written once.
 */
#ifndef AIGOV_LOG_INTERNAL_H
#define AIGOV_LOG_INTERNAL_H

#include "../base/internal.h"
#include "../aigov_lineage.h"
#include "../redact/rewrite.h" /* scan.c composes log and redact */

#define AIGOV__MAX_INT 9007199254740992 /* 2^53: RFC 7493 2.2 */
/* Members of body and columns may have this much of a leaf; the rest is for
 * what the server adds (docs/formats.md section 3). */
#define AIGOV__MAX_ENVELOPE 61440
#define AIGOV__MAX_SUBJECT 200
#define AIGOV__MAX_RECORDED_BY 2048

/* Times that RFC 3339 can write: years 1 to 9999. */
#define AIGOV__MIN_TIME (-62135596800000000)
#define AIGOV__MAX_TIME 253402300799999999

/* --- tables -------------------------------------------------------------- */

typedef enum aigov__type {
    AIGOV__ANY,    /* content: any JSON, in the escaped form where needed */
    AIGOV__TEXT,   /* min..max bytes */
    AIGOV__WORD,   /* [a-z0-9_.-], min..max bytes */
    AIGOV__UUID,   /* either case; stored lower */
    AIGOV__TIME,   /* RFC 3339; stored as 27 characters */
    AIGOV__HEX,    /* max lower-case digits */
    AIGOV__INT,    /* min..max */
    AIGOV__NUMBER, /* a double */
    AIGOV__BOOL,
    AIGOV__ENUM,    /* one of arg, "a|b|c" */
    AIGOV__TEXTS,   /* at most min texts of at most max bytes */
    AIGOV__DECIMAL, /* "12.50", not negative */
    AIGOV__CURRENCY,
    AIGOV__NODE,     /* of lineage: "kind:name", min..max bytes */
    AIGOV__NODE_ID,  /* min..max bytes; may be one */
    AIGOV__RELATION, /* [A-Za-z], min..max bytes */
    AIGOV__SCALAR,   /* text of max bytes, number, boolean */
    AIGOV__FLAT,     /* object of at most max scalars */
    AIGOV__FLATS,    /* at most min such objects */
    AIGOV__MAP,      /* any object of I-JSON */
    AIGOV__USAGE,
    AIGOV__OBJECT, /* of the shape arg */
    AIGOV__LIST,   /* at most max objects of the shape arg */
    AIGOV__KIND,
    AIGOV__FACTS,
    AIGOV__LOSS
} aigov__type;

typedef enum aigov__where {
    AIGOV__COLUMN,
    AIGOV__BODY,
    AIGOV__CONTENT,
    AIGOV__SPLIT,
    AIGOV__STAMP,
    AIGOV__MADE,
    AIGOV__SERVER,
    AIGOV__DRAFT
} aigov__where;

/* One name of a record or of an object in it. */
typedef struct aigov__member {
    const char *name;
    uint8_t len;
    uint8_t type;  /* aigov__type */
    uint8_t where; /* aigov__where */
    uint8_t moves; /* members.def; in shapes: 1 where it must be given */
    int64_t min, max;
    const void *arg;
} aigov__member;

/* The names of a nested object. */
typedef struct aigov__shape {
    const aigov__member *member;
    uint32_t n;
    bool open; /* other names are taken as content */
} aigov__shape;

/* Most names differ in length or in their last letter. */
static inline bool aigov__is_name(const aigov__member *m, aigov_span name)
{
    return m->len == name.n && m->name[name.n - 1] == name.p[name.n - 1] &&
           memcmp(m->name, name.p, name.n) == 0;
}

enum {
#define MEMBER(name, type, where, moves, min, max, arg) AIGOV__M_##name,
#include "members.def"
#undef MEMBER
    AIGOV__MEMBERS
};

extern const aigov__member aigov__members[AIGOV__MEMBERS];

typedef enum aigov__field_type {
    AIGOV__F_TEXT,
    AIGOV__F_INT,
    AIGOV__F_DECIMAL,
    AIGOV__F_DATE,
    AIGOV__F_TIME,
    AIGOV__F_BOOL,
    AIGOV__F_ENUM,
    AIGOV__F_HASH,
    AIGOV__F_JSON,
    AIGOV__F_REF,
    AIGOV__F_REFS
} aigov__field_type;

typedef enum aigov__form {
    AIGOV__FORM_PLAIN,
    AIGOV__FORM_DIGITS,   /* text of min digits or more */
    AIGOV__FORM_ENTITY,   /* [A-Z0-9_]+ */
    AIGOV__FORM_CURRENCY, /* ISO 4217 */
    AIGOV__FORM_RANGE,    /* decimal from 0 to 1 */
    AIGOV__FORM_POSITIVE, /* decimal, not negative */
    AIGOV__FORM_TEXTS,    /* array of texts, each one of values if any */
    AIGOV__FORM_ROWS,     /* array of objects with the names in values */
    AIGOV__FORM_OBJECT,
    AIGOV__FORM_KEYS,  /* object, its names among values */
    AIGOV__FORM_VALUES /* object of texts among values */
} aigov__form;

typedef enum aigov__need {
    AIGOV__NEED_NO,
    AIGOV__NEED_IF, /* where all its terms hold */
    AIGOV__NEED_ALWAYS
} aigov__need;

/* One term of the condition of a field that is required `if`; value is "a|b",
 * or of BELOW another field.  An absent field has the value null. */
enum { AIGOV__TERM_IS, AIGOV__TERM_IS_NOT, AIGOV__TERM_BELOW };
typedef struct aigov__term {
    const char *field;
    uint8_t op;
    const char *value;
} aigov__term;

/* A row of fields.csv. */
typedef struct aigov__field {
    const char *name;
    const char *values; /* "a|b|c", or what a reference names */
    uint8_t need, type, form;
    bool content; /* kept as content */
    int64_t min, max;
    uint16_t terms, term; /* how many, the first: aigov__field_terms */
} aigov__field;

typedef enum aigov__fact_type {
    AIGOV__FACT_STRING,
    AIGOV__FACT_BOOL,
    AIGOV__FACT_INT,
    AIGOV__FACT_DOUBLE,
    AIGOV__FACT_LIST,
    AIGOV__FACT_OTHER
} aigov__fact_type;

/* A row of facts.csv. */
typedef struct aigov__fact {
    const char *path;
    const char *source;
    uint8_t type;
    bool given; /* by callers */
} aigov__fact;

typedef struct aigov__catalogue {
    const char *name;
    size_t rows;
    const char *sha256;
} aigov__catalogue;

/* --- the record ---------------------------------------------------------- */

/* Gaps of a body that seal fills, in RFC 8785 order of their names. */
enum {
    AIGOV__GAP_ANCHOR,
    AIGOV__GAP_EVIDENCE,
    AIGOV__GAP_REFS, /* behind the caller's; where there are none, of them */
    AIGOV__GAP_REFS_LEFT_OUT,
    AIGOV__GAP_REVISION,
    AIGOV__GAP_RULES,
    AIGOV__GAP_TX,
    AIGOV__GAP_UNDER,
    AIGOV__GAPS
};

/* Text columns that come from the record; spans live in `columns`. */
typedef struct aigov__columns {
    aigov_span actor, kind, model, operation, provider, status, subject, system;
} aigov__columns;

/* Where something was found, in alphabetical order (docs/formats.md). */
enum {
    AIGOV__INPUT, /* what is of no other, the envelope too */
    AIGOV__OUTPUT,
    AIGOV__RETRIEVAL, /* documents */
    AIGOV__TOOL,      /* tool, tools */
    AIGOV__DIRECTIONS
};

/* Whether a completion's sent_digest is that of what guard let go. */
typedef enum aigov__sent {
    AIGOV__SENT_UNKNOWN,
    AIGOV__SENT_DIFFERS,
    AIGOV__SENT_CONFIRMED
} aigov__sent;

#define AIGOV__PREFIXES 8 /* of an input that are looked for, the longest */
#define AIGOV__MAX_CALLS 512

enum { AIGOV__CALL_MADE, AIGOV__CALL_ANSWERED, AIGOV__CALL_ISSUED };

/* The id of a call of a tool: in the input, of a result there, in the output.
 */
typedef struct aigov__tool_call {
    size_t at; /* in dialog.text */
    uint16_t n;
    uint8_t what;
    uint32_t run;  /* of the input */
    uint32_t made; /* of a result: the run of its call; UINT32_MAX: none */
} aigov__tool_call;

/* What a call is recognised by (turns.c); numbers are 8 bytes of a hash. */
typedef struct aigov__dialog {
    bool asks, answers; /* it has an input, an output to look at */
    bool any;           /* and is part of a conversation, as it seems */
    bool keyed, has_input, has_answer, has_conversation, has_before, has_own_id;
    uint8_t key[32];
    int64_t input;        /* the state behind all of it */
    int64_t answer;       /* the output alone */
    int64_t conversation; /* or session */
    int64_t before;       /* params.previous_response_id */
    int64_t own_id;       /* provider_response_id */
    int64_t last_answer;  /* of the input */
    uint32_t last_run;
    struct aigov__prefix {
        int64_t state;
        uint32_t run;
    } prefix[AIGOV__PREFIXES]; /* a ring: the last ones */
    uint32_t prefixes;
    int32_t attempt;
    aigov_buf text; /* of ids */
    aigov__tool_call *call;
    size_t calls, call_cap;
    uint32_t more_calls;
    /* history.c */
    aigov_buf found; /* elements of refs */
    uint32_t left_out;
    aigov_turn turn[AIGOV_MAX_TURNS];
    size_t turns;
} aigov__dialog;

struct aigov_record {
    aigov_ctx *ctx;
    aigov_json j;
    aigov_scanner *scanner;
    const aigov_rules *in_force; /* NULL: what is built in */
    aigov_buf clean;             /* the record with what was found replaced */
    bool cleaned;                /* there is such a text, j was read from it */
    bool brief;                  /* body.redaction must be short */
    bool keyed;                  /* what needs a key has one */
    char fingerprint[48];        /* "key:hash", where something was found */
    uint8_t fingerprint_n;
    aigov__counts found[AIGOV__DIRECTIONS];
    const aigov_asked *asked; /* what guard or complete says, or NULL */
    const aigov_judge *judge; /* NULL: nothing is decided */
    aigov_buf policy;         /* body.policy; empty: no policy covers it */
    int64_t attempt;         /* of a call asked again that names none; else 0 */
    aigov__outside *outside; /* member findings */
    size_t outsides, outside_cap;
    aigov__border *outside_key;
    size_t outside_keys;
    aigov_span raw;        /* what was handed in, while it is read */
    aigov_buf original;    /* what a keyed digest of the call is made of */
    aigov_buf tool_digest; /* "key:hash"; empty without a key or a tool */
    aigov_buf answer;      /* send or output; wiped with the next record */
    uint8_t sent[32];      /* SHA-256 of send, where sent_n is not 0 */
    uint8_t sent_n;
    aigov__sent was_sent; /* of a completion */
    uint8_t rules[32];
    bool ready; /* holds a record that was read */
    aigov_draft draft;
    uint32_t node[AIGOV__MEMBERS];         /* value of a member, 0 for none */
    aigov_span slice[AIGOV__MEMBERS];      /* the same in canon */
    struct aigov__cut cut[AIGOV__MEMBERS]; /* members of canon, as they come */
    uint8_t moved[8];                      /* members that moved to content */
    uint8_t n_moved;
    const aigov_kind *governance; /* of put and make */
    bool request;                 /* interaction defaults to the own id */
    aigov__columns col;
    aigov_buf canon;   /* the whole record as handed in, canonical */
    aigov_buf columns; /* text of col, draft.subject and draft.producer */
    aigov_buf body;    /* members of body, each with a comma after it */
    size_t gap[AIGOV__GAPS];
    aigov_buf content; /* the content document */
    aigov__dialog dialog;
    aigov_buf part; /* scratch */
    /* what seal gave */
    aigov_buf sealed, leaf, vaulted; /* vaulted: content with its vault */
    char id[AIGOV_UUID_LEN + 1], interaction[AIGOV_UUID_LEN + 1];
    uint8_t prev[32], hash[32], commitment[32], digest[32], salt[32];
};

/* --- between the files --------------------------------------------------- */

/* Put the stage into an error that has none; returns status. */
aigov_status aigov__stage(aigov_error *err, const char *stage,
                          aigov_status status);
/* "a text", "an object" ... of a node. */
/* record.c */
void aigov__record_reset(aigov_record *r);

const char *aigov__type_name(const aigov_json *j, uint32_t node);

/* envelope.c */
aigov_status aigov__envelope(aigov_record *r, aigov_error *err);
/* The nodes of members again, of a record that was checked before. */
aigov_status aigov__envelope_again(aigov_record *r, aigov_error *err);
/* Index of a top-level name, or AIGOV__MEMBERS. */
uint32_t aigov__member_find(aigov_span name);

/* values.c: node against row m; outer is the object around it or NULL. */
aigov_status aigov__value(const aigov_json *j, uint32_t node,
                          const aigov__member *m, const char *outer,
                          aigov_error *err);
/* Row of a shape by name, or NULL. */
const aigov__member *aigov__shape_find(const aigov__shape *shape,
                                       aigov_span name);
/* First value at or below node that I-JSON forbids. */
aigov_status aigov__conforming(const aigov_json *j, uint32_t node,
                               aigov_error *err);
/* Whether s is one of "a|b|c". */
bool aigov__one_of(const char *list, aigov_span s);
/* "a|b|c" as "a, b, c", at most n bytes, NUL-terminated; returns out. */
const char *aigov__listed(const char *list, char *out, size_t n);
/* -?digits[.digits], no leading zero. */
bool aigov__is_decimal(aigov_span s, bool negative);
bool aigov__is_currency(aigov_span s);

/* facts.c */
aigov_status aigov__facts(const aigov_json *j, uint32_t node, aigov_error *err);

/* outside.c: read the member `findings` into r->outside, in order of the nodes
 * that they are in. */
aigov_status aigov__outside_read(aigov_record *r, aigov_error *err);
/* Each was in a text that is looked at. */
aigov_status aigov__outside_met(const aigov_record *r, aigov_error *err);
void aigov__outside_free(aigov_record *r);

/* scan.c: replace what is found in the record read from json; r->clean has the
 * text where something was. */
aigov_status aigov__scan_record(aigov_record *r, aigov_span json,
                                aigov_error *err);
/* keys.c: before the scan of json, and after one that found something. */
aigov_status aigov__keys_begin(aigov_record *r, aigov__rewriter *w,
                               aigov_span json, aigov_error *err);
aigov_status aigov__keys_fingerprint(aigov_record *r, aigov_error *err);
/* Of a call that is decided: r->tool_digest and r->original. */
aigov_status aigov__keys_call(aigov_record *r, aigov_error *err);
/* Put r->clean in place of what was handed in. */
aigov_status aigov__take_clean(aigov_record *r, aigov_error *err);
/* A message may repeat a name that the caller chose, or what a register holds:
 * not where something is found in it (of registers: a secret). */
void aigov__scan_error(aigov_record *r, bool secrets_only, aigov_error *err);
/* "redaction":{...}, or nothing. */
bool aigov__put_redaction(const aigov_record *r, aigov_buf *b);
/* Replace what is found in the subject and the fields, read into r->j from
 * body, of an entry that aigov writes itself. */
aigov_status aigov__scan_made(aigov_record *r, const aigov_kind *kind,
                              aigov_span *subject, aigov_span body,
                              aigov_error *err);
/* Refuse a subject that holds a secret. */
aigov_status aigov__refuse_subject(aigov_record *r, const char *kind,
                                   aigov_span subject, aigov_error *err);
/* Refuse a put, read into r->j, whose subject or fields hold a secret. */
aigov_status aigov__refuse_secrets(aigov_record *r, const aigov_kind *kind,
                                   aigov_span subject, aigov_span body,
                                   aigov_error *err);

/* slices.c: the next member of a canonical object.  *pos starts at 0; false at
 * the end.  name is without quotes (escapes as written). */
bool aigov__slice_next(aigov_span object, size_t *pos, aigov_span *name,
                       aigov_span *value);
/* The next element of a canonical array. */
bool aigov__slice_element(aigov_span array, size_t *pos, aigov_span *value);

/* decide.c: what policies say; of calls only.  The record is canonical by now,
 * and nothing of it is rendered. */
aigov_status aigov__decide_record(aigov_record *r, aigov_error *err);

/* texts.c: each text of a record that facts are found in, in its order.
 * operators: it is the operator's, not the user's. */
typedef aigov_status aigov__text_fn(void *arg, aigov_span text, bool operators,
                                    aigov_error *err);
aigov_status aigov__record_texts(const aigov_record *r, aigov__text_fn *look,
                                 void *arg, aigov_error *err);
/* hosts.c: the host of the next URL of a text at or after *pos, and *pos after
 * it; *n 0: longer than out.  False: there is none. */
#define AIGOV__HOST_LEN 253
bool aigov__next_host(aigov_span text, size_t *pos, char out[AIGOV__HOST_LEN],
                      size_t *n);
/* injection.c: the highest injection score of its texts, in hundredths. */
aigov_status aigov__record_injection(const aigov_record *r, int *score,
                                     aigov_error *err);
/* send.c: send of a request that guard asks for, output of an answer to
 * complete; r->raw is there. */
aigov_status aigov__send(aigov_record *r, aigov_error *err);
/* Free it, and leave nothing of it in memory. */
void aigov__wipe_buf(aigov_buf *b);

/* render.c */
aigov_status aigov__render(aigov_record *r, aigov_error *err);
/* Bytes of body without stamps and of the text columns (docs/formats.md). */
aigov_status aigov__envelope_size(aigov_record *r, size_t *size,
                                  aigov_error *err);

/* turns.c: of the record as handed in, where there is a key; of what is stored,
 * when it was rendered. */
void aigov__turns_none(aigov_record *r);
aigov_status aigov__turns_original(aigov_record *r, aigov_error *err);
aigov_status aigov__turns_stored(aigov_record *r, aigov_error *err);
/* 8 bytes of the hash of a text in a state; what: a letter for each use. */
aigov_status aigov__turn_hash(const aigov_record *r, char what, int64_t s,
                              aigov_span text, int64_t *out, aigov_error *err);
aigov_status aigov__turn_number(const aigov_record *r, char what, int64_t s,
                                int64_t of, int64_t *out, aigov_error *err);

/* history.c: into a body at its gaps. */
bool aigov__put_found_refs(const aigov_record *r, aigov_buf *b);
bool aigov__put_left_out(const aigov_record *r, aigov_buf *b);

/* kinds.c */
const aigov__field *aigov__kind_fields(const aigov_kind *kind, size_t *n);
const aigov__field *aigov__common_fields(size_t *n); /* of kind `*` */
const aigov__field *aigov__field_find(const aigov_kind *kind, aigov_span name);
const aigov__term *aigov__field_terms(const aigov__field *f);
/* "an id such as R-7" */
const char *aigov__kind_subject(const aigov_kind *kind);
const aigov__fact *aigov__fact_at(size_t i); /* sorted by path; NULL at end */

/* fields.c: what a message about a governance record begins with. */
typedef struct aigov__about {
    const aigov_json *j;
    const char *kind;
    aigov_span subject;
} aigov__about;
/* "risk R-92: " and what format says, with status FIELD at a node. */
aigov_status aigov__about_fail(const aigov__about *about, uint32_t node,
                               aigov_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A value as a message may show it: registers are not content.  At most 60
 * bytes without control characters; fields kept as content give "". */
#define AIGOV__SHOWN 64
const char *aigov__shown(const aigov_json *j, uint32_t node, bool content,
                         char out[AIGOV__SHOWN]);
aigov_status aigov__field_value(const aigov__about *about, uint32_t node,
                                const aigov__field *f, aigov_error *err);
/* put.c: the members of the object at node against the fields of kind. */
aigov_status aigov__fields(const aigov__about *about, uint32_t node,
                           const aigov_kind *kind, aigov_error *err);

/* verify_row.c: what is wrong with a row alone, or NULL; fills hash. */
aigov_status aigov__row_problem(aigov_ctx *ctx, const aigov_entry *e,
                                aigov_buf *leaf, const char **problem,
                                aigov_error *err);
aigov_status aigov__content_state(aigov_ctx *ctx, const aigov_entry *e,
                                  const aigov_content *c, bool erased,
                                  const char **state, const char **detail,
                                  aigov_error *err);

/* idset.c: a set of 16-byte ids; open addressing. */
typedef struct aigov__idset {
    uint8_t (*slot)[16];
    size_t cap, n; /* cap is 0 or a power of two */
    bool zero;     /* the id of 16 zero bytes, which marks a free slot */
} aigov__idset;
bool aigov__idset_add(aigov_ctx *ctx, aigov__idset *set, const uint8_t id[16]);
bool aigov__idset_has(const aigov__idset *set, const uint8_t id[16]);
void aigov__idset_clear(aigov_ctx *ctx, aigov__idset *set);

#endif
