"""cluster.py - servers of our own, and TAP

SPDX-License-Identifier: PostgreSQL

A Cluster is made in a temporary folder and removed at the end.  The server is
that of PG_CONFIG.  test/pg/run.sh has aigov installed and says where: AIGOV_CONF
(lines for postgresql.conf), AIGOV_TREE (where the module is built).  Run alone,
a test installs it as test/server.sh does: into a stage where the server can be
pointed to one, else where pg_config says.  Run by root, servers run as user
postgres.
"""
import atexit
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import libpq

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
TREE = os.environ.get("AIGOV_TREE", TOP)
B = os.path.join(TOP, os.environ.get("B", "build"))
KEEP = bool(os.environ.get("AIGOV_KEEP"))

# --- TAP ----------------------------------------------------------------------

_n = _bad = 0


def ok(good, name, *diag):
    global _n, _bad
    _n += 1
    print("%s %d - %s" % ("ok" if good else "not ok", _n, name))
    if not good:
        _bad += 1
        for d in diag:
            for line in str(d).splitlines()[:12]:
                print("#   " + line)
    sys.stdout.flush()
    return bool(good)


def same(got, want, name):
    return ok(got == want, name, "got  %r" % (got,), "want %r" % (want,))


def skip(name, why):
    global _n
    _n += 1
    print("ok %d - %s # SKIP %s" % (_n, name, why))


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def note(*what):
    print("# " + " ".join(str(w) for w in what))
    sys.stdout.flush()


def done():
    print("1..%d" % _n)
    sys.exit(1 if _bad else 0)


def refused(error, state, words, name):
    """An error with this SQLSTATE whose message or hint has these words."""
    text = error and (error.message + " / " + error.hint)
    return ok(error is not None and error.state == state and words in text,
              name, error and "%s %s" % (error.state, text) or "no error")


# --- the server's programs --------------------------------------------------------

