/*
 * internal.h - what the files of core/policy share
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The way of a decision
 *
 *   schema.c     facts.csv -> variables of CEL, values where absent;
 *                classes.csv
 *   facts.c      one set of facts: set, read from JSON, written as JSON
 *   register.c   lane 0 -> the newest revision of each (kind, subject), and
 *                the newest that counts
 *   policies.c   the public object; which policies are in force for a system
 *   rules.c      rules, exceptions and budgets -> programs, scope, hashes
 *   derive.c     facts out of registers and ledger, by what the rules read
 *   decide.c     facts -> verdict, matches, waivers, shadow, obligations
 *   answer.c     a verdict as the members of body.policy, and back
 *   check.c      what a put of these kinds must satisfy
 *   sign.c       who may sign what
 *   publish.c    policy_publish, approve, exception, suspend: puts made of
 *                arguments
 *   pack.c       packs of rules to begin with
 *   lint.c       what is wrong with a version before it is published
 *   test.c       the cases of a policy, against one of its versions
 *
 * core/policy uses core/base, core/crypto and core/cel; core/log composes it
 * with records (core/log/decide.c).
 */
#ifndef AIGOV_CORE_POLICY_INTERNAL_H
#define AIGOV_CORE_POLICY_INTERNAL_H

#include "../cel/cel.h"
#include "fact_data.h"

/* The version of facts.csv and of how a decision is composed: it stands in each
 * decision, so that one taken years ago is taken again in the same way. */
#define AIGOV__ENGINE 1

/* --- schema.c ------------------------------------------------------------ */

enum fact_source {
    FACT_CLOCK,
    FACT_RECORD,
    FACT_CALLER,
    FACT_OUTSIDE,
    FACT_REGISTER,
    FACT_LEDGER,
    FACT_DETECTOR
};

/* AIGOV__FACT_req_kind ...: the slot of each fact in every environment.  After
 * them come six for each budget: usage requests, tokens, cost, then limits. */
enum {
#define X(id, path, type, source, absent) AIGOV__FACT_##id,
    FACTS(X)
#undef X
        AIGOV__FACT_COUNT
};
enum {
    BUDGET_REQUESTS,
    BUDGET_TOKENS,
    BUDGET_COST,
    BUDGET_LIMIT_REQUESTS,
    BUDGET_LIMIT_TOKENS,
    BUDGET_LIMIT_COST,
    BUDGET_SLOTS
};

typedef struct fact_row {
    const char *path, *type;
    uint8_t source;
    bool never;       /* absent: it is always there */
    cel_value absent; /* of the kind of type */
} fact_row;

const fact_row *aigov__fact_row(size_t slot); /* slot < AIGOV__FACT_COUNT */
/* Declare all facts, and those of n budgets, in an environment without
 * variables. */
aigov_status aigov__schema_env(aigov_cel_env *env, const char *const *budget,
                               size_t n, aigov_error *err);
/* "pii.email" of EMAIL_ADDRESS; absent where it has no class.  Own entities:
 * class custom.<entity in lower case>, put into out. */
aigov_span aigov__class_of(aigov_span entity, bool own, char out[80]);
bool aigov__is_class(aigov_span name); /* of a built-in entity */

/* --- facts.c ------------------------------------------------------------- */

/* The facts of one decision; used again and again. */
typedef struct fact_set {
    aigov_ctx *ctx;
    cel_arena arena;         /* of values; reset by aigov__facts_begin */
    size_t slots;            /* AIGOV__FACT_COUNT + BUDGET_SLOTS a budget */
    cel_value *own;          /* by slot */
    const cel_value **value; /* by slot, for aigov__cel_eval */
    uint8_t *given;          /* by slot: not the value of `absent` */
} fact_set;

/* Every fact has its value of `absent`; those without one are not bound. */
aigov_status aigov__facts_begin(fact_set *f, aigov_ctx *ctx, size_t slots,
                                aigov_error *err);
void aigov__facts_free(fact_set *f);
void aigov__facts_set(fact_set *f, size_t slot, cel_value v);
/* Copied into the arena; false: out of memory. */
bool aigov__facts_text(fact_set *f, size_t slot, aigov_span text);
void aigov__facts_bool(fact_set *f, size_t slot, bool v);
void aigov__facts_int(fact_set *f, size_t slot, int64_t v);
void aigov__facts_double(fact_set *f, size_t slot, double v);
void aigov__facts_time(fact_set *f, size_t slot, int64_t at);
cel_value aigov__time_value(int64_t at);
/* An array of texts at node i. */
bool aigov__facts_texts(fact_set *f, size_t slot, const aigov_json *j,
                        uint32_t i);
