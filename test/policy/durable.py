# durable.py - what was answered is in the log, and settings decide nothing
#
# SPDX-License-Identifier: PostgreSQL
#
# A process that asks and is killed (PostgreSQL: the server) has every decision
# that it was answered in the log; of what it asked last the answer may be lost:
# then open_interaction shows it, and the same id asked again is answered.
# Whatever an ordinary role may set, the decision is the same, byte for byte.
import json
import os
import signal
import subprocess
import sys
import time

from hosts import OWNER, Lite, Pg, done, hosts, ok

NOW = ("now > timestamp('2020-01-01T00:00:00Z') && now.getHours() >= 0 &&"
       " content.cost_est > 0.1 && req.purpose == 'b'")


def policy(host):
    host.put('budget', 'day', {'by': 'actor', 'window': 'day', 'owner': 'u_sam',
                               'limit_requests': 3, 'limit_cost': '0.3',
                               'currency': 'EUR'})
    host.put('policy', 'main', {
        'type': 'runtime', 'title': 'Durable', 'version': 1, 'state': 'draft',
        'default_effect': 'allow', 'owner': 'u_sam',
        'review_due': '2099-01-01'})
    for name, effect, cond in (
            ('now', 'flag', NOW),
            ('day', 'deny', 'usage.day.requests >= limits.day_requests')):
        host.put('rule', 'main/1/' + name, {
            'policy': 'main', 'version': 1, 'phase': 'pre', 'effect': effect,
            'cond': cond, 'mode': 'enforce', 'reason': name,
            'controls': ['iso42001:A.9.2']})
    host.publish()


def call(n, actor='u'):
    return {'id': '00000000-0000-7000-8000-%012x' % n, 'system': 's',
            'operation': 'chat', 'input': 'hello', 'purpose': 'b',
            'actor': {'id': actor}, 'facts': {'content': {'cost_est': 0.25}}}


# --- killed -----------------------------------------------------------------

def ask_for_ever(make, where):
    host = Lite(where) if make is Lite else Pg(where, new=False)
    n = 0
    while True:
        n += 1
        host.call('guard', call(n, 'u%d' % n))
        print(n, flush=True)


def killed(make, host):
    where = host.path if make is Lite else host.database
    child = subprocess.Popen(
        [sys.executable, __file__, make.name, where], stdout=subprocess.PIPE)
    last = 0
    for line in child.stdout:
        last = int(line)
        if last >= 200:
            break
    if make is Pg:
        for (pid,) in host.db.rows('SELECT pid FROM pg_stat_activity WHERE'
                                   ' pid <> pg_backend_pid() AND datname ='
                                   " current_database()"):
            os.kill(int(pid), signal.SIGKILL)
    child.kill()
    # what came out before the kill was answered
    rest = child.stdout.read().split()
    last = int(rest[-1]) if rest else last
    child.wait()
    if make is Pg:
        time.sleep(0.5)
        for _ in range(100):
            try:
                host = Pg(where, new=False)
                break
            except Exception:
                time.sleep(0.3)
    else:
        host = Lite(where)
    kept = int(host.one("SELECT count(*) FROM aigov.entry"
                        " WHERE kind = 'request'"))
    ok(kept in (last, last + 1), make.name + ': killed, every answer is kept',
       '%d answered, %d kept' % (last, kept))
    shown = int(host.one('SELECT count(*) FROM aigov.open_interaction'))
    ok(shown == kept, make.name + ': open_interaction shows them', shown)
    again = host.call('guard', call(last, 'u%d' % last))
    ok(again['duplicate'] is True and again['decision'] == 'flag',
       make.name + ': the same id is answered again', again)
    bad = [r for r in host.value_rows('SELECT status FROM aigov.verify()')
           if r[0] not in ('verified', 'unanchored')]
    ok(not bad, make.name + ': verify finds nothing', bad)
    return host


# --- settings ---------------------------------------------------------------

