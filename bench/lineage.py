#!/usr/bin/env python3
# lineage.py - questions of lineage beside the recursive SQL of a careful DBA
#
# SPDX-License-Identifier: PostgreSQL
#
#   /usr/bin/python3 bench/lineage.py sqlite build/aigov.so [INTERACTIONS]
#   test/server.sh /usr/bin/python3 bench/lineage.py pg - [INTERACTIONS]
#
# A log of 1,000,000 interactions: 200,000 chunks of 20,000 documents, used by a
# power law (the hottest document by some 8 in 100 calls), 3 or 4 a call;
# conversations of four turns; a tenth informed by another call; 5,000 persons, 3
# models, 20 templates.  Beside it the same edges of influence in a table
# edge(cause, rel, effect) of bigint, with one covering index, and recipients in
# delivered(msg, person): WITH RECURSIVE ... UNION on ids, which is the best that
# SQL does (no path arrays, relations filtered inside the arm).
#
# Prints milliseconds, best of three, of the question and of that SQL in turns.
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

KIND, MODULE = sys.argv[1], sys.argv[2]
N = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
DOCS, PARTS, PERSONS, BATCH = 20000, 10, 5000, 500
random.seed(7)


def uuid(i):
    h = '%012x' % i
    return '01990000-0000-7000-8000-' + h


def document():
    return int(DOCS * random.random() ** 4)


def interactions(n):
    """(i, chunks, previous turn or None, informer or None) of each."""
    for i in range(n):
        chunks = {(document(), random.randrange(PARTS))
                  for _ in range(3 + (random.random() < 0.5))}
        turn = i % 4
        informer = random.randrange(i) if i > 0 and random.random() < 0.1 else None
        yield i, sorted(chunks), i - 1 if turn else None, informer


