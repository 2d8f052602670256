/*
 * pack.c - packs of rules to begin with
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * sql/packs/NAME.json is built in (packs.pl): the fields of a policy, of the
 * budgets that its rules read, of its rules and of its cases.  Installed, it is
 * a draft under the next free version of the policy NAME: rules NAME/1/S01,
 * cases NAME/S01-1.  Budgets and cases that are there already stay as they are.
 * Whoever installs it is the owner, and the review is due in a year.
 */
#include "internal.h"

#include "pack_data.h"

#include <stdio.h>

#define YEAR (INT64_C(365) * 86400000000)

const char *aigov_pack_at(size_t i)
{
    return i < sizeof packs / sizeof packs[0] ? packs[i].name : NULL;
}

/* What is being written. */
typedef struct installing {
    const aigov__case *c; /* subject: the name of the pack */
    aigov_json *j;        /* of the pack */
    int64_t version;
    aigov_buf *out;
    aigov_error *err;
    bool first;
} installing;

static const char *text_of_pack(aigov_span name)
{
    size_t i = 0;
    while (aigov_pack_at(i) != NULL && !aigov_span_is(name, aigov_pack_at(i))) {
        i++;
    }
    return aigov_pack_at(i) != NULL ? packs[i].text : NULL;
}

/* ,["rule","starter/1/S01",{ */
static bool open_put(installing *w, const char *kind, const char *subject)
{
    bool ok = (w->first || aigov_buf_puts(w->out, ",")) &&
              aigov_buf_puts(w->out, "[") &&
              aigov_buf_put_json_string(w->out, aigov_str(kind)) &&
              aigov_buf_puts(w->out, ",") &&
              aigov_buf_put_json_string(w->out, aigov_str(subject)) &&
              aigov_buf_puts(w->out, ",{");
    w->first = false;
    return ok;
}

static bool put_name(installing *w, bool *first, const char *name)
{
    bool ok = (*first || aigov_buf_puts(w->out, ",")) &&
              aigov_buf_put_json_string(w->out, aigov_str(name)) &&
              aigov_buf_puts(w->out, ":");
    *first = false;
    return ok;
}

static bool put_text(installing *w, bool *first, const char *name, aigov_span s)
{
    return put_name(w, first, name) && aigov_buf_put_json_string(w->out, s);
}

/* ["S01"] as ["starter/1/S01"] */
static bool put_rules(installing *w, uint32_t list)
{
    bool ok = aigov_buf_puts(w->out, "[");
    for (uint32_t i = list + 1; ok && i < w->j->node[list].next;
         i = w->j->node[i].next) {
        char id[256];
        snprintf(id, sizeof id, "%.*s/%lld/%.*s", AIGOV__TEXT(w->c->subject),
                 (long long)w->version, AIGOV__TEXT(aigov_json_text(w->j, i)));
        ok = (i == list + 1 || aigov_buf_puts(w->out, ",")) &&
             aigov_buf_put_json_string(w->out, aigov_str(id));
    }
    return ok && aigov_buf_puts(w->out, "]");
}

