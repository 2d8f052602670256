/*
 * schema.c - what differs from what the script and init made
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The module carries the text of the extension script and of init.  Here that
 * text is parsed by PostgreSQL itself and compared with the catalogue: tables
 * and columns, keys, triggers and their state, rules, children, views and
 * functions.  Indexes, policies, row-level security, publications and
 * privileges are the user's.  Reading only: it works on a standby.
 */
#include "pg_aigov.h"

#include "access/relation.h"
#include "catalog/pg_am.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_language.h"
#include "catalog/pg_trigger.h"
#include "commands/defrem.h"
#include "commands/trigger.h"
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "parser/parse_type.h"
#include "rewrite/prs2lock.h"
#include "rewrite/rewriteDefine.h"
#include "tcop/tcopprot.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "functions_pg.h"
#include "schema_pg.h"

typedef struct diff {
    differ_fn fn;
    void *arg;
    List *triggers;  /* CreateTrigStmt of all tables */
    List *functions; /* OIDs that are aigov's */
} diff;

static void say(diff *d, const char *format, ...) pg_attribute_printf(2, 3);

static void say(diff *d, const char *format, ...)
{
    char text[300];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    d->fn(d->arg, text);
}

static Node *parse(const char *sql)
{
    return linitial_node(RawStmt, pg_parse_query(sql))->stmt;
}

/* --- tables
 * -------------------------------------------------------------------- */

static bool is_required(ColumnDef *column)
{
    ListCell *cell;

    foreach (cell, column->constraints) {
        if (lfirst_node(Constraint, cell)->contype == CONSTR_NOTNULL)
            return true;
    }
    return false;
}

static bool column_is(Form_pg_attribute have, ColumnDef *want)
{
    return !have->attisdropped &&
           strcmp(NameStr(have->attname), want->colname) == 0 &&
           have->atttypid == typenameTypeId(NULL, want->typeName) &&
           have->atttypmod == -1 && have->attnotnull == is_required(want) &&
           !have->atthasdef && have->attgenerated == '\0' &&
           have->attidentity == '\0';
}

static void compare_columns(diff *d, Relation rel, CreateStmt *stmt)
{
    TupleDesc desc = RelationGetDescr(rel);
    const char *table = stmt->relation->relname;
    ListCell *cell;
    int i = 0;

    foreach (cell, stmt->tableElts) {
        ColumnDef *want = lfirst(cell);

        if (!IsA(want, ColumnDef))
            continue;
        if (i >= desc->natts || !column_is(TupleDescAttr(desc, i), want))
            say(d, "column %s of table aigov.%s", want->colname, table);
        i++;
    }
    for (; i < desc->natts; i++) {
        if (!TupleDescAttr(desc, i)->attisdropped)
            say(d, "column %s of table aigov.%s is not aigov's",
                NameStr(TupleDescAttr(desc, i)->attname), table);
    }
}

