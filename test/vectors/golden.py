#!/usr/bin/env python3
# golden.py - what records become, computed without aigov
#
# SPDX-License-Identifier: PostgreSQL
#
#   python3 test/vectors/golden.py < test/vectors/records/records.jsonl \
#       > test/vectors/golden/golden.jsonl
#
# A second implementation of docs/formats.md from its text alone, with hashlib,
# json and a canonical form of its own.  Each line of the result is
#   {"name","record" (text),"stamps",...,"leaf","hash","content"}
# or, for a governance record, kind, subject and body in place of record.
import hashlib
import json
import re
import sys
from datetime import datetime, timedelta, timezone

sys.setrecursionlimit(5000)
ESC = "\u241b"


class Bad(str):
    """A string that stands for what I-JSON cannot hold, already escaped."""


class Number(float):
    """A double and the literal it came from."""


def es6(x):
    """ECMAScript Number::toString."""
    if x == 0:
        return "0"
    if x < 0:
        return "-" + es6(-x)
    m = re.fullmatch(r"(\d)(?:\.(\d+))?e([+-]\d+)", "%s" % to_exponent(x))
    digits = m.group(1) + (m.group(2) or "")
    n, k = int(m.group(3)) + 1, len(digits)
    if k <= n <= 21:
        return digits + "0" * (n - k)
    if 0 < n <= 21:
        return digits[:n] + "." + digits[n:]
    if -6 < n <= 0:
        return "0." + "0" * -n + digits
    e = "%+d" % (n - 1)
    return digits[0] + ("." + digits[1:] if k > 1 else "") + "e" + e


def to_exponent(x):
    """Shortest digits (repr) as d.ddde+x."""
    s = repr(x)
    mantissa, _, exponent = s.partition("e")
    whole, _, fraction = mantissa.partition(".")
    e = int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    e += len(whole) - 1 if whole.strip("0") else \
        -(len(fraction) - len(fraction.lstrip("0"))) - 1
    digits = digits.rstrip("0") or "0"
    return digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + "e%+d" % e


def quote(s):
    out = ['"']
    for c in s:
        o = ord(c)
        if c in '"\\':
            out.append("\\" + c)
        elif c in "\b\f\n\r\t":
            out.append("\\" + "bfnrt"["\b\f\n\r\t".index(c)])
        elif o < 0x20:
            out.append("\\u%04x" % o)
        else:
            out.append(c)
    return "".join(out) + '"'


def jcs(v):
    """RFC 8785."""
    if v is None or v is True or v is False:
        return {None: "null", True: "true", False: "false"}[v]
    if isinstance(v, str):
        return quote(v)
    if isinstance(v, (int, float)):
        return es6(float(v))
    if isinstance(v, list):
        return "[" + ",".join(map(jcs, v)) + "]"
    names = sorted(v, key=lambda s: s.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(quote(n) + ":" + jcs(v[n]) for n in names) + "}"


class Reader:
    """Reads a record; escapes what I-JSON forbids, and says if there was any."""

    def __init__(self, text):
        self.bad = False
        self.tree = json.loads(
            text, parse_int=self.number, parse_float=self.number,
            object_pairs_hook=lambda pairs: ("object", pairs), strict=False)
        self.value = self.walk(self.tree)
        if self.bad:
            self.value = self.escape(self.value)

    def number(self, literal):
        x = float(literal)
        nonzero = re.search("[1-9]", literal.lower().partition("e")[0])
        whole = re.fullmatch(r"-?\d+", literal)
        if x in (float("inf"), float("-inf")) or (x == 0 and nonzero) or \
           (whole and abs(int(literal)) > 2 ** 53 and es6(x) != literal):
            self.bad = True
            return Bad(ESC + "#" + literal)
        n = Number(x)
        return n

    def forbidden(self, c):
        o = ord(c)
        return o == 0 or 0xD800 <= o <= 0xDFFF or o & 0xFFFE == 0xFFFE or \
            0xFDD0 <= o <= 0xFDEF

    def walk(self, v):
        if isinstance(v, tuple):
            names, out = {}, []
            for name, value in v[1]:
                seen = names[name] = names.get(name, 0) + 1
                self.walk(name)
                self.bad = self.bad or seen > 1
                out.append((name, seen, self.walk(value)))
            return ("object", out)
        if isinstance(v, list):
            return [self.walk(x) for x in v]
        if isinstance(v, str) and not isinstance(v, Bad):
            self.bad = self.bad or any(map(self.forbidden, v))
        return v

    def escaped(self, s):
        out = []
        for c in s:
            o = ord(c)
            if c == ESC:
                out.append(ESC + ESC)
            elif self.forbidden(c):
                out.append(ESC + ("u%04x" if o < 0x10000 else "U%06x") % o)
            else:
                out.append(c)
        return "".join(out)

    def escape(self, v):
        if isinstance(v, tuple):
            return ("object", [
                ("%s=%d:%s" % (ESC, seen, self.escaped(n)) if seen > 1
                 else self.escaped(n), 1, self.escape(x)) for n, seen, x in v[1]])
        if isinstance(v, list):
            return [self.escape(x) for x in v]
        if isinstance(v, str) and not isinstance(v, Bad):
            return self.escaped(v)
        return v

    def plain(self, v="root"):
        v = self.value if isinstance(v, str) and v == "root" else v
        if isinstance(v, tuple):
            return {n: self.plain(x) for n, _, x in v[1]}
        if isinstance(v, list):
            return [self.plain(x) for x in v]
        return str(v) if isinstance(v, Bad) else v


def utc(text):
    m = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(?:\.(\d+))?"
                     r"([Zz]|[+-]\d\d:\d\d)", text)
    seconds, fraction = int(m.group(3)), ((m.group(4) or "") + "000000")[:6]
    if seconds == 60:
        seconds, fraction = 59, "999999"
    t = datetime.fromisoformat("%sT%s:%02d" % (m.group(1), m.group(2), seconds))
    if m.group(5) not in "Zz":
        sign = -1 if m.group(5)[0] == "+" else 1
        hours, minutes = map(int, m.group(5)[1:].split(":"))
        t += sign * timedelta(hours=hours, minutes=minutes)
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + fraction + "Z"


