/*
 * rules.c - rules, exceptions and their conditions, ready to decide
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A version of a policy is its rules, sorted by id, and
 *
 *   rules_hash   SHA-256 of the canonical JSON
 *                {"default_effect":..,"parent":..,"rules":{ID:FIELDS,..},
 *                 "systems":[..]}, members without a value left out
 *
 * where ID is the rule's name within the version (pci-external of
 * main/7/pci-external) and FIELDS what was put, but for policy and version.  So
 * the hash is the same for a draft and for what is published, and for the same
 * rules under another number.
 *
 * A condition that does not compile is held with its error: it counts as a
 * match or not as an error of the rule does (notes of decide.c), it is never
 * silently off.
 */
#include "internal.h"

static const char *const verdicts[] = {
    "none", "allow", "flag", "redact", "require_approval", "deny"};

const char *aigov__verdict_name(verdict v)
{
    return verdicts[v];
}

static uint8_t word(aigov_span s, const char *const *words, uint8_t n)
{
    uint8_t i = 0;
    while (i < n && !aigov_span_is(s, words[i])) {
        i++;
    }
    return i;
}

verdict aigov__verdict_named(aigov_span s)
{
    uint8_t i = word(s, verdicts, 6);
    return i < 6 ? (verdict)i : VERDICT_NONE;
}

aigov_status aigov__condition(const aigov_cel_env *env, aigov_span source,
                              condition *out, aigov_error *err)
{
    cel_error why;
    aigov_status st = aigov__cel_compile(
        env, source, AIGOV_CEL_CHECK | AIGOV_CEL_BOOL | AIGOV_CEL_LITERAL, NULL,
        &out->program, &why, err);
    if (st == AIGOV_NOMEM || st == AIGOV_CANCELED) {
        return st;
    }
    if (st != AIGOV_OK) {
        out->program = NULL;
        out->at = err->pos < UINT32_MAX ? (uint32_t)err->pos : 0;
    }
    return AIGOV_OK;
}

/* --- one rule ------------------------------------------------------------ */

static aigov_status read_rule(const aigov_cel_env *env, const register_row *row,
                              policy_rule *out, aigov_error *err)
{
    static const char *const phases[] = {"pre", "post", "tool", "retrieval"};
    static const char *const modes[] = {"enforce", "shadow", "off"};
    const revision *v = row->latest;
    aigov_span cond = aigov__field_text(v, "cond");
    memset(out, 0, sizeof *out);
    out->id = row->subject;
    out->from = v;
    out->phase = word(aigov__field_text(v, "phase"), phases, 3);
    out->mode = word(aigov__field_text(v, "mode"), modes, 2);
    out->effect = (uint8_t)aigov__verdict_named(aigov__field_text(v, "effect"));
    out->hard = aigov__field_bool(v, "hard");
    out->skip = aigov_span_is(aigov__field_text(v, "on_error"), "skip");
    if (!aigov__field_int(v, "priority", &out->priority)) {
        out->priority = 100;
    }
    if (!aigov__field_time(v, "valid_to", &out->valid_to)) {
        out->valid_to = INT64_MAX;
    }
    out->system = aigov__field_text(v, "system");
    out->provider = aigov__field_text(v, "provider");
    return cond.p == NULL ? AIGOV_OK
                          : aigov__condition(env, cond, &out->cond, err);
}

/* --- a version ----------------------------------------------------------- */

/* main of main/7. */
static aigov_span policy_of(aigov_span id)
{
    size_t n = id.n;
    while (n > 0 && id.p[n - 1] != '/') {
        n--;
    }
    return (aigov_span){id.p, n > 0 ? n - 1 : 0};
}

static bool belongs(const revision *rule, const policy_version *v)
{
    int64_t version, own;
    return aigov_span_eq(aigov__field_text(rule, "policy"), v->policy) &&
           aigov__field_int(rule, "version", &version) &&
           aigov__field_int(v->from, "version", &own) && version == own;
}

/* In the order of ids, bytes compared. */
static bool insert(aigov_ctx *ctx, policy_version *v, const policy_rule *rule)
{
    size_t k = v->rules;
    if (!aigov__room(ctx, (void **)&v->rule, &v->cap, sizeof *v->rule,
                     v->rules + 1)) {
        return false;
    }
    for (; k > 0; k--) {
        aigov_span before = v->rule[k - 1].id;
        size_t n = before.n < rule->id.n ? before.n : rule->id.n;
        int d = memcmp(before.p, rule->id.p, n);
        if (d < 0 || (d == 0 && before.n < rule->id.n)) {
            break;
        }
        v->rule[k] = v->rule[k - 1];
    }
    v->rule[k] = *rule;
    v->rules++;
    return true;
}

