# t_functions.py - every function once or more, in one connection
#
# SPDX-License-Identifier: PostgreSQL
import hashlib
import json
import sqlite3

from tap import (append, connect, done, failures, new, ok, one, path_of,
                 refused, same)

db = connect()
refused(db, "SELECT aigov_append('{\"system\":\"s\"}')", want='IG204',
        name='an append before init says so')
answer = json.loads(one(db, "SELECT aigov_init('example.com/test')"))
number = int.from_bytes(hashlib.sha256(b'example.com/test').digest()[:4],
                        'big') >> 1
same(answer['log'], number, 'init gives the number of the origin')
same(one(db, 'SELECT count(*) FROM aigov_entry'), 0, 'init writes no entry')
ok(one(db, "SELECT aigov_init('example.com/test')"), 'init again is fine')
same(json.loads(one(db, "SELECT aigov_init('example.com/other')"))['origin'],
     'example.com/other', 'before the first entry the origin may change')
one(db, "SELECT aigov_init('example.com/test')")
refused(db, "SELECT aigov_init('no spaces please')", want='IG004',
        name='an origin with spaces is refused')

a = append(db, input='hello', output='bye')
same((a['lane'], a['seq'], a['duplicate'], a['decision']),
     (1, 1, False, 'allow'), 'receipt of the first append')
rows = db.execute('SELECT lane, seq, kind, subject FROM aigov_entry'
                  ' ORDER BY lane, seq').fetchall()
same([r[2:] for r in rows],
     [('genesis', 'example.com/test'), ('schema', 'kinds'),
      ('schema', 'fields'), ('interaction', None)],
     'the first append writes genesis and schema')
refused(db, "SELECT aigov_init('example.com/third')", want='IG009',
        name='a log keeps its origin')

leaf = one(db, 'SELECT aigov_leaf(0, 1, 1)')
same(hashlib.sha256(b'\0' + leaf.encode()).hexdigest(), a['hash'],
     'the hash is SHA-256(0x00 || leaf)')
same(json.loads(leaf)['prev'],
     hashlib.sha256(b'aigov/v1\nexample.com/test\n1').hexdigest(),
     'prev of the first entry comes from origin and lane')
same(one(db, "SELECT json_extract(body, '$.under') FROM aigov_entry"
             " WHERE lane = 1"),
     one(db, 'SELECT lower(hex(hash)) FROM aigov_entry WHERE lane = 0'
             ' ORDER BY seq DESC LIMIT 1'), 'body.under is the head of lane 0')
same(one(db, 'SELECT aigov_leaf(0, 1, 99)'), None, 'leaf of no entry')

# duplicates
uid = '01990000-0000-7000-8000-000000000001'
first = append(db, id=uid, input='x')
again = append(db, id=uid, input='x')
same((again['seq'], again['duplicate'], again['hash']),
     (first['seq'], True, first['hash']), 'the same record again: duplicate')
refused(db, 'SELECT aigov_append(?)',
        (json.dumps({'id': uid, 'system': 's', 'input': 'y'}),), 'IG200',
        'another record under the id: taken')
db.execute("SELECT aigov_set('login', 'ben')")
refused(db, 'SELECT aigov_append(?)',
        (json.dumps({'id': uid, 'system': 's', 'input': 'x'}),),
        'IG200: the id is taken', 'from another login: only that it is taken')
same(json.loads(one(db, "SELECT recorded_by FROM aigov_entry WHERE seq ="
                        " (SELECT aigov_append('{\"system\":\"s\"}') ->> 'seq')"
                        " AND lane = 1")),
     {'login': 'ben', 'verified': False}, 'login is stamped, unverified')
refused(db, "SELECT aigov_set('lanes', '4')", want='IG004',
        name='no such setting')
db.execute("SELECT aigov_set('login', 'ana')")

# arguments
refused(db, 'SELECT aigov_append(NULL)', want='IG005', name='NULL is refused')
refused(db, 'SELECT aigov_append(17)', want='IG004', name='a number too')
refused(db, "SELECT aigov_append(x'cc4e')", want='IG004', name='JSONB too')
ok(one(db, 'SELECT aigov_append(?)', b'{"system":"s"}'), 'bytes are JSON')
refused(db, "SELECT aigov_append('{\"outputs\":\"s\"}')", want='did you mean',
        name='unknown member, with a hint')

