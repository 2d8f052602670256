#!/usr/bin/env python3
"""006_verify_attacks - whatever is changed behind aigov's back, verify names it

SPDX-License-Identifier: PostgreSQL

200 entries of all kinds in mixed lanes; guards off, as a superuser can.  Every
column of every row is changed, rows are deleted, doubled, swapped, cut out and
rewritten with their hash recomputed.  AIGOV_EXHAUSTIVE=1 changes each place
(character, hex digit) of every value and takes every row for every attack; by
default some 40 places of each column, and for some attacks one row in ten.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import B, Cluster, clean, done, note, ok, same, skip  # noqa: E402

ALL = bool(os.environ.get("AIGOV_EXHAUSTIVE"))
SOME = "true" if ALL else "(seq + lane) % 10 = 1"     # one row in ten
main = Cluster("attacks")
db = main.createdb("attacks", "example.com/attacks")
uuid = lambda n: "01990000-0000-7000-8000-%012d" % n


# --- 200 entries ------------------------------------------------------------------

def record(n):
    r = {"id": uuid(n), "system": "claims-%d" % (n % 3), "model": "gpt-%d" % (n % 5),
         "provider": "openai", "operation": "chat", "actor": {"id": "u_%d" % (n % 7), "type": "human"},
         "attributes": {"n": n, "text": "käse 🧀 %d" % n, "flag": n % 2 == 0, "rate": -2.5e10}}
    if n % 4:
        r["input"] = "question %d \u241b \x07" % n
        r["output"] = [{"role": "assistant", "parts": [{"text": "answer " * (n % 9)}]}]
    if n % 10 == 3:
        r.update(kind="request", interaction=uuid(n + 5000))
        r.pop("output", None)
    if n % 10 == 4:
        r.update(kind="response", interaction=uuid(n - 1 + 5000))
        r.pop("input", None)
    if n % 10 == 5:
        r["usage"] = {"input_tokens": n, "output_tokens": 9}
    return json.dumps(r, ensure_ascii=n % 2 == 0)


conns = [main.connect("attacks") for _ in range(4)]
db.rows("SELECT aigov.append('{\"system\":\"first\"}')")     # genesis, on lane 0
n = 0
while n < 150:
    for c in conns:         # four open transactions: four lanes
        c.rows("BEGIN")
        for _ in range(2):
            n += 1
            c.rows("SELECT aigov.append($1)", record(n))
    for c in conns:
        c.rows("COMMIT")
for c in conns:
    c.close()
db.rows("SELECT aigov.append('{\"system\":\"odd\",\"input\":{\"a\":1e400,\"a\":12345678901234567890}}')")
for i in range(12):
    db.rows("SELECT aigov.put('scope_decision', $1, '{\"decision\":\"undecided\"}')", "tool:%d" % (i % 5))
for i in range(3, 60, 4):
    db.rows("SELECT aigov.erase($1::text, 'request %s')" % i, uuid(i))
erased = int(db.one("SELECT count(*) FROM aigov.entry WHERE kind = 'erasure'"))
while int(db.one("SELECT count(*) FROM aigov.entry")) < 200:
    n += 1
    db.rows("SELECT aigov.append($1)", record(n))
same(db.one("SELECT count(*) FROM aigov.entry"), "200", "a log of 200 entries")
clean(db, "before any attack", erased)
note(db.rows("SELECT lane, count(*) FROM aigov.entry GROUP BY 1 ORDER BY 1"))
save = main.dir + "/heads"
command = os.path.join(B, "aigov")


def aigov(*args):
    env = dict(os.environ)
    env.pop("PGHOST", None)
    return subprocess.run([command, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=env)


if os.path.exists(command):
    r = aigov("verify", main.uri("attacks"), "--save", save)
    same(r.returncode, 0, "aigov verify --save") or note(r.stdout)

# --- the guards stand, and go ---------------------------------------------------------

db.rows("UPDATE pg_trigger SET tgenabled = 'A' WHERE false")
for table in "entry", "content", "log":
    e = db.fails("SET session_replication_role = replica; DELETE FROM aigov.%s" % table)
    ok(e and e.state == "IG201", "no DELETE on %s under a replica role" % table, e)
    db.rows("RESET session_replication_role")
    db.rows("ALTER TABLE aigov.%s DISABLE TRIGGER ALL" % table)
same(db.one("SELECT count(*) FROM aigov.verify() WHERE status = 'schema_changed' "
            "AND detail LIKE 'trigger guard_% is disabled'"), "9", "disabled guards are reported")
db.rows("SET aigov.allow_drop = on")
db.rows(open(os.path.join(os.path.dirname(__file__), "../lib/attacks.sql")).read())

total, wrongs, in_block = 0, [], False


def attack(name, n, wrong):
    """Counts; one TAP line for each family."""
    global total
    total += n
    wrong = [w for w in wrong if w]
    wrongs.extend(wrong)
    ok(not wrong, "%s: %d attacks, %d wrong" % (name, n, len(wrong)), *wrong[:4])


def each(name, sql):
    """sql yields (change, want, alarms): one attack a row."""
    db.rows("CREATE TEMP TABLE todo AS SELECT * FROM (%s) x(c, w, a)" % sql)
    rows = db.rows("SELECT attack.one(c, w, a) FROM todo")
    db.rows("DROP TABLE todo")
    attack(name, len(rows), [r[0] for r in rows])
    for t in "entry", "content":
        if not in_block:
            db.rows("VACUUM aigov." + t)


columns = db.rows("""
  SELECT c.relname, a.attname, format_type(a.atttypid, -1), a.attnotnull
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
   WHERE c.oid IN ('aigov.entry'::regclass, 'aigov.content'::regclass) AND a.attnum > 0
   ORDER BY c.relname DESC, a.attnum""")
KEY = ("log", "lane", "seq")
PLACE = "(SELECT bool_or(%s) FROM said WHERE (lane, seq) = (%%s, %%s))"


def quoted(text):
    return "$q$" + text + "$q$"


def hit(table, extra=""):
    """The row is named, alone in its range."""
    if table == "content":
        return ("format('(SELECT count(*) = 1 FROM said WHERE (lane, seq) = (%s, %s) AND content = "
                "''modified'')', lane, seq)", "format('(lane, seq) <> (%s, %s)', lane, seq)")
    return ("format('(SELECT count(*) = 1 FROM said WHERE (lane, seq, from_seq, to_seq) = "
            "(%1$s, %2$s, %2$s, %2$s) AND status = ''modified'')', lane, seq)",
            "format('(lane, seq) <> (%s, %s) AND content <> ''missing''', lane, seq)")


# --- every column of every row -----------------------------------------------------------
# First alone, at a place that depends on the row; then half of the rows at once,
# place by place.

for table, col, type, notnull in columns:
    if col in KEY:
        continue
    want, alarms = hit(table)
    each("%s.%s, alone" % (table, col), """
      SELECT format('UPDATE aigov.%s SET %s = %%L::%s WHERE (lane, seq) = (%%s, %%s)', v, lane, seq),
             %s, %s
        FROM (SELECT lane, seq, attack.flip(%s::text, '%s', (1 + (seq * 7919) %% k)::int) AS v
                FROM aigov.%s, attack.places(%s::text, '%s') k
               WHERE k > 0 AND %s OFFSET 0) f WHERE v IS NOT NULL"""
         % (table, col, type, want, alarms, col, type, table, col, type, SOME))

for table, col, type, notnull in columns:
    if col in KEY:
        continue
    most = int(db.one("SELECT COALESCE(max(attack.places(%s::text, '%s')), 0) FROM aigov.%s"
                      % (col, type, table)))
    step = 1 if ALL else 1 + most // 40
    n, wrong = 0, []
    for p in range(1, most + 1, step):
        for parity in 0, 1:
            changed, w = db.rows("SELECT * FROM attack.many($1, $2, $3, $4, $5)",
                                 table, col, type, p, parity)[0]
            n += int(changed)
            if w:
                wrong.append("%s.%s place %d: %s" % (table, col, p, w))
    if n:
        attack("%s.%s, place by place" % (table, col), n, wrong)
    db.rows("VACUUM aigov." + table)

# --- NULL and values ---------------------------------------------------------------------

for table, col, type, notnull in columns:
    want, alarms = hit(table)
    if col in KEY:
        continue
    if notnull == "t":      # the column must first allow it: one row in ten
        change = "ALTER TABLE aigov.%s ALTER %s DROP NOT NULL; " % (table, col)
        where = "(seq + lane) %% 10 = 1"
    else:
        change, where = "", SOME.replace("%", "%%")
    a = alarms
    if col == "commitment":     # without a commitment the content row is too much
        a = "'false'"
    each("%s.%s to NULL" % (table, col), ("""
      SELECT format('%s UPDATE aigov.%s SET %s = NULL WHERE (lane, seq) = (%%s, %%s)', lane, seq), %s, %s
        FROM aigov.%s WHERE %s IS NOT NULL AND """ + where)
         % (change, table, col, want, a, table, col)) if int(
             db.one("SELECT count(%s) FROM aigov.%s" % (col, table))) else None
    if notnull == "f":
        value = {"uuid": uuid(77), "bytea": "\\x" + "00" * 32}.get(type, "ok")
        if db.one("SELECT count(*) FROM aigov.%s WHERE %s IS NULL" % (table, col)) != "0":
            each("%s.%s from NULL" % (table, col), """
              SELECT format('UPDATE aigov.%s SET %s = %%L WHERE (lane, seq) = (%%s, %%s)', '%s', lane, seq),
                     %s, %s
                FROM aigov.%s WHERE %s IS NULL AND %s""" % (table, col, value, want, alarms, table, col, SOME))

# --- places: log, lane, seq ----------------------------------------------------------------
# A row that moves leaves a gap unless it was its lane's last, and is wrong
# where it stands now.  Without keys, since the new place is often taken.

NOKEYS = """ALTER TABLE aigov.entry DROP CONSTRAINT entry_pkey, DROP CONSTRAINT entry_id_log_key;
ALTER TABLE aigov.content DROP CONSTRAINT content_pkey;"""
LAST = "seq = (SELECT max(m.seq) FROM aigov.entry m WHERE m.lane = e.lane)"
in_block = True
db.rows("BEGIN; " + NOKEYS)
same(db.one("SELECT count(*) FROM aigov.verify() WHERE detail LIKE '% key of table %'"), "3",
     "keys that are gone are reported")
for what, new in (("log + 1", "log = log + 1"), ("log - 1", "log = log - 1"), ("log 0", "log = 0"),
                  ("log < 0", "log = -5"), ("lane + 1", "lane = lane + 1"), ("lane - 1", "lane = lane - 1"),
                  ("lane 99", "lane = 99"), ("seq + 1", "seq = seq + 1"), ("seq - 1", "seq = seq - 1"),
                  ("seq far", "seq = seq + 100000"), ("seq 0", "seq = 0"), ("seq < 0", "seq = -seq")):
    each("entry moved, " + what, """
      SELECT format('UPDATE aigov.entry SET %s WHERE (lane, seq) = (%%s, %%s)', lane, seq),
             format('EXISTS (SELECT FROM said WHERE status = ''modified'' AND seq IS NOT NULL) AND '
                    '(%%L OR EXISTS (SELECT FROM said WHERE lane = %%s AND seq = %%s OR '
                    'status = ''missing''))', (%s)::text, lane, seq), 'false'
        FROM aigov.entry e WHERE %s""" % (new, LAST, SOME))
    each("content moved, " + what, """
      SELECT format('UPDATE aigov.content SET %s WHERE (lane, seq) = (%%s, %%s)', lane, seq),
             format('EXISTS (SELECT FROM said WHERE content IN (''missing'', ''modified'') AND '
                    '(lane, seq) = (%%s, %%s))', lane, seq), 'false'
        FROM aigov.content e WHERE """ % new + SOME)
each("entry doubled", """
  SELECT format('INSERT INTO aigov.entry SELECT * FROM aigov.entry WHERE (lane, seq) = (%s, %s)', lane, seq),
         format('EXISTS (SELECT FROM said WHERE (lane, seq) = (%s, %s) AND detail = ''duplicate'')', lane, seq),
         format('(lane, seq) <> (%s, %s)', lane, seq) FROM aigov.entry""")
each("entry doubled under another id", """
  SELECT format('CREATE TEMP TABLE d ON COMMIT DROP AS SELECT * FROM aigov.entry WHERE (lane, seq) = (%1$s, %2$s);'
                'UPDATE d SET id = gen_random_uuid(); INSERT INTO aigov.entry SELECT * FROM d', lane, seq),
         format('EXISTS (SELECT FROM said WHERE (lane, seq) = (%s, %s) AND status = ''modified'')', lane, seq),
         format('(lane, seq) <> (%s, %s)', lane, seq) FROM aigov.entry""")
each("content doubled", """
  SELECT format('INSERT INTO aigov.content SELECT * FROM aigov.content WHERE (lane, seq) = (%s, %s)', lane, seq),
         format('EXISTS (SELECT FROM said WHERE (lane, seq) = (%s, %s))', lane, seq),
         format('(lane, seq) <> (%s, %s)', lane, seq) FROM aigov.content""")
db.rows("ROLLBACK")
in_block = False

# --- rows gone, swapped, cut ------------------------------------------------------------------

each("entry deleted (its content stays)", """
  SELECT format('DELETE FROM aigov.entry WHERE (lane, seq) = (%s, %s)', lane, seq),
         format('EXISTS (SELECT FROM said WHERE (lane, seq) = (%s, %s) AND status = ''missing'')', lane, seq),
         format('(lane, seq) <> (%s, %s) AND content <> ''missing''', lane, seq)
    FROM aigov.entry e JOIN aigov.content c USING (log, lane, seq)""")
each("entry and content deleted, not the last of a lane", """
  SELECT format('DELETE FROM aigov.entry WHERE (lane, seq) = (%1$s, %2$s); '
                'DELETE FROM aigov.content WHERE (lane, seq) = (%1$s, %2$s)', lane, seq),
         format('(SELECT count(*) = 1 FROM said WHERE (lane, from_seq, to_seq) = (%1$s, %2$s, %2$s) '
                'AND status = ''missing'')', lane, seq),
         format('(lane, seq) <> (%s, %s) AND content <> ''missing''', lane, seq)
    FROM aigov.entry e WHERE NOT """ + LAST)
each("content deleted", """
  SELECT format('DELETE FROM aigov.content WHERE (lane, seq) = (%s, %s)', lane, seq),
         format('EXISTS (SELECT FROM said WHERE (lane, seq) = (%s, %s) AND content = ''missing'')', lane, seq),
         format('(lane, seq) <> (%s, %s)', lane, seq) FROM aigov.content""")
each("content put under an erased entry", """
  SELECT format('INSERT INTO aigov.content SELECT log, lane, seq, at, %L, %L FROM aigov.entry WHERE '
                '(lane, seq) = (%s, %s)', '\\x' || repeat('00', 32), '{}', lane, seq),
         format('EXISTS (SELECT FROM said WHERE (lane, seq) = (%s, %s) AND content = ''modified'')', lane, seq),
         format('(lane, seq) <> (%s, %s)', lane, seq)
    FROM aigov.entry e WHERE NOT EXISTS (SELECT FROM aigov.content c
     WHERE (c.log, c.lane, c.seq) = (e.log, e.lane, e.seq))""")
SWAP = ("UPDATE aigov.entry SET seq = -1 WHERE (lane, seq) = (%1$s, %2$s); "
        "UPDATE aigov.entry SET lane = %1$s, seq = %2$s WHERE (lane, seq) = (%3$s, %4$s); "
        "UPDATE aigov.entry SET lane = %3$s, seq = %4$s WHERE seq = -1; ")
BOTH = ("(SELECT count(DISTINCT (lane, seq)) = 2 FROM said WHERE (lane, seq) IN ((%1$s, %2$s), (%3$s, %4$s)) "
        "AND status = ''modified'')")
each("two rows swapped", """
  SELECT format('""" + SWAP + SWAP.replace("entry", "content") + """', e.lane, e.seq, o.lane, o.seq),
         format('""" + BOTH + """', e.lane, e.seq, o.lane, o.seq),
         format('(lane, seq) NOT IN ((%s, %s), (%s, %s))', e.lane, e.seq, o.lane, o.seq)
    FROM aigov.entry e JOIN aigov.entry o
      ON (o.lane, o.seq) = (e.lane, e.seq + 1) OR (o.lane, o.seq) = (e.lane + 1, e.seq)
   WHERE e.kind NOT IN ('erasure') AND o.kind <> 'erasure'""")
each("contents of two rows swapped", """
  SELECT format('""" + SWAP.replace("entry", "content") + """', e.lane, e.seq, o.lane, o.seq),
         format('(SELECT count(DISTINCT (lane, seq)) = 2 FROM said WHERE content = ''modified'')'), 'false'
    FROM aigov.content e JOIN aigov.content o ON (o.lane, o.seq) = (e.lane, e.seq + 1)""")
each("rows cut from the middle", """
  SELECT format('DELETE FROM aigov.entry WHERE lane = %1$s AND seq BETWEEN %2$s AND %3$s; '
                'DELETE FROM aigov.content WHERE lane = %1$s AND seq BETWEEN %2$s AND %3$s', e.lane, e.seq, e.seq + n),
         format('(SELECT count(*) = %4$s FROM said WHERE (lane, from_seq, to_seq) = (%1$s, %2$s, %3$s) '
                'AND status = ''missing'')', e.lane, e.seq, e.seq + n, n + 1),
         format('lane <> %s AND content <> ''missing''', e.lane)
    FROM aigov.entry e, unnest(ARRAY[1, 4, 15]) n
   WHERE e.seq + n < (SELECT max(m.seq) FROM aigov.entry m WHERE m.lane = e.lane)""")

# --- rewritten, with the hash recomputed -------------------------------------------------------
# The row before still fits; the row after does not: [s, s+1].

REHASH = ("; UPDATE aigov.entry SET hash = attack.hash(log, lane, seq) WHERE (lane, seq) = (%2$s, %3$s)")
for col, value in (("model", "'other'"), ("actor", "'eve'"), ("subject", "'x'"), ("decision", "'deny'"),
                   ("kind", "'notes'"), ("at", "at + interval '1 microsecond'"), ("id", "gen_random_uuid()"),
                   ("digest", "sha256('x')"), ("commitment", "sha256('x')"),
                   ("body", "(left(body::text, -1) || ',\"zz\":1}')::json"),
                   ("recorded_by", "'{\"login\":\"eve\"}'"), ("prev", "sha256('x')")):
    # A new prev breaks the link before it too; a time may pass the next row's,
    # a commitment or a time no longer fits its content.
    first = "CASE WHEN %L = 'prev' AND seq > 1 THEN seq - 1 ELSE seq END" .replace("%L", "'%s'" % col)
    each("%s rewritten, hash recomputed" % col, """
      SELECT format('UPDATE aigov.entry SET """ + col + """ = %1$s WHERE (lane, seq) = (%2$s, %3$s)""" + REHASH +
         """', """ + quoted(value) + """, lane, seq),
             format('(SELECT array_agg(DISTINCT seq ORDER BY seq) = ARRAY(SELECT generate_series(%2$s, %3$s)::bigint) '
                    'FROM said WHERE lane = %1$s AND status = ''link_broken'')', lane, """ + first + """, seq + 1),
             format('(lane <> %s OR seq NOT BETWEEN %s AND %s) AND content <> ''missing''', lane, """ + first + """, seq + 1)
        FROM aigov.entry e
       WHERE NOT """ + LAST + " AND " + (SOME if col not in ("model", "body", "prev") else "true") + """
         AND NOT EXISTS (SELECT FROM aigov.entry n
             WHERE (n.lane, n.seq) = (e.lane, e.seq + 1) AND n.at = e.at AND '""" + col + """' = 'at')""")
