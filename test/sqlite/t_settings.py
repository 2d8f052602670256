# t_settings.py - settings that govern: in the file, an entry before they govern
#
# SPDX-License-Identifier: PostgreSQL
import json

from tap import (append, connect, done, failures, new, one, path_of, refused,
                 same)

db = new()


def settings(db):
    return [(s, json.loads(b)['fields']) for s, b in db.execute(
        "SELECT subject, body FROM aigov_entry WHERE kind = 'setting'"
        " ORDER BY log, seq").fetchall()]


def put(db, name, operator, systems=None):
    fields = {'version': 1, 'sink': 'store', 'default_operator': operator,
              'operators': {}, 'threshold': '0.5'}
    if systems:
        fields['systems'] = systems
    db.execute('SELECT aigov_put(?, ?, ?)',
               ('redaction_profile', name + '/store', json.dumps(fields)))


def stored(db, system='s'):
    a = append(db, system=system, input='mail ann@acme.org')
    return json.loads(one(db, 'SELECT aigov_open_content(?, ?)', a['id'],
                          'test'))['input']


same(one(db, "SELECT aigov_set('profile', 'default')"), 'default',
     'the value that holds')
same(settings(db), [], 'needs no entry')
refused(db, "SELECT aigov_set('profile', 'desk')", want='IG004: setting profile'
        ' names desk', name='a profile that is not there')
same(settings(db), [], 'a refusal leaves nothing')
put(db, 'desk', 'drop')
put(db, 'claims', 'mask', ['claims'])
put(db, 'other', 'mask')
same(stored(db), 'mail ***@****.***', 'without the setting: the newest')
same(one(db, "SELECT aigov_set('profile', 'desk')"), 'desk', 'set')
want = [('profile', {'value': 'desk', 'was': 'default'})]
same(settings(db), want, 'it is an entry at once')
same(one(db, "SELECT aigov_set('profile', 'desk')"), 'desk', 'again')
same(settings(db), want, 'is no change')
same(stored(db), 'mail ', 'it acts')
same(stored(db, 'claims'), 'mail ***@****.***',
     'a profile for a system counts for it')
same(one(db, "SELECT aigov_redact('mail ann@acme.org')"), 'mail ',
     'for redact too')

other = connect(path_of(db))
same(stored(other), 'mail ', 'it is in the file')
one(other, "SELECT aigov_set('profile', 'other')")
same(stored(db), 'mail ***@****.***', 'and moves for all connections')
db.execute('BEGIN')
one(db, "SELECT aigov_set('profile', 'desk')")
same(stored(db), 'mail ', 'inside a transaction')
db.execute('ROLLBACK')
same(stored(db), 'mail ***@****.***', 'a rollback takes it back')
one(db, "SELECT aigov_new_epoch('example.com/next', 'restore')")
same(stored(db), 'mail ***@****.***', 'a log that continues keeps it')
one(db, "SELECT aigov_set('profile', '')")
same([f for _, f in settings(db) if f['value'] == 'default'],
     [{'value': 'default', 'was': 'other'}], 'back to the default')
put(db, 'x', 'replace')
same(stored(db), 'mail [EMAIL_ADDRESS]', 'the newest again')
refused(db, "SELECT aigov_put('setting', 'profile', '{\"value\":\"desk\"}')",
        want='is written by aigov', name='it cannot be put')
refused(db, "SELECT aigov_set('profile', ?)", ('ann@acme.org',),
        want='IG004', name='a value that redaction would change is refused')
refused(db, "SELECT aigov_set('profile', ?)", ('x' * 1001,), want='IG004',
        name='a value that is too long')
same(failures(db), [], 'the file verifies')
done()
