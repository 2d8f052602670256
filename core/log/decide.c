/*
 * decide.c - the decide stage: facts of a record, and what policies say
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The one place where core/log and core/policy meet.  Facts come from
 *
 *   the record as it will be stored: what detectors found is replaced by now
 *   a completion: first the request's entry, then the record
 *   what detectors found: classes of data, how many of each, secrets
 *   injection score and hosts of its texts, where a rule reads them
 *   registers and ledger (core/policy/derive.c, usage.c, approvals.c)
 *
 * and the answer becomes body.policy.  A one-shot record has been called and
 * answered: rules of all phases look at it, with req.phase post.
 *
 * The last part does the same with an entry in place of a record, for those who
 * take a decision again (retake.c).
 */
#include "internal.h"

#include "retake.h"

typedef struct judging {
    aigov_record *r;
    aigov_policies *p;
    fact_set *f;
    const aigov_ledger *ledger;
    decision d;
    bool request, response; /* neither: one-shot */
    char interaction[AIGOV_UUID_LEN + 1];
    aigov_span tenant, session, retention;
    aigov_buf before; /* the request of a completion, as a record */
    int64_t attempt;  /* the highest of earlier ones; 0: there is none */
    bool memory;      /* all allocations worked */
} judging;

/* --- members ------------------------------------------------------------- */

static uint32_t given(const aigov_json *j, uint32_t object, const char *name)
{
    uint32_t i = aigov_json_get(j, object, name);
    return i != 0 && j->node[i].type != AIGOV_JSON_NULL ? i : 0;
}

static aigov_span text_of(const aigov_json *j, uint32_t object,
                          const char *name)
{
    uint32_t i = given(j, object, name);
    return i != 0 && j->node[i].type == AIGOV_JSON_STRING
               ? aigov_json_text(j, i)
               : AIGOV_ABSENT;
}

static uint32_t object_of(const aigov_json *j, uint32_t object,
                          const char *name)
{
    uint32_t i = given(j, object, name);
    return i != 0 && j->node[i].type == AIGOV_JSON_OBJECT ? i : 0;
}

static void set_text(judging *g, size_t slot, aigov_span text)
{
    if (text.p != NULL) {
        g->memory = g->memory && aigov__facts_text(g->f, slot, text);
    }
}

/* "a/b" of two texts that live elsewhere. */
static void set_model(judging *g, aigov_span provider, aigov_span model)
{
    size_t n = provider.n + 1 + model.n;
    char *s = aigov__cel_alloc(&g->f->arena, n);
    if (s == NULL) {
        g->memory = false;
        return;
    }
    if (provider.n > 0) {
        memcpy(s, provider.p, provider.n);
    }
    s[provider.n] = '/';
    if (model.n > 0) {
        memcpy(s + provider.n + 1, model.p, model.n);
    }
    aigov__facts_set(
        g->f, AIGOV__FACT_model_id,
        (cel_value){.kind = CEL_STRING, .n = (uint32_t)n, {.s = s}});
}

static void from_call(judging *g, const aigov_json *j)
{
    aigov_span operation = text_of(j, 0, "operation");
    aigov_span provider = text_of(j, 0, "provider");
    aigov_span model = text_of(j, 0, "model");
    uint32_t tool = object_of(j, 0, "tool");
    set_text(g, AIGOV__FACT_sys_id, text_of(j, 0, "system"));
    set_text(g, AIGOV__FACT_req_purpose, text_of(j, 0, "purpose"));
    set_text(g, AIGOV__FACT_req_kind,
             tool != 0 || aigov_span_is(operation, "execute_tool")
                 ? AIGOV_LIT("tool_call")
                 : operation);
    if (provider.p != NULL || model.p != NULL ||
        g->f->value[AIGOV__FACT_model_id] == NULL) {
        set_text(g, AIGOV__FACT_model_provider, provider);
        set_model(g, provider, model);
    }
    if (tool != 0) {
        set_text(g, AIGOV__FACT_tool_name, text_of(j, tool, "name"));
        set_text(g, AIGOV__FACT_tool_server, text_of(j, tool, "server"));
    }
}

