# t_canary.py - what detectors find is nowhere: file, WAL, answers, errors
#
# SPDX-License-Identifier: PostgreSQL
#
# A marked value takes the place of every text, number and name of a record, one
# at a time, and of what callers say to the functions that write by themselves.
# Then every byte of the file and its -wal is read, each answer and each error,
# what the views and functions that read say, and what the command prints.
import copy
import json
import os
import sqlite3
import subprocess
import sys

from tap import B, connect, done, failures, folder, ok, one

MARK = 'qzcanary@acme.example'
CARD = 5555444433332226
KEY = 'sk_live_' + '4eC39HqLyjWDarjtT1zdp7qz'
FULL = {
    'system': 'claims', 'system_version': '2.4', 'environment': 'production', 'use_case': 'u',
    'purpose': 'claims triage', 'on_behalf_of': 'them', 'tenant': 'acme', 'session': 's',
    'actor': {'id': 'u_7f3a', 'type': 'human', 'roles': ['adjuster']}, 'conversation': 'c-88',
    'provider': 'openai', 'account': 'prod', 'model': 'gpt-4o', 'model_served': 'm', 'region': 'EU',
    'operation': 'chat', 'provider_response_id': 'r', 'template': {'id': 'triage', 'version': '7'},
    'params': {'temperature': 0.2, 'stop': ['a']}, 'usage': {'input_tokens': 412, 'd': {'t': 's'}},
    'tools': [{'type': 'function', 'function': {'name': 'f', 'description': 'd'}}],
    'status': 'error', 'error': {'type': 't', 'code': 'c', 'message': 'm'}, 'duration_ms': 812,
    'finish_reasons': ['stop'], 'cost': {'amount': '0.1', 'currency': 'EUR', 'basis': 'list'},
    'system_instructions': 'be brief', 'output': 'an answer', 'stream': True,
    'input': [{'role': 'user', 'parts': [{'type': 'text', 'content': 'hello', 'n': 1}]}],
    'documents': [{'id': 'd', 'score': 0.8, 'uri': 'u', 'hash': 'h', 'text': 't'}],
    'tool': {'name': 'n', 'server': 'mcp', 'call_id': 'c', 'type': 't', 'description': 'd',
             'arguments': '{"to":"x","n":1}', 'result': {'ok': True, 'rows': [1, 'a']}},
    'review': {'kind': 'override', 'outcome': 'modified', 'reason': 'why', 'waited_ms': 1},
    'refs': [{'relation': 'used', 'cause': 'doc:d', 'effect': 'doc:e', 'role': 'context', 'hash': 'h'}],
    'data': {'classification': 'confidential', 'categories': ['hr']}, 'retention': 'ai-act-12m',
    'attributes': {'team': 'claims', 'n': 1}, 'facts': {'req': {'channel': 'web'}},
    'obligations': [{'rule': 'r', 'kind': 'notify', 'target': 'oncall'}],
    'producer': {'id': '5b1c', 'name': 'p', 'host': 'h', 'version': '1', 'seq': 1},
}


def leaks(data):
    if isinstance(data, str):
        data = data.encode()
    return any(str(v).encode() in data for v in (MARK, CARD, KEY))


def places(v, path=()):
    """Paths to every text, number and name below v."""
    if isinstance(v, dict):
        for k, x in v.items():
            yield path + (k,), True
            yield from places(x, path + (k,))
    elif isinstance(v, list):
        for i, x in enumerate(v):
            yield from places(x, path + (i,))
    elif not isinstance(v, bool):
        yield path, False


def marked(record, path, is_name, text):
    r = at = copy.deepcopy(record)
    for p in path[:-1]:
        at = at[p]
    if is_name:
        at[text] = at.pop(path[-1])
    else:
        at[path[-1]] = text if isinstance(at[path[-1]], str) else CARD
    return r


def level(v, n):
    for _ in range(n):
        v = json.dumps({'x': v})
    return v


