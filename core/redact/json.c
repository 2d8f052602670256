/*
 * json.c - a JSON text with what is found in its values replaced
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A walk over the nodes of the strict reader in the order of the text.  Every
 * string and number is scanned decoded, with the names around it as context,
 * and edited in the text as written: nothing but what is replaced changes.
 *
 *   level 0   {"a":"{\"ssn\":78051120}"}     the text itself
 *   level 1         {"ssn":78051120}         what a string holds, decoded
 *
 * A string that holds JSON is a level of its own; an edit in it is carried up
 * from level to level, offsets through the escapes of the string, quotes
 * escaped once a level.  So is an edit in a string that holds none: that is the
 * level above it without a walk.
 *
 * Names of one object that change are numbered in the order of RFC 8785,
 * whatever the order in the text: [ENTITY], [ENTITY_2] ...  So they stay apart,
 * and the same object written otherwise becomes the same.
 */
#include "clean.h"
#include "level.h"
#include "numbered.h"

#define JSON_LEVELS 4 /* the text, and JSON in strings three deep */

/* A container that the walk is in. */
struct open {
    uint32_t node, end;
    aigov__renames renames;
    size_t path; /* bytes of the path of what it holds */
    bool object, at_name;
};

struct aigov__rewriter {
    aigov_scanner *s;
    aigov_ctx *ctx;
    aigov_buf *out;
    size_t copied; /* bytes of level 0 that are in out, or replaced there */
    bool changed;
    aigov__manner manner;
    aigov__counts *counts;
    aigov__level level[JSON_LEVELS + 1];
    struct open *open;
    size_t opens, open_cap;
    uint32_t *rename; /* nodes of names that change, in order of their text */
    size_t renames, rename_cap;
    aigov_buf path;               /* names joined by dots */
    aigov_buf edit;               /* what is put in place of something */
    aigov_buf before;             /* what a second look begins with */
    const aigov_finding *finding; /* of the last look */
    size_t findings;
    aigov__told told;                       /* by outside detectors */
    aigov__ranges outside[JSON_LEVELS + 1]; /* in the text of a level */
    aigov__counts own_counts;
    aigov__clean clean;
    size_t passed; /* values that it knew */
};

/* --- edits --------------------------------------------------------------- */

/* Replace [from, to) of a level by what is in w->edit. */
static bool edit(aigov__rewriter *w, size_t k, size_t from, size_t to)
{
    for (; k > 0; k--) {
        aigov_span below = w->level[k - 1].text;
        from = aigov__level_written(&w->level[k], below, from, false);
        to = aigov__level_written(&w->level[k], below, to, true);
        if (!aigov__escape_more(&w->edit)) {
            return false;
        }
    }
    if (!aigov_buf_put(w->out, w->level[0].text.p + w->copied,
                       from - w->copied) ||
        !aigov_buf_put(w->out, w->edit.p, w->edit.n)) {
        return false;
    }
    w->copied = to;
    w->changed = true;
    return true;
}

static bool edit_null(aigov__rewriter *w, size_t k, size_t from, size_t to)
{
    w->edit.n = 0;
    return aigov_buf_puts(&w->edit, "null") && edit(w, k, from, to);
}

/* Make the string whose quote is at `at` of level k the text of level k + 1. */
static bool descend(aigov__rewriter *w, size_t k, size_t at,
                    const aigov_node *node)
{
    return aigov__level_enter(&w->level[k + 1], &w->level[k], at, node);
}

/* --- the path ------------------------------------------------------------ */

static aigov_span path_of(const aigov__rewriter *w)
{
    aigov_span s = aigov_buf_span(&w->path);
    if (s.n > AIGOV__MAX_PATH) {
        s.p += s.n - AIGOV__MAX_PATH;
        s.n = AIGOV__MAX_PATH;
    }
    return s;
}