static void from_actor(judging *g, const aigov_json *j)
{
    uint32_t actor = object_of(j, 0, "actor"), roles;
    set_text(g, AIGOV__FACT_actor_id, text_of(j, 0, "actor_id"));
    if (actor == 0) {
        return;
    }
    set_text(g, AIGOV__FACT_actor_id, text_of(j, actor, "id"));
    set_text(g, AIGOV__FACT_actor_type, text_of(j, actor, "type"));
    roles = given(j, actor, "roles");
    if (roles != 0 && j->node[roles].type == AIGOV_JSON_ARRAY) {
        g->memory = g->memory &&
                    aigov__facts_texts(g->f, AIGOV__FACT_actor_roles, j, roles);
    }
}

/* params.max_tokens, or max_output_tokens as other providers call it. */
static void from_params(judging *g, const aigov_json *j)
{
    uint32_t params = object_of(j, 0, "params"), most;
    int64_t n;
    if (params == 0) {
        return;
    }
    most = given(j, params, "max_tokens");
    most = most != 0 ? most : given(j, params, "max_output_tokens");
    if (most != 0 && j->node[most].type == AIGOV_JSON_NUMBER &&
        aigov_json_i64(j, most, &n)) {
        aigov__facts_int(g->f, AIGOV__FACT_content_tokens_max, n);
    }
}

static void from_data(judging *g, const aigov_json *j)
{
    static const char *const levels[] = {"public", "internal", "confidential",
                                         "restricted"};
    uint32_t data = object_of(j, 0, "data");
    aigov_span level =
        data != 0 ? text_of(j, data, "classification") : AIGOV_ABSENT;
    for (int i = 0; i < 4; i++) {
        if (aigov_span_is(level, levels[i])) {
            aigov__facts_int(g->f, AIGOV__FACT_data_level, i);
        }
    }
}

/* What a record, or the request of a completion, says of the call. */
static aigov_status from_record(judging *g, const aigov_json *j,
                                aigov_error *err)
{
    uint32_t facts = object_of(j, 0, "facts");
    aigov_span text;
    from_call(g, j);
    from_actor(g, j);
    text = text_of(j, 0, "tenant");
    g->tenant = text.p != NULL ? text : g->tenant;
    text = text_of(j, 0, "session");
    g->session = text.p != NULL ? text : g->session;
    text = text_of(j, 0, "retention");
    g->retention = text.p != NULL ? text : g->retention;
    from_params(g, j);
    from_data(g, j);
    if (!g->memory) {
        return aigov__nomem(err);
    }
    return facts != 0 ? aigov__facts_read(g->f, &g->p->env, j, facts, err)
                      : AIGOV_OK;
}

/* --- what detectors found ------------------------------------------------ */

#define MAX_CLASSES 512

typedef struct tallying {
    judging *g;
    cel_value name[MAX_CLASSES]; /* sorted */
    int64_t n[MAX_CLASSES];
    uint32_t classes;
} tallying;

static int order(const cel_value *a, aigov_span b)
{
    return aigov__utf16_compare((aigov_span){a->s, a->n}, b);
}

/* The class gets n more; a new one its place. */
static bool tally(tallying *t, aigov_span name, int64_t n)
{
    uint32_t k = 0;
    char *s;
    while (k < t->classes && order(&t->name[k], name) < 0) {
        k++;
    }
    if (k < t->classes && order(&t->name[k], name) == 0) {
        t->n[k] += n;
        return true;
    }
    if (t->classes == MAX_CLASSES) {
        return true;
    }
    s = aigov__cel_alloc(&t->g->f->arena, name.n + 1);
    if (s == NULL) {
        return false;
    }
    memcpy(s, name.p, name.n);
    memmove(&t->name[k + 1], &t->name[k], (t->classes - k) * sizeof t->name[0]);
    memmove(&t->n[k + 1], &t->n[k], (t->classes - k) * sizeof t->n[0]);
    t->name[k] =
        (cel_value){.kind = CEL_STRING, .n = (uint32_t)name.n, {.s = s}};
    t->n[k] = n;
    t->classes++;
    return true;
}

