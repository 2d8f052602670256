/*
 * views.c - whether a stored view says what its text says
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A view is stored as a query tree; a dump writes it out and a restore reads
 * that, which may turn an implicit cast into a written one.  So both sides are
 * written out and read again before they are compared: from 15 on as text
 * (pg_get_querydef); before as trees, whose comparison ignores how a cast was
 * written.
 */
#include "pg_aigov.h"

#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/fmgrprotos.h"
#include "utils/resowner.h"

static Query *analyze(Node *stmt, const char *sql)
{
    RawStmt *raw = makeNode(RawStmt);

    raw->stmt = copyObject(stmt);
    return compat_analyze(raw, sql);
}

static Query *analyze_text(const char *sql)
{
    return compat_analyze(linitial_node(RawStmt, pg_parse_query(sql)), sql);
}

#if COMPAT_QUERYDEF

static bool same(Relation view, Node *query, const char *sql)
{
    char *have = compat_querydef(copyObject(get_view_query(view)));
    char *want = compat_querydef(analyze(query, sql));

    if (strcmp(have, want) == 0)
        return true;
    /* Once more through the parser, as a restore does. */
    return strcmp(compat_querydef(analyze_text(have)),
                  compat_querydef(analyze_text(want))) == 0;
}

#else

static void strip_columns(Query *query)
{
    ListCell *cell;

    foreach (cell, query->targetList)
        lfirst_node(TargetEntry, cell)->resname = NULL;
}

/*
 * Names of range table entries, and of columns below the top, say nothing, and
 * are made up when written.  context: NULL at the top.
 */
static bool strip(Node *node, void *context)
{
    if (node == NULL)
        return false;
    if (IsA(node, RangeTblEntry)) {
        ((RangeTblEntry *)node)->alias = NULL;
        ((RangeTblEntry *)node)->eref->aliasname = "";
        ((RangeTblEntry *)node)->eref->colnames = NIL;
        return false;
    }
    if (IsA(node, CommonTableExpr))
        ((CommonTableExpr *)node)->ctecolnames = NIL;
    if (IsA(node, Query)) {
        if (context)
            strip_columns((Query *)node);
        return query_tree_walker((Query *)node, strip, node,
                                 QTW_EXAMINE_RTES_BEFORE);
    }
    return expression_tree_walker(node, strip, context);
}

static bool same(Relation view, Node *query, const char *sql)
{
    Datum def = DirectFunctionCall1(pg_get_viewdef,
                                    ObjectIdGetDatum(RelationGetRelid(view)));
    Query *have = analyze_text(TextDatumGetCString(def));
    Query *want = analyze(query, sql);

    have->stmt_len = want->stmt_len = 0; /* compared, unlike locations */
    strip((Node *)have, NULL);
    strip((Node *)want, NULL);
    return equal(have, want);
}

#endif

/* What our text names may be gone: then analysis fails, and the view differs.
 */
bool view_is(Relation view, Node *query, const char *sql)
{
    MemoryContext cxt = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    volatile bool yes = false;

    BeginInternalSubTransaction(NULL);
    MemoryContextSwitchTo(cxt);
    PG_TRY();
    {
        yes = same(view, query, sql);
        ReleaseCurrentSubTransaction();
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(cxt);
        if (geterrcode() == ERRCODE_QUERY_CANCELED)
            PG_RE_THROW();
        FlushErrorState();
        RollbackAndReleaseCurrentSubTransaction();
    }
    PG_END_TRY();
    MemoryContextSwitchTo(cxt);
    CurrentResourceOwner = owner;
    return yes;
}
