/*
 * test_lineage_account.c - explain, compare, side effects, erasure scope,
 * orphans, coverage and the check, over a small log
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Two turns of a conversation, with a document in the first and a tool call
 * after the second; a call of another system without anything; a note; an
 * erasure; a stranger who says things of a call that is not theirs.
 */
#include "lineage_log.h"

#include "text.h"

#define A1 "01990000-0000-7000-8000-0000000000a1"
#define A2 "01990000-0000-7000-8000-0000000000a2"
#define T1 "01990000-0000-7000-8000-0000000000b1"
#define C1 "01990000-0000-7000-8000-0000000000c1"

static const char *const records[] = {
    "{\"system\":\"desk\",\"kind\":\"request\",\"id\":\"" A1
    "\",\"interaction\""
    ":\"" A1 "\",\"operation\":\"chat\",\"actor\":{\"id\":\"ann\"},"
    "\"provider\":\"acme\",\"model\":\"m1\",\"template\":{\"id\":\"claims\","
    "\"version\":\"3\",\"hash\":\"aa33\"},\"documents\":[{\"id\":\"handbook#"
    "1\","
    "\"version\":\"2\",\"hash\":\"dd22\"},{\"id\":\"faq\"}],"
    "\"input\":\"mail ann@example.com\"}",
    "{\"system\":\"desk\",\"kind\":\"response\",\"interaction\":\"" A1 "\","
    "\"operation\":\"chat\",\"actor\":{\"id\":\"ann\"},\"provider\":\"acme\","
    "\"model\":\"m1\",\"model_served\":\"m1-2026\",\"status\":\"ok\","
    "\"output\":\"yes\"}",
    "{\"system\":\"desk\",\"kind\":\"interaction\",\"interaction\":\"" A2 "\","
    "\"operation\":\"chat\",\"actor\":{\"id\":\"ann\"},\"provider\":\"acme\","
    "\"model\":\"m2\",\"status\":\"ok\",\"input\":\"x\",\"output\":\"y\","
    "\"refs\":[{\"relation\":\"used\",\"role\":\"history\",\"strength\":"
    "\"history\",\"cause\":\"msg:" A1 ".out\"}]}",
    "{\"system\":\"desk\",\"kind\":\"interaction\",\"interaction\":\"" T1 "\","
    "\"operation\":\"execute_tool\",\"actor\":{\"id\":\"ann\"},\"status\":"
    "\"ok\",\"parent\":\"" A2 "\",\"tool\":{\"name\":\"refund\",\"call_id\":"
    "\"c9\",\"server\":\"pay\",\"arguments\":{\"eur\":5}},\"attributes\":"
    "{\"reversible\":true}}",
    "{\"system\":\"kiosk\",\"kind\":\"interaction\",\"interaction\":\"" C1 "\","
    "\"operation\":\"chat\",\"status\":\"ok\",\"input\":\"x\",\"output\":"
    "\"y\"}",
    "{\"system\":\"desk\",\"kind\":\"note\",\"interaction\":\"" A2
    "\",\"refs\":[{\"effect\":"
    "\"artifact:report.pdf\",\"relation\":\"wasDerivedFrom\",\"cause\":"
    "\"msg:" A2 ".out\"},{\"effect\":\"chunk:handbook@2#1\",\"relation\":"
    "\"wasInvalidatedBy\",\"cause\":\"act:recall-1\"}]}",
};

static void load(memory_log *l)
{
    bool all = true;

    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        all = log_append(l, 1, aigov_str(records[i])) != NULL && all;
    }
    ok(all, "the log is written");
}

static bool has(aigov_span text, const char *piece)
{
    return text.n > 0 && memmem(text.p, text.n, piece, strlen(piece)) != NULL;
}

/* The answer to a question about up to two nodes. */
static aigov_status about(aigov_graph *g, answer *a, const char *name,
                          const char *one, const char *two)
{
    aigov_cell arg[2] = {text_cell(aigov_str(one)), text_cell(aigov_str(two))};
    aigov_error err;
    aigov_status st = ask(g, a, name, arg, 2, 0, &err);

    if (st != AIGOV_OK) {
        note("%s: %s", name, err.text);
    }
    return st;
}

