/*
 * texts.h - the texts that redaction is measured over
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Clean text is prose, source text and JSON, or the three in turns (mixed);
 * dirty text is the same with something to be found in a quarter of the lines.
 * Made here and the same in every run; core_redact writes them out for the
 * tools that are measured beside it.
 */
#ifndef BENCH_TEXTS_H
#define BENCH_TEXTS_H

#include "aigov.h"

static const char *const prose[] = {
    "The kettle that you bought last week can be returned in any shop within "
    "the usual time; please bring the receipt.\n",
    "In March the team moved to the new building, and since then nobody has "
    "seen the old coffee machine, which is a pity.\n",
    "Thank you for your question. There are three ways to do this: by hand, "
    "with the tool, or (for large files) in batches of 500.\n",
    "It was first described in 1987, and about 12 % of all samples that were "
    "measured since then show the same effect.\n",
};

static const char *const code[] = {
    "static int next_block(struct reader *r, size_t n) {\n"
    "    for (size_t i = 0; i < n && r->at + i < r->end; i += 16) {\n",
    "        if (memcmp(p + i, table[k & 63].name, 8) == 0) {\n"
    "            return (int)(i >> 4);\n        }\n    }\n",
    "    def load_config(self, path: str, *, strict: bool = True) -> Config:\n"
    "        with open(path) as f:\n            return "
    "Config(**json.load(f))\n",
    "CREATE INDEX CONCURRENTLY orders_by_day ON orders (created_at, status) "
    "WHERE status <> 'done';\n",
};

static const char *const json[] = {
    "{\"role\":\"user\",\"content\":\"How do I sort a list by two keys?\","
    "\"name\":\"session\",\"index\":17}\n",
    "{\"model\":\"large-2026-05\",\"temperature\":0.7,\"max_tokens\":1024,"
    "\"stop\":null,\"stream\":true}\n",
    "{\"id\":\"msg_42\",\"type\":\"message\",\"usage\":{\"input_tokens\":1543,"
    "\"output_tokens\":211},\"finish\":\"stop\"}\n",
    "{\"choices\":[{\"delta\":{\"content\":\" the next \"},\"index\":0}],"
    "\"created\":1790000000}\n",
};

static const char *const found[] = {
    "Please write to jane.doe@acme-corp.org or call +49 30 901820 today.\n",
    "card 4012 8888 8888 1881, ssn 219-09-9999, from 192.168.10.24\n",
    "Authorization: Bearer abcdefghijklmnop0123456789ABCDEF\n",
    "password = \"hunter2-hunter2\" # for the account GB82 WEST 1234 5698 "
    "7654 32\n",
};

static const char *const text_kinds[] = {"mixed", "prose", "source", "JSON"};

/* kind: -1 mixed, else 0..2 as text_kinds goes on */
static void fill(aigov_buf *b, size_t n, int kind, bool dirty)
{
    b->n = 0;
    for (unsigned i = 0; b->n < n; i++) {
        unsigned k = i & 3, what = kind < 0 ? i / 4 % 3 : (unsigned)kind;
        if (dirty && i % 4 == 3) {
            aigov_buf_puts(b, found[i / 4 % 4]);
            continue;
        }
        aigov_buf_puts(b, what == 0 ? prose[k] : what == 1 ? code[k] : json[k]);
    }
    b->n = n;
}

#endif