each("moved back in time, hash recomputed", """
  SELECT format('UPDATE aigov.entry SET at = at - interval ''1 day'' WHERE (lane, seq) = (%2$s, %3$s)""" + REHASH + """',
                '', lane, seq),
         format('EXISTS (SELECT FROM said WHERE (lane, seq) = (%s, %s) AND status = ''modified'' AND detail = ''time'')',
                lane, seq), format('(lane, seq) <> (%s, %s)', lane, seq)
    FROM aigov.entry WHERE seq > 1""")

# --- the row of table log -----------------------------------------------------------------------

n, wrong = 0, []
LOGBAD = "EXISTS (SELECT FROM said WHERE status = 'modified')"
changes = ["UPDATE aigov.log SET origin = attack.flip(origin, 'text', %d)" % p for p in range(1, 21)]
changes += ["UPDATE aigov.log SET log = log + 1", "UPDATE aigov.log SET log = log - 1",
            "UPDATE aigov.log SET at = at + interval '1 microsecond'",
            "UPDATE aigov.log SET at = at - interval '1 microsecond'",
            "UPDATE aigov.log SET at = 'infinity'", "UPDATE aigov.log SET continues = 7",
            "DELETE FROM aigov.log", "INSERT INTO aigov.log VALUES (7, 'example.com/x', now(), NULL)",
            "INSERT INTO aigov.log SELECT log + 1, origin, at, continues FROM aigov.log",
            "ALTER TABLE aigov.log ALTER origin DROP NOT NULL; UPDATE aigov.log SET origin = NULL",
            "ALTER TABLE aigov.log ALTER at DROP NOT NULL; UPDATE aigov.log SET at = NULL",
            "ALTER TABLE aigov.log DROP CONSTRAINT log_pkey; INSERT INTO aigov.log SELECT * FROM aigov.log",
            "ALTER TABLE aigov.log DROP CONSTRAINT log_pkey; INSERT INTO aigov.log SELECT log, 'example.com/x', at, 7 FROM aigov.log"]