path = os.path.join(folder(), 'canary.db')
db = connect(path)
db.execute('PRAGMA journal_mode = WAL')
db.execute('PRAGMA wal_autocheckpoint = 0')
answers, stored, refused = [], 0, 0


def call(sql, *args):
    """The answer, or None where it is refused."""
    global stored, refused
    try:
        got = db.execute(sql, args).fetchall()
    except sqlite3.Error as e:
        refused += 1
        answers.append('%s: %s' % (sql, e))
        return None
    stored += 1
    answers.append('%s: %s' % (sql, got))
    return got[0][0] if got else None


for origin in (MARK, 'example.com/' + KEY):
    ok(call('SELECT aigov_init(?)', origin) is None, 'an origin with a mark is refused')
ok(call('SELECT aigov_init(?)', 'example.com/canary') is not None, 'init')

# records, by each way in
ways = ('SELECT aigov_append(?)', 'INSERT INTO aigov_inbox(record) VALUES (?)',
        'SELECT aigov_append_batch(?)')
for n, (path_, is_name) in enumerate(places(FULL)):
    for text in ('ask ' + MARK, KEY, str(CARD)):
        record = json.dumps(marked(FULL, path_, is_name, text))
        way = ways[n % 3]
        call(way, '[%s, {"system":"s","%s":1}]' % (record, text) if n % 3 == 2 else record)

# content that is odd
for v in (level(MARK, 1), level(MARK, 3), level(MARK, 6), level(CARD, 5), 'x' * 100000 + ' ' + MARK,
          '%40'.join(MARK.split('@')), '\u200b'.join(MARK), '\uff20'.join(MARK.split('@'))):
    call(ways[0], json.dumps({'system': 's', 'input': v}))
for odd in ('%d.0', '-%d', '%de0', '%d0e-1', '%d.000000000000000000', '[1e400, %d]',
            '["\\ud800", %d]', '{"a":1,"a":%d}', '"\\u0000 %d \\u0000"', '[' * 900 + '%d' + ']' * 900):
    call(ways[0], '{"system":"s","input":%s}' % (odd % CARD))
call(ways[0], b'{"system":"s","input":"\xff ' + MARK.encode() + b' \xff"}')
big = {'system': 's', 'params': {'p': ['x' * 1000] * 60 + [MARK]},
       'attributes': {'a%d' % i: 'y' * 1000 for i in range(60)}, 'input': ['z ' + MARK] * 300000}
big['attributes'][MARK] = KEY
ok(call(ways[0], json.dumps(big)) is not None and
   '"moved"' in one(db, 'SELECT body FROM aigov_entry ORDER BY rowid DESC LIMIT 1'),
   'a large record, of which members move to content')

# the same id twice, and another record with it
again = {'id': '0199a000-0000-7000-8000-000000000001', 'system': 's', 'input': MARK}
for v in (MARK, MARK, MARK + ' and more'):
    call(ways[0], json.dumps(dict(again, input=v)))

# what is refused
for v in (MARK, KEY, str(CARD)):
    for record in ({v: 1}, {'kind': v}, {'id': v}, {'occurred_at': v}, {'trace_id': v}, {'actor': v},
                   {'actor': {v: 1}}, {'actor': {'type': v}}, {'facts': {v: {'a': 1}}},
                   {'facts': {'req': {v: 1}}}, {'facts': {'req': {'channel': {v: v}}}},
                   {'cost': {'amount': v, 'currency': v}}, {'loss': {v: v}, 'kind': 'loss',
                    'producer': {'id': v}}, {'usage': {v + '_tokens': v}}, {'data': {'classification': v}}):
        call(ways[0], json.dumps(dict(record, system='s')))
        call(ways[2], json.dumps([dict(record, system='s')]))
    call(ways[0], '{"system":"s","input":"%s' % v)
    call(ways[0], '{"system":"s","input":%s}' % v)
    call(ways[0], v)
    call(ways[2], v)
    call('INSERT INTO aigov_inbox(record) VALUES (?)', v)
    call('SELECT aigov_redact(?, ?)', 'x', v)
    call('SELECT aigov_redact(?)', v)
    call('SELECT aigov_redact_json(?)', '{"a":"%s", %s' % (v, v))
    call('SELECT * FROM aigov_findings(?)', v)
    call('SELECT aigov_explain_redaction(?)', v)
    call('SELECT aigov_leaf(?, ?, ?)', v, v, v)
    call('SELECT * FROM aigov_verify(?)', v)
    call('SELECT * FROM aigov_history(?, ?)', v, v)