/* The members at a node as the pack has them. */
static bool put_members(installing *w, uint32_t object, bool *first)
{
    const aigov_json *j = w->j;
    for (uint32_t i = object + 1; i < j->node[object].next;
         i = j->node[i + 1].next) {
        aigov_span name = aigov_json_text(j, i);
        bool ok = (*first || aigov_buf_puts(w->out, ",")) &&
                  aigov_buf_put_json_string(w->out, name) &&
                  aigov_buf_puts(w->out, ":");
        *first = false;
        ok = ok &&
             (aigov_span_is(name, "expect_rules")
                  ? put_rules(w, i + 1)
                  : aigov_json_canonical(j, i + 1, w->out, w->err) == AIGOV_OK);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool put_version(installing *w, bool *first)
{
    return put_name(w, first, "version") &&
           aigov_buf_put_i64(w->out, w->version);
}

static aigov_span owner(const installing *w)
{
    aigov_span person = aigov__person_of(w->c->p, w->c->by->login);
    return person.p != NULL ? person : w->c->by->login;
}

static bool put_policy(installing *w, uint32_t node)
{
    char name[128], due[AIGOV_TIME_LEN + 1];
    bool first = true;
    aigov_time_format(w->c->by->now + YEAR, due);
    snprintf(name, sizeof name, "%.*s", AIGOV__TEXT(w->c->subject));
    return open_put(w, "policy", name) && put_members(w, node, &first) &&
           put_text(w, &first, "state", AIGOV_LIT("draft")) &&
           put_text(w, &first, "owner", owner(w)) &&
           put_text(w, &first, "review_due", (aigov_span){due, 10}) &&
           put_version(w, &first) && aigov_buf_puts(w->out, "}]");
}

static bool is_there(const installing *w, const char *kind, const char *subject)
{
    return aigov__register_find(w->c->p->registers, kind, aigov_str(subject)) !=
           NULL;
}

/* One budget, rule or case. */
static bool put_one(installing *w, const char *kind, aigov_span name,
                    uint32_t node)
{
    bool rule = strcmp(kind, "rule") == 0, budget = strcmp(kind, "budget") == 0;
    bool first = true, ok;
    char subject[256], version[32] = "";
    if (rule) {
        snprintf(version, sizeof version, "%lld/", (long long)w->version);
    }
    if (budget) {
        snprintf(subject, sizeof subject, "%.*s", AIGOV__TEXT(name));
    } else {
        snprintf(subject, sizeof subject, "%.*s/%s%.*s",
                 AIGOV__TEXT(w->c->subject), version, AIGOV__TEXT(name));
    }
    if (!rule && is_there(w, kind, subject)) {
        return true;
    }
    ok = open_put(w, kind, subject) && put_members(w, node, &first) &&
         (budget ? put_text(w, &first, "owner", owner(w))
                 : put_text(w, &first, "policy", w->c->subject)) &&
         (!rule || put_version(w, &first));
    return ok && aigov_buf_puts(w->out, "}]");
}

static bool put_all(installing *w, const char *kind)
{
    uint32_t list = aigov_json_get(w->j, 0, kind);
    for (uint32_t i = list + 1; list != 0 && i < w->j->node[list].next;
         i = w->j->node[i + 1].next) {
        if (!put_one(w, kind, aigov_json_text(w->j, i), i + 1)) {
            return false;
        }
    }
    return true;
}

static aigov_status no_pack(aigov_error *err)
{
    char list[160];
    size_t n = 0;
    for (size_t i = 0; aigov_pack_at(i) != NULL && n < sizeof list; i++) {
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s",
                              i == 0 ? "" : ", ", aigov_pack_at(i));
    }
    aigov_fail(err, AIGOV_ARG, AIGOV_NO_POS, "there is no such pack");
    return aigov_hint(err, "%s", list);
}

aigov_status aigov_policies_pack(aigov_policies *p, aigov_span name,
                                 const aigov_put_by *by, int64_t *version,
                                 aigov_buf *out, aigov_error *err)
{
    const char *text = text_of_pack(name);
    aigov_json j = {.ctx = p->ctx};
    aigov__case c = {p, "policy", name, NULL, by};
    installing w = {&c, &j, 0, out, err, true};
    aigov_status st;
    if (text == NULL) {
        return no_pack(err);
    }
    st = aigov_json_read(&j, AIGOV_JSON_STRICT, aigov_str(text), err);
    w.version = *version = aigov__latest_version(&c, name) + 1;
    if (st == AIGOV_OK && !(aigov_buf_puts(out, "[") && put_all(&w, "budget") &&
                            put_policy(&w, aigov_json_get(&j, 0, "policy")) &&
                            put_all(&w, "rule") && put_all(&w, "policy_case") &&
                            aigov_buf_puts(out, "]"))) {
        st = aigov__nomem(err);
    }
    aigov_json_free(&j);
    return st;
}