PG_SETTINGS = (
    "search_path = 'pg_temp'", "timezone = 'Asia/Kolkata'",
    "datestyle = 'SQL, DMY'", "intervalstyle = 'iso_8601'",
    'extra_float_digits = -15', 'row_security = off', "bytea_output = 'escape'",
    "lc_numeric = 'C'", 'enable_indexscan = off', 'enable_seqscan = off',
    'standard_conforming_strings = off', "session_replication_role = 'origin'",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_isolation = 'repeatable read'",
    'array_nulls = off', 'transform_null_equals = on', "quote_all_identifiers = on",
    'work_mem = 64', "plan_cache_mode = 'force_generic_plan'",
    'default_transaction_deferrable = on', "client_encoding = 'LATIN1'",
    "session_preload_libraries = ''", "application_name = 'x'")
LITE_SETTINGS = (
    'case_sensitive_like = ON', 'reverse_unordered_selects = ON',
    'recursive_triggers = ON', 'trusted_schema = OFF', 'cell_size_check = ON',
    'full_column_names = ON', 'short_column_names = OFF', 'foreign_keys = ON',
    'automatic_index = OFF', 'temp_store = MEMORY', 'cache_size = 10')


def decided(host, n, actor):
    """The decisions of four calls, as they stand in the log."""
    got = []
    for i in range(4):
        a = host.call('guard', call(n + i, actor))
        got.append((a['decision'], json.dumps(a['rules']),
                    json.dumps(a['reasons'])))
    return got


def settings(make, host):
    n = 0x100000
    want = decided(host, n, 'base')
    ok([d for d, _, _ in want] == ['flag'] * 3 + ['deny'],
       make.name + ': three go, the fourth does not', want)
    for s in PG_SETTINGS if make is Pg else LITE_SETTINGS:
        n += 16
        try:
            if make is Pg:
                host.db.rows('SET ' + s)
            else:
                host.db.execute('PRAGMA ' + s)
        except Exception as e:
            if 'unrecognized' in str(e) or 'cannot be set' in str(e):
                continue # not of this version
            raise
        ok(decided(host, n, s.split(' ')[0] + str(n)) == want,
           '%s: %s changes no decision' % (make.name, s))
        if make is Pg:
            host.db.rows('RESET ' + s.split(' ')[0])


def shadowed(host):
    """Functions, operators and tables of the caller stand in no way."""
    host.db.rows('CREATE SCHEMA evil')
    host.db.rows('CREATE TABLE evil.entry(x int);'
                 " CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql"
                 " AS $$SELECT '1999-01-01'::timestamptz$$")
    host.db.rows("SET search_path = evil, pg_catalog")
    got = decided(host, 0x200000, 'evil')
    ok([d for d, _, _ in got] == ['flag'] * 3 + ['deny'],
       'pg: a schema before the others changes no decision', got)
    host.db.rows('RESET search_path')


def ordinary(host):
    """The same as a role with the privilege writer alone; its own row security
    and SET ROLE change nothing."""
    host.db.rows('RESET SESSION AUTHORIZATION')
    host.db.rows("DO $$BEGIN CREATE ROLE wanda LOGIN; EXCEPTION WHEN"
                 " duplicate_object THEN NULL; END$$")
    host.db.rows("SELECT aigov.grant('writer', 'wanda')")
    host.db.rows('SET SESSION AUTHORIZATION wanda')
    got = decided(host, 0x300000, 'wanda')
    ok([d for d, _, _ in got] == ['flag'] * 3 + ['deny'],
       'pg: a writer is decided on the same', got)
    for s in ('row_security = off', "search_path = ''", "timezone = 'UTC+9'",
              "role = 'wanda'"):
        host.db.rows('SET ' + s)
    got = decided(host, 0x300010, 'wanda')
    ok([d for d, _, _ in got] == ['deny'] * 4,
       'pg: and remembered, whatever is set', got)
    host.login(OWNER)


def main():
    for make in hosts():
        host = make()
        policy(host)
        host = killed(make, host)
        host.login(OWNER)
        settings(make, host)
        if make is Pg:
            shadowed(host)
            ordinary(host)
    done()


if __name__ == '__main__':
    if len(sys.argv) == 3:
        ask_for_ever(Lite if sys.argv[1] == 'sqlite' else Pg, sys.argv[2])
    main()
