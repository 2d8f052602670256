/*
 * internal.h - what the files of core/redact share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The way of a text
 *
 *   fold.c      the view: hidden characters dropped, digits and dashes of all
 *               scripts made ASCII, entities and escapes undone, with a map
 *               back; plain ASCII is its own view
 *   scan.c      64 bytes at a time: masks -> triggers -> detectors
 *   window.c    groups of letters and digits -> windows -> rules by shape
 *   context.c   words that speak for or against, near a candidate
 *   resolve.c   scores, the order among overlapping hits, findings
 *
 * Detectors are functions called at a trigger; they read the view through
 * aigov__at (0 outside of it), look at most AIGOV__REACH bytes around unless
 * they say how far, and report hits by offsets in the view.  What they cost a
 * byte is bounded whatever the text.
 *
 *   trigger               called for                         file
 *   aigov__on_at          each '@'                           email.c
 *   aigov__on_colon       each ':'                           url.c, ip.c,
 * assign.c aigov__on_assign      each '=' and each '>'              assign.c
 *   aigov__on_group       a group [A-Za-z0-9]+ with a digit  window.c, phone.c
 *   aigov__on_token       a run of [A-Za-z0-9_-] of 16 up    token.c, encoded.c
 *   aigov__on_capitals    a run of [A-Z0-9] of 8 and up      bank.c
 *   aigov__on_dashes      a run of five and more '-'         pem.c
 *   aigov__quoted         a quote after space or a comma     assign.c
 *   aigov__option         a '-' that begins a word           option.c
 *   aigov__person         a capital that begins a word       person.c
 *
 * Tables, one line an item, made into C tables by tables.pl:
 *   detectors_*.def       DETECTOR: name, entity, class, context, description
 *   rules_*.def           RULE: which shapes a detector validates, base score
 *   context_*.def         CONTEXT: words of a group
 */
#ifndef AIGOV_REDACT_INTERNAL_H
#define AIGOV_REDACT_INTERNAL_H

#include "../base/internal.h"

/* How far a detector may look around a candidate, unless it says otherwise. */
#define AIGOV__REACH 64

/* --- classes of bytes ---------------------------------------------------- */

enum {
    AIGOV__DIGIT = 1,
    AIGOV__UPPER = 2,
    AIGOV__LOWER = 4,
    AIGOV__ALPHA = 6,
    AIGOV__ALNUM = 7,
    AIGOV__HEXLETTER = 8, /* a-f, A-F */
    AIGOV__MARK = 16,     /* - and _ */
    AIGOV__TOKEN = 23,    /* letters, digits, - and _ */
    AIGOV__BASE64 = 32,   /* + / = */
    AIGOV__SPACE = 64,    /* space, tab, line feed, carriage return */
    AIGOV__HIGH = 128     /* a byte of a character beyond ASCII */
};

extern const uint8_t aigov__class[256];

static inline bool aigov__is(unsigned char c, unsigned classes)
{
    return (aigov__class[c] & classes) != 0;
}

static inline bool aigov__is_hex(unsigned char c)
{
    return (aigov__class[c] & (AIGOV__DIGIT | AIGOV__HEXLETTER)) != 0;
}

/* --- detectors ----------------------------------------------------------- */

enum {
#define DETECTOR(name, entity, class, context, text) AIGOV__D_##name,
#include "detectors.def"
#undef DETECTOR
    AIGOV__DETECTORS
};

/* Groups of context words: AIGOV__C_<group>; 0 is none. */
#include "context_groups.h"
#define AIGOV__GROUP_WORDS 4 /* 64 groups each */

typedef struct aigov__profile aigov__profile; /* rules.h */

/* The detector of a number: built in, or of the rules in use. */
const aigov_detector *aigov__detector(const aigov_scanner *s, unsigned number);

/* --- the scan ------------------------------------------------------------ */

/* A place in the view whose offset from the original differs from the one
 * before: from here on, original = view + shift, until the next. */
typedef struct aigov__shift {
    size_t view, raw; /* offsets of the first byte after the difference */
} aigov__shift;

