/*
 * record.c - the record object, and the stages that an application's record
 * goes through before it has a place in a lane
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   parse    strict JSON, envelope, types           aigov__envelope
 *   scan     detectors over every text              aigov__scan_record
 *   facts    what the caller asserts                aigov__facts
 *   decide   policies over facts                    aigov__decide_record
 *   render   canonical body and content             aigov__render
 *
 * and between the last two, of what guard and complete ask, aigov__send.
 *
 * Each stage reads what the one before left in the object and stops the append
 * with its name in err->stage.  A failed read leaves the object reusable and
 * not ready.
 */
#include "internal.h"

aigov_status aigov__stage(aigov_error *err, const char *stage,
                          aigov_status status)
{
    if (status != AIGOV_OK && err->stage[0] == '\0') {
        size_t n = strlen(stage);
        memcpy(err->stage, stage, n + 1);
    }
    return status;
}

aigov_status aigov_record_new(aigov_ctx *ctx, aigov_record **out,
                              aigov_error *err)
{
    aigov_record *r = aigov_malloc(ctx, sizeof *r);
    if (r == NULL) {
        return aigov__nomem(err);
    }
    memset(r, 0, sizeof *r);
    r->ctx = ctx;
    r->j.ctx = ctx;
    if (aigov_scanner_new(ctx, &r->scanner, err) != AIGOV_OK) {
        aigov_mfree(ctx, r, sizeof *r);
        return err->code;
    }
    aigov_buf_init(&r->policy, ctx);
    aigov_buf_init(&r->answer, ctx);
    aigov_buf_init(&r->original, ctx);
    aigov_buf_init(&r->tool_digest, ctx);
    aigov_buf_init(&r->clean, ctx);
    aigov_buf_init(&r->canon, ctx);
    aigov_buf_init(&r->columns, ctx);
    aigov_buf_init(&r->body, ctx);
    aigov_buf_init(&r->content, ctx);
    aigov_buf_init(&r->part, ctx);
    aigov_buf_init(&r->sealed, ctx);
    aigov_buf_init(&r->leaf, ctx);
    aigov_buf_init(&r->vaulted, ctx);
    aigov_buf_init(&r->dialog.text, ctx);
    aigov_buf_init(&r->dialog.found, ctx);
    *out = r;
    return AIGOV_OK;
}

void aigov__wipe_buf(aigov_buf *b)
{
    if (b->p != NULL) {
        aigov_wipe(b->p, b->n);
    }
    aigov_buf_free(b);
}

void aigov_record_free(aigov_record *r)
{
    if (r == NULL) {
        return;
    }
    aigov_json_free(&r->j);
    aigov_scanner_free(r->scanner);
    aigov_buf_free(&r->policy);
    aigov__outside_free(r);
    aigov__wipe_buf(&r->answer);
    aigov__wipe_buf(&r->original);
    aigov_buf_free(&r->tool_digest);
    aigov_buf_free(&r->clean);
    aigov_buf_free(&r->canon);
    aigov_buf_free(&r->columns);
    aigov_buf_free(&r->body);
    aigov_buf_free(&r->content);
    aigov_buf_free(&r->part);
    aigov_buf_free(&r->sealed);
    aigov_buf_free(&r->leaf);
    aigov_buf_free(&r->vaulted);
    aigov__turns_none(r);
    aigov_buf_free(&r->dialog.text);
    aigov_buf_free(&r->dialog.found);
    if (r->dialog.call != NULL) {
        aigov_mfree(r->ctx, r->dialog.call,
                    r->dialog.call_cap * sizeof *r->dialog.call);
    }
    aigov_mfree(r->ctx, r, sizeof *r);
}

void aigov_record_use(aigov_record *r, const aigov_rules *rules)
{
    r->in_force = rules;
}

void aigov_record_asked(aigov_record *r, const aigov_asked *asked)
{
    r->asked = asked;
}

void aigov_record_judge(aigov_record *r, const aigov_judge *judge)
{
    r->judge = judge;
}

const aigov_draft *aigov_record_draft(const aigov_record *r)
{
    return &r->draft;
}