/* A JSON value as CEL sees it: integers within 2^53 without fraction are int,
 * other numbers double. */
bool aigov__facts_json(cel_arena *a, const aigov_json *j, uint32_t i,
                       cel_value *out);
/*
 * The object at node i, {"req":{"kind":..},"now":"..."}: each path known, each
 * value of its type.  AIGOV_FIELD with the offset and the nearest path.
 */
aigov_status aigov__facts_read(fact_set *f, const aigov_cel_env *env,
                               const aigov_json *j, uint32_t i,
                               aigov_error *err);
/* Put slots into the order in which they are written. */
void aigov__facts_sort(const aigov_cel_env *env, uint32_t *slot, size_t n);
/* Append those of the sorted slots that are given, as such an object in
 * canonical form.  tool.args is left out: its texts are content. */
bool aigov__facts_write(const fact_set *f, const aigov_cel_env *env,
                        const uint32_t *slot, size_t n, aigov_buf *out);

/* --- register.c ---------------------------------------------------------- */

typedef struct revision {
    int64_t number, at;
    int64_t log, seq;
    uint8_t hash[32];
    aigov_span login;  /* recorded_by.login */
    aigov_span fields; /* canonical */
    aigov_json j;      /* of fields */
} revision;

typedef struct register_row {
    const char *kind; /* one of aigov_policies_kind_at */
    aigov_span subject;
    revision *latest;
    revision *counts; /* the newest approved one where the kind needs approval
                         (kinds.csv), else the latest; may be NULL */
    int64_t active, shadow; /* policy: which version is; 0: none */
} register_row;

typedef struct registers registers;

aigov_status aigov__registers_new(aigov_ctx *ctx, registers **out,
                                  aigov_error *err);
void aigov__registers_free(registers *r);
aigov_status aigov__registers_add(registers *r, const aigov_entry *e,
                                  aigov_error *err);
/* NULL where there is none.  Beside the kinds of a log there is "policy
 * version", with subjects such as main/7. */
const register_row *aigov__register_find(const registers *r, const char *kind,
                                         aigov_span subject);
/* The rows of a kind in the order in which they came; *pos starts at 0. */
const register_row *aigov__register_next(const registers *r, const char *kind,
                                         size_t *pos);
/* The approvals of a call, the newest first; after NULL: the first. */
const register_row *aigov__register_call(const registers *r,
                                         aigov_span interaction,
                                         const register_row *after);
/* Rises where policies, rules, exceptions or budgets changed: what was made of
 * them before is stale. */
uint64_t aigov__registers_state(const registers *r);

/* fields.c: members of a revision's fields; absent, false, 0 where they are
 * not. */
aigov_span aigov__field_text(const revision *v, const char *name);
bool aigov__field_bool(const revision *v, const char *name);
bool aigov__field_int(const revision *v, const char *name, int64_t *out);
bool aigov__field_time(const revision *v, const char *name, int64_t *out);
/* The end of a day: 23:59:59.999999 UTC. */
bool aigov__field_day_end(const revision *v, const char *name, int64_t *out);
uint32_t aigov__field_node(const revision *v, const char *name); /* or 0 */
bool aigov__field_lists(const revision *v, const char *name, aigov_span text);

/* --- derive.c ------------------------------------------------------------ */

/*
 * sys.*, model.*, tool.risk, tool.host, actor.literacy_until and
 * req.retention_days out of registers, by sys.id, model.id, tool.name and
 * actor.id, which are set; only what `read` has by slot.  retention is the
 * record's class.
 */
aigov_status aigov__derive_registers(fact_set *f, const registers *r,
                                     const uint8_t *read, aigov_span retention,
                                     aigov_error *err);

/* --- rules.c ------------------------------------------------------------- */

typedef enum verdict {
    VERDICT_NONE,
    VERDICT_ALLOW,
    VERDICT_FLAG,
    VERDICT_REDACT,
    VERDICT_REQUIRE_APPROVAL,
    VERDICT_DENY
} verdict;

const char *aigov__verdict_name(verdict v); /* "allow" ...; NONE: "none" */
verdict aigov__verdict_named(aigov_span s); /* VERDICT_NONE: no such word */

enum rule_phase { PHASE_PRE, PHASE_POST, PHASE_TOOL, PHASE_RETRIEVAL };
enum rule_mode { MODE_ENFORCE, MODE_SHADOW, MODE_OFF };

/* A condition as it was put, or why it does not compile. */
typedef struct condition {
    aigov_cel_program *program; /* NULL: refused */
    uint32_t at;                /* where */
} condition;