for change in changes:
    w = db.one("SELECT attack.one($1, $2)", change, LOGBAD)
    n += 1
    wrong.append(w)
attack("table log", n, wrong)

# --- odd values and odd tables ---------------------------------------------------------------------

n, wrong = 0, []
for change in (
        "UPDATE aigov.entry SET body = ('{}' || body::text)::text::json WHERE false",
        "UPDATE aigov.entry SET hash = '' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET hash = hash || '\\x00' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET prev = '' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET digest = '' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET at = 'infinity' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET at = '-infinity' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET at = '4713-01-01 BC' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET at = '290000-01-01' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET body = '[]' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET body = 'null' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET recorded_by = '\"x\"' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET v = 2147483647 WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET v = -2147483648 WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET seq = 9223372036854775807 WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET lane = -2147483648 WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET kind = '' WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET kind = repeat('k', 100000) WHERE (lane, seq) = (1, 3)",
        "UPDATE aigov.entry SET body = ('{\"a\":\"' || repeat('b', 3000000) || '\"}')::json WHERE (lane, seq) = (1, 3)"):
    if change.endswith("false"):
        continue
    n += 1
    wrong.append(db.one("SELECT attack.one($1, $2)", change,
                        "EXISTS (SELECT FROM said WHERE lane IN (1, -2147483648) AND status = 'modified')"))
