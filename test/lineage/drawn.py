#!/usr/bin/env python3
# drawn.py - a log drawn at random: PostgreSQL = SQLite = export, at any moment
#
# SPDX-License-Identifier: PostgreSQL
#
# SEED=n chooses another one.  Ids are given, so that only times differ.
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from places import Export, Postgres, Sqlite, ask, done, ok, raw

seed = int(os.environ.get('SEED', '1'))
rng = random.Random(seed)
N = 240
print('# seed %d' % seed)


def uuid(i):
    return '01990000-0000-7000-8000-%012x' % i


def document():
    return rng.choice(['doc:a@1#%d', 'doc:a@2#%d', 'doc:b@1#%d']) % rng.randrange(4)


def node(calls):
    kind = rng.randrange(6)
    if kind == 0 or not calls:
        return document()
    call = rng.choice(calls)
    return ['ia:%s', 'msg:%s.out', 'msg:%s.in', 'artifact:%s.pdf', 'tool:%s.t1'][kind - 1] % call


def ref(calls):
    r = {'relation': rng.choice(['used', 'wasDerivedFrom', 'wasInformedBy', 'wasGeneratedBy', 'deliveredTo']),
         'cause': node(calls)}
    if r['relation'] == 'deliveredTo':
        r['cause'] = 'person:p%d' % rng.randrange(6)
    if rng.random() < 0.5:
        r['effect'] = node(calls)
    if rng.random() < 0.3:
        r['strength'] = rng.choice(['cited', 'context', 'history', 'retrieved'])
    return r


def records():
    calls, open_calls = [], []
    for i in range(N):
        r = {'id': uuid(i), 'system': 's%d' % rng.randrange(3)}
        kind = rng.random()
        if kind < 0.2:
            r.update(kind='note', interaction=rng.choice(calls or [uuid(0)]))
        elif kind < 0.4 or not open_calls:
            r.update(kind='request', input='q')
            open_calls.append(uuid(i))
            calls.append(uuid(i))
        elif kind < 0.6:
            r.update(kind='response', interaction=open_calls.pop(rng.randrange(len(open_calls))), output='a')
        else:
            r.update(input='q', output='a')
            calls.append(uuid(i))
        if r.get('kind') != 'note':
            r.update(actor={'id': 'p%d' % rng.randrange(6)}, provider='openai', model='m%d' % rng.randrange(2))
            if rng.random() < 0.5:
                r['documents'] = [{'id': document()} for _ in range(rng.randrange(1, 4))]
            if rng.random() < 0.2:
                r['parent'] = rng.choice(calls)
            if rng.random() < 0.2:
                r['tool'] = {'name': 'x', 'call_id': 't1'}
        if rng.random() < 0.5 or r.get('kind') == 'note':
            r['refs'] = [ref(calls) for _ in range(rng.randrange(1, 4))]
        yield r


LOG = list(records())
TIMES = ('at', 'first_at', 'last_at', 'entry_hash', 'log', 'by')


def plain(rows):
    if isinstance(rows, str):
        return rows.split(';')[0]  # the hint names what is like it now
    return [{k: v for k, v in r.items() if k not in TIMES} for r in rows]


def questions(nodes):
    yield ('lineage_edges',)
    yield ('orphans',)
    yield ('coverage_of_lineage',)
    for n in nodes:
        for q in ('downstream', 'upstream', 'recipients', 'outputs_influenced_by', 'blast_radius', 'erasure_scope'):
            yield q, n
        yield 'downstream', n, '--strength', 'cited'
        yield 'downstream', n, '--strength', 'retrieved', '--max-distance', '2'
        yield 'path', n, rng.choice(nodes)
    for n in [x for x in nodes if x.endswith('.out')][:2]:
        yield 'explain', n


def answers(place, asked, *more):
    return [plain(ask(place.target, *q, *more)) for q in asked]


def same(a, b, asked, what, but=()):
    """An export has no content, so what of it is left cannot be told."""
    wrong = [q for q, x, y in zip(asked, a, b) if x != y and q[0] not in but]
    ok(not wrong, what)
    for q in wrong[:3]:
        print('#', q)


def nodes_of(place):
    names = sorted({r[k] for r in ask(place.target, 'lineage_edges') for k in ('effect', 'cause')})
    return rng.sample(names, 8)


lite, pg = Sqlite('random.db'), Postgres('random')
lite.append(LOG[:N // 2])
lite.maintain()
lite.append(LOG[N // 2:])
pg.append(LOG)
export = Export(lite.target)
nodes = nodes_of(lite)
asked = list(questions(nodes))
half = answers(lite, asked)
same(half, answers(export, asked), asked, 'an index of half, and an export', ['erasure_scope'])
same(half, answers(pg, asked), asked, 'and PostgreSQL without one')
whole = [raw(lite.target, *q) for q in asked]
lite.maintain()
ok([raw(lite.target, *q) for q in asked] == whole, 'an index of all, byte for byte')
lite.rebuild()
ok([raw(lite.target, *q) for q in asked] == whole, 'and made anew')
for place in (lite, export):
    ok(all(r['ok'] for r in ask(place.target, 'lineage_check') if r['check_name'] in ('index', 'cause_before_effect')),
       '%s: lineage_check' % place.name)
pg.maintain()
same(half, answers(pg, asked), asked, 'PostgreSQL with an index')
pg.rebuild()
same(half, answers(pg, asked), asked, 'and made anew')

# both ways
for n in nodes:
    down = ask(lite.target, 'downstream', n)
    wrong = [r['ref'] for r in rng.sample(down, min(4, len(down)))
             if n not in [u['ref'] for u in ask(lite.target, 'upstream', r['ref'])] and r['strength'] != 'history']
    ok(not wrong, 'what %s led to came from it' % n[:40])

# as of: the graph of the log cut there
for k in (30, 120, 200):
    cut = Sqlite('cut%d.db' % k)
    cut.append(LOG[:k])
    heads = '{"0":99,"1":%d}' % k
    at = answers(lite, asked, '--as-of', heads)
    same(at, answers(cut, asked), asked, 'as of %d entries' % k)
    same(at, answers(pg, asked, '--as-of', heads), asked, 'and in PostgreSQL')
    same(at, answers(export, asked, '--as-of', heads), asked, 'and of an export', ['erasure_scope'])
done()