COLUMNS = ["kind", "system", "provider", "model", "operation", "status"]
CONTENT = ["system_instructions", "input", "output", "tools"]
BODY_OF = {"tool": ["name", "server", "call_id", "type"], "error": ["type", "code"],
           "review": ["kind", "outcome", "subject_hash", "waited_ms"],
           "actor": ["type", "roles"],
           "documents": ["id", "score", "hash", "uri", "version"]}
MOVES = ["attributes", "params", "documents", "finish_reasons", "obligations",
         "purpose", "usage"]
LIMIT = 61440


def given(o):
    return {k: v for k, v in o.items() if v is not None}


def split(record):
    """(columns, body, content) of a record without defaults and stamps."""
    columns, body, content = {}, {}, {}
    for name, value in record.items():
        if name in ("v", "id", "interaction", "evidence", "loss"):
            continue
        if name in COLUMNS:
            columns[name] = value
        elif name in CONTENT:
            content[name] = value
        elif name == "documents":
            keep = BODY_OF[name]
            body[name] = [{k: v for k, v in given(x).items() if k in keep}
                          for x in value]
            rest = [{k: v for k, v in x.items() if k not in keep} for x in value]
            if any(rest):
                content[name] = rest
        elif name in BODY_OF:
            if name == "actor" and value.get("id") is not None:
                columns["actor"] = value["id"]
            inside = {k: v for k, v in given(value).items()
                      if k in BODY_OF[name]}
            rest = {k: v for k, v in given(value).items()
                    if k not in BODY_OF[name] and (name, k) != ("actor", "id")}
            if inside:
                body[name] = inside
            if rest:
                content[name] = rest
        elif name in ("cost", "data", "template", "producer"):
            if given(value):
                body[name] = given(value)
        elif name == "refs":
            body[name] = [given(x) for x in value]
        elif name in ("about", "parent"):
            body[name] = value.lower()
        elif name == "occurred_at":
            body[name] = utc(value)
        else:
            body[name] = value
    return columns, body, content


def size(body, columns):
    there = {k: v for k, v in columns.items()
             if k not in ("interaction", "decision")}
    return len(jcs(body).encode()) + len(jcs(there).encode())


def move(body, columns, content):
    moved = {}
    for name in MOVES:
        if size(body, columns) <= LIMIT:
            break
        if name in body:
            moved[name] = body.pop(name)
            body["moved"] = list(moved)
    if moved:
        content["moved"] = moved


# --- what the detectors find ------------------------------------------------

# The records hold these two payment cards and nothing else that is found.  The
# score is that of the rule, without a word near that speaks for a card.
CARDS = re.compile("4012 8888 8888 1881|5105105105105100")
ENTITY, DETECTOR = "CREDIT_CARD", "credit_card"
QUANTITIES = ["attempt", "duration_ms", "usage", "facts", "loss"]
INSIDE = {"actor": ["id", "type", "roles"], "producer": None, "template": None,
          "data": None, "cost": None, "refs": None,
          "tool": ["name", "server", "call_id", "type"],
          "error": ["type", "code"], "documents": BODY_OF["documents"],
          "review": ["kind", "outcome", "subject_hash", "waited_ms"]}