# what the functions that write by themselves are told
IMPORT = {'subject': 'f', 'source': 'openai', 'file_sha256': 'a' * 64, 'records': 1, 'accepted': 1,
          'duplicates': 0, 'refused': 0}
before = stored
for v in ('asked by ' + MARK, 'with ' + KEY, str(CARD)):
    entry = json.loads(call(ways[0], '{"system":"s","input":"x"}'))['id']
    ok(call('SELECT aigov_open_content(?, ?)', entry, v) and
       call('SELECT aigov_erase(?, ?)', entry, v), 'content is opened and erased for a marked reason')
    for more in ({'subject': v}, {'origin': v}, {'source': v}, {'records': v}, {v: v}):
        call('SELECT aigov_record_import(?)', json.dumps(dict(IMPORT, **more)))
    call('SELECT aigov_open_content(?, ?)', v, v)
    call('SELECT aigov_erase(?, ?)', v, v)
    call('SELECT aigov_erase(?, ?)', json.dumps([v]), v)
    call('SELECT aigov_put(?, ?, ?)', 'import', v, '{}')
    if v != str(CARD):  # in a path it is a number like others
        call('SELECT aigov_new_epoch(?, ?)', 'example.com/' + v.replace(' ', '-'), v)
    call('SELECT aigov_new_epoch(?, ?, ?)', 'example.com/next', v, v)
ok(stored - before > 12, 'marked reasons, purposes and file names are taken')
for place in ('note', 'matter', 'placed_by', 'state', 'from_at', 'systems', 'nothing', KEY):
    body = {'matter': 'm', 'state': 'on', 'placed_by': 'u', place: 'k ' + KEY}
    ok(call('SELECT aigov_put(?, ?, ?)', 'hold', 'H-1', json.dumps(body)) is None,
       'a put with a secret is refused')
for subject in (KEY, 'x' * 165 + ' ' + KEY):
    for kind in ('hold', 'erasure', KEY):
        call('SELECT aigov_put(?, ?, ?)', kind, subject, '{}')
ok(call('SELECT aigov_new_epoch(?, ?)', 'example.com/last', 'restored by ' + MARK) is not None,
   'a new epoch with a marked reason')

# guard and complete, with a key: the values that complete gives back to who said
# them are looked at apart
keys = os.path.join(folder(), 'canary.keys')
with open(os.open(keys, os.O_CREAT | os.O_WRONLY, 0o600), 'w') as f:
    f.write('aigov redaction keys 1\nk5bcc17a1 ' + bytes(range(32)).hex() + '\n')
ok(call('SELECT aigov_set(?, ?)', 'key_file', keys) is not None, 'a key')
given = 0
for n, (path_, is_name) in enumerate(places(FULL)):
    for v in ('ask ' + MARK, KEY, str(CARD)):
        record = json.dumps(marked(FULL, path_, is_name, v))
        told = call('SELECT aigov_guard(?)', record)
        if told is not None:
            call('SELECT aigov_complete(?, ?)', '0199a000-0000-7000-8000-0000000000ff', record)
            back, = db.execute('SELECT aigov_complete(?, ?)', (json.loads(told)['interaction'], json.dumps(
                {'output': '[EMAIL_ADDRESS_1] [CREDIT_CARD_1] [SECRET_1]'}))).fetchone()
            given += leaks(back)
            ok(KEY not in back, 'a secret never comes back') if KEY in back else None
