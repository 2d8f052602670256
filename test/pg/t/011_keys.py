#!/usr/bin/env python3
"""011_keys - the key file: who sets it, who sees keyed forms, rotation, dumps

SPDX-License-Identifier: PostgreSQL

The file is the server's user's; only the configuration of the server names it.
A caller with nothing but `writer` never gets a form that confirms a guess.  No
value and no key is in any file of the cluster, in the dump or in the log.
"""
import os
import pwd
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import Cluster, clean, done, folder, ok, refused, same  # noqa: E402

HEX = [bytes(range(32)).hex(), bytes(range(1, 33)).hex()]
IDS = ["k5bcc17a1", "k88cb7afd"]
SSN, MAIL = "212-09-7654", "qzkeys@acme.example"
ONE = "0199a000-0000-7000-8000-000000000001"
PROFILE = ('{"version":1,"sink":"store","default_operator":"vault","operators":{},'
           '"threshold":"0.5"}')

place = folder("keys")
path = os.path.join(place, "redaction.keys")


def write(lines, mode=0o600):
    with open(path + ".new", "w") as f:
        f.write("aigov redaction keys 1\n" + "".join(lines))
    os.chmod(path + ".new", mode)
    if os.getuid() == 0:
        who = pwd.getpwnam("postgres")
        os.chown(path + ".new", who.pw_uid, who.pw_gid)
    os.rename(path + ".new", path)


def line(i):
    return "%s %s\n" % (IDS[i], HEX[i])


write([line(0)])
main = Cluster("keys", conf="log_statement = all\naigov.key_file = '%s'\n" % path)
c = main.createdb("keys", "example.com/keys")
same(c.rows("SELECT id, state FROM aigov.redaction_keys()"), [(IDS[0], "writing")], "one key")

# the first record of a log has its key already
c.rows("SELECT aigov.append($1::text)", '{"id":"%s","system":"s","actor":{"id":"%s"}}' % (ONE, MAIL))
actor = c.one("SELECT actor FROM aigov.entry WHERE lane > 0")
ok(actor.startswith("[EMAIL_ADDRESS:%s:" % IDS[0]), "the first record has a pseudonym", actor)
same(c.rows("SELECT body->'fields'->>'was', body->'fields'->>'value' FROM aigov.entry"
            " WHERE kind = 'setting' AND subject = 'key_file'"), [("none", path)], "the setting is an entry")
same(c.one("SELECT aigov.restore($1, $2::text, 'why')", actor, ONE), MAIL, "and is restored")
same(c.one("SELECT aigov.restore($1, $2::uuid, 'why')", actor, ONE), MAIL, "by uuid")

# no session and no role sets it
for sql in ("SET aigov.key_file = '/etc/passwd'", "SET LOCAL aigov.key_file = '/etc/passwd'",
            "SELECT set_config('aigov.key_file', '/etc/passwd', false)"):
    e = c.fails(sql)
    ok(e is not None and e.state == "55P02", "%s is refused to a superuser" % sql.split("=")[0], e)
c.rows("CREATE ROLE fred LOGIN")
for how in ("DATABASE keys", "ROLE fred"):
    with main.connect("keys", user="fred") as fred:
        refused(fred.fails("ALTER %s SET aigov.key_file = '/etc/passwd'" % how), "42501", "", "not by fred: " + how)
c.rows("ALTER DATABASE keys OWNER TO fred")
with main.connect("keys", user="fred") as fred:
    refused(fred.fails("ALTER DATABASE keys SET aigov.key_file = '/etc/passwd'"), "42501", "",
            "nor by the owner of the database, before the module is loaded")
c.rows("ALTER DATABASE keys OWNER TO aigov_test")
# what the client says when it connects, before the module is loaded, would hide the server's
for options in ("-c aigov.key_file=", "--aigov.key-file=/tmp/mine", "-c AIGOV.KEY_FILE=/tmp/mine", "-caigov.lanes=1", "-c aigov.profile=mine"):
    with main.connect("keys", options=options) as other:
        refused(other.fails("SELECT aigov.append($1::text)", '{"system":"s","actor":{"id":"%s"}}' % MAIL), "42501",
                "the connection names", "a connection with %s is refused" % options)
        refused(other.fails("SELECT aigov.redact('x')"), "42501", "the connection names", "for redact too")
