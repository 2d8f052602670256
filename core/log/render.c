/*
 * render.c - what a record leaves in entry.body and in content.body
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The whole record is written once in canonical form (that is what the digest
 * covers).  Body and content are then put together from slices of it, in the
 * order of members.def, which is that of RFC 8785:
 *
 *   canon    {"about":"A1..","attempt":2,"input":"..","system":"s"}
 *   body     "about":"a1..",<anchor>"attempt":2,<evidence><revision><rules>...
 *   content  {"input":".."}
 *
 * body is kept without braces, a comma after every member, and with the offsets
 * of the gaps (<...>) where seal puts the server's stamps.
 *
 * What would make the leaf too large moves to content, a member at a time; the
 * bound (docs/formats.md section 3) depends on the record alone, so that
 * anyone who has record and stamps gets the same bytes.
 */
#include "internal.h"

static bool is_null(aigov_span s)
{
    return s.n == 4 && s.p[0] == 'n';
}

/* "name": */
static bool put_name(aigov_buf *b, const char *name, size_t n)
{
    return aigov__append(b, "\"", 1) && aigov__append(b, name, n) &&
           aigov__append(b, "\":", 2);
}

/* Close a container: over the last comma where there is one. */
static bool close_with(aigov_buf *b, char bracket)
{
    if (b->p[b->n - 1] == ',') {
        b->p[b->n - 1] = bracket;
        return true;
    }
    return aigov_buf_put(b, &bracket, 1);
}

/* "name":value, as it stands in a canonical text: the name is before the value,
 * and the byte after it is there (a comma or the brace that closes). */
static bool put_whole(aigov_buf *b, size_t name, aigov_span value)
{
    if (!aigov__append(b, value.p - name - 3, name + 3 + value.n + 1)) {
        return false;
    }
    b->p[b->n - 1] = ',';
    return true;
}

/* --- nested objects ------------------------------------------------------ */

/* Whether something of an object of this shape can belong to body, content. */
static bool has_place(const aigov__shape *shape, uint8_t where)
{
    if (shape->open && where == AIGOV__CONTENT) {
        return true;
    }
    for (uint32_t i = 0; i < shape->n; i++) {
        if (shape->member[i].where == where) {
            return true;
        }
    }
    return false;
}

/*
 * Append the members of object that belong to body (or to content); nulls are
 * absent.  *any tells whether there was one.
 */
static bool put_part(aigov_buf *b, aigov_span object, const aigov__shape *shape,
                     uint8_t where, bool *any)
{
    size_t pos = 0;
    aigov_span name, value;
    bool ok = aigov__append(b, "{", 1);
    while (ok && aigov__slice_next(object, &pos, &name, &value)) {
        const aigov__member *m = aigov__shape_find(shape, name);
        uint8_t its = m == NULL ? AIGOV__CONTENT : m->where;
        if (its == where && (m == NULL || !is_null(value))) {
            *any = true;
            ok = put_whole(b, name.n, value);
        }
    }
    return ok && close_with(b, '}');
}

static bool put_parts(aigov_buf *b, aigov_span array, const aigov__shape *shape,
                      uint8_t where, bool *any)
{
    size_t pos = 0;
    aigov_span value;
    bool ok = aigov__append(b, "[", 1);
    while (ok && aigov__slice_element(array, &pos, &value)) {
        ok = put_part(b, value, shape, where, any) && aigov__append(b, ",", 1);
    }
    return ok && close_with(b, ']');
}

static bool put_time(aigov_buf *b, aigov_span quoted)
{
    char text[AIGOV_TIME_LEN + 1];
    int64_t at = 0;
    aigov_time_parse((aigov_span){quoted.p + 1, quoted.n - 2}, &at);
    aigov_time_format(at, text);
    return aigov__append(b, "\"", 1) &&
           aigov_buf_put(b, text, AIGOV_TIME_LEN) && aigov__append(b, "\"", 1);
}

static bool put_uuid(aigov_buf *b, aigov_span quoted)
{
    char text[AIGOV_UUID_LEN + 1];
    uint8_t id[16] = {0};
    aigov_uuid_parse((aigov_span){quoted.p + 1, quoted.n - 2}, id);
    aigov_uuid_format(id, text);
    return aigov__append(b, "\"", 1) &&
           aigov_buf_put(b, text, AIGOV_UUID_LEN) && aigov__append(b, "\"", 1);
}