static void expect(const answer *a, const char *want, const char *what)
{
    if (!ok(aigov_span_is(span(&a->text), want), "%s", what)) {
        printf("#   got:\n%.*s#   want:\n%s", (int)a->text.n, a->text.p, want);
    }
}

static void only(answer *a, const char *c0, const char *c1, const char *c2,
                 const char *c3)
{
    a->only[0] = c0;
    a->only[1] = c1;
    a->only[2] = c2;
    a->only[3] = c3;
}

static void test_explain(aigov_graph *g, answer *a)
{
    only(a, "step", "relation", "role", "ref");
    about(g, a, "explain", "msg:" A1 ".out", NULL);
    expect(a,
           "1\twasGeneratedBy\t-\tia:" A1 "\n"
           "1\tdeliveredTo\t-\tperson:ann\n"
           "2\tused\tcontext\tchunk:handbook@2#1\n"
           "2\tused\tcontext\tdoc:faq\n"
           "2\tused\tmodel\tmodel:acme/m1\n"
           "2\tused\tmodel\tmodel:acme/m1@m1-2026\n"
           "2\tused\tinput\tmsg:" A1 ".in\n"
           "2\tredacted\tinput\tdetector:email_address\n"
           "2\tused\ttemplate\ttmpl:claims@3\n"
           "2\twasAssociatedWith\t-\tperson:ann\n"
           "3\twasDerivedFrom\t-\tdoc:handbook@2\n"
           "3\twasInvalidatedBy\t-\tact:recall-1\n"
           "3\twasAttributedTo\t-\tperson:ann\n"
           "4\tspecializationOf\t-\tdoc:handbook\n",
           "explain tells what led to an output, the nearest first");
    only(a, "ref", "version", "sha256", "by");
    about(g, a, "explain", "msg:" A1 ".out", NULL);
    ok(has(span(&a->text), "chunk:handbook@2#1\t2\tdd22\tapp\n") &&
           has(span(&a->text), "tmpl:claims@3\t3\taa33\tapp\n") &&
           has(span(&a->text), "model:acme/m1@m1-2026\tm1-2026\t-\tapp\n") &&
           has(span(&a->text), "doc:handbook@2\t2\t-\t-\n"),
       "with versions, hashes and who says so");
    only(a, "ref", "decision", "source", NULL);
    about(g, a, "explain", "msg:" A2 ".out", NULL);
    ok(has(span(&a->text), "msg:" A1 ".out\t-\tasserted\n") &&
           has(span(&a->text), "act:recall-1\t-\tasserted\n") &&
           has(span(&a->text), "model:acme/m2\t-\trecorded\n"),
       "what is asserted");
}

/* What a decision was made of, in a body as a decided call has it. */
static void test_policy(memory_log *l, aigov_graph *g, answer *a)
{
    aigov_entry *e = &l->entry[4].e, was = *e;

    e->decision = AIGOV_LIT("require_approval");
    e->body = AIGOV_LIT("{\"policy\":{\"approvals\":[\"x\"],\"hash\":\"ff\","
                        "\"policies\":[\"main/7\"],\"rules\":"
                        "[\"main/7/hold\"]}}");
    only(a, "role", "ref", "sha256", "decision");
    about(g, a, "explain", "msg:" C1 ".out", NULL);
    ok(has(span(&a->text), "policy\tpolicy:main@7\tff\trequire_approval\n"
                           "rule\trule:main/7/hold\t-\trequire_approval\n"
                           "approval\tact:x\t-\trequire_approval\n"),
       "policies, rules and approvals of a decision");
    *e = was;
}

static void test_compare(aigov_graph *g, answer *a)
{
    only(a, NULL, NULL, NULL, NULL);
    about(g, a, "compare", "msg:" A1 ".out", "msg:" A2 ".out");
    expect(a,
           "used\thistory\tb\tmsg:" A1 ".out\tasserted\n"
           "used\tmodel\tb\tmodel:acme/m2\trecorded\n"
           "used\ttemplate\tb\ttmpl:unknown\trecorded\n",
           "compare tells what only one output has");
    about(g, a, "compare", "msg:" C1 ".out", "msg:" A1 ".out");
    ok(has(span(&a->text), "used\ttemplate\ta\ttmpl:unknown\trecorded\n") &&
           has(span(&a->text), "used\ttemplate\tb\ttmpl:claims@3\trecorded\n"),
       "either side");
    about(g, a, "compare", "msg:" A1 ".out", "msg:" A1 ".out");
    expect(a, "", "an output does not differ from itself");
}

