/*
 * ddl.c - the event trigger that stops accidents
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A migration or an ORM must not reshape the log unawares, so DDL on aigov's
 * tables and views is refused before it starts.  Names are resolved here to
 * OIDs: by schema name one would miss CREATE TRIGGER, CREATE RULE and INHERITS.
 *
 *   passes    indexes, policies, row-level security, publications, statistics,
 *             comments, privileges, storage parameters, replica identity,
 *             enabling and disabling triggers (restores do it, and verify
 *             reports what is left disabled)
 *   refused   all other ALTER TABLE, DROP, RENAME, SET SCHEMA, triggers, rules,
 *             children, DROP SCHEMA aigov, DROP EXTENSION aigov ... CASCADE
 *   off       SET aigov.allow_drop = on
 *
 * Not a defence: a superuser drops it.  It is made by init and is no member of
 * the extension; a restore makes it last.
 */
#include "pg_aigov.h"

#include "commands/event_trigger.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "tcop/cmdtag.h"

bool ddl_by_aigov = false;

static bool ours(Oid relid)
{
    static const char *const names[] = {
        "entry",  "content", "log",         "instance",         "inbox",
        "health", "own_log", "interaction", "open_interaction", "turn"};
    int i;

    for (i = 0; OidIsValid(relid) && i < lengthof(names); i++) {
        if (table_named(names[i]) == relid)
            return true;
    }
    return false;
}

static bool range_is_ours(RangeVar *range)
{
    return range && ours(RangeVarGetRelid(range, NoLock, true));
}

static bool list_is_ours(List *ranges)
{
    ListCell *cell;

    foreach (cell, ranges) {
        if (range_is_ours(lfirst_node(RangeVar, cell)))
            return true;
    }
    return false;
}

/* --- what passes of ALTER TABLE
 * --------------------------------------------------- */

static bool passes(AlterTableType type)
{
    switch (type) {
    case AT_EnableRowSecurity:
    case AT_DisableRowSecurity:
    case AT_ForceRowSecurity:
    case AT_NoForceRowSecurity:
    case AT_ReplicaIdentity:
    case AT_SetStatistics:
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ClusterOn:
    case AT_DropCluster:
    case AT_SetTableSpace:
    case AT_AttachPartition: /* of an index */
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_EnableTrigAll:
    case AT_EnableTrigUser:
    case AT_DisableTrig:
    case AT_DisableTrigAll:
    case AT_DisableTrigUser:
        return true;
    default:
        return false;
    }
}

static bool alters(AlterTableStmt *stmt)
{
    ListCell *cell;

    if (!range_is_ours(stmt->relation))
        return false;
    foreach (cell, stmt->cmds) {
        if (!passes(lfirst_node(AlterTableCmd, cell)->subtype))
            return true;
    }
    return false;
}

/* --- DROP
 * ------------------------------------------------------------------------------
 */

static bool is_aigov(Node *object)
{
    return IsA(object, String) && strcmp(strVal(object), "aigov") == 0;
}

static bool drops_one(DropStmt *stmt, Node *object)
{
    List *names;

    switch (stmt->removeType) {
    case OBJECT_SCHEMA:
        return is_aigov(object);
    case OBJECT_EXTENSION:
        return is_aigov(object) && stmt->behavior == DROP_CASCADE &&
               OidIsValid(table_named("entry"));
    case OBJECT_TABLE:
    case OBJECT_VIEW:
        return range_is_ours(makeRangeVarFromNameList((List *)object));
    case OBJECT_TRIGGER:
    case OBJECT_RULE:
        names = list_truncate(list_copy((List *)object),
                              list_length((List *)object) - 1);
        return names != NIL && range_is_ours(makeRangeVarFromNameList(names));
    default:
        return false;
    }
}

static bool drops(DropStmt *stmt)
{
    ListCell *cell;

    foreach (cell, stmt->objects) {
        if (drops_one(stmt, lfirst(cell)))
            return true;
    }
    return false;
}

/* --- any statement
 * ----------------------------------------------------------------------- */

static bool refuses(Node *stmt)
{
    switch (nodeTag(stmt)) {
    case T_AlterTableStmt:
        return alters((AlterTableStmt *)stmt);
    case T_DropStmt:
        return drops((DropStmt *)stmt);
    case T_RenameStmt:
        return range_is_ours(((RenameStmt *)stmt)->relation) ||
               (((RenameStmt *)stmt)->renameType == OBJECT_SCHEMA &&
                strcmp(((RenameStmt *)stmt)->subname, "aigov") == 0);
    case T_AlterObjectSchemaStmt:
        return range_is_ours(((AlterObjectSchemaStmt *)stmt)->relation);
    case T_CreateTrigStmt:
        return range_is_ours(((CreateTrigStmt *)stmt)->relation);
    case T_RuleStmt:
        return range_is_ours(((RuleStmt *)stmt)->relation);
    case T_ViewStmt:
        return range_is_ours(((ViewStmt *)stmt)->view);
    case T_CreateStmt:
        return list_is_ours(((CreateStmt *)stmt)->inhRelations);
    default:
        return false;
    }
}

PG_FUNCTION_INFO_V1(pg_aigov_guard_ddl);

Datum pg_aigov_guard_ddl(PG_FUNCTION_ARGS)
{
    EventTriggerData *t = (EventTriggerData *)fcinfo->context;

    if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("this function is an event trigger of aigov")));
    if (!ddl_by_aigov && !setting_allow_drop && refuses(t->parsetree))
        fail(AIGOV_APPENDONLY,
             "where it is meant: SET aigov.allow_drop = on, in this session, "
             "as superuser",
             "%s would change a table or view of aigov",
             GetCommandTagName(t->tag));
    PG_RETURN_NULL();
}