# a message says where, once
for sql, want in (
        ('aigov_append(\'{"system":"s","my secret":1}\')',
         'IG103: unknown member at byte 14; hint: other data goes to attributes'),
        ('aigov_append(\'{"system":"s","actor":{"my secret":1}}\')',
         'IG103: unknown member of actor at byte 23'),
        ('aigov_append(\'{"system":"s","facts":{"in":{"my secret":1}}}\')',
         'IG103: unknown fact at byte 29'),
        ('aigov_append(\'{"system":"s","attributes":{"a":1e400}}\')',
         'IG101: outside content a value must be I-JSON (RFC 7493) at byte 32'),
        ("aigov_put('hold', 'a' || char(10), '{}')",
         'IG103: hold: subject has a control character at byte 1')):
    try:
        db.execute('SELECT ' + sql).fetchall()
        ok(False, 'refused: ' + want)
    except sqlite3.Error as e:
        same(str(e), want, want)

for secret in ('{"system":"s","input":"hunter2"', '{"system":7,"hunter2":1}'):
    try:
        one(db, 'SELECT aigov_append(?)', secret)
        ok(False, 'bad record refused')
    except sqlite3.Error as e:
        ok('hunter2"' not in str(e) or 'unknown member' in str(e),
           'no content in the message', e)

# batch
batch = json.loads(one(db, 'SELECT aigov_append_batch(?)', json.dumps(
    [{'system': 'a'}, {'outputs': 'b'}, 17, {'id': uid, 'system': 's'},
     {'system': 'c', 'id': '01990000-0000-7000-8000-000000000002'},
     {'system': 'c', 'id': '01990000-0000-7000-8000-000000000002'}])))
same([(r['n'], r['result']) for r in batch],
     [(1, 'appended'), (2, 'refused'), (3, 'refused'), (4, 'refused'),
      (5, 'appended'), (6, 'duplicate')], 'a batch answers record by record')
same([r['error'] and r['error']['code'] for r in batch],
     [None, 'IG103', 'IG103', 'IG200', None, None], 'with codes')
same(one(db, "SELECT count(DISTINCT json_extract(body, '$.tx')) FROM"
             " aigov_entry WHERE system IN ('a', 'c')"), 1,
     'one transaction, one stamp')
same(one(db, "SELECT aigov_append_batch('[]')"), '[]', 'an empty batch')
n = one(db, 'SELECT count(*) FROM aigov_entry')
refused(db, "SELECT aigov_append_batch('[{\"system\":\"s\"},')", want='IG100',
        name='a broken array is refused')
same(one(db, 'SELECT count(*) FROM aigov_entry'), n, 'and stores nothing')

# inbox
cur = db.execute("INSERT INTO aigov_inbox(record) VALUES ('{\"system\":\"i\"}')")
same(cur.lastrowid, one(db, 'SELECT max(seq) FROM aigov_entry WHERE lane = 1'),
     'inbox: last_insert_rowid is seq')
same(json.loads(one(db, 'SELECT aigov_receipt()'))['seq'], cur.lastrowid,
     'aigov_receipt is the last receipt')
n = one(db, 'SELECT count(*) FROM aigov_entry')
refused(db, "INSERT INTO aigov_inbox(record) VALUES ('{\"system\":\"i\"}'),"
            " ('{\"bad\":1}')", want='IG103', name='inbox: a bad second row')
same(one(db, 'SELECT count(*) FROM aigov_entry'), n, 'undoes the first')
same(db.execute('SELECT * FROM aigov_inbox').fetchall(), [], 'inbox is empty')
db.executemany('INSERT INTO aigov_inbox(record) VALUES (?)',
               [('{"system":"m"}',)] * 3)
same(one(db, "SELECT count(*) FROM aigov_entry WHERE system = 'm'"), 3,
     'executemany')

# put and history
risk = {'description': 'Wrong summary.', 'system': 's', 'likelihood': 3,
        'impact': 4, 'criteria': 'D-1', 'owner': 'u_ana',
        'treatment': 'reduce', 'plan': 'Read the source.',
        'controls': ['iso42001:A.9.2'], 'residual_likelihood': 1,
        'residual_impact': 4, 'review_due': '2027-01-01', 'status': 'open',
        'identified_on': '2026-01-01'}
try:
    r = json.loads(one(db, "SELECT aigov_put('hold', 'H-1', ?)", json.dumps(
        {'matter': 'IN-1', 'state': 'on', 'placed_by': 'u_ana',
         'entries': [uid]})))
    ok(r['lane'] == 0, 'put gives a receipt on lane 0')
except sqlite3.Error as e:
    ok(False, 'put', e)
refused(db, "SELECT aigov_put('erasure', 'x', '{}')", want='IG104',
        name='what erase makes cannot be put')
