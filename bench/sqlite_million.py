#!/usr/bin/env python3
# sqlite_million.py - does the millionth append cost what the first did?
#
# SPDX-License-Identifier: PostgreSQL
#
#   /usr/bin/python3 bench/sqlite_million.py build/aigov [ENTRIES]
#
# Appends 1 KB records, 1,000 in a transaction, WAL.  Prints the rate of each
# 100,000, and beside it that of a small new log filled in turns with it, so
# that what else the machine does cancels out.  Passes if the relative rate of
# the last is at least 0.9 of the second's and verify's memory stays flat (less
# than 8 MB more for all than for a tenth).
import json
import os
import resource
import sqlite3
import sys
import tempfile
import time

module = os.path.abspath(sys.argv[1])
total = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
step = total // 10
folder = tempfile.mkdtemp(prefix='aigov-million-')
path = os.path.join(folder, 'm.db')


def connect(path=path):
    db = sqlite3.connect(path, isolation_level=None, timeout=5)
    db.enable_load_extension(True)
    db.load_extension(module)
    return db


def verify():
    """(seconds, peak memory in MB) of verify in a process of its own."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        start = time.time()
        bad = connect().execute("SELECT count(*) FROM aigov_verify WHERE"
                                " status <> 'unanchored' OR content <>"
                                " 'intact'").fetchone()[0]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        os.write(w, json.dumps([time.time() - start, peak, bad]).encode())
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as f:
        out = json.load(f)
    os.waitpid(pid, 0)
    return out


def new(name):
    db = connect(os.path.join(folder, name))
    db.execute('PRAGMA journal_mode = WAL')
    db.execute('PRAGMA synchronous = NORMAL')
    db.execute("SELECT aigov_init('example.com/million')")
    return db


record = json.dumps({'system': 'claims', 'model': 'gpt-4o', 'provider': 'openai',
                     'input': 'x' * 450, 'output': 'y' * 450})


def thousand(db):
    start = time.time()
    db.execute('BEGIN')
    for _ in range(1000):
        db.execute('SELECT aigov_append(?)', (record,)).fetchone()
    db.execute('COMMIT')
    return time.time() - start


db = new('m.db')
rates, first = [], None
for part in range(10):
    small = new('small%d.db' % part)
    spent = beside = 0.0
    for n in range(step // 1000):
        spent += thousand(db)
        if n % 5 == 0:
            beside += thousand(small)
    small.close()
    beside *= 5
    rates.append(beside / spent)
    print('%9d entries  %7.0f/s  small log %7.0f/s  relative %.2f'
          % ((part + 1) * step, step / spent, step / beside, rates[-1]),
          flush=True)
    if part == 0:
        first = verify()
last = verify()
ratio = rates[-1] / rates[1]
print('last of second: %.2f' % ratio)
print('verify: %.0f entries/s, %.1f MB for a tenth, %.1f MB for all, %d bad'
      % (total / last[0], first[1], last[1], last[2]))
db.close()
for name in os.listdir(folder):
    os.unlink(os.path.join(folder, name))
os.rmdir(folder)
sys.exit(0 if ratio >= 0.9 and last[1] - first[1] < 8 and last[2] == 0 else 1)