static bool add_name(aigov__rewriter *w, aigov_span name)
{
    if (w->path.n > 0 && !aigov_buf_put(&w->path, ".", 1)) {
        return false;
    }
    return aigov_buf_put(&w->path, name.p, name.n > 64 ? 64 : name.n);
}

/* What a member beside it says of a value is context of it (label.c). */
static bool add_label(aigov__rewriter *w, const aigov_json *j, uint32_t object,
                      aigov_span name)
{
    aigov_span label = aigov__label_of(j, object, name);
    return label.p == NULL || add_name(w, label);
}

/* --- what outside detectors found ---------------------------------------- */

/* In the string that descend made level k + 1, or in the number whose literal
 * is [from, to) of level k. */
static aigov_status find_outside(aigov__rewriter *w, size_t k, size_t from,
                                 size_t to, const aigov_node *node, bool number,
                                 aigov_error *err)
{
    const aigov__level *below = &w->level[k], *l = &w->level[k + 1];
    aigov__spot spot = {.below = below->text,
                        .outer = k == 0 ? NULL : &w->outside[k],
                        .from = from,
                        .to = to,
                        .plain = l->plain,
                        .number = number};
    if (w->told.n == 0) {
        return AIGOV_OK;
    }
    if (k == 0 && node != NULL) {
        spot.node = (uint32_t)(node - below->j->node);
        spot.text =
            number ? (aigov_span){below->text.p + from, to - from} : l->text;
    }
    return aigov__outside_at(w->ctx, &w->told, &spot, &w->outside[k + 1], err);
}

static aigov_status outside_in(aigov__rewriter *w, size_t k,
                               const aigov_node *node, aigov_error *err)
{
    const aigov__level *l = &w->level[k + 1];
    return find_outside(w, k, l->literal, l->end - 1, node, false, err);
}

/* --- looking ------------------------------------------------------------- */

/* The next finding to be acted on, from *i on; NULL at the end. */
static const aigov_finding *next_hit(const aigov__rewriter *w, size_t *i)
{
    while (*i < w->findings) {
        const aigov_finding *f = &w->finding[(*i)++];
        if (f->acted) {
            return f;
        }
    }
    return NULL;
}

static bool any(const aigov__rewriter *w)
{
    size_t i = 0;
    return next_hit(w, &i) != NULL;
}

/* A scan asks the host whether to go on; so do many values without one. */
static aigov_status pass_over(aigov__rewriter *w, aigov_error *err)
{
    if (++w->passed % 4096 == 0 && aigov__interrupted(w->ctx)) {
        return aigov_fail(err, AIGOV_CANCELED, AIGOV_NO_POS,
                          "canceled by the host");
    }
    return AIGOV_OK;
}

/* Scan a text under its path.  A short one in which nothing was to be replaced
 * is not scanned twice, but for what outside detectors found in it. */
static aigov_status scan(aigov__rewriter *w, aigov_span text, aigov_span path,
                         aigov_error *err)
{
    bool told = w->s->outside->n != 0;
    uint32_t id = aigov__clean_path_of(&w->clean, w->s, path);
    aigov_status st;
    if (!told && aigov__clean_has(&w->clean, id, text)) {
        w->findings = 0;
        return pass_over(w, err);
    }
    st = aigov__scan_value(w->s, text, &w->finding, &w->findings, err);
    if (st == AIGOV_OK && !told && !any(w)) {
        aigov__clean_add(&w->clean);
    }
    return st;
}

/* Scan a text of level k: with the path for context, or without one. */
static aigov_status look(aigov__rewriter *w, size_t k, aigov_span text,
                         bool context, aigov_error *err)
{
    aigov_span path = context ? path_of(w) : AIGOV_LIT("");
    bool alone = context && path.n == 0 && w->opens == 0 &&
                 w->manner == AIGOV__IN_PARTS; /* a text of its own */
    aigov_status st;
    w->s->outside = &w->outside[k];
    st = alone ? aigov_scan(w->s, text, AIGOV_ABSENT, &w->finding, &w->findings,
                            err)
               : scan(w, text, path, err);
    w->s->outside = NULL;
    return st;
}