refused(db, "SELECT aigov_append('{\"kind\":\"policy\",\"system\":\"s\"}')",
        want='IG104', name='an append writes no governance kind')

# erase and holds
refused(db, 'SELECT aigov_erase(?, ?)', (uid, 'request'), 'IG206',
        'an entry under a hold is not erased')
one(db, "SELECT aigov_put('hold', 'H-1', ?)", json.dumps(
    {'matter': 'IN-1', 'state': 'released', 'placed_by': 'u_ana',
     'entries': [uid], 'released_reason': 'settled'}))
same([(h[0], h[2]) for h in db.execute(
    "SELECT revision, at, login FROM aigov_history('hold', 'H-1')")],
    [(1, 'ana'), (2, 'ana')], 'history gives the revisions')
refused(db, 'SELECT * FROM aigov_history', want='IG005',
        name='history without arguments')
receipt = json.loads(one(db, 'SELECT aigov_erase(?, ?)', uid, 'request 7'))
ok(receipt['lane'] == 0 and 'todo' not in receipt, 'released, it is erased')
same(one(db, 'SELECT count(*) FROM aigov_content WHERE lane = 1 AND seq = ?',
         first['seq']), 0, 'the content is gone')
same(db.execute("SELECT subject, json_extract(body, '$.fields.target'),"
                " json_extract(body, '$.fields.commitment') ="
                " (SELECT lower(hex(commitment)) FROM aigov_entry WHERE id = ?)"
                " FROM aigov_entry WHERE kind = 'erasure'",
                (uid,)).fetchall(), [(uid, uid, 1)], 'the erasure entry')
refused(db, 'SELECT aigov_erase(?, ?)', (uid, 'again'), 'IG009',
        'erased already')
refused(db, "SELECT aigov_erase('01990000-0000-7000-8000-00000000dead', 'x')",
        want='IG205', name='no such entry')
same(append(db, id=uid, input='z')['duplicate'] if one(
    db, "SELECT aigov_set('login', (SELECT json_extract(recorded_by,"
        " '$.login') FROM aigov_entry WHERE id = ?))", uid) else 0,
     'unchecked', 'a duplicate of an erased entry is unchecked')
ids = [append(db, input=str(i))['id'] for i in range(3)]
answer = json.loads(one(db, 'SELECT aigov_erase(?, ?)', json.dumps(ids), 'r'))
same(len(answer), 3, 'erase takes a list')
ids = [append(db, input=str(i))['id'] for i in range(2)]
refused(db, 'SELECT aigov_erase(?, ?)', (json.dumps(ids + ['x']), 'r'), 'IG004',
        'a bad id in the list')
same(one(db, 'SELECT count(*) FROM aigov_content WHERE seq IN (SELECT seq FROM'
             ' aigov_entry WHERE id IN (?, ?) AND lane = 1) AND lane = 1',
         *ids), 2, 'erases none')

# content, import, health
doc = json.loads(one(db, 'SELECT aigov_open_content(?, ?)', a['id'], 'audit'))
same(doc, {'input': 'hello', 'output': 'bye'}, 'open_content gives content')
same(one(db, "SELECT count(*) FROM aigov_entry WHERE kind = 'access'"), 1,
     'and leaves an access entry')
refused(db, 'SELECT aigov_open_content(?, ?)', (uid, 'audit'), 'IG009',
        'of an erased entry')
r = json.loads(one(db, 'SELECT aigov_record_import(?)', json.dumps(
    {'subject': 'calls.jsonl', 'source': 'openai', 'file_sha256': 'a' * 64,
     'records': 3, 'accepted': 2, 'duplicates': 0, 'refused': 1})))
same(one(db, 'SELECT kind || subject FROM aigov_entry WHERE lane = 0 AND'
             ' seq = ?', r['seq']), 'importcalls.jsonl', 'record_import')
same([r[0] for r in db.execute('SELECT item FROM aigov_health')],
     ['unanchored_age', 'refused_records', 'clock_ahead', 'epoch',
      'busy_timeout', 'synchronous', 'own_rules', 'redaction_keys'], 'health')
same(failures(db), [], 'all of it verifies')
same(one(db, "SELECT count(*) FROM aigov_verify WHERE content = 'erased'") > 0,
     True, 'erased content is called erased')

