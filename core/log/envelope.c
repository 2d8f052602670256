/*
 * envelope.c - which names a record may have, and what they may hold
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The tables are the reference (members.def for the top level, the shapes here
 * for nested objects); docs/records.md says the same in words.  A top-level
 * member that is null counts as absent.  After the table come the rules that
 * need two members at once (docs/formats.md section 3).
 */
#include "internal.h"

#include <string.h>

/* --- tables -------------------------------------------------------------- */

/* name, type, where, whether it must be given, min, max, argument */
#define M(name, type, where, must, min, max, arg)                              \
    {                                                                          \
        name, sizeof name - 1, AIGOV__##type, AIGOV__##where, must, min, max,  \
            arg                                                                \
    }
#define SHAPE(rows, open)                                                      \
    {                                                                          \
        rows, sizeof rows / sizeof rows[0], open                               \
    }

static const aigov__member actor_rows[] = {
    M("id", TEXT, COLUMN, 0, 0, 256, NULL),
    M("roles", TEXTS, BODY, 0, 32, 256, NULL),
    M("type", ENUM, BODY, 0, 0, 0, "human|service|agent|system"),
};
static const aigov__member cost_rows[] = {
    M("amount", DECIMAL, BODY, 1, 0, 0, NULL),
    M("basis", WORD, BODY, 0, 1, 64, NULL),
    M("currency", CURRENCY, BODY, 1, 0, 0, NULL),
};
static const aigov__member data_rows[] = {
    M("categories", TEXTS, BODY, 0, 64, 256, NULL),
    M("classification", ENUM, BODY, 0, 0, 0,
      "public|internal|confidential|restricted"),
};
static const aigov__member document_rows[] = {
    M("hash", TEXT, BODY, 0, 0, 256, NULL),
    M("id", NODE_ID, BODY, 0, 0, 512, NULL),
    M("score", NUMBER, BODY, 0, 0, 0, NULL),
    M("uri", TEXT, BODY, 0, 0, 2048, NULL),
    M("version", TEXT, BODY, 0, 0, 256, NULL),
};
static const aigov__member error_rows[] = {
    M("code", SCALAR, BODY, 0, 0, 256, NULL),
    M("message", ANY, CONTENT, 0, 0, 0, NULL),
    M("type", TEXT, BODY, 0, 0, 256, NULL),
};
static const aigov__member finding_rows[] = {
    M("at", TEXT, DRAFT, 1, 1, 1024, NULL),
    M("detector", TEXT, DRAFT, 1, 1, 64, NULL),
    M("entity", TEXT, DRAFT, 0, 2, 40, NULL),
    M("score", NUMBER, DRAFT, 0, 0, 0, NULL),
    M("start", INT, DRAFT, 1, 0, AIGOV__MAX_INT, NULL),
    M("stop", INT, DRAFT, 1, 1, AIGOV__MAX_INT, NULL),
};
static const aigov__member producer_rows[] = {
    M("host", TEXT, BODY, 0, 0, 256, NULL),
    M("id", TEXT, BODY, 1, 1, 200, NULL), /* subject of loss */
    M("name", TEXT, BODY, 0, 0, 256, NULL),
    M("seq", INT, BODY, 0, 0, AIGOV__MAX_INT, NULL),
    M("version", TEXT, BODY, 0, 0, 256, NULL),
};
static const aigov__member ref_rows[] = {
    M("cause", NODE, BODY, 1, 1, 512, NULL),
    M("effect", NODE, BODY, 0, 1, 512, NULL),
    M("hash", TEXT, BODY, 0, 0, 256, NULL),
    M("relation", RELATION, BODY, 1, 1, 64, NULL),
    M("role", TEXT, BODY, 0, 0, 64, NULL),
    M("strength", ENUM, BODY, 0, 0, 0, "cited|context|history|retrieved"),
};
static const aigov__member review_rows[] = {
    M("kind", WORD, BODY, 0, 1, 64, NULL),
    M("outcome", WORD, BODY, 0, 1, 64, NULL),
    M("reason", ANY, CONTENT, 0, 0, 0, NULL),
    M("subject_hash", HEX, BODY, 0, 64, 64, NULL),
    M("waited_ms", INT, BODY, 0, 0, AIGOV__MAX_INT, NULL),
};
static const aigov__member template_rows[] = {
    M("hash", TEXT, BODY, 0, 0, 256, NULL),
    M("id", TEXT, BODY, 1, 1, 256, NULL),
    M("version", TEXT, BODY, 0, 0, 256, NULL),
};
static const aigov__member tool_rows[] = {
    M("arguments", ANY, CONTENT, 0, 0, 0, NULL),
    M("call_id", TEXT, BODY, 0, 0, 256, NULL),
    M("description", ANY, CONTENT, 0, 0, 0, NULL),
    M("name", TEXT, BODY, 0, 0, 256, NULL),
    M("result", ANY, CONTENT, 0, 0, 0, NULL),
    M("server", TEXT, BODY, 0, 0, 256, NULL),
    M("type", TEXT, BODY, 0, 0, 64, NULL),
};

