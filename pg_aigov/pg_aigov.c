/*
 * pg_aigov.c - entry of the module: settings, the core's context, errors
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Core allocates through MCXT_ALLOC_NO_OOM, so no ereport ever unwinds through
 * it or through OpenSSL; what it returns as an error is thrown here, once it
 * has returned.
 */
#include "pg_aigov.h"

#include "mb/pg_wchar.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

COMPAT_MAGIC;

void _PG_init(void);

int setting_lanes = 0;
char *setting_profile = NULL;
unsigned settings_moved = 0;
int setting_lane0_timeout = 10000;
bool setting_allow_drop = false;
char *setting_as_of = NULL;
char *setting_key_file = NULL;

/* Above this the memory of a record is given back. */
#define KEEP_BYTES (1 << 20)

/* A setting that governs which this session would be without. */
static const char *hidden;

/*
 * Before the module is loaded a setting of ours is a name like any other, and
 * what a client says of it when it connects, or a role, or the database, stands
 * in place of what the server says.  Once it is defined what comes from none
 * that may set it, past `last`, is thrown away, and nothing is left but the
 * default: so a client could do without a key, or without a limit.
 */
static void look_at(const char *name, GucSource last)
{
    struct config_generic *setting = compat_setting(name);

    if (setting && setting->reset_source > last)
        hidden = name;
}

/* Of the server or the database, never of a role or a session: who could name a
 * file of their own would know the key.  PGC_S_TEST is what ALTER DATABASE asks
 * with, and ALTER ROLE, whose setting is then refused at each login. */
static bool key_file_check(char **value, void **extra, GucSource source)
{
    if (source <= PGC_S_DATABASE || source == PGC_S_TEST)
        return true;
    GUC_check_errcode(ERRCODE_CANT_CHANGE_RUNTIME_PARAM);
    GUC_check_errmsg("aigov.key_file is set for the server or a database");
    GUC_check_errhint("postgresql.conf, ALTER SYSTEM, or ALTER DATABASE, by a "
                      "superuser");
    return false;
}

static void moved(int value, void *extra)
{
    settings_moved++;
}

static void moved_text(const char *value, void *extra)
{
    settings_moved++;
}

/* Those that govern: a change is recorded, see settings.c. */
static void define_governing(void)
{
    look_at("aigov.lanes", PGC_S_ARGV);
    look_at("aigov.profile", PGC_S_ARGV);
    look_at("aigov.key_file", PGC_S_DATABASE);
    DefineCustomIntVariable(
        "aigov.lanes",
        "Number of lanes that appends may use besides lane 0; 0 is no limit.",
        "A change is recorded as a setting entry.", &setting_lanes, 0, 0,
        LANES_MAX, PGC_SIGHUP, 0, NULL, moved, NULL);
    DefineCustomStringVariable(
        "aigov.profile",
        "Name, without the sink, of the redaction profile used by default.",
        "A change is recorded as a setting entry.", &setting_profile, "default",
        PGC_SIGHUP, 0, NULL, moved_text, NULL);
    DefineCustomStringVariable(
        "aigov.key_file", "File of redaction keys, read by the server.",
        "Empty: there is no key. A change is recorded as a setting entry.",
        &setting_key_file, "", PGC_SUSET, GUC_SUPERUSER_ONLY, key_file_check,
        moved_text, NULL);
}

