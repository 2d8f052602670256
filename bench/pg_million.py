#!/usr/bin/env python3
# pg_million.py - a log of a million entries in PostgreSQL
#
# SPDX-License-Identifier: PostgreSQL
#
#   bench/pg_million.py PG_CONFIG BUILD [ENTRIES]
#
# Appends ENTRIES records of 1 KB in batches of 500 and prints the rate of each
# tenth, the last against the second (does an append get slower as the log
# grows?), and the memory of the backend that verifies it all.  A second, small
# log in the same server is filled in turns, so that a slow minute of the
# machine can be told from a slow log.
import os
import sys
import threading
import time

N = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
HERE = os.path.dirname(os.path.abspath(__file__))
ARGS = sys.argv[1:3]
sys.argv = ['pg.py', *ARGS, os.devnull, '--quick']
with open(os.path.join(HERE, 'pg.py')) as f:
    exec(compile(f.read().replace('\nmain()\n', '\n'), 'pg.py', 'exec'))

RECORD = record(1024)


def fill(srv, database, batches):
    """Seconds of one session that appends batches of 500."""
    call = ("EXECUTE b;\n" * batches)
    t = time.monotonic()
    out([bindir + '/psql', '-AtXq', '-v', 'ON_ERROR_STOP=1', '-h', srv.dir,
         '-p', str(PORT), '-U', 'bench', database],
        input="SET synchronous_commit = off;\nPREPARE b AS SELECT length("
              "aigov.append_batch($r$[" + ','.join([RECORD] * 500) +
              "]$r$::text)::text);\n" + call)
    return time.monotonic() - t


def peak_memory(srv, sql):
    """Answer, seconds and peak private memory (kB) of a backend."""
    peak = [0]
    done = threading.Event()

    def watch():
        while not done.is_set():
            pids = srv.psql("SELECT pid FROM pg_stat_activity WHERE query LIKE"
                            " '%million verify%' AND pid <> pg_backend_pid()")
            for pid in pids.split():
                try:
                    with open(f'/proc/{pid}/status') as f:
                        for line in f:
                            if line.startswith('RssAnon'):
                                peak[0] = max(peak[0], int(line.split()[1]))
                except OSError:
                    pass
            time.sleep(0.2)

    w = threading.Thread(target=watch)
    w.start()
    t = time.monotonic()
    answer = srv.psql(sql)
    took = time.monotonic() - t
    done.set()
    w.join()
    return answer, took, peak[0]


def main_million():
    srv = Server()
    try:
        srv.psql('CREATE DATABASE small')
        global_psql = srv.psql
        global_psql("CREATE EXTENSION aigov; SELECT aigov.init('m.example/a')")
        out([bindir + '/psql', '-AtXq', '-h', srv.dir, '-p', str(PORT), '-U',
             'bench', 'small'], input="CREATE EXTENSION aigov; "
            "SELECT aigov.init('m.example/b');")
        per = N // 10 // 500
        rates, small = [], []
        for part in range(10):
            took = fill(srv, 'postgres', per)
            probe = max(per // 10, 1)
            other = fill(srv, 'small', probe)
            rates.append(per * 500 / took)
            small.append(probe * 500 / other)
            print('entries %8d: %7.0f/s   (small log: %7.0f/s)' % (
                (part + 1) * per * 500, rates[-1], small[-1]), flush=True)
            if part in (0, 9):
                answer, took, kb = peak_memory(
                    srv, "/* million verify */ SELECT count(*) || ' ranges, ' "
                    "|| sum(entries) || ' entries, ' || count(*) FILTER "
                    "(WHERE status <> 'unanchored') || ' wrong' "
                    "FROM aigov.verify()")
                print('verify: %s, %.1f s, peak private memory %d kB'
                      % (answer, took, kb), flush=True)
        ratio = rates[-1] / rates[1]
        level = small[-1] / small[1]
        print('last tenth / second tenth: %.2f; beside the small log in the '
              'same minutes: %.2f' % (ratio, ratio / level))
    finally:
        srv.stop()


main_million()
