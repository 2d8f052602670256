# t_transactions.py - an append inside whatever the application is doing
#
# SPDX-License-Identifier: PostgreSQL
import json
import os
import sqlite3

from tap import (append, connect, done, failures, folder, new, ok, one,
                 path_of, refused, same)

for mode in ('DELETE', 'WAL'):
    db = new()
    db.execute('PRAGMA journal_mode = %s' % mode)
    append(db)
    count = lambda: one(db, 'SELECT count(*) FROM aigov_entry WHERE lane = 1')

    # commit, rollback, savepoints
    db.execute('BEGIN')
    a, b = append(db), append(db)
    ok(db.in_transaction, mode + ': an append leaves the transaction open')
    db.execute('COMMIT')
    tx = [r[0] for r in db.execute(
        "SELECT json_extract(body, '$.tx') FROM aigov_entry WHERE lane = 1"
        " ORDER BY seq")]
    ok(tx[1] == tx[2] != tx[0], mode + ': one stamp for one transaction')
    db.execute('BEGIN')
    append(db)
    db.execute('ROLLBACK')
    same(count(), 3, mode + ': a rollback removes the entry')
    db.execute('BEGIN')
    c = append(db)
    same(c['seq'], 4, mode + ': and its place is used again')
    db.execute('SAVEPOINT s')
    append(db)
    append(db)
    db.execute('ROLLBACK TO s')
    same(append(db)['seq'], 5, mode + ': ROLLBACK TO gives places back')
    db.execute('RELEASE s')
    db.execute('SAVEPOINT s2')
    db.execute('COMMIT')
    tx = [r[0] for r in db.execute(
        "SELECT json_extract(body, '$.tx') FROM aigov_entry WHERE seq > 3"
        " AND lane = 1 ORDER BY seq")]
    same(len(set(tx)), 1, mode + ': one stamp across savepoints')
    db.execute('BEGIN')
    append(db)
    db.execute('COMMIT')
    ok(one(db, "SELECT json_extract(body, '$.tx') FROM aigov_entry"
               " ORDER BY lane DESC, seq DESC") not in tx,
       mode + ': the next transaction has another')

    # failures leave the state as it was
    bad = json.dumps({'nope': 1})
    refused(db, 'SELECT aigov_append(?)', (bad,), 'IG103', mode + ': bad record')
    ok(not db.in_transaction, mode + ': autocommit is as it was')
    db.execute('BEGIN')
    append(db)
    n = count()
    refused(db, 'SELECT aigov_append(?)', (bad,), 'IG103', mode + ': in BEGIN')
    ok(db.in_transaction and count() == n, mode + ': the transaction goes on')
    db.execute("CREATE TEMP TRIGGER eat BEFORE INSERT ON main.aigov_entry"
               " BEGIN SELECT RAISE(IGNORE); END")
    refused(db, "SELECT aigov_append('{\"system\":\"s\"}')", want='swallowed',
            name=mode + ': a trigger that swallows the entry is noticed')
    db.execute('DROP TRIGGER eat')
    db.execute("CREATE TEMP TRIGGER stop BEFORE INSERT ON main.aigov_entry"
               " BEGIN SELECT RAISE(ABORT, 'no'); END")
    refused(db, "SELECT aigov_append('{\"system\":\"s\"}')", want='no',
            name=mode + ': so is one that stops it')
    db.execute('DROP TRIGGER stop')
    same(one(db, 'SELECT count(*) FROM aigov_content c WHERE NOT EXISTS'
                 ' (SELECT 1 FROM aigov_entry e WHERE e.lane = c.lane'
                 '  AND e.seq = c.seq)'), 0,
         mode + ': no content without its entry is left')
    db.execute('COMMIT')
    db.execute('CREATE TABLE t(x)')
    db.execute('INSERT INTO t VALUES (41)')
    append(db)
    same(one(db, 'SELECT last_insert_rowid()'), 1,
         mode + ": last_insert_rowid stays the application's")

    # inside statements
    same(one(db, "SELECT count(*) FROM (SELECT aigov_append('{\"system\":"
                 "\"s\"}') AS r FROM t) WHERE r > ''"), 1,
         mode + ': with FROM it works where nobody else writes')
    db.execute("INSERT INTO t SELECT aigov_append('{\"system\":\"s\"}')")
    refused(db, "INSERT INTO t SELECT aigov_append_batch('[{}]')", want='IG009',
            name=mode + ': a batch inside a statement that writes')
    ok(not db.in_transaction, mode + ': leaves autocommit')
    db.execute('CREATE TRIGGER again AFTER INSERT ON aigov_entry BEGIN'
               ' INSERT INTO aigov_inbox(record) VALUES (\'{"system":"x"}\');'
               ' END')
    n = count()
    refused(db, "SELECT aigov_append('{\"system\":\"s\"}')",
            want='an append is under way', name=mode + ': an append in an append')
    same(count(), n, mode + ': stores nothing')
    db.execute('DROP TRIGGER again')
    same(failures(db), [], mode + ': verifies')

    # another connection
    other = connect(path_of(db), timeout=0)
    db.execute('BEGIN IMMEDIATE')
    refused(other, "SELECT aigov_append('{\"system\":\"s\"}')", want='locked',
            name=mode + ': busy is passed on')
    try:
        other.execute("SELECT aigov_append('{\"system\":\"s\"}')")
    except sqlite3.OperationalError as e:
        same(e.sqlite_errorname, 'SQLITE_BUSY', mode + ': with its code')
    ok(not other.in_transaction, mode + ': and no transaction left open')
    db.execute('COMMIT')
    append(other)
    if mode == 'DELETE':
        reader = connect(path_of(db), timeout=0, module=False)
        cur = reader.execute('SELECT * FROM t UNION ALL SELECT 1')
        cur.fetchone()
        refused(other, "SELECT aigov_append('{\"system\":\"s\"}')",
                want='locked', name='a COMMIT that fails is an error')
        ok(not other.in_transaction, 'and no transaction is left open')
        cur.close()
        append(other)
    else:
        other.execute('BEGIN')
        one(other, 'SELECT count(*) FROM t')
        append(db)
        try:
            append(other)
            ok(False, 'a stale snapshot is an error')
        except sqlite3.OperationalError as e:
            same(e.sqlite_errorname, 'SQLITE_BUSY_SNAPSHOT',
                 'a stale snapshot gives its own code')
        other.execute('ROLLBACK')
        append(other)
    same(failures(db), [], mode + ': verifies in the end')

