/*
 * assign_judge.c - whether a value may be a secret of the name's kind
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   PASSWORD  any literal in quotes that is no sentence; without quotes, what
 *             has a digit or sign, or is all of a line KEY=value
 *   PIN, OTP  four to eight digits
 *   SECRET, APIKEY  no words: letters with digits, or a long run of letters
 *             with the entropy of chance, or a UUID
 *   KEY, SESSION  the same, 16 bytes and more, no UUID, no bare hash
 *   with a vendor  one of the vendor's shapes
 */
#include "assign.h"

/* "Enter your password", "Password (new)": words for a reader. */
static bool is_sentence(const aigov__scan *s, const aigov__literal *v,
                        const aigov__looks *m)
{
    if (m->spaces == 0) {
        return false;
    }
    return m->spaces > 5 || m->upper > 0 ||
           (m->digits == 0 && m->signs == 0 &&
            (aigov__contains(s, v->from, v->to, "pass") ||
             aigov__contains(s, v->from, v->to, "enter") ||
             aigov__contains(s, v->from, v->to, "must") ||
             aigov__contains(s, v->from, v->to, "not ") ||
             aigov__contains(s, v->from, v->to, "n't ")));
}

/* user_password, password-field, newSecretKey: a name, not a value. */
static bool is_name(const aigov__scan *s, const aigov__literal *v,
                    const aigov__looks *m)
{
    aigov__named name;
    size_t from;
    unsigned kind;
    if (m->digits > 0 || m->signs > 0 || m->n > 40) {
        return false;
    }
    if (aigov__read_name(s, v->from, v->to, &name) &&
        name.kind != AIGOV__N_NONE && name.kind <= AIGOV__N_KEY &&
        (m->marks > 0 || m->upper > 0)) {
        return true;
    }
    kind = aigov__word_kind(s, v->to, &from);
    return (kind == AIGOV__N_ABOUT && from > v->from) ||
           (kind != AIGOV__N_NONE && kind != AIGOV__N_SECRET &&
            from <= v->from);
}

/* 1.302, 2024-01-31, 12: a number, version or date. */
static bool is_number(const aigov__looks *m)
{
    return m->digits > 0 && m->digits + m->marks == (int)m->n &&
           (m->marks > 0 || m->n < 4);
}

static int judge_quoted_password(const aigov__scan *s, const aigov__literal *v,
                                 const aigov__looks *m)
{
    if (m->n < 4 || m->digits + m->lower + m->upper < 3 || is_number(m)) {
        return 0;
    }
    return is_sentence(s, v, m) || (v->quote != ';' && is_name(s, v, m)) ||
                   aigov__is_expression(s, v->from, v->to)
               ? 0
               : 75;
}

