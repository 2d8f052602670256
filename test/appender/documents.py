# SPDX-License-Identifier: PostgreSQL
"""A part of expected.py: what a call was given to read, and what its answer cites.

Section of docs/import.md: "Documents".
"""
import base64
import binascii

from pairs import digest, jcs, string


def doc(name):
    name = name.replace("@", "%40").replace("#", "%23")
    return "doc:" + name


def short(name):
    i = doc(name)
    return i if len(i.encode("utf-8")) <= 512 else "doc:sha256:" + digest(name.encode("utf-8"))


def page(url):
    return short(url.split("#")[0])


def each(v, *names):
    """The objects (or texts) of the list that a path leads to."""
    for n in names:
        v = v.get(n) if isinstance(v, dict) else None
    return v if isinstance(v, list) else []


class Documents:
    def __init__(self):
        self.found, self.cited, self.numbered, self.size = {}, {}, [], 0

    def add(self, i, about, uri=None):
        if i in self.found or len(self.found) == 256:
            return
        d = {"id": i}
        if string(uri) and len(uri.encode("utf-8")) <= 2048:
            d["uri"] = uri
        if isinstance(about, dict):
            title = string(about.get("title")) or string(about.get("filename"))
            if title:
                d["title"] = title
            s = about.get("score")
            if isinstance(s, (int, float)) and not isinstance(s, bool):
                d["score"] = s
        self.found[i] = d

    def cite(self, i):
        n = len(i.encode("utf-8"))
        if i in self.cited or len(self.cited) == 128 or self.size + n > 24576:
            return
        self.size += n + 80
        self.cited[i] = {"relation": "used", "cause": i, "role": "cited", "strength": "cited"}

    def pages(self, results):
        for x in results:
            url = x if isinstance(x, str) else x.get("url") if isinstance(x, dict) else None
            if string(url):
                self.add(page(url), x, url)

    def block(self, b):
        kind = b.get("type") if isinstance(b, dict) else None
        if kind == "document" and isinstance(b.get("source"), dict):
            s = b["source"]
            if string(s.get("file_id")):
                i = short(s["file_id"])
            elif string(s.get("url")):
                i = page(s["url"])
            else:
                raw = (s["data"] if string(s.get("data")) else jcs(s)).encode("utf-8")
                if string(s.get("data")) and s.get("type") == "base64":
                    try:
                        raw = base64.b64decode(raw, validate=True)
                    except (binascii.Error, ValueError):
                        pass
                i = "doc:sha256:" + digest(raw)
            self.numbered.append(i)
            self.add(i, b, s.get("url"))
        elif kind == "search_result" and string(b.get("source")):
            self.add(page(b["source"]), b)

    def request(self, req):
        for m in each(req, "messages"):
            for b in each(m, "content"):
                self.block(b)
                if isinstance(b, dict) and b.get("type") == "tool_result":
                    for inner in each(b, "content"):
                        self.block(inner)

    def annotations(self, notes):
        for a in notes:
            if not isinstance(a, dict):
                continue
            of = a["url_citation"] if isinstance(a.get("url_citation"), dict) else a
            if a.get("type") == "url_citation" and string(of.get("url")):
                self.cite(page(of["url"]))
            elif a.get("type") == "file_citation" and string(a.get("file_id")):
                self.cite(short(a["file_id"]))

    def citations(self, notes):
        for a in notes:
            if not isinstance(a, dict):
                continue
            at = string(a.get("url")) or string(a.get("source"))
            n = a.get("document_index")
            if at:
                self.cite(page(at))
            elif isinstance(n, int) and 0 <= n < len(self.numbered):
                self.cite(self.numbered[n])

    def reply(self, dialect, reply):
        if dialect == "chat":
            for c in each(reply, "choices"):
                self.annotations(each(c, "message", "annotations"))
            self.pages(each(reply, "search_results"))
            self.pages(each(reply, "citations"))
        for i in each(reply, "output") if dialect == "responses" else []:
            kind = i.get("type") if isinstance(i, dict) else None
            if kind == "file_search_call":
                for x in each(i, "results"):
                    if isinstance(x, dict) and string(x.get("file_id")):
                        self.add(short(x["file_id"]), x)
            elif kind == "web_search_call":
                self.pages(each(i, "action", "sources"))
            else:
                for part in each(i, "content"):
                    self.annotations(each(part, "annotations"))
        for b in each(reply, "content") if dialect == "messages" else []:
            if isinstance(b, dict) and b.get("type") == "web_search_tool_result":
                self.pages(each(b, "content"))
            self.citations(each(b, "citations"))


def documents(rec, dialect, req, reply):
    d = Documents()
    if dialect == "messages":
        d.request(req)
    d.reply(dialect, reply)
    if d.found:
        rec["documents"] = list(d.found.values())
    if d.cited:
        rec["refs"] = list(d.cited.values())