typedef struct aigov__hit {
    size_t from, to;   /* in the view */
    uint16_t detector; /* AIGOV__D_ */
    uint8_t score;     /* hundredths */
    uint8_t base;      /* of it, by form and checks alone */
    uint8_t why;       /* AIGOV_WHY_... */
    bool stray;        /* the word for it may be another value's */
} aigov__hit;

/* A context word that was met. */
typedef struct aigov__word {
    size_t from, to;
    uint16_t groups; /* index of group lists; 0 none */
    uint64_t hash;
} aigov__word;

#define AIGOV__WORDS 64 /* words remembered; a power of two */

typedef struct aigov__context {
    aigov__word ring[AIGOV__WORDS]; /* words that belong to a group */
    size_t count;                   /* how many there were */
    aigov__word last[4];            /* the last words, for phrases */
    size_t read;                    /* how many words there were */
    size_t begun, indexed;          /* the view is read from, up to here */
    /* Groups near [near_from, near_to), when that much was read. */
    uint64_t near[AIGOV__GROUP_WORDS];
    size_t near_from, near_to, near_begun, near_indexed;
} aigov__context;

/* The table that is being read (table.c). */
#define AIGOV__COLUMNS 32
#define AIGOV__COLUMN_WORDS 3
#define AIGOV__SEPARATORS 5

typedef struct aigov__table {
    size_t at;         /* the text is read up to here */
    size_t line, cell; /* where the line, and the cell, begin */
    uint16_t word[AIGOV__COLUMNS][AIGOV__COLUMN_WORDS]; /* of the head */
    uint8_t columns;                  /* of it; 0: there is none */
    uint8_t kind;                     /* of its separators */
    uint8_t count[AIGOV__SEPARATORS]; /* in the line so far */
    bool quoted;                      /* within quotes */
    bool whole;                       /* the line was read from its start */
} aigov__table;

/* Where the fold of a text stands, which may come in pieces. */
typedef struct aigov__folding {
    size_t next;     /* the original is looked at up to here */
    size_t done;     /* and in the view up to here */
    size_t low;      /* no unit begins before */
    size_t word_end; /* look_alikes is for the word up to here */
    bool look_alikes;
} aigov__folding;

struct aigov_scanner {
    aigov_ctx *ctx;
    aigov_span raw; /* the text handed in */
    const char *p;  /* the view; raw.p where nothing was folded */
    size_t n;
    aigov_span path_text;              /* the JSON path */
    uint64_t path[AIGOV__GROUP_WORDS]; /* its context groups, once read */
    bool has_path, path_read;
    int depth; /* of encoded segments: 0 the text itself */
    bool nomem, canceled;
    bool no_keys;                  /* what needs a key is replaced (keyed.c) */
    const aigov_rules *rules;      /* NULL: what is built in */
    const aigov__profile *profile; /* of rules; NULL where that is */
    const char *withheld;          /* a detector that failed, or NULL */
    const struct aigov__ranges *outside; /* in this text; or NULL (outside.c) */
    bool open;           /* more of the text may follow (stream.c) */
    size_t skipped;      /* bytes of the view that were before it */
    size_t next;         /* triggers before this offset were handled */
    size_t run_end;      /* as aigov__settled last found it */
    size_t groups_done;  /* groups before this offset were visited */
    size_t tokens_done;  /* the same for tokens */
    size_t urls_done;    /* and for what follows "://" */
    size_t group_last;   /* where the last group with a digit ended */
    bool in_row;         /* it belongs to a row of numbers (window.c) */
    size_t secrets_done; /* assigned values before this offset were judged */
    size_t encoded_done; /* and runs of base64 */
    aigov__context context;
    aigov__table table;
    aigov__folding folding;
    aigov_buf fold; /* the view, where it is not raw */
    aigov__shift *shift;
    size_t shifts, shift_cap;
    aigov__hit *hit;
    size_t hits, hit_cap;
    aigov_finding *finding;
    size_t findings, finding_cap;
    struct aigov_scanner *inner;      /* for what is encoded in the text */
    struct aigov_scanner *second;     /* for a second look (redact.c) */
    aigov_buf again;                  /* what it looks at */
    aigov_buf decoded;                /* what it scans */
    struct aigov__rewriter *rewriter; /* json.c */
    struct aigov__keyed *keyed;       /* keyed.c */
    struct aigov__numbered *numbered; /* numbered.c */
    aigov__profile *stricter;         /* profiles.c */
};

