#!/usr/bin/env python3
"""001_restore - dump, restore, clone: bytes stay, the copy asks for new_epoch

SPDX-License-Identifier: PostgreSQL
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import BAD, BYTES, Cluster, clean, done, ok, refused, same  # noqa: E402
from load import lost  # noqa: E402

main = Cluster("restore")
APPEND = "SELECT aigov.append('{\"system\":\"s\"}')"
PUT = "SELECT aigov.put('scope_decision', 'tool:x', '{\"decision\":\"undecided\"}')"


def restore(source, target, *options, into=None):
    """pg_dump | pg_restore --exit-on-error"""
    if into is None:
        main.connect().rows('CREATE DATABASE "%s" TEMPLATE template0' % target)
    f = "%s/%s.dump" % (main.dir, target)
    main.run("pg_dump", "-Fc", "-f", f, *options, source)
    r = main.run("pg_restore", "--exit-on-error", "-d", target, *options, f, check=False)
    ok(r.returncode == 0, "%s: pg_dump %s| pg_restore --exit-on-error" % (target, "".join(o + " " for o in options)),
       r.stdout[-800:])
    return main.connect(target)


# --- init alone ---------------------------------------------------------------------------

main.createdb("empty", "example.com/empty").close()
c = restore("empty", "empty2")
same(c.one("SELECT count(*) FROM aigov.entry"), "0", "an empty log is empty")
refused(c.fails(APPEND), "IG204", "no log", "it asks for init")
c.rows("SELECT aigov.init('example.com/empty2')")
ok(c.fails(APPEND) is None, "and goes on")
clean(c, "empty2")

# --- a used log with what users add ----------------------------------------------------------

db = main.createdb("used", "example.com/used")
receipts = [json.loads(r[0]) for r in db.rows(
    "SELECT aigov.append(json_build_object('system', 's' || g, 'input', repeat('käse ␛ ' || g, g * 20), "
    "'interaction', gen_random_uuid())::text) FROM generate_series(1, 60) g")]
for sql in (PUT, PUT, "SELECT aigov.append('{\"system\":\"odd\",\"input\":[1e400,\"\\u0000\",12345678901234567890]}')"):
    receipts.append(db.json(sql))
for seq in 3, 4, 9:
    db.rows("SELECT aigov.erase((SELECT id FROM aigov.entry WHERE lane = 1 AND seq = $1::bigint), 'asked')", seq)
for sql in ("CREATE ROLE app", "CREATE ROLE auditor",
            "SELECT aigov.grant('writer', 'app')", "SELECT aigov.grant('reader', 'auditor')",
            "CREATE INDEX mine ON aigov.entry (actor, system)",
            "CREATE POLICY tenant ON aigov.entry FOR SELECT TO auditor USING (body->>'tenant' IS NULL)",
            "ALTER TABLE aigov.entry ENABLE ROW LEVEL SECURITY",
            "CREATE PUBLICATION pub FOR TABLE aigov.entry, aigov.content, aigov.log WITH (publish = 'insert, delete')",
            "CREATE STATISTICS stats ON kind, system FROM aigov.entry",
            "COMMENT ON TABLE aigov.entry IS 'ours'"):
    e = db.fails(sql)
    ok(e is None, "users may: " + sql[:50], e)
ADDED = """SELECT (SELECT count(*) FROM pg_class WHERE relname IN ('mine')),
  (SELECT count(*) FROM pg_policy), (SELECT relrowsecurity FROM pg_class WHERE oid = 'aigov.entry'::regclass),
  (SELECT count(*) FROM pg_publication_rel), (SELECT count(*) FROM pg_statistic_ext),
  obj_description('aigov.entry'::regclass),
  (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'guard%' AND tgenabled = 'A'),
  (SELECT count(*) FROM pg_event_trigger WHERE evtname = 'aigov_guard'),
  has_function_privilege('app', 'aigov.append(text)', 'execute'),
  has_table_privilege('auditor', 'aigov.interaction', 'select'),
  has_function_privilege('auditor', 'aigov.append(text)', 'execute')"""
want = db.rows(ADDED)
same(want, [("1", "1", "t", "3", "1", "ours", "9", "1", "t", "t", "f")], "what users added")
bytes_, verified = db.one(BYTES), db.rows("SELECT * FROM aigov.verify()")
clean(db, "used", 3)

c = restore("used", "used2")
same(c.one(BYTES), bytes_, "byte for byte")
same(c.rows("SELECT * FROM aigov.verify()"), verified, "verify says the same, schema included")
same(lost(c, receipts), 0, "%d receipts hold" % len(receipts))
same(c.rows(ADDED), want, "index, policy, publication, statistics, comment, guards, privileges")
for sql in (APPEND, PUT, "SELECT aigov.append_batch('[{\"system\":\"s\"}]')", "SELECT aigov.init('example.com/used')",
            "INSERT INTO aigov.inbox VALUES ('{\"system\":\"s\"}')"):
    refused(c.fails(sql), "IG203", "new_epoch", "the copy asks for new_epoch: " + sql[:40])
ok(c.fails("SELECT aigov.new_epoch('example.com/used', 'restore')") is not None, "not under the old origin")
same(c.one("SELECT detail FROM aigov.health WHERE item = 'epoch'"), "restored", "health says so")
got = c.json("SELECT aigov.new_epoch('example.com/used-2', 'tape 7')")
same((got["lane"], got["seq"]), (0, 1), "new_epoch gives the receipt of genesis")
same(c.rows("SELECT subject, body->'fields'->>'continues', body->'fields'->>'cause' FROM aigov.entry "
            "WHERE id = $1", got["id"]), [("example.com/used-2", "example.com/used", "restore")],
     "genesis names the old log")
new = c.json(APPEND)
ok(new["log"] == got["log"] != receipts[0]["log"] and new["seq"] == 1, "appends go on under the new origin", new)
ok(c.fails(PUT) is None and c.one("SELECT count(*) FROM aigov.history('scope_decision', 'tool:x')") == "3",
   "revisions count on through genesis")
same(lost(c, receipts + [new]), 0, "old receipts and new ones hold")
clean(c, "both logs", 3)
same(c.rows("SELECT DISTINCT origin FROM aigov.verify() WHERE origin IS NOT NULL ORDER BY 1"),
     [("example.com/used",), ("example.com/used-2",)], "verify names both")
ok(db.fails(APPEND) is None, "the first database goes on as before")
c = restore("used2", "used3")
refused(c.fails(APPEND), "IG203", "new_epoch", "a copy of the copy asks again")
c.rows("SELECT aigov.new_epoch('example.com/used-3', 'restore')")
ok(c.fails(APPEND) is None, "and goes on")
clean(c, "three logs", 3)

# --- plain SQL through psql
main.connect().rows("CREATE DATABASE plain TEMPLATE template0")
main.run("pg_dump", "-f", main.dir + "/plain.sql", "used2")
r = main.run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "plain", "-f", main.dir + "/plain.sql", check=False)
ok(r.returncode == 0, "a plain dump through psql with ON_ERROR_STOP", r.stdout[-500:])
same(main.connect("plain").one(BYTES), main.connect("used2").one(BYTES), "byte for byte")

# --- data alone, into a database where init was called ------------------------------------------

main.createdb("data", "example.com/data").close()
c = restore("used2", "data", "--data-only", into="data")
same(c.one(BYTES), main.connect("used2").one(BYTES), "--data-only through the guards, byte for byte")
clean(c, "--data-only", 3)
main.createdb("data2", "example.com/used").close()
c = restore("used2", "data2", "--data-only", into="data2")
refused(c.fails(APPEND), "IG203", "new_epoch", "data under an origin that waits: asks for new_epoch")

# --- a damaged log --------------------------------------------------------------------------------

for sql in ("ALTER TABLE aigov.entry DISABLE TRIGGER ALL", "ALTER TABLE aigov.content DISABLE TRIGGER ALL",
            "UPDATE aigov.entry SET model = 'forged' WHERE lane = 1 AND seq = 5",
            "DELETE FROM aigov.entry WHERE lane = 1 AND seq = 11",
            "UPDATE aigov.entry SET hash = sha256(hash) WHERE lane = 1 AND seq = 20",
            "UPDATE aigov.content SET body = '{\"input\":\"forged\"}' WHERE lane = 1 AND seq = 30"):
    db.rows(sql)
for t in "entry", "content":
    for g in "guard_insert", "guard_change", "guard_truncate":
        db.rows("ALTER TABLE aigov.%s ENABLE ALWAYS TRIGGER %s" % (t, g))
damage = db.rows(BAD)
same([(r[2], r[3], r[6], r[7]) for r in damage],
     [("1", "5", "modified", "intact"), ("1", "11", "missing", "modified"), ("1", "20", "modified", "intact"),
      ("1", "30", "unanchored", "modified")], "damage is seen")
c = restore("used", "damaged")
same(c.rows(BAD), damage, "a damaged log restores, and verify says what it said")
same(c.one(BYTES), db.one(BYTES), "byte for byte")

# --- CREATE DATABASE ... TEMPLATE ------------------------------------------------------------------

for x in ("used2",):
    main.connect().rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'" % x)
for _ in range(50):
    if main.connect().fails("CREATE DATABASE clone TEMPLATE used2") is None:
        break
c = main.connect("clone")
refused(c.fails(APPEND), "IG203", "new_epoch", "a clone by TEMPLATE asks for new_epoch")
c.rows("SELECT aigov.new_epoch('example.com/clone', 'restore')")
ok(c.fails(APPEND) is None, "and goes on")
clean(c, "clone", 3)
c2 = main.connect("used2")
same(c2.one("SELECT detail FROM aigov.health WHERE item = 'epoch'"), "ready", "its template goes on")

# --- the schema and the extension ---------------------------------------------------------------------

a = main.connect()
a.rows("CREATE ROLE mallory LOGIN")
a.rows("CREATE DATABASE taken OWNER mallory TEMPLATE template0")
m = main.connect("taken", "mallory")
m.rows("CREATE SCHEMA aigov")
t = main.connect("taken")
e = t.fails("CREATE EXTENSION aigov")
refused(e, "42P06", "already exists", "a schema made first is not adopted")
e = t.fails("CREATE EXTENSION aigov SCHEMA aigov")
ok(e is not None, "nor when it is named", e)
same(t.one("SELECT count(*) FROM pg_extension WHERE extname = 'aigov'"), "0", "and nothing is left")
c = main.connect("clone")
e = c.fails("DROP EXTENSION aigov")
refused(e, "2BP01", "depend", "DROP EXTENSION without CASCADE is refused")
e = c.fails("DROP EXTENSION aigov CASCADE")
refused(e, "IG201", "allow_drop", "with CASCADE too, by the guard")
e = c.fails("DROP SCHEMA aigov CASCADE")
ok(e is not None, "nor DROP SCHEMA", e)
ok(c.fails(APPEND) is None, "all is still there")
a.rows("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
refused(main.connect("latin").fails("CREATE EXTENSION aigov"), "0A000", "UTF8", "UTF8 only")
done()