/* Of an answer what is in it, of a request what goes out, of both all. */
static uint32_t found_of(const judging *g, size_t detector)
{
    const aigov__counts *found = g->r->found;
    uint32_t n = found[AIGOV__TOOL].n[detector];
    if (!g->request) {
        n += found[AIGOV__OUTPUT].n[detector];
    }
    if (!g->response) {
        n += found[AIGOV__INPUT].n[detector] +
             found[AIGOV__RETRIEVAL].n[detector];
    }
    return n;
}

static size_t built_in(void)
{
    size_t n = 0;
    while (aigov_detector_at(n) != NULL) {
        n++;
    }
    return n;
}

static bool tally_found(tallying *t)
{
    const aigov_rules *rules = t->g->r->in_force;
    size_t detectors = aigov__detectors(rules), own = built_in();
    int64_t secrets = 0;
    char text[80];
    for (size_t i = 0; i < detectors; i++) {
        uint32_t n = found_of(t->g, i);
        const aigov_detector *d;
        aigov_span name;
        if (n == 0) {
            continue;
        }
        d = aigov__rules_detector(rules, i);
        secrets += strcmp(d->entity, "SECRET") == 0 ? n : 0;
        name = aigov__class_of(aigov_str(d->entity), i >= own, text);
        if (name.n > 0 && !tally(t, name, n)) {
            return false;
        }
        if (aigov_span_is(name, "phi.id")) {
            aigov__facts_bool(t->g->f, AIGOV__FACT_data_special, true);
        }
    }
    aigov__facts_int(t->g->f, AIGOV__FACT_content_secrets, secrets);
    return true;
}

static bool set_counts(tallying *t)
{
    cel_value *item;
    if (t->classes == 0) {
        return true;
    }
    item = aigov__cel_alloc(&t->g->f->arena, 2 * t->classes * sizeof *item);
    if (item == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < t->classes; i++) {
        item[2 * i] = t->name[i];
        item[2 * i + 1] = (cel_value){.kind = CEL_INT, .n = 0, {.i = t->n[i]}};
    }
    aigov__facts_set(
        t->g->f, AIGOV__FACT_data_counts,
        (cel_value){.kind = CEL_MAP, .n = t->classes, {.items = item}});
    return true;
}

/* data.categories of the record are classes too, without a count. */
static bool tally_categories(tallying *t, const aigov_json *j)
{
    uint32_t data = object_of(j, 0, "data");
    uint32_t list = data != 0 ? given(j, data, "categories") : 0;
    for (uint32_t i = list + 1; list != 0 && i < j->node[list].next;
         i = j->node[i].next) {
        if (j->node[i].type == AIGOV_JSON_STRING &&
            !tally(t, aigov_json_text(j, i), 0)) {
            return false;
        }
    }
    return true;
}

static bool set_names(tallying *t, size_t slot)
{
    cel_value *item;
    if (t->classes == 0) {
        return true;
    }
    item = aigov__cel_alloc(&t->g->f->arena, t->classes * sizeof *item);
    if (item == NULL) {
        return false;
    }
    memcpy(item, t->name, t->classes * sizeof *item);
    aigov__facts_set(
        t->g->f, slot,
        (cel_value){.kind = CEL_LIST, .n = t->classes, {.items = item}});
    return true;
}

static aigov_status from_findings(judging *g, aigov_error *err)
{
    tallying t = {.g = g, .classes = 0};
    return tally_found(&t) && set_counts(&t) &&
                   tally_categories(&t, &g->r->j) &&
                   set_names(&t, AIGOV__FACT_data_classes)
               ? AIGOV_OK
               : aigov__nomem(err);
}

/* --- hosts --------------------------------------------------------------- */

#define MAX_HOSTS 64

/* A rule that allows the hosts it lists finds none of these on its list. */
#define MORE_HOSTS AIGOV_LIT("[MORE]") /* too many, or too long */
#define GONE_HOST AIGOV_LIT("[URL]")   /* of a URL that was replaced whole */

