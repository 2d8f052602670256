# tap.py - what the Python tests of the SQLite module share
#
# SPDX-License-Identifier: PostgreSQL
#
# The system's python3 is used: its sqlite3 can load extensions.  $B is where
# aigov.so was built.
import json
import os
import shutil
import sqlite3
import sys
import tempfile

B = os.path.abspath(os.environ.get('B', 'build'))
MODULE = os.path.join(B, 'aigov')
_n = 0
_bad = 0
_dirs = []


def ok(value, name, note=''):
    global _n, _bad
    _n += 1
    if not value:
        _bad += 1
    print('%s %d - %s' % ('ok' if value else 'not ok', _n, name), flush=True)
    if not value and note != '':
        print('# %s' % (note,), flush=True)
    return bool(value)


def same(got, want, name):
    return ok(got == want, name, 'got %r, want %r' % (got, want))


def refused(db, sql, args=(), want='', name=''):
    """The statement fails with an error whose text holds want."""
    try:
        db.execute(sql, args).fetchall()
    except sqlite3.Error as e:
        return ok(want in str(e), name or sql, 'other error: %s' % e)
    return ok(False, name or sql, 'not refused')


def done():
    for d in _dirs:
        shutil.rmtree(d, ignore_errors=True)
    print('1..%d' % _n)
    sys.exit(1 if _bad else 0)


def folder():
    d = tempfile.mkdtemp(prefix='aigov-test-')
    _dirs.append(d)
    return d


def load(db):
    db.enable_load_extension(True)
    db.load_extension(MODULE)
    db.enable_load_extension(False)
    return db


def connect(path=None, module=True, **more):
    """Autocommit, as SQLite itself; path None is a new file."""
    if path is None:
        path = os.path.join(folder(), 'test.db')
    more.setdefault('timeout', 5)
    db = sqlite3.connect(path, isolation_level=None, **more)
    return load(db) if module else db


def new(path=None, origin='example.com/test', **more):
    db = connect(path, **more)
    db.execute('SELECT aigov_init(?)', (origin,))
    return db


def path_of(db):
    return db.execute('PRAGMA database_list').fetchone()[2]


def append(db, **record):
    record.setdefault('system', 's')
    return json.loads(db.execute('SELECT aigov_append(?)',
                                 (json.dumps(record),)).fetchone()[0])


def one(db, sql, *args):
    row = db.execute(sql, args).fetchone()
    return row[0] if row else None


def verify(db, *args):
    """(lane, from, to, status, content, detail) of every range."""
    marks = ','.join('?' * len(args))
    return db.execute('SELECT lane, from_seq, to_seq, status, content, detail'
                      ' FROM aigov_verify(%s)' % marks, args).fetchall()


def failures(db, *args):
    return [r for r in verify(db, *args)
            if r[3] not in ('verified', 'unanchored', 'pruned')
            or r[4] not in (None, 'none', 'intact', 'erased', 'pruned')]


def drop_guards(db):
    for (name,) in db.execute("SELECT name FROM sqlite_master"
                              " WHERE type = 'trigger'").fetchall():
        db.execute('DROP TRIGGER "%s"' % name)