void _PG_init(void)
{
    define_governing();
    DefineCustomIntVariable(
        "aigov.lane0_timeout",
        "How long to wait for lane 0, or for a lane where aigov.lanes limits "
        "them.",
        "0 waits as long as lock_timeout says.", &setting_lane0_timeout, 10000,
        0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
    DefineCustomBoolVariable(
        "aigov.allow_drop",
        "Lets DDL on the tables and views of aigov pass its event trigger.",
        NULL, &setting_allow_drop, false, PGC_SUSET, 0, NULL, NULL, NULL);
    DefineCustomStringVariable(
        "aigov.as_of",
        "Heads of lanes, a JSON object, that questions of lineage obey.",
        "Empty: as of now. Example: {\"0\":12,\"1\":4711}", &setting_as_of, "",
        PGC_USERSET, 0, NULL, NULL, NULL);
    compat_reserve_prefix("aigov");
}

/* --- the core's context -----------------------------------------------------
 */

static void *core_alloc(void *host, void *old, size_t old_n, size_t n)
{
    MemoryContext cxt = host;
    void *p;

    if (n == 0) {
        if (old)
            pfree(old);
        return NULL;
    }
    if (!AllocHugeSizeIsValid(n))
        return NULL;
    p = MemoryContextAllocExtended(cxt, n, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
    if (p && old) {
        memcpy(p, old, Min(old_n, n));
        pfree(old);
    }
    return p;
}

static bool interrupted(void *host)
{
    return InterruptPending && (QueryCancelPending || ProcDiePending);
}

aigov_ctx *core_context(MemoryContext cxt)
{
    aigov_alloc alloc = {core_alloc, cxt};
    aigov_ctx *ctx;
    aigov_error err;

    core_try(aigov_ctx_new(&alloc, &ctx, &err));
    aigov_ctx_set_interrupt(ctx, interrupted, NULL);
    return ctx;
}

core_state *core(void)
{
    static core_state *state;
    core_state *s;
    aigov_error err;

    if (state)
        return state;
    if (hidden)
        fail(AIGOV_DENIED, "connect without it",
             "the connection names %s, which is the server's to set, or a role "
             "or the database does",
             hidden);
    s = MemoryContextAllocZero(TopMemoryContext, sizeof *s);
    s->ctx = core_context(AllocSetContextCreate(TopMemoryContext, "aigov",
                                                ALLOCSET_DEFAULT_SIZES));
    core_try(aigov_record_new(s->ctx, &s->record, &err));
    core_try(aigov_record_new(s->ctx, &s->extra, &err));
    aigov_buf_init(&s->receipt, s->ctx);
    aigov_buf_init(&s->scratch, s->ctx);
    state = s;
    return s;
}

static void scratch_gone(void *ctx)
{
    aigov_ctx_free(ctx);
}

aigov_ctx *core_scratch(void)
{
    MemoryContext cxt = AllocSetContextCreate(
        CurrentMemoryContext, "aigov scratch", ALLOCSET_DEFAULT_SIZES);
    MemoryContextCallback *cb = MemoryContextAlloc(cxt, sizeof *cb);

    cb->func = scratch_gone;
    cb->arg = core_context(cxt);
    MemoryContextRegisterResetCallback(cxt, cb);
    return cb->arg;
}

void core_trim(size_t input_size)
{
    core_state *s = core();
    aigov_error err;

    if (input_size <= KEEP_BYTES)
        return;
    aigov_record_free(s->record);
    s->record = NULL;
    aigov_scanner_free(s->scanner);
    s->scanner = NULL;
    core_try(aigov_record_new(s->ctx, &s->record, &err));
}

/* --- errors
 * -------------------------------------------------------------------- */

static int sqlstate(aigov_status code)
{
    const char *s = aigov_status_sqlstate(code);

    return MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]);
}

void core_throw(const aigov_error *err)
{
    if (err->code == AIGOV_CANCELED)
        CHECK_FOR_INTERRUPTS();
    if (err->code == AIGOV_NOMEM)
        core_no_memory();
    ereport(ERROR,
            (errcode(sqlstate(err->code)), errmsg_internal("%s", err->text),
             err->pos == AIGOV_NO_POS
                 ? (err->stage[0] ? errdetail("Stage %s.", err->stage) : 0)
             : err->stage[0]
                 ? errdetail("Stage %s, byte offset %zu.", err->stage, err->pos)
                 : errdetail("Byte offset %zu.", err->pos),
             err->hint[0] ? errhint("%s", err->hint) : 0));
    pg_unreachable();
}

void core_no_memory(void)
{
    ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
    pg_unreachable();
}

void fail(aigov_status code, const char *hint, const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ereport(ERROR, (errcode(sqlstate(code)), errmsg_internal("%s", text),
                    hint ? errhint("%s", hint) : 0));
    pg_unreachable();
}

/* --- arguments and results
 * -------------------------------------------------------- */