with main.connect("keys", options="-c aigov.lane0_timeout=1s -c application_name=aigov.key_file") as other:
    ok(other.one("SELECT aigov.redact('x')") == "x", "others are not")
c.rows("ALTER ROLE aigov_test SET aigov.key_file = '/etc/passwd'")
with main.connect("keys") as other:
    refused(other.fails("SELECT aigov.redact('x')"), "42501", "or a role", "nor does that of a role count")
c.rows("ALTER ROLE aigov_test RESET aigov.key_file")
for name, value in (("lanes", "1"), ("profile", "mine")):
    with main.connect("keys") as other:
        other.rows("ALTER DATABASE keys SET aigov.%s = '%s'" % (name, value))
    with main.connect("keys") as other:
        refused(other.fails("SELECT aigov.redact('x')"), "42501", "names aigov." + name, "nor a database's " + name)
    with main.connect("keys") as other:
        other.rows("ALTER DATABASE keys RESET aigov." + name)
c.fails("CREATE FUNCTION mine() RETURNS int LANGUAGE sql SET aigov.key_file = '/etc/passwd' AS 'SELECT 1'")
ok(c.fails("SELECT mine()") is not None, "nor a function's")
# a database may have its own
path_2 = path + ".2"
with open(path_2, "w") as f:
    f.write("aigov redaction keys 1\n" + line(1))
os.chmod(path_2, 0o600)
if os.getuid() == 0:
    os.chown(path_2, pwd.getpwnam("postgres").pw_uid, pwd.getpwnam("postgres").pw_gid)
c.rows("ALTER DATABASE keys SET aigov.key_file = '%s'" % path_2)
with main.connect("keys") as other:
    same(other.rows("SELECT id, state FROM aigov.redaction_keys()"), [(IDS[1], "writing")], "a database has its own")
    other.rows("RESET aigov.key_file")
    same(other.rows("SELECT id, state FROM aigov.redaction_keys()"), [(IDS[1], "writing")], "which RESET keeps")
c.rows("ALTER DATABASE keys RESET aigov.key_file")
with main.connect("keys") as other:
    same(other.rows("SELECT id, state FROM aigov.redaction_keys()"), [(IDS[0], "writing")], "and the server's again")
os.remove(path_2)
c.rows("GRANT CREATE ON DATABASE keys TO fred")
with main.connect("keys", user="fred") as fred:
    # before the module is loaded the name is a placeholder: it must not stick
    fred.rows("SET aigov.key_file = '/tmp/mine'")
    fred.fails("LOAD 'aigov'")
    fred.rows("SELECT 1")
with main.connect("keys") as other:
    other.rows("SET aigov.key_file = '/tmp/mine'")
    same(other.rows("SELECT id, state FROM aigov.redaction_keys()"), [(IDS[0], "writing")],
         "what a session said before the module was loaded does not count")

# who sees keyed forms
c.rows("SELECT aigov.put('redaction_profile', 'default/store', $1::text)", PROFILE)
for role, privileges in (("w", ["writer"]), ("wr", ["writer", "reader"]), ("ws", ["writer", "steward"]),
                         ("wc", ["writer", "content_reader"])):
    c.rows("CREATE ROLE %s LOGIN" % role)
    for p in privileges:
        c.rows("SELECT aigov.grant($1, $2)", p, role)
    with main.connect("keys", user=role) as u:
        text = u.one("SELECT aigov.redact($1)", "ssn " + SSN)
        json = u.one("SELECT aigov.redact_json($1::text)", '{"ssn":"%s"}' % SSN)
        keyed = role in ("ws", "wc")
        same((IDS[0] in text, IDS[0] in json), (keyed, keyed),
             "%s %s keyed forms" % (" and ".join(privileges), "get" if keyed else "get no"))
        e = u.fails("SELECT aigov.restore('x', $1::text, 'why')", ONE)
        ok((e is None) == (role == "wc"), "%s may%s restore" % (role, "" if role == "wc" else " not"), e)
        e = u.fails("SELECT current_setting('aigov.key_file')")
        refused(e, "42501", "", "%s does not see where the file is" % role)
        # nor by a record that is refused, nor by a batch
        for sql, record in (("append", '{"%s":1}'), ("append_batch", '[{"%s":1}]')):
            e = u.fails("SELECT aigov.%s($1::text)" % sql, record % MAIL)
            said = str(e) if e else u.one("SELECT aigov.append_batch($1::text)", record % MAIL)
            ok(IDS[0] not in said, "no error has one", said)

