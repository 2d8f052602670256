/*
 * compat.h - what differs between PostgreSQL 13 and 18, and nowhere else
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * PG_VERSION_NUM stands in this file alone.  Each macro is one call that the
 * other files make the same way on every major.
 */
#ifndef PG_AIGOV_COMPAT_H
#define PG_AIGOV_COMPAT_H

#if PG_VERSION_NUM < 130000
#error "aigov needs PostgreSQL 13 or newer"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "parser/analyze.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#if PG_VERSION_NUM >= 180000
#define COMPAT_MAGIC                                                           \
    PG_MODULE_MAGIC_EXT(.name = "aigov", .version = AIGOV_VERSION)
#else
#define COMPAT_MAGIC PG_MODULE_MAGIC
#endif

#define COMPAT_NORETURN __attribute__((noreturn)) /* renamed in 18 */

/* --- executor: inserts that may meet a rival ------------------------------ */

#if PG_VERSION_NUM >= 160000
#define compat_insert_index(rri, slot, estate, spec, conflict, arbiters)       \
    ExecInsertIndexTuples((rri), (slot), (estate), false, (spec), (conflict),  \
                          (arbiters), false)
#elif PG_VERSION_NUM >= 140000
#define compat_insert_index(rri, slot, estate, spec, conflict, arbiters)       \
    ExecInsertIndexTuples((rri), (slot), (estate), false, (spec), (conflict),  \
                          (arbiters))
#else
static inline List *compat_insert_index(ResultRelInfo *rri,
                                        TupleTableSlot *slot, EState *estate,
                                        bool spec, bool *conflict,
                                        List *arbiters)
{
    estate->es_result_relation_info = rri;
    return ExecInsertIndexTuples(slot, estate, spec, conflict, arbiters);
}
#endif

#if PG_VERSION_NUM >= 180000
#define compat_check_index(rri, slot, estate, tid, arbiters)                   \
    ExecCheckIndexConstraints((rri), (slot), (estate), (tid), NULL, (arbiters))
#elif PG_VERSION_NUM >= 140000
#define compat_check_index(rri, slot, estate, tid, arbiters)                   \
    ExecCheckIndexConstraints((rri), (slot), (estate), (tid), (arbiters))
#else
static inline bool compat_check_index(ResultRelInfo *rri, TupleTableSlot *slot,
                                      EState *estate, ItemPointer tid,
                                      List *arbiters)
{
    estate->es_result_relation_info = rri;
    return ExecCheckIndexConstraints(slot, estate, tid, arbiters);
}
#endif

#if PG_VERSION_NUM >= 180000
#define compat_primary_key(rel) RelationGetPrimaryKeyIndex((rel), false)
#else
#define compat_primary_key(rel) RelationGetPrimaryKeyIndex(rel)
#endif

/* --- who owns, who may -----------------------------------------------------
 */

#if PG_VERSION_NUM >= 160000
#define compat_owns_table(oid, role)                                           \
    object_ownercheck(RelationRelationId, (oid), (role))
#define compat_owns_extension(oid, role)                                       \
    object_ownercheck(ExtensionRelationId, (oid), (role))
#define compat_may_execute(oid, role)                                          \
    (object_aclcheck(ProcedureRelationId, (oid), (role), ACL_EXECUTE) ==       \
     ACLCHECK_OK)
#else
#define compat_owns_table(oid, role) pg_class_ownercheck((oid), (role))
#define compat_owns_extension(oid, role) pg_extension_ownercheck((oid), (role))
#define compat_may_execute(oid, role)                                          \
    (pg_proc_aclcheck((oid), (role), ACL_EXECUTE) == ACLCHECK_OK)
#endif

/* --- settings ----------------------------------------------------------------
 */

#if PG_VERSION_NUM >= 150000
#define compat_reserve_prefix(name) MarkGUCPrefixReserved(name)
#else
#define compat_reserve_prefix(name) EmitWarningsOnPlaceholders(name)
#endif

/* A setting by its name, which may be one that no module has defined yet. */
#if PG_VERSION_NUM >= 160000
#define compat_setting(name) find_option((name), false, true, DEBUG5)
#else
static inline struct config_generic *compat_setting(const char *name)
{
    struct config_generic **all = get_guc_variables();
    int i, n = GetNumConfigOptions();

    for (i = 0; i < n; i++) {
        if (pg_strcasecmp(all[i]->name, name) == 0)
            return all[i];
    }
    return NULL;
}
#endif

/* --- queries, to compare a view with its text ------------------------------
 */

#if PG_VERSION_NUM >= 150000
#define compat_analyze(raw, text)                                              \
    parse_analyze_fixedparams((raw), (text), NULL, 0, NULL)
#else
#define compat_analyze(raw, text) parse_analyze((raw), (text), NULL, 0, NULL)
#endif

/* pg_get_querydef is there from 15. */
#if PG_VERSION_NUM >= 150000
#define COMPAT_QUERYDEF 1
#define compat_querydef(query) pg_get_querydef((query), false)
#else
#define COMPAT_QUERYDEF 0
#define compat_querydef(query) ((char *)NULL)
#endif

/* --- compression of columns --------------------------------------------------
 */

#if PG_VERSION_NUM >= 140000 && defined(USE_LZ4)
#define COMPAT_LZ4 1
#else
#define COMPAT_LZ4 0
#endif

#endif
