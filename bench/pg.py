#!/usr/bin/env python3
# pg.py - appends and verification in PostgreSQL against plain baselines
#
# SPDX-License-Identifier: PostgreSQL
#
#   bench/pg.py PG_CONFIG BUILD RESULT.json [--quick]
#
# In one run, interleaved, on a throw-away server with fsync on:
#
#   append   SELECT aigov.append(...), or append_batch of 500
#   plain    (a) INSERT into unchained tables of the same columns and indexes,
#            entry and content; 500 a transaction: one multi-row INSERT
#   chain    (b) the usual audit trigger in PL/pgSQL: one chain, advisory
#            lock, sha256 over the row, entry and content
#
# Each case runs ROUNDS rounds; in a round the variants follow each other, so
# that a slow minute of the machine meets all of them.  Ratios are medians of
# the rounds' ratios.  CPU is utime + stime of all server processes, without
# that of a connection's start and first transaction (catalogue caches, loading
# the module), which is measured apart: a round of few transactions a
# connection would show that instead of what an append takes.
import json
import os
import pwd
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

PG_CONFIG, BUILD, RESULT = sys.argv[1:4]
QUICK = '--quick' in sys.argv
ROUNDS = 3 if QUICK else 5
SECONDS = 1 if QUICK else 2
SLEEPING = 3 * SECONDS  # rounds with 20 ms in the transaction: few of them
PORT = 54999


def out(cmd, **kw):
    done = subprocess.run(cmd, text=True, stdout=subprocess.PIPE, **kw)
    if done.returncode:
        raise SystemExit('%s: exit %d\n%s' % (cmd[0], done.returncode,
                                              done.stdout[-2000:]))
    return done.stdout


bindir = out([PG_CONFIG, '--bindir']).strip()
pkglib = out([PG_CONFIG, '--pkglibdir']).strip()


def as_user(cmd):
    if os.getuid() == 0:
        return ['setpriv', '--reuid=postgres', '--regid=postgres',
                '--clear-groups'] + cmd
    return cmd


class Server:
    """A throw-away cluster with its socket in its own directory."""

    def __init__(self, module=None):
        """module: in place of that of the build"""
        self.database = 'postgres'
        self.dir = tempfile.mkdtemp(prefix='aigov-bench-')
        if os.getuid() == 0:
            u = pwd.getpwnam('postgres')
            os.chown(self.dir, u.pw_uid, u.pw_gid)
        self.data = os.path.join(self.dir, 'data')
        env = dict(os.environ, LC_ALL='C.UTF-8')
        subprocess.run(as_user([bindir + '/initdb', '-D', self.data, '-A',
                                'trust', '-U', 'bench', '-E', 'UTF8']),
                       check=True, stdout=subprocess.DEVNULL, env=env,
                       cwd=self.dir)
        stage = os.path.join(self.dir, 'stage')
        subprocess.run(['make', '-s', '-C', 'pg_aigov', 'install',
                        'PG_CONFIG=' + PG_CONFIG, 'DESTDIR=' + stage,
                        'B=' + os.path.abspath(BUILD)], check=True,
                       stdout=subprocess.DEVNULL)
        if module:
            shutil.copy(module, stage + pkglib + '/aigov.so')
        with open(os.path.join(self.data, 'postgresql.conf'), 'a') as conf:
            conf.write(f"""
port = {PORT}
listen_addresses = ''
unix_socket_directories = '{self.dir}'
max_connections = 100
shared_buffers = 1GB
max_wal_size = 16GB
checkpoint_timeout = 1h
autovacuum = off
extension_destdir = '{stage}'
dynamic_library_path = '{stage}{pkglib}:$libdir'
""")
        self.log = open(os.path.join(self.dir, 'log'), 'w')
        self.proc = subprocess.Popen(
            as_user([bindir + '/postgres', '-D', self.data]), cwd=self.dir,
            stdout=self.log, stderr=self.log, start_new_session=True)
        for _ in range(100):
            if subprocess.run([bindir + '/pg_isready', '-h', self.dir, '-p',
                               str(PORT)], stdout=subprocess.DEVNULL
                              ).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit(open(self.log.name).read())

    def psql(self, sql):
        return out([bindir + '/psql', '-AtXq', '-v', 'ON_ERROR_STOP=1', '-h',
                    self.dir, '-p', str(PORT), '-U', 'bench', self.database],
                   input=sql).strip()

    def cpu(self):
        """CPU seconds used by the server and its children so far."""
        ticks = os.sysconf('SC_CLK_TCK')
        total = 0
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                f = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()
            except OSError:
                continue
            if int(pid) == self.proc.pid:  # and its reaped children
                total += sum(int(x) for x in f[11:15])
            elif int(f[1]) == self.proc.pid:
                total += int(f[11]) + int(f[12])
        return total / ticks

    def pgbench(self, script, clients, extra=''):
        """Transactions a second, and CPU us a transaction once connected."""
        path = os.path.join(self.dir, 'script.sql')
        with open(path, 'w') as f:
            f.write(script)
        seconds = SLEEPING if 'pg_sleep' in script else SECONDS
        cmd = [bindir + '/pgbench', '-n', '-M',
               'simple' if 'EXECUTE' in script else 'prepared', '-h',
               self.dir, '-p', str(PORT), '-U', 'bench', '-c', str(clients),
               '-j', '2', '-D', 's=0', '-f', path, 'postgres']
        _, first, first_cpu = self.timed(cmd + ['-t', '1'], extra)
        self.psql(EMPTY)  # the baselines' keys begin anew
        tps, n, cpu = self.timed(cmd + ['-T', str(seconds)], extra)
        return tps, (cpu - first_cpu) / max(n - first, 1) * 1e6

    def timed(self, cmd, extra):
        """tps, transactions and CPU seconds of one pgbench."""
        before = self.cpu()
        text = out(cmd, stderr=subprocess.STDOUT,
                   env=dict(os.environ, PGOPTIONS=extra))
        time.sleep(0.05)
        cpu = self.cpu() - before
        failed = re.search(r'number of failed transactions: (\d+)', text)
        if failed and int(failed.group(1)):
            raise SystemExit('failed transactions:\n' + text)
        return (float(re.search(r'tps = ([\d.]+) \(without', text).group(1)),
                int(re.search(r'processed: (\d+)', text).group(1)), cpu)

    def stop(self):
        self.proc.send_signal(signal.SIGINT)
        self.proc.wait()
        shutil.rmtree(self.dir)