# names
tables = {r[0] for r in db.execute(
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
modules = {r[0] for r in db.execute('PRAGMA module_list')
           if r[0].startswith('aigov')}
same(tables & modules, set(), 'no name is both stored and a module')
ok(all(r[0] is None or 'aigov_verify' not in r[0] and 'aigov_inbox' not in r[0]
       for r in db.execute('SELECT sql FROM sqlite_master')),
   'nothing stored names a table of the module')
same(one(db, "SELECT count(*) FROM sqlite_master WHERE sql LIKE"
             " '%CREATE VIRTUAL%'"), 0, 'no virtual table is stored')
for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'"):
    ok(db.execute('SELECT * FROM "%s"' % name).fetchall() is not None, name)

# table-valued functions in joins
log = one(db, 'SELECT log FROM aigov_log')
n = one(db, 'SELECT count(*) FROM aigov_verify')
same(one(db, 'SELECT count(*) FROM aigov_log l, aigov_verify(l.log) v'), n,
     'verify in a join')
same(one(db, 'SELECT count(*) FROM aigov_verify WHERE p_log = ?', log), n,
     'a parameter by its name')
same(one(db, 'SELECT count(*) FROM aigov_log l LEFT JOIN aigov_verify v'
             ' ON v.p_log = l.log'), n, 'and in a LEFT JOIN')
refused(db, "SELECT * FROM aigov_verify(0, 'x')", want='IG',
        name='vkeys that are no JSON array')
db.execute('CREATE VIEW v AS SELECT aigov_append(\'{"system":"v"}\') AS x')
refused(db, 'SELECT * FROM v', want='unsafe',
        name='a view cannot call what writes')
db.execute('DROP VIEW v')
n = one(db, 'SELECT count(*) FROM aigov_entry')
db.execute('CREATE TABLE t(x)')
db.execute('CREATE TRIGGER tt AFTER INSERT ON t BEGIN'
           ' INSERT INTO aigov_inbox(record) VALUES'
           ' (\'{"system":"trigger"}\'); END')
cur = db.execute('INSERT INTO t VALUES (1), (2)')
same(one(db, 'SELECT count(*) FROM aigov_entry') - n, 2,
     'a trigger of the application may append')
same(failures(db), [], 'and all verifies')

# rules of another connection are in force at the next record
db = new()
append(db, system='s')
other = connect(path_of(db))
append(other, system='s', input='CL-20260301')
claim = {'type': 'regex', 'entity': 'CLAIM', 'version': 1, 'score': '0.9',
         'pattern': 'CL-[0-9]{8}', 'literal': 'CL-',
         'positives': ['CL-20260301'], 'negatives': ['x']}
one(other, 'SELECT aigov_put(?, ?, ?)', 'detector', 'claims',
    json.dumps(claim))
append(db, system='s', input='CL-20260301')
same(one(db, "SELECT json_extract(body, '$.input') FROM aigov_content WHERE"
             ' lane = 1 ORDER BY seq DESC LIMIT 1'), '[CLAIM]',
     'a detector that another connection put is in force')
claim.update(version=2, entity='FILE')
one(other, 'SELECT aigov_put(?, ?, ?)', 'detector', 'claims',
    json.dumps(claim))
same(one(db, "SELECT aigov_redact('CL-20260301')"), '[FILE]',
     'and so is its next revision')
one(other, 'SELECT aigov_put(?, ?, ?)', 'detector', 'ner-1',
    json.dumps({'type': 'outside', 'entity': 'PERSON_NAME', 'version': 1,
                'score': '0.9'}))
found = [{'detector': 'ner-1', 'at': 'input', 'start': 0, 'stop': 3}]
append(db, system='s', input='Ann called', findings=found)
same(one(db, "SELECT json_extract(body, '$.input') FROM aigov_content WHERE"
             ' lane = 1 ORDER BY seq DESC LIMIT 1'), '[PERSON_NAME] called',
     'findings name a detector that another connection put')
refused(db, 'SELECT aigov_append(?)',
        (json.dumps({'system': 's', 'input': 'Ann', 'findings': [
            dict(found[0], detector='ner-2')]}),), want='IG103',
        name='one that nobody put is refused')
db.execute('BEGIN')
claim.update(version=3, entity='CASE')
one(db, 'SELECT aigov_put(?, ?, ?)', 'detector', 'claims', json.dumps(claim))
append(db, system='s', input='CL-20260301')
same(one(db, "SELECT json_extract(body, '$.input') FROM aigov_content WHERE"
             ' lane = 1 ORDER BY seq DESC LIMIT 1'), '[CASE]',
     'within a transaction too')
db.execute('ROLLBACK')
same(one(db, "SELECT aigov_redact('CL-20260301')"), '[FILE]',
     'a rollback takes it back')
same(failures(db), [], 'and all verifies')
done()
