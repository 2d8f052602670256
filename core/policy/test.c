/*
 * test.c - the cases of a policy
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A policy_case names a policy, facts and the decision expected; it passes
 * where a version of that policy, with its parents, decides so, and where the
 * rules expected all match.  A rule is expected by its id, or by its name
 * within the version, so that a case outlives version 7.
 */
#include "internal.h"

typedef struct testing {
    aigov_policies *p;
    aigov_span version; /* main/8 */
    aigov_buf answer;
    aigov_buf rules, expected;
    aigov_json j;
} testing;

static uint32_t member(const aigov_json *j, const char *name)
{
    return j->nodes > 0 && j->node[0].type == AIGOV_JSON_OBJECT
               ? aigov_json_get(j, 0, name)
               : 0;
}

/* Whether an id stands in the array at node list. */
static bool lists(const testing *t, uint32_t list, aigov_span id)
{
    const aigov_json *j = &t->j;
    for (uint32_t i = list + 1; list != 0 && i < j->node[list].next;
         i = j->node[i].next) {
        aigov_span have = aigov_json_text(j, i);
        size_t n = t->version.n + 1;
        if (aigov_span_eq(have, id) ||
            (have.n == n + id.n && memcmp(have.p + n, id.p, id.n) == 0 &&
             memcmp(have.p, t->version.p, t->version.n) == 0)) {
            return true;
        }
    }
    return false;
}

static bool all_match(const testing *t, const revision *v, uint32_t expected)
{
    const aigov_json *j = &v->j;
    uint32_t list = member(&t->j, "rules");
    if (j->node[expected].type != AIGOV_JSON_ARRAY) {
        return false;
    }
    for (uint32_t i = expected + 1; i < j->node[expected].next;
         i = j->node[i].next) {
        if (j->node[i].type != AIGOV_JSON_STRING ||
            !lists(t, list, aigov_json_text(j, i))) {
            return false;
        }
    }
    return true;
}

/* What the version says of the facts of a case. */
static aigov_status ask(testing *t, const revision *v, aigov_error *err)
{
    uint32_t facts = aigov__field_node(v, "facts");
    aigov_buf text;
    aigov_status st;
    t->answer.n = 0;
    aigov_buf_init(&text, t->p->ctx);
    st = aigov_json_canonical(&v->j, facts, &text, err);
    if (st == AIGOV_OK) {
        st = aigov_decide(t->p, aigov_buf_span(&text), t->version, &t->answer,
                          err);
    }
    aigov_buf_free(&text);
    return st == AIGOV_OK ? aigov_json_read(&t->j, AIGOV_JSON_STRICT,
                                            aigov_buf_span(&t->answer), err)
                          : st;
}

static aigov_status array(const aigov_json *j, uint32_t i, aigov_buf *b,
                          aigov_span *out, aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    b->n = 0;
    if (i != 0) {
        st = aigov_json_canonical(j, i, b, err);
        *out = aigov_buf_span(b);
    }
    return st;
}

static aigov_status run_case(testing *t, const register_row *row,
                             aigov_tested *out, aigov_error *err)
{
    const revision *v = row->latest;
    uint32_t expected = aigov__field_node(v, "expect_rules");
    aigov_error why;
    aigov_status st = ask(t, v, &why);
    memset(out, 0, sizeof *out);
    out->name = row->subject;
    out->expected = aigov__field_text(v, "expect");
    if (st == AIGOV_NOMEM || st == AIGOV_CANCELED || st == AIGOV_CRYPTO) {
        *err = why;
        return st;
    }
    if (st != AIGOV_OK) {
        out->got = AIGOV_LIT("error");
        t->rules.n = 0;
        out->detail = aigov_buf_puts(&t->rules, why.text)
                          ? aigov_buf_span(&t->rules)
                          : AIGOV_ABSENT;
        return array(&v->j, expected, &t->expected, &out->expected_rules, err);
    }
    out->got = aigov_json_text(&t->j, member(&t->j, "decision"));
    out->passed = aigov_span_eq(out->got, out->expected) &&
                  (expected == 0 || all_match(t, v, expected));
    st = array(&v->j, expected, &t->expected, &out->expected_rules, err);
    return st == AIGOV_OK ? array(&t->j, member(&t->j, "rules"), &t->rules,
                                  &out->rules, err)
                          : st;
}

static aigov_status run_cases(testing *t, const policy_version *v,
                              aigov_status (*row)(void *, const aigov_tested *,
                                                  aigov_error *),
                              void *host, aigov_error *err)
{
    const register_row *one;
    size_t pos = 0;
    aigov_status st = AIGOV_OK;
    while (st == AIGOV_OK &&
           (one = aigov__register_next(t->p->registers, "policy_case", &pos)) !=
               NULL) {
        aigov_tested tested;
        if (!aigov_span_eq(aigov__field_text(one->latest, "policy"),
                           v->policy)) {
            continue;
        }
        st = run_case(t, one, &tested, err);
        if (st == AIGOV_OK) {
            st = row(host, &tested, err);
        }
    }
    return st;
}

aigov_status aigov_policy_test(aigov_policies *p, aigov_span version,
                               aigov_status (*row)(void *host,
                                                   const aigov_tested *t,
                                                   aigov_error *err),
                               void *host, aigov_error *err)
{
    testing t = {.p = p, .version = version, .j = {.ctx = p->ctx}};
    policy_version *v = NULL;
    aigov_status st = aigov_policies_ready(p, err);
    aigov_buf_init(&t.answer, p->ctx);
    aigov_buf_init(&t.rules, p->ctx);
    aigov_buf_init(&t.expected, p->ctx);
    if (st == AIGOV_OK) {
        st = aigov__policies_version(p, version, &v, err);
    }
    if (st == AIGOV_OK && v == NULL) {
        st = aigov_fail(err, AIGOV_NOENTRY, AIGOV_NO_POS,
                        "there is no such version of a policy");
    }
    if (st == AIGOV_OK) {
        st = run_cases(&t, v, row, host, err);
    }
    aigov_json_free(&t.j);
    aigov_buf_free(&t.answer);
    aigov_buf_free(&t.rules);
    aigov_buf_free(&t.expected);
    return st;
}
