/*
 * grant.c - privileges are ACLs on aigov's own functions and views
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * No table of role names: a dump restores elsewhere.  Each privilege has a
 * function aigov.is_<privilege>(); who may execute it has the privilege.  One
 * that is taken back leaves what the role's other privileges need.
 */
#include "pg_aigov.h"

#include "catalog/pg_authid.h"
#include "executor/spi.h"
#include "parser/parse_func.h"
#include "utils/catcache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

typedef struct privilege {
    const char *name;
    const char *const *functions; /* all overloads */
    const char *const *views;     /* "SELECT name", "INSERT name" */
} privilege;

static const char *const writer_functions[] = {
    "is_writer", "append",      "append_batch", "receipt",  "record_import",
    "redact",    "redact_json", "guard",        "complete", NULL};
static const char *const writer_views[] = {"INSERT inbox", "SELECT inbox",
                                           NULL};
static const char *const reader_functions[] = {"is_reader",
                                               "leaf",
                                               "verify",
                                               "history",
                                               "version",
                                               "needs_epoch",
                                               "detectors",
                                               "own_rules",
                                               "redaction_keys",
                                               "downstream",
                                               "upstream",
                                               "explain",
                                               "path",
                                               "outputs_influenced_by",
                                               "recipients",
                                               "blast_radius",
                                               "side_effects",
                                               "erasure_scope",
                                               "compare",
                                               "orphans",
                                               "coverage_of_lineage",
                                               "lineage_check",
                                               "lineage_edges",
                                               "find_node",
                                               "prov_json",
                                               "mermaid",
                                               "dot",
                                               "svg",
                                               "openlineage",
                                               NULL};
static const char *const reader_views[] = {"SELECT entry",
                                           "SELECT log",
                                           "SELECT own_log",
                                           "SELECT interaction",
                                           "SELECT open_interaction",
                                           "SELECT health",
                                           "SELECT detectors",
                                           "SELECT redactions",
                                           "SELECT policies",
                                           "SELECT policy_decisions",
                                           "SELECT control_tests",
                                           "SELECT exceptions",
                                           "SELECT approvals",
                                           "SELECT open_approvals",
                                           "SELECT open_obligations",
                                           NULL};
static const char *const content_reader_functions[] = {
    "is_content_reader", "open_content", "restore", NULL};
static const char *const steward_functions[] = {"is_steward",
                                                "put",
                                                "record_import",
                                                "receipt",
                                                "detectors",
                                                "own_rules",
                                                "findings",
                                                "explain_redaction",
                                                "cel",
                                                "injection",
                                                "install_pack",
                                                "check",
                                                "reproduce",
                                                "replay",
                                                "policy_test",
                                                "policy_lint",
                                                "explain_decision",
                                                NULL};
static const char *const approver_functions[] = {
    "is_approver",    "put",     "receipt", "approve", "exception",
    "policy_publish", "suspend", NULL};
static const char *const operator_functions[] = {
    "is_operator", "put",
    "erase",       "record_import",
    "receipt",     "redaction_keys",
    "maintain",    "rebuild_lineage",
    NULL};
static const char *const no_views[] = {NULL};

static const privilege privileges[] = {
    {"writer", writer_functions, writer_views},
    {"reader", reader_functions, reader_views},
    {"content_reader", content_reader_functions, no_views},
    {"steward", steward_functions, no_views},
    {"approver", approver_functions, no_views},
    {"operator", operator_functions, no_views},
};

/* --- who --------------------------------------------------------------------
 */

Oid extension_owner(void)
{
    Relation rel = table_open(ExtensionRelationId, AccessShareLock);
    ScanKeyData key;
    SysScanDesc scan;
    HeapTuple tuple;
    Oid owner = InvalidOid;

    ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
                F_NAMEEQ, CStringGetDatum("aigov"));
    scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
    tuple = systable_getnext(scan);
    if (HeapTupleIsValid(tuple))
        owner = ((Form_pg_extension)GETSTRUCT(tuple))->extowner;
    systable_endscan(scan);
    table_close(rel, AccessShareLock);
    if (!OidIsValid(owner))
        elog(ERROR, "extension aigov does not exist");
    return owner;
}

void require_owner(const char *what)
{
    if (!has_privs_of_role(GetUserId(), extension_owner()))
        fail(AIGOV_DENIED, NULL, "%s is for the owner of the extension", what);
}

static Oid marker(const char *name)
{
    List *names =
        list_make2(makeString("aigov"), makeString(psprintf("is_%s", name)));

    return LookupFuncName(names, 0, NULL, false);
}

bool has_privilege(const char *name)
{
    return compat_may_execute(marker(name), GetUserId());
}

const char *privileges_held(void)
{
    StringInfoData list;
    int i;

    initStringInfo(&list);
    for (i = 0; i < lengthof(privileges); i++) {
        if (has_privilege(privileges[i].name))
            appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "",
                             privileges[i].name);
    }
    return list.len > 0 ? list.data : "none";
}