typedef struct policy_rule {
    aigov_span id;        /* its subject: main/7/pci-external */
    const revision *from; /* of the registers */
    condition cond;
    uint8_t phase, mode, effect;
    bool hard, skip; /* on_error: skip */
    int64_t priority;
    int64_t valid_to;            /* INT64_MAX: none */
    aigov_span system, provider; /* absent: any */
} policy_rule;

typedef struct policy_version {
    aigov_span id;     /* main/7 */
    aigov_span policy; /* main */
    const revision *from;
    verdict otherwise; /* default_effect */
    policy_rule *rule; /* by id */
    size_t rules, cap;
    uint8_t hash[32]; /* rules_hash, docs/formats.md */
} policy_version;

typedef struct waiver {
    aigov_span id, rule; /* EX-1, main/7/eu-only */
    const revision *from;
    condition cond;
    int64_t not_before, expires, max_uses;
} waiver;

typedef struct policy_budget {
    aigov_span id; /* team_month; NUL-terminated */
    const revision *from;
} policy_budget;

/* Read one version's rules out of the registers.  *out is freed by
 * aigov__version_free; it borrows from the registers. */
aigov_status aigov__version_new(aigov_ctx *ctx, const registers *r,
                                const aigov_cel_env *env,
                                const register_row *version,
                                policy_version **out, aigov_error *err);
void aigov__version_free(aigov_ctx *ctx, policy_version *v);
/* Compile a condition over facts; what is wrong with it is kept, not an error.
 */
aigov_status aigov__condition(const aigov_cel_env *env, aigov_span source,
                              condition *out, aigov_error *err);
/* The approved exceptions of a rule that exist, in the order of their ids. */
aigov_status aigov__waivers_new(aigov_ctx *ctx, const registers *r,
                                const aigov_cel_env *env, waiver **out,
                                size_t *n, aigov_error *err);
void aigov__waivers_free(aigov_ctx *ctx, waiver *w, size_t n);

/* --- policies.c ---------------------------------------------------------- */

struct aigov_policies {
    aigov_ctx *ctx;
    registers *registers;
    bool ready;
    uint64_t state; /* of the registers, when the rest was made */
    aigov_cel_env env;
    policy_budget *budget;
    size_t budgets;
    policy_version **version; /* active, in shadow, and asked for */
    size_t versions, version_cap;
    size_t acting; /* the first of them: what is in force; others were asked */
    waiver *waiver;
    size_t waivers;
    /* The approvals in force for the call at hand, as the fact has them. */
    aigov_span *signed_; /* their ids, in the scratch arena */
    size_t signeds;
    uint8_t *read;  /* by slot: whether a rule in force reads it */
    uint32_t *kept; /* the same slots, sorted for aigov__facts_write */
    size_t slots, keeps;
    fact_set facts;    /* of the decision at hand */
    cel_arena arena;   /* of evaluations */
    cel_arena scratch; /* of the decision itself */
    /* Of a replay: in place of the active version of its policy; then nothing
     * is decided in shadow. */
    policy_version *instead;
};

/* Add to read, by slot, what a version reads. */
void aigov__version_reads(const policy_version *v, uint8_t *read);

/* The version with this id, built and held by p; NULL: there is none. */
aigov_status aigov__policies_version(aigov_policies *p, aigov_span id,
                                     policy_version **out, aigov_error *err);

aigov_status aigov__policies_of(aigov_policies *p, aigov_span policy,
                                int64_t version, policy_version **out,
                                aigov_error *err);

/* --- decide.c ------------------------------------------------------------ */

/* A rule that matched. */
typedef struct matched {
    const policy_version *version;
    const policy_rule *rule;
    cel_error error; /* CEL_OK, or why it counts as a match */
    uint32_t at;
    const waiver *waived; /* NULL: it acts */
    bool satisfied;       /* require_approval: signed */
} matched;

typedef struct obligation {
    aigov_span kind, target, value; /* absent where there is none */
    const policy_rule *rule;
} obligation;

typedef struct ruling {
    verdict verdict;
    bool otherwise; /* by default: no rule allowed */
    const matched *match;
    size_t matches;
} ruling;

typedef struct decision {
    bool whole;    /* in: one-shot, rules of all phases look at it */
    bool governed; /* a policy covers the call: else allow, no_policy */
    const char *phase;
    const policy_version **version; /* in force */
    size_t versions;
    uint8_t hash[32]; /* policy_hash */
    ruling acts;
    bool shadowed;                 /* shadow rules or versions were there */
    const policy_version **beside; /* those that would act */
    size_t besides;
    ruling shadow;
    const matched *error; /* rules that failed and do not act: allow, skip */
    size_t errors;
    const obligation *obligation;
    size_t obligations;
    aigov_span *approval; /* ids of what released it */
    size_t approvals;
    uint64_t units;
    bool digested; /* held: digest is what approvals of it name */
    uint8_t digest[32];
    int64_t reserved; /* tokens, where a budget of them is read; else 0 */
} decision;