/* Count what was found; the one that names the whole: a secret, else the
 * surest; NULL where nothing was found. */
static const aigov_finding *count(aigov__rewriter *w)
{
    const aigov_finding *best = NULL, *f;
    aigov__counts *c = w->counts;
    for (size_t i = 0; (f = next_hit(w, &i)) != NULL;) {
        bool secret = f->detector->class_ == AIGOV_CLASS_SECRET;
        bool have = best && best->detector->class_ == AIGOV_CLASS_SECRET;
        c->n[f->number]++;
        c->all++;
        c->max_score = f->score > c->max_score ? f->score : c->max_score;
        if (best == NULL || secret > have ||
            (secret == have && f->score > best->score)) {
            best = f;
        }
    }
    return best;
}

/* What stays a name; where values are told apart, two names do so too. */
static bool render_name(aigov__rewriter *w, const aigov_finding *f,
                        aigov_span value, uint32_t number)
{
    return aigov__is_numbered(w->s)
               ? aigov__put_numbered(w->s, f, value, true, &w->edit)
               : aigov__render_name(f, number, &w->edit);
}

/* Bytes of a node's name that stay: its kind, where that is a word of aigov's
 * own or nothing was found in it. */
static size_t kept_kind(const aigov__rewriter *w, aigov_span text)
{
    size_t n = aigov__kind_prefix(text), i = 0;
    const aigov_finding *f;
    if (n != 0 && aigov__is_own_kind((aigov_span){text.p, n})) {
        return n;
    }
    while (n != 0 && (f = next_hit(w, &i)) != NULL) {
        n = f->start < n ? 0 : n;
    }
    return n;
}

/* Edit what was found in the text of level k.  A name and an id stay one,
 * whatever the profile says. */
static bool replace(aigov__rewriter *w, size_t k, bool name, uint32_t number)
{
    const aigov_finding *best = count(w), *f;
    aigov_span text = w->level[k].text;
    bool ok = true;
    w->edit.n = 0;
    if (best != NULL && w->manner != AIGOV__IN_PARTS) {
        size_t kind = w->manner == AIGOV__AS_NODE ? kept_kind(w, text) : 0;
        aigov_span id = {text.p + kind, text.n - kind};
        ok = name ? render_name(w, best, text, number)
                  : aigov__render_id(w->s, best, id, &w->edit);
        return ok && edit(w, k, kind, text.n);
    }
    for (size_t i = 0; ok && (f = next_hit(w, &i)) != NULL;) {
        aigov_span value = {text.p + f->start, f->stop - f->start};
        w->edit.n = 0;
        ok = (name ? render_name(w, f, value, number)
                   : aigov__render_finding(w->s, f, value, number, &w->edit)) &&
             edit(w, k, f->start, f->stop);
    }
    return ok;
}

/* The placeholders in the text of level k. */
static bool placeholders(aigov__rewriter *w, size_t k)
{
    aigov_span text = w->level[k].text, to;
    char token[AIGOV__MAX_TOKEN];
    size_t at = 0, n;
    bool ok = true;
    while (ok && at < text.n) {
        const char *p = memchr(text.p + at, '[', text.n - at);
        size_t from = p == NULL ? text.n : (size_t)(p - text.p), used;
        if (p == NULL) {
            break;
        }
        used = aigov__numbered_at(w->s->rules, p, text.n - from, token, &n);
        at = from + (used == 0 ? 1 : used);
        if (used != 0) {
            w->edit.n = 0;
            ok = aigov__numbered_swap(w->s, (aigov_span){token, n},
                                      (aigov_span){p, used}, &to) &&
                 (to.p == NULL || (aigov_buf_put(&w->edit, to.p, to.n) &&
                                   edit(w, k, from, at)));
        }
    }
    return ok;
}

/* --- scalars ------------------------------------------------------------- */

static aigov_status walk(aigov__rewriter *w, size_t k, uint32_t node,
                         aigov_error *err);

