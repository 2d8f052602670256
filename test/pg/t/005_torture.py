#!/usr/bin/env python3
"""005_torture - 32 clients, everything at once, and kill -9

SPDX-License-Identifier: PostgreSQL

AIGOV_TORTURE_SECONDS (10): mixed isolation levels, savepoints, aborts, inbox,
COPY, ON CONFLICT, two connections in one request, prepared transactions, some
left in doubt, shared ids, batches, lane 0; meanwhile backends and the
postmaster are killed.  Then: no fork, no gap, no acknowledged entry lost.
"""
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import Cluster, clean, done, note, ok, refused, same  # noqa: E402
from libpq import Error  # noqa: E402
from load import Client, lost  # noqa: E402

SECONDS = float(os.environ.get("AIGOV_TORTURE_SECONDS", 10))
# One in doubt a client, one that it has under way, and those that a kill left.
main = Cluster("torture", conf="max_prepared_transactions = 200\n")
main.expect_crash = True

# --- 32 clients start on an empty log, three times ----------------------------------

for n in range(3):
    db = "empty%d" % n
    main.createdb(db, "example.com/" + db).close()
    barrier, bad = threading.Barrier(32), []

    def first():
        try:
            with main.connect(db) as c:
                barrier.wait()
                c.rows("SELECT aigov.append('{\"system\":\"first\"}')")
        except Exception as e:
            bad.append(e)

    threads = [threading.Thread(target=first) for _ in range(32)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    with main.connect(db) as c:
        ok(not bad, "32 clients start on an empty log: all succeed", *bad[:3])
        same(c.rows("SELECT count(*) FILTER (WHERE kind = 'genesis'), count(*) FILTER (WHERE lane > 0), "
                    "(SELECT count(*) FROM aigov.log) FROM aigov.entry"), [("1", "32", "1")], "one genesis")
        clean(c, db)

# --- everything at once -------------------------------------------------------------------

main.createdb("torture", "example.com/torture").close()
clients = [Client(lambda: main.connect("torture"), SECONDS, n) for n in range(32)]
[c.start() for c in clients]
start, kills = time.time(), 0


def kill_backend():
    global kills
    try:
        with main.connect() as c:
            pid = c.one("SELECT pid FROM pg_stat_activity WHERE datname = 'torture' AND state <> 'idle' "
                        "AND backend_type = 'client backend' LIMIT 1")
        if pid:
            os.kill(int(pid), signal.SIGKILL)
            kills += 1
    except (Error, OSError):
        pass


for part, what in ((.2, "backend"), (.45, "postmaster"), (.65, "backend"), (.8, "postmaster")):
    time.sleep(max(0, start + SECONDS * part - time.time()))
    if what == "backend":
        kill_backend()
    else:
        main.kill9()
        kills += 1
        main.start()
[c.join() for c in clients]
time.sleep(.5)
receipts = [r for c in clients for r in c.receipts]
errors = [e for c in clients for e in c.errors]
note("%d transactions, %d receipts, %d kill -9, connections lost %d times" % (
    sum(c.done_n for c in clients), len(receipts), kills, sum(c.lost for c in clients)))
ok(kills >= 3, "%d kill -9" % kills)
ok(len(receipts) > 20 * SECONDS, "there was load: %d receipts" % len(receipts))
ok(not errors, "no client saw an error that it should not", *["%s %s" % e for e in errors[:6]])

with main.connect("torture") as db:
    # --- what was left in doubt still holds its lane; both ways out go on
    doubt = {k: v for c in clients for k, v in c.doubt.items()}
    there = [r[0] for r in db.rows("SELECT gid FROM pg_prepared_xacts ORDER BY gid")]
    ok(set(doubt) <= set(there), "%d transactions in doubt survived" % len(doubt),
       set(doubt) - set(there))
    held = int(db.one("SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid > 0 AND "
                      "classid = 'pg_class'::regclass AND objid = 'aigov.entry'::regclass AND granted"))
    ok(held >= len(there), "and hold their lanes", held, there)
    ok(db.json("SELECT aigov.append('{\"system\":\"beside\"}')")["lane"] not in
       [doubt[d]["lane"] for d in doubt], "others pass them by")
    db.rows("SET aigov.lane0_timeout = '2s'")
    for n, name in enumerate(there):
        db.rows("%s PREPARED '%s'" % ("ROLLBACK" if n % 2 else "COMMIT", name))
        if name in doubt and n % 2 == 0:
            receipts.append(doubt[name])
    for _ in range(3):
        db.rows("SELECT aigov.append('{\"system\":\"after\"}')")
    clean(db, "after the torture")
    same(lost(db, receipts), 0, "none of %d acknowledged entries lost" % len(receipts))
    same(db.one("SELECT count(*) FROM aigov.entry WHERE system = 'gone'"), "0", "nothing that was rolled back")
    same(db.one("SELECT count(*) - count(DISTINCT (log, id)) FROM aigov.entry"), "0", "each id once")
    same(db.one("SELECT count(*) FROM aigov.content c WHERE NOT EXISTS (SELECT FROM aigov.entry e "
                "WHERE (e.log, e.lane, e.seq) = (c.log, c.lane, c.seq))"), "0", "no content without entry")
    same(db.one("SELECT count(*) - COALESCE(max(revision), 0) FROM aigov.history('scope_decision', 'tool:x')"), "0",
         "revisions count without a gap")
    same(db.one("SELECT count(*) FROM aigov.entry WHERE lane > 0 AND body->>'under' NOT IN "
                "(SELECT encode(hash, 'hex') FROM aigov.entry WHERE lane = 0)"), "0", "each under is of lane 0")
    note(db.one("SELECT count(*) || ' entries in ' || count(DISTINCT lane) || ' lanes' FROM aigov.entry"))

# --- lanes held, lane 0 held -----------------------------------------------------------------


def timed(c, sql):
    t = time.time()
    e = c.fails(sql)
    return e, time.time() - t


main.createdb("held", "example.com/held").close()
a, b, c = [main.connect("held") for _ in range(3)]
a.rows("SELECT aigov.append('{\"system\":\"a\"}')")
PUT = "SELECT aigov.put('scope_decision', 'tool:y', '{\"decision\":\"undecided\"}')"
APPEND = "SELECT aigov.append('{\"system\":\"a\"}')"
a.rows("BEGIN")
a.rows(PUT)
c.rows("SET aigov.lane0_timeout = '400ms'")
e, t = timed(c, PUT)
refused(e, "55P03", "lane 0 of the log is held", "behind a held lane 0")
ok(.35 < t < 5, "after lane0_timeout (%.2f s)" % t)
ok(c.fails(APPEND) is None, "appends go on meanwhile")
c.rows("SET lock_timeout = '100ms'")
e, t = timed(c, PUT)
refused(e, "55P03", "", "a shorter lock_timeout counts")
ok(.08 < t < .39, "(%.2f s)" % t)
c.rows("RESET lock_timeout; SET statement_timeout = '100ms'")
e, t = timed(c, PUT)
ok(e and e.state == "57014", "statement_timeout cancels the wait", e)
c.rows("RESET statement_timeout; RESET aigov.lane0_timeout")
waits = threading.Thread(target=lambda: c.rows(PUT))
waits.start()
time.sleep(.3)
ok(waits.is_alive(), "another waits")
a.rows("COMMIT")
waits.join(5)
ok(not waits.is_alive(), "and goes on when lane 0 is free")

a.rows("ALTER SYSTEM SET aigov.lanes = 2")
a.rows("SELECT pg_reload_conf()")
for x in a, b, c:
    for _ in range(100):
        if x.one("SHOW aigov.lanes") == "2":
            break
        time.sleep(.05)
c.rows(APPEND)      # records the setting
a.rows("BEGIN")
a.rows(APPEND)
b.rows("BEGIN")
b.rows(APPEND)
c.rows("SET aigov.lane0_timeout = '400ms'")
e, t = timed(c, APPEND)
refused(e, "55P03", "all 2 lanes of the log are held", "beyond aigov.lanes")
ok(.35 < t < 5, "after lane0_timeout (%.2f s)" % t)
e, t = timed(c, "SELECT aigov.append_batch('[{\"system\":\"b\"}]')")
refused(e, "55P03", "held", "a batch too")
a.rows("COMMIT")
b.rows("COMMIT")
ok(c.fails(APPEND) is None, "then it goes on")
same(a.one("SELECT max(lane) FROM aigov.entry"), "2", "two lanes, no more")
a.rows("ALTER SYSTEM RESET aigov.lanes")
a.rows("SELECT pg_reload_conf()")
clean(a, "held")
done()