DIRECTION = {"output": "output", "documents": "retrieval", "tool": "tool",
             "tools": "tool"}


class Scan:
    """A record with the cards in it replaced: docs/records.md."""

    def __init__(self):
        self.found = {}
        self.score = 0

    def hit(self, s):
        n = len(CARDS.findall(s))
        self.score = max(self.score, 80 * (n > 0))
        self.found[self.where] = self.found.get(self.where, 0) + n
        return n > 0

    def text(self, s, whole):
        if s[:1] in "{[" and s[-1:] in "}]" and not whole:
            return CARDS.sub(self.quoted(s), s)
        if not self.hit(s):
            return s
        return "[%s]" % ENTITY if whole else CARDS.sub("[%s]" % ENTITY, s)

    def quoted(self, s):
        """In JSON inside a string a number becomes a string."""
        self.hit(s)
        return lambda m: ('"[%s]"' if s[m.start() - 1] == ":" else "[%s]") % ENTITY

    def name(self, s, whole, names):
        if not self.hit(s):
            return s
        n = 1 + sorted(filter(CARDS.search, names)).index(s)
        mark = "[%s]" % ENTITY if n == 1 else "[%s_%d]" % (ENTITY, n)
        return mark if whole else CARDS.sub(mark, s)

    def value(self, v, whole, quantity=False):
        if isinstance(v, dict):
            return {self.name(k, whole, list(v)): self.value(x, whole, quantity)
                    for k, x in v.items()}
        if isinstance(v, list):
            return [self.value(x, whole, quantity) for x in v]
        if isinstance(v, str):
            return self.text(v, whole)
        if isinstance(v, float) and self.hit(es6(v)):
            return None if quantity else "[%s]" % ENTITY
        return v

    def object(self, o, own):
        return {k: self.value(x, own is None or k in own, True)
                for k, x in o.items()}

    def record(self, record):
        out = {}
        for name, v in record.items():
            self.where = DIRECTION.get(name, "input")
            own = INSIDE.get(name)
            if name in INSIDE and isinstance(v, dict):
                v = self.object(v, own)
            elif name in INSIDE and isinstance(v, list):
                v = [self.object(x, own) for x in v]
            else:
                v = self.value(v, name not in CONTENT, name in QUANTITIES)
            out[name] = v
        return out

    def facts(self):
        rows = [{"detector": DETECTOR, "direction": d, "entity": ENTITY, "n": n}
                for d, n in sorted(self.found.items()) if n]
        return {"entities": {ENTITY: sum(r["n"] for r in rows)}, "found": rows,
                "max_score": self.score / 100} if rows else None


def event(text):
    """columns, body, content document, canonical record of a record."""
    reader = Reader(text)
    scan = Scan()
    clean = scan.record(reader.plain())
    canonical = jcs(clean)
    record = given(clean)
    columns, body, content = split(record)
    kind = columns.setdefault("kind", "interaction")
    if kind in ("interaction", "response") and "status" not in columns:
        columns["status"] = "error" if "error" in record else "ok"
    if kind in ("interaction", "request", "response"):
        columns["decision"] = "allow"
        body["reasons"] = ["no_policy"]
        body_evidence = "pre" if kind == "request" else "post"
    else:
        body_evidence = None
    if "evidence" in record:
        body_evidence = "imported"
    interaction = record.get("interaction")
    if interaction is None and kind in ("review", "incident", "note"):
        interaction = record["about"]
    if interaction is not None:
        columns["interaction"] = interaction.lower()
    if kind == "loss":
        columns["subject"] = record["producer"]["id"]
        body["fields"] = given(record["loss"])
    if reader.bad:
        body["nonconforming"] = True
    if scan.facts():
        body["redaction"] = scan.facts()
    move(body, columns, content)
    # columns are never in the escaped form
    if reader.bad:
        columns = {k: v.replace(ESC + ESC, ESC) for k, v in columns.items()}
    return columns, body, content or None, canonical, record, body_evidence


def put(kind, body):
    """fields of a governance record: (body, content document)."""
    kept = {"incident_case": ["description"], "concern": ["description"],
            "detector": ["terms"]}.get(kind, [])
    fields = given(json.loads(body, parse_int=float))
    apart = {k: fields.pop(k) for k in kept if k in fields}
    return {"fields": fields}, {"fields": apart} if apart else None


