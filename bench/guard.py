# guard.py - a guard beside the same record appended without policy
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/server.sh /usr/bin/python3 bench/guard.py [CALLS [ROUNDS]]
#
# 100 active rules over 4 KiB of facts; request of about 1 KiB.  Both databases,
# side by side in turns, so that the ratio does not depend on what else the
# machine does.  In one transaction a round: what is compared is the work, not
# the disk.  Prints microseconds a call and the ratio of the medians.
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'test', 'policy'))
from hosts import Lite, hosts                               # noqa: E402

CONDS = ("sys.registered && !(req.purpose in sys.purposes) && %d < 0",
         "data.classes.exists(c, c.startsWith('pci.')) && %d > 0",
         "actor.clearance < data.level && actor.team != 'team%d'",
         "data.sources.exists(s, s == 'source %d')",
         "content.tokens_in > 100000 + %d")


def policy(host, rules=100):
    host.put('policy', 'main', {
        'type': 'runtime', 'title': 'Bench', 'version': 1, 'state': 'draft',
        'default_effect': 'allow', 'owner': 'u_sam',
        'review_due': '2099-01-01'})
    for i in range(rules):
        host.put('rule', 'main/1/r%d' % i, {
            'policy': 'main', 'version': 1, 'phase': 'pre', 'effect': 'flag',
            'cond': CONDS[i % len(CONDS)] % i, 'mode': 'enforce',
            'reason': 'bench', 'controls': ['iso42001:A.9.2']})
    host.publish()


def record():
    return {'kind': 'request', 'system': 'bench', 'operation': 'chat',
            'provider': 'p', 'model': 'm', 'purpose': 'support',
            'actor': {'id': 'u1', 'type': 'human', 'roles': ['analyst']},
            'data': {'classification': 'internal'}, 'input': 'word ' * 200,
            'facts': {'actor': {'team': 'claims', 'clearance': 2},
                      'data': {'sources': ['src-%04d' % i + 'x' * 24
                                           for i in range(115)]}}}


def timed(host, name, text, calls):
    host.db.execute('BEGIN') if isinstance(host, Lite) else host.db.rows('BEGIN')
    start = time.perf_counter()
    for _ in range(calls):
        host.value(name, [text])
    used = (time.perf_counter() - start) / calls * 1e6
    host.db.execute('COMMIT') if isinstance(host, Lite) else host.db.rows('COMMIT')
    return used


def main():
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    asked = record()
    bare = json.dumps(asked)
    del asked['kind']
    asked = json.dumps(asked)
    for make in hosts():
        plain = make() if make is Lite else make('aigov_bench_plain')
        ruled = make() if make is Lite else make('aigov_bench_ruled')
        policy(ruled)
        took = [(timed(plain, 'append', bare, calls),
                 timed(ruled, 'guard', asked, calls)) for _ in range(rounds)]
        append, guard = (statistics.median(t) for t in zip(*took))
        print('%s: append %.0f us, guard with 100 rules %.0f us: %.2f times' % (
            make.name, append, guard, guard / append))


if __name__ == '__main__':
    main()
