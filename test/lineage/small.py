#!/usr/bin/env python3
# small.py - the shared graph in both databases and over an export
#
# SPDX-License-Identifier: PostgreSQL
#
# $AIGOV_SHARED/lineage/graph_small.json, loaded as notes: every answer before
# there is an index, with it, with tables of it dropped, and made anew.
import json
import os
import sys

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from places import Export, Postgres, Sqlite, ask, done, ok, raw

shared = os.path.join(os.environ.get('AIGOV_SHARED', ''), 'lineage')
if not os.path.exists(os.path.join(shared, 'graph_small.json')):
    print('ok 1 # SKIP no shared data\n1..1')
    raise SystemExit(0)
with open(os.path.join(shared, 'graph_small.json')) as f:
    graph = json.load(f)


def notes():
    for i in range(0, len(graph['edges']), 10):
        yield {'system': 's', 'kind': 'note', 'interaction': '01990000-0000-7000-8000-000000000001',
               'id': '01990000-0000-7000-8000-0000000001%02d' % (i // 10),
               'refs': [{'effect': e, 'relation': r, 'cause': c} for e, r, c in graph['edges'][i:i + 10]]}


def asked(target, q):
    """(what came, what is expected) in one form."""
    fn, want = q['fn'], q['expect']
    deep = [] if q.get('max_depth') is None else ['--max-distance', str(q['max_depth'])]
    rows = ask(target, fn, q['from'], q['to']) if fn == 'path' else ask(target, fn, q['start'], *deep)
    if isinstance(rows, str):
        return ('unknown', 'unknown' if not want else want) if 'no such node' in rows else (rows, want)
    if fn == 'path':
        return [r['ref'] for r in rows], want or []
    if fn == 'blast_radius':
        sums = {}
        for r in rows:
            sums[r['kind']] = sums.get(r['kind'], 0) + r['n']
        return sums, want
    if fn == 'recipients':
        return sorted(r['person'] for r in rows), sorted(want)
    if fn == 'outputs_influenced_by':
        return sorted(r['output'] for r in rows), sorted(want)
    return sorted([r['ref'], r['distance']] for r in rows), sorted(want)


def check(place, when):
    right = 0
    for q in graph['queries']:
        got, want = asked(place.target, q)
        right += got == want
        if got != want:
            print('#', q, got)
    ok(right == len(graph['queries']), '%s, %s: %d of %d' % (place.name, when, right, len(graph['queries'])))


def check_prov(place):
    with open(os.path.join(shared, 'graph_small_prov_triples.json')) as f:
        want = {tuple(t) for t in json.load(f)['triples']}
    doc = json.loads(raw(place.target, 'prov_json'))
    got = set()
    for relation, edges in doc.items():
        if relation in ('prefix', 'entity', 'activity', 'agent'):
            continue
        for edge in edges.values():
            ends = [v for k, v in edge.items() if k.startswith('prov:') and k != 'prov:role']
            got.add((ends[0], relation, ends[1]))
    ok(got == want, '%s: PROV-JSON has the %d triples' % (place.name, len(want)))
    with open(os.path.join(shared, 'prov-json.schema.json')) as f:
        schema = json.load(f)
    errors = list(jsonschema.Draft4Validator(schema).iter_errors(doc))
    ok(not errors, '%s: and is valid' % place.name)


for place in (Sqlite('small.db'), Postgres('small')):
    place.append(notes())
    check(place, 'without an index')
    everything = raw(place.target, 'lineage_edges')
    place.maintain()
    check(place, 'with it')
    place.drop('node')
    place.drop('ref')
    check(place, 'with half of it gone')
    place.rebuild()
    check(place, 'made anew')
    ok(raw(place.target, 'lineage_edges') == everything, '%s: every edge is the same, byte for byte' % place.name)
    check_prov(place)
    if place.name == 'SQLite':
        export = Export(place.target)
        check(export, 'no database')
        check_prov(export)
done()