# another key: new tokens, old ones are restored
write([line(0), line(1)])
same(c.rows("SELECT id, state FROM aigov.redaction_keys()"),
     [(IDS[1], "writing"), (IDS[0], "restoring")], "a key was added")
TWO = ONE[:-1] + "2"
c.rows("SELECT aigov.append($1::text)",
       '{"id":"%s","system":"s","tenant":"acme","input":"ssn %s, mail %s"}' % (TWO, SSN, MAIL))
stored = c.one("SELECT body->>'input' FROM aigov.content WHERE body::text LIKE '%ssn%'")
ok(stored.count(IDS[1]) == 2, "the newest key is written with", stored)
same(c.one("SELECT aigov.restore($1, $2::text, 'why')", stored, TWO), "ssn %s, mail %s" % (SSN, MAIL),
     "restored with it")
same(c.one("SELECT aigov.restore($1, $2::text, 'why')", actor, ONE), MAIL, "what the old one wrote too")
same(c.one("SELECT aigov.append($1::text)->>'duplicate'",
           '{"id":"%s","system":"s","actor":{"id":"%s"}}' % (ONE, MAIL)), "unchecked",
     "a record of the other key is not compared")

# files that cannot be used: appends go on, restore and health say why
for lines, mode, words in (([line(0)], 0o640, "open to its group"), ([line(0)[:-10] + "\n"], 0o600, "line 2"),
                           ([], 0o600, "there is no key"), (None, 0, "cannot be opened")):
    if lines is None:
        os.remove(path)
    else:
        write(lines, mode)
    c.rows("SELECT aigov.append($1::text)", '{"system":"s","actor":{"id":"%s"}}' % MAIL)
    same(c.one("SELECT actor FROM aigov.entry WHERE lane > 0 ORDER BY at DESC, seq DESC LIMIT 1"),
         "[EMAIL_ADDRESS]", "an append goes on: " + words)
    refused(c.fails("SELECT aigov.restore($1, $2::text, 'why')", actor, ONE), "IG301", words,
            "restore says why: " + words)
    row = c.rows("SELECT value, ok, detail FROM aigov.health WHERE item = 'redaction_keys'")[0]
    ok(row[0] == "1" and row[1] == "f" and words in row[2], "so does health", row)
    same(c.one("SELECT aigov.redact('ssn %s')" % SSN), "ssn [US_SSN]", "redact replaces")
    ok("act as replace" in str(c.rows("SELECT detail FROM aigov.own_rules()")), "own_rules says so")
write([line(1)])
refused(c.fails("SELECT aigov.restore($1, $2::text, 'why')", actor, ONE), "IG301", IDS[0] + " is not there",
        "a key that is missing is named")
os.mkfifo(path + ".fifo")
os.rename(path + ".fifo", path)
refused(c.fails("SELECT aigov.restore($1, $2::text, 'why')", actor, ONE), "IG301", "no regular file",
        "a pipe is not waited for")
os.remove(path)
write([line(0), line(1)])
same(c.one("SELECT aigov.restore($1, $2::text, 'why')", stored, TWO), "ssn %s, mail %s" % (SSN, MAIL),
     "back again")

# changed content is refused, whatever was done to it
c.rows("BEGIN")
c.rows("ALTER TABLE aigov.content DISABLE TRIGGER guard_change")
c.rows("UPDATE aigov.content SET body = replace(body::text, '\":\"', '\":\"0')::json"
       " WHERE body::text LIKE '%vault%ssn%' OR body::text LIKE '%ssn%vault%'")
refused(c.fails("SELECT aigov.restore($1, $2::text, 'why')", stored, TWO), "IG301", "not what was written",
        "changed content is refused")