static const aigov__shape shape_actor = SHAPE(actor_rows, false);
static const aigov__shape shape_cost = SHAPE(cost_rows, false);
static const aigov__shape shape_data = SHAPE(data_rows, false);
static const aigov__shape shape_document = SHAPE(document_rows, true);
static const aigov__shape shape_error = SHAPE(error_rows, false);
static const aigov__shape shape_finding = SHAPE(finding_rows, false);
static const aigov__shape shape_producer = SHAPE(producer_rows, false);
static const aigov__shape shape_ref = SHAPE(ref_rows, false);
static const aigov__shape shape_review = SHAPE(review_rows, false);
static const aigov__shape shape_template = SHAPE(template_rows, false);
static const aigov__shape shape_tool = SHAPE(tool_rows, false);

const aigov__member aigov__members[AIGOV__MEMBERS] = {
#define MEMBER(name, type, where, moves, min, max, arg)                        \
    {#name, sizeof #name - 1, AIGOV__##type, AIGOV__##where, moves, min, max,  \
     arg},
#include "members.def"
#undef MEMBER
};

/* --- names --------------------------------------------------------------- */

/* Where the names beginning with a letter start, up to the byte after z; one
 * search is a few bytes. */
static uint32_t first_with(char letter)
{
    static const uint8_t start[27] = {
        AIGOV__M_about,  AIGOV__M_commitment,    AIGOV__M_commitment,
        AIGOV__M_data,   AIGOV__M_environment,   AIGOV__M_facts,
        AIGOV__M_hash,   AIGOV__M_hash,          AIGOV__M_id,
        AIGOV__M_kind,   AIGOV__M_kind,          AIGOV__M_lane,
        AIGOV__M_model,  AIGOV__M_nonconforming, AIGOV__M_obligations,
        AIGOV__M_params, AIGOV__M_reasons,       AIGOV__M_reasons,
        AIGOV__M_sent,   AIGOV__M_template,      AIGOV__M_under,
        AIGOV__M_v,      AIGOV__MEMBERS,         AIGOV__MEMBERS,
        AIGOV__MEMBERS,  AIGOV__MEMBERS,         AIGOV__MEMBERS};
    return start[letter - 'a'];
}

uint32_t aigov__member_find(aigov_span name)
{
    if (name.n == 0 || name.p[0] < 'a' || name.p[0] > 'z') {
        return AIGOV__MEMBERS;
    }
    uint32_t end = first_with((char)(name.p[0] + 1));
    for (uint32_t i = first_with(name.p[0]); i < end; i++) {
        if (aigov__is_name(&aigov__members[i], name)) {
            return i;
        }
    }
    return AIGOV__MEMBERS;
}

static bool callers_own(const aigov__member *m)
{
    return m->where != AIGOV__SERVER && m->where != AIGOV__MADE &&
           (m->where != AIGOV__STAMP || m->type == AIGOV__ENUM);
}

static aigov_status unknown_member(const aigov_json *j, uint32_t name,
                                   aigov_error *err)
{
    aigov__near near = {aigov_json_text(j, name), NULL, 0};
    uint32_t at = j->node[name].at;
    if (!aigov__name_shown(near.name)) {
        aigov_fail(err, AIGOV_FIELD, at, "unknown member");
        return aigov_hint(err, "other data goes to attributes");
    }
    aigov_fail(err, AIGOV_FIELD, at, "unknown member \"%.*s\"",
               (int)near.name.n, near.name.p);
    for (uint32_t i = 0; i < AIGOV__MEMBERS; i++) {
        if (callers_own(&aigov__members[i])) {
            aigov__near_try(&near, aigov__members[i].name);
        }
    }
    return near.best != NULL ? aigov_hint(err, "did you mean %s?", near.best)
                             : aigov_hint(err, "other data goes to attributes");
}

