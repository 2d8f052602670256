# t_guards.py - append-only, with and without the module, and what gets past
#
# SPDX-License-Identifier: PostgreSQL
import sqlite3

from tap import (append, connect, done, drop_guards, failures, load, new, ok,
                 one, path_of, refused, same, verify)

db = new()
for i in range(5):
    append(db, input='secret %d' % i, output='bye')
plain = connect(path_of(db), module=False)
everything = db.execute('SELECT * FROM aigov_entry').fetchall()
content = db.execute('SELECT * FROM aigov_content').fetchall()

for con, name in ((db, 'with the module'), (plain, 'without it')):
    for table in ('entry', 'content', 'log', 'instance'):
        t = 'aigov_' + table
        column = 'origin' if table in ('log', 'instance') else 'at'
        for sql in ("UPDATE %s SET %s = 'x'" % (t, column),
                    "UPDATE OR REPLACE %s SET %s = 'x'" % (t, column),
                    'DELETE FROM ' + t):
            if con is plain and sql == "UPDATE aigov_instance SET origin = 'x'":
                refused(con, sql, want='aigov_not_loaded', name=sql)
            else:
                refused(con, sql, want='aigov_', name='%s: %s' % (name, sql))

for table in ('entry', 'content', 'log', 'instance'):
    refused(plain, 'INSERT INTO aigov_%s SELECT * FROM aigov_%s' % (
        table, table), want='no such collation sequence: aigov_not_loaded',
        name='without the module no INSERT into ' + table)
for sql in ('SELECT * FROM aigov_interaction', 'VACUUM', 'REINDEX aigov_entry',
            'PRAGMA integrity_check', 'CREATE TABLE mine(x)',
            'ALTER TABLE mine RENAME TO ours', 'DROP TABLE ours',
            'SELECT * FROM aigov_open_interaction', 'ANALYZE',
            'CREATE INDEX mine ON aigov_entry(model)'):
    try:
        plain.execute(sql).fetchall()
        ok(True, 'without the module: ' + sql)
    except sqlite3.Error as e:
        ok(False, 'without the module: ' + sql, e)

# INSERT OR REPLACE by each key
row = list(db.execute('SELECT * FROM aigov_entry WHERE lane = 1 AND seq = 3')
           .fetchone())
marks = ','.join('?' * len(row))
columns = [r[1] for r in db.execute('PRAGMA table_info(aigov_entry)')]
head = one(db, 'SELECT max(seq) FROM aigov_entry WHERE lane = 1')


def replace(how, change, rowid=None):
    new_row = list(row)
    for k, v in change.items():
        new_row[columns.index(k)] = v
    sql = 'INSERT OR %s INTO aigov_entry(%s%s) VALUES (%s%s)' % (
        how, 'rowid,' if rowid else '', ','.join(columns),
        '?,' if rowid else '', marks)
    refused(db, sql, ([rowid] if rowid else []) + new_row, 'append-only',
            'INSERT OR %s by %s' % (how, rowid and 'rowid' or sorted(change)))


free = '01990000-0000-7000-8000-00000000beef'
for how in ('REPLACE', 'IGNORE', 'ABORT'):
    replace(how, {'model': 'x'})
    replace(how, {'seq': head + 1})
    replace(how, {'id': free})
    replace(how, {'id': free, 'seq': head + 1}, rowid=3)
    refused(db, 'INSERT OR %s INTO aigov_content SELECT log, lane, seq, at,'
                " salt, '{}' FROM aigov_content WHERE lane = 1 AND seq = 3"
            % how, want='append-only', name='content OR %s by key' % how)
    refused(db, 'INSERT OR %s INTO aigov_content(rowid, log, lane, seq, at,'
                " salt, body) SELECT 3, log, lane, 99, at, salt, '{}' FROM"
                ' aigov_content WHERE lane = 1 AND seq = 3' % how,
            want='append-only', name='content OR %s by rowid' % how)
refused(db, "INSERT OR REPLACE INTO aigov_log SELECT log, 'x', at, NULL FROM"
            ' aigov_log', want='append-only', name='log OR REPLACE')
refused(db, "INSERT OR REPLACE INTO aigov_instance(rowid, origin, log, used)"
            " VALUES (1, 'x', 1, 0)", want='one row', name='instance OR REPLACE')
