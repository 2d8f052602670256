#!/usr/bin/env python3
"""012_lineage - appends, questions, maintain and rebuild at the same time

SPDX-License-Identifier: PostgreSQL

Many writers that name the same nodes, the index taken on and made anew under
them, and whoever asks: no error, no deadlock, and the same answer as from the
entries alone; after a crash too.
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import Cluster, clean, done, ok, same  # noqa: E402
from libpq import Error  # noqa: E402

RECORD = ('{"system":"s","actor":{"id":"u1"},"provider":"openai","model":"m","input":"q","output":"a",'
          '"documents":[{"id":"doc:h@1#1"},{"id":"doc:h@1#2"}],"refs":[{"relation":"used","cause":"doc:k@2#1"}]}')
ASK = "SELECT count(*) FROM aigov.downstream('doc:h')"

main = Cluster("lineage", conf="deadlock_timeout = 100ms\n")
main.expect_crash = True
c = main.createdb("lineage", "example.com/lineage")
c.rows("SELECT aigov.append($1::text)", RECORD)

errors = []
counts = {}
until = time.monotonic() + 4


def work(sql, *args):
    d = main.connect("lineage")
    try:
        while time.monotonic() < until:
            d.rows(sql, *args)
            counts[sql[:24]] = counts.get(sql[:24], 0) + 1
    except Error as e:
        errors.append("%s: %s" % (sql, e))
    d.close()


jobs = [("SELECT aigov.append($1::text)", RECORD)] * 5 + [("SELECT aigov.maintain()",), (ASK,), (ASK,),
                                                          ("SELECT aigov.rebuild_lineage()",)]
threads = [threading.Thread(target=work, args=j) for j in jobs]
for t in threads:
    t.start()
for t in threads:
    t.join()
same(errors, [], "no error, and no deadlock")
ok(len(counts) == 4, "all of them came to their turn", counts)
calls = int(c.one("SELECT count(*) FROM aigov.entry WHERE lane > 0"))
want = str(2 * calls + 3)
same(c.one(ASK), want, "whatever is indexed, the answer is that of the entries")
c.rows("SELECT aigov.maintain()")
same(c.one(ASK), want, "with all of it indexed")
same(c.rows("SELECT DISTINCT ok FROM aigov.lineage_check() WHERE check_name IN ('index', 'cause_before_effect')"),
     [("t",)], "the index is what the entries say")

# a snapshot older than the index: that state, read from the entries
old = main.connect("lineage")
old.rows("BEGIN ISOLATION LEVEL REPEATABLE READ")
old.one(ASK)
c.rows("SELECT aigov.append($1::text)", RECORD)
rebuilt = threading.Thread(target=lambda: main.connect("lineage").rows("SELECT aigov.rebuild_lineage()"))
old.rows("SAVEPOINT a")
same(old.one(ASK), want, "a repeatable read sees its moment")
old.rows("COMMIT")
rebuilt.start()
rebuilt.join()
old.rows("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY")
same(old.one(ASK), str(2 * calls + 5), "a read-only transaction asks too")
try:
    old.rows("SELECT aigov.maintain()")
    ok(False, "and maintains nothing")
except Error as e:
    ok(e.state == "25006", "and maintains nothing", e)
old.rows("ROLLBACK")

# who may
for role, privilege in (("lin_op", "operator"), ("lin_rd", "reader"), ("lin_wr", "writer")):
    c.rows("CREATE ROLE %s LOGIN" % role)
    c.rows("SELECT aigov.grant($1, $2)", privilege, role)
op, rd, wr = (main.connect("lineage", user=r) for r in ("lin_op", "lin_rd", "lin_wr"))
ok(op.one("SELECT aigov.rebuild_lineage()"), "an operator, who owns nothing, makes it anew")
same(rd.one(ASK), str(2 * calls + 5), "a reader asks")
ok(int(rd.one("SELECT count(*) FROM aigov.openlineage() WHERE event ->> 'eventType' IN ('START', 'COMPLETE')")) > 0,
   "a reader gets OpenLineage")
same(rd.one("SELECT count(*) > 0 FROM (SELECT aigov.openlineage()) AS o"), "t", "in a select list too")
for picture in ("mermaid", "dot", "svg", "prov_json"):
    ok(rd.one("SELECT aigov.%s('doc:h', 'down', 1)" % picture), "a reader gets " + picture)
for d, sql in ((rd, "SELECT aigov.maintain()"), (wr, ASK), (op, "SELECT * FROM aigov.node"), (rd, "DELETE FROM aigov.ref")):
    try:
        d.rows(sql)
        ok(False, "not for all: " + sql)
    except Error as e:
        ok(e.state == "42501", "not for all: " + sql, e)

# canceled in the middle, and killed
c.rows("SET statement_timeout = 1")
try:
    c.rows("SELECT * FROM aigov.lineage_check()")
except Error as e:
    ok(e.state == "57014", "a question can be canceled", e)
c.rows("RESET statement_timeout")
main.kill9()
main.start()
c = main.connect("lineage")
same(c.one(ASK), str(2 * calls + 5), "after a crash the same")
clean(c, "the chain holds")
done()
