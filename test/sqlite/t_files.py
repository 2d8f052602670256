# t_files.py - kinds of files, copies, dumps, two logs in one connection
#
# SPDX-License-Identifier: PostgreSQL
import json
import os
import shutil
import sqlite3
import subprocess

from tap import (append, connect, done, failures, folder, load, new, ok, one,
                 path_of, refused, same, verify)


def filled(path=None, n=5, **more):
    db = new(path, **more)
    for i in range(n):
        append(db, input='secret %d' % i)
    return db


def rows(db):
    return [db.execute('SELECT * FROM aigov_%s' % t).fetchall()
            for t in ('log', 'entry', 'content')]


# read-only
db = filled()
path = path_of(db)
good = verify(db)
for uri, name in (('?mode=ro', 'mode=ro'), ('?immutable=1', 'immutable')):
    ro = connect('file:%s%s' % (path, uri), uri=True)
    same(verify(ro), good, name + ' verifies')
    refused(ro, "SELECT aigov_append('{\"system\":\"s\"}')", want='readonly',
            name=name + ': an append is refused')
    ok(not ro.in_transaction, name + ': no transaction is left open')
    ok(one(ro, 'SELECT aigov_leaf(0, 1, 1)'), name + ': leaf')
    ok(one(ro, 'SELECT count(*) FROM aigov_health'), name + ': health')
    ro.close()
os.chmod(path, 0o444)
wal = filled()
wal.execute('PRAGMA journal_mode = WAL')
append(wal)
wpath, wgood = path_of(wal), verify(wal)
wal.close()
same(verify(connect('file:%s?immutable=1' % wpath, uri=True)), wgood,
     'a WAL file verifies immutable')

# in memory, temporary, UTF-16
mem = filled(':memory:')
same(failures(mem), [], 'in memory')
same(failures(filled('')), [], 'a temporary file')
u = connect()
u.execute("PRAGMA encoding = 'UTF-16le'")
u.execute("SELECT aigov_init('example.com/test')")
append(u, input='Grüße \U0001f600', system='Ä')
same(failures(u), [], 'UTF-16')
ok(one(u, 'SELECT count(*) FROM aigov_interaction') == 1, 'UTF-16: views')
refused(u, 'UPDATE aigov_entry SET v = 2', want='append-only',
        name='UTF-16: guards')

# a second log, attached
other = filled(origin='example.com/other', n=2)
append(other, system='x')
apath = path_of(other)
other.close()
db.execute('ATTACH ? AS "an audit"', (apath,))
seen = {r[0] for r in db.execute(
    "SELECT DISTINCT origin FROM aigov_verify(0, NULL, 'an audit')")}
same(seen, {'example.com/other'}, 'an attached log is verified by its schema')
same(failures(db, 0, None, 'an audit'), [], 'and found whole')
same(verify(db), good, 'main is main')
db2 = filled()
db2.execute('ATTACH ? AS other', (apath,))
before = rows(connect(apath))
append(db2)
same(rows(connect(apath)), before, 'an append goes to main')
db2.execute('DETACH other')
append(db2)
refused(db2, "SELECT * FROM aigov_verify(0, NULL, 'nope')", want='nope',
        name='an unknown schema is an error')

def db_note(con):
    return con.execute(
        "SELECT json_extract(body, '$.fields.cause'),"
        " json_extract(body, '$.fields.note') FROM aigov_entry e JOIN"
        " aigov_instance i USING (log) WHERE kind = 'genesis'").fetchone()


# copies
def copy_by(name, make):
    src = filled()
    src.execute('PRAGMA journal_mode = WAL')
    dst = os.path.join(folder(), 'copy.db')
    make(src, dst)
    copy = connect(dst)
    same(rows(copy), rows(src), name + ': identical rows')
    same([r[:4] for r in verify(copy)], [r[:4] for r in verify(src)],
         name + ': verifies the same')
    refused(copy, "SELECT aigov_append('{\"system\":\"s\"}')", want='IG203',
            name=name + ': the next append asks for a new epoch')
    refused(copy, "SELECT aigov_new_epoch('example.com/test', 'restore')",
            want='IG004', name=name + ': under a new origin')
    one(copy, "SELECT aigov_new_epoch('example.com/b', 'tape of March')")
    same(db_note(copy), ('restore', 'tape of March'),
         name + ': genesis says why')
    a = append(copy)
    same((a['lane'], a['seq']), (1, 1), name + ': and goes on there')
    same(one(copy, "SELECT json_extract(body, '$.fields.continues') FROM"
                   " aigov_entry WHERE log = ? AND kind = 'genesis'",
             a['log']), 'example.com/test', name + ': genesis names the old')
    same(failures(copy), [], name + ': the new log verifies')
    old = one(copy, 'SELECT continues FROM aigov_log WHERE log = ?', a['log'])
    same(failures(copy, old), [], name + ': the old log too')
    same(one(copy, 'SELECT count(*) FROM aigov_interaction'), 6,
         name + ': views read both')
    append(src)
    return copy