refused(db, 'UPDATE aigov_instance SET inode = 1', want='new_epoch',
        name='the file an instance stands for is not changed')
refused(db, 'UPDATE aigov_instance SET used = 0', want='new_epoch',
        name='nor that it was used')
same(db.execute('SELECT * FROM aigov_entry').fetchall(), everything,
     'no entry was changed')
same(db.execute('SELECT * FROM aigov_content').fetchall(), content,
     'no content was changed')
same(failures(db), [], 'it verifies')

# a row with its chain is kept as it is and judged by verify
chained = list(row)
chained[columns.index('seq')] = head + 1
chained[columns.index('id')] = free
db.execute('INSERT INTO aigov_entry VALUES (%s)' % marks, chained)
same([r[:4] for r in failures(db)], [(1, head + 1, head + 1, 'modified')],
     'a forged row is called modified')

# past the guards
def tampered(name, sql, want, args=(), status='modified', each=()):
    d = new()
    for i in range(5):
        append(d, system='claims', input='secret %d' % i)
    drop = [r[0] for r in d.execute("SELECT sql FROM sqlite_master"
                                    " WHERE type = 'trigger'")]
    drop_guards(d)
    d.executescript(sql)
    for t in drop:
        d.execute(t)
    found = failures(d)
    ok(any(r[3] == status and (want == '' or want in str(r)) for r in found)
       or any(want and want in str(r) for r in found), name,
       verify(d))
    return d


tampered('a changed model', "UPDATE aigov_entry SET model = 'm' WHERE lane = 1"
         ' AND seq = 2', '(1, 2, 2')
tampered('a deleted entry', 'DELETE FROM aigov_entry WHERE lane = 1 AND seq = 2',
         'missing', status='missing')
tampered('a deleted content', 'DELETE FROM aigov_content WHERE lane = 1 AND'
         ' seq = 2', 'missing')
tampered('a changed content', "UPDATE aigov_content SET body = '{}' WHERE"
         ' lane = 1 AND seq = 2', 'modified')
tampered('body as BLOB', 'UPDATE aigov_entry SET body = CAST(body AS BLOB)'
         ' WHERE lane = 1 AND seq = 2', 'storage class of body')
tampered('at as BLOB', 'UPDATE aigov_entry SET at = CAST(at AS BLOB)'
         ' WHERE lane = 1 AND seq = 2', 'storage class of at')
tampered('hash as TEXT', 'UPDATE aigov_entry SET hash = hex(hash)'
         ' WHERE lane = 1 AND seq = 2', 'storage class of hash')
tampered('an upper-case id', 'UPDATE aigov_entry SET id = upper(id)'
         ' WHERE lane = 1 AND seq = 2', 'value of id')
tampered('a log number of nobody', 'UPDATE aigov_entry SET log = 7'
         ' WHERE lane = 1 AND seq = 5', 'log number')
tampered('the last entry under no number', "UPDATE aigov_entry SET log = 'x'"
         ' WHERE lane = 1 AND seq = 5', 'no number')
tampered('a lane of no number', "UPDATE aigov_entry SET lane = 'x'"
         ' WHERE lane = 1 AND seq = 5', 'storage class of lane')
tampered('content without an entry', 'INSERT INTO aigov_content SELECT log,'
         ' lane, 77, at, salt, body FROM aigov_content WHERE lane = 1 AND'
         ' seq = 2', '77')
tampered('content under no log', 'UPDATE aigov_content SET log = 9 WHERE'
         ' lane = 1 AND seq = 5', 'missing')
tampered('another origin', "UPDATE aigov_log SET origin = 'example.com/x'",
         'origin')
tampered('another time of the log', "UPDATE aigov_log SET at = '2026-01-01T"
         "00:00:00.000000Z'", 'time differs')
tampered('a predecessor made up', 'UPDATE aigov_log SET continues = 5',
         'continues')
tampered('the row of the log gone', 'DELETE FROM aigov_log', 'not here')
tampered('all entries gone', 'DELETE FROM aigov_entry', '')
tampered('a row twice in a table without keys',
         'CREATE TABLE x AS SELECT * FROM aigov_entry; DROP TABLE aigov_entry;'
         ' CREATE TABLE aigov_entry AS SELECT * FROM x; INSERT INTO aigov_entry SELECT'
         ' * FROM aigov_entry WHERE lane = 1 AND seq = 2', '(1, 2, 2')
