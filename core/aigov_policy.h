/*
 * aigov_policy.h - section 13 of aigov.h: policies, and what they decide
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The rules at the head of aigov.h hold here too.
 */
#ifndef AIGOV_POLICY_H
#define AIGOV_POLICY_H

#include "aigov.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * aigov_cel - evaluate one expression of the Common Expression Language
 *
 * in      expr          valid UTF-8, at most 64 KiB
 *         bindings      JSON object: name of a variable (dots allowed) -> typed
 *                       value {"t":T,"v":V}; absent: none
 *         declarations  JSON object: name -> type, "map(string, int)"; absent:
 *                       nothing is type-checked, and variables are dyn
 * out     *out          one canonical JSON object is appended: the typed value
 *                       {"t":"int","v":"3"}, or {"at":12,"error":CODE} and, of
 *                       an expression that does not compile, "message" and
 *                       "hint".  CODE: syntax check no_such_key
 *                       no_such_overload overflow div_zero range
 *                       invalid_argument cost_exceeded depth_exceeded unbound;
 *                       at is the byte offset in expr
 * returns AIGOV_OK, also for {"error":..}; AIGOV_NOTJSON, AIGOV_NOTIJSON,
 *         AIGOV_FIELD for bindings or declarations; AIGOV_TOOBIG for expr;
 *         AIGOV_NULLARG | AIGOV_NOMEM | AIGOV_CANCELED
 * spec    cel-spec, langdef.md; docs/cel.md says what is left out, and why
 */
aigov_status aigov_cel(aigov_ctx *ctx, aigov_span expr, aigov_span bindings,
                       aigov_span declarations, aigov_buf *out,
                       aigov_error *err);

/*
 * What decides: policies, rules, exceptions, budgets and the registers that
 * facts come from, as they stand at one moment of lane 0.
 *
 *   new -> (add* -> ready -> decisions)* -> free
 *
 * Entries may be added later on; ready compiles what changed.  Belongs to one
 * thread at a time.
 */
typedef struct aigov_policies aigov_policies;

aigov_status aigov_policies_new(aigov_ctx *ctx, aigov_policies **out,
                                aigov_error *err);
void aigov_policies_free(aigov_policies *p); /* NULL is fine */

/* The kinds whose entries count, `policy` first (where there is none of it,
 * nothing else need be read); NULL past the end. */
const char *aigov_policies_kind_at(size_t i);

/*
 * aigov_policies_add - the next entry of lane 0
 *
 * in      e          of the own log and those it continues, the oldest first;
 *                    entries of other kinds are passed over
 * returns AIGOV_OK | AIGOV_CHAIN (a body that no put would have written) |
 *         AIGOV_NOMEM.  After an error: free it, make it anew
 * memory  the fields of the newest revisions, some 1 KB each
 */
aigov_status aigov_policies_add(aigov_policies *p, const aigov_entry *e,
                                aigov_error *err);
/* All were added.  AIGOV_OK | AIGOV_NOMEM | AIGOV_CRYPTO.  A rule that does not
 * compile (no put would have let it) counts as an error at each decision. */
aigov_status aigov_policies_ready(aigov_policies *p, aigov_error *err);
/* Whether any runtime policy is active or in shadow: else nothing is decided,
 * and calls are allowed with the reason no_policy. */
bool aigov_policies_any(const aigov_policies *p);
/* Whether rules in force read the ledger (budgets, req.depth) or exceptions may
 * be used up: then a decision depends on the entries right before it. */
bool aigov_policies_read_ledger(const aigov_policies *p);

/* What the recorder must look up in the log for a decision.  Each function
 * returns AIGOV_OK or an error that ends the call; NULL ones are never called
 * where the policies read nothing of theirs. */
typedef struct aigov_usage {
    int64_t requests; /* calls, the one at hand not counted */
    int64_t tokens;   /* used, and of open calls reserved */
    int64_t cost;     /* in 1e-9 of the budget's currency */
} aigov_usage;

typedef struct aigov_usage_of {
    aigov_span budget; /* its subject: the lock is taken on it and value */
    aigov_span by;     /* actor, team, system, tenant, session */
    aigov_span value;  /* never empty */
    aigov_span currency;
    int64_t from, to; /* at, microseconds; to exclusive */
} aigov_usage_of;