static aigov_status tally_hosts(void *arg, aigov_span text, bool operators,
                                aigov_error *err)
{
    tallying *t = arg;
    char host[AIGOV__HOST_LEN];
    size_t pos = 0, n;
    (void)operators;
    while (aigov__next_host(text, &pos, host, &n)) {
        bool listed = n > 0 && t->classes < MAX_HOSTS;
        if (!tally(t, listed ? (aigov_span){host, n} : MORE_HOSTS, 1)) {
            return aigov__nomem(err);
        }
    }
    return AIGOV_OK;
}

static bool tally_gone(tallying *t)
{
    const aigov_rules *rules = t->g->r->in_force;
    for (size_t i = 0; i < aigov__detectors(rules); i++) {
        const aigov_detector *d = aigov__rules_detector(rules, i);
        if (found_of(t->g, i) != 0 && (strcmp(d->entity, "URL") == 0 ||
                                       strcmp(d->name, "webhook_url") == 0)) {
            return tally(t, GONE_HOST, 1);
        }
    }
    return true;
}

static aigov_status find_hosts(judging *g, aigov_error *err)
{
    tallying t = {.g = g, .classes = 0};
    aigov_status st;
    if (g->p->read[AIGOV__FACT_content_hosts] == 0) {
        return AIGOV_OK;
    }
    st = tally_gone(&t) ? aigov__record_texts(g->r, tally_hosts, &t, err)
                        : aigov__nomem(err);
    return st == AIGOV_OK && !set_names(&t, AIGOV__FACT_content_hosts)
               ? aigov__nomem(err)
               : st;
}

/* --- sizes, depth, arguments --------------------------------------------- */

/* Bytes divided by 4, rounded up, where the caller counted no tokens. */
static void estimate_tokens(judging *g)
{
    aigov_span text =
        g->r->slice[g->response ? AIGOV__M_output : AIGOV__M_input];
    size_t n = text.n;
    if (g->f->given[AIGOV__FACT_content_tokens_in] != 0 || n == 0) {
        return;
    }
    if (text.p[0] == '"') {
        n -= 2;
    }
    aigov__facts_int(g->f, AIGOV__FACT_content_tokens_in,
                     (int64_t)((n + 3) / 4));
}

static aigov_status find_depth(judging *g, aigov_error *err)
{
    aigov_span parent = text_of(&g->r->j, 0, "parent");
    const cel_value *own = g->f->value[AIGOV__FACT_req_depth];
    uint8_t id[16];
    int64_t steps = 0;
    aigov_status st;
    if (g->p->read[AIGOV__FACT_req_depth] == 0 || g->ledger == NULL ||
        g->ledger->depth == NULL || parent.p == NULL ||
        !aigov_uuid_parse(parent, id)) {
        return AIGOV_OK;
    }
    st = g->ledger->depth(g->ledger->host, id, &steps, err);
    if (st == AIGOV_OK && own->i < steps + 1) {
        aigov__facts_int(g->f, AIGOV__FACT_req_depth, steps + 1);
    }
    return st;
}

/* Never less than what an outside detector says. */
static aigov_status find_injection(judging *g, aigov_error *err)
{
    const cel_value *given_score = g->f->value[AIGOV__FACT_content_injection];
    int score;
    aigov_status st;
    if (g->p->read[AIGOV__FACT_content_injection] == 0) {
        return AIGOV_OK;
    }
    st = aigov__record_injection(g->r, &score, err);
    if (st == AIGOV_OK &&
        (given_score == NULL || !(given_score->d >= score / 100.0))) {
        aigov__facts_double(g->f, AIGOV__FACT_content_injection, score / 100.0);
    }
    return st;
}

static void find_arguments(judging *g)
{
    const aigov_json *j = &g->r->j;
    uint32_t tool = object_of(j, 0, "tool");
    uint32_t arguments = tool != 0 ? object_of(j, tool, "arguments") : 0;
    cel_value v;
    if (g->r->tool_digest.n > 0) {
        set_text(g, AIGOV__FACT_tool_digest,
                 aigov_buf_span(&g->r->tool_digest));
    }
    if (arguments == 0 || g->p->read[AIGOV__FACT_tool_args] == 0) {
        return;
    }
    if (aigov__facts_json(&g->f->arena, j, arguments, &v)) {
        aigov__facts_set(g->f, AIGOV__FACT_tool_args, v);
    } else {
        g->memory = false;
    }
}