/* Whether the text of level k is JSON that can be entered; then it is read. */
static aigov_status is_json(aigov__rewriter *w, size_t k, bool *is,
                            aigov_error *err)
{
    aigov__level *l = &w->level[k];
    const char *p = l->text.p, *end = p + l->text.n;
    aigov_status st;
    *is = false;
    p = aigov__space(p, end);
    while (end > p && aigov__space(end - 1, end) == end) {
        end--;
    }
    if (k == JSON_LEVELS || end - p < 2 ||
        !((*p == '{' && end[-1] == '}') || (*p == '[' && end[-1] == ']'))) {
        return AIGOV_OK;
    }
    st = aigov_json_read(&l->own, AIGOV_JSON_CONTENT, l->text, err);
    *is = st == AIGOV_OK;
    l->j = &l->own;
    return st == AIGOV_NOTJSON || st == AIGOV_TOOBIG ? AIGOV_OK : st;
}

/* What the string holds is walked with the path that it has. */
static aigov_status enter(aigov__rewriter *w, size_t k, aigov_error *err)
{
    size_t path = w->path.n;
    aigov_status st = walk(w, k, 0, err);
    w->path.n = path;
    return st;
}

/* Of a quantity that is written as a text: a fraction of zeros adds nothing. */
static aigov_span whole(aigov_span s)
{
    size_t n = s.n;
    while (n > 0 && s.p[n - 1] == '0') {
        n--;
    }
    return n > 1 && s.p[n - 1] == '.' ? (aigov_span){s.p, n - 1} : s;
}

/* The string whose quote is at `at` of level k; node NULL: in a deep value. */
static aigov_status string(aigov__rewriter *w, size_t k, size_t at,
                           const aigov_node *node, aigov_error *err)
{
    aigov_span text;
    aigov_status st;
    bool json;
    if (!descend(w, k, at, node)) {
        return aigov__nomem(err);
    }
    st = outside_in(w, k, node, err);
    if (st != AIGOV_OK) {
        return st;
    }
    st = is_json(w, k + 1, &json, err);
    if (st != AIGOV_OK || json) {
        return json ? enter(w, k + 1, err) : st;
    }
    if (w->manner == AIGOV__NUMBERED) {
        return placeholders(w, k + 1) ? AIGOV_OK : aigov__nomem(err);
    }
    text = w->level[k + 1].text;
    st = look(w, k + 1, w->manner == AIGOV__AS_NULL ? whole(text) : text, true,
              err);
    if (st != AIGOV_OK || !any(w)) {
        return st;
    }
    if (w->manner == AIGOV__AS_NULL) {
        count(w);
        return edit_null(w, k, at, w->level[k + 1].end) ? AIGOV_OK
                                                        : aigov__nomem(err);
    }
    return replace(w, k + 1, false, 1) ? AIGOV_OK : aigov__nomem(err);
}

static bool in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
           c == 'e' || c == 'E';
}

/* How a number will be stored: in canonical form, where it has one. */
static aigov_span stored(const aigov__rewriter *w, aigov_span literal,
                         const aigov_node *node, char out[32])
{
    size_t n = 0;
    if (node != NULL && node->type == AIGOV_JSON_NUMBER) {
        n = aigov__number_canonical(w->ctx, literal, out);
    }
    return n == 0 ? literal : (aigov_span){out, n};
}

/* The text that stands for a number, or null where nothing does. */
static bool edit_number(aigov__rewriter *w, size_t k, size_t from, size_t to,
                        const aigov_finding *f, aigov_span value)
{
    w->edit.n = 0;
    if (!aigov_buf_puts(&w->edit, "\"") ||
        !aigov__render_finding(w->s, f, value, 1, &w->edit)) {
        return false;
    }
    return w->edit.n == 1
               ? edit_null(w, k, from, to)
               : aigov_buf_puts(&w->edit, "\"") && edit(w, k, from, to);
}

