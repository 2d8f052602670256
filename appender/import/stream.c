/*
 * stream.c - events in, one reply out
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "stream.h"

#include <string.h>

#include "../command/command.h"
#include "sse.h"

bool looks_like_stream(aigov_span text)
{
    static const char *const begin[] = {
        "data:", "event:", "id:", "retry:", ":"};
    const char *p = text.p, *end = text.n == 0 ? p : p + text.n;

    while (p != end) {
        aigov_span line = {p, (size_t)(end - p)};

        for (int i = 0; i < 5; i++)
            if (starts_with(line, begin[i]))
                return true;
        while (p != end && *p != '\n' && *p != '\r')
            p++;
        while (p != end && (*p == '\n' || *p == '\r'))
            p++;
    }
    return false;
}

/* --- what is being built ------------------------------------------------- */

static int64_t key_of(const value *slot)
{
    int64_t key = 0;

    is_integer(get(slot, "key"), &key);
    return key;
}

value *assembly_find(const assembly *a, int64_t index)
{
    EACH(slot, a->list)
    if (key_of(slot) == index)
        return get_mutable((value *)(uintptr_t)slot, "it");
    return NULL;
}

/* Slots stay in the order of their keys: that is the order of the reply. */
static void insert_slot(assembly *a, value *slot, int64_t index)
{
    value **at = &a->list->first;

    while (*at != NULL && key_of(*at) < index)
        at = &(*at)->next;
    slot->next = *at;
    slot->linked = true;
    *at = slot;
    if (slot->next == NULL)
        a->list->last = slot;
    a->list->count++;
}

value *assembly_put(assembly *a, int64_t index, const value *fresh)
{
    pool *p = a->s->pool;
    value *slot = NULL;

    EACH(there, a->list)
    if (key_of(there) == index)
        slot = (value *)(uintptr_t)there;
    if (slot == NULL) {
        slot = new_object(p);
        set(p, slot, "key", new_integer(p, index));
        insert_slot(a, slot, index);
    }
    return set(p, slot, "it", fresh);
}

/* --- events -------------------------------------------------------------- */

static aigov_span trimmed(aigov_span s)
{
    while (s.n > 0 && strchr(" \t\n\r\f\v", s.p[0]) != NULL) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && strchr(" \t\n\r\f\v", s.p[s.n - 1]) != NULL)
        s.n--;
    return s;
}

static void on_event(void *host, aigov_span event, aigov_span data)
{
    assembly *a = host;
    pool *p = a->s->pool;
    aigov_span type;
    aigov_error ignored;
    value *v;

    if (aigov_span_is(trimmed(data), "[DONE]")) {
        a->event(a, AIGOV_LIT("[DONE]"), NULL);
        return;
    }
    v = value_read(p, pool_copy(p, data), false, &ignored);
    if (!is_object(v)) {
        a->s->skipped++;
        return;
    }
    type = type_of(v);
    a->event(a, type.p != NULL ? type : event, v);
}

void stream_read(stream *s, pool *p, dialect d, aigov_span text, int64_t n)
{
    assembly a = {.s = s, .list = new_array(p)};
    sse events;

    *s = (stream){.pool = p, .reply = new_object(p)};
    a.event = d == RESPONSES                       ? responses_event
              : d == MESSAGES || d == COUNT_TOKENS ? messages_event
                                                   : chat_event;
    sse_init(&events, p->ctx, on_event, &a);
    if (!sse_feed(&events, text) || !sse_end(&events))
        need(NULL);
    sse_free(&events);
    if (d == RESPONSES)
        responses_finish(&a);
    else if (d == MESSAGES || d == COUNT_TOKENS)
        messages_finish(&a);
    else
        chat_finish(&a, n);
}
