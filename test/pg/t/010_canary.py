#!/usr/bin/env python3
"""010_canary - what detectors find is nowhere: tables, WAL, dump, log, answers

SPDX-License-Identifier: PostgreSQL

A marked value takes the place, one at a time, of every text, name and number
of a full record and of the bodies of recorded calls, and comes in as a bound
parameter.  So it does in what callers say to the functions that write by
themselves: reasons, purposes, names of files, the name of the application.  Then
every file of the cluster is read, the dump, the server's log under
log_statement = all, and each receipt and error, of batches, of duplicates, of
COPY and of a call that was cancelled too.
"""
import copy
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import TOP, B, Cluster, done, note, ok  # noqa: E402

sys.path.insert(0, os.path.join(TOP, "test"))
from bodies import marked_calls  # noqa: E402

FULL = {
    "system": "claims-assistant", "system_version": "2.4", "environment": "production",
    "use_case": "uc-014", "purpose": "claims triage", "on_behalf_of": "them", "tenant": "acme",
    "actor": {"id": "u_7f3a", "type": "human", "roles": ["adjuster"]}, "session": "s",
    "conversation": "c-88", "provider": "openai", "account": "prod", "model": "gpt-4o",
    "region": "EU", "operation": "chat", "provider_response_id": "r",
    "template": {"id": "triage", "version": "7"}, "params": {"temperature": 0.2, "stop": ["a"]},
    "tools": [{"type": "function", "function": {"name": "f", "description": "d"}}],
    "usage": {"input_tokens": 412, "details": {"tier": "standard"}}, "status": "error",
    "error": {"type": "t", "message": "m"}, "finish_reasons": ["stop"], "duration_ms": 812,
    "system_instructions": "be brief", "output": "an answer",
    "input": [{"role": "user", "parts": [{"type": "text", "content": "hello", "n": 1}]}],
    "documents": [{"id": "doc:handbook@2#1", "score": 0.8, "text": "t"}],
    "tool": {"name": "n", "server": "mcp", "call_id": "c",
             "arguments": "{\"to\":\"x\",\"n\":1}", "result": {"ok": True, "rows": [1, "a"]}},
    "review": {"kind": "override", "outcome": "modified", "reason": "why"},
    "refs": [{"relation": "used", "cause": "doc:handbook@2#1", "role": "context"}],
    "data": {"classification": "confidential", "categories": ["hr"]}, "retention": "ai-act-12m",
    "attributes": {"team": "claims", "n": 1}, "facts": {"req": {"channel": "web"}},
    "obligations": [{"rule": "r", "kind": "notify", "target": "oncall"}],
    "producer": {"id": "5b1c", "name": "p"},
}
MARK = "qzcanary@acme.example"
KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7qz"
CARD = 5555444433332226  # no other test uses it
assert sum(int(d) if i % 2 else sum(divmod(2 * int(d), 10))
           for i, d in enumerate(str(CARD))) % 10 == 0


def places(v, path=()):
    """Paths to every text, number and name below v."""
    if isinstance(v, dict):
        for k, x in v.items():
            yield path + (k,), True
            yield from places(x, path + (k,))
    elif isinstance(v, list):
        for i, x in enumerate(v):
            yield from places(x, path + (i,))
    elif isinstance(v, (str, int, float)) and not isinstance(v, bool):
        yield path, False


def marked(record, path, is_name):
    r = copy.deepcopy(record)
    at = r
    for p in path[:-1]:
        at = at[p]
    if is_name:
        at["ask " + MARK] = at.pop(path[-1])
    elif isinstance(at[path[-1]], str):
        at[path[-1]] = "ask " + MARK
    else:
        at[path[-1]] = CARD
    return r


def calls():
    """Records of recorded calls, those that come with the sources."""
    for api in ("openai", "anthropic"):
        out = subprocess.run([os.path.join(B, "aigov"), "import", "x.db", "--from", api, "--records",
                              os.path.join(TOP, "examples", api + "-pairs.jsonl")],
                             stdout=subprocess.PIPE, text=True)
        for line in out.stdout.splitlines():
            if line.startswith("{"):
                yield json.loads(line)


def leaks(data):
    return any(str(v).encode() in data for v in (MARK, CARD, KEY))


