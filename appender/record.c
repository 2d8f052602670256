/*
 * record.c - the id that a record must have before it is sent
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A record that is sent twice because an answer was lost must be one entry.
 * So one without `id` gets a UUIDv7 here.  It goes in as the last member, by
 * splicing, because then nothing is written anew and every byte offset that
 * the database reports about the rest still holds in the caller's text.
 *
 *   {"system":"x","input":"..."}
 *                              ^ ,"id":"0199..."
 *
 * The record is read as core reads content, where only broken JSON is refused.
 * That refusal has to happen here: in a batch a broken record could swallow
 * its neighbours.  All else is the database's to judge.
 */
#include <string.h>
#include <time.h>

#include "appender.h"

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#define ADDED (sizeof ",\"id\":\"\"" - 1 + AIGOV_UUID_LEN)

static aigov_status splice(aigov_appender *a, aigov_span json, aigov_buf *out,
                           char id[AIGOV_UUID_LEN + 1], aigov_error *err)
{
    const char *brace = memrchr(json.p, '}', json.n);
    size_t head = (size_t)(brace - json.p), start = out->n;
    uint8_t raw[16];
    aigov_status st = aigov_uuid7(a->ctx, now(), raw, err);

    if (st != AIGOV_OK)
        return st;
    if (json.n + ADDED > AIGOV_MAX_RECORD) {
        aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                   "the record has %zu bytes and no id; with one it has up to "
                   "%zu, the limit is %zu",
                   json.n, json.n + ADDED, AIGOV_MAX_RECORD);
        return err->code;
    }
    aigov_uuid_format(raw, id);
    if (aigov_buf_put(out, json.p, head) &&
        aigov_buf_puts(out,
                       a->json.node[0].size > 0 ? ",\"id\":\"" : "\"id\":\"") &&
        aigov_buf_puts(out, id) && aigov_buf_puts(out, "\"") &&
        aigov_buf_put(out, brace, json.n - head))
        return AIGOV_OK;
    out->n = start;
    return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
}

aigov_status record_with_id(aigov_appender *a, aigov_span json, aigov_buf *out,
                            char id[AIGOV_UUID_LEN + 1], aigov_error *err)
{
    aigov_status st;
    uint8_t raw[16];
    uint32_t at;

    id[0] = '\0';
    if (json.p == NULL)
        return aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS, "the record is NULL");
    if (json.n > AIGOV_MAX_RECORD)
        return aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                          "the record has %zu bytes, the limit is %zu", json.n,
                          AIGOV_MAX_RECORD);
    st = aigov_json_read(&a->json, AIGOV_JSON_CONTENT, json, err);
    if (st != AIGOV_OK) {
        memcpy(err->stage, "parse", sizeof "parse");
        return st;
    }
    if (a->json.node[0].type == AIGOV_JSON_OBJECT) {
        at = aigov_json_get(&a->json, 0, "id");
        if (at == 0)
            return splice(a, json, out, id, err);
        if (aigov_uuid_parse(aigov_json_text(&a->json, at), raw))
            aigov_uuid_format(raw, id);
    }
    if (aigov_buf_put(out, json.p, json.n))
        return AIGOV_OK;
    return aigov_fail(err, AIGOV_NOMEM, AIGOV_NO_POS, "out of memory");
}
