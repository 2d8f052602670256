/*
 * explain.c - findings and redactions in words that an auditor can check
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "internal.h"

size_t aigov_code_points(aigov_span s)
{
    const char *p = s.p, *end = s.p + s.n;
    size_t n = 0;
    while (p < end) {
        size_t length =
            (unsigned char)*p < 0x80 ? 1 : aigov__utf8_length(p, end);
        p += length == 0 ? 1 : length;
        n++;
    }
    return n;
}

static bool put_score(aigov_buf *out, int score)
{
    char text[5] = {(char)('0' + score / 100), '.',
                    (char)('0' + score / 10 % 10), (char)('0' + score % 10), 0};
    return aigov_buf_puts(out, text);
}

static bool put_part(aigov_buf *out, unsigned why, unsigned bit,
                     const char *text)
{
    return (why & bit) == 0 || aigov_buf_puts(out, text);
}

aigov_status aigov_finding_reason(const aigov_finding *f, aigov_buf *out,
                                  aigov_error *err)
{
    const char *form = f->number >= AIGOV__DETECTORS  ? " as its record says"
                       : f->why & AIGOV_WHY_VALIDATED ? " for form and check"
                                                      : " for form";
    bool ok =
        put_score(out, f->base) && aigov_buf_puts(out, form) &&
        put_part(out, f->why, AIGOV_WHY_CONTEXT, ", +0.30 a word for it") &&
        put_part(out, f->why, AIGOV_WHY_AGAINST, ", -0.30 a word against") &&
        put_part(out, f->why, AIGOV_WHY_ALONE, ", +0.25 nothing else there") &&
        put_part(out, f->why, AIGOV_WHY_ENCODED, ", in an encoded part") &&
        put_part(out, f->why, AIGOV_WHY_FOLDED, ", written unusually");
    return ok ? AIGOV_OK : aigov__nomem(err);
}

/* --- of an entry --------------------------------------------------------- */

static bool put_name(aigov_buf *out, const char *name)
{
    return aigov_buf_puts(out, out->p[out->n - 1] == '{' ? "\"" : ",\"") &&
           aigov_buf_puts(out, name) && aigov_buf_puts(out, "\":");
}

static bool put_text(aigov_buf *out, const char *name, aigov_span text)
{
    return text.p == NULL ||
           (put_name(out, name) && aigov_buf_put_json_string(out, text));
}

static bool put_int(aigov_buf *out, const char *name, int64_t v)
{
    return put_name(out, name) && aigov_buf_put_i64(out, v);
}

/* A member of body as it stands there; absent: nothing. */
static aigov_status put_member(aigov_buf *out, const aigov_json *body,
                               const char *name, aigov_error *err)
{
    uint32_t i = aigov_json_get(body, 0, name);
    if (i == 0) {
        return AIGOV_OK;
    }
    return put_name(out, name) ? aigov_json_canonical(body, i, out, err)
                               : aigov__nomem(err);
}

/* Whether the rules of an entry are those of now; absent: NULL. */
static aigov_status put_in_force(aigov_buf *out, const aigov_rules *rules,
                                 const aigov_json *body, aigov_error *err)
{
    uint32_t i = aigov_json_get(body, 0, "rules");
    uint8_t now[AIGOV_HASH_LEN], then[AIGOV_HASH_LEN];
    aigov_status st;
    if (i == 0 || body->node[i].type != AIGOV_JSON_STRING ||
        !aigov_hex_parse(aigov_json_text(body, i), then, sizeof then)) {
        return AIGOV_OK;
    }
    st = aigov_rules_digest(out->ctx, rules, now, err);
    if (st == AIGOV_OK &&
        !(put_name(out, "in_force") &&
          aigov_buf_puts(out, memcmp(now, then, sizeof now) == 0 ? "true"
                                                                 : "false"))) {
        st = aigov__nomem(err);
    }
    return st;
}

static aigov_status explain(const aigov_rules *rules, const aigov_entry *e,
                            const aigov_json *body, aigov_buf *out,
                            aigov_error *err)
{
    char at[AIGOV_TIME_LEN + 1];
    aigov_status st;
    aigov_time_format(e->at, at);
    if (!aigov_buf_puts(out, "{") || !put_text(out, "actor", e->actor) ||
        !put_text(out, "at", (aigov_span){at, AIGOV_TIME_LEN}) ||
        !put_text(out, "id", e->id)) {
        return aigov__nomem(err);
    }
    st = put_in_force(out, rules, body, err);
    if (st == AIGOV_OK &&
        !(put_int(out, "lane", e->lane) && put_int(out, "log", e->log))) {
        st = aigov__nomem(err);
    }
    st = st == AIGOV_OK ? put_member(out, body, "redaction", err) : st;
    st = st == AIGOV_OK ? put_member(out, body, "rules", err) : st;
    if (st == AIGOV_OK &&
        !(put_int(out, "seq", e->seq) && put_text(out, "system", e->system) &&
          aigov_buf_puts(out, "}"))) {
        st = aigov__nomem(err);
    }
    return st;
}

aigov_status aigov_explain_redaction(aigov_ctx *ctx, const aigov_rules *rules,
                                     const aigov_entry *e, aigov_buf *out,
                                     aigov_error *err)
{
    aigov_json body = {.ctx = ctx};
    aigov_status st = aigov_json_read(&body, AIGOV_JSON_STRICT, e->body, err);
    if (st == AIGOV_OK) {
        st = explain(rules, e, &body, out, err);
    }
    aigov_json_free(&body);
    return st;
}
