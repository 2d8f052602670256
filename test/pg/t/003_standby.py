#!/usr/bin/env python3
"""003_standby - a physical standby reads and verifies, and refuses kindly

SPDX-License-Identifier: PostgreSQL
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import BYTES, Cluster, clean, done, ok, refused, same  # noqa: E402

main = Cluster("primary", conf="max_wal_senders = 5\n")
db = main.createdb("log", "example.com/primary")
db.rows("SELECT aigov.append(format('{\"system\":\"s%s\",\"input\":\"i\"}', g)) FROM generate_series(1, 50) g")
standby = Cluster("standby", init=False)
main.run("pg_basebackup", "-D", standby.data, "-R", "-X", "stream", "-c", "fast")
standby.write_conf()
standby.start()
db.rows("SELECT aigov.append('{\"system\":\"after\"}')")


def caught_up():
    end = main.connect().one("SELECT pg_current_wal_lsn()")
    for _ in range(300):
        if standby.connect().one("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", end) == "t":
            return
        time.sleep(.1)


WRITERS = [
    "SELECT aigov.append('{\"system\":\"s\"}')", "SELECT aigov.append('{\"system\":\"s\"}'::jsonb)",
    "SELECT aigov.append_batch('[{\"system\":\"s\"}]')", "INSERT INTO aigov.inbox VALUES ('{\"system\":\"s\"}')",
    "SELECT aigov.put('scope_decision', 'x', '{\"decision\":\"undecided\"}')",
    "SELECT aigov.erase('0199a0b2-0000-7000-8000-000000000001'::text, 'r')",
    "SELECT aigov.open_content('0199a0b2-0000-7000-8000-000000000001'::text, 'p')",
    "SELECT aigov.init('example.com/primary')", "SELECT aigov.new_epoch('example.com/p2', 'failover')"]
caught_up()
with standby.connect("log") as s:
    clean(s, "on the standby")
    same(s.one(BYTES), db.one(BYTES), "the same bytes")
    same(s.one("SELECT sum(entries) FROM aigov.verify()"), db.one("SELECT count(*) FROM aigov.entry"), "all entries")
    same(s.one("SELECT aigov.leaf(0, 1, 51)"), db.one("SELECT aigov.leaf(0, 1, 51)"), "leaf")
    same(s.one("SELECT count(*) FROM aigov.interaction"), "51", "views")
    same(s.one("SELECT detail FROM aigov.health WHERE item = 'epoch'"), "ready", "health")
    for sql in WRITERS:
        e = s.fails(sql)
        ok(e and e.state == "25006", "refused on a standby: " + sql[:60], e)
    refused(s.fails(WRITERS[0]), "25006", "standby", "and told why")

db.rows("BEGIN READ ONLY")
for sql in WRITERS:
    db.rows("SAVEPOINT s")
    e = db.fails(sql)
    ok(e and e.state == "25006", "refused in BEGIN READ ONLY: " + sql[:60], e)
    db.rows("ROLLBACK TO s")
ok(not db.rows("SELECT * FROM aigov.verify() WHERE status <> 'unanchored'"), "verify works in BEGIN READ ONLY")
db.rows("COMMIT")

# --- a failover that lost nothing just goes on
caught_up()
standby.run("pg_ctl", "-D", standby.data, "-w", "promote")
with standby.connect("log") as s:
    same(s.json("SELECT aigov.append('{\"system\":\"promoted\"}')")["seq"], 52, "promoted, it goes on")
    clean(s, "promoted")
done()