/* A sign that passwords have and expressions of names have not: a+b, x||y. */
static bool has_password_sign(const aigov__scan *s, const aigov__literal *v)
{
    for (size_t i = v->from; i < v->to; i++) {
        if (s->p[i] != 0 && strchr("!@#$%^*:", s->p[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static int judge_bare_password(aigov__scan *s, const aigov__literal *v,
                               const aigov__looks *m)
{
    int letters = m->lower + m->upper;
    if (m->n < 4 || letters + m->digits < 3 || is_number(m)) {
        return 0;
    }
    if (m->digits > 0 && letters + m->signs > 0) {
        return m->n >= 5 ? 70 : 0;
    }
    if (m->digits > 0) {
        return m->n <= 12 ? 55 : 0;
    }
    if (m->signs > 0) {
        bool asks = m->upper > 0 && aigov__has_byte(s, v->from, v->to, '?') &&
                    !aigov__wordy(s, v->from, v->to);
        return (asks || has_password_sign(s, v)) &&
                       !aigov__has_byte(s, v->from, v->to, '=') &&
                       !aigov__has_call(s, v->from, v->to)
                   ? 60
                   : 0;
    }
    if (m->upper > 0 && m->lower > 0) { /* aName, or letters by chance */
        return v->equals && m->n >= 10 && letters == (int)m->n &&
                       m->upper * 4 >= letters &&
                       !aigov__wordy(s, v->from, v->to)
                   ? 55
                   : 0;
    }
    if (m->high > 0 || !v->line || is_name(s, v, m)) {
        return 0;
    }
    return (v->equals && m->n >= 6) ||
                   aigov__word_within(s, v->from, v->to, AIGOV__C_LOGIN, 64, 0)
               ? 55
               : 0;
}

static int judge_secret(const aigov__scan *s, const aigov__literal *v,
                        const aigov__looks *m)
{
    int letters = m->lower + m->upper, least;
    if (m->uuid) {
        return m->entropy >= 250 ? 60 : 0;
    }
    if (m->spaces > 0 || m->n < (v->quote != 0 ? 8 : 10) || m->high > 0) {
        return 0;
    }
    least = m->n < 12 ? 260 : m->n < 20 ? 290 : m->hex ? 290 : 320;
    if (m->entropy < least) {
        return 0;
    }
    if (letters > 0 && m->digits > 0) {
        if (v->quote == 0 && m->digits < 3 &&
            aigov__has_byte(s, v->from, v->to, '_')) {
            return 0; /* an identifier */
        }
        return aigov__wordy(s, v->from, v->to) ? 0 : v->quote != 0 ? 75 : 65;
    }
    if (letters >= 6 && m->signs >= 2) {
        return strchr("^([", s->p[v->from]) != NULL ||
                       aigov__has_byte(s, v->from, v->to, '\\') ||
                       (m->signs < 4 && aigov__wordy(s, v->from, v->to))
                   ? 0
                   : 55;
    }
    return m->n >= 16 && letters == (int)m->n &&
                   !aigov__wordy(s, v->from, v->to) && m->entropy >= 330
               ? 55
               : 0;
}

static int judge_key(const aigov__scan *s, const aigov__literal *v,
                     const aigov__looks *m)
{
    if (m->n < 16 || m->uuid || m->hex || m->high > 0 || m->digits < 2 ||
        m->lower + m->upper < 4 || m->entropy < 350) {
        return 0;
    }
    if (m->spaces > 0) { /* the salts of WordPress: any printable signs */
        return m->n >= 48 && m->signs > 8 && m->entropy >= 450 ? 60 : 0;
    }
    return aigov__wordy(s, v->from, v->to) ? 0 : 55;
}

/* "PASS: test_login_2", "pass: 128": what a test says. */
static bool is_test_result(const aigov__scan *s, const aigov__named *name,
                           const aigov__literal *v)
{
    return v->quote == 0 && !v->equals && v->from > name->from &&
           aigov__has_nocase(s, name->from, "pass:") &&
           !aigov__random(s, v->from, v->to, 6);
}

static int judge_kind(aigov__scan *s, const aigov__named *name,
                      const aigov__literal *v, const aigov__looks *m,
                      unsigned *detector)
{
    switch (name->kind) {
    case AIGOV__N_PASSWORD:
        *detector = AIGOV__D_password;
        if (is_test_result(s, name, v)) {
            return 0;
        }
        return v->quote != 0 ? judge_quoted_password(s, v, m)
                             : judge_bare_password(s, v, m);
    case AIGOV__N_PIN:
    case AIGOV__N_OTP:
        *detector = AIGOV__D_pin_code;
        return m->digits == (int)m->n && m->digits >= 4 &&
                       m->digits <= (name->kind == AIGOV__N_PIN ? 5 : 8)
                   ? 60
                   : 0;
    case AIGOV__N_APIKEY:
        *detector = AIGOV__D_api_key;
        return judge_secret(s, v, m);
    case AIGOV__N_SECRET:
        *detector = AIGOV__D_generic_secret;
        return judge_secret(s, v, m);
    case AIGOV__N_KEY:
        *detector = AIGOV__D_generic_key;
        return judge_key(s, v, m);
    case AIGOV__N_SESSION:
        *detector = AIGOV__D_session_cookie;
        return m->n >= 16 && judge_secret(s, v, m) != 0 && !m->uuid ? 40 : 0;
    default:
        return 0;
    }
}

/* Secrets of AWS are known by their form too, which says more than the name:
 * that detector is to win. */
static bool is_aws(const aigov__named *name)
{
    return strcmp(aigov__vendor_shapes(name->vendor), "{b40}") == 0;
}

int aigov__judge(aigov__scan *s, const aigov__named *name,
                 const aigov__literal *v, unsigned *detector)
{
    aigov__looks m;
    int base;
    if (aigov__is_variable(s, v->from, v->to, v->quote) ||
        (v->quote == 0 && aigov__is_expression(s, v->from, v->to))) {
        return 0;
    }
    m = aigov__measure(s, v->from, v->to);
    if (name->vendor != 0 || name->kind > AIGOV__N_OTP) {
        m.entropy = aigov__entropy(s, v->from, v->to);
    }
    if (name->vendor != 0 && name->kind != AIGOV__N_SESSION &&
        m.entropy >= 200 && aigov__has_vendor_shape(s, name->vendor, v)) {
        *detector = AIGOV__D_vendor_secret;
        base = m.digits == 0 && aigov__wordy(s, v->from, v->to) ? 0
               : is_aws(name)                                   ? 52
                                                                : 75;
    } else {
        base = judge_kind(s, name, v, &m, detector);
    }
    /* dear checks last */
    return base == 0 || aigov__is_nothing(s, v->from, v->to) ||
                   aigov__has_template(s, v->from, v->to) ||
                   aigov__is_versioned(s, v->from, v->to) ||
                   aigov__is_place(s, v->from, v->to) ||
                   aigov__has_filler(s, v->from, v->to)
               ? 0
               : base;
}