void aigov__record_reset(aigov_record *r)
{
    aigov__holds_none(r->scanner);
    aigov__turns_none(r);
    r->ready = false;
    r->keyed = false;
    aigov__wipe_buf(&r->answer);
    aigov__wipe_buf(&r->original);
    r->tool_digest.n = 0;
    r->sent_n = 0;
    r->was_sent = AIGOV__SENT_UNKNOWN;
    r->raw = AIGOV_ABSENT;
    r->fingerprint_n = 0;
    r->governance = NULL;
    r->request = false;
    r->cleaned = false;
    r->brief = false;
    r->n_moved = 0;
    memset(&r->draft, 0, sizeof r->draft);
    memset(&r->col, 0, sizeof r->col);
    memset(r->node, 0, sizeof r->node);
    memset(r->slice, 0, sizeof r->slice);
}

static aigov_status parse(aigov_record *r, aigov_span json, aigov_error *err)
{
    aigov_status st;
    if (json.n > AIGOV_MAX_RECORD) {
        return aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                          "the record has %zu bytes, at most %zu fit", json.n,
                          AIGOV_MAX_RECORD);
    }
    st = aigov_json_read(&r->j, AIGOV_JSON_CONTENT, json, err);
    return st == AIGOV_OK ? aigov__envelope(r, err) : st;
}

static aigov_status scan(aigov_record *r, aigov_span json, aigov_error *err)
{
    aigov_status st = aigov__scan_record(r, json, err);
    if (st == AIGOV_OK) {
        st = aigov_rules_digest(r->ctx, r->in_force, r->rules, err);
    }
    r->draft.rules = (aigov_span){(const char *)r->rules, sizeof r->rules};
    return st;
}

/* Types and limits hold for what was handed in; from here on there is only
 * what was put in its place. */
static aigov_status facts(aigov_record *r, aigov_error *err)
{
    uint32_t node = r->node[AIGOV__M_facts];
    aigov_status st = node != 0 ? aigov__facts(&r->j, node, err) : AIGOV_OK;
    if (st == AIGOV_OK) {
        st = aigov__turns_original(r, err);
    }
    return st == AIGOV_OK && r->cleaned ? aigov__take_clean(r, err) : st;
}

static aigov_status render(aigov_record *r, size_t input, aigov_error *err)
{
    r->draft.digested = true;
    r->draft.input_size = input;
    aigov_status st = aigov__render(r, err);
    return st == AIGOV_OK ? aigov__turns_stored(r, err) : st;
}

aigov_status aigov_record_read(aigov_record *r, aigov_span json,
                               aigov_error *err)
{
    aigov_status st;
    aigov__record_reset(r);
    r->raw = json;
    aigov__scanner_for(r->scanner, r->in_force, AIGOV__STORE, AIGOV_ABSENT);
    st = aigov__stage(err, "parse", parse(r, json, err));
    if (st == AIGOV_OK) {
        st = aigov__stage(err, "scan", scan(r, json, err));
    }
    if (st == AIGOV_OK) {
        st = aigov__stage(err, "facts", facts(r, err));
    }
    if (st == AIGOV_OK) {
        st = aigov__stage(err, "render", render(r, json.n, err));
    }
    if (st != AIGOV_OK) {
        aigov__scan_error(r, false, err);
    }
    r->raw = AIGOV_ABSENT;
    aigov__wipe_buf(&r->original);
    r->ready = st == AIGOV_OK;
    return st;
}

/* It must confirm no guess, so a pseudonym counts as [ENTITY]. */
aigov_status aigov_record_digest(aigov_record *r, const uint8_t salt[32],
                                 uint8_t out[32], aigov_error *err)
{
    static const char prefix = 0x03;
    aigov_span part[3] = {
        {&prefix, 1}, {(const char *)salt, 32}, aigov_buf_span(&r->canon)};
    if (r->keyed) {
        r->part.n = 0;
        if (!aigov__put_unkeyed(r->in_force, part[2], &r->part)) {
            return aigov__nomem(err);
        }
        part[2] = aigov_buf_span(&r->part);
    }
    return aigov_sha256(r->ctx, part, 3, out, err);
}