/* --- members ------------------------------------------------------------- */

/* The value of a member that is not verbatim, as far as it belongs to `where`;
 * *any is false where nothing of it does (what was appended is then to be
 * dropped). */
static bool put_value(const aigov_record *r, aigov_buf *b, uint32_t i,
                      uint8_t where, bool *any)
{
    const aigov__member *m = &aigov__members[i];
    aigov_span slice = r->slice[i];
    *any = true;
    switch (m->type) {
    case AIGOV__OBJECT:
        *any = false;
        return !has_place(m->arg, where) ||
               put_part(b, slice, m->arg, where, any);
    case AIGOV__LIST:
        *any = where == AIGOV__BODY;
        return put_parts(b, slice, m->arg, where, any);
    case AIGOV__UUID:
        return put_uuid(b, slice);
    default: /* TIME */
        return put_time(b, slice);
    }
}

static bool is_verbatim(uint8_t type)
{
    return type != AIGOV__OBJECT && type != AIGOV__LIST &&
           type != AIGOV__UUID && type != AIGOV__TIME;
}

/* "name":value, or nothing. */
static bool put_member(const aigov_record *r, aigov_buf *b, uint32_t i,
                       uint8_t where)
{
    const aigov__member *m = &aigov__members[i];
    size_t before = b->n;
    bool any = false;
    if (is_verbatim(m->type)) {
        return put_whole(b, m->len, r->slice[i]);
    }
    if (!put_name(b, m->name, m->len) || !put_value(r, b, i, where, &any) ||
        !aigov__append(b, ",", 1)) {
        return false;
    }
    if (!any) {
        b->n = before;
    }
    return true;
}

static bool has_moved(const aigov_record *r, uint32_t i)
{
    for (uint8_t k = 0; k < r->n_moved; k++) {
        if (r->moved[k] == i) {
            return true;
        }
    }
    return false;
}

/* Members of a canonical object without those that are null. */
static bool put_given(aigov_buf *b, aigov_span object)
{
    size_t pos = 0;
    aigov_span name, value;
    bool ok = aigov__append(b, "{", 1);
    while (ok && aigov__slice_next(object, &pos, &name, &value)) {
        if (!is_null(value)) {
            ok = put_whole(b, name.n, value);
        }
    }
    return ok && close_with(b, '}');
}

static bool put_moved_names(const aigov_record *r, aigov_buf *b)
{
    bool ok = aigov_buf_puts(b, "\"moved\":[");
    for (uint8_t k = 0; k < r->n_moved && ok; k++) {
        const aigov__member *m = &aigov__members[r->moved[k]];
        ok = aigov__append(b, "\"", 1) && aigov_buf_put(b, m->name, m->len) &&
             aigov__append(b, "\",", 2);
    }
    return ok && close_with(b, ']') && aigov__append(b, ",", 1);
}

/* Of a guarded request that it was let go; of a completion whether that is what
 * was sent. */
static bool put_sent(const aigov_record *r, aigov_buf *b)
{
    if (r->sent_n != 0) {
        return aigov_buf_puts(b, "\"sent\":\"decided\",");
    }
    return r->was_sent == AIGOV__SENT_UNKNOWN ||
           aigov_buf_puts(b, r->was_sent == AIGOV__SENT_CONFIRMED
                                 ? "\"sent\":\"confirmed\","
                                 : "\"sent\":\"differs\",");
}

static bool put_made(const aigov_record *r, aigov_buf *b, uint32_t i)
{
    switch (i) {
    case AIGOV__M_fields:
        return r->slice[AIGOV__M_loss].p == NULL ||
               (aigov_buf_puts(b, "\"fields\":") &&
                put_given(b, r->slice[AIGOV__M_loss]) &&
                aigov__append(b, ",", 1));
    case AIGOV__M_moved:
        return r->n_moved == 0 || put_moved_names(r, b);
    case AIGOV__M_nonconforming:
        return !r->j.nonconforming ||
               aigov_buf_puts(b, "\"nonconforming\":true,");
    case AIGOV__M_redaction:
        return aigov__put_redaction(r, b);
    case AIGOV__M_sent:
        return put_sent(r, b);
    case AIGOV__M_refs_left_out:
        return true; /* seal puts it */
    case AIGOV__M_policy:
        return r->policy.n == 0 ||
               (aigov_buf_puts(b, "\"policy\":") &&
                aigov_buf_put(b, r->policy.p, r->policy.n) &&
                aigov__append(b, ",", 1));
    default: /* reasons */
        return r->draft.decision.p == NULL || r->policy.n > 0 ||
               aigov_buf_puts(b, "\"reasons\":[\"no_policy\"],");
    }
}