/* An earlier request of the same interaction. */
typedef struct aigov_attempt {
    const aigov_entry *entry;
    aigov_span salt;    /* 32 bytes; absent where it is gone */
    aigov_span content; /* its content document; likewise */
} aigov_attempt;

typedef struct aigov_ledger {
    void *host;
    aigov_status (*usage)(void *host, const aigov_usage_of *of,
                          aigov_usage *out, aigov_error *err);
    /* Steps of `parent` above an interaction, 0 where it is not known. */
    aigov_status (*depth)(void *host, const uint8_t parent[16], int64_t *steps,
                          aigov_error *err);
    /* Calls each for the requests of an interaction that this login recorded,
     * the oldest first; ends with the error that each returned, if any. */
    aigov_status (*attempts)(void *host, const uint8_t interaction[16],
                             aigov_status (*each)(void *arg,
                                                  const aigov_attempt *a,
                                                  aigov_error *err),
                             void *arg, aigov_error *err);
    /* Decisions since a time in which an exception waived a rule.  From here to
     * the end of the transaction nobody else may use it. */
    aigov_status (*uses)(void *host, const char *exception, int64_t since,
                         int64_t *n, aigov_error *err);
    /* A call is held and has approvals: from here to the end of the transaction
     * no other attempt of it is decided. */
    aigov_status (*lock)(void *host, const uint8_t interaction[16],
                         aigov_error *err);
} aigov_ledger;

/*
 * What a record is decided with.  The host draws id and salt beforehand: the
 * digest of a held call needs the salt that its entry will have.
 */
struct aigov_judge {
    aigov_policies *policies;
    const aigov_ledger *ledger;
    int64_t now;      /* the entry's `at` */
    uint8_t id[16];   /* the entry's, where the record brings none */
    uint8_t salt[32]; /* the content's */
};

/*
 * aigov_usage_add - one call into the sum of a budget
 *
 * A call counts where `by` of the budget has the value asked for and it was not
 * denied or held.  Tokens and cost are those of its answer, or, of a one-shot
 * record, its own; those of an open call are what it reserved.  A cost in
 * another currency is not summed.
 *
 * in      call       a request or interaction in the window; another kind adds
 *                    nothing
 *         answer     asked for the response to a request that counts (of the
 *                    rows of its interaction the first that aigov_answers
 *                    takes), which gives NULL where there is none; may be NULL
 * returns AIGOV_OK | AIGOV_NOTJSON (the entry is damaged) | AIGOV_NOMEM, or
 *         what answer returned
 */
aigov_status aigov_usage_add(
    aigov_ctx *ctx, const aigov_usage_of *of, const aigov_entry *call,
    aigov_status (*answer)(void *host, const aigov_entry *call,
                           const aigov_entry **out, aigov_error *err),
    void *host, aigov_usage *sum, aigov_error *err);

/* Whether an entry is the response to this request: of the same login, so that
 * nobody else says what a call has used, and of the same attempt.  False where
 * memory ran out: then the call counts as open, with what it reserved. */
bool aigov_answers(aigov_ctx *ctx, const aigov_entry *call,
                   const aigov_entry *e);

/* Whether an exception waived a rule in the decision of an entry. */
bool aigov_waived_by(aigov_ctx *ctx, const aigov_entry *e,
                     aigov_span exception);

/*
 * aigov_call_answer - what guard and complete answer
 *
 * One canonical JSON object: the receipt's members and interaction,
 * obligations, reasons, rules, out of the entry, so that a call asked twice is
 * answered twice the same.
 *
 * in      name       "send" or "output", or NULL
 *         value      canonical JSON for that member; absent: null
 */
aigov_status aigov_call_answer(aigov_ctx *ctx, const aigov_entry *e,
                               aigov_duplicate duplicate, const char *name,
                               aigov_span value, aigov_buf *out,
                               aigov_error *err);

/*
 * What guard and complete say of a record beside what it says itself.  kind and
 * interaction count where the record names none; it must not name others.
 * system counts where it names none.
 */
typedef struct aigov_asked {
    aigov_span kind;            /* "request" or "response" */
    const uint8_t *interaction; /* 16 bytes, or NULL */
    aigov_span system;          /* or absent */
    /* Where earlier attempts are looked up, or NULL: then placeholders are not
     * those of an earlier attempt, and nothing is put back. */
    const aigov_ledger *ledger;
} aigov_asked;
/* For the records that are read from now on; borrowed.  NULL: nothing. */
void aigov_record_asked(aigov_record *r, const aigov_asked *asked);