typedef struct aigov_scanner aigov__scan;

/* aigov_scan, where aigov__context_path was called. */
aigov_status aigov__scan_value(aigov__scan *s, aigov_span text,
                               const aigov_finding **finding, size_t *n,
                               aigov_error *err);

/* The byte at i, or 0 outside (also for i "below" 0, which wraps around). */
static inline unsigned char aigov__at(const aigov__scan *s, size_t i)
{
    return i < s->n ? (unsigned char)s->p[i] : 0;
}

static inline bool aigov__at_is(const aigov__scan *s, size_t i,
                                unsigned classes)
{
    return i < s->n && aigov__is((unsigned char)s->p[i], classes);
}

/* Whether the view has this text at i; the second ignores ASCII case, with the
 * text in lower case. */
static inline bool aigov__has(const aigov__scan *s, size_t i, const char *text)
{
    size_t n = strlen(text);
    return i <= s->n && n <= s->n - i && memcmp(s->p + i, text, n) == 0;
}

bool aigov__has_nocase(const aigov__scan *s, size_t i, const char *lower);
/* Whether a letter of any alphabet but ASCII ends before i, or begins at i. */
bool aigov__letter_before(const aigov__scan *s, size_t i);
bool aigov__letter_at(const aigov__scan *s, size_t i);

/* Whether a letter or digit of any alphabet ends before i, or begins at i.
 * Scripts without spaces between words (Han, Kana, Thai ...) do not count. */
static inline bool aigov__word_before(const aigov__scan *s, size_t i)
{
    uint8_t class = aigov__class[aigov__at(s, i - 1)];
    return class == AIGOV__HIGH ? aigov__letter_before(s, i)
                                : (class & AIGOV__ALNUM) != 0;
}

static inline bool aigov__word_at(const aigov__scan *s, size_t i)
{
    uint8_t class = aigov__class[aigov__at(s, i)];
    return class == AIGOV__HIGH ? aigov__letter_at(s, i)
                                : (class & AIGOV__ALNUM) != 0;
}

/* Whether a character is a letter of a script with spaces between words. */
bool aigov__is_letter(uint32_t c);
/* Whether the comma at i is part of a number, one to three digits after it, and
 * not a border between fields. */
bool aigov__comma_joins(const aigov__scan *s, size_t i);

/* A run of letters, digits or token bytes is cut at MAX_RUN; a group has at
 * most MAX_BEFORE letters before its first digit, and MAX_GROUP bytes after. */
#define AIGOV__MAX_RUN 65536
#define AIGOV__MAX_BEFORE 256
#define AIGOV__MAX_GROUP 1024

/* scan.c: look for everything in s->p, s->n; from s->next on, and where the
 * text is open no further than what is settled; forget the first n bytes of
 * the view. */
void aigov__scan_view(aigov__scan *s);
void aigov__scan_start(aigov__scan *s);
void aigov__scan_on(aigov__scan *s);
void aigov__scan_forget(aigov__scan *s, size_t n);

/* fold.c: make the view of s->raw, and the way back; or more of it, as the
 * text grows, and without the first bytes (view and raw fit each other). */
void aigov__fold(aigov__scan *s);
void aigov__fold_start(aigov__scan *s);
void aigov__fold_on(aigov__scan *s);
void aigov__fold_forget(aigov__scan *s, size_t view, size_t raw);
size_t aigov__raw_from(const aigov__scan *s, size_t view);
size_t aigov__raw_to(const aigov__scan *s, size_t view);

/* --- hits ---------------------------------------------------------------- */