def sha(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()


def stamps(n, identity, decision, evidence, revision):
    """Stamps that vary with n."""
    at = datetime(2026, 5, 4, tzinfo=timezone.utc) + timedelta(
        seconds=97 * n, microseconds=n * 131)
    s = {"id": identity, "log": 1234567, "lane": n % 3, "seq": n + 1,
         "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
         "prev": sha(b"prev", str(n).encode()).hex(),
         "salt": sha(b"salt", str(n).encode()).hex(),
         "recorded_by": jcs({"login": "app", "role": "writer",
                             "application": "p\"%d" % n}),
         "tx": str(7000 + n)}
    if n % 2:
        s["under"] = sha(b"under", str(n).encode()).hex()
    if n % 5 == 0:
        s["anchor"] = jcs({"root": sha(b"root").hex(), "size": n})
    if n % 7 == 0:
        s["rules"] = sha(b"rules").hex()
    if decision:
        s["decision"] = decision
    if evidence:
        s["evidence"] = evidence
    if revision:
        s["revision"] = revision
    return s


def seal(columns, body, content, canonical, s):
    body = dict(body)
    for name in ("anchor", "evidence", "revision", "rules", "tx", "under"):
        if name in s:
            body[name] = json.loads(s[name]) if name == "anchor" else s[name]
    document = jcs(content)
    salt = bytes.fromhex(s["salt"])
    leaf = dict(columns, at=s["at"], body=body, id=s["id"], lane=s["lane"],
                seq=s["seq"], v=1, prev=s["prev"],
                commitment=sha(b"\x02", salt, document.encode()).hex(),
                recorded_by=json.loads(s["recorded_by"]))
    if canonical is not None:
        leaf["digest"] = sha(b"\x03", salt, canonical.encode()).hex()
    if columns["kind"] == "request" and "interaction" not in leaf:
        leaf["interaction"] = s["id"]
    text = jcs(leaf)
    return {"leaf": text, "hash": sha(b"\x00", text.encode()).hex(),
            "content": document}


PUTS = [
    ("risk", "R-7", '{"description":"A wrong summary","system":"s","likelihood":3,'
     '"impact":4,"owner":"u_ana","treatment":"retain","residual_likelihood":1,'
     '"residual_impact":4,"opened_on":"2026-02-10","next_review":"2026-08-10",'
     '"status":"open","note":null,"replaces":1}'),
    ("incident_case", "IN-1", '{"system":"s","description":"Claims refused ␛",'
     '"detected_at":"2026-05-04T08:00:00Z","aware_at":"2026-05-04T09:30:00Z",'
     '"severity":"high","serious":false,"owner":"u_ana","status":"open"}'),
    ("sighting", "tool:chatgpt-web", '{"source":"proxy","day":"2026-02-10",'
     '"events":12,"file_sha256":"' + "ab" * 32 + '"}'),
    ("scope", "aims", '{"statement":"All of it","boundary":"Größe","org_roles":'
     '["deployer"],"exclusions":[{"reason":"none","what":"Marketing"}],'
     '"owner":"u_ana","review_due":"2027-02-10"}'),
]


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    n = 0
    for i, line in enumerate(sys.stdin.buffer):
        raw = line.decode("utf-8").rstrip("\n")
        at = raw.index('"record":') + 9
        name, text = json.loads(raw[:at - 10] + "}")["name"], raw[at:-1]
        special = name.startswith(("special-", "loss-"))
        if not (special or name.startswith("large-") or i % 27 == 0):
            continue
        columns, body, content, canonical, record, evidence = event(text)
        n += 1
        identity = (record.get("id") or
                    "01990000-0000-7000-8000-%012x" % n).lower()
        s = stamps(n, identity, columns.get("decision"), evidence, 0)
        out = {"name": name, "record": text, "stamps": s}
        if name.startswith("large-"):
            # the texts would be most of the file; hash and content hash do
            out.update(seal(columns, body, content, canonical, s))
            out["leaf_sha256"] = sha(out.pop("leaf").encode()).hex()
            out["content_sha256"] = sha(out.pop("content").encode()).hex()
            del out["record"]
        else:
            out.update(seal(columns, body, content, canonical, s))
        print(json.dumps(out, ensure_ascii=True))
    for kind, subject, body in PUTS:
        n += 1
        s = stamps(n, "01990000-0000-7000-8000-%012x" % n, None, None, n)
        out = {"name": "put-" + kind, "kind": kind, "subject": subject,
               "body": body, "stamps": s}
        fields, content = put(kind, body)
        out.update(seal({"kind": kind, "subject": subject}, fields, content,
                        None, s))
        print(json.dumps(out, ensure_ascii=True))


main()