# what an application writes beside the log between appends of a transaction
db = new()
db.execute('BEGIN')
a = append(db)
row = list(db.execute('SELECT * FROM aigov_entry WHERE lane = 1').fetchone())
db.execute('SAVEPOINT s')
append(db)
db.execute('ROLLBACK TO s')
db.execute('DELETE FROM aigov_content WHERE 0')
b = append(db)
db.execute('COMMIT')
same([a['seq'], b['seq']], [1, 2], 'heads are remembered, and forgotten')
same(failures(db), [], 'and the chain holds')

# genesis and schema are written together or not at all
db = new()
db.execute("CREATE TEMP TRIGGER stop BEFORE INSERT ON main.aigov_entry WHEN"
           " NEW.subject = 'fields' BEGIN SELECT RAISE(ABORT, 'no'); END")
db.execute('BEGIN')
refused(db, "SELECT aigov_append('{\"system\":\"s\"}')", want='no',
        name='a first append that fails half way')
same(one(db, 'SELECT (SELECT count(*) FROM aigov_entry) +'
             ' (SELECT count(*) FROM aigov_content) +'
             ' (SELECT count(*) FROM aigov_log)'), 0, 'leaves nothing')
db.execute('DROP TRIGGER stop')
append(db)
db.execute('COMMIT')
same(failures(db), [], 'and the next one begins the log')

# the driver's own transactions
path = os.path.join(folder(), 'driver.db')
new(path).close()
db = connect(path)
db.isolation_level = ''
try:
    with db:
        db.execute("INSERT INTO aigov_inbox(record) VALUES ('{\"system\":\"a\"}')")
        raise KeyError
except KeyError:
    pass
same(one(db, 'SELECT count(*) FROM aigov_entry WHERE lane = 1'), 0,
     'INSERT form: undone by with')
with db:
    db.execute("INSERT INTO aigov_inbox(record) VALUES ('{\"system\":\"a\"}')")
same(one(db, 'SELECT count(*) FROM aigov_entry WHERE lane = 1'), 1, 'or kept')
done()
