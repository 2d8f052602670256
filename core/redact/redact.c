/*
 * redact.c - a text with what is found in it replaced; what is in force
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One scan, one rendering from the original and the list of findings: a value
 * is never looked for in a text that is half replaced.
 */
#include "rules.h"

#include "ruleset_data.h"

_Static_assert(RULESET_ENTITIES <= AIGOV_MAX_ENTITIES, "too many entities");

const char *aigov_entity_at(size_t i)
{
    return i < RULESET_ENTITIES ? ruleset_entities[i] : NULL;
}

size_t aigov__entities(void)
{
    return RULESET_ENTITIES;
}

size_t aigov__entity_of(size_t detector)
{
    return ruleset_entity_of[detector];
}

size_t aigov__built_in_sorted(size_t i)
{
    return ruleset_order[i];
}

aigov_status aigov_ruleset(aigov_ctx *ctx, uint8_t out[32], aigov_error *err)
{
    (void)ctx;
    (void)err;
    memcpy(out, ruleset_hash, sizeof ruleset_hash);
    return AIGOV_OK;
}

bool aigov__put_redacted(aigov_scanner *s, aigov_buf *out, aigov_span text,
                         size_t at, const aigov_finding *f, size_t n)
{
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        if (f[i].acted) {
            aigov_span value = {text.p + f[i].start, f[i].stop - f[i].start};
            ok = aigov_buf_put(out, text.p + at, f[i].start - at) &&
                 aigov__render_finding(s, &f[i], value, 1, out);
            at = f[i].stop;
        }
    }
    return ok && aigov_buf_put(out, text.p + at, text.n - at);
}

aigov_status aigov__unsettled(aigov_error *err)
{
    return aigov_fail(err, AIGOV_WITHHELD, AIGOV_NO_POS,
                      "what a mask or a drop left is found again and again");
}

static aigov_status second(aigov_scanner *s, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    if (s->second == NULL) {
        st = aigov_scanner_new(s->ctx, &s->second, err);
    }
    if (st == AIGOV_OK) {
        s->second->rules = s->rules;
        s->second->profile = s->profile;
    }
    return st;
}

/* What a mask or a drop left of the text in out, from `from` on, is looked at
 * until nothing changes any more: so to redact once more gives the same. */
static aigov_status look_again(aigov_scanner *s, aigov_span path,
                               aigov_buf *out, size_t from, aigov_error *err)
{
    aigov_status st = second(s, err);
    for (int i = 0; st == AIGOV_OK && i < AIGOV__LOOKS; i++) {
        aigov_buf *b = &s->second->again;
        const aigov_finding *f;
        size_t n;
        b->n = 0;
        if (!aigov_buf_put(b, out->p + from, out->n - from)) {
            return aigov__nomem(err);
        }
        st = aigov_scan(s->second, aigov_buf_span(b), path, &f, &n, err);
        out->n = from;
        if (st == AIGOV_OK &&
            !aigov__put_redacted(s, out, aigov_buf_span(b), 0, f, n)) {
            st = aigov__nomem(err);
        }
        if (st == AIGOV_OK && out->n - from == b->n &&
            (b->n == 0 || memcmp(out->p + from, b->p, b->n) == 0)) {
            return st;
        }
    }
    return st != AIGOV_OK ? st : aigov__unsettled(err);
}

static bool any_acted(const aigov_finding *f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (f[i].acted) {
            return true;
        }
    }
    return false;
}

aigov_status aigov_redact(aigov_scanner *s, aigov_span text, aigov_span path,
                          aigov_buf *out, const aigov_finding **finding,
                          size_t *n, aigov_error *err)
{
    const aigov_finding *f;
    size_t found, before = out->n;
    aigov_status st = aigov_scan(s, text, path, &f, &found, err);
    if (st != AIGOV_OK) {
        return st;
    }
    if (!aigov__put_redacted(s, out, text, 0, f, found)) {
        out->n = before;
        return aigov__nomem(err);
    }
    if (aigov__looks_again(s) && any_acted(f, found)) {
        st = look_again(s, path, out, before, err);
        if (st != AIGOV_OK) {
            out->n = before;
            return st;
        }
    }
    if (finding != NULL) {
        *finding = f;
        *n = found;
    }
    return AIGOV_OK;
}