ok(given > 20, 'complete gives values back', given)

# everything that reads
for name, in db.execute("SELECT name FROM sqlite_master WHERE type IN ('view', 'table')").fetchall():
    if name.startswith('aigov_'):
        call('SELECT * FROM "%s"' % name)
for table in ('aigov_verify', 'aigov_health'):
    call('SELECT * FROM ' + table)
print('# %d taken, %d refused' % (stored, refused))
ok(stored > 300 and refused > 150, 'marked values are taken and refused')
said = [a for a in answers if leaks(a)]
ok(not said, 'no answer, no error, no view holds the value', [a[-300:] for a in said[:5]])
ok(not failures(db), 'verify holds')
files = [p for p in (path, path + '-wal', path + '-shm', path + '-journal') if os.path.exists(p)]
ok(path + '-wal' in files and os.path.getsize(path + '-wal') > 1 << 20, 'there is a WAL')
held = [p for p in files if leaks(open(p, 'rb').read())]
ok(not held, 'no byte of the file and its WAL does', held)
db.execute('PRAGMA wal_checkpoint(TRUNCATE)')
ok(not leaks(open(path, 'rb').read()), 'nor of the file after the checkpoint')

# the command: what it prints of lines that are refused
command = os.path.join(B, 'aigov')
if os.path.exists(command):
    other = os.path.join(folder(), 'command.db')
    lines = ['{"system":"s","%s":1}' % v for v in (MARK, KEY, CARD)]
    lines += ['{"system":"s","input":"%s"}' % v for v in (MARK, KEY, CARD)]
    lines += ['{"system":"s","input":%s' % MARK, MARK, '{"system":"s","kind":"%s"}' % KEY]
    pair = {'sample_id': MARK, 'request': MARK, 'response': KEY}
    out = b''
    for args, text in ((('init', other, 'example.com/' + KEY), ''), (('init', other, 'example.com/c'), ''),
                       (('append', other), '\n'.join(lines)),
                       (('import', other, '--from', 'openai'), json.dumps(pair)),
                       (('verify', other), ''), (('tail', other, '-n', '50'), '')):
        p = subprocess.run((command,) + args, input=text.encode(), stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
        said = p.stdout.replace(other.encode(), b'')
        ok(not leaks(said), 'aigov %s says nothing of it' % ' '.join(args[:1] + args[2:]).replace(KEY, '...'),
           said[:300])
        out += said
    ok(out.count(b'"not persisted"') == 6 and out.count(b'"decision":"allow"') == 3,
       'six lines are refused, three taken')
    ok(not leaks(open(other, 'rb').read()), 'no byte of its file holds it')

    # bodies of providers, by each importer
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
    from bodies import marked_calls  # noqa: E402
    for text, most in ((' ask %s ' % MARK, 5000), (' key %s ' % KEY, 1000)):
        lines, all_places = marked_calls(text, CARD, most)
        other = os.path.join(folder(), 'bodies.db')
        subprocess.run((command, 'init', other, 'example.com/b'), stdout=subprocess.DEVNULL)
        out = b''
        for api in ('openai', 'anthropic'):
            p = subprocess.run((command, 'import', other, '--from', api), input='\n'.join(lines).encode(),
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            out += p.stdout
        held = [n for n in (other, other + '-wal') if os.path.exists(n) and leaks(open(n, 'rb').read())]
        taken = one(connect(other), "SELECT count(*) FROM aigov_entry WHERE kind = 'interaction'")
        ok(taken > len(lines) // 2 and not held and not leaks(out),
           'bodies of providers: a mark in %d of %d places, %d calls taken' % (len(lines), all_places, taken),
           [held, [line for line in out.splitlines() if leaks(line)][:3]])
done()
