# budgets.py - a budget is not overspent, however many ask at once
#
# SPDX-License-Identifier: PostgreSQL
#
# 32 connections of PostgreSQL, 8 processes of SQLite, each asking until it is
# denied: exactly as many calls go as the limit says.  Some ask in savepoints
# that are rolled back: what they asked for is free again, and taken by others.
import json
import multiprocessing
import sys

from hosts import Lite, Pg, done, hosts, ok

LIMIT, TOKENS = 100, 5000


def policy(host):
    host.put('budget', 'day', {'by': 'team', 'window': 'month',
                               'limit_requests': LIMIT, 'limit_tokens': TOKENS,
                               'owner': 'u_sam'})
    host.put('policy', 'main', {
        'type': 'runtime', 'title': 'Budgets', 'version': 1, 'state': 'draft',
        'default_effect': 'allow', 'owner': 'u_sam',
        'review_due': '2099-01-01'})
    for name, cond in (
            ('requests', "actor.team in ['b', 'r'] && usage.day.requests >="
                         " limits.day_requests"),
            ('tokens', "actor.team == 't' && usage.day.tokens +"
                       " content.tokens_in + content.tokens_max >"
                       " limits.day_tokens")):
        host.put('rule', 'main/1/' + name, {
            'policy': 'main', 'version': 1, 'phase': 'pre', 'effect': 'deny',
            'cond': cond, 'mode': 'enforce', 'reason': 'no more',
            'controls': ['iso42001:A.4.5']})
    host.publish()


def call(team):
    return {'system': 's', 'operation': 'chat', 'input': 'hello',
            'params': {'max_tokens': 98}, 'facts': {'actor': {'team': team}}}


def open_host(make, where):
    return Lite(where) if make is Lite else Pg(where, new=False)


def caller(make, where, team, n, out):
    """Ask until denied twice; every third call in a savepoint, rolled back."""
    host, went, denied, turn = open_host(make, where), 0, 0, 0
    run = host.db.execute if make is Lite else host.db.rows
    while denied < 2:
        turn += 1
        if (turn + n) % 3 == 0:
            run('BEGIN IMMEDIATE' if make is Lite else 'BEGIN')
            run('SAVEPOINT a')
            host.call('guard', call(team))
            run('ROLLBACK TO a')
            run('COMMIT')
        answer = host.call('guard', call(team))
        if answer['decision'] == 'deny':
            denied += 1
        else:
            went += 1
    out.put(went)


def crowd(make, where, team, size):
    out = multiprocessing.Queue()
    all_ = [multiprocessing.Process(target=caller,
                                    args=(make, where, team, n, out))
            for n in range(size)]
    for p in all_:
        p.start()
    went = sum(out.get(timeout=300) for _ in all_)
    for p in all_:
        p.join()
    return went


def settled(host, name):
    """What an answer used takes the place of what was reserved; a response by
    another login settles nothing."""
    # 2 for the text, 98 for the answer: 50 calls are 5000
    asked = host.one("SELECT min(CAST(interaction AS text)) FROM aigov.entry"
                     " WHERE kind = 'request' AND decision = 'allow'"
                     " AND CAST(body AS text) LIKE '%\"team\":\"t\"%'")
    host.login('ana')
    host.call('append', {'kind': 'response', 'interaction': asked,
                         'system': 's', 'usage': {'input_tokens': 0}})
    host.login('sam')
    ok(host.call('guard', call('t'))['decision'] == 'deny',
       name + ': a response by another login frees nothing')
    host.call('complete', asked, {'output': 'x', 'usage': {
        'input_tokens': 2, 'output_tokens': 0}})
    ok(host.call('guard', call('t'))['decision'] == 'deny',
       name + ': 98 tokens back are not enough for 100')
    second = host.one("SELECT max(CAST(interaction AS text)) FROM aigov.entry"
                      " WHERE kind = 'request' AND decision = 'allow'"
                      " AND CAST(body AS text) LIKE '%\"team\":\"t\"%'")
    host.call('complete', second, {'output': 'x', 'usage': {
        'input_tokens': 2, 'output_tokens': 0}})
    ok(host.call('guard', call('t'))['decision'] == 'allow',
       name + ': 196 are')
    ok(host.call('guard', call('t'))['decision'] == 'deny',
       name + ': once')


def batch(host, name):
    """Each record of a batch sees those before it."""
    for _ in range(2): # the second finds the budget used up
        host.call('append_batch', [dict(call('b'), kind='request')
                                   for _ in range(60)])
    got = host.value_rows("SELECT decision, count(*) FROM aigov.entry WHERE"
                          " CAST(body AS text) LIKE '%\"team\":\"b\"%'"
                          ' GROUP BY decision ORDER BY decision')
    ok([(d, int(n)) for d, n in got] == [('allow', 100), ('deny', 20)],
       name + ': a batch does not overspend', got)


def main():
    for make in hosts():
        host = make()
        policy(host)
        where = host.path if make is Lite else host.database
        size = 8 if make is Lite else 32
        for team, most in (('r', LIMIT), ('t', TOKENS // 100)):
            went = crowd(make, where, team, size)
            ok(went == most, '%s: %d callers, budget of %s' % (
                make.name, size, team), 'went %d, want %d' % (went, most))
        settled(host, make.name)
        batch(host, make.name)
        bad = [r for r in host.value_rows(
            'SELECT status FROM aigov.verify()')
            if r[0] not in ('verified', 'unanchored')]
        ok(not bad, make.name + ': verify finds nothing', bad)
    done()


if __name__ == '__main__':
    sys.exit(main())
