/*
 * init.c - aigov.init: tables, views and guards of a log
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The statements are those of sql/schema.sql, guards_pg.sql, views.sql and
 * views_pg.sql.  They run as the extension's owner, with search_path pinned.
 * Called again, init makes what is missing and puts views back; where nothing
 * differs it does nothing.  It writes no row that a dump carries: the origin
 * waits in aigov.instance for the first record.
 */
#include "pg_aigov.h"

#include "access/xlog.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lmgr.h"

#include "schema_pg.h"

/* --- one statement
 * ------------------------------------------------------------- */

typedef struct made {
    char what[16]; /* TABLE, VIEW, INDEX, TRIGGER, EVENT, or empty */
    char name[NAMEDATALEN];
    char on[NAMEDATALEN]; /* of a trigger: its table */
} made;

static const char *unqualified(const char *name)
{
    return strncmp(name, "aigov.", 6) == 0 ? name + 6 : name;
}

/* CREATE [UNIQUE] TABLE|VIEW|INDEX|TRIGGER|EVENT TRIGGER name ... ON table */
static void what_it_makes(const char *sql, made *m)
{
    char *copy = pstrdup(sql), *save, *word, *before = "";

    memset(m, 0, sizeof *m);
    word = strtok_r(copy, " \n(", &save);
    if (strcmp(word, "CREATE") != 0)
        return;
    for (word = strtok_r(NULL, " \n(", &save); word;
         word = strtok_r(NULL, " \n(", &save)) {
        if (!m->what[0] && strcmp(word, "UNIQUE") != 0)
            strlcpy(m->what, word, sizeof m->what);
        else if (m->what[0] && !m->name[0] && strcmp(word, "TRIGGER") != 0)
            strlcpy(m->name, unqualified(word), sizeof m->name);
        else if (strcmp(before, "ON") == 0 && !m->on[0])
            strlcpy(m->on, unqualified(word), sizeof m->on);
        before = word;
    }
}

static bool is_there(const made *m)
{
    if (strcmp(m->what, "TRIGGER") == 0)
        return OidIsValid(get_trigger_oid(table_named(m->on), m->name, true));
    if (strcmp(m->what, "EVENT") == 0)
        return OidIsValid(get_event_trigger_oid(m->name, true));
    return OidIsValid(table_named(m->name));
}

static void run(const char *sql)
{
    if (SPI_execute(sql, false, 0) < 0)
        elog(ERROR, "aigov could not run a statement of its schema");
    CommandCounterIncrement();
}

static void make(const char *sql)
{
    made m;

    what_it_makes(sql, &m);
    if (!m.what[0] || !is_there(&m))
        run(sql);
    else if (strcmp(m.what, "VIEW") == 0)
        run(psprintf("CREATE OR REPLACE %s", sql + strlen("CREATE ")));
}

/* --- the schema
 * ------------------------------------------------------------------- */

static void count(void *arg, const char *detail)
{
    ++*(int *)arg;
}

static void make_all(void)
{
    int i;

    for (i = 0; aigov_schema[i]; i++)
        make(aigov_schema[i]);
#if COMPAT_LZ4
    run("ALTER TABLE aigov.entry ALTER COLUMN body SET COMPRESSION lz4");
    run("ALTER TABLE aigov.content ALTER COLUMN body SET COMPRESSION lz4");
#endif
    run("REVOKE ALL ON ALL TABLES IN SCHEMA aigov FROM PUBLIC");
}

/* Tables of the index of lineage. */
static const char *const derived[] = {"node", "ref", "call", "lineage_head"};

static bool is_derived(const char *table)
{
    int i;

    for (i = 0; i < lengthof(derived); i++) {
        if (strcmp(table, derived[i]) == 0)
            return true;
    }
    return false;
}

static void make_derived(const char *what)
{
    made m;
    int i;

    for (i = 0; aigov_schema[i]; i++) {
        what_it_makes(aigov_schema[i], &m);
        if (strcmp(m.what, what) == 0 &&
            is_derived(strcmp(what, "INDEX") == 0 ? m.on : m.name))
            make(aigov_schema[i]);
    }
}