def _as_postgres():
    return (["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            if os.getuid() == 0 else [])


class Postgres:
    """One installation: what a pg_config names, with aigov in it."""

    def __init__(self, pg_config=None):
        self.pg_config = pg_config or os.environ.get("PG_CONFIG") or "pg_config"
        ask = lambda what: subprocess.check_output([self.pg_config, "--" + what], text=True).strip()
        self.bin, self.lib, self.share = ask("bindir"), ask("pkglibdir"), ask("sharedir")
        self.major = int(re.search(r"(\d+)", ask("version")).group(1))
        self.libdir = ask("libdir")     # a moved tree may find another libpq
        self.conf = ""

    def program(self, name):
        return os.path.join(self.bin, name)

    def _has(self, setting):
        out = subprocess.run(_as_postgres() + [self.program("postgres"), "--describe-config"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        return re.search("^%s\t" % setting, out, re.M)

    def install(self, tree=TREE, b=B, staged=True):
        """tree: where pg_aigov is built for this server (objects lie there).
        Not staged: into the server itself, which is where pg_upgrade looks."""
        make = ["make", "-s", "-C", tree + "/pg_aigov", "PG_CONFIG=" + self.pg_config,
                "B=" + b, "install"]
        stage = None
        if staged and (self.major >= 18 or self._has("extension_destdir")):
            stage = folder("stage")
            make.append("DESTDIR=" + stage)
            if self.major >= 18:
                self.conf = "extension_control_path = '%s%s:$system'\n" % (stage, self.share)
            else:
                self.conf = "extension_destdir = '%s'\n" % stage
            self.conf += "dynamic_library_path = '%s%s:$libdir'\n" % (stage, self.lib)
        run = subprocess.run(make, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode:
            print(run.stdout[-2000:], file=sys.stderr)
            sys.exit("Bail out! could not install aigov")
        return self


_installed = None


def postgres():
    global _installed
    if _installed is None:
        _installed = Postgres()
        if os.environ.get("AIGOV_CONF"):
            with open(os.environ["AIGOV_CONF"]) as f:
                _installed.conf = f.read()
        else:
            _installed.install()
    return _installed


# --- folders and clusters -----------------------------------------------------------

_made, _running = [], []


def folder(name):
    d = tempfile.mkdtemp(prefix="aigov-%s-" % name)
    os.chmod(d, 0o755)
    if os.getuid() == 0:
        who = pwd.getpwnam("postgres")
        os.chown(d, who.pw_uid, who.pw_gid)
    _made.append(d)
    return d


def _clean():
    for c in list(_running):
        c.stop("immediate")
    crashed = False
    for c in Cluster.all:
        crashed |= c.crashed()
    for d in _made:
        if not KEEP:
            shutil.rmtree(d, ignore_errors=True)
    if crashed:
        print("not ok - a server died: see the lines above")
        sys.stdout.flush()
        os._exit(1)


atexit.register(_clean)
signal.signal(signal.SIGTERM, lambda *a: sys.exit(3))


class Cluster:
    port = 54320
    all = []

    def __init__(self, name="main", pg=None, conf="", init=True):
        self.pg = pg or postgres()
        self.name, self.dir = name, folder(name)
        self.data, self.log = self.dir + "/data", self.dir + "/log"
        self.expect_crash = False
        Cluster.port += 1
        self.port = Cluster.port
        Cluster.all.append(self)
        self.conf = self.pg.conf + """
listen_addresses = ''
unix_socket_directories = '%s'
port = %d
max_prepared_transactions = 40
max_connections = 120
wal_level = logical
fsync = off
restart_after_crash = on
log_min_messages = warning
""" % (self.dir, self.port) + conf
        if init:
            self.run("initdb", "-D", self.data, "-A", "trust", "-U", "aigov_test",
                     "-E", "UTF8", "--no-sync", env={"LC_ALL": "C.UTF-8"})
            self.write_conf()
            self.start()

    def write_conf(self):
        path = self.data + "/postgresql.conf"
        with open(path, "a") as f:
            f.write(self.conf)

    def env(self, extra=None):
        e = dict(os.environ, PGHOST=self.dir, PGPORT=str(self.port), PGUSER="aigov_test",
                 PGDATABASE="postgres", HOME=self.dir, LD_LIBRARY_PATH=self.pg.libdir,
                 PATH=self.pg.bin + ":" + os.environ["PATH"],
                 **(extra or {}))
        e.pop("LC_ALL", None) if not extra or "LC_ALL" not in extra else None
        return e

    def run(self, program, *args, env=None, check=True, input=None):
        r = subprocess.run(_as_postgres() + [self.pg.program(program), *args],
                           env=self.env(env), stdout=subprocess.PIPE, cwd=self.dir,
                           stderr=subprocess.STDOUT, text=True, input=input)
        if check and r.returncode:
            raise RuntimeError("%s: %s" % (program, r.stdout[-3000:]))
        return r

    # --- up and down

    def start(self):
        last = ""
        for _ in range(100):    # after a kill -9 old backends may still be leaving
            r = subprocess.run(_as_postgres() + [
                self.pg.program("pg_ctl"), "-D", self.data, "-l", self.log, "-w", "-t", "120",
                "start"], cwd=self.dir, env=self.env(), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            if r.returncode == 0:
                _running.append(self)
                return
            time.sleep(0.2)
            last = open(self.log).read()[-1500:] if os.path.exists(self.log) else ""
        raise RuntimeError("server does not start: " + last)

    def stop(self, mode="fast"):
        if self in _running:
            _running.remove(self)
        self.run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop", check=False)

    def postmaster(self):
        with open(self.data + "/postmaster.pid") as f:
            return int(f.readline())

    def kill9(self):
        """The postmaster dies as in a power cut; its children follow."""
        pid = self.postmaster()
        os.kill(pid, signal.SIGKILL)
        _running.remove(self)
        for _ in range(300):
            try:
                os.kill(pid, 0)
                if open("/proc/%d/stat" % pid).read().split(")")[1].split()[0] == "Z":
                    break
            except OSError:
                break
            time.sleep(0.02)

    def crashed(self):
        """Failed assertions and signals in the log that no test asked for."""
        if not os.path.exists(self.log):
            return False
        bad = "TRAP:|PANIC:" if self.expect_crash else "TRAP:|PANIC:|terminated by signal"
        lines = [line for line in open(self.log, errors="replace") if re.search(bad, line)]
        for line in lines[:5]:
            print("# %s: %s" % (self.name, line.rstrip()))
        return bool(lines)

    # --- to it

    def info(self, db="postgres", user="aigov_test", options=""):
        return "host=%s port=%d dbname=%s user=%s%s" % (
            self.dir, self.port, db, user, " options='%s'" % options if options else "")

    def uri(self, db="postgres"):
        return "postgresql://aigov_test@/%s?host=%s&port=%d" % (db, self.dir, self.port)

    def connect(self, db="postgres", user="aigov_test", options=""):
        return libpq.Conn(self.info(db, user, options))

    def createdb(self, name, origin=None):
        with self.connect() as c:
            c.rows('CREATE DATABASE "%s" TEMPLATE template0 ENCODING \'UTF8\'' % name)
        c = self.connect(name)
        if origin is not None:
            c.rows("CREATE EXTENSION aigov")
            c.rows("SELECT aigov.init($1)", origin)
        return c


# --- what every test asks of a log ----------------------------------------------------

BAD = """SELECT * FROM aigov.verify()
 WHERE status NOT IN ('unanchored', 'verified', 'pruned') OR content IN ('modified', 'missing')"""

# The chain, checked without aigov: numbers without gaps from 1, each prev the
# hash before it, each hash that of its leaf, each first prev that of its origin.
CHAIN = """
WITH e AS (
  SELECT e.*, row_number() OVER w AS n, lag(hash) OVER w AS before, l.origin
    FROM aigov.entry e LEFT JOIN aigov.log l USING (log)
  WINDOW w AS (PARTITION BY e.log, e.lane ORDER BY e.seq))
SELECT count(*) FILTER (WHERE n <> seq) AS gaps,
       count(*) FILTER (WHERE prev IS DISTINCT FROM COALESCE(before, sha256(convert_to(
         E'aigov/v1\\n' || origin || E'\\n' || lane, 'UTF8')))) AS forks,
       count(*) FILTER (WHERE hash <> sha256('\\x00'::bytea ||
         convert_to(aigov.leaf(log, lane, seq), 'UTF8'))) AS hashes,
       count(*) - count(DISTINCT (log, lane, seq)) AS twice,
       count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM aigov.content c
         WHERE (c.log, c.lane, c.seq) = (e.log, e.lane, e.seq))) AS contentless
  FROM e"""


def clean(c, name, erased=0):
    """verify finds nothing, and neither do we."""
    ok(not c.rows(BAD), name + ": verify finds nothing", *c.rows(BAD)[:5])
    same(c.rows(CHAIN), [("0", "0", "0", "0", str(erased))],
         name + ": no gaps, forks, wrong hashes, twins, lost content")


# Every byte of the three tables.
BYTES = """
SELECT md5(string_agg(t, E'\\n' ORDER BY t COLLATE "C")) FROM (
  SELECT 'l' || l::text AS t FROM aigov.log l
  UNION ALL SELECT 'e' || e::text FROM aigov.entry e
  UNION ALL SELECT 'c' || c::text FROM aigov.content c) x"""