/*
 * aigov_record_send - what of a request that was read may leave
 *
 * Of a record that was read as guard asks (aigov_record_asked): one canonical
 * object of its members documents, input, system_instructions, tool (arguments)
 * and tools, redacted as the profile of sink model and the decision's
 * obligations say, out of the text that was handed in.  What is replaced is
 * [ENTITY_n] (docs/guard.md).  "null" of any other record.
 *
 * returns AIGOV_OK | AIGOV_NOMEM
 */
aigov_status aigov_record_send(const aigov_record *r, aigov_buf *out,
                               aigov_error *err);

/*
 * aigov_record_output - what its caller may see of an answer that was read
 *
 * The output of a completion as complete asks: redacted, and the values put
 * back that this login handed in with the request.  Canonical JSON, "null"
 * where there is none; never stored.  AIGOV_OK | AIGOV_NOMEM
 */
aigov_status aigov_record_output(const aigov_record *r, aigov_buf *out,
                                 aigov_error *err);

/* Whether a decision lets a call go on, or an answer be seen: not deny, not
 * require_approval. */
bool aigov_may_go(aigov_span decision);

/* Decide the records that are read from now on; borrowed.  NULL, and from the
 * start: calls are allowed, with the reason no_policy. */
void aigov_record_judge(aigov_record *r, const aigov_judge *judge);

/*
 * aigov_decide - what policies say of facts given (policy_test, check, replay)
 *
 * in      facts      JSON object as policy_case.facts has it: {"req":{"kind":
 *                    "chat"},"now":"2026-11-15T10:00:00Z"}: every path of
 *                    facts.csv may be given, what is not has the value of
 *                    `absent` there; sys.id and model.provider say which rules
 *                    are in scope
 *         policy     "main/7": that version alone and its parents, whatever its
 *                    state; absent: all that are in force
 * out     *out       the decision, one canonical JSON object (docs/formats.md,
 *                    body.policy) is appended, with the member "decision"
 * returns AIGOV_OK | AIGOV_NOTJSON | AIGOV_FIELD (position) | AIGOV_NOENTRY (no
 *         such version) | AIGOV_NOMEM | AIGOV_CANCELED
 */
aigov_status aigov_decide(aigov_policies *p, aigov_span facts,
                          aigov_span policy, aigov_buf *out, aigov_error *err);

/* --- what governs a put of these kinds ----------------------------------- */

/* A revision of a governance record, of any kind. */
typedef struct aigov_revision {
    int64_t number;   /* 0: there is no such revision */
    int64_t latest;   /* 0: nor any other */
    aigov_span login; /* recorded_by.login */
    aigov_span hash;  /* 32 bytes */
    aigov_span body;  /* of the entry: {"fields":..,"revision":..} */
} aigov_revision;

/* Who puts, and what the host looks up.  What callbacks hand out lives until
 * the next of them is called. */
typedef struct aigov_put_by {
    aigov_span login; /* as the server stamps it */
    int64_t now;      /* microseconds since 1970 */
    bool publishes;   /* aigov_policies_make made it: policy_publish */
    void *host;
    /* number 0: the latest.  Of the own log and those it continues. */
    aigov_status (*revision)(void *host, aigov_span kind, aigov_span subject,
                             int64_t number, aigov_revision *out,
                             aigov_error *err);
    /* Calls each for the entries of an interaction, of whatever login, the
     * oldest first; ends with the error that each returned, if any. */
    aigov_status (*calls)(void *host, const uint8_t interaction[16],
                          aigov_status (*each)(void *arg, const aigov_entry *e,
                                               aigov_error *err),
                          void *arg, aigov_error *err);
} aigov_put_by;

/* Whether aigov_policies_check has anything to say of a kind: policy, rule,
 * policy_case, exception, budget, suspension, approval. */
bool aigov_policies_check_kind(aigov_span kind);

/*
 * aigov_policies_check - may this be put
 *
 * The body was accepted by aigov_record_put.  p has the entries of all kinds of
 * aigov_policies_kind_at, also where there is no policy.
 *
 * returns AIGOV_OK | AIGOV_PUT (iso42001/refusals.csv: kind and subject, what
 *         it is, what is wanted) | AIGOV_FIELD (facts of a policy_case) |
 *         AIGOV_NOMEM | AIGOV_CANCELED, or what a callback returned
 */