static aigov_status read_rules(aigov_ctx *ctx, const registers *r,
                               const aigov_cel_env *env, policy_version *v,
                               aigov_error *err)
{
    const register_row *row;
    size_t pos = 0;
    while ((row = aigov__register_next(r, "rule", &pos)) != NULL) {
        policy_rule rule;
        aigov_status st;
        if (!belongs(row->latest, v)) {
            continue;
        }
        st = read_rule(env, row, &rule, err);
        if (st == AIGOV_OK && !insert(ctx, v, &rule)) {
            aigov__cel_free(rule.cond.program);
            st = aigov__nomem(err);
        }
        if (st != AIGOV_OK) {
            return st;
        }
    }
    return AIGOV_OK;
}

/* --- its hash ------------------------------------------------------------ */

/* The fields of a rule without policy and version, canonical. */
static aigov_status put_fields(const revision *v, aigov_buf *out,
                               aigov_error *err)
{
    bool first = true, ok = aigov_buf_puts(out, "{");
    aigov_status st = AIGOV_OK;
    for (uint32_t i = 1; i < v->j.nodes && ok && st == AIGOV_OK;
         i = v->j.node[i + 1].next) {
        aigov_span name = aigov_json_text(&v->j, i);
        if (aigov_span_is(name, "policy") || aigov_span_is(name, "version")) {
            continue;
        }
        ok = (first || aigov_buf_puts(out, ",")) &&
             aigov_buf_put_json_string(out, name) && aigov_buf_puts(out, ":");
        first = false;
        if (ok) {
            st = aigov_json_canonical(&v->j, i + 1, out, err);
        }
    }
    if (st == AIGOV_OK && !(ok && aigov_buf_puts(out, "}"))) {
        st = aigov__nomem(err);
    }
    return st;
}

/* main/7/pci-external of main/7: pci-external; another name as it stands. */
static aigov_span name_within(aigov_span rule, aigov_span version)
{
    if (rule.n > version.n + 1 && rule.p[version.n] == '/' &&
        memcmp(rule.p, version.p, version.n) == 0) {
        return (aigov_span){rule.p + version.n + 1, rule.n - version.n - 1};
    }
    return rule;
}

static aigov_status put_member(const revision *v, const char *name,
                               const char *before, aigov_buf *out,
                               aigov_error *err)
{
    uint32_t node = aigov__field_node(v, name);
    if (node == 0) {
        return AIGOV_OK;
    }
    return aigov_buf_puts(out, before) &&
                   aigov_buf_put_json_string(out, aigov_str(name)) &&
                   aigov_buf_puts(out, ":")
               ? aigov_json_canonical(&v->j, node, out, err)
               : aigov__nomem(err);
}

/* Sorted by id bytes; ids with characters beyond the basic plane may sort
 * otherwise in RFC 8785, which is why the text is read and written once more.
 */
static aigov_status put_version(aigov_ctx *ctx, const policy_version *v,
                                aigov_buf *out, aigov_error *err)
{
    aigov_buf text;
    aigov_status st;
    bool ok;
    aigov_buf_init(&text, ctx);
    ok = aigov_buf_puts(&text, "{\"rules\":{");
    st = ok ? AIGOV_OK : aigov__nomem(err);
    for (size_t i = 0; i < v->rules && st == AIGOV_OK; i++) {
        ok = (i == 0 || aigov_buf_puts(&text, ",")) &&
             aigov_buf_put_json_string(&text,
                                       name_within(v->rule[i].id, v->id)) &&
             aigov_buf_puts(&text, ":");
        st = ok ? put_fields(v->rule[i].from, &text, err) : aigov__nomem(err);
    }
    if (st == AIGOV_OK && !aigov_buf_puts(&text, "}")) {
        st = aigov__nomem(err);
    }
    static const char *const names[] = {"default_effect", "parent", "systems"};
    for (size_t i = 0; i < 3 && st == AIGOV_OK; i++) {
        st = put_member(v->from, names[i], ",", &text, err);
    }
    if (st == AIGOV_OK && !aigov_buf_puts(&text, "}")) {
        st = aigov__nomem(err);
    }
    if (st == AIGOV_OK) {
        st = aigov_canonical(ctx, aigov_buf_span(&text), out, err);
    }
    aigov_buf_free(&text);
    return st;
}

