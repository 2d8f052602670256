/*
 * derive.c - facts out of the registers
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * facts.csv says where each comes from.  A system, a model, a tool is named by
 * the record; what the register says of it is in the newest revision that
 * counts.  What is not there keeps the value of `absent`, which is the safe
 * one: not approved, external, trained on, level 0.
 */
#include "internal.h"

typedef struct deriving {
    fact_set *f;
    const registers *r;
    const uint8_t *read;
    bool memory; /* all allocations worked */
} deriving;

static bool wants(const deriving *d, size_t from, size_t to)
{
    for (size_t i = from; i <= to; i++) {
        if (d->read[i] != 0) {
            return true;
        }
    }
    return false;
}

static aigov_span text_of(const fact_set *f, size_t slot)
{
    const cel_value *v = f->value[slot];
    return v != NULL && v->kind == CEL_STRING ? (aigov_span){v->s, v->n}
                                              : (aigov_span){"", 0};
}

static const revision *counting(const deriving *d, const char *kind,
                                aigov_span subject)
{
    const register_row *row = aigov__register_find(d->r, kind, subject);
    return row != NULL ? row->counts : NULL;
}

/* One fact of one field, of the same type; what is absent stays. */
static void text(deriving *d, size_t slot, const revision *v, const char *name)
{
    aigov_span s = aigov__field_text(v, name);
    if (s.p != NULL) {
        d->memory = d->memory && aigov__facts_text(d->f, slot, s);
    }
}

static void texts(deriving *d, size_t slot, const revision *v, const char *name)
{
    uint32_t node = aigov__field_node(v, name);
    if (node != 0 && v->j.node[node].type == AIGOV_JSON_ARRAY) {
        d->memory = d->memory && aigov__facts_texts(d->f, slot, &v->j, node);
    }
}

static void flag(deriving *d, size_t slot, const revision *v, const char *name)
{
    if (aigov__field_node(v, name) != 0) {
        aigov__facts_bool(d->f, slot, aigov__field_bool(v, name));
    }
}

static void time(deriving *d, size_t slot, const revision *v, const char *name)
{
    int64_t at;
    if (aigov__field_time(v, name, &at)) {
        aigov__facts_time(d->f, slot, at);
    }
}

/* --- sys.* --------------------------------------------------------------- */

/* Whether any impact assessment of the system that counts has this done. */
static bool assessed(const deriving *d, aigov_span system, const char *name)
{
    const register_row *row;
    size_t pos = 0;
    while ((row = aigov__register_next(d->r, "impact", &pos)) != NULL) {
        if (row->counts != NULL &&
            aigov_span_eq(aigov__field_text(row->counts, "system"), system) &&
            aigov__field_bool(row->counts, name)) {
            return true;
        }
    }
    return false;
}

static bool incident_open(const deriving *d, aigov_span system)
{
    const register_row *row;
    size_t pos = 0;
    while ((row = aigov__register_next(d->r, "incident_case", &pos)) != NULL) {
        if (aigov_span_eq(aigov__field_text(row->latest, "system"), system) &&
            aigov_span_is(aigov__field_text(row->latest, "status"), "open")) {
            return true;
        }
    }
    return false;
}

/* Facts that are kept apart from the system's own entry. */
static void around_system(deriving *d, aigov_span id)
{
    const revision *stop = counting(d, "suspension", id);
    if (stop != NULL) {
        aigov__facts_bool(
            d->f, AIGOV__FACT_sys_suspended,
            aigov_span_is(aigov__field_text(stop, "state"), "suspended"));
    }
    if (d->read[AIGOV__FACT_sys_incident_open] != 0) {
        aigov__facts_bool(d->f, AIGOV__FACT_sys_incident_open,
                          incident_open(d, id));
    }
    if (d->read[AIGOV__FACT_sys_dpia] != 0) {
        aigov__facts_bool(d->f, AIGOV__FACT_sys_dpia, assessed(d, id, "dpia"));
    }
    if (d->read[AIGOV__FACT_sys_fria] != 0) {
        aigov__facts_bool(d->f, AIGOV__FACT_sys_fria, assessed(d, id, "fria"));
    }
}

static void system_(deriving *d)
{
    aigov_span id = text_of(d->f, AIGOV__FACT_sys_id);
    const register_row *row = aigov__register_find(d->r, "system", id);
    const revision *v;
    around_system(d, id);
    aigov__facts_bool(d->f, AIGOV__FACT_sys_registered, row != NULL);
    v = row != NULL ? row->counts : NULL;
    if (v == NULL) {
        return;
    }
    text(d, AIGOV__FACT_sys_status, v, "status");
    text(d, AIGOV__FACT_sys_risk, v, "risk_class");
    texts(d, AIGOV__FACT_sys_annex3, v, "annex3");
    text(d, AIGOV__FACT_sys_env, v, "environment");
    text(d, AIGOV__FACT_sys_owner, v, "owner");
    texts(d, AIGOV__FACT_sys_purposes, v, "purposes");
    texts(d, AIGOV__FACT_sys_models, v, "models");
    texts(d, AIGOV__FACT_sys_tools, v, "tools");
    time(d, AIGOV__FACT_sys_approved_until, v, "approved_until");
    aigov__facts_bool(d->f, AIGOV__FACT_sys_oversight,
                      aigov__field_text(v, "oversight").n > 0);
}