for change in ("UPDATE aigov.content SET salt = '' WHERE (lane, seq) = (1, 2)",
               "UPDATE aigov.content SET salt = salt || salt WHERE (lane, seq) = (1, 2)",
               "UPDATE aigov.content SET at = 'infinity' WHERE (lane, seq) = (1, 2)",
               "UPDATE aigov.content SET body = 'null' WHERE (lane, seq) = (1, 2)"):
    n += 1
    wrong.append(db.one("SELECT attack.one($1, $2)", change,
                        "EXISTS (SELECT FROM said WHERE (lane, seq) = (1, 2))"))
attack("odd values", n, wrong)

n, wrong = 0, []
for change in (
        "CREATE TABLE attack.kid () INHERITS (aigov.entry)",
        "CREATE RULE r AS ON INSERT TO aigov.entry DO INSTEAD NOTHING",
        "CREATE FUNCTION attack.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
        "CREATE TRIGGER x BEFORE INSERT ON aigov.entry FOR EACH ROW EXECUTE FUNCTION attack.f()",
        "DROP TRIGGER guard_change ON aigov.entry",
        "ALTER TABLE aigov.entry ADD COLUMN extra int",
        "ALTER TABLE aigov.content ALTER body TYPE text",
        "ALTER TABLE aigov.entry ALTER model SET DEFAULT 'x'",
        "ALTER TABLE aigov.entry ALTER commitment SET NOT NULL",
        "ALTER TABLE aigov.entry DROP CONSTRAINT entry_id_log_key",
        "ALTER TABLE aigov.entry SET UNLOGGED",
        "CREATE OR REPLACE VIEW aigov.own_log AS SELECT 7 AS log",
        "DROP VIEW aigov.open_interaction",
        "CREATE FUNCTION aigov.append(varchar) RETURNS json LANGUAGE sql AS $$SELECT '{}'::json$$",
        "ALTER FUNCTION aigov.append(text) SECURITY DEFINER",
        "ALTER FUNCTION aigov.append(text) SET search_path = public",
        "CREATE OR REPLACE FUNCTION aigov.append(record text) RETURNS json LANGUAGE sql AS $$SELECT '{}'::json$$"):
    differs = "(SELECT string_agg(detail, '; ' ORDER BY detail) FROM aigov.verify() WHERE status = 'schema_changed')"
    base = differs + " <> " + quoted(db.one("SELECT " + differs))
    n += 1
    try:
        wrong.append(db.one("SELECT attack.one($1, $2)", change, base))
    except Exception as x:
        wrong.append("%s: %s" % (change, x))