static aigov_status hash_version(aigov_ctx *ctx, policy_version *v,
                                 aigov_error *err)
{
    aigov_buf text;
    aigov_status st;
    aigov_buf_init(&text, ctx);
    st = put_version(ctx, v, &text, err);
    if (st == AIGOV_OK) {
        aigov_span part = aigov_buf_span(&text);
        st = aigov_sha256(ctx, &part, 1, v->hash, err);
    }
    aigov_buf_free(&text);
    return st;
}

aigov_status aigov__version_new(aigov_ctx *ctx, const registers *r,
                                const aigov_cel_env *env,
                                const register_row *version,
                                policy_version **out, aigov_error *err)
{
    policy_version *v = aigov_malloc(ctx, sizeof *v);
    aigov_status st;
    if (v == NULL) {
        return aigov__nomem(err);
    }
    memset(v, 0, sizeof *v);
    v->id = version->subject;
    v->policy = policy_of(v->id);
    v->from = version->latest;
    v->otherwise =
        aigov__verdict_named(aigov__field_text(v->from, "default_effect"));
    st = read_rules(ctx, r, env, v, err);
    if (st == AIGOV_OK) {
        st = hash_version(ctx, v, err);
    }
    if (st != AIGOV_OK) {
        aigov__version_free(ctx, v);
        return st;
    }
    *out = v;
    return AIGOV_OK;
}

void aigov__version_free(aigov_ctx *ctx, policy_version *v)
{
    if (v == NULL) {
        return;
    }
    for (size_t i = 0; i < v->rules; i++) {
        aigov__cel_free(v->rule[i].cond.program);
    }
    aigov_mfree(ctx, v->rule, v->cap * sizeof *v->rule);
    aigov_mfree(ctx, v, sizeof *v);
}

/* --- exceptions ---------------------------------------------------------- */

void aigov__waivers_free(aigov_ctx *ctx, waiver *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        aigov__cel_free(w[i].cond.program);
    }
    aigov_mfree(ctx, w, n * sizeof *w);
}

static aigov_status read_waiver(const aigov_cel_env *env,
                                const register_row *row, waiver *w,
                                aigov_error *err)
{
    const revision *v = row->counts;
    int64_t revoked;
    memset(w, 0, sizeof *w);
    w->id = row->subject;
    w->from = v;
    w->rule = aigov__field_text(v, "rule");
    if (!aigov__field_time(v, "not_before", &w->not_before) ||
        !aigov__field_time(v, "expires_at", &w->expires) ||
        !aigov__field_int(v, "max_uses", &w->max_uses)) {
        w->expires = INT64_MIN; /* waives nothing */
    }
    /* taking back needs no approval */
    if (aigov__field_time(row->latest, "revoked_at", &revoked) &&
        revoked < w->expires) {
        w->expires = revoked;
    }
    return aigov__condition(env, aigov__field_text(v, "cond"), &w->cond, err);
}

aigov_status aigov__waivers_new(aigov_ctx *ctx, const registers *r,
                                const aigov_cel_env *env, waiver **out,
                                size_t *n, aigov_error *err)
{
    const register_row *row;
    size_t pos = 0, count = 0, k = 0;
    aigov_status st = AIGOV_OK;
    waiver *w;
    while ((row = aigov__register_next(r, "exception", &pos)) != NULL) {
        count += row->counts != NULL ? 1 : 0;
    }
    *out = NULL;
    *n = 0;
    if (count == 0) {
        return AIGOV_OK;
    }
    w = aigov_malloc(ctx, count * sizeof *w);
    if (w == NULL) {
        return aigov__nomem(err);
    }
    memset(w, 0, count * sizeof *w);
    for (pos = 0; st == AIGOV_OK &&
                  (row = aigov__register_next(r, "exception", &pos)) != NULL;) {
        if (row->counts != NULL) {
            st = read_waiver(env, row, &w[k++], err);
        }
    }
    if (st != AIGOV_OK) {
        aigov__waivers_free(ctx, w, count);
        return st;
    }
    *out = w;
    *n = count;
    return AIGOV_OK;
}