/*
 * Report a hit of [from, to) in the view.  base is the score in hundredths that
 * the candidate has by its form and checks alone; resolve.c adds
 *
 *   +30  a word of the detector's context within 48 bytes before or 24 after,
 *        or in the JSON path; for a base under 25, and under 50 where nothing
 *        is validated, one that labels it (aigov__labelled)
 *   -30  a word that speaks against (version, commit, order ...) within 32
 *        bytes before or 8 after, or in the path, and no word for
 *   +25  the text is nothing but the value (a form field), and has no path
 *
 * and keeps what reaches 50, or what the profile says.  A base below 20 is
 * never kept.  The score of an own detector is what its record says.
 */
void aigov__report(aigov__scan *s, unsigned detector, size_t from, size_t to,
                   int base, unsigned why);

#define AIGOV__THRESHOLD 50 /* what a hit must reach to be kept */

/* Whether a hit of [from, to) could be kept on a base under the threshold: a
 * word of the detector's context is near, or the text may be nothing else.  So
 * a check need not be made in vain. */
bool aigov__may_count(aigov__scan *s, unsigned detector, size_t from,
                      size_t to);
/* The same for any detector. */
bool aigov__may_any_count(aigov__scan *s, size_t from, size_t to);

/* resolve.c: hits in the order of the text; hits -> findings, false: out of
 * memory. */
void aigov__sort_hits(aigov__scan *s);
bool aigov__acted(const aigov__scan *s, unsigned detector);
bool aigov__grow_hits(aigov__scan *s);
/* Put hits in order and keep those that win; how many they are. */
size_t aigov__best_of(const aigov__scan *s, aigov__hit *hit, size_t n);
bool aigov__resolve(aigov__scan *s);

/* What stands at a trigger, for settled. */
enum {
    AIGOV__T_WORD = 1,  /* a group, token, run of capitals, '@' */
    AIGOV__T_VALUE = 2, /* ':', '=', '>', a quote, an option: a value follows */
    AIGOV__T_DASHES = 4
};

/* settled.c: whether what follows cannot change what the trigger at i of an
 * open text finds. */
bool aigov__settled(aigov__scan *s, size_t i, unsigned what);

/* --- placeholder.c, redact.c --------------------------------------------- */

/* Length of the placeholder [ENTITY], [ENTITY_n] or [ENTITY:key:hash] at p, or
 * 0; *number is n, 1 where there is none.  Entities of rules count too. */
size_t aigov__placeholder(const aigov_rules *rules, const char *p, size_t n,
                          uint32_t *number);
/* The highest number of a placeholder in the names of an object. */
uint32_t aigov__placeholder_highest(const aigov_rules *rules,
                                    const aigov_json *j, uint32_t object);
/* False where [*from, *to) lies inside a placeholder; where it ends inside of
 * one it is widened to take it in. */
bool aigov__keep_placeholders(const aigov__scan *s, size_t *from, size_t *to);
bool aigov__ends_placeholder(const aigov__scan *s, size_t end);
/* Append text from byte `at` on, with findings that begin there or later
 * replaced; false: out of memory. */
bool aigov__put_redacted(aigov_scanner *s, aigov_buf *out, aigov_span text,
                         size_t at, const aigov_finding *f, size_t n);
size_t aigov__entities(void);
size_t aigov__entity_of(size_t detector); /* as in aigov_entity_at */

/* --- context.c ----------------------------------------------------------- */

/* Whether a word of group may be near [from, to), by the windows of the two
 * functions below, or in the path; known for all groups at once. */
bool aigov__maybe_near(aigov__scan *s, size_t from, size_t to, unsigned group);
/* Whether that may be so for any group. */
bool aigov__any_near(aigov__scan *s, size_t from, size_t to);
/* Whether a word of group is near [from, to) or in the path. */
bool aigov__near_word(aigov__scan *s, size_t from, size_t to, unsigned group);
/* The same for what has nothing but the word to speak for it: of the words of
 * all groups the nearest before, with those next to it, have one of this
 * group and no other field between, or, where none is near before, one after
 * is of it.  "Phone 5551234, passport AB123456, room 217B". */
bool aigov__labelled(aigov__scan *s, size_t from, size_t to, unsigned group);
/* Whether the word right before, and none of its label, speaks against. */
bool aigov__labelled_against(aigov__scan *s, size_t from, unsigned group);
/* The same with windows of one's own, in bytes; the path is not asked. */
bool aigov__word_within(aigov__scan *s, size_t from, size_t to, unsigned group,
                        size_t before, size_t after);