/* --- the request of a completion ----------------------------------------- */

static bool put_column(aigov_buf *b, const char *name, aigov_span text)
{
    return text.p == NULL ||
           (aigov_buf_puts(b, b->n == 1 ? "" : ",") &&
            aigov_buf_put_json_string(b, aigov_str(name)) &&
            aigov_buf_puts(b, ":") && aigov_buf_put_json_string(b, text));
}

bool aigov__has_moved(const aigov_entry *e)
{
    static const char member[] = "\"moved\":[";
    return e->body.n > 0 &&
           memmem(e->body.p, e->body.n, member, sizeof member - 1) != NULL;
}

/* Members that moved to content (docs/formats.md section 3), without the
 * braces; nothing where there are none, or content is gone. */
static aigov_status put_moved(aigov_ctx *ctx, aigov_span content, aigov_buf *b,
                              aigov_error *err)
{
    aigov_json j = {.ctx = ctx};
    aigov_buf text;
    aigov_status st;
    uint32_t moved = 0;
    aigov_buf_init(&text, ctx);
    st = aigov_json_read(&j, AIGOV_JSON_STRICT, content, err);
    if (st == AIGOV_OK && j.node[0].type == AIGOV_JSON_OBJECT) {
        moved = object_of(&j, 0, "moved");
    }
    if (moved != 0) {
        st = aigov_json_canonical(&j, moved, &text, err);
    }
    if (st == AIGOV_OK && text.n > 2 &&
        !(aigov_buf_puts(b, b->n == 1 ? "" : ",") &&
          aigov_buf_put(b, text.p + 1, text.n - 2))) {
        st = aigov__nomem(err);
    }
    aigov_buf_free(&text);
    aigov_json_free(&j);
    return st;
}

static bool put_columns(const aigov_entry *e, aigov_buf *b)
{
    b->n = 0;
    return aigov_buf_puts(b, "{") && put_column(b, "actor_id", e->actor) &&
           put_column(b, "model", e->model) &&
           put_column(b, "operation", e->operation) &&
           put_column(b, "provider", e->provider) &&
           put_column(b, "system", e->system);
}

static bool put_body(const aigov_entry *e, aigov_buf *b)
{
    return e->body.n > 2 ? aigov_buf_puts(b, b->n == 1 ? "" : ",") &&
                               aigov_buf_put(b, e->body.p + 1, e->body.n - 1)
                         : aigov_buf_puts(b, "}");
}

aigov_status aigov__entry_record(aigov_ctx *ctx, const aigov_entry *e,
                                 aigov_span content, aigov_buf *b,
                                 aigov_error *err)
{
    aigov_status st = put_columns(e, b) ? AIGOV_OK : aigov__nomem(err);
    if (st == AIGOV_OK && content.n > 0 && aigov__has_moved(e)) {
        st = put_moved(ctx, content, b, err);
    }
    return st == AIGOV_OK && !put_body(e, b) ? aigov__nomem(err) : st;
}

static aigov_status take_request(void *arg, const aigov_attempt *a,
                                 aigov_error *err)
{
    judging *g = arg;
    return aigov__entry_record(g->r->ctx, a->entry, a->content, &g->before,
                               err);
}

void aigov__facts_answered(fact_set *f)
{
    for (size_t i = 0; i < AIGOV__FACT_COUNT; i++) {
        const fact_row *row = aigov__fact_row(i);
        if (strncmp(row->path, "data.", 5) == 0 ||
            strncmp(row->path, "content.", 8) == 0) {
            aigov__facts_set(f, i, row->absent);
        }
    }
}

static int64_t attempt_of(const aigov_json *j)
{
    uint32_t i = given(j, 0, "attempt");
    int64_t n;
    return i != 0 && aigov_json_i64(j, i, &n) ? n : 1;
}