/* Those that make is to make again; what a primary key has stays. */
static void drop_derived_indexes(void)
{
    made m;
    int i;

    for (i = 0; aigov_schema[i]; i++) {
        what_it_makes(aigov_schema[i], &m);
        if (strcmp(m.what, "INDEX") == 0 && is_derived(m.on) &&
            OidIsValid(table_named(m.name)))
            run(psprintf("DROP INDEX aigov.%s", m.name));
    }
}

/* Emptied and not dropped, so that who asks meanwhile waits and finds them. */
static void make_derived_tables(void)
{
    int i;

    for (i = 0; i < lengthof(derived); i++) {
        if (OidIsValid(table_named(derived[i])))
            run(psprintf("TRUNCATE aigov.%s", derived[i]));
    }
    drop_derived_indexes();
    make_derived("TABLE");
    for (i = 0; i < lengthof(derived); i++)
        run(psprintf("REVOKE ALL ON aigov.%s FROM PUBLIC", derived[i]));
}

static void make_derived_indexes(void)
{
    make_derived("INDEX");
}

static void as_owner(void (*work)(void))
{
    Oid user;
    int context, level = pin_search_path();

    set_config_option("default_table_access_method", "heap", PGC_USERSET,
                      PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    set_config_option("check_function_bodies", "off", PGC_USERSET,
                      PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    GetUserIdAndSecContext(&user, &context);
    SetUserIdAndSecContext(extension_owner(),
                           context | SECURITY_LOCAL_USERID_CHANGE);
    ddl_by_aigov = true;
    PG_TRY();
    {
        SPI_connect();
        work();
        SPI_finish();
        ddl_by_aigov = false;
    }
    PG_CATCH();
    {
        ddl_by_aigov = false;
        PG_RE_THROW();
    }
    PG_END_TRY();
    SetUserIdAndSecContext(user, context);
    AtEOXact_GUC(true, level);
}

static void make_schema(void)
{
    int differences = 0;

    if (OidIsValid(table_named("entry"))) {
        schema_compare(count, &differences);
        if (differences == 0)
            return;
    }
    as_owner(make_all);
}

void init_derived(bool tables)
{
    as_owner(tables ? make_derived_tables : make_derived_indexes);
}

/* --- instance
 * ------------------------------------------------------------------------ */

static void name_log(const char *origin, int32 log)
{
    own_log *own = log_reread();
    bool entries = log_has_entries(own->entry, own->there ? own->log : 0);

    if (own->there && own->log == log && strcmp(own->origin, origin) == 0 &&
        (entries || !own->restored))
        return;
    if (entries && own->there)
        fail(AIGOV_STATE,
             "a log keeps its origin; aigov.new_epoch() continues it under "
             "another",
             "the log of this database is %s", own->origin);
    if (entries)
        ask_for_epoch(own);
    instance_write(origin, log, false);
}

static Datum answer(aigov_span origin, int64 log)
{
    aigov_buf b;

    aigov_buf_init(&b, core_scratch());
    core_enough(aigov_buf_puts(&b, "{\"log\":") && aigov_buf_put_i64(&b, log) &&
                member(&b, "origin", origin) &&
                member(&b, "version", aigov_str(aigov_version())) &&
                aigov_buf_puts(&b, "}"));
    return span_datum(aigov_buf_span(&b));
}

PG_FUNCTION_INFO_V1(pg_aigov_init);

Datum pg_aigov_init(PG_FUNCTION_ARGS)
{
    aigov_span origin = arg_bytes(fcinfo, 0, "origin");
    int64_t log;
    aigov_error err;

    require_owner("aigov.init()");
    PreventCommandIfReadOnly("aigov.init()");
    core_try(aigov_origin_check(core()->ctx, origin, &log, &err));
    LockRelationOid(table_named("instance"), ShareRowExclusiveLock);
    make_schema();
    name_log(span_cstring(origin), (int32)log);
    return answer(origin, log);
}
