#!/usr/bin/env python3
"""010_canary - what detectors find is nowhere: tables, WAL, dump, log, answers

SPDX-License-Identifier: PostgreSQL

A marked value takes the place, one at a time, of every text, name and number
of a full record and of the bodies of recorded calls, and comes in as a bound
parameter.  Then every file of the cluster is read, the dump, the server's log
under log_statement = all, and each receipt and error.
"""
import copy
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import TOP, B, Cluster, done, note, ok  # noqa: E402

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
    return MARK.encode() in data or str(CARD).encode() in data


main = Cluster("canary", conf="""
log_statement = all
log_min_duration_statement = 0
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
""")
main.createdb("canary", "example.com/canary")
c = main.connect("canary")
answers, stored, refused = [], 0, 0
records = [FULL] + list(calls())
ok(len(records) > 10, "%d records" % len(records))
for n, record in enumerate(records):
    record.pop("id", None)
    record.pop("interaction", None)
    for path, is_name in places(record):
        text = json.dumps(marked(record, path, is_name))
        sql = "SELECT aigov.append($1::text)" if n % 2 == 0 else \
            "INSERT INTO aigov.inbox(record) VALUES ($1::json)"
        e = c.fails(sql, text)
        refused += e is not None
        stored += e is None
        answers.append(str(e) + (e.hint if e else c.one("SELECT aigov.receipt()") or ""))
c.rows("CHECKPOINT")
note("%d stored, %d refused" % (stored, refused))
ok(stored > 500 and refused > 5, "marked records are stored and refused")
ok(not any(leaks(a.encode()) for a in answers), "no receipt and no error holds the value")
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