/* What a completion does not say, its request does.  The texts stay in
 * g->before. */
static aigov_status from_request(judging *g, aigov_json *j, aigov_error *err)
{
    aigov_status st;
    if (!g->response || g->ledger == NULL || g->ledger->attempts == NULL ||
        !g->r->draft.has_interaction) {
        return AIGOV_OK;
    }
    st = g->ledger->attempts(g->ledger->host, g->r->draft.interaction,
                             take_request, g, err);
    if (st != AIGOV_OK || g->before.n == 0) {
        return st;
    }
    st = aigov_json_read(j, AIGOV_JSON_STRICT, aigov_buf_span(&g->before), err);
    if (st == AIGOV_OK) {
        st = from_record(g, j, err);
    }
    if (st == AIGOV_OK) {
        aigov__facts_answered(g->f);
        g->attempt = attempt_of(j);
    }
    return st;
}

/* --- attempts ------------------------------------------------------------- */

static aigov_status note_attempt(void *arg, const aigov_attempt *a,
                                 aigov_error *err)
{
    judging *g = arg;
    aigov_json j = {.ctx = g->r->ctx};
    aigov_status st =
        aigov_json_read(&j, AIGOV_JSON_STRICT, a->entry->body, err);
    if (st == AIGOV_OK && j.node[0].type == AIGOV_JSON_OBJECT) {
        int64_t n = attempt_of(&j);
        g->attempt = n > g->attempt ? n : g->attempt;
    }
    aigov_json_free(&j);
    return st;
}

/* A call asked again gets the next number, its completion that of the last; 1
 * goes without saying.  A number in the record stays. */
static aigov_status number_attempt(judging *g, aigov_error *err)
{
    aigov_record *r = g->r;
    aigov_status st = AIGOV_OK;
    if (r->node[AIGOV__M_attempt] != 0 || !r->draft.has_interaction) {
        return AIGOV_OK;
    }
    if (g->request && g->ledger != NULL && g->ledger->attempts != NULL) {
        st = g->ledger->attempts(g->ledger->host, r->draft.interaction,
                                 note_attempt, g, err);
        g->attempt += g->attempt > 0 ? 1 : 0;
    }
    r->attempt = st == AIGOV_OK && g->attempt > 1 ? g->attempt : 0;
    return st;
}

/* --- the digest of a held call ------------------------------------------- */

