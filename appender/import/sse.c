/*
 * sse.c - server-sent events
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "sse.h"

#include <string.h>

void sse_init(sse *s, aigov_ctx *ctx, sse_event_fn give, void *host)
{
    *s = (sse){.give = give, .host = host};
    aigov_buf_init(&s->line, ctx);
    aigov_buf_init(&s->event, ctx);
    aigov_buf_init(&s->data, ctx);
}

void sse_free(sse *s)
{
    aigov_buf_free(&s->line);
    aigov_buf_free(&s->event);
    aigov_buf_free(&s->data);
}

static void dispatch(sse *s)
{
    if (s->has_data)
        s->give(s->host, aigov_buf_span(&s->event), aigov_buf_span(&s->data));
    s->event.n = s->data.n = 0;
    s->has_data = false;
}

static bool field(sse *s, aigov_span name, aigov_span value)
{
    if (aigov_span_is(name, "data")) {
        if (s->has_data && !aigov_buf_puts(&s->data, "\n"))
            return false;
        s->has_data = true;
        return aigov_buf_put(&s->data, value.p, value.n);
    }
    if (aigov_span_is(name, "event")) {
        s->event.n = 0;
        return aigov_buf_put(&s->event, value.p, value.n);
    }
    return true;
}

/* The line that was collected is whole. */
static bool line_end(sse *s)
{
    aigov_span l = aigov_buf_span(&s->line), value = AIGOV_LIT("");
    const char *colon;
    bool ok = true;

    if (!s->begun && l.n >= 3 && memcmp(l.p, "\xEF\xBB\xBF", 3) == 0) {
        l.p += 3;
        l.n -= 3;
    }
    s->begun = true;
    if (l.n == 0) {
        dispatch(s);
    } else if ((colon = memchr(l.p, ':', l.n)) != l.p) {
        if (colon != NULL) {
            value.p = colon + 1;
            value.n = (size_t)(l.p + l.n - value.p);
            l.n = (size_t)(colon - l.p);
            if (value.n > 0 && value.p[0] == ' ') {
                value.p++;
                value.n--;
            }
        }
        ok = field(s, l, value);
    }
    s->line.n = 0;
    return ok;
}

bool sse_feed(sse *s, aigov_span bytes)
{
    const char *p = bytes.p, *end = bytes.n == 0 ? p : p + bytes.n;

    while (p != end) {
        const char *start = p;

        if (s->after_cr && *p == '\n') {
            s->after_cr = false;
            p++;
            continue;
        }
        s->after_cr = false;
        while (p != end && *p != '\n' && *p != '\r')
            p++;
        if (!aigov_buf_put(&s->line, start, (size_t)(p - start)))
            return false;
        if (p == end)
            return true;
        s->after_cr = *p++ == '\r';
        if (!line_end(s))
            return false;
    }
    return true;
}

bool sse_end(sse *s)
{
    if (s->line.n > 0 && !line_end(s))
        return false;
    dispatch(s);
    return true;
}
