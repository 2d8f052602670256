/*
 * log.c - which log this database writes, and where it stands
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.instance   one row: origin, number, whether genesis is written, and
 *                    the OID of the database.  It is a member of the extension
 *                    and not dumped, so that a restored copy can be told:
 *
 *   instance                          entries         an append
 *   ---------------------------------------------------------------------------
 *   no row                            none            asks for init
 *   no row                            any             asks for new_epoch
 *   waits (init was called)           none of it      writes genesis first
 *   waits                             some of it      asks for new_epoch
 *   used                              -               goes on
 *   names another database (TEMPLATE) -               asks for new_epoch
 *
 * The answer is kept until one of the tables is invalidated.  Whoever changes
 * instance sends that invalidation; it reaches a backend at the latest when it
 * locks the table entry, and new_epoch waits for all that hold that lock.
 */
#include "pg_aigov.h"

#include "access/heapam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "utils/inval.h"

static own_log own;

/* --- the tables
 * --------------------------------------------------------------- */

Oid table_named(const char *name)
{
    Oid schema = get_namespace_oid("aigov", true);

    return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

static void forget(Datum arg, Oid relid)
{
    if (!OidIsValid(relid) || relid == own.entry || relid == own.content ||
        relid == own.logs || relid == own.instance || relid == own.turn)
        own.valid = false;
}

static bool find_tables(void)
{
    own.entry = table_named("entry");
    own.content = table_named("content");
    own.logs = table_named("log");
    own.instance = table_named("instance");
    own.turn = table_named("turn");
    return OidIsValid(own.entry) && OidIsValid(own.content) &&
           OidIsValid(own.logs) && OidIsValid(own.instance);
}

/* Rows are made by column number: the columns must be those of schema.sql. */
static bool columns_are(Oid table, const char *const *name, const Oid *type,
                        int n)
{
    Relation rel = table_open(table, AccessShareLock);
    TupleDesc desc = RelationGetDescr(rel);
    bool ok = desc->natts >= n && rel->rd_rel->relkind == RELKIND_RELATION &&
              rel->rd_rel->relam == HEAP_TABLE_AM_OID;
    int i;

    for (i = 0; ok && i < n; i++)
        ok = !TupleDescAttr(desc, i)->attisdropped &&
             TupleDescAttr(desc, i)->atttypid == type[i] &&
             strcmp(NameStr(TupleDescAttr(desc, i)->attname), name[i]) == 0;
    table_close(rel, AccessShareLock);
    return ok;
}

/* The table that is not as init made it, or NULL. */
static const char *odd_table(void)
{
    static const char *const entry[] = {
        "log",      "lane",        "seq",         "v",          "at",
        "kind",     "id",          "interaction", "subject",    "actor",
        "system",   "provider",    "model",       "operation",  "status",
        "decision", "recorded_by", "digest",      "commitment", "prev",
        "hash",     "body"};
    static const Oid entry_type[] = {
        INT4OID,  INT4OID,  INT8OID,  INT4OID, TIMESTAMPTZOID, TEXTOID,
        UUIDOID,  UUIDOID,  TEXTOID,  TEXTOID, TEXTOID,        TEXTOID,
        TEXTOID,  TEXTOID,  TEXTOID,  TEXTOID, JSONOID,        BYTEAOID,
        BYTEAOID, BYTEAOID, BYTEAOID, JSONOID};
    static const char *const content[] = {"log", "lane", "seq",
                                          "at",  "salt", "body"};
    static const Oid content_type[] = {INT4OID,        INT4OID,  INT8OID,
                                       TIMESTAMPTZOID, BYTEAOID, JSONOID};
    static const char *const turn[] = {
        "log", "lane", "seq", "fingerprint", "interaction", "attempt", "state"};
    static const Oid turn_type[] = {INT4OID, INT4OID, INT8OID, INT8OID,
                                    UUIDOID, INT4OID, INT8OID};
    static const char *const log[] = {"log", "origin", "at", "continues"};
    static const Oid log_type[] = {INT4OID, TEXTOID, TIMESTAMPTZOID, INT4OID};

    if (!columns_are(own.entry, entry, entry_type, E_COLUMNS))
        return "entry";
    if (!columns_are(own.content, content, content_type, C_COLUMNS))
        return "content";
    if (OidIsValid(own.turn) &&
        !columns_are(own.turn, turn, turn_type, T_COLUMNS))
        return "turn";
    return columns_are(own.logs, log, log_type, L_COLUMNS) ? NULL : "log";
}

bool log_readable(void)
{
    return !find_tables() || odd_table() == NULL;
}

static void check_tables(void)
{
    const char *table = odd_table();

    if (table)
        fail(AIGOV_STATE, "SELECT * FROM aigov.verify() says what differs",
             "table aigov.%s is not as aigov.init made it", table);
}

bool log_has_entries(Oid entry, int32 log)
{
    Relation rel = table_open(entry, AccessShareLock);
    ordered *o = ordered_begin(rel, SnapshotSelf, log > 0 ? log : ALL_LOGS);
    bool any = HeapTupleIsValid(ordered_next(o));

    ordered_end(o);
    table_close(rel, AccessShareLock);
    return any;
}

/* --- instance
 * -------------------------------------------------------------------- */

static void read_instance(Oid *database)
{
    Relation rel = table_open(own.instance, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(rel, InvalidOid, false, SnapshotSelf, 0, NULL);
    HeapTuple tuple = systable_getnext(scan);
    Datum values[4];
    bool nulls[4];

    own.there = HeapTupleIsValid(tuple);
    own.used = false;
    own.log = 0;
    own.origin[0] = 0;
    *database = InvalidOid;
    if (own.there) {
        heap_deform_tuple(tuple, RelationGetDescr(rel), values, nulls);
        strlcpy(own.origin, TextDatumGetCString(values[0]), sizeof own.origin);
        own.log = DatumGetInt32(values[1]);
        own.used = DatumGetBool(values[2]);
        *database = DatumGetObjectId(values[3]);
    }
    systable_endscan(scan);
    table_close(rel, AccessShareLock);
}

void instance_write(const char *origin, int32 log, bool used)
{
    Relation rel = table_open(table_named("instance"), RowExclusiveLock);
    SysScanDesc scan =
        systable_beginscan(rel, InvalidOid, false, SnapshotSelf, 0, NULL);
    Datum values[4];
    bool nulls[4] = {false};
    HeapTuple tuple;

    while (HeapTupleIsValid(tuple = systable_getnext(scan)))
        simple_heap_delete(rel, &tuple->t_self);
    systable_endscan(scan);
    values[0] = CStringGetTextDatum(origin);
    values[1] = Int32GetDatum(log);
    values[2] = BoolGetDatum(used);
    values[3] = ObjectIdGetDatum(MyDatabaseId);
    simple_heap_insert(rel,
                       heap_form_tuple(RelationGetDescr(rel), values, nulls));
    CacheInvalidateRelcache(rel);
    table_close(rel, NoLock);
    CommandCounterIncrement();
}

/* --- the answer
 * --------------------------------------------------------------------- */

static void load(void)
{
    Oid database;
    bool entries;

    check_tables();
    lane_forget();
    read_instance(&database);
    entries = !own.used && log_has_entries(own.entry, own.log);
    /* Genesis and `used` come in one commit: it may have come between. */
    if (entries)
        read_instance(&database);
    own.restored = own.there && database != MyDatabaseId;
    if (entries && !own.used)
        own.restored = true;
    own.settled = false;
    own.settings = 0;
}

own_log *log_peek(void)
{
    static bool registered;

    if (!registered) {
        CacheRegisterRelcacheCallback(forget, (Datum)0);
        registered = true;
    }
    /* A message may come while we read: then read again. */
    while (!own.valid) {
        if (!find_tables()) {
            memset(&own, 0, sizeof own);
            return &own;
        }
        own.valid = true;
        PG_TRY();
        {
            load();
        }
        PG_CATCH();
        {
            own.valid = false;
            PG_RE_THROW();
        }
        PG_END_TRY();
    }
    return &own;
}

own_log *log_find(void)
{
    own_log *o = log_peek();

    if (!OidIsValid(o->entry))
        fail(AIGOV_NOLOG,
             "SELECT aigov.init('<your origin, e.g. example.com/ai>')",
             "this database has no log");
    return o;
}

own_log *log_reread(void)
{
    own.valid = false;
    return log_find();
}

aigov_span own_origin(const own_log *o)
{
    return aigov_str(o->origin);
}

void ask_for_epoch(const own_log *o)
{
    fail(AIGOV_EPOCH,
         "SELECT aigov.new_epoch('<new origin>', 'restore') goes on here; the "
         "old log goes on where it was written",
         "this database is a restored copy of the log that it holds");
}

/* --- table log: origins and what they continue
 * ------------------------------------------ */

typedef struct log_row {
    int32 log, continues;
} log_row;

static List *read_logs(Oid logs)
{
    Relation rel = table_open(logs, AccessShareLock);
    SysScanDesc scan =
        systable_beginscan(rel, InvalidOid, false, SnapshotSelf, 0, NULL);
    HeapTuple tuple;
    List *out = NIL;

    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        log_row *row = palloc(sizeof *row);
        bool null;
        TupleDesc desc = RelationGetDescr(rel);

        row->log = DatumGetInt32(heap_getattr(tuple, L_LOG, desc, &null));
        row->continues =
            DatumGetInt32(heap_getattr(tuple, L_CONTINUES, desc, &null));
        if (null)
            row->continues = 0;
        out = lappend(out, row);
    }
    systable_endscan(scan);
    table_close(rel, AccessShareLock);
    return out;
}

static bool is_continued(List *rows, int32 log)
{
    ListCell *cell;

    foreach (cell, rows) {
        if (((log_row *)lfirst(cell))->continues == log)
            return true;
    }
    return false;
}

/* Where instance is empty: the one log that no other continues. */
static int32 only_log(const own_log *o)
{
    List *rows = read_logs(o->logs);
    ListCell *cell;
    int32 found = 0;

    foreach (cell, rows) {
        log_row *row = lfirst(cell);

        if (is_continued(rows, row->log))
            continue;
        if (found)
            return 0;
        found = row->log;
    }
    return found;
}

int32 log_argument(int64 log)
{
    own_log *o = log_find();

    if (log > 0)
        return log <= PG_INT32_MAX ? (int32)log : 0;
    return o->there ? o->log : only_log(o);
}

List *log_chain(int32 log)
{
    List *rows = read_logs(log_find()->logs), *out = list_make1_int(log);
    bool more = true;

    while (more) {
        ListCell *cell;

        more = false;
        foreach (cell, rows) {
            log_row *row = lfirst(cell);

            if (row->log == log && row->continues != 0 &&
                !list_member_int(out, row->continues)) {
                out = lappend_int(out, log = row->continues);
                more = true;
                break;
            }
        }
    }
    return out;
}