copy_by('VACUUM INTO', lambda s, d: s.execute('VACUUM INTO ?', (d,)))


def backup(s, d):
    t = sqlite3.connect(d)
    s.backup(t)
    t.close()


copy_by('backup', backup)


def dump(s, d):
    s.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    text = subprocess.run(['sqlite3', path_of(s), '.dump'], check=True,
                          capture_output=True).stdout
    subprocess.run(['sqlite3', d], input=text, check=True)


copy_by('.dump | sqlite3', dump)


def iterdump(s, d):
    t = sqlite3.connect(d)
    t.executescript('\n'.join(s.iterdump()))
    t.close()


copy_by('iterdump', iterdump)


def cp(s, d):
    s.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    shutil.copyfile(path_of(s), d)


copy_by('cp', cp)

# a copy without entries is stamped anew
src = new()
dst = os.path.join(folder(), 'empty.db')
src.execute('VACUUM INTO ?', (dst,))
same(append(connect(dst))['seq'], 1, 'a copy without entries just goes on')

# an instance lost or laid aside
db = filled()
db.execute('DROP TRIGGER aigov_instance_no_delete')
db.execute('DELETE FROM aigov_instance')
refused(db, "SELECT aigov_append('{\"system\":\"s\"}')", want='IG203',
        name='entries without an instance are a restore')
refused(db, "SELECT aigov_init('example.com/test')", want='IG203',
        name='init says so too')
one(db, "SELECT aigov_new_epoch('example.com/b', 'failover')")
append(db)
same(one(db, 'SELECT used FROM aigov_instance'), 1, 'a new epoch makes one')

# init where names are taken
db = connect()
db.execute('CREATE TABLE aigov_entry(x)')
refused(db, "SELECT aigov_init('example.com/test')", want='aigov_entry',
        name='init refuses a name that is taken')
same(db.execute("SELECT name FROM sqlite_master").fetchall(),
     [('aigov_entry',)], 'and makes nothing')
ok(not db.in_transaction, 'and leaves no transaction')
db = connect()
db.execute('BEGIN')
one(db, "SELECT aigov_init('example.com/test')")
append(db)
db.execute('ROLLBACK')
same(one(db, 'SELECT count(*) FROM sqlite_master'), 0,
     'init belongs to its transaction')
one(db, "SELECT aigov_init('example.com/test')")
append(db)
db.execute('DROP VIEW aigov_interaction')
one(db, "SELECT aigov_init('example.com/test')")
same(failures(db), [], 'init makes again what is missing')

# erasure leaves no plaintext
for mode, secure in (('DELETE', 1), ('DELETE', 0), ('WAL', 1), ('WAL', 0)):
    name = '%s, secure_delete %d: ' % (mode, secure)
    db = new()
    db.execute('PRAGMA journal_mode = %s' % mode)
    db.execute('PRAGMA secure_delete = %d' % secure)
    ids = [append(db, input='PLAINTEXT%d ' % i + 'x' * 9000)['id']
           for i in range(8)]
    out = json.loads(one(db, 'SELECT aigov_erase(?, ?)', json.dumps(ids), 'r'))
    todo = out[0].get('todo', '')
    same(('wal_checkpoint' in todo, 'VACUUM' in todo),
         (mode == 'WAL', not secure), name + 'says what is left to do')
    db.executescript(todo)
    data = b''.join(open(path_of(db) + s, 'rb').read() for s in ('', '-wal')
                    if os.path.exists(path_of(db) + s))
    same(data.count(b'PLAINTEXT'), 0, name + 'erased bytes are gone')
    same(one(db, 'PRAGMA secure_delete'), secure, name + 'setting as it was')
    same(failures(db), [], name + 'verifies')
done()