def record(i, chunks, previous, informer, refs=True):
    r = {'id': uuid(i), 'system': 's%d' % (i % 10),
         'actor': {'id': 'u%d' % (i // 4 % PERSONS)}, 'provider': 'openai',
         'model': 'm%d' % (i % 3), 'input': 'a question', 'output': 'an answer',
         'template': {'id': 't%d' % (i % 20), 'version': '1'}}
    if refs:
        r['documents'] = [{'id': 'doc:d%d@1#%d' % c} for c in chunks]
        r['refs'] = []
        if previous is not None:
            r['refs'].append({'relation': 'used', 'role': 'history', 'strength': 'history',
                              'cause': 'msg:%s.out' % uuid(previous)})
        if informer is not None:
            r['refs'].append({'relation': 'wasInformedBy', 'cause': 'ia:' + uuid(informer)})
    return r


# ids of the baseline: one number space
def ia(i):
    return 10 * i + 1


def msg_in(i):
    return 10 * i + 2


def msg_out(i):
    return 10 * i + 3


def version(d):
    return 10 * (N + d) + 4


def work(d):
    return 10 * (N + d) + 5


def chunk(d, p):
    return 10 * (N + DOCS + d * PARTS + p) + 6


def model(k):
    return 10 * k + 7


def template(k):
    return 10 * k + 8


def edges(i, chunks, previous, informer):
    yield msg_in(i), 1, ia(i)
    yield model(i % 3), 1, ia(i)
    yield template(i % 20), 1, ia(i)
    yield ia(i), 2, msg_out(i)
    for d, p in chunks:
        yield chunk(d, p), 1, ia(i)
    if previous is not None:
        yield msg_out(previous), 1, ia(i)
    if informer is not None:
        yield ia(informer), 4, ia(i)


def derived():
    for d in range(DOCS):
        yield work(d), 5, version(d)
        for p in range(PARTS):
            yield version(d), 3, chunk(d, p)


WALK = ('WITH RECURSIVE r(id) AS (SELECT CAST({start} AS bigint) UNION SELECT e.effect FROM edge e'
        ' JOIN r ON e.cause = r.id WHERE e.rel IN (1, 2, 3, 4, 5, 6))')
SQL = {'downstream': WALK + ' SELECT count(*) FROM r',
       'recipients': WALK + ' SELECT count(DISTINCT v.person) FROM r JOIN delivered v ON v.msg = r.id',
       'upstream': 'WITH RECURSIVE r(id) AS (SELECT CAST({start} AS bigint) UNION SELECT e.cause FROM edge e'
                   ' JOIN r ON e.effect = r.id WHERE e.rel IN (1, 2, 3, 4, 5, 6)) SELECT count(*) FROM r'}


class Sqlite:
    name = 'SQLite'

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='aigov-lineage-', dir=os.environ.get('TMPDIR'))
        self.db = self.connect('log.db')
        self.db.execute("SELECT aigov_init('bench.example/lineage')")
        self.plain = sqlite3.connect(os.path.join(self.dir, 'plain.db'), isolation_level=None)
        self.plain.execute('PRAGMA journal_mode = WAL')
        self.plain.execute('PRAGMA cache_size = -2000000')
        self.plain.execute('CREATE TABLE edge(cause INTEGER, rel INTEGER, effect INTEGER,'
                           ' PRIMARY KEY (cause, rel, effect)) WITHOUT ROWID')
        self.plain.execute('CREATE TABLE delivered(msg INTEGER PRIMARY KEY, person INTEGER)')

    def connect(self, name):
        db = sqlite3.connect(os.path.join(self.dir, name), isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(os.path.abspath(MODULE))
        db.execute('PRAGMA journal_mode = WAL')
        db.execute('PRAGMA synchronous = OFF')
        db.execute('PRAGMA cache_size = -2000000')
        return db

    def append(self, records):
        self.db.execute('SELECT length(aigov_append_batch(?))', (json.dumps(records),))

    def load(self, rows, delivered):
        self.plain.execute('BEGIN')
        self.plain.executemany('INSERT OR IGNORE INTO edge VALUES (?, ?, ?)', rows)
        self.plain.executemany('INSERT INTO delivered VALUES (?, ?)', delivered)
        self.plain.execute('COMMIT')

    def loaded(self):
        self.plain.execute('CREATE INDEX edge_effect ON edge(effect, rel, cause)')
        self.plain.execute('ANALYZE')

    def one(self, sql, plain=False):
        t = time.monotonic()
        rows = (self.plain if plain else self.db).execute(sql).fetchall()
        return rows[0][0], (time.monotonic() - t) * 1000

    def ask(self, fn, start):
        return "SELECT count(*) FROM aigov_%s('%s')" % (fn, start)

    def rebuild(self):
        return self.one('SELECT aigov_rebuild_lineage()')

    def size(self):
        return self.one("SELECT sum(pgsize) FROM dbstat WHERE name IN ('aigov_node', 'aigov_node_name',"
                        " 'aigov_ref', 'aigov_ref_cause', 'aigov_ref_effect', 'aigov_call',"
                        " 'aigov_call_ia', 'aigov_call_model', 'aigov_call_template',"
                        " 'aigov_call_person', 'aigov_lineage_head')")[0]


class Postgres:
    name = 'PostgreSQL'

    def __init__(self):
        self.p = subprocess.Popen(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1'], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.run('CREATE EXTENSION IF NOT EXISTS aigov')
        self.run("SELECT aigov.init('bench.example/lineage')")
        self.run('SET synchronous_commit = off; SET jit = off; SET max_parallel_workers_per_gather = 0')
        self.run('CREATE TABLE edge(cause bigint, rel int, effect bigint);'
                 'CREATE TABLE delivered(msg bigint PRIMARY KEY, person int)')

    def run(self, sql):
        self.p.stdin.write(sql + ';\n\\echo ==end\n')
        self.p.stdin.flush()
        out = []
        for line in self.p.stdout:
            if line.strip() == '==end':
                return out
            out.append(line.rstrip('\n'))
        raise SystemExit('psql ended')

    def append(self, records):
        self.run('SELECT length(aigov.append_batch($r$' + json.dumps(records) + '$r$::text)::text)')

    def load(self, rows, delivered):
        self.p.stdin.write('COPY edge FROM STDIN;\n')
        self.p.stdin.write(''.join('%d\t%d\t%d\n' % r for r in rows) + '\\.\n')
        self.p.stdin.write('COPY delivered FROM STDIN;\n')
        self.p.stdin.write(''.join('%d\t%d\n' % r for r in delivered) + '\\.\n')
        self.run('SELECT 1')

    def loaded(self):
        self.run('CREATE INDEX ON edge(cause, rel, effect); CREATE INDEX ON edge(effect, rel, cause);'
                 'VACUUM ANALYZE edge; VACUUM ANALYZE delivered')

    def one(self, sql, plain=False):
        t = time.monotonic()
        rows = self.run(sql)
        return rows[0], (time.monotonic() - t) * 1000

    def ask(self, fn, start):
        return "SELECT count(*) FROM aigov.%s('%s')" % (fn, start)

    def rebuild(self):
        return self.one('SELECT aigov.rebuild_lineage()')

    def size(self):
        return int(self.one("SELECT sum(pg_total_relation_size(('aigov.' || t)::regclass)) FROM"
                            " unnest(ARRAY['node', 'ref', 'call', 'lineage_head']) t")[0])


def rate(db, first, n, refs):
    """Microseconds a record of one batch after another."""
    rows = [record(first + k, *x[1:], refs) for k, x in enumerate(interactions(n))]
    for r in rows:
        r.pop('id')
    t = time.monotonic()
    for i in range(0, n, BATCH):
        db.append(rows[i:i + BATCH])
    return (time.monotonic() - t) / n * 1e6


def compare(db, label, fn, start, sql, number):
    a, b = [], []
    for _ in range(3):
        n, ms = db.one(db.ask(fn, start))
        a.append(ms)
        if sql:
            m, ms = db.one(SQL[sql].format(start=number), True)
            b.append(ms)
    text = '%-34s %9.1f ms' % (label, min(a))
    if sql:
        text += '   SQL %9.1f ms   x %.2f   (%s and %s)' % (min(b), min(b) / min(a), n, m)
    else:
        text += '   (%s rows)' % n
    print(text, flush=True)


def main():
    db = Sqlite() if KIND == 'sqlite' else Postgres()
    uses, used = [0] * DOCS, 0
    batch, rows, delivered = [], list(derived()), []
    t = time.monotonic()
    spent = 0
    for x in interactions(N):
        i, chunks = x[:2]
        for d, _ in chunks:
            uses[d] += 1
        batch.append(record(*x))
        rows.extend(edges(*x))
        delivered.append((msg_out(i), i // 4 % PERSONS))
        if len(batch) == BATCH:
            s = time.monotonic()
            db.append(batch)
            spent += time.monotonic() - s
            batch = []
        if len(rows) > 400000:
            used += len(rows)
            db.load(rows, delivered)
            rows, delivered = [], []
    db.load(rows, delivered)
    db.loaded()
    print('%s: %d interactions, %d edges of influence; appended in %.1f us each' %
          (db.name, N, used + len(rows), spent / N * 1e6), flush=True)
    answer, ms = db.rebuild()
    counts = json.loads(answer)
    stored = counts['edges'] + 7 * counts['calls']
    print('rebuild_lineage: %s, %.1f s, %.0f edges/s; the index is %.0f MB' %
          (answer, ms / 1000, stored / ms * 1000, db.size() / 1e6), flush=True)
    hot = max(range(DOCS), key=uses.__getitem__)
    order = sorted(d for d in range(DOCS) if uses[d] > 0)
    median = sorted(order, key=uses.__getitem__)[len(order) // 2]
    last = N - 1
    compare(db, 'downstream, hottest document', 'downstream', 'doc:d%d@1' % hot, 'downstream', version(hot))
    compare(db, 'recipients, hottest document', 'recipients', 'doc:d%d@1' % hot, 'recipients', version(hot))
    compare(db, 'downstream, median document', 'downstream', 'doc:d%d@1' % median, 'downstream', version(median))
    compare(db, 'recipients, median document', 'recipients', 'doc:d%d@1' % median, 'recipients', version(median))
    compare(db, 'upstream of an output', 'upstream', 'msg:%s.out' % uuid(last), 'upstream', msg_out(last))
    compare(db, 'explain of an output', 'explain', 'msg:%s.out' % uuid(last), None, 0)
    compare(db, 'downstream of a model, 1 step', 'downstream', "model:openai/m1', 'context', '1", None, 0)
    answer, ms = db.one("SELECT count(*) FROM aigov%slineage_check()" % ('_' if KIND == 'sqlite' else '.'))
    print('lineage_check %.1f s' % (ms / 1000), flush=True)
    with_refs, without = [], []
    for k in range(3):
        without.append(rate(db, N, 10000, False))
        with_refs.append(rate(db, N, 10000, True))
    print('append in batches, with refs and documents %.1f us, without %.1f us, x %.2f' %
          (min(with_refs), min(without), min(with_refs) / min(without)), flush=True)


main()