static void test_side_effects(aigov_graph *g, answer *a)
{
    a->only[0] = NULL;
    only(a, "tool", "action", "target", "reversible");
    about(g, a, "side_effects", "doc:handbook", NULL);
    expect(a, "tool:" T1 ".c9\trefund\tpay\t1\n",
           "a tool that a later turn called is a side effect");
    about(g, a, "side_effects", "msg:" C1 ".in", NULL);
    expect(a, "", "none");
}

static void test_erasure_scope(memory_log *l, aigov_graph *g, answer *a)
{
    char want[1024];

    only(a, "ref", "distance", "store", "action");
    about(g, a, "erasure_scope", "person:ann", NULL);
    snprintf(want, sizeof want, "%s",
             "msg:" A1 ".in\t1\tcontent\terase\n"
             "msg:" A2 ".in\t1\tcontent\terase\n"
             "msg:" T1 ".in\t1\tcontent\terase\n");
    ok(a->text.n > strlen(want) && memcmp(a->text.p, want, strlen(want)) == 0,
       "a person's scope begins at their messages");
    ok(has(span(&a->text), "ia:" A1 "\t2\tentry\tkeep\n") &&
           has(span(&a->text), "msg:" A2 ".out\t3\tcontent\terase\n") &&
           has(span(&a->text), "artifact:report.pdf\t4\toutside\terase\n"),
       "and goes on to all that came of them");
    about(g, a, "erasure_scope", "chunk:handbook@2#1", NULL);
    ok(has(span(&a->text), "chunk:handbook@2#1\t0\toutside\terased\n"),
       "what an entry says is gone is erased");
    (void)l;
}

/* An entry that aigov writes itself: built here as a row. */
static void add_erasure(memory_log *l, aigov_span of)
{
    aigov_entry e = l->entry[0].e;

    e.kind = AIGOV_LIT("erasure");
    e.id = AIGOV_LIT("01990000-0000-7000-8000-0000000000e1");
    e.interaction = e.actor = e.decision = AIGOV_ABSENT;
    e.subject = of;
    e.body = AIGOV_LIT("{\"fields\":{\"reason\":\"asked\"}}");
    e.lane = 0;
    e.seq = ++l->seq[0];
    keep_entry(l, &e);
}

static aigov_status no_content(void *host, const aigov_entry *e, bool *out,
                               aigov_error *err)
{
    const memory_log *l = host;

    (void)err;
    *out = !aigov_span_eq(e->id, l->entry[0].e.id);
    return AIGOV_OK;
}

static void test_erased(memory_log *l, answer *a)
{
    aigov_graph *g;

    add_erasure(l, l->entry[0].e.id);
    l->index.has_content = no_content;
    g = log_graph(l, l->n);
    only(a, "ref", "store", "action", "done_id");
    about(g, a, "erasure_scope", "msg:" A1 ".in", NULL);
    ok(has(span(&a->text), "msg:" A1 ".in\tcontent\terased\t"
                           "01990000-0000-7000-8000-0000000000e1\n") &&
           has(span(&a->text), "msg:" A1 ".out\tcontent\terase\t-\n"),
       "an erasure of a request is one of its input alone");
    aigov_graph_free(g);
}

static void test_orphans(aigov_graph *g, answer *a)
{
    only(a, "ref", "uses", "missing", "source");
    about(g, a, "orphans", NULL, NULL);
    expect(
        a,
        "doc:faq\t1\tversion\trecorded\n"
        "tmpl:unknown\t2\ttemplate\trecorded\n"
        "msg:" C1 ".in\t1\torigin\trecorded\n",
        "orphans: no version, template or person; a hash accounts for a chunk");
}

static void test_coverage(aigov_graph *g, answer *a)
{
    only(a, NULL, NULL, NULL, NULL);
    about(g, a, "coverage_of_lineage", NULL, NULL);
    expect(a,
           "desk\t2\t2\t1\t2\t2\t1\n"
           "kiosk\t1\t0\t0\t0\t0\t0\n",
           "coverage of each system");
}

