# t_keys.py - the key file: set, rotated, unusable; restore; no value or key in the file
#
# SPDX-License-Identifier: PostgreSQL
import json
import os
import sqlite3
import subprocess

from tap import B, append, connect, done, failures, folder, new, ok, one, path_of, refused, same

HEX = [bytes(range(32)).hex(), bytes(range(1, 33)).hex()]
IDS = ['k5bcc17a1', 'k88cb7afd']
SSN, MAIL = '212-09-7654', 'qzkeys@acme.example'
ONE, TWO = '0199a000-0000-7000-8000-000000000001', '0199a000-0000-7000-8000-000000000002'
PROFILE = json.dumps({'version': 1, 'sink': 'store', 'default_operator': 'vault', 'operators': {},
                      'threshold': '0.5'})
keys = os.path.join(folder(), 'redaction.keys')


def write(lines, mode=0o600):
    with open(keys + '.new', 'w') as f:
        f.write('aigov redaction keys 1\n' + ''.join(lines))
    os.chmod(keys + '.new', mode)
    os.rename(keys + '.new', keys)


def line(i):
    return '%s %s\n' % (IDS[i], HEX[i])


def restore(db, text, interaction=ONE):
    return one(db, 'SELECT aigov_restore(?, ?, ?)', text, interaction, 'why')


write([line(0)])
db = new()
db.execute('PRAGMA journal_mode = WAL')
db.execute('PRAGMA wal_autocheckpoint = 0')

# what is refused
for value, words in (('redaction.keys', 'no path'), ('', 'no path'), ('/' + 'x' * 1001, 'no path'),
                     (keys + 'x', 'cannot be opened'), ('/tmp', 'no regular file'),
                     ('/tmp/' + MAIL, 'what the detectors find')):
    refused(db, "SELECT aigov_set('key_file', ?)", (value,), words, 'key_file %.20s is refused' % value)
os.chmod(keys, 0o644)
refused(db, "SELECT aigov_set('key_file', ?)", (keys,), 'chmod 600', 'a file that others may read is refused')
os.chmod(keys, 0o600)
same(one(db, "SELECT count(*) FROM aigov_entry WHERE kind = 'setting'"), 0, 'and nothing was recorded')
refused(db, 'SELECT aigov_restore(?, ?, ?)', ('x', ONE, 'why'), 'IG301', 'restore without a key file')

# set, in a transaction that is rolled back, and for good
db.execute('BEGIN')
same(one(db, "SELECT aigov_set('key_file', ?)", keys), keys, 'set')
same([tuple(r) for r in db.execute('SELECT id, state FROM aigov_redaction_keys')], [(IDS[0], 'writing')],
     'in force at once')
db.execute('ROLLBACK')
same(db.execute('SELECT id FROM aigov_redaction_keys').fetchall(), [], 'rolled back it is not')
db.execute("SELECT aigov_set('key_file', ?)", (keys,)).fetchall()
db.execute('SELECT aigov_put(?, ?, ?)', ('redaction_profile', 'default/store', PROFILE)).fetchall()
other = connect(path_of(db))
append(other, id=ONE, actor={'id': MAIL}, input='ssn ' + SSN)
actor = one(db, 'SELECT actor FROM aigov_entry WHERE lane > 0')
ok(actor.startswith('[EMAIL_ADDRESS:%s:' % IDS[0]), 'another connection has it', actor)
stored = one(db, "SELECT json_extract(body, '$.input') FROM aigov_content WHERE lane > 0")
same(restore(db, actor + ' ' + stored), MAIL + ' ssn ' + SSN, 'restored')
same(json.loads(one(db, 'SELECT aigov_receipt()'))['lane'], 1, 'the access entry has a receipt')
same(one(db, "SELECT count(*) FROM aigov_entry WHERE kind = 'access' AND subject = 'restore'"), 1, 'one')
refused(db, 'SELECT aigov_restore(?, ?, ?)', ('x', ONE, None), 'IG005', 'a purpose is required')
same(restore(db, ''), '', 'an empty text')

