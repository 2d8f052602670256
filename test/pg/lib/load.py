"""load.py - clients that append in every way there is, and remember receipts

SPDX-License-Identifier: PostgreSQL
"""
import json
import random
import threading
import time
import uuid

from libpq import Error

SHARED = [str(uuid.UUID(int=(0x01990000000070008000 << 48) + n)) for n in range(1, 200)]
# What a client may meet: a serialization failure, and a server that goes down.
EXPECTED = ("", "40001", "57P01", "57P02", "57P03", "08006", "08003")


class Client(threading.Thread):
    def __init__(self, connect, seconds, seed, ways=None):
        super().__init__(daemon=True)
        self.connect, self.seconds = connect, seconds
        self.random = random.Random(seed)
        self.ways = [getattr(self, w) for w in ways] if ways else [
            self.one, self.one, self.many, self.isolated, self.isolated, self.savepoints, self.abort,
            self.inbox, self.conflict, self.copy, self.two, self.prepared, self.shared, self.batch,
            self.govern, self.block]
        self.seed = seed
        self.receipts = []      # acknowledged: the commit was answered
        self.errors = []        # what no client should see
        self.done_n, self.lost = 0, 0
        self.doubt = {}         # prepared and left: name -> receipts
        self.c = None

    def record(self, **more):
        r = {"system": "torture", "input": "x" * self.random.randrange(300), "attributes": {"client": self.seed}}
        r.update(more)
        return json.dumps(r)

    def append(self, c=None, **more):
        return (c or self.c).json("SELECT aigov.append($1::%s)" % self.random.choice(
            ("text", "json", "jsonb")), self.record(**more))

    def keep(self, *receipts):
        self.receipts += [r for r in receipts if r]

    # --- ways to write

    def one(self):
        self.keep(self.append())

    def many(self):
        rows = self.c.rows("SELECT aigov.append($1) FROM generate_series(1, 7)", self.record())
        self.keep(*[json.loads(r[0]) for r in rows])

    def isolated(self):
        self.c.rows("BEGIN ISOLATION LEVEL " + self.random.choice(
            ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")))
        self.c.rows("SELECT count(*) FROM aigov.log")
        got = [self.append() for _ in range(self.random.randrange(1, 4))]
        self.c.rows("COMMIT")
        self.keep(*got)

    def savepoints(self):
        self.c.rows("BEGIN")
        got = [self.append()] if self.random.random() < .5 else []
        for _ in range(3):
            self.c.rows("SAVEPOINT s")
            r = self.append(system="gone?")
            if self.random.random() < .5:
                self.c.rows("ROLLBACK TO s")
            else:
                got.append(r)
        got.append(self.append())
        self.c.rows("COMMIT")
        self.keep(*got)

    def abort(self):
        self.c.rows("BEGIN")
        self.append(system="gone")
        self.c.rows("SELECT aigov.append_batch('[{\"system\":\"gone\"},{\"system\":\"gone\"}]')")
        self.c.rows("ROLLBACK")
        if self.c.one("SELECT aigov.receipt()::text LIKE '%' || (SELECT max(id::text) FROM aigov.entry "
                      "WHERE system = 'gone') || '%'") == "t":
            self.errors.append(("", "a rolled back receipt is given"))

    def inbox(self):
        self.c.rows("INSERT INTO aigov.inbox(record) VALUES ($1), ($2)", self.record(), self.record())
        self.keep(self.c.json("SELECT aigov.receipt()"))

    def conflict(self):
        self.c.rows("INSERT INTO aigov.inbox(record) VALUES ($1) ON CONFLICT DO NOTHING", self.record())
        self.keep(self.c.json("SELECT aigov.receipt()"))

    def copy(self):
        line = self.record().replace("\\", "\\\\") + "\n"
        self.c.copy("COPY aigov.inbox(record) FROM STDIN", line * 5)
        self.keep(self.c.json("SELECT aigov.receipt()"))

    def two(self):
        """A request holds its lane and writes its log by a second connection."""
        self.c.rows("BEGIN")
        first = self.append()
        other = self.connect()
        try:
            self.keep(self.append(other))
        finally:
            other.close()
        again = self.append()
        if again["lane"] != first["lane"]:
            self.errors.append(("", "a transaction left its lane"))
        self.c.rows("COMMIT")
        self.keep(first, again)

    def prepared(self):
        # one that was prepared while the server was killed is still there
        name = "p%d_%d_%x" % (self.seed, self.done_n, self.random.getrandbits(32))
        self.c.rows("BEGIN")
        got = self.append()
        self.c.rows("PREPARE TRANSACTION '%s'" % name)
        if self.random.random() < .15 and len(self.doubt) < 1:
            self.doubt[name] = got
        elif self.random.random() < .3:
            self.c.rows("ROLLBACK PREPARED '%s'" % name)
        else:
            self.c.rows("COMMIT PREPARED '%s'" % name)
            self.keep(got)

    def shared(self):
        """An id that others use too, always with the same record."""
        n = self.random.randrange(len(SHARED))
        r = self.c.json("SELECT aigov.append($1)", json.dumps(
            {"id": SHARED[n], "system": "shared", "attributes": {"n": n}}))
        if r["id"] != SHARED[n]:
            self.errors.append(("", "the receipt of another id"))
        self.keep(r)

    def batch(self):
        n = self.random.randrange(len(SHARED))
        records = [{"system": "batch"}, {"bad": 1}, {"id": SHARED[n], "system": "shared", "attributes": {"n": n}},
                   {"system": "batch"}]
        got = self.c.json("SELECT aigov.append_batch($1)", json.dumps(records))
        if [g["result"] == "refused" for g in got] != [False, True, False, False]:
            self.errors.append(("", "batch: " + json.dumps(got)))
        self.keep(*[g.get("receipt") for g in got])

    def govern(self):
        self.keep(self.c.json("SELECT aigov.put('scope_decision', 'tool:x', '{\"decision\":\"undecided\"}')"))

    def block(self):
        self.c.rows("""DO $$ BEGIN FOR i IN 1..3 LOOP BEGIN PERFORM aigov.append('{"system":"block"}');
          IF i = 2 THEN RAISE division_by_zero; END IF; EXCEPTION WHEN division_by_zero THEN NULL;
          END; END LOOP; END $$""")

    # --- until the time is over

    def run(self):
        end = time.time() + self.seconds
        while time.time() < end:
            try:
                if self.c is None:
                    self.c = self.connect()
                self.random.choice(self.ways)()
                self.done_n += 1
            except Error as e:
                if e.state not in EXPECTED:
                    self.errors.append((e.state, str(e)))
                if self.c and self.c.alive:
                    try:
                        self.c.rows("ROLLBACK")
                        continue
                    except Error:
                        pass
                self.lost += 1
                if self.c:
                    self.c.close()
                self.c = None
                time.sleep(.1)
        if self.c:
            self.c.close()


def lost(c, receipts):
    """Acknowledged receipts that the log does not hold."""
    c.rows("CREATE TEMP TABLE receipt (r json)")
    c.copy("COPY receipt FROM STDIN", "".join(
        json.dumps(r).replace("\\", "\\\\") + "\n" for r in receipts))
    n = int(c.one("""SELECT count(*) FROM receipt WHERE NOT EXISTS (SELECT FROM aigov.entry e
      WHERE e.log = (r->>'log')::int AND e.lane = (r->>'lane')::int AND e.seq = (r->>'seq')::bigint
        AND e.id = (r->>'id')::uuid AND encode(e.hash, 'hex') = r->>'hash' AND e.at = (r->>'at')::timestamptz)"""))
    c.rows("DROP TABLE receipt")
    return n
