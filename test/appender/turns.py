#!/usr/bin/env python3
# SPDX-License-Identifier: PostgreSQL
"""Which recorded calls go on from which, worked out apart from the log.

    turns.py RECORDS.jsonl REFS.tsv

RECORDS.jsonl: the records of an import in the order of their appends (aigov import --records).
REFS.tsv: id and body.refs of each entry of the log that they were appended to.  Compares history
edges and edges of tools with what the texts say, and prints how many there are.
Rules: docs/formats.md, "Turns".
"""
import json
import re
import sys


def said(text):
    """An answer without reasoning before it."""
    text = text.lstrip(" \n\r\t")
    return re.sub(r"\A<think>.*?</think>[ \n\r\t]*", "", text, flags=re.S)


def runs(messages, output=False):
    """[(side, items)]; an item is text or a call or a result."""
    out = []
    for m in messages:
        if m["role"] in ("system", "developer"):
            continue
        for p in m["parts"]:
            side = "assistant" if output or m["role"] == "assistant" else "user"
            kind = p["type"]
            if kind == "tool_call":
                side, item = "assistant", ("call", p.get("id", ""), p["name"])
            elif kind == "tool_call_response":
                r = p.get("response")
                if isinstance(r, list):
                    r = "".join(x.get("content", json.dumps(x, sort_keys=True)) for x in r)
                side, item = "user", ("result", p.get("id", ""), json.dumps(r))
            elif kind in ("text", "refusal"):
                item = ("text", p["content"])
            elif kind == "reasoning" or kind.startswith("server_tool") or kind.endswith(("_call", "_tool_result")):
                continue
            else:
                item = ("other", json.dumps(p, sort_keys=True))
            if not out or out[-1][0] != side:
                out.append((side, []))
            items = out[-1][1]
            if item[0] == "text":
                text = said(item[1]) if side == "assistant" and not (items and items[-1][0] == "text") else item[1]
                if items and items[-1][0] == "text":
                    items[-1] = ("text", items[-1][1] + text)
                elif text:
                    items.append(("text", text))
            else:
                items.append(item)
    return out


def main(records, refs):
    log = {}
    for line in open(refs, encoding="utf-8"):
        i, _, text = line.rstrip("\n").partition("\t")
        log[i] = [r for r in json.loads(text or "null") or [] if r.get("source") == "recorded"]
    seen, turns, found, tools, bad = {}, 0, 0, 0, 0
    for line in open(records, encoding="utf-8"):
        r = json.loads(line)
        me, given = r["id"], runs(r.get("input", []))
        answers = [k for k, (side, _) in enumerate(given) if side == "assistant"]
        before = [seen[key] for k in reversed(answers) for key in [json.dumps(given[:k + 1])] if key in seen][:1]
        want = {("msg:%s.out" % p, "used", "ia:" + me) for p in before}
        have = {(x["cause"], x["relation"], x["effect"]) for x in log[me] if x.get("role") == "history"}
        turns += bool(answers)
        found += bool(want)
        issued = {p["id"] for m in r.get("output", []) for p in m["parts"] if p["type"] == "tool_call" and p.get("id")}
        told = {x["effect"] for x in log[me] if x["relation"] == "wasInformedBy"}
        used = [x["cause"] for x in log[me] if x.get("role") == "tool_result"]
        tools += len(used)
        if have != want or told != {"tool:%s.%s" % (me, c) for c in issued} or \
                [u for u in used if not u.startswith(tuple("msg:%s." % i for i in before + [me]))]:
            print("differs:", r["attributes"].get("sample_id"), sorted(want ^ have), sorted(told), used)
            bad = 1
        whole = given + runs(r.get("output", []), True)
        if whole and whole[-1][0] == "assistant":
            seen[json.dumps(whole)] = me
    print("%d calls with an earlier answer, %d of them after a call of the file, %d results of tools" %
          (turns, found, tools))
    return bad


sys.exit(main(*sys.argv[1:]))
