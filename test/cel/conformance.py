#!/usr/bin/env python3
"""conformance.py - the same expressions in C, SQLite and PostgreSQL

SPDX-License-Identifier: PostgreSQL

  conformance.py [--list] TOOL MODULE [HOST...]

TOOL is the program of cel_tool.c, MODULE the loadable module; a HOST is c,
sqlite or pg (the server of PGHOST, PGPORT ...; database aigov_cel is made).

Cases
  test/vectors/cel/eval.tsv    our own: expression, bindings, answer
  docs/cel.md                  every line "expression  // value" of its examples
  $AIGOV_SHARED/policy/cel.jsonl   cel-spec's, converted; where it is there

policy/README.md says how answers are compared: by type and by CEL equality.  Of
an expected error only that there is one counts.  A text of PostgreSQL and of
SQLite cannot hold U+0000: a case with one in its expression runs as a BLOB in
SQLite and not at all in PostgreSQL, and is listed.  --list shows which cases of
later profiles pass.
"""
import base64
import collections
import json
import math
import os
import re
import sqlite3
import subprocess
import sys
from decimal import Decimal

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
Case = collections.namedtuple("Case", "group name expr bindings decl expect")

# --- hosts ---------------------------------------------------------------------


def run_c(tool, cases):
    def word(s):
        return "-" if s is None else "x" + s.encode().hex()
    lines = "".join("%s %s %s\n" % (word(c.expr), word(c.bindings), word(c.decl)) for c in cases)
    out = subprocess.run([tool], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    return out.decode().split("\n")[:-1]


def run_sqlite(module, cases):
    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    db.load_extension(module)
    answers = []
    for c in cases:
        expr = c.expr.encode() if "\0" in c.expr else c.expr
        try:
            if c.decl is None:
                row = db.execute("SELECT aigov_cel(?, ?)", (expr, c.bindings))
            else:
                row = db.execute("SELECT aigov_cel(?, ?, ?)", (expr, c.bindings, c.decl))
            answers.append(row.fetchone()[0])
        except sqlite3.Error as e:
            answers.append(str(e))
    return answers


def quoted(s):
    return "NULL" if s is None else "'" + s.replace("'", "''") + "'"


def run_pg(cases):
    forms = ["text", "json", "jsonb"]
    sql = ["SET standard_conforming_strings = on;"]
    for i, c in enumerate(cases):
        if "\0" in c.expr:
            sql.append("SELECT 'skipped';")
            continue
        form = forms[i % 3]
        args = [quoted(c.expr) + "::text", quoted(c.bindings) + "::" + form]
        if c.decl is not None:
            args.append(quoted(c.decl) + "::" + form)
        sql.append("SELECT aigov.cel(%s);" % ", ".join(args))
    base = ["psql", "-XAtq", "-v", "VERBOSITY=terse"]
    subprocess.run(base + ["-c", "DROP DATABASE IF EXISTS aigov_cel", "-c",
                           "CREATE DATABASE aigov_cel TEMPLATE template0 ENCODING 'UTF8'"],
                   check=True, stderr=subprocess.DEVNULL)
    subprocess.run(base + ["-d", "aigov_cel", "-c", "CREATE EXTENSION aigov"], check=True)
    out = subprocess.run(base + ["-d", "aigov_cel"], input="\n".join(sql).encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout
    subprocess.run(base + ["-c", "DROP DATABASE aigov_cel"], check=True)
    return out.decode().split("\n")[:-1]


# --- cases ---------------------------------------------------------------------


def shared_cases():
    path = os.path.join(os.environ.get("AIGOV_SHARED", ""), "policy", "cel.jsonl")
    if not os.path.exists(path):
        return []
    cases = []
    for line in open(path, encoding="utf-8"):
        r = json.loads(line)
        decl = json.dumps(r.get("decl", {})) if r["check"] else None
        bindings = json.dumps(r["bindings"]) if r["bindings"] else None
        expect = {"only": "check"} if r.get("check_only") else r["expect"]
        cases.append(Case("%s %s" % (r["tier"], r["profile"]),
                          "%s/%s/%s" % (r["file"], r["section"], r["name"]), r["expr"], bindings,
                          decl, expect))
    return cases


def own_cases():
    cases = []
    path = os.path.join(TOP, "test/vectors/cel/eval.tsv")
    for n, line in enumerate(open(path, encoding="utf-8"), 1):
        part = line.rstrip("\n").split("\t")
        if line.startswith("#") or len(part) != 3:
            continue
        bindings = None if part[1] == "-" else part[1]
        cases.append(Case("eval.tsv", "line %d" % n, part[0], bindings, None, {"line": part[2]}))
    return cases


def example_cases():
    """Lines "expression  // value" of blocks marked cel; "error: code" is one."""
    cases, inside = [], False
    path = os.path.join(TOP, "docs/cel.md")
    for n, line in enumerate(open(path, encoding="utf-8"), 1):
        if line.startswith("```"):
            inside = line.startswith("```cel")
        elif inside and "  // " in line:
            expr, value = line.rstrip("\n").split("  // ", 1)
            cases.append(Case("docs/cel.md", "line %d" % n, expr.strip(), None, None,
                              {"example": value.strip()}))
    return cases


# --- comparing -----------------------------------------------------------------


def number(s):
    return float(s.replace("Infinity", "inf"))


def time_of(s):
    return re.sub(r"(\.\d*?)0*Z$", r"\1Z", s).replace(".Z", "Z")


def same(a, b):
    """Typed values, by type and CEL equality."""
    if a["t"] != b["t"]:
        return False
    t, x, y = a["t"], a["v"], b["v"]
    if t == "double":
        x, y = number(x), number(y)
        return x == y or (math.isnan(x) and math.isnan(y))
    if t == "list":
        return len(x) == len(y) and all(same(p, q) for p, q in zip(x, y))
    if t == "map":
        left = list(y)
        for k, v in x:
            hit = next((e for e in left if same(k, e[0]) and same(v, e[1])), None)
            if hit is None:
                return False
            left.remove(hit)
        return not left
    if t == "bytes":
        return base64.b64decode(x) == base64.b64decode(y)
    if t == "timestamp":
        return time_of(x) == time_of(y)
    if t == "duration":
        return Decimal(x[:-1]) == Decimal(y[:-1])
    return x == y


def as_line(answer):
    """The form of eval.tsv."""
    value = json.loads(answer)
    if "error" in value:
        return "error %s %d" % (value["error"], value["at"])
    if isinstance(value["v"], str):
        return "%s %s" % (value["t"], value["v"])
    return "%s %s" % (value["t"], answer[answer.index('"v":') + 4:-1])


def passes(case, answer, value_of):
    if not answer.startswith("{"):  # a status of C, an error of SQL
        return case.expect.get("line", "").startswith("status ")
    value = json.loads(answer)
    if "line" in case.expect:
        return as_line(answer) == case.expect["line"]
    if "example" in case.expect:
        want = case.expect["example"]
        if want.startswith("error: "):
            return value.get("error") == want[7:]
        return "t" in value and same(value, value_of(want))
    if "only" in case.expect:
        return value.get("error") not in ("syntax", "check")
    if "error" in case.expect:
        return "error" in value
    return "t" in value and same(value, case.expect)


# --- the report ----------------------------------------------------------------

count, failed = 0, 0


def ok(held, text):
    global count, failed
    count += 1
    failed += not held
    print("%sok %d - %s" % ("" if held else "not ", count, text))


def counts_for(group):
    """Groups all of whose cases have to pass."""
    return group in ("core v1", "ext v1.1", "eval.tsv", "docs/cel.md")


def report(host, cases, answers, value_of, show):
    if len(answers) != len(cases):
        ok(False, "%s: %d answers to %d cases" % (host, len(answers), len(cases)))
        print("\n".join("# " + a for a in answers[-5:]))
        return
    groups = collections.OrderedDict()
    for case, answer in zip(cases, answers):
        groups.setdefault(case.group, []).append((case, answer))
    for group, members in groups.items():
        skipped = [c for c, a in members if a == "skipped"]
        right = [c for c, a in members if a != "skipped" and passes(c, a, value_of)]
        wrong = [(c, a) for c, a in members if a != "skipped" and c not in right]
        total = len(members) - len(skipped)
        if counts_for(group):
            ok(not wrong and total > 0, "%s: %s: %d of %d" % (host, group, len(right), total))
            for c, a in wrong[:20]:
                print("#   %s: %s\n#     wants %s\n#     got   %s" %
                      (c.name, json.dumps(c.expr)[:200], json.dumps(c.expect)[:300], a[:300]))
        else:
            print("# %s: %s: %d of %d, which need not pass" % (host, group, len(right), total))
        if show:
            for c in right if not counts_for(group) else []:
                print("#   passes: %s %s" % (c.name, json.dumps(c.expr)[:100]))
        for c in skipped:
            print("# %s: not run, U+0000 in the expression: %s" % (host, c.name))


def main():
    args = sys.argv[1:]
    show = "--list" in args
    args = [a for a in args if a != "--list"]
    tool, module, hosts = args[0], args[1], args[2:] or ["c", "sqlite", "pg"]
    cases = own_cases() + example_cases() + shared_cases()

    def value_of(text):
        return json.loads(run_c(tool, [Case("", "", text, None, None, None)])[0])
    for host in hosts:
        answers = (run_c(tool, cases) if host == "c" else
                   run_sqlite(module, cases) if host == "sqlite" else run_pg(cases))
        report(host, cases, answers, value_of, show)
    print("1..%d" % count)
    sys.exit(failed != 0)


main()