/*
 * Which versions decide, and their policy_hash: by sys.id of p->facts.
 *
 * in      only       NULL: what is in force; else this version and its parents
 * out     *out       lives until the next decision
 */
aigov_status aigov__decide_by(aigov_policies *p, policy_version *only,
                              decision *out, aigov_error *err);
/* Then, all facts being there, the decision.  ledger may be NULL: then uses of
 * exceptions are not counted. */
aigov_status aigov__decide(aigov_policies *p, const aigov_ledger *ledger,
                           decision *out, aigov_error *err);

/* --- approvals.c --------------------------------------------------------- */

/* What approvals of a call are compared with. */
typedef struct call_at_hand {
    const char *interaction; /* 36 characters */
    const uint8_t *hash;     /* policy_hash */
    int64_t now;
    /* SHA-256(0x04 || salt || record); false: out of memory or crypto */
    aigov_status (*digest)(void *host, aigov_span salt, uint8_t out[32],
                           aigov_error *err);
    void *host;
} call_at_hand;

/* Set the fact approvals, and p->signed_: the approvals in force for this call.
 */
aigov_status aigov__approvals(aigov_policies *p, const aigov_ledger *ledger,
                              const call_at_hand *call, aigov_error *err);

/* --- usage.c ------------------------------------------------------------- */

/* Whether a rule in force reads what a budget has left of tokens. */
bool aigov__reads_tokens(const aigov_policies *p);
/* Set usage.* and limits.* of the budgets that rules read. tenant and session
 * are the record's. */
aigov_status aigov__usage(aigov_policies *p, const aigov_ledger *ledger,
                          aigov_span tenant, aigov_span session,
                          aigov_error *err);

/* --- check.c, sign.c, publish.c ------------------------------------------ */

/* A put that is judged. */
typedef struct aigov__case {
    aigov_policies *p; /* ready */
    const char *kind;
    aigov_span subject;
    const revision *v; /* login, fields, j: what is put */
    const aigov_put_by *by;
} aigov__case;

/* For %.*s. */
#define AIGOV__TEXT(span) (int)(span).n, (span).p

/* "exception EX-90: " and what format says, status PUT. */
aigov_status aigov__refuse(const aigov__case *c, aigov_error *err,
                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The member cond, where there is one. */
aigov_status aigov__check_condition(const aigov__case *c, aigov_error *err);
aigov_status aigov__check_approval(const aigov__case *c, aigov_error *err);
const register_row *aigov__version_row(const aigov__case *c, aigov_span policy,
                                       int64_t version);
/* The greatest number, 0 where there is none. */
int64_t aigov__latest_version(const aigov__case *c, aigov_span policy);
/* A name of a variable of CEL. */
bool aigov__is_identifier(aigov_span s);
/* The person of the one role entry of a login; absent where there is none, or
 * more than one. */
aigov_span aigov__person_of(const aigov_policies *p, aigov_span login);
/* The fields of a revision, canonical, one of them left out or (value: JSON)
 * replaced. */
aigov_status aigov__fields_but(aigov_ctx *ctx, const revision *v,
                               const char *field, aigov_span value,
                               aigov_buf *out, aigov_error *err);

/* What the attempts of a call say to who would sign it. */
enum { HELD_DECISION, HELD_DIGEST, HELD_HASH, HELD_TARGET, HELD_TEXTS };
typedef struct held_call {
    aigov_span wanted; /* in: a digest, or absent: the last */
    aigov_span login, person;
    bool any, found; /* there is a call, a held attempt with that digest */
    bool differ;     /* held attempts have several digests */
    bool actor, own; /* the person is the actor; the login asked */
    size_t held;
    aigov_buf text[HELD_TEXTS];
    aigov_json j;
} held_call;

void aigov__held_begin(held_call *h, aigov_ctx *ctx, aigov_span digest);
void aigov__held_free(held_call *h);
/* PUT where there is no such call, or none of its attempts is held. */
aigov_status aigov__held_read(held_call *h, const aigov__case *c,
                              aigov_span interaction, aigov_error *err);

/* --- answer.c ------------------------------------------------------------ */

/* The members of body.policy, one canonical object (docs/formats.md); verdict:
 * with "decision", which in an entry is a column. */
aigov_status aigov__answer(const aigov_policies *p, const decision *d,
                           bool verdict, aigov_buf *out, aigov_error *err);

#endif