/* A call that is asked again is numbered where the record is not. */
static bool put_attempt(const aigov_record *r, aigov_buf *b)
{
    return r->attempt == 0 ||
           (aigov_buf_puts(b, "\"attempt\":") &&
            aigov_buf_put_i64(b, r->attempt) && aigov__append(b, ",", 1));
}

static aigov_status render_body(aigov_record *r, aigov_error *err)
{
    aigov_buf *b = &r->body;
    size_t gap = 0;
    bool ok = true;
    b->n = 0;
    for (uint32_t i = 0; i < AIGOV__MEMBERS && ok; i++) {
        switch (aigov__members[i].where) {
        case AIGOV__STAMP:
            r->gap[gap++] = b->n;
            break;
        case AIGOV__MADE:
            ok = put_made(r, b, i);
            if (i == AIGOV__M_refs_left_out) {
                r->gap[gap++] = b->n;
            }
            break;
        case AIGOV__BODY:
        case AIGOV__SPLIT:
            if (r->slice[i].p != NULL && !has_moved(r, i)) {
                ok = put_member(r, b, i, AIGOV__BODY);
            } else if (i == AIGOV__M_attempt && r->slice[i].p == NULL) {
                ok = put_attempt(r, b);
            }
            if (i == AIGOV__M_refs) { /* before the bracket that closes them */
                r->gap[gap++] = r->slice[i].p != NULL ? b->n - 2 : b->n;
            }
            break;
        default:
            break;
        }
    }
    return ok ? AIGOV_OK : aigov__nomem(err);
}

static bool put_moved(const aigov_record *r, aigov_buf *b)
{
    bool ok = aigov_buf_puts(b, "\"moved\":{");
    for (uint32_t i = 0; i < AIGOV__MEMBERS && ok; i++) {
        if (has_moved(r, i)) {
            ok = put_member(r, b, i, AIGOV__BODY);
        }
    }
    return ok && close_with(b, '}') && aigov__append(b, ",", 1);
}

/* {} becomes null: there is no content. */
static bool finish_content(aigov_buf *b)
{
    if (b->n == 1) {
        b->n = 0;
        return aigov_buf_puts(b, "null");
    }
    return close_with(b, '}');
}

static aigov_status render_content(aigov_record *r, aigov_error *err)
{
    aigov_buf *b = &r->content;
    bool ok;
    b->n = 0;
    ok = aigov__append(b, "{", 1);
    for (uint32_t i = 0; i < AIGOV__MEMBERS && ok; i++) {
        uint8_t where = aigov__members[i].where;
        if (i == AIGOV__M_sent_digest && r->sent_n != 0) {
            ok = aigov_buf_puts(b, "\"sent_digest\":\"") &&
                 aigov_buf_put_hex(b, r->sent, r->sent_n) &&
                 aigov_buf_puts(b, "\",");
        } else if (i == AIGOV__M_moved) {
            ok = r->n_moved == 0 || put_moved(r, b);
        } else if (r->slice[i].p != NULL &&
                   (where == AIGOV__CONTENT || where == AIGOV__SPLIT)) {
            ok = put_member(r, b, i, AIGOV__CONTENT);
        }
    }
    return ok && finish_content(b) ? AIGOV_OK : aigov__nomem(err);
}

/* --- size ---------------------------------------------------------------- */

/* Bytes that a text column takes in the leaf, with name and comma. */
static bool weigh(aigov_buf *b, size_t name, aigov_span s, size_t *total)
{
    b->n = 0;
    if (s.p != NULL) {
        *total += name + 4;
        if (!aigov_buf_put_json_string(b, s)) {
            return false;
        }
        *total += b->n;
    }
    return true;
}