def record(size):
    """A record whose entry is about 700 bytes and whose content fills up."""
    r = {
        'system': 'claims-assistant', 'system_version': '2.4',
        'environment': 'production', 'use_case': 'uc-014',
        'purpose': 'claims triage', 'kind': 'interaction',
        'actor': {'id': 'u_7f3a', 'type': 'human', 'roles': ['adjuster']},
        'tenant': 'acme', 'conversation': 'c-88', 'provider': 'openai',
        'model': 'gpt-4o', 'model_served': 'gpt-4o-2026-05-13',
        'operation': 'chat', 'params': {'temperature': 0.2},
        'usage': {'input_tokens': 412, 'output_tokens': 90},
        'finish_reasons': ['stop'], 'duration_ms': 812, 'input': '',
        'output': '',
    }
    words = ('The water damage in the kitchen was reported on time and the '
             'plumber confirmed a burst pipe behind the wall. ')
    fill = size - len(json.dumps(r, separators=(',', ':')))
    text = (words * (fill // len(words) + 1))[:fill]
    r['input'], r['output'] = text[:fill // 2], text[fill // 2:]
    return json.dumps(r, separators=(',', ':'))


SLEEP = 'SELECT pg_sleep(0.02);\n'


def columns(srv, size):
    """The columns of a real entry and its content as SQL literals."""
    srv.psql("SELECT aigov.append($r$%s$r$::text)" % record(size))
    row = srv.psql("""
      SELECT format('%s, %L::timestamptz, %L, :ID, NULL, NULL, %L, %L, %L, '
             '%L, %L, %L, %L, %L::json, %L::bytea, %L::bytea, %L::bytea, '
             '%L::bytea, %L::json', v, at, kind, actor, system, provider,
             model, operation, status, decision, recorded_by, digest,
             commitment, prev, hash, body)
        FROM aigov.entry WHERE lane > 0 ORDER BY at DESC LIMIT 1""")
    content = srv.psql("""
      SELECT format('%L::timestamptz, %L::bytea, %L::json', at, salt, body)
        FROM aigov.content WHERE lane > 0 ORDER BY at DESC LIMIT 1""")
    return row, content


# Ascending, as UUIDv7 is: the plain index is as warm as ours.  :s counts the
# client's transactions.  (A colon before a digit or a quote, as JSON and times
# have it, is no variable to pgbench.)
UUID = ("CAST(lpad(to_hex(CAST(:s AS int)), 8, '0') || '-0000-7000-8000-' || "
        "lpad(to_hex(CAST(:client_id AS int)), 4, '0') || '%08x' AS uuid)")


def plain_script(cols, schema, records, sleep):
    entry, content = cols
    head = "\\set s :s + 1\n"
    if records == 1:
        # one statement, as one append is one statement
        e = entry.replace(':ID', UUID % 0)
        body = (f"WITH e AS (INSERT INTO {schema}.entry VALUES (1, "
                f":client_id, :s, {e})) INSERT INTO {schema}.content VALUES "
                f"(1, :client_id, :s, {content});\n")
    else:
        body = prepared_rows(entry, content, schema, records)
    if sleep:
        body = 'BEGIN;\n' + body + SLEEP + 'COMMIT;\n'
    return head + body


def prepared_rows(entry, content, schema, records):
    """Multi-row INSERTs, prepared once a connection: pgbench itself takes no
    more than 256 variables in a statement."""
    uuid = UUID.replace(':client_id', '$1').replace(':s', '$2')
    place = '(1, $1, CAST($2 AS bigint) * 1000 + %d, %s)'
    rows = ',\n'.join(place % (i, entry.replace(':ID', uuid % i))
                      for i in range(records))
    rows2 = ',\n'.join(place % (i, content) for i in range(records))
    return (f"\\if :s = 1\n"
            f"PREPARE c(int, int) AS INSERT INTO {schema}.content VALUES "
            f"{rows2};\n"
            f"PREPARE e(int, int) AS INSERT INTO {schema}.entry VALUES "
            f"{rows};\n\\endif\n"
            "BEGIN;\nEXECUTE c(:client_id, :s);\n"
            "EXECUTE e(:client_id, :s);\nCOMMIT;\n")


def append_script(size, records, sleep):
    r = record(size)
    if records == 1:
        body = f"SELECT aigov.append($r${r}$r$::text);\n"
    else:
        body = ("SELECT length(aigov.append_batch($r$[" +
                ','.join([r] * records) + "]$r$::text)::text);\n")
    if sleep:
        body = 'BEGIN;\n' + body + SLEEP + 'COMMIT;\n'
    return body


SETUP = """
CREATE EXTENSION aigov;
SELECT aigov.init('bench.example/log');
SELECT aigov.append('{"system":"bench"}'::text);
CREATE SCHEMA plain;
CREATE TABLE plain.entry (LIKE aigov.entry INCLUDING ALL);
CREATE TABLE plain.content (LIKE aigov.content INCLUDING ALL);
CREATE SCHEMA chain;
CREATE TABLE chain.entry (LIKE aigov.entry INCLUDING ALL);
CREATE TABLE chain.content (LIKE aigov.content INCLUDING ALL);
CREATE FUNCTION chain.seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
  PERFORM pg_advisory_xact_lock(4711);
  SELECT seq, hash INTO last FROM chain.entry
   WHERE log = 1 AND lane = 1 ORDER BY seq DESC LIMIT 1;
  NEW.lane := 1;
  NEW.seq := coalesce(last.seq, 0) + 1;
  NEW.prev := coalesce(last.hash, '\\x00');
  NEW.hash := sha256(NEW.prev || convert_to(NEW.body::text || NEW.kind ||
              NEW.id::text || NEW.actor || NEW.system || NEW.model, 'UTF8'));
  RETURN NEW;
END $$;
CREATE TRIGGER seal BEFORE INSERT ON chain.entry
  FOR EACH ROW EXECUTE FUNCTION chain.seal();
"""

EMPTY = ('TRUNCATE plain.entry, plain.content; '
         'TRUNCATE chain.entry, chain.content; ')

# name, clients, bytes, records a transaction, 20 ms, options, variants
CASES = []
for c in (1, 8, 32, 64):
    CASES.append((f'1 KB, 1/tx, {c} clients', c, 1024, 1, 0, '',
                  ('append', 'plain', 'chain')))
for c in (8, 32, 64):
    CASES.append((f'1 KB, 1/tx, {c} clients, 20 ms in the transaction', c,
                  1024, 1, 1, '', ('append', 'plain', 'chain')))
for c in (8, 32):
    CASES.append((f'16 KB, 1/tx, {c} clients', c, 16384, 1, 0, '',
                  ('append', 'plain', 'chain')))
for c in (1, 8, 32, 64):
    CASES.append((f'1 KB, 500/tx, {c} clients', c, 1024, 500, 0, '',
                  ('append', 'plain')))
CASES.append(('16 KB, 500/tx, 1 client', 1, 16384, 500, 0, '',
              ('append', 'plain')))
for c in (1, 8, 32):
    CASES.append((f'1 KB, 1/tx, {c} clients, synchronous_commit=off', c, 1024,
                  1, 0, '-c synchronous_commit=off',
                  ('append', 'plain', 'chain')))


def scripts(case, cols):
    _, _, size, records, sleep, _, variants = case
    s = {'append': append_script(size, records, sleep),
         'plain': plain_script(cols[size], 'plain', records, sleep)}
    if 'chain' in variants:
        s['chain'] = plain_script(cols[size], 'chain', records, sleep)
    return s


def run_case(srv, case, cols):
    name, clients, _, records, _, extra, variants = case
    script = scripts(case, cols)
    rounds = []
    for r in range(ROUNDS):
        one = {}
        order = variants[r % len(variants):] + variants[:r % len(variants)]
        for v in order:
            tps, cpu = srv.pgbench(script[v], clients, extra)
            one[v] = {'rate': tps * records, 'cpu': cpu / records}
        rounds.append(one)
        srv.psql(EMPTY + 'CHECKPOINT;')
    med = statistics.median
    res = {'name': name}
    for v in variants:
        res[v] = med(x[v]['rate'] for x in rounds)
        res[v + '_cpu_us'] = med(x[v]['cpu'] for x in rounds)
    for v in variants[1:]:
        res['to_' + v] = med(x['append']['rate'] / x[v]['rate']
                             for x in rounds)
    res['cpu_over_plain_us'] = med(x['append']['cpu'] - x['plain']['cpu']
                                   for x in rounds)
    print('%-52s %8.0f/s  %5.2f of plain%s  CPU %+6.1f us' % (
        name, res['append'], res['to_plain'],
        '  %6.2f x chain' % res['to_chain'] if 'to_chain' in res else '',
        res['cpu_over_plain_us']), flush=True)
    return res


HASHED = """SELECT count(sha256(convert_to(e.leaf, 'UTF8'))),
  count(sha256(e.salt || convert_to(e.content, 'UTF8')))
  FROM bench_bytes e"""


def run_verify(srv):
    """A log of its own, so that its size is that named here."""
    n = 20000 if QUICK else 200000
    srv.psql('CREATE DATABASE verify')
    srv.database = 'verify'
    srv.psql("CREATE EXTENSION aigov; SELECT aigov.init('bench.example/v')")
    srv.psql("SELECT aigov.append_batch((SELECT json_agg($r$%s$r$::json) FROM "
             "generate_series(1, 500))::text) IS NULL FROM "
             "generate_series(1, %d)" % (record(1024), n // 500))
    have = int(srv.psql('SELECT count(*) FROM aigov.entry'))
    srv.psql("CREATE TABLE bench_bytes AS SELECT aigov.leaf(log, lane, seq) "
             "AS leaf, c.salt, c.body::text AS content FROM aigov.entry "
             "JOIN aigov.content c USING (log, lane, seq)")
    srv.psql('VACUUM ANALYZE aigov.entry, aigov.content, bench_bytes')
    off = 'SET max_parallel_workers_per_gather = 0; '
    ratios, rates = [], []
    for _ in range(ROUNDS):
        t = time.monotonic()
        srv.psql(off + HASHED)
        hashed = time.monotonic() - t
        t = time.monotonic()
        bad = srv.psql("SELECT count(*) FROM aigov.verify() WHERE status <> "
                       "'unanchored' OR content NOT IN ('intact')")
        took = time.monotonic() - t
        if bad != '0':
            raise SystemExit('verify found %s bad ranges' % bad)
        ratios.append(hashed / took)
        rates.append(have / took)
    res = {'name': f'verify {have} entries', 'rate': statistics.median(rates),
           'to_hashing': statistics.median(ratios)}
    print('%-52s %8.0f/s  %5.2f of a query that hashes the same bytes'
          % (res['name'], res['rate'], res['to_hashing']), flush=True)
    return res


ONLY = os.environ.get("CASES", "")


def main():
    srv = Server()
    try:
        srv.psql(SETUP)
        cols = {s: columns(srv, s) for s in (1024, 16384)}
        results = [run_case(srv, c, cols) for c in CASES if ONLY in c[0]]
        results.append(run_verify(srv))
        with open(RESULT, 'w') as f:
            json.dump({'server': srv.psql('SHOW server_version'),
                       'rounds': ROUNDS, 'seconds': SECONDS,
                       'results': results}, f, indent=1)
    finally:
        srv.stop()


if __name__ == '__main__':
    main()