static bool index_is(Relation rel, Relation index, List *keys)
{
    Form_pg_index form = index->rd_index;
    ListCell *cell;
    int i = 0;

    if (!form->indisunique || !form->indisvalid ||
        form->indnkeyatts != list_length(keys) ||
        !heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
        return false;
    foreach (cell, keys) {
        AttrNumber column =
            get_attnum(RelationGetRelid(rel), strVal(lfirst(cell)));

        if (form->indkey.values[i++] != column)
            return false;
    }
    return true;
}

/* A key that is gone lets one place or one id be filled twice. */
static void compare_key(diff *d, Relation rel, Constraint *key)
{
    List *list = RelationGetIndexList(rel);
    ListCell *cell;
    bool found = false;

    if (key->contype != CONSTR_PRIMARY && key->contype != CONSTR_UNIQUE)
        return;
    foreach (cell, list) {
        Relation index = relation_open(lfirst_oid(cell), AccessShareLock);

        found = found || index_is(rel, index, key->keys);
        relation_close(index, AccessShareLock);
    }
    if (!found)
        say(d, "%s key of table aigov.%s",
            key->contype == CONSTR_PRIMARY ? "primary" : "unique",
            RelationGetRelationName(rel));
}

static void compare_form(diff *d, Relation rel)
{
    const char *name = RelationGetRelationName(rel);
    Form_pg_class form = rel->rd_rel;

    if (form->relkind != RELKIND_RELATION || form->relam != HEAP_TABLE_AM_OID ||
        form->relpersistence != RELPERSISTENCE_PERMANENT ||
        form->relispartition)
        say(d, "table aigov.%s is no permanent heap table", name);
    if (find_inheritance_children(RelationGetRelid(rel), NoLock) != NIL)
        say(d, "table aigov.%s has children", name);
    if (has_superclass(RelationGetRelid(rel)))
        say(d, "table aigov.%s inherits", name);
    if (rel->rd_rules && rel->rd_rules->numLocks > 0)
        say(d, "table aigov.%s has a rule", name);
}

static void compare_table(diff *d, CreateStmt *stmt)
{
    Oid oid = table_named(stmt->relation->relname);
    ListCell *cell;
    Relation rel;

    if (!OidIsValid(oid)) {
        say(d, "table aigov.%s is missing", stmt->relation->relname);
        return;
    }
    rel = relation_open(oid, AccessShareLock);
    compare_form(d, rel);
    compare_columns(d, rel, stmt);
    foreach (cell, stmt->tableElts) {
        if (IsA(lfirst(cell), Constraint))
            compare_key(d, rel, lfirst_node(Constraint, cell));
    }
    relation_close(rel, AccessShareLock);
}

/* --- triggers
 * --------------------------------------------------------------------- */

static bool trigger_is(const Trigger *have, CreateTrigStmt *want, bool view)
{
    int16 type = want->timing | want->events;

    if (want->row)
        TRIGGER_SETT_ROW(type);
    return have->tgtype == type && have->tgnargs == 0 && have->tgnattr == 0 &&
           have->tgqual == NULL &&
           have->tgfoid == LookupFuncName(want->funcname, 0, NULL, true);
}

static CreateTrigStmt *wanted(diff *d, const char *table, const char *name)
{
    ListCell *cell;

    foreach (cell, d->triggers) {
        CreateTrigStmt *stmt = lfirst(cell);

        if (strcmp(stmt->relation->relname, table) == 0 &&
            strcmp(stmt->trigname, name) == 0)
            return stmt;
    }
    return NULL;
}

static void compare_triggers(diff *d, const char *table, bool view)
{
    Relation rel = relation_open(table_named(table), AccessShareLock);
    TriggerDesc *list = rel->trigdesc;
    int i;

    for (i = 0; list && i < list->numtriggers; i++) {
        Trigger *t = &list->triggers[i];
        CreateTrigStmt *want = wanted(d, table, t->tgname);

        if (t->tgisinternal)
            continue;
        if (!want)
            say(d, "trigger %s on aigov.%s is not aigov's", t->tgname, table);
        else if (!trigger_is(t, want, view))
            say(d, "trigger %s on aigov.%s", t->tgname, table);
        else if (t->tgenabled !=
                 (view ? TRIGGER_FIRES_ON_ORIGIN : TRIGGER_FIRES_ALWAYS))
            say(d, "trigger %s on aigov.%s is %s", t->tgname, table,
                t->tgenabled == TRIGGER_DISABLED ? "disabled"
                                                 : "not enabled always");
    }
    relation_close(rel, AccessShareLock);
}

static void find_missing_triggers(diff *d)
{
    ListCell *cell;

    foreach (cell, d->triggers) {
        CreateTrigStmt *stmt = lfirst(cell);
        Oid table = table_named(stmt->relation->relname);

        if (OidIsValid(table) &&
            !OidIsValid(get_trigger_oid(table, stmt->trigname, true)))
            say(d, "trigger %s on aigov.%s is missing", stmt->trigname,
                stmt->relation->relname);
    }
}

/* --- views
 * -------------------------------------------------------------------------- */

static bool only_select_rule(Relation view)
{
    RewriteRule *rule;

    if (!view->rd_rules || view->rd_rules->numLocks != 1)
        return false;
    rule = view->rd_rules->rules[0];
    return rule->event == CMD_SELECT && rule->isInstead &&
           rule->enabled == RULE_FIRES_ON_ORIGIN;
}

static void compare_view(diff *d, ViewStmt *stmt, const char *sql)
{
    const char *name = stmt->view->relname;
    Oid oid = table_named(name);
    Relation view;

    if (!OidIsValid(oid)) {
        say(d, "view aigov.%s is missing", name);
        return;
    }
    view = relation_open(oid, AccessShareLock);
    if (view->rd_rel->relkind != RELKIND_VIEW || !only_select_rule(view) ||
        !view_is(view, stmt->query, sql))
        say(d, "view aigov.%s", name);
    relation_close(view, AccessShareLock);
    compare_triggers(d, name, true);
}

/* --- functions
 * ------------------------------------------------------------------------ */

static Oid find_function(CreateFunctionStmt *stmt)
{
    Oid types[FUNC_MAX_ARGS];
    ListCell *cell;
    int n = 0;

    foreach (cell, stmt->parameters) {
        FunctionParameter *p = lfirst(cell);

        if (p->mode != FUNC_PARAM_TABLE && p->mode != FUNC_PARAM_OUT)
            types[n++] = typenameTypeId(NULL, p->argType);
    }
    return LookupFuncName(stmt->funcname, n, types, true);
}

static Node *option(CreateFunctionStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach (cell, stmt->options) {
        DefElem *e = lfirst(cell);

        if (strcmp(e->defname, name) == 0)
            return e->arg;
    }
    return NULL;
}

static char *text_of(HeapTuple tuple, int column)
{
    bool null;
    Datum d = SysCacheGetAttr(PROCOID, tuple, column, &null);

    return null ? "" : TextDatumGetCString(d);
}

/* pg_proc says these words by their first letter. */
static char letter_of(CreateFunctionStmt *stmt, const char *name,
                      const char *otherwise)
{
    Node *word = option(stmt, name);

    return word ? *strVal(word) : *otherwise;
}

static bool function_is(HeapTuple tuple, CreateFunctionStmt *want)
{
    Form_pg_proc have = (Form_pg_proc)GETSTRUCT(tuple);
    List *as = (List *)option(want, "as");
    bool null;

    SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proconfig, &null);
    return null && have->prolang == ClanguageId && !have->prosecdef &&
           have->prokind == PROKIND_FUNCTION &&
           have->proisstrict == (option(want, "strict") != NULL) &&
           have->provolatile == letter_of(want, "volatility", "volatile") &&
           have->proparallel == letter_of(want, "parallel", "unsafe") &&
           strcmp(text_of(tuple, Anum_pg_proc_prosrc), strVal(lsecond(as))) ==
               0 &&
           strcmp(text_of(tuple, Anum_pg_proc_probin), "$libdir/aigov") == 0;
}

