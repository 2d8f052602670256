# refusals.py - the rows of iso42001/refusals.csv of policies and approvals
#
# SPDX-License-Identifier: PostgreSQL
#
# accepted.jsonl is loaded in order; each row of refusals.csv of the kinds below
# is refused with its words and writes nothing, and with its fix it is accepted
# in a transaction that is rolled back.  Both databases run it: t_govern.py of
# SQLite, 011_govern.py of PostgreSQL.  Rows that only another part of the
# product can refuse are named in LEFT.
import csv
import json
import os

SHARED = os.environ.get('AIGOV_SHARED') or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'shared')
DATA = os.path.join(SHARED, 'iso42001')

KINDS = ('policy', 'rule', 'policy_case', 'exception', 'budget', 'approval', 'suspension')
ROWS = [n for n in range(37, 59)] + list(range(101, 117)) + [125, 126]
# what other parts write: a sample is drawn, a test of a policy leaves an access entry
LATER = ('sample', 'policy_test')


def there():
    return os.path.exists(os.path.join(DATA, 'refusals.csv'))


def merge(target, patch):
    """RFC 7396"""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for k, v in patch.items():
        if v is None:
            out.pop(k, None)
        else:
            out[k] = merge(out.get(k), v)
    return out


def fill(value, digests):
    """$facts:I and $policy:I"""
    if isinstance(value, dict):
        return {k: fill(v, digests) for k, v in value.items()}
    if isinstance(value, str) and value.startswith('$') and ':' in value:
        what, interaction = value[1:].split(':', 1)
        return digests(what, interaction) or value
    return value


def call(db, through, login, kind, subject, body):
    """db.run(login, function, arguments); raises db.Error"""
    if through == 'put':
        return db.run(login, 'put', (kind, subject, json.dumps(body)))
    if through == 'policy_publish':
        return db.run(login, 'policy_publish',
                      (body['policy'], body['version'], body['mode']))
    return db.run(login, through, (json.dumps(body),))


def load(db):
    with open(os.path.join(DATA, 'accepted.jsonl'), encoding='utf-8') as f:
        for line in f:
            r = json.loads(line)
            if r['through'] in LATER or r['kind'] in ('sample_result',):
                continue
            body = fill(r['body'], db.digests)
            try:
                call(db, r['through'], r['login'], r['kind'], r['subject'], body)
            except db.Error as e:
                yield '%s %s: %s' % (r['kind'], r['subject'], e)


def rows():
    with open(os.path.join(DATA, 'refusals.csv'), encoding='utf-8', newline='') as f:
        for r in csv.DictReader(f):
            if r['kind'] in KINDS and int(r['id'][2:]) in ROWS:
                yield r


def words(message):
    """What is fixed of a message: up to a digest, or the words after missing."""
    return message.split('is missing')[0] + ('is missing' if 'is missing' in message else '')


def run(db, ok):
    wrong = list(load(db))
    ok(not wrong, 'accepted.jsonl is accepted', '\n# '.join(wrong))
    for r in rows():
        body = fill(json.loads(r['example_body']), db.digests)
        before = db.count()
        try:
            call(db, r['through'], r['login'], r['kind'], r['subject'], body)
            ok(False, r['id'], 'accepted')
        except db.Error as e:
            ok(db.is_refusal(r, str(e), words(r['message'])) and db.count() == before,
               r['id'] + ' ' + r['rule'], '%s\n# want %s' % (e, r['message']))
        if not r['fix']:
            continue
        fix = json.loads(r['fix'])
        body = merge(body, fill(fix.get('patch', {}), db.digests))
        db.begin()
        try:
            call(db, r['through'], fix.get('login', r['login']), r['kind'],
                 fix.get('subject', r['subject']), body)
            ok(True, r['id'] + ' fixed')
        except db.Error as e:
            ok(False, r['id'] + ' fixed', e)
        db.rollback()
