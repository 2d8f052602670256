#!/usr/bin/env python3
# make_records.py - a thousand varied records that every host must store alike
#
# SPDX-License-Identifier: PostgreSQL
#
#   python3 test/vectors/make_records.py > test/vectors/records/records.jsonl
#
# One {"name":...,"record":...} a line, `record` last and as raw JSON text, so
# that duplicates, 1e400 and lone surrogates stay as they are.  Every record is
# accepted.  The generator is its own: the same lines on every Python.
import json
import sys

PROVIDERS = ["openai", "anthropic", "aws.bedrock", "gcp.vertex_ai", "mistral_ai"]
MODELS = ["gpt-4o", "claude-sonnet-4-5", "mistral-large-2", "titan-embed-v2"]
OPERATIONS = ["chat", "embeddings", "execute_tool", "invoke_agent", "retrieval"]
WORDS = ["claim", "policy", "naïve", "Größe", "保険", "🙂", "\"quoted\"", "tab\t",
         "line\nbreak", "back\\slash", "€", "é", "\u2028", "\u007f", "\u0001",
         "␛", "слово", "a/b", "</script>", "x" * 40]


class Dice:
    """splitmix64: independent of Python's own generator."""

    def __init__(self, seed):
        self.s = seed

    def next(self):
        self.s = (self.s + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.s
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def one(self, of):
        return of[self.below(len(of))]

    def often(self, percent):
        return self.below(100) < percent


d = Dice(42001)


def uuid(n):
    return "01990000-%04x-7000-8000-%012x" % (n >> 16 & 0xFFFF, n)


def text(most):
    return " ".join(d.one(WORDS) for _ in range(1 + d.below(most)))


def number():
    return d.one([0, 1, -1, 0.5, 1e21, 1e-7, 123456789012, 9007199254740992,
                  -0.0, 3.14159, 1e300, 5e-324, 0.1, 100, 333333333.3333333])


def anything(depth):
    pick = d.below(8 if depth > 0 else 5)
    if pick < 2:
        return text(6)
    if pick == 2:
        return number()
    if pick == 3:
        return d.one([True, False, None])
    if pick == 4:
        return ""
    if pick < 7:
        return {d.one(WORDS)[:12] + str(i): anything(depth - 1)
                for i in range(d.below(4))}
    return [anything(depth - 1) for _ in range(d.below(4))]


def messages():
    return [{"role": d.one(["user", "assistant", "system", "tool"]),
             "parts": [{"type": "text", "content": text(30)}
                       for _ in range(1 + d.below(3))]}
            for _ in range(1 + d.below(3))]


def attributes():
    return {"k.%d" % i: d.one([text(3), number(), True, None])
            for i in range(d.below(6))}


def document(i):
    doc = {"id": "doc:handbook@%d#%d" % (1 + d.below(4), i)}
    if d.often(70):
        doc["score"] = d.one([0.8, 0.25, 1, 0])
    if d.often(30):
        doc["hash"] = "%064x" % d.next()
        doc["version"] = str(d.below(9))
    if d.often(30):
        doc["uri"] = "https://example.com/doc/%d" % i
    if d.often(50):
        doc["text"] = text(20)
    return doc


def ref(i):
    r = {"relation": d.one(["used", "wasDerivedFrom", "wasInformedBy"]),
         "cause": "doc:handbook@2#%d" % i}
    if d.often(50):
        r["strength"] = d.one(["cited", "context", "history", "retrieved"])
    if d.often(50):
        r["role"] = d.one(["input", "context", "history"])
    return r


def optional():
    """Members that any interaction event may have, each with its chance."""
    return [
        (30, "attempt", lambda: 1 + d.below(1000)),
        (15, "parent", lambda: uuid(d.below(9999))),
        (60, "occurred_at", lambda: d.one(
            ["2026-09-11T08:15:02.114233Z", "2026-09-11T10:15:02+02:00",
             "2026-02-28T23:59:60Z", "2026-09-11T08:15:02.114233999Z",
             "2024-02-29t00:00:00.5-11:30"])),
        (50, "system_version", lambda: "2.%d" % d.below(9)),
        (50, "environment", lambda: d.one(["production", "staging"])),
        (40, "use_case", lambda: "uc-%03d" % d.below(30)),
        (40, "purpose", lambda: text(4)),
        (70, "actor", lambda: d.one([
            {"id": "u_7f3a"}, {"id": "u_ü", "type": "human", "roles": ["adjuster"]},
            {"type": "service"}, {}, {"id": "svc", "type": None, "roles": []}])),
        (20, "on_behalf_of", lambda: text(1)),
        (40, "tenant", lambda: d.one(["acme", "globex"])),
        (40, "session", lambda: text(1)),
        (40, "conversation", lambda: "c-%d" % d.below(50)),
        (90, "provider", lambda: d.one(PROVIDERS)),
        (20, "account", lambda: "prod"),
        (90, "model", lambda: d.one(MODELS)),
        (30, "model_served", lambda: d.one(MODELS) + "-2026-05-13"),
        (20, "region", lambda: "EU"),
        (90, "operation", lambda: d.one(OPERATIONS)),
        (30, "trace_id", lambda: "%032x" % d.next()),
        (30, "span_id", lambda: "%016x" % d.next()),
        (30, "provider_response_id", lambda: "chatcmpl-%x" % d.next()),
        (20, "template", lambda: {"id": "triage", "version": "7"}),
        (40, "params", lambda: {"temperature": 0.2, "max_tokens": 400,
                                "stop": ["\n"], "top_p": None}),
        (20, "tools", lambda: [{"type": "function", "function": {
            "name": "lookup", "parameters": {"type": "object"}}}]),
        (40, "attributes", attributes),
        (25, "documents", lambda: [document(i) for i in range(d.below(5))]),
        (25, "refs", lambda: [ref(i) for i in range(d.below(4))]),
        (20, "data", lambda: {"classification": d.one(
            ["public", "internal", "confidential", "restricted"]),
            "categories": ["hr", "pii"][:d.below(3)]}),
        (10, "retention", lambda: "ai-act-12m"),
        (25, "facts", lambda: d.one([
            {"req": {"channel": "web", "depth": 2}}, {},
            {"actor": {"team": "claims", "mfa": True}, "data": {
                "residency": "EU", "sources": ["crm", "mail"]}},
            {"content": {"injection": 0.25, "tokens_in": 12}}])),
        (10, "producer", lambda: {"id": "p-%d" % d.below(4), "seq": d.below(9999)}),
        (10, "evidence", lambda: "imported"),
        (10, "stream", lambda: d.often(50)),
        (40, "system_instructions", lambda: text(20)),
        (10, "v", lambda: 1),
        (5, "usage", lambda: None),
    ]


def completion():
    return [
        (80, "output", lambda: d.one([text(40), messages(), anything(3)])),
        (60, "usage", lambda: d.one([
            {"input_tokens": d.below(9999), "output_tokens": d.below(999)},
            {"input_tokens": 3, "output_tokens": 0, "service_tier": "standard",
             "cache_creation": {"ephemeral_5m_input_tokens": 0}},
            {"prompt_tokens": 7, "details": None}])),
        (30, "cost", lambda: {"amount": "0.%04d" % (1 + d.below(9999)),
                              "currency": d.one(["USD", "EUR"])}),
        (50, "finish_reasons", lambda: d.one([["stop"], ["length", "tool_calls"], []])),
        (50, "duration_ms", lambda: d.below(100000)),
        (15, "error", lambda: d.one([
            {"type": "rate_limit", "message": text(9), "code": 429},
            {"message": "boom"}, {"type": "timeout", "code": "ETIMEDOUT"}])),
        (20, "status", lambda: d.one(["ok", "error", "denied", "cancelled",
                                      "incomplete", "unknown"])),
        (10, "obligations", lambda: [{"rule": "r-1", "kind": "notify",
                                      "target": "oncall"}]),
        (10, "sent_digest", lambda: "%064x" % d.next()),
    ]


def fill(record, choices):
    for percent, name, make in choices:
        if d.often(percent):
            record[name] = make()
    return record


def shuffled(record):
    names = list(record)
    for i in range(len(names) - 1, 0, -1):
        k = d.below(i + 1)
        names[i], names[k] = names[k], names[i]
    return {n: record[n] for n in names}


def call(n, kind):
    r = {"system": d.one(["claims-assistant", "helpdesk", "système"])}
    if kind != "interaction" or d.often(50):
        r["kind"] = kind
    if d.often(70):
        r["id"] = uuid(n) if d.often(90) else uuid(n).upper()
    if kind == "response" or d.often(30):
        r["interaction"] = uuid(d.below(5000) + 100000)
    if d.often(80):
        r["input"] = d.one([text(60), messages(), anything(4)])
    fill(r, optional())
    if kind != "request":
        fill(r, completion())
    if d.often(15):
        r["tool"] = d.one([
            {"name": "lookup", "call_id": "call_1", "arguments": anything(2)},
            {"name": "mail", "server": "mcp:mail", "type": "function",
             "arguments": {"to": "x"}, "result": text(5), "description": "d"}])
    return r


def later(n, kind):
    r = {"kind": kind, "id": uuid(n), "system": "helpdesk"}
    r[d.one(["about", "interaction"])] = uuid(d.below(5000))
    if kind == "review":
        r["review"] = {"kind": d.one(["approval", "override", "feedback"]),
                       "outcome": d.one(["approved", "modified", "rejected"]),
                       "reason": text(8), "waited_ms": d.below(99999)}
    else:
        r["input"] = text(20)
    if d.often(50):
        r["attributes"] = attributes()
    return r


def loss(n):
    return {"kind": "loss", "id": uuid(n), "producer": {"id": "p-1"},
            "loss": {"cause": d.one(["dropped", "producer_gap"]),
                     "count": 1 + d.below(9), "from_seq": None,
                     "first_at": "2026-05-04T08:00:00Z"}}


def general(n):
    pick = d.below(100)
    if pick < 40:
        return "interaction", call(n, "interaction")
    if pick < 60:
        return "request", call(n, "request")
    if pick < 80:
        return "response", call(n, "response")
    if pick < 98:
        kind = d.one(["review", "incident", "note"])
        return kind, later(n, kind)
    return "loss", loss(n)


def line(name, raw):
    sys.stdout.write('{"name":"%s","record":%s}\n' % (name, raw))


def dump(record):
    return json.dumps(record, ensure_ascii=d.often(30),
                      separators=d.one([(",", ":"), (", ", ": ")]))


# What I-JSON cannot hold, inside content: kept in the escaped form.
NONCONFORMING = [
    ("nul", r'{"system":"s","input":"a\u0000b"}'),
    ("surrogate", r'{"system":"s","input":["\ud800","\udc00x","\ud83d\ude42"]}'),
    ("nonchar", r'{"system":"s","output":"\uffff \ufdd0 \ud83f\udffe"}'),
    ("overflow", '{"system":"s","input":[1e400,-1e400,1e-400,0e9]}'),
    ("bigint", '{"system":"s","tool":{"name":"t","arguments":'
               '{"id":9007199254740993,"ok":9007199254740992,"b":-12345678901234567890}}}'),
    ("twice", '{"system":"s","input":{"a":1,"a":2,"b":{"x":0,"x":1,"x":2}}}'),
    ("esc", r'{"system":"s","session":"x␛y","input":"␛\u0000␛␛","attributes":{"␛a":"␛"}}'),
    ("names", r'{"system":"s","input":{"a\u0000":1,"\ud800":2,"␛":3}}'),
    ("document", r'{"system":"s","documents":[{"id":"d1","text":"\u0000"},{"id":"d2"}]}'),
    ("error", r'{"system":"s","error":{"type":"t","message":"\udfff"}}'),
    ("review", r'{"kind":"review","about":"01990000-0000-7000-8000-0000000000aa",'
               r'"system":"s","review":{"kind":"override","reason":"\u0000"}}'),
    ("nulls", '{"system":"s","id":null,"kind":null,"actor":null,"input":null,'
              '"output":"x","usage":null,"facts":null,"documents":null}'),
    ("empty", '{"system":"s","actor":{},"tool":{},"error":{},"documents":[],'
              '"params":{},"attributes":{},"usage":{},"refs":[],"facts":{}}'),
    ("spaces", ' \t{ "system" :\r\n "s" , "input" : [ 1 , 2 ] } '.replace("\r\n", "")),
    ("escapes", r'{"sys\u0074em":"\u0073","input":"\/\b\f\n\r\t\"\\\u00e9\u20ac"}'),
    ("numbers", '{"system":"s","input":[1.0,1e2,-0,0.1e1,1E-7,123456789012345680000,'
                '1e21,4.9e-324,1.7976931348623157e308,100000000000000000000]}'),
]

# What the detectors find, for which golden.py knows two card numbers.
FOUND = [
    ("content", r'{"system":"s","input":"pay by 4012 8888 8888 1881 \u00e9 or '
                r'5105105105105100.","output":["x 5105105105105100, y"],'
                r'"documents":[{"id":"d","text":"of 5105105105105100, so"}]}'),
    ("envelope", '{"system":"of 5105105105105100, so","session":"s of '
                 '5105105105105100, so","actor":{"id":"u 5105105105105100"},'
                 '"attributes":{"a":"of 5105105105105100","of 5105105105105100":1,'
                 '"of 4012 8888 8888 1881":2},"duration_ms":5105105105105100}'),
    ("nonconforming", r'{"system":"s","input":["\u0000 5105105105105100 \ud800",'
                      r'1e400,{"a":1,"a":5105105105105100}]}'),
    ("inside", r'{"system":"s","tool":{"name":"pay","arguments":"{\"n\":'
               r'5105105105105100,\"t\":\"\\n 4012 8888 8888 1881\"}"}}'),
]


def large():
    """Members of body that move to content, in their order."""
    wide = {"k%02d" % i: "v" * 1000 for i in range(62)}
    yield "attributes", {"system": "s", "attributes": wide}
    yield "params", {"system": "s", "attributes": {"a": 1},
                     "params": {"schema": ["p" * 900] * 80}}
    yield "documents", {"system": "s", "documents": [
        {"id": "doc:%d" % i, "uri": "https://example.com/" + "u" * 400,
         "text": "t" * 50} for i in range(200)]}
    yield "many", {"system": "s", "attributes": wide, "params": {"p": "x" * 62000},
                   "usage": {"input_tokens": 1, "raw": ["y" * 200] * 400},
                   "purpose": "why", "finish_reasons": ["stop"],
                   "obligations": [{"kind": "k", "value": "z" * 1000}] * 70}
    yield "fits", {"system": "s", "params": {"p": "x" * 61300}}
    yield "control", {"system": "\u0001" * 256, "model": "\u0002" * 256,
                      "params": {"p": "x" * 58300}}
    yield "content", {"system": "s", "input": "word " * 40000, "output": "é" * 9000}


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    for name, raw in NONCONFORMING:
        line("special-" + name, raw.strip())
    for name, raw in FOUND:
        line("special-found-" + name, raw)
    for name, record in large():
        line("large-" + name, json.dumps(record, ensure_ascii=False,
                                         separators=(",", ":")))
    for n in range(1, 1001 - len(NONCONFORMING) - len(FOUND) - 7):
        name, record = general(n)
        line("%s-%d" % (name, n), dump(shuffled(record)))


main()
