/*
 * lane.c - which lane an entry goes to, and what it follows there
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * A lane is an exclusive lock on (database, pg_class, OID of aigov.entry,
 * objsubid = lane), held until the transaction ends: out of SQL's reach,
 * visible in pg_locks, kept by a prepared transaction.  PostgreSQL itself locks
 * no object of class pg_class.
 *
 * An append takes, without waiting, the lane it used last, else the first free
 * one from 1; so a transaction that holds a lane keeps to it, and there are
 * never more lanes than transactions were open at once.  Only aigov.lanes > 0
 * makes anybody wait.  Lane 0 is one queue with a time limit.
 *
 * The head is read with SnapshotSelf: what is committed and what we did, own
 * rows of this very command included, at every isolation level, and without
 * predicate locks (two serializable appends to two lanes must not collide). The
 * last seq seen bounds the scan; a rollback can leave the bound too high, then
 * nothing is found and the scan is repeated without it.
 */
#include "pg_aigov.h"

#include "storage/lmgr.h"
#include "storage/proc.h"

#define AHEAD_MAX (60 * USECS_PER_SEC)
#define BOUNDS 64

static int32 last_lane = 1;
static struct {
    int32 lane;
    int64 seq;
} bound[BOUNDS];

void lane_forget(void)
{
    memset(bound, 0, sizeof bound);
}

int64 clock_now(void)
{
    return GetCurrentTimestamp() + EPOCH_SHIFT;
}

/* --- locks
 * --------------------------------------------------------------------- */

static LOCKTAG lane_tag(Oid entry, int32 lane)
{
    LOCKTAG tag;

    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, entry, lane);
    return tag;
}

static LockAcquireResult lock(Oid entry, int32 lane, bool wait)
{
    LOCKTAG tag = lane_tag(entry, lane);

    return LockAcquire(&tag, ExclusiveLock, false, !wait);
}

bool lane_try(Oid entry, int32 lane)
{
    return lock(entry, lane, false) != LOCKACQUIRE_NOT_AVAIL;
}

void lane_release(Oid entry, int32 lane)
{
    LOCKTAG tag = lane_tag(entry, lane);

    LockRelease(&tag, ExclusiveLock, false);
}

static void say_timeout(int32 lane)
{
    if (lane == 0)
        fail(AIGOV_BUSY,
             "pg_locks shows it: locktype object, classid pg_class, objsubid "
             "0; end that transaction, or raise aigov.lane0_timeout",
             "lane 0 of the log is held by another transaction");
    fail(AIGOV_BUSY, "raise aigov.lanes; 0 is no limit",
         "all %d lanes of the log are held by other transactions",
         setting_lanes);
}

/* Wait as long as the sooner of aigov.lane0_timeout and lock_timeout says. */
void lane_wait(Oid entry, int32 lane)
{
    MemoryContext cxt = CurrentMemoryContext;
    int saved = LockTimeout;

    if (lane_try(entry, lane))
        return;
    if (setting_lane0_timeout > 0 &&
        (saved == 0 || setting_lane0_timeout < saved))
        LockTimeout = setting_lane0_timeout;
    PG_TRY();
    {
        lock(entry, lane, true);
        LockTimeout = saved;
    }
    PG_CATCH();
    {
        ErrorData *e;

        LockTimeout = saved;
        MemoryContextSwitchTo(cxt);
        e = CopyErrorData();
        if (e->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
            PG_RE_THROW();
        FlushErrorState();
        say_timeout(lane);
    }
    PG_END_TRY();
}

/* --- heads
 * ------------------------------------------------------------------------ */

static void take_head(HeapTuple tuple, TupleDesc desc, lane_head *head)
{
    bool null;
    Datum d;
    aigov_span hash = AIGOV_ABSENT;

    head->seq = DatumGetInt64(heap_getattr(tuple, E_SEQ, desc, &null));
    head->at = DatumGetTimestampTz(heap_getattr(tuple, E_AT, desc, &null)) +
               EPOCH_SHIFT;
    d = heap_getattr(tuple, E_HASH, desc, &null);
    if (!null)
        hash = datum_span(d);
    if (hash.n != AIGOV_HASH_LEN || head->seq < 1)
        fail(AIGOV_CHAIN, "SELECT * FROM aigov.verify()",
             "the last entry of the lane is damaged");
    memcpy(head->hash, hash.p, AIGOV_HASH_LEN);
}

static bool scan_head(const target *entry, int32 log, int32 lane, int64 least,
                      lane_head *head)
{
    ScanKeyData key[3];
    SysScanDesc scan;
    HeapTuple tuple;

    ScanKeyInit(&key[0], E_LOG, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(log));
    ScanKeyInit(&key[1], E_LANE, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(lane));
    ScanKeyInit(&key[2], E_SEQ, BTGreaterEqualStrategyNumber, F_INT8GE,
                Int64GetDatum(least));
    scan = systable_beginscan_ordered(entry->rel, entry->key, SnapshotSelf,
                                      least > 0 ? 3 : 2, key);
    tuple = systable_getnext_ordered(scan, BackwardScanDirection);
    if (HeapTupleIsValid(tuple))
        take_head(tuple, RelationGetDescr(entry->rel), head);
    systable_endscan_ordered(scan);
    return HeapTupleIsValid(tuple);
}

void lane_read(const target *entry, int32 log, int32 lane, lane_head *head)
{
    int slot = lane % BOUNDS;
    int64 least = bound[slot].lane == lane ? bound[slot].seq : 0;

    memset(head, 0, sizeof *head);
    if (!(least > 0 && scan_head(entry, log, lane, least, head)))
        scan_head(entry, log, lane, 0, head);
    bound[slot].lane = lane;
    bound[slot].seq = head->seq;
}

/* --- choice
 * ----------------------------------------------------------------------- */

/* Is the lane ahead of the time with which a new one would begin? */
static bool ahead(const target *entry, int32 log, const lane_head *head)
{
    int64 limit = clock_now() + AHEAD_MAX;
    lane_head zero;

    if (head->at <= limit)
        return false;
    lane_read(entry, log, 0, &zero);
    return head->at > Max(limit, zero.at + AHEAD_MAX);
}

/* Lock this lane if it is free and not ahead. */
static bool take(const target *entry, int32 log, int32 lane, bool wait,
                 lane_head *head)
{
    Oid oid = RelationGetRelid(entry->rel);
    LockAcquireResult got;

    if (wait) {
        lane_wait(oid, lane);
        got = LOCKACQUIRE_ALREADY_HELD;
    } else {
        got = lock(oid, lane, false);
    }
    if (got == LOCKACQUIRE_NOT_AVAIL)
        return false;
    lane_read(entry, log, lane, head);
    if (got == LOCKACQUIRE_OK && ahead(entry, log, head)) {
        lane_release(oid, lane);
        return false;
    }
    last_lane = lane;
    return true;
}

int32 lane_take(const target *entry, int32 log, lane_head *head)
{
    int32 most = setting_lanes > 0 ? setting_lanes : LANES_MAX;
    int32 lane;

    if (last_lane <= most && take(entry, log, last_lane, false, head))
        return last_lane;
    for (lane = 1; lane <= most; lane++) {
        if (lane != last_lane && take(entry, log, lane, false, head))
            return lane;
    }
    lane = last_lane <= most ? last_lane : MyProcPid % most + 1;
    take(entry, log, lane, true, head);
    return lane;
}