/* --- single members ------------------------------------------------------ */

static aigov_status kind_member(const aigov_json *j, uint32_t node,
                                aigov_error *err)
{
    static const char own[] =
        "interaction|request|response|review|incident|note|loss";
    aigov_span s = aigov_json_text(j, node);
    uint32_t at = j->node[node].at;
    const aigov_kind *kind = NULL;
    if (j->node[node].type != AIGOV_JSON_STRING) {
        return aigov_fail(err, AIGOV_FIELD, at, "kind is %s, want a text",
                          aigov__type_name(j, node));
    }
    if (aigov__one_of(own, s)) {
        return AIGOV_OK;
    }
    kind = aigov_kind_find(s);
    if (kind == NULL) {
        char list[100];
        return aigov_fail(err, AIGOV_KIND, at, "kind is none of %s",
                          aigov__listed(own, list, sizeof list));
    }
    aigov_fail(err, AIGOV_KIND, at, "kind %s is a governance record",
               kind->name);
    return kind->by_put
               ? aigov_hint(err, "write it with put('%s', ...)", kind->name)
               : aigov_hint(err, "written by aigov itself (%s)", kind->through);
}

static aigov_status member(aigov_record *r, uint32_t name, aigov_error *err)
{
    const aigov_json *j = &r->j;
    uint32_t value = name + 1;
    uint32_t i = aigov__member_find(aigov__text(j, name));
    aigov_status st = aigov__conforming(j, name, err);
    if (st != AIGOV_OK) {
        return st;
    }
    if (i == AIGOV__MEMBERS || i == AIGOV__M_fields) {
        return unknown_member(j, name, err);
    }
    const aigov__member *m = &aigov__members[i];
    if (!callers_own(m)) {
        return aigov_fail(err, AIGOV_FIELD, j->node[name].at,
                          "%s is stamped by the server", m->name);
    }
    if (j->node[value].type == AIGOV_JSON_NULL) {
        return AIGOV_OK;
    }
    r->node[i] = value;
    return i == AIGOV__M_kind && j->node[value].flags == 0
               ? kind_member(j, value, err)
               : aigov__value(j, value, m, NULL, err);
}

/* --- rules over several members ------------------------------------------ */

static aigov_status missing(const char *name, const char *kind,
                            const char *hint, aigov_error *err)
{
    aigov_fail(err, AIGOV_FIELD, 0, "%s is missing from a %s", name, kind);
    return hint == NULL ? err->code : aigov_hint(err, "%s", hint);
}

static bool given_uuid(const aigov_record *r, uint32_t i, uint8_t id[16])
{
    return r->node[i] != 0 &&
           aigov_uuid_parse(aigov_json_text(&r->j, r->node[i]), id);
}

/* The texts of the draft that are slices of what was read. */
static void point(aigov_record *r)
{
    aigov_draft *d = &r->draft;
    const aigov_json *j = &r->j;
    d->kind = r->node[AIGOV__M_kind]
                  ? aigov_json_text(j, r->node[AIGOV__M_kind])
              : r->asked != NULL ? r->asked->kind
                                 : AIGOV_LIT("interaction");
    if (r->node[AIGOV__M_producer]) {
        d->producer = aigov_json_text(
            j, aigov_json_get(j, r->node[AIGOV__M_producer], "id"));
    }
    if (AIGOV__IS(d->kind, "loss")) {
        d->subject = d->producer;
    }
}

/* kind and the id, interaction, producer of the draft. */
static void identify(aigov_record *r)
{
    aigov_draft *d = &r->draft;
    point(r);
    d->has_id = given_uuid(r, AIGOV__M_id, d->id);
    d->has_interaction = given_uuid(r, AIGOV__M_interaction, d->interaction);
    if (r->asked != NULL && r->asked->interaction != NULL) {
        d->has_interaction = true;
        memcpy(d->interaction, r->asked->interaction, 16);
    }
}

