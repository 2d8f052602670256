#!/usr/bin/env python3
"""007_upgrade - pg_upgrade from an older major: bytes, verify, receipts

SPDX-License-Identifier: PostgreSQL

OLD_PG_CONFIG (or AIGOV_OLD_PG_CONFIG) and NEW_PG_CONFIG (PG_CONFIG); without an
old one nothing is tested.  aigov is installed into both: pg_upgrade loads it
from there.  The module for the old server is built in a copy.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import cluster  # noqa: E402
from cluster import B, BYTES, TOP, Cluster, Postgres, clean, done, note, ok, same, skip_all  # noqa: E402
from load import lost  # noqa: E402

old_config = os.environ.get("OLD_PG_CONFIG") or os.environ.get("AIGOV_OLD_PG_CONFIG")
if not old_config:
    skip_all("OLD_PG_CONFIG is not set")
tree = cluster.folder("old")
subprocess.check_call("cp -r pg_aigov sql core %s/ && rm -f %s/pg_aigov/*.o %s/pg_aigov/*.so" % (
    tree, tree, tree), shell=True, cwd=TOP)
new_pg = Postgres(os.environ.get("NEW_PG_CONFIG")).install(staged=False)
old_pg = Postgres(old_config).install(tree, B, staged=False)
if old_pg.major >= new_pg.major:
    skip_all("%d is not older than %d" % (old_pg.major, new_pg.major))

old = Cluster("old", old_pg)
db = old.createdb("log", "example.com/upgrade")
receipts = [json.loads(r[0]) for r in db.rows(
    "SELECT aigov.append(json_build_object('system', 's' || g, 'input', repeat('i' || g, g * 30))::text) "
    "FROM generate_series(1, 60) g")]
receipts.append(db.json("SELECT aigov.put('scope_decision', 'tool:x', '{\"decision\":\"undecided\"}')"))
db.rows("SELECT aigov.erase((SELECT id FROM aigov.entry WHERE lane = 1 AND seq = 3), 'asked')")
db.rows("CREATE INDEX mine ON aigov.entry (actor)")
db.rows("CREATE PUBLICATION pub FOR TABLE aigov.entry")
db.rows("ALTER TABLE aigov.entry DISABLE TRIGGER ALL")
db.rows("UPDATE aigov.entry SET model = 'forged' WHERE lane = 1 AND seq = 50")
for g in "guard_insert", "guard_change", "guard_truncate":
    db.rows("ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER " + g)
bytes_, verified = db.one(BYTES), db.rows("SELECT * FROM aigov.verify()")
used = db.one("SELECT oid FROM pg_database WHERE datname = 'log'")
db.close()
old.stop()

new = Cluster("new", new_pg, init=False)
extra = ["--no-data-checksums"] if new_pg.major >= 18 else []
new.run("initdb", "-D", new.data, "-A", "trust", "-U", "aigov_test", "-E", "UTF8", "--no-sync", *extra,
        env={"LC_ALL": "C.UTF-8"})
new.write_conf()
r = new.run("pg_upgrade", "-b", old_pg.bin, "-B", new_pg.bin, "-d", old.data, "-D", new.data, "-U", "aigov_test",
            "-s", new.dir, "-p", str(old.port), "-P", str(new.port), check=False)
if not ok(r.returncode == 0, "pg_upgrade %d -> %d" % (old_pg.major, new_pg.major), r.stdout[-1500:]):
    done()
new.start()
c = new.connect("log")
same(c.one(BYTES), bytes_, "byte for byte")
same(c.rows("SELECT * FROM aigov.verify()"), verified, "verify says the same, damage and schema included")
same(lost(c, receipts), 0, "%d receipts hold" % len(receipts))
same(c.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'guard%' AND tgenabled = 'A'"), "9", "guards")
kept = c.one("SELECT oid FROM pg_database WHERE datname = 'log'") == used
note("the database %s its OID" % ("keeps" if kept else "has another"))
e = c.fails("SELECT aigov.append('{\"system\":\"s\"}')")
if new_pg.major >= 15:
    ok(e is None, "it goes on", e)
else:
    ok(e is None or e.state == "IG203", "it goes on, or asks for new_epoch", e)
done()
