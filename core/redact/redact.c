/*
 * redact.c - a text with what is found in it replaced; what is in force
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * One scan, one rendering from the original and the list of findings: a value
 * is never looked for in a text that is half replaced.
 */
#include "internal.h"
#include "rewrite.h"

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

size_t aigov__detectors(void)
{
    return AIGOV__DETECTORS;
}

size_t aigov__detector_sorted(size_t i)
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

bool aigov__put_redacted(aigov_buf *out, aigov_span text, size_t at,
                         const aigov_finding *f, size_t n)
{
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        if (f[i].detector->class_ != AIGOV_CLASS_SOFT) {
            ok = aigov_buf_put(out, text.p + at, f[i].start - at) &&
                 aigov_buf_puts(out, "[") &&
                 aigov_buf_puts(out, f[i].detector->entity) &&
                 aigov_buf_puts(out, "]");
            at = f[i].stop;
        }
    }
    return ok && aigov_buf_put(out, text.p + at, text.n - at);
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
    if (!aigov__put_redacted(out, text, 0, f, found)) {
        out->n = before;
        return aigov__nomem(err);
    }
    if (finding != NULL) {
        *finding = f;
        *n = found;
    }
    return AIGOV_OK;
}
