/*
 * failure.c - what a provider says about a call that failed
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "record.h"

#include "parts.h"

/* A text that is not empty, or an integer, as text. */
static aigov_span word(const value *v)
{
    int64_t ignored;

    return is_integer(v, &ignored) ? v->text : text_of(v);
}

/* At most n characters. */
static aigov_span shortened(aigov_span s, size_t n)
{
    size_t at = 0;

    while (at < s.n && n > 0) {
        at++;
        while (at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80)
            at++;
        n--;
    }
    return (aigov_span){s.p, at};
}

static aigov_span as_text(pool *p, const value *v)
{
    return is_text(v) ? v->text : value_canonical(p, v);
}

static aigov_span message_of(pool *p, const value *body, const value *source)
{
    static const char *const names[] = {"message", "detail", "msg"};

    if (is_text(get(body, "error")))
        return get(body, "error")->text;
    for (int i = 0; i < 3; i++)
        if (!is_null(get(source, names[i])))
            return as_text(p, get(source, names[i]));
    return AIGOV_ABSENT;
}

value *error_of(pool *p, const value *body, int64_t http, aigov_span *code)
{
    aigov_span type = AIGOV_ABSENT, message = AIGOV_ABSENT;
    value *out = new_object(p);

    if (is_array(body) && is_object(body->first))
        body = body->first;
    if (is_object(body)) {
        const value *source =
            is_object(get(body, "error")) ? get(body, "error") : body;

        type = word(get(source, "type"));
        *code = word(get(source, "code"));
        if (type.p == NULL || aigov_span_is(type, "error"))
            type = *code;
        message = message_of(p, body, source);
    } else if (text_of(body).p != NULL) {
        message = shortened(body->text, 2000);
    }
    if (type.p == NULL)
        type = http >= 400 ? new_integer(p, http)->text : AIGOV_LIT("error");
    set_text(p, out, "type", type);
    set_text(p, out, "message", message);
    return out;
}
