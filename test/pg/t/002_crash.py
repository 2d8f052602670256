#!/usr/bin/env python3
"""002_crash - kill -9 of the postmaster under load: nothing acknowledged is lost

SPDX-License-Identifier: PostgreSQL

AIGOV_CRASH_ROUNDS (3) times, with fsync and synchronous_commit on.
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import Cluster, clean, done, ok, same  # noqa: E402
from load import Client, lost  # noqa: E402

main = Cluster("crash", conf="fsync = on\nsynchronous_commit = on\n")
main.expect_crash = True
main.createdb("crash", "example.com/crash").close()
receipts = []
for n in range(1, int(os.environ.get("AIGOV_CRASH_ROUNDS", 3)) + 1):
    clients = [Client(lambda: main.connect("crash"), 1.8, 100 * n + i,
                      ("one", "many", "isolated", "savepoints", "abort", "inbox", "batch", "govern"))
               for i in range(8)]
    [c.start() for c in clients]
    time.sleep(1.5)
    main.kill9()
    [c.join() for c in clients]
    main.start()
    new = [r for c in clients for r in c.receipts]
    errors = [e for c in clients for e in c.errors]
    receipts += new
    with main.connect("crash") as db:
        ok(len(new) > 50 and not errors, "round %d: %d receipts, then kill -9" % (n, len(new)), *errors[:3])
        same(lost(db, receipts), 0, "round %d: none of %d lost" % (n, len(receipts)))
        clean(db, "round %d" % n)
        same(db.one("SELECT count(*) FROM aigov.entry WHERE system = 'gone'"), "0",
             "round %d: nothing that was rolled back" % n)
        ok(db.fails("SELECT aigov.append('{\"system\":\"after\"}')") is None, "round %d: it goes on" % n)
done()
