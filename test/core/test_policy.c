/*
 * test_policy.c - policies out of entries, and what they decide
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * test/vectors/policy/NAME.tsv, each a log of its own, line by line:
 *
 *   put     KIND SUBJECT LOGIN FIELDS    the next revision, on lane 0
 *   decide  POLICY FACTS EXPECTED        POLICY: main/7, or - for what is in
 *                                        force; EXPECTED: a JSON object whose
 *                                        members the decision has, or
 *                                        ERROR <name of the status>
 *
 * Empty lines and lines that begin with # are passed over.
 */
#include "logtest.h"

#include <dirent.h>

static aigov_ctx *ctx;
static aigov_error err;

typedef struct log_of {
    aigov_policies *p;
    int64_t seq;
    struct {
        char name[300];
        int64_t revision;
    } subject[512];
    size_t subjects;
} log_of;

static aigov_span field(aigov_span *line)
{
    const char *tab = line->n > 0 ? memchr(line->p, '\t', line->n) : NULL;
    aigov_span f = {line->p, tab == NULL ? line->n : (size_t)(tab - line->p)};
    size_t skip = tab == NULL ? f.n : f.n + 1;
    line->p += skip;
    line->n -= skip;
    return f;
}

static int64_t next_revision(log_of *l, aigov_span kind, aigov_span subject)
{
    char name[300];
    snprintf(name, sizeof name, "%.*s/%.*s", (int)kind.n, kind.p,
             (int)subject.n, subject.p);
    for (size_t i = 0; i < l->subjects; i++) {
        if (strcmp(l->subject[i].name, name) == 0) {
            return ++l->subject[i].revision;
        }
    }
    memcpy(l->subject[l->subjects].name, name, sizeof name);
    return l->subject[l->subjects++].revision = 1;
}

static void put(log_of *l, aigov_span line, const char *file, int n)
{
    aigov_span kind = field(&line), subject = field(&line);
    aigov_span login = field(&line), fields = field(&line);
    uint8_t hash[32] = {0};
    char body[8192], by[200];
    aigov_entry e = {.log = 1, .lane = 0, .seq = ++l->seq, .v = 1};
    hash[0] = (uint8_t)l->seq;
    snprintf(body, sizeof body, "{\"fields\":%.*s,\"revision\":%lld}",
             (int)fields.n, fields.p,
             (long long)next_revision(l, kind, subject));
    snprintf(by, sizeof by, "{\"login\":\"%.*s\"}", (int)login.n, login.p);
    e.kind = kind;
    e.subject = subject;
    e.at = l->seq * 1000000;
    e.hash = (aigov_span){(const char *)hash, 32};
    e.body = aigov_str(body);
    e.recorded_by = aigov_str(by);
    if (aigov_policies_add(l->p, &e, &err) != AIGOV_OK) {
        ok(false, "%s:%d: %s", file, n, err.text);
    }
}

/* Whether each member of the expected object is in the decision, equal. */
static bool has(aigov_span decision, aigov_span expected)
{
    aigov_json a = {.ctx = ctx}, b = {.ctx = ctx};
    bool all =
        aigov_json_read(&a, AIGOV_JSON_STRICT, decision, &err) == AIGOV_OK &&
        aigov_json_read(&b, AIGOV_JSON_STRICT, expected, &err) == AIGOV_OK;
    for (uint32_t i = 1; all && i < b.nodes; i = b.node[i + 1].next) {
        char name[64];
        aigov_buf x, y;
        uint32_t k;
        snprintf(name, sizeof name, "%.*s", (int)b.node[i].size,
                 b.node[i].text);
        k = aigov_json_get(&a, 0, name);
        aigov_buf_init(&x, ctx);
        aigov_buf_init(&y, ctx);
        all = b.node[i + 1].type == AIGOV_JSON_NULL
                  ? k == 0
                  : k != 0 &&
                        aigov_json_canonical(&a, k, &x, &err) == AIGOV_OK &&
                        aigov_json_canonical(&b, i + 1, &y, &err) == AIGOV_OK &&
                        same(aigov_buf_span(&x), aigov_buf_span(&y));
        aigov_buf_free(&x);
        aigov_buf_free(&y);
    }
    aigov_json_free(&a);
    aigov_json_free(&b);
    return all;
}

static void decide(log_of *l, aigov_span line, const char *file, int n)
{
    aigov_span policy = field(&line), facts = field(&line);
    aigov_span expected = field(&line);
    aigov_buf out;
    aigov_status st;
    bool held;
    aigov_buf_init(&out, ctx);
    st = aigov_decide(l->p, facts,
                      aigov_span_is(policy, "-") ? AIGOV_ABSENT : policy, &out,
                      &err);
    if (st == AIGOV_OK) {
        held = has(aigov_buf_span(&out), expected);
    } else {
        char name[64];
        snprintf(name, sizeof name, "ERROR %s", aigov_status_name(st));
        held = aigov_span_is(expected, name);
    }
    ok(held, "%s:%d: %.*s", file, n, (int)expected.n, expected.p);
    if (!held) {
        note("%.*s", (int)out.n, out.p);
        note("%s", st == AIGOV_OK ? "" : err.text);
    }
    aigov_buf_free(&out);
}

static void run(const char *file)
{
    log_of *l = calloc(1, sizeof *l);
    lines in = open_lines(VECTORS "/policy", file);
    aigov_span line;
    int n = 0;
    ok(aigov_policies_new(ctx, &l->p, &err) == AIGOV_OK, "%s", file);
    while (next_line(&in, &line)) {
        aigov_span verb;
        n++;
        if (line.n == 0 || line.p[0] == '#') {
            continue;
        }
        verb = field(&line);
        if (aigov_span_is(verb, "put")) {
            put(l, line, file, n);
        } else if (aigov_span_is(verb, "decide")) {
            decide(l, line, file, n);
        } else {
            ok(false, "%s:%d: no verb", file, n);
        }
    }
    aigov_policies_free(l->p);
    free(in.text);
    free(l);
}

int main(void)
{
    struct dirent *d;
    DIR *dir = opendir(VECTORS "/policy");
    ok(aigov_ctx_new(NULL, &ctx, &err) == AIGOV_OK, "a context");
    while (dir != NULL && (d = readdir(dir)) != NULL) {
        if (strstr(d->d_name, ".tsv") != NULL) {
            run(d->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    aigov_ctx_free(ctx);
    return done();
}