main = Cluster("canary", conf="""
log_statement = all
log_min_duration_statement = 0
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
""")
main.createdb("canary", "example.com/canary")
# the application names itself
c = main.connect("canary")
c.one("SELECT set_config('application_name', $1, false)", "desk of " + MARK)
answers, stored, refused = [], 0, 0


def call(sql, *args):
    """The answer, or None where it is refused."""
    global stored, refused
    e = c.fails(sql, *args)
    refused += e is not None
    stored += e is None
    answers.append(e.message + e.hint + e.more if e else c.one("SELECT aigov.receipt()") or "")
    return e is None


def taken(sql, *args):
    """What a call that is not refused answers."""
    global stored
    stored += 1
    answers.append(c.one(sql, *args))
    return answers[-1]


records = [FULL] + list(calls())
ok(len(records) > 10, "%d records" % len(records))
for n, record in enumerate(records):
    record.pop("id", None)
    record.pop("interaction", None)
    for path, is_name in places(record):
        text = json.dumps(marked(record, path, is_name))
        sql = "SELECT aigov.append($1::text)" if n % 2 == 0 else \
            "INSERT INTO aigov.inbox(record) VALUES ($1::json)"
        call(sql, text)
ok(MARK not in c.one("SELECT recorded_by FROM aigov.entry WHERE kind = 'interaction' LIMIT 1"),
   "the application's name is looked at")

