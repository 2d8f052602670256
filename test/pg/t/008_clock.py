#!/usr/bin/env python3
"""008_clock - the clock was set back

SPDX-License-Identifier: PostgreSQL

No test may set the clock, so a lane is moved an hour ahead of it, hashes
recomputed: what a log looks like whose entries were written by a clock that ran
ahead.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import Cluster, clean, done, ok, same  # noqa: E402

def ahead(c, lane):
    """Moves a lane an hour ahead."""
    tables = ("entry", "content") + (("log",) if lane == 0 else ())
    for t in tables:
        c.rows("ALTER TABLE aigov.%s DISABLE TRIGGER ALL" % t)
        if t != "entry":
            c.rows("UPDATE aigov.%s SET at = at + interval '1 hour'%s"
                   % (t, "" if t == "log" else " WHERE lane = %d" % lane))
    c.rows("""DO $$
DECLARE
  s bigint;
  p bytea;
BEGIN
  FOR s IN SELECT seq FROM aigov.entry WHERE lane = %d ORDER BY seq LOOP
    UPDATE aigov.entry SET at = at + interval '1 hour', prev = COALESCE(p, prev) WHERE lane = %d AND seq = s;
    UPDATE aigov.entry SET hash = sha256('\\x00'::bytea || convert_to(aigov.leaf(log, lane, seq), 'UTF8'))
     WHERE lane = %d AND seq = s RETURNING hash INTO p;
  END LOOP;
END $$""" % (lane, lane, lane))
    for t in tables:
        for g in "guard_insert", "guard_change", "guard_truncate":
            c.rows("ALTER TABLE aigov.%s ENABLE ALWAYS TRIGGER %s" % (t, g))


APPEND = "SELECT aigov.append('{\"system\":\"s\",\"input\":\"q\"}')"

main = Cluster("clock")
db = main.createdb("clock", "example.com/clock")
for i in range(3):
    db.rows("SELECT aigov.put('scope_decision', 'tool:x', '{\"decision\":\"undecided\"}')")
ahead(db, 0)
clean(db, "lane 0 an hour ahead")

# A new lane starts no earlier than lane 0 stands: verify would call it backdated.
others = [main.connect("clock") for _ in range(3)]
for c in others:
    c.rows("BEGIN")
    c.rows(APPEND)
for c in others:
    c.rows("COMMIT")
same(db.rows("SELECT lane, at = (SELECT max(at) FROM aigov.entry WHERE lane = 0) FROM aigov.entry "
             "WHERE lane > 0 ORDER BY 1"), [("1", "t"), ("2", "t"), ("3", "t")],
     "three new lanes start with the time of lane 0")
db.rows("SELECT aigov.append_batch('[{\"system\":\"s\"},{\"system\":\"s\"}]')")
clean(db, "new lanes")

# Lanes as far ahead as a new one would be are good for the next append.
for c in others + [db]:
    for i in range(10):
        c.rows(APPEND)
same(db.one("SELECT max(lane) FROM aigov.entry"), "3", "no append opens a fourth lane")
clean(db, "the same lanes")

# A lane alone ahead is passed over.
c = main.createdb("lane", "example.com/lane")
c.rows(APPEND)
ahead(c, 1)
c.rows(APPEND)
same(c.rows("SELECT lane, at < now() + interval '1 second' FROM aigov.entry WHERE lane > 0 ORDER BY 1"),
     [("1", "f"), ("2", "t")], "a lane that is ahead is passed over")
clean(c, "a lane ahead")
done()