/* A record must not say otherwise than the function that it is given to. */
static aigov_status asked_rules(aigov_record *r, aigov_error *err)
{
    const aigov_asked *asked = r->asked;
    uint8_t id[16];
    uint32_t kind = r->node[AIGOV__M_kind];
    if (kind != 0 &&
        !aigov_span_eq(aigov_json_text(&r->j, kind), asked->kind)) {
        return aigov_fail(err, AIGOV_FIELD, r->j.node[kind].at,
                          "kind is not %.*s, which this function records",
                          (int)asked->kind.n, asked->kind.p);
    }
    if (asked->interaction != NULL && given_uuid(r, AIGOV__M_interaction, id) &&
        memcmp(id, asked->interaction, 16) != 0) {
        return aigov_fail(err, AIGOV_FIELD,
                          r->j.node[r->node[AIGOV__M_interaction]].at,
                          "interaction is another than the one asked for");
    }
    return AIGOV_OK;
}

static aigov_status loss_rules(aigov_record *r, aigov_error *err)
{
    aigov__about about = {&r->j, "loss", AIGOV_ABSENT};
    if (r->draft.producer.p == NULL) {
        return missing("producer", "loss",
                       "a loss is reported for the producer.id that lost", err);
    }
    if (r->node[AIGOV__M_loss] == 0) {
        return missing("loss", "loss", NULL, err);
    }
    return aigov__fields(&about, r->node[AIGOV__M_loss],
                         aigov_kind_find(AIGOV_LIT("loss")), err);
}

/* What a review, incident or note is about (docs/formats.md section 3). */
static aigov_status later_rules(aigov_record *r, const char *kind,
                                aigov_error *err)
{
    aigov_draft *d = &r->draft;
    if (!d->has_interaction) {
        d->has_interaction = given_uuid(r, AIGOV__M_about, d->interaction);
    }
    return d->has_interaction
               ? AIGOV_OK
               : missing("about", kind,
                         "name an interaction or the id of an entry", err);
}

static aigov_status kind_rules(aigov_record *r, aigov_error *err)
{
    aigov_draft *d = &r->draft;
    const char *kind = "interaction";
    if (AIGOV__IS(d->kind, "loss")) {
        return loss_rules(r, err);
    }
    if (r->node[AIGOV__M_loss] != 0) {
        return aigov_fail(err, AIGOV_FIELD,
                          r->j.node[r->node[AIGOV__M_loss]].at,
                          "loss belongs to kind loss alone");
    }
    if (r->node[AIGOV__M_system] == 0 &&
        (r->asked == NULL || r->asked->system.p == NULL)) {
        return missing("system", "record", "name the AI system it is about",
                       err);
    }
    r->request = AIGOV__IS(d->kind, "request");
    if (r->request && !d->has_interaction && d->has_id) {
        d->has_interaction = true;
        memcpy(d->interaction, d->id, 16);
    }
    if (AIGOV__IS(d->kind, "response") && !d->has_interaction) {
        return missing("interaction", "response",
                       "the interaction of its request", err);
    }
    kind = AIGOV__IS(d->kind, "review")     ? "review"
           : AIGOV__IS(d->kind, "incident") ? "incident"
           : AIGOV__IS(d->kind, "note")     ? "note"
                                            : NULL;
    return kind == NULL ? AIGOV_OK : later_rules(r, kind, err);
}

aigov_status aigov__envelope(aigov_record *r, aigov_error *err)
{
    const aigov_json *j = &r->j;
    aigov_status st = AIGOV_OK;
    if (j->node[0].type != AIGOV_JSON_OBJECT) {
        return aigov_fail(err, AIGOV_FIELD, 0, "a record is %s, want an object",
                          aigov__type_name(j, 0));
    }
    for (uint32_t i = 1; i < j->nodes && st == AIGOV_OK;
         i = j->node[i + 1].next) {
        st = member(r, i, err);
    }
    if (st == AIGOV_OK) {
        identify(r);
        st = r->asked != NULL ? asked_rules(r, err) : AIGOV_OK;
    }
    return st == AIGOV_OK ? kind_rules(r, err) : st;
}

aigov_status aigov__envelope_again(aigov_record *r, aigov_error *err)
{
    const aigov_json *j = &r->j;
    memset(r->node, 0, sizeof r->node);
    for (uint32_t i = 1; i < j->nodes; i = j->node[i + 1].next) {
        uint32_t m = aigov__member_find(aigov__text(j, i));
        if (j->node[i + 1].type == AIGOV_JSON_NULL) {
            continue;
        }
        if (aigov__members[m].where == AIGOV__BODY &&
            aigov__conforming(j, i, err) != AIGOV_OK) {
            return err->code;
        }
        r->node[m] = i + 1;
    }
    point(r);
    return AIGOV_OK;
}