/* A number never becomes another number.  What counts something has no path
 * for context: total_tokens is no token. */
static aigov_status number(aigov__rewriter *w, size_t k, size_t at, size_t *end,
                           const aigov_node *node, aigov_error *err)
{
    aigov_span s = w->level[k].text;
    bool counts = w->manner == AIGOV__AS_NULL || w->manner == AIGOV__FIGURES;
    char canonical[32];
    const aigov_finding *best;
    aigov_status st;
    *end =
        at + (node != NULL && node->type == AIGOV_JSON_NUMBER ? node->size : 0);
    while (*end < s.n && in_number(s.p[*end])) {
        ++*end;
    }
    if (w->manner == AIGOV__NUMBERED) {
        return AIGOV_OK;
    }
    s = stored(w, (aigov_span){s.p + at, *end - at}, node, canonical);
    st = find_outside(w, k, at, *end, node, true, err);
    if (st != AIGOV_OK) {
        return st;
    }
    st = look(w, k + 1, s, !counts, err);
    best = st == AIGOV_OK ? count(w) : NULL;
    if (best == NULL) {
        return st;
    }
    return (counts ? edit_null(w, k, at, *end)
                   : edit_number(w, k, at, *end, best, s))
               ? AIGOV_OK
               : aigov__nomem(err);
}

/* A value nested too deeply for nodes, by its strings and numbers alone. */
static aigov_status deep(aigov__rewriter *w, size_t k, size_t at,
                         aigov_error *err)
{
    aigov_status st = AIGOV_OK;
    size_t depth = 0, i = at;
    do {
        char c = w->level[k].text.p[i];
        if (c == '"') {
            st = string(w, k, i, NULL, err);
            i = w->level[k + 1].end;
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            st = number(w, k, i, &i, NULL, err);
        } else {
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
            i++;
        }
    } while (st == AIGOV_OK && depth > 0);
    return st;
}

/* By its first byte: the reader keeps some numbers and containers as text. */
static aigov_status scalar(aigov__rewriter *w, size_t k, uint32_t node,
                           aigov_error *err)
{
    const aigov_node *n = &w->level[k].j->node[node];
    size_t at = n->at, end;
    switch (w->level[k].text.p[at]) {
    case '"':
        return string(w, k, at, n, err);
    case '{':
    case '[':
        return deep(w, k, at, err);
    case 't':
    case 'f':
    case 'n':
        return AIGOV_OK;
    default:
        return number(w, k, at, &end, n, err);
    }
}

/* --- names --------------------------------------------------------------- */

/* Find what there is in a name of level k. */
static aigov_status look_at_name(aigov__rewriter *w, size_t k, uint32_t node,
                                 aigov_error *err)
{
    const aigov_node *n = &w->level[k].j->node[node];
    aigov_status st;
    if (!descend(w, k, n->at, n)) {
        return aigov__nomem(err);
    }
    st = outside_in(w, k, k == 0 ? NULL : n, err);
    return st == AIGOV_OK ? look(w, k + 1, w->level[k + 1].text, false, err)
                          : st;
}

static bool add_rename(aigov__rewriter *w, uint32_t node)
{
    void *p = w->rename;
    if (w->renames == w->rename_cap &&
        !aigov__grow(w->ctx, &p, &w->rename_cap, sizeof *w->rename,
                     w->renames + 16)) {
        return false;
    }
    w->rename = p;
    w->rename[w->renames++] = node;
    return true;
}

/* All names of an object that change, when the first of them is met. */
static aigov_status find_renames(aigov__rewriter *w, size_t k, uint32_t object,
                                 aigov__renames *r, aigov_error *err)
{
    const aigov_json *j = w->level[k].j;
    const struct aigov__json *x = j->impl;
    aigov_status st = aigov__json_sort(j, object, 0, err);
    r->first = w->renames;
    r->before = aigov__placeholder_highest(w->s->rules, j, object);
    for (uint32_t i = 0; i < j->node[object].size && st == AIGOV_OK; i++) {
        uint32_t node = x->key[i].node;
        st = look_at_name(w, k, node, err);
        if (st == AIGOV_OK && any(w) && !add_rename(w, node)) {
            st = aigov__nomem(err);
        }
    }
    r->n = w->renames - r->first;
    return st;
}