# rotation, seen by a connection that is open
write([line(0), line(1)])
append(other, id=TWO, input='ssn ' + SSN)
token = one(db, "SELECT json_extract(body, '$.input') FROM aigov_content WHERE lane > 0 ORDER BY seq DESC LIMIT 1")
ok(IDS[1] in token, 'the newest key is written with', token)
same((restore(db, token, TWO), restore(db, actor)), ('ssn ' + SSN, MAIL), 'both are restored')
same([tuple(r) for r in db.execute('SELECT id, state FROM aigov_redaction_keys')],
     [(IDS[1], 'writing'), (IDS[0], 'restoring')], 'both are listed')

# unusable: appends go on
for lines, mode, words in (([line(0)], 0o640, 'open to its group'), ([line(0)[:-10] + '\n'], 0o600, 'line 2'),
                           (None, 0, 'cannot be opened')):
    if lines is None:
        os.remove(keys)
    else:
        write(lines, mode)
    append(other, actor={'id': MAIL})
    same(one(db, 'SELECT actor FROM aigov_entry WHERE lane > 0 ORDER BY seq DESC LIMIT 1'), '[EMAIL_ADDRESS]',
         'an append goes on: ' + words)
    refused(db, 'SELECT aigov_restore(?, ?, ?)', (actor, ONE, 'why'), words, 'restore says why: ' + words)
    row = db.execute("SELECT value, ok, detail FROM aigov_health WHERE item = 'redaction_keys'").fetchone()
    ok(row[0] == 1 and row[1] == 0 and words in row[2], 'so does health', row)
write([line(1)])
refused(db, 'SELECT aigov_restore(?, ?, ?)', (actor, ONE, 'why'), IDS[0] + ' is not there', 'a missing key is named')
write([line(0), line(1)])
same(restore(db, actor), MAIL, 'back again')

# erased, changed
db.execute('SELECT aigov_erase(?, ?)', (TWO, 'asked')).fetchall()
same(restore(db, token, TWO), token, 'what was erased stays a token')
copy = os.path.join(folder(), 'copy.db')
db.execute('VACUUM INTO ?', (copy,))
raw = sqlite3.connect(copy)
for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
    raw.execute('DROP TRIGGER "%s"' % name)
raw.execute("UPDATE aigov_content SET body = replace(body, 'ssn', 'SSN') WHERE body LIKE '%vault%'")
raw.commit()
raw.close()
moved = connect(copy)
moved.execute("SELECT aigov_new_epoch('example.com/copy', 'restore')").fetchall()
refused(moved, 'SELECT aigov_restore(?, ?, ?)', (actor, ONE, 'why'), 'not what was written', 'changed content is refused')
moved.close()

# a dump carries the vault and the setting
dump = '\n'.join(db.iterdump())
again = connect()
again.executescript(dump)
again.execute("SELECT aigov_new_epoch('example.com/again', 'restore')").fetchall()
same(restore(again, actor), MAIL, 'a restored file restores')
same(failures(db), [], 'verify holds')

# no byte of a value or a key
secrets = [h.encode() for h in HEX] + [bytes.fromhex(h) for h in HEX] + [SSN.encode(), MAIL.encode()]
files = [path_of(db), path_of(db) + '-wal']
ok(not any(s in open(f, 'rb').read() for f in files for s in secrets), 'no byte of the file and its WAL is one')
ok(not any(s.decode() in dump for s in secrets[:2] + secrets[4:]), 'nor of the dump')
db.execute("SELECT aigov_set('key_file', 'none')").fetchall()
append(db, actor={'id': MAIL})
same(one(db, 'SELECT actor FROM aigov_entry WHERE lane > 0 ORDER BY seq DESC LIMIT 1'), '[EMAIL_ADDRESS]', 'none')
done()
