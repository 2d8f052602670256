/*
 * resolve.c - names to slots, locals and types
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * cel-spec, langdef.md, Name Resolution, without containers.  A name a.b.c is
 *
 *   1  a field of a variable of a macro, if one that is in sight is called a
 *   2  else the longest of a.b.c, a.b, a that is declared, and fields of it
 *   3  else the name of a type: int, google.protobuf.Timestamp
 *
 *   .a.b        skips the first step
 *   (a.b).c     c is a field
 *   a.`b`.c     so are b and c
 *   has(a.b)    is true where a.b is declared: a variable is always there
 *
 * What is none of these is refused where the expression is checked; else it is
 * an error of the evaluation, CEL_UNBOUND, which && and || may absorb.
 */
#include "internal.h"

typedef struct resolver {
    cel_compiler *c;
    cel_node *spine[UINT8_MAX + 1]; /* of the name at hand, outermost first */
    aigov_span local[UINT8_MAX];    /* macro variables in sight */
    uint32_t locals;
    uint8_t *read; /* by slot */
} resolver;

static bool resolve(resolver *r, cel_node *node);

/* --- names that are declared --------------------------------------------- */

/* Whether variable i is the name of spine[last .. n). */
static bool is_variable(const resolver *r, uint32_t i, uint32_t last,
                        uint32_t n)
{
    aigov_span s = r->c->env->variable[i].name;

    for (uint32_t k = n; k-- > last;) {
        aigov_span part = r->spine[k]->name;
        if (s.n < part.n || memcmp(s.p, part.p, part.n) != 0) {
            return false;
        }
        s.p += part.n;
        s.n -= part.n;
        if (k == last) {
            return s.n == 0;
        }
        if (s.n == 0 || *s.p != '.') {
            return false;
        }
        s.p++;
        s.n--;
    }
    return false;
}

/* The longest declared prefix of the name: its slot, and in *last the node of
 * the spine that it ends with.  UINT32_MAX: there is none. */
static uint32_t longest(const resolver *r, uint32_t n, uint32_t *last)
{
    const aigov_cel_env *env = r->c->env;
    uint32_t hash[UINT8_MAX + 1], h = AIGOV__CEL_HASH, k = n;
    const uint32_t mask = (uint32_t)env->index_cap - 1;

    if (env->index_cap == 0) {
        return UINT32_MAX;
    }
    while (k > 0 &&
           (k == n || (r->spine[k - 1]->flags & CEL_NODE_QUOTED) == 0)) {
        h = k == n ? h : aigov__cel_hash(h, AIGOV_LIT("."));
        h = aigov__cel_hash(h, r->spine[--k]->name);
        hash[k] = h;
    }
    for (; k < n; k++) {
        for (uint32_t i = hash[k] & mask; env->index[i] != 0;
             i = (i + 1) & mask) {
            if (is_variable(r, env->index[i] - 1, k, n)) {
                *last = k;
                return env->index[i] - 1;
            }
        }
    }
    return UINT32_MAX;
}

static bool is_type(const resolver *r, uint32_t n, uint32_t *last,
                    cel_kind *kind)
{
    aigov_span name = r->spine[n - 1]->name;

    *last = n - 1;
    *kind = aigov__cel_type_named(name);
    if (*kind != CEL_DYN || n < 3 || !AIGOV__IS(name, "google") ||
        !AIGOV__IS(r->spine[n - 2]->name, "protobuf")) {
        return *kind != CEL_DYN;
    }
    name = r->spine[n - 3]->name;
    *last = n - 3;
    *kind = AIGOV__IS(name, "Timestamp")  ? CEL_TIMESTAMP
            : AIGOV__IS(name, "Duration") ? CEL_DURATION
                                          : CEL_DYN;
    return *kind != CEL_DYN;
}

/* --- what a name becomes ------------------------------------------------- */

static void become_type(cel_node *node, cel_kind kind)
{
    const char *name = aigov__cel_type_name(kind);

    node->op = CEL_NODE_CONST;
    node->n = 0;
    node->value =
        (cel_value){.kind = CEL_TYPE, .n = (uint32_t)strlen(name), .s = name};
}