/* Body without stamps, and the text columns, as canonical objects. */
aigov_status aigov__envelope_size(aigov_record *r, size_t *size,
                                  aigov_error *err)
{
    const aigov__columns *c = &r->col;
    aigov_buf *b = &r->part;
    *size = r->body.n + 2;
    return weigh(b, 5, c->actor, size) && weigh(b, 4, c->kind, size) &&
                   weigh(b, 5, c->model, size) &&
                   weigh(b, 9, c->operation, size) &&
                   weigh(b, 8, c->provider, size) &&
                   weigh(b, 6, c->status, size) &&
                   weigh(b, 7, c->subject, size) && weigh(b, 6, c->system, size)
               ? AIGOV_OK
               : aigov__nomem(err);
}

/* Take the next member of members.def that may move; false at the end. */
static bool move_next(aigov_record *r, uint8_t *order)
{
    while (++*order <= 7) {
        for (uint32_t i = 0; i < AIGOV__MEMBERS; i++) {
            if (aigov__members[i].moves == *order && r->slice[i].p != NULL) {
                r->moved[r->n_moved++] = (uint8_t)i;
                return true;
            }
        }
    }
    return false;
}

static aigov_status fit(aigov_record *r, aigov_error *err)
{
    uint8_t order = 0;
    size_t size;
    aigov_status st;
    for (;;) {
        st = render_body(r, err);
        /* most records are far below: columns are at most 12 KiB */
        if (st != AIGOV_OK || r->body.n < AIGOV__MAX_ENVELOPE / 2) {
            return st;
        }
        st = aigov__envelope_size(r, &size, err);
        if (st != AIGOV_OK || size <= AIGOV__MAX_ENVELOPE) {
            return st;
        }
        if (move_next(r, &order)) {
            continue;
        }
        if (!r->brief) {
            r->brief = true;
        } else {
            aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                       "the entry has %zu bytes without content, at most %d "
                       "fit",
                       size, AIGOV__MAX_ENVELOPE);
            return aigov_hint(err, "facts and refs never move to content; "
                                   "split the record");
        }
    }
}

/* --- columns ------------------------------------------------------------- */

static aigov_span node_text(const aigov_record *r, uint32_t i)
{
    return r->node[i] ? aigov_json_text(&r->j, r->node[i]) : AIGOV_ABSENT;
}

static aigov_span actor_id(const aigov_record *r)
{
    uint32_t actor = r->node[AIGOV__M_actor];
    uint32_t id = actor ? aigov_json_get(&r->j, actor, "id") : 0;
    return id && r->j.node[id].type == AIGOV_JSON_STRING
               ? aigov_json_text(&r->j, id)
               : AIGOV_ABSENT;
}

static bool completes(aigov_span kind)
{
    return AIGOV__IS(kind, "interaction") || AIGOV__IS(kind, "response");
}

static void gather_columns(aigov_record *r)
{
    aigov__columns *c = &r->col;
    c->kind = r->draft.kind;
    c->subject = r->draft.subject;
    c->actor = actor_id(r);
    c->model = node_text(r, AIGOV__M_model);
    c->operation = node_text(r, AIGOV__M_operation);
    c->provider = node_text(r, AIGOV__M_provider);
    c->system = node_text(r, AIGOV__M_system);
    if (c->system.p == NULL && r->asked != NULL) {
        c->system = r->asked->system;
    }
    c->status = node_text(r, AIGOV__M_status);
    if (c->status.p == NULL && completes(c->kind)) {
        c->status =
            r->node[AIGOV__M_error] ? AIGOV_LIT("error") : AIGOV_LIT("ok");
    }
}

/* Copy the texts, so that they outlive the input. */
static aigov_status keep_columns(aigov_record *r, aigov_error *err)
{
    aigov__columns *c = &r->col;
    aigov_span *all[] = {&c->actor,     &c->kind,     &c->model,
                         &c->operation, &c->provider, &c->status,
                         &c->subject,   &c->system,   &r->draft.producer};
    size_t n = sizeof all / sizeof all[0], total = 1;
    for (size_t i = 0; i < n; i++) {
        total += all[i]->n;
    }
    r->columns.n = 0;
    if (!aigov_buf_reserve(&r->columns, total)) {
        return aigov__nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        if (all[i]->p != NULL) {
            char *to = r->columns.p + r->columns.n;
            memcpy(to, all[i]->p, all[i]->n);
            r->columns.n += all[i]->n;
            all[i]->p = to;
        }
    }
    r->draft.kind = c->kind;
    r->draft.subject = c->subject;
    return AIGOV_OK;
}