static void compare_function(diff *d, CreateFunctionStmt *stmt)
{
    Oid oid = find_function(stmt);
    HeapTuple tuple;

    if (!OidIsValid(oid)) {
        say(d, "function %s is missing", NameListToString(stmt->funcname));
        return;
    }
    d->functions = lappend_oid(d->functions, oid);
    tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(oid));
    if (!HeapTupleIsValid(tuple) || !function_is(tuple, stmt))
        say(d, "function %s", format_procedure(oid));
    if (HeapTupleIsValid(tuple))
        ReleaseSysCache(tuple);
}

/* An overload that is not ours could take a caller's record away. */
static void find_other_functions(diff *d)
{
    Relation rel = table_open(ProcedureRelationId, AccessShareLock);
    ScanKeyData key;
    SysScanDesc scan;
    HeapTuple tuple;

    ScanKeyInit(&key, Anum_pg_proc_pronamespace, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(get_namespace_oid("aigov", false)));
    scan = systable_beginscan(rel, InvalidOid, false, NULL, 1, &key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        Oid oid = ((Form_pg_proc)GETSTRUCT(tuple))->oid;

        if (!list_member_oid(d->functions, oid))
            say(d, "function %s is not aigov's", format_procedure(oid));
    }
    systable_endscan(scan);
    table_close(rel, AccessShareLock);
}

/* --- all
 * ----------------------------------------------------------------------------------
 */

static void gather_triggers(diff *d)
{
    int i;

    for (i = 0; aigov_schema[i]; i++) {
        Node *stmt = parse(aigov_schema[i]);

        if (IsA(stmt, CreateTrigStmt))
            d->triggers = lappend(d->triggers, stmt);
    }
}

static void compare_relations(diff *d)
{
    int i;

    for (i = 0; aigov_schema[i]; i++) {
        Node *stmt = parse(aigov_schema[i]);

        if (IsA(stmt, CreateStmt)) {
            const char *name = ((CreateStmt *)stmt)->relation->relname;

            compare_table(d, (CreateStmt *)stmt);
            if (OidIsValid(table_named(name)))
                compare_triggers(d, name, false);
        } else if (IsA(stmt, ViewStmt)) {
            compare_view(d, (ViewStmt *)stmt, aigov_schema[i]);
        }
    }
}

void schema_compare(differ_fn fn, void *arg)
{
    diff d = {fn, arg, NIL, NIL};
    int i, level = pin_search_path();

    gather_triggers(&d);
    compare_relations(&d);
    find_missing_triggers(&d);
    for (i = 0; aigov_functions[i]; i++) {
        Node *stmt = parse(aigov_functions[i]);

        if (IsA(stmt, CreateFunctionStmt))
            compare_function(&d, (CreateFunctionStmt *)stmt);
    }
    find_other_functions(&d);
    AtEOXact_GUC(true, level);
}
