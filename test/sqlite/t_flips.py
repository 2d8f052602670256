# t_flips.py - change every byte and storage class of every column: 0 misses
#
# SPDX-License-Identifier: PostgreSQL
#
# On a log of 200 entries: each column of each row of entry and log, of every
# 10th row of content each byte, is changed in place, verified, and set back.
# AIGOV_FLIPS=all changes each byte of every row (minutes).
import os
import sqlite3

from tap import append, done, drop_guards, failures, new, ok, one, same

EVERY = 1 if os.environ.get('AIGOV_FLIPS') == 'all' else 20
db = new(':memory:')
db.execute('BEGIN')
for i in range(196):
    append(db, input='in %d' % i, output='out', actor={'id': 'u_%d' % i},
           model='gpt', provider='p', operation='chat',
           interaction='01990000-0000-7000-8000-%012d' % i)
db.execute('COMMIT')
one(db, 'SELECT aigov_erase((SELECT id FROM aigov_entry WHERE lane = 1'
        ' AND seq = 100), ?)', 'test')
drop_guards(db)
base = [r for r in failures(db) if r[3] == 'schema_changed']
same(failures(db), base, 'a log of %d entries' %
     one(db, 'SELECT count(*) FROM aigov_entry'))
base = len(base)
missed = []
tried = 0


def others(v):
    """Values that differ from v: each byte flipped, each storage class."""
    if isinstance(v, int):
        return [v + 1, v - 1, v + 0.5, 'x%d' % v, b'%d' % v, None]
    if v is None:
        return ['x', 7, 0.5, b'x', '']
    out = [None, 7, 0.5]
    if isinstance(v, str):
        out += [v.encode(), v + '\0', v + 'x', v[:-1], v.upper(), v.lower()]
        for i in range(len(v)):
            out.append(v[:i] + chr(ord(v[i]) ^ 1) + v[i + 1:])
    else:
        out += [v.hex(), v + b'\0', v[:-1], b'']
        for i in range(len(v)):
            out.append(v[:i] + bytes([v[i] ^ 1]) + v[i + 1:])
    return [o for o in out if o != v or type(o) is not type(v)]


def flips(table, rowids, columns):
    global tried
    for rowid in rowids:
        for column in columns:
            v = one(db, 'SELECT %s FROM %s WHERE rowid = ?' % (column, table),
                    rowid)
            for o in others(v):
                db.execute('SAVEPOINT f')
                try:
                    n = rowid
                    db.execute('UPDATE %s SET %s = ? WHERE rowid = ?'
                               % (table, column), (o, rowid))
                except sqlite3.Error:
                    db.execute('ROLLBACK TO f')
                    db.execute('RELEASE f')
                    continue
                got = db.execute(
                    'SELECT typeof(%s), quote(%s) FROM %s WHERE rowid = ?'
                    % (column, column, table), (rowid,)).fetchone()
                tried += 1
                if len(failures(db)) <= base and got != before(v):
                    missed.append((table, rowid, column, o))
                db.execute('ROLLBACK TO f')
                db.execute('RELEASE f')


def before(v):
    return db.execute('SELECT typeof(?1), quote(?1)', (v,)).fetchone()


def columns(table):
    return [r[1] for r in db.execute('PRAGMA table_info(%s)' % table)]


def ids(table, step):
    return [r[0] for r in db.execute('SELECT rowid FROM ' + table)][::step]


# In a table without keys and NOT NULL every value can be written.
for t in ('aigov_entry', 'aigov_content', 'aigov_log'):
    db.execute('PRAGMA writable_schema = ON')
    db.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')"
               ' WHERE name = ?', (t,))
    db.execute('PRAGMA writable_schema = RESET')
base = len([r for r in failures(db) if r[3] == 'schema_changed'])
same(len(failures(db)), base, 'the base is the schema alone')

for t, step in (('aigov_entry', EVERY * 2), ('aigov_content', EVERY * 2),
                ('aigov_log', 1)):
    n = tried
    flips(t, ids(t, step), [c for c in columns(t)
                            if (t, c) != ('aigov_log', 'log')])
    ok(tried > n and not missed, '%s: %d changes, all found' % (t, tried - n),
       missed[:5])
db.execute('SAVEPOINT f')
db.execute('UPDATE aigov_log SET log = log + 1')
ok(len(failures(db)) > base, 'aigov_log.log')
db.execute('ROLLBACK TO f')
db.execute('RELEASE f')

# rows: delete, duplicate, swap
for t in ('aigov_entry', 'aigov_content'):
    miss = []
    for rowid in ids(t, max(1, EVERY // 5))[:-1]:
        where = ' WHERE rowid = %d' % rowid
        last = one(db, 'SELECT seq = (SELECT max(seq) FROM %s x WHERE x.lane ='
                       ' y.lane) FROM %s y' % (t, t) + where)
        for sql in ('DELETE FROM ' + t + where,
                    'INSERT INTO {0} SELECT {1} FROM {0}'.format(
                        t, ','.join('seq + 1000' if c == 'seq' else
                                    "substr(id, 1, 30) || 'ffffff'" if c == 'id'
                                    else c for c in columns(t))) + where):
            if last and sql.startswith('DELETE') and t == 'aigov_entry':
                continue
            db.execute('SAVEPOINT f')
            db.execute(sql)
            if len(failures(db)) <= base:
                miss.append(sql)
            db.execute('ROLLBACK TO f')
            db.execute('RELEASE f')
    ok(not miss, t + ': deleted and duplicated rows', miss[:5])
miss = []
for seq in range(1, 190, EVERY):
    db.execute('SAVEPOINT f')
    db.execute('UPDATE aigov_entry SET seq = -1 WHERE lane = 1 AND seq = ?', (seq,))
    db.execute('UPDATE aigov_entry SET seq = ? WHERE lane = 1 AND seq = ?',
               (seq, seq + 1))
    db.execute('UPDATE aigov_entry SET seq = ? WHERE lane = 1 AND seq = -1',
               (seq + 1,))
    if len(failures(db)) <= base:
        miss.append(seq)
    db.execute('ROLLBACK TO f')
    db.execute('RELEASE f')
ok(not miss, 'swapped rows', miss)
db.execute('SAVEPOINT f')
db.execute('DELETE FROM aigov_entry WHERE lane = 1 AND seq > 150')
ok(len(failures(db)) > base, 'a cut tail beside its content')
db.execute('ROLLBACK TO f')
db.execute('RELEASE f')
db.execute('SAVEPOINT f')
db.execute('UPDATE aigov_entry SET seq = 0 WHERE lane = 1 AND seq = 3')
same(one(db, "SELECT lane || ' ' || from_seq || ' ' || status FROM aigov_verify"
             " WHERE from_seq = 0 AND entries = 1"), '1 0 modified',
     'a row moved to seq 0 is named')
db.execute('ROLLBACK TO f')
db.execute('RELEASE f')
same(len(failures(db)), base, 'and all was set back')
done()
