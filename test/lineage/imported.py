#!/usr/bin/env python3
# imported.py - recorded calls, imported with no refs at all, have lineage
#
# SPDX-License-Identifier: PostgreSQL
#
# $AIGOV_SHARED/samples/http_pairs.jsonl, through `aigov import`: models,
# templates, persons, earlier turns and results of tools are found; the index is
# dropped and made anew, and every answer is the same, byte for byte.
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from places import AIGOV, Export, Postgres, Sqlite, ask, done, ok, raw

pairs = os.path.join(os.environ.get('AIGOV_SHARED', ''), 'samples', 'http_pairs.jsonl')
if not os.path.exists(pairs):
    print('ok 1 # SKIP no shared data\n1..1')
    raise SystemExit(0)


def take_in(place):
    for source in ('openai', 'anthropic'):
        subprocess.run([AIGOV, 'import', place.target, '--from', source, '--system', 'samples', pairs],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def kinds(place):
    edges = ask(place.target, 'lineage_edges')
    return {role: sum(1 for e in edges if e['role'] == role and e['source'] == 'recorded')
            for role in ('model', 'template', 'history', 'tool_result')}


def answers(place, nodes):
    return [raw(place.target, q, n) for n in nodes for q in ('downstream', 'upstream', 'recipients')] + [
        raw(place.target, 'lineage_edges')]


counted = []
for place in (Sqlite('imported.db'), Postgres('imported')):
    take_in(place)
    counted.append(kinds(place))
    print('#', place.name, counted[-1])
    ok(all(counted[-1].values()), '%s: model, template, history and tool edges' % place.name)
    edges = ask(place.target, 'lineage_edges')
    ok(not [e for e in edges if e['source'] == 'asserted' and e['role'] in ('history', 'tool_result')],
       '%s: what the recorder found is recorded' % place.name)
    nodes = sorted({e['cause'] for e in edges})[::40]
    before = answers(place, nodes)
    place.rebuild()
    ok(answers(place, nodes) == before, '%s: an index, byte for byte' % place.name)
    place.drop('node')
    place.drop('ref')
    place.rebuild()
    ok(answers(place, nodes) == before, '%s: dropped, and made anew' % place.name)
    if place.name == 'SQLite':
        ok(kinds(Export(place.target)) == counted[0], 'an export says the same')
ok(counted[0] == counted[1], 'both databases find the same')
done()