c.rows("ROLLBACK")

# without an index it is found as well
c.rows("BEGIN")
c.rows("SET LOCAL aigov.allow_drop = on")
c.rows("DROP INDEX aigov.entry_interaction")
same(c.one("SELECT aigov.restore($1, $2::text, 'why')", stored, TWO), "ssn %s, mail %s" % (SSN, MAIL),
     "without the index")
c.rows("ROLLBACK")

# an access entry for each, and a batch has its vault
n = int(c.one("SELECT count(*) FROM aigov.entry WHERE kind = 'access' AND subject = 'restore'"))
ok(n == 6, "each restore left an access entry", n)
c.rows("SELECT aigov.append_batch($1::text)", "[%s]" % ",".join(
    '{"id":"%s%d","system":"s","input":"ssn %s"}' % (ONE[:-1], i, SSN) for i in range(3, 9)))
token = c.one("SELECT body->>'input' FROM aigov.content WHERE body::text LIKE '%ssn%' ORDER BY at DESC LIMIT 1")
same([c.one("SELECT aigov.restore($1, $2::text, 'why')", token, ONE[:-1] + str(i)) for i in (3, 8)],
     ["ssn " + SSN] * 2, "a batch can be restored")
c.rows("SELECT aigov.erase($1::text, 'asked')", ONE[:-1] + "3")
same(c.one("SELECT aigov.restore($1, $2::text, 'why')", token, ONE[:-1] + "3"), token, "not what was erased")
clean(c, "the log", erased=1)

# a secret only where a profile names it; and bytes that text cannot hold are not given as text
WITH = PROFILE.replace('"operators":{}', '"operators":{"SECRET":"vault"}')
for n, password, names in ((7, "hunter2secretX9", False), (8, "hunter2secretX9", True), (9, "hun\\377ter2secretX9", True)):
    c.rows("SELECT aigov.put('redaction_profile', 'default/store', $1::text)", WITH if names else PROFILE)
    ident = TWO[:-2] + "1%d" % n
    c.rows("SELECT aigov.append(($1::text)::bytea)",
           '{"id":"%s","system":"s","input":"password=%s"}' % (ident, password))
    secret = c.one("SELECT k.body->>'input' FROM aigov.content k JOIN aigov.entry USING (log, lane, seq) WHERE id = $1::uuid",
                   ident)
    if not names:
        same(secret, "password=[SECRET]", "a secret is not held unless a profile names it")
    elif n == 8:
        same(c.one("SELECT aigov.restore($1, $2::text, 'why')", secret, ident), "password=" + password, "then it is")
    else:
        refused(c.fails("SELECT aigov.restore($1, $2::text, 'why')", secret, ident), "55000", "text cannot",
                "bytes that text cannot hold")

# a dump carries the vault, the key file reads it
c.rows("CHECKPOINT")
dump = main.run("pg_dump", "-d", main.uri("keys")).stdout
with main.connect() as p:
    p.rows("CREATE DATABASE copy TEMPLATE template0 ENCODING 'UTF8'")
main.run("psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", main.uri("copy"), input=dump)
with main.connect("copy") as copy:
    copy.rows("SELECT aigov.new_epoch('example.com/copy', 'restore')")
    same(copy.one("SELECT aigov.restore($1, $2::text, 'why')", stored, TWO), "ssn %s, mail %s" % (SSN, MAIL),
         "a restored database restores")

# no byte of a key or value anywhere
found = []
main.stop()
secrets = [h.encode() for h in HEX] + [bytes.fromhex(h) for h in HEX]
values = [SSN.encode(), MAIL.encode()]
for top, _, files in os.walk(main.data):
    for name in files:
        with open(os.path.join(top, name), "rb") as f:
            data = f.read()
        if any(s in data for s in secrets + values):
            found.append(os.path.join(top, name))
ok(not found, "no file of the cluster has a value or a key", *found[:5])
ok(not any(s.decode() in dump for s in secrets[:2] + values), "nor the dump")
with open(main.log, "rb") as f:
    log = f.read()
ok(not any(s in log for s in secrets), "nor the log a key")
shutil.rmtree(place)
done()