static bool is_left_out(aigov_span name)
{
    static const char *const names[] = {"id",          "interaction", "attempt",
                                        "occurred_at", "trace_id",    "span_id",
                                        "producer"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (aigov_span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* The record in canonical form without what differs when it is asked again. */
static bool put_asked(const aigov_record *r, aigov_buf *b)
{
    bool ok = aigov_buf_puts(b, "{"), first = true;
    for (uint32_t k = 0; k < r->j.node[0].size && ok; k++) {
        const struct aigov__cut *c = &r->cut[k];
        aigov_span name = aigov_json_text(&r->j, c->node - 1);
        if (is_left_out(name)) {
            continue;
        }
        ok = (first || aigov_buf_puts(b, ",")) &&
             aigov_buf_put_json_string(b, name) && aigov_buf_puts(b, ":") &&
             aigov_buf_put(b, r->canon.p + c->from, c->to - c->from);
        first = false;
    }
    return ok && aigov_buf_puts(b, "}");
}

/* policy/README.md: SHA-256(0x04 || salt || record), or with a redaction key an
 * HMAC of the same under it, of the record as it was handed in. */
static aigov_status digest(void *host, aigov_span salt, uint8_t out[32],
                           aigov_error *err)
{
    aigov_record *r = host;
    static const char prefix = 0x04;
    aigov_span part[3] = {{&prefix, 1}, salt, {NULL, 0}};
    if (r->original.n > 0) {
        part[2] = aigov_buf_span(&r->original);
        return aigov__keyed_mac(r->scanner, part, 3, out, err);
    }
    r->part.n = 0;
    if (!put_asked(r, &r->part)) {
        return aigov__nomem(err);
    }
    part[2] = aigov_buf_span(&r->part);
    return aigov_sha256(r->ctx, part, 3, out, err);
}

/* --- the stage ----------------------------------------------------------- */

static aigov_status gather(judging *g, const aigov_judge *judge,
                           aigov_error *err)
{
    aigov_record *r = g->r;
    aigov_json request = {.ctx = r->ctx};
    aigov_status st;
    aigov__facts_time(g->f, AIGOV__FACT_now, judge->now);
    set_text(g, AIGOV__FACT_req_id, aigov_str(g->interaction));
    set_text(g, AIGOV__FACT_req_phase,
             g->request ? AIGOV_LIT("pre") : AIGOV_LIT("post"));
    st = from_request(g, &request, err);
    set_text(g, AIGOV__FACT_sys_id, r->col.system);
    if (st == AIGOV_OK) {
        st = from_record(g, &r->j, err);
    }
    if (st == AIGOV_OK) {
        st = from_findings(g, err);
    }
    if (st == AIGOV_OK) {
        st = find_hosts(g, err);
    }
    if (st == AIGOV_OK) {
        st = find_depth(g, err);
    }
    if (st == AIGOV_OK) {
        st = find_injection(g, err);
    }
    estimate_tokens(g);
    find_arguments(g);
    if (st == AIGOV_OK) {
        st = aigov__derive_registers(g->f, g->p->registers, g->p->read,
                                     g->retention, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__usage(g->p, g->ledger, g->tenant, g->session, err);
    }
    aigov_json_free(&request);
    return st == AIGOV_OK && !g->memory ? aigov__nomem(err) : st;
}

static aigov_status approvals(judging *g, const aigov_judge *judge,
                              aigov_error *err)
{
    call_at_hand call = {g->interaction, g->d.hash, judge->now, digest, g->r};
    return g->request && g->r->draft.has_interaction
               ? aigov__approvals(g->p, g->ledger, &call, err)
               : AIGOV_OK;
}

/* What of a decision only its record knows. */
static aigov_status finish(judging *g, const aigov_judge *judge,
                           aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    if (g->request && g->d.acts.verdict == VERDICT_REQUIRE_APPROVAL) {
        g->d.digested = true;
        st = digest(g->r, (aigov_span){(const char *)judge->salt, 32},
                    g->d.digest, err);
    }
    if (g->request && aigov__reads_tokens(g->p)) {
        const cel_value *in = g->f->value[AIGOV__FACT_content_tokens_in];
        const cel_value *most = g->f->value[AIGOV__FACT_content_tokens_max];
        g->d.reserved = in->i + most->i;
    }
    g->r->policy.n = 0;
    return st == AIGOV_OK
               ? aigov__answer(g->p, &g->d, false, &g->r->policy, err)
               : st;
}

static aigov_status judge_record(judging *g, const aigov_judge *judge,
                                 aigov_error *err)
{
    aigov_record *r = g->r;
    aigov_status st;
    aigov_uuid_format(r->draft.has_interaction ? r->draft.interaction
                      : r->draft.has_id        ? r->draft.id
                                               : judge->id,
                      g->interaction);
    st = aigov__facts_begin(g->f, r->ctx, g->p->slots, err);
    if (st == AIGOV_OK) {
        st = gather(g, judge, err);
    }
    if (st == AIGOV_OK) {
        st = number_attempt(g, err);
    }
    if (st == AIGOV_OK) {
        st = aigov__decide_by(g->p, NULL, &g->d, err);
    }
    if (st != AIGOV_OK || !g->d.governed) {
        return st;
    }
    st = approvals(g, judge, err);
    if (st == AIGOV_OK) {
        g->d.whole = !g->request && !g->response;
        st = aigov__decide(g->p, g->ledger, &g->d, err);
    }
    if (st == AIGOV_OK) {
        st = finish(g, judge, err);
    }
    if (st == AIGOV_OK) {
        r->draft.decision = aigov_str(aigov__verdict_name(g->d.acts.verdict));
        r->draft.judge = judge;
    }
    return st;
}

/* No policy covers it: what calls a model or tool is allowed, and says why. */
aigov_status aigov__decide_record(aigov_record *r, aigov_error *err)
{
    const aigov_judge *judge = r->judge;
    judging g = {.r = r, .memory = true};
    aigov_span kind = r->draft.kind;
    aigov_status st;
    r->policy.n = 0;
    r->attempt = 0;
    g.request = AIGOV__IS(kind, "request");
    g.response = AIGOV__IS(kind, "response");
    if (!g.request && !g.response && !AIGOV__IS(kind, "interaction")) {
        return AIGOV_OK;
    }
    r->draft.decision = AIGOV_LIT("allow");
    r->draft.evidence = g.request ? AIGOV_LIT("pre") : AIGOV_LIT("post");
    if (judge == NULL || !aigov_policies_any(judge->policies)) {
        return AIGOV_OK;
    }
    g.p = judge->policies;
    g.f = &g.p->facts;
    g.ledger = judge->ledger;
    aigov_buf_init(&g.before, r->ctx);
    st = judge_record(&g, judge, err);
    aigov_buf_free(&g.before);
    return st;
}

/* --- the facts of an entry ----------------------------------------------- */

aigov_status aigov__facts_said(aigov_policies *p, const aigov_json *j,
                               aigov_span *retention, aigov_error *err)
{
    judging g = {.p = p, .f = &p->facts, .memory = true};
    aigov_status st;
    g.retention = *retention;
    st = from_record(&g, j, err);
    *retention = g.retention;
    return st;
}

/* Directions as found_of has them. */
static bool counts_here(const judging *g, aigov_span direction)
{
    return aigov_span_is(direction, "tool") ||
           (aigov_span_is(direction, "output") ? !g->request : !g->response);
}

static bool is_own(aigov_span detector)
{
    const aigov_detector *d;
    for (size_t i = 0; (d = aigov_detector_at(i)) != NULL; i++) {
        if (aigov_span_is(detector, d->name)) {
            return false;
        }
    }
    return true;
}

/* One row of body.redaction.found. */
static bool tally_row(tallying *t, const aigov_json *j, uint32_t row,
                      int64_t *secrets)
{
    aigov_span entity = text_of(j, row, "entity"), name;
    uint32_t node = given(j, row, "n");
    char text[80];
    int64_t n = 0;
    if (entity.p == NULL || node == 0 || !aigov_json_i64(j, node, &n) ||
        !counts_here(t->g, text_of(j, row, "direction"))) {
        return true;
    }
    *secrets += aigov_span_is(entity, "SECRET") ? n : 0;
    name = aigov__class_of(entity, is_own(text_of(j, row, "detector")), text);
    if (aigov_span_is(name, "phi.id")) {
        aigov__facts_bool(t->g->f, AIGOV__FACT_data_special, true);
    }
    return name.n == 0 || tally(t, name, n);
}

aigov_status aigov__facts_found(aigov_policies *p, const aigov_entry *e,
                                const aigov_json *j, aigov_error *err)
{
    judging g = {.p = p, .f = &p->facts, .memory = true};
    tallying t = {.g = &g, .classes = 0};
    uint32_t list = object_of(j, 0, "redaction");
    int64_t secrets = 0;
    bool ok = true;
    g.request = AIGOV__IS(e->kind, "request");
    g.response = AIGOV__IS(e->kind, "response");
    if (list != 0 && given(j, list, "found") == 0) {
        return AIGOV_OK; /* too long to be kept: as the facts have it */
    }
    list = list != 0 ? given(j, list, "found") : 0;
    for (uint32_t i = list + 1;
         list != 0 && i < j->node[list].next && ok && t.classes < MAX_CLASSES;
         i = j->node[i].next) {
        ok = j->node[i].type != AIGOV_JSON_OBJECT ||
             tally_row(&t, j, i, &secrets);
    }
    aigov__facts_int(g.f, AIGOV__FACT_content_secrets, secrets);
    return ok && set_counts(&t) && tally_categories(&t, j) &&
                   set_names(&t, AIGOV__FACT_data_classes)
               ? AIGOV_OK
               : aigov__nomem(err);
}