static void test_check(memory_log *l, aigov_graph *g, answer *a)
{
    aigov_span body;

    only(a, "check_name", "ok", "n", NULL);
    about(g, a, "lineage_check", NULL, NULL);
    expect(a,
           "index\t1\t0\ncause_before_effect\t1\t0\nversions\t0\t1\n"
           "hashes\t1\t0\n",
           "the check of a graph that is right");
    body = l->entry[2].e.body;
    l->entry[2].e.body = AIGOV_LIT("{}");
    about(g, a, "lineage_check", NULL, NULL);
    ok(has(span(&a->text), "index\t0\t1\n"), "an edge too many is found");
    l->entry[2].e.body = body;
}

static void test_hashes(aigov_ctx *ctx, answer *a)
{
    static const char *const say[] = {"aa", "aa", "bb"};
    memory_log l;
    aigov_graph *g;

    log_open(&l, ctx);
    for (size_t i = 0; i < 3; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"system\":\"s\",\"kind\":\"note\",\"interaction\":\"" A1
                 "\",\"refs\":[{\"effect\":"
                 "\"artifact:x\",\"relation\":\"used\",\"cause\":\"doc:a@1\","
                 "\"hash\":\"%s\"},{\"effect\":\"artifact:x\",\"relation\":"
                 "\"used\",\"cause\":\"doc:b@%zu\",\"hash\":\"%s\"}]}",
                 say[i], i, say[i]);
        ok(log_append(&l, 1, aigov_str(text)) != NULL, "note %zu", i);
    }
    g = log_graph(&l, l.n);
    only(a, "check_name", "ok", "n", NULL);
    about(g, a, "lineage_check", NULL, NULL);
    ok(has(span(&a->text), "hashes\t0\t1\n"),
       "two hashes of one version do not agree");
    aigov_graph_free(g);
    log_close(&l);
}

/* What another login says of a call is asserted. */
static void test_stranger(memory_log *l, answer *a)
{
    aigov_graph *g;

    l->login = "eve";
    ok(log_append(l, 1,
                  AIGOV_LIT("{\"system\":\"kiosk\",\"kind\":\"response\","
                            "\"interaction\":\"" C1 "\",\"operation\":\"chat\","
                            "\"actor\":{\"id\":\"eve\"},\"provider\":\"acme\","
                            "\"model\":\"m1\",\"model_served\":\"evil\","
                            "\"status\":\"ok\",\"output\":\"z\"}")) != NULL,
       "a stranger answers a call");
    g = log_graph(l, l->n);
    only(a, "ref", "source", NULL, NULL);
    about(g, a, "explain", "msg:" C1 ".out", NULL);
    ok(has(span(&a->text), "person:eve\tasserted\n") &&
           has(span(&a->text), "model:acme/m1@evil\tasserted\n") &&
           !has(span(&a->text), "evil\trecorded\n"),
       "nothing of it is recorded");
    aigov_graph_free(g);
}

static void test_errors(aigov_graph *g, answer *a)
{
    ok(about(g, a, "explain", "doc:handbok@2", NULL) == AIGOV_NOENTRY,
       "an unknown start is an error");
    ok(about(g, a, "compare", "msg:" A1 ".out", NULL) == AIGOV_NULLARG,
       "NULL is one too");
}

int main(void)
{
    memory_log l;
    aigov_ctx *ctx;
    aigov_graph *g;
    aigov_error err;
    answer a = {.rows = 0};

    if (aigov_ctx_new(NULL, &ctx, &err) != AIGOV_OK) {
        return 1;
    }
    a.text.ctx = ctx;
    log_open(&l, ctx);
    load(&l);
    g = log_graph(&l, l.n);
    test_explain(g, &a);
    test_policy(&l, g, &a);
    test_compare(g, &a);
    test_side_effects(g, &a);
    test_erasure_scope(&l, g, &a);
    test_orphans(g, &a);
    test_coverage(g, &a);
    test_check(&l, g, &a);
    test_errors(g, &a);
    aigov_graph_free(g);
    test_erased(&l, &a);
    test_stranger(&l, &a);
    test_hashes(ctx, &a);
    aigov_buf_free(&a.text);
    log_close(&l);
    aigov_ctx_free(ctx);
    return done();
}