# bodies of providers, by each importer
lines, all_places = marked_calls(" ask %s " % MARK, CARD, 1000)
for api in ("openai", "anthropic"):
    p = subprocess.run([os.path.join(B, "aigov"), "import", main.uri("canary"), "--from", api],
                       input="\n".join(lines), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    answers.append(p.stdout)
imported = int(c.one("SELECT count(*) FROM aigov.entry WHERE body->>'evidence' = 'imported'"))
ok(imported > len(lines) / 2, "bodies of providers: a mark in %d of %d places, %d calls taken"
   % (len(lines), all_places, imported), answers[-1][-300:])

# batches, duplicates, what is refused
for v in (MARK, KEY, str(CARD)):
    bad = [{"system": "s", v: 1}, {"system": "s", "actor": {v: v}}, {"system": "s", "facts": {v: {v: 1}}},
           {"system": "s", "input": v}, {"system": "s", "kind": v}, {"system": "s", "id": v}, v,
           {"system": "s", "usage": {v + "_tokens": v}}, {"system": "s", "facts": {"req": {v: v}}}]
    taken("SELECT aigov.append_batch($1::text)", json.dumps(bad))
    for r in bad:
        call("SELECT aigov.append($1::text)", json.dumps(r))
    call("SELECT aigov.append($1::text)", '{"system":"s","input":"%s' % v)
    call("SELECT aigov.append_batch($1::text)", '[{"system":"s"},{%s' % v)
    for text in (v, v, v + " and more"):
        call("SELECT aigov.append($1::text)", json.dumps(
            {"id": "0199a000-0000-7000-8000-0000000000%02x" % len(v), "system": "s", "input": text}))
    for sql in ("SELECT aigov.redact('x', $1)", "SELECT aigov.redact_json('{\"a\":' || $1)",
                "SELECT aigov.explain_redaction($1)", "SELECT aigov.init('example.com/' || $1 || '@b.example')",
                "SELECT aigov.new_epoch('example.com/' || $1 || '@b.example', $1)",
                "SELECT aigov.new_epoch('example.com/x', 'restore', $1)"):
        ok(not call(sql, v), "refused: " + sql)
c.copy("COPY aigov.inbox(record) FROM STDIN", json.dumps({"system": "s", "input": MARK}) + "\n")
answers.append(c.one("SELECT aigov.receipt()"))

# what the functions that write by themselves are told
IMPORT = {"subject": "f", "source": "openai", "file_sha256": "a" * 64, "records": 1, "accepted": 1,
          "duplicates": 0, "refused": 0}
for v in ("asked by " + MARK, "with " + KEY, str(CARD)):
    entry = json.loads(taken("SELECT aigov.append($1::text)", '{"system":"s","input":"x"}'))["id"]
    taken("SELECT aigov.open_content($1::text, $2)", entry, v)
    taken("SELECT aigov.erase($1::text, $2)", entry, v)
    taken("SELECT aigov.record_import($1::text)", json.dumps(dict(IMPORT, subject=v, origin=v)))
    for more in ({"source": v}, {"records": v}, {v: v}):
        ok(not call("SELECT aigov.record_import($1::text)", json.dumps(dict(IMPORT, **more))),
           "an import with a mark out of place is refused")
    call("SELECT aigov.open_content($1::text, $1)", v)
    call("SELECT aigov.erase($1::text, $1)", v)
    call("SELECT aigov.erase(json_build_array($1::text)::text, $1)", v)
    call("SELECT aigov.put('import', $1, '{}'::text)", v)
for place in ("note", "matter", "placed_by", "state", "from_at", "systems", "nothing", KEY):
    body = {"matter": "m", "state": "on", "placed_by": "u", place: "k " + KEY}
    ok(not call("SELECT aigov.put('hold', 'H-1', $1::text)", json.dumps(body)),
       "a put with a secret is refused")
for subject in (KEY, "x" * 165 + " " + KEY):
    for kind in ("hold", "erasure", KEY):
        call("SELECT aigov.put($1, $2, '{}'::text)", kind, subject)
taken("SELECT aigov.new_epoch('example.com/canary-2', $1)", "restored by " + MARK)

# guard and complete; there is no key, so nothing is given back
guarded = 0
for path, is_name in places(FULL):
    text = json.dumps(marked(FULL, path, is_name))
    if c.fails("SELECT aigov.guard($1::text)", text) is not None:
        answers.append(c.fails("SELECT aigov.guard($1::text)", text).message)
        continue
    told = taken("SELECT aigov.guard($1::text)", text)
    taken("SELECT aigov.complete($1::uuid, $2::text)", json.loads(told)["interaction"], text)
    taken("SELECT aigov.complete($1::uuid, $2::text)", json.loads(told)["interaction"],
          '{"output":"[EMAIL_ADDRESS_1] [CREDIT_CARD_1] [SECRET_1]"}')
    guarded += 1
ok(guarded > 50, "%d marked requests are guarded and completed" % guarded)

# a scan that is cancelled
c.rows("SET statement_timeout = 20")
for f in ("redact", "redact_json", "append"):
    text = "ask %s " % MARK * 700000
    e = c.fails("SELECT length(aigov.%s($1::text)::text)" % f, json.dumps(
        {"system": "s", "input": text}) if f != "redact" else text)
    ok(e is not None and e.state == "57014", "%s is cancelled" % f, e)
    answers.append(str(e) + e.more)
c.rows("SET statement_timeout = 0")
ok(c.one("SELECT aigov.redact($1)", MARK) == "[EMAIL_ADDRESS]", "and works again")

# everything that reads
for view in c.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'aigov'"):
    answers.append(str(c.rows('SELECT * FROM aigov."%s"' % view[0])) if view[0] != "inbox" else "")
c.rows("CHECKPOINT")
note("%d stored, %d refused" % (stored, refused))
ok(stored > 500 and refused > 5, "marked records are stored and refused")
ok(not any(leaks(a.encode()) for a in answers), "no receipt, no error, no view holds the value",
   *[a[-300:] for a in answers if leaks(a.encode())][:5])
dump = main.run("pg_dump", "-d", main.uri("canary")).stdout
ok(not leaks(dump.encode()), "the dump does not",
   *[line[:400] for line in dump.splitlines() if leaks(line.encode())][:5])
ok(c.one("SELECT count(*) FROM aigov.redactions") != "0", "redactions says what was found")
ok(c.one("SELECT count(*) FROM aigov.verify() WHERE status <> 'unanchored'") == "0", "verify holds")
main.stop()
found = []
for folder, _, files in os.walk(main.data):
    for name in files:
        with open(os.path.join(folder, name), "rb") as f:
            if leaks(f.read()):
                found.append(os.path.join(folder, name))
ok(not found, "no file of the cluster does, WAL and indexes too", *found[:5])
with open(main.log, "rb") as f:
    log = f.read()
ok(b"aigov.append($1::text)" in log and not leaks(log), "nor the log under log_statement = all")
done()