/* --- model.* ------------------------------------------------------------- */

static bool rejected(const deriving *d, const revision *resource)
{
    aigov_span supplier = aigov__field_text(resource, "supplier");
    const revision *v =
        supplier.p != NULL ? counting(d, "supplier", supplier) : NULL;
    return v != NULL &&
           aigov_span_is(aigov__field_text(v, "result"), "rejected");
}

/* measured_on is a day: its beginning, so that a rule never takes an
 * evaluation for younger than it is. */
static void evaluated(deriving *d, const revision *resource)
{
    aigov_span name = aigov__field_text(resource, "evaluation");
    const revision *v =
        name.p != NULL ? counting(d, "measurement", name) : NULL;
    int64_t end;
    if (v != NULL && aigov__field_day_end(v, "measured_on", &end)) {
        aigov__facts_time(d->f, AIGOV__FACT_model_eval_at,
                          end - (INT64_C(86400000000) - 1));
    }
}

static void model(deriving *d)
{
    const revision *v =
        counting(d, "resource", text_of(d->f, AIGOV__FACT_model_id));
    int64_t level;
    if (v == NULL || !aigov_span_is(aigov__field_text(v, "type"), "model")) {
        return;
    }
    text(d, AIGOV__FACT_model_version, v, "version");
    text(d, AIGOV__FACT_model_hosting, v, "hosting");
    text(d, AIGOV__FACT_model_region, v, "region");
    aigov__facts_bool(d->f, AIGOV__FACT_model_approved, !rejected(d, v));
    time(d, AIGOV__FACT_model_approved_until, v, "approved_until");
    flag(d, AIGOV__FACT_model_trains_on_data, v, "trains_on_data");
    if (aigov__field_int(v, "max_level", &level)) {
        aigov__facts_int(d->f, AIGOV__FACT_model_max_level, level);
    }
    evaluated(d, v);
    aigov__facts_bool(d->f, AIGOV__FACT_model_card,
                      aigov__field_text(v, "card").p != NULL);
}

/* --- tool.* -------------------------------------------------------------- */

/* Without a tool: low; one that is not registered: destructive. */
static void tool(deriving *d)
{
    aigov_span name = text_of(d->f, AIGOV__FACT_tool_name);
    const revision *v;
    if (name.n == 0) {
        return;
    }
    v = counting(d, "resource", name);
    if (v == NULL || !aigov_span_is(aigov__field_text(v, "type"), "tool")) {
        d->memory = d->memory && aigov__facts_text(d->f, AIGOV__FACT_tool_risk,
                                                   AIGOV_LIT("destructive"));
        return;
    }
    text(d, AIGOV__FACT_tool_risk, v, "tool_risk");
    text(d, AIGOV__FACT_tool_host, v, "host");
}

/* --- of the person, of the class of retention ---------------------------- */

/* The latest row of the person with topic ai_literacy, status held. */
static void literacy(deriving *d)
{
    aigov_span person = text_of(d->f, AIGOV__FACT_actor_id);
    const register_row *row;
    const revision *best = NULL;
    size_t pos = 0;
    int64_t end;
    if (person.n == 0) {
        return;
    }
    while ((row = aigov__register_next(d->r, "competence", &pos)) != NULL) {
        const revision *v = row->latest;
        if (aigov_span_eq(aigov__field_text(v, "person"), person) &&
            aigov_span_is(aigov__field_text(v, "topic"), "ai_literacy") &&
            aigov_span_is(aigov__field_text(v, "status"), "held") &&
            (best == NULL || v->at > best->at ||
             (v->at == best->at && v->seq > best->seq))) {
            best = v;
        }
    }
    if (best != NULL && aigov__field_day_end(best, "valid_to", &end)) {
        aigov__facts_time(d->f, AIGOV__FACT_actor_literacy_until, end);
    }
}

static void retention(deriving *d, aigov_span name)
{
    const revision *v =
        name.n > 0 ? counting(d, "retention_class", name) : NULL;
    int64_t days;
    if (v != NULL && aigov__field_int(v, "keep_days", &days)) {
        aigov__facts_int(d->f, AIGOV__FACT_req_retention_days, days);
    }
}

aigov_status aigov__derive_registers(fact_set *f, const registers *r,
                                     const uint8_t *read, aigov_span class_,
                                     aigov_error *err)
{
    deriving d = {f, r, read, true};
    if (wants(&d, AIGOV__FACT_sys_registered, AIGOV__FACT_sys_incident_open)) {
        system_(&d);
    }
    if (wants(&d, AIGOV__FACT_model_version, AIGOV__FACT_model_card)) {
        model(&d);
    }
    if (wants(&d, AIGOV__FACT_tool_risk, AIGOV__FACT_tool_host)) {
        tool(&d);
    }
    if (read[AIGOV__FACT_actor_literacy_until] != 0) {
        literacy(&d);
    }
    if (read[AIGOV__FACT_req_retention_days] != 0) {
        retention(&d, class_);
    }
    return d.memory ? AIGOV_OK : aigov__nomem(err);
}