static bool become_slot(resolver *r, cel_node *node, const cel_node *base,
                        uint32_t slot)
{
    aigov_span name = r->c->env->variable[slot].name;

    if (name.n != base->name.n) { /* dots: the environment may go first */
        char *copy = aigov__cel_alloc(r->c->arena, name.n);
        if (copy == NULL) {
            return false;
        }
        memcpy(copy, name.p, name.n);
        name.p = copy;
    } else {
        name = base->name;
    }
    node->op = CEL_NODE_SLOT;
    node->flags = (uint8_t)((base->flags & CEL_NODE_ABSOLUTE) |
                            (node->flags & CEL_NODE_PAREN));
    node->at = base->at;
    node->n = 0;
    node->number = slot;
    node->name = name;
    r->read[slot] = 1;
    return true;
}

static bool become_local(const resolver *r, cel_node *base)
{
    for (uint32_t i = r->locals; i-- > 0;) {
        if (aigov_span_eq(r->local[i], base->name)) {
            base->op = CEL_NODE_LOCAL;
            base->number = i;
            return true;
        }
    }
    return false;
}

/* --- names that are not -------------------------------------------------- */

#define MOST_PARTS                                                             \
    6 /* of a name that is looked for among the declared ones                  \
       */

/* The first parts of the name, joined by dots. */
static size_t join(const resolver *r, uint32_t n, uint32_t parts, char *out,
                   size_t size)
{
    size_t used = 0;

    for (uint32_t k = 0; k < parts; k++) {
        aigov_span part = r->spine[n - 1 - k]->name;
        if (part.n + 1 > size - used) {
            return 0;
        }
        if (k > 0) {
            out[used++] = '.';
        }
        memcpy(out + used, part.p, part.n);
        used += part.n;
    }
    return used;
}

static uint32_t parts_of(aigov_span name)
{
    uint32_t n = 1;

    for (size_t i = 0; i < name.n; i++) {
        n += name.p[i] == '.';
    }
    return n;
}

/* The declared name that is nearest to as many parts of this one as it has
 * itself, or NULL; *within: one that begins with its first part. */
static const char *nearest(const resolver *r, uint32_t n, uint32_t parts,
                           const char **within)
{
    const aigov_cel_env *env = r->c->env;
    char text[MOST_PARTS][64];
    aigov__near near[MOST_PARTS] = {0};
    const char *best = NULL;
    size_t distance = SIZE_MAX;

    *within = NULL;
    for (uint32_t k = 0; k < MOST_PARTS && k < parts; k++) {
        near[k].name.n = join(r, n, k + 1, text[k], sizeof text[k]);
        near[k].name.p = text[k];
    }
    for (size_t i = 0; i < env->count; i++) {
        aigov_span name = env->variable[i].name;
        uint32_t own = parts_of(name);
        if (own <= MOST_PARTS && near[own - 1].name.n > 0) {
            aigov__near_try(&near[own - 1], name.p);
        }
        if (*within == NULL && name.n > near[0].name.n &&
            name.p[near[0].name.n] == '.' &&
            memcmp(name.p, near[0].name.p, near[0].name.n) == 0) {
            *within = name.p;
        }
    }
    for (size_t k = MOST_PARTS; k-- > 0;) {
        if (near[k].best != NULL && near[k].distance < distance) {
            best = near[k].best;
            distance = near[k].distance;
        }
    }
    return best;
}

/* n nodes on the spine, the last one the base. */
static bool unknown(resolver *r, const cel_node *base, uint32_t n)
{
    aigov_error *err = r->c->err;
    const char *within, *near;
    char text[64];
    uint32_t parts = 1;

    while (parts < n &&
           (r->spine[n - 1 - parts]->flags & CEL_NODE_QUOTED) == 0) {
        parts++; /* a quoted field is no part of a name */
    }
    near = nearest(r, n, parts, &within);
    aigov_span name = {text, join(r, n, within == NULL || parts < 2 ? 1 : 2,
                                  text, sizeof text)};
    if (!aigov__name_shown(name)) {
        name = AIGOV_LIT("of this name");
    }
    aigov__cel_refuse(r->c, CEL_CHECK, base->at, "there is no variable %.*s",
                      (int)name.n, name.p);
    if (near != NULL && strlen(near) < sizeof text) {
        aigov_hint(err, "did you mean %s?", near);
    } else if (within != NULL && strlen(within) < sizeof text) {
        aigov_hint(err, "a variable that begins so: %s", within);
    } else {
        aigov_hint(err, "text stands in quotes; a variable has to be declared");
    }
    return false;
}

/* --- the walk ------------------------------------------------------------ */