tampered('a view that hides a system', 'DROP VIEW aigov_open_interaction;'
         ' CREATE VIEW aigov_open_interaction AS SELECT * FROM aigov_entry'
         " WHERE system <> 'claims'", 'view aigov_open_interaction differs',
         status='schema_changed')
tampered('a foreign trigger', 'CREATE TRIGGER spy AFTER INSERT ON aigov_entry'
         ' BEGIN SELECT 1; END', 'trigger spy', status='schema_changed')
tampered('a view in the name of a function', 'CREATE VIEW aigov_health AS'
         ' SELECT 1', 'aigov_health', status='schema_changed')
tampered('a table in the name of the inbox', 'CREATE TABLE aigov_inbox(record)',
         'aigov_inbox', status='schema_changed')
d = tampered('a missing index', 'DROP INDEX aigov_entry_subject',
             'aigov_entry_subject is missing', status='schema_changed')
d = new()
append(d)
d.execute('DROP TRIGGER aigov_entry_no_update')
ok(any('aigov_entry_no_update is missing' in str(r) for r in failures(d)),
   'a dropped guard', failures(d))
d = new()
append(d)
d.execute('CREATE TEMP TABLE aigov_entry AS SELECT * FROM main.aigov_entry'
          ' WHERE 0')
d.execute('CREATE TEMP TABLE aigov_content(x)')
append(d)
same(one(d, 'SELECT count(*) FROM main.aigov_entry WHERE lane = 1'), 2,
     'a TEMP table of the same name does not catch an append')
ok(any('temporary table aigov_entry' in str(r) for r in failures(d)),
   'and verify names it', failures(d))

# the ways around triggers that SQLite has
d = new()
append(d, input='hello', output='there')
if hasattr(d, 'blobopen'):
    rowid = one(d, 'SELECT rowid FROM aigov_content WHERE lane = 1')
    blob = d.blobopen('aigov_content', 'body', rowid)
    at = blob.read().index(b'hello')
    blob.seek(at)
    blob.write(b'HELLO')
    blob.close()
    same([r[4] for r in failures(d)], ['modified'],
         'content rewritten by blobopen is found')
    rowid = one(d, 'SELECT rowid FROM aigov_entry WHERE lane = 1')
    blob = d.blobopen('aigov_entry', 'body', rowid)
    data = blob.read()
    blob.seek(data.index(b'no_policy'))
    blob.write(b'NO')
    blob.close()
    ok(any(r[3] == 'modified' for r in failures(d)),
       'an entry rewritten by blobopen is found')
d = new()
append(d)
d.execute('PRAGMA writable_schema = ON')
d.execute("DELETE FROM sqlite_master WHERE type = 'trigger'")
d.execute('PRAGMA writable_schema = RESET')
ok(sum('is missing' in str(r) for r in failures(d)) > 5,
   'guards removed by writable_schema are missed')

# every log, not the own one alone
d = new()
append(d, input='old')
old = one(d, 'SELECT log FROM aigov_log')
d.execute("SELECT aigov_new_epoch('example.com/next', 'restore')")
append(d, input='new')
drop = [r[0] for r in d.execute("SELECT sql FROM sqlite_master"
                                " WHERE type = 'trigger'")]


def change(d, *sql):
    drop_guards(d)
    for x in sql:
        d.execute(x)
    for t in drop:
        d.execute(t)


same(failures(d), [], 'two logs verify')
same({r[0] for r in d.execute('SELECT log FROM aigov_verify')},
     {r[0] for r in d.execute('SELECT log FROM aigov_log')}, 'both are judged')
refused(d, 'SELECT * FROM aigov_verify(77)', want='no such log')
refused(d, "SELECT * FROM aigov_verify('77')", want='not an integer')
victim = one(d, 'SELECT id FROM aigov_entry WHERE lane = 1 AND log = %d' % old)
change(d, "UPDATE aigov_entry SET model = 'm' WHERE log = %d AND lane = 1" % old)
ok(failures(d), 'a change of an earlier log is found')
same(failures(d, 0), [], '0 is the own log')