/* Whether the JSON path has a word of group. */
bool aigov__path_has(aigov__scan *s, unsigned group);
/* A character in lower case and without its accent; 0 for a combining one. */
size_t aigov__plain_letter(uint32_t c, char out[4]);
/* The groups of the words of [from, to), at most n, 0 after the last; whether
 * such a word is of group. */
void aigov__words_of(const aigov__scan *s, size_t from, size_t to,
                     uint16_t *word, size_t n);
bool aigov__word_has(uint16_t word, unsigned group);
void aigov__context_reset(aigov__scan *s);
void aigov__context_path(aigov__scan *s, aigov_span path);
/* The groups of the path, as bits; they are read when first asked for, unless
 * they are known. */
const uint64_t *aigov__path_groups(aigov__scan *s);
void aigov__context_groups(aigov__scan *s, const uint64_t *groups);

/* --- table.c ------------------------------------------------------------- */

/* The words at the head of the column in which a value begins, up to a 0; NULL:
 * it begins no cell.  Whether one is of group. */
const uint16_t *aigov__column(aigov__scan *s, size_t from);
bool aigov__column_has(aigov__scan *s, size_t from, unsigned group);
/* Whether a value begins a cell between commas: those join no digits. */
bool aigov__comma_cell(aigov__scan *s, size_t from);
/* Where the row of a table in which a value begins does; 0: it is in none. */
size_t aigov__row_start(aigov__scan *s, size_t from);
void aigov__table_start(aigov__scan *s);
void aigov__table_forget(aigov__scan *s, size_t n);

/* --- window.c ------------------------------------------------------------ */

#define AIGOV__WINDOW_GROUPS 10
#define AIGOV__WINDOW_BYTES 40

/*
 * Letters and digits in up to ten groups with one separator between them, as
 * in "4012-8888-8888-1881" or "GB82 WEST 1234 5698 7654 32".
 *
 *   compact  letters in upper case and digits, no separators, NUL-terminated
 *   shape    of the text: d a digit, L a letter, separators as they are
 *            (two spaces, or a line break, count as one space)
 */
typedef struct aigov__window {
    char compact[AIGOV__WINDOW_BYTES + 1];
    char shape[AIGOV__WINDOW_BYTES + AIGOV__WINDOW_GROUPS + 1];
    uint8_t n, shape_n; /* bytes of compact and shape */
    uint8_t digits, letters;
    uint8_t groups;
    uint8_t len[AIGOV__WINDOW_GROUPS]; /* of each group */
    char sep[AIGOV__WINDOW_GROUPS];    /* sep[i] stands before group i+1 */
    bool lower;                        /* has lower-case letters */
    char before, after;                /* what joins it on: - . / _ , : or 0 */
    bool asked, quiet; /* it was asked if words are near; there are none */
    size_t from, to;   /* in the view */
} aigov__window;

/*
 * A rule's check of a window of one of its shapes: AIGOV__NO to refuse it, else
 * what to add to the rule's base score (0 mostly).
 */
#define AIGOV__NO (-1000)
typedef int (*aigov__check)(const aigov__window *w);

