# places.py - where a log is asked: SQLite, PostgreSQL, an export
#
# SPDX-License-Identifier: PostgreSQL
import atexit
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

B = os.path.abspath(os.environ.get('B', 'build'))
AIGOV = os.path.join(B, 'aigov')
ORIGIN = 'example.com/lineage'
folder = tempfile.mkdtemp(prefix='aigov-lineage-')
atexit.register(shutil.rmtree, folder, ignore_errors=True)
tests = 0
failed = 0


def ok(held, what):
    global tests, failed
    tests += 1
    failed += not held
    print('%sok %d - %s' % ('' if held else 'not ', tests, what), flush=True)
    return held


def done():
    print('1..%d' % tests)
    raise SystemExit(failed > 0)


def ask(target, *args):
    """Rows of a question as dicts; the text of an error."""
    r = subprocess.run([AIGOV, 'lineage', target, *args, '--format', 'json'], capture_output=True, text=True)
    if r.returncode:
        return r.stderr.strip()
    return [json.loads(x) for x in r.stdout.splitlines()]


def raw(target, *args):
    r = subprocess.run([AIGOV, 'lineage', target, *args], capture_output=True, text=True)
    return r.stdout if r.returncode == 0 else r.stderr


class Sqlite:
    name = 'SQLite'

    def __init__(self, file):
        self.target = os.path.join(folder, file)
        self.db = sqlite3.connect(self.target, isolation_level=None)
        self.db.enable_load_extension(True)
        self.db.load_extension(os.path.join(B, 'aigov'))
        self.run('SELECT aigov_init(?)', ORIGIN)

    def run(self, sql, *args):
        return self.db.execute(sql, args).fetchall()

    def append(self, records):
        for r in records:
            self.run('SELECT aigov_append(?)', json.dumps(r))

    def maintain(self):
        self.run('SELECT aigov_maintain()')

    def rebuild(self):
        self.run('SELECT aigov_rebuild_lineage()')

    def drop(self, table):
        self.run('DROP TABLE aigov_' + table)


class Postgres:
    name = 'PostgreSQL'

    def __init__(self, database):
        self.database = database
        self.psql('CREATE DATABASE ' + database, os.environ['PGDATABASE'])
        self.target = 'postgresql:///%s?host=%s&port=%s&user=%s' % (
            database, os.environ['PGHOST'], os.environ['PGPORT'], os.environ['PGUSER'])
        self.psql('CREATE EXTENSION aigov')
        self.psql("SELECT aigov.init('%s')" % ORIGIN)

    def psql(self, sql, database=None):
        r = subprocess.run(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', database or self.database], input=sql,
                           capture_output=True, text=True)
        if r.returncode:
            raise SystemExit(r.stderr)
        return r.stdout

    def append(self, records):
        self.psql(''.join('SELECT length(aigov.append($r$%s$r$)::text);\n' % json.dumps(r) for r in records))

    def maintain(self):
        self.psql('SELECT aigov.maintain()')

    def rebuild(self):
        self.psql('SELECT aigov.rebuild_lineage()')

    def drop(self, table):
        self.psql('DROP TABLE aigov.' + table)


class Export:
    name = 'export'

    def __init__(self, of):
        self.target = os.path.join(folder, os.path.basename(of) + '.jsonl')
        with open(self.target, 'w') as f:
            subprocess.run([AIGOV, 'export', of], stdout=f, check=True)
