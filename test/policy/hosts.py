# hosts.py - the same calls in SQLite and PostgreSQL, for tests of policy
#
# SPDX-License-Identifier: PostgreSQL
#
# PostgreSQL is the server of PGHOST, PGPORT ... (test/server.sh starts one).
import json
import os
import sqlite3
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'test', 'pg', 'lib'))
import libpq                                                # noqa: E402

MODULE = os.path.join(os.path.abspath(os.environ.get('B', 'build')), 'aigov')
OWNER, SIGNERS = 'sam', ('ana', 'bob', 'cleo')
_bad = _n = 0


def ok(value, name, note=''):
    global _n, _bad
    _n += 1
    print('%sok %d - %s' % ('' if value else 'not ', _n, name), flush=True)
    if not value:
        _bad += 1
        print('# %s' % (note,), flush=True)
    return bool(value)


def done():
    print('1..%d' % _n)
    sys.exit(1 if _bad else 0)


class Host:
    def call(self, name, *args):
        """The JSON that a function answers; arguments are texts or JSON."""
        text = [a if isinstance(a, str) else json.dumps(a) for a in args]
        return json.loads(self.value(name, text))

    def put(self, kind, subject, fields):
        return self.call('put', kind, subject, fields)

    def sign(self, kind, subject, by='ana', rev=1):
        """Another login approves a revision."""
        self.login(by)
        self.put('approval', 'AP-%s-%s-%d' % (kind, subject, rev), {
            'type': 'record', 'outcome': 'approved', 'reason': 'reviewed',
            'record': '%s/%s' % (kind, subject), 'rev': rev,
            'role': 'RO-%s' % by})
        self.login(OWNER)

    def publish(self, policy='main', version=1, by='ana'):
        """Another login brings a version into force."""
        self.login(by)
        self.call('policy_publish', policy, version, 'enforce')
        self.login(OWNER)

    def people(self):
        for who in SIGNERS:
            self.put('role', 'RO-%s' % who, {
                'role': 'approver', 'person': 'u_%s' % who, 'login': who,
                'authority': 'approve', 'held_from': '2026-01-01',
                'appointed_by': 'u_sam'})


class Lite(Host):
    name = 'sqlite'

    def __init__(self, path=None):
        self.path = path or os.path.join(
            tempfile.mkdtemp(prefix='aigov-policy-'), 'log.db')
        self.db = sqlite3.connect(self.path, isolation_level=None, timeout=60)
        self.db.enable_load_extension(True)
        self.db.load_extension(MODULE)
        if path is None:
            self.db.execute("SELECT aigov_init('example.com/policy')")
        self.login(OWNER)

    def value(self, name, args):
        return self.db.execute('SELECT aigov_%s(%s)' % (
            name, ','.join('?' * len(args))), args).fetchone()[0]

    def one(self, sql):
        return self.db.execute(sql.replace('aigov.', 'aigov_')).fetchone()[0]

    def value_rows(self, sql):
        return self.db.execute(sql.replace('aigov.', 'aigov_')).fetchall()

    def login(self, who):
        self.db.execute("SELECT aigov_set('login', ?)", (who,))


class Pg(Host):
    name = 'pg'

    def __init__(self, database='aigov_policy', new=True):
        if new:
            with libpq.Conn('dbname=postgres') as c:
                c.rows('DROP DATABASE IF EXISTS %s' % database)
                c.rows("CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'"
                        % database)
                for who in (OWNER,) + SIGNERS:
                    c.rows("DO $$BEGIN CREATE ROLE %s LOGIN SUPERUSER;"
                            " EXCEPTION WHEN duplicate_object THEN NULL;"
                            " END$$" % who)
        self.database = database
        self.db = libpq.Conn('dbname=%s' % database)
        if new:
            self.db.rows('CREATE EXTENSION aigov')
            self.db.rows("SELECT aigov.init('example.com/policy')")
        self.login(OWNER)

    def value(self, name, args):
        quoted = ','.join("'%s'" % a.replace("'", "''") for a in args)
        return self.db.rows('SELECT aigov.%s(%s)' % (name, quoted))[0][0]

    def one(self, sql):
        return self.db.rows(sql)[0][0]

    def value_rows(self, sql):
        return self.db.rows(sql)

    def login(self, who):
        self.db.rows('RESET SESSION AUTHORIZATION')
        self.db.rows('SET SESSION AUTHORIZATION %s' % who)


def hosts():
    """SQLite, and PostgreSQL where a server is given."""
    yield Lite
    if os.environ.get('PGHOST'):
        yield Pg
