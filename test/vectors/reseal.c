/*
 * reseal.c - the pure function of record and stamps gives what is stored
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   reseal RECORDS.jsonl ROWS.jsonl
 *
 * Line i of ROWS is what a database stored of line i of RECORDS, read back
 * with SQL: id, log, lane, seq, at, prev, salt, hash (hex), recorded_by, body,
 * content, decision, leaf.  This program reads the record with core alone,
 * takes the stamps from the row (those of the body from its members) and
 * seals: leaf, hash and content must come out as stored.  It knows no
 * database.  Prints TAP; tests each row, one line in all and one per failure.
 */
#include "aigov.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reseal {
    aigov_ctx *ctx;
    aigov_record *record;
    aigov_json row, body;
    aigov_buf anchor;
    uint8_t under[32], rules[32];
    aigov_error err;
} reseal;

static aigov_span member(const aigov_json *j, const char *name)
{
    uint32_t i = aigov_json_get(j, 0, name);

    if (i == 0 || j->node[i].type == AIGOV_JSON_NULL)
        return AIGOV_ABSENT;
    return aigov_json_text(j, i);
}

static bool hex_member(const aigov_json *j, const char *name, uint8_t out[32])
{
    aigov_span s = member(j, name);

    return s.p != NULL && aigov_hex_parse(s, out, 32);
}

/* Stamps that stand in columns. */
static bool column_stamps(reseal *t, aigov_stamps *s)
{
    int64_t log, lane, seq;

    if (!aigov_json_i64(&t->row, aigov_json_get(&t->row, 0, "log"), &log) ||
        !aigov_json_i64(&t->row, aigov_json_get(&t->row, 0, "lane"), &lane) ||
        !aigov_json_i64(&t->row, aigov_json_get(&t->row, 0, "seq"), &seq))
        return false;
    s->log = log;
    s->lane = lane;
    s->seq = seq;
    s->recorded_by = member(&t->row, "recorded_by");
    s->decision = member(&t->row, "decision");
    return aigov_uuid_parse(member(&t->row, "id"), s->id) &&
           aigov_time_parse_stored(member(&t->row, "at"), &s->at) &&
           hex_member(&t->row, "prev", s->prev) &&
           hex_member(&t->row, "salt", s->salt);
}

/* Stamps that stand in the body. */
static bool body_stamps(reseal *t, aigov_stamps *s)
{
    uint32_t anchor;

    if (aigov_json_read(&t->body, AIGOV_JSON_STRICT, member(&t->row, "body"),
                        &t->err) != AIGOV_OK)
        return false;
    s->evidence = member(&t->body, "evidence");
    s->tx = member(&t->body, "tx");
    if (hex_member(&t->body, "under", t->under))
        s->under = (aigov_span){(const char *)t->under, 32};
    if (hex_member(&t->body, "rules", t->rules))
        s->rules = (aigov_span){(const char *)t->rules, 32};
    anchor = aigov_json_get(&t->body, 0, "anchor");
    if (anchor == 0)
        return true;
    t->anchor.n = 0;
    if (aigov_json_canonical(&t->body, anchor, &t->anchor, &t->err) != AIGOV_OK)
        return false;
    s->anchor = aigov_buf_span(&t->anchor);
    return true;
}

/* NULL where all is as stored, else what differs. */
static const char *check(reseal *t, aigov_span record, aigov_span row)
{
    aigov_stamps s = {0};
    aigov_entry entry;
    aigov_content content;
    aigov_span leaf;
    uint8_t hash[32];

    if (aigov_json_read(&t->row, AIGOV_JSON_STRICT, row, &t->err) != AIGOV_OK)
        return "row is not JSON";
    if (!column_stamps(t, &s) || !body_stamps(t, &s))
        return "stamps cannot be read";
    if (aigov_record_read(t->record, record, &t->err) != AIGOV_OK)
        return t->err.text;
    if (aigov_record_seal(t->record, &s, &entry, &content, &leaf, &t->err) !=
        AIGOV_OK)
        return t->err.text;
    if (!aigov_span_eq(leaf, member(&t->row, "leaf")))
        return "leaf differs";
    if (!hex_member(&t->row, "hash", hash) || entry.hash.n != 32 ||
        memcmp(hash, entry.hash.p, 32) != 0)
        return "hash differs";
    if (!aigov_span_eq(content.body, member(&t->row, "content")))
        return "content differs";
    return NULL;
}

static aigov_span next_line(FILE *f, char **line, size_t *cap)
{
    ssize_t n = getline(line, cap, f);

    if (n < 0)
        return AIGOV_ABSENT;
    if (n > 0 && (*line)[n - 1] == '\n')
        n--;
    return (aigov_span){*line, (size_t)n};
}

static int run(reseal *t, FILE *records, FILE *rows)
{
    char *a = NULL, *b = NULL;
    size_t an = 0, bn = 0;
    int n = 0, bad = 0;

    for (;;) {
        aigov_span record = next_line(records, &a, &an);
        aigov_span row = next_line(rows, &b, &bn);
        const char *why;

        if (record.p == NULL && row.p == NULL)
            break;
        n++;
        why = record.p == NULL || row.p == NULL ? "one row per record"
                                                : check(t, record, row);
        if (why != NULL) {
            bad++;
            printf("not ok - record %d: %s\n", n, why);
            if (record.p == NULL || row.p == NULL)
                break;
        }
    }
    free(a);
    free(b);
    printf("%sok - %d records sealed again from record and stamps\n",
           bad || n == 0 ? "not " : "", n);
    return bad || n == 0;
}

int main(int argc, char **argv)
{
    reseal t = {0};
    FILE *records, *rows;
    int rc;

    if (argc != 3 || (records = fopen(argv[1], "rb")) == NULL ||
        (rows = fopen(argv[2], "rb")) == NULL) {
        fprintf(stderr, "usage: reseal RECORDS.jsonl ROWS.jsonl\n");
        return 2;
    }
    if (aigov_ctx_new(NULL, &t.ctx, &t.err) != AIGOV_OK ||
        aigov_record_new(t.ctx, &t.record, &t.err) != AIGOV_OK)
        return 3;
    t.row.ctx = t.body.ctx = t.ctx;
    aigov_buf_init(&t.anchor, t.ctx);
    rc = run(&t, records, rows);
    aigov_buf_free(&t.anchor);
    aigov_json_free(&t.row);
    aigov_json_free(&t.body);
    aigov_record_free(t.record);
    aigov_ctx_free(t.ctx);
    fclose(records);
    fclose(rows);
    return rc;
}
