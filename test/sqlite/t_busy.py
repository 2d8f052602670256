# t_busy.py - many processes, one file; and processes that are killed
#
# SPDX-License-Identifier: PostgreSQL
import json
import os
import random
import signal
import sqlite3
import sys
import time

from tap import connect, done, failures, folder, new, ok, one, same

EACH = int(os.environ.get('AIGOV_APPENDS', '1500'))


def writer(path, who, n, timeout, form):
    db = connect(path, timeout=timeout)
    failed = 0
    for i in range(n):
        record = json.dumps({'system': 's%d' % who, 'input': 'x' * 200})
        try:
            if form == 'inbox':
                db.execute('INSERT INTO aigov_inbox(record) VALUES (?)',
                           (record,))
            else:
                db.execute('SELECT aigov_append(?)', (record,)).fetchone()
        except sqlite3.Error as e:
            failed += 1
            sys.stderr.write('# %s\n' % e)
    db.close()
    return min(failed, 100)


def race(mode, timeout, n, form):
    path = os.path.join(folder(), 'busy.db')
    db = new(path)
    db.execute('PRAGMA journal_mode = %s' % mode)
    db.close()
    start = time.time()
    pids = []
    for who in range(4):
        pid = os.fork()
        if pid == 0:
            os._exit(writer(path, who, n, timeout, form))
        pids.append(pid)
    failed = sum(os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]) for p in pids)
    db = connect(path)
    name = '%s, %s, 4 x %d: ' % (mode, form, n)
    same(failed, 0, name + 'none failed')
    same(one(db, 'SELECT count(*) FROM aigov_entry WHERE lane = 1'), 4 * n,
         name + 'all stored')
    same(one(db, 'SELECT max(seq) FROM aigov_entry WHERE lane = 1'), 4 * n,
         name + 'no gap')
    same(failures(db), [], name + 'none forked (%.0f s)' %
         (time.time() - start))


race('WAL', 60, EACH, 'append')
race('WAL', 60, EACH // 3, 'inbox')
race('DELETE', 60, EACH // 5, 'append')

# kill -9 while appending; what was acknowledged is there
for mode in ('WAL', 'DELETE'):
    path = os.path.join(folder(), 'kill.db')
    db = new(path)
    db.execute('PRAGMA journal_mode = %s' % mode)
    db.close()
    lost = bad = acknowledged = 0
    for life in range(8):
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(r)
            con = connect(path)
            while True:
                got = con.execute('SELECT aigov_append(?)', (
                    '{"system":"s","input":"%s"}' % ('x' * 3000),)).fetchone()
                os.write(w, (json.loads(got[0])['id'] + '\n').encode())
        os.close(w)
        time.sleep(random.uniform(0.05, 0.25))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with os.fdopen(r) as f:
            seen = f.read().split()
        db = connect(path)
        acknowledged += len(seen)
        lost += sum(one(db, 'SELECT count(*) FROM aigov_entry WHERE id = ?', i)
                    != 1 for i in seen)
        bad += len(failures(db))
        bad += one(db, 'PRAGMA integrity_check') != 'ok'
        db.close()
    same((lost, bad), (0, 0), '%s: 8 x kill -9, %d acknowledged, none lost' %
         (mode, acknowledged))

# a forked child must not use its parent's connection
db = new()
pid = os.fork()
if pid == 0:
    try:
        one(db, "SELECT aigov_append('{\"system\":\"s\"}')")
        os._exit(1)
    except sqlite3.Error as e:
        os._exit(0 if 'IG010' in str(e) else 2)
same(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0,
     'a forked child is refused')
done()