/* Granted to this very role, not to one that it is a member of. */
static bool is_granted(const char *name, Oid role)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(marker(name)));
    bool null, found = false;
    Datum acl;

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for a function of aigov");
    acl = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proacl, &null);
    if (!null) {
        Acl *list = DatumGetAclP(acl);
        AclItem *item = ACL_DAT(list);
        int i;

        for (i = 0; i < ACL_NUM(list); i++)
            found = found || item[i].ai_grantee == role;
    }
    ReleaseSysCache(tuple);
    return found;
}

/* --- GRANT and REVOKE --------------------------------------------------------
 */

static void run(const char *sql)
{
    if (SPI_execute(sql, false, 0) < 0)
        elog(ERROR, "aigov could not run a statement");
}

/* Every overload of a function. */
static void on_functions(const char *verb, const char *name, const char *role)
{
    CatCList *list =
        SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
    Oid schema = get_namespace_oid("aigov", false);
    StringInfoData sql;
    int i;

    initStringInfo(&sql);
    for (i = 0; i < list->n_members; i++) {
        Form_pg_proc proc = (Form_pg_proc)GETSTRUCT(&list->members[i]->tuple);

        if (proc->pronamespace == schema)
            appendStringInfo(
                &sql, verb, "EXECUTE",
                psprintf("FUNCTION %s", format_procedure_qualified(proc->oid)),
                role);
    }
    ReleaseCatCacheList(list);
    if (sql.len > 0)
        run(sql.data);
}

static void on_views(const char *verb, const char *view, const char *role)
{
    char *copy = pstrdup(view), *name = strchr(copy, ' ');
    StringInfoData sql;

    *name++ = 0;
    if (!OidIsValid(table_named(name)))
        fail(AIGOV_NOLOG, "SELECT aigov.init('<your origin>')",
             "this database has no log");
    initStringInfo(&sql);
    appendStringInfo(&sql, verb, copy, psprintf("TABLE aigov.%s", name), role);
    run(sql.data);
}

static void each(const char *verb, const privilege *p, const char *role)
{
    int i;

    for (i = 0; p->functions[i]; i++)
        on_functions(verb, p->functions[i], role);
    for (i = 0; p->views[i]; i++)
        on_views(verb, p->views[i], role);
}

#define GRANT_SQL "GRANT %s ON %s TO %s;"
#define REVOKE_SQL "REVOKE %s ON %s FROM %s;"

static void give(const privilege *p, const char *role)
{
    run(psprintf("GRANT USAGE ON SCHEMA aigov TO %s", role));
    each(GRANT_SQL, p, role);
}

static void take(const privilege *p, const char *role, Oid oid)
{
    bool held[lengthof(privileges)], any = false;
    int i;

    for (i = 0; i < lengthof(privileges); i++) {
        held[i] = p != &privileges[i] && is_granted(privileges[i].name, oid);
        any = any || held[i];
    }
    each(REVOKE_SQL, p, role);
    for (i = 0; i < lengthof(privileges); i++) {
        if (held[i])
            give(&privileges[i], role);
    }
    if (!any)
        run(psprintf("REVOKE USAGE ON SCHEMA aigov FROM %s", role));
}

static const privilege *find_privilege(const char *name)
{
    int i;

    for (i = 0; i < lengthof(privileges); i++) {
        if (strcmp(privileges[i].name, name) == 0)
            return &privileges[i];
    }
    fail(AIGOV_ARG,
         "writer, reader, content_reader, steward, approver, operator",
         "there is no such privilege");
}

static void change(FunctionCallInfo fcinfo, bool grant)
{
    const privilege *p =
        find_privilege(span_cstring(arg_bytes(fcinfo, 0, "privilege")));
    char *name = span_cstring(arg_bytes(fcinfo, 1, "role"));
    Oid oid, user;
    const char *role = quote_identifier(name);
    int context, level;

    require_owner(grant ? "aigov.grant()" : "aigov.revoke()");
    PreventCommandIfReadOnly(grant ? "aigov.grant()" : "aigov.revoke()");
    oid = get_role_oid(name, false);
    level = pin_search_path();
    GetUserIdAndSecContext(&user, &context);
    SetUserIdAndSecContext(extension_owner(),
                           context | SECURITY_LOCAL_USERID_CHANGE);
    SPI_connect();
    if (grant)
        give(p, role);
    else
        take(p, role, oid);
    SPI_finish();
    SetUserIdAndSecContext(user, context);
    AtEOXact_GUC(true, level);
}

PG_FUNCTION_INFO_V1(pg_aigov_grant);

Datum pg_aigov_grant(PG_FUNCTION_ARGS)
{
    change(fcinfo, true);
    PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(pg_aigov_revoke);

Datum pg_aigov_revoke(PG_FUNCTION_ARGS)
{
    change(fcinfo, false);
    PG_RETURN_VOID();
}