/* Digits of compact as numbers; a letter gives 10..35. */
static inline int aigov__value(const aigov__window *w, int i)
{
    char c = w->compact[i];
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* --- checks that many formats share (checks.c) --------------------------- */

bool aigov__luhn(const char *digits, int n); /* ISO/IEC 7812-1 B */
bool aigov__verhoeff(const char *digits, int n);
bool aigov__mod97(const char *alnum, int n);     /* ISO 7064 mod 97-10 */
bool aigov__mod11_10(const char *digits, int n); /* ISO 7064 mod 11,10 */
bool aigov__mod11_2(const char *digits, int n);  /* ISO 7064 mod 11-2, X */
/* Sum of digit times weight over n places; letters count 10 and up. */
int aigov__weighted(const char *alnum, const int *weight, int n);
/* Whether year (four digits), month, day is a day; year 0: any leap year. */
bool aigov__is_day(int year, int month, int day);
/* The number that n digits make; n <= 9. */
int aigov__number(const char *digits, int n);
/* Value of a character of base64 or base64url (RFC 4648 4, 5), or -1. */
int aigov__base64_value(unsigned char c);
/* Whether all n bytes are equal. */
bool aigov__same(const char *p, int n);

/* --- triggers ------------------------------------------------------------ */

void aigov__on_at(aigov__scan *s, size_t i);
void aigov__on_colon(aigov__scan *s, size_t i);
void aigov__on_assign(aigov__scan *s, size_t i);
void aigov__on_group(aigov__scan *s, size_t from, size_t to);
void aigov__on_token(aigov__scan *s, size_t from, size_t to);
void aigov__on_capitals(aigov__scan *s, size_t from, size_t to);
void aigov__on_dashes(aigov__scan *s, size_t i);

/* Parts of a trigger, each in the file of its subject. */
void aigov__row(aigov__scan *s, size_t from, size_t to);     /* window.c */
void aigov__windows(aigov__scan *s, size_t from, size_t to); /* window.c */
void aigov__phone(aigov__scan *s, size_t from, size_t to);   /* phone.c */
void aigov__german_plate(aigov__scan *s, size_t from,
                         size_t to); /* europe_plate.c */
void aigov__plus_date(aigov__scan *s, size_t from, size_t to);
void aigov__ipv4(aigov__scan *s, size_t from, size_t to);       /* ip.c */
void aigov__ipv6(aigov__scan *s, size_t colon);                 /* ip.c */
void aigov__date(aigov__scan *s, size_t from, size_t to);       /* date.c */
void aigov__iban(aigov__scan *s, size_t from, size_t to);       /* bank.c */
void aigov__card_data(aigov__scan *s, size_t from, size_t to);  /* card.c */
void aigov__crypto(aigov__scan *s, size_t from, size_t to);     /* crypto.c */
void aigov__geo(aigov__scan *s, size_t from, size_t to);        /* geo.c */
void aigov__mac_dots(aigov__scan *s, size_t from, size_t to);   /* mac.c */
void aigov__mac_colons(aigov__scan *s, size_t colon);           /* mac.c */
void aigov__mac_dashes(aigov__scan *s, size_t from, size_t to); /* mac.c */
void aigov__uuid(aigov__scan *s, size_t from, size_t to);       /* uuid.c */
void aigov__person(aigov__scan *s, size_t i);                   /* person.c */
void aigov__person_label(aigov__scan *s, size_t colon);
void aigov__person_mail(aigov__scan *s, size_t address, size_t at);
void aigov__address(aigov__scan *s, size_t from, size_t to);     /* address.c */
void aigov__spoken(aigov__scan *s, size_t from, size_t to);      /* assign.c */
void aigov__url(aigov__scan *s, size_t colon);                   /* url.c */
void aigov__assignment(aigov__scan *s, size_t sign);             /* assign.c */
void aigov__quoted(aigov__scan *s, size_t quote);                /* assign.c */
void aigov__option(aigov__scan *s, size_t dash);                 /* option.c */
void aigov__leaf(aigov__scan *s);                                /* assign.c */
void aigov__known_token(aigov__scan *s, size_t from, size_t to); /* token.c */
void aigov__short_token(aigov__scan *s, size_t from,
                        size_t to);                          /* token_mark.c */
void aigov__private_lines(aigov__scan *s, size_t colon);     /* pem.c */
void aigov__encoded(aigov__scan *s, size_t from, size_t to); /* encoded.c */

/* What no window holds: a sign beyond letters, digits and separators. */
void aigov__mrz(aigov__scan *s, size_t from, size_t to);     /* mrz.c */
void aigov__plate(aigov__scan *s, size_t from, size_t to);   /* documents.c */
void aigov__mx_rfc(aigov__scan *s, size_t from, size_t to);  /* americas.c */
void aigov__us_zip(aigov__scan *s, size_t from, size_t to);  /* us.c */
void aigov__spelled(aigov__scan *s, size_t from, size_t to); /* spelled.c */

#endif