/* Nodes from node down to what the name begins with, onto the spine. */
static uint32_t unroll(resolver *r, cel_node *node)
{
    uint32_t n = 0;

    r->spine[n++] = node;
    while ((node->op == CEL_NODE_SELECT || node->op == CEL_NODE_HAS) &&
           (node->kid[0]->flags & CEL_NODE_PAREN) == 0 &&
           (node->kid[0]->op == CEL_NODE_SELECT ||
            node->kid[0]->op == CEL_NODE_NAME)) {
        node = node->kid[0];
        r->spine[n++] = node;
    }
    return n;
}

/* A NAME, or SELECT or HAS of something. */
static bool resolve_name(resolver *r, cel_node *node)
{
    uint32_t n = unroll(r, node), last;
    cel_node *base = r->spine[n - 1];
    cel_kind kind;

    if (base->op != CEL_NODE_NAME) {
        return resolve(r, base->kid[0]);
    }
    if ((base->flags & CEL_NODE_ABSOLUTE) == 0 && become_local(r, base)) {
        return true;
    }
    uint32_t slot = longest(r, n, &last);
    if (slot != UINT32_MAX) {
        if (r->spine[last]->op == CEL_NODE_HAS) {
            *node = (cel_node){.op = CEL_NODE_CONST,
                               .height = 1,
                               .at = node->at,
                               .value = {.kind = CEL_BOOL, .b = true}};
            return true;
        }
        if (!become_slot(r, r->spine[last], base, slot)) {
            aigov__nomem(r->c->err);
            return false;
        }
        return true;
    }
    if (is_type(r, n, &last, &kind) && r->spine[last]->op != CEL_NODE_HAS) {
        become_type(r->spine[last], kind);
        return true;
    }
    return (r->c->flags & AIGOV_CEL_CHECK) == 0 || unknown(r, base, n);
}

static bool resolve_macro(resolver *r, cel_node *node)
{
    cel_compiler *c = r->c;

    if (!resolve(r, node->kid[0])) {
        return false;
    }
    if (r->locals >= c->limits.nesting) {
        aigov__cel_refuse(c, CEL_COST_EXCEEDED, node->at,
                          "macros are nested more than %u deep",
                          c->limits.nesting);
        return false;
    }
    node->number = r->locals;
    r->local[r->locals++] = node->name;
    if (r->locals > c->program->locals) {
        c->program->locals = r->locals;
    }
    bool right = true;
    for (uint32_t i = 1; right && i < node->n; i++) {
        right = resolve(r, node->kid[i]);
    }
    r->locals--;
    return right;
}

static bool resolve(resolver *r, cel_node *node)
{
    if (node->op == CEL_NODE_CALL && node->fn == CEL_FUNCTIONS_ &&
        (r->c->flags & AIGOV_CEL_CHECK) != 0) {
        aigov__cel_no_function(r->c, node);
        return false;
    }
    switch (node->op) {
    case CEL_NODE_NAME:
    case CEL_NODE_SELECT:
    case CEL_NODE_HAS:
        return resolve_name(r, node);
    case CEL_NODE_ALL:
    case CEL_NODE_EXISTS:
    case CEL_NODE_EXISTS_ONE:
    case CEL_NODE_FILTER:
    case CEL_NODE_TRANSFORM:
        return resolve_macro(r, node);
    default:
        for (uint32_t i = 0; i < node->n; i++) {
            if (!resolve(r, node->kid[i])) {
                return false;
            }
        }
        return true;
    }
}

/* The slots that are read, ascending. */
static bool collect(const resolver *r)
{
    aigov_cel_program *p = r->c->program;
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->slots; i++) {
        n += r->read[i];
    }
    p->reads = aigov__cel_alloc(r->c->arena, (n + 1) * sizeof *p->reads);
    if (p->reads == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < p->slots; i++) {
        if (r->read[i] != 0) {
            p->reads[p->read_count++] = i;
        }
    }
    return true;
}

aigov_status aigov__cel_resolve(cel_compiler *c, cel_node *root)
{
    resolver r; /* its arrays are not cleared: 6 KiB */
    size_t slots = c->program->slots;

    r.c = c;
    r.locals = 0;
    r.read = aigov__cel_alloc(c->arena, slots + 1);
    if (r.read == NULL) {
        return aigov__nomem(c->err);
    }
    memset(r.read, 0, slots + 1);
    if (!resolve(&r, root)) {
        return c->err->code;
    }
    return collect(&r) ? AIGOV_OK : aigov__nomem(c->err);
}