/* The number of a name that changes. */
static uint32_t number_of(const aigov__rewriter *w, size_t k,
                          const aigov__renames *r, uint32_t node)
{
    const aigov_json *j = w->level[k].j;
    size_t low = 0, high = r->n;
    while (low + 1 < high) {
        size_t mid = low + (high - low) / 2;
        uint32_t at = w->rename[r->first + mid];
        int order =
            aigov__utf16_compare(aigov__text(j, at), aigov__text(j, node));
        if (order < 0 || (order == 0 && at <= node)) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return r->before + (uint32_t)low + 1;
}

/* Values are not put back into names, which might become the same. */
static bool placeholders_of_name(aigov__rewriter *w, size_t k, uint32_t node)
{
    const aigov_node *n = &w->level[k].j->node[node];
    return aigov__numbered_way(w->s) == AIGOV__NUMBERED_RESTORE ||
           (descend(w, k, n->at, n) && placeholders(w, k + 1));
}

static aigov_status name(aigov__rewriter *w, size_t k, uint32_t object,
                         uint32_t node, aigov__renames *r, aigov_error *err)
{
    aigov_status st;
    if (w->manner == AIGOV__NUMBERED) {
        return placeholders_of_name(w, k, node) ? AIGOV_OK : aigov__nomem(err);
    }
    st = look_at_name(w, k, node, err);
    if (st == AIGOV_OK && any(w) && r->n == 0) {
        st = find_renames(w, k, object, r, err);
        st = st == AIGOV_OK ? look_at_name(w, k, node, err) : st;
    }
    if (st == AIGOV_OK && any(w) &&
        !replace(w, k + 1, true, number_of(w, k, r, node))) {
        st = aigov__nomem(err);
    }
    if (st != AIGOV_OK) {
        return st;
    }
    return add_name(w, w->level[k + 1].text) &&
                   add_label(w, w->level[k].j, object, w->level[k + 1].text)
               ? AIGOV_OK
               : aigov__nomem(err);
}

/* --- the walk ------------------------------------------------------------ */

static bool push(aigov__rewriter *w, const aigov_json *j, uint32_t node)
{
    void *p = w->open;
    bool object = j->node[node].type == AIGOV_JSON_OBJECT;
    if (w->opens == w->open_cap &&
        !aigov__grow(w->ctx, &p, &w->open_cap, sizeof *w->open,
                     w->opens + 32)) {
        return false;
    }
    w->open = p;
    w->open[w->opens++] = (struct open){.node = node,
                                        .end = j->node[node].next,
                                        .path = w->path.n,
                                        .object = object,
                                        .at_name = object};
    return true;
}

static void pop(aigov__rewriter *w)
{
    const aigov__renames *r = &w->open[--w->opens].renames;
    if (r->n != 0) {
        w->renames = r->first;
    }
}

/* The node at i, a name or a value, without what a container holds. */
static aigov_status one(aigov__rewriter *w, size_t k, struct open *in,
                        uint32_t *i, aigov_error *err)
{
    const aigov_json *j = w->level[k].j;
    uint32_t node = *i;
    if (in != NULL) {
        bool at_name = in->at_name;
        in->at_name = in->object && !at_name;
        if (at_name || !in->object) {
            w->path.n = in->path;
        }
        if (at_name) {
            ++*i;
            return name(w, k, in->node, node, &in->renames, err);
        }
    }
    if (j->node[node].type >= AIGOV_JSON_ARRAY) {
        ++*i;
        return push(w, j, node) ? AIGOV_OK : aigov__nomem(err);
    }
    *i = j->node[node].next;
    return scalar(w, k, node, err);
}

/* Everything at and below a node of level k. */
static aigov_status walk(aigov__rewriter *w, size_t k, uint32_t node,
                         aigov_error *err)
{
    const aigov_json *j = w->level[k].j;
    size_t base = w->opens;
    uint32_t end = j->node[node].next, i = node;
    aigov_status st = AIGOV_OK;
    while (i < end && st == AIGOV_OK) {
        while (w->opens > base && i >= w->open[w->opens - 1].end) {
            pop(w);
        }
        st =
            one(w, k, w->opens > base ? &w->open[w->opens - 1] : NULL, &i, err);
    }
    while (w->opens > base) {
        pop(w);
    }
    return st;
}

/* --- for core/log -------------------------------------------------------- */

aigov__rewriter *aigov__rewriter_of(aigov_scanner *s)
{
    aigov__rewriter *w = s->rewriter;
    if (w != NULL) {
        return w;
    }
    w = aigov_malloc(s->ctx, sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    memset(w, 0, sizeof *w);
    w->s = s;
    w->ctx = s->ctx;
    aigov_buf_init(&w->path, s->ctx);
    aigov_buf_init(&w->edit, s->ctx);
    aigov_buf_init(&w->before, s->ctx);
    for (size_t k = 0; k <= JSON_LEVELS; k++) {
        w->level[k].own.ctx = s->ctx;
        aigov_buf_init(&w->level[k].decoded, s->ctx);
    }
    s->rewriter = w;
    return w;
}

void aigov__rewriter_free(aigov__rewriter *w)
{
    if (w == NULL) {
        return;
    }
    aigov_buf_free(&w->path);
    aigov_buf_free(&w->edit);
    aigov_buf_free(&w->before);
    for (size_t k = 0; k <= JSON_LEVELS; k++) {
        aigov_json_free(&w->level[k].own);
        aigov_buf_free(&w->level[k].decoded);
        aigov__outside_ranges_free(w->ctx, &w->outside[k]);
    }
    aigov_mfree(w->ctx, w->open, w->open_cap * sizeof *w->open);
    aigov_mfree(w->ctx, w->rename, w->rename_cap * sizeof *w->rename);
    aigov_mfree(w->ctx, w, sizeof *w);
}

void aigov__rewrite_begin(aigov__rewriter *w, const aigov_json *j,
                          aigov_span text, aigov_buf *out)
{
    w->level[0].j = j;
    w->level[0].text = text;
    w->out = out;
    w->copied = 0;
    w->changed = false;
    w->opens = 0;
    w->renames = 0;
    w->told = (aigov__told){0};
    for (size_t k = 0; k <= JSON_LEVELS; k++) {
        w->outside[k].n = 0;
    }
    w->counts = &w->own_counts;
    aigov__clean_begin(&w->clean, w->s);
}

void aigov__rewrite_outside(aigov__rewriter *w, aigov__outside *found, size_t n)
{
    w->told = (aigov__told){.v = found, .n = n};
}

void aigov__rewrite_count(aigov__rewriter *w, aigov__counts *counts)
{
    w->counts = counts;
}

aigov_status aigov__rewrite_value(aigov__rewriter *w, uint32_t node,
                                  aigov__manner manner, aigov_error *err)
{
    w->manner = manner;
    w->path.n = 0;
    return walk(w, 0, node, err);
}

aigov_status aigov__rewrite_member(aigov__rewriter *w, uint32_t object,
                                   uint32_t node, aigov__manner manner,
                                   aigov__renames *renames, aigov_error *err)
{
    aigov_status st;
    w->manner = manner;
    w->path.n = 0;
    st = name(w, 0, object, node, renames, err);
    return st == AIGOV_OK ? walk(w, 0, node + 1, err) : st;
}

/* Where the value that begins at `at` of level 0 ends: containers by their
 * brackets; 0: out of memory. */
static size_t end_of_value(aigov__rewriter *w, size_t at)
{
    size_t depth = 0, i = at;
    do {
        char c = w->level[0].text.p[i];
        if (c == '"' && !descend(w, 0, i, NULL)) {
            return 0;
        }
        i = c == '"' ? w->level[1].end : i + 1;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
    } while (depth > 0);
    return i;
}

aigov_status aigov__rewrite_null(aigov__rewriter *w, uint32_t node,
                                 aigov_error *err)
{
    size_t at = w->level[0].j->node[node].at;
    size_t end = end_of_value(w, at);
    return end != 0 && edit_null(w, 0, at, end) ? AIGOV_OK : aigov__nomem(err);
}

bool aigov__rewrite_end(aigov__rewriter *w, bool all)
{
    aigov_span text = w->level[0].text;
    return (!w->changed && !all) ||
           aigov_buf_put(w->out, text.p + w->copied, text.n - w->copied);
}

bool aigov__rewritten(const aigov__rewriter *w)
{
    return w->changed;
}

/* --- public -------------------------------------------------------------- */

static void add_counts(const aigov__counts *c, aigov_tally *tally)
{
    if (c->all == 0) {
        return;
    }
    for (size_t i = 0; i < AIGOV__MAX_DETECTORS; i++) {
        if (i < AIGOV__DETECTORS) {
            tally->count[aigov__entity_of(i)] += c->n[i];
        } else {
            tally->own += c->n[i];
        }
    }
    tally->max_score =
        c->max_score > tally->max_score ? c->max_score : tally->max_score;
}

/* One look: json redacted is appended. */
static aigov_status rewrite(aigov__rewriter *w, aigov_span json, aigov_buf *out,
                            aigov_error *err)
{
    size_t before = out->n;
    aigov_status st =
        aigov_json_read(&w->level[0].own, AIGOV_JSON_CONTENT, json, err);
    if (st != AIGOV_OK) {
        return st;
    }
    aigov__rewrite_begin(w, &w->level[0].own, json, out);
    if (w->own_counts.all != 0) {
        memset(&w->own_counts, 0, sizeof w->own_counts);
    }
    st = aigov__rewrite_value(w, 0, AIGOV__IN_PARTS, err);
    if (st == AIGOV_OK && !aigov__rewrite_end(w, true)) {
        st = aigov__nomem(err);
    }
    if (st != AIGOV_OK) {
        out->n = before;
    }
    return st;
}

/* What a mask or a drop left is looked at until nothing changes any more, so
 * that to redact once more gives the same. */
static aigov_status look_again(aigov__rewriter *w, aigov_buf *out, size_t from,
                               aigov_error *err)
{
    for (int i = 0; i < AIGOV__LOOKS; i++) {
        aigov_status st;
        w->before.n = 0;
        if (!aigov_buf_put(&w->before, out->p + from, out->n - from)) {
            return aigov__nomem(err);
        }
        out->n = from;
        st = rewrite(w, aigov_buf_span(&w->before), out, err);
        if (st != AIGOV_OK ||
            (out->n - from == w->before.n &&
             memcmp(out->p + from, w->before.p, w->before.n) == 0)) {
            return st;
        }
    }
    out->n = from;
    return aigov__unsettled(err);
}

aigov_status aigov_redact_json(aigov_scanner *s, aigov_span json,
                               aigov_buf *out, aigov_tally *tally,
                               aigov_error *err)
{
    aigov__rewriter *w = aigov__rewriter_of(s);
    aigov__counts found;
    size_t before = out->n;
    aigov_status st;
    if (w == NULL) {
        return aigov__nomem(err);
    }
    st = rewrite(w, json.p == NULL ? AIGOV_LIT("") : json, out, err);
    if (st != AIGOV_OK) {
        return st;
    }
    found = w->own_counts;
    if (w->changed && aigov__looks_again(s)) {
        st = look_again(w, out, before, err);
    }
    if (st == AIGOV_OK && tally != NULL) {
        add_counts(&found, tally);
    }
    return st;
}