/* Both the members of canon and the table are in RFC 8785 order, and what is
 * not null has its place in the table: one walk over both. */
static void cut_slices(aigov_record *r)
{
    const char *canon = r->canon.p;
    uint32_t i = 0;
    for (uint32_t k = 0; k < r->j.node[0].size; k++) {
        const struct aigov__cut *c = &r->cut[k];
        if (r->j.node[c->node].type == AIGOV_JSON_NULL) {
            continue;
        }
        while (r->node[i] != c->node) {
            i++;
        }
        r->slice[i] = (aigov_span){canon + c->from, c->to - c->from};
    }
}

/* --- records and puts ---------------------------------------------------- */

static aigov_status canonical(aigov_record *r, aigov_error *err)
{
    r->canon.n = 0;
    return r->governance == NULL
               ? aigov__canonical_cut(&r->j, &r->canon, r->cut, err)
               : aigov_json_canonical(&r->j, 0, &r->canon, err);
}

/* The fields of a governance record: body has those that are not kept as
 * content. */
static bool put_fields(aigov_record *r, aigov_buf *b, bool content)
{
    aigov_span canon = aigov_buf_span(&r->canon), name, value;
    size_t pos = 0, before = b->n;
    bool any = !content, ok = aigov_buf_puts(b, "\"fields\":{");
    while (ok && aigov__slice_next(canon, &pos, &name, &value)) {
        const aigov__field *f = aigov__field_find(r->governance, name);
        if (f != NULL && f->content == content && !is_null(value)) {
            any = true;
            ok = put_whole(b, name.n, value);
        }
    }
    ok = ok && close_with(b, '}') && aigov__append(b, ",", 1);
    if (!any) {
        b->n = before;
    }
    return ok;
}

static aigov_status render_fields(aigov_record *r, aigov_error *err)
{
    aigov_buf *b = &r->body;
    size_t size;
    aigov_status st;
    b->n = 0;
    if (!put_fields(r, b, false) || !aigov__put_redaction(r, b)) {
        return aigov__nomem(err);
    }
    for (size_t k = 0; k < AIGOV__GAPS; k++) {
        r->gap[k] = k <= AIGOV__GAP_EVIDENCE ? 0 : b->n;
    }
    b = &r->content;
    b->n = 0;
    if (!aigov__append(b, "{", 1) || !put_fields(r, b, true) ||
        !finish_content(b)) {
        return aigov__nomem(err);
    }
    st = aigov__envelope_size(r, &size, err);
    return st == AIGOV_OK && size > AIGOV__MAX_ENVELOPE
               ? aigov_fail(err, AIGOV_TOOBIG, AIGOV_NO_POS,
                            "the fields have %zu bytes, at most %d fit", size,
                            AIGOV__MAX_ENVELOPE)
               : st;
}

static aigov_status decide(aigov_record *r, aigov_error *err)
{
    aigov_status st = aigov__stage(err, "decide", aigov__decide_record(r, err));
    if (r->node[AIGOV__M_evidence] != 0) {
        r->draft.evidence = AIGOV_LIT("imported");
    }
    return st;
}

aigov_status aigov__render(aigov_record *r, aigov_error *err)
{
    aigov_status st = canonical(r, err);
    if (r->governance == NULL) {
        gather_columns(r);
    } else {
        r->col.kind = r->draft.kind;
        r->col.subject = r->draft.subject;
    }
    if (st == AIGOV_OK) {
        st = keep_columns(r, err);
    }
    if (st == AIGOV_OK && r->governance != NULL) {
        st = render_fields(r, err);
    } else if (st == AIGOV_OK) {
        cut_slices(r);
        st = decide(r, err);
        if (st == AIGOV_OK) {
            st = aigov__stage(err, "send", aigov__send(r, err));
        }
        if (st == AIGOV_OK) {
            st = fit(r, err);
        }
        if (st == AIGOV_OK) {
            st = render_content(r, err);
        }
    }
    r->draft.content = aigov_buf_span(&r->content);
    return st;
}