aigov_status aigov_policies_check(aigov_policies *p, aigov_span kind,
                                  aigov_span subject, aigov_span body,
                                  const aigov_put_by *by, aigov_error *err);

/* The functions that make a put of their arguments, in this order:
 *   POLICY_PUBLISH  policy, version (digits), mode
 *   APPROVE         interaction, outcome, reason, options (JSON or absent)
 *   EXCEPTION       subject, outcome, reason, role
 *   SUSPEND         system, reason */
typedef enum aigov_action {
    AIGOV_POLICY_PUBLISH,
    AIGOV_APPROVE,
    AIGOV_EXCEPTION,
    AIGOV_SUSPEND
} aigov_action;
#define AIGOV_ACTION_ARGS 4

typedef struct aigov_made {
    const char *kind; /* static */
    aigov_buf subject, body;
} aigov_made;
void aigov_made_init(aigov_made *m, aigov_ctx *ctx);
void aigov_made_free(aigov_made *m);

/*
 * aigov_policies_make - the put that a function stands for
 *
 * A policy is published by a login that wrote neither the version nor one of
 * its rules, when every condition compiles and every policy_case of the policy
 * gives what it expects.  approve binds the digest of the facts and the policy
 * hash of the held attempt; for an hour and one use, if options do not say
 * otherwise.  The host puts what is made, with by->publishes set for
 * POLICY_PUBLISH, through aigov_record_put and aigov_policies_check.
 *
 * returns AIGOV_OK | AIGOV_PUT | AIGOV_FIELD (options) | AIGOV_NOMEM |
 *         AIGOV_CRYPTO | AIGOV_CANCELED, or what a callback returned
 */
aigov_status aigov_policies_make(aigov_policies *p, aigov_action action,
                                 const aigov_span arg[AIGOV_ACTION_ARGS],
                                 const aigov_put_by *by, aigov_made *out,
                                 aigov_error *err);

/* The packs that are built in: "starter" ...; NULL past the end. */
const char *aigov_pack_at(size_t i);

/*
 * aigov_policies_pack - the puts of a pack, as the next free version of the
 * policy of its name
 *
 * Budgets and cases that are there already are left out.  The host puts them in
 * this order, each through aigov_record_put and aigov_policies_check.
 *
 * out     *version   the version that it will be
 *         *out       a JSON array is appended: [kind, subject, body] each
 * returns AIGOV_OK | AIGOV_ARG (no such pack; the hint names them) |
 * AIGOV_NOMEM
 */
aigov_status aigov_policies_pack(aigov_policies *p, aigov_span name,
                                 const aigov_put_by *by, int64_t *version,
                                 aigov_buf *out, aigov_error *err);

#define AIGOV_INJECTION_GROUPS 24 /* of evidence, at most */

/* A score, and what it is the sum of. */
typedef struct aigov_injection_score {
    uint8_t score; /* hundredths, 0 to 100 */
    uint16_t sum;  /* of the weights: score, where that is less than 100 */
    uint8_t weight[AIGOV_INJECTION_GROUPS]; /* hundredths; 0: no evidence */
} aigov_injection_score;

/*
 * aigov_injection - how much a text looks like a prompt injection or jailbreak
 *
 * Published arithmetic over words near each other (core/redact/injection.def),
 * read through what hides them: look-alikes, leet, spacing, percent, base64,
 * rot13.  A hint, and never proof: docs/injection.md says what it misses.
 *
 * in      ctx        memory; none is used where the text is its own view
 *         text       any bytes
 * out     *out       the score; undefined where this fails
 * returns AIGOV_NOMEM
 * cost    linear in the text, a bounded number of steps a letter
 */
aigov_status aigov_injection(aigov_ctx *ctx, aigov_span text,
                             aigov_injection_score *out, aigov_error *err);
/* Append a score and its reasons, one canonical JSON object: reasons (group,
 * says, weight), score.  Nothing of the text. */
aigov_status aigov_injection_reasons(const aigov_injection_score *score,
                                     aigov_buf *out, aigov_error *err);

#ifdef __cplusplus
}
#endif

#endif