attack("tables, triggers, views, functions changed", n, wrong)

# --- an index that hides rows -------------------------------------------------------------------------

db.rows("BEGIN")
db.rows("UPDATE pg_index SET indisready = false WHERE indexrelid IN ('aigov.entry_pkey'::regclass)")
same(db.one("SELECT count(*) FROM aigov.verify() WHERE status = 'modified'"), "0", "an index not ready: nothing lost")
db.rows("ROLLBACK")

same(len(wrongs), 0, "%d attacks in all: none missed, no false alarm" % total)
for t in "entry", "content", "log":
    for g in "guard_insert", "guard_change", "guard_truncate":
        db.rows("ALTER TABLE aigov.%s ENABLE ALWAYS TRIGGER %s" % (t, g))
clean(db, "after all attacks", erased)

# --- what only something kept outside can show ---------------------------------------------------------

if not os.path.exists(command):
    skip("cut tails, rewritten ends, lanes gone: aigov verify --since", "aigov is not built")
else:
    last = db.rows("SELECT lane, max(seq) FROM aigov.entry GROUP BY 1 ORDER BY 1")
    before = aigov("verify", main.uri("attacks"), "--since", save)
    same(before.returncode, 0, "aigov verify --since: nothing changed")

    def outside(name, change, lane, seq, silent=True):
        for t in "entry", "content":
            db.rows("ALTER TABLE aigov.%s DISABLE TRIGGER ALL" % t)
            db.rows("CREATE TABLE attack.%s_copy AS SELECT * FROM aigov.%s" % (t, t))
        db.rows(change)
        if silent:
            db.rows("SELECT 1")
        inside = db.one("SELECT count(*) FROM attack.found")
        for t in "entry", "content":
            for g in "guard_insert", "guard_change", "guard_truncate":
                db.rows("ALTER TABLE aigov.%s ENABLE ALWAYS TRIGGER %s" % (t, g))
        r = aigov("verify", main.uri("attacks"), "--since", save)
        ok(r.returncode == 1 and ("lane %s" % lane) in r.stdout, "%s is seen against the heads file%s"
           % (name, "" if inside != "0" else " (and not inside)"), r.returncode, r.stdout[-600:])
        for t in "entry", "content":
            db.rows("ALTER TABLE aigov.%s DISABLE TRIGGER ALL; DELETE FROM aigov.%s; "
                    "INSERT INTO aigov.%s SELECT * FROM attack.%s_copy; DROP TABLE attack.%s_copy" % (t, t, t, t, t))
            for g in "guard_insert", "guard_change", "guard_truncate":
                db.rows("ALTER TABLE aigov.%s ENABLE ALWAYS TRIGGER %s" % (t, g))

    for lane, seq in last:
        at = "(lane, seq) = (%s, %s)" % (lane, seq)
        outside("the tail cut from lane " + lane, "DELETE FROM aigov.entry WHERE %s; DELETE FROM aigov.content WHERE %s"
                % (at, at), lane, seq)
        outside("the end of lane %s rewritten" % lane, "UPDATE aigov.entry SET model = 'other' WHERE %s; "
                "UPDATE aigov.entry SET hash = attack.hash(log, lane, seq) WHERE %s" % (at, at), lane, seq)
        if lane != "0":
            outside("lane %s gone" % lane, "DELETE FROM aigov.entry WHERE lane = %s; DELETE FROM aigov.content "
                    "WHERE lane = %s" % (lane, lane), lane, seq)
    # a whole lane rewritten from its first row on
    outside("lane 1 rewritten whole", """DO $$
        DECLARE p bytea := sha256(convert_to(E'aigov/v1\\nexample.com/attacks\\n1', 'UTF8')); s bigint;
        BEGIN FOR s IN SELECT seq FROM aigov.entry WHERE lane = 1 ORDER BY seq LOOP
          UPDATE aigov.entry SET model = 'rewritten', prev = p WHERE lane = 1 AND seq = s;
          UPDATE aigov.entry SET hash = attack.hash(log, lane, seq) WHERE lane = 1 AND seq = s RETURNING hash INTO p;
        END LOOP; END $$""", "1", "")
    clean(db, "put back", erased)
note("%d attacks%s" % (total, ", every place of every value" if ALL else ""))
done()