static void refuse_null(FunctionCallInfo fcinfo, int i, const char *name)
{
    if (PG_ARGISNULL(i))
        fail(AIGOV_NULLARG, NULL, "%s is NULL", name);
}

aigov_span datum_span(Datum d)
{
    struct varlena *v = PG_DETOAST_DATUM_PACKED(d);

    return (aigov_span){VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v)};
}

aigov_span arg_bytes(FunctionCallInfo fcinfo, int i, const char *name)
{
    refuse_null(fcinfo, i, name);
    return datum_span(PG_GETARG_DATUM(i));
}

aigov_span arg_jsonb(FunctionCallInfo fcinfo, int i, const char *name)
{
    Jsonb *jb;
    StringInfoData out;

    refuse_null(fcinfo, i, name);
    jb = PG_GETARG_JSONB_P(i);
    initStringInfo(&out);
    JsonbToCString(&out, &jb->root, VARSIZE(jb));
    return (aigov_span){out.data, out.len};
}

Datum span_datum(aigov_span s)
{
    return PointerGetDatum(cstring_to_text_with_len(s.p, s.n));
}

char *span_cstring(aigov_span s)
{
    return pnstrdup(s.p, s.n);
}

/* TABLE of a single column is no row type to PostgreSQL. */
static TupleDesc result_columns(FunctionCallInfo fcinfo)
{
    TupleDesc desc;
    Oid type;

    switch (get_call_result_type(fcinfo, &type, &desc)) {
    case TYPEFUNC_COMPOSITE:
        return CreateTupleDescCopy(desc);
    case TYPEFUNC_SCALAR:
        desc = CreateTemplateTupleDesc(1);
        TupleDescInitEntry(desc, 1, NULL, type, -1, 0);
        return desc;
    default:
        elog(ERROR, "return type must be a row type");
    }
}

/* InitMaterializedSRF is not there before 15. */
Tuplestorestate *srf_begin(FunctionCallInfo fcinfo, TupleDesc *desc)
{
    ReturnSetInfo *rsi = (ReturnSetInfo *)fcinfo->resultinfo;
    MemoryContext old;
    Tuplestorestate *store;

    if (!rsi || !IsA(rsi, ReturnSetInfo) ||
        !(rsi->allowedModes & SFRM_Materialize))
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("a set is returned where none is accepted")));
    old = MemoryContextSwitchTo(rsi->econtext->ecxt_per_query_memory);
    *desc = result_columns(fcinfo);
    store = tuplestore_begin_heap(
        (rsi->allowedModes & SFRM_Materialize_Random) != 0, false, work_mem);
    rsi->returnMode = SFRM_Materialize;
    rsi->setResult = store;
    rsi->setDesc = *desc;
    MemoryContextSwitchTo(old);
    return store;
}

bool member(aigov_buf *b, const char *name, aigov_span text)
{
    return aigov_buf_puts(b,
                          b->n > 0 && b->p[b->n - 1] != '{' ? ",\"" : "\"") &&
           aigov_buf_puts(b, name) && aigov_buf_puts(b, "\":") &&
           aigov_buf_put_json_string(b, text);
}

int pin_search_path(void)
{
    int level = NewGUCNestLevel();

    set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
                      PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    return level;
}

/* --- CREATE EXTENSION
 * ----------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(pg_aigov_require_utf8);

/* Canonical JSON is UTF-8: another encoding would change every byte. */
Datum pg_aigov_require_utf8(PG_FUNCTION_ARGS)
{
    if (GetDatabaseEncoding() != PG_UTF8)
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                 errmsg("aigov needs a database with encoding UTF8, this one "
                        "has %s",
                        GetDatabaseEncodingName()),
                 errhint("CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE "
                         "template0")));
    PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(pg_aigov_version);

Datum pg_aigov_version(PG_FUNCTION_ARGS)
{
    PG_RETURN_TEXT_P(cstring_to_text(aigov_version()));
}

PG_FUNCTION_INFO_V1(pg_aigov_holds);

/* Body of the functions is_writer ... is_operator: who may call one has it. */
Datum pg_aigov_holds(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(true);
}