# an erasure counts in lane 0 of the log, or of one that continues it
def forged(name, log, lane, want):
    d = new()
    append(d, input='old')
    old = one(d, 'SELECT log FROM aigov_log')
    v = one(d, 'SELECT id FROM aigov_entry WHERE lane = 1')
    d.execute("SELECT aigov_new_epoch('example.com/next', 'restore')")
    append(d)
    own = one(d, 'SELECT log FROM aigov_instance')
    change(d, 'DELETE FROM aigov_content WHERE log = %d AND lane = 1' % old,
           "INSERT INTO aigov_entry(log, lane, seq, v, at, kind, id, subject,"
           " recorded_by, prev, hash, body) SELECT %d, %d, 99, v, at,"
           " 'erasure', '01990000-0000-7000-8000-00000000beef', '%s',"
           ' recorded_by, prev, hash, body FROM aigov_entry LIMIT 1'
           % ({'old': old, 'own': own, 'none': 9}[log], lane, v))
    got = one(d, 'SELECT content FROM aigov_verify WHERE log = %d AND lane = 1'
                 ' AND entries > 0' % old)
    same(got, want, name)


forged('an erasure in lane 0 counts', 'old', 0, 'erased')
forged('so does one of a log that continues it', 'own', 0, 'erased')
forged('one in lane 1 does not', 'old', 1, 'missing')
forged('nor one of a log that is not here', 'none', 0, 'missing')

# aigov_instance
for name, sql in (
        ('more than one row', "INSERT INTO aigov_instance SELECT * FROM"
                              " aigov_instance"),
        ('storage class of log', "UPDATE aigov_instance SET log = 'x'"),
        ('storage class of inode', "UPDATE aigov_instance SET inode = 'x'"),
        ('used is not 0 or 1', 'UPDATE aigov_instance SET used = 7'),
        ('origin and number', 'UPDATE aigov_instance SET log = log + 1'),
        ('not used', 'UPDATE aigov_instance SET used = 0')):
    tampered('instance: ' + name, sql, name, status='schema_changed')
d = new()
append(d)
change(d, 'DELETE FROM aigov_instance')
same(failures(d), [], 'no instance is no failure: a dump that was rebuilt')

# indexes that lie
def lying(index, sql, want):
    d = new()
    append(d, input='a')
    append(d, input='b')
    change(d)
    root = one(d, 'SELECT rootpage FROM sqlite_master WHERE name = ?', index)
    d.execute('CREATE TABLE victim AS SELECT * FROM aigov_entry')
    d.execute('CREATE UNIQUE INDEX lie ON victim(log, lane, seq)')
    d.execute(sql)
    page = one(d, "SELECT rootpage FROM sqlite_master WHERE name = 'lie'")
    d.execute('PRAGMA writable_schema = ON')
    d.execute('UPDATE sqlite_master SET rootpage = CASE name WHEN ? THEN ?'
              " ELSE ? END WHERE name IN (?, 'lie')", (index, page, root, index))
    d.execute('PRAGMA writable_schema = OFF')
    e = connect(path_of(d))
    ok(any(want in str(r) for r in failures(e)), 'an index that lies: ' + sql,
       verify(e))


key = 'sqlite_autoindex_aigov_entry_1'
lying(key, 'DELETE FROM victim WHERE lane = 1 AND seq = 2', 'does not agree')
lying(key, 'UPDATE victim SET seq = 3 WHERE lane = 1 AND seq = 2',
      'does not agree')

# a stored object that hides a function of the module: of every table it has
with connect() as m:
    names = [r[0] for r in m.execute("SELECT name FROM pragma_module_list WHERE name LIKE 'aigov%'")]
ok(len(names) >= 8, 'the module has %d tables' % len(names))
for name in names:
    p = connect(module=False)
    p.execute('CREATE TABLE %s(x)' % name)
    try:
        load(p)
        ok(False, 'not loaded beside a table ' + name)
    except sqlite3.Error as e:
        ok(name in str(e), 'not loaded beside a table ' + name)
for sql in ('CREATE VIEW AIGOV_verify AS SELECT 1', 'CREATE TABLE aigov_inbox(x)',
            'CREATE TEMP VIEW aigov_history AS SELECT 1'):
    p = connect(module=False)
    p.execute(sql)
    try:
        load(p)
        ok(False, 'not loaded beside ' + sql)
    except sqlite3.Error as e:
        ok('hides' in str(e), 'not loaded beside ' + sql, e)
p = connect(module=False)
p.execute('CREATE TABLE x(y)')
p.execute('BEGIN EXCLUSIVE')
ok(connect(path_of(p), timeout=0), 'a locked file is no reason to refuse')
done()
