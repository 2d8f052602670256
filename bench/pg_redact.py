#!/usr/bin/env python3
# pg_redact.py - what redaction costs in PostgreSQL
#
# SPDX-License-Identifier: PostgreSQL
#
#   bench/pg_redact.py PG_CONFIG BUILD RESULT.json [--quick]
#
# Two throw-away servers, one with the module of the build, one with a module of
# the same core that looks for nothing (BUILD/bench/bare/pg_aigov.so).  One
# append a transaction of a prompt and an answer of 2 KB each, interleaved, the
# order turned each round; the ratio is the median of the rounds' ratios.
# Memory is Private_Dirty of a backend before and after its first call, with
# what PostgreSQL itself caches for the call: the difference between the two
# servers' first append is redaction's own.
import json
import os
import re
import statistics

import pg

RECORD = os.path.join(pg.BUILD, 'bench', 'record.json')
TEXT = 'Please write to jane.doe@acme-corp.org about the oak floor. ' * 34

SESSION = r"""
LOAD 'aigov';
%s
SELECT pg_backend_pid() AS pid \gset
\setenv BACKEND :pid
\! grep Private_Dirty /proc/$BACKEND/smaps_rollup
%s
\! grep Private_Dirty /proc/$BACKEND/smaps_rollup
%s
"""
# x is no constant to the planner, which would call the function itself
TIMED = ("SELECT 'us ' || extract(epoch FROM clock_timestamp() - a) * 1e6 FROM "
         "(SELECT clock_timestamp() AS a, $r$%s$r$::text AS x OFFSET 0) t "
         "WHERE length(%s) > 0;\n")


def record():
    with open(RECORD) as f:
        r = json.load(f)
    r.pop('id')
    return json.dumps(r, separators=(',', ':'))


def session(srv, call, text):
    """us of the first and the median later call, KiB that the first added."""
    one = TIMED % (text, call)
    warm = TIMED % (text, 'md5(x)')  # planner and executor, but not ours
    lines = srv.psql(SESSION % (warm, one, one * 20))
    kib = [int(x) for x in re.findall(r'Private_Dirty: *(\d+) kB', lines)]
    us = [float(x) for x in re.findall(r'^us ([\d.]+)', lines, re.M)][1:]
    return us[0], statistics.median(us[1:]), kib[1] - kib[0]


def start_up(srv, call, text, rounds):
    each = [session(srv, call, text) for _ in range(rounds)]
    return dict(zip(('first_us', 'later_us', 'private_kib'),
                    (statistics.median(x) for x in zip(*each))))


def compare(servers, clients, script):
    rounds = []
    for r in range(pg.ROUNDS):
        rate = {}
        for name in sorted(servers, reverse=bool(r % 2)):
            rate[name] = servers[name].pgbench(script, clients)[0]
        rounds.append(rate)
    med = statistics.median
    return {'clients': clients, 'with': med(x['with'] for x in rounds),
            'without': med(x['without'] for x in rounds),
            'ratio': med(x['with'] / x['without'] for x in rounds)}


def main():
    servers = {}
    try:
        servers['with'] = pg.Server()
        servers['without'] = pg.Server(
            os.path.join(pg.BUILD, 'bench', 'bare', 'pg_aigov.so'))
        for s in servers.values():
            s.psql(pg.SETUP)
        append, text = 'aigov.append(x)::text', record()
        result = {
            'rounds': pg.ROUNDS, 'seconds': pg.SECONDS,
            'redact': start_up(servers['with'], 'aigov.redact(x)',
                               TEXT[:2048], 9),
            'append': start_up(servers['with'], append, text, 9),
            'append_bare': start_up(servers['without'], append, text, 9),
            'appends': [compare(servers, c, 'SELECT aigov.append($r$%s$r$::text);\n' %
                                text)
                        for c in (1, 8, 32)]}
        with open(pg.RESULT, 'w') as f:
            json.dump(result, f, indent=1)
        print(json.dumps(result, indent=1))
    finally:
        for s in servers.values():
            s.stop()


main()
